package sys

import (
	"os"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ownMakers are what makes descriptors on this system alone.
var ownMakers = map[string]func() (int, error){"NewTimer": NewTimer}

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

// signals returns the calling thread's pending and blocked signals.
func signals() (pending, blocked unix.Sigset_t) {
	unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&pending)), 8, 0)
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, 0, uintptr(unsafe.Pointer(&blocked)), 8, 0, 0)
	return pending, blocked
}

func TestSendLeavesTheThreadsSignalsAlone(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, before := signals()
	sendToBrokenDescriptors(t)
	pending, after := signals()
	if after != before {
		t.Errorf("blocked signals were %v, are %v", before, after)
	}
	if pending != (unix.Sigset_t{}) {
		t.Errorf("pending: %v", pending)
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

func TestThreadIDIsTheSystems(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if id := ThreadID(); id != unix.Gettid() {
		t.Errorf("%d, not %d", id, unix.Gettid())
	}
}
