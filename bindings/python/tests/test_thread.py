"""QThread, and signals of one's own."""

import gc
import threading
import weakref

import pytest
from conftest import LOCAL, until
from qnet import QObject, QTcpServer, QTcpSocket, QThread, QTimer, Signal, Slot


class Source(QObject):
    one = Signal(int)
    two = Signal(int, str)


def test_emit():
    source, seen = Source(), []

    class Sink(QObject):
        @Slot(int, str)
        def both(self, number, text):
            seen.append((number, text))

    sink = Sink()
    source.two.connect(sink.both)
    source.two.connect(lambda number: seen.append(number))
    source.two.connect(lambda: seen.append("none"))
    source.two.connect(lambda *all_: seen.append(all_))
    source.two.emit(5, "five")
    assert seen == [(5, "five"), 5, "none", (5, "five")]
    assert source.two.disconnect(sink.both)
    sink.delete()
    seen.clear()
    source.one.emit(1)
    assert seen == []
    source.delete()
    with pytest.raises(RuntimeError):
        source.one.emit(1)


def test_run_and_finished():
    where, ends = [], []

    class Worker(QThread):
        found = Signal(object)

        def run(self):
            server = QTcpServer()
            assert server.listen(LOCAL)
            socket = QTcpSocket()
            socket.connectToHost(LOCAL, server.serverPort())
            assert socket.waitForConnected()
            where.append(threading.current_thread())
            self.found.emit("it")

    worker = Worker()
    worker.found.connect(lambda what: ends.append((what, threading.current_thread())))
    worker.finished.connect(lambda: ends.append(threading.current_thread()))
    assert not worker.isRunning() and not worker.isFinished()
    worker.start()
    until(lambda: len(ends) == 2)
    assert worker.wait(10_000) and worker.isFinished() and not worker.isRunning()
    main = threading.current_thread()
    assert ends == [("it", main), main] and where[0] is not main


def test_loop_of_a_thread():
    codes = []

    class Worker(QThread):
        def run(self):
            timer = QTimer()
            timer.timeout.connect(lambda: self.exit(7))
            timer.start(1)
            codes.append(self.exec())

    worker = Worker()
    worker.start()
    assert worker.wait(10_000) and codes == [7]


def test_quit_at_once():
    worker = QThread()
    for _ in range(20):
        worker.start()
        worker.quit()
        assert worker.wait(10_000)


def test_a_running_thread_is_kept_and_then_not():
    go = threading.Event()

    class Worker(QThread):
        def run(self):
            go.wait(10)

    worker = Worker()
    worker.finished.connect(worker.deleteLater)
    reference = weakref.ref(worker)
    worker.start()
    thread = worker._q_thread
    del worker
    gc.collect()
    assert reference() is not None
    go.set()
    thread.join(10)

    def gone():
        gc.collect()
        return reference() is None

    until(gone)


def test_exceptions(raised):
    class Worker(QThread):
        def run(self):
            1 / 0

    worker = Worker()
    worker.start()
    assert worker.wait(10_000)
    assert isinstance(raised.pop(), ZeroDivisionError)


def test_interruption():
    class Worker(QThread):
        def run(self):
            while not self.isInterruptionRequested():
                self.msleep(1)

    worker = Worker()
    for _ in range(2):
        worker.start()
        assert not worker.isInterruptionRequested() and not worker.wait(5)
        worker.requestInterruption()
        assert worker.wait(10_000) and not worker.isInterruptionRequested()
