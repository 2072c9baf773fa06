package session

import (
	"bytes"
	"testing"

	"qnet/core/internal/tlstest"
)

// settle has an end act until its handshake waits for what does not come, or is over.
func settle(r *rig, who *side) {
	r.until("it is over", func() bool {
		who.t.In.Ended = true
		return who.over != nil
	})
}

// FuzzHandshake feeds both ends with what a peer says instead of a handshake.
func FuzzHandshake(f *testing.F) {
	for version := range versions {
		for _, server := range []bool{false, true} {
			m := tampered(f, version, server)
			m.pass("both are encrypted", func(_, more []byte) []byte { return more }, func() bool { return m.c.Encrypted() && m.s.Encrypted() })
			f.Add(server, m.raw)
		}
	}
	f.Add(true, []byte("GET / HTTP/1.0\r\n\r\n"))
	f.Add(false, []byte{21, 3, 1, 0, 2, 2, 40})
	f.Add(false, bytes.Repeat([]byte{21, 3, 3, 0, 2, 1, 90}, 30))
	f.Fuzz(func(t *testing.T, server bool, data []byte) {
		client, s := small(t, "1.3")
		client.Protocol = 3 // any
		r := newRig(t)
		one, _ := tlstest.Ends()
		var who *Session
		var err error
		if server {
			who, err = Server(s, r.progress)
		} else {
			who, err = Client(client, "host.test", r.progress)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer who.Close()
		r.c = &side{Session: who, t: one}
		one.In.Data = data
		settle(r, r.c)
		if who.Encrypted() || who.Err() == nil || len(who.Connection().PeerChain) > len(data) {
			t.Error("encrypted", who.Err())
		}
	})
}

// FuzzRecords feeds both ends with what a peer says, encrypted, once the handshake is over:
// for each byte of lengths there is a record of a kind.
func FuzzRecords(f *testing.F) {
	f.Add(false, []byte("\x17\x05\x16\x05\x15\x02"), []byte("hello\x18\x00\x00\x01\x00\x01\x00"))
	f.Add(true, []byte("\x16\x05\x17\x01"), []byte("\x18\x00\x00\x01\x01a"))
	f.Add(false, []byte("\x16\x14"), []byte("\x04\x00\x00\x10\x00\x00\x01\x00\x00\x00\x00\x01\x01\x01\x00\x02\x03\x04\x00\x00"))
	f.Fuzz(func(t *testing.T, server bool, records, data []byte) {
		if len(records) > 200 {
			return
		}
		r, who, in, forger := forged(t, server)
		for ; len(records) >= 2; records = records[2:] {
			n := min(int(records[1]), len(data))
			in.Data = append(in.Data, forger.Record(records[0], data[:n])...)
			if records[0] == tlstest.HandshakeRecord && n == 5 && data[0] == 24 {
				forger.NextKey()
			}
			data = data[n:]
		}
		settle(r, who)
		if len(who.heard) > 1<<16 {
			t.Error("more than was sent")
		}
	})
}

// FuzzTicket has a client resume with what somebody has changed in a ticket.
func FuzzTicket(f *testing.F) {
	for version := range versions {
		client, server := small(f, version)
		client.SetOption(64, false)
		f.Add(ticket(f, client, server))
	}
	f.Add([]byte(ticketMark))
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := small(t, "1.3")
		client.Protocol = 3
		client.SetOption(64, false)
		client.SessionTicket = data
		r := couple(t, client, server, "host.test")
		r.until("it is over", func() bool { return r.c.Encrypted() && r.s.Encrypted() || r.c.Err() != nil })
		r.c.Connection()
	})
}
