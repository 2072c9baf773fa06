/* A program outside the tree: a server and a client in one, without a running loop. Prints the version. */
#include <stdio.h>
#include <string.h>

#include <qnet/qnet.h>

static int fail(const char *what)
{
	fprintf(stderr, "consumer: %s\n", what);
	return 1;
}

int main(void)
{
	static const char greeting[] = "greeting";
	char buffer[sizeof greeting];
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	qnet_socket *client = qnet_tcp_socket_new(NULL), *accepted;

	if (strcmp(qnet_version(), QNET_VERSION_STR) != 0 || qnet_version_number() != QNET_VERSION)
		return fail("header and library are of different versions");
	if (!qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0))
		return fail(qnet_tcp_server_error_string(server));

	qnet_socket_connect_to_address(client, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server),
	                               QNET_READ_WRITE);
	if (!qnet_socket_wait_for_connected(client, 10000))
		return fail(qnet_socket_error_string(client));
	if (!qnet_tcp_server_has_pending_connections(server) &&
	    !qnet_tcp_server_wait_for_new_connection(server, 10000, NULL))
		return fail(qnet_tcp_server_error_string(server));
	accepted = qnet_tcp_server_next_pending_connection(server);

	qnet_socket_write(accepted, greeting, sizeof greeting);
	qnet_socket_flush(accepted);
	while (qnet_socket_bytes_available(client) < (int64_t)sizeof greeting) {
		if (!qnet_socket_wait_for_ready_read(client, 10000))
			return fail(qnet_socket_error_string(client));
	}
	if (qnet_socket_read(client, buffer, sizeof buffer) != sizeof buffer ||
	    memcmp(buffer, greeting, sizeof buffer) != 0)
		return fail("something else was received");

	qnet_socket_delete(client);
	qnet_tcp_server_delete(server);
	printf("%d.%d.%d\n", QNET_VERSION_MAJOR, QNET_VERSION_MINOR, QNET_VERSION_PATCH);
	return 0;
}
