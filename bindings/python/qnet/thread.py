"""Threads with loops. Qt: QThread"""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import Any, Callable, Dict, Optional, Set

from . import _turn
from ._convert import integer
from ._object import QObject
from .declare import Signal
from .loop import Loop, QEventLoop
from .messages import warn

#: those that run: nothing else may refer to them
_running: Set["QThread"] = set()

#: the threads by their C loops, and those that were started otherwise
_threads: Dict[Optional[int], Callable[[], Optional["QThread"]]] = {}
_adopted: Dict[Optional[int], "QThread"] = {}
_threads_lock = threading.RLock()


class QThread(QObject):
    """A thread with a loop of its own, to which what run() makes belongs. Qt: QThread

    A subclass overrides run(), which runs the loop with exec() or uses the waitFor functions. The QThread itself belongs
    to the loop of the thread that made it; its slots are called there.
    """

    started = Signal()
    """The thread has begun. Qt: QThread::started"""
    finished = Signal()
    """run() has returned. Qt: QThread::finished"""

    _q_thread: Optional[threading.Thread] = None
    _q_inner: Optional[Loop] = None
    _q_runs = _q_was_ended = _q_interrupted = False
    _q_code = 0

    def run(self) -> None:
        """What the thread does: exec(), unless it is overridden. Qt: QThread::run()"""
        self.exec()

    def start(self, priority: Any = None) -> None:
        """Begins the thread; a second call while it runs does nothing. priority is ignored. Qt: QThread::start()"""
        self._q_check()
        if self._q_inner is not None and self._q_runs:
            return
        self._q_was_ended, self._q_interrupted, self._q_code = False, False, 0
        self._q_home()
        self._q_runs = True
        self._q_thread = threading.Thread(target=self._q_work, name=QObject.objectName(self) or None, daemon=True)
        _running.add(self)
        self._q_thread.start()

    def _q_home(self) -> Optional[int]:
        """The C loop of what is moved to the thread."""
        made = Loop() if self._q_inner is None else None
        with _threads_lock:
            if self._q_inner is None:
                assert made is not None
                self._q_inner = made
                _threads[made._q_alive()] = weakref.ref(self)
            return self._q_inner._q_alive()

    def _q_work(self) -> None:
        inner = self._q_inner
        assert inner is not None
        handle = inner._q_alive()
        try:
            with inner:
                try:
                    self.started.emit()
                    self.run()
                except SystemExit:
                    pass  # ends the thread, as it does in Python's
                except BaseException:
                    _turn.report()
                self._q_runs = False
                if QObject.isAlive(self):
                    self.finished.emit()
                with _threads_lock:
                    # What still belongs to it nobody runs any more.
                    self._q_inner = None
                    _threads.pop(handle, None)
            inner.delete()
        finally:
            _running.discard(self)

    def exec(self) -> int:
        """Runs the thread's loop until exit() or quit(); for run(). Returns the exit code. Qt: QThread::exec()"""
        inner = self._q_inner
        if inner is None or threading.current_thread() is not self._q_thread:
            warn("QThread.exec: only the thread itself can run its loop")
            return -1
        if self._q_was_ended:
            return self._q_code
        return QEventLoop().exec() if _turn.here.thread.loop == inner._q_alive() else inner.exec()

    exec_ = exec

    def exit(self, returnCode: int = 0) -> None:
        """Makes exec() return returnCode, also if it is called only after this. Qt: QThread::exit()"""
        code = integer(returnCode)
        inner = self._q_inner
        self._q_was_ended, self._q_code = True, code
        if inner is not None and self._q_runs:
            # Posted, so that a loop which is about to be run is ended too.
            inner.post(lambda: inner.exit(code))

    def quit(self) -> None:
        """exit(0). Qt: QThread::quit()"""
        QThread.exit(self)

    def wait(self, time: int = -1) -> bool:
        """Waits until the thread has ended, at most so many milliseconds; -1 is no limit. Has it? Qt: QThread::wait()"""
        thread = self._q_thread
        if thread is None:
            return True
        if thread is threading.current_thread():
            warn("QThread.wait: a thread cannot wait for itself")
            return False
        thread.join(None if time < 0 else time / 1000)
        return not thread.is_alive()

    def isRunning(self) -> bool:
        """Qt: QThread::isRunning()"""
        return self._q_runs

    def isFinished(self) -> bool:
        """Has it run, and does no longer? Qt: QThread::isFinished()"""
        return self._q_thread is not None and not self._q_runs

    def requestInterruption(self) -> None:
        """Asks run() to return, which may look at isInterruptionRequested(). Qt: QThread::requestInterruption()"""
        self._q_interrupted = True

    def isInterruptionRequested(self) -> bool:
        """Qt: QThread::isInterruptionRequested()"""
        return self._q_interrupted and QThread.isRunning(self)

    @staticmethod
    def currentThread() -> "QThread":
        """The thread that calls. Of one that was started otherwise, such as the main thread, this makes an object.
        Qt: QThread::currentThread()"""
        return of(_turn.thread_loop())

    @staticmethod
    def idealThreadCount() -> int:
        """How many processors there are. Qt: QThread::idealThreadCount()"""
        return os.cpu_count() or 1

    @staticmethod
    def yieldCurrentThread() -> None:
        """Qt: QThread::yieldCurrentThread()"""
        time.sleep(0)

    @staticmethod
    def usleep(usecs: int) -> None:
        """Qt: QThread::usleep()"""
        time.sleep(usecs / 1000000)

    @staticmethod
    def sleep(secs: int) -> None:
        """Qt: QThread::sleep()"""
        time.sleep(secs)

    @staticmethod
    def msleep(msecs: int) -> None:
        """Qt: QThread::msleep()"""
        time.sleep(msecs / 1000)


class _Adopted(QThread):
    """One that was started otherwise. It runs as long as anybody knows it."""

    _q_runs = True

    def start(self, priority: Any = None) -> None:
        """It has been."""

    def wait(self, time: int = -1) -> bool:
        """Nobody can wait for it."""
        return False

    def _q_home(self) -> Optional[int]:
        return self._q_loop


def of(loop: Optional[int]) -> QThread:
    """The thread of a C loop."""
    with _threads_lock:
        reference = _threads.get(loop)
        known = None if reference is None else reference()
        if known is None:
            outer, _turn.here.thread.loop = _turn.here.thread.loop, loop
            try:
                known = _Adopted()
            finally:
                _turn.here.thread.loop = outer
            _threads[loop] = weakref.ref(known)
            _adopted[loop] = known
        return known


@_turn.at_loop_end
def _forget(loop: int) -> None:
    with _threads_lock:
        if _adopted.pop(loop, None) is not None:
            _threads.pop(loop, None)


def move(thing: QObject, thread: QThread) -> bool:
    """QObject.moveToThread."""
    if not isinstance(thread, QThread):
        raise TypeError(f"a QThread is needed, not {type(thread).__name__}")
    thread._q_check()
    loop = thread._q_home()
    if loop == thing._q_loop:
        return True
    if QObject.parent(thing) is not None:
        warn("QObject.moveToThread: Cannot move objects with a parent")
        return False
    if not _turn.is_here(thing._q_loop):
        warn("QObject.moveToThread: Current thread is not the object's thread. Cannot move to target thread")
        return False
    return thing._q_go(loop)
