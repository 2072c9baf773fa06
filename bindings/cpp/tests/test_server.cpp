#include "support.h"

#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// A client that is connected to a server.
std::unique_ptr<QTcpSocket> clientOf(const QTcpServer &server)
{
	auto client = std::make_unique<QTcpSocket>();
	client->connectToHost(QHostAddress::LocalHost, server.serverPort());
	return client;
}

struct Special : QTcpSocket {
	explicit Special(int *alive, QObject *parent = nullptr) : QTcpSocket(parent), alive(alive) { ++*alive; }
	~Special() override { --*alive; }
	int *alive;
};

struct Overriding : QTcpServer {
	using QTcpServer::addPendingConnection;
	void incomingConnection(qintptr descriptor) override
	{
		incoming++;
		auto *socket = new Special(&alive, this);
		socket->setSocketDescriptor(descriptor);
		addPendingConnection(socket);
	}
	int incoming = 0;
	int alive = 0;
};

} // namespace

TEST_CASE("server: listening")
{
	QTcpServer server;
	CHECK_FALSE(server.isListening());
	CHECK(server.errorString().empty());
	CHECK(server.serverPort() == 0);
	CHECK(server.serverAddress().isNull());
	CHECK(server.socketDescriptor() == -1);
	CHECK(server.maxPendingConnections() == 30);
	CHECK(server.listenBacklogSize() == 50);
	server.setMaxPendingConnections(5);
	server.setListenBacklogSize(7);
	CHECK(server.maxPendingConnections() == 5);
	CHECK(server.listenBacklogSize() == 7);
	REQUIRE(server.listen());
	CHECK(server.isListening());
	CHECK(server.serverPort() != 0);
	CHECK(server.serverAddress() == QHostAddress::Any);
	CHECK(server.socketDescriptor() > 2);
	CHECK_FALSE(server.hasPendingConnections());
	CHECK(server.nextPendingConnection() == nullptr);
	QTcpServer other;
	CHECK_FALSE(other.listen(QHostAddress::Any, server.serverPort()));
	CHECK(other.serverError() == QAbstractSocket::AddressInUseError);
	CHECK_FALSE(other.errorString().empty());
	server.close();
	CHECK_FALSE(server.isListening());
	Messages messages;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	CHECK_FALSE(server.listen(QHostAddress::LocalHost));
	CHECK(messages.all().size() == 1);
}

TEST_CASE("server: options, also from before it listens")
{
	QTcpServer one, two;
	for (QTcpServer *server : {&one, &two}) {
		CHECK(server->socketOption(QAbstractSocket::ReusePortOption) == -1);
		CHECK(server->setSocketOption(QAbstractSocket::ReusePortOption, 1));
	}
	REQUIRE(one.listen(QHostAddress::LocalHost));
	CHECK(two.listen(QHostAddress::LocalHost, one.serverPort()));
	CHECK(two.socketOption(QAbstractSocket::ReusePortOption) == 1);
	CHECK(one.setSocketOption(QAbstractSocket::LowDelayOption, 1));
	CHECK_FALSE(one.setSocketOption(QAbstractSocket::MulticastTtlOption, 1));
}

TEST_CASE("server: takes over a descriptor")
{
	const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
	sockaddr_in address = {};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
	REQUIRE(::listen(descriptor, 5) == 0);
	QTcpServer server;
	CHECK_FALSE(server.setSocketDescriptor(-1));
	REQUIRE(server.setSocketDescriptor(descriptor));
	CHECK(server.socketDescriptor() == descriptor);
	auto client = clientOf(server);
	CHECK(server.waitForNewConnection(5000));
}

TEST_CASE("server: signals, and sockets that are its children")
{
	QTcpServer server;
	std::string log;
	server.pendingConnectionAvailable.connect([&] { log += "available "; });
	server.newConnection.connect([&] { log += "new "; });
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto client = clientOf(server);
	CHECK(until([&] { return log == "available new "; }));
	QTcpSocket *socket = server.nextPendingConnection();
	REQUIRE(socket != nullptr);
	CHECK(socket->parent() == &server);
	CHECK(server.children() == std::vector<QObject *>{socket});
	CHECK(socket->state() == QAbstractSocket::ConnectedState);
	CHECK(socket->peerPort() == client->localPort());
	delete socket;
	CHECK(server.children().empty());
}

TEST_CASE("server: its sockets go with it, unless they have another parent")
{
	QObject keeper;
	QTcpSocket *kept;
	bool gone = false;
	auto server = std::make_unique<QTcpServer>();
	REQUIRE(server->listen(QHostAddress::LocalHost));
	auto one = clientOf(*server), two = clientOf(*server), three = clientOf(*server);
	int pending = 0;
	server->newConnection.connect([&] { pending++; });
	REQUIRE(until([&] { return pending == 3; }));
	QTcpSocket *lost = server->nextPendingConnection();
	lost->destroyed.connect([&] { gone = true; });
	kept = server->nextPendingConnection();
	kept->setParent(&keeper);
	server.reset(); // with a pending one, too
	CHECK(gone);
	CHECK(kept->state() == QAbstractSocket::ConnectedState);
	kept->write("x");
	CHECK(until([&] { return one->bytesAvailable() + two->bytesAvailable() + three->bytesAvailable() == 1; }));
}

TEST_CASE("server: accepting is paused")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	server.pauseAccepting();
	auto client = clientOf(server);
	REQUIRE(until([&] { return client->state() == QAbstractSocket::ConnectedState; }));
	settle();
	CHECK_FALSE(server.hasPendingConnections());
	server.resumeAccepting();
	CHECK(until([&] { return server.hasPendingConnections(); }));
}

TEST_CASE("server: incomingConnection is overridden")
{
	Overriding server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	int announced = 0;
	server.newConnection.connect([&] { announced++; });
	auto one = clientOf(server), two = clientOf(server);
	REQUIRE(until([&] { return announced == 2; }));
	CHECK(server.incoming == 2);
	CHECK(server.alive == 2);
	QTcpSocket *socket = server.nextPendingConnection();
	CHECK(dynamic_cast<Special *>(socket) != nullptr);
	CHECK(socket->parent() == &server);
	server.close(); // deletes the one that nobody has taken
	CHECK(server.alive == 1);
	CHECK(socket->state() == QAbstractSocket::ConnectedState);
	delete socket;
	CHECK(server.alive == 0);
}

TEST_CASE("server: its connections may be half-open, also those of the base's incomingConnection")
{
	struct Calling : QTcpServer {
		void incomingConnection(qintptr descriptor) override { QTcpServer::incomingConnection(descriptor); }
	};
	QTcpServer plain;
	Calling calling;
	for (QTcpServer *server : {&plain, static_cast<QTcpServer *>(&calling)}) {
		CHECK_FALSE(server->allowHalfOpen());
		server->setAllowHalfOpen(true);
		CHECK(server->allowHalfOpen());
		REQUIRE(server->listen(QHostAddress::LocalHost));
		auto client = clientOf(*server);
		REQUIRE(until([&] { return server->hasPendingConnections(); }));
		CHECK(server->nextPendingConnection()->allowHalfOpen());
	}
}

TEST_CASE("server: a pending connection is deleted by its owner")
{
	Overriding server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto client = clientOf(server);
	REQUIRE(until([&] { return server.hasPendingConnections(); }));
	delete server.findChild<Special *>();
	CHECK(server.alive == 0);
	CHECK_FALSE(server.hasPendingConnections());
	CHECK(server.nextPendingConnection() == nullptr);
}

TEST_CASE("server: a pending connection is deleted by its owner later")
{
	Overriding server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto client = clientOf(server);
	REQUIRE(until([&] { return server.hasPendingConnections(); }));
	server.findChild<Special *>()->deleteLater();
	server.close();
	CHECK(server.alive == 0);
	settle();
}

TEST_CASE("server: a subclass goes with its pending connections")
{
	int alive = 0;
	struct Server : QTcpServer {
		explicit Server(int *alive) : alive(alive) { REQUIRE(listen(QHostAddress::LocalHost)); }
		void incomingConnection(qintptr descriptor) override
		{
			auto *socket = new Special(alive); // without a parent
			socket->setSocketDescriptor(descriptor);
			addPendingConnection(socket);
			addPendingConnection(socket); // once is enough
		}
		int *alive;
	};
	auto server = std::make_unique<Server>(&alive);
	auto client = clientOf(*server);
	REQUIRE(until([&] { return server->hasPendingConnections(); }));
	CHECK(alive == 1);
	server.reset();
	CHECK(alive == 0);
}

TEST_CASE("server: an override that adds nothing, and one that calls the base")
{
	struct Refusing : QTcpServer {
		void incomingConnection(qintptr descriptor) override
		{
			calls++;
			if (calls == 1)
				::close(static_cast<int>(descriptor));
			else
				QTcpServer::incomingConnection(descriptor);
		}
		int calls = 0;
	} server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	int announced = 0;
	server.newConnection.connect([&] { announced++; });
	auto first = clientOf(server);
	REQUIRE(until([&] { return announced == 1; }));
	CHECK(server.nextPendingConnection() == nullptr);
	auto second = clientOf(server);
	REQUIRE(until([&] { return announced == 2; }));
	CHECK(server.nextPendingConnection() != nullptr);
}

TEST_CASE("server: an override that throws")
{
	struct Throwing : QTcpServer {
		void incomingConnection(qintptr descriptor) override
		{
			::close(static_cast<int>(descriptor));
			throw std::runtime_error("not today");
		}
	} server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	Messages messages;
	auto client = clientOf(server);
	CHECK(until([&] { return messages.contains("not today"); }));
}

TEST_CASE("server: the other virtual methods, called from C++ and from C")
{
	struct Choosy : QTcpServer {
		bool hasPendingConnections() const override
		{
			asked++;
			return QTcpServer::hasPendingConnections() && open;
		}
		QTcpSocket *nextPendingConnection() override
		{
			taken++;
			return open ? QTcpServer::nextPendingConnection() : nullptr;
		}
		mutable int asked = 0;
		int taken = 0;
		bool open = false;
	} server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto client = clientOf(server);
	int announced = 0;
	server.newConnection.connect([&] { announced++; });
	REQUIRE(until([&] { return announced == 1; }));
	CHECK_FALSE(server.hasPendingConnections());
	CHECK(server.asked == 1);
	CHECK_FALSE(qnet_tcp_server_has_pending_connections(server.server()));
	CHECK(server.asked == 2);
	CHECK(qnet_tcp_server_next_pending_connection(server.server()) == nullptr);
	CHECK(server.taken == 1);
	server.open = true;
	CHECK(qnet_tcp_server_has_pending_connections(server.server()));
	qnet_socket *handle = qnet_tcp_server_next_pending_connection(server.server());
	CHECK(handle != nullptr);
	CHECK(server.taken == 2);
	REQUIRE(server.children().size() == 1);
	CHECK(static_cast<QTcpSocket *>(server.children()[0])->socket() == handle);
	CHECK_FALSE(server.hasPendingConnections());
}

TEST_CASE("server: acceptError")
{
	QTcpServer server;
	QAbstractSocket::SocketError error = QAbstractSocket::UnknownSocketError;
	QObject::connect(&server, &QTcpServer::acceptError, [&](QAbstractSocket::SocketError e) { error = e; });
	REQUIRE(server.listen(QHostAddress::LocalHost));
	// A descriptor that no longer listens: every attempt to accept fails.
	const int other = ::socket(AF_INET, SOCK_STREAM, 0);
	auto client = clientOf(server);
	REQUIRE(client->waitForConnected());
	REQUIRE(::dup2(other, static_cast<int>(server.socketDescriptor())) >= 0);
	::close(other);
	CHECK_FALSE(server.waitForNewConnection(200));
	CHECK(error != QAbstractSocket::UnknownSocketError);
}

TEST_CASE("server: deleted in its slot")
{
	auto *server = new QTcpServer;
	REQUIRE(server->listen(QHostAddress::LocalHost));
	bool gone = false;
	server->destroyed.connect([&] { gone = true; });
	server->newConnection.connect([&] {
		server->nextPendingConnection();
		delete server;
	});
	auto client = clientOf(*server);
	CHECK(until([&] { return gone; }));
}

TEST_CASE("server: addPendingConnection refuses what it cannot take")
{
	Overriding server;
	Messages messages;
	server.addPendingConnection(nullptr);
	CHECK(messages.all().size() == 1);
	CHECK_FALSE(server.hasPendingConnections());
}

TEST_CASE("server: limits are off at first, and can be set")
{
	QTcpServer server;
	QLocalServer local;
	CHECK(server.openConnections() == 0);
	CHECK(server.connectionLimit() == 0);
	CHECK(server.addressConnectionLimit() == 0);
	CHECK(server.addressPrefixLength() == 64);
	CHECK(server.refusedConnections() == 0);
	CHECK(server.idleTimeout() == 0);
	CHECK(server.firstByteTimeout() == 0);
	CHECK(local.openConnections() == 0);
	server.setConnectionLimit(1);
	server.setAddressConnectionLimit(2);
	server.setAddressPrefixLength(56);
	server.setIdleTimeout(3);
	server.setFirstByteTimeout(4);
	CHECK(server.connectionLimit() == 1);
	CHECK(server.addressConnectionLimit() == 2);
	CHECK(server.addressPrefixLength() == 56);
	CHECK(server.idleTimeout() == 3);
	CHECK(server.firstByteTimeout() == 4);
	local.setConnectionLimit(5);
	local.setIdleTimeout(6);
	local.setFirstByteTimeout(7);
	CHECK(local.connectionLimit() == 5);
	CHECK(local.idleTimeout() == 6);
	CHECK(local.firstByteTimeout() == 7);
	Messages messages;
	server.setIdleTimeout(-1);
	CHECK(messages.contains("set_idle_timeout"));
	CHECK(server.idleTimeout() == 3);
}

TEST_CASE("server: beyond the limit connections wait")
{
	QTcpServer server;
	server.setConnectionLimit(1);
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto one = clientOf(server);
	auto two = clientOf(server);
	REQUIRE(until([&] { return server.hasPendingConnections(); }));
	std::unique_ptr<QTcpSocket> first(server.nextPendingConnection());
	first->setParent(nullptr);
	settle();
	CHECK(server.openConnections() == 1);
	CHECK_FALSE(server.hasPendingConnections());
	first.reset();
	CHECK(until([&] { return server.hasPendingConnections(); }));
	CHECK(server.openConnections() == 1);
}

TEST_CASE("server: too many of an address are refused")
{
	QTcpServer server;
	server.setAddressConnectionLimit(1);
	std::vector<QHostAddress> refused;
	QObject::connect(&server, &QTcpServer::connectionRefused, [&](QHostAddress address) { refused.push_back(address); });
	REQUIRE(server.listen(QHostAddress::LocalHost));
	auto one = clientOf(server);
	auto two = clientOf(server);
	REQUIRE(until([&] { return server.refusedConnections() == 1; }));
	REQUIRE(refused.size() == 1);
	CHECK(refused[0] == QHostAddress::LocalHost);
	CHECK(until([&] {
		return one->state() == QAbstractSocket::UnconnectedState || two->state() == QAbstractSocket::UnconnectedState;
	}));
}

TEST_CASE("server: silent connections end")
{
	for (const bool idle : {false, true}) {
		QTcpServer server;
		if (idle)
			server.setIdleTimeout(50);
		else
			server.setFirstByteTimeout(50);
		REQUIRE(server.listen(QHostAddress::LocalHost));
		auto client = clientOf(server);
		REQUIRE(until([&] { return server.hasPendingConnections(); }));
		QTcpSocket *socket = server.nextPendingConnection();
		std::vector<std::string> events;
		QObject::connect(socket, &QTcpSocket::errorOccurred, [&](QAbstractSocket::SocketError error) {
			CHECK(error == QAbstractSocket::SocketTimeoutError);
			events.push_back("error");
		});
		QObject::connect(socket, &QTcpSocket::disconnected, [&] { events.push_back("disconnected"); });
		REQUIRE(until([&] { return events.size() == 2; }));
		CHECK(events[0] == "error");
		CHECK(socket->errorString() == (idle ? "The connection was idle for too long" : "Nothing was received in time"));
		CHECK(server.openConnections() == 0);
	}
}
