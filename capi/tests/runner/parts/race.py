"""Part race: the tests in C, with Go's race detector."""

from ..c_programs import c_programs, program_arguments, with_faults
from ..compilers import CC, LATE_START, WARNINGS
from ..mode import CASE, TEST
from ..packages import need
from ..part import Failure
from ..places import BUILD, ROOT, WORK
from ..sources import sources

ARCHIVE = BUILD / "race" / "libqnet.a"


def race(part):
    """the C tests on the library as an archive with Go's race detector"""
    part.run("make", f"CC={CC}", "race")
    need(part, "ip")
    # An archive with the race detector works only at a fixed address.
    options = ["-std=gnu11", "-g", "-O1", *WARNINGS, "-no-pie", "-pthread", f"-I{ROOT}/include", LATE_START]
    for source, program in c_programs(part, "race", options, ARCHIVE, "-lm"):
        # The race detector takes its time.
        few = ["--conversations", "2000"] if source.stem == "faults" else []
        output = part.program(source.stem, program, *few, *program_arguments(source))
        if not CASE:
            output += with_faults(part, source, program)
        if reports := output.count("WARNING: DATA RACE"):
            part.fail(source.stem, f"{reports} reports of the race detector")
    if TEST:
        return
    with part.test("the corpus of the API's fuzzer"):
        program = WORK / "race" / "fuzz_api"
        part.run(CC, *options, "-DQNET_FUZZ_REPLAY", ROOT / "capi/tests/fuzz/fuzz_api.c", "-o", program, ARCHIVE, "-lm")
        output = part.run(program, *sources("capi/tests/fuzz/corpus/api", "*"))
        if reports := output.count("WARNING: DATA RACE"):
            raise Failure(f"{reports} reports of the race detector")
