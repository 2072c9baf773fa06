/*
 * Hosts with coroutines: stacks that they make themselves, between which they
 * change in calls of their own, also in callbacks. Callbacks of one thread end in
 * the opposite order of their beginning; what could break that is refused.
 */
#include "host.h"

#include <ucontext.h>

enum { COUNT = 4, SIZE = 64 * 1024 };

/* The coroutines, their stacks side by side, and what runs them in turns. */
static ucontext_t scheduler, coroutines[COUNT];
static int current = -1;

static void resume(int which)
{
	int before = current;

	current = which;
	swapcontext(&scheduler, &coroutines[which]);
	current = before;
}

static void yield(void)
{
	swapcontext(&coroutines[current], &scheduler);
}

static void make(void (*body)(int))
{
	char *stacks = malloc(COUNT * SIZE);

	if (stacks == NULL)
		abort();
	for (int i = 0; i < COUNT; i++) {
		getcontext(&coroutines[i]);
		coroutines[i].uc_stack.ss_sp = stacks + (COUNT - 1 - i) * SIZE; /* the next one below */
		coroutines[i].uc_stack.ss_size = SIZE;
		coroutines[i].uc_link = &scheduler;
		makecontext(&coroutines[i], (void (*)(void))body, 1, i);
	}
}

static const char *why;

/* Like REQUIRE, in a coroutine, which cannot return anything. */
#define MUST(condition) \
	do { \
		if (why == NULL && !(condition)) \
			why = check_why("line %d: not %s", __LINE__, #condition); \
	} while (0)

static void count(qnet_timer *timer, void *user_data)
{
	(void)timer;
	++*(int *)user_data;
}

/* Between calls --------------------------------------------------------------- */

static int finished;

static void turns(int self)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int fired = 0;

	(void)self;
	yield();
	qnet_timer_on_timeout(timer, count, &fired);
	yield();
	qnet_timer_start(timer, 0);
	while (fired < 10) {
		qnet_loop_process_events(loop, 1000);
		yield();
	}
	if (host_talk() == NULL)
		finished++;
	yield();
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
}

static void *run_in_turns(void *unused)
{
	(void)unused;
	make(turns);
	finished = 0;
	for (int turn = 0; finished < COUNT && turn < 10000; turn++)
		for (int i = 0; i < COUNT; i++)
			resume(i);
	return finished == COUNT ? NULL : (void *)"not all finished";
}

static const char *between_calls(void)
{
	REQUIRE_OK(run_in_turns(NULL));
	return host_on_thread(run_in_turns, NULL, NULL);
}

/* In callbacks: calls that are over before another coroutine goes on --------------- */

static struct pair pair;

/* Makes and deletes things, writes and reads, in the callback of another stack. */
static void short_calls(int self)
{
	for (int i = 0; i < 20; i++) {
		qnet_timer *timer = qnet_timer_new(pair.loop);
		char got[10];

		MUST(qnet_socket_write(pair.peer, "x", 1) == 1);
		MUST(qnet_socket_read(pair.client, got, sizeof got) >= 0);
		qnet_timer_delete(timer);
		yield();
	}
	if (self == 0)
		qnet_loop_quit(pair.loop);
}

static void go_round(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
	for (int i = 0; i < COUNT; i++)
		resume(i);
}

static const char *short_calls_in_callbacks(void)
{
	qnet_timer *timer;

	REQUIRE_OK(pair_open(&pair));
	make(short_calls);
	timer = qnet_timer_new(pair.loop);
	qnet_timer_on_timeout(timer, go_round, NULL);
	qnet_timer_start(timer, 1);
	REQUIRE_EQUAL(qnet_loop_exec(pair.loop), 0);
	qnet_timer_delete(timer);
	pair_close(&pair);
	return why;
}

/* A coroutine that waits, in a callback of its own: nested on one stack. */
static void wait_in_callback(void *loop)
{
	int fired = 0;
	qnet_timer *timer = qnet_timer_new(loop);

	qnet_timer_on_timeout(timer, count, &fired);
	qnet_timer_start(timer, 0);
	while (why == NULL && fired < 3)
		MUST(qnet_loop_process_events(loop, 10000));
	qnet_timer_delete(timer);
	MUST(host_talk() == NULL);
	yield();
}

static void nest(int self)
{
	(void)self;
	/* The loop is this one's alone. */
	qnet_loop *loop = qnet_loop_new();

	for (int i = 0; i < 5; i++) {
		qnet_loop_post(loop, wait_in_callback, loop);
		MUST(qnet_loop_process_events(loop, 0));
		yield();
	}
	qnet_loop_delete(loop);
}

static const char *nested_on_one_stack(void)
{
	make(nest);
	/* One after another, as the callback of one must end before the next can wait. */
	for (int i = 0; i < COUNT; i++)
		for (int turn = 0; turn < 11; turn++)
			resume(i);
	return why;
}

/* Refused ------------------------------------------------------------------------ */

/* Everything that runs callbacks until it returns fails at once, with one message. */
static void must_be_refused(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_socket *socket = qnet_tcp_socket_new(loop);

	check_warnings = 0;
	MUST(qnet_loop_exec(loop) == -1);
	MUST(!qnet_loop_process_events(loop, -1));
	MUST(!qnet_socket_wait_for_ready_read(socket, -1));
	MUST(!qnet_socket_wait_for_connected(socket, -1));
	MUST(!qnet_tcp_server_wait_for_new_connection(server, -1, NULL));
	MUST(check_warnings == 5);
	MUST(strstr(check_message, "qnet_tcp_server_wait_for_new_connection: called in a coroutine") != NULL);
	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
}

/* The first waits in a callback until the second has tried, and the second works when the first is out of it. */
static void leave_to_the_other(void *unused)
{
	(void)unused;
	yield();
}

static void try_meanwhile(int self)
{
	if (self == 0) {
		qnet_loop *loop = qnet_loop_new();

		qnet_loop_post(loop, leave_to_the_other, NULL);
		MUST(qnet_loop_process_events(loop, 0));
		yield();
		qnet_loop_delete(loop);
		return;
	}
	must_be_refused();
	yield();
	MUST(host_talk() == NULL);
}

static const char *among_coroutines(void)
{
	qnet_set_message_handler(check_count_message, NULL);
	make(try_meanwhile);
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < COUNT; i++)
			resume(i);
	return why;
}

/* The callback is one of the thread's own stack. */
static void callback_of_the_thread(void *unused)
{
	(void)unused;
	resume(1);
}

static const char *in_a_coroutine(void)
{
	qnet_set_message_handler(check_count_message, NULL);
	make(try_meanwhile);
	qnet_loop_post(NULL, callback_of_the_thread, NULL);
	REQUIRE(qnet_loop_process_events(NULL, 0));
	REQUIRE_OK(why);
	resume(1);
	return why;
}

/* The callback is a coroutine's. */
static const char *outside_of_coroutines(void)
{
	qnet_set_message_handler(check_count_message, NULL);
	make(try_meanwhile);
	resume(0);
	must_be_refused();
	REQUIRE_OK(why);
	resume(0);
	REQUIRE_OK(why);
	return host_talk();
}

static void *in_a_coroutine_there(void *unused)
{
	(void)unused;
	return (void *)in_a_coroutine();
}

static const char *in_a_coroutine_of_a_thread(void)
{
	return host_on_thread(in_a_coroutine_there, NULL, NULL);
}

/* What cannot be foreseen: a call makes a callback at once, and that waits for what is resumed after it. */
static void state_changed(qnet_socket *socket, qnet_state state, void *user_data)
{
	(void)socket;
	(void)state;
	(void)user_data;
	yield();
}

static void break_the_order(int self)
{
	(void)self;
	qnet_socket_on_state_changed(pair.client, state_changed, NULL);
	qnet_socket_abort(pair.client);
}

static const char *out_of_order(void)
{
	REQUIRE_OK(pair_open(&pair));
	make(break_the_order);
	qnet_loop_post(pair.loop, callback_of_the_thread, NULL);
	qnet_loop_process_events(pair.loop, 0);
	return "nothing happened";
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "between_calls", between_calls, 0, 1, NULL },
		{ "short_calls_in_callbacks", short_calls_in_callbacks, 0, 1, NULL },
		{ "nested_on_one_stack", nested_on_one_stack, 0, 1, NULL },
		{ "among_coroutines", among_coroutines, 0, 1, NULL },
		{ "in_a_coroutine", in_a_coroutine, 0, 1, NULL },
		{ "outside_of_coroutines", outside_of_coroutines, 0, 1, NULL },
		{ "in_a_coroutine_of_a_thread", in_a_coroutine_of_a_thread, 0, 1, NULL },
		{ "out_of_order", out_of_order, -SIGABRT, 1, "qnet: a callback ends before one that began within it, in another coroutine" },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
