#!/usr/bin/env python3
"""Asks Qt what a QSslServer tells, in which order, and what becomes of its connections.

    servers.py          the names of the cases
    servers.py CASE     what Qt does in one of them: a case for each process, as Qt keeps what it has logged and loaded

FINDINGS-TLS.md says what was seen.
"""

import pathlib
import socket
import ssl
import sys
import threading
import time

from PySide6.QtCore import QByteArray, QCoreApplication, QEventLoop, QTimer
from PySide6.QtNetwork import (QAbstractSocket, QHostAddress, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer,
                               QSslSocket)

FILES = pathlib.Path(__file__).resolve().parents[5] / "capi/tests/ssl"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def log(*words):
    print("   ", *words, flush=True)


def spin(milliseconds):
    """Runs the event loop for a while. PySide may end the process where processEvents() is called again and again."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def configuration(verifies=False, interrupts=False):
    chosen = QSslConfiguration.defaultConfiguration()
    chosen.setLocalCertificate(QSslCertificate(QByteArray((FILES / "host.pem").read_bytes())))
    chosen.setPrivateKey(QSslKey(QByteArray((FILES / "host.key").read_bytes()), QSsl.Ec))
    chosen.setCaCertificates([])
    if verifies:
        chosen.setPeerVerifyMode(QSslSocket.VerifyPeer)
    chosen.setHandshakeMustInterruptOnError(interrupts)
    return chosen


class Server(QSslServer):
    """Writes down what it tells."""

    def __init__(self, chosen=None, timeout=None):
        super().__init__()
        self.setSslConfiguration(chosen or configuration())
        if timeout is not None:
            self.setHandshakeTimeout(timeout)
        self.newConnection.connect(lambda: self.note("newConnection"))
        self.pendingConnectionAvailable.connect(lambda: self.note("pendingConnectionAvailable"))
        self.errorOccurred.connect(lambda s, e: self.note("errorOccurred", s, e.name, s.errorString()))
        self.sslErrors.connect(lambda s, list_: self.note("sslErrors", s, [e.error().name for e in list_]))
        self.peerVerifyError.connect(lambda s, e: self.note("peerVerifyError", s, e.error().name))
        self.handshakeInterruptedOnError.connect(lambda s, e: self.note("interrupted", s, e.error().name))
        self.alertSent.connect(lambda s, level, kind, text: self.note("alertSent", s, level.name, kind.name))
        self.alertReceived.connect(lambda s, level, kind, text: self.note("alertReceived", s, level.name, kind.name))
        self.startedEncryptionHandshake.connect(self.started)
        self.begun = time.monotonic()
        self.listen(QHostAddress.LocalHost, 0)

    def note(self, what, connection=None, *more):
        state = [] if connection is None else [connection.state().name, connection.mode().name]
        log(int((time.monotonic() - self.begun) * 1000), what, *state, *more, f"pending={self.hasPendingConnections()}",
            f"sockets={len(self.findChildren(QSslSocket))}")

    def started(self, connection):
        self.note("started", connection)
        for name in ("encrypted", "disconnected", "destroyed"):
            getattr(connection, name).connect(lambda *_, name=name: log("      the socket's", name))


def peer(server, talk):
    """Has a client talk in a thread."""
    port = server.serverPort()

    def run():
        with socket.create_connection(("127.0.0.1", port)) as plain:
            try:
                log("the peer:", talk(plain))
            except OSError as error:
                log("the peer:", repr(error)[:100])

    threading.Thread(target=run, daemon=True).start()


def encrypted(plain, shows=False, trusts=True, after=0):
    time.sleep(after)
    context = ssl.create_default_context(cafile=str(FILES / "authority.pem") if trusts else None)
    context.check_hostname = False
    if shows:
        context.load_cert_chain(FILES / "host.pem", FILES / "host.key")
    with context.wrap_socket(plain) as connection:
        connection.sendall(b"hello")
        return connection.recv(10)


def says(data, after=0):
    def talk(plain):
        time.sleep(after)
        plain.sendall(data)
        return plain.recv(100)

    return talk


@case
def good():
    server = Server()
    peer(server, encrypted)
    spin(500)
    log(server.nextPendingConnection().isEncrypted())


@case
def plain_peer():
    server = Server()
    peer(server, says(b"GET / HTTP/1.0\r\n\r\n"))
    spin(700)


@case
def garbage():
    server = Server()
    peer(server, says(b"\x16\x03\x01\x00\x10" + b"x" * 16))
    spin(700)


@case
def closes_at_once():
    server = Server()
    peer(server, lambda plain: plain.close())
    spin(500)


@case
def distrusted():
    server = Server()
    peer(server, lambda plain: encrypted(plain, trusts=False))
    spin(500)


@case
def no_client_certificate():
    server = Server(configuration(verifies=True))
    peer(server, encrypted)
    spin(500)


@case
def interrupted():
    server = Server(configuration(verifies=True, interrupts=True))
    peer(server, lambda plain: encrypted(plain, shows=True))
    spin(500)


@case
def bad_configuration():
    chosen = configuration()
    chosen.setOcspStaplingEnabled(True)
    server = Server(chosen)
    peer(server, encrypted)
    spin(500)


@case
def silent():
    server = Server(timeout=300)
    peer(server, says(b""))
    spin(1000)


@case
def half_a_hello():
    server = Server(timeout=300)
    peer(server, says(b"\x16\x03\x01", after=0.2))
    spin(1500)


@case
def no_time():
    for timeout in (0, -1):
        server = Server(timeout=timeout)
        peer(server, encrypted)
        spin(500)


@case
def paused():
    server = Server(configuration(verifies=True), timeout=400)
    server.startedEncryptionHandshake.connect(lambda s: s.setPauseMode(QAbstractSocket.PauseOnSslErrors))
    peer(server, encrypted)
    spin(1000)


@case
def aborted_by_a_slot():
    server = Server()
    server.startedEncryptionHandshake.connect(lambda s: s.abort())
    peer(server, encrypted)
    spin(500)
    server.note("in the end")


@case
def handshakes_count_as_pending():
    server = Server(timeout=400)
    server.setMaxPendingConnections(1)
    peer(server, says(b""))
    spin(100)
    peer(server, encrypted)
    spin(1000)


@case
def closed():
    server = Server()
    peer(server, lambda plain: encrypted(plain, after=0.3))
    spin(100)
    server.close()
    server.note("closed")
    spin(600)
    log(server.nextPendingConnection())


@case
def waits():
    server = Server()
    peer(server, lambda plain: encrypted(plain, after=0.3))
    time.sleep(0.2)
    log(server.waitForNewConnection(1000))
    server.note("waited")
    spin(600)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(*CASES)
    else:
        app = QCoreApplication([])
        CASES[sys.argv[1]]()
