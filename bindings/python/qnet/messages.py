"""The library's warnings. Qt: qInstallMessageHandler()"""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional

from . import _api
from ._convert import string
from ._from_c import called_from_c
from ._library import at_end, lib
from .enums import QtMsgType, member

Handler = Callable[[QtMsgType, "QMessageLogContext", str], Any]


class QMessageLogContext:
    """Where a message comes from: always the library. Qt: QMessageLogContext"""

    version = 2
    line = 0
    file: Optional[str] = None
    function: Optional[str] = None
    category = "qnet"


_context = QMessageLogContext()
_handler: Optional[Handler] = None


@called_from_c(_api.qnet_message_handler)
def _thunk(kind: int, message: Optional[bytes], _data: Optional[int]) -> None:
    try:
        if _handler is not None:
            _handler(member(QtMsgType, kind), _context, string(message))
    except BaseException:
        # Not through the handler of unhandled exceptions: that may warn again.
        sys.__excepthook__(*sys.exc_info())


def warn(text: str) -> None:
    """A warning of the package itself."""
    if _handler is not None:
        _thunk(QtMsgType.QtWarningMsg, text.encode(), None)
    else:
        print(f"qnet: {text}", file=sys.stderr)


def qInstallMessageHandler(handler: Optional[Handler]) -> Optional[Handler]:
    """Has handler(type, context, text) called for every message, on the thread that caused it; None: they are printed
    on stderr again. Returns the handler that was there. Qt: qInstallMessageHandler()"""
    global _handler
    if handler is not None and not callable(handler):
        raise TypeError(f"a function or None is needed, not {type(handler).__name__}")
    old, _handler = _handler, handler
    if handler is None:
        lib.qnet_set_message_handler(_api.qnet_message_handler(), None)
    elif old is None:
        lib.qnet_set_message_handler(_thunk, None)
    return old


@at_end
def _stop() -> None:
    qInstallMessageHandler(None)


def qVersion() -> str:
    """The version of the library that is loaded, such as "0.1.0". Qt: qVersion()"""
    return string(lib.qnet_version())


def isForked() -> bool:
    """Was this process forked from one that had used the package? Then nothing works but this, qVersion() and
    qInstallMessageHandler(). To import the package is not to use it."""
    return bool(lib.qnet_is_forked())
