"""What the tests share: waiting for conditions, connected pairs, and no unseen exceptions or warnings."""

import contextlib
import gc
import os
import sys
import time

import pytest
import qnet
from qnet import QCoreApplication, QEventLoop, QHostAddress, QTcpServer, QTcpSocket

LOCAL = QHostAddress(QHostAddress.SpecialAddress.LocalHost)
WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
PATIENCE = 10.0


def until(condition, seconds=PATIENCE):
    """Runs the default loop until condition() holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        left = int((deadline - time.monotonic()) * 1000)
        assert left > 0, "the condition did not come to hold"
        # Also woken up now and then, for conditions that no event announces.
        QCoreApplication.processEvents(WAIT, min(left, 20))


def collect():
    """Collects garbage until nothing more is found."""
    while gc.collect():
        pass


# What may stay: memory that the library keeps for the next use, and the handles that it remembers.
MAY_STAY = {"deleted_handles", "heap_bytes"}


def held():
    """What the library and the process hold, by name."""
    counts = {name: count for name, count in vars(qnet.usage()).items() if name not in MAY_STAY}
    # Without the one that lists them.
    counts["descriptors"] = len(os.listdir("/proc/self/fd")) - 1 - counts.pop("spare_descriptors")
    return counts


def left_behind(before):
    """What is held more than before, as a text. What was told to end may take a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        collect()
        QCoreApplication.processEvents()
        more = [f"{count} {name}, before {before[name]}" for name, count in held().items() if count > before[name]]
        if not more or time.monotonic() > deadline:
            return "; ".join(more)
        time.sleep(0.005)


class Connected:
    """A client and a server's socket that are connected."""

    def __init__(self, server_class=QTcpServer, client=None):
        self.server = server_class()
        assert self.server.listen(LOCAL)
        self.client = client or QTcpSocket()
        self.client.connectToHost(LOCAL, self.server.serverPort())
        until(lambda: self.client.state() == QTcpSocket.SocketState.ConnectedState)
        until(self.server.hasPendingConnections)
        self.accepted = self.server.nextPendingConnection()


@pytest.fixture
def pair():
    pair = Connected()
    yield pair
    vars(pair).clear()  # pytest keeps the last test's until the file's tests are over


@pytest.fixture(autouse=True)
def raised(monkeypatch):
    """The exceptions of slots. A test takes out those that it expects."""
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: seen.append(error))
    yield seen
    if seen:
        raise AssertionError("an exception in a slot") from seen[0]


@pytest.fixture(autouse=True)
def messages():
    """The library's warnings. A test takes out those that it expects."""
    seen = []
    qnet.qInstallMessageHandler(lambda kind, context, text: seen.append(text))
    yield seen
    qnet.qInstallMessageHandler(None)
    assert not seen


@pytest.fixture(autouse=True, scope="module")
def no_leaks():
    """A file's tests leave nothing behind."""
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.new_event_loop().close()  # libuv keeps a pipe
    QCoreApplication.processEvents()  # the default loop stays
    QTcpSocket().waitForConnected(0)  # and the pipe for signals
    qnet.QHostInfo.fromName("127.0.0.1")  # and so does what the first look-up needs
    collect()
    before = held()
    yield
    left = left_behind(before)
    assert not left, left
