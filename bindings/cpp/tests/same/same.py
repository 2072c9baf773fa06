#!/usr/bin/env python3
"""Runs the programs of this folder as they were built on real Qt and on qnet, which must print the same.

    same.py QT QNET [--seed N] [NAME...]

QT and QNET are folders with the programs. Each is given --seed N; what is random comes from that. Prints an ok or FAIL
line for each, with the first differences, and the numbers of tests.
"""

import argparse
import difflib
import itertools
import pathlib
import subprocess
import sys
import time


def run(program, seed):
    """What a program prints, and its status. Messages of qnet begin with its name."""
    done = subprocess.run([program, "--seed", str(seed)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300)
    lines = done.stdout.decode(errors="backslashreplace").splitlines()
    return [line.removeprefix("qnet: ") for line in lines], done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folders", nargs=2, type=pathlib.Path, metavar=("QT", "QNET"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    names = arguments.names or sorted(source.stem for source in pathlib.Path(__file__).parent.glob("*.cpp"))
    failed = 0
    for name in names:
        (qt, *status), (qnet, *other) = (run(folder / name, arguments.seed) for folder in arguments.folders)
        if qt == qnet and status == other == [0] and qt:
            print(f"ok {name}")
            continue
        failed += 1
        print(*itertools.islice(difflib.unified_diff(qt, qnet, "Qt", "qnet", n=3, lineterm=""), 60), sep="\n")
        print(f"FAIL {name}: status {status[0]} with Qt, {other[0]} with qnet, --seed {arguments.seed}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
