//go:build linux || freebsd

package sys

import "golang.org/x/sys/unix"

const monotonic = unix.CLOCK_MONOTONIC
