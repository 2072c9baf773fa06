"""What the library holds; with it conftest.py finds what the tests leave behind, in each way that this can be."""

import os
import threading

import conftest
import pytest
import qnet
from conftest import Connected, collect, held, left_behind
from qnet import QLocalServer, QTcpServer, QTcpSocket, QTimer


def test_counts(pair):
    now = qnet.usage()
    assert now.sockets >= 2 and now.tcp_servers >= 1 and now.watches >= 3 and now.loops >= 1 and now.goroutines >= 1
    assert now.turns == 0
    assert 0 < qnet.usage(collect=True).heap_bytes < 1 << 30


def test_turns():
    seen = []
    qnet.post(lambda: seen.append(qnet.usage().turns))
    conftest.until(lambda: seen)
    assert seen == [1]


def started_timer():
    timer = QTimer()
    timer.start(1_000_000)
    return timer


LEAKS = {
    "sockets": QTcpSocket,
    "tcp_servers": QTcpServer,
    "local_servers": QLocalServer,
    "timers": QTimer,
    "timeouts": started_timer,
    "connections": lambda: (timer := QTimer()) and (timer.timeout.connect(print), timer),
    "watches": Connected,
    "loops": qnet.Loop,
}


@pytest.mark.parametrize("name", LEAKS)
def test_found(name, monkeypatch):
    collect()
    before = held()
    leak = LEAKS[name]()
    monkeypatch.setattr(conftest, "PATIENCE", 0.05)
    left = left_behind(before)
    assert leak is not None and name in left.replace(",", "").split(), left
    del leak
    monkeypatch.undo()
    assert not left_behind(before)


def test_descriptors_and_threads_are_found(monkeypatch):
    collect()
    before, end = held(), threading.Event()
    fd = os.dup(2)
    called = threading.Event()
    thread = threading.Thread(target=lambda: (qnet.usage(), called.set(), end.wait()))
    thread.start()
    called.wait()
    monkeypatch.setattr(conftest, "PATIENCE", 0.05)
    left = left_behind(before)
    assert "descriptors" in left and "goroutines" in left
    end.set()
    thread.join()
    os.close(fd)
    monkeypatch.undo()
    assert not left_behind(before)
