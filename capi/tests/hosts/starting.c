/*
 * The first call, which starts Go: until then a host that is linked with the
 * library is as it would be without it, and may fork. It may come from anywhere:
 * from a child, from many threads, before main() and after it.
 */
#include "host.h"

#include <limits.h>
#include <sys/resource.h>

enum { STATUS = 7, WORKERS = 8 };

/* Before it ----------------------------------------------------------------- */

static int tasks(void)
{
	DIR *folder = opendir("/proc/self/task");
	int count = 0;

	if (folder == NULL)
		return -1;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static const char *nothing_changed(void)
{
	struct sigaction action;
	sigset_t mask;

	REQUIRE_EQUAL(tasks(), 1);
	for (int i = 1; i < 32; i++)
		REQUIRE(sigaction(i, NULL, &action) != 0 || action.sa_handler == SIG_DFL);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 32; i++)
		REQUIRE_EQUAL(sigismember(&mask, i), 0);
	return NULL;
}

static const char *nothing_before(void)
{
	int descriptors = check_count_descriptors();
	struct rlimit limit, now;

	getrlimit(RLIMIT_NOFILE, &limit);
	REQUIRE_OK(nothing_changed());
	/* These are no first call. */
	qnet_set_message_handler(check_count_message, NULL);
	REQUIRE_TEXT(qnet_version(), QNET_VERSION_STR);
	REQUIRE_EQUAL(qnet_version_number(), QNET_VERSION);
	REQUIRE(!qnet_is_forked());
	REQUIRE_OK(nothing_changed());
	getrlimit(RLIMIT_NOFILE, &now);
	REQUIRE(limit.rlim_cur == now.rlim_cur && limit.rlim_max == now.rlim_max);
	REQUIRE_EQUAL(check_count_descriptors(), descriptors);

	REQUIRE(host_call());
	REQUIRE(tasks() > 1);
	getrlimit(RLIMIT_NOFILE, &now);
	REQUIRE(limit.rlim_cur == now.rlim_cur && limit.rlim_max == now.rlim_max);
	return host_talk();
}

/* Forks --------------------------------------------------------------------- */

/* In a child: talks, and ends with STATUS if that went well. */
static void talk_and_end(void)
{
	const char *why = qnet_is_forked() ? "it says that it is forked" : host_talk();

	if (why != NULL)
		fprintf(stderr, "%s\n", why);
	_exit(why != NULL ? HOST_FAILED : STATUS);
}

static const char *ended_well(pid_t child)
{
	int status;

	REQUIRE_EQUAL(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS)
		return check_why("a child ended with %d", status);
	return NULL;
}

/* As servers do: all workers at once, and the parent with them. */
static const char *workers(void)
{
	pid_t children[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		children[i] = fork();
		if (children[i] == 0)
			talk_and_end();
	}
	REQUIRE_OK(host_talk());
	for (int i = 0; i < WORKERS; i++)
		REQUIRE_OK(ended_well(children[i]));
	return NULL;
}

/* The child of a child, then the child, then the process. */
static const char *generations(void)
{
	pid_t child = fork();

	if (child == 0) {
		child = fork();
		if (child == 0)
			talk_and_end();
		if (ended_well(child) != NULL)
			_exit(1);
		talk_and_end();
	}
	REQUIRE_OK(ended_well(child));
	return host_talk();
}

static const char *as_a_daemon(void)
{
	int ends[2];
	char told[200] = "";
	pid_t child;

	REQUIRE(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		const char *why = daemon(1, 1) == 0 ? host_talk() : "it is no daemon";

		if (why == NULL)
			why = "fine";
		_exit(write(ends[1], why, strlen(why)) < 0);
	}
	close(ends[1]);
	REQUIRE(read(ends[0], told, sizeof told - 1) > 0);
	REQUIRE_TEXT(told, "fine");
	REQUIRE_EQUAL(waitpid(child, NULL, 0), child);
	return NULL;
}

/* A child that has made its first call is like any process that has: its own children are refused. */
static const char *children_of_a_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		if (host_talk() != NULL)
			_exit(1);
		qnet_set_message_handler(check_count_message, NULL);
		child = fork();
		if (child == 0)
			_exit(!host_call() && check_warnings == 1 && qnet_is_forked() ? STATUS : 2);
		_exit(ended_well(child) == NULL ? STATUS : 3);
	}
	REQUIRE_OK(ended_well(child));
	return host_talk();
}

/* A fork while another thread makes the first call: the child can use the library, or is refused. It never hangs. */
static pthread_barrier_t barrier;

static void *call_with_others(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&barrier);
	return host_call() ? NULL : (void *)"the first call fails";
}

static const char *during_the_first_call(void)
{
	pthread_t thread;
	void *why;

	qnet_set_message_handler(check_count_message, NULL);
	pthread_barrier_init(&barrier, NULL, 2);
	REQUIRE_EQUAL(pthread_create(&thread, NULL, call_with_others, NULL), 0);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 30; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(host_call() != qnet_is_forked() ? STATUS : 1);
		REQUIRE_OK(ended_well(child));
	}
	pthread_join(thread, &why);
	REQUIRE_OK(why);
	return host_talk();
}

/* Where it comes from -------------------------------------------------------- */

static const char *many_threads(void)
{
	pthread_t threads[16];

	pthread_barrier_init(&barrier, NULL, LENGTH(threads));
	for (size_t i = 0; i < LENGTH(threads); i++)
		REQUIRE_EQUAL(pthread_create(&threads[i], NULL, call_with_others, NULL), 0);
	for (size_t i = 0; i < LENGTH(threads); i++) {
		void *why;

		pthread_join(threads[i], &why);
		REQUIRE_OK(why);
	}
	return host_talk();
}

static void *talk(void *unused)
{
	(void)unused;
	return (void *)host_talk();
}

static const char *smallest_stack(void)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	REQUIRE_EQUAL(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN), 0);
	REQUIRE_OK(host_on_thread(talk, NULL, &attributes));
	return host_talk();
}

static void say_how_it_talks(void)
{
	const char *why = host_talk();

	check_say(why == NULL ? "fine" : why);
}

static const char *exit_handler(void)
{
	REQUIRE(atexit(say_how_it_talks) == 0);
	exit(STATUS);
}

static const char *quick_exit_handler(void)
{
	REQUIRE(at_quick_exit(say_how_it_talks) == 0);
	quick_exit(STATUS);
}

static const char *child_that_exits(void)
{
	pid_t child;

	REQUIRE(atexit(say_how_it_talks) == 0);
	child = fork();
	if (child == 0)
		exit(STATUS);
	REQUIRE_OK(ended_well(child));
	_exit(STATUS);
}

/* Before main() and after it, where the case wants that. */
static bool wanted_outside;

/* Not every C library tells constructors the arguments. */
__attribute__((constructor)) static void before_main(void)
{
	static const char name[] = "constructor";
	char arguments[2000];
	int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t size = file < 0 ? 0 : read(file, arguments, sizeof arguments);

	close(file);
	wanted_outside = size > (ssize_t)sizeof name && memcmp(arguments + size - sizeof name, name, sizeof name) == 0;
	if (wanted_outside)
		say_how_it_talks();
}

static const char *constructor(void)
{
	exit(STATUS);
}

static const char *destructor(void)
{
	wanted_outside = true;
	exit(STATUS);
}

__attribute__((destructor)) static void after_main(void)
{
	if (wanted_outside)
		say_how_it_talks();
}

/* What Go gets --------------------------------------------------------------- */

static pthread_t told_on;

static void note_thread(qnet_msg_type type, const char *message, void *user_data)
{
	told_on = pthread_self();
	check_count_message(type, message, user_data);
}

/* The environment is what it is at the first call, and what it says of it goes to the handler, on the calling thread. */
static const char *environment(void)
{
	setenv("QNET_FAULTS", "nonsense", 1);
	qnet_set_message_handler(note_thread, NULL);
	REQUIRE(host_call());
	REQUIRE_EQUAL(check_warnings, 1);
	REQUIRE(strstr(check_message, "QNET_FAULTS") != NULL);
	REQUIRE(pthread_equal(told_on, pthread_self()));
	return NULL;
}

/* A program that has written its title over its arguments and its environment, and another that has none. */
static const char *overwritten_stack(void)
{
	static char *moved[] = { "PATH=/bin", "QNET_FAULTS=nonsense", NULL };
	char **old = environ;

	qnet_set_message_handler(check_count_message, NULL);
	environ = moved;
	for (int i = 0; old[i] != NULL; i++) {
		memset(old[i], 'x', strlen(old[i]));
		old[i] = (char *)8;
	}
	REQUIRE_OK(host_talk());
	REQUIRE_EQUAL(check_warnings, 1);
	return NULL;
}

static const char *no_environment(void)
{
	clearenv();
	return host_talk();
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "nothing_before", nothing_before, 0, 1, NULL },
		{ "workers", workers, 0, 10, NULL },
		{ "generations", generations, 0, 5, NULL },
		{ "as_a_daemon", as_a_daemon, 0, 5, NULL },
		{ "children_of_a_child", children_of_a_child, 0, 5, NULL },
		{ "during_the_first_call", during_the_first_call, 0, 20, NULL },
		{ "many_threads", many_threads, 0, 20, NULL },
		{ "smallest_stack", smallest_stack, 0, 5, NULL },
		{ "exit_handler", exit_handler, STATUS, 20, "fine" },
		{ "quick_exit_handler", quick_exit_handler, STATUS, 5, "fine" },
		{ "child_that_exits", child_that_exits, STATUS, 5, "fine" },
		{ "constructor", constructor, STATUS, 5, "finefine" },
		{ "destructor", destructor, STATUS, 5, "fine" },
		{ "environment", environment, 0, 1, NULL },
		{ "overwritten_stack", overwritten_stack, 0, 3, NULL },
		{ "no_environment", no_environment, 0, 3, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
