/*
 * One end of an encrypted connection, on qnet: ends server|client NAME=VALUE... (README.md)
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qnet/qnet.h>

enum { PIECE = 65536, CERTIFICATES = 8, TICKET = 16384 };

static char **options;
static bool is_server;
static int64_t total;
static int connections = 1;
static qnet_ssl_configuration *configuration;
static unsigned char data[PIECE];

/* One connection. */
struct end {
	int64_t sent, received;
	uint32_t crc_sent, crc_received;
	bool begun, ending, clean, reported, starting;
	char error[300];
};

static void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

/* Returns the value of an option, NULL if it was not given. */
static const char *option(const char *name)
{
	size_t length = strlen(name);

	for (char **word = options; *word != NULL; word++)
		if (strncmp(*word, name, length) == 0 && (*word)[length] == '=')
			return *word + length + 1;
	return NULL;
}

static bool ends_it(void)
{
	const char *who = option("end") != NULL ? option("end") : "client";

	return strcmp(who, "both") == 0 || strcmp(who, is_server ? "server" : "client") == 0;
}

static uint32_t crc32(uint32_t crc, const unsigned char *bytes, int64_t size)
{
	crc = ~crc;
	while (size-- > 0) {
		crc ^= *bytes++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void refuse(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

static qnet_ssl_configuration *configure(void)
{
	qnet_ssl_configuration *made = qnet_ssl_configuration_default_configuration();
	qnet_ssl_certificate *chain[CERTIFICATES];
	const char *name = option("authority"), *alpn = option("alpn");
	int count = 0;

	if (name != NULL)
		count = qnet_ssl_certificate_from_path(name, QNET_PEM, QNET_CERTIFICATE_FIXED_STRING, chain, CERTIFICATES);
	qnet_ssl_configuration_set_ca_certificates(made, chain, count);
	while (count > 0)
		qnet_ssl_certificate_delete(chain[--count]);
	if ((name = option("certificate")) != NULL) {
		FILE *file = fopen(option("key"), "rb");
		char text[8192];
		qnet_ssl_key *key;

		if (file == NULL)
			refuse("no key");
		key = qnet_ssl_key_new(text, fread(text, 1, sizeof text, file), QNET_OPAQUE_KEY, QNET_PEM, QNET_PRIVATE_KEY, NULL);
		fclose(file);
		count = qnet_ssl_certificate_from_path(name, QNET_PEM, QNET_CERTIFICATE_FIXED_STRING, chain, CERTIFICATES);
		qnet_ssl_configuration_set_local_certificate_chain(made, chain, count);
		qnet_ssl_configuration_set_private_key(made, key);
		qnet_ssl_key_delete(key);
		while (count > 0)
			qnet_ssl_certificate_delete(chain[--count]);
	}
	if (option("tls") != NULL)
		qnet_ssl_configuration_set_protocol(made, strcmp(option("tls"), "1.2") == 0 ? QNET_TLS_V1_2 : QNET_TLS_V1_3);
	if (alpn != NULL) {
		unsigned char list[300];
		size_t size = 0;

		for (const char *end; *alpn != '\0'; alpn = *end == '\0' ? end : end + 1) {
			end = alpn + strcspn(alpn, ",");
			list[size++] = (unsigned char)(end - alpn);
			memcpy(list + size, alpn, (size_t)(end - alpn));
			size += (size_t)(end - alpn);
		}
		qnet_ssl_configuration_set_allowed_next_protocols(made, list, size);
	}
	if (option("ask") != NULL)
		qnet_ssl_configuration_set_peer_verify_mode(made, QNET_VERIFY_PEER);
	qnet_ssl_configuration_set_ssl_option(made, QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE, false);
	return made;
}

static void connect_again(void);

static void is_over(void)
{
	if (--connections > 0) {
		if (!is_server)
			connect_again();
		return;
	}
	say("over");
	qnet_loop_quit(NULL);
}

static void report(qnet_socket *socket)
{
	qnet_ssl_configuration *used = qnet_ssl_socket_ssl_configuration(socket);
	qnet_ssl_certificate *peer = qnet_ssl_socket_peer_certificate(socket);
	int64_t size;
	const char *text = qnet_ssl_configuration_next_negotiated_protocol(used, &size);

	say("version %s", qnet_ssl_socket_session_protocol(socket) == QNET_TLS_V1_2 ? "1.2" : "1.3");
	if (size > 0)
		say("alpn %.*s", (int)size, text);
	if (!qnet_ssl_certificate_is_null(peer))
		say("peer %s", qnet_ssl_certificate_subject_display_name(peer));
	qnet_ssl_certificate_delete(peer);
	qnet_ssl_configuration_delete(used);
}

/* Sends as much as fits, and ends when everything is there. */
static void pump(qnet_socket *socket, struct end *end)
{
	while (end->begun && end->sent < total && qnet_socket_bytes_to_write(socket) < 4 * PIECE) {
		int64_t size = total - end->sent < PIECE ? total - end->sent : PIECE;

		data[0] = (unsigned char)(end->sent / PIECE);
		if (qnet_socket_write(socket, data, size) != size)
			return;
		end->sent += size;
		end->crc_sent = crc32(end->crc_sent, data, size);
	}
	if (!end->begun || end->ending || end->sent < total || end->received < total)
		return;
	end->ending = true;
	say("sent %lld %lu", (long long)end->sent, (unsigned long)end->crc_sent);
	say("received %lld %lu", (long long)end->received, (unsigned long)end->crc_received);
	if (!is_server && option("end") != NULL && strcmp(option("end"), "abort") == 0)
		qnet_socket_abort(socket);
	else if (ends_it())
		qnet_socket_disconnect_from_host(socket);
}

static void written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)bytes;
	pump(socket, user_data);
}

static void read_all(qnet_socket *socket, struct end *end)
{
	int64_t size;
	const char *bytes;

	if (!end->begun)
		return;
	bytes = qnet_socket_read_all(socket, &size);
	end->crc_received = crc32(end->crc_received, (const unsigned char *)bytes, size);
	end->received += size;
	pump(socket, end);
}

static void encrypted(qnet_socket *socket, void *user_data)
{
	struct end *end = user_data;

	if (end->begun)
		return;
	end->begun = true;
	report(socket);
	read_all(socket, end);
}

static void ready(qnet_socket *socket, void *user_data)
{
	struct end *end = user_data;
	char line[20];

	if (end->begun || !end->starting) {
		read_all(socket, end);
	} else if (qnet_ssl_socket_mode(socket) == QNET_UNENCRYPTED_MODE && qnet_socket_can_read_line(socket)) {
		qnet_socket_read_line(socket, line, sizeof line);
		if (is_server) {
			qnet_socket_write(socket, "GO\n", 3);
			qnet_ssl_socket_start_server_encryption(socket);
		} else {
			qnet_ssl_socket_start_client_encryption(socket);
		}
	}
}

/* Says how a connection has ended, once. */
static void ended(qnet_socket *socket, void *user_data)
{
	struct end *end = user_data;

	if (end->reported)
		return;
	end->reported = true;
	read_all(socket, end);
	if (!end->ending)
		say("error %s", end->error[0] != '\0' ? end->error : "it has ended");
	else
		say("end %s", end->clean ? "clean" : end->error[0] != '\0' ? "cut" : "ours");
	if (!is_server) {
		qnet_ssl_configuration *used = qnet_ssl_socket_ssl_configuration(socket);
		int64_t size;
		const char *ticket = qnet_ssl_configuration_session_ticket(used, &size);

		if (size > 0)
			qnet_ssl_configuration_set_session_ticket(configuration, ticket, (size_t)size);
		qnet_ssl_configuration_delete(used);
	}
	qnet_socket_delete_later(socket);
	is_over();
}

static void failed(qnet_socket *socket, qnet_error error, void *user_data)
{
	struct end *end = user_data;
	const char *text = qnet_socket_error_string(socket);

	(void)error;
	end->clean |= strcmp(text, "The TLS/SSL connection has been closed") == 0;
	if (end->error[0] == '\0')
		snprintf(end->error, sizeof end->error, "%s", text);
	if (qnet_socket_state(socket) == QNET_UNCONNECTED_STATE)
		ended(socket, end);
}

static void forget(qnet_socket *socket, void *user_data)
{
	(void)socket;
	free(user_data);
}

static struct end *watch(qnet_socket *socket)
{
	struct end *end = calloc(1, sizeof *end);

	if (end == NULL)
		refuse("no memory");
	end->starting = option("starttls") != NULL;
	qnet_ssl_socket_on_encrypted(socket, encrypted, end);
	qnet_socket_on_ready_read(socket, ready, end);
	qnet_socket_on_bytes_written(socket, written, end);
	qnet_socket_on_error_occurred(socket, failed, end);
	qnet_socket_on_disconnected(socket, ended, end);
	qnet_socket_on_destroyed(socket, forget, end);
	return end;
}

static void greet(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	if (option("starttls") != NULL)
		qnet_socket_write(socket, "STARTTLS\n", 9);
}

static void connect_again(void)
{
	qnet_socket *socket = qnet_ssl_socket_new(NULL);
	const char *name = option("name") != NULL ? option("name") : "localhost";
	uint16_t port = (uint16_t)atoi(option("port") != NULL ? option("port") : "0");

	qnet_ssl_socket_set_ssl_configuration(socket, configuration);
	watch(socket);
	qnet_socket_on_connected(socket, greet, NULL);
	if (option("starttls") != NULL) {
		qnet_ssl_socket_set_peer_verify_name(socket, name);
		qnet_socket_connect_to_host(socket, "127.0.0.1", port, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	} else {
		qnet_ssl_socket_connect_to_host_encrypted(socket, "127.0.0.1", port, name, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	}
}

static void take(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	(void)user_data;
	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL)
		encrypted(socket, watch(socket));
}

/* A handshake has failed, or its client has gone. */
static void not_taken(qnet_tcp_server *server, qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)server;
	(void)error;
	(void)user_data;
	say("error %s", qnet_socket_error_string(socket));
	is_over();
}

static void accept_in_the_clear(qnet_tcp_server *server, intptr_t descriptor, void *user_data)
{
	qnet_socket *socket = qnet_ssl_socket_new(NULL);

	(void)server;
	(void)user_data;
	qnet_ssl_socket_set_ssl_configuration(socket, configuration);
	watch(socket);
	if (!qnet_socket_set_socket_descriptor(socket, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		refuse("no connection");
}

int main(int argc, char **argv)
{
	if (argc < 2)
		refuse("server or client?");
	is_server = strcmp(argv[1], "server") == 0;
	options = argv + 2;
	total = option("bytes") != NULL ? atoll(option("bytes")) : 0;
	connections = option("count") != NULL ? atoi(option("count")) : 1;
	for (int i = 0; i < PIECE; i++)
		data[i] = (unsigned char)(i * 2654435761U >> (is_server ? 13 : 17));
	configuration = configure();
	if (is_server) {
		qnet_tcp_server *server;

		if (option("starttls") != NULL) {
			server = qnet_tcp_server_new(NULL);
			qnet_tcp_server_set_incoming_connection(server, accept_in_the_clear, NULL);
		} else {
			server = qnet_ssl_server_new(NULL);
			qnet_ssl_server_set_ssl_configuration(server, configuration);
			qnet_tcp_server_on_pending_connection_available(server, take, NULL);
			qnet_ssl_server_on_error_occurred(server, not_taken, NULL);
		}
		if (!qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0))
			refuse(qnet_tcp_server_error_string(server));
		say("port %d", qnet_tcp_server_server_port(server));
	} else {
		connect_again();
	}
	qnet_loop_exec(NULL);
	qnet_ssl_configuration_delete(configuration);
	return 0;
}
