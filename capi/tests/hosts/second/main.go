// Command second is another library written in Go, for the tests of two in one
// process.
package main

/*
#include <stdint.h>
static inline void call(uintptr_t f, uintptr_t data) { ((void (*)(uintptr_t))f)(data); }
*/
import "C"

import (
	"runtime"
	"sync"
	"time"
)

// second_work keeps goroutines and the collector busy, and returns the sum of
// the numbers up to n.
//
//export second_work
func second_work(n C.int64_t) C.int64_t {
	var wg sync.WaitGroup
	sums := make(chan int64, 8)
	for part := range int64(cap(sums)) {
		wg.Go(func() {
			sum := int64(0)
			for i := part; i <= int64(n); i += int64(cap(sums)) {
				text := make([]byte, 64+i%512)
				text[0] = 1
				sum += i * int64(text[0])
			}
			sums <- sum
		})
	}
	wg.Wait()
	close(sums)
	runtime.GC()
	total := int64(0)
	for sum := range sums {
		total += sum
	}
	return C.int64_t(total)
}

// second_recover follows a nil pointer and recovers; it tells whether that
// worked.
//
//export second_recover
func second_recover() (recovered C.int) {
	defer func() {
		if recover() != nil {
			recovered = 1
		}
	}()
	var nothing *[100]int
	return C.int(nothing[recovered])
}

// second_call calls a function of C.
//
//export second_call
func second_call(f, data C.uintptr_t) { C.call(f, data) }

var sink uint64

// second_collect returns how many milliseconds a collection takes while a
// goroutine counts, without a call, for the given time.
//
//export second_collect
func second_collect(milliseconds C.int) C.int64_t {
	running, done := make(chan bool), make(chan bool)
	rounds := uint64(milliseconds) * 300_000
	go func() {
		close(running)
		x := uint64(1)
		for range rounds {
			x = x*6364136223846793005 + 1442695040888963407
		}
		sink = x
		close(done)
	}()
	<-running
	begin := time.Now()
	runtime.GC()
	took := time.Since(begin)
	<-done
	return C.int64_t(took.Milliseconds())
}

func main() {}
