"""Reading and writing as the library has it, for sockets. Qt: QIODevice"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, List, Optional, Tuple, Union, overload

from . import _api
from ._await import DeviceAwaits
from ._convert import Data, char, data, integer, size, string
from ._library import lib, quick
from ._made import readable
from ._object import QObject
from ._signal import Signal
from ._turn import call, wait
from .bytearray import EMPTY, Bytes
from .enums import OpenModeFlag
from ._extension import fast
from .iodevice import QIODevice

# An array of no length reaches into any writable buffer, whatever its size.
_into = (ctypes.c_char * 0).from_buffer

_PIECE = 1 << 16

# What is called for each message is looked up once.
_read, _write = quick(lib.qnet_socket_read), quick(lib.qnet_socket_write)
if fast is not None:
    _fast_read_all, _fast_write = fast.read_all, fast.write

# Places for what is read, with their addresses: as many as threads have needed at a time.
_SHORT = 4096
_places: List[Tuple[Any, int]] = []

# More than so many bytes at once ctypes.string_at() does not take.
_MOST_AT = (1 << 31) - 1


def _copy(where: int, count: int) -> Bytes:
    """The bytes that are at an address."""
    return Bytes(ctypes.string_at(where, count) if count <= _MOST_AT else (ctypes.c_char * count).from_address(where).raw)


def _refused(name: str) -> Any:
    def refuse(self: Any, *_arguments: Any) -> None:
        self._q_check()
        raise NotImplementedError(f"{name}() is for devices that a program makes itself")

    return refuse


class Device(DeviceAwaits, QIODevice):
    """A device of the library: a socket."""

    readyRead = Signal("qnet_socket_on_ready_read", _api.qnet_socket_callback)
    """New data can be read. Not emitted again while a slot of it runs. Qt: QIODevice::readyRead"""
    bytesWritten = Signal("qnet_socket_on_bytes_written", _api.qnet_socket_bytes_callback)
    """Data was handed to the system; with the number of bytes. Qt: QIODevice::bytesWritten"""
    channelReadyRead = Signal("qnet_socket_on_channel_ready_read", _api.qnet_socket_channel_callback)
    """New data can be read on a channel, the current one, after readyRead, or another; with its number.
    Qt: QIODevice::channelReadyRead"""
    channelBytesWritten = Signal(
        "qnet_socket_on_channel_bytes_written", _api.qnet_socket_channel_bytes_callback, lambda channel, bytes: (channel, bytes)
    )
    """Data of a channel was handed to the system; with its number and the number of bytes.
    Qt: QIODevice::channelBytesWritten"""
    aboutToClose = Signal("qnet_socket_on_about_to_close", _api.qnet_socket_callback)
    """close() is about to close. Qt: QIODevice::aboutToClose"""
    readChannelFinished = Signal("qnet_socket_on_read_channel_finished", _api.qnet_socket_callback)
    """Nothing more will come. Qt: QIODevice::readChannelFinished"""

    if not TYPE_CHECKING:
        open, setOpenMode, setTextModeEnabled, setErrorString, readData, writeData = map(
            _refused, "open setOpenMode setTextModeEnabled setErrorString readData writeData".split()
        )

    __init__ = QObject.__init__

    _q_reads_much = False  # readAll() had much to read the last time

    def __exit__(self, kind: Any, *_: Any) -> None:
        """`with socket:` closes it in the end. What is still to be sent is sent by the loop, or in waitForDisconnected();
        after an exception the connection is ended at once."""
        if QObject.isAlive(self):
            call(lib.qnet_socket_close if kind is None else lib.qnet_socket_abort, self._q_handle)
            self._q_settle()

    # ---- channels: an SCTP socket may have many, all others have one

    def readChannelCount(self) -> int:
        """How many channels can be read. Qt: QIODevice::readChannelCount()"""
        return int(lib.qnet_socket_read_channel_count(self._q_handle))

    def writeChannelCount(self) -> int:
        """How many channels can be written. Qt: QIODevice::writeChannelCount()"""
        return int(lib.qnet_socket_write_channel_count(self._q_handle))

    def currentReadChannel(self) -> int:
        """The channel that is read. Qt: QIODevice::currentReadChannel()"""
        return int(lib.qnet_socket_current_read_channel(self._q_handle))

    def setCurrentReadChannel(self, channel: int, /) -> None:
        """Has a channel read; what was not read of another stays. A warning during a transaction, and on a socket that
        never has it. Qt: QIODevice::setCurrentReadChannel()"""
        lib.qnet_socket_set_current_read_channel(self._q_handle, integer(channel))

    def currentWriteChannel(self) -> int:
        """The channel that is written. Qt: QIODevice::currentWriteChannel()"""
        return int(lib.qnet_socket_current_write_channel(self._q_handle))

    def setCurrentWriteChannel(self, channel: int, /) -> None:
        """Has a channel written. Qt: QIODevice::setCurrentWriteChannel()"""
        lib.qnet_socket_set_current_write_channel(self._q_handle, integer(channel))

    # ---- reading

    @overload
    def read(self, maxlen: int, /) -> Bytes: ...

    @overload
    def read(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def read(self, first: Union[int, bytearray], maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """Reads up to maxlen bytes. Returns them, b"" if there are none.

        With a bytearray: reads into its beginning and returns how many; 0 if there are none now, -1 if none will come
        or the device is not open for reading. Qt: QIODevice::read()
        """
        taken: Union[Bytes, int] = self._q_take(lib.qnet_socket_read, first, maxlen)
        return taken

    @overload
    def peek(self, maxlen: int, /) -> Bytes: ...

    @overload
    def peek(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def peek(self, first: Union[int, bytearray], maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """As read(), but the bytes remain to be read. Qt: QIODevice::peek()"""
        taken: Union[Bytes, int] = self._q_take(lib.qnet_socket_peek, first, maxlen)
        return taken

    def _q_take(self, function: Any, first: Union[int, bytearray], maxlen: Optional[int]) -> Any:
        if maxlen is not None:
            return function(self._q_handle, _into(first), min(size(maxlen), len(first)))  # type: ignore[arg-type]
        count = size(first)
        if count > _PIECE:
            count = min(count, max(_PIECE, lib.qnet_socket_bytes_available(self._q_handle)))
        buffer = bytearray(max(count, 0))
        count = function(self._q_handle, _into(buffer), count)
        return Bytes(memoryview(buffer)[:count]) if count > 0 else EMPTY

    def readAll(self) -> Bytes:
        """Reads all that is there. Qt: QIODevice::readAll()"""
        if fast is not None:
            found: Bytes = _fast_read_all(self._q_handle)
            return found
        if not self._q_reads_much:
            # The quickest way, for the short messages that most are. Another thread meanwhile takes another place.
            try:
                place = _places.pop()
            except IndexError:
                buffer = ctypes.create_string_buffer(_SHORT)
                place = buffer, ctypes.addressof(buffer)
            count = _read(self._q_handle, place[1], _SHORT)
            chunk = Bytes(place[0][:count]) if count > 0 else EMPTY
            _places.append(place)
            if count < _SHORT:
                return chunk
            self._q_reads_much = True
            return Bytes(chunk + self._q_read_all())
        chunk = self._q_read_all()
        self._q_reads_much = len(chunk) >= _SHORT
        return chunk

    def _q_read_all(self) -> Bytes:
        size_ = ctypes.c_int64()
        where = lib.qnet_socket_read_all(self._q_handle, size_)
        return _copy(where, size_.value) if where else EMPTY

    @overload
    def readLine(self, maxlen: int = 0, /) -> Bytes: ...

    @overload
    def readLine(self, buffer: bytearray, maxlen: int, /) -> int: ...

    def readLine(self, first: Union[int, bytearray] = 0, maxlen: Optional[int] = None, /) -> Union[Bytes, int]:
        """Reads up to and with the next b"\\n", at most maxlen - 1 bytes; 0 is no limit.

        With a bytearray: reads into its beginning, followed by a zero, and returns how many bytes without that; 0 if
        there are none now, -1 if none will come or the device is not open for reading. Qt: QIODevice::readLine()
        """
        function = lib.qnet_socket_read_line
        if maxlen is not None:
            return int(function(self._q_handle, _into(first), min(size(maxlen), len(first))))  # type: ignore[arg-type]
        limit = size(first)
        if limit and limit <= _PIECE:
            buffer = bytearray(max(limit, 0))
            count = function(self._q_handle, _into(buffer), limit)
            return Bytes(memoryview(buffer)[:count]) if count > 0 else EMPTY
        line = b""
        while not limit or len(line) < limit - 1:
            room = max(lib.qnet_socket_bytes_available(self._q_handle), 1023) + 1
            if limit:
                room = min(room, limit - len(line))
            buffer = bytearray(room)
            count = function(self._q_handle, _into(buffer), room)
            if count > 0:
                line += memoryview(buffer)[:count]
            if count < room - 1 or line.endswith(b"\n"):
                break
        return Bytes(line)

    def canReadLine(self) -> bool:
        """Is a whole line there? Qt: QIODevice::canReadLine()"""
        return bool(lib.qnet_socket_can_read_line(self._q_handle))

    def getChar(self) -> Tuple[bool, str]:
        """Reads one byte: True and the character, or False. Qt: QIODevice::getChar()"""
        one = ctypes.c_char()
        ok = bool(lib.qnet_socket_get_char(self._q_handle, ctypes.byref(one)))
        return ok, one.value.decode("latin-1")

    def ungetChar(self, c: Union[int, str, bytes], /) -> None:
        """Puts a byte back before what is read next. Qt: QIODevice::ungetChar()"""
        lib.qnet_socket_unget_char(self._q_handle, char(c))

    def peekBuffer(self) -> Bytes:
        """The first of the bytes that can be read, which may not be all of them, without taking them. Not in Qt, where peek()
        wants their number."""
        count = ctypes.c_int64()
        data = lib.qnet_socket_peek_buffer(self._q_handle, ctypes.byref(count))
        return _copy(data, count.value) if data else EMPTY

    def skip(self, maxSize: int, /) -> int:
        """Drops up to maxSize bytes. Returns how many; -1 on failure. Qt: QIODevice::skip()"""
        return int(lib.qnet_socket_skip(self._q_handle, size(maxSize)))

    def bytesAvailable(self) -> int:
        """How many bytes can be read now. Qt: QIODevice::bytesAvailable()"""
        return int(lib.qnet_socket_bytes_available(self._q_handle))

    def atEnd(self) -> bool:
        """Is there nothing to read now? Qt: QIODevice::atEnd()"""
        return bool(lib.qnet_socket_at_end(self._q_handle))

    def startTransaction(self) -> None:
        """From now on, what is read is kept, for rollbackTransaction(). Qt: QIODevice::startTransaction()"""
        lib.qnet_socket_start_transaction(self._q_handle)

    def commitTransaction(self) -> None:
        """Ends the transaction. Qt: QIODevice::commitTransaction()"""
        lib.qnet_socket_commit_transaction(self._q_handle)

    def rollbackTransaction(self) -> None:
        """Ends the transaction; what was read in it can be read again. Qt: QIODevice::rollbackTransaction()"""
        lib.qnet_socket_rollback_transaction(self._q_handle)

    def isTransactionStarted(self) -> bool:
        """Qt: QIODevice::isTransactionStarted()"""
        return bool(lib.qnet_socket_is_transaction_started(self._q_handle))

    # ---- writing

    def write(self, data_: Data, /) -> int:
        """Takes bytes to send. Returns how many were taken: all (fewer only with a limit on the write buffer), or -1 if
        the device is not open for writing.

        They are sent at the end of the loop's turn, by flush() or in a wait function. Qt: QIODevice::write()
        """
        if not isinstance(data_, bytes):
            data_ = data(data_)
        taken: int = (
            _write(self._q_handle, data_, len(data_)) if fast is None else _fast_write(self._q_handle, data_)
        )
        return taken

    def putChar(self, c: Union[int, str, bytes], /) -> bool:
        """Takes a byte to send. False if the device is not open for writing. Qt: QIODevice::putChar()"""
        return bool(lib.qnet_socket_put_char(self._q_handle, char(c)))

    def bytesToWrite(self) -> int:
        """How many bytes are still to be sent. Qt: QIODevice::bytesToWrite()"""
        return int(lib.qnet_socket_bytes_to_write(self._q_handle))

    # ---- waiting

    def waitForReadyRead(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until readyRead was emitted; -1 msecs is no limit. False after the time, on
        an error, or when disconnected. Qt: QIODevice::waitForReadyRead()"""
        return self._q_wait(lib.qnet_socket_wait_for_ready_read, msecs)

    def waitForBytesWritten(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until bytesWritten was emitted; -1 msecs is no limit. False if there is
        nothing to send, after the time, on an error, or when disconnected. Qt: QIODevice::waitForBytesWritten()"""
        return self._q_wait(lib.qnet_socket_wait_for_bytes_written, msecs)

    def _q_wait(self, function: Any, msecs: int) -> bool:
        done = bool(wait(function, self._q_handle, integer(msecs)))
        self._q_settle()
        return done

    # ---- state

    def close(self) -> None:
        """Emits aboutToClose, drops unread data and disconnects. Qt: QIODevice::close()"""
        call(lib.qnet_socket_close, self._q_handle)
        self._q_settle()

    @readable
    def closed(self) -> bool:
        """Is it not open? As with Python's files. Qt: !QIODevice::isOpen()"""
        return not Device.isOpen(self)

    def isOpen(self) -> bool:
        """From the start of connecting to close(). Qt: QIODevice::isOpen()"""
        return bool(lib.qnet_socket_is_open(self._q_handle))

    def isReadable(self) -> bool:
        """Is it open for reading? Qt: QIODevice::isReadable()"""
        return bool(lib.qnet_socket_is_readable(self._q_handle))

    def isWritable(self) -> bool:
        """Is it open for writing? Qt: QIODevice::isWritable()"""
        return bool(lib.qnet_socket_is_writable(self._q_handle))

    def openMode(self) -> OpenModeFlag:
        """Qt: QIODevice::openMode()"""
        mode = lib.qnet_socket_open_mode(self._q_handle)
        return OpenModeFlag.NotOpen if mode < 0 else OpenModeFlag(mode)

    def isTextModeEnabled(self) -> bool:
        """Does reading turn "\\r\\n" into "\\n"? Qt: QIODevice::isTextModeEnabled()"""
        return bool(Device.openMode(self) & OpenModeFlag.Text)

    def isSequential(self) -> bool:
        """Always. Qt: QIODevice::isSequential()"""
        return bool(lib.qnet_socket_is_sequential(self._q_handle))

    def pos(self) -> int:
        """0, as for every sequential device. Qt: QIODevice::pos()"""
        self._q_check()
        return 0

    def size(self) -> int:
        """bytesAvailable(), as for every sequential device. Qt: QIODevice::size()"""
        return self.bytesAvailable()

    def errorString(self) -> str:
        """The last error as text. Qt: QIODevice::errorString()"""
        return string(lib.qnet_socket_error_string(self._q_handle))


