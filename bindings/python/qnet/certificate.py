"""Certificates, their extensions, and what is wrong with them. Qt: QSslCertificate, QSslCertificateExtension, QSslError"""

from __future__ import annotations

import ctypes
import datetime
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Union

from . import _api, sslenums
from ._convert import Data, data, integer, phrase, read_all, string, text
from ._library import lib
from ._made import Made
from .bytearray import Bytes
from ._values import Handle, array_of, data_from, handles_from, listed, texts_from
from .enums import member, short_names
from .key import QSslKey, key_of
from .sslenums import AlternativeNameEntryType, EncodingFormat, HashAlgorithm, PatternSyntax, SslError, SubjectInfo

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _date(msec: int) -> Optional[datetime.datetime]:
    if msec == -1:
        return None
    try:
        return _EPOCH + datetime.timedelta(milliseconds=msec)
    except OverflowError:  # the year 0
        return datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


class QSslCertificateExtension(Made):
    """An extension of a certificate. Qt: QSslCertificateExtension"""

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(self, other: Optional["QSslCertificateExtension"] = None, /) -> None:
        if other is None:
            self._q_handle = Handle(None, lib.qnet_ssl_certificate_extension_delete)
        elif isinstance(other, QSslCertificateExtension):
            copy = lib.qnet_ssl_certificate_extension_copy(other._q_handle.value)
            self._q_handle = Handle(copy, lib.qnet_ssl_certificate_extension_delete)
        else:
            raise TypeError(f"a QSslCertificateExtension is needed, not {type(other).__name__}")

    def __repr__(self) -> str:
        return f"<qnet.QSslCertificateExtension {self.name()}>"

    def __copy__(self) -> "QSslCertificateExtension":
        return QSslCertificateExtension(self)

    def __deepcopy__(self, _memo: Any) -> "QSslCertificateExtension":
        return QSslCertificateExtension(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslCertificateExtension' object")  # as in PySide

    def swap(self, other: "QSslCertificateExtension", /) -> None:
        """Qt: QSslCertificateExtension::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def oid(self) -> str:
        """The object identifier. Qt: QSslCertificateExtension::oid()"""
        return string(lib.qnet_ssl_certificate_extension_oid(self._q_handle.value))

    def name(self) -> str:
        """The short name, or the object identifier. Qt: QSslCertificateExtension::name()"""
        return string(lib.qnet_ssl_certificate_extension_name(self._q_handle.value))

    def value(self) -> Any:
        """What it says: a str, bytes, a list of str, or a dict of bool, int, str and bytes; None if that cannot be read.
        Qt: QSslCertificateExtension::value()"""
        return self._part(_api.QNET_SSL_WHOLE_VALUE)

    def _part(self, index: int) -> Any:
        handle = self._q_handle.value
        kind = lib.qnet_ssl_certificate_extension_value_type(handle, index)
        if kind == _api.QNET_SSL_NO_VALUE:
            return None
        if kind in (_api.QNET_SSL_LIST_VALUE, _api.QNET_SSL_MAP_VALUE):
            names = [string(name) for name in texts_from(lib.qnet_ssl_certificate_extension_value_name, handle)]
            parts = [self._part(i) for i in range(len(names))]
            return parts if kind == _api.QNET_SSL_LIST_VALUE else dict(zip(names, parts))
        found = data_from(lib.qnet_ssl_certificate_extension_value, handle, index)
        if kind == _api.QNET_SSL_BYTES_VALUE:
            return found
        if kind == _api.QNET_SSL_BOOL_VALUE:
            return found == b"true"
        if kind == _api.QNET_SSL_NUMBER_VALUE:
            return int(found)
        assert kind == _api.QNET_SSL_TEXT_VALUE
        return string(found)

    def isCritical(self) -> bool:
        """Is a certificate to be refused by who does not know it? Qt: QSslCertificateExtension::isCritical()"""
        return bool(lib.qnet_ssl_certificate_extension_is_critical(self._q_handle.value))

    def isSupported(self) -> bool:
        """Does the value's form stay as it is? Qt: QSslCertificateExtension::isSupported()"""
        return bool(lib.qnet_ssl_certificate_extension_is_supported(self._q_handle.value))


def ctypes_data(handle: Any, index: int) -> Bytes:
    return data_from(lib.qnet_ssl_certificate_extension_value, handle, index)


@short_names(SubjectInfo, PatternSyntax)
class QSslCertificate(Made):
    """A certificate. Qt: QSslCertificate

    QSslCertificate(data, format) is the first of the certificates in data, null if there is none. Dates are datetime
    objects, in UTC.
    """

    SubjectInfo: TypeAlias = sslenums.SubjectInfo
    PatternSyntax: TypeAlias = sslenums.PatternSyntax

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(
        self, data: Union[None, "QSslCertificate", Data, Any] = None, format: EncodingFormat = EncodingFormat.Pem
    ) -> None:
        if isinstance(data, QSslCertificate):
            self._q_handle: Handle = data._q_handle
            return
        encoded = b"" if data is None else read_all(data)
        found = _read(encoded, format) if encoded else []
        self._q_handle = found[0] if found else Handle(None, lib.qnet_ssl_certificate_delete)

    # ---- as a Python value

    def __repr__(self) -> str:
        return f"<qnet.QSslCertificate {self.subjectDisplayName()!r} {self.serialNumber().decode()}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QSslCertificate::operator==()"""
        if not isinstance(other, QSslCertificate):
            return NotImplemented
        return bool(lib.qnet_ssl_certificate_is_equal(self._q_handle.value, other._q_handle.value))

    def __hash__(self) -> int:
        return hash(self.toDer())

    def __copy__(self) -> "QSslCertificate":
        return QSslCertificate(self)

    def __deepcopy__(self, _memo: Any) -> "QSslCertificate":
        return QSslCertificate(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslCertificate' object")  # as in PySide

    def swap(self, other: "QSslCertificate", /) -> None:
        """Qt: QSslCertificate::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def clear(self) -> None:
        """Makes it the null one. Qt: QSslCertificate::clear()"""
        self._q_handle = QSslCertificate()._q_handle

    # ---- where it comes from

    @staticmethod
    def fromData(data_: Data, /, format: EncodingFormat = EncodingFormat.Pem) -> List["QSslCertificate"]:
        """The certificates in data. Qt: QSslCertificate::fromData()"""
        return [_made(handle) for handle in _read(data(data_), format)]

    @staticmethod
    def fromDevice(device: Any, /, format: EncodingFormat = EncodingFormat.Pem) -> List["QSslCertificate"]:
        """The certificates in all that a device, or an open file of Python's, has. Qt: QSslCertificate::fromDevice()"""
        return QSslCertificate.fromData(read_all(device), format)

    @staticmethod
    def fromFile(filePath: str, /, format: EncodingFormat = EncodingFormat.Pem) -> List["QSslCertificate"]:
        """The certificates of a file. Qt: QSslCertificate::fromFile()"""
        return QSslCertificate.fromPath(filePath, format)

    @staticmethod
    def fromPath(
        path: str,
        /,
        format: EncodingFormat = EncodingFormat.Pem,
        syntax: PatternSyntax = PatternSyntax.FixedString,
    ) -> List["QSslCertificate"]:
        """The certificates of the files that a path stands for. Qt: QSslCertificate::fromPath()"""
        return certificates_from(lib.qnet_ssl_certificate_from_path, text(path), integer(format), integer(syntax))

    @staticmethod
    def importPkcs12(
        device: Any,
        key: QSslKey,
        cert: "QSslCertificate",
        /,
        caCertificates: Optional[List["QSslCertificate"]] = None,
        passPhrase: Data = b"",
    ) -> bool:
        """Reads PKCS #12, from a device, an open file of Python's, or bytes: a private key, its certificate, and those of
        authorities, which become key, cert and what is in the list (PySide leaves that as it is). False, with a warning
        that says why, if it cannot be read. Qt: QSslCertificate::importPkcs12()"""
        encoded, secret = read_all(device), phrase(passPhrase)
        if not (isinstance(key, QSslKey) and isinstance(cert, QSslCertificate)):
            raise TypeError("a QSslKey and a QSslCertificate are needed")
        new_key, new_certificate = (ctypes.c_void_p * 1)(), (ctypes.c_void_p * 1)()
        others: List[QSslCertificate] = []
        good = False

        def read(array: Any, room: int) -> int:
            nonlocal good
            count = lib.qnet_ssl_certificate_import_pkcs12(
                encoded, len(encoded), secret, new_key, new_certificate, array, room
            )
            good = count >= 0
            if good:
                key.swap(key_of(new_key[0]))
                cert.swap(certificate_of(new_certificate[0]))
            return int(count)

        others = certificates_from(read)
        if good and caCertificates is not None:
            caCertificates[:] = others
        return good

    @staticmethod
    def verify(certificateChain: Iterable["QSslCertificate"], /, hostName: str = "") -> List["QSslError"]:
        """What is wrong with a chain, whose first certificate is to be for a host unless that is "". The authorities that
        the default configuration trusts count. Qt: QSslCertificate::verify()"""
        array, count = array_of(listed(certificateChain, QSslCertificate))
        return errors_from(lib.qnet_ssl_certificate_verify, array, count, text(hostName))

    # ---- what it says

    def isNull(self) -> bool:
        """Is it none? Qt: QSslCertificate::isNull()"""
        return bool(lib.qnet_ssl_certificate_is_null(self._q_handle.value))

    def isBlacklisted(self) -> bool:
        """Never. Qt: QSslCertificate::isBlacklisted()"""
        return bool(lib.qnet_ssl_certificate_is_blacklisted(self._q_handle.value))

    def isSelfSigned(self) -> bool:
        """Does it say that it has issued itself? Qt: QSslCertificate::isSelfSigned()"""
        return bool(lib.qnet_ssl_certificate_is_self_signed(self._q_handle.value))

    def version(self) -> Bytes:
        """Such as b"3". Qt: QSslCertificate::version()"""
        return Bytes(lib.qnet_ssl_certificate_version(self._q_handle.value) or b"")

    def serialNumber(self) -> Bytes:
        """In hexadecimal, with colons. Qt: QSslCertificate::serialNumber()"""
        return Bytes(lib.qnet_ssl_certificate_serial_number(self._q_handle.value) or b"")

    def digest(self, algorithm: HashAlgorithm = HashAlgorithm.Md5) -> Bytes:
        """Qt: QSslCertificate::digest()"""
        return data_from(lib.qnet_ssl_certificate_digest, self._q_handle.value, integer(algorithm))

    def issuerInfo(self, info: Union[SubjectInfo, Data], /) -> List[str]:
        """The values of an attribute of the issuer, which is a SubjectInfo or a name such as b"CN"; the last in the name
        comes first. Qt: QSslCertificate::issuerInfo()"""
        if isinstance(info, SubjectInfo):
            found = texts_from(lib.qnet_ssl_certificate_issuer_info, self._q_handle.value, int(info))
        else:
            found = texts_from(lib.qnet_ssl_certificate_issuer_info_by_name, self._q_handle.value, phrase(info))
        return [string(one) for one in found]

    def subjectInfo(self, info: Union[SubjectInfo, Data], /) -> List[str]:
        """The values of an attribute of the subject, as issuerInfo(). Qt: QSslCertificate::subjectInfo()"""
        if isinstance(info, SubjectInfo):
            found = texts_from(lib.qnet_ssl_certificate_subject_info, self._q_handle.value, int(info))
        else:
            found = texts_from(lib.qnet_ssl_certificate_subject_info_by_name, self._q_handle.value, phrase(info))
        return [string(one) for one in found]

    def issuerInfoAttributes(self) -> List[Bytes]:
        """Qt: QSslCertificate::issuerInfoAttributes()"""
        return texts_from(lib.qnet_ssl_certificate_issuer_info_attributes, self._q_handle.value)

    def subjectInfoAttributes(self) -> List[Bytes]:
        """Qt: QSslCertificate::subjectInfoAttributes()"""
        return texts_from(lib.qnet_ssl_certificate_subject_info_attributes, self._q_handle.value)

    def issuerDisplayName(self) -> str:
        """A name for people. Qt: QSslCertificate::issuerDisplayName()"""
        return string(lib.qnet_ssl_certificate_issuer_display_name(self._q_handle.value))

    def subjectDisplayName(self) -> str:
        """A name for people. Qt: QSslCertificate::subjectDisplayName()"""
        return string(lib.qnet_ssl_certificate_subject_display_name(self._q_handle.value))

    def subjectAlternativeNames(self) -> Dict[AlternativeNameEntryType, List[str]]:
        """The names of each type that there are; the last in the certificate comes first.
        Qt: QSslCertificate::subjectAlternativeNames()"""
        found = {}
        for kind in AlternativeNameEntryType:
            names = texts_from(lib.qnet_ssl_certificate_subject_alternative_names, self._q_handle.value, int(kind))
            if names:
                found[kind] = [string(name) for name in names]
        return found

    def effectiveDate(self) -> Optional[datetime.datetime]:
        """From when on it is valid; None if it does not say. Qt: QSslCertificate::effectiveDate()"""
        return _date(lib.qnet_ssl_certificate_effective_date(self._q_handle.value))

    def expiryDate(self) -> Optional[datetime.datetime]:
        """Until when it is valid; None if it does not say. Qt: QSslCertificate::expiryDate()"""
        return _date(lib.qnet_ssl_certificate_expiry_date(self._q_handle.value))

    def publicKey(self) -> QSslKey:
        """Qt: QSslCertificate::publicKey()"""
        return key_of(lib.qnet_ssl_certificate_public_key(self._q_handle.value))

    def extensions(self) -> List[QSslCertificateExtension]:
        """Qt: QSslCertificate::extensions()"""
        found = []
        for handle in handles_from(
            lib.qnet_ssl_certificate_extensions, lib.qnet_ssl_certificate_extension_delete, self._q_handle.value
        ):
            extension = QSslCertificateExtension()
            extension._q_handle = handle
            found.append(extension)
        return found

    # ---- as a file

    def toPem(self) -> Bytes:
        """As text. Qt: QSslCertificate::toPem()"""
        return data_from(lib.qnet_ssl_certificate_to_pem, self._q_handle.value)

    def toDer(self) -> Bytes:
        """As it was read. Qt: QSslCertificate::toDer()"""
        return data_from(lib.qnet_ssl_certificate_to_der, self._q_handle.value)

    def toText(self) -> str:
        """All that it says, for people. Qt: QSslCertificate::toText()"""
        return string(lib.qnet_ssl_certificate_to_text(self._q_handle.value))


def _read(encoded: bytes, format: EncodingFormat) -> List[Handle]:
    return handles_from(
        lib.qnet_ssl_certificate_from_data, lib.qnet_ssl_certificate_delete, encoded, len(encoded), integer(format)
    )


def _made(handle: Handle) -> QSslCertificate:
    certificate = QSslCertificate()
    certificate._q_handle = handle
    return certificate


def certificate_of(value: Any) -> QSslCertificate:
    """The certificate of a handle in C, which it takes over."""
    return _made(Handle(value, lib.qnet_ssl_certificate_delete))


def certificate_at(value: Any) -> QSslCertificate:
    """A copy of a certificate that C has lent."""
    return certificate_of(lib.qnet_ssl_certificate_copy(value))


def certificates_from(function: Any, *arguments: Any) -> List[QSslCertificate]:
    """The certificates that a C function writes to an array."""
    return [_made(handle) for handle in handles_from(function, lib.qnet_ssl_certificate_delete, *arguments)]


@short_names(SslError)
class QSslError(Made):
    """What is wrong with a certificate. Qt: QSslError

    QSslError(error, certificate), with only the beginning of that, or from another one.
    """

    SslError: TypeAlias = sslenums.SslError

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(
        self, error: Union[None, "QSslError", SslError] = None, certificate: Optional[QSslCertificate] = None, /
    ) -> None:
        if isinstance(error, QSslError):
            self._q_handle: Handle = error._q_handle
        elif error is None:
            self._q_handle = Handle(None, lib.qnet_ssl_error_delete)
        else:
            about = (QSslCertificate() if certificate is None else certificate)._q_handle.value
            self._q_handle = Handle(lib.qnet_ssl_error_new(integer(error), about), lib.qnet_ssl_error_delete)

    def __repr__(self) -> str:
        return f"<qnet.QSslError {self.errorString()!r}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QSslError::operator==()"""
        if not isinstance(other, QSslError):
            return NotImplemented
        return bool(lib.qnet_ssl_error_is_equal(self._q_handle.value, other._q_handle.value))

    def __hash__(self) -> int:
        return hash((self.error(), self.certificate()))

    def __copy__(self) -> "QSslError":
        return QSslError(self)

    def __deepcopy__(self, _memo: Any) -> "QSslError":
        return QSslError(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QSslError' object")  # as in PySide

    def swap(self, other: "QSslError", /) -> None:
        """Qt: QSslError::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def error(self) -> SslError:
        """Qt: QSslError::error()"""
        return member(sslenums.SslError, lib.qnet_ssl_error_error(self._q_handle.value))

    def errorString(self) -> str:
        """Qt: QSslError::errorString()"""
        return string(lib.qnet_ssl_error_error_string(self._q_handle.value))

    def certificate(self) -> QSslCertificate:
        """The certificate that something is wrong with. Qt: QSslError::certificate()"""
        return certificate_of(lib.qnet_ssl_error_certificate(self._q_handle.value))


def _error(handle: Handle) -> QSslError:
    error = QSslError()
    error._q_handle = handle
    return error


def error_at(value: Any) -> QSslError:
    """A copy of an error that C has lent."""
    return _error(Handle(lib.qnet_ssl_error_copy(value), lib.qnet_ssl_error_delete))


def errors_from(function: Any, *arguments: Any) -> List[QSslError]:
    """The errors that a C function writes to an array."""
    return [_error(handle) for handle in handles_from(function, lib.qnet_ssl_error_delete, *arguments)]
