/*
 * local_file_server: opens files of one directory for other programs of this
 * machine and passes them the open descriptors, so that these read what they
 * need not be allowed to open. It prints who has asked for what.
 *
 *   local_file_server [--directory DIRECTORY] [--name NAME] [--private]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <qnet/qnet.h>

enum { NAME_SIZE = 256 };

static int directory_fd;

/* ---- Requests ---- */

/* Opens a file for somebody; -1 with errno. */
static int open_file(const char *name)
{
	if (name[0] == '.' || name[0] == '\0' || strchr(name, '/') != NULL) {
		errno = EACCES;
		return -1;
	}
	/* O_NONBLOCK: a pipe that nobody writes to must not keep us. */
	return openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static void answer(qnet_socket *socket, const char *name)
{
	int64_t pid, uid;
	int fd = open_file(name);
	const char *why = fd >= 0 ? "ok" : strerror(errno);
	char line[NAME_SIZE];

	/* The system vouches for who is at the other end. */
	if (qnet_local_socket_peer_credentials(socket, &pid, &uid, NULL))
		printf("process %" PRId64 " of user %" PRId64 ": %s: %s\n", pid, uid, name, why);
	fflush(stdout);
	snprintf(line, sizeof line, "%s\n", why);
	if (fd < 0) {
		qnet_socket_write(socket, line, (int64_t)strlen(line));
		return;
	}
	/* The library duplicates what it sends: ours can go. */
	if (qnet_local_socket_write_with_descriptors(socket, line, (int64_t)strlen(line), &(intptr_t){ fd }, 1) < 0)
		fprintf(stderr, "local_file_server: %s\n", qnet_socket_error_string(socket));
	close(fd);
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	char name[NAME_SIZE];

	(void)user_data;
	while (qnet_socket_can_read_line(socket)) {
		qnet_socket_read_line(socket, name, sizeof name);
		name[strcspn(name, "\n")] = '\0';
		answer(socket, name);
	}
	/* Not a whole line, and too long for one. */
	if (qnet_socket_bytes_available(socket) >= NAME_SIZE)
		qnet_socket_abort(socket);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_delete_later(socket);
}

static void on_new_connection(qnet_local_server *server, void *user_data)
{
	qnet_socket *socket;

	while ((socket = qnet_local_server_next_pending_connection(server)) != NULL) {
		if (qnet_socket_on_ready_read(socket, on_ready_read, user_data) == 0 ||
		    qnet_socket_on_disconnected(socket, on_disconnected, user_data) == 0)
			qnet_socket_delete(socket);
	}
}

/* ---- The end: this function of the library alone may be called by a signal handler ---- */

static void on_signal(int number)
{
	(void)number;
	qnet_loop_exit_from_signal(NULL, 0);
}

static int handle_signals(void)
{
	/* SA_ONSTACK: the handler may interrupt the library's own code. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};

	sigemptyset(&action.sa_mask);
	return sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0 ? -1 : 0;
}

/* Listens, also where a server that was killed has left its file. */
static bool listen_at(qnet_local_server *server, const char *name)
{
	qnet_socket *probe;
	bool served;

	if (qnet_local_server_listen(server, name))
		return true;
	if (qnet_local_server_server_error(server) != QNET_ADDRESS_IN_USE_ERROR)
		return false;
	/* Not the name of one that is at work. */
	probe = qnet_local_socket_new(NULL);
	qnet_local_socket_connect_to_server(probe, name, QNET_READ_WRITE);
	served = qnet_socket_error(probe) != QNET_CONNECTION_REFUSED_ERROR;
	qnet_socket_delete(probe);
	return !served && qnet_local_server_remove_server(name) && qnet_local_server_listen(server, name);
}

static void usage(FILE *out)
{
	fputs("usage: local_file_server [--directory DIRECTORY] [--name NAME] [--private]\n"
	      "  --directory DIRECTORY  whose files to open (.)\n"
	      "  --name NAME            of the server, or the path of its socket (qnet-files)\n"
	      "  --private              only for the user who runs the server; else for everybody\n",
	      out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"directory", required_argument, NULL, 'd'},
		{"name", required_argument, NULL, 'n'},
		{"private", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *directory = ".", *name = "qnet-files";
	int access = QNET_WORLD_ACCESS_OPTION, option, status = 1;
	qnet_local_server *server;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			directory = optarg;
			break;
		case 'n':
			name = optarg;
			break;
		case 'p':
			access = QNET_USER_ACCESS_OPTION;
			break;
		default:
			usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind != argc) {
		usage(stderr);
		return 2;
	}

	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory_fd < 0) {
		fprintf(stderr, "local_file_server: %s: %s\n", directory, strerror(errno));
		return 1;
	}
	if (handle_signals() != 0) {
		perror("local_file_server: signals");
		return 1;
	}
	server = qnet_local_server_new(NULL);
	if (server == NULL)
		return 1; /* the library has said why on stderr */
	/* The file has these rights from its first moment on. */
	qnet_local_server_set_socket_options(server, access);
	if (qnet_local_server_on_new_connection(server, on_new_connection, NULL) != 0 && listen_at(server, name)) {
		printf("listening on %s\n", qnet_local_server_full_server_name(server));
		fflush(stdout);
		status = qnet_loop_exec(NULL);
	} else {
		fprintf(stderr, "local_file_server: %s\n", qnet_local_server_error_string(server));
	}
	/* Removes the file, and deletes the sockets that are left. */
	qnet_local_server_delete(server);
	return status;
}
