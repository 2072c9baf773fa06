// The echo server that is measured with Qt's classes in C++: it becomes qt_echo_server on Qt, and qnet_cpp_echo_server
// on qnet, from the same lines. It does what qnet_echo_server does.
#include "port.h"

#define SERVER_ENCRYPTS
#include "server.h"

#include <csignal>
#include <fstream>
#include <iterator>
#include <type_traits>

namespace {

template <class Server, class Socket>
class EchoServer : public Server {
public:
	explicit EchoServer(const server_options &options) : sink_(options.sink), source_(options.source)
	{
		this->setListenBacklogSize(BACKLOG);
		if constexpr (std::is_base_of_v<QTcpServer, Server>)
			QObject::connect(this, &Server::pendingConnectionAvailable, this, &EchoServer::takeAll);
		else
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
		while (auto *socket = static_cast<Socket *>(this->nextPendingConnection())) {
			QObject::connect(socket, &Socket::readyRead, this, [this, socket] { echo(*socket); });
			QObject::connect(socket, &Socket::disconnected, socket, &QObject::deleteLater);
			if constexpr (!std::is_same_v<Socket, QLocalSocket>)
				socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
			if constexpr (std::is_same_v<Socket, QSslSocket>)
				if (source_) {
					// As soon as there is room, which Qt tells of the encrypted bytes.
					QObject::connect(socket, &Socket::encryptedBytesWritten, this, [this, socket] { send(*socket); });
					send(*socket);
				}
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

	void send(QSslSocket &socket)
	{
		while (socket.bytesToWrite() + socket.encryptedBytesToWrite() < SOURCE_WAITING &&
		       socket.write(buffer_, SOURCE_SIZE) > 0)
			;
	}

	const bool sink_, source_;
	char buffer_[READ_SIZE]; // one for all: slots run one after another
};

std::string contents(const char *path)
{
	std::ifstream file(path, std::ios::binary);
	return std::string(std::istreambuf_iterator<char>(file), {});
}

QSslConfiguration configuration(const server_options &options)
{
	const QSslCertificate certificate(bytes(contents(options.certificate)));
	QSslKey key(bytes(contents(options.key)), QSsl::Ec);
	if (key.isNull())
		key = QSslKey(bytes(contents(options.key)), QSsl::Rsa);
	if (certificate.isNull() || key.isNull())
		server_fails("echo_server", "no certificate, or no key");
	QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
	configuration.setLocalCertificate(certificate);
	configuration.setPrivateKey(key);
	return configuration;
}

template <class Server>
int serveAtPort(Server &server, const server_options &options)
{
	const bool listens = server.listen(QHostAddress(QHostAddress::LocalHost), options.port);
	QObject::connect(&server, &QTcpServer::acceptError, [&server] {
		std::fprintf(stderr, "accept: %s\n", plain(server.errorString()).c_str());
	});
	return server.serve(listens, nullptr, server.serverPort());
}

} // namespace

int main(int argc, char **argv)
{
	const server_options options = server_start(argc, argv);
	QCoreApplication application(argc, argv);
	if (options.path != nullptr) {
		static EchoServer<QLocalServer, QLocalSocket> server(options);
		const bool listens = server.listen(string(options.path));
		return server.serve(listens, options.path, 0);
	}
	if (options.certificate != nullptr) {
		static EchoServer<QSslServer, QSslSocket> server(options);
		server.setSslConfiguration(configuration(options));
		return serveAtPort(server, options);
	}
	static EchoServer<QTcpServer, QTcpSocket> server(options);
	return serveAtPort(server, options);
}
