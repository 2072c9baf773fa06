"""Part sctp: what needs a kernel with SCTP."""

import re
import shlex
import shutil

from ..compilers import CC, WARNINGS
from ..environments import need_library
from ..go_tests import count_go, go_results
from ..guest import GUEST, in_guest
from ..places import BUILD, ROOT, WORK

GO_TESTS = "(?i)sctp"  # by their names


def sctp(part):
    """SCTP, in a guest with Debian's kernel whose processor is emulated: the tests in Go and C that speak it"""
    need_library(part)
    room = WORK / "sctp"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    programs = c_programs(part, room)
    packages = go_programs(part, room)
    for name, status, output in in_guest(part, room, {**programs, **packages}):
        if name in programs:
            part.count(name, status, output)
            continue
        told = room / f"{name.replace('/', '-')}.out"
        told.write_text(output, encoding="utf-8")
        results = go_results(part, part.run("sh", "-c", f"go tool test2json -p {name} <{shlex.quote(str(told))}", quiet=True))
        count_go(part, results)
        if (name, None) not in results:
            part.fail(name, f"ended with status {status} and no result")
    # Where the kernel has SCTP nothing that speaks it may be skipped.
    if part.passed:
        part.failed += [f"{line}, which is no reason in the guest" for line in part.skipped]
        part.skipped.clear()


def c_programs(part, room):
    """Compiles the programs in C; returns how they are run."""
    sources = [GUEST / "kernel.c", *sorted((ROOT / "capi/tests").glob("*sctp*.c"))]
    good = part.compile(*([CC, "-std=gnu11", "-g", "-O1", *WARNINGS, "-pthread", f"-I{ROOT}/include", source, "-o", room / source.stem,
                           f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}"] for source in sources))
    for source, compiled in zip(sources, good):
        if not compiled:
            part.fail(source.name, "does not compile")
    return {source.stem: shlex.quote(str(room / source.stem)) for source, compiled in zip(sources, good) if compiled}


def go_programs(part, room):
    """Compiles the packages that have tests of SCTP; returns how these are run."""
    folders = sorted({source.parent for source in (ROOT / "core").rglob("*_test.go")
                      if re.search(r"^func Test\w*sctp", source.read_text(encoding="utf-8"), re.M | re.I)})
    commands = {}
    for folder in folders:
        name = f"qnet/{folder.relative_to(ROOT)}"
        program = room / f"{folder.name}.test"
        part.run("go", "test", "-c", "-o", program, name, env={"CGO_ENABLED": "0"})
        commands[name] = shlex.join(["cd", str(folder)]) + " && " + shlex.join([str(program), "-test.v=test2json", f"-test.run={GO_TESTS}"])
    return commands
