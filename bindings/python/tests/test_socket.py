import gc
import selectors
import socket as system
import sys
import threading
import weakref

import pytest
from conftest import LOCAL, Connected, until
from qnet import QAbstractSocket, QHostAddress, QIODevice, QIODeviceBase, QNetworkProxy, QObject, QTcpServer, QTcpSocket

State = QAbstractSocket.SocketState
Error = QAbstractSocket.SocketError
Option = QAbstractSocket.SocketOption
Mode = QIODeviceBase.OpenModeFlag


@pytest.fixture
def filled(pair):
    """A socket with something to read."""
    pair.accepted.write(b"one\r\ntwo\nthree")
    until(lambda: pair.client.bytesAvailable() == 14)
    return pair


def test_classes():
    assert issubclass(QTcpSocket, QAbstractSocket) and issubclass(QAbstractSocket, QIODevice)
    assert issubclass(QIODevice, QObject) and issubclass(QIODevice, QIODeviceBase)
    assert QIODevice.OpenModeFlag is QIODeviceBase.OpenModeFlag and QIODevice.ReadWrite is Mode.ReadWrite
    assert QTcpSocket.ConnectedState is State.ConnectedState == 3
    assert isinstance(QAbstractSocket(QAbstractSocket.SocketType.TcpSocket, None), QAbstractSocket)
    with pytest.raises(NotImplementedError):
        QAbstractSocket(QAbstractSocket.SocketType.UdpSocket)
    with pytest.raises(NotImplementedError):
        QIODevice()


def test_properties(pair):
    s, other = pair.client, pair.accepted
    assert s.peer == other.local == ("127.0.0.1", s.peerPort()) and s.local == other.peer
    assert not s.closed and s.fileno() == s.socketDescriptor() >= 0
    with selectors.DefaultSelector() as selector:
        selector.register(s, selectors.EVENT_WRITE)
        assert selector.select(10)
    with QTcpServer() as server:
        assert server.address is None and server.fileno() == -1
        assert server.listen(LOCAL) and server.address == ("127.0.0.1", server.serverPort())
        assert server.fileno() == server.socketDescriptor()
    s.abort()
    assert s.closed and s.peer is s.local is None and s.fileno() == -1


def test_fresh():
    s = QTcpSocket()
    assert s.state() is State.UnconnectedState and s.error() is Error.UnknownSocketError
    assert s.openMode() is Mode.NotOpen and not s.isOpen() and not s.isValid()
    assert s.socketType() is QAbstractSocket.SocketType.TcpSocket and s.isSequential()
    assert s.socketDescriptor() == -1 and s.peerPort() == s.localPort() == 0
    assert s.peerAddress().isNull() and s.localAddress().isNull() and s.peerName() == ""
    assert s.bytesAvailable() == s.bytesToWrite() == s.readBufferSize() == s.pos() == s.size() == 0
    assert s.socketOption(Option.LowDelayOption) is None
    assert s.pauseMode() is QAbstractSocket.PauseMode.PauseNever and s.protocolTag() == ""
    assert repr(s) == "<qnet.QTcpSocket UnconnectedState>"


def test_connected(pair):
    client = pair.client
    assert client.isOpen() and client.isValid() and client.openMode() == Mode.ReadWrite
    assert client.peerPort() == pair.server.serverPort() and client.localPort() == pair.accepted.peerPort()
    assert client.peerAddress() == client.localAddress() == LOCAL
    assert f"127.0.0.1:{client.peerPort()}" in repr(client)
    client.setObjectName("mine")
    assert "'mine'" in repr(client)


def test_read(filled):
    client = filled.client
    assert client.peek(3) == b"one" and client.read(3) == b"one" and client.canReadLine()
    assert client.read(0) == b""
    buffer = bytearray(4)
    assert client.peek(buffer, 2) == 2 and buffer == b"\r\n\0\0"
    assert client.read(buffer, 100) == 4 and buffer == b"\r\ntw"
    assert client.getChar() == (True, "o") and client.skip(1) == 1
    assert client.peekBuffer() == b"three"
    client.ungetChar("X")
    client.ungetChar(0x59)
    assert client.readAll() == b"YXthree" and client.readAll() == b"" and client.getChar() == (False, "\0")
    assert client.atEnd() and client.peekBuffer() == b""


def test_read_of_more_than_there_is(filled):
    assert filled.client.read(1 << 40) == b"one\r\ntwo\nthree"
    assert filled.client.read(10) == b""


def test_read_line(filled):
    client = filled.client
    assert client.readLine(3) == b"on"
    assert client.readLine() == b"e\r\n"
    buffer = bytearray(10)
    assert client.readLine(buffer, 10) == 4 and buffer[:5] == b"two\n\0"
    assert client.readLine() == b"three"


def test_read_long_lines(pair):
    line = b"x" * 200_000 + b"\n"
    pair.accepted.write(line + line)
    until(lambda: pair.client.bytesAvailable() == 2 * len(line))
    assert pair.client.readLine(150_001) == line[:150_000]
    assert pair.client.readLine() == line[150_000:]
    assert pair.client.readLine() == line


def test_bytes_with_zeros(pair):
    data = bytes(range(256)) * 3
    assert pair.client.write(data) == len(data)
    until(lambda: pair.accepted.bytesAvailable() == len(data))
    assert pair.accepted.readAll() == data


def test_read_all_in_the_way_of_gigabytes(pair, monkeypatch):
    monkeypatch.setattr("qnet.device._MOST_AT", 3)
    data = bytes(range(256)) * 100
    pair.accepted.write(data)
    until(lambda: pair.client.bytesAvailable() == len(data))
    first = pair.client.peekBuffer()
    assert len(first) > 3 and data.startswith(first)
    assert pair.client.readAll() == data


def test_half_open(pair):
    s, seen = pair.accepted, []
    assert not s.allowHalfOpen()
    s.setAllowHalfOpen(True)
    assert s.allowHalfOpen() and not s.isReadChannelFinished()
    s.readChannelFinished.connect(lambda: seen.append("finished"))
    s.errorOccurred.connect(seen.append)
    s.disconnected.connect(lambda: seen.append("disconnected"))
    pair.client.write(b"request")
    pair.client.closeWriteChannel()
    assert pair.client.write(b"more") == -1 and pair.client.error() is Error.OperationError
    until(s.isReadChannelFinished)
    assert s.state() is State.ConnectedState and s.readAll() == b"request" and s.isWritable()
    answer = bytes(10_000_000)
    s.write(answer)
    s.closeWriteChannel()
    assert not s.isWritable()
    got = bytearray()
    pair.client.readyRead.connect(lambda: got.extend(pair.client.readAll()))
    until(lambda: pair.client.state() is State.UnconnectedState)
    assert got == answer and seen == ["finished", "disconnected"]


def test_write_forms(pair):
    client = pair.client
    assert client.write(b"a") == client.write(bytearray(b"b")) == client.write(memoryview(b"c")) == 1
    assert client.write(memoryview(b"d-e-")[::2]) == 2 and client.write(b"") == 0
    assert client.putChar("f") and client.putChar(0x67) and client.bytesToWrite() == 7
    assert client.flush() and client.bytesToWrite() == 0
    until(lambda: pair.accepted.bytesAvailable() == 7)
    assert pair.accepted.readAll() == b"abcdefg"
    for wrong in ("text", 5, None):
        with pytest.raises(TypeError):
            client.write(wrong)
    with pytest.raises(OverflowError):
        client.putChar(300)


def test_megabytes_both_ways(pair):
    data = bytes(range(256)) * 40_000
    got, back = bytearray(), bytearray()

    def echo():
        piece = pair.accepted.readAll()
        got.extend(piece)
        pair.accepted.write(piece)

    pair.accepted.readyRead.connect(echo)
    pair.client.readyRead.connect(lambda: back.extend(pair.client.read(1 << 20)))
    pair.client.write(data)
    until(lambda: len(back) == len(data))
    assert got == back == data


def test_write_buffer_limit(pair):
    client, drained, data = pair.client, [], bytes(100_000)
    assert client.writeBufferLimit() == 0
    client.setWriteBufferLimit(1000, 10)
    assert client.writeBufferLimit() == 1000
    client.writeBufferDrained.connect(lambda: drained.append(client.bytesToWrite()))
    assert client.write(data[:900]) == 900 and client.write(data[:900]) == 100 and client.write(b"x") == 0
    until(lambda: drained)
    assert drained[0] <= 10 and client.write(data[:900]) == 900


def test_bytes_that_are_not_copied(pair, tmp_path, messages):
    client, peer, returned = pair.client, pair.accepted, []
    path = tmp_path / "file"
    path.write_bytes(b"in the file")
    assert client.writeParts([b"one ", bytearray(b"two "), b""]) == 8
    assert client.writeParts([]) == 0
    assert client.writeLent(bytes(200_000), lambda: returned.append(1)) == 200_000
    with path.open("rb") as file:
        assert client.sendFile(file, 3) == 8
        assert client.sendFile(file.fileno(), 0, 12) == -1 and client.error() == Error.OperationError
    assert client.writeLent(b"end") == 3
    with pytest.raises(TypeError):
        client.writeLent(bytearray(b"it may change"))
    assert not returned
    until(lambda: peer.bytesAvailable() == 200_019)
    assert returned == [1] and peer.read(8) == b"one two "
    with (tmp_path / "received").open("w+b") as file:
        assert peer.readToFile(file, 200_008) == 200_008
        file.seek(0)
        assert file.read() == bytes(200_000) + b"the file"
    assert peer.readAll() == b"end"
    client.writeLent(b"dropped", lambda: returned.append(2))
    client.abort()
    assert returned == [1, 2]
    assert client.writeLent(b"x", lambda: returned.append(3)) == -1 and returned == [1, 2]
    assert messages.pop().startswith("qnet_socket_write: the socket is not open")


def test_lent_bytes_are_kept_and_let_go(pair):
    class Bytes:
        pass

    mark, data = Bytes(), bytes(range(256)) * 4096
    alive = weakref.ref(mark)

    def back(mark=mark):
        raise ZeroDivisionError  # is shown, and harms nobody

    del mark
    before, sys.excepthook = sys.excepthook, lambda *error: shown.append(error[0])
    shown = []
    try:
        assert pair.client.writeLent(b"" + data, back) == len(data)
        del back
        gc.collect()
        assert alive() is not None
        until(lambda: pair.accepted.bytesAvailable() == len(data))
        until(lambda: shown)
    finally:
        sys.excepthook = before
    gc.collect()
    assert shown == [ZeroDivisionError] and alive() is None and pair.accepted.readAll() == data


def test_writes_whole(pair):
    client = pair.client
    assert not client.writesWhole()
    client.setWritesWhole(True)
    assert client.writesWhole()
    client.setWriteBufferLimit(10)
    assert client.write(b"1234567") == 7 and client.write(b"1234567") == 0
    assert client.write(b"1234567890a") == -1 and client.error() == Error.OperationError


def test_transactions(filled):
    client = filled.client
    client.startTransaction()
    assert client.isTransactionStarted() and client.read(3) == b"one"
    client.rollbackTransaction()
    client.startTransaction()
    assert client.read(3) == b"one"
    client.commitTransaction()
    assert not client.isTransactionStarted() and client.readAll() == b"\r\ntwo\nthree"


def test_options(pair):
    client = pair.client
    client.setSocketOption(Option.LowDelayOption, 1)
    assert client.socketOption(Option.LowDelayOption) == 1
    client.setSocketOption(Option.LowDelayOption, False)
    assert client.socketOption(Option.LowDelayOption) == 0
    assert client.socketOption(Option.ReceiveBufferSizeSocketOption) > 0


def test_protected_setters():
    s = QTcpSocket()
    s.setSocketState(State.ListeningState)
    s.setSocketError(Error.ProxyProtocolError)
    s.setPeerAddress(QHostAddress("1.2.3.4"))
    s.setPeerName("größe")
    s.setPeerPort(1)
    s.setLocalAddress(QHostAddress.LocalHostIPv6)
    s.setLocalPort(65535)
    s.setProtocolTag("tag")
    s.setReadBufferSize(10)
    assert s.state() is State.ListeningState and s.error() is Error.ProxyProtocolError
    assert (str(s.peerAddress()), s.peerName(), s.peerPort()) == ("1.2.3.4", "größe", 1)
    assert (str(s.localAddress()), s.localPort(), s.protocolTag(), s.readBufferSize()) == ("::1", 65535, "tag", 10)


def test_values_that_do_not_fit():
    s = QTcpSocket()
    for port in (-1, 65536):
        with pytest.raises(OverflowError):
            s.connectToHost("127.0.0.1", port)
    with pytest.raises(OverflowError):
        s.waitForConnected(1 << 40)
    with pytest.raises(ValueError):
        s.connectToHost("local\0host", 1)
    with pytest.raises(TypeError):
        s.connectToHost(b"127.0.0.1", 1)
    with pytest.raises(TypeError):
        s.connectToHost("127.0.0.1", "1")
    assert s.state() is State.UnconnectedState


def test_bind_forms():
    flag = QAbstractSocket.BindFlag.ShareAddress
    for arguments, keywords in [
        ((), {}),
        ((0,), {}),
        ((0, flag), {}),
        ((), {"port": 0, "mode": flag}),
        ((LOCAL,), {}),
        ((QHostAddress.LocalHost, 0, flag), {}),
        ((LOCAL,), {"port": 0}),
    ]:
        s = QTcpSocket()
        assert s.bind(*arguments, **keywords) and s.localPort() > 0 and s.state() is State.BoundState
    with pytest.raises(TypeError):
        QTcpSocket().bind("127.0.0.1", 0)


def test_connect_by_name():
    pair = Connected()
    s = QTcpSocket()
    s.connectToHost("localhost", pair.server.serverPort(), protocol=QAbstractSocket.IPv4Protocol)
    assert s.state() is State.HostLookupState or s.state() is State.ConnectingState
    until(lambda: s.state() is State.ConnectedState)
    assert s.peerName() == "localhost"


def test_refused():
    listener = system.socket()
    listener.bind(("127.0.0.1", 0))
    s, errors = QTcpSocket(), []
    s.errorOccurred.connect(errors.append)
    s.connectToHost(LOCAL, listener.getsockname()[1])
    until(lambda: errors)
    assert errors == [Error.ConnectionRefusedError] and s.errorString() == "Connection refused"
    listener.close()


def test_blocking_conversation():
    listener = system.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def answer():
        peer, _ = listener.accept()
        with peer:
            peer.sendall(peer.recv(100).upper())

    thread = threading.Thread(target=answer)
    thread.start()
    s = QTcpSocket()
    s.connectToHost("127.0.0.1", listener.getsockname()[1])
    assert s.waitForConnected(5000) and s.write(b"hello") == 5 and s.waitForBytesWritten(5000)
    assert s.waitForReadyRead(5000) and s.readAll() == b"HELLO"
    assert s.state() is State.UnconnectedState or s.waitForDisconnected(5000)
    thread.join()
    listener.close()


def test_time_out(pair):
    assert not pair.client.waitForReadyRead(1)
    assert pair.client.error() is Error.SocketTimeoutError


def test_foreign_descriptor():
    ours, theirs = system.socketpair()
    s = QTcpSocket()
    descriptor = ours.detach()
    assert s.setSocketDescriptor(descriptor) and s.socketDescriptor() == descriptor
    theirs.sendall(b"hello")
    assert s.waitForReadyRead(5000) and s.readAll() == b"hello"
    theirs.close()


def test_disconnect_from_host(pair):
    ended = []
    pair.accepted.disconnected.connect(lambda: ended.append(pair.accepted.readAll()))
    pair.client.write(b"last words")
    pair.client.disconnectFromHost()
    until(lambda: ended)
    assert ended == [b"last words"] and pair.client.state() is State.UnconnectedState


def test_connect_timeout():
    with system.create_server(("127.0.0.1", 0)) as mute:
        client = QTcpSocket()
        client.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.Socks5Proxy, "127.0.0.1", mute.getsockname()[1]))
        assert client.connectTimeout() == 0
        client.setConnectTimeout(20)
        client.connectToHost("target.test", 80)
        until(lambda: client.state() == QTcpSocket.UnconnectedState)
        assert client.error() == QTcpSocket.SocketTimeoutError and "within 20 ms" in client.errorString()
        assert client.connectTimeout() == 20
