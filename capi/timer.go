package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"qnet/core/loop"
	"qnet/core/timer"
)

//export qnetgo_timer_new
func qnetgo_timer_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(timer.New(l)) })
}

//export qnetgo_timer_delete
func qnetgo_timer_delete(t C.uintptr_t) {
	do(t, func(t *timer.Timer) { t.Delete() })
}

//export qnetgo_timer_start
func qnetgo_timer_start(t C.uintptr_t, msec C.int) {
	do(t, func(t *timer.Timer) { t.Start(int(msec)) })
}

//export qnetgo_timer_stop
func qnetgo_timer_stop(t C.uintptr_t) {
	do(t, func(t *timer.Timer) { t.Stop() })
}

//export qnetgo_timer_is_active
func qnetgo_timer_is_active(t C.uintptr_t) C.bool {
	return on(t, false, func(t *timer.Timer) C.bool { return C.bool(t.Active()) })
}

//export qnetgo_timer_set_single_shot
func qnetgo_timer_set_single_shot(t C.uintptr_t, on C.bool) {
	do(t, func(t *timer.Timer) { t.SetSingleShot(bool(on)) })
}

//export qnetgo_timer_set_interval
func qnetgo_timer_set_interval(t C.uintptr_t, msec C.int) {
	do(t, func(t *timer.Timer) { t.SetInterval(int(msec)) })
}

//export qnetgo_timer_interval
func qnetgo_timer_interval(t C.uintptr_t) C.int {
	return on(t, -1, func(t *timer.Timer) C.int { return C.int(t.Interval()) })
}

//export qnetgo_timer_remaining_time
func qnetgo_timer_remaining_time(t C.uintptr_t) C.int {
	return on(t, -1, func(t *timer.Timer) C.int { return C.int(t.Remaining()) })
}

//export qnetgo_timer_is_single_shot
func qnetgo_timer_is_single_shot(t C.uintptr_t) C.bool {
	return on(t, false, func(t *timer.Timer) C.bool { return C.bool(t.SingleShot()) })
}

//export qnetgo_timer_timer_id
func qnetgo_timer_timer_id(t C.uintptr_t) C.int {
	return on(t, -1, func(t *timer.Timer) C.int { return C.int(t.ID()) })
}
