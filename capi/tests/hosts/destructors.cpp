/*
 * A C++ host whose static objects use the library: made before main(), and
 * destroyed after it, while a thread runs a loop. PROGRAM "host" is the host;
 * without an argument it is started as often as it takes.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <qnet/QEventLoop>
#include <qnet/QTcpServer>
#include <qnet/QTcpSocket>
#include <qnet/QTimer>

using namespace qnet;

namespace {

constexpr int status = 7, times = 50;

/* Whether a server and a client can say something to each other. */
bool talk()
{
	QTcpServer server;
	QTcpSocket client;

	if (!server.listen(QHostAddress::LocalHost))
		return false;
	client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	if (!client.waitForConnected() || !(server.hasPendingConnections() || server.waitForNewConnection(10000)))
		return false;
	QTcpSocket *peer = server.nextPendingConnection();
	client.write("hello");
	return client.waitForBytesWritten() && peer->waitForReadyRead() && std::string(peer->readAll()) == "hello";
}

void require(bool condition, const char *what)
{
	if (!condition) {
		std::fprintf(stderr, "%s\n", what);
		_exit(99);
	}
}

struct Talker {
	Talker() { require(talk(), "no conversation before main()"); }
	~Talker() { require(talk(), "no conversation after main()"); }
};

Talker early;
std::unique_ptr<QTcpServer> server; /* deleted after main(), with what it has */
thread_local std::unique_ptr<Talker> ofThread;

int host()
{
	static Talker inFunction;
	std::thread([] { ofThread = std::make_unique<Talker>(); }).join();
	server = std::make_unique<QTcpServer>();
	require(server->listen(QHostAddress::LocalHost), "no server");
	std::thread([] {
		QTimer timer;
		QObject::connect(&timer, &QTimer::timeout, [] {});
		timer.start(0);
		QEventLoop().exec();
	}).detach();
	return status;
}

} // namespace

int main(int argc, char **argv)
{
	if (argc > 1 && std::strcmp(argv[1], "host") == 0)
		return host();

	const std::string command = std::string("timeout 30 '") + argv[0] + "' host";
	for (int i = 0; i < times; i++) {
		int end = std::system(command.c_str());
		if (!WIFEXITED(end) || WEXITSTATUS(end) != status) {
			std::printf("FAIL static objects: run %d ended with %d\n0 passed, 1 failed\n", i, end);
			return 1;
		}
	}
	std::printf("ok static objects\n1 passed, 0 failed\n");
	return 0;
}
