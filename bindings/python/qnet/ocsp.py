"""What the issuer of a certificate says of it. Qt: QOcspResponse"""

from __future__ import annotations

from typing import Any, Optional

from ._library import lib
from ._made import Made
from ._values import Handle
from .certificate import QSslCertificate, certificate_of
from .enums import member
from .sslenums import QOcspCertificateStatus, QOcspRevocationReason


class QOcspResponse(Made):
    """What the issuer of a certificate says of it, which a server sends along with it. Qt: QOcspResponse"""

    __slots__ = _q_by_init = ("_q_handle",)

    def __init__(self, other: Optional["QOcspResponse"] = None, /) -> None:
        if other is None:
            self._q_handle = Handle(lib.qnet_ocsp_response_new(), lib.qnet_ocsp_response_delete)
        elif isinstance(other, QOcspResponse):
            self._q_handle = other._q_handle
        else:
            raise TypeError(f"a QOcspResponse is needed, not {type(other).__name__}")

    def __repr__(self) -> str:
        return f"<qnet.QOcspResponse {self.certificateStatus().name}>"

    def __eq__(self, other: object) -> bool:
        """Qt: QOcspResponse::operator==()"""
        if not isinstance(other, QOcspResponse):
            return NotImplemented
        return bool(lib.qnet_ocsp_response_is_equal(self._q_handle.value, other._q_handle.value))

    def __hash__(self) -> int:
        return hash((self.certificateStatus(), self.subject()))

    def __copy__(self) -> "QOcspResponse":
        return QOcspResponse(self)

    def __deepcopy__(self, _memo: Any) -> "QOcspResponse":
        return QOcspResponse(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QOcspResponse' object")  # as in PySide

    def swap(self, other: "QOcspResponse", /) -> None:
        """Qt: QOcspResponse::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def certificateStatus(self) -> QOcspCertificateStatus:
        """Qt: QOcspResponse::certificateStatus()"""
        return member(QOcspCertificateStatus, lib.qnet_ocsp_response_certificate_status(self._q_handle.value))

    def revocationReason(self) -> QOcspRevocationReason:
        """Qt: QOcspResponse::revocationReason()"""
        return member(QOcspRevocationReason, lib.qnet_ocsp_response_revocation_reason(self._q_handle.value))

    def responder(self) -> QSslCertificate:
        """Who has signed it, null if that was not sent. Qt: QOcspResponse::responder()"""
        return certificate_of(lib.qnet_ocsp_response_responder(self._q_handle.value))

    def subject(self) -> QSslCertificate:
        """The certificate that it is about. Qt: QOcspResponse::subject()"""
        return certificate_of(lib.qnet_ocsp_response_subject(self._q_handle.value))


def response_at(value: Any) -> QOcspResponse:
    """A copy of a response that C has."""
    response = QOcspResponse()
    response._q_handle = Handle(lib.qnet_ocsp_response_copy(value), lib.qnet_ocsp_response_delete)
    return response
