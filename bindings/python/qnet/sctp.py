"""SCTP sockets and servers. Qt: QSctpSocket, QSctpServer"""

from __future__ import annotations

import ctypes
from typing import Any, Optional

from . import _api, enums
from ._convert import integer
from ._library import lib
from ._object import QObject
from .bytearray import Bytes
from .datagram import QNetworkDatagram, received
from .server import QTcpServer
from .socket import QAbstractSocket, QTcpSocket


class QSctpSocket(QTcpSocket):
    """An SCTP socket, with whole messages on channels. Qt: QSctpSocket

    setCurrentReadChannel() and setCurrentWriteChannel() choose the channel that readDatagram() and writeDatagram() are
    about. After setMaximumChannelCount(-1) a connection is a stream of bytes, as that of a QTcpSocket. On a system without
    SCTP all fails with UnsupportedSocketOperationError.
    """

    _q_new = lib.qnet_sctp_socket_new
    _q_kind = enums.SocketType.SctpSocket

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        QAbstractSocket.__init__(self, enums.SocketType.SctpSocket, parent, **keywords)

    def setMaximumChannelCount(self, count: int, /) -> None:
        """Sets how many channels the connections to come are to have at most in each direction, 0 for as many as the peer
        wants; -1 makes them streams of bytes. Before connecting. Qt: QSctpSocket::setMaximumChannelCount()"""
        lib.qnet_sctp_socket_set_maximum_channel_count(self._q_handle, integer(count))

    def maximumChannelCount(self) -> int:
        """What setMaximumChannelCount() was given; -1 for a stream of bytes. Qt: QSctpSocket::maximumChannelCount()"""
        return int(lib.qnet_sctp_socket_maximum_channel_count(self._q_handle))

    def isInDatagramMode(self) -> bool:
        """Are there messages, and not a stream of bytes? Qt: QSctpSocket::isInDatagramMode()"""
        return bool(lib.qnet_sctp_socket_is_in_datagram_mode(self._q_handle))

    def readDatagram(self) -> QNetworkDatagram:
        """The next message of the current read channel; a null one if there is none. Qt: QSctpSocket::readDatagram()"""
        one = _api.qnet_datagram()
        if not lib.qnet_sctp_socket_read_datagram(self._q_handle, one):
            return QNetworkDatagram()
        return received(one, Bytes(ctypes.string_at(one.data, one.size)))

    def writeDatagram(self, datagram: QNetworkDatagram, /) -> bool:
        """Has the bytes of a datagram sent as one message on the current write channel; its way does not count. False,
        with error(), if they are not taken. Qt: QSctpSocket::writeDatagram()"""
        bytes_ = datagram._data
        return bool(lib.qnet_sctp_socket_write_datagram(self._q_handle, bytes_, len(bytes_)))


class QSctpServer(QTcpServer):
    """A server for SCTP. Qt: QSctpServer. nextPendingConnection() returns objects of QSctpSocket."""

    _q_prefix = "qnet_tcp_server"
    _q_socket_type = QSctpSocket

    _q_new = lib.qnet_sctp_server_new

    def setMaximumChannelCount(self, count: int, /) -> None:
        """As QSctpSocket.setMaximumChannelCount(), for the connections to come. Before listening.
        Qt: QSctpServer::setMaximumChannelCount()"""
        lib.qnet_sctp_server_set_maximum_channel_count(self._q_handle, integer(count))

    def maximumChannelCount(self) -> int:
        """What setMaximumChannelCount() was given; -1 for streams of bytes. Qt: QSctpServer::maximumChannelCount()"""
        return int(lib.qnet_sctp_server_maximum_channel_count(self._q_handle))

    def nextPendingDatagramConnection(self) -> Optional[QSctpSocket]:
        """Takes the next pending connection that is in datagram mode; None if there is none. It belongs to the server, as
        that of nextPendingConnection(). Qt: QSctpServer::nextPendingDatagramConnection()"""
        socket: Optional[Any] = self._q_socket(lib.qnet_sctp_server_next_pending_datagram_connection(self._q_handle))
        return socket

    def _q_make_socket(self) -> QSctpSocket:
        socket = QSctpSocket(self)
        socket.setMaximumChannelCount(self.maximumChannelCount())
        return socket
