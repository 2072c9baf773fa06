// QSocketNotifier in Qt's own words: pipes that are read, written and ended, enabled and disabled, in slots and outside.
#include "port.h"

#include <QCoreApplication>
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdio>
#include <functional>
#include <string>

#include <unistd.h>

namespace {

struct Ends {
	int fds[2];

	Ends() { std::printf("pipe %d\n", pipe(fds)); }
	~Ends()
	{
		for (const int fd : fds)
			if (fd >= 0)
				::close(fd);
	}
	void say(const char *text) { std::printf("wrote %d\n", static_cast<int>(::write(fds[1], text, std::char_traits<char>::length(text)))); }
	std::string hear(int size)
	{
		char bytes[100];
		const auto n = ::read(fds[0], bytes, static_cast<size_t>(size));
		return n < 0 ? "nothing" : n == 0 ? "the end" : std::string(bytes, static_cast<size_t>(n));
	}
	void end()
	{
		::close(fds[1]);
		fds[1] = -1;
	}
};

/// Runs the loop until done.
void until(const std::function<bool()> &done)
{
	while (!done())
		QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

/// Runs the loop as long as there is something to do.
void settle()
{
	bool over = false;
	QTimer::singleShot(0, [&] { QTimer::singleShot(0, [&] { over = true; }); });
	until([&] { return over; });
}

void reading()
{
	std::printf("-- reading\n");
	Ends ends;
	QSocketNotifier notifier(ends.fds[0], QSocketNotifier::Read);
	std::printf("enabled %d, valid %d, of it %d, type %d\n", notifier.isEnabled(), notifier.isValid(), notifier.socket() == ends.fds[0], notifier.type());
	std::string heard;
	QObject::connect(&notifier, &QSocketNotifier::activated, [&](QSocketDescriptor descriptor, QSocketNotifier::Type type) {
		const std::string text = ends.hear(2);
		std::printf("activated %d %d: %s\n", static_cast<int>(descriptor) == ends.fds[0], type, text.c_str());
		heard += text;
		if (text == "the end")
			notifier.setEnabled(false);
	});
	settle();
	ends.say("hello");
	until([&] { return heard.size() == 5; });
	notifier.setEnabled(false);
	ends.say("later");
	settle();
	std::printf("disabled, heard %s\n", heard.c_str());
	notifier.setEnabled(true);
	until([&] { return heard.size() == 10; });
	ends.end();
	until([&] { return !notifier.isEnabled(); });
	settle();
	std::printf("enabled %d\n", notifier.isEnabled());
}

void writing()
{
	std::printf("-- writing\n");
	Ends ends;
	int told = 0;
	QSocketNotifier notifier(ends.fds[1], QSocketNotifier::Write);
	QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [&] {
		if (++told == 3)
			notifier.setEnabled(false);
	});
	until([&] { return told == 3; });
	settle();
	std::printf("told %d times\n", told);
}

void another()
{
	std::printf("-- another descriptor\n");
	Ends one, other;
	int told = 0;
	QSocketNotifier notifier(QSocketNotifier::Read);
	std::printf("valid %d, enabled %d, socket %d\n", notifier.isValid(), notifier.isEnabled(), static_cast<int>(notifier.socket()));
	notifier.setSocket(one.fds[0]);
	std::printf("valid %d, enabled %d\n", notifier.isValid(), notifier.isEnabled());
	QObject::connect(&notifier, &QSocketNotifier::activated, [&] {
		told++;
		std::printf("%s, %s\n", notifier.socket() == other.fds[0] ? "the other" : "the one", other.hear(10).c_str());
		notifier.setSocket(one.fds[0]); // which disables it
	});
	one.say("x");
	settle();
	notifier.setSocket(other.fds[0]);
	notifier.setEnabled(true);
	other.say("y");
	until([&] { return told == 1; });
	settle();
	std::printf("told %d times, enabled %d\n", told, notifier.isEnabled());
}

void deletedInItsSlot()
{
	std::printf("-- deleted in its slot\n");
	Ends ends;
	auto *notifier = new QSocketNotifier(ends.fds[0], QSocketNotifier::Read);
	bool gone = false;
	QObject::connect(notifier, &QObject::destroyed, [&] { gone = true; });
	QObject::connect(notifier, &QSocketNotifier::activated, [&] { notifier->deleteLater(); });
	ends.say("x");
	until([&] { return gone; });
	std::printf("gone\n");
}

} // namespace

int main(int argc, char **argv)
{
	QCoreApplication application(argc, argv);
	std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
	reading();
	writing();
	another();
	deletedInItsSlot();
	return 0;
}
