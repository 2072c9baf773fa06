// QByteArray: random bytes, each method with random arguments, what it returns and what becomes of the bytes.
#include "port.h"

#include "../../../../capi/tests/random.h"

#include <QByteArray>

namespace {

std::string of(const QByteArray &bytes)
{
	return (bytes.isNull() ? "null" : "'" + shown(plain(bytes)) + "'");
}

void print(const char *what, const QByteArray &bytes)
{
	std::printf("%s %s\n", what, of(bytes).c_str());
}

void print(const char *what, long long number)
{
	std::printf("%s %lld\n", what, number);
}

template <class List>
void printList(const char *what, const List &list)
{
	std::printf("%s", what);
	for (const QByteArray &part : list)
		std::printf(" %s", of(part).c_str());
	std::printf("\n");
}

/// Few different bytes, so that they are found in each other; and sometimes any.
QByteArray some(unsigned most)
{
	static const char few[] = "aabbAB c\t,=0f";
	switch (rnd(12)) {
	case 0:
		return QByteArray();
	case 1:
		return QByteArray("");
	default:
		break;
	}
	QByteArray bytes("");
	const bool any = chance(15);
	for (unsigned n = rnd(most + 1); n > 0; n--)
		bytes.append(any ? static_cast<char>(rnd(256)) : few[rnd(sizeof few - 1)]);
	return bytes;
}

char letter()
{
	return "abAB c,=0"[rnd(9)];
}

int place(int most)
{
	return static_cast<int>(rnd(static_cast<unsigned>(most + 6))) - 3;
}

/// A number as text, or nearly.
QByteArray numeral()
{
	static const char *const pieces[] = {" ", "\t", "-", "+", "0", "0x", "0X", "0b", "1", "9", "7", "12", "255", "f", "Z", "z",
	                                     "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
	                                     "9223372036854775808", "18446744073709551615", "18446744073709551616", "32767", "65536"};
	QByteArray text("");
	for (unsigned n = rnd(4) + 1; n > 0; n--)
		text += pieces[rnd(sizeof pieces / sizeof *pieces)];
	return text;
}

QByteArray decimal()
{
	static const char *const pieces[] = {" ", "-", "+", "0", "1", "25", ".", ".5", "e", "E", "e5", "e-3", "e+2", "inf", "nan", "9999", "e308",
	                                     "1e400", "x", "0x1"};
	QByteArray text("");
	for (unsigned n = rnd(4) + 1; n > 0; n--)
		text += pieces[rnd(sizeof pieces / sizeof *pieces)];
	// Of these Qt 6.4 says something else than later versions, which qnet follows.
	const QByteArray bare = text.trimmed();
	return bare.isEmpty() || bare.endsWith("nan") || bare.endsWith("inf") ? bare : text;
}

void reading(const QByteArray &a)
{
	const int size = static_cast<int>(a.size());
	const QByteArray b = some(3);
	const char c = letter();
	const int at = place(size), length = place(size);
	print("isEmpty", a.isEmpty());
	print("size", a.size());
	print("length", a.length());
	print("indexOf", a.indexOf(b));
	print("indexOf from", a.indexOf(b, at));
	print("indexOf char", a.indexOf(c, at));
	print("indexOf text", a.indexOf("ab"));
	if (b != QByteArray(1, '\0')) { // which Qt finds behind the end
		print("lastIndexOf", a.lastIndexOf(b));
		print("lastIndexOf from", a.lastIndexOf(b, at));
	}
	print("lastIndexOf char", a.lastIndexOf(c, at));
	print("contains", a.contains(b));
	print("contains char", a.contains(c));
	if (!b.isEmpty())
		print("count", a.count(b));
	print("count char", a.count(c));
	print("startsWith", a.startsWith(b));
	print("startsWith char", a.startsWith(c));
	print("endsWith", a.endsWith(b));
	print("endsWith char", a.endsWith(c));
	print("mid", a.mid(at, length));
	print("mid rest", a.mid(at));
	print("left", a.left(length));
	print("right", a.right(length));
	if (at >= 0 && at <= size) {
		print("first", a.first(at));
		print("last", a.last(at));
		print("sliced", a.sliced(at));
		print("sliced", a.sliced(at, static_cast<int>(rnd(static_cast<unsigned>(size - at + 1)))));
		print("chopped", a.chopped(at));
		if (at < size) {
			print("at", a.at(at));
			print("[]", a[at]);
		}
	}
	printList("split", a.split(c));
	print("trimmed", a.trimmed());
	print("simplified", a.simplified());
	print("toLower", a.toLower());
	print("toUpper", a.toUpper());
	print("isLower", a.isLower());
	print("isUpper", a.isUpper());
	print("repeated", a.repeated(place(1)));
	print("leftJustified", a.leftJustified(at, c, chance(50)));
	print("rightJustified", a.rightJustified(at, c, chance(50)));
	const int order = a.compare(b), loosely = a.compare(b, Qt::CaseInsensitive);
	print("compare", order < 0 ? -1 : order > 0);
	print("compare loosely", loosely < 0 ? -1 : loosely > 0);
	std::printf("== %d != %d < %d <= %d > %d >= %d\n", a == b, a != b, a < b, a <= b, a > b, a >= b);
	std::printf("== text %d %d < text %d\n", a == "ab", "ab" != a, a < "b");
	print("toHex", a.toHex());
	print("toHex :", a.toHex(':'));
	print("fromHex", QByteArray::fromHex(a));
	print("fromHex toHex", QByteArray::fromHex(a.toHex()));
	print("toPercentEncoding", a.toPercentEncoding());
	print("toPercentEncoding but", a.toPercentEncoding(b, "a", chance(50) ? '%' : '_'));
	print("fromPercentEncoding", QByteArray::fromPercentEncoding(a.toPercentEncoding()));
	print("+", a + b);
	print("+ char", a + c);
	print("+ text", a + "text" + c);
	print("text +", "text" + a);
	print("char +", c + a);
	qDebug() << a << b;
	std::printf("data ends with %d\n", a.constData()[size]);
}

void base64()
{
	const QByteArray a = some(9);
	const auto option = [](int bits) { return QByteArray::Base64Options(static_cast<QByteArray::Base64Option>(bits)); };
	for (int options = 0; options < 4; options++) {
		const QByteArray text = a.toBase64(option(options));
		print("toBase64", text);
		QByteArray broken = text;
		if (!broken.isEmpty() && chance(70))
			broken[static_cast<int>(rnd(static_cast<unsigned>(broken.size())))] = "=\n-+A"[rnd(5)];
		for (int strict = 0; strict < 2; strict++) {
			const auto back = QByteArray::fromBase64Encoding(broken, option((options & 1) | strict * 4));
			print("status", static_cast<int>(back.decodingStatus));
			print("fromBase64Encoding", back.decoded);
			print("fromBase64", QByteArray::fromBase64(broken, option((options & 1) | strict * 4)));
		}
	}
}

void changing()
{
	QByteArray a = some(8);
	print("from", a);
	for (unsigned n = rnd(4) + 1; n > 0; n--) {
		const QByteArray b = some(3);
		const char c = letter();
		const int size = static_cast<int>(a.size());
		const int at = place(size), length = place(size), few = place(2);
		switch (rnd(29)) {
		case 0: print("append", a.append(b)); break;
		case 1: print("append char", a.append(c)); break;
		case 2: print("append text", a.append("xy")); break;
		case 3: print("append some", a.append("xyz", few < 0 ? 1 : few)); break;
		case 4: print("append chars", a.append(few < 0 ? 0 : few, c)); break;
		case 5: print("prepend", a.prepend(b)); break;
		case 6: print("prepend char", a.prepend(c)); break;
		case 7: print("prepend text", a.prepend("xy")); break;
		case 8: print("insert", a.insert(at, b)); break;
		case 9: print("insert char", a.insert(at, c)); break;
		case 10: print("insert chars", a.insert(at, few, c)); break;
		case 11: print("insert text", a.insert(at, "xy")); break;
		case 12: print("remove", a.remove(at, length)); break;
		case 13:
			if (at >= 0 && at < size)
				print("replace at", a.replace(at, length, b));
			break;
		case 14: print("replace", a.replace(b, some(3))); break;
		case 15: print("replace char", a.replace(c, letter())); break;
		case 16: print("replace char by", a.replace(c, b)); break;
		case 17: print("replace texts", a.replace("a", "bb")); break;
		case 18: a.chop(few); print("chop", a); break;
		case 19: a.truncate(at < 0 ? 0 : at); print("truncate", a); break;
		case 20:
			if (at >= 0 && at <= size) {
				a.resize(at);
				print("resize", a);
			}
			break;
		case 21: print("fill", a.fill(c)); break;
		case 22: print("fill", a.fill(c, few < 0 ? -1 : few)); break;
		case 23: a.clear(); print("clear", a); break;
		case 24: print("+=", a += b); break;
		case 25: print("+= text", a += "xy"); break;
		case 26: {
			QByteArray other = b;
			a.swap(other);
			print("swap", a);
			break;
		}
		case 27: print("itself", a.append(a)); break;
		case 28: a = QByteArray(few < 0 ? 0 : few, c); print("made", a); break;
		default: break;
		}
	}
	QByteArray moved = std::move(a);
	print("moved", moved);
}

template <class T>
void number(const char *what, T value, bool ok)
{
	std::printf("%s %s %d\n", what, std::to_string(value).c_str(), ok);
}

void numbers()
{
	const QByteArray text = numeral();
	const int bases[] = {10, 16, 8, 2, 0, 36, 3};
	const int base = bases[rnd(7)];
	bool ok = false;
	std::printf("%s in base %d\n", of(text).c_str(), base);
	number("toInt", text.toInt(&ok, base), ok);
	number("toUInt", text.toUInt(&ok, base), ok);
	number("toShort", text.toShort(&ok, base), ok);
	number("toUShort", text.toUShort(&ok, base), ok);
	number("toLong", text.toLong(&ok, base), ok);
	number("toULong", text.toULong(&ok, base), ok);
	number("toLongLong", text.toLongLong(&ok, base), ok);
	number("toULongLong", text.toULongLong(&ok, base), ok);
	const QByteArray fraction = decimal();
	std::printf("%s\n", of(fraction).c_str());
	double value = fraction.toDouble(&ok);
	std::printf("toDouble %.17g %d\n", value, ok);
	value = static_cast<double>(fraction.toFloat(&ok));
	std::printf("toFloat %.9g %d\n", value, ok);

	const int some = static_cast<int>(rnd(1u << (1 + rnd(30)))) * (chance(50) ? 1 : -1);
	const int to = chance(50) ? 10 : static_cast<int>(2 + rnd(35));
	print("number", QByteArray::number(some, to));
	print("number", QByteArray::number(static_cast<uint>(some), to));
	print("number", QByteArray::number(static_cast<qlonglong>(some) * 1000003, to));
	print("number", QByteArray::number(static_cast<qulonglong>(some) * 1000003, to));
	print("setNum", QByteArray("x").setNum(some, to));
	double real = some / 1024.0;
	if (chance(30))
		real *= chance(50) ? 1e20 : 1e-20;
	print("number", QByteArray::number(real));
	print("number", QByteArray::number(real, "eEfgG"[rnd(5)], static_cast<int>(rnd(12))));
}

} // namespace

int main(int argc, char **argv)
{
	seed_random(argc > 2 ? static_cast<uint64_t>(std::atoll(argv[2])) : 1);
	printMessages();
	for (int round = 0; round < 1500; round++) {
		std::printf("round %d\n", round);
		const QByteArray a = some(12);
		print("a", a);
		reading(a);
		base64();
		changing();
		numbers();
	}
	print("nothing", QByteArray(static_cast<const char *>(nullptr)));
	print("nothing of a length", QByteArray(static_cast<const char *>(nullptr), 3));
	print("with a NUL", QByteArray("a\0b", 3));
	print("up to one", QByteArray("a\0b"));
	print("null is empty", QByteArray() == QByteArray("") && QByteArray() == "" && QByteArray() == static_cast<const char *>(nullptr));
	return 0;
}
