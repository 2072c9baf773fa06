// QDataStream: random values in the form of random versions, as bytes and back; bytes that are broken; transactions.
#include "port.h"

#include "../../../../capi/tests/random.h"

#include <QBuffer>
#include <QByteArray>
#include <QCoreApplication>
#include <QDataStream>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#ifdef QT_CORE_LIB
#include <QList>
#include <QMap>
#else
#include <map>
#include <vector>
#endif

namespace {

#ifdef QT_CORE_LIB
using Text = QString;
template <class T>
using List = QList<T>;
template <class K, class V>
using Map = QMap<K, V>;
#else
using Text = std::string;
template <class T>
using List = std::vector<T>;
template <class K, class V>
using Map = std::map<K, V>;
#endif

enum Plain { One = 1, Many = 70000 };
enum class Small : quint8 { Two = 2 };

void show(QDataStream &stream, const char *what, const std::string &value)
{
	std::printf(" %s=%s(%d)", what, value.c_str(), stream.status());
}
std::string of(const QByteArray &bytes)
{
	return bytes.isNull() ? "null" : "'" + plain(bytes.toHex()) + "'";
}

QByteArray someBytes()
{
	QByteArray bytes;
	if (chance(80))
		bytes = "";
	for (unsigned n = bytes.isNull() ? 0 : rnd(6); n > 0; n--)
		bytes.append(static_cast<char>(rnd(256)));
	return bytes;
}
std::string someText()
{
	static const char *const pieces[] = {"a", "Z", "\u00e4", "\u20ac", "\U0001f600", " ", "0"};
	std::string text = "x"; // an empty text may be null there
	for (unsigned n = rnd(5); n > 0; n--)
		text += pieces[rnd(7)];
	return text;
}

/// The kinds of values, written and read by number.
constexpr unsigned kinds = 22;

void write(QDataStream &stream, unsigned kind)
{
	const auto number = static_cast<quint64>(rnd(UINT32_MAX)) << 32 | rnd(UINT32_MAX);
	switch (kind) {
	case 0: stream << static_cast<qint8>(number); break;
	case 1: stream << static_cast<quint8>(number); break;
	case 2: stream << static_cast<qint16>(number); break;
	case 3: stream << static_cast<quint16>(number); break;
	case 4: stream << static_cast<qint32>(number); break;
	case 5: stream << static_cast<quint32>(number); break;
	case 6: stream << static_cast<qint64>(number); break;
	case 7: stream << number; break;
	case 8: stream << (number % 2 == 0); break;
	case 9: stream << static_cast<float>(number % 100000) / 64; break;
	case 10: stream << -static_cast<double>(number % 100000000) / 4096; break;
	case 11: stream << someBytes(); break;
	case 12: stream << string(someText()); break;
	case 13: stream << "a text"; break;
	case 14: {
		List<qint32> list;
		for (unsigned n = rnd(5); n > 0; n--)
			list.push_back(static_cast<qint32>(rnd(1000)) - 500);
		stream << list;
		break;
	}
	case 15: {
		List<Text> list;
		for (unsigned n = rnd(4); n > 0; n--)
			list.push_back(string(someText()));
		stream << list;
		break;
	}
	case 16: {
		Map<Text, QByteArray> map;
		for (unsigned n = rnd(4); n > 0; n--)
			map[string(someText())] = someBytes();
		stream << map;
		break;
	}
	case 17: stream << std::pair<quint16, Text>(static_cast<quint16>(number), string(someText())); break;
	case 18: stream << Many << Small::Two << One; break;
	case 19: {
		const char *const addresses[] = {"127.0.0.1", "::1", "fe80::1%lo", "255.1.2.3", "", "0.0.0.0"};
		stream << QHostAddress(string(addresses[rnd(6)]));
		break;
	}
	case 20: {
		const QByteArray raw = someBytes();
		stream.writeRawData(raw.constData(), static_cast<int>(raw.size()));
		break;
	}
	default: {
		const QByteArray raw = someBytes();
		stream.writeBytes(raw.constData(), static_cast<uint>(raw.size()));
		break;
	}
	}
}

template <class T>
void number(QDataStream &stream, const char *what)
{
	T value{};
	stream >> value;
	show(stream, what, std::to_string(value));
}

void read(QDataStream &stream, unsigned kind)
{
	switch (kind) {
	case 0: number<qint8>(stream, "qint8"); break;
	case 1: number<quint8>(stream, "quint8"); break;
	case 2: number<qint16>(stream, "qint16"); break;
	case 3: number<quint16>(stream, "quint16"); break;
	case 4: number<qint32>(stream, "qint32"); break;
	case 5: number<quint32>(stream, "quint32"); break;
	case 6: number<qint64>(stream, "qint64"); break;
	case 7: number<quint64>(stream, "quint64"); break;
	case 8: number<bool>(stream, "bool"); break;
	case 9: number<float>(stream, "float"); break;
	case 10: number<double>(stream, "double"); break;
	case 11: {
		QByteArray bytes("before");
		stream >> bytes;
		show(stream, "bytes", of(bytes));
		break;
	}
	case 12: {
		Text text = string("before");
		stream >> text;
		show(stream, "text", shown(plain(text)));
		break;
	}
	case 13: {
		char *text = nullptr;
		stream >> text;
		show(stream, "char", text == nullptr ? "null" : shown(text));
		delete[] text;
		break;
	}
	case 14: {
		List<qint32> list{1};
		stream >> list;
		std::string all;
		for (const qint32 each : list)
			all += std::to_string(each) + ",";
		show(stream, "list", all);
		break;
	}
	case 15: {
		List<Text> list;
		stream >> list;
		std::string all;
		for (const Text &each : list)
			all += shown(plain(each)) + ",";
		show(stream, "texts", all);
		break;
	}
	case 16: {
		Map<Text, QByteArray> map;
		stream >> map;
		std::string all;
		for (auto it = map.begin(); it != map.end(); ++it)
#ifdef QT_CORE_LIB
			all += shown(plain(it.key())) + ":" + of(it.value()) + ",";
#else
			all += shown(plain(it->first)) + ":" + of(it->second) + ",";
#endif
		show(stream, "map", all);
		break;
	}
	case 17: {
		std::pair<quint16, Text> pair;
		stream >> pair;
		show(stream, "pair", std::to_string(pair.first) + shown(plain(pair.second)));
		break;
	}
	case 18: {
		Plain many{}, one{};
		Small two{};
		stream >> many >> two >> one;
		show(stream, "enums", std::to_string(many) + std::to_string(static_cast<int>(two)) + std::to_string(one));
		break;
	}
	case 19: {
		QHostAddress address;
		stream >> address;
		show(stream, "address", plain(address.toString()));
		break;
	}
	case 20: {
		char raw[16] = {};
		const auto got = stream.readRawData(raw, static_cast<int>(rnd(9)));
		show(stream, "raw", std::to_string(got) + plain(QByteArray(raw, 16).toHex()));
		const auto skipped = stream.skipRawData(static_cast<int>(rnd(4)));
		show(stream, "skipped", std::to_string(skipped));
		break;
	}
	default: {
		char *data = nullptr;
		uint size = 7;
		stream.readBytes(data, size);
		// Of what is not there Qt returns what it has got so far.
		show(stream, "counted", stream.status() != QDataStream::Ok || data == nullptr ? "null" : plain(QByteArray(data, static_cast<int>(size)).toHex()));
		delete[] data;
		break;
	}
	}
}

void choose(QDataStream &stream, unsigned how)
{
	static const int versions[] = {QDataStream::Qt_4_0, QDataStream::Qt_4_5, QDataStream::Qt_4_6, QDataStream::Qt_5_0, QDataStream::Qt_5_12,
	                               QDataStream::Qt_5_15, QDataStream::Qt_6_0, QDataStream::Qt_6_4};
	if (how % 3 == 0)
		stream.setByteOrder(QDataStream::LittleEndian);
	if (how % 4 == 0)
		stream.setFloatingPointPrecision(QDataStream::SinglePrecision);
	if (how % 2 == 0)
		stream.setVersion(versions[how / 2 % 8]);
}

/// Only what says how long it is may be broken: elsewhere Qt would take memory for what is not there.
void breakIt(QByteArray &bytes)
{
	switch (rnd(3)) {
	case 0:
		bytes.truncate(static_cast<int>(rnd(static_cast<unsigned>(bytes.size() + 1))));
		break;
	case 1:
		bytes.remove(0, static_cast<int>(rnd(3)));
		break;
	default:
		break;
	}
}

void values()
{
	const unsigned how = rnd(1000);
	QByteArray bytes;
	std::vector<unsigned> written;
	{
		QDataStream stream(&bytes, QIODevice::WriteOnly);
		if (how < 20)
			std::printf("default %d %d %d\n", stream.version(), stream.byteOrder(), stream.floatingPointPrecision());
		choose(stream, how);
		for (unsigned n = 1 + rnd(5); n > 0; n--) {
			written.push_back(rnd(kinds));
			write(stream, written.back());
		}
		std::printf("%s %d\n", of(bytes).c_str(), stream.status());
	}
	QByteArray copy(bytes);
	breakIt(copy);
	const bool whole = copy == bytes;
	QBuffer buffer(&copy);
	buffer.open(QIODevice::ReadOnly);
	QDataStream stream(&buffer);
	choose(stream, how);
	const bool transaction = chance(30);
	if (transaction)
		stream.startTransaction();
	for (const unsigned kind : written)
		if (whole || kind <= 13 || kind >= 17) // or lists may claim to be long
			read(stream, kind);
	std::printf("\nend %d %d %lld\n", stream.atEnd(), stream.status(), static_cast<long long>(buffer.pos()));
	if (!transaction)
		return;
	switch (rnd(3)) {
	case 0: std::printf("commit %d", stream.commitTransaction()); break;
	case 1: stream.rollbackTransaction(); break;
	default: stream.abortTransaction(); break;
	}
	std::printf(" status %d at %lld, %d\n", stream.status(), static_cast<long long>(buffer.pos()), buffer.isTransactionStarted());
}

/// A client whose messages come in pieces of any size.
void overASocket(QCoreApplication &application)
{
	QByteArray bytes;
	QDataStream out(&bytes, QIODevice::WriteOnly);
	for (int i = 0; i < 20; i++)
		out << string("message") << i << QByteArray(i * 50, 'x');
	QTcpServer server;
	server.listen(QHostAddress::LocalHost);
	QTcpSocket client;
	QDataStream in(&client);
	int number = 0;
	QObject::connect(&client, &QIODevice::readyRead, &client, [&] {
		for (;;) {
			Text text;
			int i = 0;
			QByteArray payload;
			in.startTransaction();
			in >> text >> i >> payload;
			if (!in.commitTransaction())
				return;
			std::printf("%s %d %d\n", plain(text).c_str(), i, static_cast<int>(payload.size()));
			if (++number == 20)
				application.quit();
		}
	});
	QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
		QTcpSocket *peer = server.nextPendingConnection();
		// The next piece when this one is out.
		static qsizetype at;
		at = 0;
		const auto next = [peer, &bytes] {
			if (at >= bytes.size())
				return;
			const auto piece = static_cast<qsizetype>(1 + rnd(700));
			at += peer->write(bytes.mid(at, piece));
		};
		QObject::connect(peer, &QIODevice::bytesWritten, peer, next);
		next();
	});
	client.connectToHost(QHostAddress(QHostAddress::LocalHost), server.serverPort());
	application.exec();
}

} // namespace

int main(int argc, char **argv)
{
	seed_random(argc > 2 ? static_cast<uint64_t>(std::atoll(argv[2])) : 1);
	QCoreApplication application(argc, argv);
	for (int round = 0; round < 4000; round++) {
		std::printf("round %d\n", round);
		values();
	}
	overASocket(application);
	QDataStream nothing;
	std::printf("%d %d\n", nothing.atEnd(), nothing.device() == nullptr);
	return 0;
}
