package verify

import (
	"time"

	"qnet/core/tls/certificate"
)

// Store is the certificates of authorities that are trusted, by their names. It does not
// change, and any thread may use it.
type Store struct {
	bySubject map[string][]*certificate.Certificate
}

// NewStore returns a store of what is valid of a list at a time: Qt does not trust what has
// expired.
func NewStore(list []*certificate.Certificate, now time.Time) *Store {
	s := &Store{map[string][]*certificate.Certificate{}}
	for _, c := range list {
		if until, ok := c.ExpiryDate(); ok && !until.Before(now) {
			key := c.Subject().Key()
			s.bySubject[key] = append(s.bySubject[key], c)
		}
	}
	return s
}

// Issuer returns the certificate in the store of the issuer of another one, nil if there is
// none.
func (s *Store) Issuer(c *certificate.Certificate, now time.Time) *certificate.Certificate {
	if s == nil {
		return nil
	}
	return choose(c, s.bySubject[c.Issuer().Key()], now)
}

// choose returns the issuer of a certificate among others: the first that is valid now, or
// the one that has been for longest.
func choose(c *certificate.Certificate, others []*certificate.Certificate, now time.Time) *certificate.Certificate {
	var best *certificate.Certificate
	for _, other := range others {
		if !c.IssuedBy(other) {
			continue
		}
		if valid(other, now) {
			return other
		}
		if best == nil || later(other, best) {
			best = other
		}
	}
	return best
}

func valid(c *certificate.Certificate, now time.Time) bool {
	since, ok1 := c.EffectiveDate()
	until, ok2 := c.ExpiryDate()
	return ok1 && ok2 && !now.Before(since) && !now.After(until)
}

// later reports whether a certificate is valid for longer than another one.
func later(a, b *certificate.Certificate) bool {
	one, _ := a.ExpiryDate()
	other, _ := b.ExpiryDate()
	return one.After(other)
}
