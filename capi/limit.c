#include "limit.h"

#include <sys/resource.h>

static struct rlimit found;

void qnetc_remember_limit(void)
{
	getrlimit(RLIMIT_NOFILE, &found);
}

bool qnetc_restore_limit(void)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) != 0)
		return false;
	/* Only what Go has made of it: the host may have set another meanwhile. */
	if (now.rlim_max != found.rlim_max || now.rlim_cur != now.rlim_max - 1)
		return false;
	return setrlimit(RLIMIT_NOFILE, &found) == 0;
}
