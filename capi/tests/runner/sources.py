"""Which files there are, whether one has changed, and a copy of them."""

import hashlib
import shutil

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


def copy_of_sources(part, folder):
    """Copies what git knows of, as it stands, to folder; without git, everything but what was built."""
    status, output = part.attempt("git", "ls-files", "-z", quiet=True)
    names = output.split("\0") if status == 0 else [
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
        if path.is_file() and not path.relative_to(ROOT).parts[0] in ("build", ".git")]
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
            shutil.copymode(ROOT / name, folder / name)
