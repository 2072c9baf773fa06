"""Part supply: what the library and the package are made of."""

import pathlib
import re
import shutil
import sys

from ..compilers import CC
from ..part import Failure
from ..places import ROOT, WORK
from ..sources import copy_of_sources, sources


def in_notice(text, notice):
    """Tells whether a licence's text is in a notice, however its lines are broken."""
    return " ".join(text.split()) in " ".join(notice.split())


def supply(part):
    """the same bytes from two builds, the dependencies' licences, pinned versions, known vulnerabilities"""
    room = WORK / "supply"
    shutil.rmtree(room, ignore_errors=True)
    built = []
    # Different in everything that must not matter: path, time, time zone, umask, language, and what Go had in its cache.
    for number, name in enumerate(("a", "another-folder")):
        folder = room / name
        copy_of_sources(part, folder)
        environment = {"TZ": ("Asia/Tokyo", "America/Lima")[number], "LC_ALL": ("C", "C.UTF-8")[number],
                       **({"GOCACHE": str(room / "cache")} if number else {})}
        make = ["sh", "-c", f'umask {("022", "077")[number]}; exec "$@"', "sh", "make", "-C", folder, f"CC={CC}",
                f"PYTHON={sys.executable}"]
        part.run(*make, "wheel", env=environment)
        built.append(folder / "build")
    with part.test("two builds of the library are the same bytes"):
        first, second = ((folder / "libqnet.so").read_bytes() for folder in built)
        if first != second:
            raise Failure(f"they are not: compare {built[0]}/libqnet.so with that in {built[1]}")
        if str(ROOT).encode() in first or str(pathlib.Path.home()).encode() + b"/" in first:
            raise Failure("it tells the paths of the machine that built it")
    with part.test("two builds of the wheel are the same bytes"):
        (first,), (second,) = ((folder / "wheels").glob("*.whl") for folder in built)
        if first.read_bytes() != second.read_bytes():
            raise Failure(f"they are not: compare {first} with {second}")

    notice = (ROOT / "capi/NOTICE").read_text(encoding="utf-8")
    modules = part.run("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}",
                       "./capi").splitlines()
    folders = dict(line.split("\t") for line in modules if line)
    folders["Go"] = part.run("go", "env", "GOROOT").strip()
    for name, folder in sorted(folders.items()):
        with part.test(f"the licence of {name} is in NOTICE"):
            texts = [path for path in pathlib.Path(folder).iterdir() if path.name.startswith(("LICENSE", "COPYING", "NOTICE"))]
            if not texts or (name != "Go" and name not in notice):
                raise Failure(f"{folder} has no licence, or NOTICE does not name {name}")
            for path in texts:
                if not in_notice(path.read_text(encoding="utf-8"), notice):
                    raise Failure(f"{path} is not in it")
    with part.test("the Python package's licences are the tree's"):
        for here, there in ("LICENSE", "LICENSE"), ("capi/NOTICE", "NOTICE"):
            if (ROOT / here).read_bytes() != (ROOT / "bindings/python" / there).read_bytes():
                raise Failure(f"bindings/python/{there} is not {here}")

    with part.test("modules are what go.sum says"):
        part.run("go", "mod", "verify")
    with part.test("tools have exact versions"):
        for path in sources("bindings/python/requirements", "*.in"):
            pinned = path.with_suffix(".txt").read_text(encoding="utf-8")
            for line in path.read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#") and f"\n{line.lower()} " not in f"\n{pinned}":
                    raise Failure(f"{path.name} wants {line}, {path.stem}.txt does not: run make requirements")
        for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines():
            if "pip install" in line and not re.search("--require-hashes|--no-deps|==[0-9]", line):
                raise Failure(f"Makefile: {line.strip()}")

    status, output = part.attempt("make", "vulncheck")
    if unreachable := re.search(r"fetching vulnerabilities: (Get .*)", output):
        part.skip("vulncheck", f"the database of vulnerabilities cannot be reached: {unreachable.group(1)}")
    elif status != 0:
        part.fail("vulncheck", "see the log")
    else:
        part.passed += 1
