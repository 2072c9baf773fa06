// Package dial finds the way from a name to a connected descriptor: the look-up, then
// attempts at the addresses, a little apart, of which the first to succeed wins (RFC 8305).
//
// It knows no sockets: what a Dial makes belongs to its Owner. Every function is called
// with the loop's lock held.
package dial

import (
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/resolve"
	"qnet/core/sys"
)

// Owner is whom a connection is made for. Its methods may emit signals: afterwards the Dial
// may be closed.
type Owner interface {
	// Found is told that there are addresses, and reports whether to try them.
	Found() bool
	// Open makes a non-blocking descriptor that can be connected to an address.
	Open(to address.Address) (int, error)
	// Connected and Failed end the Dial. The connection is the Owner's.
	Connected(Connection)
	Failed(*failure.Failure)
	// Notify wakes those who wait for the Dial without a running loop.
	Notify()
}

// Connection is the end of a Dial that was successful.
type Connection struct {
	FD    int
	Watch loop.Watch // for poll.Out; 0 for a datagram socket
	To    address.Address
	Port  uint16
	Reset bool // the peer has ended it already, and the system does not tell again
}

// Dial is one connection under way. Set the exported fields, and then call Use or LookUp.
type Dial struct {
	Home     *loop.Home // of the Owner
	Owner    Owner
	Port     uint16
	Bound    int  // the descriptor for all attempts; -1: each has its own
	Datagram bool // connecting takes no time

	stage    stage
	cancel   func() // of the look-up
	failure  *failure.Failure
	untried  []address.Address
	attempts []*attempt
	nextAt   int64 // when the next address may be tried
	end      int64 // when all is given up; 0 before the first attempt
	timer    loop.Timer
	begins   loop.Posting // Begin, once a look-up is over
	options  option.Kept  // for the attempts to come
}

// stage is how far a Dial has come.
type stage uint8

const (
	looking  stage = iota // for the addresses
	lookedUp              // they are there, and nobody was told
	telling               // Owner.Found is being called
	trying                // the addresses
	closed
)

// Use has addresses tried that need no look-up, once Begin is called.
func (d *Dial) Use(addresses []address.Address) {
	d.failure = failure.HostUnknown
	d.untried = addresses
	d.stage = lookedUp
}

// LookUp finds the addresses of a name, of one protocol unless that is address.AnyIP, on
// another thread if that may take long. Whoever comes first, the loop or somebody who waits
// without one, goes on.
func (d *Dial) LookUp(name string, protocol address.Protocol) {
	d.failure = failure.HostUnknown
	if addresses, ok := resolve.Known(name); ok {
		d.take(Limit(addresses, protocol), failure.HostUnknown)
	} else {
		d.cancel = Resolve(d.Home, name, protocol, d.take)
	}
}

// take goes on with the addresses of a name, or why there are none.
func (d *Dial) take(addresses []address.Address, none *failure.Failure) {
	if d.stage != looking {
		return
	}
	d.Use(addresses)
	d.failure = none
	d.begins.Call = d.Begin
	d.Home.Loop().PostOnce(&d.begins)
	d.Owner.Notify()
}

// Begin goes on once there are addresses.
func (d *Dial) Begin() {
	d.Home.Loop().TakeBack(&d.begins)
	if d.stage != lookedUp {
		return
	}
	d.stage, d.cancel = telling, nil
	if len(d.untried) == 0 {
		d.fail()
		return
	}
	d.untried = interleave(d.untried)
	if d.Owner.Found() {
		d.try()
	}
}

// try makes the first attempt, unless somebody who waits has done so.
func (d *Dial) try() {
	if d.stage == telling {
		d.stage = trying
		d.timer.Expired = d.tick
		d.proceed()
	}
}

// Close gives up whatever is under way.
func (d *Dial) Close() {
	if d.stage == closed {
		return
	}
	d.stage = closed
	d.Home.Loop().StopTimer(&d.timer)
	d.Home.Loop().TakeBack(&d.begins)
	if d.cancel != nil {
		d.cancel()
	}
	for _, a := range d.attempts {
		d.discard(a)
	}
	d.attempts = nil
}

func (d *Dial) fail() {
	d.Close()
	d.Owner.Failed(d.failure)
}

// Wants is that of a loop.Awaited: the ends of the attempts, and the time of what there is
// to do without one. Nothing keeps those waiting who come before the loop has taken the
// addresses, or are called by Owner.Found.
func (d *Dial) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	if d.stage == lookedUp || d.stage == telling {
		return list, sys.Now()
	}
	at, running := d.timer.Due()
	if !running {
		at = 0
	}
	return append(list, d.ends()...), at
}

// ends returns the descriptors of the attempts, to be waited for.
func (d *Dial) ends() []poll.Waited {
	list := make([]poll.Waited, len(d.attempts))
	for i, a := range d.attempts {
		list[i] = poll.For(a.fd, poll.Out)
	}
	return list
}

// Proceed does what the loop would have done by now. Others may have made new attempts since
// Wants was called, with descriptors of the same numbers, so it asks the system itself.
func (d *Dial) Proceed() {
	switch d.stage {
	case lookedUp:
		d.Begin()
	case telling:
		d.try()
	case trying:
		list := d.ends()
		poll.Wait(list, time.Now())
		for i := range list {
			if list[i].Events() != 0 {
				d.attempts[i].Ready(0)
				return
			}
		}
		if d.timer.Passed() {
			d.tick()
		}
	}
}

// FD returns the descriptor of the first attempt, -1 if there is none.
func (d *Dial) FD() int {
	if len(d.attempts) == 0 {
		return -1
	}
	return d.attempts[0].fd
}

// SetOption sets an option for every attempt, and those to come. It reports whether the
// system has taken it everywhere.
func (d *Dial) SetOption(o option.Option, value int) bool {
	d.options.Keep(o, value)
	ok := true
	for _, a := range d.attempts {
		ok = option.Set(a.fd, o, value) == nil && ok
	}
	return ok
}
