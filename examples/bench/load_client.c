/*
 * load_client: a closed-loop load generator for echo servers. Each connection
 * keeps one message in flight: when it has come back whole, the next one goes.
 *
 *   load_client --port PORT [--connections C] [--size BYTES] [--seconds D]
 *               [--warmup W] [--idle I] [--server-pid PID]
 *   load_client --port PORT --idle-only N
 *
 * Instead of --port, --local PATH takes a local socket. The first form prints one line of key=value pairs when it is done:
 *
 *   messages=N seconds=D rate=R p50_us=T p99_us=T cpu_us=T
 *
 * counted after the warm-up; cpu_us is the server's processor time per message,
 * if --server-pid was given and the system tells, else -1. Every byte that comes
 * back is compared; a difference or a lost connection ends the program with
 * status 1.
 *
 * The second form opens N connections, sends one byte through each so that the
 * server surely has them, prints "ready" and holds them until standard input
 * ends: for measuring the server's memory.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
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

enum {
	EVENTS = 256,
	/* Messages are pieces of one random text, which start at changing places:
	 * nothing has to be filled in or kept for each, and yet a piece that got
	 * lost, doubled or mixed up is noticed. */
	SHIFTS = 4096,
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

/* ---- Latencies: a histogram that is exact to 1/64 of the value ---- */

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB };

static uint64_t histogram[BUCKETS];

static unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value < SUB)
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - SUB_BITS;
	return (shift + 1) * SUB + (unsigned)(value >> shift) - SUB;
}

/* The middle of the values that fall into a bucket. */
static double bucket_value(unsigned bucket)
{
	unsigned shift;

	if (bucket < SUB)
		return bucket;
	shift = bucket / SUB - 1;
	return ((double)(bucket % SUB + SUB) + 0.5) * (double)(UINT64_C(1) << shift);
}

static double percentile(double part, uint64_t count)
{
	uint64_t rank = (uint64_t)(part * (double)count), seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += histogram[i];
		if (seen > rank)
			return bucket_value(i);
	}
	return 0;
}

/* ---- The server's processor time ---- */

/* In seconds, of all threads of the process; -1 if the system does not tell. */
static double cpu_seconds(long pid)
{
	char path[320];
	struct dirent *entry;
	double sum = 0;
	bool any = false;
	DIR *tasks;

	if (pid == 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return -1;
	while ((entry = readdir(tasks)) != NULL) {
		unsigned long long ns;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		/* The first number: nanoseconds on a processor. */
		snprintf(path, sizeof path, "/proc/%ld/task/%s/schedstat", pid, entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fscanf(file, "%llu", &ns) == 1) {
			sum += (double)ns / 1e9;
			any = true;
		}
		fclose(file);
	}
	closedir(tasks);
	return any ? sum : -1;
}

/* ---- Connections ---- */

struct connection {
	int fd;
	bool wants_out;     /* EPOLLOUT is asked for */
	size_t shift;       /* where in the text the message begins */
	size_t sent, received;
	uint64_t started;   /* when the message was sent */
};

/* Of the server: a local one if its path is set. */
static struct sockaddr_in server_address;
static struct sockaddr_un local_address;
static size_t message_size = 64;
static char *text;
static int epoll_fd;
/* What is counted: from the end of the warm-up on. */
static bool counting;
static uint64_t messages;

/* Opens a connection, blocking: on the loopback that takes microseconds, and a
 * server whose backlog is full makes us wait as it should. */
static int open_connection(void)
{
	/* A reset at the end instead of 60 s of TIME_WAIT: a series of runs must
	 * not use up the ports. */
	const struct linger reset = {1, 0};
	const struct timeval patience = {PATIENCE_SECONDS, 0};
	const bool local = local_address.sun_path[0] != '\0';
	const struct sockaddr *address = local ? (const void *)&local_address : (const void *)&server_address;
	const socklen_t length = local ? sizeof local_address : sizeof server_address;
	int on = 1;
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket: %s", strerror(errno));
	if (!local) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
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
		                 message_size - connection->sent, MSG_NOSIGNAL);

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

static void next_message(struct connection *connection, uint64_t now)
{
	connection->shift = (connection->shift + 1237) % SHIFTS;
	connection->sent = connection->received = 0;
	connection->started = now;
	send_rest(connection);
}

static void on_readable(struct connection *connection)
{
	static char buffer[64 * 1024];
	uint64_t now;
	ssize_t n;

	do
		n = recv(connection->fd, buffer, sizeof buffer, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		fail("recv: %s", strerror(errno));
	}
	if (n == 0)
		fail("the server closed a connection");
	if ((size_t)n > connection->sent - connection->received)
		fail("more came back than was sent");
	if (memcmp(buffer, text + connection->shift + connection->received, (size_t)n) != 0)
		fail("what came back differs from what was sent");
	connection->received += (size_t)n;
	if (connection->received < message_size)
		return;

	now = now_ns();
	if (counting) {
		histogram[bucket_of(now - connection->started)]++;
		messages++;
	}
	next_message(connection, now);
}

/* Serves events until the time end. */
static void run_until(uint64_t end)
{
	struct epoll_event events[EVENTS];
	uint64_t last = now_ns(), now;

	while ((now = now_ns()) < end) {
		uint64_t left_ms = (end - now) / 1000000 + 1;
		int count = epoll_wait(epoll_fd, events, EVENTS, left_ms > 100 ? 100 : (int)left_ms);

		if (count < 0) {
			if (errno == EINTR)
				continue;
			fail("epoll_wait: %s", strerror(errno));
		}
		if (count > 0)
			last = now;
		else if (now - last > PATIENCE_SECONDS * UINT64_C(1000000000))
			fail("the server does not answer any more");
		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;

			if (connection == NULL)
				fail("something happened to an idle connection");
			if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
				on_readable(connection);
			if (events[i].events & EPOLLOUT)
				send_rest(connection);
		}
	}
}

/* ---- The two modes ---- */

static void run_load(size_t connections, size_t idle, double warmup, double seconds, long server_pid)
{
	struct connection *all = calloc(connections, sizeof *all);
	uint64_t state = UINT64_C(88172645463325252), begin, end;
	double cpu_begin, cpu_end, took;
	int *idle_fds = open_idle(idle);

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
	for (size_t i = 0; i < idle; i++)
		watch(EPOLL_CTL_ADD, idle_fds[i], EPOLLIN, NULL);
	for (size_t i = 0; i < connections; i++) {
		int flags;

		all[i].fd = open_connection();
		flags = fcntl(all[i].fd, F_GETFL);
		if (flags < 0 || fcntl(all[i].fd, F_SETFL, flags | O_NONBLOCK) != 0)
			fail("fcntl: %s", strerror(errno));
		watch(EPOLL_CTL_ADD, all[i].fd, EPOLLIN, &all[i]);
		all[i].shift = i * 31 % SHIFTS;
	}
	for (size_t i = 0; i < connections; i++)
		next_message(&all[i], now_ns());

	run_until(now_ns() + (uint64_t)(warmup * 1e9));
	counting = true;
	cpu_begin = cpu_seconds(server_pid);
	begin = now_ns();
	run_until(begin + (uint64_t)(seconds * 1e9));
	end = now_ns();
	cpu_end = cpu_seconds(server_pid);

	if (messages == 0)
		fail("not one message came back");
	took = (double)(end - begin) / 1e9;
	printf("messages=%llu seconds=%.3f rate=%.1f p50_us=%.1f p99_us=%.1f cpu_us=%.3f\n",
	       (unsigned long long)messages, took, (double)messages / took,
	       percentile(0.50, messages) / 1e3, percentile(0.99, messages) / 1e3,
	       cpu_begin < 0 || cpu_end < 0 ? -1 : (cpu_end - cpu_begin) / (double)messages * 1e6);

	for (size_t i = 0; i < connections; i++)
		close(all[i].fd);
	for (size_t i = 0; i < idle; i++)
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
	      "  --server-pid PID  tell the processor time that this process takes, too\n"
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
		{"server-pid", required_argument, NULL, 'P'},
		{"idle-only", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	size_t connections = 100, idle = 0, idle_only = 0;
	double seconds = 3, warmup = 1;
	long server_pid = 0;
	int option;

	local_address.sun_family = AF_UNIX;
	server_address.sin_family = AF_INET;
	server_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			if (inet_pton(AF_INET, optarg, &server_address.sin_addr) != 1) {
				fprintf(stderr, "load_client: not an IPv4 address: %s\n", optarg);
				return 2;
			}
			break;
		case 'p':
			server_address.sin_port = htons((uint16_t)number_argument(optarg, 1, 65535));
			break;
		case 'l':
			if (strlen(optarg) >= sizeof local_address.sun_path) {
				fprintf(stderr, "load_client: too long for the path of a socket: %s\n", optarg);
				return 2;
			}
			strcpy(local_address.sun_path, optarg);
			break;
		case 'c':
			connections = (size_t)number_argument(optarg, 1, 1e6);
			break;
		case 's':
			message_size = (size_t)number_argument(optarg, 1, 1 << 30);
			break;
		case 'd':
			seconds = number_argument(optarg, 0.001, 86400);
			break;
		case 'w':
			warmup = number_argument(optarg, 0, 86400);
			break;
		case 'i':
			idle = (size_t)number_argument(optarg, 0, 1e6);
			break;
		case 'P':
			server_pid = (long)number_argument(optarg, 1, 1e9);
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
	if (optind != argc || (server_address.sin_port == 0) == (local_address.sun_path[0] == '\0')) {
		usage(stderr);
		return 2;
	}

	if (idle_only > 0) {
		raise_descriptor_limit(idle_only);
		hold_idle(idle_only);
	} else {
		raise_descriptor_limit(connections + idle);
		run_load(connections, idle, warmup, seconds, server_pid);
	}
	return 0;
}
