package main

/*
#include "lease.h"

enum {
	qnetc_sizeof_terms = sizeof(struct qnetc_terms),
	qnetc_offset_function = offsetof(struct qnetc_terms, function),
	qnetc_offset_handle = offsetof(struct qnetc_terms, handle),
	qnetc_offset_user_data = offsetof(struct qnetc_terms, user_data),
	qnetc_offset_data = offsetof(struct qnetc_terms, data),
	qnetc_offset_left = offsetof(struct qnetc_terms, left),
	qnetc_offset_out = offsetof(struct qnetc_terms, out),
	qnetc_offset_room = offsetof(struct qnetc_terms, room),
	qnetc_offset_staged = offsetof(struct qnetc_terms, staged),

	qnetc_offset_word = offsetof(struct qnetc_round, word),
	qnetc_offset_count = offsetof(struct qnetc_round, count),
	qnetc_offset_current = offsetof(struct qnetc_round, current),
	qnetc_offset_next = offsetof(struct qnetc_round, next),
	qnetc_offset_end = offsetof(struct qnetc_round, end),
	qnetc_offset_terms = offsetof(struct qnetc_round, terms),
};
*/
import "C"

import "qnet/core/lease"

// What a lease shares lies alike in Go and in C: where two numbers differ, a constant is
// negative, and this does not compile.
const (
	_ uintptr = -(lease.SizeofTerms ^ C.qnetc_sizeof_terms)
	_ uintptr = -(lease.OffsetFunction ^ C.qnetc_offset_function)
	_ uintptr = -(lease.OffsetHandle ^ C.qnetc_offset_handle)
	_ uintptr = -(lease.OffsetUserData ^ C.qnetc_offset_user_data)
	_ uintptr = -(lease.OffsetData ^ C.qnetc_offset_data)
	_ uintptr = -(lease.OffsetLeft ^ C.qnetc_offset_left)
	_ uintptr = -(lease.OffsetOut ^ C.qnetc_offset_out)
	_ uintptr = -(lease.OffsetRoom ^ C.qnetc_offset_room)
	_ uintptr = -(lease.OffsetStaged ^ C.qnetc_offset_staged)

	_ uintptr = -(lease.OffsetWord ^ C.qnetc_offset_word)
	_ uintptr = -(lease.OffsetCount ^ C.qnetc_offset_count)
	_ uintptr = -(lease.OffsetCurrent ^ C.qnetc_offset_current)
	_ uintptr = -(lease.OffsetNext ^ C.qnetc_offset_next)
	_ uintptr = -(lease.OffsetEnd ^ C.qnetc_offset_end)
	_ uintptr = -(lease.OffsetTerms ^ C.qnetc_offset_terms)

	_ uintptr = -(lease.None ^ C.QNETC_LEASE_NONE)
	_ uintptr = -(lease.Granted ^ C.QNETC_LEASE_GRANTED)
	_ uintptr = -(lease.InUse ^ C.QNETC_LEASE_IN_USE)
	_ uintptr = -((1<<lease.StateBits - 1) ^ C.QNETC_LEASE_STATES)
)
