"""Real Qt at one end of a local connection, qnet at the other, as processes of their own. QNET_TEST_QT names an
interpreter that has PySide6, which is real Qt; otherwise this one must have it."""

import ast
import os
import pathlib
import subprocess
import sys
import time

import pytest

QT = os.environ.get("QNET_TEST_QT", sys.executable)
if subprocess.run([QT, "-c", "import PySide6.QtNetwork"], stderr=subprocess.DEVNULL).returncode != 0:
    pytest.skip(f"PySide6, which is real Qt, is not installed for {QT}", allow_module_level=True)

PEER = pathlib.Path(__file__).with_name("local_peer.py")


def start(library, *arguments):
    python, environment = QT, None
    if library == "qnet":
        python, environment = sys.executable, dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    return subprocess.Popen([python, PEER, library, *arguments], env=environment, stdout=subprocess.PIPE)


def said(process):
    line = process.stdout.readline()
    assert line, "it ended without a word"
    return ast.literal_eval(line.decode())


@pytest.mark.parametrize("server, client", [("PySide6", "qnet"), ("qnet", "PySide6"), ("qnet", "qnet")])
@pytest.mark.parametrize("where, form", [("file", "{}"), ("file", "{dir}/{}"), ("abstract", "{}"),
                                         ("abstract", "{}/é\x01\x7f\0\n!")])
def test_talk(tmp_path, server, client, where, form):
    name = form.format(f"qnet-test-{os.getpid()}-{time.monotonic_ns()}", dir=tmp_path)
    one = start(server, "server", where, repr(name))
    try:
        full = name if where == "abstract" or name.startswith("/") else "/tmp/" + name
        if "TMPDIR" in os.environ and full.startswith("/tmp/" + name):
            full = os.environ["TMPDIR"] + "/" + name
        assert said(one) == ("ready", full)
        assert where == "abstract" or os.path.exists(full)
        other = start(client, "client", where, repr(name))
        try:
            assert said(other) == ("ready", full)
            assert said(other) == "done"
            assert other.wait(20) == 0 and one.wait(20) == 0
        finally:
            other.kill()
            other.wait()
            other.stdout.close()
        assert where == "abstract" or not os.path.exists(full)
    finally:
        one.kill()
        one.wait()
        one.stdout.close()
