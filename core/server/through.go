package server

import (
	"time"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/proxy/socks5"
	"qnet/core/proxy/via"
	"qnet/core/sys"
)

// answerTimeout is for how long after Listen somebody who asks where the server listens waits
// for the proxy's first answer. As long Qt's listen waits.
var answerTimeout = 5 * time.Second

// through is a server behind a proxy. The proxy listens for one connection, and the
// connection to the proxy becomes that one; so for each it is asked anew.
type through struct {
	s       *Server
	proxy   proxy.Proxy
	port    uint16            // that Listen was given
	target  proxy.Target      // what the proxy is asked for: where it is to listen
	via     *via.Via          // for the next connection; nil: not yet
	up      bool              // for that one the proxy listens
	listens telling           // SignalListening
	failed  *failure.Failure  // how via has ended, while nobody was told
	until   time.Time         // when nobody waits any more for the first answer; zero: it is there
	local   *address.Endpoint // this side of the last connection
	alive   bool              // the descriptor of via is kept alive, which nobody has asked for
	options option.Kept       // for descriptors to come
}

// telling is how far a signal has come: that the proxy listens is emitted again where that
// is somewhere else, or after a failure.
type telling uint8

const (
	unknown telling = iota
	due
	told
)

// listenThrough has a proxy listen. What becomes of that is told later, but for what is known
// at once to be in vain.
func (s *Server) listenThrough(p proxy.Proxy, a address.Address, port uint16) bool {
	if a.Protocol() == address.AnyIP {
		a = address.AnyIPv4
	}
	t := &through{s: s, proxy: p, port: port, target: proxy.Target{Address: a, Port: port}}
	if t.next(); t.failed != nil {
		s.failure = t.failed
		return false
	}
	t.until = time.Now().Add(answerTimeout)
	s.through, s.paused = t, false
	// As in Qt what was asked for is shown until the proxy tells, and afterwards if it does not.
	s.address, s.port = a, port
	return true
}

// settle waits until the proxy has told where it listens, or that it does not.
func (t *through) settle() {
	if time.Now().Before(t.until) {
		t.s.Pin()
		defer t.s.Unpin()
		// However it ends, what is known then is all that there is.
		t.s.waiters.Wait(t.s.Loop(), t.until, (*answer)(t))
	}
}

// answer is the first one of the proxy, as what is waited for.
type answer through

func (a *answer) Over() bool { return a.s.through != (*through)(a) || a.until.IsZero() }

func (a *answer) Wants(list []poll.Waited) ([]poll.Waited, int64) { return a.via.Wants(list) }

func (a *answer) Proceed([]poll.Waited) {
	if !a.Over() {
		a.via.Proceed()
	}
}

// next asks the proxy for the next connection.
func (t *through) next() {
	t.up, t.alive = false, false
	step, f := socks5.New(t.proxy, proxy.Keys, socks5.Bind, t.target)
	if f != nil {
		t.Failed(f)
		return
	}
	t.via = &via.Via{Home: &t.s.Home, Owner: t, Proxy: t.proxy, Step: step, Bound: -1}
	t.via.Begin()
}

// Open and the next methods are those of a via.Listener.
func (t *through) Open(to address.Address) (int, error) {
	fd, err := endpoint.Open(to)
	if err != nil {
		return fd, err
	}
	for _, kept := range []*option.Kept{&t.s.options, &t.options} {
		if err := kept.Apply(fd); err != nil {
			sys.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

// Ask asks nobody: as in Qt servers have no signal for it.
func (t *through) Ask(q proxy.Question) (user, password string) { return q.User, q.Password }

func (t *through) Notify() { t.s.waiters.Notify() }

// Listens begins to serve, or goes on. Who knows the port looks for the server there, so
// that is what is asked for next.
func (t *through) Listens(at proxy.Target) {
	s := t.s
	if s.address != at.Address || s.port != at.Port || t.listens == unknown {
		t.listens = due
		s.Post(t.tell)
	}
	s.address, s.port = at.Address, at.Port
	if t.port == 0 {
		t.target.Port = at.Port
	}
	t.up, t.until = true, time.Time{}
	// A proxy that is gone without a word would be waited for for ever.
	if on, err := option.Get(t.via.FD(), option.KeepAlive); err == nil && on == 0 {
		t.alive = t.via.SetOption(option.KeepAlive, 1)
	}
	s.update()
}

// Connected takes the connection that has come. Before anybody is told, the proxy is asked
// for the next.
func (t *through) Connected(c via.Connection) {
	s := t.s
	t.via, s.backOff = nil, 0
	if t.alive {
		option.Set(c.FD, option.KeepAlive, 0)
	}
	if c.Watch != 0 {
		s.Loop().Unwatch(c.Watch)
	}
	if at := (address.Endpoint{Address: s.address, Port: s.port}); t.local == nil || *t.local != at {
		t.local = &at
	}
	peer := c.Bound.Address
	if peer.Addr().IsUnspecified() {
		// So a proxy says that it does not tell: it is nobody's address.
		peer = address.Null
	}
	t.next()
	if t.tell(); s.through != t {
		sys.Close(c.FD)
		return
	}
	s.take(c.FD, peer, c.Bound.Port)
}

// tell emits that the proxy listens, if that is due. Like report it is called by whoever comes
// first, the loop or somebody who waits for a connection, but not within a call that asks the
// proxy.
func (t *through) tell() {
	if t.listens == due && t.s.through == t {
		t.listens = told
		t.s.Emit(SignalListening, 0)
	}
}

// Failed ends the wait for whoever may come.
func (t *through) Failed(f *failure.Failure) {
	if !t.up {
		// Maybe that port cannot be had.
		t.target.Port = t.port
	}
	t.via, t.failed = nil, f
	t.listens, t.until = unknown, time.Time{}
	t.Notify()
	t.s.Post(t.report)
}

// report says why no connection comes, and has the proxy asked again later.
func (t *through) report() {
	if f := t.failed; f != nil && t.s.through == t {
		t.failed = nil
		t.s.acceptFailed(f)
	}
}

// retry asks the proxy again, or has the loop tell again.
func (t *through) retry() {
	switch {
	case t.failed != nil:
		// That is told first.
		return
	case t.via == nil:
		t.next()
		return
	case !t.s.full(t.s.maxPending):
		t.via.Proceed()
	}
	t.s.update()
}

// hear says whether the loop is to tell of connections. One is asked for even then when the
// server is paused, and waits at the proxy.
func (t *through) hear(on bool) error {
	switch {
	case on && t.s.retry.Running():
	case t.via != nil:
		return t.via.Hear(on)
	case on && t.failed == nil:
		t.next()
	}
	return nil
}

// wants is for who waits for a connection without a running loop.
func (t *through) wants(list []poll.Waited) ([]poll.Waited, int64) {
	switch {
	case t.failed != nil || t.listens == due:
		return list, sys.Now()
	case t.via == nil:
		at, running := t.s.retry.Due()
		if !running {
			at = sys.Now()
		}
		return list, at
	case t.up && t.s.limits.Full():
		return list, 0
	}
	return t.via.Wants(list)
}

// proceed does what the loop would have done by now, also while the server is paused. It
// reports whether a connection has come and as many as maxPending are pending.
func (t *through) proceed(maxPending int) (full bool) {
	s := t.s
	switch {
	case t.failed != nil:
		t.report()
	case t.listens == due:
		t.tell()
	case t.via == nil && !s.retry.Running():
		t.next()
	case t.via == nil:
		if s.retry.Passed() {
			s.Loop().StopTimer(&s.retry)
			s.retryAccepting()
		}
	case t.up && s.limits.Full():
	case t.up && s.crowded(maxPending):
		return t.via.Arrived()
	default:
		t.via.Proceed()
	}
	return false
}

func (t *through) descriptor() int {
	if t.via == nil {
		return -1
	}
	return t.via.FD()
}

// setOption sets an option of the connection to the proxy, and keeps it for the next.
func (t *through) setOption(o option.Option, value int) bool {
	t.alive = t.alive && o != option.KeepAlive
	kept := t.options.Keep(o, value)
	return kept && (t.via == nil || t.via.SetOption(o, value))
}

// Take has what is watched go along when the server goes to another loop.
func (t *through) Take(x *loop.Transfer) {
	if t.via != nil {
		t.via.Take(x)
	}
}

// Moved has the rest follow: also what is due to be told.
func (t *through) Moved(from, to *loop.Loop) {
	if t.via != nil {
		t.via.Moved(from, to)
	}
	if t.listens == due {
		t.s.Post(t.tell)
	}
	if t.failed != nil {
		t.s.Post(t.report)
	}
}

func (t *through) close() {
	if t.via != nil {
		t.via.Close()
		t.via = nil
	}
}
