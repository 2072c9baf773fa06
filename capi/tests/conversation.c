/*
 * Conversations: many connections whose ends read and write in random ways, inside
 * callbacks and on other threads, with read limits that change, unbuffered reading,
 * transactions, nested loops and all kinds of ends. Each byte tells its place in the
 * stream, so that one which is lost, comes twice or too early is seen at once.
 *
 * A careful end writes only when the other has got everything: what is behind it
 * then is nothing that could call attention to bytes which were forgotten.
 *
 * Usage: conversation [--seed N] [--seconds N | --rounds N]
 */
#include "pair.h"
#include "random.h"

#include <poll.h>
#include <pthread.h>
#include <sys/un.h>

enum {
	LOOPS = 2,
	HELPERS = 2,
	TALKS = 24,
	PATIENCE = 30000, /* milliseconds that a round may take */
	AHEAD = 200000,   /* bytes that an end which is not careful is ahead */
	LARGEST = 70000,  /* more than one read brings */
};

/* Random choices ----------------------------------------------------------- */

/* A size: mostly small. */
static int64_t any_size(void)
{
	static const uint32_t sizes[] = { 1, 16, 100, 5000, 20000, LARGEST };

	return 1 + rnd(sizes[rnd(LENGTH(sizes))]);
}

/* Failures ----------------------------------------------------------------- */

enum check { IN_ORDER, PROGRESS, COMPLETE, NO_INTERNAL_ERROR, CHECKS };

#include "wrong.h"

static struct check_state checks[CHECKS] = {
	[IN_ORDER] = { .name = "every byte comes once, and in order" },
	[PROGRESS] = { .name = "every conversation comes to its end" },
	[COMPLETE] = { .name = "an orderly end comes behind all bytes" },
	[NO_INTERNAL_ERROR] = { .name = "no internal error" },
};

/* Conversations ------------------------------------------------------------ */

/* How an end ends a conversation. */
enum farewell { DISCONNECT, CLOSE, ABORT, DELETE, DELETE_LATER, SHUTDOWN, RESET, FAREWELLS };

static const char *const farewell_names[] = {
	"disconnect_from_host", "close", "abort", "delete", "delete_later", "shutdown", "reset",
};

struct end {
	struct talk *talk;
	struct end *other;
	qnet_socket *_Atomic socket; /* NULL before, after, and for a plain descriptor */
	int fd;                      /* a plain descriptor, or -1 */
	uint32_t salt;               /* of what it sends */
	long long plan;              /* bytes to be sent */
	atomic_llong sent, received;
	bool careful, unbuffered, local;
	atomic_bool begun;
	bool urgent;      /* it has sent a byte out of band: a second one might end up in the stream */
	atomic_bool over; /* it has seen the end, or made it */
	qnet_connection _Atomic ready_read;
	/* Who reads, or writes, must do so to the end of what is checked. */
	pthread_mutex_t reading, writing;
};

struct talk {
	int number;
	struct end ends[2]; /* 0 has connected to 1 */
	qnet_tcp_server *server;
	qnet_local_server *local_server;
	enum farewell farewell;
	int closer;       /* the end that says it */
	long long cut;    /* it does once it has received so much; -1: all is said */
	bool told;        /* it was asked to */
	bool waits;       /* with the wait functions too, which find what the loop has forgotten */
	char name[40];
	uint16_t port;
};

static uint64_t seed;
static struct talk talks[TALKS];
static qnet_loop *loops[LOOPS];
static qnet_timer *timers[LOOPS];
static atomic_bool stopping;
static atomic_llong total_bytes, total_talks, calls;

static unsigned char byte_at(const struct end *sender, long long at)
{
	return (unsigned char)(sender->salt + (uint32_t)at * 197 + ((uint32_t)at >> 8) * 31 + ((uint32_t)at >> 16) * 7);
}

/* Tells whether n bytes are those that come next, at an offset. */
static bool compare(struct end *end, const char *data, int64_t n, const char *how)
{
	long long from = end->received;

	for (int64_t i = 0; i < n; i++) {
		if ((unsigned char)data[i] != byte_at(end->other, from + i)) {
			wrong(IN_ORDER, "%s: conversation %d, end %d%s%s: %lld bytes of %lld, then byte %lld is %d instead of %d", how,
			      end->talk->number, end == &end->talk->ends[1], end->local ? ", local" : "",
			      end->unbuffered ? ", unbuffered" : "", from, (long long)end->other->sent, from + i,
			      (unsigned char)data[i], byte_at(end->other, from + i));
			return false;
		}
	}
	return true;
}

static void advance(struct end *end, const char *data, int64_t n, const char *how)
{
	if (n <= 0)
		return;
	compare(end, data, n, how);
	end->received += n;
	total_bytes += n;
}

/* Reading ------------------------------------------------------------------ */

static _Thread_local char space[LARGEST + 1];

static void read_in_a_transaction(struct end *end, qnet_socket *socket)
{
	int64_t n, m;

	qnet_socket_start_transaction(socket);
	n = qnet_socket_read(socket, space, any_size());
	compare(end, space, n, "transaction");
	if (chance(50)) {
		qnet_socket_rollback_transaction(socket);
		return;
	}
	m = qnet_socket_read(socket, space + (n > 0 ? n : 0), LARGEST - (n > 0 ? n : 0));
	qnet_socket_commit_transaction(socket);
	advance(end, space, (n > 0 ? n : 0) + (m > 0 ? m : 0), "commit");
}

static void unget_and_read(struct end *end, qnet_socket *socket)
{
	char c;

	if (!qnet_socket_get_char(socket, &c))
		return;
	compare(end, &c, 1, "get_char");
	qnet_socket_unget_char(socket, c);
	if (chance(50))
		qnet_socket_bytes_available(socket);
	advance(end, space, qnet_socket_read(socket, space, any_size()), "read behind unget_char");
}

static void peek(struct end *end, qnet_socket *socket)
{
	/* What a peek brings from the system stays at the front. */
	compare(end, space, qnet_socket_peek(socket, space, any_size()), "peek");
}

static void use_in_place(struct end *end, qnet_socket *socket)
{
	int64_t size = 0, used;
	const char *data;

	/* An end that another thread makes may take the data away. */
	if (end->talk->farewell != DISCONNECT && end->talk->farewell != SHUTDOWN && end->talk->farewell != RESET)
		return;
	data = qnet_socket_peek_buffer(socket, &size);
	if (data == NULL)
		return;
	compare(end, data, size, "peek_buffer");
	used = any_size();
	if (used > size)
		used = size;
	advance(end, data, used, "peek_buffer");
	if (qnet_socket_skip(socket, used) != used)
		wrong(IN_ORDER, "skip takes less than peek_buffer has shown");
}

static void skip(struct end *end, qnet_socket *socket)
{
	int64_t n = qnet_socket_skip(socket, any_size());

	if (n > 0) {
		end->received += n;
		total_bytes += n;
	}
}

/* Reads in some way, or in several. */
static void read_some(struct end *end, qnet_socket *socket)
{
	int64_t n;

	pthread_mutex_lock(&end->reading);
	calls++;
	switch (rnd(14)) {
	case 0:
		break; /* left unread */
	case 1:
		read_in_a_transaction(end, socket);
		break;
	case 2:
		unget_and_read(end, socket);
		break;
	case 3:
		peek(end, socket);
		break;
	case 4:
		skip(end, socket);
		break;
	case 12:
	case 13:
		use_in_place(end, socket);
		break;
	case 5:
		advance(end, space, qnet_socket_read_line(socket, space, any_size() + 1), "read_line");
		break;
	case 6:
		n = qnet_socket_bytes_available(socket);
		if (n > 0)
			advance(end, space, qnet_socket_read(socket, space, n < LARGEST ? n : LARGEST), "read what is available");
		break;
	case 7:
		for (int i = 0; i < 20; i++)
			advance(end, space, qnet_socket_read(socket, space, 1 + rnd(9)), "small reads");
		break;
	default:
		do {
			n = qnet_socket_read(socket, space, chance(50) ? LARGEST : any_size());
			advance(end, space, n, "read");
		} while (n > 0);
		break;
	}
	pthread_mutex_unlock(&end->reading);
}

/* Writing ------------------------------------------------------------------ */

/* Returns how much the end may write now. */
static int64_t may_write(const struct end *end)
{
	long long ahead = end->sent - end->other->received, size = any_size();

	if (end->over || (end->careful && ahead > 0) || ahead > AHEAD)
		return 0;
	return size < end->plan - end->sent ? size : end->plan - end->sent;
}

static void write_some(struct end *end, qnet_socket *socket)
{
	static _Thread_local char data[LARGEST];
	int64_t size, piece, n;

	pthread_mutex_lock(&end->writing);
	size = may_write(end);
	for (int64_t i = 0; i < size; i++)
		data[i] = (char)byte_at(end, end->sent + i);
	for (int64_t at = 0; at < size; at += n) {
		piece = chance(30) ? size - at : 1 + rnd((uint32_t)(size - at));
		if (piece == 1 && chance(50))
			n = qnet_socket_put_char(socket, data[at]) ? 1 : -1;
		else
			n = qnet_socket_write(socket, data + at, piece);
		if (n <= 0)
			break;
		end->sent += n;
	}
	pthread_mutex_unlock(&end->writing);
}

/* What else is done -------------------------------------------------------- */

static _Thread_local int nesting;

static void on_ready_read(qnet_socket *socket, void *data);

/* Disconnects the callback, from inside it perhaps, and connects it again. */
static void connect_again(struct end *end, qnet_socket *socket)
{
	qnet_connection old = atomic_exchange(&end->ready_read, 0);

	if (old == 0)
		return; /* somebody else does the same */
	qnet_disconnect(old);
	end->ready_read = qnet_socket_on_ready_read(socket, on_ready_read, end);
}

static void set_limit(qnet_socket *socket)
{
	static const int limits[] = { 0, 0, 1, 7, 100, 4096, 16384, 65536, LARGEST, 200000 };

	qnet_socket_set_read_buffer_size(socket, limits[rnd(LENGTH(limits))]);
}

static void nested_loop(struct end *end)
{
	if (nesting >= 3)
		return;
	nesting++;
	/* Refused on a helper's thread: the loop runs on its own. */
	qnet_loop_process_events(loops[(unsigned)end->talk->number % LOOPS], (int)rnd(2));
	nesting--;
}

static void do_something(struct end *end, qnet_socket *socket)
{
	switch (rnd(20)) {
	case 0:
		set_limit(socket);
		break;
	case 1:
		nested_loop(end);
		break;
	case 2:
		connect_again(end, socket);
		break;
	case 3:
		if (end->talk->waits)
			qnet_socket_wait_for_ready_read(socket, (int)rnd(2));
		break;
	case 4:
		if (end->talk->waits)
			qnet_socket_wait_for_bytes_written(socket, (int)rnd(2));
		break;
	case 5:
		qnet_socket_flush(socket);
		break;
	case 6:
		qnet_socket_resume(socket);
		break;
	case 7:
		qnet_socket_bytes_available(socket);
		qnet_socket_bytes_to_write(socket);
		break;
	case 8:
	case 9:
	case 10:
		read_some(end, socket);
		break;
	default:
		write_some(end, socket);
		break;
	}
}

/* Callbacks ---------------------------------------------------------------- */

static void on_ready_read(qnet_socket *socket, void *data)
{
	struct end *end = data;

	for (uint32_t i = rnd(4); i > 0; i--)
		do_something(end, socket);
	read_some(end, socket);
	if (chance(50))
		write_some(end, socket);
	if (chance(30))
		do_something(end, socket);
}

/* A second one for the same signal. */
static void on_ready_read_too(qnet_socket *socket, void *data)
{
	if (chance(30))
		do_something(data, socket);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *data)
{
	(void)bytes;
	if (chance(30))
		do_something(data, socket);
	write_some(data, socket);
}

static void on_disconnected(qnet_socket *socket, void *data)
{
	struct end *end = data;
	int64_t n;

	pthread_mutex_lock(&end->reading);
	while ((n = qnet_socket_read(socket, space, LARGEST)) > 0)
		advance(end, space, n, "read at the end");
	pthread_mutex_unlock(&end->reading);
	end->over = true;
}

static void on_connected(qnet_socket *socket, void *data)
{
	struct end *end = data;

	(void)socket;
	end->begun = true;
}

static void on_destroyed(qnet_socket *socket, void *data)
{
	struct end *end = data;

	(void)socket;
	end->socket = NULL;
	end->over = true;
}

static void begin_end(struct end *end, qnet_socket *socket)
{
	qnet_socket_on_destroyed(socket, on_destroyed, end);
	qnet_socket_on_connected(socket, on_connected, end);
	qnet_socket_on_disconnected(socket, on_disconnected, end);
	qnet_socket_on_bytes_written(socket, on_bytes_written, end);
	end->ready_read = qnet_socket_on_ready_read(socket, on_ready_read, end);
	if (chance(50))
		qnet_socket_on_ready_read(socket, on_ready_read_too, end);
	if (chance(50))
		set_limit(socket);
	end->socket = socket;
}

static void accept_end(struct end *end, qnet_socket *socket)
{
	qnet_socket_set_owner(socket, NULL);
	begin_end(end, socket);
	end->begun = true;
	if (qnet_socket_bytes_available(socket) > 0)
		read_some(end, socket);
}

static void on_new_connection(qnet_tcp_server *server, void *data)
{
	struct talk *talk = data;

	accept_end(&talk->ends[1], qnet_tcp_server_next_pending_connection(server));
}

static void on_new_local_connection(qnet_local_server *server, void *data)
{
	struct talk *talk = data;

	accept_end(&talk->ends[1], qnet_local_server_next_pending_connection(server));
}

/* Now and then every end reads what it has left, and writes. */
static void on_timeout(qnet_timer *timer, void *data)
{
	intptr_t loop = (intptr_t)data;

	(void)timer;
	for (int i = 0; i < TALKS; i++) {
		for (int side = 0; side < 2; side++) {
			struct end *end = &talks[i].ends[side];
			qnet_socket *socket = end->socket;

			if (socket == NULL || i % LOOPS != loop)
				continue;
			if (chance(50))
				read_some(end, socket);
			write_some(end, socket);
		}
	}
}

/* Plain descriptors -------------------------------------------------------- */

static void use_raw(struct end *end)
{
	int64_t n = recv(end->fd, space, (size_t)any_size(), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		end->over = true;
	advance(end, space, n, "recv");
	n = may_write(end);
	if (n <= 0)
		return;
	for (int64_t i = 0; i < n; i++)
		space[i] = (char)byte_at(end, end->sent + i);
	n = send(end->fd, space, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		end->sent += n;
	if (n > 0 && !end->local && !end->urgent && chance(20)) /* the byte is no part of the stream */
		end->urgent = send(end->fd, "!", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

/* Returns the number of conversations with a plain descriptor that go on. */
static int use_raws(void)
{
	int going = 0;

	for (int i = 0; i < TALKS; i++) {
		struct end *end = &talks[i].ends[1];

		if (end->fd >= 0 && !end->over) {
			use_raw(end);
			going++;
		}
	}
	return going;
}

static int listen_raw(struct talk *talk, uint16_t *port)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (!talk->ends[0].local) {
		fd = raw_bind(port);
	} else {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		memcpy(address.sun_path + 1, talk->name, strlen(talk->name));
		if (bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(talk->name))) != 0)
			fd = -1;
	}
	if (fd < 0 || listen(fd, 1) != 0) {
		perror("a plain listener");
		exit(2);
	}
	return fd;
}

/* The end of a conversation ------------------------------------------------ */

static void say_farewell(void *data)
{
	struct talk *talk = data;
	struct end *end = &talk->ends[talk->closer];
	qnet_socket *socket = end->socket;

	/* Nobody writes in between: what is sent is known from here on. */
	pthread_mutex_lock(&end->writing);
	end->plan = end->sent;
	pthread_mutex_unlock(&end->writing);
	switch (talk->farewell) {
	case DISCONNECT:
		qnet_socket_disconnect_from_host(socket);
		break;
	case CLOSE:
		qnet_socket_close(socket);
		break;
	case ABORT:
		qnet_socket_abort(socket);
		break;
	case DELETE:
		qnet_socket_delete(socket);
		break;
	case DELETE_LATER:
		qnet_socket_delete_later(socket);
		break;
	case SHUTDOWN:
		shutdown(end->fd, SHUT_WR);
		break;
	default:
		raw_reset(end->fd);
		end->fd = -1;
		end->over = true;
		break;
	}
}

static bool all_is_said(const struct talk *talk)
{
	for (int side = 0; side < 2; side++) {
		if (talk->ends[side].sent < talk->ends[side].plan || talk->ends[1 - side].received < talk->ends[side].plan)
			return false;
	}
	return true;
}

/* Connects an end, which may fail with faults (QNET_FAULTS). */
static void connect_end(struct end *end)
{
	qnet_socket *socket = end->socket;
	int mode = QNET_READ_WRITE | (end->unbuffered ? QNET_UNBUFFERED : 0);

	if (end->begun || end->over || socket == NULL || qnet_socket_state(socket) != QNET_UNCONNECTED_STATE)
		return;
	if (end->local)
		qnet_local_socket_connect_to_server(socket, end->talk->name, mode);
	else
		qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, end->talk->port, mode);
}

static bool both_began(const struct talk *talk)
{
	return talk->ends[0].begun && talk->ends[1].begun;
}

/* Tells whether a conversation has ended, and ends it when it is time. */
static bool follow(struct talk *talk)
{
	struct end *closer = &talk->ends[talk->closer];

	bool cut = talk->cut >= 0 && closer->received + closer->sent >= talk->cut;

	connect_end(&talk->ends[0]);
	if (!talk->told && both_began(talk) && (cut || all_is_said(talk))) {
		talk->told = true;
		if (closer->socket == NULL || chance(30))
			say_farewell(talk);
		else
			qnet_loop_post(loops[talk->number % LOOPS], say_farewell, talk);
	}
	return talk->ends[0].over && talk->ends[1].over;
}

/* An end that only listened has got all, if the other said farewell politely. */
static void check_complete(const struct talk *talk)
{
	const struct end *closer = &talk->ends[talk->closer], *other = closer->other;
	bool polite = talk->farewell == DISCONNECT || talk->farewell == CLOSE || talk->farewell == SHUTDOWN;

	if (polite && (talk->cut < 0 || other->plan == 0) && other->received != closer->sent)
		wrong(COMPLETE, "conversation %d ended with %s behind %lld bytes, and %lld have come", talk->number,
		      farewell_names[talk->farewell], (long long)closer->sent, (long long)other->received);
}

/* A round ------------------------------------------------------------------ */

static void begin_talk(int i, int round)
{
	static pthread_mutexattr_t recursive;
	struct talk *talk = &talks[i];
	struct end *a = &talk->ends[0], *b = &talk->ends[1];
	bool raw = chance(30), local = chance(40);
	uint16_t port = 0;
	int listener = -1, tries = 0; /* with faults (QNET_FAULTS) it may fail first */

	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	memset(talk, 0, sizeof *talk);
	talk->number = i;
	snprintf(talk->name, sizeof talk->name, "qnet-conversation-%d-%d-%d", (int)getpid(), round, i);
	for (int side = 0; side < 2; side++) {
		struct end *end = &talk->ends[side];

		end->talk = talk;
		end->other = &talk->ends[1 - side];
		end->fd = -1;
		end->salt = rnd(256);
		end->plan = chance(25) ? 0 : (long long)any_size() * (1 + rnd(5));
		end->local = local;
		end->careful = chance(60);
		pthread_mutex_init(&end->reading, &recursive);
		pthread_mutex_init(&end->writing, &recursive);
	}
	a->unbuffered = chance(25);
	talk->closer = (int)rnd(2);
	talk->waits = chance(40);
	talk->farewell = raw && talk->closer == 1 ? (chance(60) ? SHUTDOWN : RESET) : (enum farewell)rnd(SHUTDOWN);
	talk->cut = chance(30) ? (long long)any_size() : -1;

	if (raw) {
		listener = listen_raw(talk, &port);
	} else if (local) {
		talk->local_server = qnet_local_server_new(loops[i % LOOPS]);
		qnet_local_server_set_socket_options(talk->local_server, QNET_ABSTRACT_NAMESPACE_OPTION);
		qnet_local_server_on_new_connection(talk->local_server, on_new_local_connection, talk);
		while (!qnet_local_server_listen(talk->local_server, talk->name) && tries++ < 10)
			;
	} else {
		talk->server = qnet_tcp_server_new(loops[i % LOOPS]);
		qnet_tcp_server_on_new_connection(talk->server, on_new_connection, talk);
		while (!qnet_tcp_server_listen(talk->server, QNET_ADDRESS_LOCAL_HOST, 0) && tries++ < 10)
			;
		port = qnet_tcp_server_server_port(talk->server);
	}
	if (local) {
		qnet_socket *socket = qnet_local_socket_new(loops[i % LOOPS]);

		qnet_local_socket_set_socket_options(socket, QNET_ABSTRACT_NAMESPACE_OPTION);
		begin_end(a, socket);
	} else {
		begin_end(a, qnet_tcp_socket_new(loops[i % LOOPS]));
	}
	talk->port = port;
	connect_end(a);
	if (raw) {
		struct pollfd ready = { .fd = listener, .events = POLLIN };

		/* With faults (QNET_FAULTS) it may take a while. */
		while (poll(&ready, 1, 1) == 0) {
			connect_end(a);
			qnet_loop_process_events(loops[i % LOOPS], 0);
		}
		b->fd = accept(listener, NULL, NULL);
		b->begun = true;
		close(listener);
	}
}

static void end_talk(struct talk *talk)
{
	for (int side = 0; side < 2; side++) {
		struct end *end = &talk->ends[side];

		if (end->socket != NULL)
			qnet_socket_delete(end->socket);
		if (end->fd >= 0)
			close(end->fd);
		pthread_mutex_destroy(&end->reading);
		pthread_mutex_destroy(&end->writing);
	}
	if (talk->server != NULL)
		qnet_tcp_server_delete(talk->server);
	if (talk->local_server != NULL)
		qnet_local_server_delete(talk->local_server);
}

static void *run_loop(void *data)
{
	intptr_t index = (intptr_t)data;

	seed_random(seed * 1009 + (uint64_t)(total_talks * 16 + index));
	qnet_loop_exec(loops[index]);
	return NULL;
}

static void *run_helper(void *data)
{
	seed_random(seed * 1009 + (uint64_t)(total_talks * 16 + LOOPS + (intptr_t)data));
	while (!stopping) {
		struct end *end = &talks[rnd(TALKS)].ends[rnd(2)];
		qnet_socket *socket = end->socket;

		if (socket != NULL)
			do_something(end, socket);
		if (chance(50))
			usleep(rnd(300));
	}
	return NULL;
}

static void report_stuck(void)
{
	for (int i = 0; i < TALKS; i++) {
		struct talk *talk = &talks[i];

		if (talk->ends[0].over && talk->ends[1].over)
			continue;
		for (int side = 0; side < 2; side++) {
			struct end *end = &talk->ends[side];
			qnet_socket *socket = end->socket;

			fprintf(stderr, "conversation %d (%s%s%s), end %d: sent %lld of %lld, received %lld%s", i,
			        talk->told ? farewell_names[talk->farewell] : "going on", end->local ? ", local" : "",
			        talk->ends[1].fd >= 0 ? ", plain" : "", side, (long long)end->sent, end->plan, (long long)end->received,
			        end->over ? ", over\n" : "");
			if (end->over)
				continue;
			if (socket == NULL) {
				fputs("\n", stderr);
				continue;
			}
			fprintf(stderr, "; state %d, mode %d, limit %lld, %lld available, %lld to write\n",
			        qnet_socket_state(socket), qnet_socket_open_mode(socket), (long long)qnet_socket_read_buffer_size(socket),
			        (long long)qnet_socket_bytes_available(socket), (long long)qnet_socket_bytes_to_write(socket));
		}
		wrong(PROGRESS, "conversation %d is stuck: %lld of %lld and %lld of %lld bytes have come", i,
		      (long long)talk->ends[1].received, (long long)talk->ends[0].sent, (long long)talk->ends[0].received,
		      (long long)talk->ends[1].sent);
	}
}

static void run_round(int round)
{
	pthread_t loop_threads[LOOPS], helpers[HELPERS];
	int64_t end = check_now() + PATIENCE;
	bool over = false;

	check_begin("talking", 120);
	stopping = false;
	for (intptr_t i = 0; i < LOOPS; i++)
		loops[i] = qnet_loop_new();
	for (int i = 0; i < TALKS; i++)
		begin_talk(i, round);
	for (intptr_t i = 0; i < LOOPS; i++) {
		timers[i] = qnet_timer_new(loops[i]);
		qnet_timer_on_timeout(timers[i], on_timeout, (void *)i);
		qnet_timer_start(timers[i], 2);
		pthread_create(&loop_threads[i], NULL, run_loop, (void *)i);
	}
	for (intptr_t i = 0; i < HELPERS; i++)
		pthread_create(&helpers[i], NULL, run_helper, (void *)i);

	while (!over && check_now() < end) {
		over = true;
		for (int i = 0; i < TALKS; i++)
			over = follow(&talks[i]) && over;
		if (use_raws() == 0)
			check_sleep(1);
	}
	if (!over)
		report_stuck();

	check_begin("ending the threads", 120);
	stopping = true;
	for (int i = 0; i < HELPERS; i++)
		pthread_join(helpers[i], NULL);
	/* A loop that does not run yet is not left: on a busy machine all may be over by then. */
	for (int i = 0; i < LOOPS; i++) {
		while (pthread_tryjoin_np(loop_threads[i], NULL) != 0) {
			qnet_loop_quit(loops[i]);
			check_sleep(1);
		}
	}
	check_begin("deleting", 120);
	for (int i = 0; i < TALKS; i++) {
		if (over)
			check_complete(&talks[i]);
		end_talk(&talks[i]);
	}
	for (int i = 0; i < LOOPS; i++) {
		qnet_timer_delete(timers[i]);
		qnet_loop_delete(loops[i]);
	}
	total_talks += TALKS;
}

int main(int argc, char **argv)
{
	const struct random_run run = random_begin(argc, argv, 5);
	int64_t start = check_now();
	int round = 0;

	seed = run.seed;
	check_watch();
	qnet_set_message_handler(wrong_message, NULL);
	for (; run.rounds > 0 ? round < run.rounds : check_now() - start < run.seconds * INT64_C(1000); round++)
		run_round(round);
	alarm(0);
	printf("%d rounds in %.1f s: %lld conversations, %lld bytes, %lld times read\n", round,
	       (double)(check_now() - start) / 1000, (long long)total_talks, (long long)total_bytes, (long long)calls);
	report_checks();
	return check_finish();
}
