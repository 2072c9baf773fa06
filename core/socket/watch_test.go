package socket

import (
	"testing"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/poll"
)

// deaf is told in vain.
type deaf struct{}

func (deaf) Ready(poll.Event) {}

// unwatchable returns a connected socket that reads on, though the system refuses to tell
// of it any more.
func unwatchable(t *testing.T) *rig {
	t.Helper()
	r, p := connected(t, looptest.New(t))
	r.SetReadLimit(4)
	p.Say("too much")
	r.untilAvailable(4)
	r.settle()
	// It is not watched now, and the system refuses to watch twice.
	if _, err := r.l.Watch(r.Descriptor(), 0, deaf{}); err != nil {
		t.Fatal(err)
	}
	r.log = nil
	r.Read(make([]byte, 4))
	return r
}

func TestAConnectionThatCannotBeWatchedEnds(t *testing.T) {
	r := unwatchable(t)
	r.expect() // a read tells nothing
	r.untilLogged("disconnected")
	if r.State() != Unconnected || r.Failure().Text == "" {
		t.Errorf("state %d, %v", r.State(), r.Failure())
	}
}

func TestWhatCannotBeWatchedMayEndBefore(t *testing.T) {
	r := unwatchable(t)
	r.Abort()
	r.settle()
	r.expect("aboutToClose", "state 0", "readChannelFinished", "disconnected")

	r = unwatchable(t)
	r.Abort()
	listener := looptest.Listen(t)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.untilLogged("connected")
	r.settle()
	if r.State() != Connected {
		t.Errorf("state %d: %v", r.State(), r.Failure())
	}

	r = unwatchable(t)
	r.Delete()
	looptest.Settle(t, r.l)
}
