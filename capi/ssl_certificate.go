package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <qnet/ssl.h>
*/
import "C"

import (
	"time"

	"qnet/core/tls/bundle"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/roots"
	"qnet/core/tls/verify"
)

// newCertificate returns a new handle of a certificate, NULL if it is null.
func newCertificate(c *certificate.Certificate) C.uintptr_t {
	if c == nil {
		return 0
	}
	return newValue(c)
}

// onCertificate is onValue for certificates.
func onCertificate[R any](c C.uintptr_t, failed R, f func(*certificate.Certificate) R) R {
	return onValue(c, failed, func(v *value[*certificate.Certificate]) R { return f(v.of) })
}

const formatDER = C.QNET_DER

// isFormat reports whether there is such a format of files.
func isFormat(format C.int) bool { return format == C.QNET_PEM || format == formatDER }

//export qnetgo_ssl_certificate_from_data
func qnetgo_ssl_certificate_from_data(data C.uintptr_t, size C.size_t, format C.int, list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	encoded, ok := file(data, size)
	if !ok {
		return -1
	}
	switch format {
	case C.QNET_PEM:
		return giveValues(certificate.FromPEM(encoded), list, room)
	case formatDER:
		return giveValues(certificate.FromDER(encoded), list, room)
	}
	warnCaller("there is no such format")
	return -1
}

//export qnetgo_ssl_certificate_from_path
func qnetgo_ssl_certificate_from_path(path C.uintptr_t, format, syntax C.int, list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	if path == 0 || !isFormat(format) || !isSyntax(syntax) {
		warnCaller("the path is NULL, or there is no such format or syntax")
		return -1
	}
	return giveValues(roots.FromPath(text(path), format == formatDER, roots.Syntax(syntax)), list, room)
}

// isSyntax reports whether there is such a syntax of paths.
func isSyntax(syntax C.int) bool {
	return syntax >= C.int(roots.RegularExpression) && syntax <= C.int(roots.FixedString)
}

//export qnetgo_ssl_certificate_copy
func qnetgo_ssl_certificate_copy(c C.uintptr_t) C.uintptr_t {
	return copyValue[*certificate.Certificate](c)
}

//export qnetgo_ssl_certificate_delete
func qnetgo_ssl_certificate_delete(c C.uintptr_t) { deleteValue[*certificate.Certificate](c) }

//export qnetgo_ssl_certificate_is_null
func qnetgo_ssl_certificate_is_null(c C.uintptr_t) C.bool {
	return onCertificate(c, false, func(c *certificate.Certificate) C.bool { return C.bool(c.IsNull()) })
}

//export qnetgo_ssl_certificate_is_blacklisted
func qnetgo_ssl_certificate_is_blacklisted(c C.uintptr_t) C.bool {
	return onCertificate(c, false, func(c *certificate.Certificate) C.bool { return C.bool(c.IsBlacklisted()) })
}

//export qnetgo_ssl_certificate_is_self_signed
func qnetgo_ssl_certificate_is_self_signed(c C.uintptr_t) C.bool {
	return onCertificate(c, false, func(c *certificate.Certificate) C.bool { return C.bool(c.IsSelfSigned()) })
}

//export qnetgo_ssl_certificate_is_equal
func qnetgo_ssl_certificate_is_equal(c, other C.uintptr_t) C.bool {
	return onValues(c, other, false, func(c, other *certificate.Certificate) C.bool { return C.bool(c.Equal(other)) })
}

// What it says

//export qnetgo_ssl_certificate_version
func qnetgo_ssl_certificate_version(c C.uintptr_t) C.uintptr_t {
	return onValueText(c, (*certificate.Certificate).Version)
}

//export qnetgo_ssl_certificate_serial_number
func qnetgo_ssl_certificate_serial_number(c C.uintptr_t) C.uintptr_t {
	return onValueText(c, (*certificate.Certificate).SerialNumber)
}

//export qnetgo_ssl_certificate_digest
func qnetgo_ssl_certificate_digest(c C.uintptr_t, algorithm C.int, size C.uintptr_t) C.uintptr_t {
	return onValueBytes(c, size, func(c *certificate.Certificate) []byte {
		if algorithm != C.int(certificate.Hash(algorithm)) {
			return nil
		}
		return c.Digest(certificate.Hash(algorithm))
	})
}

// attribute returns the short name of a QSslCertificate::SubjectInfo.
func attribute(info C.int) string {
	if info != C.int(certificate.SubjectInfo(info)) {
		return ""
	}
	return certificate.SubjectInfo(info).Attribute()
}

//export qnetgo_ssl_certificate_issuer_info
func qnetgo_ssl_certificate_issuer_info(c C.uintptr_t, info, index C.int) C.uintptr_t {
	return onValueTexts(c, index, func(c *certificate.Certificate) []string { return c.IssuerInfo(attribute(info)) })
}

//export qnetgo_ssl_certificate_issuer_info_by_name
func qnetgo_ssl_certificate_issuer_info_by_name(c, name C.uintptr_t, index C.int) C.uintptr_t {
	return onValueTexts(c, index, func(c *certificate.Certificate) []string { return c.IssuerInfo(text(name)) })
}

//export qnetgo_ssl_certificate_subject_info
func qnetgo_ssl_certificate_subject_info(c C.uintptr_t, info, index C.int) C.uintptr_t {
	return onValueTexts(c, index, func(c *certificate.Certificate) []string { return c.SubjectInfo(attribute(info)) })
}

//export qnetgo_ssl_certificate_subject_info_by_name
func qnetgo_ssl_certificate_subject_info_by_name(c, name C.uintptr_t, index C.int) C.uintptr_t {
	return onValueTexts(c, index, func(c *certificate.Certificate) []string { return c.SubjectInfo(text(name)) })
}

//export qnetgo_ssl_certificate_issuer_info_attributes
func qnetgo_ssl_certificate_issuer_info_attributes(c C.uintptr_t, index C.int) C.uintptr_t {
	return onValueTexts(c, index, (*certificate.Certificate).IssuerInfoAttributes)
}

//export qnetgo_ssl_certificate_subject_info_attributes
func qnetgo_ssl_certificate_subject_info_attributes(c C.uintptr_t, index C.int) C.uintptr_t {
	return onValueTexts(c, index, (*certificate.Certificate).SubjectInfoAttributes)
}

//export qnetgo_ssl_certificate_issuer_display_name
func qnetgo_ssl_certificate_issuer_display_name(c C.uintptr_t) C.uintptr_t {
	return onValueText(c, (*certificate.Certificate).IssuerDisplayName)
}

//export qnetgo_ssl_certificate_subject_display_name
func qnetgo_ssl_certificate_subject_display_name(c C.uintptr_t) C.uintptr_t {
	return onValueText(c, (*certificate.Certificate).SubjectDisplayName)
}

//export qnetgo_ssl_certificate_subject_alternative_names
func qnetgo_ssl_certificate_subject_alternative_names(c C.uintptr_t, kind, index C.int) C.uintptr_t {
	return onValueTexts(c, index, func(c *certificate.Certificate) []string {
		var list []string
		for _, n := range c.AlternativeNames() {
			if n.Kind == int(kind) {
				list = append(list, n.Name)
			}
		}
		return list
	})
}

// onDate is onCertificate for what returns a time.
func onDate(c C.uintptr_t, f func(*certificate.Certificate) (time.Time, bool)) C.int64_t {
	return onCertificate(c, -1, func(c *certificate.Certificate) C.int64_t {
		if t, ok := f(c); ok {
			return C.int64_t(t.UnixMilli())
		}
		return -1
	})
}

//export qnetgo_ssl_certificate_effective_date
func qnetgo_ssl_certificate_effective_date(c C.uintptr_t) C.int64_t {
	return onDate(c, (*certificate.Certificate).EffectiveDate)
}

//export qnetgo_ssl_certificate_expiry_date
func qnetgo_ssl_certificate_expiry_date(c C.uintptr_t) C.int64_t {
	return onDate(c, (*certificate.Certificate).ExpiryDate)
}

//export qnetgo_ssl_certificate_public_key
func qnetgo_ssl_certificate_public_key(c C.uintptr_t) C.uintptr_t {
	return onCertificate(c, 0, func(c *certificate.Certificate) C.uintptr_t { return newKey(c.PublicKey()) })
}

//export qnetgo_ssl_certificate_extensions
func qnetgo_ssl_certificate_extensions(c, list C.uintptr_t, room C.int) C.int {
	return onCertificate(c, -1, func(c *certificate.Certificate) C.int { return giveValues(c.Extensions(), list, room) })
}

// As a file

//export qnetgo_ssl_certificate_to_pem
func qnetgo_ssl_certificate_to_pem(c, size C.uintptr_t) C.uintptr_t {
	return onValueBytes(c, size, (*certificate.Certificate).PEM)
}

//export qnetgo_ssl_certificate_to_der
func qnetgo_ssl_certificate_to_der(c, size C.uintptr_t) C.uintptr_t {
	return onValueBytes(c, size, (*certificate.Certificate).DER)
}

//export qnetgo_ssl_certificate_to_text
func qnetgo_ssl_certificate_to_text(c C.uintptr_t) C.uintptr_t {
	return onValueText(c, (*certificate.Certificate).Text)
}

//export qnetgo_ssl_certificate_import_pkcs12
func qnetgo_ssl_certificate_import_pkcs12(data C.uintptr_t, size C.size_t, passPhrase, k, c, list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	encoded, ok := file(data, size)
	if !ok || !isRoom(list, room) {
		return -1
	}
	b, err := bundle.Parse(encoded, text(passPhrase))
	if err != nil {
		warnCaller(err.Error())
		return -1
	}
	if to := at[C.uintptr_t](k); to != nil {
		*to = newKey(b.Key)
	}
	if to := at[C.uintptr_t](c); to != nil {
		*to = newCertificate(b.Certificate)
	}
	return giveValues(b.Authorities, list, room)
}

//export qnetgo_ssl_certificate_verify
func qnetgo_ssl_certificate_verify(chain C.uintptr_t, count C.int, host, list C.uintptr_t, room C.int) (n C.int) {
	defer recovered(&n, -1)
	sent, ok := takeValues[*certificate.Certificate](chain, count)
	if !ok || !isRoom(list, room) {
		return -1
	}
	now := time.Now()
	return giveValues(verify.Alone(sent, verify.NewStore(trusted(), now), text(host), now), list, room)
}

// trusted returns the authorities that the default configuration trusts.
func trusted() []*certificate.Certificate { return configuration.Default().AllAuthorities() }
