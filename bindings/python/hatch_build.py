"""Builds the C library and the extension module for the wheel: `make library extension` in the source tree, or in the copy of
it that an sdist carries. QNET_WHEEL_LIBRARY is a library that was built already, perhaps for another processor than this one; the
extension is taken from beside it, and the package does without if there is none."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # only the version is asked for
    BuildHookInterface = object

HERE = Path(__file__).resolve().parent if "__file__" in globals() else Path.cwd()
# Where Go is put by its own installer and by Debian, for those who have not put it on the PATH.
# QNET_GO_PLACES takes the list's place.
GO_PLACES = "/usr/local/go/bin:/usr/lib/go/bin:/snap/bin:~/go/bin:~/sdk/go/bin:~/.local/go/bin"

MACHINES = {62: "x86_64", 183: "aarch64"}


def tree():
    """The folder with the Makefile."""
    for folder in (HERE / "native", HERE.parents[1]):
        if (folder / "include" / "qnet" / "global.h").is_file():
            return folder
    sys.exit("qnet: the sources of the C library are not here: build from a checkout of the whole repository, or "
             "from the sdist")


def version():
    """The version that the C header tells."""
    header = (tree() / "include" / "qnet" / "global.h").read_text(encoding="utf-8")
    return re.search(r'define QNET_VERSION_STR "(.*)"', header).group(1)


def environment():
    """The environment for make, with Go on the PATH."""
    path = os.environ.get("PATH", os.defpath)
    if "GOROOT" in os.environ:
        path = os.path.join(os.environ["GOROOT"], "bin") + os.pathsep + path
    places = os.environ.get("QNET_GO_PLACES", GO_PLACES)
    path = os.pathsep.join([path, *map(os.path.expanduser, places.split(os.pathsep))])
    needed = {
        "go": "Go 1.26 or later (https://go.dev/dl/)",
        "make": "GNU make",
        os.environ.get("CC", "cc"): "a C compiler",
    }
    missing = [what for command, what in needed.items() if not shutil.which(command, path=path)]
    if missing:
        sys.exit(f"qnet: to build its library this needs {' and '.join(missing)}. Not found on the PATH"
                 f"{', nor where Go is usually installed' if needed['go'] in missing else ''}. "
                 "A wheel of qnet needs none of it.")
    # Of a make that has called pip
    inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    return {**inherited, "PATH": path}


def build_library():
    """Returns the library, newly built if need be."""
    root, variables = tree(), environment()
    command = ["make", "-C", str(root), "library", "extension"]
    if "CC" in os.environ:
        command.append(f"CC={os.environ['CC']}")
    done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode != 0:
        sys.exit(f"qnet: the library could not be built: {' '.join(command)} ended with status {done.returncode}\n"
                 f"{done.stdout}")
    return root / "build" / "libqnet.so"


def machine(library):
    """Returns the processor that a library is for, as the names of wheels have it."""
    number = int.from_bytes(library.read_bytes()[18:20], "little")  # e_machine of ELF
    if number not in MACHINES:
        sys.exit(f"qnet: {library} is for no processor that is known here")
    return MACHINES[number]


class CustomBuildHook(BuildHookInterface):
    """Puts the library into the wheel."""

    def initialize(self, version, build_data):
        if self.target_name != "wheel":
            return
        if not sys.platform.startswith("linux"):
            sys.exit("qnet: the library runs on Linux only")
        if "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
            sys.exit("qnet: the library needs the GNU C library; musl cannot load shared libraries written in Go")
        given = os.environ.get("QNET_WHEEL_LIBRARY")
        library = (Path(given) if given else build_library()).resolve()
        build_data["pure_python"] = False
        # Not bound to a version of Python. `make wheel` finds out which systems it runs on beyond this one.
        build_data["tag"] = f"py3-none-linux_{machine(library)}"
        if version != "editable":  # then the library is found in the source tree
            build_data["force_include"][str(library)] = "qnet/libqnet.so"
            extension = library.parent / "_fast.abi3.so"
            if extension.is_file():
                build_data["force_include"][str(extension)] = "qnet/_fast.abi3.so"
