package looptest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"qnet/core/loop"
	"qnet/core/sys"
	"qnet/core/timer"
)

// trial is a test in a test: it keeps what is said of it.
type trial struct {
	testing.TB
	cleanups []func()
	said     strings.Builder
}

func (t *trial) Helper()                         {}
func (t *trial) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }
func (t *trial) Errorf(format string, of ...any) { fmt.Fprintf(&t.said, format, of...) }

// end ends the trial and returns what was said.
func (t *trial) end() string {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
	return t.said.String()
}

func TestLeaksAreFound(t *testing.T) {
	leakPatience = 10 * time.Millisecond
	defer func() { leakPatience = Patience }()
	l := New(t)
	for name, leak := range map[string]func() (undo func()){
		"nothing":     func() func() { return func() {} },
		"a goroutine": func() func() { end := make(chan int); go func() { <-end }(); return func() { close(end) } },
		"a descriptor": func() func() {
			fd, _ := sys.NewEvent()
			return func() { sys.Close(fd) }
		},
		"an object": func() func() { return timer.New(l).Delete },
		"a loop": func() func() {
			other, _ := loop.New()
			return func() { Do(other, other.Close) }
		},
	} {
		inner := &trial{TB: t}
		CheckLeaks(inner)
		undo := leak()
		said := inner.end()
		undo()
		if found := said != ""; found != (name != "nothing") {
			t.Errorf("%s: it said %q", name, said)
		}
	}
}
