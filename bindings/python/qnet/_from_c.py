"""Functions that C calls.

Python runs the handlers of the system's signals between two steps of what the main thread does, and a handler may raise:
that of Ctrl-C does. In the first step of a function that C has called nothing of Python's is there to catch it: ctypes
would print it, and both the exception and the call were lost. A signal that comes while C runs is handled just there.
So these functions are entered without looking for signals, and do all they do in a try statement.
"""

from __future__ import annotations

import ctypes
import opcode
from typing import Any, Callable, List, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

# Since Python 3.11 a function begins with RESUME, which looks for signals unless its argument says that the function
# goes on after a `yield from`. Before, there is no look in front of a try statement.
_RESUME = opcode.opmap.get("RESUME")
_AFTER_YIELD_FROM = 2


def unchecked(function: F) -> F:
    """A decorator: no signal's handler runs in the first step of function, which is to begin with a try statement."""
    code = function.__code__
    steps = bytearray(code.co_code)
    for at in range(0, len(steps), 2):
        if steps[at] == _RESUME:
            steps[at + 1] = _AFTER_YIELD_FROM
            function.__code__ = code.replace(co_code=bytes(steps))
            break
    return function


def called_from_c(kind: Any) -> Callable[[F], F]:
    """A decorator: makes a C function of the ctypes type kind. It must not raise, and lives as long as the process."""

    def make(function: F) -> F:
        return cast(F, kind(unchecked(function)))

    return make


_kept: List[Any] = []


def address_of(kind: Any, function: Callable[..., Any]) -> int:
    """Makes such a C function, too, and returns its address."""
    made = called_from_c(kind)(function)
    _kept.append(made)
    return ctypes.cast(made, ctypes.c_void_p).value or 0  # type: ignore[arg-type]
