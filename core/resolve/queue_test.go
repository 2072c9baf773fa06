package resolve

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"qnet/core/internal/looptest"
)

// rig is a queue whose look-ups are at work until they are told to end.
type rig struct {
	*queue
	t       *testing.T
	started chan string            // the names in the order in which their work began
	mu      sync.Mutex             // guards what follows
	end     map[string]chan Result // by name
}

func newRig(t *testing.T, workers int) *rig {
	looptest.CheckLeaks(t)
	r := &rig{t: t, started: make(chan string, 10000), end: make(map[string]chan Result)}
	r.queue = &queue{work: r.do, workers: workers, lines: make(map[any]*list.Element)}
	return r
}

func (r *rig) ending(name string) chan Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end[name] == nil {
		r.end[name] = make(chan Result, 1)
	}
	return r.end[name]
}

func (r *rig) do(ctx context.Context, name string) Result {
	r.started <- name
	select {
	case result := <-r.ending(name):
		return result
	case <-ctx.Done():
		return Result{Err: ctx.Err()}
	}
}

func (r *rig) finish(name string) { r.ending(name) <- Result{Name: name} }

// begun returns the next n names whose work begins, and fails if there is one more.
func (r *rig) begun(n int) []string {
	r.t.Helper()
	var names []string
	for range n {
		names = append(names, <-r.started)
	}
	if len(r.started) > 0 {
		r.t.Errorf("%q has begun, too, after %q", <-r.started, names)
	}
	return names
}

func TestFewLookupsAreAtWorkAtOnce(t *testing.T) {
	r := newRig(t, 3)
	const n = 1000
	finished := make(chan string, n)
	for i := range n {
		name := fmt.Sprint(i)
		r.start(nil, name, func(got Result) { finished <- got.Name })
	}
	for i := range n {
		if i == 0 {
			r.begun(3)
		} else if i+2 < n {
			r.begun(1)
		}
		r.finish(fmt.Sprint(i))
		if got := <-finished; got != fmt.Sprint(i) {
			t.Fatalf("%s has finished, not %d", got, i)
		}
	}
}

func TestAskersTakeTurns(t *testing.T) {
	r := newRig(t, 1)
	done := make(chan string)
	ask := func(asker string, n int) {
		for i := range n {
			r.start(asker, fmt.Sprint(asker, i), func(got Result) { done <- got.Name })
		}
	}
	ask("a", 500)
	ask("b", 2)
	ask("c", 1)
	ask("d", 1)
	var order []string
	for range 500 + 2 + 1 + 1 {
		name := <-r.started
		r.finish(name)
		order = append(order, <-done)
	}
	if want := []string{"a0", "a1", "b0", "c0", "d0", "a2", "b1", "a3", "a4", "a5"}; !slices.Equal(order[:len(want)], want) {
		t.Errorf("first %q, not %q", order[:len(want)], want)
	}
	if len(r.lines) != 0 || r.waiting.Len() != 0 {
		t.Errorf("%d lines remain", len(r.lines))
	}
}

func TestCancelledLookupsAreDropped(t *testing.T) {
	r := newRig(t, 2)
	report := func(got Result) { t.Errorf("%q is reported", got.Name) }
	var cancel []func()
	for i := range 2 {
		cancel = append(cancel, r.start("a", fmt.Sprint("at work ", i), report))
	}
	r.begun(2)
	for i := range 100 {
		cancel = append(cancel, r.start("a", fmt.Sprint("waiting ", i), report))
	}
	done := make(chan Result, 1)
	r.start("b", "wanted", func(got Result) { done <- got })
	// Those that wait go first, and there is nothing left of them.
	for _, c := range slices.Backward(cancel[2:]) {
		c()
		c()
	}
	if r.waiting.Len() != 1 || len(r.lines) != 1 {
		t.Errorf("%d lines remain", r.waiting.Len())
	}
	// One that is at work makes room at once.
	cancel[0]()
	if got := r.begun(1); got[0] != "wanted" {
		t.Errorf("%q has begun", got)
	}
	r.finish("wanted")
	if got := <-done; got.Name != "wanted" {
		t.Errorf("%+v", got)
	}
	cancel[1]()
}

func TestWaitReturnsTheResult(t *testing.T) {
	looptest.CheckLeaks(t)
	if r := Wait("localhost"); r.Err != nil || len(r.Addresses) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestManyThreadsStartAndCancel(t *testing.T) {
	looptest.CheckLeaks(t)
	q := &queue{workers: 2, lines: make(map[any]*list.Element)}
	working, most := 0, 0
	var mu sync.Mutex
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		working += n
		most = max(most, working)
	}
	q.work = func(ctx context.Context, name string) Result {
		count(1)
		defer count(-1)
		return Result{Name: name}
	}
	var all sync.WaitGroup
	for asker := range 4 {
		all.Go(func() {
			for i := range 500 {
				done := make(chan struct{})
				cancel := q.start(asker, "name", func(Result) { close(done) })
				if i%3 == 0 {
					cancel()
				} else {
					<-done
				}
			}
		})
	}
	all.Wait()
	if count(0); most > q.workers {
		t.Errorf("%d were at work", most)
	}
}
