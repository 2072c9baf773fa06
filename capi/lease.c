#include "lease.h"

#include <qnet/qnet.h>

_Thread_local struct qnetc_lease qnetc_lease __attribute__((tls_model("initial-exec")));

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

	*lease = (struct qnetc_lease){ .round = (struct qnetc_round *)round, .granted = granted };
	while (next(lease))
		((qnet_socket_callback)lease->terms->function)((qnet_socket *)lease->terms->handle,
							       (void *)lease->terms->user_data);
	*lease = outer;
}
