"""The parts of the tests, a function each, whose documentation is what the command prints of it."""

from .abi import abi
from .c import c
from .chance import chance
from .checks import checks
from .compare import compare
from .cpp import cpp
from .debian import debian
from .examples import examples
from .fuzz import fuzz
from .go import go
from .hosts import hosts
from .installation import installation
from .load import load
from .loops import loops
from .peers import peers
from .platforms import platforms
from .portable import portable
from .ports import ports
from .python import python
from .race import race
from .sctp import sctp
from .static import static
from .supply import supply
from .wheel import wheel

PARTS = {"checks": checks, "platforms": platforms, "abi": abi, "go": go, "c": c, "race": race, "load": load, "fuzz": fuzz, "hosts": hosts, "cpp": cpp,
         "python": python, "compare": compare, "random": chance, "wheel": wheel, "portable": portable, "sctp": sctp, "install": installation,
         "static": static, "debian": debian,
         "examples": examples, "peers": peers, "loops": loops, "ports": ports, "supply": supply}
