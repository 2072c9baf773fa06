#!/usr/bin/env python3
"""Runs the scenarios on one library and writes their traces, one JSON file each.

    python run.py --backend qt --out /tmp/qttraces [--text] [--share K/N] [names or topics...]

Many scenarios share a process; one that hangs or crashes loses its process, is noted as such, and the others go on.
Several runs with a share each may go on at the same time, each with a folder and a network of its own: most of the time
is waiting.
"""

import argparse
import importlib
import json
import os
import pathlib
import select
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOPICS = sorted(p.stem for p in (HERE / "scenarios").glob("*.py") if p.stem != "__init__")


def names_from(topics_or_names):
    """The scenarios asked for, found without loading either library."""
    import ast
    found = []
    for topic in TOPICS:
        tree = ast.parse((HERE / "scenarios" / f"{topic}.py").read_text())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    call = mark if isinstance(mark, ast.Call) else None
                    if getattr(call.func if call else mark, "id", "") == "scenario":
                        options = {k.arg: k.value for k in (call.keywords if call else [])}
                        rows = options.pop("rows", None)
                        options = {name: value.value for name, value in options.items()}
                        for name in [key.value for key in rows.keys] if rows else [node.name]:
                            found.append((name, topic, options.get("fresh", False), options.get("timeout", 20),
                                          options.get("qt_crashes", False)))
    if topics_or_names:
        # Topics with the same first word are one, too.
        topics_or_names = [*topics_or_names, *(t for t in TOPICS if t.partition("_")[0] in topics_or_names)]
        unknown = set(topics_or_names) - {n for n, *_ in found} - set(TOPICS) - {t.partition("_")[0] for t in TOPICS}
        if unknown:
            sys.exit(f"no such scenario or topic: {', '.join(sorted(unknown))}")
        found = [f for f in found if f[0] in topics_or_names or f[1] in topics_or_names]
    return found


def worker(topics, names):
    """Runs inside the subprocess: reports each trace as a line of JSON."""
    sys.path.insert(0, str(HERE))
    import trace
    for topic in topics:
        importlib.import_module("scenarios." + topic)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for name in names:
        out.write(json.dumps({"start": name}) + "\n")
        out.flush()
        lines = trace.run_scenario(name)
        out.write(json.dumps({"name": name, "trace": lines}) + "\n")
        out.flush()
    out.flush()
    os._exit(0)


def run_batch(batch, backend, save):
    """Runs a batch in one process after another until each scenario has a trace."""
    left = list(batch)
    while left:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "run.py"), "--worker", ",".join(sorted({t for _, t, *_ in left})),
             *[n for n, *_ in left]], stdout=subprocess.PIPE, env={**os.environ, "COMPARE_BACKEND": backend})
        limit, buffer, current = 30, b"", None
        deadline = time.monotonic() + limit
        verdict = None
        while verdict is None:
            if not select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                verdict = "HANGS"
                break
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                code = process.wait()
                verdict = "done" if code == 0 else f"ENDS THE PROCESS ({code})"
                break
            buffer += piece
            while b"\n" in buffer:
                line, buffer = buffer.split(b"\n", 1)
                message = json.loads(line)
                if "start" in message:
                    current = next(s for s in left if s[0] == message["start"])
                    started = time.monotonic()
                    deadline = time.monotonic() + current[3]
                else:
                    if time.monotonic() - started > 2:
                        print(f"{current[0]} took {time.monotonic() - started:.1f} s")
                    save(current, message["trace"])
                    left.remove(current)
                    current = None
        process.kill()
        process.wait()
        process.stdout.close()
        if verdict == "done":
            if left:
                sys.exit("the worker ended early")
        elif current is None:
            sys.exit(f"the worker {verdict} outside any scenario")
        else:
            save(current, ["!! THIS SCENARIO " + verdict])
            left.remove(current)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=("qt", "qnet"), default="qt")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--text", action="store_true", help="also write each trace as readable text")
    parser.add_argument("--crashes", action="store_true", help="on Qt, also run the scenarios that crash it")
    parser.add_argument("--list", action="store_true", help="only list the scenarios")
    parser.add_argument("--share", metavar="K/N", default="1/1", type=lambda text: [int(n) for n in text.split("/")],
                        help="only each Nth scenario, from the Kth on")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.worker is not None:
        worker(options.worker.split(","), options.names)
    share, shares = options.share
    if not 0 < share <= shares:
        parser.error("a share is one of some")
    scenarios = names_from(options.names)[share - 1::shares]
    if options.list:
        for name, topic, *_ in scenarios:
            print(f"{topic:12} {name}")
        print(len(scenarios))
        return
    if not options.out:
        parser.error("--out is needed")
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.names:
        for old in options.out.glob("*.json"):
            old.unlink()
    bad = []

    def save(scenario, trace):
        name, topic, *_ = scenario
        (options.out / f"{name}.json").write_text(json.dumps({"name": name, "topic": topic, "trace": trace}, indent=1))
        if options.text:
            (options.out / f"{name}.txt").write_text("\n".join(trace) + "\n")
        if any(line.lstrip().startswith("!!") for line in trace):
            bad.append(name)
            print(f"{name}:", *[line for line in trace if line.lstrip().startswith("!!")], sep="\n  ")

    began = time.monotonic()
    if options.backend == "qt" and not options.crashes:
        for one in (s for s in scenarios if s[4]):
            save(one, ["Qt crashes here"])
        running = [s for s in scenarios if not s[4]]
    else:
        running = scenarios
    shared = [s for s in running if not s[2]]
    if shared:
        run_batch(shared, options.backend, save)
    for one in (s for s in running if s[2]):
        run_batch([one], options.backend, save)
    print(f"{options.backend}: {len(scenarios)} scenarios in {time.monotonic() - began:.0f} s"
          + (f", {len(bad)} of them failed: {' '.join(bad)}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
