/*
 * The C API in ordinary use: servers that spread their connections over loops.
 */
#include "rig.h"
#include "worker.h"

enum { WORKERS = 2 };

/* What the callbacks, which several threads may be in, see and do. */
struct crew {
	struct worker workers[WORKERS];
	atomic_int arrived[WORKERS]; /* on the thread of each */
	atomic_int elsewhere;
	atomic_int gone;
	atomic_bool destroyed;
	void (*act)(qnet_tcp_server *server, qnet_socket *socket); /* at an arrival */
};

static const char *crew_start(struct crew *crew)
{
	for (int i = 0; i < WORKERS; i++)
		REQUIRE_OK(worker_start(&crew->workers[i]));
	return NULL;
}

static void crew_end(struct crew *crew)
{
	for (int i = 0; i < WORKERS; i++)
		worker_end(&crew->workers[i]);
}

static int crew_arrived(struct crew *crew)
{
	return crew->arrived[0] + crew->arrived[1] + crew->elsewhere;
}

static void on_ready_read(qnet_socket *socket, void *data)
{
	char bytes[100];
	int64_t size = qnet_socket_read(socket, bytes, sizeof bytes);

	(void)data;
	qnet_socket_write(socket, bytes, size);
}

static void on_disconnected(qnet_socket *socket, void *data)
{
	struct crew *crew = data;

	crew->gone++;
	qnet_socket_delete_later(socket);
}

static void arrive(struct crew *crew, qnet_socket *socket)
{
	atomic_int *count = &crew->elsewhere;

	qnet_socket_on_ready_read(socket, on_ready_read, NULL);
	qnet_socket_on_disconnected(socket, on_disconnected, crew);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_equal(crew->workers[i].thread, pthread_self()))
			count = &crew->arrived[i];
	(*count)++;
}

static void on_connection(qnet_tcp_server *server, qnet_socket *socket, void *data)
{
	struct crew *crew = data;

	if (crew->act != NULL)
		crew->act(server, socket);
	else
		arrive(crew, socket);
}

static void on_local_connection(qnet_local_server *server, qnet_socket *socket, void *data)
{
	(void)server;
	arrive(data, socket);
}

static void on_destroyed(qnet_tcp_server *server, void *data)
{
	(void)server;
	((struct crew *)data)->destroyed = true;
}

static const char *listen_for(struct rig *rig, struct crew *crew)
{
	memset(rig, 0, sizeof *rig);
	rig->loop = qnet_loop_new();
	rig->server = qnet_tcp_server_new(rig->loop);
	REQUIRE(qnet_tcp_server_on_connection_in_loop(rig->server, on_connection, crew) != 0);
	REQUIRE(qnet_tcp_server_on_destroyed(rig->server, on_destroyed, crew) != 0);
	REQUIRE(qnet_tcp_server_listen(rig->server, QNET_ADDRESS_LOCAL_HOST, 0));
	return NULL;
}

static const char *use(struct rig *rig, struct crew *crew)
{
	qnet_loop *loops[WORKERS] = { crew->workers[0].loop, crew->workers[1].loop };

	REQUIRE(qnet_tcp_server_set_loops(rig->server, loops, WORKERS));
	REQUIRE_EQUAL(qnet_tcp_server_loop_count(rig->server), WORKERS);
	return NULL;
}

/* Sends a byte through a descriptor, and waits until it is back. */
static bool returns(int fd)
{
	char byte = 'x';

	return write(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 1 && byte == 'x';
}

static bool ends(int fd)
{
	char byte;

	return read(fd, &byte, 1) <= 0;
}

static const char *connections_are_spread(void)
{
	struct crew crew = { .act = NULL };
	struct rig rig;

	REQUIRE_OK(crew_start(&crew));
	REQUIRE_OK(listen_for(&rig, &crew));
	REQUIRE_OK(use(&rig, &crew));
	for (int i = 0; i < 4; i++) {
		REQUIRE_OK(rig_connect(&rig));
		UNTIL(rig.loop, crew_arrived(&crew) == i + 1);
		REQUIRE(returns(rig.fds[i]));
	}
	REQUIRE_EQUAL(crew.arrived[0], 2);
	REQUIRE_EQUAL(crew.arrived[1], 2);
	REQUIRE(!qnet_tcp_server_has_pending_connections(rig.server));
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(rig.server), 4);
	/* They outlive the server, and so does what it is told of later. */
	close(rig.fds[0]);
	UNTIL(rig.loop, crew.gone == 1 && qnet_tcp_server_open_connections(rig.server) == 3);
	qnet_tcp_server_delete(rig.server);
	rig.server = NULL;
	REQUIRE(crew.destroyed);
	for (int i = 1; i < 4; i++) {
		REQUIRE(returns(rig.fds[i]));
		close(rig.fds[i]);
	}
	UNTIL(rig.loop, crew.gone == 4);
	rig.count = 0;
	rig_close(&rig);
	crew_end(&crew);
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *loops_come_and_go(void)
{
	struct crew crew = { .act = NULL };
	struct rig rig;
	qnet_loop *idle = qnet_loop_new(), *loops[2] = { idle, NULL };

	REQUIRE_OK(crew_start(&crew));
	REQUIRE_OK(listen_for(&rig, &crew));
	loops[1] = crew.workers[1].loop;
	REQUIRE(qnet_tcp_server_set_loops(rig.server, loops, 2));
	for (int i = 0; i < 2; i++)
		REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 2 && crew.arrived[1] == 1);
	/* What waits for a loop that nobody runs goes to the other when that is deleted, */
	qnet_loop_delete(idle);
	UNTIL(rig.loop, crew.arrived[1] == 2);
	REQUIRE_EQUAL(qnet_tcp_server_loop_count(rig.server), 1);
	/* or with none becomes pending. */
	idle = qnet_loop_new();
	REQUIRE(qnet_tcp_server_set_loops(rig.server, &idle, 1));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 3);
	REQUIRE(qnet_tcp_server_set_loops(rig.server, NULL, 0));
	UNTIL(rig.loop, qnet_tcp_server_has_pending_connections(rig.server));
	/* The default loop is one, too, and closing ends what is on its way there. */
	loops[0] = NULL;
	REQUIRE(qnet_tcp_server_set_loops(rig.server, loops, 1));
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, qnet_tcp_server_open_connections(rig.server) == 4);
	qnet_tcp_server_close(rig.server);
	REQUIRE(ends(rig.fds[3]));
	qnet_loop_process_events(NULL, 0);
	REQUIRE_EQUAL(crew_arrived(&crew), 2);
	rig_close(&rig);
	UNTIL(idle, crew.gone == 2);
	qnet_loop_delete(idle);
	crew_end(&crew);
	REQUIRE_WARNINGS(0);
	return NULL;
}

static void delete_both(qnet_tcp_server *server, qnet_socket *socket)
{
	qnet_tcp_server_delete(server);
	qnet_socket_delete(socket);
}

static const char *both_are_deleted_at_an_arrival(void)
{
	struct crew crew = { .act = delete_both };
	struct rig rig;

	REQUIRE_OK(crew_start(&crew));
	REQUIRE_OK(listen_for(&rig, &crew));
	REQUIRE_OK(use(&rig, &crew));
	for (int i = 0; i < 3; i++)
		REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, crew.destroyed);
	for (int i = 0; i < 3; i++)
		REQUIRE(ends(rig.fds[i]));
	rig.server = NULL;
	rig_close(&rig);
	crew_end(&crew);
	check_warnings = 0; /* two threads may delete it at the same time */
	return NULL;
}

static const char *what_is_refused(void)
{
	struct crew crew = { .act = NULL };
	struct rig rig;
	qnet_loop *gone = qnet_loop_new(), *loops[2] = { NULL, gone };

	REQUIRE_OK(listen_for(&rig, &crew));
	loops[0] = rig.loop;
	REQUIRE(qnet_tcp_server_set_loops(rig.server, loops, 1));
	qnet_loop_delete(gone);
	REQUIRE(!qnet_tcp_server_set_loops(rig.server, loops, 2));
	REQUIRE(strstr(check_message, "qnet_tcp_server_set_loops") != NULL && strstr(check_message, "deleted") != NULL);
	loops[1] = (qnet_loop *)rig.server;
	REQUIRE(!qnet_tcp_server_set_loops(rig.server, loops, 2));
	REQUIRE(!qnet_tcp_server_set_loops(rig.server, loops, -1));
	REQUIRE(!qnet_tcp_server_set_loops(rig.server, NULL, 1));
	REQUIRE_WARNINGS(4);
	REQUIRE_EQUAL(qnet_tcp_server_loop_count(rig.server), 1);
	/* Its own loop serves it, as any other. */
	REQUIRE_OK(rig_connect(&rig));
	UNTIL(rig.loop, crew.elsewhere == 1);
	close(rig.fds[0]);
	rig.fds[0] = -1;
	UNTIL(rig.loop, crew.gone == 1);
	rig_close(&rig);
	return NULL;
}

static const char *local_servers_spread(void)
{
	struct crew crew = { .act = NULL };
	qnet_loop *loop = qnet_loop_new(), *loops[WORKERS];
	qnet_local_server *server = qnet_local_server_new(loop);
	qnet_socket *clients[2];
	char name[60];

	REQUIRE_OK(crew_start(&crew));
	for (int i = 0; i < WORKERS; i++)
		loops[i] = crew.workers[i].loop;
	snprintf(name, sizeof name, "/tmp/qnet-spread-%d", (int)getpid());
	REQUIRE(qnet_local_server_on_connection_in_loop(server, on_local_connection, &crew) != 0);
	REQUIRE(qnet_local_server_set_loops(server, loops, WORKERS));
	REQUIRE_EQUAL(qnet_local_server_loop_count(server), WORKERS);
	REQUIRE(qnet_local_server_listen(server, name));
	for (int i = 0; i < 2; i++) {
		clients[i] = qnet_local_socket_new(loop);
		qnet_local_socket_connect_to_server(clients[i], name, QNET_READ_WRITE);
		qnet_socket_write(clients[i], "x", 1);
		UNTIL(loop, qnet_socket_bytes_available(clients[i]) == 1);
	}
	REQUIRE_EQUAL(crew.arrived[0], 1);
	REQUIRE_EQUAL(crew.arrived[1], 1);
	for (int i = 0; i < 2; i++)
		qnet_socket_delete(clients[i]);
	UNTIL(loop, crew.gone == 2);
	qnet_local_server_delete(server);
	crew_end(&crew);
	qnet_loop_delete(loop);
	REQUIRE_WARNINGS(0);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "connections_are_spread", connections_are_spread },
		{ "loops_come_and_go", loops_come_and_go },
		{ "both_are_deleted_at_an_arrival", both_are_deleted_at_an_arrival },
		{ "what_is_refused", what_is_refused },
		{ "local_servers_spread", local_servers_spread },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
