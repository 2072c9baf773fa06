"""Part wheel: the Python package as it is published."""

import pathlib
import platform
import re
import shutil
import zipfile

from ..environments import build_wheel, fresh_environment, need_python, pip_install
from ..glibc import needed_glibc
from ..part import Failure
from ..places import BUILD, LIBRARY, ROOT, WORK


def wheel(part):
    """the wheel's tag and contents; pip install from the source tree, and from an sdist with Go and without"""
    need_python(part)
    version = re.search(r'QNET_VERSION_STR "(.*)"', (ROOT / "include/qnet/global.h").read_text()).group(1)
    built = build_wheel(part)
    with part.test("the wheel's name tells the oldest system"):
        wanted = f"qnet-{version}-py3-none-manylinux_2_{needed_glibc(LIBRARY)}_{platform.machine()}.whl"
        if built.name != wanted:
            raise Failure(f"{built.name}, not {wanted}")
    with part.test("what is in the wheel"), zipfile.ZipFile(built) as archive:
        info = f"qnet-{version}.dist-info"
        for source in "LICENSE", "capi/NOTICE":
            if archive.read(f"{info}/licenses/{pathlib.Path(source).name}") != (ROOT / source).read_bytes():
                raise Failure(f"its licences do not have {source} of the source tree")
        if f"\nVersion: {version}\n" not in archive.read(f"{info}/METADATA").decode():
            raise Failure("its metadata has another version")
        modules = {f"qnet/{path.name}" for path in (ROOT / "bindings/python/qnet").iterdir() if path.is_file()}
        others = {name for name in archive.namelist() if not name.startswith(info) and not name.endswith("/")}
        others -= {"qnet/libqnet.so", "qnet/_fast.abi3.so"}
        if modules != others:
            raise Failure(f"{sorted(modules ^ others)} are in one of wheel and source tree only")

    source, room = ROOT / "bindings/python", WORK / "wheel"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    check = ("import qnet; from qnet import _extension; assert _extension.fast; "
             "assert qnet.qVersion() == qnet.__version__; print(qnet.QTcpServer())")
    for name, options in ("pip install from the source tree", []), ("pip install --editable", ["--editable"]):
        with part.test(name):
            python = fresh_environment(part, room / "venv")
            pip_install(part, python, *options, source)
            part.run(python, "-c", check, cwd=room)
    with part.test("pip install from an sdist"):
        tools = BUILD / "wheel-tools/bin/python"
        part.run(tools, "-m", "hatchling", "build", "-t", "sdist", "-d", room, cwd=source)
        python = fresh_environment(part, room / "venv")
        pip_install(part, python, room / f"qnet-{version}.tar.gz")
        part.run(python, "-c", check, cwd=room)
    with part.test("pip install with a library that has no extension module beside it"):
        (room / "alone").mkdir()
        alone = shutil.copy(LIBRARY.resolve(), room / "alone" / "libqnet.so")
        part.run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--force-reinstall", source,
                 env={"QNET_WHEEL_LIBRARY": str(alone)})
        part.run(python, "-c", check.replace("_extension.fast;", "_extension.fast is None;"), cwd=room)
    with part.test("pip install without Go says so"):
        # Away from where Go may be: a PATH with nothing but make and a compiler.
        (room / "bin").mkdir()
        for command in "make", "cc", "sed":
            (room / "bin" / command).symlink_to(shutil.which(command))
        status, output = part.attempt(python, "-m", "pip", "install", "--force-reinstall", "--disable-pip-version-check",
                                      room / f"qnet-{version}.tar.gz",
                                      env={"PATH": str(room / "bin"), "QNET_GO_PLACES": ""})
        if status == 0 or "this needs Go 1.26 or later" not in output:
            raise Failure(f"pip ended with status {status} and no word of Go")
