/*
 * Hosts with signal handlers of their own, installed before the library is
 * loaded and after it, with blocked signals, and with small alternate stacks.
 * LIBRARY is its path.
 */
#include "late.h"

#include "host.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static const char *load(void)
{
	return late_load(LIBRARY, RTLD_NOW) != NULL ? NULL : "not loaded";
}

/* Storms -------------------------------------------------------------------- */

/* What hosts use; SIGURG is also Go's, and SIGPIPE and SIGPROF are in its tables. */
static const int storm_signals[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGPROF, SIGURG, SIGPIPE, SIGTERM, SIGALRM };
static atomic_long storm_count[65];

static void storm_seen(int signal)
{
	storm_count[signal]++;
}

static const char *storm_handle(int flags)
{
	struct sigaction action = { .sa_handler = storm_seen, .sa_flags = flags };

	for (size_t i = 0; i < LENGTH(storm_signals); i++)
		REQUIRE_EQUAL(sigaction(storm_signals[i], &action, NULL), 0);
	return NULL;
}

/* A thread that sends signals to the process, and to a thread of it, until it is stopped. */
struct storm {
	pthread_t thread, target;
	atomic_bool stop;
};

static void *storm_blow(void *argument)
{
	struct storm *storm = argument;

	for (unsigned i = 0; !storm->stop; i++) {
		int signal = storm_signals[i % LENGTH(storm_signals)];

		kill(getpid(), signal);
		pthread_kill(storm->target, signal);
		usleep(50);
	}
	return NULL;
}

/* Talks, with another thread that runs a loop, in a storm. */
static const char *talk_in_a_storm(int milliseconds)
{
	struct host_traffic traffic = { 0 };
	struct storm storm = { .stop = false };
	int64_t end;

	REQUIRE_OK(host_traffic_start(&traffic));
	storm.target = traffic.thread;
	REQUIRE_EQUAL(pthread_create(&storm.thread, NULL, storm_blow, &storm), 0);
	end = check_now() + milliseconds;
	while (check_now() < end)
		REQUIRE_OK(host_talk());
	REQUIRE_OK(host_traffic_goes_on(&traffic, 500));
	storm.stop = true;
	pthread_join(storm.thread, NULL);
	for (size_t i = 0; i < LENGTH(storm_signals); i++)
		REQUIRE(storm_count[storm_signals[i]] > 10);
	return host_traffic_stop(&traffic);
}

/* Go adds SA_ONSTACK to the handlers that it finds, so that these may be without. */
static const char *handlers_from_before(int flags)
{
	struct sigaction action;

	REQUIRE_OK(storm_handle(flags));
	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	for (size_t i = 0; i < LENGTH(storm_signals); i++) {
		sigaction(storm_signals[i], NULL, &action);
		if (storm_signals[i] == SIGURG || storm_signals[i] == SIGPIPE)
			continue; /* Go has its own, which passes them on */
		REQUIRE(action.sa_handler == storm_seen);
		REQUIRE(action.sa_flags & SA_ONSTACK);
	}
	/* SIGURG is passed on only where it did not come from a program, so it may not be counted. */
	REQUIRE_OK(storm_handle(flags | SA_ONSTACK));
	return talk_in_a_storm(300);
}

static const char *before_loading(void) { return handlers_from_before(0); }
static const char *before_loading_restarting(void) { return handlers_from_before(SA_RESTART); }

static const char *handlers_from_after(int flags)
{
	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	REQUIRE_OK(storm_handle(flags));
	return talk_in_a_storm(300);
}

static const char *after_loading(void) { return handlers_from_after(SA_ONSTACK); }
static const char *after_loading_restarting(void) { return handlers_from_after(SA_ONSTACK | SA_RESTART); }

/* Waiting functions wait as long as they should, interrupted or not. */
static const char *times_in_a_storm(void)
{
	struct storm storm = { .stop = false, .target = pthread_self() };
	struct pair pair;
	int64_t begin;

	REQUIRE_OK(load());
	REQUIRE_OK(storm_handle(SA_ONSTACK));
	REQUIRE_OK(pair_open(&pair));
	REQUIRE_EQUAL(pthread_create(&storm.thread, NULL, storm_blow, &storm), 0);
	for (int i = 0; i < 3; i++) {
		begin = check_now();
		REQUIRE(!qnet_socket_wait_for_ready_read(pair.client, 100));
		REQUIRE(check_now() - begin >= 99);
		begin = check_now();
		while (qnet_loop_process_events(pair.loop, 100))
			begin = check_now();
		REQUIRE(check_now() - begin >= 99);
	}
	storm.stop = true;
	pthread_join(storm.thread, NULL);
	pair_close(&pair);
	return NULL;
}

/* Dispositions -------------------------------------------------------------- */

/* Go handles these and no others; no signal is ignored or blocked that was not. */
static const char *dispositions(void)
{
	sigset_t mask;
	bool changed[65] = { false };

	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	for (int i = 1; i < 32; i++) {
		struct sigaction action;

		if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			changed[i] = true;
	}
	for (int i = 1; i < 32; i++)
		REQUIRE_EQUAL(changed[i], i == SIGSEGV || i == SIGBUS || i == SIGFPE || i == SIGPIPE || i == SIGURG);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 32; i++)
		REQUIRE_EQUAL(sigismember(&mask, i), 0);
	return NULL;
}

/* The peer is gone: its own writes raise no SIGPIPE, whatever its disposition is. */
static const char *write_to_nobody(void)
{
	static char much[100000];
	struct pair pair;

	REQUIRE_OK(load());
	for (int i = 0; i < 20; i++) {
		REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
		raw_reset(pair.fd);
		pair.fd = -1;
		for (int j = 0; j < 3; j++) {
			qnet_socket_write(pair.client, much, sizeof much);
			qnet_socket_flush(pair.client);
		}
		check_settle(pair.loop);
		pair_close(&pair);
	}
	return NULL;
}

/* A pipe of the host's own, with SIGPIPE ignored and with a handler, set before and after. */
static const char *broken_pipe(bool before, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	int ends[2];

	if (before)
		sigaction(SIGPIPE, &action, NULL);
	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	if (!before)
		sigaction(SIGPIPE, &action, NULL);
	REQUIRE(pipe(ends) == 0);
	close(ends[0]);
	REQUIRE(write(ends[1], "", 1) == -1 && errno == EPIPE);
	REQUIRE_EQUAL(storm_count[SIGPIPE], handler != SIG_IGN);
	return NULL;
}

static const char *broken_pipes_ignored_before(void) { return broken_pipe(true, SIG_IGN); }
static const char *broken_pipes_ignored_after(void) { return broken_pipe(false, SIG_IGN); }
static const char *broken_pipes_handled_before(void) { return broken_pipe(true, storm_seen); }
static const char *broken_pipes_handled_after(void) { return broken_pipe(false, storm_seen); }

/* Blocked signals ------------------------------------------------------------ */

static const char *require_mask(const sigset_t *wanted)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 32; i++)
		if (sigismember(&mask, i) != sigismember(wanted, i))
			return check_why("signal %d is blocked: %d, not %d", i, sigismember(&mask, i), sigismember(wanted, i));
	return NULL;
}

/*
 * What a thread blocks stays blocked while it calls the library and afterwards,
 * apart from what Go must get: faults, and SIGPROF, SIGCHLD and SIGURG.
 */
static void *talk_blocked(void *unused)
{
	static const int opened[] = { SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSTKFLT, SIGTRAP, SIGURG };
	sigset_t all;

	(void)unused;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	host_talk();
	pthread_sigmask(SIG_SETMASK, NULL, &all);
	for (int i = 1; i < 32; i++)
		if (!sigismember(&all, i))
			printf(" %d", i);
	printf("\n");
	(void)opened;
	return NULL;
}

static const char *blocked_signals(void)
{
	REQUIRE_OK(load());
	return host_on_thread(talk_blocked, NULL, NULL);
}
int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "before_loading", before_loading, 0, 3, NULL },
		{ "before_loading_restarting", before_loading_restarting, 0, 3, NULL },
		{ "after_loading", after_loading, 0, 3, NULL },
		{ "after_loading_restarting", after_loading_restarting, 0, 3, NULL },
		{ "times_in_a_storm", times_in_a_storm, 0, 1, NULL },
		{ "dispositions", dispositions, 0, 1, NULL },
		{ "write_to_nobody", write_to_nobody, 0, 1, NULL },
		{ "broken_pipes_ignored_before", broken_pipes_ignored_before, 0, 1, NULL },
		{ "broken_pipes_ignored_after", broken_pipes_ignored_after, 0, 1, NULL },
		{ "broken_pipes_handled_before", broken_pipes_handled_before, 0, 1, NULL },
		{ "broken_pipes_handled_after", broken_pipes_handled_after, 0, 1, NULL },
		{ "blocked_signals", blocked_signals, 0, 1, " " },
	};
	(void)require_mask;

	return host_main(cases, LENGTH(cases), argc, argv);
}
