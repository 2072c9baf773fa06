"""One end of an encrypted connection, on qnet or on real Qt: ends_qt.py LIBRARY server|client NAME=VALUE... (README.md)"""

import random
import sys
import zlib

LIBRARY = sys.argv[1]
if LIBRARY == "qnet":
    from qnet import (QCoreApplication, QHostAddress, QIODeviceBase, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer,
                      QSslSocket, QTcpServer)
else:
    from PySide6.QtCore import QCoreApplication, QIODeviceBase
    from PySide6.QtNetwork import (QHostAddress, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer, QSslSocket,
                                   QTcpServer)

PIECE = 65536
options = dict(word.split("=", 1) for word in sys.argv[3:])
total = int(options.get("bytes", 0))
VERSIONS = {"1.2": QSsl.SslProtocol.TlsV1_2, "1.3": QSsl.SslProtocol.TlsV1_3}


def say(*words):
    print(*words, flush=True)


def configuration():
    made = QSslConfiguration.defaultConfiguration()
    made.setCaCertificates(list(QSslCertificate.fromPath(options["authority"])) if "authority" in options else [])
    if "certificate" in options:
        made.setLocalCertificateChain(list(QSslCertificate.fromPath(options["certificate"])))
        with open(options["key"], "rb") as file:
            kind = QSsl.KeyAlgorithm.Rsa if "rsa" in options["key"] else QSsl.KeyAlgorithm.Ec
            made.setPrivateKey(QSslKey(file.read(), kind))
    if "tls" in options:
        made.setProtocol(VERSIONS[options["tls"]])
    if "alpn" in options:
        made.setAllowedNextProtocols([name.encode() for name in options["alpn"].split(",")])
    if "ask" in options:
        made.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyPeer)
    made.setSslOption(QSsl.SslOption.SslOptionDisableSessionPersistence, False)
    return made


class End:
    """One connection."""

    def __init__(self, socket, server, over):
        self.socket, self.server, self.over = socket, server, over
        self.data = random.Random(total + server).randbytes(min(total, 1 << 20))
        self.sent = self.received = self.crc_sent = self.crc_received = 0
        self.clean = self.ending = self.begun = self.reported = False
        self.error = ""
        socket.encrypted.connect(self.encrypted)
        socket.readyRead.connect(self.read)
        socket.bytesWritten.connect(self.pump)
        socket.errorOccurred.connect(self.failed)
        socket.disconnected.connect(self.ended)

    def encrypted(self):
        if self.begun:
            return
        self.begun = True
        c = self.socket.sslConfiguration()
        say("version", {value: key for key, value in VERSIONS.items()}[self.socket.sessionProtocol()])
        if name := bytes(c.nextNegotiatedProtocol()).decode():
            say("alpn", name)
        if not (peer := self.socket.peerCertificate()).isNull():
            say("peer", peer.subjectDisplayName())
        self.read()

    def pump(self, _count=0):
        while self.begun and self.sent < total and self.socket.bytesToWrite() < 4 * PIECE:
            at = self.sent % len(self.data)
            piece = self.data[at:at + min(PIECE, total - self.sent)]
            self.socket.write(piece)
            self.sent += len(piece)
            self.crc_sent = zlib.crc32(piece, self.crc_sent)
        if self.begun and self.sent == self.received == total and not self.ending:
            self.ending = True
            say("sent", self.sent, self.crc_sent)
            say("received", self.received, self.crc_received)
            if options.get("end") == "abort" and not self.server:
                self.socket.abort()
            elif options.get("end", "client") in ("both", "server" if self.server else "client"):
                self.socket.disconnectFromHost()

    def read(self):
        if not self.begun:
            return
        data = bytes(self.socket.readAll())
        self.received += len(data)
        self.crc_received = zlib.crc32(data, self.crc_received)
        self.pump()

    def failed(self, _error):
        text = self.socket.errorString()
        self.error = self.error or text
        self.clean = self.clean or text == "The TLS/SSL connection has been closed"
        if self.socket.state() == self.socket.SocketState.UnconnectedState:
            self.ended()

    def ended(self):
        if self.reported:
            return
        self.reported = True
        self.read()
        if not self.ending:
            say("error", self.error or "it has ended")
        else:
            say("end", "clean" if self.clean else "cut" if self.error else "ours")
        self.over()


def start_tls(socket, server, begin):
    """Waits for the line of the other end, in the clear."""
    def read():
        if not socket.isEncrypted() and not started and socket.canReadLine():
            started.append(bytes(socket.readLine()))
            if server:
                socket.write(b"GO\n")
                socket.flush()
            begin()
    started = []
    socket.readyRead.connect(read)


def serve():
    left = [int(options.get("count", 1))]
    kept = []

    def over():
        left[0] -= 1
        if not left[0]:
            say("over")
            QCoreApplication.quit()

    class Clear(QTcpServer):
        def incomingConnection(self, descriptor):
            socket = QSslSocket(self)
            socket.setSslConfiguration(configuration())
            kept.append(End(socket, True, over))
            start_tls(socket, True, socket.startServerEncryption)
            socket.setSocketDescriptor(descriptor)

    if "starttls" in options:
        server = Clear()
    else:
        server = QSslServer()
        server.setSslConfiguration(configuration())

        def pending():
            while socket := server.nextPendingConnection():
                kept.append(End(socket, True, over))
                kept[-1].encrypted()

        def failed(socket, _error):
            if not any(end.socket is socket for end in kept):
                say("error", socket.errorString())
                kept.append(type("Failed", (), {"socket": socket}))
                over()
        server.pendingConnectionAvailable.connect(pending)
        server.errorOccurred.connect(failed)
    assert server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost))
    say("port", server.serverPort())
    QCoreApplication.exec()


def connect():
    left = [int(options.get("count", 1))]
    kept = []
    chosen = configuration()
    name = options.get("name", "localhost")

    def begin():
        socket = QSslSocket()
        socket.setSslConfiguration(chosen)

        def over():
            left[0] -= 1
            if ticket := bytes(socket.sslConfiguration().sessionTicket()):
                chosen.setSessionTicket(ticket)
            if left[0]:
                begin()
            else:
                say("over")
                QCoreApplication.quit()
        kept.append(End(socket, False, over))
        port = int(options["port"])
        if "starttls" in options:
            start_tls(socket, False, socket.startClientEncryption)
            socket.setPeerVerifyName(name)
            socket.connected.connect(lambda: socket.write(b"STARTTLS\n"))
            socket.connectToHost("127.0.0.1", port)
        else:
            socket.connectToHostEncrypted("127.0.0.1", port, name, QIODeviceBase.OpenModeFlag.ReadWrite)
    begin()
    QCoreApplication.exec()


app = QCoreApplication([])
serve() if sys.argv[2] == "server" else connect()
