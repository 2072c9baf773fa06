"""QByteArray, and the bytes that devices return. Qt: QByteArray

A program that makes a QByteArray gets one that it can change, as in PySide. What a device returns is a `bytes` that has
QByteArray's methods besides: where the two disagree it is as bytes are, and what would change it is refused.
"""

from __future__ import annotations

import binascii
import re
import struct
from typing import TYPE_CHECKING, Any, Iterator, List, NoReturn, Optional, SupportsIndex, Tuple, TypeVar, Union

from . import enums
from .enums import CaseSensitivity, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

A = TypeVar("A", bound="QByteArray")

_SPACE = b" \t\n\v\f\r"
_SPACES = re.compile(rb"[ \t\n\v\f\r]+")
_NOT_HEX = re.compile(rb"[^0-9a-fA-F]+")
_PERCENT = re.compile(rb"[^A-Za-z0-9\-._~]")
_INTEGER = re.compile(rb"[ \t\n\v\f\r]*([+-]?)([0-9a-zA-Z]+)[ \t\n\v\f\r]*(?:\0.*)?", re.S)
_REAL = re.compile(rb"[+-]?(inf|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)|nan", re.I)
_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_PREFIXES = {16: b"0x", 2: b"0b"}
_SHORTEST = -128  # as the precision of a number: as many digits as tell it from others
_LARGEST = (1 << 63) - 1

#: what methods take besides a QByteArray
Text = Union[bytes, bytearray, memoryview, str]
Char = Union[int, str, bytes]


def _bytes(value: Any) -> bytes:
    """Bytes, from whatever holds some, or a text as UTF-8."""
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else bytes(memoryview(value))


def _char(value: Char) -> bytes:
    """One byte, from a number or the first of a text."""
    if isinstance(value, int):
        return bytes((value & 255,))
    one = _bytes(value)
    if not one or (len(one) > 1 and not (isinstance(value, str) and len(value) == 1)):
        raise TypeError("one character is needed")
    return one[:1]


class Decoded:
    """What was decoded, and whether all of it could be. Qt: QByteArray::FromBase64Result"""

    __slots__ = ("decoded", "decodingStatus")

    def __init__(self, decoded: "QByteArray", status: enums.Base64DecodingStatus) -> None:
        self.decoded = decoded
        self.decodingStatus = status

    def __bool__(self) -> bool:
        return self.decodingStatus is enums.Base64DecodingStatus.Ok


@short_names(enums.Base64Option, enums.Base64DecodingStatus)
class QByteArray:
    """Bytes that can be changed: QByteArray(data), QByteArray(size, character) or, empty, QByteArray(). Qt: QByteArray

    Texts among its arguments are taken as UTF-8. An item is a bytes of one byte, as in PySide.
    """

    __slots__ = ()

    Base64Option: TypeAlias = enums.Base64Option
    Base64DecodingStatus: TypeAlias = enums.Base64DecodingStatus
    FromBase64Result: TypeAlias = Decoded

    if TYPE_CHECKING:
        # Those of bytes and bytearray.
        def __init__(self, data: Union[None, int, Text, "QByteArray"] = None, size: Union[int, Char] = -1, /) -> None: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[bytes]: ...
        def __add__(self, other: Union[Text, "QByteArray"]) -> "QByteArray": ...
        def __radd__(self, other: Union[bytes, bytearray]) -> "QByteArray": ...  # type: ignore[misc]
        def __buffer__(self, flags: int) -> memoryview: ...
        def __lt__(self, other: Union[Text, "QByteArray"]) -> bool: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __setitem__(self, index: Union[SupportsIndex, slice], value: Union[bytes, bytearray, "QByteArray"]) -> None: ...
        def __delitem__(self, index: Union[SupportsIndex, slice]) -> None: ...
        def find(self, what: bytes, begin: int = 0) -> int: ...
        def rfind(self, what: bytes, begin: int = 0, end: int = 0) -> int: ...
        def strip(self, what: bytes) -> bytes: ...
        def lower(self) -> bytes: ...
        def upper(self) -> bytes: ...
        def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str: ...
        def hex(self, *arguments: Any) -> str: ...
        def ljust(self, width: int, fill: bytes) -> bytes: ...
        def rjust(self, width: int, fill: bytes) -> bytes: ...
        def split(self, separator: Any, /) -> Any: ...
        def replace(self, *arguments: Any) -> Any: ...
    else:

        def __new__(cls, *arguments):
            return bytearray.__new__(_Array)

        def __init_subclass__(cls, **keywords):
            if cls.__module__ != __name__:
                raise TypeError("type 'QByteArray' is not an acceptable base type")

    def _like(self: A, value: bytes) -> A:
        """Another of the same kind."""
        raise NotImplementedError

    # ---- what it is

    def data(self) -> bytes:
        """All of it as plain bytes. Qt: QByteArray::data()"""
        return bytes(self)

    def size(self) -> int:
        """Qt: QByteArray::size()"""
        return len(self)

    length = size

    def capacity(self) -> int:
        """As many bytes as there are. Qt: QByteArray::capacity()"""
        return len(self)

    @staticmethod
    def maxSize() -> int:
        """Qt: QByteArray::maxSize()"""
        return _LARGEST - 18

    max_size = maxSize

    def isEmpty(self) -> bool:
        """Qt: QByteArray::isEmpty()"""
        return not len(self)

    def isNull(self) -> bool:
        """Was it made without any bytes? Bytes from a device are null when there are none. Qt: QByteArray::isNull()"""
        return not len(self)

    def isSharedWith(self, other: Any, /) -> bool:
        """Is it the same object? Qt: QByteArray::isSharedWith()"""
        return self is other

    def isLower(self) -> bool:
        """Has it no ASCII letters in upper case? Qt: QByteArray::isLower()"""
        return bytes(self) == self.lower()

    def isUpper(self) -> bool:
        """Has it no ASCII letters in lower case? Qt: QByteArray::isUpper()"""
        return bytes(self) == self.upper()

    def isValidUtf8(self) -> bool:
        """Qt: QByteArray::isValidUtf8()"""
        try:
            self.decode()
        except UnicodeDecodeError:
            return False
        return True

    def compare(self, other: Any, cs: CaseSensitivity = CaseSensitivity.CaseSensitive, /) -> int:
        """Less than, equal to or greater than 0, as this is before, equal to or after the other. Qt: QByteArray::compare()"""
        mine, its = bytes(self), _bytes(other)
        if cs == CaseSensitivity.CaseInsensitive:
            mine, its = mine.lower(), its.lower()
        return (mine > its) - (mine < its)

    # ---- parts of it

    def at(self, i: int, /) -> str:
        """A byte as a character; UnicodeDecodeError if it is not of ASCII, IndexError if there is none. Qt: QByteArray::at()
        """
        if not 0 <= i < len(self):
            raise IndexError(f"{i} is not in 0..{len(self) - 1}")
        return bytes(memoryview(self)[i : i + 1]).decode()

    def front(self) -> str:
        """Qt: QByteArray::front()"""
        return self.at(0)

    def back(self) -> str:
        """Qt: QByteArray::back()"""
        return self.at(len(self) - 1)

    def mid(self: A, pos: int, len_: int = -1, /) -> A:
        """Those from pos on, all or up to a number. Qt: QByteArray::mid()"""
        if len_ < 0:
            len_ = len(self) - min(pos, 0)
        return self._like(bytes(self)[max(pos, 0) : max(pos + len_, 0)])

    def left(self: A, len_: int, /) -> A:
        """Qt: QByteArray::left()"""
        return self._like(bytes(self)[: max(len_, 0)])

    def right(self: A, len_: int, /) -> A:
        """Qt: QByteArray::right()"""
        return self._like(bytes(self)[max(len(self) - max(len_, 0), 0) :])

    def first(self: A, n: int, /) -> A:
        """As left(), but IndexError if there are not so many. Qt: QByteArray::first()"""
        return self.sliced(0, n)

    def last(self: A, n: int, /) -> A:
        """As right(), but IndexError if there are not so many. Qt: QByteArray::last()"""
        return self.sliced(len(self) - n, n)

    def sliced(self: A, pos: int, n: Optional[int] = None, /) -> A:
        """As mid(), but IndexError if there are not so many. Qt: QByteArray::sliced()"""
        count = len(self) - pos if n is None else n
        if pos < 0 or count < 0 or pos + count > len(self):
            raise IndexError(f"{count} bytes from {pos} on are not in {len(self)}")
        return self._like(bytes(self)[pos : pos + count])

    def chopped(self: A, len_: int, /) -> A:
        """Without the last ones; IndexError if there are not so many. Qt: QByteArray::chopped()"""
        return self.sliced(0, len(self) - len_) if len_ >= 0 else self.sliced(0, -1)

    def trimmed(self: A) -> A:
        """Without white space at both ends. Qt: QByteArray::trimmed()"""
        return self._like(self.strip(_SPACE))

    def simplified(self: A) -> A:
        """Without white space at both ends, and one space for each white space inside. Qt: QByteArray::simplified()"""
        return self._like(_SPACES.sub(b" ", self.strip(_SPACE)))

    # ---- looking for something

    def indexOf(self, what: Union[Text, "QByteArray"], from_: int = 0, /) -> int:
        """Where the first one is, from an index on (a negative one counts from the end); -1: nowhere. Qt: QByteArray::indexOf()
        """
        it = _bytes(what)
        if from_ < 0:
            from_ = max(from_ + len(self), 0 if it else -1)
        return -1 if from_ < 0 else self.find(it, from_)

    def lastIndexOf(self, what: Union[Text, "QByteArray"], from_: Optional[int] = None, /) -> int:
        """Where the last one is that begins at an index or before; -1: nowhere. A negative index counts from the end for a
        single byte, and stands for the end otherwise, as in Qt. Qt: QByteArray::lastIndexOf()"""
        it, size = _bytes(what), len(self)
        last = size - len(it)
        if from_ is None:
            from_ = last
        elif size == 0 and from_ != 0:
            return -1
        elif len(it) == 1:
            from_ = min(from_ + size if from_ < 0 else from_, last)
        elif from_ < 0:
            from_ = last
        return -1 if from_ < 0 or from_ > size else self.rfind(it, 0, from_ + len(it))

    def contains(self, what: Union[Text, "QByteArray"], /) -> bool:
        """Qt: QByteArray::contains()"""
        return self.find(_bytes(what)) >= 0

    def startsWith(self, what: Union[Text, "QByteArray"], /) -> bool:
        """Qt: QByteArray::startsWith()"""
        return bytes(self).startswith(_bytes(what))

    def endsWith(self, what: Union[Text, "QByteArray"], /) -> bool:
        """Qt: QByteArray::endsWith()"""
        return bytes(self).endswith(_bytes(what))

    # ---- made of it

    def toLower(self: A) -> A:
        """With ASCII letters in lower case. Qt: QByteArray::toLower()"""
        return self._like(self.lower())

    def toUpper(self: A) -> A:
        """With ASCII letters in upper case. Qt: QByteArray::toUpper()"""
        return self._like(self.upper())

    def repeated(self: A, times: int, /) -> A:
        """Qt: QByteArray::repeated()"""
        return self._like(bytes(self) * times)

    def leftJustified(self: A, width: int, fill: Char = " ", truncate: bool = False) -> A:
        """Qt: QByteArray::leftJustified()"""
        return self._like(self.ljust(width, _char(fill))[: max(width, 0) if truncate else None])

    def rightJustified(self: A, width: int, fill: Char = " ", truncate: bool = False) -> A:
        """Qt: QByteArray::rightJustified()"""
        return self._like(self.rjust(width, _char(fill))[: max(width, 0) if truncate else None])

    def toHex(self: A, separator: Char = 0, /) -> A:
        """Qt: QByteArray::toHex()"""
        between = _char(separator)
        return self._like((self.hex() if between == b"\0" else self.hex(between, 1)).encode())

    def toBase64(self: A, options: enums.Base64Option = enums.Base64Option.Base64Encoding, /) -> A:
        """Qt: QByteArray::toBase64()"""
        done = binascii.b2a_base64(bytes(self), newline=False)
        if enums.Base64Option.Base64UrlEncoding in options:
            done = done.translate(_TO_URL)
        return self._like(done.rstrip(b"=") if enums.Base64Option.OmitTrailingEquals in options else done)

    def toPercentEncoding(self: A, exclude: Any = b"", include: Any = b"", percent: Char = "%") -> A:
        """Each byte but letters, digits and b"-._~" as %XX; exclude are left too, include never. Qt:
        QByteArray::toPercentEncoding()"""
        sign = _char(percent)
        left, never = _bytes(exclude), _bytes(include) + sign
        encoded = bytearray()
        for byte in bytes(self):
            one = bytes((byte,))
            keep = one not in never and (one in left or not _PERCENT.match(one))
            encoded += one if keep else sign + b"%02X" % byte
        return self._like(bytes(encoded))

    def percentDecoded(self: A, percent: Char = "%") -> A:
        """Qt: QByteArray::percentDecoded()"""
        # Qt takes any two bytes, and -1 for what is no digit.
        code = re.compile(re.escape(_char(percent)) + b"(.)(.)", re.S)
        return self._like(code.sub(lambda m: bytes(((_digit(m[1]) << 4 | _digit(m[2])) & 255,)), bytes(self)))

    def toStdString(self) -> str:
        """Its text, in UTF-8; UnicodeDecodeError if it is none. Qt: QByteArray::toStdString()"""
        return self.decode()

    # ---- numbers

    def _integer(self, base: int, least: int, most: int) -> Tuple[int, bool]:
        found = _INTEGER.fullmatch(bytes(self))
        if found is None or not (base == 0 or 2 <= base <= 36):
            return 0, False
        sign, digits = found.groups()
        low = digits.lower()
        for one, prefix in _PREFIXES.items():
            if base in (0, one) and low.startswith(prefix):
                base, digits = one, digits[2:]
        if base == 0:
            base = 8 if digits.startswith(b"0") else 10
        try:
            value = int(sign + digits, base)
        except ValueError:
            return 0, False
        fits = least <= value <= most and not (sign == b"-" and not least)
        return (value, True) if fits else (0, False)

    def toShort(self, base: int = 10) -> Tuple[int, bool]:
        """The number in it, and whether there is one and nothing else but white space. Qt: QByteArray::toShort()"""
        return self._integer(base, -(1 << 15), (1 << 15) - 1)

    def toUShort(self, base: int = 10) -> Tuple[int, bool]:
        """Qt: QByteArray::toUShort()"""
        return self._integer(base, 0, (1 << 16) - 1)

    def toInt(self, base: int = 10) -> Tuple[int, bool]:
        """The number in it, and whether there is one and nothing else but white space. With base 0 it may begin with 0x, 0b
        or 0. Qt: QByteArray::toInt()"""
        return self._integer(base, -(1 << 31), (1 << 31) - 1)

    def toUInt(self, base: int = 10) -> Tuple[int, bool]:
        """Qt: QByteArray::toUInt()"""
        return self._integer(base, 0, (1 << 32) - 1)

    def toLongLong(self, base: int = 10) -> Tuple[int, bool]:
        """Qt: QByteArray::toLongLong()"""
        return self._integer(base, -(1 << 63), (1 << 63) - 1)

    def toULongLong(self, base: int = 10) -> Tuple[int, bool]:
        """Qt: QByteArray::toULongLong()"""
        return self._integer(base, 0, (1 << 64) - 1)

    toLong, toULong = toLongLong, toULongLong

    def toDouble(self) -> Tuple[float, bool]:
        """The number in it, and whether there is one and nothing else but white space. Qt: QByteArray::toDouble()"""
        text = bytes(self).strip(_SPACE)
        if not _REAL.fullmatch(text):
            return 0.0, False
        value = float(text)
        endless = value in (float("inf"), float("-inf")) and b"n" not in text.lower()
        nothing = value == 0.0 and any(digit in b"123456789" for digit in text.lower().partition(b"e")[0])
        return (0.0, False) if endless or nothing else (value, True)

    def toFloat(self) -> Tuple[float, bool]:
        """As toDouble(), with the precision of a float in C. Qt: QByteArray::toFloat()"""
        value, ok = self.toDouble()
        if not ok or value != value or value in (float("inf"), float("-inf")):
            return value, ok
        try:
            short: float = struct.unpack("<f", struct.pack("<f", value))[0]
        except OverflowError:
            return float("inf") if value > 0 else float("-inf"), False
        return (0.0, False) if value and not short else (short, True)

    @staticmethod
    def number(n: Union[int, float], base: Union[int, str] = 10, precision: int = 6, /) -> "QByteArray":
        """A number as text: number(n, base), number(x, "f", precision). Qt: QByteArray::number()"""
        if isinstance(n, float):
            return QByteArray(_real(n, base if isinstance(base, str) else "g", precision))
        if not isinstance(base, int):
            raise TypeError("a base is needed")
        if not 2 <= base <= 36:
            raise ValueError(f"{base} is no base")
        if not -(1 << 63) <= n < 1 << 64:
            raise OverflowError(f"{n} is too large")
        digits, left = "", abs(n)
        while left or not digits:
            left, digit = divmod(left, base)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        return QByteArray("-" + digits if n < 0 else digits)

    # ---- made from something else

    @staticmethod
    def fromHex(hexEncoded: Any, /) -> "QByteArray":
        """What is no hexadecimal digit is skipped. Qt: QByteArray::fromHex()"""
        digits = _NOT_HEX.sub(b"", _bytes(hexEncoded))
        return QByteArray(bytes.fromhex((b"0" * (len(digits) % 2) + digits).decode()))

    @staticmethod
    def fromBase64(base64_: Any, options: enums.Base64Option = enums.Base64Option.Base64Encoding, /) -> "QByteArray":
        """What is no character of base64 is skipped, or with AbortOnBase64DecodingErrors the end. Qt: QByteArray::fromBase64()
        """
        return QByteArray.fromBase64Encoding(base64_, options).decoded

    @staticmethod
    def fromBase64Encoding(base64_: Any, options: enums.Base64Option = enums.Base64Option.Base64Encoding, /) -> Decoded:
        """Qt: QByteArray::fromBase64Encoding()"""
        text = _bytes(base64_)
        strict = enums.Base64Option.AbortOnBase64DecodingErrors in options
        url = enums.Base64Option.Base64UrlEncoding in options
        alphabet = rb"A-Za-z0-9" + (rb"\-_" if url else rb"+/")
        digits = re.sub(rb"[^" + alphabet + rb"]+", b"", text)
        if strict:
            body = text.rstrip(b"=")
            padding = len(text) - len(body)
            if len(body) != len(digits) or len(body) % 4 == 1 or padding > 2 or (padding and len(text) % 4):
                status = enums.Base64DecodingStatus.IllegalCharacter
                if len(body) == len(digits):
                    short = len(body) % 4 == 1 and not padding
                    status = enums.Base64DecodingStatus.IllegalInputLength if short else enums.Base64DecodingStatus.IllegalPadding
                return Decoded(QByteArray(), status)
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        digits += b"=" * (-len(digits) % 4)
        decoded = binascii.a2b_base64(digits.translate(_FROM_URL) if url else digits)
        return Decoded(QByteArray(decoded), enums.Base64DecodingStatus.Ok)

    @staticmethod
    def fromPercentEncoding(pctEncoded: Any, percent: Char = "%") -> "QByteArray":
        """Qt: QByteArray::fromPercentEncoding()"""
        return QByteArray(pctEncoded).percentDecoded(percent)

    @staticmethod
    def fromStdString(s: str, /) -> "QByteArray":
        """Qt: QByteArray::fromStdString()"""
        return QByteArray(s)

    if TYPE_CHECKING:
        # Those of an array; bytes refuse them.
        def append(self, what: Any, c: Optional[Char] = None, /) -> "QByteArray": ...
        def push_back(self, what: Any, /) -> None: ...
        def prepend(self, what: Any, c: Optional[Char] = None, /) -> "QByteArray": ...
        def push_front(self, what: Any, /) -> None: ...
        def insert(self, i: int, what: Any, c: Optional[Char] = None, /) -> Any: ...
        def remove(self, index: int, len: int, /) -> Any: ...
        def removeAt(self, pos: int, /) -> "QByteArray": ...
        def removeFirst(self) -> "QByteArray": ...
        def removeLast(self) -> "QByteArray": ...
        def chop(self, n: int, /) -> None: ...
        def truncate(self, pos: int, /) -> None: ...
        def resize(self, size: int, c: Optional[Char] = None, /) -> None: ...
        def clear(self) -> None: ...
        def fill(self, c: Char, size: int = -1) -> "QByteArray": ...
        def assign(self, data: Any, c: Optional[Char] = None, /) -> "QByteArray": ...
        def slice(self, pos: int, n: Optional[int] = None, /) -> "QByteArray": ...
        def setNum(self, n: Union[int, float], base: Union[int, str] = 10, precision: int = 6, /) -> "QByteArray": ...
        def swap(self, other: "QByteArray", /) -> None: ...
        def reserve(self, size: int, /) -> None: ...
        def squeeze(self) -> None: ...


def _digit(one: bytes) -> int:
    return int(one, 16) if one in b"0123456789abcdefABCDEF" else -1


def _real(value: float, form: str, precision: int) -> str:
    """A number as Qt formats it."""
    from decimal import ROUND_HALF_UP, Context, Decimal

    if len(form) != 1 or form not in "eEfFgG":
        raise ValueError(f"{form!r} is no format of numbers")
    form = "f" if form == "F" else form
    value = value or 0.0  # without the sign
    if value != value or value in (float("inf"), float("-inf")):
        return repr(value)
    if precision != _SHORTEST:
        places = 6 if precision < 0 else precision
        # Halves are rounded up, which Python's own formats do not.
        context = Context(prec=2000, rounding=ROUND_HALF_UP)
        exact = Decimal(value)
        if form == "f":
            return format(exact.quantize(Decimal(1).scaleb(-places), context=context), "f")
        context.prec = max(places, 1) if form in "gG" else places + 1
        return format(float(context.plus(exact)), f".{places}{form}")
    exact = Decimal(repr(value)).normalize()
    digits = len(exact.as_tuple().digits)
    short, plain = format(value, f".{digits - 1}{'E' if form in 'EG' else 'e'}"), format(exact, "f")
    if form in "gG":
        return short if len(short) < len(plain) else plain
    return plain if form == "f" else short


def _refuse(name: str) -> Any:
    def refuse(self: bytes, *_arguments: Any) -> NoReturn:
        raise TypeError(f"{name}() cannot change the bytes that a device has returned: QByteArray(x) makes an array that can be")

    refuse.__name__ = refuse.__qualname__ = name
    return refuse


class Bytes(bytes, QByteArray):  # type: ignore[misc]
    """What devices return: bytes, with QByteArray's methods. Slices and sums of them are plain bytes, and so is what comes
    out of a pickle."""

    __slots__ = ()

    if not TYPE_CHECKING:
        __new__ = bytes.__new__

        append, push_back, prepend, push_front, insert, remove, removeAt, removeFirst, removeLast, chop, truncate, resize, \
            clear, fill, assign, slice, setNum, swap, reserve, squeeze = map(
                _refuse,
                "append push_back prepend push_front insert remove removeAt removeFirst removeLast chop truncate resize "
                "clear fill assign slice setNum swap reserve squeeze".split(),
            )

    def _like(self, value: bytes) -> "Bytes":
        return Bytes(value)

    def __reduce_ex__(self, _protocol: SupportsIndex) -> Any:
        return bytes, (bytes(self),)  # which can be read where this package is not

    def __copy__(self) -> "Bytes":
        return self

    def __deepcopy__(self, _memo: Any) -> "Bytes":
        return self


#: what is read where there is nothing
EMPTY = Bytes()


class _Array(bytearray, QByteArray):  # type: ignore[misc]
    """What QByteArray() makes."""

    def __init__(self, data: Any = None, size: Any = -1, /) -> None:
        if isinstance(data, int):
            if data < 0:
                raise ValueError("a negative size")
            super().__init__(_char(size) * data)
            self._is_null = False
            return
        self._is_null = data is None or (isinstance(data, _Array) and data._is_null)
        super().__init__(b"" if data is None else _bytes(data))
        if size >= 0:
            bytearray.__delitem__(self, slice(size, None))

    def _like(self, value: bytes) -> "_Array":
        return _Array(value)

    def isNull(self) -> bool:
        return self._is_null and not len(self)

    def __repr__(self) -> str:
        return f"qnet.QByteArray({bytes(self)!r})"

    def __str__(self) -> str:
        return repr(bytes(self))

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(bytes(self))

    def __reduce_ex__(self, _protocol: SupportsIndex) -> Any:
        return QByteArray, (bytes(self),)

    def __copy__(self) -> "_Array":
        return _Array(self)

    def __deepcopy__(self, _memo: Any) -> "_Array":
        return _Array(self)

    # ---- as the operators of PySide's

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return _Array(bytearray.__getitem__(self, index))
        return bytes((bytearray.__getitem__(self, index),))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not isinstance(index, slice):
            if isinstance(value, (int, str)) or len(value) != 1:
                raise ValueError("one byte is needed, as bytes")
            value = value[0] if isinstance(value, bytes) else bytes(value)[0]
        elif isinstance(value, str):
            raise TypeError("bytes are needed, not str")
        bytearray.__setitem__(self, index, value)

    def __iter__(self) -> Any:
        for index in range(len(self)):
            yield self[index]

    def __eq__(self, other: object) -> bool:
        return bytearray.__eq__(self, other.encode() if isinstance(other, str) else other)

    def __ne__(self, other: object) -> bool:
        return bytearray.__ne__(self, other.encode() if isinstance(other, str) else other)

    def __add__(self, other: Any) -> Any:
        return _Array(bytes(self) + _bytes(other))

    def __radd__(self, other: Any) -> Any:
        if isinstance(other, str):
            return NotImplemented
        return _Array(_bytes(other) + bytes(self))

    def __iadd__(self, other: Any) -> Any:
        bytearray.__iadd__(self, _bytes(other))
        return self

    # ---- its methods that change it

    def _set(self, value: bytes) -> Any:
        bytearray.__setitem__(self, slice(None), value)
        self._is_null = False
        return self

    def append(self, what: Any, c: Any = None, /) -> Any:
        """append(data), append(character) or append(count, character). Qt: QByteArray::append()"""
        return self.insert(len(self), what, c)

    def push_back(self, what: Any, /) -> None:
        """Qt: QByteArray::push_back()"""
        self.insert(len(self), what)

    def prepend(self, what: Any, c: Any = None, /) -> Any:
        """Qt: QByteArray::prepend()"""
        return self.insert(0, what, c)

    def push_front(self, what: Any, /) -> None:
        """Qt: QByteArray::push_front()"""
        self.insert(0, what)

    def insert(self, i: Any, what: Any, c: Any = None, /) -> Any:
        """insert(index, data), insert(index, character) or insert(index, count, character). Behind the end there are spaces
        before it. Qt: QByteArray::insert()"""
        if c is not None:
            added = _char(c) * what
        else:
            added = _char(what) if isinstance(what, int) else _bytes(what)
        if i < 0 or not added:
            return self
        if i > len(self):
            bytearray.__iadd__(self, b" " * (i - len(self)))
        bytearray.__setitem__(self, slice(i, i), added)
        return self

    def remove(self, index: Any, len_: int = 1, /) -> Any:
        """Takes a number of bytes out. Qt: QByteArray::remove()"""
        if index < 0:
            index += len(self)
        if 0 <= index < len(self) and len_ > 0:
            bytearray.__delitem__(self, slice(index, index + len_))
        return self

    def removeAt(self, pos: int, /) -> Any:
        """Qt: QByteArray::removeAt()"""
        return self.remove(pos, 1) if pos >= 0 else self

    def removeFirst(self) -> Any:
        """Qt: QByteArray::removeFirst()"""
        return self.remove(0, 1)

    def removeLast(self) -> Any:
        """Qt: QByteArray::removeLast()"""
        return self.remove(len(self) - 1, 1) if len(self) else self

    def replace(self, before: Any, after: Any, third: Any = None, /) -> Any:
        """replace(before, after) everywhere, or replace(index, count, data). Qt: QByteArray::replace()"""
        if third is not None:
            self.remove(before, after)
            return self.insert(before, third)
        return self._set(bytes(self).replace(_bytes(before), _bytes(after)))

    def chop(self, n: int, /) -> None:
        """Takes the last bytes away. Qt: QByteArray::chop()"""
        if n > 0:
            bytearray.__delitem__(self, slice(max(len(self) - n, 0), None))

    def truncate(self, pos: int, /) -> None:
        """Qt: QByteArray::truncate()"""
        bytearray.__delitem__(self, slice(max(pos, 0), None))

    def resize(self, size: int, c: Any = 0, /) -> None:
        """New bytes are zeros, or c. Qt: QByteArray::resize()"""
        self.truncate(size)
        bytearray.__iadd__(self, _char(c) * (size - len(self)))

    def clear(self) -> None:
        """Qt: QByteArray::clear()"""
        bytearray.clear(self)
        self._is_null = True

    def fill(self, c: Char, size: int = -1) -> Any:
        """Qt: QByteArray::fill()"""
        return self._set(_char(c) * (len(self) if size < 0 else size))

    def assign(self, data: Any, c: Any = None, /) -> Any:
        """assign(data) or assign(count, character). Qt: QByteArray::assign()"""
        return self._set(_bytes(data) if c is None else _char(c) * data)

    def slice(self, pos: int, n: Optional[int] = None, /) -> Any:
        """Keeps what sliced() returns. Qt: QByteArray::slice()"""
        return self._set(bytes(self.sliced(pos, n)))

    def setNum(self, n: Any, base: Any = 10, precision: int = 6, /) -> Any:
        """Qt: QByteArray::setNum()"""
        return self._set(bytes(QByteArray.number(n, base, precision)))

    def swap(self, other: Any, /) -> None:
        """Qt: QByteArray::swap()"""
        mine, null = bytes(self), self._is_null
        self._set(bytes(other))
        self._is_null = other._is_null
        other._set(mine)
        other._is_null = null

    def reserve(self, _size: int, /) -> None:
        """Does nothing: it grows as it must. Qt: QByteArray::reserve()"""

    def squeeze(self) -> None:
        """Does nothing. Qt: QByteArray::squeeze()"""

    def split(self, sep: Any, /) -> List[Any]:  # type: ignore[override]
        """The parts between a character. Qt: QByteArray::split()"""
        return [_Array(part) for part in bytes(self).split(_char(sep))]

    def count(self, what: Any = None, /) -> int:  # type: ignore[override]
        """How often something is in it, also where it overlaps; without, the size. Qt: QByteArray::count()"""
        if what is None:
            return len(self)
        it, whole = _bytes(what), bytes(self)
        return sum(whole.startswith(it, at) for at in range(len(whole) + 1))

    if not TYPE_CHECKING:
        # As in bytearray these are, and not those of the empty base.
        lower, upper, strip = bytearray.lower, bytearray.upper, bytearray.strip
