#!/usr/bin/env python3
"""Starts each program that drives qnet from a loop of another kind, and sees that both that loop and qnet's turn.

    run_loops.py --bin DIR [--python PYTHON]

DIR has the compiled programs of this folder; PYTHON has the package qnet. Prints "ok NAME" or "FAIL NAME: why" for each
and their numbers at the end.
"""

import argparse
import pathlib
import re
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from demo import PATIENCE, Failure, counts, say, server, step  # noqa: E402


def talk(port, size):
    """Sends a message and returns the ticks that the answer begins with; the rest must be the message."""
    message = b"x" * size + b"\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        # While it is received: both ends' buffers may be full.
        sender = threading.Thread(target=connection.sendall, args=(message,))
        sender.start()
        answer = b""
        while not answer.endswith(b"\n"):
            piece = connection.recv(1 << 16)
            if not piece:
                raise Failure("the connection ended")
            answer += piece
        sender.join()
    if re.sub(rb"\d+ ticks: ", b"", answer) != message:
        raise Failure("something else came back")
    return int(re.match(rb"(\d+) ticks: ", answer).group(1))


def check(port):
    first = talk(port, 5)
    talk(port, 1_000_000)
    deadline = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port), PATIENCE):  # one that is idle
        while talk(port, 5) < first + 3:
            if time.monotonic() > deadline:
                raise Failure("the host's timer does not tick")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with qnet (this one)")
    options = parser.parse_args()
    for source in sorted(HERE.glob("loop_*")):
        command = [options.python, source] if source.suffix == ".py" else [options.bin.resolve() / source.stem]
        with step(source.stem), server(*command) as port:
            check(port)
    say(f"\n{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
