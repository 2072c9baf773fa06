package socket

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
)

// A daemon that has closed its standard input gets descriptor 0, and may hand it over.
func TestDescriptorZeroIsOne(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	peer := looptest.Dial(t, listener.Port)
	fd, _, _ := listener.AcceptDescriptor()
	saved, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		unix.Dup2(saved, 0)
		unix.Close(saved)
	}()
	if err := unix.Dup2(fd, 0); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)

	r := observe(t, New(l))
	if !r.SetDescriptor(0, Connected, ReadWrite) || r.Descriptor() != 0 || !r.IsValid() {
		t.Fatalf("descriptor %d: %v", r.Descriptor(), r.Failure())
	}
	peer.Say("question")
	r.untilAvailable(8)
	if got := r.all(); got != "question" {
		t.Errorf("read %q", got)
	}
	r.say("answer")
	in := peer.Inbox()
	r.until("the answer has come", in.Has(6))
	if r.WaitForReadyRead(0) || r.State() != Connected {
		t.Errorf("state %v", r.State())
	}
	peer.Say("more")
	if !r.WaitForReadyRead(long) {
		t.Error("a wait does not look at it")
	}
	r.Disconnect()
	r.untilLogged("disconnected")
	r.until("the peer has seen the end", in.Ended)
	if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("it is open still: %v", err)
	}
}
