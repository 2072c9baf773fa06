package socket

import (
	"encoding/binary"
	"math/rand"
	"slices"
	"testing"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
)

// relayModel is a socket with a relay, and what each of them is to get.
type relayModel struct {
	*rig
	relay     *proxytest.Relay
	stranger  *rig
	random    *rand.Rand
	connected bool
	sent      []string // what the relay is to have
	queue     []datagram.Outgoing
	queued    int // bytes of queue
}

// somewhere returns an address, and the header of datagrams to or from there.
func (m *relayModel) somewhere() (datagram.Endpoint, string) {
	text, header := "192.0.2.1", "\x00\x00\x00\x01\xc0\x00\x02\x01"
	if m.random.Intn(3) == 0 {
		text, header = "2001:db8::7", "\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"
	}
	a, _ := address.Parse(text)
	to := datagram.Endpoint{Address: a, Port: uint16(9 + m.random.Intn(2))}
	return to, header + string(binary.BigEndian.AppendUint16(nil, to.Port))
}

func (m *relayModel) data() []byte {
	size := m.random.Intn(50)
	switch m.random.Intn(20) {
	case 0:
		size = m.random.Intn(5000)
	case 1:
		size = 0
	}
	p := make([]byte, size)
	m.random.Read(p)
	return p
}

// outgoing returns a datagram, and writes down that it will be sent.
func (m *relayModel) outgoing() datagram.Outgoing {
	to, header := m.somewhere()
	if m.connected && m.random.Intn(2) == 0 {
		to, header = datagram.Endpoint{}, wrapped("")
	}
	d := datagram.Outgoing{Data: m.data(), Way: datagram.Way{Destination: to, HopLimit: -1}}
	m.sent = append(m.sent, header+string(d.Data))
	return d
}

func (m *relayModel) write() {
	d := m.outgoing()
	if n := m.WriteDatagram(d.Data, d.Destination); n != len(d.Data) {
		m.t.Fatalf("%d of %d, %v", n, len(d.Data), m.Failure())
	}
	m.compare()
}

func (m *relayModel) writeSome() {
	list := make([]datagram.Outgoing, 1+m.random.Intn(20))
	for i := range list {
		if list[i] = m.outgoing(); i > 0 && m.random.Intn(4) > 0 {
			// More of the same may travel together.
			list[i] = list[i-1]
			m.sent[len(m.sent)-1] = m.sent[len(m.sent)-2]
		}
	}
	if n := m.WriteDatagrams(len(list), func(i int, d *datagram.Outgoing) { *d = list[i] }); n != len(list) {
		m.t.Fatalf("%d of %d, %v", n, len(list), m.Failure())
	}
	m.compare()
}

// compare looks what the relay has.
func (m *relayModel) compare() {
	m.t.Helper()
	m.until("the relay has it", func() bool { return len(m.relay.Got()) >= len(m.sent) })
	if got := m.relay.Got(); !slices.Equal(got, m.sent) {
		m.t.Fatalf("the relay has %d datagrams, not %d, or others", len(got), len(m.sent))
	}
}

// say has the relay send something.
func (m *relayModel) say() {
	from, header := m.somewhere()
	if m.queued > 40_000 || len(m.queue) > 60 {
		return
	}
	data := m.data()
	text := header + string(data)
	counts := !m.connected || from == target()
	switch m.random.Intn(8) {
	case 0:
		text, counts = "\x00\x00\x01"+text[3:], false
	case 1:
		text, counts = text[:m.random.Intn(len(header))], false
	case 2:
		_, port := endpoint.Local(m.Descriptor())
		m.stranger.WriteDatagram([]byte(text), datagram.Endpoint{Address: address.LocalHost, Port: port})
		return
	}
	if counts {
		m.queue = append(m.queue, datagram.Outgoing{Data: data, Way: datagram.Way{Sender: from, HopLimit: -1}})
		m.queued += len(data)
	}
	m.relay.Say(text)
}

// read takes the next datagram in one of the ways that there are.
func (m *relayModel) read() {
	if len(m.queue) == 0 {
		if m.HasPendingDatagrams() {
			m.t.Fatal("there is more than was sent")
		}
		return
	}
	m.until("there is a datagram", m.HasPendingDatagrams)
	want := m.queue[0]
	if n := m.PendingDatagramSize(); n != len(want.Data) {
		m.t.Fatalf("%d bytes, not %d", n, len(want.Data))
	}
	var got []byte
	way := want.Way
	switch space := make([]byte, m.random.Intn(100)); m.random.Intn(4) {
	case 0:
		got = space[:m.ReadDatagram(space, &way.Sender)]
	case 1:
		m.ReceiveDatagram(len(space), &way, func(p []byte) { got = slices.Clone(p) })
	case 2:
		n := m.ReadDatagrams(1+m.random.Intn(10), func(i int, p []byte, way *datagram.Way) {
			if i >= len(m.queue) || string(p) != string(m.queue[i].Data) || *way != m.queue[i].Way {
				m.t.Errorf("%d bytes by %+v are others", len(p), *way)
			}
		})
		for range min(n, len(m.queue)) {
			m.queue, m.queued = m.queue[1:], m.queued-len(m.queue[0].Data)
		}
		return
	default:
		if m.ReceiveDatagram(-1, &way, func(p []byte) { got = slices.Clone(p) }); len(got) != len(want.Data) {
			m.t.Fatalf("%d bytes, not %d", len(got), len(want.Data))
		}
	}
	if way != want.Way || string(got) != string(want.Data[:len(got)]) {
		m.t.Fatalf("%d bytes by %+v, not %d by %+v", len(got), way, len(want.Data), want.Way)
	}
	m.queue, m.queued = m.queue[1:], m.queued-len(want.Data)
}

func TestRelayedDatagramsAtRandom(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		relay := proxytest.StartRelay(t, nil)
		r := relayed(t, proxytest.Start(t, relay.Associate))
		m := &relayModel{rig: r, relay: relay, stranger: bound(t, r.l), random: random, connected: random.Intn(2) == 0}
		if m.connected {
			r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
			r.untilLogged("connected")
		} else {
			r.bindAny()
		}
		m.write()
		for range 300 {
			if t.Failed() {
				return
			}
			[]func(){m.write, m.writeSome, m.say, m.say, m.say, m.read, m.read, m.settle}[random.Intn(8)]()
		}
		for len(m.queue) > 0 && !t.Failed() {
			m.read()
		}
		m.read()
	})
}
