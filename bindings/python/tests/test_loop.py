import select
import signal
import threading

import pytest
import qnet
from conftest import LOCAL, until
from qnet import Loop, QCoreApplication, QEventLoop, QTcpServer, QTcpSocket, QTimer


def test_exit_codes():
    loop = QEventLoop()
    assert not loop.isRunning()
    seen = []
    QTimer.singleShot(0, lambda: seen.append(loop.isRunning()))
    QTimer.singleShot(1, lambda: loop.exit(7))
    assert loop.exec() == 7 and seen == [True] and not loop.isRunning()
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0


def test_exit_before_exec_has_no_effect():
    loop = QEventLoop()
    loop.exit(3)
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0


def test_nested_loops_end_one_by_one():
    outer, inner, order = QEventLoop(), QEventLoop(), []

    def nest():
        QTimer.singleShot(0, lambda: outer.exit(1))
        QTimer.singleShot(5, lambda: inner.exit(2))
        order.append(inner.exec())

    QTimer.singleShot(0, nest)
    order.append(outer.exec())
    assert order == [2, 1]


@pytest.mark.parametrize("nested", [False, True])
def test_a_loop_is_left_at_once(nested):
    order = []

    def run():
        loop = QEventLoop()
        qnet.post(loop.quit)
        qnet.post(lambda: order.append("later"))
        loop.exec()
        order.append("left")

    outer = QEventLoop()
    if nested:
        qnet.post(run)
    else:
        run()
    QTimer.singleShot(0, outer.quit)
    outer.exec()
    assert order == ["left", "later"]


def test_interrupt():
    loop, order = Loop.default(), []
    qnet.post(loop.interrupt)
    qnet.post(lambda: order.append("second"))
    loop.processEvents()
    assert order == []
    loop.processEvents()
    assert order == ["second"]


def test_application_exit_ends_all():
    order = []

    def nest():
        QTimer.singleShot(0, lambda: QCoreApplication.exit(4))
        order.append(QEventLoop().exec())

    QTimer.singleShot(0, nest)
    order.append(QCoreApplication.exec())
    assert order == [4, 4]


def test_the_same_loop_twice(messages):
    loop, codes = QEventLoop(), []

    def again():
        codes.append(loop.exec())
        loop.quit()

    QTimer.singleShot(0, again)
    assert loop.exec() == 0 and codes == [-1] and len(messages) == 1
    messages.clear()


def test_the_last_exit_code_counts():
    loop = QEventLoop()
    QTimer.singleShot(0, lambda: (loop.exit(1), loop.exit(2)))
    assert loop.exec() == 2


def test_no_nested_loop_after_application_exit():
    codes = []

    def handler():
        QCoreApplication.exit(1)
        codes.append(QEventLoop().exec())

    QTimer.singleShot(0, handler)
    assert QCoreApplication.exec() == 1 and codes == [-1]
    QTimer.singleShot(0, QCoreApplication.quit)
    assert QCoreApplication.exec() == 0


def test_application():
    assert QCoreApplication.instance() is None
    app = QCoreApplication(["program", "argument"])
    assert QCoreApplication.instance() is app and app.arguments() == ["program", "argument"]
    with pytest.raises(RuntimeError):
        QCoreApplication([])
    QTimer.singleShot(0, app.quit)
    assert app.exec() == 0
    app.shutdown()
    assert QCoreApplication.instance() is None


def test_process_events():
    calls = []
    qnet.post(lambda: calls.append(1))
    QCoreApplication.processEvents()
    assert calls == [1]
    loop = QEventLoop()
    qnet.post(lambda: calls.append(2))
    assert loop.processEvents() is True and loop.processEvents() is False
    QTimer.singleShot(1, lambda: calls.append(3))
    assert loop.processEvents(QEventLoop.WaitForMoreEvents) is True and calls == [1, 2, 3]
    assert loop.processEvents(QEventLoop.AllEvents, 1) is None


def test_post_order():
    calls = []
    for number in range(5):
        assert qnet.post(lambda number=number: calls.append(number))
    until(lambda: len(calls) == 5)
    assert calls == [0, 1, 2, 3, 4]
    with pytest.raises(TypeError):
        qnet.post(5)


def test_exceptions_in_posted_calls(raised):
    qnet.post(lambda: 1 / 0)
    until(lambda: raised)
    assert isinstance(raised.pop(), ZeroDivisionError)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_interrupts_leave_the_loop(kind):
    def stop():
        raise kind

    QTimer.singleShot(0, stop)
    with pytest.raises(kind):
        QEventLoop().exec()
    qnet.post(stop)
    with pytest.raises(kind):
        until(lambda: False)


def test_interrupts_leave_nested_loops():
    def stop():
        raise KeyboardInterrupt

    def nest():
        QTimer.singleShot(0, stop)
        QEventLoop().exec()
        raise AssertionError("not reached")

    QTimer.singleShot(0, nest)
    with pytest.raises(KeyboardInterrupt):
        QCoreApplication.exec()


def test_interrupts_leave_wait_functions(pair):
    def stop():
        raise KeyboardInterrupt

    pair.client.readyRead.connect(stop)
    pair.accepted.write(b"x")
    pair.accepted.flush()
    with pytest.raises(KeyboardInterrupt):
        pair.client.waitForReadyRead(5000)


def test_signals_of_the_system_reach_python():
    loop, seen = QEventLoop(), []

    def handler(number, frame):
        seen.append(number)
        loop.exit(5)

    old = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        assert loop.exec() == 5 and seen == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, old)


def test_exit_from_another_thread():
    loop = QEventLoop()
    thread = threading.Thread(target=lambda: (running.wait(), loop.exit(6)))
    running = threading.Event()
    qnet.post(running.set)
    thread.start()
    assert loop.exec() == 6
    thread.join()


def test_exec_on_two_threads(messages):
    codes = []

    def second():
        codes.append(QCoreApplication.exec())
        QCoreApplication.quit()

    thread = threading.Thread(target=second)
    qnet.post(thread.start)
    assert QCoreApplication.exec() == 0
    thread.join()
    assert codes == [-1] and len(messages) == 1
    messages.clear()


def test_post_from_another_thread_runs_on_the_loop_s_thread():
    seen = []
    thread = threading.Thread(target=lambda: qnet.post(lambda: seen.append(threading.current_thread())))
    thread.start()
    until(lambda: seen)
    thread.join()
    assert seen == [threading.main_thread()]


def test_loop_of_a_thread():
    answers, ready, port = [], threading.Event(), []
    loops = []

    def serve():
        with Loop() as loop:
            loops.append(loop)
            server = QTcpServer()
            server.newConnection.connect(lambda: take(server))
            assert server.listen(LOCAL)
            port.append(server.serverPort())
            ready.set()
            answers.append(loop.exec())
            server.delete()
        loop.delete()

    def take(server):
        socket = server.nextPendingConnection()
        socket.write(threading.current_thread().name.encode())
        socket.disconnectFromHost()

    thread = threading.Thread(target=serve, name="the server")
    thread.start()
    ready.wait()
    client = QTcpSocket()
    client.connectToHost(LOCAL, port[0])
    got = bytearray()
    client.readyRead.connect(lambda: got.extend(client.readAll()))
    client.disconnected.connect(lambda: loops[0].exit(9))
    until(lambda: client.state() == QTcpSocket.UnconnectedState)
    thread.join()
    assert got == b"the server" and answers == [9]
    with pytest.raises(RuntimeError):
        loops[0].post(print)


def test_descriptor():
    with Loop() as loop:
        calls = []
        poll = select.poll()
        poll.register(loop.fd(), select.POLLIN)
        assert not poll.poll(0)
        loop.post(lambda: calls.append(1))
        assert poll.poll(1000)
        assert loop.processEvents() and calls == [1] and not poll.poll(0)
        QTimer.singleShot(1, lambda: calls.append(2))
        assert poll.poll(1000)
        assert loop.processEvents() and calls == [1, 2]
        assert not loop.processEvents(1)
    loop.delete()


def test_objects_of_different_loops(messages):
    server = QTcpServer()
    with Loop() as loop:
        socket = QTcpSocket()
        with pytest.raises(RuntimeError):
            socket.setParent(server)
        assert socket.parent() is None and len(messages) == 1
        messages.clear()
        socket.delete()
    loop.delete()


def test_objects_outlive_their_loop():
    with Loop() as loop:
        socket = QTcpSocket()
    loop.delete()
    assert socket.state() == QTcpSocket.UnconnectedState
    socket.delete()


def test_default_loop():
    """A host's own loop drives the default loop by its descriptor."""
    loop = Loop.default()
    assert repr(loop) == "<qnet.Loop (default)>" and loop.fd() == Loop.default().fd()
    ready = select.poll()
    ready.register(loop.fd(), select.POLLIN)
    while loop.processEvents():
        pass
    done = []
    qnet.post(lambda: done.append(1))
    assert ready.poll(10_000)
    loop.processEvents()
    assert done == [1]
    with loop:
        timer = QTimer()
        assert timer._q_loop is None
    with pytest.raises(RuntimeError, match="default"):
        loop.delete()
    del loop
    assert Loop.default().processEvents() in (True, False)
