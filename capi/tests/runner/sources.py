"""Which files there are, and whether one has changed."""

import hashlib

from .part import Failure
from .places import ROOT


def sources(folder, pattern, only=""):
    """Returns the tests in a folder, or the only one that is wanted; that there are none is a failure."""
    found = [path for path in sorted((ROOT / folder).glob(pattern)) if only in ("", path.stem)]
    if not found:
        raise Failure(f"there is no {folder}/{pattern}{only and f' named {only}'}")
    return found


def fingerprint(*folders):
    """Returns what changes when a file in the folders, or a file itself, does."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()
