package socket

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/local"
	"qnet/core/sys"
)

// Where a server's queue is full others refuse a connection, and descriptors that are
// under way do not count.

// unprivileged has the limits of the system hold for the test's thread, and lets only a
// few descriptors be open, or under way.
func unprivileged(t *testing.T, descriptors uint64) {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var had [2]unix.CapUserData
	if err := unix.Capget(&header, &had[0]); err != nil {
		t.Fatal(err)
	}
	now := had
	now[0].Effective &^= 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_SYS_RESOURCE
	if err := unix.Capset(&header, &now[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Capset(&header, &had[0]) })
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: descriptors, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &old) })
}

// With too many descriptors under way a message waits until the peer has read some,
// however long that takes.
func TestTooManyDescriptorsUnderWayWait(t *testing.T) {
	const messages, each = 6, 200
	r, p := paired(t)
	unprivileged(t, 2*each)
	descriptors := slices.Repeat([]int{p.FD}, each)
	sent := 0
	for ; sent < messages && r.recheck != noMemory; sent++ {
		if n := r.WriteWithDescriptors([]byte("x"), descriptors); n != 1 {
			t.Fatal(r.Failure())
		}
		r.settle()
	}
	if r.recheck != noMemory || r.BytesToWrite() == 0 {
		t.Fatalf("all %d messages went out", sent)
	}
	r.ensureCold().shortage = &shortage{since: 1, last: sys.Now()} // for a very long time
	in := p.Inbox()
	(*handler)(r.Socket).Recheck()
	r.settle()
	if r.recheck != noMemory || r.count("disconnected") != 0 {
		t.Fatalf("%q", r.log)
	}
	r.until("all have come", in.Has(sent))
	if r.State() != Connected || r.BytesToWrite() != 0 || r.count("error 4")+r.count("error 7") != 0 {
		t.Errorf("state %d, %d bytes to write, %q", r.State(), r.BytesToWrite(), r.log)
	}
}

// Without a running loop it is the wait that goes on.
func TestTooManyDescriptorsUnderWayInAWait(t *testing.T) {
	const each = 200
	r, p := paired(t)
	unprivileged(t, 2*each)
	descriptors := slices.Repeat([]int{p.FD}, each)
	for r.recheck != noMemory {
		if n := r.WriteWithDescriptors([]byte("x"), descriptors); n != 1 {
			t.Fatal(r.Failure())
		}
		r.FlushNow()
	}
	p.Inbox().Fetch()
	if !r.WaitForBytesWritten(-1) || r.BytesToWrite() != 0 {
		t.Errorf("%d bytes to write, %v", r.BytesToWrite(), r.Failure())
	}
}

func TestLocalWaitsForRoomInTheQueue(t *testing.T) {
	fd, path := localServer(t, 0)
	filler, _ := local.Open()
	defer unix.Close(filler)
	if err := local.Connect(filler, local.Name{Text: path}); err != nil {
		t.Fatal(err)
	}
	r := localRig(t)
	r.SetServerName(path)
	r.ConnectToServer(ReadWrite)
	r.settle()
	r.expect("state 2")
	defer unix.Close(systest.Accept(t, fd))
	r.untilLogged("connected")
	r.expect("state 3", "connected")
	if r.cold.local.attempt != nil {
		t.Error("it is tried on")
	}
}

func TestLocalGivesUpAfterATime(t *testing.T) {
	_, path := localServer(t, 0)
	filler, _ := local.Open()
	defer unix.Close(filler)
	local.Connect(filler, local.Name{Text: path})
	r := localRig(t)
	r.SetServerName(path)
	before := looptest.Descriptors()
	r.ConnectToServer(ReadWrite)
	r.cold.local.attempt.deadline = 1
	r.untilLogged("state 0")
	r.expect("state 2", "error 5", "state 0")
	if r.Failure() != failure.LocalConnectTimeout || looptest.Descriptors() != before {
		t.Error(r.Failure())
	}
}

// A flush stops at some megabytes, for the others' sake. What is left is sent by the next, also
// if that is a single byte.
func TestWhatAFlushLeavesIsSent(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	peer := looptest.NewPeer(t, other)
	if err := unix.SetsockoptInt(one, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 64<<20); err != nil {
		unix.Close(one)
		t.Skip("the system gives nobody but root a queue of megabytes:", err)
	}
	r := observe(t, AdoptLocal(looptest.New(t), one))
	in := peer.Inbox()
	const much = 2 * maxFlush
	r.Write(make([]byte, much))
	r.FlushNow()
	left := int(r.BytesToWrite())
	if left == 0 || left > maxFlush {
		t.Fatalf("a flush has left %d bytes of %d", left, much)
	}
	r.until("all is sent", in.Has(much))
	r.settle()
	for _, more := range []int{1, 2} {
		// By the loop, which flushes once for what was written.
		r.Write(make([]byte, much-left+more))
		r.settle()
		if n := r.BytesToWrite(); n != 0 {
			t.Errorf("%d bytes are not sent", n)
		}
		in.Fetch()
	}
}
