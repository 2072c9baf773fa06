"""Programs of other processors: how they run here, and what that cannot do."""

import contextlib

from .packages import need
from .part import Failure

# What qemu-user does not do as Linux does, in the C tests: it emulates a processor, and hands on the calls that it knows.
ITSELF, DROPS = "the emulator is what /proc/self/exe names", "the emulator has no counters of dropped datagrams"
MULTICAST, INTERFACES = "the emulator knows no multicast", "the emulator binds to no interface"
NOT_EMULATED = {
    "api_local": {"killed_server": ITSELF},
    "api_options": {"bound_to_an_interface": INTERFACES, "seen_on_the_wire": MULTICAST},
    "api_server": {"limit_of_descriptors": ITSELF},
    "api_signal": {"before_the_first_call": ITSELF},
    "api_udp": {"a million datagrams, sent one by one": DROPS, "a million datagrams in trains": DROPS,
                "a million datagrams in trains, received singly": DROPS, "membership of a multicast group": MULTICAST,
                "IPv4 multicast between network namespaces": MULTICAST, "IPv6 multicast between network namespaces": MULTICAST},
}
# The same of the tests of core.
NOT_EMULATED_GO = {"TestLosses": DROPS, "TestGroups": MULTICAST}
# The programs that run themselves, of which an emulator would have to know.
RUN_THEMSELVES = "faults", "trace"


def emulator(part, machine):
    """Returns the command with which programs of another processor run; none if that cannot be had."""
    with contextlib.suppress(Failure):
        need(part, f"qemu-{machine}", f"{machine}-linux-gnu-gcc")
        return [f"qemu-{machine}", "-L", f"/usr/{machine}-linux-gnu"]
    return None
