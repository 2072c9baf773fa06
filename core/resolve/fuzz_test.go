package resolve

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

func FuzzName(f *testing.F) {
	for _, name := range []string{"localhost", "a.b", "a.b.", ".", "a..b", "", " ", "a b", "_srv._tcp", "-", "é.example",
		strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a.", 127) + "a", strings.Repeat("a.", 128), "a/b",
		"a:b", "[::1]", "a\x00b", "\xff"} {
		f.Add(name)
	}
	// Nobody is asked: a cancelled context alone would not see to that.
	nobody := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("nobody is asked")
	}}
	f.Fuzz(func(t *testing.T, name string) {
		ok := valid(name)
		if ok && (len(name) > 255 || strings.ContainsAny(name, " /%\x00\n") || strings.Contains(name, "..") || strings.Trim(name, ".") == "") {
			t.Fatalf("%q is taken for a host's name", name)
		}
		if ok != valid(strings.ToUpper(name)) && strings.ToUpper(strings.ToLower(name)) == strings.ToUpper(name) && isASCII(name) {
			t.Fatalf("%q is a host's name: %v; but not in capitals", name, ok)
		}
		if ok && !strings.HasSuffix(name, ".") && len(name) < 255 && !valid(name+".") {
			t.Fatalf("%q is a host's name, but not with a dot behind it", name)
		}
		r := ask(context.Background(), nobody, name)
		if r.Err == nil && len(r.Addresses) == 0 {
			t.Fatalf("%q was found nowhere", name)
		}
		if strings.TrimSpace(name) == name && name != "" && r.Err == nil && r.Name == "" {
			t.Fatalf("%q has lost its name", name)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
