/*
 * The C API in ordinary use: loops that signal handlers end.
 */
#include "pair.h"

#include <errno.h>
#include <sys/wait.h>

static qnet_loop *_Atomic target;
static atomic_int handled, refused, spoiled;
static atomic_int code_to_give;

static void on_signal(int number)
{
	(void)number;
	errno = 4711;
	if (!qnet_loop_exit_from_signal(target, code_to_give))
		refused++;
	if (errno != 4711)
		spoiled++;
	handled++;
}

static void install(int code)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

	sigaction(SIGUSR1, &action, NULL);
	code_to_give = code;
	handled = refused = spoiled = 0;
}

/* Sends a signal once the loop that is told runs: a call posted to it says so. */
struct sender {
	pthread_t thread, to;
	sem_t runs;
};

static void it_runs(void *sender)
{
	sem_post(&((struct sender *)sender)->runs);
}

static void *send_when_it_runs(void *sender)
{
	struct sender *s = sender;

	sem_wait(&s->runs);
	pthread_kill(s->to, SIGUSR1);
	return NULL;
}

static void start_sender(struct sender *s, qnet_loop *loop)
{
	s->to = pthread_self();
	sem_init(&s->runs, 0, 0);
	qnet_loop_post(loop, it_runs, s);
	pthread_create(&s->thread, NULL, send_when_it_runs, s);
}

static const char *ends_what_runs(qnet_loop *loop)
{
	struct sender sender;

	target = loop;
	for (int code = -1; code < 3; code++) {
		install(code);
		start_sender(&sender, loop);
		REQUIRE_EQUAL(qnet_loop_exec(loop), code);
		pthread_join(sender.thread, NULL);
		REQUIRE_EQUAL(handled, 1);
		REQUIRE_EQUAL(refused + spoiled, 0);
	}
	return NULL;
}

static const char *own_loop(void)
{
	qnet_loop *loop = qnet_loop_new();

	REQUIRE_OK(ends_what_runs(loop));
	qnet_loop_delete(loop);
	return NULL;
}

static const char *default_loop(void)
{
	return ends_what_runs(NULL);
}

static const char *before_it_runs(void)
{
	qnet_loop *loop = qnet_loop_new(), *other = qnet_loop_new();

	target = loop;
	install(3);
	raise(SIGUSR1);
	code_to_give = 4;
	raise(SIGUSR1); /* the last counts */
	qnet_loop_post(other, (qnet_loop_callback)qnet_loop_quit, other);
	REQUIRE_EQUAL(qnet_loop_exec(other), 0);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 4);
	/* And that was all. */
	qnet_loop_post(loop, (qnet_loop_callback)qnet_loop_quit, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 0);
	qnet_loop_delete(loop);
	qnet_loop_delete(other);
	return NULL;
}

static void nest(void *code)
{
	*(int *)code = qnet_loop_exec(target);
}

static const char *nested_loops(void)
{
	qnet_loop *loop = qnet_loop_new();
	struct sender sender;
	int inner = -1;

	target = loop;
	install(5);
	qnet_loop_post(loop, nest, &inner);
	start_sender(&sender, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 5);
	REQUIRE_EQUAL(inner, 5);
	pthread_join(sender.thread, NULL);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *single_turns(void)
{
	qnet_loop *loop = qnet_loop_new();
	struct sender sender;

	target = loop;
	install(6);
	start_sender(&sender, loop);
	while (handled == 0)
		qnet_loop_process_events(loop, -1); /* sleeps: only the signal can end it */
	pthread_join(sender.thread, NULL);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 6);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *loop_that_is_gone(void)
{
	qnet_loop *loop = qnet_loop_new();

	qnet_loop_delete(loop);
	REQUIRE(!qnet_loop_exit_from_signal(loop, 0));
	REQUIRE(!qnet_loop_exit_from_signal((qnet_loop *)&loop, 0));
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *forked_child(void)
{
	int status;
	pid_t child;

	qnet_loop_default();
	child = fork();
	if (child == 0)
		_exit(qnet_loop_exit_from_signal(NULL, 0) ? 1 : 7);
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status));
	REQUIRE_EQUAL(WEXITSTATUS(status), 7);
	return NULL;
}

static atomic_bool over;

static void *send_often(void *thread)
{
	while (!over) {
		pthread_kill(*(pthread_t *)thread, SIGUSR1);
		sched_yield();
	}
	return NULL;
}

static void do_nothing(void *unused)
{
	(void)unused;
}

/* Signals meet loops that are made, run and deleted. */
static const char *storm(void)
{
	pthread_t self = pthread_self(), senders[2];

	install(9);
	over = false;
	target = NULL;
	for (int i = 0; i < 2; i++)
		pthread_create(&senders[i], NULL, send_often, &self);
	for (int i = 0; i < 300 || handled < 300; i++) {
		qnet_loop *loop = qnet_loop_new();

		target = loop;
		for (int j = 0; j < 3; j++)
			qnet_loop_post(loop, do_nothing, NULL);
		REQUIRE_EQUAL(qnet_loop_exec(loop), 9);
		/* Handlers go on to name it. */
		qnet_loop_delete(loop);
	}
	over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(senders[i], NULL);
	REQUIRE_EQUAL(spoiled, 0);
	return NULL;
}

static char *self;

/* Before the library has started there is a default loop, too: for the process that this starts. */
static const char *before_the_first_call(void)
{
	char *arguments[] = { self, "early", NULL };
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv("/proc/self/exe", arguments);
		_exit(127);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status));
	REQUIRE_EQUAL(WEXITSTATUS(status), 11);
	return NULL;
}

static int early(void)
{
	install(11);
	raise(SIGUSR1);
	return refused == 0 ? qnet_loop_exec(NULL) : 1;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "own_loop", own_loop },
		{ "default_loop", default_loop },
		{ "before_it_runs", before_it_runs },
		{ "nested_loops", nested_loops },
		{ "single_turns", single_turns },
		{ "loop_that_is_gone", loop_that_is_gone },
		{ "forked_child", forked_child },
		{ "storm", storm },
		{ "before_the_first_call", before_the_first_call },
	};

	self = argv[0];
	if (argc == 2 && strcmp(argv[1], "early") == 0)
		return early();
	return check_main(cases, LENGTH(cases), argc, argv);
}
