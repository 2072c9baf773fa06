package main

/*
#include <stdint.h>
#include "callback.h"
#include "message.h"

static const char qnetc_version[] = QNET_VERSION_STR;
static inline uintptr_t qnetc_version_text(void) { return (uintptr_t)qnetc_version; }
static inline uintptr_t qnetc_empty(void) { return (uintptr_t)""; }
static inline uint32_t qnetc_version_number(void) { return QNET_VERSION; }
*/
import "C"

//export qnetgo_set_message_handler
func qnetgo_set_message_handler(f, data C.uintptr_t) { C.qnetc_set_message_handler(f, data) }

//export qnetgo_version
func qnetgo_version() C.uintptr_t { return C.qnetc_version_text() }

//export qnetgo_version_number
func qnetgo_version_number() C.uint32_t { return C.qnetc_version_number() }

// emptyText is "" as a static string of C.
func emptyText() C.uintptr_t { return C.qnetc_empty() }
