package server

import (
	"slices"
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
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
}

// keep has c, which was accepted, encrypted.
func (x *SSL) keep(c *socket.Socket) {
	c.CountFor(&x.s.limits)
	x.s.Own(c)
	h := &handshake{x: x, socket: c, place: len(x.handshakes)}
	x.handshakes = append(x.handshakes, h)
	h.timer.Expired = h.expire
	h.after = time.Duration(x.timeout) * time.Millisecond
	if h.after < 0 {
		h.after = time.Millisecond // as in Qt
	}
	x.s.Loop().StartTimer(&h.timer, h.after)
	c.KeepSSL(h, x.config)
	x.s.update()
}

// leave ends h.
func (h *handshake) leave() {
	x := h.x
	x.s.Loop().StopTimer(&h.timer)
	if h.place < 0 {
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
	h.x.s.Loop().StartTimer(&h.timer, h.after)
	c.SSL().StartServer()
	if c.Alive() {
		h.x.emit(SignalStartedEncryptionHandshake, Event{Socket: c})
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
		h.x.present(c)
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
	h.x.emit(passedOn[signal], e)
}

// Notify wakes those up who wait for the server.
func (h *handshake) Notify() { h.x.s.waiters.Notify() }

// Over has the connection deleted that was never encrypted, unless somebody else has made it
// his.
func (h *handshake) Over() {
	x, c := h.x, h.socket
	h.leave()
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
	c := h.socket
	h.x.s.Pin()
	defer h.x.s.Unpin()
	c.SSL().GiveUp()
	if c.Alive() && !h.failed {
		h.x.emit(SignalErrorOccurred, Event{Socket: c, Error: failure.SocketTimeout})
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
