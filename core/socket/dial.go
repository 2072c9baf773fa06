package socket

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/sys"
)

const (
	// attemptDelay is when the next address is tried beside the one before
	// (RFC 8305, "Connection Attempt Delay").
	attemptDelay = 250 * time.Millisecond
	// attemptTimeout is when an attempt is given up, as in Qt.
	attemptTimeout = 30 * time.Second
	// maxAttempts is how many addresses are tried at once, and dialTimeout for how
	// long in all: a name may have thousands that are silent.
	maxAttempts = 8
	dialTimeout = 2 * time.Minute
)

// dial is the way from a name to a connection: the look-up, then attempts at
// the addresses, a little apart, of which the first to succeed wins (RFC 8305).
type dial struct {
	s    *Socket
	port uint16

	cancel   func() // of the look-up under way
	lookedUp bool   // found is to be taken
	found    []address.Address

	addresses []address.Address // not tried yet
	attempts  []*candidate
	nextAt    int64 // when the next address may be tried
	end       int64 // when all is given up; 0 before the first attempt
	failure   *failure.Failure
	timer     loop.Timer
	options   option.Kept // for the attempts to come
}

// candidate is one address being tried.
type candidate struct {
	d        *dial
	fd       int
	to       address.Address
	watch    loop.Watch
	deadline int64
}

func (s *Socket) dialOrNil() *dial {
	if s.rare == nil {
		return nil
	}
	return s.rare.dial
}

// dialing tells whether a connection is being tried.
func (s *Socket) dialing() bool {
	return s.rare != nil && s.rare.dial != nil && len(s.rare.dial.attempts) > 0
}

// closeDial gives up whatever is under way.
func (s *Socket) closeDial() {
	if s.rare == nil || s.rare.dial == nil {
		return
	}
	d := s.rare.dial
	s.rare.dial = nil
	s.Loop().StopTimer(&d.timer)
	if d.cancel != nil {
		d.cancel()
	}
	for _, a := range d.attempts {
		d.discard(a)
	}
}

// begin makes the first attempt, unless somebody who waits has done so.
func (d *dial) begin() {
	switch {
	case d.s.dialOrNil() != d || len(d.attempts) > 0:
	case d.s.udp() != nil:
		d.associate()
	default:
		d.proceed()
	}
}

// proceed tries the next address as far as it is time, and fails when nothing
// is left.
func (d *dial) proceed() {
	for {
		now := sys.Now()
		if d.end == 0 {
			d.end = now + int64(dialTimeout)
		}
		if now >= d.end {
			d.addresses = nil
		}
		if len(d.attempts) > 0 && (len(d.addresses) == 0 || d.crowded() || now < d.nextAt) {
			d.arm(now)
			return
		}
		if len(d.addresses) == 0 {
			d.s.connectFailed(d.failure)
			return
		}
		a := d.addresses[0]
		d.addresses = d.addresses[1:]
		d.nextAt = now + int64(attemptDelay)
		if f := d.try(a, now); f != nil {
			d.failure = f
		}
	}
}

// crowded reports whether no other address may be tried beside those that are. A bound
// descriptor can only be tried with one.
func (d *dial) crowded() bool { return len(d.attempts) >= maxAttempts || d.s.fd >= 0 }

func (d *dial) try(to address.Address, now int64) *failure.Failure {
	if to.Protocol() == address.AnyIP {
		to = address.AnyIPv4
	}
	fd := int(d.s.fd)
	if fd < 0 {
		var err error
		if fd, err = d.s.open(to); err != nil {
			return failure.Create(err)
		}
	}
	a := &candidate{d: d, fd: fd, to: to, deadline: min(now+int64(attemptTimeout), d.end)}
	err := d.options.Apply(fd)
	if err != nil {
		d.discard(a)
		return failure.Create(err)
	}
	err = endpoint.Connect(fd, to, d.port)
	if err != nil && err != unix.EINPROGRESS {
		d.discard(a)
		return failure.Connect(err)
	}
	if a.watch, err = d.s.Loop().Watch(fd, poll.Out, a); err != nil {
		d.discard(a)
		return failure.Create(err)
	}
	d.attempts = append(d.attempts, a)
	return nil
}

// arm sets the timer to when there is something to do without an event.
func (d *dial) arm(now int64) {
	at := d.attempts[0].deadline
	if len(d.addresses) > 0 && !d.crowded() {
		at = min(at, d.nextAt)
	}
	d.s.Loop().StartTimer(&d.timer, time.Duration(at-now))
}

// tick gives up what has taken too long and goes on.
func (d *dial) tick() {
	now := sys.Now()
	for len(d.attempts) > 0 && d.attempts[0].deadline <= now {
		d.drop(d.attempts[0], failure.ConnectTimeout)
	}
	d.proceed()
}

// Ready is called when an attempt has come to its end.
func (a *candidate) Ready(poll.Event) {
	d := a.d
	code, err := unix.GetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		d.drop(a, failure.Connect(err))
	case unix.Errno(code) == unix.ECONNRESET:
		// Connected, and closed by the peer before we looked.
		s, epoch := d.s, d.s.epoch
		d.win(a)
		if s.Alive() && s.state == Connected && s.epoch == epoch {
			s.lost(failure.PeerClosed)
		}
		return
	case code != 0:
		d.drop(a, failure.Connect(unix.Errno(code)))
	default:
		d.win(a)
		return
	}
	// A failure is the time for the next address.
	d.nextAt = 0
	d.proceed()
}

// win makes the attempt's descriptor the socket's.
func (d *dial) win(a *candidate) {
	s := d.s
	d.remove(a)
	s.Loop().Hand(a.watch, s)
	s.watch, s.interest = a.watch, uint8(poll.Out)
	s.fd = int32(a.fd)
	s.edge = s.kind == TCP
	s.closeDial()
	s.established(a.to, d.port)
}

// drop ends an attempt that failed.
func (d *dial) drop(a *candidate, f *failure.Failure) {
	d.failure = f
	d.remove(a)
	d.discard(a)
}

func (d *dial) remove(a *candidate) {
	for i := range d.attempts {
		if d.attempts[i] == a {
			d.attempts = append(d.attempts[:i], d.attempts[i+1:]...)
			return
		}
	}
}

// discard releases an attempt's descriptor, unless it is the bound one.
func (d *dial) discard(a *candidate) {
	if a.watch != 0 {
		d.s.Loop().Unwatch(a.watch)
	}
	if a.fd != int(d.s.fd) {
		sys.Close(a.fd)
	}
}

// Wants is that of an attempt: the ends of the attempts, and the time of what there is
// to do without one. Nothing keeps those waiting who are called from inside hostFound, or
// come before the loop takes the look-up.
func (d *dial) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	at, running := d.timer.Due()
	switch {
	case d.lookedUp, len(d.attempts) == 0 && d.s.state == Connecting:
		return list, sys.Now()
	case !running:
		at = 0
	}
	for _, a := range d.attempts {
		list = append(list, poll.For(a.fd, poll.Out))
	}
	return list, at
}

// Proceed does what the loop would have done by now. Others may have made new attempts
// meanwhile, with descriptors of the same numbers, so it looks at them anew.
func (d *dial) Proceed() {
	switch {
	case d.lookedUp:
		d.s.takeLookup(d)
		return
	case len(d.attempts) == 0 && d.s.state == Connecting:
		d.begin()
		return
	}
	list := make([]poll.Waited, len(d.attempts))
	for i, a := range d.attempts {
		list[i] = poll.For(a.fd, poll.Out)
	}
	if poll.Wait(list, time.Now()) {
		for i, a := range d.attempts {
			if list[i].Events() != 0 {
				a.Ready(0)
				return
			}
		}
	}
	if d.timer.Passed() {
		d.tick()
	}
}

// interleave alternates the families, beginning with that of the first address.
func interleave(list []address.Address) []address.Address {
	var first, second []address.Address
	for _, a := range list {
		if a.Protocol() == list[0].Protocol() {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	out := make([]address.Address, 0, len(list))
	for len(first) > 0 || len(second) > 0 {
		if len(first) > 0 {
			out, first = append(out, first[0]), first[1:]
		}
		if len(second) > 0 {
			out, second = append(out, second[0]), second[1:]
		}
	}
	return out
}
