"""On which machine, and with which versions."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from .peers import Place

ROOT = Path(__file__).resolve().parents[3]
PYTHON_PACKAGES = {"PySide6": "PySide6_Essentials", "uvloop": "uvloop", "matplotlib": "matplotlib"}


def _said(command: Sequence[str], pattern: str = r"(.+)") -> str:
    """Returns what a command says, or "" if it cannot be asked."""
    try:
        asked = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    match = re.search(pattern, asked.stdout)
    return match.group(1).strip() if match else ""


def _found(path: str, pattern: str) -> str:
    """Returns what a file has, or "" if it does not."""
    try:
        match = re.search(pattern, Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return match.group(1).strip() if match else ""


def _asio() -> str:
    for folder in "/usr/include", "/usr/local/include":
        if digits := _found(f"{folder}/asio/version.hpp", r"#define ASIO_VERSION (\d+)"):
            number = int(digits)
            return f"{number // 100000}.{number // 100 % 1000}.{number % 100}"
    return ""


def describe(place: Place, cpus: tuple[Optional[int], Optional[int]]) -> dict[str, str]:
    """Returns what is to be known of a measurement."""
    memory = _found("/proc/meminfo", r"MemTotal:\s*(\d+)")
    package = ("import importlib.metadata as m, sys\n"
               "try: print(m.version(sys.argv[1]))\n"
               "except m.PackageNotFoundError: pass")
    versions = {
        "qnet": " ".join(filter(None, [_found(str(ROOT / "include/qnet/global.h"), r'QNET_VERSION_STR "(.*)"'),
                                       _said(["git", "describe", "--always", "--dirty"])])),
        "libuv": _said(["pkg-config", "--modversion", "libuv"]),
        "Asio": _asio(),
        "Qt": _said(["pkg-config", "--modversion", "Qt6Network"]),
        "OpenSSL": _said(["pkg-config", "--modversion", "openssl"]),
        "Go": _said(["go", "version"], r"go([\d.]+\S*)"),
        "Python": _said([place.python, "--version"], r"Python (.*)"),
        **{name: _said([place.python, "-c", package, known]) for name, known in PYTHON_PACKAGES.items()},
        "C compiler": _said([os.environ.get("CC", "cc"), "--version"]),
    }
    return {
        "date": datetime.date.today().isoformat(),
        "processor": _found("/proc/cpuinfo", r"model name\s*:\s*(.*)") or platform.machine(),
        "processors": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory) / 2**20:.0f} GiB" if memory else "?",
        "system": _found("/etc/os-release", r'PRETTY_NAME="(.*)"'),
        "kernel": platform.release().partition("-")[0],
        "servers on": "any processor" if cpus[0] is None else f"processor {cpus[0]}",
        "client on": "any processor" if cpus[1] is None else f"processor {cpus[1]}",
        **{name: version for name, version in versions.items() if version},
    }
