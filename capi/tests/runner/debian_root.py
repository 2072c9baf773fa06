"""Files of Debian packages of another release or processor, with those that they depend on, in a folder: nothing is installed."""

import shutil

from .packages import alone
from .part import Failure
from .places import BUILD


def release_here(part):
    """Returns where apt has Debian's packages from, and which release these are."""
    lines = part.run("apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(RELEASE) $(REPO_URI)", "Created-By: Packages").splitlines()
    for origin, label, release, place in (line.split(" ", 3) for line in lines if line.count(" ") == 3):
        if origin == label == "Debian" and "-" not in release:
            return place, release
    raise Failure("apt has no packages of Debian")


@alone
def debian_root(part, machine, packages, release=None):
    """Returns the folder with the packages' files, which is made once. The machine is named as Debian does."""
    if not shutil.which("apt-get"):
        raise Failure("there is no apt-get")
    place, here = release_here(part)
    release = release or here
    folder = BUILD / "roots" / f"{release}-{machine}"
    made, wanted = folder / "made", " ".join(packages)
    if made.exists() and made.read_text() == wanted:
        return folder / "root"
    shutil.rmtree(folder, ignore_errors=True)
    state, cache = folder / "state", folder / "cache"
    (state / "lists/partial").mkdir(parents=True)
    (cache / "archives/partial").mkdir(parents=True)
    (state / "status").touch()
    (folder / "sources.list").write_text(f"deb {place} {release} main\n", encoding="utf-8")
    options = {"Dir::State": state, "Dir::State::status": state / "status", "Dir::Cache": cache, "Dir::Etc::SourceList": folder / "sources.list",
               "Dir::Etc::SourceParts": "/dev/null", "APT::Architecture": machine, "APT::Architectures": machine, "APT::Sandbox::User": "root",
               "Debug::NoLocking": 1}
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    part.run(*apt, "update", "--error-on=any")
    part.run(*apt, "install", "--download-only", "--no-install-recommends", "-y", *packages)
    for archive in sorted((cache / "archives").glob("*.deb")):
        part.run("dpkg-deb", "-x", archive, folder / "root")
    shutil.rmtree(state)
    shutil.rmtree(cache)
    made.write_text(wanted)
    return folder / "root"
