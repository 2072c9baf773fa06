package verify

import (
	"encoding/hex"
	"slices"
	"testing"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
)

// Hosts are those that Qt says a certificate is for, but for names that are none: to Qt they
// are all the same. What it said is from bindings/python/tests/compare/tls/hosts.py.
func TestHostsAreMatchedAsByQt(t *testing.T) {
	type testdata struct {
		Hosts        []string
		Certificates []struct {
			Name, Data string
			Hosts      []string
		}
	}
	qt := tlstest.Recorded[testdata](t, "testdata/hosts.json")
	matched := 0
	for _, one := range qt.Certificates {
		der, err := hex.DecodeString(one.Data)
		if err != nil {
			t.Fatal(err)
		}
		c, _, ok := certificate.Parse(der)
		if !ok {
			t.Fatal(one.Name)
		}
		for _, host := range qt.Hosts {
			if host == "" {
				continue // Qt does not look
			}
			here, there := MatchesHost(c, host), slices.Contains(one.Hosts, host)
			if there && slices.Contains(one.Hosts, ".host.test") && slices.Contains(one.Hosts, "www.host..test") {
				there = false // nor is a name that is none one
			}
			if here != there {
				t.Errorf("%s, %q: %v, and in Qt %v", one.Name, host, here, there)
			}
			if here {
				matched++
			}
		}
	}
	if matched < 50 {
		t.Errorf("only %d match", matched)
	}
}
