/*
 * QNET_TRACE: what a program calls and what is signalled to it is written down.
 */
#include "pair.h"

#include <fcntl.h>
#include <sys/wait.h>

static char *self;
static char path[] = "/tmp/qnet-trace-XXXXXX";
static char text[200000];

/* What the traced program does. */
static void on_ready_read(qnet_socket *socket, void *user_data)
{
	char byte;

	(void)user_data;
	qnet_socket_read(socket, &byte, 1);
}

static const char *talk(void)
{
	struct pair pair;

	qnet_set_message_handler(NULL, NULL);
	REQUIRE_OK(pair_open(&pair));
	qnet_socket_on_ready_read(pair.client, on_ready_read, NULL);
	qnet_socket_set_peer_name(pair.client, "two\nlines");
	qnet_socket_peer_name(pair.client);
	qnet_socket_write(pair.peer, "abc", 3);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 2);
	qnet_socket_close(pair.client);
	qnet_timer_stop(NULL);
	pair_close(&pair);
	return NULL;
}

/* Runs the program again, to talk, and fills text with what it has written to stderr, and then with the file. */
static const char *traced(const char *value, bool of_stderr)
{
	char *arguments[] = { self, "talk", NULL };
	int out[2], status;
	ssize_t length = 0, n;
	pid_t child;

	REQUIRE(pipe(out) == 0);
	child = fork();
	if (child == 0) {
		dup2(out[1], STDERR_FILENO);
		setenv("QNET_TRACE", value, 1);
		execv("/proc/self/exe", arguments);
		_exit(127);
	}
	close(out[1]);
	if (!of_stderr) {
		char ignored[4096];

		while (read(out[0], ignored, sizeof ignored) > 0)
			;
		close(out[0]);
		out[0] = -1;
	}
	REQUIRE(waitpid(child, &status, 0) == child || errno == ECHILD);
	REQUIRE(WIFEXITED(status));
	REQUIRE_EQUAL(WEXITSTATUS(status), 0);
	if (out[0] < 0)
		out[0] = open(value, O_RDONLY);
	while ((n = read(out[0], text + length, sizeof text - 1 - (size_t)length)) > 0)
		length += n;
	close(out[0]);
	text[length] = '\0';
	return NULL;
}

/* Requires lines with these parts, in this order. */
static const char *lines(const char *const *parts, size_t count)
{
	const char *at = text;

	for (size_t i = 0; i < count; i++) {
		at = strstr(at, parts[i]);
		if (at == NULL)
			return check_why("no line with \"%s\" behind those before, in %zu bytes", parts[i], strlen(text));
		at = strchr(at, '\n');
	}
	return NULL;
}

static const char *const expected[] = {
	"call qnet_loop_new",
	"return qnet_loop_new 0x",
	"call qnet_tcp_server_new loop=0x",
	"return qnet_tcp_server_new 0x",
	"call qnet_tcp_server_listen server=0x",
	"signal qnet_tcp_server listening 0x",
	"return qnet_tcp_server_listen 1\n",
	"call qnet_socket_connect_to_address socket=0x",
	"signal qnet_socket state_changed 0x",
	"signal qnet_socket connected 0x",
	"call qnet_socket_set_peer_name socket=0x",
	"call qnet_socket_peer_name socket=0x",
	"return qnet_socket_peer_name two?lines\n",
	"call qnet_socket_write socket=0x",
	"return qnet_socket_write 3\n",
	"signal qnet_socket ready_read 0x",
	"call qnet_socket_read socket=0x",
	"return qnet_socket_read 1\n",
	"call qnet_socket_bytes_available socket=0x",
	"return qnet_socket_bytes_available 2\n",
	"call qnet_socket_close socket=0x",
	"signal qnet_socket about_to_close 0x",
	"signal qnet_socket disconnected 0x",
	"call qnet_timer_stop timer=0x0",
	"call qnet_socket_delete socket=0x",
	"signal qnet_socket destroyed 0x",
};

static const char *to_a_file(void)
{
	double before = -1, now;
	long thread;
	int count = 0;

	REQUIRE(close(mkstemp(path)) == 0);
	REQUIRE_OK(traced(path, false));
	REQUIRE_OK(lines(expected, LENGTH(expected)));
	REQUIRE(strstr(text, "name=two?lines\n") != NULL);
	for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, count++) {
		REQUIRE(sscanf(line, "%lf %ld", &now, &thread) == 2 && now >= before && now < 1000 && thread > 0);
		before = now;
	}
	REQUIRE(count > 20);
	/* It is appended to. */
	REQUIRE_OK(traced(path, false));
	REQUIRE(strstr(strstr(text, "call qnet_loop_new") + 1, "call qnet_loop_new") != NULL);
	unlink(path);
	return NULL;
}

static const char *to_stderr(void)
{
	REQUIRE_OK(traced("-", true));
	REQUIRE_OK(lines(expected, LENGTH(expected)));
	REQUIRE(strstr(text, "qnet: qnet_timer_stop: the handle is NULL\n") != NULL);
	REQUIRE_OK(traced("", true));
	REQUIRE_OK(lines(expected, LENGTH(expected)));
	return NULL;
}

static const char *to_nowhere(void)
{
	REQUIRE_OK(traced("/nowhere/trace", true));
	REQUIRE(strstr(text, "qnet: QNET_TRACE: /nowhere/trace: No such file or directory; there will be no trace\n") == text);
	REQUIRE(strstr(text + 20, "QNET_TRACE") == NULL && strstr(text, "call ") == NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "to_a_file", to_a_file },
		{ "to_stderr", to_stderr },
		{ "to_nowhere", to_nowhere },
	};

	self = argv[0];
	if (argc == 2 && strcmp(argv[1], "talk") == 0)
		return talk() == NULL ? 0 : 1;
	return check_main(cases, LENGTH(cases), argc, argv);
}
