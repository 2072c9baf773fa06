#include "support.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

/// A folder for this test's names, removed at the end.
struct Folder {
	Folder() { REQUIRE(::mkdtemp(path) != nullptr); }
	~Folder() { ::rmdir(path); }
	std::string operator/(const char *name) const { return std::string(path) + '/' + name; }
	char path[32] = "/tmp/qnet-cpp-XXXXXX";
};

} // namespace

TEST_CASE("local: a conversation")
{
	Folder folder;
	QLocalServer server;
	CHECK_FALSE(server.isListening());
	CHECK(server.serverName().empty());
	CHECK(server.socketDescriptor() == -1);
	CHECK(server.socketOptions() == QLocalServer::NoOptions);
	server.setSocketOptions(QLocalServer::UserAccessOption | QLocalServer::GroupAccessOption);
	CHECK(server.socketOptions().testFlag(QLocalServer::GroupAccessOption));
	REQUIRE(server.listen(folder / "server"));
	CHECK(server.isListening());
	CHECK(server.serverName() == folder / "server");
	CHECK(server.fullServerName() == folder / "server");
	CHECK(server.socketDescriptor() > 2);
	CHECK(server.maxPendingConnections() == 30);
	CHECK(server.listenBacklogSize() == 50);

	QLocalSocket client;
	std::string log;
	client.stateChanged.connect([&](QLocalSocket::LocalSocketState state) { log += std::to_string(state) + ' '; });
	client.connected.connect([&] { log += "connected "; });
	client.disconnected.connect([&] { log += "disconnected "; });
	CHECK(client.state() == QLocalSocket::UnconnectedState);
	client.connectToServer(folder / "server");
	CHECK(client.state() == QLocalSocket::LocalSocketState::ConnectedState);
	CHECK(log == "2 3 connected ");
	CHECK(client.isValid());
	CHECK(client.serverName() == folder / "server");
	CHECK(client.fullServerName() == folder / "server");
	CHECK(client.waitForConnected());
	bool announced = false;
	QObject::connect(&server, &QLocalServer::newConnection, [&] { announced = true; });
	bool timedOut = true;
	CHECK(server.waitForNewConnection(5000, &timedOut));
	CHECK_FALSE(timedOut);
	CHECK(announced);
	QLocalSocket *peer = server.nextPendingConnection();
	REQUIRE(peer != nullptr);
	CHECK(peer->parent() == &server);
	client.write("hello\n");
	CHECK(client.flush());
	CHECK(peer->waitForReadyRead());
	CHECK(peer->readLine() == "hello\n");
	peer->setReadBufferSize(8);
	CHECK(peer->readBufferSize() == 8);
	CHECK(client.socketDescriptor() > 2);
	CHECK(client.peerCredentials().pid == ::getpid());
	CHECK(client.peerCredentials().uid == ::getuid());
	CHECK(client.peerCredentials().gid == ::getgid());
	client.disconnectFromServer();
	CHECK(peer->waitForDisconnected());
	CHECK(peer->error() == QLocalSocket::PeerClosedError);
	CHECK(until([&] { return client.state() == QLocalSocket::UnconnectedState; }));
	CHECK(log == "2 3 connected 6 0 disconnected ");
	server.close();
	CHECK(::access((folder / "server").c_str(), F_OK) != 0);
}

TEST_CASE("local: failures")
{
	Folder folder;
	QLocalSocket client;
	QLocalSocket::LocalSocketError error = QLocalSocket::UnknownSocketError;
	QObject::connect(&client, &QLocalSocket::errorOccurred, [&](QLocalSocket::LocalSocketError e) { error = e; });
	client.connectToServer(folder / "nobody");
	CHECK(error == QLocalSocket::ServerNotFoundError);
	CHECK(client.error() == QLocalSocket::ServerNotFoundError);
	CHECK_FALSE(client.errorString().empty());
	client.setServerName(folder / "other");
	CHECK(client.serverName() == folder / "other");
	CHECK_FALSE(client.open());
	QLocalServer one, two;
	REQUIRE(one.listen(folder / "name"));
	CHECK_FALSE(two.listen(folder / "name"));
	CHECK(two.serverError() == QAbstractSocket::AddressInUseError);
	CHECK_FALSE(two.errorString().empty());
	client.setServerName(folder / "name");
	CHECK(client.open());
	client.abort();
	CHECK(client.state() == QLocalSocket::UnconnectedState);
	CHECK(client.setSocketDescriptor(-1) == false);
}

TEST_CASE("local: what a killed server leaves behind, and an inherited descriptor")
{
	Folder folder;
	const std::string name = folder / "left";
	const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	name.copy(address.sun_path, sizeof address.sun_path - 1);
	REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
	QLocalServer server;
	CHECK_FALSE(server.listen(name));
	CHECK(QLocalServer::removeServer(name));
	CHECK(QLocalServer::removeServer(name)); // it is gone
	REQUIRE(server.listen(name));
	server.close();
	const int fresh = ::socket(AF_UNIX, SOCK_STREAM, 0);
	REQUIRE(::dup2(fresh, descriptor) == descriptor);
	::close(fresh);
	REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
	REQUIRE(::listen(descriptor, 5) == 0);
	REQUIRE(server.listen(static_cast<qintptr>(descriptor)));
	CHECK(server.serverName() == "left");
	QLocalSocket client;
	client.connectToServer(name);
	CHECK(server.waitForNewConnection(5000));
}

TEST_CASE("local: the abstract namespace, also with a NUL in the name")
{
	const std::string name = "qnet-cpp-" + std::to_string(::getpid()) + std::string("\0x", 2);
	QLocalServer server;
	server.setSocketOptions(QLocalServer::AbstractNamespaceOption);
	REQUIRE(server.listen(name));
	CHECK(server.serverName() == name);
	QLocalSocket client;
	client.setSocketOptions(QLocalSocket::AbstractNamespaceOption);
	CHECK(client.socketOptions() == QLocalSocket::AbstractNamespaceOption);
	client.connectToServer(name);
	CHECK(client.state() == QLocalSocket::ConnectedState);
	CHECK(client.serverName() == name);
	client.abort();
	client.setSocketOptions(QLocalSocket::NoOptions);
	CHECK(client.socketOptions() == QLocalSocket::NoOptions);
}

TEST_CASE("local: descriptors are passed")
{
	int ends[2];
	REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	QLocalSocket one, two;
	REQUIRE(one.setSocketDescriptor(ends[0]));
	REQUIRE(two.setSocketDescriptor(ends[1]));
	CHECK_FALSE(two.receivesDescriptors());
	two.setReceivesDescriptors(true);
	CHECK(two.receivesDescriptors());
	int pipe[2];
	REQUIRE(::pipe(pipe) == 0);
	CHECK(one.writeWithDescriptors("x", {pipe[1], pipe[1]}) == 1);
	::close(pipe[1]);
	CHECK(until([&] { return two.descriptorsAvailable() == 2; }));
	const std::vector<qintptr> first = two.takeDescriptors(1);
	REQUIRE(first.size() == 1);
	::close(first[0]);
	std::vector<qintptr> rest = two.takeDescriptors();
	REQUIRE(rest.size() == 1);
	CHECK(::write(rest[0], "y", 1) == 1);
	char c = 0;
	CHECK(::read(pipe[0], &c, 1) == 1);
	CHECK(c == 'y');
	CHECK(two.takeDescriptors().empty());
	::close(pipe[0]);
	::close(rest[0]);
	CHECK(QLocalSocket().takeDescriptors().empty());
}

TEST_CASE("local: the virtual methods are overridden")
{
	Folder folder;
	struct Server : QLocalServer {
		void incomingConnection(quintptr descriptor) override
		{
			calls++;
			auto *socket = new QLocalSocket(this);
			socket->setObjectName("mine");
			socket->setSocketDescriptor(static_cast<qintptr>(descriptor));
			addPendingConnection(socket);
		}
		bool hasPendingConnections() const override { return open && QLocalServer::hasPendingConnections(); }
		QLocalSocket *nextPendingConnection() override { return open ? QLocalServer::nextPendingConnection() : nullptr; }
		int calls = 0;
		bool open = false;
	} server;
	REQUIRE(server.listen(folder / "s"));
	QLocalSocket one, two;
	one.connectToServer(folder / "s");
	two.connectToServer(folder / "s");
	CHECK(until([&] { return server.calls == 2; }));
	CHECK_FALSE(server.hasPendingConnections());
	CHECK_FALSE(qnet_local_server_has_pending_connections(server.server()));
	CHECK(qnet_local_server_next_pending_connection(server.server()) == nullptr);
	server.open = true;
	CHECK(qnet_local_server_has_pending_connections(server.server()));
	QLocalSocket *peer = server.nextPendingConnection();
	REQUIRE(peer != nullptr);
	CHECK(peer->objectName() == "mine");
	server.close();
	CHECK(server.children().size() == 1);
	CHECK(peer->isOpen());
}

TEST_CASE("local: a slot of a class whose destructor has run is not called")
{
	Folder folder;
	QLocalServer server;
	REQUIRE(server.listen(folder / "s"));
	int calls = 0;
	struct Client : QLocalSocket {
		explicit Client(int *calls) : calls(calls) { connect(this, &QLocalSocket::disconnected, this, &Client::over); }
		void over() { ++*calls; }
		int *calls;
	};
	{
		Client client(&calls);
		client.connectToServer(folder / "s");
	}
	CHECK(calls == 0);
}
