package socket

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/option"
)

// A daemon that has closed its standard input gets descriptor 0, and may hand it over: it is
// one like any other, in all that is done with it.

func TestDescriptorZeroIsOne(t *testing.T) {
	l := looptest.New(t)
	fd, peer := looptest.Accepted(t)
	looptest.AtZero(t, fd)
	r := fresh(t, l)
	if !r.SetDescriptor(0, Connected, ReadWrite) || r.Descriptor() != 0 || !r.IsValid() {
		t.Fatalf("descriptor %d: %v", r.Descriptor(), r.Failure())
	}
	if r.SetDescriptor(0, Connected, ReadWrite) || r.Descriptor() != 0 {
		t.Error("its own descriptor was taken over")
	}
	peer.Say("question")
	r.untilAvailable(8)
	if got := r.all(); got != "question" {
		t.Errorf("read %q", got)
	}
	r.say("answer")
	in := peer.Inbox()
	r.until("the answer has come", in.Has(6))
	r.say("now")
	if !r.FlushNow() {
		t.Error("it was not flushed")
	}
	r.until("that has come", in.Has(9))
	r.l.Post(func() {
		r.say("left")
		r.l.Interrupt()
	})
	for r.BytesToWrite() == 0 {
		r.l.ProcessEvents(0)
	}
	if looptest.AwaitReadable(peer.FD); in.Fetch() != 13 {
		t.Errorf("the peer has %q", in.Data)
	}
	if r.WaitForReadyRead(0) || r.State() != Connected {
		t.Errorf("state %v", r.State())
	}
	peer.Say("more")
	if !r.WaitForReadyRead(long) {
		t.Error("a wait does not look at it")
	}
	if !r.SetOption(option.KeepAlive, 1) || r.Option(option.KeepAlive) != 1 {
		t.Error("it has no options")
	}
	r.say("last words")
	r.Disconnect()
	r.untilLogged("disconnected")
	r.until("the peer has seen the end", in.Ended)
	if len(in.Data) != 23 {
		t.Errorf("the peer has %q", in.Data)
	}
	looptest.ZeroClosed(t)
}

// What is unread is taken, so that the system does not reset the connection.
func TestDescriptorZeroIsClosedGently(t *testing.T) {
	l := looptest.New(t)
	fd, peer := looptest.Accepted(t)
	looptest.AtZero(t, fd)
	r := fresh(t, l)
	r.SetDescriptor(0, Connected, ReadWrite)
	r.say("bye")
	r.l.Post(r.Disconnect)
	peer.Say("nobody reads this")
	r.untilLogged("disconnected")
	in := peer.Inbox()
	r.until("the peer has seen the end", in.Ended)
	want(t, "the peer", string(in.Data), "bye")
}

func TestDescriptorZeroUnbuffered(t *testing.T) {
	l := looptest.New(t)
	fd, err := endpoint.Open(address.LocalHost)
	if err != nil {
		t.Fatal(err)
	}
	listener := looptest.Listen(t)
	looptest.AtZero(t, fd)
	r := fresh(t, l)
	if !r.SetDescriptor(0, Bound, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite|Unbuffered)
	r.until("it is connected", func() bool { return r.State() == Connected })
	if r.Descriptor() != 0 {
		t.Errorf("connected with descriptor %d", r.Descriptor())
	}
	peer := listener.Accept()
	peer.Say("text\nmore")
	r.until("it can be read", func() bool { return r.BytesAvailable() == 9 })
	p := make([]byte, 9)
	if n := r.Peek(p[:4]); n != 4 || string(p[:4]) != "text" {
		t.Errorf("peeked at %q", p[:max(0, n)])
	}
	if n := r.Skip(2); n != 2 {
		t.Errorf("skipped %d bytes", n)
	}
	if n := r.Read(p); n != 7 || string(p[:7]) != "xt\nmore" {
		t.Errorf("read %q", p[:max(0, n)])
	}
	in := peer.Inbox()
	r.say("answer")
	r.until("the answer has come", in.Has(6))
	r.Abort()
	looptest.ZeroClosed(t)
}

func TestDescriptorZeroOfALocalSocket(t *testing.T) {
	l := looptest.New(t)
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	peer := looptest.NewPeer(t, other)
	looptest.AtZero(t, one)
	r := observe(t, NewLocal(l))
	if !r.SetDescriptor(0, Connected, ReadWrite) || r.Descriptor() != 0 || !r.IsValid() {
		t.Fatalf("descriptor %d: %v", r.Descriptor(), r.Failure())
	}
	if c, ok := r.PeerCredentials(); !ok || c.PID != int64(unix.Getpid()) {
		t.Errorf("credentials %+v", c)
	}
	peer.Say("question")
	r.untilAvailable(8)
	in := peer.Inbox()
	if n := r.WriteWithDescriptors([]byte("answer"), []int{0}); n != 6 {
		t.Errorf("wrote %d bytes: %v", n, r.Failure())
	}
	r.until("the answer has come", in.Has(6))
	r.Abort()
	looptest.ZeroClosed(t)
}

func TestDescriptorZeroOfADatagramSocket(t *testing.T) {
	l := looptest.New(t)
	other := bound(t, l)
	fd, err := endpoint.OpenDatagram(address.AnyIPv4)
	if err != nil {
		t.Fatal(err)
	}
	if err := endpoint.Bind(fd, address.AnyIPv4, 0); err != nil {
		t.Fatal(err)
	}
	looptest.AtZero(t, fd)
	r := observe(t, NewUDP(l))
	if !r.SetDescriptor(0, Bound, ReadWrite) || r.DroppedDatagrams() != 0 {
		t.Fatalf("%v, %d were dropped", r.Failure(), r.DroppedDatagrams())
	}
	other.sendTo(r, "one", "two", "three", "four")
	r.untilLogged("readyRead")
	if got := r.take(); got != "one" {
		t.Errorf("read %q", got)
	}
	p := make([]byte, 9)
	if n := r.Read(p); n != 3 || string(p[:3]) != "two" {
		t.Errorf("read %q", p[:max(0, n)])
	}
	if n := r.Peek(p[:5]); n != 5 || r.Skip(5) != 5 || string(p[:5]) != "three" {
		t.Errorf("peeked at %q", p[:max(0, n)])
	}
	if r.all() != "four" {
		t.Error("not all was read")
	}
	r.sendTo(other, "answer")
	other.until("the answer has come", other.HasPendingDatagrams)
	if got := other.take(); got != "answer" {
		t.Errorf("the other has read %q", got)
	}
	if n := r.WriteDatagrams(1, func(_ int, d *datagram.Outgoing) {
		d.Data = []byte("more")
		d.Destination = datagram.Endpoint{Address: address.LocalHost, Port: other.LocalPort()}
	}); n != 1 {
		t.Errorf("%d were sent: %v", n, r.Failure())
	}
	other.until("that has come", other.HasPendingDatagrams)
	group, _ := address.Parse("239.255.7.7")
	loopback := endpoint.InterfaceIndex(0, "lo")
	if !r.JoinGroup(group, loopback) || !r.LeaveGroup(group, loopback) {
		t.Error("it cannot join a group")
	}
	if !r.SetMulticastInterface(loopback) || r.MulticastInterface() != loopback {
		t.Errorf("interface %d: %v", r.MulticastInterface(), r.Failure())
	}
	r.log = nil
	if r.WaitForReadyRead(0) || r.Failure() != failure.PollTimeout {
		t.Errorf("a wait has ended with %v", r.Failure())
	}
	r.Abort()
	looptest.ZeroClosed(t)
	if r.DroppedDatagrams() != -1 {
		t.Errorf("%d were dropped, without a descriptor", r.DroppedDatagrams())
	}
}
