package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <qnet/usage.h>
*/
import "C"

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"unsafe"

	"qnet/core/loop"
)

//export qnetgo_get_usage
func qnetgo_get_usage(p C.uintptr_t, collect C.bool) (ok C.bool) {
	defer recovered(&ok, false)
	to := at[C.qnet_usage](p)
	if to == nil {
		warnCaller("there is no room for the usage")
		return false
	}
	const smallest = unsafe.Offsetof(to.sockets) + unsafe.Sizeof(to.sockets)
	if uintptr(to.size) < smallest {
		warnCaller("the size of the usage is not set")
		return false
	}
	if collect {
		// What a pool of package sync holds survives one collection.
		runtime.GC()
		debug.FreeOSMemory()
	}
	count := func(c class) C.int64_t { return C.int64_t(handles[c].Load()) }
	loops := loop.Used()
	usage := C.qnet_usage{
		tcp_servers:       count(classServer),
		local_servers:     count(classLocalServer),
		timers:            count(classTimer),
		notifiers:         count(classNotifier),
		host_infos:        count(classHostInfo),
		loops:             C.int64_t(loops.Loops),
		connections:       C.int64_t(connections.len()),
		posted:            C.int64_t(loops.Posted),
		timeouts:          C.int64_t(loops.Timers),
		watches:           C.int64_t(loops.Watches),
		spare_descriptors: C.int64_t(loops.Spare),
		turns:             C.int64_t(loops.Turns),
		buffers:           C.int64_t(loops.Buffered),
		deleted_handles:   C.int64_t(quarantine.len()),
		goroutines:        C.int64_t(runtime.NumGoroutine()),
		heap_bytes:        C.int64_t(heapBytes()),
	}
	for c := classSslCertificate; c < classes; c++ {
		usage.ssl_values += count(c)
	}
	// Sockets may have no handle yet. All others are made by their first call.
	usage.sockets = C.int64_t(loop.Objects()) -
		usage.tcp_servers - usage.local_servers - usage.timers - usage.notifiers - usage.host_infos
	// The caller may know fewer fields, or more.
	usage.size = min(to.size, C.size_t(unsafe.Sizeof(usage)))
	copy(memory(p, int(usage.size)), unsafe.Slice((*byte)(unsafe.Pointer(&usage)), usage.size))
	return true
}

// heapBytes returns how much of Go's heap is in use.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
