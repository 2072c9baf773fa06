"""Sockets that encrypt, against Python's ssl module in threads."""

import asyncio
import pathlib
import socket
import ssl
import threading

import pytest
import qnet
import qnet.asyncio
from conftest import LOCAL, PATIENCE, until
from qnet import QAbstractSocket, QSsl, QSslCertificate, QSslConfiguration, QSslError, QSslKey, QSslSocket, QTcpServer

FILES = pathlib.Path(__file__).resolve().parents[3] / "capi/tests/ssl"
MODE = QSslSocket.PeerVerifyMode
UNCONNECTED = QAbstractSocket.UnconnectedState
UNTRUSTED = [QSslError.UnableToGetLocalIssuerCertificate, QSslError.UnableToVerifyFirstCertificate]


def authority():
    return QSslCertificate((FILES / "authority.pem").read_bytes())


def host():
    return QSslCertificate((FILES / "host.pem").read_bytes())


def trusting(*certificates):
    configuration = QSslConfiguration.defaultConfiguration()
    configuration.setCaCertificates(certificates)
    return configuration


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES / "host.pem", FILES / "host.key")
    return context


def client_context():
    context = ssl.create_default_context(cafile=str(FILES / "authority.pem"))
    context.check_hostname = False
    return context


class Peer:
    """A server of Python's in a thread, which does what talk(connection, context) does with one connection after another."""

    def __init__(self, talk, connections=1, context=None, wrap=True):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.talk, self.context, self.wrap = talk, context or server_context(), wrap
        self.results = []
        self.thread = threading.Thread(target=self.run, args=(connections,))
        self.thread.start()

    def run(self, connections):
        for _ in range(connections):
            connection, _ = self.listener.accept()
            connection.settimeout(PATIENCE)
            try:
                if self.wrap:
                    connection = self.context.wrap_socket(connection, server_side=True)
                self.results.append(self.talk(connection, self.context))
            except OSError as error:
                self.results.append(error)
            finally:
                connection.close()

    def ended(self):
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.results

    def close(self):
        # One that still accepts gets a connection that ends.
        while self.thread.is_alive():
            socket.create_connection(("127.0.0.1", self.port)).close()
            self.thread.join(0.1)
        self.listener.close()


@pytest.fixture
def peers():
    made = []

    def make(*arguments, **keywords):
        made.append(Peer(*arguments, **keywords))
        return made[-1]

    yield make
    for peer in made:
        peer.close()


def echo(connection, _context=None):
    """Sends back what comes until the end, and says so."""
    heard = b""
    while data := connection.recv(1 << 16):
        heard += data
        connection.sendall(data)
    connection.unwrap()
    return heard


class Client(QSslSocket):
    """Notes what it is told."""

    def __init__(self, *trusted):
        super().__init__()
        self.log = []
        self.setSslConfiguration(trusting(*trusted))
        self.modeChanged.connect(lambda mode: self.log.append(mode.name))
        self.encrypted.connect(lambda: self.log.append("encrypted"))
        self.peerVerifyError.connect(lambda error: self.log.append(error.error()))
        self.sslErrors.connect(lambda errors: self.log.append([error.error() for error in errors]))
        self.errorOccurred.connect(lambda error: self.log.append(error.name))

    def begin(self, port, name="host.test"):
        self.connectToHostEncrypted("127.0.0.1", port, name)


@pytest.fixture
def client():
    with_log = Client(authority())
    yield with_log
    with_log.delete()


@pytest.fixture
def untrusting():
    with_log = Client()
    yield with_log
    with_log.delete()


def test_a_fresh_one():
    one = QSslSocket()
    assert isinstance(one, qnet.QTcpSocket) and one.mode() == QSslSocket.UnencryptedMode and not one.isEncrypted()
    assert one.sslConfiguration() == QSslConfiguration.defaultConfiguration()
    assert one.protocol() == QSsl.SecureProtocols and one.peerVerifyMode() == MODE.AutoVerifyPeer
    one.setProtocol(QSsl.TlsV1_3)
    one.setPeerVerifyMode(MODE.QueryPeer)
    one.setPeerVerifyDepth(2)
    one.setPeerVerifyName("name.test")
    assert (one.protocol(), one.peerVerifyMode(), one.peerVerifyDepth()) == (QSsl.TlsV1_3, MODE.QueryPeer, 2)
    assert one.peerVerifyName() == "name.test"
    assert one.sessionCipher().isNull() and one.sessionProtocol() == QSsl.UnknownProtocol
    assert one.peerCertificate().isNull() and one.peerCertificateChain() == one.ocspResponses() == one.sslHandshakeErrors() == []
    assert one.encryptedBytesAvailable() == one.encryptedBytesToWrite() == 0
    assert not one.waitForEncrypted(0)
    assert QSslSocket.supportsSsl() and QSslSocket.activeBackend() in QSslSocket.sslLibraryVersionString()


def test_certificates_and_keys_from_files(messages):
    one = QSslSocket()
    one.setLocalCertificate(str(FILES / "host.pem"))
    one.setPrivateKey(str(FILES / "encrypted.key"), QSsl.Ec, QSsl.Pem, b"secret")
    key = QSslKey((FILES / "host.key").read_bytes(), QSsl.Ec)
    assert one.localCertificate() == host() and one.privateKey() == key
    one.setLocalCertificateChain([host(), authority()])
    assert one.localCertificateChain() == [host(), authority()]
    one.setLocalCertificate(str(FILES / "none"))
    one.setPrivateKey(str(FILES / "none"))
    one.startClientEncryption()
    assert len(messages) == 3 and "setLocalCertificate: No such file" in messages[0]
    messages.clear()
    assert one.localCertificate() == host() and one.privateKey() == key
    with pytest.raises(TypeError):
        one.setLocalCertificateChain([key])
    with pytest.raises(TypeError):
        one.ignoreSslErrors(["none"])


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_both_ways(peers, client, version):
    context = server_context()
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    peer = peers(echo, context=context)
    sent, alerts = [], []
    client.encryptedBytesWritten.connect(sent.append)
    client.alertReceived.connect(lambda level, kind, text: alerts.append((level, kind, text)))
    client.begin(peer.port)
    assert client.mode() == QSslSocket.UnencryptedMode
    data = bytes(range(256)) * 4000
    assert client.write(data) == len(data)
    until(lambda: client.bytesAvailable() == len(data))
    assert client.readAll() == data and sum(sent) > len(data)
    assert client.isEncrypted() and client.mode() == QSslSocket.SslClientMode
    assert client.log == ["SslClientMode", "encrypted"]
    assert client.peerCertificate() == host() and client.peerCertificateChain() == [host()]
    assert client.sessionProtocol() == {"TLSv1_2": QSsl.TlsV1_2, "TLSv1_3": QSsl.TlsV1_3}[version]
    assert client.sessionCipher() == client.sslConfiguration().sessionCipher() and not client.sessionCipher().isNull()
    client.disconnectFromHost()
    until(lambda: client.state() == UNCONNECTED)
    assert peer.ended() == [data]


def test_a_server(client):
    """The other role: a client of Python's."""

    class Server(QTcpServer):
        def incomingConnection(self, descriptor):
            one = QSslSocket(self)
            one.setLocalCertificate(host())
            one.setPrivateKey(QSslKey((FILES / "host.key").read_bytes(), QSsl.Ec))
            assert one.setSocketDescriptor(descriptor)
            one.startServerEncryption()
            self.addPendingConnection(one)

    server = Server()
    assert server.listen(LOCAL)
    heard = []

    def talk():
        with socket.create_connection(("127.0.0.1", server.serverPort()), timeout=PATIENCE) as plain:
            with client_context().wrap_socket(plain) as connection:
                connection.sendall(b"question")
                heard.append(connection.recv(100))
                heard.append(connection.recv(100))

    thread = threading.Thread(target=talk)
    thread.start()
    until(server.hasPendingConnections)
    one = server.nextPendingConnection()
    assert isinstance(one, QSslSocket) and one.mode() == QSslSocket.SslServerMode
    until(lambda: one.bytesAvailable() == 8)
    assert one.isEncrypted() and one.readAll() == b"question" and one.peerCertificate().isNull()
    one.write(b"answer")
    one.disconnectFromHost()
    until(lambda: one.state() == UNCONNECTED)
    thread.join(PATIENCE)
    assert heard == [b"answer", b""]
    server.delete()


def test_errors(peers, untrusting):
    peer = peers(echo)
    untrusting.begin(peer.port, "other.test")
    untrusting.write(b"secret")
    until(lambda: untrusting.state() == UNCONNECTED)
    expected = [QSslError.HostNameMismatch, *UNTRUSTED]
    log = untrusting.log
    assert log == ["SslClientMode", *UNTRUSTED, QSslError.HostNameMismatch, expected, "SslHandshakeFailedError"]
    errors = untrusting.sslHandshakeErrors()
    assert [error.error() for error in errors] == expected and errors[0].certificate() == host()
    assert untrusting.errorString() == errors[0].errorString()
    assert untrusting.peerCertificate() == host()
    assert b"secret" not in peer.ended()


@pytest.mark.parametrize("how", ["all", "list", "before", "query", "none"])
def test_ignored(peers, untrusting, how):
    peer = peers(echo)
    if how == "all":
        untrusting.sslErrors.connect(lambda: untrusting.ignoreSslErrors())
    elif how == "list":
        untrusting.sslErrors.connect(lambda errors: untrusting.ignoreSslErrors(errors))
    elif how in ("query", "none"):
        untrusting.setPeerVerifyMode(MODE.QueryPeer if how == "query" else MODE.VerifyNone)
    untrusting.begin(peer.port)
    if how == "before":
        untrusting.ignoreSslErrors([QSslError(error, host()) for error in UNTRUSTED])
    untrusting.write(b"data")
    until(lambda: untrusting.bytesAvailable() == 4)
    assert untrusting.log[-1] == "encrypted"


def test_too_little_is_ignored(peers, untrusting):
    peer = peers(echo)
    untrusting.begin(peer.port)
    untrusting.ignoreSslErrors([QSslError(UNTRUSTED[0], host())])
    until(lambda: untrusting.state() == UNCONNECTED)
    assert untrusting.log[-1] == "SslHandshakeFailedError"


@pytest.mark.parametrize("ignored", [True, False])
def test_paused(peers, untrusting, ignored):
    peer = peers(echo)
    untrusting.setPauseMode(QAbstractSocket.PauseOnSslErrors)
    untrusting.begin(peer.port)
    until(lambda: UNTRUSTED in untrusting.log)
    qnet.QCoreApplication.processEvents()
    assert untrusting.state() == QAbstractSocket.ConnectedState and not untrusting.isEncrypted()
    if ignored:
        untrusting.ignoreSslErrors()
    untrusting.resume()
    until(lambda: untrusting.isEncrypted() if ignored else untrusting.state() == UNCONNECTED)


@pytest.mark.parametrize("goes_on", [True, False])
def test_interrupted(peers, untrusting, goes_on):
    peer = peers(echo)
    configuration = untrusting.sslConfiguration()
    configuration.setHandshakeMustInterruptOnError(True)
    untrusting.setSslConfiguration(configuration)
    found, sent = [], []

    def interrupted(error):
        found.append(error.error())
        if goes_on:
            untrusting.continueInterruptedHandshake()

    untrusting.handshakeInterruptedOnError.connect(interrupted)
    untrusting.alertSent.connect(lambda level, kind, text: sent.append((level, type(kind), bool(text))))
    untrusting.begin(peer.port)
    untrusting.ignoreSslErrors()
    until(lambda: untrusting.isEncrypted() if goes_on else untrusting.state() == UNCONNECTED)
    assert found == (UNTRUSTED if goes_on else UNTRUSTED[:1])
    assert goes_on or sent == [(QSsl.AlertLevel.Fatal, QSsl.AlertType, True)]


def test_starttls(peers, client):
    def talk(connection, context):
        connection.sendall(b"220 hello\n")
        assert connection.recv(100) == b"STARTTLS\n"
        connection.sendall(b"220 go\n")
        return echo(context.wrap_socket(connection, server_side=True))

    peer = peers(talk, wrap=False)
    client.connectToHost("127.0.0.1", peer.port)
    until(client.canReadLine)
    assert client.readLine() == b"220 hello\n"
    client.write(b"STARTTLS\n")
    until(client.canReadLine)
    assert client.readLine() == b"220 go\n"
    client.setPeerVerifyName("host.test")
    client.startClientEncryption()
    client.write(b"secret")
    until(lambda: client.bytesAvailable() == 6)
    client.close()
    assert peer.ended() == [b"secret"]


def test_tickets(peers):
    def talk(connection, context):
        reused = connection.session_reused
        assert connection.recv(1) == b""
        return reused

    peer = peers(talk, connections=2)
    configuration = trusting(authority())
    configuration.setSslOption(QSsl.SslOptionDisableSessionPersistence, False)
    for _ in range(2):
        one = Client(authority())
        one.setSslConfiguration(configuration)
        tickets = []
        one.newSessionTicketReceived.connect(lambda: tickets.append(1))
        one.begin(peer.port)
        until(lambda: tickets)
        configuration = one.sslConfiguration()
        assert configuration.sessionTicket() and configuration.sessionTicketLifeTimeHint() > 0
        one.close()
        until(lambda: one.state() == UNCONNECTED)
        one.delete()
    assert peer.ended() == [False, True]


def test_alpn(peers, client):
    context = server_context()
    context.set_alpn_protocols(["one", "two"])
    peer = peers(lambda connection, _: connection.selected_alpn_protocol(), context=context)
    configuration = client.sslConfiguration()
    configuration.setAllowedNextProtocols([b"two", b"three"])
    client.setSslConfiguration(configuration)
    client.begin(peer.port)
    until(client.isEncrypted)
    assert client.sslConfiguration().nextNegotiatedProtocol() == b"two"
    assert peer.ended() == ["two"]


def test_client_certificate(peers, client):
    context = server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(FILES / "authority.pem")

    def talk(connection, _context):
        return connection.getpeercert(binary_form=True)

    peer = peers(talk, context=context)
    client.setLocalCertificate(host())
    client.setPrivateKey(str(FILES / "host.key"), QSsl.Ec)
    client.begin(peer.port)
    until(lambda: client.state() == UNCONNECTED)
    assert peer.ended() == [host().toDer()]


def test_waits(peers, client):
    peer = peers(echo)
    client.begin(peer.port)
    assert client.waitForEncrypted(10000) and client.isEncrypted()
    assert not client.waitForEncrypted(10000)
    client.write(b"data")
    assert client.waitForBytesWritten(10000) and client.waitForReadyRead(10000)
    assert client.readAll() == b"data"
    client.disconnectFromHost()
    assert client.state() == UNCONNECTED or client.waitForDisconnected(10000)


def test_a_wait_for_a_silent_peer(client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.begin(listener.getsockname()[1])
        assert not client.waitForEncrypted(30)
        assert client.error() == QAbstractSocket.SocketTimeoutError
        client.abort()


def test_deleted_in_slots(peers):
    peer = peers(echo, connections=4)
    for signal in ("modeChanged", "peerVerifyError", "sslErrors", "encrypted"):
        one = Client()
        if signal == "encrypted":
            one.setPeerVerifyMode(MODE.VerifyNone)
        gone = []
        one.destroyed.connect(lambda: gone.append(1))
        getattr(one, signal).connect(lambda: one.delete())
        one.begin(peer.port)
        until(lambda: gone)


# ---- asyncio


def test_asyncio(peers):
    peer = peers(echo, connections=3)

    async def main():
        async with await qnet.asyncio.connect(
            "127.0.0.1", peer.port, ssl=trusting(authority()), server_hostname="host.test"
        ) as one:
            one.write(b"data")
            assert await one.untilReadyRead(4) and one.readAll() == b"data" and one.isEncrypted()
            await one.untilEncrypted()
        with pytest.raises(OSError, match="issuer"):
            await qnet.asyncio.connect("127.0.0.1", peer.port, ssl=True, server_hostname="host.test")
        with pytest.raises(TypeError):
            await qnet.asyncio.connect(LOCAL, peer.port, ssl=True)
        plain = QSslSocket()
        plain.connectToHost("127.0.0.1", peer.port)
        await plain.untilConnected()
        with pytest.raises(RuntimeError):
            await plain.untilEncrypted()
        plain.abort()

    asyncio.run(main())
    assert peer.ended()[0] == b"data"
