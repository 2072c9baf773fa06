#!/usr/bin/env python3
"""Compares the traces of two runs, which may have folders for shares: compare.py QT_DIR QNET_DIR [--list intended.txt]

Prints a unified diff for each difference that is not intended. Fails for those, for intended ones that no longer
differ, for scenarios that one side lacks, and for qnet traces in which something went wrong ("!!").
"""

import argparse
import difflib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def read_traces(folder):
    return {p.stem: json.loads(p.read_text())["trace"] for p in sorted(folder.rglob("*.json"))}


def read_intended(path):
    entries = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, colon, reason = line.partition(":")
            if not colon or not reason.strip() or name.strip() in entries:
                sys.exit(f"{path.name}: a scenario, a colon and a reason, each scenario once: {line!r}")
            entries[name.strip()] = reason.strip()
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("qt", type=pathlib.Path)
    parser.add_argument("qnet", type=pathlib.Path)
    parser.add_argument("--list", type=pathlib.Path, default=HERE / "intended.txt")
    parser.add_argument("--some", action="store_true", help="only some scenarios were run")
    parser.add_argument("--show-intended", action="store_true", help="also print the diffs of intended differences")
    options = parser.parse_args()
    qt, qnet = read_traces(options.qt), read_traces(options.qnet)
    for folder, traces in ((options.qt, qt), (options.qnet, qnet)):
        if not traces:
            sys.exit(f"compare: no traces in {folder}")
    intended = read_intended(options.list)
    names = sorted(set(qt) | set(qnet))
    equal = accepted = 0
    failed = []

    def fail(name, why):
        failed.append(name)
        print(f"FAILED {name}: {why}")

    def show(name):
        for line in difflib.unified_diff(qt[name], qnet[name], f"qt/{name}", f"qnet/{name}", lineterm="", n=6):
            print(line)

    for name in names:
        if name not in qt or name not in qnet:
            fail(name, "no trace of " + ("Qt" if name not in qt else "qnet"))
        elif any(line.lstrip().startswith("!!") for line in qnet[name]):
            fail(name, "something went wrong on qnet")
            show(name)
        elif qt[name] == qnet[name]:
            if name in intended:
                fail(name, "listed as an intended difference, but there is none any more")
            else:
                equal += 1
        elif name in intended:
            accepted += 1
            if options.show_intended:
                print(f"intended {name}: {intended[name]}")
                show(name)
        else:
            fail(name, "differs")
            show(name)
    for name in intended:
        if name not in names and not options.some:
            fail(name, "listed as an intended difference, but there is no such scenario")
    print(f"compare: {len(names)} scenarios, {equal} equal, {accepted} intended differences, {len(failed)} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
