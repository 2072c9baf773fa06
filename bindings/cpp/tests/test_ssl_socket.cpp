// Sockets that encrypt, against each other.
#include "ssl_support.h"

#include <type_traits>

namespace {

/// A server whose sockets encrypt from the beginning.
class EncryptingServer : public QTcpServer {
public:
	bool encrypts = true;
	QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();

	EncryptingServer()
	{
		configuration.setLocalCertificate(host());
		configuration.setPrivateKey(hostKey());
		REQUIRE(listen(QHostAddress::LocalHost));
	}

protected:
	void incomingConnection(qintptr descriptor) override
	{
		auto *socket = new QSslSocket(this);
		socket->setSslConfiguration(configuration);
		CHECK(socket->setSocketDescriptor(descriptor));
		if (encrypts)
			socket->startServerEncryption();
		addPendingConnection(socket);
	}
};

/// A client that trusts the authority of the tests, and notes what it is told.
struct Client {
	QSslSocket socket;
	std::string log;

	explicit Client(bool trusts = true)
	{
		QSslConfiguration configuration = socket.sslConfiguration();
		configuration.setCaCertificates(trusts ? std::vector<QSslCertificate>{authority()} : std::vector<QSslCertificate>());
		socket.setSslConfiguration(configuration);
		socket.modeChanged.connect([this](QSslSocket::SslMode mode) { log += "mode " + std::to_string(mode) + ' '; });
		socket.encrypted.connect([this] { log += "encrypted "; });
		socket.peerVerifyError.connect([this](const QSslError &error) { log += "verify " + std::to_string(error.error()) + ' '; });
		socket.sslErrors.connect([this](const std::vector<QSslError> &errors) {
			log += "errors";
			for (const QSslError &error : errors)
				log += ' ' + std::to_string(error.error());
			log += ' ';
		});
		socket.errorOccurred.connect([this](QAbstractSocket::SocketError error) { log += "error " + std::to_string(error) + ' '; });
	}
	Client(const Client &) = delete;
	Client &operator=(const Client &) = delete;

	void connectTo(const EncryptingServer &server, const char *name = "host.test")
	{
		socket.connectToHostEncrypted("127.0.0.1", server.serverPort(), name);
	}
	bool encrypts()
	{
		return until([this] { return socket.isEncrypted(); });
	}
	bool ends()
	{
		return until([this] { return socket.state() == QAbstractSocket::UnconnectedState; });
	}
};

QSslSocket *peerOf(EncryptingServer &server)
{
	REQUIRE(until([&] { return server.hasPendingConnections(); }));
	auto *peer = dynamic_cast<QSslSocket *>(server.nextPendingConnection());
	REQUIRE(peer != nullptr);
	return peer;
}

} // namespace

TEST_CASE("ssl socket: a fresh one")
{
	QSslSocket socket;
	CHECK(socket.mode() == QSslSocket::UnencryptedMode);
	CHECK(!socket.isEncrypted());
	CHECK(socket.socketType() == QAbstractSocket::TcpSocket);
	CHECK(socket.sslConfiguration() == QSslConfiguration::defaultConfiguration());
	CHECK(socket.protocol() == QSsl::SecureProtocols);
	socket.setProtocol(QSsl::TlsV1_3);
	CHECK(socket.protocol() == QSsl::TlsV1_3);
	CHECK(socket.sslConfiguration().protocol() == QSsl::TlsV1_3);
	CHECK(socket.peerVerifyMode() == QSslSocket::AutoVerifyPeer);
	socket.setPeerVerifyMode(QSslSocket::QueryPeer);
	CHECK(socket.peerVerifyMode() == QSslSocket::QueryPeer);
	socket.setPeerVerifyDepth(2);
	CHECK(socket.peerVerifyDepth() == 2);
	socket.setPeerVerifyName("name.test");
	CHECK(socket.peerVerifyName() == "name.test");
	CHECK(socket.sessionCipher().isNull());
	CHECK(socket.sessionProtocol() == QSsl::UnknownProtocol);
	CHECK(socket.peerCertificate().isNull());
	CHECK(socket.peerCertificateChain().empty());
	CHECK(socket.ocspResponses().empty());
	CHECK(socket.sslHandshakeErrors().empty());
	CHECK(socket.encryptedBytesAvailable() == 0);
	CHECK(socket.encryptedBytesToWrite() == 0);
	CHECK(!socket.waitForEncrypted(0));
	Messages messages;
	socket.startClientEncryption();
	socket.startServerEncryption();
	CHECK(messages.all().size() == 2);
	CHECK(socket.mode() == QSslSocket::UnencryptedMode);
	static_assert(std::is_base_of_v<QTcpSocket, QSslSocket>);
}

TEST_CASE("ssl socket: its certificate and key")
{
	QSslSocket socket;
	CHECK(socket.localCertificate().isNull());
	CHECK(socket.privateKey().isNull());
	socket.setLocalCertificate(path("host.pem"));
	CHECK(socket.localCertificate() == host());
	socket.setPrivateKey(path("host.key"), QSsl::Ec);
	CHECK(socket.privateKey() == hostKey());
	socket.setPrivateKey(path("encrypted.key"), QSsl::Ec, QSsl::Pem, "secret");
	CHECK(socket.privateKey() == hostKey());
	socket.setLocalCertificateChain({host(), authority()});
	CHECK(socket.localCertificateChain() == std::vector<QSslCertificate>{host(), authority()});
	socket.setLocalCertificate(authority());
	CHECK(socket.localCertificateChain() == std::vector<QSslCertificate>{authority()});
	Messages messages;
	socket.setLocalCertificate(path("none"));
	socket.setPrivateKey(path("none"));
	CHECK(messages.contains("setLocalCertificate: the file cannot be read"));
	CHECK(messages.contains("setPrivateKey: the file cannot be read"));
	CHECK(socket.localCertificate() == authority());
	CHECK(socket.privateKey() == hostKey());
	socket.setPrivateKey(QSslKey());
	CHECK(socket.privateKey().isNull());
}

TEST_CASE("ssl socket: both ways")
{
	EncryptingServer server;
	Client client;
	qint64 encryptedBytes = 0;
	std::string alerts;
	client.socket.encryptedBytesWritten.connect([&](qint64 n) { encryptedBytes += n; });
	client.socket.alertReceived.connect([&](QSsl::AlertLevel level, QSsl::AlertType type, const std::string &text) {
		alerts += std::to_string(static_cast<int>(level)) + ':' + std::to_string(static_cast<int>(type)) + ':' + text;
	});
	client.connectTo(server);
	CHECK(client.socket.peerVerifyName() == "host.test");
	CHECK(client.socket.write("question") == 8);
	REQUIRE(client.encrypts());
	CHECK(client.log == "mode 1 encrypted ");
	CHECK(client.socket.mode() == QSslSocket::SslClientMode);
	QSslSocket *peer = peerOf(server);
	REQUIRE(until([&] { return peer->bytesAvailable() == 8; }));
	CHECK(peer->isEncrypted());
	CHECK(peer->mode() == QSslSocket::SslServerMode);
	CHECK(peer->readAll() == "question");
	CHECK(peer->peerCertificate().isNull());
	peer->write("answer");
	REQUIRE(until([&] { return client.socket.bytesAvailable() == 6; }));
	CHECK(client.socket.readAll() == "answer");
	CHECK(encryptedBytes > 8);
	CHECK(client.socket.peerCertificate() == host());
	CHECK(client.socket.peerCertificateChain() == std::vector<QSslCertificate>{host()});
	CHECK(client.socket.sessionProtocol() == QSsl::TlsV1_3);
	CHECK(!client.socket.sessionCipher().isNull());
	CHECK(client.socket.sslConfiguration().sessionCipher() == client.socket.sessionCipher());
	peer->disconnectFromHost();
	REQUIRE(client.ends());
	CHECK(alerts.find("0:0:") == 0);
	CHECK(client.socket.errorString() == "The TLS/SSL connection has been closed");
}

TEST_CASE("ssl socket: a peer that is not trusted")
{
	EncryptingServer server;
	Client client(false);
	client.connectTo(server, "other.test");
	REQUIRE(client.ends());
	CHECK(client.log == "mode 1 verify 11 verify 12 verify 22 errors 22 11 12 error 13 ");
	CHECK(client.socket.sslHandshakeErrors().size() == 3);
	CHECK(client.socket.sslHandshakeErrors()[0] == QSslError(QSslError::HostNameMismatch, host()));
	CHECK(client.socket.error() == QAbstractSocket::SslHandshakeFailedError);
}

TEST_CASE("ssl socket: what is wrong is ignored")
{
	EncryptingServer server;
	Client client(false);
	SUBCASE("all")
	{
		client.socket.sslErrors.connect([&] { client.socket.ignoreSslErrors(); });
	}
	SUBCASE("what is told")
	{
		client.socket.sslErrors.connect([&](const std::vector<QSslError> &errors) { client.socket.ignoreSslErrors(errors); });
	}
	SUBCASE("after a pause")
	{
		client.socket.setPauseMode(QAbstractSocket::PauseOnSslErrors);
		client.socket.sslErrors.connect(&client.socket, [&] {
			client.socket.ignoreSslErrors();
			client.socket.resume();
		}, Qt::QueuedConnection);
	}
	client.connectTo(server);
	CHECK(client.encrypts());
	CHECK(client.log == "mode 1 verify 11 verify 12 errors 11 12 encrypted ");
}

TEST_CASE("ssl socket: too little is ignored")
{
	EncryptingServer server;
	Client client(false);
	client.connectTo(server);
	client.socket.ignoreSslErrors({QSslError(QSslError::UnableToGetLocalIssuerCertificate, host())});
	REQUIRE(client.ends());
	CHECK(client.log == "mode 1 verify 11 verify 12 errors 11 12 error 13 ");
}

TEST_CASE("ssl socket: an interrupted handshake")
{
	EncryptingServer server;
	Client client(false);
	QSslConfiguration configuration = client.socket.sslConfiguration();
	configuration.setHandshakeMustInterruptOnError(true);
	client.socket.setSslConfiguration(configuration);
	std::string interrupted;
	bool goesOn = false;
	client.socket.handshakeInterruptedOnError.connect([&](const QSslError &error) {
		interrupted += std::to_string(error.error()) + ' ';
		if (goesOn)
			client.socket.continueInterruptedHandshake();
	});
	std::string alerts;
	client.socket.alertSent.connect([&](QSsl::AlertLevel, QSsl::AlertType, const std::string &text) { alerts += text; });
	client.connectTo(server);
	SUBCASE("goes on")
	{
		goesOn = true;
		client.socket.ignoreSslErrors();
		CHECK(client.encrypts());
		CHECK(interrupted == "11 12 ");
	}
	SUBCASE("ends")
	{
		CHECK(client.ends());
		CHECK(interrupted == "11 ");
		CHECK(!alerts.empty());
		CHECK(client.socket.error() == QAbstractSocket::SslHandshakeFailedError);
	}
}

TEST_CASE("ssl socket: a connection that has been in the clear")
{
	EncryptingServer server;
	server.encrypts = false;
	Client client;
	client.socket.connectToHost("127.0.0.1", server.serverPort());
	QSslSocket *peer = peerOf(server);
	peer->write("hello");
	REQUIRE(until([&] { return client.socket.bytesAvailable() == 5; }));
	CHECK(client.socket.readAll() == "hello");
	client.socket.setPeerVerifyName("host.test");
	client.socket.write("go");
	client.socket.startClientEncryption();
	client.socket.write("secret");
	REQUIRE(until([&] { return peer->bytesAvailable() >= 2; }));
	CHECK(peer->read(2) == "go");
	peer->startServerEncryption();
	REQUIRE(client.encrypts());
	REQUIRE(until([&] { return peer->bytesAvailable() == 6; }));
	CHECK(peer->readAll() == "secret");
}

TEST_CASE("ssl socket: a resumed session")
{
	EncryptingServer server;
	std::string ticket;
	for (int i = 0; i < 2; i++) {
		Client client;
		QSslConfiguration configuration = client.socket.sslConfiguration();
		configuration.setSslOption(QSsl::SslOptionDisableSessionPersistence, false);
		configuration.setSessionTicket(ticket);
		client.socket.setSslConfiguration(configuration);
		int tickets = 0;
		client.socket.newSessionTicketReceived.connect([&] { tickets++; });
		client.connectTo(server);
		REQUIRE(until([&] { return tickets > 0; }));
		CHECK(client.socket.isEncrypted());
		ticket = client.socket.sslConfiguration().sessionTicket();
		CHECK(!ticket.empty());
		CHECK(client.socket.sslConfiguration().sessionTicketLifeTimeHint() > 0);
	}
}

TEST_CASE("ssl socket: waits without a running loop")
{
	// The server's loop runs in the wait, on the same thread.
	EncryptingServer server;
	Client client;
	client.connectTo(server);
	server.newConnection.connect([&] { server.nextPendingConnection()->write("data"); });
	CHECK(!client.socket.waitForEncrypted(0));
	Client silent;
	QTcpServer plain;
	REQUIRE(plain.listen(QHostAddress::LocalHost));
	silent.socket.connectToHostEncrypted("127.0.0.1", plain.serverPort());
	CHECK(!silent.socket.waitForEncrypted(20));
	CHECK(silent.socket.error() == QAbstractSocket::SocketTimeoutError);
}

TEST_CASE("ssl socket: deleted in its slots")
{
	EncryptingServer server;
	for (int slot = 0; slot < 4; slot++) {
		auto *socket = new QSslSocket;
		bool gone = false;
		socket->destroyed.connect([&] { gone = true; });
		const auto end = [socket] { delete socket; };
		switch (slot) {
		case 0: socket->modeChanged.connect(end); break;
		case 1: socket->peerVerifyError.connect(end); break;
		case 2: socket->sslErrors.connect(end); break;
		default: socket->setPeerVerifyMode(QSslSocket::VerifyNone); socket->encrypted.connect(end);
		}
		QSslConfiguration configuration = socket->sslConfiguration();
		configuration.setCaCertificates({});
		socket->setSslConfiguration(configuration);
		socket->connectToHostEncrypted("127.0.0.1", server.serverPort(), "host.test");
		CHECK(until([&] { return gone; }));
	}
}
