package proxy

import (
	"strings"
	"testing"

	"qnet/core/failure"
)

func TestTargets(t *testing.T) {
	label := strings.Repeat("a", 63)
	for host, want := range map[string]string{
		"target.test":             "target.test:80",
		"TARGET.test.":            "target.test.:80",
		"bücher.test":             "xn--bcher-kva.test:80",
		"192.0.2.1":               "192.0.2.1:80",
		"2001:db8::7":             "[2001:db8::7]:80",
		"fe80::1%eth0":            "[fe80::1]:80",
		"0x7f000001":              "127.0.0.1:80",
		label + ".test":           label + ".test:80",
		"":                        "",
		"a b":                     "",
		"a\r\nX: y":               "",
		"a/b":                     "",
		"user@host":               "",
		label + "a.test":          "",
		"\xff":                    "",
		"a\x00b":                  "",
		strings.Repeat("a.", 128): "",
	} {
		target, f := NewTarget(host, 80)
		switch {
		case want == "" && f != failure.HostUnknown:
			t.Errorf("%q: %v, %v", host, target, f)
		case want != "" && (f != nil || target.String() != want):
			t.Errorf("%q: %v, %v, not %s", host, target, f, want)
		}
	}
	longest := strings.TrimSuffix(strings.Repeat("a.", 128), ".")
	if target, f := NewTarget(longest, 1); f != nil || target.Name != longest {
		t.Errorf("%v, %v", target, f)
	}
}
