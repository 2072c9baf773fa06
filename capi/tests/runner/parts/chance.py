"""Part random: programs that are made by chance."""

import os
import re
import shlex

from .. import mode
from ..environments import need_installed, need_python
from ..mode import TEST
from ..part import MINUTES
from ..places import ROOT, WORK

CHECK_PROGRAMS = 100  # of each kind, in a quick check


def chance(part):
    """programs made by chance from a seed, thousands of them, on real Qt and on the installed wheel, compared in the same way"""
    qt, qnet = need_python(part), need_installed(part)
    few = ["--programs", CHECK_PROGRAMS if mode.quick else 500]
    output = part.program("random", qnet, ROOT / "bindings/python/tests/compare/programs/run.py", "--qt", qt, "--qnet", qnet,
                          *few, *shlex.split(os.environ.get("QNET_RANDOM", "")), *filter(None, [TEST]), cwd=WORK,
                          limit=24 * 60 * 60 if "QNET_RANDOM" in os.environ else 60 * MINUTES)
    return "\n   ".join(re.findall(r"^   (\d+ programs.*)$", output, re.M))
