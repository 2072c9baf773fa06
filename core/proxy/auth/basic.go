package auth

import "encoding/base64"

// basic is Basic (RFC 7617): the name and the password as they are, in UTF-8.
type basic string

func newBasic(user, password string) basic {
	return basic("Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

func (b basic) Authorization(_, _ string) string { return string(b) }

func (b basic) Continue(Challenge) bool { return false }

func (b basic) Fresh() Session { return b }
