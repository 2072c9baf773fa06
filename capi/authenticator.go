package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"unsafe"

	"qnet/core/object"
	"qnet/core/socket"
)

type authenticator = socket.Authenticator

// callSocketAuthentication calls back with what is to be filled. After a slot that has
// ended the attempt there is nothing.
var callSocketAuthentication = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	var c cProxy
	a := C.uintptr_t(0)
	l := o.LockLoop()
	if v := o.Attachment().(*handle[sock]).target(); v != nil && v.Authenticator() != nil {
		a = addressOf(v.Authenticator())
		fromProxy(C.uintptr_t(uintptr(unsafe.Pointer(&c))), v.Authenticator().Proxy)
	}
	l.Unlock()
	if a != 0 {
		C.qnetc_call_socket_authentication(callback(s), self(o), &c, a, userData(s))
		clearProxy(&c)
	}
})

//export qnetgo_authenticator_user
func qnetgo_authenticator_user(a C.uintptr_t) C.uintptr_t {
	return onText(a, func(a *authenticator) string { return a.User })
}

//export qnetgo_authenticator_set_user
func qnetgo_authenticator_set_user(a, user C.uintptr_t) {
	do(a, func(a *authenticator) { a.SetUser(text(user)) })
}

//export qnetgo_authenticator_password
func qnetgo_authenticator_password(a C.uintptr_t) C.uintptr_t {
	return onText(a, func(a *authenticator) string { return a.Password })
}

//export qnetgo_authenticator_set_password
func qnetgo_authenticator_set_password(a, password C.uintptr_t) {
	do(a, func(a *authenticator) { a.SetPassword(text(password)) })
}

//export qnetgo_authenticator_realm
func qnetgo_authenticator_realm(a C.uintptr_t) C.uintptr_t {
	return onText(a, func(a *authenticator) string { return a.Realm })
}

//export qnetgo_authenticator_is_null
func qnetgo_authenticator_is_null(a C.uintptr_t) C.bool {
	return on(a, false, func(a *authenticator) C.bool { return C.bool(a.IsNull()) })
}

//export qnetgo_authenticator_option
func qnetgo_authenticator_option(a, name C.uintptr_t) C.uintptr_t {
	return on(a, 0, func(a *authenticator) C.uintptr_t {
		value, ok := a.Option(text(name))
		if !ok {
			return 0
		}
		return a.Attachment().(*handle[authenticator]).give(value)
	})
}

//export qnetgo_authenticator_set_option
func qnetgo_authenticator_set_option(a, name, value C.uintptr_t) {
	do(a, func(a *authenticator) { a.SetOption(text(name), text(value)) })
}
