"""One run: a fresh server, the load client, and their figures."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

START_SECONDS = 20
STOP_SECONDS = 5

Figures = dict[str, float]


class BenchError(Exception):
    """A server or the client did not do what it should."""


def choose_processors(pin: bool) -> tuple[Optional[int], Optional[int]]:
    """Returns one processor for the server and one for the client, or None twice."""
    usable = sorted(os.sched_getaffinity(0)) if pin else []
    return (usable[0], usable[1]) if len(usable) >= 2 else (None, None)


def start(command: Sequence[str], cpu: Optional[int], **options: Any) -> subprocess.Popen[str]:
    """Starts a command, pinned to a processor unless cpu is None."""
    if cpu is not None:
        # Before the command starts: some servers look at what they may use once.
        options["preexec_fn"] = lambda: os.sched_setaffinity(0, {cpu})
    try:
        return subprocess.Popen(command, text=True, **options)
    except OSError as error:
        raise BenchError(f"cannot start {shlex.join(command)}: {error}") from error


def read_line(process: subprocess.Popen[str], seconds: float) -> str:
    """Returns the next line of a process's output; "" at its end."""
    assert process.stdout
    if not select.select([process.stdout], [], [], seconds)[0]:
        raise BenchError(f"{name_of(process.args)}: no output within {seconds:.0f} s")
    return process.stdout.readline()


def name_of(command: Any) -> str:
    """How a command is called in messages."""
    return " ".join(os.path.basename(word) for word in command)


def figures_of(line: str) -> Figures:
    """Reads a line of key=value pairs."""
    return {key: float(value) for key, value in (pair.split("=") for pair in line.split())}


def figures_from(command: Sequence[str], cpu: Optional[int], seconds: float, what: str) -> Figures:
    """Runs a program that prints them and ends after so long, or a minute later at most."""
    process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=seconds + 60)
    except subprocess.TimeoutExpired as late:
        process.kill()
        raise BenchError(f"{what} does not end") from late
    if process.returncode != 0:
        raise BenchError(f"{what}: {errors.strip()}")
    return figures_of(output)


@contextlib.contextmanager
def running_server(command: Sequence[str], cpu: Optional[int], environment: Optional[Mapping[str, str]] = None,
                   local: bool = False, options: Sequence[str] = ()) -> Iterator[tuple[int, list[str]]]:
    """Runs a server for the length of a with block; gives its process and how the client reaches it."""
    folder = tempfile.mkdtemp() if local else None
    words = [*command, *(["--local", os.path.join(folder, "echo")] if folder else []), *options]
    complaints = tempfile.TemporaryFile("w+", errors="replace")
    process = start(words, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, env=environment)
    try:
        line = read_line(process, START_SECONDS)
        match = re.match(r"listening on (/.*)$" if local else r"listening on 127\.0\.0\.1:(\d+)$", line)
        if not match:
            raise BenchError(f"{name_of(command)}: said {line!r} instead of where it listens")
        yield process.pid, ["--local" if local else "--port", match.group(1)]
        if process.poll() is not None:
            raise BenchError(f"{name_of(command)}: ended by itself with status {process.returncode}")
    except BenchError as problem:
        complaints.seek(0)
        if said := complaints.read().strip().splitlines():
            raise BenchError(f"{problem}; the server said: {said[0]}") from problem
        raise
    finally:
        stop(process)
        complaints.close()
        if folder:
            shutil.rmtree(folder)


def stop(process: subprocess.Popen[str]) -> None:
    """Ends a server."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{name_of(process.args)}: does not end on SIGTERM, killed", file=sys.stderr)
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


def run_load(client: str, pid: int, where: Sequence[str], cpu: Optional[int], seconds: float, warmup: float,
             arguments: Sequence[str]) -> Figures:
    """Runs the client once; returns its figures."""
    command = [client, *where, "--server-pid", str(pid), "--seconds", str(seconds), "--warmup", str(warmup), *arguments]
    process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        try:
            output, errors = process.communicate(timeout=seconds + warmup + 90)
        except BaseException as error:
            process.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                raise BenchError("load_client does not end") from error
            raise
    if process.returncode != 0:
        raise BenchError(errors.strip() or f"load_client: failed with status {process.returncode}")
    return figures_of(output)


def resident_bytes(pid: int) -> int:
    """Returns the memory of a process that is resident now."""
    for path, key in ((f"/proc/{pid}/smaps_rollup", "Rss:"), (f"/proc/{pid}/status", "VmRSS:")):
        with contextlib.suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(key):
                    return int(line.split()[1]) * 1024
    raise BenchError(f"the resident memory of process {pid} cannot be read")


def run_memory(client: str, pid: int, where: Sequence[str], cpu: Optional[int], idle: int, options: Sequence[str],
               settles: float) -> Figures:
    """Returns the server's memory before, with, and per idle connection."""
    # What the first connections cost once and for all is not to be counted.
    run_load(client, pid, where, cpu, 0.2, 0, ["--connections", "20"])
    time.sleep(settles)
    before = resident_bytes(pid)
    command = [client, *where, "--idle-only", str(idle), *options]
    process = start(command, cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:  # which ends the client's input, and with it the client
        if read_line(process, 300) != "ready\n":
            raise BenchError(f"{name_of(command)}: failed")
        time.sleep(settles)
        after = resident_bytes(pid)
    return {"before": before, "after": after, "bytes_each": (after - before) / idle}
