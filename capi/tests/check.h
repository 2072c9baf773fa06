/*
 * What the test programs share: reporting, a watchdog that names the step that
 * hangs, and the library's messages.
 */
#ifndef QNET_TESTS_CHECK_H
#define QNET_TESTS_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
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

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Go's memory is not searched for pointers, so that each handle looks leaked. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

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

/* Prints the sum and returns the exit status. */
static inline int check_finish(void)
{
	printf("%d passed, %d failed\n", check_passed, check_failed);
	fflush(stdout);
	return check_failed != 0;
}

/* The watchdog ------------------------------------------------------------- */

/* What is under way, for the watchdog to tell. */
static const char *_Atomic check_step;

/* Called by the watchdog to tell more; it may only use check_say(). */
static void (*check_describe)(void);

/* Writes text as a signal handler may. */
static inline void check_say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(3);
}

static inline void check_hung(int signal)
{
	const char *step = check_step;

	(void)signal;
	check_say("FAIL ");
	check_say(step != NULL ? step : "?");
	check_say(": it hangs\n");
	if (check_describe != NULL)
		check_describe();
	if (getenv("QNET_TEST_STOP") != NULL)
		raise(SIGSTOP); /* for a debugger */
	_exit(3);
}

/* Starts a step, which must end within so many seconds. */
static inline void check_begin(const char *step, unsigned seconds)
{
	check_step = step;
	alarm(seconds);
}

static inline void check_watch(void)
{
	/* Go needs handlers on the alternate stack. */
	struct sigaction action = { .sa_handler = check_hung, .sa_flags = SA_ONSTACK };

	sigaction(SIGALRM, &action, NULL);
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

/* Returns how many descriptors the process has. */
static inline int check_count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = -1; /* the directory's own */

	if (directory == NULL)
		return -1;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

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

#endif
