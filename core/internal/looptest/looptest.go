// Package looptest helps to test what belongs to a loop: a loop that a test runs
// until something has happened, a check that nothing is left behind, and peers,
// the other ends of connections, which are plain sockets of the system.
package looptest

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/sys"
)

// Patience is how long anything that a test waits for may take.
const Patience = 20 * time.Second

// New makes a loop for a test, which has a thread of its own and holds the
// loop's lock until it ends. A subtest needs its own: it is another thread. Then the loop is closed, and the test fails if it
// has left chunks, descriptors or goroutines behind.
func New(t testing.TB) *loop.Loop {
	t.Helper()
	runtime.LockOSThread()
	CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	t.Cleanup(func() {
		end(t, l)
		l.Unlock()
		runtime.UnlockOSThread()
	})
	return l
}

// Another makes a second loop for a test, which does not hold its lock at the end.
func Another(t testing.TB) *loop.Loop {
	t.Helper()
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Do(l, func() { end(t, l) }) })
	return l
}

// Home returns that of something in a loop.
func Home(l *loop.Loop) *loop.Home {
	h := &loop.Home{}
	h.Settle(l)
	return h
}

// end closes a loop, which must have got everything back.
func end(t testing.TB, l *loop.Loop) {
	l.Close()
	if n := l.Pool.Lent(); n != 0 {
		t.Errorf("%d chunks were not given back", n)
	}
	if n := l.Datagrams.Lent(); n != 0 {
		t.Errorf("%d batches of datagrams were not given back", n)
	}
}

// Until runs turns of l until done, and ends the test if that takes too long.
func Until(t testing.TB, l *loop.Loop, what string, done func() bool) {
	t.Helper()
	// What a peer sees is no event of the loop: look again after a while.
	const look = 5
	for end := time.Now().Add(Patience); !done(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		if _, err := l.ProcessEvents(look); err != nil {
			t.Fatal(err)
		}
	}
}

// Settle runs turns of l until nothing is left to do at once.
func Settle(t testing.TB, l *loop.Loop) {
	t.Helper()
	for range 1000 {
		did, err := l.ProcessEvents(0)
		if err != nil {
			t.Fatal(err)
		}
		if !did {
			return
		}
	}
	t.Fatal("the loop does not come to rest")
}

// Do calls f with the loop's lock, on another thread or in a slot.
func Do(l *loop.Loop, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

// Elsewhere calls f on a thread of its own, without the lock. The channel is
// closed when f has returned.
func Elsewhere(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread ends with the goroutine, so that its id
		// is not met again.
		runtime.LockOSThread()
		f()
	}()
	return done
}

// Await waits for done, without the lock.
func Await(t testing.TB, l *loop.Loop, what string, done <-chan struct{}) {
	t.Helper()
	l.Unlock()
	defer l.Lock()
	select {
	case <-done:
	case <-time.After(Patience):
		t.Fatalf("waited in vain until %s", what)
	}
}

// Readable reports whether fd is readable now.
func Readable(fd int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n == 1 && fds[0].Revents&unix.POLLIN != 0
}

// AwaitReadable waits until fd is readable; false if that takes too long.
func AwaitReadable(fd int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	return sys.Poll(fds, time.Now().Add(Patience)) == 1
}

// Panic calls f and returns what it panics with, nil if it does not.
func Panic(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// leakPatience is how long what was told to end may take.
var leakPatience = Patience

// CheckLeaks makes the test fail if at its end there are more descriptors,
// goroutines, objects or loops than now.
func CheckLeaks(t testing.TB) {
	t.Helper()
	warmUp()
	before := held()
	t.Cleanup(func() {
		// What was told to end, such as a cancelled look-up, may take a moment.
		end := time.Now().Add(leakPatience)
		for now := held(); now.more(before); now = held() {
			if time.Now().After(end) {
				stacks := make([]byte, 64<<10)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Errorf("there are %+v, before %+v:\n%s", now, before, stacks)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// holding is what the process has.
type holding struct {
	descriptors, goroutines, objects, loops int
}

func held() holding {
	return holding{Descriptors(), runtime.NumGoroutine(), loop.Objects(), loop.Count()}
}

func (h holding) more(than holding) bool {
	return h.descriptors > than.descriptors || h.goroutines > than.goroutines ||
		h.objects > than.objects || h.loops > than.loops
}

// NoDescriptors lets no more descriptors be opened until the returned function is
// called, which the test's end does, too.
func NoDescriptors(t testing.TB) (restore func()) {
	t.Helper()
	return FewDescriptors(t, 0)
}

// FewDescriptors is NoDescriptors with some exceptions.
func FewDescriptors(t testing.TB, n int) (restore func()) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	// What is opened next would get the lowest number that is free.
	free := systest.Socket(t, unix.AF_UNIX, unix.SOCK_DGRAM)
	unix.Close(free)
	low := old
	set(&low.Cur, free+n)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	restore = func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &old) }
	t.Cleanup(restore)
	return restore
}

// set sets a number whose type differs between systems.
func set[T int64 | uint64](n *T, value int) { *n = T(value) }

// warmUp makes Go open the descriptors that it keeps for itself.
func warmUp() {
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
}
