package socket

import (
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
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
	a := s.rare.local.attempt
	if a == nil {
		a = &localAttempt{s: s, fd: fd, deadline: sys.Now() + int64(serverTimeout)}
		a.timer.Expired = a.tick
		s.rare.local.attempt = a
	}
	if sys.Now() >= a.deadline {
		s.serverFailed(failure.LocalConnectTimeout)
		return
	}
	a.pause = min(max(2*a.pause, firstPause), lastPause)
	s.Loop().StartTimer(&a.timer, a.pause)
	s.notifyWaiters()
}

func (a *localAttempt) tick() {
	if a.s.rare.local.attempt == a {
		a.s.Loop().StopTimer(&a.timer)
		a.s.tryServer(a.fd)
	}
}

// dropAttempt gives up waiting for room in a server's queue.
func (s *Socket) dropAttempt() {
	p := s.rare.local
	if a := p.attempt; a != nil {
		p.attempt = nil
		s.Loop().StopTimer(&a.timer)
		sys.Close(a.fd)
	}
}

// waitForServer is WaitForConnected of a local socket that is connecting.
func (s *Socket) waitForServer(msec int) bool {
	a := s.rare.local.attempt
	if a == nil {
		// In a handler, inside connect itself.
		return false
	}
	until := loop.Deadline(msec)
	waiters := &s.rare.waiters
	w, err := waiters.Add(s.Loop())
	if err != nil {
		s.fail(failure.Create(err))
		return false
	}
	defer waiters.Remove(s.Loop(), w)
	// Closing must wait until the caller has seen the connection.
	closeLater := s.closeLater
	s.closeLater = false
	for s.Alive() && s.rare.local.attempt == a {
		if !until.IsZero() && !time.Now().Before(until) {
			s.serverFailed(failure.LocalTimeout)
			return false
		}
		next := until
		if at, ok := a.timer.Due(); ok {
			left := time.Duration(at - sys.Now())
			if left <= 0 {
				a.tick()
				continue
			}
			if again := time.Now().Add(left); until.IsZero() || again.Before(until) {
				next = again
			}
		}
		s.Loop().Sleep(w, nil, next)
		if w.Interrupted() && s.Alive() && s.rare.local.attempt == a {
			s.closeLater = s.closeLater || closeLater
			return false
		}
	}
	connected := s.Alive() && s.state == Connected
	if connected && closeLater {
		s.Disconnect()
	}
	return connected
}
