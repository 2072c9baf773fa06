package dns

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/internal/standardtest"
)

// readText reads a configuration of a text.
func readText(t testing.TB, text string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigurationIsRead(t *testing.T) {
	c := readText(t, `# a comment
; another
nameserver 192.0.2.1 # behind it
nameserver 192.0.2.2;
nameserver nonsense
nameserver fe80::1%eth0
nameserver 192.0.2.4
domain a.test
search b.test	c.test.
 search indented.test
options ndots:3 timeout:7 attempts:4 rotate use-vc single-request no-aaaa no-tld-query edns0 unknown:5
nonsense
nameserver`)
	want := Config{
		Servers: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:53"), netip.MustParseAddrPort("192.0.2.2:53"), netip.MustParseAddrPort("[fe80::1%eth0]:53")},
		Search:  []string{"b.test", "c.test."}, Ndots: 3, Timeout: 7 * time.Second, Attempts: 4,
		Rotate: true, TCP: true, Single: true, NoIPv6: true, NoTLD: true,
	}
	if !slices.Equal(c.Servers, want.Servers) || !slices.Equal(c.Search, want.Search) {
		t.Errorf("servers %v, search %v", c.Servers, c.Search)
	}
	c.Servers, c.Search, want.Servers, want.Search = nil, nil, nil, nil
	if got := *c; got.Ndots != want.Ndots || got.Timeout != want.Timeout || got.Attempts != want.Attempts ||
		!got.Rotate || !got.TCP || !got.Single || !got.NoIPv6 || !got.NoTLD {
		t.Errorf("%+v", got)
	}
}

func TestConfigurationHasDefaultsAndLimits(t *testing.T) {
	missing, err := Read(filepath.Join(t.TempDir(), "missing"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Config{missing, readText(t, ""), readText(t, "options")} {
		if len(c.Servers) != 1 || c.Servers[0] != netip.MustParseAddrPort("127.0.0.1:53") ||
			c.Ndots != 1 || c.Timeout != 5*time.Second || c.Attempts != 2 || c.Rotate || c.TCP || c.Single || c.NoIPv6 || c.NoTLD {
			t.Errorf("%+v", c)
		}
	}
	c := readText(t, "options ndots:99 timeout:99 attempts:99")
	if c.Ndots != 15 || c.Timeout != 30*time.Second || c.Attempts != 5 {
		t.Errorf("%+v", c)
	}
	if c := readText(t, "domain a.test b.test"); !slices.Equal(c.Search, []string{"a.test"}) {
		t.Errorf("search %v", c.Search)
	}
	c = readText(t, "options ndots:-1 timeout:0 attempts:x")
	if c.Ndots != 0 || c.Timeout != time.Second || c.Attempts != 0 {
		t.Errorf("%+v", c)
	}
	expectError(t, &Config{Servers: c.Servers}, "host.test", ErrTemporary)
}

func FuzzConfig(f *testing.F) {
	f.Add("nameserver 127.0.0.1\nsearch a.test b\noptions ndots:2 timeout:1", "host")
	f.Add("search .\noptions no-tld-query ndots:0", "a.b.")
	path := filepath.Join(f.TempDir(), "resolv.conf")
	f.Fuzz(func(t *testing.T, text, name string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(c.Servers); n < 1 || n > maxServers || c.Attempts > maxAttempts || c.Timeout < time.Second || c.Ndots > maxNdots {
			t.Errorf("%+v", c)
		}
		names, itself := c.names(name)
		if len(names) == 0 || itself >= len(names) || itself >= 0 && names[itself] != name {
			t.Errorf("%q: %q, %d", name, names, itself)
		}
		for _, n := range names {
			if !strings.HasPrefix(n, name) {
				t.Errorf("%q is asked for in place of %q", n, name)
			}
		}
	})
}

func TestConfigIsReadAboveTheStandardStreams(t *testing.T) {
	standardtest.CheckReading(t, func(path string) { Read(path) })
}
