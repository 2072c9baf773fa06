// The echo server that is measured with Qt's classes in C++: it becomes qt_echo_server on Qt, and qnet_cpp_echo_server
// on qnet, from the same lines. It does what qnet_echo_server does.
#include "port.h"

#include "server.h"

#include <csignal>
#include <type_traits>

namespace {

template <class Server, class Socket>
class EchoServer : public Server {
public:
	explicit EchoServer(bool sink) : sink_(sink)
	{
		this->setListenBacklogSize(BACKLOG);
		QObject::connect(this, &Server::newConnection, this, &EchoServer::takeAll);
	}

	/// Says where the server listens, and runs until a signal ends the process.
	int serve(bool listens, const char *path, unsigned port)
	{
		if (!listens)
			server_fails("listen", plain(this->errorString()).c_str());
		server_listens(path, port);
		return QCoreApplication::exec();
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
			if (size > 0 && !sink_)
				socket.write(buffer_, size);
		} while (size == static_cast<qint64>(sizeof buffer_)); // less: there is no more
	}

	const bool sink_;
	char buffer_[READ_SIZE]; // one for all: slots run one after another
};

} // namespace

int main(int argc, char **argv)
{
	const server_options options = server_start(argc, argv);
	QCoreApplication application(argc, argv);
	if (options.path != nullptr) {
		static EchoServer<QLocalServer, QLocalSocket> server(options.sink);
		const bool listens = server.listen(string(options.path));
		return server.serve(listens, options.path, 0);
	}
	static EchoServer<QTcpServer, QTcpSocket> server(options.sink);
	const bool listens = server.listen(QHostAddress(QHostAddress::LocalHost), options.port);
	QObject::connect(&server, &QTcpServer::acceptError, [] {
		std::fprintf(stderr, "accept: %s\n", plain(server.errorString()).c_str());
	});
	return server.serve(listens, nullptr, server.serverPort());
}
