package datagram

import (
	"bytes"
	"fmt"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// largeBuffer sets the size of a receive buffer, above the limit for others too.
const largeBuffer = unix.SO_RCVBUFFORCE

// destination4 is the kind of control message that tells of a destination.
const destination4 = unix.IP_PKTINFO

func TestTrainsGoSinglyWhereTheSystemRefusesThem(t *testing.T) {
	from, to := bind(t, address.LocalHost), bind(t, address.LocalHost)
	// Without checksums there are no trains.
	unix.SetsockoptInt(from.FD, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1)
	list := make([]Outgoing, 10)
	for i := range list {
		list[i] = Outgoing{[]byte(fmt.Sprint("number ", i)), plain(to)}
	}
	sendAll(t, from, list)
	if !from.Single {
		t.Error("the system took the train")
	}
	for i := range list {
		if data, _ := to.next(t); !bytes.Equal(data, list[i].Data) {
			t.Errorf("got %q, want %q", data, list[i].Data)
		}
	}
}

// A message counts if level, type and size are all right.
func TestWhichControlMessagesCount(t *testing.T) {
	for _, known := range []struct{ level, kind, size int32 }{
		{unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo},
		{unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo},
		{unix.IPPROTO_IP, unix.IP_TTL, 4},
		{unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, 4},
		{unix.IPPROTO_UDP, unix.UDP_GRO, 4},
		{unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 4},
	} {
		counts := func(level, kind, size int32) bool {
			b := &Batch{}
			b.count = 1
			header := unix.Cmsghdr{Level: level, Type: kind}
			header.SetLen(unix.CmsgLen(int(size)))
			*(*unix.Cmsghdr)(unsafe.Pointer(&b.controls[0][0])) = header
			for i := range size {
				b.controls[0][unix.SizeofCmsghdr+i] = 1
			}
			b.headers[0].SetControllen(unix.CmsgSpace(int(size)))
			var w Way
			b.way(0, &w)
			segment, dropped, counted := b.marks(0)
			return w.HopLimit != -1 || w.Interface != 0 || !w.Destination.Address.IsNull() || segment != 0 || dropped != 0 || counted
		}
		if !counts(known.level, known.kind, known.size) {
			t.Errorf("%+v does not count", known)
		}
		if counts(known.level, known.kind, known.size-1) {
			t.Errorf("%+v counts with a byte less", known)
		}
		if counts(known.level, 1000, known.size) {
			t.Errorf("%+v: any message of its level counts", known)
		}
		if counts(1000, known.kind, known.size) {
			t.Errorf("%+v counts at any level", known)
		}
	}
}
