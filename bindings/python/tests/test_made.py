"""How objects are made: once, by their class's __init__(), and not as a copy; nor as their own ancestors, nor where the
library cannot be."""

import copy
import inspect
import os
import pickle
import subprocess
import sys
import textwrap
from multiprocessing.reduction import ForkingPickler

import pytest
import qnet
from conftest import LOCAL, Connected, collect
from qnet import (
    Loop,
    QEventLoop,
    QHostAddress,
    QHostInfo,
    QLocalServer,
    QLocalSocket,
    QNetworkDatagram,
    QNetworkInterface,
    QObject,
    QOcspResponse,
    QSslCertificate,
    QSslCertificateExtension,
    QSslCipher,
    QSslConfiguration,
    QSslEllipticCurve,
    QSslError,
    QSslKey,
    QTcpServer,
    QTcpSocket,
    QThread,
    QTimer,
    QUdpSocket,
)

OBJECTS = [
    QObject, QTcpSocket, QUdpSocket, QLocalSocket, QTcpServer, QLocalServer, QTimer, QEventLoop, QThread, Loop,
]  # fmt: skip
VALUES = [
    QHostAddress, QHostInfo, QNetworkDatagram, QNetworkInterface, QOcspResponse, QSslCertificate, QSslCertificateExtension,
    QSslCipher, QSslConfiguration, QSslEllipticCurve, QSslError, QSslKey,
]  # fmt: skip


class Mine(QTcpSocket):
    pass


class Restorable(QObject):
    """Says itself how it is made anew."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def __reduce__(self):
        return Restorable, (self.number,)


def copies():
    yield copy.copy
    yield copy.deepcopy
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield lambda thing, protocol=protocol: pickle.dumps(thing, protocol)


@pytest.mark.parametrize("kind", [*OBJECTS, Mine])
def test_objects_are_not_copied(kind):
    thing = kind()
    for make in copies():
        for where in (thing, [thing]) if make is not copy.copy else (thing,):
            with pytest.raises(TypeError, match=rf"cannot pickle '.*{kind.__name__}' object"):
                make(where)
    collect()
    assert "deleted" not in repr(thing)
    thing.delete()


def test_what_belongs_to_an_object_is_not_copied(pair):
    for make in copies():
        with pytest.raises(TypeError, match="cannot pickle 'qnet.SignalInstance' object"):
            make(pair.client.readyRead)
    connection = pair.client.readyRead.connect(print)
    for make in list(copies())[1:]:
        with pytest.raises(TypeError, match="cannot pickle 'qnet.Connection' object"):
            make(connection)
    twin = copy.copy(connection)  # as in PySide
    assert twin and QObject.disconnect(twin) and not connection


def test_a_copy_does_not_end_the_original():
    pair = Connected()
    with pytest.raises(TypeError):
        copy.copy(pair.client)
    collect()
    assert pair.client.isAlive() and pair.client.write(b"x") == 1


def test_a_server_is_not_handed_to_another_process():
    """As multiprocessing does with the arguments of a process."""
    with pytest.raises(TypeError, match="cannot pickle"):
        ForkingPickler.dumps((print, QTcpServer()))


def test_a_class_that_says_how_it_is_made_anew():
    one = Restorable(5)
    for two in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert two is not one and two.number == 5 and two.isAlive()
    one.delete()
    assert two.isAlive()


def test_values_are_copied():
    address = QHostAddress("10.1.2.3")
    datagram = QNetworkDatagram(b"x", address, 7)
    info = QHostInfo()
    info.setAddresses([address])
    for make in (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        other = make(address)
        other.setAddress("::1")
        assert address == QHostAddress("10.1.2.3")
        other = make(datagram)
        other.setData(b"y")
        other.setDestination(LOCAL, 8)
        assert (datagram.data(), datagram.destinationAddress(), datagram.destinationPort()) == (b"x", address, 7)
        other = make(info)
        other.setAddresses([])
        assert info.addresses() == [address]
        assert make(QNetworkInterface.interfaceFromName("lo")).name() == "lo"


# ---- __init__()


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_second_init(kind):
    thing = kind()
    handle = thing.__dict__.get("_q_handle")
    with pytest.raises(RuntimeError, match="twice"):
        thing.__init__()
    assert thing.__dict__.get("_q_handle") == handle and "deleted" not in repr(thing)
    thing.delete()
    with pytest.raises(RuntimeError, match="twice"):
        thing.__init__()


def methods(kind):
    """The names of methods that can be called without arguments."""
    for name in dir(kind):
        found = inspect.getattr_static(kind, name)
        if name.startswith("_") or not inspect.isfunction(found):
            continue
        if not [p for p in list(inspect.signature(found).parameters.values())[1:] if p.default is p.empty]:
            yield name


def forgetful(kind):
    """An object whose class has left out the base class's __init__()."""
    return type("Forgetful", (kind,), {"__init__": lambda self: None})()


# Those that need nothing that __init__() sets.
HARMLESS = {"isAlive", "lines", "clear", "isFinished", "isRunning", "isInterruptionRequested", "requestInterruption"}
NOT_YET = {"exit", "quit", "wait", "run", "exec", "exec_"}  # of what does not run
AWAIT = ("until", "next")


@pytest.mark.parametrize("kind", OBJECTS + VALUES)
def test_an_init_that_was_left_out(kind, messages):
    for name in methods(kind):
        if name in HARMLESS or name.startswith(AWAIT) or (kind in (QEventLoop, QThread) and name in NOT_YET):
            continue
        thing = forgetful(kind)
        with pytest.raises(RuntimeError, match="Forgetful: the base class's __init__"):
            getattr(thing, name)()
            print(name)
    messages.clear()


@pytest.mark.parametrize("kind", [one for one in OBJECTS if one is not Loop])
def test_an_object_that_was_not_made_as_an_argument(kind):
    thing = forgetful(kind)
    for use in (
        lambda: QTimer(thing),
        lambda: QTimer().setParent(thing),
        lambda: thing.setParent(QObject()),
        lambda: thing.setObjectName("it"),
        lambda: thing.destroyed.connect(print),
        lambda: thing.delete(),
        lambda: thing.deleteLater(),
    ):
        with pytest.raises(RuntimeError, match="Forgetful: the base class's __init__"):
            use()
    assert "Forgetful" in repr(thing)


def test_a_socket_that_was_not_made_is_not_added():
    server = QTcpServer()
    with pytest.raises(RuntimeError, match="__init__"):
        server.addPendingConnection(forgetful(QTcpSocket))
    assert not server.hasPendingConnections()


def test_attributes_that_are_missing():
    for kind in OBJECTS + VALUES:
        thing = forgetful(kind)
        assert not hasattr(thing, "nothing") and not hasattr(thing, "_nothing")


# ---- parents


def test_no_object_is_its_own_ancestor():
    one, two, three = QObject(), QTimer(), QTcpSocket()
    two.setParent(one)
    three.setParent(two)
    for parent in (one, two, three):
        with pytest.raises(ValueError, match="parent"):
            one.setParent(parent)
    with pytest.raises(ValueError, match="parent"):
        two.setParent(three)
    assert one.parent() is None and two.parent() is one and three.parent() is two
    assert one.children() == [two] and not three.children()
    three.setParent(one)
    two.setParent(three)  # is none any more
    one.delete()
    assert not two.isAlive() and not three.isAlive()


def test_no_socket_of_a_server_is_its_ancestor():
    socket = QTcpSocket()
    server = QTcpServer(socket)
    with pytest.raises(ValueError, match="parent"):
        server.addPendingConnection(socket)
    with pytest.raises(ValueError, match="parent"):
        socket.setParent(server)
    socket.delete()
    assert not server.isAlive()


# ---- interpreters


@pytest.mark.parametrize("how", ["isolated", "legacy"])
def test_subinterpreters_are_refused(how):
    program = f"""
        import sys
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
            inner = interpreters.create({how!r})
        else:
            import _xxsubinterpreters as interpreters
            inner = interpreters.create(isolated={how == "isolated"})
        import qnet
        interpreters.run_string(inner, '''if 1:
            try:
                import qnet
            except ImportError as error:
                print(error)
            else:
                print("imported")
        ''')
        # The main one goes on.
        qnet.QTimer.singleShot(0, qnet.QCoreApplication.quit)
        print(qnet.QCoreApplication.exec())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    first, last = done.stdout.splitlines()
    assert first.startswith("qnet cannot be used in a subinterpreter") and last == "0", done.stderr
