"""Greenlets change between stacks that have one place in C. They may do so in slots; what could make a slot return before
one that began within it is refused."""

import threading

import pytest
import qnet
from qnet import QEventLoop, QTcpServer, QTcpSocket, QTimer

greenlet = pytest.importorskip("greenlet", reason="greenlet is not installed")


def test_calls_of_other_greenlets_in_slots(pair):
    """What libraries do: the loop runs in one greenlet, and a slot lets another go on, which writes and reads."""
    loop, got = QEventLoop(), []
    hub = greenlet.getcurrent()

    def work():
        for number in range(50):
            pair.client.write(b"%d," % number)
            timer = QTimer()
            timer.start(1000)
            hub.switch()
            got.append(pair.client.readAll())
            timer.delete()
        loop.quit()

    worker = greenlet.greenlet(work)
    pair.accepted.readyRead.connect(lambda: pair.accepted.write(pair.accepted.readAll()))
    pair.client.readyRead.connect(lambda: worker.switch())
    QTimer.singleShot(0, worker.switch)
    loop.exec()
    assert b"".join(got) == b"".join(b"%d," % number for number in range(50))
    assert worker.dead


def refused():
    """Tries all that runs callbacks until it returns, and tells what of that was not refused."""
    server, socket, loop = QTcpServer(), QTcpSocket(), QEventLoop()
    server.listen()
    socket.connectToHost("127.0.0.1", server.serverPort())
    done = []
    for call in (
        loop.exec,
        loop.processEvents,
        lambda: socket.waitForConnected(1000),
        lambda: socket.waitForReadyRead(1000),
        lambda: socket.waitForBytesWritten(1000),
        lambda: socket.waitForDisconnected(1000),
        lambda: server.waitForNewConnection(1000),
    ):
        try:
            done.append(call())
        except RuntimeError as error:
            assert "greenlet" in str(error)
    server.delete()
    socket.delete()
    return done


def works():
    """Waits, and tells whether what was waited for has come."""
    server, socket = QTcpServer(), QTcpSocket()
    server.listen()
    socket.connectToHost("127.0.0.1", server.serverPort())
    return socket.waitForConnected(10000)


def test_waiting_in_another_greenlet_s_slot(messages):
    loop, done = QEventLoop(), []
    worker = greenlet.greenlet(lambda: done.extend([refused(), greenlet.getcurrent().parent.switch(), works()]))
    QTimer.singleShot(0, lambda: (worker.switch(), loop.quit()))
    loop.exec()
    # The slot has returned: the same greenlet may wait now.
    worker.switch()
    assert done[0] == [] and done[2] is True
    assert messages == []


def test_waiting_while_a_slot_waits_elsewhere():
    """The loop's greenlet is left within a slot: who goes on may not wait until that has returned."""
    main, loop, done = greenlet.getcurrent(), QEventLoop(), []

    def run():
        QTimer.singleShot(0, lambda: (main.switch(), loop.quit()))
        done.append(loop.exec())

    runner = greenlet.greenlet(run)
    runner.switch()
    assert refused() == []
    runner.switch()
    assert done == [0] and runner.dead


def test_nested_in_one_greenlet():
    got = []

    def nest():
        inner = QEventLoop()
        QTimer.singleShot(0, inner.quit)
        got.append(inner.exec())
        got.append(works())

    def run():
        loop = QEventLoop()
        QTimer.singleShot(0, lambda: (nest(), loop.quit()))
        got.append(loop.exec())

    greenlet.greenlet(run).switch()
    assert got == [0, True, 0]


def test_greenlets_of_a_thread():
    done = []

    def run():
        with qnet.Loop():
            loop = QEventLoop()
            worker = greenlet.greenlet(lambda: done.append(refused()))
            QTimer.singleShot(0, lambda: (worker.switch(), loop.quit()))
            loop.exec()
            done.append(works())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [[], True]
