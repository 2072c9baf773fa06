/*
 * blocking_fortune_client: fetches fortunes and prints them, one step after
 * another, with the wait functions: no loop and no callback.
 *
 *   blocking_fortune_client --port PORT [--host HOST] [--proxy URL] [--timeout SECONDS] [--repeat N]
 *
 * Exit status 0 when every line has come whole, 1 otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

/* Fetches and prints one fortune over an unconnected socket, which it leaves
 * unconnected. Each step may take up to msec milliseconds. */
static bool fetch(qnet_socket *socket, const char *host, uint16_t port, int msec)
{
	char line[4096];
	int64_t size;

	qnet_socket_connect_to_host(socket, host, port, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	if (!qnet_socket_wait_for_connected(socket, msec))
		return false;

	/* TCP knows no messages: the line may come in pieces. */
	while (!qnet_socket_can_read_line(socket)) {
		if (!qnet_socket_wait_for_ready_read(socket, msec))
			return false;
	}
	/* A line longer than our buffer takes several reads. */
	do {
		size = qnet_socket_read_line(socket, line, sizeof line);
		if (size <= 0)
			return false;
		fwrite(line, 1, (size_t)size, stdout);
	} while (line[size - 1] != '\n');

	/* The server may have closed already: then there is nothing to wait for. */
	qnet_socket_disconnect_from_host(socket);
	if (qnet_socket_state(socket) != QNET_UNCONNECTED_STATE)
		return qnet_socket_wait_for_disconnected(socket, msec);
	return true;
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
		fprintf(stderr, "blocking_fortune_client: not the URL of a proxy: %s\n", url);
		exit(2);
	}
	qnet_socket_set_proxy(socket, &proxy);
	qnet_network_proxy_clear(&proxy);
}

static void usage(FILE *out)
{
	fputs("usage: blocking_fortune_client --port PORT [--host HOST] [--proxy URL] [--timeout SECONDS] [--repeat N]\n"
	      "  --port PORT        the server's port\n"
	      "  --host HOST        its name or address (127.0.0.1)\n"
	      "  --proxy URL        connect through it: socks5://HOST:PORT, http://HOST:PORT\n"
	      "  --timeout SECONDS  give up when a step takes longer (10)\n"
	      "  --repeat N         fetch N fortunes, one connection each (1)\n",
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
		fprintf(stderr, "blocking_fortune_client: not a number from 1 to %ld: %s\n", max, text);
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
		{"repeat", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *host = "127.0.0.1";
	const char *proxy = NULL;
	uint16_t port = 0;
	int timeout = 10;
	long repeat = 1;
	qnet_socket *socket;
	bool ok = true;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'H':
			host = optarg;
			break;
		case 'p':
			port = (uint16_t)number_argument(optarg, 65535);
			break;
		case 'x':
			proxy = optarg;
			break;
		case 't':
			timeout = (int)number_argument(optarg, 86400);
			break;
		case 'r':
			repeat = number_argument(optarg, 1000000000);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc || port == 0) {
		usage(stderr);
		return 2;
	}

	socket = qnet_tcp_socket_new(NULL);
	if (socket == NULL)
		return 1; /* the library has said why on stderr */
	/* A server that never ends its line gets no more than this of our memory. */
	qnet_socket_set_read_buffer_size(socket, 64 * 1024);
	if (proxy != NULL)
		use_proxy(socket, proxy);

	/* One socket serves for one connection after another. */
	while (ok && repeat-- > 0) {
		ok = fetch(socket, host, port, timeout * 1000);
		if (!ok)
			fprintf(stderr, "blocking_fortune_client: %s port %u: %s\n", host, (unsigned)port,
			        qnet_socket_error_string(socket));
	}

	qnet_socket_delete(socket);
	if (fflush(stdout) != 0) {
		perror("blocking_fortune_client: stdout");
		return 1;
	}
	return ok ? 0 : 1;
}
