package socket

import (
	"bytes"
	"io"
	"math"
	"math/rand"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/buffer"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
)

// fileOf returns an open file with a content.
func fileOf(t testing.TB, content []byte) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	return f
}

// drained reads what comes until s has nothing left to send, and size bytes are there.
func drained(t *testing.T, r *rig, p *looptest.Peer, size int) []byte {
	t.Helper()
	var got []byte
	r.until("all has come", func() bool {
		got = append(got, came(p)...)
		return len(got) >= size && r.BytesToWrite() == 0
	})
	return got
}

// came returns what has arrived at a peer.
func came(p *looptest.Peer) []byte {
	var all []byte
	room := make([]byte, 1<<20)
	for {
		n, _ := p.Recv(room)
		if n <= 0 {
			return all
		}
		all = append(all, room[:n]...)
	}
}

// What is written in the different ways arrives in the order in which it was, is counted alike, and
// memory that was lent comes back once each.
func TestAllWaysToWriteKeepTheirOrder(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewSource(seed))
	for name, filtered := range map[string]bool{"plain": false, "through a filter": true} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r, peer := connected(t, l)
			if filtered {
				r.SetFilter(&plainFilter{})
			}
			content := pattern(300_000)
			file := fileOf(t, content)
			var want []byte
			written, lent, back := int64(0), 0, 0
			r.On(SignalBytesWritten, func(n int64) { looptest.Do(l, func() { written += n }) })
			var got []byte
			for range 200 {
				p := make([]byte, rng.Intn(1<<uint(rng.Intn(18))))
				rng.Read(p)
				switch rng.Intn(6) {
				case 0:
					r.Write(p)
					want = append(want, p...)
				case 1:
					if r.WriteLent(p, func() { looptest.Do(l, func() { back++ }) }) > 0 {
						lent++
					}
					want = append(want, p...)
				case 2:
					at := rng.Intn(len(content))
					size := rng.Intn(len(content) - at)
					if n := r.SendFile(int(file.Fd()), int64(at), int64(size)); n != int64(size) {
						t.Fatalf("%d of %d bytes taken: %s", n, size, r.Failure().Text)
					}
					want = append(want, content[at:at+size]...)
				case 3:
					cut := rng.Intn(len(p) + 1)
					r.WriteParts(p[:cut], nil, p[cut:])
					want = append(want, p...)
				case 4:
					r.FlushNow()
				case 5:
					l.ProcessEvents(0)
					got = append(got, came(peer)...)
				}
				if r.BytesToWrite()+written != int64(len(want)) {
					t.Fatalf("%d bytes are to be written and %d were, of %d", r.BytesToWrite(), written, len(want))
				}
			}
			got = append(got, drained(t, r, peer, len(want)-len(got))...)
			if !bytes.Equal(got, want) {
				t.Fatalf("%d other bytes have come for %d", len(got), len(want))
			}
			if written != int64(len(want)) || back != lent {
				t.Errorf("bytesWritten told of %d of %d; %d of %d pieces came back", written, len(want), back, lent)
			}
		})
	}
}

// plainFilter passes on what there is.
type plainFilter struct{}

func (*plainFilter) Recv(raw *Raw, p []byte) (int, error)       { return raw.Recv(p) }
func (*plainFilter) Send(raw *Raw, parts [][]byte) (int, error) { return raw.Send(parts) }
func (*plainFilter) Holds() (input, output bool)                { return false, false }
func (*plainFilter) End(*Raw)                                   {}
func (*plainFilter) Close()                                     {}

// A file that has become shorter ends the connection with an error that says so: the peer was
// promised more.
func TestShrinkingFileEndsTheConnection(t *testing.T) {
	for name, filtered := range map[string]bool{"plain": false, "through a filter": true} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r, peer := connected(t, l)
			if filtered {
				r.SetFilter(&plainFilter{})
			}
			file := fileOf(t, pattern(1000))
			if n := r.SendFile(int(file.Fd()), 0, -1); n != 1000 {
				t.Fatalf("%d bytes taken", n)
			}
			file.Truncate(400)
			r.until("the connection has ended", func() bool { return r.State() == Unconnected })
			if f := r.Failure(); f != failure.ShortFile {
				t.Errorf("the error is %q", f.Text)
			}
			if got := came(peer); len(got) > 400 {
				t.Errorf("%d bytes have come of 400", len(got))
			}
		})
	}
}

// Of a file that has more bytes than an int may count, as many as it can are taken.
func TestLargeFilesAreCounted(t *testing.T) {
	const size = 1<<33 + 10
	f := fileOf(t, nil)
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	r, _ := connected(t, looptest.New(t))
	r.Write([]byte("hello"))
	taken := r.SendFile(int(f.Fd()), 0, -1)
	if want := min(int64(size), math.MaxInt/2-5); taken != want || r.BytesToWrite() != 5+want {
		t.Errorf("%d bytes are taken, want %d; %d are to be written", taken, want, r.BytesToWrite())
	}
	if want := size - taken; want > 0 {
		if n := r.SendFile(int(f.Fd()), taken, -1); n != 0 {
			t.Errorf("%d bytes are taken of %d for which there is no room", n, want)
		}
	}
	r.Abort()
}

func TestWhatCannotBeSentAsAFile(t *testing.T) {
	l := looptest.New(t)
	r, _ := connected(t, l)
	file := fileOf(t, pattern(100))
	var pipe [2]int
	unix.Pipe(pipe[:])
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	for name, c := range map[string]struct {
		fd           int
		offset, size int64
		want         int64
	}{
		"closed":           {-1, 0, 1, -1},
		"a pipe":           {pipe[0], 0, 1, -1},
		"in front":         {int(file.Fd()), -1, 1, -1},
		"behind":           {int(file.Fd()), 101, 0, -1},
		"too much":         {int(file.Fd()), 1, 100, -1},
		"overflow":         {int(file.Fd()), 1, 1<<63 - 1, -1},
		"nothing":          {int(file.Fd()), 100, 0, 0},
		"nothing left":     {int(file.Fd()), 100, -1, 0},
		"the last of them": {int(file.Fd()), 99, -1, 1},
	} {
		if n := r.SendFile(c.fd, c.offset, c.size); n != c.want {
			t.Errorf("%s: %d", name, n)
		}
	}
	if r.BytesToWrite() != 1 {
		t.Errorf("%d bytes are to be written", r.BytesToWrite())
	}
	u := NewUDP(l)
	defer u.Delete()
	if n := u.SendFile(int(file.Fd()), 0, 1); n != -1 || u.Failure() != failure.WrongKind {
		t.Errorf("UDP: %d, %s", n, u.Failure().Text)
	}
	if n := u.WriteLent([]byte("x"), nil); n != -1 {
		t.Errorf("UDP: %d", n)
	}
	if n := u.ReadToFile(int(file.Fd()), 1); n != -1 {
		t.Errorf("UDP: %d", n)
	}
}

// Descriptors of files that were not sent are closed, whatever ends the connection, and memory
// comes back.
func TestWhatIsDroppedComesBack(t *testing.T) {
	for name, end := range map[string]func(s *Socket){
		"abort":      (*Socket).Abort,
		"deletion":   (*Socket).Delete,
		"connecting": func(s *Socket) { s.Abort(); s.ConnectToAddress(address.LocalHost, 1, ReadWrite) },
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r, _ := connected(t, l)
			file := fileOf(t, pattern(100))
			back := 0
			lend := func() {
				r.WriteLent(pattern(100), func() { looptest.Do(l, func() { back++ }) })
				r.SendFile(int(file.Fd()), 0, -1)
			}
			lend()
			lend()
			if back != 0 {
				t.Fatal("it came back at once")
			}
			end(r.Socket) // looptest looks for descriptors that are left open
			if back != 2 {
				t.Errorf("%d of 2 came back", back)
			}
			if name != "deletion" {
				r.Abort()
			}
		})
	}
}

// A function that is told of memory may do anything.
func TestMemoryComesBackToWhoDeletesTheSocket(t *testing.T) {
	for name, act := range map[string]func(r *rig){
		"deleted": func(r *rig) { r.Delete() },
		"aborted": func(r *rig) { r.Abort() },
		"written": func(r *rig) { r.Write([]byte("more")) },
		"a turn":  func(r *rig) { r.Loop().ProcessEvents(0) },
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r, _ := connected(t, l)
			back := 0
			for range 3 {
				r.WriteLent([]byte("lent"), func() {
					looptest.Do(l, func() {
						back++
						if r.Alive() {
							act(r)
						}
					})
				})
			}
			r.until("all came back", func() bool { return back == 3 })
		})
	}
}

func TestWriteLentThatIsCut(t *testing.T) {
	l := looptest.New(t)
	r, peer := connected(t, l)
	r.SetWriteLimit(10, 0)
	back := 0
	if n := r.WriteLent([]byte("0123456789abc"), func() { looptest.Do(l, func() { back++ }) }); n != 10 {
		t.Fatalf("%d bytes taken", n)
	}
	if n := r.WriteLent([]byte("more"), func() { t.Error("it was not lent") }); n != 0 {
		t.Fatalf("%d bytes taken", n)
	}
	if got := drained(t, r, peer, 10); string(got) != "0123456789" || back != 1 {
		t.Errorf("%q has come, %d came back", got, back)
	}
}

// With whole writes a message that does not fit takes nothing.
func TestWritesWhole(t *testing.T) {
	l := looptest.New(t)
	r, peer := connected(t, l)
	r.SetWriteLimit(10, 4)
	r.SetWritesWhole(true)
	drained10 := 0
	r.On(SignalWriteBufferDrained, func(int64) { looptest.Do(l, func() { drained10++ }) })
	if !r.WritesWhole() {
		t.Error("they are not")
	}
	if n := r.Write([]byte("0123456")); n != 7 {
		t.Errorf("%d bytes taken", n)
	}
	if n := r.Write([]byte("0123")); n != 0 {
		t.Errorf("%d bytes taken", n)
	}
	if n := r.Write([]byte("0123456789a")); n != -1 || r.Failure() != failure.MessageTooLong {
		t.Errorf("%d bytes taken, %s", n, r.Failure().Text)
	}
	if n := r.WriteParts([]byte("ab"), []byte("c")); n != 3 {
		t.Errorf("%d bytes taken", n)
	}
	if got := drained(t, r, peer, 10); string(got) != "0123456abc" || drained10 != 1 {
		t.Errorf("%q has come, drained %d times", got, drained10)
	}
}

// While a large write is copied the lock is free: others write, and the connection may end.
func TestLargeWritesAreCopiedWithoutTheLock(t *testing.T) {
	l := looptest.New(t)
	r, peer := connected(t, l)
	big := pattern(5<<20 + 123)
	if n := r.Write(big); n != len(big) {
		t.Fatalf("%d bytes taken", n)
	}
	if n := r.WriteParts(big, big[:10]); n != len(big)+10 {
		t.Fatalf("%d bytes taken", n)
	}
	want := append(append(append([]byte(nil), big...), big...), big[:10]...)
	if got := drained(t, r, peer, len(want)); !bytes.Equal(got, want) {
		t.Fatal("other bytes have come")
	}
	// This test holds the lock: somebody else has it only while something is copied.
	others, stop := 0, false
	done := looptest.Elsewhere(func() {
		for over := false; !over; {
			looptest.Do(l, func() { others++; over = stop })
		}
	})
	looptest.Await(t, l, "the other thread is at work", func() chan struct{} {
		working := make(chan struct{})
		go func() {
			defer close(working)
			for begun := false; !begun; {
				looptest.Do(l, func() { begun = others > 0 })
			}
		}()
		return working
	}())
	for tries := 0; ; tries++ {
		before := others
		r.Write(big)
		if others > before {
			break
		}
		if tries == 100 {
			t.Error("nobody ever gets the lock")
			break
		}
	}
	before := others
	if r.Write(big[:maxCopied]); others != before {
		t.Error("the lock was given up for little")
	}
	stop = true
	looptest.Await(t, l, "the other thread has ended", done)
	r.Abort()
}

// Whoever has lent the lock for a copy may find the connection gone, and the bytes with it.
func TestConnectionEndsWhileALargeWriteIsCopied(t *testing.T) {
	l := looptest.New(t)
	r, _ := connected(t, l)
	big := pattern(5 << 20)
	stop := false
	done := looptest.Elsewhere(func() {
		for over := false; !over; {
			looptest.Do(l, func() {
				r.Abort()
				over = stop
			})
		}
	})
	for range 20 {
		if n := r.Write(big); n != -1 && n != len(big) {
			t.Errorf("%d bytes taken", n)
		}
	}
	stop = true
	looptest.Await(t, l, "the other thread has ended", done)
	if n := r.BytesToWrite(); n != 0 {
		t.Errorf("%d bytes are to be written on a connection that is over", n)
	}
}

// A chunk that was shown and is written to another connection, or the same, is shared.
func TestRelayCopiesNothing(t *testing.T) {
	l := looptest.New(t)
	in, from := connected(t, l)
	out, to := connected(t, l)
	message := pattern(buffer.LargeSize - 100)
	shared := 0
	in.On(SignalReadyRead, func(int64) {
		looptest.Do(l, func() {
			for {
				p := in.PeekBuffer(func(size int) []byte { return make([]byte, size) })
				if len(p) == 0 {
					return
				}
				lent := l.Pool.Lent()
				out.Write(p)
				in.Skip(int64(len(p)))
				// A view took the place of the chunk.
				if l.Pool.Lent() == lent && len(p) >= buffer.Shareable {
					shared++
				}
				in.Unget('!') // does not touch what is shared
				in.Skip(1)
			}
		})
	})
	var got []byte
	for range 5 {
		for sent := 0; sent < len(message); {
			n, _ := unix.Write(from.FD, message[sent:])
			sent += max(n, 0)
			l.ProcessEvents(0)
		}
	}
	in.until("all has come", func() bool {
		got = append(got, came(to)...)
		return len(got) >= 5*len(message)
	})
	if !bytes.Equal(got, bytes.Repeat(message, 5)) || shared == 0 {
		t.Errorf("%d bytes have come, %d pieces were shared", len(got), shared)
	}
}

func TestReadToFile(t *testing.T) {
	for name, prepare := range map[string]func(s *Socket){
		"buffered":    func(*Socket) {},
		"transaction": (*Socket).StartTransaction,
		"limited":     func(s *Socket) { s.SetReadLimit(100_000) },
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r, peer := connected(t, l)
			prepare(r.Socket)
			file := fileOf(t, []byte("before"))
			want := pattern(3<<20 + 17)
			done := looptest.Elsewhere(func() {
				unix.SetNonblock(peer.FD, false)
				for sent := 0; sent < len(want); {
					n, err := unix.Write(peer.FD, want[sent:])
					if err != nil && err != unix.EINTR {
						return
					}
					sent += max(n, 0)
				}
				unix.Shutdown(peer.FD, unix.SHUT_WR)
			})
			total := 0
			r.until("all has come", func() bool {
				n := r.ReadToFile(int(file.Fd()), 1<<62)
				if n > maxToFile {
					t.Fatalf("%d bytes at once", n)
				}
				total += int(max(n, 0))
				return total == len(want)
			})
			looptest.Await(t, l, "the peer has sent", done)
			r.until("the end has come", func() bool { return r.State() == Unconnected })
			if n := r.ReadToFile(int(file.Fd()), 1); n != -1 {
				t.Errorf("%d at the end", n)
			}
			file.Seek(0, io.SeekStart)
			if got, _ := io.ReadAll(file); string(got[:6]) != "before" || !bytes.Equal(got[6:], want) {
				t.Errorf("%d bytes are in the file", len(got))
			}
			if name == "transaction" {
				r.RollbackTransaction()
				if n := r.BytesAvailable(); n != int64(len(want)) {
					t.Errorf("%d bytes can be read again", n)
				}
			}
		})
	}
}

func TestReadToFileThatTakesNothing(t *testing.T) {
	l := looptest.New(t)
	r, peer := connected(t, l)
	peer.Say("text")
	r.untilAvailable(4)
	file, err := os.Open(fileOf(t, []byte("x")).Name())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n := r.ReadToFile(int(file.Fd()), 4); n != -1 {
		t.Errorf("%d bytes in a file that is read only", n)
	}
	var pipe [2]int
	unix.Pipe(pipe[:])
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	if n := r.ReadToFile(pipe[1], 4); n != -1 {
		t.Errorf("%d bytes in a pipe", n)
	}
	if got := r.all(); got != "text" {
		t.Errorf("%q is left", got)
	}
}
