"""The servers that are compared, and whether they can be had."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

NATIVE, PYTHON = "native", "python"
FOLDER = Path(__file__).resolve().parents[1] / "servers"
PACKAGE = FOLDER.parents[2] / "bindings" / "python"


@dataclass(frozen=True)
class Peer:
    """A server: what it is called, and what is to be run."""

    name: str
    title: str
    family: str = NATIVE
    program: str = ""  # in the folder of built programs
    options: tuple[str, ...] = ()  # of the program
    script: tuple[str, ...] = ()  # or one in Python, with its arguments
    module: str = ""  # which the script imports
    needs: str = ""  # what a missing one comes from
    command: tuple[str, ...] = ()  # or anything else
    resumes: bool = True  # sessions of TLS


PEERS = [
    Peer("epoll", "raw epoll (C)", program="epoll_echo_server", needs="make"),
    Peer("qnet", "qnet (C)", program="qnet_echo_server", needs="make"),
    Peer("qnet-cpp", "qnet (C++)", program="qnet_cpp_echo_server", needs="make"),
    Peer("libuv", "libuv (C)", program="libuv_echo_server", needs="libuv (Debian: libuv1-dev)"),
    Peer("libuv-queued", "libuv (C), a buffer and a request for each message", program="libuv_echo_server",
         options=("--queued",), needs="libuv (Debian: libuv1-dev)"),
    Peer("asio", "Asio (C++)", program="asio_echo_server", needs="standalone Asio (Debian: libasio-dev)"),
    Peer("qt", "Qt 6 (C++)", program="qt_echo_server", needs="Qt 6 (Debian: qt6-base-dev)", resumes=False),
    Peer("go", "Go's net", program="go_echo_server", needs="make"),
    Peer("qnet-python", "qnet (Python)", PYTHON, script=("pyside_echo_server.py", "qnet"), module="qnet",
         needs="make"),
    Peer("PySide6", "PySide6", PYTHON, script=("pyside_echo_server.py", "pyside6"), module="PySide6.QtNetwork",
         needs="PySide6-Essentials, from PyPI", resumes=False),
    Peer("asyncio", "asyncio, protocols", PYTHON, script=("asyncio_echo_server.py", "protocol"), module="asyncio",
         needs="Python"),
    Peer("uvloop", "uvloop, protocols", PYTHON, script=("asyncio_echo_server.py", "protocol", "uvloop"),
         module="uvloop", needs="uvloop, from PyPI"),
    Peer("asyncio-streams", "asyncio, streams", PYTHON, script=("asyncio_echo_server.py", "streams"),
         module="asyncio", needs="Python"),
    Peer("qnet-asyncio", "qnet awaited in asyncio", PYTHON, script=("asyncio_echo_server.py", "qnet"),
         module="qnet", needs="make"),
]
_BY_NAME = {peer.name: peer for peer in PEERS}
# Those that encrypt, as the same servers do if they are given a certificate.
TLS_PEERS = [
    Peer("openssl", "raw OpenSSL on epoll (C)", program="openssl_echo_server", needs="OpenSSL (Debian: libssl-dev)"),
    _BY_NAME["qnet"],
    _BY_NAME["qnet-cpp"],
    Peer("asio", "Asio (C++)", program="asio_ssl_echo_server",
         needs="standalone Asio and OpenSSL (Debian: libasio-dev, libssl-dev)"),
    _BY_NAME["qt"],
    Peer("go", "Go's net and crypto/tls", program="go_echo_server", needs="make"),
    *(_BY_NAME[name] for name in ("qnet-python", "PySide6", "asyncio", "uvloop")),
]
# Only measured when they are named: variants that say little that is new.
EXTRA = {"asyncio-streams", "qnet-asyncio"}


@dataclass(frozen=True)
class Place:
    """Where what the peers need is found."""

    programs: Path
    python: str
    environment: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(programs: str, python: str) -> Place:
        """Scripts find qnet's package in the source tree, and in it the library beside the programs."""
        environment = dict(os.environ)
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        library = Path(programs).resolve().parent / "libqnet.so"
        environment["PYTHONPATH"] = str(PACKAGE)
        if library.exists():
            environment["QNET_LIBRARY"] = str(library)
        return Place(Path(programs).resolve(), python, environment)


def command_of(peer: Peer, place: Place) -> list[str]:
    """Returns what runs a peer."""
    if peer.command:
        return list(peer.command)
    if peer.script:
        return [place.python, str(FOLDER / peer.script[0]), *peer.script[1:]]
    return [str(place.programs / peer.program), *peer.options]


def why_missing(peer: Peer, place: Place) -> Optional[str]:
    """Returns why a peer cannot be measured; None if it can be."""
    if peer.command:
        return None
    if peer.script:
        asked = subprocess.run([place.python, "-c", f"import {peer.module}"], env=place.environment,
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return None
        why = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"needs {peer.needs}: {why}"
    if (place.programs / peer.program).exists():
        return None
    return f"{peer.program} was not built, which needs {peer.needs}"
