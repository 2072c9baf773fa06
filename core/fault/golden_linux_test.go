package fault_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
)

// transcript is what became of calls, a line for each kind.
type transcript struct{ strings.Builder }

// calls makes calls and notes what became of each: the number that it has brought, or why
// it failed, with the number if that is not -1, as the system has it.
func (s *transcript) calls(what string, count int, call func() (int, error)) {
	fmt.Fprintf(s, "%s:", what)
	for range count {
		n, err := call()
		var errno unix.Errno
		if errors.As(err, &errno) && errno != 0 {
			fmt.Fprintf(s, " %s", unix.ErrnoName(errno))
		}
		if err == nil || n != -1 {
			fmt.Fprintf(s, " %d", n)
		}
	}
	fmt.Fprintln(s)
}

// whole is a call that does all that it may.
func whole(limit int) (int, error) { return limit, nil }

// A plan says the same at any time and on any machine: a failure that was found with a seed
// is found again. Where the plans are changed on purpose, so is the file with what they say.
func TestASeedStandsForItsFaults(t *testing.T) {
	const golden = "testdata/seed7.txt"
	log := t.TempDir() + "/log"
	inject(t, "seed=7,short=0.3,again=0.3,interrupt=0.2,nobufs=0.2,enomem=0.1,emfile=0.3,reset=0.05,late=0.3,log="+log)
	f := fault.Active()
	var got transcript
	opened := map[string]int{}
	open := func(name string, domain, kind int) int {
		got.calls("open "+name, 9, func() (int, error) {
			fd, err := f.Open(domain, kind, func() (int, error) { return systest.Socket(t, domain, kind), nil })
			if err != nil {
				return -1, err
			}
			if old, has := opened[name]; has {
				f.Forget(old)
				unix.Close(old)
			}
			opened[name] = fd
			unix.SetNonblock(fd, false)
			return 1, nil
		})
		fd := opened[name]
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	both := func(name string, fd, size int) {
		got.calls(name+" reads", 60, func() (int, error) { return f.Move(fd, false, size, whole) })
		got.calls(name+" writes", 60, func() (int, error) { return f.Move(fd, true, size, whole) })
	}
	meet := func(name string, listener, client int, at unix.Sockaddr) {
		connected := false
		to := unix.RawSockaddrInet4{}
		if at, is := at.(*unix.SockaddrInet4); is {
			*(*[2]byte)(unsafe.Pointer(&to.Port)) = [2]byte{byte(at.Port >> 8), byte(at.Port)}
		}
		got.calls(name+" connects", 6, func() (int, error) {
			if connected {
				return 1, nil
			}
			if e := f.Connect(client, unsafe.Pointer(&to), func() unix.Errno {
				if err := unix.Connect(client, at); err != nil {
					t.Fatal(err)
				}
				return 0
			}); e != 0 {
				return -1, e
			}
			connected = true
			return 1, nil
		})
		conn := -1
		got.calls(name+" is accepted", 9, func() (int, error) {
			if conn >= 0 {
				return 1, nil
			}
			fd, e := f.Accept(listener, func() (int, unix.Errno) {
				fd, _, err := unix.Accept(listener)
				if err != nil {
					t.Fatal(err)
				}
				return fd, 0
			})
			if e != 0 {
				return fd, e
			}
			conn = fd
			t.Cleanup(func() { unix.Close(fd) })
			return 1, nil
		})
		// One that stays unread: it is looked for before a read fails.
		unix.Write(conn, []byte("x"))
		unix.Write(client, []byte("x"))
		both(name, client, 700)
		both(name+"'", conn, 5000)
	}

	tcp := open("tcp listener", unix.AF_INET, unix.SOCK_STREAM)
	unix.Bind(tcp, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	unix.Listen(tcp, 5)
	at, _ := unix.Getsockname(tcp)
	meet("tcp", tcp, open("tcp client", unix.AF_INET, unix.SOCK_STREAM), at)
	// Somebody else's, as it was not told of.
	stranger := systest.Socket(t, unix.AF_INET, unix.SOCK_STREAM)
	defer unix.Close(stranger)
	unix.SetNonblock(stranger, false)
	if err := unix.Connect(stranger, at); err != nil {
		t.Fatal(err)
	}
	got.calls("a stranger is accepted", 1, func() (int, error) {
		for {
			fd, e := f.Accept(tcp, func() (int, unix.Errno) { fd, _, _ := unix.Accept(tcp); return fd, 0 })
			if e == 0 {
				defer unix.Close(fd)
				return f.Move(fd, true, 100000, whole)
			}
		}
	})

	local := open("local listener", unix.AF_UNIX, unix.SOCK_STREAM)
	name := &unix.SockaddrUnix{Name: t.TempDir() + "/s"}
	unix.Bind(local, name)
	unix.Listen(local, 5)
	meet("local", local, open("local client", unix.AF_UNIX, unix.SOCK_STREAM), name)

	one, other := systest.Pair(t, unix.SOCK_DGRAM)
	defer unix.Close(one)
	defer unix.Close(other)
	unix.Write(other, []byte("x"))
	both("datagrams", one, 10)

	truth := func(call func() bool) func() (int, error) {
		return func() (int, error) {
			if call() {
				return 1, nil
			}
			return 0, nil
		}
	}
	got.calls("peek", 20, truth(func() bool { return f.Peek(one) }))
	got.calls("wake", 20, truth(f.Wakes))
	again := 0
	f.Watch(1, one, 42, func() bool { again++; return true })
	f.Watch(2, other, 42, func() bool { again++; return true })
	got.calls("late", 20, truth(func() bool { return f.Late(1, 42) }))
	got.calls("late, of nobody", 20, truth(func() bool { return f.Late(1, 43) }))
	f.Unwatch(one)
	got.calls("late, unwatched", 20, truth(func() bool { return f.Late(1, 42) }))
	got.calls("told again", 1, func() (int, error) { return again, nil })

	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	got.WriteString("\n" + string(text))
	want, err := os.ReadFile(golden)
	if err != nil || got.String() != string(want) {
		os.WriteFile(os.TempDir()+"/seed7.txt", []byte(got.String()), 0o644)
		t.Errorf("%s is not what the seed says, which is in %s/seed7.txt: %v", golden, os.TempDir(), err)
	}
	before := looptest.Descriptors()
	fault.Inject("")
	if now := looptest.Descriptors(); now != before-1 {
		t.Errorf("the log is not closed: %d descriptors, %d before", now, before)
	}
}
