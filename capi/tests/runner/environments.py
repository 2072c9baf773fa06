"""The library, and the Python environments that have it or the real Qt."""

import ctypes.util
import pathlib
import sys

from . import mode
from .compilers import CC
from .packages import alone, install
from .part import Failure
from .places import BUILD, LIBRARY, ROOT, WORK
from .sources import fingerprint

VENV = BUILD / "venv"
INSTALLED = WORK / "installed"  # a virtual environment with the wheel
REQUIREMENTS = ROOT / "bindings/python/requirements"
QT_LIBRARIES = {"glib-2.0": "libglib2.0-0", "gssapi_krb5": "libgssapi-krb5-2", "brotlidec": "libbrotli1"}


@alone
def need_library(part):
    part.run("make", f"CC={CC}", "library")


@alone
def need_python(part):
    """Returns the interpreter of the virtual environment with the real Qt."""
    python = VENV / "bin" / "python"
    packages = REQUIREMENTS / "qt.txt"
    wanted = f"{sys.version}\n{packages.read_text()}"
    stamp = VENV / "installed"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    missing = [package for library, package in QT_LIBRARIES.items() if not ctypes.util.find_library(library)]
    if part.attempt(sys.executable, "-c", "import ensurepip, venv")[0] != 0:
        missing.append("python3-venv")
    if missing:
        install(part, missing)
    part.run(sys.executable, "-m", "venv", "--clear", VENV)
    pip_install(part, python, "--require-hashes", "-r", packages)
    stamp.write_text(wanted)
    return python


@alone
def build_wheel(part):
    """Returns the wheel, newly built."""
    part.run("make", f"CC={CC}", f"PYTHON={sys.executable}", "wheel")
    (wheel,) = (BUILD / "wheels").glob("*.whl")
    return wheel


def fresh_environment(part, folder):
    """Returns the interpreter of a new virtual environment."""
    part.run(sys.executable, "-m", "venv", "--clear", folder)
    return folder / "bin" / "python"


def pip_install(part, python, *arguments, **options):
    return part.run(python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments, **options)


@alone
def need_installed(part):
    """Returns the interpreter of a virtual environment into which the wheel was installed: a fresh one, once in each
    run; in a quick check the last one, into which the wheel is installed anew if it has changed."""
    python, stamp = INSTALLED / "bin" / "python", INSTALLED / "installed"
    needs = f"{sys.version}\n{(REQUIREMENTS / 'test.txt').read_text()}"
    if not need_installed.done:
        need_library(part)
        package = fingerprint(LIBRARY, *(ROOT / "bindings/python" / name for name in ("qnet", "pyproject.toml", "hatch_build.py")))
        had = stamp.read_text().split("\0") if mode.quick and stamp.exists() else [""]
        stamp.unlink(missing_ok=True)
        if had[0] != needs:
            need_python(part)  # which sees to it that virtual environments can be made
            fresh_environment(part, INSTALLED)
            pip_install(part, python, "--require-hashes", "-r", REQUIREMENTS / "test.txt")
        if had != [needs, package]:
            pip_install(part, python, "--no-deps", "--force-reinstall", build_wheel(part))
        stamp.write_text(f"{needs}\0{package}")
        need_installed.done = True
    place = pathlib.Path(part.run(python, "-c", "import qnet; print(qnet.__file__)", cwd=WORK).strip())
    if INSTALLED not in place.parents:
        raise Failure(f"{place} is not the installed package")
    return python


need_installed.done = False
