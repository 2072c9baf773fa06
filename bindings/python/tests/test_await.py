"""What asyncio programs await, on asyncio's own loop and on uvloop's."""

import asyncio
import gc
import os
import socket as system
import threading
import weakref

import pytest
import qnet
import qnet.asyncio
from conftest import LOCAL, collect
from qnet import Loop, QLocalServer, QLocalSocket, QTcpServer, QTcpSocket, QUdpSocket
from qnet._object import held
from qnet._signal import references

State = QTcpSocket.SocketState


def make_loop(kind):
    return asyncio.new_event_loop() if kind == "asyncio" else pytest.importorskip("uvloop").new_event_loop()


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request):
    """Runs a coroutine to its end; nothing may be left behind by it."""
    loop = make_loop(request.param)
    collect()
    before = set(references), set(held)

    def run_(coroutine):
        loop.run_until_complete(asyncio.wait_for(coroutine, 20))
        for _ in range(5):
            loop.run_until_complete(asyncio.sleep(0))
        collect()
        assert set(references) <= before[0] and set(held) <= before[1]

    yield run_
    loop.close()


def listening():
    server = QTcpServer()
    assert server.listen(LOCAL)
    return server


async def tcp_pair():
    server = listening()
    client = await qnet.asyncio.connect(LOCAL, server.serverPort())
    return server, client, await server.nextConnection()


@pytest.fixture(params=["tcp", "local"])
def connected_pair(request, tmp_path):
    async def local_pair():
        server = QLocalServer()
        assert server.listen(str(tmp_path / "s"))
        client = await qnet.asyncio.connect_local(server.fullServerName())
        return server, client, await server.nextConnection()

    return tcp_pair if request.param == "tcp" else local_pair


def test_echo(run):
    async def serve(server):
        async for socket in server:
            echoes.append(asyncio.ensure_future(echo(socket)))

    async def echo(socket):
        async with socket:
            async for chunk in socket:
                socket.write(chunk)
                await socket.untilBytesWritten(1 << 16)

    async def talk(port, data):
        async with await qnet.asyncio.connect("localhost", port) as socket:
            socket.write(data)
            assert await socket.untilReadyRead(len(data))
            assert socket.readAll() == data

    async def main():
        server = listening()
        serving = asyncio.ensure_future(serve(server))
        await asyncio.gather(*(talk(server.serverPort(), bytes([i]) * (i * 10_000 + 1)) for i in range(20)))
        await asyncio.gather(*echoes)
        assert len(echoes) == 20
        echoes.clear()
        server.close()
        await serving

    echoes = []
    run(main())


def test_errors_of_connecting(run):
    async def main():
        server = listening()
        port = server.serverPort()
        server.close()
        with pytest.raises(ConnectionRefusedError):
            await qnet.asyncio.connect(LOCAL, port)
        with pytest.raises(system.gaierror):
            await qnet.asyncio.connect("no-such-name.invalid", port)
        with pytest.raises(OSError, match="not connected"):
            await QTcpSocket().untilConnected()
        with pytest.raises(OSError, match="not connected"):
            await QTcpSocket().untilBytesWritten()
        with pytest.raises(OSError, match="does not listen"):
            await server.nextConnection()
        assert await QTcpSocket().untilReadyRead() is False
        await QTcpSocket().untilDisconnected()
        assert [chunk async for chunk in QTcpSocket()] == []

    run(main())


def test_errors_of_local_sockets(run, tmp_path):
    async def main():
        path = str(tmp_path / "s")
        with pytest.raises(FileNotFoundError):
            await qnet.asyncio.connect_local(path)
        with pytest.raises(ConnectionRefusedError):
            await qnet.asyncio.connect_local(path, abstract=True)
        with system.socket(system.AF_UNIX) as nobody:
            nobody.bind(path)
            with pytest.raises(ConnectionRefusedError):
                await qnet.asyncio.connect_local(path)
        with pytest.raises(OSError, match="does not listen"):
            await QLocalServer().nextConnection()
        with pytest.raises(OSError, match="not connected"):
            await QLocalSocket().untilConnected()

    run(main())


def test_abstract_name(run, tmp_path):
    async def main():
        with QLocalServer() as server:
            server.setSocketOptions(QLocalServer.SocketOption.AbstractNamespaceOption)
            assert server.listen(f"{tmp_path}/s")
            async with await qnet.asyncio.connect_local(f"{tmp_path}/s", abstract=True) as client:
                client.write(b"x")
                accepted = await server.nextConnection()
                assert await accepted.untilReadyRead()
        assert not server.isListening()

    run(main())


def bound():
    socket = QUdpSocket()
    assert socket.bind(LOCAL)
    return socket


def test_datagrams(run):
    async def main():
        one, other = bound(), bound()
        waiting = asyncio.ensure_future(other.nextDatagram())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        for data in b"one", b"", b"three":
            one.writeDatagram(data, LOCAL, other.localPort())
        datagram = await waiting
        assert datagram.data() == b"one" and datagram.senderPort() == one.localPort()
        assert (await other.nextDatagram()).data() == b""
        assert (await other.nextDatagram()).data() == b"three"
        assert not other._q_slots.get("readyRead")

    run(main())


def test_datagrams_until_the_socket_is_closed(run):
    async def answer(socket):
        async with socket:
            async for datagram in socket:
                socket.writeDatagram(datagram.makeReply(datagram.data().upper()))
                # That concerns who sends it, not who receives.
                assert socket.writeDatagram(b"x" * 70_000, LOCAL, 9) == -1

    async def main():
        server, client = bound(), QUdpSocket()
        answering = asyncio.ensure_future(answer(server))
        client.connectToHost(LOCAL, server.localPort())
        await client.untilConnected()
        for _ in range(100):
            client.write(b"hello")
            assert (await client.nextDatagram()).data() == b"HELLO"
        server.close()
        await answering
        client.close()
        with pytest.raises(OSError, match="neither bound nor connected"):
            await client.nextDatagram()
        assert [datagram async for datagram in client] == []

    run(main())


def test_datagrams_for_nobody(run):
    async def main():
        nobody, client = bound(), QUdpSocket()
        port = nobody.localPort()
        nobody.close()
        client.connectToHost(LOCAL, port)
        await client.untilConnected()
        client.write(b"x")
        with pytest.raises(ConnectionRefusedError):
            await client.nextDatagram()
        client.write(b"x")
        with pytest.raises(ConnectionRefusedError):
            async for _ in client:
                pass
        # It goes on.
        assert nobody.bind(LOCAL, port)
        client.write(b"now")
        assert (await nobody.nextDatagram()).data() == b"now"

    run(main())


def test_several_takers_of_datagrams(run):
    async def main():
        one, other = bound(), bound()
        takers = [asyncio.ensure_future(other.nextDatagram()) for _ in range(3)]
        await asyncio.sleep(0)
        for number in range(3):
            one.writeDatagram(b"%d" % number, LOCAL, other.localPort())
        assert {datagram.data() for datagram in await asyncio.gather(*takers)} == {b"0", b"1", b"2"}

    run(main())


def test_connected_and_gone(run):
    """A connection that ended before the waiter could look was made all the same."""

    async def main():
        server = listening()
        client = QTcpSocket()
        client.connected.connect(client.abort)
        client.connectToHost(LOCAL, server.serverPort())
        await client.untilConnected()
        assert client.state() == State.UnconnectedState

    run(main())


def test_reading(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        assert client.write(b"12345") == 5
        assert await accepted.untilReadyRead() and accepted.bytesAvailable() == 5
        more = asyncio.ensure_future(accepted.untilReadyRead(8))
        await asyncio.sleep(0.01)
        assert not more.done()
        client.write(b"678")
        assert await more and accepted.read(6) == b"123456"
        accepted.setReadBufferSize(10)
        with pytest.raises(ValueError):
            await accepted.untilReadyRead(11)
        client.write(b"9")
        client.close()
        # The end comes first; the rest is there.
        assert await accepted.untilReadyRead(4) is False
        assert accepted.readAll() == b"789"
        await client.untilDisconnected()

    run(main())


def test_lines(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        accepted.setReadBufferSize(8)
        client.write(b"one\ntwo\n\nlonger than the buffer\nno end")
        client.close()
        lines = [line async for line in accepted.lines()]
        assert lines[:3] == [b"one\n", b"two\n", b"\n"] and lines[-1].endswith(b"end")
        assert b"".join(lines) == b"one\ntwo\n\nlonger than the buffer\nno end"

    run(main())


def test_limited_buffer_that_is_not_emptied(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        accepted.setReadBufferSize(8)
        client.write(b"0123456789abcdef")
        assert await accepted.untilReadyRead(8) and accepted.read(1) == b"0"
        assert await accepted.untilReadyRead(8) and accepted.readAll() == b"12345678"

    run(main())


def test_data_that_came_before(run, connected_pair):
    """Chunks that are there already, and a connection that has ended already."""

    async def main():
        server, client, accepted = await connected_pair()
        client.write(b"all")
        client.close()
        await accepted.untilDisconnected()
        assert [chunk async for chunk in accepted] == [b"all"]
        assert [chunk async for chunk in accepted] == []

    run(main())


def test_writing(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        accepted.setReadBufferSize(1000)
        client.write(b"x" * 20_000_000)
        waiting = asyncio.ensure_future(client.untilBytesWritten(1_000_000))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        accepted.setReadBufferSize(0)
        size = 0
        async for chunk in accepted:
            size += len(chunk)
            if waiting.done():
                break
        assert client.bytesToWrite() <= 1_000_000 and size > 10_000_000
        accepted.setReadBufferSize(1000)
        client.write(b"x" * 20_000_000)
        accepted.abort()
        with pytest.raises(ConnectionResetError):
            await client.untilBytesWritten()

    run(main())


def test_cancelling(run):
    async def main():
        server, client, accepted = await tcp_pair()
        for wait in (accepted.untilReadyRead, accepted.untilDisconnected, server.nextConnection):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(wait(), 0.01)
        # Nothing was lost, and nothing is connected any more.
        assert not accepted._q_slots.get("readyRead") and not server._q_slots.get("newConnection")
        client.write(b"x")
        assert await accepted.untilReadyRead()
        second = QTcpSocket()
        second.connectToHost(LOCAL, server.serverPort())
        assert isinstance(await server.nextConnection(), QTcpSocket)
        # A connection that is given up.
        server.pauseAccepting()
        attempt = asyncio.ensure_future(qnet.asyncio.connect("localhost", server.serverPort()))
        await asyncio.sleep(0)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

    run(main())


def test_leaving_a_loop_disconnects_its_slots(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        client.write(b"x")
        async for chunk in accepted:
            break
        assert not accepted._q_slots.get("readyRead")

    run(main())


def test_objects_deleted_while_they_are_awaited(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        waits = [asyncio.ensure_future(wait) for wait in (accepted.untilReadyRead(), server.nextConnection())]
        await asyncio.sleep(0)
        server.delete()
        for wait in waits:
            with pytest.raises(RuntimeError, match="deleted"):
                await wait

    run(main())


def test_several_takers(run):
    async def main():
        server = listening()
        takers = [asyncio.ensure_future(server.nextConnection()) for _ in range(3)]
        clients = [await qnet.asyncio.connect(LOCAL, server.serverPort()) for _ in range(3)]
        taken = await asyncio.gather(*takers)
        assert {socket.peerPort() for socket in taken} == {client.localPort() for client in clients}

    run(main())


def test_abort_on_another_thread(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        waiting = asyncio.ensure_future(client.untilDisconnected())
        await asyncio.sleep(0)
        thread = threading.Thread(target=client.abort)
        thread.start()
        await waiting
        thread.join()

    run(main())


def test_a_task_that_waits_is_kept(run, connected_pair):
    """Nobody refers to the task but what it waits for."""

    async def main():
        server, client, accepted = await connected_pair()
        done = asyncio.Event()

        async def wait(socket):
            await socket.untilReadyRead()
            done.set()

        reference = weakref.ref(client)
        asyncio.ensure_future(wait(client))
        await asyncio.sleep(0)
        del client
        gc.collect()
        assert reference() is not None
        accepted.write(b"x")
        await done.wait()

    run(main())


def test_exception_inside_async_with(run, connected_pair):
    async def main():
        server, client, accepted = await connected_pair()
        with pytest.raises(ZeroDivisionError):
            async with client:
                client.write(b"x" * 10_000_000)
                raise ZeroDivisionError
        assert client.state() == State.UnconnectedState
        await accepted.untilDisconnected()

    run(main())


def test_one_loop_after_another():
    async def main():
        server, client, accepted = await tcp_pair()

    for _ in range(3):
        asyncio.run(main())


def test_loop_that_is_deleted_while_attached(messages):
    async def main():
        loop = Loop()
        qnet.asyncio.attach(source=loop)
        descriptor = loop.fd()
        loop.delete()
        # The descriptor's number is another's now, and asyncio does not take that for the loop.
        reader, writer = os.pipe()
        assert min(reader, writer) <= descriptor
        asyncio.get_running_loop().add_reader(reader, lambda: seen.set_result(os.read(reader, 9)))
        seen = asyncio.get_running_loop().create_future()
        os.write(writer, b"x")
        assert await seen == b"x"
        asyncio.get_running_loop().remove_reader(reader)
        os.close(reader)
        os.close(writer)

    asyncio.run(main())


def test_with_blocking(pair):
    with pair.server, pair.client as client:
        client.write(b"x")
        assert client.waitForBytesWritten()
    assert pair.client.state() == State.UnconnectedState and not pair.server.isListening()
    with pytest.raises(ZeroDivisionError):
        with pair.accepted:
            raise ZeroDivisionError
    assert pair.accepted.state() == State.UnconnectedState


def test_half_open(run, connected_pair):
    """Each side reads to the other's end, one after the other; an end that has come before somebody waits counts."""

    async def main():
        server, client, accepted = await connected_pair()
        accepted.setAllowHalfOpen(True)
        client.write(b"request")
        client.closeWriteChannel()
        assert [chunk async for chunk in accepted] == [b"request"]
        assert accepted.isReadChannelFinished()
        assert [chunk async for chunk in accepted] == [] and not await accepted.untilReadyRead()
        accepted.write(b"answer")
        await accepted.untilBytesWritten()
        accepted.closeWriteChannel()
        await accepted.untilDisconnected()
        assert b"".join([chunk async for chunk in client]) == b"answer"
        await client.untilDisconnected()
        server.close()

    run(main())
