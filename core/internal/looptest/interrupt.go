package looptest

import (
	"testing"

	"qnet/core/loop"
	"qnet/core/sys"
)

// Interrupt is what interrupts the waits of a test's thread.
type Interrupt struct {
	FD    int // readable from sys.Signal to sys.Drain
	Noted int // how many waits were interrupted
}

// Interrupts lets the test interrupt the waits of the calling thread until it ends.
func Interrupts(t testing.TB) *Interrupt {
	t.Helper()
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	i, thread := &Interrupt{FD: fd}, sys.ThreadID()
	loop.SetInterrupts(&loop.Interrupts{
		FD: func() int {
			if sys.ThreadID() == thread {
				return fd
			}
			return -1
		},
		Note: func() { i.Noted++ },
	})
	t.Cleanup(func() {
		loop.SetInterrupts(nil)
		sys.Close(fd)
	})
	return i
}
