package roots

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qnet/core/tls/certificate"
)

// made returns a certificate with a name.
func made(t *testing.T, name string) *certificate.Certificate {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	data, err := x509.CreateCertificate(rand.Reader, c, c, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	parsed, _, ok := certificate.Parse(data)
	if !ok {
		t.Fatal("it cannot be read")
	}
	return parsed
}

// write puts certificates into a file under a folder.
func write(t *testing.T, path string, list ...*certificate.Certificate) {
	t.Helper()
	var text []byte
	for _, c := range list {
		text = append(text, c.PEM()...)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func subjects(list []*certificate.Certificate) string {
	var all []string
	for _, c := range list {
		all = append(all, c.SubjectDisplayName())
	}
	return strings.Join(all, " ")
}

func TestSystem(t *testing.T) {
	a, b, c := made(t, "a"), made(t, "b"), made(t, "c")
	for _, test := range []struct {
		name  string
		files map[string][]*certificate.Certificate
		want  string
	}{
		{"none", nil, ""},
		{"Debian", map[string][]*certificate.Certificate{"/etc/ssl/certs/ca-certificates.crt": {a, b, a}, "/etc/ssl/certs/c.pem": {c}}, "a b"},
		{"Fedora", map[string][]*certificate.Certificate{"/etc/pki/tls/certs/ca-bundle.crt": {a}}, "a"},
		{"openSUSE", map[string][]*certificate.Certificate{"/etc/ssl/ca-bundle.pem": {b}}, "b"},
		{"Alpine", map[string][]*certificate.Certificate{"/etc/ssl/cert.pem": {c}}, "c"},
		{"FreeBSD", map[string][]*certificate.Certificate{"/usr/local/share/certs/ca-root-nss.crt": {c}}, "c"},
		{"a folder", map[string][]*certificate.Certificate{"/etc/ssl/certs/2.pem": {b}, "/etc/ssl/certs/1.pem": {a}, "/etc/ssl/certs/1234.0": {a}}, "a b"},
		{"an empty file", map[string][]*certificate.Certificate{"/etc/ssl/certs/ca-certificates.crt": nil, "/etc/pki/tls/certs/x.crt": {b}}, "b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &System{Getenv: func(string) string { return "" }, Root: t.TempDir()}
			for path, list := range test.files {
				write(t, s.Root+path, list...)
			}
			if got := subjects(s.Load()); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	a, b, c := made(t, "a"), made(t, "b"), made(t, "c")
	folder := t.TempDir()
	write(t, folder+"/a.pem", a)
	write(t, folder+"/one/b.pem", b)
	write(t, folder+"/two/c.crt", c)
	write(t, folder+"/etc/ssl/certs/ca-certificates.crt", made(t, "system"))
	for _, test := range []struct{ file, dir, want string }{
		{"", "", "system"},
		{folder + "/a.pem", "", "a"},
		{"", folder + "/one", "system b"},
		{folder + "/a.pem", folder + "/one:" + folder + "/nowhere:" + folder + "/two", "a b c"},
		{folder + "/nothing", folder + "/one:" + folder + "/one", "b"},
		{folder + "/nothing", folder + "/nowhere", ""},
		{folder, "", "system"}, // no file, but the folder of the system has it
	} {
		s := &System{Root: folder, Getenv: func(name string) string {
			return map[string]string{"SSL_CERT_FILE": test.file, "SSL_CERT_DIR": test.dir}[name]
		}}
		if got := subjects(s.Load()); got != test.want {
			t.Errorf("%q and %q: %q, not %q", test.file, test.dir, got, test.want)
		}
	}
	// In this process, too.
	t.Setenv("SSL_CERT_FILE", folder+"/a.pem")
	t.Setenv("SSL_CERT_DIR", folder+"/nowhere")
	if got := subjects(Process.Load()); got != "a" {
		t.Errorf("%q", got)
	}
}

// What cannot be read, or might be for ever, is left out.
func TestNoFiles(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mkfifo(folder+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("itself", folder+"/itself"); err != nil {
		t.Fatal(err)
	}
	write(t, folder+"/a.pem", made(t, "a"))
	s := &System{Getenv: func(name string) string {
		return map[string]string{"SSL_CERT_FILE": folder + "/pipe", "SSL_CERT_DIR": folder}[name]
	}}
	if got := subjects(s.Load()); got != "a" {
		t.Errorf("%q", got)
	}
}

// As in Qt, but that a fixed string is only that path, and no expression.
func TestFromPath(t *testing.T) {
	folder := t.TempDir()
	a, b := made(t, "a"), made(t, "b")
	write(t, folder+"/a.pem", a)
	write(t, folder+"/sub/b.crt", b)
	write(t, folder+"/.hidden.pem", b)
	if err := os.WriteFile(folder+"/a.der", a.DER(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", folder+"/sub/again"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path   string
		isDER  bool
		syntax Syntax
		want   string
	}{
		{"/a.pem", false, FixedString, "a"}, {"/a.pem", true, FixedString, ""}, {"/a.der", true, FixedString, "a"}, {"", false, FixedString, ""},
		{"/*", false, FixedString, ""}, {"/.*", false, FixedString, ""}, {"/nothing", false, FixedString, ""},
		{"/nothing", false, Wildcard, ""}, {"/*", false, Wildcard, "a"}, {"/*.pem", false, Wildcard, "a"}, {"/?.pem", false, Wildcard, "a"},
		{"/[ab].pem", false, Wildcard, "a"}, {"/*/*", false, Wildcard, "b"}, {"/s*/b.crt", false, Wildcard, "b"}, {"/[", false, Wildcard, ""},
		{"/a.pem", false, Wildcard, "a"}, {"/*.der", true, Wildcard, "a"}, {"/../" + filepath.Base(folder) + "/*.pem", false, Wildcard, "a"},
		{"/a.pem", false, RegularExpression, "a"}, {"/.*", false, RegularExpression, "a b"}, {"/.*\\.pem", false, RegularExpression, "a"},
		{"/sub/.*", false, RegularExpression, "b"}, {"/(a|b).pem", false, RegularExpression, "a"}, {"/s.b/b.crt", false, RegularExpression, "b"},
		{"/*(", false, RegularExpression, ""}, {"/a", false, RegularExpression, ""}, {"", false, RegularExpression, ""}, {"/*", false, RegularExpression, ""},
	} {
		if got := subjects(FromPath(folder+test.path, test.isDER, test.syntax)); got != test.want {
			t.Errorf("%v: %q", test, got)
		}
	}
	t.Chdir(folder)
	for path, want := range map[string]string{"*": "a", "a.pem": "a", "sub/*": "b", "./*.pem": "a", "../*/a.pem": "a"} {
		if got := subjects(FromPath(path, false, Wildcard)); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	for path, want := range map[string]string{".*": "a b", "[a-z].pem": "a", "sub/.*": "b", "*": "", "\\./a.pem": ""} {
		if got := subjects(FromPath(path, false, RegularExpression)); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}
