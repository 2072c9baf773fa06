package via

import (
	"time"

	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/sys"
)

// listen goes on when the proxy listens: nobody knows when somebody comes.
func (v *Via) listen(at proxy.Target) {
	v.stage = listening
	v.Home.Loop().StopTimer(&v.timer)
	v.Owner.(Listener).Listens(at)
}

// Hear says whether a proxy that listens is heard: while it is not, whoever has come waits.
// It is an error if the system has no room for that.
func (v *Via) Hear(on bool) error {
	switch {
	case v.stage != listening || on == (v.watch != 0):
	case on:
		var err error
		if v.watch, err = v.Home.Loop().Watch(v.fd, poll.In, v); err != nil {
			return err
		}
		if v.begun {
			v.giveTime()
		}
	default:
		v.unwatch()
		v.Home.Loop().StopTimer(&v.timer)
	}
	return nil
}

// begin has a proxy that has begun to say who has come take not too long.
func (v *Via) begin() {
	if !v.begun {
		v.begun = true
		v.end = sys.Now() + int64(timeout)
	}
	if v.watch != 0 {
		v.giveTime()
	}
}

// Arrived reports whether a proxy that listens has something to say.
func (v *Via) Arrived() bool {
	if v.stage != listening {
		return false
	}
	list := []poll.Waited{poll.For(v.fd, poll.In)}
	poll.Wait(list, time.Now())
	return list[0].Events() != 0
}
