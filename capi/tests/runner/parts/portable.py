"""Part portable: libraries for old systems and other processors."""

import platform
import re
import sys
import zipfile

from ..emulated import emulated_tests
from ..environments import fresh_environment, need_library, need_python, pip_install
from ..glibc import needed_glibc
from ..old_libc import old_libc_tests
from ..part import Failure
from ..places import BUILD, LIBRARY, WORK


def portable(part):
    """libraries and wheels for each Linux since 2014, on x86-64 and arm64: what they need of the system; tests with an old C library, and on the
    processor that is not here, emulated"""
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
                if archive.read("qnet/_fast.abi3.so") != (folder / "_fast.abi3.so").read_bytes():
                    raise Failure("it has another extension module")
        if machine == own:
            old_libc_tests(part, machine)
        else:
            emulated_tests(part, machine)
    with part.test(f"{own}: the wheel is installed and used"):
        (wheel,) = (BUILD / "portable" / "wheels" / own).glob("*.whl")
        python = fresh_environment(part, WORK / "portable" / "venv")
        pip_install(part, python, wheel)
        part.run(python, "-c", "import qnet; from qnet import _extension; assert _extension.fast; s = qnet.QTcpServer(); assert s.listen(); print(s.serverPort())", cwd=WORK)
