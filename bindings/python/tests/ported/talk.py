"""Two programs that speak QDataStream over TCP, on PySide6 or on qnet each.

    talk.py server      prints its port, answers one client, and ends
    talk.py client PORT SEED
"""

import random
import sys

try:
    from qnet import QByteArray, QCoreApplication, QDataStream, QHostAddress, QIODevice, QTcpServer, QTcpSocket
except ImportError:
    from PySide6.QtCore import QByteArray, QCoreApplication, QDataStream, QIODevice
    from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

VERSION = QDataStream.Version.Qt_6_0.value


class Peer:
    """Sends each message with its QDataStream, and reads those that are whole."""

    def __init__(self, socket, received):
        self.socket, self.received = socket, received
        self.stream = QDataStream(socket)
        self.stream.setVersion(VERSION)
        socket.readyRead.connect(self.read)

    def send(self, number, text, data):
        block = QByteArray()
        out = QDataStream(block, QIODevice.OpenModeFlag.WriteOnly)
        out.setVersion(VERSION)
        out.writeInt32(number)
        out.writeQString(text)
        out << QByteArray(data)
        out.writeQStringList([text, "end"])
        # In pieces, so that messages come torn.
        half = block.size() // 2
        self.socket.write(block.left(half))
        self.socket.flush()
        self.socket.write(block.mid(half))

    def read(self):
        while self.socket.bytesAvailable():
            data = QByteArray()
            self.stream.startTransaction()
            number, text = self.stream.readInt32(), self.stream.readQString()
            self.stream >> data
            texts = self.stream.readQStringList()
            if not self.stream.commitTransaction():
                break
            assert texts == [text, "end"]
            self.received(number, text, bytes(data))


def server():
    listening = QTcpServer()
    assert listening.listen(QHostAddress.SpecialAddress.LocalHost)
    print(listening.serverPort(), flush=True)
    peers = []

    def accept():
        socket = listening.nextPendingConnection()
        peer = Peer(socket, lambda number, text, data: peer.send(-number, text[::-1], data[::-1]))
        peers.append(peer)
        socket.disconnected.connect(QCoreApplication.quit)

    listening.newConnection.connect(accept)
    QCoreApplication.instance().exec()


def client(port, seed):
    r = random.Random(seed)
    sent = [(n, r.choice(["", "naïve", "\u4e2d" * 9]), r.randbytes(r.choice([0, 3, 5000]))) for n in range(1, 30)]
    answers = []

    def received(number, text, data):
        answers.append((-number, text[::-1], data[::-1]))
        if len(answers) == len(sent):
            socket.disconnectFromHost()

    socket = QTcpSocket()
    peer = Peer(socket, received)
    socket.connected.connect(lambda: [peer.send(*one) for one in sent])
    socket.disconnected.connect(QCoreApplication.quit)
    socket.errorOccurred.connect(QCoreApplication.quit)
    socket.connectToHost(QHostAddress(QHostAddress.SpecialAddress.LocalHost), port)
    QCoreApplication.instance().exec()
    print(answers == sent, len(answers))


if __name__ == "__main__":
    app = QCoreApplication([])
    if sys.argv[1] == "server":
        server()
    else:
        client(*map(int, sys.argv[2:]))
