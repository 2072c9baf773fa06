/*
 * Receives datagrams with qnet, inside readyRead: one by one, as a Qt program
 * does, or with the third argument "batch" many with each call. "singly" is one
 * by one without the system's help of handing over trains of them (GRO).
 */
#include <qnet/qnet.h>

#include "udp_bench.h"

enum { BATCH = 64 };

static struct udp_bench bench;
static char data[BATCH][UDP_BENCH_MAX_SIZE];
static qnet_datagram datagrams[BATCH];

static void end_if_over(void)
{
	if (udp_bench_over(&bench))
		qnet_loop_quit(NULL);
}

static void read_each(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		qnet_host_address sender;
		uint16_t port;
		int64_t size = qnet_udp_socket_read_datagram(socket, data[0], sizeof data[0], &sender, &port);

		if (size < 0)
			break;
		bench.count++;
		bench.bytes += (uint64_t)size;
	}
	end_if_over();
}

static void read_batch(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		int n = qnet_udp_socket_read_datagrams(socket, datagrams, BATCH);

		for (int i = 0; i < n; i++) {
			bench.count++;
			bench.bytes += (uint64_t)datagrams[i].size;
		}
	}
	end_if_over();
}

int main(int argc, char **argv)
{
	bool batch = argc > 3 && strcmp(argv[3], "batch") == 0;
	qnet_socket *socket = qnet_udp_socket_new(NULL);

	bench = udp_bench_arguments(argc, argv);
	for (int i = 0; i < BATCH; i++) {
		datagrams[i].data = data[i];
		datagrams[i].capacity = sizeof data[i];
	}
	qnet_socket_on_ready_read(socket, batch ? read_batch : read_each, NULL);
	if (!qnet_socket_bind(socket, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM)) {
		fprintf(stderr, "%s: %s\n", argv[0], qnet_socket_error_string(socket));
		return 1;
	}
	if (argc > 3 && strcmp(argv[3], "singly") == 0)
		qnet_socket_set_socket_option(socket, QNET_RECEIVE_TRAINS_OPTION, 0);
	udp_bench_say_port(qnet_socket_local_port(socket));
	qnet_loop_exec(NULL);
	return 0;
}
