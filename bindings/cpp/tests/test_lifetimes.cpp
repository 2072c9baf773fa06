// Objects, calls and functions that outlive each other.
#include "support.h"

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

namespace {

/// A receiver that counts the calls of its slot in a place that outlives it.
struct Called : QObject {
	explicit Called(int *calls) : calls(calls) {}
	void slot(int) { ++*calls; }
	int *calls;
};

/// A connection whose sides are ended in all orders.
struct Ends {
	std::unique_ptr<Counter> sender = std::make_unique<Counter>();
	int calls = 0;
	std::unique_ptr<Called> receiver = std::make_unique<Called>(&calls);
	QMetaObject::Connection connection;

	explicit Ends(int type)
	{
		connection = QObject::connect(sender.get(), &Counter::changed, receiver.get(), &Called::slot,
		                              static_cast<Qt::ConnectionType>(type));
	}
};

constexpr int Single = Qt::QueuedConnection | Qt::SingleShotConnection;

/// The library's own objects and descriptors.
struct Held {
	qnet_usage usage = qnet::usage(true);
	int files = descriptors();

	bool sameAsNow() const
	{
		const qnet_usage now = qnet::usage(true);
		return now.loops == usage.loops && now.host_infos == usage.host_infos && now.posted == usage.posted &&
		       now.timers == usage.timers && descriptors() == files;
	}
};

} // namespace

TEST_CASE("lifetimes: a queued call is made though its connection has ended")
{
	const std::pair<int, std::function<void(Ends &)>> ways[] = {
		{Qt::QueuedConnection, [](Ends &ends) { ends.connection.disconnect(); }},
		{Qt::QueuedConnection, [](Ends &ends) { ends.sender->disconnect(ends.receiver.get()); }},
		{Single, [](Ends &) {}},
		{Qt::QueuedConnection, [](Ends &ends) { ends.sender.reset(); }},
		{Single, [](Ends &ends) { ends.sender.reset(); }}};
	for (const auto &[type, end] : ways) {
		Ends made(type), lost(type);
		for (Ends *ends : {&made, &lost}) {
			ends->sender->changed(1);
			end(*ends);
			CHECK_FALSE((ends->connection && type != Qt::QueuedConnection));
		}
		lost.receiver.reset(); // but not when the receiver is gone
		settle();
		CHECK(made.calls == 1);
		CHECK(lost.calls == 0);
	}
}

TEST_CASE("lifetimes: a slot goes with its connection, though somebody keeps that")
{
	auto held = std::make_shared<int>();
	Counter sender;
	auto receiver = std::make_unique<Counter>();
	std::vector<QMetaObject::Connection> kept;
	auto connect = [&](int type) {
		kept.push_back(QObject::connect(&sender, &Counter::changed, receiver.get(), [held] {},
		                                static_cast<Qt::ConnectionType>(type)));
		return kept.back();
	};

	connect(Qt::DirectConnection).disconnect();
	CHECK(held.use_count() == 1);
	connect(Qt::DirectConnection | Qt::SingleShotConnection);
	sender.changed(1);
	CHECK(held.use_count() == 1);

	// Queued calls need it still.
	connect(Qt::QueuedConnection);
	sender.changed(1);
	sender.changed(1);
	kept.back().disconnect();
	CHECK(held.use_count() == 2);
	settle();
	CHECK(held.use_count() == 1);

	connect(Qt::DirectConnection);
	connect(Qt::QueuedConnection);
	sender.changed(1);
	receiver.reset();
	CHECK(held.use_count() == 2);
	settle();
	CHECK(held.use_count() == 1);

	{
		Counter other;
		kept.push_back(other.changed.connect([held] {}));
		CHECK(held.use_count() == 2);
	}
	CHECK(held.use_count() == 1);

	// One that runs is kept until it has returned.
	long inside = 0;
	QMetaObject::Connection self = sender.changed.connect([&, held] {
		self.disconnect();
		inside = held.use_count();
	});
	sender.changed(1);
	CHECK(inside == 2);
	CHECK(held.use_count() == 1);
}

TEST_CASE("lifetimes: a slot that holds the last of its sender")
{
	auto *sender = new Counter;
	std::shared_ptr<Counter> owner(sender);
	QMetaObject::Connection connection = sender->changed.connect([owner] {});
	owner.reset();
	bool gone = false;
	sender->destroyed.connect([&] { gone = true; });
	SUBCASE("ended alone")
	{
		connection.disconnect();
	}
	SUBCASE("ended with others")
	{
		sender->disconnect();
		gone = true; // who would say so was disconnected, too
	}
	SUBCASE("ended in an emission")
	{
		sender->changed.connect([&] { connection.disconnect(); });
		sender->changed(1);
	}
	CHECK(gone);
}

TEST_CASE("lifetimes: deleteLater() of many threads deletes once")
{
	int destroyed = 0;
	for (int i = 0; i < 200; i++) {
		auto *object = new QObject;
		object->destroyed.connect([&] { destroyed++; });
		std::atomic<int> ready{0};
		auto ask = [&] {
			ready++;
			while (ready < 3)
				;
			object->deleteLater();
		};
		std::thread one(ask), two(ask);
		ask();
		one.join();
		two.join();
		settle();
	}
	CHECK(destroyed == 200);
}

TEST_CASE("lifetimes: an object is destroyed once, though its last signals run a loop after deleteLater()")
{
	int destroyed = 0;
	Pair pair;
	QObject *const objects[] = {new QObject, new QTimer, new QTcpServer, new QUdpSocket, pair.peer};
	pair.peer->disconnected.connect(&settle);
	for (QObject *object : objects) {
		object->destroyed.connect([&] {
			destroyed++;
			settle();
		});
		object->deleteLater();
		delete object;
	}
	settle();
	CHECK(destroyed == 5);
}

TEST_CASE("lifetimes: deleteLater() after the loop has ended leaves the object, and says so once")
{
	QObject *object = nullptr;
	std::thread([&] { object = new QObject; }).join();
	Messages messages;
	object->deleteLater();
	settle();
	CHECK(messages.all().size() == 1);
	delete object;
}

TEST_CASE("lifetimes: the last signals of a child delete its parent")
{
	SUBCASE("destroyed")
	{
		auto *group = new QObject;
		int open = 3, destroyed = 0;
		for (int i = 0; i < 3; i++) {
			QObject *child = i == 0 ? new QTcpSocket(group) : i == 1 ? new QTimer(group) : new QObject(group);
			child->destroyed.connect([&] {
				destroyed++;
				if (--open == 1) // one is a child still
					delete group;
			});
			child->deleteLater();
		}
		settle();
		CHECK(destroyed == 3);
	}
	SUBCASE("disconnected, of which the parent is the receiver")
	{
		Pair pair;
		auto *group = new QObject;
		bool gone = false;
		group->destroyed.connect([&] { gone = true; });
		pair.peer->setParent(group);
		QObject::connect(pair.peer, &QTcpSocket::disconnected, group, [group] { delete group; });
		delete pair.peer;
		CHECK(gone);
	}
	SUBCASE("the parent's parent")
	{
		auto *group = new QObject;
		auto *child = new QTimer(new QObject(group));
		int destroyed = 0;
		child->destroyed.connect([&] {
			destroyed++;
			delete group;
		});
		delete child;
		CHECK(destroyed == 1);
	}
}

TEST_CASE("lifetimes: a connection with an object whose destructor is almost over")
{
	Counter sender;
	int calls = 0;
	{
		QObject group;
		auto *child = new QObject(&group);
		child->destroyed.connect([&] {
			QObject::connect(&sender, &Counter::changed, &group, [&] { calls++; });
			sender.changed(1);
		});
	}
	CHECK(calls == 1);
	sender.changed(1);
	CHECK(calls == 1);
}

TEST_CASE("lifetimes: no slot of a class that is gone is called, of the library's either")
{
	Counter sender;
	int calls = 0;
	auto *socket = new QTcpSocket;
	QObject::connect(&sender, &Counter::changed, socket, &QTcpSocket::disconnectFromHost, Qt::QueuedConnection);
	QObject::connect(&sender, &Counter::changed, socket, &QTcpSocket::readyRead, Qt::QueuedConnection);
	QObject::connect(&sender, &Counter::changed, socket, &QObject::deleteLater, Qt::QueuedConnection);
	QObject::connect(&sender, &Counter::changed, socket, [&] { calls++; }, Qt::QueuedConnection);
	socket->destroyed.connect(&settle);
	Messages messages;
	sender.changed(1);
	delete socket;
	CHECK(calls == 1);

	int methods = 0;
	auto *called = new Called(&methods);
	QObject::connect(&sender, &Counter::changed, called, &Called::slot, Qt::QueuedConnection);
	QObject::connect(&sender, &Counter::changed, called, [&] { methods++; }, Qt::QueuedConnection);
	called->destroyed.connect(&settle);
	sender.changed(1);
	delete called;
	CHECK(methods == 0);
	CHECK(messages.all().empty());
}

TEST_CASE("lifetimes: what waits in a loop goes with it")
{
	auto held = std::make_shared<int>();
	std::function<void()> begin = [held] {
		Counter receiver;
		Counter::connect(&receiver, &Counter::changed, &receiver, [held] {}, Qt::QueuedConnection);
		receiver.changed(1);
		QMetaObject::invokeMethod(&receiver, [held] {}, Qt::QueuedConnection);
		QTimer::singleShot(std::chrono::hours(1), [held] {});
		QTimer::singleShot(std::chrono::hours(1), new QObject(&receiver), [held] {});
		QHostInfo::lookupHost("localhost", [held](const QHostInfo &) {});
		QHostInfo::lookupHost("localhost", &receiver, [held] {});
		(new QObject)->deleteLater();
	};
	const Held before;
	SUBCASE("a thread's")
	{
		for (int i = 0; i < 20; i++)
			std::thread(begin).join();
	}
	SUBCASE("a program's")
	{
		for (int i = 0; i < 20; i++) {
			Loop loop;
			Loop::Scope scope(loop);
			begin();
		}
	}
	begin = nullptr;
	CHECK(held.use_count() == 1);
	CHECK(until([&] { return before.sameAsNow(); }));
}

TEST_CASE("lifetimes: a loop that one of its timed calls deletes makes no more of them")
{
	int calls = 0;
	auto *loop = new Loop;
	{
		Loop::Scope scope(*loop);
		for (int i = 0; i < 2; i++)
			QTimer::singleShot(0, [&] {
				calls++;
				delete loop;
			});
	}
	while (calls == 0)
		LoopRef(loop->handle()).processEvents(-1);
	CHECK(calls == 1);
}

TEST_CASE("lifetimes: a loop is deleted inside a QEventLoop of it")
{
	auto *loop = new Loop;
	Messages messages;
	{
		Loop::Scope scope(*loop);
		QEventLoop outer;
		int code = 0;
		QTimer::singleShot(0, [&] {
			QEventLoop inner;
			QTimer::singleShot(0, [&] { delete loop; });
			code = inner.exec();
		});
		CHECK(outer.exec() == -1);
		CHECK(code == -1);
	}
}

TEST_CASE("lifetimes: objects of a loop that another thread runs")
{
	// Connected here, they are for the thread that runs the loop then, but the receivers are this thread's.
	Loop loop;
	std::unique_ptr<QTimer> timer;
	{
		Loop::Scope scope(loop);
		timer = std::make_unique<QTimer>();
	}
	int received = 0;
	std::vector<std::unique_ptr<Counter>> receivers;
	for (int i = 0; i < 50; i++) {
		receivers.push_back(std::make_unique<Counter>());
		QObject::connect(timer.get(), &QTimer::timeout, receivers.back().get(), [&] { received++; });
	}
	timer->start(1);
	std::thread thread([&] { loop.exec(); });
	while (!receivers.empty()) {
		const int before = received;
		CHECK(until([&] { return received > before; }));
		receivers.pop_back();
	}
	loop.quit();
	thread.join();
}
