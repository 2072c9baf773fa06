// Package tidy gives memory back to the system once the process is quiet: what a burst of work
// leaves behind would otherwise stay until as much has been used again.
package tidy

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// interval is how often is looked whether the process is quiet.
	interval = time.Second
	// quiet is how many bytes are allocated in an interval at most while it is.
	quiet = 256 << 10
	// worthwhile is how much there has to be to give back, and part the part of what is in use
	// that it has to be: to collect takes time for each object that stays.
	worthwhile = 2 << 20
	part       = 4
)

var (
	mu      sync.Mutex
	looking bool
	last    uint64 // what was allocated when the process was last looked at
	dropped uint64 // that no collection has noticed, perhaps
)

// Soon has memory given back once the process is quiet, if it is worth it: the caller has
// dropped so many bytes, besides what it has used for a short while only. It may be called by any
// goroutine, at little cost.
func Soon(bytes int) {
	mu.Lock()
	defer mu.Unlock()
	dropped += uint64(bytes)
	if !looking {
		looking, last = true, read().allocated
		time.AfterFunc(interval, look)
	}
}

// look gives memory back, or looks again later. What keeps the process from being quiet may go
// on: then nothing is done that it would undo.
func look() {
	mu.Lock()
	defer mu.Unlock()
	now := read()
	if now.allocated-last > quiet {
		last = now.allocated
		time.AfterFunc(interval, look)
		return
	}
	now.live -= min(now.live, dropped)
	looking, dropped = false, 0
	if now.worthwhile() {
		go debug.FreeOSMemory()
	}
}

// heap is what is known of it.
type heap struct {
	allocated uint64 // bytes, ever
	live      uint64 // that the last collection has found in use
	resident  uint64 // that the system has not got back
}

// worthwhile reports whether there is enough to give back.
func (h heap) worthwhile() bool {
	return h.resident > h.live && h.resident-h.live > max(worthwhile, h.live/part)
}

func read() heap {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	v := func(i int) uint64 { return samples[i].Value.Uint64() }
	return heap{v(0), v(1), v(2) + v(3) + v(4)}
}
