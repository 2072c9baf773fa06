// Command capi is the C interface over core, built as a shared library. The
// public functions are C stubs (stubs.c, generated from the headers), which
// refuse to work in a forked child and call the exports of this package.
//
// One file per class holds the exports, each a few lines over core; handle.go,
// call.go and signal.go hold what they share.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../include -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter
#include <stdint.h>
#include "limit.h"
*/
import "C"

func init() { C.qnetc_restore_limit() }

func main() {}
