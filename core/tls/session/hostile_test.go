package session

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
)

// shortest are configurations whose handshakes are short and as long each time.
var shortest struct {
	sync.Once
	client, server configuration.Configuration
}

func small(t testing.TB, version string) (client, server configuration.Configuration) {
	t.Helper()
	shortest.Do(func() {
		_, k, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		root := tlstest.Authority(t, "root")
		shortest.client, shortest.server = trusting(t, root), being(t, root.IssueFor("host.test", k))
		shortest.client.Curves, shortest.client.VerifyMode = []cipher.Curve{"X25519"}, configuration.VerifyNone
	})
	client, server = shortest.client, shortest.server
	client.Protocol = versions[version]
	return client, server
}

// tamper is a connection whose one direction goes through somebody who changes it.
type tamper struct {
	*rig
	in  *tlstest.Pipe // what the victim reads
	who *side
	raw []byte // what the other one has said
}

// tampered begins a connection; what the other end sends to the victim is kept.
func tampered(t testing.TB, version string, server bool) *tamper {
	t.Helper()
	c, s := small(t, version)
	r := couple(t, c, s, "host.test")
	m := &tamper{rig: r, who: r.c}
	other := r.s
	if server {
		m.who, other = r.s, r.c
	}
	m.in = m.who.t.In
	other.t.Out = &tlstest.Pipe{}
	return m
}

// pass lets what the other end has said through, as change has it, until something is true.
func (m *tamper) pass(what string, change func(all, more []byte) []byte, is func() bool) {
	m.t.Helper()
	other := m.s
	if m.who == m.s {
		other = m.c
	}
	m.until(what, func() bool {
		if more := other.t.Out.Data; len(more) > 0 {
			other.t.Out.Data = nil
			m.in.Data = append(m.in.Data, change(m.raw, more)...)
			m.raw = append(m.raw, more...)
		}
		return is()
	})
}

func roles(t *testing.T, f func(t *testing.T, version string, server bool)) {
	t.Helper()
	for version := range versions {
		for role, server := range map[string]bool{"client": false, "server": true} {
			t.Run(role+" "+version, func(t *testing.T) { f(t, version, server) })
		}
	}
}

// length returns how much the other end says in a handshake that goes well.
func length(t *testing.T, version string, server bool) int {
	t.Helper()
	m := tampered(t, version, server)
	m.pass("both are encrypted", func(_, more []byte) []byte { return more }, func() bool { return m.c.Encrypted() && m.s.Encrypted() })
	return len(m.raw)
}

// Whatever a peer has said before it is gone: the end is noticed, and nothing is left.
func TestHandshakesCutOffAtEachByte(t *testing.T) {
	roles(t, func(t *testing.T, version string, server bool) {
		all := length(t, version, server)
		// What an old client says last, and what a new server does, may be missing: then
		// the handshake is over, and the rest was a ticket.
		goroutines := runtime.NumGoroutine()
		for n := range all {
			m := tampered(t, version, server)
			m.pass("the victim knows", func(all, more []byte) []byte {
				kept := more[:min(len(more), max(0, n-len(all)))]
				if len(all)+len(more) > n {
					m.in.Ended = true
				}
				return kept
			}, func() bool { return m.who.over != nil && m.in.Ended })
			if m.who.over != failure.PeerClosed {
				t.Fatalf("after %d of %d: %v", n, all, m.who.over)
			}
			m.c.Close()
			m.s.Close()
		}
		for late := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+2; runtime.Gosched() {
			if time.Now().After(late) {
				t.Fatal(runtime.NumGoroutine(), "goroutines, and before", goroutines)
			}
		}
	})
}

// Messages that end too early, in a record that does, too, are refused: the peer is told of.
func TestMessagesCutOffAtEachByte(t *testing.T) {
	roles(t, func(t *testing.T, version string, server bool) {
		const header = 5 + 4
		cut := 0
		for n := 0; ; n++ {
			m := tampered(t, version, server)
			long := false
			m.pass("the victim knows", func(all, more []byte) []byte {
				if len(all) > 0 {
					return more
				}
				record := 5 + int(more[3])<<8 + int(more[4])
				message := header + int(more[7])<<8 + int(more[8])
				if header+n >= message || record != message {
					long = true
					return more
				}
				short := bytes.Clone(more[:header+n])
				short[3], short[4] = byte((4+n)>>8), byte(4+n)
				short[7], short[8] = byte(n>>8), byte(n)
				return append(short, more[record:]...)
			}, func() bool { return long || m.who.Err() != nil })
			if long {
				break
			}
			cut++
			f, ok := m.who.Err().(*failure.Failure)
			// What is a message all the same is seen to be another one by the peer.
			m.until("it is told of", func() bool { return len(m.who.alerts) > 0 })
			if !ok || f.Code != failure.SslHandshakeFailed || m.who.alerts[0].Level != AlertFatal {
				t.Fatalf("after %d: %v, %v", n, m.who.Err(), m.who.alerts)
			}
			m.c.Close()
			m.s.Close()
		}
		if cut < 50 {
			t.Error("only", cut, "were cut off")
		}
	})
}

// A byte of a handshake that is another one makes it fail, but where nobody looks at it: the
// versions that records say.
func TestHandshakesWithAByteThatIsWrong(t *testing.T) {
	roles(t, func(t *testing.T, version string, server bool) {
		t.Parallel()
		all := length(t, version, server)
		good := 0
		for n := range all {
			m := tampered(t, version, server)
			other := m.s
			if server {
				other = m.c
			}
			quiet := 0
			m.pass("it is over", func(all, more []byte) []byte {
				quiet = 0
				if i := n - len(all); i >= 0 && i < len(more) {
					more = bytes.Clone(more)
					more[i] ^= 1 << (n % 8)
				}
				return more
			}, func() bool {
				// If it makes something longer, both wait for ever.
				quiet++
				m.in.Ended = m.who.Encrypted() && other.Encrypted() || other.Err() != nil || quiet > 10
				return m.who.over != nil
			})
			if m.who.Done() && other.Done() && other.Err() == nil {
				good++
			}
			m.c.Close()
			m.s.Close()
		}
		if good > 12 {
			t.Error("with", good, "of", all, "all went well")
		}
	})
}

// forged begins a connection of TLS 1.3 with a peer that is under nobody's control once the handshake is
// over.
func forged(t testing.TB, server bool) (m *rig, who *side, in *tlstest.Pipe, f *tlstest.Forger) {
	t.Helper()
	root := tlstest.Authority(t, "root")
	secrets := &tlstest.Secrets{}
	m = newRig(t)
	one, other := tlstest.Ends()
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, KeyLogWriter: secrets, Certificates: []tls.Certificate{root.Issue("host.test").Pair()},
		SessionTicketsDisabled: true, CurvePreferences: []tls.CurveID{tls.X25519}}
	var s *Session
	var err error
	name := "SERVER_TRAFFIC_SECRET_0"
	if server {
		s, err = Server(being(t, root.Issue("host.test")), m.progress)
		name = "CLIENT_TRAFFIC_SECRET_0"
	} else {
		s, err = Client(trusting(t, root), "host.test", m.progress)
	}
	if err != nil {
		t.Fatal(err)
	}
	who = &side{Session: s, t: one}
	if m.c = who; server {
		m.c, m.s = nil, who
		m.theirs = newPlain(config, false, other, m.progress)
	} else {
		m.theirs = newPlain(config, true, other, m.progress)
	}
	theirs := m.theirs
	t.Cleanup(func() { s.Close(); theirs.Close() })
	m.until("both are encrypted", func() bool { return who.Encrypted() && m.theirs.Encrypted() })
	m.theirs = nil
	return m, who, one.In, secrets.Forger(t, name)
}

func TestForgedRecords(t *testing.T) {
	data := func(f *tlstest.Forger, text string) []byte { return f.Record(tlstest.DataRecord, []byte(text)) }
	flood := func(make func() []byte) []byte {
		var all []byte
		for range 100 {
			all = append(all, make()...)
		}
		return all
	}
	fatal := func(code int) string { return fmt.Sprint("alert ", code) }
	for name, one := range map[string]struct {
		records func(f *tlstest.Forger) []byte
		want    string // what is read, or the alert that is sent
		only    string
	}{
		"data": {func(f *tlstest.Forger) []byte { return append(data(f, "a"), data(f, "b")...) }, "ab", ""},
		"a few empty records": {func(f *tlstest.Forger) []byte {
			return slices.Concat(data(f, ""), data(f, ""), data(f, ""), data(f, "a"))
		}, "a", ""},
		"empty records": {func(f *tlstest.Forger) []byte { return flood(func() []byte { return data(f, "") }) }, fatal(10), ""},
		"padding": {func(f *tlstest.Forger) []byte {
			return f.Inner(append([]byte{'a', tlstest.DataRecord}, make([]byte, 100)...))
		}, "a", ""},
		"nothing but padding":        {func(f *tlstest.Forger) []byte { return f.Inner(make([]byte, 100)) }, fatal(10), ""},
		"the largest record":         {func(f *tlstest.Forger) []byte { return data(f, strings.Repeat("a", 16384)) }, strings.Repeat("a", 16384), ""},
		"a record that is too large": {func(f *tlstest.Forger) []byte { return data(f, strings.Repeat("a", 16385)) }, fatal(22), ""},
		"much too large":             {func(f *tlstest.Forger) []byte { return []byte{23, 3, 3, 0xff, 0xff} }, fatal(22), ""},
		"no kind of record":          {func(f *tlstest.Forger) []byte { return f.Record(99, []byte("x")) }, fatal(10), ""},
		"in the clear":               {func(f *tlstest.Forger) []byte { return []byte{22, 3, 3, 0, 5, 24, 0, 0, 1, 0} }, fatal(20), ""},
		"another version":            {func(f *tlstest.Forger) []byte { r := data(f, "a"); r[2] = 1; return r }, fatal(70), ""},
		"a broken record":            {func(f *tlstest.Forger) []byte { r := data(f, "a"); r[len(r)-1] ^= 1; return r }, fatal(20), ""},
		"one twice":                  {func(f *tlstest.Forger) []byte { r := data(f, "a"); return append(r, r...) }, "a" + fatal(20), ""},
		"a key update":               {func(f *tlstest.Forger) []byte { return append(f.KeyUpdate(0), data(f, "a")...) }, "a", ""},
		"one that asks":              {func(f *tlstest.Forger) []byte { return append(f.KeyUpdate(1), data(f, "a")...) }, "a", ""},
		"one that asks oddly":        {func(f *tlstest.Forger) []byte { return f.KeyUpdate(2) }, fatal(50), ""},
		"the old key after it":       {func(f *tlstest.Forger) []byte { a := data(f, "a"); return append(f.KeyUpdate(0), a...) }, fatal(20), ""},
		"key updates":                {func(f *tlstest.Forger) []byte { return flood(func() []byte { return f.KeyUpdate(0) }) }, fatal(10), ""},
		"key updates that ask":       {func(f *tlstest.Forger) []byte { return flood(func() []byte { return f.KeyUpdate(1) }) }, fatal(10), ""},
		"key updates between data": {func(f *tlstest.Forger) []byte {
			return flood(func() []byte { return append(f.KeyUpdate(1), data(f, "a")...) })
		}, strings.Repeat("a", 100), ""},
		"a message in pieces": {func(f *tlstest.Forger) []byte {
			first := slices.Concat(f.Record(tlstest.HandshakeRecord, []byte{24, 0}), f.Record(tlstest.HandshakeRecord, []byte{0, 1, 0}))
			f.NextKey()
			return append(first, data(f, "a")...)
		}, "a", ""},
		"data inside a message": {func(f *tlstest.Forger) []byte {
			return append(f.Record(tlstest.HandshakeRecord, []byte{24, 0}), data(f, "a")...)
		}, fatal(10), ""},
		"an endless message":     {func(f *tlstest.Forger) []byte { return f.Record(tlstest.HandshakeRecord, []byte{24, 0xff, 0xff, 0xff}) }, fatal(80), ""},
		"a message that is none": {func(f *tlstest.Forger) []byte { return f.Record(tlstest.HandshakeRecord, []byte{77, 0, 0, 0}) }, fatal(10), ""},
		"an empty message":       {func(f *tlstest.Forger) []byte { return f.Record(tlstest.HandshakeRecord, nil) }, fatal(10), ""},
		"to be told a certificate": {func(f *tlstest.Forger) []byte {
			return f.Record(tlstest.HandshakeRecord, []byte{13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3})
		}, fatal(10), ""},
		"hello again":            {func(f *tlstest.Forger) []byte { return f.Record(tlstest.HandshakeRecord, []byte{0, 0, 0, 0}) }, fatal(10), ""},
		"an alert":               {func(f *tlstest.Forger) []byte { return f.Record(tlstest.AlertRecord, []byte{2, 80}) }, "told 80", ""},
		"an alert that is short": {func(f *tlstest.Forger) []byte { return f.Record(tlstest.AlertRecord, []byte{2}) }, fatal(10), ""},
		"alerts to be ignored": {func(f *tlstest.Forger) []byte {
			return flood(func() []byte { return f.Record(tlstest.AlertRecord, []byte{1, 90}) })
		}, fatal(10), ""},
		"data behind the end": {func(f *tlstest.Forger) []byte {
			return slices.Concat(data(f, "a"), f.Record(tlstest.AlertRecord, []byte{1, 0}), data(f, "b"))
		}, "a" + "end", ""},
		"tickets": {func(f *tlstest.Forger) []byte {
			return flood(func() []byte {
				return f.Record(tlstest.HandshakeRecord, []byte{4, 0, 0, 16, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 2, 3, 4, 0, 0})
			})
		}, fatal(10), "client"},
		"a ticket from a client": {func(f *tlstest.Forger) []byte {
			return f.Record(tlstest.HandshakeRecord, []byte{4, 0, 0, 16, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 2, 3, 4, 0, 0})
		}, fatal(10), "server"},
	} {
		for role, server := range map[string]bool{"client": false, "server": true} {
			if one.only != "" && one.only != role {
				continue
			}
			t.Run(name+" to a "+role, func(t *testing.T) {
				r, who, in, f := forged(t, server)
				in.Data = append(in.Data, one.records(f)...)
				got := func() string {
					text := string(who.heard)
					for _, a := range who.alerts {
						switch {
						case a.Sent && a.Level == AlertFatal:
							text += fatal(a.Type)
						case !a.Sent && a.Type != 0:
							text += fmt.Sprint("told ", a.Type)
						}
					}
					if who.over == io.EOF {
						text += "end"
					}
					return text
				}
				r.until("it is noticed", func() bool { return len(in.Data) == 0 && got() != "" && len(got()) >= len(one.want) || who.over != nil })
				if got() != one.want {
					t.Errorf("%.100q: %v", got(), who.over)
				}
				if ended := who.Err() != nil; ended {
					f, ok := who.Err().(*failure.Failure)
					if !ok || f.Code != failure.SslInternal || !strings.HasPrefix(f.Text, "Error while reading: ") {
						t.Error(who.Err())
					}
				}
			})
		}
	}
}

// A peer that has us answer and does not read the answers does not cost memory without
// end.
func TestAPeerThatDoesNotRead(t *testing.T) {
	r, who, in, f := forged(t, true)
	who.t.Out.Room = 1
	who.t.Out.Data = []byte("full")
	for range 1000 {
		for range 100 {
			in.Data = append(in.Data, f.KeyUpdate(1)...)
			in.Data = append(in.Data, f.Record(tlstest.DataRecord, []byte("a"))...)
		}
		r.until("that has come", func() bool { return len(in.Data) == 0 || who.Err() != nil })
		if who.Err() != nil {
			if !strings.Contains(who.Err().Error(), "does not read") {
				t.Error(who.Err())
			}
			return
		}
	}
	t.Error("it goes on")
}

// Alerts that come in the clear, before the peer has said anything else.
func TestAlertsInTheClear(t *testing.T) {
	alert := func(level, code byte) []byte { return []byte{21, 3, 3, 0, 2, level, code} }
	for name, one := range map[string]struct {
		before []byte
		want   []Alert
		text   string // why the handshake fails
	}{
		"nothing":        {nil, nil, ""},
		"a warning":      {alert(1, 112), []Alert{{false, AlertWarning, 112, "unrecognized name"}}, ""},
		"two":            {append(alert(1, 112), alert(1, 90)...), []Alert{{false, AlertWarning, 112, "unrecognized name"}, {false, AlertWarning, 90, "user canceled"}}, ""},
		"the end":        {alert(1, 0), []Alert{{false, AlertWarning, 0, "close notify"}}, "Error during SSL handshake: "},
		"a fatal one":    {alert(2, 40), []Alert{{false, AlertFatal, 40, "handshake failure"}}, "Error during SSL handshake: remote error: handshake failure"},
		"one of no name": {alert(2, 200), []Alert{{false, AlertFatal, 200, "unknown"}}, "Error during SSL handshake: remote error: alert(200)"},
		"no level":       {alert(3, 40), []Alert{{true, AlertFatal, 10, "unexpected_message"}}, "Error during SSL handshake: local error: unexpected message"},
		"one in pieces":  {[]byte{21, 3, 3, 0, 1, 1}, []Alert{{true, AlertFatal, 10, "unexpected_message"}}, "Error during SSL handshake: local error: unexpected message"},
	} {
		for version := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				m := tampered(t, version, false)
				m.pass("it is over", func(all, more []byte) []byte {
					if len(all) == 0 {
						return append(bytes.Clone(one.before), more...)
					}
					return more
				}, func() bool { return m.c.Encrypted() && m.s.Encrypted() || m.c.Err() != nil && m.c.over != nil })
				if !slices.Equal(m.c.alerts, one.want) {
					t.Error(m.c.alerts)
				}
				text := ""
				if err := m.c.Err(); err != nil {
					text = err.Error()
					if f := err.(*failure.Failure); f.Code != failure.SslHandshakeFailed {
						t.Error(f.Code)
					}
				}
				if text != one.text {
					t.Error(text)
				}
			})
		}
	}
	m := tampered(t, "1.3", false)
	m.pass("it is over", func(all, more []byte) []byte { return append(bytes.Repeat(alert(1, 112), 100), more...) }, func() bool { return m.c.over != nil })
	if len(m.c.alerts) > 30 {
		t.Error(len(m.c.alerts), "alerts are kept")
	}
}

// Thousands of clients that have begun and say no more do not keep others out, and cost a
// server nothing once they are given up.
func TestHandshakesThatStop(t *testing.T) {
	client, server := small(t, "1.3")
	hello := tampered(t, "1.3", true)
	hello.pass("the client has said hello", func(_, more []byte) []byte { return more }, func() bool { return len(hello.raw) > 100 })
	goroutines := runtime.NumGoroutine()
	var all []*Session
	for i := range 5000 {
		s, err := Server(server, func() {})
		if err != nil {
			t.Fatal(err)
		}
		one, _ := tlstest.Ends()
		one.In.Data = bytes.Clone(hello.raw[:i%len(hello.raw)])
		if _, err := s.Recv(&one, nil); err != unix.EAGAIN {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	couple(t, client, server, "host.test").handshake().talk()
	for _, s := range all {
		s.Close()
	}
	for late := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+2; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatal(runtime.NumGoroutine(), "goroutines, and before", goroutines)
		}
	}
}
