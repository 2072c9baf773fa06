/*
 * load_client: a closed-loop load generator for echo servers, one thread on
 * epoll. Each connection keeps one message in flight: when it has come back whole,
 * the next one goes. A server that stalls is therefore sent less, not made to
 * look worse by a queue; latencies are those of messages that were sent.
 *
 *   load_client --port PORT [--connections C] [--size BYTES] [--seconds D]
 *               [--warmup W] [--idle I] [--server-pid PID]
 *   load_client --port PORT ... --interval-ms T
 *   load_client --port PORT ... --churn
 *   load_client --port PORT ... --bulk
 *   load_client --port PORT ... --drain
 *   load_client --port PORT --idle-only N [--idle-bytes B]
 *
 * Instead of --port, --local PATH takes a local socket. tls_load_client is the same
 * for servers that encrypt (transport.h), and has --resume. All but the last print
 * one line of key=value pairs when they are done, counted after the warm-up:
 *
 *   messages=N seconds=D rate=R client_busy=B p50_us=T p99_us=T p999_us=T cpu_us=T syscalls=N
 *
 * rate is messages in a second; client_busy the part of the time that this
 * program spent on its processor: near 1 it is what limits the rate. cpu_us and
 * syscalls are the server's per message, if --server-pid and --count-syscalls
 * were given and the system tells. Every byte that comes back in the warm-up is
 * compared, and later the first 4 KiB of each read; a difference or a lost
 * connection ends the program with status 1.
 *
 * --interval-ms: a connection sends its next message T ms after its last one,
 * and not at once. This program does not sleep then, so that what the latency
 * shows of waking up is the server's.
 *
 * --churn: a message is a connection that is opened, echoes, and is closed; C of
 * them at a time. Its latency is that until the echo is back.
 *
 * --bulk: sends without end to a server that discards; a message is what a
 * connection sends with one call. There are no latencies.
 *
 * --drain: reads from a server that sends without end; a message is so many bytes.
 * There are no latencies.
 *
 * --resume: each connection resumes the session of an earlier one, if there is one,
 * or the program ends with status 1.
 *
 * --idle-only: opens N connections, sends one byte through each, or B, so that the
 * server surely has them, prints "ready" and holds them until standard input
 * ends: for measuring the server's memory.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "server_meter.h"
#include "transport.h"

enum {
	EVENTS = 256,
	/* Messages are pieces of one random text, which start at changing places:
	 * nothing has to be filled in or kept for each, and yet a piece that got
	 * lost, doubled or mixed up is noticed. */
	SHIFTS = 4096,
	/* As much of each read is compared while it counts, so that comparing does
	 * not become what is measured. */
	COMPARED = 4096,
	/* New connections come from so many addresses of this machine in turns, or
	 * the ports of one would run out: each rests for a while after a close. */
	SOURCES = 64,
	/* Or a server that keeps up would keep us from seeing the time. */
	SENDS_PER_EVENT = 16,
	READS_PER_EVENT = 64,
	/* A server that makes a blocking step wait so long counts as dead. */
	PATIENCE_SECONDS = 10,
};

static __attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...)
{
	va_list arguments;

	fputs("load_client: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

/* ---- Connections ---- */

struct connection {
	struct transport transport;
	bool ready;         /* for messages */
	bool wants_out;     /* EPOLLOUT is asked for */
	size_t shift;       /* where in the text the message begins */
	size_t sent, received;
	uint64_t started;   /* when the message was sent, or the connection begun */
	uint64_t due;       /* when the next one goes, at an interval */
};

/* Of the server: a local one if its path is set. */
static struct sockaddr_in server_address;
static struct sockaddr_un local_address;
static size_t message_size = 64;
static char *text;
static int epoll_fd;
/* What is counted: from the end of the warm-up on. */
static bool counting;
static uint64_t messages, bulk_bytes; /* one way */
static size_t ready; /* for messages: connections, as they came to be so */
static struct histogram latencies;
/* What becomes of a connection when its message is back. */
static enum { ECHO, INTERVAL, CHURN, BULK, DRAIN } mode;
static uint64_t interval_ns;

struct load {
	size_t connections, idle, idle_bytes;
	double warmup, seconds;
	long server_pid;
	bool count_syscalls;
};

/* Opens a connection, blocking: on the loopback that takes microseconds, and a
 * server whose backlog is full makes us wait as it should. */
static int open_connection(void)
{
	static uint32_t source;
	/* A reset at the end instead of 60 s of TIME_WAIT: a series of runs must
	 * not use up the ports. Only where closing is measured it is the usual way. */
	const struct linger reset = {1, 0};
	const struct timeval patience = {PATIENCE_SECONDS, 0};
	const bool local = local_address.sun_path[0] != '\0';
	const struct sockaddr *address = local ? (const void *)&local_address : (const void *)&server_address;
	const socklen_t length = local ? sizeof local_address : sizeof server_address;
	int on = 1;
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket: %s", strerror(errno));
	if (mode == CHURN) {
		if (!local && ntohl(server_address.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
			struct sockaddr_in from = { .sin_family = AF_INET };

			from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source++ % SOURCES);
			setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
			if (bind(fd, (const struct sockaddr *)&from, sizeof from) != 0)
				fail("bind: %s", strerror(errno));
		}
	} else {
		if (!local) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		}
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	}
	if (connect(fd, address, length) != 0)
		fail("connect: %s", strerror(errno));
	return fd;
}

/* Sends size bytes of data, and takes them back. */
static void echo_once(struct transport *transport, const char *data, size_t size, size_t index)
{
	static char back[64 * 1024];
	size_t received = 0;

	for (size_t sent = 0; sent < size;) {
		ssize_t n = transport_send(transport, data + sent, size - sent, true);

		if (n <= 0)
			fail("idle connection %zu: send: %s", index, strerror(errno));
		sent += (size_t)n;
	}
	while (received < size) {
		ssize_t n = transport_recv(transport, back, size - received, true);

		if (n <= 0 || memcmp(back, data + received, (size_t)n) != 0)
			fail("idle connection %zu: %s", index, n < 0 ? strerror(errno) : n == 0 ? "closed" : "wrong byte");
		received += (size_t)n;
	}
}

/* Opens connections that will do nothing. A byte or more goes through each, which
 * shows that the server has accepted it and not the system alone. */
static struct transport *open_idle(size_t count, size_t bytes)
{
	static const char data[32 * 1024] = "x";
	struct transport *idle = calloc(count > 0 ? count : 1, sizeof *idle);

	if (idle == NULL)
		fail("out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!transport_begin(&idle[i], open_connection()))
			fail("idle connection %zu cannot be begun", i);
		for (size_t done = 0, piece; done < bytes; done += piece) {
			piece = bytes - done < sizeof data ? bytes - done : sizeof data;
			echo_once(&idle[i], data, piece, i);
		}
	}
	return idle;
}

static void watch(int operation, int fd, uint32_t events, struct connection *connection)
{
	struct epoll_event event;

	event.events = events;
	event.data.ptr = connection; /* NULL: an idle connection */
	if (epoll_ctl(epoll_fd, operation, fd, &event) != 0)
		fail("epoll_ctl: %s", strerror(errno));
}

static void send_rest(struct connection *connection)
{
	bool blocked = false;

	while (connection->sent < message_size && !blocked) {
		ssize_t n = transport_send(&connection->transport, text + connection->shift + connection->sent,
		                           message_size - connection->sent, false);

		if (n >= 0)
			connection->sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			blocked = true;
		else if (errno != EINTR)
			fail("send: %s", strerror(errno));
	}
	if (blocked != connection->wants_out) {
		connection->wants_out = blocked;
		watch(EPOLL_CTL_MOD, connection->transport.fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, connection);
	}
}

static void next_message(struct connection *connection, uint64_t now)
{
	connection->shift = (connection->shift + 1237) % SHIFTS;
	connection->sent = connection->received = 0;
	connection->started = now;
}

static void begin_message(struct connection *connection, uint64_t now)
{
	next_message(connection, now);
	send_rest(connection);
}

/* Goes on with a new connection until it is ready for messages. */
static void get_ready(struct connection *connection)
{
	if (!transport_ready(&connection->transport)) {
		if (errno != EAGAIN)
			fail("a connection cannot be begun: %s", strerror(errno));
		return;
	}
	connection->ready = true;
	ready++;
	if (mode == BULK)
		watch(EPOLL_CTL_MOD, connection->transport.fd, EPOLLOUT, connection);
	else if (mode != DRAIN)
		send_rest(connection);
}

static void open_and_begin(struct connection *connection)
{
	uint64_t now = now_ns();

	if (!transport_begin(&connection->transport, open_connection()))
		fail("a connection cannot be begun");
	connection->ready = connection->wants_out = false;
	watch(EPOLL_CTL_ADD, connection->transport.fd, EPOLLIN, connection);
	next_message(connection, now);
	get_ready(connection);
}

static void on_message(struct connection *connection)
{
	uint64_t now = now_ns();

	if (counting) {
		histogram_add(&latencies, now - connection->started);
		messages++;
	}
	switch (mode) {
	case CHURN:
		transport_end(&connection->transport); /* leaves the epoll set with it */
		open_and_begin(connection);
		break;
	case INTERVAL:
		connection->due = connection->started + interval_ns;
		break;
	default:
		begin_message(connection, now);
	}
}

/* Reads once; false if there is nothing. */
static bool read_once(struct connection *connection)
{
	static char buffer[64 * 1024];
	size_t wanted = message_size - connection->received, compared;
	ssize_t n = transport_recv(&connection->transport, buffer, sizeof buffer, false);

	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			return false;
		fail("recv: %s", strerror(errno));
	}
	if (n == 0)
		fail("the server has closed a connection");
	if (mode == DRAIN) {
		if (counting)
			bulk_bytes += (uint64_t)n;
		return true;
	}
	if ((size_t)n > wanted)
		fail("more came back than was sent");
	compared = counting && n > COMPARED ? COMPARED : (size_t)n;
	if (memcmp(buffer, text + connection->shift + connection->received, compared) != 0)
		fail("what came back differs from what was sent");
	connection->received += (size_t)n;
	return true;
}

static void on_readable(struct connection *connection)
{
	for (int i = 0; i < READS_PER_EVENT && read_once(connection); i++) {
		if (mode != DRAIN && connection->received == message_size) {
			on_message(connection);
			return;
		}
		if (!transport_pending(&connection->transport))
			return;
	}
}

/* Fills a connection whose server discards. */
static void on_bulk(struct connection *connection, uint32_t happened)
{
	ssize_t n = 0;

	if (happened & (EPOLLERR | EPOLLHUP))
		fail("the server has closed a connection");
	for (int i = 0; i < SENDS_PER_EVENT; i++) {
		n = transport_send(&connection->transport, text, message_size, false);
		if (n < 0)
			break;
		if (counting)
			bulk_bytes += (uint64_t)n;
		if ((size_t)n < message_size)
			return;
	}
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		fail("send: %s", strerror(errno));
}

static void on_event(struct connection *connection, uint32_t happened)
{
	if (connection == NULL)
		fail("something happened to an idle connection");
	if (!connection->ready) {
		get_ready(connection);
		return;
	}
	if (mode == BULK) {
		on_bulk(connection, happened);
		return;
	}
	/* First, since a connection that has its message back may be another one. */
	if (happened & EPOLLOUT)
		send_rest(connection);
	if (happened & (EPOLLIN | EPOLLERR | EPOLLHUP))
		on_readable(connection);
}

/* Begins what is due; only at an interval is there something. */
static void begin_due(struct connection *all, size_t count, uint64_t now)
{
	for (size_t i = 0; i < count; i++) {
		if (all[i].due != 0 && all[i].due <= now) {
			all[i].due = 0;
			begin_message(&all[i], now_ns());
		}
	}
}

/* Serves events until the time end. */
static void run_until(uint64_t end, struct connection *all, size_t connections)
{
	struct epoll_event events[EVENTS];
	uint64_t last = now_ns(), now;

	while ((now = now_ns()) < end) {
		uint64_t left_ms = (end - now) / 1000000 + 1;
		int count, timeout = left_ms > 100 ? 100 : (int)left_ms;

		if (mode == INTERVAL) {
			begin_due(all, connections, now);
			timeout = 0;
		}
		count = epoll_wait(epoll_fd, events, EVENTS, timeout);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			fail("epoll_wait: %s", strerror(errno));
		}
		if (count > 0)
			last = now;
		else if (now - last > PATIENCE_SECONDS * UINT64_C(1000000000) + interval_ns)
			fail("the server does not answer any more");
		for (int i = 0; i < count; i++)
			on_event(events[i].data.ptr, events[i].events);
	}
}

/* Serves events until so many connections are ready for messages. */
static void run_until_ready(struct connection *all, size_t connections)
{
	uint64_t begun = now_ns();

	while (ready < connections) {
		if (now_ns() - begun > PATIENCE_SECONDS * UINT64_C(1000000000))
			fail("only %zu of %zu connections are ready", ready, connections);
		run_until(now_ns() + 1000000, all, connections);
	}
}

/* ---- The two forms of use ---- */

struct reading {
	uint64_t time, own_cpu;
	double cpu, syscalls; /* of the server, or -1 */
};

static struct reading read_meters(long server_pid, const struct syscall_meter *meter)
{
	struct reading reading;
	struct timespec own;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	reading.own_cpu = (uint64_t)own.tv_sec * UINT64_C(1000000000) + (uint64_t)own.tv_nsec;
	reading.time = now_ns();
	reading.cpu = server_cpu_seconds(server_pid);
	reading.syscalls = meter != NULL ? syscall_meter_read(meter) : -1;
	return reading;
}

static void print_figures(const struct reading *begin, const struct reading *end)
{
	double took = (double)(end->time - begin->time) / 1e9;
	double count = mode == BULK || mode == DRAIN ? (double)bulk_bytes / (double)message_size : (double)messages;

	if (count == 0)
		fail("not one message came back");
	if (!transport_resumed())
		fail("the server has given no session to resume");
	printf("messages=%.0f seconds=%.3f rate=%.2f client_busy=%.3f", count, took, count / took,
	       (double)(end->own_cpu - begin->own_cpu) / 1e9 / took);
	if (latencies.count > 0)
		printf(" p50_us=%.2f p99_us=%.2f p999_us=%.2f", histogram_percentile(&latencies, 0.50) / 1e3,
		       histogram_percentile(&latencies, 0.99) / 1e3, histogram_percentile(&latencies, 0.999) / 1e3);
	if (begin->cpu >= 0 && end->cpu >= 0)
		printf(" cpu_us=%.4f", (end->cpu - begin->cpu) / count * 1e6);
	if (begin->syscalls >= 0 && end->syscalls >= 0)
		printf(" syscalls=%.4f", (end->syscalls - begin->syscalls) / count);
	putchar('\n');
}

static void run_load(const struct load *load)
{
	struct connection *all = calloc(load->connections, sizeof *all);
	uint64_t state = UINT64_C(88172645463325252);
	struct transport *idle = open_idle(load->idle, load->idle_bytes);
	struct syscall_meter meter;
	struct reading begin, end;

	text = malloc(message_size + SHIFTS);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (all == NULL || text == NULL || epoll_fd < 0)
		fail("out of memory or descriptors");
	for (size_t i = 0; i < message_size + SHIFTS; i++) {
		/* xorshift: any generator will do that does not repeat itself */
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		text[i] = (char)(state >> 32);
	}

	/* Nothing shall come from these; EPOLLIN also tells when one is closed. */
	for (size_t i = 0; i < load->idle; i++)
		watch(EPOLL_CTL_ADD, idle[i].fd, EPOLLIN, NULL);
	for (size_t i = 0; i < load->connections; i++) {
		all[i].shift = i * 31 % SHIFTS;
		open_and_begin(&all[i]);
	}
	if (load->count_syscalls && !syscall_meter_start(&meter, load->server_pid))
		fail("system calls cannot be counted here: %s", strerror(errno));

	run_until_ready(all, load->connections);
	run_until(now_ns() + (uint64_t)(load->warmup * 1e9), all, load->connections);
	counting = true;
	begin = read_meters(load->server_pid, load->count_syscalls ? &meter : NULL);
	run_until(begin.time + (uint64_t)(load->seconds * 1e9), all, load->connections);
	end = read_meters(load->server_pid, load->count_syscalls ? &meter : NULL);
	print_figures(&begin, &end);

	for (size_t i = 0; i < load->connections; i++)
		transport_end(&all[i].transport);
	for (size_t i = 0; i < load->idle; i++)
		transport_end(&idle[i]);
	close(epoll_fd);
	free(all);
	free(idle);
	free(text);
}

static void hold_idle(size_t count, size_t bytes)
{
	struct transport *idle = open_idle(count, bytes);
	char ignored[256];
	ssize_t n;

	printf("ready\n");
	fflush(stdout);
	do
		n = read(STDIN_FILENO, ignored, sizeof ignored);
	while (n > 0 || (n < 0 && errno == EINTR));
	for (size_t i = 0; i < count; i++)
		transport_end(&idle[i]);
	free(idle);
}

static void raise_descriptor_limit(size_t needed)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < needed + 32)
		fail("%zu connections need more descriptors than the %llu that are allowed", needed,
		     (unsigned long long)limit.rlim_cur);
}

static void usage(FILE *out)
{
	fputs("usage: load_client --port PORT [options]\n"
	      "  --local PATH      the server's local socket instead of a port\n"
	      "  --host ADDRESS    the server's IPv4 address (127.0.0.1)\n"
	      "  --connections C   with one message in flight each (100)\n"
	      "  --size BYTES      of each message (64)\n"
	      "  --seconds D       measure for D seconds (3)\n"
	      "  --warmup W        after W seconds that do not count (1)\n"
	      "  --idle I          with I further connections that do nothing (0)\n"
	      "  --interval-ms T   each connection sends every T ms\n"
	      "  --churn           each message on a connection of its own\n"
	      "  --bulk            one way, to a server that discards\n"
	      "  --drain           one way, from a server that sends without end\n"
	      "  --server-pid PID  tell the processor time that this process takes, too\n"
	      "  --count-syscalls  and its system calls; slows it down a little\n"
	      "  --idle-only N     instead: hold N idle connections until standard input ends\n"
	      "  --idle-bytes B    that have sent so many bytes, and taken them back (1)\n"
#ifdef ENCRYPTED
	      "  --resume          each connection resumes a session\n"
#endif
	      ,
	      out);
}

/* Reads a number from min to max; ends the program on anything else. */
static double number_argument(const char *argument, double min, double max)
{
	char *end;
	double value = strtod(argument, &end);

	if (end == argument || *end != '\0' || !(value >= min && value <= max)) {
		fprintf(stderr, "load_client: not a number from %.15g to %.15g: %s\n", min, max, argument);
		exit(2);
	}
	return value;
}

/* Reads where the server is; ends the program if that is wrong. */
static void address_argument(int option, const char *argument)
{
	if (option == 'p') {
		server_address.sin_port = htons((uint16_t)number_argument(argument, 1, 65535));
	} else if (option == 'H') {
		if (inet_pton(AF_INET, argument, &server_address.sin_addr) == 1)
			return;
		fprintf(stderr, "load_client: not an IPv4 address: %s\n", argument);
		exit(2);
	} else {
		if (strlen(argument) < sizeof local_address.sun_path) {
			strcpy(local_address.sun_path, argument);
			return;
		}
		fprintf(stderr, "load_client: too long for the path of a socket: %s\n", argument);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"host", required_argument, NULL, 'H'},
		{"port", required_argument, NULL, 'p'},
		{"local", required_argument, NULL, 'l'},
		{"connections", required_argument, NULL, 'c'},
		{"size", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 'd'},
		{"warmup", required_argument, NULL, 'w'},
		{"idle", required_argument, NULL, 'i'},
		{"interval-ms", required_argument, NULL, 't'},
		{"churn", no_argument, NULL, 'C'},
		{"bulk", no_argument, NULL, 'B'},
		{"drain", no_argument, NULL, 'D'},
		{"server-pid", required_argument, NULL, 'P'},
		{"count-syscalls", no_argument, NULL, 'S'},
		{"idle-only", required_argument, NULL, 'o'},
		{"idle-bytes", required_argument, NULL, 'b'},
#ifdef ENCRYPTED
		{"resume", no_argument, NULL, 'r'},
#endif
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct load load = { .connections = 100, .idle_bytes = 1, .warmup = 1, .seconds = 3 };
	size_t idle_only = 0;
	int option;

	local_address.sun_family = AF_UNIX;
	server_address.sin_family = AF_INET;
	server_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
		case 'p':
		case 'l':
			address_argument(option, optarg);
			break;
		case 'c':
			load.connections = (size_t)number_argument(optarg, 1, 1e6);
			break;
		case 's':
			message_size = (size_t)number_argument(optarg, 1, 1 << 30);
			break;
		case 'd':
			load.seconds = number_argument(optarg, 0.001, 86400);
			break;
		case 'w':
			load.warmup = number_argument(optarg, 0, 86400);
			break;
		case 'i':
			load.idle = (size_t)number_argument(optarg, 0, 1e6);
			break;
		case 't':
			mode = INTERVAL;
			interval_ns = (uint64_t)(number_argument(optarg, 0.001, 1e6) * 1e6);
			break;
		case 'C':
			mode = CHURN;
			break;
		case 'B':
			mode = BULK;
			break;
		case 'D':
			mode = DRAIN;
			break;
		case 'b':
			load.idle_bytes = (size_t)number_argument(optarg, 1, 1 << 30);
			break;
#ifdef ENCRYPTED
		case 'r':
			transport_resumes = true;
			break;
#endif
		case 'P':
			load.server_pid = (long)number_argument(optarg, 1, 1e9);
			break;
		case 'S':
			load.count_syscalls = true;
			break;
		case 'o':
			idle_only = (size_t)number_argument(optarg, 1, 1e6);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc || (server_address.sin_port == 0) == (local_address.sun_path[0] == '\0') ||
	    (load.count_syscalls && load.server_pid == 0)) {
		usage(stderr);
		return 2;
	}

	transport_set_up();
	if (idle_only > 0) {
		raise_descriptor_limit(idle_only);
		hold_idle(idle_only, load.idle_bytes);
	} else {
		raise_descriptor_limit(load.connections + load.idle);
		run_load(&load);
	}
	return 0;
}
