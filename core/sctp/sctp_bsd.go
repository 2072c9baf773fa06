//go:build !linux

package sctp

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// SCTP is there on Linux only.

// IsSCTP reports whether fd is a one-to-one socket of SCTP: never.
func IsSCTP(fd int) bool { return false }

func open(address.Address) (int, error) { return -1, unix.EPROTONOSUPPORT }

func limitChannels(fd int, n uint16) {}

// SetNoDelay fails.
func SetNoDelay(fd, on int) error { return unix.ENOPROTOOPT }

// NoDelay fails.
func NoDelay(fd int) (int, error) { return 0, unix.ENOPROTOOPT }

// TellChannels fails.
func TellChannels(fd int) error { return unix.ENOPROTOOPT }

func makeReceiveRoom(fd int) {}

// Channels fails.
func Channels(fd int) (in, out int, err error) { return 0, 0, unix.ENOPROTOOPT }

// Recv fails.
func Recv(fd int, p []byte) (n, channel int, whole bool, err error) {
	return -1, 0, false, unix.EPROTONOSUPPORT
}

// Send fails.
func Send(fd int, p []byte, channel int) error { return unix.EPROTONOSUPPORT }

// MakeRoom has nothing to make.
func MakeRoom(fd, size int) int { return 0 }
