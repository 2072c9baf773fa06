/*
 * The lifetime stress test: connections are closed, aborted, deleted and deleted
 * later from inside every kind of callback and from other threads, while reads,
 * writes and the peer's own close or reset are under way and descriptors are used
 * again at once.
 *
 * A round has some loops, each run by a thread of its own, threads that call
 * random functions on random handles, dead ones too, and raw peers. Whatever a
 * round has made it deletes at its end. user_data is a `struct thing`, which goes
 * when `destroyed` says so: a later callback is found by its mark, and by the
 * address sanitizer. Which calls come and when depends on the threads: a seed
 * gives a similar run, not the same.
 *
 * Usage: stress [--seed N] [--seconds N | --rounds N]
 */
#include "check.h"
#include "random.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define FREE_AT_ONCE 1 /* a use after that is found */
#else
#define FREE_AT_ONCE 0 /* kept until the end of the round, to look at the mark */
#endif

enum {
	LOOPS = 3,
	SHORT_LOOPS = 3,
	CHAOS = 4,
	RAW = 2,
	WORKERS = LOOPS + CHAOS + RAW,
	SOCKETS = 160,
	SERVERS = 10,
	LOCAL_SERVERS = 8,
	TIMERS = 12,
	INFOS = 6,
	CONNECTIONS = 256,
	PEERS = 20,      /* of each raw thread */
	DEEP = 6,        /* callbacks this deep within each other do no more mischief */
	ROUND = 1200,    /* milliseconds */
	STEP_TIME = 120, /* seconds until a step counts as hanging */
};

/* Random choices ----------------------------------------------------------- */

static bool chance(uint32_t per_thousand)
{
	return rnd(1000) < per_thousand;
}

/* What is checked ---------------------------------------------------------- */

enum check {
	DESTROYED_ONCE,
	DESTROYED_LAST,
	DESTROYED_WAITS,
	RIGHT_HANDLE,
	KNOWN_THREAD,
	NO_INTERNAL_ERROR,
	POSTED_ONCE,
	WORKING,
	COVERAGE,
	CHECKS
};

#include "wrong.h"

static struct check_state checks[CHECKS] = {
	[DESTROYED_ONCE] = { .name = "destroyed exactly once" },
	[DESTROYED_LAST] = { .name = "no callback after destroyed" },
	[DESTROYED_WAITS] = { .name = "destroyed waits for callbacks on other threads" },
	[RIGHT_HANDLE] = { .name = "callbacks get their object" },
	[KNOWN_THREAD] = { .name = "callbacks only on the program's threads" },
	[NO_INTERNAL_ERROR] = { .name = "no internal error" },
	[POSTED_ONCE] = { .name = "posted calls are made exactly once" },
	[WORKING] = { .name = "the loops go on working" },
	[COVERAGE] = { .name = "every end in every kind of callback" },
};

/* The threads -------------------------------------------------------------- */

static struct worker {
	pthread_t thread;
	int index;
	uint64_t seed;
	atomic_int number;         /* the system's, 0 before and after */
	const char *_Atomic doing; /* for the watchdog */
} workers[WORKERS], main_worker;

static _Thread_local struct worker *self;
static atomic_bool stopping;
static int stop_pipe[2]; /* readable when all is to end */

static bool on_known_thread(void)
{
	return self != NULL && self->number == gettid();
}

/* Describes what every thread does, for the watchdog. */
static void describe_workers(void)
{
	for (int i = 0; i < WORKERS; i++) {
		const char *doing = workers[i].doing;

		check_say("  ");
		check_say(i < LOOPS ? "loop: " : i < LOOPS + CHAOS ? "chaos: " : "raw: ");
		check_say(workers[i].number == 0 ? "ended" : doing != NULL ? doing : "?");
		check_say("\n");
	}
}

/* Kinds of callbacks and of ends ------------------------------------------- */

enum kind {
	CONNECTED,
	DISCONNECTED,
	ERROR_OCCURRED,
	HOST_FOUND,
	STATE_CHANGED,
	READY_READ,
	BYTES_WRITTEN,
	ABOUT_TO_CLOSE,
	READ_CHANNEL_FINISHED,
	DRAINED,
	NEW_CONNECTION,
	PENDING_AVAILABLE,
	ACCEPT_ERROR,
	REFUSED,
	INCOMING,
	HAS_PENDING,
	NEXT_PENDING,
	LOCAL_NEW_CONNECTION,
	LOCAL_INCOMING,
	LOCAL_HAS_PENDING,
	LOCAL_NEXT_PENDING,
	TIMEOUT,
	POSTED,
	SINGLE_SHOT,
	LOOKED_UP,
	DESTROYED,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"connected", "disconnected", "error_occurred", "host_found", "state_changed",
	"ready_read", "bytes_written", "about_to_close", "read_channel_finished",
	"write_buffer_drained", "new_connection", "pending_connection_available", "accept_error",
	"connection_refused",
	"incoming_connection", "has_pending_connections", "next_pending_connection",
	"local new_connection", "local incoming_connection", "local has_pending_connections", "local next_pending_connection",
	"timeout", "posted call", "single shot", "look-up", "destroyed",
};

enum end { CLOSE, ABORT, DELETE, DELETE_LATER, ENDS };

static const char *const end_names[ENDS] = { "close", "abort", "delete", "delete_later" };

static atomic_llong callbacks[KINDS];
static atomic_llong ended[KINDS][ENDS];

/* How often, per thousand callbacks, one ends its object; each round's own. */
static atomic_uint wildness;

/* Things: what user_data points to ----------------------------------------- */

enum class { SOCKET, SERVER, LOCAL_SERVER };

#define LIVE UINT32_C(0x11fe11fe)
#define DEAD UINT32_C(0xdeaddead)

struct thing {
	atomic_uint mark;
	enum class class;
	void *handle;
	atomic_int inside; /* callbacks under way */
	struct thing *before, *next;
};

static pthread_mutex_t things_lock = PTHREAD_MUTEX_INITIALIZER;
static struct thing *things;    /* the live ones */
static struct thing *graveyard; /* the dead ones, unless freed at once */
static atomic_llong things_made, things_destroyed;

static struct thing *make_thing(enum class class, void *handle)
{
	struct thing *thing = calloc(1, sizeof *thing);

	thing->mark = LIVE;
	thing->class = class;
	thing->handle = handle;
	pthread_mutex_lock(&things_lock);
	thing->next = things;
	if (things != NULL)
		things->before = thing;
	things = thing;
	pthread_mutex_unlock(&things_lock);
	things_made++;
	return thing;
}

static void drop_thing(struct thing *thing)
{
	things_destroyed++;
	thing->mark = DEAD;
	pthread_mutex_lock(&things_lock);
	if (thing->before != NULL)
		thing->before->next = thing->next;
	else
		things = thing->next;
	if (thing->next != NULL)
		thing->next->before = thing->before;
	if (!FREE_AT_ONCE) {
		thing->next = graveyard;
		graveyard = thing;
	}
	pthread_mutex_unlock(&things_lock);
	if (FREE_AT_ONCE)
		free(thing);
}

static void empty_graveyard(void)
{
	while (graveyard != NULL) {
		struct thing *next = graveyard->next;

		free(graveyard);
		graveyard = next;
	}
}

/* A callback under way on this thread. */
struct frame {
	struct frame *below;
	struct thing *thing; /* NULL if it has none, or none any more */
	const char *doing;
};

static _Thread_local struct frame *frames;
static _Thread_local int depth;   /* of callbacks */
static _Thread_local int nesting; /* of loops */

static void enter(struct frame *frame, enum kind kind, struct thing *thing, void *handle)
{
	callbacks[kind]++;
	*frame = (struct frame){ frames, thing, NULL };
	frames = frame;
	depth++;
	if (!on_known_thread())
		wrong(KNOWN_THREAD, "%s on thread %d", kind_names[kind], gettid());
	else
		frame->doing = self->doing;
	if (thing == NULL)
		return;
	if (thing->mark != LIVE) {
		wrong(DESTROYED_LAST, "%s", kind_names[kind]);
		frame->thing = NULL;
		return;
	}
	if (thing->handle != handle)
		wrong(RIGHT_HANDLE, "%s", kind_names[kind]);
	thing->inside++;
}

static void leave(struct frame *frame)
{
	if (frame->thing != NULL)
		frame->thing->inside--;
	if (self != NULL)
		self->doing = frame->doing;
	frames = frame->below;
	depth--;
}

/* The handles: each place holds one, live or dead -------------------------- */

static qnet_loop *loops[LOOPS];
static qnet_loop *_Atomic short_loops[SHORT_LOOPS];
static qnet_socket *_Atomic sockets[SOCKETS];
static qnet_tcp_server *_Atomic servers[SERVERS];
static atomic_uint ports[SERVERS]; /* of the servers */
static qnet_local_server *_Atomic local_servers[LOCAL_SERVERS];
static qnet_timer *_Atomic timers[TIMERS];
static qnet_host_info *_Atomic infos[INFOS];
static atomic_ullong connections[CONNECTIONS];
static atomic_uint raw_port;
static atomic_uint refusing_port; /* bound, but nobody listens */
static atomic_uint local_port;    /* of a raw peer at 127.0.0.1 */

/*
 * Where the servers listen: ports are used again, and those of other processes'
 * servers at 127.0.0.1 are not to be met.
 */
static char home[20], mapped_home[30];
static qnet_host_address home_address;

static void choose_home(void)
{
	unsigned id = (unsigned)getpid();

	snprintf(home, sizeof home, "127.%u.%u.%u", 1 + id / 65000 % 200, 1 + id / 250 % 250, 1 + id % 250);
	snprintf(mapped_home, sizeof mapped_home, "::ffff:%s", home);
	qnet_host_address_set_address(&home_address, home);
}

/*
 * The names of the local servers, one for each place; every second is abstract. The
 * others are files of a directory of our own.
 */
static char local_home[40];
static char local_names[LOCAL_SERVERS][60];

static bool is_abstract(int place)
{
	return place % 2 != 0;
}

static void choose_local_home(void)
{
	snprintf(local_home, sizeof local_home, "/tmp/qnet-stress-XXXXXX");
	if (mkdtemp(local_home) == NULL) {
		perror("mkdtemp");
		exit(2);
	}
	for (int i = 0; i < LOCAL_SERVERS; i++)
		snprintf(local_names[i], sizeof local_names[i], "%s/%d", local_home, i);
}

static void remove_local_home(void)
{
	for (int i = 0; i < LOCAL_SERVERS; i++)
		unlink(local_names[i]);
	if (rmdir(local_home) != 0)
		perror("rmdir");
}

static qnet_loop *any_loop(void)
{
	qnet_loop *loop = chance(150) ? short_loops[rnd(SHORT_LOOPS)] : NULL;

	return loop != NULL ? loop : loops[rnd(LOOPS)];
}

static qnet_socket *any_socket(void)
{
	return sockets[rnd(SOCKETS)];
}

static qnet_tcp_server *any_server(void)
{
	return servers[rnd(SERVERS)];
}

static qnet_local_server *any_local_server(void)
{
	return local_servers[rnd(LOCAL_SERVERS)];
}

static uint16_t any_port(void)
{
	switch (rnd(8)) {
	case 0:
		return (uint16_t)refusing_port;
	case 1:
	case 2:
		return (uint16_t)raw_port;
	default:
		return (uint16_t)ports[rnd(SERVERS)];
	}
}

static void remember(qnet_connection connection)
{
	if (connection != 0)
		connections[rnd(CONNECTIONS)] = connection;
}

/* Mischief: what a callback does besides its duty -------------------------- */

static void mischief(enum kind kind, enum class class, void *handle);
static void act(void);
static void nested_loop(qnet_loop *loop);

static void end_socket(qnet_socket *socket, enum end end)
{
	switch (end) {
	case CLOSE:
		if (chance(500))
			qnet_socket_close(socket);
		else
			qnet_socket_disconnect_from_host(socket);
		break;
	case ABORT:
		qnet_socket_abort(socket);
		break;
	case DELETE:
		qnet_socket_delete(socket);
		break;
	default:
		qnet_socket_delete_later(socket);
		break;
	}
}

static void end_server(qnet_tcp_server *server, enum end end)
{
	switch (end) {
	case CLOSE:
		qnet_tcp_server_close(server);
		break;
	case ABORT: /* there is none: a socket, which may be one of the server's */
		qnet_socket_abort(any_socket());
		break;
	case DELETE:
		qnet_tcp_server_delete(server);
		break;
	default:
		qnet_tcp_server_delete_later(server);
		break;
	}
}

static void end_local_server(qnet_local_server *server, enum end end)
{
	switch (end) {
	case CLOSE:
		qnet_local_server_close(server);
		break;
	case ABORT: /* as above */
		qnet_socket_abort(any_socket());
		break;
	case DELETE:
		qnet_local_server_delete(server);
		break;
	default:
		qnet_local_server_delete_later(server);
		break;
	}
}

/* Sockets ------------------------------------------------------------------ */

static qnet_socket *adopt_socket(qnet_socket *socket);

static void put_socket(qnet_socket *socket)
{
	qnet_socket *old;

	if (socket == NULL)
		return;
	old = atomic_exchange(&sockets[rnd(SOCKETS)], socket);
	if (old != NULL)
		end_socket(old, chance(600) ? DELETE : DELETE_LATER);
}

static void echo(qnet_socket *socket)
{
	char data[8192];
	int64_t n;

	switch (rnd(8)) {
	case 0: /* left unread */
		return;
	case 1:
		n = qnet_socket_read(socket, data, 1 + rnd(64));
		break;
	case 2:
		qnet_socket_read_all(socket, NULL);
		return;
	case 3:
		qnet_socket_start_transaction(socket);
		n = qnet_socket_read(socket, data, sizeof data);
		if (chance(500))
			qnet_socket_rollback_transaction(socket);
		else
			qnet_socket_commit_transaction(socket);
		break;
	default:
		n = qnet_socket_read(socket, data, sizeof data);
		break;
	}
	if (n > 0 && chance(700))
		qnet_socket_write(socket, data, n);
}

static void do_duty(enum kind kind, qnet_socket *socket)
{
	static const char hello[1000] = "hello";

	switch (kind) {
	case CONNECTED:
		if (chance(200))
			qnet_socket_set_write_buffer_limit(socket, 500, rnd(500));
		qnet_socket_write(socket, hello, 1 + rnd(sizeof hello));
		break;
	case READY_READ:
		echo(socket);
		break;
	case BYTES_WRITTEN:
		if (chance(100))
			qnet_socket_write(socket, hello, 1 + rnd(sizeof hello));
		break;
	case READ_CHANNEL_FINISHED:
	case DISCONNECTED:
		if (chance(300))
			echo(socket);
		break;
	default:
		break;
	}
}

static void on_socket(enum kind kind, qnet_socket *socket, void *data)
{
	struct frame frame;

	enter(&frame, kind, data, socket);
	do_duty(kind, socket);
	mischief(kind, SOCKET, socket);
	leave(&frame);
}

static void on_connected(qnet_socket *socket, void *data)
{
	on_socket(CONNECTED, socket, data);
}

static void on_disconnected(qnet_socket *socket, void *data)
{
	on_socket(DISCONNECTED, socket, data);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *data)
{
	(void)error;
	on_socket(ERROR_OCCURRED, socket, data);
}

static void on_host_found(qnet_socket *socket, void *data)
{
	on_socket(HOST_FOUND, socket, data);
}

static void on_state_changed(qnet_socket *socket, qnet_state state, void *data)
{
	(void)state;
	on_socket(STATE_CHANGED, socket, data);
}

static void on_ready_read(qnet_socket *socket, void *data)
{
	on_socket(READY_READ, socket, data);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *data)
{
	(void)bytes;
	on_socket(BYTES_WRITTEN, socket, data);
}

static void on_about_to_close(qnet_socket *socket, void *data)
{
	on_socket(ABOUT_TO_CLOSE, socket, data);
}

static void on_read_channel_finished(qnet_socket *socket, void *data)
{
	on_socket(READ_CHANNEL_FINISHED, socket, data);
}

static void on_drained(qnet_socket *socket, void *data)
{
	on_socket(DRAINED, socket, data);
}

/* Ends a thing, which must not be inside a callback on another thread. */
static void thing_destroyed(struct thing *thing, void *handle)
{
	struct frame frame;
	enum class class;
	int own = 0;

	enter(&frame, DESTROYED, NULL, handle);
	if (thing->mark != LIVE) {
		wrong(DESTROYED_ONCE, "destroyed again");
		leave(&frame);
		return;
	}
	if (thing->handle != handle)
		wrong(RIGHT_HANDLE, "destroyed");
	for (struct frame *f = frames; f != NULL; f = f->below) {
		if (f->thing == thing) {
			f->thing = NULL;
			own++;
		}
	}
	if (thing->inside != own)
		wrong(DESTROYED_WAITS, "%d callbacks under way elsewhere", thing->inside - own);
	class = thing->class;
	drop_thing(thing);
	mischief(DESTROYED, class, handle);
	leave(&frame);
}

static void on_socket_destroyed(qnet_socket *socket, void *data)
{
	thing_destroyed(data, socket);
}

/* A second registration for destroyed, which may be removed. */
static void on_socket_destroyed_too(qnet_socket *socket, void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, DESTROYED, NULL, socket);
	mischief(DESTROYED, SOCKET, socket);
	leave(&frame);
}

static void connect_signals(qnet_socket *socket, struct thing *thing)
{
	qnet_connection made[] = {
		qnet_socket_on_connected(socket, on_connected, thing),
		qnet_socket_on_disconnected(socket, on_disconnected, thing),
		qnet_socket_on_error_occurred(socket, on_error_occurred, thing),
		qnet_socket_on_host_found(socket, on_host_found, thing),
		qnet_socket_on_state_changed(socket, on_state_changed, thing),
		qnet_socket_on_ready_read(socket, on_ready_read, thing),
		qnet_socket_on_bytes_written(socket, on_bytes_written, thing),
		qnet_socket_on_about_to_close(socket, on_about_to_close, thing),
		qnet_socket_on_read_channel_finished(socket, on_read_channel_finished, thing),
		qnet_socket_on_write_buffer_drained(socket, on_drained, thing),
	};

	if (chance(200))
		remember(made[rnd(LENGTH(made))]);
	if (chance(100))
		remember(qnet_socket_on_destroyed(socket, on_socket_destroyed_too, NULL));
	if (chance(100))
		remember(qnet_socket_on_state_changed(socket, on_state_changed, thing));
}

/*
 * Takes a socket that is new to the program. Another thread may have deleted it
 * already, with its server.
 */
static qnet_socket *adopt_socket(qnet_socket *socket)
{
	struct thing *thing;

	if (socket == NULL)
		return NULL;
	thing = make_thing(SOCKET, socket);
	if (qnet_socket_on_destroyed(socket, on_socket_destroyed, thing) == 0) {
		drop_thing(thing);
		return NULL;
	}
	/* From here on the thing may be gone: only its address is of use. */
	connect_signals(socket, thing);
	return socket;
}

static qnet_socket *new_socket(qnet_loop *loop)
{
	if (chance(300))
		return adopt_socket(qnet_local_socket_new(loop));
	return adopt_socket(chance(250) ? qnet_udp_socket_new(loop) : qnet_tcp_socket_new(loop));
}

/* Another kind of socket refuses it. */
static void connect_local_socket(qnet_socket *socket, int mode)
{
	int place = (int)rnd(LOCAL_SERVERS);

	qnet_local_socket_set_socket_options(socket, is_abstract(place) ? QNET_ABSTRACT_NAMESPACE_OPTION : QNET_NO_OPTIONS);
	qnet_local_socket_set_receives_descriptors(socket, chance(700));
	qnet_local_socket_connect_to_server(socket, chance(50) ? "" : local_names[place], mode);
}

static void connect_socket(qnet_socket *socket)
{
	static const int modes[] = { QNET_READ_WRITE, QNET_READ_WRITE, QNET_READ_WRITE, QNET_READ_ONLY,
		QNET_READ_WRITE | QNET_UNBUFFERED, QNET_READ_WRITE | QNET_TEXT };
	int mode = modes[rnd(LENGTH(modes))];

	if (qnet_socket_socket_type(socket) == QNET_LOCAL_SOCKET || chance(20)) {
		connect_local_socket(socket, mode);
		return;
	}
	switch (rnd(10)) {
	case 0: /* a port that is nobody else's */
		qnet_socket_connect_to_host(socket, "localhost", (uint16_t)local_port, mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 1:
		qnet_socket_connect_to_host(socket, "localhost", (uint16_t)local_port, mode, QNET_IPV4_PROTOCOL);
		break;
	case 2: /* no name at all: not found */
		qnet_socket_connect_to_host(socket, "not a name", any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 3:
		qnet_socket_connect_to_host(socket, mapped_home, any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 4:
		qnet_socket_connect_to_host(socket, home, any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	default:
		qnet_socket_connect_to_address(socket, &home_address, any_port(), mode);
		break;
	}
}

static void make_socket(void)
{
	qnet_socket *socket = new_socket(any_loop());

	connect_socket(socket);
	put_socket(socket);
}

/* Servers ------------------------------------------------------------------ */

static void take_connection(qnet_tcp_server *server)
{
	qnet_socket *socket = adopt_socket(qnet_tcp_server_next_pending_connection(server));

	if (socket != NULL && chance(200))
		qnet_socket_set_owner(socket, chance(800) ? NULL : any_server());
	put_socket(socket);
}

static void on_server(enum kind kind, qnet_tcp_server *server, void *data)
{
	struct frame frame;

	enter(&frame, kind, data, server);
	if (kind == NEW_CONNECTION && chance(850))
		take_connection(server);
	mischief(kind, SERVER, server);
	leave(&frame);
}

static void on_new_connection(qnet_tcp_server *server, void *data)
{
	on_server(NEW_CONNECTION, server, data);
}

static void on_pending_available(qnet_tcp_server *server, void *data)
{
	on_server(PENDING_AVAILABLE, server, data);
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *data)
{
	(void)error;
	on_server(ACCEPT_ERROR, server, data);
}

static void on_refused(qnet_tcp_server *server, const qnet_host_address *address, void *data)
{
	if (qnet_host_address_is_null(address))
		wrong(RIGHT_HANDLE, "refused without an address");
	on_server(REFUSED, server, data);
}

static void on_server_destroyed(qnet_tcp_server *server, void *data)
{
	thing_destroyed(data, server);
}

/* Closes a descriptor as a peer does, or so that the other side sees a reset. */
static void close_raw(int fd)
{
	struct linger reset = { .l_onoff = 1 };

	if (chance(400))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd);
}

/* Replaces incomingConnection(): the descriptor is the program's. */
static void on_incoming(qnet_tcp_server *server, intptr_t fd, void *data)
{
	struct frame frame;
	qnet_socket *socket;

	enter(&frame, INCOMING, data, server);
	socket = chance(800) ? new_socket(any_loop()) : NULL;
	if (socket == NULL || !qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close_raw((int)fd);
	else if (chance(700)) /* refused if its loop is another */
		qnet_tcp_server_add_pending_connection(server, socket);
	put_socket(socket);
	mischief(INCOMING, SERVER, server);
	leave(&frame);
}

static bool on_has_pending(qnet_tcp_server *server, void *data)
{
	struct frame frame;
	bool answer;

	enter(&frame, HAS_PENDING, data, server);
	answer = qnet_tcp_server_has_pending_connections(server);
	mischief(HAS_PENDING, SERVER, server);
	leave(&frame);
	return answer;
}

static qnet_socket *on_next_pending(qnet_tcp_server *server, void *data)
{
	struct frame frame;
	qnet_socket *answer;

	enter(&frame, NEXT_PENDING, data, server);
	answer = chance(900) ? qnet_tcp_server_next_pending_connection(server) : NULL;
	mischief(NEXT_PENDING, SERVER, server);
	leave(&frame);
	return answer;
}

static void connect_server_signals(qnet_tcp_server *server, struct thing *thing)
{
	qnet_connection made[] = {
		qnet_tcp_server_on_new_connection(server, on_new_connection, thing),
		qnet_tcp_server_on_pending_connection_available(server, on_pending_available, thing),
		qnet_tcp_server_on_accept_error(server, on_accept_error, thing),
		qnet_tcp_server_on_connection_refused(server, on_refused, thing),
	};

	if (chance(100))
		remember(made[rnd(LENGTH(made))]);
	if (chance(250))
		qnet_tcp_server_set_incoming_connection(server, on_incoming, thing);
	if (chance(250))
		qnet_tcp_server_set_has_pending_connections(server, on_has_pending, thing);
	if (chance(250))
		qnet_tcp_server_set_next_pending_connection(server, on_next_pending, thing);
}

/* Sets one of the limits, which are as short as a round wants them, or none. */
static void limit_server(qnet_tcp_server *server)
{
	switch (rnd(5)) {
	case 0:
		qnet_tcp_server_set_connection_limit(server, chance(500) ? 0 : 3 + (int)rnd(20));
		break;
	case 1:
		qnet_tcp_server_set_address_connection_limit(server, chance(250) ? 0 : 1 + (int)rnd(4));
		break;
	case 2:
		qnet_tcp_server_set_idle_timeout(server, chance(400) ? 0 : 5 + (int)rnd(100));
		break;
	case 3:
		qnet_tcp_server_set_first_byte_timeout(server, chance(400) ? 0 : 5 + (int)rnd(100));
		break;
	case 4:
		qnet_tcp_server_set_allow_half_open(server, chance(500));
		qnet_tcp_server_set_address_prefix_length(server, 1 + (int)rnd(128));
		qnet_tcp_server_open_connections(server);
		qnet_tcp_server_refused_connections(server);
		break;
	}
}

static void listen_server(qnet_tcp_server *server, int place)
{
	const qnet_host_address *const addresses[] = {
		&home_address, &home_address, QNET_ADDRESS_ANY, QNET_ADDRESS_ANY_IPV4,
	};

	if (qnet_tcp_server_listen(server, addresses[rnd(LENGTH(addresses))], 0))
		ports[place] = qnet_tcp_server_server_port(server);
}

static void make_server(void)
{
	qnet_tcp_server *server = qnet_tcp_server_new(any_loop()), *old;
	struct thing *thing;
	int place = (int)rnd(SERVERS);

	if (server == NULL)
		return;
	thing = make_thing(SERVER, server);
	if (qnet_tcp_server_on_destroyed(server, on_server_destroyed, thing) == 0) {
		drop_thing(thing);
		return;
	}
	connect_server_signals(server, thing);
	if (chance(300)) /* or there were few who are refused */
		qnet_tcp_server_set_address_connection_limit(server, 1 + (int)rnd(4));
	while (chance(400))
		limit_server(server);
	listen_server(server, place);
	old = atomic_exchange(&servers[place], server);
	if (old != NULL)
		end_server(old, chance(700) ? DELETE : DELETE_LATER);
}

/* Local servers ------------------------------------------------------------ */

static void take_local_connection(qnet_local_server *server)
{
	qnet_socket *socket = adopt_socket(qnet_local_server_next_pending_connection(server));

	if (socket != NULL && chance(200))
		qnet_socket_set_owner(socket, chance(800) ? NULL : any_local_server());
	if (socket != NULL)
		qnet_local_socket_set_receives_descriptors(socket, chance(700));
	put_socket(socket);
}

static void on_local_new_connection(qnet_local_server *server, void *data)
{
	struct frame frame;

	enter(&frame, LOCAL_NEW_CONNECTION, data, server);
	if (chance(850))
		take_local_connection(server);
	mischief(LOCAL_NEW_CONNECTION, LOCAL_SERVER, server);
	leave(&frame);
}

static void on_local_server_destroyed(qnet_local_server *server, void *data)
{
	thing_destroyed(data, server);
}

static void on_local_incoming(qnet_local_server *server, intptr_t fd, void *data)
{
	struct frame frame;
	qnet_socket *socket;

	enter(&frame, LOCAL_INCOMING, data, server);
	socket = chance(800) ? adopt_socket(qnet_local_socket_new(any_loop())) : NULL;
	if (socket == NULL || !qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close((int)fd);
	else if (chance(700)) /* refused if its loop is another */
		qnet_local_server_add_pending_connection(server, socket);
	put_socket(socket);
	mischief(LOCAL_INCOMING, LOCAL_SERVER, server);
	leave(&frame);
}

static bool on_local_has_pending(qnet_local_server *server, void *data)
{
	struct frame frame;
	bool answer;

	enter(&frame, LOCAL_HAS_PENDING, data, server);
	answer = qnet_local_server_has_pending_connections(server);
	mischief(LOCAL_HAS_PENDING, LOCAL_SERVER, server);
	leave(&frame);
	return answer;
}

static qnet_socket *on_local_next_pending(qnet_local_server *server, void *data)
{
	struct frame frame;
	qnet_socket *answer;

	enter(&frame, LOCAL_NEXT_PENDING, data, server);
	answer = chance(900) ? qnet_local_server_next_pending_connection(server) : NULL;
	mischief(LOCAL_NEXT_PENDING, LOCAL_SERVER, server);
	leave(&frame);
	return answer;
}

/* With so short a queue that it is full at times. */
static void listen_local_server(qnet_local_server *server, int place)
{
	int rights = chance(300) ? QNET_USER_ACCESS_OPTION : QNET_NO_OPTIONS;

	qnet_local_server_set_listen_backlog_size(server, (int)rnd(4));
	qnet_local_server_set_max_pending_connections(server, (int)rnd(6));
	qnet_local_server_set_socket_options(server, is_abstract(place) ? QNET_ABSTRACT_NAMESPACE_OPTION : rights);
	qnet_local_server_listen(server, local_names[place]);
}

static void make_local_server(void)
{
	qnet_local_server *server = qnet_local_server_new(any_loop()), *old;
	int place = (int)rnd(LOCAL_SERVERS);
	struct thing *thing;

	if (server == NULL)
		return;
	thing = make_thing(LOCAL_SERVER, server);
	if (qnet_local_server_on_destroyed(server, on_local_server_destroyed, thing) == 0) {
		drop_thing(thing);
		return;
	}
	qnet_local_server_on_new_connection(server, on_local_new_connection, thing);
	if (chance(250))
		qnet_local_server_set_incoming_connection(server, on_local_incoming, thing);
	if (chance(250))
		qnet_local_server_set_has_pending_connections(server, on_local_has_pending, thing);
	if (chance(250))
		qnet_local_server_set_next_pending_connection(server, on_local_next_pending, thing);
	/* The one before has the name still, unless it goes, or its file. */
	old = atomic_exchange(&local_servers[place], server);
	if (old != NULL)
		end_local_server(old, chance(700) ? DELETE : DELETE_LATER);
	listen_local_server(server, place);
}

static void call_local_server(void)
{
	qnet_local_server *server = any_local_server();
	int place = (int)rnd(LOCAL_SERVERS);
	bool timed_out;

	self->doing = "a local server's";
	switch (rnd(16)) {
	case 0:
		end_local_server(server, (enum end)rnd(ENDS));
		break;
	case 1:
	case 2:
		listen_local_server(local_servers[place], place);
		break;
	case 3:
		unlink(local_names[place]);
		break;
	case 4:
		qnet_local_server_remove_server(local_names[place]);
		break;
	case 5:
		self->doing = "a local server's wait_for_new_connection";
		qnet_local_server_wait_for_new_connection(server, depth == 0 && chance(100) ? -1 : (int)rnd(8), &timed_out);
		break;
	case 6:
		qnet_local_server_set_max_pending_connections(server, (int)rnd(10));
		break;
	case 7:
		qnet_local_server_has_pending_connections(server);
		qnet_local_server_error_string(server);
		qnet_local_server_full_server_name(server);
		qnet_local_server_is_listening(server);
		break;
	case 8:
		qnet_local_server_add_pending_connection(server, any_socket());
		break;
	case 9:
		qnet_local_server_set_allow_half_open(server, chance(500));
		qnet_local_server_set_connection_limit(server, (int)rnd(10));
		qnet_local_server_set_idle_timeout(server, chance(400) ? 0 : 5 + (int)rnd(100));
		qnet_local_server_set_first_byte_timeout(server, chance(400) ? 0 : 5 + (int)rnd(100));
		break;
	default:
		take_local_connection(server);
		break;
	}
}

/* Timers, posted calls, look-ups: their user_data is the loop --------------- */

static void on_timeout(qnet_timer *timer, void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, TIMEOUT, NULL, timer);
	if (chance(50))
		qnet_timer_delete(timer);
	else if (chance(50))
		qnet_timer_start(timer, (int)rnd(4));
	mischief(TIMEOUT, SOCKET, any_socket());
	leave(&frame);
}

static void make_timer(void)
{
	qnet_timer *timer = qnet_timer_new(any_loop()), *old;

	if (timer == NULL)
		return;
	qnet_timer_on_timeout(timer, on_timeout, NULL);
	qnet_timer_set_single_shot(timer, chance(300));
	qnet_timer_start(timer, (int)rnd(5));
	old = atomic_exchange(&timers[rnd(TIMERS)], timer);
	if (old != NULL)
		qnet_timer_delete(old);
}

static atomic_llong posted, posted_made;

static void on_posted(void *data)
{
	struct frame frame;

	(void)data;
	posted_made++;
	enter(&frame, POSTED, NULL, NULL);
	mischief(POSTED, SOCKET, any_socket());
	leave(&frame);
}

static void post(void)
{
	if (qnet_loop_post(any_loop(), on_posted, NULL))
		posted++;
}

static void on_single_shot(void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, SINGLE_SHOT, NULL, NULL);
	mischief(SINGLE_SHOT, SOCKET, any_socket());
	leave(&frame);
}

static void on_looked_up(qnet_host_info *info, void *data)
{
	struct frame frame;
	qnet_host_address address;

	(void)data;
	enter(&frame, LOOKED_UP, NULL, info);
	qnet_host_info_address(info, 0, &address);
	if (chance(500))
		qnet_host_info_delete(info);
	mischief(LOOKED_UP, SOCKET, any_socket());
	leave(&frame);
}

static void look_up(void)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "not a name", "" };
	qnet_host_info *info = qnet_host_info_lookup_host(any_loop(), names[rnd(LENGTH(names))], on_looked_up, NULL), *old;

	if (info == NULL)
		return;
	old = atomic_exchange(&infos[rnd(INFOS)], info);
	if (old != NULL)
		qnet_host_info_delete(old);
}

/* Loops -------------------------------------------------------------------- */

static void quit_loop(void *data)
{
	qnet_loop_quit(data);
}

static void nested_loop(qnet_loop *loop)
{
	if (nesting >= 3)
		return;
	nesting++;
	if (chance(700))
		qnet_loop_process_events(loop, (int)rnd(3));
	else if (qnet_timer_single_shot(loop, (int)rnd(3), quit_loop, loop))
		qnet_loop_exec(loop);
	nesting--;
}

/* A loop that others may find, run and delete too. */
static void make_loop(void)
{
	qnet_loop *loop = qnet_loop_new(), *old;
	qnet_socket *socket;

	if (loop == NULL)
		return;
	socket = new_socket(loop);
	connect_socket(socket);
	for (int i = 0; i < 3; i++)
		qnet_loop_process_events(loop, 1);
	put_socket(socket);
	old = atomic_exchange(&short_loops[rnd(SHORT_LOOPS)], loop);
	if (old != NULL)
		qnet_loop_delete(old);
}

/* Random calls ------------------------------------------------------------- */

static void write_some(qnet_socket *socket)
{
	static const char data[100000] = "some";

	qnet_socket_write(socket, data, chance(200) ? sizeof data : 1 + rnd(3000));
}

static void read_some(qnet_socket *socket)
{
	char data[300];

	switch (rnd(8)) {
	case 0:
		qnet_socket_peek(socket, data, sizeof data);
		break;
	case 1:
		qnet_socket_skip(socket, rnd(300));
		break;
	case 2:
		qnet_socket_read_line(socket, data, sizeof data);
		break;
	case 3:
		if (qnet_socket_get_char(socket, data))
			qnet_socket_unget_char(socket, data[0]);
		break;
	case 4:
		qnet_socket_can_read_line(socket);
		break;
	default:
		echo(socket);
		break;
	}
}

/* On a socket of the other kind each of these is refused. */
static void use_datagrams(qnet_socket *socket)
{
	static char data[8][3000], out[3000];
	qnet_socket *other = any_socket();
	qnet_datagram list[8];
	qnet_host_address address;
	uint16_t port;

	switch (rnd(8)) {
	case 0:
		while (qnet_udp_socket_has_pending_datagrams(socket) && chance(950))
			qnet_udp_socket_read_datagram(socket, data[0], rnd(sizeof data[0]), &address, &port);
		break;
	case 1:
		qnet_udp_socket_receive_datagram(socket, chance(500) ? -1 : (int64_t)rnd(100), &list[0]);
		break;
	case 2:
		for (size_t i = 0; i < LENGTH(list); i++)
			list[i] = (qnet_datagram){ .data = data[i], .capacity = sizeof data[i] };
		qnet_udp_socket_read_datagrams(socket, list, LENGTH(list));
		break;
	case 3:
		qnet_udp_socket_pending_datagram_size(socket);
		qnet_udp_socket_dropped_datagrams(socket);
		break;
	case 4:
		qnet_host_address_set_address(&address, "239.255.65.43");
		if (chance(500))
			qnet_udp_socket_join_multicast_group(socket, &address, 1);
		else
			qnet_udp_socket_leave_multicast_group(socket, &address, 1);
		qnet_udp_socket_set_multicast_interface(socket, 1);
		break;
	default:
		port = qnet_socket_local_port(other);
		if (!qnet_socket_local_address(other, &address) || port == 0 || chance(200))
			qnet_socket_bind(other, &home_address, 0, QNET_DEFAULT_FOR_PLATFORM);
		for (size_t i = 0; i < LENGTH(list); i++)
			list[i] = (qnet_datagram){ .data = out, .size = rnd(2) ? 64 : rnd(sizeof out), .destination = home_address,
				.destination_port = port, .hop_limit = -1 };
		if (chance(500))
			qnet_udp_socket_write_datagrams(socket, list, LENGTH(list));
		else
			qnet_udp_socket_write_datagram(socket, out, list[0].size, &home_address, port);
		break;
	}
}

/* Sends and takes descriptors; refused but by local sockets. */
static void pass_descriptors(qnet_socket *socket)
{
	intptr_t fds[8];
	int count = 1 + (int)rnd(LENGTH(fds) - 1), own = 0;

	if (chance(50))
		qnet_local_socket_set_receives_descriptors(socket, chance(500));
	if (chance(500)) {
		count = qnet_local_socket_take_descriptors(socket, fds, count);
		for (int i = 0; i < count; i++)
			close((int)fds[i]);
		return;
	}
	while (own < count && (fds[own] = fcntl(stop_pipe[0], F_DUPFD_CLOEXEC, 0)) >= 0)
		own++;
	if (own > 0)
		qnet_local_socket_write_with_descriptors(socket, "descriptors", 1 + rnd(11), fds, own);
	while (own > 0)
		close((int)fds[--own]);
}

static void look_at(qnet_socket *socket)
{
	qnet_host_address address;
	int64_t pid, uid, gid;

	qnet_socket_state(socket);
	qnet_socket_error(socket);
	qnet_socket_is_valid(socket);
	qnet_socket_bytes_available(socket);
	qnet_socket_bytes_to_write(socket);
	qnet_socket_is_read_channel_finished(socket);
	qnet_socket_is_writable(socket);
	qnet_socket_peer_address(socket, &address);
	qnet_socket_peer_port(socket);
	qnet_socket_error_string(socket);
	qnet_socket_peer_name(socket);
	qnet_local_socket_full_server_name(socket);
	qnet_local_socket_descriptors_available(socket);
	qnet_local_socket_peer_credentials(socket, &pid, &uid, &gid);
}

static void configure(qnet_socket *socket)
{
	switch (rnd(8)) {
	case 0:
		qnet_socket_set_read_buffer_size(socket, rnd(3) * 500);
		break;
	case 1:
		/* Not one that keeps it from the loopback interface. */
		qnet_socket_set_socket_option(socket, (qnet_option)(chance(900) ? rnd(8) : QNET_USER_TIMEOUT_OPTION + rnd(3)),
		                              (int)rnd(5000));
		break;
	case 2:
		qnet_socket_resume(socket);
		break;
	case 3:
		qnet_socket_set_owner(socket, any_server());
		break;
	case 4:
		qnet_socket_set_owner(socket, NULL);
		break;
	case 5:
		qnet_socket_set_allow_half_open(socket, chance(500));
		break;
	case 6:
		qnet_socket_close_write_channel(socket);
		break;
	default:
		qnet_socket_set_protocol_tag(socket, "tag");
		break;
	}
}

static void bind_socket(qnet_socket *socket)
{
	qnet_socket_bind(socket, &home_address, 0, QNET_DEFAULT_FOR_PLATFORM);
	if (chance(700))
		connect_socket(socket);
}

/* Gives a socket one of two connected descriptors; the other is a raw peer's. */
static void give_descriptor(qnet_socket *socket)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
	if (chance(500) && write(fds[1], "given", 5) < 0)
		perror("write");
	if (!qnet_socket_set_socket_descriptor(socket, fds[0], QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close(fds[0]);
	if (chance(500))
		qnet_socket_write(socket, "taken", 5);
	close(fds[1]);
}

/*
 * A wait may be without limit only outside of callbacks: the loop's thread may be
 * the one to end it.
 */
static int any_wait(void)
{
	return depth == 0 && chance(100) ? -1 : (int)rnd(8);
}

static void wait_for_connected(qnet_socket *socket)
{
	qnet_socket_wait_for_connected(socket, any_wait());
}

static void wait_for_disconnected(qnet_socket *socket)
{
	qnet_socket_wait_for_disconnected(socket, any_wait());
}

static void wait_for_ready_read(qnet_socket *socket)
{
	qnet_socket_wait_for_ready_read(socket, any_wait());
}

static void wait_for_bytes_written(qnet_socket *socket)
{
	qnet_socket_wait_for_bytes_written(socket, any_wait());
}

static void flush_socket(qnet_socket *socket)
{
	qnet_socket_flush(socket);
}

static void more_signals(qnet_socket *socket)
{
	remember(qnet_socket_on_ready_read(socket, on_ready_read, NULL));
	remember(qnet_socket_on_error_occurred(socket, on_error_occurred, NULL));
}

static void end_any(qnet_socket *socket)
{
	end_socket(socket, (enum end)rnd(ENDS));
}

static const struct {
	const char *name;
	uint32_t weight;
	void (*call)(qnet_socket *);
} socket_calls[] = {
	{ "connect", 14, connect_socket },
	{ "write", 16, write_some },
	{ "read", 16, read_some },
	{ "flush", 6, flush_socket },
	{ "datagrams", 16, use_datagrams },
	{ "descriptors", 14, pass_descriptors },
	{ "getters", 6, look_at },
	{ "setters", 6, configure },
	{ "bind", 2, bind_socket },
	{ "set_socket_descriptor", 3, give_descriptor },
	{ "wait_for_connected", 3, wait_for_connected },
	{ "wait_for_disconnected", 2, wait_for_disconnected },
	{ "wait_for_ready_read", 3, wait_for_ready_read },
	{ "wait_for_bytes_written", 3, wait_for_bytes_written },
	{ "on", 2, more_signals },
	{ "end of a socket", 12, end_any },
};

static void call_socket(void)
{
	uint32_t total = 0, at;

	for (size_t i = 0; i < LENGTH(socket_calls); i++)
		total += socket_calls[i].weight;
	at = rnd(total);
	for (size_t i = 0; i < LENGTH(socket_calls); i++) {
		if (at < socket_calls[i].weight) {
			self->doing = socket_calls[i].name;
			socket_calls[i].call(any_socket());
			return;
		}
		at -= socket_calls[i].weight;
	}
}

static void call_server(void)
{
	qnet_tcp_server *server = any_server();
	int place = (int)rnd(SERVERS);
	bool timed_out;

	self->doing = "a server's";
	switch (rnd(16)) {
	case 0:
		end_server(server, (enum end)rnd(ENDS));
		break;
	case 1:
	case 2:
		listen_server(servers[place], place);
		break;
	case 3:
		qnet_tcp_server_pause_accepting(server);
		break;
	case 4:
	case 5:
		qnet_tcp_server_resume_accepting(server);
		break;
	case 6:
		self->doing = "wait_for_new_connection";
		qnet_tcp_server_wait_for_new_connection(server, any_wait(), &timed_out);
		break;
	case 7:
		qnet_tcp_server_set_max_pending_connections(server, (int)rnd(40));
		break;
	case 8:
	case 9:
		qnet_tcp_server_has_pending_connections(server);
		qnet_tcp_server_error_string(server);
		break;
	case 10:
		qnet_tcp_server_add_pending_connection(server, any_socket());
		break;
	case 11:
		limit_server(server);
		break;
	default:
		take_connection(server);
		break;
	}
}

static void call_timer(void)
{
	qnet_timer *timer = timers[rnd(TIMERS)];

	self->doing = "a timer's";
	switch (rnd(5)) {
	case 0:
		qnet_timer_stop(timer);
		break;
	case 1:
		qnet_timer_set_interval(timer, (int)rnd(5));
		break;
	case 2:
		qnet_timer_delete(timer);
		break;
	default:
		qnet_timer_start(timer, (int)rnd(5));
		break;
	}
}

static void call_loop(void)
{
	qnet_loop *loop = any_loop();

	self->doing = "a loop's";
	switch (rnd(10)) {
	case 0:
		qnet_loop_exit(loop, 1);
		break;
	case 1:
		qnet_timer_single_shot(loop, (int)rnd(4), on_single_shot, NULL);
		break;
	case 2:
	case 3:
	case 4:
		self->doing = "nested loop";
		nested_loop(loop);
		break;
	default:
		post();
		break;
	}
}

static void call_info(void)
{
	qnet_host_info *info = infos[rnd(INFOS)];

	self->doing = "a look-up's";
	switch (rnd(4)) {
	case 0:
		qnet_host_info_abort_host_lookup(info);
		break;
	case 1:
		qnet_host_info_delete(info);
		break;
	default:
		look_up();
		break;
	}
}

/* Calls something random on something random. */
static void act(void)
{
	const char *doing = self->doing;
	uint32_t what = rnd(100);

	if (what < 12 && !stopping) {
		self->doing = "making a socket";
		make_socket();
	} else if (what < 15 && !stopping) {
		self->doing = "making a server";
		make_server();
	} else if (what < 16 && !stopping) {
		self->doing = "making a timer";
		make_timer();
	} else if (what < 17 && !stopping) {
		self->doing = "making a loop";
		make_loop();
	} else if (what < 22) {
		call_loop();
	} else if (what < 25) {
		call_timer();
	} else if (what < 26) {
		qnet_set_message_handler(wrong_message, NULL);
	} else if (what < 28) {
		call_info();
	} else if (what < 33) {
		self->doing = "disconnect";
		qnet_disconnect(connections[rnd(CONNECTIONS)]);
	} else if (what < 42) {
		call_server();
	} else if (what < 49) {
		call_local_server();
	} else if (what < 52 && !stopping) {
		self->doing = "making a local server";
		make_local_server();
	} else {
		call_socket();
	}
	self->doing = doing;
}

/* Tells whether there are so few of a kind that each should count. */
static bool is_rare(enum kind kind)
{
	return kind == ACCEPT_ERROR || kind == REFUSED || kind == HAS_PENDING || kind == LOCAL_HAS_PENDING || kind == DRAINED || kind == SINGLE_SHOT || kind == LOOKED_UP;
}

/* What a callback of a kind does to its object, or to others. */
static void mischief(enum kind kind, enum class class, void *handle)
{
	enum end end = (enum end)rnd(ENDS);

	if (depth > DEEP || self == NULL)
		return;
	self->doing = kind_names[kind];
	if (chance(is_rare(kind) ? 300 : wildness)) {
		ended[kind][end]++;
		if (kind == DESTROYED)
			end_socket(any_socket(), end);
		else if (class == SERVER)
			end_server(handle, end);
		else if (class == LOCAL_SERVER)
			end_local_server(handle, end);
		else
			end_socket(handle, end);
	}
	if (chance(60))
		act();
	if (chance(15))
		nested_loop(any_loop());
}

/* Raw peers ---------------------------------------------------------------- */

static struct sockaddr_in at_home(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, home, &address.sin_addr);
	return address;
}

/* Returns a bound socket and its port; it listens if it is to. */
static int open_raw(struct sockaddr_in address, bool listens, atomic_uint *port)
{
	socklen_t size = sizeof address;
	int fd;

	/* A thread that begins late may find no descriptors for a moment. */
	while ((fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0 && errno == EMFILE)
		check_sleep(1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || (listens && listen(fd, 50) != 0) ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		perror("raw socket");
		exit(2);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

static int connect_raw(uint16_t port)
{
	struct sockaddr_in address = at_home(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static atomic_llong raw_connections;

/* Does something with one connection; returns -1 when that is closed. */
static int use_raw(int fd, int listener)
{
	static const char data[60000] = "raw";
	char received[20000];

	if (fd < 0) {
		fd = chance(500) ? accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)
		                 : connect_raw((uint16_t)ports[rnd(SERVERS)]);
		if (fd >= 0)
			raw_connections++;
		return fd;
	}
	switch (rnd(10)) {
	case 0:
	case 1:
	case 2:
		send(fd, data, chance(100) ? sizeof data : 1 + rnd(2000), MSG_NOSIGNAL);
		break;
	case 3:
	case 4:
	case 5:
		if (recv(fd, received, sizeof received, 0) == 0 && chance(700)) {
			close(fd);
			return -1;
		}
		break;
	case 6:
		shutdown(fd, SHUT_WR);
		break;
	case 7:
		close_raw(fd);
		return -1;
	default:
		break;
	}
	return fd;
}

static void run_raw(int index)
{
	struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fds[PEERS], listener;

	if (index == 0)
		listener = open_raw(loopback, true, &local_port);
	else
		listener = open_raw(at_home(0), true, &raw_port);
	for (int i = 0; i < PEERS; i++)
		fds[i] = -1;
	self->doing = "sends, receives, closes";
	while (!stopping) {
		int i = (int)rnd(PEERS);

		fds[i] = use_raw(fds[i], listener);
		usleep(rnd(200));
	}
	for (int i = 0; i < PEERS; i++) {
		if (fds[i] >= 0)
			close_raw(fds[i]);
	}
	close(listener);
}

/* The threads' work -------------------------------------------------------- */

/* Runs a loop, the last one as a host with a loop of its own would. */
static void run_loop(int index)
{
	qnet_loop *loop = loops[index];
	struct pollfd ready[2] = {
		{ .fd = qnet_loop_fd(loop), .events = POLLIN },
		{ .fd = stop_pipe[0], .events = POLLIN },
	};

	while (!stopping) {
		if (index < LOOPS - 1) {
			self->doing = "exec";
			/* It fails while another thread runs the loop. */
			if (qnet_loop_exec(loop) == -1)
				usleep(500);
		} else {
			self->doing = "poll";
			poll(ready, 2, -1);
			self->doing = "process_events";
			qnet_loop_process_events(loop, 0);
		}
	}
}

static void run_chaos(void)
{
	while (!stopping) {
		self->doing = "chaos";
		act();
		if (chance(300))
			usleep(rnd(300));
	}
}

static void *run_worker(void *data)
{
	struct worker *worker = data;
	int index = worker->index;

	self = worker;
	worker->number = gettid();
	seed_random(worker->seed);
	if (index < LOOPS)
		run_loop(index);
	else if (index < LOOPS + CHAOS)
		run_chaos();
	else
		run_raw(index - LOOPS - CHAOS);
	worker->number = 0;
	return NULL;
}

/* A round ------------------------------------------------------------------ */

static uint64_t seed;

static void start_workers(int round)
{
	stopping = false;
	if (pipe2(stop_pipe, O_CLOEXEC) != 0) {
		perror("pipe");
		exit(2);
	}
	for (int i = 0; i < WORKERS; i++) {
		workers[i].index = i;
		workers[i].seed = (seed * 1009 + (uint64_t)round) * 7919 + (uint64_t)i;
		workers[i].doing = NULL;
		workers[i].number = -1;
	}
	for (int i = WORKERS; i-- > 0;) {
		if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0) {
			perror("pthread_create");
			exit(2);
		}
	}
}

/*
 * Lets the process have no more descriptors for a moment, while connections that
 * have theirs already ask to be accepted.
 */
static void run_out_of_descriptors(void)
{
	struct rlimit old, none;
	struct sockaddr_in address;
	int fds[8];

	for (size_t i = 0; i < LENGTH(fds); i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	for (size_t i = 0; i < LENGTH(fds); i++) {
		address = at_home((uint16_t)ports[rnd(SERVERS)]);
		connect(fds[i], (struct sockaddr *)&address, sizeof address);
	}
	check_sleep(5 + (int)rnd(20));
	setrlimit(RLIMIT_NOFILE, &old);
	for (size_t i = 0; i < LENGTH(fds); i++)
		close_raw(fds[i]);
}

/* Whether the loops still work --------------------------------------------- */

/* A connection that nobody else knows, on a loop that all the others use. */
static struct probe {
	qnet_tcp_server *server;
	qnet_socket *client;
	atomic_int arrived;
} probes[LOOPS];

static void answer_probe(qnet_socket *socket, void *data)
{
	char c;

	(void)data;
	while (qnet_socket_get_char(socket, &c))
		qnet_socket_put_char(socket, c);
}

static void accept_probe(qnet_tcp_server *server, void *data)
{
	qnet_socket *socket = qnet_tcp_server_next_pending_connection(server);

	qnet_socket_on_ready_read(socket, answer_probe, data);
	answer_probe(socket, data); /* what came before */
}

static void count_probe(qnet_socket *socket, void *data)
{
	struct probe *probe = data;

	probe->arrived += (int)qnet_socket_skip(socket, 100);
}

static void send_probe(struct probe *probe)
{
	probe->arrived = 0;
	qnet_socket_connect_to_address(probe->client, &home_address, qnet_tcp_server_server_port(probe->server), QNET_READ_WRITE);
	qnet_socket_write(probe->client, "probe", 5);
}

static void start_probe(struct probe *probe, qnet_loop *loop)
{
	int tries = getenv("QNET_FAULTS") != NULL ? 20 : 1; /* with faults it may fail */

	probe->server = qnet_tcp_server_new(loop);
	qnet_tcp_server_on_new_connection(probe->server, accept_probe, probe);
	while (tries > 0 && !qnet_tcp_server_listen(probe->server, &home_address, 0))
		tries--;
	if (tries == 0)
		wrong(WORKING, "a probe cannot listen");
	probe->client = qnet_tcp_socket_new(loop);
	qnet_socket_on_ready_read(probe->client, count_probe, probe);
	send_probe(probe);
}

/* Has each loop carry some data and make a call, in the middle of all that goes on. */
static void probe_loops(void)
{
	long long before = posted;
	int64_t patience = check_now() + 30000;

	for (int i = 0; i < LOOPS; i++)
		start_probe(&probes[i], loops[i]);
	for (int i = 0; i < LOOPS; i++) {
		while (probes[i].arrived < 5 && check_now() < patience) {
			check_sleep(1);
			if (getenv("QNET_FAULTS") != NULL && qnet_socket_state(probes[i].client) == QNET_UNCONNECTED_STATE)
				send_probe(&probes[i]); /* it was reset */
		}
		if (probes[i].arrived != 5)
			wrong(WORKING, "loop %d brought %d bytes of 5, in state %d", i, probes[i].arrived, qnet_socket_state(probes[i].client));
		qnet_socket_delete(probes[i].client);
		qnet_tcp_server_delete(probes[i].server);
	}
	while (posted_made < before && check_now() < patience)
		check_sleep(1);
	if (posted_made < before)
		wrong(WORKING, "%lld of %lld posted calls are late", before - posted_made, before);
}

/* Deletes what is alive at this moment, and tells whether that was anything. */
static bool delete_things(void)
{
	struct {
		enum class class;
		void *handle;
	} list[200];
	int count = 0;

	pthread_mutex_lock(&things_lock);
	for (struct thing *thing = things; thing != NULL && count < (int)LENGTH(list); thing = thing->next) {
		list[count].class = thing->class;
		list[count++].handle = thing->handle;
	}
	pthread_mutex_unlock(&things_lock);
	for (int i = 0; i < count; i++) {
		if (list[i].class == SERVER)
			qnet_tcp_server_delete(list[i].handle);
		else if (list[i].class == LOCAL_SERVER)
			qnet_local_server_delete(list[i].handle);
		else
			qnet_socket_delete(list[i].handle);
	}
	return count > 0;
}

static void delete_loops(void)
{
	for (int i = 1; i < LOOPS; i++) /* the first is the default one */
		qnet_loop_delete(loops[i]);
}

static void delete_the_rest(void)
{
	for (int i = 0; i < SHORT_LOOPS; i++) {
		qnet_loop *loop = atomic_exchange(&short_loops[i], NULL);

		if (loop != NULL)
			qnet_loop_delete(loop);
	}
	for (int i = 0; i < TIMERS; i++) {
		qnet_timer *timer = atomic_exchange(&timers[i], NULL);

		if (timer != NULL)
			qnet_timer_delete(timer);
	}
	for (int i = 0; i < INFOS; i++) {
		qnet_host_info *info = atomic_exchange(&infos[i], NULL);

		if (info != NULL)
			qnet_host_info_delete(info);
	}
}

static void tell_workers(void)
{
	stopping = true;
	if (write(stop_pipe[1], "", 1) != 1)
		perror("write");
}

/*
 * Ends the threads. Some wait without limit for an object to end, or run a loop:
 * those are ended until all have come back.
 */
static void stop_workers(bool delete_first)
{
	bool joined[WORKERS] = { false };
	int64_t patience = check_now() + 100;

	for (int left = WORKERS; left > 0;) {
		for (int i = 0; i < LOOPS; i++)
			qnet_loop_quit(loops[i]);
		for (int i = 0; i < SHORT_LOOPS; i++) {
			qnet_loop *loop = short_loops[i];

			if (loop != NULL)
				qnet_loop_quit(loop);
		}
		if (delete_first || check_now() > patience)
			delete_things();
		for (int i = 0; i < WORKERS; i++) {
			if (!joined[i] && pthread_tryjoin_np(workers[i].thread, NULL) == 0) {
				joined[i] = true;
				left--;
			}
		}
		check_sleep(1);
	}
	close(stop_pipe[0]);
	close(stop_pipe[1]);
}

/* Makes the posted calls and deletions that the threads have left. */
static void drain_loops(void)
{
	for (int i = 0; i < LOOPS; i++) {
		for (int n = 0; n < 200 && qnet_loop_process_events(loops[i], 0); n++)
			;
	}
}

static void run_round(int round)
{
	int order = (int)rnd(3);
	int64_t end;

	check_begin("starting", STEP_TIME);
	wildness = (unsigned[]){ 15, 50, 150 }[rnd(3)];
	loops[0] = qnet_loop_default();
	for (int i = 1; i < LOOPS; i++)
		loops[i] = qnet_loop_new();
	for (int i = 0; i < SERVERS; i++)
		make_server();
	for (int i = 0; i < LOCAL_SERVERS; i++)
		make_local_server();
	start_workers(round);

	check_begin("running", STEP_TIME);
	for (end = check_now() + ROUND; check_now() < end;) {
		check_sleep(60);
		run_out_of_descriptors();
	}

	check_begin("probing", STEP_TIME);
	probe_loops();
	check_begin("stopping the threads", STEP_TIME);
	tell_workers();
	if (order == 0)
		delete_loops();
	stop_workers(order == 1);

	/* Callbacks may make new things until all is quiet. */
	check_begin("deleting what is left", STEP_TIME);
	if (order != 0)
		drain_loops();
	while (delete_things())
		;
	if (order != 0)
		delete_loops();
	delete_the_rest();
	check_begin("the default loop's last turns", STEP_TIME);
	for (int i = 0; i < 1000 && qnet_loop_process_events(loops[0], 0); i++)
		;
	while (delete_things())
		;
	empty_graveyard();
}

/* The program -------------------------------------------------------------- */

static void *wait_a_little(void *server)
{
	qnet_tcp_server_wait_for_new_connection(server, 300, NULL);
	return NULL;
}

/*
 * Makes what the library keeps for as long as the process lives: what look-ups
 * need, the default loop, and the descriptors that it keeps for waits.
 */
static void warm_up(void)
{
	qnet_host_info *info = qnet_host_info_from_name("localhost");
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	pthread_t threads[8];

	qnet_host_info_delete(info);
	qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0);
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_create(&threads[i], NULL, wait_a_little, server);
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	qnet_tcp_server_delete(server);
}

static void check_coverage(void)
{
	for (int kind = 0; kind < KINDS; kind++) {
		for (int end = 0; end < ENDS; end++) {
			if (ended[kind][end] == 0)
				wrong(COVERAGE, "no %s inside %s", end_names[end], kind_names[kind]);
		}
	}
}

static void print_figures(int rounds, int64_t milliseconds)
{
	long long all = 0;

	for (int kind = 0; kind < KINDS; kind++)
		all += callbacks[kind];
	printf("%d rounds in %.1f s; %lld connections made by qnet, %lld accepted, %lld by raw peers;\n"
	       "%lld objects, %lld callbacks, %lld posted calls, %d warnings\n",
	       rounds, (double)milliseconds / 1000, (long long)callbacks[CONNECTED], (long long)callbacks[PENDING_AVAILABLE],
	       (long long)raw_connections, (long long)things_made, all, (long long)posted, check_warnings);
	printf("%-30s %10s %8s %8s %8s %8s\n", "callback", "count", "close", "abort", "delete", "later");
	for (int kind = 0; kind < KINDS; kind++)
		printf("%-30s %10lld %8lld %8lld %8lld %8lld\n", kind_names[kind], (long long)callbacks[kind],
		       (long long)ended[kind][CLOSE], (long long)ended[kind][ABORT], (long long)ended[kind][DELETE],
		       (long long)ended[kind][DELETE_LATER]);
}

static int run(int rounds, int seconds)
{
	int64_t start = check_now();
	int round = 0, refusing;

	choose_home();
	choose_local_home();
	warm_up();
	leaks_begin();
	refusing = open_raw(at_home(0), false, &refusing_port);
	for (; rounds > 0 ? round < rounds : check_now() - start < seconds * INT64_C(1000); round++)
		run_round(round);
	check_begin("counting", STEP_TIME);
	remove_local_home();
	close(refusing);
	if (things_made != things_destroyed)
		wrong(DESTROYED_ONCE, "%lld objects, %lld destroyed", (long long)things_made, (long long)things_destroyed);
	if (posted != posted_made)
		wrong(POSTED_ONCE, "%lld posted, %lld made", (long long)posted, (long long)posted_made);
	if (rounds == 0 && seconds >= 20)
		check_coverage();
	alarm(0);
	print_figures(round, check_now() - start);
	report_checks();
	return check_finish();
}

int main(int argc, char **argv)
{
	const struct random_run wanted = random_begin(argc, argv, 20);

	seed = wanted.seed;
	self = &main_worker;
	self->number = gettid();
	check_watch();
	check_describe = describe_workers;
	qnet_set_message_handler(wrong_message, NULL);
	return run(wanted.rounds, wanted.seconds);
}
