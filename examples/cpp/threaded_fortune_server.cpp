// threaded_fortune_server: gives each client a thread, which uses its socket without a loop.
//
//   threaded_fortune_server [--port PORT]
#include "arguments.h"
#include "port.h"

#include <thread>

namespace {

/// Runs on the thread of one client.
void serve(qintptr descriptor)
{
	QTcpSocket client;
	if (!client.setSocketDescriptor(descriptor)) {
		std::fprintf(stderr, "threaded_fortune_server: %s\n", plain(client.errorString()).c_str());
		return;
	}
	client.write(bytes(fortune() + "\n"));
	client.disconnectFromHost();
	if (client.state() != QAbstractSocket::UnconnectedState)
		client.waitForDisconnected();
}

class FortuneServer : public QTcpServer {
protected:
	void incomingConnection(qintptr descriptor) override { std::thread(serve, descriptor).detach(); }
};

} // namespace

int main(int argc, char **argv)
{
	const quint16 port = Arguments(argc, argv, {"--port"}).number("--port", 0);
	QCoreApplication application(argc, argv);
	FortuneServer server;
	if (!server.listen(QHostAddress::LocalHost, port)) {
		std::fprintf(stderr, "threaded_fortune_server: %s\n", plain(server.errorString()).c_str());
		return 1;
	}
	sayPort(server.serverPort());
	return application.exec();
}
