#include "from_signal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <qnet/loop.h>

/*
 * A loop. Entries are never freed: a handler may be on its way through the list. Those
 * of loops that are gone are used again.
 */
struct entry {
	struct entry *next;
	_Atomic uintptr_t handle; /* 0: free */
	atomic_int fd;
	atomic_int users; /* handlers that may be about to write to fd */
	_Atomic int64_t request;
};

/* A request is the exit code with this bit, which no code has: 0 is none. */
#define REQUESTED (INT64_C(1) << 32)

static _Atomic(struct entry *) entries;
static _Atomic uintptr_t default_handle;
/* One for a default loop that is still to be made. */
static _Atomic int64_t early;

uint32_t qnetc_requests;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of those who change the list */

static void leave(_Atomic int64_t *request, int code)
{
	if (atomic_exchange(request, REQUESTED | (uint32_t)code) == 0)
		__atomic_fetch_add(&qnetc_requests, 1, __ATOMIC_SEQ_CST);
}

static int64_t take(_Atomic int64_t *request)
{
	int64_t taken = atomic_exchange(request, 0);

	if (taken != 0)
		__atomic_fetch_sub(&qnetc_requests, 1, __ATOMIC_SEQ_CST);
	return taken;
}

bool qnet_loop_exit_from_signal(qnet_loop *loop, int code)
{
	uintptr_t handle = loop != NULL ? (uintptr_t)loop : atomic_load(&default_handle);
	const uint64_t one = 1;
	int saved = errno;
	bool left = false;

	if (qnetc_in_child)
		return false;
	if (handle == 0) {
		leave(&early, code);
		/* It may have been made meanwhile, and have found none. */
		handle = atomic_load(&default_handle);
		if (handle == 0 || take(&early) == 0)
			return true;
	}
	for (struct entry *e = atomic_load(&entries); e != NULL && !left; e = e->next) {
		if (atomic_load(&e->handle) != handle)
			continue;
		atomic_fetch_add(&e->users, 1);
		/* Whoever takes the handle away waits for the users that came before. */
		left = atomic_load(&e->handle) == handle;
		if (left) {
			leave(&e->request, code);
			/* A counter that is full is readable all the same. */
			if (write(atomic_load(&e->fd), &one, sizeof one) < 0)
				errno = saved;
		}
		atomic_fetch_sub(&e->users, 1);
	}
	errno = saved;
	return left;
}

void qnetc_let_signals_end(uintptr_t handle, int fd, bool is_default)
{
	struct entry *e;

	if (fd < 0)
		return;
	pthread_mutex_lock(&lock);
	for (e = atomic_load(&entries); e != NULL && atomic_load(&e->handle) != 0; e = e->next)
		;
	if (e == NULL && (e = calloc(1, sizeof *e)) != NULL) {
		e->next = atomic_load(&entries);
		atomic_store(&entries, e);
	}
	if (e != NULL) {
		take(&e->request);
		atomic_store(&e->fd, fd);
		atomic_store(&e->handle, handle);
	}
	if (is_default && e != NULL) {
		int64_t request;

		atomic_store(&default_handle, handle);
		request = take(&early);
		if (request != 0)
			leave(&e->request, (int)(uint32_t)request);
	}
	pthread_mutex_unlock(&lock);
}

void qnetc_keep_signals_off(uintptr_t handle)
{
	pthread_mutex_lock(&lock);
	for (struct entry *e = atomic_load(&entries); e != NULL; e = e->next) {
		if (atomic_load(&e->handle) != handle)
			continue;
		atomic_store(&e->handle, 0);
		/* A handler on this thread has returned by now. */
		while (atomic_load(&e->users) > 0)
			sched_yield();
		take(&e->request);
		break;
	}
	pthread_mutex_unlock(&lock);
}

bool qnetc_take_request(int fd, int *code)
{
	int64_t request = 0;

	for (struct entry *e = atomic_load(&entries); e != NULL && request == 0; e = e->next) {
		if (atomic_load(&e->handle) != 0 && atomic_load(&e->fd) == fd)
			request = take(&e->request);
	}
	*code = (int)(uint32_t)request;
	return request != 0;
}
