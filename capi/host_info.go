package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/address"
	"qnet/core/hostinfo"
	"qnet/core/loop"
)

//export qnetgo_host_info_lookup_host
func qnetgo_host_info_lookup_host(l, name, f, data C.uintptr_t) C.uintptr_t {
	if name == 0 || f == 0 {
		warnCaller("the name or the callback is NULL")
		return 0
	}
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t {
		i := hostinfo.Lookup(l, text(name), func(i *hostinfo.Info) {
			self := addressOf(i)
			i.Ask(func() { C.qnetc_call_host_info(f, self, data) })
		})
		address := addressOf(i)
		parts.set(i, partResult, f, data)
		return address
	})
}

//export qnetgo_host_info_from_name
func qnetgo_host_info_from_name(name C.uintptr_t) (address C.uintptr_t) {
	defer recovered(&address, 0)
	if name == 0 {
		warnCaller("the name is NULL")
		return 0
	}
	h := defaultLoop()
	if h == nil {
		return 0
	}
	l := h.target()
	i := hostinfo.FromName(l, text(name))
	l.Lock()
	defer l.Unlock()
	return addressOf(i)
}

//export qnetgo_host_info_abort_host_lookup
func qnetgo_host_info_abort_host_lookup(i C.uintptr_t) {
	do(i, func(i *hostinfo.Info) { i.Abort() })
}

//export qnetgo_host_info_delete
func qnetgo_host_info_delete(i C.uintptr_t) {
	do(i, func(i *hostinfo.Info) { i.Delete() })
}

//export qnetgo_host_info_host_name
func qnetgo_host_info_host_name(i C.uintptr_t) C.uintptr_t {
	return onText(i, (*hostinfo.Info).Name)
}

//export qnetgo_host_info_address_count
func qnetgo_host_info_address_count(i C.uintptr_t) C.int {
	return on(i, -1, func(i *hostinfo.Info) C.int { return C.int(len(i.Addresses())) })
}

//export qnetgo_host_info_address
func qnetgo_host_info_address(i C.uintptr_t, index C.int, p C.uintptr_t) C.bool {
	return on(i, false, func(i *hostinfo.Info) C.bool {
		list := i.Addresses()
		if index < 0 || int(index) >= len(list) {
			fromAddress(p, address.Null)
			return false
		}
		return fromAddress(p, list[index])
	})
}

//export qnetgo_host_info_error
func qnetgo_host_info_error(i C.uintptr_t) C.int {
	return on(i, C.int(hostinfo.UnknownError), func(i *hostinfo.Info) C.int { return C.int(i.Error()) })
}

//export qnetgo_host_info_error_string
func qnetgo_host_info_error_string(i C.uintptr_t) C.uintptr_t {
	return onText(i, (*hostinfo.Info).ErrorText)
}

//export qnetgo_host_info_local_host_name
func qnetgo_host_info_local_host_name(buffer C.uintptr_t, size C.size_t) C.int {
	return copyOut(hostinfo.LocalName(), buffer, size)
}
