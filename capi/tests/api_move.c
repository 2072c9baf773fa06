/*
 * The C API in ordinary use: objects that go from loop to loop.
 */
#include "pair.h"
#include "worker.h"

/* Where a callback was made last, and how often. */
struct seen {
	pthread_t thread;
	atomic_int count;
	qnet_loop *move_to; /* by the callback */
	atomic_int moved;
	atomic_bool destroyed;
};

static void on_ready_read(qnet_socket *socket, void *data)
{
	struct seen *seen = data;
	char bytes[100];
	int64_t size = qnet_socket_read(socket, bytes, sizeof bytes);

	seen->thread = pthread_self();
	if (seen->move_to != NULL) {
		seen->moved = qnet_socket_move_to_loop(socket, seen->move_to) ? 1 : -1;
		seen->move_to = NULL;
	}
	qnet_socket_write(socket, bytes, size);
	seen->count++;
}

static void on_destroyed(qnet_socket *socket, void *data)
{
	struct seen *seen = data;

	(void)socket;
	seen->destroyed = true;
}

/* Sends a byte through a descriptor, and waits until it is back. */
static bool returns(int fd)
{
	char byte = 'x';

	return write(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 1 && byte == 'x';
}

static const char *socket_moves(void)
{
	struct pair pair;
	struct worker worker;
	struct seen seen = { .count = 0 };
	char byte;

	REQUIRE_OK(worker_start(&worker));
	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(pair.client, on_ready_read, &seen) != 0);
	REQUIRE(qnet_socket_on_destroyed(pair.client, on_destroyed, &seen) != 0);
	REQUIRE(qnet_socket_move_to_loop(pair.client, worker.loop));
	REQUIRE(returns(pair.fd));
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	/* Back again, in its callback: its answer, which is sent later, goes along. */
	seen.move_to = pair.loop;
	REQUIRE(write(pair.fd, "x", 1) == 1);
	UNTIL(pair.loop, seen.count == 2 && qnet_socket_bytes_to_write(pair.client) == 0);
	REQUIRE_EQUAL(seen.moved, 1);
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	REQUIRE(read(pair.fd, &byte, 1) == 1 && write(pair.fd, "x", 1) == 1);
	UNTIL(pair.loop, seen.count == 3);
	REQUIRE(pthread_equal(seen.thread, pthread_self()));
	/* Its deletion goes with it. */
	qnet_socket_delete_later(pair.client);
	REQUIRE(qnet_socket_move_to_loop(pair.client, worker.loop));
	UNTIL(pair.loop, seen.destroyed);
	pair.client = NULL;
	pair_close(&pair);
	worker_end(&worker);
	return NULL;
}

static const char *socket_refused(void)
{
	struct pair pair;
	qnet_loop *other = qnet_loop_new(), *gone = qnet_loop_new();

	qnet_loop_delete(gone);
	REQUIRE_OK(pair_open(&pair));
	REQUIRE(!qnet_socket_move_to_loop(pair.peer, other));
	REQUIRE(strstr(check_message, "qnet_socket_move_to_loop: the socket belongs to a server") != NULL);
	REQUIRE(!qnet_socket_move_to_loop(pair.client, gone));
	REQUIRE(qnet_socket_set_owner(pair.peer, NULL));
	REQUIRE(qnet_socket_move_to_loop(pair.peer, other));
	REQUIRE(!qnet_socket_set_owner(pair.peer, pair.server)); /* of another loop by now */
	check_warnings = 0;
	qnet_socket_delete(pair.peer);
	pair_close(&pair);
	qnet_loop_delete(other);
	return NULL;
}

static void on_state(qnet_socket *socket, qnet_state state, void *data)
{
	struct seen *seen = data;

	(void)socket;
	seen->thread = pthread_self();
	if (state == QNET_CONNECTED_STATE || state == QNET_UNCONNECTED_STATE)
		seen->moved = (int)state + 100;
}

static void delete_socket(void *socket)
{
	qnet_socket_delete(socket);
}

/* Where nobody listens, and where a server does. */
static const char *connecting_moves_to(const char *host, uint16_t port, int end)
{
	qnet_loop *loop = qnet_loop_new();
	struct worker worker;
	struct seen seen = { .moved = 0 };
	qnet_socket *socket = qnet_tcp_socket_new(loop);

	REQUIRE_OK(worker_start(&worker));
	REQUIRE(qnet_socket_on_destroyed(socket, on_destroyed, &seen) != 0);
	qnet_socket_connect_to_host(socket, host, port, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	REQUIRE(qnet_socket_on_state_changed(socket, on_state, &seen) != 0);
	REQUIRE(qnet_socket_move_to_loop(socket, worker.loop));
	UNTIL(loop, seen.moved == end + 100);
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	qnet_loop_post(worker.loop, delete_socket, socket);
	UNTIL(loop, seen.destroyed);
	worker_end(&worker);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *connecting_moves(void)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost" };
	uint16_t port = 0, nobody;
	int server = raw_bind(&port), closed = raw_bind(&nobody);

	REQUIRE(server >= 0 && closed >= 0);
	REQUIRE_EQUAL(listen(server, 10), 0);
	for (int i = 0; i < 2; i++) {
		REQUIRE_OK(connecting_moves_to(hosts[i], port, QNET_CONNECTED_STATE));
		REQUIRE_OK(connecting_moves_to(hosts[i], nobody, QNET_UNCONNECTED_STATE));
	}
	close(server);
	close(closed);
	return NULL;
}

static void on_timeout(qnet_timer *timer, void *data)
{
	struct seen *seen = data;

	seen->thread = pthread_self();
	if (++seen->count == 3)
		qnet_timer_stop(timer);
}

static const char *timer_moves(void)
{
	struct worker worker;
	struct seen seen = { .count = 0 };
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);

	REQUIRE_OK(worker_start(&worker));
	qnet_timer_on_timeout(timer, on_timeout, &seen);
	qnet_timer_start(timer, 1);
	REQUIRE(qnet_timer_move_to_loop(timer, worker.loop));
	UNTIL(loop, seen.count == 3);
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	qnet_timer_delete(timer);
	REQUIRE(!qnet_timer_move_to_loop(timer, worker.loop));
	check_warnings = 0;
	worker_end(&worker);
	qnet_loop_delete(loop);
	return NULL;
}

static void on_new_connection(qnet_tcp_server *server, void *data)
{
	qnet_socket *socket = qnet_tcp_server_next_pending_connection(server);

	qnet_socket_on_ready_read(socket, on_ready_read, data);
}

static const char *tcp_server_moves(void)
{
	struct worker worker;
	struct seen seen = { .count = 0 };
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	int before, after;

	REQUIRE_OK(worker_start(&worker));
	qnet_tcp_server_on_new_connection(server, on_new_connection, &seen);
	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	before = raw_connect(qnet_tcp_server_server_port(server));
	UNTIL(loop, qnet_tcp_server_open_connections(server) == 1);
	REQUIRE(qnet_tcp_server_move_to_loop(server, worker.loop));
	after = raw_connect(qnet_tcp_server_server_port(server));
	REQUIRE(returns(before) && returns(after));
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	qnet_tcp_server_delete(server);
	close(before);
	close(after);
	worker_end(&worker);
	qnet_loop_delete(loop);
	return NULL;
}

static void on_local_connection(qnet_local_server *server, void *data)
{
	qnet_socket *socket = qnet_local_server_next_pending_connection(server);

	qnet_socket_on_ready_read(socket, on_ready_read, data);
}

static const char *local_server_moves(void)
{
	struct worker worker;
	struct seen seen = { .count = 0 };
	qnet_loop *loop = qnet_loop_new();
	qnet_local_server *server = qnet_local_server_new(loop);
	qnet_socket *client = qnet_local_socket_new(loop);
	char name[60];

	REQUIRE_OK(worker_start(&worker));
	snprintf(name, sizeof name, "/tmp/qnet-move-%d", (int)getpid());
	qnet_local_server_on_new_connection(server, on_local_connection, &seen);
	REQUIRE(qnet_local_server_listen(server, name));
	REQUIRE(qnet_local_server_move_to_loop(server, worker.loop));
	qnet_local_socket_connect_to_server(client, name, QNET_READ_WRITE);
	REQUIRE(qnet_socket_wait_for_connected(client, 15000));
	qnet_socket_write(client, "x", 1);
	REQUIRE(qnet_socket_wait_for_ready_read(client, 15000));
	REQUIRE(pthread_equal(seen.thread, worker.thread));
	qnet_socket_delete(client);
	qnet_local_server_delete(server);
	worker_end(&worker);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "socket_moves", socket_moves },
		{ "socket_refused", socket_refused },
		{ "connecting_moves", connecting_moves },
		{ "timer_moves", timer_moves },
		{ "tcp_server_moves", tcp_server_moves },
		{ "local_server_moves", local_server_moves },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
