package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/socket"
)

// newLocal makes a local server that does not listen and that the test's end deletes.
func newLocal(t *testing.T) *LocalServer {
	t.Helper()
	s := NewLocal(looptest.New(t))
	t.Cleanup(s.Delete)
	return s
}

// exists reports whether there is a file.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestLocalServerListensAtAFile(t *testing.T) {
	s := newLocal(t)
	path := filepath.Join(t.TempDir(), "s")
	if !s.Listen(path) || !s.IsListening() || s.Name() != path || s.FullName() != path || !exists(path) {
		t.Fatalf("%v, %q, %q", s.Failure(), s.Name(), s.FullName())
	}
	client := socket.NewLocal(s.Loop())
	defer client.Delete()
	client.SetServerName(path)
	client.ConnectToServer(socket.ReadWrite)
	looptest.Until(t, s.Loop(), "the connection is there", s.HasPending)
	if c := s.NextPending(); c.State() != socket.Connected || c.Kind() != socket.Local {
		t.Errorf("state %v, kind %v", c.State(), c.Kind())
	}
	s.Close()
	if exists(path) || s.IsListening() || s.Name() != "" || s.FullName() != "" {
		t.Errorf("after close: file %v, %q, %q", exists(path), s.Name(), s.FullName())
	}
}

func TestClosingAnAbstractServerLeavesTheFileOfItsName(t *testing.T) {
	s := newLocal(t)
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.SetOptions(AbstractNamespace)
	if !s.Listen(path) {
		t.Fatal(s.Failure())
	}
	// As another server that has taken the descriptor over would have it.
	fd, err := unix.Dup(s.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if !exists(path) {
		t.Error("listen and close: the file is gone")
	}
	s.SetOptions(0)
	if !s.ListenDescriptor(fd) || s.Options() != AbstractNamespace || s.FullName() != path {
		t.Fatalf("%v, options %d, %q", s.Failure(), s.Options(), s.FullName())
	}
	s.Close()
	if !exists(path) {
		t.Error("listen on a descriptor and close: the file is gone")
	}
}

func TestClosingLeavesAFileThatIsAnothers(t *testing.T) {
	s := newLocal(t)
	path := filepath.Join(t.TempDir(), "s")
	if !s.Listen(path) {
		t.Fatal(s.Failure())
	}
	other := filepath.Join(filepath.Dir(path), "other")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if !exists(path) {
		t.Error("another's file is gone")
	}
}

// The end of the test finds descriptors that are left open.
func TestFailedListenOfALocalServerKeepsNothing(t *testing.T) {
	s := newLocal(t)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := looptest.Descriptors()
	for name, code := range map[string]failure.Code{
		taken:                      failure.AddressInUse,
		filepath.Join(dir, "no/s"): failure.HostNotFound,
		"":                         failure.HostNotFound,
	} {
		if s.Listen(name) || s.IsListening() || s.FullName() != "" || s.Failure().Code != code {
			t.Errorf("%q: listening %v, %q, %v", name, s.IsListening(), s.FullName(), s.Failure())
		}
	}
	if now := looptest.Descriptors(); now != before {
		t.Errorf("%d descriptors, before %d", now, before)
	}
	if !exists(taken) {
		t.Error("the file that stood in the way is gone")
	}
}

// As in Qt a wait accepts one, however many may be pending.
func TestLocalWaitWithAFullQueue(t *testing.T) {
	for _, most := range []int{0, 1} {
		s := newLocal(t)
		s.SetMaxPending(most)
		if !s.Listen(filepath.Join(t.TempDir(), "s")) {
			t.Fatal(s.Failure())
		}
		for range most + 3 {
			client := socket.NewLocal(s.Loop())
			defer client.Delete()
			client.SetServerName(s.FullName())
			client.ConnectToServer(socket.ReadWrite)
		}
		for i := range most + 3 {
			if pending, timedOut := s.WaitForNewConnection(-1); !pending || timedOut || len(s.pending) != i+1 {
				t.Errorf("%v, %v; maximum %d: %d are pending after %d waits", pending, timedOut, most, len(s.pending), i+1)
			}
		}
		looptest.Settle(t, s.Loop())
		if pending, timedOut := s.WaitForNewConnection(short); !pending || !timedOut {
			t.Errorf("%v, %v when nobody comes", pending, timedOut)
		}
	}
}

// The other end of an abstract name is abstract, too, and that of a file is not.
func TestConnectionsOfALocalServerHaveItsName(t *testing.T) {
	for _, options := range []Options{0, AbstractNamespace} {
		s := newLocal(t)
		s.SetOptions(options)
		path := filepath.Join(t.TempDir(), "s")
		if !s.Listen(path) {
			t.Fatal(s.Failure())
		}
		client := socket.NewLocal(s.Loop())
		defer client.Delete()
		client.SetServerName(path)
		client.SetAbstract(options == AbstractNamespace)
		client.ConnectToServer(socket.ReadWrite)
		looptest.Until(t, s.Loop(), "the connection is there", s.HasPending)
		c := s.NextPending()
		if c.Abstract() != (options == AbstractNamespace) || c.FullServerName() != path {
			t.Errorf("options %d: abstract %v, %q", options, c.Abstract(), c.FullServerName())
		}
	}
}

func TestRemoveLocalTellsWhatItHasDone(t *testing.T) {
	list := warnings(t)
	check := func(what, path string, removed bool, warning string) {
		t.Helper()
		if got := RemoveLocal(path); got != removed {
			t.Errorf("%s: %v", what, got)
		}
		if len(*list) != min(len(warning), 1) || warning != "" && !strings.Contains((*list)[0], warning) {
			t.Errorf("%s: %q", what, *list)
		}
		*list = nil
	}
	path := filepath.Join(t.TempDir(), "s")
	check("nothing", path, true, "")
	check("no name", "", false, "")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check("a file", path, false, path+" is not a socket")
	if !exists(path) {
		t.Error("the file is gone")
	}
	os.Remove(path)
	s := newLocal(t)
	if !s.Listen(path) {
		t.Fatal(s.Failure())
	}
	check("a server", path, true, "a server still listens at "+path)
	if exists(path) {
		t.Error("the server's file is there")
	}
}
