"""Which asyncio loops drive which loops of the library.

An object that is made while an asyncio loop runs in its thread, or comes into use there, has that loop drive its own.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Callable, Optional, Set

from . import _turn
from ._library import lib, process

if TYPE_CHECKING:
    # Who does not use asyncio does not wait until it is loaded.
    import asyncio

    Sources = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Set[Optional[int]]]

_attached: "Sources" = weakref.WeakKeyDictionary()

#: what the program itself has detached, which is not attached again unless it says so
_detached: "Sources" = weakref.WeakKeyDictionary()

_get_running: Optional[Callable[[], Optional["asyncio.AbstractEventLoop"]]] = None


def attach(loop: "asyncio.AbstractEventLoop", source: Optional[int]) -> None:
    """Has an asyncio loop drive a C loop, unless it does so already."""
    sources = _attached.setdefault(loop, set())
    if source not in sources:
        descriptor = int(lib.qnet_loop_fd(source))
        if descriptor < 0:
            raise RuntimeError("the loop has no descriptor")
        loop.add_reader(descriptor, _turn.run, lib.turn, source, 0)
        sources.add(source)
        _detached.get(loop, set()).discard(source)


def attach_running(source: Optional[int]) -> None:
    """Has the asyncio loop that runs in this thread, if there is one, drive the thread's C loop."""
    global _get_running
    if _get_running is None:
        events = sys.modules.get("asyncio.events")
        if events is None:
            return
        _get_running = getattr(events, "_get_running_loop", lambda: None)
    loop = _get_running()
    if loop is None or source in _attached.get(loop, ()) or source != _turn.here.thread.loop or process.forked:
        return
    if source not in _detached.get(loop, ()) and _turn.is_alive(source):
        attach(loop, source)


def detach(loop: "asyncio.AbstractEventLoop", source: Optional[int]) -> bool:
    """Undoes attach(); False if it was not done."""
    _detached.setdefault(loop, set()).add(source)
    return _remove(loop, source)


def _remove(loop: "asyncio.AbstractEventLoop", source: Optional[int]) -> bool:
    sources = _attached.get(loop, set())
    if source not in sources:
        return False
    sources.discard(source)
    return loop.remove_reader(int(lib.qnet_loop_fd(source)))


@_turn.at_loop_end
def _forget(source: int) -> None:
    """Called before a C loop is deleted, whose descriptor's number is another's soon."""
    for loop, sources in list(_attached.items()):
        if source in sources:
            if loop.is_closed():
                sources.discard(source)
            else:
                _remove(loop, source)
    for sources in list(_detached.values()):
        sources.discard(source)
