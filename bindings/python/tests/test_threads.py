"""Objects used, dropped and deleted by several threads at once."""

import gc
import random
import threading
import time

from conftest import LOCAL, until
from qnet import Loop, QEventLoop, QTcpServer, QTcpSocket, QTimer, post

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
    assert len(socket._slots["readyRead"]) == 2000 and list(socket._connections) == ["destroyed", "readyRead"]


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
