/*
 * Thousands of conversations while system calls fail on purpose (QNET_FAULTS): all
 * bytes of each come in their order, or an error is told. The same seed gives the
 * same faults and the same conversations, which two runs show by their digest.
 *
 * The conversations come in batches, all on one loop. One has phases: in each both
 * ends write, at the same time, and the next begins when both have got all. So at
 * the start of a phase it is known what was sent and received, whatever the timing
 * was; a connection that ends in the middle of a phase is as far as its start, and
 * what was beyond does not count for the digest.
 *
 * The program calls itself with faults in its environment, since these are read when
 * the library is loaded.
 *
 * Usage: faults [--seed N] [--conversations N] [--faults TEXT]
 *        faults --alone --seed N --conversations N   (with QNET_FAULTS)
 */
#include "pair.h"
#include "random.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

enum {
	SLOTS = 100,   /* conversations at the same time */
	PHASES = 4,    /* at most */
	AHEAD = 100000, /* bytes that wait to be sent */
	LARGEST = 70000,
	DATAGRAMS = 40,
	TRIES = 20,
	FEW = 1000, /* conversations, to see whether two runs differ */
	PATIENCE = 20000, /* milliseconds without any progress */
};

static const char *const default_faults = "short=0.2,again=0.1,interrupt=0.1,reset=0.0005,nobufs=0.003,emfile=0.02,enomem=0.001,late=0.1";

static int64_t any_size(void)
{
	static const uint32_t sizes[] = { 1, 16, 100, 1000, 5000, 20000, LARGEST };

	return rnd(1 + sizes[rnd(LENGTH(sizes))]);
}

/* A digest, of FNV's kind. */
static uint64_t add_number(uint64_t digest, uint64_t number)
{
	for (int i = 0; i < 8; i++, number >>= 8)
		digest = (digest ^ (number & 0xff)) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t hash_text(const char *text)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	while (*text != '\0')
		digest = (digest ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
	return digest;
}

/* Failures ----------------------------------------------------------------- */

enum check { CONNECTED, IN_ORDER, PROGRESS, COMPLETE, TOLD, NO_INTERNAL_ERROR, NOTHING_LEFT, CHECKS };

#include "wrong.h"

static struct check_state checks[CHECKS] = {
	[CONNECTED] = { .name = "a connection comes about after some attempts" },
	[IN_ORDER] = { .name = "every byte comes once, and in order" },
	[PROGRESS] = { .name = "no conversation hangs" },
	[COMPLETE] = { .name = "all comes unless the connection was reset" },
	[TOLD] = { .name = "an end that was not asked for is told as an error" },
	[NO_INTERNAL_ERROR] = { .name = "no internal error" },
	[NOTHING_LEFT] = { .name = "no descriptor left" },
};

/* Conversations ------------------------------------------------------------ */

enum kind { TCP, LOCAL, UDP, KINDS };

/* How a conversation ends; all but the last two are orderly. */
enum farewell { DISCONNECT, CLOSE, SHUTDOWN, DELETE_LATER, ABORT, DELETE, FAREWELLS };

/* How an end reads. */
enum style { ALL_AT_ONCE, IN_PIECES, ONE_PIECE, PEEKING, IN_TRANSACTIONS, BY_LINES, STYLES };

struct end {
	struct talk *talk;
	struct end *other;
	qnet_socket *socket;
	unsigned salt; /* of what it sends */
	enum style style;
	int64_t goal, sent, received;
	bool begun, over, gone;
	bool asked; /* for the end */
	bool posted;
	int errors, code; /* told, and the last */
};

struct talk {
	int number;
	enum kind kind;
	struct end ends[2]; /* 0 has connected to 1 */
	int phases, phase;
	int64_t plan[PHASES][2];
	enum farewell farewell;
	int closer;
	int cut_phase; /* the closer ends it in the middle of that one, -1: behind all */
	int64_t cut;   /* when it has received so much */
	bool running, mode_unbuffered, reuse, finished;
	uint64_t serials[2]; /* that the faults have for the sockets */
	bool was_reset;      /* as the log says */
	bool not_connected;
	uint64_t faults;     /* digest of those that were passed for certain */
};

static struct slot {
	struct talk talk;
	qnet_tcp_server *server;
	qnet_local_server *local_server;
	char name[40];
	qnet_socket *kept; /* a client to be used again */
	enum kind kept_kind;
} slots[SLOTS];

static qnet_loop *loop;
static int64_t progress_at;
static int64_t total_bytes, reused, broken, cut_short, refused, udp_failures, refused_later;
static uint64_t digest, seed;
static int running;

static void progress(void)
{
	progress_at = check_now();
}

static unsigned char byte_at(const struct end *sender, int64_t at)
{
	return (unsigned char)(sender->salt + (uint32_t)at * 197 + ((uint32_t)at >> 8) * 31 + ((uint32_t)at >> 16) * 7);
}

/* Returns how much an end has to have received when a phase begins. */
static int64_t due_before(const struct talk *talk, int side, int phase)
{
	int64_t sum = 0;

	for (int i = 0; i < phase && i < talk->phases; i++)
		sum += talk->plan[i][1 - side];
	return sum;
}

static void take(struct end *end, const char *data, int64_t n)
{
	if (n <= 0)
		return;
	for (int64_t i = 0; i < n; i++) {
		if ((unsigned char)data[i] != byte_at(end->other, end->received + i)) {
			wrong(IN_ORDER, "conversation %d, end %d: byte %lld is %d instead of %d", end->talk->number,
			      end == &end->talk->ends[1], (long long)(end->received + i), (unsigned char)data[i],
			      byte_at(end->other, end->received + i));
			break;
		}
	}
	end->received += n;
	total_bytes += n;
	progress();
}

/* The end ------------------------------------------------------------------ */

static void say_farewell(struct talk *talk)
{
	struct end *end = &talk->ends[talk->closer];
	qnet_socket *socket = end->socket;

	end->asked = true;
	switch (talk->farewell) {
	case DISCONNECT:
		qnet_socket_disconnect_from_host(socket);
		break;
	case CLOSE:
		qnet_socket_close(socket);
		break;
	case SHUTDOWN: /* half of the connection; the other end then ends it */
		shutdown((int)qnet_socket_socket_descriptor(socket), SHUT_WR);
		break;
	case DELETE_LATER:
		qnet_socket_delete_later(socket);
		break;
	case ABORT:
		qnet_socket_abort(socket);
		break;
	default:
		qnet_socket_delete(socket);
		break;
	}
}

static void finish(struct talk *talk)
{
	if (talk->finished || !talk->ends[0].over || !talk->ends[1].over)
		return;
	talk->finished = true;
	running--;
	progress();
}

static void end_over(struct end *end)
{
	end->over = true;
	finish(end->talk);
}

/* Phases ------------------------------------------------------------------- */

static void write_some(struct end *end)
{
	static char data[AHEAD];
	int64_t size, piece;

	while (!end->over && !end->asked && end->sent < end->goal && qnet_socket_bytes_to_write(end->socket) < AHEAD) {
		size = end->goal - end->sent;
		piece = chance(60) && size < AHEAD ? size : 1 + rnd((uint32_t)(size < AHEAD ? size : AHEAD));
		for (int64_t i = 0; i < piece; i++)
			data[i] = (char)byte_at(end, end->sent + i);
		piece = qnet_socket_write(end->socket, data, piece);
		if (piece <= 0)
			break; /* the connection has come to its end */
		end->sent += piece;
	}
}

static void begin_phase(struct talk *talk)
{
	for (int side = 0; side < 2; side++)
		talk->ends[side].goal += talk->plan[talk->phase][side];
	for (int side = 0; side < 2; side++)
		write_some(&talk->ends[side]);
}

/* Goes on to the next phase if this one has come to its end. */
static void go_on(void *data)
{
	struct talk *talk = data;
	struct end *a = &talk->ends[0], *b = &talk->ends[1];

	if (!talk->running && a->begun && b->begun && !a->over && !b->over) {
		talk->running = true;
		progress();
		begin_phase(talk);
	}
	while (talk->running && !talk->ends[talk->closer].asked && talk->phase < talk->phases && a->received == due_before(talk, 0, talk->phase + 1) &&
	       b->received == due_before(talk, 1, talk->phase + 1)) {
		talk->phase++;
		progress();
		if (talk->phase == talk->phases) {
			if (!a->over && !b->over)
				say_farewell(talk);
			return;
		}
		begin_phase(talk);
	}
}

/* Reading ------------------------------------------------------------------ */

static void read_more(void *data);

static int64_t read_once(struct end *end, char *space, int64_t most)
{
	qnet_socket *socket = end->socket;
	int64_t n = most, m;

	switch (end->style) {
	case PEEKING:
		n = qnet_socket_peek(socket, space, most);
		for (int64_t i = 0; i < n; i++) {
			if ((unsigned char)space[i] != byte_at(end->other, end->received + i)) {
				wrong(IN_ORDER, "conversation %d: a peek at byte %lld", end->talk->number, (long long)(end->received + i));
				break;
			}
		}
		return n <= 0 ? n : qnet_socket_read(socket, space, n);
	case IN_TRANSACTIONS:
		qnet_socket_start_transaction(socket);
		m = qnet_socket_read(socket, space, most);
		if (m > 0 && chance(30)) {
			qnet_socket_rollback_transaction(socket);
			return qnet_socket_read(socket, space, most);
		}
		qnet_socket_commit_transaction(socket);
		return m;
	case BY_LINES:
		return qnet_socket_read_line(socket, space, most + 1);
	case ALL_AT_ONCE:
		return qnet_socket_read(socket, space, most);
	default:
		return qnet_socket_read(socket, space, 1 + rnd((uint32_t)most));
	}
}

static void read_some(struct end *end)
{
	static char space[LARGEST + 1];
	struct talk *talk = end->talk;
	int64_t n, most;

	do {
		most = LARGEST;
		if (talk->cut_phase == talk->phase && end == &talk->ends[talk->closer] && !end->asked) {
			most = due_before(talk, talk->closer, talk->phase) + talk->cut - end->received;
			if (most <= 0) {
				say_farewell(talk);
				if (talk->farewell != SHUTDOWN)
					return;
				most = LARGEST;
			}
		}
		if (end->gone)
			return;
		n = read_once(end, space, most);
		take(end, space, n);
	} while (n > 0 && end->style != ONE_PIECE);
	if (n > 0 && !end->posted) {
		/* What it leaves nobody tells it of again. */
		end->posted = true;
		qnet_loop_post(loop, read_more, end);
	}
	go_on(talk);
}

static void read_more(void *data)
{
	struct end *end = data;

	end->posted = false;
	if (!end->over && !end->gone)
		read_some(end);
}

/* Callbacks ---------------------------------------------------------------- */

static void on_ready_read(qnet_socket *socket, void *data)
{
	struct end *end = data;

	(void)socket;
	if (!end->asked || end->talk->farewell == SHUTDOWN)
		read_some(end);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *data)
{
	(void)socket;
	(void)bytes;
	progress();
	write_some(data);
}

static void on_connected(qnet_socket *socket, void *data)
{
	struct end *end = data;

	(void)socket;
	end->begun = true;
	qnet_loop_post(loop, go_on, end->talk);
}

static void on_error(qnet_socket *socket, qnet_error error, void *data)
{
	struct end *end = data;

	(void)socket;
	end->errors++;
	end->code = error;
}

static void on_disconnected(qnet_socket *socket, void *data)
{
	struct end *end = data;
	bool asked = end->asked;

	(void)socket;
	if (!end->gone && !asked) {
		/* What is left in the buffer counts. */
		end->asked = true;
		read_some(end);
		end->asked = asked;
	}
	end_over(end);
}

static void on_destroyed(qnet_socket *socket, void *data)
{
	struct end *end = data;

	(void)socket;
	end->gone = true;
	end->socket = NULL;
	if (!end->over)
		end_over(end);
}

static void follow(struct end *end, qnet_socket *socket)
{
	qnet_socket_on_destroyed(socket, on_destroyed, end);
	qnet_socket_on_connected(socket, on_connected, end);
	qnet_socket_on_disconnected(socket, on_disconnected, end);
	qnet_socket_on_error_occurred(socket, on_error, end);
	qnet_socket_on_ready_read(socket, on_ready_read, end);
	qnet_socket_on_bytes_written(socket, on_bytes_written, end);
}

static void accepted(struct talk *talk, qnet_socket *socket)
{
	struct end *end = &talk->ends[1];

	if (end->socket != NULL || socket == NULL) {
		wrong(CONNECTED, "conversation %d: %s", talk->number, socket == NULL ? "no connection" : "a second connection");
		return;
	}
	qnet_socket_set_owner(socket, NULL);
	end->socket = socket;
	follow(end, socket);
	if (chance(30))
		qnet_socket_set_read_buffer_size(socket, 100 + rnd(50000));
	end->begun = true;
	qnet_loop_post(loop, go_on, talk);
}

static void on_new_connection(qnet_tcp_server *server, void *data)
{
	accepted(&((struct slot *)data)->talk, qnet_tcp_server_next_pending_connection(server));
}

static void on_new_local_connection(qnet_local_server *server, void *data)
{
	accepted(&((struct slot *)data)->talk, qnet_local_server_next_pending_connection(server));
}

/* Datagrams ---------------------------------------------------------------- */

/* The datagram i of a talk has a size and bytes that tell which it is. */
static int64_t datagram(const struct talk *talk, int i, char *data)
{
	int64_t size = 1 + (talk->ends[0].salt * 31 + (unsigned)i * 97) % 1200;

	for (int64_t k = 0; k < size; k++)
		data[k] = (char)(talk->ends[0].salt + (unsigned)i * 7 + (unsigned)k);
	return size;
}

static void send_datagrams(void *data)
{
	struct talk *talk = data;
	struct end *a = &talk->ends[0];
	uint16_t port = qnet_socket_local_port(talk->ends[1].socket);
	char text[1300];

	while (a->sent < talk->plan[0][0]) {
		int64_t size = datagram(talk, (int)a->sent, text);

		if (qnet_udp_socket_write_datagram(a->socket, text, size, QNET_ADDRESS_LOCAL_HOST, port) != size) {
			udp_failures++;
			qnet_loop_post(loop, send_datagrams, talk);
			return;
		}
		a->sent++;
	}
}

static void on_datagrams(qnet_socket *socket, void *data)
{
	struct end *end = data;
	struct talk *talk = end->talk;
	char text[1300], want[1300];

	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		int64_t n = qnet_udp_socket_read_datagram(socket, text, sizeof text, NULL, NULL);

		if (n < 0)
			break;
		if (n != datagram(talk, (int)end->received, want) || memcmp(text, want, (size_t)n) != 0)
			wrong(IN_ORDER, "conversation %d: datagram %lld is another", talk->number, (long long)end->received);
		end->received++;
		total_bytes += n;
		progress();
	}
	if (end->received == talk->plan[0][0] && !end->over) {
		talk->phase = 1;
		talk->ends[0].over = true;
		end_over(end);
	}
}

static void begin_datagrams(struct talk *talk)
{
	talk->phases = 1;
	memset(talk->plan, 0, sizeof talk->plan);
	talk->plan[0][0] = 1 + rnd(DATAGRAMS);
	for (int side = 0; side < 2; side++) {
		struct end *end = &talk->ends[side];
		int tries = 0;

		end->socket = qnet_udp_socket_new(loop);
		end->begun = true;
		qnet_socket_on_error_occurred(end->socket, on_error, end);
		while (!qnet_socket_bind(end->socket, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM) && tries < TRIES)
			tries++;
		refused += tries;
		if (tries == TRIES)
			wrong(CONNECTED, "conversation %d: not bound", talk->number);
	}
	qnet_socket_on_ready_read(talk->ends[1].socket, on_datagrams, &talk->ends[1]);
	send_datagrams(talk);
}

/* What the faults have written down ----------------------------------------- */

static FILE *log_file;
static int *slot_of; /* by serial, -1 for none */
static uint64_t serials;
static struct line {
	uint64_t serial, offset, hash;
	bool accepted, write;
} *lines;
static size_t line_count, line_room;
static uint64_t last_opened[2];
static struct {
	const char *name;
	int64_t count;
} injected[] = { { .name = "interrupt" }, { .name = "again" }, { .name = "nobufs" }, { .name = "enomem" },
	             { .name = "emfile" },    { .name = "reset" }, { .name = "short" },  { .name = "late" } };

static void count_kinds(const char *text)
{
	for (size_t i = 0; i < LENGTH(injected); i++)
		injected[i].count += strstr(text, injected[i].name) != NULL;
}

/* A line is: who, what happened, and where in the stream. */
static void read_line(char *text)
{
	char *end, *what, *kinds;
	uint64_t hash = hash_text(text), serial = strtoull(text, &end, 10);
	bool is_accepted = *end == '\'';
	unsigned long long offset;

	if (end == text) { /* a call that belongs to no connection */
		count_kinds(text);
		if (strncmp(text, "socket ", 7) == 0)
			digest = add_number(digest, hash);
		return;
	}
	what = end + 1 + is_accepted;
	if (strcmp(what, "open") == 0) {
		if (!is_accepted) {
			last_opened[0] = last_opened[1];
			last_opened[1] = serial;
		}
		return;
	}
	count_kinds(what);
	if (strcmp(what, "reset") == 0) {
		if (serial < serials && slot_of[serial] >= 0)
			slots[slot_of[serial]].talk.was_reset = true;
		return;
	}
	if (strncmp(what, "connect ", 8) == 0) {
		digest = add_number(digest, hash);
		return;
	}
	kinds = strchr(what, ' ');
	if (kinds == NULL || sscanf(kinds, "%llu", &offset) != 1)
		return;
	if (strncmp(what, "accept ", 7) == 0) {
		/* In the order in which the servers were ready, which differs. */
		slots[0].talk.faults += hash;
		return;
	}
	if (line_count == line_room) {
		line_room = line_room * 2 + 1000;
		lines = realloc(lines, line_room * sizeof *lines);
	}
	lines[line_count++] = (struct line){ serial, offset, hash, is_accepted, what[0] == 'w' };
}

static void read_log(void)
{
	char text[200];

	clearerr(log_file);
	while (fgets(text, sizeof text, log_file) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		read_line(text);
	}
}

/* Counts what happened to a stream before the place that it certainly has come to. */
static void judge_lines(void)
{
	for (size_t i = 0; i < line_count; i++) {
		struct line *line = &lines[i];
		int slot = line->serial < serials ? slot_of[line->serial] : -1;
		struct talk *talk = slot >= 0 ? &slots[slot].talk : NULL;
		int side;

		if (talk == NULL)
			continue;
		side = talk->kind == UDP ? line->serial == talk->serials[1] : line->accepted;
		if (line->write)
			side = 1 - side;
		if ((int64_t)line->offset < due_before(talk, side, talk->phase))
			talk->faults += line->hash;
	}
	line_count = 0;
}

/* A batch ------------------------------------------------------------------ */

static void plan_talk(struct talk *talk, int number)
{
	/* Each has random numbers of its own: the others change nothing. */
	seed_random(seed * UINT64_C(1000003) + (uint64_t)number);
	memset(talk, 0, sizeof *talk);
	talk->number = number;
	talk->kind = chance(10) ? UDP : chance(50) ? TCP : LOCAL;
	talk->phases = 1 + (int)rnd(PHASES);
	for (int i = 0; i < talk->phases; i++) {
		for (int side = 0; side < 2; side++)
			talk->plan[i][side] = chance(20) ? 0 : any_size();
	}
	talk->farewell = (enum farewell)rnd(FAREWELLS);
	talk->closer = (int)rnd(2);
	talk->cut_phase = -1;
	if (chance(15)) {
		int phase = (int)rnd((uint32_t)talk->phases);
		int64_t size = talk->plan[phase][1 - talk->closer];

		if (size > 0) {
			talk->cut_phase = phase;
			talk->cut = rnd((uint32_t)size);
		}
	}
	talk->mode_unbuffered = chance(20);
	talk->reuse = chance(60);
	for (int side = 0; side < 2; side++) {
		struct end *end = &talk->ends[side];

		end->talk = talk;
		end->other = &talk->ends[1 - side];
		end->salt = rnd(256);
		end->style = (enum style)rnd(STYLES);
	}
}

static void connect_client(struct slot *slot)
{
	struct talk *talk = &slot->talk;
	struct end *end = &talk->ends[0];
	int mode = QNET_READ_WRITE | (talk->mode_unbuffered ? QNET_UNBUFFERED : 0);

	if (talk->kind == LOCAL)
		qnet_local_socket_connect_to_server(end->socket, slot->name, mode);
	else
		qnet_socket_connect_to_address(end->socket, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(slot->server), mode);
}

static void begin_talk(struct slot *slot, int number)
{
	struct talk *talk = &slot->talk, planned;
	struct end *end = &talk->ends[0];
	int tries = 0;

	plan_talk(&planned, number);
	if (slot->kept != NULL && (slot->kept_kind != planned.kind || !planned.reuse)) {
		qnet_socket_delete(slot->kept);
		slot->kept = NULL;
	}
	plan_talk(talk, number);
	running++;
	if (talk->kind == UDP) {
		begin_datagrams(talk);
	} else {
		if (slot->kept != NULL) {
			reused++;
			end->socket = slot->kept;
			slot->kept = NULL;
		} else {
			end->socket = talk->kind == LOCAL ? qnet_local_socket_new(loop) : qnet_tcp_socket_new(loop);
			if (talk->kind == LOCAL)
				qnet_local_socket_set_socket_options(end->socket, QNET_ABSTRACT_NAMESPACE_OPTION);
			follow(end, end->socket);
		}
		qnet_socket_set_read_buffer_size(end->socket, chance(30) ? 100 + rnd(50000) : 0);
		for (connect_client(slot); qnet_socket_state(end->socket) == QNET_UNCONNECTED_STATE && tries < TRIES; tries++)
			connect_client(slot);
		refused += tries;
	}
	read_log();
	memcpy(talk->serials, last_opened, sizeof last_opened);
	for (int i = talk->kind == UDP ? 0 : 1; i < 2; i++) {
		if (talk->serials[i] < serials)
			slot_of[talk->serials[i]] = (int)(slot - slots);
	}
}

/*
 * A local socket may fail to connect later: it waits for room in the server's queue.
 * Then there is no conversation. To connect again would be in no certain order.
 */
static void give_up(void)
{
	for (int i = 0; i < SLOTS; i++) {
		struct talk *talk = &slots[i].talk;
		struct end *end = &talk->ends[0];

		if (talk->finished || talk->kind != LOCAL || end->begun || end->over || end->socket == NULL ||
		    qnet_socket_state(end->socket) != QNET_UNCONNECTED_STATE)
			continue;
		talk->not_connected = true;
		refused_later++;
		talk->ends[1].asked = talk->ends[1].over = true;
		end_over(end);
	}
}

static void describe(const struct talk *talk)
{
	static const char *const kinds[] = { "TCP", "local", "UDP" };

	fprintf(stderr, "conversation %d, %s, serial %llu, phase %d of %d%s%s, cut in %d, farewell %d by %d\n", talk->number,
	        kinds[talk->kind], (unsigned long long)talk->serials[1], talk->phase, talk->phases, talk->running ? ", running" : "",
	        talk->was_reset ? ", reset" : "", talk->cut_phase, talk->farewell, talk->closer);
	for (int side = 0; side < 2; side++) {
		const struct end *end = &talk->ends[side];

		fprintf(stderr, "  end %d: sent %lld of %lld, received %lld, %d errors (%d)%s%s%s%s, style %d", side,
		        (long long)end->sent, (long long)end->goal, (long long)end->received, end->errors, end->code,
		        end->begun ? ", begun" : "", end->asked ? ", asked" : "", end->over ? ", over" : "", end->gone ? ", gone" : "",
		        end->style);
		if (end->socket != NULL)
			fprintf(stderr, ", state %d, mode %d, limit %lld, %lld available, %lld to write",
			        qnet_socket_state(end->socket), qnet_socket_open_mode(end->socket),
			        (long long)qnet_socket_read_buffer_size(end->socket),
			        (long long)qnet_socket_bytes_available(end->socket), (long long)qnet_socket_bytes_to_write(end->socket));
		fputs("\n", stderr);
	}
}

/* Judges a conversation that has ended, and makes it part of the digest. */
static void judge(struct talk *talk)
{
	bool whole = talk->phase == talk->phases, cut = talk->cut_phase == talk->phase;

	if (!talk->finished)
		return;
	broken += !whole && !cut && !talk->not_connected;
	cut_short += cut;
	if (!whole && !cut && !talk->was_reset && !talk->not_connected) {
		wrong(COMPLETE, "conversation %d has ended in phase %d of %d without a reason", talk->number, talk->phase, talk->phases);
		describe(talk);
	}
	for (int side = 0; side < 2; side++) {
		struct end *end = &talk->ends[side];

		if (talk->kind != UDP && !end->asked && end->errors == 0) {
			wrong(TOLD, "conversation %d, end %d: no error told it", talk->number, side);
			describe(talk);
		}
	}
	if (getenv("QNET_TEST_TRACE") != NULL) /* to find in what two runs differ */
		printf("%d kind %d serial %llu phase %d of %d faults %llx received %lld %lld errors %d %d\n", talk->number, talk->kind,
		       (unsigned long long)talk->serials[1], talk->phase, talk->phases, (unsigned long long)talk->faults,
		       (long long)talk->ends[0].received, (long long)talk->ends[1].received, talk->ends[0].errors,
		       talk->ends[1].errors);
	digest = add_number(digest, (uint64_t)talk->number);
	digest = add_number(digest, talk->kind);
	digest = add_number(digest, (uint64_t)talk->phase);
	digest = add_number(digest, talk->faults);
	for (int side = 0; side < 2; side++) {
		const struct end *end = &talk->ends[side];

		digest = add_number(digest, (uint64_t)due_before(talk, side, talk->phase));
		if (whole && talk->kind != UDP)
			digest = add_number(digest, (uint64_t)end->received * 2 + (end->errors > 0 && !end->asked ? (uint64_t)end->code + 1 : 0));
	}
}

static void end_talk(struct slot *slot)
{
	struct talk *talk = &slot->talk;

	if (talk->ends[1].socket != NULL)
		qnet_socket_delete(talk->ends[1].socket);
	if (talk->ends[0].socket == NULL)
		return;
	if (talk->kind == UDP) {
		qnet_socket_delete(talk->ends[0].socket);
		return;
	}
	slot->kept = talk->ends[0].socket;
	slot->kept_kind = talk->kind;
}

static bool run_batch(int first, int count)
{
	running = 0;
	for (int i = 0; i < count; i++)
		begin_talk(&slots[i], first + i);
	progress();
	while (running > 0) {
		qnet_loop_process_events(loop, 20);
		give_up();
		if (check_now() - progress_at > PATIENCE) {
			read_log();
			wrong(PROGRESS, "%d conversations hang", running);
			for (int i = 0; i < count; i++) {
				if (!slots[i].talk.finished)
					describe(&slots[i].talk);
			}
			return false;
		}
	}
	/* What was posted refers to these conversations. */
	while (qnet_loop_process_events(loop, 0))
		;
	read_log();
	judge_lines();
	for (int i = 0; i < count; i++) {
		judge(&slots[i].talk);
		end_talk(&slots[i]);
	}
	return true;
}

static void open_slot(int i)
{
	struct slot *slot = &slots[i];
	int tries = 0;

	slot->server = qnet_tcp_server_new(loop);
	qnet_tcp_server_on_new_connection(slot->server, on_new_connection, slot);
	while (!qnet_tcp_server_listen(slot->server, QNET_ADDRESS_LOCAL_HOST, 0) && tries++ < TRIES)
		;
	snprintf(slot->name, sizeof slot->name, "qnet-faults-%d-%d", (int)getpid(), i);
	slot->local_server = qnet_local_server_new(loop);
	qnet_local_server_set_socket_options(slot->local_server, QNET_ABSTRACT_NAMESPACE_OPTION);
	qnet_local_server_on_new_connection(slot->local_server, on_new_local_connection, slot);
	while (!qnet_local_server_listen(slot->local_server, slot->name) && tries++ < TRIES)
		;
	if (tries >= TRIES)
		wrong(CONNECTED, "no server");
}

static int run_alone(int conversations, const char *log)
{
	int64_t start = check_now();
	int descriptors, done = 0;

	log_file = fopen(log, "r");
	serials = (uint64_t)conversations * 4 + 100000;
	slot_of = malloc(serials * sizeof *slot_of);
	if (log_file == NULL || slot_of == NULL) {
		perror(log);
		return 2;
	}
	for (uint64_t i = 0; i < serials; i++)
		slot_of[i] = -1;
	check_watch();
	check_begin("conversations", 600);
	qnet_set_message_handler(wrong_message, NULL);
	qnet_loop_delete(qnet_loop_new()); /* with what the library keeps for itself */
	descriptors = check_count_descriptors();
	loop = qnet_loop_new();
	for (int i = 0; i < SLOTS; i++)
		open_slot(i);
	while (done < conversations && run_batch(done, conversations - done < SLOTS ? conversations - done : SLOTS))
		done += SLOTS;
	check_begin("deleting", 60);
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i].kept != NULL)
			qnet_socket_delete(slots[i].kept);
		qnet_tcp_server_delete(slots[i].server);
		qnet_local_server_delete(slots[i].local_server);
	}
	qnet_loop_delete(loop);
	if (checks[PROGRESS].failures == 0 && check_count_descriptors() != descriptors)
		wrong(NOTHING_LEFT, "%d descriptors, and before there were %d", check_count_descriptors(), descriptors);
	alarm(0);
	printf("%d conversations in %.1f s: %lld MB; %lld with a socket used again, %lld reset, %lld ended midway on purpose, "
	       "%lld attempts to connect failed at once and %lld later, %lld datagrams had to be sent again\n",
	       conversations, (double)(check_now() - start) / 1000, (long long)total_bytes >> 20, (long long)reused,
	       (long long)broken, (long long)cut_short, (long long)refused, (long long)refused_later, (long long)udp_failures);
	printf("faults:");
	for (size_t i = 0; i < LENGTH(injected); i++)
		printf(" %lld %s", (long long)injected[i].count, injected[i].name);
	printf("\n");
	report_checks();
	printf("digest %016llx\n", (unsigned long long)digest);
	free(lines);
	free(slot_of);
	fclose(log_file);
	return check_finish();
}

/* Runs with faults ---------------------------------------------------------- */

extern char **environ;

/* Runs this program alone; prints what it says and returns the digest, 0 if it failed. */
static uint64_t run_with(const char *faults, unsigned long long with_seed, int conversations)
{
	char log[] = "/tmp/qnet-faults-XXXXXX", text[400], seed_text[30], count_text[30], line[1000];
	char *arguments[] = { "faults", "--alone", "--seed", seed_text, "--conversations", count_text, NULL };
	int fd = mkstemp(log), output[2], status = -1;
	unsigned long long found = 0;
	posix_spawn_file_actions_t actions;
	pid_t child;
	FILE *from;

	snprintf(text, sizeof text, "seed=%llu,%s,log=%s", with_seed, faults, log);
	snprintf(seed_text, sizeof seed_text, "%llu", with_seed);
	snprintf(count_text, sizeof count_text, "%d", conversations);
	setenv("QNET_FAULTS", text, 1);
	if (fd < 0 || pipe2(output, O_CLOEXEC) != 0)
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output[1], 1);
	if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ) != 0)
		child = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(output[1]);
	close(fd);
	from = fdopen(output[0], "r");
	while (child > 0 && fgets(line, sizeof line, from) != NULL) {
		if (strstr(line, " passed, ") == NULL)
			printf("  %s", line);
		sscanf(line, "digest %llx", &found);
	}
	fclose(from);
	if (child > 0)
		waitpid(child, &status, 0);
	if (getenv("QNET_TEST_KEEP") == NULL)
		unlink(log);
	fflush(stdout);
	return status == 0 ? found : 0;
}

/* Tells how often a program that is run with a text that is no plan is warned of it. */
static int count_warnings(const char *faults)
{
	char *arguments[] = { "faults", "--load", NULL }, text[2000];
	posix_spawn_file_actions_t actions;
	int output[2], status = -1, count = 0;
	pid_t child = -1;
	FILE *from;

	setenv("QNET_FAULTS", faults, 1);
	if (pipe2(output, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output[1], 2);
	if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ) != 0)
		child = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(output[1]);
	from = fdopen(output[0], "r");
	while (child > 0 && fgets(text, sizeof text, from) != NULL)
		count += strstr(text, "QNET_FAULTS") != NULL;
	fclose(from);
	if (child > 0)
		waitpid(child, &status, 0);
	return status == 0 ? count : -1;
}

/* Works without any fault, which it would not with those that it asks for. */
static int load(void)
{
	struct pair pair;
	const char *why = NULL;

	for (int i = 0; i < 50 && why == NULL; i++) {
		why = pair_open(&pair);
		pair_close(&pair);
	}
	return why != NULL;
}

int main(int argc, char **argv)
{
	int conversations = 10000;
	const char *faults = default_faults, *environment = getenv("QNET_FAULTS");
	uint64_t first, again, other;
	unsigned long long fresh = (unsigned long long)time(NULL); /* a seed that was never tried */
	bool alone = false;
	char why[200];

	seed = 1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--alone") == 0)
			alone = true;
		else if (strcmp(argv[i], "--load") == 0)
			return load();
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--conversations") == 0)
			conversations = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--faults") == 0)
			faults = argv[++i];
	}
	if (alone) {
		const char *log = environment != NULL ? strstr(environment, "log=") : NULL;

		if (log == NULL) {
			fprintf(stderr, "QNET_FAULTS names no log\n");
			return 2;
		}
		return run_alone(conversations, log + strlen("log="));
	}
	snprintf(why, sizeof why, "%d and %d warnings", count_warnings("emfile=0.9,short=2"), count_warnings("emfile=0.0,short=0"));
	check_report("a text that is no plan gets one warning and is not followed", strcmp(why, "1 and 0 warnings") != 0 ? why : NULL);

	first = run_with(faults, seed, conversations);
	snprintf(why, sizeof why, "%d conversations with seed %llu: see above", conversations, (unsigned long long)seed);
	check_report("conversations with faults", first == 0 ? why : NULL);
	again = run_with(faults, seed, conversations);
	snprintf(why, sizeof why, "%016llx and %016llx", (unsigned long long)first, (unsigned long long)again);
	check_report("the same seed gives the same run", first == 0 || first != again ? why : NULL);

	first = conversations > FEW ? run_with(faults, seed, FEW) : first;
	printf("seed %llu\n", fresh);
	other = run_with(faults, fresh, conversations > FEW ? FEW : conversations);
	snprintf(why, sizeof why, "%016llx and %016llx", (unsigned long long)first, (unsigned long long)other);
	check_report("another seed gives another run", first == 0 || other == 0 || first == other ? why : NULL);
	return check_finish();
}
