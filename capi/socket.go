package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"

#include <string.h>
*/
import "C"

import (
	"math"
	"unsafe"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/socket"
)

type sock = socket.Socket

//export qnetgo_tcp_socket_new
func qnetgo_tcp_socket_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(socket.New(l)) })
}

//export qnetgo_socket_delete
func qnetgo_socket_delete(s C.uintptr_t) { do(s, (*sock).Delete) }

//export qnetgo_socket_delete_later
func qnetgo_socket_delete_later(s C.uintptr_t) { do(s, (*sock).DeleteLater) }

//export qnetgo_socket_set_owner
func qnetgo_socket_set_owner(s, owner C.uintptr_t) C.bool {
	if owner == 0 {
		return on(s, false, func(s *sock) C.bool { s.SetOwner(nil); return true })
	}
	if h, _ := find[localServer](owner); h != nil {
		return onBoth(owner, s, (*localServer).Own)
	}
	return onBoth(owner, s, (*tcpServer).Own)
}

// onKind is on for what only sockets of one kind can do. On others it is the
// error QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
func onKind[R any](address C.uintptr_t, kind socket.Kind, failed R, f func(*sock) R) R {
	return on(address, failed, func(s *sock) R {
		if s.Kind() != kind {
			s.Refuse()
			return failed
		}
		return f(s)
	})
}

// anyServer is a server of core.
type anyServer interface {
	guarded
	named
	Loop() *loop.Loop
	Deleting() bool
}

// onBoth calls f with a server and a socket of the same loop.
func onBoth[T any, P interface {
	*T
	anyServer
}](owner, s C.uintptr_t, f func(P, *sock)) C.bool {
	return on(owner, false, func(v P) (ok C.bool) {
		why := ""
		h, why := find[sock](s)
		if h != nil {
			switch c := h.target(); {
			case c == nil:
				why = deleted
			case c.Loop() != v.Loop():
				why = "the socket is of another loop than the server"
			case !c.Alive() || v.Deleting():
				why = deleted
			default:
				f(v, c)
				return true
			}
		}
		warnAbout(v, why)
		return false
	})
}

// Connecting and disconnecting

//export qnetgo_socket_connect_to_host
func qnetgo_socket_connect_to_host(s, host C.uintptr_t, port C.uint16_t, mode, protocol C.int) {
	if host == 0 {
		warnCaller("the host is NULL")
		return
	}
	do(s, func(s *sock) {
		s.ConnectToHost(text(host), uint16(port), socket.OpenMode(mode), address.Protocol(protocol))
	})
}

//export qnetgo_socket_set_connect_timeout
func qnetgo_socket_set_connect_timeout(s C.uintptr_t, msec C.int) {
	do(s, func(s *sock) { s.SetConnectTimeout(int(msec)) })
}

//export qnetgo_socket_connect_timeout
func qnetgo_socket_connect_timeout(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.ConnectTimeout()) })
}

//export qnetgo_socket_connect_to_address
func qnetgo_socket_connect_to_address(s, p C.uintptr_t, port C.uint16_t, mode C.int) {
	do(s, func(s *sock) { s.ConnectToAddress(null(p), uint16(port), socket.OpenMode(mode)) })
}

//export qnetgo_socket_disconnect_from_host
func qnetgo_socket_disconnect_from_host(s C.uintptr_t) { do(s, (*sock).Disconnect) }

//export qnetgo_socket_abort
func qnetgo_socket_abort(s C.uintptr_t) { do(s, (*sock).Abort) }

//export qnetgo_socket_close
func qnetgo_socket_close(s C.uintptr_t) { do(s, (*sock).Close) }

// One direction after the other

//export qnetgo_socket_set_allow_half_open
func qnetgo_socket_set_allow_half_open(s C.uintptr_t, allow C.bool) {
	do(s, func(s *sock) { s.SetAllowHalfOpen(bool(allow)) })
}

//export qnetgo_socket_allow_half_open
func qnetgo_socket_allow_half_open(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.AllowHalfOpen()) })
}

//export qnetgo_socket_is_read_channel_finished
func qnetgo_socket_is_read_channel_finished(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.IsReadChannelFinished()) })
}

//export qnetgo_socket_close_write_channel
func qnetgo_socket_close_write_channel(s C.uintptr_t) { do(s, (*sock).CloseWriteChannel) }

// Binding and descriptors

//export qnetgo_socket_bind
func qnetgo_socket_bind(s, p C.uintptr_t, port C.uint16_t, mode C.int) C.bool {
	return on(s, false, func(s *sock) C.bool {
		return C.bool(s.Bind(toAddress(p, address.Any), uint16(port), socket.BindMode(mode)))
	})
}

//export qnetgo_socket_set_socket_descriptor
func qnetgo_socket_set_socket_descriptor(s C.uintptr_t, fd C.intptr_t, state, mode C.int) C.bool {
	return on(s, false, func(s *sock) C.bool {
		return C.bool(s.SetDescriptor(int(fd), socket.State(state), socket.OpenMode(mode)))
	})
}

//export qnetgo_socket_socket_descriptor
func qnetgo_socket_socket_descriptor(s C.uintptr_t) C.intptr_t {
	return on(s, -1, func(s *sock) C.intptr_t { return C.intptr_t(s.Descriptor()) })
}

// Proxies

//export qnetgo_socket_set_proxy
func qnetgo_socket_set_proxy(s, p C.uintptr_t) {
	do(s, func(s *sock) { s.SetProxy(toProxy(p)) })
}

//export qnetgo_socket_proxy
func qnetgo_socket_proxy(s, p C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return fromProxy(p, s.Proxy()) })
}

// Reading

// checkMemory warns and answers false if there cannot be size bytes at data, or they
// are too few.
func checkMemory(s *sock, data C.uintptr_t, size, least C.int64_t) bool {
	if size >= least && (size == 0 || data != 0) && size <= math.MaxInt {
		return true
	}
	s.Misused(function(), "the size is wrong or the memory NULL")
	return false
}

// onData is on for a function that takes memory of the caller.
func onData(s, data C.uintptr_t, size C.int64_t, least C.int64_t, f func(s *sock, p []byte) int) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t {
		if !checkMemory(s, data, size, least) {
			return -1
		}
		return C.int64_t(f(s, memory(data, int(size))))
	})
}

//export qnetgo_socket_read
func qnetgo_socket_read(s, data C.uintptr_t, max C.int64_t) C.int64_t {
	return onData(s, data, max, 0, (*sock).Read)
}

//export qnetgo_socket_read_all
func qnetgo_socket_read_all(s, size C.uintptr_t) C.uintptr_t {
	return on(s, 0, func(s *sock) C.uintptr_t {
		h := s.Attachment().(*handle[sock])
		var room []byte
		n := s.ReadAll(func(size int) []byte {
			room = h.room(size)
			return room
		})
		if out := at[C.int64_t](size); out != nil {
			*out = C.int64_t(max(0, n))
		}
		switch {
		case n < 0 || !s.Alive():
			return 0
		case n == 0:
			// A callback of the read error may have asked for another string.
			return h.give("")
		}
		room[:n+1][n] = 0
		return C.uintptr_t(uintptr(unsafe.Pointer(&room[:1][0])))
	})
}

//export qnetgo_socket_read_line
func qnetgo_socket_read_line(s, data C.uintptr_t, size C.int64_t) C.int64_t {
	return onData(s, data, size, 2, func(s *sock, p []byte) int {
		n := s.ReadLine(p[:len(p)-1])
		p[max(0, n)] = 0
		return n
	})
}

//export qnetgo_socket_can_read_line
func qnetgo_socket_can_read_line(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.CanReadLine()) })
}

//export qnetgo_socket_get_char
func qnetgo_socket_get_char(s, c C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool {
		var p [1]byte
		if s.Read(p[:]) != 1 {
			return false
		}
		if out := at[byte](c); out != nil {
			*out = p[0]
		}
		return true
	})
}

//export qnetgo_socket_unget_char
func qnetgo_socket_unget_char(s C.uintptr_t, c C.char) {
	do(s, func(s *sock) { s.Unget(byte(c)) })
}

//export qnetgo_socket_peek
func qnetgo_socket_peek(s, data C.uintptr_t, max C.int64_t) C.int64_t {
	return onData(s, data, max, 0, (*sock).Peek)
}

//export qnetgo_socket_peek_buffer
func qnetgo_socket_peek_buffer(s, size C.uintptr_t) C.uintptr_t {
	out := at[C.int64_t](size)
	if out != nil {
		*out = 0
	}
	return on(s, 0, func(s *sock) C.uintptr_t {
		if out == nil {
			s.Misused(function(), "there is no memory for the size")
			return 0
		}
		p := s.PeekBuffer(s.Attachment().(*handle[sock]).room)
		if len(p) == 0 {
			return 0
		}
		*out = C.int64_t(len(p))
		return C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(p))))
	})
}

//export qnetgo_socket_skip
func qnetgo_socket_skip(s C.uintptr_t, max C.int64_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t {
		if max < 0 {
			s.Misused(function(), "the size is negative")
			return -1
		}
		return C.int64_t(s.Skip(int64(max)))
	})
}

//export qnetgo_socket_bytes_available
func qnetgo_socket_bytes_available(s C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.BytesAvailable()) })
}

//export qnetgo_socket_at_end
func qnetgo_socket_at_end(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.AtEnd()) })
}

//export qnetgo_socket_set_read_buffer_size
func qnetgo_socket_set_read_buffer_size(s C.uintptr_t, size C.int64_t) {
	do(s, func(s *sock) { s.SetReadLimit(int64(size)) })
}

//export qnetgo_socket_read_buffer_size
func qnetgo_socket_read_buffer_size(s C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.ReadLimit()) })
}

//export qnetgo_socket_read_to_file
func qnetgo_socket_read_to_file(s C.uintptr_t, file C.intptr_t, max C.int64_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.ReadToFile(int(file), int64(max))) })
}

//export qnetgo_socket_start_transaction
func qnetgo_socket_start_transaction(s C.uintptr_t) { do(s, (*sock).StartTransaction) }

//export qnetgo_socket_commit_transaction
func qnetgo_socket_commit_transaction(s C.uintptr_t) { do(s, (*sock).CommitTransaction) }

//export qnetgo_socket_rollback_transaction
func qnetgo_socket_rollback_transaction(s C.uintptr_t) { do(s, (*sock).RollbackTransaction) }

//export qnetgo_socket_is_transaction_started
func qnetgo_socket_is_transaction_started(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.InTransaction()) })
}

// Writing

//export qnetgo_socket_write
func qnetgo_socket_write(s, data C.uintptr_t, size C.int64_t) C.int64_t {
	return onData(s, data, size, 0, (*sock).Write)
}

//export qnetgo_socket_write_parts
func qnetgo_socket_write_parts(s, parts C.uintptr_t, count C.int) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t {
		if !checkMemory(s, parts, C.int64_t(count), 0) {
			return -1
		}
		list := make([][]byte, 0, 16)
		for _, p := range unsafe.Slice(at[C.qnet_write_part](parts), max(0, int(count))) {
			data := C.uintptr_t(uintptr(p.data))
			if !checkMemory(s, data, p.size, 0) {
				return -1
			}
			list = append(list, memory(data, int(p.size)))
		}
		return C.int64_t(s.WriteParts(list...))
	})
}

//export qnetgo_socket_write_lent
func qnetgo_socket_write_lent(s, data C.uintptr_t, size C.int64_t, f, userData C.uintptr_t) C.int64_t {
	return onData(s, data, size, 0, func(s *sock, p []byte) int {
		if f == 0 {
			return s.WriteLent(p, nil)
		}
		n := s.WriteLent(p, func() {
			userDatas.drop(uintptr(userData))
			C.qnetc_call_loop(f, userData)
		})
		if n > 0 {
			userDatas.add(uintptr(userData))
		}
		return n
	})
}

//export qnetgo_socket_send_file
func qnetgo_socket_send_file(s C.uintptr_t, file C.intptr_t, offset, size C.int64_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t {
		return C.int64_t(s.SendFile(int(file), int64(offset), int64(size)))
	})
}

//export qnetgo_socket_write_string
func qnetgo_socket_write_string(s, data C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t {
		if data == 0 {
			s.Misused(function(), "the text is NULL")
			return -1
		}
		return C.int64_t(s.Write(memory(data, int(C.strlen(at[C.char](data))))))
	})
}

//export qnetgo_socket_peer_text
func qnetgo_socket_peer_text(s C.uintptr_t) C.uintptr_t { return onText(s, (*sock).PeerText) }

//export qnetgo_socket_local_text
func qnetgo_socket_local_text(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *sock) string { return s.LocalEndpoint().String() })
}

//export qnetgo_socket_put_char
func qnetgo_socket_put_char(s C.uintptr_t, c C.char) C.bool {
	return on(s, false, func(s *sock) C.bool { return s.Write([]byte{byte(c)}) == 1 })
}

//export qnetgo_socket_flush
func qnetgo_socket_flush(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.FlushNow()) })
}

//export qnetgo_socket_bytes_to_write
func qnetgo_socket_bytes_to_write(s C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.BytesToWrite()) })
}

//export qnetgo_socket_set_write_buffer_limit
func qnetgo_socket_set_write_buffer_limit(s C.uintptr_t, limit, mark C.int64_t) {
	do(s, func(s *sock) { s.SetWriteLimit(int64(limit), int64(mark)) })
}

//export qnetgo_socket_write_buffer_limit
func qnetgo_socket_write_buffer_limit(s C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *sock) C.int64_t { return C.int64_t(s.WriteLimit()) })
}

//export qnetgo_socket_set_writes_whole
func qnetgo_socket_set_writes_whole(s C.uintptr_t, on C.bool) {
	do(s, func(s *sock) { s.SetWritesWhole(bool(on)) })
}

//export qnetgo_socket_writes_whole
func qnetgo_socket_writes_whole(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.WritesWhole()) })
}

// Waiting

//export qnetgo_socket_wait_for_connected
func qnetgo_socket_wait_for_connected(s C.uintptr_t, msec C.int) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.WaitForConnected(int(msec))) })
}

//export qnetgo_socket_wait_for_disconnected
func qnetgo_socket_wait_for_disconnected(s C.uintptr_t, msec C.int) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.WaitForDisconnected(int(msec))) })
}

//export qnetgo_socket_wait_for_ready_read
func qnetgo_socket_wait_for_ready_read(s C.uintptr_t, msec C.int) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.WaitForReadyRead(int(msec))) })
}

//export qnetgo_socket_wait_for_bytes_written
func qnetgo_socket_wait_for_bytes_written(s C.uintptr_t, msec C.int) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.WaitForBytesWritten(int(msec))) })
}

// State

//export qnetgo_socket_state
func qnetgo_socket_state(s C.uintptr_t) C.int {
	return on(s, 0, func(s *sock) C.int { return C.int(s.State()) })
}

//export qnetgo_socket_error
func qnetgo_socket_error(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.Failure().Code) })
}

//export qnetgo_socket_error_string
func qnetgo_socket_error_string(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *sock) string { return s.Failure().Text })
}

//export qnetgo_socket_is_valid
func qnetgo_socket_is_valid(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.IsValid()) })
}

//export qnetgo_socket_is_open
func qnetgo_socket_is_open(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return s.Mode() != socket.NotOpen })
}

//export qnetgo_socket_is_readable
func qnetgo_socket_is_readable(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return s.Mode()&socket.ReadOnly != 0 })
}

//export qnetgo_socket_is_writable
func qnetgo_socket_is_writable(s C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.IsWritable()) })
}

//export qnetgo_socket_open_mode
func qnetgo_socket_open_mode(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.Mode()) })
}

//export qnetgo_socket_is_sequential
func qnetgo_socket_is_sequential(s C.uintptr_t) C.bool {
	return on(s, false, func(*sock) C.bool { return true })
}

//export qnetgo_socket_socket_type
func qnetgo_socket_socket_type(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.Kind()) })
}

//export qnetgo_socket_local_address
func qnetgo_socket_local_address(s, p C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return fromAddress(p, s.LocalAddress()) })
}

//export qnetgo_socket_local_port
func qnetgo_socket_local_port(s C.uintptr_t) C.uint16_t {
	return on(s, 0, func(s *sock) C.uint16_t { return C.uint16_t(s.LocalPort()) })
}

//export qnetgo_socket_peer_address
func qnetgo_socket_peer_address(s, p C.uintptr_t) C.bool {
	return on(s, false, func(s *sock) C.bool { return fromAddress(p, s.PeerAddress()) })
}

//export qnetgo_socket_peer_name
func qnetgo_socket_peer_name(s C.uintptr_t) C.uintptr_t { return onText(s, (*sock).PeerName) }

//export qnetgo_socket_peer_port
func qnetgo_socket_peer_port(s C.uintptr_t) C.uint16_t {
	return on(s, 0, func(s *sock) C.uint16_t { return C.uint16_t(s.PeerPort()) })
}

//export qnetgo_socket_socket_option
func qnetgo_socket_socket_option(s C.uintptr_t, o C.int) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.Option(option.Option(o))) })
}

//export qnetgo_socket_set_socket_option
func qnetgo_socket_set_socket_option(s C.uintptr_t, o, value C.int) C.bool {
	return on(s, false, func(s *sock) C.bool { return C.bool(s.SetOption(option.Option(o), int(value))) })
}

//export qnetgo_socket_pause_mode
func qnetgo_socket_pause_mode(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.PauseMode()) })
}

//export qnetgo_socket_set_pause_mode
func qnetgo_socket_set_pause_mode(s C.uintptr_t, mode C.int) {
	do(s, func(s *sock) { s.SetPauseMode(int(mode)) })
}

//export qnetgo_socket_resume
func qnetgo_socket_resume(s C.uintptr_t) { do(s, (*sock).Resume) }

//export qnetgo_socket_protocol_tag
func qnetgo_socket_protocol_tag(s C.uintptr_t) C.uintptr_t { return onText(s, (*sock).ProtocolTag) }

//export qnetgo_socket_set_protocol_tag
func qnetgo_socket_set_protocol_tag(s, tag C.uintptr_t) {
	do(s, func(s *sock) { s.SetProtocolTag(text(tag)) })
}

// For those who build their own kind of socket

//export qnetgo_socket_set_local_address
func qnetgo_socket_set_local_address(s, p C.uintptr_t) {
	do(s, func(s *sock) { s.SetLocalAddress(null(p)) })
}

//export qnetgo_socket_set_local_port
func qnetgo_socket_set_local_port(s C.uintptr_t, port C.uint16_t) {
	do(s, func(s *sock) { s.SetLocalPort(uint16(port)) })
}

//export qnetgo_socket_set_peer_address
func qnetgo_socket_set_peer_address(s, p C.uintptr_t) {
	do(s, func(s *sock) { s.SetPeerAddress(null(p)) })
}

//export qnetgo_socket_set_peer_name
func qnetgo_socket_set_peer_name(s, name C.uintptr_t) {
	do(s, func(s *sock) { s.SetPeerName(text(name)) })
}

//export qnetgo_socket_set_peer_port
func qnetgo_socket_set_peer_port(s C.uintptr_t, port C.uint16_t) {
	do(s, func(s *sock) { s.SetPeerPort(uint16(port)) })
}

//export qnetgo_socket_set_socket_error
func qnetgo_socket_set_socket_error(s C.uintptr_t, code C.int) {
	do(s, func(s *sock) { s.SetError(failure.Code(code)) })
}

//export qnetgo_socket_set_socket_state
func qnetgo_socket_set_socket_state(s C.uintptr_t, state C.int) {
	do(s, func(s *sock) { s.SetState(socket.State(state)) })
}
