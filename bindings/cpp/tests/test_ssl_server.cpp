// Servers that encrypt.
#include "ssl_support.h"

#include <type_traits>

namespace {

/// A server that listens and notes what it is told.
template <class Class>
struct Noting {
	Class server;
	std::string log;

	explicit Noting(bool verifies = false, bool interrupts = false)
	{
		QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
		configuration.setLocalCertificate(host());
		configuration.setPrivateKey(hostKey());
		configuration.setCaCertificates({});
		if (verifies)
			configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
		configuration.setHandshakeMustInterruptOnError(interrupts);
		server.setSslConfiguration(configuration);
		server.newConnection.connect([this] { log += "new "; });
		server.pendingConnectionAvailable.connect([this] { log += "pending "; });
		server.startedEncryptionHandshake.connect([this](QSslSocket *socket) {
			REQUIRE(socket != nullptr);
			CHECK(socket->parent() == &server);
			log += "started " + std::to_string(socket->mode()) + ' ';
		});
		server.errorOccurred.connect([this](QSslSocket *, QAbstractSocket::SocketError error) { log += "error " + std::to_string(error) + ' '; });
		server.peerVerifyError.connect([this](QSslSocket *, const QSslError &error) { log += "verify " + std::to_string(error.error()) + ' '; });
		server.sslErrors.connect([this](QSslSocket *, const std::vector<QSslError> &errors) {
			log += "errors " + std::to_string(errors.size()) + ' ';
		});
		server.handshakeInterruptedOnError.connect(
			[this](QSslSocket *, const QSslError &error) { log += "interrupted " + std::to_string(error.error()) + ' '; });
		server.alertSent.connect([this](QSslSocket *, QSsl::AlertLevel, QSsl::AlertType type, const std::string &text) {
			CHECK(!text.empty());
			log += "sent " + std::to_string(static_cast<int>(type)) + ' ';
		});
		server.alertReceived.connect([this](QSslSocket *, QSsl::AlertLevel, QSsl::AlertType type, const std::string &) {
			log += "received " + std::to_string(static_cast<int>(type)) + ' ';
		});
		REQUIRE(server.listen(QHostAddress::LocalHost));
	}
	Noting(const Noting &) = delete;
	Noting &operator=(const Noting &) = delete;

	/// Runs the loop until the connection is pending or has ended.
	bool decides()
	{
		return until([this] { return log.find("new") != std::string::npos; }) &&
		       until([this] { return server.hasPendingConnections() || server.openConnections() == 0; });
	}
};

/// A client that trusts the authority of the tests.
struct Client {
	QSslSocket socket;

	explicit Client(bool shows = false)
	{
		QSslConfiguration configuration = socket.sslConfiguration();
		configuration.setCaCertificates({authority()});
		if (shows) {
			configuration.setLocalCertificate(host());
			configuration.setPrivateKey(hostKey());
		}
		socket.setSslConfiguration(configuration);
	}
	void connectTo(const QTcpServer &server) { socket.connectToHostEncrypted("127.0.0.1", server.serverPort(), "host.test"); }
};

} // namespace

TEST_CASE("ssl server: a fresh one")
{
	QSslServer server;
	CHECK(server.sslConfiguration() == QSslConfiguration::defaultConfiguration());
	CHECK(server.handshakeTimeout() == 5000);
	server.setHandshakeTimeout(7);
	CHECK(server.handshakeTimeout() == 7);
	CHECK(server.handshakeLimit() == 1000);
	server.setHandshakeLimit(3);
	CHECK(server.handshakeLimit() == 3);
	CHECK(server.handshakes() == 0);
	static_assert(std::is_base_of_v<QTcpServer, QSslServer>);
}

TEST_CASE("ssl server: connections are pending once they are encrypted")
{
	Noting<QSslServer> noting;
	Client client;
	client.connectTo(noting.server);
	REQUIRE(noting.decides());
	CHECK(noting.log == "new started 2 pending ");
	QTcpSocket *taken = noting.server.nextPendingConnection();
	auto *peer = dynamic_cast<QSslSocket *>(taken);
	REQUIRE(peer != nullptr);
	CHECK(peer->isEncrypted());
	CHECK(peer->parent() == &noting.server);
	REQUIRE(until([&] { return client.socket.isEncrypted(); }));
	client.socket.write("hello");
	REQUIRE(until([&] { return peer->bytesAvailable() == 5; }));
	CHECK(peer->readAll() == "hello");
	delete peer;
	CHECK(until([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }));
}

TEST_CASE("ssl server: sockets whose handshake fails are deleted")
{
	Noting<QSslServer> noting(true);
	Client client;
	int destroyed = 0;
	noting.server.startedEncryptionHandshake.connect([&](QSslSocket *socket) { socket->destroyed.connect([&](QObject *) { destroyed++; }); });
	client.connectTo(noting.server);
	REQUIRE(noting.decides());
	CHECK(noting.log == "new started 2 verify 21 errors 1 error 13 sent 0 ");
	CHECK(until([&] { return destroyed == 1; }));
}

TEST_CASE("ssl server: slots take the blame")
{
	Noting<QSslServer> noting(true);
	Client client(true);
	noting.server.sslErrors.connect([](QSslSocket *socket, const std::vector<QSslError> &errors) { socket->ignoreSslErrors(errors); });
	client.connectTo(noting.server);
	REQUIRE(noting.decides());
	CHECK(noting.log == "new started 2 verify 10 errors 1 pending ");
	auto *peer = dynamic_cast<QSslSocket *>(noting.server.nextPendingConnection());
	REQUIRE(peer != nullptr);
	CHECK(peer->peerCertificate() == host());
}

TEST_CASE("ssl server: interrupted handshakes")
{
	Noting<QSslServer> noting(true, true);
	Client client(true);
	client.connectTo(noting.server);
	REQUIRE(noting.decides());
	CHECK(noting.log == "new started 2 interrupted 10 sent 42 error 13 ");
}

TEST_CASE("ssl server: slots delete what they are told of")
{
	Client client;
	auto noting = std::make_unique<Noting<QSslServer>>(true);
	SUBCASE("the socket")
	{
		noting->server.sslErrors.connect([](QSslSocket *socket, const std::vector<QSslError> &) { delete socket; });
		client.connectTo(noting->server);
		REQUIRE(noting->decides());
		CHECK(noting->server.handshakes() == 0);
	}
	SUBCASE("the server, with a handshake under way")
	{
		client.connectTo(noting->server);
		REQUIRE(until([&] { return noting->log.find("started") != std::string::npos; }));
		noting.reset();
	}
	CHECK(until([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }));
}

namespace {

/// A program's own class.
class Counting : public QSslServer {
public:
	int asked = 0;

	bool hasPendingConnections() const override { return QSslServer::hasPendingConnections(); }

protected:
	void incomingConnection(qintptr descriptor) override
	{
		asked++;
		QSslServer::incomingConnection(descriptor);
	}
};

} // namespace

TEST_CASE("ssl server: a class of the program's")
{
	Noting<Counting> noting;
	Client client;
	client.connectTo(noting.server);
	REQUIRE(noting.decides());
	CHECK(noting.server.asked == 1);
	CHECK(noting.log == "new started 2 pending ");
	CHECK(dynamic_cast<QSslSocket *>(noting.server.nextPendingConnection()) != nullptr);
}
