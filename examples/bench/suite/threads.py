"""Threads with a loop each: a server spreads its connections over them, of which both ends are in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from .measure import Figures, figures_from

PROGRAMS = {
    "handed": ("raw epoll, accepted and handed on", ["epoll_threads", "handed"]),
    "reuseport": ("raw epoll, SO_REUSEPORT", ["epoll_threads", "reuseport"]),
    "qnet": ("qnet (C), setLoops", ["qnet_threads", "spread"]),
}


def why_missing(programs: Path, name: str) -> Optional[str]:
    """Returns why a program cannot be measured; None if it can be."""
    program = PROGRAMS[name][1][0]
    return None if (programs / program).exists() else f"{program} was not built"


def measure(programs: Path, name: str, threads: str, connections: str, seconds: float, warmup: float) -> Figures:
    """Has so many threads echo over so many connections of each; it needs all processors."""
    program, how = PROGRAMS[name][1]
    return figures_from([str(programs / program), how, threads, connections, str(warmup), str(seconds)], None,
                        seconds + warmup, f"{program} {how}")
