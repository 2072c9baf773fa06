package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <qnet/network_interface.h>
*/
import "C"

import (
	"unsafe"

	"qnet/core/netif"
)

// onInterface is onValue for interfaces.
func onInterface[R any](i C.uintptr_t, failed R, f func(*netif.Interface) R) R {
	return onValue(i, failed, func(v *value[netif.Interface]) R { return f(&v.of) })
}

//export qnetgo_network_interface_all_interfaces
func qnetgo_network_interface_all_interfaces(out C.uintptr_t, room C.int) (count C.int) {
	defer recovered(&count, -1)
	list, err := netif.All()
	if err != nil {
		return -1
	}
	return giveValues(list, out, room)
}

//export qnetgo_network_interface_all_addresses
func qnetgo_network_interface_all_addresses(out C.uintptr_t, room C.int) (count C.int) {
	defer recovered(&count, -1)
	if !isRoom(out, room) {
		return -1
	}
	list, err := netif.Addresses()
	if err != nil {
		return -1
	}
	if n := min(len(list), int(room)); n > 0 {
		to := unsafe.Slice(at[cAddress](out), n)
		for i := range to {
			setAddress(&to[i], list[i])
		}
	}
	return C.int(len(list))
}

// interfaceWith returns a handle of the interface with a number, 0 if there is none.
func interfaceWith(index int) C.uintptr_t {
	list, _ := netif.All()
	for _, i := range list {
		if i.Index == index {
			return newValue(i)
		}
	}
	return 0
}

//export qnetgo_network_interface_interface_from_name
func qnetgo_network_interface_interface_from_name(name C.uintptr_t) (i C.uintptr_t) {
	defer recovered(&i, 0)
	return interfaceWith(netif.Index(text(name)))
}

//export qnetgo_network_interface_interface_from_index
func qnetgo_network_interface_interface_from_index(index C.int) (i C.uintptr_t) {
	defer recovered(&i, 0)
	return interfaceWith(int(index))
}

//export qnetgo_network_interface_interface_index_from_name
func qnetgo_network_interface_interface_index_from_name(name C.uintptr_t) (index C.int) {
	defer recovered(&index, 0)
	return C.int(netif.Index(text(name)))
}

//export qnetgo_network_interface_interface_name_from_index
func qnetgo_network_interface_interface_name_from_index(index C.int, buffer C.uintptr_t, size C.size_t) (length C.int) {
	defer recovered(&length, -1)
	return copyOut(netif.Name(int(index)), buffer, size)
}

//export qnetgo_network_interface_copy
func qnetgo_network_interface_copy(i C.uintptr_t) C.uintptr_t { return copyValue[netif.Interface](i) }

//export qnetgo_network_interface_delete
func qnetgo_network_interface_delete(i C.uintptr_t) { deleteValue[netif.Interface](i) }

//export qnetgo_network_interface_is_valid
func qnetgo_network_interface_is_valid(i C.uintptr_t) C.bool {
	return onInterface(i, false, func(i *netif.Interface) C.bool { return C.bool(i.Index != 0) })
}

//export qnetgo_network_interface_index
func qnetgo_network_interface_index(i C.uintptr_t) C.int {
	return onInterface(i, -1, func(i *netif.Interface) C.int { return C.int(i.Index) })
}

//export qnetgo_network_interface_name
func qnetgo_network_interface_name(i C.uintptr_t) C.uintptr_t {
	return onValueText(i, func(i netif.Interface) string { return i.Name })
}

//export qnetgo_network_interface_human_readable_name
func qnetgo_network_interface_human_readable_name(i C.uintptr_t) C.uintptr_t {
	return onValueText(i, func(i netif.Interface) string { return i.Name })
}

//export qnetgo_network_interface_hardware_address
func qnetgo_network_interface_hardware_address(i C.uintptr_t) C.uintptr_t {
	return onValueText(i, func(i netif.Interface) string { return i.HardwareAddress() })
}

//export qnetgo_network_interface_flags
func qnetgo_network_interface_flags(i C.uintptr_t) C.int {
	return onInterface(i, -1, func(i *netif.Interface) C.int { return C.int(i.Flags) })
}

//export qnetgo_network_interface_type
func qnetgo_network_interface_type(i C.uintptr_t) C.int {
	return onInterface(i, C.QNET_INTERFACE_UNKNOWN, func(i *netif.Interface) C.int { return C.int(i.Type) })
}

//export qnetgo_network_interface_maximum_transmission_unit
func qnetgo_network_interface_maximum_transmission_unit(i C.uintptr_t) C.int {
	return onInterface(i, -1, func(i *netif.Interface) C.int { return C.int(i.MTU) })
}

//export qnetgo_network_interface_address_entry_count
func qnetgo_network_interface_address_entry_count(i C.uintptr_t) C.int {
	return onInterface(i, -1, func(i *netif.Interface) C.int { return C.int(len(i.Entries)) })
}

//export qnetgo_network_interface_address_entry
func qnetgo_network_interface_address_entry(i C.uintptr_t, index C.int, p C.uintptr_t) C.bool {
	return onInterface(i, false, func(i *netif.Interface) C.bool {
		to := at[C.qnet_network_address_entry](p)
		if to == nil {
			warnCaller("there is no room for the entry")
			return false
		}
		const smallest = unsafe.Offsetof(to.prefix_length) + unsafe.Sizeof(to.prefix_length)
		if uintptr(to.size) < smallest {
			warnCaller("the size of the entry is not set")
			return false
		}
		if index < 0 || int(index) >= len(i.Entries) {
			return false
		}
		e := i.Entries[index]
		entry := C.qnet_network_address_entry{
			prefix_length:      C.int(e.Prefix),
			dns_eligibility:    C.QNET_DNS_INELIGIBLE,
			lifetime_known:     C.bool(e.LifetimeKnown),
			preferred_lifetime: C.int64_t(e.Preferred),
			validity_lifetime:  C.int64_t(e.Valid),
		}
		if e.DNS {
			entry.dns_eligibility = C.QNET_DNS_ELIGIBLE
		}
		setAddress(&entry.ip, e.IP)
		setAddress(&entry.netmask, e.Netmask())
		setAddress(&entry.broadcast, e.Broadcast)
		// The caller may know fewer fields, or more.
		entry.size = min(to.size, C.size_t(unsafe.Sizeof(entry)))
		copy(memory(p, int(entry.size)), unsafe.Slice((*byte)(unsafe.Pointer(&entry)), entry.size))
		return true
	})
}
