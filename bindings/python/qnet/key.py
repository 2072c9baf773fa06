"""Private and public keys. Qt: QSslKey"""

from __future__ import annotations

from typing import Any, Optional, Union

from ._convert import Data, data, integer, phrase, read_all, string
from ._library import lib
from ._made import Made
from .bytearray import Bytes
from ._values import Handle, data_from
from .enums import member
from .sslenums import EncodingFormat, KeyAlgorithm, KeyType


class QSslKey(Made):
    """A private or public key. Qt: QSslKey

    QSslKey(encoded, algorithm, format, type, passPhrase), with only the beginning of that, or from another one. If there
    is no such key it is null, and errorString() says why. With QSsl.Opaque any algorithm will do, which is beyond Qt.
    """

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(
        self,
        encoded: Union[None, "QSslKey", Data, Any] = None,
        algorithm: Optional[KeyAlgorithm] = None,
        /,
        format: EncodingFormat = EncodingFormat.Pem,
        type: KeyType = KeyType.PrivateKey,
        passPhrase: Data = b"",
    ) -> None:
        if isinstance(encoded, QSslKey):
            self._q_handle: Handle = encoded._q_handle
        elif encoded is None and algorithm is None:
            self._q_handle = Handle(None, lib.qnet_ssl_key_delete)
        else:
            if algorithm is None:
                raise TypeError("the key's algorithm is needed")
            encoded = read_all(encoded)
            self._q_handle = _take(
                lib.qnet_ssl_key_new(
                    encoded, len(encoded), integer(algorithm), integer(format), integer(type), phrase(passPhrase)
                )
            )

    def __repr__(self) -> str:
        kind = "PrivateKey" if self.type() == KeyType.PrivateKey else "PublicKey"
        return f"<qnet.QSslKey {kind} {self.algorithm().name} {self.length()}>"

    def __eq__(self, key: object) -> bool:
        """Qt: QSslKey::operator==()"""
        if not isinstance(key, QSslKey):
            return NotImplemented
        return bool(lib.qnet_ssl_key_is_equal(self._q_handle.value, key._q_handle.value))

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QSslKey":
        return QSslKey(self)

    def __deepcopy__(self, _memo: Any) -> "QSslKey":
        return QSslKey(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslKey' object")  # as in PySide

    def swap(self, other: "QSslKey", /) -> None:
        """Qt: QSslKey::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def clear(self) -> None:
        """Forgets the key. Qt: QSslKey::clear()"""
        self._q_handle = QSslKey()._q_handle

    def isNull(self) -> bool:
        """Is it none? Qt: QSslKey::isNull()"""
        return bool(lib.qnet_ssl_key_is_null(self._q_handle.value))

    def errorString(self) -> str:
        """Why it is null, "" if it is not. Not in Qt"""
        return string(lib.qnet_ssl_key_error_string(self._q_handle.value))

    def length(self) -> int:
        """How many bits it has, -1 if it is null. Qt: QSslKey::length()"""
        return int(lib.qnet_ssl_key_length(self._q_handle.value))

    def type(self) -> KeyType:
        """Is it private? A null one is public. Qt: QSslKey::type()"""
        return member(KeyType, lib.qnet_ssl_key_type(self._q_handle.value))

    def algorithm(self) -> KeyAlgorithm:
        """What it is for. Qt: QSslKey::algorithm()"""
        return member(KeyAlgorithm, lib.qnet_ssl_key_algorithm(self._q_handle.value))

    def toPem(self, passPhrase: Data = b"") -> Bytes:
        """As text. With a pass phrase a private one is encrypted, with AES-256, in a better way than Qt's.
        Qt: QSslKey::toPem()"""
        secret = phrase(passPhrase)
        if not secret:
            return data_from(lib.qnet_ssl_key_to_pem, self._q_handle.value, None)
        # It is another text each time: in a copy no other thread replaces it.
        copy = Handle(lib.qnet_ssl_key_copy(self._q_handle.value), lib.qnet_ssl_key_delete)
        return data_from(lib.qnet_ssl_key_to_pem, copy.value, secret)

    def toDer(self, passPhrase: Data = b"") -> Bytes:
        """As bytes; b"" with a pass phrase, as in Qt. Qt: QSslKey::toDer()"""
        return data_from(lib.qnet_ssl_key_to_der, self._q_handle.value, phrase(passPhrase))


def _take(value: Any) -> Handle:
    return Handle(value, lib.qnet_ssl_key_delete)


def key_of(value: Any) -> QSslKey:
    """The key of a handle in C, which it takes over."""
    key = QSslKey()
    key._q_handle = _take(value)
    return key
