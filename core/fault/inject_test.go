package fault_test

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/internal/systest"
	"qnet/core/sys"
)

// inject has system calls fail until the test ends.
func inject(t *testing.T, text string) {
	t.Helper()
	if err := fault.Inject(text); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fault.Inject("") })
}

func TestInjectRefusesWhatIsNoPlan(t *testing.T) {
	for _, text := range []string{"short", "short=2", "short=0.1,log=/none/log"} {
		if err := fault.Inject(text); err == nil || fault.Active() != nil {
			t.Errorf("%q: %v, %v", text, err, fault.Active())
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
		space, control := make([]byte, 5000), make([]byte, sys.ControlSize)
		for i, sent := 0, 0; len(got) < len(data); i++ {
			rest := data[sent:min(sent+5000, len(data))]
			half := len(rest) / 2
			var n int
			var err error
			switch {
			case half == 0: // all is sent, or a single byte is left
				n, err = sys.SendOne(a, rest)
			case i%3 == 0:
				n, err = sys.SendOne(a, rest)
			case i%3 == 1:
				n, err = sys.Send(a, [][]byte{rest[:half], rest[half:]})
			default:
				n, err = sys.SendDescriptors(a, [][]byte{rest[:half], rest[half:]}, nil)
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
				n, err = sys.Recv(b, space)
			} else {
				n, _, _, err = sys.RecvDescriptors(b, space, control)
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
		fault.Active().Forget(fd)
	}
}

func TestWhatHasNotComeIsNotFaulty(t *testing.T) {
	inject(t, "seed=1,nobufs=0.9")
	a, b := pair(t)
	space := make([]byte, 10)
	for range 10 {
		if _, err := sys.Recv(a, space); err != unix.EAGAIN {
			t.Fatalf("without data: %v", err)
		}
	}
	unix.Write(b, []byte("text"))
	if _, err := sys.Recv(a, space); err != unix.ENOBUFS {
		t.Errorf("with data: %v", err)
	}
	for range 3 {
		sys.Recv(a, space[:1])
	}
	unix.Close(b)
	for range 10 {
		if n, err := sys.Recv(a, space); n == 0 && err == nil {
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
			if n, err := sys.Recv(a, space); n != -1 || err != unix.ECONNRESET {
				t.Fatalf("%d, %v", n, err)
			}
			if n, err := sys.Recv(a, space); n > 0 {
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

// pair returns two connected sockets.
func pair(t *testing.T) (a, b int) {
	t.Helper()
	a, b = systest.Pair(t, unix.SOCK_STREAM)
	t.Cleanup(func() { unix.Close(a); unix.Close(b) })
	return a, b
}

// tcpPair returns two connected sockets of TCP, which block.
func tcpPair(t *testing.T) (a, b int) {
	t.Helper()
	listener := systest.Socket(t, unix.AF_INET, unix.SOCK_STREAM)
	defer unix.Close(listener)
	unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	unix.Listen(listener, 1)
	at, _ := unix.Getsockname(listener)
	a = systest.Socket(t, unix.AF_INET, unix.SOCK_STREAM)
	t.Cleanup(func() { unix.Close(a) })
	unix.SetNonblock(a, false)
	if err := unix.Connect(a, at); err != nil {
		t.Fatal(err)
	}
	unix.SetNonblock(listener, false)
	b = systest.Accept(t, listener)
	t.Cleanup(func() { unix.Close(b) })
	unix.SetNonblock(b, false)
	return a, b
}

// Who is accepted is the one that has come first, and known as the one that has connected.
func TestThoseAcceptedAreThoseThatCame(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	inject(t, "seed=1,short=0.9,log="+log)
	open := func() int {
		fd, err := fault.Active().Open(unix.AF_UNIX, unix.SOCK_STREAM, func() (int, error) { return systest.Socket(t, unix.AF_UNIX, unix.SOCK_STREAM), nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { fault.Active().Forget(fd); unix.Close(fd) })
		return fd
	}
	listener, at := open(), &unix.SockaddrUnix{Name: filepath.Join(t.TempDir(), "local")}
	unix.Bind(listener, at)
	unix.Listen(listener, 5)
	for range 2 {
		var want, got []string
		name := func(fd int) string {
			for range 100 {
				fault.Active().Move(fd, true, 1000, func(limit int) (int, error) { return limit, nil })
			}
			text, _ := os.ReadFile(log)
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			name, _, _ := strings.Cut(lines[len(lines)-1], " ")
			return name
		}
		for range 3 {
			fd := open()
			if e := fault.Active().Connect(fd, nil, func() unix.Errno { unix.Connect(fd, at); return 0 }); e != 0 {
				t.Fatal(e)
			}
			want = append(want, name(fd)+"'")
		}
		for range 3 {
			conn, e := fault.Active().Accept(listener, func() (int, unix.Errno) { return systest.Accept(t, listener), 0 })
			if e != 0 {
				t.Fatal(e)
			}
			t.Cleanup(func() { fault.Active().Forget(conn); unix.Close(conn) })
			got = append(got, name(conn))
		}
		if !slices.Equal(got, want) {
			t.Errorf("accepted were %v, not %v", got, want)
		}
	}
}

func TestDatagramCallsFail(t *testing.T) {
	inject(t, "seed=1,nobufs=0.9,short=0.9")
	from, to := systest.Pair(t, unix.SOCK_DGRAM)
	defer unix.Close(from)
	defer unix.Close(to)
	const count = 40
	out, in := make([]sys.Message, count), make([]sys.Message, count)
	vectors := make([]unix.Iovec, 2*count)
	bytes, space := make([]byte, count), make([]byte, count)
	for i := range out {
		bytes[i] = byte(i)
		vectors[i] = unix.Iovec{Base: &bytes[i], Len: 1}
		vectors[count+i] = unix.Iovec{Base: &space[i], Len: 1}
		out[i].Iov, in[i].Iov = &vectors[i], &vectors[count+i]
		out[i].SetIovlen(1)
		in[i].SetIovlen(1)
	}
	sent, got, failures, short := 0, 0, 0, 0
	for got < count {
		if sent < count {
			if sent%3 == 0 {
				if err := sys.SendMessage(from, &out[sent].Msghdr); err == nil {
					sent++
				} else {
					failures++
				}
			} else if n, err := sys.SendMessages(from, out[sent:min(sent+5, count)]); err == nil {
				sent += n
				if n < 5 {
					short++
				}
			} else {
				failures++
			}
		}
		if n, err := sys.RecvMessages(to, in[got:]); err == nil {
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
		fd, _ = sys.Open(unix.AF_INET, unix.SOCK_STREAM, 0)
	}
	defer sys.Close(fd)
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "socket emfile\n") || !strings.HasSuffix(string(text), "\n1 open\n") {
		t.Fatalf("%q, %v", text, err)
	}
}

// Each call has the faults of its direction, and what is said of them.
func TestEachCallHasTheFaultsOfItsDirection(t *testing.T) {
	space, control := make([]byte, 5000), make([]byte, sys.ControlSize)
	message := func(p []byte) *unix.Msghdr {
		h := &unix.Msghdr{Iov: &unix.Iovec{Base: &p[0]}}
		h.Iov.SetLen(1)
		h.SetIovlen(1)
		return h
	}
	for name, call := range map[string]struct {
		kind      int
		direction string
		make      func(fd int) error
	}{
		"SendOne":         {unix.SOCK_STREAM, "write", func(fd int) error { _, err := sys.SendOne(fd, space); return err }},
		"Send":            {unix.SOCK_STREAM, "write", func(fd int) error { _, err := sys.Send(fd, [][]byte{space}); return err }},
		"SendDescriptors": {unix.SOCK_STREAM, "write", func(fd int) error { _, err := sys.SendDescriptors(fd, [][]byte{space}, []int{fd}); return err }},
		"Recv":            {unix.SOCK_STREAM, "read", func(fd int) error { _, err := sys.Recv(fd, space); return err }},
		"RecvDescriptors": {unix.SOCK_STREAM, "read", func(fd int) error {
			_, list, _, err := sys.RecvDescriptors(fd, space, control)
			for _, d := range list {
				unix.Close(d)
			}
			return err
		}},
		"SendMessage": {unix.SOCK_DGRAM, "write", func(fd int) error { return sys.SendMessage(fd, message(space)) }},
		"SendMessages": {unix.SOCK_DGRAM, "write", func(fd int) error {
			_, err := sys.SendMessages(fd, []sys.Message{{Msghdr: *message(space)}})
			return err
		}},
		"RecvMessages": {unix.SOCK_DGRAM, "read", func(fd int) error {
			_, err := sys.RecvMessages(fd, []sys.Message{{Msghdr: *message(space)}})
			return err
		}},
	} {
		path := t.TempDir() + "/log"
		inject(t, "seed=1,nobufs=0.5,log="+path)
		fd, other := systest.Pair(t, call.kind)
		failures, direction := 0, ""
		for tries := 0; tries < 1000 && direction == ""; tries++ {
			if call.direction == "read" {
				unix.Write(other, space[:1])
			} else {
				unix.Read(other, make([]byte, 10*len(space)))
			}
			if err := call.make(fd); err == unix.ENOBUFS {
				failures++
			}
			text, _ := os.ReadFile(path)
			if line, found := strings.CutPrefix(string(text), "1 open\n1 "); found {
				direction, _, _ = strings.Cut(line, " ")
			}
		}
		if direction != call.direction || failures == 0 {
			t.Errorf("%s: %d failures to %q", name, failures, direction)
		}
		sys.Close(fd)
		unix.Close(other)
	}
}

func TestANumberIsPlannedForAnewOnceItIsClosed(t *testing.T) {
	path := t.TempDir() + "/log"
	inject(t, "seed=1,again=0.9,log="+path)
	for range 3 {
		fd, err := sys.Open(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		sys.Close(fd)
		// Somebody else's with the same number.
		other := systest.Socket(t, unix.AF_INET, unix.SOCK_STREAM)
		sys.Recv(other, make([]byte, 1))
		sys.Close(other)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "1 open\n2 open\n3 open\n4 open\n5 open\n6 open\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestWithoutFaultsTheyCostNothing(t *testing.T) {
	a, b := pair(t)
	p := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		sys.SendOne(a, p)
		sys.Recv(b, p)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Nobody is reminded of a descriptor that was closed or is not watched any more.
func TestForgottenDescriptorsAreNotReminded(t *testing.T) {
	inject(t, "seed=1,late=0.9")
	late := func(poller int, tag uint64) (n int) {
		for range 20 {
			if fault.Active().Late(poller, tag) {
				n++
			}
		}
		return n
	}
	for name, forget := range map[string]func(fd int){"closed": fault.Active().Forget, "unwatched": fault.Active().Unwatch} {
		reminded := 0
		a, _ := pair(t)
		fault.Active().Watch(1, a, 42, func() bool { reminded++; return true })
		if n := late(1, 42); n == 0 || n != reminded || late(2, 42) != 0 || late(1, 43) != 0 {
			t.Errorf("%s: %d times late, reminded %d times", name, n, reminded)
		}
		if forget(a); late(1, 42) != 0 {
			t.Errorf("%s: late", name)
		}
	}
}
