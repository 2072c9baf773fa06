// broadcast_receiver: prints datagrams that are sent to everybody, and ends after some.
//
//   broadcast_receiver [--port PORT] [--count COUNT]
#include "arguments.h"
#include "port.h"

namespace {

class Receiver : public QObject {
public:
	explicit Receiver(int count) : left_(count) { connect(&socket_, &QUdpSocket::readyRead, this, &Receiver::print); }

	/// Others may listen beside us.
	bool listen(quint16 port) { return socket_.bind(QHostAddress(QHostAddress::AnyIPv4), port, QUdpSocket::ShareAddress); }
	const QUdpSocket &socket() const { return socket_; }

private:
	void print()
	{
		while (left_ > 0 && socket_.hasPendingDatagrams()) {
			const QNetworkDatagram datagram = socket_.receiveDatagram();
			std::printf("received %s\n", plain(datagram.data()).c_str());
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
	const Arguments arguments(argc, argv, {"--port", "--count"});
	QCoreApplication application(argc, argv);
	Receiver receiver(arguments.number("--count", 65535));
	if (!receiver.listen(arguments.number("--port", 45454))) {
		std::fprintf(stderr, "broadcast_receiver: %s\n", plain(receiver.socket().errorString()).c_str());
		return 1;
	}
	sayPort(receiver.socket().localPort());
	return application.exec();
}
