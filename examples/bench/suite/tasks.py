"""What a loop does beside messages: timers, posts, waits, connects, calls on many objects; with qnet and with the system alone."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from .measure import Figures, figures_from

PROGRAMS = {"epoll": "epoll_loop", "qnet": "qnet_loop"}
TITLES = {"epoll": "the system alone", "qnet": "qnet (C)"}


def why_missing(programs: Path, name: str) -> Optional[str]:
    """Returns why a program cannot be measured; None if it can be."""
    return None if (programs / PROGRAMS[name]).exists() else f"{PROGRAMS[name]} was not built"


def measure(programs: Path, name: str, task: str, count: int) -> Figures:
    """Has a program do a task count times; it needs all processors."""
    return figures_from([str(programs / PROGRAMS[name]), task, str(count)], None, 60, f"{PROGRAMS[name]} {task}")
