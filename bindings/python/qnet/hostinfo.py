"""Host names. Qt: QHostInfo"""

from __future__ import annotations

import ctypes
import itertools
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Union

from . import _api, _interrupt, _turn, enums
from ._convert import integer, string, text
from ._from_c import called_from_c
from ._library import at_end, lib, process
from .address import QHostAddress
from ._made import Made
from .enums import HostInfoError, member, short_names
from .loop import Loop

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_lookups: Dict[int, "_Lookup"] = {}
_numbers = itertools.count(1)


class _Lookup:
    def __init__(self, function: Callable[["QHostInfo"], Any], loop: Optional[int]) -> None:
        self.function = function
        self.loop = loop
        self.handle: Optional[int] = None


def _found(handle: Optional[int], number: Optional[int], called: bool = False) -> None:
    try:
        lookup = _lookups.get(number or 0)
        if lookup is not None:
            called = True
            del _lookups[number]  # type: ignore[arg-type]
            info = _take(handle, number or 0)
            if _turn.is_alive(lookup.loop):  # or it is about to be deleted
                lookup.function(info)
    except BaseException:
        _turn.caught(called, _found, handle, number)


_found_callback = called_from_c(_api.qnet_host_info_callback)(_found)


def _take(handle: Optional[int], number: int) -> "QHostInfo":
    """Copies a result out of C, and deletes it there."""
    info = QHostInfo(number)
    info._host_name = string(lib.qnet_host_info_host_name(handle))
    info._error = member(HostInfoError, lib.qnet_host_info_error(handle))
    info._error_string = string(lib.qnet_host_info_error_string(handle))
    for index in range(lib.qnet_host_info_address_count(handle)):
        address = QHostAddress()
        if lib.qnet_host_info_address(handle, index, address._struct):
            info._addresses.append(address)
    lib.qnet_host_info_delete(handle)
    return info


@short_names(HostInfoError)
class QHostInfo(Made):
    """The result of a look-up. Qt: QHostInfo"""

    HostInfoError: TypeAlias = enums.HostInfoError
    _q_by_init = ("_lookup_id", "_host_name", "_error", "_error_string", "_addresses")

    def __init__(self, other: Union[int, "QHostInfo"] = -1, /) -> None:
        self._lookup_id = -1
        self._host_name = ""
        self._error = enums.HostInfoError.NoError
        self._error_string = "Unknown error"
        self._addresses: List[QHostAddress] = []
        if isinstance(other, QHostInfo):
            self.__dict__.update(other.__dict__, _addresses=other.addresses())
        else:
            self._lookup_id = other

    def __copy__(self) -> "QHostInfo":
        return QHostInfo(self)

    def __repr__(self) -> str:
        found = self._error_string if self._error else ", ".join(a.toString() for a in self._addresses)
        return f"<qnet.QHostInfo {self._host_name!r}: {found}>"

    @staticmethod
    def lookupHost(name: str, function: Callable[["QHostInfo"], Any], /) -> int:
        """Looks up a name, or the name of an address, and calls function(info) from the loop. Returns the number of
        the look-up, for abortHostLookup(); -1 if it could not be started. If the loop ends before, the function is not
        called. Qt: QHostInfo::lookupHost()"""
        if not callable(function):
            raise TypeError(f"a function is needed, not {type(function).__name__}")
        encoded = text(name)
        loop = _turn.thread_loop()
        number = next(_numbers)
        lookup = _lookups[number] = _Lookup(function, loop)
        handle = lib.qnet_host_info_lookup_host(loop, encoded, _found_callback, number)
        if not handle:
            _lookups.pop(number, None)
            return -1
        lookup.handle = handle
        return number

    @staticmethod
    def abortHostLookup(lookupId: int, /) -> None:
        """Cancels a look-up: its function is not called. Qt: QHostInfo::abortHostLookup()"""
        lookup = _lookups.pop(lookupId, None)
        if lookup is not None and lookup.handle is not None:
            lib.qnet_host_info_abort_host_lookup(lookup.handle)
            lib.qnet_host_info_delete(lookup.handle)

    @staticmethod
    def fromName(name: str, /) -> "QHostInfo":
        """Looks up a name, or the name of an address, and waits for the result. Qt: QHostInfo::fromName()"""
        if _interrupt.on_main_thread() and not process.forked:
            return _from_name(name)
        handle = lib.qnet_host_info_from_name(text(name))
        if handle:
            return _take(handle, -1)
        info = QHostInfo()
        info._host_name, info._error = name, HostInfoError.UnknownError
        return info

    @staticmethod
    def localHostName() -> str:
        """The name of this machine. Qt: QHostInfo::localHostName()"""
        buffer = ctypes.create_string_buffer(256)
        lib.qnet_host_info_local_host_name(buffer, len(buffer))
        return string(buffer.value)

    def hostName(self) -> str:
        """The name that was looked up or found. Qt: QHostInfo::hostName()"""
        return self._host_name

    def setHostName(self, name: str, /) -> None:
        """Qt: QHostInfo::setHostName()"""
        self._host_name = name

    def addresses(self) -> List[QHostAddress]:
        """Qt: QHostInfo::addresses()"""
        return [QHostAddress(address) for address in self._addresses]

    def setAddresses(self, addresses: Sequence[QHostAddress], /) -> None:
        """Qt: QHostInfo::setAddresses()"""
        self._addresses = [QHostAddress(address) for address in addresses]

    def error(self) -> HostInfoError:
        """Qt: QHostInfo::error()"""
        return self._error

    def setError(self, error: HostInfoError, /) -> None:
        """Qt: QHostInfo::setError()"""
        self._error = member(HostInfoError, integer(error))

    def errorString(self) -> str:
        """Qt: QHostInfo::errorString()"""
        return self._error_string

    def setErrorString(self, errorString: str, /) -> None:
        """Qt: QHostInfo::setErrorString()"""
        self._error_string = errorString

    def lookupId(self) -> int:
        """The number of the look-up; -1 for none. Qt: QHostInfo::lookupId()"""
        return self._lookup_id

    def setLookupId(self, id: int, /) -> None:
        """Qt: QHostInfo::setLookupId()"""
        self._lookup_id = id


def _from_name(name: str) -> QHostInfo:
    """Waits in a loop, which signals end."""
    found: List[QHostInfo] = []
    loop = Loop()
    try:
        with loop:
            QHostInfo.lookupHost(name, found.append)
            while not found:
                loop.processEvents(-1)
    finally:
        loop.delete()
    (info,) = found
    info._lookup_id = -1
    return info


@_turn.at_loop_end
def _abort(loop: int) -> None:
    """Cancels the look-ups of a loop: nobody would tell of their results."""
    for number, lookup in list(_lookups.items()):
        if lookup.loop == loop:
            QHostInfo.abortHostLookup(number)


@at_end
def _stop() -> None:
    for number in list(_lookups):
        QHostInfo.abortHostLookup(number)
