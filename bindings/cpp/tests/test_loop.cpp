#include "support.h"

#include <poll.h>

#include <csignal>
#include <thread>

TEST_CASE("loop: QEventLoop")
{
	QEventLoop loop;
	CHECK_FALSE(loop.isRunning());
	bool running = false;
	QTimer::singleShot(0, [&] {
		running = loop.isRunning();
		Messages messages;
		CHECK(loop.exec() == -1);
		CHECK(messages.all().size() == 1);
		loop.exit(5);
		CHECK_FALSE(loop.isRunning());
	});
	CHECK(loop.exec() == 5);
	CHECK(running);
	QTimer::singleShot(0, &loop, &QEventLoop::quit);
	CHECK(loop.exec() == 0);
	loop.exit(3); // does nothing
}

TEST_CASE("loop: nested loops end by themselves")
{
	QEventLoop outer, inner;
	std::string log;
	QTimer::singleShot(0, [&] {
		QTimer::singleShot(0, [&] {
			outer.exit(1); // once the inner one has ended
			log += "a";
			QTimer::singleShot(1, [&] {
				log += "b";
				inner.exit(2);
			});
		});
		CHECK(inner.exec() == 2);
		log += "c";
	});
	CHECK(outer.exec() == 1);
	CHECK(log == "abc");
}

TEST_CASE("loop: left at once, nested or not")
{
	for (bool nested : {false, true}) {
		QEventLoop loop;
		std::string log;
		auto run = [&] {
			LoopRef::current().post([&] { loop.quit(); });
			LoopRef::current().post([&] { log += "later "; });
			loop.exec();
			log += "left ";
		};
		if (nested) {
			QEventLoop outer;
			LoopRef::current().post([&] {
				run();
				LoopRef::current().post([&] { outer.quit(); });
			});
			outer.exec();
		} else {
			run();
			settle();
		}
		CHECK(log == "left later ");
	}
}

TEST_CASE("loop: interrupted")
{
	std::string log;
	LoopRef::current().post([&] { LoopRef::current().interrupt(); });
	LoopRef::current().post([&] { log += "second"; });
	LoopRef::current().processEvents();
	CHECK(log.empty());
	LoopRef::current().processEvents();
	CHECK(log == "second");
}

TEST_CASE("loop: destroyed while it runs")
{
	for (bool nested : {false, true}) {
		int code = 0;
		auto run = [&] {
			auto *loop = new QEventLoop;
			QTimer::singleShot(0, [loop] { delete loop; });
			code = loop->exec();
		};
		if (nested) {
			QEventLoop outer;
			QTimer::singleShot(0, [&] {
				run();
				outer.quit();
			});
			outer.exec();
		} else {
			run();
		}
		CHECK(code == -1);
	}
}

TEST_CASE("loop: the application's end is that of every loop inside")
{
	QEventLoop inner;
	int code = 0, refused = 0;
	QTimer::singleShot(0, [&] {
		QTimer::singleShot(0, [&] { QCoreApplication::exit(7); });
		code = inner.exec();
		QEventLoop another;
		refused = another.exec();
	});
	CHECK(QCoreApplication::exec() == 7);
	CHECK(code == 7);
	CHECK(refused == -1);
}

TEST_CASE("loop: QCoreApplication")
{
	CHECK(QCoreApplication::instance() == nullptr);
	CHECK(QCoreApplication::arguments().empty());
	char name[] = "program", option[] = "-x";
	char *argv[] = {name, option, nullptr};
	int argc = 2;
	{
		QCoreApplication app(argc, argv);
		CHECK(QCoreApplication::instance() == &app);
		CHECK(app.arguments() == std::vector<std::string>{"program", "-x"});
		QCoreApplication::setApplicationName("tests");
		QCoreApplication::setApplicationVersion("1");
		CHECK(app.applicationName() == "tests");
		CHECK(app.applicationVersion() == "1");
		int quits = 0;
		QObject::connect(&app, &QCoreApplication::aboutToQuit, [&] { quits++; });
		QTimer::singleShot(0, &app, &QCoreApplication::quit);
		CHECK(app.exec() == 0);
		CHECK(quits == 1);
		bool did = false;
		LoopRef::current().post([&] { did = true; });
		QCoreApplication::processEvents();
		CHECK(did);
		QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
		Messages messages;
		QCoreApplication second(argc, argv);
		CHECK(messages.all().size() == 1);
	}
	CHECK(QCoreApplication::instance() == nullptr);
}

TEST_CASE("loop: processEvents")
{
	QEventLoop loop;
	settle();
	CHECK_FALSE(loop.processEvents());
	bool did = false;
	LoopRef::current().post([&] { did = true; });
	CHECK(loop.processEvents());
	CHECK(did);
	QTimer::singleShot(1, [&] { did = false; });
	while (did)
		loop.processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::ExcludeUserInputEvents);
	loop.processEvents(QEventLoop::AllEvents, 1);
	loop.wakeUp();
	CHECK(loop.processEvents(QEventLoop::WaitForMoreEvents));
}

TEST_CASE("loop: ended by another thread, nested or not")
{
	for (bool nested : {false, true}) {
		QEventLoop loop;
		int code = 0;
		std::thread thread;
		auto run = [&] {
			thread = std::thread([&] {
				while (!loop.isRunning())
					std::this_thread::yield();
				loop.exit(9);
			});
			code = loop.exec();
		};
		if (nested) {
			QEventLoop outer;
			QTimer::singleShot(0, [&] {
				run();
				outer.quit();
			});
			outer.exec();
		} else {
			run();
		}
		thread.join();
		CHECK(code == 9);
	}
}

TEST_CASE("loop: a thread has its own")
{
	CHECK(LoopRef::current() == LoopRef());
	CHECK(LoopRef::current() == LoopRef::defaultLoop());
	const int before = descriptors();
	std::thread([] {
		CHECK(LoopRef::current() != LoopRef());
		QObject object;
		CHECK(object.loop() == LoopRef::current());
		QEventLoop loop;
		QTimer::singleShot(1, &loop, [&] { loop.exit(4); });
		CHECK(loop.exec() == 4);
	}).join();
	CHECK(descriptors() == before);
}

TEST_CASE("loop: an explicit one, driven through its descriptor")
{
	Loop loop;
	Counter *counter;
	{
		Loop::Scope scope(loop);
		CHECK(LoopRef::current() == loop);
		counter = new Counter;
	}
	CHECK(LoopRef::current() == LoopRef());
	CHECK(counter->loop() == loop);
	pollfd watched = {loop.fd(), POLLIN, 0};
	while (loop.processEvents(0))
		;
	CHECK(poll(&watched, 1, 0) == 0);
	std::thread([&] { loop.post([&] { counter->tick(); }); }).join();
	CHECK(poll(&watched, 1, 5000) == 1);
	CHECK(loop.processEvents(0));
	CHECK(counter->calls == 1);
	loop.post([&] { loop.exit(6); });
	CHECK(loop.exec() == 6);
	loop.post([&] { loop.quit(); });
	CHECK(loop.exec() == 0);
	delete counter;
	bool last = false;
	{
		Loop gone;
		gone.post([&] { last = true; });
	}
	CHECK(last);
}

TEST_CASE("loop: a blocking client on a thread, a server on the main loop")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	server.newConnection.connect([&] {
		QTcpSocket *socket = server.nextPendingConnection();
		QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
		QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
	});
	QEventLoop loop;
	std::string answer;
	std::thread thread([&, port = server.serverPort()] {
		QTcpSocket socket;
		socket.connectToHost("127.0.0.1", port);
		if (socket.waitForConnected() && socket.write("from a thread\n") > 0)
			while (!socket.canReadLine() && socket.waitForReadyRead())
				;
		answer = socket.readLine();
		loop.quit();
	});
	QTimer::singleShot(5000, &loop, &QEventLoop::quit);
	loop.exec();
	thread.join();
	CHECK(answer == "from a thread\n");
}

TEST_CASE("loop: waits are interrupted")
{
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QTcpSocket socket;
	socket.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	REQUIRE(socket.waitForConnected());
	int ends[2];
	REQUIRE(::pipe(ends) == 0);
	CHECK(::write(ends[1], "x", 1) == 1);
	setInterruptFd(ends[0]);
	CHECK_FALSE(interrupted());
	CHECK_FALSE(socket.waitForReadyRead(-1));
	CHECK(interrupted());
	CHECK_FALSE(interrupted());
	CHECK(socket.error() == QAbstractSocket::UnknownSocketError);
	setInterruptFd(-1);
	CHECK_FALSE(socket.waitForReadyRead(0));
	CHECK(socket.error() == QAbstractSocket::SocketTimeoutError);
	::close(ends[0]);
	::close(ends[1]);
}


TEST_CASE("loop: a signal handler ends it")
{
	struct sigaction action = {}, before = {};
	action.sa_handler = [](int) { QCoreApplication::exitFromSignal(7); };
	action.sa_flags = SA_ONSTACK;
	CHECK(sigaction(SIGUSR2, &action, &before) == 0);
	QTimer::singleShot(0, [] { std::raise(SIGUSR2); });
	CHECK(QCoreApplication::exec() == 7);
	std::raise(SIGUSR2); // before it runs
	CHECK(QCoreApplication::exec() == 7);
	sigaction(SIGUSR2, &before, nullptr);
}
