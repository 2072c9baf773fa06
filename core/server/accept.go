package server

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/poll"
	"qnet/core/socket"
)

const (
	// maxAccepts is how many connections one readiness brings, so that those
	// who are connected get their turn.
	maxAccepts = 32

	// When descriptors have run out, accepting is tried again after a while
	// that doubles each time.
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = time.Second
)

// Ready is called by the loop when there are connections.
func (s *base) Ready(poll.Event) { s.accept(false, maxAccepts, s.maxPending) }

// accept takes the connections that there are, up to limit, and as long as fewer than
// maxPending are pending, and says so. Somebody who waits gets them even while accepting
// is paused.
func (s *base) accept(waiting bool, limit, maxPending int) {
	for range limit {
		if s.fd < 0 || s.paused && !waiting || s.full(maxPending) || !s.Alive() {
			return
		}
		fd, peer, port, err := endpoint.Accept(s.fd)
		if err == unix.EAGAIN {
			return
		}
		if err != nil {
			s.acceptFailed(s.acceptFailure(err))
			return
		}
		s.backOff = 0
		s.take(fd, peer, port)
	}
}

// take makes a connection of what was accepted, unless its address has too many.
func (s *base) take(fd int, peer address.Address, port uint16) {
	if !s.limits.Admits(peer) {
		s.refuse(fd, peer)
		return
	}
	s.accepted++
	if s.spreads() && s.send(fd, peer, port) {
		return
	}
	s.incomingConnection(fd, peer, port)
	s.emitAccepted()
}

func (s *base) incomingConnection(fd int, peer address.Address, port uint16) {
	if s.incoming != nil {
		if s.through != nil {
			socket.Give(fd, socket.Ends{Local: s.through.local, Peer: peer, PeerPort: port})
		}
		s.incoming(fd)
		return
	}
	c := s.adopt(fd, peer, port)
	c.SetAllowHalfOpen(s.halfOpen)
	s.received(c)
}

// acceptFailed says so, and has accepting tried again later: the connection
// still waits, and asking for it at once would keep the loop busy.
func (s *base) acceptFailed(f *failure.Failure) {
	s.failure = f
	s.backOff = min(max(2*s.backOff, firstBackOff), lastBackOff)
	s.Loop().StartTimer(&s.retry, s.backOff)
	s.update()
	s.Emit(SignalAcceptError, int64(f.Code))
}

func (s *base) retryAccepting() {
	switch {
	case !s.IsListening() || s.paused:
		s.backOff = 0
		return
	case s.through != nil:
		s.through.retry()
		return
	}
	s.accept(false, maxAccepts, s.maxPending)
	if !s.retry.Running() {
		// Nothing failed anew.
		s.backOff = 0
	}
	s.update()
}
