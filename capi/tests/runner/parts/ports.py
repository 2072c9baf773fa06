"""Part ports: programs that were written for PySide6."""

import sys

from ..environments import need_installed, need_python
from ..packages import need_services
from ..places import ROOT


def ports(part):
    """programs written for PySide6, on it and with another import line on the installed wheel, against each other and real peers"""
    need_services(part, "mosquitto", "ngircd")
    part.program("ports", sys.executable, ROOT / "examples/python/run_ports.py", "--qt", need_python(part),
                 "--qnet", need_installed(part))
