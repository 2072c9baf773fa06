/*
 * qnet_echo_server: the echo server that is measured, on qnet's C API. See
 * examples/c/echo_server.c for one that also holds its own against clients
 * that do not read.
 */
#include <qnet/qnet.h>

#include "server.h"

static bool sink;

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	const char *data;
	int64_t size;

	(void)user_data;
	do {
		data = qnet_socket_peek_buffer(socket, &size);
		if (data == NULL)
			return;
		if (!sink)
			qnet_socket_write(socket, data, size);
		qnet_socket_skip(socket, size);
	} while (size >= READ_SIZE); /* less: there is no more */
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_delete_later(socket);
}

static bool serve(qnet_socket *socket)
{
	if (qnet_socket_on_ready_read(socket, on_ready_read, NULL) != 0 &&
	    qnet_socket_on_disconnected(socket, on_disconnected, NULL) != 0)
		return true;
	qnet_socket_delete(socket);
	return false;
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	(void)user_data;
	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		if (serve(socket))
			qnet_socket_set_socket_option(socket, QNET_LOW_DELAY_OPTION, 1);
	}
}

static void on_new_local_connection(qnet_local_server *server, void *user_data)
{
	qnet_socket *socket;

	(void)user_data;
	while ((socket = qnet_local_server_next_pending_connection(server)) != NULL)
		serve(socket);
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *user_data)
{
	(void)error;
	(void)user_data;
	fprintf(stderr, "qnet_echo_server: accept: %s\n", qnet_tcp_server_error_string(server));
}

static void listen_locally(const char *path)
{
	qnet_local_server *server = qnet_local_server_new(NULL);

	qnet_local_server_set_listen_backlog_size(server, BACKLOG);
	if (qnet_local_server_on_new_connection(server, on_new_local_connection, NULL) == 0 ||
	    !qnet_local_server_listen(server, path))
		server_fails("qnet_echo_server: listen", qnet_local_server_error_string(server));
	server_listens(qnet_local_server_full_server_name(server), 0);
}

static void listen_at(uint16_t port)
{
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);

	qnet_tcp_server_set_listen_backlog_size(server, BACKLOG);
	if (qnet_tcp_server_on_new_connection(server, on_new_connection, NULL) == 0 ||
	    qnet_tcp_server_on_accept_error(server, on_accept_error, NULL) == 0 ||
	    !qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, port))
		server_fails("qnet_echo_server: listen", qnet_tcp_server_error_string(server));
	server_listens(NULL, qnet_tcp_server_server_port(server));
}

int main(int argc, char **argv)
{
	const struct server_options options = server_start(argc, argv);

	sink = options.sink;
	if (options.path != NULL)
		listen_locally(options.path);
	else
		listen_at(options.port);
	return qnet_loop_exec(NULL); /* until a signal ends the process */
}
