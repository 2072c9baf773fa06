// Package tunnel sets connections up through proxies of HTTP, with CONNECT (RFC 9110,
// 9.3.6).
package tunnel

import (
	"slices"
	"strings"

	"qnet/core/failure"
	"qnet/core/proxy"
	"qnet/core/proxy/auth"
)

// maxRequests is how many requests are made without asking anybody: there may be several
// users and passwords to try, NTLM needs two for each, and a nonce may be too old. A proxy
// that goes on wants something else.
const maxRequests = 8

// stage is what the proxy is to send next.
type stage uint8

const (
	head    stage = iota // the status and the headers
	body                 // what follows them, when the connection will be used again
	waiting              // nothing: the user is asked
	over
)

// Step is a step through a proxy of HTTP.
type Step struct {
	proxy  proxy.Proxy
	keys   *proxy.Keyring
	target string

	key      proxy.Key    // what the request shows; no Session: nothing
	tried    []proof      // what was shown before
	refused  auth.Session // the last of those
	requests int          // since somebody was asked

	stage      stage
	response   response
	challenges []auth.Challenge
	challenge  auth.Challenge // the best of them
	closing    bool           // the connection is of no more use
	repeated   bool           // this is not the connection's first request
	outcome    proxy.Outcome
}

// proof is what somebody was shown with.
type proof struct {
	credentials proxy.Credentials
	realm       string
}

// New returns the step through p to a target. What the proxy accepts is kept in keys.
func New(p proxy.Proxy, keys *proxy.Keyring, target proxy.Target) *Step {
	s := &Step{proxy: p, keys: keys, target: target.String()}
	if key, ok := keys.Latest(p); ok {
		s.key = key
	}
	return s
}

// Begin returns the first request on a connection.
func (s *Step) Begin() []byte {
	s.repeated = false
	if s.key.Session != nil {
		s.key.Session = s.key.Session.Fresh()
	}
	return s.request()
}

// written are headers that make the request what it is.
var written = []string{"host", "content-length", "transfer-encoding"}

// request returns a request, whose response is waited for.
func (s *Step) request() []byte {
	s.stage, s.response, s.closing, s.outcome = head, response{}, false, proxy.Outcome{}
	s.requests++
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	b.WriteString("CONNECT " + s.target + " HTTP/1.1\r\n")
	line("Host", s.target)
	line("Proxy-Connection", "keep-alive")
	if _, ok := s.proxy.Header("User-Agent"); !ok {
		line("User-Agent", "Mozilla/5.0") // Qt's
	}
	for _, h := range s.proxy.Headers() {
		name := strings.ToLower(h.Name)
		if !slices.Contains(written, name) && (name != "proxy-authorization" || s.key.Session == nil) {
			line(h.Name, h.Value)
		}
	}
	if s.key.Session != nil {
		line("Proxy-Authorization", s.key.Session.Authorization("CONNECT", s.target))
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}

// Next reads responses.
func (s *Step) Next(in []byte) (out []byte, taken int, o proxy.Outcome) {
	if s.stage == head {
		n, status := s.response.readHead(in)
		taken = n
		switch status {
		case incomplete:
			return nil, taken, proxy.Outcome{}
		case broken:
			return nil, taken, s.fail(notHTTP)
		case endless:
			return nil, taken, s.fail(tooLong)
		}
		if o, done := s.readStatus(); done {
			return nil, taken, o
		}
	}
	if s.stage == body {
		n, status := s.response.readBody(in[taken:])
		taken += n
		if status == incomplete {
			return nil, taken, proxy.Outcome{}
		}
		// What comes behind it was not asked for: who knows where in the stream we are?
		s.closing = status != complete || taken < len(in)
		out, o = s.unauthorized()
		return out, len(in), o
	}
	return nil, taken, s.outcome
}

// readStatus acts on the head of a response, and reports whether there is an outcome. If
// not, the body is next.
func (s *Step) readStatus() (proxy.Outcome, bool) {
	switch code := s.response.code; {
	case code >= 200 && code < 300:
		if s.key.Session != nil {
			s.keys.Keep(s.proxy, s.key)
		}
		return s.end(proxy.Outcome{Status: proxy.Done}), true
	case code != unauthorized:
		return s.fail(refusal(code)), true
	}
	var ok bool
	s.challenges = auth.Parse(s.response.values("proxy-authenticate"))
	if s.challenge, ok = auth.Strongest(s.challenges); !ok {
		return s.fail(unknownMethod), true
	}
	if s.closing = !s.response.startBody(); s.closing {
		_, o := s.unauthorized()
		return o, true
	}
	s.stage = body
	return proxy.Outcome{}, false
}

// unauthorized answers the challenge with what is known, or asks.
func (s *Step) unauthorized() ([]byte, proxy.Outcome) {
	realm := s.challenge.Realm()
	if s.key.Session != nil {
		if slices.ContainsFunc(s.challenges, s.key.Session.Continue) {
			return s.again()
		}
		if s.key.Realm == realm {
			s.keys.Drop(s.proxy, s.key)
		}
		s.tried = append(s.tried, proof{s.key.Credentials, s.key.Realm})
		s.refused, s.key.Session = s.key.Session, nil
	}
	if s.key.Realm != realm {
		// Nobody has said that they are wrong here.
		s.key = proxy.Key{Realm: realm}
	}
	kept, _ := s.keys.ForRealm(s.proxy, realm)
	for _, c := range []proxy.Credentials{kept, {User: s.proxy.User, Password: s.proxy.Password}} {
		if c != (proxy.Credentials{}) && !slices.Contains(s.tried, proof{c, realm}) {
			return s.show(c)
		}
	}
	s.stage = waiting
	s.outcome = proxy.Outcome{Status: proxy.Ask, Question: proxy.Question{
		Proxy: s.proxy, Realm: realm, User: s.key.Credentials.User, Password: s.key.Credentials.Password,
	}}
	return nil, s.outcome
}

// show goes on with other credentials.
func (s *Step) show(c proxy.Credentials) ([]byte, proxy.Outcome) {
	session, err := auth.Begin(s.challenge, c.User, c.Password, s.refused)
	if err != nil {
		return nil, s.fail(failure.ProxyBadCredential)
	}
	s.key = proxy.Key{Credentials: c, Realm: s.challenge.Realm(), Session: session}
	return s.again()
}

// again makes another request, on another connection if it must.
func (s *Step) again() ([]byte, proxy.Outcome) {
	switch {
	case s.requests >= maxRequests:
		return nil, s.fail(failure.ProxyUnauthorized)
	case s.closing:
		return nil, s.end(proxy.Outcome{Status: proxy.Reconnect})
	}
	s.repeated = true
	return s.request(), proxy.Outcome{}
}

// Answer goes on with a user and a password, unless they are those that were refused.
func (s *Step) Answer(user, password string) ([]byte, proxy.Outcome) {
	c := proxy.Credentials{User: user, Password: password}
	switch {
	case s.stage != waiting:
		return nil, s.outcome
	case c == s.key.Credentials:
		return nil, s.fail(failure.ProxyUnauthorized)
	}
	s.requests = 0
	return s.show(c)
}

// End is an error, unless the proxy has said enough, or has ended a connection that it
// had promised to keep: then it is asked again on another one.
func (s *Step) End() proxy.Outcome {
	switch {
	case s.stage == head && s.repeated && !s.response.begun() && s.requests < maxRequests:
		return s.end(proxy.Outcome{Status: proxy.Reconnect})
	case s.stage == head:
		return s.fail(failure.ProxyClosed)
	case s.stage == body:
		s.closing = true
		_, o := s.unauthorized()
		return o
	case s.stage == waiting:
		s.closing = true
	}
	return s.outcome
}

func (s *Step) fail(f *failure.Failure) proxy.Outcome { return s.end(proxy.Fail(f)) }

// end ends the step, or this connection's part of it.
func (s *Step) end(o proxy.Outcome) proxy.Outcome {
	s.stage, s.outcome = over, o
	return o
}
