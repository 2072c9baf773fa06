"""Signals of the system while the main thread waits: what their handlers raise is raised there, and no callback is lost.

The signals of the tests come before the wait, when it begins or while it sleeps, as it happens: it makes no difference.
"""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import qnet
from conftest import LOCAL, Connected, collect, until
from qnet import (
    Loop,
    QCoreApplication,
    QEventLoop,
    QHostInfo,
    QLocalServer,
    QLocalSocket,
    QObject,
    QTcpServer,
    QTcpSocket,
    QThread,
    QTimer,
    QUdpSocket,
    Signal,
    _interrupt,
)

WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class Interrupted(KeyboardInterrupt):
    """As Ctrl-C; one that pytest would not take for the user's."""


# What is raised where only ctypes could catch it fails a test.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def nothing_stays():
    """Wherever a handler has cut a wait off, the next ones end by signals, too."""
    yield
    collect()
    assert _interrupt._active() is None


@contextlib.contextmanager
def handler(function, number=signal.SIGUSR1):
    old = signal.signal(number, function)
    try:
        yield
    finally:
        signal.signal(number, old)


def interrupt(*_):
    raise Interrupted


@contextlib.contextmanager
def signalled(delay=0.01, number=signal.SIGUSR1):
    """A signal comes after a while."""
    thread = threading.Timer(delay, os.kill, (os.getpid(), number))
    thread.start()
    try:
        yield
    finally:
        thread.join()


def queue_full():
    """The address of a listener that takes no more connections, and what keeps it so."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    kept = [listener]
    while True:
        one = socket.socket()
        kept.append(one)
        one.settimeout(0.05)
        try:
            one.connect(listener.getsockname())
        except TimeoutError:
            return listener.getsockname()[1], kept


def connecting():
    port, kept = queue_full()
    client = QTcpSocket()
    client.connectToHost(LOCAL, port)
    return client.waitForConnected, client, kept


def connecting_locally():
    name = f"\0qnet-test-{os.getpid()}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(name)
    listener.listen(0)
    first = socket.socket(socket.AF_UNIX)
    first.connect(name)
    client = QLocalSocket()
    client.setSocketOptions(QLocalSocket.SocketOption.AbstractNamespaceOption)
    client.connectToServer(name[1:])
    return client.waitForConnected, client, [listener, first]


def reading():
    pair = Connected()
    return pair.client.waitForReadyRead, pair.client, pair


def writing():
    pair = Connected()
    pair.accepted.setReadBufferSize(1)
    pair.client.write(bytes(16 << 20))
    while pair.client.flush():
        pass
    return pair.client.waitForBytesWritten, pair.client, pair


def disconnecting():
    pair = Connected()
    return pair.client.waitForDisconnected, pair.client, pair


def receiving():
    udp = QUdpSocket()
    assert udp.bind(LOCAL)
    return udp.waitForReadyRead, udp, None


def accepting():
    server = QTcpServer()
    assert server.listen(LOCAL)
    return (lambda msec: server.waitForNewConnection(msec)[0]), server, None


def accepting_locally():
    server = QLocalServer()
    server.setSocketOptions(QLocalServer.SocketOption.AbstractNamespaceOption)
    assert server.listen(f"qnet-test-{os.getpid()}")
    return (lambda msec: server.waitForNewConnection(msec)[0]), server, None


WAITS = [connecting, connecting_locally, reading, writing, disconnecting, receiving, accepting, accepting_locally]


@pytest.mark.parametrize("begin", WAITS)
def test_a_wait_ends_with_what_a_handler_raises(begin):
    wait, thing, kept = begin()
    signals = []
    if not isinstance(thing, (QTcpServer, QLocalServer)):
        before = thing.state(), thing.error()
        for name in ("errorOccurred", "stateChanged", "disconnected"):
            getattr(thing, name).connect(lambda *_, name=name: signals.append(name))
    with handler(interrupt):
        for msec in (-1, 30_000):
            for delay in (0, 0.02):
                with pytest.raises(Interrupted), signalled(delay):
                    wait(msec)
    # As if it had not been begun.
    assert not signals
    if not isinstance(thing, (QTcpServer, QLocalServer)):
        assert (thing.state(), thing.error()) == before
        thing.abort()
    thing.delete()
    for one in kept if isinstance(kept, list) else ():
        one.close()


@pytest.mark.parametrize("begin", WAITS)
def test_a_wait_outlasts_a_handler_that_returns(begin):
    wait, thing, kept = begin()
    seen, errors = [], []
    if not isinstance(thing, (QTcpServer, QLocalServer)):
        thing.errorOccurred.connect(errors.append)
    with handler(lambda *_: seen.append(1)), signalled(0.02):
        start = time.monotonic()
        assert not wait(100)
        assert time.monotonic() - start >= 0.099 and seen == [1]
    # Once, and none when connecting to a host takes too long, as in Qt.
    assert len(errors) <= 1
    thing.delete()
    for one in kept if isinstance(kept, list) else ():
        one.close()


def test_what_a_handler_brings_about_ends_a_wait(pair):
    with handler(lambda *_: pair.accepted.write(b"x")), signalled():
        pair.client.readyRead.connect(lambda: None)
        pair.accepted.flush()
        assert not pair.client.waitForReadyRead(0)

        def send(*_):
            pair.accepted.write(b"x")
            pair.accepted.flush()

        signal.signal(signal.SIGUSR1, send)
        assert pair.client.waitForReadyRead(-1) and pair.client.readAll() == b"x"


def test_name_look_up_ends_with_what_a_handler_raises(monkeypatch):
    """As no name server here is slow, none of the results is taken notice of."""
    monkeypatch.setattr(qnet.hostinfo, "_found_callback", qnet._api.qnet_host_info_callback(lambda info, number: None))
    with handler(interrupt), pytest.raises(Interrupted), signalled(0.02):
        QHostInfo.fromName("localhost")


def execute():
    QEventLoop().exec()


def execute_application():
    QCoreApplication.exec()


def process():
    while True:
        QCoreApplication.processEvents(WAIT)


def process_for_a_time():
    while True:
        QEventLoop().processEvents(WAIT, 1 << 30)


def loop_of_its_own():
    with Loop() as loop:
        try:
            while True:
                loop.processEvents(-1)
        finally:
            loop.delete()


def loop_that_is_executed():
    loop = Loop()
    try:
        loop.exec()
    finally:
        loop.delete()


@pytest.mark.parametrize(
    "run", [execute, execute_application, process, process_for_a_time, loop_of_its_own, loop_that_is_executed]
)
@pytest.mark.parametrize("delay", [0, 0.02])
def test_a_loop_ends_with_what_a_handler_raises(run, delay):
    with handler(interrupt):
        with pytest.raises(Interrupted), signalled(delay):
            run()

        # And inside a slot, where the outer loop must end as well.
        order = []

        def nest():
            try:
                with signalled(delay):
                    run()
            except Interrupted:
                order.append("inner")
                raise

        qnet.post(nest)
        with pytest.raises(Interrupted):
            QCoreApplication.exec()
        order.append("outer")
        assert order == ["inner", "outer"]


@pytest.mark.parametrize("begin", WAITS)
def test_a_wait_in_a_slot(begin):
    wait, thing, kept = begin()
    with handler(interrupt):
        after = []

        def slot():
            with signalled(0.02):
                wait(-1)

        qnet.post(slot)
        qnet.post(lambda: after.append(1))
        with pytest.raises(Interrupted):
            QCoreApplication.exec()
        assert after == [1]
    thing.delete()
    for one in kept if isinstance(kept, list) else ():
        one.close()


def test_a_nested_wait_does_not_end_because_of_one_that_did(pair):
    """A slot that catches what ends a wait goes on waiting."""
    caught, results = [], []

    def slot():
        try:
            with signalled():
                pair.client.waitForReadyRead(-1)
        except Interrupted:
            caught.append(1)
        results.append(pair.client.waitForReadyRead(30))

    with handler(interrupt):
        pair.accepted.bytesWritten.connect(slot)
        pair.client.setReadBufferSize(0)
        pair.accepted.write(b"x")
        start = time.monotonic()
        while not results:
            pair.accepted.waitForBytesWritten(1000)
        assert caught == [1] and time.monotonic() - start < 20


@pytest.mark.parametrize("nested", [False, True])
def test_no_call_is_lost_in_a_busy_loop(nested):
    """At whatever step of whichever call the signals come, each call is made, once and in the order, and what the
    handler raises is raised by exec()."""
    seen, armed, raisings, caught, posted = [], [], [], [], 0

    def once(*_):
        if armed:
            armed.clear()
            raisings.append(1)
            raise Interrupted

    def run():
        nonlocal posted
        loop = QEventLoop()
        for _ in range(200):
            qnet.post(functools.partial(armed.append, 1))
            for _ in range(500):
                # No Python code that a handler could cut in the middle.
                qnet.post(functools.partial(seen.append, posted))
                posted += 1
            qnet.post(loop.quit)
            try:
                loop.exec()
            except Interrupted:
                caught.append(1)
            armed.clear()

    with handler(once, signal.SIGALRM):
        signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
        try:
            if nested:
                qnet.post(run)
                until(lambda: posted == 200 * 500)
            else:
                run()
        finally:
            armed.clear()
            signal.setitimer(signal.ITIMER_REAL, 0)
    until(lambda: len(seen) == posted)
    assert seen == list(range(posted)) and len(caught) == len(raisings) > 0


def test_no_emission_is_lost_in_a_busy_loop():
    """The same for a signal of the library."""
    armed, raisings, caught = [], [], []
    timers, seen = [], []
    for _ in range(200):
        timer = QTimer(singleShot=True)
        timer.timeout.connect(functools.partial(seen.append, timer))
        timers.append(timer)

    def once(*_):
        if armed:
            armed.clear()
            raisings.append(1)
            raise Interrupted

    with handler(once, signal.SIGALRM):
        signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
        try:
            for _ in range(200):
                seen.clear()
                for timer in timers:
                    timer.start(0)
                try:
                    armed.append(1)
                    QCoreApplication.processEvents()
                except Interrupted:
                    caught.append(1)
                armed.clear()
                until(lambda: len(seen) >= len(timers))
                assert seen == timers
        finally:
            armed.clear()
            signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(caught) == len(raisings) > 0


def test_signals_for_another_package(pair):
    """Python writes to its descriptor again after a wait, and what came meanwhile is handed on."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    try:
        with handler(lambda *_: None):
            with signalled():
                pair.client.waitForReadyRead(50)
            assert reader.recv(10) == bytes([signal.SIGUSR1])
            QTimer.singleShot(50, QCoreApplication.quit)
            with signalled():
                QCoreApplication.exec()
            assert reader.recv(10) == bytes([signal.SIGUSR1])
            os.kill(os.getpid(), signal.SIGUSR1)
            assert reader.recv(10) == bytes([signal.SIGUSR1])
        # One that takes its place in a slot keeps it.
        other = socket.socketpair()[1]
        other.setblocking(False)
        qnet.post(lambda: signal.set_wakeup_fd(other.fileno()))
        QTimer.singleShot(1, QCoreApplication.quit)
        QCoreApplication.exec()
        assert signal.set_wakeup_fd(-1) == other.fileno()
        other.close()
    finally:
        signal.set_wakeup_fd(-1)
        reader.close()
        writer.close()


# ---- KeyboardInterrupt and SystemExit in slots


class Source(QObject):
    it = Signal()


def leave():
    raise SystemExit(7)


@pytest.mark.parametrize("error", [SystemExit, Interrupted])
def test_what_a_slot_raises_is_raised_by_what_called_it(error, pair):
    def slot(*_):
        raise error

    server = QTcpServer()
    assert server.listen(LOCAL)
    client, name = QTcpSocket(), f"qnet-test-{os.getpid()}"
    client.stateChanged.connect(slot)
    with pytest.raises(error):
        client.connectToHost(LOCAL, server.serverPort())
    with pytest.raises(error):
        client.waitForConnected(10_000)
    with pytest.raises(error):
        client.disconnectFromHost()
    with pytest.raises(error):
        client.bind(LOCAL)
    with pytest.raises(error):
        client.close()
    client.destroyed.connect(slot)
    with pytest.raises(error):
        client.delete()
    assert not client.isAlive()

    pair.accepted.bytesWritten.connect(slot)
    pair.accepted.write(b"x")
    with pytest.raises(error):
        pair.accepted.flush()
    with pytest.raises(error):
        pair.accepted.aboutToClose.connect(slot)
        pair.accepted.abort()

    local = QLocalServer()
    local.setSocketOptions(QLocalServer.SocketOption.AbstractNamespaceOption)
    assert local.listen(name)
    client = QLocalSocket()
    client.setSocketOptions(QLocalSocket.SocketOption.AbstractNamespaceOption)
    client.connected.connect(slot)
    with pytest.raises(error):
        client.connectToServer(name)
    client.disconnected.connect(slot)
    with pytest.raises(error):
        client.disconnectFromServer()

    udp = QUdpSocket()
    udp.bytesWritten.connect(slot)
    with pytest.raises(error):
        udp.writeDatagram(b"x", LOCAL, server.serverPort())
    udp.connectToHost(LOCAL, server.serverPort())
    with pytest.raises(error):
        udp.write(b"x")

    source, seen = Source(), []
    source.it.connect(slot)
    source.it.connect(lambda: seen.append(1))
    with pytest.raises(error):
        source.it.emit()
    assert seen == [1]


def test_what_a_slot_raises_ends_a_wait(pair):
    pair.client.readyRead.connect(leave)
    pair.accepted.write(b"x")
    pair.accepted.flush()
    with pytest.raises(SystemExit):
        pair.client.waitForDisconnected(-1)
    assert not pair.client.waitForDisconnected(1)  # this one is not ended


def test_what_a_slot_raises_ends_a_wait_on_a_thread():
    ends = []

    def work():
        pair = Connected.__new__(Connected)
        pair.server = QTcpServer()
        assert pair.server.listen(LOCAL)
        client = QTcpSocket()
        client.connectToHost(LOCAL, pair.server.serverPort())
        assert client.waitForConnected() and pair.server.waitForNewConnection(10_000)[0]
        accepted = pair.server.nextPendingConnection()
        accepted.write(b"x")
        accepted.flush()
        client.readyRead.connect(leave)
        try:
            client.waitForDisconnected(-1)
        except SystemExit as error:
            ends.append(error.code)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert ends == [7]


def test_system_exit_ends_a_thread_silently(raised):
    class Worker(QThread):
        def run(self):
            sys.exit(3)

    worker, ends = Worker(), []
    worker.finished.connect(lambda: ends.append(1))
    worker.start()
    until(lambda: ends)
    assert worker.wait(10_000)


def test_the_exception_hook_may_exit(monkeypatch, pair):
    hooked = []

    def hook(kind, error, trace):
        hooked.append(kind)
        sys.exit(7)

    monkeypatch.setattr(sys, "excepthook", hook)

    def fails():
        1 / 0

    qnet.post(fails)
    with pytest.raises(SystemExit):
        QCoreApplication.exec()
    qnet.post(lambda: (qnet.post(fails), QEventLoop().exec()))
    with pytest.raises(SystemExit):
        QCoreApplication.exec()
    pair.client.readyRead.connect(fails)
    pair.accepted.write(b"x")
    pair.accepted.flush()
    with pytest.raises(SystemExit):
        pair.client.waitForDisconnected(-1)
    pair.client.disconnected.connect(fails)
    with pytest.raises(SystemExit):
        pair.client.abort()
    assert hooked == [ZeroDivisionError] * 4


# ---- as a program


def program(text):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(text)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_busy_server_heeds_a_signal(number):
    """Most of its time passes in the library, where a signal comes at the worst of all moments."""
    server = program(
        """
        import signal, sys
        from qnet import QCoreApplication, QHostAddress, QTcpServer
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server = QTcpServer()
        server.listen(QHostAddress.LocalHost)

        def serve():
            socket = server.nextPendingConnection()
            socket.readyRead.connect(lambda: socket.write(socket.readAll()))

        server.newConnection.connect(serve)
        print(server.serverPort())
        try:
            QCoreApplication.exec()
        except BaseException as error:
            print(type(error).__name__)
        """
    )
    port = int(server.stdout.readline())
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    end = threading.Event()

    def talk(client):
        client.settimeout(10)
        with contextlib.suppress(OSError):
            while not end.is_set():
                client.sendall(b"x")
                if not client.recv(64):
                    break

    threads = [threading.Thread(target=talk, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    until_busy = time.monotonic() + 0.2
    while time.monotonic() < until_busy:
        time.sleep(0.01)
    server.send_signal(number)
    try:
        out, error = server.communicate(timeout=20)
    finally:
        end.set()
        server.kill()
        for thread in threads:
            thread.join()
        for client in clients:
            client.close()
    assert out == {signal.SIGINT: "KeyboardInterrupt\n", signal.SIGTERM: "SystemExit\n"}[number]
    assert error == "" and server.returncode == 0
