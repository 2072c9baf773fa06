import os
import socket

import pytest
from conftest import until
from qnet import QCoreApplication, QSocketDescriptor, QSocketNotifier


@pytest.fixture
def ends():
    reader, writer = os.pipe()
    yield reader, writer
    for end in reader, writer:
        try:
            os.close(end)
        except OSError:
            pass


def test_what_is_told(ends):
    reader, writer = ends
    notifier, told = QSocketNotifier(reader, QSocketNotifier.Read), []
    assert notifier.isEnabled() and notifier.isValid() and notifier.socket() == reader
    assert notifier.type() is QSocketNotifier.Type.Read
    notifier.activated.connect(lambda descriptor, kind: told.append((os.read(descriptor, 9), kind)))
    notifier.activated.connect(lambda descriptor: told.append(descriptor == reader and descriptor.isValid()))
    os.write(writer, b"text")
    until(lambda: len(told) == 2)
    assert told == [(b"text", QSocketNotifier.Type.Read), True]
    assert repr(notifier) == f"<qnet.QSocketNotifier read of {reader}, enabled>"
    notifier.setEnabled(False)
    assert not notifier.isEnabled()


def test_held_while_enabled(ends):
    reader, writer = ends
    told = []
    QSocketNotifier(reader, QSocketNotifier.Read).activated.connect(told.append)  # nobody else keeps it
    os.write(writer, b"x")
    QCoreApplication.processEvents()
    notifier = QSocketNotifier(writer, QSocketNotifier.Write)
    notifier.activated.connect(lambda: (told.append("w"), notifier.setEnabled(False)))
    until(lambda: "w" in told)


def test_without_a_descriptor(messages, ends):
    notifier = QSocketNotifier(QSocketNotifier.Exception)
    assert (notifier.isValid(), notifier.isEnabled(), notifier.socket()) == (False, False, -1)
    notifier.setEnabled(True)
    assert not notifier.isEnabled() and not messages
    notifier.setSocket(ends[0])
    assert notifier.isValid() and not notifier.isEnabled()
    assert not QSocketNotifier(-1, QSocketNotifier.Read).isValid()
    assert len(messages) == 1 and "qnet_notifier_new: there is no such descriptor (QSocketNotifier 0x" in str(messages[0])
    messages.clear()
    assert QSocketDescriptor() == -1 and not QSocketDescriptor().isValid()


def test_wrong_arguments(ends):
    for arguments in [("x", QSocketNotifier.Read), (3.5, 0), (ends[0], 0), (ends[0],), (QSocketNotifier.Read, 1), (1 << 40, QSocketNotifier.Read)]:
        with pytest.raises((TypeError, OverflowError)):
            QSocketNotifier(*arguments)


def test_closed_descriptor(messages):
    one, other = socket.socketpair()
    notifier = QSocketNotifier(one.fileno(), QSocketNotifier.Read)
    one.close()
    until(lambda: not notifier.isEnabled())
    assert "is closed: its read notifier is disabled" in str(messages[0])
    messages.clear()
    other.close()


def test_deleted_in_its_slot(ends):
    reader, writer = ends
    notifier, told = QSocketNotifier(reader, QSocketNotifier.Read), []
    notifier.destroyed.connect(lambda: told.append("destroyed"))
    notifier.activated.connect(lambda: (told.append("activated"), notifier.deleteLater()))
    os.write(writer, b"x")
    until(lambda: "destroyed" in told)
    assert told == ["activated", "destroyed"]
    with pytest.raises(RuntimeError):
        notifier.isEnabled()
