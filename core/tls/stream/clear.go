package stream

// Kinds of records and of handshake messages.
const (
	changeCipherSpec = 20
	alertRecord      = 21
	handshakeRecord  = 22
	newSessionTicket = 4
)

// listener reads along what comes in the clear during a handshake: what crypto/tls does not
// tell of.
type listener struct {
	warnings []Alert
	// lifetime is how long a ticket may be used, in seconds, as a server before TLS 1.3 says
	// with it.
	lifetime uint32
	ticket   bool // whether there was one

	fatal     byte // an alert that ends the handshake
	refused   bool // there was one
	encrypted bool // from here on only such an alert is in the clear
	// message is the beginning of a handshake message, skip what is left of it.
	message []byte
	skip    int
}

// record hears a record.
func (l *listener) record(kind byte, body []byte) {
	switch {
	case kind == changeCipherSpec:
		l.encrypted = true
	case kind == alertRecord && len(body) == 2:
		// An encrypted one is longer.
		switch level, code := body[0], body[1]; {
		case level == Fatal:
			l.fatal, l.refused = code, true
		case level == Warning && code != closeNotify && !l.encrypted:
			l.warnings = append(l.warnings, Alert{Level: Warning, Code: code})
		}
	case kind == handshakeRecord && !l.encrypted:
		l.messages(body)
	}
}

// messages goes through handshake messages, which may begin and end anywhere in a record.
func (l *listener) messages(p []byte) {
	const header, lifetime = 4, 4
	for len(p) > 0 {
		if l.skip > 0 {
			n := min(l.skip, len(p))
			l.skip -= n
			p = p[n:]
			continue
		}
		l.message = append(l.message, p[0])
		p = p[1:]
		m := l.message
		if len(m) < header {
			continue
		}
		length := int(m[1])<<16 | int(m[2])<<8 | int(m[3])
		switch {
		case m[0] != newSessionTicket || length < lifetime:
		case len(m) < header+lifetime:
			continue
		default:
			l.ticket, l.lifetime = true, uint32(m[4])<<24|uint32(m[5])<<16|uint32(m[6])<<8|uint32(m[7])
		}
		l.skip = header + length - len(m)
		l.message = m[:0]
	}
}
