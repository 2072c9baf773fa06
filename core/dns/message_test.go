package dns

import (
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"qnet/core/internal/dnstest"
)

func FuzzAnswer(f *testing.F) {
	q, err := newQuestion("host.test", dnsmessage.TypeA)
	if err != nil {
		f.Fatal(err)
	}
	id, message, err := q.pack()
	if err != nil {
		f.Fatal(err)
	}
	query := dnstest.Query{Header: dnsmessage.Header{ID: id}, Question: dnsmessage.Question{Name: q.name, Type: q.kind, Class: dnsmessage.ClassINET}}
	f.Add(message)
	f.Add(query.Truncated())
	f.Add(query.Reply(dnsmessage.RCodeNameError))
	f.Add(query.Reply(dnsmessage.RCodeSuccess, dnstest.Alias("host.test", "b.test"), dnstest.Address("b.test", netip.MustParseAddr("192.0.2.1"))))
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) > 1 {
			// Otherwise hardly any would be read.
			message[0], message[1] = byte(id>>8), byte(id)
		}
		a, err := q.read(message, id)
		if err != nil && len(a.addresses) > 0 {
			t.Errorf("%v of an answer that is none", a.addresses)
		}
		if _, err := q.read(message, id+1); err == nil {
			t.Error("an answer to another question is taken")
		}
		for _, ip := range a.addresses {
			if !ip.IsValid() {
				t.Error("an address that is none")
			}
		}
	})
}
