// blocking_fortune_client: fetches a line from a fortune server with the wait functions, without a loop.
//
//   blocking_fortune_client --port PORT
#include "arguments.h"
#include "port.h"

int main(int argc, char **argv)
{
	const quint16 port = Arguments(argc, argv, {"--port"}).number("--port", 0);
	constexpr int patience = 5000; // milliseconds

	QTcpSocket socket;
	socket.connectToHost("127.0.0.1", port);
	bool good = socket.waitForConnected(patience);
	while (good && !socket.canReadLine())
		good = socket.waitForReadyRead(patience);
	if (!good) {
		std::fprintf(stderr, "blocking_fortune_client: %s\n", plain(socket.errorString()).c_str());
		return 1;
	}
	std::fputs(plain(socket.readLine()).c_str(), stdout);
	return 0;
}
