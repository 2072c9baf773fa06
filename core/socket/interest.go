package socket

import (
	"qnet/core/failure"
	"qnet/core/poll"
)

// wants returns what s is to be told of now, and whether there is anything: a hang-up and
// an error are told always, and for ever, so without a wish they must be good for something.
// The loop sends by itself what is written; who waits for s does it when the system takes it.
func (s *Socket) wants(waiting bool) (events poll.Event, any bool) {
	if s.fd < 0 || s.broken {
		return 0, false
	}
	if s.wantsData() {
		events |= poll.In
	}
	if s.outlet == blocked || waiting && s.outlet != held && s.toSend() {
		events |= poll.Out
	}
	return events, events != 0 || s.has(readEnded)
}

// updateInterest has the loop watch for what s wants to know now.
func (s *Socket) updateInterest() {
	events, any := s.wants(false)
	want := uint8(events)
	if any && want == 0 {
		want = hangUps
	}
	if any && s.edge {
		want |= edged
	}
	if want == s.interest {
		return
	}
	s.interest = want
	if want&edged != 0 {
		events |= edgeEvents
	}
	switch {
	case want == 0:
		s.Loop().Unwatch(s.watch)
		s.watch = 0
	case s.watch == 0:
		var err error
		if s.watch, err = s.Loop().Watch(int(s.fd), events, (*handler)(s)); err != nil {
			s.unwatchable(err)
		}
	default:
		s.Loop().Rewatch(s.watch, events)
	}
}

// unwatchable ends a connection of which the system cannot tell news, for want of
// memory for example: it would never go on.
func (s *Socket) unwatchable(err error) {
	connection := s.connectionID
	s.Post(func() {
		if s.Alive() && s.connectionID == connection && s.fd >= 0 && s.interest != 0 && s.watch == 0 {
			s.failConnection(failure.Create(err))
		}
	})
}

// edged, in interest, stands for edgeEvents, and hangUps for the end of a connection and
// an error, which are told always.
const (
	edged   = 0x80
	hangUps = 0x40
)

// edgeEvents has the system tell only of what is new, which spares it from looking
// at the descriptor again at each turn. It tells at once of what is not news when
// the watch changes.
const edgeEvents = poll.Edge | poll.PeerClosed | poll.Priority

// rearm has s told again of events that it was told of before.
func (s *Socket) rearm(events poll.Event) {
	if s.edge && s.watch != 0 {
		s.Loop().Requeue(s.watch, events)
	}
}

// wantsData reports whether the system is asked for data: not any more when
// closing, as in Qt, unless a filter must hear something to send the rest, but from a
// connection that was adopted as merely bound.
func (s *Socket) wantsData() bool {
	if s.paused || s.has(peerEnded) {
		return false
	}
	switch s.state {
	case Connected:
		return true
	case Bound:
		if u := s.udp(); u != nil {
			return u.hears()
		}
		return !s.peer.IsNull()
	case Closing:
		return s.outlet == held
	}
	return false
}
