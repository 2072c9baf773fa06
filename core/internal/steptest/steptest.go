// Package steptest plays the proxies that steps of core/proxy talk to.
package steptest

import (
	"slices"
	"testing"

	"qnet/core/proxy"
)

// Proxy is what a proxy sends on each connection: the first when it was written to, each
// other one when it was written to again, or when it has been told to go on with a peer
// of a server. After the last it closes the connection.
type Proxy [][]string

// Result is what has become of a step.
type Result struct {
	Sent    [][]string // on each connection
	Asked   []proxy.Question
	Listens []proxy.Target
	Outcome proxy.Outcome
	Rest    string // what came behind the proxy's last words
}

// Cut cuts what a proxy sends into pieces: it returns how long the next one is, given
// how much of it was read before, on all connections.
type Cut func(before int) int

// Whole cuts nothing, and Every into pieces of n bytes.
func Whole(int) int { return 1 << 30 }

func Every(n int) Cut { return func(int) int { return n } }

// At cuts once.
func At(n int) Cut {
	return func(before int) int {
		if before < n {
			return n - before
		}
		return 1 << 30
	}
}

// Play lets a step talk to a proxy until it is done, and answers its questions, at last
// always with what they begin with.
func Play(t testing.TB, s proxy.Step, p Proxy, answers []proxy.Credentials, cut Cut) Result {
	t.Helper()
	var r Result
	before := 0
	for connection := 0; ; connection++ {
		if connection > len(p) {
			t.Fatalf("it goes on with connection %d of %d", connection, len(p))
		}
		var replies []string
		if connection < len(p) {
			replies = slices.Clone(p[connection])
		}
		sent := []string{string(s.Begin())}
		var o proxy.Outcome
		for o.Status == proxy.More || o.Status == proxy.Listens {
			if len(replies) == 0 {
				o = answer(&r, s, s.End(), &sent, &answers)
				if o.Status == proxy.More {
					t.Fatal("it waits for a proxy that is gone")
				}
				break
			}
			o, r.Rest = feed(t, s, []byte(replies[0]), &before, cut, &r, &sent, &answers)
			replies = replies[1:]
		}
		r.Sent = append(r.Sent, sent)
		if o.Status != proxy.Reconnect {
			r.Outcome = o
			return r
		}
	}
}

// feed gives a step one reply.
func feed(t testing.TB, s proxy.Step, in []byte, before *int, cut Cut, r *Result, sent *[]string, answers *[]proxy.Credentials) (proxy.Outcome, string) {
	t.Helper()
	var o proxy.Outcome
	for len(in) > 0 {
		n := min(len(in), cut(*before))
		out, taken, next := s.Next(in[:n])
		if taken < 0 || taken > n || next.Status == proxy.More && taken != n {
			t.Fatalf("of %d bytes it takes %d", n, taken)
		}
		o = next
		*before += taken
		in = in[taken:]
		if len(out) > 0 {
			*sent = append(*sent, string(out))
		}
		o = answer(r, s, o, sent, answers)
		if o.Status == proxy.Listens {
			r.Listens = append(r.Listens, o.Bound)
			if len(in) > 0 {
				continue
			}
		}
		if o.Status != proxy.More {
			break
		}
	}
	return o, string(in)
}

func answer(r *Result, s proxy.Step, o proxy.Outcome, sent *[]string, answers *[]proxy.Credentials) proxy.Outcome {
	for o.Status == proxy.Ask {
		r.Asked = append(r.Asked, o.Question)
		c := proxy.Credentials{User: o.Question.User, Password: o.Question.Password}
		if len(*answers) > 0 {
			c, *answers = (*answers)[0], (*answers)[1:]
		}
		var out []byte
		if out, o = s.Answer(c.User, c.Password); len(out) > 0 {
			*sent = append(*sent, string(out))
		}
	}
	return o
}
