"""What every QObject has besides its signals and its lifetime: timers, properties, and a look at its children."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Type, TypeVar

from . import _turn
from ._convert import integer
from .enums import FindChildOption, TimerType

if TYPE_CHECKING:
    from ._object import QObject
    from .timer import QTimer

T = TypeVar("T", bound="QObject")


class QTimerEvent:
    """A timer of startTimer() has run out. Qt: QTimerEvent"""

    __slots__ = ("_id",)

    def __init__(self, timerId: int) -> None:
        self._id = timerId

    def timerId(self) -> int:
        """What startTimer() returned. Qt: QTimerEvent::timerId()"""
        return self._id

    id = timerId


class Facilities:
    """The base of QObject that has them."""

    _q_timers: Optional[Dict[int, "QTimer"]] = None
    _q_properties: Optional[Dict[str, Any]] = None

    if TYPE_CHECKING:
        _q_loop: Optional[int]
        def _q_check(self) -> None: ...
        def _q_rename(self, name: str) -> None: ...

        _q_children: Dict[int, "QObject"]
        _q_name: str

    # ---- timers

    def startTimer(self, interval: int, timerType: TimerType = TimerType.CoarseTimer) -> int:
        """Has timerEvent() called every interval milliseconds, until killTimer() or the object's end. Returns the timer's
        number; 0, with a warning, for a negative interval. Qt: QObject::startTimer()"""
        from .messages import warn
        from .timer import QTimer

        self._q_check()
        if integer(interval) < 0:
            warn("QObject.startTimer: timers cannot have negative intervals")
            return 0
        reference = weakref.ref(self)
        outer, _turn.here.thread.loop = _turn.here.thread.loop, self._q_loop
        try:
            timer = QTimer(interval=interval)
        finally:
            _turn.here.thread.loop = outer
        timer.start()
        number = timer.timerId()

        def fire() -> None:
            thing = reference()
            if thing is not None:
                thing.timerEvent(QTimerEvent(number))

        timer.timeout.connect(fire)
        if self._q_timers is None:
            self._q_timers = {}
        self._q_timers[number] = timer
        return number

    def killTimer(self, id: int) -> None:
        """Ends a timer of startTimer(). Qt: QObject::killTimer()"""
        self._q_check()
        timer = (self._q_timers or {}).pop(id, None)
        if timer is not None:
            timer.delete()
        else:
            from .messages import warn

            warn(f"QObject.killTimer: there is no timer {id} of this object")

    def timerEvent(self, event: QTimerEvent) -> None:
        """What a timer of startTimer() calls; to be overridden. Qt: QObject::timerEvent()"""
        self._q_check()

    def _q_end_timers(self) -> None:
        timers, self._q_timers = self._q_timers, None
        for timer in (timers or {}).values():
            timer.delete()

    # ---- properties

    def property(self, name: str, /) -> Any:
        """The value of a Property of the class, or of what setProperty() has added; None if there is none.
        Qt: QObject::property()"""
        self._q_check()
        if isinstance(getattr(type(self), name, None), _properties()):
            return getattr(self, name)
        if name == "objectName":
            return self._q_name
        return (self._q_properties or {}).get(name)

    def setProperty(self, name: str, value: Any, /) -> bool:
        """Sets a Property of the class: True; or one that the object alone has, which None removes: False.
        Qt: QObject::setProperty()"""
        self._q_check()
        if isinstance(getattr(type(self), name, None), _properties()):
            setattr(self, name, value)
            return True
        if name == "objectName":
            self._q_rename(value)
            return True
        if self._q_properties is None:
            self._q_properties = {}
        if value is None:
            self._q_properties.pop(name, None)
        else:
            self._q_properties[name] = value
        return False

    def dynamicPropertyNames(self) -> List[bytes]:
        """What setProperty() has added. Qt: QObject::dynamicPropertyNames()"""
        self._q_check()
        return [name.encode() for name in self._q_properties or ()]

    # ---- children

    def findChild(
        self,
        type: Type[T],
        name: Optional[str] = None,
        options: FindChildOption = FindChildOption.FindChildrenRecursively,
        /,
    ) -> Optional[T]:
        """The first child of a class, and of a name if one is given; those of the object itself come before their own.
        Qt: QObject::findChild()"""
        self._q_check()
        found = Facilities.findChildren(self, type, name, FindChildOption.FindDirectChildrenOnly)
        if found or not options & FindChildOption.FindChildrenRecursively:
            return found[0] if found else None
        for child in list(self._q_children.values()):
            inner = Facilities.findChild(child, type, name, options)
            if inner is not None:
                return inner
        return None

    def findChildren(
        self,
        type: Type[T],
        name: Optional[str] = None,
        options: FindChildOption = FindChildOption.FindChildrenRecursively,
        /,
    ) -> List[T]:
        """All children of a class, and of a name if one is given. Qt: QObject::findChildren()"""
        self._q_check()
        found: List[T] = []
        for child in list(self._q_children.values()):
            if isinstance(child, type) and name in (None, child._q_name):
                found.append(child)
            if options & FindChildOption.FindChildrenRecursively:
                found += Facilities.findChildren(child, type, name, options)
        return found

    def isWidgetType(self) -> bool:
        """False. Qt: QObject::isWidgetType()"""
        self._q_check()
        return False

    isWindowType = isQuickItemType = isWidgetType

    def inherits(self, classname: str, /) -> bool:
        """Is it of a class of this name, or of one derived from it? Qt: QObject::inherits()"""
        self._q_check()
        return any(one.__name__ == classname for one in type(self).__mro__)


def _properties() -> type:
    from .declare import Property

    return Property
