/* libqnet.a and another archive of Go in one program, each with a runtime of its own. */
#include "../hosts/host.h"

int64_t second_work(int64_t n);
int second_recover(void);
void second_call(uintptr_t f, uintptr_t data);

static void *work(void *n)
{
	return second_work((intptr_t)n) == (intptr_t)n * ((intptr_t)n + 1) / 2 ? NULL : (void *)"the other counts wrongly";
}

static const char *at_once(void)
{
	pthread_t worker;
	void *why;

	REQUIRE_EQUAL(pthread_create(&worker, NULL, work, (void *)100000), 0);
	for (int i = 0; i < 20; i++)
		REQUIRE_OK(host_talk());
	pthread_join(worker, &why);
	REQUIRE_OK(why);
	return NULL;
}

static void talk_within(const char **why) { *why = host_talk(); }

static const char *one_calls_the_other(void)
{
	const char *why = "not called";

	second_call((uintptr_t)talk_within, (uintptr_t)&why);
	return why;
}

/* A fault belongs to the runtime in whose code it is. */
static const char *faults(void)
{
	REQUIRE_OK(host_talk());
	REQUIRE(second_recover());
	return host_talk();
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "at_once", at_once, 0, 1, NULL },
		{ "one_calls_the_other", one_calls_the_other, 0, 1, NULL },
		{ "faults", faults, 0, 1, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
