//go:build qnet_debug

package main

import "C"

import (
	"os"
	"runtime"
)

// qnetgo_dump_stacks writes to stderr what every goroutine does, also those that are
// calls of the host's threads: for tests that stand still. The library that is installed
// does not have it.
//
//export qnetgo_dump_stacks
func qnetgo_dump_stacks() {
	all := make([]byte, 8<<20)
	os.Stderr.Write(all[:runtime.Stack(all, true)])
}
