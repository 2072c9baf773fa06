/*
 * The C API in ordinary use: the limits of servers.
 */
#include "rig.h"

#include <limits.h>
#include <sys/un.h>

/* Events ------------------------------------------------------------------- */

static struct check_log events;

static void on_refused(qnet_tcp_server *server, const qnet_host_address *address, void *user_data)
{
	char text[QNET_HOST_ADDRESS_STRING_MAX];

	(void)server;
	qnet_host_address_to_string(address, text, sizeof text);
	check_note(&events, "refused:%s%s", text, (const char *)user_data);
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)user_data;
	check_note(&events, "error:%d:%d", error, qnet_socket_state(socket));
}

static void on_state(qnet_socket *socket, qnet_state state, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "state:%d", state);
}

static void on_finished(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "finished");
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "disconnected");
}

static const char time_is_up[] = "error:5:3 state:6 state:0 finished disconnected";

static const char *observe(qnet_socket *socket)
{
	REQUIRE(qnet_socket_on_error_occurred(socket, on_error, NULL) != 0);
	REQUIRE(qnet_socket_on_state_changed(socket, on_state, NULL) != 0);
	REQUIRE(qnet_socket_on_read_channel_finished(socket, on_finished, NULL) != 0);
	REQUIRE(qnet_socket_on_disconnected(socket, on_disconnected, NULL) != 0);
	check_take(&events);
	return NULL;
}

static const char *rig_open(struct rig *rig)
{
	memset(rig, 0, sizeof *rig);
	rig->loop = qnet_loop_new();
	rig->server = qnet_tcp_server_new(rig->loop);
	REQUIRE(qnet_tcp_server_on_connection_refused(rig->server, on_refused, "!") != 0);
	REQUIRE(qnet_tcp_server_listen(rig->server, NULL, 0));
	check_take(&events);
	return NULL;
}

/* Connects without ever waiting for it later. */
static const char *rig_connect_nowait(struct rig *rig)
{
	REQUIRE_OK(rig_connect(rig));
	fcntl(rig->fds[rig->count - 1], F_SETFL, O_NONBLOCK);
	return NULL;
}

/* Connects, and takes the server's end. */
static const char *rig_accept(struct rig *rig, qnet_socket **socket)
{
	REQUIRE_OK(rig_connect_nowait(rig));
	UNTIL(rig->loop, qnet_tcp_server_has_pending_connections(rig->server));
	*socket = qnet_tcp_server_next_pending_connection(rig->server);
	return NULL;
}

/* Tells how the other end has ended this connection: 0 not yet, 1 in order, -1 by a reset. */
static int ended(int fd)
{
	char space[4096];
	ssize_t n;

	while ((n = recv(fd, space, sizeof space, MSG_DONTWAIT)) > 0)
		;
	return n == 0 ? 1 : errno == EAGAIN ? 0 : -1;
}

/* Settings ----------------------------------------------------------------- */

/* A number that can be set from least to most, and not to what is beyond. */
#define REQUIRE_SETTING(get, set, server, at_first, least, most) \
	do { \
		REQUIRE_EQUAL(get, at_first); \
		set(server, most); \
		set(server, (least)-1); \
		REQUIRE_WARNINGS(1); \
		REQUIRE_EQUAL(get, most); \
		set(server, least); \
		REQUIRE_EQUAL(get, least); \
	} while (0)

static const char *settings(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *tcp = qnet_tcp_server_new(loop);
	qnet_local_server *local = qnet_local_server_new(loop);

	REQUIRE_SETTING(qnet_tcp_server_connection_limit(tcp), qnet_tcp_server_set_connection_limit, tcp, 0, 0, INT_MAX);
	REQUIRE_SETTING(qnet_tcp_server_address_connection_limit(tcp), qnet_tcp_server_set_address_connection_limit, tcp, 0, 0, INT_MAX);
	REQUIRE_SETTING(qnet_tcp_server_address_prefix_length(tcp), qnet_tcp_server_set_address_prefix_length, tcp, 64, 1, 128);
	REQUIRE_SETTING(qnet_tcp_server_idle_timeout(tcp), qnet_tcp_server_set_idle_timeout, tcp, 0, 0, INT_MAX);
	REQUIRE_SETTING(qnet_tcp_server_first_byte_timeout(tcp), qnet_tcp_server_set_first_byte_timeout, tcp, 0, 0, INT_MAX);
	qnet_tcp_server_set_address_prefix_length(tcp, 129);
	REQUIRE_WARNINGS(1);
	REQUIRE_SETTING(qnet_local_server_connection_limit(local), qnet_local_server_set_connection_limit, local, 0, 0, INT_MAX);
	REQUIRE_SETTING(qnet_local_server_idle_timeout(local), qnet_local_server_set_idle_timeout, local, 0, 0, INT_MAX);
	REQUIRE_SETTING(qnet_local_server_first_byte_timeout(local), qnet_local_server_set_first_byte_timeout, local, 0, 0, INT_MAX);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(tcp), 0);
	REQUIRE_EQUAL(qnet_tcp_server_refused_connections(tcp), 0);
	REQUIRE_EQUAL(qnet_local_server_open_connections(local), 0);
	qnet_tcp_server_delete(tcp);
	qnet_local_server_delete(local);
	qnet_loop_delete(loop);
	return NULL;
}

/* How many ----------------------------------------------------------------- */

static const char *in_total(void)
{
	struct rig rig;
	qnet_socket *first, *second, *third;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_connection_limit(rig.server, 2);
	REQUIRE_OK(rig_accept(&rig, &first));
	REQUIRE_OK(rig_connect_nowait(&rig));
	REQUIRE_OK(rig_connect_nowait(&rig));
	REQUIRE(send(rig.fds[2], "patient", 7, 0) == 7);
	/* A pending one counts. */
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 2);
	second = qnet_tcp_server_next_pending_connection(rig.server);
	check_settle(rig.loop);
	REQUIRE(second != NULL && !qnet_tcp_server_has_pending_connections(rig.server));
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(rig.server, 20, NULL));
	/* With another owner it still counts, until it is closed. */
	REQUIRE(qnet_socket_set_owner(first, NULL));
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 2);
	qnet_socket_abort(first);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 1);
	UNTIL(rig.loop, qnet_tcp_server_has_pending_connections(rig.server));
	third = qnet_tcp_server_next_pending_connection(rig.server);
	UNTIL(rig.loop, qnet_socket_bytes_available(third) == 7);
	/* Nobody was refused. */
	REQUIRE_EQUAL(qnet_tcp_server_refused_connections(rig.server), 0);
	/* Used for something else, the first does not count. */
	qnet_tcp_server_set_connection_limit(rig.server, 0);
	qnet_socket_connect_to_address(first, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(rig.server), QNET_READ_WRITE);
	UNTIL(rig.loop, qnet_socket_state(first) == QNET_CONNECTED_STATE && qnet_tcp_server_open_connections(rig.server) == 3);
	qnet_socket_abort(first);
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 2);
	qnet_socket_delete(first);
	qnet_socket_delete(second);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 1);
	close(rig.fds[2]);
	rig.fds[2] = -1;
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 0);
	rig_close(&rig);
	return NULL;
}

static const char *of_an_address(void)
{
	struct rig rig;
	qnet_socket *one, *two;

	REQUIRE_OK(rig_open(&rig)); /* for both families: addresses are mapped ones */
	qnet_tcp_server_set_address_connection_limit(rig.server, 1);
	REQUIRE_OK(rig_accept(&rig, &one));
	REQUIRE_OK(rig_connect_nowait(&rig));
	REQUIRE_OK(rig_connect_nowait(&rig));
	UNTIL(rig.loop, qnet_tcp_server_refused_connections(rig.server) == 2);
	REQUIRE_TEXT(check_take(&events), "refused:::ffff:127.0.0.1! refused:::ffff:127.0.0.1!");
	REQUIRE_EQUAL(ended(rig.fds[1]), -1);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 1);
	REQUIRE(!qnet_tcp_server_has_pending_connections(rig.server));
	/* Whoever waits for a connection does not get a refused one. */
	REQUIRE_OK(rig_connect_nowait(&rig));
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(rig.server, 20, NULL));
	REQUIRE_TEXT(check_take(&events), "refused:::ffff:127.0.0.1!");
	qnet_socket_abort(one);
	REQUIRE_OK(rig_accept(&rig, &two));
	REQUIRE_EQUAL(qnet_tcp_server_refused_connections(rig.server), 3);
	rig_close(&rig);
	return NULL;
}

/* Descriptors that the program takes itself. */
static void on_incoming(qnet_tcp_server *server, intptr_t descriptor, void *user_data)
{
	(void)server;
	*(intptr_t *)user_data = descriptor;
}

static const char *as_descriptors(void)
{
	struct rig rig;
	intptr_t descriptor = -1;
	qnet_socket *socket;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_address_connection_limit(rig.server, 1);
	qnet_tcp_server_set_idle_timeout(rig.server, 50);
	qnet_tcp_server_set_incoming_connection(rig.server, on_incoming, &descriptor);
	REQUIRE_OK(rig_connect_nowait(&rig));
	UNTIL(rig.loop, descriptor >= 0);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 0);
	socket = qnet_tcp_socket_new(rig.loop);
	REQUIRE(qnet_socket_set_socket_descriptor(socket, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	qnet_tcp_server_add_pending_connection(rig.server, socket);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 1);
	/* It counts for its address, and its time passes. */
	descriptor = -1;
	REQUIRE_OK(rig_connect_nowait(&rig));
	UNTIL(rig.loop, qnet_tcp_server_refused_connections(rig.server) == 1);
	REQUIRE_EQUAL(descriptor, -1);
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 0);
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_SOCKET_TIMEOUT_ERROR);
	rig_close(&rig);
	return NULL;
}

/* How long ----------------------------------------------------------------- */

static const char *first_byte(void)
{
	struct rig rig;
	qnet_socket *silent, *talks, *pending;
	int64_t begin;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_first_byte_timeout(rig.server, 100);
	REQUIRE_OK(rig_accept(&rig, &silent));
	begin = check_now();
	REQUIRE_OK(observe(silent));
	REQUIRE_OK(rig_accept(&rig, &talks));
	REQUIRE_OK(rig_connect_nowait(&rig));
	REQUIRE(send(rig.fds[1], "x", 1, 0) == 1);
	/* To be spoken to is no excuse. */
	REQUIRE_EQUAL(qnet_socket_write(silent, "hello", 5), 5);
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 1);
	REQUIRE(check_now() - begin >= 98);
	REQUIRE_TEXT(check_take(&events), time_is_up);
	REQUIRE_TEXT(qnet_socket_error_string(silent), "Nothing was received in time");
	REQUIRE_EQUAL(qnet_socket_state(talks), QNET_CONNECTED_STATE);
	/* The one that nobody has taken has ended, and is there. */
	pending = qnet_tcp_server_next_pending_connection(rig.server);
	REQUIRE(pending != NULL && qnet_socket_state(pending) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(pending), QNET_SOCKET_TIMEOUT_ERROR);
	/* All that was sent has arrived: it is an end in order. */
	REQUIRE_EQUAL(ended(rig.fds[0]), 1);
	rig_close(&rig);
	return NULL;
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	char space[100];
	int64_t n = qnet_socket_read(socket, space, sizeof space);

	qnet_socket_write(socket, space, n);
	++*(int *)user_data;
}

/* Reads nothing, so that the peer's bytes stay. */
static void on_ready_read_idle(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
}

static const char *idle(void)
{
	struct rig rig;
	qnet_socket *echo, *told, *silent;
	int answers = 0, sent = 0;
	int64_t begin, next;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_idle_timeout(rig.server, 150);
	REQUIRE_OK(rig_accept(&rig, &echo));
	REQUIRE_OK(rig_accept(&rig, &told));
	REQUIRE_OK(rig_accept(&rig, &silent));
	REQUIRE(qnet_socket_on_ready_read(echo, on_ready_read, &answers) != 0);
	REQUIRE(qnet_socket_on_ready_read(silent, on_ready_read_idle, NULL) != 0);
	REQUIRE_OK(observe(silent));
	REQUIRE(send(rig.fds[2], "unread", 6, 0) == 6);
	for (begin = next = check_now(); check_now() - begin < 700; qnet_loop_process_events(rig.loop, 5))
		if (check_now() >= next) {
			/* One is answered within its callback, the other is only told something. */
			REQUIRE(send(rig.fds[0], "x", 1, 0) == 1);
			REQUIRE_EQUAL(qnet_socket_write(told, "y", 1), 1);
			next += 40;
			sent++;
		}
	REQUIRE(sent > 5 && answers > 5);
	REQUIRE_EQUAL(qnet_socket_state(echo), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_state(told), QNET_CONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), time_is_up);
	REQUIRE_TEXT(qnet_socket_error_string(silent), "The connection was idle for too long");
	REQUIRE_EQUAL(qnet_socket_bytes_available(silent), 6);
	REQUIRE_EQUAL(ended(rig.fds[2]), 1);
	/* Without the limit they stay, with one again they go, also after close(). */
	qnet_tcp_server_set_idle_timeout(rig.server, 0);
	qnet_tcp_server_close(rig.server);
	for (begin = check_now(); check_now() - begin < 300;)
		qnet_loop_process_events(rig.loop, 5);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 2);
	qnet_tcp_server_set_idle_timeout(rig.server, 50);
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 0);
	rig_close(&rig);
	return NULL;
}

/* The other ways to read and write. */
static const char *idle_in_other_modes(void)
{
	struct rig rig;
	qnet_socket *socket;
	char c;
	int64_t begin, next;
	intptr_t descriptor = -1;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_idle_timeout(rig.server, 150);
	qnet_tcp_server_set_incoming_connection(rig.server, on_incoming, &descriptor);
	for (int way = 0; way < 2; way++) {
		descriptor = -1;
		REQUIRE_OK(rig_connect_nowait(&rig));
		UNTIL(rig.loop, descriptor >= 0);
		socket = qnet_tcp_socket_new(rig.loop);
		REQUIRE(qnet_socket_set_socket_descriptor(socket, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE | QNET_UNBUFFERED));
		qnet_tcp_server_add_pending_connection(rig.server, socket);
		for (begin = next = check_now(); check_now() - begin < 700; qnet_loop_process_events(rig.loop, 5))
			if (check_now() >= next) {
				if (way == 1) {
					REQUIRE_EQUAL(qnet_socket_write(socket, "y", 1), 1);
				} else {
					REQUIRE(send(rig.fds[0], "x", 1, 0) == 1);
					if (qnet_socket_bytes_available(socket) > 0)
						REQUIRE_EQUAL(qnet_socket_read(socket, &c, 1), 1);
				}
				next += 40;
			}
		REQUIRE_EQUAL(qnet_socket_state(socket), QNET_CONNECTED_STATE);
		while (qnet_socket_read(socket, &c, 1) == 1)
			;
		UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 0);
		REQUIRE_EQUAL(qnet_socket_error(socket), QNET_SOCKET_TIMEOUT_ERROR);
	}
	rig_close(&rig);
	return NULL;
}

/* A client that takes nothing, with something for it. */
static const char *never_reads(void)
{
	static char data[1 << 20];
	struct rig rig;
	qnet_socket *socket;

	REQUIRE_OK(rig_open(&rig));
	qnet_tcp_server_set_idle_timeout(rig.server, 150);
	REQUIRE_OK(rig_accept(&rig, &socket));
	REQUIRE_OK(observe(socket));
	qnet_socket_set_write_buffer_limit(socket, 10 << 20, 0);
	while (qnet_socket_write(socket, data, sizeof data) == sizeof data)
		;
	/* The limit holds what the program would keep for it. */
	REQUIRE(qnet_socket_bytes_to_write(socket) <= 10 << 20);
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 0);
	REQUIRE_TEXT(check_take(&events), time_is_up);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 0);
	/* Nothing of it is left in the system either. */
	REQUIRE_EQUAL(ended(rig.fds[0]), -1);
	rig_close(&rig);
	return NULL;
}

/* Deleted in the signals of its end, and of others' ends. */
static qnet_socket *victims[3];
static qnet_tcp_server *victim_server;

static void delete_all(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	(void)error;
	for (size_t i = 0; i < LENGTH(victims); i++)
		if (victims[i] != NULL) {
			qnet_socket_delete(victims[i]);
			victims[i] = NULL;
		}
	if (user_data != NULL) {
		qnet_tcp_server_delete(victim_server);
		victim_server = NULL;
	}
}

static const char *deleted_by_it(void)
{
	for (int with_server = 0; with_server < 2; with_server++) {
		struct rig rig;

		REQUIRE_OK(rig_open(&rig));
		qnet_tcp_server_set_idle_timeout(rig.server, 60);
		victim_server = rig.server;
		for (size_t i = 0; i < LENGTH(victims); i++) {
			REQUIRE_OK(rig_accept(&rig, &victims[i]));
			qnet_socket_on_error_occurred(victims[i], delete_all, with_server ? "" : NULL);
		}
		UNTIL(rig.loop, victims[0] == NULL);
		if (with_server)
			rig.server = victim_server;
		else
			REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 0);
		check_settle(rig.loop);
		rig_close(&rig);
	}
	return NULL;
}

/* Local servers ------------------------------------------------------------ */

static int local_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static const char *local(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_local_server *server = qnet_local_server_new(loop);
	char name[100];
	qnet_socket *one, *two;
	int fds[3];

	snprintf(name, sizeof name, "qnet-limits-%d", (int)getpid());
	REQUIRE(qnet_local_server_listen(server, name));
	qnet_local_server_set_connection_limit(server, 2);
	qnet_local_server_set_first_byte_timeout(server, 60);
	qnet_local_server_set_idle_timeout(server, 300);
	for (size_t i = 0; i < LENGTH(fds); i++) {
		fds[i] = local_connect(qnet_local_server_full_server_name(server));
		REQUIRE(fds[i] >= 0);
	}
	REQUIRE(send(fds[0], "x", 1, 0) == 1);
	UNTIL(loop, qnet_local_server_open_connections(server) == 2);
	one = qnet_local_server_next_pending_connection(server);
	two = qnet_local_server_next_pending_connection(server);
	REQUIRE(one != NULL && two != NULL && !qnet_local_server_has_pending_connections(server));
	REQUIRE_OK(observe(two));
	/* The silent one makes room for the third. */
	UNTIL(loop, qnet_local_server_has_pending_connections(server));
	REQUIRE_TEXT(check_take(&events), time_is_up);
	REQUIRE_TEXT(qnet_socket_error_string(two), "QLocalSocket: Nothing was received in time");
	REQUIRE_EQUAL(qnet_socket_state(one), QNET_CONNECTED_STATE);
	UNTIL(loop, qnet_local_server_open_connections(server) == 0);
	REQUIRE_TEXT(qnet_socket_error_string(one), "QLocalSocket: The connection was idle for too long");
	for (size_t i = 0; i < LENGTH(fds); i++)
		close(fds[i]);
	qnet_local_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "settings", settings },
		{ "in_total", in_total },
		{ "of_an_address", of_an_address },
		{ "as_descriptors", as_descriptors },
		{ "first_byte", first_byte },
		{ "idle", idle },
		{ "idle_in_other_modes", idle_in_other_modes },
		{ "never_reads", never_reads },
		{ "deleted_by_it", deleted_by_it },
		{ "local", local },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
