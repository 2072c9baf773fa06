package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <qnet/ssl_configuration.h>
*/
import "C"

import (
	"bytes"
	"fmt"
	"slices"
	"unsafe"

	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/roots"
)

type sslConfiguration = configuration.Configuration

// configurationOf returns a copy of the configuration of a handle. That there is none is a
// warning.
func configurationOf(c C.uintptr_t) (copied sslConfiguration, ok bool) {
	v, why := valueAt[sslConfiguration](c)
	if v == nil {
		warnHandle(c, why)
		return sslConfiguration{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.of, true
}

// onConfiguration calls f with a copy of the configuration of a handle, as onValue does.
func onConfiguration[R any](c C.uintptr_t, failed R, f func(sslConfiguration) R) (result R) {
	defer recovered(&result, failed)
	copied, ok := configurationOf(c)
	if !ok {
		return failed
	}
	return f(copied)
}

// change changes the configuration of a handle, and reports whether there is one.
func change(c C.uintptr_t, f func(*sslConfiguration)) C.bool {
	return onValue(c, false, func(v *value[sslConfiguration]) C.bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		f(&v.of)
		return true
	})
}

// onConnection is onConfiguration for what a connection has added; without one, all is zero.
func onConnection[R any](c C.uintptr_t, failed R, f func(configuration.Connection) R) R {
	return onConfiguration(c, failed, func(c sslConfiguration) R {
		if c.Connection == nil {
			return f(configuration.Connection{Protocol: protocol.UnknownProtocol, TicketLifetime: -1})
		}
		return f(*c.Connection)
	})
}

// onConfigurationBytes is onConfiguration for what returns bytes, or nil for none at all.
func onConfigurationBytes(c, size C.uintptr_t, f func(sslConfiguration) []byte) C.uintptr_t {
	return onConfiguration(c, 0, func(copied sslConfiguration) C.uintptr_t {
		found := f(copied)
		if found == nil {
			return withSize(0, "", size)
		}
		return onValue(c, 0, func(v *value[sslConfiguration]) C.uintptr_t { return v.replace(string(found), size) })
	})
}

// Configurations

//export qnetgo_ssl_configuration_new
func qnetgo_ssl_configuration_new() C.uintptr_t { return newValue(configuration.Null()) }

//export qnetgo_ssl_configuration_copy
func qnetgo_ssl_configuration_copy(c C.uintptr_t) C.uintptr_t {
	return onConfiguration(c, 0, func(c sslConfiguration) C.uintptr_t { return newValue(c) })
}

//export qnetgo_ssl_configuration_delete
func qnetgo_ssl_configuration_delete(c C.uintptr_t) { deleteValue[sslConfiguration](c) }

//export qnetgo_ssl_configuration_is_null
func qnetgo_ssl_configuration_is_null(c C.uintptr_t) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool { return C.bool(c.IsNull()) })
}

//export qnetgo_ssl_configuration_is_equal
func qnetgo_ssl_configuration_is_equal(c, other C.uintptr_t) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool {
		return onConfiguration(other, false, func(other sslConfiguration) C.bool { return C.bool(c.Equal(other)) })
	})
}

//export qnetgo_ssl_configuration_default_configuration
func qnetgo_ssl_configuration_default_configuration() C.uintptr_t {
	return newValue(configuration.Default())
}

//export qnetgo_ssl_configuration_set_default_configuration
func qnetgo_ssl_configuration_set_default_configuration(c C.uintptr_t) {
	if copied, ok := configurationOf(c); ok {
		configuration.SetDefault(copied)
	}
}

// The protocol

//export qnetgo_ssl_configuration_protocol
func qnetgo_ssl_configuration_protocol(c C.uintptr_t) C.int {
	return onConfiguration(c, C.int(protocol.UnknownProtocol), func(c sslConfiguration) C.int { return C.int(c.Protocol) })
}

//export qnetgo_ssl_configuration_set_protocol
func qnetgo_ssl_configuration_set_protocol(c C.uintptr_t, p C.int) {
	change(c, func(c *sslConfiguration) { c.Protocol = protocol.Protocol(p) })
}

//export qnetgo_ssl_configuration_test_ssl_option
func qnetgo_ssl_configuration_test_ssl_option(c C.uintptr_t, option C.int) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool { return C.bool(c.Has(configuration.Option(option))) })
}

//export qnetgo_ssl_configuration_set_ssl_option
func qnetgo_ssl_configuration_set_ssl_option(c C.uintptr_t, option C.int, on C.bool) {
	change(c, func(c *sslConfiguration) { c.SetOption(configuration.Option(option), bool(on)) })
}

func giveCiphers(list []cipher.Cipher, out C.uintptr_t, room C.int) C.int {
	return giveNumbers(list, out, room, func(c cipher.Cipher) C.uint16_t { return C.uint16_t(c) })
}

func giveCurves(list []cipher.Curve, out C.uintptr_t, room C.int) C.int {
	return giveNumbers(list, out, room, curveNumber)
}

// takeNumbers returns what an array of numbers of C stands for. One that stands for nothing
// is a warning.
func takeNumbers[N any, T any](in C.uintptr_t, count C.int, of func(N) (T, bool)) (list []T, ok bool) {
	if count < 0 || in == 0 && count > 0 {
		warnCaller("the list is NULL, or its length negative")
		return nil, false
	}
	if count == 0 {
		return nil, true
	}
	for _, n := range unsafe.Slice(at[N](in), count) {
		one, ok := of(n)
		if !ok {
			warnCaller(fmt.Sprintf("%v is none", n))
			return nil, false
		}
		list = append(list, one)
	}
	return list, true
}

//export qnetgo_ssl_configuration_ciphers
func qnetgo_ssl_configuration_ciphers(c, list C.uintptr_t, room C.int) C.int {
	return onConfiguration(c, -1, func(c sslConfiguration) C.int { return giveCiphers(c.Ciphers, list, room) })
}

//export qnetgo_ssl_configuration_set_ciphers
func qnetgo_ssl_configuration_set_ciphers(c, list C.uintptr_t, count C.int) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		ciphers, ok := takeNumbers(list, count, func(n C.uint16_t) (cipher.Cipher, bool) {
			return cipher.Cipher(n), !cipher.Cipher(n).IsNull()
		})
		return C.bool(ok) && change(c, func(c *sslConfiguration) { c.Ciphers = ciphers })
	})
}

//export qnetgo_ssl_configuration_set_ciphers_by_name
func qnetgo_ssl_configuration_set_ciphers_by_name(c, names C.uintptr_t) C.bool {
	ciphers, unknown := cipher.Parse(text(names))
	return change(c, func(c *sslConfiguration) { c.Ciphers = ciphers }) && len(unknown) == 0
}

//export qnetgo_ssl_configuration_supported_ciphers
func qnetgo_ssl_configuration_supported_ciphers(list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	return giveCiphers(cipher.Supported(), list, room)
}

//export qnetgo_ssl_configuration_elliptic_curves
func qnetgo_ssl_configuration_elliptic_curves(c, list C.uintptr_t, room C.int) C.int {
	return onConfiguration(c, -1, func(c sslConfiguration) C.int { return giveCurves(c.Curves, list, room) })
}

//export qnetgo_ssl_configuration_set_elliptic_curves
func qnetgo_ssl_configuration_set_elliptic_curves(c, list C.uintptr_t, count C.int) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		curves, ok := takeNumbers(list, count, func(n C.uint32_t) (cipher.Curve, bool) { return curve(n), curve(n).IsValid() })
		return C.bool(ok) && change(c, func(c *sslConfiguration) { c.Curves = curves })
	})
}

//export qnetgo_ssl_configuration_supported_elliptic_curves
func qnetgo_ssl_configuration_supported_elliptic_curves(list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	return giveCurves(cipher.SupportedCurves(), list, room)
}

// Who one is

//export qnetgo_ssl_configuration_local_certificate_chain
func qnetgo_ssl_configuration_local_certificate_chain(c, list C.uintptr_t, room C.int) C.int {
	return onConfiguration(c, -1, func(c sslConfiguration) C.int { return giveValues(c.LocalChain, list, room) })
}

// changeWithChain changes a configuration with certificates of C.
func changeWithChain(c, list C.uintptr_t, count C.int, f func(*sslConfiguration, []*certificate.Certificate)) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		chain, ok := takeValues[*certificate.Certificate](list, count)
		return C.bool(ok) && change(c, func(c *sslConfiguration) { f(c, chain) })
	})
}

//export qnetgo_ssl_configuration_set_local_certificate_chain
func qnetgo_ssl_configuration_set_local_certificate_chain(c, list C.uintptr_t, count C.int) C.bool {
	return changeWithChain(c, list, count, func(c *sslConfiguration, chain []*certificate.Certificate) { c.LocalChain = chain })
}

//export qnetgo_ssl_configuration_local_certificate
func qnetgo_ssl_configuration_local_certificate(c C.uintptr_t) C.uintptr_t {
	return onConfiguration(c, 0, func(c sslConfiguration) C.uintptr_t { return newCertificate(c.LocalCertificate()) })
}

//export qnetgo_ssl_configuration_set_local_certificate
func qnetgo_ssl_configuration_set_local_certificate(c, local C.uintptr_t) {
	onCertificate(local, false, func(local *certificate.Certificate) C.bool {
		return change(c, func(c *sslConfiguration) { c.SetLocalCertificate(local) })
	})
}

//export qnetgo_ssl_configuration_private_key
func qnetgo_ssl_configuration_private_key(c C.uintptr_t) C.uintptr_t {
	return onConfiguration(c, 0, func(c sslConfiguration) C.uintptr_t { return newKey(c.PrivateKey) })
}

//export qnetgo_ssl_configuration_set_private_key
func qnetgo_ssl_configuration_set_private_key(c, k C.uintptr_t) {
	onKey(k, false, func(k *key.Key) C.bool { return change(c, func(c *sslConfiguration) { c.PrivateKey = k }) })
}

//export qnetgo_ssl_configuration_add_server_certificate
func qnetgo_ssl_configuration_add_server_certificate(c, list C.uintptr_t, count C.int, k C.uintptr_t) C.bool {
	return onKey(k, false, func(k *key.Key) C.bool {
		return onConfiguration(c, false, func(sslConfiguration) C.bool {
			chain, ok := takeValues[*certificate.Certificate](list, count)
			switch {
			case !ok:
				return false
			case len(chain) == 0 || k.Signer() == nil:
				warnCaller("there is no certificate, or no private key")
				return false
			}
			return change(c, func(c *sslConfiguration) {
				c.Alternatives = append(slices.Clip(c.Alternatives), configuration.Identity{Chain: chain, Key: k})
			})
		})
	})
}

//export qnetgo_ssl_configuration_clear_server_certificates
func qnetgo_ssl_configuration_clear_server_certificates(c C.uintptr_t) C.int {
	n := 0
	if !change(c, func(c *sslConfiguration) { n, c.Alternatives = len(c.Alternatives), nil }) {
		return -1
	}
	return C.int(n)
}

// Who the peer may be

//export qnetgo_ssl_configuration_peer_verify_mode
func qnetgo_ssl_configuration_peer_verify_mode(c C.uintptr_t) C.int {
	return onConfiguration(c, C.int(configuration.AutoVerifyPeer), func(c sslConfiguration) C.int { return C.int(c.VerifyMode) })
}

//export qnetgo_ssl_configuration_set_peer_verify_mode
func qnetgo_ssl_configuration_set_peer_verify_mode(c C.uintptr_t, mode C.int) {
	change(c, func(c *sslConfiguration) { c.VerifyMode = configuration.VerifyMode(mode) })
}

//export qnetgo_ssl_configuration_peer_verify_depth
func qnetgo_ssl_configuration_peer_verify_depth(c C.uintptr_t) C.int {
	return onConfiguration(c, -1, func(c sslConfiguration) C.int { return C.int(c.VerifyDepth) })
}

//export qnetgo_ssl_configuration_set_peer_verify_depth
func qnetgo_ssl_configuration_set_peer_verify_depth(c C.uintptr_t, depth C.int) {
	onConfiguration(c, false, func(sslConfiguration) C.bool {
		if depth < 0 {
			warnCaller(fmt.Sprintf("cannot set negative depth of %d", depth))
			return false
		}
		return change(c, func(c *sslConfiguration) { c.VerifyDepth = int(depth) })
	})
}

//export qnetgo_ssl_configuration_ca_certificates
func qnetgo_ssl_configuration_ca_certificates(c, list C.uintptr_t, room C.int) C.int {
	return onConfiguration(c, -1, func(c sslConfiguration) C.int { return giveValues(c.AllAuthorities(), list, room) })
}

//export qnetgo_ssl_configuration_set_ca_certificates
func qnetgo_ssl_configuration_set_ca_certificates(c, list C.uintptr_t, count C.int) C.bool {
	return changeWithChain(c, list, count, (*sslConfiguration).SetAuthorities)
}

//export qnetgo_ssl_configuration_add_ca_certificate
func qnetgo_ssl_configuration_add_ca_certificate(c, authority C.uintptr_t) {
	onCertificate(authority, false, func(authority *certificate.Certificate) C.bool {
		return change(c, func(c *sslConfiguration) {
			if authority != nil {
				c.AddAuthorities(authority)
			}
		})
	})
}

//export qnetgo_ssl_configuration_add_ca_certificates
func qnetgo_ssl_configuration_add_ca_certificates(c, list C.uintptr_t, count C.int) C.bool {
	return changeWithChain(c, list, count, func(c *sslConfiguration, list []*certificate.Certificate) { c.AddAuthorities(list...) })
}

//export qnetgo_ssl_configuration_add_ca_certificates_from_path
func qnetgo_ssl_configuration_add_ca_certificates_from_path(c, path C.uintptr_t, format, syntax C.int) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		if path == 0 || !isFormat(format) || !isSyntax(syntax) {
			warnCaller("the path is NULL, or there is no such format or syntax")
			return false
		}
		list := roots.FromPath(text(path), format == formatDER, roots.Syntax(syntax))
		return change(c, func(c *sslConfiguration) { c.AddAuthorities(list...) }) && len(list) > 0
	})
}

//export qnetgo_ssl_configuration_system_ca_certificates
func qnetgo_ssl_configuration_system_ca_certificates(list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	return giveValues(roots.Shared(), list, room)
}

//export qnetgo_ssl_configuration_handshake_must_interrupt_on_error
func qnetgo_ssl_configuration_handshake_must_interrupt_on_error(c C.uintptr_t) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool { return C.bool(c.InterruptOnError) })
}

//export qnetgo_ssl_configuration_set_handshake_must_interrupt_on_error
func qnetgo_ssl_configuration_set_handshake_must_interrupt_on_error(c C.uintptr_t, interrupt C.bool) {
	change(c, func(c *sslConfiguration) { c.InterruptOnError = bool(interrupt) })
}

//export qnetgo_ssl_configuration_missing_certificate_is_fatal
func qnetgo_ssl_configuration_missing_certificate_is_fatal(c C.uintptr_t) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool { return C.bool(c.MissingCertificateIsFatal) })
}

//export qnetgo_ssl_configuration_set_missing_certificate_is_fatal
func qnetgo_ssl_configuration_set_missing_certificate_is_fatal(c C.uintptr_t, fatal C.bool) {
	change(c, func(c *sslConfiguration) { c.MissingCertificateIsFatal = bool(fatal) })
}

//export qnetgo_ssl_configuration_ocsp_stapling_enabled
func qnetgo_ssl_configuration_ocsp_stapling_enabled(c C.uintptr_t) C.bool {
	return onConfiguration(c, false, func(c sslConfiguration) C.bool { return C.bool(c.OCSP) })
}

//export qnetgo_ssl_configuration_set_ocsp_stapling_enabled
func qnetgo_ssl_configuration_set_ocsp_stapling_enabled(c C.uintptr_t, enable C.bool) {
	change(c, func(c *sslConfiguration) { c.OCSP = bool(enable) })
}

// What is agreed on

//export qnetgo_ssl_configuration_allowed_next_protocols
func qnetgo_ssl_configuration_allowed_next_protocols(c C.uintptr_t, index C.int, size C.uintptr_t) C.uintptr_t {
	return onConfigurationBytes(c, size, func(c sslConfiguration) []byte {
		if index < 0 || int(index) >= len(c.NextProtocols) {
			return nil
		}
		return c.NextProtocols[index]
	})
}

//export qnetgo_ssl_configuration_set_allowed_next_protocols
func qnetgo_ssl_configuration_set_allowed_next_protocols(c, list C.uintptr_t, size C.size_t) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		data, ok := file(list, size)
		if !ok {
			return false
		}
		protocols, ok := nextProtocols(bytes.Clone(data))
		if !ok {
			warnCaller("these are no names of protocols, each behind its length")
			return false
		}
		return change(c, func(c *sslConfiguration) { c.NextProtocols = protocols })
	})
}

// nextProtocols returns the names of protocols that have their lengths before them.
func nextProtocols(data []byte) (list [][]byte, ok bool) {
	for len(data) > 0 {
		n := int(data[0])
		if n == 0 || n >= len(data) {
			return nil, false
		}
		list, data = append(list, data[1:n+1:n+1]), data[n+1:]
	}
	return list, true
}

//export qnetgo_ssl_configuration_next_negotiated_protocol
func qnetgo_ssl_configuration_next_negotiated_protocol(c, size C.uintptr_t) C.uintptr_t {
	return onConfigurationBytes(c, size, func(c sslConfiguration) []byte {
		if c.Connection == nil || c.Connection.NextProtocol == nil {
			return []byte{}
		}
		return c.Connection.NextProtocol
	})
}

//export qnetgo_ssl_configuration_next_protocol_negotiation_status
func qnetgo_ssl_configuration_next_protocol_negotiation_status(c C.uintptr_t) C.int {
	return onConnection(c, 0, func(c configuration.Connection) C.int { return C.int(c.NextStatus) })
}

//export qnetgo_ssl_configuration_session_ticket
func qnetgo_ssl_configuration_session_ticket(c, size C.uintptr_t) C.uintptr_t {
	return onConfigurationBytes(c, size, func(c sslConfiguration) []byte { return append([]byte{}, c.SessionTicket...) })
}

//export qnetgo_ssl_configuration_set_session_ticket
func qnetgo_ssl_configuration_set_session_ticket(c, ticket C.uintptr_t, size C.size_t) C.bool {
	return onConfiguration(c, false, func(sslConfiguration) C.bool {
		data, ok := file(ticket, size)
		copied := bytes.Clone(data)
		return C.bool(ok) && change(c, func(c *sslConfiguration) { c.SessionTicket = copied })
	})
}

//export qnetgo_ssl_configuration_session_ticket_life_time_hint
func qnetgo_ssl_configuration_session_ticket_life_time_hint(c C.uintptr_t) C.int {
	return onConnection(c, -1, func(c configuration.Connection) C.int { return C.int(c.TicketLifetime) })
}

// How it was done

//export qnetgo_ssl_configuration_peer_certificate
func qnetgo_ssl_configuration_peer_certificate(c C.uintptr_t) C.uintptr_t {
	return onConnection(c, 0, func(c configuration.Connection) C.uintptr_t {
		if len(c.PeerChain) == 0 {
			return 0
		}
		return newCertificate(c.PeerChain[0])
	})
}

//export qnetgo_ssl_configuration_peer_certificate_chain
func qnetgo_ssl_configuration_peer_certificate_chain(c, list C.uintptr_t, room C.int) C.int {
	return onConnection(c, -1, func(c configuration.Connection) C.int { return giveValues(c.PeerChain, list, room) })
}

//export qnetgo_ssl_configuration_session_cipher
func qnetgo_ssl_configuration_session_cipher(c C.uintptr_t) C.uint16_t {
	return onConnection(c, 0, func(c configuration.Connection) C.uint16_t { return C.uint16_t(c.Cipher) })
}

//export qnetgo_ssl_configuration_session_protocol
func qnetgo_ssl_configuration_session_protocol(c C.uintptr_t) C.int {
	return onConnection(c, C.int(protocol.UnknownProtocol), func(c configuration.Connection) C.int { return C.int(c.Protocol) })
}

//export qnetgo_ssl_configuration_ephemeral_server_key
func qnetgo_ssl_configuration_ephemeral_server_key(c C.uintptr_t) C.uintptr_t {
	return onConnection(c, 0, func(c configuration.Connection) C.uintptr_t { return newKey(c.EphemeralKey) })
}
