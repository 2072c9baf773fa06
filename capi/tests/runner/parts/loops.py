"""Part loops: other event loops."""

import sys

from ..compilers import CC, CXX
from ..environments import need_installed, need_library
from ..packages import need_development
from ..places import BUILD, ROOT


def loops(part):
    """qnet driven by GLib, libuv, poll(), Qt and asyncio"""
    need_library(part)
    need_development(part)
    programs = BUILD / "strict"
    part.run("make", f"CC={CC}", f"CXX={CXX}", f"BIN={programs.relative_to(ROOT)}",
             "WARNINGS=-Wall -Wextra -Wpedantic -Werror", "loops")
    part.program("loops", sys.executable, ROOT / "examples/loops/run_loops.py", "--bin", programs,
                 "--python", need_installed(part))
