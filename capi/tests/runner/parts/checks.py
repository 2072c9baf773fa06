"""Part checks: what can be said without running anything."""

import re
import sys

from ..compilers import CC, CXX, WARNINGS
from ..packages import need
from ..part import Failure
from ..places import ROOT
from ..sources import sources


def checks(part):
    """gofmt, go vet, each header by itself as C99 and C++, public names that no test uses"""
    with part.test("gofmt"):
        if unformatted := part.run("gofmt", "-l", "core", "capi").split():
            raise Failure(f"run make format for {' '.join(unformatted)}")
    with part.test("go vet"):
        part.run("go", "vet", "./...")
    headers = sources("include/qnet", "*.h")
    for language, compiler, options in (("C99", CC, ["-std=c99", "-x", "c"]), ("C++", CXX, ["-std=c++11", "-x", "c++"])):
        with part.test(f"headers as {language}"):
            need(part, "c++")
            for header in headers:
                part.run(compiler, *options, *WARNINGS, "-Wpedantic", "-fsyntax-only", f"-I{ROOT}/include", header)
    with part.test("links between pages lead somewhere"):
        pages = [path for path in ROOT.rglob("*.md") if path.relative_to(ROOT).parts[0] != "build"]
        dead = [f"{page.relative_to(ROOT)}: {target}" for page in pages
                for target in re.findall(r"\]\(([^)#:\s]+)[^):]*\)", re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"),
                                                                         flags=re.M | re.S))
                if not (page.parent / target).exists()]
        if dead or not pages:
            raise Failure("; ".join(dead) or "there are no pages")
    with part.test("every public name is tested"):
        part.run(sys.executable, ROOT / "capi/tests/coverage.py")
