#include "support.h"

#include <chrono>

using namespace std::chrono_literals;

TEST_CASE("timer: repeats, and stops")
{
	QTimer timer;
	CHECK_FALSE(timer.isActive());
	CHECK(timer.interval() == 0);
	int calls = 0;
	QObject::connect(&timer, &QTimer::timeout, [&] {
		if (++calls == 3)
			timer.stop();
	});
	const auto start = std::chrono::steady_clock::now();
	timer.start(2);
	CHECK(timer.isActive());
	CHECK(timer.interval() == 2);
	CHECK(until([&] { return !timer.isActive(); }));
	CHECK(calls == 3);
	CHECK(std::chrono::steady_clock::now() - start >= 6ms);
	timer.start();
	CHECK(timer.isActive());
	timer.stop();
}

TEST_CASE("timer: single shot, chrono, callOnTimeout")
{
	QTimer timer;
	Counter counter;
	timer.setSingleShot(true);
	CHECK(timer.isSingleShot());
	timer.setInterval(1500us); // never early
	CHECK(timer.interval() == 2);
	CHECK(timer.intervalAsDuration() == 2ms);
	timer.setTimerType(Qt::PreciseTimer);
	CHECK(timer.timerType() == Qt::PreciseTimer);
	timer.callOnTimeout(&counter, &Counter::tick);
	timer.start(1ms);
	CHECK(until([&] { return counter.calls == 1; }));
	CHECK_FALSE(timer.isActive());
	Messages messages;
	timer.start(-5);
	timer.setInterval(-5);
	CHECK(messages.all().size() == 2);
	CHECK(timer.interval() == 1);
	CHECK_FALSE(timer.isActive());
}

TEST_CASE("timer: the forms of singleShot")
{
	Counter counter;
	int calls = 0;
	QTimer::singleShot(0, [&] { calls++; });
	QTimer::singleShot(1ms, [&] { calls++; });
	QTimer::singleShot(1, Qt::PreciseTimer, [&] { calls++; });
	QTimer::singleShot(1, &counter, [&] { calls++; });
	QTimer::singleShot(1, &counter, &Counter::tick);
	QTimer::singleShot(1ms, Qt::CoarseTimer, &counter, &Counter::tick);
	CHECK(until([&] { return calls == 4 && counter.calls == 2; }));
	{
		Counter gone;
		QTimer::singleShot(0, &gone, [&] { calls++; });
		QTimer::singleShot(0, &gone, &Counter::tick);
	}
	auto held = std::make_shared<int>();
	QTimer::singleShot(1, [held] {});
	CHECK(until([&] { return held.use_count() == 1; }));
	CHECK(calls == 4);
	Messages messages;
	QTimer::singleShot(0, static_cast<Counter *>(nullptr), &Counter::tick);
	QTimer::singleShot(-1, [held] {});
	CHECK(held.use_count() == 1);
	CHECK(messages.all().size() == 2);
}

TEST_CASE("timer: deleted in its slot")
{
	auto *timer = new QTimer;
	bool gone = false;
	timer->timeout.connect([timer] { delete timer; });
	timer->destroyed.connect([&] { gone = true; });
	timer->start(0);
	CHECK(until([&] { return gone; }));
}

TEST_CASE("timer: the remaining time, and a number for each start")
{
	QTimer timer;
	CHECK(timer.remainingTime() == -1);
	CHECK(timer.timerId() == -1);
	timer.start(50s);
	CHECK(timer.remainingTime() > 40000);
	CHECK(timer.remainingTimeAsDuration() <= 50s);
	const int first = timer.timerId();
	timer.start();
	CHECK(timer.timerId() > 0);
	CHECK(timer.timerId() != first);
	timer.stop();
	CHECK(timer.timerId() == -1);
}

TEST_CASE("timer: an attempt to connect has a time")
{
	QTcpServer mute;
	REQUIRE(mute.listen(QHostAddress::LocalHost));
	QTcpSocket socket;
	socket.setProxy(QNetworkProxy(QNetworkProxy::Socks5Proxy, "127.0.0.1", mute.serverPort()));
	CHECK(socket.connectTimeout() == 0);
	socket.setConnectTimeout(20);
	CHECK(socket.connectTimeout() == 20);
	socket.connectToHost("target.test", 80);
	CHECK(until([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
	CHECK(socket.error() == QAbstractSocket::SocketTimeoutError);
}
