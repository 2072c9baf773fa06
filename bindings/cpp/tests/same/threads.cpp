// Threads in Qt's own words: QThread as a base and as a place for objects, calls from one thread to another, objects that move.
#include <QCoreApplication>
#include <QEventLoop>
#include <QMetaObject>
#include <QObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>

#include "port.h"

#include <atomic>

static QThread *mainThread;

/// Which thread is this, as the output names it?
static const char *here(const QThread *worker)
{
	QThread *current = QThread::currentThread();
	return current == mainThread ? "main" : current == worker ? "worker" : "another";
}

class Worker : public QObject {
	Q_OBJECT

public:
	explicit Worker(QThread *own) : thread_(own) {}
	~Worker() override { std::printf("worker deleted on %s\n", here(thread_)); }

Q_SIGNALS:
#ifdef QT_CORE_LIB
	void done(int number, const Message &text);
	void asked(int *answer);
#else
public:
	Signal<int, const Message &> done{this};
	Signal<int *> asked{this};
#endif

public Q_SLOTS:
	void work(int number)
	{
		std::printf("work %d on %s\n", number, here(thread_));
		Q_EMIT done(2 * number, string("twice"));
	}

private:
	QThread *thread_;
};

class Asker : public QObject {
	Q_OBJECT

Q_SIGNALS:
#ifdef QT_CORE_LIB
	void work(int number);
#else
public:
	Signal<int> work{this};
#endif
};

/// Runs the main loop until a function says so.
template <class Done>
static void until(Done done)
{
	QTimer look; // for what other threads have done without a word
	look.start(5);
	while (!done())
		QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

static void objectsInAThread()
{
	std::printf("-- objects in a thread\n");
	QThread thread;
	Worker *worker = new Worker(&thread);
	Asker asker;
	int sum = 0;
	QObject::connect(&thread, &QThread::started, worker, [&] { std::printf("started on %s\n", here(&thread)); });
	QObject::connect(&thread, &QThread::finished, worker, &QObject::deleteLater);
	QObject::connect(&asker, &Asker::work, worker, &Worker::work);
	QObject::connect(worker, &Worker::done, &asker, [&](int number, const Message &text) {
		std::printf("%d %s on %s\n", number, plain(text).c_str(), here(&thread));
		sum += number;
	});
	QObject::connect(worker, &Worker::asked, &asker, [&](int *answer) {
		std::printf("asked on %s\n", here(&thread));
		*answer = 42;
	}, Qt::BlockingQueuedConnection);
	worker->moveToThread(&thread);
	std::printf("in the thread: %d, running %d\n", worker->thread() == &thread, thread.isRunning());
	Q_EMIT asker.work(1); // waits for the thread
	thread.start();
	until([&] { return sum == 2; });
	for (int i = 2; i <= 4; i++) {
		const int before = sum;
		Q_EMIT asker.work(i);
		until([&] { return sum > before; }); // or they print at the same time
	}

	std::atomic<int> answer{0};
	QMetaObject::invokeMethod(worker, [&] {
		int given = 0;
		Q_EMIT worker->asked(&given);
		answer = given;
	}, Qt::QueuedConnection);
	until([&] { return answer == 42; });

	int returned = 0;
	bool ok = QMetaObject::invokeMethod(worker, [&] { return here(&thread) == std::string("worker") ? 7 : 0; }, Qt::BlockingQueuedConnection, &returned);
	std::printf("blocking: %d, %d\n", ok, returned);
	ok = QMetaObject::invokeMethod(&asker, [] { return 8; }, &returned);
	std::printf("direct: %d, %d\n", ok, returned);
	thread.quit();
	thread.wait();
	std::printf("finished %d, running %d\n", thread.isFinished(), thread.isRunning());
}

class Counter : public QThread {
public:
	explicit Counter(int code) : code_(code) {}
	std::atomic<int> result{0};
	std::atomic<bool> interrupted{false};

protected:
	void run() override
	{
		if (code_ < 0) {
			while (!isInterruptionRequested())
				msleep(1);
			interrupted = true;
			return;
		}
		QTimer::singleShot(1, [this] { exit(code_); });
		result = exec();
	}

private:
	int code_;
};

static void threadsWithRun()
{
	std::printf("-- threads with run()\n");
	Counter counter(5);
	std::printf("%d %d\n", counter.isRunning(), counter.isFinished());
	for (int i = 0; i < 2; i++) {
		int finished = 0;
		QEventLoop loop;
		const QMetaObject::Connection connection = QObject::connect(&counter, &QThread::finished, &loop, [&] {
			finished++;
			loop.quit();
		});
		counter.start();
		loop.exec();
		counter.wait();
		std::printf("code %d, finished %d times\n", counter.result.load(), finished);
		QObject::disconnect(connection);
	}

	Counter early(9);
	early.start();
	early.exit(3); // perhaps before exec()
	early.wait();
	std::printf("code %d\n", early.result.load() == 3);

	Counter waits(-1);
	waits.start();
	std::printf("ended %d\n", waits.wait(5));
	waits.requestInterruption();
	std::printf("ended %d\n", waits.wait(10000));
	std::printf("interrupted %d, still asked to %d\n", waits.interrupted.load(), waits.isInterruptionRequested());

	QThread *function = QThread::create([] { std::printf("a function on %s\n", here(nullptr)); });
	function->start();
	function->wait();
	delete function;
}

static void movedConnection()
{
	std::printf("-- connections that move\n");
	QTcpServer server;
	server.listen(QHostAddress::LocalHost);
	QThread thread;
	thread.start();
	QTcpSocket client;
	client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	std::atomic<int> echoed{0};
	QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
		QTcpSocket *socket = server.nextPendingConnection();
		std::printf("moved with a parent: ");
		socket->moveToThread(&thread);
		std::printf("%d\n", socket->thread() == &thread);
		socket->setParent(nullptr);
		QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, &thread, &echoed] {
			const auto data = socket->readAll();
			if (echoed++ == 0)
				std::printf("read on %s\n", here(&thread));
			socket->write(data);
		});
		QObject::connect(socket, &QTcpSocket::disconnected, socket, [socket, &thread] {
			std::printf("disconnected on %s\n", here(&thread));
			socket->deleteLater();
		});
		QObject::connect(socket, &QObject::destroyed, socket, [&thread, &echoed] {
			std::printf("socket deleted on %s\n", here(&thread));
			echoed = -1;
		}, Qt::DirectConnection);
		socket->moveToThread(&thread);
		std::printf("then: %d\n", socket->thread() == &thread);
	});
	std::string got;
	QObject::connect(&client, &QTcpSocket::connected, [&] { client.write("one after the other"); });
	QObject::connect(&client, &QTcpSocket::readyRead, [&] { got += plain(client.readAll()); });
	until([&] { return got.size() == 19; });
	std::printf("%s\n", got.c_str());
	client.disconnectFromHost();
	until([&] { return client.state() == QAbstractSocket::UnconnectedState; });
	while (echoed >= 0)
		QThread::msleep(1);
	thread.quit();
	thread.wait();
}

// A socket goes while it looks a name up, while it is connected, and while it finds that nobody is there.
static void movedWhileTheyConnect()
{
	std::printf("-- sockets that move while they connect\n");
	QTcpServer server;
	server.listen(QHostAddress::LocalHost);
	quint16 closed;
	{
		QTcpServer other;
		other.listen(QHostAddress::LocalHost);
		closed = other.serverPort();
	}
	QThread thread;
	thread.start();
	for (const char *host : {"localhost", "127.0.0.1", "nobody"}) {
		auto *socket = new QTcpSocket;
		std::atomic<bool> over{false};
		std::string log;
		const auto note = [&log, &thread](const std::string &what) { log += what + " on " + here(&thread) + "\n"; };
		const bool nobody = std::string(host) == "nobody";
		socket->connectToHost(nobody ? "localhost" : host, nobody ? closed : server.serverPort());
		QObject::connect(socket, &QTcpSocket::connected, socket, [&, socket] {
			note("connected");
			socket->write("hello");
		});
		QObject::connect(socket, &QTcpSocket::bytesWritten, socket, [&, socket](qint64) {
			note("written");
			over = true;
		});
		QObject::connect(socket, &QAbstractSocket::errorOccurred, socket, [&](QAbstractSocket::SocketError error) {
			note("error " + std::to_string(static_cast<int>(error)));
			over = true;
		});
		socket->moveToThread(&thread);
		std::printf("%s moved: %d\n", host, socket->thread() == &thread);
		until([&] { return over.load(); });
		QMetaObject::invokeMethod(socket, [socket] { delete socket; }, Qt::BlockingQueuedConnection);
		std::printf("%s", log.c_str());
	}
	thread.quit();
	thread.wait();
}

static void timersThatMove()
{
	std::printf("-- timers that move\n");
	QThread thread;
	thread.start();
	QObject *parent = new QObject;
	QTimer *timer = new QTimer(parent);
	std::atomic<int> fired{0};
	QObject::connect(timer, &QTimer::timeout, timer, [&] {
		if (fired++ == 0)
			std::printf("timeout on %s\n", here(&thread));
	});
	timer->start(1);
	parent->moveToThread(&thread);
	std::printf("child along: %d\n", timer->thread() == &thread);
	while (fired < 3)
		QThread::msleep(1);
	parent->deleteLater(); // from this thread
	thread.quit();
	thread.wait();
	std::printf("done\n");
}

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
	mainThread = QThread::currentThread();
	std::printf("main %d\n", application.thread() == mainThread);
	objectsInAThread();
	threadsWithRun();
	movedConnection();
	movedWhileTheyConnect();
	timersThatMove();
}

#ifdef QT_CORE_LIB
#include "threads.moc"
#endif
