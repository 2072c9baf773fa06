package proxytest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is whom squid is started as: it does not run as root.
const nobody = 65534

// patience is how long a proxy may take to start, and attempts how many ports it may find
// taken by others.
const (
	patience = 20 * time.Second
	attempts = 5
)

// Dante starts dante, a SOCKS server, on 127.0.0.1 and returns its port. Where there is
// none the test is skipped.
func Dante(t testing.TB) uint16 {
	t.Helper()
	program := find(t, "danted", "dante-server")
	return launch(t, func(folder string, port int) *exec.Cmd {
		config := write(t, folder, "danted.conf", fmt.Sprintf(`
logoutput: %s/log
internal: 127.0.0.1 port = %d
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.notprivileged: nobody
client pass { from: 0/0 to: 0/0 }
socks pass { from: 0/0 to: 0/0 }
`, folder, port))
		return exec.Command(program, "-f", config, "-p", filepath.Join(folder, "pid"))
	})
}

// Who squid lets in. Its passwords are for "user", and "secret".
const (
	Everybody = iota
	ByBasic
	ByDigest // or Basic, for those who know no better
)

// Squid starts squid, a proxy of HTTP, on 127.0.0.1 and returns its port. Where there is
// none the test is skipped.
func Squid(t testing.TB, who int) uint16 {
	t.Helper()
	program := find(t, "squid", "squid")
	helpers := filepath.Join(filepath.Dir(program), "../lib/squid")
	return launch(t, func(folder string, port int) *exec.Cmd {
		access := "http_access allow all\n"
		if who != Everybody {
			basic := write(t, folder, "basic", "user:$apr1$proxytst$VhZYtooNA3nyzlTynsc9M.\n")
			access = fmt.Sprintf("auth_param basic program %s/basic_ncsa_auth %s\nauth_param basic realm realm\n"+
				"acl known proxy_auth REQUIRED\nhttp_access allow known\n", helpers, basic)
		}
		if who == ByDigest {
			// Of the user, the realm and the password.
			digest := write(t, folder, "digest", "user:realm:fb6cb9e166c6c764ff2bdea12175a8aa\n")
			access = fmt.Sprintf("auth_param digest program %s/digest_file_auth -c %s\nauth_param digest realm realm\n"+
				"auth_param digest nonce_max_count 2\n", helpers, digest) + access
		}
		config := write(t, folder, "squid.conf", fmt.Sprintf("http_port 127.0.0.1:%d\npid_filename none\ncache_log %s/log\n"+
			"access_log none\ncache deny all\ncoredump_dir none\npinger_enable off\nshutdown_lifetime 0 seconds\nlogfile_rotate 0\n"+
			"visible_hostname proxy.test\n%s", port, folder, access))
		command := exec.Command(program, "-N", "-f", config)
		if os.Geteuid() == 0 {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		return command
	})
}

// find returns the path of a program, or skips the test.
func find(t testing.TB, name, pkg string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Skipf("there is no %s (Debian's package %s)", name, pkg)
	return ""
}

// write writes a file that everybody can read.
func write(t testing.TB, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// launch starts a proxy that listens at a port, which the test's end ends.
func launch(t testing.TB, command func(folder string, port int) *exec.Cmd) uint16 {
	t.Helper()
	said := ""
	for range attempts {
		folder := shared(t)
		port := freePort(t)
		c := command(folder, port)
		if c.SysProcAttr == nil {
			c.SysProcAttr = &syscall.SysProcAttr{}
		}
		// What it starts itself ends with it.
		c.SysProcAttr.Setpgid = true
		c.Dir = folder
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { c.Wait(); close(ended) }()
		if listens(port, ended) {
			t.Cleanup(func() { end(c, ended) })
			return uint16(port)
		}
		end(c, ended)
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		said = string(log)
	}
	t.Fatalf("the proxy does not listen: %s", strings.TrimSpace(said))
	return 0
}

// end ends a proxy.
func end(c *exec.Cmd, ended chan struct{}) {
	syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	<-ended
}

// shared returns a folder that others may write to: proxies are not run as root.
func shared(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "proxytest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	return folder
}

// freePort returns a port that nobody has now. Proxies do not tell which one they choose.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// listens reports whether somebody listens at a port, before it has ended.
func listens(port int, ended chan struct{}) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if conn, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}
