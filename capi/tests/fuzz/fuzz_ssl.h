/*
 * Steps of the fuzzer's own on connections that are encrypted: generated calls alone
 * rarely come as far as a handshake. Included by fuzz_api.c.
 */

/* Returns a configuration with which a handshake mostly succeeds, of which something may be different. */
static qnet_ssl_configuration *make_configuration(struct input *in)
{
	static const char *const pairs[][2] = { { "host.pem", "host.key" }, { "rsa.pem", "rsa.key" }, { "host.pem", "rsa.key" } };
	static const qnet_ssl_protocol protocols[] = { QNET_SECURE_PROTOCOLS, QNET_TLS_V1_2, QNET_TLS_V1_3, QNET_TLS_V1_0_OR_LATER };
	qnet_ssl_configuration *configuration = qnet_ssl_configuration_default_configuration();
	qnet_ssl_certificate *authority = ssl_certificate("authority.pem"), *certificate = NULL;
	qnet_ssl_key *key = NULL;
	uint8_t b = pick_byte(in), c = pick_byte(in);
	const char *const *pair = pairs[b >= 0xf0 ? 2 : b & 1];

	certificate = ssl_certificate(pair[0]);
	key = ssl_key(pair[1]);
	qnet_ssl_configuration_set_local_certificate(configuration, certificate);
	qnet_ssl_configuration_set_private_key(configuration, key);
	if ((b & 6) != 6)
		qnet_ssl_configuration_set_ca_certificates(configuration, &authority, 1);
	qnet_ssl_configuration_set_protocol(configuration, protocols[b >> 3 & 3]);
	qnet_ssl_configuration_set_peer_verify_mode(configuration, c & 3);
	qnet_ssl_configuration_set_handshake_must_interrupt_on_error(configuration, (c & 12) == 12);
	qnet_ssl_configuration_set_missing_certificate_is_fatal(configuration, (c & 16) != 0);
	qnet_ssl_configuration_set_ssl_option(configuration, QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE, (c & 32) == 0);
	if (c & 64)
		qnet_ssl_configuration_set_allowed_next_protocols(configuration, "\2h2\10http/1.1", 12);
	qnet_ssl_certificate_delete(authority);
	qnet_ssl_certificate_delete(certificate);
	qnet_ssl_key_delete(key);
	return configuration;
}

/* One script for what is told of handshakes. */
static void listen_to_handshake(struct input *in, qnet_socket *socket)
{
	uint8_t which = pick_byte(in);
	void *script = pick_script(in, socket);

	if (which & 1)
		remember(qnet_ssl_socket_on_encrypted(socket, fire_qnet_socket_callback, script));
	if (which & 2)
		remember(qnet_ssl_socket_on_ssl_errors(socket, fire_qnet_ssl_socket_errors_callback, script));
	if (which & 4)
		remember(qnet_ssl_socket_on_peer_verify_error(socket, fire_qnet_ssl_socket_error_callback, script));
	if (which & 8)
		remember(qnet_ssl_socket_on_handshake_interrupted_on_error(socket, fire_qnet_ssl_socket_error_callback, script));
	if (which & 16)
		remember(qnet_ssl_socket_on_mode_changed(socket, fire_qnet_ssl_socket_mode_callback, script));
	if (which & 32)
		remember(qnet_ssl_socket_on_encrypted_bytes_written(socket, fire_qnet_socket_bytes_callback, script));
	if (which & 64)
		remember(qnet_ssl_socket_on_alert_received(socket, fire_qnet_ssl_socket_alert_callback, script));
	if (which & 128)
		remember(qnet_ssl_socket_on_new_session_ticket_received(socket, fire_qnet_socket_callback, script));
}

static qnet_socket *make_ssl_socket(struct input *in, qnet_ssl_configuration *configuration)
{
	qnet_socket *socket = qnet_ssl_socket_new(pick_loop(in));

	keep(KIND_SOCKET, socket);
	qnet_ssl_socket_set_ssl_configuration(socket, configuration);
	return socket;
}

/* Turns the loops for as long as it takes that a handshake is mostly over. */
static void let_shake(struct input *in, qnet_socket *socket)
{
	qnet_loop *loop = pick_loop(in);

	for (int turns = 0; turns < 20 && !qnet_ssl_socket_is_encrypted(socket); turns++)
		qnet_loop_process_events(loop, 1);
}

/* A server that encrypts, and a client of it. */
static void ssl_pair(struct input *in)
{
	qnet_ssl_configuration *configuration = make_configuration(in);
	qnet_tcp_server *server = qnet_ssl_server_new(pick_loop(in));
	qnet_socket *client = make_ssl_socket(in, configuration), *other;

	keep(KIND_TCP_SERVER, server);
	qnet_ssl_server_set_ssl_configuration(server, configuration);
	qnet_ssl_configuration_delete(configuration);
	if (qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0))
		remember_port(qnet_tcp_server_server_port(server));
	listen_to_handshake(in, client);
	qnet_ssl_socket_connect_to_host_encrypted(client, "127.0.0.1", qnet_tcp_server_server_port(server), "host.test", QNET_READ_WRITE,
						  QNET_ANY_IP_PROTOCOL);
	let_shake(in, client);
	other = qnet_tcp_server_next_pending_connection(server);
	if (other != NULL)
		listen_to_both(in, client, other);
}

/* Both ends of a connection of the system's. */
static bool tcp_ends(int ends[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ends[1] = -1;
	if (listener >= 0 && ends[0] >= 0 && bind(listener, (struct sockaddr *)&at, size) == 0 && listen(listener, 1) == 0 &&
	    getsockname(listener, (struct sockaddr *)&at, &size) == 0 && connect(ends[0], (struct sockaddr *)&at, size) == 0)
		ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	if (ends[1] < 0)
		close(ends[0]);
	return ends[1] >= 0;
}

static void adopt(qnet_socket *socket, int fd)
{
	if (!qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close(fd);
}

/* Two ends that encrypt once they have spoken in the clear. */
static void ssl_later(struct input *in)
{
	qnet_ssl_configuration *configuration = make_configuration(in);
	qnet_socket *client = make_ssl_socket(in, configuration), *server = make_ssl_socket(in, configuration);
	uint8_t how = pick_byte(in);
	int ends[2];

	qnet_ssl_configuration_delete(configuration);
	if (!tcp_ends(ends))
		return;
	adopt(client, ends[0]);
	adopt(server, ends[1]);
	if (how & 1)
		qnet_socket_write(client, "STARTTLS\r\n", 10);
	if (how & 2)
		qnet_socket_write(server, "220 ready\r\n", 11);
	listen_to_handshake(in, how & 4 ? client : server);
	if (how & 8)
		qnet_ssl_socket_start_client_encryption(client);
	qnet_ssl_socket_start_server_encryption(server);
	if (!(how & 8))
		qnet_ssl_socket_start_client_encryption(client);
	let_shake(in, client);
	listen_to_both(in, client, server);
}

/* A client and a server that do not hear each other but through ssl_relay(). */
static void ssl_apart(struct input *in)
{
	qnet_ssl_configuration *configuration = make_configuration(in);
	qnet_socket *one = make_ssl_socket(in, configuration), *other = make_ssl_socket(in, configuration);
	uint8_t which = pick_byte(in);
	int ends[2];

	qnet_ssl_configuration_delete(configuration);
	listen_to_handshake(in, which & 1 ? one : other);
	if (!tcp_ends(ends))
		return;
	adopt(one, ends[0]);
	put_raw(which, ends[1]);
	qnet_ssl_socket_start_client_encryption(one);
	if (!tcp_ends(ends))
		return;
	adopt(other, ends[0]);
	put_raw(which + 1, ends[1]);
	qnet_ssl_socket_start_server_encryption(other);
}

/* Has what one raw end hears said by another, with an octet changed, cut or twice if that is picked. */
static void ssl_relay(struct input *in)
{
	unsigned which = pick_byte(in), back = pick_bool(in);
	uint8_t what = pick_byte(in);
	size_t at = (size_t)pick_byte(in) * 3;
	int from = take_raw(which + back), to = take_raw(which + 1 - back);
	char data[40000];
	ssize_t size = from < 0 ? 0 : recv(from, data, sizeof data, MSG_DONTWAIT);

	if (size > 0 && to >= 0) {
		if (what >= 0xf0)
			data[at % (size_t)size] ^= (char)(1 << what % 8);
		else if (what >= 0xe0)
			size = (ssize_t)(at % (size_t)size) + 1;
		for (int times = what >= 0xd8 && what < 0xe0 ? 2 : 1; times > 0; times--)
			send(to, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	if (from >= 0)
		put_raw(which + back, from);
	if (to >= 0)
		put_raw(which + 1 - back, to);
}

/* Gives a live socket or server another configuration, or encrypts what is in the clear. */
static void ssl_configure(struct input *in)
{
	qnet_ssl_configuration *configuration = make_configuration(in);
	uint8_t what = pick_byte(in);

	if (what & 1)
		qnet_ssl_server_set_ssl_configuration(pick_live(in, KIND_TCP_SERVER), configuration);
	else
		qnet_ssl_socket_set_ssl_configuration(pick_live(in, KIND_SOCKET), configuration);
	qnet_ssl_configuration_delete(configuration);
	if ((what & 6) == 6)
		qnet_ssl_socket_start_client_encryption(pick_live(in, KIND_SOCKET));
}

/* A connection to some port that resumes the session of a live socket, if that has one. */
static void ssl_resume(struct input *in)
{
	qnet_ssl_configuration *configuration = qnet_ssl_socket_ssl_configuration(pick_live(in, KIND_SOCKET));
	qnet_socket *socket;

	if (configuration == NULL)
		return;
	socket = make_ssl_socket(in, configuration);
	qnet_ssl_configuration_delete(configuration);
	listen_to_handshake(in, socket);
	qnet_ssl_socket_connect_to_host_encrypted(socket, "127.0.0.1", pick_port(in), "host.test", QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	let_shake(in, socket);
}

/* Decides on what is wrong with a peer. */
static void ssl_decide(struct input *in)
{
	qnet_socket *socket = pick_live(in, KIND_SOCKET);
	uint8_t how = pick_byte(in);

	if (how & 1)
		qnet_ssl_socket_ignore_ssl_errors(socket);
	if (how & 2)
		qnet_ssl_socket_continue_interrupted_handshake(socket);
	if ((how & 12) == 12)
		qnet_socket_disconnect_from_host(socket);
	if (how & 16)
		qnet_socket_resume(socket);
}
