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

	"golang.org/x/sys/unix"

	"qnet/core/internal/systest"
)

// pair returns two connected non-blocking stream sockets.
func pair(t *testing.T) (a, b int) {
	t.Helper()
	a, b = systest.Pair(t, unix.SOCK_STREAM)
	t.Cleanup(func() { unix.Close(a); unix.Close(b) })
	return a, b
}

// pipe returns the two ends of a non-blocking pipe.
func pipe(t *testing.T) (r, w int) {
	t.Helper()
	r, w = systest.Pipe(t)
	t.Cleanup(func() { unix.Close(r); unix.Close(w) })
	unix.SetNonblock(r, true)
	unix.SetNonblock(w, true)
	return r, w
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
	if id := <-other; id == mine || id <= 0 || mine != ThreadID() {
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

func TestDescriptorsDoNotReachOtherPrograms(t *testing.T) {
	fd := event(t)
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("%#x, %v", flags, err)
	}
}

func TestSendToABrokenDescriptorRaisesNoSignal(t *testing.T) { sendToBrokenDescriptors(t) }

func sendToBrokenDescriptors(t *testing.T) {
	t.Helper()
	caught := make(chan os.Signal, 10)
	signal.Notify(caught, unix.SIGPIPE)
	defer signal.Stop(caught)
	a, b := pair(t)
	unix.Close(b)
	r, w := pipe(t)
	unix.Close(r)
	for _, fd := range []int{a, w} {
		if err := Adopt(fd); err != nil {
			t.Fatal(err)
		}
		for name, send := range senders {
			if n, err := send(fd, []byte("x")); n != -1 || err != unix.EPIPE {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
	}
	select {
	case s := <-caught:
		t.Errorf("caught %v", s)
	default:
	}
}

func TestAdoptedDescriptorsDoNotBlock(t *testing.T) {
	r, _ := pipe(t)
	for _, before := range []bool{false, true} {
		unix.SetNonblock(r, before)
		if err := Adopt(r); err != nil {
			t.Error(err)
		}
		if n, err := Recv(r, make([]byte, 1)); n != -1 || err != unix.EAGAIN {
			t.Errorf("%d, %v", n, err)
		}
	}
	if Adopt(-1) != unix.EBADF {
		t.Error("what is not open is adopted")
	}
}

func TestKindsOfSockets(t *testing.T) {
	local, other := pair(t)
	r, _ := pipe(t)
	open := func(domain, kind int) int {
		fd, err := Open(domain, kind, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { Close(fd) })
		return fd
	}
	tcp, udp := open(unix.AF_INET, unix.SOCK_STREAM), open(unix.AF_INET, unix.SOCK_DGRAM)
	listening := open(unix.AF_INET, unix.SOCK_STREAM)
	if err := unix.Listen(listening, 1); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fd, family     int
		tcp, listening bool
	}{
		"local": {local, unix.AF_UNIX, false, false}, "the other end": {other, unix.AF_UNIX, false, false},
		"TCP": {tcp, unix.AF_INET, true, false}, "UDP": {udp, unix.AF_INET, false, false},
		"listening": {listening, unix.AF_INET, true, true},
	} {
		if family, err := Family(c.fd); family != c.family || err != nil {
			t.Errorf("%s: family %d, %v", name, family, err)
		}
		if IsTCP(c.fd) != c.tcp {
			t.Errorf("%s: TCP: %v", name, !c.tcp)
		}
		// An unconnected socket may be believed where the system does not tell.
		if (c.listening || c.fd != tcp) && IsListening(c.fd) != c.listening {
			t.Errorf("%s: listening: %v", name, !c.listening)
		}
	}
	if _, err := Family(r); err != unix.ENOTSOCK || IsTCP(r) || IsListening(r) {
		t.Error("a pipe is a socket")
	}
}
