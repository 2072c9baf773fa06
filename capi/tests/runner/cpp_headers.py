"""The headers for C++, compiled in every way that programs are compiled in."""

from . import mode
from .part import Failure
from .places import WORK

# The languages of C++ programs, each as compilers call it.
STANDARDS = {"C++17": ["-std=c++17"], "C++20": ["-std=c++20", "-std=c++2a"], "C++23": ["-std=c++23", "-std=c++2b"]}
EFFECTIVE = ["-Weffc++"]


def cpp_headers(part, compiler, options, folder):
    """Compiles all headers together in every way that programs are compiled in, and each by itself in the oldest."""
    headers = sorted(path for path in folder.iterdir() if "." not in path.name and not path.is_dir())
    together = WORK / "cpp" / "together.cpp"
    together.write_text("".join(f"#include <qnet/{header.name}>\n" for header in headers), encoding="utf-8")

    def accepts(option):
        return part.attempt(compiler, option, "-fsyntax-only", "-x", "c++", "/dev/null", quiet=True)[0] == 0

    alone = headers
    for name, spelled in STANDARDS.items():
        standard = next(filter(accepts, spelled), None)
        if standard is None:
            part.skip(f"headers as {name}", f"{compiler} does not know it")
            continue
        for bare in [[], ["-fno-exceptions", "-fno-rtti"]]:
            with part.test(" ".join([f"headers as {name} with {compiler}", *bare])):
                modes = [[]] if mode.quick else [[], ["-DQNET_AS_QT"]]
                files = [[*mode, file] for mode in modes for file in [*alone, together]]
                good = part.compile(*([compiler, standard, *bare, *options, *EFFECTIVE, "-fsyntax-only", "-x", "c++", *file]
                                      for file in files))
                if wrong := [file[-1].name for file, compiled in zip(files, good) if not compiled]:
                    raise Failure(f"{', '.join(wrong)} cannot be compiled")
        alone = []
        if mode.quick:
            break
