"""Part fuzz: made-up input."""

import contextlib
import os
import re
import shutil
import sys

from ..compilers import CLANGS, LATE_START, WARNINGS
from ..packages import install
from ..part import MINUTES, Failure
from ..places import BUILD, ROOT, WORK


def fuzz_seconds(usual):
    """Returns for how long a target runs: in all about a minute, or what is asked for."""
    return int(os.environ.get("FUZZ_SECONDS", usual))


def fuzz_go(part):
    """Runs the fuzz targets in Go. What fails is left in their testdata."""
    for source in sorted((ROOT / "core").rglob("*_test.go")) + sorted((ROOT / "capi").rglob("*_test.go")):
        for target in re.findall(r"^func (Fuzz\w+)\(", source.read_text(encoding="utf-8"), re.M):
            package = f"./{source.parent.relative_to(ROOT)}"
            workers = 1 if "FUZZ_SECONDS" not in os.environ else min(2, os.cpu_count() or 1)
            seconds = max(1, fuzz_seconds(2) // workers)
            with part.test(f"{package} {target}"):
                # Making what is interesting small would take all of the time where inputs are long.
                status, output = part.attempt("go", "test", "-run=^$", f"-fuzz=^{target}$", f"-fuzztime={seconds}s", "-fuzzminimizetime=100x",
                                              f"-parallel={workers}", "-timeout=0", package, limit=seconds + 60 * MINUTES)
                # That its own time is over, Go may take for a failure (golang/go#75804).
                over = re.search(r"^ +context deadline exceeded$", output, re.M) and "Failing input" not in output
                if status != 0 and not over:
                    why = re.search(r"^ +(\w+_test\.go:.*|panic: .*)$", output, re.M)
                    raise Failure(why.group(1) if why else f"ended with status {status}")


def find_clang(part):
    """Returns a clang that has libFuzzer; None without one."""
    check = WORK / "fuzzer.c"
    check.write_text("int LLVMFuzzerTestOneInput(const char *, unsigned long);\n"
                     "int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return !data && size; }\n",
                     encoding="utf-8")
    for name in ["clang", *CLANGS]:
        if shutil.which(name) and part.attempt(name, "-fsanitize=fuzzer,address", check, "-o", WORK / "fuzzer")[0] == 0:
            return name
    return None


def fuzz_c(part):
    """Runs the fuzz targets in C, on the corpora and on what libFuzzer makes of them."""
    clang = find_clang(part)
    if not clang and os.geteuid() == 0 and shutil.which("apt-get"):
        there = [name for name in CLANGS if shutil.which(name)]
        with contextlib.suppress(Failure):
            install(part, [f"lib{there[0].replace('-', '-rt-')}-dev"] if there else ["clang", "libclang-rt-dev"])
        clang = find_clang(part)
    if not clang:
        part.skip("the API and its texts", "there is no clang with libFuzzer (clang, libclang-rt-dev)")
        return
    folder, room = ROOT / "capi/tests/fuzz", BUILD / "fuzz"
    part.run("make", f"CLANG={clang}", "fuzz-library")
    for name, seconds, longest in ("text", 6, 256), ("api", 30, 1024):
        program, corpus, found = room / f"fuzz_{name}", room / "corpus" / name, room / "found"
        corpus.mkdir(parents=True, exist_ok=True)
        found.mkdir(exist_ok=True)
        kept, last = found / f"{name}-last", room / f"{name}-last"
        with part.test(f"fuzz_{name}"):
            part.run(clang, "-std=gnu11", "-g", "-O1", *WARNINGS, "-fno-omit-frame-pointer", "-pthread", f"-I{ROOT}/include",
                     "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", folder / f"{program.name}.c",
                     room / "libqnet.a", "-o", program, LATE_START, "-lm", "-lresolv")
            seconds = fuzz_seconds(seconds)
            status, output = part.attempt(
                program, corpus, folder / "corpus" / name, f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=20",
                "-rss_limit_mb=2000", "-print_funcs=0", "-print_final_stats=1", f"-artifact_prefix={found}/{name}-",
                env={"QNET_FUZZ_LAST": str(last), "GOTRACEBACK": "all"}, limit=seconds + 60 * MINUTES)
            if status != 0:
                # libFuzzer does not know of an end that Go makes.
                place = re.search(r"Test unit written to (\S+)", output)
                if not place and last.exists():
                    data = last.read_bytes()
                    kept.write_bytes(data[4:4 + int.from_bytes(data[:4], sys.byteorder)])
                why = re.search(r"^(FINDING: .*|fatal error: .*|SUMMARY: .*)$", output, re.M)
                raise Failure(f"{why.group(1) if why else f'ended with status {status}'}; with {place.group(1) if place else kept}")


def fuzz(part):
    """every parser and the API, with made-up input: the corpora, then a minute of more (make fuzz: for long)"""
    fuzz_go(part)
    fuzz_c(part)
