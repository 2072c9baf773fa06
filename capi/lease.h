/*
 * C's side of a lease (core/lease): what the thread inside a readyRead callback
 * may do with the socket that calls it back without entering Go.
 */
#ifndef QNETC_LEASE_H
#define QNETC_LEASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fork.h"

/* Laid out like terms in core/lease. */
struct qnetc_lease {
	_Atomic uint32_t state;
	uintptr_t token;  /* the handle */
	const char *data; /* what can be read, */
	int64_t left;     /* and how much */
	char *out;        /* where to write, */
	int64_t room;     /* how much, */
	int64_t staged;   /* and how much was */
};

enum { QNETC_LEASE_NONE, QNETC_LEASE_GRANTED, QNETC_LEASE_IN_USE };

/* The lease of the callback that this thread is in, which may have ended. */
extern QNETC_HIDDEN _Thread_local struct qnetc_lease *qnetc_lease __attribute__((tls_model("initial-exec")));

/* Returns the lease of a handle, in use, or NULL. */
static inline struct qnetc_lease *qnetc_lease_use(const void *handle)
{
	struct qnetc_lease *lease = qnetc_lease;
	uint32_t state = QNETC_LEASE_GRANTED;

	if (lease == NULL ||
	    !atomic_compare_exchange_strong_explicit(&lease->state, &state, QNETC_LEASE_IN_USE,
						     memory_order_acquire, memory_order_relaxed))
		return NULL;
	if (lease->token == (uintptr_t)handle)
		return lease;
	atomic_store_explicit(&lease->state, QNETC_LEASE_GRANTED, memory_order_release);
	return NULL;
}

static inline void qnetc_lease_leave(struct qnetc_lease *lease)
{
	atomic_store_explicit(&lease->state, QNETC_LEASE_GRANTED, memory_order_release);
}

/* qnet_socket_read() under a lease; false without one. */
static inline bool qnetc_lease_read(const void *socket, void *data, int64_t max_size, int64_t *result)
{
	struct qnetc_lease *lease;
	int64_t size;

	if (max_size <= 0 || data == NULL || (lease = qnetc_lease_use(socket)) == NULL)
		return false;
	size = max_size < lease->left ? max_size : lease->left;
	memcpy(data, lease->data, (size_t)size);
	lease->data += size;
	lease->left -= size;
	qnetc_lease_leave(lease);
	*result = size;
	return true;
}

/* qnet_socket_bytes_available() under a lease; false without one. */
static inline bool qnetc_lease_bytes_available(const void *socket, int64_t *result)
{
	struct qnetc_lease *lease = qnetc_lease_use(socket);

	if (lease == NULL)
		return false;
	*result = lease->left;
	qnetc_lease_leave(lease);
	return true;
}

/* qnet_socket_write() under a lease; false without one, or without room. */
static inline bool qnetc_lease_write(const void *socket, const void *data, int64_t size, int64_t *result)
{
	struct qnetc_lease *lease;
	bool fits;

	if (size <= 0 || data == NULL || (lease = qnetc_lease_use(socket)) == NULL)
		return false;
	fits = size <= lease->room - lease->staged;
	if (fits) {
		memcpy(lease->out + lease->staged, data, (size_t)size);
		lease->staged += size;
		*result = size;
	}
	qnetc_lease_leave(lease);
	return fits;
}

#endif
