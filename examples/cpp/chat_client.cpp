// chat_client: sends what stands on its standard input, line by line, and prints what the others say. The first line is
// the name. It ends with its input.
//
//   chat_client --port PORT [--proxy URL]
#include "arguments.h"
#include "port.h"

#include <iostream>
#include <thread>

namespace {

class ChatClient : public QObject {
public:
	ChatClient()
	{
		connect(&socket_, &QAbstractSocket::connected, this, &ChatClient::startReading);
		connect(&socket_, &QIODevice::readyRead, this, &ChatClient::print);
		connect(&socket_, &QAbstractSocket::disconnected, this, [] { QCoreApplication::exit(0); });
		connect(&socket_, &QAbstractSocket::errorOccurred, this, &ChatClient::complain);
	}
	~ChatClient()
	{
		if (input_.joinable())
			input_.detach(); // it waits for a line that does not come
	}

	void join(quint16 port, const QNetworkProxy &proxy)
	{
		socket_.setProxy(proxy);
		socket_.connectToHost("127.0.0.1", port);
	}

private:
	/// A thread waits for the input, and hands it to this object's.
	void startReading()
	{
		input_ = std::thread([this] {
			for (std::string line; std::getline(std::cin, line);)
				QMetaObject::invokeMethod(this, [this, line] { socket_.write(bytes(line + "\n")); }, Qt::QueuedConnection);
			QMetaObject::invokeMethod(this, [this] { leave(); }, Qt::QueuedConnection);
		});
	}

	void leave()
	{
		input_.join();
		socket_.disconnectFromHost();
	}

	void print()
	{
		while (socket_.canReadLine())
			std::cout << plain(socket_.readLine()) << std::flush;
	}

	void complain(QAbstractSocket::SocketError error)
	{
		if (error == QAbstractSocket::RemoteHostClosedError)
			return;
		std::fprintf(stderr, "chat_client: %s\n", plain(socket_.errorString()).c_str());
		QCoreApplication::exit(1);
	}

	QTcpSocket socket_;
	std::thread input_;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--proxy"});
	QCoreApplication application(argc, argv);
	ChatClient client;
	client.join(arguments.number("--port", 0), proxyOf(arguments.text("--proxy", "")));
	return application.exec();
}
