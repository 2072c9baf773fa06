#include "need.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	ADDRESS_SPACE = 1600 << 20, /* Go 1.26 takes 820 MB at once, and its threads more */
	THREADS = 5,
	DESCRIPTORS = 4,
};

static bool has_address_space(void)
{
	void *space = mmap(NULL, ADDRESS_SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return space != MAP_FAILED && munmap(space, ADDRESS_SPACE) == 0;
}

static bool has_descriptors(void)
{
	int made[DESCRIPTORS], count = 0;

	while (count < DESCRIPTORS && (made[count] = eventfd(0, EFD_CLOEXEC)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		close(made[i]);
	return count == DESCRIPTORS;
}

static void *wait_for(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* All at once, and with the stacks that Go gives them: a smaller one may not hold the program's thread-local data. */
static bool has_threads(void)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t made[THREADS];
	int count = 0;

	pthread_mutex_lock(&gate);
	while (count < THREADS && pthread_create(&made[count], NULL, wait_for, &gate) == 0)
		count++;
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < count; i++)
		pthread_join(made[i], NULL);
	return count == THREADS;
}

const char *qnetc_missing(void)
{
	if (!has_address_space())
		return "the library needs 2 GB of address space, not of memory, to start: see RLIMIT_AS (ulimit -v)";
	if (!has_descriptors())
		return "the library needs four descriptors to start: see RLIMIT_NOFILE (ulimit -n)";
	if (!has_threads())
		return "the library needs five threads to start: see RLIMIT_NPROC (ulimit -u) and the container's limit";
	return NULL;
}
