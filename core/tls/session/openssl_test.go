package session

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qnet/core/failure"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/configuration"
)

// program is openssl, with what it has written.
type program struct {
	t     testing.TB
	stdin io.WriteCloser
	mu    sync.Mutex
	wrote bytes.Buffer
	lines chan string
}

func openssl(t testing.TB, words ...string) *program {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl: ", err)
	}
	c := exec.Command(path, words...)
	p := &program{t: t, lines: make(chan string, 1000)}
	if p.stdin, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.mu.Lock()
			p.wrote.WriteString(s.Text() + "\n")
			p.mu.Unlock()
			select {
			case p.lines <- s.Text():
			default:
			}
		}
	}()
	t.Cleanup(func() {
		p.stdin.Close()
		c.Process.Kill()
		<-read
		c.Wait()
	})
	return p
}

func (p *program) say(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, text); err != nil {
		p.t.Error(err)
	}
}

func (p *program) has(text string) bool { return p.count(text) > 0 }

// count returns how often a program has written a text.
func (p *program) count(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Count(p.wrote.String(), text)
}

// pump moves bytes between an end and a connection of the system.
type pump struct {
	conn net.Conn
	end  tlstest.End // the other one
}

func (p *pump) move(t testing.TB) {
	t.Helper()
	if data := p.end.In.Data; len(data) > 0 {
		p.end.In.Data = nil
		if _, err := p.conn.Write(data); err != nil && !p.end.Out.Ended {
			p.end.Out.Ended = true
		}
	}
	p.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	buffer := make([]byte, 1<<16)
	n, err := p.conn.Read(buffer)
	p.end.Out.Data = append(p.end.Out.Data, buffer[:n]...)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		p.end.Out.Ended = true
	}
}

// files writes what an end of openssl's needs, and returns the words for it.
func files(t testing.TB, i *tlstest.Issued) []string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: i.Chain[0]}, "key": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-cert", filepath.Join(folder, "cert"), "-key", filepath.Join(folder, "key")}
}

var flags = map[string]string{"1.2": "-tls1_2", "1.3": "-tls1_3"}

// connectTo begins a session with openssl s_server.
func connectTo(t testing.TB, p *program, port string, c configuration.Configuration) (*rig, *pump) {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	r := newRig(t)
	one, other := tlstest.Ends()
	s, err := Client(c, "host.test", r.progress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r.c = &side{Session: s, t: one}
	return r, &pump{conn, other}
}

func TestServersOfOpenSSL(t *testing.T) {
	for version, flag := range flags {
		t.Run(version, func(t *testing.T) {
			root := tlstest.Authority(t, "root")
			p := openssl(t, append([]string{"s_server", "-accept", "127.0.0.1:0", "-alpn", "x,y", flag}, files(t, root.Issue("host.test"))...)...)
			port := ""
			for line := range p.lines {
				if address, ok := strings.CutPrefix(line, "ACCEPT "); ok {
					_, port, _ = net.SplitHostPort(address)
					break
				}
			}
			client := trusting(t, root)
			client.SetOption(configuration.DisableSessionPersistence, false)
			client.NextProtocols = list("y z")
			for _, resumed := range []bool{false, true} {
				r, w := connectTo(t, p, port, client)
				until := func(what string, is func() bool) {
					t.Helper()
					r.until(what, func() bool { w.move(t); return is() })
				}
				until("it is encrypted", func() bool { return r.c.Encrypted() })
				if r.c.Failures() != nil || string(r.c.Connection().NextProtocol) != "y" {
					t.Error(r.c.Failures(), r.c.Connection())
				}
				p.say("hello from openssl\n")
				until("it has come", func() bool { return string(r.c.heard) == "hello from openssl\n" })
				if version == "1.3" {
					const updated = "SSL_do_handshake -> 1"
					before := p.count(updated)
					p.say("K\n") // what is read with it is dropped
					until("keys are updated", func() bool { return p.count(updated) > before })
				}
				p.say("and on\n")
				until("that has, too", func() bool { return strings.HasSuffix(string(r.c.heard), "and on\n") })
				said := "hello from us " + map[bool]string{false: "once", true: "twice"}[resumed] + "\n"
				r.c.say = []byte(said)
				until("that as well", func() bool { return p.has(said) })
				c := r.c.Connection()
				if c.Resumed != resumed || c.TicketLifetime != 7200 && !resumed || r.c.tickets != map[string]int{"1.2": 0, "1.3": map[bool]int{false: 2, true: 1}[resumed]}[version] {
					t.Errorf("resumed %v, lifetime %d, %d tickets", c.Resumed, c.TicketLifetime, r.c.tickets)
				}
				client.SessionTicket = c.Ticket
				if resumed && version == "1.2" {
					p.say("R\n") // anew, which nobody does any longer
					until("it is refused", func() bool { return r.c.Err() != nil })
					f, ok := r.c.Err().(*failure.Failure)
					if !ok || f.Code != failure.SslInternal || f.Text != "Error while reading: local error: no renegotiation" ||
						!slices.Equal(r.c.alerts, []Alert{{true, AlertWarning, 100, "no renegotiation"}}) {
						t.Error(r.c.Err(), r.c.alerts)
					}
					continue
				}
				r.c.End(&r.c.t)
				until("the end is told of", func() bool { return r.c.over != nil })
				if r.c.over != io.EOF || len(r.c.alerts) != 2 {
					t.Error(r.c.over, r.c.alerts)
				}
				w.conn.Close()
			}
		})
	}
}

func TestClientsOfOpenSSL(t *testing.T) {
	for version, flag := range flags {
		t.Run(version, func(t *testing.T) {
			root := tlstest.Authority(t, "root")
			server := being(t, root.Issue("host.test"))
			server.Authorities, _ = certificates(t, root)
			server.NextProtocols, server.VerifyMode = list("y"), configuration.VerifyPeer
			saved := filepath.Join(t.TempDir(), "session")
			for _, resumed := range []bool{false, true} {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				words := append([]string{"s_client", "-connect", l.Addr().String(), "-servername", "host.test", "-alpn", "x,y", flag, "-sess_out", saved},
					files(t, root.Issue("client.test"))...)
				if resumed {
					words = append(words, "-sess_in", saved)
				}
				p := openssl(t, words...)
				conn, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				r := newRig(t)
				one, other := tlstest.Ends()
				s, err := Server(server, r.progress)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				r.s = &side{Session: s, t: one}
				w := &pump{conn, other}
				until := func(what string, is func() bool) {
					t.Helper()
					r.until(what, func() bool { w.move(t); return is() })
				}
				until("it is encrypted", func() bool { return s.Encrypted() })
				if c := s.Connection(); c.Resumed != resumed || string(c.NextProtocol) != "y" || len(c.PeerChain) != 1 || s.Failures() != nil {
					t.Errorf("%+v, %v", c, s.Failures())
				}
				p.say("hello from openssl\n")
				until("it has come", func() bool { return string(r.s.heard) == "hello from openssl\n" })
				if version == "1.3" {
					p.say("K\n") // what is read with it is dropped
					until("keys are updated", func() bool { return p.has("KEYUPDATE") })
				}
				p.say("and on\n")
				until("that has, too", func() bool { return string(r.s.heard) == "hello from openssl\nand on\n" })
				r.s.say = []byte("hello from us\n")
				until("that, too", func() bool { return p.has("hello from us\n") })
				p.say("Q\n")
				until("the end is told of", func() bool { return r.s.over != nil })
				if r.s.over != io.EOF {
					t.Error(r.s.over)
				}
			}
		})
	}
}
