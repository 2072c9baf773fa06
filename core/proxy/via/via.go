// Package via makes connections through proxies: it dials to the proxy, and then does what
// a step says until the descriptor is what was asked for.
//
// It knows no sockets: what a Via makes belongs to its Owner. Every function is called with
// the loop's lock held.
package via

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/dial"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/sys"
)

const (
	// silence is when a proxy is given up that says nothing, as an address is that does
	// not answer, and timeout when one is that says too little. The time that somebody
	// needs to find a password does not count.
	silence = 30 * time.Second
	timeout = 2 * time.Minute
	// chunk is how much of what a proxy says is looked at at once.
	chunk = 4096
)

// hasty is a proxy that says what has become of a request before it can know of it.
var hasty = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy answers what it was not asked yet"}

// Owner is whom a connection is made for. Ask, Connected and Failed may emit signals:
// afterwards the Via may be closed.
type Owner interface {
	// Open makes a non-blocking descriptor that can be connected to an address.
	Open(to address.Address) (int, error)
	// Ask returns a user and a password; those of the question if there are no others.
	Ask(proxy.Question) (user, password string)
	// Connected and Failed end the Via. The connection is the Owner's.
	Connected(Connection)
	Failed(*failure.Failure)
	// Notify wakes those who wait for the Via without a running loop.
	Notify()
}

// Listener is an Owner that wants the proxy to listen, and a connection from whoever comes
// there: that is the Via's end.
type Listener interface {
	Owner
	// Listens is told where the proxy listens, and has the Via hear when somebody has come.
	// It emits nothing.
	Listens(at proxy.Target)
}

// Connection is the end of a Via that was successful.
type Connection struct {
	FD    int
	Watch loop.Watch   // for poll.Out; 0 if a proxy that listens was not heard
	Bound proxy.Target // what the proxy says of its own address, or of who has come; null if nothing
}

// Via is one connection under way. Set the exported fields, and then call Begin.
type Via struct {
	Home  *loop.Home // of the Owner
	Owner Owner
	Proxy proxy.Proxy
	Step  proxy.Step
	Bound int // the descriptor that is to be used; -1: whatever Owner.Open makes

	stage    stage
	dial     *dial.Dial // to the proxy
	at       address.Address
	fd       int // connected to the proxy
	watch    loop.Watch
	unsent   []byte
	begun    bool  // to say who has come
	noMemory bool  // the system had no memory to send it
	until    int64 // when the proxy is given up
	end      int64 // when it is however much it says
	timer    loop.Timer
}

// stage is how far a Via has come.
type stage uint8

const (
	dialing   stage = iota // to the proxy
	talking                // to it
	asking                 // Owner.Ask is being called
	listening              // the proxy listens
	closed
)

// Begin dials to the proxy.
func (v *Via) Begin() {
	if a, ok := address.Parse(v.Proxy.Host); ok {
		v.dialTo([]address.Address{a})
	} else {
		v.newDial().LookUp(v.Proxy.Host, address.AnyIP)
	}
}

// dialTo dials to the proxy at one of its addresses.
func (v *Via) dialTo(addresses []address.Address) {
	d := v.newDial()
	d.Use(addresses)
	d.Begin()
}

func (v *Via) newDial() *dial.Dial {
	v.stage, v.fd = dialing, -1
	v.dial = &dial.Dial{Home: v.Home, Owner: (*dialer)(v), Port: v.Proxy.Port, Bound: v.Bound}
	return v.dial
}

// dialer is a Via as the owner of its Dial.
type dialer Via

func (o *dialer) Found() bool { return o.stage == dialing }

func (o *dialer) Open(to address.Address) (int, error) { return o.Owner.Open(to) }

func (o *dialer) Notify() { o.Owner.Notify() }

func (o *dialer) Failed(f *failure.Failure) {
	v := (*Via)(o)
	v.dial = nil
	v.fail(failure.Proxy(f))
}

func (o *dialer) Connected(c dial.Connection) {
	v := (*Via)(o)
	v.dial = nil
	v.fd, v.watch, v.at = c.FD, c.Watch, c.To
	v.Home.Loop().SetHandler(v.watch, v)
	v.stage = talking
	v.end = sys.Now() + int64(timeout)
	v.timer.Expired = v.tick
	if c.Reset {
		v.ended()
		return
	}
	v.say(v.Step.Begin())
}

// say sends something to the proxy, and waits for what it answers.
func (v *Via) say(text []byte) {
	v.unsent = append(v.unsent, text...)
	v.send()
}

// send sends what the system takes.
func (v *Via) send() {
	v.noMemory = false
	for len(v.unsent) > 0 {
		n, err := sys.SendOne(v.fd, v.unsent)
		if err == unix.EAGAIN {
			break
		}
		if v.noMemory = sys.OutOfMemory(err); v.noMemory {
			break
		}
		if err != nil {
			v.ended()
			return
		}
		v.unsent = v.unsent[n:]
	}
	v.Home.Loop().Rewatch(v.watch, v.wants())
	v.giveTime()
}

// giveTime is for the proxy to say more.
func (v *Via) giveTime() {
	now := sys.Now()
	v.until = min(now+int64(silence), v.end)
	wait := time.Duration(v.until - now)
	if v.noMemory {
		wait = min(wait, loop.RecheckAfter)
	}
	v.Home.Loop().StartTimer(&v.timer, wait)
}

// wants returns what the descriptor is watched for.
func (v *Via) wants() poll.Event {
	if len(v.unsent) > 0 && !v.noMemory {
		return poll.In | poll.Out
	}
	return poll.In
}

// Ready is called when the proxy has said something, or can be told more.
func (v *Via) Ready(events poll.Event) {
	if !v.heard() {
		return
	}
	if len(v.unsent) > 0 && events&^poll.In != 0 {
		v.send()
	}
	if events&^poll.Out == 0 || !v.heard() {
		return
	}
	// What is behind the proxy's last word stays in the system, for the connection.
	var space [chunk]byte
	n, err := sys.Peek(v.fd, space[:])
	switch {
	case err == unix.EAGAIN || sys.OutOfMemory(err):
	case err != nil || n <= 0:
		v.ended()
	default:
		out, taken, o := v.Step.Next(space[:n])
		if taken > 0 {
			sys.RecvUnwanted(v.fd, space[:taken])
		}
		v.act(out, o)
	}
}

// heard reports whether the proxy is to say something.
func (v *Via) heard() bool { return v.stage == talking || v.stage == listening }

// ended acts on the end of the connection to the proxy.
func (v *Via) ended() { v.act(nil, v.Step.End()) }

// act does what an outcome of the step wants.
func (v *Via) act(out []byte, o proxy.Outcome) {
	switch o.Status {
	case proxy.More:
		if v.stage == listening {
			v.begin()
			return
		}
		v.say(out)
	case proxy.Ask:
		v.ask(o.Question)
	case proxy.Reconnect:
		v.reconnect()
	case proxy.Done, proxy.Listens:
		if len(out) > 0 || len(v.unsent) > 0 {
			v.fail(hasty)
			return
		}
		if o.Status == proxy.Done {
			v.win(o.Bound)
		} else {
			v.listen(o.Bound)
		}
	default:
		v.fail(o.Failure)
	}
}

// ask has the owner ask for a user and a password. The proxy is not listened to meanwhile:
// whoever is asked may run the loop.
func (v *Via) ask(q proxy.Question) {
	v.stage = asking
	v.Home.Loop().StopTimer(&v.timer)
	v.unwatch()
	user, password := v.Owner.Ask(q)
	if v.stage != asking {
		return
	}
	v.stage = talking
	v.end = sys.Now() + int64(timeout)
	var err error
	if v.watch, err = v.Home.Loop().Watch(v.fd, poll.In, v); err != nil {
		v.fail(failure.Create(err))
		return
	}
	// Those who wait do not know yet what for.
	v.Owner.Notify()
	v.act(v.Step.Answer(user, password))
}

// reconnect makes another connection to the proxy, where the last one was. A descriptor
// that was given cannot be connected again.
func (v *Via) reconnect() {
	if v.Bound >= 0 {
		v.fail(failure.ProxyClosed)
		return
	}
	v.drop()
	v.dialTo([]address.Address{v.at})
}

// win gives the descriptor to the owner.
func (v *Via) win(bound proxy.Target) {
	c := Connection{FD: v.fd, Watch: v.watch, Bound: bound}
	if v.watch != 0 {
		v.Home.Loop().Rewatch(v.watch, poll.Out)
	}
	v.fd, v.watch = -1, 0
	v.Close()
	v.Owner.Connected(c)
}

func (v *Via) fail(f *failure.Failure) {
	v.Close()
	v.Owner.Failed(f)
}

// tick gives up a proxy that is silent, or sends what could not be.
func (v *Via) tick() {
	if v.noMemory && sys.Now() < v.until {
		v.send()
		return
	}
	v.fail(failure.ProxySilent)
}

// Close gives up whatever is under way.
func (v *Via) Close() {
	if v.stage == closed {
		return
	}
	v.stage = closed
	v.drop()
}

// drop closes the connection to the proxy, or what is to become one.
func (v *Via) drop() {
	v.Home.Loop().StopTimer(&v.timer)
	if v.dial != nil {
		v.dial.Close()
		v.dial = nil
	}
	v.unwatch()
	if v.fd >= 0 && v.fd != v.Bound {
		sys.Close(v.fd)
	}
	v.fd, v.unsent = -1, nil
}

func (v *Via) unwatch() {
	if v.watch != 0 {
		v.Home.Loop().Unwatch(v.watch)
		v.watch = 0
	}
}
