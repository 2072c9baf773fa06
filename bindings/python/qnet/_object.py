"""QObject: what ties a Python object to its C object.

Who deletes what:

- A Python object that made its C object deletes it when it is itself deleted, with delete(), deleteLater() or by
  Python, whichever comes first.
- A socket that belongs to a server (taken from it, added to it, or made with it as the parent) is deleted by C with
  that server. The server's Python object keeps the Python objects of its sockets, and one C object always has the same
  Python object, for as long as the C object lives.
- A Python object keeps the functions connected to its signals. While it is active (a socket that is not unconnected,
  a server that listens, a timer that runs) they are also kept by this module, with all that they refer to: a signal
  may still need them. Otherwise nothing but the program keeps them, and cycles are collected.
- When Python deletes an object because its last reference goes, its slots are called for what the deletion causes,
  as in delete(). When it is found in a cycle, which may be anywhere in the program, only destroyed is emitted.
- After a C object is gone, every method raises RuntimeError.

What the package has for itself in an object begins with _q_, and it calls no method by a name that a subclass may use for
something else: one that Qt does not have, or that is not virtual.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

from . import _signal, _turn
from ._attach import attach_running
from ._facilities import Facilities
from ._library import at_end, lib, process, quick
from ._made import Single, class_name, not_made
from ._signal import Connection, Signal, Slot, _send, emit, find, references, remove, sender_of, without_argument

if TYPE_CHECKING:
    from .thread import QThread

#: handle -> the slots of an object that is active
held: Dict[int, Dict[str, Tuple[Slot, ...]]] = {}


class _Tied:
    """What is found in the class for an attribute that _q_tie() sets in each object: the handle of one that is gone is
    missing, and everything before __init__()."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        if thing is None:
            return self
        if thing._q_dying:
            raise RuntimeError(f"this {type(thing).__name__} has been deleted")
        if "_q_slots" not in thing.__dict__:
            raise not_made(thing)
        raise AttributeError(f"{type(thing).__name__!r} object has no attribute {self._name!r}")



class _Strong:
    """Takes the place of a weak reference while the object is being deleted."""

    def __init__(self, thing: "QObject") -> None:
        self._thing = thing

    def __call__(self) -> "QObject":
        return self._thing


def _gone() -> None:
    """Takes its place when C has deleted the object. Python's may be on its way to __del__(), with no reference to it."""


# Guards that change.
_ends = threading.RLock()


def _after_fork() -> None:
    global _ends
    _ends = threading.RLock()  # another thread may have held it


os.register_at_fork(after_in_child=_after_fork)


def destroyed_by(register: Any, callback: Any) -> Tuple[Any, int, Optional[int]]:
    """What registers the C callback for a class's destroyed signal, that callback, and what it is given."""

    def thunk(handle: Optional[int], _data: Optional[int], called: bool = False) -> None:
        try:
            with _ends:
                thing = find(handle)
                references[handle or 0] = _gone
            called = True
            if thing is not None:
                thing._q_finish()
            references.pop(handle or 0, None)
            held.pop(handle or 0, None)
        except BaseException:
            _turn.caught(called, thunk, handle, None)

    return (quick(register), *without_argument(callback, thunk, None))


class QObject(Facilities, Single):
    """The base of everything that has signals. Qt: QObject

    parent deletes this object when it is deleted itself.
    """

    destroyed = Signal(optional=True)
    """The object is gone; with the object, if the function has a parameter. Qt: QObject::destroyed"""
    objectNameChanged = Signal(count=1)
    """With the new name. Qt: QObject::objectNameChanged"""

    if TYPE_CHECKING:
        _q_handle: int
        _q_slots: Dict[str, Tuple[Slot, ...]]
        _q_connections: Dict[str, int]
        _q_children: Dict[int, "QObject"]
        _q_parent: Optional[Callable[[], Optional["QObject"]]]
        _q_name: str
        _q_loop: Optional[int]
    else:
        _q_handle, _q_slots, _q_connections, _q_children, _q_parent, _q_name, _q_loop = (_Tied() for _ in range(7))

    _q_new: Optional[Callable[[Optional[int]], Optional[int]]] = None
    _q_delete: Optional[Callable[[int], None]] = None
    _q_delete_later: Optional[Callable[[int], None]] = None
    _q_move_to_loop: Optional[Callable[[int, Optional[int]], bool]] = None
    _q_on_destroyed: Optional[Tuple[Callable[..., int], int, Optional[int]]] = None

    _q_owns_sockets = False  # C deletes the sockets whose parent this is
    _q_owned = True  # Python deletes the C object; if False, the server that it belongs to does
    _q_dying = False
    _q_dead = False
    _q_blocked: Optional[Dict[str, Tuple[Slot, ...]]] = None  # the slots, while they are not to be called

    def __init__(self, parent: Optional["QObject"] = None, *, objectName: Optional[str] = None) -> None:
        self._q_make("_q_slots")
        cls, loop = type(self), _turn.thread_loop()
        if cls._q_new is not None:
            handle = self._q_create(loop)
            if not handle:
                why = "this is a forked child process" if process.forked else "there are no descriptors left"
                raise RuntimeError(f"no {cls.__name__} could be made: {why}")
            self._q_tie(handle, loop)
        else:
            self._q_tie(None, loop)
        attach_running(loop)
        if objectName is not None:
            self._q_rename(objectName)
        if parent is not None:
            QObject.setParent(self, parent)

    def _q_create(self, loop: Optional[int]) -> Optional[int]:
        """Makes the C object."""
        return type(self)._q_new(loop)  # type: ignore[misc]

    def _q_tie(self, handle: Optional[int], loop: Optional[int]) -> None:
        """Makes this the Python object of a C object, which belongs to a C loop."""
        self._q_slots = {}
        self._q_connections = {}
        self._q_children = {}
        self._q_parent = None
        self._q_name = ""
        self._q_loop = loop
        if handle is None:
            return
        self._q_handle = handle
        references[handle] = weakref.ref(self)
        if self._q_on_destroyed is not None:
            register, function, data = self._q_on_destroyed
            self._q_connections["destroyed"] = register(handle, function, data)

    def __repr__(self) -> str:
        name = self.__dict__.get("_q_name", "")
        return f"<{class_name(self)}{' ' + repr(name) if name else ''}{self._q_says()}>"

    def _q_says(self) -> str:
        """What repr() tells besides the class."""
        if self._q_dead:
            return " (deleted)"
        if self._q_dying or process.forked or process.ending or "_q_handle" not in self.__dict__:
            return ""
        return self._q_describe()

    def _q_describe(self) -> str:
        return ""

    # ---- signals

    def _q_check(self) -> None:
        """RuntimeError if the object is gone."""
        # One of them is missing then.
        if self._q_dead or self._q_new is not None:
            self._q_handle
        else:
            self._q_slots

    def _q_all_slots(self) -> Dict[str, Tuple[Slot, ...]]:
        """The slots to be changed."""
        return self._q_slots if self._q_blocked is None else self._q_blocked

    def blockSignals(self, block: bool, /) -> bool:
        """Has no slots called from now on, except for destroyed, or has them called again. Returns whether they were not
        before. Qt: QObject::blockSignals()"""
        self._q_check()
        before = self._q_blocked is not None
        if block and not before:
            self._q_blocked, self._q_slots = self._q_slots, {}
        elif before and not block:
            self._q_slots, self._q_blocked = self._q_blocked, None  # type: ignore[assignment]
        return before

    def signalsBlocked(self) -> bool:
        """Qt: QObject::signalsBlocked()"""
        self._q_check()
        return self._q_blocked is not None

    def sender(self) -> Optional["QObject"]:
        """In a slot that is a method of this object: the object whose signal it is called for; else None.
        Qt: QObject::sender()"""
        self._q_check()
        return sender_of(self)

    def _q_listen(self, signal: Signal) -> None:
        """Registers a signal's callback with C, once."""
        if signal.register is not None and signal.name not in self._q_connections:
            self._q_connections[signal.name] = signal.register(self._q_handle, signal.function, signal.data)

    def _q_ignore(self, signal: Signal) -> None:
        """Takes the registration back."""
        if signal.register is not None and signal.after is None:
            connection = self._q_connections.pop(signal.name, 0)
            if connection:
                lib.qnet_disconnect(connection)

    def _q_active(self) -> bool:
        """May signals come by themselves?"""
        return False

    def _q_hold(self) -> None:
        """Keeps the slots of an active object. Called when slots are connected, and when it may have become active."""
        if not self._q_owned:
            return
        handle = self.__dict__.get("_q_handle")
        if handle is None or not self._q_all_slots() or handle in held or process.forked:
            return
        if _turn.is_alive(self._q_loop) and self._q_active():
            attach_running(self._q_loop)
            held[handle] = self._q_all_slots()
            self._q_watch()

    def _q_watch(self) -> None:
        """Called when the slots are kept: the class sees to it that _q_release() is called some day."""

    def _q_release(self) -> None:
        """Undoes _q_hold()."""
        held.pop(self.__dict__.get("_q_handle", 0), None)

    def _q_settle(self) -> None:
        """Undoes _q_hold() if the object is no longer active."""
        handle = self.__dict__.get("_q_handle")
        if handle in held and (self._q_dying or not self._q_active()):
            del held[handle]

    @staticmethod
    def disconnect(connection: Connection) -> bool:
        """Removes a connection; False if it was gone. Qt: QObject::disconnect(QMetaObject::Connection)"""
        sender = connection._sender()
        if sender is None or not connection._slot.live:
            return False
        remove(sender, connection._q_name, [connection._slot])
        return True

    # ---- names and families

    def objectName(self) -> str:
        """Qt: QObject::objectName()"""
        return self._q_name

    def setObjectName(self, name: str) -> None:
        """A name for people. Qt: QObject::setObjectName()"""
        self._q_rename(name)

    def _q_rename(self, name: str) -> None:
        self._q_slots  # is missing if the object was not made
        if name != self._q_name:
            self._q_name = name
            emit(self, self._q_slots.get("objectNameChanged", ()), (name,))

    def parent(self) -> Optional["QObject"]:
        """The object that deletes this one; None if there is none. Qt: QObject::parent()"""
        return None if self._q_parent is None else self._q_parent()

    def children(self) -> List["QObject"]:
        """Qt: QObject::children()"""
        return list(self._q_children.values())

    def setParent(self, parent: Optional["QObject"]) -> None:
        """Makes parent delete this object when it is deleted itself; None: nobody. ValueError if parent is the object, or
        one of those that it deletes. Qt: QObject::setParent()"""
        if parent is not None and not isinstance(parent, QObject):
            raise TypeError(f"a QObject is needed, not {type(parent).__name__}")
        self._q_check()
        if parent is not None:
            parent._q_check()
            self._q_check_parent(parent)
        self._q_adopt(parent)
        self._q_join(parent)

    def _q_check_parent(self, parent: "QObject") -> None:
        """ValueError if the object would become its own ancestor."""
        above: Optional[QObject] = parent
        while above is not None:
            if above is self:
                raise ValueError(f"{self!r} cannot have itself or one of its children as its parent")
            above = QObject.parent(above)

    def _q_adopt(self, parent: Optional["QObject"]) -> None:
        """Tells C about the new parent."""

    def _q_join(self, parent: Optional["QObject"]) -> None:
        """Puts the object among parent's children."""
        old = None if self._q_parent is None else self._q_parent()
        if old is not None:
            old._q_children.pop(id(self), None)
        self._q_parent = None
        if parent is not None:
            self._q_parent = weakref.ref(parent)
            parent._q_children[id(self)] = self

    # ---- threads

    def thread(self) -> "QThread":
        """The thread that runs the object's loop, or would. Qt: QObject::thread()"""
        from .thread import of

        self._q_check()
        return of(self._q_loop)

    def moveToThread(self, thread: "QThread") -> bool:
        """Moves the object and its children to the loop of another thread, which runs or will be started. Everything goes with
        them: connections, also those that sockets are making, calls that are on their way, what was received. False, with a
        warning, if this is not the object's own thread, if it has a parent, or if the system has no room. Qt: QObject::moveToThread()"""
        from .thread import move

        self._q_check()
        return move(self, thread)

    def _q_go(self, loop: Optional[int]) -> bool:
        """Has the object and its children belong to another C loop: all or none of them."""
        before: Optional[int] = self._q_loop
        family: List[QObject] = [self]
        for each in family:
            family.extend(each._q_children.values())
            family.extend((each._q_timers or {}).values())
        # First, so that whoever is called by the new loop finds it.
        for each in family:
            each._q_loop = loop
        for count, each in enumerate(family):
            if not each._q_move(loop):
                for other in family[:count]:
                    other._q_move(before)
                for other in family:
                    other._q_loop = before
                return False
        return True

    def _q_move(self, loop: Optional[int]) -> bool:
        move, handle = type(self)._q_move_to_loop, self.__dict__.get("_q_handle")
        return move is None or handle is None or bool(move(handle, loop))

    # ---- the end

    def isAlive(self) -> bool:
        """Tells whether the object can be used: not once its deletion has begun. PySide: shiboken6.isValid()"""
        return not self._q_dying

    def delete(self) -> None:
        """Deletes the object now, also from inside its own signals. Does nothing if that was done before.

        Qt: the destructor; PySide: shiboken6.delete()
        """
        self._q_slots  # is missing if the object was not made
        _turn.call(self._q_destroy)

    def _q_destroy(self) -> None:
        if self._q_dying:
            return
        self._q_dying = True
        handle = self.__dict__.get("_q_handle")
        if handle is None or not self._q_refer(_Strong(self)):
            self._q_finish()
            return
        delete = type(self)._q_delete
        assert delete is not None
        delete(handle)
        if not self._q_dead:
            if self._q_on_destroyed is None or process.forked:
                references.pop(handle, None)
                held.pop(handle, None)
                self._q_finish()
            else:
                # Another thread is in a callback of it; destroyed follows.
                self.__dict__.pop("_q_handle", None)

    def _q_refer(self, reference: Callable[[], Optional["QObject"]]) -> bool:
        """Sets what C's callbacks find the object by; False if the C object is gone."""
        handle = self.__dict__.get("_q_handle", 0)
        with _ends:
            if references.get(handle, _gone) is _gone:
                return False
            references[handle] = reference
        return True

    def deleteLater(self) -> None:
        """Deletes the object when control is back in the loop; at once, if its loop has been deleted.

        Qt: QObject::deleteLater()
        """
        if self._q_dead:
            self._q_check()
        if self._q_dying:
            return
        if self._q_delete_later is not None:
            type(self)._q_delete_later(self._q_handle)  # type: ignore[misc]
        else:
            self._q_check()
            if not _send(self, functools.partial(QObject.delete, self), self._q_loop):
                QObject.delete(self)  # there is no loop to wait for

    def _q_finish(self) -> None:
        """The C object is gone."""
        mine = object()
        if self.__dict__.setdefault("_q_finisher", mine) is not mine:
            return  # it is being said, perhaps on another thread
        self._q_dying = True
        self.__dict__.pop("_q_handle", None)
        slots = self._q_all_slots()
        if self._q_timers is not None:
            self._q_end_timers()
        try:
            last = slots.get("destroyed")
            if last is not None:
                emit(self, last, (self,))
        finally:
            self._q_dead = True
            for some in slots.values():
                for one in some:
                    one.end()
            slots.clear()
            self._q_connections.clear()
            if self._q_parent is not None:
                self._q_join(None)
            for child in QObject.children(self) if self._q_children else ():
                if child._q_owned:
                    child._q_destroy()
                else:
                    # C deletes it next, and its slots are to be called for that.
                    child._q_refer(_Strong(child))

    def __del__(self, process: Any = process) -> None:  # the module may have lost its names by then
        if process.ending or process.forked or self._q_dying or "_q_slots" not in self.__dict__:
            return
        handle = self.__dict__.get("_q_handle")
        if not self._q_owned and references.get(handle, _gone) is not _gone:  # type: ignore[arg-type]
            return  # the server that it belongs to is about to go as well
        if handle is not None and find(handle) is not self:
            # Found in a cycle.
            last = self._q_all_slots().get("destroyed")
            self._q_slots, self._q_blocked = {} if last is None else {"destroyed": last}, None
        self._q_destroy()

    def _q_forget_overrides(self) -> None:
        """Has C no longer ask a subclass."""


_signal.receivers = QObject


@_turn.at_loop_end
def _let_go(loop: int) -> None:
    """Keeps the slots of a loop's objects no longer: nothing runs them any more."""
    for handle in list(held):
        thing = find(handle)
        if thing is not None and thing._q_loop == loop:
            held.pop(handle, None)


@at_end
def _stop() -> None:
    """Has C forget every callback into Python."""
    for reference in list(references.values()):
        thing = reference()
        if thing is not None:
            for connection in list(thing._q_connections.values()):
                lib.qnet_disconnect(connection)
            thing._q_connections.clear()
            thing._q_forget_overrides()
