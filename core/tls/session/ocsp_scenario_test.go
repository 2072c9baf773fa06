package session

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/configuration"
)

// What OCSP says (RFC 6960, 4.2), as tests say it.
type (
	ocspResponse struct {
		Status asn1.Enumerated
		Bytes  ocspBytes `asn1:"explicit,tag:0,optional"`
	}
	ocspBytes struct {
		Type asn1.ObjectIdentifier
		Data []byte
	}
	ocspBasic struct {
		Data         ocspData
		Algorithm    pkix.AlgorithmIdentifier
		Signature    asn1.BitString
		Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	ocspData struct {
		Version   int `asn1:"explicit,tag:0,default:0,optional"`
		Responder asn1.RawValue
		Produced  time.Time `asn1:"generalized"`
		Responses []ocspSingle
	}
	ocspSingle struct {
		ID         ocspID
		Status     asn1.RawValue
		Since      time.Time        `asn1:"generalized"`
		Until      time.Time        `asn1:"generalized,explicit,tag:0,optional"`
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	ocspID struct {
		Hash   pkix.AlgorithmIdentifier
		Name   []byte
		Key    []byte
		Serial *big.Int
	}
	ocspRevoked struct {
		At     time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
	}
)

// stapler makes what a server shows of its certificate, with a few things to be changed.
type stapler struct {
	t            testing.TB
	root, leaf   *tlstest.Issued
	signer       *tlstest.Issued
	sent         []*tlstest.Issued // beside the response
	about        []ocspSingle
	status       asn1.Enumerated
	kind         asn1.ObjectIdentifier
	broken       bool            // the signature
	by           *tlstest.Issued // whose name is given as the signer's, if it is not his
	behind       string
	rewrapped    func(basic []byte) []byte
	byKey        bool // the signer is named by his key
	alone        bool // the leaf is sent without its issuer
	hostOfClient string
	change       func(client *configuration.Configuration)
	now          time.Time
}

func (s *stapler) single() *ocspSingle { return &s.about[0] }

func (s *stapler) id(issuer *tlstest.Issued, sum crypto.Hash, serial *big.Int) ocspID {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &spki); err != nil {
		s.t.Fatal(err)
	}
	if sum == crypto.SHA256 {
		name, key := sha256.Sum256(issuer.RawSubject), sha256.Sum256(spki.Key.Bytes)
		return ocspID{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}, name[:], key[:], serial}
	}
	name, key := sha1.Sum(issuer.RawSubject), sha1.Sum(spki.Key.Bytes)
	return ocspID{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Parameters: asn1.NullRawValue}, name[:], key[:], serial}
}

func (s *stapler) revoked(reason int) asn1.RawValue {
	inner, err := asn1.MarshalWithParams(ocspRevoked{s.now.Add(-time.Minute), asn1.Enumerated(reason)}, "tag:1")
	if err != nil {
		s.t.Fatal(err)
	}
	return asn1.RawValue{FullBytes: inner}
}

var (
	ocspGood    = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0}
	ocspUnknown = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2}
)

// staple returns the response.
func (s *stapler) staple() []byte {
	marshal := func(v any) []byte {
		data, err := asn1.Marshal(v)
		if err != nil {
			s.t.Fatal(err)
		}
		return data
	}
	if s.status != 0 {
		return marshal(struct{ Status asn1.Enumerated }{s.status})
	}
	by := s.signer
	if s.by != nil {
		by = s.by
	}
	responder := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: by.RawSubject}
	if s.byKey {
		hash, err := asn1.Marshal(s.id(by, crypto.SHA1, nil).Key)
		if err != nil {
			s.t.Fatal(err)
		}
		responder.Tag, responder.Bytes = 2, hash
	}
	data := ocspData{Responder: responder, Produced: s.now, Responses: s.about}
	digest := sha256.Sum256(marshal(data))
	signature, err := s.signer.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.broken {
		signature[len(signature)-1] ^= 1
	}
	basic := ocspBasic{Data: data, Algorithm: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
		Signature: asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}}
	for _, c := range s.sent {
		basic.Certificates = append(basic.Certificates, asn1.RawValue{FullBytes: c.Chain[0]})
	}
	inner := marshal(basic)
	if s.rewrapped != nil {
		inner = s.rewrapped(inner)
	}
	return append(marshal(ocspResponse{0, ocspBytes{s.kind, inner}}), s.behind...)
}

// ocspScenarios are what a server may show. One that returns nothing says it all by changing
// the stapler.
var ocspScenarios = []struct {
	name   string
	change func(s *stapler) []byte
}{
	{"good", func(*stapler) []byte { return nil }},
	{"revoked", func(s *stapler) []byte { s.single().Status = s.revoked(1); return nil }},
	{"revoked, for no reason", func(s *stapler) []byte { s.single().Status = s.revoked(0); return nil }},
	{"revoked, held", func(s *stapler) []byte { s.single().Status = s.revoked(6); return nil }},
	{"revoked, and expired", func(s *stapler) []byte {
		s.single().Status, s.single().Until = s.revoked(1), s.now.Add(-time.Hour)
		return nil
	}},
	{"unknown", func(s *stapler) []byte { s.single().Status = ocspUnknown; return nil }},
	{"none", func(*stapler) []byte { return []byte{} }},
	{"garbage", func(*stapler) []byte { return []byte("garbage") }},
	{"an empty sequence", func(*stapler) []byte { return []byte{0x30, 0} }},
	{"something behind it", func(s *stapler) []byte { s.behind = "x"; return nil }},
	{"something behind what is inside", func(s *stapler) []byte { s.rewrapped = func(p []byte) []byte { return append(p, 0) }; return nil }},
	{"a set inside", func(s *stapler) []byte { s.rewrapped = func(p []byte) []byte { p[0] = 0x31; return p }; return nil }},
	{"not all inside", func(s *stapler) []byte { s.rewrapped = func(p []byte) []byte { return p[:len(p)-1] }; return nil }},
	{"nothing inside", func(s *stapler) []byte { s.rewrapped = func([]byte) []byte { return nil }; return nil }},
	{"malformed request", func(s *stapler) []byte { s.status = 1; return nil }},
	{"internal error", func(s *stapler) []byte { s.status = 2; return nil }},
	{"try later", func(s *stapler) []byte { s.status = 3; return nil }},
	{"a status that is none", func(s *stapler) []byte { s.status = 4; return nil }},
	{"signature required", func(s *stapler) []byte { s.status = 5; return nil }},
	{"unauthorized", func(s *stapler) []byte { s.status = 6; return nil }},
	{"a status of tomorrow", func(s *stapler) []byte { s.status = 9; return nil }},
	{"not of the basic type", func(s *stapler) []byte { s.kind = asn1.ObjectIdentifier{1, 2, 3}; return nil }},
	{"signed by somebody else", func(s *stapler) []byte { s.signer = tlstest.Authority(s.t, "else"); return nil }},
	{"in the issuer's name", func(s *stapler) []byte { s.signer, s.by = tlstest.Authority(s.t, "else"), s.root; return nil }},
	{"somebody else, with his certificate", func(s *stapler) []byte {
		s.signer = tlstest.Authority(s.t, "else")
		s.sent = append(s.sent, s.signer)
		return nil
	}},
	{"the issuer, with its certificate", func(s *stapler) []byte { s.sent = append(s.sent, s.root); return nil }},
	{"delegated", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		s.sent = append(s.sent, s.signer)
		return nil
	}},
	{"delegated, without a certificate", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		return nil
	}},
	{"delegated, for nothing", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp")
		s.sent = append(s.sent, s.signer)
		return nil
	}},
	{"delegated, expired", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) {
			c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, s.now.Add(-time.Minute)
		})
		s.sent = append(s.sent, s.signer)
		return nil
	}},
	{"delegated by somebody else", func(s *stapler) []byte {
		s.signer = tlstest.Authority(s.t, "else").Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		s.sent = append(s.sent, s.signer)
		return nil
	}},
	{"by the certificate itself", func(s *stapler) []byte { s.signer = s.leaf; return nil }},
	{"named by the key", func(s *stapler) []byte { s.byKey = true; return nil }},
	{"named by the key, delegated", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		s.sent, s.byKey = append(s.sent, s.signer), true
		return nil
	}},
	{"named by the key of somebody else", func(s *stapler) []byte { s.by, s.byKey = tlstest.Authority(s.t, "else"), true; return nil }},
	{"a status of another kind", func(s *stapler) []byte {
		s.single().Status = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 3}
		return nil
	}},
	{"a reason that is none", func(s *stapler) []byte { s.single().Status = s.revoked(77); return nil }},
	{"no longer on the list", func(s *stapler) []byte { s.single().Status = s.revoked(8); return nil }},
	{"privilege withdrawn", func(s *stapler) []byte { s.single().Status = s.revoked(9); return nil }},
	{"a reason that nobody uses", func(s *stapler) []byte { s.single().Status = s.revoked(7); return nil }},
	{"a delegate's certificate that is none", func(s *stapler) []byte {
		broken := *s.root
		broken.Chain = [][]byte{{0x30, 0}}
		s.sent = append(s.sent, &broken)
		return nil
	}},
	{"broken signature", func(s *stapler) []byte { s.broken = true; return nil }},
	{"broken signature, of a delegate", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		s.sent, s.broken = append(s.sent, s.signer), true
		return nil
	}},
	{"expired", func(s *stapler) []byte { s.single().Until = s.now.Add(-time.Hour); return nil }},
	{"just expired", func(s *stapler) []byte { s.single().Until = s.now.Add(-30 * time.Second); return nil }},
	{"not yet", func(s *stapler) []byte { s.single().Since = s.now.Add(10 * time.Minute); return nil }},
	{"very soon", func(s *stapler) []byte { s.single().Since = s.now.Add(40 * time.Second); return nil }},
	{"without an end", func(s *stapler) []byte {
		s.single().Since, s.single().Until = s.now.Add(-1000*time.Hour), time.Time{}
		return nil
	}},
	{"until before since", func(s *stapler) []byte {
		s.single().Since, s.single().Until = s.now.Add(-10*time.Second), s.now.Add(-20*time.Second)
		return nil
	}},
	{"another number", func(s *stapler) []byte { s.single().ID.Serial = big.NewInt(1); return nil }},
	{"a hash that nobody knows", func(s *stapler) []byte {
		s.single().ID.Hash = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 3}, Parameters: asn1.NullRawValue}
		return nil
	}},
	{"another hash than it says", func(s *stapler) []byte {
		s.single().ID.Hash = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}, Parameters: asn1.NullRawValue}
		return nil
	}},
	{"another issuer", func(s *stapler) []byte {
		s.single().ID = s.id(tlstest.Authority(s.t, "root"), crypto.SHA1, s.leaf.SerialNumber)
		return nil
	}},
	{"another issuer's name", func(s *stapler) []byte {
		s.single().ID.Name = s.id(tlstest.Authority(s.t, "else"), crypto.SHA1, s.leaf.SerialNumber).Name
		return nil
	}},
	{"another number, revoked", func(s *stapler) []byte {
		s.single().ID.Serial, s.single().Status = big.NewInt(1), s.revoked(1)
		return nil
	}},
	{"another number, unknown, expired", func(s *stapler) []byte {
		s.single().ID.Serial, s.single().Status, s.single().Until = big.NewInt(1), ocspUnknown, s.now.Add(-time.Hour)
		return nil
	}},
	{"SHA-256", func(s *stapler) []byte { s.single().ID = s.id(s.root, crypto.SHA256, s.leaf.SerialNumber); return nil }},
	{"two", func(s *stapler) []byte { s.about = append(s.about, s.about[0]); return nil }},
	{"two, the first of another one", func(s *stapler) []byte {
		s.about = append(s.about, s.about[0])
		s.single().ID.Serial = big.NewInt(1)
		return nil
	}},
	{"no response in it", func(s *stapler) []byte { s.about = nil; return nil }},
	{"signed by somebody else, revoked, expired", func(s *stapler) []byte {
		s.single().Status, s.single().Until = s.revoked(1), s.now.Add(-time.Hour)
		s.signer = tlstest.Authority(s.t, "else")
		return nil
	}},
	{"a critical extension", func(s *stapler) []byte {
		s.single().Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		return nil
	}},
	{"good, another host", func(s *stapler) []byte { s.hostOfClient = "x.test"; return nil }},
	{"none, another host", func(s *stapler) []byte { s.hostOfClient = "x.test"; return []byte{} }},
	{"good, nobody is trusted", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.SetAuthorities(nil) }
		return nil
	}},
	{"none, nobody is trusted", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.SetAuthorities(nil) }
		return []byte{}
	}},
	{"none, not verified", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.VerifyMode = configuration.VerifyNone }
		return []byte{}
	}},
	{"good, not verified", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.VerifyMode = configuration.VerifyNone }
		return nil
	}},
	{"none, only asked for", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.VerifyMode = configuration.QueryPeer }
		return []byte{}
	}},
	{"the issuer is not sent", func(s *stapler) []byte { s.alone = true; return nil }},
	{"the issuer is not sent, revoked", func(s *stapler) []byte { s.alone, s.single().Status = true, s.revoked(1); return nil }},
	{"the issuer is not sent, but with the response", func(s *stapler) []byte { s.alone, s.sent = true, append(s.sent, s.root); return nil }},
	{"the issuer is not sent, delegated", func(s *stapler) []byte {
		s.signer = s.root.Issue("ocsp", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
		s.alone, s.sent = true, append(s.sent, s.signer)
		return nil
	}},
	{"none, another host, nobody is trusted", func(s *stapler) []byte {
		s.hostOfClient, s.change = "x.test", func(c *configuration.Configuration) { c.SetAuthorities(nil) }
		return []byte{}
	}},
	{"garbage, another host", func(s *stapler) []byte { s.hostOfClient = "x.test"; return []byte("garbage") }},
	{"garbage, not verified", func(s *stapler) []byte {
		s.change = func(c *configuration.Configuration) { c.VerifyMode = configuration.VerifyNone }
		return []byte("garbage")
	}},
	{"revoked, TLS 1.2", func(s *stapler) []byte {
		s.single().Status = s.revoked(1)
		s.change = func(c *configuration.Configuration) { c.Protocol = versions["1.2"] }
		return nil
	}},
}

// ocspScenario returns the stapler and the response of a scenario.
func ocspScenario(t testing.TB, change func(s *stapler) []byte) (*stapler, []byte) {
	t.Helper()
	root := tlstest.Authority(t, "root")
	s := &stapler{t: t, root: root, leaf: root.Issue("host.test"), signer: root, hostOfClient: "host.test", kind: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1},
		now: time.Now().UTC().Truncate(time.Second)}
	s.about = []ocspSingle{{ID: s.id(root, crypto.SHA1, s.leaf.SerialNumber), Status: ocspGood, Since: s.now.Add(-time.Hour), Until: s.now.Add(time.Hour)}}
	data := change(s)
	if data == nil {
		data = s.staple()
	}
	return s, data
}

// pair returns the server's certificate with the response.
func (s *stapler) pair(staple []byte) tls.Certificate {
	p := s.leaf.Pair()
	if !s.alone {
		p.Certificate = append(p.Certificate, s.root.Chain[0])
	}
	p.OCSPStaple = staple
	return p
}
