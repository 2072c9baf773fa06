// qnet_cpp_echo_server: the echo server that is measured, with qnet's C++ classes. It does what qnet_echo_server does.
//
//   qnet_cpp_echo_server [--port PORT]
#include <qnet/QtNetwork>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/resource.h>

using namespace qnet;

namespace {

class EchoServer : public QTcpServer {
public:
	EchoServer()
	{
		connect(this, &QTcpServer::newConnection, this, &EchoServer::takeAll);
		connect(this, &QTcpServer::acceptError, [this] {
			std::fprintf(stderr, "qnet_cpp_echo_server: accept: %s\n", errorString().c_str());
		});
	}

private:
	void takeAll()
	{
		while (QTcpSocket *socket = nextPendingConnection()) {
			connect(socket, &QTcpSocket::readyRead, this, [this, socket] { echo(*socket); });
			connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
			socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
		}
	}

	void echo(QTcpSocket &socket)
	{
		qint64 size;
		do {
			size = socket.read(buffer_, sizeof buffer_);
			if (size > 0)
				socket.write(buffer_, size);
		} while (size == static_cast<qint64>(sizeof buffer_)); // less: there is no more
	}

	char buffer_[64 * 1024]; // one for all: slots run one after another
};

void raiseDescriptorLimit()
{
	rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit); // else we serve fewer
	}
}

} // namespace

int main(int argc, char **argv)
{
	unsigned long port = 0;
	if (argc == 3 && std::strcmp(argv[1], "--port") == 0) {
		port = std::strtoul(argv[2], nullptr, 10);
	} else if (argc != 1) {
		std::fputs("usage: qnet_cpp_echo_server [--port PORT]\n", stderr);
		return 2;
	}
	raiseDescriptorLimit();
	QCoreApplication application(argc, argv);
	EchoServer server;
	server.setListenBacklogSize(1024);
	if (!server.listen(QHostAddress::LocalHost, static_cast<quint16>(port))) {
		std::fprintf(stderr, "qnet_cpp_echo_server: listen: %s\n", server.errorString().c_str());
		return 1;
	}
	std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(server.serverPort()));
	std::fflush(stdout);
	return application.exec(); // until a signal ends the process
}
