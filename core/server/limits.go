package server

import (
	"fmt"
	"time"

	"qnet/core/address"
	"qnet/core/sys"
)

// refusals are the connections that were closed because their address has too many.
type refusals struct {
	count int64
	now   map[int64]address.Address // those that are being signalled
}

// refuse ends a connection beyond the limit of its address, and says so. It is reset:
// an orderly end would leave the work of it, a minute long, to the system.
func (s *base) refuse(fd int, peer address.Address) {
	sys.ResetOnClose(fd)
	sys.Close(fd)
	r := &s.refused
	r.count++
	n := r.count
	if r.now == nil {
		r.now = map[int64]address.Address{}
	}
	r.now[n] = peer
	defer delete(r.now, n) // also when a slot panics
	s.Emit(SignalConnectionRefused, n)
}

// Refused returns how many connections were refused because of the limit for each
// address.
func (s *base) Refused() int64 { return s.refused.count }

// RefusedAddress returns whose connection was refused, during the signal of that
// number.
func (s *base) RefusedAddress(number int64) address.Address { return s.refused.now[number] }

// OpenConnections returns how many connections that s has accepted are open.
func (s *base) OpenConnections() int { return s.limits.Open() }

// ConnectionLimit returns how many may be open, 0 for any number.
func (s *base) ConnectionLimit() int { return s.limits.Most() }

// SetConnectionLimit is the setter of ConnectionLimit. At the limit nothing is
// accepted.
func (s *base) SetConnectionLimit(n int) {
	if s.within("set_connection_limit", n) {
		s.limits.SetMost(n)
		s.update()
	}
}

// AddressConnectionLimit returns how many may be open from one address, 0 for any
// number.
func (s *base) AddressConnectionLimit() int { return s.limits.PerAddress() }

// SetAddressConnectionLimit is the setter of AddressConnectionLimit. Connections
// beyond it are refused.
func (s *base) SetAddressConnectionLimit(n int) {
	if s.within("set_address_connection_limit", n) {
		s.limits.SetPerAddress(n)
	}
}

// AddressPrefixLength returns how many bits of an IPv6 address tell who it is.
func (s *base) AddressPrefixLength() int { return s.limits.Prefix() }

// SetAddressPrefixLength is the setter of AddressPrefixLength.
func (s *base) SetAddressPrefixLength(bits int) {
	if bits < 1 || bits > 128 {
		s.warn("set_address_prefix_length", fmt.Sprintf("%d is not from 1 to 128", bits))
		return
	}
	s.limits.SetPrefix(bits)
}

// IdleTimeout returns after how many milliseconds without progress a connection ends,
// 0 for never.
func (s *base) IdleTimeout() int { return int(s.limits.Idle() / time.Millisecond) }

// SetIdleTimeout is the setter of IdleTimeout.
func (s *base) SetIdleTimeout(msec int) {
	if s.within("set_idle_timeout", msec) {
		s.limits.SetIdle(time.Duration(msec) * time.Millisecond)
	}
}

// FirstByteTimeout returns how many milliseconds the first byte of a connection may
// take, 0 for any time.
func (s *base) FirstByteTimeout() int { return int(s.limits.FirstByte() / time.Millisecond) }

// SetFirstByteTimeout is the setter of FirstByteTimeout.
func (s *base) SetFirstByteTimeout(msec int) {
	if s.within("set_first_byte_timeout", msec) {
		s.limits.SetFirstByte(time.Duration(msec) * time.Millisecond)
	}
}

func (s *base) within(function string, n int) bool {
	if n < 0 {
		s.warn(function, fmt.Sprintf("%d is negative", n))
	}
	return n >= 0
}
