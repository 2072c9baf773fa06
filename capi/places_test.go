package main

import (
	"runtime"
	"testing"
)

// Each loop has a place beside those of the processors, up to a number of them.
func TestEachLoopHasAPlace(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	var all []func()
	t.Cleanup(func() {
		for _, end := range all {
			end()
		}
	})
	for range mostPlaces + 3 {
		l := qnetgo_loop_new()
		if l == 0 {
			t.Fatal("no loop")
		}
		all = append(all, func() { qnetgo_loop_delete(l) })
		if n, want := runtime.GOMAXPROCS(0), places.processors+min(len(all), mostPlaces); n < want {
			t.Fatalf("%d loops beside %d processors have %d places", len(all), places.processors, n)
		}
	}
	if n, most := runtime.GOMAXPROCS(0), max(before, places.processors+mostPlaces); n > most {
		t.Errorf("%d places, at most %d are wanted", n, most)
	}
}
