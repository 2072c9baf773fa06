"""QIODevice as the base of devices that a program makes itself, and QBuffer. Qt: QIODevice, QBuffer

Sockets have all of this from the library: see device.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Tuple, TypeVar, Union, overload

from . import enums
from ._convert import Data, char, data, integer, size
from ._made import readable
from ._object import QObject
from ._signal import Signal
from ._turn import call, post
from .bytearray import EMPTY, Bytes, QByteArray
from .enums import OpenModeFlag, short_names
from .messages import warn

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

D = TypeVar("D", bound="QIODevice")

#: how much a buffered device asks readData() for at least
_CHUNK = 16384


@short_names(OpenModeFlag)
class QIODeviceBase:
    """Home of the open modes. Qt: QIODeviceBase"""

    OpenModeFlag: TypeAlias = enums.OpenModeFlag
    OpenMode: TypeAlias = enums.OpenModeFlag


class QIODevice(QObject, QIODeviceBase):
    """What can be read and written. Qt: QIODevice

    A subclass has readData() and writeData(), and where it is sequential isSequential(); it is used after open(). What it
    has read ahead counts as to be read, unless it is opened Unbuffered.
    """

    readyRead = Signal()
    """New data can be read. Qt: QIODevice::readyRead"""
    bytesWritten = Signal(count=1)
    """Data was written; with the number of bytes. Qt: QIODevice::bytesWritten"""
    channelReadyRead = Signal(count=1)
    """New data can be read on a channel; with its number. Qt: QIODevice::channelReadyRead"""
    channelBytesWritten = Signal(count=2)
    """Data of a channel was written; with its number and the number of bytes. Qt: QIODevice::channelBytesWritten"""
    aboutToClose = Signal()
    """close() is about to close. Qt: QIODevice::aboutToClose"""
    readChannelFinished = Signal()
    """Nothing more will come. Qt: QIODevice::readChannelFinished"""

    _q_mode = OpenModeFlag.NotOpen
    _q_error = "Unknown error"
    _q_pos = 0
    _q_kept: Optional[Tuple[int, bytes]] = None  # at the start of the transaction: where, and what was read ahead
    _q_taken = b""  # in the transaction

    if TYPE_CHECKING:
        _q_ahead: bytearray

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if type(self) is QIODevice:
            raise NotImplementedError("QIODevice is abstract")
        super().__init__(*arguments, **keywords)
        if self._q_new is None:
            self._q_ahead = bytearray()  # what was read and not taken

    def _q_warns(self, function: str, text: str) -> None:
        warn(f"QIODevice.{function} ({type(self).__name__}): {text}")

    def _q_is_open(self, flag: OpenModeFlag, function: str) -> bool:
        """Whether it is open for that; a warning if it is not."""
        self._q_check()
        if self._q_mode & flag:
            return True
        other = "WriteOnly" if flag == OpenModeFlag.ReadOnly else "ReadOnly"
        self._q_warns(function, f"{other} device" if self._q_mode else "device not open")
        return False

    # ---- what a subclass overrides

    def readData(self, maxlen: int, /) -> Any:
        """Returns up to maxlen bytes: fewer if there are no more now. Virtual. Qt: QIODevice::readData()"""
        raise NotImplementedError(f"{type(self).__name__} has no readData()")

    def writeData(self, data: bytes, len: int, /) -> int:
        """Takes bytes, and returns how many; -1 on failure. Virtual. Qt: QIODevice::writeData()"""
        raise NotImplementedError(f"{type(self).__name__} has no writeData()")

    def isSequential(self) -> bool:
        """Is it one that has no positions? Virtual. Qt: QIODevice::isSequential()"""
        self._q_check()
        return False

    # ---- open and closed

    def open(self, mode: OpenModeFlag, /) -> bool:
        """Virtual. Qt: QIODevice::open()"""
        self._q_check()
        self._q_mode = OpenModeFlag(integer(mode))
        self._q_ahead.clear()
        self._q_kept, self._q_taken, self._q_error = None, b"", "Unknown error"
        self._q_pos = self.size() if mode & OpenModeFlag.Append and not self.isSequential() else 0
        return True

    def close(self) -> None:
        """Emits aboutToClose and closes. Virtual. Qt: QIODevice::close()"""
        self._q_check()
        if self._q_mode:
            self.aboutToClose.emit()
            self._q_mode = OpenModeFlag.NotOpen
            self._q_ahead.clear()
            self._q_kept, self._q_pos, self._q_error = None, 0, ""

    def __enter__(self: D) -> D:
        return self

    def __exit__(self, *_: Any) -> None:
        """`with device:` closes it in the end."""
        if QObject.isAlive(self):
            self.close()

    @readable
    def closed(self) -> bool:
        """Is it not open? As with Python's files. Qt: !QIODevice::isOpen()"""
        return not self.isOpen()

    def isOpen(self) -> bool:
        """Qt: QIODevice::isOpen()"""
        return bool(self.openMode())

    def isReadable(self) -> bool:
        """Is it open for reading? Qt: QIODevice::isReadable()"""
        return bool(self.openMode() & OpenModeFlag.ReadOnly)

    def isWritable(self) -> bool:
        """Is it open for writing? Qt: QIODevice::isWritable()"""
        return bool(self.openMode() & OpenModeFlag.WriteOnly)

    def openMode(self) -> OpenModeFlag:
        """Qt: QIODevice::openMode()"""
        self._q_check()
        return self._q_mode

    def setOpenMode(self, openMode: OpenModeFlag, /) -> None:
        """For subclasses. Qt: QIODevice::setOpenMode()"""
        self._q_check()
        self._q_mode = OpenModeFlag(integer(openMode))

    def isTextModeEnabled(self) -> bool:
        """Does reading drop "\\r", and writing put one before each "\\n"? Qt: QIODevice::isTextModeEnabled()"""
        return bool(self.openMode() & OpenModeFlag.Text)

    def readChannelCount(self) -> int:
        """How many channels can be read: one while it is open for that. Qt: QIODevice::readChannelCount()"""
        return int(bool(self.openMode() & OpenModeFlag.ReadOnly))

    def writeChannelCount(self) -> int:
        """How many channels can be written. Qt: QIODevice::writeChannelCount()"""
        return int(bool(self.openMode() & OpenModeFlag.WriteOnly))

    def currentReadChannel(self) -> int:
        """The channel that is read: 0. Qt: QIODevice::currentReadChannel()"""
        self._q_check()
        return 0

    def setCurrentReadChannel(self, channel: int, /) -> None:
        """There is one alone, 0. Qt: QIODevice::setCurrentReadChannel()"""
        self._q_expect_channel("setCurrentReadChannel", channel)

    def currentWriteChannel(self) -> int:
        """The channel that is written: 0. Qt: QIODevice::currentWriteChannel()"""
        self._q_check()
        return 0

    def setCurrentWriteChannel(self, channel: int, /) -> None:
        """There is one alone, 0. Qt: QIODevice::setCurrentWriteChannel()"""
        self._q_expect_channel("setCurrentWriteChannel", channel)

    def _q_expect_channel(self, function: str, channel: int) -> None:
        self._q_check()
        if integer(channel) != 0:
            self._q_warns(function, f"there is no channel {channel}")

    def setTextModeEnabled(self, enabled: bool, /) -> None:
        """Qt: QIODevice::setTextModeEnabled()"""
        self._q_check()
        if not self._q_mode:
            self._q_warns("setTextModeEnabled", "device not open")
        elif enabled:
            self._q_mode |= OpenModeFlag.Text
        else:
            self._q_mode &= ~OpenModeFlag.Text

    def errorString(self) -> str:
        """Qt: QIODevice::errorString()"""
        self._q_check()
        return self._q_error

    def setErrorString(self, errorString: str, /) -> None:
        """For subclasses. Qt: QIODevice::setErrorString()"""
        self._q_check()
        self._q_error = errorString

    # ---- positions

    def pos(self) -> int:
        """Where the next byte is read or written; 0 in a sequential device. Virtual. Qt: QIODevice::pos()"""
        self._q_check()
        return self._q_pos

    def size(self) -> int:
        """How many bytes there are; in a sequential device how many can be read. Virtual. Qt: QIODevice::size()"""
        return self.bytesAvailable() if self.isSequential() else 0

    def seek(self, pos: int, /) -> bool:
        """Goes somewhere else; False in a sequential device. Virtual: an override calls this one. Qt: QIODevice::seek()"""
        self._q_check()
        if self.isSequential():
            self._q_warns("seek", "Cannot call seek on a sequential device")
            return False
        if not self._q_mode:
            self._q_warns("seek", "The device is not open")
            return False
        if size(pos) < 0:
            self._q_warns("seek", f"Invalid pos: {pos}")
            return False
        step = pos - self._q_pos
        if 0 <= step <= len(self._q_ahead):
            del self._q_ahead[:step]
        else:
            self._q_ahead.clear()
        self._q_pos = pos
        return True

    def reset(self) -> bool:
        """Goes to the beginning. Virtual. Qt: QIODevice::reset()"""
        return self.seek(0)

    def atEnd(self) -> bool:
        """Is there nothing to read now? Virtual. Qt: QIODevice::atEnd()"""
        return not self.isOpen() or not self.bytesAvailable()

    def bytesAvailable(self) -> int:
        """How many bytes can be read now; in a sequential device those that are read ahead, to which an override adds its
        own. Virtual. Qt: QIODevice::bytesAvailable()"""
        self._q_check()
        return len(self._q_ahead) if self.isSequential() else max(self.size() - self.pos(), 0)

    # ---- reading

    def _q_fill(self, count: int, whole: bool = False) -> None:
        """Reads ahead until there are count bytes, or no more now."""
        missing = count - len(self._q_ahead)
        if missing > 0:
            if not self._q_mode & OpenModeFlag.Unbuffered and not whole:
                missing = max(missing, _CHUNK)
            outer = self._q_pos
            self._q_pos = outer + len(self._q_ahead) if not self.isSequential() else 0
            try:
                found = self.readData(missing)
            finally:
                self._q_pos = outer
            if found is not None and not isinstance(found, int):
                self._q_ahead += found.encode() if isinstance(found, str) else data(found)

    def _q_read(self, count: int) -> bytes:
        """Takes up to count bytes."""
        self._q_fill(count)
        found = bytes(self._q_ahead[:count])
        del self._q_ahead[:count]
        if not self.isSequential():
            self._q_pos += len(found)
        elif self._q_kept is not None:
            self._q_taken += found
        if self._q_mode & OpenModeFlag.Text and b"\r" in found:
            found = found.replace(b"\r", b"")
            found += self._q_read(count - len(found))
        return found

    @overload
    def read(self, maxlen: int, /) -> Bytes: ...

    @overload
    def read(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def read(self, first: Union[int, bytearray], maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """Reads up to maxlen bytes. With a bytearray: into its beginning, and returns how many; -1 if it is not open for
        reading. Qt: QIODevice::read()"""
        if not isinstance(first, int):
            there = self.isReadable()
            found = self.read(min(size(maxlen), len(first)))
            first[: len(found)] = found
            return len(found) if there else -1
        if size(first) < 0:
            self._q_check()
            self._q_warns("read", "Called with maxSize < 0")
            return EMPTY
        return Bytes(self._q_read(first)) if self._q_is_open(OpenModeFlag.ReadOnly, "read") else EMPTY

    @overload
    def peek(self, maxlen: int, /) -> Bytes: ...

    @overload
    def peek(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def peek(self, first: Union[int, bytearray], maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """As read(), but the bytes remain to be read. Qt: QIODevice::peek()"""
        if not isinstance(first, int):
            there = self.isReadable()
            found = self.peek(min(size(maxlen), len(first)))
            first[: len(found)] = found
            return len(found) if there else -1
        if size(first) < 0:
            self._q_check()
            self._q_warns("peek", "Called with maxSize < 0")
            return EMPTY
        if not self._q_is_open(OpenModeFlag.ReadOnly, "peek"):
            return EMPTY
        self._q_fill(first)
        return Bytes(self._q_ahead[:first].replace(b"\r", b"") if self._q_mode & OpenModeFlag.Text else self._q_ahead[:first])

    def readAll(self) -> Bytes:
        """Reads all that is there. Qt: QIODevice::readAll()"""
        if not self._q_is_open(OpenModeFlag.ReadOnly, "readAll"):
            return EMPTY
        found = b""
        while True:
            wanted = _CHUNK if self.isSequential() else max(self.size() - self.pos(), 0)
            more = self._q_read(wanted)
            found += more
            if not more or not self.isSequential():
                return Bytes(found)

    @overload
    def readLine(self, maxlen: int = 0, /) -> Bytes: ...

    @overload
    def readLine(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def readLine(self, first: Union[int, bytearray] = 0, maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """Reads up to and with the next b"\\n", at most maxlen - 1 bytes; 0 is no limit. With a bytearray: into its beginning,
        followed by a zero, and returns how many bytes without that. Qt: QIODevice::readLine()"""
        if not isinstance(first, int):
            there = self.isReadable()
            room = min(size(maxlen), len(first))
            found = self.readLine(room) if room > 0 else EMPTY
            first[: len(found) + 1] = found + b"\0"
            return len(found) if there and room > 1 else -1
        limit = size(first)
        if limit == 1 or limit < 0:
            self._q_check()
            self._q_warns("readLine", "Called with maxSize < 2")
            return EMPTY
        if not self._q_is_open(OpenModeFlag.ReadOnly, "readLine"):
            return EMPTY
        line = bytearray()
        while not limit or len(line) < limit - 1:
            end = self._q_ahead.find(b"\n")
            wanted = end + 1 or max(len(self._q_ahead), 1)
            more = self._q_read(min(wanted, limit - 1 - len(line)) if limit else wanted)
            line += more
            if not more or more.endswith(b"\n"):
                break
        return Bytes(line)

    def canReadLine(self) -> bool:
        """Is a whole line read ahead? Virtual. Qt: QIODevice::canReadLine()"""
        self._q_check()
        return b"\n" in self._q_ahead

    def getChar(self) -> Tuple[bool, str]:
        """Reads one byte: True and the character, or False. Qt: QIODevice::getChar()"""
        one = self.read(1)
        return bool(one), one.decode("latin-1") or "\0"

    def ungetChar(self, c: Union[int, str, bytes], /) -> None:
        """Puts a byte back before what is read next. Qt: QIODevice::ungetChar()"""
        one = char(c)
        if self._q_is_open(OpenModeFlag.ReadOnly, "ungetChar"):
            self._q_ahead[:0] = one
            if not self.isSequential():
                self._q_pos -= 1
            elif self._q_kept is not None:
                self._q_taken = self._q_taken[:-1]

    def skip(self, maxSize: int, /) -> int:
        """Drops up to maxSize bytes. Returns how many; -1 on failure. Qt: QIODevice::skip()"""
        if size(maxSize) < 0:
            self._q_check()
            self._q_warns("skip", "Called with maxSize < 0")
            return -1
        if not self._q_is_open(OpenModeFlag.ReadOnly, "skip"):
            return -1
        if not self.isSequential():
            maxSize = min(maxSize, max(self.size() - self.pos(), 0))
        return len(self._q_read(maxSize))

    # ---- transactions

    def startTransaction(self) -> None:
        """From now on, what is read is kept, for rollbackTransaction(). Qt: QIODevice::startTransaction()"""
        self._q_check()
        if self._q_kept is not None:
            self._q_warns("startTransaction", "Called while transaction already in progress")
            return
        self._q_kept, self._q_taken = (self._q_pos, b""), b""

    def commitTransaction(self) -> None:
        """Ends the transaction. Qt: QIODevice::commitTransaction()"""
        self._q_end_transaction("commitTransaction")

    def rollbackTransaction(self) -> None:
        """Ends the transaction; what was read in it can be read again. Qt: QIODevice::rollbackTransaction()"""
        kept, taken = self._q_kept, self._q_taken
        if self._q_end_transaction("rollbackTransaction") and kept is not None:
            if self.isSequential():
                self._q_ahead[:0] = taken
            else:
                self.seek(kept[0])

    def _q_end_transaction(self, function: str) -> bool:
        self._q_check()
        if self._q_kept is None:
            self._q_warns(function, "Called while no transaction in progress")
            return False
        self._q_kept, self._q_taken = None, b""
        return True

    def isTransactionStarted(self) -> bool:
        """Qt: QIODevice::isTransactionStarted()"""
        self._q_check()
        return self._q_kept is not None

    # ---- writing

    def write(self, data_: Data, /) -> int:
        """Returns how many bytes were taken; -1 if it is not open for writing, or on failure. Qt: QIODevice::write()"""
        given = data(data_)
        if not self._q_is_open(OpenModeFlag.WriteOnly, "write"):
            return -1
        if not self.isSequential() and self._q_ahead:
            self.seek(self._q_pos)
            self._q_ahead.clear()
        sent = given.replace(b"\n", b"\r\n") if self._q_mode & OpenModeFlag.Text else given
        taken = self.writeData(sent, len(sent))
        if taken > 0 and not self.isSequential():
            self._q_pos += taken
        return len(given) if taken == len(sent) else taken

    def putChar(self, c: Union[int, str, bytes], /) -> bool:
        """Writes a byte. Qt: QIODevice::putChar()"""
        return self.write(char(c)) == 1

    def bytesToWrite(self) -> int:
        """How many bytes are still to be written: none, unless an override says so. Virtual. Qt: QIODevice::bytesToWrite()
        """
        self._q_check()
        return 0

    # ---- waiting

    def waitForReadyRead(self, msecs: int = 30000) -> bool:
        """False: a device that can wait overrides it. Virtual. Qt: QIODevice::waitForReadyRead()"""
        self._q_check()
        return False

    def waitForBytesWritten(self, msecs: int = 30000) -> bool:
        """False: a device that can wait overrides it. Virtual. Qt: QIODevice::waitForBytesWritten()"""
        self._q_check()
        return False


class QBuffer(QIODevice):
    """A device that reads and writes a QByteArray: QBuffer(), or QBuffer(array) for one of the program's. Qt: QBuffer"""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        array: Any = None
        if arguments and not isinstance(arguments[0], QObject) and arguments[0] is not None:
            array, arguments = arguments[0], arguments[1:]
        super().__init__(*arguments, **keywords)
        self._q_array: Any = QByteArray() if array is None else _array(array)

    def _q_is_closed(self, function: str) -> bool:
        self._q_check()
        if self._q_mode:
            warn(f"QBuffer.{function}: Buffer is open")
        return not self._q_mode

    def setBuffer(self, a: Optional[QByteArray], /) -> None:
        """Which array it reads and writes; None: one of its own. Not while it is open. Qt: QBuffer::setBuffer()"""
        if self._q_is_closed("setBuffer"):
            self._q_array = QByteArray() if a is None else _array(a)

    def setData(self, data: Data, /) -> None:
        """What is in the array. Not while it is open. Qt: QBuffer::setData()"""
        if self._q_is_closed("setData"):
            self._q_array.assign(data)

    def buffer(self) -> QByteArray:
        """The array. Qt: QBuffer::buffer()"""
        self._q_check()
        array: QByteArray = self._q_array
        return array

    def data(self) -> Bytes:
        """What is in the array. Qt: QBuffer::data()"""
        self._q_check()
        return Bytes(self._q_array)

    def open(self, mode: OpenModeFlag, /) -> bool:
        """Qt: QBuffer::open()"""
        self._q_check()
        if mode & (OpenModeFlag.Append | OpenModeFlag.Truncate):
            mode |= OpenModeFlag.WriteOnly
        if not mode & OpenModeFlag.ReadWrite:
            warn("QBuffer.open: Buffer access not specified")
            return False
        if mode & OpenModeFlag.Truncate:
            self._q_array.resize(0)
        return super().open(mode | OpenModeFlag.Unbuffered)

    def size(self) -> int:
        """Qt: QBuffer::size()"""
        self._q_check()
        return len(self._q_array)

    def seek(self, pos: int, /) -> bool:
        """Behind the end the array grows, if it can be written. Qt: QBuffer::seek()"""
        self._q_check()
        if pos > len(self._q_array) and self._q_mode & OpenModeFlag.WriteOnly:
            self._q_array.resize(pos)
        if pos > len(self._q_array) or pos < 0:
            warn(f"QBuffer.seek: Invalid pos: {pos}")
            return False
        return super().seek(pos)

    def canReadLine(self) -> bool:
        """Qt: QBuffer::canReadLine()"""
        return QIODevice.isOpen(self) and (self._q_array.indexOf(b"\n", self._q_pos) >= 0 or super().canReadLine())

    def readData(self, maxlen: int, /) -> Any:
        """Qt: QBuffer::readData()"""
        self._q_check()
        return bytes(memoryview(self._q_array)[self._q_pos : self._q_pos + maxlen])

    def writeData(self, data: bytes, len_: int, /) -> int:
        """Qt: QBuffer::writeData()"""
        self._q_check()
        at = self._q_pos
        if at > len(self._q_array):
            self._q_array.resize(at)
        self._q_array.replace(at, min(len_, len(self._q_array) - at), data)
        self._q_tell(len_)
        return len_

    def _q_tell(self, count: int) -> None:
        """Signals what was written, once for all that is written in a turn."""
        waiting = self.__dict__.get("_q_written", 0)
        self._q_written = waiting + count
        if waiting or not self._q_all_slots():
            self._q_written = waiting and self._q_written
            return

        def tell() -> None:
            written, self._q_written = self._q_written, 0
            if QObject.isAlive(self):
                call(self.bytesWritten.emit, written)
            if QObject.isAlive(self):
                call(self.readyRead.emit)

        post(tell, self._q_loop)


def _array(value: Any) -> Any:
    """The array itself; or one with what bytes hold, which cannot be changed."""
    if isinstance(value, bytearray) and isinstance(value, QByteArray):
        return value
    return QByteArray(value)
