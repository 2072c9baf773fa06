"""Subclasses may use every name that is not Qt's, and their objects set it, without disturbing the package: it has names that
begin with _q_ for itself."""

import asyncio

import pytest
import qnet
from conftest import LOCAL, until
from qnet import (QCoreApplication, QEventLoop, QLocalServer, QLocalSocket, QObject, QSslServer, QSslSocket, QTcpServer, QTcpSocket,
                  QThread, QTimer, QUdpSocket)
from qnet._signal import Signal

CLASSES = [QObject, QTcpSocket, QUdpSocket, QLocalSocket, QSslSocket, QTcpServer, QLocalServer, QSslServer, QTimer, QThread, QEventLoop]

# What Qt calls in a subclass: there the name is for that.
VIRTUAL = set("""close readAll readLine canReadLine read hasPendingConnections nextPendingConnection incomingConnection abort
    addPendingConnection hasPendingDatagrams receiveDatagram run timerEvent""".split())


def public(kind):
    return [name for name in dir(kind) if not name.startswith("_") and name not in VIRTUAL
            and not isinstance(getattr(kind, name), Signal)]


def busy(kind, *arguments):
    """An object of a subclass whose attributes have every name."""
    thing = type("Busy", (kind,), {})(*arguments)
    for name in public(kind):
        setattr(thing, name, object())
    return thing


@pytest.mark.parametrize("kind", [*CLASSES, qnet.Loop, qnet.QNetworkProxyFactory])
def test_private_names(kind):
    thing = type("Own", (kind,), {})()
    if kind is QTcpServer:
        thing.listen(LOCAL)
    own = {name for name in [*dir(thing), *vars(thing)] if name.startswith("_") and not name.startswith(("__", "_q_"))}
    assert own <= {"_is_protocol"}, own


@pytest.mark.parametrize("kind", CLASSES)
def test_public_names(kind):
    thing = busy(kind)
    repr(thing)
    child = busy(QObject, thing)
    QObject.startTimer(thing, 1000)
    assert QObject.findChildren(thing, QObject) == [child]
    QObject.delete(thing)
    assert not QObject.isAlive(child) and "deleted" in repr(thing)
    with pytest.raises(AttributeError):
        thing._own  # of the program, and as it is in a living object


@pytest.mark.parametrize("server_kind, client_kind", [(QTcpServer, QTcpSocket), (QLocalServer, QLocalSocket)])
def test_connections(server_kind, client_kind, tmp_path):
    server, client = busy(server_kind), busy(client_kind)
    place = (str(tmp_path / "s"),) if server_kind is QLocalServer else (LOCAL,)
    assert server_kind.listen(server, *place)
    if server_kind is QTcpServer:
        client_kind.connectToHost(client, LOCAL, server_kind.serverPort(server))
    else:
        client_kind.connectToServer(client, *place)
    until(server.hasPendingConnections)
    accepted = server.nextPendingConnection()
    client_kind.write(client, b"one\n")
    until(lambda: accepted.canReadLine())
    accepted.write(accepted.readAll() + b"two")
    until(lambda: client_kind.bytesAvailable(client) == 7)
    repr(client), repr(server)
    assert client.readLine() == b"one\n" and client.readAll() == b"two"
    ended = []
    client.disconnected.connect(lambda: ended.append(True))
    with client:
        pass
    until(lambda: ended)
    with server:
        pass


def test_datagrams():
    one = busy(QUdpSocket)
    assert QUdpSocket.bind(one, LOCAL)
    QUdpSocket.writeDatagram(one, qnet.QNetworkDatagram(b"x", LOCAL, QUdpSocket.localPort(one)))
    until(lambda: QUdpSocket.hasPendingDatagrams(one))
    assert QUdpSocket.readDatagram(one, 1 << 20)[0] == b"x" and QUdpSocket.readDatagrams(one) == []


def test_timers_loops_and_threads():
    loop, timer = busy(QEventLoop), busy(QTimer)
    timer.timeout.connect(lambda: QEventLoop.exit(loop, 3))
    QTimer.start(timer, 1)
    assert QEventLoop.exec(loop) == 3
    thread = type("Busy", (QThread,), {"run": lambda self: None})()
    for name in public(QThread):
        setattr(thread, name, object())
    QThread.start(thread)
    assert QThread.wait(thread, 10000)
    QCoreApplication.processEvents()


def test_asyncio():
    async def main():
        server, client = busy(QTcpServer), busy(QTcpSocket)
        assert QTcpServer.listen(server, LOCAL)
        QTcpSocket.connectToHost(client, LOCAL, QTcpServer.serverPort(server))
        accepted = await QTcpServer.nextConnection(server)
        accepted.write(b"one\ntwo")
        accepted.disconnectFromHost()
        return [line async for line in QTcpSocket.lines(client)]

    assert asyncio.run(main()) == [b"one\n", b"two"]


def test_properties_of_the_package_are_a_subclasss_own():
    class Client(QTcpSocket):
        def __init__(self, address, peer):
            super().__init__()
            self.address, self.peer, self.local, self.closed = address, peer, 1, 2

    client = Client("here", "there")
    assert (client.address, client.peer, client.local, client.closed) == ("here", "there", 1, 2)
    assert QTcpSocket().closed is True and QTcpSocket().peer is None
