/*
 * Messages to and fro through a proxy, with Qt.
 */
#include <QCoreApplication>
#include <QHostAddress>
#include <QNetworkProxy>
#include <QTcpSocket>

#include <memory>
#include <vector>

#include "proxy_bench.h"

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	struct proxy_bench bench = proxy_bench_arguments(argc, argv);
	std::vector<char> message(bench.size), room(bench.size);
	std::vector<std::unique_ptr<QTcpSocket>> sockets;
	std::vector<size_t> came(static_cast<size_t>(bench.connections));
	int connected = 0;
	qint64 size = static_cast<qint64>(bench.size);

	for (size_t &have : came) {
		sockets.push_back(std::make_unique<QTcpSocket>());
		QTcpSocket *socket = sockets.back().get();

		socket->setProxy(QNetworkProxy(bench.socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, "127.0.0.1", bench.proxy));
		QObject::connect(socket, &QTcpSocket::connected, [&, socket] {
			if (++connected == bench.connections)
				proxy_bench_begin(&bench);
			socket->write(message.data(), size);
		});
		QObject::connect(socket, &QTcpSocket::readyRead, [&, socket] {
			qint64 n;

			while ((n = socket->read(room.data(), size)) > 0)
				have += static_cast<size_t>(n);
			if (have < bench.size)
				return;
			have = 0;
			if (proxy_bench_over(&bench))
				application.quit();
			else
				socket->write(message.data(), size);
		});
		QObject::connect(socket, &QTcpSocket::errorOccurred, [&, socket] {
			fprintf(stderr, "%s\n", qPrintable(socket->errorString()));
			application.exit(1);
		});
		socket->connectToHost(QHostAddress(QHostAddress::LocalHost), bench.target);
	}
	return application.exec();
}
