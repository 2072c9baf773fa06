package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"unsafe"

	"qnet/core/loop"
	"qnet/core/server"
	"qnet/core/socket"
	"qnet/core/sys"
)

//export qnetgo_local_socket_new
func qnetgo_local_socket_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(socket.NewLocal(l)) })
}

//export qnetgo_local_socket_connect_to_server
func qnetgo_local_socket_connect_to_server(s, name C.uintptr_t, mode C.int) {
	onKind(s, socket.Local, false, func(s *sock) bool {
		if name != 0 {
			s.SetServerName(nameText(name))
		}
		s.ConnectToServer(socket.OpenMode(mode))
		return true
	})
}

//export qnetgo_local_socket_set_server_name
func qnetgo_local_socket_set_server_name(s, name C.uintptr_t) {
	onKind(s, socket.Local, false, func(s *sock) bool {
		s.SetServerName(nameText(name))
		return true
	})
}

// localName is onText for a name of a local socket.
func localName(s C.uintptr_t, f func(*sock) string) C.uintptr_t {
	return onKind(s, socket.Local, 0, func(s *sock) C.uintptr_t {
		return s.Attachment().(*handle[sock]).give(nameForC(f(s)))
	})
}

//export qnetgo_local_socket_server_name
func qnetgo_local_socket_server_name(s C.uintptr_t) C.uintptr_t {
	return localName(s, (*sock).ServerName)
}

//export qnetgo_local_socket_full_server_name
func qnetgo_local_socket_full_server_name(s C.uintptr_t) C.uintptr_t {
	return localName(s, (*sock).FullServerName)
}

//export qnetgo_local_socket_set_socket_options
func qnetgo_local_socket_set_socket_options(s C.uintptr_t, options C.int) {
	onKind(s, socket.Local, false, func(s *sock) bool {
		s.SetAbstract(server.Options(options)&server.AbstractNamespace != 0)
		return true
	})
}

//export qnetgo_local_socket_socket_options
func qnetgo_local_socket_socket_options(s C.uintptr_t) C.int {
	return onKind(s, socket.Local, -1, func(s *sock) C.int {
		if s.Abstract() {
			return C.int(server.AbstractNamespace)
		}
		return 0
	})
}

//export qnetgo_local_socket_peer_credentials
func qnetgo_local_socket_peer_credentials(s, pid, uid, gid C.uintptr_t) C.bool {
	return onKind(s, socket.Local, false, func(s *sock) C.bool {
		c, ok := s.PeerCredentials()
		for _, one := range []struct {
			to C.uintptr_t
			id int64
		}{{pid, c.PID}, {uid, c.UID}, {gid, c.GID}} {
			if out := at[C.int64_t](one.to); out != nil {
				*out = C.int64_t(one.id)
			}
		}
		return C.bool(ok)
	})
}

// descriptors returns an array of C, which the caller checked.
func descriptors(address C.uintptr_t, count C.int) []C.intptr_t {
	if count <= 0 {
		return nil
	}
	return unsafe.Slice(at[C.intptr_t](address), int(count))
}

//export qnetgo_local_socket_write_with_descriptors
func qnetgo_local_socket_write_with_descriptors(s, data C.uintptr_t, size C.int64_t, fds C.uintptr_t, count C.int) C.int64_t {
	return onKind(s, socket.Local, -1, func(s *sock) C.int64_t {
		if !checkMemory(s, data, size, 0) || !checkMemory(s, fds, C.int64_t(count), 0) {
			return -1
		}
		// One too many is enough to be refused.
		list := make([]int, min(int(count), sys.MaxDescriptors+1))
		for i, fd := range descriptors(fds, C.int(len(list))) {
			list[i] = int(fd)
		}
		return C.int64_t(s.WriteWithDescriptors(memory(data, int(size)), list))
	})
}

//export qnetgo_local_socket_set_receives_descriptors
func qnetgo_local_socket_set_receives_descriptors(s C.uintptr_t, on C.bool) {
	onKind(s, socket.Local, false, func(s *sock) bool {
		s.SetReceivesDescriptors(bool(on))
		return true
	})
}

//export qnetgo_local_socket_receives_descriptors
func qnetgo_local_socket_receives_descriptors(s C.uintptr_t) C.bool {
	return onKind(s, socket.Local, false, func(s *sock) C.bool { return C.bool(s.ReceivesDescriptors()) })
}

//export qnetgo_local_socket_descriptors_available
func qnetgo_local_socket_descriptors_available(s C.uintptr_t) C.int {
	return onKind(s, socket.Local, -1, func(s *sock) C.int { return C.int(s.DescriptorCount()) })
}

//export qnetgo_local_socket_take_descriptors
func qnetgo_local_socket_take_descriptors(s, to C.uintptr_t, most C.int) C.int {
	return onKind(s, socket.Local, -1, func(s *sock) C.int {
		if !checkMemory(s, to, C.int64_t(most), 0) {
			return -1
		}
		taken := s.TakeDescriptors(int(most))
		room := descriptors(to, most)
		for i, fd := range taken {
			room[i] = C.intptr_t(fd)
		}
		return C.int(len(taken))
	})
}
