/*
 * Two libraries written in Go in one process, each with a runtime of its own:
 * qnet and another, in both orders, and two copies of qnet. LIBRARY and SECOND
 * are their paths, COPY is that of another file with qnet.
 */
#include "late.h"

#include "host.h"

static void *second;

static int64_t (*second_work)(int64_t);
static int (*second_recover)(void);
static void (*second_call)(void (*)(void *), void *);
static int64_t (*second_collect)(int);

static const char *load_second(void)
{
	/* It starts when it is loaded; qnet with its first call. */
	second = dlopen(SECOND, RTLD_NOW);
	if (second == NULL)
		return dlerror();
	second_work = (int64_t (*)(int64_t))late_symbol(second, "second_work");
	second_recover = (int (*)(void))late_symbol(second, "second_recover");
	second_call = (void (*)(void (*)(void *), void *))late_symbol(second, "second_call");
	second_collect = (int64_t (*)(int))late_symbol(second, "second_collect");
	return NULL;
}

static const char *load_qnet(void)
{
	return late_load(LIBRARY, RTLD_NOW) != NULL && host_call() ? NULL : "not loaded";
}

static const char *load_both(bool qnet_first)
{
	if (qnet_first)
		REQUIRE_OK(load_qnet());
	REQUIRE_OK(load_second());
	if (!qnet_first)
		REQUIRE_OK(load_qnet());
	return NULL;
}

/* qnet is there, the other starts, and then qnet. */
static const char *loaded_first_started_last(void)
{
	REQUIRE(late_load(LIBRARY, RTLD_NOW) != NULL);
	REQUIRE_OK(load_second());
	REQUIRE(second_recover());
	REQUIRE_OK(host_talk());
	REQUIRE(second_recover());
	REQUIRE_EQUAL(second_work(1000), 500500);
	return host_talk();
}

/* Both work at once, on several threads. */
static void *work(void *stop)
{
	while (!*(atomic_bool *)stop)
		if (second_work(20000) != INT64_C(20000) * 20001 / 2)
			return (void *)"the second library calculates wrong";
	return NULL;
}

static const char *side_by_side(bool qnet_first)
{
	struct host_traffic traffic = { 0 };
	atomic_bool stop = false;
	pthread_t threads[3];

	REQUIRE_OK(load_both(qnet_first));
	REQUIRE_OK(host_traffic_start(&traffic));
	for (size_t i = 0; i < LENGTH(threads); i++)
		REQUIRE_EQUAL(pthread_create(&threads[i], NULL, work, &stop), 0);
	for (int i = 0; i < 20; i++)
		REQUIRE_OK(host_talk());
	REQUIRE_OK(host_traffic_goes_on(&traffic, 2000));
	stop = true;
	for (size_t i = 0; i < LENGTH(threads); i++) {
		void *why;

		pthread_join(threads[i], &why);
		REQUIRE_OK(why);
	}
	return host_traffic_stop(&traffic);
}

/* Each calls the other from its callbacks, on one stack. */
static const char *nested_why;
static int nested_depth;

static void nested_in_qnet(void *loop);

static void nested_in_second(void *loop)
{
	if (nested_depth++ < 10 && nested_why == NULL) {
		qnet_loop_post(loop, nested_in_qnet, loop);
		qnet_loop_process_events(loop, 0);
	}
	if (nested_why == NULL)
		nested_why = host_talk();
}

static void nested_in_qnet(void *loop)
{
	second_call(nested_in_second, loop);
	if (!second_recover())
		nested_why = "it did not recover in a callback";
	if (second_work(1000) != 500500)
		nested_why = "the second library calculates wrong in a callback";
}

static const char *nested(bool qnet_first)
{
	qnet_loop *loop;

	REQUIRE_OK(load_both(qnet_first));
	loop = qnet_loop_new();
	nested_in_qnet(loop);
	REQUIRE_OK(nested_why);
	REQUIRE_EQUAL(nested_depth, 11);
	qnet_loop_delete(loop);
	return NULL;
}

/* Go makes a panic of a fault in its code: each runtime must get its own. */
static void *recover_repeatedly(void *unused)
{
	(void)unused;
	for (int i = 0; i < 100; i++)
		if (!second_recover())
			return (void *)"it did not recover";
	return NULL;
}

static const char *faults(bool qnet_first)
{
	struct host_traffic traffic = { 0 };

	REQUIRE_OK(load_both(qnet_first));
	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE_OK(recover_repeatedly(NULL));
	REQUIRE_OK(host_on_thread(recover_repeatedly, NULL, NULL));
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	return host_traffic_stop(&traffic);
}

/* A fault in C goes to the host's handler, through both. */
static void fault_seen(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	check_say(info->si_addr == (void *)16 ? "the host's handler\n" : "another address\n");
	_exit(44);
}

static void fault_of_c(void *unused)
{
	(void)unused;
	*(volatile int *)16 = 1;
}

static const char *fault_in_c(bool qnet_first)
{
	struct sigaction action = { .sa_sigaction = fault_seen, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	qnet_loop *loop;

	sigaction(SIGSEGV, &action, NULL);
	REQUIRE_OK(load_both(qnet_first));
	REQUIRE_OK(host_talk());
	REQUIRE(second_recover());
	loop = qnet_loop_new();
	qnet_loop_post(loop, fault_of_c, NULL);
	qnet_loop_process_events(loop, 0);
	return "no fault";
}

/* A pipe without a reader ends the host as it does without either. */
static const char *broken_pipe(bool qnet_first)
{
	int ends[2];

	REQUIRE_OK(load_both(qnet_first));
	REQUIRE_OK(host_talk());
	REQUIRE(second_recover());
	REQUIRE(pipe(ends) == 0);
	close(ends[0]);
	REQUIRE(write(ends[1], "", 1) == 1);
	return NULL;
}

/*
 * Go interrupts long loops with SIGURG. The handler is that of the library
 * which started last: the first one must do without, so that its collections
 * wait for such a loop to end. Nothing may hang.
 */
static const char *collections(bool qnet_first)
{
	int64_t took;

	REQUIRE_OK(load_both(qnet_first));
	REQUIRE_OK(host_talk());
	took = second_collect(300);
	printf("a collection during a long loop took %lld ms\n", (long long)took);
	return took < 60000 ? host_talk() : "it took a minute";
}

/* Two files with qnet, such as the system's and a wheel's. */
static const char *two_copies(void)
{
	struct host_traffic traffic = { 0 };
	void *one, *other;

	one = late_load(LIBRARY, RTLD_NOW);
	REQUIRE(one != NULL);
	REQUIRE_OK(host_traffic_start(&traffic));
	other = dlopen(COPY, RTLD_NOW);
	REQUIRE(other != NULL && other != one);
	for (int i = 0; i < 50; i++) {
		late_here = i % 2 != 0 ? one : other;
		REQUIRE_OK(host_talk());
	}
	late_here = NULL;
	REQUIRE_OK(host_traffic_goes_on(&traffic, 1000));
	return host_traffic_stop(&traffic);
}

#define BOTH_ORDERS(name) \
	static const char *name##_qnet_first(void) { return name(true); } \
	static const char *name##_qnet_last(void) { return name(false); }

BOTH_ORDERS(side_by_side)
BOTH_ORDERS(nested)
BOTH_ORDERS(faults)
BOTH_ORDERS(fault_in_c)
BOTH_ORDERS(broken_pipe)
BOTH_ORDERS(collections)

#define IN_BOTH_ORDERS(name, ...) \
	{ #name "_qnet_first", name##_qnet_first, __VA_ARGS__ }, { #name "_qnet_last", name##_qnet_last, __VA_ARGS__ }

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		IN_BOTH_ORDERS(side_by_side, 0, 3, NULL),
		IN_BOTH_ORDERS(nested, 0, 5, NULL),
		IN_BOTH_ORDERS(faults, 0, 5, NULL),
		IN_BOTH_ORDERS(fault_in_c, 44, 5, "the host's handler"),
		IN_BOTH_ORDERS(broken_pipe, -SIGPIPE, 5, NULL),
		IN_BOTH_ORDERS(collections, 0, 1, "a collection"),
		{ "loaded_first_started_last", loaded_first_started_last, 0, 5, NULL },
		{ "two_copies", two_copies, 0, 5, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
