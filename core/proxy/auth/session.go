package auth

import (
	"errors"
	"strings"
)

// Session shows a user's name and password as one server wants it.
type Session interface {
	// Authorization returns the value of the header that goes with a request.
	Authorization(method, uri string) string

	// Continue reports whether the challenge that has come back asks for nothing but
	// the session's next words: otherwise the user or the password is wrong.
	Continue(c Challenge) bool

	// Fresh returns the session for another connection. It may be the same one.
	Fresh() Session
}

// ErrCredentials says that a user or a password has characters that cannot be shown.
var ErrCredentials = errors.New("auth: control characters in a user or a password")

// strength returns how well a challenge's way guards the password; 0 if it is not known.
// The order is Qt's.
func strength(c Challenge) int {
	switch c.Scheme {
	case "basic":
		return 1
	case "ntlm":
		return 2
	case "digest":
		if a, ok := c.algorithm(); ok && c.plainQuality() {
			return 3 + a.strength
		}
	}
	return 0
}

// Strongest returns the best challenge of a list that there is a session for, the first
// of those that are alike.
func Strongest(list []Challenge) (best Challenge, ok bool) {
	most := 0
	for _, c := range list {
		if s := strength(c); s > most {
			best, most = c, s
		}
	}
	return best, most > 0
}

// Begin returns a session that answers a challenge that Strongest has returned. The
// server has refused the session before, if that is not nil.
func Begin(c Challenge, user, password string, before Session) (Session, error) {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if strings.ContainsFunc(user, control) || strings.ContainsFunc(password, control) {
		return nil, ErrCredentials
	}
	switch c.Scheme {
	case "digest":
		return newDigest(c, user, password, before), nil
	case "ntlm":
		return &ntlm{user: user, password: password}, nil
	}
	return newBasic(user, password), nil
}
