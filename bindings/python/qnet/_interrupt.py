"""Signals of the system end what the main thread waits for, so that Python can run their handlers.

Python notes a signal, and runs its handler between two steps of its own code: a wait inside C has to end first. While the
main thread waits, Python writes a byte for each signal to a pipe (signal.set_wakeup_fd), at which the wait looks besides.
Without it, a signal that comes just before the thread sleeps would not be seen until something else wakes it up.
"""

from __future__ import annotations

import math
import os
import select
import signal
import sys
import threading
import time
import weakref
from typing import Any, Callable, List, Optional, Tuple

from ._library import lib, process


class _Pipe:
    """The pipe. It stays, and is Python's only now and then."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        for descriptor in (self.reader, self.writer):
            os.set_blocking(descriptor, False)
        self.outer = -1  # where Python writes otherwise, for a package with a loop of its own
        lib.qnet_set_interrupt_fd(self.reader)

    def drain(self) -> None:
        """Takes the bytes out. The other package gets them too."""
        try:
            data = os.read(self.reader, 4096)
            if self.outer >= 0:
                os.write(self.outer, data)
        except OSError:
            pass


class Begun:
    """What begin() returns. A handler may raise at any step, also of what calls end(): without it, this goes."""

    __slots__ = ("__weakref__",)


_pipe: Optional[_Pipe] = None
_active: Callable[[], Optional[Begun]] = lambda: None  # the pipe is Python's while it returns something
_main = threading.main_thread().ident


def on_main_thread() -> bool:
    """Is this the thread that runs the signals' handlers?"""
    return threading.get_ident() == _main


def begin() -> Optional[Begun]:
    """Has signals end the waits of this thread, if it is the main one. Returns what end() is to be called with; None if
    it is not."""
    global _pipe, _active
    if _active() is not None or process.forked or not on_main_thread():
        return None
    begun = Begun()
    if _pipe is None:
        _pipe = _Pipe()
    elif sys.version_info < (3, 10):
        lib.qnet_set_interrupt_fd(_pipe.reader)  # for SA_ONSTACK, which Python does not ask for
    try:
        outer = signal.set_wakeup_fd(_pipe.writer, warn_on_full_buffer=False)
    except ValueError:
        return None  # Python takes another thread for the main one
    if outer >= 0:
        # What came in earlier waits, when there was no other package, is not for it.
        signal.set_wakeup_fd(-1)
        _pipe.drain()
        signal.set_wakeup_fd(_pipe.writer, warn_on_full_buffer=False)
    _pipe.outer = -1 if outer == _pipe.writer else outer
    _active = weakref.ref(begun)
    return begun


def end() -> None:
    """Undoes begin()."""
    global _active
    _active = lambda: None
    assert _pipe is not None
    now = signal.set_wakeup_fd(_pipe.outer)
    if now != _pipe.writer:
        signal.set_wakeup_fd(now)  # which has come meanwhile
    if _pipe.outer >= 0:
        _pipe.drain()
        _pipe.outer = -1


def again(msec: int, deadline: float) -> Optional[int]:
    """Called when a wait in C has failed: how many milliseconds it is to be called for again, since a signal has ended
    it; None if that was not so."""
    if not lib.qnet_interrupted():
        return None
    if _pipe is not None:
        _pipe.drain()
    return msec if msec < 0 else max(0, math.ceil((deadline - time.monotonic()) * 1000))


class Sleep:
    """Waits until a C loop has something to do, or a signal has come."""

    def __init__(self, loop: Optional[int]) -> None:
        self._begun = begin()
        poll = select.poll()
        descriptor = int(lib.qnet_loop_fd(loop))
        poll.register(descriptor, select.POLLIN)
        if _pipe is not None and on_main_thread():
            poll.register(_pipe.reader, select.POLLIN)
        #: waits, for up to a number of milliseconds
        self.poll: Callable[..., List[Tuple[int, int]]] = poll.poll
        #: what it returns if there is something to do, and no signal
        self.work = [(descriptor, select.POLLIN)]

    def __enter__(self) -> "Sleep":
        return self

    def __exit__(self, *_: Any) -> None:
        if self._begun is not None:
            end()

    def signalled(self) -> None:
        """To be called when poll() has returned anything else than work."""
        if _pipe is not None and on_main_thread():
            _pipe.drain()


# ---- by what a slot raises


def end_waits() -> int:
    """Ends all waits in C that are under way on this thread, and those that it begins. Returns a descriptor for
    end_no_waits()."""
    try:
        always_readable = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
    lib.qnet_set_interrupt_fd(always_readable)
    return always_readable


def end_no_waits(descriptor: int) -> None:
    """Undoes end_waits()."""
    if descriptor >= 0:
        lib.qnet_set_interrupt_fd(_pipe.reader if _pipe is not None and on_main_thread() else -1)
        os.close(descriptor)


def _after_fork() -> None:
    global _main, _active
    _main = threading.get_ident()
    if _active() is not None:
        # The parent's pipe.
        _active = lambda: None
        try:
            signal.set_wakeup_fd(-1)
        except ValueError:
            pass


os.register_at_fork(after_in_child=_after_fork)
