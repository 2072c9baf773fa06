//go:build race

package looptest

// Race tells whether the race detector is on, which allocates on its own.
const Race = true
