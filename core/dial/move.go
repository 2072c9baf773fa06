package dial

import (
	"qnet/core/loop"
	"qnet/core/poll"
)

// Take has the attempts go along when the owner goes to another loop.
func (d *Dial) Take(t *loop.Transfer) {
	for _, a := range d.attempts {
		t.Take(&a.watch, a.fd, poll.Out, a)
	}
}

// Moved has the rest follow. A look-up finds its way by itself.
func (d *Dial) Moved(from, to *loop.Loop) {
	d.timer.Move(from, to)
	from.TakeBack(&d.begins)
	if d.stage == lookedUp {
		to.PostOnce(&d.begins)
	}
}
