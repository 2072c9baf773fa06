"""Part load: many connections, and odd clocks."""

import os
import re
import shlex

from ..compilers import CC, WARNINGS
from ..environments import need_library
from ..places import BUILD, ROOT, WORK


def load(part):
    """an echo server with 15,000 connections at once, 1,000,000 one after another and no descriptors left; odd clocks"""
    need_library(part)
    folder = WORK / "load"
    folder.mkdir(parents=True, exist_ok=True)
    for name, qnet in ("clients", []), ("load", ["-lqnet"]), ("clock", ["-lqnet"]):
        part.run(CC, "-std=gnu11", "-g", "-O2", *WARNINGS, "-pthread", f"-I{ROOT}/include",
                 ROOT / f"capi/tests/load/{name}.c", "-o", folder / name, f"-L{BUILD}", *qnet, f"-Wl,-rpath,{BUILD}")
    output = part.program("load", folder / "load", folder / "clients", *shlex.split(os.environ.get("QNET_LOAD", "")))
    part.program("clock", folder / "clock")
    with open("/proc/uptime", encoding="ascii") as file:
        age = int(float(file.read().split()[0]))
    for name, offset in ("a clock that was just set", -age), ("a clock of 30 years", 950_000_000):
        space = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--time", "--monotonic", offset]
        status, why = part.attempt(*space, "true")
        if status != 0:
            part.skip(name, f"there can be no time namespace: {why.strip()}")
        else:
            part.program(name, *space, folder / "clock", "timers", "waits", "limits")
    return "\n   ".join(re.findall(r"^   (.*)$", output, re.M))
