"""A small HTTP server over TLS, on qnet: https.py NAME=VALUE... with certificate, key, authority and ask as the ends have them.

GET /N answers with N bytes, GET / with a line about the connection, POST with what it was sent. HTTP/1.0 or Connection: close
end the connection.
"""

import sys

from qnet import (QCoreApplication, QHostAddress, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer, QSslSocket)

options = dict(word.split("=", 1) for word in sys.argv[1:])


def configuration():
    made = QSslConfiguration.defaultConfiguration()
    made.setLocalCertificateChain(QSslCertificate.fromPath(options["certificate"]))
    with open(options["key"], "rb") as file:
        made.setPrivateKey(QSslKey(file.read(), QSsl.KeyAlgorithm.Opaque))
    made.setCaCertificates(QSslCertificate.fromPath(options["authority"]))
    if "ask" in options:
        made.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyPeer)
    made.setAllowedNextProtocols([b"http/1.1"])
    return made


class Connection:
    def __init__(self, socket):
        self.socket, self.head, self.waits = socket, None, 0
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(socket.deleteLater)
        self.read()

    def read(self):
        while self.socket.state() == QSslSocket.SocketState.ConnectedState:
            if self.head is None:
                text = self.socket.peek(65536)
                end = text.find(b"\r\n\r\n")
                if end < 0:
                    return
                self.head = self.socket.read(end + 4).decode().split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in self.head[1:] if line)
                self.waits = int(fields.get("content-length", 0))
                self.last = fields.get("connection") == "close" or self.head[0].endswith("HTTP/1.0")
                if fields.get("expect"):
                    self.socket.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if self.socket.bytesAvailable() < self.waits:
                return
            self.answer(self.socket.read(self.waits))
            self.head = None

    def answer(self, body):
        method, path, _version = self.head[0].split(" ")
        if method == "GET" and path != "/":
            body = bytes(i * 7 % 251 for i in range(1000)) * (int(path[1:]) // 1000)
        elif method == "GET":
            peer = self.socket.peerCertificate()
            body = f"{self.socket.sessionProtocol().name} {'' if peer.isNull() else peer.subjectDisplayName()}\n".encode()
        close = "Connection: close\r\n" if self.last else ""
        self.socket.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{close}\r\n".encode() + body)
        if self.last:
            self.socket.disconnectFromHost()


app = QCoreApplication([])
kept = []
server = QSslServer()
server.setSslConfiguration(configuration())
server.pendingConnectionAvailable.connect(lambda: kept.append(Connection(server.nextPendingConnection())))
assert server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost))
print("port", server.serverPort(), flush=True)
QCoreApplication.exec()
