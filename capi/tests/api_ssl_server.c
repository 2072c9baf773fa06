/*
 * Servers that encrypt, and what their clients do to them.
 */
#include "pair.h"
#include "ssl_own.h"
#include "worker.h"

static struct check_log events;

/* What the callbacks do with the server or the connection, at the signal of this name. */
static const char *act_at;
static void (*act)(qnet_tcp_server *server, qnet_socket *socket);

static void note(const char *name, int number, qnet_tcp_server *server, qnet_socket *socket)
{
	check_note(&events, number < 0 ? "%s" : "%s:%d", name, number);
	if (act_at != NULL && strcmp(act_at, name) == 0) {
		act_at = NULL;
		act(server, socket);
	}
}

static void on_new(qnet_tcp_server *server, void *user_data)
{
	note(user_data, qnet_tcp_server_has_pending_connections(server), server, NULL);
}

static void on_started(qnet_tcp_server *server, qnet_socket *socket, void *user_data)
{
	note(user_data, qnet_ssl_socket_mode(socket), server, socket);
}

static void on_error(qnet_tcp_server *server, qnet_socket *socket, qnet_error error, void *user_data)
{
	note(user_data, error, server, socket);
}

static void on_ssl_error(qnet_tcp_server *server, qnet_socket *socket, qnet_ssl_error *error, void *user_data)
{
	note(user_data, qnet_ssl_error_error(error), server, socket);
}

static void on_ssl_errors(qnet_tcp_server *server, qnet_socket *socket, qnet_ssl_error *const *errors, int count, void *user_data)
{
	note(user_data, count == 1 ? (int)qnet_ssl_error_error(errors[0]) : -count, server, socket);
}

static void on_alert(qnet_tcp_server *server, qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *user_data)
{
	note(user_data, description[0] != '\0' && level != QNET_ALERT_LEVEL_UNKNOWN ? (int)type : -1, server, socket);
}

static void ignore(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)server;
	qnet_ssl_socket_ignore_ssl_errors(socket);
}

static void go_on(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)server;
	qnet_ssl_socket_continue_interrupted_handshake(socket);
}

/* How a server looks at the certificates of its clients. */
enum { NOT_AT_ALL, STRICTLY, STRICTLY_AND_AT_ONCE };

static qnet_ssl_configuration *configuration_of_server(int verify)
{
	qnet_ssl_configuration *configuration = qnet_ssl_configuration_new();

	qnet_ssl_configuration_set_local_certificate(configuration, host);
	qnet_ssl_configuration_set_private_key(configuration, host_key);
	qnet_ssl_configuration_set_ca_certificates(configuration, NULL, 0);
	if (verify != NOT_AT_ALL)
		qnet_ssl_configuration_set_peer_verify_mode(configuration, QNET_VERIFY_PEER);
	qnet_ssl_configuration_set_handshake_must_interrupt_on_error(configuration, verify == STRICTLY_AND_AT_ONCE);
	return configuration;
}

/* Prepares a pair of which the server encrypts and the client may. */
static const char *prepare(struct pair *pair, int verify, bool shows, bool trusts)
{
	qnet_ssl_configuration *configuration;

	check_take(&events);
	act_at = NULL;
	*pair = (struct pair){ .fd = -1 };
	pair->loop = qnet_loop_new();
	pair->server = qnet_ssl_server_new(pair->loop);
	pair->client = qnet_ssl_socket_new(pair->loop);
	REQUIRE(pair->server != NULL && pair->client != NULL);

	qnet_tcp_server_on_new_connection(pair->server, on_new, "new");
	qnet_tcp_server_on_pending_connection_available(pair->server, on_new, "pending");
	qnet_ssl_server_on_started_encryption_handshake(pair->server, on_started, "started");
	qnet_ssl_server_on_error_occurred(pair->server, on_error, "error");
	qnet_ssl_server_on_peer_verify_error(pair->server, on_ssl_error, "verify");
	qnet_ssl_server_on_ssl_errors(pair->server, on_ssl_errors, "errors");
	qnet_ssl_server_on_handshake_interrupted_on_error(pair->server, on_ssl_error, "interrupted");
	qnet_ssl_server_on_alert_sent(pair->server, on_alert, "sent");
	qnet_ssl_server_on_alert_received(pair->server, on_alert, "received");

	configuration = configuration_of_server(verify);
	qnet_ssl_server_set_ssl_configuration(pair->server, configuration);
	qnet_ssl_configuration_delete(configuration);

	configuration = qnet_ssl_configuration_new();
	qnet_ssl_configuration_set_ca_certificates(configuration, &authority, trusts ? 1 : 0);
	if (shows) {
		qnet_ssl_configuration_set_local_certificate(configuration, host);
		qnet_ssl_configuration_set_private_key(configuration, host_key);
	}
	qnet_ssl_socket_set_ssl_configuration(pair->client, configuration);
	qnet_ssl_configuration_delete(configuration);

	REQUIRE(qnet_tcp_server_listen(pair->server, QNET_ADDRESS_LOCAL_HOST, 0));
	return NULL;
}

static void connect_encrypted(struct pair *pair)
{
	qnet_ssl_socket_connect_to_host_encrypted(pair->client, "127.0.0.1", qnet_tcp_server_server_port(pair->server), "host.test", QNET_READ_WRITE,
						  QNET_ANY_IP_PROTOCOL);
}

/* Runs the loop until the connection is pending, or there is none any more. */
static const char *until_decided(struct pair *pair)
{
	UNTIL(pair->loop, strstr(events.text, "new") != NULL);
	UNTIL(pair->loop, qnet_tcp_server_has_pending_connections(pair->server) || qnet_tcp_server_open_connections(pair->server) == 0);
	return NULL;
}

static const char *connections(void)
{
	struct pair pair;
	char data[10];

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	connect_encrypted(&pair);
	UNTIL(pair.loop, qnet_ssl_server_handshakes(pair.server) == 1);
	REQUIRE(qnet_tcp_server_next_pending_connection(pair.server) == NULL);
	REQUIRE_OK(until_decided(&pair));
	REQUIRE_TEXT(check_take(&events), "new:0 started:2 pending:1");
	REQUIRE_EQUAL(qnet_ssl_server_handshakes(pair.server), 0);
	pair.peer = qnet_tcp_server_next_pending_connection(pair.server);
	REQUIRE(qnet_ssl_socket_is_encrypted(pair.peer));
	UNTIL(pair.loop, qnet_ssl_socket_is_encrypted(pair.client));
	qnet_socket_write(pair.client, "question", 8);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 8);
	REQUIRE_EQUAL(qnet_socket_read(pair.peer, data, sizeof data), 8);
	REQUIRE(memcmp(data, "question", 8) == 0);
	/* From here on the server has nothing to do with it. */
	qnet_socket_disconnect_from_host(pair.client);
	UNTIL(pair.loop, qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "");
	pair_close(&pair);
	REQUIRE_WARNINGS(0);
	return NULL;
}

static void on_arrived(qnet_tcp_server *server, qnet_socket *socket, void *user_data)
{
	note("arrived", qnet_ssl_socket_is_encrypted(socket), server, NULL);
	*(qnet_socket *_Atomic *)user_data = socket;
}

/* Handshakes in the loop of another thread. */
static const char *connections_in_loops(void)
{
	struct pair pair;
	struct worker worker;
	qnet_socket *_Atomic arrived = NULL;

	REQUIRE_OK(worker_start(&worker));
	REQUIRE_OK(prepare(&pair, STRICTLY, false, true));
	qnet_tcp_server_on_connection_in_loop(pair.server, on_arrived, (void *)&arrived);
	REQUIRE(qnet_tcp_server_set_loops(pair.server, &worker.loop, 1));
	/* One that is not believed, and one that a callback on that thread believes. */
	connect_encrypted(&pair);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE && qnet_ssl_server_handshakes(pair.server) == 0);
	act_at = "errors";
	act = ignore;
	connect_encrypted(&pair);
	UNTIL(pair.loop, arrived != NULL);
	REQUIRE_TEXT(check_take(&events), "started:2 verify:21 errors:21 error:13 sent:0 started:2 verify:21 errors:21 arrived:1");
	REQUIRE(!qnet_tcp_server_has_pending_connections(pair.server));
	qnet_socket_delete(arrived);
	pair_close(&pair);
	worker_end(&worker);
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *clients_that_are_not_believed(void)
{
	static const struct {
		int verify;
		bool shows;
		const char *at;
		void (*act)(qnet_tcp_server *, qnet_socket *);
		const char *want;
	} cases[] = {
		{ STRICTLY, false, NULL, NULL, "new:0 started:2 verify:21 errors:21 error:13 sent:0" },
		{ STRICTLY, false, "errors", ignore, "new:0 started:2 verify:21 errors:21 pending:1" },
		{ STRICTLY, true, "started", ignore, "new:0 started:2 verify:10 errors:10 pending:1" },
		{ STRICTLY_AND_AT_ONCE, true, NULL, NULL, "new:0 started:2 interrupted:10 sent:42 error:13" },
		{ STRICTLY_AND_AT_ONCE, true, "interrupted", go_on, "new:0 started:2 interrupted:10 errors:10 error:13 sent:0" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct pair pair;

		REQUIRE_OK(prepare(&pair, cases[i].verify, cases[i].shows, true));
		act_at = cases[i].at;
		act = cases[i].act;
		connect_encrypted(&pair);
		REQUIRE_OK(until_decided(&pair));
		REQUIRE_TEXT(check_take(&events), cases[i].want);
		pair_close(&pair);
	}
	return NULL;
}

static const char *other_failures(void)
{
	struct pair pair;
	char byte;
	static const struct {
		const char *said, *want;
	} cases[] = {
		{ "GET / HTTP/1.0\r\n\r\n", "new:0" },
		{ "\x16\x03\x01\x01\x01\x02", "new:0 started:2 error:1" },
		{ "", "new:0 error:1" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
		pair.fd = raw_connect(qnet_tcp_server_server_port(pair.server));
		REQUIRE_EQUAL(write(pair.fd, cases[i].said, strlen(cases[i].said)), strlen(cases[i].said));
		shutdown(pair.fd, SHUT_WR);
		REQUIRE_OK(until_decided(&pair));
		REQUIRE_TEXT(check_take(&events), cases[i].want);
		REQUIRE_EQUAL(read(pair.fd, &byte, 1), 0);
		pair_close(&pair);
	}

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, false));
	connect_encrypted(&pair);
	UNTIL(pair.loop, strstr(events.text, "pending") != NULL || qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_SSL_HANDSHAKE_FAILED_ERROR);
	pair_close(&pair);

	/* Nobody has a certificate. */
	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	qnet_ssl_configuration *nothing = qnet_ssl_configuration_new();
	qnet_ssl_server_set_ssl_configuration(pair.server, nothing);
	qnet_ssl_configuration_delete(nothing);
	connect_encrypted(&pair);
	REQUIRE_OK(until_decided(&pair));
	REQUIRE(strstr(check_take(&events), "error:13") != NULL);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	pair_close(&pair);
	return NULL;
}

static const char *times_out(void)
{
	struct pair pair;
	char byte;

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	REQUIRE_EQUAL(qnet_ssl_server_handshake_timeout(pair.server), 5000);
	qnet_ssl_server_set_handshake_timeout(pair.server, 1);
	REQUIRE_EQUAL(qnet_ssl_server_handshake_timeout(pair.server), 1);
	pair.fd = raw_connect(qnet_tcp_server_server_port(pair.server));
	REQUIRE_OK(until_decided(&pair));
	REQUIRE_TEXT(check_take(&events), "new:0 error:5");
	REQUIRE_EQUAL(read(pair.fd, &byte, 1), 0);
	pair_close(&pair);
	return NULL;
}

static const char *is_limited(void)
{
	struct pair pair;

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	REQUIRE_EQUAL(qnet_ssl_server_handshake_limit(pair.server), 1000);
	qnet_ssl_server_set_handshake_limit(pair.server, 1);
	REQUIRE_EQUAL(qnet_ssl_server_handshake_limit(pair.server), 1);
	qnet_ssl_server_set_handshake_limit(pair.server, -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_ssl_server_handshake_limit(pair.server), 1);
	pair.fd = raw_connect(qnet_tcp_server_server_port(pair.server));
	UNTIL(pair.loop, qnet_ssl_server_handshakes(pair.server) == 1);
	connect_encrypted(&pair);
	check_settle(pair.loop);
	REQUIRE_TEXT(check_take(&events), "new:0");
	close(pair.fd);
	pair.fd = -1;
	UNTIL(pair.loop, qnet_tcp_server_has_pending_connections(pair.server));
	REQUIRE_TEXT(check_take(&events), "error:1 new:0 started:2 pending:1");
	pair_close(&pair);
	return NULL;
}

static const char *configurations(void)
{
	struct pair pair;
	qnet_ssl_configuration *configuration;
	qnet_ssl_certificate *shown;

	REQUIRE_OK(prepare(&pair, STRICTLY, false, true));
	configuration = qnet_ssl_server_ssl_configuration(pair.server);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_mode(configuration), QNET_VERIFY_PEER);
	shown = qnet_ssl_configuration_local_certificate(configuration);
	REQUIRE(qnet_ssl_certificate_is_equal(shown, host));
	qnet_ssl_certificate_delete(shown);
	/* It is a copy. */
	qnet_ssl_configuration_set_peer_verify_mode(configuration, QNET_VERIFY_NONE);
	connect_encrypted(&pair);
	REQUIRE_OK(until_decided(&pair));
	REQUIRE(strstr(check_take(&events), "error:13") != NULL);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	qnet_ssl_server_set_ssl_configuration(pair.server, configuration);
	qnet_ssl_configuration_delete(configuration);
	connect_encrypted(&pair);
	REQUIRE_OK(until_decided(&pair));
	REQUIRE_TEXT(check_take(&events), "new:0 started:2 pending:1");
	qnet_ssl_server_set_ssl_configuration(pair.server, NULL);
	REQUIRE_WARNINGS(1);
	pair_close(&pair);
	return NULL;
}

/* A client with a thread and a loop of its own. */
struct elsewhere {
	uint16_t port;
	qnet_loop *loop;
	qnet_socket *socket;
	bool encrypted;
};

static void *connect_elsewhere(void *user_data)
{
	struct elsewhere *client = user_data;

	qnet_ssl_socket_set_peer_verify_mode(client->socket, QNET_VERIFY_NONE);
	qnet_ssl_socket_connect_to_host_encrypted(client->socket, "127.0.0.1", client->port, NULL, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	client->encrypted = qnet_ssl_socket_wait_for_encrypted(client->socket, 20000);
	return NULL;
}

static const char *waits(void)
{
	struct pair pair;
	struct elsewhere client = { 0 };
	pthread_t thread;
	bool late = true;

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	client.port = qnet_tcp_server_server_port(pair.server);
	client.loop = qnet_loop_new();
	client.socket = qnet_ssl_socket_new(client.loop);
	pair.fd = raw_connect(client.port); /* which is none of those */
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(pair.server, 20, &late));
	REQUIRE(late);
	REQUIRE_EQUAL(pthread_create(&thread, NULL, connect_elsewhere, &client), 0);
	REQUIRE(qnet_tcp_server_wait_for_new_connection(pair.server, 20000, &late));
	pthread_join(thread, NULL);
	REQUIRE(!late && client.encrypted);
	pair.peer = qnet_tcp_server_next_pending_connection(pair.server);
	REQUIRE(qnet_ssl_socket_is_encrypted(pair.peer));
	REQUIRE_EQUAL(qnet_ssl_server_handshakes(pair.server), 1);
	qnet_socket_delete(client.socket);
	qnet_loop_delete(client.loop);
	pair_close(&pair);
	return NULL;
}

/* Has the server go on as it would by itself. */
static void on_incoming(qnet_tcp_server *server, intptr_t descriptor, void *user_data)
{
	check_note(user_data, "incoming:%d", qnet_ssl_server_incoming_connection(server, descriptor));
}

static const char *incoming_connections(void)
{
	struct pair pair;
	int fd[2];

	REQUIRE_OK(prepare(&pair, NOT_AT_ALL, false, true));
	qnet_tcp_server_set_incoming_connection(pair.server, on_incoming, &events);
	connect_encrypted(&pair);
	REQUIRE_OK(until_decided(&pair));
	REQUIRE_TEXT(check_take(&events), "incoming:1 new:0 started:2 pending:1");
	REQUIRE(qnet_ssl_socket_is_encrypted(qnet_tcp_server_next_pending_connection(pair.server)));
	REQUIRE_EQUAL(pipe(fd), 0);
	REQUIRE(!qnet_ssl_server_incoming_connection(pair.server, fd[0]));
	REQUIRE_TEXT(qnet_tcp_server_error_string(pair.server), "Invalid socket descriptor");
	close(fd[0]);
	close(fd[1]);
	pair_close(&pair);
	return NULL;
}

/* Callbacks that leave nothing behind. */

static struct pair *of_callbacks;
static int destroyed;

static void on_destroyed(qnet_tcp_server *server, void *user_data)
{
	(void)server;
	(void)user_data;
	destroyed++;
}

static void delete_server(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)socket;
	of_callbacks->server = NULL;
	qnet_tcp_server_delete(server);
}

static void delete_socket(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)server;
	if (socket != NULL)
		qnet_socket_delete(socket);
}

static void abort_socket(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)server;
	if (socket != NULL)
		qnet_socket_abort(socket);
}

static void close_server(qnet_tcp_server *server, qnet_socket *socket)
{
	(void)socket;
	qnet_tcp_server_close(server);
}

static const char *is_deleted(void)
{
	static const char *const at[] = { "new", "started", "verify", "errors", "interrupted", "error", "sent" };
	static void (*const acts[])(qnet_tcp_server *, qnet_socket *) = { delete_server, delete_socket, abort_socket, close_server };

	for (size_t i = 0; i < LENGTH(at); i++)
		for (size_t j = 0; j < LENGTH(acts); j++) {
			struct pair pair;
			bool interrupts = strcmp(at[i], "interrupted") == 0;

			REQUIRE_OK(prepare(&pair, interrupts ? STRICTLY_AND_AT_ONCE : STRICTLY, true, true));
			destroyed = 0;
			qnet_tcp_server_on_destroyed(pair.server, on_destroyed, NULL);
			of_callbacks = &pair;
			act_at = at[i];
			act = acts[j];
			connect_encrypted(&pair);
			UNTIL(pair.loop, act_at == NULL);
			check_settle(pair.loop);
			UNTIL(pair.loop, pair.server == NULL || qnet_ssl_server_handshakes(pair.server) == 0);
			REQUIRE_EQUAL(destroyed, acts[j] == delete_server);
			pair_close(&pair);
			REQUIRE_EQUAL(destroyed, 1);
		}
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *other_kinds(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);

	REQUIRE(qnet_ssl_server_ssl_configuration(server) == NULL);
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_ssl_server_set_handshake_timeout(server, 1);
	REQUIRE_EQUAL(qnet_ssl_server_handshake_timeout(server), -1);
	REQUIRE(!qnet_ssl_server_incoming_connection(server, 0));
	qnet_ssl_server_set_handshake_limit(server, 1);
	REQUIRE_EQUAL(qnet_ssl_server_handshake_limit(server), -1);
	REQUIRE_EQUAL(qnet_ssl_server_handshakes(server), -1);
	REQUIRE(qnet_ssl_server_on_error_occurred(server, on_error, NULL) != 0);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "connections", connections },
		{ "connections_in_loops", connections_in_loops },
		{ "clients_that_are_not_believed", clients_that_are_not_believed },
		{ "other_failures", other_failures },
		{ "times_out", times_out },
		{ "is_limited", is_limited },
		{ "configurations", configurations },
		{ "waits", waits },
		{ "incoming_connections", incoming_connections },
		{ "is_deleted", is_deleted },
		{ "other_kinds", other_kinds },
	};

	return ssl_main(cases, LENGTH(cases), argc, argv);
}
