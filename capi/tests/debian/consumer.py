"""A server and a client in one. Prints the version."""

from qnet import QHostAddress, QTcpServer, QTcpSocket, qVersion

server, client = QTcpServer(), QTcpSocket()
assert server.listen(QHostAddress.SpecialAddress.LocalHost), server.errorString()
client.connectToHost("127.0.0.1", server.serverPort())
assert client.waitForConnected(10000) and server.waitForNewConnection(10000)
accepted = server.nextPendingConnection()
accepted.write(b"greeting")
accepted.flush()
while client.bytesAvailable() < 8:
    assert client.waitForReadyRead(10000), client.errorString()
assert client.readAll() == b"greeting"
print(qVersion())
