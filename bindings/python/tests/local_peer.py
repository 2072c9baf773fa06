"""A local server or client on Qt (through PySide6) or on qnet, for test_local_with_qt.py.

    local_peer.py PySide6|qnet server|client abstract|file NAME

NAME is a Python literal. The server answers each line in capitals; the client has some lines answered, large ones
among them, and checks them. Both print "ready" once they listen or are connected, with the full name.
"""

import ast
import importlib
import sys

library, role, where, name = sys.argv[1:]
name = ast.literal_eval(name)
if library == "qnet":
    core = network = importlib.import_module("qnet")
else:
    core = importlib.import_module("PySide6.QtCore")
    network = importlib.import_module("PySide6.QtNetwork")
app = core.QCoreApplication([])
LINES = [b"hello\n", b"x" * 1000000 + b"\n", b"\n", b"the end\n"]


def say(text):
    sys.stdout.buffer.write(repr(text).encode() + b"\n")
    sys.stdout.buffer.flush()


def serve():
    server = network.QLocalServer()
    if where == "abstract":
        server.setSocketOptions(network.QLocalServer.SocketOption.AbstractNamespaceOption)
    else:
        server.setSocketOptions(network.QLocalServer.SocketOption.UserAccessOption)

    def accept():
        socket = server.nextPendingConnection()

        def answer():
            while socket.canReadLine():
                socket.write(bytes(socket.readLine()).upper())
        socket.readyRead.connect(answer)
        socket.disconnected.connect(app.quit)
    server.newConnection.connect(accept)
    assert server.listen(name), server.errorString()
    say(("ready", server.fullServerName()))
    app.exec()


def ask():
    socket = network.QLocalSocket()
    if where == "abstract":
        socket.setSocketOptions(network.QLocalSocket.SocketOption.AbstractNamespaceOption)
    socket.connectToServer(name)
    assert socket.waitForConnected(10000), socket.errorString()
    say(("ready", socket.fullServerName()))
    for line in LINES:
        socket.write(line)
    for line in LINES:
        while not socket.canReadLine():
            assert socket.waitForReadyRead(10000), socket.errorString()
        assert bytes(socket.readLine()) == line.upper()
    socket.disconnectFromServer()
    assert socket.state() == network.QLocalSocket.LocalSocketState.UnconnectedState or socket.waitForDisconnected(10000)
    say("done")


{"server": serve, "client": ask}[role]()
