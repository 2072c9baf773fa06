#include "nesting.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unwind.h>

#include "message.h"
#include "streams.h"

#include <qnet/global.h>

_Thread_local struct qnetc_nesting qnetc_nesting __attribute__((tls_model("initial-exec")));

void qnetc_out_of_order(void)
{
	qnetc_message(QNET_CRITICAL_MSG, "a callback ends before one that began within it, in another coroutine: "
					 "a callback must not wait for what is resumed after it, and the process ends");
	abort();
}

/* Where the thread's own stack is. */
struct bounds {
	const char *low, *high;
};

static bool is_within(const char *place, const struct bounds *bounds)
{
	return place >= bounds->low && place < bounds->high;
}

static const struct bounds *own_stack(void)
{
	static _Thread_local struct bounds bounds;
	struct qnetc_streams streams;
	pthread_attr_t attributes;
	void *low;
	size_t size;

	if (bounds.high != NULL)
		return &bounds;
	streams = qnetc_hold_streams(); /* for the first thread's the C library reads a file */
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		if (pthread_attr_getstack(&attributes, &low, &size) == 0)
			bounds = (struct bounds){ low, (const char *)low + size };
		pthread_attr_destroy(&attributes);
	}
	qnetc_release_streams(&streams);
	return &bounds;
}

/* What unwinds a stack for exceptions can tell whether a frame is further up on the same stack. */
typedef _Unwind_Reason_Code backtrace_function(_Unwind_Trace_Fn, void *);
typedef _Unwind_Word cfa_function(struct _Unwind_Context *);

struct search {
	cfa_function *cfa;
	uintptr_t frame;
	bool found;
};

static _Unwind_Reason_Code look_at_frame(struct _Unwind_Context *context, void *argument)
{
	struct search *search = argument;

	/* The frame's address is that of the saved frame pointer, below what the unwinder calls its address. */
	search->found = search->cfa(context) - search->frame <= 2 * sizeof(void *);
	return search->found ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static bool unwinder_finds(const char *frame, backtrace_function *backtrace, cfa_function *cfa)
{
	struct search search = { .cfa = cfa, .frame = (uintptr_t)frame };

	backtrace(look_at_frame, &search);
	return search.found;
}

#ifdef QNETC_ARCHIVE
/*
 * A program has the unwinder from its compiler, which brings it along. That of musl-gcc
 * may be made for the GNU C library, so there it is used only where the program has it.
 */
#ifndef __GLIBC__
#pragma weak _Unwind_Backtrace
#pragma weak _Unwind_GetCFA
#endif

static bool is_further_up(const char *frame)
{
	backtrace_function *backtrace = _Unwind_Backtrace;
	cfa_function *cfa = _Unwind_GetCFA;

	return backtrace == NULL || cfa == NULL || unwinder_finds(frame, backtrace, cfa);
}
#else
/* It is no part of the C library, and is looked for where it is needed. */
static bool is_further_up(const char *frame)
{
	struct qnetc_streams streams = qnetc_hold_streams();
	void *unwinder = dlopen("libgcc_s.so.1", RTLD_LAZY);
	backtrace_function *backtrace;
	cfa_function *cfa;
	bool found = true;

	qnetc_release_streams(&streams);
	if (unwinder == NULL)
		return true;
	backtrace = (backtrace_function *)dlsym(unwinder, "_Unwind_Backtrace");
	cfa = (cfa_function *)dlsym(unwinder, "_Unwind_GetCFA");
	if (backtrace != NULL && cfa != NULL)
		found = unwinder_finds(frame, backtrace, cfa);
	dlclose(unwinder);
	return found;
}
#endif

/* A signal handler interrupts the callback. It must not call, except where it ends the process and never returns. */
static bool in_signal_handler(void)
{
	stack_t stack;

	return sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK) != 0;
}

bool qnetc_check_stack(const char *function)
{
	const char *frame = qnetc_nesting.frame, *here = __builtin_frame_address(0);
	const struct bounds *own = own_stack();
	bool same;

	if (is_within(frame, own) || is_within(here, own))
		same = is_within(frame, own) && is_within(here, own) && here < frame;
	else
		same = is_further_up(frame);
	if (!same && in_signal_handler())
		same = true;
	if (!same)
		qnetc_message_about(function, QNET_WARNING_MSG, "called in a coroutine while a callback in another one has not ended; "
						     "it would have to end first");
	return same;
}
