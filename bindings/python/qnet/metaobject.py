"""Calls in an object's loop. Qt: QMetaObject"""

from __future__ import annotations

import functools
from typing import Any, Callable, Union

from ._convert import integer
from ._object import QObject
from ._signal import Gate, _send
from ._turn import is_here
from .enums import ConnectionType
from .messages import warn


class QMetaObject:
    """Qt: QMetaObject, of which there is what concerns calls."""

    @staticmethod
    def invokeMethod(
        obj: QObject,
        member: Union[str, Callable[..., Any]],
        type: ConnectionType = ConnectionType.AutoConnection,
        *arguments: Any,
    ) -> Any:
        """Calls a method of obj by its name, or a function, in obj's loop: at once with DirectConnection, or with
        AutoConnection on obj's own thread; else in the loop's next turn, unless obj is deleted before. With
        BlockingQueuedConnection it returns when that is done.

        Of a method it returns whether it was, or will be, called; of a function that was called what that has returned, and
        its exception is raised. False, with a warning, on obj's own thread with BlockingQueuedConnection, which would be a
        dead lock. Qt: QMetaObject::invokeMethod()
        """
        obj._q_check()
        named = isinstance(member, str)
        function = getattr(obj, member) if isinstance(member, str) else member
        if not callable(function):
            raise TypeError(f"a function is needed, not {function.__class__.__name__}")
        kind, loop = integer(type), obj._q_loop
        call = functools.partial(function, *arguments)
        if kind == ConnectionType.DirectConnection or kind == ConnectionType.AutoConnection and is_here(loop):
            result = call()
            return True if named else result
        if kind != ConnectionType.BlockingQueuedConnection:
            return _send(obj, functools.partial(_if_alive, obj, call), loop)
        if is_here(loop):
            warn("QMetaObject.invokeMethod: dead lock detected: the object of a blocking call belongs to this thread")
            return False
        outcome: Any = []
        gate = Gate(functools.partial(_keep, outcome, obj, call))
        if not _send(obj, gate, loop):
            return False
        gate.wait()
        if not outcome:
            return False
        result, error = outcome
        if error is not None:
            raise error
        return True if named else result


def _if_alive(obj: QObject, call: Callable[[], Any]) -> None:
    if QObject.isAlive(obj):
        call()


def _keep(outcome: Any, obj: QObject, call: Callable[[], Any]) -> None:
    if QObject.isAlive(obj):
        try:
            outcome.extend((call(), None))
        except BaseException as error:
            outcome[:] = None, error
