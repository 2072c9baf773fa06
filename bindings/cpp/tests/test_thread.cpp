// Threads: QThread, objects that move, and calls from one to another. What Qt does alike is in same/threads.cpp.
#include "support.h"

#include <atomic>
#include <thread>

namespace {

class Tool : public QObject {
public:
	Signal<int> used{this};
	void use(int n)
	{
		on = QThread::currentThread();
		calls += n;
	}
	int answer() const { return 42; }
	std::atomic<int> calls{0};
	std::atomic<QThread *> on{nullptr};
};

/// A thread that ends with the test.
struct Running : QThread {
	Running() { start(); }
	~Running() override
	{
		quit();
		wait();
	}
};

} // namespace

TEST_CASE("thread: a dead lock is refused")
{
	Tool sender, receiver;
	Messages messages;
	CHECK(QObject::connect(&sender, &Tool::used, &receiver, &Tool::use, Qt::BlockingQueuedConnection));
	sender.used(1);
	CHECK(receiver.calls == 0);
	CHECK(messages.contains("dead lock"));
	CHECK_FALSE(QMetaObject::invokeMethod(&receiver, [] {}, Qt::BlockingQueuedConnection));
	int result = 0;
	CHECK_FALSE(QMetaObject::invokeMethod(&receiver, &Tool::answer, Qt::QueuedConnection, &result));
	CHECK(QMetaObject::invokeMethod(&receiver, &Tool::answer, &result));
	CHECK(result == 42);
	CHECK(messages.all().size() == 3);
}

TEST_CASE("thread: calls of several threads, in their order")
{
	Running thread;
	Tool *tool = new Tool;
	Tool sender;
	std::vector<int> seen;
	QObject::connect(&sender, &Tool::used, tool, [&](int n) { seen.push_back(n); });
	CHECK(tool->moveToThread(&thread));
	CHECK(tool->thread() == &thread);
	for (int i = 0; i < 1000; i++)
		sender.used(i);
	// Whatever thread emits: the receiver's decides.
	std::thread([&] { sender.used(1000); }).join();
	CHECK(QMetaObject::invokeMethod(tool, [] {}, Qt::BlockingQueuedConnection));
	REQUIRE(seen.size() == 1001);
	for (int i = 0; i < 1001; i++)
		CHECK(seen[static_cast<std::size_t>(i)] == i);
	tool->deleteLater();
}

TEST_CASE("thread: what is on its way follows the receiver")
{
	Running thread;
	Tool *tool = new Tool;
	Tool sender;
	QObject::connect(&sender, &Tool::used, tool, &Tool::use, Qt::QueuedConnection);
	sender.used(5);
	std::atomic<bool> deleted{false};
	QObject::connect(tool, &QObject::destroyed, [&] {
		CHECK(QThread::currentThread() == &thread);
		deleted = true;
	});
	CHECK(tool->moveToThread(&thread));
	settle(); // passes it on
	CHECK(QMetaObject::invokeMethod(tool, [] {}, Qt::BlockingQueuedConnection));
	CHECK(tool->calls == 5);
	CHECK(tool->on == &thread);
	tool->deleteLater();
	while (!deleted)
		QThread::yieldCurrentThread();
}

TEST_CASE("thread: a deletion that was asked for moves along")
{
	Running thread;
	Tool *tool = new Tool;
	std::atomic<QThread *> where{nullptr};
	QObject::connect(tool, &QObject::destroyed, [&] { where = QThread::currentThread(); });
	tool->deleteLater();
	CHECK(tool->moveToThread(&thread));
	settle();
	thread.quit();
	thread.wait();
	CHECK(where == &thread);
}

TEST_CASE("thread: what cannot be moved")
{
	QThread thread;
	Pair pair;
	Messages messages;
	CHECK_FALSE(pair.peer->moveToThread(&thread));
	CHECK_FALSE(pair.server.moveToThread(nullptr));
	std::thread([&] { CHECK_FALSE(pair.client.moveToThread(&thread)); }).join();
	CHECK(messages.contains("not the object's thread"));
	CHECK(messages.all().size() == 3);
	CHECK(pair.client.moveToThread(QThread::currentThread()));

	// All or nothing: a child that cannot go stays, and so does its parent.
	QObject parent;
	QTimer timer(&parent);
	struct Stays : QObject {
		using QObject::QObject;
		bool moveHandle(qnet_loop *) override { return false; }
	} stays(&parent);
	CHECK_FALSE(parent.moveToThread(&thread));
	CHECK(parent.thread() == QThread::currentThread());
	CHECK(timer.thread() == QThread::currentThread());
	timer.start(1);
	int fired = 0;
	timer.callOnTimeout([&] { fired++; });
	CHECK(until([&] { return fired > 0; }));
}

TEST_CASE("thread: a local server and its sockets move")
{
	const std::string name = "/tmp/qnet-test-thread-" + std::to_string(getpid());
	auto *server = new QLocalServer;
	REQUIRE(server->listen(name));
	QThread thread;
	QObject::connect(server, &QLocalServer::newConnection, server, [server] {
		QLocalSocket *socket = server->nextPendingConnection();
		QObject::connect(socket, &QLocalSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
	});
	QLocalSocket client;
	client.connectToServer(name);
	REQUIRE(until([&] { return server->findChild<QLocalSocket *>() != nullptr && client.state() == QLocalSocket::ConnectedState; }));
	REQUIRE(server->moveToThread(&thread));
	QObject::connect(&thread, &QThread::finished, server, &QObject::deleteLater);
	thread.start();
	client.write("x");
	CHECK(client.waitForReadyRead(10000));
	thread.quit();
	CHECK(thread.wait());
}

TEST_CASE("thread: wait for itself, run elsewhere, restart")
{
	Messages messages;
	struct Itself : QThread {
		void run() override
		{
			waited = wait();
			ran++;
		}
		int elsewhere() { return exec(); }
		bool waited = true;
		int ran = 0;
	} thread;
	CHECK(thread.wait()); // never began
	CHECK(thread.elsewhere() == -1);
	for (int i = 0; i < 3; i++) {
		thread.start();
		thread.wait();
		CHECK(thread.isFinished());
	}
	CHECK(thread.ran == 3);
	CHECK_FALSE(thread.waited);
	CHECK(messages.contains("wait for itself"));
	CHECK(messages.contains("only the thread itself"));
}

TEST_CASE("thread: the main thread has an object, and so has every other")
{
	CHECK(QThread::currentThread() == QThread::currentThread());
	CHECK(QThread::currentThread()->isRunning());
	QObject object;
	CHECK(object.thread() == QThread::currentThread());
	QThread *other = nullptr;
	std::thread([&] { other = QThread::currentThread(); }).join();
	CHECK(other != QThread::currentThread());
	CHECK_FALSE(QThread::currentThread()->wait(0UL));
}

TEST_CASE("thread: connections are made and ended while the signal is emitted elsewhere")
{
	Running thread;
	Tool *tool = new Tool;
	tool->moveToThread(&thread);
	std::atomic<bool> stop{false};
	std::atomic<int> heard{0};
	QMetaObject::invokeMethod(tool, [&, tool] {
		while (!stop)
			tool->used(1);
	}, Qt::QueuedConnection);
	for (int i = 0; i < 200; i++) {
		const QMetaObject::Connection direct = QObject::connect(tool, &Tool::used, [&](int) { heard++; });
		const int before = heard;
		while (heard == before)
			std::this_thread::yield();
		CHECK(QObject::disconnect(direct));
	}
	stop = true;
	CHECK(QMetaObject::invokeMethod(tool, [] {}, Qt::BlockingQueuedConnection));
	tool->deleteLater();
}
