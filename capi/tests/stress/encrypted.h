/*
 * Sockets that encrypt, or are able to. Some are connected to peers that know nothing of it.
 */
#ifndef QNET_TESTS_STRESS_ENCRYPTED_H
#define QNET_TESTS_STRESS_ENCRYPTED_H

#include "../ssl_files.h"
#include "proxies.h"

/* Whether servers encrypt, and most clients: in a program of its own, which leaves them more time. */
#ifndef ENCRYPTING
#define ENCRYPTING 0
#endif

/* What handshakes use, made once: any thread may have them. */
static qnet_ssl_configuration *configurations[6];

static void make_configurations(void)
{
	qnet_ssl_certificate *host = ssl_certificate("host.pem"), *authority = ssl_certificate("authority.pem");
	qnet_ssl_key *key = ssl_key("host.key");

	for (size_t i = 0; i < LENGTH(configurations); i++) {
		qnet_ssl_configuration *c = configurations[i] = qnet_ssl_configuration_new();

		qnet_ssl_configuration_set_ca_certificates(c, &authority, i % 2);
		qnet_ssl_configuration_set_local_certificate(c, host);
		qnet_ssl_configuration_set_private_key(c, key);
		qnet_ssl_configuration_set_protocol(c, i == 1 ? QNET_TLS_V1_2 : QNET_SECURE_PROTOCOLS);
		qnet_ssl_configuration_set_peer_verify_mode(c, i == 2 ? QNET_VERIFY_PEER : QNET_AUTO_VERIFY_PEER);
		qnet_ssl_configuration_set_handshake_must_interrupt_on_error(c, i == 4);
		qnet_ssl_configuration_set_ssl_option(c, QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE, i != 3);
	}
	qnet_ssl_certificate_delete(host);
	qnet_ssl_certificate_delete(authority);
	qnet_ssl_key_delete(key);
}

static void delete_configurations(void)
{
	for (size_t i = 0; i < LENGTH(configurations); i++)
		qnet_ssl_configuration_delete(configurations[i]);
}

static void on_socket(enum kind kind, qnet_socket *socket, void *data);

static void on_encrypted(qnet_socket *socket, void *data)
{
	on_socket(ENCRYPTED, socket, data);
}

static void on_mode_changed(qnet_socket *socket, qnet_ssl_mode mode, void *data)
{
	(void)mode;
	on_socket(MODE_CHANGED, socket, data);
}

static void on_verify_error(qnet_socket *socket, qnet_ssl_error *error, void *data)
{
	qnet_ssl_error_error_string(error);
	on_socket(VERIFY_ERROR, socket, data);
}

static void on_ssl_errors(qnet_socket *socket, qnet_ssl_error *const *errors, int count, void *data)
{
	if (per_mille(400))
		qnet_ssl_socket_ignore_ssl_errors(socket);
	else if (per_mille(400))
		qnet_ssl_socket_ignore_these_ssl_errors(socket, errors, count);
	on_socket(SSL_ERRORS, socket, data);
}

static void on_interrupted(qnet_socket *socket, qnet_ssl_error *error, void *data)
{
	(void)error;
	if (per_mille(700))
		qnet_ssl_socket_continue_interrupted_handshake(socket);
	on_socket(INTERRUPTED, socket, data);
}

static void on_encrypted_bytes(qnet_socket *socket, int64_t bytes, void *data)
{
	(void)bytes;
	on_socket(ENCRYPTED_BYTES, socket, data);
}

static void on_alert(qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *data)
{
	(void)level;
	(void)type;
	if (strlen(description) == 0)
		wrong(RIGHT_HANDLE, "an alert without a text");
	on_socket(ALERT, socket, data);
}

static void on_ticket(qnet_socket *socket, void *data)
{
	on_socket(TICKET, socket, data);
}

static void connect_encrypted_signals(qnet_socket *socket, struct thing *thing)
{
	qnet_connection made[] = {
		qnet_ssl_socket_on_encrypted(socket, on_encrypted, thing),
		qnet_ssl_socket_on_mode_changed(socket, on_mode_changed, thing),
		qnet_ssl_socket_on_peer_verify_error(socket, on_verify_error, thing),
		qnet_ssl_socket_on_ssl_errors(socket, on_ssl_errors, thing),
		qnet_ssl_socket_on_handshake_interrupted_on_error(socket, on_interrupted, thing),
		qnet_ssl_socket_on_encrypted_bytes_written(socket, on_encrypted_bytes, thing),
		qnet_ssl_socket_on_alert_sent(socket, on_alert, thing),
		qnet_ssl_socket_on_alert_received(socket, on_alert, thing),
		qnet_ssl_socket_on_new_session_ticket_received(socket, on_ticket, thing),
	};

	if (per_mille(100))
		remember(made[rnd(LENGTH(made))]);
}

static qnet_socket *new_encrypting(qnet_loop *loop)
{
	qnet_socket *socket = qnet_ssl_socket_new(loop);

	qnet_ssl_socket_set_ssl_configuration(socket, configurations[rnd(LENGTH(configurations))]);
	if (per_mille(200))
		qnet_socket_set_pause_mode(socket, QNET_PAUSE_ON_SSL_ERRORS);
	return socket;
}

static void connect_encrypted(qnet_socket *socket, int mode)
{
	qnet_ssl_socket_connect_to_host_encrypted(socket, home, any_port(), per_mille(800) ? "host.test" : "other.test", mode,
						  QNET_ANY_IP_PROTOCOL);
}

/* Another kind of socket refuses each of these. */
static void use_encryption(qnet_socket *socket)
{
	qnet_ssl_configuration *configuration;
	qnet_ssl_certificate *certificate;
	qnet_ssl_error *errors[4];
	int count;

	switch (rnd(8)) {
	case 0:
		qnet_ssl_socket_start_client_encryption(socket);
		break;
	case 1:
		qnet_ssl_socket_start_server_encryption(socket);
		break;
	case 2:
		configuration = qnet_ssl_socket_ssl_configuration(socket);
		if (configuration != NULL)
			qnet_ssl_configuration_delete(configuration);
		break;
	case 3:
		certificate = qnet_ssl_socket_peer_certificate(socket);
		qnet_ssl_certificate_delete(certificate);
		break;
	case 4:
		count = qnet_ssl_socket_ssl_handshake_errors(socket, errors, LENGTH(errors));
		while (count > 0)
			if (--count < (int)LENGTH(errors))
				qnet_ssl_error_delete(errors[count]);
		break;
	case 5:
		qnet_ssl_socket_set_ssl_configuration(socket, configurations[rnd(LENGTH(configurations))]);
		break;
	case 6:
		qnet_ssl_socket_continue_interrupted_handshake(socket);
		qnet_ssl_socket_ignore_ssl_errors(socket);
		break;
	default:
		qnet_ssl_socket_is_encrypted(socket);
		qnet_ssl_socket_session_cipher(socket);
		qnet_ssl_socket_peer_verify_name(socket);
		qnet_ssl_socket_encrypted_bytes_available(socket);
		qnet_ssl_socket_encrypted_bytes_to_write(socket);
		break;
	}
}

#endif
