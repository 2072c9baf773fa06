// blocking_fortune_client: fetches a line from a fortune server with the wait functions, without a loop.
//
//   blocking_fortune_client --port PORT [--proxy URL]
#include "arguments.h"
#include "port.h"

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--proxy"});
	constexpr int patience = 5000; // milliseconds

	QTcpSocket socket;
	socket.setProxy(proxyOf(arguments.text("--proxy", "")));
	socket.connectToHost("127.0.0.1", arguments.number("--port", 0));
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
