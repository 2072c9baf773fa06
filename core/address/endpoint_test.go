package address

import (
	"errors"
	"strings"
	"testing"
	"testing/quick"
)

func TestParseHostPort(t *testing.T) {
	for text, want := range map[string]struct {
		host string
		port uint16
	}{
		"host:80":                 {"host", 80},
		"127.0.0.1:0":             {"127.0.0.1", 0},
		"[::1]:65535":             {"::1", 65535},
		"[fe80::1%eth0]:1":        {"fe80::1%eth0", 1},
		"*:8080":                  {"*", 8080},
		"b\u00fccher.example:443": {"b\u00fccher.example", 443},
		"a_b-c.d:00080":           {"a_b-c.d", 80},
	} {
		host, port, err := ParseHostPort(text)
		if host != want.host || port != want.port || err != nil {
			t.Errorf("%q: %q, %d, %v", text, host, port, err)
		}
	}
	for text, want := range map[string]error{
		"": ErrNoPort, "host": ErrNoPort, "host:": ErrNoPort, "[::1]": ErrNoPort, "[::1]:": ErrNoPort,
		":80": ErrNoHost, "host:x": ErrBadPort, "host:-1": ErrBadPort, "host:+1": ErrBadPort, "host: 1": ErrBadPort,
		"host:65536": ErrBadPort, "host:000080": ErrBadPort, "host:99999999999999999999": ErrBadPort, "host:1 ": ErrBadPort,
		"host:\u0661": ErrBadPort, "::1:80": ErrNeedsQuote, "::1": ErrNeedsQuote, "a:b:80": ErrNeedsQuote,
		"[::1": ErrBracket, "[::1]80": ErrBracket, "[::1]]:80": ErrBracket, "[host]:80": ErrNotIPv6, "[127.0.0.1]:80": ErrNotIPv6,
		"[]:80": ErrNotIPv6, "[::1 ]:80": ErrNotIPv6, "a b:80": ErrBadHost, "a\n:80": ErrBadHost, "a/b:80": ErrBadHost,
		"u@host:80": ErrBadHost, "a]:80": ErrBadHost,
	} {
		if host, port, err := ParseHostPort(text); !errors.Is(err, want) || host != "" || port != 0 {
			t.Errorf("%q: %q, %d, %v; want %v", text, host, port, err, want)
		}
	}
}

// What is made of an endpoint is taken apart into the same.
func TestEndpointsSurviveTheirText(t *testing.T) {
	check := func(b [16]byte, four uint32, port uint16, kind uint8) bool {
		a := map[uint8]Address{0: FromIPv6(b), 1: FromIPv4(four), 2: FromIPv6(b).WithScopeID("eth0"), 3: AnyIPv6, 4: LocalHost}[kind%5]
		text := Endpoint{a, port}.String()
		host, got, err := ParseHostPort(text)
		parsed, ok := Parse(host)
		return err == nil && got == port && ok && parsed == a || t != nil && t.Failed()
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
	if text := (Endpoint{Any, 80}).String(); text != "*:80" {
		t.Error(text)
	}
	if text := (Endpoint{}).String(); text != "" {
		t.Error(text)
	}
}

func FuzzParseHostPort(f *testing.F) {
	for _, text := range []string{"host:80", "[::1]:80", "::1:80", "[::1", "a:b:c", ":", "[]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		host, port, err := ParseHostPort(text)
		if err != nil {
			return
		}
		again, p, err := ParseHostPort(JoinHostPort(host, port))
		if again != host || p != port || err != nil || strings.ContainsAny(host, " \n[]") {
			t.Errorf("%q: %q, %d, then %q, %d, %v", text, host, port, again, p, err)
		}
	})
}
