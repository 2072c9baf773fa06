import gc
import os
import socket as system
import stat
import subprocess
import sys
import tempfile

import pytest
import qnet
from conftest import until
from qnet import PeerCredentials, QLocalServer, QLocalSocket, QIODevice

Error, State = QLocalSocket.LocalSocketError, QLocalSocket.LocalSocketState
Access = QLocalServer.SocketOption


@pytest.fixture
def path():
    with tempfile.TemporaryDirectory(prefix="qnet") as folder:
        yield folder + "/s"


class Pair:
    def __init__(self, path, server_class=QLocalServer):
        self.server = server_class()
        assert self.server.listen(path), self.server.errorString()
        self.client = QLocalSocket()
        self.client.connectToServer(path)
        assert self.client.state() is State.ConnectedState
        until(self.server.hasPendingConnections)
        self.peer = self.server.nextPendingConnection()


@pytest.fixture
def local(path):
    one = Pair(path)
    yield one
    one.client.abort()
    one.server.close()


def test_forms(path):
    server, client = QLocalServer(), QLocalSocket()
    assert server.listen(path) and server.serverName() == server.fullServerName() == path
    assert repr(server) == f"<qnet.QLocalServer listening on {path!r}>"
    client.connectToServer(path, QIODevice.OpenModeFlag.ReadOnly)
    assert client.state() is State.ConnectedState and client.openMode() == QIODevice.OpenModeFlag.ReadOnly
    assert repr(client) == f"<qnet.QLocalSocket ConnectedState {path!r}>"
    client.abort()
    client.setServerName(path)
    client.connectToServer(QIODevice.OpenModeFlag.WriteOnly)
    assert client.openMode() == QIODevice.OpenModeFlag.WriteOnly and client.serverName() == path
    client.abort()
    client.setServerName(path)
    assert client.open() and client.isValid()
    for bad in (b"x", 1.5, None):
        with pytest.raises(TypeError):
            client.setServerName(bad)
        with pytest.raises(TypeError):
            server.listen(bad) if bad != 1.5 else QLocalServer.removeServer(bad)
    assert not isinstance(client, qnet.QAbstractSocket)


def test_errors_and_states(path):
    client, calls = QLocalSocket(), []
    client.errorOccurred.connect(lambda error: calls.append((error, client.state())))
    client.stateChanged.connect(calls.append)
    client.connectToServer(path)
    assert calls == [State.ConnectingState, (Error.ServerNotFoundError, State.ConnectingState), State.UnconnectedState]
    assert all(type(one) is State for one in calls[::2]) and type(calls[1][0]) is Error
    assert client.error() is Error.ServerNotFoundError
    server = QLocalServer()
    assert not server.listen(path + "/x/y") and server.serverError() is qnet.QAbstractSocket.SocketError.HostNotFoundError


def test_talk(local):
    lines = []
    local.peer.readyRead.connect(lambda: lines.append(local.peer.readAll()))
    local.client.write(b"hello")
    until(lambda: lines == [b"hello"])
    local.peer.write(b"back")
    local.peer.flush()
    assert local.client.waitForReadyRead(5000) and local.client.readAll() == b"back"
    local.client.disconnectFromServer()
    until(lambda: local.peer.state() is State.UnconnectedState)
    assert local.peer.error() is Error.PeerClosedError and local.peer.errorString() == "QLocalSocket: Remote closed"


def test_abstract_names():
    name = f"qnet-{os.getpid()}-\0\x01\udcff"
    server, client = QLocalServer(), QLocalSocket()
    server.setSocketOptions(Access.AbstractNamespaceOption)
    client.setSocketOptions(QLocalSocket.SocketOption.AbstractNamespaceOption)
    assert server.listen(name) and server.serverName() == name
    client.connectToServer(name)
    assert client.state() is State.ConnectedState and client.fullServerName() == name
    raw = system.socket(system.AF_UNIX)
    raw.connect(b"\0" + os.fsencode(name))
    raw.close()


def test_rights(path):
    server = QLocalServer()
    server.setSocketOptions(Access.UserAccessOption | Access.GroupAccessOption)
    assert server.socketOptions() == Access.UserAccessOption | Access.GroupAccessOption
    assert server.listen(path) and stat.S_IMODE(os.stat(path).st_mode) == 0o770


def test_listen_on_a_descriptor_and_remove(path):
    raw = system.socket(system.AF_UNIX)
    raw.bind(path)
    assert not QLocalServer().listen(path)
    raw.listen()
    server = QLocalServer()
    assert server.listen(raw.detach()) and server.serverName() == "s"
    del server
    gc.collect()
    assert not os.path.exists(path) and QLocalServer.removeServer(path)


class Own(QLocalServer):
    """Makes the sockets itself."""

    def incomingConnection(self, handle):
        socket = QLocalSocket(self)
        socket.mine = True
        socket.setReceivesDescriptors(True)
        assert socket.setSocketDescriptor(handle)
        self.addPendingConnection(socket)


def test_virtuals(path):
    one = Pair(path, Own)
    assert one.peer.mine and one.peer.parent() is one.server and one.peer.fullServerName() == path
    with pytest.raises(TypeError):
        one.server.addPendingConnection(qnet.QTcpSocket())


def test_a_server_takes_its_sockets_along(path):
    one = Pair(path)
    destroyed = []
    one.peer.destroyed.connect(lambda: destroyed.append(1))
    one.server.delete()
    assert destroyed == [1] and not one.peer.isAlive() and not os.path.exists(path)
    until(lambda: one.client.state() is State.UnconnectedState)


def test_credentials(local):
    assert local.peer.peerCredentials() == PeerCredentials(os.getpid(), os.getuid(), os.getgid())
    assert local.client.peerCredentials().pid == os.getpid()
    local.client.abort()
    assert local.client.peerCredentials() is None


def test_descriptors(path):
    one = Pair(path, Own)
    read, write = os.pipe()
    assert one.client.writeWithDescriptors(b"here", [read, write]) == 4
    os.close(read)
    os.close(write)
    until(lambda: one.peer.bytesAvailable() == 4)
    assert one.peer.receivesDescriptors() and one.peer.descriptorsAvailable() == 2
    (read,), (write,) = one.peer.takeDescriptors(1), one.peer.takeDescriptors()
    assert one.peer.takeDescriptors() == [] and not os.get_inheritable(read)
    os.write(write, b"through")
    assert os.read(read, 100) == b"through"
    os.close(read)
    os.close(write)
    assert one.client.writeWithDescriptors(b"x", [9999]) == -1
    assert one.client.error() is Error.UnsupportedSocketOperationError
    assert one.client.writeWithDescriptors(b"x", [0] * 254) == -1
    assert one.client.error() is Error.SocketResourceError
    assert one.client.writeWithDescriptors(b"", [0]) == -1
    assert not one.client.receivesDescriptors()


def test_descriptors_that_nobody_takes(path):
    one = Pair(path, Own)
    before = len(os.listdir("/proc/self/fd"))
    assert one.client.writeWithDescriptors(b"x", [0, 1, 2]) == 1
    until(lambda: one.peer.descriptorsAvailable() == 3)
    assert len(os.listdir("/proc/self/fd")) == before + 3
    one.peer.delete()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_the_end_of_the_interpreter_removes_the_file(path):
    program = f"""if 1:
        import qnet
        server = qnet.QLocalServer()
        server.newConnection.connect(lambda: None)
        server.destroyed.connect(lambda: 1 / 0)
        assert server.listen({path!r})
        client = qnet.QLocalSocket()
        client.connectToServer({path!r})
        assert server.waitForNewConnection(5000) == (True, False)
    """
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                          capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"") and not os.path.exists(path)
