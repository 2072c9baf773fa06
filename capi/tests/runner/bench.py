"""The benchmark in short."""

import json
import re
import shutil
import sys

from .environments import need_installed, need_python
from .part import Failure
from .places import ROOT, WORK


def bench(part, programs):
    """The benchmark in short: every server that can be built works, and every case runs."""
    folder = ROOT / "examples/bench"
    options = ["--bin-dir", programs]
    pythons = {"PySide6": need_python(part)}
    pythons.update(dict.fromkeys(["asyncio", "asyncio-streams", "uvloop", "qnet-python", "qnet-asyncio"], need_installed(part)))
    native = ["epoll", "qnet", "qnet-cpp", "libuv", "libuv-queued", "asio", "qt", "go"]
    part.program("bench servers", sys.executable, folder / "run_bench.py", *options, "--check", "--servers", *native)
    for python in dict.fromkeys(pythons.values()):
        names = [name for name, its in pythons.items() if its == python]
        part.program("bench servers in Python", sys.executable, folder / "run_bench.py", *options, "--check",
                     "--python", python, "--servers", *names)
        encrypting = [name for name in names if name in ("PySide6", "asyncio", "uvloop", "qnet-python")]
        part.program("bench servers in Python that encrypt", sys.executable, folder / "run_bench.py", *options, "--check",
                     "--tls", "--python", python, "--servers", *encrypting)
    part.program("bench servers that encrypt", sys.executable, folder / "run_bench.py", *options, "--check", "--tls",
                 "--servers", "openssl", "qnet", "qnet-cpp", "asio", "qt", "go")
    for client in ("load_client", "tls_load_client"):
        part.program(f"bench {client}", sys.executable, folder / "tests/test_load_client.py", programs / client)
    part.program("bench report", sys.executable, folder / "tests/test_report.py")
    said = part.run(sys.executable, folder / "run_bench.py", "--list")
    sets = {kind: re.findall(r"^  (\S+) ", said.split(f"scenarios{kind}:")[1].split("servers")[0], re.M) for kind in ("", " (--tls)")}
    try:  # only where the kernel lets us count
        open("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id", encoding="ascii").close()
    except OSError as why:
        part.skip("bench: system calls per message", why)
        sets[""] = [name for name in sets[""] if not name.startswith("syscalls-")]
    bench_in_short(part, [folder / "run_bench.py", *options], ["epoll", "qnet", "qnet-cpp"], sets[""])
    bench_in_short(part, [folder / "run_bench.py", *options, "--tls"], ["openssl", "qnet", "qnet-cpp"], sets[" (--tls)"])


def bench_in_short(part, command, servers, scenarios):
    """Runs cases for a moment."""
    with part.test(f"bench {' '.join(servers)}"):
        output = WORK / "bench"
        shutil.rmtree(output, ignore_errors=True)
        part.run(sys.executable, *command, "--quick", "--rounds", 1, "--seconds", 0.1, "--warmup", 0.05, "--idle-limit", 200,
                 "--servers", *servers, "--scenarios", *scenarios, "--output", output)
        found = json.loads((output / "results.json").read_text(encoding="utf-8"))
        if found["failures"] or set(found["runs"]) != set(scenarios):
            raise Failure(f"failures: {found['failures']}, cases that ran: {', '.join(found['runs'])}")
