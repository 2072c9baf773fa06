// Package auth is how one shows to a server or a proxy of HTTP who one is: Basic
// (RFC 7617), Digest (RFC 7616) and NTLM.
package auth

import "strings"

// Challenge is what a server says of one way to show who one is (RFC 9110, 11.3).
type Challenge struct {
	Scheme string            // in small letters
	Token  string            // what comes instead of parameters
	Params map[string]string // by their names in small letters, without quotes
}

// Realm returns what the user and the password are for; "" if that is not said.
func (c Challenge) Realm() string { return c.Params["realm"] }

// Parse returns the challenges in header lines, of which each may have several. What
// cannot be read ends its line.
func Parse(lines []string) []Challenge {
	var list []Challenge
	for _, line := range lines {
		s := scanner{line}
		for s.skip(); s.rest != ""; s.skip() {
			c, ok := s.challenge()
			if c.Scheme != "" {
				list = append(list, c)
			}
			if !ok {
				break
			}
		}
	}
	return list
}

// scanner reads a header line from its beginning.
type scanner struct{ rest string }

// skip passes over what may be between elements of a list.
func (s *scanner) skip() { s.rest = strings.TrimLeft(s.rest, " \t,") }

// space passes over spaces.
func (s *scanner) space() { s.rest = strings.TrimLeft(s.rest, " \t") }

// word returns the characters at the beginning that f takes.
func (s *scanner) word(f func(rune) bool) string {
	i := strings.IndexFunc(s.rest, func(r rune) bool { return !f(r) })
	if i < 0 {
		i = len(s.rest)
	}
	word := s.rest[:i]
	s.rest = s.rest[i:]
	return word
}

// isToken reports whether a name may have the character, isToken68 whether a token may
// have it that stands for parameters; that may end in signs of equality.
func isToken(r rune) bool {
	return r > ' ' && r < 0x7f && !strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
}

func isToken68(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/", r)
}

// challenge reads one challenge, and reports whether there may be another one behind it.
func (s *scanner) challenge() (Challenge, bool) {
	c := Challenge{Scheme: strings.ToLower(s.word(isToken)), Params: map[string]string{}}
	if c.Scheme == "" {
		return c, false
	}
	if s.rest == "" || s.rest[0] == ',' {
		return c, true
	}
	if s.rest[0] != ' ' && s.rest[0] != '\t' {
		return Challenge{}, false
	}
	s.space()
	before := s.rest
	if c.Token = s.word(isToken68); c.Token != "" {
		c.Token += s.word(func(r rune) bool { return r == '=' })
		if s.space(); s.rest == "" || s.rest[0] == ',' {
			return c, true
		}
		c.Token, s.rest = "", before
	}
	for {
		s.skip()
		before = s.rest
		name := strings.ToLower(s.word(isToken))
		s.space()
		if name == "" || !strings.HasPrefix(s.rest, "=") {
			// It is the next challenge, or the end.
			s.rest = before
			return c, s.rest == "" || name != ""
		}
		s.rest = s.rest[1:]
		s.space()
		value, ok := s.value()
		if !ok {
			return c, false
		}
		if _, twice := c.Params[name]; !twice {
			c.Params[name] = value
		}
		if s.space(); s.rest != "" && s.rest[0] != ',' {
			return c, false
		}
	}
}

// value reads the value of a parameter, with quotes or without.
func (s *scanner) value() (string, bool) {
	if !strings.HasPrefix(s.rest, `"`) {
		value := s.word(isToken)
		return value, true
	}
	var value strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return value.String(), true
		case c == '\\' && i+1 < len(s.rest):
			i++
			value.WriteByte(s.rest[i])
		default:
			value.WriteByte(c)
		}
	}
	return "", false
}

// quote returns text in quotes.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
