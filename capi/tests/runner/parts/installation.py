"""Part install: what make install and CMake install, and projects that build the library themselves."""

import shutil
import sys

from ..compilers import CC, CXX
from ..packages import need
from ..places import ROOT, WORK
from ..sources import copy_of_sources


def installation(part):
    """make install and cmake --install, programs outside the tree that use what they install, projects that build qnet"""
    need(part, "c++", "cmake", "ninja", "pkg-config")
    tree = WORK / "install" / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    copy_of_sources(part, tree)
    part.program("install", sys.executable, ROOT / "capi/tests/install/run", tree, env={"CC": CC, "CXX": CXX})
