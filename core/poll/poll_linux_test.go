package poll_test

import (
	"testing"
	"time"

	"qnet/core/poll"
)

// Here the descriptor looks for itself whether what it was told of still holds.
func TestItsDescriptorNeedsNoLook(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	p.Add(one, poll.In, 9)
	write(t, other)
	list := []poll.Waited{poll.For(p.FD(), poll.In)}
	if !poll.Wait(list, time.Now().Add(soon)) {
		t.Error("it is not readable")
	}
	read(one)
	if poll.Wait(list, time.Time{}.Add(1)) {
		t.Error("it is readable afterwards")
	}
}
