"""The programs that the guide's pages have, in three languages."""

import re
import shutil
import sys

from ..compilers import CC, CXX, WARNINGS
from ..part import Failure
from ..places import BUILD, ROOT, WORK

GUIDE_LANGUAGES = {"c": [CC, "-std=c99"], "cpp": [CXX, "-std=c++17", f"-I{ROOT}/bindings/cpp"], "python": None}


def guide_program(part, page, language, number=0):
    """Builds a program that a page has in a language, the first or a later one; returns the command that runs it."""
    text = (ROOT / f"examples/guide/{page}.md").read_text(encoding="utf-8")
    sources = {}
    for of, source in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        sources.setdefault(of, []).append(source)
    if sources.keys() - {"sh"} != GUIDE_LANGUAGES.keys():
        raise Failure(f"there are programs in {', '.join(sources)}")
    source, program = WORK / f"guide-{page}-{number}.{language}", WORK / f"guide-{page}-{number}-{language}"
    source.write_text(sources[language][number], encoding="utf-8")
    compiler = GUIDE_LANGUAGES[language]
    if not compiler:
        return [sys.executable, source]
    part.run(*compiler, *WARNINGS, "-Wpedantic", f"-I{ROOT}/include", source, "-o", program, f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}")
    return [program]


def guide_room(part, name):
    """Makes the certificates of the page on TLS as it says, in a folder that is returned."""
    room = WORK / name
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    text = (ROOT / "examples/guide/tls.md").read_text(encoding="utf-8")
    part.run("sh", "-e", "-c", re.search(r"^```sh\n(.*?)^```$", text, re.M | re.S).group(1), cwd=room)
    return room
