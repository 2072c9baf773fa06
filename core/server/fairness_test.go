package server

import (
	"flag"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/timer"
)

// pings is how many messages of a modest client are answered beside each flood.
var pings = flag.Int("pings", 100, "messages that are answered beside each flood in the tests of fairness")

// flood is one kind of work that never ends.
type flood struct {
	t    testing.TB
	l    *loop.Loop
	feed []func() // called before each turn
	work int      // what was done for it: reads, datagrams, calls …
	over bool
}

// floods are the kinds, with how much work each may make in a turn at most.
var floods = []struct {
	name  string
	most  int
	begin func(f *flood)
}{
	{"TCP", 3, func(f *flood) { f.streams(3, func() (*socket.Socket, int) { return f.tcp(socket.ReadWrite) }) }},
	{"TCP, unbuffered", 3, func(f *flood) {
		f.streams(3, func() (*socket.Socket, int) { return f.tcp(socket.ReadWrite | socket.Unbuffered) })
	}},
	{"TCP with a read limit", 3, func(f *flood) {
		f.streams(3, func() (*socket.Socket, int) {
			s, fd := f.tcp(socket.ReadWrite)
			s.SetReadLimit(4096)
			return s, fd
		})
	}},
	{"TCP, read later", 3, func(f *flood) {
		for range 3 {
			s, fd := f.tcp(socket.ReadWrite)
			s.SetReadLimit(4096)
			f.send(fd)
			s.On(socket.SignalReadyRead, func(int64) {
				looptest.Do(f.l, func() {
					f.work++
					f.l.Post(func() {
						if !f.over {
							s.Skip(s.BytesAvailable())
						}
					})
				})
			})
		}
	}},
	{"local", 3, func(f *flood) { f.streams(3, f.local) }},
	{"local with descriptors", 3, func(f *flood) {
		f.streams(3, func() (*socket.Socket, int) {
			s, fd := f.local()
			s.SetReceivesDescriptors(true)
			return s, fd
		})
	}},
	{"writing", 6, func(f *flood) {
		for range 2 {
			s, fd := f.tcp(socket.ReadWrite)
			f.drain(fd)
			data := make([]byte, 1<<20)
			s.On(socket.SignalBytesWritten, func(int64) {
				looptest.Do(f.l, func() {
					f.work++
					if !f.over && s.BytesToWrite() < 8<<20 {
						s.Write(data)
					}
				})
			})
			s.Write(data)
		}
	}},
	{"datagrams", 2 * 3 * 64, func(f *flood) {
		for range 2 {
			f.datagrams()
		}
	}},
	{"connections", maxAccepts, func(f *flood) {
		s := New(f.l)
		f.t.Cleanup(s.Delete)
		s.SetBacklog(4 * maxAccepts)
		if !s.Listen(address.LocalHost, 0) {
			f.t.Fatal(s.Failure().Text)
		}
		s.On(SignalNewConnection, func(int64) {
			looptest.Do(f.l, func() {
				f.work++
				s.NextPending().Delete()
			})
		})
		f.feed = append(f.feed, func() {
			for range 2 * maxAccepts {
				looptest.StartDial(f.t, address.LocalHost, s.Port()).Close()
			}
		})
	}},
	{"posted calls", 10, func(f *flood) {
		for range 10 {
			var call func()
			call = func() {
				f.work++
				if !f.over {
					f.l.Post(call)
				}
			}
			f.l.Post(call)
		}
	}},
	{"deletions", 10, func(f *flood) {
		for range 10 {
			f.l.Post(f.dying)
		}
	}},
	{"timers", 10, func(f *flood) {
		for range 10 {
			m := timer.New(f.l)
			f.t.Cleanup(m.Delete)
			m.On(timer.SignalTimeout, func(int64) { looptest.Do(f.l, func() { f.work++ }) })
			m.Start(0)
		}
	}},
}

// TestNoWorkStarvesTheOthers has a client send one message after the other beside each
// kind of flood. However long that goes on, a message is read in the next turn or the
// one after it, and the flood gets no more of a turn than of the first.
func TestNoWorkStarvesTheOthers(t *testing.T) {
	for _, kind := range floods {
		for _, nested := range []bool{false, true} {
			name := kind.name
			if nested {
				name += ", in a nested loop"
			}
			t.Run(name, func(t *testing.T) {
				f := &flood{t: t, l: looptest.New(t)}
				run := func() {
					kind.begin(f)
					f.answer(kind.most)
					f.over = true
				}
				if !nested {
					run()
					return
				}
				f.l.Post(func() {
					// They wait for the end of this.
					for range 100 {
						m := timer.New(f.l)
						m.DeleteLater(m)
					}
					run()
				})
				f.l.ProcessEvents(0)
				f.l.ProcessEvents(0)
			})
		}
	}
}

// answer has the modest client send its messages.
func (f *flood) answer(most int) {
	f.t.Helper()
	listener := looptest.Listen(f.t)
	p := looptest.Dial(f.t, listener.Port)
	fd, a, port := listener.AcceptDescriptor()
	c := socket.Adopt(f.l, fd, a, port, nil)
	f.t.Cleanup(c.Delete)
	answered := false
	c.On(socket.SignalReadyRead, func(int64) {
		looptest.Do(f.l, func() {
			answered = c.Skip(c.BytesAvailable()) > 0
		})
	})
	turns := 0
	for range *pings {
		for _, feed := range f.feed {
			feed()
		}
		p.Say("ping")
		looptest.AwaitReadable(fd)
		answered = false
		for waited := 1; !answered; waited++ {
			before := f.work
			f.l.ProcessEvents(0)
			turns++
			if done := f.work - before; done > most {
				f.t.Errorf("turn %d: %d pieces of work, at most %d are fair", turns, done, most)
				return
			}
			if waited > 2 {
				f.t.Errorf("turn %d: a message waits", turns)
				return
			}
		}
	}
	if f.work < turns {
		f.t.Errorf("%d pieces of work in %d turns are no flood", f.work, turns)
	}
}

// streams makes n sockets that read all that comes, and as much again is sent.
func (f *flood) streams(n int, pair func() (*socket.Socket, int)) {
	for range n {
		s, fd := pair()
		f.send(fd)
		space := make([]byte, 128<<10) // more than one read brings
		s.On(socket.SignalReadyRead, func(int64) {
			looptest.Do(f.l, func() {
				f.work++
				s.Read(space)
			})
		})
	}
}

// tcp returns a socket and the other end.
func (f *flood) tcp(mode socket.OpenMode) (*socket.Socket, int) {
	listener := looptest.Listen(f.t)
	defer listener.Close()
	p := looptest.Dial(f.t, listener.Port)
	fd, _, _ := listener.AcceptDescriptor()
	s := socket.New(f.l)
	f.t.Cleanup(s.Delete)
	s.SetDescriptor(fd, socket.Connected, mode)
	return s, p.FD
}

// local is tcp for local sockets.
func (f *flood) local() (*socket.Socket, int) {
	one, other := systest.Pair(f.t, unix.SOCK_STREAM)
	f.t.Cleanup(func() { unix.Close(other) })
	s := socket.AdoptLocal(f.l, one)
	f.t.Cleanup(s.Delete)
	return s, other
}

// send keeps as much in the system as it takes.
func (f *flood) send(fd int) {
	data := make([]byte, 256<<10)
	f.feed = append(f.feed, func() {
		for {
			if _, err := unix.SendmsgN(fd, data, nil, nil, unix.MSG_NOSIGNAL); err != nil {
				return
			}
		}
	})
}

// drain takes what has come.
func (f *flood) drain(fd int) {
	space := make([]byte, 256<<10)
	f.feed = append(f.feed, func() {
		for {
			if n, _ := unix.Read(fd, space); n <= 0 {
				return
			}
		}
	})
}

// datagrams makes a socket that reads what has come, of more and more.
func (f *flood) datagrams() {
	s := socket.NewUDP(f.l)
	f.t.Cleanup(s.Delete)
	s.Bind(address.LocalHost, 0, 0)
	s.On(socket.SignalReadyRead, func(int64) {
		looptest.Do(f.l, func() {
			var space [100]byte
			for s.HasPendingDatagrams() {
				s.ReadDatagram(space[:], nil)
				f.work++
			}
		})
	})
	fd := systest.Socket(f.t, unix.AF_INET, unix.SOCK_DGRAM)
	f.t.Cleanup(func() { unix.Close(fd) })
	to := &unix.SockaddrInet4{Port: int(s.LocalPort()), Addr: [4]byte{127, 0, 0, 1}}
	f.feed = append(f.feed, func() {
		for range 250 {
			unix.Sendto(fd, []byte("datagram"), 0, to)
		}
	})
}

// dying makes an object whose end makes the next.
func (f *flood) dying() {
	m := timer.New(f.l)
	m.On(object.Destroyed, func(int64) {
		looptest.Do(f.l, func() {
			f.work++
			if !f.over {
				f.dying()
			}
		})
	})
	m.DeleteLater(m)
}
