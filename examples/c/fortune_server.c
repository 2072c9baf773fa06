/*
 * fortune_server: sends one fortune, a line of UTF-8, to whoever connects, and
 * closes the connection.
 *
 *   fortune_server [--host ADDRESS] [--port PORT] [--count N]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <qnet/qnet.h>

static const char *const fortunes[] = {
	"You will soon find the semicolon that you are missing.",
	"A short function is about to enter your life.",
	"Whoever measures twice optimises once.",
	"Un café bien chaud vous attend après la compilation.",
	"Das Glück kommt in kleinen, überprüfbaren Schritten.",
	"千里の道も一歩から。",
	"The bug is not where you are looking, but you are getting warmer.",
	"Today is a good day to delete code.",
};
enum { FORTUNE_COUNT = sizeof fortunes / sizeof fortunes[0] };

/* What the callbacks need to know; handed to them as user_data. */
struct service {
	long served; /* connections that have ended */
	long limit;  /* stop after so many; 0: never */
};

/* ---- Connections ---- */

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	struct service *service = user_data;

	/* The socket belongs to the server, but would live as long as that: a
	 * server that runs for weeks lets go of each one when it is done. */
	qnet_socket_delete_later(socket);
	service->served++;
	if (service->limit > 0 && service->served >= service->limit)
		qnet_loop_quit(NULL);
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		const char *fortune = fortunes[rand() % FORTUNE_COUNT];

		/* Registered first, so that no disconnected can be missed. */
		if (qnet_socket_on_disconnected(socket, on_disconnected, user_data) == 0) {
			qnet_socket_delete(socket);
			continue;
		}
		qnet_socket_write(socket, fortune, (int64_t)strlen(fortune));
		qnet_socket_put_char(socket, '\n');
		/* Sends what was written before it closes. If writing failed, the
		 * connection is lost already and this does no harm. */
		qnet_socket_disconnect_from_host(socket);
	}
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *user_data)
{
	(void)error;
	(void)user_data;
	fprintf(stderr, "fortune_server: accept: %s\n", qnet_tcp_server_error_string(server));
}

/* ---- Ending on SIGINT and SIGTERM ----
 *
 * A signal handler may call only async-signal-safe functions, and of qnet's this
 * is the one that is. It ends the loop when the callback that runs has returned,
 * and a loop that does not run yet ends at once when it does. */

static void on_signal(int number)
{
	(void)number;
	qnet_loop_exit_from_signal(NULL, 0);
}

static int handle_signals(void)
{
	struct sigaction action;

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

/* ---- Start ---- */

static void usage(FILE *out)
{
	fputs("usage: fortune_server [--host ADDRESS] [--port PORT] [--count N]\n"
	      "  --host ADDRESS  listen on this address (127.0.0.1)\n"
	      "  --port PORT     listen on this port (0: one that the system chooses)\n"
	      "  --count N       end after N connections (0: run until a signal)\n",
	      out);
}

/* Reads a whole number from 0 to max; ends the program on anything else. */
static long number_argument(const char *text, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 0 || value > max) {
		fprintf(stderr, "fortune_server: not a number from 0 to %ld: %s\n", max, text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"host", required_argument, NULL, 'H'},
		{"port", required_argument, NULL, 'p'},
		{"count", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct service service = {0, 0};
	qnet_host_address address = *QNET_ADDRESS_LOCAL_HOST;
	uint16_t port = 0;
	char text[QNET_HOST_ADDRESS_STRING_MAX];
	qnet_tcp_server *server;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			if (!qnet_host_address_set_address(&address, optarg)) {
				fprintf(stderr, "fortune_server: not an address: %s\n", optarg);
				return 2;
			}
			break;
		case 'p':
			port = (uint16_t)number_argument(optarg, 65535);
			break;
		case 'c':
			service.limit = number_argument(optarg, 1000000000);
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

	srand((unsigned)time(NULL));
	if (handle_signals() != 0) {
		perror("fortune_server: signals");
		return 1;
	}

	server = qnet_tcp_server_new(NULL);
	if (server == NULL)
		return 1; /* the library has said why on stderr */
	if (qnet_tcp_server_on_new_connection(server, on_new_connection, &service) == 0 ||
	    qnet_tcp_server_on_accept_error(server, on_accept_error, NULL) == 0) {
		qnet_tcp_server_delete(server);
		return 1;
	}
	if (!qnet_tcp_server_listen(server, &address, port)) {
		fprintf(stderr, "fortune_server: listen: %s\n", qnet_tcp_server_error_string(server));
		qnet_tcp_server_delete(server);
		return 1;
	}

	qnet_tcp_server_server_address(server, &address);
	qnet_host_address_to_string(&address, text, sizeof text);
	printf(strchr(text, ':') ? "listening on [%s]:%u\n" : "listening on %s:%u\n", text,
	       (unsigned)qnet_tcp_server_server_port(server));
	/* At once, also into a pipe: whoever started us waits for this line. */
	fflush(stdout);

	status = qnet_loop_exec(NULL);

	/* Deletes its remaining sockets too. */
	qnet_tcp_server_delete(server);
	return status == 0 ? 0 : 1;
}
