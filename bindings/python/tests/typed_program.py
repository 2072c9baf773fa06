"""Not run: test_typing.py has mypy look at it, as at a program of a user who wants to know every type."""

import datetime
from typing import Dict, List, Optional, Tuple, Union

import qnet.asyncio
from typing_extensions import assert_type

from qnet.bytearray import Bytes
from qnet import (
    Connection,
    QAbstractSocket,
    QAuthenticator,
    QByteArray,
    QCoreApplication,
    QHostAddress,
    QHostInfo,
    QLocalServer,
    QLocalSocket,
    QNetworkDatagram,
    QNetworkProxy,
    QNetworkProxyFactory,
    QNetworkProxyQuery,
    QObject,
    QSsl,
    QSslCertificate,
    QSslCipher,
    QSslConfiguration,
    QSslError,
    QSslKey,
    QSslServer,
    QSslSocket,
    QTcpServer,
    QTcpSocket,
    QTimer,
    QUdpSocket,
    Qt,
)


def sockets(parent: QObject) -> None:
    socket = QTcpSocket(parent)
    socket.connectToHost("localhost", 7)
    socket.connectToHost(QHostAddress.SpecialAddress.LocalHost, 7, QTcpSocket.OpenModeFlag.ReadOnly)
    assert_type(socket.state(), QAbstractSocket.SocketState)
    assert_type(socket.error(), QAbstractSocket.SocketError)
    assert_type(socket.peerAddress(), QHostAddress)
    assert_type(socket.read(5), Bytes)
    assert_type(socket.read(bytearray(5), 5), int)
    assert_type(socket.readLine(), Bytes)
    assert_type(socket.readAll(), Bytes)
    data: bytes = socket.readAll()
    array: QByteArray = socket.readAll()
    assert_type(array.trimmed().data(), bytes)
    assert_type(QByteArray(data).append("x").toInt(), Tuple[int, bool])
    assert_type(socket.readAll().left(2).indexOf(b"x"), int)
    socket.write(array)
    assert_type(socket.readyRead.connect(socket.abort, Qt.ConnectionType.QueuedConnection), Connection)
    assert_type(socket.findChild(QTcpSocket), Optional[QTcpSocket])
    assert_type(socket.getChar(), Tuple[bool, str])
    assert_type(socket.write(b"bytes"), int)
    assert_type(socket.write(memoryview(b"bytes")), int)
    assert_type(socket.waitForConnected(), bool)
    assert_type(socket.socketOption(QAbstractSocket.SocketOption.LowDelayOption), Optional[int])
    assert_type(socket.parent(), Optional[QObject])
    assert_type(socket.bind(QHostAddress(), 0), bool)
    assert_type(socket.bind(8000), bool)
    socket.write("text")  # type: ignore[arg-type]
    socket.connectToHost("localhost", "7")  # type: ignore[arg-type]
    socket.readAl()  # type: ignore[attr-defined]


class Server(QTcpServer):
    def incomingConnection(self, handle: int, /) -> None:
        assert_type(self.nextPendingConnection(), Optional[QTcpSocket])

    def failed(self, error: QAbstractSocket.SocketError) -> None:
        assert_type(self.waitForNewConnection(5), Tuple[bool, bool])

    def begin(self) -> None:
        assert bool(self.acceptError.connect(self.failed))
        assert_type(self.acceptError.disconnect(self.failed), bool)
        assert_type(self.listen(QHostAddress("::1"), 5), bool)
        self.newConnection.connect(5)  # type: ignore[arg-type]


class Factory(QNetworkProxyFactory):
    def queryProxy(self, query: QNetworkProxyQuery = QNetworkProxyQuery()) -> List[QNetworkProxy]:
        assert_type(query.queryType(), QNetworkProxyQuery.QueryType)
        assert_type(query.peerPort(), int)
        return [QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "localhost", 3128)]


def proxies(socket: QTcpSocket, server: QTcpServer) -> None:
    def fill(proxy: QNetworkProxy, authenticator: QAuthenticator) -> None:
        authenticator.setUser(proxy.user())
        assert_type(authenticator.option("realm"), Optional[str])

    socket.proxyAuthenticationRequired.connect(fill)
    socket.setProxy(QNetworkProxy.ProxyType.NoProxy)
    server.setProxy(socket.proxy())
    assert_type(socket.proxy().type(), QNetworkProxy.ProxyType)
    assert_type(socket.proxy().capabilities(), QNetworkProxy.Capability)
    assert_type(socket.proxy().rawHeader(b"X"), Bytes)
    QNetworkProxyFactory.setApplicationProxyFactory(Factory())
    assert_type(QNetworkProxyFactory.proxyForQuery(QNetworkProxyQuery("localhost", 7)), List[QNetworkProxy])
    socket.setProxy("localhost")  # type: ignore[arg-type]
    socket.setProxy(None)  # type: ignore[arg-type]


def tls(data: bytes) -> None:
    certificate = QSslCertificate(data, QSsl.EncodingFormat.Der)
    assert_type(certificate.expiryDate(), Optional[datetime.datetime])
    assert_type(certificate.subjectInfo(b"CN"), List[str])
    assert_type(certificate.subjectAlternativeNames(), Dict[QSsl.AlternativeNameEntryType, List[str]])
    assert_type(certificate.publicKey().algorithm(), QSsl.KeyAlgorithm)
    assert_type(QSslKey(data, QSsl.KeyAlgorithm.Ec, passPhrase=b"secret").toPem(), Bytes)
    assert_type(QSslCertificate.verify([certificate], "localhost"), List[QSslError])
    configuration = QSslConfiguration.defaultConfiguration()
    configuration.setProtocol(QSsl.SslProtocol.TlsV1_3OrLater)
    configuration.setCiphers("AES128-SHA")
    assert_type(configuration.ciphers(), List[QSslCipher])
    assert_type(configuration.sessionProtocol(), QSsl.SslProtocol)
    configuration.setPrivateKey(certificate)  # type: ignore[arg-type]


def encrypted(socket: QSslSocket, errors: List[QSslError]) -> None:
    socket.connectToHostEncrypted("localhost", 7)
    socket.connectToHostEncrypted("localhost", 7, "name", QSslSocket.OpenModeFlag.ReadWrite)
    assert_type(socket.mode(), QSslSocket.SslMode)
    assert_type(socket.peerVerifyMode(), QSslSocket.PeerVerifyMode)
    assert_type(socket.sslHandshakeErrors(), List[QSslError])
    assert_type(socket.peerCertificate(), QSslCertificate)
    assert_type(socket.sslConfiguration(), QSslConfiguration)
    socket.ignoreSslErrors()
    socket.ignoreSslErrors(errors)
    socket.setPrivateKey("file", QSsl.KeyAlgorithm.Ec)
    socket.setLocalCertificate(QSslCertificate())


def serving(server: QSslServer) -> None:
    server.setSslConfiguration(QSslConfiguration.defaultConfiguration())
    assert_type(server.sslConfiguration(), QSslConfiguration)
    assert_type(server.handshakeTimeout(), int)


async def secured(configuration: QSslConfiguration) -> None:
    assert_type(await qnet.asyncio.connect("localhost", 7), QTcpSocket)
    assert_type(await qnet.asyncio.connect("localhost", 7, ssl=configuration), QSslSocket)
    assert_type(await qnet.asyncio.connect("localhost", 7, ssl=True, server_hostname="name"), QSslSocket)


async def awaited(tcp: QTcpServer, local: QLocalServer, udp: QUdpSocket) -> None:
    assert_type(await tcp.nextConnection(), QTcpSocket)
    async for accepted in local:
        assert_type(accepted, QLocalSocket)
        assert_type(await accepted.untilReadyRead(5), bool)
        async for chunk in accepted:
            assert_type(chunk, bytes)
    assert_type(await udp.nextDatagram(), QNetworkDatagram)
    async for datagram in udp:
        assert_type(datagram, QNetworkDatagram)
    assert_type(await qnet.asyncio.connect("localhost", 7, proxy=QNetworkProxy()), QTcpSocket)
    with local as same:
        assert_type(same, QLocalServer)
    async with QLocalSocket() as socket:
        assert_type(socket, QLocalSocket)


def others(info: QHostInfo, answer: Union[int, str]) -> int:
    assert_type(info.addresses(), List[QHostAddress])
    assert_type(QHostInfo.lookupHost("localhost", print), int)
    assert_type(QHostAddress("127.0.0.1").toIPv4Address(), int)
    timer = QTimer(singleShot=True, interval=5)
    assert_type(timer.isActive(), bool)
    timer.setInterval(answer)  # type: ignore[arg-type]
    return QCoreApplication.exec()
