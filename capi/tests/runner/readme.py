"""The examples of READMEs."""

import re
import socket
import subprocess
import threading

from .compilers import WARNINGS
from .part import Failure
from .places import BUILD, ROOT, WORK


def readme_example(part, readme, language, *compiler):
    """Compiles and runs a README's example, which is an echo server."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    block = re.search(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    if not block:
        raise Failure(f"{readme} has no example")
    source, program = WORK / f"readme.{language}", WORK / f"readme-{language}"
    source.write_text(block.group(1), encoding="utf-8")
    part.run(*compiler, *WARNINGS, "-Wpedantic", f"-I{ROOT}/include", source, "-o", program, f"-L{BUILD}", "-lqnet",
             f"-Wl,-rpath,{BUILD}")
    with subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        limit = threading.Timer(60, server.kill)
        limit.start()
        try:
            line = server.stdout.readline()
            part.write(line)
            match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
            if not match:
                raise Failure(f"it said {line!r}")
            for message in b"hello\n", bytes(range(256)) * 4096:
                with socket.create_connection(("127.0.0.1", int(match.group(1))), 30) as client:
                    client.sendall(message)
                    client.shutdown(socket.SHUT_WR)
                    with client.makefile("rb") as file:
                        if file.read(len(message)) != message:
                            raise Failure("something else came back")
            if server.poll() is not None:
                raise Failure(f"it ended with status {server.returncode}")
        finally:
            limit.cancel()
            server.kill()
