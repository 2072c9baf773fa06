"""Part platforms: other systems."""

import os
import re

from .. import mode
from ..narrow import narrow_tests
from ..part import Failure
from ..places import ROOT
from ..sources import sources


def platforms(part):
    """core, with its tests, builds for systems that are not at hand; its tests on processors with 32 bits"""
    for system, machine, whole in (("darwin", "amd64", False), ("darwin", "arm64", True),
                                   ("freebsd", "amd64", True), ("freebsd", "arm64", False)):
        target = {"GOOS": system, "GOARCH": machine, "CGO_ENABLED": "0"}
        with part.test(f"core for {system}/{machine}"):
            part.run("go", "build", "./core/...", env=target)
        if whole:  # once for each system: what differs between machines is Go's affair
            with part.test(f"the tests of core for {system}/{machine}"):
                part.run("go", "vet", "./core/...", env=target)
            with part.test(f"a program of all of core for {system}/{machine}"):
                part.run("go", "test", "-c", "-o", os.devnull, "./core/server", env=target)
    if not mode.quick:
        narrow_tests(part)
    with part.test("epoll is the poller's alone"):
        if strangers := [path.relative_to(ROOT) for path in sources("core", "**/*.go") if path.parent != ROOT / "core/poll"
                         and re.search(r"unix\.E(POLL|poll)", path.read_text(encoding="utf-8"))]:
            raise Failure(" ".join(map(str, strangers)))
