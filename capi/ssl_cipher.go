package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"sync"
	"unsafe"

	"qnet/core/tls/cipher"
)

// Suites and curves are numbers in C, and what is said of them static strings: there are
// only so many.
var names struct {
	sync.Mutex
	of map[string]unsafe.Pointer
}

// staticText returns a text for C that stays.
func staticText(s string) C.uintptr_t {
	names.Lock()
	defer names.Unlock()
	p := names.of[s]
	if p == nil {
		if p = newText(s); p == nil {
			return 0
		}
		if names.of == nil {
			names.of = map[string]unsafe.Pointer{}
		}
		names.of[s] = p
	}
	return C.uintptr_t(uintptr(p))
}

func curve(c C.uint32_t) cipher.Curve { return cipher.CurveByNumber(int(c)) }

func curveNumber(c cipher.Curve) C.uint32_t { return C.uint32_t(c.Number()) }

//export qnetgo_ssl_elliptic_curve_from_short_name
func qnetgo_ssl_elliptic_curve_from_short_name(name C.uintptr_t) C.uint32_t {
	return curveNumber(cipher.CurveByName(text(name)))
}

//export qnetgo_ssl_elliptic_curve_from_long_name
func qnetgo_ssl_elliptic_curve_from_long_name(name C.uintptr_t) C.uint32_t {
	return curveNumber(cipher.CurveByName(text(name)))
}

//export qnetgo_ssl_elliptic_curve_short_name
func qnetgo_ssl_elliptic_curve_short_name(c C.uint32_t) C.uintptr_t {
	return staticText(curve(c).ShortName())
}

//export qnetgo_ssl_elliptic_curve_long_name
func qnetgo_ssl_elliptic_curve_long_name(c C.uint32_t) C.uintptr_t {
	return staticText(curve(c).LongName())
}

//export qnetgo_ssl_elliptic_curve_is_tls_named_curve
func qnetgo_ssl_elliptic_curve_is_tls_named_curve(c C.uint32_t) C.bool {
	return C.bool(curve(c).IsTLSNamed())
}

//export qnetgo_ssl_cipher_from_name
func qnetgo_ssl_cipher_from_name(name C.uintptr_t) C.uint16_t {
	return C.uint16_t(cipher.ByName(text(name)))
}

//export qnetgo_ssl_cipher_is_null
func qnetgo_ssl_cipher_is_null(c C.uint16_t) C.bool { return C.bool(cipher.Cipher(c).IsNull()) }

//export qnetgo_ssl_cipher_name
func qnetgo_ssl_cipher_name(c C.uint16_t) C.uintptr_t { return staticText(cipher.Cipher(c).Name()) }

//export qnetgo_ssl_cipher_supported_bits
func qnetgo_ssl_cipher_supported_bits(c C.uint16_t) C.int {
	return C.int(cipher.Cipher(c).SupportedBits())
}

//export qnetgo_ssl_cipher_used_bits
func qnetgo_ssl_cipher_used_bits(c C.uint16_t) C.int { return C.int(cipher.Cipher(c).UsedBits()) }

//export qnetgo_ssl_cipher_key_exchange_method
func qnetgo_ssl_cipher_key_exchange_method(c C.uint16_t) C.uintptr_t {
	return staticText(cipher.Cipher(c).KeyExchange())
}

//export qnetgo_ssl_cipher_authentication_method
func qnetgo_ssl_cipher_authentication_method(c C.uint16_t) C.uintptr_t {
	return staticText(cipher.Cipher(c).Authentication())
}

//export qnetgo_ssl_cipher_encryption_method
func qnetgo_ssl_cipher_encryption_method(c C.uint16_t) C.uintptr_t {
	return staticText(cipher.Cipher(c).Encryption())
}

//export qnetgo_ssl_cipher_protocol_string
func qnetgo_ssl_cipher_protocol_string(c C.uint16_t) C.uintptr_t {
	return staticText(cipher.Cipher(c).ProtocolString())
}

//export qnetgo_ssl_cipher_protocol
func qnetgo_ssl_cipher_protocol(c C.uint16_t) C.int { return C.int(cipher.Cipher(c).Protocol()) }
