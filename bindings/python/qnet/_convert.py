"""Python values on their way to C: what would be cut off or misread there is refused here."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from .bytearray import QByteArray

Data = Union[bytes, bytearray, memoryview, "QByteArray"]


def text(value: Any) -> bytes:
    """A str as UTF-8. A text with a NUL cannot be handed to C: ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")
    data = value.encode()
    if b"\0" in data:
        raise ValueError("the text contains a NUL character")
    return data


def string(value: Any) -> str:
    """A text from C."""
    return value.decode(errors="replace") if value else ""


def port(value: Any) -> int:
    """A port: OverflowError if it is not in 0..65535."""
    number = operator.index(value)
    if not 0 <= number <= 65535:
        raise OverflowError(f"{number} is no port")
    return number


def integer(value: Any) -> int:
    """An int as C has it: OverflowError beyond 32 bits."""
    number = int(value) if isinstance(value, float) else operator.index(value)
    if not -(1 << 31) <= number < 1 << 31:
        raise OverflowError(f"{number} is too large")
    return number


def size(value: Any) -> int:
    """A number of bytes: OverflowError beyond 64 bits."""
    number = operator.index(value)
    if not -(1 << 63) <= number < 1 << 63:
        raise OverflowError(f"{number} is too large")
    return number


def data(value: Data) -> bytes:
    """Bytes, from whatever holds some."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        raise TypeError("bytes are needed, not str; str.encode() makes some")
    return bytes(memoryview(value))


def phrase(value: Data) -> bytes:
    """Bytes that are a text to C: a pass phrase, or the name of an attribute. ValueError if there is a NUL."""
    found = data(value)
    if b"\0" in found:
        raise ValueError("the text contains a NUL byte")
    return found


def read_all(value: Any) -> bytes:
    """Bytes, or all that a device or an open file of Python's has."""
    for name in ("readAll", "read"):
        if hasattr(value, name):
            return data(getattr(value, name)())
    return data(value)


def char(value: Union[int, str, bytes]) -> bytes:
    """One byte, from a number or a text of one character."""
    if isinstance(value, (str, bytes, bytearray)):
        one = value.encode("latin-1") if isinstance(value, str) else bytes(value)
        if len(one) != 1:
            raise TypeError("one character is needed")
        return one
    number = operator.index(value)
    if not -128 <= number <= 255:
        raise OverflowError(f"{number} is no byte")
    return bytes((number & 255,))
