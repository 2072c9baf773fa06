package socket

import (
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/lease"
	"qnet/core/object"
	"qnet/core/poll"
)

// directKind is a kind of slots that C may call itself.
var directKind = object.NewDirectKind(func(*object.Object, *object.Slot, int64) {})

// handle stands for the C side's name of a socket.
type handle struct{}

func (handle) Address() uintptr { return 42 }
func (handle) Released()        {}

// lendable returns a connected socket as C has it, with one plain callback of readyRead,
// and its peer.
func lendable(t *testing.T) (*Socket, *looptest.Peer) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	peer := looptest.Dial(t, listener.Port)
	fd, a, port := listener.AcceptDescriptor()
	s := Adopt(l, fd, a, port, nil)
	t.Cleanup(s.Delete)
	s.Attach(handle{})
	s.Connect(SignalReadyRead, directKind)
	return s, peer
}

// lends reports whether data that comes, "text", is lent to C, which then makes no callback.
func lends(t *testing.T, s *Socket, come func()) bool {
	old := lease.Run
	defer func() { lease.Run = old }()
	runs := 0
	var second *object.Slot
	lease.Run = func(uintptr, uint64) {
		runs++
		// With two callbacks it is not C's any more.
		looptest.Do(s.Loop(), func() { second = s.On(SignalReadyRead, func(int64) {}) })
	}
	come()
	looptest.Until(t, s.Loop(), "it has come", func() bool { return s.BytesAvailable() == 4 })
	looptest.Settle(t, s.Loop())
	if runs > 1 {
		t.Errorf("%d rounds for one message", runs)
	}
	if second != nil {
		s.Off(second)
	}
	p := make([]byte, 10)
	if n := s.Read(p); string(p[:max(n, 0)]) != "text" {
		t.Errorf("read %d bytes", n)
	}
	return runs > 0
}

// The fast way is only fast: that it is taken shows in nothing else.
func TestDataIsLentToASinglePlainCallback(t *testing.T) {
	s, peer := lendable(t)
	for range 3 {
		if !lends(t, s, func() { peer.Say("text") }) {
			t.Fatal("it is not lent")
		}
	}
}

func TestDataIsNotLentWhereTheCallbackMustNotHaveIt(t *testing.T) {
	for name, prepare := range map[string]func(*Socket) (undo func()){
		"text mode": func(s *Socket) func() {
			s.mode |= Text
			return func() { s.mode &^= Text }
		},
		"transaction": func(s *Socket) func() { s.StartTransaction(); return s.RollbackTransaction },
		"two callbacks": func(s *Socket) func() {
			slot := s.On(SignalReadyRead, func(int64) {})
			return func() { s.Off(slot) }
		},
		"a waiter": func(s *Socket) func() {
			w, err := s.ensureCold().waiters.Add(s.Loop())
			if err != nil {
				t.Fatal(err)
			}
			return func() { s.cold.waiters.Remove(s.Loop(), w) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, peer := lendable(t)
			undo := prepare(s)
			if lends(t, s, func() { peer.Say("text") }) {
				t.Error("it is lent")
			}
			undo()
			if s.InTransaction() {
				t.Error("the transaction goes on")
			}
		})
	}
}

// What has come is not told any more once the program ends the connection, also while there
// is something to be sent.
func TestDataIsNotLentWhileTheConnectionEnds(t *testing.T) {
	s, peer := lendable(t)
	old := lease.Run
	defer func() { lease.Run = old }()
	lease.Run = func(uintptr, uint64) { t.Error("it is lent") }
	s.Write(make([]byte, 16<<20))
	looptest.Settle(t, s.Loop()) // the system takes no more
	peer.Say("text")
	looptest.AwaitReadable(int(s.fd))
	(*handler)(s).Ready(poll.In)
	if s.readyRead != due {
		t.Fatal("it is not to be told")
	}
	s.Disconnect()
	looptest.Settle(t, s.Loop())
	if s.State() != Closing {
		t.Errorf("state %d", s.State())
	}
}
