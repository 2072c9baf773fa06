// Package verify finds out what is wrong with a chain of certificates: the errors that Qt
// finds with OpenSSL, in the order in which it finds them.
package verify

import "qnet/core/tls/certificate"

// Code is a QSslError::SslError.
type Code int8

const (
	Unspecified                         Code = -1
	NoError                             Code = 0
	UnableToGetIssuerCertificate        Code = 1
	UnableToDecryptCertificateSignature Code = 2
	UnableToDecodeIssuerPublicKey       Code = 3
	CertificateSignatureFailed          Code = 4
	CertificateNotYetValid              Code = 5
	CertificateExpired                  Code = 6
	InvalidNotBeforeField               Code = 7
	InvalidNotAfterField                Code = 8
	SelfSignedCertificate               Code = 9
	SelfSignedCertificateInChain        Code = 10
	UnableToGetLocalIssuerCertificate   Code = 11
	UnableToVerifyFirstCertificate      Code = 12
	CertificateRevoked                  Code = 13
	InvalidCaCertificate                Code = 14
	PathLengthExceeded                  Code = 15
	InvalidPurpose                      Code = 16
	CertificateUntrusted                Code = 17
	CertificateRejected                 Code = 18
	SubjectIssuerMismatch               Code = 19
	AuthorityIssuerSerialNumberMismatch Code = 20
	NoPeerCertificate                   Code = 21
	HostNameMismatch                    Code = 22
	NoSslSupport                        Code = 23
	CertificateBlacklisted              Code = 24
	CertificateStatusUnknown            Code = 25
	OcspNoResponseFound                 Code = 26
	OcspMalformedRequest                Code = 27
	OcspMalformedResponse               Code = 28
	OcspInternalError                   Code = 29
	OcspTryLater                        Code = 30
	OcspSigRequired                     Code = 31
	OcspUnauthorized                    Code = 32
	OcspResponseCannotBeTrusted         Code = 33
	OcspResponseCertIDUnknown           Code = 34
	OcspResponseExpired                 Code = 35
	OcspStatusUnknown                   Code = 36
)

// What programs that were written for Qt may look for.
var texts = map[Code]string{
	NoError:                             "No error",
	UnableToGetIssuerCertificate:        "The issuer certificate could not be found",
	UnableToDecryptCertificateSignature: "The certificate signature could not be decrypted",
	UnableToDecodeIssuerPublicKey:       "The public key in the certificate could not be read",
	CertificateSignatureFailed:          "The signature of the certificate is invalid",
	CertificateNotYetValid:              "The certificate is not yet valid",
	CertificateExpired:                  "The certificate has expired",
	InvalidNotBeforeField:               "The certificate's notBefore field contains an invalid time",
	InvalidNotAfterField:                "The certificate's notAfter field contains an invalid time",
	SelfSignedCertificate:               "The certificate is self-signed, and untrusted",
	SelfSignedCertificateInChain:        "The root certificate of the certificate chain is self-signed, and untrusted",
	UnableToGetLocalIssuerCertificate:   "The issuer certificate of a locally looked up certificate could not be found",
	UnableToVerifyFirstCertificate:      "No certificates could be verified",
	InvalidCaCertificate:                "One of the CA certificates is invalid",
	PathLengthExceeded:                  "The basicConstraints path length parameter has been exceeded",
	InvalidPurpose:                      "The supplied certificate is unsuitable for this purpose",
	CertificateUntrusted:                "The root CA certificate is not trusted for this purpose",
	CertificateRejected:                 "The root CA certificate is marked to reject the specified purpose",
	SubjectIssuerMismatch: "The current candidate issuer certificate was rejected because its subject name did not match " +
		"the issuer name of the current certificate",
	AuthorityIssuerSerialNumberMismatch: "The current candidate issuer certificate was rejected because its issuer name and serial number " +
		"was present and did not match the authority key identifier of the current certificate",
	NoPeerCertificate:           "The peer did not present any certificate",
	HostNameMismatch:            "The host name did not match any of the valid hosts for this certificate",
	NoSslSupport:                "",
	CertificateBlacklisted:      "The peer certificate is blacklisted",
	OcspNoResponseFound:         "No OCSP status response found",
	OcspMalformedRequest:        "The OCSP status request had invalid syntax",
	OcspMalformedResponse:       "OCSP response contains an unexpected number of SingleResponse structures",
	OcspInternalError:           "OCSP responder reached an inconsistent internal state",
	OcspTryLater:                "OCSP responder was unable to return a status for the requested certificate",
	OcspSigRequired:             "The server requires the client to sign the OCSP request in order to construct a response",
	OcspUnauthorized:            "The client is not authorized to request OCSP status from this server",
	OcspResponseCannotBeTrusted: "OCSP responder's identity cannot be verified",
	OcspResponseCertIDUnknown:   "The identity of a certificate in an OCSP response cannot be established",
	OcspResponseExpired:         "The certificate status response has expired",
	OcspStatusUnknown:           "The certificate's status is unknown",
}

// String returns the text of an error (QSslError::errorString).
func (c Code) String() string {
	if text, ok := texts[c]; ok {
		return text
	}
	return "Unknown error"
}

// Failure is something that is wrong with a certificate (QSslError).
type Failure struct {
	Code        Code
	Certificate *certificate.Certificate // nil if the error is of none
}

// Error returns the text.
func (f Failure) Error() string { return f.Code.String() }

// Equal reports whether two are the same (QSslError::operator==).
func (f Failure) Equal(other Failure) bool {
	return f.Code == other.Code && f.Certificate.Equal(other.Certificate)
}
