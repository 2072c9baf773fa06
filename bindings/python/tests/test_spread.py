"""Servers that spread their connections over the loops of threads."""

import asyncio
import contextlib
import pathlib
import select
import socket
import threading

import pytest
import qnet.asyncio
from conftest import LOCAL, until
from qnet import (
    Loop,
    QLocalServer,
    QLocalSocket,
    QSsl,
    QSslCertificate,
    QSslConfiguration,
    QSslKey,
    QSslServer,
    QSslSocket,
    QTcpServer,
    QTcpSocket,
    QThread,
)

FILES = pathlib.Path(__file__).resolve().parents[3] / "capi/tests/ssl"


@contextlib.contextmanager
def workers(count):
    threads = [QThread() for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.quit()
            assert thread.wait(10000)
            thread.deleteLater()


class Echoing:
    """Has a server's connections send back what they get, and notes on which thread they have arrived."""

    def __init__(self, server):
        self.arrived, self.gone = [], []
        server.connectionInLoop.connect(self.arrive)

    def arrive(self, connection):
        thread = QThread.currentThread()
        assert connection.thread() is thread and connection.parent() is None
        self.arrived.append(thread)
        connection.readyRead.connect(lambda: connection.write(connection.readAll()))

        def gone():
            self.gone.append(thread)
            connection.deleteLater()

        connection.disconnected.connect(gone)


def echoes(client):
    client.write(b"x")
    until(lambda: client.bytesAvailable() == 1)
    assert client.readAll() == b"x"


def test_over_threads():
    server = QTcpServer()
    echoing = Echoing(server)
    with workers(2) as threads:
        assert server.setLoops(threads) and server.loopCount() == 2
        assert server.listen(LOCAL)
        clients = [QTcpSocket() for _ in range(4)]
        for client in clients:
            client.connectToHost(LOCAL, server.serverPort())
            echoes(client)
        assert [echoing.arrived.count(thread) for thread in threads] == [2, 2]
        assert not server.hasPendingConnections() and server.openConnections() == 4
        for client in clients:
            client.abort()
        until(lambda: len(echoing.gone) == 4 and server.openConnections() == 0)
        assert sorted(map(id, echoing.gone)) == sorted(map(id, echoing.arrived))
        assert server.setLoops([]) and server.loopCount() == 0
    server.delete()


def test_what_is_no_loop():
    server = QTcpServer()
    with pytest.raises(AttributeError):
        server.setLoops([3])
    gone = Loop()
    gone.delete()
    with pytest.raises(RuntimeError):
        server.setLoops([gone])
    assert server.loopCount() == 0
    server.delete()


def test_a_connection_that_nobody_keeps_ends():
    server = QTcpServer()
    server.connectionInLoop.connect(lambda connection: None)
    with workers(1) as threads:
        assert server.setLoops(threads) and server.listen(LOCAL)
        with socket.create_connection(("127.0.0.1", server.serverPort())) as client:
            until(lambda: select.select([client], [], [], 0)[0])
            assert client.recv(1) == b""
    server.delete()


def test_local_servers(tmp_path):
    server = QLocalServer()
    echoing = Echoing(server)
    with workers(1) as threads:
        assert server.setLoops(threads) and server.listen(str(tmp_path / "s"))
        client = QLocalSocket()
        client.connectToServer(str(tmp_path / "s"))
        until(lambda: client.state() == QLocalSocket.LocalSocketState.ConnectedState)
        echoes(client)
        client.abort()
        until(lambda: echoing.gone == threads)
    server.delete()


def test_handshakes_on_the_threads_of_the_connections():
    chosen = QSslConfiguration.defaultConfiguration()
    chosen.setLocalCertificate(QSslCertificate((FILES / "host.pem").read_bytes()))
    chosen.setPrivateKey(QSslKey((FILES / "host.key").read_bytes(), QSsl.KeyAlgorithm.Ec))
    server = QSslServer()
    server.setSslConfiguration(chosen)
    started, failed = [], []
    server.startedEncryptionHandshake.connect(lambda connection: started.append((connection.thread(), connection.parent())))
    server.errorOccurred.connect(lambda connection, error: failed.append(error))
    echoing = Echoing(server)
    server.connectionInLoop.connect(lambda connection: started.append(connection.isEncrypted()))
    with workers(1) as threads:
        assert server.setLoops(threads) and server.listen(LOCAL)
        client = QSslSocket()
        trusting = QSslConfiguration.defaultConfiguration()
        trusting.setCaCertificates([QSslCertificate((FILES / "authority.pem").read_bytes())])
        client.setSslConfiguration(trusting)
        client.connectToHostEncrypted("127.0.0.1", server.serverPort(), "host.test")
        until(client.isEncrypted)
        echoes(client)
        client.abort()
        with socket.create_connection(("127.0.0.1", server.serverPort())) as other:
            other.sendall(b"\x16\x03\x01\x00\x04none")
            until(lambda: len(failed) == 1 and server.handshakes() == 0 and len(echoing.gone) == 1)
        assert started == [(threads[0], None), True, (threads[0], None)]
        assert echoing.arrived == threads
    server.delete()


def test_asyncio_on_two_threads():
    """Each thread runs an asyncio loop, which drives a loop of the library."""
    server = QTcpServer()
    served = []
    ready, ends, begin = [], [], {}

    def work():
        with Loop() as loop:

            async def serve(connection):
                async with connection:
                    while await connection.untilReadyRead():
                        connection.write(connection.readAll())
                served.append(threading.current_thread())

            async def main():
                qnet.asyncio.attach()
                end = asyncio.Event()
                tasks = set()
                running = asyncio.get_running_loop()
                ends.append(lambda: running.call_soon_threadsafe(end.set))
                begin[threading.get_ident()] = lambda connection: tasks.add(running.create_task(serve(connection)))
                ready.append(loop)
                await end.wait()
                await asyncio.gather(*tasks)

            asyncio.run(main())
        loop.delete()

    server.connectionInLoop.connect(lambda connection: begin[threading.get_ident()](connection))
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: len(ready) == 2)
    assert server.setLoops(ready) and server.listen(LOCAL)
    clients = [QTcpSocket() for _ in range(4)]
    for client in clients:
        client.connectToHost(LOCAL, server.serverPort())
        echoes(client)
    for client in clients:
        client.disconnectFromHost()
    until(lambda: len(served) == 4)
    assert [served.count(thread) for thread in threads] == [2, 2]
    server.delete()
    for end in ends:
        end()
    for thread in threads:
        thread.join()
