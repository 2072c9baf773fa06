/*
 * The callbacks that a thread is in, one inside another. In Go they lie, with the
 * calls that make them, on one stack for each thread: they must end in the opposite
 * order of their beginning. A host's coroutines, which have stacks of their own,
 * may have them end in another order, and Go would end the process in its own
 * words. So it is prevented where it can be foreseen: what runs callbacks for long
 * is refused inside a callback that is on another stack.
 */
#ifndef QNETC_NESTING_H
#define QNETC_NESTING_H

#include <stdint.h>

#include "fork.h"

struct qnetc_nesting {
	uint64_t callback; /* the innermost that has not ended, by a number that has not been used; 0: none */
	uint64_t begun;    /* how many have begun */
	const char *frame; /* where on its stack the callback was called */
};

extern QNETC_HIDDEN _Thread_local struct qnetc_nesting qnetc_nesting __attribute__((tls_model("initial-exec")));

/* Ends the process: a callback that began within one which is about to end has not ended. */
QNETC_HIDDEN void qnetc_out_of_order(void) __attribute__((noreturn));

/* A callback begins; returns what qnetc_callback_ends() takes. */
static inline struct qnetc_nesting qnetc_callback_begins(void)
{
	struct qnetc_nesting before = qnetc_nesting;

	qnetc_nesting.callback = ++qnetc_nesting.begun;
	qnetc_nesting.frame = __builtin_frame_address(0);
	return before;
}

static inline void qnetc_callback_ends(const struct qnetc_nesting *before)
{
	if (__builtin_expect(qnetc_nesting.callback != before->begun + 1, 0))
		qnetc_out_of_order();
	qnetc_nesting.callback = before->callback;
	qnetc_nesting.frame = before->frame;
}

/* Sends the message that function cannot be called here, if this is another stack than that of the callback. */
QNETC_HIDDEN bool qnetc_check_stack(const char *function);

/* Tells whether function, which runs callbacks until it returns, must fail, after a message. */
static inline bool qnetc_refused_here(const char *function)
{
	return __builtin_expect(qnetc_nesting.callback != 0, 0) && !qnetc_check_stack(function);
}

#endif
