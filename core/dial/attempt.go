package dial

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

const (
	// Delay is when the next address is tried beside the one before (RFC 8305,
	// "Connection Attempt Delay").
	Delay = 250 * time.Millisecond
	// attemptTimeout is when an attempt is given up, as in Qt.
	attemptTimeout = 30 * time.Second
	// maxAttempts is how many addresses are tried at once, and timeout for how long in
	// all: a name may have thousands that are silent.
	maxAttempts = 8
	timeout     = 2 * time.Minute
)

// attempt is one address being tried.
type attempt struct {
	d        *Dial
	fd       int
	to       address.Address
	watch    loop.Watch
	deadline int64
}

// proceed tries the next address as far as it is time, and fails when nothing
// is left.
func (d *Dial) proceed() {
	for d.stage == trying {
		now := sys.Now()
		if d.end == 0 {
			d.end = now + int64(timeout)
		}
		if now >= d.end {
			d.untried = nil
		}
		if len(d.attempts) > 0 && (len(d.untried) == 0 || d.attemptsFull() || now < d.nextAt) {
			d.arm(now)
			return
		}
		if len(d.untried) == 0 {
			d.fail()
			return
		}
		a := d.untried[0]
		d.untried = d.untried[1:]
		d.nextAt = now + int64(Delay)
		if f := d.start(a, now); f != nil {
			d.failure = f
		}
	}
}

// attemptsFull reports whether no other address may be tried beside those that are. A bound
// descriptor can only be tried with one.
func (d *Dial) attemptsFull() bool { return len(d.attempts) >= maxAttempts || d.Bound >= 0 }

// start begins an attempt.
func (d *Dial) start(to address.Address, now int64) *failure.Failure {
	if to.Protocol() == address.AnyIP && !d.Datagram {
		to = address.AnyIPv4
	}
	fd := d.Bound
	if fd < 0 {
		var err error
		if fd, err = d.Owner.Open(to); err != nil {
			return failure.Create(err)
		}
	}
	a := &attempt{d: d, fd: fd, to: to, deadline: min(now+int64(attemptTimeout), d.end)}
	err := d.options.Apply(fd)
	if err != nil {
		d.discard(a)
		return failure.Create(err)
	}
	err = endpoint.Connect(fd, to, d.Port)
	if err != nil && err != unix.EINPROGRESS {
		d.discard(a)
		return failure.Connect(err)
	}
	if d.Datagram {
		d.win(a, false)
		return nil
	}
	if a.watch, err = d.Home.Loop().Watch(fd, poll.Out, a); err != nil {
		d.discard(a)
		return failure.Create(err)
	}
	d.attempts = append(d.attempts, a)
	// Those who wait look at the descriptors of other attempts, or are about to.
	d.Owner.Notify()
	return nil
}

// arm sets the timer to when there is something to do without an event.
func (d *Dial) arm(now int64) {
	at := d.attempts[0].deadline
	if len(d.untried) > 0 && !d.attemptsFull() {
		at = min(at, d.nextAt)
	}
	d.Home.Loop().StartTimer(&d.timer, time.Duration(at-now))
}

// tick gives up what has taken too long and goes on.
func (d *Dial) tick() {
	now := sys.Now()
	for len(d.attempts) > 0 && d.attempts[0].deadline <= now {
		d.drop(d.attempts[0], failure.ConnectTimeout)
	}
	d.proceed()
}

// Ready is called when an attempt has come to its end. What is to be done with a connected
// descriptor before its owner gets it, such as talking to a proxy, begins here.
func (a *attempt) Ready(poll.Event) {
	d := a.d
	code, err := unix.GetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch errno := unix.Errno(code); {
	case err != nil:
		d.drop(a, failure.Connect(err))
	case errno == 0 || errno == unix.ECONNRESET:
		// Reset: connected, and closed by the peer before we looked.
		d.win(a, errno != 0)
		return
	default:
		d.drop(a, failure.Connect(errno))
	}
	// A failure is the time for the next address.
	d.nextAt = 0
	d.proceed()
}

// win gives the attempt's descriptor to the owner.
func (d *Dial) win(a *attempt, reset bool) {
	d.remove(a)
	d.Close()
	d.Owner.Connected(Connection{FD: a.fd, Watch: a.watch, To: a.to, Port: d.Port, Reset: reset})
}

// drop ends an attempt that failed.
func (d *Dial) drop(a *attempt, f *failure.Failure) {
	d.failure = f
	d.remove(a)
	d.discard(a)
}

func (d *Dial) remove(a *attempt) {
	if i := slices.Index(d.attempts, a); i >= 0 {
		d.attempts = slices.Delete(d.attempts, i, i+1)
	}
}

// discard releases an attempt's descriptor, unless it is the bound one.
func (d *Dial) discard(a *attempt) {
	if a.watch != 0 {
		d.Home.Loop().Unwatch(a.watch)
	}
	if a.fd != d.Bound {
		sys.Close(a.fd)
	}
}
