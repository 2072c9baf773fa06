#!/usr/bin/env python3
"""An echo server with the names of PySide6, on qnet or on PySide6: the import line is all that differs.

    pyside_echo_server.py qnet|pyside6 [--local PATH] [--sink]
    pyside_echo_server.py qnet|pyside6 --certificate FILE --key FILE [--sink | --source]
"""

import argparse
import signal

parser = argparse.ArgumentParser()
parser.add_argument("library", choices=("qnet", "pyside6"))
parser.add_argument("--local", metavar="PATH")
parser.add_argument("--sink", action="store_true")
parser.add_argument("--source", action="store_true", help="send without end")
parser.add_argument("--certificate", metavar="FILE")
parser.add_argument("--key", metavar="FILE")
options = parser.parse_args()

if options.library == "qnet":
    from qnet import (QCoreApplication, QHostAddress, QLocalServer, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer,
                      QTcpServer)
else:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import (QHostAddress, QLocalServer, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer,
                                   QTcpServer)


def echo(socket):
    socket.write(socket.readAll())


def discard(socket):
    socket.readAll()


WAITING, PIECE = 256 * 1024, bytes(64 * 1024)


def send(socket):
    while socket.bytesToWrite() + socket.encryptedBytesToWrite() < WAITING and socket.write(PIECE) > 0:
        pass


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def encrypting():
    configuration = QSslConfiguration.defaultConfiguration()
    configuration.setLocalCertificate(QSslCertificate(contents(options.certificate)))
    keys = [QSslKey(contents(options.key), algorithm) for algorithm in (QSsl.KeyAlgorithm.Ec, QSsl.KeyAlgorithm.Rsa)]
    configuration.setPrivateKey(next(key for key in keys if not key.isNull()))
    encrypted = QSslServer()
    encrypted.setSslConfiguration(configuration)
    return encrypted


def serve():
    # Without TCP_NODELAY: with each setSocketOption() PySide6 6.12 gives back a reference to None that it does not
    # have, and after some thousand the interpreter ends. For messages as small as Python gets here it is all the same.
    while server.hasPendingConnections():
        socket = server.nextPendingConnection()
        socket.readyRead.connect(lambda socket=socket: answer(socket))
        socket.disconnected.connect(socket.deleteLater)
        if options.source:
            socket.encryptedBytesWritten.connect(lambda size, socket=socket: send(socket))
            send(socket)


signal.signal(signal.SIGTERM, signal.SIG_DFL)
answer = discard if options.sink else echo
app = QCoreApplication([])
server = QLocalServer() if options.local else encrypting() if options.certificate else QTcpServer()
server.setListenBacklogSize(1024)
server.setMaxPendingConnections(10000)
(server.newConnection if options.local else server.pendingConnectionAvailable).connect(serve)
if not (server.listen(options.local) if options.local else server.listen(QHostAddress.SpecialAddress.LocalHost, 0)):
    raise SystemExit(server.errorString())
print(f"listening on {options.local or f'127.0.0.1:{server.serverPort()}'}", flush=True)
app.exec()
