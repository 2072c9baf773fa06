package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <qnet/ssl.h>
*/
import "C"

import (
	"errors"
	"math"

	"qnet/core/tls/key"
)

// sslKey is a key, or why there is none, and what it was to be.
type sslKey struct {
	key       *key.Key
	why       error
	kind      key.Type
	algorithm key.Algorithm
}

// newKey returns a new handle of a key, NULL if there is none.
func newKey(k *key.Key) C.uintptr_t {
	if k == nil {
		return 0
	}
	return newValue(sslKey{key: k, kind: k.Type(), algorithm: k.Algorithm()})
}

// onKey is onValue for keys.
func onKey[R any](k C.uintptr_t, failed R, f func(*key.Key) R) R {
	return onValue(k, failed, func(v *value[sslKey]) R { return f(v.of.key) })
}

var errNoSuch = errors.New("There is no such algorithm, format or type")

// file returns what C wants to have read, and whether it may be.
func file(data C.uintptr_t, size C.size_t) ([]byte, bool) {
	if data == 0 && size > 0 || size > math.MaxInt32 {
		warnCaller("there is no data, or too much")
		return nil, false
	}
	return memory(data, int(size)), true
}

//export qnetgo_ssl_key_new
func qnetgo_ssl_key_new(data C.uintptr_t, size C.size_t, algorithm, format, kind C.int, passPhrase C.uintptr_t) (k C.uintptr_t) {
	defer recovered(&k, 0)
	encoded, ok := file(data, size)
	if !ok {
		return 0
	}
	v := sslKey{kind: key.Public, why: errNoSuch}
	if algorithm < C.QNET_OPAQUE_KEY || algorithm > C.QNET_ML_DSA_KEY || !isFormat(format) || kind != C.int(key.Private) && kind != C.int(key.Public) {
		return newValue(v)
	}
	if len(encoded) > 0 {
		v.kind, v.algorithm = key.Type(kind), key.Algorithm(algorithm)
	}
	if algorithm > C.int(key.EC) {
		v.why = key.ErrKind
	} else if v.key, v.why = key.Parse(encoded, key.Algorithm(algorithm), format == formatDER, key.Type(kind), text(passPhrase)); v.key != nil {
		v.algorithm = v.key.Algorithm()
	}
	return newValue(v)
}

//export qnetgo_ssl_key_copy
func qnetgo_ssl_key_copy(k C.uintptr_t) C.uintptr_t { return copyValue[sslKey](k) }

//export qnetgo_ssl_key_delete
func qnetgo_ssl_key_delete(k C.uintptr_t) { deleteValue[sslKey](k) }

//export qnetgo_ssl_key_is_null
func qnetgo_ssl_key_is_null(k C.uintptr_t) C.bool {
	return onKey(k, false, func(k *key.Key) C.bool { return C.bool(k.IsNull()) })
}

//export qnetgo_ssl_key_error_string
func qnetgo_ssl_key_error_string(k C.uintptr_t) C.uintptr_t {
	return onValueText(k, func(v sslKey) string {
		switch {
		case v.why != nil:
			return v.why.Error()
		case v.key.IsNull():
			return key.ErrMissing.Error()
		}
		return ""
	})
}

//export qnetgo_ssl_key_length
func qnetgo_ssl_key_length(k C.uintptr_t) C.int {
	return onKey(k, -1, func(k *key.Key) C.int { return C.int(k.Length()) })
}

//export qnetgo_ssl_key_type
func qnetgo_ssl_key_type(k C.uintptr_t) C.int {
	return onValue(k, C.int(key.Public), func(v *value[sslKey]) C.int { return C.int(v.of.kind) })
}

//export qnetgo_ssl_key_algorithm
func qnetgo_ssl_key_algorithm(k C.uintptr_t) C.int {
	return onValue(k, C.int(key.Opaque), func(v *value[sslKey]) C.int { return C.int(v.of.algorithm) })
}

//export qnetgo_ssl_key_to_pem
func qnetgo_ssl_key_to_pem(k, passPhrase, size C.uintptr_t) C.uintptr_t {
	return onValue(k, 0, func(v *value[sslKey]) C.uintptr_t {
		if phrase := text(passPhrase); phrase != "" {
			// Each time it is another.
			return v.replace(string(v.of.key.PEM(phrase)), size)
		}
		return v.bytes(string(v.of.key.PEM("")), size)
	})
}

//export qnetgo_ssl_key_to_der
func qnetgo_ssl_key_to_der(k, passPhrase, size C.uintptr_t) C.uintptr_t {
	return onValueBytes(k, size, func(v sslKey) []byte {
		if text(passPhrase) != "" {
			return nil
		}
		return v.key.DER()
	})
}

//export qnetgo_ssl_key_is_equal
func qnetgo_ssl_key_is_equal(k, other C.uintptr_t) C.bool {
	return onValues(k, other, false, func(k, other sslKey) C.bool { return C.bool(k.key.Equal(other.key)) })
}
