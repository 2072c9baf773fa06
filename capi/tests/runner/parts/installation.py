"""Part install: what make install and CMake install."""

import sys

from ..compilers import CC, CXX
from ..packages import need
from ..places import ROOT


def installation(part):
    """make install and cmake --install, and programs outside the tree that use what they install"""
    need(part, "c++", "cmake", "pkg-config")
    part.program("install", sys.executable, ROOT / "capi/tests/install/run", env={"CC": CC, "CXX": CXX})
