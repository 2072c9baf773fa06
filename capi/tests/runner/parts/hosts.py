"""Part hosts: programs that load the library in many ways."""

import shutil

from ..c_programs import program_arguments
from ..compilers import CC, CXX, WARNINGS
from ..environments import need_library
from ..mode import TEST
from ..packages import need
from ..places import BUILD, LIBRARY, ROOT, WORK
from ..sources import sources


def hosts(part):
    """programs that are hosts of the library in many ways: how they load it, fork, end, handle signals, what they lack"""
    need_library(part)
    need(part, "c++")
    room = WORK / "hosts"
    room.mkdir(parents=True, exist_ok=True)
    second, copy, plugin = room / "libsecond.so", room / "libcopy.so", room / "libplugin.so"
    part.run("go", "build", "-buildvcs=false", "-buildmode=c-shared", "-o", second, "./capi/tests/hosts/second",
             env={"CC": CC})
    shutil.copyfile(LIBRARY, copy)
    places = [f'-D{name}="{path}"' for name, path in (
        ("LIBRARY", LIBRARY.resolve()), ("SECOND", second), ("COPY", copy), ("PLUGIN", plugin))]
    # All but one without sanitizers, which are hosts of their own kind: they take signals, stacks and address space.
    options = ["-g", "-O1", *WARNINGS, "-pthread", f"-I{ROOT}/include"]
    linked = [f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}"]
    part.run(CC, "-std=gnu11", *options, "-fPIC", "-shared", ROOT / "capi/tests/hosts/plugin/plugin.c", "-o", plugin, *linked)
    for source in sources("capi/tests/hosts", "*.c*", TEST):
        program = room / source.stem
        if source.stem == "sanitized":
            command = [CC, "-std=gnu11", *options, "-fsanitize=address", source, "-o", program, *linked]
        elif source.suffix == ".cpp":
            command = [CXX, "-std=c++17", *options, f"-I{ROOT}/bindings/cpp", source, "-o", program, *linked]
        elif '"late.h"' in source.read_text(encoding="utf-8"):
            command = [CC, "-std=gnu11", *options, *places, source, "-o", program, "-ldl"]
        else:
            command = [CC, "-std=gnu11", *options, source, "-o", program, *linked]
        if part.attempt(*command)[0] != 0:
            part.fail(source.name, "does not compile")
            continue
        part.program(source.stem, program, *program_arguments(source))
