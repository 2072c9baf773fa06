package sys

import (
	"bytes"
	"math/rand"
	"os"
	"os/signal"
	"runtime"
	"testing"
	"testing/quick"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pair returns two connected non-blocking stream sockets.
func pair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

// pipe returns the two ends of a non-blocking pipe.
func pipe(t *testing.T) (r, w int) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func readable(fd int, wait time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	return Poll(fds, time.Now().Add(wait)) == 1
}

func event(t *testing.T) int {
	t.Helper()
	fd, err := NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(fd) })
	return fd
}

func TestEventIsReadableFromSignalToDrain(t *testing.T) {
	fd := event(t)
	if readable(fd, 0) {
		t.Error("a new event is readable")
	}
	for range 3 {
		Signal(fd)
	}
	if !readable(fd, 0) {
		t.Error("not readable after Signal")
	}
	Drain(fd)
	if readable(fd, 0) {
		t.Error("readable after Drain")
	}
	Drain(fd) // must not block
}

func TestTimerIsNotReadableBeforeItsTime(t *testing.T) {
	fd, err := NewTimer()
	if err != nil {
		t.Fatal(err)
	}
	defer Close(fd)
	at := Now() + int64(20*time.Millisecond)
	SetTimer(fd, at)
	for !readable(fd, time.Millisecond) {
	}
	if now := Now(); now < at {
		t.Errorf("readable %v early", time.Duration(at-now))
	}
	Drain(fd)
	if readable(fd, 0) {
		t.Error("readable after Drain")
	}
	SetTimer(fd, Now()-1)
	if !readable(fd, time.Second) {
		t.Error("not readable for a time that is past")
	}
	SetTimer(fd, Now()+int64(time.Millisecond))
	SetTimer(fd, 0)
	if readable(fd, 5*time.Millisecond) {
		t.Error("readable though it was disarmed")
	}
}

func TestNowNeverGoesBack(t *testing.T) {
	for last, i := Now(), 0; i < 10000; i++ {
		now := Now()
		if now < last {
			t.Fatalf("%d after %d", now, last)
		}
		last = now
	}
}

func TestRecv(t *testing.T) {
	a, b := pair(t)
	space := make([]byte, 10)
	if n, err := Recv(a, space); n != -1 || err != unix.EAGAIN {
		t.Errorf("without data: %d, %v", n, err)
	}
	if n, err := SendOne(b, []byte("text")); n != 4 || err != nil {
		t.Errorf("SendOne = %d, %v", n, err)
	}
	if n, err := Recv(a, nil); n != 0 || err != nil {
		t.Errorf("into no space: %d, %v", n, err)
	}
	if n, err := Recv(a, space); n != 4 || err != nil || string(space[:4]) != "text" {
		t.Errorf("with data: %d, %v", n, err)
	}
	unix.Shutdown(b, unix.SHUT_WR)
	if n, err := Recv(a, space); n != 0 || err != nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if n, err := Recv(-1, space); n != -1 || err != unix.EBADF {
		t.Errorf("from no descriptor: %d, %v", n, err)
	}
	r, w := pipe(t)
	unix.Write(w, []byte("pipe"))
	if n, err := Recv(r, space); n != 4 || err != nil {
		t.Errorf("from a pipe: %d, %v", n, err)
	}
}

func TestSendJoinsItsParts(t *testing.T) {
	a, b := pair(t)
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		parts := make([][]byte, 1+random.Intn(MaxParts))
		for i := range parts {
			parts[i] = make([]byte, random.Intn(1000))
			random.Read(parts[i])
		}
		want := bytes.Join(parts, nil)
		n, err := Send(a, parts)
		if n != len(want) || err != nil {
			t.Logf("Send = %d, %v; want %d", n, err, len(want))
			return false
		}
		got := make([]byte, len(want)+1)
		n, err = Recv(b, got)
		if len(want) == 0 {
			return n == -1 && err == unix.EAGAIN
		}
		return bytes.Equal(got[:n], want)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestSendStopsWhenTheSystemTakesNoMore(t *testing.T) {
	a, b := pair(t)
	data := make([]byte, 1<<20)
	n, err := Send(a, [][]byte{data})
	if err != nil || n <= 0 || n >= len(data) {
		t.Fatalf("first: %d, %v", n, err)
	}
	for name, send := range senders {
		if n, err := send(a, data); n != -1 || err != unix.EAGAIN {
			t.Errorf("%s to a full socket: %d, %v", name, n, err)
		}
	}
	for got := 0; got < n; {
		k, err := Recv(b, data)
		if err != nil {
			t.Fatal(err)
		}
		got += k
	}
	if _, err := Send(a, [][]byte{data[:1]}); err != nil {
		t.Errorf("after it was emptied: %v", err)
	}
}

// senders are the ways to send.
var senders = map[string]func(fd int, p []byte) (int, error){
	"SendOne":        SendOne,
	"Send":           func(fd int, p []byte) (int, error) { return Send(fd, [][]byte{p}) },
	"Send, in parts": func(fd int, p []byte) (int, error) { return Send(fd, [][]byte{p, p}) },
}

func TestSendToAPipe(t *testing.T) {
	r, w := pipe(t)
	space := make([]byte, 20)
	for name, send := range senders {
		// Of several parts a pipe takes the first: the caller asks again.
		if n, err := send(w, []byte("text")); n != 4 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if n, _ := Recv(r, space); string(space[:n]) != "text" {
			t.Errorf("%s: received %q", name, space[:n])
		}
		if n, err := send(-1, space); n != -1 || err != unix.EBADF {
			t.Errorf("%s to no descriptor: %d, %v", name, n, err)
		}
	}
}

// signals returns the calling thread's pending and blocked signals.
func signals() (pending, blocked unix.Sigset_t) {
	unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&pending)), 8, 0)
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, 0, uintptr(unsafe.Pointer(&blocked)), 8, 0, 0)
	return pending, blocked
}

func TestSendToABrokenDescriptorRaisesNoSignal(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	caught := make(chan os.Signal, 10)
	signal.Notify(caught, unix.SIGPIPE)
	defer signal.Stop(caught)

	a, b := pair(t)
	unix.Close(b)
	r, w := pipe(t)
	unix.Close(r)
	_, before := signals()
	for _, fd := range []int{a, w} {
		for name, send := range senders {
			if n, err := send(fd, []byte("x")); n != -1 || err != unix.EPIPE {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
	}
	pending, after := signals()
	if after != before {
		t.Errorf("blocked signals were %v, are %v", before, after)
	}
	if pending != (unix.Sigset_t{}) {
		t.Errorf("pending: %v", pending)
	}
	select {
	case s := <-caught:
		t.Errorf("caught %v", s)
	default:
	}
}

func TestSendLeavesAPendingSignalAlone(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var set, old unix.Sigset_t
	set.Val[0] = 1 << (uint(unix.SIGPIPE) - 1)
	unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old)
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	if err := unix.Tgkill(os.Getpid(), ThreadID(), unix.SIGPIPE); err != nil {
		t.Fatal(err)
	}
	r, w := pipe(t)
	unix.Close(r)
	if _, err := Send(w, [][]byte{[]byte("x")}); err != unix.EPIPE {
		t.Errorf("Send: %v", err)
	}
	pending, _ := signals()
	if pending.Val[0]&set.Val[0] == 0 {
		t.Error("the signal is gone")
	}
	now := unix.Timespec{}
	unix.RawSyscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), 0, uintptr(unsafe.Pointer(&now)), 8, 0, 0)
}

func TestAvailable(t *testing.T) {
	a, b := pair(t)
	if n := Available(a); n != 0 {
		t.Errorf("%d without data", n)
	}
	unix.Write(b, make([]byte, 123))
	if n := Available(a); n != 123 {
		t.Errorf("%d of 123", n)
	}
	if n := Available(-1); n != 0 {
		t.Errorf("%d of no descriptor", n)
	}
}

func TestThreadIDNamesTheThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	other := make(chan int)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		other <- ThreadID()
	}()
	mine := ThreadID()
	if id := <-other; id == mine || id <= 0 || mine != ThreadID() || mine != unix.Gettid() {
		t.Errorf("here %d, then %d, elsewhere %d", mine, ThreadID(), id)
	}
}

func TestPoll(t *testing.T) {
	a, b := event(t), event(t)
	fds := []unix.PollFd{{Fd: int32(a), Events: unix.POLLIN}, {Fd: int32(b), Events: unix.POLLIN}}
	start := time.Now()
	if n := Poll(fds, start.Add(15*time.Millisecond)); n != 0 || time.Since(start) < 15*time.Millisecond {
		t.Errorf("%d ready after %v", n, time.Since(start))
	}
	if n := Poll(fds, start); n != 0 {
		t.Errorf("%d ready at a deadline that is past", n)
	}
	Signal(b)
	if n := Poll(fds, time.Time{}); n != 1 || fds[0].Revents != 0 || fds[1].Revents != unix.POLLIN {
		t.Errorf("%d ready: %v", n, fds)
	}
}

func TestPollOutlastsSignals(t *testing.T) {
	thread, done := make(chan int), make(chan time.Duration)
	fd := event(t)
	go func() {
		runtime.LockOSThread()
		thread <- ThreadID()
		start := time.Now()
		Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, start.Add(30*time.Millisecond))
		done <- time.Since(start)
	}()
	id := <-thread
	for {
		select {
		case took := <-done:
			if took < 30*time.Millisecond {
				t.Errorf("ended after %v", took)
			}
			return
		case <-time.After(time.Millisecond):
			unix.Tgkill(os.Getpid(), id, unix.SIGURG) // which Go takes for its own
		}
	}
}

func TestEpoll(t *testing.T) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer Close(epfd)
	fd := event(t)
	if err := unix.EpollCtl(epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 42}); err != nil {
		t.Fatal(err)
	}
	events := make([]unix.EpollEvent, 4)
	if n := EpollNow(epfd, events); n != 0 {
		t.Errorf("EpollNow = %d with nothing ready", n)
	}
	if n := EpollWait(epfd, events, 1); n != 0 {
		t.Errorf("EpollWait = %d with nothing ready", n)
	}
	Signal(fd)
	if n := EpollNow(epfd, events); n != 1 || events[0].Fd != 42 {
		t.Errorf("EpollNow = %d, %v", n, events[0])
	}
	if n := EpollWait(epfd, events, -1); n != 1 || events[0].Fd != 42 {
		t.Errorf("EpollWait = %d, %v", n, events[0])
	}
	if EpollNow(-1, events) != 0 || EpollWait(-1, events, -1) != 0 {
		t.Error("events without a descriptor")
	}
}

func TestDescriptorsDoNotReachOtherPrograms(t *testing.T) {
	timer, err := NewTimer()
	if err != nil {
		t.Fatal(err)
	}
	defer Close(timer)
	for name, fd := range map[string]int{"event": event(t), "timer": timer} {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s: %#x, %v", name, flags, err)
		}
	}
}
