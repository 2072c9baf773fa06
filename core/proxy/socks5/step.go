// Package socks5 sets connections, servers and ways for datagrams up through SOCKS 5
// (RFC 1928) with or without a user and a password (RFC 1929).
package socks5

import (
	"qnet/core/failure"
	"qnet/core/proxy"
)

// Command is what is wanted of the proxy.
type Command byte

const (
	Connect   Command = 1 // a connection to the target
	Bind      Command = 2 // one from the target, after it has listened
	Associate Command = 3 // datagrams, for as long as the connection lasts
)

// What is in the messages.
const (
	version     = 5
	subversion  = 1 // of the exchange of user and password
	noMethod    = 0xff
	none        = 0
	password    = 2
	maxLength   = 255
	granted     = 0
	familyIPv4  = 1
	familyName  = 3
	familyIPv6  = 4
	replyHeader = 4 // before the address
)

// stage is what the proxy is to send next.
type stage uint8

const (
	method  stage = iota // which of the methods it wants
	entry                // whether it knows the user and the password
	reply                // what has become of the command
	peer                 // who has connected: the second reply to Bind
	waiting              // nothing: the user is asked
	over
)

// Step is a step through a SOCKS 5 proxy.
type Step struct {
	proxy   proxy.Proxy
	keys    *proxy.Keyring
	command Command
	target  proxy.Target

	credentials proxy.Credentials
	shown       bool // they were, on this connection
	stage       stage
	message     []byte // as much as has come of it
	outcome     proxy.Outcome
}

// New returns the step through p for a command. What the proxy accepts is kept in keys.
// For Bind the target is who will connect, for Associate where datagrams will come from,
// or nothing that is known: AnyIPv4 and port 0.
func New(p proxy.Proxy, keys *proxy.Keyring, c Command, target proxy.Target) (*Step, *failure.Failure) {
	s := &Step{proxy: p, keys: keys, command: c, target: target, credentials: proxy.Credentials{User: p.User, Password: p.Password}}
	if key, ok := keys.Latest(p); ok {
		s.credentials = key.Credentials
	}
	if !fits(s.credentials) {
		return nil, failure.ProxyBadCredential
	}
	return s, nil
}

// fits reports whether the protocol can carry the credentials.
func fits(c proxy.Credentials) bool { return len(c.User) <= maxLength && len(c.Password) <= maxLength }

// Begin offers methods. To ask for a user and a password is only offered to who has
// them: a proxy may prefer that to none.
func (s *Step) Begin() []byte {
	s.stage, s.message, s.shown = method, nil, false
	s.outcome = proxy.Outcome{}
	if s.credentials == (proxy.Credentials{}) {
		return []byte{version, 1, none}
	}
	return []byte{version, 2, none, password}
}

// Next reads the messages that have come.
func (s *Step) Next(in []byte) (out []byte, taken int, o proxy.Outcome) {
	for s.stage < waiting {
		if missing := s.length() - len(s.message); missing > 0 {
			n := min(missing, len(in)-taken)
			if n == 0 {
				return out, taken, proxy.Outcome{}
			}
			s.message = append(s.message, in[taken:taken+n]...)
			taken += n
			continue
		}
		answer, o := s.read()
		out = append(out, answer...)
		if o.Status != proxy.More {
			return out, taken, o
		}
	}
	return out, taken, s.outcome
}

// length returns how long the message is to be, as far as can be said yet. One that has
// nothing of use to say is not waited for.
func (s *Step) length() int {
	const head = 2
	m := s.message
	if s.stage < reply || len(m) < head || m[0] != version || m[1] != granted {
		return head
	}
	if len(m) <= replyHeader {
		return replyHeader + 1
	}
	n, ok := addressLength(m[replyHeader-1:])
	if !ok {
		return replyHeader + 1
	}
	return replyHeader - 1 + n
}

// read acts on the message that is there.
func (s *Step) read() ([]byte, proxy.Outcome) {
	m := s.message
	s.message = nil
	switch s.stage {
	case method:
		return s.readMethod(m)
	case entry:
		if m[0] != subversion || m[1] != granted {
			return nil, s.ask()
		}
		return s.request(), proxy.Outcome{}
	}
	return nil, s.readReply(m)
}

func (s *Step) readMethod(m []byte) ([]byte, proxy.Outcome) {
	switch {
	case m[0] != version:
		return nil, s.fail(malformed)
	case m[1] == none:
		return s.request(), proxy.Outcome{}
	case m[1] == password && s.credentials != proxy.Credentials{}:
		s.stage, s.shown = entry, true
		out := append([]byte{subversion}, byte(len(s.credentials.User)))
		out = append(append(out, s.credentials.User...), byte(len(s.credentials.Password)))
		return append(out, s.credentials.Password...), proxy.Outcome{}
	case m[1] == noMethod:
		return nil, s.ask()
	}
	return nil, s.fail(unknownMethod)
}

// request returns the command.
func (s *Step) request() []byte {
	s.stage = reply
	return appendAddress([]byte{version, byte(s.command), 0}, s.target)
}

func (s *Step) readReply(m []byte) proxy.Outcome {
	if m[0] != version {
		return s.fail(malformed)
	}
	if m[1] != granted {
		return s.fail(refusal(m[1], s.target.Name != ""))
	}
	bound, _, ok := parseAddress(m[replyHeader-1:])
	if !ok || m[replyHeader-2] != 0 || s.command == Associate && bound.Port == 0 {
		return s.fail(malformed)
	}
	if s.shown {
		s.keys.Keep(s.proxy, proxy.Key{Credentials: s.credentials})
	}
	if s.command == Bind && s.stage == reply {
		s.stage = peer
		return proxy.Outcome{Status: proxy.Listens, Bound: bound}
	}
	return s.end(proxy.Outcome{Status: proxy.Done, Bound: bound})
}

// ask asks for credentials: the proxy wants some, or others.
func (s *Step) ask() proxy.Outcome {
	s.keys.Drop(s.proxy, proxy.Key{Credentials: s.credentials})
	p := s.proxy
	p.User, p.Password = s.credentials.User, s.credentials.Password
	s.end(proxy.Outcome{Status: proxy.Ask, Question: proxy.Question{Proxy: p}})
	s.stage = waiting
	return s.outcome
}

// Answer tries the credentials on a new connection: after a refusal the proxy closes
// the old one.
func (s *Step) Answer(user, password string) ([]byte, proxy.Outcome) {
	c := proxy.Credentials{User: user, Password: password}
	switch {
	case s.stage != waiting:
		return nil, s.outcome
	case c == proxy.Credentials{} || c == s.credentials:
		return nil, s.fail(failure.ProxyUnauthorized)
	case !fits(c):
		return nil, s.fail(failure.ProxyBadCredential)
	}
	s.credentials = c
	return nil, s.end(proxy.Outcome{Status: proxy.Reconnect})
}

// End is an error unless the proxy has said all that it had to say.
func (s *Step) End() proxy.Outcome {
	if s.stage < waiting {
		return s.fail(failure.ProxyClosed)
	}
	return s.outcome
}

func (s *Step) fail(f *failure.Failure) proxy.Outcome { return s.end(proxy.Fail(f)) }

// end ends the step, or this connection's part of it.
func (s *Step) end(o proxy.Outcome) proxy.Outcome {
	s.stage, s.outcome = over, o
	return o
}
