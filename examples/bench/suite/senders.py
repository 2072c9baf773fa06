"""Senders of messages, one way: what a backlog costs. Each sends to the raw epoll server, which discards."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from .measure import Figures, figures_from, running_server

SENDERS = {
    "epoll": ("raw epoll", ["epoll_sender"]),
    "qnet": ("qnet (C)", ["qnet_sender"]),
    "qnet-lent": ("qnet (C), memory that is lent", ["qnet_sender", "lent"]),
}

Processors = tuple[Optional[int], Optional[int]]


def why_missing(programs: Path, name: str) -> Optional[str]:
    """Returns why a sender cannot be measured; None if it can be."""
    program = SENDERS[name][1][0]
    return None if (programs / program).exists() else f"{program} was not built"


def measure(programs: Path, name: str, size: str, cpus: Processors, seconds: float, warmup: float) -> Figures:
    """Runs a sender once; returns its messages in a second, and what one costs it."""
    program, *how = SENDERS[name][1]
    with running_server([str(programs / "epoll_echo_server")], cpus[1], options=["--sink"]) as (_, where):
        return figures_from([str(programs / program), where[1], size, str(warmup), str(seconds), *how], cpus[0], seconds + warmup, program)
