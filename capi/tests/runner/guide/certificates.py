"""The page on certificates."""

from ..guide.programs import GUIDE_LANGUAGES, guide_program
from ..part import Failure
from ..places import LIBRARY, ROOT, WORK


def guide_certificates(part):
    """Builds and runs the programs of the page on certificates: they say what is wrong with a chain."""
    chain = WORK / "chain.pem"
    chain.write_bytes(b"".join((ROOT / "capi/tests/ssl" / name).read_bytes() for name in ("host.pem", "authority.pem")))
    wanted = ("host.test, of Test Authority, until 4733510400\nalso for *.sub.test\nalso for host.test\n"
              "The host name did not match any of the valid hosts for this certificate\n"
              "The root certificate of the certificate chain is self-signed, and untrusted\n")
    for language in GUIDE_LANGUAGES:
        with part.test(f"the guide's {language} about certificates"):
            output = part.run(*guide_program(part, "certificates", language), chain, "other.test", env={
                "PYTHONPATH": str(ROOT / "bindings/python"), "QNET_LIBRARY": str(LIBRARY)})
            if output != wanted:
                raise Failure(f"it printed {output!r}")
