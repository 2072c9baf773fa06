"""Who deletes what, and when; see the top of qnet/_object.py."""

import contextlib
import gc
import os
import threading
import tracemalloc
import weakref

import pytest
from conftest import LOCAL, Connected, collect, until
from qnet import Loop, QCoreApplication, QHostInfo, QObject, QTcpServer, QTcpSocket, QThread, QTimer
from qnet._object import held
from qnet._signal import references

State = QTcpSocket.SocketState


@pytest.fixture(autouse=True)
def nothing_left():
    """After each test no object and no slot is left behind."""
    collect()
    before = set(references)
    yield
    collect()
    for _ in range(3):
        QCoreApplication.processEvents()
    collect()
    assert set(references) <= before and set(held) <= before


def connected():
    """A client and a server's socket, without the helper that would keep them."""
    pair = Connected()
    return pair.server, pair.client, pair.accepted


# ---- delete(), deleteLater()


@pytest.mark.parametrize("kind", [QTcpSocket, QTcpServer, QTimer, QObject])
def test_delete(kind):
    thing, calls = kind(), []
    thing.destroyed.connect(lambda: calls.append("none"))
    thing.destroyed.connect(calls.append)
    thing.destroyed.connect(lambda gone: calls.append((gone is thing, thing.isAlive())))
    assert thing.isAlive()
    thing.delete()
    assert calls == ["none", thing, (True, False)] and not thing.isAlive()
    thing.delete()
    assert len(calls) == 3 and repr(thing) == f"<qnet.{kind.__name__} (deleted)>"
    with pytest.raises(RuntimeError, match="has been deleted"):
        thing.destroyed.connect(print)
    with pytest.raises(RuntimeError, match="has been deleted"):
        thing.deleteLater()
    with pytest.raises(RuntimeError, match="has been deleted"):
        thing.setParent(None)


@pytest.mark.parametrize("kind", [QTcpSocket, QTcpServer, QTimer, QObject])
def test_delete_later(kind):
    thing, calls = kind(), []
    thing.destroyed.connect(lambda: calls.append(1))
    thing.deleteLater()
    thing.deleteLater()
    assert thing.isAlive()
    until(lambda: calls)
    assert calls == [1] and not thing.isAlive()


def test_methods_of_deleted_objects():
    socket, server = QTcpSocket(), QTcpServer()
    socket.delete()
    server.delete()
    for method in (socket.state, socket.readAll, socket.abort, socket.bytesAvailable, socket.pos, socket.close):
        with pytest.raises(RuntimeError, match="has been deleted"):
            method()
    for method in (server.close, server.listen, server.hasPendingConnections, server.nextPendingConnection):
        with pytest.raises(RuntimeError, match="has been deleted"):
            method()
    with pytest.raises(RuntimeError):
        socket.readyRead.connect(print)
    with pytest.raises(AttributeError):
        socket.noSuchMethod


def test_base_class_not_initialised():
    class Forgetful(QTcpSocket):
        def __init__(self):
            pass

    with pytest.raises(RuntimeError, match="__init__"):
        Forgetful().state()
    with pytest.raises(RuntimeError, match="__init__"):
        Forgetful().readyRead.connect(print)


def test_delete_in_each_signal():
    for name in ("readyRead", "errorOccurred", "stateChanged", "readChannelFinished", "disconnected"):
        server, client, accepted = connected()
        calls = []
        getattr(client, name).connect(lambda *_: client.delete())
        client.destroyed.connect(lambda: calls.append(1))
        accepted.write(b"x")
        accepted.disconnectFromHost()
        until(lambda: calls)
        assert calls == [1] and not client.isAlive()


def test_signals_while_deleting():
    server, client, accepted = connected()
    calls = []
    client.stateChanged.connect(lambda state: calls.append((state, client.isAlive())))
    client.disconnected.connect(lambda: calls.append("disconnected"))
    client.disconnected.connect(client.deleteLater)
    client.destroyed.connect(lambda: calls.append("destroyed"))
    client.delete()
    assert calls == [(State.UnconnectedState, False), "disconnected", "destroyed"]


# ---- by Python


def test_last_reference():
    server, client, accepted = connected()
    calls = []
    client.disconnected.connect(lambda: calls.append("disconnected"))
    client.destroyed.connect(lambda: calls.append("destroyed"))
    ended = []
    accepted.disconnected.connect(lambda: ended.append(1))
    gc.disable()
    try:
        del client
    finally:
        gc.enable()
    assert calls == ["disconnected", "destroyed"]
    until(lambda: ended)


def test_own_methods_make_no_cycle():
    class Mine(QTcpSocket):
        def __init__(self):
            super().__init__()
            self.readyRead.connect(self.read_it)
            self.disconnected.connect(self.deleteLater)

        def read_it(self):
            pass

    gc.disable()
    try:
        reference = weakref.ref(Mine())
        assert reference() is None
    finally:
        gc.enable()


def test_cycles_are_collected():
    class Holder:
        def __init__(self):
            self.socket = QTcpSocket()
            self.socket.readyRead.connect(self.on_ready_read)
            self.socket.disconnected.connect(lambda: calls.append("never"))
            self.socket.destroyed.connect(lambda: calls.append("destroyed"))

        def on_ready_read(self):
            pass

    calls = []
    reference = weakref.ref(Holder())
    assert reference() is not None
    collect()
    assert reference() is None and calls == ["destroyed"]


def test_slots_live_while_connected():
    class Holder:
        def __init__(self, port):
            self.got = b""
            self.socket = QTcpSocket()
            self.socket.readyRead.connect(self.on_ready_read)
            self.socket.connectToHost(LOCAL, port)

        def on_ready_read(self):
            self.got += self.socket.readAll()

    server = QTcpServer()
    assert server.listen(LOCAL)
    reference = weakref.ref(Holder(server.serverPort()))
    until(server.hasPendingConnections)
    accepted = server.nextPendingConnection()
    collect()
    accepted.write(b"are you there?")
    until(lambda: reference().got == b"are you there?")
    ended = []
    accepted.disconnected.connect(lambda: ended.append(1))
    accepted.disconnectFromHost()
    until(lambda: ended)

    def collected():
        collect()
        return reference() is None

    until(collected)


def test_replaced_sockets_are_deleted():
    class Holder:
        def __init__(self, port):
            self.calls = []
            self.port = port
            self.again()

        def again(self):
            self.socket = QTcpSocket()
            self.socket.stateChanged.connect(self.changed)
            self.socket.destroyed.connect(self.destroyed)
            self.socket.connectToHost(LOCAL, self.port)

        def changed(self, state):
            self.calls.append(state)

        def destroyed(self):
            self.calls.append("destroyed")

    server = QTcpServer()
    assert server.listen(LOCAL)
    holder = Holder(server.serverPort())
    until(lambda: State.ConnectedState in holder.calls)
    holder.calls.clear()
    holder.again()
    assert "destroyed" in holder.calls
    holder.socket.abort()


def test_slots_are_let_go():
    socket = QTcpSocket()
    server = QTcpServer()
    assert server.listen(LOCAL)
    socket.readyRead.connect(lambda: socket)
    assert socket._q_handle not in held
    socket.connectToHost(LOCAL, server.serverPort())
    assert socket._q_handle in held
    socket.abort()
    assert socket._q_handle not in held
    server.close()
    assert server.listen(LOCAL)
    socket.connectToHost(LOCAL, server.serverPort())
    assert socket.waitForConnected(5000) and server.waitForNewConnection(5000)[0] and socket._q_handle in held
    server.nextPendingConnection().disconnectFromHost()
    assert socket.waitForDisconnected(5000) and socket._q_handle not in held

    server.newConnection.connect(lambda: server)
    assert server._q_handle in held
    server.close()
    assert server._q_handle not in held

    timer = QTimer(singleShot=True)
    timer.timeout.connect(lambda: timer)
    timer.start(1)
    assert timer._q_handle in held
    until(lambda: not timer.isActive())
    assert timer._q_handle not in held
    timer.start(1000)
    timer.stop()
    assert timer._q_handle not in held


def test_slots_are_let_go_after_an_exception(raised):
    timer = QTimer(singleShot=True)
    timer.timeout.connect(lambda: 1 / 0)
    timer.start(0)
    until(lambda: not timer.isActive())
    assert timer._q_handle not in held
    assert isinstance(raised.pop(), ZeroDivisionError)


def test_running_timers_live():
    class Ticker:
        def __init__(self):
            self.timer = QTimer()
            self.timer.timeout.connect(self.tick)
            self.timer.start(1)

        def tick(self):
            ticks.append(1)
            if len(ticks) == 3:
                self.timer.stop()

    ticks = []
    reference = weakref.ref(Ticker())
    collect()
    until(lambda: len(ticks) == 3)
    collect()
    assert reference() is None


def test_resurrection():
    kept = []
    socket = QTcpSocket()
    socket.destroyed.connect(lambda gone: kept.append(gone))
    del socket
    (socket,) = kept
    assert not socket.isAlive()
    with pytest.raises(RuntimeError):
        socket.state()


# ---- servers and their sockets


def test_sockets_of_a_server_are_kept():
    server = QTcpServer()
    got = []

    def serve():
        socket = server.nextPendingConnection()
        socket.mark = "mine"
        socket.readyRead.connect(lambda: got.append((socket.readAll(), socket.mark)))
        socket.disconnected.connect(socket.deleteLater)
        socket.destroyed.connect(lambda: got.append("destroyed"))

    server.newConnection.connect(serve)
    assert server.listen(LOCAL)
    client = QTcpSocket()
    client.connectToHost(LOCAL, server.serverPort())
    until(server.children)
    collect()
    client.write(b"x")
    until(lambda: got)
    client.disconnectFromHost()
    until(lambda: "destroyed" in got)
    assert got == [(b"x", "mine"), "destroyed"] and not server.children()
    server.close()


def test_sockets_go_with_their_server():
    server, client, accepted = connected()
    calls = []
    accepted.destroyed.connect(lambda: calls.append("accepted"))
    server.destroyed.connect(lambda: calls.append("server"))
    server.delete()
    assert sorted(calls) == ["accepted", "server"] and not accepted.isAlive()
    with pytest.raises(RuntimeError):
        accepted.state()


def test_sockets_go_with_their_server_later():
    server, client, accepted = connected()
    calls = []
    accepted.destroyed.connect(lambda: calls.append("accepted"))
    server.destroyed.connect(lambda: calls.append("server"))
    del accepted
    server.deleteLater()
    del server
    until(lambda: len(calls) == 2)


def test_sockets_go_with_a_server_that_python_deletes():
    server, client, accepted = connected()
    del server
    collect()
    assert not accepted.isAlive()


def test_sockets_that_leave_their_server():
    server, client, accepted = connected()
    accepted.setParent(None)
    assert accepted.parent() is None and not server.children()
    server.delete()
    assert accepted.isAlive()
    client.write(b"still here")
    until(lambda: accepted.bytesAvailable() == 10)
    ended = []
    client.disconnected.connect(lambda: ended.append(1))
    del accepted
    until(lambda: ended)


def test_sockets_made_for_a_server():
    server = QTcpServer()
    socket = QTcpSocket(server)
    assert socket.parent() is server and server.children() == [socket]
    reference = weakref.ref(socket)
    del socket
    collect()
    assert reference() is not None
    server.delete()
    assert reference() is None


def test_the_loop_of_server_socket_and_slot_is_collected():
    def make():
        server, client, accepted = connected()
        accepted.readyRead.connect(lambda: (server, client, accepted))
        server.newConnection.connect(lambda: (server, accepted))
        client.abort()
        server.close()
        return weakref.ref(server), weakref.ref(accepted)

    references_ = make()

    def collected():
        collect()
        return all(reference() is None for reference in references_)

    until(collected)


# ---- parents


def test_parents_delete_their_children():
    parent = QObject()
    socket, timer, server = QTcpSocket(parent), QTimer(parent), QTcpServer(parent)
    assert parent.children() == [socket, timer, server] and timer.parent() is parent
    parent.delete()
    assert not (socket.isAlive() or timer.isAlive() or server.isAlive())


def test_children_are_kept_by_their_parent():
    parent = QObject()
    reference = weakref.ref(QTimer(parent))
    collect()
    assert reference() in parent.children()
    del parent
    assert reference() is None


def test_changing_parents():
    one, two, timer = QObject(), QObject(), QTimer()
    timer.setParent(one)
    timer.setParent(two)
    assert not one.children() and two.children() == [timer]
    one.delete()
    assert timer.isAlive()
    timer.delete()
    assert not two.children()
    with pytest.raises(TypeError):
        QTimer().setParent(5)
    with pytest.raises(RuntimeError):
        QTimer().setParent(one)


# ---- threads


def test_the_last_reference_on_another_thread():
    server, client, accepted = connected()
    box = [client]
    del client
    ended = []
    accepted.disconnected.connect(lambda: ended.append(1))
    thread = threading.Thread(target=box.clear)
    thread.start()
    thread.join()
    until(lambda: ended)


def test_delete_from_another_thread_while_a_slot_runs():
    server, client, accepted = connected()
    inside, deleted, calls = threading.Event(), threading.Event(), []

    def slot():
        inside.set()
        deleted.wait(5)
        calls.append("slot")

    def delete():
        inside.wait(5)
        client.delete()
        with pytest.raises(RuntimeError):
            client.state()
        deleted.set()

    client.readyRead.connect(slot)
    client.destroyed.connect(lambda: calls.append("destroyed"))
    thread = threading.Thread(target=delete)
    thread.start()
    accepted.write(b"x")
    until(lambda: "destroyed" in calls)
    thread.join()
    assert calls == ["slot", "destroyed"]


def test_many_objects_leave_nothing():
    server = QTcpServer()
    assert server.listen(LOCAL)
    before = len(references)
    for _ in range(200):
        client = QTcpSocket()
        client.readyRead.connect(lambda client=client: client)
        client.connectToHost(LOCAL, server.serverPort())
        client.abort()
    del client
    collect()
    assert len(references) <= before
    server.close()


def test_connections_leave_no_memory():
    """Conversations that end in every way: neither Python's memory nor the descriptors grow."""
    server = QTcpServer()
    assert server.listen(LOCAL)
    ends = []

    def serve():
        socket = server.nextPendingConnection()
        socket.readyRead.connect(lambda: socket.write(socket.readAll()))
        socket.disconnected.connect(socket.deleteLater)
        socket.destroyed.connect(lambda: ends.append(1))

    server.newConnection.connect(serve)

    def converse(way):
        client = QTcpSocket()
        client.connected.connect(lambda: client.write(b"x" * 100))
        client.readyRead.connect(lambda: getattr(client, way)())
        client.connectToHost(LOCAL, server.serverPort())

    def measure(rounds):
        for _ in range(rounds):
            for way in ("abort", "disconnectFromHost", "close", "deleteLater", "delete"):
                converse(way)
            until(lambda: len(ends) == 5)
            ends.clear()
        collect()
        return tracemalloc.get_traced_memory()[0], len(gc.get_objects()), len(os.listdir("/proc/self/fd"))

    tracemalloc.start()
    try:
        measure(20)
        memory, objects, descriptors = measure(20)
        now_memory, now_objects, now_descriptors = measure(100)
    finally:
        tracemalloc.stop()
    # Half an object for each of the 500 conversations would show.
    assert now_objects - objects < 50 and now_memory - memory < 20_000
    assert now_descriptors == descriptors
    server.close()


@contextlib.contextmanager
def loop_that_has_ended():
    """A loop that is deleted when the block ends."""
    loop = Loop()
    with loop:
        yield
    loop.delete()


def test_objects_that_outlive_their_loop():
    """They work without it, warn of nothing, and nothing keeps them any more."""
    loop = Loop()
    with loop:
        server = QTcpServer()
        assert server.listen(LOCAL)
        client = QTcpSocket()
    gone = []

    class Slot:
        def __call__(self, *_):
            pass

    slot = Slot()
    weakref.finalize(slot, gone.append, "slot")
    client.stateChanged.connect(slot)
    client.connectToHost(LOCAL, server.serverPort())
    assert client.waitForConnected()
    loop.delete()
    client.disconnected.connect(slot)  # is not kept because of this either
    client.abort()
    assert client.state() == QTcpSocket.SocketState.UnconnectedState
    client.connectToHost(LOCAL, server.serverPort())
    client.deleteLater()  # at once: there is no loop to wait for
    assert not client.isAlive()
    with loop_that_has_ended():
        plain = QObject()
    plain.deleteLater()
    assert not plain.isAlive()
    del client, slot
    collect()
    assert gone == ["slot"]
    assert not server.hasPendingConnections()


# ---- what keeps functions


class Held:
    """What a function refers to."""

    def __call__(self, *_):
        pass


def test_a_connection_that_has_ended_keeps_no_function(pair):
    for end in (lambda one: pair.client.readyRead.disconnect(one), QObject.disconnect, lambda _: pair.client.delete()):
        held_ = Held()
        reference = weakref.ref(held_)
        connection = pair.client.readyRead.connect(held_)
        del held_
        collect()
        assert connection and reference() is not None
        end(connection)
        collect()
        assert not connection and reference() is None


def test_a_connection_to_a_receiver_that_has_ended_does_not_keep_it():
    class Receiver(QObject):
        def slot(self):
            pass

    timer, receiver = QTimer(), Receiver()
    reference = weakref.ref(receiver)
    connection = timer.timeout.connect(receiver.slot)
    assert timer.timeout.disconnect(connection)
    del receiver
    assert reference() is None and not connection


def test_a_slot_that_disconnects_itself_and_others():
    calls = []

    def first():
        calls.append(1)
        for connection in connections:
            QObject.disconnect(connection)

    timer = QTimer(singleShot=True)
    connections = [timer.timeout.connect(first), timer.timeout.connect(lambda: calls.append(2))]
    timer.start(0)
    until(lambda: calls)
    assert calls == [1]


def begun(how, held_):
    if how == "singleShot":
        QTimer.singleShot(10**8, lambda: held_)
    elif how == "lookupHost":
        QHostInfo.lookupHost("localhost", lambda info: held_)
    elif how == "timer":
        timer = QTimer()
        timer.timeout.connect(lambda: (held_, timer))
        timer.start(10**8)
    else:
        server = QTcpServer()
        server.newConnection.connect(lambda: (held_, server))
        assert server.listen(LOCAL)


@pytest.mark.parametrize("how", ["singleShot", "lookupHost", "timer", "server"])
@pytest.mark.parametrize("where", ["Loop", "QThread", "thread"])
def test_what_was_begun_goes_with_its_loop(how, where):
    alive = weakref.WeakSet()

    def work():
        held_ = Held()
        alive.add(held_)
        begun(how, held_)

    class Worker(QThread):
        def run(self):
            work()

    for _ in range(10):
        if where == "Loop":
            with Loop() as loop:
                work()
            loop.delete()
        elif where == "QThread":
            worker = Worker()
            worker.start()
            worker.wait()
        else:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()

    def gone():
        collect()
        return not alive

    until(gone)


def test_what_is_refused_keeps_no_function():
    held_ = Held()
    reference = weakref.ref(held_)
    with pytest.raises(OverflowError):
        QTimer.singleShot(2**31, held_)
    with pytest.raises(TypeError):
        QHostInfo.lookupHost(5, held_)
    with pytest.raises(ValueError):
        QHostInfo.lookupHost("a\0b", held_)
    del held_
    assert reference() is None


def test_a_single_shot_forgets_its_function_with_its_context():
    held_ = Held()
    reference = weakref.ref(held_)
    with Loop() as loop:
        context = QObject()
        QTimer.singleShot(10**8, context, held_)
        del held_
        collect()
        assert reference() is not None
        context.delete()
        collect()
        assert reference() is None
    loop.delete()


def test_single_shots_leave_nothing_at_their_context():
    context, calls = QObject(), []
    for _ in range(3):
        QTimer.singleShot(0, context, lambda: calls.append(1))
    until(lambda: len(calls) == 3)
    assert not context._q_slots


# ---- what C deletes while Python collects


class Trigger:
    """Runs a loop when it is collected."""

    def __del__(self):
        QCoreApplication.processEvents()


@pytest.mark.parametrize("first", [True, False])
def test_c_deletes_an_object_that_is_being_collected(first):
    """No weak reference leads to it any more, and its __del__() has not come yet."""
    calls = []
    before = set(references)
    trigger = Trigger() if first else None
    socket = QTcpSocket()
    trigger = trigger or Trigger()
    trigger.socket, socket.trigger = socket, trigger
    socket.destroyed.connect(lambda: calls.append("destroyed"))
    socket.deleteLater()
    gc.disable()
    try:
        del socket, trigger
    finally:
        gc.enable()
    collect()
    QCoreApplication.processEvents()
    assert calls == ["destroyed"] and set(references) <= before


def test_c_deletes_a_server_s_socket_that_is_being_collected():
    calls = []
    before = set(references)
    trigger, server = Trigger(), QTcpServer()
    socket = QTcpSocket(server)
    trigger.server, server.trigger, socket.trigger = server, trigger, trigger
    socket.destroyed.connect(lambda: calls.append("socket"))
    server.destroyed.connect(lambda: calls.append("server"))
    socket.deleteLater()
    del socket, server, trigger
    collect()
    QCoreApplication.processEvents()
    assert sorted(calls) == ["server", "socket"] and set(references) <= before
