package server

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/local"
	"qnet/core/socket"
)

// A daemon may hand over a listener, or a connection, with the number 0.
func TestDescriptorZeroOfAServer(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	fd := listener.FD
	listener.FD = -1
	looptest.AtZero(t, fd)
	r := newServer(t, l)
	if !r.SetDescriptor(0) || r.Descriptor() != 0 || !r.IsListening() || r.Port() != listener.Port {
		t.Fatalf("descriptor %d, port %d: %v", r.Descriptor(), r.Port(), r.Failure())
	}
	if r.SetDescriptor(0) {
		t.Error("it listens twice")
	}
	r.Pause()
	r.dial(1)
	r.settle()
	if r.HasPending() {
		t.Error("accepted while paused")
	}
	if ok, _ := r.WaitForNewConnection(long); !ok {
		t.Error("a wait has not accepted")
	}
	r.Resume()
	r.dial(1)
	r.until("both are there", func() bool { return len(r.pending) == 2 })
	r.dial(1)
	free := looptest.NoDescriptors(t)
	r.until("it has failed", func() bool { return r.count("error 4") == 1 })
	free()
	r.until("the third is there", func() bool { return len(r.pending) == 3 })
	r.Close()
	looptest.ZeroClosed(t)
	if ok, timedOut := r.WaitForNewConnection(long); ok || timedOut || r.IsListening() {
		t.Errorf("after close: %v, %v", ok, timedOut)
	}
}

func TestDescriptorZeroOfALocalServer(t *testing.T) {
	s := newLocal(t)
	path := t.TempDir() + "/s"
	fd, err := local.Open()
	if err == nil {
		if err = local.Bind(fd, local.Name{Text: path}, 0); err == nil {
			err = unix.Listen(fd, 5)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	looptest.AtZero(t, fd)
	s = NewLocal(s.Loop())
	t.Cleanup(s.Delete)
	if !s.ListenDescriptor(0) || s.Descriptor() != 0 || s.FullName() != path {
		t.Fatalf("descriptor %d, %q: %v", s.Descriptor(), s.FullName(), s.Failure())
	}
	if s.ListenDescriptor(0) || s.Listen(path) {
		t.Error("it listens twice")
	}
	client := socket.NewLocal(s.Loop())
	t.Cleanup(client.Delete)
	client.SetServerName(path)
	client.ConnectToServer(socket.ReadWrite)
	looptest.Until(t, s.Loop(), "the connection is there", s.HasPending)
	s.Close()
	looptest.ZeroClosed(t)
}

func TestAConnectionOfDescriptorZeroCounts(t *testing.T) {
	l := looptest.New(t)
	fd, peer := looptest.Accepted(t)
	looptest.AtZero(t, fd)
	r := newServer(t, l)
	r.SetIdleTimeout(20)
	// It has something to read, and another one that comes later has not.
	c, idle := socket.New(l), socket.New(l)
	t.Cleanup(c.Delete)
	t.Cleanup(idle.Delete)
	c.SetReadLimit(1)
	if !c.SetDescriptor(0, socket.Connected, socket.ReadWrite) {
		t.Fatal(c.Failure())
	}
	fd, _ = looptest.Accepted(t)
	idle.SetDescriptor(fd, socket.Connected, socket.ReadWrite)
	peer.Say("too much")
	r.until("the buffer is full", func() bool { return c.BytesAvailable() == 1 })
	r.AddPending(c)
	r.AddPending(idle)
	if n := r.OpenConnections(); n != 2 {
		t.Errorf("%d connections count", n)
	}
	r.until("the other was idle for too long", func() bool { return idle.State() == socket.Unconnected })
	r.settle()
	if c.State() != socket.Connected {
		t.Errorf("state %d: %v", c.State(), c.Failure())
	}
	c.SetReadLimit(0)
	r.until("all has come", func() bool { return c.BytesAvailable() == 8 })
	c.ReadAll(func(size int) []byte { return make([]byte, size) })
	r.until("it was idle for too long", func() bool { return c.State() == socket.Unconnected })
}
