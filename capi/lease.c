#include "lease.h"

#include "nesting.h"
#include "trace.h"

#include <qnet/qnet.h>

_Thread_local struct qnetc_lease qnetc_lease __attribute__((tls_model("initial-exec")));

/* The round, without any callback, of a thread that has abandoned its own. */
static _Thread_local struct qnetc_round nobodys;

void qnetc_lease_abandon(void)
{
	struct qnetc_lease *lease = &qnetc_lease;
	uint64_t in_use = lease->granted ^ QNETC_LEASE_STATES;

	if (lease->round == NULL || atomic_load_explicit(&lease->round->word, memory_order_relaxed) != in_use)
		return;
	atomic_store_explicit(&lease->round->word, lease->granted, memory_order_release);
	/* Should the thread come back to where it was interrupted, it finds nothing that it could do. */
	*lease = (struct qnetc_lease){ .round = &nobodys };
}

/* Goes on to the next callback of the round; false at its end. */
static bool next(struct qnetc_lease *lease)
{
	struct qnetc_round *round = lease->round;
	struct qnetc_terms *terms = lease->terms;
	bool more;

	if (qnetc_in_child || !qnetc_lease_use(lease))
		return false;
	if (terms != NULL && terms->out == round->next)
		round->next += terms->staged;
	more = ++round->current < round->count;
	if (more) {
		terms = &round->terms[round->current];
		terms->out = round->next;
		if (terms->room > round->end - round->next)
			terms->room = round->end - round->next;
		lease->terms = terms;
	}
	qnetc_lease_leave(lease);
	return more;
}

void qnetc_run(uintptr_t round, uint64_t granted)
{
	struct qnetc_lease outer = qnetc_lease;
	struct qnetc_lease *lease = &qnetc_lease;
	struct qnetc_nesting before;

	before = qnetc_callback_begins();
	*lease = (struct qnetc_lease){ .round = (struct qnetc_round *)round, .granted = granted };
	while (next(lease)) {
		if (__builtin_expect(qnetc_tracing, false))
			qnetc_trace_signal("qnet_socket ready_read", lease->terms->handle, 0);
		((qnet_socket_callback)lease->terms->function)((qnet_socket *)lease->terms->handle,
							       (void *)lease->terms->user_data);
	}
	qnetc_lease_abandon(); /* a callback may have left a copy by siglongjmp() */
	*lease = outer;
	qnetc_callback_ends(&before);
}
