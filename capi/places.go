package main

import (
	"runtime"
	"sync"

	"qnet/core/loop"
)

// Go runs on as many threads at a time as there are processors (GOMAXPROCS), and a loop
// that is never idle keeps its place: its calls of the system and of C are too short for
// Go to give the place to another. With a busy loop for each processor every other call
// would wait until one of them is preempted, which takes 10 ms and more. So each loop
// has a place beside those of the processors, and the system decides who runs, as it
// does for any C library.

// mostPlaces is for how many loops there are such: garbage collection takes a part of
// all places.
const mostPlaces = 64

var places struct {
	sync.Mutex
	processors int // 0: not known yet
}

// makePlace is called when there is one loop more. A place, once there, stays.
func makePlace() {
	places.Lock()
	defer places.Unlock()
	now := runtime.GOMAXPROCS(0)
	if places.processors == 0 {
		places.processors = now
	}
	if n := places.processors + min(loop.Count(), mostPlaces); n > now {
		runtime.GOMAXPROCS(n)
	}
}
