// fortune_server: sends each client a line and disconnects.
//
//   fortune_server [--port PORT]
#include "arguments.h"
#include "port.h"

namespace {

class FortuneServer : public QObject {
public:
	FortuneServer() { connect(&server_, &QTcpServer::newConnection, this, &FortuneServer::sendFortune); }

	bool listen(quint16 port) { return server_.listen(QHostAddress::LocalHost, port); }
	const QTcpServer &server() const { return server_; }

private:
	void sendFortune()
	{
		while (QTcpSocket *client = server_.nextPendingConnection()) {
			connect(client, &QAbstractSocket::disconnected, client, &QObject::deleteLater);
			client->write(bytes(fortune() + "\n"));
			client->disconnectFromHost();
		}
	}

	QTcpServer server_;
};

} // namespace

int main(int argc, char **argv)
{
	const quint16 port = Arguments(argc, argv, {"--port"}).number("--port", 0);
	QCoreApplication application(argc, argv);
	FortuneServer server;
	if (!server.listen(port)) {
		std::fprintf(stderr, "fortune_server: %s\n", plain(server.server().errorString()).c_str());
		return 1;
	}
	sayPort(server.server().serverPort());
	return application.exec();
}
