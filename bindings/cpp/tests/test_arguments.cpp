// Arguments at their limits: null pointers, sizes below zero, times that fit nowhere.
#include "support.h"

#include <cmath>
#include <limits>
#include <ratio>

using namespace std::chrono_literals;

namespace {
const char *const null = nullptr;
const std::string with_nul("localhost\0.invalid", 18);
constexpr int longest = std::numeric_limits<int>::max();
} // namespace

TEST_CASE("arguments: a null text is an empty one")
{
	Pair pair;
	CHECK(pair.client.write(null) == 0);
	CHECK(pair.client.write(std::string_view()) == 0);
	CHECK(pair.client.write(nullptr, 0) == 0);
	CHECK(pair.client.write("text") == 4);
	CHECK(pair.client.write(std::string("text")) == 4);

	QObject object;
	object.setObjectName("name");
	QObject child(&object);
	CHECK(object.findChild<QObject *>(null) == &child);
	object.setObjectName(null);
	CHECK(object.objectName().empty());
	CHECK(QObject::tr(null).empty());
	pair.client.setProtocolTag("tag");
	CHECK(pair.client.protocolTag() == "tag");
	pair.client.setProtocolTag(null);
	CHECK(pair.client.protocolTag().empty());

	QTcpSocket socket;
	bool failed = false;
	socket.errorOccurred.connect([&] { failed = true; });
	socket.connectToHost(null, 1);
	CHECK(until([&] { return failed; }));
	CHECK(socket.error() == QAbstractSocket::HostNotFoundError);

	CHECK(QHostAddress(null).isNull());
	CHECK(QHostAddress(static_cast<const quint8 *>(nullptr)).isNull());
	QHostAddress address(QHostAddress::LocalHostIPv6);
	address.setScopeId(null);
	CHECK_FALSE(address.setAddress(null));
	CHECK(QHostAddress::parseSubnet(null).second == -1);
	CHECK(QHostInfo::fromName(null).error() == QHostInfo::HostNotFound);
	QHostInfo info;
	info.setHostName(null);
	info.setErrorString(null);
	CHECK(info.errorString().empty());
	CHECK_FALSE(QNetworkInterface::interfaceFromName(null).isValid());

	CHECK(QNetworkDatagram(null).isNull());
	QNetworkDatagram datagram("x");
	CHECK(datagram.makeReply(null).data().empty());
	datagram.setData(null);
	CHECK(datagram.data().empty());

	QLocalServer server;
	CHECK_FALSE(server.listen(null));
	CHECK(QLocalServer::removeServer(null) == QLocalServer::removeServer(""));
	QLocalSocket local;
	local.setServerName(null);
	local.connectToServer(null);
	CHECK(local.error() == QLocalSocket::ServerNotFoundError);
	Messages messages;
	CHECK(local.writeWithDescriptors(null, {}) == -1);
	QCoreApplication::setApplicationName(null);
	CHECK(QCoreApplication::applicationName().empty());
	QCoreApplication::setApplicationVersion(null);

	int argc = 2;
	char program[] = "program";
	char *argv[] = {program, nullptr};
	QCoreApplication application(argc, argv);
	CHECK(QCoreApplication::arguments() == std::vector<std::string>{"program"});
}

TEST_CASE("arguments: a name is not what stands before its NUL")
{
	QTcpSocket socket;
	bool failed = false;
	socket.errorOccurred.connect([&] { failed = true; });
	socket.connectToHost(with_nul, 1);
	CHECK(until([&] { return failed; }));
	CHECK(socket.error() == QAbstractSocket::HostNotFoundError);
	CHECK(socket.peerName() == with_nul);
	CHECK(QHostInfo::fromName(with_nul).error() == QHostInfo::HostNotFound);
	QHostInfo::HostInfoError error = QHostInfo::NoError;
	QHostInfo::lookupHost(with_nul, [&](const QHostInfo &info) { error = info.error(); });
	CHECK(until([&] { return error != QHostInfo::NoError; }));
	CHECK(QHostAddress(std::string_view("127.0.0.1\0x", 11)).isNull());
	CHECK(QHostAddress::parseSubnet(std::string("10/8\0x", 6)).second == -1);
	CHECK(QNetworkInterface::interfaceIndexFromName(std::string("lo\0x", 4)) == 0);
	socket.setProtocolTag(with_nul);
	CHECK(socket.protocolTag() == with_nul);
}

TEST_CASE("arguments: sizes below zero are refused with a warning, in strings too")
{
	Pair pair;
	QTcpSocket &in = *pair.peer;
	pair.client.write("abcdef\nx");
	pair.client.flush();
	REQUIRE(until([&] { return in.bytesAvailable() == 8; }));
	Messages messages;
	char buffer[8];
	CHECK(in.read(buffer, -1) == -1);
	CHECK(in.read(-1).empty());
	CHECK(in.peek(buffer, -1) == -1);
	CHECK(in.peek(std::numeric_limits<qint64>::min()).empty());
	CHECK(in.readLine(buffer, 1) == -1);
	CHECK(in.readLine(1).empty());
	CHECK(in.readLine(-1).empty());
	CHECK(in.skip(-1) == -1);
	CHECK(in.write("abc", -1) == -1);
	CHECK(in.write(nullptr, 1) == -1);
	CHECK(in.read(nullptr, 1) == -1);
	CHECK(messages.all().size() == 11);
	CHECK(in.read(0).empty());
	CHECK(in.readLine(4) == "abc"); // one for the NUL, as in Qt
	CHECK(in.readLine(2) == "d");
	CHECK(in.readLine(std::numeric_limits<qint64>::max()) == "ef\n");
	CHECK(in.peek(std::numeric_limits<qint64>::max()) == "x");
	CHECK(in.read(std::numeric_limits<qint64>::max()) == "x");
	CHECK(in.read(10).empty());
	CHECK(messages.all().size() == 11);

	QTcpSocket closed;
	CHECK(closed.read(10).empty());
	CHECK(closed.peek(10).empty());
	CHECK(closed.readLine().empty());
	CHECK(messages.all().size() == 14);

	QUdpSocket udp;
	CHECK(udp.bind(QHostAddress::LocalHost));
	CHECK(udp.writeDatagram("abc", -1, QHostAddress::LocalHost, udp.localPort()) == -1);
	CHECK(udp.writeDatagram(nullptr, 1, QHostAddress::LocalHost, udp.localPort()) == -1);
	CHECK(udp.writeDatagrams(nullptr, 1) == -1);
	CHECK(udp.readDatagrams(nullptr, 1) == -1);
	CHECK(udp.writeDatagram(QNetworkDatagram("x")) == -1); // nowhere
}

TEST_CASE("arguments: a datagram of no bytes is read like any other")
{
	QUdpSocket sender, udp;
	REQUIRE(sender.bind(QHostAddress::LocalHost));
	udp.connectToHost(QHostAddress::LocalHost, sender.localPort());
	REQUIRE(until([&] { return udp.state() == QAbstractSocket::ConnectedState; }));
	CHECK(udp.read(10).empty());
	CHECK(sender.writeDatagram(null, QHostAddress::LocalHost, udp.localPort()) == 0);
	CHECK(sender.writeDatagram("x", QHostAddress::LocalHost, udp.localPort()) == 1);
	REQUIRE(until([&] { return udp.hasPendingDatagrams(); }));
	CHECK(udp.read(10).empty());
	CHECK(udp.read(10) == "x");
}

TEST_CASE("arguments: a null slot is refused with a warning")
{
	Counter sender, receiver;
	Messages messages;
	void (*function)(int) = nullptr;
	void (Counter::*method)(int) = nullptr;
	void (*found)(const QHostInfo &) = nullptr;
	void (*call)() = nullptr;
	CHECK_FALSE(QObject::connect(&sender, &Counter::changed, function));
	CHECK_FALSE(QObject::connect(&sender, &Counter::changed, &receiver, function));
	CHECK_FALSE(QObject::connect(&sender, &Counter::changed, &receiver, method));
	CHECK_FALSE(QMetaObject::invokeMethod(&receiver, call));
	CHECK_FALSE(LoopRef().post(call));
	CHECK(QHostInfo::lookupHost("localhost", found) == -1);
	CHECK(QHostInfo::lookupHost("localhost", &receiver, found) == -1);
	QTimer::singleShot(0, call);
	QTimer::singleShot(0, &receiver, call);
	CHECK(messages.all().size() == 9);
	sender.changed(1);
	settle();
}

TEST_CASE("arguments: times that do not fit are the longest, and none is early")
{
	using Attoseconds = std::chrono::duration<qint64, std::atto>;
	using Years = std::chrono::duration<double, std::ratio<31556952>>;
	QTimer timer;
	auto interval = [&](auto time) {
		timer.setInterval(time);
		return timer.interval();
	};
	CHECK(interval(std::chrono::hours::max()) == longest);
	CHECK(interval(std::chrono::milliseconds::max()) == longest);
	CHECK(interval(std::chrono::nanoseconds::max()) == longest);
	CHECK(interval(Years(1e300)) == longest);
	CHECK(interval(std::chrono::duration<double>(std::numeric_limits<double>::infinity())) == longest);
	CHECK(interval(5000000000ms) == longest);
	CHECK(interval(std::chrono::milliseconds(longest)) == longest);
	CHECK(interval(std::chrono::milliseconds(longest - 1)) == longest - 1);
	CHECK(interval(std::chrono::microseconds(qint64(longest - 1) * 1000 - 999)) == longest - 1);
	CHECK(interval(std::chrono::microseconds(qint64(longest) * 1000 + 1)) == longest);
	CHECK(interval(1ns) == 1);
	CHECK(interval(1000001ns) == 2);
	CHECK(interval(Attoseconds(1)) == 1);
	CHECK(interval(std::chrono::duration<float>(0.0015f)) == 2);
	CHECK(interval(24h) == 86400000);
	CHECK(interval(0s) == 0);
	CHECK(interval(-1ns) == 0);

	Messages messages;
	timer.setInterval(7);
	CHECK(interval(std::chrono::hours::min()) == 7);
	CHECK(interval(std::chrono::nanoseconds::min()) == 7);
	CHECK(interval(-1ms) == 7);
	CHECK(interval(std::chrono::duration<double>(std::nan(""))) == 7);
	CHECK(interval(Years(-1e300)) == 7);
	CHECK(messages.all().size() == 5);
	timer.start(std::chrono::hours::min());
	CHECK_FALSE(timer.isActive());
	CHECK(messages.all().size() == 6);
	timer.start(std::chrono::hours::max());
	CHECK(timer.isActive());
	CHECK(timer.interval() == longest);

	// None is called, at once or ever.
	int calls = 0;
	Loop loop;
	Loop::Scope scope(loop);
	for (qint64 msec : {5000000000, 4294967296, 4294967297, std::numeric_limits<qint64>::max()})
		QTimer::singleShot(msec, [&] { calls++; });
	QTimer::singleShot(std::numeric_limits<quint64>::max(), [&] { calls++; });
	QTimer::singleShot(4294967295u, [&] { calls++; });
	QTimer::singleShot(std::chrono::hours::max(), [&] { calls++; });
	CHECK(messages.all().size() == 6);
	QTimer::singleShot(std::numeric_limits<qint64>::min(), [&] { calls++; });
	QTimer::singleShot(-4294967295, [&] { calls++; });
	CHECK(messages.all().size() == 8);
	bool later = false;
	QTimer::singleShot(2, [&] { later = true; });
	CHECK(until([&] { return later; }));
	CHECK(calls == 0);
}
