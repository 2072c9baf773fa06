"""The page on proxies."""

import contextlib
import socket
import sys
import threading

from ..guide.programs import GUIDE_LANGUAGES, guide_program
from ..part import Failure
from ..places import LIBRARY, ROOT


def guide_proxies(part):
    """Builds and runs the programs of the page on proxies: they get a line through one."""
    sys.path.insert(0, str(ROOT / "examples"))
    from relay import Relay

    for language in GUIDE_LANGUAGES:
        with part.test(f"the guide's {language} through a proxy"), Relay() as relay, \
                socket.create_server(("127.0.0.1", 0)) as target:
            command = guide_program(part, "proxies", language)

            def answer(target=target):
                with contextlib.suppress(OSError), target.accept()[0] as connection:
                    connection.sendall(b"hello from inside\n")

            thread = threading.Thread(target=answer)
            thread.start()
            try:
                output = part.run(*command, relay.port, target.getsockname()[1], limit=60, env={
                    "PYTHONPATH": str(ROOT / "bindings/python"), "QNET_LIBRARY": str(LIBRARY)})
            finally:
                target.shutdown(socket.SHUT_RDWR)
                thread.join()
            asked = "127.0.0.1 asks for a user: relay\n" if language != "python" else ""
            if output != f"{asked}hello from inside\n" or relay.relayed != 1:
                raise Failure(f"it printed {output!r}, and {relay.relayed} connections went through the proxy")
