package server

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
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
func (s *Server) Ready(uint32) { s.accept(false) }

// accept takes the connections that there are and says so. Somebody who waits
// gets them even while accepting is paused.
func (s *Server) accept(waiting bool) {
	for i := 0; i < maxAccepts; i++ {
		if s.fd < 0 || s.paused && !waiting || len(s.pending) >= s.maxPending || !s.Alive() {
			return
		}
		fd, peer, port, err := endpoint.Accept(s.fd)
		if err == unix.EAGAIN {
			return
		}
		if err != nil {
			s.acceptFailed(failure.Accept(err))
			return
		}
		s.accepted++
		s.backOff = 0
		s.take(fd, peer, port)
		s.Emit(SignalNewConnection, 0)
	}
}

func (s *Server) take(fd int, peer address.Address, port uint16) {
	if s.incoming != nil {
		s.incoming(fd)
		return
	}
	s.AddPending(socket.Adopt(s.Loop(), fd, peer, port))
}

// acceptFailed says so, and has accepting tried again later: the connection
// still waits, and asking for it at once would keep the loop busy.
func (s *Server) acceptFailed(f *failure.Failure) {
	s.failure = f
	s.backOff = min(max(2*s.backOff, firstBackOff), lastBackOff)
	s.update()
	s.Loop().StartTimer(&s.retry, s.backOff)
	s.waiters.Notify()
	s.Emit(SignalAcceptError, int64(f.Code))
}

func (s *Server) retryAccepting() {
	if s.fd < 0 || s.paused {
		s.backOff = 0
		return
	}
	s.accept(false)
	if !s.retry.Running() {
		// Nothing failed anew.
		s.backOff = 0
	}
	s.update()
}
