//go:build darwin || freebsd

package sys

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// There is a call for one message only.

func recvMessages(fd int, list []Message) (int, error) {
	for i := range list {
		if err := recvMessage(fd, &list[i]); err != nil {
			if i > 0 {
				return i, nil // it is told with the next call
			}
			return -1, err
		}
	}
	return len(list), nil
}

func recvMessage(fd int, m *Message) error {
	for {
		n, control, flags, from, err := unix.RecvmsgBuffers(fd, parts(&m.Msghdr), control(&m.Msghdr), unix.MSG_DONTWAIT)
		switch err {
		case nil:
			m.N, m.Flags = uint32(n), int32(flags)
			m.SetControllen(control)
			if from == nil {
				m.Namelen = 0
			} else {
				toRaw(from, unsafe.Pointer(m.Name), &m.Namelen)
			}
			return nil
		case unix.EINTR:
		default:
			return err
		}
	}
}

func sendMessages(fd int, list []Message) (int, error) {
	for i := range list {
		if err := sendMessage(fd, &list[i].Msghdr); err != nil {
			if i > 0 {
				return i, nil
			}
			return -1, err
		}
	}
	return len(list), nil
}

func sendMessage(fd int, h *unix.Msghdr) error {
	var to unix.Sockaddr
	if h.Namelen > 0 {
		var err error
		if to, err = fromRaw(unsafe.Pointer(h.Name), uintptr(h.Namelen)); err != nil {
			return err
		}
	}
	data, rest := parts(h), control(h)
	ttl, rest := takeTTL(rest)
	if ttl > 0 {
		level, name := ttlOption(fd, to)
		old, err := unix.GetsockoptInt(fd, level, name)
		if err == nil {
			err = unix.SetsockoptInt(fd, level, name, ttl)
		}
		if err != nil {
			return err
		}
		// It is the socket's for as long as the call takes.
		defer unix.SetsockoptInt(fd, level, name, old)
	}
	for {
		if _, err := unix.SendmsgBuffers(fd, data, rest, to, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT); err != unix.EINTR {
			return err
		}
	}
}

// ttlOption returns the option of a socket that is the time to live of what it sends by
// IPv4 to an address. One of IPv6 has the same for both.
func ttlOption(fd int, to unix.Sockaddr) (level, name int) {
	if family, err := Family(fd); err == nil && family == unix.AF_INET6 {
		return unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS
	}
	if to, is := to.(*unix.SockaddrInet4); is && netip.AddrFrom4(to.Addr).IsMulticast() {
		return unix.IPPROTO_IP, unix.IP_MULTICAST_TTL
	}
	return unix.IPPROTO_IP, unix.IP_TTL
}

// takeTTL takes the control message with a time to live, if it is the first, out of some:
// these systems have it as an option of the socket only.
func takeTTL(control []byte) (ttl int, rest []byte) {
	if len(control) < unix.CmsgLen(4) {
		return 0, control
	}
	h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if h.Level != unix.IPPROTO_IP || h.Type != unix.IP_TTL {
		return 0, control
	}
	return int(binary.NativeEndian.Uint32(control[unix.CmsgLen(0):])), control[min(len(control), unix.CmsgSpace(4)):]
}

// parts returns the pieces of a message's data.
func parts(h *unix.Msghdr) [][]byte {
	var list [][]byte
	for _, v := range unsafe.Slice(h.Iov, h.Iovlen) {
		list = append(list, unsafe.Slice(v.Base, v.Len))
	}
	return list
}

func control(h *unix.Msghdr) []byte { return unsafe.Slice(h.Control, h.Controllen) }
