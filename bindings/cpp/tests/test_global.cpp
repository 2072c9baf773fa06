#include "support.h"
// After everything else, as a program would.
#include <qnet/QtKeywords>

#include <stdexcept>

namespace {

// Written as for Qt's moc, but for the signal.
class Thermometer : public QObject {
	Q_OBJECT
public:
	explicit Thermometer(QObject *parent = nullptr) : QObject(parent) {}
	void measure() { emit measured(21.5); }

public slots:
	void remember(double value) { last = value; }

signals:
	Signal<double> measured{this};

public:
	double last = 0;

private:
	Q_DISABLE_COPY(Thermometer)
};

} // namespace

TEST_CASE("global: the keywords")
{
	Thermometer one, two;
	QObject::connect(&one, &Thermometer::measured, &two, &Thermometer::remember);
	one.measure();
	CHECK(two.last == 21.5);
	CHECK(qApp == nullptr);
}

TEST_CASE("global: flags")
{
	QIODevice::OpenMode mode = QIODevice::ReadOnly | QIODevice::Text;
	CHECK(mode.testFlag(QIODevice::Text));
	CHECK_FALSE(mode.testFlag(QIODevice::WriteOnly));
	CHECK_FALSE(mode.testFlag(QIODevice::NotOpen));
	mode.setFlag(QIODevice::Text, false).setFlag(QIODevice::WriteOnly);
	CHECK(mode == QIODevice::ReadWrite);
	CHECK((mode & QIODevice::ReadOnly));
	CHECK((mode & ~QIODevice::OpenMode(QIODevice::ReadWrite)) == QIODevice::NotOpen);
	CHECK(!QIODevice::OpenMode());
	CHECK(QIODevice::OpenMode().testFlag(QIODevice::NotOpen));
	switch (mode) { // as a number
	case QIODevice::ReadWrite:
		break;
	default:
		FAIL("not the number");
	}
}

TEST_CASE("global: version and messages")
{
	CHECK(std::string(qVersion()) == QNET_VERSION_STR);
	CHECK(versionNumber() == QNET_VERSION);
	CHECK(!isForked());
	static std::string got;
	static QtMsgType kind;
	QtMessageHandler before = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const std::string &text) {
		kind = type;
		got = text;
		throw std::runtime_error("is swallowed");
	});
	CHECK((before == nullptr));
	QTcpSocket socket;
	socket.waitForDisconnected(0);
	CHECK(kind == QtWarningMsg);
	CHECK_FALSE(got.empty());
	CHECK((qInstallMessageHandler(nullptr) != nullptr));
}

TEST_CASE("global: usage")
{
	const qnet_usage before = usage();
	{
		Pair pair;
		QObject::connect(pair.peer, &QIODevice::readyRead, [] {});
		const qnet_usage now = usage();
		CHECK(now.sockets == before.sockets + 2);
		CHECK(now.tcp_servers == before.tcp_servers + 1);
		CHECK(now.watches == before.watches + 3);
		CHECK(now.connections > before.connections);
	}
	settle();
	const qnet_usage after = usage(true);
	CHECK(after.sockets == before.sockets);
	CHECK(after.connections == before.connections);
	CHECK(after.watches == before.watches);
	CHECK(after.heap_bytes > 0);
}
