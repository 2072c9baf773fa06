package server

import (
	"qnet/core/address"
	"qnet/core/loop"
	"qnet/core/quota"
	"qnet/core/socket"
	"qnet/core/sys"
	"qnet/core/tls/configuration"
)

// arrival is a connection on its way to another loop. The lock of the server's loop guards it.
type arrival struct {
	s     *base
	stage stage
	share *share // nil: it waits for one

	fd       int
	ends     socket.Ends
	halfOpen bool
	channels int // of an SCTP server
	count    *quota.Connection

	config    *configuration.Configuration // nil: it is not to be encrypted
	handshake *handshake
	owner     socket.Owner // of the socket, until that is announced; under the lock of its loop
}

// stage is how far an arrival has come.
type stage uint8

const (
	waiting stage = iota // to be claimed by its loop
	landing              // claimed
	shaking              // its handshake is under way
	over                 // announced, or ended
)

// send gives a descriptor that was accepted to a loop, if there is one.
func (s *base) send(fd int, peer address.Address, port uint16) bool {
	a := &arrival{s: s, fd: fd, halfOpen: s.halfOpen}
	s.class.sending(a, peer, port)
	if s.spread.arrivals == nil {
		s.spread.arrivals = map[*arrival]struct{}{}
	}
	s.spread.arrivals[a] = struct{}{}
	if len(s.dispatch([]*arrival{a})) == 0 {
		if s.Alive() {
			s.update()
		}
		return true
	}
	a.end()
	if a.count != nil {
		a.count.Forget()
	}
	return false
}

// end forgets an arrival, whatever becomes of the connection.
func (a *arrival) end() {
	if a.share != nil && (a.stage == waiting || a.stage == landing) {
		a.share.waiting--
	}
	a.stage = over
	delete(a.s.spread.arrivals, a)
}

// close ends a connection that no socket was made of.
func (a *arrival) close() { sys.Close(a.fd) }

// giveBack has an arrival that was claimed go elsewhere.
func (a *arrival) giveBack() {
	if a.stage == over {
		a.close()
		a.count.Forget()
		return
	}
	a.share.waiting--
	a.share, a.stage = nil, waiting
	a.s.reroute([]*arrival{a})
}

// land makes a socket of a connection in its loop l, and announces it, or has it encrypted first.
func (a *arrival) land(l *loop.Loop) {
	c := a.s.class.land(a, l)
	c.SetAllowHalfOpen(a.halfOpen)
	c.CountAs(a.count)
	if a.config != nil {
		a.encrypt(c)
		return
	}
	a.arrive(c)
}

// arrive has c announced, and deletes it if nobody wants it any more.
func (a *arrival) arrive(c *socket.Socket) {
	wanted := false
	a.share.atServer(func() {
		s := a.s
		if a.stage == over {
			return
		}
		a.end()
		a.count.Arrived()
		if a.handshake != nil {
			a.handshake.x.presented++
		}
		s.update()
		if wanted = s.Hears(SignalConnectionInLoop); wanted {
			s.announce(c)
		}
	})
	if !wanted {
		c.Delete()
	}
}

// encrypt has c, which has landed, kept until it is encrypted.
func (a *arrival) encrypt(c *socket.Socket) {
	s := a.s.class.(*Server)
	c.SetOwner(&a.owner)
	h := &handshake{x: s.ssl, socket: c, arrival: a}
	wanted := false
	a.share.atServer(func() {
		if a.stage == over {
			return
		}
		a.share.waiting--
		a.stage, a.handshake = shaking, h
		a.count.Arrived()
		h.setTime()
		s.update()
		wanted = true
	})
	switch l := c.Loop(); {
	case !wanted:
		c.Delete()
	case !c.Alive(): // the server was deleted
	case l.Closed():
		h.loopClosed()
	default:
		h.closed = l.Promise(h.loopClosed)
		h.begin(a.config)
	}
}

// encrypted has c announced, of which the handshake is over.
func (a *arrival) encrypted(c *socket.Socket) {
	if c.Owner() == &a.owner {
		c.SetOwner(nil)
	}
	a.arrive(c)
}

func (s *Server) sending(a *arrival, peer address.Address, port uint16) {
	if s.through != nil {
		a.ends = socket.Ends{Local: s.through.local, Peer: peer, PeerPort: port}
	} else {
		a.ends = socket.EndsOf(a.fd, peer, port, s.local)
		s.local = a.ends.Local
	}
	if s.ssl != nil {
		a.config = s.ssl.config
	}
	if s.sctp != nil {
		a.channels = s.sctp.most
	}
}

func (s *Server) land(a *arrival, l *loop.Loop) *socket.Socket {
	if s.sctp != nil {
		return socket.AdoptSCTP(l, a.fd, a.ends.Peer, a.ends.PeerPort, a.channels)
	}
	return socket.AdoptAs(l, a.fd, a.ends)
}

func (s *LocalServer) sending(*arrival, address.Address, uint16) {}

func (s *LocalServer) land(a *arrival, l *loop.Loop) *socket.Socket {
	return socket.AdoptLocal(l, a.fd)
}
