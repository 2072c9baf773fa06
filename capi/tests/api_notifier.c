/*
 * The C API in ordinary use: notifiers of descriptors.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static struct check_log events;

static void on_activated(qnet_notifier *notifier, intptr_t descriptor, qnet_notifier_kind type, void *user_data)
{
	const char *types[] = { "read", "write", "exception" };
	bool same = descriptor == qnet_notifier_socket(notifier) && type == qnet_notifier_type(notifier);

	check_note(&events, "%s:%s%s", (const char *)user_data, types[type], same ? "" : "?");
}

static void on_activated_once(qnet_notifier *notifier, intptr_t descriptor, qnet_notifier_kind type, void *user_data)
{
	on_activated(notifier, descriptor, type, user_data);
	qnet_notifier_set_enabled(notifier, false);
}

static void on_destroyed(qnet_notifier *notifier, void *user_data)
{
	(void)notifier;
	check_note(&events, "%s:destroyed", (const char *)user_data);
}

/* Makes a notifier that is noted. */
static qnet_notifier *noted(qnet_loop *loop, int fd, qnet_notifier_kind type, const char *name)
{
	qnet_notifier *notifier = qnet_notifier_new(loop, fd, type);

	qnet_notifier_on_activated(notifier, on_activated, (void *)name);
	return notifier;
}

static const char *turns(qnet_loop *loop, int count)
{
	while (count-- > 0)
		qnet_loop_process_events(loop, 0);
	return check_take(&events);
}

static const char *of_a_pipe(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_notifier *in, *out;
	int ends[2];
	char byte;

	REQUIRE(pipe(ends) == 0);
	in = noted(loop, ends[0], QNET_NOTIFIER_READ, "in");
	REQUIRE(qnet_notifier_is_enabled(in) && qnet_notifier_is_valid(in));
	REQUIRE_EQUAL(qnet_notifier_socket(in), ends[0]);
	REQUIRE_EQUAL(qnet_notifier_type(in), QNET_NOTIFIER_READ);
	REQUIRE_TEXT(turns(loop, 2), "");
	REQUIRE(write(ends[1], "ab", 2) == 2);
	REQUIRE_TEXT(turns(loop, 2), "in:read in:read");
	REQUIRE(read(ends[0], &byte, 1) == 1);
	REQUIRE_TEXT(turns(loop, 1), "in:read");
	qnet_notifier_set_enabled(in, false);
	REQUIRE_TEXT(turns(loop, 2), "");
	qnet_notifier_set_enabled(in, true);
	REQUIRE(read(ends[0], &byte, 1) == 1);
	REQUIRE_TEXT(turns(loop, 2), "");

	out = qnet_notifier_new(loop, ends[1], QNET_NOTIFIER_WRITE);
	REQUIRE(qnet_notifier_on_activated(out, on_activated_once, "out") != 0);
	REQUIRE_TEXT(turns(loop, 3), "out:write");
	REQUIRE(!qnet_notifier_is_enabled(out));
	qnet_notifier_delete(out);
	close(ends[1]); /* the end can be read */
	REQUIRE_TEXT(turns(loop, 2), "in:read in:read");
	qnet_notifier_on_destroyed(in, on_destroyed, "in");
	qnet_notifier_delete_later(in);
	REQUIRE_TEXT(turns(loop, 1), "in:destroyed");
	close(ends[0]);
	qnet_loop_delete(loop);
	return NULL;
}

/* Everything that a program may want to wait for. */
static const char *of_anything(void)
{
	qnet_loop *loop = qnet_loop_new();
	int counter = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0), files = inotify_init1(0), signals, master, slave;
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	sigset_t set, before;
	qnet_notifier *list[5];
	char folder[] = "/tmp/qnet-notifier-XXXXXX";
	char text[64];

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	signals = signalfd(-1, &set, 0);
	REQUIRE(openpty(&master, &slave, NULL, NULL, NULL) == 0);
	REQUIRE(mkdtemp(folder) != NULL && inotify_add_watch(files, folder, IN_CREATE) >= 0);
	list[0] = noted(loop, counter, QNET_NOTIFIER_READ, "eventfd");
	list[1] = noted(loop, timer, QNET_NOTIFIER_READ, "timerfd");
	list[2] = noted(loop, files, QNET_NOTIFIER_READ, "inotify");
	list[3] = noted(loop, signals, QNET_NOTIFIER_READ, "signalfd");
	list[4] = noted(loop, master, QNET_NOTIFIER_READ, "terminal");
	REQUIRE_TEXT(turns(loop, 2), "");

	REQUIRE(eventfd_write(counter, 1) == 0);
	UNTIL(loop, strstr(events.text, "eventfd:read") != NULL);
	qnet_notifier_delete(list[0]);
	timerfd_settime(timer, 0, &soon, NULL);
	UNTIL(loop, strstr(events.text, "timerfd:read") != NULL);
	qnet_notifier_delete(list[1]);
	snprintf(text, sizeof text, "%s/new", folder);
	close(open(text, O_CREAT | O_WRONLY, 0600));
	UNTIL(loop, strstr(events.text, "inotify:read") != NULL);
	qnet_notifier_delete(list[2]);
	unlink(text);
	rmdir(folder);
	pthread_kill(pthread_self(), SIGUSR1);
	UNTIL(loop, strstr(events.text, "signalfd:read") != NULL);
	REQUIRE(read(signals, &(struct signalfd_siginfo){ 0 }, sizeof(struct signalfd_siginfo)) > 0);
	qnet_notifier_delete(list[3]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	REQUIRE(write(slave, "x", 1) == 1);
	UNTIL(loop, strstr(events.text, "terminal:read") != NULL);
	qnet_notifier_delete(list[4]);
	check_take(&events);
	close(counter);
	close(timer);
	close(files);
	close(signals);
	close(master);
	close(slave);
	qnet_loop_delete(loop);
	return NULL;
}

/* What epoll refuses, poll calls ready. */
static const char *of_a_file(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = open("/dev/null", O_RDWR);
	qnet_notifier *in = noted(loop, fd, QNET_NOTIFIER_READ, "in"), *out = noted(loop, fd, QNET_NOTIFIER_WRITE, "out"),
		      *odd = noted(loop, fd, QNET_NOTIFIER_EXCEPTION, "odd");
	struct pollfd of_the_loop = { .fd = (int)qnet_loop_fd(loop), .events = POLLIN };

	REQUIRE_EQUAL(poll(&of_the_loop, 1, 0), 1);
	REQUIRE_TEXT(turns(loop, 2), "in:read out:write in:read out:write");
	qnet_notifier_set_enabled(in, false);
	REQUIRE_TEXT(turns(loop, 1), "out:write");
	qnet_notifier_delete(out);
	REQUIRE_TEXT(turns(loop, 2), "");
	REQUIRE_EQUAL(poll(&of_the_loop, 1, 0), 0);
	qnet_notifier_delete(in);
	qnet_notifier_delete(odd);
	close(fd);
	qnet_loop_delete(loop);
	return NULL;
}

/* Whoever polls the loop's descriptor is told. */
static const char *in_another_loop(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = eventfd(0, 0);
	qnet_notifier *notifier = noted(loop, fd, QNET_NOTIFIER_READ, "it");
	struct pollfd of_the_loop = { .fd = (int)qnet_loop_fd(loop), .events = POLLIN };

	turns(loop, 2);
	REQUIRE_EQUAL(poll(&of_the_loop, 1, 0), 0);
	REQUIRE(eventfd_write(fd, 1) == 0);
	REQUIRE_EQUAL(poll(&of_the_loop, 1, 5000), 1);
	REQUIRE_TEXT(turns(loop, 1), "it:read");
	qnet_notifier_delete(notifier);
	REQUIRE_TEXT(turns(loop, 1), "");
	REQUIRE_EQUAL(poll(&of_the_loop, 1, 0), 0);
	close(fd);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *without_a_descriptor(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_notifier *notifier = qnet_notifier_new_without_socket(loop, QNET_NOTIFIER_EXCEPTION);
	int fd;

	REQUIRE(!qnet_notifier_is_valid(notifier) && !qnet_notifier_is_enabled(notifier));
	REQUIRE_EQUAL(qnet_notifier_socket(notifier), -1);
	REQUIRE_EQUAL(qnet_notifier_type(notifier), QNET_NOTIFIER_EXCEPTION);
	qnet_notifier_set_enabled(notifier, true);
	REQUIRE(!qnet_notifier_is_enabled(notifier));
	qnet_notifier_delete(notifier);
	REQUIRE_WARNINGS(0);

	notifier = noted(loop, -1, QNET_NOTIFIER_READ, "it");
	REQUIRE_WARNINGS(1);
	REQUIRE(notifier != NULL && !qnet_notifier_is_valid(notifier) && !qnet_notifier_is_enabled(notifier));
	fd = eventfd(1, 0);
	qnet_notifier_set_socket(notifier, fd);
	REQUIRE(qnet_notifier_is_valid(notifier) && !qnet_notifier_is_enabled(notifier));
	REQUIRE_TEXT(turns(loop, 1), "");
	qnet_notifier_set_enabled(notifier, true);
	REQUIRE_TEXT(turns(loop, 1), "it:read");
	qnet_notifier_set_socket(notifier, -9);
	REQUIRE_EQUAL(qnet_notifier_socket(notifier), -1);
	REQUIRE_TEXT(turns(loop, 1), "");
	qnet_notifier_delete(notifier);
	REQUIRE(qnet_notifier_new(loop, fd, (qnet_notifier_kind)3) == NULL);
	REQUIRE(qnet_notifier_new_without_socket(loop, (qnet_notifier_kind)-1) == NULL);
	REQUIRE_WARNINGS(2);
	close(fd);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *of_what_is_closed(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = eventfd(0, 0);
	qnet_notifier *notifier = noted(loop, fd, QNET_NOTIFIER_READ, "it");

	close(fd);
	UNTIL(loop, !qnet_notifier_is_enabled(notifier));
	REQUIRE_WARNINGS(1);
	REQUIRE(strstr(check_message, "is closed: its read notifier is disabled (QSocketNotifier 0x") != NULL);
	REQUIRE(qnet_notifier_is_valid(notifier));
	qnet_notifier_set_enabled(notifier, true);
	REQUIRE(!qnet_notifier_is_enabled(notifier));
	REQUIRE_WARNINGS(1);
	qnet_notifier_delete(notifier);
	qnet_loop_delete(loop);
	return NULL;
}

static void delete_it(qnet_notifier *notifier, intptr_t descriptor, qnet_notifier_kind type, void *user_data)
{
	(void)descriptor, (void)type, (void)user_data;
	qnet_notifier_delete(notifier);
}

static const char *deleted_in_its_callback(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = eventfd(1, 0);
	qnet_notifier *notifier = qnet_notifier_new(loop, fd, QNET_NOTIFIER_READ), *other;

	qnet_notifier_on_destroyed(notifier, on_destroyed, "it");
	qnet_notifier_on_activated(notifier, delete_it, NULL);
	qnet_notifier_on_activated(notifier, on_activated, "never");
	other = noted(loop, fd, QNET_NOTIFIER_READ, "other"); /* a second of its type */
	REQUIRE_WARNINGS(1);
	REQUIRE_TEXT(turns(loop, 1), "it:destroyed other:read");
	qnet_notifier_delete(other);
	close(fd);
	qnet_loop_delete(loop);
	return NULL;
}

static void quit(qnet_notifier *notifier, intptr_t descriptor, qnet_notifier_kind type, void *user_data)
{
	(void)notifier, (void)descriptor, (void)type;
	qnet_loop_quit(user_data);
}

static void *enable(void *notifier)
{
	qnet_notifier_set_enabled(notifier, true);
	return NULL;
}

static const char *enabled_by_another_thread(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = eventfd(1, 0);
	qnet_notifier *notifier = qnet_notifier_new(loop, fd, QNET_NOTIFIER_READ);
	pthread_t thread;

	qnet_notifier_set_enabled(notifier, false);
	qnet_notifier_on_activated(notifier, quit, loop);
	pthread_create(&thread, NULL, enable, notifier);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 0);
	pthread_join(thread, NULL);
	qnet_notifier_delete(notifier);
	close(fd);
	qnet_loop_delete(loop);
	return NULL;
}

/* A library's own socket beside the sockets of this one, and a socket of this one. */
static const char *of_a_socket(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_notifier *notifier;
	int pair[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	REQUIRE(qnet_socket_set_socket_descriptor(socket, pair[0], QNET_CONNECTED_STATE, QNET_READ_WRITE));
	notifier = noted(loop, pair[0], QNET_NOTIFIER_READ, "it");
	REQUIRE(write(pair[1], "text", 4) == 4);
	UNTIL(loop, qnet_socket_bytes_available(socket) == 4);
	qnet_notifier_delete(notifier);
	qnet_socket_delete(socket);
	close(pair[1]);
	check_take(&events);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *moved_to_another_loop(void)
{
	qnet_loop *one = qnet_loop_new(), *other = qnet_loop_new();
	int fd = eventfd(1, 0);
	qnet_notifier *notifier = noted(one, fd, QNET_NOTIFIER_READ, "it");

	REQUIRE_TEXT(turns(one, 1), "it:read");
	REQUIRE(qnet_notifier_move_to_loop(notifier, other));
	REQUIRE_TEXT(turns(one, 2), "");
	REQUIRE_TEXT(turns(other, 1), "it:read");
	qnet_loop_delete(one);
	REQUIRE_TEXT(turns(other, 1), "it:read");
	qnet_notifier_delete(notifier);
	REQUIRE(!qnet_notifier_move_to_loop(notifier, other));
	REQUIRE_WARNINGS(1);
	close(fd);
	qnet_loop_delete(other);
	return NULL;
}

static const char *outlives_its_loop(void)
{
	qnet_loop *loop = qnet_loop_new();
	int fd = eventfd(1, 0);
	qnet_notifier *notifier = noted(loop, fd, QNET_NOTIFIER_READ, "it");

	qnet_loop_delete(loop);
	REQUIRE(qnet_notifier_is_enabled(notifier));
	qnet_notifier_delete(notifier);
	REQUIRE_TEXT(check_take(&events), "");
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "of_a_pipe", of_a_pipe },
		{ "of_anything", of_anything },
		{ "of_a_file", of_a_file },
		{ "in_another_loop", in_another_loop },
		{ "without_a_descriptor", without_a_descriptor },
		{ "of_what_is_closed", of_what_is_closed },
		{ "deleted_in_its_callback", deleted_in_its_callback },
		{ "enabled_by_another_thread", enabled_by_another_thread },
		{ "of_a_socket", of_a_socket },
		{ "moved_to_another_loop", moved_to_another_loop },
		{ "outlives_its_loop", outlives_its_loop },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
