"""What it takes to load a library: time, and the files that it brings along."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Optional

from .measure import BenchError, Figures, figures_of, start

# The library, and a function whose first call finds it ready.
LIBRARIES = {
    "qnet": ("libqnet.so", "qnet_version_number"),
    "libuv": ("libuv.so.1", "uv_default_loop"),
    "qt": ("libQt6Network.so.6", ""),
}


def measure(programs: Path, name: str, cpu: Optional[int]) -> Figures:
    """Loads a library in a fresh process."""
    library, function = LIBRARIES[name]
    own = programs.parent / library
    command = [str(programs / "load_library"), str(own) if own.exists() else library, *([function] if function else [])]
    process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = process.communicate(timeout=60)
    if process.returncode != 0:
        raise BenchError(errors.strip())
    return figures_of(output)
