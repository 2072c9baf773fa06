package tlstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"testing"
	"time"
)

// Issued is a certificate with its key.
type Issued struct {
	t testing.TB
	*x509.Certificate
	Key   crypto.Signer
	Chain [][]byte // it, and its issuers but the root
}

// Authority returns one that has issued its own certificate.
func Authority(t testing.TB, name string, changes ...func(c *x509.Certificate)) *Issued {
	t.Helper()
	return (&Issued{t: t}).Authority(name, changes...)
}

// Authority issues the certificate of one that is below it.
func (i *Issued) Authority(name string, changes ...func(c *x509.Certificate)) *Issued {
	i.t.Helper()
	return i.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}, newKey(i.t), changes)
}

// Issue issues a certificate for a host, and the address of this one, for servers and
// clients.
func (i *Issued) Issue(host string, changes ...func(c *x509.Certificate)) *Issued {
	i.t.Helper()
	return i.IssueFor(host, newKey(i.t), changes...)
}

// IssueFor issues a certificate for a key.
func (i *Issued) IssueFor(host string, key crypto.Signer, changes ...func(c *x509.Certificate)) *Issued {
	i.t.Helper()
	return i.issue(&x509.Certificate{Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, key, changes)
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i *Issued) issue(c *x509.Certificate, key crypto.Signer, changes []func(c *x509.Certificate)) *Issued {
	i.t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		i.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter, c.BasicConstraintsValid = serial, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), true
	for _, change := range changes {
		change(c)
	}
	parent, signer := i.Certificate, i.Key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		i.t.Fatal(err)
	}
	made := &Issued{t: i.t, Certificate: c, Key: key, Chain: [][]byte{der}}
	if parsed, err := x509.ParseCertificate(der); err == nil {
		made.Certificate = parsed // Go does not read all that it makes
	}
	if i.Certificate != nil && !(i.IsCA && len(i.Chain) == 1 && i.Issuer.String() == i.Subject.String()) {
		made.Chain = append(made.Chain, i.Chain...)
	}
	return made
}

// Resign returns a certificate with something changed in what is signed, and a good signature
// of i's.
func (i *Issued) Resign(other *Issued, change func(signed []byte)) *Issued {
	i.t.Helper()
	var c struct {
		Signed    asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(other.Chain[0], &c); err != nil {
		i.t.Fatal(err)
	}
	change(c.Signed.FullBytes)
	digest := sha256.Sum256(c.Signed.FullBytes)
	signature, err := i.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		i.t.Fatal(err)
	}
	c.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	der, err := asn1.Marshal(c)
	if err != nil {
		i.t.Fatal(err)
	}
	made := *other
	made.Chain = append([][]byte{der}, other.Chain[1:]...)
	return &made
}

// Pair returns the certificate as crypto/tls has it.
func (i *Issued) Pair() tls.Certificate {
	return tls.Certificate{Certificate: i.Chain, PrivateKey: i.Key}
}

// Pool returns an authority as one to trust.
func (i *Issued) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.Certificate)
	return pool
}
