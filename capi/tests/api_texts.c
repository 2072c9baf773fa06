/*
 * The C API in ordinary use: texts for people, what is written as text, what is kept for the program.
 */
#include "pair.h"

/* Names ---------------------------------------------------------------------- */

static const char *names(void)
{
	REQUIRE_TEXT(qnet_error_name(QNET_CONNECTION_REFUSED_ERROR), "QNET_CONNECTION_REFUSED_ERROR");
	REQUIRE_TEXT(qnet_error_name(QNET_UNKNOWN_SOCKET_ERROR), "QNET_UNKNOWN_SOCKET_ERROR");
	REQUIRE_TEXT(qnet_error_name((qnet_error)999), "unknown");
	REQUIRE_TEXT(qnet_state_name(QNET_CLOSING_STATE), "QNET_CLOSING_STATE");
	REQUIRE_TEXT(qnet_option_name(QNET_LOW_DELAY_OPTION), "QNET_LOW_DELAY_OPTION");
	REQUIRE_TEXT(qnet_socket_kind_name(QNET_UDP_SOCKET), "QNET_UDP_SOCKET");
	REQUIRE_TEXT(qnet_open_mode_name(QNET_READ_WRITE), "QNET_READ_WRITE");
	REQUIRE_TEXT(qnet_open_mode_name((qnet_open_mode)-1), "unknown");
	REQUIRE_TEXT(qnet_network_layer_protocol_name(QNET_IPV6_PROTOCOL), "QNET_IPV6_PROTOCOL");
	REQUIRE_TEXT(qnet_host_info_error_code_name(QNET_HOST_INFO_HOST_NOT_FOUND), "QNET_HOST_INFO_HOST_NOT_FOUND");
	REQUIRE_TEXT(qnet_network_proxy_type_name(QNET_SOCKS5_PROXY), "QNET_SOCKS5_PROXY");
	REQUIRE_TEXT(qnet_notifier_kind_name(QNET_NOTIFIER_EXCEPTION), "QNET_NOTIFIER_EXCEPTION");
	REQUIRE_TEXT(qnet_ssl_protocol_name(QNET_TLS_V1_3), "QNET_TLS_V1_3");
	REQUIRE_TEXT(qnet_ssl_mode_name(QNET_SSL_CLIENT_MODE), "QNET_SSL_CLIENT_MODE");
	REQUIRE_TEXT(qnet_alert_type_name((qnet_alert_type)0), "QNET_ALERT_CLOSE_NOTIFY");
	REQUIRE_TEXT(qnet_ssl_error_code_name(QNET_SSL_HOST_NAME_MISMATCH), "QNET_SSL_HOST_NAME_MISMATCH");
	REQUIRE_TEXT(qnet_msg_type_name(QNET_WARNING_MSG), "QNET_WARNING_MSG");
	return NULL;
}

/* Hosts and ports -------------------------------------------------------------- */

static const char *hosts_and_ports(void)
{
	static const struct {
		const char *text, *host;
		int port; /* -1: host is what is wrong */
	} rows[] = {
		{ "example.org:443", "example.org", 443 },
		{ "[::1]:80", "::1", 80 },
		{ "[fe80::1%lo]:0", "fe80::1%lo", 0 },
		{ "*:65535", "*", 65535 },
		{ "::1:80", "an IPv6 address needs brackets before the port: [::1]:80", -1 },
		{ "host", "there is no port: write host:port, or [address]:port for IPv6", -1 },
		{ "host:65536", "the port is not a number from 0 to 65535", -1 },
		{ ":80", "there is no host before the port", -1 },
		{ "[host]:80", "what is in brackets is no IPv6 address", -1 },
		{ "[::1]80", "a bracket is missing, or something stands between it and the port", -1 },
		{ "a b:80", "the host has a character that no host has", -1 },
		{ NULL, "the text is NULL, or there is no room for the port", -1 },
	};
	char host[100], few[6];
	uint16_t port;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		port = 4711;
		REQUIRE_EQUAL(qnet_host_port_parse(rows[i].text, host, sizeof host, &port), rows[i].port >= 0);
		REQUIRE_TEXT(host, rows[i].host);
		REQUIRE_EQUAL(port, rows[i].port >= 0 ? rows[i].port : 4711);
	}
	REQUIRE(qnet_host_port_parse("hosts:1", few, sizeof few, &port));
	REQUIRE(!qnet_host_port_parse("hosts1:1", few, sizeof few, &port));
	REQUIRE_TEXT(few, "there");
	REQUIRE(!qnet_host_port_parse("host:1", NULL, 9, &port) && !qnet_host_port_parse("host:1", host, 0, &port));
	REQUIRE(!qnet_host_port_parse("host:1", host, sizeof host, NULL));
	REQUIRE_EQUAL(qnet_host_port_join("host", 80, host, sizeof host), 7);
	REQUIRE_TEXT(host, "host:80");
	REQUIRE_EQUAL(qnet_host_port_join("::1", 80, host, sizeof host), 8);
	REQUIRE_TEXT(host, "[::1]:80");
	REQUIRE_EQUAL(qnet_host_port_join("host", 80, few, sizeof few), 7);
	REQUIRE_TEXT(few, "host:");
	REQUIRE_EQUAL(qnet_host_port_join("host", 80, NULL, 0), 7);
	REQUIRE_EQUAL(qnet_host_port_join("host", 80, NULL, 1), -1);
	REQUIRE_EQUAL(qnet_host_port_join(NULL, 80, host, sizeof host), -1);
	return NULL;
}

static const char *ends_as_texts(void)
{
	struct pair pair;
	char client[80], host[80];
	uint16_t port;

	REQUIRE_OK(pair_open(&pair));
	snprintf(client, sizeof client, "%s", qnet_socket_local_text(pair.client));
	REQUIRE_TEXT(qnet_socket_peer_text(pair.peer), client);
	REQUIRE(qnet_host_port_parse(qnet_socket_peer_text(pair.client), host, sizeof host, &port));
	REQUIRE_TEXT(host, "127.0.0.1");
	REQUIRE_EQUAL(port, qnet_tcp_server_server_port(pair.server));
	qnet_socket_abort(pair.client);
	REQUIRE_TEXT(qnet_socket_peer_text(pair.client), "");
	REQUIRE_TEXT(qnet_socket_local_text(pair.client), "");
	pair_close(&pair);
	return NULL;
}

/* Written as text -------------------------------------------------------------- */

static const char *strings_and_formats(void)
{
	struct pair pair;
	char text[3000], want[3000], large[2001];

	REQUIRE_OK(pair_open(&pair));
	memset(large, 'x', 2000);
	large[2000] = '\0';
	REQUIRE_EQUAL(qnet_socket_write_string(pair.client, "text "), 5);
	REQUIRE_EQUAL(qnet_socket_write_string(pair.client, ""), 0);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%d %s%c", 42, "and", '\n'), 7);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%s|%s", "", large), 2001);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%.511s", large), 511);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%.*s", 0, large), 0);
	snprintf(want, sizeof want, "text 42 and\n|%s%.511s", large, large);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == (int64_t)strlen(want));
	text[qnet_socket_read(pair.peer, text, sizeof text - 1)] = '\0';
	REQUIRE_TEXT(text, want);

	REQUIRE_EQUAL(qnet_socket_write_string(pair.client, NULL), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_TEXT(qnet_socket_error_string(pair.client), "The text is NULL");
	/* As with a write, what does not fit is cut. */
	qnet_socket_set_write_buffer_limit(pair.client, 4, 1);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%s", "abcdef"), 4);
	qnet_socket_close(pair.client);
	REQUIRE_EQUAL(qnet_socket_print(pair.client, "%d", 1), -1);
	REQUIRE_WARNINGS(1);
	pair_close(&pair);
	return NULL;
}

/* Kept for the program ---------------------------------------------------------- */

static void ask(qnet_socket *socket, void *found)
{
	*(void **)found = qnet_socket_user_data(socket);
}

static const char *user_data(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop), *other = qnet_tcp_socket_new(loop);
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_local_server *local = qnet_local_server_new(loop);
	qnet_timer *timer = qnet_timer_new(loop);
	qnet_notifier *notifier = qnet_notifier_new_without_socket(loop, QNET_NOTIFIER_READ);
	int things[5];
	void *found = NULL;

	REQUIRE(qnet_socket_user_data(socket) == NULL && qnet_timer_user_data(timer) == NULL);
	qnet_socket_set_user_data(socket, &things[0]);
	qnet_tcp_server_set_user_data(server, &things[1]);
	qnet_local_server_set_user_data(local, &things[2]);
	qnet_timer_set_user_data(timer, &things[3]);
	qnet_notifier_set_user_data(notifier, &things[4]);
	REQUIRE(qnet_socket_user_data(socket) == &things[0] && qnet_socket_user_data(other) == NULL);
	REQUIRE(qnet_tcp_server_user_data(server) == &things[1]);
	REQUIRE(qnet_local_server_user_data(local) == &things[2]);
	REQUIRE(qnet_timer_user_data(timer) == &things[3]);
	REQUIRE(qnet_notifier_user_data(notifier) == &things[4]);
	qnet_socket_set_user_data(socket, &things[1]);
	REQUIRE(qnet_socket_user_data(socket) == &things[1]);
	qnet_timer_set_user_data(timer, NULL);
	REQUIRE(qnet_timer_user_data(timer) == NULL);
	qnet_socket_on_destroyed(socket, ask, &found);
	qnet_socket_delete(socket);
	REQUIRE_WARNINGS(found == &things[1] ? 0 : 1);
	REQUIRE(found == &things[1]);
	REQUIRE(qnet_socket_user_data(socket) == NULL);
	REQUIRE_WARNINGS(1);
	qnet_socket_delete(other);
	qnet_tcp_server_delete(server);
	qnet_local_server_delete(local);
	qnet_timer_delete(timer);
	qnet_notifier_delete(notifier);
	qnet_loop_delete(loop);
	return NULL;
}

/* Times ------------------------------------------------------------------------- */

static const char *timer_getters(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int first;

	REQUIRE_EQUAL(qnet_timer_interval(timer), 0);
	REQUIRE(!qnet_timer_is_single_shot(timer));
	REQUIRE_EQUAL(qnet_timer_remaining_time(timer), -1);
	REQUIRE_EQUAL(qnet_timer_timer_id(timer), -1);
	qnet_timer_set_single_shot(timer, true);
	qnet_timer_start(timer, 100000);
	REQUIRE_EQUAL(qnet_timer_interval(timer), 100000);
	REQUIRE(qnet_timer_is_single_shot(timer));
	REQUIRE(qnet_timer_remaining_time(timer) > 50000 && qnet_timer_remaining_time(timer) <= 100000);
	first = qnet_timer_timer_id(timer);
	REQUIRE(first > 0);
	qnet_timer_start(timer, -1);
	REQUIRE(qnet_timer_timer_id(timer) > 0 && qnet_timer_timer_id(timer) != first);
	qnet_timer_stop(timer);
	REQUIRE_EQUAL(qnet_timer_remaining_time(timer), -1);
	REQUIRE_EQUAL(qnet_timer_timer_id(timer), -1);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

/* Returns a descriptor that listens, and where. */
static int socket_of(struct sockaddr_in *address, socklen_t *size)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)address, *size) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)address, size) != 0)
		return -1;
	return fd;
}

/* A proxy that accepts and says nothing. */
static const char *connect_timeout(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int mute = socket_of(&address, &size);
	qnet_network_proxy proxy = { .type = QNET_SOCKS5_PROXY, .host_name = "127.0.0.1", .port = ntohs(address.sin_port) };
	int64_t start = check_now();

	REQUIRE(mute >= 0);
	qnet_socket_set_proxy(socket, &proxy);
	REQUIRE_EQUAL(qnet_socket_connect_timeout(socket), 0);
	qnet_socket_set_connect_timeout(socket, -1);
	REQUIRE_WARNINGS(1);
	qnet_socket_set_connect_timeout(socket, 40);
	REQUIRE_EQUAL(qnet_socket_connect_timeout(socket), 40);
	qnet_socket_connect_to_host(socket, "target.test", 80, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	UNTIL(loop, qnet_socket_error(socket) == QNET_SOCKET_TIMEOUT_ERROR);
	REQUIRE(check_now() - start >= 40);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "No connection was made within 40 ms");
	REQUIRE_EQUAL(qnet_socket_state(socket), QNET_UNCONNECTED_STATE);
	qnet_socket_connect_to_host(socket, "target.test", 80, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	REQUIRE(!qnet_socket_wait_for_connected(socket, -1)); /* without a loop */
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_SOCKET_TIMEOUT_ERROR);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	close(mute);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "names", names },
		{ "hosts_and_ports", hosts_and_ports },
		{ "ends_as_texts", ends_as_texts },
		{ "strings_and_formats", strings_and_formats },
		{ "user_data", user_data },
		{ "timer_getters", timer_getters },
		{ "connect_timeout", connect_timeout },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
