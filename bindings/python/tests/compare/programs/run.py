#!/usr/bin/env python3
"""Compares real Qt and qnet on programs that are made by chance from a seed.

    run.py --qt PYTHON --qnet PYTHON [--seed N] [--programs N] [KIND ...]

PYTHON: an interpreter that has PySide6, and one that has qnet; this one needs hypothesis. Of each KIND of program (all,
if none is named) there are --programs. A difference is made as small as it can be and printed, with the program as a
scenario that can be pasted into a file of scenarios/. The same seed makes the same programs.

A program that Qt does not survive is not compared, but qnet has to survive it. A difference that is not there again
when the program is played again is none: a wait may have run out of time on a busy machine. More than a few of either
fail.
"""

import argparse
import difflib
import hashlib
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import textwrap
import time

from hypothesis import HealthCheck, Phase, Verbosity, errors, given, seed, settings

import strategies

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 20       # seconds that a program may take, which takes some milliseconds
BATCH = 100         # programs, in which at most one difference is found
FEW = 0.02          # of the programs


class Side:
    """A process that plays programs on one library, and another one when that has died."""

    def __init__(self, backend, python, processor):
        self.python, self.process, self.rules = python, None, []
        self.last, self.late = "", []       # what was played last; what ended the process after its trace was there
        self.environment = {**os.environ, "COMPARE_BACKEND": backend, "COMPARE_PROCESSOR": str(processor)}

    def begin(self, source):
        if self.process is not None and self.process.poll() is not None:
            self.late.append(f"{self.stop()} afterwards\n\n{self.last}")
        self.last = source
        if self.process is None:
            self.process = subprocess.Popen([self.python, str(HERE / "play.py")], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, env=self.environment)
            self.rules = self.answer()
            if self.rules is None:
                sys.exit(f"{self.python} {HERE / 'play.py'} does not begin: {self.stop()}")
        self.process.stdin.write(json.dumps(source).encode() + b"\n")
        self.process.stdin.flush()

    def trace(self):
        """The trace of the program that was begun."""
        return self.answer() or [f"!! {self.stop()}"]

    def answer(self):
        """What the process says next; None if it dies or says nothing for too long."""
        answer, end = b"", time.monotonic() + PATIENCE
        while not answer.endswith(b"\n"):
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                return None
            answer += piece
        return json.loads(answer)

    def stop(self):
        """Ends the process, and tells how it ended."""
        process, self.process = self.process, None
        if process is None:
            return ""
        process.stdin.close()
        try:
            how = f"ENDS THE PROCESS ({process.wait(1)})"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            how = "HANGS"
        process.stdout.close()
        return how


def scenario(lines):
    """A program as the text of a scenario."""
    text = "\n".join(["r.by_object()", *lines])
    name = hashlib.md5(text.encode()).hexdigest()[:8]
    return f'@scenario\ndef random_{name}(r):\n    """Made by chance."""\n' + textwrap.indent(text, "    ") + "\n"


def failed(trace):
    return any(line.lstrip().startswith("!!") for line in trace)


class Difference(Exception):
    """A scenario, and the traces of Qt and of qnet."""


class Comparison:
    def __init__(self, qt, qnet):
        self.sides = Side("qt", qt, 0), Side("qnet", qnet, 1)
        self.programs = 0
        self.beyond_qt = []     # what Qt does not survive
        self.unsteady = []      # what was not the same again

    def traces(self, source):
        for side in self.sides:
            side.begin(source)
        return [side.trace() for side in self.sides]

    def check(self, lines):
        """Raises Difference if there is one."""
        source = scenario(lines)
        qt, qnet = self.traces(source)
        self.programs += 1
        if any(line.startswith("!! FAILED") for line in qt):
            sys.exit("\n".join(["this is no program:", source, *qt]))
        if failed(qt) and not failed(qnet):
            self.beyond_qt.append(source)
            return
        if qt == qnet:
            return
        if self.traces(source) != [qt, qnet]:
            self.unsteady.append(source)
        else:
            raise Difference(source, qt, qnet)

    def batch(self, kind, number, count):
        """The smallest difference that count programs of a kind come to, or None."""
        @seed(number)
        @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
                  suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet, print_blob=False,
                  report_multiple_bugs=False)
        @given(strategies.KINDS[kind])
        def compare(lines):
            self.check(lines)
        try:
            compare()
        except Difference as difference:
            return difference
        except errors.Flaky as flaky:
            self.unsteady.append(str(flaky))
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qt", required=True, metavar="PYTHON")
    parser.add_argument("--qnet", required=True, metavar="PYTHON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=1000, help="of each kind")
    parser.add_argument("--show", action="store_true",
                        help="also print what Qt does not survive, and what is not steady")
    parser.add_argument("kinds", nargs="*", default=[], metavar="KIND", help=" ".join(strategies.KINDS))
    options = parser.parse_args()
    kinds = options.kinds or list(strategies.KINDS)
    if unknown := [kind for kind in kinds if kind not in strategies.KINDS]:
        parser.error(f"no such kind: {' '.join(unknown)}; there are {' '.join(strategies.KINDS)}")
    comparison, failures, passed = Comparison(options.qt, options.qnet), 0, 0
    for kind in kinds:
        began, before, differences = time.monotonic(), comparison.programs, 0
        for number in range(0, options.programs, BATCH):
            count = min(BATCH, options.programs - number)
            difference = comparison.batch(kind, options.seed * 1_000_003 + number, count)
            if difference:
                differences += 1
                source, qt, qnet = difference.args
                print(source)
                print(*difflib.unified_diff(qt, qnet, "qt", "qnet", lineterm="", n=6), "", sep="\n", flush=True)
        print(f"{kind}: {comparison.programs - before} programs in {time.monotonic() - began:.0f} s", flush=True)
        if differences:
            print(f"FAIL {kind}: seed {options.seed} shows {differences} differences")
        failures, passed = failures + bool(differences), passed + (not differences)
    for side in comparison.sides:
        side.stop()

    for late in comparison.sides[1].late:
        failures += 1
        print(f"FAIL qnet: {late}")
    comparison.beyond_qt += comparison.sides[0].late
    for what, sources in ("Qt does not survive", comparison.beyond_qt), ("is not steady", comparison.unsteady):
        if options.show:
            print(*(f"{what}:\n\n{source}" for source in sources), sep="\n")
        if len(sources) > FEW * comparison.programs:
            failures += 1
            print(f"FAIL {what}: {len(sources)} of {comparison.programs} programs")
    reasons = (HERE.parent / "intended.txt").read_text()
    rules = {*strategies.RULES, *comparison.sides[0].rules}
    if missing := [name for name in sorted(rules) if not re.search(rf"^{name}: \w", reasons, re.M)]:
        failures += 1
        print(f"FAIL names: intended.txt has no reason for {' '.join(missing)}")
    print(f"   {comparison.programs} programs from seed {options.seed}; {len(comparison.beyond_qt)} that Qt does not "
          f"survive, {len(comparison.unsteady)} not steady")
    print(f"{passed} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
