package protocol

import (
	"crypto/tls"
	"testing"
)

// The numbers are Qt's.
func TestRanges(t *testing.T) {
	want := map[Protocol][2]uint16{0: {0x301, 0x301}, 1: {0x302, 0x302}, 2: {0x303, 0x303}, 12: {0x304, 0x304}, 3: {0x301, 0x304},
		4: {0x303, 0x304}, 5: {0x301, 0x304}, 6: {0x302, 0x304}, 7: {0x303, 0x304}, 13: {0x304, 0x304}}
	for p := Protocol(-2); p < 20; p++ {
		min, max, ok := p.Range()
		if w := want[p]; min != w[0] || max != w[1] || ok != (w[0] != 0) {
			t.Errorf("%d: %x to %x, %v", p, min, max, ok)
		}
	}
	if len(Supported()) != len(want) {
		t.Error(Supported())
	}
	for _, p := range Supported() {
		if _, ok := want[p]; !ok {
			t.Error(p, "is supported")
		}
	}
}

func TestOf(t *testing.T) {
	for _, p := range []Protocol{TLS10, TLS11, TLS12, TLS13} {
		if min, _, _ := p.Range(); Of(min) != p {
			t.Error(p, Of(min))
		}
	}
	if Of(tls.VersionSSL30) != -1 {
		t.Error("SSL 3 is one")
	}
}
