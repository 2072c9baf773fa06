"""Event loops. Qt: QEventLoop

Every object belongs to a loop of the library, that of the thread which makes it: the default loop on the main thread, a
loop of the thread's own, made when it is needed, on another one. It ends with the thread. Inside `with Loop():`, that is
the thread's loop. A QEventLoop is one execution of its thread's loop, as in Qt.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set

from . import _interrupt, _turn, enums
from ._convert import integer
from ._library import lib, process
from ._made import Made, Single
from ._object import QObject
from .enums import short_names
from .messages import warn

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

# C loop -> the executions under way, the innermost last. All of them are on one thread.
_running: Dict[Optional[int], List["QEventLoop"]] = {}

# C loops of which every execution is to end
_ending: Set[Optional[int]] = set()

# A turn may have nothing to do although the descriptor was readable; so many in succession mean that the library
# refuses, because a thread that is not Python's runs the loop.
_REFUSALS = 1000


def _turn_once(loop: Optional[int], msec: int) -> bool:
    """One turn of a C loop, waiting up to msec milliseconds (-1: without limit) for something to do."""
    thread = _turn.here.thread
    outer, thread.running = thread.running, loop
    try:
        return _turn_once_here(loop, msec)
    finally:
        thread.running = outer


def _turn_once_here(loop: Optional[int], msec: int) -> bool:
    did = bool(_turn.run(lib.turn, loop, 0))
    if did or not msec or process.forked:
        return did
    # To wait here and not in C is what lets signals' handlers run.
    deadline = time.monotonic() + msec / 1000
    left: Optional[float] = msec
    with _interrupt.Sleep(loop) as sleep:
        while left is not None and sleep.poll(left) != sleep.work:
            sleep.signalled()
            if msec > 0:
                left = max(0, (deadline - time.monotonic()) * 1000)
                if not left:
                    break
    return bool(_turn.run(lib.turn, loop, 0))


def process_events(loop: Optional[int], flags: enums.ProcessEventsFlag, maxtime: Optional[int]) -> bool:
    wait = bool(flags & enums.ProcessEventsFlag.WaitForMoreEvents)
    if maxtime is None:
        return _turn_once(loop, -1 if wait else 0)
    end = time.monotonic() + integer(maxtime) / 1000
    did = _turn_once(loop, max(0, maxtime) if wait else 0)
    while did and time.monotonic() < end:
        if not _turn_once(loop, 0):
            break
    return did


@short_names(enums.ProcessEventsFlag)
class QEventLoop(QObject):
    """One execution of the thread's loop; another may run inside it. Qt: QEventLoop"""

    ProcessEventsFlag: TypeAlias = enums.ProcessEventsFlag

    _q_code: Optional[int] = None
    _q_thread = 0  # that runs it

    def exec(self, flags: enums.ProcessEventsFlag = enums.ProcessEventsFlag.AllEvents) -> int:
        """Runs the loop until exit() or quit(), and returns the exit code; -1 at once if it cannot be run.

        Ctrl-C ends it as KeyboardInterrupt, and so do KeyboardInterrupt and SystemExit in a slot.
        Qt: QEventLoop::exec()
        """
        self._q_check()
        if process.forked:
            return int(lib.qnet_loop_exec(self._q_loop))  # refuses
        running = _running.setdefault(self._q_loop, [])
        thread = threading.get_ident()
        if self in running:
            warn("QEventLoop.exec: the loop is running already")
            return -1
        if running and running[-1]._q_thread != thread:
            warn("QEventLoop.exec: the loop is running on another thread")
            return -1
        if self._q_loop in _ending:
            return -1
        self._q_thread, self._q_code = thread, None
        running.append(self)
        # What its slots make belongs to it.
        outer, _turn.here.thread.loop = _turn.here.thread.loop, self._q_loop
        try:
            self._q_turn_until_exit()
        finally:
            _turn.here.thread.loop = outer
            running.remove(self)
            if not running:
                _ending.discard(self._q_loop)
                _running.pop(self._q_loop, None)
            code, self._q_code, self._q_thread = self._q_code, None, 0
        return -1 if code is None else code

    exec_ = exec

    def _q_turn_until_exit(self) -> None:
        loop, refused, turn = self._q_loop, 0, lib.turn
        if _turn.here.thread.turns:
            # In a callback the descriptor tells everything only after a turn.
            _turn.run(turn, loop, 0)
        with _interrupt.Sleep(loop) as sleep:
            while self._q_code is None and refused < _REFUSALS:
                if sleep.poll() != sleep.work:
                    sleep.signalled()
                did = _turn.run(turn, loop, 0)
                refused = 0 if did else refused + 1

    def exit(self, returnCode: int = 0) -> None:
        """Makes exec() return returnCode, once loops inside it have ended. Qt: QEventLoop::exit()"""
        thread = self._q_thread
        if thread:
            self._q_code = integer(returnCode)
            _turn.interrupt(self._q_loop)  # nothing else is to happen before exec() returns

    def quit(self) -> None:
        """exit(0). Qt: QEventLoop::quit()"""
        QEventLoop.exit(self)

    def isRunning(self) -> bool:
        """Qt: QEventLoop::isRunning()"""
        return bool(self._q_thread) and self._q_code is None

    def processEvents(
        self, flags: enums.ProcessEventsFlag = enums.ProcessEventsFlag.AllEvents, maximumTime: Optional[int] = None, /
    ) -> Optional[bool]:
        """One turn of the loop; with WaitForMoreEvents it waits for something to do. Was anything done? With a time
        in milliseconds: turns until there is nothing more to do or the time is over. Qt: QEventLoop::processEvents()"""
        self._q_check()
        did = process_events(self._q_loop, flags, maximumTime)
        return did if maximumTime is None else None

    def wakeUp(self) -> None:
        """Qt: QEventLoop::wakeUp()"""
        _turn.wake(self._q_loop)


def execute(loop: Optional[int]) -> int:
    """Runs a C loop, whatever the thread's is."""
    outer, _turn.here.thread.loop = _turn.here.thread.loop, loop
    try:
        return QEventLoop().exec()
    finally:
        _turn.here.thread.loop = outer


def exit_all(loop: Optional[int], code: int) -> None:
    running = _running.get(loop)
    if running:
        # No other is begun until all have ended.
        _ending.add(loop)
        for one in list(running):
            QEventLoop.exit(one, code)
    # For a host that runs the loop itself
    if code == 0:
        lib.qnet_loop_quit(loop)
    else:
        lib.qnet_loop_exit(loop, code)


class Loop(Made, Single):
    """A loop of one's own, which others can post to and end: inside `with Loop() as loop:` it is the thread's loop, and
    the thread's new objects belong to it.

    Qt: the event loop of a QThread. RuntimeError if the process has no descriptors left (a loop takes three).
    """

    _q_is_default = False
    _q_by_init = ("_q_handle", "_q_outer")

    def __init__(self) -> None:
        self._q_make("_q_handle")
        self._q_tie(_turn.new_loop())

    def _q_tie(self, handle: Optional[int]) -> None:
        self._q_handle = handle
        self._q_outer: List[Optional[int]] = []

    @classmethod
    def default(cls) -> "Loop":
        """The default loop, which is the main thread's: for programs that drive it from a loop of
        another kind, by fd() and processEvents(). It cannot be deleted."""
        handle = lib.qnet_loop_default()
        if not handle:
            raise RuntimeError("the default loop could not be made")
        loop = cls.__new__(cls)
        loop._q_tie(handle)
        loop._q_is_default = True
        return loop

    def __repr__(self) -> str:
        what = " (default)" if self._q_is_default else " (deleted)" if self.__dict__.get("_q_handle", 0) is None else ""
        return f"<qnet.Loop{what}>"

    def __enter__(self) -> "Loop":
        self._q_outer.append(_turn.here.thread.loop)
        _turn.here.thread.loop = self._q_alive()
        return self

    def __exit__(self, *_: Any) -> None:
        _turn.here.thread.loop = self._q_outer.pop()

    def _q_alive(self) -> Optional[int]:
        """What C calls it."""
        if self._q_handle is None:
            raise RuntimeError("this Loop has been deleted")
        return None if self._q_is_default else self._q_handle

    def exec(self) -> int:
        """Runs the loop on the calling thread until exit() or quit(), and returns the exit code. Qt: QThread::exec()"""
        return execute(self._q_alive())

    def exit(self, code: int = 0) -> None:
        """Makes exec() return code; from any thread. Qt: QThread::exit()"""
        exit_all(self._q_alive(), integer(code))

    def quit(self) -> None:
        """exit(0). Qt: QThread::quit()"""
        Loop.exit(self)

    def processEvents(self, msec: int = 0) -> bool:
        """One turn, waiting up to msec milliseconds (-1: without limit) for something to do. Was anything done?"""
        return _turn_once(self._q_alive(), integer(msec))

    def interrupt(self) -> None:
        """Ends the turn that is under way as soon as the slot that it is in has returned; what is left is for the next
        one. From any thread. Qt: QAbstractEventDispatcher::interrupt()"""
        lib.qnet_loop_interrupt(self._q_alive())

    def post(self, function: Callable[[], Any]) -> bool:
        """Has function called in the loop's next turn, on the thread that runs it; from any thread."""
        return _turn.post(function, self._q_alive())

    def fd(self) -> int:
        """A descriptor that is readable whenever the loop has work: call processEvents() then.

        It belongs to the loop.
        """
        return int(lib.qnet_loop_fd(self._q_alive()))

    def delete(self) -> None:
        """Deletes the loop, after the calls that were posted to it. Its objects live on, but nothing runs them. The
        functions of look-ups that are under way are not called.
        RuntimeError for the default loop."""
        if self._q_is_default:
            raise RuntimeError("the default loop cannot be deleted")
        handle, self._q_handle = self._q_handle, None
        if handle is not None:
            _turn.delete_loop(handle)

    def __del__(self, process: Any = process) -> None:
        if not (process.ending or process.forked or self._q_is_default) and self.__dict__.get("_q_handle") is not None:
            Loop.delete(self)


@_turn.at_loop_end
def _exit_deleted(loop: int) -> None:
    for one in list(_running.get(loop, ())):
        QEventLoop.exit(one, -1)


def post(function: Callable[[], Any]) -> bool:
    """Has function called in the next turn of the loop that the thread runs or is inside of, else of the default loop:
    a thread without one so reaches the main thread. Calls are made in the order in which they were posted.

    Qt: QMetaObject::invokeMethod(QueuedConnection)
    """
    thread = _turn.here.thread
    loop = thread.loop
    if loop == _turn.NO_LOOP or (thread.own is not None and loop == thread.own.handle and loop not in _running):
        loop = None
    return _turn.post(function, loop)


def loop_handle(loop: Optional[Loop]) -> Optional[int]:
    """What C calls a loop; None stands for the thread's."""
    return _turn.thread_loop() if loop is None else loop._q_alive()
