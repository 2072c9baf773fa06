// QObject, QTimer, QPointer and QCoreApplication: timers of objects, names, blocked signals, who has sent one.
#include "port.h"

#include <QBasicTimer>
#include <QCoreApplication>
#include <QPointer>
#include <QTimer>
#ifdef QT_CORE_LIB
#include <QTimerEvent>
#endif

#include <unistd.h>

namespace {

/// Gets events of timers, in an order that does not depend on how fast the machine is.
class Clock : public QObject {
public:
	void begin()
	{
		fast_ = startTimer(0);
		other_ = startTimer(0);
		late_ = startTimer(std::chrono::milliseconds(40));
		never_ = startTimer(3600000);
		std::printf("numbers %d %d\n", fast_ > 0, fast_ != other_ && other_ != late_);
		basic_.start(0, this);
		std::printf("basic %d %d\n", basic_.isActive(), basic_.timerId() > 0);
	}

protected:
	void timerEvent(QTimerEvent *event) override
	{
		const int id = event->timerId();
		if (id == fast_ && fasts_ < 3) {
			std::printf("fast %d type %d\n", ++fasts_, event->type() == QEvent::Timer);
			if (fasts_ == 3)
				killTimer(fast_);
		} else if (id == other_) {
			others_++;
			if (others_ == 1)
				std::printf("other\n");
			if (late_ == 0)
				killTimer(other_);
		} else if (id == late_) {
			std::printf("late %d %d\n", fasts_, others_ > 1);
			killTimer(late_);
			killTimer(never_);
			late_ = 0;
			QTimer::singleShot(0, QCoreApplication::instance(), &QCoreApplication::quit);
		} else if (id == basic_.timerId()) {
			if (++basics_ == 2) {
				basic_.stop();
				std::printf("basic %d %d\n", basic_.isActive(), basic_.timerId());
			}
		}
	}

private:
	int fast_ = 0, other_ = 0, late_ = 0, never_ = 0;
	int fasts_ = 0, others_ = 0, basics_ = 0;
	QBasicTimer basic_;
};

void timersOfObjects(QCoreApplication &application)
{
	Clock clock;
	clock.begin();
	application.exec();
	auto *gone = new Clock;
	gone->begin();
	delete gone; // with its timers
	QCoreApplication::processEvents();
}

void timers(QCoreApplication &application)
{
	QTimer timer;
	std::printf("%d %d %d %d %d\n", timer.isActive(), timer.interval(), timer.isSingleShot(), timer.timerType(), timer.timerId());
	timer.setInterval(7);
	timer.setSingleShot(true);
	timer.setTimerType(Qt::PreciseTimer);
	std::printf("%d %d %d %d\n", timer.isActive(), timer.interval(), timer.isSingleShot(), timer.timerType());
	int times = 0;
	QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
		std::printf("timeout %d %d\n", ++times, timer.isActive());
		if (times == 1)
			timer.start(std::chrono::milliseconds(1));
		else
			application.quit();
	});
	timer.callOnTimeout([] { std::printf("called\n"); });
	timer.start();
	std::printf("%d %d\n", timer.isActive(), timer.timerId() != -1);
	application.exec();
	timer.stop();
	std::printf("%lld\n", static_cast<long long>(timer.intervalAsDuration().count()));
}

void families()
{
	QObject parent;
	std::printf("'%s'\n", plain(parent.objectName()).c_str());
	parent.setObjectName(string("parent"));
	auto *one = new QTimer(&parent), *two = new QTimer(&parent);
	one->setObjectName(string("one"));
	two->setObjectName(string("two"));
	std::printf("%s %d %d %d\n", plain(parent.objectName()).c_str(), static_cast<int>(parent.children().size()),
	            parent.findChild<QTimer *>(string("two")) == two, parent.findChild<QTimer *>(string("three")) == nullptr);

	QPointer<QTimer> pointer(one), copy = pointer, null;
	QPointer<QObject> base(two);
	QObject::connect(one, &QObject::destroyed, one, [&] { std::printf("destroyed %d\n", pointer.isNull()); });
	std::printf("%d %d %d %d\n", pointer == one, copy.data() == one, null.isNull(), !base.isNull());
	pointer->setSingleShot(true);
	delete one;
	std::printf("%d %d %d %d\n", pointer.isNull(), copy == nullptr, !pointer, base->objectName() == string("two"));
	base.clear();
	std::printf("%d\n", base.isNull());
}

class Receiver : public QObject {
public:
	void take() { std::printf("from %s\n", sender() != nullptr ? plain(sender()->objectName()).c_str() : "nobody"); }
};

void emissions(QCoreApplication &application)
{
	QTimer timer, other;
	timer.setObjectName(string("timer"));
	other.setObjectName(string("other"));
	Receiver receiver;
	QObject::connect(&timer, &QTimer::timeout, &receiver, &Receiver::take);
	// A signal to a signal: the slot is that of the second.
	QObject::connect(&timer, &QObject::objectNameChanged, &application, [](const Message &name) { std::printf("renamed %s\n", plain(name).c_str()); });
	receiver.take();
	timer.setObjectName(string("timer"));
	timer.setObjectName(string("first"));
	std::printf("%d %d %d\n", timer.blockSignals(true), timer.signalsBlocked(), timer.blockSignals(true));
	timer.setSingleShot(true);
	timer.start(0);
	other.setSingleShot(true);
	QObject::connect(&other, &QTimer::timeout, &receiver, &Receiver::take);
	QObject::connect(&other, &QTimer::timeout, &application, &QCoreApplication::quit);
	other.start(3);
	application.exec();
	timer.blockSignals(false);
	timer.start(0);
	QTimer::singleShot(3, &application, &QCoreApplication::quit);
	application.exec();
}

void theProgram(QCoreApplication &application, const char *path)
{
	std::printf("%s %d\n", plain(QCoreApplication::applicationName()).c_str(),
	            static_cast<int>(application.arguments().size()));
	std::printf("'%s' '%s' '%s'\n", plain(QCoreApplication::applicationVersion()).c_str(),
	            plain(QCoreApplication::organizationName()).c_str(), plain(QCoreApplication::organizationDomain()).c_str());
	QCoreApplication::setApplicationName(string("name"));
	QCoreApplication::setApplicationVersion(string("1.2"));
	QCoreApplication::setOrganizationName(string("us"));
	QCoreApplication::setOrganizationDomain(string("us.example"));
	std::printf("%s %s %s %s\n", plain(QCoreApplication::applicationName()).c_str(), plain(QCoreApplication::applicationVersion()).c_str(),
	            plain(QCoreApplication::organizationName()).c_str(), plain(QCoreApplication::organizationDomain()).c_str());
	char *real = ::realpath(path, nullptr);
	const std::string file = plain(QCoreApplication::applicationFilePath()), folder = plain(QCoreApplication::applicationDirPath());
	std::printf("%d %d %d\n", file == real, file.rfind(folder, 0) == 0 && file.find('/', folder.size() + 1) == std::string::npos,
	            QCoreApplication::applicationPid() == ::getpid());
	std::free(real);
	QObject::connect(&application, &QCoreApplication::aboutToQuit, [] { std::printf("aboutToQuit\n"); });
	QTimer::singleShot(0, &application, [] { QCoreApplication::exit(3); });
	std::printf("%d\n", application.exec());
}

} // namespace

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	theProgram(application, argv[0]);
	timersOfObjects(application);
	timers(application);
	families();
	emissions(application);
	return 0;
}
