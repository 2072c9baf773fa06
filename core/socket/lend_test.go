package socket

import (
	"testing"
	"unsafe"

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

// It may write where C can take all that fits: without a limit, and as long as anything is taken.
func TestWhatALentCallbackMayWrite(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*Socket)
		room    int64
	}{
		"as it is":                  {func(*Socket) {}, lease.Room},
		"with a limit":              {func(s *Socket) { s.SetWriteLimit(1, 0) }, 0},
		"with a large limit":        {func(s *Socket) { s.SetWriteLimit(1<<30, 0) }, 0},
		"with a limit that is gone": {func(s *Socket) { s.SetWriteLimit(1, 0); s.SetWriteLimit(0, 0) }, lease.Room},
		"to be read only":           {func(s *Socket) { s.mode &^= WriteOnly }, 0},
		"with its own end ended":    {func(s *Socket) { s.CloseWriteChannel() }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, peer := lendable(t)
			c.prepare(s)
			room := int64(-1)
			runLike(t, func(terms func(uintptr) *int64) {
				room = *terms(lease.OffsetRoom)
				*terms(lease.OffsetLeft) = 0
			})
			peer.Say("text")
			looptest.Until(t, s.Loop(), "it has been told", func() bool { return room >= 0 })
			if room != c.room {
				t.Errorf("room for %d bytes", room)
			}
		})
	}
}

// What has come is not told any more once the program ends the connection, also while there
// is something to be sent.
func TestDataIsNotLentWhileTheConnectionEnds(t *testing.T) {
	s, peer := lendable(t)
	runLike(t, func(func(uintptr) *int64) { t.Error("it is lent") })
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

// runLike has f do C's part of a round: it is called for each callback with what gives
// access to the terms, by their offsets.
func runLike(t *testing.T, f func(terms func(offset uintptr) *int64)) {
	old := lease.Run
	t.Cleanup(func() { lease.Run = old })
	lease.Run = func(address uintptr, _ uint64) {
		round := *(*unsafe.Pointer)(unsafe.Pointer(&address)) // outside Go's heap
		field := func(offset uintptr) *int64 { return (*int64)(unsafe.Add(round, offset)) }
		count := *field(lease.OffsetCount)
		for i := range count {
			*field(lease.OffsetCurrent) = i
			f(func(offset uintptr) *int64 { return field(lease.OffsetTerms + uintptr(i)*lease.SizeofTerms + offset) })
		}
		*field(lease.OffsetCurrent) = count
	}
}

// A callback may write more than the system takes.
func TestWhatIsWrittenInALentCallbackIsSentWhole(t *testing.T) {
	for _, heard := range []bool{false, true} {
		s, peer := lendable(t)
		signalled := int64(0)
		if heard {
			s.On(SignalBytesWritten, func(n int64) { signalled += n })
		}
		rounds := 0
		runLike(t, func(terms func(uintptr) *int64) {
			rounds++
			*terms(lease.OffsetOut) = *terms(lease.OffsetData)
			*terms(lease.OffsetStaged) = *terms(lease.OffsetLeft)
			*terms(lease.OffsetLeft) = 0
		})
		data := pattern(16 << 20)
		sent := 0
		looptest.Until(t, s.Loop(), "all is read", func() bool {
			sent += peer.Send(data[sent:])
			return (*handler)(s).Progress().Received == uint32(len(data))
		})
		if s.BytesToWrite() == 0 || rounds == 0 || s.BytesAvailable() != 0 {
			t.Errorf("%d rounds have left %d bytes to write and %d to read", rounds, s.BytesToWrite(), s.BytesAvailable())
		}
		in := peer.Inbox()
		looptest.Until(t, s.Loop(), "the peer has all", in.Has(len(data)))
		looptest.Settle(t, s.Loop())
		if string(in.Data) != string(data) || s.BytesToWrite() != 0 {
			t.Errorf("other bytes; %d to write", s.BytesToWrite())
		}
		if heard && signalled != int64(len(data)) {
			t.Errorf("%d bytes of %d were signalled", signalled, len(data))
		}
	}
}

// A callback that calls in ends the round: it goes on as any other, with what it has left.
func TestALentCallbackMayCallIn(t *testing.T) {
	s, peer := lendable(t)
	in := peer.Inbox()
	calls := 0
	old := lease.Run
	defer func() { lease.Run = old }()
	lease.Run = func(address uintptr, _ uint64) {
		round := *(*unsafe.Pointer)(unsafe.Pointer(&address))
		field := func(offset uintptr) *int64 { return (*int64)(unsafe.Add(round, offset)) }
		if calls++; calls > 1 {
			*field(lease.OffsetCurrent) = *field(lease.OffsetCount)
			return
		}
		*field(lease.OffsetCurrent) = 0
		// It has read two bytes, and written them.
		*field(lease.OffsetTerms + lease.OffsetOut) = *field(lease.OffsetTerms + lease.OffsetData)
		*field(lease.OffsetTerms + lease.OffsetStaged) = 2
		*field(lease.OffsetTerms + lease.OffsetLeft) -= 2
		looptest.Do(s.Loop(), func() {
			if !s.InCallHere() || s.BytesAvailable() != 4 || s.BytesToWrite() != 2 {
				t.Errorf("inside: %v, %d bytes to read, %d to write", s.InCallHere(), s.BytesAvailable(), s.BytesToWrite())
			}
			p := make([]byte, 9)
			if n := s.Read(p[:3]); n != 3 || string(p[:3]) != "cde" {
				t.Errorf("read %q", p[:max(0, n)])
			}
			s.Write(p[:3])
		})
	}
	peer.Say("abcdef")
	looptest.Until(t, s.Loop(), "the answer is there", in.Has(5))
	looptest.Settle(t, s.Loop())
	if calls != 1 || string(in.Data) != "abcde" || s.BytesAvailable() != 1 || s.InCallHere() {
		t.Errorf("%d calls; the peer has %q; %d bytes are left", calls, in.Data, s.BytesAvailable())
	}
	if len(s.rx.FirstMapped()) != 0 {
		t.Error("a byte that is left keeps a large chunk")
	}
	if n := s.Read(make([]byte, 9)); n != 1 {
		t.Errorf("read %d bytes", n)
	}
	peer.Say("g")
	looptest.Until(t, s.Loop(), "it is called again", func() bool { return calls == 2 })
}
