"""What QByteArray makes of arguments that chance has chosen: a program for PySide6 and for qnet.

    bytearrays.py SEED COUNT

Prints a line for each call.
"""

import random
import sys

try:
    from qnet import QByteArray, Qt
except ImportError:
    from PySide6.QtCore import QByteArray, Qt

SMALL = [b"", b"a", b"b", b"ab", b"\0", b" ", b"\xff", b"A", b"1", b"aba"]
NUMBERS = [b"0x1f", b"-5", b"+7", b" 12\n", b"0b101", b"017", b"1e5", b"-0", b"1.5", b".5", b"5.", b"inf", b"-inf", b"NaN",
           b"+nan", b"0x", b"99999999999", b"-2147483648", b"2147483648", b"18446744073709551615", b"1e400", b"1e-400",
           b"3e38", b"4e38", b"1e-45", b"1e-60", b"- 1", b"1_0", b"12\0", b"\x0b3"]


class Chance(random.Random):
    def bytes(self):
        how = self.random()
        if how < 0.3:
            return self.choice(SMALL)
        if how < 0.4:
            return self.choice(NUMBERS)
        alphabet = self.choice([b"ab", b"aAbB cC\t\n", b"0123456789abcdefABCDEF xX-+", b"YWI+/=_-", b"%4aZ~ .", bytes(range(256))])
        return bytes(self.choice(alphabet) for _ in range(self.randrange(12)))

    def argument(self):
        value = self.bytes()
        return self.choice([value, bytearray(value), QByteArray(value)])

    def index(self):
        return self.randrange(-3, 15)

    def text(self):
        return self.choice(["a", "b", "A", " ", ",", "."])


def calls(r, q):
    """The calls that are made of an array, by their names."""
    size = q.size()
    inside = r.randrange(size + 1)
    real = r.choice([0.0, 0.1, 1.5, -2.25, 1e5, 1e6, 123456789.0, 1.5e-5, 1e100, r.uniform(-1e3, 1e3), r.uniform(0, 1e-7)])
    whole = r.choice([0, 1, -1, 255, 1 << 31, -(1 << 63), r.randrange(-10**6, 10**6)])
    options = r.choice([QByteArray.Base64Option(0), QByteArray.Base64Option.Base64UrlEncoding,
                        QByteArray.Base64Option.OmitTrailingEquals])
    yield "size", q.size, ()
    yield "isEmpty", q.isEmpty, ()
    yield "data", q.data, ()
    yield "isLower", q.isLower, ()
    yield "isUpper", q.isUpper, ()
    yield "isValidUtf8", q.isValidUtf8, ()
    yield "mid", q.mid, (r.index(),)
    yield "mid", q.mid, (r.index(), r.index())
    yield "left", q.left, (r.index(),)
    yield "right", q.right, (r.index(),)
    yield "first", q.first, (inside,)
    yield "last", q.last, (inside,)
    yield "sliced", q.sliced, (inside,)
    yield "chopped", q.chopped, (inside,)
    yield "trimmed", q.trimmed, ()
    yield "simplified", q.simplified, ()
    yield "toLower", q.toLower, ()
    yield "toUpper", q.toUpper, ()
    yield "indexOf", q.indexOf, (r.argument(), r.index())
    yield "lastIndexOf", q.lastIndexOf, (r.argument(),)
    yield "lastIndexOf", q.lastIndexOf, (r.argument(), r.index())
    yield "contains", q.contains, (r.argument(),)
    yield "startsWith", q.startsWith, (r.argument(),)
    yield "endsWith", q.endsWith, (r.argument(),)
    yield "count", q.count, (r.argument(),)
    yield "repeated", q.repeated, (r.randrange(-1, 4),)
    yield "leftJustified", q.leftJustified, (r.index(), r.text(), r.random() < 0.5)
    yield "rightJustified", q.rightJustified, (r.index(), r.text(), r.random() < 0.5)
    yield "toHex", q.toHex, ()
    yield "toHex", q.toHex, (r.text(),)
    yield "toBase64", q.toBase64, (options,)
    yield "toPercentEncoding", q.toPercentEncoding, (r.argument(), r.argument())
    yield "percentDecoded", q.percentDecoded, ()
    for name in "toShort toUShort toInt toUInt toLongLong toULongLong".split():
        yield name, getattr(q, name), (r.choice([10, 10, 16, 0, 2, 8, 36]),)
    yield "toDouble", q.toDouble, ()
    yield "toFloat", q.toFloat, ()
    yield "split", q.split, (r.text(),)
    yield "sign", lambda other: (lambda n: (n > 0) - (n < 0))(q.compare(other)), (r.argument(),)
    yield "compare", lambda other: q.compare(other, Qt.CaseSensitivity.CaseInsensitive) == 0, (r.argument(),)
    yield "equal", lambda other: (q == other, q != other), (r.argument(),)
    yield "order", lambda other: (q < other, q > other, q <= other, q >= other), (r.argument(),)
    yield "add", lambda other: q + other, (r.argument(),)
    yield "radd", lambda other: other + q, (r.bytes(),)
    yield "item", lambda: [q[i] for i in range(size)], ()
    yield "slice", lambda a, b: q[a:b], (r.index(), r.index())
    yield "bytes", lambda: (bytes(q), bytearray(q), len(q), str(q), bool(q)), ()
    yield "number", QByteArray.number, (whole, r.choice([10, 16, 2, 36]))
    yield "number", QByteArray.number, (real, r.choice("eEfgG"), r.choice([-1, 0, 1, 3, 6, 10]))
    yield "fromHex", QByteArray.fromHex, (r.argument(),)
    yield "fromBase64", QByteArray.fromBase64, (r.argument(), options)
    yield "fromPercentEncoding", QByteArray.fromPercentEncoding, (r.argument(),)
    # Those that change it.
    yield "append", q.append, (r.argument(),)
    yield "append", q.append, (r.randrange(4), r.text())
    yield "prepend", q.prepend, (r.argument(),)
    yield "insert", q.insert, (r.randrange(15), r.argument())
    yield "remove", q.remove, (r.randrange(15), r.index())
    yield "replace", q.replace, (r.argument() or b"a", r.argument())
    yield "replace", q.replace, (inside, r.randrange(5), r.argument())
    yield "chop", q.chop, (r.index(),)
    yield "truncate", q.truncate, (r.index(),)
    yield "resize", q.resize, (r.randrange(15), r.text())
    yield "fill", q.fill, (r.text(),)
    yield "setNum", q.setNum, (whole,)
    yield "assign", q.assign, (r.argument(),)
    yield "push_back", q.push_back, (r.argument(),)
    yield "clear", q.clear, ()


def shown(value):
    if isinstance(value, QByteArray):
        return f"Q{bytes(value)!r}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    return repr(value)


def main():
    seed, count = map(int, sys.argv[1:])
    r = Chance(seed)
    q = QByteArray()
    for number in range(count):
        if r.random() < 0.1:
            q = QByteArray(r.choice([r.bytes(), bytearray(r.bytes())]))
        before = bytes(q)
        name, function, arguments = r.choice(list(calls(r, q)))
        try:
            result = shown(function(*arguments))
        except Exception as error:
            result = f"error ({type(error).__name__})"
        print(f"{number} {before!r}.{name}{shown(arguments)} -> {result}; {bytes(q)!r}")


if __name__ == "__main__":
    main()
