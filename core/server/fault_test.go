package server

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/sys"
)

// TestAcceptingWithFaults also counts the loop's turns: waiting must not keep it busy.
func TestAcceptingWithFaults(t *testing.T) {
	for text, told := range map[string]bool{
		"emfile=0.7": true, "enomem=0.7": true, "nobufs=0.7": true, "again=0.9": false, "interrupt=0.9": false, "reset=0.9": false, "late=0.9": false,
	} {
		t.Run(text, func(t *testing.T) {
			if err := sys.Inject("seed=5," + text); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { sys.Inject("") })
			r := newServer(t, looptest.New(t))
			for tries := 0; !r.Listen(address.LocalHost, 0); tries++ {
				if tries > 20 {
					t.Fatal("it does not listen")
				}
			}
			const count = 4
			r.dial(count)
			turns := 0
			r.until("all are there", func() bool { turns++; return len(r.pending) == count })
			errors := r.count("error 4")
			if told != (errors > 0) || len(r.log) != 2*count+errors {
				t.Errorf("%q", r.log)
			}
			// looptest.Until looks each 5 ms, and a pause is of up to 200.
			if turns > 40*(errors+1)+20*count {
				t.Errorf("%d turns for %d errors", turns, errors)
			}
			if r.backOff != 0 || r.watch == 0 {
				t.Errorf("it does not accept as before: %v", r.backOff)
			}
		})
	}
}

func TestAServerThatCannotBeWatchedLooksByItself(t *testing.T) {
	r := listening(t)
	r.Pause()
	// The system refuses to watch twice.
	event := unix.EpollEvent{}
	if err := unix.EpollCtl(r.l.FD(), unix.EPOLL_CTL_ADD, r.fd, &event); err != nil {
		t.Fatal(err)
	}
	r.Resume()
	if r.watch != 0 || r.Failure().Text == "" {
		t.Error("it is watched")
	}
	r.dial(1)
	r.until("the connection is there", func() bool { return len(r.pending) == 1 })
	unix.EpollCtl(r.l.FD(), unix.EPOLL_CTL_DEL, r.fd, nil)
	r.until("it is watched again", func() bool { return r.watch != 0 && r.backOff == 0 })
	r.dial(1)
	r.until("the second is there", func() bool { return len(r.pending) == 2 })
}
