package datagram

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// control makes a control message as the system does.
func control(level, kind int, data ...byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(kind)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return b
}

// What the system tells beside a packet may have any length and any content.
func FuzzControl(f *testing.F) {
	ttl := control(unix.IPPROTO_IP, unix.IP_TTL, 64, 0, 0, 0)
	f.Add(append(ttl, control(unix.IPPROTO_UDP, trainsOption, 100, 0, 0, 0)...), 0)
	f.Add(append(control(unix.IPPROTO_IP, destination4, 1, 0, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1), ttl...), 0)
	f.Add(control(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, make([]byte, 20)...), 0)
	f.Add(control(unix.SOL_SOCKET, lossesOption, 1, 2, 3, 4), 0)
	f.Add(control(unix.SOL_SOCKET, lossesOption, 1), 1)
	f.Add(ttl[:unix.CmsgLen(1)], -1)
	f.Add(ttl, 1000)
	b := new(Batch)
	f.Fuzz(func(t *testing.T, data []byte, more int) {
		b.controls[0] = [controlSize]byte{}
		copied := copy(b.controls[0][:], data)
		b.headers[0].Namelen = 0
		b.headers[0].SetControllen(max(0, copied+more%1000))

		var w Way
		b.way(0, &w)
		if w.Sender != (Endpoint{}) {
			t.Fatalf("a packet from nowhere comes from %+v", w.Sender)
		}
		if p := w.Destination.Address.Protocol(); p == address.AnyIP || p == address.IPv4 && w.Destination.Address.ScopeID() != "" {
			t.Fatalf("the destination is %v", w.Destination.Address)
		}
		if _, dropped, counted := b.marks(0); dropped != 0 && !counted {
			t.Fatalf("%d were dropped, but were not counted", dropped)
		}
		total := 0
		b.eachControl(0, func(_ *unix.Cmsghdr, data []byte) { total += unix.CmsgLen(len(data)) })
		if total > controlSize {
			t.Fatalf("%d bytes were found in %d", total, controlSize)
		}
	})
}
