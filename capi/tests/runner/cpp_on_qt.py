"""Programs in C++ that do the same on Qt and on qnet."""

import pathlib
import sys

from .compilers import CXX
from .packages import qt_flags
from .places import ROOT, WORK
from .sources import sources


def compare_objects(part, flags):
    """Random programs with objects and connections do the same on Qt and on qnet."""
    folder = ROOT / "bindings/cpp/tests/compare"
    programs = []
    # Qt asserts that it calls no method of a class that is gone. That it calls them nevertheless, the program knows.
    for name, options in ("qt", ["-DQT_NO_DEBUG", *qt_flags(part)]), ("qnet", flags):
        programs.append(WORK / "cpp" / f"objects-{name}")
        part.run(CXX, "-std=c++17", "-O1", folder / "objects.cpp", "-o", programs[-1], *options)
    part.program("objects", sys.executable, folder / "compare.py", *programs)


def compare_programs(part, flags, headers):
    """Programs in Qt's own words, whose includes find qnet's headers, print the same on Qt and on qnet."""
    folder, programs = "bindings/cpp/tests/same", WORK / "cpp" / "same"
    on_qt = qt_flags(part)
    moc = pathlib.Path(part.run("pkg-config", "--variable=libexecdir", "Qt6Core").strip()) / "moc"
    commands = []
    for name in "qt", "qnet":
        (programs / name).mkdir(parents=True, exist_ok=True)
    for source in sources(folder, "*.cpp"):
        if f'"{source.stem}.moc"' in source.read_text(encoding="utf-8"):
            part.run(moc, "-DQT_CORE_LIB", source, "-o", programs / "qt" / f"{source.stem}.moc")
        commands.append([CXX, "-std=c++17", "-O1", f"-I{programs}/qt", source, "-o", programs / "qt" / source.stem, *on_qt])
        commands.append([CXX, "-std=c++17", "-O1", "-DQNET_AS_QT", f"-I{headers}", source, "-o", programs / "qnet" / source.stem,
                         *flags])
    if not all(part.compile(*commands)):
        part.fail("same", "does not compile")
        return
    part.program("same", sys.executable, ROOT / folder / "same.py", programs / "qt", programs / "qnet")
