"""Descriptors that a loop watches beside the sockets. Qt: QSocketNotifier"""

from __future__ import annotations

from enum import Enum
from typing import Any, Optional, Tuple, Union

from . import _api
from ._convert import integer
from ._library import lib
from ._object import QObject, destroyed_by
from ._signal import Signal
from .enums import short_names


class QSocketDescriptor(int):
    """A descriptor, -1 for none: an int. Qt: QSocketDescriptor"""

    __slots__ = ()

    def __new__(cls, descriptor: int = -1) -> "QSocketDescriptor":
        return super().__new__(cls, descriptor)

    def isValid(self) -> bool:
        """Is it a descriptor at all? Qt: QSocketDescriptor::isValid()"""
        return self != -1


class _Type(Enum):
    """What is told of the descriptor. Qt: QSocketNotifier::Type"""

    Read = _api.QNET_NOTIFIER_READ
    Write = _api.QNET_NOTIFIER_WRITE
    Exception = _api.QNET_NOTIFIER_EXCEPTION


_Type.__name__, _Type.__qualname__ = "Type", "QSocketNotifier.Type"


def _activation(descriptor: int, kind: int) -> Tuple[QSocketDescriptor, _Type]:
    return QSocketDescriptor(descriptor), _Type(kind)


@short_names(_Type)
class QSocketNotifier(QObject):
    """Any descriptor, watched by the loop: it is activated in each turn in which the descriptor is ready.

    QSocketNotifier(descriptor, type) is enabled, QSocketNotifier(type) has no descriptor yet. The descriptor is never read,
    written or closed; disable the notifier before it is closed. Qt: QSocketNotifier
    """

    Type = _Type

    activated = Signal("qnet_notifier_on_activated", _api.qnet_notifier_activated_callback, _activation)
    """The descriptor is ready: again in the next turn, unless that is changed. With the QSocketDescriptor and the type.
    Qt: QSocketNotifier::activated"""

    _q_new = lib.qnet_notifier_new_without_socket
    _q_delete = lib.qnet_notifier_delete
    _q_delete_later = lib.qnet_notifier_delete_later
    _q_move_to_loop = lib.qnet_notifier_move_to_loop
    _q_on_destroyed = destroyed_by(lib.qnet_notifier_on_destroyed, _api.qnet_notifier_callback)

    def __init__(
        self, socket: Union[int, _Type], type: Optional[Union[_Type, QObject]] = None, parent: Optional[QObject] = None, **keywords: Any
    ) -> None:
        descriptor: Optional[int] = None
        if isinstance(socket, _Type):
            if isinstance(type, QObject):
                type, parent = None, type
            if type is not None:
                raise TypeError("QSocketNotifier() takes a descriptor before the type")
            kind = socket
        else:
            descriptor = integer(socket)
            if not isinstance(type, _Type):
                raise TypeError("QSocketNotifier() takes a QSocketNotifier.Type")
            kind = type
        self._q_wanted = (descriptor, kind)
        super().__init__(parent, **keywords)

    def _q_create(self, loop: Optional[int]) -> Optional[int]:
        descriptor, kind = self._q_wanted
        if descriptor is None:
            return lib.qnet_notifier_new_without_socket(loop, kind.value)  # type: ignore[no-any-return]
        return lib.qnet_notifier_new(loop, descriptor, kind.value)  # type: ignore[no-any-return]

    def _q_describe(self) -> str:
        return f" {self.type().name.lower()} of {self.socket()}{', enabled' if self.isEnabled() else ''}"

    def _q_active(self) -> bool:
        return bool(lib.qnet_notifier_is_enabled(self._q_handle))

    def setSocket(self, socket: int, /) -> None:
        """Sets another descriptor, and disables it. Qt: QSocketNotifier::setSocket()"""
        lib.qnet_notifier_set_socket(self._q_handle, integer(socket))
        self._q_release()

    def socket(self) -> int:
        """The descriptor; -1 if there is none. Qt: QSocketNotifier::socket()"""
        return int(lib.qnet_notifier_socket(self._q_handle))

    def type(self) -> _Type:
        """Qt: QSocketNotifier::type()"""
        return _Type(lib.qnet_notifier_type(self._q_handle))

    def isValid(self) -> bool:
        """Is there a descriptor? Qt: QSocketNotifier::isValid()"""
        return bool(lib.qnet_notifier_is_valid(self._q_handle))

    def isEnabled(self) -> bool:
        """Is the descriptor watched? Qt: QSocketNotifier::isEnabled()"""
        return bool(lib.qnet_notifier_is_enabled(self._q_handle))

    def setEnabled(self, enabled: bool, /) -> None:
        """Has the descriptor watched, or no more; without one nothing happens. Qt: QSocketNotifier::setEnabled()"""
        lib.qnet_notifier_set_enabled(self._q_handle, bool(enabled))
        if enabled:
            self._q_hold()
        else:
            self._q_release()
