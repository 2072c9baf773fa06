package socket

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
)

// move has r go to another loop, of which the test holds the lock then.
func (r *rig) move(to *loop.Loop) {
	r.t.Helper()
	r.l.Unlock()
	if err := object.Move(r.Socket, to); err != nil {
		r.t.Fatal(err)
	}
	r.l = to
	r.l.Lock()
}

// back has the test hold the lock of its own loop again, at its end.
func (r *rig) back(l *loop.Loop) {
	if r.l != l {
		if r.Alive() {
			r.Delete()
		}
		r.l.Unlock()
		r.l = l
		l.Lock()
	}
}

// A connection that its loop cannot watch, and was about to end for that, goes on in another one.
func TestMoveToWhereItCanBeWatched(t *testing.T) {
	r := unwatchable(t)
	l, to := r.l, looptest.Another(t)
	defer r.back(l)
	r.move(to)
	r.until("the rest has come", func() bool { return r.BytesAvailable() == 4 })
	if got := r.text(4); got != "much" || r.State() != Connected {
		t.Errorf("%q, state %d", got, r.State())
	}
}

func TestMoveTakesEverythingAlong(t *testing.T) {
	l := looptest.New(t)
	r, peer := connected(t, l)
	to := looptest.Another(t)
	defer r.back(l)
	peer.Send([]byte("unread"))
	r.untilAvailable(6)
	r.StartTransaction()
	r.Read(make([]byte, 2))
	r.SetReadLimit(8)
	r.SetWriteLimit(100, 10)
	r.Write([]byte("unsent"))
	r.log = nil
	r.move(to)
	if r.Loop() != to || !r.InTransaction() || r.ReadLimit() != 8 || r.WriteLimit() != 100 || r.BytesToWrite() != 6 {
		t.Errorf("of the old loop, or something is missing")
	}
	peer.Send([]byte(" and more than fits"))
	r.untilLogged("bytesWritten 6")
	inbox := peer.Inbox()
	r.until("it was sent", inbox.Has(6))
	if string(inbox.Data) != "unsent" {
		t.Errorf("%q was sent", inbox.Data)
	}
	r.RollbackTransaction()
	got := make([]byte, 0, 25)
	r.until("all was read", func() bool {
		part := make([]byte, 3)
		got = append(got, part[:max(0, r.Read(part))]...)
		return len(got) == 25
	})
	if string(got) != "unread and more than fits" {
		t.Errorf("%q was read", got)
	}
}

func TestReadyReadThatIsDueMoves(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	first, peer := adopted(t, l)
	second, other := adopted(t, l)
	// The slot of one has the other moved, whose readyRead is due by then.
	first.on[SignalReadyRead] = func(int64) {
		l.Unlock()
		if err := object.Move(second.Socket, to); err != nil {
			t.Error(err)
		}
		second.l = to
		l.Lock()
	}
	peer.Send([]byte("one"))
	other.Send([]byte("two"))
	looptest.AwaitReadable(int(first.fd))
	looptest.AwaitReadable(int(second.fd))
	first.untilLogged("readyRead")
	looptest.Settle(t, l)
	l.Unlock()
	defer l.Lock()
	to.Lock()
	defer to.Unlock()
	if len(second.log) != 0 {
		t.Fatalf("%q was emitted by the old loop", second.log)
	}
	second.untilLogged("readyRead")
	if second.BytesAvailable() != 3 {
		t.Errorf("%d bytes can be read", second.BytesAvailable())
	}
	second.Delete()
}

func TestMovedInItsSlot(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	r, peer := adopted(t, l)
	here := []bool{}
	r.on[SignalErrorOccurred] = func(int64) {
		l.Unlock()
		if err := object.Move(r.Socket, to); err != nil {
			t.Error(err)
		}
		l.Lock()
	}
	for _, signal := range []object.Signal{SignalErrorOccurred, SignalStateChanged, SignalDisconnected} {
		before := r.on[signal]
		r.on[signal] = func(arg int64) {
			here = append(here, r.Loop() == l)
			if before != nil {
				before(arg)
			}
		}
	}
	peer.Close()
	looptest.Until(t, l, "it has moved", func() bool { return r.Loop() == to })
	// The end of the connection is one event.
	r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
	if slices.Contains(here, false) {
		t.Errorf("in its old loop: %v", here)
	}
	l.Unlock()
	defer l.Lock()
	looptest.Do(to, func() { r.l = to; r.Delete() })
}

func TestLastMoveCounts(t *testing.T) {
	l := looptest.New(t)
	to, never := looptest.Another(t), looptest.Another(t)
	for _, stays := range []bool{false, true} {
		r, peer := adopted(t, l)
		r.on[SignalReadyRead] = func(int64) {
			l.Unlock()
			defer l.Lock()
			for _, next := range []*loop.Loop{never, to, l} {
				if err := object.Move(r.Socket, next); err != nil {
					t.Error(err)
				}
				if next == to && !stays {
					break
				}
			}
		}
		peer.Send([]byte("x"))
		r.untilLogged("readyRead")
		looptest.Settle(t, l)
		if at := r.Loop(); stays && at != l || !stays && at != to {
			t.Errorf("stays %v, but is elsewhere", stays)
		}
		if !stays {
			l.Unlock()
			looptest.Do(to, func() { r.l = to; r.Delete() })
			l.Lock()
		}
	}
}

func TestMoveWaitsForWaits(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	r, peer := adopted(t, l)
	var stayed, ok bool
	waits := looptest.Elsewhere(func() {
		l.Lock()
		ok = r.WaitForReadyRead(long)
		stayed = r.Loop() == l
		departing := l.Departing()
		l.Unlock()
		if departing {
			l.Depart()
		}
	})
	looptest.Until(t, l, "somebody waits", func() bool { return r.awaited() })
	l.Unlock()
	if err := object.Move(r.Socket, to); err != nil {
		t.Error(err)
	}
	if r.Loop() != l {
		t.Error("moved while somebody waits")
	}
	peer.Send([]byte("x"))
	<-waits
	if !ok || !stayed || r.Loop() != to {
		t.Errorf("read %v, in the old loop %v, then moved %v", ok, stayed, r.Loop() == to)
	}
	looptest.Do(to, func() { r.l = to; r.Delete() })
	l.Lock()
}

func TestWhatCannotMove(t *testing.T) {
	l := looptest.New(t)
	to, gone := looptest.Another(t), looptest.Another(t)
	looptest.Do(gone, gone.Close)
	refused := func(s *Socket, to *loop.Loop, want error) {
		t.Helper()
		l.Unlock()
		err := object.Move(s, to)
		l.Lock()
		if err != want || s.Loop() != l {
			t.Errorf("%v, not %v; moved: %v", err, want, s.Loop() != l)
		}
	}
	r := fresh(t, l)
	refused(r.Socket, gone, object.ErrNoLoop)
	owner := &Owner{}
	r.SetOwner(owner)
	refused(r.Socket, to, errOwned)
	r.SetOwner(nil)
	r.Delete()
	refused(r.Socket, to, object.ErrDeleted)

	full, _ := adopted(t, l)
	var taken loop.Watch
	l.Unlock()
	looptest.Do(to, func() { taken, _ = to.Watch(full.Descriptor(), 0, deaf{}) }) // the system refuses to watch twice
	l.Lock()
	refused(full.Socket, to, unix.EEXIST)
	full.Write([]byte("x"))
	full.untilLogged("bytesWritten 1")
	l.Unlock()
	looptest.Do(to, func() { to.Unwatch(taken) })
	l.Lock()
}

func TestDeletionMovesAlong(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	r := fresh(t, l)
	r.DeleteLater()
	l.Unlock()
	if err := object.Move(r.Socket, to); err != nil {
		t.Error(err)
	}
	l.Lock()
	r.l = to
	looptest.Settle(t, l)
	if !r.Alive() {
		t.Error("deleted by the old loop")
	}
	l.Unlock()
	looptest.Do(to, func() { looptest.Until(t, to, "it is deleted", func() bool { return !r.Alive() }) })
	l.Lock()
}

func TestDatagramsMoveAlong(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	r := observe(t, NewUDP(l))
	if !r.Bind(address.LocalHost, 0, DefaultForPlatform) {
		t.Fatal("not bound")
	}
	sender := NewUDP(l)
	defer sender.Delete()
	for range 3 {
		sender.WriteDatagram([]byte("datagram"), datagram.Endpoint{Address: address.LocalHost, Port: r.LocalPort()})
	}
	r.untilLogged("readyRead")
	r.ReadDatagram(make([]byte, 8), nil)
	defer r.back(l)
	r.log = nil
	r.move(to)
	r.untilLogged("readyRead")
	for range 2 {
		if n := r.ReadDatagram(make([]byte, 8), nil); n != 8 {
			t.Errorf("%d bytes were read", n)
		}
	}
}

func TestHandshakeMovesAlong(t *testing.T) {
	for turns := range 8 {
		t.Run(fmt.Sprint("after ", turns, " turns"), func(t *testing.T) {
			r := newSSL(t)
			l, to := r.l, looptest.Another(t)
			r.connect(sslEcho)
			r.Write([]byte("written before"))
			for range turns {
				l.ProcessEvents(1)
			}
			defer r.back(l)
			r.rig.move(to)
			r.untilEncrypted()
			r.untilAvailable(14)
			r.Write([]byte(" and after"))
			r.untilAvailable(24)
			r.Disconnect()
			r.untilClosed()
			if end := <-r.peers; string(end.heard) != "written before and after" || end.err != nil {
				t.Errorf("the peer has heard %q: %v", end.heard, end.err)
			}
		})
	}
}
