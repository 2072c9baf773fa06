package datagram

// Envelope is what datagrams are in on their way between a descriptor that is connected to
// a relay and the relay, which passes them on: a header in front of their data. Without one
// they are as they are.
type Envelope interface {
	// Header returns what goes before the data of a datagram to a destination, the null
	// address for the peer. It may use the room.
	Header(room []byte, to Endpoint) ([]byte, error)
	// Knows reports whether packets from an address are the relay's. The descriptor may have
	// had others before it was connected.
	Knows(from Endpoint) bool
	// Unwrap returns who has sent a datagram, and its data. It reports whether it is one for
	// this socket: others are dropped.
	Unwrap(p []byte) (from Endpoint, data []byte, ok bool)
}

// maxHeader is how much room an Envelope is given.
const maxHeader = 24
