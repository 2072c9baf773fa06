package main

/*
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
*/
import "C"

import (
	"errors"

	"qnet/core/address"
)

var errNoRoom = errors.New("there is too little room for the host")

//export qnetgo_host_port_parse
func qnetgo_host_port_parse(in, host C.uintptr_t, size C.size_t, port C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	out := at[C.uint16_t](port)
	if host == 0 || size == 0 {
		return false
	}
	if in == 0 || out == nil {
		copyOut("the text is NULL, or there is no room for the port", host, size)
		return false
	}
	name, number, err := address.ParseHostPort(text(in))
	if err == nil && C.size_t(len(name)) >= size {
		err = errNoRoom
	}
	if err != nil {
		copyOut(err.Error(), host, size)
		return false
	}
	copyOut(name, host, size)
	*out = C.uint16_t(number)
	return true
}

//export qnetgo_host_port_join
func qnetgo_host_port_join(host C.uintptr_t, port C.uint16_t, buffer C.uintptr_t, size C.size_t) (length C.int) {
	defer recovered(&length, -1)
	if host == 0 {
		return -1
	}
	return copyOut(address.JoinHostPort(text(host), uint16(port)), buffer, size)
}
