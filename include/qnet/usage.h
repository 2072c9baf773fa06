/**
 * @file usage.h
 * What the library holds at a moment: for tests that look for leaks, and for
 * services that watch themselves. Nothing like it is in Qt.
 */
#ifndef QNET_USAGE_H
#define QNET_USAGE_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What the whole process holds of the library's things. An object counts from
 * its making until its last callback, qnet_*_on_destroyed(), has returned.
 * Values of different moments can be compared; while other threads work, those
 * of one moment need not fit together.
 */
typedef struct qnet_usage {
	/** The size of the struct in bytes, set by the caller: sizeof (qnet_usage).
	 *  Later versions add fields at the end and fill those that the caller has. */
	size_t size;
	/** Sockets of all kinds, also those that wait in a server to be taken. */
	int64_t sockets;
	/** TCP servers. */
	int64_t tcp_servers;
	/** Servers of local sockets. */
	int64_t local_servers;
	/** Timers. */
	int64_t timers;
	/** Look-ups of hosts and their results. */
	int64_t host_infos;
	/** Loops; the default one counts once it was used. A deleted loop counts
	 *  while an object or a turn keeps it. */
	int64_t loops;
	/** Registrations of callbacks that qnet_disconnect() would remove. */
	int64_t connections;
	/** What loops are still to call or to delete: what was posted, asked to be
	 *  deleted later or deferred by a running turn. */
	int64_t posted;
	/** Times that loops wait for: active timers, single shots, limits on
	 *  connecting, idling and the like. */
	int64_t timeouts;
	/** Descriptors that loops watch. */
	int64_t watches;
	/** Descriptors that loops keep open for the next qnet_*_wait_for_*(), a few
	 *  for each loop at most. */
	int64_t spare_descriptors;
	/** Turns of loops that have not returned, nested ones too. Whoever asks in
	 *  a loop's callback finds that one's. */
	int64_t turns;
	/** Pieces of memory that hold what was received and not read, or written
	 *  and not sent. */
	int64_t buffers;
	/** Handles of deleted objects that are remembered, so that their use is
	 *  recognised: some 32 bytes each, and 65536 at most. */
	int64_t deleted_handles;
	/** Go's goroutines: one for each thread that has called the library and
	 *  lives, and for each look-up that is under way. */
	int64_t goroutines;
	/** Bytes of Go's heap that are in use, or were when garbage was collected
	 *  last. */
	int64_t heap_bytes;
	/** Values of TLS that are still to be released: certificates, their extensions,
	 *  keys, errors, configurations and OCSP responses. */
	int64_t ssl_values;
	/** Notifiers of descriptors. */
	int64_t notifiers;
} qnet_usage;

/**
 * Writes what the library holds to @p usage, whose `size` the caller has set: at
 * most as many bytes, and `size` then tells how many. With @p collect, garbage is
 * collected first and free memory goes back to the system, so that `heap_bytes`
 * and the process's memory can be compared with what they were: that keeps a
 * processor busy for some milliseconds, and longer the more objects there are.
 * Without, it takes some microseconds. Returns false, with a warning, if
 * @p usage is NULL or its `size` less than a field.
 *
 * Beyond Qt: what the library holds.
 */
QNET_API bool qnet_get_usage(qnet_usage *usage, bool collect);

#ifdef __cplusplus
}
#endif

#endif
