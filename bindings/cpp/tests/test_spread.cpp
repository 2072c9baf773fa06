// Servers that spread their connections over the loops of threads.
#include "ssl_support.h"

#include <atomic>
#include <map>
#include <mutex>

namespace {

/// A thread that ends with the test.
struct Worker : QThread {
	Worker() { start(); }
	Worker(const Worker &) = delete;
	Worker &operator=(const Worker &) = delete;
	~Worker() override
	{
		quit();
		wait();
	}
};

/// What arrives, by thread: it sends back what it gets.
template <class Server>
struct Echoing {
	Server server;
	std::mutex mutex;
	std::map<QThread *, int> arrived;
	std::atomic<int> gone{0};

	Echoing()
	{
		server.connectionInLoop.connect([this](auto *socket) {
			{
				const std::lock_guard<std::mutex> lock(mutex);
				arrived[QThread::currentThread()]++;
			}
			CHECK(socket->parent() == nullptr);
			CHECK(detail::ThreadLoop::here().has(detail::Access::loop(socket)));
			socket->readyRead.connect([socket] { socket->write(socket->readAll()); });
			socket->disconnected.connect([this, socket] {
				gone++;
				socket->deleteLater();
			});
		});
	}
	Echoing(const Echoing &) = delete;
	Echoing &operator=(const Echoing &) = delete;

	int on(QThread *thread)
	{
		const std::lock_guard<std::mutex> lock(mutex);
		return arrived[thread];
	}
};

template <class Socket>
void checkEcho(Socket &client)
{
	client.write("x");
	REQUIRE(until([&] { return client.bytesAvailable() == 1; }));
	CHECK(client.readAll() == "x");
}

} // namespace

TEST_CASE("spread: over threads")
{
	Worker one, two;
	Echoing<QTcpServer> echoing;
	QTcpServer &server = echoing.server;
	CHECK(server.setThreads({&one, &two}));
	CHECK(server.loopCount() == 2);
	REQUIRE(server.listen(QHostAddress::LocalHost));
	{
		QTcpSocket clients[4];
		for (QTcpSocket &client : clients) {
			client.connectToHost(QHostAddress::LocalHost, server.serverPort());
			checkEcho(client);
		}
		CHECK(echoing.on(&one) == 2);
		CHECK(echoing.on(&two) == 2);
		CHECK_FALSE(server.hasPendingConnections());
		CHECK(server.openConnections() == 4);
	}
	REQUIRE(until([&] { return echoing.gone == 4; }));
	Messages messages;
	CHECK_FALSE(server.setThreads({&one, nullptr}));
	CHECK(messages.all().size() == 1);
	CHECK(server.loopCount() == 2);
	CHECK(server.setThreads({}));
	CHECK(server.loopCount() == 0);
}

TEST_CASE("spread: over loops, that of the server among them")
{
	Loop other;
	Echoing<QTcpServer> echoing;
	CHECK(echoing.server.setLoops({LoopRef::current(), other}));
	REQUIRE(echoing.server.listen(QHostAddress::LocalHost));
	QTcpSocket one, two;
	for (QTcpSocket *client : {&one, &two}) {
		client->connectToHost(QHostAddress::LocalHost, echoing.server.serverPort());
		REQUIRE(until([&] { return client->state() == QAbstractSocket::ConnectedState; }));
	}
	checkEcho(one);
	two.write("x");
	REQUIRE(until([&] {
		other.processEvents();
		return two.bytesAvailable() == 1;
	}));
	one.abort();
	two.abort();
	REQUIRE(until([&] {
		other.processEvents();
		return echoing.gone == 2;
	}));
}

TEST_CASE("spread: a server of local sockets")
{
	Worker thread;
	Echoing<QLocalServer> echoing;
	CHECK(echoing.server.setThreads({&thread}));
	const std::string name = "/tmp/qnet-cpp-spread-" + std::to_string(::getpid());
	REQUIRE(echoing.server.listen(name));
	{
		QLocalSocket client;
		client.connectToServer(name);
		REQUIRE(until([&] { return client.state() == QLocalSocket::ConnectedState; }));
		checkEcho(client);
	}
	REQUIRE(until([&] { return echoing.gone == 1; }));
	CHECK(echoing.on(&thread) == 1);
}

TEST_CASE("spread: encrypted on the threads of the connections")
{
	Worker one, two;
	Echoing<QSslServer> echoing;
	QSslServer &server = echoing.server;
	QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
	configuration.setLocalCertificate(host());
	configuration.setPrivateKey(hostKey());
	server.setSslConfiguration(configuration);
	QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
	trusting.setCaCertificates({authority()});
	std::atomic<int> started{0}, failed{0};
	server.startedEncryptionHandshake.connect([&](QSslSocket *socket) {
		CHECK(socket->parent() == nullptr);
		CHECK(socket->thread() == QThread::currentThread());
		started++;
	});
	server.errorOccurred.connect([&](QSslSocket *, QAbstractSocket::SocketError) { failed++; });
	server.connectionInLoop.connect([](QTcpSocket *socket) { CHECK(static_cast<QSslSocket *>(socket)->isEncrypted()); });
	CHECK(server.setThreads({&one, &two}));
	REQUIRE(server.listen(QHostAddress::LocalHost));
	{
		QSslSocket clients[2];
		QTcpSocket other;
		for (QSslSocket &client : clients) {
			client.setSslConfiguration(trusting);
			client.connectToHostEncrypted("127.0.0.1", server.serverPort(), "host.test");
			REQUIRE(until([&] { return client.isEncrypted(); }));
			checkEcho(client);
		}
		other.connectToHost(QHostAddress::LocalHost, server.serverPort());
		other.write("\x16\x03\x01\x00\x04none", 9);
		REQUIRE(until([&] { return failed == 1 && server.handshakes() == 0; }));
	}
	REQUIRE(until([&] { return echoing.gone == 2; }));
	CHECK(started == 3);
	CHECK(echoing.on(&one) == 1);
	CHECK(echoing.on(&two) == 1);
}

TEST_CASE("spread: a server that is deleted during a handshake elsewhere")
{
	Worker thread;
	auto server = std::make_unique<QSslServer>();
	QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
	configuration.setLocalCertificate(host());
	configuration.setPrivateKey(hostKey());
	server->setSslConfiguration(configuration);
	std::atomic<int> started{0}, destroyed{0};
	server->connectionInLoop.connect([](QTcpSocket *) { CHECK(false); });
	server->startedEncryptionHandshake.connect([&](QSslSocket *socket) {
		socket->destroyed.connect([&](QObject *) { destroyed++; });
		started++;
	});
	CHECK(server->setThreads({&thread}));
	REQUIRE(server->listen(QHostAddress::LocalHost));
	QTcpSocket client;
	client.connectToHost(QHostAddress::LocalHost, server->serverPort());
	client.write("\x16\x03\x01", 3);
	REQUIRE(until([&] { return started == 1; }));
	server.reset();
	REQUIRE(until([&] { return client.state() == QAbstractSocket::UnconnectedState && destroyed == 1; }));
}
