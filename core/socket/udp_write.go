package socket

import (
	"fmt"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/failure"
)

// write sends p to the peer as one datagram, at once.
func (u *udp) write(p []byte) int {
	s := u.s
	if s.state != Connected {
		s.failure = failure.NotConnected
		return -1
	}
	if err := u.send(&datagram.Outgoing{Data: p, Way: datagram.Way{HopLimit: -1}}); err != nil {
		s.failure = failure.WriteDatagram(err)
		return -1
	}
	return len(p)
}

// send sends a datagram and says so, or has it wait where it must.
func (u *udp) send(d *datagram.Outgoing) error {
	if u.relay != nil && u.relay.holds() {
		return u.relay.hold(d)
	}
	err := u.sender.Send(d)
	if err == nil {
		u.emitSent(len(d.Data))
	}
	return err
}

// emitSent emits bytesWritten, also from within itself: each datagram counts. For who waits one
// without data is something, too.
func (u *udp) emitSent(bytes int) {
	u.s.sent += uint32(max(1, bytes))
	u.s.emit(SignalBytesWritten, int64(bytes))
}

// sendable binds a socket that is not bound, for datagrams of which the first goes to an
// address, and reports whether it can send.
func (u *udp) sendable(function string, to address.Address) bool {
	s := u.s
	if s.state == Unconnected && !s.bindFor(to) {
		return false
	}
	if !u.usable() {
		u.misused(function, notBound)
		return false
	}
	return true
}

// WriteDatagram sends p to an address, at once, or once there is the relay that it needs; the
// null address is the peer's. It returns len(p); -1, with an error, if that was not possible
// (QUdpSocket::writeDatagram).
func (s *Socket) WriteDatagram(p []byte, to datagram.Endpoint) int {
	u := s.udp()
	if !u.sendable("write_datagram", to.Address) {
		return -1
	}
	if err := u.send(&datagram.Outgoing{Data: p, Way: datagram.Way{Destination: to, HopLimit: -1}}); err != nil {
		s.fail(failure.SendDatagram(err))
		return -1
	}
	return len(p)
}

// WriteDatagrams sends count datagrams, which get fills in, in their order, at
// once, and returns how many were sent; with fewer than all there is an error,
// and -1 if it is none. Qt has no such call.
func (s *Socket) WriteDatagrams(count int, get func(i int, d *datagram.Outgoing)) int {
	u := s.udp()
	to := address.Null
	if s.state == Unconnected && count > 0 {
		first := &datagram.Outgoing{}
		get(0, first)
		to = first.Destination.Address
	}
	if !u.sendable("write_datagrams", to) {
		return -1
	}
	connection := s.connectionID
	n, err := u.sendAll(count, get)
	if err != nil {
		if s.Alive() && s.connectionID == connection {
			s.fail(failure.SendDatagram(err))
		}
		if n == 0 {
			return -1
		}
	}
	return n
}

// sendAll is send for count datagrams, in their order. It returns how many it has done so; with
// fewer than all, why.
func (u *udp) sendAll(count int, get func(i int, d *datagram.Outgoing)) (int, error) {
	if u.relay != nil && u.relay.holds() {
		return u.relay.holdAll(count, get)
	}
	n, bytes, err := u.sender.SendAll(u.pool(), count, get)
	if n > 0 {
		u.emitSent(bytes)
	}
	return n, err
}

// JoinGroup joins a multicast group on an interface, 0 for the system's choice, and reports
// whether it could (QUdpSocket::joinMulticastGroup).
func (s *Socket) JoinGroup(group address.Address, index uint32) bool {
	if group.Protocol() == address.IPv4 && s.local.Address.Protocol() == address.AnyIP {
		s.udp().misused("join_multicast_group", fmt.Sprintf("a socket bound to all addresses of both families cannot be a member of %s; "+
			"bind it to those of IPv4", group))
		return false
	}
	return s.udp().member("join_multicast_group", group, index, datagram.Join)
}

// LeaveGroup is the opposite of JoinGroup (QUdpSocket::leaveMulticastGroup).
func (s *Socket) LeaveGroup(group address.Address, index uint32) bool {
	return s.udp().member("leave_multicast_group", group, index, datagram.Leave)
}

func (u *udp) member(function string, group address.Address, index uint32, do func(int, address.Address, uint32) error) bool {
	if !u.bound(function) {
		return false
	}
	if u.relay != nil {
		// Proxies pass on what goes to one and comes from one.
		u.s.failure = failure.ProxyCannot
		return false
	}
	return group.IsMulticast() && do(int(u.s.fd), group, index) == nil
}

// misused is that of a Socket, for a function that begins with "qnet_udp_socket_".
func (u *udp) misused(function, text string) {
	u.s.Misused("qnet_udp_socket_"+function, text)
}

// warn is that of a Socket, for such a function.
func (u *udp) warn(function, text string) { u.s.warnOf("qnet_udp_socket_"+function, text) }

const notInBoundState = "the socket is not in the bound state"

func (u *udp) bound(function string) bool {
	if u.s.state == Bound && u.s.fd >= 0 {
		return true
	}
	u.misused(function, notInBoundState)
	return false
}

// MulticastInterface returns what SetMulticastInterface was given
// (QUdpSocket::multicastInterface).
func (s *Socket) MulticastInterface() uint32 {
	if u := s.udp(); s.state != Bound || s.fd < 0 {
		u.warn("multicast_interface", notInBoundState)
		return 0
	}
	return s.udp().multicast
}

// SetMulticastInterface chooses the interface for sending to multicast groups, 0
// for the system's choice, and reports whether it could
// (QUdpSocket::setMulticastInterface).
func (s *Socket) SetMulticastInterface(index uint32) bool {
	if !s.udp().bound("set_multicast_interface") {
		return false
	}
	if s.relay() != nil {
		s.failure = failure.ProxyCannot
		return false
	}
	if err := datagram.SetInterface(int(s.fd), s.udp().sender.IPv6, index); err != nil {
		s.fail(failure.SendDatagram(err))
		return false
	}
	s.udp().multicast = index
	return true
}
