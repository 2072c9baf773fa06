"""Signals: `socket.readyRead.connect(function)`.

C knows one callback per signal of a class and one registration per signal that an object uses, made at the first
connect. Neither refers to a Python object: the callback finds the object by its handle. The functions that are
connected are kept by the Python object alone, so that all of it can be collected when nobody needs it any more.
"""

from __future__ import annotations

import functools
import inspect
import os
import threading
import types
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple, Union, overload

from ._from_c import called_from_c, unchecked
from ._library import lib
from ._made import Single
from ._turn import call, caught, here, post, report

if TYPE_CHECKING:
    from ._object import QObject

#: handle -> what gives the Python object, or None
references: Dict[int, Callable[[], Optional["QObject"]]] = {}


# Guards changes of connections; an emission works on the tuple that it found. Re-entrant, because to collect garbage
# may run anything.
_changes = threading.RLock()


def _after_fork() -> None:
    global _changes
    _changes = threading.RLock()  # another thread may have held it


os.register_at_fork(after_in_child=_after_fork)


def find(handle: Optional[int]) -> Any:
    """The Python object of a handle, if there is one."""
    reference = references.get(handle or 0)
    return None if reference is None else reference()


def arity(function: Any) -> Optional[int]:
    """How many positional arguments function takes; None if any number, or if it does not say."""
    bound = 1 if isinstance(function, types.MethodType) else 0
    code = getattr(function, "__code__", None)  # a method has its function's
    if code is not None:
        return None if code.co_flags & inspect.CO_VARARGS else max(0, code.co_argcount - bound)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def _gone(*_: Any) -> None:
    """What a slot calls that is no longer connected."""


class Slot:
    """One connected function."""

    __slots__ = ("call", "own", "receiver", "wants", "live", "bare", "count")

    def __init__(self, sender: "QObject", function: Callable[..., Any], optional: bool) -> None:
        from ._object import QObject

        count = self.count = arity(function)
        # A function that takes fewer arguments than the signal has gets as many as it takes.
        self.wants = (count is None and not optional) or bool(count)
        self.own = isinstance(function, types.MethodType) and function.__self__ is sender
        # A method of the sender itself is kept without the sender: no cycle of references.
        self.call: Callable[..., Any] = function.__func__ if self.own else function  # type: ignore[attr-defined]
        receiver = getattr(function, "__self__", None)
        self.receiver = receiver if isinstance(receiver, QObject) and not self.own else None
        self.live = True
        # Nothing to look at before the call. A slot that is disconnected is no longer among its signal's.
        self.bare = not self.own and self.receiver is None

    def end(self) -> None:
        """It is no longer connected. Who keeps it, as a Connection does, does not keep the function."""
        self.live = False
        self.call, self.receiver = _gone, None

    def is_for(self, sender: "QObject", function: Any) -> bool:
        if self.own:
            own = isinstance(function, types.MethodType) and function.__self__ is sender
            return own and function.__func__ is self.call
        return bool(self.call == function)


@unchecked
def emit(sender: "QObject", slots: Tuple[Slot, ...], arguments: Tuple[Any, ...] = (), at: int = 0) -> None:
    """Calls slots in their order. Those that are disconnected meanwhile, or whose receiver is deleted, are left out;
    their exceptions go to sys.excepthook."""
    while True:
        try:
            while at < len(slots):
                slot = slots[at]
                at += 1
                receiver = slot.receiver
                if not slot.live or (receiver is not None and receiver._dying):
                    continue
                if slot.own:
                    slot.call(sender, *(arguments if slot.wants else ()))
                else:
                    slot.call(*(arguments if slot.wants else ()))
            return
        except BaseException:
            report()


class Connection(Single):
    """What connect() returns. True as long as it is connected. Qt: QMetaObject::Connection"""

    __slots__ = ("_sender", "_name", "_slot")

    def __init__(self, sender: "QObject", name: str, slot: Slot) -> None:
        self._sender = weakref.ref(sender)
        self._name = name
        self._slot = slot

    def __bool__(self) -> bool:
        return self._slot.live and self._sender() is not None

    def __copy__(self) -> "Connection":
        return self

    def sender_is_alive(self) -> bool:
        """Can the object whose signal it is still be used?"""
        sender = self._sender()
        return sender is not None and sender.isAlive()


class Signal:
    """A signal of a class; on an object it is a SignalInstance.

    `register` is the C function that registers a callback, of the ctypes type `callback`; without it the class emits
    the signal itself. `convert` makes the signal's argument from the C callback's, or a tuple of the signal's from more
    than one. `after` is the name of a method that is called after the slots, with the C callback's argument if it has
    one; with the signal's if it has two and there were any slots. The argument of an `optional` signal
    goes only to functions with a parameter for it.
    """

    def __init__(
        self,
        register: Optional[str] = None,
        callback: Any = None,
        convert: Optional[Callable[..., Any]] = None,
        after: Optional[str] = None,
        optional: bool = False,
    ) -> None:
        self.register = getattr(lib, register) if register else None
        self.callback = callback
        self.convert = convert
        self.after = after
        self.optional = optional
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        if self.register is not None:
            make = _MAKERS[len(self.callback._argtypes_) - 2]
            self.thunk = called_from_c(self.callback)(make(name, self.convert, self.after))

    @overload
    def __get__(self, sender: None, owner: Any = None) -> "Signal": ...

    @overload
    def __get__(self, sender: "QObject", owner: Any = None) -> "SignalInstance": ...

    def __get__(self, sender: Optional["QObject"], owner: Any = None) -> "Union[Signal, SignalInstance]":
        return self if sender is None else SignalInstance(sender, self)


def _without_argument(name: str, _convert: Any, after: Optional[str]) -> Callable[..., None]:
    """What C calls for a signal without arguments."""

    get = references.get

    def thunk(handle: Optional[int], _data: Optional[int], called: bool = False) -> None:
        try:
            reference = get(handle)  # type: ignore[arg-type]
            sender = None if reference is None else reference()
            if sender is not None:
                slots = sender._slots.get(name)
                called = True
                if slots is not None:
                    if len(slots) == 1 and after is None:
                        one = slots[0]
                        if one.bare:
                            one.call()
                        else:
                            emit(sender, slots)
                    else:
                        emit(sender, slots)
                if after is not None:
                    _call_after(sender, after)
        except BaseException:
            caught(called, thunk, handle, None)

    return thunk


def _with_argument(name: str, convert: Optional[Callable[[Any], Any]], after: Optional[str]) -> Callable[..., None]:
    """What C calls for a signal with an argument."""

    def thunk(handle: Optional[int], value: Any, _data: Optional[int], called: bool = False) -> None:
        try:
            sender = find(handle)
            if sender is not None:
                slots = sender._slots.get(name)
                arguments = () if slots is None else (value if convert is None else convert(value),)
                called = True
                if slots is not None:
                    emit(sender, slots, arguments)
                if after is not None:
                    _call_after(sender, after, value)
        except BaseException:
            caught(called, thunk, handle, value, None)

    return thunk


def _with_two_arguments(name: str, convert: Any, after: Optional[str]) -> Callable[..., None]:
    """What C calls for a signal with two arguments."""

    def thunk(handle: Optional[int], first: Any, second: Any, _data: Optional[int], called: bool = False) -> None:
        try:
            sender = find(handle)
            slots = None if sender is None else sender._slots.get(name)
            if slots is not None:
                arguments = convert(first, second)
                called = True
                emit(sender, slots, arguments)
                if after is not None:
                    _call_after(sender, after, *arguments)
        except BaseException:
            caught(called, thunk, handle, first, second, None)

    return thunk


def _with_three_arguments(name: str, convert: Any, _after: Optional[str]) -> Callable[..., None]:
    """What C calls for a signal with three arguments."""

    def thunk(
        handle: Optional[int], first: Any, second: Any, third: Any, _data: Optional[int], called: bool = False
    ) -> None:
        try:
            sender = find(handle)
            slots = None if sender is None else sender._slots.get(name)
            if slots is not None:
                arguments = convert(first, second, third)
                called = True
                emit(sender, slots, arguments)
        except BaseException:
            caught(called, thunk, handle, first, second, third, None)

    return thunk


#: by the number of the C callback's arguments
_MAKERS = (_without_argument, _with_argument, _with_two_arguments, _with_three_arguments)


@unchecked
def _call_after(sender: "QObject", after: str, *arguments: Any) -> None:
    """Calls a class's own function after the slots; again, if a signal's handler has cut it off."""
    try:
        getattr(sender, after)(*arguments)
    except BaseException:
        report()
        getattr(sender, after)(*arguments)


class SignalInstance(Single):
    """A signal of an object. Qt: a signal, as in PySide's SignalInstance"""

    __slots__ = ("_sender", "_signal")

    def __init__(self, sender: "QObject", signal: Signal) -> None:
        self._sender = sender
        self._signal = signal

    def __repr__(self) -> str:
        return f"<signal {self._signal.name} of {self._sender!r}>"

    def emit(self, *arguments: Any) -> None:
        """Emits the signal: calls the functions that are connected, each with as many arguments as it takes.

        Those of an object whose loop another thread runs are called by that loop: of the receiver for a method of a
        QObject, else of the sender. Qt: to call the signal; PySide: SignalInstance.emit()
        """
        self._sender._check()
        call(self._emit, arguments)

    def _emit(self, arguments: Tuple[Any, ...]) -> None:
        sender = self._sender
        for slot in sender._slots.get(self._signal.name, ()):
            some = (slot,)
            loop = (slot.receiver or sender)._loop
            fewer = arguments if slot.count is None else arguments[: slot.count]
            if loop == here.thread.loop or not post(functools.partial(emit, sender, some, fewer), loop):
                emit(sender, some, fewer)

    def connect(self, slot: Callable[..., Any]) -> Connection:
        """Has slot called at each emission, after those that were connected before; connecting it twice calls it twice.

        The object keeps slot, and what slot refers to. RuntimeError if the object has been deleted.
        Qt: QObject::connect()
        """
        if not callable(slot):
            raise TypeError(f"a function is needed, not {type(slot).__name__}")
        sender, signal = self._sender, self._signal
        sender._check()
        one = Slot(sender, slot, signal.optional)
        with _changes:
            slots = sender._slots
            slots[signal.name] = slots.get(signal.name, ()) + (one,)
            sender._listen(signal)
        sender._hold()
        return Connection(sender, signal.name, one)

    def disconnect(self, slot: Any = None) -> bool:
        """Removes a function, a Connection, or, without an argument, all of this signal.

        Of a function that is connected several times the first connection goes. False, with a RuntimeWarning, if there
        was nothing to remove. Qt: QObject::disconnect()
        """
        sender, signal = self._sender, self._signal
        with _changes:
            gone = []
            for one in sender._slots.get(signal.name, ()):
                if slot is None or one is getattr(slot, "_slot", None) or one.is_for(sender, slot):
                    gone.append(one)
                    if slot is not None:
                        break
            remove(sender, signal.name, gone)
        if not gone:
            warnings.warn(f"{slot!r} is not connected to {self!r}", RuntimeWarning, stacklevel=2)
        return bool(gone)


def remove(sender: "QObject", name: str, gone: Any) -> None:
    """Disconnects slots of a signal."""
    with _changes:
        for one in gone:
            one.end()
        left = tuple(one for one in sender._slots.get(name, ()) if one.live)
        if left:
            sender._slots[name] = left
        else:
            sender._slots.pop(name, None)
            sender._ignore(getattr(type(sender), name))
