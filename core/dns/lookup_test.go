package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"qnet/core/internal/dnstest"
	"qnet/core/internal/looptest"
	"qnet/core/internal/standardtest"
)

// config asks the servers, with more patience than any test needs.
func config(servers ...netip.AddrPort) *Config {
	return &Config{Servers: servers, Ndots: 1, Timeout: looptest.Patience, Attempts: 1}
}

func addrs(texts ...string) []netip.Addr {
	var list []netip.Addr
	for _, text := range texts {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

// expect looks name up, of both families, and compares what is found.
func expect(t *testing.T, c *Config, name string, want ...string) {
	t.Helper()
	if got, err := c.Addresses(t.Context(), name, true, true); err != nil || !slices.Equal(got, addrs(want...)) {
		t.Errorf("%s: %v, %v, not %v", name, got, err, want)
	}
}

func expectError(t *testing.T, c *Config, name string, want error) {
	t.Helper()
	if got, err := c.Addresses(t.Context(), name, true, true); err != want || len(got) != 0 {
		t.Errorf("%s: %v, %v, not %v", name, got, err, want)
	}
}

// fails is a handler that says so.
func fails(code dnsmessage.RCode) func(dnstest.Query) [][]byte {
	return func(q dnstest.Query) [][]byte { return [][]byte{q.Reply(code)} }
}

// nowhere is an address where nobody listens.
func nowhere(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

func TestAddressesOfBothFamilies(t *testing.T) {
	looptest.CheckLeaks(t)
	s := dnstest.New(t, dnstest.Host(map[string][]string{
		"both.test": {"192.0.2.1", "2001:db8::1", "192.0.2.2"},
		"four.test": {"192.0.2.4"},
		"six.test":  {"2001:db8::6"},
		"none.test": {},
	}))
	c := config(s.Address)
	expect(t, c, "both.test", "192.0.2.1", "192.0.2.2", "2001:db8::1")
	expect(t, c, "BOTH.Test.", "192.0.2.1", "192.0.2.2", "2001:db8::1")
	expect(t, c, "four.test", "192.0.2.4")
	expect(t, c, "six.test", "2001:db8::6")
	expectError(t, c, "none.test", ErrNotFound)
	expectError(t, c, "unknown.test", ErrNotFound)
	expectError(t, c, strings.Repeat("a.", 127)+"test", ErrNotFound)
	if got, err := c.Addresses(t.Context(), "both.test", false, true); err != nil || !slices.Equal(got, addrs("2001:db8::1")) {
		t.Errorf("IPv6 alone: %v, %v", got, err)
	}
	before := len(s.Asked())
	c.NoIPv6 = true
	expect(t, c, "both.test", "192.0.2.1", "192.0.2.2")
	if n := len(s.Asked()) - before; n != 1 {
		t.Errorf("%d questions without IPv6", n)
	}
	c.NoIPv6, c.Single = false, true
	expect(t, c, "both.test", "192.0.2.1", "192.0.2.2", "2001:db8::1")
}

// A connection to a server is closed with its question, not when the garbage is collected.
func TestNoConnectionStaysOpen(t *testing.T) {
	s := dnstest.New(t, dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}}))
	expect(t, config(s.Address), "host.test", "192.0.2.1")
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := looptest.Descriptors()
	for range 10 {
		expect(t, config(s.Address), "host.test", "192.0.2.1")
	}
	if now := looptest.Descriptors(); now > before+2 {
		t.Errorf("%d descriptors, and %d before ten look-ups", now, before)
	}
}

// Only the attempts after the first share the time among the servers.
func TestTheFirstAttemptHasTheWholeTime(t *testing.T) {
	s := dnstest.New(t, dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}}))
	// For a part of it no answer would come in time.
	c := config(slices.Repeat([]netip.AddrPort{s.Address}, 200_000)...)
	c.NoIPv6, c.Attempts, c.Timeout = true, 1, 2*time.Second
	expect(t, c, "host.test", "192.0.2.1")
	if n := len(s.Asked()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A server that answers one question of a client at a time is asked so.
func TestSingleQuestionsComeOneAfterTheOther(t *testing.T) {
	questions := make(chan dnsmessage.Type, 9)
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		questions <- q.Question.Type
		return nil
	})
	c := config(s.Address)
	c.Single, c.Timeout, c.Attempts = true, 10*time.Millisecond, 3
	expectError(t, c, "host.test", ErrTemporary)
	var asked []dnsmessage.Type
	for len(questions) > 0 {
		asked = append(asked, <-questions)
	}
	want := []dnsmessage.Type{
		dnsmessage.TypeA, dnsmessage.TypeA, dnsmessage.TypeA, dnsmessage.TypeAAAA, dnsmessage.TypeAAAA, dnsmessage.TypeAAAA,
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %v", asked)
	}
}

func TestQuestionsComeAtOnce(t *testing.T) {
	questions := make(chan dnsmessage.Type, 9)
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		questions <- q.Question.Type
		return nil
	})
	c := config(s.Address)
	c.Timeout, c.Attempts = 300*time.Millisecond, 2
	expectError(t, c, "host.test", ErrTemporary)
	if first, second := <-questions, <-questions; first == second {
		t.Errorf("asked for %v twice before anything else", first)
	}
}

func TestQuestionsSayNothingOfEDNS(t *testing.T) {
	known := dnstest.Host(map[string][]string{"old.test": {"192.0.2.1"}})
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		if q.EDNS {
			return [][]byte{q.Reply(dnsmessage.RCodeFormatError)}
		}
		return known(q)
	})
	expect(t, config(s.Address), "old.test", "192.0.2.1")
}

func TestAliasesAreFollowed(t *testing.T) {
	looptest.CheckLeaks(t)
	chain := func(n int) []dnsmessage.Resource {
		var records []dnsmessage.Resource
		name := "chain.test"
		for i := range n {
			next := fmt.Sprintf("a-rather-long-name-number-%d.test", i)
			records = append(records, dnstest.Alias(name, next))
			name = next
		}
		return append(records, dnstest.Address(name, netip.MustParseAddr("192.0.2.50")))
	}
	backwards := chain(3)
	slices.Reverse(backwards)
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		if q.Question.Type != dnsmessage.TypeA {
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess)}
		}
		switch {
		case q.Name() == "chain.test" && !q.TCP:
			return [][]byte{q.Truncated()}
		case q.Name() == "chain.test":
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess, chain(50)...)}
		case q.Name() == "other.test":
			// Of another name than the one that was asked for.
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess, dnstest.Address("victim.test", netip.MustParseAddr("192.0.2.66")))}
		case q.Name() == "circle.test":
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess, dnstest.Alias("circle.test", "b.test"), dnstest.Alias("b.test", "circle.test"))}
		}
		return [][]byte{q.Reply(dnsmessage.RCodeSuccess, append(backwards, dnstest.Alias("backwards.test", "chain.test"))...)}
	})
	c := config(s.Address)
	expect(t, c, "chain.test", "192.0.2.50")
	expect(t, c, "backwards.test", "192.0.2.50")
	expectError(t, c, "other.test", ErrNotFound)
	expectError(t, c, "circle.test", ErrNotFound)
}

func TestLongAnswersComeOverTCP(t *testing.T) {
	looptest.CheckLeaks(t)
	var many []string
	for i := range 3000 {
		many = append(many, netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}).String())
	}
	known := dnstest.Host(map[string][]string{"many.test": many})
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		if !q.TCP {
			return [][]byte{q.Truncated()}
		}
		return known(q)
	})
	c := config(s.Address)
	expect(t, c, "many.test", many...)
	before := len(s.Asked())
	c.TCP, c.NoIPv6 = true, true
	expect(t, c, "many.test", many...)
	if n := len(s.Asked()) - before; n != 1 {
		t.Errorf("%d questions over TCP alone", n)
	}
}

func TestForgedAnswersAreIgnored(t *testing.T) {
	known := dnstest.Host(map[string][]string{"forged.test": {"192.0.2.1"}})
	lie := dnstest.Address("forged.test", netip.MustParseAddr("192.0.2.66"))
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		number, name, kind, query := q, q, q, q.Reply(dnsmessage.RCodeSuccess, lie)
		number.Header.ID++
		name.Question.Name = dnsmessage.MustNewName("forgery.test.")
		kind.Question.Type = dnsmessage.TypeTXT
		query[2] &^= 0x80 // no answer, but a question
		unasked, err := (&dnsmessage.Message{
			Header:  dnsmessage.Header{ID: q.Header.ID, Response: true, RecursionAvailable: true},
			Answers: []dnsmessage.Resource{lie},
		}).Pack()
		if err != nil {
			t.Error(err)
		}
		var messages [][]byte
		for _, q := range []dnstest.Query{number, name, kind} {
			messages = append(messages, q.Reply(dnsmessage.RCodeSuccess, lie), q.Truncated(), q.Reply(dnsmessage.RCodeNameError))
		}
		return slices.Concat(messages, [][]byte{query, unasked, {}, []byte("x"), query[:20]}, known(q))
	})
	expect(t, config(s.Address), "forged.test", "192.0.2.1")
}

func TestNextServerIsAsked(t *testing.T) {
	looptest.CheckLeaks(t)
	good := dnstest.New(t, dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}}))
	lame := dnstest.New(t, func(q dnstest.Query) [][]byte {
		reply := q.Reply(dnsmessage.RCodeSuccess)
		reply[3] &^= 0x80 // recursion is not available
		return [][]byte{reply}
	})
	bad := []netip.AddrPort{nowhere(t), lame.Address}
	for _, code := range []dnsmessage.RCode{dnsmessage.RCodeServerFailure, dnsmessage.RCodeRefused, dnsmessage.RCodeNotImplemented} {
		bad = append(bad, dnstest.New(t, fails(code)).Address)
	}
	for _, server := range bad {
		expect(t, config(server, good.Address), "host.test", "192.0.2.1")
		expectError(t, config(server, good.Address), "unknown.test", ErrNotFound)
		expectError(t, config(server), "host.test", ErrTemporary)
	}
	// That a name is not known, or that it cannot be asked for, is final.
	for _, code := range []dnsmessage.RCode{dnsmessage.RCodeNameError, dnsmessage.RCodeFormatError} {
		expectError(t, config(dnstest.New(t, fails(code)).Address, good.Address), "host.test", ErrNotFound)
	}
}

func TestSilentServerIsGivenUp(t *testing.T) {
	looptest.CheckLeaks(t)
	silent := dnstest.New(t, func(dnstest.Query) [][]byte { return nil })
	good := dnstest.New(t, dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}}))
	c := config(silent.Address, good.Address)
	c.Timeout = 10 * time.Millisecond
	expect(t, c, "host.test", "192.0.2.1")
	c = config(silent.Address)
	c.Timeout, c.Attempts, c.NoIPv6 = 10*time.Millisecond, 3, true
	before := len(silent.Asked())
	expectError(t, c, "host.test", ErrTemporary)
	if n := len(silent.Asked()) - before; n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestServersTakeTurns(t *testing.T) {
	known := dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}})
	a, b := dnstest.New(t, known), dnstest.New(t, known)
	c := config(b.Address, a.Address)
	c.NoIPv6 = true
	expect(t, c, "host.test", "192.0.2.1")
	if len(a.Asked()) != 0 || len(b.Asked()) != 1 {
		t.Errorf("asked %d and %d times, without taking turns", len(a.Asked()), len(b.Asked()))
	}
	a, b = dnstest.New(t, known), dnstest.New(t, known)
	c = config(a.Address, b.Address)
	c.NoIPv6, c.Rotate = true, true
	for range 10 {
		expect(t, c, "host.test", "192.0.2.1")
	}
	if len(a.Asked()) != 5 || len(b.Asked()) != 5 {
		t.Errorf("asked %d and %d times", len(a.Asked()), len(b.Asked()))
	}
}

func TestLookupEndsWithItsContext(t *testing.T) {
	looptest.CheckLeaks(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := dnstest.New(t, func(dnstest.Query) [][]byte {
		cancel()
		return nil
	})
	c := config(s.Address, s.Address)
	if got, err := c.Addresses(ctx, "host.test", true, true); err != context.Canceled || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	if name, err := c.Name(ctx, netip.MustParseAddr("192.0.2.1")); err != context.Canceled || name != "" {
		t.Errorf("%q, %v", name, err)
	}
}

func TestLackOfDescriptorsIsReported(t *testing.T) {
	s := dnstest.New(t, dnstest.Host(map[string][]string{"host.test": {"192.0.2.1"}}))
	c := config(s.Address)
	c.Search = []string{"test"}
	expect(t, c, "host", "192.0.2.1")
	restore := looptest.NoDescriptors(t)
	_, err := c.Addresses(t.Context(), "host", true, true)
	_, named := c.Name(t.Context(), netip.MustParseAddr("192.0.2.1"))
	_, read := Read(Path)
	restore()
	for _, err := range []error{err, named, read} {
		if !Exhausted(err) {
			t.Errorf("it is %v", err)
		}
	}
	if Exhausted(nil) || Exhausted(ErrTemporary) || Exhausted(errors.New("x")) {
		t.Error("other failures are one, too")
	}
}

func TestNamesOfAddresses(t *testing.T) {
	names := map[string]string{
		"1.2.0.192.in-addr.arpa": "four.test",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": "six.test",
		"2.2.0.192.in-addr.arpa": "ev il.test",
		"3.2.0.192.in-addr.arpa": "",
	}
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		name, known := names[q.Name()]
		switch {
		case !known || q.Question.Type != dnsmessage.TypePTR:
			return [][]byte{q.Reply(dnsmessage.RCodeNameError)}
		case name == "":
			alias := "3.sub.2.0.192.in-addr.arpa" // RFC 2317
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess, dnstest.Alias(q.Name(), alias), dnstest.Pointer(alias, "three.test"))}
		}
		return [][]byte{q.Reply(dnsmessage.RCodeSuccess, dnstest.Pointer(q.Name(), name), dnstest.Pointer(q.Name(), "second.test"))}
	})
	c := config(s.Address)
	c.Search = []string{"nowhere.test"}
	for a, want := range map[string]string{
		"192.0.2.1":        "four.test",
		"::ffff:192.0.2.1": "four.test",
		"2001:db8::1":      "six.test",
		"2001:db8::1%lo":   "six.test",
		"192.0.2.2":        "second.test", // the first is no name of a host
		"192.0.2.3":        "three.test",
		"192.0.2.4":        "",
	} {
		if got, err := c.Name(t.Context(), netip.MustParseAddr(a)); got != want || (err == ErrNotFound) != (want == "") {
			t.Errorf("%s: %q, %v", a, got, err)
		}
	}
}

func TestServersAreAskedAboveTheStandardStreams(t *testing.T) {
	known := dnstest.Host(map[string][]string{"host.test": {"192.0.2.1", "2001:db8::1"}})
	var taken atomic.Bool
	s := dnstest.New(t, func(q dnstest.Query) [][]byte {
		// The socket of the other question has that number until it is moved up, which it is at once.
		for late := time.Now().Add(10 * time.Second); !taken.Load(); runtime.Gosched() {
			if _, usable := standardtest.Input(); !usable {
				break
			}
			taken.Store(time.Now().After(late))
		}
		return known(q)
	})
	standardtest.CloseInput(t)
	expect(t, config(s.Address), "host.test", "192.0.2.1", "2001:db8::1")
	if taken.Load() {
		t.Error("the standard input is a socket")
	}
}
