"""How connections are encrypted. Qt: QSslConfiguration"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Iterable, List, Optional, Union

from . import sslenums
from ._convert import Data, data, integer, text
from ._library import lib
from ._made import Made
from .bytearray import Bytes
from ._values import Handle, array_of, data_from, listed, numbers_from
from .certificate import QSslCertificate, certificate_of, certificates_from
from .cipher import QSslCipher, QSslEllipticCurve, cipher_of, curve_of
from .enums import member, short_names
from .key import QSslKey, key_of
from .messages import warn
from .sslenums import EncodingFormat, NextProtocolNegotiationStatus, PatternSyntax, PeerVerifyMode, SslOption, SslProtocol

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_CIPHER, _CURVE = ctypes.c_uint16, ctypes.c_uint32


@short_names(NextProtocolNegotiationStatus)
class QSslConfiguration(Made):
    """How connections are encrypted. Sockets and servers are given a copy of one, and return one that says how it was
    done. Qt: QSslConfiguration"""

    NextProtocolNegotiationStatus: TypeAlias = sslenums.NextProtocolNegotiationStatus

    ALPNProtocolHTTP2 = "h2"
    NextProtocolHttp1_1 = "http/1.1"

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(self, other: Optional["QSslConfiguration"] = None, /) -> None:
        if other is None:
            self._q_handle: Handle = _take(lib.qnet_ssl_configuration_new())
        elif isinstance(other, QSslConfiguration):
            self._q_handle = _take(lib.qnet_ssl_configuration_copy(other._q_handle.value))
        else:
            raise TypeError(f"a QSslConfiguration is needed, not {type(other).__name__}")

    # ---- as a Python value

    def __repr__(self) -> str:
        about = "null" if self.isNull() else getattr(self.protocol(), "name", "of another protocol")
        return f"<qnet.QSslConfiguration {about}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QSslConfiguration::operator==()"""
        if not isinstance(other, QSslConfiguration):
            return NotImplemented
        return bool(lib.qnet_ssl_configuration_is_equal(self._q_handle.value, other._q_handle.value))

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QSslConfiguration":
        return QSslConfiguration(self)

    def __deepcopy__(self, _memo: Any) -> "QSslConfiguration":
        return QSslConfiguration(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslConfiguration' object")  # as in PySide

    def swap(self, other: "QSslConfiguration", /) -> None:
        """Qt: QSslConfiguration::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def isNull(self) -> bool:
        """Does it say nothing? Qt: QSslConfiguration::isNull()"""
        return bool(lib.qnet_ssl_configuration_is_null(self._q_handle.value))

    @staticmethod
    def defaultConfiguration() -> "QSslConfiguration":
        """What sockets have that were given none. Qt: QSslConfiguration::defaultConfiguration()"""
        return configuration_of(lib.qnet_ssl_configuration_default_configuration())

    @staticmethod
    def setDefaultConfiguration(configuration: "QSslConfiguration", /) -> None:
        """Sets it for sockets to come. Qt: QSslConfiguration::setDefaultConfiguration()"""
        lib.qnet_ssl_configuration_set_default_configuration(configuration._q_handle.value)

    # ---- the protocol

    def protocol(self) -> SslProtocol:
        """Qt: QSslConfiguration::protocol()"""
        return member(SslProtocol, lib.qnet_ssl_configuration_protocol(self._q_handle.value))

    def setProtocol(self, protocol: SslProtocol, /) -> None:
        """Which versions of TLS may be used: at first TLS 1.2 and later. Qt: QSslConfiguration::setProtocol()"""
        lib.qnet_ssl_configuration_set_protocol(self._q_handle.value, integer(protocol))

    def testSslOption(self, option: SslOption, /) -> bool:
        """Qt: QSslConfiguration::testSslOption()"""
        return bool(lib.qnet_ssl_configuration_test_ssl_option(self._q_handle.value, integer(option)))

    def setSslOption(self, option: SslOption, on: bool, /) -> None:
        """Qt: QSslConfiguration::setSslOption()"""
        lib.qnet_ssl_configuration_set_ssl_option(self._q_handle.value, integer(option), bool(on))

    def ciphers(self) -> List[QSslCipher]:
        """Qt: QSslConfiguration::ciphers()"""
        return [cipher_of(one) for one in numbers_from(lib.qnet_ssl_configuration_ciphers, _CIPHER, self._q_handle.value)]

    def setCiphers(self, ciphers: Union[str, Iterable[QSslCipher]], /) -> None:
        """The ciphers that may be used, the best first, or their names with colons between them; what is not supported is
        left out. Those of TLS 1.3 are used in any case. Qt: QSslConfiguration::setCiphers()"""
        if isinstance(ciphers, str):
            lib.qnet_ssl_configuration_set_ciphers_by_name(self._q_handle.value, text(ciphers))
            return
        numbers = [one._q_number for one in listed(ciphers, QSslCipher) if not one.isNull()]
        lib.qnet_ssl_configuration_set_ciphers(self._q_handle.value, (_CIPHER * len(numbers))(*numbers), len(numbers))

    @staticmethod
    def supportedCiphers() -> List[QSslCipher]:
        """All that are supported, secure or not. Qt: QSslConfiguration::supportedCiphers()"""
        return [cipher_of(one) for one in numbers_from(lib.qnet_ssl_configuration_supported_ciphers, _CIPHER)]

    def ellipticCurves(self) -> List[QSslEllipticCurve]:
        """Qt: QSslConfiguration::ellipticCurves()"""
        found = numbers_from(lib.qnet_ssl_configuration_elliptic_curves, _CURVE, self._q_handle.value)
        return [curve_of(one) for one in found]

    def setEllipticCurves(self, curves: Iterable[QSslEllipticCurve], /) -> None:
        """The curves that keys may be exchanged with, without any those that are usual; invalid ones are left out.
        Qt: QSslConfiguration::setEllipticCurves()"""
        numbers = [one._q_number for one in listed(curves, QSslEllipticCurve) if one.isValid()]
        lib.qnet_ssl_configuration_set_elliptic_curves(
            self._q_handle.value, (_CURVE * len(numbers))(*numbers), len(numbers)
        )

    @staticmethod
    def supportedEllipticCurves() -> List[QSslEllipticCurve]:
        """Qt: QSslConfiguration::supportedEllipticCurves()"""
        return [curve_of(one) for one in numbers_from(lib.qnet_ssl_configuration_supported_elliptic_curves, _CURVE)]

    # ---- who one is

    def localCertificateChain(self) -> List[QSslCertificate]:
        """Qt: QSslConfiguration::localCertificateChain()"""
        return certificates_from(lib.qnet_ssl_configuration_local_certificate_chain, self._q_handle.value)

    def setLocalCertificateChain(self, localChain: Iterable[QSslCertificate], /) -> None:
        """The certificates that are sent to the peer: one's own first.
        Qt: QSslConfiguration::setLocalCertificateChain()"""
        chain = array_of(listed(localChain, QSslCertificate))
        lib.qnet_ssl_configuration_set_local_certificate_chain(self._q_handle.value, *chain)

    def localCertificate(self) -> QSslCertificate:
        """Qt: QSslConfiguration::localCertificate()"""
        return certificate_of(lib.qnet_ssl_configuration_local_certificate(self._q_handle.value))

    def setLocalCertificate(self, certificate: QSslCertificate, /) -> None:
        """Qt: QSslConfiguration::setLocalCertificate()"""
        lib.qnet_ssl_configuration_set_local_certificate(self._q_handle.value, certificate._q_handle.value)

    def privateKey(self) -> QSslKey:
        """Qt: QSslConfiguration::privateKey()"""
        return key_of(lib.qnet_ssl_configuration_private_key(self._q_handle.value))

    def setPrivateKey(self, key: QSslKey, /) -> None:
        """Qt: QSslConfiguration::setPrivateKey()"""
        lib.qnet_ssl_configuration_set_private_key(self._q_handle.value, key._q_handle.value)

    def addServerCertificate(self, chain: Iterable[QSslCertificate], key: QSslKey, /) -> bool:
        """Adds another certificate and its key for servers: for the hosts that it is for. False, with a warning, if there
        is no certificate or no private key. Not in Qt"""
        certificates, count = array_of(listed(chain, QSslCertificate))
        handle = self._q_handle.value
        return bool(lib.qnet_ssl_configuration_add_server_certificate(handle, certificates, count, key._q_handle.value))

    def clearServerCertificates(self) -> int:
        """Removes those again; returns how many there were. Not in Qt"""
        return int(lib.qnet_ssl_configuration_clear_server_certificates(self._q_handle.value))

    # ---- who the peer may be

    def peerVerifyMode(self) -> PeerVerifyMode:
        """Qt: QSslConfiguration::peerVerifyMode()"""
        return member(PeerVerifyMode, lib.qnet_ssl_configuration_peer_verify_mode(self._q_handle.value))

    def setPeerVerifyMode(self, mode: PeerVerifyMode, /) -> None:
        """Qt: QSslConfiguration::setPeerVerifyMode()"""
        lib.qnet_ssl_configuration_set_peer_verify_mode(self._q_handle.value, integer(mode))

    def peerVerifyDepth(self) -> int:
        """Qt: QSslConfiguration::peerVerifyDepth()"""
        return int(lib.qnet_ssl_configuration_peer_verify_depth(self._q_handle.value))

    def setPeerVerifyDepth(self, depth: int, /) -> None:
        """How many certificates may be between the peer's and the last one; 0 is any number.
        Qt: QSslConfiguration::setPeerVerifyDepth()"""
        lib.qnet_ssl_configuration_set_peer_verify_depth(self._q_handle.value, integer(depth))

    def caCertificates(self) -> List[QSslCertificate]:
        """Those that are trusted. Qt: QSslConfiguration::caCertificates()"""
        return certificates_from(lib.qnet_ssl_configuration_ca_certificates, self._q_handle.value)

    def setCaCertificates(self, certificates: Iterable[QSslCertificate], /) -> None:
        """Has these authorities trusted, and no other. Qt: QSslConfiguration::setCaCertificates()"""
        handles = array_of(listed(certificates, QSslCertificate))
        lib.qnet_ssl_configuration_set_ca_certificates(self._q_handle.value, *handles)

    def addCaCertificate(self, certificate: QSslCertificate, /) -> None:
        """Qt: QSslConfiguration::addCaCertificate()"""
        lib.qnet_ssl_configuration_add_ca_certificate(self._q_handle.value, certificate._q_handle.value)

    def addCaCertificates(
        self,
        certificates: Union[str, Iterable[QSslCertificate]],
        /,
        format: EncodingFormat = EncodingFormat.Pem,
        syntax: PatternSyntax = PatternSyntax.FixedString,
    ) -> Optional[bool]:
        """Has more authorities trusted: those of a list, or of the files that a path stands for, of which it returns
        whether there are any. Qt: QSslConfiguration::addCaCertificates()"""
        handle = self._q_handle.value
        if isinstance(certificates, str):
            return bool(
                lib.qnet_ssl_configuration_add_ca_certificates_from_path(
                    handle, text(certificates), integer(format), integer(syntax)
                )
            )
        lib.qnet_ssl_configuration_add_ca_certificates(handle, *array_of(listed(certificates, QSslCertificate)))
        return None

    @staticmethod
    def systemCaCertificates() -> List[QSslCertificate]:
        """Those that the system trusts. Qt: QSslConfiguration::systemCaCertificates()"""
        return certificates_from(lib.qnet_ssl_configuration_system_ca_certificates)

    def handshakeMustInterruptOnError(self) -> bool:
        """Qt: QSslConfiguration::handshakeMustInterruptOnError()"""
        return bool(lib.qnet_ssl_configuration_handshake_must_interrupt_on_error(self._q_handle.value))

    def setHandshakeMustInterruptOnError(self, interrupt: bool, /) -> None:
        """Says whether the handshake waits if something is wrong.
        Qt: QSslConfiguration::setHandshakeMustInterruptOnError()"""
        lib.qnet_ssl_configuration_set_handshake_must_interrupt_on_error(self._q_handle.value, bool(interrupt))

    def missingCertificateIsFatal(self) -> bool:
        """Qt: QSslConfiguration::missingCertificateIsFatal()"""
        return bool(lib.qnet_ssl_configuration_missing_certificate_is_fatal(self._q_handle.value))

    def setMissingCertificateIsFatal(self, cannotRecover: bool, /) -> None:
        """Qt: QSslConfiguration::setMissingCertificateIsFatal()"""
        lib.qnet_ssl_configuration_set_missing_certificate_is_fatal(self._q_handle.value, bool(cannotRecover))

    def ocspStaplingEnabled(self) -> bool:
        """Qt: QSslConfiguration::ocspStaplingEnabled()"""
        return bool(lib.qnet_ssl_configuration_ocsp_stapling_enabled(self._q_handle.value))

    def setOcspStaplingEnabled(self, enable: bool, /) -> None:
        """Says whether a client asks for what the server's issuer says of it.
        Qt: QSslConfiguration::setOcspStaplingEnabled()"""
        lib.qnet_ssl_configuration_set_ocsp_stapling_enabled(self._q_handle.value, bool(enable))

    # ---- what is agreed on

    def allowedNextProtocols(self) -> List[Bytes]:
        """Qt: QSslConfiguration::allowedNextProtocols()"""
        found: List[Bytes] = []
        while True:
            one = data_from(lib.qnet_ssl_configuration_allowed_next_protocols, self._q_handle.value, len(found))
            if not one:  # there is no empty one
                return found
            found.append(one)

    def setAllowedNextProtocols(self, protocols: Iterable[Data], /) -> None:
        """The protocols that a connection may be for (ALPN), the best first. What TLS cannot say, names that are empty or
        longer than 255 bytes, is left out with a warning. Qt: QSslConfiguration::setAllowedNextProtocols()"""
        encoded = b""
        for name in map(data, protocols):
            if 0 < len(name) < 256:
                encoded += bytes((len(name),)) + name
            else:
                warn("setAllowedNextProtocols: the name of a protocol is empty or longer than 255 bytes")
        lib.qnet_ssl_configuration_set_allowed_next_protocols(self._q_handle.value, encoded, len(encoded))

    def nextNegotiatedProtocol(self) -> Bytes:
        """Qt: QSslConfiguration::nextNegotiatedProtocol()"""
        return data_from(lib.qnet_ssl_configuration_next_negotiated_protocol, self._q_handle.value)

    def nextProtocolNegotiationStatus(self) -> NextProtocolNegotiationStatus:
        """Qt: QSslConfiguration::nextProtocolNegotiationStatus()"""
        status = lib.qnet_ssl_configuration_next_protocol_negotiation_status(self._q_handle.value)
        return member(sslenums.NextProtocolNegotiationStatus, status)

    def sessionTicket(self) -> Bytes:
        """With what a later connection is encrypted more quickly. Qt: QSslConfiguration::sessionTicket()"""
        return data_from(lib.qnet_ssl_configuration_session_ticket, self._q_handle.value)

    def setSessionTicket(self, sessionTicket: Data, /) -> None:
        """Qt: QSslConfiguration::setSessionTicket()"""
        ticket = data(sessionTicket)
        lib.qnet_ssl_configuration_set_session_ticket(self._q_handle.value, ticket, len(ticket))

    def sessionTicketLifeTimeHint(self) -> int:
        """In seconds, -1 if it is not known. Qt: QSslConfiguration::sessionTicketLifeTimeHint()"""
        return int(lib.qnet_ssl_configuration_session_ticket_life_time_hint(self._q_handle.value))

    # ---- how it was done

    def peerCertificate(self) -> QSslCertificate:
        """Qt: QSslConfiguration::peerCertificate()"""
        return certificate_of(lib.qnet_ssl_configuration_peer_certificate(self._q_handle.value))

    def peerCertificateChain(self) -> List[QSslCertificate]:
        """Qt: QSslConfiguration::peerCertificateChain()"""
        return certificates_from(lib.qnet_ssl_configuration_peer_certificate_chain, self._q_handle.value)

    def sessionCipher(self) -> QSslCipher:
        """Qt: QSslConfiguration::sessionCipher()"""
        return cipher_of(lib.qnet_ssl_configuration_session_cipher(self._q_handle.value))

    def sessionProtocol(self) -> SslProtocol:
        """Qt: QSslConfiguration::sessionProtocol()"""
        return member(SslProtocol, lib.qnet_ssl_configuration_session_protocol(self._q_handle.value))

    def ephemeralServerKey(self) -> QSslKey:
        """Always null: what encrypts does not show it. Qt: QSslConfiguration::ephemeralServerKey()"""
        return key_of(lib.qnet_ssl_configuration_ephemeral_server_key(self._q_handle.value))


def _take(value: Any) -> Handle:
    return Handle(value, lib.qnet_ssl_configuration_delete)


def configuration_of(value: Any) -> QSslConfiguration:
    """The configuration of a handle in C, which it takes over."""
    configuration = QSslConfiguration()
    configuration._q_handle = _take(value)
    return configuration
