package socket

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/tidy"
	"qnet/core/tls/configuration"
	"qnet/core/tls/session"
	"qnet/core/tls/verify"
)

// look has news signalled that the session has: soon, since filters signal nothing.
func (x *SSL) look() {
	if x.news() && !x.due {
		x.postNews()
	}
}

func (x *SSL) postNews() {
	x.due = true
	x.s.Loop().PostOnce(&x.posting)
	x.notify()
}

// notify wakes those up who wait without a loop.
func (x *SSL) notify() {
	x.s.notifyWaiters()
	if x.keeper != nil {
		x.keeper.Notify()
	}
}

// news reports whether the session has any.
func (x *SSL) news() bool {
	x.alerts = append(x.alerts, x.session.TakeAlerts()...)
	x.tickets += x.session.TakeTickets()
	return len(x.alerts) > 0 || x.tickets > 0 ||
		x.stage == sslShaking && (x.session.Encrypted() || x.session.Err() != nil || x.session.Interrupted() != nil)
}

// proceed signals the news. Whoever comes first, the loop or somebody who waits without
// one, does so.
func (x *SSL) proceed() {
	x.s.Loop().TakeBack(&x.posting)
	if !x.due || !x.s.Alive() || !x.tell() {
		return
	}
	switch {
	case x.stage == sslShaking:
		x.goOn()
	case x.stage == sslPaused && x.resumed:
		x.decide()
	case x.stage == sslWaiting && x.keeper != nil:
		x.keeper.Hear(x.first)
	}
}

// tell signals what else there is than the handshake's end. It reports whether the
// connection goes on.
func (x *SSL) tell() bool {
	x.due = false
	for len(x.alerts) > 0 {
		x.alert, x.alerts = x.alerts[0], x.alerts[1:]
		signal := SignalAlertReceived
		if x.alert.Sent {
			signal = SignalAlertSent
		}
		if !x.emit(signal, int64(x.alert.Type)) {
			return false
		}
	}
	x.alerts = nil
	for x.tickets > 0 {
		x.tickets--
		if !x.s.emit(SignalNewSessionTicketReceived, 0) {
			return false
		}
	}
	return true
}

// goOn goes on when the handshake is over, or was interrupted.
func (x *SSL) goOn() {
	switch err := x.session.Err(); {
	case err != nil:
		x.fail(asFailure(err))
	case x.session.Encrypted():
		x.judge()
	case x.session.Interrupted() != nil:
		x.interrupt()
	}
}

// interrupt asks the slots whether to go on with a handshake in spite of each failure. The
// handshake's goroutine waits meanwhile.
func (x *SSL) interrupt() {
	x.stage = sslJudging
	x.failures = x.session.Interrupted()
	ask := x.session.Continue
	for _, f := range x.failures {
		x.failure, x.continued = f, false
		if !x.emit(SignalHandshakeInterruptedOnError, int64(f.Code)) {
			return
		}
		if !x.continued {
			ask = x.session.Refuse
			break
		}
	}
	x.stage = sslShaking
	ask()
}

// ContinueHandshake goes on with a handshake that was interrupted; it is for the slots of
// SignalHandshakeInterruptedOnError (QSslSocket::continueInterruptedHandshake).
func (x *SSL) ContinueHandshake() { x.continued = true }

// judge signals what is wrong with the peer, and goes on if somebody takes the blame.
func (x *SSL) judge() {
	s := x.s
	x.stage = sslJudging
	told := x.failures // by an interruption
	x.failures = x.session.Failures()
	for _, f := range asFound(x.failures) {
		if slices.ContainsFunc(told, f.Equal) {
			continue
		}
		x.failure = f
		if !x.emit(SignalPeerVerifyError, int64(f.Code)) {
			return
		}
	}
	if len(x.failures) > 0 && !x.emit(SignalSslErrors, int64(len(x.failures))) {
		return
	}
	switch {
	case x.accepts():
		x.open()
	case s.PauseMode()&PauseOnSSLErrors != 0:
		x.stage = sslPaused
		s.notifyWaiters()
	default:
		x.reject()
	}
}

// asFound returns failures in the order in which Qt finds them: those of the chain, and then
// those that come first in its list, of OCSP and of the host's name.
func asFound(failures []verify.Failure) []verify.Failure {
	first := slices.IndexFunc(failures, func(f verify.Failure) bool {
		return f.Code != verify.HostNameMismatch && f.Code != verify.CertificateRevoked && f.Code < verify.CertificateStatusUnknown
	})
	if first <= 0 {
		return failures
	}
	return slices.Concat(failures[first:], failures[:first])
}

// accepts reports whether the connection may go on with this peer.
func (x *SSL) accepts() bool {
	verified := x.config.VerifyMode == configuration.VerifyPeer ||
		x.config.VerifyMode == configuration.AutoVerifyPeer && x.mode == SSLClient
	return !verified || x.ignoring || !slices.ContainsFunc(x.failures, func(f verify.Failure) bool {
		return !slices.ContainsFunc(x.ignored, f.Equal)
	})
}

// resume has it go on after a pause for the failures, soon: nothing is signalled in the call.
func (x *SSL) resume() {
	x.resumed = true
	if !x.due {
		x.postNews()
	}
}

// decide goes on after the pause.
func (x *SSL) decide() {
	x.resumed = false
	if x.accepts() {
		x.open()
	} else {
		x.reject()
	}
}

// open begins to pass on what comes and is written.
func (x *SSL) open() {
	s := x.s
	x.stage = sslOpen
	tidy.Soon(0) // after what the handshake took
	(*Raw)(s).Again()
	if x.emit(SignalEncrypted, 0) && s.closeLater {
		s.Disconnect()
	}
}

// reject ends the connection to a peer with failures that nobody has ignored.
func (x *SSL) reject() {
	s := x.s
	x.stage = sslJudging
	if s.fail(&failure.Failure{Code: failure.SslHandshakeFailed, Text: x.failures[0].Error()}) {
		s.clearWritten()
		s.Disconnect()
	}
}

// fail ends a connection without a handshake. What the session has to say about it goes out.
func (x *SSL) fail(f *failure.Failure) bool {
	s := x.s
	x.stage = sslJudging
	if f.Code == failure.RemoteHostClosed {
		s.failConnection(f)
		return false
	}
	return s.fail(f) && x.quit()
}

// quit ends the connection; what the session has to say last goes out.
func (x *SSL) quit() bool {
	s := x.s
	s.clearWritten()
	s.trySend(0)
	s.finish(false)
	if s.Alive() && s.state == Unconnected {
		s.closeDevice()
	}
	return false
}

// unusable ends a connection for which the configuration is of no use.
func (x *SSL) unusable(why error) bool {
	x.stage = sslJudging
	var list session.Unusable
	if !errors.As(why, &list) {
		list = session.Unusable{asFailure(why)}
	}
	for _, f := range list {
		if !x.s.fail(f) {
			return false
		}
	}
	return x.quit()
}

// asFailure returns what a session's error is to the program.
func asFailure(err error) *failure.Failure {
	var f *failure.Failure
	if errors.As(err, &f) {
		return f
	}
	if _, ofSystem := err.(unix.Errno); ofSystem {
		return failure.Read(err)
	}
	return &failure.Failure{Code: failure.SslInternal, Text: err.Error()}
}

// emitEncryptedWritten signals what was sent encrypted.
func (x *SSL) emitEncryptedWritten() bool {
	n := x.written
	x.written = 0
	return n == 0 || x.s.emit(SignalEncryptedBytesWritten, n)
}
