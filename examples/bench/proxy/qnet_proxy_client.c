/*
 * Messages to and fro through a proxy, with qnet.
 */
#include <qnet/qnet.h>

#include "proxy_bench.h"

static struct proxy_bench bench;
static char *message;
static int connected;
static int64_t came[PROXY_BENCH_CONNECTIONS];

/* The message never changes: it is sent from where it is, as the raw client does. */
static void write_message(qnet_socket *socket)
{
	qnet_socket_write_lent(socket, message, (int64_t)bench.size, NULL, NULL);
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	int64_t *have = (int64_t *)user_data, n;

	/* Where it is, as the raw client has it where it has received it. */
	while (qnet_socket_peek_buffer(socket, &n) != NULL && n > 0)
		*have += qnet_socket_skip(socket, n);
	if (*have < (int64_t)bench.size)
		return;
	*have = 0;
	if (proxy_bench_over(&bench))
		qnet_loop_exit(NULL, 0);
	else
		write_message(socket);
}

static void on_connected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	if (++connected == bench.connections)
		proxy_bench_begin(&bench);
	write_message(socket);
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
	qnet_socket *sockets[PROXY_BENCH_CONNECTIONS];
	qnet_network_proxy proxy = { .host_name = "127.0.0.1" };
	int status;

	bench = proxy_bench_arguments(argc, argv);
	message = (char *)calloc(1, bench.size);
	proxy.type = bench.socks ? QNET_SOCKS5_PROXY : QNET_HTTP_PROXY;
	proxy.port = bench.proxy;
	for (int i = 0; i < bench.connections; i++) {
		sockets[i] = qnet_tcp_socket_new(NULL);
		qnet_socket_set_proxy(sockets[i], &proxy);
		qnet_socket_on_connected(sockets[i], on_connected, NULL);
		qnet_socket_on_ready_read(sockets[i], on_ready_read, &came[i]);
		qnet_socket_on_error_occurred(sockets[i], on_error, NULL);
		qnet_socket_connect_to_host(sockets[i], "127.0.0.1", bench.target, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	}
	status = qnet_loop_exec(NULL);
	for (int i = 0; i < bench.connections; i++)
		qnet_socket_delete(sockets[i]);
	free(message);
	return status;
}
