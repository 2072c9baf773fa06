// fortune_client: fetches a line from a fortune server, driven by signals, within five seconds.
//
//   fortune_client --port PORT [--proxy URL]
#include "arguments.h"
#include "port.h"

namespace {

class FortuneClient : public QObject {
public:
	FortuneClient()
	{
		connect(&socket_, &QIODevice::readyRead, this, &FortuneClient::readFortune);
		connect(&socket_, &QAbstractSocket::errorOccurred, this, &FortuneClient::complain);
		connect(&limit_, &QTimer::timeout, this, [this] { end("no fortune in time"); });
		limit_.setSingleShot(true);
	}

	void request(quint16 port, const QNetworkProxy &proxy)
	{
		limit_.start(5000);
		socket_.abort();
		socket_.setProxy(proxy);
		socket_.connectToHost("127.0.0.1", port);
	}

private:
	void readFortune()
	{
		if (!socket_.canReadLine())
			return;
		std::fputs(plain(socket_.readLine()).c_str(), stdout);
		QCoreApplication::exit(0);
	}

	void complain(QAbstractSocket::SocketError error)
	{
		switch (error) {
		case QAbstractSocket::RemoteHostClosedError:
			break; // that is how a fortune ends
		case QAbstractSocket::ConnectionRefusedError:
			end("there is no fortune server");
			break;
		default:
			end(plain(socket_.errorString()));
		}
	}

	void end(const std::string &why)
	{
		std::fprintf(stderr, "fortune_client: %s\n", why.c_str());
		QCoreApplication::exit(1);
	}

	QTcpSocket socket_;
	QTimer limit_;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--proxy"});
	QCoreApplication application(argc, argv);
	FortuneClient client;
	client.request(arguments.number("--port", 0), proxyOf(arguments.text("--proxy", "")));
	return application.exec();
}
