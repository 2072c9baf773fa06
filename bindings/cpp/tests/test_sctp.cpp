#include "support.h"

#include <cstdio>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// What needs SCTP runs where the kernel has it: the runner's part "sctp" has one.
namespace {

bool hasSctp()
{
	const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	if (fd >= 0)
		::close(fd);
	return fd >= 0;
}

bool lacksSctp()
{
	if (hasSctp())
		return false;
	std::printf("skipped: the kernel lacks SCTP\n");
	return true;
}

/// A server and a socket that is connected to it.
struct Connected {
	QSctpServer server;
	QSctpSocket client;
	QSctpSocket *peer = nullptr;

	explicit Connected(int channels)
	{
		server.setMaximumChannelCount(channels);
		client.setMaximumChannelCount(channels);
		REQUIRE(server.listen(QHostAddress::LocalHost));
		client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
		REQUIRE(until([&] { return client.state() == QAbstractSocket::ConnectedState && server.hasPendingConnections(); }));
		peer = channels < 0 ? static_cast<QSctpSocket *>(server.nextPendingConnection()) : server.nextPendingDatagramConnection();
		REQUIRE(peer != nullptr);
	}
};

} // namespace

TEST_CASE("sctp: the classes")
{
	QSctpSocket socket;
	QSctpServer server;
	CHECK(socket.socketType() == QAbstractSocket::SctpSocket);
	CHECK(QAbstractSocket(QAbstractSocket::SctpSocket).socketType() == QAbstractSocket::SctpSocket);
	CHECK(socket.isInDatagramMode());
	CHECK(socket.maximumChannelCount() == 0);
	socket.setMaximumChannelCount(-2);
	CHECK(socket.maximumChannelCount() == -1);
	CHECK_FALSE(socket.isInDatagramMode());
	server.setMaximumChannelCount(7);
	CHECK(server.maximumChannelCount() == 7);
	CHECK(server.nextPendingDatagramConnection() == nullptr);
	socket.setProxy(QNetworkProxy(QNetworkProxy::HttpProxy, "127.0.0.1", 1));
	socket.connectToHost("192.0.2.1", 1);
	CHECK(socket.error() == QAbstractSocket::UnsupportedSocketOperationError);
}

TEST_CASE("sctp: a kernel without it")
{
	if (hasSctp()) {
		std::printf("skipped: the kernel has SCTP\n");
		return;
	}
	QSctpSocket socket;
	QSctpServer server;
	socket.connectToHost(QHostAddress(QHostAddress::LocalHost), 1);
	CHECK_FALSE(socket.waitForConnected(5000));
	CHECK(socket.error() == QAbstractSocket::UnsupportedSocketOperationError);
	CHECK(socket.errorString() == "The system does not support SCTP");
	CHECK_FALSE(socket.bind());
	CHECK_FALSE(server.listen());
	CHECK(server.serverError() == QAbstractSocket::UnsupportedSocketOperationError);
	CHECK(server.errorString() == "The system does not support SCTP");
}

TEST_CASE("sctp: the channel of others")
{
	QTcpServer server;
	QTcpSocket client;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	CHECK(client.readChannelCount() == 0);
	client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	REQUIRE(until([&] { return client.state() == QAbstractSocket::ConnectedState && server.hasPendingConnections(); }));
	QTcpSocket *peer = server.nextPendingConnection();
	CHECK(client.readChannelCount() == 1);
	CHECK(client.writeChannelCount() == 1);
	client.setCurrentReadChannel(0);
	client.setCurrentWriteChannel(0);
	CHECK(client.currentReadChannel() == 0);
	CHECK(client.currentWriteChannel() == 0);
	int channel = -1, sentOn = -1;
	qint64 sent = 0;
	peer->channelReadyRead.connect([&](int c) { channel = c; });
	client.channelBytesWritten.connect([&](int c, qint64 n) {
		sentOn = c;
		sent += n;
	});
	client.write("hello");
	CHECK(until([&] { return channel == 0; }));
	CHECK(sentOn == 0);
	CHECK(sent == 5);

	QBuffer buffer;
	CHECK(buffer.readChannelCount() == 0);
	buffer.open(QIODevice::ReadOnly);
	CHECK(buffer.readChannelCount() == 1);
	CHECK(buffer.writeChannelCount() == 0);
	CHECK(buffer.currentReadChannel() == 0);
	CHECK(buffer.currentWriteChannel() == 0);
	buffer.setCurrentReadChannel(0);
	buffer.setCurrentWriteChannel(0);
}

TEST_CASE("sctp: messages on channels")
{
	if (lacksSctp())
		return;
	Connected pair(4);
	CHECK(pair.client.readChannelCount() == 4);
	CHECK(pair.peer->maximumChannelCount() == 4);
	std::vector<int> ready;
	int current = 0;
	pair.peer->channelReadyRead.connect([&](int c) { ready.push_back(c); });
	pair.peer->readyRead.connect([&] { current++; });
	for (int c = 0; c < 4; c++) {
		pair.client.setCurrentWriteChannel(c);
		CHECK(pair.client.writeDatagram(QNetworkDatagram("message " + std::to_string(c))));
	}
	CHECK(until([&] { return ready.size() == 4; }));
	CHECK(current == 1);
	for (int c = 3; c >= 0; c--) {
		pair.peer->setCurrentReadChannel(c);
		QNetworkDatagram got = pair.peer->readDatagram();
		CHECK(got.data() == "message " + std::to_string(c));
		CHECK(got.senderPort() == pair.client.localPort());
		CHECK(pair.peer->readDatagram().isNull());
	}
	const std::string large(1 << 20, 'x');
	CHECK(pair.client.writeDatagram(QNetworkDatagram(large)));
	pair.peer->setCurrentReadChannel(3);
	CHECK(until([&] { return pair.peer->bytesAvailable() > 0; }));
	CHECK(pair.peer->readDatagram().data() == large);
	bool ended = false;
	pair.client.disconnected.connect([&] { ended = true; });
	pair.peer->close();
	CHECK(until([&] { return ended; }));
	CHECK(pair.client.error() == QAbstractSocket::RemoteHostClosedError);
}

TEST_CASE("sctp: a byte stream")
{
	if (lacksSctp())
		return;
	Connected pair(-1);
	CHECK_FALSE(pair.peer->isInDatagramMode());
	const std::string text(200000, 'y');
	CHECK(pair.client.write(text) == 200000);
	CHECK(until([&] { return pair.peer->bytesAvailable() == 200000; }));
	CHECK(pair.peer->readAll() == text);
}

TEST_CASE("sctp: incomingConnection() of one's own")
{
	if (lacksSctp())
		return;
	struct Server : QSctpServer {
		int came = 0;

	protected:
		void incomingConnection(qintptr descriptor) override
		{
			came++;
			QSctpServer::incomingConnection(descriptor);
		}
	} server;
	server.setMaximumChannelCount(3);
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QSctpSocket client;
	client.setMaximumChannelCount(9);
	client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	REQUIRE(until([&] { return server.hasPendingConnections(); }));
	QSctpSocket *peer = server.nextPendingDatagramConnection();
	REQUIRE(peer != nullptr);
	CHECK(server.came == 1);
	CHECK(peer->maximumChannelCount() == 3);
	CHECK(peer->readChannelCount() == 3);
}
