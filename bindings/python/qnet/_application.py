"""The proxies that the application has: a factory of Python's stands here, all else in C.

A change happens in both. A factory is kept as long as C may ask for it.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Optional

from ._turn import call

if TYPE_CHECKING:
    from .proxyfactory import QNetworkProxyFactory

factory: Optional["QNetworkProxyFactory"] = None

# One change at a time. Re-entrant, because C may warn, and that may run anything.
_changes = threading.RLock()


def change(new: Optional["QNetworkProxyFactory"], function: Callable[..., Any], *arguments: Any) -> None:
    """Calls a function of C, after which new is the factory."""
    global factory
    with _changes:
        if new is not None:
            factory = new
        call(function, *arguments)
        factory = new


def _after_fork() -> None:
    global _changes
    _changes = threading.RLock()  # another thread may have held it


os.register_at_fork(after_in_child=_after_fork)
