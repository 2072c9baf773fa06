package verify

import (
	"slices"
	"time"

	"qnet/core/tls/certificate"
	"qnet/core/tls/key"
)

// Purpose is what the peer of a connection is.
type Purpose int8

const (
	Any Purpose = iota
	Server
	Client
)

// Options say how strict verifying is.
type Options struct {
	Now     time.Time
	Purpose Purpose
	Depth   int // at most so many certificates between the leaf and the last, 0 for any number (QSslConfiguration::peerVerifyDepth)
	Bits    int // of security that keys and signatures are to have, 0 for any
}

// HandshakeBits is how secure a connection's certificates are to be: RSA with 2048 bits
// and SHA-256 are just enough for it, as for Debian's OpenSSL.
const HandshakeBits = 112

// longest is how many certificates a chain may have whose length nobody limits.
const longest = 100

// walk is a verification under way.
type walk struct {
	Options
	store     *Store
	chain     []*certificate.Certificate
	untrusted int // so many of the chain are from the peer
	failures  []Failure
	compared  int // names with what authorities are confined to
}

// Chain verifies the certificate of a peer, which is the first of those that it has sent,
// and returns all that is wrong. The chain may be in any order and have what does not
// belong to it.
func Chain(sent []*certificate.Certificate, store *Store, o Options) []Failure {
	if len(sent) == 0 {
		return []Failure{{Code: NoPeerCertificate}}
	}
	w := &walk{Options: o, store: store, chain: []*certificate.Certificate{sent[0]}, untrusted: 1}
	if o.Bits > 0 && sent[0].IsBroken() || !w.strong(sent[0]) {
		// Of a broken one Qt says nothing: the connection fails, and cannot be saved.
		w.fail(0, Unspecified)
	}
	w.build(sent[1:])
	w.checkExtensions()
	w.checkSecurity()
	w.checkSignatures()
	w.checkNames()
	return w.failures
}

// fail notes that something is wrong with the certificate at a depth.
func (w *walk) fail(depth int, code Code) {
	w.failures = append(w.failures, Failure{code, w.chain[depth]})
}

// last returns the certificate at the end of the chain so far.
func (w *walk) last() *certificate.Certificate { return w.chain[len(w.chain)-1] }

// build makes the chain longer for as long as there is an issuer: one that is trusted
// rather than one that was sent.
func (w *walk) build(others []*certificate.Certificate) {
	depth := longest
	if w.Depth > 0 {
		depth = w.Depth
	}
	others = slices.Clone(others)
	for trusting := true; len(w.chain) <= depth+1; {
		last := w.last()
		if trusting {
			issuer := w.store.Issuer(last, w.Now)
			if last.IsItsIssuers() {
				if issuer.Equal(last) {
					w.chain[len(w.chain)-1] = issuer
					if w.untrusted == len(w.chain) {
						w.untrusted--
					}
					return // to an anchor
				}
				break
			}
			if issuer != nil {
				w.chain = append(w.chain, issuer)
				if issuer.IsItsIssuers() {
					return
				}
				// From here on only what is trusted counts.
				others = nil
				continue
			}
		}
		if w.untrusted < len(w.chain) || last.IsItsIssuers() {
			break
		}
		issuer := choose(last, others, w.Now)
		if issuer == nil {
			break
		}
		others = slices.DeleteFunc(others, func(c *certificate.Certificate) bool { return c == issuer })
		w.chain = append(w.chain, issuer)
		w.untrusted++
	}
	end := len(w.chain) - 1
	if len(w.chain) > depth+1 {
		w.fail(end, Unspecified)
	}
	switch {
	case w.last().IsItsIssuers() && end == 0:
		w.fail(end, SelfSignedCertificate)
	case w.last().IsItsIssuers():
		w.fail(end, SelfSignedCertificateInChain)
	case w.untrusted < len(w.chain):
		w.fail(end, UnableToGetIssuerCertificate)
	default:
		w.fail(end, UnableToGetLocalIssuerCertificate)
	}
}

// checkExtensions looks at what each certificate may be used for.
func (w *walk) checkExtensions() {
	between := int64(0)
	for depth, c := range w.chain {
		if c.HasUnknownCritical() {
			w.fail(depth, Unspecified)
		}
		if depth > 0 && !mayIssue(c, depth < len(w.chain)-1) {
			w.fail(depth, InvalidCaCertificate)
		}
		if !fits(c, w.Purpose, depth > 0) {
			w.fail(depth, InvalidPurpose)
		}
		if basic, _ := c.Basic(); depth > 0 && basic.Path != nil && basic.Path.IsInt64() && between > basic.Path.Int64() {
			w.fail(depth, PathLengthExceeded)
		}
		if depth > 0 && !c.IsSelfIssued() {
			between++
		}
	}
}

// checkSecurity looks whether keys are long and signatures strong enough. The last one's
// signature does not matter.
func (w *walk) checkSecurity() {
	if w.Bits <= 0 {
		return
	}
	for depth, c := range w.chain {
		if depth > 0 && !w.strong(c) {
			w.fail(depth, Unspecified)
		}
		if bits, known := c.SignatureBits(); depth < len(w.chain)-1 && known && bits < w.Bits {
			w.fail(depth, Unspecified)
		}
	}
}

// strong reports whether a certificate's key is long enough.
func (w *walk) strong(c *certificate.Certificate) bool {
	return w.Bits <= 0 || security(c.PublicKey()) >= w.Bits
}

// security returns how many bits of security a key has (NIST SP 800-57), as far as anybody asks for them.
func security(k *key.Key) int {
	if k.Algorithm() == key.EC || k.Algorithm() == key.Opaque {
		return k.Length() / 2
	}
	if k.Length() >= 2048 {
		return HandshakeBits
	}
	return 0
}

// checkSignatures looks at signatures and dates, from the end of the chain to the leaf.
func (w *walk) checkSignatures() {
	depth := len(w.chain) - 1
	if last := w.last(); !last.IsItsIssuers() {
		if depth == 0 {
			w.fail(0, UnableToVerifyFirstCertificate)
		} else {
			depth--
		}
	}
	for ; depth >= 0; depth-- {
		c := w.chain[depth]
		if depth < len(w.chain)-1 {
			issuer := w.chain[depth+1]
			if !issuer.Allows(certificate.CertSign) {
				w.fail(depth+1, Unspecified)
			}
			switch {
			case issuer.PublicKey() == nil:
				w.fail(depth+1, UnableToDecodeIssuerPublicKey)
			case !c.VerifiedBy(issuer.PublicKey()):
				w.fail(depth, CertificateSignatureFailed)
			}
		}
		w.checkTime(depth)
	}
}

func (w *walk) checkTime(depth int) {
	since, ok := w.chain[depth].EffectiveDate()
	switch {
	case !ok:
		w.fail(depth, InvalidNotBeforeField)
	case w.Now.Before(since):
		w.fail(depth, CertificateNotYetValid)
	}
	until, ok := w.chain[depth].ExpiryDate()
	switch {
	case !ok:
		w.fail(depth, InvalidNotAfterField)
	case w.Now.After(until):
		w.fail(depth, CertificateExpired)
	}
}
