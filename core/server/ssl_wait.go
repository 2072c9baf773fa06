package server

import (
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
)

// waitForNewConnection waits until a connection is pending: accepts it, and goes on with the
// handshakes that there are.
func (x *SSL) waitForNewConnection(msec int) (ok, timedOut bool) {
	s := x.s
	if !s.IsListening() {
		return false, false
	}
	w := &sslWait{wait: wait{base: &s.base, limit: maxAccepts, maxPending: s.maxPending}, x: x, before: x.presented}
	s.Pin()
	defer s.Unpin()
	ending, err := s.waiters.Wait(s.Loop(), loop.Deadline(msec), w)
	if err != nil {
		s.failure = failure.Create(err)
		return false, false
	}
	return ending == loop.Done && w.listening() && (w.full || x.presented != w.before), ending == loop.TimedOut
}

// sslWait is a wait for one that is encrypted.
type sslWait struct {
	wait
	x      *SSL
	before uint64 // that were presented
	own    int    // so many descriptors are looked at for the server itself
	takes  bool   // what they bring
	driven []driven
}

// driven is a handshake that goes on in a wait.
type driven struct {
	h        *handshake
	awaited  loop.Awaited
	from, to int // its descriptors
}

func (w *sslWait) Over() bool {
	// One that is encrypted and cannot be presented is as good as one that cannot be accepted.
	w.full = w.full || len(w.x.encrypted) > 0 && len(w.pending) >= w.maxPending
	return !w.listening() || w.full || w.x.presented != w.before
}

func (w *sslWait) Wants(list []poll.Waited) (wanted []poll.Waited, at int64) {
	if w.takes = !w.x.busy() || w.spread.returning; w.takes {
		list, at = w.wait.Wants(list)
	}
	w.own, w.driven = len(list), w.driven[:0]
	if w.x.promoting {
		at = 1
	}
	for _, h := range w.x.handshakes {
		d := driven{h: h, awaited: h.socket.SSL().Awaited(), from: len(list)}
		var when int64
		list, when = d.awaited.Wants(list)
		d.to = len(list)
		w.driven = append(w.driven, d)
		due, _ := h.timer.Due()
		at = earliest(earliest(at, when), due)
	}
	return list, at
}

// earliest returns the earlier of two times of which 0 is never.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (w *sslWait) Proceed(wanted []poll.Waited) {
	if w.x.promoting {
		w.x.promote()
	}
	if w.takes {
		w.wait.Proceed(wanted[:w.own])
	}
	w.x.drive(func() {
		for _, d := range w.driven {
			switch {
			case d.h.place < 0 || !w.Alive():
			case d.h.timer.Passed():
				w.Loop().StopTimer(&d.h.timer)
				d.h.expire()
			default:
				d.awaited.Proceed(wanted[d.from:d.to])
			}
		}
	})
}
