package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <qnet/host_address.h>
*/
import "C"

import (
	"encoding/binary"
	"unsafe"

	"qnet/core/address"
)

type cAddress = C.qnet_host_address

// toAddress returns the address that C points to; absent for NULL.
func toAddress(p C.uintptr_t, absent address.Address) address.Address {
	c := at[cAddress](p)
	if c == nil {
		return absent
	}
	bytes := *(*[16]byte)(unsafe.Pointer(&c.bytes))
	switch address.Protocol(c.protocol) {
	case address.IPv4:
		return address.FromIPv4(binary.BigEndian.Uint32(bytes[:4]))
	case address.AnyIP:
		return address.Any
	case address.IPv6:
		a := address.FromIPv6(bytes)
		if scope := scopeOf(c); scope != "" {
			a = a.WithScopeID(scope)
		}
		return a
	}
	return address.Null
}

// scopeOf returns the scope id, of which the NUL may have been overwritten.
func scopeOf(c *cAddress) string {
	scope := unsafe.Slice((*byte)(unsafe.Pointer(&c.scope_id)), len(c.scope_id))
	for i, b := range scope {
		if b == 0 {
			return string(scope[:i])
		}
	}
	return string(scope)
}

// fromAddress writes a where C points to, unless that is NULL, and tells
// whether it is an address at all.
func fromAddress(p C.uintptr_t, a address.Address) C.bool {
	if c := at[cAddress](p); c != nil {
		setAddress(c, a)
	}
	return C.bool(!a.IsNull())
}

func setAddress(c *cAddress, a address.Address) {
	*c = cAddress{protocol: C.qnet_network_layer_protocol(a.Protocol())}
	bytes := (*[16]byte)(unsafe.Pointer(&c.bytes))
	switch a.Protocol() {
	case address.IPv4:
		v, _ := a.IPv4()
		binary.BigEndian.PutUint32(bytes[:4], v)
	case address.IPv6:
		*bytes = a.IPv6()
		setScope(c, a.ScopeID())
	}
}

// setScope writes a scope id if it is not too long.
func setScope(c *cAddress, id string) bool {
	if len(id) > address.MaxScopeID {
		return false
	}
	room := unsafe.Slice((*byte)(unsafe.Pointer(&c.scope_id)), address.MaxScopeID+1)
	clear(room)
	copy(room, id)
	return true
}

func null(p C.uintptr_t) address.Address { return toAddress(p, address.Null) }

//export qnetgo_host_address_set_address
func qnetgo_host_address_set_address(p, s C.uintptr_t) C.bool {
	a, ok := address.Parse(text(s))
	if s == 0 || !ok {
		fromAddress(p, address.Null)
		return false
	}
	fromAddress(p, a)
	return p != 0
}

//export qnetgo_host_address_to_string
func qnetgo_host_address_to_string(p, buffer C.uintptr_t, size C.size_t) C.int {
	return copyOut(null(p).String(), buffer, size)
}

//export qnetgo_host_address_clear
func qnetgo_host_address_clear(p C.uintptr_t) { fromAddress(p, address.Null) }

//export qnetgo_host_address_is_null
func qnetgo_host_address_is_null(p C.uintptr_t) C.bool { return C.bool(null(p).IsNull()) }

//export qnetgo_host_address_is_loopback
func qnetgo_host_address_is_loopback(p C.uintptr_t) C.bool { return C.bool(null(p).IsLoopback()) }

//export qnetgo_host_address_is_global
func qnetgo_host_address_is_global(p C.uintptr_t) C.bool { return C.bool(null(p).IsGlobal()) }

//export qnetgo_host_address_is_link_local
func qnetgo_host_address_is_link_local(p C.uintptr_t) C.bool { return C.bool(null(p).IsLinkLocal()) }

//export qnetgo_host_address_is_site_local
func qnetgo_host_address_is_site_local(p C.uintptr_t) C.bool { return C.bool(null(p).IsSiteLocal()) }

//export qnetgo_host_address_is_unique_local_unicast
func qnetgo_host_address_is_unique_local_unicast(p C.uintptr_t) C.bool {
	return C.bool(null(p).IsUniqueLocalUnicast())
}

//export qnetgo_host_address_is_multicast
func qnetgo_host_address_is_multicast(p C.uintptr_t) C.bool { return C.bool(null(p).IsMulticast()) }

//export qnetgo_host_address_is_broadcast
func qnetgo_host_address_is_broadcast(p C.uintptr_t) C.bool { return C.bool(null(p).IsBroadcast()) }

//export qnetgo_host_address_is_private_use
func qnetgo_host_address_is_private_use(p C.uintptr_t) C.bool { return C.bool(null(p).IsPrivateUse()) }

//export qnetgo_host_address_is_equal
func qnetgo_host_address_is_equal(p, other C.uintptr_t, mode C.int) C.bool {
	return C.bool(null(p).IsEqual(null(other), address.ConversionMode(mode)))
}

//export qnetgo_host_address_is_in_subnet
func qnetgo_host_address_is_in_subnet(p, subnet C.uintptr_t, netmask C.int) C.bool {
	return C.bool(null(p).IsInSubnet(null(subnet), int(netmask)))
}

//export qnetgo_host_address_parse_subnet
func qnetgo_host_address_parse_subnet(s, subnet C.uintptr_t) C.int {
	a, bits := address.Null, -1
	if s != 0 {
		a, bits = address.ParseSubnet(text(s))
	}
	fromAddress(subnet, a)
	return C.int(bits)
}

//export qnetgo_host_address_to_i_pv4_address
func qnetgo_host_address_to_i_pv4_address(p, ok C.uintptr_t) C.uint32_t {
	v, is := null(p).IPv4()
	if out := at[C.bool](ok); out != nil {
		*out = C.bool(is)
	}
	return C.uint32_t(v)
}

//export qnetgo_host_address_to_i_pv6_address
func qnetgo_host_address_to_i_pv6_address(p, bytes C.uintptr_t) {
	if out := at[[16]byte](bytes); out != nil {
		*out = null(p).IPv6()
	}
}

//export qnetgo_host_address_protocol
func qnetgo_host_address_protocol(p C.uintptr_t) C.int { return C.int(null(p).Protocol()) }

//export qnetgo_host_address_scope_id
func qnetgo_host_address_scope_id(p C.uintptr_t) C.uintptr_t {
	c := at[cAddress](p)
	if c == nil || address.Protocol(c.protocol) != address.IPv6 {
		return emptyText()
	}
	return C.uintptr_t(uintptr(unsafe.Pointer(&c.scope_id)))
}

//export qnetgo_host_address_set_scope_id
func qnetgo_host_address_set_scope_id(p, id C.uintptr_t) C.bool {
	c := at[cAddress](p)
	if c == nil || address.Protocol(c.protocol) != address.IPv6 {
		return false
	}
	return C.bool(setScope(c, text(id)))
}
