/*
 * What the test programs share: reporting, cases, a watchdog that names the step
 * that hangs, and the library's messages.
 */
#ifndef QNET_TESTS_CHECK_H
#define QNET_TESTS_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "leaks.h"
#include "stacks.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Reporting ---------------------------------------------------------------- */

static int check_passed, check_failed;

/* Prints the result of a case; why is NULL if it went well. */
static inline void check_report(const char *name, const char *why)
{
	if (why == NULL) {
		check_passed++;
		printf("ok %s\n", name);
	} else {
		check_failed++;
		printf("FAIL %s: %s\n", name, why);
	}
	fflush(stdout); /* the next case may end the process */
}

/* The watchdog ------------------------------------------------------------- */

/* What is under way, for the watchdog to tell. */
static const char *_Atomic check_step;

static atomic_bool check_late;

/* Called by the watchdog to tell more; it may only use check_say(). */
static void (*check_describe)(void);

/* Has check_tell_stacks go on. */
static sem_t check_hangs;

/* What a signal handler must not do itself. */
static inline void *check_tell_stacks(void *nothing)
{
	while (sem_wait(&check_hangs) != 0)
		;
	dump_stacks();
	return nothing;
}

/* Writes text as a signal handler may. */
static inline void check_say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(3);
}

/*
 * Called when a step takes too long. It gets a second chance: a machine that was
 * suspended has lost the time without doing anything.
 */
static inline void check_hung(int signal)
{
	const char *step = check_step;

	(void)signal;
	if (!check_late) {
		check_late = true;
		alarm(20);
		return;
	}
	check_say("FAIL ");
	check_say(step != NULL ? step : "?");
	check_say(": it hangs\n");
	if (check_describe != NULL)
		check_describe();
	if (has_stacks()) {
		sem_post(&check_hangs);
		sleep(3);
	}
	if (getenv("QNET_TEST_STOP") != NULL)
		raise(SIGSTOP); /* for a debugger */
	_exit(3);
}

/* Starts a step, which must end within so many seconds. */
static inline void check_begin(const char *step, unsigned seconds)
{
	check_step = step;
	check_late = false;
	alarm(seconds);
}

/* Starts the watchdog, and notes what there is before the first case. */
static inline void check_watch(void)
{
	/* Go needs handlers on the alternate stack. */
	struct sigaction action = { .sa_handler = check_hung, .sa_flags = SA_ONSTACK };
	pthread_t teller;

	if (has_stacks()) {
		sem_init(&check_hangs, 0, 0);
		pthread_create(&teller, NULL, check_tell_stacks, NULL);
	}
	sigaction(SIGALRM, &action, NULL);
	leaks_begin();
}

/* Prints the sum, which what is left behind belongs to, and returns the exit status. */
static inline int check_finish(void)
{
	if (leaks_begun) {
		check_begin("leaks", 60);
		check_report("leaks", leaks_found());
	}
	printf("%d passed, %d failed\n", check_passed, check_failed);
	fflush(stdout);
	return check_failed != 0;
}

/* Messages ----------------------------------------------------------------- */

static atomic_int check_warnings; /* since it was last reset */
static atomic_int check_internal; /* messages that are worse than a warning */
static char check_message[512];   /* the last; for one thread alone */

static inline void check_count_message(qnet_msg_type type, const char *message, void *user_data)
{
	(void)user_data;
	if (type == QNET_WARNING_MSG)
		check_warnings++;
	else
		check_internal++;
	snprintf(check_message, sizeof check_message, "%s", message);
}

/* The process -------------------------------------------------------------- */

/* Returns the time in milliseconds since some moment. */
static inline int64_t check_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static inline void check_sleep(int milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* Cases -------------------------------------------------------------------- */

/* Why the present case cannot be tried here; see check_skip(). */
static const char *check_skipped;

/* Has the case that returns this reported as skipped. */
static inline const char *check_skip(const char *why)
{
	check_skipped = why;
	return NULL;
}

/* A case returns NULL if it went well, otherwise why not. */
struct check_case {
	const char *name;
	const char *(*run)(void);
};

/* Returns why a case fails, as text. */
__attribute__((format(printf, 1, 2))) static inline const char *check_why(const char *format, ...)
{
	static char why[1000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof why, format, arguments);
	va_end(arguments);
	return why;
}

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
			return check_why("line %d: not %s", __LINE__, #condition); \
	} while (0)

#define REQUIRE_EQUAL(got, want) \
	do { \
		long long got_ = (long long)(got), want_ = (long long)(want); \
		if (got_ != want_) \
			return check_why("line %d: %s is %lld, want %lld", __LINE__, #got, got_, want_); \
	} while (0)

#define REQUIRE_TEXT(got, want) \
	do { \
		const char *got_ = (got), *want_ = (want); \
		if (got_ == NULL || strcmp(got_, want_) != 0) \
			return check_why("line %d: %s is \"%s\", want \"%s\"", __LINE__, #got, got_ == NULL ? "NULL" : got_, want_); \
	} while (0)

/* Requires that there were so many warnings since the last time. */
#define REQUIRE_WARNINGS(want) \
	do { \
		int got_ = atomic_exchange(&check_warnings, 0); \
		if (got_ != (want)) \
			return check_why("line %d: %d warnings, want %d (last: %s)", __LINE__, got_, want, check_message); \
	} while (0)

/* Runs a loop until the condition holds, which must be soon. */
#define UNTIL(loop, condition) \
	do { \
		int64_t end_ = check_now() + 10000; \
		while (!(condition) && check_now() < end_) \
			qnet_loop_process_events(loop, 10); \
		REQUIRE(condition); \
	} while (0)

/* Runs what a loop has to do now. */
static inline void check_settle(qnet_loop *loop)
{
	int64_t end = check_now() + 50;

	do
		qnet_loop_process_events(loop, 5);
	while (check_now() < end);
}

static inline void check_run_case(const struct check_case *c)
{
	const char *why;

	qnet_set_message_handler(check_count_message, NULL);
	check_warnings = check_internal = 0;
	check_begin(c->name, 60);
	check_skipped = NULL;
	why = c->run();
	if (why == NULL && check_internal > 0)
		why = check_message;
	if (why == NULL && check_warnings > 0)
		why = check_why("a warning: %s", check_message);
	if (why == NULL && check_skipped != NULL)
		printf("skip %s: %s\n", c->name, check_skipped);
	else
		check_report(c->name, why);
}

/* Arguments are the names of the cases that are wanted, or, with a '-' before each, of those that are not. */
static inline bool check_wants(const char *name, int argc, char **argv)
{
	bool wanted = argc < 2 || argv[1][0] == '-';

	for (int a = 1; a < argc; a++) {
		if (strcmp(argv[a], name) == 0)
			wanted = true;
		else if (argv[a][0] == '-' && strcmp(argv[a] + 1, name) == 0)
			wanted = false;
	}
	return wanted;
}

/* Runs the cases that are wanted. */
static inline int check_main(const struct check_case *cases, size_t count, int argc, char **argv)
{
	check_watch();
	for (size_t i = 0; i < count; i++)
		if (check_wants(cases[i].name, argc, argv))
			check_run_case(&cases[i]);
	return check_finish();
}

/* What happened, one word after the other, for one thread. */
struct check_log {
	char text[2000];
};

__attribute__((format(printf, 2, 3))) static inline void check_note(struct check_log *log, const char *format, ...)
{
	size_t length = strlen(log->text);
	va_list arguments;

	if (length > 0 && length + 1 < sizeof log->text)
		log->text[length++] = ' ';
	va_start(arguments, format);
	vsnprintf(log->text + length, sizeof log->text - length, format, arguments);
	va_end(arguments);
}

/* Returns the log and empties it: for one use at a time. */
static inline const char *check_take(struct check_log *log)
{
	static char taken[sizeof log->text];

	memcpy(taken, log->text, sizeof taken);
	log->text[0] = '\0';
	return taken;
}

#endif
