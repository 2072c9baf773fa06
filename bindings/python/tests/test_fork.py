"""Who has only imported the package may fork. In the child of one that has used it every call fails at once and says so;
nothing hangs, and nothing is done to the parent."""

import os
import select
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import qnet
from conftest import Connected, collect, until
from qnet import Loop, QCoreApplication, QEventLoop, QHostAddress, QHostInfo, QTcpServer, QTcpSocket, QTimer

TIMES = 100

# Python 3.12 warns of forks in processes with threads; the library has some.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


def in_child(function):
    """Runs function() in a forked child; returns its answer, a text. It has one second."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = function()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    begin = time.monotonic()
    answer = b""
    try:
        while select.select([reader], [], [], max(0, begin + 1 - time.monotonic()))[0]:
            piece = os.read(reader, 4096)
            if not piece:
                return answer.decode()
            answer += piece
        os.kill(child, 9)
        raise AssertionError("the child hangs")
    finally:
        os.close(reader)
        os.waitpid(child, 0)


def fails(messages):
    """What a call in the child says: its failure value and the message."""

    def check():
        fresh = len(messages)
        loop = qnet._library.lib.qnet_loop_default()
        said = messages[fresh:]
        return f"{loop} {len(said)} {'fork' in said[0]}" if said else f"{loop} silent"

    return check


def test_idle_process(messages):
    for _ in range(TIMES):
        assert in_child(fails(messages)) == "None 1 True"


def test_while_another_thread_runs_a_loop(messages):
    running, box = threading.Event(), []

    def run():
        with Loop() as loop:
            box.append(loop)
            timer = QTimer()
            timer.timeout.connect(running.set)
            timer.start(1)
            loop.exec()
            timer.delete()
        loop.delete()

    thread = threading.Thread(target=run)
    thread.start()
    assert running.wait(5)
    try:
        for _ in range(TIMES):
            assert in_child(fails(messages)) == "None 1 True"
    finally:
        box[0].exit()
        thread.join()


def test_while_another_thread_waits(messages, pair):
    thread = threading.Thread(target=pair.client.waitForReadyRead, args=(10000,))
    thread.start()
    try:
        for _ in range(10):
            assert in_child(fails(messages)) == "None 1 True"
    finally:
        pair.accepted.write(b"x")
        pair.accepted.flush()
        thread.join()


def test_every_kind_of_call(messages, pair):
    timer, loop, app = QTimer(), QEventLoop(), QCoreApplication([])
    client, server = pair.client, pair.server

    def calls():
        results = [
            client.state() == 0,
            client.read(5) == b"",
            client.readAll() == b"",
            client.readLine() == b"",
            client.write(b"x") == -1,
            client.errorString() == "",
            client.waitForReadyRead(10000) is False,
            client.socketDescriptor() == -1,
            server.isListening() is False,
            server.nextPendingConnection() is None,
            server.waitForNewConnection(10000) == (False, False),
            timer.start(1) is None,
            timer.isActive() is False,
            loop.exec() == -1,
            app.exec() == -1,
            app.processEvents() is None,
            loop.processEvents(QEventLoop.WaitForMoreEvents) is False,
            qnet.post(print) is False,
            QHostInfo.lookupHost("localhost", print) == -1,
            QHostInfo.fromName("localhost").error() == QHostInfo.UnknownError,
            qnet.isForked() is True,
            qnet.qVersion() == qnet.__version__,
            client.readyRead.connect(print) is not None,
            client.readyRead.disconnect(),
            "QTcpSocket" in repr(client),
        ]
        client.connectToHost("localhost", 1)
        client.abort()
        client.deleteLater()
        app.quit()
        for kind in (QTcpSocket, QTcpServer, QTimer, Loop):
            try:
                kind()
                results.append(False)
            except RuntimeError:
                pass
        return "ok" if all(results) and len(messages) > 20 else f"{results} {len(messages)}"

    assert in_child(calls) == "ok"
    app.shutdown()


def test_deleting_in_the_child(messages):
    pair = Connected()
    calls = []
    pair.client.destroyed.connect(lambda: calls.append("client"))
    pair.server.destroyed.connect(lambda: calls.append("server"))

    def delete():
        fresh = len(messages)
        pair.client.delete()
        alive = pair.client.isAlive()
        pair.server = pair.client = pair.accepted = None
        collect()
        return f"{alive} {calls} {len(messages) - fresh}"

    # delete() says that it cannot; what Python deletes goes silently.
    assert in_child(delete) == "False ['client'] 1"
    # The parent's sockets are none the worse for it.
    pair.client.write(b"still connected")
    until(lambda: pair.accepted.bytesAvailable() == 15)


def test_addresses_as_values():
    assert in_child(lambda: str(QHostAddress() == QHostAddress(QHostAddress.Null))) in ("True", "False")
    assert in_child(lambda: repr(hash(QHostAddress(QHostAddress.LocalHost)) is not None)) == "True"


def test_loading_after_the_fork():
    """A process that forks before it loads the library uses it in the child."""
    program = """
        import os, sys
        child = os.fork()
        if child == 0:
            import qnet
            server = qnet.QTcpServer()
            os._exit(0 if server.listen() and server.serverPort() else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run(program).returncode == 0


USE = """
        import multiprocessing, os, sys
        import qnet, qnet.asyncio

        class Server(qnet.QTcpServer):
            def incomingConnection(self, descriptor):
                super().incomingConnection(descriptor)

        def use(number):
            assert not qnet.isForked()
            server, client = Server(), qnet.QTcpSocket()
            assert server.listen(qnet.QHostAddress(qnet.QHostAddress.LocalHost))
            client.connectToHost("127.0.0.1", server.serverPort())
            assert client.waitForConnected() and (server.hasPendingConnections() or server.waitForNewConnection(10000)[0])
            loop, got = qnet.QEventLoop(), []
            peer = server.nextPendingConnection()
            peer.readyRead.connect(lambda: (got.append(peer.readAll()), loop.quit()))
            client.write(b"%d" % number)
            loop.exec()
            return int(got[0])
"""


def test_importing_starts_nothing():
    program = """
        import os
        before = os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")
        import qnet, qnet.asyncio
        qnet.qInstallMessageHandler(print)
        assert qnet.qVersion() == qnet.__version__ and not qnet.isForked()
        assert (os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")) == before
        assert qnet.QTcpServer().listen()
        assert os.listdir("/proc/self/task") != before[0]
    """
    assert run(program).returncode == 0


def test_pool_of_forked_workers():
    program = USE + """
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert pool.map(use, range(12)) == list(range(12))
        assert use(5) == 5
    """
    assert run(program).returncode == 0


def test_child_that_exits():
    """sys.exit() in the child, with all that Python does at its end, used or not."""
    program = USE + """
        for used in False, True:
            child = os.fork()
            if child == 0:
                sys.exit(3 if not used or use(1) == 1 else 4)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        use(2)
    """
    assert run(program).returncode == 0


def test_child_of_a_child():
    program = USE + """
        child = os.fork()
        if child == 0:
            use(1)
            child = os.fork()
            if child == 0:
                qnet.qInstallMessageHandler(lambda *said: None)
                assert qnet.isForked()
                try:
                    qnet.QTcpServer()
                except RuntimeError:
                    os._exit(3)
                os._exit(4)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        use(2)
    """
    assert run(program).returncode == 0


def test_multiprocessing_with_fork():
    """Of a process that has used the package: what does not need it works in the children."""
    program = """
        import multiprocessing, qnet
        server = qnet.QTcpServer()
        assert server.listen()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(abs, [-1, -2]) == [1, 2]
        assert server.isListening()
    """
    assert run(program).returncode == 0


def test_subprocesses():
    """fork and exec."""
    assert subprocess.run([sys.executable, "-c", "print(5)"], stdout=subprocess.PIPE).stdout == b"5\n"


def run(program):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=environment, timeout=30)


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="no posix_spawn")
def test_spawn():
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    assert os.waitpid(child, 0)[1] == 0
