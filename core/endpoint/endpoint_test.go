package endpoint

import (
	"errors"
	"math/rand"
	"net/netip"
	"reflect"
	"testing"
	"testing/quick"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/systest"
	"qnet/core/sys"
)

func parse(t *testing.T, text string) address.Address {
	t.Helper()
	a, ok := address.Parse(text)
	if !ok {
		t.Fatalf("%q is no address", text)
	}
	return a
}

// openFor opens a socket that the test's end closes.
func openFor(t *testing.T, a address.Address) int {
	t.Helper()
	fd, err := Open(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sys.Close(fd) })
	return fd
}

// listen returns a listening socket on a and a port of the system's choice.
func listen(t *testing.T, a address.Address) (fd int, port uint16) {
	t.Helper()
	fd = openFor(t, a)
	if err := Bind(fd, a, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 10); err != nil {
		t.Fatal(err)
	}
	_, port = Local(fd)
	return fd, port
}

func wait(t *testing.T, fd int, events int16) {
	t.Helper()
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, 10000); n != 1 {
		t.Fatalf("waited in vain for a descriptor: %v", err)
	}
}

func option(t *testing.T, fd, level, name int) int {
	t.Helper()
	n, err := unix.GetsockoptInt(fd, level, name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpenChoosesTheFamily(t *testing.T) {
	for _, c := range []struct {
		name   string
		a      address.Address
		family int
		dual   bool
	}{
		{"IPv4", address.LocalHost, unix.AF_INET, false},
		{"AnyIPv4", address.AnyIPv4, unix.AF_INET, false},
		{"IPv6", address.LocalHostIPv6, unix.AF_INET6, false},
		{"AnyIPv6", address.AnyIPv6, unix.AF_INET6, false},
		{"Any", address.Any, unix.AF_INET6, true},
		{"mapped", parse(t, "::ffff:127.0.0.1"), unix.AF_INET6, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			fd := openFor(t, c.a)
			if got, err := sys.Family(fd); got != c.family {
				t.Errorf("family %d, %v", got, err)
			}
			if got := option(t, fd, unix.SOL_SOCKET, unix.SO_TYPE); got != unix.SOCK_STREAM {
				t.Errorf("type %d", got)
			}
			if got := IsDualStack(fd); got != c.dual {
				t.Errorf("dual stack: %v", got)
			}
			checkFlags(t, fd)
		})
	}
}

// checkFlags checks that fd does not block and does not reach other programs.
func checkFlags(t *testing.T, fd int) {
	t.Helper()
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("status flags %#x, %v", flags, err)
	}
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("descriptor flags %#x, %v", flags, err)
	}
}

func TestBothEndsAgreeOnTheirAddresses(t *testing.T) {
	mapped := parse(t, "::ffff:127.0.0.1")
	for _, c := range []struct {
		name             string
		listen, connect  address.Address
		bound            address.Address // what Local says of the listener
		server, client   address.Address // what each end says of the other
		serverL, clientL address.Address // and of itself
	}{
		{"IPv4", address.LocalHost, address.LocalHost,
			address.LocalHost, address.LocalHost, address.LocalHost, address.LocalHost, address.LocalHost},
		{"IPv6", address.LocalHostIPv6, address.LocalHostIPv6,
			address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6},
		{"AnyIPv4", address.AnyIPv4, address.LocalHost,
			address.AnyIPv4, address.LocalHost, address.LocalHost, address.LocalHost, address.LocalHost},
		{"Any from IPv4", address.Any, address.LocalHost,
			address.Any, mapped, address.LocalHost, mapped, address.LocalHost},
		{"AnyIPv6", address.AnyIPv6, address.LocalHostIPv6,
			address.AnyIPv6, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6},
		{"Any from IPv6", address.Any, address.LocalHostIPv6,
			address.Any, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6, address.LocalHostIPv6},
		{"from a mapped address", address.LocalHost, mapped,
			address.LocalHost, address.LocalHost, mapped, address.LocalHost, mapped},
	} {
		t.Run(c.name, func(t *testing.T) {
			listener, port := listen(t, c.listen)
			if a, _ := Local(listener); a != c.bound {
				t.Errorf("the listener is at %v", a)
			}
			client := openFor(t, c.connect)
			if err := Connect(client, c.connect, port); err != nil && err != unix.EINPROGRESS {
				t.Fatal(err)
			}
			wait(t, listener, unix.POLLIN)
			wait(t, client, unix.POLLOUT)
			server, peer, peerPort, err := Accept(listener)
			if err != nil {
				t.Fatal(err)
			}
			defer sys.Close(server)
			checkFlags(t, server)
			clientLocal, clientPort := Local(client)
			clientPeer, clientPeerPort := Peer(client)
			serverLocal, serverPort := Local(server)
			serverPeer, serverPeerPort := Peer(server)
			if peer != c.server || serverPeer != c.server || serverLocal != c.serverL {
				t.Errorf("the server sees %v, %v and is %v", peer, serverPeer, serverLocal)
			}
			if clientPeer != c.client || clientLocal != c.clientL {
				t.Errorf("the client sees %v and is %v", clientPeer, clientLocal)
			}
			if peerPort != clientPort || serverPeerPort != clientPort || serverPort != port || clientPeerPort != port {
				t.Errorf("ports: %d, %d, %d, %d", peerPort, serverPeerPort, serverPort, clientPeerPort)
			}
		})
	}
}

func TestAcceptWithoutAConnection(t *testing.T) {
	listener, _ := listen(t, address.LocalHost)
	if fd, a, port, err := Accept(listener); fd != -1 || a != address.Null || port != 0 || err != unix.EAGAIN {
		t.Errorf("Accept = %d, %v, %d, %v", fd, a, port, err)
	}
}

func TestWhatCannotBeBoundOrConnected(t *testing.T) {
	for _, c := range []struct {
		name   string
		socket address.Address
		to     address.Address
		want   error
	}{
		{"IPv6 with IPv4's socket", address.LocalHost, address.LocalHostIPv6, unix.EAFNOSUPPORT},
		{"the null address", address.LocalHost, address.Null, unix.EAFNOSUPPORT},
		{"the null address with IPv6's socket", address.LocalHostIPv6, address.Null, unix.EAFNOSUPPORT},
		{"an interface that is not there", address.LocalHostIPv6, parse(t, "fe80::1%nosuchnic"), unix.EADDRNOTAVAIL},
		{"someone else's address", address.LocalHost, parse(t, "203.0.113.1"), unix.EADDRNOTAVAIL},
	} {
		t.Run(c.name, func(t *testing.T) {
			fd := openFor(t, c.socket)
			if err := Bind(fd, c.to, 0); err != c.want {
				t.Errorf("Bind: %v", err)
			}
			if c.name == "someone else's address" {
				return
			}
			if err := Connect(fd, c.to, 1); err != c.want {
				t.Errorf("Connect: %v", err)
			}
		})
	}
	if err := Bind(-1, address.LocalHost, 0); err != unix.EBADF {
		t.Errorf("Bind without a descriptor: %v", err)
	}
	if err := Connect(-1, address.LocalHost, 1); err != unix.EBADF {
		t.Errorf("Connect without a descriptor: %v", err)
	}
}

func TestConnectAgainAfterAFailure(t *testing.T) {
	closed, closedPort := listen(t, address.LocalHost)
	unix.Shutdown(closed, unix.SHUT_RDWR)
	_, port := listen(t, address.LocalHost)
	fd := openFor(t, address.LocalHost)
	if err := Bind(fd, address.LocalHost, 0); err != nil {
		t.Fatal(err)
	}
	connect := func(port uint16) int {
		t.Helper()
		if err := Connect(fd, address.LocalHost, port); err != nil && err != unix.EINPROGRESS {
			t.Fatal(err)
		}
		wait(t, fd, unix.POLLOUT)
		return option(t, fd, unix.SOL_SOCKET, unix.SO_ERROR)
	}
	if e := connect(closedPort); unix.Errno(e) != unix.ECONNREFUSED {
		t.Errorf("first: %v", unix.Errno(e))
	}
	if e := connect(port); e != 0 {
		t.Errorf("second: %v", unix.Errno(e))
	}
}

func TestBindFailsOnAPortInUse(t *testing.T) {
	_, port := listen(t, address.LocalHost)
	if err := Bind(openFor(t, address.LocalHost), address.LocalHost, port); err != unix.EADDRINUSE {
		t.Errorf("Bind: %v", err)
	}
}

func TestNoSocketHasNoAddresses(t *testing.T) {
	event, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(event)
	local, other := systest.Pair(t, unix.SOCK_STREAM)
	defer sys.Close(local)
	defer sys.Close(other)
	for name, fd := range map[string]int{"none": -1, "no socket": event, "of another family": local} {
		if a, port := Local(fd); a != address.Null || port != 0 {
			t.Errorf("%s: Local = %v, %d", name, a, port)
		}
		if a, port := Peer(fd); a != address.Null || port != 0 {
			t.Errorf("%s: Peer = %v, %d", name, a, port)
		}
		if name != "of another family" && IsDualStack(fd) {
			t.Errorf("%s: dual stack", name)
		}
	}
}

func TestZonesAreNamesOrNumbers(t *testing.T) {
	fd := openFor(t, address.AnyIPv4)
	if got := InterfaceIndex(fd, "lo"); got == 0 || zone(fd, got) != "lo" {
		t.Errorf("lo is %d, which is %q", got, zone(fd, got))
	}
	if got := InterfaceIndex(fd, "77"); got != 77 {
		t.Errorf("77 is %d", got)
	}
	if got := InterfaceIndex(fd, "an interface with a long name"); got != 0 {
		t.Errorf("a long name is %d", got)
	}
	if got := InterfaceIndex(fd, "nosuchnic"); got != 0 {
		t.Errorf("nosuchnic is %d", got)
	}
	if got := zone(fd, 4000000000); got != "4000000000" {
		t.Errorf("an unknown number is %q", got)
	}
}

// endpoint is an address and port that quick makes.
type endpoint struct {
	a    address.Address
	port uint16
}

func (endpoint) Generate(r *rand.Rand, _ int) reflect.Value {
	e := endpoint{port: uint16(r.Intn(1 << 16))}
	if r.Intn(2) == 0 {
		e.a = address.FromIPv4(r.Uint32())
		return reflect.ValueOf(e)
	}
	var b [16]byte
	r.Read(b[:])
	if r.Intn(2) == 0 {
		b[0], b[1] = 0xfe, 0x80
	}
	e.a = address.FromIPv6(b)
	if r.Intn(2) == 0 {
		// A number that is no interface's stays a number.
		e.a = e.a.WithScopeID("4000000000")
	}
	return reflect.ValueOf(e)
}

func TestAddressesSurviveTheSystemsForm(t *testing.T) {
	v4, v6 := openFor(t, address.AnyIPv4), openFor(t, address.AnyIPv6)
	check := func(e endpoint) bool {
		var sa unix.RawSockaddrInet6
		_, err := Encode(&sa, v6, e.a.Protocol() == address.IPv6, e.a, e.port)
		if err != nil {
			t.Logf("%v: %v", e.a, err)
			return false
		}
		a, port := Decode(&sa, v4)
		return a == e.a && port == e.port
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
	mapped := func(e endpoint) bool {
		if e.a.Protocol() != address.IPv4 {
			return true
		}
		var sa unix.RawSockaddrInet6
		_, err := Encode(&sa, v6, true, e.a, e.port)
		a, port := Decode(&sa, v6)
		return err == nil && a.Addr() == netip.AddrFrom16(e.a.Addr().As16()) && port == e.port
	}
	if err := quick.Check(mapped, nil); err != nil {
		t.Error("IPv4 on an IPv6 socket:", err)
	}
}

func TestOpenFailsWithoutDescriptors(t *testing.T) {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	low := unix.Rlimit{Cur: 0, Max: old.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	fd, err := Open(address.Any)
	unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	if fd != -1 || !errors.Is(err, unix.EMFILE) {
		t.Errorf("Open = %d, %v", fd, err)
	}
}

func TestDatagramsMayGoToEverybody(t *testing.T) {
	for _, a := range []address.Address{address.AnyIPv4, address.AnyIPv6, address.Any} {
		fd, err := OpenDatagram(a)
		if err != nil {
			t.Fatal(err)
		}
		if on, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST); on == 0 {
			t.Errorf("%v: SO_BROADCAST is %d, %v", a, on, err)
		}
		sys.Close(fd)
	}
}
