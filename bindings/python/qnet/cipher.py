"""Cipher suites and elliptic curves. Qt: QSslCipher, QSslEllipticCurve"""

from __future__ import annotations

from typing import Any, Optional, Union

from ._convert import string, text
from ._library import lib
from ._made import Made
from .enums import member
from .sslenums import SslProtocol


class QSslCipher(Made):
    """A cipher suite. Qt: QSslCipher

    QSslCipher(name) is the supported one with the name that OpenSSL has for it, null if there is none; with a protocol it
    is null if it is of another.
    """

    __slots__ = _q_by_init = ("_q_number",)

    def __init__(self, name: Union[None, "QSslCipher", str] = None, protocol: Optional[SslProtocol] = None, /) -> None:
        if isinstance(name, QSslCipher):
            self._q_number: int = name._q_number
            return
        self._q_number = 0 if name is None else lib.qnet_ssl_cipher_from_name(text(name))
        if protocol is not None and self.protocol() != protocol:
            self._q_number = 0

    def __repr__(self) -> str:
        return f"<qnet.QSslCipher {self.name()}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QSslCipher::operator==()"""
        return self._q_number == other._q_number if isinstance(other, QSslCipher) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QSslCipher":
        return QSslCipher(self)

    def __deepcopy__(self, _memo: Any) -> "QSslCipher":
        return QSslCipher(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslCipher' object")  # as in PySide

    def swap(self, other: "QSslCipher", /) -> None:
        """Qt: QSslCipher::swap()"""
        self._q_number, other._q_number = other._q_number, self._q_number

    def isNull(self) -> bool:
        """Qt: QSslCipher::isNull()"""
        return bool(lib.qnet_ssl_cipher_is_null(self._q_number))

    def name(self) -> str:
        """Qt: QSslCipher::name()"""
        return string(lib.qnet_ssl_cipher_name(self._q_number))

    def supportedBits(self) -> int:
        """How many bits the key has. Qt: QSslCipher::supportedBits()"""
        return int(lib.qnet_ssl_cipher_supported_bits(self._q_number))

    def usedBits(self) -> int:
        """How many bits of it are secret. Qt: QSslCipher::usedBits()"""
        return int(lib.qnet_ssl_cipher_used_bits(self._q_number))

    def keyExchangeMethod(self) -> str:
        """How keys are exchanged. Qt: QSslCipher::keyExchangeMethod()"""
        return string(lib.qnet_ssl_cipher_key_exchange_method(self._q_number))

    def authenticationMethod(self) -> str:
        """What a server's key is for. Qt: QSslCipher::authenticationMethod()"""
        return string(lib.qnet_ssl_cipher_authentication_method(self._q_number))

    def encryptionMethod(self) -> str:
        """How data are encrypted. Qt: QSslCipher::encryptionMethod()"""
        return string(lib.qnet_ssl_cipher_encryption_method(self._q_number))

    def protocolString(self) -> str:
        """The first version that has it. Qt: QSslCipher::protocolString()"""
        return string(lib.qnet_ssl_cipher_protocol_string(self._q_number))

    def protocol(self) -> SslProtocol:
        """The first version that has it. Qt: QSslCipher::protocol()"""
        return member(SslProtocol, lib.qnet_ssl_cipher_protocol(self._q_number))


def cipher_of(number: int) -> QSslCipher:
    """The cipher of a number in C."""
    cipher = QSslCipher()
    cipher._q_number = number
    return cipher


class QSslEllipticCurve(Made):
    """An elliptic curve. Qt: QSslEllipticCurve"""

    __slots__ = _q_by_init = ("_q_number",)

    def __init__(self, other: Optional["QSslEllipticCurve"] = None, /) -> None:
        if other is not None and not isinstance(other, QSslEllipticCurve):
            raise TypeError(f"a QSslEllipticCurve is needed, not {type(other).__name__}")
        self._q_number: int = 0 if other is None else other._q_number

    def __repr__(self) -> str:
        return f"<qnet.QSslEllipticCurve {self.shortName()!r}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QSslEllipticCurve::operator==()"""
        return self._q_number == other._q_number if isinstance(other, QSslEllipticCurve) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._q_number)

    def __copy__(self) -> "QSslEllipticCurve":
        return QSslEllipticCurve(self)

    def __deepcopy__(self, _memo: Any) -> "QSslEllipticCurve":
        return QSslEllipticCurve(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslEllipticCurve' object")  # as in PySide

    @staticmethod
    def fromShortName(name: str, /) -> "QSslEllipticCurve":
        """The curve of a name such as "prime256v1", invalid if there is none. Qt: QSslEllipticCurve::fromShortName()"""
        return curve_of(lib.qnet_ssl_elliptic_curve_from_short_name(text(name)))

    @staticmethod
    def fromLongName(name: str, /) -> "QSslEllipticCurve":
        """Qt: QSslEllipticCurve::fromLongName()"""
        return curve_of(lib.qnet_ssl_elliptic_curve_from_long_name(text(name)))

    def shortName(self) -> str:
        """Qt: QSslEllipticCurve::shortName()"""
        return string(lib.qnet_ssl_elliptic_curve_short_name(self._q_number))

    def longName(self) -> str:
        """Qt: QSslEllipticCurve::longName()"""
        return string(lib.qnet_ssl_elliptic_curve_long_name(self._q_number))

    def isValid(self) -> bool:
        """Qt: QSslEllipticCurve::isValid()"""
        return self._q_number != 0

    def isTlsNamedCurve(self) -> bool:
        """Has TLS a number for it, as Qt sees it? Qt: QSslEllipticCurve::isTlsNamedCurve()"""
        return bool(lib.qnet_ssl_elliptic_curve_is_tls_named_curve(self._q_number))


def curve_of(number: int) -> QSslEllipticCurve:
    """The curve of a number in C."""
    curve = QSslEllipticCurve()
    curve._q_number = number
    return curve
