package socket

import (
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// The queue of a local server may be full. The system does not tell when there
// is room again, so connecting is tried again after a while that doubles.
const (
	firstPause    = time.Millisecond
	lastPause     = 16 * time.Millisecond
	serverTimeout = 30 * time.Second // as in Qt
)

// localAttempt is a connection that waits for room in the server's queue.
type localAttempt struct {
	s        *Socket
	fd       int
	pause    time.Duration
	deadline int64
	timer    loop.Timer
}

func (s *Socket) tryServerLater(fd int) {
	a := s.cold.local.attempt
	if a == nil {
		a = &localAttempt{s: s, fd: fd, deadline: sys.Now() + int64(serverTimeout)}
		a.timer.Expired = a.tick
		s.cold.local.attempt = a
	}
	if sys.Now() >= a.deadline {
		s.serverFailed(failure.LocalConnectTimeout)
		return
	}
	a.pause = min(max(2*a.pause, firstPause), lastPause)
	// Who waits sleeps until then, too.
	s.Loop().StartTimer(&a.timer, a.pause)
}

func (a *localAttempt) tick() {
	if a.s.cold.local.attempt == a {
		a.s.Loop().StopTimer(&a.timer)
		a.s.tryServer(a.fd)
	}
}

// dropAttempt gives up waiting for room in a server's queue.
func (s *Socket) dropAttempt() {
	p := s.cold.local
	if a := p.attempt; a != nil {
		p.attempt = nil
		s.Loop().StopTimer(&a.timer)
		sys.Close(a.fd)
	}
}

// Wants is that of an attempt: nothing but the time tells when there may be room.
func (a *localAttempt) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	at, _ := a.timer.Due()
	return list, at
}

// Proceed tries again if it is time.
func (a *localAttempt) Proceed() {
	if a.timer.Passed() {
		a.tick()
	}
}
