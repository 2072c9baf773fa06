"""The tests in C as programs: how they are compiled, and what they are given."""

from . import mode
from .compilers import CC
from .mode import CASE, TEST
from .places import WORK
from .sources import sources

# Programs that run with faults, too: mild ones, where every byte must come, or all.
MILD_FAULTS = "seed=1,short=0.2,again=0.1,interrupt=0.1,nobufs=0.003,emfile=0.02,enomem=0.001,late=0.1"
FAULTY = {"conversation": MILD_FAULTS, "pieces": MILD_FAULTS, "stress": MILD_FAULTS + ",reset=0.01",
          "stress_ssl": MILD_FAULTS + ",reset=0.01"}
# What programs in C that run for long, or do a thing very often, are given in a quick check.
CHECK_ARGUMENTS = {"stress": ["--seconds", 3], "stress_ssl": ["--seconds", 3], "conversation": ["--seconds", 3], "faults": ["--conversations", 2500]}


def c_programs(part, folder, options, *libraries):
    """Compiles the tests in C into a folder; returns those that compile, each with its program. A quick check compiles only
    what is older than its source, any header or a file of the runner."""
    (WORK / folder).mkdir(parents=True, exist_ok=True)
    tests = [(source, WORK / folder / source.stem) for source in sources("capi/tests", "*.c", TEST)]
    headers = [*sources("include/qnet", "*.h"), *sources("capi/tests", "**/*.h"), *sources("capi/tests/runner", "**/*.py")]

    def is_new(source, program):
        return mode.quick and program.exists() and program.stat().st_mtime > max(path.stat().st_mtime for path in [source, *headers])

    stale = [test for test in tests if not is_new(*test)]
    for _, program in stale:
        program.unlink(missing_ok=True)
    compiled = part.compile(*([CC, *options, source, "-o", program, *libraries] for source, program in stale))
    failed = [source for (source, _), good in zip(stale, compiled) if not good]
    for source in failed:
        part.fail(source.name, "does not compile")
    return [test for test in tests if test[0] not in failed]


def program_arguments(source):
    """Returns what a test program is given: the case that is wanted, or its time in a quick check."""
    if CASE and "check_main(" in source.read_text(encoding="utf-8"):
        return [CASE]
    return CHECK_ARGUMENTS.get(source.stem, []) if mode.quick else []


def with_faults(part, source, program):
    """Runs what must bear it while system calls fail; returns its output."""
    if source.stem not in FAULTY:
        return ""
    return part.program(f"{source.stem} with faults", program, "--seconds", "5",
                        env={"QNET_FAULTS": FAULTY[source.stem]})
