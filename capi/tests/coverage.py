#!/usr/bin/env python3
"""Lists the public functions and constants that no test uses.

Reads the names from the generated Python declarations and looks for them in
the tests' sources: a function counts where its name is followed by an opening
parenthesis outside comments and strings, an exported constant where its name
or its macro's stands. The generated table of misuse.c and the fuzzers do not
count, or every function would.

Usage: coverage.py [FILE OR DIRECTORY ...], by default the tests' directories.
Exits with 1 if a name is never used.
"""

import importlib.util
import io
import pathlib
import re
import sys
import tokenize

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIRECTORIES = ("capi/tests", "bindings/cpp/tests", "bindings/python/tests")
C_SUFFIXES = {".c", ".h", ".cc", ".cpp", ".hpp"}
NOT_COUNTED = {"misuse_table.h", "fuzz_table.h", "fuzz_api.c", "fuzz_pick.h", "fuzz_text.c", "coverage.py"}
RUNNER = ROOT / "capi/tests/runner"

C_NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def declarations():
    path = ROOT / "bindings" / "python" / "qnet" / "_api.py"
    spec = importlib.util.spec_from_file_location("qnet_api", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python_code(text):
    """Returns Python source without its comments and strings."""
    words = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            words.append(token.string)
    return " ".join(words)


def code(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return python_code(text)
    return C_NOISE.sub(" ", text)


def sources(places):
    for place in places:
        paths = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in paths:
            if path.name not in NOT_COUNTED and RUNNER not in path.parents and path.suffix in C_SUFFIXES | {".py"}:
                yield path


def main():
    sys.dont_write_bytecode = True
    places = [pathlib.Path(name) for name in sys.argv[1:]]
    if not places:
        places = [ROOT / name for name in DIRECTORIES if (ROOT / name).is_dir()]
    called, named, count = set(), set(), 0
    for path in sources(places):
        text = code(path)
        called.update(re.findall(r"\b(qnet_\w+)\s*\(", text))
        named.update(re.findall(r"\b(?:qnet|QNET)_\w+", text))
        count += 1

    api = declarations()
    unused = [name for name in api.FUNCTIONS if name not in called]
    unused += [name for name in api.CONSTANTS if not {name, name.upper()} & named]
    for name in unused:
        print(f"{name} is used by no test")
    total = len(api.FUNCTIONS) + len(api.CONSTANTS)
    print(f"{total - len(unused)} of {total} public names are used by {count} test files")
    return 1 if unused else 0


if __name__ == "__main__":
    sys.exit(main())
