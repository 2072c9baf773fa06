package via

import (
	"qnet/core/loop"
	"qnet/core/poll"
)

// Take has what is watched go along when the owner goes to another loop.
func (v *Via) Take(t *loop.Transfer) {
	if v.dial != nil {
		v.dial.Take(t)
	}
	events := poll.In
	if v.stage == talking {
		events = v.wants()
	}
	t.Take(&v.watch, v.fd, events, v)
}

// Moved has the rest follow.
func (v *Via) Moved(from, to *loop.Loop) {
	if v.dial != nil {
		v.dial.Moved(from, to)
	}
	v.timer.Move(from, to)
}
