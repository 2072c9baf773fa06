package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <qnet/ssl.h>
*/
import "C"

import (
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"qnet/core/tls/protocol"
)

const backend = "crypto/tls"

//export qnetgo_ssl_supports_ssl
func qnetgo_ssl_supports_ssl() C.bool { return true }

//export qnetgo_ssl_ssl_library_version_string
func qnetgo_ssl_ssl_library_version_string() C.uintptr_t {
	return staticText(backend + " " + runtime.Version())
}

//export qnetgo_ssl_ssl_library_version_number
func qnetgo_ssl_ssl_library_version_number() C.int64_t {
	return C.int64_t(versionNumber(runtime.Version()))
}

// versionNumber returns a version of Go, such as "go1.26.1", as one number: eight bits for
// the first, eight for the second and sixteen for the third.
func versionNumber(text string) int64 {
	number := int64(0)
	parts := strings.SplitN(strings.TrimPrefix(text, "go"), ".", 3)
	for i, shift := range []int{24, 16, 0} {
		if i < len(parts) {
			n, _ := strconv.ParseInt(parts[i][:leadingDigits(parts[i])], 10, 16)
			number |= n << shift
		}
	}
	return number
}

// leadingDigits returns how many digits a text begins with.
func leadingDigits(text string) int {
	if i := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' }); i >= 0 {
		return i
	}
	return len(text)
}

//export qnetgo_ssl_active_backend
func qnetgo_ssl_active_backend() C.uintptr_t { return staticText(backend) }

// giveNumbers writes numbers to an array of C and returns how many there are.
func giveNumbers[N any, T any](list []T, out C.uintptr_t, room C.int, number func(T) N) C.int {
	if !isRoom(out, room) {
		return -1
	}
	if n := min(len(list), int(room)); n > 0 {
		to := unsafe.Slice(at[N](out), n)
		for i := range to {
			to[i] = number(list[i])
		}
	}
	return C.int(len(list))
}

//export qnetgo_ssl_supported_protocols
func qnetgo_ssl_supported_protocols(list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	return giveNumbers(protocol.Supported(), list, room, func(p protocol.Protocol) C.qnet_ssl_protocol { return C.qnet_ssl_protocol(p) })
}

//export qnetgo_ssl_is_protocol_supported
func qnetgo_ssl_is_protocol_supported(p C.int) C.bool {
	_, _, ok := protocol.Protocol(p).Range()
	return C.bool(ok)
}

// features are all but keys that both ends know beforehand, which crypto/tls has not.
var features = []C.qnet_ssl_supported_feature{
	C.QNET_SSL_FEATURE_CERTIFICATE_VERIFICATION, C.QNET_SSL_FEATURE_CLIENT_SIDE_ALPN, C.QNET_SSL_FEATURE_SERVER_SIDE_ALPN,
	C.QNET_SSL_FEATURE_OCSP, C.QNET_SSL_FEATURE_SESSION_TICKET, C.QNET_SSL_FEATURE_ALERTS,
}

//export qnetgo_ssl_supported_features
func qnetgo_ssl_supported_features(list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	return giveNumbers(features, list, room, func(f C.qnet_ssl_supported_feature) C.qnet_ssl_supported_feature { return f })
}

//export qnetgo_ssl_is_feature_supported
func qnetgo_ssl_is_feature_supported(f C.int) C.bool {
	for _, there := range features {
		if C.int(there) == f {
			return true
		}
	}
	return false
}
