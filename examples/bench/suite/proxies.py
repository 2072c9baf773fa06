"""Clients behind a proxy: what the connection costs them once it is there.

Each client connects through dante (SOCKS 5) or squid (HTTP) to the raw epoll server, and sends messages to and fro.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from .measure import START_SECONDS, BenchError, Figures, figures_from, running_server, start, stop

CLIENTS = {"epoll": "epoll_proxy_client", "qnet": "qnet_proxy_client", "qt": "qt_proxy_client"}
TITLES = {"epoll": "raw epoll", "qnet": "qnet (C)", "qt": "Qt 6"}
DANTE = """logoutput: {folder}/log
internal: 127.0.0.1 port = {port}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.notprivileged: nobody
client pass {{ from: 0/0 to: 0/0 }}
socks pass {{ from: 0/0 to: 0/0 }}
"""
SQUID = """http_port 127.0.0.1:{port}
pid_filename none
cache_log {folder}/log
access_log none
cache deny all
coredump_dir none
pinger_enable off
shutdown_lifetime 0 seconds
logfile_rotate 0
visible_hostname proxy.test
http_access allow all
"""
PACKAGES = {"danted": "dante-server", "squid": "squid"}

Processors = tuple[Optional[int], Optional[int]]


def _find(program: str) -> Optional[str]:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


def why_missing(programs: Path, client: str, proxy: str) -> Optional[str]:
    """Returns why a client cannot be measured; None if it can be."""
    if not _find(proxy):
        return f"there is no {proxy} (Debian: {PACKAGES[proxy]})"
    return None if (programs / CLIENTS[client]).exists() else f"{CLIENTS[client]} was not built"


@contextlib.contextmanager
def _running(proxy: str, cpu: Optional[int]) -> Iterator[int]:
    """Runs a proxy for the length of a with block; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]  # neither of them tells which it has
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # for squid, which does not run as root
        config = Path(folder) / "config"
        config.write_text((DANTE if proxy == "danted" else SQUID).format(folder=folder, port=port), encoding="utf-8")
        command = [_find(proxy) or proxy, "-f", str(config), *(["-p", f"{folder}/pid"] if proxy == "danted" else ["-N"])]
        if proxy == "squid" and os.geteuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        start_new_session=True)
        try:
            _await(port, process, proxy)
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)  # with what it has started
            stop(process)


def _await(port: int, process: subprocess.Popen[str], proxy: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.02)
    raise BenchError(f"{proxy} does not listen")


def measure(programs: Path, client: str, proxy: str, options: list[str], cpus: Processors, seconds: float,
            warmup: float) -> Figures:
    """Runs a client once; returns its messages in a second, and what one costs it."""
    with running_server([str(programs / "epoll_echo_server")], cpus[1]) as (_, where), _running(proxy, cpus[1]) as port:
        command = [str(programs / CLIENTS[client]), "socks5" if proxy == "danted" else "http", str(port), where[1], *options,
                   str(warmup), str(seconds)]
        return figures_from(command, cpus[0], seconds + warmup, CLIENTS[client])
