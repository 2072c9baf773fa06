#include "support.h"

#include <atomic>
#include <stdexcept>
#include <thread>

TEST_CASE("signal: the forms of connect")
{
	Counter sender, receiver;
	int lambda = 0, context = 0, plain = 0;
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add);
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::tick); // fewer arguments
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::addAndTell);
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::addConst);
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::addNoexcept);
	QObject::connect(&sender, &Counter::changed, [&](int n) { lambda += n; });
	QObject::connect(&sender, &Counter::changed, &receiver, [&] { context++; });
	sender.changed.connect([&](long n) { plain += static_cast<int>(n); });
	sender.changed(5);
	CHECK(receiver.value == 15);
	CHECK(receiver.constant == 5);
	CHECK(receiver.calls == 3);
	CHECK(lambda == 5);
	CHECK(context == 1);
	CHECK(plain == 5);
}

TEST_CASE("signal: arguments, as many as the slot takes")
{
	Counter sender;
	std::string all;
	sender.named.connect([&](int n, const std::string &text) { all += std::to_string(n) + text; });
	sender.named.connect([&](int n) { all += std::to_string(n); });
	sender.named.connect([&] { all += "!"; });
	sender.named(7, "seven");
	CHECK(all == "7seven7!");
}

TEST_CASE("signal: connected to a signal")
{
	Counter one, two;
	int got = 0;
	two.changed.connect([&](int n) { got = n; });
	QMetaObject::Connection connection = QObject::connect(&one, &Counter::changed, &two, &Counter::changed);
	one.changed(3);
	CHECK(got == 3);
	CHECK(QObject::disconnect(&one, &Counter::changed, &two, &Counter::changed));
	CHECK_FALSE(connection);
	one.changed(4);
	CHECK(got == 3);
}

TEST_CASE("signal: disconnect in its forms")
{
	Counter sender, receiver, other;
	auto all = [&] {
		QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add);
		QObject::connect(&sender, &Counter::changed, &receiver, &Counter::tick);
		QObject::connect(&sender, &Counter::named, &receiver, &Counter::tick);
		QObject::connect(&sender, &Counter::changed, &other, &Counter::tick);
		receiver.calls = other.calls = 0;
	};
	auto calls = [&] {
		sender.changed(1);
		sender.named(1, "");
		const int sum = receiver.calls * 10 + other.calls;
		QObject::disconnect(&sender, nullptr, nullptr, nullptr);
		return sum;
	};
	all();
	CHECK(calls() == 31);
	all();
	CHECK(QObject::disconnect(&sender, &Counter::changed, &receiver, &Counter::add));
	CHECK_FALSE(QObject::disconnect(&sender, &Counter::changed, &receiver, &Counter::add));
	CHECK(calls() == 21);
	all();
	CHECK(QObject::disconnect(&sender, &Counter::changed, &receiver, nullptr));
	CHECK(calls() == 11);
	all();
	CHECK(QObject::disconnect(&sender, &Counter::changed, nullptr, nullptr));
	CHECK(calls() == 10);
	all();
	CHECK(QObject::disconnect(&sender, nullptr, &receiver, nullptr));
	CHECK(calls() == 1);
	all();
	CHECK(sender.disconnect(&other));
	CHECK(calls() == 30);
	all();
	CHECK(sender.disconnect());
	CHECK_FALSE(sender.disconnect());
	CHECK(calls() == 0);
	all();
	CHECK(sender.changed.disconnect());
	CHECK(calls() == 10);
	// A function without a receiver is the sender's.
	int functions = 0;
	sender.changed.connect([&] { functions++; });
	CHECK_FALSE(QObject::disconnect(&sender, &Counter::changed, &receiver, nullptr));
	CHECK(QObject::disconnect(&sender, &Counter::changed, &sender, nullptr));
	sender.changed.connect([&] { functions++; });
	CHECK(sender.disconnect(&sender));
	sender.changed(1);
	CHECK(functions == 0);
}

TEST_CASE("signal: connections")
{
	Counter sender;
	int calls = 0;
	QMetaObject::Connection none;
	CHECK_FALSE(none);
	CHECK_FALSE(QObject::disconnect(none));
	QMetaObject::Connection connection = sender.changed.connect([&] { calls++; });
	QMetaObject::Connection copy = connection;
	CHECK(connection);
	sender.changed(1);
	CHECK(QObject::disconnect(copy));
	CHECK_FALSE(connection);
	CHECK_FALSE(QObject::disconnect(connection));
	sender.changed(1);
	CHECK(calls == 1);
	{
		ScopedConnection scoped = sender.changed.connect([&] { calls++; });
		ScopedConnection moved = std::move(scoped);
		CHECK_FALSE(scoped);
		CHECK(moved);
		sender.changed(1);
		CHECK(calls == 2);
		moved = sender.changed.connect([&] { calls += 10; });
		sender.changed(1);
		CHECK(calls == 12);
	}
	sender.changed(1);
	CHECK(calls == 12);
	{
		ScopedConnection scoped = sender.changed.connect([&] { calls++; });
		connection = scoped.release();
	}
	sender.changed(1);
	CHECK(calls == 13);
	{
		auto gone = std::make_unique<Counter>();
		connection = gone->changed.connect([] {});
	}
	CHECK_FALSE(connection);
}

TEST_CASE("signal: what a slot holds goes with the connection")
{
	Counter sender;
	auto held = std::make_shared<int>();
	QMetaObject::Connection connection = sender.changed.connect([held] {});
	CHECK(held.use_count() == 2);
	connection.disconnect();
	connection = {};
	CHECK(held.use_count() == 1);
	{
		Counter other;
		other.changed.connect([held] {});
		Counter receiver;
		QObject::connect(&sender, &Counter::changed, &receiver, [held] {});
		CHECK(held.use_count() == 3);
	}
	CHECK(held.use_count() == 1);
}

TEST_CASE("signal: changes during an emission")
{
	Counter sender;
	std::string order;
	QMetaObject::Connection third;
	bool once = false;
	sender.changed.connect([&] {
		order += '1';
		if (!std::exchange(once, true)) {
			sender.changed.connect([&] { order += '4'; });
			third.disconnect();
		}
	});
	sender.changed.connect([&] { order += '2'; });
	third = sender.changed.connect([&] { order += '3'; });
	sender.changed(0);
	CHECK(order == "12");
	sender.changed(0);
	CHECK(order == "12124");
}

TEST_CASE("signal: a slot that disconnects itself, and a recursive emission")
{
	Counter sender;
	int calls = 0;
	QMetaObject::Connection self = sender.changed.connect([&, held = std::make_shared<int>(1)](int n) {
		calls += *held;
		if (n > 0)
			sender.changed(n - 1);
		else
			self.disconnect();
		calls += *held;
	});
	sender.changed(3);
	CHECK(calls == 8);
	sender.changed(3);
	CHECK(calls == 8);
}

TEST_CASE("signal: the sender is deleted in its slot")
{
	auto *sender = new Counter;
	int calls = 0;
	sender->changed.connect([&, held = std::make_shared<int>(1)] {
		delete sender;
		calls += *held;
	});
	sender->changed.connect([&] { calls += 10; });
	sender->changed(1);
	CHECK(calls == 1);
}

TEST_CASE("signal: receivers are deleted during an emission")
{
	Counter sender;
	auto *one = new Counter, *two = new Counter;
	int calls = 0;
	QObject::connect(&sender, &Counter::changed, one, [&, held = std::make_shared<int>(1)] {
		delete one;
		delete two;
		calls += *held;
	});
	QObject::connect(&sender, &Counter::changed, two, &Counter::tick);
	QObject::connect(&sender, &Counter::changed, [&] { calls += 10; });
	sender.changed(1);
	CHECK(calls == 11);
	sender.changed(1);
	CHECK(calls == 21);
}

TEST_CASE("signal: sender()")
{
	Counter one, two, receiver;
	QObject::connect(&one, &Counter::changed, &receiver, &Counter::add);
	QObject::connect(&two, &Counter::changed, &receiver, &Counter::add);
	one.changed(1);
	CHECK(receiver.from == &one);
	two.changed(1);
	CHECK(receiver.from == &two);
	receiver.add(1);
	CHECK(receiver.from == nullptr);
	// An emission inside a slot of the same receiver, and what it comes back to.
	Counter outer;
	QObject *inside = nullptr, *after = nullptr;
	QObject::connect(&outer, &Counter::changed, &receiver, [&] {
		one.changed(1);
		inside = receiver.from;
		receiver.add(1);
		after = receiver.from;
	});
	outer.changed(1);
	CHECK(inside == &one);
	CHECK(after == &outer);
}

TEST_CASE("signal: blocked")
{
	Counter sender;
	int calls = 0;
	sender.changed.connect([&] { calls++; });
	CHECK_FALSE(sender.blockSignals(true));
	CHECK(sender.signalsBlocked());
	sender.changed(1);
	CHECK(sender.blockSignals(false));
	sender.changed(1);
	CHECK(calls == 1);
	{
		QSignalBlocker blocker(sender);
		sender.changed(1);
		blocker.unblock();
		sender.changed(1);
		blocker.reblock();
		sender.changed(1);
	}
	sender.changed(1);
	CHECK(calls == 3);

	Pair pair;
	bool read = false;
	pair.peer->readyRead.connect([&] { read = true; });
	pair.peer->blockSignals(true);
	pair.client.write("x");
	CHECK(until([&] { return pair.peer->bytesAvailable() == 1; }));
	CHECK_FALSE(read);
}

TEST_CASE("signal: types of connection")
{
	Counter sender, receiver;
	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add, Qt::QueuedConnection);
	sender.changed(1);
	sender.changed(2);
	CHECK(receiver.calls == 0);
	settle();
	CHECK(receiver.calls == 2);
	CHECK(receiver.value == 3);
	sender.disconnect();

	QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add, Qt::SingleShotConnection);
	QMetaObject::Connection queued = QObject::connect(
		&sender, &Counter::changed, &receiver, &Counter::add,
		static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));
	sender.changed(10);
	sender.changed(10);
	CHECK(receiver.value == 13);
	CHECK_FALSE(queued);
	settle();
	CHECK(receiver.value == 23);

	CHECK(QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add, Qt::UniqueConnection));
	CHECK_FALSE(QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add, Qt::UniqueConnection));
	CHECK(QObject::connect(&sender, &Counter::changed, &receiver, &Counter::tick, Qt::UniqueConnection));
	sender.changed(1);
	CHECK(receiver.value == 24);
}

TEST_CASE("signal: a queued call outlives the sender and the connection, but not the receiver")
{
	auto receiver = std::make_unique<Counter>();
	std::string got;
	{
		Counter sender;
		QObject::connect(&sender, &Counter::named, receiver.get(), [&](int, const std::string &text) { got += text; },
		                 Qt::QueuedConnection);
		sender.named(1, std::string("copied"));
		sender.disconnect();
	}
	settle();
	CHECK(got == "copied");
	Counter sender;
	auto held = std::make_shared<int>();
	QObject::connect(&sender, &Counter::changed, receiver.get(), [&, held] { got += "never"; }, Qt::QueuedConnection);
	sender.changed(1);
	receiver.reset();
	settle();
	CHECK(got == "copied");
	CHECK(held.use_count() == 1);
}

TEST_CASE("signal: mistakes are warned of")
{
	Messages messages;
	Counter sender, *null = nullptr;
	CHECK_FALSE(QObject::connect(null, &Counter::changed, &sender, &Counter::add));
	CHECK_FALSE(QObject::connect(&sender, &Counter::changed, null, &Counter::add));
	CHECK_FALSE(QObject::disconnect(nullptr, nullptr, &sender, nullptr));
	CHECK(messages.all().size() == 3);
}

TEST_CASE("signal: one without an object learns it from connect")
{
	struct Plain : QObject {
		Signal<> happened;
	};
	Plain sender;
	Counter receiver;
	QObject *from = nullptr;
	struct Receiver : QObject {
		QObject **from;
		void slot() { *from = sender(); }
	};
	Receiver asking;
	asking.from = &from;
	QObject::connect(&sender, &Plain::happened, &asking, &Receiver::slot);
	sender.happened();
	CHECK(from == &sender);
	sender.blockSignals(true);
	from = nullptr;
	sender.happened();
	CHECK(from == nullptr);
	CHECK(sender.disconnect());
}

TEST_CASE("signal: a registration with C is made by the first connection and ended by the last")
{
	QTimer timer;
	int calls = 0;
	QMetaObject::Connection one = timer.timeout.connect([&] { calls++; });
	QMetaObject::Connection two = timer.timeout.connect([&] { calls += 10; });
	timer.start(0);
	CHECK(until([&] { return calls >= 11; }));
	one.disconnect();
	two.disconnect();
	const int before = calls;
	for (int turn = 0; turn < 3; turn++)
		LoopRef::current().processEvents(0);
	CHECK(calls == before);
	timer.timeout.connect([&] { calls += 100; });
	CHECK(until([&] { return calls >= before + 100; }));
}

TEST_CASE("signal: exceptions of slots")
{
	struct Guard {
		std::string caught;
		Guard()
		{
			setExceptionHandler([this](std::exception_ptr exception) {
				try {
					std::rethrow_exception(exception);
				} catch (const std::exception &error) {
					caught += error.what();
				} catch (...) {
					caught += '?';
				}
			});
		}
		~Guard() { setExceptionHandler(nullptr); }
	} guard;

	SUBCASE("of the library's signals they go to the handler, and the next slot is called")
	{
		QTimer timer;
		bool next = false;
		timer.setSingleShot(true);
		timer.timeout.connect([] { throw std::runtime_error("first"); });
		timer.timeout.connect([] { throw 1; });
		timer.timeout.connect([&] { next = true; });
		timer.start(0);
		CHECK(until([&] { return next; }));
		CHECK(guard.caught == "first?");
	}
	SUBCASE("of a program's signals they reach the emitter")
	{
		Counter sender;
		int calls = 0;
		sender.changed.connect([&](int n) {
			calls++;
			if (n == 1)
				throw std::runtime_error("one");
		});
		CHECK_THROWS_AS(sender.changed(1), std::runtime_error);
		sender.changed(2);
		CHECK(calls == 2);
		CHECK(guard.caught.empty());
	}
	SUBCASE("of posted calls")
	{
		LoopRef::current().post([] { throw std::runtime_error("posted"); });
		QTimer::singleShot(0, [] { throw std::runtime_error("timed"); });
		CHECK(until([&] { return guard.caught == "postedtimed" || guard.caught == "timedposted"; }));
	}
	SUBCASE("without a handler they are a message")
	{
		setExceptionHandler(nullptr);
		Messages messages;
		LoopRef::current().post([] { throw std::runtime_error("nobody's"); });
		CHECK(until([&] { return messages.contains("nobody's"); }));
	}
}

TEST_CASE("signal: between threads")
{
	Counter receiver;
	const std::thread::id here = std::this_thread::get_id();
	std::thread::id called;
	std::thread thread([&] {
		Counter sender;
		QObject::connect(&sender, &Counter::changed, &receiver, [&] { called = std::this_thread::get_id(); });
		QObject::connect(&sender, &Counter::changed, &receiver, &Counter::add);
		sender.changed(4);
	});
	CHECK(until([&] { return receiver.calls == 1; }));
	thread.join();
	CHECK(called == here);
	CHECK(receiver.value == 4);
}

TEST_CASE("signal: a receiver is destroyed on its thread while another one emits")
{
	// What may go wrong is for the sanitizer to see.
	std::atomic<bool> stop{false};
	std::atomic<Counter *> target{nullptr};
	Counter sender;
	int rounds = 0;
	std::thread thread([&] {
		while (!stop) {
			Counter receiver;
			target = &receiver;
			while (target != nullptr && !stop)
				std::this_thread::yield();
			LoopRef::current().processEvents(0);
		}
	});
	while (rounds < 500) {
		Counter *receiver = target;
		if (receiver == nullptr)
			continue;
		QObject::connect(&sender, &Counter::changed, receiver, &Counter::add);
		target = nullptr;
		sender.changed(1);
		sender.changed(1);
		rounds++;
	}
	stop = true;
	thread.join();
	CHECK(rounds == 500);
}
