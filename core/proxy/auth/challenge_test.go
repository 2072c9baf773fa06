package auth

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// text writes challenges down in one line.
func text(list []Challenge) string {
	var words []string
	for _, c := range list {
		word := c.Scheme
		if c.Token != "" {
			word += ":" + c.Token
		}
		for _, name := range slices.Sorted(maps.Keys(c.Params)) {
			word += fmt.Sprintf(" %s=%s", name, c.Params[name])
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

func TestChallenges(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{" , "}, ""},
		{[]string{`Basic realm="a b"`}, "basic realm=a b"},
		{[]string{`BASIC Realm = plain`}, "basic realm=plain"},
		{[]string{`Basic realm="q\"\\x", charset="UTF-8"`}, `basic charset=UTF-8 realm=q"\x`},
		{[]string{`Basic realm=""`}, "basic realm="},
		{[]string{"Negotiate"}, "negotiate"},
		{[]string{"NTLM TlRMTVNTUAAB+/=="}, "ntlm:TlRMTVNTUAAB+/=="},
		{[]string{"NTLM azAZ09-._~+/"}, "ntlm:azAZ09-._~+/"},
		{[]string{"NTLM a[z", "NTLM a:z", "NTLM a@z"}, "ntlm; ntlm; ntlm"},
		{[]string{"NTLM, Basic realm=x"}, "ntlm; basic realm=x"},
		{[]string{"NTLM TlRM=, Basic realm=x, Negotiate"}, "ntlm:TlRM=; basic realm=x; negotiate"},
		{[]string{"NTLM TlRM= , Basic realm=x", "NTLM\tTlRM \t"}, "ntlm:TlRM=; basic realm=x; ntlm:TlRM"},
		{[]string{`Basic realm="a, Digest b", Digest realm="c", nonce="d",qop="auth,auth-int" , Foo`},
			"basic realm=a, Digest b; digest nonce=d qop=auth,auth-int realm=c; foo"},
		{[]string{`Digest realm="c", nonce="d"`, "Basic realm=x"}, "digest nonce=d realm=c; basic realm=x"},
		{[]string{`, ,Basic realm=x,, ,NTLM,`}, "basic realm=x; ntlm"},
		{[]string{`Basic realm=x, realm=y`}, "basic realm=x"},
		// What cannot be read ends the line, and leaves what was read before.
		{[]string{`Basic realm="x`, "NTLM"}, "basic; ntlm"},
		{[]string{`Basic realm="x" y, NTLM`}, "basic realm=x"},
		{[]string{`Basic/realm`, "NTLM"}, "ntlm"},
		{[]string{`"Basic"`}, ""},
		{[]string{`Basic =x`}, "basic"},
		{[]string{`Basic realm=x, =`}, "basic realm=x"},
	} {
		if got := text(Parse(c.lines)); got != c.want {
			t.Errorf("%q:\n%s\nnot\n%s", c.lines, got, c.want)
		}
	}
}

func TestStrongest(t *testing.T) {
	const (
		md5    = `Digest realm=m, nonce=n, qop="auth"`
		sha256 = `Digest realm=s, nonce=n, qop="auth-int, auth", algorithm=SHA-256`
	)
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"Basic realm=b", "NTLM", md5, sha256}, "digest s"},
		{[]string{sha256, md5, "NTLM", "Basic realm=b"}, "digest s"},
		{[]string{"Basic realm=b", md5}, "digest m"},
		{[]string{"Negotiate", "Basic realm=b", "NTLM"}, "ntlm "},
		{[]string{"Negotiate", "Basic realm=b"}, "basic b"},
		{[]string{"Basic realm=first, Basic realm=second"}, "basic first"},
		{[]string{"Negotiate", "Bearer realm=b"}, " "},
		// Digest that we do not know.
		{[]string{`Digest realm=m, nonce=n, algorithm=SHA-512-256`, "Basic realm=b"}, "basic b"},
		{[]string{`Digest realm=m, nonce=n, qop="auth-int"`, "Basic realm=b"}, "basic b"},
		{[]string{`Digest realm=m, nonce=n, qop=""`, "Basic realm=b"}, "basic b"},
		{[]string{`Digest realm=m`, "Basic realm=b"}, "basic b"},
		{[]string{`Digest realm=m, nonce=n`, "Basic realm=b"}, "digest m"},
	} {
		best, ok := Strongest(Parse(c.lines))
		if got := best.Scheme + " " + best.Realm(); got != c.want || ok != (c.want != " ") {
			t.Errorf("%q: %q, %v", c.lines, got, ok)
		}
	}
}

// FuzzParse looks that challenges are what they are written as.
func FuzzParse(f *testing.F) {
	f.Add(`Basic realm="a, b", Digest realm="c", nonce="d",qop="auth,auth-int"`)
	f.Add(`NTLM TlRM=, Basic realm="q\"\\x"`)
	f.Add(`, Basic realm=x,, ,NTLM,`)
	f.Fuzz(func(t *testing.T, line string) {
		list := Parse([]string{line})
		var lines []string
		for _, c := range list {
			line := c.Scheme
			if c.Token != "" {
				line += " " + c.Token
			}
			separator := " "
			for name, value := range c.Params {
				line += separator + name + "=" + quote(value)
				separator = ", "
			}
			lines = append(lines, line)
		}
		for _, written := range [][]string{lines, {strings.Join(lines, ", ")}} {
			if again := text(Parse(written)); again != text(list) {
				t.Errorf("%q: %s, then %s", written, text(list), again)
			}
		}
		if best, ok := Strongest(list); ok {
			if _, err := Begin(best, "user", "password", nil); err != nil {
				t.Error(err)
			}
		}
	})
}
