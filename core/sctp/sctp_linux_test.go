package sctp_test

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/option"
	"qnet/core/sctp"
)

func TestSctpOpenWithoutTheKernels(t *testing.T) {
	looptest.NeedNoSCTP(t)
	if fd, err := sctp.Open(address.Any, 0); fd != -1 || err != failure.NoSCTP || failure.Create(err) != failure.NoSCTP {
		t.Error(fd, err)
	}
}

func TestSctpIsToldFromOthers(t *testing.T) {
	for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM} {
		fd := systest.Socket(t, unix.AF_INET, kind)
		if sctp.IsSCTP(fd) {
			t.Errorf("of kind %d", kind)
		}
		if _, _, err := sctp.Channels(fd); err == nil {
			t.Error("channels")
		}
		unix.Close(fd)
	}
	if sctp.IsSCTP(-1) {
		t.Error("none")
	}
	looptest.NeedSCTP(t)
	fd, err := sctp.Open(address.AnyIPv4, 0)
	if err != nil || !sctp.IsSCTP(fd) {
		t.Error(err)
	}
	if _, _, err := sctp.Channels(fd); err == nil {
		t.Error("channels without a connection")
	}
	unix.Close(fd)
}

func TestSctpNoDelayIsTheOptionLowDelay(t *testing.T) {
	looptest.NeedSCTP(t)
	fd, err := sctp.Open(address.LocalHost, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, want := range []int{0, 1} {
		if err := option.Set(fd, option.LowDelay, want); err != nil {
			t.Error(err)
		}
		if got, err := option.Get(fd, option.LowDelay); got != want || err != nil {
			t.Error(got, err)
		}
	}
}

// A message comes in the parts that there is room for, and its end is told.
func TestSctpMessages(t *testing.T) {
	looptest.NeedSCTP(t)
	l := looptest.ListenSCTP(t, 6)
	p := looptest.DialSCTP(t, l.Port, 3)
	q := l.Accept()
	if in, out, err := sctp.Channels(q.FD); in != 3 || out != 3 || err != nil {
		t.Error(in, out, err)
	}
	if err := sctp.Send(p.FD, []byte("x"), 3); err == nil {
		t.Error("on a channel that is not there")
	}
	p.Send(2, []byte("message"))
	p.Send(1, []byte("next"))
	var text bytes.Buffer
	room := make([]byte, 3)
	for _, want := range []struct {
		text    string
		channel int
		whole   bool
	}{{"mes", 2, false}, {"sag", 2, false}, {"e", 2, true}, {"nex", 1, false}, {"t", 1, true}} {
		n, channel, whole, err := 0, 0, false, error(unix.EAGAIN)
		for err == unix.EAGAIN {
			n, channel, whole, err = sctp.Recv(q.FD, room)
		}
		if err != nil || string(room[:n]) != want.text || channel != want.channel || whole != want.whole {
			t.Errorf("%q on %d, %v, %v", room[:n], channel, whole, err)
		}
		text.Write(room[:n])
	}
	if n := sctp.MakeRoom(p.FD, sctp.MaxMessage+1); n > sctp.MaxMessage {
		t.Error(n)
	}
}
