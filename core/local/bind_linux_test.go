package local

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
)

func TestRightsWithoutAndWithThreadsOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	before := unix.Umask(0o027)
	defer unix.Umask(before)
	listening(t, Name{dir + "/a", false}, User|Group|Other)
	if got := mode(t, dir+"/a"); got != 0o777 {
		t.Errorf("mode %o", got)
	}
	// Where threads cannot have an umask of their own: cut first, widened then.
	fd, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	path := dir + "/b"
	unix.Fchmod(fd, 0o777)
	if err := (Name{path, false}).bind(fd); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, path); got != 0o750 {
		t.Errorf("mode %o with the umask", got)
	}
	if err := widen(path, 0o777); err != nil || mode(t, path) != 0o777 {
		t.Errorf("%v, mode %o", err, mode(t, path))
	}
	if got := unix.Umask(0o027); got != 0o027 {
		t.Errorf("the process's umask is %o", got)
	}
}

func TestWidenLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	file, link := dir+"/file", dir+"/link"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listening(t, Name{dir + "/s", false}, User)
	if err := os.Symlink(dir+"/s", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		if err := widen(path, 0o777); err != unix.EPERM {
			t.Errorf("%s: %v", path, err)
		}
	}
	if mode(t, file) != 0o600 || mode(t, dir+"/s") != 0o700 {
		t.Error("it has other rights now")
	}
}

// Without threads that have an umask of their own, and without a descriptor for what is
// done instead, the rights cannot be given. The name must not be taken then.
func TestABindThatFailsLeavesNoFile(t *testing.T) {
	unshare = func(int) error { return unix.EPERM }
	t.Cleanup(func() { unshare = unix.Unshare })
	before := unix.Umask(0o077)
	defer unix.Umask(before)
	n := Name{t.TempDir() + "/s", false}
	fd, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	restore := looptest.NoDescriptors(t)
	err = Bind(fd, n, User|Group|Other)
	restore()
	unix.Close(fd)
	if err != unix.EMFILE {
		t.Errorf("Bind: %v", err)
	}
	listening(t, n, 0)
}
