package local

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
)

func TestFind(t *testing.T) {
	before := TempDir
	defer func() { TempDir = before }()
	for _, c := range []struct {
		dir, name string
		abstract  bool
		want      string
		short     string
	}{
		{"", "plain", false, "/tmp/plain", "plain"},
		{"/var//x/../tmp/", "plain", false, "/var/tmp/plain", "plain"},
		{"/", "plain", false, "/plain", "plain"},
		{"/t", "a/../b", false, "/t/a/../b", "b"},
		{"/t", "/abs//path", false, "/abs//path", "path"},
		{"/t", "", false, "", ""},
		{"/t", "a/b", true, "a/b", "a/b"},
	} {
		TempDir = func() string { return c.dir }
		n := Find(c.name, c.abstract)
		if n.Text != c.want || n.Abstract != c.abstract || n.Short() != c.short {
			t.Errorf("Find(%q, %v) in %q = %+v, short %q", c.name, c.abstract, c.dir, n, n.Short())
		}
	}
}

// listening returns a socket that listens under n.
func listening(t *testing.T, n Name, access Access) int {
	t.Helper()
	fd, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := Bind(fd, n, access); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 5); err != nil {
		t.Fatal(err)
	}
	return fd
}

func connected(t *testing.T, n Name) int {
	t.Helper()
	fd, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := Connect(fd, n); err != nil {
		t.Fatal(err)
	}
	return fd
}

func TestNamesAsTheSystemHasThem(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []Name{
		{filepath.Join(dir, "s"), false},
		{filepath.Join(dir, "é @"), false},
		{dir + "\x00\x01\xff/", true},
		{strings.Repeat("x", maxName), true},
		{"\x00", true},
	} {
		fd := listening(t, n, 0)
		if got := Local(fd); got != n {
			t.Errorf("Local = %+v, want %+v", got, n)
		}
		c := connected(t, n)
		if got := Peer(c); got != n {
			t.Errorf("Peer = %+v, want %+v", got, n)
		}
		if got := Local(c); got != (Name{}) {
			t.Errorf("the client has the name %+v", got)
		}
	}
	if got := Local(0); got != (Name{}) {
		t.Errorf("what is no socket has the name %+v", got)
	}
}

func TestLongestPath(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "q")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := dir + "/" + strings.Repeat("x", maxName-len(dir)-1)
	listening(t, Name{path, false}, User)
	if got := Peer(connected(t, Name{path, false})); got.Text != path {
		t.Errorf("Peer = %q", got.Text)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	fd, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, c := range []struct {
		n    Name
		want error
	}{
		{Name{}, unix.ENOENT},
		{Name{"", true}, unix.ENOENT},
		{Name{"/tmp/a\x00b", false}, unix.ENOENT},
		{Name{"/" + strings.Repeat("x", maxName), false}, unix.ENAMETOOLONG},
		{Name{strings.Repeat("x", maxName+1), true}, unix.ENAMETOOLONG},
	} {
		for _, access := range []Access{0, User} {
			if err := Bind(fd, c.n, access); err != c.want {
				t.Errorf("Bind(%q, %d) = %v, want %v", c.n.Text, access, err, c.want)
			}
		}
		if err := Connect(fd, c.n); err != c.want {
			t.Errorf("Connect(%q) = %v, want %v", c.n.Text, err, c.want)
		}
	}
}

func mode(t *testing.T, path string) uint32 {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		t.Fatal(err)
	}
	return uint32(stat.Mode & 0o777)
}

// In a directory of anybody's, the file may be another's by then.
func TestOnlyWhatBindHasMadeIsRemoved(t *testing.T) {
	dir := t.TempDir()
	file, link, socket := dir+"/file", dir+"/link", dir+"/s"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listening(t, Name{socket, false}, User)
	if err := os.Symlink(socket, link); err != nil {
		t.Fatal(err)
	}
	unmake(file)
	unmake(link)
	mode(t, file)
	mode(t, link)
	unmake(socket)
	if _, err := os.Lstat(socket); err == nil {
		t.Error("the socket is still there")
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/s"
	n := Name{path, false}
	if got := Remove(n); got != Removed {
		t.Errorf("of nothing: %d", got)
	}
	if got := Remove(Name{}); got != Failed {
		t.Errorf("of no name: %d", got)
	}
	if got := Remove(Name{dir, false}); got != NotASocket {
		t.Errorf("of a directory: %d", got)
	}
	fd := listening(t, n, 0)
	if got := Remove(n); got != InUse {
		t.Errorf("of a server that listens: %d", got)
	}
	if sa, _, err := unix.Accept(fd); err != unix.EAGAIN {
		t.Errorf("the server was disturbed: %d, %v", sa, err)
	}
	stale, _ := Open()
	Bind(stale, n, 0)
	unix.Close(stale)
	if got := Remove(n); got != Removed {
		t.Errorf("of a stale file: %d", got)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Error("it is there")
	}
}

// Whether it is in use cannot be found out then.
func TestRemoveWithoutDescriptors(t *testing.T) {
	n := Name{t.TempDir() + "/s", false}
	listening(t, n, 0)
	restore := looptest.NoDescriptors(t)
	got := Remove(n)
	restore()
	if got != Removed {
		t.Errorf("%d", got)
	}
}

func TestFileIsNotTakenForItsSuccessor(t *testing.T) {
	n := Name{t.TempDir() + "/s", false}
	listening(t, n, 0)
	first := FileOf(n)
	os.Chmod(n.Text, 0o700)
	if FileOf(n) != first {
		t.Error("another file after chmod")
	}
	os.Remove(n.Text)
	listening(t, n, 0)
	first.Remove()
	if _, err := os.Lstat(n.Text); err != nil {
		t.Error("the successor is gone")
	}
	FileOf(n).Remove()
	if _, err := os.Lstat(n.Text); !os.IsNotExist(err) {
		t.Error("it is there")
	}
	if FileOf(n) != (File{}) || FileOf(Name{"x", true}) != (File{}) {
		t.Error("what has no file has one")
	}
}

func TestPeerCredentials(t *testing.T) {
	n := Name{t.TempDir() + "/s", false}
	listening(t, n, 0)
	c, err := PeerCredentials(connected(t, n))
	want := Credentials{int64(os.Getpid()), int64(os.Geteuid()), int64(os.Getegid())}
	if runtime.GOOS == "freebsd" {
		want.PID = -1
	}
	if err != nil || c != want {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := PeerCredentials(-1); err == nil || c != (Credentials{-1, -1, -1}) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTheRightsAreThoseAskedFor(t *testing.T) {
	dir := t.TempDir()
	before := unix.Umask(0o027)
	defer unix.Umask(before)
	for access, want := range map[Access]uint32{0: 0o750, User: 0o700, User | Group: 0o770, User | Group | Other: 0o777} {
		path := dir + "/" + string('a'+rune(access))
		listening(t, Name{path, false}, access)
		if got := mode(t, path); got != want {
			t.Errorf("access %d: mode %o", access, got)
		}
	}
}
