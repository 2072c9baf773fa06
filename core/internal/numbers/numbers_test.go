// Package numbers keeps the core's numbers those of the headers: capi hands them on as they are.
package numbers

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/hostinfo"
	"qnet/core/message"
	"qnet/core/netif"
	"qnet/core/notifier"
	"qnet/core/option"
	"qnet/core/proxy"
	"qnet/core/server"
	"qnet/core/socket"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/extension"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/roots"
	"qnet/core/tls/session"
	"qnet/core/tls/verify"
)

// enumerations reads the headers: of each enumeration the numbers by their names.
func enumerations(t *testing.T) map[string]map[string]int64 {
	t.Helper()
	headers, err := filepath.Glob("../../../include/qnet/*.h")
	if err != nil || len(headers) == 0 {
		t.Fatal("no headers: ", err)
	}
	enumeration := regexp.MustCompile(`(?s)typedef enum (\w+) \{(.*?)\}`)
	enumerator := regexp.MustCompile(`(?m)^\s*(QNET_\w+) = (-?\w+)`)
	all := map[string]map[string]int64{}
	for _, header := range headers {
		text, err := os.ReadFile(header)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range enumeration.FindAllStringSubmatch(string(text), -1) {
			all[e[1]] = map[string]int64{}
			for _, n := range enumerator.FindAllStringSubmatch(e[2], -1) {
				value, err := strconv.ParseInt(n[2], 0, 64)
				if err != nil {
					t.Fatal(err)
				}
				all[e[1]][n[1]] = value
			}
		}
	}
	return all
}

func of[T ~int | ~int8 | ~int32 | ~uint8 | ~uint32](list ...T) (numbers []int64) {
	for _, n := range list {
		numbers = append(numbers, int64(n))
	}
	return numbers
}

// core are the core's numbers; unused names what the headers have beyond them.
var core = map[string]struct {
	numbers []int64
	unused  string
}{
	"qnet_msg_type":               {of(message.Debug, message.Warning, message.Critical, message.Fatal, message.Info), ""},
	"qnet_network_layer_protocol": {of(address.IPv4, address.IPv6, address.AnyIP, address.Unknown), ""},
	"qnet_conversion_mode": {of(address.StrictConversion, address.ConvertV4MappedToIPv4, address.ConvertV4CompatToIPv4, address.ConvertUnspecifiedAddress,
		address.ConvertLocalHost, address.TolerantConversion), ""},
	"qnet_host_info_error_code": {of(hostinfo.NoError, hostinfo.HostNotFound, hostinfo.UnknownError), ""},
	"qnet_local_server_option": {of(server.UserAccess, server.GroupAccess, server.OtherAccess, server.WorldAccess, server.AbstractNamespace),
		"QNET_NO_OPTIONS"},
	"qnet_interface_flag": {of(netif.IsUp, netif.IsRunning, netif.CanBroadcast, netif.IsLoopBack, netif.IsPointToPoint, netif.CanMulticast), ""},
	"qnet_interface_type": {of(netif.Unknown, netif.Loopback, netif.Virtual, netif.Ethernet, netif.Slip, netif.CanBus, netif.Ppp, netif.Fddi, netif.Wifi,
		netif.Phonet, netif.Ieee802154, netif.SixLoWPAN, netif.Ieee1394), "QNET_INTERFACE_IEEE80216"},
	"qnet_network_proxy_type": {of(proxy.Default, proxy.Socks5, proxy.None, proxy.HTTP, proxy.HTTPCaching, proxy.FTPCaching), ""},
	"qnet_network_proxy_capability": {of(proxy.Tunneling, proxy.Listening, proxy.UDPTunneling, proxy.Caching, proxy.HostNameLookup, proxy.SCTPTunneling,
		proxy.SCTPListening), "QNET_NO_CAPABILITY"},
	"qnet_network_proxy_query_type": {of(proxy.TCPSocket, proxy.UDPSocket, proxy.SCTPSocket, proxy.TCPServer, proxy.SCTPServer), ""},
	"qnet_notifier_kind":            {of(notifier.Read, notifier.Write, notifier.Exception), ""},
	"qnet_ocsp_certificate_status":  {of(configuration.OCSPGood, configuration.OCSPRevoked, configuration.OCSPUnknown), ""},
	"qnet_ocsp_revocation_reason": {of(configuration.NoReason, configuration.Unspecified, configuration.KeyCompromise, configuration.CACompromise,
		configuration.AffiliationChanged, configuration.Superseded, configuration.CessationOfOperation, configuration.CertificateHold,
		configuration.RemoveFromCRL), ""},
	"qnet_socket_kind": {of(socket.TCP, socket.UDP, socket.Local, socket.UnknownKind), "QNET_SCTP_SOCKET"},
	"qnet_error": {of(failure.ConnectionRefused, failure.RemoteHostClosed, failure.HostNotFound, failure.SocketAccess, failure.SocketResource,
		failure.SocketTimeout, failure.DatagramTooLarge, failure.Network, failure.AddressInUse, failure.AddressNotAvailable, failure.UnsupportedOperation,
		failure.UnfinishedOperation, failure.ProxyAuthentication, failure.SslHandshakeFailed, failure.ProxyConnectionRefused,
		failure.ProxyConnectionClosed, failure.ProxyTimeout, failure.ProxyNotFound, failure.ProxyProtocol, failure.Operation, failure.SslInternal,
		failure.SslInvalidUserData, failure.Temporary, failure.Unknown), ""},
	"qnet_state": {of(socket.Unconnected, socket.HostLookup, socket.Connecting, socket.Connected, socket.Bound, socket.Listening, socket.Closing), ""},
	"qnet_option": {of(option.LowDelay, option.KeepAlive, option.MulticastTTL, option.MulticastLoopback, option.TypeOfService, option.SendBufferSize,
		option.ReceiveBufferSize, option.PathMTU, option.KeepAliveIdle, option.KeepAliveInterval, option.KeepAliveCount, option.UserTimeout,
		option.ReusePort, option.ReceiveTrains, option.BindToInterface), ""},
	"qnet_bind_flag":  {of(socket.DefaultForPlatform, socket.ShareAddress, socket.DontShareAddress, socket.ReuseAddressHint), ""},
	"qnet_pause_mode": {of(socket.PauseOnSSLErrors), "QNET_PAUSE_NEVER"},
	"qnet_open_mode": {of(socket.NotOpen, socket.ReadOnly, socket.WriteOnly, socket.ReadWrite, socket.Append, socket.Truncate, socket.Text,
		socket.Unbuffered), ""},
	"qnet_ssl_protocol": {of(protocol.TLS10, protocol.TLS11, protocol.TLS12, protocol.Any, protocol.Secure, protocol.TLS10OrLater, protocol.TLS11OrLater,
		protocol.TLS12OrLater, protocol.TLS13, protocol.TLS13OrLater, protocol.UnknownProtocol),
		"QNET_DTLS_V1_0 QNET_DTLS_V1_0_OR_LATER QNET_DTLS_V1_2 QNET_DTLS_V1_2_OR_LATER"},
	"qnet_key_type":                    {of(key.Private, key.Public), ""},
	"qnet_key_algorithm":               {of(key.Opaque, key.RSA, key.DSA, key.EC), "QNET_DH_KEY QNET_ML_DSA_KEY"},
	"qnet_alternative_name_entry_type": {of[int](extension.EmailEntry, extension.DNSEntry, extension.IPEntry), ""},
	"qnet_ssl_option": {of(configuration.DisableEmptyFragments, configuration.DisableSessionTickets, configuration.DisableCompression,
		configuration.DisableServerNameIndication, configuration.DisableLegacyRenegotiation, configuration.DisableSessionSharing,
		configuration.DisableSessionPersistence, configuration.DisableServerCipherPreference), ""},
	"qnet_alert_level":      {of[int](session.AlertWarning, session.AlertFatal, session.AlertUnknown), ""},
	"qnet_peer_verify_mode": {of(configuration.VerifyNone, configuration.QueryPeer, configuration.VerifyPeer, configuration.AutoVerifyPeer), ""},
	"qnet_ssl_mode":         {of(socket.SSLUnencrypted, socket.SSLClient, socket.SSLServer), ""},
	"qnet_cryptographic_hash_algorithm": {of(certificate.MD5),
		"QNET_SHA1 QNET_SHA224 QNET_SHA256 QNET_SHA384 QNET_SHA512 QNET_SHA3_224 QNET_SHA3_256 QNET_SHA3_384 QNET_SHA3_512"},
	"qnet_certificate_subject_info": {of(certificate.Organization, certificate.CommonName, certificate.LocalityName, certificate.OrganizationalUnitName,
		certificate.CountryName, certificate.StateOrProvinceName, certificate.DistinguishedNameQualifier, certificate.SerialNumber,
		certificate.EmailAddress), ""},
	"qnet_certificate_pattern_syntax":       {of(roots.RegularExpression, roots.Wildcard, roots.FixedString), ""},
	"qnet_next_protocol_negotiation_status": {of(configuration.NextProtocolNone, configuration.NextProtocolNegotiated, configuration.NextProtocolUnsupported), ""},
	"qnet_ssl_error_code": {of(verify.NoError, verify.UnableToGetIssuerCertificate, verify.UnableToDecryptCertificateSignature,
		verify.UnableToDecodeIssuerPublicKey, verify.CertificateSignatureFailed, verify.CertificateNotYetValid, verify.CertificateExpired,
		verify.InvalidNotBeforeField, verify.InvalidNotAfterField, verify.SelfSignedCertificate, verify.SelfSignedCertificateInChain,
		verify.UnableToGetLocalIssuerCertificate, verify.UnableToVerifyFirstCertificate, verify.CertificateRevoked, verify.InvalidCaCertificate,
		verify.PathLengthExceeded, verify.InvalidPurpose, verify.CertificateUntrusted, verify.CertificateRejected, verify.SubjectIssuerMismatch,
		verify.AuthorityIssuerSerialNumberMismatch, verify.NoPeerCertificate, verify.HostNameMismatch, verify.NoSslSupport,
		verify.CertificateBlacklisted, verify.CertificateStatusUnknown, verify.OcspNoResponseFound, verify.OcspMalformedRequest,
		verify.OcspMalformedResponse, verify.OcspInternalError, verify.OcspTryLater, verify.OcspSigRequired, verify.OcspUnauthorized,
		verify.OcspResponseCannotBeTrusted, verify.OcspResponseCertIDUnknown, verify.OcspResponseExpired, verify.OcspStatusUnknown,
		verify.Unspecified), ""},
}

func TestNumbersAreThoseOfTheHeaders(t *testing.T) {
	headers := enumerations(t)
	for name, c := range core {
		enumeration := headers[name]
		for _, unused := range strings.Fields(c.unused) {
			if _, has := enumeration[unused]; !has {
				t.Errorf("%s has no %s", name, unused)
			}
			delete(enumeration, unused)
		}
		want := slices.Sorted(maps.Values(enumeration))
		if got := slices.Sorted(slices.Values(c.numbers)); !slices.Equal(got, want) {
			t.Errorf("%s: the core has %v, the headers %v", name, got, want)
		}
	}
}
