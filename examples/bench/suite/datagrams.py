"""Receivers of datagrams, and a connection beside a flood.

Each receiver is flooded by udp_flood, which sends trains of datagrams (UDP GSO) and so more than any of them can
take; the figure is what the receiver has read. For the connection a qnet server whose loop reads a flooded UDP socket
echoes one message at a time.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from .measure import START_SECONDS, BenchError, Figures, name_of, read_line, run_load, start, stop

WARMUP = 0.3
RECEIVERS = {
    "recvmmsg": ("epoll and recvmmsg (C)", ["recvmmsg_udp_receiver"]),
    "qnet": ("qnet, one by one", ["qnet_udp_receiver"]),
    "qnet-batch": ("qnet, in batches", ["qnet_udp_receiver", "batch"]),
    "qnet-singly": ("qnet, without GRO", ["qnet_udp_receiver", "singly"]),
    "qt": ("Qt 6, one by one", ["qt_udp_receiver"]),
}
NEEDS = {"qt": "qt_udp_receiver was not built, which needs Qt 6 (Debian: qt6-base-dev)"}
BESIDE = {"silent": "silence", "flooded": "a flood"}

Processors = tuple[Optional[int], Optional[int]]


@contextlib.contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        stop(process)


def _port_of(process: subprocess.Popen[str], what: str) -> str:
    line = read_line(process, START_SECONDS)
    match = re.match(what + r" 127\.0\.0\.1:(\d+)$", line)
    if not match:
        raise BenchError(f"{name_of(process.args)}: said {line!r} instead of its port")
    return match.group(1)


def _flood(programs: Path, port: str, cpu: Optional[int]) -> subprocess.Popen[str]:
    sender = start([str(programs / "udp_flood"), port, "64"], cpu, stdin=subprocess.DEVNULL)
    # So that a client on the same processor waits for the server and not for the sender's time slice.
    os.sched_setscheduler(sender.pid, os.SCHED_IDLE, os.sched_param(0))
    return sender


def why_missing(programs: Path, name: str) -> Optional[str]:
    """Returns why a receiver cannot be measured; None if it can be."""
    program = RECEIVERS[name][1][0]
    return None if (programs / program).exists() else NEEDS.get(name, f"{program} was not built")


def measure(programs: Path, name: str, cpus: Processors, seconds: float) -> Figures:
    """Floods a receiver; returns how many datagrams it reads in a second."""
    program, *how = RECEIVERS[name][1]
    command = [str(programs / program), str(WARMUP), str(seconds), *how]
    with _ended(start(command, cpus[0], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)) as receiver:
        port = _port_of(receiver, "listening on")
        with _ended(_flood(programs, port, cpus[1])) as sender:
            line = read_line(receiver, WARMUP + seconds + 30)
            if sender.poll() is not None:
                raise BenchError("udp_flood ended by itself")
    return {"rate": float(dict(pair.split("=") for pair in line.split())["rate"])}


def measure_beside(programs: Path, flooded: bool, cpus: Processors, seconds: float) -> Figures:
    """Returns the figures of a connection beside a flood, or beside silence."""
    command = [str(programs / "qnet_flooded_server")]
    with _ended(start(command, cpus[0], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)) as server, \
            contextlib.ExitStack() as stack:
        datagrams, port = _port_of(server, "datagrams to"), _port_of(server, "listening on")
        if flooded:
            stack.enter_context(_ended(_flood(programs, datagrams, cpus[1])))
        figures = run_load(str(programs / "load_client"), server.pid, ["--port", port], cpus[1], seconds, WARMUP,
                           ["--connections", "1", "--size", "64"])
        server.kill()
        assert server.stdout
        seen = re.findall(r"datagrams=(\d+)", server.stdout.read())
    figures["datagrams"] = float(seen[-1]) / (len(seen) / 2) if seen else 0.0  # it tells twice a second
    return figures
