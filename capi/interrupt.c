#include "interrupt.h"

static _Thread_local int interrupt_fd = -1;
static _Thread_local bool interrupted;

void qnetc_set_interrupt_fd(int fd) { interrupt_fd = fd; }

int qnetc_interrupt_fd(void) { return interrupt_fd; }

void qnetc_note_interrupt(void) { interrupted = true; }

bool qnetc_take_interrupt(void)
{
	bool was = interrupted;

	interrupted = false;
	return was;
}
