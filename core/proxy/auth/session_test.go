package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
)

func begin(t testing.TB, line, user, password string) Session {
	t.Helper()
	c, ok := Strongest(Parse([]string{line}))
	if !ok {
		t.Fatalf("%q is no challenge", line)
	}
	s, err := Begin(c, user, password, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func challenge(line string) Challenge { return Parse([]string{line})[0] }

func TestBasic(t *testing.T) {
	for want, c := range map[string][2]string{
		"Basic dTpw":             {"u", "p"},
		"Basic Og==":             {"", ""},
		"Basic w7w6cDrigqw=":     {"ü", "p:€"},
		"Basic RE9NXHVzZXI6cHc=": {`DOM\user`, "pw"},
	} {
		s := begin(t, "Basic realm=r", c[0], c[1])
		if got := s.Authorization("CONNECT", "x:1"); got != want {
			t.Errorf("%q: %q, not %q", c, got, want)
		}
		if s.Continue(challenge("Basic realm=r")) || s.Fresh() != s {
			t.Error("Basic has one thing to say, and always the same")
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for _, line := range []string{"Basic realm=r", "Digest realm=r, nonce=n", "NTLM"} {
		for _, c := range [][2]string{{"a\r\nX: y", "p"}, {"u", "p\n"}, {"\x00", ""}, {"\x7f", ""}} {
			if _, err := Begin(challenge(line), c[0], c[1], nil); err != ErrCredentials {
				t.Errorf("%s, %q: %v", line, c, err)
			}
		}
	}
}

// The examples are those of RFC 2617, of its erratum about RFC 2069, and of RFC 7616;
// the others were made with Python.
func TestDigest(t *testing.T) {
	const (
		old    = `Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
		newer  = `Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
		cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	)
	for _, c := range []struct{ line, password, cnonce, want string }{
		{old, "CircleOfLife", "", `Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ` +
			`response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"`},
		{old + `, qop=auth`, "Circle Of Life", "0a4f113b", `Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ` +
			`uri="/dir/index.html", response="6629fae49393a05397450978507c4ef1", qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"`},
		{newer + ", algorithm=MD5", "Circle of Life", cnonce, `Digest username="Mufasa", realm="http-auth@example.org", ` +
			`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec", qop=auth, ` +
			`nc=00000001, cnonce="` + cnonce + `", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`},
		{newer + ", algorithm=SHA-256", "Circle of Life", cnonce, `Digest username="Mufasa", realm="http-auth@example.org", ` +
			`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", algorithm=SHA-256, ` +
			`response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", qop=auth, nc=00000001, cnonce="` + cnonce + `", ` +
			`opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`},
		{`Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess`, "p", "c", `Digest username="Mufasa", realm="r", nonce="n", uri="/dir/index.html", algorithm=MD5-sess, ` +
			`response="b7d3aedaa7e5fc933d4166d0246eeccf", qop=auth, nc=00000001, cnonce="c"`},
		{`Digest realm="r", nonce="n", algorithm=SHA-256-sess`, "p", "c", `Digest username="Mufasa", realm="r", nonce="n", uri="/dir/index.html", algorithm=SHA-256-sess, ` +
			`response="9b2f13b6121ed88f3b47407c1a4d3e542ff7c155c970ea975c09b49c874f8567", cnonce="c"`},
		{`Digest realm="q\"\\r", nonce="n", userhash=true`, "p", "c", `Digest username="a10a1ce268349a00bbb28fc037761944", realm="q\"\\r", nonce="n", uri="/dir/index.html", ` +
			`response="e801ccc7559fa38395fa59e398e4a459", userhash=true`},
	} {
		s := begin(t, c.line, "Mufasa", c.password)
		s.(*digest).cnonce = func() string { return c.cnonce }
		if got := s.Authorization("GET", "/dir/index.html"); got != c.want {
			t.Errorf("%s:\n%s\nnot\n%s", c.line, got, c.want)
		}
	}
}

func TestDigestCountsRequests(t *testing.T) {
	s := begin(t, `Digest realm=r, nonce=one, qop=auth`, "u", "p")
	has := func(text string) {
		t.Helper()
		if got := s.Authorization("CONNECT", "x:1"); !bytes.Contains([]byte(got), []byte(text)) {
			t.Errorf("%s is not in %s", text, got)
		}
	}
	has("nc=00000001")
	has("nc=00000002")
	for _, line := range []string{`Digest realm=r, nonce=two, qop=auth`, `Digest realm=r, nonce=two, qop=auth, stale=false`,
		`Digest realm=r, nonce=two, qop=other, stale=true`, `Basic realm=r, stale=true`} {
		if s.Continue(challenge(line)) {
			t.Errorf("%s: the password is wrong", line)
		}
	}
	has("nc=00000003")
	if !s.Continue(challenge(`Digest realm=r, nonce=two, qop=auth, stale=TRUE`)) {
		t.Error("the nonce was only too old")
	}
	has(`nonce="two"`)
	has("nc=00000002")
	if !s.Continue(challenge(`Digest realm=r, nonce=two, qop=auth, stale=true`)) {
		t.Error("the server says that it was only too old")
	}
	has("nc=00000003")

	// Another password is no reason to count from one.
	for nonce, count := range map[string]int{"two": 4, "three": 1} {
		other, err := Begin(challenge(`Digest realm=r, qop=auth, nonce=`+nonce), "u", "other", s)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("nc=%08x", count)
		if got := other.Authorization("CONNECT", "x:1"); !bytes.Contains([]byte(got), []byte(want)) {
			t.Errorf("%s is not in %s", want, got)
		}
	}

	// Several connections may use it at once.
	var group sync.WaitGroup
	seen := make(chan string, 100)
	for range cap(seen) {
		group.Go(func() {
			text := s.Fresh().Authorization("CONNECT", "x:1")
			_, rest, _ := bytes.Cut([]byte(text), []byte("nc="))
			seen <- string(rest[:8])
		})
	}
	group.Wait()
	close(seen)
	counts := map[string]bool{}
	for count := range seen {
		counts[count] = true
	}
	if len(counts) != cap(seen) {
		t.Errorf("%d different counts", len(counts))
	}
}

func TestCnoncesDiffer(t *testing.T) {
	if a, b := randomNonce(), randomNonce(); a == b || len(a) != 32 {
		t.Errorf("%s, %s", a, b)
	}
}

// serverMessage is what an NTLM server says: its challenge and no more than it must.
func serverMessage() []byte {
	const flags = 0x00088201 | 0x02000000 | 0x00800000 // Unicode, NTLM, always sign, extended security, version, target info
	info := []byte{2, 0, 4, 0, 'D', 0, 'M', 0, 0, 0, 0, 0}
	b := append([]byte("NTLMSSP\x00"), 2, 0, 0, 0)
	field := func(n, at int) {
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	const header = 56
	field(0, header)
	b = binary.LittleEndian.AppendUint32(b, flags)
	b = append(b, "challeng"...)
	b = append(b, make([]byte, 8)...)
	field(len(info), header)
	b = append(b, 6, 1, 0, 0, 0, 0, 0, 15)
	return append(b, info...)
}

func messageOf(t *testing.T, text string) []byte {
	t.Helper()
	var word string
	fmt.Sscanf(text, "NTLM %s", &word)
	b, err := base64.StdEncoding.DecodeString(word)
	if err != nil || !bytes.HasPrefix(b, []byte("NTLMSSP\x00")) || len(b) < 12 {
		t.Fatalf("%q is no message", text)
	}
	return b
}

func TestNTLM(t *testing.T) {
	s := begin(t, "NTLM", `DOM\user`, "p")
	first := s.Authorization("CONNECT", "x:1")
	if messageOf(t, first)[8] != 1 {
		t.Errorf("%q does not begin", first)
	}
	for _, line := range []string{"NTLM", "NTLM !", "NTLM AAA", "NTLM AAAA", "Basic realm=r"} {
		if s.Fresh().Continue(challenge(line)) {
			t.Errorf("%q can be answered", line)
		}
	}
	second := "NTLM " + base64.StdEncoding.EncodeToString(serverMessage())
	if s.Fresh().Continue(challenge("Negotiate" + second[len("NTLM"):])) {
		t.Error("something else can be answered")
	}
	if !s.Continue(challenge(second)) {
		t.Fatal("it cannot be answered")
	}
	third := messageOf(t, s.Authorization("CONNECT", "x:1"))
	if third[8] != 3 || !bytes.Contains(third, []byte("u\x00s\x00e\x00r\x00")) || !bytes.Contains(third, []byte("D\x00O\x00M\x00")) {
		t.Errorf("%q says nothing of the user", third)
	}
	// Nothing follows the answer, and another connection begins anew.
	if s.Continue(challenge(second)) {
		t.Error("there is something after the last message")
	}
	if again := s.Fresh().Authorization("CONNECT", "x:1"); again != first {
		t.Errorf("%q, not %q", again, first)
	}
}

// FuzzNTLM looks that no message of a server does harm.
func FuzzNTLM(f *testing.F) {
	f.Add(serverMessage())
	f.Add([]byte("NTLMSSP\x00\x02\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, message []byte) {
		s := begin(t, "NTLM", "user", "p")
		c := Challenge{Scheme: "ntlm", Token: base64.StdEncoding.EncodeToString(message)}
		if s.Continue(c) && messageOf(t, s.Authorization("CONNECT", "x:1"))[8] != 3 {
			t.Error("it answers with another message than the third")
		}
	})
}
