/*
 * embed_poll: qnet inside a program that has a poll() loop of its own.
 *
 *   embed_poll [--host ADDRESS] [--port PORT] [--interval MS] [--count N]
 *
 * A clock: at each tick every connected client is sent a line. The program waits
 * for three descriptors at once: a timerfd, which ticks; a pipe, through which a
 * signal handler ends the program; and the loop's descriptor, behind which all
 * of qnet's sockets stand. No thread, no qnet_loop_exec(), no time-out to work out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <qnet/qnet.h>

/* A client that does not fetch its lines is cut off at so many bytes. */
enum { MAX_BACKLOG = 64 * 1024 };

struct client {
	struct clock *clock;
	qnet_socket *socket;
	struct client *previous, *next;
};

struct clock {
	struct client *clients;
	long connected; /* clients now */
	long served;    /* connections that have ended */
	long limit;     /* stop after so many; 0: never */
};

/* ---- qnet's side: connections come and go ---- */

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	/* What a client says does not matter, but must not pile up. */
	qnet_socket_skip(socket, INT64_MAX);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	/* Not deleted at once: tick() may be walking the list of clients. */
	qnet_socket_delete_later(socket);
}

/* The last callback of a socket, whoever deleted it: the place to free what
 * the others were given as user_data. */
static void on_destroyed(qnet_socket *socket, void *user_data)
{
	struct client *client = user_data;
	struct clock *clock = client->clock;

	(void)socket;
	if (client->previous != NULL)
		client->previous->next = client->next;
	else
		clock->clients = client->next;
	if (client->next != NULL)
		client->next->previous = client->previous;
	free(client);
	clock->connected--;
	clock->served++;
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	struct clock *clock = user_data;
	qnet_socket *socket;

	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		struct client *client = calloc(1, sizeof *client);

		if (client == NULL) {
			qnet_socket_delete(socket);
			continue;
		}
		/* Before the others: from here on the socket takes care of client. */
		if (qnet_socket_on_destroyed(socket, on_destroyed, client) == 0) {
			free(client);
			qnet_socket_delete(socket);
			continue;
		}
		client->clock = clock;
		client->socket = socket;
		client->next = clock->clients;
		if (client->next != NULL)
			client->next->previous = client;
		clock->clients = client;
		clock->connected++;
		if (qnet_socket_on_ready_read(socket, on_ready_read, NULL) == 0 ||
		    qnet_socket_on_disconnected(socket, on_disconnected, NULL) == 0)
			qnet_socket_delete(socket);
	}
}

/* ---- The host's side: ticks and signals ---- */

/* Sends every client a line. Called from the host's loop, outside of qnet's:
 * the loop's descriptor becomes readable, as there is something to send. */
static void tick(struct clock *clock, unsigned long number)
{
	struct client *client, *next;
	char line[80];
	int size = snprintf(line, sizeof line, "tick %lu, %ld connected\n", number, clock->connected);

	for (client = clock->clients; client != NULL; client = next) {
		next = client->next;
		if (qnet_socket_bytes_to_write(client->socket) > MAX_BACKLOG)
			qnet_socket_abort(client->socket);
		else if (qnet_socket_state(client->socket) == QNET_CONNECTED_STATE)
			qnet_socket_write(client->socket, line, size);
	}
}

static int signal_pipe[2];

/* write() is async-signal-safe, qnet's functions are not. */
static void on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;
	ssize_t ignored = write(signal_pipe[1], &byte, 1);

	(void)ignored; /* a full pipe wakes the loop as well */
	errno = saved;
}

static int catch_signals(void)
{
	struct sigaction action;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	memset(&action, 0, sizeof action);
	sigemptyset(&action.sa_mask);
	/* SA_ONSTACK: the handler may interrupt the library's own code, whose
	 * stacks are not made for it. */
	action.sa_flags = SA_RESTART | SA_ONSTACK;
	action.sa_handler = on_signal;
	if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0)
		return -1;
	/* qnet's sockets never raise SIGPIPE, but a closed stdout would. */
	action.sa_handler = SIG_IGN;
	return sigaction(SIGPIPE, &action, NULL);
}

static int start_ticking(long msec)
{
	struct itimerspec period;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -1;
	memset(&period, 0, sizeof period);
	period.it_interval.tv_sec = msec / 1000;
	period.it_interval.tv_nsec = msec % 1000 * 1000000;
	period.it_value = period.it_interval;
	if (timerfd_settime(fd, 0, &period, NULL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The host's own loop. Returns the exit status. */
static int run(struct clock *clock, int timer_fd)
{
	enum { LOOP, TIMER, SIGNAL, DESCRIPTORS };
	struct pollfd descriptors[DESCRIPTORS];
	unsigned long ticks = 0;

	descriptors[LOOP].fd = qnet_loop_fd(NULL);
	descriptors[TIMER].fd = timer_fd;
	descriptors[SIGNAL].fd = signal_pipe[0];
	for (int i = 0; i < DESCRIPTORS; i++)
		descriptors[i].events = POLLIN;

	while (clock->limit == 0 || clock->served < clock->limit) {
		if (poll(descriptors, DESCRIPTORS, -1) < 0) {
			if (errno == EINTR)
				continue;
			perror("embed_poll: poll");
			return 1;
		}
		if (descriptors[SIGNAL].revents != 0)
			break;
		if (descriptors[TIMER].revents != 0) {
			uint64_t expirations;

			if (read(timer_fd, &expirations, sizeof expirations) == sizeof expirations) {
				ticks += expirations;
				tick(clock, ticks);
			}
		}
		/* One turn, without waiting; if work is left the descriptor remains
		 * readable. All callbacks are made from here. */
		if (descriptors[LOOP].revents != 0)
			qnet_loop_process_events(NULL, 0);
	}
	return 0;
}

/* ---- Start ---- */

static void usage(FILE *out)
{
	fputs("usage: embed_poll [--host ADDRESS] [--port PORT] [--interval MS] [--count N]\n"
	      "  --host ADDRESS  listen on this address (127.0.0.1)\n"
	      "  --port PORT     listen on this port (0: one that the system chooses)\n"
	      "  --interval MS   send a line every MS milliseconds (1000)\n"
	      "  --count N       end after N connections (0: run until a signal)\n",
	      out);
}

/* Reads a whole number from min to max; ends the program on anything else. */
static long number_argument(const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < min || value > max) {
		fprintf(stderr, "embed_poll: not a number from %ld to %ld: %s\n", min, max, text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"host", required_argument, NULL, 'H'},
		{"port", required_argument, NULL, 'p'},
		{"interval", required_argument, NULL, 'i'},
		{"count", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct clock clock = {NULL, 0, 0, 0};
	qnet_host_address address = *QNET_ADDRESS_LOCAL_HOST;
	uint16_t port = 0;
	long interval = 1000;
	char text[QNET_HOST_ADDRESS_STRING_MAX];
	qnet_tcp_server *server;
	int option, timer_fd, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			if (!qnet_host_address_set_address(&address, optarg)) {
				fprintf(stderr, "embed_poll: not an address: %s\n", optarg);
				return 2;
			}
			break;
		case 'p':
			port = (uint16_t)number_argument(optarg, 0, 65535);
			break;
		case 'i':
			interval = number_argument(optarg, 1, 86400000);
			break;
		case 'c':
			clock.limit = number_argument(optarg, 0, 1000000000);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc) {
		usage(stderr);
		return 2;
	}

	if (catch_signals() != 0) {
		perror("embed_poll: signals");
		return 1;
	}
	timer_fd = start_ticking(interval);
	if (timer_fd < 0) {
		perror("embed_poll: timerfd");
		return 1;
	}
	server = qnet_tcp_server_new(NULL);
	if (server == NULL)
		return 1; /* the library has said why on stderr */
	if (qnet_tcp_server_on_new_connection(server, on_new_connection, &clock) == 0) {
		qnet_tcp_server_delete(server);
		return 1;
	}
	if (!qnet_tcp_server_listen(server, &address, port)) {
		fprintf(stderr, "embed_poll: listen: %s\n", qnet_tcp_server_error_string(server));
		qnet_tcp_server_delete(server);
		return 1;
	}
	qnet_tcp_server_server_address(server, &address);
	qnet_host_address_to_string(&address, text, sizeof text);
	printf(strchr(text, ':') ? "listening on [%s]:%u\n" : "listening on %s:%u\n", text,
	       (unsigned)qnet_tcp_server_server_port(server));
	/* At once, also into a pipe: whoever started us waits for this line. */
	fflush(stdout);

	status = run(&clock, timer_fd);

	/* Deletes its sockets too, and on_destroyed frees each client. */
	qnet_tcp_server_delete(server);
	close(timer_fd);
	/* The pipe stays open: a signal may still come. */
	return status;
}
