/*
 * The C API in ordinary use: local servers and sockets, the rights of their
 * files, who is at the other end, and passing descriptors.
 */
#include "pair.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define NOBODY 65534

/* Events ------------------------------------------------------------------- */

static struct check_log events;

static void on_new_connection(qnet_local_server *server, void *user_data)
{
	check_note(&events, "%snew", (const char *)user_data);
	if (!qnet_local_server_is_listening(server))
		check_note(&events, "(not listening)");
}

static void on_server_destroyed(qnet_local_server *server, void *user_data)
{
	(void)server;
	check_note(&events, "%sdestroyed", (const char *)user_data);
}

static void on_state(qnet_socket *socket, qnet_state state, void *user_data)
{
	check_note(&events, "%d%s", state, qnet_socket_is_open(socket) ? "+" : "-");
	(void)user_data;
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	check_note(&events, "error:%d@%d", error, qnet_socket_state(socket));
	(void)user_data;
}

static void on_connected(qnet_socket *socket, void *user_data)
{
	check_note(&events, "connected%s", qnet_socket_is_open(socket) ? "+" : "-");
	(void)user_data;
}

static void on_socket_destroyed(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdestroyed", (const char *)user_data);
}

static const char *watch(qnet_socket *socket)
{
	REQUIRE(qnet_socket_on_state_changed(socket, on_state, NULL) != 0);
	REQUIRE(qnet_socket_on_error_occurred(socket, on_error, NULL) != 0);
	REQUIRE(qnet_socket_on_connected(socket, on_connected, NULL) != 0);
	check_take(&events);
	return NULL;
}

/* A directory, a server in it and a client -------------------------------- */

struct rig {
	char directory[40], path[60];
	qnet_loop *loop;
	qnet_local_server *server;
	qnet_socket *client, *peer;
};

static const char *prepare(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	strcpy(rig->directory, "/tmp/qnet-test-XXXXXX");
	REQUIRE(mkdtemp(rig->directory) != NULL && chmod(rig->directory, 0755) == 0);
	snprintf(rig->path, sizeof rig->path, "%s/s", rig->directory);
	rig->loop = qnet_loop_new();
	rig->server = qnet_local_server_new(rig->loop);
	rig->client = qnet_local_socket_new(rig->loop);
	REQUIRE(rig->loop != NULL && rig->server != NULL && rig->client != NULL);
	check_take(&events);
	return NULL;
}

static void put_away(struct rig *rig)
{
	if (rig->client != NULL)
		qnet_socket_delete(rig->client);
	if (rig->server != NULL)
		qnet_local_server_delete(rig->server);
	if (rig->loop != NULL)
		qnet_loop_delete(rig->loop);
	unlink(rig->path);
	rmdir(rig->directory);
}

static const char *connect_rig(struct rig *rig)
{
	REQUIRE(qnet_local_server_listen(rig->server, rig->path));
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_state(rig->client), QNET_CONNECTED_STATE);
	UNTIL(rig->loop, qnet_local_server_has_pending_connections(rig->server));
	rig->peer = qnet_local_server_next_pending_connection(rig->server);
	REQUIRE(rig->peer != NULL);
	return NULL;
}

/* Runs a case with a rig, which is put away whatever the case's end. */
static const char *with_rig(const char *(*run)(struct rig *), bool connected)
{
	struct rig rig;
	const char *why = prepare(&rig);

	if (why == NULL && connected)
		why = connect_rig(&rig);
	if (why == NULL)
		why = run(&rig);
	put_away(&rig);
	return why;
}

#define RIG_CASE(name, connected) \
	static const char *name##_in(struct rig *); \
	static const char *name(void) \
	{ \
		return with_rig(name##_in, connected); \
	} \
	static const char *name##_in(struct rig *rig)

/* Returns a plain socket connected to a path, or -1 with errno. */
static int local_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Returns a plain socket that is bound to a path. */
static int local_bind(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

/* Ordinary use ------------------------------------------------------------- */

RIG_CASE(fresh, false)
{
	REQUIRE(!qnet_local_server_is_listening(rig->server) && !qnet_local_server_has_pending_connections(rig->server));
	REQUIRE(qnet_local_server_next_pending_connection(rig->server) == NULL);
	REQUIRE_TEXT(qnet_local_server_server_name(rig->server), "");
	REQUIRE_TEXT(qnet_local_server_full_server_name(rig->server), "");
	REQUIRE_TEXT(qnet_local_server_error_string(rig->server), "");
	REQUIRE_EQUAL(qnet_local_server_server_error(rig->server), QNET_UNKNOWN_SOCKET_ERROR);
	REQUIRE_EQUAL(qnet_local_server_socket_descriptor(rig->server), -1);
	REQUIRE_EQUAL(qnet_local_server_socket_options(rig->server), QNET_NO_OPTIONS);
	REQUIRE_EQUAL(qnet_local_server_max_pending_connections(rig->server), 30);
	REQUIRE_EQUAL(qnet_local_server_listen_backlog_size(rig->server), 50);
	REQUIRE_EQUAL(qnet_socket_socket_type(rig->client), QNET_LOCAL_SOCKET);
	REQUIRE_EQUAL(qnet_local_socket_socket_options(rig->client), QNET_NO_OPTIONS);
	REQUIRE_TEXT(qnet_local_socket_server_name(rig->client), "");
	REQUIRE(!qnet_local_socket_receives_descriptors(rig->client));
	return NULL;
}

RIG_CASE(connecting, false)
{
	REQUIRE(qnet_local_server_on_new_connection(rig->server, on_new_connection, "") != 0);
	REQUIRE(qnet_local_server_listen(rig->server, rig->path));
	REQUIRE_TEXT(qnet_local_server_server_name(rig->server), rig->path);
	REQUIRE(!qnet_local_server_listen(rig->server, rig->path));
	REQUIRE_WARNINGS(1);
	REQUIRE_OK(watch(rig->client));
	qnet_local_socket_set_server_name(rig->client, rig->path);
	qnet_local_socket_connect_to_server(rig->client, NULL, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "2- 3- connected+");
	REQUIRE_TEXT(qnet_local_socket_full_server_name(rig->client), rig->path);
	qnet_local_socket_connect_to_server(rig->client, NULL, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "error:19@3");
	UNTIL(rig->loop, qnet_local_server_has_pending_connections(rig->server));
	REQUIRE_TEXT(check_take(&events), "new");
	rig->peer = qnet_local_server_next_pending_connection(rig->server);
	REQUIRE_TEXT(qnet_local_socket_server_name(rig->peer), "s");
	REQUIRE_EQUAL(qnet_socket_write(rig->client, "hello", 5), 5);
	UNTIL(rig->loop, qnet_socket_bytes_available(rig->peer) == 5);
	qnet_socket_disconnect_from_host(rig->client);
	REQUIRE_TEXT(check_take(&events), "6+ 0+");
	REQUIRE_TEXT(qnet_local_socket_server_name(rig->client), "");
	UNTIL(rig->loop, qnet_socket_state(rig->peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(rig->peer), QNET_REMOTE_HOST_CLOSED_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(rig->peer), "QLocalSocket: Remote closed");
	return NULL;
}

RIG_CASE(connecting_fails, false)
{
	REQUIRE_OK(watch(rig->client));
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "2- error:2@2 0-");
	close(local_bind(rig->path));
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "2- error:0@2 0-");
	return NULL;
}

RIG_CASE(wrong_kind, true)
{
	qnet_socket *tcp = qnet_tcp_socket_new(rig->loop);
	qnet_local_server *server = rig->server;
	char byte = 'x';
	intptr_t fd = 0;

	qnet_local_socket_connect_to_server(tcp, rig->path, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_error(tcp), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_local_socket_set_server_name(tcp, "x");
	qnet_local_socket_set_socket_options(tcp, QNET_ABSTRACT_NAMESPACE_OPTION);
	qnet_local_socket_set_receives_descriptors(tcp, true);
	REQUIRE(qnet_local_socket_server_name(tcp) == NULL && qnet_local_socket_full_server_name(tcp) == NULL);
	REQUIRE_EQUAL(qnet_local_socket_socket_options(tcp), -1);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(tcp, &byte, 1, &fd, 1), -1);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(tcp, &fd, 1), -1);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(tcp), -1);
	REQUIRE(!qnet_local_socket_receives_descriptors(tcp) && !qnet_local_socket_peer_credentials(tcp, NULL, NULL, NULL));
	qnet_local_server_add_pending_connection(server, tcp);
	REQUIRE_WARNINGS(1);
	REQUIRE(!qnet_local_server_has_pending_connections(server));
	qnet_socket_delete(tcp);
	/* And a local socket has no hosts and ports. */
	REQUIRE(!qnet_socket_bind(rig->client, NULL, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_socket_connect_to_host(rig->client, "localhost", 1, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	REQUIRE_EQUAL(qnet_socket_state(rig->client), QNET_CONNECTED_STATE);
	return NULL;
}

RIG_CASE(abstract_names, false)
{
	char name[60];

	snprintf(name, sizeof name, "%s \x01\xff\xc0\x80/", rig->directory);
	qnet_local_server_set_socket_options(rig->server, QNET_ABSTRACT_NAMESPACE_OPTION);
	REQUIRE(qnet_local_server_listen(rig->server, name));
	REQUIRE_TEXT(qnet_local_server_full_server_name(rig->server), name);
	qnet_local_socket_connect_to_server(rig->client, name, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_HOST_NOT_FOUND_ERROR);
	qnet_local_socket_set_socket_options(rig->client, QNET_ABSTRACT_NAMESPACE_OPTION);
	REQUIRE_EQUAL(qnet_local_socket_socket_options(rig->client), QNET_ABSTRACT_NAMESPACE_OPTION);
	qnet_local_socket_connect_to_server(rig->client, name, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_state(rig->client), QNET_CONNECTED_STATE);
	REQUIRE_TEXT(qnet_local_socket_full_server_name(rig->client), name);
	/* What the system knows: a NUL where C0 80 stands. */
	struct sockaddr_un address;
	socklen_t size = sizeof address;
	REQUIRE(getpeername((int)qnet_socket_socket_descriptor(rig->client), (struct sockaddr *)&address, &size) == 0);
	size_t length = strlen(name) - 1;
	REQUIRE_EQUAL(size - offsetof(struct sockaddr_un, sun_path), 1 + length);
	REQUIRE(address.sun_path[0] == '\0' && address.sun_path[1 + length - 2] == '\0' && address.sun_path[length] == '/');
	return NULL;
}

RIG_CASE(plain_names, false)
{
	char want[300], name[60];

	snprintf(name, sizeof name, "qnet-test-%d", getpid());
	REQUIRE(qnet_local_server_listen(rig->server, name));
	snprintf(want, sizeof want, "%s/%s", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp", name);
	REQUIRE_TEXT(qnet_local_server_full_server_name(rig->server), want);
	qnet_local_server_close(rig->server);
	REQUIRE(access(want, F_OK) != 0);
	/* Also as the environment is now. */
	setenv("TMPDIR", rig->directory, 1);
	bool ok = qnet_local_server_listen(rig->server, "s");
	unsetenv("TMPDIR");
	REQUIRE(ok);
	REQUIRE_TEXT(qnet_local_server_full_server_name(rig->server), rig->path);
	return NULL;
}

RIG_CASE(inherited_descriptor, false)
{
	int fd = local_bind(rig->path);

	REQUIRE(fd >= 0 && !qnet_local_server_listen_descriptor(rig->server, fd));
	REQUIRE_EQUAL(qnet_local_server_server_error(rig->server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(listen(fd, 5) == 0 && qnet_local_server_listen_descriptor(rig->server, fd));
	REQUIRE_EQUAL(qnet_local_server_socket_descriptor(rig->server), fd);
	REQUIRE_TEXT(qnet_local_server_server_name(rig->server), "s");
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	bool late = true;
	REQUIRE(qnet_local_server_wait_for_new_connection(rig->server, 10000, &late) && !late);
	qnet_local_server_close(rig->server);
	REQUIRE(access(rig->path, F_OK) != 0);
	return NULL;
}

RIG_CASE(limits, false)
{
	int fds[5];

	qnet_local_server_set_max_pending_connections(rig->server, 2);
	qnet_local_server_set_listen_backlog_size(rig->server, 7);
	REQUIRE_EQUAL(qnet_local_server_listen_backlog_size(rig->server), 7);
	REQUIRE(qnet_local_server_listen(rig->server, rig->path));
	REQUIRE(qnet_local_server_on_new_connection(rig->server, on_new_connection, "") != 0);
	for (size_t i = 0; i < LENGTH(fds); i++)
		REQUIRE((fds[i] = local_connect(rig->path)) >= 0);
	check_settle(rig->loop);
	REQUIRE_TEXT(check_take(&events), "new new");
	for (size_t i = 0; i < LENGTH(fds); i++) {
		UNTIL(rig->loop, qnet_local_server_has_pending_connections(rig->server));
		REQUIRE(qnet_local_server_next_pending_connection(rig->server) != NULL);
		close(fds[i]);
	}
	REQUIRE_TEXT(check_take(&events), "new new new");
	return NULL;
}

static void accept_myself(qnet_local_server *server, intptr_t descriptor, void *user_data)
{
	struct rig *rig = user_data;

	check_note(&events, "incoming");
	rig->peer = qnet_local_socket_new(rig->loop);
	if (qnet_socket_set_socket_descriptor(rig->peer, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		qnet_local_server_add_pending_connection(server, rig->peer);
}

static bool never_pending(qnet_local_server *server, void *user_data)
{
	(void)user_data;
	return !qnet_local_server_has_pending_connections(server);
}

static qnet_socket *next_of_mine(qnet_local_server *server, void *user_data)
{
	check_note(&events, "next");
	(void)user_data;
	return qnet_local_server_next_pending_connection(server);
}

RIG_CASE(overrides, false)
{
	REQUIRE(qnet_local_server_on_new_connection(rig->server, on_new_connection, "") != 0);
	qnet_local_server_set_incoming_connection(rig->server, accept_myself, rig);
	qnet_local_server_set_has_pending_connections(rig->server, never_pending, NULL);
	qnet_local_server_set_next_pending_connection(rig->server, next_of_mine, NULL);
	REQUIRE(qnet_local_server_listen(rig->server, rig->path));
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	UNTIL(rig->loop, rig->peer != NULL);
	REQUIRE_TEXT(check_take(&events), "incoming new");
	REQUIRE(!qnet_local_server_has_pending_connections(rig->server));
	REQUIRE(qnet_local_server_next_pending_connection(rig->server) == rig->peer);
	REQUIRE_TEXT(check_take(&events), "next");
	REQUIRE_TEXT(qnet_local_socket_full_server_name(rig->peer), rig->path);
	return NULL;
}

RIG_CASE(ownership, true)
{
	qnet_socket *freed = rig->peer, *taken = qnet_local_socket_new(rig->loop);

	REQUIRE(qnet_local_server_on_destroyed(rig->server, on_server_destroyed, "server ") != 0);
	REQUIRE(qnet_socket_on_destroyed(taken, on_socket_destroyed, "taken ") != 0);
	REQUIRE(qnet_socket_set_owner(freed, NULL) && qnet_socket_set_owner(taken, rig->server));
	qnet_local_server_delete_later(rig->server);
	rig->server = NULL;
	check_settle(rig->loop);
	REQUIRE_TEXT(check_take(&events), "server destroyed taken destroyed");
	REQUIRE_EQUAL(qnet_socket_state(freed), QNET_CONNECTED_STATE);
	qnet_socket_delete(freed);
	return NULL;
}

RIG_CASE(full_queue, false)
{
	int listener = local_bind(rig->path), filler, taken;

	REQUIRE(listener >= 0 && listen(listener, 0) == 0 && (filler = local_connect(rig->path)) >= 0);
	REQUIRE_OK(watch(rig->client));
	qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
	check_settle(rig->loop);
	REQUIRE(!qnet_socket_wait_for_connected(rig->client, 20));
	REQUIRE_TEXT(check_take(&events), "2- error:5@2 0-");
	/* There is room while the loop runs, and while somebody waits. */
	for (int waiting = 0; waiting < 2; waiting++) {
		qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
		REQUIRE_TEXT(check_take(&events), "2-");
		REQUIRE((taken = accept(listener, NULL, NULL)) >= 0);
		if (waiting)
			REQUIRE(qnet_socket_wait_for_connected(rig->client, 10000));
		else
			UNTIL(rig->loop, qnet_socket_state(rig->client) == QNET_CONNECTED_STATE);
		REQUIRE_TEXT(check_take(&events), "3- connected+");
		close(taken);
		qnet_socket_abort(rig->client);
		check_take(&events);
	}
	close(listener);
	close(filler);
	return NULL;
}

/* Files -------------------------------------------------------------------- */

RIG_CASE(remove_server, false)
{
	REQUIRE(qnet_local_server_remove_server(rig->path) && !qnet_local_server_remove_server(""));
	close(open(rig->path, O_CREAT | O_WRONLY, 0600));
	REQUIRE(!qnet_local_server_remove_server(rig->path));
	REQUIRE_WARNINGS(1);
	REQUIRE(unlink(rig->path) == 0);
	/* Somebody listens there. He does not notice that we looked. */
	REQUIRE(qnet_local_server_on_new_connection(rig->server, on_new_connection, "") != 0);
	REQUIRE(qnet_local_server_listen(rig->server, rig->path) && qnet_local_server_remove_server(rig->path));
	REQUIRE_WARNINGS(1);
	check_settle(rig->loop);
	REQUIRE_TEXT(check_take(&events), "");
	REQUIRE(access(rig->path, F_OK) != 0 && qnet_local_server_is_listening(rig->server));
	/* The name is another's now, and stays his. */
	int other = local_bind(rig->path);
	REQUIRE(other >= 0);
	qnet_local_server_close(rig->server);
	REQUIRE(access(rig->path, F_OK) == 0);
	close(other);
	REQUIRE(qnet_local_server_remove_server(rig->path) && access(rig->path, F_OK) != 0);
	return NULL;
}

/* Runs f in a child that is nobody; returns what it exits with. The child may
 * not call the library. */
static int as_nobody(int (*f)(const char *), const char *path)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ? 99 : f(path));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Exits with the errno of connecting. */
static int try_connect(const char *path)
{
	return local_connect(path) >= 0 ? 0 : errno;
}

/* The file has the rights that were asked for, whatever the umask. */
RIG_CASE(rights, false)
{
	static const struct {
		int options;
		mode_t mode;
		bool others;
	} cases[] = {
		{ QNET_USER_ACCESS_OPTION, 0700, false },
		{ QNET_GROUP_ACCESS_OPTION, 0070, false },
		{ QNET_OTHER_ACCESS_OPTION, 0007, true },
		{ QNET_USER_ACCESS_OPTION | QNET_GROUP_ACCESS_OPTION, 0770, false },
		{ QNET_WORLD_ACCESS_OPTION, 0777, true },
	};
	static const mode_t masks[] = { 0, 022, 077, 0777 };
	struct stat stat_;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		for (size_t m = 0; m < LENGTH(masks); m++) {
			qnet_local_server_set_socket_options(rig->server, cases[i].options);
			mode_t before = umask(masks[m]);
			bool ok = qnet_local_server_listen(rig->server, rig->path);
			REQUIRE_EQUAL(umask(before), masks[m]);
			REQUIRE(ok && stat(rig->path, &stat_) == 0);
			REQUIRE_EQUAL(stat_.st_mode, S_IFSOCK | cases[i].mode);
			if (geteuid() == 0)
				REQUIRE_EQUAL(as_nobody(try_connect, rig->path), cases[i].others ? 0 : EACCES);
			qnet_local_server_close(rig->server);
		}
	}
	if (geteuid() != 0)
		printf("skip rights: connecting as another user, because this is not run as root\n");
	return NULL;
}

/* Connects all the time, until it is told to end; exits with 1 if the file's
 * rights ever allow it, though nobody may listen yet, with 2 if it never found
 * the file. */
static int hammer(const char *path)
{
	int found = 0;
	char stop[100];

	snprintf(stop, sizeof stop, "%s-stop", path);
	while (access(stop, F_OK) != 0) {
		if (local_connect(path) >= 0 || (errno != EACCES && errno != ENOENT))
			return 1;
		found += errno == EACCES;
	}
	return found > 0 ? 0 : 2;
}

/* There is no moment at which another user can connect. */
RIG_CASE(no_window, false)
{
	char stop[100];
	int status;
	pid_t child;

	if (geteuid() != 0) {
		printf("skip no_window: this is not run as root\n");
		return NULL;
	}
	snprintf(stop, sizeof stop, "%s-stop", rig->path);
	qnet_local_server_set_socket_options(rig->server, QNET_USER_ACCESS_OPTION);
	mode_t before = umask(0);
	child = fork();
	if (child == 0)
		_exit(setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ? 99 : hammer(rig->path));
	int failed = 0;
	for (int64_t end = check_now() + 1500; check_now() < end;) {
		failed += !qnet_local_server_listen(rig->server, rig->path);
		qnet_local_server_close(rig->server);
	}
	umask(before);
	close(open(stop, O_CREAT | O_WRONLY, 0644));
	REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status));
	unlink(stop);
	REQUIRE_EQUAL(failed, 0);
	REQUIRE_EQUAL(WEXITSTATUS(status), 0);
	return NULL;
}

/* Another process ---------------------------------------------------------- */

/* Listens at path and echoes what comes, until it is killed. */
static void echo(qnet_socket *socket, void *user_data)
{
	char data[100];
	int64_t size = qnet_socket_read(socket, data, sizeof data);

	(void)user_data;
	if (size > 0)
		qnet_socket_write(socket, data, size);
}

static void serve_next(qnet_local_server *server, void *user_data)
{
	qnet_socket_on_ready_read(qnet_local_server_next_pending_connection(server), echo, user_data);
}

static int serve(const char *path)
{
	qnet_local_server *server = qnet_local_server_new(NULL);

	if (!qnet_local_server_listen(server, path)) {
		if (qnet_local_server_server_error(server) != QNET_ADDRESS_IN_USE_ERROR ||
		    !qnet_local_server_remove_server(path) || !qnet_local_server_listen(server, path))
			return 1;
	}
	qnet_local_server_on_new_connection(server, serve_next, NULL);
	return qnet_loop_exec(NULL);
}

static pid_t start_server(const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/proc/self/exe", "api_local", "--serve", path, (char *)NULL);
		_exit(127);
	}
	return child;
}

/* Connects to the server once it listens, and has it echo. */
static const char *use_server(struct rig *rig, pid_t server)
{
	int64_t end = check_now() + 20000, pid = 0, uid = 0, gid = 0;
	char back[5] = "";

	do {
		qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
		if (qnet_socket_state(rig->client) != QNET_CONNECTED_STATE)
			qnet_loop_process_events(rig->loop, 5);
	} while (qnet_socket_state(rig->client) != QNET_CONNECTED_STATE && check_now() < end);
	REQUIRE_EQUAL(qnet_socket_state(rig->client), QNET_CONNECTED_STATE);
	REQUIRE(qnet_local_socket_peer_credentials(rig->client, &pid, &uid, &gid));
	REQUIRE_EQUAL(pid, server);
	REQUIRE(uid == geteuid() && gid == getegid());
	REQUIRE_EQUAL(qnet_socket_write(rig->client, "echo", 4), 4);
	REQUIRE(qnet_socket_wait_for_ready_read(rig->client, 10000));
	REQUIRE_EQUAL(qnet_socket_read(rig->client, back, 4), 4);
	REQUIRE_TEXT(back, "echo");
	return NULL;
}

/* A server that is killed leaves its file, and can be started again. */
RIG_CASE(killed_server, false)
{
	for (int i = 0; i < 3; i++) {
		pid_t server = start_server(rig->path);
		REQUIRE_OK(use_server(rig, server));
		REQUIRE(kill(server, SIGKILL) == 0 && waitpid(server, NULL, 0) == server);
		UNTIL(rig->loop, qnet_socket_state(rig->client) == QNET_UNCONNECTED_STATE);
		REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_REMOTE_HOST_CLOSED_ERROR);
		REQUIRE(access(rig->path, F_OK) == 0);
		qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
		REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_CONNECTION_REFUSED_ERROR);
		REQUIRE(!qnet_local_server_listen(rig->server, rig->path));
		REQUIRE_EQUAL(qnet_local_server_server_error(rig->server), QNET_ADDRESS_IN_USE_ERROR);
	}
	return NULL;
}

static int connect_as_nobody(const char *path)
{
	char byte;
	int fd = local_connect(path);

	if (fd < 0)
		return 1;
	fcntl(fd, F_SETFL, 0);
	return read(fd, &byte, 1) == 1 ? 0 : 2;
}

RIG_CASE(credentials, true)
{
	int64_t pid = 0, uid = 0, gid = 0;
	qnet_socket *peer;
	int status;
	pid_t child;

	REQUIRE(qnet_local_socket_peer_credentials(rig->peer, &pid, &uid, &gid));
	REQUIRE(pid == getpid() && uid == geteuid() && gid == getegid());
	qnet_socket_abort(rig->client);
	REQUIRE(!qnet_local_socket_peer_credentials(rig->client, &pid, &uid, &gid));
	REQUIRE(pid == -1 && uid == -1 && gid == -1);
	if (geteuid() != 0) {
		printf("skip credentials: those of another user, because this is not run as root\n");
		return NULL;
	}
	REQUIRE(chmod(rig->path, 0777) == 0);
	child = fork();
	if (child == 0)
		_exit(setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ? 99 : connect_as_nobody(rig->path));
	UNTIL(rig->loop, qnet_local_server_has_pending_connections(rig->server));
	peer = qnet_local_server_next_pending_connection(rig->server);
	REQUIRE(qnet_local_socket_peer_credentials(peer, &pid, &uid, &gid));
	REQUIRE(pid == child && uid == NOBODY && gid == NOBODY);
	qnet_socket_write(peer, "x", 1);
	qnet_socket_flush(peer);
	REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return NULL;
}

/* Descriptors -------------------------------------------------------------- */

/* Returns whether two descriptors are the same file. */
static bool same_file(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

RIG_CASE(descriptors, true)
{
	int pipes[2][2];
	intptr_t got[4] = { -1, -1, -1, -1 };

	REQUIRE(pipe2(pipes[0], O_CLOEXEC) == 0 && pipe2(pipes[1], O_CLOEXEC) == 0);
	qnet_local_socket_set_receives_descriptors(rig->peer, true);
	REQUIRE(qnet_local_socket_receives_descriptors(rig->peer));
	REQUIRE_EQUAL(qnet_socket_write(rig->client, "before", 6), 6);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "one", 3, (intptr_t[]){ pipes[0][0], pipes[0][1] }, 2), 3);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "two", 3, &(intptr_t){ pipes[1][0] }, 1), 3);
	REQUIRE_EQUAL(qnet_socket_write(rig->client, "after", 5), 5);
	/* The caller's own are not needed any more. */
	int same[2] = { dup(pipes[0][0]), dup(pipes[1][0]) };
	close(pipes[0][0]);
	close(pipes[1][0]);
	UNTIL(rig->loop, qnet_socket_bytes_available(rig->peer) == 17);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 3);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->peer, got, 1), 1);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->peer, got + 1, 3), 2);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->peer, got + 3, 1), 0);
	REQUIRE(same_file(got[0], same[0]) && same_file(got[1], pipes[0][1]) && same_file(got[2], same[1]));
	for (int i = 0; i < 3; i++) {
		REQUIRE_EQUAL(fcntl(got[i], F_GETFD), FD_CLOEXEC);
		close(got[i]);
	}
	int64_t size;
	REQUIRE_TEXT(qnet_socket_read_all(rig->peer, &size), "beforeonetwoafter");
	close(same[0]);
	close(same[1]);
	close(pipes[0][1]);
	close(pipes[1][1]);
	return NULL;
}

/* Descriptors keep their place when the system takes only a part at a time. */
RIG_CASE(descriptors_in_a_queue, true)
{
	enum { SIZE = 1 << 20, MESSAGES = 5 };
	char *data = calloc(1, SIZE);
	intptr_t files[MESSAGES], got;
	int64_t total = 0;

	REQUIRE(data != NULL);
	for (int i = 0; i < MESSAGES; i++) {
		REQUIRE((files[i] = memfd_create("qnet", MFD_CLOEXEC)) >= 0);
		memset(data, 'a' + i, SIZE);
		REQUIRE_EQUAL(qnet_socket_write(rig->client, "-", 1), 1);
		REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, data, SIZE, &files[i], 1), SIZE);
	}
	qnet_local_socket_set_receives_descriptors(rig->peer, true);
	qnet_socket_set_read_buffer_size(rig->peer, 10000);
	for (int i = 0; i < MESSAGES; i++) {
		int64_t begin = i * (SIZE + INT64_C(1)) + 1;
		while (total <= begin) {
			/* Not before its byte: what was read before has none. */
			if (total + qnet_socket_bytes_available(rig->peer) < begin)
				REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 0);
			UNTIL(rig->loop, qnet_socket_bytes_available(rig->peer) > 0);
			total += qnet_socket_skip(rig->peer, 10000);
		}
		REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->peer, &got, 1), 1);
		REQUIRE(same_file(got, files[i]));
		close(got);
		close(files[i]);
	}
	free(data);
	return NULL;
}

RIG_CASE(descriptors_that_nobody_takes, true)
{
	intptr_t file = memfd_create("qnet", MFD_CLOEXEC), many[254];
	int before = check_count_descriptors();

	/* Without asking for them the system closes them. */
	for (int i = 0; i < 3; i++)
		REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "xy", 2, &file, 1), 2);
	REQUIRE_EQUAL(qnet_socket_write(rig->client, "z", 1), 1);
	UNTIL(rig->loop, qnet_socket_bytes_available(rig->peer) == 7);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 0);
	REQUIRE_EQUAL(check_count_descriptors(), before);
	/* Not taken, the next ones go with close(). */
	qnet_local_socket_set_receives_descriptors(rig->peer, true);
	for (size_t i = 0; i < LENGTH(many); i++)
		many[i] = file;
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, many, 253), 1);
	UNTIL(rig->loop, qnet_local_socket_descriptors_available(rig->peer) == 253);
	REQUIRE_EQUAL(check_count_descriptors(), before + 253);
	/* At the limit nothing more is read. */
	for (int i = 0; i < 3; i++)
		REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, many, 253), 1);
	check_settle(rig->loop);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 506);
	intptr_t *got = calloc(506, sizeof *got);
	REQUIRE(got != NULL);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->peer, got, 506), 506);
	for (int i = 0; i < 506; i++)
		close(got[i]);
	free(got);
	UNTIL(rig->loop, qnet_local_socket_descriptors_available(rig->peer) == 506);
	qnet_socket_close(rig->peer);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 0);
	REQUIRE_EQUAL(check_count_descriptors(), before - 1);
	/* Nor are those left that are never sent. */
	qnet_socket_abort(rig->client);
	REQUIRE_EQUAL(check_count_descriptors(), before - 2);
	close(file);
	return NULL;
}

RIG_CASE(descriptors_refused, true)
{
	intptr_t file = memfd_create("qnet", MFD_CLOEXEC), many[254], bad[2] = { file, -1 };
	int before = check_count_descriptors();

	for (size_t i = 0; i < LENGTH(many); i++)
		many[i] = file;
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, many, 254), -1);
	REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_SOCKET_RESOURCE_ERROR);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, bad, 2), -1);
	REQUIRE_EQUAL(qnet_socket_error(rig->client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "", 0, &file, 1), -1);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, NULL, 1, &file, 1), -1);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, NULL, 1), -1);
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(rig->client, NULL, 1), -1);
	REQUIRE_WARNINGS(3);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, NULL, 0), 1);
	qnet_socket_set_write_buffer_limit(rig->client, 1, 0);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, &file, 1), 0);
	REQUIRE_EQUAL(check_count_descriptors(), before);
	UNTIL(rig->loop, qnet_socket_bytes_available(rig->peer) == 1);
	qnet_socket_abort(rig->client);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, &file, 1), -1);
	REQUIRE_WARNINGS(1);
	close(file);
	return NULL;
}

/* With no room for them the descriptors are lost, which is said. */
RIG_CASE(descriptors_lost, true)
{
	intptr_t file = memfd_create("qnet", MFD_CLOEXEC), two[2] = { file, file };
	struct rlimit limit, none;

	qnet_local_socket_set_receives_descriptors(rig->peer, true);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(rig->client, "x", 1, two, 2), 1);
	REQUIRE(qnet_socket_flush(rig->client));
	REQUIRE_OK(watch(rig->peer));
	REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	none = limit;
	int lowest = dup(file);
	close(lowest);
	none.rlim_cur = (rlim_t)lowest;
	REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
	qnet_loop_process_events(rig->loop, 0);
	qnet_loop_process_events(rig->loop, 0);
	setrlimit(RLIMIT_NOFILE, &limit);
	REQUIRE_TEXT(check_take(&events), "error:4@3");
	REQUIRE_EQUAL(qnet_socket_bytes_available(rig->peer), 1);
	REQUIRE_EQUAL(qnet_local_socket_descriptors_available(rig->peer), 0);
	close(file);
	return NULL;
}

/* Nothing is left ---------------------------------------------------------- */

RIG_CASE(ten_thousand_connections, false)
{
	REQUIRE(qnet_local_server_listen(rig->server, rig->path));
	int before = 0;
	for (int i = 0; i < 10000; i++) {
		if (i == 10)
			before = check_count_descriptors();
		qnet_local_socket_connect_to_server(rig->client, rig->path, QNET_READ_WRITE);
		REQUIRE_EQUAL(qnet_socket_state(rig->client), QNET_CONNECTED_STATE);
		UNTIL(rig->loop, qnet_local_server_has_pending_connections(rig->server));
		rig->peer = qnet_local_server_next_pending_connection(rig->server);
		if (i % 2 == 0) {
			qnet_socket_delete(rig->peer);
			UNTIL(rig->loop, qnet_socket_state(rig->client) == QNET_UNCONNECTED_STATE);
		} else {
			qnet_socket_close(rig->client);
			UNTIL(rig->loop, qnet_socket_state(rig->peer) == QNET_UNCONNECTED_STATE);
			qnet_socket_delete(rig->peer);
		}
	}
	REQUIRE_EQUAL(check_count_descriptors(), before);
	return NULL;
}

static const struct check_case cases[] = {
	{ "fresh", fresh },
	{ "connecting", connecting },
	{ "connecting_fails", connecting_fails },
	{ "wrong_kind", wrong_kind },
	{ "abstract_names", abstract_names },
	{ "plain_names", plain_names },
	{ "inherited_descriptor", inherited_descriptor },
	{ "limits", limits },
	{ "overrides", overrides },
	{ "ownership", ownership },
	{ "full_queue", full_queue },
	{ "remove_server", remove_server },
	{ "rights", rights },
	{ "no_window", no_window },
	{ "killed_server", killed_server },
	{ "credentials", credentials },
	{ "descriptors", descriptors },
	{ "descriptors_in_a_queue", descriptors_in_a_queue },
	{ "descriptors_that_nobody_takes", descriptors_that_nobody_takes },
	{ "descriptors_refused", descriptors_refused },
	{ "descriptors_lost", descriptors_lost },
	{ "ten_thousand_connections", ten_thousand_connections },
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--serve") == 0)
		return serve(argv[2]);
	return check_main(cases, LENGTH(cases), argc, argv);
}
