// broadcast_sender: sends a numbered datagram to everybody, ten times a second, until it is ended.
//
//   broadcast_sender --port PORT [--to ADDRESS]
#include "arguments.h"
#include "port.h"

namespace {

class Sender : public QObject {
public:
	Sender(const QHostAddress &address, quint16 port) : address_(address), port_(port)
	{
		connect(&timer_, &QTimer::timeout, this, &Sender::broadcast);
		timer_.start(100);
	}

private:
	void broadcast()
	{
		const std::string text = "broadcast message " + std::to_string(++number_);
		if (socket_.writeDatagram(bytes(text), address_, port_) < 0) {
			std::fprintf(stderr, "broadcast_sender: %s\n", plain(socket_.errorString()).c_str());
			QCoreApplication::exit(1);
		}
	}

	QUdpSocket socket_;
	QTimer timer_;
	QHostAddress address_;
	quint16 port_;
	int number_ = 0;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--to"});
	QCoreApplication application(argc, argv);
	Sender sender(QHostAddress(string(arguments.text("--to", "255.255.255.255"))), arguments.number("--port", 45454));
	return application.exec();
}
