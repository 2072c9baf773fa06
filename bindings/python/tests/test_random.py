"""Objects, connections, parents, threads, deletions, garbage and exceptions in any order, from a seed.

Some threads, each with a loop, do at each step what chance says, to objects of their own and now and then to those of
others. Whatever comes, nothing crashes or hangs, every object says once that it is destroyed, and in the end nothing is
left.

    QNET_RANDOM_SEED=5 pytest test_random.py        one seed
    QNET_RANDOM_SECONDS=600 pytest test_random.py   new ones for a time

A failure tells its seed. Threads take turns as they like: a seed may need some attempts.
"""

import faulthandler
import gc
import os
import pathlib
import random
import threading
import time
import weakref

import pytest
from conftest import LOCAL, collect, held, left_behind
from qnet import (
    Loop,
    QCoreApplication,
    QEventLoop,
    QHostInfo,
    QLocalServer,
    QLocalSocket,
    QObject,
    QSsl,
    QSslCertificate,
    QSslConfiguration,
    QSslKey,
    QSslServer,
    QSslSocket,
    QTcpServer,
    QTcpSocket,
    QTimer,
    QUdpSocket,
    Signal,
)

SECONDS = float(os.environ.get("QNET_RANDOM_SECONDS", 4))
SEED = os.environ.get("QNET_RANDOM_SEED")
STEPS, THREADS, MOST = 250, 3, 25
KINDS = [QObject, QTimer, QTcpSocket, QTcpServer, QUdpSocket, QLocalSocket, QLocalServer, QSslSocket, QSslServer]
FILES = pathlib.Path(__file__).resolve().parents[3] / "capi/tests/ssl"
AT_MOST = 60  # seconds for one seed


class Expected(Exception):
    """What slots raise."""


class Source(QObject):
    """With a signal of Python's."""

    it = Signal(int)


def configuration():
    """Of both ends of an encrypted connection."""
    made = QSslConfiguration.defaultConfiguration()
    made.setLocalCertificate(QSslCertificate((FILES / "host.pem").read_bytes()))
    made.setPrivateKey(QSslKey((FILES / "host.key").read_bytes(), QSsl.KeyAlgorithm.Ec))
    made.setCaCertificates(QSslCertificate.fromPath(str(FILES / "authority.pem")))
    return made


def note(places, number):
    """A function that notes a number: it refers to nothing else, and has no part in any cycle."""
    return lambda: places.append(number)


class World:
    """What the threads share."""

    def __init__(self, seed, chosen):
        self.seed, self.configuration = seed, chosen
        self.ports, self.names, self.shared = [], [], []
        self.made, self.destroyed, self.wrong = {}, [], []  # made: the class by the number
        self.alive = []  # weak references
        self.numbers = iter(range(1 << 30))

    def expect(self, right, what):
        if not right:
            self.wrong.append(what)

    def take(self, raised):
        """Takes what slots have raised, whose tracebacks keep what was at hand."""
        # RuntimeError: of an object that another thread has deleted.
        self.wrong += [repr(error) for error in raised if not isinstance(error, (Expected, RuntimeError))]
        raised.clear()


class Actor:
    """A thread's part."""

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.chance = random.Random(f"{world.seed}/{number}")
        self.things, self.connections = [], []
        self.depth = 0
        self.actions = [getattr(self, name) for name in sorted(dir(type(self))) if name.startswith("do_")]

    def one(self, kind=QObject):
        """One of the thread's objects, or now and then of another's."""
        pool = self.world.shared if self.chance.random() < 0.1 else self.things
        some = [thing for thing in list(pool) if isinstance(thing, kind)]
        return self.chance.choice(some) if some else None

    def slot(self, sender):
        """A function that does something, after which anything may be gone."""
        what = self.chance.randrange(8)
        reference = sender if what == 0 else None  # a cycle

        def called(*_):
            if what == 1:
                raise Expected
            if what == 2:
                other = self.one()
                if other is not None:
                    other.delete()
            elif what == 3 and self.depth < 2:
                self.step()
            elif what == 4:
                gc.collect(0)
            return reference

        return called

    def step(self):
        if not self.actions:
            return  # it is over
        self.depth += 1
        try:
            self.chance.choice(self.actions)()
        except RuntimeError as error:
            # Deleted by another thread, or of another loop; nothing else.
            self.world.expect("deleted" in str(error) or "loops" in str(error), f"RuntimeError: {error}")
        except ValueError as error:
            self.world.expect("parent" in str(error), f"ValueError: {error}")
        finally:
            self.depth -= 1

    # ---- what there is to do

    def do_make(self):
        if len(self.things) >= MOST:
            self.do_drop()
        kind = self.chance.choice([*KINDS, Source])
        parent = self.one() if self.chance.random() < 0.3 else None
        thing = kind()
        if isinstance(thing, (QSslSocket, QSslServer)):
            thing.setSslConfiguration(self.world.configuration)
        number = next(self.world.numbers)
        self.world.made[number] = kind.__name__
        thing.destroyed.connect(note(self.world.destroyed, number))
        self.world.alive.append(weakref.ref(thing))
        self.things.append(thing)
        if parent is not None:
            thing.setParent(parent)

    do_make_another = do_make

    def do_drop(self):
        if self.things:
            del self.things[self.chance.randrange(len(self.things))]

    def do_delete(self):
        thing = self.one()
        if thing is not None:
            self.chance.choice([thing.delete, thing.deleteLater])()

    def do_share(self):
        thing = self.one()
        if thing is not None:
            self.world.shared.append(thing)
            del self.world.shared[:-10]

    def do_parent(self):
        thing, parent = self.one(), self.one()
        if thing is not None:
            thing.setParent(self.chance.choice([parent, None]))

    def do_connect(self):
        thing = self.one()
        if thing is None:
            return
        names = ["destroyed"]
        for name in ("readyRead", "connected", "disconnected", "stateChanged", "newConnection", "timeout", "it", "encrypted",
                     "modeChanged", "sslErrors", "peerVerifyError", "startedEncryptionHandshake", "errorOccurred"):
            if hasattr(type(thing), name):
                names.append(name)
        receiver = self.one()
        choices = [self.slot(thing), thing.objectName]
        if receiver is not None:
            choices += [receiver.children, receiver.deleteLater]
        self.connections.append(getattr(thing, self.chance.choice(names)).connect(self.chance.choice(choices)))
        del self.connections[:-10]

    do_connect_another = do_connect

    def do_disconnect(self):
        if self.connections:
            connection = self.chance.choice(self.connections)
            QObject.disconnect(connection)
            self.world.expect(not connection, "a connection that was removed is there")

    def do_emit(self):
        thing = self.one(Source)
        if thing is not None:
            thing.it.emit(1)

    def do_timer(self):
        thing = self.one(QTimer)
        if thing is not None:
            thing.setSingleShot(self.chance.random() < 0.5)
            self.chance.choice([lambda: thing.start(self.chance.randrange(3)), thing.stop])()

    def do_single_shot(self):
        context = self.one()
        # Only a loop that ends takes with it what was to come much later.
        delay = self.chance.choice([0, 1, 10**6 if self.number else 2])
        if context is not None and self.chance.random() < 0.5:
            QTimer.singleShot(delay, context, self.slot(None))
        else:
            QTimer.singleShot(delay, self.slot(None))

    def do_look_up(self):
        number = QHostInfo.lookupHost("127.0.0.1", self.slot(None))
        if self.chance.random() < 0.5:
            QHostInfo.abortHostLookup(number)

    def do_listen(self):
        server = self.one((QTcpServer, QLocalServer))
        if server is None or server.isListening():
            return
        if isinstance(server, QTcpServer):
            if server.listen(LOCAL):
                self.world.ports.append(server.serverPort())
                del self.world.ports[:-5]
        else:
            name = f"qnet-random-{os.getpid()}-{self.number}-{self.chance.randrange(3)}"
            server.setSocketOptions(QLocalServer.SocketOption.AbstractNamespaceOption)
            if server.listen(name):
                self.world.names.append(name)
                del self.world.names[:-5]

    def do_close(self):
        server = self.one((QTcpServer, QLocalServer))
        if server is not None:
            server.close()

    def do_begin(self):
        socket = self.one((QTcpSocket, QLocalSocket))
        if isinstance(socket, QTcpSocket) and self.world.ports:
            if socket.state() == QTcpSocket.SocketState.UnconnectedState:
                socket.connectToHost(LOCAL, self.chance.choice(self.world.ports))
        elif isinstance(socket, QLocalSocket) and self.world.names:
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                socket.setSocketOptions(QLocalSocket.SocketOption.AbstractNamespaceOption)
                socket.connectToServer(self.chance.choice(self.world.names))

    do_begin_another = do_begin

    def do_encrypt(self):
        socket = self.one(QSslSocket)
        if socket is None:
            return
        if socket.state() == QTcpSocket.SocketState.UnconnectedState and self.world.ports:
            name = self.chance.choice(["host.test", "other.test"])
            socket.connectToHostEncrypted("127.0.0.1", self.chance.choice(self.world.ports), name)
        else:
            socket.setPeerVerifyName("host.test")
            self.chance.choice([socket.startClientEncryption, socket.startServerEncryption, socket.ignoreSslErrors,
                                socket.disconnectFromHost, lambda: socket.waitForEncrypted(1)])()

    do_encrypt_another = do_encrypt

    def do_accept(self):
        server = self.one((QTcpServer, QLocalServer))
        socket = server.nextPendingConnection() if server is not None else None
        if socket is not None:
            self.things.append(socket)

    def do_talk(self):
        socket = self.one((QTcpSocket, QLocalSocket))
        if socket is not None and socket.isWritable():
            socket.write(bytes(self.chance.choice([1, 100, 50_000])))
            socket.flush()
            socket.readAll()

    def do_datagram(self):
        socket = self.one(QUdpSocket)
        if socket is not None:
            socket.writeDatagram(b"x", LOCAL, socket.localPort() or 9)
            if socket.hasPendingDatagrams():
                socket.receiveDatagram()

    def do_end(self):
        socket = self.one((QTcpSocket, QLocalSocket, QUdpSocket))
        if socket is not None:
            self.chance.choice([socket.close, socket.abort])()

    def do_wait(self):
        socket = self.one((QTcpSocket, QLocalSocket))
        if socket is not None and socket.isOpen():
            self.chance.choice([socket.waitForReadyRead, socket.waitForConnected])(1)

    def do_nest(self):
        if self.depth < 3:
            loop = QEventLoop()
            QTimer.singleShot(1, loop.quit)
            loop.exec()

    def do_turn(self):
        QEventLoop().processEvents()

    do_turn_another = do_turn

    def do_collect(self):
        gc.collect(self.chance.randrange(3))

    # ---- all of it

    def play(self):
        for _ in range(STEPS):
            self.step()
            if self.world.wrong:
                break
        self.actions.clear()
        self.connections.clear()
        while self.things:
            self.things.clear()  # which may run slots


def act(world, number):
    """A thread: the main one, one inside a Loop, or one with a loop of its own."""
    actor = Actor(world, number)
    try:
        if number == 1:
            with Loop() as loop:
                actor.play()
            loop.delete()
        else:
            actor.play()
    except BaseException as error:
        world.wrong.append(f"thread {number}: {error!r}")


def play(world):
    threads = [threading.Thread(target=act, args=(world, number), daemon=True) for number in range(1, THREADS)]
    for thread in threads:
        thread.start()
    act(world, 0)
    for thread in threads:
        thread.join(AT_MOST)
        world.expect(not thread.is_alive(), "a thread hangs")
    world.shared.clear()


def end_activity(thing):
    """What listens, runs or is connected lives by itself as long as it does so."""
    if isinstance(thing, QTimer):
        thing.stop()
    elif isinstance(thing, (QTcpServer, QLocalServer)):
        thing.close()
    elif isinstance(thing, (QTcpSocket, QUdpSocket, QLocalSocket)):
        thing.abort()


def settle(world, raised):
    """All that was made is to be destroyed, now that nothing refers to it."""
    for reference in world.alive:
        thing = reference()
        if thing is not None and thing.isAlive():
            end_activity(thing)
        del thing
    end = time.monotonic() + 10
    while len(world.destroyed) < len(world.made) and time.monotonic() < end:
        collect()
        QCoreApplication.processEvents()
        world.take(raised)  # of single shots that were late
    if sorted(world.destroyed) != sorted(world.made):
        never = [kind for number, kind in world.made.items() if number not in world.destroyed]
        left = [repr(thing) for thing in (reference() for reference in world.alive) if thing is not None]
        twice = len(world.destroyed) - len(set(world.destroyed))
        world.wrong.append(f"of {len(world.made)}, {never} were never destroyed, {twice} twice; there are {left}")


def seeds():
    if SEED is not None:
        yield int(SEED)
        return
    end, seed = time.monotonic() + SECONDS, int.from_bytes(os.urandom(4), "big")
    while time.monotonic() < end:
        yield seed
        seed += 1


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_random(raised, messages, capfd):
    chosen = configuration()
    collect()
    before = held()
    for seed in seeds():
        world = World(seed, chosen)
        with capfd.disabled():
            # A hang leaves this and where each thread is.
            faulthandler.dump_traceback_later(AT_MOST + 30, exit=True)
        try:
            play(world)
            world.take(raised)
            settle(world, raised)
            messages.clear()
        finally:
            faulthandler.cancel_dump_traceback_later()
        left = "" if world.wrong else left_behind(before)
        world.take(raised)
        wrong = list(world.wrong)
        del world
        assert not wrong and not left, f"QNET_RANDOM_SEED={seed}: {wrong} {left}"
