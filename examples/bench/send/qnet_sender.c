/*
 * Sends messages with qnet: copied, or lent, as they never change.
 */
#include <qnet/qnet.h>

#include "send_bench.h"

static struct send_bench bench;
static char *message;

static void fill(qnet_socket *socket)
{
	while (qnet_socket_bytes_to_write(socket) < (int64_t)(SEND_BENCH_AHEAD * bench.size)) {
		if (bench.lent)
			qnet_socket_write_lent(socket, message, (int64_t)bench.size, NULL, NULL);
		else
			qnet_socket_write(socket, message, (int64_t)bench.size);
	}
}

static void on_connected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	fill(socket);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)user_data;
	if (send_bench_over(&bench, (uint64_t)bytes))
		qnet_loop_exit(NULL, 0);
	else
		fill(socket);
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)error;
	(void)user_data;
	fprintf(stderr, "%s\n", qnet_socket_error_string(socket));
	qnet_loop_exit(NULL, 1);
}

int main(int argc, char **argv)
{
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	int status;

	bench = send_bench_arguments(argc, argv);
	message = (char *)calloc(1, bench.size);
	qnet_socket_on_connected(socket, on_connected, NULL);
	qnet_socket_on_bytes_written(socket, on_bytes_written, NULL);
	qnet_socket_on_error_occurred(socket, on_error, NULL);
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, bench.port, QNET_READ_WRITE);
	status = qnet_loop_exec(NULL);
	qnet_socket_delete(socket);
	free(message);
	return status;
}
