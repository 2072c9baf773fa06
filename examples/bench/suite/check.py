"""A short look at every server: does it echo, over local sockets too, and discard?"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Iterator

from .measure import BenchError, running_server
from .peers import Peer, Place, command_of, why_missing

# More than any buffer on the way takes, sent before anything is read: a server must neither drop nor mix up.
MESSAGES = (b"x", bytes(range(256)) * 4, os.urandom(8 << 20))
PATIENCE = 20


@contextlib.contextmanager
def _connected(where: list[str]) -> Iterator[socket.socket]:
    how, place = where
    if how == "--local":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(place)
    else:
        connection = socket.create_connection(("127.0.0.1", int(place)), PATIENCE)
    with connection:
        yield connection


def _echo(where: list[str]) -> None:
    with _connected(where) as connection, _connected(where) as other:
        other.sendall(b"another")
        for message in MESSAGES:
            sent = received = 0
            while received < len(message):
                if sent < len(message):
                    sent += connection.send(message[sent:sent + 65536])
                wanted = sent - received
                if sent < len(message):
                    with contextlib.suppress(BlockingIOError):
                        got = connection.recv(wanted, socket.MSG_DONTWAIT)
                        received = _compare(message, received, got)
                else:
                    received = _compare(message, received, connection.recv(wanted))
        if other.recv(100) != b"another":
            raise BenchError("another connection got something else")


def _compare(message: bytes, received: int, got: bytes) -> int:
    if not got:
        raise BenchError(f"the server closed the connection after {received} bytes")
    if message[received:received + len(got)] != got:
        raise BenchError(f"other bytes came back after {received}")
    return received + len(got)


def _discard(where: list[str]) -> None:
    with _connected(where) as connection:
        connection.sendall(MESSAGES[-1])
        connection.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            raise BenchError(f"{len(connection.recv(100))} bytes came back, or the server closed")


def run(peers: Iterable[Peer], place: Place) -> int:
    """Tries every server; returns the exit status."""
    passed = failed = skipped = 0
    for peer in peers:
        if why := why_missing(peer, place):
            print(f"skip {peer.name}: {why}")
            skipped += 1
            continue
        for name, ask, local, sink in (("echo", _echo, False, False), ("local echo", _echo, True, False),
                                       ("discard", _discard, False, True)):
            try:
                with running_server(command_of(peer, place), None, place.environment, local, sink) as (_, where):
                    ask(where)
            except (BenchError, OSError) as problem:
                print(f"FAIL {peer.name}, {name}: {problem}")
                failed += 1
            else:
                print(f"ok {peer.name}, {name}")
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
