import os
import socket as system

import pytest
from conftest import LOCAL, Connected, until
from qnet import QHostAddress, QLocalServer, QTcpServer, QTcpSocket


def connect(server):
    client = QTcpSocket()
    client.connectToHost(LOCAL, server.serverPort())
    return client


def test_listen_forms():
    server = QTcpServer()
    assert not server.isListening() and server.serverPort() == 0 and server.serverAddress().isNull()
    assert server.errorString() == "" and server.socketDescriptor() == -1
    for arguments, keywords in [((), {}), ((LOCAL, 0), {}), ((QHostAddress.LocalHost,), {}), ((), {"port": 0})]:
        assert server.listen(*arguments, **keywords) and server.serverPort() > 0 and server.socketDescriptor() >= 0
        server.close()
    with pytest.raises(TypeError):
        server.listen("127.0.0.1", 0)
    with pytest.raises(OverflowError):
        server.listen(LOCAL, 65536)
    assert repr(server) == "<qnet.QTcpServer>"
    assert server.listen(LOCAL)
    assert repr(server) == f"<qnet.QTcpServer listening on 127.0.0.1:{server.serverPort()}>"


def test_address_in_use():
    one, two = QTcpServer(), QTcpServer()
    assert one.listen(LOCAL) and not two.listen(LOCAL, one.serverPort())
    assert two.serverError() is QTcpSocket.SocketError.AddressInUseError and two.errorString()


def test_options():
    option = QTcpSocket.SocketOption
    one, two = QTcpServer(), QTcpServer()
    for server in one, two:
        assert server.socketOption(option.ReusePortOption) is None
        assert server.setSocketOption(option.ReusePortOption, 1)
    assert one.listen(LOCAL, 0) and two.listen(LOCAL, one.serverPort())
    assert two.socketOption(option.ReusePortOption) == 1
    assert one.setSocketOption(option.LowDelayOption, 1) and not one.setSocketOption(option.MulticastTtlOption, 1)


def test_signals_and_order():
    server, calls = QTcpServer(), []
    server.newConnection.connect(lambda: calls.append("new"))
    server.pendingConnectionAvailable.connect(lambda: calls.append("pending"))
    assert server.listen(LOCAL)
    clients = [connect(server)]
    until(lambda: "new" in calls)
    assert calls == ["pending", "new"] and server.hasPendingConnections() and len(clients) == 1


def test_one_python_object_per_socket(pair):
    again = []
    pair.accepted.readyRead.connect(lambda: again.append(pair.server.children()))
    pair.client.write(b"x")
    until(lambda: again)
    assert again == [[pair.accepted]] and pair.accepted.parent() is pair.server
    assert pair.server.nextPendingConnection() is None


def test_wait_for_new_connection():
    server = QTcpServer()
    assert server.listen(LOCAL)
    assert server.waitForNewConnection(0) == (False, True)
    client = system.create_connection(("127.0.0.1", server.serverPort()))
    assert server.waitForNewConnection(5000) == (True, False)
    assert server.nextPendingConnection().peerPort() == client.getsockname()[1]
    client.close()


def test_limits_and_pause():
    server = QTcpServer()
    assert (server.maxPendingConnections(), server.listenBacklogSize()) == (30, 50)
    server.setMaxPendingConnections(1)
    server.setListenBacklogSize(5)
    assert (server.maxPendingConnections(), server.listenBacklogSize()) == (1, 5)
    assert server.listen(LOCAL)
    server.pauseAccepting()
    client = connect(server)
    until(lambda: client.state() == QTcpSocket.ConnectedState)
    assert not server.hasPendingConnections()
    server.resumeAccepting()
    until(server.hasPendingConnections)


def test_foreign_descriptor():
    listener = system.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    server = QTcpServer()
    assert server.setSocketDescriptor(listener.detach()) and server.serverPort() == port
    client = connect(server)
    until(server.hasPendingConnections)
    assert client.peerPort() == port


class Counting(QTcpServer):
    """Overrides everything, and leaves the work to the base class."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def incomingConnection(self, handle):
        self.calls.append("incoming")
        super().incomingConnection(handle)

    def hasPendingConnections(self):
        self.calls.append("has")
        return super().hasPendingConnections()

    def nextPendingConnection(self):
        self.calls.append("next")
        return super().nextPendingConnection()


def test_overrides_that_call_the_base_class():
    server = Counting()
    assert server.listen(LOCAL) and not server.hasPendingConnections() and server.nextPendingConnection() is None
    assert server.calls == ["has", "next"]
    server.calls.clear()
    client = connect(server)
    until(lambda: "incoming" in server.calls)
    server.calls.clear()
    assert server.hasPendingConnections() and server.calls == ["has"]
    socket = server.nextPendingConnection()
    assert server.calls == ["has", "next"] and socket.peerPort() == client.localPort()


@pytest.mark.parametrize("kind", [QTcpServer, QLocalServer])
@pytest.mark.parametrize("own", [False, True])
def test_half_open_connections(kind, own, tmp_path):
    class Own(kind):
        def incomingConnection(self, handle):
            super().incomingConnection(handle)

    server = (Own if own else kind)()
    assert not server.allowHalfOpen()
    server.setAllowHalfOpen(True)
    assert server.allowHalfOpen()
    if kind is QTcpServer:
        assert server.listen(LOCAL)
        client = system.create_connection(("127.0.0.1", server.serverPort()))
    else:
        assert server.listen(str(tmp_path / "s"))
        client = system.socket(system.AF_UNIX)
        client.connect(str(tmp_path / "s"))
    with client:
        client.sendall(b"request")
        client.shutdown(system.SHUT_WR)
        until(server.hasPendingConnections)
        socket = server.nextPendingConnection()
        until(socket.isReadChannelFinished)
        assert socket.allowHalfOpen() and socket.readAll() == b"request"
        socket.write(b"answer")
        socket.close()
        until(lambda: socket.bytesToWrite() == 0)
        assert client.recv(100) == b"answer" and client.recv(100) == b""


def test_own_kind_of_socket():
    class Mine(QTcpSocket):
        pass

    class Server(QTcpServer):
        def incomingConnection(self, handle):
            socket = Mine(self)
            assert socket.setSocketDescriptor(handle)
            socket.extra = "kept"
            self.addPendingConnection(socket)

    pair = Connected(Server)
    assert type(pair.accepted) is Mine and pair.accepted.extra == "kept"
    assert pair.accepted.parent() is pair.server
    pair.client.write(b"x")
    until(lambda: pair.accepted.bytesAvailable())


def test_own_descriptors():
    taken = []

    class Server(QTcpServer):
        def incomingConnection(self, handle):
            taken.append(handle)

    server = Server()
    assert server.listen(LOCAL)
    client = connect(server)
    until(lambda: taken)
    with system.socket(fileno=taken[0]) as peer:
        assert peer.getpeername()[1] == client.localPort()
    assert not server.hasPendingConnections()


def test_own_queue():
    class Server(QTcpServer):
        queue = [QTcpSocket()]

        def hasPendingConnections(self):
            return bool(self.queue)

        def nextPendingConnection(self):
            return self.queue.pop() if self.queue else None

    from qnet._library import lib
    from qnet._signal import find

    server, first = Server(), Server.queue[0]
    # As the library asks.
    assert lib.qnet_tcp_server_has_pending_connections(server._q_handle)
    assert find(lib.qnet_tcp_server_next_pending_connection(server._q_handle)) is first
    assert not lib.qnet_tcp_server_has_pending_connections(server._q_handle)
    assert lib.qnet_tcp_server_next_pending_connection(server._q_handle) is None


def test_exceptions_in_overrides(raised):
    class Server(QTcpServer):
        def incomingConnection(self, handle):
            os.close(handle)
            raise ValueError("in an override")

    server, calls = Server(), []
    server.newConnection.connect(lambda: calls.append(1))
    assert server.listen(LOCAL)
    clients = [connect(server)]
    until(lambda: calls)
    assert clients and [type(error) for error in raised] == [ValueError]
    raised.clear()


def test_add_pending_connection_wants_a_socket():
    with pytest.raises(TypeError):
        QTcpServer().addPendingConnection(None)


def test_limits_are_off_at_first():
    server, local = QTcpServer(), QLocalServer()
    for one in server, local:
        assert one.openConnections() == one.connectionLimit() == one.idleTimeout() == one.firstByteTimeout() == 0
        one.setConnectionLimit(1)
        one.setIdleTimeout(2)
        one.setFirstByteTimeout(3)
        assert (one.connectionLimit(), one.idleTimeout(), one.firstByteTimeout()) == (1, 2, 3)
    assert server.addressConnectionLimit() == server.refusedConnections() == 0 and server.addressPrefixLength() == 64
    server.setAddressConnectionLimit(4)
    server.setAddressPrefixLength(56)
    assert server.addressConnectionLimit() == 4 and server.addressPrefixLength() == 56
    with pytest.raises(TypeError):
        server.setConnectionLimit("5")


def test_beyond_the_limit_connections_wait():
    server = QTcpServer()
    server.setConnectionLimit(1)
    assert server.listen(LOCAL)
    clients = [connect(server), connect(server)]
    until(server.hasPendingConnections)
    first = server.nextPendingConnection()
    assert server.waitForNewConnection(20) == (False, True) and server.openConnections() == 1
    first.abort()
    until(server.hasPendingConnections)
    assert server.openConnections() == 1 and len(clients) == 2


def test_too_many_of_an_address_are_refused():
    server, refused = QTcpServer(), []
    server.setAddressConnectionLimit(1)
    server.connectionRefused.connect(refused.append)
    assert server.listen()
    clients = [connect(server) for _ in range(3)]
    until(lambda: server.refusedConnections() == 2)
    assert [type(one) for one in refused] == [QHostAddress] * 2 and len(clients) == 3
    # On a server for both families an IPv4 address is mapped.
    assert [one.toString() for one in refused] == ["::ffff:127.0.0.1"] * 2
    assert refused[0].toIPv4Address() == 0x7F000001


@pytest.mark.parametrize("which", ["setIdleTimeout", "setFirstByteTimeout"])
def test_silent_connections_end(which):
    server, events = QTcpServer(), []
    getattr(server, which)(50)
    assert server.listen(LOCAL)
    client = connect(server)
    until(server.hasPendingConnections)
    socket = server.nextPendingConnection()
    socket.errorOccurred.connect(lambda error: events.append(error))
    socket.disconnected.connect(lambda: events.append("disconnected"))
    until(lambda: len(events) == 2)
    assert events == [QTcpSocket.SocketError.SocketTimeoutError, "disconnected"]
    assert server.openConnections() == 0 and client.isAlive()
