package poll

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/sys"
)

// Events are held back as long as their descriptor is watched.
func TestFaultsForgetWhatIsNotWatchedAnyMore(t *testing.T) {
	log := t.TempDir() + "/log"
	if err := fault.Inject("seed=1,late=0.9,log=" + log); err != nil {
		t.Fatal(err)
	}
	defer fault.Inject("")
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	held := func() (n int) {
		for range 20 {
			if fault.Active().Late(p.epoll, 42) {
				n++
			}
		}
		return n
	}
	if err := p.Add(fd, In, 42); err != nil {
		t.Fatal(err)
	}
	if n := held(); n == 0 {
		t.Error("nothing is held back")
	}
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p.Remove(fd)
	n := held()
	if after, _ := os.ReadFile(log); n != 0 || string(after) != string(before) {
		t.Errorf("%d events of nobody are held back; %q", n, after[len(before):])
	}
}
