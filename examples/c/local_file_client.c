/*
 * local_file_client: has local_file_server open files and copies them to
 * standard output, one step after another, with the wait functions.
 *
 *   local_file_client [--name NAME] FILE...
 *
 * Exit status 0 when every file has come, 1 otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <qnet/qnet.h>

enum { PATIENCE = 10000 }; /* milliseconds for each step */

/* Copies what a descriptor reads to standard output. */
static bool copy(int fd)
{
	char data[16 * 1024];
	ssize_t size;

	while ((size = read(fd, data, sizeof data)) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 || fwrite(data, 1, (size_t)size, stdout) != (size_t)size)
			return false;
	}
	return true;
}

/* Asks for a file and copies it. */
static bool fetch(qnet_socket *socket, const char *file)
{
	char line[256];
	intptr_t fd;
	bool ok;

	qnet_socket_write(socket, file, (int64_t)strlen(file));
	qnet_socket_write(socket, "\n", 1);
	while (!qnet_socket_can_read_line(socket)) {
		if (!qnet_socket_wait_for_ready_read(socket, PATIENCE)) {
			fprintf(stderr, "local_file_client: %s\n", qnet_socket_error_string(socket));
			return false;
		}
	}
	qnet_socket_read_line(socket, line, sizeof line);
	/* With the first byte of an answer comes its descriptor. */
	if (qnet_local_socket_take_descriptors(socket, &fd, 1) != 1) {
		fprintf(stderr, "local_file_client: %s: %s", file, line);
		return false;
	}
	ok = copy((int)fd);
	close((int)fd);
	return ok;
}

static void usage(FILE *out)
{
	fputs("usage: local_file_client [--name NAME] FILE...\n"
	      "  --name NAME  of the server, or the path of its socket (qnet-files)\n",
	      out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"name", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *name = "qnet-files";
	qnet_socket *socket;
	bool ok = true;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			name = optarg;
			break;
		default:
			usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return 2;
	}

	socket = qnet_local_socket_new(NULL);
	if (socket == NULL)
		return 1; /* the library has said why on stderr */
	qnet_local_socket_set_receives_descriptors(socket, true);
	/* At once, unless the server's queue is full: then the wait helps. */
	qnet_local_socket_connect_to_server(socket, name, QNET_READ_WRITE);
	if (!qnet_socket_wait_for_connected(socket, PATIENCE)) {
		fprintf(stderr, "local_file_client: %s: %s\n", name, qnet_socket_error_string(socket));
		qnet_socket_delete(socket);
		return 1;
	}
	for (int i = optind; ok && i < argc; i++)
		ok = fetch(socket, argv[i]);
	qnet_socket_delete(socket);
	if (fflush(stdout) != 0) {
		perror("local_file_client: stdout");
		return 1;
	}
	return ok ? 0 : 1;
}
