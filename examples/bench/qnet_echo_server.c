/*
 * qnet_echo_server: the echo server that is measured, on qnet's C API. See
 * examples/c/echo_server.c for one that also holds its own against clients
 * that do not read.
 *
 *   qnet_echo_server [--port PORT | --local PATH]
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <qnet/qnet.h>

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	/* One buffer for all: callbacks of one loop run one after another. */
	static char buffer[64 * 1024];
	int64_t size;

	(void)user_data;
	do {
		size = qnet_socket_read(socket, buffer, sizeof buffer);
		if (size > 0)
			qnet_socket_write(socket, buffer, size);
	} while (size == (int64_t)sizeof buffer); /* less: there is no more */
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

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit); /* else we serve fewer */
	}
}

static int run_local(const char *path)
{
	qnet_local_server *server = qnet_local_server_new(NULL);

	if (server == NULL)
		return 1;
	qnet_local_server_set_listen_backlog_size(server, 1024);
	if (qnet_local_server_on_new_connection(server, on_new_local_connection, NULL) == 0 ||
	    !qnet_local_server_listen(server, path)) {
		fprintf(stderr, "qnet_echo_server: %s\n", qnet_local_server_error_string(server));
		qnet_local_server_delete(server);
		return 1;
	}
	printf("listening on %s\n", qnet_local_server_full_server_name(server));
	fflush(stdout);
	qnet_loop_exec(NULL);
	qnet_local_server_delete(server);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},
		{"local", required_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	qnet_tcp_server *server;
	const char *path = NULL;
	unsigned long port = 0;
	char *end;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			port = strtoul(optarg, &end, 10);
			if (end == optarg || *end != '\0' || port > 65535) {
				fprintf(stderr, "qnet_echo_server: not a port: %s\n", optarg);
				return 2;
			}
			break;
		case 'l':
			path = optarg;
			break;
		default:
			fputs("usage: qnet_echo_server [--port PORT | --local PATH]\n", option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	raise_descriptor_limit();
	if (path != NULL)
		return run_local(path);

	server = qnet_tcp_server_new(NULL);
	if (server == NULL)
		return 1; /* the library has said why on stderr */
	qnet_tcp_server_set_listen_backlog_size(server, 1024);
	if (qnet_tcp_server_on_new_connection(server, on_new_connection, NULL) == 0 ||
	    qnet_tcp_server_on_accept_error(server, on_accept_error, NULL) == 0 ||
	    !qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, (uint16_t)port)) {
		fprintf(stderr, "qnet_echo_server: listen: %s\n", qnet_tcp_server_error_string(server));
		qnet_tcp_server_delete(server);
		return 1;
	}

	printf("listening on 127.0.0.1:%u\n", (unsigned)qnet_tcp_server_server_port(server));
	fflush(stdout);
	qnet_loop_exec(NULL); /* until a signal ends the process */
	qnet_tcp_server_delete(server);
	return 0;
}
