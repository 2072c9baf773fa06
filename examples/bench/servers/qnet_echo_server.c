/*
 * qnet_echo_server: the echo server that is measured, on qnet's C API. See
 * examples/c/echo_server.c for one that also holds its own against clients
 * that do not read.
 */
#include <qnet/qnet.h>

#define SERVER_ENCRYPTS
#include "server.h"

static bool sink, source;

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

/* Sends without end. */
static void on_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	static const char data[SOURCE_SIZE];

	(void)bytes;
	(void)user_data;
	while (qnet_socket_bytes_to_write(socket) + qnet_ssl_socket_encrypted_bytes_to_write(socket) < SOURCE_WAITING &&
	       qnet_socket_write(socket, data, sizeof data) > 0)
		;
}

static bool serve(qnet_socket *socket)
{
	if (qnet_socket_on_ready_read(socket, on_ready_read, NULL) != 0 &&
	    qnet_socket_on_disconnected(socket, on_disconnected, NULL) != 0 &&
	    (!source || qnet_ssl_socket_on_encrypted_bytes_written(socket, on_written, NULL) != 0))
		return true;
	qnet_socket_delete(socket);
	return false;
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	(void)user_data;
	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		if (!serve(socket))
			continue;
		qnet_socket_set_socket_option(socket, QNET_LOW_DELAY_OPTION, 1);
		if (source)
			on_written(socket, 0, NULL);
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

static qnet_ssl_key *key_of(const char *path)
{
	static char data[16384];
	FILE *file = fopen(path, "rb");
	size_t size = file != NULL ? fread(data, 1, sizeof data, file) : 0;

	if (file != NULL)
		fclose(file);
	return qnet_ssl_key_new(data, size, QNET_OPAQUE_KEY, QNET_PEM, QNET_PRIVATE_KEY, NULL);
}

static qnet_tcp_server *encrypting(const struct server_options *options)
{
	qnet_tcp_server *server = qnet_ssl_server_new(NULL);
	qnet_ssl_configuration *configuration = qnet_ssl_server_ssl_configuration(server);
	qnet_ssl_certificate *certificate;
	qnet_ssl_key *key = key_of(options->key);

	if (qnet_ssl_certificate_from_path(options->certificate, QNET_PEM, QNET_CERTIFICATE_FIXED_STRING, &certificate, 1) < 1 ||
	    qnet_ssl_key_is_null(key))
		server_fails("qnet_echo_server", "no certificate, or no key");
	qnet_ssl_configuration_set_local_certificate(configuration, certificate);
	qnet_ssl_configuration_set_private_key(configuration, key);
	qnet_ssl_server_set_ssl_configuration(server, configuration);
	qnet_ssl_certificate_delete(certificate);
	qnet_ssl_key_delete(key);
	qnet_ssl_configuration_delete(configuration);
	return server;
}

static void listen_at(const struct server_options *options)
{
	qnet_tcp_server *server = options->certificate != NULL ? encrypting(options) : qnet_tcp_server_new(NULL);

	qnet_tcp_server_set_listen_backlog_size(server, BACKLOG);
	if (qnet_tcp_server_on_pending_connection_available(server, on_new_connection, NULL) == 0 ||
	    qnet_tcp_server_on_accept_error(server, on_accept_error, NULL) == 0 ||
	    !qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, options->port))
		server_fails("qnet_echo_server: listen", qnet_tcp_server_error_string(server));
	server_listens(NULL, qnet_tcp_server_server_port(server));
}

int main(int argc, char **argv)
{
	const struct server_options options = server_start(argc, argv);

	sink = options.sink;
	source = options.source;
	if (options.path != NULL)
		listen_locally(options.path);
	else
		listen_at(&options);
	return qnet_loop_exec(NULL); /* until a signal ends the process */
}
