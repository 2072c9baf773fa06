package loop_test

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/buffer"
	"qnet/core/datagram"
	"qnet/core/internal/systest"
	"qnet/core/loop"
)

// mapped returns the size of the process's memory, with what is only reserved.
func mapped(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	fmt.Sscan(string(text), &pages)
	return pages * os.Getpagesize()
}

// What loops have received into is memory that no garbage collector gives back.
func TestLoopsGiveTheirMemoryBack(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_DGRAM)
	defer unix.Close(one)
	defer unix.Close(other)
	const loops = 100
	var before int
	for i := range loops {
		if i == loops/2 {
			before = mapped(t)
		}
		l, err := loop.New()
		if err != nil {
			t.Fatal(err)
		}
		l.Lock()
		unix.Write(other, []byte("x"))
		var datagrams datagram.Queue
		if err := datagrams.Fill(&l.Datagrams, one); err != nil {
			t.Fatal(err)
		}
		datagrams.Clear(&l.Datagrams)
		var bytes [20]buffer.Buffer
		for i := range bytes {
			bytes[i].Fill(&l.Pool, buffer.LargeSize, func(p []byte) (int, error) { return len(p), nil })
		}
		for i := range bytes {
			bytes[i].Clear(&l.Pool)
		}
		l.Close()
		l.Unlock()
	}
	// A batch of datagrams is larger than all that the chunks need.
	if grown := mapped(t) - before; grown > loops/2*20*buffer.LargeSize/2 {
		t.Errorf("%d loops have left %d KiB behind", loops/2, grown>>10)
	}
}
