package socket

import (
	"slices"

	"golang.org/x/sys/unix"

	"qnet/core/datagram"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/sys"
)

// early are datagrams that were written before there was a way for them: copies, in their order,
// and no more than what a buffer of the system's holds.
type early struct {
	list  []datagram.Outgoing
	bytes int
	retry loop.Timer // the system had no room for the first
}

const (
	maxEarly      = 1024
	maxEarlyBytes = 64 << 10
	// maxDatagram is more than no datagram can have: over IPv4 less, as the system will say.
	maxDatagram = 1<<16 - 1 - 8
)

// holds reports whether what is written has to wait: for the relay, or for what was written before.
func (r *relay) holds() bool { return r.stage != made || len(r.early.list) > 0 }

// hold has a datagram wait. EAGAIN says that too many do.
func (r *relay) hold(d *datagram.Outgoing) error {
	header, err := r.Header(nil, d.Destination)
	e := &r.early
	switch {
	case err != nil:
		return err
	case len(header)+len(d.Data) > maxDatagram:
		return unix.EMSGSIZE
	case len(e.list) == maxEarly || e.bytes+len(d.Data) > maxEarlyBytes:
		return unix.EAGAIN
	}
	e.list = append(e.list, datagram.Outgoing{Data: slices.Clone(d.Data), Way: d.Way})
	e.bytes += len(d.Data)
	return nil
}

// holdAll is hold for count datagrams. It returns how many wait; with fewer than all, why.
func (r *relay) holdAll(count int, get func(i int, d *datagram.Outgoing)) (n int, err error) {
	for ; n < count; n++ {
		d := &datagram.Outgoing{}
		get(n, d)
		if err = r.hold(d); err != nil {
			break
		}
	}
	return n, err
}

// sendEarly sends what has waited, as far as the system has room for it, and says so: of each as
// if it were written now. It ends a socket that was closed and only waited for that.
func (r *relay) sendEarly() {
	r.s.Loop().StopTimer(&r.early.retry)
	if len(r.early.list) == 0 {
		return
	}
	for r.stage == made && len(r.early.list) > 0 {
		list := r.early.list
		u := r.s.udp()
		n, _, err := u.sender.SendAll(u.pool(), len(list), func(i int, d *datagram.Outgoing) { *d = list[i] })
		full := err == unix.EAGAIN || sys.OutOfMemory(err)
		gone := n
		if err != nil && !full {
			gone++ // its error is told
		}
		for _, d := range list[:gone] {
			r.early.bytes -= len(d.Data)
		}
		r.early.list = list[gone:]
		if full {
			r.s.Loop().StartTimer(&r.early.retry, loop.RecheckAfter)
		}
		for i := 0; i < n && r.stage == made; i++ {
			u.emitSent(len(list[i].Data))
		}
		if gone > n && r.stage == made {
			r.s.fail(failure.SendDatagram(err))
		}
		if full {
			return
		}
	}
	r.early.list = nil
	if r.stage == made && r.s.state == Closing {
		r.s.finish(false)
	}
}

// dropEarly drops what waits.
func (r *relay) dropEarly() {
	r.s.Loop().StopTimer(&r.early.retry)
	r.early.list, r.early.bytes = nil, 0
}

// holdsEarly reports whether something waits to be sent by the relay.
func (s *Socket) holdsEarly() bool {
	r := s.relay()
	return r != nil && len(r.early.list) > 0
}
