#include "support.h"

#include <cstdio>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

namespace {

/// Waits, with the loop, until the peer has so many bytes.
bool arrive(QIODevice &device, qint64 size)
{
	return until([&] { return device.bytesAvailable() >= size; });
}

} // namespace

TEST_CASE("socket: a fresh one")
{
	QTcpSocket socket;
	CHECK(socket.state() == QAbstractSocket::UnconnectedState);
	CHECK(socket.state() == QAbstractSocket::SocketState::UnconnectedState);
	CHECK(socket.error() == QAbstractSocket::UnknownSocketError);
	CHECK(socket.errorString() == "Unknown error");
	CHECK(socket.socketType() == QAbstractSocket::TcpSocket);
	CHECK(socket.socketDescriptor() == -1);
	CHECK_FALSE(socket.isValid());
	CHECK_FALSE(socket.isOpen());
	CHECK(socket.openMode() == QIODevice::NotOpen);
	CHECK(socket.isSequential());
	CHECK(socket.peerName().empty());
	CHECK(socket.peerAddress().isNull());
	CHECK(socket.localAddress().isNull());
	CHECK(socket.peerPort() == 0);
	CHECK(socket.localPort() == 0);
	CHECK(socket.pauseMode() == QAbstractSocket::PauseNever);
	socket.setPauseMode(QAbstractSocket::PauseOnSslErrors);
	CHECK(socket.pauseMode().testFlag(QAbstractSocket::PauseOnSslErrors));
	socket.resume();
	socket.setProtocolTag("echo");
	CHECK(socket.protocolTag() == "echo");
	CHECK(socket.write("x") == -1);
	CHECK(socket.readAll().empty());
}

TEST_CASE("socket: connecting, with every signal in order")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QTcpSocket socket;
	std::string log;
	socket.stateChanged.connect([&](QAbstractSocket::SocketState state) { log += std::to_string(state) + ' '; });
	socket.hostFound.connect([&] { log += "found "; });
	socket.connected.connect([&] { log += "connected "; });
	socket.aboutToClose.connect([&] { log += "closing "; });
	socket.readChannelFinished.connect([&] { log += "finished "; });
	socket.disconnected.connect([&] { log += "disconnected "; });
	socket.errorOccurred.connect([&](QAbstractSocket::SocketError) { log += "error "; });
	socket.connectToHost("127.0.0.1", server.serverPort());
	CHECK(until([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
	CHECK(socket.isValid());
	CHECK(socket.isOpen());
	CHECK(socket.isReadable());
	CHECK(socket.isWritable());
	CHECK(socket.openMode() == QIODevice::ReadWrite);
	CHECK(socket.peerName() == "127.0.0.1");
	CHECK(socket.peerAddress() == QHostAddress::LocalHost);
	CHECK(socket.peerPort() == server.serverPort());
	CHECK(socket.localAddress() == QHostAddress(QHostAddress::LocalHost));
	CHECK(socket.localPort() != 0);
	CHECK(socket.socketDescriptor() > 2);
	socket.close();
	CHECK(until([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
	CHECK(log == "1 2 found 3 connected closing 6 0 finished disconnected ");
}

TEST_CASE("socket: all ways to read and to write")
{
	Pair pair;
	QTcpSocket &out = pair.client, &in = *pair.peer;
	CHECK(out.write("one\n") == 4);
	CHECK(out.write(std::string("two\n")) == 4);
	CHECK(out.write(std::string_view("three\nrest")) == 10);
	CHECK(out.write("0123456789", 4) == 4);
	CHECK(out.putChar('!'));
	CHECK(out.bytesToWrite() == 23);
	CHECK(out.flush());
	CHECK(out.bytesToWrite() == 0);
	REQUIRE(arrive(in, 23));
	CHECK(in.bytesAvailable() == 23);
	CHECK_FALSE(in.atEnd());
	CHECK(in.canReadLine());
	CHECK(in.peek(5) == "one\nt");
	char buffer[32] = {};
	CHECK(in.peek(buffer, 3) == 3);
	CHECK(std::string(buffer) == "one");
	CHECK(in.readLine() == "one\n");
	CHECK(in.readLine(3) == "tw");
	CHECK(in.readLine() == "o\n");
	CHECK(in.readLine(buffer, sizeof buffer) == 6);
	CHECK(std::string(buffer) == "three\n");
	CHECK_FALSE(in.canReadLine());
	char c = 0;
	CHECK(in.getChar(&c));
	CHECK(c == 'r');
	in.ungetChar(c);
	CHECK(in.read(4) == "rest");
	CHECK(in.read(buffer, 2) == 2);
	CHECK(std::memcmp(buffer, "01", 2) == 0);
	CHECK(in.skip(1) == 1);
	CHECK(in.peekBuffer() == "3!");
	CHECK(in.readAll() == "3!");
	CHECK(in.atEnd());
	CHECK(in.peekBuffer().empty());
	CHECK(in.readAll().empty());
	CHECK(in.read(10).empty());
	CHECK(in.readLine().empty());
	CHECK(in.peek(1).empty());
	CHECK_FALSE(in.getChar(nullptr));
	out.write(std::string_view("a\0b", 3));
	REQUIRE(arrive(in, 3));
	CHECK(in.readAll() == std::string("a\0b", 3));
}

TEST_CASE("socket: a line that is not complete, and text mode")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QTcpSocket socket;
	socket.connectToHost(QHostAddress::LocalHost, server.serverPort(), QIODevice::ReadWrite | QIODevice::Text);
	REQUIRE(socket.waitForConnected());
	CHECK(socket.isTextModeEnabled());
	CHECK(socket.openMode().testFlag(QIODevice::Text));
	REQUIRE(server.waitForNewConnection(5000));
	QTcpSocket *peer = server.nextPendingConnection();
	peer->write("a\r\nb");
	peer->flush();
	REQUIRE(arrive(socket, 4));
	CHECK(socket.readLine() == "a\n");
	CHECK(socket.readLine() == "b");
}

TEST_CASE("socket: transactions")
{
	Pair pair;
	pair.client.write("abc");
	REQUIRE(arrive(*pair.peer, 3));
	pair.peer->startTransaction();
	CHECK(pair.peer->isTransactionStarted());
	CHECK(pair.peer->readAll() == "abc");
	pair.peer->rollbackTransaction();
	pair.peer->startTransaction();
	CHECK(pair.peer->read(1) == "a");
	pair.peer->commitTransaction();
	CHECK_FALSE(pair.peer->isTransactionStarted());
	CHECK(pair.peer->readAll() == "bc");
}

TEST_CASE("socket: bytesWritten and readyRead")
{
	Pair pair;
	qint64 written = 0;
	std::string read;
	pair.client.bytesWritten.connect([&](qint64 bytes) { written += bytes; });
	QObject::connect(pair.peer, &QTcpSocket::readyRead, [&] { read += pair.peer->readAll(); });
	const std::string much(1 << 20, 'x');
	CHECK(pair.client.write(much) == 1 << 20);
	CHECK(until([&] { return read.size() == much.size() && written == 1 << 20; }));
	CHECK(read == much);
}

TEST_CASE("socket: refused")
{
	quint16 port;
	{
		QTcpServer server;
		REQUIRE(server.listen(QHostAddress::LocalHost));
		port = server.serverPort();
	}
	QTcpSocket socket;
	QAbstractSocket::SocketError error = QAbstractSocket::UnknownSocketError;
	QObject::connect(&socket, &QAbstractSocket::errorOccurred, [&](QAbstractSocket::SocketError e) { error = e; });
	socket.connectToHost(QHostAddress::LocalHost, port);
	CHECK(until([&] { return error != QAbstractSocket::UnknownSocketError; }));
	CHECK(error == QAbstractSocket::ConnectionRefusedError);
	CHECK(socket.error() == QAbstractSocket::ConnectionRefusedError);
	CHECK(socket.errorString() == "Connection refused");
	CHECK_FALSE(socket.waitForConnected(0));
}

TEST_CASE("socket: the wait functions, without a running loop")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QTcpSocket client;
	client.connectToHost(QHostAddress::LocalHost, server.serverPort());
	CHECK(client.waitForConnected(5000));
	bool timedOut = true;
	CHECK(server.waitForNewConnection(5000, &timedOut));
	CHECK_FALSE(timedOut);
	QTcpSocket *peer = server.nextPendingConnection();
	client.write("hello");
	CHECK(client.waitForBytesWritten(5000));
	CHECK(peer->waitForReadyRead(5000));
	CHECK(peer->readAll() == "hello");
	CHECK_FALSE(peer->waitForReadyRead(1));
	CHECK(peer->error() == QAbstractSocket::SocketTimeoutError);
	CHECK_FALSE(peer->waitForBytesWritten(1));
	client.disconnectFromHost();
	CHECK(peer->waitForDisconnected(5000));
	CHECK(peer->error() == QAbstractSocket::RemoteHostClosedError);
	CHECK_FALSE(server.waitForNewConnection(1, &timedOut));
	CHECK(timedOut);
	Messages messages;
	CHECK_FALSE(peer->waitForDisconnected(1));
	CHECK(messages.all().size() == 1);
}

TEST_CASE("socket: bind, and descriptors")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QTcpSocket socket;
	CHECK(socket.bind(QHostAddress::LocalHost, 0, QAbstractSocket::ShareAddress | QAbstractSocket::ReuseAddressHint));
	const quint16 port = socket.localPort();
	CHECK(port != 0);
	CHECK(socket.state() == QAbstractSocket::BoundState);
	socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
	CHECK(socket.waitForConnected());
	CHECK(socket.localPort() == port);
	QTcpSocket any;
	CHECK(any.bind());

	int pair[2];
	REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	QTcpSocket taken;
	CHECK(taken.setSocketDescriptor(pair[0]));
	CHECK(taken.socketDescriptor() == pair[0]);
	CHECK(::write(pair[1], "x", 1) == 1);
	CHECK(taken.waitForReadyRead());
	CHECK(taken.readAll() == "x");
	::close(pair[1]);
	CHECK_FALSE(QTcpSocket().setSocketDescriptor(-1));
}

TEST_CASE("socket: options and buffers")
{
	Pair pair;
	pair.client.setSocketOption(QAbstractSocket::LowDelayOption, 1);
	CHECK(pair.client.socketOption(QAbstractSocket::LowDelayOption).toInt() == 1);
	int value = pair.client.socketOption(QAbstractSocket::LowDelayOption);
	CHECK(value == 1);
	CHECK_FALSE(QTcpSocket().socketOption(QAbstractSocket::LowDelayOption).isValid());
	QTcpSocket early;
	early.setSocketOption(QAbstractSocket::KeepAliveOption, 1);
	CHECK(early.bind(QHostAddress::LocalHost));
	CHECK(early.socketOption(QAbstractSocket::KeepAliveOption).toInt() == 1);
	pair.peer->setReadBufferSize(10);
	CHECK(pair.peer->readBufferSize() == 10);
	pair.client.write(std::string(100, 'x'));
	CHECK(until([&] { return pair.peer->bytesAvailable() == 10; }));
	CHECK(pair.client.writeBufferLimit() == 0);
	bool drained = false;
	pair.client.writeBufferDrained.connect([&] { drained = true; });
	pair.client.setWriteBufferLimit(1000);
	CHECK(pair.client.writeBufferLimit() == 1000);
	CHECK(pair.client.write(std::string(1500, 'y')) < 1500);
	CHECK(until([&] { return drained; }));
}

TEST_CASE("socket: bytes that are not copied")
{
	Pair pair;
	static const std::string kept(200000, 'k');
	int returned = 0;
	std::FILE *file = std::tmpfile();
	REQUIRE(file != nullptr);
	CHECK(std::fputs("in the file", file) >= 0);
	std::fflush(file);
	CHECK(pair.client.writeParts({ "one ", std::string("two "), "" }) == 8);
	CHECK(pair.client.writeLent(kept.data(), static_cast<qint64>(kept.size()), [&] { returned++; }) == 200000);
	CHECK(pair.client.sendFile(fileno(file), 3) == 8);
	CHECK(pair.client.sendFile(fileno(file), 0, 12) == -1);
	CHECK(pair.client.error() == QAbstractSocket::OperationError);
	CHECK(pair.client.writeLent("end", 3) == 3);
	CHECK(returned == 0);
	REQUIRE(until([&] { return pair.peer->bytesAvailable() == 200019; }));
	CHECK(returned == 1);
	CHECK(pair.peer->read(8) == "one two ");
	std::FILE *received = std::tmpfile();
	REQUIRE(received != nullptr);
	CHECK(pair.peer->readToFile(fileno(received), 200008) == 200008);
	CHECK(pair.peer->readAll() == "end");
	std::string text(8, ' ');
	CHECK(std::fseek(received, 200000, SEEK_SET) == 0);
	CHECK(std::fread(&text[0], 1, 8, received) == 8);
	CHECK(text == "the file");
	std::fclose(received);
	std::fclose(file);
	// Nothing is lent, so nothing comes back.
	CHECK(QTcpSocket().writeLent("x", 1, [&] { returned++; }) == -1);
	pair.client.writeLent(kept.data(), 10, [&] { returned++; });
	pair.client.abort();
	CHECK(returned == 2);
}

TEST_CASE("socket: messages whole or not at all")
{
	Pair pair;
	CHECK_FALSE(pair.client.writesWhole());
	pair.client.setWritesWhole(true);
	CHECK(pair.client.writesWhole());
	pair.client.setWriteBufferLimit(10);
	CHECK(pair.client.write("1234567") == 7);
	CHECK(pair.client.write("1234567") == 0);
	CHECK(pair.client.write("1234567890a") == -1);
	CHECK(pair.client.error() == QAbstractSocket::OperationError);
}

TEST_CASE("socket: one direction after the other")
{
	Pair pair;
	CHECK_FALSE(pair.peer->allowHalfOpen());
	pair.peer->setAllowHalfOpen(true);
	CHECK(pair.peer->allowHalfOpen());
	int finished = 0, errors = 0;
	pair.peer->readChannelFinished.connect([&] { finished++; });
	pair.peer->errorOccurred.connect([&] { errors++; });
	pair.client.write("request");
	pair.client.closeWriteChannel();
	CHECK_FALSE(pair.client.isWritable());
	CHECK(pair.client.write("more") == -1);
	CHECK(pair.client.error() == QAbstractSocket::OperationError);
	REQUIRE(until([&] { return finished == 1; }));
	CHECK(pair.peer->isReadChannelFinished());
	CHECK(pair.peer->state() == QAbstractSocket::ConnectedState);
	CHECK(pair.peer->readAll() == "request");
	pair.peer->write("answer");
	REQUIRE(until([&] { return pair.client.bytesAvailable() == 6; }));
	pair.peer->disconnectFromHost();
	CHECK(until([&] { return pair.client.state() == QAbstractSocket::UnconnectedState; }));
	CHECK(finished == 1);
	CHECK(errors == 0);
}

TEST_CASE("socket: one's own kind")
{
	struct Mine : QTcpSocket {
		void pretend()
		{
			setLocalAddress(QHostAddress("10.0.0.1"));
			setLocalPort(1);
			setPeerAddress(QHostAddress("10.0.0.2"));
			setPeerPort(2);
			setPeerName("peer");
			setSocketError(NetworkError);
			setSocketState(ConnectedState);
		}
		void disconnectFromHost() override { called = true; }
		bool called = false;
	} mine;
	mine.pretend();
	CHECK(mine.localAddress().toString() == "10.0.0.1");
	CHECK(mine.localPort() == 1);
	CHECK(mine.peerAddress().toString() == "10.0.0.2");
	CHECK(mine.peerPort() == 2);
	CHECK(mine.peerName() == "peer");
	CHECK(mine.error() == QAbstractSocket::NetworkError);
	CHECK(mine.state() == QAbstractSocket::ConnectedState);
	static_cast<QAbstractSocket &>(mine).disconnectFromHost();
	CHECK(mine.called);
}

TEST_CASE("socket: deleted in each of its slots")
{
	auto deleted = [](auto connect) {
		QTcpServer server;
		REQUIRE(server.listen(QHostAddress::LocalHost));
		auto *socket = new QTcpSocket;
		bool gone = false;
		socket->destroyed.connect([&] { gone = true; });
		connect(*socket);
		server.newConnection.connect([&] {
			QTcpSocket *peer = server.nextPendingConnection();
			peer->write("x");
			peer->disconnectFromHost();
		});
		socket->connectToHost(QHostAddress::LocalHost, server.serverPort());
		socket->write("y");
		return until([&] { return gone; });
	};
	CHECK(deleted([](QTcpSocket &s) { s.connected.connect([&s] { delete &s; }); }));
	CHECK(deleted([](QTcpSocket &s) { s.readyRead.connect([&s] { delete &s; }); }));
	CHECK(deleted([](QTcpSocket &s) { s.bytesWritten.connect([&s] { delete &s; }); }));
	CHECK(deleted([](QTcpSocket &s) { s.disconnected.connect([&s] { delete &s; }); }));
	CHECK(deleted([](QTcpSocket &s) { s.errorOccurred.connect([&s] { delete &s; }); }));
	CHECK(deleted([](QTcpSocket &s) { s.disconnected.connect([&s] { s.deleteLater(); }); }));
	CHECK(deleted([](QTcpSocket &s) {
		s.stateChanged.connect([&s](QAbstractSocket::SocketState state) {
			if (state == QAbstractSocket::ConnectedState)
				delete &s;
		});
	}));
}

TEST_CASE("socket: nothing is left behind")
{
	{
		Pair warm;
	}
	settle();
	const int before = descriptors();
	for (int i = 0; i < 20; i++) {
		Pair pair;
		pair.peer->readyRead.connect([&] {});
	}
	settle();
	CHECK(descriptors() == before);
}
