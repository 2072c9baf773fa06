package main

/*
#include <stdbool.h>
#include "handlers.h"
#include "interrupt.h"
*/
import "C"

import "qnet/core/loop"

var interrupts = loop.Interrupts{
	FD:   func() int { return int(C.qnetc_interrupt_fd()) },
	Note: func() { C.qnetc_note_interrupt() },
}

//export qnetgo_set_interrupt_fd
func qnetgo_set_interrupt_fd(fd C.int) {
	C.qnetc_mend_handlers()
	C.qnetc_set_interrupt_fd(max(fd, -1))
	loop.SetInterrupts(&interrupts)
}

//export qnetgo_interrupted
func qnetgo_interrupted() C.bool { return C.qnetc_take_interrupt() }
