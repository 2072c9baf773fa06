"""Part sctp: what needs a kernel with SCTP."""

import pathlib
import re
import shlex
import shutil

from ..compilers import CC, CXX, WARNINGS
from ..environments import need_installed, need_library
from ..go_tests import count_go, go_results
from ..guest import GUEST, RESULTS, in_guest
from ..packages import need_doctest
from ..places import BUILD, ROOT, WORK
from ..pytest_report import count_pytest

GO_TESTS = "(?i)sctp"  # by their names
# Those in C that do much with each kind of socket that the kernel has, and what they are given: seconds are short there.
OF_ALL_KINDS = {"stress": ["--rounds", "6"], "misuse": []}
# What tests say where there is no SCTP.
MISSING = r"(?:lacks|needs) SCTP"


def sctp(part):
    """SCTP, in a guest with Debian's kernel whose processor is emulated: what speaks it in Go, C, C++ and Python, stress and misuse"""
    need_library(part)
    room = WORK / "sctp"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    programs = {**c_programs(part, room), **cpp_program(part, room)}
    packages = go_programs(part, room)
    modules = python_modules(part)
    for name, status, output in in_guest(part, room, {**programs, **packages, **modules}):
        if why := re.search(f"^.*{MISSING}.*$", output, re.M):
            part.fail(name, f"{why.group().strip()}: that is no reason in the guest")
        if name in packages:
            count_package(part, room, name, status, output)
        elif name in modules:
            count_pytest(part, room / "results/pytest.xml", status)
        else:
            part.count(name, status, output)


def c_programs(part, room):
    """Compiles the programs in C; returns how they are run."""
    folder = ROOT / "capi/tests"
    sources = [GUEST / "kernel.c", *sorted(folder.glob("*sctp*.c")), *(folder / f"{name}.c" for name in OF_ALL_KINDS)]
    good = part.compile(*([CC, "-std=gnu11", "-g", "-O1", *WARNINGS, "-pthread", f"-I{ROOT}/include", source, "-o", room / source.stem,
                           f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}"] for source in sources))
    for source in (source for source, compiled in zip(sources, good) if not compiled):
        part.fail(source.name, "does not compile")
    # In an empty folder: misuse looks for certificates in all that is below the one where it runs.
    return {source.stem: "cd /dev/shm && " + shlex.join([str(room / source.stem), *OF_ALL_KINDS.get(source.stem, [])])
            for source, compiled in zip(sources, good) if compiled}


def cpp_program(part, room):
    """Compiles the tests in C++; returns how they are run."""
    sources, program = sorted((ROOT / "bindings/cpp/tests").glob("*sctp*.cpp")), room / "cpp"
    if not sources:
        return {}
    need_doctest(part)
    objects = [room / f"{source.stem}.o" for source in (ROOT / "bindings/cpp/tests/main.cpp", *sources)]
    good = part.compile(*([CXX, "-std=c++17", "-O0", *WARNINGS, "-pthread", f"-I{ROOT}/bindings/cpp", f"-I{ROOT}/include", "-c",
                           ROOT / f"bindings/cpp/tests/{made.stem}.cpp", "-o", made] for made in objects))
    if not all(good) or part.attempt(CXX, *objects, "-o", program, "-pthread", f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}")[0] != 0:
        part.fail("the tests in C++", "do not compile")
        return {}
    return {"C++": shlex.quote(str(program))}


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


def count_package(part, room, name, status, output):
    """Adds up the tests of a package in Go, from what its program has printed."""
    said = room / f"{pathlib.Path(name).name}.out"
    said.write_text(output, encoding="utf-8")
    results = go_results(part, part.run("sh", "-c", 'exec go tool test2json -p "$1" <"$2"', "sh", name, said, quiet=True))
    count_go(part, results)
    if (name, None) not in results:
        part.fail(name, f"ended with status {status} and no result")


def python_modules(part):
    """Returns how the tests in Python are run, with the installed wheel."""
    sources = sorted((ROOT / "bindings/python/tests").glob("test_*sctp*.py"))
    if not sources:
        return {}
    # Plug-ins take longer to be loaded than the tests.
    return {"Python": shlex.join(map(str, ["env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", need_installed(part), "-m", "pytest", "-p", "no:cacheprovider", "-rs",
                                           f"--junitxml={RESULTS}/pytest.xml", *sources]))}
