// single_instance: the first one stays, each later one passes its arguments on to it and ends. What a crash has left behind
// does not stand in the way.
//
//   single_instance NAME [ARGUMENT...]
//
// The first says "first", then "got ..." for each later one, and ends when "quit" is passed; a later one says "passed on".
#include "port.h"

namespace {

constexpr int patience = 5000; // milliseconds

/// The server of the first instance.
class Instance : public QObject {
public:
	Instance() { connect(&server_, &QLocalServer::newConnection, this, &Instance::greet); }

	/// Tries to be the first.
	bool listen(const std::string &name)
	{
		server_.setSocketOptions(QLocalServer::UserAccessOption);
		return server_.listen(string(name));
	}
	QAbstractSocket::SocketError error() const { return server_.serverError(); }
	std::string errorString() const { return plain(server_.errorString()); }

private:
	void greet()
	{
		while (QLocalSocket *socket = server_.nextPendingConnection()) {
			connect(socket, &QLocalSocket::readyRead, this, [this, socket] { take(socket); });
			connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
			take(socket);
		}
	}

	void take(QLocalSocket *socket)
	{
		QDataStream stream(socket);
		QByteArrayList arguments;
		stream.startTransaction();
		stream >> arguments;
		if (!stream.commitTransaction()) {
			if (stream.status() == QDataStream::ReadCorruptData)
				socket->abort();
			return; // there is more to come
		}
		std::printf("got");
		for (const QByteArray &argument : arguments)
			std::printf(" %s", argument.constData());
		std::printf("\n");
		std::fflush(stdout);
		stream << true;
		socket->disconnectFromServer();
		if (!arguments.empty() && arguments.front() == "quit") {
			connect(socket, &QLocalSocket::disconnected, QCoreApplication::instance(), &QCoreApplication::quit);
			if (socket->state() == QLocalSocket::UnconnectedState)
				QCoreApplication::quit();
		}
	}

	QLocalServer server_;
};

/// Passes arguments on to the first instance. False if there is none.
bool passOn(const std::string &name, const QByteArrayList &arguments)
{
	QLocalSocket socket;
	socket.connectToServer(string(name));
	if (!socket.waitForConnected(patience))
		return false;
	QDataStream stream(&socket);
	stream << arguments;
	bool taken = false;
	while (!taken && socket.waitForReadyRead(patience)) {
		stream.startTransaction();
		stream >> taken;
		stream.commitTransaction();
	}
	if (!taken) {
		std::fprintf(stderr, "single_instance: the first one does not answer\n");
		std::exit(1);
	}
	return true;
}

} // namespace

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	if (argc < 2) {
		std::fprintf(stderr, "usage: single_instance NAME [ARGUMENT...]\n");
		return 2;
	}
	const std::string name = argv[1];
	QByteArrayList arguments;
	for (int i = 2; i < argc; i++)
		arguments.push_back(argv[i]);

	Instance instance;
	// Two may start at once: who finds the name taken asks who has it; who finds nobody there removes what a crash has left.
	for (int tries = 0; tries < 3; tries++) {
		if (passOn(name, arguments)) {
			std::printf("passed on\n");
			return 0;
		}
		if (instance.listen(name)) {
			std::printf("first\n");
			std::fflush(stdout);
			return application.exec();
		}
		if (instance.error() != QAbstractSocket::AddressInUseError)
			break;
		QLocalServer::removeServer(string(name));
	}
	std::fprintf(stderr, "single_instance: %s\n", instance.errorString().c_str());
	return 1;
}
