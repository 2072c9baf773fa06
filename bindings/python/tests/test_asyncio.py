import asyncio
import threading

import pytest
import qnet.asyncio
from conftest import LOCAL, PATIENCE
from qnet import Loop, Qt, QTcpServer, QTcpSocket, QTimer


def signal(instance):
    """A future for the next emission."""
    future = asyncio.get_running_loop().create_future()
    connection = instance.connect(lambda *arguments: future.done() or future.set_result(arguments))
    assert connection
    return future


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 10))


def test_conversation():
    async def main():
        qnet.asyncio.attach()
        server = QTcpServer()
        assert server.listen(LOCAL)
        accepted = signal(server.newConnection)
        client = QTcpSocket()
        connected = signal(client.connected)
        client.connectToHost("localhost", server.serverPort())
        await connected
        await accepted
        socket = server.nextPendingConnection()
        ready = signal(socket.readyRead)
        client.write(b"question")  # outside any callback: sent when asyncio polls
        await ready
        assert socket.readAll() == b"question"
        ready = signal(client.readyRead)
        asyncio.get_running_loop().call_soon(socket.write, b"answer")
        await ready
        assert client.readAll() == b"answer"
        gone = signal(client.destroyed)
        client.deleteLater()
        await gone
        assert qnet.asyncio.detach() and not qnet.asyncio.detach()

    run(main())


def test_timers_and_posted_calls():
    async def main():
        qnet.asyncio.attach()
        qnet.asyncio.attach()
        timer = QTimer(singleShot=True)
        fired = signal(timer.timeout)
        timer.start(5)
        await fired
        posted = asyncio.Event()
        qnet.post(posted.set)
        await posted.wait()
        # From another thread.
        done = asyncio.get_running_loop().create_future()
        await asyncio.to_thread(qnet.post, lambda: done.set_result(5))
        assert await done == 5
        qnet.asyncio.detach()

    run(main())


def test_plain_asyncio_peer():
    async def main():
        qnet.asyncio.attach()
        server = QTcpServer()
        server.newConnection.connect(lambda: serve(server.nextPendingConnection()))
        assert server.listen(LOCAL)

        def serve(socket):
            socket.readyRead.connect(lambda: socket.write(socket.readAll()))

        reader, writer = await asyncio.open_connection("127.0.0.1", server.serverPort())
        writer.write(b"x" * 1_000_000)
        assert await reader.readexactly(1_000_000) == b"x" * 1_000_000
        writer.close()
        await writer.wait_closed()
        server.close()  # its slot would keep it while it listens
        qnet.asyncio.detach()

    run(main())


def test_loop_of_one_s_own():
    async def main():
        with Loop() as loop:
            qnet.asyncio.attach(source=loop)
            fired = asyncio.Event()
            QTimer.singleShot(1, fired.set)
            await fired.wait()
            assert qnet.asyncio.detach(source=loop)
        loop.delete()

    run(main())


def test_exceptions(raised):
    async def main():
        qnet.asyncio.attach()
        after = asyncio.Event()
        qnet.post(lambda: 1 / 0)
        qnet.post(after.set)
        await after.wait()
        qnet.asyncio.detach()

    run(main())
    assert isinstance(raised.pop(), ZeroDivisionError)


def test_system_exit():
    def leave():
        raise SystemExit(3)

    async def main():
        qnet.asyncio.attach()
        qnet.post(leave)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            qnet.asyncio.detach()

    with pytest.raises(SystemExit):
        run(main())


def test_without_a_running_loop():
    with pytest.raises(RuntimeError):
        qnet.asyncio.attach()
    assert qnet.asyncio is __import__("sys").modules["qnet.asyncio"]
    with pytest.raises(AttributeError):
        qnet.nothing


def test_signals_come_by_themselves():
    # As a program that was written for a loop of Qt's: nothing is awaited of it, and attach() is not called.
    async def main():
        server, client, seen = QTcpServer(), QTcpSocket(), []
        ended = asyncio.get_running_loop().create_future()
        server.newConnection.connect(lambda: server.nextPendingConnection().write(b"hello"))
        client.readyRead.connect(lambda: (seen.append(client.readAll()), client.disconnectFromHost()))
        client.disconnected.connect(lambda: ended.set_result(None))
        assert server.listen(LOCAL)
        client.connectToHost(LOCAL, server.serverPort())
        await asyncio.wait_for(ended, PATIENCE)
        timer, ticks = QTimer(), asyncio.get_running_loop().create_future()
        timer.timeout.connect(lambda: ticks.set_result(timer.stop()))
        timer.start(1)
        await asyncio.wait_for(ticks, PATIENCE)
        server.close()
        return seen

    for _ in range(3):  # each has a loop of its own
        assert asyncio.run(main()) == [b"hello"]


def test_what_was_made_before_and_is_used_inside():
    server = QTcpServer()
    client = QTcpSocket()
    assert server.listen(LOCAL)

    async def main():
        connected = asyncio.get_running_loop().create_future()
        client.connected.connect(lambda: connected.set_result(True), type=Qt.ConnectionType.SingleShotConnection)
        client.connectToHost(LOCAL, server.serverPort())
        assert await asyncio.wait_for(connected, PATIENCE)
        client.abort()

    asyncio.run(main())
    asyncio.run(main())


def test_threads_have_loops_of_their_own():
    results = []

    async def main():
        timer, ended = QTimer(singleShot=True), asyncio.get_running_loop().create_future()
        timer.timeout.connect(lambda: ended.set_result(threading.get_ident()))
        timer.start(1)
        results.append(await asyncio.wait_for(ended, PATIENCE) == threading.get_ident())

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(4)]
    for thread in threads:
        thread.start()
    asyncio.run(main())
    for thread in threads:
        thread.join()
    assert results == [True] * 5


def test_what_was_detached_stays_so():
    async def main():
        QTimer()
        assert qnet.asyncio.detach()
        timer, calls = QTimer(singleShot=True), []
        timer.timeout.connect(lambda: calls.append(True))
        timer.start(0)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not calls
        qnet.asyncio.attach()
        while not calls:
            await asyncio.sleep(0.001)

    asyncio.run(main())
