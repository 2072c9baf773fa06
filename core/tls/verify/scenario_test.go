package verify

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"net"
)

// scenario is a chain that a peer sends, and what is trusted.
type scenario struct {
	name  string
	host  string // "" for host.test
	depth int
	make  func(m *maker) (sent, trusted []*made)
	ours  []Code // of a connection, where it differs from Qt on purpose
}

func list(all ...*made) []*made { return all }

var custom = asn1.ObjectIdentifier{1, 2, 3, 4, 5}

var scenarios = []scenario{
	{name: "good", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root)), list(root)
	}},
	{name: "good with the root", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root), root), list(root)
	}},
	{name: "good with an intermediate", make: intermediate(false)},
	{name: "good with two intermediates in the wrong order", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		one := m.authority(root, "one")
		two := m.authority(one, "two")
		return list(m.leaf(two), one, two), list(root)
	}},
	{name: "something that does not belong to it", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root), m.root("stranger")), list(root)
	}},
	{name: "unknown root, not sent", make: func(m *maker) (_, _ []*made) {
		return list(m.leaf(m.root("root"))), list(m.root("other"))
	}},
	{name: "unknown root, sent", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root), root), list(m.root("other"))
	}},
	{name: "unknown root, not sent, with an intermediate", make: func(m *maker) (_, _ []*made) {
		between := m.authority(m.root("root"), "between")
		return list(m.leaf(between), between), list(m.root("other"))
	}},
	{name: "unknown root, sent, with an intermediate", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between")
		return list(m.leaf(between), between, root), list(m.root("other"))
	}},
	{name: "nothing is trusted", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root), root), nil
	}},
	{name: "no intermediate", make: intermediate(true)},
	{name: "self-signed leaf", make: func(m *maker) (_, _ []*made) {
		return list(m.leaf(nil)), list(m.root("other"))
	}},
	{name: "self-signed leaf that may sign", make: func(m *maker) (_, _ []*made) {
		return list(m.leaf(nil, usage(x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign))), list(m.root("other"))
	}},
	{name: "self-signed leaf that is trusted", make: func(m *maker) (_, _ []*made) {
		leaf := m.leaf(nil)
		return list(leaf), list(leaf)
	}},
	{name: "self-signed authority as leaf", make: func(m *maker) (_, _ []*made) {
		root := m.root("host.test", hosts("host.test"))
		return list(root), list(root)
	}},
	{name: "self-signed leaf for another purpose that is trusted", make: func(m *maker) (_, _ []*made) {
		leaf := m.leaf(nil, purpose(x509.ExtKeyUsageCodeSigning))
		return list(leaf), list(leaf)
	}},
	{name: "leaf that is trusted and nobody above it", make: func(m *maker) (_, _ []*made) {
		leaf := m.leaf(m.root("root"))
		return list(leaf), list(leaf)
	}},
	{name: "intermediate that is trusted and nobody above it", make: func(m *maker) (_, _ []*made) {
		between := m.authority(m.root("root"), "between")
		return list(m.leaf(between)), list(between)
	}},
	{name: "intermediate that is trusted, sent, too", make: func(m *maker) (_, _ []*made) {
		between := m.authority(m.root("root"), "between")
		return list(m.leaf(between), between), list(between)
	}},
	{name: "intermediate that is trusted, the root sent", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between")
		return list(m.leaf(between), between, root), list(between)
	}},
	{name: "intermediate is in the store with the root", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between")
		return list(m.leaf(between)), list(between, root)
	}},
	{name: "root of the name with another key", make: func(m *maker) (_, _ []*made) {
		return list(m.leaf(m.root("root"))), list(m.root("root"))
	}},
	{name: "root of the name with another key and no identifiers", make: func(m *maker) (_, _ []*made) {
		none := func(c *x509.Certificate) { c.SubjectKeyId = []byte{} }
		root := m.sign(m.template("root", false, []change{none, noBasic}), m.ec(), nil)
		other := m.sign(m.template("root", false, []change{none, noBasic}), m.ec(), nil)
		return list(m.leaf(root)), list(other)
	}},
	{name: "expired leaf", make: changedLeaf(expired)},
	{name: "leaf not valid yet", make: changedLeaf(early)},
	{name: "expired intermediate", make: changedAuthority(expired)},
	{name: "intermediate not valid yet", make: changedAuthority(early)},
	{name: "expired root", make: changedRoot(expired)},
	{name: "expired root, sent", make: func(m *maker) (_, _ []*made) {
		root := m.root("root", expired)
		return list(m.leaf(root), root), list(root)
	}},
	{name: "root not valid yet", make: changedRoot(early)},
	{name: "expired leaf of an expired intermediate", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between", expired)
		return list(m.leaf(between, expired), between), list(root)
	}},
	{name: "two of one name, the first expired", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		key := m.ec()
		old := m.sign(m.template("between", true, []change{expired}), key, root)
		between := m.sign(m.template("between", true, nil), key, root)
		return list(m.leaf(between), old, between), list(root)
	}},
	{name: "leaf's signature is wrong", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.damaged(m.leaf(root))), list(root)
	}},
	{name: "intermediate's signature is wrong", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between")
		return list(m.leaf(between), m.damaged(between)), list(root)
	}},
	{name: "intermediate that is no authority", make: changedAuthority(noCA, usage(x509.KeyUsageDigitalSignature))},
	{name: "intermediate that says it is none and may sign", make: changedAuthority(noCA)},
	{name: "intermediate that may not sign", make: changedAuthority(usage(x509.KeyUsageDigitalSignature))},
	{name: "intermediate without constraints", make: changedAuthority(noBasic, usage(0))},
	{name: "intermediate without constraints that may sign", make: changedAuthority(noBasic)},
	{name: "root without constraints", make: changedRoot(noBasic, usage(0))},
	{name: "root without constraints that may sign", make: changedRoot(noBasic)},
	{name: "root of Netscape's", make: changedRoot(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 2, 0x04))},
	{name: "root of Netscape's for objects", make: changedRoot(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 0, 0x01))},
	{name: "leaf with a broken extension", make: changedLeaf(extra(asn1.ObjectIdentifier{2, 5, 29, 31}, false, 1)),
		ours: []Code{Unspecified, UnableToGetLocalIssuerCertificate, UnableToVerifyFirstCertificate}},
	{name: "intermediate with a broken extension", make: changedAuthority(extra(asn1.ObjectIdentifier{2, 5, 29, 31}, false, 1))},
	{name: "root with a broken extension", make: changedRoot(extra(asn1.ObjectIdentifier{2, 5, 29, 31}, false, 1))},
	{name: "root that may not sign", make: changedRoot(usage(x509.KeyUsageDigitalSignature))},
	{name: "path too long", make: func(m *maker) (_, _ []*made) {
		root := m.root("root", path(0))
		between := m.authority(root, "between")
		return list(m.leaf(between), between), list(root)
	}},
	{name: "path too long below an intermediate", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		one := m.authority(root, "one", path(0))
		two := m.authority(one, "two")
		return list(m.leaf(two), two, one), list(root)
	}},
	{name: "path just long enough", make: func(m *maker) (_, _ []*made) {
		root := m.root("root", path(1))
		between := m.authority(root, "between", path(0))
		return list(m.leaf(between), between), list(root)
	}},
	{name: "self-issued intermediate does not count", make: func(m *maker) (_, _ []*made) {
		root := m.root("root", path(0))
		again := m.authority(root, "root")
		return list(m.leaf(again), again), list(root)
	}},
	{name: "for another purpose", make: changedLeaf(purpose(x509.ExtKeyUsageCodeSigning))},
	{name: "for servers only", make: changedLeaf(purpose(x509.ExtKeyUsageServerAuth))},
	{name: "for clients only", make: changedLeaf(purpose(x509.ExtKeyUsageClientAuth))},
	{name: "for any purpose", make: changedLeaf(purpose(x509.ExtKeyUsageAny))},
	{name: "for no purpose that is said", make: changedLeaf(purpose())},
	{name: "intermediate for another purpose", make: changedAuthority(purpose(x509.ExtKeyUsageCodeSigning))},
	{name: "intermediate for servers", make: changedAuthority(purpose(x509.ExtKeyUsageServerAuth))},
	{name: "root for another purpose", make: changedRoot(purpose(x509.ExtKeyUsageCodeSigning))},
	{name: "leaf that may not sign anything", make: changedLeaf(usage(x509.KeyUsageContentCommitment))},
	{name: "leaf that may only encipher", make: changedLeaf(usage(x509.KeyUsageKeyEncipherment))},
	{name: "leaf that may only agree", make: changedLeaf(usage(x509.KeyUsageKeyAgreement))},
	{name: "Netscape's client", make: changedLeaf(extra(netscapeKind, false, 3, 2, 7, 0x80))},
	{name: "Netscape's server", make: changedLeaf(extra(netscapeKind, false, 3, 2, 6, 0x40))},
	{name: "Netscape's authority", make: changedAuthority(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 2, 0x04))},
	{name: "Netscape's authority for objects", make: changedAuthority(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 0, 0x01))},
	{name: "Netscape's authority for clients only", make: changedAuthority(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 7, 0x80))},
	{name: "root of Netscape's for clients only", make: changedRoot(noBasic, usage(0), extra(netscapeKind, false, 3, 2, 7, 0x80))},
	{name: "Netscape's for objects", make: changedLeaf(extra(netscapeKind, false, 3, 2, 0, 0x01))},
	{name: "authority as leaf", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.authority(root, "host.test", hosts("host.test"))), list(root)
	}},
	{name: "unknown critical extension of the leaf", make: changedLeaf(extra(custom, true, 5, 0))},
	{name: "unknown extension of the leaf", make: changedLeaf(extra(custom, false, 5, 0))},
	{name: "unknown critical extension of an intermediate", make: changedAuthority(extra(custom, true, 5, 0))},
	{name: "unknown critical extension of the root", make: changedRoot(extra(custom, true, 5, 0))},
	{name: "SHA-1", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.rsa(2048), nil)
		return list(m.sha1(m.leaf(root), root)), list(root)
	}},
	{name: "SHA-1 of an intermediate", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.rsa(2048), nil)
		between := m.sha1(m.authority(root, "between"), root)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "SHA-1 of the root", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.rsa(2048), nil)
		return list(m.leaf(root)), list(m.sha1(root, root))
	}},
	{name: "leaf of version 1", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.first(m.leaf(root), root)), list(root)
	}},
	{name: "intermediate of version 1", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.first(m.authority(root, "between"), root)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "root of version 1", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root)), list(m.first(root, root))
	}},
	{name: "self-signed leaf of version 1 that is trusted", make: func(m *maker) (_, _ []*made) {
		leaf := m.leaf(nil)
		old := m.first(leaf, leaf)
		return list(old), list(old)
	}},
	{name: "leaf's beginning is no date", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		leaf := m.leaf(root)
		return list(m.undated(leaf, root, leaf.NotBefore)), list(root)
	}},
	{name: "leaf's end is no date", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		leaf := m.leaf(root)
		return list(m.undated(leaf, root, leaf.NotAfter)), list(root)
	}},
	{name: "root's end is no date", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root)), list(m.undated(root, root, root.NotAfter))
	}},
	{name: "root's beginning is no date", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root)), list(m.undated(root, root, root.NotBefore))
	}},
	{name: "leaf says two ways to sign", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.relabelled(m.leaf(root))), list(root)
	}},
	{name: "P-224", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.sign(m.template("between", true, nil), m.curve(elliptic.P224()), root)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "P-384 and P-521", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.curve(elliptic.P521()), nil)
		between := m.sign(m.template("between", true, nil), m.curve(elliptic.P384()), root)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "RSA signed by ECDSA with SHA-384 and by RSA with SHA-512", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.curve(elliptic.P384()), nil)
		between := m.sign(m.template("between", true, nil), m.rsa(2048), root)
		return list(m.leaf(between, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA512WithRSA }), between), list(root)
	}},
	{name: "for servers by an old name", make: changedLeaf(func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageMicrosoftServerGatedCrypto}
	})},
	{name: "for servers by a very old name", make: changedLeaf(func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageNetscapeServerGatedCrypto}
	})},
	{name: "all kinds of broken extensions of an intermediate that do not matter", make: changedAuthority(extra(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, false, 1))},
	{name: "policies of the leaf are critical", make: changedLeaf(extra(asn1.ObjectIdentifier{2, 5, 29, 32}, true, 0x30, 6, 0x30, 4, 6, 2, 0x2a, 3))},
	{name: "key identifier of the leaf is critical", make: changedLeaf(extra(asn1.ObjectIdentifier{2, 5, 29, 14}, true, 4, 1, 1))},
	{name: "no check is critical", make: changedLeaf(extra(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, true, 5, 0))},
	{name: "revocation lists are critical", make: changedLeaf(extra(asn1.ObjectIdentifier{2, 5, 29, 31}, true, 0x30, 0))},
	{name: "features of TLS are critical", make: changedLeaf(extra(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, true, 0x30, 3, 2, 1, 5))},
	{name: "access to the issuer is critical", make: changedLeaf(extra(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, true, 0x30, 0))},
	{name: "alternative names of the issuer are critical", make: changedLeaf(extra(asn1.ObjectIdentifier{2, 5, 29, 18}, true, 0x30, 0))},
	{name: "poison is critical", make: changedLeaf(extra(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 3}, true, 5, 0))},
	{name: "constraints of policies are critical", make: changedAuthority(extra(asn1.ObjectIdentifier{2, 5, 29, 36}, true, 0x30, 3, 0x80, 1, 0))},
	{name: "any policy is inhibited, critically", make: changedAuthority(extra(asn1.ObjectIdentifier{2, 5, 29, 54}, true, 2, 1, 0))},
	{name: "mapped policies are critical", make: changedAuthority(extra(asn1.ObjectIdentifier{2, 5, 29, 33}, true, 0x30, 0))},
	{name: "RSA with 1024 bits", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leafWith(m.rsa(1024), root)), list(root)
	}},
	{name: "RSA with 1024 bits of an intermediate", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.sign(m.template("between", true, nil), m.rsa(1024), root)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "RSA with 1024 bits of the root", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.rsa(1024), nil)
		return list(m.leaf(root)), list(root)
	}},
	{name: "RSA with 2048 bits", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.rsa(2048), nil)
		return list(m.leafWith(m.rsa(2048), root)), list(root)
	}},
	{name: "RSA-PSS", make: func(m *maker) (_, _ []*made) {
		pss := func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA256WithRSAPSS }
		root := m.sign(m.template("root", true, []change{pss}), m.rsa(2048), nil)
		return list(m.leafWith(m.rsa(2048), root, pss)), list(root)
	}},
	{name: "Ed25519", make: func(m *maker) (_, _ []*made) {
		root := m.sign(m.template("root", true, nil), m.ed(), nil)
		return list(m.leafWith(m.ec(), root)), list(root)
	}},
	{name: "names constrained, within", make: constrained("host.test", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"test"} })},
	{name: "names constrained, not within", make: constrained("host.test", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example"} })},
	{name: "names constrained, excluded", make: constrained("host.test", func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"host.test"} })},
	{name: "names constrained, another one excluded", make: constrained("host.test", func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"x.test"} })},
	{name: "names constrained, by the common name", make: constrained("", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example"} })},
	{name: "names constrained, addresses only", make: constrained("host.test", func(c *x509.Certificate) {
		c.PermittedIPRanges = []*net.IPNet{{IP: net.IP{10, 0, 0, 0}, Mask: net.IPMask{255, 0, 0, 0}}}
	})},
	{name: "names constrained, an address not within", make: constrained("host.test", func(c *x509.Certificate) {
		c.PermittedIPRanges = []*net.IPNet{{IP: net.IP{10, 0, 0, 0}, Mask: net.IPMask{255, 0, 0, 0}}}
	}, addresses("127.0.0.1"))},
	{name: "names constrained by the root", make: func(m *maker) (_, _ []*made) {
		root := m.root("root", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example"} })
		return list(m.leaf(root)), list(root)
	}},
	{name: "names constrained twice", make: func(m *maker) (_, _ []*made) {
		no := func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example"} }
		root := m.root("root", no)
		between := m.authority(root, "between", no)
		return list(m.leaf(between), between), list(root)
	}},
	{name: "names constrained by mail", make: constrained("host.test", func(c *x509.Certificate) { c.PermittedEmailAddresses = []string{"example"} },
		func(c *x509.Certificate) { c.EmailAddresses = []string{"a@host.test"} })},
	{name: "mail constrained, within", make: constrained("host.test", permit(tlv(0x81, "host.test")), mail("a@host.test"))},
	{name: "mail constrained, in another case", make: constrained("host.test", permit(tlv(0x81, "HOST.test")), mail("a@host.TEST"))},
	{name: "mail constrained, below", make: constrained("host.test", permit(tlv(0x81, "test")), mail("a@host.test"))},
	{name: "mail constrained, below with a dot", make: constrained("host.test", permit(tlv(0x81, ".test")), mail("a@host.test"))},
	{name: "mail constrained, one address", make: constrained("host.test", permit(tlv(0x81, "a@host.test")), mail("a@host.test"))},
	{name: "mail constrained, another address", make: constrained("host.test", permit(tlv(0x81, "b@host.test")), mail("a@host.test"))},
	{name: "mail constrained, an address of another case", make: constrained("host.test", permit(tlv(0x81, "A@host.test")), mail("a@host.test"))},
	{name: "mail constrained, an attribute of the name", make: constrained("host.test", permit(tlv(0x81, "example")), attribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, "a@host.test"))},
	{name: "mail excluded", make: constrained("host.test", exclude(tlv(0x81, "host.test")), mail("a@host.test"))},
	{name: "mail constrained, no mail", make: constrained("host.test", permit(tlv(0x81, "example")))},
	{name: "mail that is none", make: constrained("host.test", permit(tlv(0x81, "host.test")), mail("host.test"))},
	{name: "addresses constrained, IPv6 within", make: constrained("host.test", permit(tlv(0x87, "\xfe\x80"+zeros(14)+"\xff\xff"+zeros(14))), addresses("fe80::1"))},
	{name: "addresses constrained, IPv6 not within", make: constrained("host.test", permit(tlv(0x87, "\xfe\x80"+zeros(14)+"\xff\xff"+zeros(14))), addresses("::1"))},
	{name: "addresses constrained, IPv4 within", make: constrained("host.test", permit(tlv(0x87, "\x7f\x00\x00\x00\xff\x00\x00\x00")), addresses("127.1.2.3"))},
	{name: "addresses constrained, another family", make: constrained("host.test", permit(tlv(0x87, "\x7f\x00\x00\x00\xff\x00\x00\x00")), addresses("::1"))},
	{name: "addresses excluded, another family", make: constrained("host.test", exclude(tlv(0x87, "\x7f\x00\x00\x00\xff\x00\x00\x00")), addresses("::1"))},
	{name: "addresses constrained, no mask", make: constrained("host.test", permit(tlv(0x87, "\x7f\x00\x00\x01")), addresses("127.0.0.1"))},
	{name: "addresses constrained by something that is not in the network", make: constrained("host.test", permit(tlv(0x87, "\x7f\x01\x00\x00\xff\x00\x00\x00")), addresses("127.1.0.0"))},
	{name: "URIs constrained, within", make: constrained("host.test", permit(tlv(0x86, "host.test")), uris("http://host.test:80/x"))},
	{name: "URIs constrained, not within", make: constrained("host.test", permit(tlv(0x86, "test")), uris("http://host.test/x"))},
	{name: "URIs constrained, below", make: constrained("host.test", permit(tlv(0x86, ".test")), uris("http://host.test/x"))},
	{name: "URIs constrained, with a user", make: constrained("host.test", permit(tlv(0x86, "host.test")), uris("http://me@host.test/"))},
	{name: "URIs excluded", make: constrained("host.test", exclude(tlv(0x86, "host.test")), uris("http://HOST.test"))},
	{name: "URIs constrained, no host", make: constrained("host.test", permit(tlv(0x86, "host.test")), uris("urn:x:y"))},
	{name: "directories constrained, within", make: constrained("host.test", permit(tlv(0xa4, directoryName("host.test"))))},
	{name: "directories constrained, in another case", make: constrained("host.test", permit(tlv(0xa4, directoryName("HOST.test"))))},
	{name: "directories constrained, not within", make: constrained("host.test", permit(tlv(0xa4, directoryName("other.test"))))},
	{name: "directories excluded", make: constrained("host.test", exclude(tlv(0xa4, directoryName("host.test"))))},
	{name: "directories constrained, all", make: constrained("host.test", permit(tlv(0xa4, "\x30\x00")))},
	{name: "names constrained with a dot", make: constrained("host.test", permit(tlv(0x82, ".test")))},
	{name: "names constrained with a dot, the domain itself", make: constrained("host.test", permit(tlv(0x82, ".host.test")))},
	{name: "names constrained, part of a label", make: constrained("host.test", permit(tlv(0x82, "ost.test")))},
	{name: "names constrained, none allowed", make: constrained("host.test", exclude(tlv(0x82, "")))},
	{name: "names constrained, all allowed", make: constrained("host.test", permit(tlv(0x82, "")))},
	{name: "names constrained, of another case", make: constrained("host.test", permit(tlv(0x82, "HOST.test")))},
	{name: "names constrained, a pattern", make: constrained("*.host.test", permit(tlv(0x82, "host.test")))},
	{name: "names constrained, a longer domain than the name", make: constrained("host.test", permit(tlv(0x82, "x.host.test")))},
	{name: "names constrained to one of two", make: constrained("host.test", permit(tlv(0x82, "example"), tlv(0x82, "test")))},
	{name: "names constrained, allowed and excluded", make: constrained("host.test", func(c *x509.Certificate) {
		c.PermittedDNSDomains, c.ExcludedDNSDomains = []string{"test"}, []string{"host.test"}
	})},
	{name: "names constrained, by a kind that nobody knows", make: constrained("host.test", permit(tlv(0x88, "\x2a\x03")))},
	{name: "names constrained, by the common name that is no host", make: constrained("", permit(tlv(0x82, "example")), commonName("a person"))},
	{name: "names constrained, by the common name with one label", make: constrained("", permit(tlv(0x82, "example")), commonName("localhost"))},
	{name: "names constrained, by the common name with a line", make: constrained("", permit(tlv(0x82, "example")), commonName("a_b.test"))},
	{name: "names constrained, by the common name that begins with a dash", make: constrained("", permit(tlv(0x82, "example")), commonName("-a.test"))},
	{name: "names constrained, by the common name with a star", make: constrained("", permit(tlv(0x82, "example")), commonName("*.a.test"))},
	{name: "names constrained, by the common name that is an address", make: constrained("", permit(tlv(0x82, "example")), commonName("1.2.3.4"))},
	{name: "names constrained, by the common name beside an address", make: constrained("", permit(tlv(0x82, "example")), addresses("127.0.0.1"))},
	{name: "names constrained, by the common name beside mail", make: constrained("", permit(tlv(0x82, "example")), mail("a@b.test"))},
	{name: "names constrained, broken", make: constrained("host.test", extra(asn1.ObjectIdentifier{2, 5, 29, 30}, true, 0x30, 1))},
	{name: "names constrained, nothing said", make: constrained("host.test", extra(asn1.ObjectIdentifier{2, 5, 29, 30}, true, 0x30, 0))},
	{name: "names constrained, how deep", make: constrained("host.test", extra(asn1.ObjectIdentifier{2, 5, 29, 30}, true, []byte("\x30\x0d\xa0\x0b\x30\x09\x82\x04test\x81\x01\x05")...))},
	{name: "another host", host: "other.test", make: changedLeaf()},
	{name: "another host and an unknown root", host: "other.test", make: func(m *maker) (_, _ []*made) {
		return list(m.leaf(m.root("root"))), list(m.root("other"))
	}},
	{name: "another host, expired", host: "other.test", make: changedLeaf(expired)},
	{name: "everything at once", host: "other.test", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between", noCA, usage(x509.KeyUsageDigitalSignature), expired, extra(custom, true, 5, 0))
		return list(m.leaf(between, early, purpose(x509.ExtKeyUsageCodeSigning)), between), list(m.root("other"))
	}},
	{name: "depth 1, enough", depth: 1, make: intermediate(false)},
	{name: "depth 2, enough", depth: 2, make: intermediate(false)},
	{name: "depth 1, two intermediates", depth: 1, make: two},
	{name: "depth 2, two intermediates", depth: 2, make: two},
	{name: "depth 1, unknown root", depth: 1, make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		one := m.authority(root, "one")
		two := m.authority(one, "two")
		return list(m.leaf(two), two, one, root), nil
	}},
	{name: "two roots with the name, one trusted", make: func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root), m.root("root")), list(m.root("root"), root)
	}},
	{name: "cross-signed, the old root sent", make: func(m *maker) (_, _ []*made) {
		old, key := m.root("old"), m.ec()
		crossed := m.sign(m.template("new", true, nil), key, old)
		root := m.sign(m.template("new", true, nil), key, nil)
		return list(m.leaf(root), crossed, old), list(root)
	}},
	{name: "cross-signed, the new root unknown", make: func(m *maker) (_, _ []*made) {
		old, key := m.root("old"), m.ec()
		crossed := m.sign(m.template("new", true, nil), key, old)
		root := m.sign(m.template("new", true, nil), key, nil)
		return list(m.leaf(root), crossed), list(old)
	}},
	{name: "names of other case", make: func(m *maker) (_, _ []*made) {
		key := m.ec()
		root := m.sign(m.template("The  Root", true, nil), key, nil)
		same := m.sign(m.template("the root", true, nil), key, nil)
		return list(m.leaf(same)), list(root)
	}},
	{name: "identifier of another key", make: func(m *maker) (_, _ []*made) {
		key := m.ec()
		root := m.sign(m.template("root", true, nil), key, nil)
		other := m.sign(m.template("root", true, []change{func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} }}), key, nil)
		return list(m.leaf(other)), list(root)
	}},
}

var netscapeKind = asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 1}

func changedLeaf(changes ...change) func(m *maker) (_, _ []*made) {
	return func(m *maker) (_, _ []*made) {
		root := m.root("root")
		return list(m.leaf(root, changes...)), list(root)
	}
}

func changedAuthority(changes ...change) func(m *maker) (_, _ []*made) {
	return func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between", changes...)
		return list(m.leaf(between), between), list(root)
	}
}

func changedRoot(changes ...change) func(m *maker) (_, _ []*made) {
	return func(m *maker) (_, _ []*made) {
		root := m.root("root", changes...)
		return list(m.leaf(root)), list(root)
	}
}

func intermediate(missing bool) func(m *maker) (_, _ []*made) {
	return func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between")
		if missing {
			return list(m.leaf(between)), list(root)
		}
		return list(m.leaf(between), between), list(root)
	}
}

func two(m *maker) (_, _ []*made) {
	root := m.root("root")
	one := m.authority(root, "one")
	two := m.authority(one, "two")
	return list(m.leaf(two), two, one), list(root)
}

// constrained is a leaf for a name, or none but the common one, of an authority that is
// confined.
func constrained(name string, confined change, changes ...change) func(m *maker) (_, _ []*made) {
	return func(m *maker) (_, _ []*made) {
		root := m.root("root")
		between := m.authority(root, "between", confined)
		host := hosts(name)
		if name == "" {
			host = hosts()
		}
		return list(m.leaf(between, append([]change{host}, changes...)...), between), list(root)
	}
}
