// chat_server: passes each line on to everybody else. A client's first line is its name.
//
//   chat_server [--port PORT]
#include "arguments.h"
#include "port.h"

#include <map>

namespace {

class ChatServer : public QObject {
public:
	ChatServer() { connect(&server_, &QTcpServer::newConnection, this, &ChatServer::greet); }

	bool listen(quint16 port) { return server_.listen(QHostAddress::LocalHost, port); }
	const QTcpServer &server() const { return server_; }

private:
	void greet()
	{
		while (QTcpSocket *peer = server_.nextPendingConnection()) {
			connect(peer, &QIODevice::readyRead, this, [this, peer] { read(peer); });
			connect(peer, &QAbstractSocket::disconnected, this, [this, peer] { part(peer); });
		}
	}

	void read(QTcpSocket *peer)
	{
		while (peer->canReadLine()) {
			std::string line = plain(peer->readLine());
			line.pop_back(); // the "\n"
			auto known = names_.find(peer);
			if (known != names_.end()) {
				tell(peer, known->second + ": " + line);
			} else if (!line.empty()) {
				names_[peer] = line;
				tell(peer, line + " has joined");
				peer->write(bytes("welcome, " + line + "\n"));
			}
		}
	}

	void part(QTcpSocket *peer)
	{
		auto known = names_.find(peer);
		if (known != names_.end()) {
			const std::string who = known->second;
			names_.erase(known);
			tell(peer, who + " has left");
		}
		peer->deleteLater();
	}

	void tell(const QTcpSocket *except, const std::string &line)
	{
		for (const auto &[peer, who] : names_)
			if (peer != except)
				peer->write(bytes(line + "\n"));
	}

	std::map<QTcpSocket *, std::string> names_;
	QTcpServer server_;
};

} // namespace

int main(int argc, char **argv)
{
	const quint16 port = Arguments(argc, argv, {"--port"}).number("--port", 0);
	QCoreApplication application(argc, argv);
	ChatServer server;
	if (!server.listen(port)) {
		std::fprintf(stderr, "chat_server: %s\n", plain(server.server().errorString()).c_str());
		return 1;
	}
	sayPort(server.server().serverPort());
	return application.exec();
}
