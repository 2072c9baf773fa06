/*
 * The C API in ordinary use: servers.
 */
#include "rig.h"

#include <pthread.h>
#include <sys/resource.h>

/* Events ------------------------------------------------------------------- */

static struct check_log events;

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	(void)server;
	check_note(&events, "%snew", (const char *)user_data);
}

static void on_pending_available(qnet_tcp_server *server, void *user_data)
{
	(void)server;
	check_note(&events, "%spending", (const char *)user_data);
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *user_data)
{
	check_note(&events, "%serror:%d", (const char *)user_data, error);
	if (qnet_tcp_server_server_error(server) != error)
		check_note(&events, "(but server_error() is %d)", qnet_tcp_server_server_error(server));
}

static void on_listening(qnet_tcp_server *server, void *user_data)
{
	check_note(&events, "%slistening", (const char *)user_data);
	if (!qnet_tcp_server_is_listening(server) || qnet_tcp_server_server_port(server) == 0)
		check_note(&events, "(but it does not)");
}

static void on_destroyed(qnet_tcp_server *server, void *user_data)
{
	(void)server;
	check_note(&events, "%sdestroyed", (const char *)user_data);
}

static void on_socket_destroyed(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdestroyed", (const char *)user_data);
}

static const char *watch(qnet_tcp_server *server)
{
	REQUIRE(qnet_tcp_server_on_new_connection(server, on_new_connection, "") != 0);
	REQUIRE(qnet_tcp_server_on_pending_connection_available(server, on_pending_available, "") != 0);
	REQUIRE(qnet_tcp_server_on_accept_error(server, on_accept_error, "") != 0);
	REQUIRE(qnet_tcp_server_on_listening(server, on_listening, "") != 0);
	REQUIRE(qnet_tcp_server_on_destroyed(server, on_destroyed, "server ") != 0);
	check_take(&events);
	return NULL;
}

static bool happened(const char *word)
{
	return strstr(events.text, word) != NULL;
}

static const char *rig_open(struct rig *rig)
{
	memset(rig, 0, sizeof *rig);
	rig->loop = qnet_loop_new();
	rig->server = qnet_tcp_server_new(rig->loop);
	REQUIRE_OK(watch(rig->server));
	REQUIRE(qnet_tcp_server_listen(rig->server, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_TEXT(check_take(&events), "listening");
	return NULL;
}

/* Tells whether the other end has ended this connection. */
static bool ended(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Listening ---------------------------------------------------------------- */

static const char *fresh(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_host_address address;
	bool timed_out = true;

	REQUIRE(server != NULL);
	REQUIRE(!qnet_tcp_server_is_listening(server));
	REQUIRE_EQUAL(qnet_tcp_server_server_port(server), 0);
	REQUIRE(!qnet_tcp_server_server_address(server, &address) && qnet_host_address_is_null(&address));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNKNOWN_SOCKET_ERROR);
	REQUIRE_TEXT(qnet_tcp_server_error_string(server), "");
	REQUIRE_EQUAL(qnet_tcp_server_socket_descriptor(server), -1);
	REQUIRE_EQUAL(qnet_tcp_server_max_pending_connections(server), 30);
	REQUIRE_EQUAL(qnet_tcp_server_listen_backlog_size(server), 50);
	REQUIRE(!qnet_tcp_server_has_pending_connections(server));
	REQUIRE(qnet_tcp_server_next_pending_connection(server) == NULL);
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(server, 1000, &timed_out));
	REQUIRE(timed_out); /* left alone */
	qnet_tcp_server_set_listen_backlog_size(server, 7);
	REQUIRE_EQUAL(qnet_tcp_server_listen_backlog_size(server), 7);
	qnet_tcp_server_close(server);
	qnet_tcp_server_pause_accepting(server);
	qnet_tcp_server_resume_accepting(server);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *listening(void)
{
	struct rig rig;
	qnet_tcp_server *other;
	qnet_host_address address;
	uint16_t port;

	REQUIRE_OK(rig_open(&rig));
	port = qnet_tcp_server_server_port(rig.server);
	REQUIRE(qnet_tcp_server_is_listening(rig.server) && port != 0);
	REQUIRE(qnet_tcp_server_server_address(rig.server, &address));
	REQUIRE(qnet_host_address_is_equal(&address, QNET_ADDRESS_LOCAL_HOST, QNET_STRICT_CONVERSION));
	REQUIRE(qnet_tcp_server_socket_descriptor(rig.server) >= 0);
	REQUIRE(!qnet_tcp_server_listen(rig.server, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_WARNINGS(1);

	other = qnet_tcp_server_new(rig.loop);
	REQUIRE(!qnet_tcp_server_listen(other, QNET_ADDRESS_LOCAL_HOST, port));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(other), QNET_ADDRESS_IN_USE_ERROR);
	REQUIRE_TEXT(qnet_tcp_server_error_string(other), "The bound address is already in use");
	REQUIRE(!qnet_tcp_server_is_listening(other));
	qnet_host_address_set_address(&address, "192.0.2.199");
	REQUIRE(!qnet_tcp_server_listen(other, &address, 0));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(other), QNET_SOCKET_ADDRESS_NOT_AVAILABLE_ERROR);
	/* A success does not clear the error. */
	REQUIRE(qnet_tcp_server_listen(other, QNET_ADDRESS_ANY_IPV4, 0));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(other), QNET_SOCKET_ADDRESS_NOT_AVAILABLE_ERROR);
	qnet_tcp_server_delete(other);

	qnet_tcp_server_close(rig.server);
	REQUIRE(!qnet_tcp_server_is_listening(rig.server));
	REQUIRE_EQUAL(qnet_tcp_server_server_port(rig.server), 0);
	REQUIRE_EQUAL(raw_connect(port), -1);
	REQUIRE(qnet_tcp_server_listen(rig.server, QNET_ADDRESS_LOCAL_HOST, port));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	rig_close(&rig);
	return NULL;
}

static const char *listening_on_any(void)
{
	struct rig rig;
	qnet_host_address address;
	qnet_socket *peer;
	char text[QNET_HOST_ADDRESS_STRING_MAX];

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_close(rig.server);
	REQUIRE(qnet_tcp_server_listen(rig.server, NULL, 0));
	REQUIRE(qnet_tcp_server_server_address(rig.server, &address));
	REQUIRE_EQUAL(address.protocol, QNET_ANY_IP_PROTOCOL);
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	peer = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(qnet_socket_peer_address(peer, &address));
	qnet_host_address_to_string(&address, text, sizeof text);
	REQUIRE_TEXT(text, "::ffff:127.0.0.1");
	rig_close(&rig);
	return NULL;
}

/* A listening descriptor that was inherited. */
static const char *listening_on_a_descriptor(void)
{
	struct rig rig;
	uint16_t port = 0, other = 0;
	int fd = raw_bind(&port), bound = raw_bind(&other);

	REQUIRE(fd >= 0 && listen(fd, 5) == 0);
	REQUIRE_OK(rig_open(&rig));
	REQUIRE(!qnet_tcp_server_set_socket_descriptor(rig.server, fd));
	REQUIRE_WARNINGS(1);
	qnet_tcp_server_close(rig.server);
	REQUIRE(!qnet_tcp_server_set_socket_descriptor(rig.server, -1));
	REQUIRE(!qnet_tcp_server_set_socket_descriptor(rig.server, bound));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(rig.server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	close(bound); /* it was left alone */

	REQUIRE(qnet_tcp_server_set_socket_descriptor(rig.server, fd));
	REQUIRE(qnet_tcp_server_is_listening(rig.server));
	REQUIRE_EQUAL(qnet_tcp_server_server_port(rig.server), port);
	REQUIRE_EQUAL(qnet_tcp_server_socket_descriptor(rig.server), fd);
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) != NULL);
	qnet_tcp_server_close(rig.server);
	REQUIRE_EQUAL(fcntl(fd, F_GETFD), -1); /* it was the server's */
	rig_close(&rig);
	return NULL;
}

/* Accepting ---------------------------------------------------------------- */

static const char *accepting(void)
{
	struct rig rig;
	qnet_socket *one, *two;

	REQUIRE_OK(rig_open(&rig));
	REQUIRE_OK(rig_connect(&rig));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, qnet_tcp_server_has_pending_connections(rig.server));
	check_settle(rig.loop);
	REQUIRE_TEXT(check_take(&events), "pending new pending new");
	one = qnet_tcp_server_next_pending_connection(rig.server);
	two = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(one != NULL && two != NULL && one != two);
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) == NULL);
	REQUIRE(!qnet_tcp_server_has_pending_connections(rig.server));
	REQUIRE_EQUAL(qnet_socket_state(one), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_open_mode(one), QNET_READ_WRITE);
	/* In the order in which they came. */
	REQUIRE_EQUAL(write(rig.fds[0], "first", 5), 5);
	UNTIL(rig.loop, qnet_socket_bytes_available(one) == 5);
	REQUIRE_EQUAL(qnet_socket_bytes_available(two), 0);
	rig_close(&rig);
	return NULL;
}

static const char *accepting_at_most(void)
{
	struct rig rig;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_max_pending_connections(rig.server, 2);
	REQUIRE_EQUAL(qnet_tcp_server_max_pending_connections(rig.server), 2);
	for (int i = 0; i < 4; i++)
		REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new pending new"));
	check_settle(rig.loop);
	REQUIRE_TEXT(check_take(&events), "pending new pending new");
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) != NULL);
	UNTIL(rig.loop, happened("new"));
	check_settle(rig.loop);
	REQUIRE_TEXT(check_take(&events), "pending new");
	for (int i = 0; i < 3; i++) {
		REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) != NULL);
		check_settle(rig.loop);
	}
	REQUIRE_TEXT(check_take(&events), "pending new");
	rig_close(&rig);
	return NULL;
}

static const char *pausing(void)
{
	struct rig rig;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_pause_accepting(rig.server);
	REQUIRE_OK(rig_connect(&rig));
	check_settle(rig.loop);
	REQUIRE_TEXT(check_take(&events), "");
	qnet_tcp_server_resume_accepting(rig.server);
	UNTIL(rig.loop, happened("new"));
	REQUIRE_TEXT(check_take(&events), "pending new");
	rig_close(&rig);
	return NULL;
}

/* A thread that waits for a connection while the loop runs on this one. */
struct waiter {
	qnet_tcp_server *server;
	atomic_bool done;
	bool answer, timed_out;
};

static void *wait_there(void *data)
{
	struct waiter *waiter = data;

	waiter->answer = qnet_tcp_server_wait_for_new_connection(waiter->server, -1, &waiter->timed_out);
	waiter->done = true;
	return NULL;
}

static const char *waiting(void)
{
	struct rig rig;
	struct waiter waiter = { .timed_out = true };
	pthread_t thread;
	bool timed_out = false;
	int64_t start = check_now();

	REQUIRE_OK(rig_open(&rig));
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(rig.server, 50, &timed_out));
	REQUIRE(timed_out && check_now() - start >= 49);
	REQUIRE_EQUAL(qnet_tcp_server_server_error(rig.server), QNET_SOCKET_TIMEOUT_ERROR);
	REQUIRE_OK(rig_connect(&rig));
	REQUIRE(qnet_tcp_server_wait_for_new_connection(rig.server, 5000, &timed_out));
	REQUIRE(!timed_out);
	REQUIRE_TEXT(check_take(&events), "pending new");

	waiter.server = rig.server;
	pthread_create(&thread, NULL, wait_there, &waiter);
	for (int i = 0; i < 6 && !waiter.done; i++) {
		/* One that came before it began does not count. */
		REQUIRE_OK(rig_connect(&rig));
		for (int64_t end = check_now() + 1000; !waiter.done && check_now() < end;)
			qnet_loop_process_events(rig.loop, 10);
	}
	REQUIRE(waiter.done);
	pthread_join(thread, NULL);
	REQUIRE(waiter.answer && !waiter.timed_out);

	/* It ends with the server. */
	waiter.done = false;
	pthread_create(&thread, NULL, wait_there, &waiter);
	check_sleep(30);
	qnet_tcp_server_close(rig.server);
	pthread_join(thread, NULL);
	REQUIRE(!waiter.answer);
	rig_close(&rig);
	return NULL;
}

/* Descriptors run out, and come back. */
static const char *running_out_of_descriptors(void)
{
	struct rig rig;
	struct rlimit old, none;

	REQUIRE_OK(rig_open(&rig));
	REQUIRE_OK(rig_connect(&rig));
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 3;
	REQUIRE_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (int i = 0; i < 100 && !happened("error"); i++)
		qnet_loop_process_events(rig.loop, 20);
	/* Told once, not at each turn: the connection still waits. */
	for (int i = 0; i < 5; i++)
		qnet_loop_process_events(rig.loop, 1);
	setrlimit(RLIMIT_NOFILE, &old);
	REQUIRE_TEXT(check_take(&events), "error:4");
	REQUIRE_EQUAL(qnet_tcp_server_server_error(rig.server), QNET_SOCKET_RESOURCE_ERROR);
	REQUIRE_TEXT(qnet_tcp_server_error_string(rig.server), "Out of resources");
	UNTIL(rig.loop, happened("new"));
	REQUIRE_TEXT(check_take(&events), "pending new");
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	REQUIRE_TEXT(check_take(&events), "pending new");

	/* A loop and a socket need some as well. */
	setrlimit(RLIMIT_NOFILE, &none);
	REQUIRE(qnet_loop_new() == NULL);
	setrlimit(RLIMIT_NOFILE, &old);
	REQUIRE_WARNINGS(1);
	rig_close(&rig);
	return NULL;
}

/* Virtual functions -------------------------------------------------------- */

static struct {
	qnet_tcp_server *server;
	int fd;
	bool adds;
} incoming;

static void on_incoming(qnet_tcp_server *server, intptr_t fd, void *user_data)
{
	qnet_socket *socket;

	check_note(&events, "incoming");
	incoming.server = server;
	incoming.fd = (int)fd;
	if (!incoming.adds)
		return;
	socket = qnet_tcp_socket_new(user_data);
	if (!qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		check_note(&events, "(refused)");
	qnet_tcp_server_add_pending_connection(server, socket);
}

static const char *incoming_connection(void)
{
	struct rig rig;
	qnet_socket *socket;

	REQUIRE_OK(rig_open(&rig));
	memset(&incoming, 0, sizeof incoming);
	qnet_tcp_server_set_incoming_connection(rig.server, on_incoming, rig.loop);
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	/* The descriptor is the callback's. */
	REQUIRE_TEXT(check_take(&events), "incoming new");
	REQUIRE(incoming.server == rig.server && fcntl(incoming.fd, F_GETFD) >= 0);
	REQUIRE(!qnet_tcp_server_has_pending_connections(rig.server));
	close(incoming.fd);

	incoming.adds = true;
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	REQUIRE_TEXT(check_take(&events), "incoming pending new");
	socket = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(socket != NULL);
	REQUIRE_EQUAL(qnet_socket_socket_descriptor(socket), incoming.fd);

	qnet_tcp_server_set_incoming_connection(rig.server, NULL, NULL);
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	REQUIRE_TEXT(check_take(&events), "pending new");
	rig_close(&rig);
	return NULL;
}

static bool no_pending(qnet_tcp_server *server, void *user_data)
{
	/* Inside it the function is the original. */
	check_note(&events, "%shas:%d", (const char *)user_data, qnet_tcp_server_has_pending_connections(server));
	return false;
}

static qnet_socket *own_pending(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket = qnet_tcp_server_next_pending_connection(server);

	check_note(&events, "next:%d", socket != NULL);
	return socket != NULL ? socket : user_data;
}

static const char *pending_overrides(void)
{
	struct rig rig;
	qnet_socket *own, *stranger;

	REQUIRE_OK(rig_open(&rig));
	own = qnet_tcp_socket_new(rig.loop);
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	check_take(&events);
	qnet_tcp_server_set_has_pending_connections(rig.server, no_pending, "it ");
	REQUIRE(!qnet_tcp_server_has_pending_connections(rig.server));
	REQUIRE_TEXT(check_take(&events), "it has:1");
	qnet_tcp_server_set_has_pending_connections(rig.server, NULL, NULL);
	REQUIRE(qnet_tcp_server_has_pending_connections(rig.server));

	qnet_tcp_server_set_next_pending_connection(rig.server, own_pending, own);
	stranger = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(stranger != NULL && stranger != own);
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) == own);
	REQUIRE_TEXT(check_take(&events), "next:1 next:0");
	/* An answer that is no handle is none. */
	qnet_socket_delete(own);
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) == NULL);
	REQUIRE_WARNINGS(1);
	qnet_tcp_server_set_next_pending_connection(rig.server, NULL, NULL);
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) == NULL);
	rig_close(&rig);
	return NULL;
}

static const char *adding_a_connection(void)
{
	struct rig rig;
	qnet_socket *socket;

	REQUIRE_OK(rig_open(&rig));
	socket = qnet_tcp_socket_new(rig.loop);
	qnet_socket_on_destroyed(socket, on_socket_destroyed, "socket ");
	qnet_tcp_server_add_pending_connection(rig.server, socket);
	REQUIRE_TEXT(check_take(&events), "pending");
	REQUIRE(qnet_tcp_server_next_pending_connection(rig.server) == socket);
	qnet_tcp_server_delete(rig.server);
	rig.server = NULL;
	REQUIRE_TEXT(check_take(&events), "server destroyed socket destroyed");
	rig_close(&rig);
	return NULL;
}

/* Lifetime ----------------------------------------------------------------- */

static const char *deleting(void)
{
	struct rig rig;
	qnet_socket *taken, *kept;

	REQUIRE_OK(rig_open(&rig));
	for (int i = 0; i < 3; i++)
		REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new pending new pending new"));
	taken = qnet_tcp_server_next_pending_connection(rig.server);
	kept = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(qnet_socket_set_owner(kept, NULL));
	qnet_socket_on_destroyed(taken, on_socket_destroyed, "taken ");
	qnet_socket_on_destroyed(kept, on_socket_destroyed, "kept ");

	/* Closing ends the one that nobody has taken. */
	qnet_tcp_server_close(rig.server);
	for (int i = 0; i < 100 && !ended(rig.fds[2]); i++)
		check_sleep(10);
	REQUIRE(ended(rig.fds[2]) && !ended(rig.fds[0]) && !ended(rig.fds[1]));

	check_take(&events);
	qnet_tcp_server_delete_later(rig.server);
	qnet_tcp_server_delete_later(rig.server);
	REQUIRE(!qnet_tcp_server_is_listening(rig.server));
	UNTIL(rig.loop, happened("destroyed"));
	REQUIRE_TEXT(check_take(&events), "server destroyed taken destroyed");
	REQUIRE(!qnet_tcp_server_is_listening(rig.server));
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_state(kept), QNET_CONNECTED_STATE);
	REQUIRE(!ended(rig.fds[1]));
	qnet_socket_delete(kept);
	REQUIRE_TEXT(check_take(&events), "kept destroyed");
	rig.server = NULL;
	rig_close(&rig);
	return NULL;
}

static void delete_server(qnet_tcp_server *server, void *user_data)
{
	(void)user_data;
	qnet_tcp_server_delete(server);
	check_note(&events, "back");
}

static const char *deleting_inside_callbacks(void)
{
	struct rig rig;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_on_pending_connection_available(rig.server, delete_server, NULL);
	REQUIRE_OK(rig_connect(&rig));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("back"));
	check_settle(rig.loop);
	REQUIRE_TEXT(check_take(&events), "pending server destroyed back");
	for (int i = 0; i < 100 && !(ended(rig.fds[0]) && ended(rig.fds[1])); i++)
		check_sleep(10);
	REQUIRE(ended(rig.fds[0]) && ended(rig.fds[1]));
	rig.server = NULL;
	rig_close(&rig);
	return NULL;
}

static void listen_again(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "listens:%d", qnet_tcp_server_listen(user_data, QNET_ADDRESS_LOCAL_HOST, 0));
}

/* A server that is being deleted cannot be brought back to life. */
static const char *listening_while_being_deleted(void)
{
	struct rig rig;
	qnet_socket *socket;
	int before = check_count_descriptors();

	REQUIRE_OK(rig_open(&rig));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, happened("new"));
	socket = qnet_tcp_server_next_pending_connection(rig.server);
	qnet_socket_on_disconnected(socket, listen_again, rig.server);
	qnet_tcp_server_add_pending_connection(rig.server, socket);
	check_take(&events);
	qnet_tcp_server_delete(rig.server);
	REQUIRE_TEXT(check_take(&events), "listens:0 server destroyed");
	rig.server = NULL;
	rig_close(&rig);
	REQUIRE_EQUAL(check_count_descriptors(), before);
	return NULL;
}

/* The process -------------------------------------------------------------- */

/* Loading the library leaves the limit as it was. */
static const char *limit_of_descriptors(void)
{
	char command[200], line[40] = "";
	ssize_t n;
	FILE *pipe;

	n = readlink("/proc/self/exe", command, sizeof command - 20);
	REQUIRE(n > 0);
	snprintf(command + n, sizeof command - (size_t)n, " --limit");
	REQUIRE(setenv("PROGRAM", command, 1) == 0);
	pipe = popen("ulimit -S -n 100; $PROGRAM", "r");
	REQUIRE(pipe != NULL && fgets(line, sizeof line, pipe) != NULL);
	pclose(pipe);
	REQUIRE_TEXT(line, "100\n");
	return NULL;
}

static int print_limit(void)
{
	struct rlimit limit;

	qnet_loop_default();
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("%llu\n", (unsigned long long)limit.rlim_cur);
	return 0;
}

static const char *no_descriptor_left(void)
{
	int before = check_count_descriptors();

	REQUIRE_OK(accepting());
	REQUIRE_OK(listening_on_a_descriptor());
	REQUIRE_OK(incoming_connection());
	REQUIRE_OK(waiting());
	REQUIRE_OK(deleting());
	REQUIRE_OK(deleting_inside_callbacks());
	REQUIRE_OK(running_out_of_descriptors());
	REQUIRE_EQUAL(check_count_descriptors(), before);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "fresh", fresh },
		{ "listening", listening },
		{ "listening_on_any", listening_on_any },
		{ "listening_on_a_descriptor", listening_on_a_descriptor },
		{ "accepting", accepting },
		{ "accepting_at_most", accepting_at_most },
		{ "pausing", pausing },
		{ "waiting", waiting },
		{ "running_out_of_descriptors", running_out_of_descriptors },
		{ "incoming_connection", incoming_connection },
		{ "pending_overrides", pending_overrides },
		{ "adding_a_connection", adding_a_connection },
		{ "deleting", deleting },
		{ "deleting_inside_callbacks", deleting_inside_callbacks },
		{ "listening_while_being_deleted", listening_while_being_deleted },
		{ "limit_of_descriptors", limit_of_descriptors },
		{ "no_descriptor_left", no_descriptor_left },
	};

	if (argc == 2 && strcmp(argv[1], "--limit") == 0)
		return print_limit();
	return check_main(cases, LENGTH(cases), argc, argv);
}
