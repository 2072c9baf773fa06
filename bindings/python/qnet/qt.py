"""The namespace Qt, as far as programs need it that have no windows. Qt: Qt"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import enums
from .enums import short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


@short_names(enums.ConnectionType, enums.TimerType, enums.CaseSensitivity, enums.FindChildOption)
class Qt:
    """The enumerations of the namespace Qt."""

    ConnectionType: TypeAlias = enums.ConnectionType
    TimerType: TypeAlias = enums.TimerType
    CaseSensitivity: TypeAlias = enums.CaseSensitivity
    FindChildOption: TypeAlias = enums.FindChildOption
    FindChildOptions: TypeAlias = enums.FindChildOption
