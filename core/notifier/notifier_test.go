package notifier

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/poll"
)

// rig is a loop with notifiers, and what they have said.
type rig struct {
	*testing.T
	l    *loop.Loop
	said []string
}

func newRig(t *testing.T) *rig {
	r := &rig{T: t, l: looptest.New(t)}
	message.SetHandler(func(_ message.Kind, text string) {
		// No lock is held.
		looptest.Do(r.l, func() { r.said = append(r.said, "!"+text) })
	})
	t.Cleanup(func() {
		message.SetHandler(nil)
		if sets.find(r.l) != nil {
			t.Error("a set is left")
		}
	})
	return r
}

// watch makes an enabled notifier that says its name when it is activated, and then does the rest.
func (r *rig) watch(name string, fd int, kind Kind, then ...func(n *Notifier)) *Notifier {
	n := New(r.l, kind)
	n.On(SignalActivated, func(arg int64) {
		looptest.Do(r.l, func() {
			if got, k := Activation(arg); got != n.fd || k != n.kind {
				r.Errorf("activated with %d, %d", got, k)
			}
			r.said = append(r.said, name)
			for _, f := range then {
				f(n)
			}
		})
	})
	r.Cleanup(n.Delete)
	n.SetDescriptor(fd)
	n.SetEnabled(true)
	return n
}

func (r *rig) turns(count int) {
	for range count {
		r.l.ProcessEvents(0)
	}
}

// expect runs so many turns, and compares what was said since the last time.
func (r *rig) expect(turns int, want ...string) {
	r.Helper()
	r.turns(turns)
	if got := strings.Join(r.said, ", "); got != strings.Join(want, ", ") {
		r.Errorf("said: %s\nwant: %s", got, strings.Join(want, ", "))
	}
	r.said = nil
}

func (r *rig) pipe() (reader, writer int) {
	reader, writer = systest.Pipe(r)
	for _, fd := range []int{reader, writer} {
		if err := unix.SetNonblock(fd, true); err != nil {
			r.Fatal(err)
		}
	}
	return reader, writer
}

func (r *rig) pair() (one, other int) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		r.Fatal(err)
	}
	return p[0], p[1]
}

func send(fd int, text string) { unix.Write(fd, []byte(text)) }

func take(fd, n int) { unix.Read(fd, make([]byte, n)) }

func TestLevelTriggered(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	n := r.watch("r", in, Read)
	if !n.Enabled() || !n.IsValid() || n.Descriptor() != in || n.Kind() != Read {
		t.Error(n.Enabled(), n.IsValid(), n.Descriptor(), n.Kind())
	}
	r.expect(2)
	send(out, "ab")
	r.expect(2, "r", "r")
	take(in, 1)
	r.expect(1, "r")
	n.SetEnabled(false)
	r.expect(2)
	n.SetEnabled(true)
	r.expect(1, "r")
	take(in, 1)
	r.expect(1)
	unix.Close(out)
	r.expect(2, "r", "r")
	n.SetEnabled(false)
	unix.Close(in)
}

func TestDisabledAndDeletedInItsOwnSlotAndInAnothers(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	send(out, "x")
	one := r.watch("own", in, Read, func(n *Notifier) { n.SetEnabled(false) })
	r.expect(3, "own")
	if one.Enabled() {
		t.Error("it is enabled")
	}
	deleted := r.watch("gone", in, Read, (*Notifier).Delete)
	deleted.On(object.Destroyed, func(int64) { looptest.Do(r.l, func() { r.said = append(r.said, "destroyed") }) })
	r.expect(3, "gone", "destroyed")
	// Of two that are ready, each disables the other: one is told.
	other, end := r.pipe()
	send(end, "x")
	var a, b *Notifier
	a = r.watch("one", in, Read, func(*Notifier) { b.SetEnabled(false) })
	b = r.watch("one", other, Read, func(*Notifier) { a.SetEnabled(false) })
	r.expect(1, "one")
	if a.Enabled() == b.Enabled() {
		t.Error("one should be left")
	}
	a.SetEnabled(false)
	b.SetEnabled(false)
	later := r.watch("later", in, Read, (*Notifier).DeleteLater)
	r.expect(2, "later")
	if later.Alive() {
		t.Error("it is alive")
	}
	for _, fd := range []int{in, out, other, end} {
		unix.Close(fd)
	}
}

func TestAllKindsOfOneDescriptor(t *testing.T) {
	r := newRig(t)
	one, other := r.pair()
	w := r.watch("w", one, Write)
	x := r.watch("x", one, Exception)
	n := r.watch("r", one, Read)
	r.expect(1, "w")
	send(other, "x")
	r.expect(1, "r", "w")
	unix.Close(other)
	r.expect(1, "r", "w", "x") // an end concerns all
	for _, n := range []*Notifier{w, x, n} {
		n.SetEnabled(false)
	}
	unix.Close(one)
}

func TestUrgentDataIsExceptional(t *testing.T) {
	r := newRig(t)
	fd, peer := looptest.Accepted(t)
	x := r.watch("x", fd, Exception)
	r.expect(1)
	unix.Sendto(peer.FD, []byte("!"), unix.MSG_OOB, nil)
	looptest.Until(t, r.l, "it is told", func() bool { return len(r.said) > 0 })
	r.said = nil
	unix.Recvfrom(fd, make([]byte, 1), unix.MSG_OOB)
	r.expect(2)
	x.SetEnabled(false)
	unix.Close(fd)
}

func TestOneKindTwice(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	a := r.watch("a", in, Read)
	b := r.watch("b", in, Read)
	send(out, "x")
	r.expect(1, fmt.Sprintf("!qnet_notifier_set_enabled: another notifier is told of descriptor %d for read, too (QSocketNotifier)", in), "a", "b")
	a.SetEnabled(false)
	r.expect(1, "b")
	a.SetEnabled(true)
	r.said = nil
	r.expect(1, "b", "a")
	a.SetEnabled(false)
	b.SetEnabled(false)
	unix.Close(in)
	unix.Close(out)
}

func TestClosedDescriptorIsDisabled(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	a, b := r.watch("a", in, Read), r.watch("b", in, Write)
	unix.Close(in)
	r.turns(1)
	closed := func(kind Kind) string {
		return fmt.Sprintf("!qnet_notifier_set_enabled: descriptor %d is closed: its %s notifier is disabled (QSocketNotifier)", in, kind)
	}
	r.expect(1, closed(Read), closed(Write))
	if a.Enabled() || b.Enabled() || !a.IsValid() {
		t.Error(a.Enabled(), b.Enabled(), a.IsValid())
	}
	// What was never open is as what is closed.
	n := r.watch("n", 1<<20, Read)
	r.expect(1, fmt.Sprintf("!qnet_notifier_set_enabled: descriptor %d is closed: its read notifier is disabled (QSocketNotifier)", 1<<20))
	if n.Enabled() {
		t.Error("it is enabled")
	}
	unix.Close(out)
}

func TestNumberThatIsUsedAgain(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	n := r.watch("r", in, Read)
	r.expect(1)
	other, end := r.pair()
	unix.Close(in)
	if err := unix.Dup2(other, in); err != nil {
		t.Fatal(err)
	}
	send(end, "x")
	looptest.Until(t, r.l, "it is told of the other", func() bool { return len(r.said) > 0 })
	r.said = nil
	r.expect(1, "r")
	// And then a file, and nothing.
	file, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	unix.Dup2(int(file.Fd()), in)
	file.Close()
	looptest.Until(t, r.l, "it is told of the file", func() bool { return len(r.said) > 1 })
	unix.Close(in)
	looptest.Until(t, r.l, "it is disabled", func() bool { return !n.Enabled() })
	for _, fd := range []int{out, other, end} {
		unix.Close(fd)
	}
}

// A descriptor that is closed here, and open elsewhere, goes on being told of by epoll.
func TestDescriptorThatSomebodyElseKeeps(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	kept, err := unix.Dup(in)
	if err != nil {
		t.Fatal(err)
	}
	healthy, end := r.pair()
	h := r.watch("healthy", healthy, Read)
	n := r.watch("r", in, Read)
	r.expect(1)
	unix.Close(in)
	send(out, "x")
	looptest.Until(t, r.l, "it is disabled", func() bool { return !n.Enabled() })
	r.turns(2)
	r.said = nil
	if looptest.Readable(r.l.FD()) {
		t.Error("the loop is told of what nobody watches")
	}
	send(end, "x")
	r.expect(1, "healthy")
	h.SetEnabled(false)
	for _, fd := range []int{kept, out, healthy, end} {
		unix.Close(fd)
	}
}

func TestFilesAreAlwaysReady(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/dev/null", "notifier.go", "."} {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		fd := int(file.Fd())
		n, w, x := r.watch("r", fd, Read), r.watch("w", fd, Write), r.watch("x", fd, Exception)
		if !looptest.Readable(r.l.FD()) {
			t.Error("whoever polls the loop is not told")
		}
		r.expect(2, "r", "w", "r", "w")
		n.SetEnabled(false)
		r.expect(1, "w")
		w.SetEnabled(false)
		r.turns(2)
		if looptest.Readable(r.l.FD()) {
			t.Error("a file is never exceptional, and the loop does not rest")
		}
		x.SetEnabled(false)
		r.turns(1)
		if looptest.Readable(r.l.FD()) {
			t.Error("the loop does not rest")
		}
		file.Close()
		r.said = nil
	}
}

// Others have their turns beside what is always ready.
func TestFilesLetOthersDoTheirWork(t *testing.T) {
	r := newRig(t)
	file, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := r.watch("file", int(file.Fd()), Read)
	in, out := r.pipe()
	m := r.watch("pipe", in, Read, func(*Notifier) { take(in, 9) })
	posted := false
	r.l.Post(func() { posted = true })
	send(out, "x")
	looptest.Until(t, r.l, "the others had their turn", func() bool { return posted && strings.Contains(fmt.Sprint(r.said), "pipe") })
	n.SetEnabled(false)
	m.SetEnabled(false)
	unix.Close(in)
	unix.Close(out)
}

func TestWithoutADescriptor(t *testing.T) {
	r := newRig(t)
	n := r.watch("n", -1, Read)
	n.SetEnabled(true)
	if n.Enabled() || n.IsValid() || n.Descriptor() != -1 {
		t.Error(n.Enabled(), n.IsValid(), n.Descriptor())
	}
	n.SetDescriptor(-7)
	if n.Descriptor() != -1 {
		t.Error(n.Descriptor())
	}
	in, out := r.pipe()
	send(out, "x")
	n.SetDescriptor(in)
	if n.Enabled() || !n.IsValid() {
		t.Error("setting it enables it")
	}
	r.expect(1)
	n.SetEnabled(true)
	n.SetEnabled(true)
	r.expect(1, "n")
	n.SetDescriptor(out)
	if n.Enabled() || n.Descriptor() != out {
		t.Error("another descriptor leaves it enabled")
	}
	r.expect(1)
	unix.Close(in)
	unix.Close(out)
}

func TestInLoopsInsideItsSlot(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	other, end := r.pipe()
	depth := 0
	n := r.watch("r", in, Read, func(*Notifier) {
		if depth++; depth < 3 {
			r.turns(1)
		} else {
			take(in, 1)
			take(other, 1)
		}
	})
	m := r.watch("other", other, Read)
	send(out, "x")
	send(end, "x")
	r.turns(1)
	// What the turns inside have read is not told by those around.
	said := strings.Join(r.said, " ")
	if depth != 3 || strings.HasSuffix(said, "other") {
		t.Errorf("depth %d: %s", depth, said)
	}
	r.said = nil
	r.expect(1)
	n.SetEnabled(false)
	m.SetEnabled(false)
	for _, fd := range []int{in, out, other, end} {
		unix.Close(fd)
	}
}

func TestManyDescriptors(t *testing.T) {
	r := newRig(t)
	const count = 3*maxReady + 5
	in := make([]int, count)
	seen := make([]int, count)
	for i := range in {
		reader, writer := r.pipe()
		in[i] = reader
		send(writer, "x")
		unix.Close(writer)
		r.watch("", reader, Read, func(*Notifier) { seen[i]++ })
	}
	for range 5 {
		r.turns(1)
	}
	for i, n := range seen {
		if n == 0 {
			t.Fatalf("the %dth of %d was told nothing in 5 turns: %v", i, count, seen)
		}
	}
	// They are closed without a word, and found out.
	for _, fd := range in {
		unix.Close(fd)
	}
	r.said = nil
	looptest.Until(t, r.l, "all are disabled", func() bool { return sets.find(r.l) == nil })
}

func TestAnotherThreadEnables(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	n := r.watch("r", in, Read, func(n *Notifier) { n.SetEnabled(false); r.l.Exit(0) })
	n.SetEnabled(false)
	send(out, "x")
	done := looptest.Elsewhere(func() { looptest.Do(r.l, func() { n.SetEnabled(true) }) })
	if _, err := r.l.Exec(); err != nil {
		t.Fatal(err)
	}
	looptest.Await(t, r.l, "the thread ends", done)
	r.expect(0, "r")
	unix.Close(in)
	unix.Close(out)
}

// The loop itself may watch the same descriptor, as a socket's.
func TestDescriptorThatTheLoopWatchesToo(t *testing.T) {
	r := newRig(t)
	one, other := r.pair()
	h := &handler{}
	w, err := r.l.Watch(one, poll.In, h)
	if err != nil {
		t.Fatal(err)
	}
	n := r.watch("r", one, Read)
	send(other, "x")
	r.expect(1, "r")
	if h.calls == 0 {
		t.Error("the loop's own handler was not called")
	}
	n.SetEnabled(false)
	before := h.calls
	r.turns(1)
	if h.calls == before {
		t.Error("the loop's own handler is not called any more")
	}
	r.l.Unwatch(w)
	unix.Close(one)
	unix.Close(other)
}

func TestNoDescriptorsForTheSet(t *testing.T) {
	r := newRig(t)
	in, out := r.pipe()
	restore := looptest.NoDescriptors(t)
	n := r.watch("r", in, Read)
	restore()
	if n.Enabled() || len(r.said) != 1 || !strings.Contains(r.said[0], "cannot be watched") {
		t.Error(n.Enabled(), r.said)
	}
	r.said = nil
	send(out, "x")
	n.SetEnabled(true)
	r.expect(1, "r")
	n.SetEnabled(false)
	unix.Close(in)
	unix.Close(out)
}

// handler counts its calls.
type handler struct{ calls int }

func (h *handler) Ready(poll.Event) { h.calls++ }

func TestTheLoopsOwnDescriptor(t *testing.T) {
	r := newRig(t)
	n := r.watch("loop", r.l.FD(), Read)
	r.turns(1)
	if n.Enabled() || len(r.said) != 1 || !strings.Contains(r.said[0], "cannot be watched") {
		t.Error(n.Enabled(), r.said)
	}
}

func TestMoveToAnotherLoop(t *testing.T) {
	r := newRig(t)
	other := looptest.Another(t)
	in, out := r.pipe()
	n := New(r.l, Read)
	count := 0
	n.On(SignalActivated, func(int64) { count++ })
	n.SetDescriptor(in)
	n.SetEnabled(true)
	send(out, "x")
	r.turns(1)
	move := func(to *loop.Loop) {
		r.l.Unlock()
		defer r.l.Lock()
		if err := object.Move(n, to); err != nil {
			t.Error(err)
		}
	}
	move(other)
	r.turns(1)
	if sets.find(r.l) != nil || count != 1 {
		t.Errorf("it is told %d times, and watched where it was", count)
	}
	r.l.Unlock()
	looptest.Do(other, func() { other.ProcessEvents(0) })
	r.l.Lock()
	if count != 2 || n.Loop() != other {
		t.Errorf("it is told %d times", count)
	}
	unix.Close(in)
	move(r.l)
	r.turns(1)
	if n.Enabled() || len(r.said) != 1 {
		t.Errorf("the descriptor is closed: %v, %q", n.Enabled(), r.said)
	}
	n.Delete()
	unix.Close(out)
}
