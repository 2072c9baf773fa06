// Package roots finds the certificates of authorities that the system trusts, and those of
// files.
package roots

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"qnet/core/sys"
	"qnet/core/tls/certificate"
)

// files is where systems keep all of them in one: Debian and those like it, Fedora and those
// like it, openSUSE, and Alpine, the BSDs and macOS.
var files = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/var/lib/ca-certificates/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/etc/ssl/cert.pem",
	"/usr/local/share/certs/ca-root-nss.crt",
	"/etc/openssl/certs/ca-certificates.crt",
}

// folders is where they are one by one.
var folders = []string{"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs", "/usr/local/share/certs"}

// System finds what a system trusts.
type System struct {
	// Getenv returns a variable of the environment, "" if it is not set or not to be
	// trusted.
	Getenv func(name string) string
	// Root is what the places of the system are under, "" but for tests.
	Root string
}

// Process is the system for this process.
var Process = &System{Getenv: os.Getenv}

// Shared returns what Process has loaded when somebody first asked for it. The list is not
// to be changed.
var Shared = sync.OnceValue(Process.Load)

// Load reads the certificates (QSslConfiguration::systemCaCertificates), each once: those of
// the first of the system's files that has any, or else of its first folder. SSL_CERT_FILE
// and SSL_CERT_DIR, folders with colons between them, take their places. What cannot be read
// is left out.
func (s *System) Load() []*certificate.Certificate {
	var all set
	if file := s.Getenv("SSL_CERT_FILE"); file != "" {
		all.file(file)
	} else {
		for _, file := range files {
			if all.file(s.Root + file); len(all.list) > 0 {
				break
			}
		}
	}
	if list := s.Getenv("SSL_CERT_DIR"); list != "" {
		for _, folder := range filepath.SplitList(list) {
			all.folder(folder)
		}
		return all.list
	}
	for _, folder := range folders {
		if len(all.list) > 0 {
			break
		}
		all.folder(s.Root + folder)
	}
	return all.list
}

// set is certificates, each once.
type set struct {
	list []*certificate.Certificate
	seen map[string]bool
}

func (s *set) file(path string) {
	for _, c := range read(path, certificate.FromPEM) {
		if !s.seen[string(c.DER())] {
			if s.seen == nil {
				s.seen = map[string]bool{}
			}
			s.seen[string(c.DER())] = true
			s.list = append(s.list, c)
		}
	}
}

func (s *set) folder(path string) {
	for _, name := range names(path) {
		s.file(filepath.Join(path, name))
	}
}

// read returns the certificates of a file, none if that is no file.
func read(path string, parse func(data []byte) []*certificate.Certificate) []*certificate.Certificate {
	// A pipe or a device might be read for ever.
	if about, err := os.Stat(path); err != nil || !about.Mode().IsRegular() {
		return nil
	}
	data, err := sys.ReadFile(path)
	if err != nil {
		return nil
	}
	return parse(data)
}

// names returns what is in a folder and not hidden, sorted.
func names(folder string) []string {
	entries, err := sys.ReadDir(folder)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			list = append(list, e.Name())
		}
	}
	slices.Sort(list)
	return list
}
