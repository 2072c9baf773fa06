package auth

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
)

// algorithm is how Digest makes a hash of the password.
type algorithm struct {
	hash     func(text string) string
	strength int  // compared with the others
	session  bool // the hash of name and password is made of nonces, too
}

func md5Hash(text string) string    { return fmt.Sprintf("%x", md5.Sum([]byte(text))) }
func sha256Hash(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

var algorithms = map[string]algorithm{
	"":             {md5Hash, 0, false},
	"md5":          {md5Hash, 0, false},
	"md5-sess":     {md5Hash, 0, true},
	"sha-256":      {sha256Hash, 1, false},
	"sha-256-sess": {sha256Hash, 1, true},
}

// algorithm returns the one that a challenge wants, and reports whether it is known.
func (c Challenge) algorithm() (algorithm, bool) {
	a, ok := algorithms[strings.ToLower(c.Params["algorithm"])]
	_, nonce := c.Params["nonce"]
	return a, ok && nonce
}

// quality returns "auth" if a challenge offers that, and plainQuality reports whether
// that is so, or the challenge is from before there was anything to offer (RFC 2069).
func (c Challenge) quality() string {
	for q := range strings.SplitSeq(c.Params["qop"], ",") {
		if strings.EqualFold(strings.TrimSpace(q), "auth") {
			return "auth"
		}
	}
	return ""
}

func (c Challenge) plainQuality() bool {
	_, offers := c.Params["qop"]
	return !offers || c.quality() != ""
}

// digest is Digest (RFC 7616). One session may be used by several connections, from any
// thread: all count the requests that a nonce was used for.
type digest struct {
	user, password string
	cnonce         func() string

	mu        sync.Mutex
	challenge Challenge
	count     uint32 // of requests with the challenge's nonce
}

// newDigest counts on where before, which was refused, has used the challenge's nonce: a
// server may take it for a replay to count from one again.
func newDigest(c Challenge, user, password string, before Session) *digest {
	d := &digest{user: user, password: password, cnonce: randomNonce, challenge: c}
	if b, ok := before.(*digest); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		if sameNonce(b.challenge, c) {
			d.count = b.count
		}
	}
	return d
}

func sameNonce(a, b Challenge) bool { return a.Params["nonce"] == b.Params["nonce"] }

func randomNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x", b)
}

func (d *digest) Fresh() Session { return d }

// Continue takes a new nonce if the old one was only too old.
func (d *digest) Continue(c Challenge) bool {
	if strength(c) == 0 || c.Scheme != "digest" || !strings.EqualFold(c.Params["stale"], "true") {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !sameNonce(d.challenge, c) {
		d.count = 0
	}
	d.challenge = c
	return true
}

func (d *digest) Authorization(method, uri string) string {
	d.mu.Lock()
	d.count++
	c, count := d.challenge, d.count
	d.mu.Unlock()

	a, _ := c.algorithm()
	realm, nonce, qop, cnonce := c.Realm(), c.Params["nonce"], c.quality(), d.cnonce()
	secret := a.hash(d.user + ":" + realm + ":" + d.password)
	if a.session {
		secret = a.hash(secret + ":" + nonce + ":" + cnonce)
	}
	what := a.hash(method + ":" + uri)
	user := d.user
	hashed := strings.EqualFold(c.Params["userhash"], "true")
	if hashed {
		user = a.hash(d.user + ":" + realm)
	}

	text := "Digest username=" + quote(user) + ", realm=" + quote(realm) + ", nonce=" + quote(nonce) + ", uri=" + quote(uri)
	if name, ok := c.Params["algorithm"]; ok {
		text += ", algorithm=" + name
	}
	if qop == "" {
		text += ", response=" + quote(a.hash(secret+":"+nonce+":"+what))
		if a.session {
			text += ", cnonce=" + quote(cnonce)
		}
	} else {
		nc := fmt.Sprintf("%08x", count)
		response := a.hash(secret + ":" + nonce + ":" + nc + ":" + cnonce + ":" + qop + ":" + what)
		text += ", response=" + quote(response) + ", qop=" + qop + ", nc=" + nc + ", cnonce=" + quote(cnonce)
	}
	if opaque, ok := c.Params["opaque"]; ok {
		text += ", opaque=" + quote(opaque)
	}
	if hashed {
		text += ", userhash=true"
	}
	return text
}
