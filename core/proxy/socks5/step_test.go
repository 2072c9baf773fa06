package socks5

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/steptest"
	"qnet/core/proxy"
)

var (
	plain = proxy.Proxy{Type: proxy.Socks5, Host: "proxy.test", Port: 1080}
	named = proxy.Target{Name: "target.test", Port: 7}
	known = proxy.Proxy{Type: proxy.Socks5, Host: "proxy.test", Port: 1080, User: "pu", Password: "pw"}
)

const (
	request = "\x05\x01\x00\x03\x0btarget.test\x00\x07"
	good    = "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"
	both    = "\x05\x02\x00\x02"
	only    = "\x05\x01\x00"
)

// start returns a step to named, which keeps what it learns to itself.
func start(t testing.TB, p proxy.Proxy, c Command) *Step {
	t.Helper()
	s, f := New(p, &proxy.Keyring{}, c, named)
	if f != nil {
		t.Fatal(f)
	}
	return s
}

func bound(text string, port uint16) proxy.Target {
	a, ok := address.Parse(text)
	if !ok {
		return proxy.Target{Name: text, Port: port}
	}
	return proxy.Target{Address: a, Port: port}
}

func done(b proxy.Target) proxy.Outcome { return proxy.Outcome{Status: proxy.Done, Bound: b} }

// conversations are whole ones, with what is to come of them.
var conversations = []struct {
	name    string
	proxy   proxy.Proxy
	command Command
	says    steptest.Proxy
	answers []proxy.Credentials
	want    steptest.Result
}{
	{"nobody needs to be known", plain, Connect, steptest.Proxy{{"\x05\x00", good}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"data behind the reply", plain, Connect, steptest.Proxy{{"\x05\x00", good + "data"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound("127.0.0.1", 0x1234)), Rest: "data"}},
	{"an IPv6 address", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x04" + strings.Repeat("\x00", 15) + "\x01\x12\x34x"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound("::1", 0x1234)), Rest: "x"}},
	{"a name as address", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x03\x04abcd\x12\x34x"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound("abcd", 0x1234)), Rest: "x"}},
	{"an address as name", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x03\x09127.0.0.1\x12\x34x"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound("127.0.0.1", 0x1234)), Rest: "x"}},
	{"no name as address", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x03\x00\x12\x34x"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(proxy.Target{Port: 0x1234}), Rest: "x"}},
	{"the longest name as address", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x03\xff" + strings.Repeat("a", 255) + "\x12\x34x"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: done(bound(strings.Repeat("a", 255), 0x1234)), Rest: "x"}},
	{"a server", plain, Bind, steptest.Proxy{{"\x05\x00", good, "\x05\x00\x00\x01\xc0\x00\x02\x07\x00\x50x"}}, nil,
		steptest.Result{Sent: [][]string{{only, "\x05\x02" + request[2:]}}, Listens: []proxy.Target{bound("127.0.0.1", 0x1234)},
			Outcome: done(bound("192.0.2.7", 80)), Rest: "x"}},
	{"a server whose peer comes at once", plain, Bind, steptest.Proxy{{"\x05\x00", good + "\x05\x00\x00\x01\xc0\x00\x02\x07\x00\x50x"}}, nil,
		steptest.Result{Sent: [][]string{{only, "\x05\x02" + request[2:]}}, Listens: []proxy.Target{bound("127.0.0.1", 0x1234)},
			Outcome: done(bound("192.0.2.7", 80)), Rest: "x"}},
	{"a server that nobody comes to", plain, Bind, steptest.Proxy{{"\x05\x00", good, "\x05\x06"}}, nil,
		steptest.Result{Sent: [][]string{{only, "\x05\x02" + request[2:]}}, Listens: []proxy.Target{bound("127.0.0.1", 0x1234)},
			Outcome: proxy.Fail(refusals[6])}},
	{"datagrams", plain, Associate, steptest.Proxy{{"\x05\x00", good}}, nil,
		steptest.Result{Sent: [][]string{{only, "\x05\x03" + request[2:]}}, Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"a user that is known", known, Connect, steptest.Proxy{{"\x05\x02", "\x01\x00", good}}, nil,
		steptest.Result{Sent: [][]string{{both, "\x01\x02pu\x02pw", request}}, Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"a user that nobody needs", known, Connect, steptest.Proxy{{"\x05\x00", good}}, nil,
		steptest.Result{Sent: [][]string{{both, request}}, Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"a user who is asked for", plain, Connect, steptest.Proxy{{"\x05\xff"}, {"\x05\x02", "\x01\x00", good}}, []proxy.Credentials{{User: "u", Password: "p"}},
		steptest.Result{Sent: [][]string{{only}, {both, "\x01\x01u\x01p", request}}, Asked: []proxy.Question{{Proxy: plain}},
			Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"a wrong user first", plain, Connect, steptest.Proxy{{"\x05\xff"}, {"\x05\x02", "\x01\x01"}, {"\x05\x02", "\x01\x00", good}},
		[]proxy.Credentials{{User: "u", Password: "x"}, {User: "u", Password: "p"}},
		steptest.Result{Sent: [][]string{{only}, {both, "\x01\x01u\x01x"}, {both, "\x01\x01u\x01p", request}},
			Asked: []proxy.Question{{Proxy: plain}, {Proxy: with(plain, "u", "x")}}, Outcome: done(bound("127.0.0.1", 0x1234))}},
	{"a user that is wrong, and nobody knows another", known, Connect, steptest.Proxy{{"\x05\x02", "\x01\x07"}}, nil,
		steptest.Result{Sent: [][]string{{both, "\x01\x02pu\x02pw"}}, Asked: []proxy.Question{{Proxy: known}}, Outcome: proxy.Fail(failure.ProxyUnauthorized)}},
	{"the same wrong user again", known, Connect, steptest.Proxy{{"\x05\x02", "\x01\x07"}}, []proxy.Credentials{{User: "pu", Password: "pw"}},
		steptest.Result{Sent: [][]string{{both, "\x01\x02pu\x02pw"}}, Asked: []proxy.Question{{Proxy: known}}, Outcome: proxy.Fail(failure.ProxyUnauthorized)}},
	{"a user who is too long", plain, Connect, steptest.Proxy{{"\x05\xff"}}, []proxy.Credentials{{User: strings.Repeat("u", 256)}},
		steptest.Result{Sent: [][]string{{only}}, Asked: []proxy.Question{{Proxy: plain}}, Outcome: proxy.Fail(failure.ProxyBadCredential)}},
	{"another version of user and password", known, Connect, steptest.Proxy{{"\x05\x02", "\x05\x00"}}, nil,
		steptest.Result{Sent: [][]string{{both, "\x01\x02pu\x02pw"}}, Asked: []proxy.Question{{Proxy: known}}, Outcome: proxy.Fail(failure.ProxyUnauthorized)}},
	{"a method that was not offered", plain, Connect, steptest.Proxy{{"\x05\x02"}}, nil,
		steptest.Result{Sent: [][]string{{only}}, Outcome: proxy.Fail(unknownMethod)}},
	{"a method that nobody knows", known, Connect, steptest.Proxy{{"\x05\x03"}}, nil,
		steptest.Result{Sent: [][]string{{both}}, Outcome: proxy.Fail(unknownMethod)}},
	{"SOCKS 4", plain, Connect, steptest.Proxy{{"\x04\x00"}}, nil,
		steptest.Result{Sent: [][]string{{only}}, Outcome: proxy.Fail(malformed)}},
	{"SOCKS 4 later", plain, Connect, steptest.Proxy{{"\x05\x00", "\x04\x00"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: proxy.Fail(malformed)}},
	{"an unknown family", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x00\x09\x00"}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: proxy.Fail(malformed)}},
	{"a byte that is reserved", plain, Connect, steptest.Proxy{{"\x05\x00", "\x05\x00\x09" + good[3:]}}, nil,
		steptest.Result{Sent: [][]string{{only, request}}, Outcome: proxy.Fail(malformed)}},
	{"nothing", plain, Connect, steptest.Proxy{{}}, nil,
		steptest.Result{Sent: [][]string{{only}}, Outcome: proxy.Fail(failure.ProxyClosed)}},
}

func with(p proxy.Proxy, user, password string) proxy.Proxy {
	p.User, p.Password = user, password
	return p
}

func TestConversations(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			total := 0
			for _, connection := range c.says {
				total += len(strings.Join(connection, ""))
			}
			cuts := []steptest.Cut{steptest.Whole}
			for n := 1; n <= total; n++ {
				cuts = append(cuts, steptest.Every(n), steptest.At(n))
			}
			for i, cut := range cuts {
				if got := steptest.Play(t, start(t, c.proxy, c.command), c.says, c.answers, cut); !reflect.DeepEqual(got, c.want) {
					t.Fatalf("cut %d:\n%+v\nnot\n%+v", i, got, c.want)
				}
			}
		})
	}
}

// An end at each byte before the last is an end of the proxy's connection.
func TestProxyCloses(t *testing.T) {
	says := []string{"\x05\x02", "\x01\x00", good}
	all := strings.Join(says, "")
	for n := range len(all) {
		var cut []string
		left := n
		for _, text := range says {
			if text = text[:min(left, len(text))]; text != "" {
				cut = append(cut, text)
			}
			left -= len(text)
		}
		if got := steptest.Play(t, start(t, known, Connect), steptest.Proxy{cut}, nil, steptest.Whole); got.Outcome.Failure != failure.ProxyClosed {
			t.Errorf("after %d bytes: %+v", n, got.Outcome)
		}
	}
}

// What Qt makes of each reply is in testdata.
func TestReplies(t *testing.T) {
	file, err := os.Open("testdata/replies.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		columns := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		rows++
		code, err := strconv.Atoi(columns[0])
		want, err2 := strconv.Atoi(columns[2])
		if err != nil || err2 != nil {
			t.Fatal(lines.Text())
		}
		target := named
		if columns[1] == "address" {
			target = bound("192.0.2.1", 7)
		}
		s, _ := New(plain, &proxy.Keyring{}, Connect, target)
		s.Begin()
		_, _, o := s.Next([]byte{5, 0, 5, byte(code)})
		if o.Status != proxy.Failed || int(o.Failure.Code) != want || o.Failure.Text == "" {
			t.Errorf("%v: %+v", columns, o.Failure)
		}
	}
	if rows == 0 {
		t.Error("there is nothing in the table")
	}
}

func TestTargets(t *testing.T) {
	for want, target := range map[string]proxy.Target{
		"\x01\xc0\x00\x02\x01\x00\x07": bound("192.0.2.1", 7),
		"\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x07": bound("2001:db8::5", 7),
		"\x04\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x07": bound("fe80::5%eth0", 7),
		"\x01\x00\x00\x00\x00\x00\x00":                     {},
		"\x03\xff" + strings.Repeat("n", 255) + "\xff\xff": {Name: strings.Repeat("n", 255), Port: 65535},
	} {
		s, f := New(plain, &proxy.Keyring{}, Connect, target)
		if f != nil {
			t.Fatal(f)
		}
		s.Begin()
		if out, _, _ := s.Next([]byte("\x05\x00")); string(out) != "\x05\x01\x00"+want {
			t.Errorf("%v: %q, not %q", target, out, want)
		}
	}
}

func TestCredentialsThatDoNotFit(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, p := range []proxy.Proxy{with(plain, long, "p"), with(plain, "u", long)} {
		if _, f := New(p, &proxy.Keyring{}, Connect, named); f != failure.ProxyBadCredential {
			t.Errorf("%v", f)
		}
	}
	// They are counted as bytes of UTF-8, and sent as such.
	u := strings.Repeat("ü", 127)
	s := start(t, with(plain, u, "€"), Connect)
	s.Begin()
	if out, _, _ := s.Next([]byte("\x05\x02")); string(out) != "\x01\xfe"+u+"\x03€" {
		t.Errorf("%q", out)
	}
}

// A user whom the proxy has let in is shown at once next time, and one whom it lets in
// no longer is forgotten.
func TestCredentialsAreKept(t *testing.T) {
	keys := &proxy.Keyring{}
	play := func(says steptest.Proxy, answers ...proxy.Credentials) steptest.Result {
		s, f := New(plain, keys, Connect, named)
		if f != nil {
			t.Fatal(f)
		}
		return steptest.Play(t, s, says, answers, steptest.Whole)
	}
	accepts := []string{"\x05\x02", "\x01\x00", good}
	play(steptest.Proxy{{"\x05\xff"}, accepts}, proxy.Credentials{User: "u", Password: "p"})
	for range 2 {
		if r := play(steptest.Proxy{accepts}); r.Outcome.Status != proxy.Done || len(r.Asked) != 0 {
			t.Fatalf("%+v", r)
		}
	}
	if r := play(steptest.Proxy{{"\x05\x02", "\x01\x01"}}); r.Outcome.Failure != failure.ProxyUnauthorized || len(r.Asked) != 1 {
		t.Fatalf("%+v", r)
	}
	if r := play(steptest.Proxy{{"\x05\xff"}}); fmt.Sprintf("%q", r.Sent) != fmt.Sprintf("%q", [][]string{{only}}) {
		t.Fatalf("%+v", r)
	}
	// Without an exchange there is nothing to keep.
	s, _ := New(known, keys, Connect, named)
	steptest.Play(t, s, steptest.Proxy{{"\x05\x00", good}}, nil, steptest.Whole)
	if _, ok := keys.Latest(known); ok {
		t.Error("a user was kept whom nobody has let in")
	}
}

func TestNothingFollowsTheEnd(t *testing.T) {
	s := start(t, plain, Connect)
	s.Begin()
	want := done(bound("127.0.0.1", 0x1234))
	if _, taken, o := s.Next([]byte("\x05\x00" + good + "rest")); taken != len(good)+2 || !reflect.DeepEqual(o, want) {
		t.Fatalf("%d, %+v", taken, o)
	}
	if out, taken, o := s.Next([]byte("rest")); out != nil || taken != 0 || !reflect.DeepEqual(o, want) {
		t.Errorf("%q, %d, %+v", out, taken, o)
	}
	if out, o := s.Answer("u", "p"); out != nil || !reflect.DeepEqual(o, want) {
		t.Errorf("%q, %+v", out, o)
	}
	if o := s.End(); !reflect.DeepEqual(o, want) {
		t.Errorf("%+v", o)
	}
}
