package ocsp

import (
	"testing"
	"time"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
	"qnet/core/tls/verify"
)

// FuzzCheck has anything be a response. What responses say is tested with connections, in
// core/tls/session.
func FuzzCheck(f *testing.F) {
	root := tlstest.Authority(f, "root")
	var sent []*certificate.Certificate
	for _, raw := range append(root.Issue("host.test").Chain, root.Chain...) {
		c, _, _ := certificate.Parse(raw)
		sent = append(sent, c)
	}
	now := time.Now()
	store := verify.NewStore(sent[1:], now)
	f.Add([]byte{0x30, 3, 0x0a, 1, 1})
	f.Add([]byte{0x30, 0})
	// One that says nothing of nobody.
	f.Add([]byte("\x30\x2a\x0a\x01\x00\xa0\x25\x30\x23\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01\x04\x16\x30\x14\x30\x0a\xa2\x02\x04\x00\x18\x00\x30\x02\x30\x00\x30\x02\x06\x00\x03\x02\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		codes, said, err := Check(data, sent, store, now)
		if err == nil && len(codes) == 0 || err != nil && (codes != nil || said != nil) || len(said) > 1 {
			t.Error(codes, said, err, "of what nobody has signed")
		}
	})
}
