package sys

import (
	"fmt"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// faults makes system calls fail as planned. It is nil unless somebody has asked
// for that, and then nothing here is reached.
var faults *injector

// Inject has the system calls of this package fail as a text says, which
// fault.Parse explains; "" ends that. No loop may exist meanwhile.
func Inject(text string) error {
	if faults != nil {
		faults.close()
		faults = nil
	}
	if text == "" {
		return nil
	}
	plan, err := fault.Parse(text)
	if err != nil {
		return err
	}
	f := &injector{
		plan:    plan,
		log:     -1,
		sockets: map[int]*planned{},
		watched: map[int]watched{},
		tagged:  map[tag]int{},
		ports:   map[way]*planned{},
		callers: map[string][]*planned{},
		opening: plan.Stream(useOpen, fault.Of(fault.NoBuffers, fault.NoMemory, fault.Files), fault.EveryOne),
	}
	if plan.Log != "" {
		f.log, err = AboveStandard(unix.Open(plan.Log, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC, 0o600))
		if err != nil {
			return fmt.Errorf("log=%s: %w", plan.Log, err)
		}
	}
	faults = f
	return nil
}

// injector knows what was planned for each descriptor.
//
// A socket is told from others by its number in the order of creation, and one that
// was accepted by the number of the one that has connected to it: not by what the
// system chooses, nor by the order of events.
type injector struct {
	plan *fault.Plan
	log  int // -1: none

	mu      sync.Mutex
	opened  uint64
	events  uint64
	opening *fault.Stream
	sockets map[int]*planned
	watched map[int]watched
	tagged  map[tag]int           // the descriptors by what their events tell
	ports   map[way]*planned      // that have connected
	callers map[string][]*planned // of local servers, in their order
}

// planned is a socket. Its streams are used by those who hold its loop's lock.
type planned struct {
	name                  string
	number                uint64 // the same for both ends of a connection
	in, out, accept, dial *fault.Stream
	stream, local         bool
	accepted              int
}

// way is a connection of TCP: its ports, of which one alone may serve several
// connections.
type way struct{ from, to uint16 }

// watched is what epoll was told of a descriptor.
type watched struct {
	epfd  int
	event unix.EpollEvent
}

// tag names a watched descriptor in an event.
type tag struct {
	epfd    int
	fd, pad int32
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
	reading   = fault.Of(fault.Interrupt, fault.Again, fault.NoBuffers, fault.NoMemory, fault.Reset, fault.Short)
	receiving = reading &^ fault.Of(fault.Reset)
	accepting = fault.Of(fault.Interrupt, fault.Again, fault.NoBuffers, fault.NoMemory, fault.Files, fault.Reset)
	dialing   = fault.Of(fault.Interrupt, fault.NoBuffers, fault.NoMemory, fault.Reset)
)

// errnos are what the kinds are called.
var errnos = map[fault.Kind]unix.Errno{
	fault.Again: unix.EAGAIN, fault.NoBuffers: unix.ENOBUFS, fault.NoMemory: unix.ENOMEM, fault.Files: unix.EMFILE,
	fault.Reset: unix.ECONNRESET,
}

func (f *injector) close() {
	if f.log >= 0 {
		unix.Close(f.log)
	}
}

// note writes a line to the log, at once: it is whole when the call goes on.
func (f *injector) note(format string, arguments ...any) {
	if f.log >= 0 {
		unix.Write(f.log, fmt.Appendf(nil, format+"\n", arguments...))
	}
}

// add plans for a descriptor. side tells the two ends of a connection apart.
func (f *injector) add(fd int, name string, number, side uint64, stream, local bool) *planned {
	key := (number*2 + side) * uses
	p := &planned{name: name, number: number, stream: stream, local: local}
	kinds, reach := reading, uint(fault.Bytes)
	if !stream {
		kinds, reach = receiving, fault.Datagrams
	}
	p.in = f.plan.Stream(key+useIn, kinds, reach)
	p.out = f.plan.Stream(key+useOut, kinds, reach)
	p.accept = f.plan.Stream(key+useAccept, accepting, fault.EveryOne)
	kinds = dialing
	if local {
		kinds |= fault.Of(fault.Again) // the server's queue is full
	}
	p.dial = f.plan.Stream(key+useDial, kinds, fault.EveryOne)
	f.sockets[fd] = p
	f.note("%s open", name)
	return p
}

// next plans for a descriptor that somebody has made.
func (f *injector) next(fd int, stream, local bool) *planned {
	f.opened++
	return f.add(fd, strconv.FormatUint(f.opened, 10), f.opened, 0, stream, local)
}

// find returns the plan for a descriptor; for one that was made elsewhere it begins
// now. What is no socket has none.
func (f *injector) find(fd int) *planned {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, known := f.sockets[fd]; known {
		return p
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return nil
	}
	domain, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	return f.next(fd, kind == unix.SOCK_STREAM, domain == unix.AF_UNIX)
}

func (f *injector) forget(fd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sockets, fd)
	f.unwatch(fd)
}

// move makes a call that moves up to size units in a direction, or lets it fail.
// do makes it for fewer units.
func (f *injector) move(fd int, out bool, size int, do func(limit int) (int, error)) (int, error) {
	p := f.find(fd)
	if p == nil || size == 0 {
		return do(size)
	}
	s, direction := p.in, "read"
	if out {
		s, direction = p.out, "write"
	}
	for {
		if s.Due() && !out {
			// It is planned for what comes here, and that must have come.
			n, err := look(fd)
			if err == unix.ENOTSOCK {
				// The socket was closed elsewhere, and its number is used again.
				f.forget(fd)
				return do(size)
			}
			if err != nil || n == 0 && p.stream {
				return n, err
			}
		}
		k, limit := s.Next(size)
		switch k {
		case fault.None:
			n, err := do(limit)
			if point, had := s.Pass(n); had {
				f.note("%s %s %d %v", p.name, direction, point.Offset, point.Kinds)
			}
			if n == limit && limit < size {
				f.remind(fd)
			}
			return n, err
		case fault.Interrupt: // The call is made again.
		case fault.Reset:
			f.note("%s reset", p.name)
			p.reset(fd)
			return -1, unix.ECONNRESET
		default:
			f.remind(fd)
			return -1, errnos[k]
		}
	}
}

// look tells what a read would find, and leaves data there.
func look(fd int) (int, error) {
	var probe [1]byte
	n, _, err := unix.Recvfrom(fd, probe[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return n, err
}

// total returns how many bytes the parts have.
func total(parts [][]byte) int {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// upTo returns the first limit bytes of parts, which stay as they are.
func upTo(parts [][]byte, limit int) [][]byte {
	var list [][]byte
	for _, p := range parts {
		p = p[:min(len(p), limit)]
		limit -= len(p)
		list = append(list, p)
	}
	return list
}

// reset has a connection reset: the peer sees it, too.
func (p *planned) reset(fd int) {
	if p.local {
		unix.Shutdown(fd, unix.SHUT_RDWR)
		// What has come is lost, as with TCP.
		trash := make([]byte, 64<<10)
		for n := 1; n > 0; {
			n, _ = Discard(fd, trash)
		}
		return
	}
	none := unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet4)
}

// open is Open.
func (f *injector) open(domain, kind, protocol int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, _ := f.opening.Next(1); k != fault.None {
		f.note("socket %v", k)
		return -1, errnos[k]
	}
	fd, err := OpenWithoutFaults(domain, kind, protocol)
	if err == nil {
		f.opening.Pass(1)
		f.next(fd, kind == unix.SOCK_STREAM, domain == unix.AF_UNIX)
	}
	return fd, err
}

// connect is Connect. It remembers who has connected, for accept.
func (f *injector) connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	p := f.find(fd)
	if p == nil {
		return connect(fd, to, size)
	}
	if k, _ := p.dial.Next(1); k != fault.None {
		f.note("%s connect %v", p.name, k)
		if k == fault.Interrupt {
			return unix.EINTR
		}
		return errnos[k]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e := connect(fd, to, size)
	switch {
	case !p.stream || e != 0 && e != unix.EINPROGRESS:
	case p.local:
		name := string(unsafe.Slice((*byte)(to), size))
		const most = 4096 // that a server's queue holds; the server may be elsewhere
		list := f.callers[name]
		f.callers[name] = append(list[max(0, len(list)-most):], p)
	default:
		f.ports[way{port(unix.SYS_GETSOCKNAME, fd), (*unix.RawSockaddrInet4)(to).Port}] = p
	}
	return e
}

// accept is Accept.
func (f *injector) accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	p := f.find(fd)
	if p == nil {
		return accept(fd, from, size)
	}
	if p.accept.Due() {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, _ := unix.Poll(fds, 0); n == 0 {
			return -1, unix.EAGAIN
		}
	}
	switch k, _ := p.accept.Next(1); k {
	case fault.None:
	case fault.Interrupt:
		return -1, unix.EINTR
	case fault.Reset:
		return -1, unix.ECONNABORTED
	default:
		f.remind(fd)
		return -1, errnos[k]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	conn, e := accept(fd, from, size)
	if e != 0 {
		return conn, e
	}
	if point, had := p.accept.Pass(1); had {
		f.note("%s accept %d %v", p.name, point.Offset, point.Kinds)
	}
	p.accepted++
	caller := f.caller(fd, conn, p.local)
	if caller == nil {
		f.opened++
		f.add(conn, fmt.Sprintf("%s.%d", p.name, p.accepted), f.opened, 1, p.stream, p.local)
	} else {
		f.add(conn, caller.name+"'", caller.number, 1, p.stream, p.local)
	}
	return conn, 0
}

// caller returns who has connected to fd and was accepted as conn, if that was a
// socket of this process.
func (f *injector) caller(fd, conn int, local bool) *planned {
	if !local {
		at := way{port(unix.SYS_GETPEERNAME, conn), port(unix.SYS_GETSOCKNAME, conn)}
		p := f.ports[at]
		delete(f.ports, at)
		return p
	}
	var sa unix.RawSockaddrUnix
	size := uint32(unix.SizeofSockaddrUnix)
	unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)))
	name := string(unsafe.Slice((*byte)(unsafe.Pointer(&sa)), size))
	list := f.callers[name]
	if len(list) == 0 {
		return nil
	}
	f.callers[name] = list[1:]
	if len(list) == 1 {
		delete(f.callers, name)
	}
	return list[0]
}

// port returns the port of a socket, or of its peer; 0 if there is none.
func port(number uintptr, fd int) uint16 {
	var sa unix.RawSockaddrInet6
	size := uint32(unix.SizeofSockaddrInet6)
	if _, _, e := unix.RawSyscall(number, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size))); e != 0 {
		return 0
	}
	return sa.Port // in the network's order: it only has to be the same
}

// watch notes what epoll is told.
func (f *injector) watch(epfd, op, fd int, event *unix.EpollEvent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unwatch(fd)
	if op != unix.EPOLL_CTL_DEL {
		f.watched[fd] = watched{epfd, *event}
		f.tagged[tag{epfd, event.Fd, event.Pad}] = fd
	}
}

func (f *injector) unwatch(fd int) {
	if w, is := f.watched[fd]; is {
		delete(f.watched, fd)
		delete(f.tagged, tag{w.epfd, w.event.Fd, w.event.Pad})
	}
}

// remind has epoll tell once more that fd is ready. After a failure that the system
// knows nothing of, it would not: its news have been told.
func (f *injector) remind(fd int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, is := f.watched[fd]
	if !is {
		return false
	}
	event := w.event
	return unix.EpollCtl(w.epfd, unix.EPOLL_CTL_MOD, fd, &event) == nil
}

// happens decides about a call that has no place in a stream.
func (f *injector) happens(call string, k fault.Kind) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events++
	happens := f.plan.Happens(k, f.events)
	if happens {
		f.note("%s %v", call, k)
	}
	return happens
}

// delay takes some events out, which come again later, and returns how many remain.
func (f *injector) delay(epfd int, events []unix.EpollEvent) int {
	kept := 0
	for _, e := range events {
		f.mu.Lock()
		fd, known := f.tagged[tag{epfd, e.Fd, e.Pad}]
		f.mu.Unlock()
		if known && f.happens("epoll", fault.Late) && f.remind(fd) {
			continue
		}
		events[kept] = e
		kept++
	}
	return kept
}
