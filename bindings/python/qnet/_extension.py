"""What does in C what is done for each message, if it was built and this Python can load it. All that it does is done without it
as well, through ctypes; so a program that sets QNET_PURE has it done."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sysconfig
from pathlib import Path
from typing import Any, Optional

from ._library import source_tree

NAME = "_fast.abi3.so"


def place() -> Optional[Path]:
    """The file: beside the package, or in the build folder of a source tree."""
    # Another kind of Python might load it, and fail in it.
    if ".abi3.so" not in importlib.machinery.EXTENSION_SUFFIXES or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    tree = source_tree()
    places = [Path(__file__).resolve().parent / NAME]
    if tree is not None:
        places.append(tree / "build" / NAME)
    return next((path for path in places if path.is_file()), None)


def load() -> Any:
    """The module; None if it is not to be had."""
    path = None if os.environ.get("QNET_PURE") else place()
    if path is None:
        return None
    spec = importlib.util.spec_from_file_location("qnet._fast", path)
    if spec is None or spec.loader is None:
        return None
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:
        return None  # built for another processor or C library
    return module


fast: Any = load()
