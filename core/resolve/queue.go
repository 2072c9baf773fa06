package resolve

import (
	"container/list"
	"context"
	"sync"
)

// workers is how many look-ups are at work at once, in the whole process: what
// they take, descriptors and goroutines, has this bound however many are asked for.
const workers = 8

// lookups are those of the process.
var lookups = queue{work: Now, workers: workers, lines: make(map[any]*list.Element)}

// queue has look-ups done by a small number of workers, goroutines that end when
// nothing waits. Each asker has a line of its own, and these take turns: whoever
// asks for thousands of names holds up others by one.
type queue struct {
	work    func(context.Context, string) Result
	workers int

	mu      sync.Mutex
	waiting list.List // the lines, each a *line, in the order of their turns
	lines   map[any]*list.Element
	working int
}

// line is what an asker waits for; there is one only while it waits.
type line struct {
	asker   any
	lookups list.List // each a *lookup
}

// lookup is one of them, from when it is asked for to its end.
type lookup struct {
	name   string
	done   func(Result)
	ctx    context.Context
	cancel func()

	line  *list.Element // while it waits
	place *list.Element // in the line
}

// Start looks up name, once it is its turn, and calls done once, on a goroutine
// of its own, unless the returned function was called before. That takes a look-up
// that waits out of the queue, and ends one that is at work. Look-ups take turns
// between their askers, which are compared with ==.
func Start(asker any, name string, done func(Result)) (cancel func()) {
	return lookups.start(asker, name, done)
}

// Wait looks up name and blocks until that is done.
func Wait(name string) Result {
	result := make(chan Result, 1)
	Start(result, name, func(r Result) { result <- r })
	return <-result
}

func (q *queue) start(asker any, name string, done func(Result)) (cancel func()) {
	l := &lookup{name: name, done: done}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.working < q.workers {
		// Then nobody waits.
		q.working++
		go q.run(l)
	} else {
		q.add(asker, l)
	}
	return func() { q.drop(l) }
}

func (q *queue) add(asker any, l *lookup) {
	l.line = q.lines[asker]
	if l.line == nil {
		l.line = q.waiting.PushBack(&line{asker: asker})
		q.lines[asker] = l.line
	}
	l.place = l.line.Value.(*line).lookups.PushBack(l)
}

// remove takes l out of its line, and the line out of the queue with its last.
func (q *queue) remove(l *lookup) {
	in := l.line.Value.(*line)
	in.lookups.Remove(l.place)
	if in.lookups.Len() == 0 {
		q.waiting.Remove(l.line)
		delete(q.lines, in.asker)
	}
	l.line, l.place = nil, nil
}

// next takes the first of the first line, whose turn is over then.
func (q *queue) next() *lookup {
	first := q.waiting.Front()
	if first == nil {
		return nil
	}
	q.waiting.MoveToBack(first)
	l := first.Value.(*line).lookups.Front().Value.(*lookup)
	q.remove(l)
	return l
}

func (q *queue) drop(l *lookup) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.cancel()
	if l.line != nil {
		q.remove(l)
	}
}

// run is a worker, from its first look-up until nothing waits.
func (q *queue) run(l *lookup) {
	for l != nil {
		result := q.work(l.ctx, l.name)
		if l.ctx.Err() == nil {
			l.done(result)
		}
		l.cancel()
		q.mu.Lock()
		if l = q.next(); l == nil {
			q.working--
		}
		q.mu.Unlock()
	}
}
