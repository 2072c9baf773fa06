package datagram

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
)

// Endpoint is an address with a port.
type Endpoint struct {
	Address address.Address
	Port    uint16
}

// Way is how a datagram came or is to go.
type Way struct {
	Sender, Destination Endpoint
	Interface           uint32 // an index; 0: unknown, or the system's choice
	HopLimit            int    // -1: unknown; to be sent, 0 too: the system's choice
}

// sender returns the address that a packet came from.
func (b *Batch) sender(i int) Endpoint {
	sa := &b.names[i]
	if b.headers[i].Namelen == 0 {
		return Endpoint{}
	}
	a, port := endpoint.Decode(sa, b.fd)
	return Endpoint{a, port}
}

// way tells what is known of a packet's way, but for the destination's port.
func (b *Batch) way(i int, w *Way) {
	*w = Way{Sender: b.sender(i), HopLimit: -1}
	b.eachControl(i, func(h *unix.Cmsghdr, data []byte) {
		switch {
		case h.Level == unix.IPPROTO_IP:
			w.note4(h.Type, data)
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&data[0]))
			w.Interface = info.Ifindex
			// As in Qt, by number: it may be an address of that link alone.
			w.Destination.Address = address.FromIPv6(info.Addr).WithScopeID(strconv.Itoa(int(info.Ifindex)))
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_HOPLIMIT && len(data) >= 4:
			w.HopLimit = int(int32(binary.NativeEndian.Uint32(data)))
		}
	})
}

// marks returns the size of the datagrams that a packet is a train of, 0 if it
// is a single one; and how many packets the system had dropped before it.
func (b *Batch) marks(i int) (segment int, dropped uint32, counted bool) {
	b.eachControl(i, func(h *unix.Cmsghdr, data []byte) {
		switch {
		case len(data) < 4:
		case trainsOption != 0 && h.Level == unix.IPPROTO_UDP && h.Type == trainsOption:
			segment = int(int32(binary.NativeEndian.Uint32(data)))
		case lossesOption != 0 && h.Level == unix.SOL_SOCKET && h.Type == lossesOption:
			dropped, counted = binary.NativeEndian.Uint32(data), true
		}
	})
	return segment, dropped, counted
}

// eachControl calls f for each control message of a packet.
func (b *Batch) eachControl(i int, f func(*unix.Cmsghdr, []byte)) {
	rest := b.controls[i][:min(int(b.headers[i].Controllen), controlSize)]
	for len(rest) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&rest[0]))
		size := int(h.Len)
		head := unix.CmsgLen(0)
		if size < head || size > len(rest) {
			return
		}
		f(h, rest[head:size])
		rest = rest[min(len(rest), unix.CmsgSpace(size-head)):]
	}
}
