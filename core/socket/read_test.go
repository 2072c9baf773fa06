package socket

import (
	"bytes"
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"testing"
	"testing/quick"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/buffer"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/poll"
	"qnet/core/sys"
)

// given returns a socket in a mode, that has received a text.
func given(t testing.TB, mode OpenMode, text string) (*rig, *looptest.Peer) {
	t.Helper()
	r, p := connectedIn(t, looptest.New(t), mode)
	if text != "" {
		p.Say(text)
		r.untilAvailable(int64(len(text)))
	}
	r.log = nil
	return r, p
}

// Nothing is no error, also where a read gives one, as at the end.
func TestReadAllOfNothing(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	all := func() int { return r.ReadAll(func(size int) []byte { return make([]byte, size) }) }
	if n := all(); n != 0 {
		t.Errorf("%d bytes", n)
	}
	ended := false
	r.on[SignalErrorOccurred] = func(int64) {
		ended = true
		if one, n := r.Read(make([]byte, 1)), all(); one != -1 || n != 0 {
			t.Errorf("at the end: read %d, and of all %d", one, n)
		}
	}
	p.Close()
	r.until("it has ended", func() bool { return ended })
}

// text reads up to n bytes.
func (r *rig) text(n int) string {
	p := make([]byte, n)
	if n = r.Read(p); n < 0 {
		return "nothing any more"
	}
	return string(p[:n])
}

func (r *rig) line(n int) string {
	p := make([]byte, n)
	if n = r.ReadLine(p); n < 0 {
		return "nothing any more"
	}
	return string(p[:n])
}

func (r *rig) peek(n int) string {
	p := make([]byte, n)
	if n = r.Peek(p); n < 0 {
		return "nothing any more"
	}
	return string(p[:n])
}

// want compares what was read.
func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestReadTakesWhatHasArrived(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	want(t, "before anything", r.text(5), "")
	p.Say("hello world")
	r.untilAvailable(11)
	r.settle()
	r.expect("readyRead")
	want(t, "a part", r.text(5), "hello")
	want(t, "no space", r.text(0), "")
	if r.BytesAvailable() != 6 || r.AtEnd() {
		t.Errorf("%d bytes available, at end: %v", r.BytesAvailable(), r.AtEnd())
	}
	want(t, "the rest", r.text(50), " world")
	want(t, "after it", r.text(50), "")
	if r.BytesAvailable() != 0 || !r.AtEnd() {
		t.Errorf("%d bytes available, at end: %v", r.BytesAvailable(), r.AtEnd())
	}
	p.Say("left")
	p.Close()
	r.untilLogged("disconnected")
	want(t, "after the end", r.text(3), "lef")
	want(t, "the last", r.all(), "t")
	want(t, "beyond the end", r.text(1), "nothing any more")
	want(t, "no space beyond the end", r.text(0), "")
}

func TestReadNeedsTheMode(t *testing.T) {
	functions := map[string]func(*rig) int{
		"read":       func(r *rig) int { return r.Read(make([]byte, 5)) },
		"read_line":  func(r *rig) int { return r.ReadLine(make([]byte, 5)) },
		"read_all":   func(r *rig) int { return r.ReadAll(func(n int) []byte { return make([]byte, n) }) },
		"peek":       func(r *rig) int { return r.Peek(make([]byte, 5)) },
		"skip":       func(r *rig) int { return int(r.Skip(5)) },
		"unget_char": func(r *rig) int { r.Unget('x'); return -1 },
	}
	r, p := given(t, WriteOnly, "")
	p.Say("unwanted")
	r.settle()
	list := warnings(t)
	for name, f := range functions {
		if n := f(r); n != -1 {
			t.Errorf("%s = %d", name, n)
		}
		expectWarning(t, list, name+": the socket is open for writing only")
	}
	if r.BytesAvailable() != 0 || !r.AtEnd() || r.CanReadLine() {
		t.Errorf("%d bytes available", r.BytesAvailable())
	}
	r.Close()
	for name, f := range functions {
		if n := f(r); n != -1 {
			t.Errorf("%s = %d", name, n)
		}
		expectWarning(t, list, name+": the socket is not open")
	}
}

func TestLines(t *testing.T) {
	for _, mode := range []OpenMode{ReadWrite, ReadWrite | Unbuffered} {
		r, p := given(t, mode, "one\ntwo\r\n\nlong line\nrest")
		want(t, "first", r.line(100), "one\n")
		want(t, "second", r.line(100), "two\r\n")
		if !r.CanReadLine() && mode == ReadWrite {
			t.Error("there is a line")
		}
		want(t, "empty", r.line(100), "\n")
		want(t, "a part of one", r.line(4), "long")
		want(t, "its end", r.line(100), " line\n")
		if r.CanReadLine() {
			t.Error("there is no line")
		}
		want(t, "no whole line", r.line(100), "rest")
		want(t, "nothing", r.line(100), "")
		p.Close()
		r.untilLogged("disconnected")
		want(t, "beyond the end", r.line(100), "nothing any more")
	}
}

func TestTextModeDropsReturns(t *testing.T) {
	for _, mode := range []OpenMode{ReadWrite | Text, ReadWrite | Text | Unbuffered} {
		r, p := given(t, mode, "a\r\nb\rc\r\r\r\n\r\r")
		want(t, "peek", r.peek(3), "a\nb")
		want(t, "a part", r.text(4), "a\nbc")
		want(t, "the rest", r.text(100), "\n")
		want(t, "nothing", r.text(100), "")
		p.Say("line\r\nend\r\n")
		r.until("it is there", func() bool { return r.BytesAvailable() == 11 })
		want(t, "line", r.line(100), "line\n")
		want(t, "all", r.all(), "end\n")
		p.Close()
		r.untilLogged("disconnected")
	}
}

func TestPeekAndSkip(t *testing.T) {
	for _, mode := range []OpenMode{ReadWrite, ReadWrite | Unbuffered} {
		r, p := given(t, mode, "abcdef")
		want(t, "peek", r.peek(3), "abc")
		want(t, "peek again", r.peek(100), "abcdef")
		if n := r.Skip(2); n != 2 {
			t.Errorf("Skip(2) = %d", n)
		}
		want(t, "behind it", r.text(2), "cd")
		if n := r.Skip(100); n != 2 {
			t.Errorf("Skip(100) = %d", n)
		}
		if n := r.Skip(1); n != 0 {
			t.Errorf("Skip(1) = %d", n)
		}
		want(t, "peek at nothing", r.peek(1), "")
		p.Close()
		r.untilLogged("disconnected")
		want(t, "peek beyond the end", r.peek(1), "nothing any more")
		if n := r.Skip(1); n != -1 {
			t.Errorf("Skip(1) beyond the end = %d", n)
		}
	}
}

func TestUngetPutsBytesBack(t *testing.T) {
	r, p := given(t, ReadWrite, "cd")
	r.Unget('b')
	r.Unget('a')
	if r.BytesAvailable() != 4 {
		t.Errorf("%d bytes", r.BytesAvailable())
	}
	want(t, "read", r.text(3), "abc")
	r.Unget('\n')
	want(t, "line", r.line(5), "\n")
	for range 3 * buffer.SmallSize {
		r.Unget('x')
	}
	if n := r.Skip(1 << 20); n != 3*buffer.SmallSize+1 {
		t.Errorf("%d bytes", n)
	}
	p.Close()
	r.untilLogged("disconnected")
	r.Unget('!')
	want(t, "after the end", r.text(5), "!")
}

func TestTransactions(t *testing.T) {
	r, p := given(t, ReadWrite, "abcdef")
	list := warnings(t)
	r.CommitTransaction()
	expectWarning(t, list, "commit_transaction")
	r.RollbackTransaction()
	expectWarning(t, list, "rollback_transaction")
	r.StartTransaction()
	r.StartTransaction()
	expectWarning(t, list, "start_transaction")
	if !r.InTransaction() {
		t.Error("no transaction")
	}
	want(t, "in it", r.text(4), "abcd")
	r.Unget('x')
	expectWarning(t, list, "unget_char")
	r.Skip(1)
	if r.BytesAvailable() != 1 {
		t.Errorf("%d bytes", r.BytesAvailable())
	}
	p.Say("ghi\n")
	r.untilAvailable(5)
	want(t, "line", r.line(100), "fghi\n")
	r.RollbackTransaction()
	want(t, "after it was rolled back", r.text(3), "abc")
	r.StartTransaction()
	want(t, "in another", r.text(3), "def")
	r.CommitTransaction()
	want(t, "after it was committed", r.peek(100), "ghi\n")
	r.StartTransaction()
	r.text(2)
	p.Close()
	r.untilLogged("disconnected")
	if !r.InTransaction() {
		t.Error("the end of the connection ends it")
	}
	r.RollbackTransaction()
	want(t, "at last", r.all(), "ghi\n")
}

// reader is what a socket's reading functions do to a plain list of bytes.
type reader struct {
	data   []byte // from the beginning of the transaction
	at     int
	inside bool
}

func (m *reader) rest() []byte { return m.data[m.at:] }

func (m *reader) take(n int) []byte {
	n = min(n, len(m.rest()))
	p := m.rest()[:n]
	if m.inside {
		m.at += n
	} else {
		m.data = m.data[n:]
	}
	return p
}

// TestReadingAgreesWithItsModel drives a socket and a list of bytes with the
// same random calls.
func TestReadingAgreesWithItsModel(t *testing.T) {
	for _, mode := range []OpenMode{ReadWrite, ReadWrite | Unbuffered} {
		check := func(seed int64) bool {
			random := rand.New(rand.NewSource(seed))
			ok := false
			t.Run(fmt.Sprint(mode, " ", seed), func(t *testing.T) {
				r, p := given(t, mode, "")
				m := &reader{}
				for step := range 60 {
					what := ""
					var got, want []byte
					size := random.Intn(40)
					if random.Intn(4) == 0 {
						size = random.Intn(3 * buffer.LargeSize)
					}
					space := make([]byte, size)
					switch random.Intn(9) {
					case 0, 1:
						if mode&Unbuffered != 0 {
							// A segment that Linux has no window for, which it judges by the largest
							// one so far, is kept on the other side for as long as anything is unread here.
							size = min(size, max(0, 16_000-len(m.rest())))
						}
						data := make([]byte, size)
						for i := range data {
							data[i] = "ab\r\n"[random.Intn(4)]
						}
						data = data[:p.Send(data)]
						m.data = append(m.data[:len(m.data):len(m.data)], data...)
						r.untilAvailable(int64(len(m.rest())))
					case 2:
						what = "Read"
						want = m.take(size)
						// An unbuffered read takes what is in one place.
						got = space[:r.Read(space)]
						for mode&Unbuffered != 0 && len(got) < len(want) {
							n := r.Read(space[len(got):])
							if n <= 0 {
								break
							}
							got = space[:len(got)+n]
						}
					case 3:
						what = "Peek"
						want = m.rest()[:min(size, len(m.rest()))]
						got = space[:r.Peek(space)]
					case 4:
						what = "Skip"
						// It looks no farther than one read brings.
						size = min(size, maxRead)
						want = m.take(size)
						got = want[:min(int(r.Skip(int64(size))), len(want))]
					case 5:
						what = "ReadLine"
						n := min(size, len(m.rest()))
						if at := bytes.IndexByte(m.rest()[:n], '\n'); at >= 0 {
							n = at + 1
						}
						want = m.take(n)
						got = space[:r.ReadLine(space)]
					case 6:
						if m.inside {
							break
						}
						r.Unget('u')
						m.data = append([]byte{'u'}, m.data...)
					case 7:
						if m.inside {
							if random.Intn(2) == 0 {
								r.RollbackTransaction()
							} else {
								r.CommitTransaction()
								m.data = m.rest()
							}
							m.at, m.inside = 0, false
						} else {
							r.StartTransaction()
							m.inside = true
						}
					case 8:
						if r.CanReadLine() != (bytes.IndexByte(m.rest(), '\n') >= 0) && mode&Unbuffered == 0 {
							t.Fatalf("step %d: CanReadLine = %v", step, r.CanReadLine())
						}
					}
					if !bytes.Equal(got, want) {
						t.Fatalf("step %d: %s of %d: %d bytes, want %d", step, what, size, len(got), len(want))
					}
					if r.BytesAvailable() != int64(len(m.rest())) || r.InTransaction() != m.inside {
						t.Fatalf("step %d, %s of %d: %d bytes available, want %d", step, what, size, r.BytesAvailable(), len(m.rest()))
					}
				}
				ok = true
			})
			return ok
		}
		if err := quick.Check(check, &quick.Config{MaxCount: 15}); err != nil {
			t.Error(err)
		}
	}
}

func TestReadyReadIsNotRecursive(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	depth, calls := 0, 0
	r.on[SignalReadyRead] = func(int64) {
		if depth++; depth > 1 {
			t.Error("inside itself")
		}
		if calls++; calls == 1 {
			p.Say("second")
			r.untilAvailable(11)
			// Waiting for it finds more, without a signal, too.
			p.Say("third")
			if !r.WaitForReadyRead(1000) {
				t.Error("nothing came")
			}
		}
		depth--
	}
	p.Say("first")
	r.until("it is signalled", func() bool { return calls > 0 })
	r.settle()
	r.expect("readyRead")
	want(t, "all", r.all(), "firstsecondthird")
	p.Say("fourth")
	r.untilAvailable(6)
	r.settle()
	r.expect("readyRead")
}

func TestPanicInReadyReadDoesNotSilenceIt(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	r.on[SignalReadyRead] = func(int64) { panic("boom") }
	p.Say("first")
	if got := looptest.Panic(func() { r.untilAvailable(100) }); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	delete(r.on, SignalReadyRead)
	r.log = nil
	p.Say("second")
	r.untilAvailable(11)
	r.expect("readyRead")
}

func TestReadLimitStopsReadingFromTheSystem(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	r.SetReadLimit(1000)
	if r.ReadLimit() != 1000 {
		t.Errorf("limit %d", r.ReadLimit())
	}
	// A small buffer of the system, so that it is soon full.
	unix.SetsockoptInt(p.FD, unix.SOL_SOCKET, unix.SO_SNDBUF, 32<<10)
	data := pattern(1 << 20)
	sent := p.Send(data)
	r.untilAvailable(1000)
	for range 10 {
		sent += p.Send(data[sent:])
		r.settle()
	}
	if r.BytesAvailable() != 1000 {
		t.Errorf("%d bytes were read, limit 1000", r.BytesAvailable())
	}
	if sent == len(data) || sys.Available(int(r.fd)) == 0 || p.Unsent() == 0 {
		t.Fatalf("the system took all: %d bytes wait on this side, %d on the other", sys.Available(int(r.fd)), p.Unsent())
	}
	// Whatever is read, as much comes after it.
	var got []byte
	space := make([]byte, 5000)
	for _, n := range []int{1, 999, 1000} {
		r.log = nil
		got = append(got, space[:r.Read(space[:n])]...)
		r.untilAvailable(1000)
		if r.count("readyRead") == 0 || r.BytesAvailable() != 1000 {
			t.Errorf("after %d were read: %q, %d bytes", n, r.log, r.BytesAvailable())
		}
	}
	// And so does a new limit.
	r.SetReadLimit(2000)
	r.until("there are 2000", func() bool { sent += p.Send(data[sent:]); return r.BytesAvailable() == 2000 })
	r.SetReadLimit(0)
	r.until("all has arrived", func() bool {
		sent += p.Send(data[sent:])
		got = append(got, r.all()...)
		return len(got) == len(data)
	})
	if !bytes.Equal(got, data) {
		t.Error("other bytes have arrived")
	}
}

// As in Qt, which does not warn of it either.
func TestNothingIsReadWithANegativeLimit(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	list := warnings(t)
	r.SetReadLimit(-1)
	p.Say("text")
	r.settle()
	if r.ReadLimit() != -1 || r.BytesAvailable() != 0 || len(*list) != 0 {
		t.Errorf("limit %d, %d bytes, %q", r.ReadLimit(), r.BytesAvailable(), *list)
	}
	r.SetReadLimit(0)
	r.untilAvailable(4)
}

// Inside the error that ends the connection it is known already that nothing will come.
func TestNothingMoreToReadInsideTheError(t *testing.T) {
	for name, begin := range map[string]func(*testing.T) (*rig, *looptest.Peer){
		"TCP":     func(t *testing.T) (*rig, *looptest.Peer) { return connected(t, looptest.New(t)) },
		"adopted": func(t *testing.T) (*rig, *looptest.Peer) { return adopted(t, looptest.New(t)) },
		"local":   localOrigins["connected"],
	} {
		for _, reset := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", reset), func(t *testing.T) {
				r, p := begin(t)
				got := ""
				r.on[SignalErrorOccurred] = func(int64) {
					space := make([]byte, 10)
					got = fmt.Sprint(r.State(), r.text(4), r.Read(space), r.Read(nil), r.Peek(space), r.Skip(10), r.ReadLine(space))
				}
				p.Say("last")
				if reset {
					p.Reset()
				} else {
					p.Close()
				}
				r.untilLogged("disconnected")
				want(t, "in the error", got, fmt.Sprint(Connected, "last", -1, 0, -1, -1, -1))
			})
		}
	}
}

// Skip drops what a read of as much would give, and counts it so.
func TestSkipInTextMode(t *testing.T) {
	const text = "a\r\nb\rc\r\r\r\n\r\rd"
	for _, mode := range []OpenMode{ReadWrite | Text, ReadWrite | Text | Unbuffered} {
		for n := range len(text) + 1 {
			r, _ := given(t, mode, text)
			other, _ := given(t, mode, text)
			skipped, read := r.Skip(int64(n)), other.text(n)
			if int(skipped) != len(read) || r.BytesAvailable() != other.BytesAvailable() {
				t.Errorf("mode %d: skip of %d: %d, then %d are available; read %q, then %d",
					mode, n, skipped, r.BytesAvailable(), read, other.BytesAvailable())
			}
			want(t, "the rest", r.text(100), other.text(100))
		}
	}
	r, p := given(t, ReadWrite|Text, "a\r\nb")
	r.StartTransaction()
	if n := r.Skip(2); n != 2 || r.BytesAvailable() != 1 {
		t.Errorf("%d skipped, %d left", n, r.BytesAvailable())
	}
	r.RollbackTransaction()
	want(t, "all", r.text(10), "a\nb")
	if n := r.Skip(1); n != 0 {
		t.Errorf("Skip of nothing = %d", n)
	}
	p.Close()
	r.untilLogged("disconnected")
	if n := r.Skip(1); n != -1 {
		t.Errorf("Skip beyond the end = %d", n)
	}
	if n := r.Skip(0); n != 0 {
		t.Errorf("Skip(0) = %d", n)
	}
}

// A buffered line keeps the carriage returns that do not end it, an unbuffered one, which
// Qt reads byte by byte, does not. In a local socket two end it.
func TestReturnsInLinesInTextMode(t *testing.T) {
	for _, c := range []struct{ data, buffered, unbuffered string }{
		{"\r", "\r", ""},
		{"a\rb\r\nc", "a\rb\n", "ab\n"},
		{"\r\r\r\n", "\r\r\n", "\n"},
		{"ab\r", "ab\r", "ab"},
	} {
		r, _ := given(t, ReadWrite|Text, c.data)
		want(t, "buffered", r.line(100), c.buffered)
		r, _ = given(t, ReadWrite|Text|Unbuffered, c.data)
		want(t, "unbuffered", r.line(100), c.unbuffered)
	}
	local, p := localOrigins["connected"](t)
	local.mode |= Text
	p.Say("\r\r\r\n")
	local.untilAvailable(4)
	want(t, "local", local.line(100), "\r\n")
	r, _ := given(t, ReadWrite|Text|Unbuffered, "a\r\nb\r\n")
	want(t, "cut", r.line(1)+"|"+r.line(1)+"|"+r.line(2), "a|\n|b\n")
}

// Only connecting can make a socket unbuffered: so it is in Qt.
func TestUnbufferedCountsInConnectOnly(t *testing.T) {
	for name, begin := range map[string]func(*testing.T) (*rig, *looptest.Peer){
		"adopted": func(t *testing.T) (*rig, *looptest.Peer) {
			r, p := inheritedIn(t, looptest.New(t), ReadWrite|Unbuffered)
			return r, p
		},
		"connected before": func(t *testing.T) (*rig, *looptest.Peer) {
			l := looptest.New(t)
			r, p := connectedIn(t, l, ReadWrite|Unbuffered)
			r.Abort()
			p.Close()
			var fd int
			fd, p = looptest.Accepted(t)
			if !r.SetDescriptor(fd, Connected, ReadWrite|Unbuffered) {
				t.Fatal(r.Failure())
			}
			return r, p
		},
		"local": func(t *testing.T) (*rig, *looptest.Peer) {
			fd, path := localServer(t, 5)
			r := localRig(t)
			r.SetServerName(path)
			r.ConnectToServer(ReadWrite | Unbuffered)
			return r, looptest.NewPeer(t, systest.Accept(t, fd))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := begin(t)
			r.log = nil
			r.say("abc")
			if r.Mode() != ReadWrite|Unbuffered || r.BytesToWrite() != 3 {
				t.Errorf("mode %d, %d bytes to write", r.Mode(), r.BytesToWrite())
			}
			r.settle()
			r.expect("bytesWritten 3")
			p.Say("one\ntwo")
			r.untilAvailable(7)
			if !r.CanReadLine() || sys.Available(int(r.fd)) != 0 {
				t.Errorf("%v, %d bytes wait", r.CanReadLine(), sys.Available(int(r.fd)))
			}
			want(t, "a part", r.text(2), "on")
			r.settle()
			r.expect("readyRead")
			p.Close()
			r.untilLogged("disconnected")
			r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
			want(t, "the rest", r.all(), "e\ntwo")
		})
	}
}

func TestReadingInTheSlotKeepsAFullBufferGoing(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	r.SetReadLimit(100)
	data := pattern(50_000)
	var got []byte
	r.on[SignalReadyRead] = func(int64) { got = append(got, r.all()...) }
	p.Send(data)
	r.until("all has arrived", func() bool { return len(got) >= len(data) })
	if !bytes.Equal(got, data) {
		t.Error("other bytes have arrived")
	}
}

// The loop may look once more before the handler of what filled the buffer has run.
func TestAHandlerThatLeavesAPartIsCalledAgain(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		const frame = 6
		r.SetReadLimit(10)
		data := pattern(50 * frame)
		var got []byte
		r.on[SignalReadyRead] = func(int64) {
			for r.BytesAvailable() >= frame {
				got = append(got, r.text(frame)...)
			}
		}
		p.Send(data)
		looptest.AwaitReadable(int(r.fd))
		(*handler)(r.Socket).Ready(poll.In)
		(*handler)(r.Socket).Ready(poll.In)
		r.until("all has arrived", func() bool { return len(got) == len(data) })
		if !bytes.Equal(got, data) {
			t.Error("other bytes have arrived")
		}
	})
}

func TestEndIsSeenBehindAFullBuffer(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	r.SetReadLimit(4)
	p.Say("12345678")
	p.Close()
	r.untilAvailable(4)
	r.settle()
	if r.State() != Connected {
		t.Fatalf("state %d", r.State())
	}
	want(t, "first", r.text(10), "1234")
	r.untilAvailable(4)
	r.settle()
	want(t, "second", r.text(10), "5678")
	r.untilLogged("disconnected")
}

func TestUnbufferedLeavesDataInTheSystem(t *testing.T) {
	r, p := given(t, ReadWrite|Unbuffered, "hello world")
	r.untilLogged("readyRead")
	r.settle()
	r.expect("readyRead")
	if n := sys.Available(int(r.fd)); n != 11 || r.rx.Len() != 0 {
		t.Errorf("%d bytes in the system, %d here", n, r.rx.Len())
	}
	want(t, "a part", r.text(5), "hello")
	if n := sys.Available(int(r.fd)); n != 6 || r.BytesAvailable() != 6 {
		t.Errorf("%d bytes in the system, %d available", n, r.BytesAvailable())
	}
	r.settle()
	r.expect("readyRead") // there still is something
	want(t, "the rest", r.text(100), " world")
	want(t, "nothing", r.text(100), "")
	r.settle()
	r.expect()
	p.Close()
	r.untilLogged("disconnected")
	r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
	want(t, "beyond the end", r.text(1), "nothing any more")
}

// What a wait inside the handler has found is told when the handler has returned.
func TestUnbufferedIsToldWhatAWaitInTheHandlerHasFound(t *testing.T) {
	r, p := given(t, ReadWrite|Unbuffered, "")
	r.on[SignalReadyRead] = func(int64) {
		if r.count("readyRead") > 1 {
			return
		}
		want(t, "first", r.text(10), "a")
		p.Say("b")
		if !r.WaitForReadyRead(1000) {
			t.Error("nothing came")
		}
	}
	p.Say("a")
	r.untilLogged("readyRead")
	r.settle()
	r.expect("readyRead", "readyRead")
	want(t, "second", r.text(10), "b")
}

func TestUnbufferedTransaction(t *testing.T) {
	r, p := given(t, ReadWrite|Unbuffered, "abcdef")
	r.StartTransaction()
	want(t, "in it", r.text(4), "abcd")
	r.RollbackTransaction()
	want(t, "again", r.text(4), "abcd")
	want(t, "from the system", r.text(4), "ef")
	p.Say("gh")
	r.untilAvailable(2)
	r.StartTransaction()
	want(t, "in another", r.text(4), "gh")
	r.CommitTransaction()
	want(t, "after it", r.text(4), "")
}

func TestNoSocketStarvesTheOthers(t *testing.T) {
	l := looptest.New(t)
	greedy, flood := connected(t, l)
	modest, p := connected(t, l)
	data := make([]byte, 1<<20)
	greedy.on[SignalReadyRead] = func(int64) {
		greedy.all()
		flood.Send(data)
	}
	flood.Send(data)
	for range 20 {
		modest.log = nil
		p.Say("ping")
		looptest.AwaitReadable(int(modest.fd))
		turns := 0
		looptest.Until(t, l, "the modest one is served", func() bool { turns++; return modest.count("readyRead") > 0 })
		if turns > 3 {
			t.Errorf("served after %d turns", turns)
		}
		modest.all()
	}
	delete(greedy.on, SignalReadyRead)
}

func TestPauseByTheReaderAndResume(t *testing.T) {
	r, p := given(t, ReadWrite, "")
	r.pauseReading()
	p.Say("text")
	r.settle()
	r.expect()
	r.Resume()
	r.untilAvailable(4)
	r.expect("readyRead")
	// With a full buffer there is nothing to resume.
	r.SetReadLimit(4)
	r.Resume()
	p.Say("more")
	r.settle()
	if r.BytesAvailable() != 4 {
		t.Errorf("%d bytes", r.BytesAvailable())
	}
}

func TestManyBytesArriveAsTheyWereSent(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	data := pattern(4 << 20)
	var got []byte
	r.on[SignalReadyRead] = func(int64) { got = append(got, r.all()...) }
	sent := 0
	r.until("all has arrived", func() bool {
		if sent < len(data) {
			sent += p.Send(data[sent:])
		}
		return len(got) == len(data)
	})
	if !bytes.Equal(got, data) {
		t.Error("other bytes have arrived")
	}
}

func TestAdoptedSocketIsConnected(t *testing.T) {
	r, p := adopted(t, looptest.New(t))
	if r.State() != Connected || r.Mode() != ReadWrite || !r.IsValid() || r.PeerAddress() != address.LocalHost || r.PeerPort() == 0 || r.LocalPort() == 0 {
		t.Errorf("state %d, mode %d, peer %v %d", r.State(), r.Mode(), r.PeerAddress(), r.PeerPort())
	}
	p.Say("hello")
	r.untilAvailable(5)
	r.expect("readyRead")
}

func TestWriteOnlyUnbufferedSeesTheEnd(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, WriteOnly|Unbuffered)
	looptest.Until(t, l, "connected", func() bool { return r.State() == Connected })
	p := listener.Accept()
	p.Say("nobody reads this")
	p.Close()
	looptest.Until(t, l, "the peer's end is seen", func() bool { return r.State() == Unconnected })
}

// More than fits into 32 bits, none of which is touched.
func TestReadAllTakesMoreThanTwoGigabytes(t *testing.T) {
	if strconv.IntSize < 64 {
		t.Skip("memory has no such sizes on 32 bits")
	}
	size := math.MaxInt32
	size += 1 << 20
	r := fresh(t, looptest.New(t))
	r.mode = ReadOnly
	for r.rx.Len() < size {
		r.rx.Fill(r.pool(), maxRead, func(p []byte) (int, error) { return len(p), nil })
	}
	asked := 0
	first := make([]byte, 10)
	n := r.ReadAll(func(size int) []byte { asked = size; return first })
	if asked < size || n != len(first) || r.rx.Len() != asked-n {
		t.Errorf("room for %d bytes, %d were read, %d are left", asked, n, r.rx.Len())
	}
}

func TestReadAllWithoutMemoryKeepsTheData(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	said := warnings(t)
	p.Say("hello")
	r.untilAvailable(5)
	if n := r.ReadAll(func(int) []byte { return nil }); n != -1 {
		t.Errorf("ReadAll = %d", n)
	}
	expectWarning(t, said, "no memory for 5 bytes")
	if got := r.all(); got != "hello" {
		t.Errorf("got %q", got)
	}
}

func TestReturnsThatArePutBackWhileConnecting(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	defer listener.Close()
	calls := map[string]func(r *rig, n int) int{
		"read": func(r *rig, n int) int { return r.Read(make([]byte, n)) },
		"peek": func(r *rig, n int) int { return r.Peek(make([]byte, n)) },
		"skip": func(r *rig, n int) int { return int(r.Skip(int64(n))) },
	}
	for name, call := range calls {
		// Who gets as many as he asks for looks for more, and there will be none.
		for n, want := range []int{0, -1, -1, 0} {
			r := fresh(t, l)
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite|Text)
			r.Unget('\r')
			r.Unget('\r')
			if got := call(r, n); got != want {
				t.Errorf("%s %d of two returns: %d, not %d", name, n, got, want)
			}
			r.Abort()
		}
	}
}

func TestUnbufferedWhileClosing(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), ReadWrite|Unbuffered)
	p.Say("abc")
	r.untilLogged("readyRead")
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) != Closing {
			return
		}
		if n := r.BytesAvailable(); n != 3 {
			t.Errorf("%d bytes are in the system", n)
		}
		if n := r.Write([]byte("x")); n != 1 || r.BytesToWrite() != 0 {
			t.Errorf("%d written, %d bytes to write", n, r.BytesToWrite())
		}
	}
	r.Disconnect()
	r.untilLogged("disconnected")
}

func TestUnbufferedReadsNoMoreWhileClosing(t *testing.T) {
	for name, call := range map[string]func(r *rig) int{
		"read": func(r *rig) int { return r.Read(make([]byte, 2)) },
		"peek": func(r *rig) int { return r.Peek(make([]byte, 2)) },
		"line": func(r *rig) int { return r.ReadLine(make([]byte, 2)) },
		"skip": func(r *rig) int { return int(r.Skip(2)) },
	} {
		r, p := given(t, ReadWrite|Unbuffered, "abc")
		r.on[SignalStateChanged] = func(state int64) {
			if n := call(r); State(state) == Closing && n != -1 {
				t.Errorf("%s: %d", name, n)
			}
		}
		r.Disconnect()
		r.untilLogged("disconnected")
		p.Close()
	}
}

func TestUnbufferedIsToldAgainBehindWhatWasPutBack(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), ReadWrite|Unbuffered)
	r.Unget('b')
	r.Unget('a')
	p.Say("c")
	r.untilLogged("readyRead")
	want(t, "in front", r.text(1), "a")
	r.settle()
	if n := r.count("readyRead"); n != 1 {
		t.Errorf("%d times before the buffer was empty", n)
	}
	want(t, "still in front", r.text(1), "b")
	r.settle()
	if n := r.count("readyRead"); n != 2 {
		t.Errorf("%d times", n)
	}
	// What was told and not read is not told by a wait.
	if !r.WaitForReadyRead(0) || r.count("readyRead") != 2 {
		t.Errorf("%v", r.log)
	}
	for i, call := range []func(p []byte) int{r.Read, r.Peek} {
		if n := call(nil); n != 0 {
			t.Errorf("nothing: %d", n)
		}
		r.settle()
		if n := r.count("readyRead"); n != 3+i {
			t.Errorf("%d times after nothing was asked for", n)
		}
	}
	want(t, "from the system", r.text(1), "c")
}
