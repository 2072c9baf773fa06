"""The compilers of C and C++, and the options that all programs have."""

import os

from .places import ROOT

CC = os.environ.get("CC", "cc")
CXX = os.environ.get("CXX", "c++")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
# With this a program that has the library as an archive starts Go with the first call, too.
LATE_START = f"-Wl,-T,{ROOT}/capi/start.ld"
CLANGS = [f"clang-{version}" for version in range(25, 13, -1)]
CLANGXXS = ["clang++", *(clang.replace("clang", "clang++") for clang in CLANGS)]
