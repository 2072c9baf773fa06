// QIODevice as the base of a program's own devices, and QBuffer: random calls of code that takes a QIODevice &.
#include "port.h"

#include "../../../../capi/tests/random.h"

#include <QBuffer>
#include <QByteArray>
#include <QCoreApplication>
#include <QIODevice>
#include <QTimer>

#include <algorithm>
#include <cstring>
#include <memory>

namespace {

/// A device without positions: bytes that come in pieces, and what was written.
class Pipe : public QIODevice {
public:
	explicit Pipe(const QByteArray &bytes) : bytes_(bytes) {}

	bool isSequential() const override { return true; }
	qint64 bytesAvailable() const override { return bytes_.size() + QIODevice::bytesAvailable(); }
	bool canReadLine() const override { return bytes_.contains('\n') || QIODevice::canReadLine(); }
	const QByteArray &written() const { return written_; }
	void feed(const QByteArray &bytes) { bytes_ += bytes; }

protected:
	qint64 readData(char *data, qint64 maxSize) override
	{
		const qint64 size = std::min<qint64>(maxSize, bytes_.size());
		std::memcpy(data, bytes_.constData(), static_cast<std::size_t>(size));
		bytes_.remove(0, static_cast<int>(size));
		return size;
	}
	qint64 writeData(const char *data, qint64 maxSize) override
	{
		const qint64 size = std::min<qint64>(maxSize, 5); // takes few
		written_.append(data, static_cast<int>(size));
		return size;
	}

private:
	QByteArray bytes_, written_;
};

/// A device with positions that keeps its own.
class Memory : public QIODevice {
public:
	explicit Memory(const QByteArray &bytes) : bytes_(bytes) {}

	bool open(OpenMode mode) override
	{
		at_ = 0;
		return QIODevice::open(mode | Unbuffered);
	}
	qint64 size() const override { return bytes_.size(); }
	bool canReadLine() const override { return bytes_.indexOf('\n', static_cast<int>(pos())) >= 0; }
	bool seek(qint64 pos) override
	{
		if (pos < 0 || pos > bytes_.size() || !QIODevice::seek(pos))
			return false;
		at_ = pos;
		return true;
	}

protected:
	qint64 readData(char *data, qint64 maxSize) override
	{
		const qint64 size = std::min<qint64>(maxSize, bytes_.size() - at_);
		std::memcpy(data, bytes_.constData() + at_, static_cast<std::size_t>(size));
		at_ += size;
		return size;
	}
	qint64 writeData(const char *data, qint64 maxSize) override
	{
		for (qint64 i = 0; i < maxSize; i++, at_++) {
			if (at_ == bytes_.size())
				bytes_.append(data[i]);
			else
				bytes_[static_cast<int>(at_)] = data[i];
		}
		return maxSize;
	}

private:
	QByteArray bytes_;
	qint64 at_ = 0;
};

std::string of(const QByteArray &bytes)
{
	return "'" + shown(plain(bytes)) + "'";
}

QByteArray some(unsigned most)
{
	QByteArray bytes;
	for (unsigned n = rnd(most + 1); n > 0; n--)
		bytes.append("ab\ncd\re"[rnd(7)]);
	return bytes;
}

/// Any of what code does with a device.
void use(QIODevice &device)
{
	const auto size = static_cast<qint64>(rnd(9));
	char room[32] = "................";
	switch (rnd(20)) {
	case 0: {
		const qint64 got = device.read(room, size);
		std::printf("read %lld %s\n", static_cast<long long>(got), shown(std::string(room, static_cast<std::size_t>(std::max<qint64>(got, 0)))).c_str());
		break;
	}
	case 1: std::printf("read %s\n", of(device.read(size)).c_str()); break;
	case 2:
		if (chance(30))
			std::printf("readAll %s\n", of(device.readAll()).c_str());
		break;
	case 3: {
		const qint64 got = device.readLine(room, size + 2);
		std::printf("readLine %lld %s\n", static_cast<long long>(got), shown(std::string(room, static_cast<std::size_t>(std::max<qint64>(got, 0)))).c_str());
		break;
	}
	case 4: std::printf("readLine %s\n", of(device.readLine()).c_str()); break;
	case 5: std::printf("peek %s\n", of(device.peek(size)).c_str()); break;
	case 6: std::printf("skip %lld\n", static_cast<long long>(device.skip(size))); break;
	case 7: {
		char c = '.';
		const bool got = device.getChar(&c);
		std::printf("getChar %d %d\n", got, got ? c : 0);
		break;
	}
	case 8:
		if (!device.isTransactionStarted() && device.isReadable()) {
			// Something was read before, so that there is a place.
			char c = '.';
			if (device.getChar(&c)) {
				device.ungetChar(c);
				std::printf("ungetChar\n");
			}
		}
		break;
	case 9: std::printf("bytesAvailable %lld\n", static_cast<long long>(device.bytesAvailable())); break;
	case 10: std::printf("atEnd %d\n", device.atEnd()); break;
	case 11: std::printf("canReadLine %d\n", device.canReadLine()); break;
	case 12:
		if (!device.isTransactionStarted())
			std::printf("write %lld\n", static_cast<long long>(device.write(some(7))));
		break;
	case 13:
		if (!device.isTransactionStarted())
			std::printf("putChar %d\n", device.putChar('P'));
		break;
	case 14:
		if (!device.isTransactionStarted()) {
			device.startTransaction();
			std::printf("startTransaction\n");
		}
		break;
	case 15:
		if (device.isTransactionStarted()) {
			device.commitTransaction();
			std::printf("commitTransaction\n");
		}
		break;
	case 16:
		if (device.isTransactionStarted()) {
			device.rollbackTransaction();
			std::printf("rollbackTransaction\n");
		}
		break;
	case 17:
		if (!device.isSequential() && !device.isTransactionStarted()) {
			const auto pos = static_cast<qint64>(rnd(14));
			const bool done = device.seek(pos);
			std::printf("seek %d\n", done);
		}
		break;
	case 18:
		std::printf("mode %d %d %d %d %d\n", device.isOpen(), device.isReadable(), device.isWritable(), int(device.openMode()),
		            device.isSequential());
		break;
	default: std::printf("size %lld\n", static_cast<long long>(device.size())); break;
	}
	std::printf("  at %lld\n", static_cast<long long>(device.pos()));
}

void anyDevice()
{
	static const QIODevice::OpenMode modes[] = {QIODevice::ReadWrite, QIODevice::ReadOnly, QIODevice::WriteOnly, QIODevice::ReadWrite | QIODevice::Text};
	const QByteArray bytes = some(20);
	QByteArray buffered = bytes;
	std::unique_ptr<QIODevice> device;
	Pipe *pipe = nullptr;
	const unsigned kind = rnd(3);
	if (kind == 0)
		device = std::make_unique<QBuffer>(&buffered);
	else if (kind == 1)
		device = std::make_unique<Memory>(bytes);
	else
		device.reset(pipe = new Pipe(bytes));
	const unsigned mode = rnd(kind == 2 ? 4 : 3);
	std::printf("%u %s open %d\n", kind, of(bytes).c_str(), device->open(modes[mode]));
	for (unsigned n = rnd(25); n > 0; n--) {
		use(*device);
		if (pipe != nullptr && chance(15))
			pipe->feed(some(10));
	}
	if (device->isTransactionStarted())
		device->rollbackTransaction();
	if (device->isReadable())
		std::printf("rest %s\n", of(device->readAll()).c_str());
	device->close();
	std::printf("closed %d %d %s %s\n", device->isOpen(), device->atEnd(), of(buffered).c_str(), of(pipe != nullptr ? pipe->written() : QByteArray()).c_str());
}

/// What a buffer emits, and when.
void emissions(QCoreApplication &application)
{
	QBuffer buffer;
	QObject::connect(&buffer, &QIODevice::bytesWritten, [](qint64 bytes) { std::printf("bytesWritten %lld\n", static_cast<long long>(bytes)); });
	QObject::connect(&buffer, &QIODevice::readyRead, [] { std::printf("readyRead\n"); });
	QObject::connect(&buffer, &QIODevice::aboutToClose, [&buffer] { std::printf("aboutToClose %d\n", buffer.isOpen()); });
	std::printf("%d %d\n", buffer.open(QIODevice::WriteOnly | QIODevice::Append), buffer.isReadable());
	buffer.write("one");
	buffer.write("three");
	std::printf("written %s\n", of(buffer.data()).c_str());
	QTimer::singleShot(0, &application, [&] {
		QTimer::singleShot(0, &application, &QCoreApplication::quit);
	});
	application.exec();
	buffer.close();
	buffer.close();
	buffer.setData("new");
	std::printf("%d %s\n", buffer.open(QIODevice::ReadOnly), of(buffer.buffer()).c_str());
	QByteArray other("other");
	QBuffer second;
	second.setBuffer(&other);
	std::printf("%d", second.open(QIODevice::ReadWrite));
	second.seek(8);
	second.write("!");
	std::printf(" %s\n", of(other).c_str());
	second.close();
	std::printf("%d %s\n", second.open(QIODevice::WriteOnly | QIODevice::Truncate), of(other).c_str());
}

} // namespace

int main(int argc, char **argv)
{
	seed_random(argc > 2 ? static_cast<uint64_t>(std::atoll(argv[2])) : 1);
	qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const Message &) {}); // they say it in other words
	QCoreApplication application(argc, argv);
	for (int round = 0; round < 6000; round++) {
		std::printf("round %d\n", round);
		anyDevice();
	}
	emissions(application);
	return 0;
}
