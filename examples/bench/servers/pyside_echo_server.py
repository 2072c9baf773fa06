#!/usr/bin/env python3
"""An echo server with the names of PySide6, on qnet or on PySide6: the import line is all that differs.

    pyside_echo_server.py qnet|pyside6 [--local PATH] [--sink]
"""

import argparse
import signal

parser = argparse.ArgumentParser()
parser.add_argument("library", choices=("qnet", "pyside6"))
parser.add_argument("--local", metavar="PATH")
parser.add_argument("--sink", action="store_true")
options = parser.parse_args()

if options.library == "qnet":
    from qnet import QCoreApplication, QHostAddress, QLocalServer, QTcpServer
else:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import QHostAddress, QLocalServer, QTcpServer


def echo(socket):
    socket.write(socket.readAll())


def discard(socket):
    socket.readAll()


def serve():
    # Without TCP_NODELAY: with each setSocketOption() PySide6 6.12 gives back a reference to None that it does not
    # have, and after some thousand the interpreter ends. For messages as small as Python gets here it is all the same.
    while server.hasPendingConnections():
        socket = server.nextPendingConnection()
        socket.readyRead.connect(lambda socket=socket: answer(socket))
        socket.disconnected.connect(socket.deleteLater)


signal.signal(signal.SIGTERM, signal.SIG_DFL)
answer = discard if options.sink else echo
app = QCoreApplication([])
server = QLocalServer() if options.local else QTcpServer()
server.setListenBacklogSize(1024)
server.setMaxPendingConnections(10000)
server.newConnection.connect(serve)
if not (server.listen(options.local) if options.local else server.listen(QHostAddress.SpecialAddress.LocalHost, 0)):
    raise SystemExit(server.errorString())
print(f"listening on {options.local or f'127.0.0.1:{server.serverPort()}'}", flush=True)
app.exec()
