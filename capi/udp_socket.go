package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <qnet/udp_socket.h>
*/
import "C"

import (
	"unsafe"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/loop"
	"qnet/core/socket"
)

type cDatagram = C.qnet_datagram

//export qnetgo_udp_socket_new
func qnetgo_udp_socket_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(socket.NewUDP(l)) })
}

// onUDP is on for what only UDP sockets can do.
func onUDP[R any](s C.uintptr_t, failed R, f func(*sock) R) R {
	return onKind(s, socket.UDP, failed, f)
}

// Receiving

//export qnetgo_udp_socket_has_pending_datagrams
func qnetgo_udp_socket_has_pending_datagrams(s C.uintptr_t) C.bool {
	return onUDP(s, false, func(s *sock) C.bool { return C.bool(s.HasPendingDatagrams()) })
}

//export qnetgo_udp_socket_pending_datagram_size
func qnetgo_udp_socket_pending_datagram_size(s C.uintptr_t) C.int64_t {
	return onUDP(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.PendingDatagramSize()) })
}

//export qnetgo_udp_socket_read_datagram
func qnetgo_udp_socket_read_datagram(s, data C.uintptr_t, max C.int64_t, p, port C.uintptr_t) C.int64_t {
	return onUDP(s, -1, func(s *sock) C.int64_t {
		if !checkMemory(s, data, max, 0) {
			return -1
		}
		room := memory(data, int(max))
		if p == 0 && port == 0 {
			return C.int64_t(s.ReadDatagram(room, nil))
		}
		var from datagram.Endpoint
		n := s.ReadDatagram(room, &from)
		fromAddress(p, from.Address)
		if out := at[C.uint16_t](port); out != nil {
			*out = C.uint16_t(from.Port)
		}
		return C.int64_t(n)
	})
}

//export qnetgo_udp_socket_receive_datagram
func qnetgo_udp_socket_receive_datagram(s C.uintptr_t, max C.int64_t, p C.uintptr_t) C.bool {
	return onUDP(s, false, func(s *sock) C.bool {
		out := at[cDatagram](p)
		if out == nil {
			s.Misused(function(), "the datagram is NULL")
			return false
		}
		var way datagram.Way
		ok := s.ReceiveDatagram(int(max), &way, func(data []byte) {
			room := s.Attachment().(*handle[sock]).room(len(data))
			copy(room, data)
			give(out, room[:len(data)])
		})
		if ok {
			setWay(out, &way)
		}
		return C.bool(ok)
	})
}

// give has the data of a datagram lie where the socket keeps it.
func give(d *cDatagram, data []byte) {
	d.data = unsafe.Pointer(unsafe.SliceData(data))
	d.size, d.capacity = C.int64_t(len(data)), C.int64_t(len(data))
}

// setWay writes how a datagram has come.
func setWay(d *cDatagram, w *datagram.Way) {
	fromAddress(addressIn(&d.sender), w.Sender.Address)
	fromAddress(addressIn(&d.destination), w.Destination.Address)
	d.sender_port = C.uint16_t(w.Sender.Port)
	d.destination_port = C.uint16_t(w.Destination.Port)
	d.interface_index = C.uint32_t(w.Interface)
	d.hop_limit = C.int(w.HopLimit)
}

// way tells how a datagram is to go.
func wayOf(d *cDatagram) datagram.Way {
	return datagram.Way{
		Sender:      datagram.Endpoint{Address: null(addressIn(&d.sender))},
		Destination: datagram.Endpoint{Address: null(addressIn(&d.destination)), Port: uint16(d.destination_port)},
		Interface:   uint32(d.interface_index),
		HopLimit:    int(d.hop_limit),
	}
}

// addressIn returns where an address of C is.
func addressIn(p *cAddress) C.uintptr_t { return C.uintptr_t(uintptr(unsafe.Pointer(p))) }

// datagramsAt returns an array of C. It warns, and answers false, if there can
// be none, or if the size of one cannot be that of memory.
func datagramsAt(s *sock, p C.uintptr_t, count C.int, size func(*cDatagram) C.int64_t) ([]cDatagram, bool) {
	if count < 0 || p == 0 && count > 0 {
		s.Misused(function(), "the number of datagrams is negative or the array NULL")
		return nil, false
	}
	list := unsafe.Slice(at[cDatagram](p), int(count))
	for i := range list {
		if d := &list[i]; !checkMemory(s, C.uintptr_t(uintptr(d.data)), size(d), 0) {
			return nil, false
		}
	}
	return list, true
}

//export qnetgo_udp_socket_read_datagrams
func qnetgo_udp_socket_read_datagrams(s, p C.uintptr_t, count C.int) C.int {
	return onUDP(s, -1, func(s *sock) C.int {
		list, ok := datagramsAt(s, p, count, func(d *cDatagram) C.int64_t { return d.capacity })
		if !ok {
			return -1
		}
		return C.int(s.ReadDatagrams(len(list), func(i int, data []byte, way *datagram.Way) {
			out := &list[i]
			out.size = C.int64_t(copy(unsafe.Slice((*byte)(out.data), int(out.capacity)), data))
			setWay(out, way)
		}))
	})
}

//export qnetgo_udp_socket_dropped_datagrams
func qnetgo_udp_socket_dropped_datagrams(s C.uintptr_t) C.int64_t {
	return onUDP(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.DroppedDatagrams()) })
}

// Sending

//export qnetgo_udp_socket_write_datagram
func qnetgo_udp_socket_write_datagram(s, data C.uintptr_t, size C.int64_t, p C.uintptr_t, port C.uint16_t) C.int64_t {
	return onUDP(s, -1, func(s *sock) C.int64_t {
		if !checkMemory(s, data, size, 0) {
			return -1
		}
		return C.int64_t(s.WriteDatagram(memory(data, int(size)), datagram.Endpoint{Address: null(p), Port: uint16(port)}))
	})
}

//export qnetgo_udp_socket_write_datagrams
func qnetgo_udp_socket_write_datagrams(s, p C.uintptr_t, count C.int) C.int {
	return onUDP(s, -1, func(s *sock) C.int {
		list, ok := datagramsAt(s, p, count, func(d *cDatagram) C.int64_t { return d.size })
		if !ok {
			return -1
		}
		return C.int(s.WriteDatagrams(len(list), func(i int, out *datagram.Outgoing) {
			d := &list[i]
			*out = datagram.Outgoing{Data: memory(C.uintptr_t(uintptr(d.data)), int(d.size)), Way: wayOf(d)}
		}))
	})
}

// Multicast

//export qnetgo_udp_socket_join_multicast_group
func qnetgo_udp_socket_join_multicast_group(s, p C.uintptr_t, index C.uint32_t) C.bool {
	return onMember(s, p, index, (*sock).JoinGroup)
}

//export qnetgo_udp_socket_leave_multicast_group
func qnetgo_udp_socket_leave_multicast_group(s, p C.uintptr_t, index C.uint32_t) C.bool {
	return onMember(s, p, index, (*sock).LeaveGroup)
}

func onMember(s, p C.uintptr_t, index C.uint32_t, f func(*sock, address.Address, uint32) bool) C.bool {
	return onUDP(s, false, func(s *sock) C.bool { return C.bool(f(s, null(p), uint32(index))) })
}

//export qnetgo_udp_socket_multicast_interface
func qnetgo_udp_socket_multicast_interface(s C.uintptr_t) C.uint32_t {
	return onUDP(s, 0, func(s *sock) C.uint32_t { return C.uint32_t(s.MulticastInterface()) })
}

//export qnetgo_udp_socket_set_multicast_interface
func qnetgo_udp_socket_set_multicast_interface(s C.uintptr_t, index C.uint32_t) C.bool {
	return onUDP(s, false, func(s *sock) C.bool { return C.bool(s.SetMulticastInterface(uint32(index))) })
}
