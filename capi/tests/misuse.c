/*
 * Every function that takes a handle is called with handles that are none, and
 * every function that takes another pointer with NULL: the result must be the
 * one the header promises, with one warning where it is a mistake, and nothing
 * may crash. Meant to run under the address and undefined behaviour sanitizers.
 *
 * The calls come from misuse_table.h, which is generated from the headers; what
 * a NULL means to each parameter is the table `expectations` below, and a
 * parameter that is not in it fails the test.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "leaks.h"
#include "ssl_files.h"

/* The good arguments of misuse_table.h. */
static const char text[] = "127.0.0.1";
static qnet_host_address host_address;
static qnet_datagram datagram;
static qnet_network_address_entry network_address_entry;
static qnet_write_part write_part;
static qnet_network_proxy network_proxy;
static qnet_network_proxy_query network_proxy_query;
static void *memory;

#include "misuse_table.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Messages ----------------------------------------------------------------- */

static atomic_int warnings;     /* since they were last reset */
static atomic_bool odd_message; /* one that is no proper warning */

static void count_warning(qnet_msg_type type, const char *message, void *user_data)
{
	warnings++;
	if (type != QNET_WARNING_MSG || message == NULL || message[0] == '\0' || user_data != &warnings)
		odd_message = true;
}

static void reset_messages(void)
{
	qnet_set_message_handler(count_warning, &warnings);
	warnings = 0;
	odd_message = false;
}

/* Reporting ---------------------------------------------------------------- */

static char current[200];
static int passed, failed;

/* Starts a case, which must end within the time that alarm() gives it. */
static void begin(const char *function, const char *parameter, const char *value)
{
	snprintf(current, sizeof current, "%s(%s%s%s)", function, parameter, value[0] ? ": " : "", value);
	alarm(30);
}

/* Ends a case; why is NULL if it went well. */
static void end(const char *why)
{
	if (why == NULL) {
		passed++;
		printf("ok %s\n", current);
	} else {
		failed++;
		printf("FAIL %s: %s\n", current, why);
	}
	fflush(stdout); /* the next case may end the process */
}

static void blocked(int signal)
{
	static const char why[] = ": it blocks\n";

	(void)signal;
	if (write(STDOUT_FILENO, "FAIL ", 5) < 0 ||
	    write(STDOUT_FILENO, current, strlen(current)) < 0 ||
	    write(STDOUT_FILENO, why, sizeof why - 1) < 0)
		_exit(2);
	_exit(1);
}

static const char *check_warnings(int want)
{
	static char why[60];

	if (odd_message)
		return "the message is no proper warning";
	if (warnings == want)
		return NULL;
	snprintf(why, sizeof why, "%d warnings, want %d", (int)warnings, want);
	return why;
}

/* The handles -------------------------------------------------------------- */

static void *make_loop(void)
{
	return qnet_loop_new();
}

static void *make_socket(void)
{
	return qnet_tcp_socket_new(live[KIND_LOOP]);
}

static void *make_tcp_server(void)
{
	return qnet_tcp_server_new(live[KIND_LOOP]);
}

static void *make_local_server(void)
{
	return qnet_local_server_new(live[KIND_LOOP]);
}

static void *make_timer(void)
{
	return qnet_timer_new(live[KIND_LOOP]);
}

static void *make_notifier(void)
{
	return qnet_notifier_new_without_socket(live[KIND_LOOP], QNET_NOTIFIER_READ);
}

static void *make_host_info(void)
{
	return qnet_host_info_from_name("localhost");
}

/* An authenticator lives in a callback: that of a thread which waits there until it is
 * let go. A proxy that refuses everybody has it called. */
static struct asker {
	qnet_authenticator *authenticator;
	pthread_t thread;
	sem_t filled, released;
} askers[2]; /* one lives while another is made and deleted */

static void hold_authenticator(qnet_socket *socket, const qnet_network_proxy *proxy, qnet_authenticator *authenticator, void *user_data)
{
	struct asker *asker = user_data;

	(void)socket;
	(void)proxy;
	asker->authenticator = authenticator;
	sem_post(&asker->filled);
	while (sem_wait(&asker->released) != 0)
		continue;
}

static void *refuse(void *listener)
{
	char greeting[3];
	int fd = accept((int)(intptr_t)listener, NULL, NULL);

	if (recv(fd, greeting, sizeof greeting, MSG_WAITALL) == 3)
		(void)!write(fd, "\x05\xff", 2);
	close(fd);
	return NULL;
}

static void *ask(void *user_data)
{
	struct asker *asker = user_data;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	qnet_network_proxy proxy = { .type = QNET_SOCKS5_PROXY, .host_name = "127.0.0.1" };
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	pthread_t refuser;

	if (bind(listener, (struct sockaddr *)&at, size) == 0 && listen(listener, 1) == 0 &&
	    getsockname(listener, (struct sockaddr *)&at, &size) == 0 &&
	    pthread_create(&refuser, NULL, refuse, (void *)(intptr_t)listener) == 0) {
		proxy.port = ntohs(at.sin_port);
		qnet_socket_set_proxy(socket, &proxy);
		qnet_socket_on_proxy_authentication_required(socket, hold_authenticator, asker);
		qnet_socket_connect_to_host(socket, "192.0.2.1", 7, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
		qnet_socket_wait_for_connected(socket, 10000);
		pthread_join(refuser, NULL);
	}
	close(listener);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	sem_post(&asker->filled); /* if it has come to no callback */
	return NULL;
}

static void *make_authenticator(void)
{
	struct asker *asker = &askers[askers[0].authenticator != NULL];

	sem_init(&asker->filled, 0, 0);
	sem_init(&asker->released, 0, 0);
	if (pthread_create(&asker->thread, NULL, ask, asker) != 0)
		return NULL;
	while (sem_wait(&asker->filled) != 0)
		continue;
	return asker->authenticator;
}

static void delete_authenticator(void *handle)
{
	struct asker *asker = &askers[askers[1].authenticator == handle];

	sem_post(&asker->released);
	pthread_join(asker->thread, NULL);
	asker->authenticator = NULL;
}

static void *make_network_interface(void)
{
	return qnet_network_interface_interface_from_name("lo");
}

/* The handle of a file's first certificate or key. */
static void *make_ssl_certificate(void)
{
	return ssl_certificate("host.pem");
}

static void *make_ssl_key(void)
{
	return ssl_key("host.key");
}

static void *make_ssl_certificate_extension(void)
{
	qnet_ssl_certificate *certificate = ssl_certificate("host.pem");
	qnet_ssl_certificate_extension *extension = NULL;

	qnet_ssl_certificate_extensions(certificate, &extension, 1);
	qnet_ssl_certificate_delete(certificate);
	return extension;
}

static void *make_ssl_error(void)
{
	return qnet_ssl_error_new(QNET_SSL_CERTIFICATE_EXPIRED, NULL);
}

static void *make_ssl_configuration(void)
{
	return qnet_ssl_configuration_new();
}

static void *make_ocsp_response(void)
{
	return qnet_ocsp_response_new();
}

static void delete_loop(void *handle)
{
	qnet_loop_delete(handle);
}

static void delete_socket(void *handle)
{
	qnet_socket_delete(handle);
}

static void delete_tcp_server(void *handle)
{
	qnet_tcp_server_delete(handle);
}

static void delete_local_server(void *handle)
{
	qnet_local_server_delete(handle);
}

static void delete_timer(void *handle)
{
	qnet_timer_delete(handle);
}

static void delete_notifier(void *handle)
{
	qnet_notifier_delete(handle);
}

static void delete_host_info(void *handle)
{
	qnet_host_info_delete(handle);
}

static void delete_network_interface(void *handle)
{
	qnet_network_interface_delete(handle);
}

static void delete_ssl_certificate(void *handle)
{
	qnet_ssl_certificate_delete(handle);
}

static void delete_ssl_key(void *handle)
{
	qnet_ssl_key_delete(handle);
}

static void delete_ssl_certificate_extension(void *handle)
{
	qnet_ssl_certificate_extension_delete(handle);
}

static void delete_ssl_error(void *handle)
{
	qnet_ssl_error_delete(handle);
}

static void delete_ssl_configuration(void *handle)
{
	qnet_ssl_configuration_delete(handle);
}

static void delete_ocsp_response(void *handle)
{
	qnet_ocsp_response_delete(handle);
}

/* Each of these warns unless the handle is live. */
static void touch_loop(void *handle)
{
	qnet_loop_fd(handle);
}

static void touch_socket(void *handle)
{
	qnet_socket_is_sequential(handle);
}

static void touch_tcp_server(void *handle)
{
	qnet_tcp_server_is_listening(handle);
}

static void touch_local_server(void *handle)
{
	qnet_local_server_is_listening(handle);
}

static void touch_timer(void *handle)
{
	qnet_timer_is_active(handle);
}

static void touch_notifier(void *handle)
{
	qnet_notifier_is_valid(handle);
}

static void touch_host_info(void *handle)
{
	qnet_host_info_address_count(handle);
}

static void touch_authenticator(void *handle)
{
	qnet_authenticator_user(handle);
}

static void touch_network_interface(void *handle)
{
	qnet_network_interface_index(handle);
}

static void touch_ssl_certificate(void *handle)
{
	qnet_ssl_certificate_version(handle);
}

static void touch_ssl_key(void *handle)
{
	qnet_ssl_key_length(handle);
}

static void touch_ssl_certificate_extension(void *handle)
{
	qnet_ssl_certificate_extension_oid(handle);
}

static void touch_ssl_error(void *handle)
{
	qnet_ssl_error_error(handle);
}

static void touch_ssl_configuration(void *handle)
{
	qnet_ssl_configuration_protocol(handle);
}

static void touch_ocsp_response(void *handle)
{
	qnet_ocsp_response_certificate_status(handle);
}

static const struct kind_methods {
	void *(*make)(void);
	void (*delete)(void *);
	void (*touch)(void *);
} methods[KIND_COUNT] = {
	[KIND_LOOP] = { make_loop, delete_loop, touch_loop },
	[KIND_SOCKET] = { make_socket, delete_socket, touch_socket },
	[KIND_TCP_SERVER] = { make_tcp_server, delete_tcp_server, touch_tcp_server },
	[KIND_LOCAL_SERVER] = { make_local_server, delete_local_server, touch_local_server },
	[KIND_TIMER] = { make_timer, delete_timer, touch_timer },
	[KIND_NOTIFIER] = { make_notifier, delete_notifier, touch_notifier },
	[KIND_HOST_INFO] = { make_host_info, delete_host_info, touch_host_info },
	[KIND_AUTHENTICATOR] = { make_authenticator, delete_authenticator, touch_authenticator },
	[KIND_NETWORK_INTERFACE] = { make_network_interface, delete_network_interface, touch_network_interface },
	[KIND_SSL_CERTIFICATE] = { make_ssl_certificate, delete_ssl_certificate, touch_ssl_certificate },
	[KIND_SSL_CERTIFICATE_EXTENSION] = { make_ssl_certificate_extension, delete_ssl_certificate_extension,
					     touch_ssl_certificate_extension },
	[KIND_SSL_KEY] = { make_ssl_key, delete_ssl_key, touch_ssl_key },
	[KIND_SSL_ERROR] = { make_ssl_error, delete_ssl_error, touch_ssl_error },
	[KIND_SSL_CONFIGURATION] = { make_ssl_configuration, delete_ssl_configuration, touch_ssl_configuration },
	[KIND_OCSP_RESPONSE] = { make_ocsp_response, delete_ocsp_response, touch_ocsp_response },
};

/* The state of the live objects: as made, with a connection between them, or
 * with the socket one of UDP that has a datagram to be read, one that is able to
 * encrypt, or one of SCTP. */
enum state { FRESH, CONNECTED, PENDING, ENCRYPTING, WITH_CHANNELS };

static void make_encrypting(void)
{
	qnet_socket_delete(live[KIND_SOCKET]);
	live[KIND_SOCKET] = qnet_ssl_socket_new(live[KIND_LOOP]);
}

static void make_with_channels(void)
{
	qnet_socket_delete(live[KIND_SOCKET]);
	live[KIND_SOCKET] = qnet_sctp_socket_new(live[KIND_LOOP]);
}

static const char *connect_live(void)
{
	static const char sent[] = "line\nand more\n";
	qnet_tcp_server *server = live[KIND_TCP_SERVER];
	qnet_socket *socket = live[KIND_SOCKET], *peer;

	if (!qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0))
		return "listen";
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server), QNET_READ_WRITE);
	if (!qnet_socket_wait_for_connected(socket, 10000))
		return "connect";
	if (!qnet_tcp_server_has_pending_connections(server) &&
	    !qnet_tcp_server_wait_for_new_connection(server, 10000, NULL))
		return "accept";
	peer = qnet_tcp_server_next_pending_connection(server);
	if (qnet_socket_write(peer, sent, sizeof sent - 1) != (int64_t)sizeof sent - 1 || !qnet_socket_flush(peer))
		return "write";
	if (!qnet_socket_wait_for_ready_read(socket, 10000))
		return "read";
	return NULL;
}

static const char *make_pending(void)
{
	qnet_socket *socket = qnet_udp_socket_new(live[KIND_LOOP]);

	delete_socket(live[KIND_SOCKET]);
	live[KIND_SOCKET] = socket;
	if (!qnet_socket_bind(socket, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM))
		return "bind";
	if (qnet_udp_socket_write_datagram(socket, "line", 4, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(socket)) != 4)
		return "write";
	return NULL;
}

/* Makes the live objects and the other good arguments. */
static const char *set_up(enum state state)
{
	static uint64_t room[32];
	const char *why = NULL;

	memset(room, 0, sizeof room);
	memory = room;
	datagram = (qnet_datagram){ .hop_limit = -1 };
	network_address_entry = (qnet_network_address_entry){ .size = sizeof network_address_entry };
	network_proxy = (qnet_network_proxy){ .type = QNET_NO_PROXY };
	network_proxy_query = (qnet_network_proxy_query){ .peer_port = -1 };
	reset_messages();
	/* An IPv6 address, so that it has a scope, which stands for an IPv4 one. */
	if (!qnet_host_address_set_address(&host_address, "::ffff:127.0.0.1"))
		return "cannot set the address";
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		live[kind] = methods[kind].make != NULL ? methods[kind].make() : NULL;
		if (live[kind] == NULL)
			return "cannot make a handle of each kind";
	}
	if (state == CONNECTED)
		why = connect_live();
	else if (state == PENDING)
		why = make_pending();
	else if (state == ENCRYPTING)
		make_encrypting();
	else if (state == WITH_CHANNELS)
		make_with_channels();
	if (why == NULL)
		why = check_warnings(0);
	return why;
}

_Static_assert(KIND_LOOP == 0, "the loop must be made first and deleted last");

/* Deletes the live objects. Each must have survived the call. */
static const char *tear_down(void)
{
	reset_messages();
	qnet_network_proxy_clear(&network_proxy);
	for (int kind = KIND_COUNT; kind-- > 0;) {
		methods[kind].touch(live[kind]);
		methods[kind].delete(live[kind]);
	}
	return warnings != 0 ? "a live object did not survive" : NULL;
}

/* Handles that are none ---------------------------------------------------- */

static void try_handle(const struct handle_case *c, const char *value, void *handle)
{
	const char *why;
	bool refused;

	begin(c->function, c->parameter, value);
	reset_messages();
	refused = c->call(handle);
	/* In a signal handler there can be no message. */
	why = check_warnings(strcmp(c->function, "qnet_loop_exit_from_signal") == 0 ? 0 : 1);
	if (!refused)
		why = "the result is not the failure value";
	warnings = 0;
	for (int kind = 0; kind < KIND_COUNT; kind++)
		methods[kind].touch(live[kind]);
	if (why == NULL && warnings != 0)
		why = "a live object did not survive";
	end(why);
}

/* Of which NULL is the null value, and no mistake: api_ssl_certificate.c and api_network_interface.c test what is said of it. */
static bool has_null_value(enum kind kind)
{
	return kind == KIND_SSL_CERTIFICATE || kind == KIND_SSL_CERTIFICATE_EXTENSION || kind == KIND_SSL_KEY ||
	       kind == KIND_SSL_ERROR || kind == KIND_OCSP_RESPONSE || kind == KIND_NETWORK_INTERFACE;
}

static void try_null(const struct handle_case *c)
{
	if (has_null_value(c->kind)) {
		begin(c->function, c->parameter, "NULL");
		reset_messages();
		c->call(NULL);
		end(strcmp(c->function, "qnet_ssl_configuration_add_server_certificate") == 0 ? check_warnings(1) : check_warnings(0));
	} else if (c->kind != KIND_LOOP) { /* the default loop: see default_loop() */
		try_handle(c, "NULL", NULL);
	}
}

static void try_handles(const struct handle_case *c)
{
	long local[2] = { 0, 0 };
	void *deleted;
	const char *why;

	begin(c->function, c->parameter, "set up");
	why = set_up(FRESH);
	if (why != NULL) {
		end(why);
		return;
	}
	try_null(c);
	deleted = methods[c->kind].make();
	methods[c->kind].delete(deleted);
	try_handle(c, "deleted", deleted);
	try_handle(c, "foreign", local);
	try_handle(c, "misaligned foreign", (char *)local + 3);
	try_handle(c, "beside a live one", (char *)live[c->kind] + 1);
	try_handle(c, "1", (void *)1);
	try_handle(c, "-1", (void *)-1);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (kind != (int)c->kind)
			try_handle(c, kind_names[kind], live[kind]);
	}
	begin(c->function, c->parameter, "tear down");
	why = tear_down();
	if (why != NULL)
		end(why);
}

/* NULL for other pointers -------------------------------------------------- */

enum result {
	FAILS,  /* returns the failure value */
	WORKS,  /* returns something else */
	EITHER, /* returns nothing, or what the header leaves open */
};

#define SILENT 0
#define WARNS 1
#define MAY_WARN (-1)

static const struct expectation {
	const char *function, *parameter;
	enum state state;
	enum result result;
	int warnings;
} expectations[] = {
	{ "qnet_set_message_handler", "handler", FRESH, EITHER, SILENT },

	{ "qnet_host_address_set_address", "address", FRESH, EITHER, SILENT },
	{ "qnet_host_address_set_address", "text", FRESH, FAILS, SILENT },
	{ "qnet_host_address_to_string", "address", FRESH, WORKS, SILENT },
	{ "qnet_host_address_to_string", "buffer", FRESH, FAILS, SILENT },
	{ "qnet_host_address_clear", "address", FRESH, EITHER, SILENT },
	{ "qnet_host_address_is_null", "address", FRESH, WORKS, SILENT },
	{ "qnet_host_address_is_loopback", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_global", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_link_local", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_site_local", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_unique_local_unicast", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_multicast", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_broadcast", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_private_use", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_equal", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_equal", "other", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_in_subnet", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_is_in_subnet", "subnet", FRESH, FAILS, SILENT },
	{ "qnet_host_address_parse_subnet", "text", FRESH, FAILS, SILENT },
	{ "qnet_host_port_parse", "text", FRESH, FAILS, SILENT },
	{ "qnet_host_port_parse", "host", FRESH, FAILS, SILENT },
	{ "qnet_host_port_parse", "port", FRESH, FAILS, SILENT },
	{ "qnet_host_port_join", "host", FRESH, FAILS, SILENT },
	{ "qnet_host_port_join", "buffer", FRESH, FAILS, SILENT },
	{ "qnet_socket_write_string", "text", CONNECTED, FAILS, WARNS },
	{ "qnet_host_address_parse_subnet", "subnet", FRESH, EITHER, SILENT },
	{ "qnet_host_address_to_i_pv4_address", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_to_i_pv4_address", "ok", FRESH, WORKS, SILENT },
	{ "qnet_host_address_to_i_pv6_address", "address", FRESH, EITHER, SILENT },
	{ "qnet_host_address_to_i_pv6_address", "bytes", FRESH, EITHER, SILENT },
	{ "qnet_host_address_protocol", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_scope_id", "address", FRESH, WORKS, SILENT },
	{ "qnet_host_address_set_scope_id", "address", FRESH, FAILS, SILENT },
	{ "qnet_host_address_set_scope_id", "id", FRESH, WORKS, SILENT },

	{ "qnet_host_info_lookup_host", "name", FRESH, FAILS, WARNS },
	{ "qnet_host_info_lookup_host", "callback", FRESH, FAILS, WARNS },
	{ "qnet_host_info_from_name", "name", FRESH, FAILS, WARNS },
	{ "qnet_host_info_address", "address", FRESH, EITHER, MAY_WARN },
	{ "qnet_host_info_local_host_name", "buffer", FRESH, FAILS, MAY_WARN },

	{ "qnet_network_interface_all_interfaces", "interfaces", FRESH, WORKS, SILENT },
	{ "qnet_network_interface_all_addresses", "addresses", FRESH, WORKS, SILENT },
	{ "qnet_network_interface_interface_from_name", "name", FRESH, FAILS, SILENT },
	{ "qnet_network_interface_interface_index_from_name", "name", FRESH, WORKS, SILENT },
	{ "qnet_network_interface_interface_name_from_index", "buffer", FRESH, FAILS, SILENT },
	{ "qnet_network_interface_address_entry", "entry", FRESH, FAILS, WARNS },

	{ "qnet_authenticator_set_user", "user", FRESH, EITHER, SILENT },
	{ "qnet_authenticator_set_password", "password", FRESH, EITHER, SILENT },
	{ "qnet_authenticator_option", "name", FRESH, FAILS, SILENT },
	{ "qnet_authenticator_set_option", "name", FRESH, EITHER, SILENT },
	{ "qnet_authenticator_set_option", "value", FRESH, EITHER, SILENT },

	{ "qnet_network_proxy_clear", "proxy", FRESH, EITHER, SILENT },
	{ "qnet_network_proxy_copy", "proxy", FRESH, EITHER, SILENT },
	{ "qnet_network_proxy_copy", "other", FRESH, EITHER, SILENT },
	{ "qnet_network_proxy_has_raw_header", "proxy", FRESH, FAILS, SILENT },
	{ "qnet_network_proxy_has_raw_header", "name", FRESH, FAILS, SILENT },
	{ "qnet_network_proxy_raw_header", "proxy", FRESH, FAILS, SILENT },
	{ "qnet_network_proxy_raw_header", "name", FRESH, WORKS, SILENT },
	{ "qnet_network_proxy_raw_header_name", "proxy", FRESH, FAILS, SILENT },
	{ "qnet_network_proxy_set_raw_header", "proxy", FRESH, FAILS, WARNS },
	{ "qnet_network_proxy_set_raw_header", "name", FRESH, FAILS, WARNS },
	{ "qnet_network_proxy_set_raw_header", "value", FRESH, WORKS, SILENT },
	{ "qnet_network_proxy_set_application_proxy", "proxy", FRESH, EITHER, SILENT },
	{ "qnet_network_proxy_application_proxy", "proxy", FRESH, FAILS, SILENT },
	{ "qnet_network_proxy_set_application_proxy_factory", "factory", FRESH, EITHER, SILENT },
	{ "qnet_network_proxy_proxy_for_query", "query", FRESH, FAILS, WARNS },
	{ "qnet_network_proxy_proxy_for_query", "proxies", FRESH, WORKS, SILENT },
	{ "qnet_network_proxy_system_proxy_for_query", "query", FRESH, FAILS, WARNS },
	{ "qnet_network_proxy_system_proxy_for_query", "proxies", FRESH, WORKS, SILENT },
	{ "qnet_socket_set_proxy", "proxy", FRESH, EITHER, SILENT },
	{ "qnet_socket_proxy", "proxy", FRESH, FAILS, SILENT },
	{ "qnet_socket_on_proxy_authentication_required", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_set_proxy", "proxy", FRESH, EITHER, SILENT },
	{ "qnet_tcp_server_proxy", "proxy", FRESH, FAILS, SILENT },

	{ "qnet_ssl_supported_protocols", "protocols", FRESH, WORKS, SILENT },
	{ "qnet_ssl_supported_features", "features", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_from_data", "data", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_from_data", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_from_path", "path", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_from_path", "certificates", FRESH, WORKS, SILENT },
	/* The file is none; api_ssl_certificate.c has one. */
	{ "qnet_ssl_certificate_import_pkcs12", "data", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_import_pkcs12", "pass_phrase", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_import_pkcs12", "key", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_import_pkcs12", "certificate", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_import_pkcs12", "authorities", FRESH, FAILS, WARNS },
	{ "qnet_ssl_certificate_verify", "chain", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_verify", "host_name", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_verify", "errors", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_digest", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_issuer_info_by_name", "attribute", FRESH, FAILS, SILENT },
	{ "qnet_ssl_certificate_subject_info_by_name", "attribute", FRESH, FAILS, SILENT },
	{ "qnet_ssl_certificate_extensions", "extensions", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_to_pem", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_to_der", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_certificate_extension_value", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_cipher_from_name", "name", FRESH, FAILS, SILENT },
	{ "qnet_ssl_elliptic_curve_from_short_name", "name", FRESH, FAILS, SILENT },
	{ "qnet_ssl_elliptic_curve_from_long_name", "name", FRESH, FAILS, SILENT },
	{ "qnet_ssl_key_new", "data", FRESH, FAILS, WARNS },
	{ "qnet_ssl_key_new", "pass_phrase", FRESH, WORKS, SILENT },
	{ "qnet_ssl_key_to_pem", "pass_phrase", FRESH, WORKS, SILENT },
	{ "qnet_ssl_key_to_pem", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_key_to_der", "pass_phrase", FRESH, WORKS, SILENT },
	{ "qnet_ssl_key_to_der", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_ciphers", "ciphers", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_ciphers", "ciphers", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_ciphers_by_name", "names", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_supported_ciphers", "ciphers", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_elliptic_curves", "curves", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_elliptic_curves", "curves", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_supported_elliptic_curves", "curves", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_local_certificate_chain", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_local_certificate_chain", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_add_server_certificate", "certificates", FRESH, FAILS, WARNS },
	{ "qnet_ssl_configuration_ca_certificates", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_ca_certificates", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_add_ca_certificates", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_add_ca_certificates_from_path", "path", FRESH, FAILS, WARNS },
	{ "qnet_ssl_configuration_system_ca_certificates", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_allowed_next_protocols", "size", FRESH, FAILS, SILENT },
	{ "qnet_ssl_configuration_set_allowed_next_protocols", "protocols", FRESH, FAILS, WARNS },
	{ "qnet_ssl_configuration_next_negotiated_protocol", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_session_ticket", "size", FRESH, WORKS, SILENT },
	{ "qnet_ssl_configuration_set_session_ticket", "ticket", FRESH, FAILS, WARNS },
	{ "qnet_ssl_configuration_peer_certificate_chain", "certificates", FRESH, WORKS, SILENT },
	{ "qnet_ssl_socket_connect_to_host_encrypted", "host", ENCRYPTING, FAILS, WARNS },
	{ "qnet_ssl_socket_connect_to_host_encrypted", "peer_name", ENCRYPTING, EITHER, SILENT },
	{ "qnet_ssl_socket_set_peer_verify_name", "name", ENCRYPTING, EITHER, SILENT },
	{ "qnet_ssl_socket_set_local_certificate_chain", "certificates", ENCRYPTING, EITHER, SILENT },
	{ "qnet_ssl_socket_local_certificate_chain", "certificates", ENCRYPTING, WORKS, SILENT },
	{ "qnet_ssl_socket_peer_certificate_chain", "certificates", ENCRYPTING, WORKS, SILENT },
	{ "qnet_ssl_socket_ocsp_responses", "responses", ENCRYPTING, WORKS, SILENT },
	{ "qnet_ssl_socket_ssl_handshake_errors", "errors", ENCRYPTING, WORKS, SILENT },
	{ "qnet_ssl_socket_ignore_these_ssl_errors", "errors", ENCRYPTING, EITHER, SILENT },
	{ "qnet_ssl_socket_on_encrypted", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_mode_changed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_peer_verify_error", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_ssl_errors", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_handshake_interrupted_on_error", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_encrypted_bytes_written", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_alert_sent", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_alert_received", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_socket_on_new_session_ticket_received", "callback", FRESH, FAILS, WARNS },

	{ "qnet_get_usage", "usage", FRESH, FAILS, WARNS },
	{ "qnet_loop_post", "callback", FRESH, FAILS, WARNS },
	{ "qnet_notifier_on_activated", "callback", FRESH, FAILS, WARNS },
	{ "qnet_notifier_on_destroyed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_timer_on_timeout", "callback", FRESH, FAILS, WARNS },
	{ "qnet_timer_single_shot", "callback", FRESH, FAILS, WARNS },

	{ "qnet_socket_on_destroyed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_connected", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_disconnected", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_error_occurred", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_host_found", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_state_changed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_ready_read", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_bytes_written", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_write_buffer_drained", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_about_to_close", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_read_channel_finished", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_connect_to_host", "host", FRESH, EITHER, WARNS },
	{ "qnet_socket_connect_to_address", "address", FRESH, EITHER, SILENT },
	{ "qnet_socket_bind", "address", FRESH, WORKS, SILENT },
	{ "qnet_socket_read", "data", CONNECTED, FAILS, WARNS },
	{ "qnet_socket_read_all", "size", CONNECTED, WORKS, SILENT },
	{ "qnet_socket_read_line", "data", CONNECTED, FAILS, WARNS },
	{ "qnet_socket_get_char", "c", CONNECTED, WORKS, SILENT },
	{ "qnet_socket_peek", "data", CONNECTED, FAILS, WARNS },
	{ "qnet_socket_peek_buffer", "size", CONNECTED, FAILS, WARNS },
	{ "qnet_socket_write", "data", CONNECTED, FAILS, WARNS },
	{ "qnet_socket_local_address", "address", CONNECTED, EITHER, MAY_WARN },
	{ "qnet_socket_peer_address", "address", CONNECTED, EITHER, MAY_WARN },
	{ "qnet_socket_set_protocol_tag", "tag", FRESH, EITHER, SILENT },
	{ "qnet_socket_set_local_address", "address", FRESH, EITHER, SILENT },
	{ "qnet_socket_set_peer_address", "address", FRESH, EITHER, SILENT },
	{ "qnet_socket_set_peer_name", "name", FRESH, EITHER, SILENT },

	{ "qnet_udp_socket_read_datagram", "data", PENDING, FAILS, WARNS },
	{ "qnet_udp_socket_read_datagram", "address", PENDING, WORKS, SILENT },
	{ "qnet_udp_socket_read_datagram", "port", PENDING, WORKS, SILENT },
	{ "qnet_udp_socket_receive_datagram", "datagram", PENDING, FAILS, WARNS },
	{ "qnet_udp_socket_read_datagrams", "datagrams", PENDING, WORKS, SILENT },
	{ "qnet_udp_socket_write_datagram", "data", PENDING, FAILS, WARNS },
	{ "qnet_udp_socket_write_datagram", "address", PENDING, FAILS, SILENT },
	{ "qnet_udp_socket_write_datagrams", "datagrams", PENDING, WORKS, SILENT },
	{ "qnet_udp_socket_join_multicast_group", "address", PENDING, FAILS, SILENT },
	{ "qnet_udp_socket_leave_multicast_group", "address", PENDING, FAILS, SILENT },

	{ "qnet_socket_on_channel_ready_read", "callback", FRESH, FAILS, WARNS },
	{ "qnet_socket_on_channel_bytes_written", "callback", FRESH, FAILS, WARNS },
	{ "qnet_sctp_socket_read_datagram", "datagram", WITH_CHANNELS, FAILS, WARNS },
	{ "qnet_sctp_socket_write_datagram", "data", WITH_CHANNELS, FAILS, WARNS },
	{ "qnet_ssl_server_on_started_encryption_handshake", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_error_occurred", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_peer_verify_error", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_ssl_errors", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_handshake_interrupted_on_error", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_alert_sent", "callback", FRESH, FAILS, WARNS },
	{ "qnet_ssl_server_on_alert_received", "callback", FRESH, FAILS, WARNS },

	{ "qnet_tcp_server_on_destroyed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_new_connection", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_pending_connection_available", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_accept_error", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_connection_refused", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_listening", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_on_connection_in_loop", "callback", FRESH, FAILS, WARNS },
	{ "qnet_tcp_server_set_loops", "loops", FRESH, WORKS, SILENT },
	{ "qnet_tcp_server_listen", "address", FRESH, WORKS, SILENT },
	{ "qnet_tcp_server_server_address", "address", CONNECTED, EITHER, MAY_WARN },
	{ "qnet_tcp_server_wait_for_new_connection", "timed_out", CONNECTED, FAILS, SILENT },
	{ "qnet_tcp_server_set_incoming_connection", "callback", FRESH, EITHER, SILENT },
	{ "qnet_tcp_server_set_has_pending_connections", "callback", FRESH, EITHER, SILENT },
	{ "qnet_tcp_server_set_next_pending_connection", "callback", FRESH, EITHER, SILENT },

	{ "qnet_socket_set_owner", "owner", FRESH, WORKS, SILENT },

	{ "qnet_local_server_on_destroyed", "callback", FRESH, FAILS, WARNS },
	{ "qnet_local_server_on_new_connection", "callback", FRESH, FAILS, WARNS },
	{ "qnet_local_server_on_connection_in_loop", "callback", FRESH, FAILS, WARNS },
	{ "qnet_local_server_set_loops", "loops", FRESH, WORKS, SILENT },
	{ "qnet_local_server_listen", "name", FRESH, FAILS, WARNS },
	{ "qnet_local_server_remove_server", "name", FRESH, FAILS, WARNS },
	{ "qnet_local_server_wait_for_new_connection", "timed_out", FRESH, FAILS, SILENT },
	{ "qnet_local_server_set_incoming_connection", "callback", FRESH, EITHER, SILENT },
	{ "qnet_local_server_set_has_pending_connections", "callback", FRESH, EITHER, SILENT },
	{ "qnet_local_server_set_next_pending_connection", "callback", FRESH, EITHER, SILENT },
	/* The live socket is no local one; api_local.c has those. */
	{ "qnet_local_socket_connect_to_server", "name", FRESH, EITHER, SILENT },
	{ "qnet_local_socket_set_server_name", "name", FRESH, EITHER, SILENT },
	{ "qnet_local_socket_peer_credentials", "pid", FRESH, FAILS, SILENT },
	{ "qnet_local_socket_peer_credentials", "uid", FRESH, FAILS, SILENT },
	{ "qnet_local_socket_peer_credentials", "gid", FRESH, FAILS, SILENT },
	{ "qnet_socket_write_parts", "parts", FRESH, FAILS, WARNS },
	{ "qnet_socket_write_lent", "data", FRESH, FAILS, WARNS },
	{ "qnet_socket_write_lent", "released", FRESH, FAILS, WARNS },
	{ "qnet_local_socket_write_with_descriptors", "data", FRESH, FAILS, SILENT },
	{ "qnet_local_socket_write_with_descriptors", "descriptors", FRESH, FAILS, SILENT },
	{ "qnet_local_socket_take_descriptors", "descriptors", FRESH, FAILS, SILENT },
};

static const struct expectation *expect(const struct null_case *c)
{
	for (size_t i = 0; i < LENGTH(expectations); i++) {
		const struct expectation *e = &expectations[i];

		if (strcmp(e->function, c->function) == 0 && strcmp(e->parameter, c->parameter) == 0)
			return e;
	}
	return NULL;
}

static const char *check_null(const struct null_case *c, const struct expectation *e)
{
	bool is_failure;

	reset_messages();
	is_failure = c->call();
	if (e->result == FAILS && !is_failure)
		return "the result is not the failure value";
	if (e->result == WORKS && is_failure)
		return "the result is the failure value";
	if (e->warnings == MAY_WARN && warnings == 0)
		return NULL;
	return check_warnings(e->warnings == SILENT ? 0 : 1);
}

static void try_null_pointer(const struct null_case *c)
{
	const struct expectation *e = expect(c);
	const char *why, *after;

	begin(c->function, c->parameter, "NULL");
	if (e == NULL) {
		end("no expectation; add it to misuse.c");
		return;
	}
	why = set_up(e->state);
	if (why != NULL) {
		end(why);
		return;
	}
	why = check_null(c, e);
	after = tear_down();
	end(why != NULL ? why : after);
}

/* Cases of their own ------------------------------------------------------- */

/* NULL is the default loop, which cannot be deleted. */
static const char *default_loop(void)
{
	qnet_loop *loop = qnet_loop_default();
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	qnet_timer *timer = qnet_timer_new(NULL);

	if (loop == NULL || socket == NULL || server == NULL || timer == NULL)
		return "cannot make objects on the default loop";
	if (qnet_loop_fd(NULL) < 0 || qnet_loop_fd(NULL) != qnet_loop_fd(loop))
		return "NULL is not the default loop";
	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	qnet_timer_delete(timer);
	if (warnings != 0)
		return "warnings before it was deleted";
	qnet_loop_delete(NULL);
	qnet_loop_delete(loop);
	if (qnet_loop_default() != loop || qnet_loop_fd(loop) < 0)
		return "it was deleted";
	return check_warnings(2);
}

/* A handle that waits for its deletion works until then. */
static const char *delete_later(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);

	qnet_socket_delete_later(socket);
	qnet_socket_delete_later(socket);
	if (!qnet_socket_is_sequential(socket) || warnings != 0)
		return "it was deleted at once";
	for (int i = 0; i < 10; i++)
		qnet_loop_process_events(loop, 0);
	if (qnet_socket_is_sequential(socket))
		return "it was not deleted";
	qnet_loop_delete(loop);
	return check_warnings(1);
}

/* The loop of an object may go first. */
static const char *loop_first(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_timer *timer = qnet_timer_new(loop);

	qnet_loop_delete(loop);
	qnet_timer_start(timer, 0);
	qnet_socket_abort(socket);
	qnet_socket_delete(socket);
	qnet_timer_delete(timer);
	return check_warnings(0);
}

/* An owner is of one of two types, so that the compiler cannot tell. */
static const char *no_owner(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_local_server *deleted = qnet_local_server_new(loop);
	long foreign[2] = { 0, 0 };
	void *const bad[] = { deleted, foreign, socket, loop, (void *)1 };
	const char *why = NULL;

	qnet_local_server_delete(deleted);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		if (qnet_socket_set_owner(socket, bad[i]))
			why = "it has an owner that is none";
	}
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return why != NULL ? why : check_warnings(LENGTH(bad));
}

static const char *no_registration(void)
{
	if (qnet_disconnect(0) || qnet_disconnect(UINT64_MAX))
		return "a registration that never was is removed";
	return NULL;
}

static void try_alone(const char *name, const char *(*call)(void))
{
	begin(name, "", "");
	reset_messages();
	end(call());
}

int main(void)
{
	struct sigaction action = { .sa_handler = blocked, .sa_flags = SA_ONSTACK };

	sigaction(SIGALRM, &action, NULL);
	leaks_begin();
	for (size_t i = 0; i < LENGTH(handle_cases); i++)
		try_handles(&handle_cases[i]);
	for (size_t i = 0; i < LENGTH(null_cases); i++)
		try_null_pointer(&null_cases[i]);
	try_alone("default_loop", default_loop);
	try_alone("delete_later", delete_later);
	try_alone("loop_first", loop_first);
	try_alone("no_owner", no_owner);
	try_alone("no_registration", no_registration);
	begin("leaks", "", "");
	end(leaks_found());
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
