"""What the library holds at a moment, which Qt does not tell."""

from __future__ import annotations

from ctypes import byref, sizeof
from dataclasses import dataclass

from . import _api
from ._library import lib


@dataclass(frozen=True)
class Usage:
    """What the whole process holds of the library's things. Of Python's objects those count that have one of the
    library's behind them."""

    sockets: int
    """Sockets of all kinds, also those that wait in a server to be taken."""
    tcp_servers: int
    local_servers: int
    timers: int
    host_infos: int
    """Look-ups of hosts and their results."""
    loops: int
    """Loops; the default one counts once it was used."""
    connections: int
    """Registrations of callbacks in the library. The package makes one for all slots of a signal."""
    posted: int
    """What loops are still to call or to delete."""
    timeouts: int
    """Times that loops wait for: active timers, single shots, limits on connecting, idling and the like."""
    watches: int
    """Descriptors that loops watch."""
    spare_descriptors: int
    """Descriptors that loops keep open for the next wait."""
    turns: int
    """Turns of loops that have not returned, nested ones too."""
    buffers: int
    """Pieces of memory that hold what was received and not read, or written and not sent."""
    deleted_handles: int
    """Handles of deleted objects that are remembered: some 32 bytes each, and 65536 at most."""
    goroutines: int
    """Go's goroutines: one for each thread that has called the library and lives, and for each look-up under way."""
    heap_bytes: int
    """Bytes of Go's heap that are in use, or were when garbage was collected last."""
    ssl_values: int
    """Values of TLS that live: certificates, their extensions, keys, errors, configurations and OCSP responses."""
    notifiers: int
    """Notifiers of descriptors."""


def usage(collect: bool = False) -> Usage:
    """What the library holds now. With collect, garbage of the library (not Python's) is collected first and free memory
    goes back to the system, which takes some milliseconds. RuntimeError in a forked child."""
    found = _api.qnet_usage(size=sizeof(_api.qnet_usage))
    if not lib.qnet_get_usage(byref(found), collect):
        raise RuntimeError("the usage cannot be told")
    return Usage(**{name: getattr(found, name) for name, *_ in found._fields_ if name != "size"})
