"""Objects used, dropped and deleted by several threads at once."""

import gc
import random
import threading
import time

import pytest
import qnet
from conftest import LOCAL, until
from qnet import Loop, QCoreApplication, QEventLoop, QTcpServer, QTcpSocket, QTimer, post, usage

SECONDS = 1.0


def test_text_of_one_object_on_many_threads():
    """A text belongs to the object until the next one: each thread gets a whole one."""
    socket = QTcpSocket()
    wrong = []

    def ask():
        for _ in range(3000):
            if socket.errorString() != "Unknown error":
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_everything_at_once(raised, messages):
    """Each thread serves on a loop of its own, talks to the others, and deletes what others may be using."""
    end = time.monotonic() + SECONDS
    ports, shared, echoed = [], [], []
    ready = threading.Barrier(3)

    def work():
        chance = random.Random(1)
        with Loop() as loop:
            server = QTcpServer()
            assert server.listen(LOCAL)
            ports.append(server.serverPort())

            def serve():
                while server.hasPendingConnections():
                    socket = server.nextPendingConnection()
                    socket.readyRead.connect(lambda socket=socket: socket.write(socket.readAll()))
                    socket.disconnected.connect(socket.deleteLater)

            server.newConnection.connect(serve)
            ready.wait()

            def client():
                socket = QTcpSocket()
                socket.connected.connect(lambda: socket.write(b"hello"))

                def answer():
                    echoed.append(socket.readAll())
                    how = chance.randrange(5)
                    if how == 0:
                        socket.close()
                    elif how == 1:
                        socket.abort()
                    elif how == 2:
                        socket.deleteLater()
                    elif how == 3:
                        socket.delete()
                    else:
                        shared.append(socket)

                socket.readyRead.connect(answer)
                socket.connectToHost(LOCAL, chance.choice(ports))

            timer = QTimer()

            def tick():
                if time.monotonic() > end:
                    loop.quit()
                    return
                client()
                while len(shared) > 5:
                    other = shared.pop()
                    if chance.random() < 0.5:
                        other.delete()
                if chance.random() < 0.02:
                    gc.collect()

            timer.timeout.connect(tick)
            timer.start(1)
            loop.exec()
            timer.delete()
            server.delete()
        loop.delete()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert len(echoed) > 10
    # Two threads may have deleted the same socket, or closed one that the other had deleted.
    raised[:] = [error for error in raised if not isinstance(error, RuntimeError)]
    shared.clear()


def test_connections_from_many_threads():
    socket = QTcpSocket()
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(500):
            kept, gone = socket.readyRead.connect(lambda: None), socket.readyRead.connect(lambda: None)
            assert kept and socket.readyRead.disconnect(gone)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(socket._q_slots["readyRead"]) == 2000 and list(socket._q_connections) == ["destroyed", "readyRead"]


def test_posts_from_many_threads():
    seen = []
    threads = [
        threading.Thread(target=lambda base=base: [post(lambda n=n: seen.append(n)) for n in range(base, base + 100)])
        for base in (0, 1000, 2000, 3000)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(seen) == 400)
    for thread in threads:
        thread.join()
    for base in (0, 1000, 2000, 3000):
        assert [n for n in seen if base <= n < base + 100] == list(range(base, base + 100))


def test_writes_from_another_thread(pair):
    """A call from another thread wakes the loop that sleeps."""
    loop = QEventLoop()
    pair.accepted.readyRead.connect(loop.quit)
    thread = threading.Timer(0.02, pair.client.write, (b"x",))
    thread.start()
    assert loop.exec() == 0
    thread.join()


# ---- the loop of a thread


def in_thread(function):
    """Calls function in a plain thread; returns what it returns, or raises what it raises."""
    results = []

    def work():
        try:
            results.append((function(), None))
        except BaseException as error:
            results.append((None, error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    result, error = results.pop()
    if error is not None:
        raise error
    return result


def converse():
    """A conversation without signals."""
    server, client = QTcpServer(), QTcpSocket()
    assert server.listen(LOCAL)
    client.connectToHost(LOCAL, server.serverPort())
    assert client.waitForConnected() and server.waitForNewConnection(10_000)[0]
    accepted = server.nextPendingConnection()
    for text in (b"one", b"two"):
        client.write(text)
        assert client.waitForBytesWritten() and accepted.waitForReadyRead()
        assert accepted.readAll() == text
    client.disconnectFromHost()
    assert accepted.waitForDisconnected() or accepted.state() == QTcpSocket.SocketState.UnconnectedState
    return client._q_loop


def test_blocking_sockets_in_threads_while_the_main_loop_runs():
    ends, errors = [], []

    def work():
        try:
            ends.append(converse())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if len(ends) + len(errors) == len(threads) else None)
    timer.start(1)
    post(lambda: [thread.start() for thread in threads])
    loop.exec()
    for thread in threads:
        thread.join()
    assert not errors and None not in ends and len(set(ends)) == len(threads)


def test_signals_in_a_thread_are_run_by_its_own_loop():
    def work():
        seen, loop = [], QEventLoop()
        server, client = QTcpServer(), QTcpSocket()
        assert server.listen(LOCAL)
        for signal in (server.newConnection, client.connected):
            signal.connect(lambda: seen.append(threading.current_thread()))
        client.connected.connect(lambda: QTimer.singleShot(20, loop.quit))
        client.connectToHost(LOCAL, server.serverPort())
        assert loop.exec() == 0
        return seen == [threading.current_thread()] * 2

    assert in_thread(work)


def test_a_thread_s_loop_ends_with_it():
    before = usage().loops

    def work():
        socket = QTcpSocket()
        here = usage().loops
        QTimer()
        assert usage().loops == here == before + 1
        return socket

    socket = in_thread(work)
    socket.delete()
    for _ in range(20):
        in_thread(QTcpSocket)
    in_thread(usage)  # needs none
    until(lambda: usage().loops == before)


def test_what_a_thread_has_posted_to_its_loop_is_called_when_it_ends():
    calls = []
    in_thread(lambda: QTimer.singleShot(10**6, lambda: calls.append("never")))

    def work():
        one = QTcpSocket()
        one.destroyed.connect(lambda: calls.append("destroyed"))
        one.deleteLater()
        return one

    one = in_thread(work)
    until(lambda: not one.isAlive())
    assert calls == ["destroyed"]


def test_objects_of_a_thread_that_has_ended():
    socket = in_thread(QTcpSocket)
    server = QTcpServer()
    assert server.listen(LOCAL)
    socket.connectToHost(LOCAL, server.serverPort())
    assert socket.waitForConnected() and server.waitForNewConnection(10_000)[0]


def test_a_loop_in_a_thread_comes_before_its_own():
    def work():
        one = QTcpSocket()
        with Loop() as loop:
            two = QTcpSocket()
            inner = loop._q_handle
        three = QTcpSocket()
        loop.delete()
        return one._q_loop == three._q_loop != two._q_loop == inner

    assert in_thread(work)


def test_the_application_makes_the_default_loop_that_of_its_thread():
    def work():
        app = QCoreApplication([])
        socket, seen = QTcpSocket(), []
        QTimer.singleShot(0, lambda: seen.append(threading.current_thread()))
        QTimer.singleShot(0, app.quit)
        code = app.exec()
        app.shutdown()
        return code == 0 and socket._q_loop is None and seen == [threading.current_thread()]

    assert in_thread(work)


def test_post_in_a_thread_without_a_loop_reaches_the_main_thread():
    seen = []

    def work():
        QTcpSocket()
        post(lambda: seen.append(threading.current_thread()))
        loop = QEventLoop()
        # Within a loop that the thread runs, it is this one.
        QTimer.singleShot(0, lambda: post(lambda: (seen.append(threading.current_thread()), loop.quit())))
        loop.exec()
        return threading.current_thread()

    thread = in_thread(work)
    until(lambda: len(seen) == 2)
    assert seen == [thread, threading.main_thread()]


def test_asyncio_in_a_thread():
    import asyncio

    async def talk():
        server = QTcpServer()
        assert server.listen(LOCAL)
        socket = await qnet.asyncio.connect(LOCAL, server.serverPort())
        accepted = await server.nextConnection()
        accepted.write(b"x")
        assert await socket.untilReadyRead()
        qnet.asyncio.attach()
        return socket._q_loop is not None

    assert in_thread(lambda: asyncio.run(talk()))


def test_no_loop_without_descriptors():
    import resource

    def work():
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, limits[1]))
        try:
            with pytest.raises(RuntimeError, match="descriptors"):
                QTcpSocket()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        return QTcpSocket().state()

    seen = []
    qnet.qInstallMessageHandler(lambda kind, context, text: seen.append(text))
    assert in_thread(work) == QTcpSocket.SocketState.UnconnectedState and seen
