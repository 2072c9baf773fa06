/*
 * Hosts with many short-lived threads, and with small stacks. What a thread took
 * comes back when it ends.
 */
#include "host.h"

#include <limits.h>

enum { THREADS = 1000, AT_ONCE = 20, ROUNDS = 6 };

/* The process -------------------------------------------------------------- */

/* Returns a number of /proc/self/status, such as "VmRSS:". */
static long status_of(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	long value = -1;

	if (file == NULL)
		return -1;
	while (value < 0 && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	fclose(file);
	return value;
}

/* Many threads --------------------------------------------------------------- */

static void *call_once(void *unused)
{
	(void)unused;
	return host_call() ? NULL : (void *)"the call fails";
}

static void count(qnet_timer *timer, void *user_data)
{
	(void)timer;
	++*(int *)user_data;
}

/* Makes a loop and a timer in it, which fires, and deletes them. */
static void *call_often(void *unused)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int fired = 0;

	(void)unused;
	qnet_timer_on_timeout(timer, count, &fired);
	qnet_timer_start(timer, 0);
	while (fired < 3 && qnet_loop_process_events(loop, 1000))
		;
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return fired == 3 ? NULL : (void *)"the timer did not fire";
}

static void *talk(void *unused)
{
	(void)unused;
	return (void *)host_talk();
}

/* Runs f on so many threads, some at once. */
static const char *on_threads(void *(*f)(void *), int threads)
{
	for (int i = 0; i < threads; i += AT_ONCE) {
		pthread_t some[AT_ONCE];

		for (int j = 0; j < AT_ONCE; j++)
			REQUIRE_EQUAL(pthread_create(&some[j], NULL, f, NULL), 0);
		for (int j = 0; j < AT_ONCE; j++) {
			void *why;

			REQUIRE_EQUAL(pthread_join(some[j], &why), 0);
			REQUIRE_OK(why);
		}
	}
	return NULL;
}

/* After the first rounds memory, threads and descriptors stay what they are. */
static const char *rounds(void *(*f)(void *), int threads)
{
	long memory = 0, now = 0, tasks = 0, descriptors = 0;

	for (int round = 0; round < ROUNDS; round++) {
		REQUIRE_OK(on_threads(f, threads));
		now = status_of("VmRSS:");
		printf("round %d: %ld KiB, %ld threads, %d descriptors\n", round, now, status_of("Threads:"), check_count_descriptors());
		if (round == 1) {
			memory = now;
			tasks = status_of("Threads:");
			descriptors = check_count_descriptors();
		}
	}
	if (now > memory + 4096)
		return check_why("memory grew from %ld to %ld KiB", memory, now);
	/* Go may start one or the other, and later one for each loop that there was at once. */
	if (status_of("Threads:") > tasks + 3 + AT_ONCE)
		return check_why("%ld threads became %ld", tasks, status_of("Threads:"));
	REQUIRE_EQUAL(check_count_descriptors(), descriptors);
	return NULL;
}

static const char *threads_that_call_once(void) { return rounds(call_once, THREADS); }
static const char *threads_with_a_loop(void) { return rounds(call_often, THREADS); }
static const char *threads_that_talk(void) { return rounds(talk, 200); }

/* A thousand at the same time, which all have called before any of them ends. */
static pthread_barrier_t barrier;

static void *call_and_meet(void *unused)
{
	void *why = call_once(unused);

	pthread_barrier_wait(&barrier);
	return why;
}

static const char *thousand_at_once(void)
{
	static pthread_t threads[THREADS];
	pthread_attr_t attributes;
	long memory[3];

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	for (size_t round = 0; round < LENGTH(memory); round++) {
		pthread_barrier_init(&barrier, NULL, THREADS);
		for (int i = 0; i < THREADS; i++)
			REQUIRE_EQUAL(pthread_create(&threads[i], &attributes, call_and_meet, NULL), 0);
		for (int i = 0; i < THREADS; i++) {
			void *why;

			pthread_join(threads[i], &why);
			REQUIRE_OK(why);
		}
		memory[round] = status_of("VmRSS:");
		printf("round %zu: %ld KiB\n", round, memory[round]);
	}
	REQUIRE(memory[2] < memory[0] + 8192);
	return NULL;
}

/* Destructors of thread-specific data may call, also after Go's own. */
static pthread_key_t key;
static atomic_int destroyed;

static void call_in_destructor(void *again)
{
	if (host_talk() == NULL)
		destroyed++;
	if (again != (void *)3)
		pthread_setspecific(key, (char *)again + 1);
}

static void *leave_specific(void *unused)
{
	pthread_setspecific(key, (void *)1);
	return call_once(unused);
}

static const char *destructors_of_threads(void)
{
	REQUIRE_EQUAL(pthread_key_create(&key, call_in_destructor), 0);
	for (int i = 0; i < 50; i++)
		REQUIRE_OK(host_on_thread(leave_specific, NULL, NULL));
	REQUIRE_EQUAL(destroyed, 150);
	return NULL;
}

/* Small stacks ---------------------------------------------------------------- */

static const char *stack_of(size_t size, void *(*f)(void *))
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	REQUIRE_EQUAL(pthread_attr_setstacksize(&attributes, size), 0);
	for (int i = 0; i < 20; i++)
		REQUIRE_OK(host_on_thread(f, NULL, &attributes));
	return NULL;
}

static void look_up_done(qnet_host_info *info, void *user_data)
{
	(void)info;
	*(bool *)user_data = true;
}

/* A conversation, a look-up, and callbacks in a nested loop. */
static void *use_much(void *unused)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_host_info *info;
	bool done = false;

	(void)unused;
	if (loop == NULL || host_talk() != NULL)
		return (void *)"no conversation";
	info = qnet_host_info_lookup_host(loop, "localhost", look_up_done, &done);
	while (!done && qnet_loop_process_events(loop, 10000))
		;
	qnet_host_info_delete(info);
	qnet_loop_delete(loop);
	return done ? NULL : (void *)"no look-up";
}

static const char *stack_of_64_kib(void) { return stack_of(64 * 1024, use_much); }
static const char *stack_of_the_least(void) { return stack_of(PTHREAD_STACK_MIN, use_much); }

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "threads_that_call_once", threads_that_call_once, 0, 1, "round" },
		{ "threads_with_a_loop", threads_with_a_loop, 0, 1, "round" },
		{ "threads_that_talk", threads_that_talk, 0, 1, "round" },
		{ "thousand_at_once", thousand_at_once, 0, 1, "round" },
		{ "destructors_of_threads", destructors_of_threads, 0, 1, NULL },
		{ "stack_of_64_kib", stack_of_64_kib, 0, 1, NULL },
		{ "stack_of_the_least", stack_of_the_least, 0, 1, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
