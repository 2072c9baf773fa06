"""Which parts run side by side, and how those that do share the machine."""

from . import mode

# What runs side by side, where programs can have a network of their own, in which nobody meets the ports of another: of
# the parts of a quick check those of each lane after the other, and else what mostly compiles beside all the rest. The
# parts of the first lane keep the machine's network.
CHECK = ("go", "python"), ("c", "random"), ("compare", "cpp", "platforms", "checks")
NICE = 10  # than the rest, what is beside it
BESIDE = "checks", "platforms", "abi", "cpp", "wheel", "portable", "sctp", "install", "static", "debian", "supply"
OWN_NETWORK = "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"
networks = side_by_side = False  # set by the command
SHARES = 3  # of the scenarios, on each library, which mostly wait


def lanes(names):
    """Returns the parts with these names, those together that run one after the other."""
    return CHECK if mode.quick else ([name for name in names if name not in BESIDE], BESIDE)
