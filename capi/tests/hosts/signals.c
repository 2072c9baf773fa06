/*
 * Hosts with signal handlers of their own, installed before the library is
 * loaded, before the first call, with which Go starts, and after it, with blocked
 * signals, and with small alternate stacks. LIBRARY is its path.
 */
#include "late.h"

#include "host.h"

#include <setjmp.h>
#include <sys/mman.h>

static const char *load(void)
{
	return late_load(LIBRARY, RTLD_NOW) != NULL ? NULL : "not loaded";
}

/* When a host does something. */
enum moment { BEFORE_LOADING, BEFORE_CALLING, AFTER_CALLING };

/* Loads the library and calls it; act() is called at the moment. */
static const char *load_and_call(enum moment moment, void (*act)(void))
{
	for (enum moment now = BEFORE_LOADING; now <= AFTER_CALLING; now++) {
		if (now == BEFORE_CALLING)
			REQUIRE_OK(load());
		if (now == AFTER_CALLING)
			REQUIRE_OK(host_talk());
		if (now == moment)
			act();
	}
	return NULL;
}

#define AT_EACH_MOMENT(name) \
	static const char *name##_before_loading(void) { return name(BEFORE_LOADING); } \
	static const char *name##_before_calling(void) { return name(BEFORE_CALLING); } \
	static const char *name##_after_calling(void) { return name(AFTER_CALLING); }

#define CASES_AT_EACH_MOMENT(name, ...) \
	{ #name "_before_loading", name##_before_loading, __VA_ARGS__ }, \
	{ #name "_before_calling", name##_before_calling, __VA_ARGS__ }, \
	{ #name "_after_calling", name##_after_calling, __VA_ARGS__ }

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

	sigfillset(&action.sa_mask); /* one at a time, or no stack would be large enough */
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

static void storm_start(void *argument)
{
	struct storm *storm = argument;

	if (pthread_create(&storm->thread, NULL, storm_blow, storm) != 0)
		abort();
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

/* Without SA_ONSTACK, as signal() installs them: the first call of a thread, and a loop that starts, add it. */
static const char *plain_before_threads(void) { return handlers_from_after(0); }

static void quit_after(qnet_timer *timer, void *loop)
{
	static int times;
	struct sigaction action;

	(void)timer;
	for (size_t i = 0; i < LENGTH(storm_signals); i++)
		if (sigaction(storm_signals[i], NULL, &action) != 0 || (action.sa_flags & SA_ONSTACK) == 0)
			_exit(HOST_FAILED);
	if (++times == 300)
		qnet_loop_quit(loop);
}

static const char *plain_before_the_loop(void)
{
	struct storm storm = { .stop = false, .target = pthread_self() };
	qnet_loop *loop;
	qnet_timer *timer;

	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	REQUIRE_OK(storm_handle(0));
	loop = qnet_loop_new();
	timer = qnet_timer_new(loop);
	qnet_timer_on_timeout(timer, quit_after, loop);
	qnet_timer_start(timer, 1);
	qnet_loop_post(loop, storm_start, &storm);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 0);
	storm.stop = true;
	pthread_join(storm.thread, NULL);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

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

/* A pipe of the host's own, with SIGPIPE ignored and with a handler. */
static const char *broken_pipe(int times)
{
	int ends[2];

	REQUIRE(pipe(ends) == 0);
	close(ends[0]);
	REQUIRE(write(ends[1], "", 1) == -1 && errno == EPIPE);
	REQUIRE_EQUAL(storm_count[SIGPIPE], times);
	return NULL;
}

static void ignore_pipes(void)
{
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

static void handle_pipes(void)
{
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = storm_seen, .sa_flags = SA_ONSTACK }, NULL);
}

static const char *broken_pipes_ignored(enum moment moment)
{
	REQUIRE_OK(load_and_call(moment, ignore_pipes));
	return broken_pipe(0);
}

static const char *broken_pipes_handled(enum moment moment)
{
	REQUIRE_OK(load_and_call(moment, handle_pipes));
	return broken_pipe(1);
}

AT_EACH_MOMENT(broken_pipes_ignored)
AT_EACH_MOMENT(broken_pipes_handled)

/* Blocked signals ------------------------------------------------------------ */

/*
 * What a thread blocks is blocked again after its first call, apart from faults,
 * and from then on also while it is in the library and in callbacks.
 */
static const char *require_blocked(void)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 32; i++) {
		bool open = i == SIGSEGV || i == SIGBUS || i == SIGFPE || i == SIGKILL || i == SIGSTOP;

		if (sigismember(&mask, i) == open)
			return check_why("signal %d is%s blocked", i, open ? "" : " not");
	}
	return NULL;
}

static void look_at_mask(qnet_timer *timer, void *loop)
{
	const char *why = require_blocked();

	(void)timer;
	if (why != NULL) {
		fprintf(stderr, "in a callback %s\n", why);
		_exit(HOST_FAILED);
	}
	qnet_loop_quit(loop);
}

static void *talk_blocked(void *unused)
{
	qnet_loop *loop;
	qnet_timer *timer;
	sigset_t all;
	const char *why = "the call fails";

	(void)unused;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	if (!host_call() || (why = require_blocked()) != NULL || (why = host_talk()) != NULL)
		return (void *)why;
	loop = qnet_loop_new();
	timer = qnet_timer_new(loop);
	qnet_timer_on_timeout(timer, look_at_mask, loop);
	qnet_timer_start(timer, 1);
	qnet_loop_exec(loop);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return (void *)require_blocked();
}

static const char *blocked_signals(void)
{
	REQUIRE_OK(load());
	return host_on_thread(talk_blocked, NULL, NULL);
}

/* And what it does not block stays open, where the library is loaded and where it is called. */
static const char *open_signals(void)
{
	sigset_t mask;

	REQUIRE_OK(load());
	for (int round = 0; round < 2; round++) {
		pthread_sigmask(SIG_SETMASK, NULL, &mask);
		for (int i = 1; i < SIGRTMAX; i++)
			REQUIRE(sigismember(&mask, i) != 1);
		REQUIRE_OK(host_talk());
	}
	return NULL;
}

/* What the host blocks in all its threads waits for sigwait(): the library's threads do not take it. */
static const char *signals_to_wait_for(void)
{
	static const int waited[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP, SIGALRM };
	struct host_traffic traffic = { 0 };
	struct timespec soon = { .tv_sec = 5 };
	sigset_t mask;

	REQUIRE_OK(load());
	sigemptyset(&mask);
	for (size_t i = 0; i < LENGTH(waited); i++)
		sigaddset(&mask, waited[i]);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	REQUIRE_OK(host_traffic_start(&traffic));
	for (int round = 0; round < 50; round++)
		for (size_t i = 0; i < LENGTH(waited); i++) {
			REQUIRE_EQUAL(kill(getpid(), waited[i]), 0);
			REQUIRE_EQUAL(sigtimedwait(&mask, NULL, &soon), waited[i]);
		}
	return host_traffic_stop(&traffic);
}

/* Faults --------------------------------------------------------------------- */

static sigjmp_buf fault_back;
static void *volatile fault_at;

static void fault_seen(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	fault_at = info->si_addr;
	siglongjmp(fault_back, 1);
}

static void fault(void *unused)
{
	(void)unused;
	*(volatile int *)16 = 1;
}

static void fault_and_recover(void *times)
{
	fault_at = NULL;
	if (sigsetjmp(fault_back, 1) == 0)
		fault(NULL);
	if (fault_at == (void *)16)
		++*(int *)times;
}

/* A host that survives faults in its own code, also in a callback. */
static int faults_survived;

static void handle_faults_and_fault(void)
{
	struct sigaction action = { .sa_sigaction = fault_seen, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(SIGSEGV, &action, NULL);
	fault_and_recover(&faults_survived);
}

static const char *survive_faults(enum moment moment)
{
	REQUIRE_OK(load_and_call(moment, handle_faults_and_fault));
	fault_and_recover(&faults_survived);
	for (int i = 0; i < 10; i++) {
		qnet_loop_post(NULL, fault_and_recover, &faults_survived);
		qnet_loop_process_events(NULL, 0);
	}
	REQUIRE_EQUAL(faults_survived, 12);
	return host_talk();
}

AT_EACH_MOMENT(survive_faults)

/* Without a handler it ends the process as without the library: with its own signal, and silently. */
static void fault_now(void)
{
	fault(NULL);
}

static const char *fault_at_once(enum moment moment)
{
	return load_and_call(moment, fault_now);
}

AT_EACH_MOMENT(fault_at_once)

static const char *fault_in_a_callback(void)
{
	REQUIRE_OK(load());
	qnet_loop_post(NULL, fault, NULL);
	qnet_loop_process_events(NULL, 0);
	return NULL;
}

static void fault_of_the_bus(void *page)
{
	(void)*(volatile char *)page;
}

static const char *fault_of_the_bus_in_a_callback(void)
{
	int fd = memfd_create("empty", 0);
	void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0); /* behind the file's end */

	REQUIRE(page != MAP_FAILED);
	REQUIRE_OK(load());
	qnet_loop_post(NULL, fault_of_the_bus, page);
	qnet_loop_process_events(NULL, 0);
	return NULL;
}

static volatile int zero;

static void divide(void *unused)
{
	(void)unused;
	zero = 1234 / zero;
}

static const char *division_in_a_callback(void)
{
	REQUIRE_OK(load());
	qnet_loop_post(NULL, divide, NULL);
	qnet_loop_process_events(NULL, 0);
	return NULL;
}

static const char *sent_fault(void)
{
	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	kill(getpid(), SIGSEGV);
	pause();
	return NULL;
}

/* Alternate stacks ------------------------------------------------------------- */

/* Talks on a thread that has an alternate stack of the size, in a storm. */
static void *talk_on_a_stack(void *size)
{
	stack_t stack = { .ss_size = *(size_t *)size }, now;
	struct storm storm = { .stop = false, .target = pthread_self() };
	const char *why = NULL;
	char *memory;
	int64_t end;

	/* A page that nobody may touch is below it. */
	memory = mmap(NULL, 4096 + 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(memory + 4096, 65536, PROT_READ | PROT_WRITE);
	stack.ss_sp = memory + 4096;
	if (sigaltstack(&stack, NULL) != 0)
		return (void *)"the stack is refused";
	pthread_create(&storm.thread, NULL, storm_blow, &storm);
	for (end = check_now() + 300; why == NULL && check_now() < end;)
		why = host_talk();
	storm.stop = true;
	pthread_join(storm.thread, NULL);
	sigaltstack(NULL, &now);
	if (why == NULL && (now.ss_sp != stack.ss_sp || now.ss_size != stack.ss_size))
		why = "it has another stack now";
	return (void *)why;
}

static const char *small_stack(size_t size)
{
	REQUIRE_OK(storm_handle(SA_ONSTACK));
	REQUIRE_OK(load());
	REQUIRE(host_call()); /* after the handlers: Go's for SIGURG is there */
	return host_on_thread(talk_on_a_stack, &size, NULL);
}

static const char *stack_of_8_kib(void) { return small_stack(8192); }

static const char *stack_of_the_least(void)
{
	long size = sysconf(_SC_MINSIGSTKSZ);

	/* What the system needs to store the registers, and what a small handler, and Go, need besides. */
	return small_stack((size_t)(size > 2048 ? size : 2048) + 4096);
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "before_loading", before_loading, 0, 3, NULL },
		{ "before_loading_restarting", before_loading_restarting, 0, 3, NULL },
		{ "after_loading", after_loading, 0, 3, NULL },
		{ "after_loading_restarting", after_loading_restarting, 0, 3, NULL },
		{ "plain_before_threads", plain_before_threads, 0, 5, NULL },
		{ "plain_before_the_loop", plain_before_the_loop, 0, 5, NULL },
		{ "times_in_a_storm", times_in_a_storm, 0, 1, NULL },
		{ "dispositions", dispositions, 0, 1, NULL },
		{ "write_to_nobody", write_to_nobody, 0, 1, NULL },
		CASES_AT_EACH_MOMENT(broken_pipes_ignored, 0, 1, NULL),
		CASES_AT_EACH_MOMENT(broken_pipes_handled, 0, 1, NULL),
		{ "blocked_signals", blocked_signals, 0, 5, NULL },
		{ "open_signals", open_signals, 0, 1, NULL },
		{ "signals_to_wait_for", signals_to_wait_for, 0, 3, NULL },
		CASES_AT_EACH_MOMENT(survive_faults, 0, 3, NULL),
		CASES_AT_EACH_MOMENT(fault_at_once, -SIGSEGV, 3, NULL),
		{ "fault_in_a_callback", fault_in_a_callback, -SIGSEGV, 3, NULL },
		{ "fault_of_the_bus_in_a_callback", fault_of_the_bus_in_a_callback, -SIGBUS, 3, NULL },
		{ "division_in_a_callback", division_in_a_callback, -SIGFPE, 3, NULL },
		{ "sent_fault", sent_fault, -SIGSEGV, 3, NULL },
		{ "stack_of_8_kib", stack_of_8_kib, 0, 3, NULL },
		{ "stack_of_the_least", stack_of_the_least, 0, 3, NULL },
	};
	
	return host_main(cases, LENGTH(cases), argc, argv);
}
