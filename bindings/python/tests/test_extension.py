"""The extension module, which does in C what is done for each message. With QNET_PURE the same tests are about what does it
otherwise."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from conftest import until
from qnet import QByteArray, QCoreApplication, QObject, QTcpSocket, _extension

SOURCE = Path(__file__).resolve().parents[1] / "fast" / "fast.c"


def test_it_is_there():
    if os.environ.get("QNET_PURE"):
        assert _extension.fast is None
    elif _extension.place() is None:
        pytest.skip("it was not built, or this Python has no stable ABI")
    else:
        assert _extension.fast is not None


def test_it_can_be_left_out():
    program = "import qnet; from qnet import _extension; assert _extension.fast is None; qnet.QTcpSocket().readAll()"
    subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "QNET_PURE": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True, timeout=30,
    )


def test_one_that_cannot_be_loaded(tmp_path, monkeypatch):
    broken = tmp_path / "_fast.abi3.so"
    broken.write_bytes(b"\x7fELF of another processor")
    monkeypatch.delenv("QNET_PURE", raising=False)
    monkeypatch.setattr(_extension, "place", lambda: broken)
    assert _extension.load() is None
    monkeypatch.setattr(_extension, "place", lambda: None)
    assert _extension.load() is None


def test_other_pythons(monkeypatch):
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: 1)
    assert _extension.place() is None
    monkeypatch.undo()
    monkeypatch.setattr("importlib.machinery.EXTENSION_SUFFIXES", [".pypy310-pp73-x86_64-linux-gnu.so"])
    assert _extension.place() is None


def test_what_it_takes_from_python():
    """The declarations of the stable ABI are Python's own."""
    include = Path(sysconfig.get_path("include"))
    compiler = shutil.which("cc")
    if not (include / "Python.h").is_file() or compiler is None or not SOURCE.is_file():
        pytest.skip("a C compiler, the headers of Python and the source tree are needed")
    for more in ([], ["-DPy_LIMITED_API=0x030a0000", f"-I{include}", "-include", str(include / "Python.h")]):
        done = subprocess.run(
            [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *more, str(SOURCE)],
            stderr=subprocess.PIPE, text=True, timeout=60,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 8192, 300_000])
def test_reading(pair, size):
    sent = bytes(number % 251 for number in range(size))
    assert pair.client.write(sent) == size
    until(lambda: pair.accepted.bytesAvailable() == size)
    data = pair.accepted.readAll()
    assert data == sent and isinstance(data, QByteArray)
    assert pair.accepted.readAll() == b"" and isinstance(pair.accepted.readAll(), QByteArray)


def test_writing(pair):
    pieces = (b"bytes", bytearray(b"bytearray"), memoryview(b"memoryview"), QByteArray(b"QByteArray"), b"", b"with\0zero")
    for data in pieces:
        assert pair.client.write(data) == len(data)
    for wrong in ("a text", 7, None):
        with pytest.raises(TypeError):
            pair.client.write(wrong)
    until(lambda: pair.accepted.bytesAvailable() == sum(map(len, pieces)))
    assert pair.accepted.readAll() == b"bytesbytearraymemoryviewQByteArraywith\0zero"


def test_after_the_end(pair, messages):
    pair.client.delete()
    for call in (pair.client.readAll, lambda: pair.client.write(b"x")):
        with pytest.raises(RuntimeError, match="this QTcpSocket has been deleted"):
            call()
    closed = QTcpSocket()
    assert closed.readAll() == b"" and closed.write(b"x") == -1
    assert len(messages) == 2 and all("is not open" in text for text in messages)
    messages.clear()


class Made(QTcpSocket):
    def __init__(self):
        pass


def test_before_the_beginning():
    for call in (lambda: Made().readAll(), lambda: Made().write(b"x"), lambda: Made().readyRead.connect(print)):
        with pytest.raises(RuntimeError, match="has not been called"):
            call()


def emitted_to(pair, *slots):
    for slot in slots:
        pair.accepted.readyRead.connect(slot)
    pair.client.write(b"x")
    until(lambda: pair.accepted.bytesAvailable() > 0)
    until(lambda: pair.accepted.readAll() == b"" or True)


def test_an_exception_while_another_is_handled(pair, raised):
    """What is handled around the turn is so afterwards."""
    seen = []

    def slot():
        seen.append(sys.exc_info()[1])
        raise KeyError("the slot's")

    outer = ValueError("outside")
    try:
        raise outer
    except ValueError:
        emitted_to(pair, slot)
        assert sys.exc_info()[1] is outer
    assert seen == [outer]
    (error,) = raised
    raised.clear()
    assert isinstance(error, KeyError) and error.__traceback__ is not None
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert frames[-1] == "slot"


def test_slots_of_all_kinds(pair):
    """One that is called from C by itself, and with others; a method of the sender; of the package, and of the program."""
    seen = []

    class Receiver(QObject):
        def heard(self):
            seen.append(("receiver", self.sender()))

    class Sender(QTcpSocket):
        def heard(self):
            seen.append(("own", self.sender()))

    receiver, client = Receiver(), Sender()
    client.connected.connect(client.heard)
    client.disconnected.connect(client.deleteLater)
    client.connectToHost("127.0.0.1", pair.server.serverPort())
    until(lambda: len(seen) == 1)
    assert seen.pop() == ("own", client)
    emitted_to(pair, receiver.heard)
    assert seen.pop() == ("receiver", pair.accepted) and not seen
    emitted_to(pair, lambda: seen.append("function"))
    assert seen == [("receiver", pair.accepted), "function"]
    client.abort()
    until(lambda: not client.isAlive())


def test_a_slot_that_ends_the_sender(pair):
    ended = []

    def slot():
        ended.append(sys.getrefcount(pair.accepted))
        pair.accepted.delete()

    pair.accepted.destroyed.connect(lambda: ended.append("destroyed"))
    pair.accepted.readyRead.connect(slot)
    pair.client.write(b"x")
    until(lambda: len(ended) == 2)
    assert ended[1] == "destroyed" and not pair.accepted.isAlive()
    QCoreApplication.processEvents()
