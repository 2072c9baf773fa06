/*
 * Receives datagrams with Qt's QUdpSocket, inside readyRead, one by one.
 */
#include <QCoreApplication>
#include <QHostAddress>
#include <QUdpSocket>

#include "udp_bench.h"

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	static char data[UDP_BENCH_MAX_SIZE];
	struct udp_bench bench = udp_bench_arguments(argc, argv);
	QUdpSocket socket;

	QObject::connect(&socket, &QUdpSocket::readyRead, [&] {
		// A bounded number, or a flood would not let the handler return.
		for (int i = 0; i < 256 && socket.hasPendingDatagrams(); i++) {
			QHostAddress sender;
			quint16 port;
			qint64 size = socket.readDatagram(data, sizeof data, &sender, &port);

			if (size < 0)
				break;
			bench.count++;
			bench.bytes += static_cast<uint64_t>(size);
		}
		if (udp_bench_over(&bench))
			application.quit();
	});
	if (!socket.bind(QHostAddress(QHostAddress::LocalHost), 0)) {
		fprintf(stderr, "%s: %s\n", argv[0], qPrintable(socket.errorString()));
		return 1;
	}
	udp_bench_say_port(socket.localPort());
	return application.exec();
}
