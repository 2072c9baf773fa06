/*
 * Hosts that have little: address space, threads, descriptors. Where the library
 * cannot start, or gets no descriptors later, calls fail and say why, and work
 * when there is enough. (Where Go gets no memory later, it ends the process at
 * any time.) And a host that changes its user. LIBRARY is its path.
 */
#include "late.h"

#include "host.h"

#include <grp.h>
#include <sys/resource.h>

enum { NOBODY = 65534 };

static const char *load(void)
{
	return late_load(LIBRARY, RTLD_NOW) != NULL ? NULL : "not loaded";
}

static const char *limit(int resource, rlim_t value)
{
	struct rlimit now;

	REQUIRE_EQUAL(getrlimit(resource, &now), 0);
	now.rlim_cur = value;
	REQUIRE_EQUAL(setrlimit(resource, &now), 0);
	return NULL;
}

/* The first call under a limit fails and says why; without it the next one works. */
static const char *first_call_with(int resource, rlim_t value, const char *says)
{
	int descriptors = check_count_descriptors();
	struct rlimit before;

	getrlimit(resource, &before);
	qnet_set_message_handler(check_count_message, NULL);
	REQUIRE_OK(limit(resource, value));
	for (int i = 0; i < 3; i++) {
		REQUIRE(qnet_loop_new() == NULL);
		REQUIRE_EQUAL(check_internal, i + 1);
		REQUIRE(strstr(check_message, "qnet_loop_new: the library needs") != NULL && strstr(check_message, says) != NULL);
	}
	REQUIRE_OK(limit(resource, before.rlim_cur));
	REQUIRE_EQUAL(check_count_descriptors(), descriptors);
	qnet_set_message_handler(NULL, NULL);
	return host_talk();
}

static const char *no_address_space_to_start(void)
{
	REQUIRE_OK(load());
	return first_call_with(RLIMIT_AS, 300 << 20, "RLIMIT_AS");
}

static const char *no_descriptors_to_start(void)
{
	REQUIRE_OK(load());
	return first_call_with(RLIMIT_NOFILE, 4, "RLIMIT_NOFILE");
}

static const char *no_threads_to_start(void)
{
	REQUIRE_OK(load());
	/* The limit is for users without rights. */
	if (geteuid() == 0)
		REQUIRE(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
	return first_call_with(RLIMIT_NPROC, 1, "RLIMIT_NPROC");
}

/* 2 GB of address space are enough. */
static const char *address_space_to_start(void)
{
	REQUIRE_OK(limit(RLIMIT_AS, 2000L << 20));
	REQUIRE_OK(load());
	return host_talk();
}

static const char *descriptors_gone(void)
{
	struct rlimit before;

	REQUIRE_OK(load());
	REQUIRE_OK(host_talk());
	getrlimit(RLIMIT_NOFILE, &before);
	for (int free = 0; free < 8; free++) {
		qnet_loop *loop;
		int next = dup(STDIN_FILENO);

		close(next);
		REQUIRE_OK(limit(RLIMIT_NOFILE, (rlim_t)(next + free)));
		qnet_set_message_handler(check_count_message, NULL);
		check_warnings = 0;
		loop = qnet_loop_new();
		REQUIRE_EQUAL(loop == NULL, check_warnings > 0);
		if (loop == NULL)
			REQUIRE(strstr(check_message, "too many open files") != NULL);
		else
			qnet_loop_delete(loop);
		if (free == 0)
			REQUIRE(loop == NULL);
		REQUIRE_OK(limit(RLIMIT_NOFILE, before.rlim_cur));
		REQUIRE_OK(host_talk());
	}
	return NULL;
}

/* The system changes the user for each thread; Go's too. */
static const char *another_user(void)
{
	struct host_traffic traffic = { 0 };
	char line[200];
	FILE *users;

	REQUIRE_OK(load());
	REQUIRE_OK(host_traffic_start(&traffic));
	if (geteuid() == 0) {
		REQUIRE_EQUAL(setgroups(0, NULL), 0);
		REQUIRE_EQUAL(setgid(NOBODY), 0);
		REQUIRE_EQUAL(setuid(NOBODY), 0);
	} else {
		REQUIRE_EQUAL(setuid(geteuid()), 0); /* tells each thread as well */
	}
	users = popen("cat /proc/$PPID/task/*/status | grep ^Uid: | sort -u | wc -l", "r");
	REQUIRE(users != NULL && fgets(line, sizeof line, users) != NULL);
	pclose(users);
	REQUIRE_TEXT(line, "1\n");
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	REQUIRE_OK(host_talk());
	return host_traffic_stop(&traffic);
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "no_address_space_to_start", no_address_space_to_start, 0, 3, NULL },
		{ "no_descriptors_to_start", no_descriptors_to_start, 0, 3, NULL },
		{ "no_threads_to_start", no_threads_to_start, 0, 3, NULL },
		{ "address_space_to_start", address_space_to_start, 0, 20, NULL },
		{ "descriptors_gone", descriptors_gone, 0, 3, NULL },
		{ "another_user", another_user, 0, 5, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
