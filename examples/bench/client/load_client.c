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
 *   load_client --port PORT --idle-only N
 *
 * Instead of --port, --local PATH takes a local socket. All but the last print
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
 * --idle-only: opens N connections, sends one byte through each so that the
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
	/* Of bulk, or a server that keeps up would keep us from seeing the time. */
	SENDS_PER_EVENT = 16,
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
	int fd;
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
static uint64_t messages, bulk_bytes;
static struct histogram latencies;
/* What becomes of a connection when its message is back. */
static enum { ECHO, INTERVAL, CHURN, BULK } mode;
static uint64_t interval_ns;

struct load {
	size_t connections, idle;
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

/* Opens connections that will do nothing. One byte goes through each, which
 * shows that the server has accepted it and not the system alone. */
static int *open_idle(size_t count)
{
	int *fds = calloc(count > 0 ? count : 1, sizeof *fds);

	if (fds == NULL)
		fail("out of memory");
	for (size_t i = 0; i < count; i++) {
		fds[i] = open_connection();
		if (send(fds[i], "x", 1, MSG_NOSIGNAL) != 1)
			fail("idle connection %zu: send: %s", i, strerror(errno));
	}
	for (size_t i = 0; i < count; i++) {
		char byte = 0;
		ssize_t n = recv(fds[i], &byte, 1, 0);

		if (n != 1 || byte != 'x')
			fail("idle connection %zu: %s", i,
			     n < 0 ? strerror(errno) : n == 0 ? "closed" : "wrong byte");
	}
	return fds;
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
		ssize_t n = send(connection->fd, text + connection->shift + connection->sent,
		                 message_size - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			connection->sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			blocked = true;
		else if (errno != EINTR)
			fail("send: %s", strerror(errno));
	}
	if (blocked != connection->wants_out) {
		connection->wants_out = blocked;
		watch(EPOLL_CTL_MOD, connection->fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, connection);
	}
}

static void begin_message(struct connection *connection, uint64_t now)
{
	connection->shift = (connection->shift + 1237) % SHIFTS;
	connection->sent = connection->received = 0;
	connection->started = now;
	send_rest(connection);
}

static void open_and_begin(struct connection *connection)
{
	uint64_t now = now_ns();

	connection->fd = open_connection();
	connection->wants_out = false;
	watch(EPOLL_CTL_ADD, connection->fd, mode == BULK ? EPOLLOUT : EPOLLIN, connection);
	if (mode != BULK)
		begin_message(connection, now);
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
		close(connection->fd); /* leaves the epoll set with it */
		open_and_begin(connection);
		break;
	case INTERVAL:
		connection->due = connection->started + interval_ns;
		break;
	default:
		begin_message(connection, now);
	}
}

static void on_readable(struct connection *connection)
{
	static char buffer[64 * 1024];
	size_t wanted = message_size - connection->received, compared;
	ssize_t n = recv(connection->fd, buffer, sizeof buffer, MSG_DONTWAIT);

	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			return;
		fail("recv: %s", strerror(errno));
	}
	if (n == 0)
		fail("the server has closed a connection");
	if ((size_t)n > wanted)
		fail("more came back than was sent");
	compared = counting && n > COMPARED ? COMPARED : (size_t)n;
	if (memcmp(buffer, text + connection->shift + connection->received, compared) != 0)
		fail("what came back differs from what was sent");
	connection->received += (size_t)n;
	if (connection->received == message_size)
		on_message(connection);
}

/* Fills a connection whose server discards. */
static void on_bulk(struct connection *connection, uint32_t happened)
{
	ssize_t n = 0;

	if (happened & (EPOLLERR | EPOLLHUP))
		fail("the server has closed a connection");
	for (int i = 0; i < SENDS_PER_EVENT; i++) {
		n = send(connection->fd, text, message_size, MSG_NOSIGNAL | MSG_DONTWAIT);
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
	double count = mode == BULK ? (double)bulk_bytes / (double)message_size : (double)messages;

	if (count == 0)
		fail("not one message came back");
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
	int *idle_fds = open_idle(load->idle);
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
		watch(EPOLL_CTL_ADD, idle_fds[i], EPOLLIN, NULL);
	for (size_t i = 0; i < load->connections; i++) {
		all[i].shift = i * 31 % SHIFTS;
		open_and_begin(&all[i]);
	}
	if (load->count_syscalls && !syscall_meter_start(&meter, load->server_pid))
		fail("system calls cannot be counted here: %s", strerror(errno));

	run_until(now_ns() + (uint64_t)(load->warmup * 1e9), all, load->connections);
	counting = true;
	begin = read_meters(load->server_pid, load->count_syscalls ? &meter : NULL);
	run_until(begin.time + (uint64_t)(load->seconds * 1e9), all, load->connections);
	end = read_meters(load->server_pid, load->count_syscalls ? &meter : NULL);
	print_figures(&begin, &end);

	for (size_t i = 0; i < load->connections; i++)
		close(all[i].fd);
	for (size_t i = 0; i < load->idle; i++)
		close(idle_fds[i]);
	close(epoll_fd);
	free(all);
	free(idle_fds);
	free(text);
}

static void hold_idle(size_t count)
{
	int *fds = open_idle(count);
	char ignored[256];
	ssize_t n;

	printf("ready\n");
	fflush(stdout);
	do
		n = read(STDIN_FILENO, ignored, sizeof ignored);
	while (n > 0 || (n < 0 && errno == EINTR));
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	free(fds);
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
	      "  --server-pid PID  tell the processor time that this process takes, too\n"
	      "  --count-syscalls  and its system calls; slows it down a little\n"
	      "  --idle-only N     instead: hold N idle connections until standard input ends\n",
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
		{"server-pid", required_argument, NULL, 'P'},
		{"count-syscalls", no_argument, NULL, 'S'},
		{"idle-only", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct load load = { .connections = 100, .warmup = 1, .seconds = 3 };
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

	if (idle_only > 0) {
		raise_descriptor_limit(idle_only);
		hold_idle(idle_only);
	} else {
		raise_descriptor_limit(load.connections + load.idle);
		run_load(&load);
	}
	return 0;
}
