#include "support.h"

TEST_CASE("udp: there and back")
{
	QUdpSocket server, client;
	CHECK(server.socketType() == QAbstractSocket::UdpSocket);
	REQUIRE(server.bind(QHostAddress::LocalHost));
	CHECK(server.state() == QAbstractSocket::BoundState);
	CHECK_FALSE(server.hasPendingDatagrams());
	CHECK(server.pendingDatagramSize() == -1);
	bool ready = false;
	server.readyRead.connect([&] { ready = true; });
	qint64 written = 0;
	client.bytesWritten.connect([&](qint64 bytes) { written += bytes; });
	CHECK(client.writeDatagram("hello", 5, QHostAddress::LocalHost, server.localPort()) == 5);
	CHECK(written == 5);
	CHECK(client.writeDatagram(std::string("second"), QHostAddress::LocalHost, server.localPort()) == 6);
	CHECK(until([&] { return ready; }));
	CHECK(server.hasPendingDatagrams());
	CHECK(server.pendingDatagramSize() == 5);
	char buffer[32];
	QHostAddress from;
	quint16 port = 0;
	CHECK(server.readDatagram(buffer, sizeof buffer, &from, &port) == 5);
	CHECK(std::string(buffer, 5) == "hello");
	CHECK(from == QHostAddress::LocalHost);
	CHECK(port == client.localPort());
	CHECK(server.readDatagram(buffer, 3) == 3); // the rest is dropped
	CHECK(server.droppedDatagrams() == 0);
	QAbstractSocket::SocketError error = QAbstractSocket::UnknownSocketError;
	server.errorOccurred.connect([&](QAbstractSocket::SocketError e) { error = e; });
	CHECK(server.readDatagram(buffer, sizeof buffer) == -1);
	CHECK(error == QAbstractSocket::TemporaryError);
}

TEST_CASE("udp: datagrams with their way")
{
	QUdpSocket server, client;
	REQUIRE(server.bind(QHostAddress::LocalHost));
	REQUIRE(client.bind(QHostAddress::LocalHost));
	QNetworkDatagram datagram("question", QHostAddress::LocalHost, server.localPort());
	datagram.setHopLimit(7);
	CHECK(client.writeDatagram(datagram) == 8);
	CHECK(server.waitForReadyRead(5000));
	QNetworkDatagram got = server.receiveDatagram();
	CHECK(got.isValid());
	CHECK(got.data() == "question");
	CHECK(got.senderAddress() == QHostAddress::LocalHost);
	CHECK(got.senderPort() == client.localPort());
	CHECK(got.destinationAddress() == QHostAddress::LocalHost);
	CHECK(got.destinationPort() == server.localPort());
	CHECK(got.hopLimit() == 7);
	CHECK(server.writeDatagram(got.makeReply("answer")) == 6);
	CHECK(client.waitForReadyRead(5000));
	CHECK(client.receiveDatagram(3).data() == "ans");
	CHECK(client.receiveDatagram().isNull());

	std::vector<QNetworkDatagram> many;
	for (int i = 0; i < 10; i++)
		many.emplace_back(std::to_string(i), QHostAddress::LocalHost, server.localPort());
	CHECK(client.writeDatagrams(many) == 10);
	CHECK(server.waitForReadyRead(5000));
	char room[16][8];
	qnet_datagram read[16] = {};
	for (int i = 0; i < 16; i++) {
		read[i].data = room[i];
		read[i].capacity = sizeof room[i];
	}
	std::string all;
	CHECK(until([&] {
		const int count = server.hasPendingDatagrams() ? server.readDatagrams(read, 16) : 0;
		for (int i = 0; i < count; i++)
			all.append(room[i], static_cast<std::size_t>(read[i].size));
		return all.size() == 10;
	}));
	CHECK(all == "0123456789");

	QNetworkDatagram value;
	CHECK(value.isNull());
	value.setData("x");
	value.setSender(QHostAddress::LocalHost, 5);
	value.setDestination(QHostAddress("10.0.0.1"), 6);
	value.setInterfaceIndex(3);
	CHECK(value.senderPort() == 5);
	CHECK(value.destinationAddress().toString() == "10.0.0.1");
	CHECK(value.interfaceIndex() == 3);
	value.clear();
	CHECK(value.isNull());
}

TEST_CASE("udp: connected to one peer")
{
	QUdpSocket server, client;
	REQUIRE(server.bind(QHostAddress::LocalHost));
	client.connectToHost(QHostAddress::LocalHost, server.localPort());
	REQUIRE(client.waitForConnected());
	CHECK(client.write("abc") == 3);
	CHECK(server.waitForReadyRead(5000));
	CHECK(server.receiveDatagram().data() == "abc");
	QAbstractSocket base(QAbstractSocket::UdpSocket), tcp(QAbstractSocket::TcpSocket);
	CHECK(base.socketType() == QAbstractSocket::UdpSocket);
	CHECK(tcp.socketType() == QAbstractSocket::TcpSocket);
}

TEST_CASE("udp: multicast and interfaces")
{
	const QNetworkInterface loopback = QNetworkInterface::interfaceFromName("lo");
	REQUIRE(loopback.isValid());
	CHECK(loopback.name() == "lo");
	CHECK(QNetworkInterface::interfaceFromIndex(loopback.index()) == loopback);
	CHECK(QNetworkInterface() != loopback);
	CHECK_FALSE(QNetworkInterface::interfaceFromName("none at all").isValid());
	CHECK_FALSE(QNetworkInterface::interfaceFromIndex(1 << 20).isValid());

	const QHostAddress group("239.255.43.21");
	QUdpSocket receiver, sender;
	REQUIRE(receiver.bind(QHostAddress::AnyIPv4, 0, QAbstractSocket::ShareAddress));
	CHECK(receiver.joinMulticastGroup(group, loopback));
	CHECK_FALSE(receiver.joinMulticastGroup(group, loopback));
	REQUIRE(sender.bind(QHostAddress::AnyIPv4));
	sender.setMulticastInterface(loopback);
	CHECK(sender.multicastInterface() == loopback);
	CHECK(sender.writeDatagram("to all", group, receiver.localPort()) == 6);
	CHECK(receiver.waitForReadyRead(5000));
	CHECK(receiver.receiveDatagram().data() == "to all");
	CHECK(receiver.leaveMulticastGroup(group, loopback));
	CHECK_FALSE(receiver.leaveMulticastGroup(group, loopback));
}

TEST_CASE("udp: deleted in its slot")
{
	auto *server = new QUdpSocket;
	REQUIRE(server->bind(QHostAddress::LocalHost));
	bool gone = false;
	server->destroyed.connect([&] { gone = true; });
	server->readyRead.connect([server] { delete server; });
	QUdpSocket client;
	client.writeDatagram("x", 1, QHostAddress::LocalHost, server->localPort());
	CHECK(until([&] { return gone; }));
}
