"""Programs in a guest, whose kernel has what the one here may lack."""

import contextlib

from .packages import need
from .part import Failure, MINUTES
from .places import ROOT

GUEST = ROOT / "capi/tests/guest"
RESULTS = "/tmp/results"  # where it keeps, in the guest, what is in the room's folder "results" here
NO_GUEST = 77  # its exit status


def in_guest(part, room, commands):
    """Runs commands, lines for the shell that have names, one after the other in a guest; yields the name, the status and
    the output of each. They find the files of this machine, but those in /tmp. Where there can be no guest that is said."""
    with contextlib.suppress(Failure):  # the guest tells what is missing
        need(part, "qemu-system-x86_64")
    status, said = part.attempt(GUEST / "guest", "--limit", 60 * MINUTES - 30, room, *commands.values())
    if status == NO_GUEST:
        part.skip("everything", f"there can be no guest: {said.strip()}")
        return
    for number, name in enumerate(commands):
        ended, output = (path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
                         for path in (room / "results" / f"{number}.{what}" for what in ("status", "out")))
        part.write(f"$ {name}\n{output}[status {ended.strip() or 'none: the guest ended before it did'}]\n")
        yield name, int(ended or -1), output
