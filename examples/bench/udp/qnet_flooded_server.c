/*
 * An echo server whose loop also takes the datagrams of a port: does a flood of
 * these keep the connections waiting? Prints where it takes datagrams, where it
 * listens, and twice a second how many datagrams it has read.
 */
#include <stdio.h>

#include <qnet/qnet.h>

static char buffer[64 * 1024];
static unsigned long long datagrams;

static void on_connection_ready_read(qnet_socket *socket, void *user_data)
{
	int64_t size = qnet_socket_read(socket, buffer, sizeof buffer);

	(void)user_data;
	if (size > 0)
		qnet_socket_write(socket, buffer, size);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_delete_later(socket);
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	(void)user_data;
	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		qnet_socket_on_ready_read(socket, on_connection_ready_read, NULL);
		qnet_socket_on_disconnected(socket, on_disconnected, NULL);
		qnet_socket_set_socket_option(socket, QNET_LOW_DELAY_OPTION, 1);
	}
}

static void on_datagrams(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	/* It reads all there is, as programs do: the library must see to the rest. */
	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		if (qnet_udp_socket_read_datagram(socket, buffer, sizeof buffer, NULL, NULL) >= 0)
			datagrams++;
	}
}

static void on_timeout(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
	printf("datagrams=%llu\n", datagrams);
	fflush(stdout);
}

int main(void)
{
	qnet_socket *udp = qnet_udp_socket_new(NULL);
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	qnet_timer *timer = qnet_timer_new(NULL);

	qnet_socket_on_ready_read(udp, on_datagrams, NULL);
	qnet_tcp_server_on_new_connection(server, on_new_connection, NULL);
	qnet_timer_on_timeout(timer, on_timeout, NULL);
	if (!qnet_socket_bind(udp, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM) ||
	    !qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0)) {
		fputs("qnet_flooded_server: no port\n", stderr);
		return 1;
	}
	printf("datagrams to 127.0.0.1:%u\n", (unsigned)qnet_socket_local_port(udp));
	printf("listening on 127.0.0.1:%u\n", (unsigned)qnet_tcp_server_server_port(server));
	fflush(stdout);
	qnet_timer_start(timer, 500);
	qnet_loop_exec(NULL); /* until a signal ends the process */
	return 0;
}
