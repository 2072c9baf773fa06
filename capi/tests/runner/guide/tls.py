"""The page on TLS."""

import subprocess
import threading

from ..guide.programs import guide_program, guide_room
from ..part import ENVIRONMENT, Failure
from ..places import LIBRARY, ROOT


def guide_tls(part):
    """The clients of the page on TLS talk to its servers, in all languages."""
    room = guide_room(part, "guide-tls")
    environment = {"PYTHONPATH": str(ROOT / "bindings/python"), "QNET_LIBRARY": str(LIBRARY)}
    names = {"c": "C", "cpp": "C++", "python": "Python"}
    for language in names:
        with part.test(f"the guide's TLS server in {names[language]}"):
            command = [str(word) for word in guide_program(part, "tls", language)]
            with subprocess.Popen(command, cwd=room, env={**ENVIRONMENT, **environment}, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True) as server:
                limit = threading.Timer(120, server.kill)
                limit.start()
                try:
                    port = server.stdout.readline().strip()
                    for other, name in names.items():
                        output = part.run(*guide_program(part, "tls", other, 1), port, cwd=room, env=environment, limit=60)
                        if output != f"hello from {name}\n":
                            raise Failure(f"the client in {name} printed {output!r}")
                finally:
                    limit.cancel()
                    server.kill()
