"""QDataStream: values as Qt programs send them to each other. Qt: QDataStream"""

from __future__ import annotations

import operator
import struct
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union

from . import enums
from ._convert import Data, data, integer
from .bytearray import QByteArray
from .enums import ByteOrder, DataStreamStatus, FloatingPointPrecision, OpenModeFlag, member, short_names
from .iodevice import QBuffer, QIODevice
from .messages import warn

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

# Sizes that stand for something else: a null value; a size of 64 bits, which follows.
_NULL, _EXTENDED = 0xFFFFFFFF, 0xFFFFFFFE

# What changed in the format of the types that are here.
_UNICODE = 2  # texts are UTF-16
_NULLS = 6  # a null array is not an empty one
_WHOLE = 6  # integers of 64 bits are one, not two of 32 bits
_PRECISION = 12  # all floating point numbers have the precision that is set
_LONG_SIZES = 22

_PIECE = 1 << 20


@short_names(
    enums.DataStreamVersion, enums.DataStreamStatus, enums.ByteOrder, enums.FloatingPointPrecision
)
class QDataStream:
    """Writes and reads values: QDataStream(device), QDataStream(array) to read one, QDataStream(array, mode). Qt: QDataStream

    A program that speaks with one of another version of Qt sets the version of both. What a reading stream meets that
    cannot be is told by status(), and read as 0 or nothing; how much it is said to be costs no memory before it is there.
    """

    Version: TypeAlias = enums.DataStreamVersion
    Status: TypeAlias = enums.DataStreamStatus
    ByteOrder: TypeAlias = enums.ByteOrder
    FloatingPointPrecision: TypeAlias = enums.FloatingPointPrecision

    def __init__(
        self, source: Union[None, QIODevice, QByteArray, Data] = None, flags: Optional[OpenModeFlag] = None, /
    ) -> None:
        self._version = int(enums.DataStreamVersion.Qt_DefaultCompiledVersion)
        self._order = ">"
        self._precision = FloatingPointPrecision.DoublePrecision
        self._status = DataStreamStatus.Ok
        self._depth = 0  # of transactions
        self._device: Optional[QIODevice] = None
        if source is None or isinstance(source, QIODevice):
            self._device = source
            return
        mode = OpenModeFlag.ReadOnly if flags is None else OpenModeFlag(integer(flags))
        if mode & (OpenModeFlag.WriteOnly | OpenModeFlag.Append) and not isinstance(source, bytearray):
            raise TypeError(f"a QByteArray is needed to write to, not {type(source).__name__}")
        self._device = QBuffer(source)
        self._device.open(mode)

    # ---- settings

    def device(self) -> Optional[QIODevice]:
        """Qt: QDataStream::device()"""
        return self._device

    def setDevice(self, device: Optional[QIODevice], /) -> None:
        """Qt: QDataStream::setDevice()"""
        if device is not None and not isinstance(device, QIODevice):
            raise TypeError(f"a QIODevice is needed, not {type(device).__name__}")
        self._device = device

    def atEnd(self) -> bool:
        """Is there nothing to read now? Qt: QDataStream::atEnd()"""
        return self._device is None or self._device.atEnd()

    def version(self) -> int:
        """Qt: QDataStream::version()"""
        return self._version

    def setVersion(self, version: int, /) -> None:
        """Whose format it has: QDataStream.Version.Qt_5_15. Qt: QDataStream::setVersion()"""
        self._version = integer(version)

    def byteOrder(self) -> ByteOrder:
        """Qt: QDataStream::byteOrder()"""
        return ByteOrder.BigEndian if self._order == ">" else ByteOrder.LittleEndian

    def setByteOrder(self, order: ByteOrder, /) -> None:
        """Qt: QDataStream::setByteOrder()"""
        self._order = ">" if order == ByteOrder.BigEndian else "<"

    def floatingPointPrecision(self) -> FloatingPointPrecision:
        """Qt: QDataStream::floatingPointPrecision()"""
        return self._precision

    def setFloatingPointPrecision(self, precision: FloatingPointPrecision, /) -> None:
        """In which precision floats and doubles are written since Qt 4.6. Qt: QDataStream::setFloatingPointPrecision()"""
        self._precision = member(FloatingPointPrecision, integer(precision))

    def status(self) -> DataStreamStatus:
        """What went wrong first; Ok if nothing. Qt: QDataStream::status()"""
        return self._status

    def setStatus(self, status: DataStreamStatus, /) -> None:
        """Does nothing if something went wrong before. Qt: QDataStream::setStatus()"""
        if self._status == DataStreamStatus.Ok:
            self._status = member(DataStreamStatus, integer(status))

    def resetStatus(self) -> None:
        """Qt: QDataStream::resetStatus()"""
        self._status = DataStreamStatus.Ok

    # ---- transactions

    def startTransaction(self) -> None:
        """From now on what is read is kept, until all of it is there. Transactions may be inside others.
        Qt: QDataStream::startTransaction()"""
        self._depth += 1
        if self._depth == 1 and self._device is not None:
            self._device.startTransaction()
            self.resetStatus()

    def commitTransaction(self) -> bool:
        """Was all of it there and as it should be? If not all was there, it can be read again.
        Qt: QDataStream::commitTransaction()"""
        if not self._leave():
            return False
        if self._depth == 0 and self._device is not None:
            if self._status == DataStreamStatus.ReadPastEnd:
                self._device.rollbackTransaction()
                return False
            self._device.commitTransaction()
        return self._status == DataStreamStatus.Ok

    def rollbackTransaction(self) -> None:
        """As if not all had been there: it can be read again. Qt: QDataStream::rollbackTransaction()"""
        self.setStatus(DataStreamStatus.ReadPastEnd)
        if self._leave() and self._depth == 0 and self._device is not None:
            if self._status == DataStreamStatus.ReadPastEnd:
                self._device.rollbackTransaction()
            else:
                self._device.commitTransaction()

    def abortTransaction(self) -> None:
        """What was read is not as it should be, and is dropped. Qt: QDataStream::abortTransaction()"""
        self._status = DataStreamStatus.ReadCorruptData
        if self._leave() and self._depth == 0 and self._device is not None:
            self._device.commitTransaction()

    def _leave(self) -> bool:
        if self._depth == 0:
            warn("QDataStream: No transaction in progress")
            return False
        self._depth -= 1
        return True

    def isDeviceTransactionStarted(self) -> bool:
        """Qt: QDataStream::isDeviceTransactionStarted()"""
        return self._device is not None and self._device.isTransactionStarted()

    # ---- reading

    def _read(self, size: int) -> Optional[bytes]:
        """So many bytes; None, with a status, if they are not there."""
        if self._device is None:
            warn("QDataStream: No device")
            return None
        if self._depth and self._status != DataStreamStatus.Ok:
            return None
        pieces, left = [], size
        while left > 0:
            piece = self._device.read(min(left, _PIECE))
            if not piece:
                self.setStatus(DataStreamStatus.ReadPastEnd)
                return None
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _unpack(self, form: str) -> Any:
        found = self._read(struct.calcsize(form))
        return 0 if found is None else struct.unpack(self._order + form, found)[0]

    def readInt8(self) -> int:
        """0, with another status(), if it is not there, as all that read. PySide: QDataStream.readInt8()"""
        return int(self._unpack("b"))

    def readUInt8(self) -> int:
        """PySide: QDataStream.readUInt8()"""
        return int(self._unpack("B"))

    def readInt16(self) -> int:
        """PySide: QDataStream.readInt16()"""
        return int(self._unpack("h"))

    def readUInt16(self) -> int:
        """PySide: QDataStream.readUInt16()"""
        return int(self._unpack("H"))

    def readInt32(self) -> int:
        """PySide: QDataStream.readInt32()"""
        return int(self._unpack("i"))

    def readUInt32(self) -> int:
        """PySide: QDataStream.readUInt32()"""
        return int(self._unpack("I"))

    def readInt64(self) -> int:
        """PySide: QDataStream.readInt64()"""
        value = self.readUInt64()
        return value - (1 << 64) if value >> 63 else value

    def readUInt64(self) -> int:
        """PySide: QDataStream.readUInt64()"""
        if self._version < _WHOLE:
            low = self.readUInt32()  # as Qt reads it, which is not as Qt writes it
            return self.readUInt32() << 32 | low
        return int(self._unpack("Q"))

    def readBool(self) -> bool:
        """PySide: QDataStream.readBool()"""
        return bool(self._unpack("B"))

    def readFloat(self) -> float:
        """PySide: QDataStream.readFloat()"""
        return _single(self._unpack(self._real("f")))

    def readDouble(self) -> float:
        """PySide: QDataStream.readDouble()"""
        return float(self._unpack(self._real("d")))

    def _real(self, own: str) -> str:
        """How a floating point number is written."""
        if self._version < _PRECISION:
            return own
        return "d" if self._precision == FloatingPointPrecision.DoublePrecision else "f"

    def _size(self) -> Optional[int]:
        """The size of what follows; -1 for null, None if there is none."""
        found = self._read(4)
        if found is None:
            return None
        size: int = struct.unpack(self._order + "I", found)[0]
        if size == _NULL:
            return -1
        if size == _EXTENDED and self._version >= _LONG_SIZES:
            found = self._read(8)
            if found is None:
                return None
            size = struct.unpack(self._order + "q", found)[0]
            if size < 0:
                self.setStatus(DataStreamStatus.SizeLimitExceeded)
                return None
        return size

    def readQString(self) -> str:
        """PySide: QDataStream.readQString()"""
        size = self._size()
        if size is None or size < 0:
            return ""
        wide = self._version >= _UNICODE
        if wide and size % 2:
            self.setStatus(DataStreamStatus.ReadCorruptData)
            return ""
        found = self._read(size) or b""
        return found.decode(self._utf16(), "ignore") if wide else found.decode("latin-1")

    readString = readQString

    def _utf16(self) -> str:
        return "utf-16-be" if self._order == ">" else "utf-16-le"

    def readQChar(self) -> str:
        """PySide: QDataStream.readQChar()"""
        return chr(self._unpack("H"))

    def readQStringList(self) -> List[str]:
        """PySide: QDataStream.readQStringList()"""
        size = self._size()
        if size is None:
            return []
        if size < 0:
            self.setStatus(DataStreamStatus.SizeLimitExceeded)
            return []
        found: List[str] = []
        before, self._status = self._status, DataStreamStatus.Ok
        while len(found) < size and self._status == DataStreamStatus.Ok:
            found.append(self.readQString())
        bad = self._status != DataStreamStatus.Ok
        if before != DataStreamStatus.Ok:
            self._status = before
        return [] if bad else found

    def readBytes(self, len: int = 0, /) -> Optional[bytes]:
        """Bytes with their number before them; None, with another status(), if they are not there. len is not needed.
        PySide: QDataStream.readBytes()"""
        size = self._size()
        if size is not None and size < 0:
            self.setStatus(DataStreamStatus.SizeLimitExceeded)
        return None if size is None or size < 0 else self._read(size)

    def __rshift__(self, other: QByteArray) -> "QDataStream":
        """`stream >> array`: reads an array of bytes into one that there is. Qt: operator>>(QDataStream &, QByteArray &)"""
        if not isinstance(other, bytearray) or not isinstance(other, QByteArray):
            raise TypeError(f"a QByteArray is needed, not {type(other).__name__}; other types have methods, such as readInt32()")
        size = self._size()
        found = self._read(size) if size is not None and size >= 0 else None
        if found is None:
            other.clear()
        else:
            other.assign(found)
        return self

    def readRawData(self, len: int, /) -> bytes:
        """Up to so many bytes, as they are. PySide: QDataStream.readRawData()"""
        if self._device is None or integer(len) <= 0 or (self._depth and self._status != DataStreamStatus.Ok):
            return b""
        found = b""
        while True:
            left = len - found.__len__()
            piece = self._device.read(min(left, _PIECE)) if left else b""
            if not piece:
                break
            found += piece
        if left:
            self.setStatus(DataStreamStatus.ReadPastEnd)
        return found

    def skipRawData(self, len: int, /) -> int:
        """Drops up to so many bytes; returns how many. Qt: QDataStream::skipRawData()"""
        if self._device is None or (self._depth and self._status != DataStreamStatus.Ok):
            return -1
        done = self._device.skip(len)
        if done != len:
            self.setStatus(DataStreamStatus.ReadPastEnd)
        return done

    # ---- writing

    def _write(self, *parts: bytes) -> None:
        if self._device is None:
            warn("QDataStream: No device")
        elif self._status == DataStreamStatus.Ok:
            whole = b"".join(parts)
            if self._device.write(whole) != len(whole):
                self._status = DataStreamStatus.WriteFailed

    def _pack(self, form: str, value: Any) -> None:
        try:
            packed = struct.pack(self._order + form, value)
        except struct.error as error:
            raise OverflowError(f"{value} is too large") from error
        self._write(packed)

    def writeInt8(self, value: int, /) -> None:
        """OverflowError if it does not fit, as all that write integers. PySide: QDataStream.writeInt8()"""
        self._pack("b", operator.index(value))

    def writeUInt8(self, value: int, /) -> None:
        """PySide: QDataStream.writeUInt8()"""
        self._pack("B", operator.index(value))

    def writeInt16(self, value: int, /) -> None:
        """PySide: QDataStream.writeInt16()"""
        self._pack("h", operator.index(value))

    def writeUInt16(self, value: int, /) -> None:
        """PySide: QDataStream.writeUInt16()"""
        self._pack("H", operator.index(value))

    def writeInt32(self, value: int, /) -> None:
        """PySide: QDataStream.writeInt32()"""
        self._pack("i", operator.index(value))

    def writeUInt32(self, value: int, /) -> None:
        """PySide: QDataStream.writeUInt32()"""
        self._pack("I", operator.index(value))

    def writeInt64(self, value: int, /) -> None:
        """PySide: QDataStream.writeInt64()"""
        number = operator.index(value)
        if not -(1 << 63) <= number < 1 << 63:
            raise OverflowError(f"{number} is too large")
        self.writeUInt64(number & (1 << 64) - 1)

    def writeUInt64(self, value: int, /) -> None:
        """PySide: QDataStream.writeUInt64()"""
        number = operator.index(value)
        if self._version < _WHOLE:
            if not 0 <= number < 1 << 64:
                raise OverflowError(f"{number} is too large")
            self._write(struct.pack(self._order + "II", number >> 32, number & 0xFFFFFFFF))
        else:
            self._pack("Q", number)

    def writeBool(self, value: bool, /) -> None:
        """PySide: QDataStream.writeBool()"""
        self._pack("B", bool(value))

    def writeFloat(self, value: float, /) -> None:
        """PySide: QDataStream.writeFloat()"""
        self._pack(self._real("f"), _single(value))

    def writeDouble(self, value: float, /) -> None:
        """PySide: QDataStream.writeDouble()"""
        self._pack(self._real("d"), float(value))

    def _sized(self, size: int) -> bytes:
        """A size as it stands before what it is of; b"", with a status, if it is too large."""
        if size < _EXTENDED:
            return struct.pack(self._order + "I", size)
        if self._version >= _LONG_SIZES:
            return struct.pack(self._order + "Iq", _EXTENDED, size)
        self.setStatus(DataStreamStatus.SizeLimitExceeded)
        return b""

    def _null(self) -> bytes:
        return struct.pack(self._order + "I", _NULL if self._version >= _NULLS else 0)

    def _text(self, value: Optional[str]) -> bytes:
        if value is None:
            return self._sized(0) if self._version <= _UNICODE else struct.pack(self._order + "I", _NULL)
        if not isinstance(value, str):
            raise TypeError(f"a str is needed, not {type(value).__name__}")
        encoded = value.encode(self._utf16(), "surrogatepass")
        if self._version < _UNICODE:
            units = struct.unpack(f"{self._order}{len(encoded) // 2}H", encoded)
            encoded = bytes(unit if unit < 256 else ord("?") for unit in units)
        return self._sized(len(encoded)) + encoded

    def writeQString(self, value: Optional[str], /) -> None:
        """None is a null text. PySide: QDataStream.writeQString()"""
        self._write(self._text(value))

    writeString = writeQString

    def writeQChar(self, value: str, /) -> None:
        """A character of 16 bits. PySide: QDataStream.writeQChar()"""
        self._pack("H", ord(value))

    def writeQStringList(self, value: Sequence[str], /) -> None:
        """PySide: QDataStream.writeQStringList()"""
        if isinstance(value, (str, bytes)):
            raise TypeError("a list of texts is needed")
        self._write(self._sized(len(value)), *map(self._text, value))

    def writeBytes(self, value: Data, /) -> "QDataStream":
        """Bytes with their number before them. Qt: QDataStream::writeBytes()"""
        given = data(value)
        self._write(self._sized(len(given)), given)
        return self

    def writeRawData(self, value: Union[Data, str], /) -> int:
        """Bytes, or a text in UTF-8, as they are. Returns how many; -1 on failure. Qt: QDataStream::writeRawData()"""
        given = value.encode() if isinstance(value, str) else data(value)
        self._write(given)
        return -1 if self._device is None or self._status != DataStreamStatus.Ok else len(given)

    def __lshift__(self, other: Union[QByteArray, Data, str]) -> "QDataStream":
        """`stream << value` for bytes and texts; numbers have methods, which say their size: writeInt32().
        Qt: operator<<(QDataStream &, const QByteArray &)"""
        if isinstance(other, str):
            self.writeQString(other)
        elif isinstance(other, QByteArray) and not isinstance(other, bytes) and other.isNull():
            self._write(self._null())
        elif isinstance(other, (bytes, bytearray, memoryview, QByteArray)):
            self.writeBytes(other)
        else:
            raise TypeError(f"bytes or a str are needed, not {type(other).__name__}; other types have methods, such as writeInt32()")
        return self


def _single(value: float) -> float:
    """The number in single precision."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
