package option

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/internal/systest"
)

func open(t *testing.T, make func(address.Address) (int, error), a address.Address) int {
	t.Helper()
	fd, err := make(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// ofSystem returns the value of an option for one family.
func ofSystem(t *testing.T, fd int, n name) int {
	t.Helper()
	v, err := unix.GetsockoptInt(fd, n.level, n.name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBothFamiliesHaveWhatASocketOfBothIsSet(t *testing.T) {
	for o, value := range map[Option]int{TypeOfService: 184, MulticastTTL: 9, MulticastLoopback: 0} {
		fd := open(t, endpoint.OpenDatagram, address.Any)
		if err := Set(fd, o, value); err != nil {
			t.Fatalf("option %d: %v", o, err)
		}
		pair := names[o]
		if v4, v6 := ofSystem(t, fd, pair.v4), ofSystem(t, fd, pair.v6); v4 != value || v6 != value {
			t.Errorf("option %d is %d for IPv4 and %d for IPv6", o, v4, v6)
		}
		if got, err := Get(fd, o); got != value || err != nil {
			t.Errorf("option %d reads %d, %v", o, got, err)
		}
		if Set(fd, o, 1000) == nil && o == MulticastTTL {
			t.Error("a TTL of 1000")
		}
	}
}

func TestOneFamilyAlone(t *testing.T) {
	for _, a := range []address.Address{address.AnyIPv4, address.AnyIPv6} {
		fd := open(t, endpoint.OpenDatagram, a)
		if err := Set(fd, MulticastTTL, 9); err != nil {
			t.Fatal(err)
		}
		if got, err := Get(fd, MulticastTTL); got != 9 || err != nil {
			t.Errorf("%v: %d, %v", a, got, err)
		}
	}
	six := open(t, endpoint.OpenDatagram, address.AnyIPv6)
	Set(six, TypeOfService, 184)
	if v := ofSystem(t, six, names[TypeOfService].v4); v != 0 {
		t.Errorf("of IPv4, which is not for it, %d", v)
	}
}

// The connections of a server that listens on both families are such sockets too.
func TestAConnectionByIPv4OverIPv6(t *testing.T) {
	listener, client := open(t, endpoint.Open, address.Any), open(t, endpoint.Open, address.LocalHost)
	if err := endpoint.Bind(listener, address.Any, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(listener, 1); err != nil {
		t.Fatal(err)
	}
	_, port := endpoint.Local(listener)
	if err := endpoint.Connect(client, address.LocalHost, port); err != nil && err != unix.EINPROGRESS {
		t.Fatal(err)
	}
	fds := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
	unix.Poll(fds, -1)
	fd, _, _, err := endpoint.Accept(listener)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := Set(fd, TypeOfService, 184); err != nil || ofSystem(t, fd, names[TypeOfService].v4) != 184 {
		t.Errorf("%v, for IPv4 it is %d", err, ofSystem(t, fd, names[TypeOfService].v4))
	}
	// What holds is told, whoever has set it.
	unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, 16)
	if got, err := Get(fd, TypeOfService); got != 16 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

func TestWhatIsNoOption(t *testing.T) {
	fd := open(t, endpoint.Open, address.Any)
	var k Kept
	if Set(fd, 99, 1) == nil || k.Keep(99, 1) || k.Keep(BindToInterface, -1) || len(k) != 0 {
		t.Error("it is taken")
	}
	if !k.Keep(BindToInterface, 0) {
		t.Error("it cannot be turned off")
	}
	if _, err := Get(fd, 99); err == nil {
		t.Error("it has a value")
	}
	if Set(-1, LowDelay, 1) == nil {
		t.Error("it is set on nothing")
	}
}

func TestKeptOptionsAreApplied(t *testing.T) {
	var k Kept
	for _, s := range []setting{{ReusePort, 0}, {KeepAlive, 1}, {MulticastTTL, 5}, {ReusePort, 1}, {BindToInterface, 1}} {
		if !k.Keep(s.option, s.value) {
			t.Fatalf("option %d is not kept", s.option)
		}
	}
	if len(k) != 4 {
		t.Errorf("%v", k)
	}
	// The TTL is not for a stream, which is none the worse.
	fd := open(t, endpoint.Open, address.LocalHost)
	if err := k.Apply(fd); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Option{ReusePort, KeepAlive, BindToInterface} {
		if v, err := Get(fd, o); v != 1 || err != nil {
			t.Errorf("option %d is %d, %v", o, v, err)
		}
	}
	// But what decides who gets what arrives is not left out in silence.
	local := systest.File(t)
	defer unix.Close(local)
	if k.Apply(local) == nil {
		t.Error("it has been applied to what is no socket")
	}
}

// C, C++ and Python programs pass Qt's numbers, and ours from 64 on.
func TestOptionsHaveTheirNumbers(t *testing.T) {
	for i, option := range []Option{
		LowDelay, KeepAlive, MulticastTTL, MulticastLoopback, TypeOfService, SendBufferSize, ReceiveBufferSize, PathMTU,
		KeepAliveIdle, KeepAliveInterval, KeepAliveCount,
	} {
		if int(option) != i {
			t.Errorf("option %d is %d", i, option)
		}
	}
	for i, option := range []Option{UserTimeout, ReusePort, ReceiveTrains, BindToInterface} {
		if int(option) != 64+i {
			t.Errorf("option %d is %d", 64+i, option)
		}
	}
}
