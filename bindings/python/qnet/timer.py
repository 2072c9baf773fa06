"""Timers. Qt: QTimer"""

from __future__ import annotations

import itertools
from typing import Any, Callable, Optional

from . import _api, _turn
from ._convert import integer
from ._library import lib
from ._object import QObject
from ._signal import Signal
from .enums import TimerType, member

_numbers = itertools.count(1)


class QTimer(QObject):
    """A timer. Times are in milliseconds; it never fires early. Qt: QTimer"""

    timeout = Signal("qnet_timer_on_timeout", _api.qnet_timer_callback, after="_q_after_timeout")
    """The time is over. Qt: QTimer::timeout"""

    _q_new = lib.qnet_timer_new
    _q_delete = lib.qnet_timer_delete
    _q_move_to_loop = lib.qnet_timer_move_to_loop

    _q_interval = 0
    _q_single_shot = False
    _q_number = 0
    _q_type = TimerType.CoarseTimer

    def __init__(
        self,
        parent: Optional[QObject] = None,
        *,
        singleShot: Optional[bool] = None,
        interval: Optional[int] = None,
        **keywords: Any,
    ) -> None:
        super().__init__(parent, **keywords)
        if singleShot is not None:
            QTimer.setSingleShot(self, singleShot)
        if interval is not None:
            QTimer.setInterval(self, interval)

    def _q_describe(self) -> str:
        return f" {self._q_interval} ms{', active' if QTimer.isActive(self) else ''}"

    def _q_active(self) -> bool:
        return bool(lib.qnet_timer_is_active(self._q_handle))

    def _q_after_timeout(self) -> None:
        if self._q_single_shot and QObject.isAlive(self) and not self._q_active():
            self._q_release()

    def start(self, msec: Optional[int] = None, /) -> None:
        """Starts the timer, or starts it anew, with the interval that was set or another.

        Without singleShot it fires again and again; 0 fires in every turn of the loop. Qt: QTimer::start()
        """
        if msec is None:
            lib.qnet_timer_start(self._q_handle, -1)
        elif integer(msec) < 0:
            QTimer.setInterval(self, msec)  # is refused
        else:
            lib.qnet_timer_start(self._q_handle, integer(msec))
            self._q_interval = integer(msec)
        self._q_number = next(_numbers)
        self._q_hold()

    def stop(self) -> None:
        """Qt: QTimer::stop()"""
        lib.qnet_timer_stop(self._q_handle)
        self._q_release()

    def isActive(self) -> bool:
        """Is it running? Qt: QTimer::isActive()"""
        return bool(lib.qnet_timer_is_active(self._q_handle))

    def timerId(self) -> int:
        """A number of the timer while it runs, another after each start(); else -1. Qt: QTimer::timerId()"""
        return self._q_number if QTimer.isActive(self) else -1

    id = timerId

    def timerType(self) -> TimerType:
        """What setTimerType() was given; CoarseTimer at first. Qt: QTimer::timerType()"""
        self._q_check()
        return self._q_type

    def setTimerType(self, atype: TimerType, /) -> None:
        """Is kept, and changes nothing: timers are exact. Qt: QTimer::setTimerType()"""
        self._q_check()
        self._q_type = member(TimerType, integer(atype))

    def interval(self) -> int:
        """Qt: QTimer::interval()"""
        self._q_check()
        return self._q_interval

    def remainingTime(self) -> int:
        """In how many milliseconds it fires; -1 if it is not running. Qt: QTimer::remainingTime()"""
        return int(lib.qnet_timer_remaining_time(self._q_handle))

    def setInterval(self, msec: int, /) -> None:
        """A running timer starts anew with it. A negative value is refused with a warning. Qt: QTimer::setInterval()"""
        lib.qnet_timer_set_interval(self._q_handle, integer(msec))
        if msec >= 0:
            self._q_interval = integer(msec)

    def isSingleShot(self) -> bool:
        """Qt: QTimer::isSingleShot()"""
        self._q_check()
        return self._q_single_shot

    def setSingleShot(self, singleShot: bool, /) -> None:
        """Makes it fire once for each start. Qt: QTimer::setSingleShot()"""
        lib.qnet_timer_set_single_shot(self._q_handle, bool(singleShot))
        self._q_single_shot = bool(singleShot)

    @staticmethod
    def singleShot(msec: int, *arguments: Any) -> None:
        """singleShot(msec, function) calls function once, after msec milliseconds; singleShot(msec, context, function)
        does not if context, a QObject, is gone by then. Qt: QTimer::singleShot()"""
        context: Optional[QObject] = None
        if len(arguments) == 2:
            context, function = arguments
            if not isinstance(context, QObject):
                raise TypeError(f"a QObject is needed, not {type(context).__name__}")
        elif len(arguments) == 1:
            (function,) = arguments
            receiver = getattr(function, "__self__", None)
            if isinstance(receiver, QObject):
                context = receiver
        else:
            raise TypeError("singleShot() takes a time, perhaps a context, and a function")
        if not callable(function):
            raise TypeError(f"a function is needed, not {type(function).__name__}")
        time, loop = integer(msec), _turn.thread_loop()
        number = _turn.remember(function, loop) if context is None else _remember_with(context, function, loop)
        if not lib.qnet_timer_single_shot(loop, time, _turn.posted, number):
            _turn.forget(number)


def _remember_with(context: QObject, function: Callable[[], Any], loop: Optional[int]) -> int:
    """The same for a function that is forgotten when context is gone."""

    def call() -> None:
        QObject.disconnect(gone)
        if gone.sender_is_alive():
            function()

    number = _turn.remember(call, loop)
    try:
        gone = context.destroyed.connect(lambda: _turn.forget(number))
    except RuntimeError:  # another thread has deleted it
        _turn.forget(number)
        raise
    return number
