// Qt's call sites as they are: this program has nothing of qnet's but the declaration of its signals.
class QTcpServer;
class QHostAddress;
class Reading;

#include <QObject>

/// What a header of a program has: classes and types that are only declared.
class Station : public QObject {
	Q_OBJECT
	Q_DISABLE_COPY(Station)

public:
	enum Alarm { NoAlarm = 0, Frost = 1, Heat = 2, Storm = 4 };
	Q_DECLARE_FLAGS(Alarms, Alarm)
	Q_FLAG(Alarms)

	explicit Station(QTcpServer *server, QObject *parent = nullptr) : QObject(parent), server_(server) {}

	QTcpServer *server() const { return server_; }
	void measure(int degrees);
	void shift();

#ifdef QT_CORE_LIB
	int degrees() const { return degrees_; }
#endif

Q_SIGNALS:
#ifdef QT_CORE_LIB
	void degrees(int now);
	void read(const Reading &reading);
	void alarmed(Station::Alarms alarms);
#else
public:
	GetterSignal<int(), int> degrees{this, [this] { return degrees_; }};
	Signal<const Reading &> read{this};
	Signal<Alarms> alarmed{this};
#endif

public Q_SLOTS:
	void reset() { degrees_ = 0; }

private:
	QTcpServer *server_;
	int degrees_ = 0;
};

/// It knows a Reading by its name alone.
class Listener : public QObject {
	Q_OBJECT

public:
	void listen(Station *station) { connect(station, &Station::read, this, &Listener::take); }
	const Reading *last = nullptr;

public slots:
	void take(const Reading &reading) { last = &reading; }
	void warm(int degrees) { total += degrees; }
	void warm(const char *what);

public:
	int total = 0;
};

Q_DECLARE_OPERATORS_FOR_FLAGS(Station::Alarms)

#include "port.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

class Reading {
public:
	explicit Reading(int value) : value_(value) {}
	Reading(const Reading &) = default;
	int value() const { return value_; }

private:
	int value_;
};

QDebug operator<<(QDebug debug, const Reading &reading)
{
	QDebugStateSaver saver(debug);
	debug.nospace() << "Reading(" << reading.value() << ')';
	return debug;
}

void Station::measure(int degrees)
{
	degrees_ = degrees;
	emit this->degrees(degrees);
	Reading reading(degrees);
	Q_EMIT read(reading);
	if (degrees > 30)
		emit alarmed(Heat | Storm);
}

void Listener::warm(const char *what)
{
	qInfo() << "warm" << what;
}

namespace {

void messages()
{
	qDebug() << "text" << 1 << -2L << 3.5 << 1e10 << 'c' << true << string("a \"string\"\n") << nullptr;
	qDebug().nospace() << "a" << 1 << "b" << string("c");
	qDebug().noquote() << string("bare") << 1u;
	qDebug().nospace().noquote() << string("x") << string("y");
	qDebug() << std::vector<int>{1, 2, 3} << std::vector<std::string>().size();
	qDebug() << Qt::hex << 255 << -255 << Qt::dec << 255;
	qDebug() << Reading(7) << "after" << 1;
	qDebug() << string("\u00e4\u00f6 \u20ac \x01\x7f \\ \t");
	qDebug();
	qDebug("printf %d %s", 5, "text");
	qInfo("info %c", 'x');
	qWarning() << "warning";
	qWarning("%s", "warned");
	qCritical() << "critical" << QHostAddress::LocalHost;
	QDebug debug = qDebug();
	debug << "kept";
	for (short i = 0; i < 3; i++)
		debug << i;
	debug.space() << "s" << static_cast<unsigned char>(200);
}

void flags()
{
	Station::Alarms alarms = Station::Frost | Station::Storm;
	Q_ASSERT(alarms.testFlag(Station::Frost));
	Q_ASSERT_X(!alarms.testFlag(Station::Heat), "flags", "not that");
	alarms |= Station::Heat;
	alarms &= ~Station::Alarms(Station::Frost);
	alarms.setFlag(Station::Frost, false);
	qDebug() << int(alarms) << alarms.testFlag(Station::Storm) << (alarms == (Station::Heat | Station::Storm));
	switch (alarms) {
	case Station::NoAlarm:
		Q_FALLTHROUGH();
	default:
		break;
	}
}

void signalsOfAProgram()
{
	QTcpServer server;
	Station station(&server);
	Listener listener;
	listener.listen(&station);
	QObject::connect(&station, qOverload<int>(&Station::degrees), &listener, qOverload<int>(&Listener::warm));
	QObject::connect(&station, QOverload<int>::of(&Station::degrees), &listener, QOverload<int>::of(&Listener::warm));
	QObject::connect(&station, &Station::alarmed, [](Station::Alarms alarms) { qDebug() << "alarm" << int(alarms); });
	QObject::connect(&station, &Station::read, &station, [](const Reading &reading) { qDebug() << reading; });
	station.measure(20);
	station.measure(35);
	qDebug() << station.degrees() << listener.total << (listener.last != nullptr) << (station.server() == &server);
	station.reset();
	qDebug() << station.degrees();
	listener.warm("words");
}

void errors(QCoreApplication &application)
{
	QTcpSocket socket;
	QObject::connect(&socket, QOverload<QAbstractSocket::SocketError>::of(&QTcpSocket::errorOccurred),
	                 [](QAbstractSocket::SocketError error) { qDebug() << "error" << int(error); });
	QObject::connect(&socket, qOverload<QAbstractSocket::SocketState>(&QAbstractSocket::stateChanged), &application,
	                 [](QAbstractSocket::SocketState state) { qDebug() << "state" << int(state); });
	QObject::connect(&socket, &QTcpSocket::errorOccurred, &application, &QCoreApplication::quit, Qt::QueuedConnection);
	QTimer::singleShot(0, &socket, [&socket] { socket.connectToHost(QHostAddress(QHostAddress::LocalHost), 1); });
	application.exec();
	Q_UNUSED(application)
}

void arithmetic()
{
	const quint16 port = 7;
	qDebug() << qMin(1, 2) << qMax(1.5, 2.5) << qBound(0, -5, 3) << qAbs(-4) << port << qint64(-1) << sizeof(qsizetype);
	qDebug() << (QT_VERSION >= QT_VERSION_CHECK(6, 0, 0));
	int rounds = 0;
	forever {
		if (++rounds == 3)
			break;
	}
	qDebug("%d rounds, %s", rounds, qPrintable(string("printed")));
}

} // namespace

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	printMessages();
	messages();
	flags();
	signalsOfAProgram();
	errors(application);
	arithmetic();
	return 0;
}

#ifdef QT_CORE_LIB
#include "call_sites.moc"
#endif
