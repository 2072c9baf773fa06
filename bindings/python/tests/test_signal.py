"""connect, disconnect, order, arguments and exceptions. abort() and connectToHost() emit at once, without a loop."""

import functools
import warnings

import pytest
from conftest import LOCAL, Connected, until
from qnet import QObject, QTcpServer, QTcpSocket, QTimer

State = QTcpSocket.SocketState


@pytest.fixture
def server():
    server = QTcpServer()
    assert server.listen(LOCAL)
    return server


@pytest.fixture
def fire(server):
    """Makes a socket emit hostFound, once, and stateChanged."""

    def run(socket):
        socket.connectToHost(LOCAL, server.serverPort())
        socket.abort()

    return run


def test_order_and_repetition(fire):
    socket, calls = QTcpSocket(), []
    first, second = lambda: calls.append(1), lambda: calls.append(2)
    for function in (first, second, first):
        assert socket.hostFound.connect(function)
    fire(socket)
    assert calls == [1, 2, 1]


def test_arguments(fire):
    socket, calls = QTcpSocket(), []
    socket.stateChanged.connect(lambda: calls.append("none"))
    socket.stateChanged.connect(lambda state: calls.append(state))
    socket.stateChanged.connect(lambda state, more=5: calls.append((state, more)))
    socket.stateChanged.connect(lambda *all: calls.append(all))
    socket.stateChanged.connect(functools.partial(calls.append))
    fire(socket)
    lookup = State.HostLookupState
    assert calls[:5] == ["none", lookup, (lookup, 5), (lookup,), lookup]
    assert isinstance(calls[1], State)


def test_methods_and_builtins(fire):
    calls = []

    class Receiver:
        def found(self):
            calls.append("found")

        def changed(self, state):
            calls.append(state)

    socket, receiver = QTcpSocket(), Receiver()
    socket.hostFound.connect(receiver.found)
    socket.stateChanged.connect(receiver.changed)
    socket.stateChanged.connect(calls.append)
    fire(socket)
    assert calls.count("found") == 1 and calls.count(State.ConnectingState) == 2
    assert socket.hostFound.disconnect(receiver.found)
    assert socket.stateChanged.disconnect(calls.append)
    calls.clear()
    fire(socket)
    assert "found" not in calls and calls.count(State.ConnectingState) == 1


def test_disconnect(fire):
    socket, calls = QTcpSocket(), []

    def one():
        calls.append(1)

    first, second = socket.hostFound.connect(one), socket.hostFound.connect(one)
    assert socket.hostFound.disconnect(one)
    assert not first and second
    fire(socket)
    assert calls == [1]
    assert QObject.disconnect(second) and not QObject.disconnect(second) and not second
    third = socket.hostFound.connect(one)
    assert socket.hostFound.disconnect(third) and not third
    socket.hostFound.connect(one)
    socket.hostFound.connect(one)
    assert socket.hostFound.disconnect()
    fire(socket)
    assert calls == [1]


def test_disconnect_what_is_not_connected():
    socket = QTcpSocket()
    connection = socket.readyRead.connect(print)
    for nothing in (len, 5, connection):
        with pytest.warns(RuntimeWarning):
            assert not socket.connected.disconnect(nothing)
    with pytest.warns(RuntimeWarning):
        assert not socket.connected.disconnect()
    assert connection
    with pytest.raises(TypeError):
        socket.connected.connect(5)


def test_changes_during_emission(fire):
    socket, calls = QTcpSocket(), []

    def late():
        calls.append("late")

    def second():
        calls.append("second")

    def first():
        calls.append("first")
        socket.hostFound.disconnect(second)
        socket.hostFound.connect(late)

    socket.hostFound.connect(first)
    socket.hostFound.connect(second)
    fire(socket)
    assert calls == ["first"]
    socket.hostFound.disconnect(first)
    fire(socket)
    assert calls == ["first", "late"]


def test_delete_during_emission(fire, server):
    socket, calls = QTcpSocket(), []

    def first():
        calls.append("first")
        socket.delete()

    socket.hostFound.connect(first)
    socket.hostFound.connect(lambda: calls.append("second"))
    socket.destroyed.connect(lambda: calls.append("destroyed"))
    socket.connectToHost(LOCAL, server.serverPort())
    assert calls == ["first", "destroyed"] and not socket.isAlive()


def test_exceptions_stay_out_of_c(fire, raised):
    socket, calls = QTcpSocket(), []

    def fails():
        raise ValueError("in a slot")

    socket.hostFound.connect(fails)
    socket.hostFound.connect(lambda: calls.append(1))
    socket.hostFound.connect(lambda too, many: None)
    fire(socket)
    assert calls == [1]
    assert [type(error) for error in raised] == [ValueError, TypeError]
    raised.clear()


def test_slots_of_deleted_receivers_are_not_called(fire):
    socket, timer = QTcpSocket(), QTimer()
    socket.hostFound.connect(timer.start)
    timer.delete()
    fire(socket)


def test_own_methods(fire):
    calls = []

    class Mine(QTcpSocket):
        def __init__(self):
            super().__init__()
            self.stateChanged.connect(self.changed)

        def changed(self, state):
            calls.append((self, state))

    mine = Mine()
    fire(mine)
    assert calls[0] == (mine, State.HostLookupState)
    assert mine.stateChanged.disconnect(mine.changed)
    calls.clear()
    fire(mine)
    assert not calls


def test_one_registration_per_signal(fire):
    socket = QTcpSocket()
    before = dict(socket._q_connections)
    assert list(before) == ["destroyed"]
    for _ in range(3):
        socket.hostFound.connect(lambda: None)
    assert list(socket._q_connections) == ["destroyed", "hostFound"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        socket.hostFound.disconnect()
    assert socket._q_connections == before


def test_all_signals_of_a_conversation():
    calls = []
    pair = Connected()
    client, accepted = pair.client, pair.accepted
    for name in ("readyRead", "bytesWritten", "aboutToClose", "readChannelFinished", "disconnected", "errorOccurred"):
        getattr(client, name).connect(lambda *a, name=name: calls.append((name, *a)))
    accepted.write(b"question")
    until(lambda: ("readyRead",) in calls)
    client.write(b"answer")
    until(lambda: ("bytesWritten", 6) in calls)
    client.close()
    until(lambda: ("disconnected",) in calls)
    assert ("aboutToClose",) in calls and ("readChannelFinished",) in calls
