"""Turns of the loop as Python sees them: which loop a thread uses, calls posted to it, and what becomes of the
exceptions of the functions that C calls."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from typing import Any, Callable, Dict, Optional, Set

from . import _api
from ._library import called_from_c, lib, process


class _Thread(threading.local):
    loop: Optional[int] = None
    """The C loop that this thread's new objects belong to; None is the default loop."""
    turns = 0
    """How many calls of this thread that run callbacks are under way, one inside another."""
    asking: Any = None
    """The server whose base class asks C for what C asks the subclass."""
    loops_ending = 0
    """How many loops this thread is about to delete."""
    greenlet: Any = None
    """The greenlet that has made the innermost of them, if there are greenlets."""
    pending: Optional[BaseException] = None
    """A KeyboardInterrupt or SystemExit on its way out of them."""


me = _Thread()


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a C function that runs callbacks until it returns. KeyboardInterrupt and SystemExit in one of them are
    raised here, after the C function has returned.

    Greenlets have one stack in C: a call that another of them makes in a callback must return before this one's does."""
    outer, greenlets = me.greenlet, sys.modules.get("greenlet")
    if greenlets is not None:
        current = greenlets.getcurrent()
        if me.turns and outer is not current:
            raise RuntimeError("a greenlet may not wait or run a loop while a slot in another one has not returned")
        me.greenlet = current
    me.turns += 1
    try:
        result = function(*arguments)
    finally:
        me.turns -= 1
        me.greenlet = outer
    if me.pending is not None:
        raised, me.pending = me.pending, None
        raise raised
    return result


def report() -> None:
    """Called in an except clause, for an exception that must not cross C: it is shown by sys.excepthook."""
    kind, error, trace = sys.exc_info()
    if me.turns and isinstance(error, (KeyboardInterrupt, SystemExit)):
        if me.pending is None:
            me.pending = error
        return
    try:
        sys.excepthook(kind, error, trace)  # type: ignore[arg-type]
    except BaseException:
        sys.__excepthook__(*sys.exc_info())


_calls: Dict[int, Callable[[], Any]] = {}
_numbers = itertools.count(1)


@called_from_c(_api.qnet_loop_callback)
def posted(number: Optional[int]) -> None:
    """The C callback of every posted call; its user data is the call's number."""
    function = _calls.pop(number or 0, None)
    if function is not None:
        try:
            function()
        except BaseException:
            report()


def remember(function: Callable[[], Any]) -> int:
    """Keeps function until `posted` is called with the number returned."""
    if not callable(function):
        raise TypeError(f"a function is needed, not {type(function).__name__}")
    number = next(_numbers)
    _calls[number] = function
    return number


def forget(number: int) -> None:
    """Undoes remember()."""
    _calls.pop(number, None)


#: the C loops that have not been deleted, besides the default loop; see is_alive()
loops: Set[int] = set()
#: guards `loops`. Re-entrant, because to collect garbage may run anything.
loops_lock = threading.RLock()


def is_alive(loop: Optional[int]) -> bool:
    """Is this the default loop, or one that has not been deleted?"""
    return loop is None or loop in loops


def post(function: Callable[[], Any], loop: Optional[int] = None) -> bool:
    """Has function called in the next turn of a C loop, on the thread that runs it. False if the loop is gone: an
    object may outlive its loop."""
    with loops_lock:
        if not is_alive(loop):
            return False
        number = remember(function)
        if lib.qnet_loop_post(loop, posted, number):
            return True
    forget(number)
    return False


def _after_fork() -> None:
    global loops_lock
    loops_lock = threading.RLock()  # another thread may have held it


os.register_at_fork(after_in_child=_after_fork)


def _nothing() -> None:
    pass


def wake(loop: Optional[int]) -> None:
    """Makes a sleeping loop turn."""
    if not process.forked:
        post(_nothing, loop)


def interrupt(loop: Optional[int]) -> None:
    """Ends the turns of a C loop that are under way."""
    with loops_lock:
        if not process.forked and is_alive(loop):
            lib.qnet_loop_interrupt(loop)
