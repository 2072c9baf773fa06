"""What is done for each message and each connection, counted in calls: speed itself is no test's business."""

import pydoc
import sys

import pytest
import qnet
from conftest import until
from qnet import QByteArray, QObject, QTcpSocket
from qnet._extension import fast


def calls(function):
    """The calls, of Python's functions and of C's, that a function makes."""
    seen = []

    def profile(_frame, event, argument):
        if event in ("call", "c_call"):
            seen.append(argument.__name__ if event == "c_call" and hasattr(argument, "__name__") else _frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return seen[:-1]  # without setprofile()


def test_a_connection():
    socket = QTcpSocket()

    def connect():
        QObject.disconnect(socket.readyRead.connect(function))

    def function():
        pass

    connect()
    made = calls(connect)
    assert len(made) <= 45, made
    # Enumerators are combined in microseconds.
    assert not {"__and__", "__or__", "__call__"} & set(made), made


def test_a_message(pair):
    received = []
    pair.accepted.readyRead.connect(lambda: received.append(calls(lambda: pair.accepted.write(pair.accepted.readAll()))))
    for number in range(3):
        pair.client.write(b"x" * 50)
        until(lambda: len(received) > number)
    # The lambda, readAll() with a place for what is read, and write().
    assert len(received[-1]) <= (6 if fast else 8), received[-1]


def test_an_emission(pair):
    """Nothing of the package's stands between the library and a slot, where the extension is there."""
    if fast is None:
        pytest.skip("the extension is not there, or not wanted")
    received = []

    def slot():
        received.append(pair.accepted.readAll())

    pair.accepted.readyRead.connect(slot)
    pair.client.write(b"x")
    pair.client.flush()
    pair.accepted.waitForReadyRead()
    assert received == [b"x"]
    pair.client.write(b"y")
    pair.client.flush()
    made = calls(lambda: pair.accepted.waitForReadyRead())
    assert received == [b"x", b"y"] and "slot" in made
    assert not {"thunk", "find", "emit"} & set(made), made


def test_what_is_read_is_one_object(pair):
    pair.client.write(b"x" * 50)
    until(lambda: pair.accepted.bytesAvailable() == 50)
    data = pair.accepted.readAll()
    assert isinstance(data, QByteArray) and sys.getrefcount(data) == 2 and not hasattr(data, "__dict__")


def test_help():
    text = pydoc.render_doc(QTcpSocket, renderer=pydoc.plaintext)
    assert "readyRead = <signal readyRead>\n |      New data can be read." in text
    overview = pydoc.render_doc(qnet, renderer=pydoc.plaintext).partition("PACKAGE CONTENTS")[0]
    assert "QTcpSocket, QTcpServer" in overview and "help(qnet.QTcpSocket)" in overview
    missing = [name for name in vars(QTcpSocket) if isinstance(getattr(QTcpSocket, name), type(QTcpSocket.readyRead))
               and not getattr(QTcpSocket, name).__doc__]
    assert not missing
