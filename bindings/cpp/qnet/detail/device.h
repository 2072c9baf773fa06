// What a QIODevice has that is not a socket: a program's own device, or a QBuffer. Included by QIODevice, behind the class.
#ifndef QNET_DETAIL_DEVICE_H
#define QNET_DETAIL_DEVICE_H

#include <qnet/QIODevice>

#include <algorithm>
#include <cstring>
#include <string>

#include <qnet/detail/begin.h>

namespace detail {

/// The bytes that were read from a device and not yet by the program, where the program is, and how the device is open. Of a
/// sequential device bytes are read ahead; of one with positions only what is asked for.
class Device {
public:
	using OpenMode = QIODeviceBase::OpenMode;

	explicit Device(QIODevice *device) noexcept : device_(device) {}
	Device(const Device &) = delete;
	Device &operator=(const Device &) = delete;

	bool open(OpenMode mode)
	{
		reset();
		mode_ = mode;
		pos_ = mode.testFlag(QIODeviceBase::Append) ? device_->size() : 0;
		return true;
	}
	void close()
	{
		reset();
		mode_ = QIODeviceBase::NotOpen;
		error_.clear();
	}
	OpenMode mode() const noexcept { return mode_; }
	void setMode(OpenMode mode) noexcept { mode_ = mode; }
	const std::string &error() const noexcept { return error_; }
	void setError(std::string text) { error_ = std::move(text); }

	qint64 pos() const noexcept { return pos_; }
	bool seek(qint64 pos)
	{
		if (!isOpen() || device_->isSequential() || pos < 0) {
			warn(!isOpen() ? "QIODevice::seek: the device is not open"
			     : pos < 0 ? "QIODevice::seek: the position is negative"
			               : "QIODevice::seek: a sequential device has no positions");
			return false;
		}
		buffer_.clear();
		at_ = 0;
		pos_ = pos;
		return true;
	}

	qint64 available() const
	{
		return device_->isSequential() ? buffered() : std::max<qint64>(device_->size() - pos_, 0);
	}
	bool atEnd() const { return !isOpen() || (buffered() == 0 && device_->bytesAvailable() == 0); }
	bool canReadLine() const { return buffer_.find('\n', at_) != std::string::npos; }

	/// Up to so many bytes; -1 if there is no more, or it is not open for reading.
	qint64 read(char *data, qint64 maxSize)
	{
		if (!mayRead("read", maxSize))
			return -1;
		qint64 total = 0;
		for (bool more = true; total < maxSize;) {
			if (buffered() > 0) {
				total += filtered(data + total, take(data + total, maxSize - total));
				continue;
			}
			if (!more)
				break;
			const qint64 wanted = maxSize - total, got = readsAhead(wanted) ? fetch(wanted) : direct(data + total, wanted, total);
			if (got < 0 && total == 0)
				return -1;
			more = got > 0 && short_ == 0;
		}
		return total;
	}
	/// All that comes until nothing comes.
	QByteArray readAll() { return readSome("readAll", -1); }
	QByteArray read(qint64 maxSize) { return readSome("read", maxSize); }

	qint64 peek(char *data, qint64 maxSize)
	{
		return look([&] { return read(data, maxSize); });
	}
	QByteArray peek(qint64 maxSize)
	{
		return look([&] { return read(maxSize); });
	}

	/// Up to and with the next "\n", at most maxSize - 1 bytes.
	qint64 readLine(char *data, qint64 maxSize)
	{
		if (maxSize < 2) {
			warn("QIODevice::readLine: the size is less than 2");
			return -1;
		}
		if (!mayRead("readLine", maxSize))
			return -1;
		qint64 total = 0;
		while (total < maxSize - 1 && buffered() > 0 && (total == 0 || data[total - 1] != '\n'))
			total += take(data + total, 1);
		if (total < maxSize - 1 && (total == 0 || data[total - 1] != '\n')) {
			const qint64 got = device_->readLineData(data + total, maxSize - 1 - total);
			if (got < 0 && total == 0) {
				data[0] = '\0';
				return -1;
			}
			total += got > 0 ? got : 0;
		}
		// Of a line only the end is another one in text mode.
		if (mode_.testFlag(QIODeviceBase::Text) && total > 1 && data[total - 2] == '\r' && data[total - 1] == '\n')
			data[--total - 1] = '\n';
		data[total] = '\0';
		return total;
	}
	/// What there is of a line, byte by byte.
	qint64 readLineData(char *data, qint64 maxSize)
	{
		qint64 total = 0, got = 0;
		while (total < maxSize && (got = read(data + total, 1)) == 1)
			if (data[total++] == '\n')
				break;
		return total > 0 ? total : device_->isSequential() ? got : -1;
	}
	QByteArray readLine(qint64 maxSize)
	{
		QByteArray line("");
		if (maxSize < 0 || maxSize == 1) {
			warn("QIODevice::readLine: the size is less than 2");
			return QByteArray();
		}
		if (!mayRead("readLine", maxSize))
			return QByteArray();
		char piece[512];
		while (maxSize == 0 || line.size() < maxSize - 1) {
			const qint64 left = maxSize == 0 ? sizeof piece : maxSize - line.size();
			const qint64 got = readLine(piece, std::min<qint64>(left, sizeof piece));
			if (got <= 0)
				break;
			line.std::string::append(piece, static_cast<std::size_t>(got));
			if (line.endsWith('\n'))
				break;
		}
		return line.isEmpty() ? QByteArray() : line;
	}
	void unget(char c)
	{
		if (!mayRead("ungetChar", 0))
			return;
		if (transaction_) {
			warn("QIODevice::ungetChar: there is a transaction");
			return;
		}
		if (at_ > 0)
			buffer_[--at_] = c;
		else
			buffer_.insert(buffer_.begin(), c);
		if (!device_->isSequential())
			pos_--;
	}
	qint64 skip(qint64 maxSize)
	{
		if (!mayRead("skip", maxSize))
			return -1;
		if (!device_->isSequential() && buffered() == 0) {
			const qint64 n = std::min(maxSize, std::max<qint64>(device_->size() - pos_, 0));
			return device_->seek(pos_ + n) ? n : -1;
		}
		char piece[4096];
		qint64 total = 0;
		while (total < maxSize) {
			const qint64 wanted = std::min<qint64>(maxSize - total, sizeof piece), got = read(piece, wanted);
			if (got < 0 && total == 0)
				return -1;
			total += got > 0 ? got : 0;
			if (got < wanted)
				break;
		}
		return total;
	}

	void start()
	{
		if (transaction_) {
			warn("QIODevice::startTransaction: there is one already");
			return;
		}
		compact();
		transaction_ = true;
		start_ = pos_;
	}
	void commit()
	{
		if (!ends("QIODevice::commitTransaction"))
			return;
		compact();
	}
	void rollback()
	{
		if (!ends("QIODevice::rollbackTransaction"))
			return;
		if (device_->isSequential())
			at_ = 0;
		else
			device_->seek(start_);
	}
	bool isTransactionStarted() const noexcept { return transaction_; }

	qint64 write(const char *data, qint64 size)
	{
		if (!isOpen() || !mode_.testFlag(QIODeviceBase::WriteOnly) || size < 0) {
			warn(!isOpen()  ? "QIODevice::write: the device is not open"
			     : size < 0 ? "QIODevice::write: the size is negative"
			                : "QIODevice::write: the device is open for reading only");
			return -1;
		}
		const bool sequential = device_->isSequential();
		// What was read ahead is where the device is, not the program.
		if (!sequential && buffered() > 0 && !device_->seek(pos_))
			return -1;
		const qint64 written = device_->writeData(data, size);
		if (written > 0 && !sequential)
			pos_ += written;
		return written;
	}

private:
	static constexpr qint64 chunk = 16384;

	bool isOpen() const noexcept { return mode_ != QIODeviceBase::NotOpen; }
	qint64 buffered() const noexcept { return static_cast<qint64>(buffer_.size() - at_); }

	void reset()
	{
		buffer_.clear();
		at_ = 0;
		pos_ = 0;
		transaction_ = false;
	}
	bool mayRead(const char *what, qint64 size) const
	{
		const char *why = !isOpen()                                 ? "the device is not open"
		                  : !mode_.testFlag(QIODeviceBase::ReadOnly) ? "the device is open for writing only"
		                  : size < 0                                 ? "the size is negative"
		                                                             : nullptr;
		if (why != nullptr)
			warn(std::string("QIODevice::") + what + ": " + why);
		return why == nullptr;
	}
	bool ends(const char *who)
	{
		if (!transaction_)
			warn(std::string(who) + ": there is no transaction");
		return std::exchange(transaction_, false);
	}
	/// Drops what was taken.
	void compact()
	{
		buffer_.erase(0, at_);
		at_ = 0;
	}
	bool readsAhead(qint64 wanted) const
	{
		return device_->isSequential() && (transaction_ || looking_ || (!mode_.testFlag(QIODeviceBase::Unbuffered) && wanted < chunk));
	}
	/// Reads from the device into the buffer.
	qint64 fetch(qint64 wanted)
	{
		if (!transaction_ && !looking_)
			compact();
		const std::size_t there = buffer_.size();
		const qint64 room = mode_.testFlag(QIODeviceBase::Unbuffered) ? std::min(wanted, chunk) : chunk;
		buffer_.resize(there + static_cast<std::size_t>(room));
		const qint64 got = device_->readData(buffer_.data() + there, room);
		buffer_.resize(there + static_cast<std::size_t>(qBound<qint64>(0, got, room)));
		short_ = got < std::min(wanted, room);
		return got;
	}
	/// Reads from the device to where the program wants it.
	qint64 direct(char *data, qint64 wanted, qint64 &total)
	{
		const qint64 got = device_->readData(data, wanted);
		short_ = got < wanted;
		if (got > 0) {
			if (!device_->isSequential())
				pos_ += got;
			total += filtered(data, got);
		}
		return got;
	}
	qint64 take(char *data, qint64 most)
	{
		const qint64 n = std::min(most, buffered());
		std::memcpy(data, buffer_.data() + at_, static_cast<std::size_t>(n));
		at_ += static_cast<std::size_t>(n);
		if (!device_->isSequential())
			pos_ += n;
		if (!transaction_ && !looking_ && at_ == buffer_.size())
			compact();
		return n;
	}
	/// In text mode, leaves out what ends lines on other systems. Returns how many bytes are left.
	qint64 filtered(char *data, qint64 size) const
	{
		return mode_.testFlag(QIODeviceBase::Text) ? std::remove(data, data + size, '\r') - data : size;
	}
	QByteArray readSome(const char *what, qint64 maxSize)
	{
		QByteArray data;
		if (!mayRead(what, maxSize == -1 && std::strcmp(what, "readAll") == 0 ? 0 : maxSize))
			return data;
		const bool all = std::strcmp(what, "readAll") == 0;
		// A device of its own may say anything: what is there is read, not what is said to be.
		for (qint64 room = chunk; all || data.size() < maxSize; room = std::min<qint64>(room * 2, 1 << 20)) {
			const qint64 before = data.size(), wanted = all ? room : std::min(room, maxSize - before);
			data.resize(before + wanted);
			const qint64 got = read(data.data() + before, wanted);
			data.resize(before + std::max<qint64>(got, 0));
			if (got < wanted)
				break;
		}
		return data.isEmpty() ? QByteArray() : data;
	}
	/// Reads and is where it was then.
	template <class Read>
	auto look(Read read) -> decltype(read())
	{
		const qint64 pos = pos_;
		const bool sequential = device_->isSequential(), before = std::exchange(looking_, true);
		const std::size_t at = at_;
		auto result = read();
		looking_ = before;
		if (sequential) {
			at_ = at;
		} else if (pos_ != pos) {
			device_->seek(pos);
		}
		return result;
	}

	QIODevice *const device_;
	OpenMode mode_{};
	std::string error_{};
	std::string buffer_{};
	std::size_t at_ = 0;     // in the buffer; more than 0 after a read in a transaction, or while the program only looks
	qint64 pos_ = 0;         // of the program, in a device that has positions
	qint64 start_ = 0;       // where the transaction began
	bool transaction_ = false;
	bool looking_ = false;
	int short_ = 0;          // was the last read from the device one that found less?
};

} // namespace detail

#include <qnet/detail/end.h>

#endif
