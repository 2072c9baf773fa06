/*
 * C's side of a lease (core/lease): the callbacks of readyRead that a round makes,
 * and what the thread inside one may do with the socket without entering Go.
 */
#ifndef QNETC_LEASE_H
#define QNETC_LEASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fork.h"

/* Laid out like Terms in core/lease. */
struct qnetc_terms {
	uintptr_t function;
	uintptr_t handle;
	uintptr_t user_data;
	const char *data; /* what can be read, */
	int64_t left;     /* and how much */
	const char *out;  /* what was written: in the round's memory, or where it can be read, */
	int64_t room;     /* how much fits there, */
	int64_t staged;   /* and how much was */
};

/* Laid out like round in core/lease. */
struct qnetc_round {
	_Atomic uint64_t word;
	int64_t count;
	int64_t current;
	char *next;
	char *end;
	struct qnetc_terms terms[];
};

enum { QNETC_LEASE_NONE, QNETC_LEASE_GRANTED, QNETC_LEASE_IN_USE, QNETC_LEASE_STATES = 3 };

/* The callback that this thread is in; its round may have ended. */
struct qnetc_lease {
	struct qnetc_round *round;
	struct qnetc_terms *terms;
	uint64_t granted; /* the round's word while it goes on */
};

extern QNETC_HIDDEN _Thread_local struct qnetc_lease qnetc_lease __attribute__((tls_model("initial-exec")));

/* Makes the callbacks of a round while its word is granted. */
QNETC_HIDDEN void qnetc_run(uintptr_t round, uint64_t granted);

/* Lets the round end in whose use a signal has interrupted this thread, if one has. */
QNETC_HIDDEN void qnetc_lease_abandon(void);

/* Tells whether the round goes on, and keeps it from ending until qnetc_lease_leave(). */
static inline bool qnetc_lease_use(const struct qnetc_lease *lease)
{
	uint64_t word = lease->granted;

	return atomic_compare_exchange_strong_explicit(&lease->round->word, &word, word ^ QNETC_LEASE_STATES,
						       memory_order_acquire, memory_order_relaxed);
}

static inline void qnetc_lease_leave(const struct qnetc_lease *lease)
{
	atomic_store_explicit(&lease->round->word, lease->granted, memory_order_release);
}

/* Returns what may be done with a handle, until qnetc_lease_leave(); NULL: Go knows. */
static inline struct qnetc_terms *qnetc_lease_of(const void *handle)
{
	const struct qnetc_lease *lease = &qnetc_lease;

	if (lease->terms == NULL || lease->terms->handle != (uintptr_t)handle || !qnetc_lease_use(lease))
		return NULL;
	return lease->terms;
}

/* qnet_socket_read() under a lease; false without one. */
static inline bool qnetc_lease_read(const void *socket, void *data, int64_t max_size, int64_t *result)
{
	struct qnetc_terms *terms;
	int64_t size;

	if (max_size <= 0 || data == NULL || (terms = qnetc_lease_of(socket)) == NULL)
		return false;
	size = max_size < terms->left ? max_size : terms->left;
	memcpy(data, terms->data, (size_t)size);
	terms->data += size;
	terms->left -= size;
	qnetc_lease_leave(&qnetc_lease);
	*result = size;
	return true;
}

/* qnet_socket_bytes_available() under a lease; false without one. */
static inline bool qnetc_lease_bytes_available(const void *socket, int64_t *result)
{
	struct qnetc_terms *terms = qnetc_lease_of(socket);

	if (terms == NULL)
		return false;
	*result = terms->left;
	qnetc_lease_leave(&qnetc_lease);
	return true;
}

/* qnet_socket_peek_buffer() under a lease; false without one. */
static inline bool qnetc_lease_peek_buffer(const void *socket, int64_t *size, const char **result)
{
	struct qnetc_terms *terms;

	if (size == NULL || (terms = qnetc_lease_of(socket)) == NULL)
		return false;
	*size = terms->left;
	*result = terms->left > 0 ? terms->data : NULL;
	qnetc_lease_leave(&qnetc_lease);
	return true;
}

/* qnet_socket_skip() under a lease; false without one. */
static inline bool qnetc_lease_skip(const void *socket, int64_t max_size, int64_t *result)
{
	struct qnetc_terms *terms;

	if (max_size <= 0 || (terms = qnetc_lease_of(socket)) == NULL)
		return false;
	*result = max_size < terms->left ? max_size : terms->left;
	terms->data += *result;
	terms->left -= *result;
	qnetc_lease_leave(&qnetc_lease);
	return true;
}

/* qnet_socket_write() under a lease; false without one, or without room. */
static inline bool qnetc_lease_write(const void *socket, const void *data, int64_t size, int64_t *result)
{
	struct qnetc_terms *terms;
	char *end;
	bool fits;

	if (size <= 0 || data == NULL || (terms = qnetc_lease_of(socket)) == NULL)
		return false;
	end = qnetc_lease.round->next + terms->staged;
	if (terms->staged == 0 && terms->room > 0 && data == terms->data && size <= terms->left) {
		/* What qnet_socket_peek_buffer() has shown stays there until it was sent. */
		terms->out = data;
		terms->staged = size;
		fits = true;
	} else {
		fits = terms->out == qnetc_lease.round->next && size <= terms->room - terms->staged;
		if (fits) {
			memcpy(end, data, (size_t)size);
			terms->staged += size;
		}
	}
	if (fits)
		*result = size;
	qnetc_lease_leave(&qnetc_lease);
	return fits;
}

#endif
