"""A short look at every server: does it echo, over local sockets too or encrypted, discard, and send without end?"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator

from .certificates import Certificates
from .measure import BenchError, running_server
from .peers import Peer, Place, command_of, why_missing
from .scenarios import P256, RSA

# More than any buffer on the way takes, sent before anything is read: a server must neither drop nor mix up.
MESSAGES = (b"x", bytes(range(256)) * 4, os.urandom(8 << 20))
PATIENCE = 20


NOT_NOW = BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError


@contextlib.contextmanager
def _connected(where: list[str], encrypted: bool) -> Iterator[socket.socket]:
    how, place = where
    if how == "--local":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(place)
    else:
        connection = socket.create_connection(("127.0.0.1", int(place)), PATIENCE)
    if encrypted:
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        connection = anybody.wrap_socket(connection)
    with connection:
        yield connection


def _echo(where: list[str], encrypted: bool) -> None:
    with _connected(where, encrypted) as connection, _connected(where, encrypted) as other:
        other.sendall(b"another")
        connection.setblocking(False)
        for message in MESSAGES:
            sent = received = 0
            while received < len(message):
                before = sent, received
                with contextlib.suppress(*NOT_NOW):
                    sent += connection.send(message[sent:sent + 65536]) if sent < len(message) else 0
                with contextlib.suppress(*NOT_NOW):
                    received = _compare(message, received, connection.recv(len(message) - received))
                if (sent, received) == before and \
                        not any(select.select([connection], [connection] if sent < len(message) else [], [], PATIENCE)):
                    raise BenchError(f"nothing more came back after {received} bytes")
        if other.recv(100) != b"another":
            raise BenchError("another connection got something else")


def _compare(message: bytes, received: int, got: bytes) -> int:
    if not got:
        raise BenchError(f"the server closed the connection after {received} bytes")
    if message[received:received + len(got)] != got:
        raise BenchError(f"other bytes came back after {received}")
    return received + len(got)


def _discard(where: list[str], encrypted: bool) -> None:
    with _connected(where, encrypted) as connection:
        connection.sendall(MESSAGES[-1])
        connection.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            raise BenchError(f"{len(connection.recv(100))} bytes came back, or the server closed")


def _take(where: list[str], encrypted: bool) -> None:
    with _connected(where, encrypted) as connection:
        left = len(MESSAGES[-1])
        while left > 0:
            if not (got := connection.recv(left)):
                raise BenchError(f"the server closed the connection {left} bytes too early")
            left -= len(got)


Ask = Callable[[list[str], bool], None]
PLAIN: list[tuple[str, Ask, bool, str, list[str]]] = [
    ("echo", _echo, False, "", []), ("local echo", _echo, True, "", []), ("discard", _discard, False, "", ["--sink"])]
ENCRYPTED: list[tuple[str, Ask, bool, str, list[str]]] = [
    ("encrypted echo", _echo, False, P256, []), ("encrypted echo, RSA", _echo, False, RSA, []),
    ("encrypted discard", _discard, False, P256, ["--sink"]), ("encrypted source", _take, False, P256, ["--source"])]


def run(peers: Iterable[Peer], place: Place, tls: bool) -> int:
    """Tries every server; returns the exit status."""
    certificates = Certificates()
    passed = failed = skipped = 0
    for peer in peers:
        if why := why_missing(peer, place):
            print(f"skip {peer.name}: {why}")
            skipped += 1
            continue
        for name, ask, local, certificate, options in ENCRYPTED if tls else PLAIN:
            try:
                with running_server(command_of(peer, place), None, place.environment, local,
                                    [*certificates.options_of(certificate), *options]) as (_, where):
                    ask(where, tls)
            except (BenchError, OSError) as problem:
                print(f"FAIL {peer.name}, {name}: {problem}")
                failed += 1
            else:
                print(f"ok {peer.name}, {name}")
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
