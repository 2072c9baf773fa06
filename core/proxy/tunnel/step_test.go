package tunnel

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/steptest"
	"qnet/core/proxy"
)

var (
	plain = proxy.Proxy{Type: proxy.HTTP, Host: "proxy.test", Port: 3128}
	known = proxy.Proxy{Type: proxy.HTTP, Host: "proxy.test", Port: 3128, User: "pu", Password: "pw"}
	named = proxy.Target{Name: "target.test", Port: 7}
	up    = proxy.Credentials{User: "u", Password: "p"}
	wrong = proxy.Credentials{User: "u", Password: "x"}
)

const (
	basic  = "Proxy-Authenticate: Basic realm=\"r\"\r\n"
	digest = "Proxy-Authenticate: Digest realm=\"d\", nonce=\"one\", qop=\"auth\", algorithm=SHA-256\r\n"
	stale  = "Proxy-Authenticate: Digest realm=\"d\", nonce=\"two\", qop=\"auth\", algorithm=SHA-256, stale=true\r\n"
	empty  = "Content-Length: 0\r\n"
	closes = "Connection: close\r\n"
	ok     = "HTTP/1.1 200 OK\r\n\r\n"
	ofUP   = "Basic dTpw"
	ofUX   = "Basic dTp4"
	ofOwn  = "Basic cHU6cHc="
)

// request returns the request to named that shows something.
func request(shows string) string {
	text := "CONNECT target.test:7 HTTP/1.1\r\nHost: target.test:7\r\nProxy-Connection: keep-alive\r\nUser-Agent: Mozilla/5.0\r\n"
	if shows != "" {
		text += "Proxy-Authorization: " + shows + "\r\n"
	}
	return text + "\r\n"
}

func answer(status string, rest ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + strings.Join(rest, "") + "\r\n"
}

var (
	done     = proxy.Outcome{Status: proxy.Done}
	question = proxy.Question{Proxy: plain, Realm: "r"}
	refused  = proxy.Fail(failure.ProxyUnauthorized)
)

func after(c proxy.Credentials, q proxy.Question) proxy.Question {
	q.User, q.Password = c.User, c.Password
	return q
}

// conversations are whole ones, with what is to come of them. What differs each time is
// written as *.
var conversations = []struct {
	name    string
	proxy   proxy.Proxy
	says    steptest.Proxy
	answers []proxy.Credentials
	want    steptest.Result
}{
	{"nobody needs to be known", plain, steptest.Proxy{{ok}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done}},
	{"data behind the response", plain, steptest.Proxy{{ok + "data"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"a length that means nothing", plain, steptest.Proxy{{answer("200 OK", "Content-Length: 3\r\n") + "data"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"chunks that are none", plain, steptest.Proxy{{answer("200 OK", "Transfer-Encoding: chunked\r\n") + "data"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"another success", plain, steptest.Proxy{{answer("299 Fine") + "data"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"something before the response", plain, steptest.Proxy{{answer("100 Continue") + answer("103 Hints", "Link: x\r\n") + ok + "data"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"something before the refusal", plain, steptest.Proxy{{answer("100 Continue") + answer("403 No", empty)}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: proxy.Fail(denied)}},
	{"no reason, and lines without a return", plain, steptest.Proxy{{"HTTP/1.1 200\nX: y\n\ndata"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"HTTP/1.0", plain, steptest.Proxy{{"HTTP/1.0 200 OK\r\n\r\ndata"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: done, Rest: "data"}},
	{"SOCKS", plain, steptest.Proxy{{"\x05"}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: proxy.Fail(notHTTP), Rest: "\x05"}},
	{"nothing", plain, steptest.Proxy{{}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: proxy.Fail(failure.ProxyClosed)}},

	{"asked, and nobody knows", plain, steptest.Proxy{{answer("407 Auth", basic, empty)}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Asked: []proxy.Question{question}, Outcome: refused}},
	{"asked, and kept", plain, steptest.Proxy{{answer("407 Auth", basic, "Content-Length: 4\r\n") + "body", ok + "data"}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done, Rest: "data"}},
	{"asked, and kept after chunks", plain,
		steptest.Proxy{{answer("407 Auth", basic, "Transfer-Encoding: Chunked\r\n") + "4;x=y\r\nbody\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", ok + "data"}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done, Rest: "data"}},
	{"asked, and kept after a chunk that is an empty line", plain,
		steptest.Proxy{{answer("407 Auth", basic, "Transfer-Encoding: chunked\r\n") + "4\r\n\r\n\r\n\r\n0\r\n\r\n", ok + "data"}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done, Rest: "data"}},
	{"asked, and kept by HTTP/1.0", plain, steptest.Proxy{{"HTTP/1.0 407 Auth\r\nProxy-Connection: Keep-Alive\r\n" + basic + empty + "\r\n", ok + "data"}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done, Rest: "data"}},
	{"asked in a line that goes on, among some that are none", plain,
		steptest.Proxy{{"HTTP/1.1 407 Auth\r\n nothing\r\nnonsense\r\nProxy-Authenticate: Basic\r\n\trealm=\"r\"\r\nContent-Length:\r\n  4\r\n\r\nbody", ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, and closed", plain, steptest.Proxy{{answer("407 Auth", basic, closes)}, {ok + "data"}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done, Rest: "data"}},
	{"asked, and closed in other words", plain, steptest.Proxy{{answer("407 Auth", basic, empty, "Proxy-Connection: x, Close\r\n")}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, and closed by HTTP/1.0", plain, steptest.Proxy{{"HTTP/1.0 407 Auth\r\n" + basic + empty + "\r\n"}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with a body until the end", plain, steptest.Proxy{{answer("407 Auth", basic)}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with a body that is too long", plain, steptest.Proxy{{answer("407 Auth", basic, "Content-Length: 65537\r\n")}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with two lengths", plain, steptest.Proxy{{answer("407 Auth", basic, "Content-Length: 3, 4\r\n")}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with another coding", plain, steptest.Proxy{{answer("407 Auth", basic, "Transfer-Encoding: gzip, chunked\r\n")}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with chunks that are wrong", plain, steptest.Proxy{{answer("407 Auth", basic, "Transfer-Encoding: chunked\r\n") + "4\r\nbodyX\n"}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, with a body that is cut", plain, steptest.Proxy{{answer("407 Auth", basic, "Content-Length: 9\r\n") + "body"}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"asked, and closed though it said it would not", plain, steptest.Proxy{{answer("407 Auth", basic, empty)}, {ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}},
	{"closed again", plain, steptest.Proxy{{answer("407 Auth", basic, empty)}, {}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUP)}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: proxy.Fail(failure.ProxyClosed)}},

	{"wrong ones first", plain, steptest.Proxy{{answer("407 Auth", basic, empty), answer("407 Auth", basic, empty), ok}}, []proxy.Credentials{wrong, up},
		steptest.Result{Sent: [][]string{{request(""), request(ofUX), request(ofUP)}}, Asked: []proxy.Question{question, after(wrong, question)}, Outcome: done}},
	{"the same wrong ones again", plain, steptest.Proxy{{answer("407 Auth", basic, empty), answer("407 Auth", basic, empty)}}, []proxy.Credentials{wrong, wrong},
		steptest.Result{Sent: [][]string{{request(""), request(ofUX)}}, Asked: []proxy.Question{question, after(wrong, question)}, Outcome: refused}},
	{"the proxy's own", known, steptest.Proxy{{answer("407 Auth", basic, empty), ok}}, nil,
		steptest.Result{Sent: [][]string{{request(""), request(ofOwn)}}, Outcome: done}},
	{"the proxy's own are wrong", known, steptest.Proxy{{answer("407 Auth", basic, empty), answer("407 Auth", basic, empty), ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(ofOwn), request(ofUP)}},
			Asked: []proxy.Question{{Proxy: known, Realm: "r", User: "pu", Password: "pw"}}, Outcome: done}},
	{"the proxy's own are wrong, and nobody knows others", known, steptest.Proxy{{answer("407 Auth", basic, closes)}, {answer("407 Auth", basic, closes)}}, nil,
		steptest.Result{Sent: [][]string{{request("")}, {request(ofOwn)}},
			Asked: []proxy.Question{{Proxy: known, Realm: "r", User: "pu", Password: "pw"}}, Outcome: refused}},
	{"a realm for each request", known, steptest.Proxy{realms(20)}, []proxy.Credentials{up},
		steptest.Result{Outcome: refused}},
	{"credentials that cannot be sent", plain, steptest.Proxy{{answer("407 Auth", basic, empty)}}, []proxy.Credentials{{User: "a\r\nX: y"}},
		steptest.Result{Sent: [][]string{{request("")}}, Asked: []proxy.Question{question}, Outcome: proxy.Fail(failure.ProxyBadCredential)}},
	{"no challenge", plain, steptest.Proxy{{answer("407 Auth", empty)}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: proxy.Fail(unknownMethod)}},
	{"an unknown challenge", plain, steptest.Proxy{{answer("407 Auth", "Proxy-Authenticate: Negotiate\r\n", empty)}}, nil,
		steptest.Result{Sent: [][]string{{request("")}}, Outcome: proxy.Fail(unknownMethod)}},

	{"the strongest of several lines", plain, steptest.Proxy{{answer("407 Auth", basic, digest, empty), ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(`Digest username="u", realm="d", nonce="one", uri="target.test:7", algorithm=SHA-256, ` +
			`response=*, qop=auth, nc=00000001, cnonce=*`)}}, Asked: []proxy.Question{{Proxy: plain, Realm: "d"}}, Outcome: done}},
	{"a wrong password, and the same nonce", plain, steptest.Proxy{{answer("407 Auth", digest, empty), answer("407 Auth", digest, empty), ok}},
		[]proxy.Credentials{wrong, up}, steptest.Result{Sent: [][]string{{request(""), digestRequest(1), digestRequest(2)}},
			Asked: []proxy.Question{{Proxy: plain, Realm: "d"}, after(wrong, proxy.Question{Proxy: plain, Realm: "d"})}, Outcome: done}},
	{"a nonce that is too old", plain, steptest.Proxy{{answer("407 Auth", digest, empty), answer("407 Auth", stale, empty), ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request(`Digest username="u", realm="d", nonce="one", uri="target.test:7", algorithm=SHA-256, ` +
			`response=*, qop=auth, nc=00000001, cnonce=*`), request(`Digest username="u", realm="d", nonce="two", uri="target.test:7", algorithm=SHA-256, ` +
			`response=*, qop=auth, nc=00000001, cnonce=*`)}}, Asked: []proxy.Question{{Proxy: plain, Realm: "d"}}, Outcome: done}},
	{"a proxy that finds no nonce new enough", plain, steptest.Proxy{{answer("407 Auth", digest, empty), answer("407 Auth", stale, empty),
		answer("407 Auth", stale, empty), answer("407 Auth", stale, empty), answer("407 Auth", stale, empty), answer("407 Auth", stale, empty),
		answer("407 Auth", stale, empty), answer("407 Auth", stale, empty), answer("407 Auth", stale, empty)}}, []proxy.Credentials{up},
		steptest.Result{Asked: []proxy.Question{{Proxy: plain, Realm: "d"}}, Outcome: refused}},
	{"NTLM", plain, steptest.Proxy{{answer("407 Auth", "Proxy-Authenticate: NTLM\r\n", basic, empty),
		answer("407 Auth", "Proxy-Authenticate: NTLM "+ntlmChallenge+"\r\n", empty), ok}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request("NTLM *"), request("NTLM *")}}, Asked: []proxy.Question{{Proxy: plain}}, Outcome: done}},
	{"NTLM, wrong", plain, steptest.Proxy{{answer("407 Auth", "Proxy-Authenticate: NTLM\r\n", empty),
		answer("407 Auth", "Proxy-Authenticate: NTLM "+ntlmChallenge+"\r\n", empty), answer("407 Auth", "Proxy-Authenticate: NTLM\r\n", closes)}}, []proxy.Credentials{up},
		steptest.Result{Sent: [][]string{{request(""), request("NTLM *"), request("NTLM *")}},
			Asked: []proxy.Question{{Proxy: plain}, after(up, proxy.Question{Proxy: plain})}, Outcome: refused}},
}

// digestRequest returns the request with the answer to digest, the so manyth with its nonce.
func digestRequest(count int) string {
	return request(fmt.Sprintf(`Digest username="u", realm="d", nonce="one", uri="target.test:7", algorithm=SHA-256, response=*, qop=auth, nc=%08x, cnonce=*`, count))
}

// realms returns responses that each ask for something else.
func realms(n int) []string {
	var list []string
	for i := range n {
		list = append(list, answer("407 Auth", fmt.Sprintf("Proxy-Authenticate: Basic realm=\"%d\"\r\n", i), empty))
	}
	return list
}

const ntlmChallenge = "TlRMTVNTUAACAAAAAAAAADgAAAABgogCY2hhbGxlbmcAAAAAAAAAAAwADAA4AAAABgEAAAAAAA8CAAQARABNAAAAAAA="

var random = []*regexp.Regexp{regexp.MustCompile(`((?:cnonce|response)=)"[^"]*"`), regexp.MustCompile(`(NTLM )TlRMTVNT[A-Za-z0-9+/=]*`)}

// scrub puts * for what differs each time.
func scrub(r steptest.Result) steptest.Result {
	for _, texts := range r.Sent {
		for i := range texts {
			for _, x := range random {
				if !strings.Contains(texts[i], "NTLM ") && !strings.Contains(texts[i], "Digest ") {
					continue
				}
				texts[i] = x.ReplaceAllString(texts[i], "$1*")
			}
		}
	}
	return r
}

func TestConversations(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			total := 0
			for _, connection := range c.says {
				total += len(strings.Join(connection, ""))
			}
			cuts := []steptest.Cut{steptest.Whole, steptest.Every(1), steptest.Every(2), steptest.Every(7), steptest.Every(64)}
			for n := 1; n <= total; n++ {
				cuts = append(cuts, steptest.At(n))
			}
			for i, cut := range cuts {
				got := scrub(steptest.Play(t, New(c.proxy, &proxy.Keyring{}, named), c.says, c.answers, cut))
				if c.want.Sent == nil {
					got.Sent = nil
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Fatalf("cut %d:\n%+v\nnot\n%+v", i, got, c.want)
				}
			}
		})
	}
}

// An end at each byte before the last is an end of the proxy's connection.
func TestProxyCloses(t *testing.T) {
	text := answer("100 Continue") + answer("200 OK", "X: y\r\n")
	for n := range len(text) {
		if got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), steptest.Proxy{{text[:n]}}, nil, steptest.Whole); got.Outcome.Failure != failure.ProxyClosed {
			t.Errorf("after %d bytes: %+v", n, got.Outcome)
		}
	}
}

// What comes behind a body that was to be the last is not taken for the answer to what
// was not asked yet.
func TestResponsesThatWereNotAskedFor(t *testing.T) {
	says := steptest.Proxy{{answer("407 Auth", basic, empty) + ok + "data"}, {ok}}
	got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), says, []proxy.Credentials{up}, steptest.Whole)
	want := steptest.Result{Sent: [][]string{{request("")}, {request(ofUP)}}, Asked: []proxy.Question{question}, Outcome: done}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nnot\n%+v", got, want)
	}
}

// What Qt makes of each status is in testdata, and what we do.
func TestStatuses(t *testing.T) {
	file, err := os.Open("testdata/statuses.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		rows++
		columns := strings.Split(lines.Text(), "\t")
		if differs := columns[1] != columns[2]; len(columns) != 4 || differs != (columns[3] != "") {
			t.Fatalf("%q: a difference has a reason", lines.Text())
		}
		got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), steptest.Proxy{{answer(columns[0] + " Reason")}}, nil, steptest.Whole)
		switch {
		case columns[2] == "connected":
			if got.Outcome.Status != proxy.Done {
				t.Errorf("%v: %+v", columns, got.Outcome)
			}
		case got.Outcome.Status != proxy.Failed || strconv.Itoa(int(got.Outcome.Failure.Code)) != columns[2] || got.Outcome.Failure.Text == "":
			t.Errorf("%v: %+v", columns, got.Outcome.Failure)
		}
	}
	if rows == 0 {
		t.Error("there is nothing in the table")
	}
}

func TestStatusLinesThatAreNone(t *testing.T) {
	for _, line := range []string{"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 -20 OK", "HTTP/1.1 020 OK", "HTTP/1.1 abc", "HTTP/1 200 OK",
		"HTTP/.1 200 OK", "HTTP/a.b 200 OK", "HTTP/1.1\t200 OK", "http/1.1 200 OK", "HTTP /1.1 200", "garbage", ""} {
		got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), steptest.Proxy{{line + "\r\n\r\n"}}, nil, steptest.Whole)
		if got.Outcome.Failure != notHTTP {
			t.Errorf("%q: %+v", line, got.Outcome)
		}
	}
}

func TestLimits(t *testing.T) {
	filler := func(n int) string { return "X: " + strings.Repeat("y", n-5) + "\r\n" }
	const status = len("HTTP/1.1 200 OK\r\n\r\n")
	for _, c := range []struct {
		text string
		want *failure.Failure
	}{
		{answer("200 OK", filler(65536-status)), nil},
		{answer("200 OK", filler(65536-status+1)), tooLong},
		{answer("200 OK", filler(300_000)), tooLong},
		{strings.Repeat(answer("100 Continue"), 10_000), tooLong},
		{answer("407 Auth", basic, filler(300_000)), tooLong},
	} {
		got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), steptest.Proxy{{c.text}}, nil, steptest.Every(1000))
		if got.Outcome.Failure != c.want {
			t.Errorf("%d bytes: %+v", len(c.text), got.Outcome)
		}
	}
	// The body in chunks that nobody reads to its end.
	says := steptest.Proxy{{answer("407 Auth", basic, "Transfer-Encoding: chunked\r\n") + strings.Repeat("1000\r\n"+strings.Repeat("x", 0x1000)+"\r\n", 20)}, {ok}}
	got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), says, []proxy.Credentials{up}, steptest.Every(1000))
	if len(got.Sent) != 2 || got.Outcome.Status != proxy.Done {
		t.Errorf("%+v", got)
	}
}

func TestRequests(t *testing.T) {
	p := plain
	for _, h := range [][2]string{{"X-One", "1"}, {"Host", "other.test"}, {"User-Agent", "me"}, {"Content-Length", "5"}, {"transfer-encoding", "chunked"}, {"Proxy-Authorization", "Basic own"}} {
		if !p.SetHeader(h[0], h[1]) {
			t.Fatalf("%q", h)
		}
	}
	r := steptest.Play(t, New(p, &proxy.Keyring{}, named), steptest.Proxy{{answer("407 Auth", basic, empty), ok}}, []proxy.Credentials{up}, steptest.Whole)
	const start = "CONNECT target.test:7 HTTP/1.1\r\nHost: target.test:7\r\nProxy-Connection: keep-alive\r\nX-One: 1\r\nUser-Agent: me\r\n"
	want := []string{start + "Proxy-Authorization: Basic own\r\n\r\n", start + "Proxy-Authorization: " + ofUP + "\r\n\r\n"}
	if !reflect.DeepEqual(r.Sent, [][]string{want}) {
		t.Errorf("%q, not %q", r.Sent, want)
	}

	for text, want := range map[string]string{
		"192.0.2.1":        "192.0.2.1:7",
		"2001:db8::7":      "[2001:db8::7]:7",
		"fe80::1%eth0":     "[fe80::1]:7",
		"::ffff:192.0.2.1": "[::ffff:192.0.2.1]:7",
	} {
		a, _ := address.Parse(text)
		out := string(New(plain, &proxy.Keyring{}, proxy.Target{Address: a, Port: 7}).Begin())
		if !strings.HasPrefix(out, "CONNECT "+want+" HTTP/1.1\r\nHost: "+want+"\r\n") {
			t.Errorf("%s: %q", text, out)
		}
	}
}

// A user whom the proxy has let in is shown at once next time, and one whom it lets in
// no longer is forgotten.
func TestCredentialsAreKept(t *testing.T) {
	keys := &proxy.Keyring{}
	play := func(says steptest.Proxy, answers ...proxy.Credentials) steptest.Result {
		return scrub(steptest.Play(t, New(plain, keys, named), says, answers, steptest.Whole))
	}
	sent := func(r steptest.Result, want ...string) {
		t.Helper()
		if got := fmt.Sprintf("%q", r.Sent); got != fmt.Sprintf("%q", [][]string{want}) {
			t.Errorf("%s, not %q", got, want)
		}
	}
	play(steptest.Proxy{{answer("407 Auth", digest, empty), ok}}, up)
	sent(play(steptest.Proxy{{ok}}), digestRequest(2))
	sent(play(steptest.Proxy{{ok}}), digestRequest(3))
	// Another realm does not make it forget the first.
	r := play(steptest.Proxy{{answer("407 Auth", basic, empty), ok}}, proxy.Credentials{User: "u", Password: "p"})
	if len(r.Asked) != 1 || r.Asked[0].Realm != "r" {
		t.Fatalf("%+v", r)
	}
	sent(play(steptest.Proxy{{ok}}), request(ofUP))
	// Not any more.
	if r = play(steptest.Proxy{{answer("407 Auth", basic, empty)}}); r.Outcome.Failure != failure.ProxyUnauthorized || len(r.Asked) != 1 {
		t.Fatalf("%+v", r)
	}
	sent(play(steptest.Proxy{{ok}}), request(""))
}

func TestNothingFollowsTheEnd(t *testing.T) {
	s := New(plain, &proxy.Keyring{}, named)
	s.Begin()
	if _, taken, o := s.Next([]byte(ok + "rest")); taken != len(ok) || o.Status != proxy.Done {
		t.Fatalf("%d, %+v", taken, o)
	}
	if out, taken, o := s.Next([]byte("rest")); out != nil || taken != 0 || o.Status != proxy.Done {
		t.Errorf("%q, %d, %+v", out, taken, o)
	}
	if out, o := s.Answer("u", "p"); out != nil || o.Status != proxy.Done {
		t.Errorf("%q, %+v", out, o)
	}
	if o := s.End(); o.Status != proxy.Done {
		t.Errorf("%+v", o)
	}
}

// The proxy may close the connection while the user is asked.
func TestProxyClosesWhileTheUserIsAsked(t *testing.T) {
	s := New(plain, &proxy.Keyring{}, named)
	s.Begin()
	if _, _, o := s.Next([]byte(answer("407 Auth", basic, empty))); o.Status != proxy.Ask {
		t.Fatalf("%+v", o)
	}
	if o := s.End(); o.Status != proxy.Ask {
		t.Fatalf("%+v", o)
	}
	if out, o := s.Answer("u", "p"); out != nil || o.Status != proxy.Reconnect {
		t.Errorf("%q, %+v", out, o)
	}
}

// FuzzStep looks that what a proxy says means the same however it comes.
func FuzzStep(f *testing.F) {
	for _, c := range conversations {
		for _, connection := range c.says {
			f.Add(strings.Join(connection, ""), uint64(1))
		}
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		// Up to an end or a question the proxy says all in one go.
		play := func(cut steptest.Cut) (proxy.Outcome, int) {
			s := New(plain, &proxy.Keyring{}, named)
			s.Begin()
			for read := 0; ; {
				n := min(len(text)-read, cut(read))
				if n == 0 {
					return s.End(), read
				}
				_, taken, o := s.Next([]byte(text[read : read+n]))
				read += taken
				if o.Status != proxy.More {
					return o, read
				}
			}
		}
		r := rand.New(rand.NewPCG(seed, 0))
		whole, all := play(steptest.Whole)
		cut, some := play(func(int) int { return 1 + r.IntN(9) })
		if !reflect.DeepEqual(whole, cut) || whole.Status == proxy.Done && all != some {
			t.Errorf("%+v, %d\nnot\n%+v, %d", cut, some, whole, all)
		}
	})
}

// A proxy that wants one nonce after the other is given up after as many requests, which
// are counted anew for each user.
func TestRequestsAreCountedForEachUser(t *testing.T) {
	says := steptest.Proxy{{answer("407 Auth", digest, empty)}}
	for i := range 3 * maxRequests {
		says[0] = append(says[0], answer("407 Auth", strings.Replace(stale, "two", strconv.Itoa(i), 1), empty))
	}
	got := steptest.Play(t, New(plain, &proxy.Keyring{}, named), says, []proxy.Credentials{up}, steptest.Every(1000))
	if n := len(got.Sent[0]); n != 1+maxRequests || got.Outcome.Failure != failure.ProxyUnauthorized {
		t.Errorf("%d requests, %+v", n, got.Outcome)
	}
}
