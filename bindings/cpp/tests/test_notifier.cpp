#include "support.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace {
/// A pipe that is closed at the end.
struct Pipe {
	int ends[2] = {-1, -1};
	Pipe() { REQUIRE(pipe(ends) == 0); }
	~Pipe()
	{
		closeEnd(0);
		closeEnd(1);
	}
	void closeEnd(int which)
	{
		if (ends[which] >= 0)
			close(ends[which]);
		ends[which] = -1;
	}
	void say(const char *text) { REQUIRE(write(ends[1], text, std::strlen(text)) > 0); }
};

int activations = 0;
void count(QSocketDescriptor, QSocketNotifier::Type) { activations++; }
} // namespace

TEST_CASE("notifier: what is told, and to whom")
{
	Pipe pipe;
	QSocketNotifier notifier(pipe.ends[0], QSocketNotifier::Read);
	CHECK(notifier.isEnabled());
	CHECK(notifier.isValid());
	CHECK(notifier.socket() == pipe.ends[0]);
	CHECK(notifier.type() == QSocketNotifier::Read);
	char byte = 0;
	int number = -1;
	activations = 0;
	QObject::connect(&notifier, &QSocketNotifier::activated, &count);
	QObject::connect(&notifier, &QSocketNotifier::activated, [&](int descriptor) { number = descriptor; });
	QObject::connect(&notifier, &QSocketNotifier::activated, [&](QSocketDescriptor descriptor, QSocketNotifier::Type type) {
		CHECK(type == QSocketNotifier::Read);
		CHECK(descriptor.isValid());
		CHECK(read(descriptor, &byte, 1) == 1);
	});
	pipe.say("ab");
	CHECK(until([&] { return byte == 'b'; }));
	CHECK(number == pipe.ends[0]);
	CHECK(activations == 2);
	QCoreApplication::processEvents();
	CHECK(activations == 2);
	pipe.say("c");
	notifier.setEnabled(false);
	CHECK_FALSE(notifier.isEnabled());
	QCoreApplication::processEvents();
	CHECK(activations == 2);
}

TEST_CASE("notifier: without a descriptor, and with another")
{
	QSocketNotifier notifier(QSocketNotifier::Write);
	CHECK_FALSE(notifier.isValid());
	CHECK_FALSE(notifier.isEnabled());
	CHECK(notifier.socket() == -1);
	notifier.setEnabled(true);
	CHECK_FALSE(notifier.isEnabled());
	Pipe pipe;
	notifier.setSocket(pipe.ends[1]);
	CHECK(notifier.isValid());
	CHECK_FALSE(notifier.isEnabled());
	int calls = 0;
	QObject::connect(&notifier, &QSocketNotifier::activated, [&] {
		calls++;
		notifier.setEnabled(false);
	});
	notifier.setEnabled(true);
	CHECK(until([&] { return calls == 1; }));
	CHECK_FALSE(QSocketDescriptor().isValid());
	Messages messages;
	CHECK_FALSE(QSocketNotifier(-1, QSocketNotifier::Read).isValid());
	CHECK(messages.all().size() == 1);
}

TEST_CASE("notifier: destroyed in its slot, deleted by its parent, of a closed descriptor")
{
	const int fd = eventfd(1, 0);
	auto *notifier = new QSocketNotifier(fd, QSocketNotifier::Read);
	bool destroyed = false;
	QObject::connect(notifier, &QObject::destroyed, [&] { destroyed = true; });
	QObject::connect(notifier, &QSocketNotifier::activated, [&] { delete notifier; });
	CHECK(until([&] { return destroyed; }));
	{
		QObject parent;
		auto *child = new QSocketNotifier(fd, QSocketNotifier::Exception, &parent);
		CHECK(child->isEnabled());
	}
	QSocketNotifier closed(fd, QSocketNotifier::Read);
	close(fd);
	Messages messages;
	CHECK(until([&] { return !closed.isEnabled(); }));
	CHECK(messages.all().size() == 1);
}
