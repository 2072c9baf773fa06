package session

import (
	"crypto/tls"
	"encoding/binary"

	"qnet/core/tls/configuration"
)

// tickets are what a client may resume its session with: the one that it was given, and
// those that come. It is the ClientSessionCache of a single connection.
type tickets struct {
	imported *tls.ClientSessionState
	last     *tls.ClientSessionState
	come     int
	sharing  bool
}

// newTickets returns the ticket of a configuration; one that nobody can read is not used.
func newTickets(c configuration.Configuration) *tickets {
	return &tickets{imported: readTicket(c.SessionTicket), sharing: !c.Has(configuration.DisableSessionSharing)}
}

// Get returns the session to resume.
func (t *tickets) Get(string) (*tls.ClientSessionState, bool) { return t.imported, t.imported != nil }

// Put keeps a session that has come: in the handshake, or by reading.
func (t *tickets) Put(_ string, state *tls.ClientSessionState) {
	if t.last = state; state != nil {
		t.come++
	}
}

// ticketMark is what an exported ticket begins with.
const ticketMark = "qnet1"

// export returns the last ticket, nil if there is none, and for how many seconds it may be
// used, -1 if that is not known. The server has told of that itself before TLS 1.3.
func (t *tickets) export(seconds uint32, told bool) (ticket []byte, lifetime int) {
	if t.last == nil {
		return nil, -1
	}
	label, state, err := t.last.ResumptionState()
	if err != nil || state == nil {
		return nil, -1
	}
	data, err := state.Bytes()
	if err != nil {
		return nil, -1
	}
	lifetime = int(seconds)
	if lasts, ok := lasts(data); ok {
		lifetime = lasts
	} else if !told || !t.sharing {
		return nil, -1
	}
	ticket = binary.BigEndian.AppendUint32([]byte(ticketMark), uint32(len(label)))
	return append(append(ticket, label...), data...), lifetime
}

// take returns how many have come since it was last called.
func (t *tickets) take() int {
	n := t.come
	t.come = 0
	return n
}

// readTicket returns the session of an exported ticket, nil if it is none.
func readTicket(ticket []byte) *tls.ClientSessionState {
	const header = len(ticketMark) + 4
	if len(ticket) < header || string(ticket[:len(ticketMark)]) != ticketMark {
		return nil
	}
	n := binary.BigEndian.Uint32(ticket[len(ticketMark):])
	rest := ticket[header:]
	if uint64(n) > uint64(len(rest)) {
		return nil
	}
	state, err := tls.ParseSessionState(rest[n:])
	if err != nil {
		return nil
	}
	session, err := tls.NewResumptionState(rest[:n:n], state)
	if err != nil {
		return nil
	}
	return session
}

// isTLS13 reports whether a session's state, as crypto/tls writes it, is of TLS 1.3.
func isTLS13(state []byte) bool {
	return len(state) > 2 && binary.BigEndian.Uint16(state) == tls.VersionTLS13
}

// lasts returns for how many seconds from its beginning a session of TLS 1.3 may be used.
// crypto/tls writes first the version, what it is, the suite and since when there is it, and last
// until when it may be used and a number.
func lasts(state []byte) (seconds int, ok bool) {
	const since, until = 2 + 1 + 2, 8 + 4
	if !isTLS13(state) || len(state) < since+8+until {
		return 0, false
	}
	from := binary.BigEndian.Uint64(state[since:])
	to := binary.BigEndian.Uint64(state[len(state)-until:])
	return int(to - from), true
}
