package socket

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/failure"
	"qnet/core/fault"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/sys"
)

// faulty makes a loop on which system calls fail as text says.
func faulty(t *testing.T, text string) *loop.Loop {
	t.Helper()
	if err := fault.Inject(text); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fault.Inject("") })
	return looptest.New(t)
}

// mild are faults that must not show.
var mild = []string{
	"short=0.9", "again=0.9", "interrupt=0.9", "nobufs=0.05", "enomem=0.05", "late=0.9",
	"short=0.5,again=0.5,interrupt=0.5,late=0.5,nobufs=0.02",
}

// buffered and unbuffered sockets, of both origins.
func eachSocket(t *testing.T, text string, f func(t *testing.T, r *rig, peer *looptest.Peer)) {
	for name, make := range map[string]func(*testing.T, *loop.Loop) (*rig, *looptest.Peer){
		"connected": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return connectedPatiently(t, l, ReadWrite) },
		"unbuffered": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) {
			return connectedPatiently(t, l, ReadWrite|Unbuffered)
		},
		"adopted": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return adopted(t, l) },
	} {
		t.Run(name, func(t *testing.T) {
			r, peer := make(t, faulty(t, text))
			f(t, r, peer)
		})
	}
}

// connectedPatiently is connectedIn where connecting may fail.
func connectedPatiently(t *testing.T, l *loop.Loop, mode OpenMode) (*rig, *looptest.Peer) {
	t.Helper()
	listener := looptest.Listen(t)
	r := fresh(t, l)
	for tries := 0; r.State() == Unconnected; tries++ {
		if tries > 200 {
			t.Fatal("cannot connect")
		}
		r.ConnectToAddress(address.LocalHost, listener.Port, mode)
	}
	r.until("it is connected", func() bool { return r.State() == Connected })
	peer := listener.Accept()
	listener.Close()
	r.log = nil
	return r, peer
}

func TestMildFaultsDoNotShow(t *testing.T) {
	for _, text := range mild {
		t.Run(text, func(t *testing.T) {
			eachSocket(t, "seed=1,"+text, func(t *testing.T, r *rig, peer *looptest.Peer) {
				data := pattern(100000)
				var got, came []byte
				r.on[SignalReadyRead] = func(int64) {
					p := make([]byte, 30000)
					for n := r.Read(p); n > 0; n = r.Read(p) {
						came = append(came, p[:n]...)
					}
				}
				for at := 0; at < len(data); at += 20000 {
					if n := r.Write(data[at:][:20000]); n != 20000 {
						t.Fatalf("Write = %d", n)
					}
				}
				sent := 0
				r.until("all has come", func() bool {
					if sent < len(data) {
						if n, err := unix.Write(peer.FD, data[sent:]); err == nil {
							sent += n
						}
					}
					p := make([]byte, 65536)
					if n, err := unix.Read(peer.FD, p); err == nil {
						got = append(got, p[:n]...)
					}
					return len(got) >= len(data) && len(came) >= len(data)
				})
				if !bytes.Equal(got, data) || !bytes.Equal(came, data) {
					t.Error("other bytes")
				}
				if r.State() != Connected {
					t.Errorf("state %v, %v", r.State(), r.Failure())
				}
			})
		})
	}
}

func TestAResetIsToldOnce(t *testing.T) {
	eachSocket(t, "seed=1,reset=0.9", func(t *testing.T, r *rig, peer *looptest.Peer) {
		r.on[SignalReadyRead] = func(int64) {
			for p := make([]byte, 100); r.Read(p) > 0; {
			}
		}
		peer.Say("some text")
		r.untilLogged("disconnected")
		r.settle()
		if r.count("error 1") != 1 || r.State() != Unconnected || r.Failure().Code != failure.RemoteHostClosed {
			t.Errorf("%q, %v", r.log, r.Failure())
		}
	})
}

func TestAResetWhileWritingIsTold(t *testing.T) {
	for _, size := range []int{10, 100000} {
		eachSocket(t, "seed=2,reset=0.9", func(t *testing.T, r *rig, peer *looptest.Peer) {
			r.Write(pattern(size))
			r.untilLogged("disconnected")
			r.settle()
			if r.count("error 1") != 1 || r.State() != Unconnected {
				t.Errorf("%d bytes: %q, %v", size, r.log, r.Failure())
			}
		})
	}
}

func TestConnectingThatFails(t *testing.T) {
	for text, code := range map[string]failure.Code{
		"emfile=0.9": failure.SocketResource,
		"enomem=0.9": failure.SocketResource,
		"nobufs=0.9": failure.SocketResource,
		"reset=0.9":  failure.ConnectionRefused,
	} {
		t.Run(text, func(t *testing.T) {
			l := faulty(t, "seed=3,"+text)
			listener := looptest.Listen(t)
			r := fresh(t, l)
			failed := false
			for tries := 0; r.State() != Connected; tries++ {
				if tries > 200 {
					t.Fatal("it fails for ever")
				}
				r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
				r.until("it has come to an end", func() bool { return r.State() == Connected || r.State() == Unconnected })
				if r.State() == Unconnected {
					failed = true
					if r.Failure().Code != code || r.count("error "+itoa(int(code))) != 1 {
						t.Fatalf("%v, %q", r.Failure(), r.log)
					}
					r.log = nil
				}
			}
			if !failed {
				t.Error("it has not failed once")
			}
		})
	}
}

func TestWaitingInAShortageWithoutALoop(t *testing.T) {
	l := faulty(t, "seed=1,nobufs=0.5,enomem=0.5")
	r, peer := adopted(t, l)
	peer.Say("text")
	if !r.WaitForReadyRead(5000) || r.all() != "text" {
		t.Errorf("nothing read: %v", r.Failure())
	}
	r.say("answer")
	if !r.WaitForBytesWritten(5000) {
		t.Errorf("nothing sent: %v", r.Failure())
	}
	if r.count("error 4") != 0 || r.State() != Connected {
		t.Errorf("%q", r.log)
	}
}

func TestAShortageThatLastsIsAFailure(t *testing.T) {
	l := looptest.New(t)
	r, _ := connected(t, l)
	if r.retryIfTransient(unix.EAGAIN) || r.retryIfTransient(unix.EIO) || !r.retryIfTransient(unix.ENOMEM) || r.recheck != noMemory {
		t.Error("what is a shortage?")
	}
	r.until("it is over", func() bool { return r.recheck != noMemory })
	r.cold.shortage.since = sys.Now() - int64(shortagePatience) - 1
	if r.retryIfTransient(unix.ENOBUFS) {
		t.Error("it lasts for ever")
	}
	// Another one, much later.
	r.cold.shortage.last -= int64(2 * shortageOver)
	if !r.retryIfTransient(unix.ENOBUFS) {
		t.Error("a new one is an old one")
	}
}

// A shortage is over with its connection, and another connection gets over its own.
func TestAShortageEndsWithItsConnection(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	for range 3 {
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		r.until("it is connected", func() bool { return r.State() == Connected })
		listener.Accept()
		if r.recheck == noMemory {
			t.Error("it begins without memory")
		}
		r.retryIfTransient(unix.ENOMEM)
		r.until("it is over", func() bool { return r.recheck != noMemory })
		r.Abort()
		r.settle()
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		r.until("it is connected again", func() bool { return r.State() == Connected })
		listener.Accept()
		r.retryIfTransient(unix.ENOMEM)
		r.Abort()
	}
}

func TestDatagramsWithFaults(t *testing.T) {
	for _, text := range []string{"again=0.5", "interrupt=0.9", "nobufs=0.3", "enomem=0.3", "short=0.9", "late=0.9"} {
		t.Run(text, func(t *testing.T) {
			l := faulty(t, "seed=1,"+text)
			from, to := observe(t, NewUDP(l)), observe(t, NewUDP(l))
			for _, r := range []*rig{from, to} {
				for tries := 0; !r.Bind(address.LocalHost, 0, DefaultForPlatform); tries++ {
					if tries > 200 {
						t.Fatal("cannot bind")
					}
				}
			}
			const count = 100
			sent := 0
			got := []byte{}
			to.on[SignalReadyRead] = func(int64) {
				for p := make([]byte, 10); to.HasPendingDatagrams(); {
					if n := to.ReadDatagram(p, nil); n == 1 {
						got = append(got, p[0])
					}
				}
			}
			to.until("all have come", func() bool {
				for sent < count && from.WriteDatagram([]byte{byte(sent)}, datagram.Endpoint{Address: address.LocalHost, Port: to.LocalPort()}) == 1 {
					sent++
				}
				return len(got) >= count
			})
			for i, b := range got {
				if int(b) != i {
					t.Fatalf("%d came as %d", b, i)
				}
			}
		})
	}
}
