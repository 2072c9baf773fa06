package fault

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

var active atomic.Pointer[Injector]

// Active returns what makes system calls fail as planned. It is nil unless somebody has asked
// for that: whoever makes a call looks, and without it goes on as if there were no such thing.
func Active() *Injector { return active.Load() }

// Inject has system calls fail as a text says, which Parse explains; "" ends that. No
// loop may exist meanwhile.
func Inject(text string) error {
	if f := active.Swap(nil); f != nil {
		f.close()
	}
	if text == "" {
		return nil
	}
	plan, err := Parse(text)
	if err != nil {
		return err
	}
	f := &Injector{
		plan:    plan,
		log:     -1,
		sockets: map[int]*planned{},
		watched: map[int]watch{},
		tagged:  map[tagged]int{},
		ports:   map[way]*planned{},
		callers: map[string][]*planned{},
		opening: plan.Stream(useOpen, Of(NoBuffers, NoMemory, Files), EveryOne),
	}
	if plan.Log != "" {
		if f.log, err = openLog(plan.Log); err != nil {
			return fmt.Errorf("log=%s: %w", plan.Log, err)
		}
	}
	active.Store(f)
	return nil
}

// openLog returns a descriptor that is none of the standard streams.
func openLog(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fd)
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
}

// Injector knows what was planned for each descriptor. Whoever makes a call hands it over
// as a function, to be made or not.
//
// A socket is told from others by its number in the order of creation, and one that
// was accepted by the number of the one that has connected to it: not by what the
// system chooses, nor by the order of events.
type Injector struct {
	plan *Plan
	log  int // -1: none

	mu      sync.Mutex
	opened  uint64
	events  uint64
	opening *Stream
	sockets map[int]*planned
	watched map[int]watch
	tagged  map[tagged]int
	ports   map[way]*planned      // that have connected
	callers map[string][]*planned // of local servers, in their order
}

// planned is a socket. Its streams are used by those who hold its loop's lock.
type planned struct {
	name                  string
	number                uint64 // the same for both ends of a connection
	in, out, accept, dial *Stream
	stream, local         bool
	accepted              int
}

// The uses of a socket's number.
const (
	useOpen = iota
	useIn
	useOut
	useAccept
	useDial
	uses
)

var (
	reading   = Of(Interrupt, Again, NoBuffers, NoMemory, Reset, Short)
	receiving = reading &^ Of(Reset)
	accepting = Of(Interrupt, Again, NoBuffers, NoMemory, Files, Reset)
	dialing   = Of(Interrupt, NoBuffers, NoMemory, Reset)
)

// errnos are what the kinds are called.
var errnos = map[Kind]unix.Errno{
	Again: unix.EAGAIN, NoBuffers: unix.ENOBUFS, NoMemory: unix.ENOMEM, Files: unix.EMFILE, Reset: unix.ECONNRESET,
}

func (f *Injector) close() {
	if f.log >= 0 {
		unix.Close(f.log)
	}
}

// note writes a line to the log, at once: it is whole when the call goes on.
func (f *Injector) note(format string, arguments ...any) {
	if f.log >= 0 {
		unix.Write(f.log, fmt.Appendf(nil, format+"\n", arguments...))
	}
}

// add plans for a descriptor. side tells the two ends of a connection apart.
func (f *Injector) add(fd int, name string, number, side uint64, stream, local bool) *planned {
	key := (number*2 + side) * uses
	p := &planned{name: name, number: number, stream: stream, local: local}
	kinds, reach := reading, uint(Bytes)
	if !stream {
		kinds, reach = receiving, Datagrams
	}
	p.in = f.plan.Stream(key+useIn, kinds, reach)
	p.out = f.plan.Stream(key+useOut, kinds, reach)
	p.accept = f.plan.Stream(key+useAccept, accepting, EveryOne)
	kinds = dialing
	if local {
		kinds |= Of(Again) // the server's queue is full
	}
	p.dial = f.plan.Stream(key+useDial, kinds, EveryOne)
	f.sockets[fd] = p
	f.note("%s open", name)
	return p
}

// next plans for a descriptor that somebody has made.
func (f *Injector) next(fd int, stream, local bool) *planned {
	f.opened++
	return f.add(fd, strconv.FormatUint(f.opened, 10), f.opened, 0, stream, local)
}

// find returns the plan for a descriptor; for one that was made elsewhere it begins
// now. What is no socket has none.
func (f *Injector) find(fd int) *planned {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, known := f.sockets[fd]; known {
		return p
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return nil
	}
	name, _ := unix.Getsockname(fd)
	_, local := name.(*unix.SockaddrUnix)
	return f.next(fd, kind == unix.SOCK_STREAM, local)
}

// Forget is told that fd is about to be closed.
func (f *Injector) Forget(fd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sockets, fd)
	f.unwatch(fd)
}

// happens decides about a call that has no place in a stream.
func (f *Injector) happens(call string, k Kind) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events++
	happens := f.plan.Happens(k, f.events)
	if happens {
		f.note("%s %v", call, k)
	}
	return happens
}
