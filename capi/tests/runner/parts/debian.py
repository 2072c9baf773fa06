"""Part debian: the Debian packages."""

import pathlib
import re
import shutil

from ..compilers import CC
from ..packages import need
from ..part import Failure
from ..places import BUILD, ROOT, WORK

# What the clean system has beyond what every Debian has.
INCLUDED = "g++", "libc6-dev", "man-db", "pkg-config", "python3"


def debian(part):
    """the Debian packages: what is in them, what lintian says, a clean system in which they are installed, used and removed"""
    need(part, "dpkg-buildpackage", "dh", "dh_python3", "lintian", "mmdebstrap")
    part.run("make", f"CC={CC}", "deb")
    packages = sorted((BUILD / "deb").glob("*.deb"))
    with part.test("the packages"):
        names = [package.name.split("_")[0] for package in packages]
        if names != ["libqnet-dev", "libqnet0", "python3-qnet", "qnet-doc"]:
            raise Failure(str(names))
    with part.test("lintian"):
        (changes,) = (BUILD / "deb").glob("*.changes")
        output = part.run("lintian", "--allow-root", "--fail-on", "error", changes)
        if others := [line for line in output.splitlines() if line.startswith("W: ") and "initial-upload-closes-no-bugs" not in line]:
            raise Failure(f"it warns: {others}")
    clean_system(part, packages)


def clean_system(part, packages):
    """Installs, uses and removes the packages in a new system of the release that this one is."""
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    suite = re.search(r"^VERSION_CODENAME=(\w+)$", release, re.M)
    if not re.search(r"^ID=debian$", release, re.M) or not suite:
        part.skip("a clean system", "this is no release of Debian")
        return
    room = WORK / "debian"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    for path in [*packages, *(ROOT / "capi/tests" / name for name in (
            "debian/inside", "debian/consumer.py", "install/consumer.c", "install/consumer.cpp"))]:
        shutil.copy(path, room)
    version = re.search(r'QNET_VERSION_STR "(.*)"', (ROOT / "include/qnet/global.h").read_text(encoding="utf-8")).group(1)
    status, output = part.attempt(
        "mmdebstrap", "--variant=apt", f"--include={','.join(INCLUDED)}", f'--customize-hook=copy-in "{room}" /',
        '--customize-hook=mv "$1/debian" "$1/qnet"', f'--customize-hook=chroot "$1" env VERSION={version} /qnet/inside', suite.group(1), "/dev/null")
    if status != 0 and "running --customize-hook" not in output:
        part.skip("a clean system", "mmdebstrap cannot make one here: see the log")
        return
    part.count("a clean system", status, output)
