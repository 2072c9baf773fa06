package hosts

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/internal/standardtest"
)

// table writes a table of hosts.
func table(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hosts")
	write(t, path, text)
	return path
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const usual = `# comment
127.0.0.1	localhost
192.0.2.1   one.test one  uno # first
192.0.2.2 one.test
2001:db8::1 one.test
192.0.2.01 wrong.test
fe80::1%lo wrong.test
nonsense wrong.test
192.0.2.9
#192.0.2.8 hidden.test
192.0.2.7 shown.test#hidden.test
::ffff:192.0.2.3 mapped.test
::1 ip6-loopback
`

func TestAddresses(t *testing.T) {
	path := table(t, usual+"192.0.2.200 last.test") // no end of line
	for _, c := range []struct{ name, both, v4, v6 string }{
		{"one.test", "192.0.2.1 192.0.2.2 2001:db8::1", "192.0.2.1 192.0.2.2", "2001:db8::1"},
		{"ONE", "192.0.2.1", "192.0.2.1", ""},
		{"uno", "192.0.2.1", "192.0.2.1", ""},
		{"one.test.", "", "", ""},
		{"first", "", "", ""},
		{"wrong.test", "", "", ""},
		{"hidden.test", "", "", ""},
		{"shown.test", "192.0.2.7", "192.0.2.7", ""},
		{"192.0.2.1", "", "", ""},
		{"mapped.test", "::ffff:192.0.2.3", "192.0.2.3", "::ffff:192.0.2.3"},
		{"ip6-loopback", "::1", "127.0.0.1", "::1"},
		{"last.test", "192.0.2.200", "192.0.2.200", ""},
	} {
		for _, one := range []struct {
			v4, v6 bool
			want   string
		}{{true, true, c.both}, {true, false, c.v4}, {false, true, c.v6}} {
			got, err := Addresses(path, c.name, one.v4, one.v6)
			if text := strings.Trim(fmt.Sprint(got), "[]"); err != nil || text != one.want {
				t.Errorf("%s (IPv4 %v, IPv6 %v): %v, %v, not %v", c.name, one.v4, one.v6, got, err, one.want)
			}
		}
	}
}

func TestNames(t *testing.T) {
	path := table(t, usual)
	for a, want := range map[string]string{
		"127.0.0.1":      "localhost",
		"192.0.2.1":      "one.test",
		"2001:db8::1":    "one.test",
		"2001:db8::1%lo": "one.test",
		"192.0.2.7":      "shown.test",
		"192.0.2.9":      "",
		"192.0.2.8":      "",
		"192.0.2.77":     "",
		"192.0.2.3":      "mapped.test",
		"::1":            "ip6-loopback",
	} {
		if got, err := Name(path, netip.MustParseAddr(a)); err != nil || got != want {
			t.Errorf("%s: %q, %v, not %q", a, got, err, want)
		}
	}
}

func TestTableIsAsItIsNow(t *testing.T) {
	path := table(t, "192.0.2.1 host.test\n")
	past := time.Unix(1, 0)
	for i := range 10 {
		// Nothing tells the tables apart but what is in them.
		text := fmt.Sprintf("192.0.2.%d host.test\n", i)
		if i%2 == 0 {
			write(t, path, text)
		} else {
			write(t, path+".new", text)
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(path, past, past); err != nil {
			t.Fatal(err)
		}
		want := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
		if got, err := Addresses(path, "host.test", true, true); err != nil || !slices.Equal(got, []netip.Addr{want}) {
			t.Errorf("%v, %v, not %v", got, err, want)
		}
	}
}

func TestWithoutATableNothingIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing")
	if got, err := Addresses(path, "host.test", true, true); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Name(path, netip.IPv6Loopback()); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Addresses(t.TempDir(), "host.test", true, true); err == nil {
		t.Error("a directory can be read")
	}
	path = table(t, usual)
	restore := looptest.NoDescriptors(t)
	_, err := Addresses(path, "host.test", true, true)
	restore()
	if err == nil {
		t.Error("a lack of descriptors is not reported")
	}
}

func TestLongLines(t *testing.T) {
	names := strings.Repeat(" name", 20000)
	path := table(t, "192.0.2.1"+names+" far.test\n192.0.2.2 far.test\n")
	if got, err := Addresses(path, "far.test", true, true); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzHosts(f *testing.F) {
	f.Add(usual, "one.test")
	f.Add("::1", "")
	path := filepath.Join(f.TempDir(), "hosts")
	f.Fuzz(func(t *testing.T, text, name string) {
		write(t, path, text)
		both, err := Addresses(path, name, true, true)
		if err != nil || len(strings.Fields(name)) != 1 || strings.Contains(name, "#") {
			return
		}
		for _, a := range both {
			if found, err := Name(path, a); err != nil || found == "" {
				t.Errorf("%q has %v, which has no name: %v", name, a, err)
			}
		}
		v6, err := Addresses(path, name, false, true)
		for _, a := range v6 {
			if err != nil || !slices.Contains(both, a) {
				t.Errorf("%v is found for IPv6 alone: %v", a, err)
			}
		}
	})
}

func BenchmarkLargeTable(b *testing.B) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "0.0.0.0 blocked-host-number-%d.test\n", i)
	}
	path := table(b, text.String())
	for b.Loop() {
		if _, err := Addresses(path, "host.test", true, true); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTableIsReadAboveTheStandardStreams(t *testing.T) {
	standardtest.CheckReading(t, func(path string) { Addresses(path, "host", true, true) })
}

// What claims to be a table may be anything, such as a disk: it is not read into memory.
func TestALineIsNotAsLongAsMemory(t *testing.T) {
	for _, c := range []struct {
		length int
		ok     bool
	}{{1<<20 - 100, true}, {1 << 20, false}, {2<<20 - 100, false}} {
		path := table(t, "#"+strings.Repeat("x", c.length-1)+"\n192.0.2.1 one.test\n")
		list, err := Addresses(path, "one.test", true, true)
		if (err == nil) != c.ok || (len(list) == 1) != c.ok {
			t.Errorf("behind a line of %d bytes: %v, %v", c.length, list, err)
		}
		if name, err := Name(path, netip.MustParseAddr("192.0.2.1")); (err == nil) != c.ok || (name == "one.test") != c.ok {
			t.Errorf("behind a line of %d bytes: %q, %v", c.length, name, err)
		}
	}
}
