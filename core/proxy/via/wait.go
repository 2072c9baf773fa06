package via

import (
	"time"

	"qnet/core/option"
	"qnet/core/poll"
)

// Wants is that of a loop.Awaited. While somebody is asked there is nothing to wait for.
func (v *Via) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	switch v.stage {
	case dialing:
		return v.dial.Wants(list)
	case talking, listening:
		// It runs as long as the proxy owes something.
		at, running := v.timer.Due()
		if !running {
			at = 0
		}
		return append(list, poll.For(v.fd, v.wants())), at
	}
	return list, 0
}

// Proceed does what the loop would have done by now.
func (v *Via) Proceed() {
	switch v.stage {
	case dialing:
		v.dial.Proceed()
	case talking, listening:
		list := []poll.Waited{poll.For(v.fd, v.wants())}
		poll.Wait(list, time.Now())
		if events := list[0].Events(); events != 0 {
			v.Ready(events)
		} else if v.timer.Passed() {
			v.tick()
		}
	}
}

// FD returns the descriptor that is connected to the proxy, or will be; -1 if there is
// none.
func (v *Via) FD() int {
	if v.stage == dialing {
		return v.dial.FD()
	}
	return v.fd
}

// SetOption sets an option for the connection to the proxy. It reports whether the system
// has taken it. What Owner.Open makes later is the Owner's affair.
func (v *Via) SetOption(o option.Option, value int) bool {
	if v.stage == dialing {
		return v.dial.SetOption(o, value)
	}
	return v.fd >= 0 && option.Set(v.fd, o, value) == nil
}
