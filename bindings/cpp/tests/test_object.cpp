#include "support.h"

#include <thread>

namespace {

struct Watched : QObject {
	explicit Watched(std::string *log, char name, QObject *parent = nullptr) : QObject(parent), log(log), name(name) {}
	~Watched() override { *log += name; }
	std::string *log;
	char name;
};

} // namespace

TEST_CASE("object: children go with their parent, in order")
{
	std::string log;
	auto parent = std::make_unique<Watched>(&log, 'p');
	auto *a = new Watched(&log, 'a', parent.get());
	auto *b = new Watched(&log, 'b', parent.get());
	new Watched(&log, 'c', a);
	CHECK(parent->children() == std::vector<QObject *>{a, b});
	CHECK(b->parent() == parent.get());
	parent.reset();
	CHECK(log == "pacb");
}

TEST_CASE("object: children that go before their parent, or to another one")
{
	std::string log;
	Watched parent(&log, 'p');
	{
		Watched value(&log, 'v', &parent);
		auto unique = std::make_unique<Watched>(&log, 'u', &parent);
		CHECK(parent.children().size() == 2);
	}
	CHECK(log == "uv");
	CHECK(parent.children().empty());
	QObject other;
	auto *child = new Watched(&log, 'c', &parent);
	child->setParent(&other);
	CHECK(parent.children().empty());
	CHECK(other.children() == std::vector<QObject *>{child});
	child->setParent(nullptr);
	CHECK(child->parent() == nullptr);
	delete child;
	CHECK(log == "uvc");
}

TEST_CASE("object: parents that are refused")
{
	Messages messages;
	QObject parent, *child = new QObject(&parent);
	parent.setParent(child);
	CHECK(parent.parent() == nullptr);
	parent.setParent(&parent);
	CHECK(parent.parent() == nullptr);
	CHECK(messages.all().size() == 2);
	std::thread([&] {
		QObject other(&parent);
		CHECK(other.parent() == nullptr);
		QTcpSocket socket(&parent);
		CHECK(socket.parent() == nullptr);
	}).join();
	CHECK(messages.all().size() == 4);
	CHECK(messages.contains("another loop"));
}

TEST_CASE("object: destroyed")
{
	QObject *told = nullptr;
	auto *object = new QTcpSocket;
	QObject *address = object;
	object->destroyed.connect([&](QObject *gone) { told = gone; });
	object->blockSignals(true);
	delete object;
	CHECK(told == address);
	bool plain = false;
	{
		QObject other;
		QObject::connect(&other, &QObject::destroyed, [&] { plain = true; });
	}
	CHECK(plain);
}

TEST_CASE("object: deleteLater")
{
	std::string log;
	auto *object = new Watched(&log, 'x');
	object->deleteLater();
	object->deleteLater();
	CHECK(log.empty());
	settle();
	CHECK(log == "x");

	auto *early = new Watched(&log, 'e');
	early->deleteLater();
	delete early;
	settle();
	CHECK(log == "xe");

	QTcpSocket *socket = new QTcpSocket;
	bool gone = false;
	socket->destroyed.connect([&] { gone = true; });
	QTimer::singleShot(0, socket, &QObject::deleteLater);
	CHECK(until([&] { return gone; }));
}

TEST_CASE("object: deleteLater waits until control is back in the loop in which it was called")
{
	std::string log;
	LoopRef::current().post([&] {
		(new Watched(&log, 'x'))->deleteLater();
		QEventLoop inner;
		QTimer::singleShot(20, &inner, &QEventLoop::quit);
		inner.exec();
		log += '.';
	});
	CHECK(until([&] { return log.size() == 2; }));
	CHECK(log == ".x");
}

TEST_CASE("object: names, search, casts")
{
	QObject parent;
	auto *child = new QObject(&parent);
	auto *timer = new QTimer(child);
	timer->setObjectName("clock");
	CHECK(timer->objectName() == "clock");
	CHECK(child->objectName().empty());
	CHECK(parent.findChild<QTimer *>() == timer);
	CHECK(parent.findChild<QObject *>("clock") == timer);
	CHECK(parent.findChild<QTcpSocket *>() == nullptr);
	CHECK(qobject_cast<QTimer *>(static_cast<QObject *>(timer)) == timer);
	CHECK(qobject_cast<QTcpSocket *>(static_cast<QObject *>(timer)) == nullptr);
	CHECK(QObject::tr("text") == "text");
}

TEST_CASE("object: a slot of a class whose destructor has run is not called")
{
	struct Client : QTcpSocket {
		explicit Client(int *calls) : calls(calls)
		{
			connect(this, &QTcpSocket::disconnected, this, &Client::over);
			connect(this, &QTcpSocket::disconnected, this, [this] { ++*this->calls; });
		}
		void over() { ++*calls; }
		int *calls;
	};
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	int calls = 0, outside = 0;
	{
		Client client(&calls);
		client.disconnected.connect([&] { outside++; });
		client.connectToHost(QHostAddress::LocalHost, server.serverPort());
		REQUIRE(client.waitForConnected());
	}
	CHECK(calls == 0);
	CHECK(outside == 1);
	auto *plain = new QTcpSocket;
	QObject::connect(plain, &QTcpSocket::disconnected, plain, [&] { outside++; });
	plain->connectToHost(QHostAddress::LocalHost, server.serverPort());
	REQUIRE(plain->waitForConnected());
	delete plain;
	CHECK(outside == 2);
}

TEST_CASE("object: invokeMethod")
{
	Counter object;
	CHECK(QMetaObject::invokeMethod(&object, &Counter::tick));
	CHECK(object.calls == 1);
	CHECK(QMetaObject::invokeMethod(&object, [&] { object.calls += 10; }, Qt::QueuedConnection));
	CHECK(object.calls == 1);
	settle();
	CHECK(object.calls == 11);
	{
		Counter gone;
		QMetaObject::invokeMethod(&gone, [&] { object.calls += 100; }, Qt::QueuedConnection);
	}
	settle();
	CHECK(object.calls == 11);
	std::thread([&] { QMetaObject::invokeMethod(&object, &Counter::tick); }).join();
	CHECK(object.calls == 11);
	settle();
	CHECK(object.calls == 12);
	Messages messages;
	CHECK_FALSE(QMetaObject::invokeMethod(&object, &Counter::tick, Qt::BlockingQueuedConnection)); // a dead lock
	CHECK_FALSE(QMetaObject::invokeMethod(static_cast<Counter *>(nullptr), &Counter::tick));
	CHECK(messages.all().size() == 2);
}
