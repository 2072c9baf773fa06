// Package sctp is what SCTP has beyond other sockets of the system: streams, which Qt calls
// channels, and messages on them. A connection is a one-to-one socket, which otherwise is like
// one of TCP.
package sctp

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
)

const (
	// MaxChannels is how many channels there can be in one direction.
	MaxChannels = 65535
	// MaxMessage is the longest message that is sent or received, in bytes. A peer could
	// otherwise fill the memory with one that never ends.
	MaxMessage = 16 << 20
)

// Open makes a non-blocking socket of the family of a, as endpoint.Open does, of which the
// connections are to have as many channels in each direction: 0 leaves that to the peer, -1 is
// one channel.
func Open(a address.Address, channels int) (int, error) {
	fd, err := open(a)
	if err == unix.EPROTONOSUPPORT || err == unix.ESOCKTNOSUPPORT {
		return -1, failure.NoSCTP
	}
	if err != nil {
		return -1, err
	}
	// Otherwise the end of each message that takes several packets waits for an acknowledgement,
	// which the peer puts off for a fifth of a second.
	SetNoDelay(fd, 1)
	makeReceiveRoom(fd)
	if channels != 0 {
		limitChannels(fd, uint16(min(max(1, channels), MaxChannels)))
	}
	return fd, nil
}
