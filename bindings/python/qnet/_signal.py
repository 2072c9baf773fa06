"""Signals: `socket.readyRead.connect(function)`.

C knows one callback per signal of a class and one registration per signal that an object uses, made at the first
connect. Neither refers to a Python object: the callback finds the object by its handle. The functions that are
connected are kept by the Python object alone, so that all of it can be collected when nobody needs it any more.
"""

from __future__ import annotations

import ctypes
import functools
import inspect
import os
import sys
import threading
import types
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple, Union, overload

from ._convert import integer
from ._docs import below
from ._extension import fast
from ._from_c import address_of, unchecked
from ._library import lib, quick
from ._made import Single
from ._turn import call, caught, is_here, post, report
from .bytearray import EMPTY, Bytes
from .enums import ConnectionType

if TYPE_CHECKING:
    from ._object import QObject

#: handle -> what gives the Python object, or None
references: Dict[int, Callable[[], Optional["QObject"]]] = {}

if fast is not None:
    #: what C calls for signals without arguments
    emitted = fast.begin(
        references, weakref.ref, report, Bytes, EMPTY,
        *(ctypes.cast(function, ctypes.c_void_p).value for function in (lib.qnet_socket_read, lib.qnet_socket_read_all, lib.qnet_socket_write)),
    )

def without_argument(callback: Any, thunk: Callable[..., None], name: Optional[str]) -> Tuple[int, Optional[int]]:
    """What is registered with the library to have it call thunk for a signal without arguments, of the ctypes type callback: a
    function of C, and what that is given. With a name, there may be no more to do than to call that signal's slots."""
    if fast is None:
        return address_of(callback, thunk), None
    return emitted, fast.signal(name if name is None else sys.intern(name), unchecked(thunk))


# Numbers: to combine enumerators takes long, and there are many connections.
_AUTO = ConnectionType.AutoConnection
_DIRECT = int(ConnectionType.DirectConnection)
_BLOCKING = int(ConnectionType.BlockingQueuedConnection)
_WAYS = int(ConnectionType.BlockingQueuedConnection)
_UNIQUE = int(ConnectionType.UniqueConnection)
_ONCE = int(ConnectionType.SingleShotConnection)

_ANY_NUMBER = inspect.CO_VARARGS

#: QObject, once there is that class
receivers: Any = ()

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
    code = getattr(function, "__code__", None)  # a method has its function's
    if code is not None:
        if code.co_flags & _ANY_NUMBER:
            return None
        count: int = code.co_argcount
        return count - 1 if count and isinstance(function, types.MethodType) else count
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

    __slots__ = ("function", "call", "own", "receiver", "count", "live", "bare", "way", "once")

    def __init__(self, sender: "QObject", function: Any, optional: bool, kind: int = 0) -> None:
        #: what disconnect() finds it by
        self.function = function
        self.call: Callable[..., Any] = function
        self.own = False
        self.receiver: Optional["QObject"] = None
        self.live = True
        #: how it is called
        self.way = kind & _WAYS
        #: whether the first call is the last
        self.once = bool(kind & _ONCE)
        # Nothing to look at before the call. A slot that is disconnected is no longer among its signal's.
        self.bare = not kind or (not self.once and self.way == _DIRECT)
        #: how many arguments it takes: of a signal's it gets the first ones; None: all. What an optional signal tells goes
        #: only to those that have a parameter for it.
        self.count: Optional[int]
        if type(function) is types.FunctionType:
            self.count = arity(function)
        elif isinstance(function, SignalInstance):
            self.count, self.call = function._least(), function.emit
            self._is_of(function._sender)
        else:
            self.count = arity(function)
            if isinstance(function, types.MethodType) and function.__self__ is sender:
                # A method of the sender itself is kept without the sender: no cycle of references.
                self.own, self.function = True, function.__func__
                self.call = self.function
                # Such a function of the package does not ask who has emitted the signal.
                self.bare = self.bare and (getattr(self.function, "__module__", None) or "").startswith("qnet.")
            else:
                self._is_of(getattr(function, "__self__", None))
        if optional and self.count is None:
            self.count = 0

    def _is_of(self, receiver: Any) -> None:
        if isinstance(receiver, receivers):
            self.receiver, self.bare = receiver, False

    def end(self) -> None:
        """It is no longer connected. Who keeps it, as a Connection does, does not keep the function."""
        self.live = False
        self.function = self.call = _gone
        self.receiver = None

    def is_for(self, sender: "QObject", function: Any) -> bool:
        if self.own:
            own = isinstance(function, types.MethodType) and function.__self__ is sender
            return own and function.__func__ is self.function
        return bool(self.function == function)

    def queue(self, sender: "QObject", arguments: Tuple[Any, ...], loop: Optional[int]) -> bool:
        """Has it called in the next turn of a C loop, also if it is disconnected meanwhile, but not if its receiver is deleted.
        False if there is no such loop."""
        deliver = functools.partial(
            _deliver, weakref.ref(sender), self.call, self.own, self.receiver, arguments[: self.count]
        )
        return _send(self.receiver or sender, deliver, loop)

    def block(self, sender: "QObject", arguments: Tuple[Any, ...], loop: Optional[int]) -> bool:
        """The same, and waits for it. A slot of this thread would never be called, which is a warning."""
        if is_here(loop):
            from .messages import warn

            warn("QObject: dead lock detected while activating a BlockingQueuedConnection: the receiver belongs to this thread")
            return True
        gate = Gate(functools.partial(_deliver, weakref.ref(sender), self.call, self.own, self.receiver, arguments[: self.count]))
        if not _send(self.receiver or sender, gate, loop):
            return False
        gate.wait()
        return True

    def loop(self, sender: "QObject") -> Optional[int]:
        """The C loop of the object that it belongs to."""
        return (self.receiver or sender)._q_loop


class Gate:
    """A call that another thread makes, and that is waited for."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._done = threading.Event()
        self.result: Any = None
        self.called = False

    def __call__(self) -> None:
        try:
            self.called = True
            self.result = self._function()
        finally:
            self._done.set()

    def wait(self) -> None:
        self._done.wait()


def _send(thing: "QObject", call: Callable[[], Any], loop: Optional[int]) -> bool:
    """Has a C loop make a call for an object; if that has gone to another loop by then, that one. False if there is no such
    loop."""
    reference = weakref.ref(thing)

    def arrive() -> None:
        thing = reference()
        now = loop if thing is None else thing.__dict__.get("_q_loop", loop)
        if thing is None or now == loop or not _send(thing, call, now):
            call()

    return post(arrive, loop)


def _deliver(
    reference: "weakref.ref[QObject]",
    call: Callable[..., Any],
    own: bool,
    receiver: Optional["QObject"],
    arguments: Tuple[Any, ...],
) -> None:
    """Makes a call that was queued."""
    sender = reference()
    if own:
        if sender is not None and not sender._q_dying:
            call(sender, *arguments)
    elif receiver is None or not receiver._q_dying:
        call(*arguments)


@unchecked
def emit(
    sender: "QObject", slots: Tuple[Slot, ...], arguments: Tuple[Any, ...] = (), at: int = 0, on_own_thread: bool = False
) -> None:
    """Calls slots in their order, those of other loops than the sender's through these unless they are of this thread. Those
    that are disconnected meanwhile, or whose receiver is deleted, are left out; their exceptions go to sys.excepthook."""
    while True:
        try:
            while at < len(slots):
                slot, after = slots[at], at + 1
                receiver, call = slot.receiver, slot.call
                if not slot.live or (receiver is not None and receiver._q_dying):
                    at = after
                    continue
                if slot.way != _DIRECT and (slot.way or not on_own_thread and receiver is not None and receiver._q_loop != sender._q_loop):
                    at = after
                    if _elsewhere(sender, slot, arguments):
                        continue
                if slot.once and not _end(sender, slot):
                    at = after
                    continue
                given = arguments[: slot.count]
                at = after  # only now: who is interrupted before the call looks at the slot again
                if slot.own:
                    call(sender, *given)
                else:
                    call(*given)
            return
        except BaseException:
            report()


def _elsewhere(sender: "QObject", slot: Slot, arguments: Tuple[Any, ...]) -> bool:
    """Has a slot called by the loop that it belongs to; False if that is gone."""
    loop = slot.loop(sender)
    send = slot.block if slot.way == _BLOCKING else slot.queue
    if not send(sender, arguments, loop):
        return False
    if slot.once:
        _end(sender, slot)
    return True


def _end(sender: "QObject", slot: Slot) -> bool:
    """Disconnects a slot; False if another thread was first."""
    with _changes:
        if not slot.live:
            return False
        for name, slots in sender._q_all_slots().items():
            if slot in slots:
                remove(sender, name, [slot])
                return True
    return False


#: where a slot's sender can be seen
_CALLERS = {emit.__code__, _deliver.__code__}


def sender_of(receiver: "QObject") -> Optional["QObject"]:
    """The object whose signal the innermost running slot of receiver was called for."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code in _CALLERS:
            its = frame.f_locals
            own = its["own"] if "own" in its else its["slot"].own
            if its["sender"] is receiver if own else its["receiver"] is receiver:
                sender: Optional["QObject"] = its["sender"]
                return sender
        frame = frame.f_back
    return None


class Connection(Single):
    """What connect() returns. True as long as it is connected. Qt: QMetaObject::Connection"""

    __slots__ = ("_sender", "_q_name", "_slot")

    def __init__(self, sender: "QObject", name: str, slot: Slot) -> None:
        self._sender = weakref.ref(sender)
        self._q_name = name
        self._slot = slot

    def __bool__(self) -> bool:
        return self._slot.live and self._sender() is not None

    def __copy__(self) -> "Connection":
        return self

    def sender_is_alive(self) -> bool:
        """Can the object whose signal it is still be used?"""
        sender = self._sender()
        return sender is not None and not sender._q_dying


# A signal of a class; on an object it is a SignalInstance.
#
# `register` is the C function that registers a callback, of the ctypes type `callback`; without it the class emits
# the signal itself. `convert` makes the signal's argument from the C callback's, or a tuple of the signal's from more
# than one. `after` is the name of a method that is called after the slots, with the C callback's argument if it has
# one; with the signal's if it has two and there were any slots. The argument of an `optional` signal
# goes only to functions with a parameter for it. `count` is the number of arguments of one that the class emits itself.
class Signal:
    if not TYPE_CHECKING:

        @property
        def __doc__(self) -> Optional[str]:
            return below(self.owner, self.name)

    def __init__(
        self,
        register: Optional[str] = None,
        callback: Any = None,
        convert: Optional[Callable[..., Any]] = None,
        after: Optional[str] = None,
        optional: bool = False,
        count: int = 0,
    ) -> None:
        self.register = quick(getattr(lib, register)) if register else None
        # What it registers: a function of C, and what that is given.
        self.function: Optional[int] = None
        self.data: Optional[int] = None
        self.callback = callback
        self.convert = convert
        self.after = after
        self.optional = optional
        self.count = count
        self.name = ""
        self.owner: Optional[type] = None

    def __repr__(self) -> str:
        return f"<signal {self.name}>"

    def _arity(self, _name: str) -> Optional[int]:
        """How many arguments it has; None if that is not known."""
        if self.optional:
            return None
        if self.callback is None:
            return self.count
        count = len(self.callback._argtypes_) - 2
        return count if count < 2 else None

    def _fit(self, name: str, arguments: Tuple[Any, ...]) -> Tuple[Any, ...]:
        """The arguments of an emission. TypeError if they are not those of the signal."""
        check_count(name, arguments, self._arity(name))
        return arguments

    def _another(self, types: Any) -> str:
        """The name of the same signal with arguments of other types."""
        raise IndexError(f"the signal {self.name} is declared only once")

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.owner = name, owner
        if self.register is not None:
            count = len(self.callback._argtypes_) - 2
            thunk = _MAKERS[count](name, self.convert, self.after)
            if count:
                self.function = address_of(self.callback, thunk)
            else:
                self.function, self.data = without_argument(self.callback, thunk, name if self.after is None else None)

    @overload
    def __get__(self, sender: None, owner: Any = None) -> "Signal": ...

    @overload
    def __get__(self, sender: "QObject", owner: Any = None) -> "SignalInstance": ...

    def __get__(self, sender: Optional["QObject"], owner: Any = None) -> "Union[Signal, SignalInstance]":
        return self if sender is None else SignalInstance(sender, self)


def check_count(name: str, arguments: Tuple[Any, ...], count: Optional[int]) -> None:
    """TypeError if there are not as many arguments as the signal has."""
    if count is not None and len(arguments) != count:
        raise TypeError(f"the signal {name} has {count} argument{'' if count == 1 else 's'}, {len(arguments)} given")


def _without_argument(name: str, _convert: Any, after: Optional[str]) -> Callable[..., None]:
    """What C calls for a signal without arguments."""

    get = references.get

    def thunk(handle: Optional[int], _data: Optional[int], called: bool = False) -> None:
        try:
            reference = get(handle)  # type: ignore[arg-type]
            sender = None if reference is None else reference()
            if sender is not None:
                slots = sender._q_slots.get(name)
                called = True
                if slots is not None:
                    if len(slots) == 1 and after is None:
                        one = slots[0]
                        if one.bare:
                            one.call(sender) if one.own else one.call()
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
                slots = sender._q_slots.get(name)
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
            slots = None if sender is None else sender._q_slots.get(name)
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
            slots = None if sender is None else sender._q_slots.get(name)
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

    __slots__ = ("_sender", "_signal", "_q_name")

    def __init__(self, sender: "QObject", signal: Signal, name: Optional[str] = None) -> None:
        self._sender = sender
        self._signal = signal
        self._q_name = signal.name if name is None else name

    def __repr__(self) -> str:
        return f"<signal {self._q_name} of {self._sender!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SignalInstance):
            return NotImplemented
        return self._sender is other._sender and self._q_name == other._q_name

    def __hash__(self) -> int:
        return hash((id(self._sender), self._q_name))

    def __getitem__(self, types: Any) -> "SignalInstance":
        """That with arguments of other types, where a signal is declared with several. IndexError if there is none."""
        return SignalInstance(self._sender, self._signal, self._signal._another(types))

    def _least(self) -> Optional[int]:
        """How many arguments it needs; None if any number."""
        return self._signal._arity(self._q_name)

    def emit(self, *arguments: Any) -> bool:
        """Emits the signal: calls the functions that are connected, each with as many arguments as it takes. Returns True.
        TypeError if the arguments are not those that the signal is declared with.

        Those of an object whose loop another thread runs are called by that loop: of the receiver for a method of a
        QObject, else of the sender. Qt: to call the signal; PySide: SignalInstance.emit()
        """
        self._sender._q_check()
        call(self._emit, self._signal._fit(self._q_name, arguments))
        return True

    def _emit(self, arguments: Tuple[Any, ...]) -> None:
        sender = self._sender
        for slot in sender._q_slots.get(self._q_name, ()):
            there = not slot.way and slot.live and not is_here(slot.loop(sender))
            if not there or not _elsewhere(sender, slot, arguments):
                emit(sender, (slot,), arguments, on_own_thread=True)

    def connect(
        self, slot: Union[Callable[..., Any], "SignalInstance"], type: ConnectionType = _AUTO
    ) -> Connection:
        """Has slot called at each emission, after those that were connected before; connecting it twice calls it twice, but
        with UniqueConnection. slot may be another signal, which then is emitted. With QueuedConnection it is called in the
        next turn of its loop, with BlockingQueuedConnection as well, and who emits waits for it, and with
        SingleShotConnection at the next emission only.

        The object keeps slot, and what slot refers to. RuntimeError if the object has been deleted, or if slot is a signal
        with arguments that this one does not have. Qt: QObject::connect()
        """
        sender, signal, kind = self._sender, self._signal, 0 if type is _AUTO else integer(type)
        if isinstance(slot, SignalInstance):
            sender._q_check()
            slot._sender._q_check()
            self._check_signal(slot)
        elif callable(slot):
            sender._q_check()
        else:
            raise TypeError(f"a function or a signal is needed, not {slot.__class__.__name__}")
        one = Slot(sender, slot, signal.optional, kind)
        with _changes:
            slots = sender._q_all_slots()
            before = slots.get(self._q_name, ())
            if kind & _UNIQUE and any(other.is_for(sender, slot) for other in before):
                one.end()
                return Connection(sender, self._q_name, one)
            slots[self._q_name] = before + (one,)
            sender._q_listen(signal)
        sender._q_hold()
        return Connection(sender, self._q_name, one)

    def _check_signal(self, other: "SignalInstance") -> None:
        """RuntimeError if this signal does not have the arguments that another one needs."""
        mine, its = self._signal._arity(self._q_name), other._signal._arity(other._q_name)
        if mine is not None and its is not None and its > mine:
            raise RuntimeError(f"{other!r} has more arguments than {self!r}")

    def disconnect(self, slot: Any = None) -> bool:
        """Removes a function, a Connection, or, without an argument, all of this signal.

        Of a function that is connected several times the first connection goes. False, with a RuntimeWarning, if there
        was nothing to remove. Qt: QObject::disconnect()
        """
        sender = self._sender
        with _changes:
            gone = []
            for one in sender._q_all_slots().get(self._q_name, ()):
                if slot is None or one is getattr(slot, "_slot", None) or one.is_for(sender, slot):
                    gone.append(one)
                    if slot is not None:
                        break
            remove(sender, self._q_name, gone)
        if not gone:
            warnings.warn(f"{slot!r} is not connected to {self!r}", RuntimeWarning, stacklevel=2)
        return bool(gone)


def remove(sender: "QObject", name: str, gone: Any) -> None:
    """Disconnects slots of a signal."""
    with _changes:
        for one in gone:
            one.end()
        slots = sender._q_all_slots()
        left = tuple(one for one in slots.get(name, ()) if one.live)
        if left:
            slots[name] = left
        else:
            slots.pop(name, None)
            sender._q_ignore(getattr(type(sender), name.partition("[")[0]))
