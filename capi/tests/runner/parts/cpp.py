"""Part cpp: the tests in C++."""

import pathlib
import shlex
import shutil
import sys

from .. import mode
from ..compilers import CC, CLANGXXS, CXX, WARNINGS
from ..cpp_headers import EFFECTIVE, cpp_headers
from ..cpp_on_qt import compare_objects, compare_programs
from ..mode import CASE
from ..packages import need, need_doctest
from ..places import ROOT, WORK
from ..sources import fingerprint, sources


def thread_sanitizer(part, compiler):
    """Returns what starts a program under the thread sanitizer, which may need addresses that are not random; None, with
    the reason, where it cannot be had."""
    source, program = WORK / "cpp" / "thread.cpp", WORK / "cpp" / "thread"
    source.write_text("int main() {}\n", encoding="utf-8")
    if part.attempt(compiler, "-fsanitize=thread", source, "-o", program)[0] != 0:
        part.skip(f"{compiler}-tsan", "this compiler has no thread sanitizer")
        return None
    for start in (["setarch", "-R"], []):
        if part.attempt(*start, program)[0] == 0:
            return start
    part.skip(f"{compiler}-tsan", "the thread sanitizer does not run here")
    return None


def cpp(part):
    """the C++ tests on the installed package: C++17 with the sanitizers, C++20 optimised, and with another compiler;
    objects and threads at random"""
    need(part, "c++", "pkg-config")
    need_doctest(part)
    prefix = WORK / "cpp" / "prefix"
    shutil.rmtree(prefix, ignore_errors=True)
    part.run("make", f"CC={CC}", "install", f"PREFIX={prefix}")
    flags = shlex.split(part.run("pkg-config", "--cflags", "--libs", "qnet",
                                 env={"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}))
    with part.test("every function of C is called"):
        part.run(sys.executable, ROOT / "bindings/cpp/tests/reach.py", prefix / "include/qnet")
    built, inside = WORK / "cpp" / "built", fingerprint(ROOT / "include", ROOT / "bindings/cpp")
    warm = mode.quick and built.exists() and built.read_text() == inside
    built.unlink(missing_ok=True)
    failures = len(part.failed)
    compilers = [CXX]
    clang = next(filter(shutil.which, CLANGXXS), None)
    if CXX == "c++" and clang and not mode.quick:
        compilers.append(clang)
    elif not clang:
        part.skip("headers with clang++", "there is none")
    tests = sources("bindings/cpp/tests", "*.cpp")
    strict = ["-pthread", *WARNINGS, "-Wpedantic"]
    for compiler in compilers:
        if not warm:
            cpp_headers(part, compiler, [*strict, *flags[:1]], prefix / "include/qnet")
        builds = {"c++20": ["-std=c++20", "-O2" if compiler == CXX else "-O0", *EFFECTIVE, "-Wno-error=effc++", "-Wno-error=non-virtual-dtor"]}
        start = None
        if mode.quick:
            builds = {"quick": ["-std=c++17", "-O0"]}
        elif compiler == CXX:
            # Optimised, they would take three times as long to compile.
            sanitized = ["-std=c++17", "-g", "-O0", "-fno-omit-frame-pointer"]
            builds["c++17"] = [*sanitized, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
            start = thread_sanitizer(part, compiler)
            if start is not None:
                builds["tsan"] = [*sanitized, "-fsanitize=thread"]
        for name, options in builds.items():
            program = WORK / "cpp" / f"{pathlib.Path(compiler).name}-{name}"
            link = ["-pthread", *flags[1:], f"-Wl,-rpath,{prefix}/lib"]
            run = start if name == "tsan" else []
            objects = program.with_suffix(".objects")
            objects.mkdir(parents=True, exist_ok=True)
            if not warm and not all(part.compile(*([compiler, *options, *strict, *flags[:1], "-c", test, "-o", objects / f"{test.stem}.o"]
                                      for test in tests))):
                part.fail(program.name, "does not compile")
                continue
            if not warm:
                part.run(compiler, *options, *(objects / f"{test.stem}.o" for test in tests), "-o", program, *link)
            part.program(program.name, *run, program, *([f"--test-case=*{CASE}*"] if CASE else []))
            if mode.quick or CASE or name == "c++20":
                if mode.quick and len(part.failed) == failures:
                    built.write_text(inside)
                continue
            for source in sources("bindings/cpp/tests/random", "*.cpp"):
                program = WORK / "cpp" / f"{pathlib.Path(compiler).name}-{name}-{source.stem}"
                part.run(compiler, *options, "-O1", *strict, *flags[:1], source, "-o", program, *link)
                part.program(program.name, *run, program)
    if not mode.quick and not CASE:
        compare_objects(part, [*strict, flags[0], *flags[1:], f"-Wl,-rpath,{prefix}/lib"])
    if not CASE and not warm:
        compare_programs(part, [*strict, *flags, f"-Wl,-rpath,{prefix}/lib"], prefix / "include/qnet")
    return "not compiled anew: no header and no source has changed" if warm else None
