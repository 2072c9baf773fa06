/*
 * Readers that take whole pieces and leave the rest, under read limits that change. A
 * piece fits below the limit, so each reader must come to its end by readyRead alone, or
 * by waits, whoever makes room and however: in a lease or out of it, with sockets that are
 * called back in one round, while another thread ends the rounds at any moment. The
 * same over core/socket alone is its limit_test.go.
 *
 * Usage: pieces [--seed N] [--seconds N | --rounds N]
 */
#include "pair.h"
#include "random.h"

#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/un.h>

enum {
	FLOWS = 12,
	STEPS = 60,
	PATIENCE = 20000, /* milliseconds in which something must come */
	LARGEST = 80000,  /* more than one read brings */
};

/* Failures ----------------------------------------------------------------- */

enum check { IN_ORDER, NOTHING_WAITS, PROGRESS, ECHOED, NO_INTERNAL_ERROR, CHECKS };

#include "wrong.h"

static struct check_state checks[CHECKS] = {
	[IN_ORDER] = { .name = "every byte comes once, and in order" },
	[NOTHING_WAITS] = { .name = "what there is room for is read" },
	[PROGRESS] = { .name = "every reader comes to its end" },
	[ECHOED] = { .name = "what the readers write arrives" },
	[NO_INTERNAL_ERROR] = { .name = "no internal error" },
};

/* Flows -------------------------------------------------------------------- */

/* A socket and its peer, a plain descriptor that sends it pieces, each a line. */
struct flow {
	qnet_socket *socket;
	int fd;
	int mode;
	bool local;

	char *raw; /* what the peer sends: pieces, in text mode with a carriage return */
	int64_t raw_size, sent;
	char *want; /* what can be read of it */
	int64_t size, got;
	int64_t written, echoed; /* what the reader writes, and the peer takes */
	int64_t largest;         /* piece, as it is sent */

	qnet_connection handler;
	bool plain;       /* it reads in ways that a lease allows, so that it keeps it */
	bool missed;      /* the handler has left a piece */
	bool transacting; /* over some turns */
};

static uint64_t seed;
static int the_round;
static qnet_loop *loop;
static qnet_tcp_server *server;
static qnet_local_server *local_server;
static struct flow flows[FLOWS];
static bool busy;           /* handlers do other things, too */
static atomic_bool meddles; /* the other thread */
static atomic_llong meddled;
static int64_t total, calls;
static char space[LARGEST + 2];

static bool failed(void)
{
	for (int i = 0; i < CHECKS; i++)
		if (checks[i].failures > 0)
			return true;
	return false;
}

static int64_t up_to(int64_t n)
{
	return 1 + rnd((uint32_t)n);
}

/* Describes a flow, for failures. */
static const char *description(const struct flow *flow)
{
	static char text[300];

	snprintf(text, sizeof text, "seed %llu, round %d, flow %d (%s, mode %d): %lld of %lld bytes, %lld of %lld sent, limit %lld, %lld available",
	         (unsigned long long)seed, the_round, (int)(flow - flows), flow->local ? "local" : "TCP", flow->mode, (long long)flow->got,
	         (long long)flow->size, (long long)flow->sent, (long long)flow->raw_size,
	         (long long)qnet_socket_read_buffer_size(flow->socket), (long long)qnet_socket_bytes_available(flow->socket));
	return text;
}

/* Reading ------------------------------------------------------------------ */

/* Notes n bytes that were read in some way. */
static void took(struct flow *flow, const char *data, int64_t n, const char *how)
{
	if (n <= 0)
		return;
	if (n > flow->size - flow->got || memcmp(data, flow->want + flow->got, (size_t)n) != 0)
		wrong(IN_ORDER, "%s: %s", how, description(flow));
	flow->got += n;
	total += n;
}

static void read_in_a_transaction(struct flow *flow, int64_t n)
{
	if (flow->transacting) {
		took(flow, space, qnet_socket_read(flow->socket, space, n), "read");
		return;
	}
	qnet_socket_start_transaction(flow->socket);
	if (chance(50)) {
		qnet_socket_read(flow->socket, space, n);
		qnet_socket_rollback_transaction(flow->socket);
		qnet_socket_start_transaction(flow->socket);
	}
	took(flow, space, qnet_socket_read(flow->socket, space, n), "transaction");
	qnet_socket_commit_transaction(flow->socket);
}

static void use_in_place(struct flow *flow, int64_t n)
{
	int64_t size = 0;
	const char *data = qnet_socket_peek_buffer(flow->socket, &size);
	bool echo = chance(30);

	if (data == NULL)
		return;
	if (size > n)
		size = n;
	if (echo && qnet_socket_write(flow->socket, data, size) == size)
		flow->written += size;
	memcpy(space, data, (size_t)size);
	if (qnet_socket_skip(flow->socket, size) == size)
		took(flow, space, size, "peek_buffer");
}

/* Takes up to n bytes, at most to the end of a line, in some way. */
static void take(struct flow *flow, int64_t n)
{
	bool text = (flow->mode & QNET_TEXT) != 0;
	int64_t k;

	if (n > flow->size - flow->got)
		n = flow->size - flow->got;
	if (n == 0)
		return;
	switch (rnd(text ? 3 : 7) | (flow->plain ? 4 : 0)) {
	case 0: /* a line */
		k = n;
		if (text && qnet_socket_can_read_line(flow->socket) && flow->want[flow->got + n - 1] == '\n')
			k = n + 1; /* in the buffer it is longer */
		else if (text)
			return took(flow, space, qnet_socket_read(flow->socket, space, n), "read");
		took(flow, space, qnet_socket_read_line(flow->socket, space, k + 1), "read_line");
		break;
	case 1:
		for (int64_t i = 0; i < n && i < 100; i++)
			if (qnet_socket_get_char(flow->socket, space))
				took(flow, space, 1, "get_char");
		break;
	case 2:
		read_in_a_transaction(flow, n);
		break;
	case 3:
		k = qnet_socket_peek(flow->socket, space, n);
		if (k > 0 && qnet_socket_skip(flow->socket, k) == k)
			took(flow, space, k, "peek and skip");
		break;
	case 4:
		use_in_place(flow, n);
		break;
	default:
		took(flow, space, qnet_socket_read(flow->socket, space, n), "read");
		break;
	}
}

/* Takes the next piece if all of it is there, and tells whether it was. */
static bool take_piece(struct flow *flow)
{
	const char *end = memchr(flow->want + flow->got, '\n', (size_t)(flow->size - flow->got));
	int64_t n = end != NULL ? end - (flow->want + flow->got) + 1 : 0, available = 0, after = flow->got + n;

	if (flow->mode & QNET_UNBUFFERED) {
		/* What it leaves in the system is not told again. */
		available = qnet_socket_bytes_available(flow->socket);
		take(flow, n < available ? n : available);
		return n > 0 && available > 0;
	}
	if (flow->mode & QNET_TEXT || (!flow->plain && chance(30))) {
		if (!qnet_socket_can_read_line(flow->socket))
			return false;
	} else if (n == 0 || qnet_socket_bytes_available(flow->socket) < n) {
		return false;
	}
	while (flow->got < after && !failed())
		take(flow, after - flow->got);
	return true;
}

/* What is done besides ----------------------------------------------------- */

/* Has the peer send up to n bytes, and take what it was sent. */
static void feed(struct flow *flow, int64_t n)
{
	char trash[20000];
	ssize_t k = recv(flow->fd, trash, sizeof trash, MSG_DONTWAIT);

	if (k > 0)
		flow->echoed += k;
	if (n > flow->raw_size - flow->sent)
		n = flow->raw_size - flow->sent;
	k = n > 0 ? send(flow->fd, flow->raw + flow->sent, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
	if (k > 0)
		flow->sent += k;
}

static void set_limit(const struct flow *flow, uint32_t choice, uint32_t extra)
{
	int64_t size = choice % 6 == 0 ? 0 : choice % 6 == 1 ? flow->largest : flow->largest + extra % (3 * flow->largest);

	qnet_socket_set_read_buffer_size(flow->socket, size);
}

static void on_ready_read_too(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	struct flow *flow = user_data;

	calls++;
	if (flow->transacting)
		return; /* it is read afterwards */
	while (!failed() && take_piece(flow)) {
		if (!busy)
			continue;
		switch (rnd(20)) {
		case 0:
			flow->missed = true;
			return;
		case 1:
			qnet_loop_process_events(loop, 0);
			break;
		case 2:
			qnet_socket_wait_for_ready_read(socket, 0);
			break;
		case 3:
			set_limit(flow, rnd(100), rnd(1 << 30));
			break;
		case 4:
			feed(flow, up_to(3 * flow->largest));
			break;
		case 5:
			/* With two there is no lease, nor for one that was just connected. */
			qnet_disconnect(flow->handler);
			if (chance(20))
				qnet_disconnect(qnet_socket_on_ready_read(socket, on_ready_read_too, NULL));
			flow->handler = qnet_socket_on_ready_read(socket, on_ready_read, flow);
			break;
		case 6:
			memset(space, 'e', 100);
			if (qnet_socket_write(socket, space, 100) == 100)
				flow->written += 100;
			break;
		default:
			break;
		}
	}
}

static void in_a_long_transaction(struct flow *flow)
{
	int64_t before = flow->got;

	qnet_socket_start_transaction(flow->socket);
	flow->transacting = true;
	take(flow, up_to(flow->largest));
	feed(flow, up_to(2 * flow->largest));
	while (qnet_loop_process_events(loop, 0))
		;
	if (chance(50)) {
		qnet_socket_commit_transaction(flow->socket);
	} else {
		qnet_socket_rollback_transaction(flow->socket);
		flow->got = before;
	}
	flow->transacting = false;
	on_ready_read(flow->socket, flow);
}

/* Does one thing with a flow, outside its handler. */
static void act(struct flow *flow)
{
	switch (rnd(9)) {
	case 0:
	case 1:
		feed(flow, up_to(4 * flow->largest));
		break;
	case 2:
		feed(flow, flow->raw_size / 4 + 1);
		break;
	case 3:
		set_limit(flow, rnd(100), rnd(1 << 30));
		break;
	case 4:
		take(flow, up_to(flow->largest));
		break;
	case 5:
		if (!(flow->mode & QNET_UNBUFFERED) && flow->got > 0)
			qnet_socket_unget_char(flow->socket, flow->want[--flow->got]);
		break;
	case 6:
		in_a_long_transaction(flow);
		break;
	case 7:
		qnet_socket_wait_for_ready_read(flow->socket, (int)rnd(2));
		break;
	default:
		if (flow->missed) {
			flow->missed = false;
			on_ready_read(flow->socket, flow);
		}
		break;
	}
}

/* Returns a flow of which something waits in the system that there is room for, or NULL. */
static const struct flow *stalled(int *waits)
{
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *flow = &flows[i];
		int64_t limit = qnet_socket_read_buffer_size(flow->socket), held = qnet_socket_bytes_available(flow->socket);

		if (flow->mode & QNET_UNBUFFERED || ioctl((int)qnet_socket_socket_descriptor(flow->socket), FIONREAD, waits) != 0)
			continue;
		if (*waits > 0 && (limit == 0 || held < limit))
			return flow;
	}
	return NULL;
}

/* With the loop at rest there is none: but what was sent may come a moment later. */
static void check_rest(void)
{
	int64_t end = check_now() + 2000;
	const struct flow *flow;
	int waits = 0;

	do
		while (qnet_loop_process_events(loop, 0))
			;
	while ((flow = stalled(&waits)) != NULL && check_now() < end);
	if (flow != NULL)
		wrong(NOTHING_WAITS, "%d bytes wait: %s", waits, description(flow));
}

/* Ends rounds, by calls of all sorts, wherever they are. */
static void *meddle(void *data)
{
	int i = 0;

	(void)data;
	seed_random(seed + (uint64_t)the_round);
	while (meddles) {
		const struct flow *flow = &flows[rnd(FLOWS)];

		if (chance(50))
			set_limit(flow, rnd(100), rnd(1 << 30));
		else
			qnet_socket_bytes_available(flow->socket);
		meddled++;
		if (++i % 16 == 0)
			check_sleep(0);
	}
	return NULL;
}

/* Beginnings --------------------------------------------------------------- */

static int local_descriptor(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Connects the flow's socket to its peer. */
static const char *connect_to_peer(struct flow *flow)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
	                             (size_t)snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "qnet-pieces-%d-%d", (int)getpid(), (int)(flow - flows)));
	uint16_t port = 0;
	int listener;

	if (flow->local) {
		listener = local_descriptor();
		REQUIRE(bind(listener, (struct sockaddr *)&address, size) == 0);
		flow->socket = qnet_local_socket_new(loop);
		qnet_local_socket_set_socket_options(flow->socket, QNET_ABSTRACT_NAMESPACE_OPTION);
	} else {
		listener = raw_bind(&port);
		flow->socket = qnet_tcp_socket_new(loop);
	}
	REQUIRE(listener >= 0 && listen(listener, 1) == 0);
	/* With faults (QNET_FAULTS) it may fail. */
	for (int tries = 0; qnet_socket_state(flow->socket) != QNET_CONNECTED_STATE; tries++) {
		REQUIRE(tries < 50);
		if (flow->local)
			qnet_local_socket_connect_to_server(flow->socket, address.sun_path + 1, flow->mode);
		else
			qnet_socket_connect_to_address(flow->socket, QNET_ADDRESS_LOCAL_HOST, port, flow->mode);
		qnet_socket_wait_for_connected(flow->socket, PATIENCE);
	}
	flow->fd = accept(listener, NULL, NULL);
	close(listener);
	return NULL;
}

/* Has a server accept the peer: its sockets are those of most rounds. */
static const char *accept_peer(struct flow *flow)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = qnet_local_server_full_server_name(local_server);

	flow->mode = QNET_READ_WRITE;
	if (flow->local) {
		memcpy(address.sun_path + 1, name, strlen(name));
		flow->fd = local_descriptor();
		REQUIRE(connect(flow->fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) == 0);
		UNTIL(loop, qnet_local_server_has_pending_connections(local_server));
		flow->socket = qnet_local_server_next_pending_connection(local_server);
	} else {
		flow->fd = raw_connect(qnet_tcp_server_server_port(server));
		UNTIL(loop, qnet_tcp_server_has_pending_connections(server));
		flow->socket = qnet_tcp_server_next_pending_connection(server);
	}
	return NULL;
}

static void fill(struct flow *flow)
{
	static const int64_t scales[] = { 3, 100, 5000, LARGEST };
	int64_t scale = scales[rnd(LENGTH(scales))], total_size = (2 + rnd(20)) * scale;

	flow->raw = malloc((size_t)(2 * total_size + 3 * scale));
	flow->want = malloc((size_t)(total_size + 2 * scale));
	while (flow->size < total_size) {
		int64_t n = rnd((uint32_t)scale - 1), begin = flow->raw_size;

		for (int64_t i = 0; i < n; i++)
			flow->raw[flow->raw_size + i] = (char)('a' + (flow->size * 3 + i * 7 + i / 251) % 26);
		memcpy(flow->want + flow->size, flow->raw + flow->raw_size, (size_t)n);
		flow->size += n;
		flow->raw_size += n;
		if (flow->mode & QNET_TEXT)
			flow->raw[flow->raw_size++] = '\r';
		flow->raw[flow->raw_size++] = flow->want[flow->size++] = '\n';
		if (flow->raw_size - begin > flow->largest)
			flow->largest = flow->raw_size - begin;
	}
}

static const char *begin_flow(struct flow *flow)
{
	static const int modes[] = { QNET_READ_WRITE, QNET_READ_WRITE | QNET_TEXT, QNET_READ_WRITE | QNET_UNBUFFERED };

	*flow = (struct flow){ .fd = -1, .local = chance(50), .mode = modes[rnd(LENGTH(modes))] };
	REQUIRE_OK(chance(50) ? accept_peer(flow) : connect_to_peer(flow));
	REQUIRE(flow->socket != NULL && flow->fd >= 0);
	flow->plain = flow->mode == QNET_READ_WRITE && chance(60);
	fill(flow);
	set_limit(flow, rnd(100), rnd(1 << 30));
	flow->handler = qnet_socket_on_ready_read(flow->socket, on_ready_read, flow);
	return NULL;
}

static void end_flow(struct flow *flow)
{
	if (flow->fd >= 0)
		close(flow->fd);
	qnet_socket_delete(flow->socket);
	free(flow->raw);
	free(flow->want);
}

/* Ends --------------------------------------------------------------------- */

/* Has the handlers alone read what is left. */
static void finish(void)
{
	int64_t since = check_now(), before = -1;

	for (bool all = false; !all && !failed();) {
		int64_t now = 0;

		all = true;
		for (int i = 0; i < FLOWS; i++) {
			struct flow *flow = &flows[i];

			feed(flow, flow->raw_size);
			all = all && flow->got == flow->size && flow->echoed == flow->written;
			now += flow->got + flow->sent + flow->echoed;
		}
		qnet_loop_process_events(loop, all ? 0 : 1);
		if (now != before) {
			before = now;
			since = check_now();
		} else if (check_now() - since > PATIENCE) {
			for (int i = 0; i < FLOWS; i++) {
				if (flows[i].got != flows[i].size)
					wrong(PROGRESS, "%s", description(&flows[i]));
				else if (flows[i].echoed != flows[i].written)
					wrong(ECHOED, "%lld of %lld: %s", (long long)flows[i].echoed, (long long)flows[i].written, description(&flows[i]));
			}
		}
	}
}

/* Has waits bring what is left of one. */
static void finish_waiting(struct flow *flow)
{
	qnet_disconnect(flow->handler);
	while (flow->got < flow->size && !failed()) {
		feed(flow, flow->raw_size);
		if (!take_piece(flow) && !qnet_socket_wait_for_ready_read(flow->socket, PATIENCE))
			wrong(PROGRESS, "a wait: %s", description(flow));
	}
}

/* Rounds ------------------------------------------------------------------- */

static const char *run_round(void)
{
	pthread_t thread;
	bool helped = chance(50);

	check_begin("a round", 120);
	for (int i = 0; i < FLOWS; i++)
		REQUIRE_OK(begin_flow(&flows[i]));
	meddles = helped;
	if (helped)
		REQUIRE(pthread_create(&thread, NULL, meddle, NULL) == 0);
	busy = true;
	for (int step = 0; step < STEPS && !failed(); step++) {
		for (int i = 0; i < FLOWS; i++)
			if (chance(30))
				act(&flows[i]);
		if (chance(50))
			qnet_loop_process_events(loop, 0);
		else if (!helped && chance(50))
			check_rest();
	}
	busy = false;
	for (int i = 0; i < FLOWS; i++) {
		on_ready_read(flows[i].socket, &flows[i]);
		if (chance(20))
			finish_waiting(&flows[i]);
	}
	finish();
	meddles = false;
	if (helped)
		pthread_join(thread, NULL);
	for (int i = 0; i < FLOWS; i++)
		end_flow(&flows[i]);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct random_run run = random_begin(argc, argv, 3);
	int64_t start = check_now();
	const char *why = NULL;
	char name[40];

	seed = run.seed;
	check_watch();
	qnet_set_message_handler(wrong_message, NULL);
	loop = qnet_loop_new();
	server = qnet_tcp_server_new(loop);
	local_server = qnet_local_server_new(loop);
	qnet_local_server_set_socket_options(local_server, QNET_ABSTRACT_NAMESPACE_OPTION);
	snprintf(name, sizeof name, "qnet-pieces-%d", (int)getpid());
	for (int tries = 0; tries < 50 && !qnet_tcp_server_is_listening(server); tries++) /* it may fail, too */
		qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0);
	for (int tries = 0; tries < 50 && !qnet_local_server_is_listening(local_server); tries++)
		qnet_local_server_listen(local_server, name);
	if (!qnet_tcp_server_is_listening(server) || !qnet_local_server_is_listening(local_server))
		why = "the servers do not listen";
	for (; why == NULL && !failed() && (run.rounds > 0 ? the_round < run.rounds : check_now() - start < run.seconds * INT64_C(1000)); the_round++) {
		seed_random(seed + (uint64_t)the_round);
		why = run_round();
	}
	alarm(0);
	if (why != NULL)
		check_report("rounds", why);
	printf("%d rounds in %.1f s: %lld bytes, %lld times called back, %lld times disturbed\n", the_round,
	       (double)(check_now() - start) / 1000, (long long)total, (long long)calls, (long long)meddled);
	qnet_tcp_server_delete(server);
	qnet_local_server_delete(local_server);
	qnet_loop_delete(loop);
	report_checks();
	return check_finish();
}
