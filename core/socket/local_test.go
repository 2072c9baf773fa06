package socket

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
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

func TestLocalWaitsForRoomInTheQueue(t *testing.T) {
	fd, path := localServer(t, 0)
	filler, _ := local.Open()
	defer unix.Close(filler)
	if err := local.Connect(filler, local.Name{Text: path}); err != nil {
		t.Fatal(err)
	}
	r := localRig(t)
	r.SetServerName(path)
	r.ConnectToServer(ReadWrite)
	r.settle()
	r.expect("state 2")
	taken, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(taken)
	r.untilLogged("connected")
	r.expect("state 3", "connected")
	if r.rare.local.attempt != nil {
		t.Error("it is tried on")
	}
}

func TestLocalGivesUpAfterATime(t *testing.T) {
	_, path := localServer(t, 0)
	filler, _ := local.Open()
	defer unix.Close(filler)
	local.Connect(filler, local.Name{Text: path})
	r := localRig(t)
	r.SetServerName(path)
	before := looptest.Descriptors()
	r.ConnectToServer(ReadWrite)
	r.rare.local.attempt.deadline = 1
	r.untilLogged("state 0")
	r.expect("state 2", "error 5", "state 0")
	if r.Failure() != failure.LocalConnectTimeout || looptest.Descriptors() != before {
		t.Error(r.Failure())
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
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[1])
	r := localRig(t)
	if !r.SetDescriptor(fds[0], Connected, ReadWrite|Unbuffered) {
		t.Fatal(r.Failure())
	}
	r.SetReceivesDescriptors(true)
	if err := unix.Sendmsg(fds[1], []byte("file"), unix.UnixRights(fds[1]), nil, 0); err != nil {
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
