package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include "callback.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"qnet/core/address"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/verify"
)

// onSSL is on for what only sockets can do that are able to encrypt. On others it is the
// error QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
func onSSL[R any](s C.uintptr_t, failed R, f func(*socket.SSL) R) R {
	return on(s, failed, func(s *sock) R {
		if s.SSL() == nil {
			s.Refuse()
			return failed
		}
		return f(s.SSL())
	})
}

// doSSL is onSSL for what returns nothing.
func doSSL(s C.uintptr_t, f func(*socket.SSL)) {
	onSSL(s, false, func(x *socket.SSL) bool { f(x); return true })
}

//export qnetgo_ssl_socket_new
func qnetgo_ssl_socket_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(socket.NewSSL(l)) })
}

// The way to an encrypted connection

//export qnetgo_ssl_socket_connect_to_host_encrypted
func qnetgo_ssl_socket_connect_to_host_encrypted(s, host C.uintptr_t, port C.uint16_t, name C.uintptr_t, mode, protocol C.int) {
	if host == 0 {
		warnCaller("the host is NULL")
		return
	}
	doSSL(s, func(x *socket.SSL) {
		x.ConnectToHost(text(host), uint16(port), text(name), socket.OpenMode(mode), address.Protocol(protocol))
	})
}

//export qnetgo_ssl_socket_start_client_encryption
func qnetgo_ssl_socket_start_client_encryption(s C.uintptr_t) { doSSL(s, (*socket.SSL).StartClient) }

//export qnetgo_ssl_socket_start_server_encryption
func qnetgo_ssl_socket_start_server_encryption(s C.uintptr_t) { doSSL(s, (*socket.SSL).StartServer) }

//export qnetgo_ssl_socket_mode
func qnetgo_ssl_socket_mode(s C.uintptr_t) C.int {
	return onSSL(s, C.int(socket.SSLUnencrypted), func(x *socket.SSL) C.int { return C.int(x.Mode()) })
}

//export qnetgo_ssl_socket_is_encrypted
func qnetgo_ssl_socket_is_encrypted(s C.uintptr_t) C.bool {
	return onSSL(s, false, func(x *socket.SSL) C.bool { return C.bool(x.IsEncrypted()) })
}

//export qnetgo_ssl_socket_wait_for_encrypted
func qnetgo_ssl_socket_wait_for_encrypted(s C.uintptr_t, msec C.int) C.bool {
	return onSSL(s, false, func(x *socket.SSL) C.bool { return C.bool(x.WaitForEncrypted(int(msec))) })
}

//export qnetgo_ssl_socket_continue_interrupted_handshake
func qnetgo_ssl_socket_continue_interrupted_handshake(s C.uintptr_t) {
	doSSL(s, (*socket.SSL).ContinueHandshake)
}

// What is chosen

//export qnetgo_ssl_socket_set_ssl_configuration
func qnetgo_ssl_socket_set_ssl_configuration(s, c C.uintptr_t) {
	if copied, ok := configurationOf(c); ok {
		doSSL(s, func(x *socket.SSL) { x.SetConfiguration(copied) })
	}
}

//export qnetgo_ssl_socket_ssl_configuration
func qnetgo_ssl_socket_ssl_configuration(s C.uintptr_t) C.uintptr_t {
	return onSSL(s, 0, func(x *socket.SSL) C.uintptr_t { return newValue(x.Configuration()) })
}

// doConfig changes the configuration for handshakes to come.
func doConfig(s C.uintptr_t, f func(*sslConfiguration)) {
	doSSL(s, func(x *socket.SSL) { x.Change(f) })
}

//export qnetgo_ssl_socket_set_peer_verify_mode
func qnetgo_ssl_socket_set_peer_verify_mode(s C.uintptr_t, mode C.int) {
	doConfig(s, func(c *sslConfiguration) { c.VerifyMode = configuration.VerifyMode(mode) })
}

//export qnetgo_ssl_socket_peer_verify_mode
func qnetgo_ssl_socket_peer_verify_mode(s C.uintptr_t) C.int {
	return onSSL(s, C.int(configuration.AutoVerifyPeer), func(x *socket.SSL) C.int { return C.int(x.Config().VerifyMode) })
}

//export qnetgo_ssl_socket_set_peer_verify_depth
func qnetgo_ssl_socket_set_peer_verify_depth(s C.uintptr_t, depth C.int) {
	if depth < 0 {
		warnCaller(fmt.Sprintf("cannot set negative depth of %d", depth))
		return
	}
	doConfig(s, func(c *sslConfiguration) { c.VerifyDepth = int(depth) })
}

//export qnetgo_ssl_socket_peer_verify_depth
func qnetgo_ssl_socket_peer_verify_depth(s C.uintptr_t) C.int {
	return onSSL(s, -1, func(x *socket.SSL) C.int { return C.int(x.Config().VerifyDepth) })
}

//export qnetgo_ssl_socket_set_peer_verify_name
func qnetgo_ssl_socket_set_peer_verify_name(s, name C.uintptr_t) {
	doSSL(s, func(x *socket.SSL) { x.SetPeerVerifyName(text(name)) })
}

//export qnetgo_ssl_socket_peer_verify_name
func qnetgo_ssl_socket_peer_verify_name(s C.uintptr_t) C.uintptr_t {
	return on(s, 0, func(s *sock) C.uintptr_t {
		if s.SSL() == nil {
			s.Refuse()
			return 0
		}
		return s.Attachment().(*handle[sock]).give(s.SSL().PeerVerifyName())
	})
}

//export qnetgo_ssl_socket_set_protocol
func qnetgo_ssl_socket_set_protocol(s C.uintptr_t, p C.int) {
	doConfig(s, func(c *sslConfiguration) { c.Protocol = protocol.Protocol(p) })
}

//export qnetgo_ssl_socket_protocol
func qnetgo_ssl_socket_protocol(s C.uintptr_t) C.int {
	return onSSL(s, C.int(protocol.UnknownProtocol), func(x *socket.SSL) C.int { return C.int(x.Config().Protocol) })
}

//export qnetgo_ssl_socket_set_local_certificate
func qnetgo_ssl_socket_set_local_certificate(s, local C.uintptr_t) {
	onCertificate(local, false, func(local *certificate.Certificate) bool {
		doConfig(s, func(c *sslConfiguration) { c.SetLocalCertificate(local) })
		return true
	})
}

//export qnetgo_ssl_socket_local_certificate
func qnetgo_ssl_socket_local_certificate(s C.uintptr_t) C.uintptr_t {
	return onSSL(s, 0, func(x *socket.SSL) C.uintptr_t { return newCertificate(x.Config().LocalCertificate()) })
}

//export qnetgo_ssl_socket_set_local_certificate_chain
func qnetgo_ssl_socket_set_local_certificate_chain(s, list C.uintptr_t, count C.int) {
	if chain, ok := takeValues[*certificate.Certificate](list, count); ok {
		doConfig(s, func(c *sslConfiguration) { c.LocalChain = chain })
	}
}

//export qnetgo_ssl_socket_local_certificate_chain
func qnetgo_ssl_socket_local_certificate_chain(s, list C.uintptr_t, room C.int) C.int {
	return onSSL(s, -1, func(x *socket.SSL) C.int { return giveValues(x.Config().LocalChain, list, room) })
}

//export qnetgo_ssl_socket_set_private_key
func qnetgo_ssl_socket_set_private_key(s, k C.uintptr_t) {
	onKey(k, false, func(k *key.Key) bool {
		doConfig(s, func(c *sslConfiguration) { c.PrivateKey = k })
		return true
	})
}

//export qnetgo_ssl_socket_private_key
func qnetgo_ssl_socket_private_key(s C.uintptr_t) C.uintptr_t {
	return onSSL(s, 0, func(x *socket.SSL) C.uintptr_t { return newKey(x.Config().PrivateKey) })
}

// What was agreed on and found

// nothingAgreed is what there is before a handshake.
var nothingAgreed = &configuration.Connection{Protocol: protocol.UnknownProtocol}

// onAgreed is onSSL for what a handshake has found and agreed on.
func onAgreed[R any](s C.uintptr_t, failed R, f func(*configuration.Connection) R) R {
	return onSSL(s, failed, func(x *socket.SSL) R {
		if c := x.Connection(); c != nil {
			return f(c)
		}
		return f(nothingAgreed)
	})
}

//export qnetgo_ssl_socket_session_cipher
func qnetgo_ssl_socket_session_cipher(s C.uintptr_t) C.uint16_t {
	return onSSL(s, 0, func(x *socket.SSL) C.uint16_t {
		if !x.IsEncrypted() {
			return 0
		}
		return C.uint16_t(x.Connection().Cipher)
	})
}

//export qnetgo_ssl_socket_session_protocol
func qnetgo_ssl_socket_session_protocol(s C.uintptr_t) C.int {
	return onSSL(s, C.int(protocol.UnknownProtocol), func(x *socket.SSL) C.int {
		if !x.IsEncrypted() {
			return C.int(protocol.UnknownProtocol)
		}
		return C.int(x.Connection().Protocol)
	})
}

//export qnetgo_ssl_socket_peer_certificate
func qnetgo_ssl_socket_peer_certificate(s C.uintptr_t) C.uintptr_t {
	return onAgreed(s, 0, func(c *configuration.Connection) C.uintptr_t {
		if len(c.PeerChain) == 0 {
			return 0
		}
		return newCertificate(c.PeerChain[0])
	})
}

//export qnetgo_ssl_socket_peer_certificate_chain
func qnetgo_ssl_socket_peer_certificate_chain(s, list C.uintptr_t, room C.int) C.int {
	return onAgreed(s, -1, func(c *configuration.Connection) C.int { return giveValues(c.PeerChain, list, room) })
}

//export qnetgo_ssl_socket_ocsp_responses
func qnetgo_ssl_socket_ocsp_responses(s, list C.uintptr_t, room C.int) C.int {
	return onAgreed(s, -1, func(c *configuration.Connection) C.int { return giveValues(c.OCSPResponses, list, room) })
}

//export qnetgo_ssl_socket_ssl_handshake_errors
func qnetgo_ssl_socket_ssl_handshake_errors(s, list C.uintptr_t, room C.int) C.int {
	return onSSL(s, -1, func(x *socket.SSL) C.int { return giveValues(x.Failures(), list, room) })
}

//export qnetgo_ssl_socket_ignore_ssl_errors
func qnetgo_ssl_socket_ignore_ssl_errors(s C.uintptr_t) { doSSL(s, (*socket.SSL).IgnoreErrors) }

//export qnetgo_ssl_socket_ignore_these_ssl_errors
func qnetgo_ssl_socket_ignore_these_ssl_errors(s, list C.uintptr_t, count C.int) {
	if failures, ok := takeValues[verify.Failure](list, count); ok {
		doSSL(s, func(x *socket.SSL) { x.IgnoreThese(failures) })
	}
}

//export qnetgo_ssl_socket_encrypted_bytes_available
func qnetgo_ssl_socket_encrypted_bytes_available(s C.uintptr_t) C.int64_t {
	return onSSL(s, -1, func(x *socket.SSL) C.int64_t { return C.int64_t(x.EncryptedBytesAvailable()) })
}

//export qnetgo_ssl_socket_encrypted_bytes_to_write
func qnetgo_ssl_socket_encrypted_bytes_to_write(s C.uintptr_t) C.int64_t {
	return onSSL(s, -1, func(x *socket.SSL) C.int64_t { return C.int64_t(x.EncryptedBytesToWrite()) })
}

// Signals

// signalled returns what a signal of a socket is about, which another thread may have
// changed or deleted meanwhile.
func signalled[T any](o *object.Object, of func(*socket.SSL) T) (about T) {
	defer o.LockLoop().Unlock()
	if v := o.Attachment().(*handle[sock]).target(); v != nil && v.SSL() != nil {
		about = of(v.SSL())
	}
	return about
}

// The handles are the program's for as long as the callback takes.

var callSslSocketError = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	lendFailure(signalled(o, (*socket.SSL).Failure), func(failure C.uintptr_t) {
		C.qnetc_call_ssl_socket_error(callback(s), self(o), failure, userData(s))
	})
})

var callSslSocketErrors = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	lendFailures(signalled(o, (*socket.SSL).Failures), func(list C.uintptr_t, count C.int) {
		C.qnetc_call_ssl_socket_errors(callback(s), self(o), list, count, userData(s))
	})
})

// lendFailure lends a callback the handle of a failure.
func lendFailure(f verify.Failure, call func(C.uintptr_t)) {
	e := newValue(f)
	defer deleteValue[verify.Failure](e)
	call(e)
}

// lendFailures does so with a list of them.
func lendFailures(failures []verify.Failure, call func(list C.uintptr_t, count C.int)) {
	list := (*C.uintptr_t)(allocate(max(1, len(failures)) * int(unsafe.Sizeof(C.uintptr_t(0)))))
	if list == nil {
		warn("qnet: no memory for the errors of a TLS peer")
		return
	}
	defer C.free(unsafe.Pointer(list))
	handles := unsafe.Slice(list, len(failures))
	for i, f := range failures {
		handles[i] = newValue(f)
	}
	defer func() {
		for _, e := range handles {
			deleteValue[verify.Failure](e)
		}
	}()
	call(C.uintptr_t(uintptr(unsafe.Pointer(list))), C.int(len(failures)))
}

var callSslSocketAlert = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	alert := signalled(o, (*socket.SSL).Alert)
	lendText(alert.Text, func(description C.uintptr_t) {
		C.qnetc_call_ssl_socket_alert(callback(s), self(o), C.int(alert.Level), C.int(alert.Type), description, userData(s))
	})
})

// lendText lends a callback a text.
func lendText(text string, call func(C.uintptr_t)) {
	p := newText(text)
	defer C.free(p)
	call(C.uintptr_t(uintptr(p)))
}
