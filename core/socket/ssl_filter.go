package socket

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/option"
	"qnet/core/tidy"
	"qnet/core/tls/configuration"
	"qnet/core/tls/session"
)

// sslFilter is an SSL as the filter of its socket.
type sslFilter SSL

func (f *sslFilter) Recv(_ *Raw, p []byte) (int, error) {
	x := (*SSL)(f)
	x.moved = false
	switch x.stage {
	case sslWaiting:
		if x.keeper != nil && !x.due {
			return x.hear()
		}
	case sslShaking:
		// What goes wrong is signalled outside.
		x.session.Recv((*wire)(x), nil)
		if x.session.AtWork() {
			x.s.Loop().Expect()
		}
		x.look()
	case sslOpen:
		n, err := x.session.Recv((*wire)(x), p)
		x.look()
		if n > 0 {
			x.touch()
		}
		return n, err
	}
	return -1, unix.EAGAIN
}

// quietTime is for how long nothing comes before the memory is given back that was needed
// for it: to do so each time would cost more than all else.
const quietTime = 2 * time.Second

// touch notes that something has come.
func (x *SSL) touch() {
	x.active = true
	if !x.quiet.Running() {
		x.s.Loop().StartTimer(&x.quiet, quietTime)
	}
}

// release gives memory back, or looks again later.
func (x *SSL) release() {
	switch {
	case x.session == nil:
	case x.active:
		x.active = false
		x.s.Loop().StartTimer(&x.quiet, quietTime)
	default:
		tidy.Soon(x.session.Release())
	}
}

func (f *sslFilter) Send(raw *Raw, parts [][]byte) (int, error) {
	x := (*SSL)(f)
	for len(x.clear) > 0 {
		n, err := raw.Send([][]byte{x.clear})
		if err != nil {
			return 0, err
		}
		x.written += int64(n)
		x.clear = x.clear[n:]
	}
	if x.stage == sslOpen {
		n, err := x.session.Send((*wire)(x), parts)
		x.look()
		return n, err
	}
	if x.session != nil {
		_, err := x.session.Send((*wire)(x), nil)
		x.look()
		if _, ofSystem := err.(unix.Errno); ofSystem && x.session.Err() == nil {
			return 0, err
		}
		if err != nil {
			// That is signalled outside.
			return 0, NotYet
		}
	}
	if len(parts) > 0 {
		return 0, NotYet
	}
	return 0, nil
}

func (f *sslFilter) Holds() (input, output bool) {
	x := (*SSL)(f)
	if x.session != nil {
		input, output = x.session.Holds()
	}
	return input && x.stage == sslOpen, output || len(x.clear) > 0
}

func (f *sslFilter) End(*Raw) {
	x := (*SSL)(f)
	if x.session != nil {
		x.session.End((*wire)(x))
		x.look()
	}
}

func (f *sslFilter) Close() {
	x := (*SSL)(f)
	x.stage, x.resumed = sslPlain, false
	if x.session != nil {
		x.connection = x.session.Connection()
		x.session.Close()
		x.session = nil
	}
	x.s.Loop().StopTimer(&x.quiet)
	x.s.Loop().TakeBack(&x.posting)
	x.early, x.clear, x.due, x.moved = nil, nil, false, false
	x.alerts, x.tickets = nil, 0
}

// wire is an SSL as what its session reads from and writes to.
type wire SSL

func (w *wire) Recv(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		if w.early = w.early[n:]; len(w.early) == 0 {
			w.early = nil
			w.s.readAgain() // what the system has
		}
		return n, nil
	}
	return (*Raw)(w.s).Recv(p)
}

func (w *wire) Send(parts [][]byte) (int, error) {
	n, err := (*Raw)(w.s).Send(parts)
	if n > 0 {
		w.written += int64(n)
	}
	return n, err
}

// begin begins to encrypt. What was read before and not by the program is part of the
// handshake, and what was written goes out before it, in the clear.
func (x *SSL) begin(mode SSLMode) bool {
	if x.mode != SSLUnencrypted {
		return true // a slot has had it begin
	}
	s := x.s
	x.mode = mode
	x.early = make([]byte, s.rx.Len())
	s.rx.Read(s.pool(), x.early)
	s.transacting = false
	if x.stage == sslPlain {
		x.clear = make([]byte, s.tx.Len())
		if err := s.tx.Take(s.pool(), x.clear); err != nil {
			s.failConnection(writeFailure(fileError{err}))
			return false
		}
		x.wait()
	}
	if !s.emit(SignalModeChanged, int64(mode)) {
		return false
	}
	begin := session.Server
	if mode == SSLClient {
		begin = client(x.name())
	}
	x.begun++
	made, err := begin(*x.config, x.progress(x.begun))
	if err != nil {
		return x.unusable(err)
	}
	x.session, x.stage = made, sslShaking
	// A message is several records, sent as they are made: the last of them would wait for
	// the peer's acknowledgement of the first, which it delays.
	option.Set(int(s.fd), option.LowDelay, 1)
	(*Raw)(s).Again()
	return true
}

func client(name string) func(configuration.Configuration, func()) (*session.Session, error) {
	return func(c configuration.Configuration, progress func()) (*session.Session, error) {
		return session.Client(c, name, progress)
	}
}

// wait keeps what is written until it can be encrypted.
func (x *SSL) wait() {
	x.stage = sslWaiting
	x.s.SetFilter((*sslFilter)(x))
}

// progress returns what the session calls, on a goroutine of its own, when it goes on.
func (x *SSL) progress(begun uint32) func() {
	return func() {
		defer x.s.LockLoop().Unlock()
		if x.begun == begun && x.session != nil {
			x.moved = true
			(*Raw)(x.s).Again()
			x.notify()
		}
	}
}
