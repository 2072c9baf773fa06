"""What belongs to TLS and to no class of its own: enumerations, and what the library can do. Qt: QSsl"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, List

from . import sslenums
from ._convert import integer, string, text
from ._library import lib
from ._values import numbers_from
from .enums import member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


@short_names(
    sslenums.KeyType,
    sslenums.EncodingFormat,
    sslenums.KeyAlgorithm,
    sslenums.AlternativeNameEntryType,
    sslenums.SslProtocol,
    sslenums.SslOption,
    sslenums.AlertLevel,
    sslenums.AlertType,
    sslenums.SupportedFeature,
)
class QSsl:
    """What the classes of TLS have in common. Qt: namespace QSsl"""

    KeyType: TypeAlias = sslenums.KeyType
    EncodingFormat: TypeAlias = sslenums.EncodingFormat
    KeyAlgorithm: TypeAlias = sslenums.KeyAlgorithm
    AlternativeNameEntryType: TypeAlias = sslenums.AlternativeNameEntryType
    SslProtocol: TypeAlias = sslenums.SslProtocol
    SslOption: TypeAlias = sslenums.SslOption
    AlertLevel: TypeAlias = sslenums.AlertLevel
    AlertType: TypeAlias = sslenums.AlertType
    SupportedFeature: TypeAlias = sslenums.SupportedFeature


@short_names(sslenums.HashAlgorithm)
class QCryptographicHash:
    """The digests of certificates. Qt: QCryptographicHash"""

    Algorithm: TypeAlias = sslenums.HashAlgorithm


def _is_backend(name: str) -> bool:
    text(name)
    return name in ("", SslSocketBase.activeBackend())


@short_names(sslenums.SslMode, sslenums.PeerVerifyMode)
class SslSocketBase:
    """What QSslSocket has without a socket."""

    SslMode: TypeAlias = sslenums.SslMode
    PeerVerifyMode: TypeAlias = sslenums.PeerVerifyMode

    __slots__ = ()

    @staticmethod
    def supportsSsl() -> bool:
        """Can connections be encrypted? Always. Qt: QSslSocket::supportsSsl()"""
        return bool(lib.qnet_ssl_supports_ssl())

    @staticmethod
    def sslLibraryVersionNumber() -> int:
        """Of Go 1.26, 0x011a0000, with the patch in the last 16 bits. Qt: QSslSocket::sslLibraryVersionNumber()"""
        return int(lib.qnet_ssl_ssl_library_version_number())

    @staticmethod
    def sslLibraryVersionString() -> str:
        """What encrypts, and its version. Qt: QSslSocket::sslLibraryVersionString()"""
        return string(lib.qnet_ssl_ssl_library_version_string())

    @staticmethod
    def activeBackend() -> str:
        """What encrypts. Qt: QSslSocket::activeBackend()"""
        return string(lib.qnet_ssl_active_backend())

    @staticmethod
    def availableBackends() -> List[str]:
        """There is but one. Qt: QSslSocket::availableBackends()"""
        return [SslSocketBase.activeBackend()]

    @staticmethod
    def supportedProtocols(backendName: str = "") -> List[sslenums.SslProtocol]:
        """Qt: QSslSocket::supportedProtocols()"""
        if not _is_backend(backendName):
            return []
        return [member(sslenums.SslProtocol, one) for one in numbers_from(lib.qnet_ssl_supported_protocols, ctypes.c_int)]

    @staticmethod
    def isProtocolSupported(protocol: sslenums.SslProtocol, /, backendName: str = "") -> bool:
        """Qt: QSslSocket::isProtocolSupported()"""
        return _is_backend(backendName) and bool(lib.qnet_ssl_is_protocol_supported(integer(protocol)))

    @staticmethod
    def supportedFeatures(backendName: str = "") -> List[sslenums.SupportedFeature]:
        """Qt: QSslSocket::supportedFeatures()"""
        if not _is_backend(backendName):
            return []
        return [member(sslenums.SupportedFeature, one) for one in numbers_from(lib.qnet_ssl_supported_features, ctypes.c_int)]

    @staticmethod
    def isFeatureSupported(feat: sslenums.SupportedFeature, /, backendName: str = "") -> bool:
        """Qt: QSslSocket::isFeatureSupported()"""
        return _is_backend(backendName) and bool(lib.qnet_ssl_is_feature_supported(integer(feat)))
