package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <qnet/ssl_certificate_extension.h>
*/
import "C"

import (
	"maps"
	"slices"
	"strconv"

	"qnet/core/tls/extension"
)

// onExtension is onValue for extensions.
func onExtension[R any](e C.uintptr_t, failed R, f func(extension.Extension) R) R {
	return onValue(e, failed, func(v *value[extension.Extension]) R { return f(v.of) })
}

//export qnetgo_ssl_certificate_extension_copy
func qnetgo_ssl_certificate_extension_copy(e C.uintptr_t) C.uintptr_t {
	return copyValue[extension.Extension](e)
}

//export qnetgo_ssl_certificate_extension_delete
func qnetgo_ssl_certificate_extension_delete(e C.uintptr_t) { deleteValue[extension.Extension](e) }

//export qnetgo_ssl_certificate_extension_oid
func qnetgo_ssl_certificate_extension_oid(e C.uintptr_t) C.uintptr_t {
	return onValueText(e, func(e extension.Extension) string { return e.ID })
}

//export qnetgo_ssl_certificate_extension_name
func qnetgo_ssl_certificate_extension_name(e C.uintptr_t) C.uintptr_t {
	return onValueText(e, extension.Extension.Name)
}

//export qnetgo_ssl_certificate_extension_is_critical
func qnetgo_ssl_certificate_extension_is_critical(e C.uintptr_t) C.bool {
	return onExtension(e, false, func(e extension.Extension) C.bool { return C.bool(e.Critical) })
}

//export qnetgo_ssl_certificate_extension_is_supported
func qnetgo_ssl_certificate_extension_is_supported(e C.uintptr_t) C.bool {
	return onExtension(e, false, func(e extension.Extension) C.bool { return C.bool(e.Supported()) })
}

// part is an extension's value or, from 0 on, one of a value that has several.
func extensionPart(e extension.Extension, index C.int) (name string, part any) {
	whole := e.Value()
	if e.ID == "" {
		whole = nil
	}
	if index == C.QNET_SSL_WHOLE_VALUE {
		return "", whole
	}
	switch v := whole.(type) {
	case []string:
		if index >= 0 && int(index) < len(v) {
			return "", v[index]
		}
	case map[string]any:
		if names := slices.Sorted(maps.Keys(v)); index >= 0 && int(index) < len(names) {
			return names[index], v[names[index]]
		}
	}
	return "", nil
}

//export qnetgo_ssl_certificate_extension_value_type
func qnetgo_ssl_certificate_extension_value_type(e C.uintptr_t, index C.int) C.int {
	return onExtension(e, C.QNET_SSL_NO_VALUE, func(e extension.Extension) C.int {
		switch _, part := extensionPart(e, index); part.(type) {
		case string:
			return C.QNET_SSL_TEXT_VALUE
		case []byte:
			return C.QNET_SSL_BYTES_VALUE
		case bool:
			return C.QNET_SSL_BOOL_VALUE
		case int64:
			return C.QNET_SSL_NUMBER_VALUE
		case []string:
			return C.QNET_SSL_LIST_VALUE
		case map[string]any:
			return C.QNET_SSL_MAP_VALUE
		}
		return C.QNET_SSL_NO_VALUE
	})
}

//export qnetgo_ssl_certificate_extension_value_name
func qnetgo_ssl_certificate_extension_value_name(e C.uintptr_t, index C.int) C.uintptr_t {
	return onValue(e, 0, func(v *value[extension.Extension]) C.uintptr_t {
		name, part := extensionPart(v.of, index)
		if part == nil {
			return 0
		}
		return v.text(name)
	})
}

//export qnetgo_ssl_certificate_extension_value
func qnetgo_ssl_certificate_extension_value(e C.uintptr_t, index C.int, size C.uintptr_t) C.uintptr_t {
	return onValue(e, 0, func(v *value[extension.Extension]) C.uintptr_t {
		switch _, part := extensionPart(v.of, index); part := part.(type) {
		case string:
			return v.bytes(part, size)
		case []byte:
			return v.bytes(string(part), size)
		case bool:
			return v.bytes(strconv.FormatBool(part), size)
		case int64:
			return v.bytes(strconv.FormatInt(part, 10), size)
		}
		return withSize(0, "", size)
	})
}
