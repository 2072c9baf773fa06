"""Part peers: encrypted connections with programs of others."""

import contextlib
import shlex

from ..compilers import CC, WARNINGS
from ..environments import need_installed, need_library, need_python
from ..guide.programs import guide_program, guide_room
from ..mode import CASE
from ..packages import need
from ..part import Failure
from ..places import BUILD, ROOT


def peers(part):
    """encrypted connections with programs of others: Qt, OpenSSL, curl, Go, Python, tlslite-ng; what testssl.sh and sslscan say"""
    need_library(part)
    need(part, "c++", "curl", "openssl")
    with contextlib.suppress(Failure):  # who needs them says so where they cannot be installed
        need(part, "sslscan", "testssl")
    folder, room = ROOT / "capi/tests/peers", guide_room(part, "peers")
    python, c_end, go_end = need_installed(part), room / "ends-c", room / "ends-go"
    part.run(CC, "-std=gnu11", "-g", "-O1", *WARNINGS, f"-I{ROOT}/include", folder / "ends.c", "-o", c_end, f"-L{BUILD}", "-lqnet",
             f"-Wl,-rpath,{BUILD}")
    part.run("go", "build", "-o", go_end, "./capi/tests/peers/go")
    guides = []
    for language, name in ("c", "C"), ("cpp", "C++"), ("python", "Python"):
        programs = [guide_program(part, "tls", language, number) for number in (0, 1)]
        if language == "python":
            programs = [[python, source] for _, source in programs]
        guides += ["--guide", name, *(shlex.join(map(str, program)) for program in programs)]
    part.program("peers", python, folder / "run.py", "--qnet", python, "--qt", need_python(part), "--c", c_end, "--go", go_end,
                 "--room", room, *guides, *filter(None, [CASE]))
