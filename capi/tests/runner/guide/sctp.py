"""The page on SCTP."""

from ..guide.programs import guide_program
from ..part import Failure
from ..places import LIBRARY, ROOT

EXPECTED = "channel 0: first\nchannel 1: second\nchannel 2: third\n"
WITHOUT = "The system does not support SCTP\n"


def guide_sctp(part):
    """The programs of the page on SCTP do what it says or, without it in the kernel, say so."""
    environment = {"PYTHONPATH": str(ROOT / "bindings/python"), "QNET_LIBRARY": str(LIBRARY)}
    for language, name in {"c": "C", "cpp": "C++", "python": "Python"}.items():
        with part.test(f"the guide's SCTP in {name}"):
            status, output = part.attempt(*guide_program(part, "sctp", language), env=environment, limit=60)
            if (status, output) not in ((0, EXPECTED), (1, WITHOUT)):
                raise Failure(f"it ended with status {status} and printed {output!r}")
