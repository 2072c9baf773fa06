/*
 * fortune_client: fetches one fortune and prints it, driven by signals.
 *
 *   fortune_client --port PORT [--host HOST] [--proxy URL] [--timeout SECONDS]
 *
 * Exit status 0 when a whole line has come, 1 otherwise. See
 * blocking_fortune_client for the same without a loop.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

struct client {
	const char *host;
	uint16_t port;
	qnet_socket *socket;
	bool received; /* a whole fortune has been printed */
	bool timed_out;
};

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	struct client *client = user_data;
	char line[4096];

	/* TCP knows no messages: the line may come in pieces, and readyRead with
	 * each. Leave it with the socket until it is whole. */
	if (client->received || !qnet_socket_can_read_line(socket))
		return;

	/* A line longer than our buffer takes several reads. */
	while (!client->received) {
		int64_t size = qnet_socket_read_line(socket, line, sizeof line);

		if (size <= 0)
			return;
		fwrite(line, 1, (size_t)size, stdout);
		client->received = line[size - 1] == '\n';
	}
	/* Has no effect if the server was first. */
	qnet_socket_disconnect_from_host(socket);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *user_data)
{
	struct client *client = user_data;

	/* The server closes when it has sent its line: that is how it should be. */
	if (error == QNET_REMOTE_HOST_CLOSED_ERROR && client->received)
		return;
	fprintf(stderr, "fortune_client: %s port %u: %s\n", client->host, (unsigned)client->port,
	        qnet_socket_error_string(socket));
	/* Without a connection there will be no disconnected either. */
	if (qnet_socket_state(socket) == QNET_UNCONNECTED_STATE)
		qnet_loop_quit(NULL);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	qnet_loop_quit(NULL);
}

static void on_timeout(void *user_data)
{
	struct client *client = user_data;

	client->timed_out = true;
	qnet_socket_abort(client->socket);
	qnet_loop_quit(NULL); /* abort emits disconnected only if there was a connection */
}

/* Called from the loop: an error may be signalled before connect returns, and
 * qnet_loop_quit() would have no effect on a loop that does not run yet. */
static void start(void *user_data)
{
	struct client *client = user_data;

	qnet_socket_connect_to_host(client->socket, client->host, client->port,
	                            QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
}

/* Has socket use the proxy of a URL, such as socks5://user:password@host:1080. The
 * library reads such URLs in the environment. Ends the program on anything else. */
static void use_proxy(qnet_socket *socket, const char *url)
{
	const qnet_network_proxy_query query = {0}; /* of no host, to which there are no exceptions */
	qnet_network_proxy proxy = {0};

	setenv("all_proxy", url, 1);
	qnet_network_proxy_system_proxy_for_query(&query, &proxy, 1);
	if (proxy.type == QNET_NO_PROXY) {
		fprintf(stderr, "fortune_client: not the URL of a proxy: %s\n", url);
		exit(2);
	}
	qnet_socket_set_proxy(socket, &proxy);
	qnet_network_proxy_clear(&proxy);
}

static void usage(FILE *out)
{
	fputs("usage: fortune_client --port PORT [--host HOST] [--proxy URL] [--timeout SECONDS]\n"
	      "  --port PORT        the server's port\n"
	      "  --host HOST        its name or address (127.0.0.1)\n"
	      "  --proxy URL        connect through it: socks5://HOST:PORT, http://HOST:PORT\n"
	      "  --timeout SECONDS  give up after this time (10)\n",
	      out);
}

/* Reads a whole number from 1 to max; ends the program on anything else. */
static long number_argument(const char *text, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 1 || value > max) {
		fprintf(stderr, "fortune_client: not a number from 1 to %ld: %s\n", max, text);
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
		{"timeout", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct client client = {"127.0.0.1", 0, NULL, false, false};
	const char *proxy = NULL;
	int timeout = 10;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			client.host = optarg;
			break;
		case 'p':
			client.port = (uint16_t)number_argument(optarg, 65535);
			break;
		case 'x':
			proxy = optarg;
			break;
		case 't':
			timeout = (int)number_argument(optarg, 86400);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc || client.port == 0) {
		usage(stderr);
		return 2;
	}

	client.socket = qnet_tcp_socket_new(NULL);
	if (client.socket == NULL)
		return 1; /* the library has said why on stderr */
	/* A server that never ends its line gets no more than this of our memory. */
	qnet_socket_set_read_buffer_size(client.socket, 64 * 1024);
	if (proxy != NULL)
		use_proxy(client.socket, proxy);
	if (qnet_socket_on_ready_read(client.socket, on_ready_read, &client) == 0 ||
	    qnet_socket_on_error_occurred(client.socket, on_error_occurred, &client) == 0 ||
	    qnet_socket_on_disconnected(client.socket, on_disconnected, &client) == 0 ||
	    !qnet_timer_single_shot(NULL, timeout * 1000, on_timeout, &client) ||
	    !qnet_loop_post(NULL, start, &client)) {
		qnet_socket_delete(client.socket);
		return 1;
	}

	qnet_loop_exec(NULL);

	qnet_socket_delete(client.socket);
	if (client.timed_out)
		fprintf(stderr, "fortune_client: no fortune within %d s\n", timeout);
	if (fflush(stdout) != 0) {
		perror("fortune_client: stdout");
		return 1;
	}
	return client.received ? 0 : 1;
}
