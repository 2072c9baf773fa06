/*
 * Sockets that encrypt: a client and the end of a server that makes its sockets by itself.
 */
#include "pair.h"
#include "ssl_own.h"

#include <pthread.h>

static struct check_log events;

/* What the callback of ssl_errors does. */
static enum { LEAVE, IGNORE, IGNORE_THESE } answer;
static bool goes_on; /* with an interrupted handshake */

static void on_encrypted(qnet_socket *socket, void *user_data)
{
	check_note(&events, "%s:encrypted:%d", (char *)user_data, qnet_ssl_socket_is_encrypted(socket));
}

static void on_mode(qnet_socket *socket, qnet_ssl_mode mode, void *user_data)
{
	(void)socket;
	check_note(&events, "%s:mode:%d", (char *)user_data, mode);
}

static void on_verify_error(qnet_socket *socket, qnet_ssl_error *error, void *user_data)
{
	(void)socket;
	check_note(&events, "%s:verify:%d", (char *)user_data, qnet_ssl_error_error(error));
}

static void on_ssl_errors(qnet_socket *socket, qnet_ssl_error *const *errors, int count, void *user_data)
{
	check_note(&events, "%s:errors:%d:%d", (char *)user_data, count, qnet_ssl_error_error(errors[0]));
	if (answer == IGNORE)
		qnet_ssl_socket_ignore_ssl_errors(socket);
	if (answer == IGNORE_THESE)
		qnet_ssl_socket_ignore_these_ssl_errors(socket, errors, count);
}

static void on_interrupted(qnet_socket *socket, qnet_ssl_error *error, void *user_data)
{
	check_note(&events, "%s:interrupted:%d", (char *)user_data, qnet_ssl_error_error(error));
	if (goes_on)
		qnet_ssl_socket_continue_interrupted_handshake(socket);
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	check_note(&events, "%s:error:%d", (char *)user_data, error);
}

static void on_alert_sent(qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *user_data)
{
	(void)socket;
	check_note(&events, "%s:sent:%d:%d:%s", (char *)user_data, level, type, description);
}

static void on_alert_received(qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *user_data)
{
	(void)socket;
	check_note(&events, "%s:received:%d:%d:%s", (char *)user_data, level, type, description);
}

static int tickets;
static int64_t encrypted_bytes;

static void on_ticket(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	tickets++;
}

static void on_encrypted_bytes(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	(void)user_data;
	encrypted_bytes += bytes;
}

static void watch(qnet_socket *socket, char *name)
{
	qnet_ssl_socket_on_encrypted(socket, on_encrypted, name);
	qnet_ssl_socket_on_mode_changed(socket, on_mode, name);
	qnet_ssl_socket_on_peer_verify_error(socket, on_verify_error, name);
	qnet_ssl_socket_on_ssl_errors(socket, on_ssl_errors, name);
	qnet_ssl_socket_on_handshake_interrupted_on_error(socket, on_interrupted, name);
	qnet_ssl_socket_on_alert_sent(socket, on_alert_sent, name);
	qnet_ssl_socket_on_alert_received(socket, on_alert_received, name);
	qnet_socket_on_error_occurred(socket, on_error, name);
}

/* Has the server make sockets that encrypt. */
static void accept_encrypted(qnet_tcp_server *server, intptr_t descriptor, void *user_data)
{
	struct pair *pair = user_data;
	qnet_ssl_certificate *none[1];

	pair->peer = qnet_ssl_socket_new(pair->loop);
	qnet_socket_set_owner(pair->peer, server);
	qnet_ssl_socket_set_local_certificate(pair->peer, host);
	qnet_ssl_socket_set_private_key(pair->peer, host_key);
	if (qnet_ssl_socket_peer_certificate_chain(pair->peer, none, 1) != 0)
		check_note(&events, "a peer before the connection");
	watch(pair->peer, "server");
	qnet_socket_set_socket_descriptor(pair->peer, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE);
	qnet_ssl_socket_start_server_encryption(pair->peer);
}

static const char *pair_prepare_encrypted(struct pair *pair, bool trust)
{
	const char *why = pair_prepare(pair);
	qnet_ssl_configuration *configuration;

	if (why != NULL)
		return why;
	check_take(&events);
	answer = LEAVE;
	goes_on = false;
	tickets = 0;
	encrypted_bytes = 0;
	qnet_socket_delete(pair->client);
	pair->client = qnet_ssl_socket_new(pair->loop);
	REQUIRE(pair->client != NULL);
	qnet_tcp_server_set_incoming_connection(pair->server, accept_encrypted, pair);
	configuration = qnet_ssl_socket_ssl_configuration(pair->client);
	REQUIRE(configuration != NULL);
	qnet_ssl_configuration_set_ca_certificates(configuration, &authority, trust ? 1 : 0);
	qnet_ssl_configuration_set_ssl_option(configuration, QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE, false);
	qnet_ssl_socket_set_ssl_configuration(pair->client, configuration);
	qnet_ssl_configuration_delete(configuration);
	watch(pair->client, "client");
	qnet_ssl_socket_on_new_session_ticket_received(pair->client, on_ticket, NULL);
	qnet_ssl_socket_on_encrypted_bytes_written(pair->client, on_encrypted_bytes, NULL);
	return NULL;
}

static void connect_encrypted(struct pair *pair, const char *name)
{
	qnet_ssl_socket_connect_to_host_encrypted(pair->client, "127.0.0.1", qnet_tcp_server_server_port(pair->server), name, QNET_READ_WRITE,
						  QNET_ANY_IP_PROTOCOL);
}

static const char *both_ways(void)
{
	struct pair pair;
	const char *why = pair_prepare_encrypted(&pair, true);
	qnet_ssl_certificate *chain[2] = { NULL, NULL }, *peer;
	qnet_ssl_configuration *configuration;
	char data[10];

	if (why != NULL)
		return why;
	connect_encrypted(&pair, "host.test");
	REQUIRE_TEXT(qnet_ssl_socket_peer_verify_name(pair.client), "host.test");
	REQUIRE_EQUAL(qnet_ssl_socket_mode(pair.client), QNET_UNENCRYPTED_MODE);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "question", 8), 8);
	UNTIL(pair.loop, pair.peer != NULL && qnet_socket_bytes_available(pair.peer) == 8);
	REQUIRE_EQUAL(qnet_socket_read(pair.peer, data, sizeof data), 8);
	REQUIRE(memcmp(data, "question", 8) == 0);
	REQUIRE_EQUAL(qnet_socket_write(pair.peer, "answer", 6), 6);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 6);
	REQUIRE_EQUAL(qnet_ssl_socket_mode(pair.client), QNET_SSL_CLIENT_MODE);
	REQUIRE_EQUAL(qnet_ssl_socket_mode(pair.peer), QNET_SSL_SERVER_MODE);
	REQUIRE(qnet_ssl_socket_is_encrypted(pair.client) && qnet_ssl_socket_is_encrypted(pair.peer));
	REQUIRE_EQUAL(qnet_ssl_socket_session_protocol(pair.client), QNET_TLS_V1_3);
	REQUIRE(qnet_ssl_socket_session_cipher(pair.client) != 0);
	REQUIRE_EQUAL(qnet_ssl_socket_session_cipher(pair.peer), qnet_ssl_socket_session_cipher(pair.client));
	REQUIRE_EQUAL(qnet_ssl_socket_encrypted_bytes_available(pair.client), 0);
	REQUIRE_EQUAL(qnet_ssl_socket_encrypted_bytes_to_write(pair.client), 0);
	REQUIRE(encrypted_bytes > 8);
	UNTIL(pair.loop, tickets > 0);

	peer = qnet_ssl_socket_peer_certificate(pair.client);
	REQUIRE(qnet_ssl_certificate_is_equal(peer, host));
	qnet_ssl_certificate_delete(peer);
	REQUIRE_EQUAL(qnet_ssl_socket_peer_certificate_chain(pair.client, chain, 2), 1);
	REQUIRE(qnet_ssl_certificate_is_equal(chain[0], host) && chain[1] == NULL);
	qnet_ssl_certificate_delete(chain[0]);
	REQUIRE(qnet_ssl_socket_peer_certificate(pair.peer) == NULL);
	REQUIRE_EQUAL(qnet_ssl_socket_ocsp_responses(pair.client, NULL, 0), 0);
	REQUIRE_EQUAL(qnet_ssl_socket_ssl_handshake_errors(pair.client, NULL, 0), 0);
	configuration = qnet_ssl_socket_ssl_configuration(pair.client);
	REQUIRE_EQUAL(qnet_ssl_configuration_session_protocol(configuration), QNET_TLS_V1_3);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_certificate_chain(configuration, NULL, 0), 1);

	qnet_socket_disconnect_from_host(pair.client);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE && qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE(!qnet_ssl_socket_is_encrypted(pair.client));
	REQUIRE_EQUAL(qnet_ssl_socket_session_protocol(pair.client), QNET_UNKNOWN_SSL_PROTOCOL);
	REQUIRE_TEXT(qnet_socket_error_string(pair.peer), "The TLS/SSL connection has been closed");
	pair_close(&pair);
	/* It is a value of its own. */
	peer = qnet_ssl_configuration_peer_certificate(configuration);
	REQUIRE(qnet_ssl_certificate_is_equal(peer, host));
	qnet_ssl_certificate_delete(peer);
	qnet_ssl_configuration_delete(configuration);
	return NULL;
}

static const char *order_of_signals(void)
{
	struct pair pair;
	const char *why = pair_prepare_encrypted(&pair, true);

	if (why != NULL)
		return why;
	connect_encrypted(&pair, "host.test");
	UNTIL(pair.loop, pair.peer != NULL && qnet_ssl_socket_is_encrypted(pair.client) && qnet_ssl_socket_is_encrypted(pair.peer));
	why = check_take(&events);
	REQUIRE(strstr(strstr(why, "client:mode:1"), "client:encrypted:1") != NULL);
	REQUIRE(strstr(strstr(why, "server:mode:2"), "server:encrypted:1") != NULL);
	qnet_socket_disconnect_from_host(pair.client);
	UNTIL(pair.loop, qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	why = check_take(&events);
	REQUIRE(strncmp(why, "client:sent:0:0:close notify server:received:0:0:close notify server:error:1", 73) == 0);
	pair_close(&pair);
	return NULL;
}

static const char *with_an_untrusted_peer(struct pair *pair, const char *name, int to_do, bool trust)
{
	const char *why = pair_prepare_encrypted(pair, trust);

	if (why != NULL)
		return why;
	answer = to_do;
	connect_encrypted(pair, name);
	qnet_socket_write(pair->client, "secret", 6);
	UNTIL(pair->loop, qnet_ssl_socket_is_encrypted(pair->client) || qnet_socket_state(pair->client) == QNET_UNCONNECTED_STATE);
	return NULL;
}

static const char *errors_of_the_peer(void)
{
	struct pair pair;
	const char *why = with_an_untrusted_peer(&pair, "host.test", LEAVE, false);
	qnet_ssl_error *errors[3] = { NULL, NULL, NULL };

	if (why != NULL)
		return why;
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_SSL_HANDSHAKE_FAILED_ERROR);
	REQUIRE_EQUAL(qnet_ssl_socket_ssl_handshake_errors(pair.client, errors, 3), 2);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[0]), QNET_SSL_UNABLE_TO_GET_LOCAL_ISSUER_CERTIFICATE);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[1]), QNET_SSL_UNABLE_TO_VERIFY_FIRST_CERTIFICATE);
	REQUIRE_TEXT(qnet_socket_error_string(pair.client), qnet_ssl_error_error_string(errors[0]));
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair.peer), 0);
	check_take(&events);
	pair_close(&pair);

	why = with_an_untrusted_peer(&pair, "host.test", IGNORE, false);
	if (why != NULL)
		return why;
	REQUIRE(qnet_ssl_socket_is_encrypted(pair.client));
	REQUIRE(strstr(check_take(&events), "client:verify:11 client:verify:12 client:errors:2:11 client:encrypted:1") != NULL);
	pair_close(&pair);

	why = with_an_untrusted_peer(&pair, "host.test", IGNORE_THESE, false);
	if (why != NULL)
		return why;
	REQUIRE(qnet_ssl_socket_is_encrypted(pair.client));
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 6);
	pair_close(&pair);

	why = with_an_untrusted_peer(&pair, "other.test", LEAVE, true);
	if (why != NULL)
		return why;
	REQUIRE(strstr(check_take(&events), "client:verify:22 client:errors:1:22 client:error:13") != NULL);
	/* Those of another connection are of no use. */
	qnet_ssl_socket_ignore_these_ssl_errors(pair.client, errors, 2);
	qnet_ssl_error_delete(errors[0]);
	qnet_ssl_error_delete(errors[1]);
	pair_close(&pair);

	why = pair_prepare_encrypted(&pair, false);
	if (why != NULL)
		return why;
	qnet_ssl_socket_set_peer_verify_mode(pair.client, QNET_VERIFY_NONE);
	connect_encrypted(&pair, "other.test");
	UNTIL(pair.loop, qnet_ssl_socket_is_encrypted(pair.client));
	REQUIRE_EQUAL(qnet_ssl_socket_ssl_handshake_errors(pair.client, NULL, 0), 1);
	pair_close(&pair);
	return NULL;
}

static const char *paused_on_errors(void)
{
	for (int ignore = 0; ignore < 2; ignore++) {
		struct pair pair;
		const char *why = pair_prepare_encrypted(&pair, false);

		if (why != NULL)
			return why;
		qnet_socket_set_pause_mode(pair.client, QNET_PAUSE_ON_SSL_ERRORS);
		connect_encrypted(&pair, "host.test");
		UNTIL(pair.loop, strstr(events.text, "errors") != NULL);
		check_settle(pair.loop);
		REQUIRE(!qnet_ssl_socket_is_encrypted(pair.client));
		REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
		if (ignore)
			qnet_ssl_socket_ignore_ssl_errors(pair.client);
		qnet_socket_resume(pair.client);
		REQUIRE(!qnet_ssl_socket_is_encrypted(pair.client));
		UNTIL(pair.loop, ignore ? qnet_ssl_socket_is_encrypted(pair.client) : qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
		pair_close(&pair);
	}
	return NULL;
}

static const char *interrupted_handshakes(void)
{
	for (int on = 0; on < 2; on++) {
		struct pair pair;
		const char *why = pair_prepare_encrypted(&pair, false);
		qnet_ssl_configuration *configuration;

		if (why != NULL)
			return why;
		configuration = qnet_ssl_socket_ssl_configuration(pair.client);
		qnet_ssl_configuration_set_handshake_must_interrupt_on_error(configuration, true);
		qnet_ssl_socket_set_ssl_configuration(pair.client, configuration);
		qnet_ssl_configuration_delete(configuration);
		goes_on = on;
		answer = IGNORE;
		connect_encrypted(&pair, "host.test");
		UNTIL(pair.loop, qnet_ssl_socket_is_encrypted(pair.client) || qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
		REQUIRE_EQUAL(qnet_ssl_socket_is_encrypted(pair.client), on);
		if (on) {
			REQUIRE(strstr(events.text, "client:interrupted:11 client:interrupted:12 client:errors:2:11 client:encrypted:1") != NULL);
		} else {
			REQUIRE(strstr(events.text, "client:interrupted:11") != NULL && strstr(events.text, "client:interrupted:12") == NULL);
			REQUIRE(strstr(events.text, "client:sent:1:42:bad certificate client:error:13") != NULL);
			/* The peer is told why. */
			UNTIL(pair.loop, strstr(events.text, "server:received:1:42:bad certificate") != NULL);
		}
		pair_close(&pair);
	}
	return NULL;
}

static const char *after_the_clear(void)
{
	struct pair pair;
	const char *why = pair_prepare_encrypted(&pair, true);
	char data[10];

	if (why != NULL)
		return why;
	pair.fd = -1;
	qnet_tcp_server_set_incoming_connection(pair.server, NULL, NULL);
	qnet_socket_connect_to_address(pair.client, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(pair.server), QNET_READ_WRITE);
	UNTIL(pair.loop, qnet_tcp_server_has_pending_connections(pair.server));
	{
		/* The descriptor of another socket becomes that of one that encrypts. */
		qnet_socket *plain = qnet_tcp_server_next_pending_connection(pair.server);
		int descriptor = dup((int)qnet_socket_socket_descriptor(plain));

		qnet_socket_delete(plain);
		accept_encrypted(pair.server, descriptor, &pair);
	}
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_CONNECTED_STATE);
	qnet_ssl_socket_set_peer_verify_name(pair.client, "host.test");
	qnet_ssl_socket_start_client_encryption(pair.client);
	REQUIRE_WARNINGS(0);
	qnet_ssl_socket_start_client_encryption(pair.client);
	REQUIRE_WARNINGS(1);
	qnet_socket_write(pair.client, "secret", 6);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 6);
	REQUIRE_EQUAL(qnet_socket_read(pair.peer, data, sizeof data), 6);
	qnet_socket_abort(pair.client);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_UNCONNECTED_STATE);
	pair_close(&pair);
	return NULL;
}

static void *run(void *loop)
{
	qnet_loop_exec(loop);
	return NULL;
}

static const char *waits(void)
{
	struct pair pair;
	pthread_t thread;
	bool encrypted;
	const char *why = pair_prepare_encrypted(&pair, true);

	if (why != NULL)
		return why;
	REQUIRE(!qnet_ssl_socket_wait_for_encrypted(pair.client, 0));
	connect_encrypted(&pair, "host.test");
	/* The server's end is driven by the same loop, so it only answers while that runs. */
	REQUIRE(qnet_socket_wait_for_connected(pair.client, 5000));
	REQUIRE(!qnet_ssl_socket_wait_for_encrypted(pair.client, 20));
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_SOCKET_TIMEOUT_ERROR);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(pthread_create(&thread, NULL, run, pair.loop), 0);
	encrypted = qnet_ssl_socket_wait_for_encrypted(pair.client, 20000);
	qnet_loop_quit(pair.loop);
	pthread_join(thread, NULL);
	REQUIRE(encrypted || qnet_ssl_socket_is_encrypted(pair.client));
	pair_close(&pair);
	return NULL;
}

static const char *what_is_chosen(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_ssl_socket_new(loop);
	qnet_ssl_certificate *chain[] = { host, authority }, *got[2] = { NULL, NULL };
	qnet_ssl_key *key;

	REQUIRE_EQUAL(qnet_ssl_socket_peer_verify_mode(socket), QNET_AUTO_VERIFY_PEER);
	qnet_ssl_socket_set_peer_verify_mode(socket, QNET_QUERY_PEER);
	REQUIRE_EQUAL(qnet_ssl_socket_peer_verify_mode(socket), QNET_QUERY_PEER);
	REQUIRE_EQUAL(qnet_ssl_socket_peer_verify_depth(socket), 0);
	qnet_ssl_socket_set_peer_verify_depth(socket, 3);
	REQUIRE_EQUAL(qnet_ssl_socket_peer_verify_depth(socket), 3);
	REQUIRE_WARNINGS(0);
	qnet_ssl_socket_set_peer_verify_depth(socket, -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_ssl_socket_peer_verify_depth(socket), 3);
	REQUIRE_EQUAL(qnet_ssl_socket_protocol(socket), QNET_SECURE_PROTOCOLS);
	qnet_ssl_socket_set_protocol(socket, QNET_TLS_V1_3);
	REQUIRE_EQUAL(qnet_ssl_socket_protocol(socket), QNET_TLS_V1_3);
	REQUIRE_TEXT(qnet_ssl_socket_peer_verify_name(socket), "");
	REQUIRE(qnet_ssl_socket_local_certificate(socket) == NULL && qnet_ssl_socket_private_key(socket) == NULL);
	qnet_ssl_socket_set_local_certificate_chain(socket, chain, 2);
	REQUIRE_EQUAL(qnet_ssl_socket_local_certificate_chain(socket, got, 2), 2);
	REQUIRE(qnet_ssl_certificate_is_equal(got[0], host) && qnet_ssl_certificate_is_equal(got[1], authority));
	qnet_ssl_certificate_delete(got[0]);
	qnet_ssl_certificate_delete(got[1]);
	qnet_ssl_socket_set_local_certificate(socket, authority);
	got[0] = qnet_ssl_socket_local_certificate(socket);
	REQUIRE(qnet_ssl_certificate_is_equal(got[0], authority));
	REQUIRE_EQUAL(qnet_ssl_socket_local_certificate_chain(socket, NULL, 0), 1);
	qnet_ssl_certificate_delete(got[0]);
	qnet_ssl_socket_set_private_key(socket, host_key);
	key = qnet_ssl_socket_private_key(socket);
	REQUIRE(qnet_ssl_key_is_equal(key, host_key));
	qnet_ssl_key_delete(key);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *other_kinds(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);

	qnet_ssl_socket_start_client_encryption(socket);
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(!qnet_ssl_socket_is_encrypted(socket));
	REQUIRE(qnet_ssl_socket_ssl_configuration(socket) == NULL);
	REQUIRE(qnet_ssl_socket_peer_verify_name(socket) == NULL);
	REQUIRE_EQUAL(qnet_ssl_socket_encrypted_bytes_to_write(socket), -1);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "both_ways", both_ways },
		{ "order_of_signals", order_of_signals },
		{ "errors_of_the_peer", errors_of_the_peer },
		{ "paused_on_errors", paused_on_errors },
		{ "interrupted_handshakes", interrupted_handshakes },
		{ "after_the_clear", after_the_clear },
		{ "waits", waits },
		{ "what_is_chosen", what_is_chosen },
		{ "other_kinds", other_kinds },
	};

	return ssl_main(cases, LENGTH(cases), argc, argv);
}
