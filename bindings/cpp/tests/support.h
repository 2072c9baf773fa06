// What the tests share: running the loop until something is true, a connected pair, the library's messages.
#ifndef QNET_TESTS_SUPPORT_H
#define QNET_TESTS_SUPPORT_H

#include <doctest/doctest.h>
#include <qnet/QtNetwork>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <dirent.h>

using namespace qnet;

/// Runs this thread's loop until done() is true; false after ten seconds.
template <class Done>
bool until(Done done, std::chrono::milliseconds patience = std::chrono::seconds(10))
{
	using Clock = std::chrono::steady_clock;
	const auto end = Clock::now() + patience;
	while (!done()) {
		const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
		if (left <= 0)
			return false;
		LoopRef::current().processEvents(static_cast<int>(left));
	}
	return true;
}

/// Turns the loop while it has something to do at once.
inline void settle()
{
	while (LoopRef::current().processEvents(0))
		;
}

/// A server with a client that is connected to it, and the server's end of the connection.
struct Pair {
	QTcpServer server;
	QTcpSocket client;
	QTcpSocket *peer = nullptr;

	Pair()
	{
		REQUIRE(server.listen(QHostAddress::LocalHost));
		client.connectToHost(QHostAddress::LocalHost, server.serverPort());
		REQUIRE(until([this] {
			return client.state() == QAbstractSocket::ConnectedState && server.hasPendingConnections();
		}));
		peer = server.nextPendingConnection();
		REQUIRE(peer != nullptr);
	}
};

/// Catches the library's messages while it lives.
class Messages {
public:
	Messages()
	{
		std::lock_guard<std::mutex> lock(mutex());
		list().clear();
		before_ = qInstallMessageHandler(&add);
	}
	Messages(const Messages &) = delete;
	Messages &operator=(const Messages &) = delete;
	~Messages() { qInstallMessageHandler(before_); }

	std::vector<std::string> all() const
	{
		std::lock_guard<std::mutex> lock(mutex());
		return list();
	}
	bool contains(const std::string &text) const
	{
		for (const std::string &message : all())
			if (message.find(text) != std::string::npos)
				return true;
		return false;
	}

private:
	static void add(QtMsgType, const QMessageLogContext &, const std::string &message)
	{
		std::lock_guard<std::mutex> lock(mutex());
		list().push_back(message);
	}
	static std::mutex &mutex()
	{
		static std::mutex one;
		return one;
	}
	static std::vector<std::string> &list()
	{
		static std::vector<std::string> messages;
		return messages;
	}

	QtMessageHandler before_ = nullptr;
};

/// How many descriptors the process has.
inline int descriptors()
{
	int count = 0;
	DIR *folder = opendir("/proc/self/fd");
	while (readdir(folder) != nullptr)
		count++;
	closedir(folder);
	return count;
}

/// A signal of a program's own, and a slot that counts.
class Counter : public QObject {
public:
	using QObject::QObject;

	Signal<int> changed{this};
	Signal<int, std::string> named{this};

	void add(int n)
	{
		value += n;
		calls++;
		from = sender();
	}
	void tick() { calls++; }
	int addAndTell(int n)
	{
		add(n);
		return value;
	}
	void addConst(int n) const { constant += n; }
	void addNoexcept(int n) noexcept { value += n; }

	int value = 0;
	int calls = 0;
	mutable int constant = 0;
	QObject *from = nullptr;

};

#endif
