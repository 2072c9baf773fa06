package socket

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
)

func TestWhatCannotBeMadeNonBlockingIsNotAdopted(t *testing.T) {
	place, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(place)
	r := fresh(t, looptest.New(t))
	if r.SetDescriptor(place, Unconnected, ReadWrite) || r.Failure() != failure.BadDescriptor || r.Descriptor() != -1 || r.fd != -1 {
		t.Errorf("descriptor %d: %v", r.Descriptor(), r.Failure())
	}
}
