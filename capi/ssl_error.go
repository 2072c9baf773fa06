package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"qnet/core/tls/certificate"
	"qnet/core/tls/verify"
)

// onFailure is onValue for errors.
func onFailure[R any](e C.uintptr_t, failed R, f func(verify.Failure) R) R {
	return onValue(e, failed, func(v *value[verify.Failure]) R { return f(v.of) })
}

//export qnetgo_ssl_error_new
func qnetgo_ssl_error_new(code C.int, c C.uintptr_t) C.uintptr_t {
	return onCertificate(c, 0, func(c *certificate.Certificate) C.uintptr_t {
		if code != C.int(verify.Code(code)) {
			warnCaller("there is no such error")
			return 0
		}
		return newValue(verify.Failure{Code: verify.Code(code), Certificate: c})
	})
}

//export qnetgo_ssl_error_copy
func qnetgo_ssl_error_copy(e C.uintptr_t) C.uintptr_t { return copyValue[verify.Failure](e) }

//export qnetgo_ssl_error_delete
func qnetgo_ssl_error_delete(e C.uintptr_t) { deleteValue[verify.Failure](e) }

//export qnetgo_ssl_error_error
func qnetgo_ssl_error_error(e C.uintptr_t) C.int {
	return onFailure(e, C.int(verify.Unspecified), func(f verify.Failure) C.int { return C.int(f.Code) })
}

//export qnetgo_ssl_error_error_string
func qnetgo_ssl_error_error_string(e C.uintptr_t) C.uintptr_t {
	return onValueText(e, verify.Failure.Error)
}

//export qnetgo_ssl_error_certificate
func qnetgo_ssl_error_certificate(e C.uintptr_t) C.uintptr_t {
	return onFailure(e, 0, func(f verify.Failure) C.uintptr_t { return newCertificate(f.Certificate) })
}

//export qnetgo_ssl_error_is_equal
func qnetgo_ssl_error_is_equal(e, other C.uintptr_t) C.bool {
	return onValues(e, other, false, func(e, other verify.Failure) C.bool { return C.bool(e.Equal(other)) })
}
