"""The command: which parts run, and what is printed of them."""

import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import time

from . import beside, mode
from .beside import CHECK, OWN_NETWORK, lanes
from .part import Failure, Part
from .parts import PARTS
from .places import LOGS, ROOT, WORK

TAIL = 40  # lines of the log that are shown when a part failed


def run_part(name):
    part = Part(name)
    begun = f"-- {name}: {PARTS[name].__doc__}"
    if not beside.side_by_side:
        print(begun, flush=True)
    start = time.monotonic()
    note = None
    try:
        note = PARTS[name](part)
    except (Failure, OSError) as why:
        part.fail(name, why)
    part.seconds = time.monotonic() - start
    part.log.close()
    text = [begun] if beside.side_by_side else []
    if part.failed:
        log = pathlib.Path(part.log.name)
        lines = log.read_text(encoding="utf-8").splitlines()
        text += [f"the end of {log.relative_to(ROOT)}:", *(f"   | {line}" for line in lines[-TAIL:])]
        text += [f"   FAILED {line}" for line in part.failed]
    text += [f"   skipped {line}" for line in part.skipped]
    text += [f"   {note}"] if note else []
    if text:
        print("\n".join(text), flush=True)
    return part


def run_parts(names):
    """Runs parts, side by side where that can be; returns what has become of them, in the order of the names."""
    beside.networks = shutil.which("ip") and subprocess.run([*OWN_NETWORK, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    beside.side_by_side = beside.networks and len(names) > 1
    if not beside.side_by_side:
        return [run_part(name) for name in names]
    with concurrent.futures.ThreadPoolExecutor(len(lanes(PARTS))) as pool:
        parts = pool.map(lambda lane: [run_part(name) for name in lane if name in names], lanes(PARTS))
        return sorted((part for lane in parts for part in lane), key=lambda part: names.index(part.name))


def main():
    if "--list" in sys.argv[1:]:
        for name, function in PARTS.items():
            print(f"{name:10} {function.__doc__}")
        return 0
    names = sys.argv[1:]
    if "--check" in names:
        mode.quick = True
        names.remove("--check")
    names = names or [name for name in PARTS if not mode.quick or any(name in lane for lane in CHECK)]
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"no such part: {' '.join(unknown)}; there are {' '.join(PARTS)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    WORK.mkdir(parents=True, exist_ok=True)
    sys.stdout.reconfigure(errors="replace")

    parts = run_parts(names)

    print(f"\n{'part':10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for part in parts:
        print(f"{part.name:10} {part.passed:7} {len(part.failed):7} {len(part.skipped):8} {part.seconds:8.0f}")
    passed, failed, skipped = (sum(numbers) for numbers in zip(
        *((part.passed, len(part.failed), len(part.skipped)) for part in parts)))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0
