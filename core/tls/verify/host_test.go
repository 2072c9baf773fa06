package verify

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"qnet/core/tls/certificate"
)

// Hosts are those that Qt says a certificate is for, but for names that are none: to Qt they
// are all the same. What it said is from bindings/python/tests/compare/tls/hosts.py.
func TestHostsAreMatchedAsByQt(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "hosts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var qt struct {
		Hosts        []string
		Certificates []struct {
			Name, Data string
			Hosts      []string
		}
	}
	if err := json.Unmarshal(data, &qt); err != nil {
		t.Fatal(err)
	}
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
