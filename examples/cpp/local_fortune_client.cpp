// local_fortune_client: fetches a line from local_fortune_server, driven by signals.
//
//   local_fortune_client [--name NAME]
#include "arguments.h"
#include "port.h"

namespace {

class FortuneClient : public QObject {
public:
	FortuneClient()
	{
		connect(&socket_, &QIODevice::readyRead, this, &FortuneClient::readFortune);
		connect(&socket_, &QLocalSocket::errorOccurred, this, &FortuneClient::complain);
		connect(&limit_, &QTimer::timeout, this, [this] { end("no fortune in time"); });
		limit_.setSingleShot(true);
	}

	void request(const std::string &name)
	{
		limit_.start(5000);
		socket_.connectToServer(string(name));
	}

private:
	void readFortune()
	{
		if (!socket_.canReadLine())
			return;
		std::fputs(plain(socket_.readLine()).c_str(), stdout);
		QCoreApplication::exit(0);
	}

	void complain(QLocalSocket::LocalSocketError error)
	{
		switch (error) {
		case QLocalSocket::PeerClosedError:
			break; // that is how a fortune ends
		case QLocalSocket::ServerNotFoundError:
		case QLocalSocket::ConnectionRefusedError:
			end("there is no fortune server of that name");
			break;
		default:
			end(plain(socket_.errorString()));
		}
	}

	void end(const std::string &why)
	{
		std::fprintf(stderr, "local_fortune_client: %s\n", why.c_str());
		QCoreApplication::exit(1);
	}

	QLocalSocket socket_;
	QTimer limit_;
};

} // namespace

int main(int argc, char **argv)
{
	const std::string name = Arguments(argc, argv, {"--name"}).text("--name", "fortune");
	QCoreApplication application(argc, argv);
	FortuneClient client;
	// It may fail at once, and exit() needs a loop that runs.
	QTimer::singleShot(0, &client, [&] { client.request(name); });
	return application.exec();
}
