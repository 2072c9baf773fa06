package server

import (
	"testing"

	"qnet/core/address"
	"qnet/core/fault"
	"qnet/core/internal/looptest"
	"qnet/core/sys"
)

// TestAcceptingWithFaults also counts the loop's turns: waiting must not keep it busy.
func TestAcceptingWithFaults(t *testing.T) {
	for text, told := range map[string]bool{
		"emfile=0.7": true, "enomem=0.7": true, "nobufs=0.7": true, "again=0.9": false, "interrupt=0.9": false, "reset=0.9": false, "late=0.9": false,
	} {
		t.Run(text, func(t *testing.T) {
			if err := fault.Inject("seed=5," + text); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { fault.Inject("") })
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
			if told != (errors > 0) || len(r.log) != 1+2*count+errors {
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

// What the system does now and then ends nothing behind a proxy either: what the proxy would
// not see is tried again without a word.
func TestAcceptingThroughWithFaults(t *testing.T) {
	for text, told := range map[string]bool{
		"emfile=0.7": true, "enomem=0.3": true, "nobufs=0.5": true, "again=0.7": false, "interrupt=0.7": false, "short=0.7": false, "late=0.7": false,
	} {
		t.Run(text, func(t *testing.T) {
			r, d := atDoor(t)
			r.mutes = "listening"
			if err := fault.Inject("seed=5," + text); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { fault.Inject("") })
			for tries := 0; !r.Listen(address.Any, 0); tries++ {
				if tries > 50 || !told {
					t.Fatal(r.Failure())
				}
			}
			const count = 4
			for range count {
				d.knock("")
			}
			turns := 0
			r.until("all are there", func() bool { turns++; return len(r.pending) == count })
			errors := r.count("error 4")
			if told != (errors > 0) || len(r.log) != 2*count+errors {
				t.Errorf("%q", r.log)
			}
			// looptest.Until looks each 5 ms, and a pause is of up to a second.
			if turns > 220*(errors+1)+20*count {
				t.Errorf("%d turns for %d errors", turns, errors)
			}
		})
	}
}

func TestAServerThatCannotBeWatchedLooksByItself(t *testing.T) {
	r := listening(t)
	r.Pause()
	// The system refuses to watch twice.
	other, err := r.l.Watch(r.fd, 0, r)
	if err != nil {
		t.Fatal(err)
	}
	r.Resume()
	if r.watch != 0 || r.Failure().Text == "" {
		t.Error("it is watched")
	}
	r.dial(1)
	r.until("the connection is there", func() bool { return len(r.pending) == 1 })
	r.l.Unwatch(other)
	r.until("it is watched again", func() bool { return r.watch != 0 && r.backOff == 0 })
	r.dial(1)
	r.until("the second is there", func() bool { return len(r.pending) == 2 })
}

func TestARefusedWatchIsTriedAgainAfterAWhile(t *testing.T) {
	r := listening(t)
	r.Pause()
	other, err := r.l.Watch(r.fd, 0, r)
	if err != nil {
		t.Fatal(err)
	}
	r.Resume()
	r.l.Unwatch(other)
	// It could be watched now, but nothing tries before the pause is over.
	r.SetMaxPending(r.MaxPending() + 1)
	if r.watch != 0 {
		t.Error("it is tried at each change")
	}
	r.until("it is watched again", func() bool { return r.watch != 0 })
}

// Without a loop the pauses after a failure to accept are those of a wait.
func TestWaitForNewConnectionPausesAfterAFailure(t *testing.T) {
	r := listening(t)
	r.WaitForNewConnection(0) // what it sleeps on is kept for the next
	r.dial(1)
	looptest.NoDescriptors(t)
	start := sys.Now()
	if ok, timedOut := r.WaitForNewConnection(200); ok || !timedOut {
		t.Errorf("%v, timed out: %v", ok, timedOut)
	}
	// One at once, and one at the end of each pause.
	tries, pause := 1, firstBackOff
	for at := start + int64(pause); at <= sys.Now(); at += int64(pause) {
		tries++
		pause = min(2*pause, lastBackOff)
	}
	if n := r.count("error 4"); n < 1 || n > tries {
		t.Errorf("%d tries, want %d at most", n, tries)
	}
}
