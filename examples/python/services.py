"""Servers that others have made, for the programs of this folder to talk to: mosquitto and ngircd, as Debian has them."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from demo import PATIENCE, Failure, die_with_parent  # noqa: E402

# Where Debian has programs that are not for everybody.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def found(program):
    """The path of a program, or None."""
    return shutil.which(program, path=PATH)


def free_port():
    """A port that the system has chosen, and that nobody has any more."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def _running(command, configuration, banner=None):
    """Runs a service for the length of a with block; gives its port. It can only be told a port: another may have taken the
    one that was free, so it is tried again."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # services give up being root
        for _ in range(5):
            port = free_port()
            path = pathlib.Path(folder) / "configuration"
            path.write_text(configuration.format(port=port), encoding="utf-8")
            path.chmod(0o644)
            log = open(pathlib.Path(folder) / "log", "w+", encoding="utf-8")
            process = subprocess.Popen([*command, str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       preexec_fn=die_with_parent)
            try:
                if _accepts(process, port):
                    yield port
                    if process.poll() is not None:
                        raise Failure(f"{command[0]} ended before its time with status {process.returncode}")
                    return
            finally:
                process.kill()
                process.wait()
                log.seek(0)
                said = log.read()
                log.close()
        raise Failure(f"{command[0]} does not start: {said.strip()[-500:]}")


def _accepts(process, port):
    """Waits until a service accepts connections; False if it has ended instead."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.02)
    return False


def mosquitto():
    """An MQTT broker."""
    return _running([found("mosquitto"), "-c"], "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")


NGIRCD = """
[Global]
Name = irc.example.org
Info = a server for tests
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = hello
Password = letmein
ServerUID = nobody
ServerGID = nogroup

[Options]
Ident = no
PAM = no
DNS = no

[Limits]
MaxConnectionsIP = 0
"""


def ngircd():
    """An IRC server, with the password "letmein"."""
    return _running([found("ngircd"), "-n", "-f"], NGIRCD)
