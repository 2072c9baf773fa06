#include "support.h"

#include <cstdlib>
#include <new>

// Sanitizers have an operator new of their own, which finds more: with them nothing is counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTED false
#endif
#endif
#ifndef COUNTED
#define COUNTED true
#endif

namespace {

// What operator new gives to this thread.
thread_local std::size_t calls, bytes;

struct Count {
	Count() { calls = bytes = 0; }
};

} // namespace

#if COUNTED
// Not inline: compilers that see into one of them alone warn of the other.
[[gnu::noinline]] void *operator new(std::size_t size)
{
	calls++;
	bytes += size;
	if (void *memory = std::malloc(size > 0 ? size : 1))
		return memory;
	throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void *memory) noexcept
{
	std::free(memory);
}
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept
{
	std::free(memory);
}
#endif

TEST_CASE("stream: what claims to be long takes no memory")
{
	QByteArray hostile;
	QDataStream(&hostile, QIODevice::WriteOnly) << quint32(0x7ffffffe) << quint32(2);
	const auto read = [&hostile](auto value) {
		QDataStream stream(hostile);
		const Count count;
		stream >> value;
		CHECK(stream.status() == QDataStream::ReadPastEnd);
		CHECK(bytes < (2u << 20));
		return value;
	};
	CHECK(read(QByteArray("before")).isNull());
	CHECK(read(std::string("before")).empty());
	CHECK(read(std::vector<int>{1}).empty());
	CHECK(read(std::vector<QByteArray>{"before"}).empty());
	CHECK(read(std::map<std::string, int>{{"before", 1}}).empty());
	CHECK(read(std::set<qint64>{1}).empty());
	CHECK(read(std::vector<std::vector<quint8>>{{1}}).empty());
	QDataStream stream(hostile);
	char *raw = nullptr;
	uint size = 5;
	const Count count;
	stream.readBytes(raw, size);
	CHECK((raw == nullptr && size == 0 && stream.status() == QDataStream::ReadPastEnd && bytes < (2u << 20)));
}

TEST_CASE("stream: texts are UTF-16 and cannot be broken")
{
	QByteArray wire;
	QDataStream(&wire, QIODevice::WriteOnly) << std::string("a\xff\xe2\x82") << std::string();
	CHECK(wire.toHex() == "000000080061fffdfffdfffd00000000");
	// Half of a pair, and an odd number of bytes.
	for (const char *text : {"00000004d83d0041", "00000004de000041"}) {
		std::string read;
		QDataStream stream(QByteArray::fromHex(text));
		stream >> read;
		CHECK(read == "\xef\xbf\xbd" "A");
		CHECK(stream.status() == QDataStream::Ok);
	}
	std::string read = "before";
	QDataStream stream(QByteArray::fromHex("00000003004100"));
	stream >> read;
	CHECK(read.empty());
	CHECK(stream.status() == QDataStream::ReadCorruptData);
}

TEST_CASE("stream: no device, and one that takes nothing")
{
	const Messages messages;
	QDataStream none;
	int number = 5;
	none >> number;
	none << 1;
	CHECK(number == 0);
	none.startTransaction();
	CHECK_FALSE(none.commitTransaction());
	CHECK(messages.contains("there is no device"));
	QTcpSocket socket;
	QDataStream stream(&socket);
	stream << 1;
	CHECK(stream.status() == QDataStream::WriteFailed);
	stream.abortTransaction();
	CHECK(messages.contains("there is no transaction"));
}

TEST_CASE("bytes: reading costs what reading into a std::string costs")
{
	Pair pair;
	const auto arrive = [&pair](std::size_t size) {
		pair.client.write(std::string(size, 'x'));
		REQUIRE(until([&] { return pair.peer->bytesAvailable() == static_cast<qint64>(size); }));
	};
	for (const std::size_t size : {std::size_t(10), std::size_t(5000), std::size_t(100000)}) {
		arrive(size);
		const Count count;
		const QByteArray data = pair.peer->readAll();
		CHECK(data.size() == static_cast<qsizetype>(size));
		CHECK(calls == (COUNTED && size > 15 ? 1 : 0)); // short ones lie in it
	}
	arrive(4000);
	const Count count;
	const std::string text = pair.peer->readAll(); // is moved
	CHECK(text.size() == 4000);
	CHECK(calls == (COUNTED ? 1 : 0));
	arrive(4000);
	const Count again;
	const QByteArray part = pair.peer->read(4000);
	CHECK(part.size() == 4000);
	CHECK(calls == (COUNTED ? 1 : 0));
}

TEST_CASE("bytes: they go where a std::string goes")
{
	const auto length = [](const std::string &text) { return text.size(); };
	const auto view = [](std::string_view text) { return text.size(); };
	QByteArray bytes = "a\0b";
	bytes = QByteArray("a\0b", 3);
	CHECK(length(bytes) == 3);
	CHECK(view(bytes) == 3);
	std::string text = bytes;
	text += bytes;
	text = text + bytes;
	CHECK(text.size() == 9);
	const bool yes = text.size() == 9;
	const std::string chosen = yes ? bytes : std::string("other");
	CHECK(chosen == bytes);
	CHECK(bytes.substr(1, 1) == std::string(1, '\0'));
	std::map<std::string, int> numbers{{"key", 1}};
	CHECK(numbers[QByteArray("key")] == 1);
	CHECK(std::hash<QByteArray>()("key") == std::hash<QByteArray>()(QByteArray("key")));
	bytes = {};
	CHECK(bytes.isNull());
	bytes = std::string();
	CHECK((bytes.isEmpty() && !bytes.isNull()));
}

namespace {

class Incomplete;

class Teller : public QObject {
public:
	Signal<const Incomplete &> told{this};
	GetterSignal<int(), int> value{this, [] { return 7; }};
};

} // namespace

TEST_CASE("signals: an argument that is only declared goes to no queue")
{
	Teller teller, other;
	const Messages messages;
	int heard = 0;
	CHECK(QObject::connect(&teller, &Teller::told, &other, [&heard](const Incomplete &) { heard++; }));
	CHECK_FALSE(QObject::connect(&teller, &Teller::told, &other, [](const Incomplete &) {}, Qt::QueuedConnection));
	CHECK(messages.contains("only declared"));
	CHECK(teller.value() == 7);
	QObject::connect(&teller, qOverload<int>(&Teller::value), [&heard](int value) { heard = value; });
	teller.value(3);
	CHECK(heard == 3);
}

TEST_CASE("device: a slot of aboutToClose deletes it")
{
	auto *buffer = new QBuffer;
	buffer->open(QIODevice::ReadOnly);
	QObject::connect(buffer, &QIODevice::aboutToClose, [buffer] { delete buffer; });
	buffer->close();
	auto *later = new QBuffer;
	later->open(QIODevice::WriteOnly);
	later->write("x");
	QObject::connect(later, &QIODevice::bytesWritten, [later] { delete later; });
	settle();
	auto *gone = new QBuffer;
	gone->open(QIODevice::WriteOnly);
	gone->write("x");
	delete gone;
	settle();
}
