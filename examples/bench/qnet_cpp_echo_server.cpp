// qnet_cpp_echo_server: the echo server that is measured, with qnet's C++ classes. It does what qnet_echo_server does.
//
//   qnet_cpp_echo_server [--port PORT | --local PATH]
#include <qnet/QtNetwork>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/resource.h>

using namespace qnet;

namespace {

template <class Server, class Socket>
class EchoServer : public Server {
public:
	EchoServer()
	{
		this->setListenBacklogSize(1024);
		QObject::connect(this, &Server::newConnection, this, &EchoServer::takeAll);
	}

private:
	void takeAll()
	{
		while (Socket *socket = this->nextPendingConnection()) {
			QObject::connect(socket, &Socket::readyRead, this, [this, socket] { echo(*socket); });
			QObject::connect(socket, &Socket::disconnected, socket, &QObject::deleteLater);
			if constexpr (std::is_same_v<Socket, QTcpSocket>)
				socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
		}
	}

	void echo(Socket &socket)
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

/// Says where the server listens, and runs until a signal ends the process.
template <class Server>
int serve(const Server &server, bool listens, const std::string &place)
{
	if (!listens) {
		std::fprintf(stderr, "qnet_cpp_echo_server: listen: %s\n", server.errorString().c_str());
		return 1;
	}
	std::printf("listening on %s\n", place.c_str());
	std::fflush(stdout);
	return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
	const std::string option = argc == 3 ? argv[1] : "";
	if (argc != 1 && option != "--port" && option != "--local") {
		std::fputs("usage: qnet_cpp_echo_server [--port PORT | --local PATH]\n", stderr);
		return 2;
	}
	raiseDescriptorLimit();
	QCoreApplication application(argc, argv);
	if (option == "--local") {
		EchoServer<QLocalServer, QLocalSocket> server;
		const bool listens = server.listen(std::string_view(argv[2]));
		return serve(server, listens, server.fullServerName());
	}
	EchoServer<QTcpServer, QTcpSocket> server;
	const auto port = static_cast<quint16>(option.empty() ? 0 : std::strtoul(argv[2], nullptr, 10));
	const bool listens = server.listen(QHostAddress::LocalHost, port);
	QObject::connect(&server, &QTcpServer::acceptError, [&server] {
		std::fprintf(stderr, "qnet_cpp_echo_server: accept: %s\n", server.errorString().c_str());
	});
	return serve(server, listens, "127.0.0.1:" + std::to_string(server.serverPort()));
}
