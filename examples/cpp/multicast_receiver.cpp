// multicast_receiver: prints datagrams that are sent to a group, and ends after some.
//
//   multicast_receiver [--port PORT] [--group ADDRESS] [--interface NAME] [--count COUNT]
#include "arguments.h"
#include "port.h"

namespace {

class Receiver : public QObject {
public:
	explicit Receiver(int count) : left_(count) { connect(&socket_, &QUdpSocket::readyRead, this, &Receiver::print); }

	/// Others may listen beside us.
	bool join(const QHostAddress &group, quint16 port, const std::string &interface)
	{
		if (!socket_.bind(QHostAddress(QHostAddress::AnyIPv4), port, QUdpSocket::ShareAddress))
			return false;
		if (interface.empty())
			return socket_.joinMulticastGroup(group);
		return socket_.joinMulticastGroup(group, QNetworkInterface::interfaceFromName(string(interface)));
	}
	const QUdpSocket &socket() const { return socket_; }

private:
	void print()
	{
		while (left_ > 0 && socket_.hasPendingDatagrams()) {
			std::string text(static_cast<std::size_t>(socket_.pendingDatagramSize()), ' ');
			QHostAddress sender;
			socket_.readDatagram(&text[0], static_cast<qint64>(text.size()), &sender);
			std::printf("received %s\n", text.c_str());
			if (--left_ == 0)
				QCoreApplication::quit();
		}
	}

	QUdpSocket socket_;
	int left_;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--group", "--interface", "--count"});
	QCoreApplication application(argc, argv);
	Receiver receiver(arguments.number("--count", 65535));
	if (!receiver.join(QHostAddress(string(arguments.text("--group", "239.255.43.21"))),
	                   arguments.number("--port", 45454), arguments.text("--interface", ""))) {
		std::fprintf(stderr, "multicast_receiver: %s\n", plain(receiver.socket().errorString()).c_str());
		return 1;
	}
	sayPort(receiver.socket().localPort());
	return application.exec();
}
