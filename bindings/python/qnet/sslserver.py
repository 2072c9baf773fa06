"""TCP servers that encrypt. Qt: QSslServer"""

from __future__ import annotations

import os
from typing import Any, Optional

from . import _api
from ._convert import integer
from ._library import lib
from ._object import QObject
from ._server import ConnectionSignal
from ._turn import call
from .certificate import error_at
from .configuration import QSslConfiguration, configuration_of
from .server import QTcpServer
from .socket import socket_error
from .sslsocket import QSslSocket, _alert, _errors


class QSslServer(QTcpServer):
    """A TCP server whose connections are pending once they are encrypted. Qt: QSslServer

    Take them at pendingConnectionAvailable, as newConnection comes when they are accepted. nextPendingConnection()
    returns objects of QSslSocket. The signals are about connections that are not encrypted yet: their sockets are the
    server's, and deleted when the handshake fails. With setLoops() they are emitted on the threads of those loops.
    """

    startedEncryptionHandshake = ConnectionSignal(
        "qnet_ssl_server_on_started_encryption_handshake", _api.qnet_ssl_server_socket_callback
    )
    """With the QSslSocket: a handshake begins. Qt: QSslServer::startedEncryptionHandshake"""
    errorOccurred = ConnectionSignal(
        "qnet_ssl_server_on_error_occurred", _api.qnet_ssl_server_error_callback, lambda error: (socket_error(error),)
    )
    """With the QSslSocket and the SocketError of a connection. Qt: QSslServer::errorOccurred"""
    peerVerifyError = ConnectionSignal(
        "qnet_ssl_server_on_peer_verify_error",
        _api.qnet_ssl_server_ssl_error_callback,
        lambda error: (error_at(error),),
    )
    """With the QSslSocket and each QSslError of a client, before sslErrors. Qt: QSslServer::peerVerifyError"""
    sslErrors = ConnectionSignal(
        "qnet_ssl_server_on_ssl_errors", _api.qnet_ssl_server_ssl_errors_callback, _errors
    )
    """With the QSslSocket and a list of all that is wrong with a client, as QSslSocket.sslErrors.
    Qt: QSslServer::sslErrors"""
    handshakeInterruptedOnError = ConnectionSignal(
        "qnet_ssl_server_on_handshake_interrupted_on_error",
        _api.qnet_ssl_server_ssl_error_callback,
        lambda error: (error_at(error),),
    )
    """With the QSslSocket and a QSslError, while the handshake waits, as QSslSocket.handshakeInterruptedOnError.
    Qt: QSslServer::handshakeInterruptedOnError"""
    alertSent = ConnectionSignal(
        "qnet_ssl_server_on_alert_sent", _api.qnet_ssl_server_alert_callback, _alert
    )
    """With the QSslSocket, AlertLevel, AlertType and a text: a client was told something. Qt: QSslServer::alertSent"""
    alertReceived = ConnectionSignal(
        "qnet_ssl_server_on_alert_received", _api.qnet_ssl_server_alert_callback, _alert
    )
    """With the QSslSocket, AlertLevel, AlertType and a text: a client has told something.
    Qt: QSslServer::alertReceived"""

    _q_prefix = "qnet_tcp_server"
    _q_socket_type = QSslSocket
    _q_available = "pendingConnectionAvailable"

    _q_new = lib.qnet_ssl_server_new

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(parent, **keywords)

    def setSslConfiguration(self, sslConfiguration: QSslConfiguration, /) -> None:
        """Sets what connections use that are accepted from now on. Qt: QSslServer::setSslConfiguration()"""
        lib.qnet_ssl_server_set_ssl_configuration(self._q_handle, sslConfiguration._q_handle.value)

    def sslConfiguration(self) -> QSslConfiguration:
        """What setSslConfiguration() was given. Qt: QSslServer::sslConfiguration()"""
        return configuration_of(lib.qnet_ssl_server_ssl_configuration(self._q_handle))

    def setHandshakeTimeout(self, timeout: int, /) -> None:
        """Sets for how many milliseconds a client may be silent, and how long its handshake may take then; 5000 unless
        set. Qt: QSslServer::setHandshakeTimeout()"""
        lib.qnet_ssl_server_set_handshake_timeout(self._q_handle, integer(timeout))

    def handshakeTimeout(self) -> int:
        """What setHandshakeTimeout() was given. Qt: QSslServer::handshakeTimeout()"""
        return int(lib.qnet_ssl_server_handshake_timeout(self._q_handle))

    def setHandshakeLimit(self, count: int, /) -> None:
        """Limits the connections that are not pending yet, 1000 unless set, 0 for any number: at the limit nothing is
        accepted. Qt has nothing like it."""
        lib.qnet_ssl_server_set_handshake_limit(self._q_handle, integer(count))

    def handshakeLimit(self) -> int:
        """What setHandshakeLimit() was given. Qt has nothing like it."""
        return int(lib.qnet_ssl_server_handshake_limit(self._q_handle))

    def handshakes(self) -> int:
        """How many connections are not pending yet. Qt has nothing like it."""
        return int(lib.qnet_ssl_server_handshakes(self._q_handle))

    def incomingConnection(self, handle: int, /) -> None:
        """Called with each accepted descriptor, which an override owns. This one has it encrypted. Virtual.

        Qt: QSslServer::incomingConnection()
        """
        if not call(lib.qnet_ssl_server_incoming_connection, self._q_handle, integer(handle)):
            os.close(handle)
