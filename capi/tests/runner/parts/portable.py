"""Part portable: libraries for old systems and other processors."""

import platform
import re
import sys
import zipfile

from ..c_programs import CHECK_ARGUMENTS
from ..compilers import CC
from ..emulation import NOT_EMULATED, RUN_THEMSELVES, emulator
from ..environments import fresh_environment, need_library, need_python, pip_install
from ..glibc import needed_glibc
from ..mode import TEST
from ..part import Failure
from ..places import BUILD, LIBRARY, ROOT, WORK
from ..sources import sources


def portable(part):
    """libraries and wheels for each Linux since 2014, on x86-64 and arm64: what they need of the system, and the C tests, emulated if need be"""
    need_python(part)
    need_library(part)
    part.run("make", f"PYTHON={sys.executable}", "wheels")
    own = platform.machine()
    for machine in "x86_64", "aarch64":
        folder = BUILD / "portable" / machine
        library, wheels = folder / "libqnet.so", BUILD / "portable" / "wheels" / machine
        with part.test(f"{machine}: the symbols that it needs are old ones"):
            if (newest := needed_glibc(library)) > 17:
                raise Failure(f"it needs GLIBC_2.{newest}")
        with part.test(f"{machine}: it exports what the usual one does"):
            exports = [set(re.findall(r" [TDR] (\S+)@@QNET", part.run("nm", "-D", "--with-symbol-versions", file))) for file in (library, LIBRARY)]
            if exports[0] != exports[1] or not exports[0]:
                raise Failure(f"{sorted(exports[0] ^ exports[1])[:9]}")
        with part.test(f"{machine}: its wheel"):
            (wheel,) = wheels.glob("*.whl")
            if f"manylinux_2_17_{machine}." not in wheel.name:
                raise Failure(wheel.name)
            with zipfile.ZipFile(wheel) as archive:
                if archive.read("qnet/libqnet.so") != library.read_bytes():
                    raise Failure("it has another library")
        portable_tests(part, machine, folder, [] if machine == own else emulator(part, machine))
    with part.test(f"{own}: the wheel is installed and used"):
        (wheel,) = (BUILD / "portable" / "wheels" / own).glob("*.whl")
        python = fresh_environment(part, WORK / "portable" / "venv")
        pip_install(part, python, wheel)
        part.run(python, "-c", "import qnet; s = qnet.QTcpServer(); assert s.listen(); print(s.serverPort())", cwd=WORK)


def portable_tests(part, machine, folder, run):
    """Compiles the C tests for a processor, and runs them on its library."""
    if run is None:
        part.skip(f"{machine}: the C tests", f"neither qemu-{machine} nor a C library for it can be installed here")
        return
    compiler = f"{machine}-linux-gnu-gcc" if run else CC
    tests = WORK / "portable" / machine
    tests.mkdir(parents=True, exist_ok=True)
    programs = [(source, tests / source.stem) for source in sources("capi/tests", "*.c", TEST) if source.stem not in RUN_THEMSELVES]
    good = part.compile(*([compiler, "-std=gnu11", "-g", "-O1", "-pthread", f"-I{ROOT}/include", source, "-o", program, f"-L{folder}", "-lqnet"]
                          for source, program in programs))
    for (source, program), compiled in zip(programs, good):
        if not compiled:
            part.fail(f"{machine}: {source.name}", "does not compile")
            continue
        limits = NOT_EMULATED.get(source.stem, {}) if run else {}
        for case, why in limits.items():
            part.skip(f"{machine}: {source.stem} {case}", why)
        part.program(f"{machine}: {source.stem}", *run, program, *CHECK_ARGUMENTS.get(source.stem, []), *(f"-{case}" for case in limits),
                     env={"LD_LIBRARY_PATH": str(folder)})
