"""Turns of the loop as Python sees them: which loop a thread uses, calls posted to it, and what becomes of the
exceptions of the functions that C calls."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from . import _api, _interrupt
from ._from_c import called_from_c, unchecked
from ._library import lib, process

#: in place of a C loop: the thread has not needed one yet
NO_LOOP = 0


class _Thread:
    """What the package knows of a thread."""

    __slots__ = ("loop", "own", "running", "turns", "greenlet", "pending", "ending", "asking")

    def __init__(self) -> None:
        #: the C loop that its new objects belong to; None is the default loop. Ask thread_loop() for it.
        self.loop: Optional[int] = NO_LOOP
        #: the loop that was made for it, and goes with it
        self.own: Optional[_OwnLoop] = None
        #: the C loop of which it runs a turn
        self.running: Optional[int] = NO_LOOP
        #: how many of its calls that run callbacks are under way, one inside another
        self.turns = 0
        #: the greenlet that has made the innermost of them, if there are greenlets
        self.greenlet: Any = None
        #: an exception on its way out of them: KeyboardInterrupt, SystemExit, or one of a signal's handler
        self.pending: Optional[BaseException] = None
        #: what ends its waits while there is one
        self.ending = -1
        #: the server whose base class asks C for what C asks the subclass
        self.asking: Any = None


class _Here(threading.local):
    def __init__(self) -> None:
        self.thread = _Thread()


#: here.thread is the calling thread's
here = _Here()


# ---- out of C


def _greenlet() -> Any:
    """The greenlet that runs, if there are greenlets."""
    greenlets = sys.modules.get("greenlet")
    return None if greenlets is None else greenlets.getcurrent()


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a C function that may run callbacks before it returns. KeyboardInterrupt and SystemExit in one of them are
    raised here, after the C function has returned."""
    thread = here.thread
    outer = thread.greenlet
    if "greenlet" in sys.modules:
        thread.greenlet = _greenlet()
    thread.turns += 1
    try:
        result = function(*arguments)
    except BaseException:
        _take(thread)  # one is enough
        raise
    finally:
        thread.turns -= 1
        thread.greenlet = outer
    if thread.pending is not None:
        raise _take(thread)  # type: ignore[misc]
    return result


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """The same for a C function that waits or runs a loop.

    Greenlets have one stack in C: a call that another of them makes in a callback must return before this one's does.
    """
    thread = here.thread
    if thread.turns and thread.greenlet is not _greenlet():
        raise RuntimeError("a greenlet may not wait or run a loop while a slot in another one has not returned")
    return call(function, *arguments)


def wait(function: Callable[..., Any], handle: int, msec: int, *arguments: Any) -> Any:
    """The same for a C function that waits for an object's event for up to msec milliseconds (-1: without limit). A
    signal of the system ends it by what its handler raises, and not otherwise."""
    if not _interrupt.on_main_thread():
        return run(function, handle, msec, *arguments)
    begun = _interrupt.begin()
    try:
        deadline = time.monotonic() + msec / 1000
        left: Optional[int] = msec
        while left is not None:
            result = run(function, handle, left, *arguments)
            left = None if result else _interrupt.again(msec, deadline)
        return result
    except BaseException:
        _interrupt.again(0, 0)  # by this: it has been heeded
        raise
    finally:
        if begun is not None:
            _interrupt.end()


def patiently(function: Callable[..., Any], *arguments: Any) -> Any:
    """The same for a C function that may wait for a proxy's answer, and can be called again. A signal of the system ends
    it by what its handler raises, and not otherwise."""
    begun = _interrupt.begin()
    try:
        while True:
            result = call(function, *arguments)
            if _interrupt.again(0, 0) is None:
                return result
    except BaseException:
        _interrupt.again(0, 0)  # by this: it has been heeded
        raise
    finally:
        if begun is not None:
            _interrupt.end()


def _take(thread: _Thread) -> Optional[BaseException]:
    error, thread.pending = thread.pending, None
    if error is not None:
        _interrupt.end_no_waits(thread.ending)
    return error


@unchecked
def _keep(thread: _Thread, error: Optional[BaseException]) -> None:
    """Has run() raise error, as soon as C returns."""
    if thread.pending is None:
        thread.pending, thread.ending = error, _interrupt.end_waits()


@unchecked
def report() -> None:
    """Called in an except clause, for an exception that must not cross C. sys.excepthook shows it, but for
    KeyboardInterrupt and SystemExit, its own or the hook's, which run() raises."""
    kind, error, trace = sys.exc_info()
    thread = here.thread
    if thread.turns and isinstance(error, (KeyboardInterrupt, SystemExit)):
        _keep(thread, error)
        return
    try:
        sys.excepthook(kind, error, trace)  # type: ignore[arg-type]
    except BaseException:
        error = sys.exc_info()[1]
        if thread.turns and isinstance(error, (KeyboardInterrupt, SystemExit)):
            _keep(thread, error)
        else:
            sys.__excepthook__(*sys.exc_info())


@unchecked
def caught(called: bool, again: Callable[..., Any], *arguments: Any) -> Any:
    """For the except clause of a function that C calls. What was raised before anything of the program's was called
    comes from a signal's handler: run() raises it, whatever it is, and C's call is made again."""
    if called:
        report()
        return None
    if here.thread.turns:
        _keep(here.thread, sys.exc_info()[1])
    else:
        report()
    return again(*arguments, True)


# ---- calls to come

_calls: Dict[int, Tuple[Optional[int], Callable[[], Any]]] = {}
_numbers = itertools.count(1)


def _posted(number: Optional[int], called: bool = False) -> None:
    try:
        call = _calls.get(number or 0)
        if call is not None:
            called = True
            del _calls[number]  # type: ignore[arg-type]
            call[1]()
    except BaseException:
        caught(called, _posted, number)


#: the C callback of every posted call; its user data is the call's number
posted = called_from_c(_api.qnet_loop_callback)(_posted)


def remember(function: Callable[[], Any], loop: Optional[int]) -> int:
    """Keeps function until a C loop calls `posted` with the number returned, or is deleted."""
    if not callable(function):
        raise TypeError(f"a function is needed, not {type(function).__name__}")
    number = next(_numbers)
    _calls[number] = loop, function
    return number


def forget(number: int) -> None:
    """Undoes remember()."""
    _calls.pop(number, None)


def post(function: Callable[[], Any], loop: Optional[int] = None) -> bool:
    """Has function called in the next turn of a C loop, on the thread that runs it. False if the loop is gone: an
    object may outlive its loop."""
    with _loops_lock:
        if not is_alive(loop):
            return False
        number = remember(function, loop)
        if lib.qnet_loop_post(loop, posted, number):
            return True
    forget(number)
    return False


def _nothing() -> None:
    pass


def wake(loop: Optional[int]) -> None:
    """Makes a sleeping loop turn."""
    if not process.forked:
        post(_nothing, loop)


def interrupt(loop: Optional[int]) -> None:
    """Ends the turns of a C loop that are under way."""
    with _loops_lock:
        if not process.forked and is_alive(loop):
            lib.qnet_loop_interrupt(loop)


# ---- loops

# The C loops that have not been deleted, besides the default loop.
_loops: Set[int] = set()
# Guards them. Re-entrant, because to collect garbage may run anything.
_loops_lock = threading.RLock()

_at_loop_end: List[Callable[[int], None]] = []


def at_loop_end(function: Callable[[int], None]) -> Callable[[int], None]:
    """A decorator: has function called before a C loop is deleted."""
    _at_loop_end.append(function)
    return function


def new_loop() -> int:
    """Makes a C loop."""
    handle = lib.qnet_loop_new()
    if not handle:
        why = "this is a forked child process" if process.forked else "there are no descriptors left"
        raise RuntimeError(f"no loop could be made: {why}")
    with _loops_lock:
        _loops.add(handle)
    return int(handle)


def delete_loop(handle: int) -> None:
    """Deletes a C loop, after the calls that were posted to it; what was to come later does not come."""
    for function in _at_loop_end:
        function(handle)
    with _loops_lock:
        _loops.discard(handle)
    try:
        run(lib.qnet_loop_delete, handle)
    finally:
        for number, (loop, _) in list(_calls.items()):
            if loop == handle:
                forget(number)


def is_alive(loop: Optional[int]) -> bool:
    """Is this the default loop, or one that has not been deleted?"""
    return loop is None or loop in _loops


class _OwnLoop:
    """The loop that was made for a thread, as long as the thread lives."""

    def __init__(self) -> None:
        self.handle = new_loop()

    def __del__(self, process: Any = process) -> None:
        if not (process.ending or process.forked) and "handle" in self.__dict__:
            delete_loop(self.handle)


def thread_loop() -> Optional[int]:
    """The C loop that what this thread makes belongs to: inside a Loop that one, else on the main thread the default
    loop, on another one a loop of the thread's own, made at the first call."""
    thread = here.thread
    if thread.loop == NO_LOOP:
        if _interrupt.on_main_thread():
            thread.loop = None
        else:
            thread.own = _OwnLoop()
            thread.loop = thread.own.handle
    return thread.loop


def running_loop() -> Optional[int]:
    """The C loop in a callback of which this thread is."""
    running = here.thread.running
    return thread_loop() if running == NO_LOOP else running


def is_here(loop: Optional[int]) -> bool:
    """Is a C loop this thread's, or one that it runs? None is made."""
    thread = here.thread
    own = thread.loop
    if own == NO_LOOP and _interrupt.on_main_thread():
        own = None
    return loop in (own, thread.running)


def claim_default() -> None:
    """Makes the default loop this thread's, unless it has one already."""
    if here.thread.loop == NO_LOOP:
        here.thread.loop = None


def _after_fork() -> None:
    global _loops_lock
    _loops_lock = threading.RLock()  # another thread may have held it


os.register_at_fork(after_in_child=_after_fork)
