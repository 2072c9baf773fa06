package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"qnet/core/tls/configuration"
)

// saysNothing is a response as long as there is none.
var saysNothing = configuration.OCSPResponse{Status: configuration.OCSPUnknown, Reason: configuration.NoReason}

// onResponse is onValue for responses.
func onResponse[R any](o C.uintptr_t, failed R, f func(configuration.OCSPResponse) R) R {
	return onValue(o, failed, func(v *value[configuration.OCSPResponse]) R { return f(v.of) })
}

//export qnetgo_ocsp_response_new
func qnetgo_ocsp_response_new() C.uintptr_t { return newValue(saysNothing) }

//export qnetgo_ocsp_response_copy
func qnetgo_ocsp_response_copy(o C.uintptr_t) C.uintptr_t {
	return copyValue[configuration.OCSPResponse](o)
}

//export qnetgo_ocsp_response_delete
func qnetgo_ocsp_response_delete(o C.uintptr_t) { deleteValue[configuration.OCSPResponse](o) }

//export qnetgo_ocsp_response_certificate_status
func qnetgo_ocsp_response_certificate_status(o C.uintptr_t) C.int {
	return onResponse(o, C.int(configuration.OCSPUnknown), func(r configuration.OCSPResponse) C.int { return C.int(r.Status) })
}

//export qnetgo_ocsp_response_revocation_reason
func qnetgo_ocsp_response_revocation_reason(o C.uintptr_t) C.int {
	return onResponse(o, C.int(configuration.NoReason), func(r configuration.OCSPResponse) C.int { return C.int(r.Reason) })
}

//export qnetgo_ocsp_response_responder
func qnetgo_ocsp_response_responder(o C.uintptr_t) C.uintptr_t {
	return onResponse(o, 0, func(r configuration.OCSPResponse) C.uintptr_t { return newCertificate(r.Responder) })
}

//export qnetgo_ocsp_response_subject
func qnetgo_ocsp_response_subject(o C.uintptr_t) C.uintptr_t {
	return onResponse(o, 0, func(r configuration.OCSPResponse) C.uintptr_t { return newCertificate(r.Subject) })
}

//export qnetgo_ocsp_response_is_equal
func qnetgo_ocsp_response_is_equal(o, other C.uintptr_t) C.bool {
	return onValues(o, other, false, func(r, other configuration.OCSPResponse) C.bool {
		return C.bool(r.Status == other.Status && r.Reason == other.Reason && r.Responder.Equal(other.Responder) && r.Subject.Equal(other.Subject))
	})
}
