"""Values of TLS: handles in C that never change, which copies share, and lists of them."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Iterable, List, Tuple, TypeVar

from ._library import process
from .bytearray import EMPTY, Bytes

T = TypeVar("T")

_ROOM = 32


class Handle:
    """A handle in C that goes with the last object that has it. None is the null value's."""

    __slots__ = ("value", "_q_release")

    def __init__(self, value: Any, release: Callable[[Any], None]) -> None:
        self.value = value
        self._q_release = release

    def __del__(self, process: Any = process) -> None:  # the module may have lost its names by then
        if self.value and not (process.ending or process.forked):
            self._q_release(self.value)


def data_from(function: Any, *arguments: Any) -> Bytes:
    """The bytes that a C function returns with their number, which is its last argument; none for NULL."""
    size = ctypes.c_int64()
    address = function(*arguments, ctypes.byref(size))
    return Bytes(ctypes.string_at(address, size.value)) if address else EMPTY


def texts_from(function: Any, *arguments: Any) -> List[Bytes]:
    """The texts of a C function whose last argument is an index, up to NULL."""
    found: List[Bytes] = []
    while True:
        one = function(*arguments, len(found))
        if one is None:
            return found
        found.append(Bytes(one))


def handles_from(function: Any, release: Callable[[Any], None], *arguments: Any) -> List[Handle]:
    """The handles that a C function writes to an array, which is asked once more if there are more than it has room
    for."""
    room = _ROOM
    for again in (False, True):
        array = (ctypes.c_void_p * room)()
        count = function(*arguments, array, room)
        found = [Handle(value, release) for value in array[: max(0, count)]]
        if count <= room or again:
            break
        room = count
    return found


def numbers_from(function: Any, kind: Any, *arguments: Any) -> List[int]:
    """The numbers that a C function writes to an array."""
    room = function(*arguments, None, 0)
    if room <= 0:
        return []
    array = (kind * room)()
    count = function(*arguments, array, room)
    return list(array[: max(0, count)])


def array_of(values: Iterable[Any]) -> Tuple[Any, int]:
    """An array of the handles of values, without null ones, and its length."""
    handles = [value._q_handle.value for value in values if value._q_handle.value]
    return (ctypes.c_void_p * len(handles))(*handles), len(handles)


def listed(values: Iterable[T], kind: type) -> List[T]:
    """A list of values of a kind: TypeError if there is another."""
    found = list(values)
    for one in found:
        if not isinstance(one, kind):
            raise TypeError(f"a {kind.__name__} is needed, not {type(one).__name__}")
    return found
