/*
 * Programs that load the library by themselves: late, from a thread, more than
 * once, from two files. LIBRARY is its path.
 */
#include "late.h"

#include "host.h"

#include <sys/resource.h>

/* Loads the library as pointer tells (its int is a mode). */
static void *load(void *mode)
{
	return late_load(LIBRARY, *(int *)mode) != NULL ? NULL : "not loaded";
}

static const char *load_and_talk(int mode)
{
	REQUIRE_OK(load(&mode));
	return host_talk();
}

static const char *now(void)
{
	return load_and_talk(RTLD_NOW);
}

static const char *lazily(void)
{
	return load_and_talk(RTLD_LAZY);
}

static const char *locally(void)
{
	REQUIRE_OK(load_and_talk(RTLD_NOW | RTLD_LOCAL));
	REQUIRE(dlsym(RTLD_DEFAULT, "qnet_" "version") == NULL);
	return NULL;
}

static const char *globally(void)
{
	REQUIRE_OK(load_and_talk(RTLD_NOW | RTLD_GLOBAL));
	REQUIRE(dlsym(RTLD_DEFAULT, "qnet_" "version") != NULL);
	return NULL;
}

/* Late: other threads are at work, and the process has memory and descriptors. */
static void *work(void *stop)
{
	while (!*(atomic_bool *)stop)
		free(malloc(100000));
	return NULL;
}

static const char *among_threads(void)
{
	atomic_bool stop = false;
	pthread_t threads[8];

	for (size_t i = 0; i < LENGTH(threads); i++)
		REQUIRE_EQUAL(pthread_create(&threads[i], NULL, work, &stop), 0);
	REQUIRE_OK(now());
	stop = true;
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	return NULL;
}

static const char *from_a_thread_that_ends(void)
{
	int mode = RTLD_NOW;

	REQUIRE_OK(host_on_thread(load, &mode, NULL));
	return host_talk();
}

/* Go starts on a thread of its own: the one that loads may have little room. */
static const char *from_a_small_thread(void)
{
	pthread_attr_t attributes;
	int mode = RTLD_NOW;

	pthread_attr_init(&attributes);
	REQUIRE_EQUAL(pthread_attr_setstacksize(&attributes, 64 * 1024), 0);
	REQUIRE_OK(host_on_thread(load, &mode, &attributes));
	return host_talk();
}

static pthread_barrier_t barrier;

static void *load_at_once(void *unused)
{
	void *library;

	(void)unused;
	pthread_barrier_wait(&barrier);
	library = dlopen(LIBRARY, RTLD_NOW);
	if (library == NULL)
		return (void *)"not loaded";
	/* The same library for all, which waits until Go runs. */
	late_library = library;
	return host_call() ? NULL : (void *)"the call fails";
}

static const char *from_many_threads(void)
{
	pthread_t threads[16];

	pthread_barrier_init(&barrier, NULL, LENGTH(threads));
	for (size_t i = 0; i < LENGTH(threads); i++)
		REQUIRE_EQUAL(pthread_create(&threads[i], NULL, load_at_once, NULL), 0);
	for (size_t i = 0; i < LENGTH(threads); i++) {
		void *why;

		pthread_join(threads[i], &why);
		REQUIRE_OK(why);
	}
	return host_talk();
}

static const char *twice(void)
{
	void *first = late_load(LIBRARY, RTLD_NOW), *second = late_load(LIBRARY, RTLD_NOW);

	REQUIRE(first != NULL && first == second);
	return host_talk();
}

/* dlclose() leaves it where it is, also when nobody has it open any more. */
static const char *closing(void)
{
	struct host_traffic traffic = { 0 };

	REQUIRE_OK(now());
	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE_EQUAL(dlclose(late_library), 0);
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	REQUIRE(dlopen(LIBRARY, RTLD_NOW | RTLD_NOLOAD) == late_library);
	REQUIRE_OK(host_traffic_stop(&traffic));
	return host_talk();
}

static const char *closing_again_and_again(void)
{
	for (int i = 0; i < 100; i++) {
		REQUIRE(late_load(LIBRARY, RTLD_NOW) != NULL);
		REQUIRE(host_call());
		REQUIRE_EQUAL(dlclose(late_library), 0);
	}
	REQUIRE(late_load(LIBRARY, RTLD_NOW) != NULL);
	return host_talk();
}

/* A child that was forked before loads it as any process. */
static const char *in_a_child(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		const char *why = now();

		if (why != NULL)
			fprintf(stderr, "%s\n", why);
		_exit(why != NULL);
	}
	REQUIRE(waitpid(child, &status, 0) == child && status == 0);
	return now();
}

/* Loaded, but not called before the fork: it works in the child, and in the process. */
static const char *in_a_child_of_who_loaded(void)
{
	pid_t child;
	int status;

	REQUIRE(late_load(LIBRARY, RTLD_NOW) != NULL);
	child = fork();
	if (child == 0) {
		const char *why = host_talk();

		if (why != NULL)
			fprintf(stderr, "%s\n", why);
		_exit(why != NULL);
	}
	REQUIRE(waitpid(child, &status, 0) == child && status == 0);
	return host_talk();
}

/* The first call is made by the constructor of another library, and so within dlopen(). */
static const char *in_a_constructor(void)
{
	void *plugin = dlopen(PLUGIN, RTLD_NOW);

	if (plugin == NULL)
		return dlerror();
	REQUIRE_OK(*(const char **)late_symbol(plugin, "plugin_why"));
	return now();
}

/* Wherever it is loaded, signals of the host do not reach Go's threads; see signals.c for the rest. */
static const char *threads_are_deaf(void)
{
	DIR *tasks;
	int others = 0;

	REQUIRE_OK(now());
	tasks = opendir("/proc/self/task");
	for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
		char path[300], line[200];
		FILE *status;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
		status = fopen(path, "r");
		while (status != NULL && fgets(line, sizeof line, status) != NULL)
			if (strncmp(line, "SigBlk:", 7) == 0) {
				unsigned long long blocked = strtoull(line + 7, NULL, 16);

				others++;
				for (int i = 1; i <= 31; i++)
					if ((i == SIGHUP || i == SIGINT || i == SIGTERM || i == SIGUSR1 || i == SIGALRM || i == SIGWINCH) &&
					    (blocked >> (i - 1) & 1) == 0)
						return check_why("signal %d reaches thread %s", i, entry->d_name);
			}
		if (status != NULL)
			fclose(status);
	}
	closedir(tasks);
	REQUIRE(others >= 2);
	return NULL;
}

static const char *descriptors_and_limit(void)
{
	struct rlimit before, after;
	int descriptors = check_count_descriptors();

	getrlimit(RLIMIT_NOFILE, &before);
	before.rlim_cur = 333;
	setrlimit(RLIMIT_NOFILE, &before);
	REQUIRE(late_load(LIBRARY, RTLD_NOW) != NULL);
	REQUIRE(host_call());
	getrlimit(RLIMIT_NOFILE, &after);
	REQUIRE_EQUAL(after.rlim_cur, 333);
	/* Two to wait with, and what Go reads its share of the processors from. */
	descriptors = check_count_descriptors() - descriptors;
	REQUIRE(descriptors >= 0 && descriptors <= 4);
	REQUIRE_OK(host_talk());
	REQUIRE_OK(host_talk());
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ .name = "now", .run = now, .times = 20 },
		{ .name = "lazily", .run = lazily },
		{ .name = "locally", .run = locally },
		{ .name = "globally", .run = globally },
		{ .name = "among_threads", .run = among_threads, .times = 5 },
		{ .name = "from_a_thread_that_ends", .run = from_a_thread_that_ends, .times = 20 },
		{ .name = "from_a_small_thread", .run = from_a_small_thread, .times = 5 },
		{ .name = "from_many_threads", .run = from_many_threads, .times = 20 },
		{ .name = "twice", .run = twice },
		{ .name = "closing", .run = closing, .times = 5 },
		{ .name = "closing_again_and_again", .run = closing_again_and_again },
		{ .name = "in_a_child", .run = in_a_child, .times = 10 },
		{ .name = "in_a_child_of_who_loaded", .run = in_a_child_of_who_loaded, .times = 10 },
		{ .name = "in_a_constructor", .run = in_a_constructor, .times = 10 },
		{ .name = "threads_are_deaf", .run = threads_are_deaf, .times = 3 },
		{ .name = "descriptors_and_limit", .run = descriptors_and_limit },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
