"""TCP sockets that encrypt. Qt: QSslSocket"""

from __future__ import annotations

from typing import Any, Iterable, List, Optional, Tuple, Union, overload

from . import _api
from ._await import Wake
from ._convert import Data, integer, port as port_number, string, text
from ._library import lib
from ._object import QObject
from ._signal import Signal
from ._turn import call
from ._values import array_of, handles_from, listed
from .certificate import (
    QSslCertificate,
    QSslError,
    certificate_of,
    certificates_from,
    error_at,
    errors_from,
)
from .cipher import QSslCipher, cipher_of
from .configuration import QSslConfiguration, configuration_of
from .enums import NetworkLayerProtocol, OpenModeFlag, SocketState, member
from .key import QSslKey, key_of
from .messages import warn
from .ocsp import QOcspResponse, response_at
from .socket import QTcpSocket
from .ssl import SslSocketBase
from .sslenums import AlertLevel, AlertType, EncodingFormat, KeyAlgorithm, PeerVerifyMode, SslMode, SslProtocol


def _mode(value: int) -> SslMode:
    return member(SslMode, value)


def _errors(handles: Any, count: int) -> Tuple[List[QSslError]]:
    return ([error_at(handles[i]) for i in range(count)],)


def _alert(level: int, kind: int, description: bytes) -> Tuple[AlertLevel, AlertType, str]:
    return member(AlertLevel, level), member(AlertType, kind), string(description)


def _contents(function: str, name: str) -> Optional[bytes]:
    """What is in a file; None, with a warning, if it cannot be read."""
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        warn(f"{function}: {error.strerror}")
        return None


class QSslSocket(SslSocketBase, QTcpSocket):
    """A TCP socket that is able to encrypt. Qt: QSslSocket

    It encrypts from the beginning, with connectToHostEncrypted(), or a connection that has been in the clear, with
    startClientEncryption() or startServerEncryption(). What is written meanwhile is sent once it is encrypted. After the
    handshake sslErrors tells what is wrong with the peer's certificates; unless it is ignored then, the connection ends
    with SslHandshakeFailedError, and nothing that was written has been sent.
    """

    encrypted = Signal("qnet_ssl_socket_on_encrypted", _api.qnet_socket_callback)
    """What is written and read is encrypted from now on. Qt: QSslSocket::encrypted"""
    modeChanged = Signal("qnet_ssl_socket_on_mode_changed", _api.qnet_ssl_socket_mode_callback, _mode)
    """With the new mode: a handshake begins. Qt: QSslSocket::modeChanged"""
    peerVerifyError = Signal(
        "qnet_ssl_socket_on_peer_verify_error", _api.qnet_ssl_socket_error_callback, error_at
    )
    """With each QSslError that the peer has, before sslErrors. Qt: QSslSocket::peerVerifyError"""
    sslErrors = Signal("qnet_ssl_socket_on_ssl_errors", _api.qnet_ssl_socket_errors_callback, _errors)
    """With a list of all that is wrong with the peer. The connection ends when the slots have returned, unless one of them
    has called ignoreSslErrors(), or the peer need not be verified, or the pause mode is PauseOnSslErrors: then resume()
    decides. Qt: QSslSocket::sslErrors"""
    handshakeInterruptedOnError = Signal(
        "qnet_ssl_socket_on_handshake_interrupted_on_error", _api.qnet_ssl_socket_error_callback, error_at
    )
    """With a QSslError, while the handshake waits, if QSslConfiguration.setHandshakeMustInterruptOnError() asks for that.
    It fails unless a slot calls continueInterruptedHandshake(). Qt: QSslSocket::handshakeInterruptedOnError"""
    encryptedBytesWritten = Signal("qnet_ssl_socket_on_encrypted_bytes_written", _api.qnet_socket_bytes_callback)
    """With how many encrypted bytes were handed to the system, those of handshakes too.
    Qt: QSslSocket::encryptedBytesWritten"""
    alertSent = Signal("qnet_ssl_socket_on_alert_sent", _api.qnet_ssl_socket_alert_callback, _alert)
    """With the AlertLevel and AlertType of what the peer was told, and a text. Qt: QSslSocket::alertSent"""
    alertReceived = Signal("qnet_ssl_socket_on_alert_received", _api.qnet_ssl_socket_alert_callback, _alert)
    """With the AlertLevel and AlertType of what the peer has told, and a text. Qt: QSslSocket::alertReceived"""
    newSessionTicketReceived = Signal("qnet_ssl_socket_on_new_session_ticket_received", _api.qnet_socket_callback)
    """sslConfiguration() has a session ticket to be kept. Qt: QSslSocket::newSessionTicketReceived"""

    _q_new = lib.qnet_ssl_socket_new

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(parent, **keywords)

    # ---- the way to an encrypted connection

    @overload
    def connectToHostEncrypted(
        self,
        hostName: str,
        port: int,
        /,
        mode: OpenModeFlag = OpenModeFlag.ReadWrite,
        protocol: NetworkLayerProtocol = NetworkLayerProtocol.AnyIPProtocol,
    ) -> None: ...

    @overload
    def connectToHostEncrypted(
        self,
        hostName: str,
        port: int,
        sslPeerName: str,
        /,
        mode: OpenModeFlag = OpenModeFlag.ReadWrite,
        protocol: NetworkLayerProtocol = NetworkLayerProtocol.AnyIPProtocol,
    ) -> None: ...

    def connectToHostEncrypted(self, hostName: str, port: int, /, *more: Any, **keywords: Any) -> None:
        """connectToHostEncrypted(hostName, port, mode, protocol) or connectToHostEncrypted(hostName, port, sslPeerName,
        mode, protocol): connects, and encrypts as a client at once. The peer's certificate must be for sslPeerName, or
        else for hostName. Qt: QSslSocket::connectToHostEncrypted()"""
        name, more = (more[0], more[1:]) if more and isinstance(more[0], str) else ("", more)
        self._q_connect_encrypted(hostName, port, name, *more, **keywords)

    def _q_connect_encrypted(
        self,
        host: str,
        port: int,
        name: str,
        mode: OpenModeFlag = OpenModeFlag.ReadWrite,
        protocol: NetworkLayerProtocol = NetworkLayerProtocol.AnyIPProtocol,
    ) -> None:
        call(
            lib.qnet_ssl_socket_connect_to_host_encrypted,
            self._q_handle,
            text(host),
            port_number(port),
            text(name),
            integer(mode),
            integer(protocol),
        )
        self._q_hold()

    def startClientEncryption(self) -> None:
        """Begins to encrypt as a client on a connection that is in the clear. What has come and was not read is part of the
        handshake. Qt: QSslSocket::startClientEncryption()"""
        call(lib.qnet_ssl_socket_start_client_encryption, self._q_handle)

    def startServerEncryption(self) -> None:
        """Begins to encrypt as a server. Qt: QSslSocket::startServerEncryption()"""
        call(lib.qnet_ssl_socket_start_server_encryption, self._q_handle)

    def mode(self) -> SslMode:
        """Whether and as what it encrypts, or is about to; it stays so after the end. Qt: QSslSocket::mode()"""
        return _mode(lib.qnet_ssl_socket_mode(self._q_handle))

    def isEncrypted(self) -> bool:
        """Is what is written and read encrypted now? Qt: QSslSocket::isEncrypted()"""
        return bool(lib.qnet_ssl_socket_is_encrypted(self._q_handle))

    def waitForEncrypted(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until it is encrypted; -1 msecs is no limit. False after the time, or if the
        handshake fails, or was over before. Qt: QSslSocket::waitForEncrypted()"""
        return self._q_wait(lib.qnet_ssl_socket_wait_for_encrypted, msecs)

    async def untilEncrypted(self) -> None:
        """Waits until it is encrypted. Raises an OSError if it does not come to that, or is not about to. Qt has no such
        function."""
        if self._q_state() == SocketState.ConnectedState and self.mode() == SslMode.UnencryptedMode:
            raise RuntimeError("the connection is in the clear, and nothing has begun to encrypt it")
        with Wake(self, "encrypted", "stateChanged", "errorOccurred") as wake:

            def done() -> bool:
                if self._q_state() == SocketState.UnconnectedState:
                    raise self._q_lost()
                return self.isEncrypted()

            await wake.until(done)

    def continueInterruptedHandshake(self) -> None:
        """Goes on with a handshake in spite of an error, in a slot of handshakeInterruptedOnError.
        Qt: QSslSocket::continueInterruptedHandshake()"""
        lib.qnet_ssl_socket_continue_interrupted_handshake(self._q_handle)

    # ---- what is chosen, for handshakes to come

    def setSslConfiguration(self, config: QSslConfiguration, /) -> None:
        """Qt: QSslSocket::setSslConfiguration()"""
        lib.qnet_ssl_socket_set_ssl_configuration(self._q_handle, config._q_handle.value)

    def sslConfiguration(self) -> QSslConfiguration:
        """What was chosen, and what the last handshake has found and agreed on. Qt: QSslSocket::sslConfiguration()"""
        return configuration_of(lib.qnet_ssl_socket_ssl_configuration(self._q_handle))

    def setPeerVerifyMode(self, mode: PeerVerifyMode, /) -> None:
        """Qt: QSslSocket::setPeerVerifyMode()"""
        lib.qnet_ssl_socket_set_peer_verify_mode(self._q_handle, integer(mode))

    def peerVerifyMode(self) -> PeerVerifyMode:
        """Qt: QSslSocket::peerVerifyMode()"""
        return member(PeerVerifyMode, lib.qnet_ssl_socket_peer_verify_mode(self._q_handle))

    def setPeerVerifyDepth(self, depth: int, /) -> None:
        """How many certificates may be between the peer's and the last one; 0 is any number.
        Qt: QSslSocket::setPeerVerifyDepth()"""
        lib.qnet_ssl_socket_set_peer_verify_depth(self._q_handle, integer(depth))

    def peerVerifyDepth(self) -> int:
        """Qt: QSslSocket::peerVerifyDepth()"""
        return int(lib.qnet_ssl_socket_peer_verify_depth(self._q_handle))

    def setPeerVerifyName(self, hostName: str, /) -> None:
        """The name that the peer's certificate must be for; "" is the host's. Qt: QSslSocket::setPeerVerifyName()"""
        lib.qnet_ssl_socket_set_peer_verify_name(self._q_handle, text(hostName))

    def peerVerifyName(self) -> str:
        """Qt: QSslSocket::peerVerifyName()"""
        return string(lib.qnet_ssl_socket_peer_verify_name(self._q_handle))

    def setProtocol(self, protocol: SslProtocol, /) -> None:
        """Qt: QSslSocket::setProtocol()"""
        lib.qnet_ssl_socket_set_protocol(self._q_handle, integer(protocol))

    def protocol(self) -> SslProtocol:
        """Qt: QSslSocket::protocol()"""
        return member(SslProtocol, lib.qnet_ssl_socket_protocol(self._q_handle))

    def setLocalCertificate(
        self, certificate: Union[QSslCertificate, str], /, format: EncodingFormat = EncodingFormat.Pem
    ) -> None:
        """The certificate that this end shows, or the name of the file that it is in. Qt: QSslSocket::setLocalCertificate()"""
        if isinstance(certificate, str):
            encoded = _contents("setLocalCertificate", certificate)
            if encoded is None:
                return
            certificate = QSslCertificate(encoded, format)
        lib.qnet_ssl_socket_set_local_certificate(self._q_handle, certificate._q_handle.value)

    def localCertificate(self) -> QSslCertificate:
        """Qt: QSslSocket::localCertificate()"""
        return certificate_of(lib.qnet_ssl_socket_local_certificate(self._q_handle))

    def setLocalCertificateChain(self, localChain: Iterable[QSslCertificate], /) -> None:
        """The certificates that are sent to the peer: one's own first. Qt: QSslSocket::setLocalCertificateChain()"""
        chain = array_of(listed(localChain, QSslCertificate))
        lib.qnet_ssl_socket_set_local_certificate_chain(self._q_handle, *chain)

    def localCertificateChain(self) -> List[QSslCertificate]:
        """Qt: QSslSocket::localCertificateChain()"""
        return certificates_from(lib.qnet_ssl_socket_local_certificate_chain, self._q_handle)

    def setPrivateKey(
        self,
        key: Union[QSslKey, str],
        /,
        algorithm: KeyAlgorithm = KeyAlgorithm.Rsa,
        format: EncodingFormat = EncodingFormat.Pem,
        passPhrase: Data = b"",
    ) -> None:
        """The key of this end's certificate, or the name of the file that it is in. Qt: QSslSocket::setPrivateKey()"""
        if isinstance(key, str):
            encoded = _contents("setPrivateKey", key)
            if encoded is None:
                return
            key = QSslKey(encoded, algorithm, format=format, passPhrase=passPhrase)
        lib.qnet_ssl_socket_set_private_key(self._q_handle, key._q_handle.value)

    def privateKey(self) -> QSslKey:
        """Qt: QSslSocket::privateKey()"""
        return key_of(lib.qnet_ssl_socket_private_key(self._q_handle))

    # ---- what was agreed on and found

    def sessionCipher(self) -> QSslCipher:
        """Qt: QSslSocket::sessionCipher()"""
        return cipher_of(lib.qnet_ssl_socket_session_cipher(self._q_handle))

    def sessionProtocol(self) -> SslProtocol:
        """Qt: QSslSocket::sessionProtocol()"""
        return member(SslProtocol, lib.qnet_ssl_socket_session_protocol(self._q_handle))

    def peerCertificate(self) -> QSslCertificate:
        """What the peer has shown in the last handshake. Qt: QSslSocket::peerCertificate()"""
        return certificate_of(lib.qnet_ssl_socket_peer_certificate(self._q_handle))

    def peerCertificateChain(self) -> List[QSslCertificate]:
        """Qt: QSslSocket::peerCertificateChain()"""
        return certificates_from(lib.qnet_ssl_socket_peer_certificate_chain, self._q_handle)

    def ocspResponses(self) -> List[QOcspResponse]:
        """What the issuers of the peer's certificates say of them. Qt: QSslSocket::ocspResponses()"""
        handles = handles_from(lib.qnet_ssl_socket_ocsp_responses, lib.qnet_ocsp_response_delete, self._q_handle)
        return [response_at(handle.value) for handle in handles]

    def sslHandshakeErrors(self) -> List[QSslError]:
        """What the last handshake has found wrong with the peer, ignored or not. Qt: QSslSocket::sslHandshakeErrors()"""
        return errors_from(lib.qnet_ssl_socket_ssl_handshake_errors, self._q_handle)

    def ignoreSslErrors(self, errors: Optional[Iterable[QSslError]] = None, /) -> None:
        """Has the connection go on whatever is wrong with the peer, if it has begun. Or, with a list, has this connection
        and later ones go on if nothing else is wrong. Qt: QSslSocket::ignoreSslErrors()"""
        if errors is None:
            lib.qnet_ssl_socket_ignore_ssl_errors(self._q_handle)
        else:
            lib.qnet_ssl_socket_ignore_these_ssl_errors(self._q_handle, *array_of(listed(errors, QSslError)))

    def encryptedBytesAvailable(self) -> int:
        """Encrypted bytes that are not decrypted yet: usually a part of a record.
        Qt: QSslSocket::encryptedBytesAvailable()"""
        return int(lib.qnet_ssl_socket_encrypted_bytes_available(self._q_handle))

    def encryptedBytesToWrite(self) -> int:
        """Encrypted bytes that wait to be sent. Qt: QSslSocket::encryptedBytesToWrite()"""
        return int(lib.qnet_ssl_socket_encrypted_bytes_to_write(self._q_handle))
