"""Finds the C library, loads it, and knows what has become of the process since.

`lib` has every C function as an attribute. Most of them return at once, and keep the interpreter's lock while they
run: giving it up would cost more than they take, and a text that they return is copied before another thread can ask
the same object for its next one. Those that may wait release the lock.
"""

from __future__ import annotations

import atexit
import ctypes
import ctypes.util
import os
import sysconfig
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, List, Optional

from . import _api

NAME = "libqnet.so"

_WAITING = {
    "qnet_loop_exec",
    "qnet_loop_process_events",
    "qnet_loop_delete",
    "qnet_host_info_from_name",
    "qnet_ssl_certificate_from_path",
    "qnet_ssl_certificate_import_pkcs12",
    "qnet_ssl_certificate_verify",
    "qnet_ssl_configuration_add_ca_certificates_from_path",
    "qnet_ssl_configuration_ca_certificates",
    "qnet_ssl_configuration_system_ca_certificates",
    "qnet_ssl_key_new",
    "qnet_ssl_key_to_pem",
    "qnet_socket_wait_for_connected",
    "qnet_socket_wait_for_disconnected",
    "qnet_socket_wait_for_ready_read",
    "qnet_socket_wait_for_bytes_written",
    "qnet_ssl_socket_wait_for_encrypted",
    "qnet_tcp_server_server_address",
    "qnet_tcp_server_server_port",
    "qnet_tcp_server_wait_for_new_connection",
    "qnet_local_server_wait_for_new_connection",
}


class Process:
    """What has become of the process."""

    forked = False
    """This is the child of a process that had called the library: its calls fail."""
    ending = False
    """The interpreter is about to go: no callback may come any more."""


process = Process()


def on_musl() -> bool:
    """Tells whether this Python belongs to the musl C library."""
    return any("musl" in (sysconfig.get_config_var(name) or "") for name in ("HOST_GNU_TYPE", "SOABI"))


def source_tree() -> Optional[Path]:
    """The source tree that the package is in, if it is in one."""
    package = Path(__file__).resolve().parent
    tree = package.parents[2] if len(package.parents) > 2 else package
    return tree if (tree / "include" / "qnet" / "qnet.h").is_file() else None


def places() -> List[str]:
    """Where the library may be, the first choice first."""
    # Not from os.environ: an interpreter with more rights than its user must not load what that user wants.
    getenv = ctypes.CDLL(None).secure_getenv
    getenv.restype = ctypes.c_char_p
    chosen = getenv(b"QNET_LIBRARY")
    if chosen:
        return [os.fsdecode(chosen)]
    tree = source_tree()
    found = [Path(__file__).resolve().parent / NAME, *(() if tree is None else (tree / "build" / NAME,))]
    existing = [str(path) for path in found if path.is_file()]
    return existing or [ctypes.util.find_library("qnet") or NAME]


def load() -> Any:
    """Loads the library; an ImportError says why it could not be."""
    if on_musl():
        raise ImportError(
            "qnet cannot be loaded here: this Python uses the musl C library, and musl cannot load shared libraries "
            "that are written in Go. Use a Python for the GNU C library (in containers: a Debian, Ubuntu or Fedora "
            "image instead of Alpine)."
        )
    tried = places()
    try:
        loaded: Any = _api.load(tried[0])
    except OSError as error:
        raise ImportError(
            f"the library {NAME} could not be loaded: {error}. It is looked for beside the package, in the build "
            "folder of a source tree and in the system's folders; the environment variable QNET_LIBRARY names another."
        ) from error
    except AttributeError as error:
        raise ImportError(f"the library {tried[0]} does not fit this package: {error}") from error
    if loaded.qnet_is_forked():
        raise ImportError(
            "qnet cannot be used in this process: it was forked from one that had used the library. Use qnet only after "
            "the fork, or take the start method \"spawn\" or \"forkserver\" of multiprocessing."
        )
    have = loaded.qnet_version_number()
    if have >> 8 != (_api.QNET_VERSION_MAJOR << 8 | _api.QNET_VERSION_MINOR):
        raise ImportError(
            f"the library {tried[0]} has version {have >> 16}.{have >> 8 & 255}.{have & 255}; this package needs "
            f"{_api.QNET_VERSION_MAJOR}.{_api.QNET_VERSION_MINOR}"
        )
    keeping = ctypes.PyDLL(tried[0])
    functions = SimpleNamespace()
    for name in _api.FUNCTIONS:
        function = getattr(loaded, name)
        if name not in _WAITING:
            quick = getattr(keeping, name)
            quick.argtypes, quick.restype = function.argtypes, function.restype
            function = quick
        setattr(functions, name, function)
    # A turn that does not wait keeps the lock: each callback would have to get it back. Within one, other threads have
    # their turns as in any Python code, and the library holds no lock of its own then.
    functions.turn = keeping.qnet_loop_process_events
    functions.turn.argtypes, functions.turn.restype = (
        functions.qnet_loop_process_events.argtypes,
        functions.qnet_loop_process_events.restype,
    )
    for name in ("null", "broadcast", "local_host", "local_host_ipv6", "any", "any_ipv6", "any_ipv4"):
        setattr(functions, "qnet_address_" + name, getattr(loaded, "qnet_address_" + name))
    return functions


lib: Any = load()


def quick(function: Any) -> Any:
    """The same C function for calls in which every integer is one of a pointer's size, and not negative: ctypes makes
    pointers of integers in half the time that integers take."""
    if any(ctypes.sizeof(kind) != ctypes.sizeof(ctypes.c_void_p) for kind in function.argtypes):
        return function
    pointers = [ctypes.c_void_p] * len(function.argtypes)
    return ctypes.PYFUNCTYPE(function.restype, *pointers)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_at_end: List[Callable[[], None]] = []


def at_end(function: Callable[[], None]) -> Callable[[], None]:
    """Has function called when the interpreter ends, to stop callbacks."""
    _at_end.append(function)
    return function


def _end() -> None:
    if not process.forked:
        for function in _at_end:
            function()
    process.ending = True


def _after_fork() -> None:
    process.forked = lib.qnet_is_forked()


atexit.register(_end)
os.register_at_fork(after_in_child=_after_fork)
