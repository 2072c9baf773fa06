import errno
import socket as system

import pytest
from conftest import LOCAL, until
from qnet import QAbstractSocket, QBuffer, QIODevice, QNetworkDatagram, QNetworkProxy, QSctpServer, QSctpSocket, QTcpServer, QTcpSocket

Error = QAbstractSocket.SocketError
State = QAbstractSocket.SocketState


def reason():
    """Why there is no SCTP; "" if there is."""
    try:
        system.socket(system.AF_INET, system.SOCK_STREAM, system.IPPROTO_SCTP).close()
    except OSError as error:
        return f"the kernel lacks SCTP: {errno.errorcode[error.errno]}"
    return ""


# The runner's part "sctp" has a kernel with it.
needs_sctp = pytest.mark.skipif(bool(reason()), reason=reason())
needs_none = pytest.mark.skipif(not reason(), reason="the kernel has SCTP")


def connected(channels):
    """A server, and both ends of a connection to it."""
    server, client = QSctpServer(), QSctpSocket()
    server.setMaximumChannelCount(channels)
    client.setMaximumChannelCount(channels)
    assert server.listen(LOCAL)
    client.connectToHost(LOCAL, server.serverPort())
    until(lambda: client.state() == State.ConnectedState and server.hasPendingConnections())
    peer = server.nextPendingConnection() if channels < 0 else server.nextPendingDatagramConnection()
    assert isinstance(peer, QSctpSocket) and peer.parent() is server
    return server, client, peer


def test_class():
    s = QSctpSocket()
    assert isinstance(s, QTcpSocket) and s.socketType() is QAbstractSocket.SocketType.SctpSocket
    assert s.isInDatagramMode() and s.maximumChannelCount() == 0
    s.setMaximumChannelCount(-2)
    assert s.maximumChannelCount() == -1 and not s.isInDatagramMode()
    server = QSctpServer()
    server.setMaximumChannelCount(5)
    assert server.maximumChannelCount() == 5 and server.nextPendingDatagramConnection() is None
    assert QSctpSocket(server).parent() is server
    s.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.Socks5Proxy, "127.0.0.1", 1))
    s.connectToHost("192.0.2.1", 1)
    assert s.error() is Error.UnsupportedSocketOperationError


@needs_none
def test_kernel_without():
    s, server, errors = QSctpSocket(), QSctpServer(), []
    s.errorOccurred.connect(errors.append)
    s.connectToHost(LOCAL, 1)
    assert not s.waitForConnected(5000) and not s.bind(LOCAL, 0)
    assert errors == [Error.UnsupportedSocketOperationError] * 2 and s.errorString() == "The system does not support SCTP"
    assert not server.listen(LOCAL) and server.serverError() is Error.UnsupportedSocketOperationError
    assert server.errorString() == "The system does not support SCTP"


def test_one_channel():
    server, client = QTcpServer(), QTcpSocket()
    assert server.listen(LOCAL) and client.readChannelCount() == client.writeChannelCount() == 0
    client.connectToHost(LOCAL, server.serverPort())
    until(lambda: client.state() == State.ConnectedState and server.hasPendingConnections())
    peer = server.nextPendingConnection()
    assert client.readChannelCount() == client.writeChannelCount() == 1
    client.setCurrentReadChannel(0)
    client.setCurrentWriteChannel(0)
    assert client.currentReadChannel() == client.currentWriteChannel() == 0
    calls = []
    peer.readyRead.connect(lambda: calls.append("ready"))
    peer.channelReadyRead.connect(lambda channel: calls.append(channel))
    client.bytesWritten.connect(lambda n: calls.append(f"{n} written"))
    client.channelBytesWritten.connect(lambda channel, n: calls.append((channel, n)))
    client.write(b"hello")
    until(lambda: 0 in calls)
    assert calls == ["5 written", (0, 5), "ready", 0]


def test_buffer_has_a_channel():
    b = QBuffer()
    assert b.readChannelCount() == b.writeChannelCount() == 0
    assert b.open(QIODevice.OpenModeFlag.WriteOnly)
    assert b.readChannelCount() == 0 and b.writeChannelCount() == 1
    b.setCurrentReadChannel(0)
    b.setCurrentWriteChannel(0)
    assert b.currentReadChannel() == b.currentWriteChannel() == 0


@needs_sctp
def test_messages():
    server, client, peer = connected(4)
    assert client.readChannelCount() == client.writeChannelCount() == peer.maximumChannelCount() == 4
    calls = []
    peer.readyRead.connect(lambda: calls.append("ready"))
    peer.channelReadyRead.connect(calls.append)
    for channel in range(4):
        client.setCurrentWriteChannel(channel)
        assert client.writeDatagram(QNetworkDatagram(b"message %d" % channel))
    until(lambda: len(calls) == 5)
    assert calls == ["ready", 0, 1, 2, 3]
    for channel in (3, 1, 0, 2):
        peer.setCurrentReadChannel(channel)
        got = peer.readDatagram()
        assert got.data() == b"message %d" % channel and got.senderPort() == client.localPort()
        assert peer.readDatagram().isNull()
    large = bytes(range(256)) * 4096
    client.setCurrentWriteChannel(2)
    assert client.writeDatagram(QNetworkDatagram(large))
    until(lambda: peer.bytesAvailable() > 0)
    assert peer.readDatagram().data() == large
    assert not client.writeDatagram(QNetworkDatagram(b"")) and client.error() is Error.OperationError
    client.disconnectFromHost()
    until(lambda: peer.state() == State.UnconnectedState)
    assert peer.error() is Error.RemoteHostClosedError


@needs_sctp
def test_byte_stream():
    server, client, peer = connected(-1)
    assert not peer.isInDatagramMode() and server.nextPendingDatagramConnection() is None
    assert client.write(b"x" * 200000) == 200000
    until(lambda: peer.bytesAvailable() == 200000)
    assert peer.readAll() == b"x" * 200000


@needs_sctp
def test_incoming_connection():
    class Server(QSctpServer):
        came = 0

        def incomingConnection(self, handle):
            self.came += 1
            super().incomingConnection(handle)

    server, client = Server(), QSctpSocket()
    server.setMaximumChannelCount(3)
    assert server.listen(LOCAL)
    client.connectToHost(LOCAL, server.serverPort())
    until(server.hasPendingConnections)
    peer = server.nextPendingDatagramConnection()
    assert peer is not None and server.came == 1 and peer.readChannelCount() == 3
