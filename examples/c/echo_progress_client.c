/*
 * echo_progress_client: sends random bytes through an echo server, reads them
 * back meanwhile, shows its progress, and compares the SHA-256 of both streams.
 *
 *   echo_progress_client --port PORT [--host HOST] [--proxy URL] [--mib N] [--seed N] [--timeout SECONDS]
 *
 * Exit status 0 only if every byte came back and the sums are equal.
 *
 * All is driven by signals: bytesWritten asks for more to send, so that no more
 * than SEND_AHEAD bytes wait in memory however much there is to send; readyRead
 * takes what has come back. The sums are worked out by two sha256sum processes
 * (coreutils), each fed through a pipe, so that this needs no further library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

enum {
	CHUNK = 64 * 1024,
	SEND_AHEAD = 1024 * 1024,
};

extern char **environ;

/* ---- SHA-256 by a child process ---- */

struct hasher {
	pid_t pid;
	int input, output; /* our ends of its standard input and output */
};

static bool hasher_start(struct hasher *hasher)
{
	char *argv[] = {"sha256sum", NULL};
	posix_spawn_file_actions_t actions;
	int in[2], out[2], error;

	/* Close-on-exec: if the second child inherited our end of the first one's
	 * input, the first would never see the end of it. */
	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	error = posix_spawn_file_actions_init(&actions);
	if (error == 0) {
		error = posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
		if (error == 0)
			error = posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
		if (error == 0)
			error = posix_spawnp(&hasher->pid, argv[0], &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(in[0]);
	close(out[1]);
	if (error != 0) {
		close(in[1]);
		close(out[0]);
		errno = error;
		return false;
	}
	hasher->input = in[1];
	hasher->output = out[0];
	return true;
}

static bool hasher_add(struct hasher *hasher, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(hasher->input, data, size);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		data += n;
		size -= (size_t)n;
	}
	return true;
}

/* Ends the child in any case. Puts the sum into sum, 64 digits, if it succeeded. */
static bool hasher_finish(struct hasher *hasher, char sum[65])
{
	size_t size = 0;
	ssize_t n;
	int status;
	pid_t pid;

	close(hasher->input); /* the end of its data: it answers and exits */
	while (size < 64) {
		n = read(hasher->output, sum + size, 64 - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	sum[size] = '\0';
	/* It writes a few bytes more ("  -"), which the pipe holds until it has gone. */
	do
		pid = waitpid(hasher->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	close(hasher->output);
	return size == 64 && pid == hasher->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- Random bytes: SplitMix64, fast, and the same again for the same seed ---- */

static void random_fill(uint64_t *state, char *data, size_t size)
{
	while (size > 0) {
		size_t part = size < sizeof(uint64_t) ? size : sizeof(uint64_t);
		uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		z ^= z >> 31;
		memcpy(data, &z, part);
		data += part;
		size -= part;
	}
}

/* ---- The transfer ---- */

struct transfer {
	const char *host;
	uint16_t port;
	int timeout; /* seconds without any progress */

	qnet_socket *socket;
	struct hasher sent_hash, received_hash;
	uint64_t random;
	int64_t total, sent, received;

	bool terminal;
	int shown;      /* per cent shown last; -1: nothing yet */
	double started; /* when it was connected */
	int64_t seen;   /* sent + received at the last tick ... */
	int quiet;      /* ... and the seconds without a change since */
	bool failed;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* On a terminal one line that changes; elsewhere, in a log, a line for each
 * tenth. */
static void show_progress(struct transfer *transfer)
{
	const double mib = 1024.0 * 1024.0;
	int percent = (int)(transfer->received * 100 / transfer->total);
	double seconds = now() - transfer->started;
	double rate = seconds > 0 ? (double)transfer->received / mib / seconds : 0;

	if (!transfer->terminal)
		percent = percent / 10 * 10;
	if (percent == transfer->shown)
		return;
	transfer->shown = percent;
	printf("%s%3d %%  %.1f of %.1f MiB came back, %.0f MiB/s%s", transfer->terminal ? "\r" : "",
	       percent, (double)transfer->received / mib, (double)transfer->total / mib, rate,
	       /* blanks cover what is left of a longer line */
	       transfer->terminal ? "    " : "\n");
	fflush(stdout);
}

static void end(struct transfer *transfer, const char *failure)
{
	if (failure != NULL && !transfer->failed) {
		if (transfer->terminal && transfer->shown >= 0)
			putchar('\n');
		fflush(stdout);
		fprintf(stderr, "echo_progress_client: %s port %u: %s\n", transfer->host,
		        (unsigned)transfer->port, failure);
		transfer->failed = true;
	}
	qnet_loop_quit(NULL);
}

static void send_more(struct transfer *transfer)
{
	static char chunk[CHUNK];

	while (!transfer->failed && transfer->sent < transfer->total &&
	       qnet_socket_bytes_to_write(transfer->socket) < SEND_AHEAD) {
		int64_t left = transfer->total - transfer->sent;
		size_t size = left < CHUNK ? (size_t)left : CHUNK;

		random_fill(&transfer->random, chunk, size);
		if (!hasher_add(&transfer->sent_hash, chunk, size)) {
			end(transfer, "sha256sum does not take its data");
			return;
		}
		/* All is taken or nothing; the system need not have it yet. */
		if (qnet_socket_write(transfer->socket, chunk, (int64_t)size) != (int64_t)size) {
			end(transfer, qnet_socket_error_string(transfer->socket));
			return;
		}
		transfer->sent += (int64_t)size;
	}
}

static void on_connected(qnet_socket *socket, void *user_data)
{
	struct transfer *transfer = user_data;

	(void)socket;
	transfer->started = now();
	send_more(transfer);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	(void)bytes;
	send_more(user_data);
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	static char buffer[CHUNK];
	struct transfer *transfer = user_data;
	int64_t size;

	while (!transfer->failed && (size = qnet_socket_read(socket, buffer, sizeof buffer)) > 0) {
		transfer->received += size;
		if (transfer->received > transfer->sent) {
			end(transfer, "more came back than was sent");
			return;
		}
		if (!hasher_add(&transfer->received_hash, buffer, (size_t)size)) {
			end(transfer, "sha256sum does not take its data");
			return;
		}
	}
	if (transfer->failed)
		return;
	show_progress(transfer);
	if (transfer->received == transfer->total)
		qnet_socket_disconnect_from_host(socket); /* on_disconnected ends the loop */
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	struct transfer *transfer = user_data;

	(void)socket;
	end(transfer, transfer->received < transfer->total ? "the connection ended too early" : NULL);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *user_data)
{
	struct transfer *transfer = user_data;

	/* The server may close first once all has come back. */
	if (error != QNET_REMOTE_HOST_CLOSED_ERROR || transfer->received < transfer->total)
		end(transfer, qnet_socket_error_string(socket));
}

/* Every second: has anything moved since the last time? */
static void on_tick(qnet_timer *timer, void *user_data)
{
	struct transfer *transfer = user_data;
	int64_t moved = transfer->sent + transfer->received;

	(void)timer;
	transfer->quiet = moved == transfer->seen ? transfer->quiet + 1 : 0;
	transfer->seen = moved;
	if (transfer->quiet >= transfer->timeout)
		end(transfer, "nothing has moved for too long");
}

/* Called from the loop: an error may be signalled before connect returns, and
 * qnet_loop_quit() would have no effect on a loop that does not run yet. */
static void start(void *user_data)
{
	struct transfer *transfer = user_data;

	qnet_socket_connect_to_host(transfer->socket, transfer->host, transfer->port,
	                            QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
}

/* ---- Start ---- */

/* Has socket use the proxy of a URL, such as socks5://user:password@host:1080. The
 * library reads such URLs in the environment. Ends the program on anything else. */
static void use_proxy(qnet_socket *socket, const char *url)
{
	const qnet_network_proxy_query query = {0}; /* of no host, to which there are no exceptions */
	qnet_network_proxy proxy = {0};

	setenv("all_proxy", url, 1);
	qnet_network_proxy_system_proxy_for_query(&query, &proxy, 1);
	if (proxy.type == QNET_NO_PROXY) {
		fprintf(stderr, "echo_progress_client: not the URL of a proxy: %s\n", url);
		exit(2);
	}
	qnet_socket_set_proxy(socket, &proxy);
	qnet_network_proxy_clear(&proxy);
}

static void usage(FILE *out)
{
	fputs("usage: echo_progress_client --port PORT [--host HOST] [--proxy URL] [--mib N] [--seed N]\n"
	      "                            [--timeout SECONDS]\n"
	      "  --port PORT        the echo server's port\n"
	      "  --host HOST        its name or address (127.0.0.1)\n"
	      "  --proxy URL        connect through it: socks5://HOST:PORT, http://HOST:PORT\n"
	      "  --mib N            send N MiB (256)\n"
	      "  --seed N           of the random bytes (a new one each time)\n"
	      "  --timeout SECONDS  give up when nothing moves for so long (30)\n",
	      out);
}

/* Reads a whole number from min to max; ends the program on anything else. */
static uint64_t number_argument(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' || value < min || value > max) {
		fprintf(stderr, "echo_progress_client: not a number from %" PRIu64 " to %" PRIu64 ": %s\n",
		        min, max, text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"host", required_argument, NULL, 'H'},
		{"port", required_argument, NULL, 'p'},
		{"proxy", required_argument, NULL, 'x'},
		{"mib", required_argument, NULL, 'm'},
		{"seed", required_argument, NULL, 's'},
		{"timeout", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct transfer transfer = {
		.host = "127.0.0.1", .timeout = 30, .total = INT64_C(256) << 20, .shown = -1,
	};
	char sent_sum[65], received_sum[65];
	const char *proxy = NULL;
	bool seeded = false, ready, hashed;
	qnet_timer *timer;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			transfer.host = optarg;
			break;
		case 'p':
			transfer.port = (uint16_t)number_argument(optarg, 1, 65535);
			break;
		case 'x':
			proxy = optarg;
			break;
		case 'm':
			transfer.total = (int64_t)number_argument(optarg, 1, 1 << 20) << 20;
			break;
		case 's':
			transfer.random = number_argument(optarg, 0, UINT64_MAX);
			seeded = true;
			break;
		case 't':
			transfer.timeout = (int)number_argument(optarg, 1, 86400);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc || transfer.port == 0) {
		usage(stderr);
		return 2;
	}
	if (!seeded && getrandom(&transfer.random, sizeof transfer.random, 0) != sizeof transfer.random) {
		perror("echo_progress_client: getrandom");
		return 1;
	}
	transfer.terminal = isatty(STDOUT_FILENO);

	/* A sha256sum that is gone shall be a failure of write(), not our end. */
	signal(SIGPIPE, SIG_IGN);
	if (!hasher_start(&transfer.sent_hash)) {
		perror("echo_progress_client: sha256sum");
		return 1;
	}
	if (!hasher_start(&transfer.received_hash)) {
		perror("echo_progress_client: sha256sum");
		hasher_finish(&transfer.sent_hash, sent_sum);
		return 1;
	}

	/* A mistaken handle is a defined failure in qnet: if one of the two could
	 * not be made, the registrations below return 0 and nothing worse. */
	transfer.socket = qnet_tcp_socket_new(NULL);
	if (proxy != NULL)
		use_proxy(transfer.socket, proxy);
	timer = qnet_timer_new(NULL);
	ready = qnet_socket_on_connected(transfer.socket, on_connected, &transfer) != 0 &&
	        qnet_socket_on_bytes_written(transfer.socket, on_bytes_written, &transfer) != 0 &&
	        qnet_socket_on_ready_read(transfer.socket, on_ready_read, &transfer) != 0 &&
	        qnet_socket_on_disconnected(transfer.socket, on_disconnected, &transfer) != 0 &&
	        qnet_socket_on_error_occurred(transfer.socket, on_error_occurred, &transfer) != 0 &&
	        qnet_timer_on_timeout(timer, on_tick, &transfer) != 0 &&
	        qnet_loop_post(NULL, start, &transfer);
	if (ready) {
		printf("sending %" PRId64 " MiB of random bytes, seed %" PRIu64 "\n",
		       transfer.total >> 20, transfer.random);
		fflush(stdout);
		qnet_timer_start(timer, 1000);
		qnet_loop_exec(NULL);
	}
	qnet_timer_delete(timer);
	transfer.failed |= !ready || transfer.received < transfer.total;
	/* Before the sums: deletion may emit disconnected, and on_disconnected
	 * still has its transfer here. */
	qnet_socket_delete(transfer.socket);

	/* Both, whatever the first one says: each has a child to wait for. */
	hashed = hasher_finish(&transfer.sent_hash, sent_sum);
	hashed &= hasher_finish(&transfer.received_hash, received_sum);
	if (transfer.failed)
		return 1;
	if (transfer.terminal)
		putchar('\n');
	if (!hashed) {
		fprintf(stderr, "echo_progress_client: sha256sum failed\n");
		return 1;
	}
	printf("sent      %s\nreceived  %s\n%s\n", sent_sum, received_sum,
	       strcmp(sent_sum, received_sum) == 0 ? "equal" : "NOT EQUAL");
	if (fflush(stdout) != 0) {
		perror("echo_progress_client: stdout");
		return 1;
	}
	return strcmp(sent_sum, received_sum) == 0 ? 0 : 1;
}
