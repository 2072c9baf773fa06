"""Servers that encrypt, against Python's ssl module in threads and sockets of qnet's."""

import asyncio
import pathlib
import socket
import ssl
import threading

import pytest
import qnet.asyncio  # what makes awaiting possible
from conftest import PATIENCE, until
from qnet import (
    QHostAddress,
    QSsl,
    QSslCertificate,
    QSslConfiguration,
    QSslError,
    QSslKey,
    QSslServer,
    QSslSocket,
    QTcpServer,
)

FILES = pathlib.Path(__file__).resolve().parents[3] / "capi/tests/ssl"


def configuration(verifies=False):
    chosen = QSslConfiguration.defaultConfiguration()
    chosen.setLocalCertificate(QSslCertificate((FILES / "host.pem").read_bytes()))
    chosen.setPrivateKey(QSslKey((FILES / "host.key").read_bytes(), QSsl.KeyAlgorithm.Ec))
    chosen.setCaCertificates([])
    if verifies:
        chosen.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyPeer)
    return chosen


class Noting(QSslServer):
    """Notes what it is told."""

    def __init__(self, verifies=False):
        super().__init__()
        self.log = []
        self.setSslConfiguration(configuration(verifies))
        note = self.log.append
        self.newConnection.connect(lambda: note("new"))
        self.pendingConnectionAvailable.connect(lambda: note("pending"))
        self.startedEncryptionHandshake.connect(lambda connection: note(f"started {connection.mode().value}"))
        self.errorOccurred.connect(lambda connection, error: note(f"error {error.value}"))
        self.peerVerifyError.connect(lambda connection, error: note(f"verify {error.error().value}"))
        self.sslErrors.connect(lambda connection, errors: note(f"errors {len(errors)}"))
        self.handshakeInterruptedOnError.connect(lambda connection, error: note(f"interrupted {error.error().value}"))
        self.alertSent.connect(lambda connection, level, kind, text: note(f"sent {kind.value} {text}"))
        self.alertReceived.connect(lambda connection, level, kind, text: note(f"received {kind.value} {text}"))
        assert self.listen(QHostAddress.LocalHost)


class Client:
    """A client of Python's in a thread, which says hello and waits for the end."""

    def __init__(self, server, shows=False, trusts=True):
        self.port, self.result = server.serverPort(), None
        self.context = ssl.create_default_context(cafile=str(FILES / "authority.pem") if trusts else None)
        self.context.check_hostname = False
        if shows:
            self.context.load_cert_chain(FILES / "host.pem", FILES / "host.key")
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as plain:
                with self.context.wrap_socket(plain) as connection:
                    connection.sendall(b"hello")
                    self.result = connection.recv(10)
        except OSError as error:
            self.result = error

    def ended(self):
        until(lambda: not self.thread.is_alive())
        return self.result


def test_a_fresh_one():
    server = QSslServer()
    assert isinstance(server, QTcpServer)
    assert server.sslConfiguration() == QSslConfiguration.defaultConfiguration()
    assert server.handshakeTimeout() == 5000
    server.setHandshakeTimeout(7)
    assert server.handshakeTimeout() == 7
    assert server.handshakeLimit() == 1000
    server.setHandshakeLimit(3)
    assert (server.handshakeLimit(), server.handshakes()) == (3, 0)


def test_connections_are_pending_once_they_are_encrypted():
    server = Noting()
    client = Client(server)
    until(server.hasPendingConnections)
    assert server.log == ["new", "started 2", "pending"]
    connection = server.nextPendingConnection()
    assert type(connection) is QSslSocket and connection.isEncrypted() and connection.parent() is server
    until(lambda: connection.bytesAvailable() == 5)
    assert connection.readAll() == b"hello"
    connection.write(b"bye")
    assert client.ended() == b"bye"


def test_sockets_whose_handshake_fails_are_deleted():
    server = Noting(verifies=True)
    told = []
    server.sslErrors.connect(lambda connection, errors: told.append((connection, errors)))
    client = Client(server)
    until(lambda: told and not told[0][0].isAlive())
    assert server.log == ["new", "started 2", "verify 21", "errors 1", "error 13", "sent 0 close notify"]
    assert told[0][1] == [QSslError(QSslError.SslError.NoPeerCertificate)]
    client.ended()


def test_slots_take_the_blame():
    server = Noting(verifies=True)
    server.sslErrors.connect(lambda connection, errors: connection.ignoreSslErrors(errors))
    client = Client(server, shows=True)
    until(server.hasPendingConnections)
    assert server.log[-1] == "pending"
    connection = server.nextPendingConnection()
    assert connection.peerCertificate() == QSslCertificate((FILES / "host.pem").read_bytes())
    connection.abort()
    client.ended()


def test_clients_that_do_not_trust():
    server = Noting()
    client = Client(server, trusts=False)
    until(lambda: any(entry.startswith("error") for entry in server.log))
    assert server.log == ["new", "started 2", "received 48 unknown CA", "error 13"]
    assert isinstance(client.ended(), ssl.SSLError)


@pytest.mark.parametrize("what", ["socket", "server"])
def test_slots_delete_what_they_are_told_of(what):
    server = Noting(verifies=True)
    done = []

    def delete(connection, errors):
        (connection if what == "socket" else server).delete()
        done.append(connection)

    server.sslErrors.connect(delete)
    client = Client(server)
    until(lambda: done)
    assert not done[0].isAlive()
    client.ended()
    if server.isAlive():
        server.close()  # a server that listens keeps its slots, and these keep it


class Counting(QSslServer):
    """A class that overrides how connections come."""

    asked = 0

    def incomingConnection(self, descriptor):
        self.asked += 1
        super().incomingConnection(descriptor)


def test_a_class_of_the_programs():
    server = Counting()
    server.setSslConfiguration(configuration())
    assert server.listen(QHostAddress.LocalHost)
    client = Client(server)
    until(server.hasPendingConnections)
    assert server.asked == 1
    server.nextPendingConnection().abort()
    client.ended()


def test_wait_for_encrypted_connections():
    server = Noting()
    client = Client(server)
    assert server.waitForNewConnection(int(PATIENCE * 1000)) == (True, False)
    server.nextPendingConnection().abort()
    client.ended()


def test_asyncio_takes_encrypted_connections():
    async def serve():
        with Noting() as server:
            client = Client(server)
            connection = await server.nextConnection()
            assert connection.isEncrypted()
            connection.write(b"bye")
            while client.thread.is_alive():
                await asyncio.sleep(0.01)
            assert client.result == b"bye"

    asyncio.run(asyncio.wait_for(serve(), PATIENCE))
