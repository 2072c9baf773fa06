/*
 * Hosts whose own memory faults while a socket's function copies it inside a callback,
 * and that go on in a signal handler: the functions that exit() calls then, and other
 * threads, can use the library.
 */
#include "host.h"

#include <setjmp.h>
#include <sys/mman.h>

enum { TIMES = 20, STATUS = 7, SIZE = 6000 };

static struct pair pair;
static void *bad; /* memory whose second page is not there */
static void (*then)(void);

static void on_fault(int signal)
{
	(void)signal;
	then();
}

static const char *prepare(qnet_socket_callback callback, void (*handler)(void))
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	long page = sysconf(_SC_PAGESIZE);
	FILE *file = tmpfile();

	REQUIRE(file != NULL && ftruncate(fileno(file), page) == 0);
	bad = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
	REQUIRE(bad != MAP_FAILED);
	fclose(file);
	then = handler;
	REQUIRE_OK(pair_open(&pair));
	/* Now: Go has installed its own with the first call. All are blocked in it, as README.md says. */
	sigfillset(&action.sa_mask);
	REQUIRE_EQUAL(sigaction(SIGBUS, &action, NULL), 0);
	REQUIRE_EQUAL(sigaction(SIGSEGV, &action, NULL), 0);
	qnet_socket_on_ready_read(pair.peer, callback, NULL);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "hello", 5), 5);
	return NULL;
}

static const char *run(void)
{
	qnet_loop_exec(pair.loop);
	return "the loop ended";
}

static void end(void)
{
	exit(STATUS);
}

static void use_at_exit(void)
{
	const char *why = NULL;

	if (qnet_socket_bytes_available(pair.peer) != 5 || qnet_socket_bytes_to_write(pair.peer) != 0)
		why = "what was not copied counts";
	qnet_socket_abort(pair.peer);
	qnet_socket_delete(pair.client);
	if (why == NULL)
		why = host_talk();
	if (why == NULL)
		return;
	printf("%s\n", why);
	fflush(stdout);
	_exit(HOST_FAILED);
}

static void write_from_nowhere(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_write(socket, (void *)(intptr_t)4096, 10);
}

static void write_from_a_hole(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_write(socket, bad, SIZE);
}

static void read_to_nowhere(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_read(socket, (void *)(intptr_t)4096, 10);
}

static const char *exit_after(qnet_socket_callback callback, void (*handler)(void))
{
	REQUIRE(atexit(use_at_exit) == 0);
	REQUIRE_OK(prepare(callback, handler));
	return run();
}

static const char *exit_after_a_write_from_nowhere(void) { return exit_after(write_from_nowhere, end); }
static const char *exit_after_a_write_from_a_hole(void) { return exit_after(write_from_a_hole, end); }
static const char *exit_after_a_read_to_nowhere(void) { return exit_after(read_to_nowhere, end); }

/* Another thread needs the loop's lock, and gets it before the one that was interrupted, or after. */
static atomic_int other_calls;

static void *call_in(void *unused)
{
	other_calls = 1;
	qnet_tcp_server_is_listening(pair.server);
	other_calls = 2;
	return unused;
}

static void end_beside_another(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_in, NULL) != 0)
		_exit(HOST_FAILED);
	while (other_calls == 0)
		sched_yield();
	for (int i = 0; i < 100; i++) /* It may be waiting now. */
		sched_yield();
	exit(STATUS);
}

static const char *exit_beside_another_thread(void) { return exit_after(write_from_a_hole, end_beside_another); }

/* The other thread waits for nobody but the one that the handler has left for good. */
static void use_beside_another(void)
{
	int64_t limit = check_now() + 10000;

	qnet_socket_bytes_available(pair.peer);
	while (other_calls != 2 && check_now() < limit)
		sched_yield();
	_exit(other_calls == 2 ? STATUS : HOST_FAILED);
}

static const char *another_thread_goes_on(void)
{
	REQUIRE(atexit(use_beside_another) == 0);
	REQUIRE_OK(prepare(write_from_a_hole, end_beside_another));
	return run();
}

/* A host that copes with a fault, where it began to copy. */
static sigjmp_buf back;

static void jump_back(void)
{
	siglongjmp(back, 1);
}

static void cope(qnet_socket *socket, void *user_data)
{
	char data[10];

	(void)user_data;
	if (sigsetjmp(back, 1) == 0)
		qnet_socket_write(socket, bad, SIZE);
	else if (qnet_socket_read(socket, data, sizeof data) == 5)
		qnet_socket_write(socket, data, 5);
}

static void cope_and_return(qnet_socket *socket, void *user_data)
{
	if (sigsetjmp(back, 1) == 0)
		qnet_socket_write(socket, bad, SIZE);
	else
		qnet_loop_post(pair.loop, (qnet_loop_callback)qnet_socket_close, socket);
	(void)user_data;
}

/* Nothing but the fault: the callback's end is the next that the library sees. */
static void cope_in_silence(qnet_socket *socket, void *user_data)
{
	static int calls;

	(void)user_data;
	if (++calls == 1 && sigsetjmp(back, 1) == 0)
		qnet_socket_write(socket, bad, SIZE);
}

static const char *jump_back_and_go_on(void)
{
	char data[10];

	REQUIRE_OK(prepare(cope, jump_back));
	for (int i = 0; i < 10; i++) {
		UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 5);
		REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 5);
		REQUIRE(memcmp(data, "hello", 5) == 0);
		REQUIRE_EQUAL(qnet_socket_write(pair.client, data, 5), 5);
	}
	return NULL;
}

static const char *jump_back_and_close(void)
{
	REQUIRE_OK(prepare(cope_and_return, jump_back));
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	return NULL;
}

static const char *jump_back_and_return(void)
{
	REQUIRE_OK(prepare(cope_in_silence, jump_back));
	for (int i = 1; i <= 10; i++) {
		UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 5 * i);
		REQUIRE_EQUAL(qnet_socket_write(pair.client, "hello", 5), 5);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "exit_after_a_write_from_nowhere", exit_after_a_write_from_nowhere, STATUS, TIMES, NULL },
		{ "exit_after_a_write_from_a_hole", exit_after_a_write_from_a_hole, STATUS, TIMES, NULL },
		{ "exit_after_a_read_to_nowhere", exit_after_a_read_to_nowhere, STATUS, TIMES, NULL },
		{ "exit_beside_another_thread", exit_beside_another_thread, STATUS, TIMES, NULL },
		{ "another_thread_goes_on", another_thread_goes_on, STATUS, TIMES, NULL },
		{ "jump_back_and_go_on", jump_back_and_go_on, 0, TIMES, NULL },
		{ "jump_back_and_close", jump_back_and_close, 0, TIMES, NULL },
		{ "jump_back_and_return", jump_back_and_return, 0, TIMES, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
