// multicast_sender: sends a numbered datagram to a group, ten times a second, until it is ended.
//
//   multicast_sender --port PORT [--group ADDRESS] [--interface NAME]
#include "arguments.h"
#include "port.h"

namespace {

class Sender : public QObject {
public:
	Sender(const QHostAddress &group, quint16 port, const std::string &interface) : group_(group), port_(port)
	{
		// An option needs a descriptor, and so a bound socket.
		socket_.bind(QHostAddress(QHostAddress::AnyIPv4), 0);
		socket_.setSocketOption(QAbstractSocket::MulticastTtlOption, 1); // not beyond this network
		if (!interface.empty())
			socket_.setMulticastInterface(QNetworkInterface::interfaceFromName(string(interface)));
		connect(&timer_, &QTimer::timeout, this, &Sender::send);
		timer_.start(100);
	}

private:
	void send()
	{
		const std::string text = "multicast message " + std::to_string(++number_);
		if (socket_.writeDatagram(bytes(text), group_, port_) < 0) {
			std::fprintf(stderr, "multicast_sender: %s\n", plain(socket_.errorString()).c_str());
			QCoreApplication::exit(1);
		}
	}

	QUdpSocket socket_;
	QTimer timer_;
	QHostAddress group_;
	quint16 port_;
	int number_ = 0;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--group", "--interface"});
	QCoreApplication application(argc, argv);
	Sender sender(QHostAddress(string(arguments.text("--group", "239.255.43.21"))), arguments.number("--port", 45454),
	              arguments.text("--interface", ""));
	return application.exec();
}
