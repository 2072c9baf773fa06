package datagram

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/sys"
)

// Outgoing is a datagram to be sent. A null destination is that of the
// connection.
type Outgoing struct {
	Data []byte
	Way
}

// Sender sends datagrams over a descriptor.
type Sender struct {
	FD   int
	IPv6 bool
	// Mapped says that the peer of its connection is reached by IPv4 over IPv6's socket.
	Mapped bool
	// Single has each datagram sent by itself: the system cannot split trains.
	Single bool
	// Here lets it send to this host only.
	Here bool
	// Envelope is what datagrams are put into, if in any. They go to the peer of the
	// descriptor then, and where is all that can be said of their way.
	Envelope Envelope

	room [maxHeader]byte // for the header of a single one
}

const (
	// trainSize is up to which size datagrams are sent as trains (GSO): larger
	// ones need not fit the path without fragments, and gain little.
	trainSize = 1200
	// trainLength is how many datagrams a train has at most.
	trainLength = 64
	// trainBytes is how many bytes a train has at most.
	trainBytes = 65535 - 48

	// piecesEach is of how many pieces a datagram in an envelope is: the header and the data.
	piecesEach = 2

	sendSlots   = 64
	sendControl = 128
)

// message is one message to the system: a datagram, or a train of them.
type message struct {
	name    unix.RawSockaddrInet6
	control [sendControl]byte
	used    int // of control
}

// Send sends one datagram.
func (s *Sender) Send(d *Outgoing) error {
	if s.Envelope != nil {
		return s.sendEnveloped(d)
	}
	var (
		m message
		v unix.Iovec
	)
	size, err := s.address(&m, &d.Way)
	if err != nil {
		return err
	}
	v.Base = unsafe.SliceData(d.Data)
	v.SetLen(len(d.Data))
	h := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&m.name)), Namelen: size, Iov: &v, Control: &m.control[0]}
	h.SetIovlen(1)
	h.SetControllen(m.used)
	return sys.SendMessage(s.FD, &h)
}

// sendEnveloped sends one datagram in an envelope. The header has memory of its own for as
// long as it is being sent, and the data stays where it is.
func (s *Sender) sendEnveloped(d *Outgoing) error {
	header, err := s.Envelope.Header(s.room[:0], d.Destination)
	if err != nil {
		return err
	}
	var v [piecesEach]unix.Iovec
	pieces(v[:], header, d.Data)
	h := unix.Msghdr{Iov: &v[0]}
	h.SetIovlen(len(v))
	return sys.SendMessage(s.FD, &h)
}

// pieces fills in vectors with the pieces of a datagram.
func pieces(v []unix.Iovec, list ...[]byte) {
	for i, p := range list {
		v[i].Base = unsafe.SliceData(p)
		v[i].SetLen(len(p))
	}
}

// work is the memory for sending many datagrams.
type work struct {
	headers  [sendSlots]sys.Message
	messages [sendSlots]message
	vectors  [sendSlots * trainLength / 2]unix.Iovec
	lengths  [sendSlots]int // of the trains
	rooms    [sendSlots][maxHeader]byte
	list     [sendSlots * 8]Outgoing
}

// SendAll sends count datagrams, which get fills in, in their order and many
// with each system call. It returns how many it has sent, and their bytes; with
// fewer than all, why.
func (s *Sender) SendAll(pool *Pool, count int, get func(i int, d *Outgoing)) (sent, bytes int, err error) {
	if pool.work == nil {
		pool.work = &work{}
	}
	w := pool.work
	for sent < count && err == nil {
		list := w.list[:min(len(w.list), count-sent)]
		for i := range list {
			get(sent+i, &list[i])
		}
		var n int
		n, err = s.sendList(w, list)
		for i := range list[:n] {
			bytes += len(list[i].Data)
		}
		sent += n
		// What they point at is the caller's.
		clear(list)
		clear(w.vectors[:min(piecesEach*len(list), len(w.vectors))])
	}
	return sent, bytes, err
}

// sendList sends the datagrams of list.
func (s *Sender) sendList(w *work, list []Outgoing) (int, error) {
	total := 0
	for total < len(list) {
		n, err := s.load(w, list[total:])
		if n == 0 {
			return total, err
		}
		done, err := s.sendMessages(w, n)
		for _, length := range w.lengths[:done] {
			total += length
		}
		if err == nil {
			continue
		}
		if w.lengths[done] > 1 && (err == unix.EINVAL || err == unix.EIO || err == unix.EMSGSIZE) {
			// The path or the device does not take trains.
			s.Single = true
			continue
		}
		return total, err
	}
	return total, nil
}

// load prepares messages for as many of list as there is room for. That it was
// none is because of err.
func (s *Sender) load(w *work, list []Outgoing) (int, error) {
	vectors := w.vectors[:]
	n := 0
	for n < sendSlots && len(list) > 0 {
		m, h := &w.messages[n], &w.headers[n]
		*h = sys.Message{}
		m.used = 0
		var header []byte
		if s.Envelope != nil {
			var err error
			if header, err = s.Envelope.Header(w.rooms[n][:0], list[0].Destination); err != nil {
				return n, err
			}
		} else {
			size, err := s.address(m, &list[0].Way)
			if err != nil {
				return n, err
			}
			h.Name, h.Namelen = (*byte)(unsafe.Pointer(&m.name)), size
		}
		length := s.train(list, len(header))
		count := length
		if s.Envelope != nil {
			count *= piecesEach
		}
		if count > len(vectors) {
			break
		}
		if length > 1 {
			binary.NativeEndian.PutUint16(m.add(unix.IPPROTO_UDP, trainOption, 2), uint16(len(header)+len(list[0].Data)))
		}
		h.Control = &m.control[0]
		h.SetControllen(m.used)
		h.Iov = &vectors[0]
		for i := range list[:length] {
			if s.Envelope != nil {
				pieces(vectors[piecesEach*i:], header, list[i].Data)
			} else {
				pieces(vectors[i:], list[i].Data)
			}
		}
		h.SetIovlen(count)
		w.lengths[n] = length
		vectors, list = vectors[count:], list[length:]
		n++
	}
	return n, nil
}

// train returns how many of the datagrams at the beginning of list can be sent
// as one train: all go the same way and have the same size, but for the last,
// which may be smaller. Each has a header of so many bytes.
func (s *Sender) train(list []Outgoing, header int) int {
	first := &list[0]
	size := len(first.Data)
	if trainOption == 0 || s.Single || size+header == 0 || size+header > trainSize {
		return 1
	}
	limit := min(len(list), trainLength, trainBytes/(size+header))
	n := 1
	for n < limit && len(list[n].Data)+header > 0 && len(list[n].Data) <= size && list[n].Way == first.Way {
		n++
		if len(list[n-1].Data) < size {
			break
		}
	}
	return n
}

func (s *Sender) sendMessages(w *work, n int) (int, error) {
	done := 0
	for done < n {
		k, err := sys.SendMessages(s.FD, w.headers[done:n])
		if err != nil {
			return done, err
		}
		done += k
	}
	return done, nil
}

// address fills in where a message goes, and how. It returns the size of its
// name; 0 if it has none.
func (s *Sender) address(m *message, w *Way) (size uint32, err error) {
	if !w.Destination.IsPeer() {
		if s.Here && !w.Destination.Address.IsLoopback() {
			return 0, unix.EACCES
		}
		if size, err = endpoint.Encode(&m.name, s.FD, s.IPv6, w.Destination.Address, w.Destination.Port); err != nil {
			return 0, err
		}
	}
	if w.HopLimit > 0 {
		binary.NativeEndian.PutUint32(s.hopLimit(m, w), uint32(w.HopLimit))
	}
	if w.Interface != 0 || w.source().IsValid() {
		if err := s.source(m, w); err != nil {
			return 0, err
		}
	}
	return size, nil
}

// hopLimit returns where a message's hop limit is to be written. The system
// looks at that of the family that the packet has in the end.
func (s *Sender) hopLimit(m *message, w *Way) []byte {
	if s.IPv6 && !s.mapped(w) {
		return m.add(unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, 4)
	}
	return m.add(unix.IPPROTO_IP, unix.IP_TTL, 4)
}

// source has a message sent from an address or an interface.
func (s *Sender) source(m *message, w *Way) error {
	from := w.source()
	if s.IPv6 {
		info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&m.add(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo)[0]))
		info.Ifindex = w.Interface
		switch {
		case from.IsValid():
			info.Addr = from.As16()
		case s.mapped(w):
			// The system takes no other for IPv4.
			info.Addr = netip.IPv4Unspecified().As16()
		}
		return nil
	}
	if from.IsValid() && !from.Is4() {
		return unix.EAFNOSUPPORT
	}
	return m.source4(from, w.Interface)
}

// add begins a control message and returns its data, all zero.
func (m *message) add(level, kind int32, size int) []byte {
	at := m.used
	m.used += unix.CmsgSpace(size)
	clear(m.control[at:m.used])
	h := (*unix.Cmsghdr)(unsafe.Pointer(&m.control[at]))
	h.Level, h.Type = level, kind
	h.SetLen(unix.CmsgLen(size))
	return m.control[at+unix.CmsgLen(0):][:size]
}

// IsPeer reports whether a destination is none but that of the connection: the null
// address, or what a zeroed struct of C has.
func (e Endpoint) IsPeer() bool {
	return e.Address.IsNull() || e == Endpoint{Address: address.AnyIPv4}
}

// source returns which address a datagram is to come from; an invalid one is the
// system's choice. So are the addresses that stand for all.
func (w *Way) source() netip.Addr {
	if a := w.Sender.Address.Addr().Unmap(); a.IsValid() && !a.IsUnspecified() {
		return a
	}
	return netip.Addr{}
}

// mapped reports whether an IPv6 socket sends a datagram by IPv4.
func (s *Sender) mapped(w *Way) bool {
	if w.Destination.IsPeer() {
		return s.Mapped
	}
	return IsMapped(w.Destination.Address)
}

// IsMapped reports whether an IPv6 socket reaches a by IPv4.
func IsMapped(a address.Address) bool { return a.Addr().Unmap().Is4() }
