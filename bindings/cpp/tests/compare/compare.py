#!/usr/bin/env python3
"""Runs the same random programs on real Qt and on qnet, and compares what they print.

    compare.py QT QNET [--seed N] [--rounds N] [--seconds N]

QT and QNET are objects.cpp, built on each. A round has the seed after that of the round before. Where one differs, the
fewest steps are looked for with which it still does. Prints an ok or FAIL line and the numbers of tests.
"""

import argparse
import difflib
import itertools
import subprocess
import sys
import time

AT_ONCE = 500  # rounds


def run(program, seed, rounds, steps=0):
    """What a program prints in each round, and its status."""
    done = subprocess.run([program, "--seed", str(seed), "--rounds", str(rounds), "--steps", str(steps)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=600)
    return [text.strip() for text in done.stdout.split("\nround ")[1:]], done.returncode


def compare(programs, seed, rounds, steps=0):
    """Returns how many rounds are equal, and whether the next one differs. One in which Qt itself crashes does not: some of
    what qnet allows, Qt survives but mostly."""
    (qt, status), (qnet, other) = (run(program, seed, rounds, steps) for program in programs)
    equal = sum(1 for _ in itertools.takewhile(lambda both: both[0] == both[1], zip(qt, qnet)))
    if equal == rounds and status == other == 0:
        return rounds, False
    return equal, status >= 0 or (equal < len(qt) and qt[equal].endswith("\nend"))


def report(programs, seed):
    """Tells the difference of a round, with as few steps as it takes."""
    steps = next((steps for steps in range(1, 35) if compare(programs, seed, 1, steps)[1]), 0)
    texts = [rounds[0].splitlines() if rounds else [] for rounds, _ in (run(program, seed, 1, steps) for program in programs)]
    print(*itertools.islice(difflib.unified_diff(*texts, "Qt", "qnet", n=60, lineterm=""), 120), sep="\n")
    print(f"FAIL objects: they differ with --rounds 1 --seed {seed} --steps {steps}\n0 passed, 1 failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("programs", nargs=2, metavar=("QT", "QNET"))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rounds", type=int, default=0, help="instead of a time")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    end = time.monotonic() + arguments.seconds
    done = crashes = 0
    while done < arguments.rounds if arguments.rounds else time.monotonic() < end:
        wanted = min(AT_ONCE, arguments.rounds - done) if arguments.rounds else AT_ONCE
        equal, differs = compare(arguments.programs, arguments.seed + done, wanted)
        done += equal
        if differs:
            report(arguments.programs, arguments.seed + done)
            return 1
        if equal < wanted:
            done += 1
            crashes += 1
    print(f"{done} rounds, in {crashes} of which Qt crashes\nok objects\n1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
