package sys

import (
	"bytes"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inject has system calls fail until the test ends.
func inject(t *testing.T, text string) {
	t.Helper()
	if err := Inject(text); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Inject("") })
}

func TestInjectRefusesWhatIsNoPlan(t *testing.T) {
	for _, text := range []string{"short", "short=2", "short=0.1,log=/proc/none/log"} {
		if err := Inject(text); err == nil || faults != nil {
			t.Errorf("%q: %v, %v", text, err, faults)
		}
	}
}

// TestFaultsLoseNothing sends and receives in each way, with faults that each side
// answers by calling again.
func TestFaultsLoseNothing(t *testing.T) {
	for _, text := range []string{"short=0.9", "again=0.9", "interrupt=0.9", "nobufs=0.9,enomem=0.9", "short=0.5,again=0.5,interrupt=0.5"} {
		inject(t, "seed=1,"+text)
		a, b := pair(t)
		data := make([]byte, 200000)
		rand.New(rand.NewSource(1)).Read(data)
		var got []byte
		failures, short := 0, 0
		space, control := make([]byte, 5000), make([]byte, ControlSize)
		for i, sent := 0, 0; len(got) < len(data); i++ {
			rest := data[sent:min(sent+5000, len(data))]
			half := len(rest) / 2
			var n int
			var err error
			switch {
			case half == 0: // all is sent, or a single byte is left
				n, err = SendOne(a, rest)
			case i%3 == 0:
				n, err = SendOne(a, rest)
			case i%3 == 1:
				n, err = Send(a, [][]byte{rest[:half], rest[half:]})
			default:
				n, err = SendDescriptors(a, [][]byte{rest[:half], rest[half:]}, nil)
			}
			if err != nil {
				failures++
			} else {
				sent += n
				if n < len(rest) {
					short++
				}
			}
			if i%2 == 0 {
				n, err = Recv(b, space)
			} else {
				n, _, _, err = RecvDescriptors(b, space, control)
			}
			if err == nil {
				got = append(got, space[:n]...)
			}
		}
		if !bytes.Equal(got, data) {
			t.Errorf("%s: other bytes", text)
		}
		if fails := !strings.HasPrefix(text, "interrupt") && !strings.HasPrefix(text, "short=0.9"); fails && failures < 10 {
			t.Errorf("%s: only %d failures", text, failures)
		}
		if strings.HasPrefix(text, "short") && short < 10 {
			t.Errorf("%s: only %d short calls", text, short)
		}
		forget(a, b)
	}
}

// forget has what was planned for descriptors forgotten before the next test gets the
// same ones.
func forget(fds ...int) {
	for _, fd := range fds {
		faults.forget(fd)
	}
}

func TestWhatHasNotComeIsNotFaulty(t *testing.T) {
	inject(t, "seed=1,nobufs=0.9")
	a, b := pair(t)
	space := make([]byte, 10)
	for range 10 {
		if _, err := Recv(a, space); err != unix.EAGAIN {
			t.Fatalf("without data: %v", err)
		}
	}
	unix.Write(b, []byte("text"))
	if _, err := Recv(a, space); err != unix.ENOBUFS {
		t.Errorf("with data: %v", err)
	}
	for range 3 {
		Recv(a, space[:1])
	}
	unix.Close(b)
	for range 10 {
		if n, err := Recv(a, space); n == 0 && err == nil {
			return
		}
	}
	t.Error("no end")
}

func TestAnInjectedResetIsOne(t *testing.T) {
	for name, connection := range map[string]func(*testing.T) (int, int){"local": pair, "TCP": tcpPair} {
		t.Run(name, func(t *testing.T) {
			inject(t, "reset=0.9")
			a, b := connection(t)
			unix.Write(b, []byte("text"))
			space := make([]byte, 10)
			if n, err := Recv(a, space); n != -1 || err != unix.ECONNRESET {
				t.Fatalf("%d, %v", n, err)
			}
			if n, err := Recv(a, space); n > 0 {
				t.Errorf("data behind a reset: %d, %v", n, err)
			}
			if n, err := unix.SendmsgN(a, space, nil, nil, unix.MSG_NOSIGNAL); err == nil {
				t.Errorf("%d bytes sent behind a reset", n)
			}
			if n, err := unix.Read(b, space); n > 0 {
				t.Errorf("the peer reads %d, %v", n, err)
			}
		})
	}
}

// tcpPair returns two connected sockets of TCP.
func tcpPair(t *testing.T) (a, b int) {
	t.Helper()
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(listener)
	unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	unix.Listen(listener, 1)
	at, _ := unix.Getsockname(listener)
	if a, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(a) })
	if err := unix.Connect(a, at); err != nil {
		t.Fatal(err)
	}
	if b, _, err = unix.Accept4(listener, unix.SOCK_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(b) })
	return a, b
}

// TestEdgesComeAgain: what epoll has told of once it tells again after a fault.
func TestEdgesComeAgain(t *testing.T) {
	inject(t, "seed=1,again=0.9,short=0.9,late=0.5,interrupt=0.5")
	a, b := pair(t)
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(epfd)
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: 77}
	if err := EpollControl(epfd, unix.EPOLL_CTL_ADD, a, &ev); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 50000)
	if n, _ := unix.Write(b, data); n != len(data) {
		t.Fatal(n)
	}
	events := make([]unix.EpollEvent, 8)
	got := 0
	for end := time.Now().Add(20 * time.Second); got < len(data); {
		n := EpollWait(epfd, events, 100)
		if n > 0 && events[0].Fd != 77 {
			t.Fatalf("%+v", events[0])
		}
		if n > 0 {
			// One read for each event.
			if n, err := Recv(a, data); err == nil {
				got += n
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%d bytes have come", got)
		}
	}
	if n := EpollNow(epfd, events); n > 0 {
		if n, err := Recv(a, data); err == nil {
			t.Errorf("%d bytes more", n)
		}
	}
}

func TestDatagramCallsFail(t *testing.T) {
	inject(t, "seed=1,nobufs=0.9,short=0.9")
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	const count = 40
	type header struct {
		unix.Msghdr
		n uint32
		_ [4]byte
	}
	out, in := make([]header, count), make([]header, count)
	vectors := make([]unix.Iovec, 2*count)
	bytes, space := make([]byte, count), make([]byte, count)
	for i := range out {
		bytes[i] = byte(i)
		vectors[i] = unix.Iovec{Base: &bytes[i], Len: 1}
		vectors[count+i] = unix.Iovec{Base: &space[i], Len: 1}
		out[i].Iov, out[i].Iovlen = &vectors[i], 1
		in[i].Iov, in[i].Iovlen = &vectors[count+i], 1
	}
	sent, got, failures, short := 0, 0, 0, 0
	for got < count {
		if sent < count {
			if sent%3 == 0 {
				if err := SendMessage(fds[0], &out[sent].Msghdr); err == nil {
					sent++
				} else {
					failures++
				}
			} else if n, err := SendMessages(fds[0], unsafe.Pointer(&out[sent]), min(5, count-sent)); err == nil {
				sent += n
				if n < 5 {
					short++
				}
			} else {
				failures++
			}
		}
		if n, err := RecvMessages(fds[1], unsafe.Pointer(&in[got]), count-got); err == nil {
			got += n
		} else if err != unix.EAGAIN {
			failures++
		}
	}
	for i, b := range space {
		if int(b) != i {
			t.Fatalf("%d came as %d", i, b)
		}
	}
	if failures < 5 || short < 1 {
		t.Errorf("%d failures, %d short", failures, short)
	}
}

func TestTheLogTellsWhatWasPassed(t *testing.T) {
	path := t.TempDir() + "/log"
	inject(t, "seed=1,again=0.9,short=0.9,emfile=0.9,log="+path)
	fd := -1
	for fd < 0 {
		fd, _ = Open(unix.AF_INET, unix.SOCK_STREAM, 0)
	}
	defer Close(fd)
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "socket emfile\n") || !strings.HasSuffix(string(text), "\n1 open\n") {
		t.Fatalf("%q, %v", text, err)
	}
}

func TestWithoutFaultsTheyCostNothing(t *testing.T) {
	a, b := pair(t)
	p := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		SendOne(a, p)
		Recv(b, p)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
