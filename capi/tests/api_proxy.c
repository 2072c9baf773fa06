/*
 * Proxies: what they are, which one is used, and connections through them.
 */
#include "pair.h"

#include <pthread.h>

#define HAS(text, part) (strstr(text, part) != NULL)

static struct check_log events;

/* A proxy that follows a script, on a thread of its own. */

/* One thing that a proxy does: it reads so many bytes, 0: up to an empty line, and then
 * says something. */
struct step {
	size_t reads, says;
	const char *text;
};

#define SAYS(reads, text) { reads, sizeof(text) - 1, text }
#define END { 0, 0, NULL }

struct proxy {
	const struct step *steps;
	int listener;
	uint16_t port;
	pthread_t thread;
	char got[1000]; /* in all */
	size_t size;
};

static bool is_read(const struct proxy *proxy, size_t from, size_t size)
{
	if (size != 0)
		return proxy->size - from >= size;
	return proxy->size - from >= 4 && memcmp(proxy->got + proxy->size - 4, "\r\n\r\n", 4) == 0;
}

static void *follow(void *user_data)
{
	struct proxy *proxy = user_data;
	int fd = accept(proxy->listener, NULL, NULL);

	for (const struct step *step = proxy->steps; step->text != NULL; step++) {
		size_t from = proxy->size;

		while (!is_read(proxy, from, step->reads) && recv(fd, proxy->got + proxy->size, 1, 0) == 1)
			proxy->size++;
		if (send(fd, step->text, step->says, MSG_NOSIGNAL) != (ssize_t)step->says)
			break;
	}
	/* What comes after it is told back. */
	for (char c; recv(fd, &c, 1, 0) == 1;)
		if (send(fd, &c, 1, MSG_NOSIGNAL) != 1)
			break;
	close(fd);
	return NULL;
}

static const char *proxy_begin(struct proxy *proxy, const struct step *steps)
{
	*proxy = (struct proxy){ .steps = steps };
	proxy->listener = raw_bind(&proxy->port);
	REQUIRE(proxy->listener >= 0 && listen(proxy->listener, 1) == 0);
	REQUIRE(pthread_create(&proxy->thread, NULL, follow, proxy) == 0);
	return NULL;
}

static void proxy_end(struct proxy *proxy)
{
	pthread_join(proxy->thread, NULL);
	close(proxy->listener);
}

static qnet_network_proxy proxy_of(const struct proxy *proxy, qnet_network_proxy_type type)
{
	return (qnet_network_proxy){ .type = type, .host_name = "127.0.0.1", .port = proxy->port };
}

/* Connects a socket to a host that only a proxy knows, and returns whether it could. */
static bool connects(qnet_socket *socket)
{
	qnet_socket_connect_to_host(socket, "target.test", 7, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	return qnet_socket_wait_for_connected(socket, 10000);
}

static void fill(qnet_socket *socket, const qnet_network_proxy *proxy, qnet_authenticator *authenticator, void *user_data)
{
	const char *user = user_data, *option = qnet_authenticator_option(authenticator, "realm");

	(void)socket;
	check_note(&events, "asked by %s", proxy->host_name);
	check_note(&events, "null %d", qnet_authenticator_is_null(authenticator));
	check_note(&events, "option %s", option == NULL ? "none" : option);
	check_note(&events, "realm %s", qnet_authenticator_realm(authenticator));
	check_note(&events, "before %s", qnet_authenticator_user(authenticator));
	if (user == NULL)
		return;
	qnet_authenticator_set_user(authenticator, user);
	qnet_authenticator_set_password(authenticator, "secret");
	qnet_authenticator_set_option(authenticator, "x", "y");
	check_note(&events, "now %s", qnet_authenticator_password(authenticator));
	check_note(&events, "option %s", qnet_authenticator_option(authenticator, "x"));
}

/* Cases */

static const char *values(void)
{
	char text[] = "a.test";
	qnet_network_proxy proxy = { .type = QNET_HTTP_PROXY, .host_name = text, .port = 3128, .user = "u" }, copy = { 0 };

	qnet_network_proxy_copy(&copy, &proxy);
	text[0] = 'b';
	REQUIRE_EQUAL(copy.type, QNET_HTTP_PROXY);
	REQUIRE_TEXT(copy.host_name, "a.test");
	REQUIRE_EQUAL(copy.port, 3128);
	REQUIRE_TEXT(copy.user, "u");
	REQUIRE_TEXT(copy.password, "");
	REQUIRE_EQUAL(copy.capabilities, QNET_TUNNELING_CAPABILITY | QNET_CACHING_CAPABILITY | QNET_HOST_NAME_LOOKUP_CAPABILITY);
	/* Onto itself, and twice. */
	qnet_network_proxy_copy(&copy, &copy);
	REQUIRE_TEXT(copy.host_name, "a.test");
	qnet_network_proxy_copy(&copy, NULL);
	REQUIRE_EQUAL(copy.type, QNET_DEFAULT_PROXY);
	REQUIRE_TEXT(copy.host_name, "");
	qnet_network_proxy_clear(&copy);
	REQUIRE(copy.host_name == NULL && copy.storage == NULL);
	qnet_network_proxy_clear(&copy);
	/* One that can do nothing. */
	proxy.capabilities = QNET_NO_CAPABILITY;
	qnet_network_proxy_copy(&copy, &proxy);
	REQUIRE_EQUAL(copy.capabilities, QNET_NO_CAPABILITY);
	/* What it can do is its type's again. */
	qnet_network_proxy_copy(&copy, &copy);
	copy.type = QNET_SOCKS5_PROXY;
	copy.capabilities = 0;
	qnet_network_proxy_copy(&copy, &copy);
	REQUIRE_EQUAL(copy.capabilities, QNET_TUNNELING_CAPABILITY | QNET_LISTENING_CAPABILITY | QNET_UDP_TUNNELING_CAPABILITY |
	                                     QNET_HOST_NAME_LOOKUP_CAPABILITY);
	/* One that is none. */
	proxy.capabilities = 0;
	proxy.type = (qnet_network_proxy_type)256;
	qnet_network_proxy_copy(&copy, &proxy);
	REQUIRE_EQUAL(copy.type, 256);
	REQUIRE_EQUAL(copy.capabilities, QNET_NO_CAPABILITY);
	qnet_network_proxy_clear(&copy);
	return NULL;
}

static const char *headers(void)
{
	qnet_network_proxy proxy = { .type = QNET_HTTP_PROXY, .host_name = "h" }, copy = { 0 }, alias;

	REQUIRE(!qnet_network_proxy_has_raw_header(&proxy, "X-One"));
	REQUIRE(qnet_network_proxy_raw_header_name(&proxy, 0) == NULL);
	REQUIRE_TEXT(qnet_network_proxy_raw_header(&proxy, "X-One"), "");
	REQUIRE(qnet_network_proxy_set_raw_header(&proxy, "X-One", "1"));
	REQUIRE(qnet_network_proxy_set_raw_header(&proxy, "X-Two", ""));
	REQUIRE(qnet_network_proxy_has_raw_header(&proxy, "x-one"));
	REQUIRE(qnet_network_proxy_has_raw_header(&proxy, "x-two"));
	REQUIRE_TEXT(qnet_network_proxy_raw_header(&proxy, "X-ONE"), "1");
	REQUIRE_TEXT(qnet_network_proxy_raw_header_name(&proxy, 0), "X-One");
	REQUIRE_TEXT(qnet_network_proxy_raw_header_name(&proxy, 1), "X-Two");
	REQUIRE(qnet_network_proxy_raw_header_name(&proxy, 2) == NULL);
	REQUIRE(qnet_network_proxy_raw_header_name(&proxy, -1) == NULL);
	REQUIRE(qnet_network_proxy_raw_header_name(NULL, 0) == NULL);
	qnet_network_proxy_copy(&copy, &proxy);
	REQUIRE(qnet_network_proxy_set_raw_header(&proxy, "X-One", NULL));
	REQUIRE_TEXT(qnet_network_proxy_raw_header_name(&proxy, 0), "X-Two");
	REQUIRE(!qnet_network_proxy_has_raw_header(&proxy, "X-One"));
	REQUIRE_TEXT(qnet_network_proxy_raw_header(&copy, "X-One"), "1");
	REQUIRE_WARNINGS(0);
	REQUIRE(!qnet_network_proxy_set_raw_header(&proxy, "X", "a\r\nb"));
	REQUIRE(!qnet_network_proxy_set_raw_header(&proxy, "", "a"));
	REQUIRE_WARNINGS(2);
	/* An assignment shares the storage, which goes but once. */
	alias = copy;
	qnet_network_proxy_clear(&copy);
	qnet_network_proxy_clear(&alias);
	qnet_network_proxy_clear(&proxy);
	return NULL;
}

static const char *proxies_of_objects(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_network_proxy http = { .type = QNET_HTTP_PROXY, .host_name = "h", .port = 1 }, got = { 0 };

	REQUIRE(qnet_socket_proxy(socket, &got));
	REQUIRE_EQUAL(got.type, QNET_DEFAULT_PROXY);
	REQUIRE(qnet_network_proxy_set_raw_header(&http, "X", "y"));
	qnet_socket_set_proxy(socket, &http);
	qnet_tcp_server_set_proxy(server, &http);
	qnet_network_proxy_clear(&http);
	REQUIRE(qnet_socket_proxy(socket, &got));
	REQUIRE_TEXT(got.host_name, "h");
	REQUIRE_TEXT(qnet_network_proxy_raw_header(&got, "X"), "y");
	REQUIRE(qnet_tcp_server_proxy(server, &got));
	REQUIRE_EQUAL(got.type, QNET_HTTP_PROXY);
	/* Which no server can use, but at a loopback address it need not. */
	REQUIRE(!qnet_tcp_server_listen(server, NULL, 0));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	qnet_socket_set_proxy(socket, NULL);
	REQUIRE(qnet_socket_proxy(socket, &got));
	REQUIRE_EQUAL(got.type, QNET_DEFAULT_PROXY);
	qnet_network_proxy_clear(&got);
	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

static void note_listening(qnet_tcp_server *server, void *user_data)
{
	(void)user_data;
	check_note(&events, "listening at %u", (unsigned)qnet_tcp_server_server_port(server));
}

static void note_accept_error(qnet_tcp_server *server, qnet_error error, void *user_data)
{
	(void)user_data;
	check_note(&events, "error %d at %u", (int)error, (unsigned)qnet_tcp_server_server_port(server));
}

/* A server that listens through a proxy, which has said nothing yet. */
static const char *listen_through(qnet_tcp_server *server, const struct proxy *proxy)
{
	qnet_network_proxy socks = proxy_of(proxy, QNET_SOCKS5_PROXY);

	check_take(&events);
	REQUIRE(qnet_tcp_server_on_listening(server, note_listening, NULL) != 0);
	REQUIRE(qnet_tcp_server_on_accept_error(server, note_accept_error, NULL) != 0);
	qnet_tcp_server_set_proxy(server, &socks);
	REQUIRE(qnet_tcp_server_listen(server, NULL, 4321));
	REQUIRE(qnet_tcp_server_is_listening(server));
	REQUIRE_TEXT(check_take(&events), "");
	return NULL;
}

static const char *server_through_socks(void)
{
	static const struct step steps[] = {
		SAYS(3, "\x05\x00"), SAYS(10, "\x05\x00\x00\x01\xc0\x00\x02\x01\x12\x34"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_host_address address, wanted;
	struct proxy proxy;
	bool timed_out = false;

	REQUIRE_OK(proxy_begin(&proxy, steps));
	REQUIRE_OK(listen_through(server, &proxy));
	/* Who asks for it waits for it, and nothing is emitted of that. */
	REQUIRE_EQUAL(qnet_tcp_server_server_port(server), 4660);
	REQUIRE(qnet_tcp_server_server_address(server, &address));
	REQUIRE(qnet_host_address_set_address(&wanted, "192.0.2.1"));
	REQUIRE(qnet_host_address_is_equal(&address, &wanted, QNET_STRICT_CONVERSION));
	REQUIRE_TEXT(check_take(&events), "");
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(server, 0, &timed_out) && timed_out);
	REQUIRE_TEXT(check_take(&events), "listening at 4660");
	qnet_tcp_server_delete(server);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *server_refused_by_socks(void)
{
	static const struct step steps[] = {
		SAYS(3, "\x05\x00"), SAYS(10, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	struct proxy proxy;

	REQUIRE_OK(proxy_begin(&proxy, steps));
	REQUIRE_OK(listen_through(server, &proxy));
	UNTIL(loop, events.text[0] != '\0');
	REQUIRE_TEXT(check_take(&events), "error 0 at 4321");
	REQUIRE(qnet_tcp_server_is_listening(server));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_CONNECTION_REFUSED_ERROR);
	qnet_tcp_server_close(server);
	REQUIRE_EQUAL(qnet_tcp_server_server_port(server), 0);
	qnet_tcp_server_delete(server);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	return NULL;
}

static void note_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "written %d", (int)bytes);
}

static void note_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)user_data;
	check_note(&events, "error %d in state %d", (int)error, (int)qnet_socket_state(socket));
}

/* A UDP socket that is bound at a proxy, which has said nothing yet, and has written to 192.0.2.1:9. */
static const char *datagrams_through(qnet_socket *socket, const struct proxy *proxy)
{
	qnet_network_proxy socks = proxy_of(proxy, QNET_SOCKS5_PROXY);
	qnet_host_address to;

	check_take(&events);
	REQUIRE(qnet_host_address_set_address(&to, "192.0.2.1"));
	REQUIRE(qnet_socket_on_bytes_written(socket, note_written, NULL) != 0);
	REQUIRE(qnet_socket_on_error_occurred(socket, note_error, NULL) != 0);
	qnet_socket_set_proxy(socket, &socks);
	REQUIRE(qnet_socket_bind(socket, QNET_ADDRESS_ANY_IPV4, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(socket, "one", 3, &to, 9), 3);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(socket, "two", 3, &to, 9), 3);
	REQUIRE_EQUAL(qnet_socket_state(socket), QNET_BOUND_STATE);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 6);
	REQUIRE_TEXT(check_take(&events), "");
	return NULL;
}

/* What passes datagrams on is a raw socket here. */
static const char *datagrams_through_socks(void)
{
	static const char header[] = "\x00\x00\x00\x01\xc0\x00\x02\x01\x00\x09";
	char reply[] = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00", text[100];
	const struct step steps[] = { SAYS(3, "\x05\x00"), { 10, sizeof reply - 1, reply }, END };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int relay = socket(AF_INET, SOCK_DGRAM, 0);
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *datagrams = qnet_udp_socket_new(loop);
	struct proxy proxy;

	REQUIRE(bind(relay, (struct sockaddr *)&at, sizeof at) == 0);
	REQUIRE(getsockname(relay, (struct sockaddr *)&at, &size) == 0);
	memcpy(reply + 8, &at.sin_port, sizeof at.sin_port);
	REQUIRE_OK(proxy_begin(&proxy, steps));
	REQUIRE_OK(datagrams_through(datagrams, &proxy));
	/* Without a loop. */
	REQUIRE(qnet_socket_wait_for_bytes_written(datagrams, 10000));
	REQUIRE_TEXT(check_take(&events), "written 3 written 3");
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(datagrams), 0);
	for (int i = 0; i < 2; i++) {
		REQUIRE_EQUAL(recv(relay, text, sizeof text, 0), 13);
		REQUIRE(memcmp(text, header, 10) == 0 && memcmp(text + 10, i == 0 ? "one" : "two", 3) == 0);
	}
	qnet_socket_delete(datagrams);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	close(relay);
	return NULL;
}

static const char *datagrams_refused_by_socks(void)
{
	static const struct step steps[] = {
		SAYS(3, "\x05\x00"), SAYS(10, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_udp_socket_new(loop);
	struct proxy proxy;

	REQUIRE_OK(proxy_begin(&proxy, steps));
	REQUIRE_OK(datagrams_through(socket, &proxy));
	UNTIL(loop, qnet_socket_state(socket) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "error 0 in state 4");
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_CONNECTION_REFUSED_ERROR);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 0);
	qnet_socket_delete(socket);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *through_http(void)
{
	static const struct step steps[] = { SAYS(0, "HTTP/1.1 200 Fine\r\n\r\nfirst"), END };
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy http;
	struct proxy proxy;
	char text[10];

	REQUIRE_OK(proxy_begin(&proxy, steps));
	http = proxy_of(&proxy, QNET_HTTP_PROXY);
	REQUIRE(qnet_network_proxy_set_raw_header(&http, "X-One", "1"));
	qnet_socket_set_proxy(socket, &http);
	REQUIRE(connects(socket));
	REQUIRE_TEXT(qnet_socket_peer_name(socket), "target.test");
	REQUIRE_EQUAL(qnet_socket_peer_port(socket), 7);
	UNTIL(loop, qnet_socket_bytes_available(socket) == 5);
	REQUIRE_EQUAL(qnet_socket_read(socket, text, sizeof text), 5);
	REQUIRE(memcmp(text, "first", 5) == 0);
	REQUIRE_EQUAL(qnet_socket_write(socket, "echo", 4), 4);
	UNTIL(loop, qnet_socket_bytes_available(socket) == 4);
	qnet_socket_delete(socket);
	proxy_end(&proxy);
	REQUIRE(HAS(proxy.got, "CONNECT target.test:7 HTTP/1.1\r\n"));
	REQUIRE(HAS(proxy.got, "\r\nX-One: 1\r\n"));
	qnet_network_proxy_clear(&http);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *authentication(void)
{
	static const struct step steps[] = {
		SAYS(0, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"the place\"\r\nContent-Length: 0\r\n\r\n"),
		SAYS(0, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"the place\"\r\nContent-Length: 0\r\n\r\n"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy http;
	struct proxy proxy;
	const char *log;

	REQUIRE_OK(proxy_begin(&proxy, steps));
	http = proxy_of(&proxy, QNET_HTTP_PROXY);
	qnet_socket_set_proxy(socket, &http);
	qnet_socket_on_proxy_authentication_required(socket, fill, (void *)"me");
	/* Twice the same: it ends. */
	REQUIRE(!connects(socket));
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_PROXY_AUTHENTICATION_REQUIRED_ERROR);
	log = check_take(&events);
	REQUIRE_TEXT(log, "asked by 127.0.0.1 null 0 option the place realm the place before  now secret option y "
	                  "asked by 127.0.0.1 null 0 option the place realm the place before me now secret option y");
	qnet_socket_delete(socket);
	proxy_end(&proxy);
	REQUIRE(HAS(proxy.got, "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
	qnet_loop_delete(loop);
	return NULL;
}

static const char *authentication_of_socks(void)
{
	static const struct step refuses[] = { SAYS(3, "\x05\xff"), END };
	static const struct step takes[] = {
		SAYS(4, "\x05\x02"), SAYS(11, "\x01\x00"), SAYS(18, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x09"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy socks, got = { 0 };
	qnet_connection connection;
	struct proxy proxy;

	REQUIRE_OK(proxy_begin(&proxy, refuses));
	socks = proxy_of(&proxy, QNET_SOCKS5_PROXY);
	qnet_socket_set_proxy(socket, &socks);
	connection = qnet_socket_on_proxy_authentication_required(socket, fill, NULL);
	REQUIRE(!connects(socket));
	REQUIRE_TEXT(check_take(&events), "asked by 127.0.0.1 null 1 option none realm  before ");
	REQUIRE(qnet_disconnect(connection));
	proxy_end(&proxy);

	REQUIRE_OK(proxy_begin(&proxy, takes));
	socks = proxy_of(&proxy, QNET_SOCKS5_PROXY);
	socks.user = "me";
	socks.password = "secret";
	qnet_socket_set_proxy(socket, &socks);
	REQUIRE(connects(socket));
	REQUIRE_EQUAL(qnet_socket_local_port(socket), 9);
	REQUIRE(qnet_socket_proxy(socket, &got));
	REQUIRE_TEXT(got.user, "me");
	qnet_network_proxy_clear(&got);
	qnet_socket_delete(socket);
	proxy_end(&proxy);
	REQUIRE(memcmp(proxy.got, "\x05\x02\x00\x02\x01\x02me\x06secret\x05\x01\x00\x03\x0btarget.test\x00\x07", 33) == 0);
	qnet_loop_delete(loop);
	return NULL;
}

/* An authenticator is of no use after the callback, and the socket may go in it. */
static qnet_authenticator *kept;

static void delete_socket(qnet_socket *socket, const qnet_network_proxy *proxy, qnet_authenticator *authenticator, void *user_data)
{
	(void)proxy;
	(void)user_data;
	kept = authenticator;
	qnet_socket_delete(socket);
	qnet_authenticator_set_user(authenticator, "me");
	check_note(&events, "user %s", qnet_authenticator_user(authenticator));
}

static const char *deletion_while_asked(void)
{
	static const struct step steps[] = { SAYS(3, "\x05\xff"), END };
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy socks;
	struct proxy proxy;

	kept = NULL;
	REQUIRE_OK(proxy_begin(&proxy, steps));
	socks = proxy_of(&proxy, QNET_SOCKS5_PROXY);
	qnet_socket_set_proxy(socket, &socks);
	qnet_socket_on_proxy_authentication_required(socket, delete_socket, NULL);
	qnet_socket_on_proxy_authentication_required(socket, fill, NULL);
	qnet_socket_connect_to_host(socket, "target.test", 7, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	UNTIL(loop, kept != NULL);
	REQUIRE_TEXT(check_take(&events), "user me");
	REQUIRE_WARNINGS(0);
	REQUIRE(qnet_authenticator_user(kept) == NULL);
	REQUIRE_WARNINGS(1);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *errors(void)
{
	static const struct step refuses[] = { SAYS(3, "\x05\x00"), SAYS(18, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"), END };
	static const struct step nonsense[] = { SAYS(3, "SSH-2.0"), END };
	static const struct {
		const struct step *steps;
		qnet_error error;
	} table[] = {
		{ refuses, QNET_CONNECTION_REFUSED_ERROR },
		{ nonsense, QNET_PROXY_PROTOCOL_ERROR },
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy socks = { .type = QNET_SOCKS5_PROXY, .host_name = "127.0.0.1" };
	struct proxy proxy;
	int fd;

	for (size_t i = 0; i < LENGTH(table); i++) {
		REQUIRE_OK(proxy_begin(&proxy, table[i].steps));
		socks.port = proxy.port;
		qnet_socket_set_proxy(socket, &socks);
		REQUIRE(!connects(socket));
		REQUIRE_EQUAL(qnet_socket_error(socket), table[i].error);
		proxy_end(&proxy);
	}
	/* Where nobody listens. */
	fd = raw_bind(&socks.port);
	qnet_socket_set_proxy(socket, &socks);
	REQUIRE(!connects(socket));
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_PROXY_CONNECTION_REFUSED_ERROR);
	close(fd);
	/* What cannot tunnel. */
	socks.type = QNET_HTTP_CACHING_PROXY;
	qnet_socket_set_proxy(socket, &socks);
	REQUIRE(!connects(socket));
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return NULL;
}

/* A factory, which is asked without a lock: it may use the socket. */
struct maker {
	qnet_socket *socket;
	uint16_t port;
};

static int make(const qnet_network_proxy_query *query, qnet_network_proxy *proxies, int max, void *user_data)
{
	const struct maker *maker = user_data;
	char host[] = "127.0.0.1";

	check_note(&events, "%d %s %d %d %s", query->query_type, query->peer_host_name, query->peer_port, query->local_port, query->protocol_tag);
	if (max < 2)
		return 0;
	if (maker->socket != NULL)
		qnet_socket_state(maker->socket);
	proxies[0].type = QNET_HTTP_CACHING_PROXY; /* which is not able */
	qnet_network_proxy_copy(&proxies[1], &(qnet_network_proxy){ .type = QNET_SOCKS5_PROXY, .host_name = host, .port = maker->port });
	return 2;
}

static const char *factory(void)
{
	static const struct step steps[] = {
		SAYS(3, "\x05\x00"), SAYS(18, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x09"), END
	};
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_network_proxy proxies[3] = { { 0 } };
	qnet_network_proxy_query query = { .query_type = QNET_TCP_SERVER_QUERY, .local_port = 80 };
	struct proxy proxy;
	struct maker maker;

	REQUIRE_OK(proxy_begin(&proxy, steps));
	maker = (struct maker){ socket, proxy.port };
	qnet_network_proxy_set_application_proxy_factory(make, &maker);
	qnet_socket_set_protocol_tag(socket, "tag");
	REQUIRE(connects(socket));
	REQUIRE_TEXT(check_take(&events), "0 target.test 7 -1 tag");
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, proxies, 3), 2);
	REQUIRE_TEXT(check_take(&events), "100  -1 80 ");
	REQUIRE_EQUAL(proxies[0].type, QNET_HTTP_CACHING_PROXY);
	REQUIRE_TEXT(proxies[1].host_name, "127.0.0.1");
	REQUIRE_EQUAL(proxies[2].type, QNET_DEFAULT_PROXY);
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, proxies, 1), 2);
	REQUIRE(qnet_network_proxy_application_proxy(&proxies[0]));
	REQUIRE_EQUAL(proxies[0].type, QNET_HTTP_CACHING_PROXY);
	check_take(&events);
	/* Not for this host. */
	query = (qnet_network_proxy_query){ .peer_host_name = "localhost", .peer_port = 7 };
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, proxies, 3), 1);
	REQUIRE_EQUAL(proxies[0].type, QNET_NO_PROXY);
	REQUIRE_TEXT(check_take(&events), "");
	qnet_network_proxy_set_application_proxy_factory(NULL, NULL);
	query.peer_host_name = "target.test";
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, proxies, 3), 1);
	REQUIRE_EQUAL(proxies[0].type, QNET_NO_PROXY);
	for (size_t i = 0; i < LENGTH(proxies); i++)
		qnet_network_proxy_clear(&proxies[i]);
	qnet_socket_delete(socket);
	proxy_end(&proxy);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *the_application(void)
{
	qnet_network_proxy http = { .type = QNET_HTTP_PROXY, .host_name = "h", .port = 1 }, got = { 0 };
	qnet_network_proxy_query query = { .peer_host_name = "a.test", .peer_port = 80, .protocol_tag = "http" };

	REQUIRE(qnet_network_proxy_application_proxy(&got));
	REQUIRE_EQUAL(got.type, QNET_NO_PROXY);
	qnet_network_proxy_set_application_proxy(&http);
	REQUIRE(qnet_network_proxy_application_proxy(&got));
	REQUIRE_TEXT(got.host_name, "h");
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, &got, 1), 1);
	REQUIRE_TEXT(got.host_name, "h");
	/* The environment counts as it is now. */
	setenv("http_proxy", "http://u:p@e.test:3128", 1);
	setenv("no_proxy", "b.test,10.0.0.0/8", 1);
	REQUIRE_EQUAL(qnet_network_proxy_system_proxy_for_query(&query, &got, 1), 1);
	REQUIRE_TEXT(got.host_name, "e.test");
	REQUIRE_EQUAL(got.port, 3128);
	REQUIRE_TEXT(got.user, "u");
	REQUIRE_TEXT(got.password, "p");
	REQUIRE(!qnet_network_proxy_uses_system_configuration());
	qnet_network_proxy_set_use_system_configuration(true);
	REQUIRE(qnet_network_proxy_uses_system_configuration());
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, &got, 1), 1);
	REQUIRE_TEXT(got.host_name, "e.test");
	query.peer_host_name = "10.1.2.3";
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, &got, 1), 1);
	REQUIRE_EQUAL(got.type, QNET_NO_PROXY);
	unsetenv("http_proxy");
	unsetenv("no_proxy");
	REQUIRE_EQUAL(qnet_network_proxy_system_proxy_for_query(&query, &got, 1), 1);
	REQUIRE_EQUAL(got.type, QNET_NO_PROXY);
	qnet_network_proxy_set_use_system_configuration(false);
	REQUIRE(!qnet_network_proxy_uses_system_configuration());
	qnet_network_proxy_set_application_proxy(NULL);
	/* No room. */
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, &got, -1), -1);
	REQUIRE_EQUAL(qnet_network_proxy_proxy_for_query(&query, NULL, 1), -1);
	REQUIRE_WARNINGS(2);
	qnet_network_proxy_clear(&got);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "values", values },
		{ "headers", headers },
		{ "proxies_of_objects", proxies_of_objects },
		{ "server_through_socks", server_through_socks },
		{ "server_refused_by_socks", server_refused_by_socks },
		{ "datagrams_through_socks", datagrams_through_socks },
		{ "datagrams_refused_by_socks", datagrams_refused_by_socks },
		{ "through_http", through_http },
		{ "authentication", authentication },
		{ "authentication_of_socks", authentication_of_socks },
		{ "deletion_while_asked", deletion_while_asked },
		{ "errors", errors },
		{ "factory", factory },
		{ "the_application", the_application },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
