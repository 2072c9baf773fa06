package socket

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/option"
)

func TestBind(t *testing.T) {
	l := looptest.New(t)
	for _, c := range []struct {
		name        string
		a, want     address.Address
		mode        BindMode
		reuse, dual bool
	}{
		{"IPv4", address.LocalHost, address.LocalHost, DefaultForPlatform, false, false},
		{"IPv6", address.LocalHostIPv6, address.LocalHostIPv6, DontShareAddress, false, false},
		{"Any", address.Any, address.Any, ShareAddress, true, true},
		{"AnyIPv4", address.AnyIPv4, address.AnyIPv4, ReuseAddressHint, true, false},
	} {
		r := fresh(t, l)
		if !r.Bind(c.a, 0, c.mode) {
			t.Fatalf("%s: %v", c.name, r.Failure())
		}
		r.expect("state 4")
		if r.LocalAddress() != c.want || r.LocalPort() == 0 || r.Mode() != NotOpen || !r.IsValid() || r.State() != Bound {
			t.Errorf("%s: %v, port %d, mode %d", c.name, r.LocalAddress(), r.LocalPort(), r.Mode())
		}
		if reuse, _ := unix.GetsockoptInt(r.Descriptor(), unix.SOL_SOCKET, unix.SO_REUSEADDR); (reuse != 0) != c.reuse {
			t.Errorf("%s: SO_REUSEADDR %d", c.name, reuse)
		}
	}
}

func TestBindFails(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	taken := looptest.Listen(t)
	foreign, _ := address.Parse("203.0.113.1")
	for _, c := range []struct {
		a    address.Address
		port uint16
		code failure.Code
	}{
		{address.LocalHost, taken.Port, failure.AddressInUse},
		{foreign, 0, failure.AddressNotAvailable},
		{address.Null, 0, failure.UnsupportedOperation},
	} {
		r := fresh(t, l)
		if r.Bind(c.a, c.port, DefaultForPlatform) || r.Failure().Code != c.code || r.State() != Unconnected || r.Descriptor() != -1 {
			t.Errorf("%v: %v, state %d, descriptor %d", c.a, r.Failure(), r.State(), r.Descriptor())
		}
		r.expect("error " + itoa(int(c.code)))
	}
	r, _ := connected(t, l)
	if r.Bind(address.LocalHost, 0, DefaultForPlatform) || r.State() != Connected {
		t.Errorf("bound in state %d", r.State())
	}
	expectWarning(t, list, "bind")
}

func TestBindWithoutDescriptors(t *testing.T) {
	r := fresh(t, looptest.New(t))
	restore := looptest.NoDescriptors(t)
	ok := r.Bind(address.LocalHost, 0, DefaultForPlatform)
	restore()
	if ok || r.Failure().Code != failure.SocketResource {
		t.Errorf("%v, %v", ok, r.Failure())
	}
}

func TestConnectWithoutDescriptors(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	restore := looptest.NoDescriptors(t)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	restore()
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 4")
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.untilLogged("connected")
}

func TestAdoptedDescriptorKeepsItsNumber(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	p := looptest.Dial(t, listener.Port)
	fd, _, port := listener.AcceptDescriptor()
	unix.SetNonblock(fd, false)
	r := fresh(t, l)
	if !r.SetDescriptor(fd, Connected, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.expect("state 3")
	if r.Descriptor() != fd || r.PeerAddress() != address.LocalHost || r.PeerPort() != port || r.LocalPort() != listener.Port || r.Mode() != ReadWrite {
		t.Errorf("descriptor %d of %d, peer %v %d", r.Descriptor(), fd, r.PeerAddress(), r.PeerPort())
	}
	if flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); flags&unix.O_NONBLOCK == 0 {
		t.Error("it blocks")
	}
	p.Say("hello")
	r.untilAvailable(5)
	r.say("hello")
	in := p.Inbox()
	r.until("the peer has it", in.Has(5))
	p.Close()
	r.untilLogged("disconnected")
}

func TestAdoptedDescriptorOfBothFamiliesIsBoundToAny(t *testing.T) {
	l := looptest.New(t)
	for _, c := range []struct {
		kind int
		make func(*loop.Loop) *Socket
	}{{unix.SOCK_STREAM, New}, {unix.SOCK_DGRAM, NewUDP}} {
		for only, want := range []address.Address{address.Any, address.AnyIPv6} {
			fd := systest.Socket(t, unix.AF_INET6, c.kind)
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
			if err := endpoint.Bind(fd, address.AnyIPv6, 0); err != nil {
				t.Fatal(err)
			}
			r := observe(t, c.make(l))
			if !r.SetDescriptor(fd, Bound, ReadWrite) || r.LocalAddress() != want || r.LocalPort() == 0 {
				t.Errorf("IPV6_V6ONLY %d: %v, want %v", only, r.LocalAddress(), want)
			}
		}
	}
}

func TestAdoptingReplacesTheDescriptor(t *testing.T) {
	l := looptest.New(t)
	r, first := given(t, ReadWrite, "unread")
	l = r.l
	listener := looptest.Listen(t)
	second := looptest.Dial(t, listener.Port)
	fd, _, _ := listener.AcceptDescriptor()
	if !r.SetDescriptor(fd, Connected, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.expect()
	in := first.Inbox()
	looptest.Until(t, l, "the first peer knows", in.Ended)
	if r.BytesAvailable() != 0 {
		t.Errorf("%d bytes of the former connection", r.BytesAvailable())
	}
	second.Say("hello")
	r.untilAvailable(5)
}

func TestAdoptedPipe(t *testing.T) {
	l := looptest.New(t)
	in, out := systest.Pipe(t)
	reader, writer := fresh(t, l), fresh(t, l)
	if !reader.SetDescriptor(in, Connected, ReadOnly) || !writer.SetDescriptor(out, Connected, WriteOnly) {
		t.Fatal(reader.Failure(), writer.Failure())
	}
	if reader.Descriptor() != in || !reader.PeerAddress().IsNull() || !reader.LocalAddress().IsNull() {
		t.Errorf("descriptor %d, peer %v", reader.Descriptor(), reader.PeerAddress())
	}
	writer.say("through ")
	writer.settle()
	// Several pieces, as sendmsg would take them from a socket.
	data := pattern(300_000)
	writer.Write(data[:big-1])
	writer.Write(data[big-1:])
	var got []byte
	reader.on[SignalReadyRead] = func(int64) { got = append(got, reader.all()...) }
	reader.until("it has come through", func() bool { return len(got) == len(data)+8 })
	if string(got) != "through "+string(data) {
		t.Error("something else has come through")
	}
	writer.Close()
	reader.untilLogged("disconnected")
}

func TestUnbufferedPipeEnds(t *testing.T) {
	r := fresh(t, looptest.New(t))
	in, out := systest.Pipe(t)
	if !r.SetDescriptor(in, Connected, ReadOnly|Unbuffered) {
		t.Fatal(r.Failure())
	}
	unix.Write(out, []byte("text"))
	unix.Close(out)
	r.untilLogged("readyRead")
	want(t, "all", r.all(), "text")
	r.untilLogged("disconnected")
	if r.Failure() != failure.PeerClosed {
		t.Error(r.Failure())
	}
}

func TestOwnDescriptorIsNotAdopted(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	if r.SetDescriptor(r.Descriptor(), Connected, ReadWrite) || r.Failure() != failure.BadDescriptor {
		t.Error(r.Failure())
	}
	p.Say("still there")
	r.untilAvailable(11)
}

func TestEndedInTheSlotOfAnAdoption(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"Abort":  func(r *rig) { r.Abort() },
		"Delete": func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r := fresh(t, looptest.New(t))
			listener := looptest.Listen(t)
			p := looptest.Dial(t, listener.Port)
			fd, _, _ := listener.AcceptDescriptor()
			r.on[SignalStateChanged] = func(int64) {
				if r.State() == Connected {
					end(r)
				}
			}
			if !r.SetDescriptor(fd, Connected, ReadWrite) {
				t.Error("it is the socket's, which has closed it")
			}
			in := p.Inbox()
			r.until("the peer knows", in.Ended)
			if r.State() != Unconnected || r.Descriptor() != -1 || !r.PeerAddress().IsNull() {
				t.Errorf("state %d, descriptor %d, peer %v", r.State(), r.Descriptor(), r.PeerAddress())
			}
		})
	}
}

func TestSocketBeingDeletedBeginsNothing(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	for _, signal := range []object.Signal{SignalAboutToClose, SignalStateChanged, SignalDisconnected} {
		r, _ := connected(t, l)
		tried := false
		r.on[signal] = func(int64) {
			if !r.Deleting() || tried {
				return
			}
			tried = true
			looptest.Dial(t, listener.Port)
			fd, _, _ := listener.AcceptDescriptor()
			if r.SetDescriptor(fd, Connected, ReadWrite) {
				t.Error("it adopts")
			}
			unix.Close(fd)
			if r.Bind(address.LocalHost, 0, DefaultForPlatform) {
				t.Error("it is bound")
			}
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		}
		r.Delete()
		if !tried || r.State() != Unconnected || r.count("state 1") != 0 || r.count("destroyed") != 1 {
			t.Errorf("in %s: state %d, %q", signals[signal], r.State(), r.log)
		}
	}
}

func TestDescriptorsThatCannotBeAdopted(t *testing.T) {
	l := looptest.New(t)
	file := systest.File(t)
	defer unix.Close(file)
	for name, fd := range map[string]int{"none": -1, "not open": 9999, "a file": file} {
		r := fresh(t, l)
		if r.SetDescriptor(fd, Connected, ReadWrite) || r.Failure() != failure.BadDescriptor || r.State() != Unconnected || r.Descriptor() != -1 {
			t.Errorf("%s: %v, state %d", name, r.Failure(), r.State())
		}
		r.expect()
	}
	// It is the caller's still.
	if _, err := unix.FcntlInt(uintptr(file), unix.F_GETFD, 0); err != nil {
		t.Error("the file was closed")
	}
}

func TestOptions(t *testing.T) {
	l := looptest.New(t)
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6} {
		listener := looptest.ListenAt(t, a, 0, 10)
		r := fresh(t, l)
		if !r.SetOption(option.LowDelay, 1) || r.Option(option.LowDelay) != -1 {
			t.Error("an option without a descriptor")
		}
		r.ConnectToAddress(a, listener.Port, ReadWrite)
		r.untilLogged("connected")
		if r.Option(option.LowDelay) != 1 {
			t.Error("what was set early is lost")
		}
		if mtu := r.Option(option.PathMTU); mtu < 576 {
			t.Errorf("%v: MTU %d", a, mtu)
		}
		if r.SetOption(option.MulticastTTL, 5) {
			t.Error("an option that is not for a stream")
		}
		for _, c := range []struct {
			option      option.Option
			value, want int
		}{
			{option.LowDelay, 1, 1},
			{option.LowDelay, 0, 0},
			{option.KeepAlive, 1, 1},
			{option.MulticastLoopback, 0, 0},
			{option.TypeOfService, 16, 16},
			{option.SendBufferSize, 20_000, 40_000},
			{option.ReceiveBufferSize, 20_000, 40_000},
			{option.KeepAliveIdle, 7, 7},
			{option.KeepAliveInterval, 8, 8},
			{option.KeepAliveCount, 9, 9},
			{option.UserTimeout, 1000, 1000},
			{option.ReusePort, 1, 1},
		} {
			if !r.SetOption(c.option, c.value) || r.Option(c.option) != c.want {
				t.Errorf("%v: option %d is %d, want %d", a, c.option, r.Option(c.option), c.want)
			}
		}
		if r.SetOption(99, 1) || r.Option(99) != -1 || r.SetOption(option.LowDelay, 1) && r.Option(-1) != -1 {
			t.Error("an option that does not exist")
		}
		r.Abort()
		if r.Option(option.LowDelay) != -1 {
			t.Error("an option of a descriptor that is gone")
		}
	}
}

func TestSettersChangeWhatIsTold(t *testing.T) {
	r := fresh(t, looptest.New(t))
	r.SetPeerName("name")
	r.SetPeerAddress(address.LocalHost)
	r.SetPeerPort(1)
	r.SetLocalAddress(address.LocalHostIPv6)
	r.SetLocalPort(2)
	r.SetState(Listening)
	r.SetError(failure.Temporary)
	r.SetProtocolTag("tag")
	r.SetPauseMode(1)
	if r.PeerName() != "name" || r.PeerAddress() != address.LocalHost || r.PeerPort() != 1 ||
		r.LocalAddress() != address.LocalHostIPv6 || r.LocalPort() != 2 || r.State() != Listening ||
		r.Failure().Code != failure.Temporary || r.Failure().Text != "Unknown error" ||
		r.ProtocolTag() != "tag" || r.PauseMode() != 1 || r.Kind() != TCP {
		t.Error("something is not told")
	}
	r.expect()
	r.SetState(Unconnected)
	other := fresh(t, r.l)
	if other.PeerName() != "" || other.ProtocolTag() != "" || other.PauseMode() != 0 || other.cold != nil {
		t.Error("a fresh socket tells something")
	}
}

// Nothing is read while a descriptor that was adopted as bound connects: an end that
// is found then would end the attempt for ever.
func TestEndWhileAnAdoptedDescriptorConnects(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	peer := looptest.Dial(t, listener.Port)
	fd, _, _ := listener.AcceptDescriptor()
	r := fresh(t, l)
	if !r.SetDescriptor(fd, Bound, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
	peer.Say("late")
	peer.Close()
	listener.Close()
	r.until("the attempt has ended", func() bool { return r.State() == Unconnected || r.State() == Connected })
	if r.count("readyRead") != 0 {
		t.Errorf("%q", r.log)
	}
}

func TestAdoptedDescriptorThatCannotBeWatchedIsLost(t *testing.T) {
	l := looptest.New(t)
	r := observe(t, Adopt(l, systest.File(t), address.LocalHost, 1, nil))
	r.settle()
	if r.State() != Unconnected || r.count("disconnected") != 1 || len(r.log) == 0 || !strings.HasPrefix(r.log[0], "error ") {
		t.Errorf("state %d, %q", r.State(), r.log)
	}
}
