package socket

import (
	"testing"

	"qnet/core/address"
	"qnet/core/internal/looptest"
)

// Who never asks for ends costs nobody more than some of them.
func TestEndsThatNobodyAsksFor(t *testing.T) {
	clear(handed.ends)
	defer clear(handed.ends)
	listener := looptest.Listen(t)
	e := Ends{&address.Endpoint{Address: address.Broadcast, Port: 1}, address.Broadcast, 2}
	for range maxHanded + 1 {
		p := looptest.Dial(t, listener.Port)
		fd, _, _ := listener.AcceptDescriptor()
		Give(fd, e)
		looptest.NewPeer(t, fd).Close()
		p.Close()
	}
	if n := len(handed.ends); n > maxHanded {
		t.Errorf("%d are kept", n)
	}
	l := looptest.New(t)
	fd, _ := looptest.Accepted(t)
	Give(fd, e)
	r := fresh(t, l)
	if !r.SetDescriptor(fd, Connected, ReadWrite) || r.LocalEndpoint() != e.Local || r.PeerAddress() != e.Peer || r.PeerPort() != e.PeerPort {
		t.Errorf("%v, from %v", r.Failure(), r.LocalAddress())
	}
	if len(handed.ends) >= maxHanded {
		t.Error("they are kept for others")
	}
}
