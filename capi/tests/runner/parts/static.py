"""Part static: the library as an archive, inside the programs."""

import re
import shutil

from ..c_programs import program_arguments
from ..compilers import CC, CXX, WARNINGS
from ..mode import TEST
from ..packages import need
from ..part import Failure
from ..places import BUILD, ROOT, WORK
from ..sources import sources

# What goes on around the library: its start, signals, stacks, threads, the process's end.
HOSTS = "coroutines", "destructors", "ending", "faulting", "forking", "privileged", "starting", "streams", "threads"
NOT_ON_MUSL = {"coroutines": "musl has no makecontext()", "destructors": "there is no C++ library for musl here"}
MUSL = BUILD / "musl"


def static(part):
    """libqnet.a in programs in C and C++, also without any shared library; on musl, where it and the shared one are linked with"""
    need(part, "c++", "ip", "musl-gcc")
    room = WORK / "static"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    archive = BUILD / "libqnet.a"
    part.run("make", f"CC={CC}", "static")
    with part.test("the functions of the API are all that it defines"):
        wanted = set(re.findall(r"^\t(qnet_\w+);$", (ROOT / "capi/exports.map").read_text(encoding="utf-8"), re.M))
        found = set(re.findall(r" [^U ] (\S+)$", part.run("nm", "-g", "--defined-only", archive, quiet=True), re.M))
        if not wanted or found != wanted:
            raise Failure(f"{sorted(found ^ wanted)[:9]}")
    second = room / "libsecond.a"
    part.run("go", "build", "-buildvcs=false", "-buildmode=c-archive", "-o", second, "./capi/tests/hosts/second", env={"CC": CC})
    for name, options in ("usual", []), ("alone", ["-static"]):
        programs(part, name, [CC, *options], [CXX, *options], archive, [source for source in sources("capi/tests/hosts", "*.c*")
                                                                       if source.stem in HOSTS])
        programs(part, name, [CC, *options], None, archive, sources("capi/tests/static", "beside.c"), second)
    on_musl(part, room)


def programs(part, kind, compiler, compiler_cpp, archive, found, *libraries):
    """Compiles programs with an archive inside, and runs them."""
    found = [source for source in found if TEST in ("", source.stem)]
    room = WORK / "static" / kind
    room.mkdir(exist_ok=True)
    options = ["-g", "-O1", *WARNINGS, "-pthread", f"-I{ROOT}/include"]
    commands = [[*compiler_cpp, "-std=c++17", f"-I{ROOT}/bindings/cpp"] if source.suffix == ".cpp" else [*compiler, "-std=gnu11"]
                for source in found]
    good = part.compile(*([*command, *options, source, "-o", room / source.stem, archive, *libraries, "-lm", "-lresolv"]
                          for command, source in zip(commands, found)))
    for source, compiled in zip(found, good):
        if compiled:
            part.program(f"{kind}: {source.stem}", room / source.stem, *program_arguments(source))
        else:
            part.fail(f"{kind}: {source.name}", "does not compile")


def on_musl(part, room):
    """The tests of the API in C and the hosts, without a shared library; a program that is linked with the shared one."""
    make = ["make", "CC=musl-gcc", f"BUILD={MUSL.relative_to(ROOT)}"]
    part.run(*make, "static", "library")
    hosts = [source for source in sources("capi/tests/hosts", "*.c*") if source.stem in HOSTS]
    for source in hosts:
        if source.stem in NOT_ON_MUSL:
            part.skip(f"musl: {source.stem}", NOT_ON_MUSL[source.stem])
    programs(part, "musl", ["musl-gcc", "-static"], None, MUSL / "libqnet.a",
             [*sources("capi/tests", "api*.c"), *(source for source in hosts if source.stem not in NOT_ON_MUSL)])
    if TEST:
        return
    with part.test("musl: a program that is linked with the shared library"):
        program = room / "linked"
        part.run("musl-gcc", f"-I{ROOT}/include", ROOT / "capi/tests/install/consumer.c", "-o", program, f"-L{MUSL}", "-lqnet",
                 f"-Wl,-rpath,{MUSL}")
        part.run(program)
    with part.test("musl: dlopen() of the shared library says why it cannot be"):
        program = room / "loading"
        part.run("musl-gcc", *WARNINGS, ROOT / "capi/tests/static/loading.c", "-o", program)
        status, output = part.attempt(program, MUSL / "libqnet.so")
        if status != 1 or "initial-exec TLS" not in output:
            raise Failure(f"status {status}: {output}")
