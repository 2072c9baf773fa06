"""A part of the tests: the commands that it runs, and what became of its tests."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import shlex
import signal
import subprocess
import threading
import time

from . import beside, mode
from .beside import BESIDE, NICE, OWN_NETWORK, lanes
from .places import LOGS, ROOT

MINUTES = 15  # that a single command may take
PROCESSORS = os.cpu_count() or 1
# Nothing that points to a library or a package may come from outside.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("MAKEFLAGS", "MAKELEVEL", "PYTHONPATH", "QNET_LIBRARY")}
ENVIRONMENT.update(PYTHONDONTWRITEBYTECODE="1", UBSAN_OPTIONS="print_stacktrace=1")


class Failure(Exception):
    """Why a test failed."""


class Part:
    """The results of a part, and its log."""

    def __init__(self, name):
        self.name = name
        self.passed = self.seconds = 0
        self.failed, self.skipped = [], []
        self.log = (LOGS / f"{name}.log").open("w", encoding="utf-8")
        self.lock = threading.RLock()

    def write(self, text):
        with self.lock:
            self.log.write(text)
            self.log.flush()

    def attempt(self, *command, **options):
        """Runs a command into the log; returns its status and output."""
        command = [str(word) for word in command]
        self.write(f"$ {shlex.join(command)}\n")
        shown = command[0]
        own = options.pop("own_network", False)
        if beside.networks and own == "always" or beside.side_by_side and own and self.name not in lanes([self.name])[0]:
            command = [*OWN_NETWORK, *command]
        environment = {**ENVIRONMENT, **options.pop("env", {})}
        start = time.monotonic()
        try:
            process = subprocess.Popen(command, cwd=options.pop("cwd", ROOT), env=environment, text=True,
                                       errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            self.write(f"{error}\n")
            return -1, ""
        if beside.side_by_side and not mode.quick and self.name in BESIDE:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            output, _ = process.communicate(timeout=options.pop("limit", 60 * MINUTES))
            status = process.returncode
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            output += f"\nkilled after {MINUTES} minutes\n"
            status = -1
        self.write(f"{'' if options.get('quiet') else output}[status {status}, {time.monotonic() - start:.1f} s: {shown}]\n")
        return status, output

    def compile(self, *commands):
        """Runs commands side by side, one for each processor; returns which of them succeeded."""
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            return [status == 0 for status, _ in pool.map(lambda command: self.attempt(*command), commands)]

    def run(self, *command, **options):
        """Runs a command that must succeed; returns its output."""
        status, output = self.attempt(*command, **options)
        if status != 0:
            raise Failure(f"{pathlib.Path(command[0]).name} ended with status {status}")
        return output

    @contextlib.contextmanager
    def test(self, name):
        """A test: what fails in the block fails it, and the next ones go on."""
        try:
            yield
        except (Failure, OSError, subprocess.TimeoutExpired) as why:
            self.fail(name, why)
        else:
            self.passed += 1

    def fail(self, name, why):
        self.failed.append(f"{name}: {why}")
        self.write(f"FAIL {name}: {why}\n")

    def skip(self, name, why):
        self.skipped.append(f"{name}: {why}")

    def program(self, name, *command, **options):
        """Runs a program that prints ok, FAIL and skip lines and ends with the numbers of its tests."""
        status, output = self.attempt(*command, own_network=True, **options)
        with self.lock:
            self.count(name, status, output)
        return output

    def count(self, name, status, output):
        """Adds up what a program has printed."""
        numbers = re.findall(r"^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$", output, re.M)
        why = re.findall(r"^FAIL (.*)$", output, re.M)
        if not numbers:
            self.fail(name, f"ended with status {status} and no numbers" + "".join(f"; {line}" for line in why))
            return
        passed, failed = int(numbers[-1][0]), int(numbers[-1][1])
        self.passed += passed
        self.failed += [f"{name}: {line}" for line in why[:failed]]
        self.failed += [f"{name}: not said what"] * (failed - len(why))
        self.skipped += [f"{name}: {line}" for line in re.findall(r"^skip (.*)$", output, re.M | re.I)]
        if (status != 0) != (failed != 0):
            self.fail(name, f"ended with status {status} after {failed} failures")
