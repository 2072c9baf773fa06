package verify

import (
	"time"

	"qnet/core/tls/certificate"
)

// Peer returns what is wrong with what a peer of a connection has sent, in the order in
// which Qt says it: first what concerns its certificate alone. The host is what a server is
// to be, "" for any.
func Peer(sent []*certificate.Certificate, store *Store, host string, o Options) []Failure {
	if len(sent) == 0 {
		return []Failure{{Code: NoPeerCertificate}}
	}
	return withHost(host, sent[0], Chain(sent, store, o))
}

// withHost puts before other failures that a certificate is not for a host.
func withHost(host string, c *certificate.Certificate, failures []Failure) []Failure {
	if host == "" || MatchesHost(c, host) {
		return failures
	}
	return append([]Failure{{HostNameMismatch, c}}, failures...)
}

// Alone returns what is wrong with a chain without a connection (QSslCertificate::verify).
// What its certificates are for, and how secure keys and signatures are, does not matter.
func Alone(chain []*certificate.Certificate, store *Store, host string, now time.Time) []Failure {
	if len(chain) == 0 {
		return []Failure{{Code: Unspecified}}
	}
	return withHost(host, chain[0], Chain(chain, store, Options{Now: now}))
}
