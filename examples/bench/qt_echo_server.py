#!/usr/bin/env python3
"""An echo server with the names of PySide6, on qnet or on PySide6: the import line is all that differs.

    qt_echo_server.py qnet|pyside6
"""

import signal
import sys

if sys.argv[1] == "qnet":
    from qnet import QCoreApplication, QHostAddress, QTcpServer
else:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import QHostAddress, QTcpServer


def serve():
    while server.hasPendingConnections():
        socket = server.nextPendingConnection()
        socket.readyRead.connect(lambda socket=socket: socket.write(socket.readAll()))
        socket.disconnected.connect(socket.deleteLater)


signal.signal(signal.SIGTERM, signal.SIG_DFL)
app = QCoreApplication([])
server = QTcpServer()
server.setListenBacklogSize(1000)
server.setMaxPendingConnections(10000)
server.newConnection.connect(serve)
if not server.listen(QHostAddress.SpecialAddress.LocalHost, 0):
    sys.exit(server.errorString())
print(f"listening on 127.0.0.1:{server.serverPort()}", flush=True)
app.exec()
