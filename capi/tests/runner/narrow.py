"""The tests of core on processors with 32 bits: where an int is short, and a long word atomic only with care."""

import contextlib
import shutil

from .emulation import NOT_EMULATED_GO
from .go_tests import FRESH, count_go, go_test
from .packages import need
from .part import Failure

# Whose tests an emulator runs: those that know sizes, addresses, atomic words and what system calls take.
EMULATED = [f"./core/{name}" for name in ("buffer", "datagram", "lease", "loop", "option", "poll", "quota", "sys", "timer")]


def narrow_tests(part):
    """Runs the tests of core as programs with 32 bits: all where the processor here can, and a choice where it is emulated."""
    with contextlib.suppress(Failure):
        need(part, "qemu-arm")
    run_on(part, "386", ["./core/..."])
    if shutil.which("qemu-arm"):
        run_on(part, "arm", EMULATED, "-exec=qemu-arm", f"-skip=^({'|'.join(NOT_EMULATED_GO)})$")
        for test, why in NOT_EMULATED_GO.items():
            part.skip(f"arm: {test}", why)
    else:
        part.skip("arm: the tests of core", "qemu-arm cannot be installed here")


def run_on(part, machine, packages, *options):
    target = {"GOARCH": machine, "CGO_ENABLED": "0"}
    if "exec format error" in part.attempt("go", "test", *options, "./core/lease", env=target)[1]:
        part.skip(f"{machine}: the tests of core", "this system runs no programs for it")
        return
    status, results = go_test(part, *FRESH, "-vet=off", *options, *packages, env=target)
    failures = len(part.failed)
    count_go(part, results, f"{machine}: ")
    if status != 0 and len(part.failed) == failures:
        part.fail(f"{machine}: go test", f"ended with status {status}")
