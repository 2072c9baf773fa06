package server

import (
	"slices"
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/tls/configuration"
)

// clientHello is how a TLS client begins: with a record of a handshake.
const clientHello = 0x16

// handshake is a connection until it is encrypted, as its keeper.
type handshake struct {
	x      *SSL
	socket *socket.Socket
	place  int // in x.handshakes; -1: over
	timer  loop.Timer
	after  time.Duration
	failed bool // which was signalled

	arrival *arrival      // nil: the socket is in the server's loop
	closed  *loop.Promise // to end with the loop of the arrival
}

// keep has c, which was accepted, encrypted.
func (x *SSL) keep(c *socket.Socket) {
	c.CountFor(&x.s.limits)
	x.s.Own(c)
	h := &handshake{x: x, socket: c, place: len(x.handshakes)}
	x.handshakes = append(x.handshakes, h)
	h.setTime()
	h.begin(x.config)
	x.s.update()
}

func (h *handshake) setTime() {
	h.after = time.Duration(h.x.timeout) * time.Millisecond
	if h.after < 0 {
		h.after = time.Millisecond // as in Qt
	}
}

// begin has the client be heard.
func (h *handshake) begin(c *configuration.Configuration) {
	h.timer.Expired = h.expire
	h.loop().StartTimer(&h.timer, h.after)
	h.socket.KeepSSL(h, c)
}

// loop returns where the handshake goes on.
func (h *handshake) loop() *loop.Loop {
	if h.arrival != nil {
		return h.socket.Loop()
	}
	return h.x.s.Loop()
}

// emit emits one of the server's signals.
func (h *handshake) emit(signal object.Signal, e Event) {
	if h.arrival == nil {
		h.x.emit(signal, e)
		return
	}
	h.arrival.share.atServer(func() {
		if h.x.s.Alive() {
			h.x.emit(signal, e)
		}
	})
}

// leave ends h.
func (h *handshake) leave() {
	x := h.x
	h.loop().StopTimer(&h.timer)
	if h.closed != nil {
		h.closed.Break()
	}
	if h.place < 0 || h.arrival != nil {
		return
	}
	last := len(x.handshakes) - 1
	x.handshakes[h.place] = x.handshakes[last]
	x.handshakes[h.place].place = h.place
	x.handshakes[last] = nil
	x.handshakes = x.handshakes[:last]
	h.place = -1
	if x.s.Alive() {
		x.s.update()
	}
}

// Hear begins to encrypt. As in Qt somebody who does not speak TLS is turned away without a
// word, and who does has the whole time again.
func (h *handshake) Hear(first byte) {
	c := h.socket
	if first != clientHello {
		c.Disconnect()
		return
	}
	h.loop().StartTimer(&h.timer, h.after)
	c.SSL().StartServer()
	if c.Alive() {
		h.emit(SignalStartedEncryptionHandshake, Event{Socket: c})
	}
}

var passedOn = map[object.Signal]object.Signal{
	socket.SignalErrorOccurred:               SignalErrorOccurred,
	socket.SignalSslErrors:                   SignalSslErrors,
	socket.SignalPeerVerifyError:             SignalPeerVerifyError,
	socket.SignalHandshakeInterruptedOnError: SignalHandshakeInterruptedOnError,
	socket.SignalAlertSent:                   SignalAlertSent,
	socket.SignalAlertReceived:               SignalAlertReceived,
}

// Signalled passes on what the connection signals until it is encrypted.
func (h *handshake) Signalled(signal object.Signal) {
	c := h.socket
	if signal == socket.SignalEncrypted {
		c.SSL().Unkeep()
		h.leave()
		if h.arrival != nil {
			h.arrival.encrypted(c)
		} else {
			h.x.present(c)
		}
		return
	}
	e := Event{Socket: c}
	switch signal {
	case socket.SignalErrorOccurred:
		h.failed = true
		e.Error = c.Failure().Code
	case socket.SignalSslErrors:
		e.Failures = c.SSL().Failures()
	case socket.SignalPeerVerifyError, socket.SignalHandshakeInterruptedOnError:
		e.Failure = c.SSL().Failure()
	case socket.SignalAlertSent, socket.SignalAlertReceived:
		e.Alert = c.SSL().Alert()
	}
	h.emit(passedOn[signal], e)
}

// Notify wakes those up who wait for the server. They cannot go on with what is in another loop.
func (h *handshake) Notify() {
	if h.arrival == nil {
		h.x.s.waiters.Notify()
	}
}

// Over has the connection deleted that was never encrypted, unless somebody else has made it
// his.
func (h *handshake) Over() {
	x, c := h.x, h.socket
	h.leave()
	if h.arrival != nil {
		h.overThere()
		return
	}
	switch {
	case c.Deleting() || !x.s.owns(c):
	case x.driven > 0:
		x.ended = append(x.ended, c)
	default:
		c.DeleteLater()
	}
}

// expire ends a handshake that takes too long.
func (h *handshake) expire() {
	c, pinned := h.socket, &h.x.s.Object
	if h.arrival != nil {
		pinned = &c.Object
	}
	pinned.Pin()
	defer pinned.Unpin()
	c.SSL().GiveUp()
	if c.Alive() && !h.failed {
		h.emit(SignalErrorOccurred, Event{Socket: c, Error: failure.SocketTimeout})
	}
}

// overThere is Over in another loop than the server's, whose lock is not to be waited for here.
func (h *handshake) overThere() {
	a, c := h.arrival, h.socket
	if !c.Deleting() && c.Owner() == &a.owner {
		c.DeleteLater()
	}
	h.forgetSoon()
}

// forgetSoon has the server know that the handshake is over.
func (h *handshake) forgetSoon() {
	a := h.arrival
	go func() {
		defer a.s.LockLoop().Unlock()
		if a.stage == shaking {
			a.end()
			a.s.update()
		}
	}()
}

// loopClosed ends a handshake that nobody would go on with.
func (h *handshake) loopClosed() {
	h.drop()
	h.forgetSoon()
}

// drop ends a handshake in another loop than the server's, unless somebody has made the connection
// his own: then the server only has nothing to do with it any more.
func (h *handshake) drop() {
	c := h.socket
	h.leave()
	switch {
	case c.Deleting():
	case c.Owner() == &h.arrival.owner:
		c.Delete()
	case c.SSL() != nil:
		c.SSL().Unkeep()
	}
}

// endThere is drop for who holds no lock.
func (h *handshake) endThere() {
	l := h.socket.LockLoop()
	h.drop()
	departing := l.Departing()
	l.Unlock()
	if departing {
		l.Depart()
	}
}

// drive has f go on with handshakes for somebody who waits without a loop. No loop will delete
// what ends meanwhile.
func (x *SSL) drive(f func()) {
	x.driven++
	defer func() { x.driven-- }() // also when a slot panics
	f()
	if x.driven > 1 {
		return
	}
	list := slices.Clone(x.ended)
	x.ended = nil
	deleteOf(x.s.Loop(), list)
}
