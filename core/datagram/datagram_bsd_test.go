//go:build darwin || freebsd

package datagram

import "golang.org/x/sys/unix"

// largeBuffer sets the size of a receive buffer.
const largeBuffer = unix.SO_RCVBUF

// destination4 is a kind of control message that tells of a destination.
const destination4 = unix.IP_RECVDSTADDR
