"""Differences that are faults of qnet, and known: programs that show one are counted, and not failures. As long as
there is something here, there is something to be mended."""

import re

# What the first line that differs is on Qt and on qnet, and what is wrong.
FAULTS = [(re.compile(qt), re.compile(qnet), why) for qt, qnet, why in (
    (r"\w+\.skip\(.*", r"\w+\.skip\(.*", "in text mode skip() counts carriage returns"),
    (r"\w+\.read\(.*= 0.*", r"\w+\.read\(.*= -1.*", "in text mode a read of nothing but carriage returns gives -1"),
    (r"= None  \[Unconnected -.*", r".*", "close() leaves the device open if aboutToClose disconnects"),
    (r".*= -1", r".*= 0", "reading inside the error of the peer's end gives 0"),
    (r"-- calm|= False.*|\w+\.stateChanged\(Unconnected\).*", r"\w+\.aboutToClose",
     "a write that fails while closing closes a local socket"),
)]


def fault(qt, qnet):
    """Which known fault it is that two traces show, or None."""
    for one, other in zip(qt, qnet):
        if one != other:
            if one.strip() == other.strip():
                return "a connection does not end in a loop inside bytesWritten"
            return next((why for on_qt, on_qnet, why in FAULTS
                         if on_qt.match(one.strip()) and on_qnet.match(other.strip())), None)
    return None
