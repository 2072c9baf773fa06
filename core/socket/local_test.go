package socket

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/local"
)

// localServer returns a plain listening local socket, and its path.
func localServer(t *testing.T, backlog int) (fd int, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	fd, err := local.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := local.Bind(fd, local.Name{Text: path}, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, backlog); err != nil {
		t.Fatal(err)
	}
	return fd, path
}

// localRig is a rig of a local socket.
func localRig(t *testing.T) *rig {
	return observe(t, NewLocal(looptest.New(t)))
}

func TestLocalConnects(t *testing.T) {
	_, path := localServer(t, 5)
	r := localRig(t)
	r.SetServerName(path)
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) == Connected && (r.Mode() != NotOpen || r.Descriptor() != -1 || r.FullServerName() != path) {
			t.Errorf("in stateChanged: mode %d, descriptor %d", r.Mode(), r.Descriptor())
		}
	}
	r.ConnectToServer(ReadWrite)
	r.expect("state 2", "state 3", "connected")
	r.ConnectToServer(ReadWrite)
	r.expect("error 19")
	if r.Failure() != failure.LocalInProgress || r.State() != Connected {
		t.Error(r.Failure())
	}
	r.Abort()
	r.expect("state 0", "readChannelFinished", "disconnected", "aboutToClose")
	if r.ServerName() != "" || r.FullServerName() != "" || r.IsValid() {
		t.Errorf("%q, %q", r.ServerName(), r.FullServerName())
	}
}

func TestLocalIsNoSocketOfTheNetwork(t *testing.T) {
	r := localRig(t)
	for name, call := range map[string]func() bool{
		"Bind":             func() bool { return r.Bind(address.LocalHost, 0, DefaultForPlatform) },
		"ConnectToHost":    func() bool { r.ConnectToHost("localhost", 1, ReadWrite, address.AnyIP); return false },
		"ConnectToAddress": func() bool { r.ConnectToAddress(address.LocalHost, 1, ReadWrite); return false },
	} {
		if call() || r.State() != Unconnected || r.failure != failure.WrongKind {
			t.Errorf("%s: state %d, %v", name, r.State(), r.Failure())
		}
		r.expect("error 10")
	}
}

// Connecting has not begun then: there is nothing to wait for.
func TestLocalCannotBeWaitedForInsideConnect(t *testing.T) {
	_, path := localServer(t, 5)
	r := localRig(t)
	r.SetServerName(path)
	waited := false
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) == Connecting {
			waited = true
			if r.WaitForConnected(long) {
				t.Error("connected")
			}
		}
	}
	r.ConnectToServer(ReadWrite)
	if !waited || r.State() != Connected {
		t.Errorf("state %d", r.State())
	}
}

// What the peer of the last connection has left can be read until there is another one.
func TestLocalKeepsWhatIsUnreadUntilItIsConnectedAgain(t *testing.T) {
	r, connect := localConnected(t)
	p := connect()
	p.Say("unread")
	p.Close()
	r.untilLogged("disconnected")
	r.on[SignalStateChanged] = func(state int64) {
		if n := r.BytesAvailable(); State(state) == Connecting && n != 6 || State(state) == Connected && n != 0 {
			t.Errorf("in state %d there are %d bytes", state, n)
		}
	}
	p = connect()
	p.Say("text")
	r.untilAvailable(4)
	want(t, "the socket", r.all(), "text")
}

func TestAnAbortedLocalSocketHasNothingLeft(t *testing.T) {
	r, connect := localConnected(t)
	p := connect()
	p.Say("unread")
	r.untilAvailable(6)
	r.StartTransaction()
	r.say("unsent")
	r.on[SignalStateChanged] = func(int64) {
		if r.BytesAvailable() != 0 || r.BytesToWrite() != 0 || r.InTransaction() {
			t.Errorf("%d bytes to read, %d to write", r.BytesAvailable(), r.BytesToWrite())
		}
	}
	r.log = nil
	r.Abort()
	r.expect("state 0", "readChannelFinished", "disconnected", "aboutToClose")
}

func TestLocalForgetsItsNameWhenAborted(t *testing.T) {
	r := localRig(t)
	for name, c := range map[string]struct {
		end  func()
		want string
	}{"abort": {r.Abort, ""}, "close": {r.Close, ""}, "disconnect": {r.Disconnect, "name"}} {
		r.SetServerName("name")
		if c.end(); r.ServerName() != c.want || len(r.log) != 0 {
			t.Errorf("%s: %q, %q", name, r.ServerName(), r.log)
		}
	}
}

func TestLocalFailsWhileConnecting(t *testing.T) {
	r := localRig(t)
	r.SetServerName(filepath.Join(t.TempDir(), "none"))
	r.on[SignalErrorOccurred] = func(int64) {
		if r.State() != Connecting || r.ServerName() == "" {
			t.Errorf("in errorOccurred: state %d", r.State())
		}
	}
	r.ConnectToServer(ReadWrite)
	r.expect("state 2", "error 2", "state 0")
	if r.Descriptor() != -1 || r.Mode() != NotOpen {
		t.Errorf("descriptor %d, mode %d", r.Descriptor(), r.Mode())
	}
}

func TestUpTo(t *testing.T) {
	parts := func() [][]byte { return [][]byte{[]byte("ab"), []byte("cd"), []byte("e")} }
	for limit, want := range map[int]string{1: "a|", 2: "ab|", 3: "ab|c|", 4: "ab|cd|", 5: "ab|cd|e|", 9: "ab|cd|e|"} {
		got := ""
		for _, p := range upTo(parts(), limit) {
			got += string(p) + "|"
		}
		if got != want {
			t.Errorf("up to %d: %s", limit, got)
		}
	}
}

func TestLocalPeekKeepsDescriptors(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	r := localRig(t)
	if !r.SetDescriptor(one, Connected, ReadWrite|Unbuffered) {
		t.Fatal(r.Failure())
	}
	r.SetReceivesDescriptors(true)
	if err := unix.Sendmsg(other, []byte("file"), unix.UnixRights(other), nil, 0); err != nil {
		t.Fatal(err)
	}
	r.untilLogged("readyRead")
	p := make([]byte, 2)
	if n := r.Peek(p); n != 2 || string(p) != "fi" {
		t.Errorf("%d, %q", n, p)
	}
	if r.DescriptorCount() != 1 {
		t.Errorf("%d descriptors", r.DescriptorCount())
	}
}

func TestLocalAdoptsWithASignal(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	r := localRig(t)
	if !r.SetDescriptor(one, Connected, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.expect("state 3")
}

func TestDescriptorsAreTakenOneByOne(t *testing.T) {
	r, p := paired(t)
	r.SetReceivesDescriptors(true)
	for range 3 {
		sayWithDescriptor(t, p, "x")
	}
	r.until("all have come", func() bool { return r.DescriptorCount() == 3 })
	for left := 2; left >= 0; left-- {
		for _, fd := range r.TakeDescriptors(1) {
			unix.Close(fd)
		}
		if r.DescriptorCount() != left {
			t.Fatalf("%d descriptors, not %d", r.DescriptorCount(), left)
		}
	}
	r.SetReceivesDescriptors(false)
	if r.filtering != 0 {
		t.Error("each read still looks out for descriptors")
	}
}

// Also when nothing can be written any more its device stays open, as in Qt.
func TestLocalWriteThatFails(t *testing.T) {
	for name, begin := range localOrigins {
		t.Run(name, func(t *testing.T) {
			r, p := begin(t)
			r.log = nil
			unix.Shutdown(p.FD, unix.SHUT_RD)
			r.say("nobody reads this")
			r.untilLogged("disconnected")
			r.settle()
			r.expect("error 1", "state 0", "readChannelFinished", "disconnected")
			if r.Mode() != ReadWrite || r.IsValid() || r.State() != Unconnected || r.BytesToWrite() != 0 {
				t.Errorf("mode %d, valid %v, state %d, %d bytes to write", r.Mode(), r.IsValid(), r.State(), r.BytesToWrite())
			}
			if n := r.Write([]byte("x")); n != -1 {
				t.Errorf("Write = %d", n)
			}
			r.Close()
			r.expect("aboutToClose")
		})
	}
}

// paired returns a local socket that has adopted one end of a connection, and the other
// end.
func paired(t *testing.T) (*rig, *looptest.Peer) {
	t.Helper()
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	r := localRig(t)
	if !r.SetDescriptor(one, Connected, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.log = nil
	return r, looptest.NewPeer(t, other)
}

// localOrigins are the ways in which a local socket gets its connection.
var localOrigins = map[string]func(*testing.T) (*rig, *looptest.Peer){
	"adopted": paired,
	"connected": func(t *testing.T) (*rig, *looptest.Peer) {
		fd, path := localServer(t, 5)
		r := localRig(t)
		r.SetServerName(path)
		r.ConnectToServer(ReadWrite)
		peer := systest.Accept(t, fd)
		r.log = nil
		return r, looptest.NewPeer(t, peer)
	},
	"accepted": func(t *testing.T) (*rig, *looptest.Peer) {
		l := looptest.New(t)
		one, other := systest.Pair(t, unix.SOCK_STREAM)
		return observe(t, AdoptLocal(l, one)), looptest.NewPeer(t, other)
	},
}

// sayWithDescriptor sends a text with a descriptor.
func sayWithDescriptor(t *testing.T, p *looptest.Peer, text string) {
	t.Helper()
	if err := unix.Sendmsg(p.FD, []byte(text), unix.UnixRights(p.FD), nil, 0); err != nil {
		t.Fatal(err)
	}
}

// All of it must be read in turns that do not wait: not one message at each look.
func TestUnwantedDescriptorsDoNotSlow(t *testing.T) {
	for name, begin := range localOrigins {
		t.Run(name, func(t *testing.T) {
			r, p := begin(t)
			for range 100 {
				sayWithDescriptor(t, p, "x")
			}
			r.settle()
			if n := r.BytesAvailable(); n != 100 {
				t.Errorf("%d of 100 bytes", n)
			}
		})
	}
}

// Whoever has never sent one may begin to: the first may be found late.
func TestUnwantedDescriptorsThatComeLater(t *testing.T) {
	for name, with := range map[string]func(i int) bool{
		"each":         func(int) bool { return true },
		"every second": func(i int) bool { return i%2 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := paired(t)
			for i := range 2 * waryReads {
				p.Say("x")
				r.untilAvailable(int64(i + 1))
			}
			if r.filtering != 0 {
				t.Error("each read still looks out for descriptors")
			}
			r.all()
			for i := range 100 {
				if with(i) {
					sayWithDescriptor(t, p, "x")
				} else {
					p.Say("x")
				}
			}
			r.untilAvailable(2)
			r.settle()
			if n := r.BytesAvailable(); n != 100 {
				t.Errorf("%d of 100 bytes", n)
			}
		})
	}
}

// Nothing will connect it: whoever waits without limit is not to wait for ever.
func TestAdoptedWhileConnectingIsNotWaitedFor(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	r := observe(t, NewLocal(looptest.New(t)))
	if !r.SetDescriptor(one, Connecting, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.log = nil
	if r.WaitForConnected(-1) || r.State() != Connecting {
		t.Errorf("state %d", r.State())
	}
	r.expect()
}
