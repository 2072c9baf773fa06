package datagram

import (
	"bytes"
	"fmt"
	"testing"

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
