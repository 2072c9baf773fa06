"""Part c: the tests in C."""

import concurrent.futures
import pathlib

from .. import beside, mode
from ..c_programs import c_programs, program_arguments, with_faults
from ..compilers import CC, WARNINGS
from ..environments import need_library
from ..mode import CASE
from ..packages import need
from ..part import PROCESSORS
from ..places import BUILD, ROOT


def c(part):
    """the C tests, under the address and undefined behaviour sanitizers"""
    need_library(part)
    need(part, "ip")
    options = ["-std=gnu11", "-g", "-O1", *WARNINGS, "-pthread", f"-I{ROOT}/include"]
    if not mode.quick:
        options += ["-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    tests = c_programs(part, f"c-quick-{pathlib.Path(CC).name}" if mode.quick else "c", options, f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}")

    def run(test):
        source, program = test
        part.program(source.stem, program, *program_arguments(source))
        if not mode.quick and not CASE:
            with_faults(part, source, program)

    # Some at once, each in a network of its own, where none is measured: they mostly wait.
    with concurrent.futures.ThreadPoolExecutor(PROCESSORS if mode.quick and beside.side_by_side else 1) as pool:
        list(pool.map(run, tests))
