// local_fortune_server: sends each client of this machine a line and disconnects.
//
//   local_fortune_server [--name NAME]
#include "arguments.h"
#include "port.h"

namespace {

class FortuneServer : public QObject {
public:
	FortuneServer() { connect(&server_, &QLocalServer::newConnection, this, &FortuneServer::sendFortune); }

	bool listen(const std::string &name)
	{
		server_.setSocketOptions(QLocalServer::UserAccessOption);
		QLocalServer::removeServer(string(name)); // what a killed one has left
		return server_.listen(string(name));
	}
	const QLocalServer &server() const { return server_; }

private:
	void sendFortune()
	{
		while (QLocalSocket *client = server_.nextPendingConnection()) {
			connect(client, &QLocalSocket::disconnected, client, &QObject::deleteLater);
			client->write(bytes(fortune() + "\n"));
			client->disconnectFromServer();
		}
	}

	QLocalServer server_;
};

} // namespace

int main(int argc, char **argv)
{
	const std::string name = Arguments(argc, argv, {"--name"}).text("--name", "fortune");
	QCoreApplication application(argc, argv);
	FortuneServer server;
	if (!server.listen(name)) {
		std::fprintf(stderr, "local_fortune_server: %s\n", plain(server.server().errorString()).c_str());
		return 1;
	}
	std::printf("listening on %s\n", plain(server.server().fullServerName()).c_str());
	std::fflush(stdout);
	return application.exec();
}
