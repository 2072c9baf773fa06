"""Signals, slots and what a QObject has besides: a program for PySide6 and for qnet, which must print the same."""

import os
import sys

try:
    from qnet import Property, QCoreApplication, QObject, Qt, QTcpServer, QTcpSocket, QTimer, Signal, Slot
except ImportError:
    from PySide6.QtCore import Property, QCoreApplication, QObject, Qt, QTimer, Signal, Slot
    from PySide6.QtNetwork import QTcpServer, QTcpSocket

Way = Qt.ConnectionType


class Thing(QObject):
    nothing = Signal()
    number = Signal(int)
    text = Signal(str)
    real = Signal(float)
    truth = Signal(bool)
    anything = Signal(object)
    several = Signal(list)
    thing = Signal(QObject)
    both = Signal(int, str)
    either = Signal((int,), (str,))
    levelChanged = Signal(int)

    def __init__(self, name, parent=None):
        super().__init__(parent)
        self.setObjectName(name)
        self.level_ = 0
        self.fired = []

    @Slot()
    def none(self):
        print("   none, from", self.sender() and self.sender().objectName())

    @Slot(int)
    def one(self, value):
        print("   one", value, "from", self.sender() and self.sender().objectName())

    def two(self, value, more="default"):
        print("   two", value, more)

    def all(self, *values):
        print("   all", values)

    def timerEvent(self, event):
        self.fired.append(event.timerId())
        if len(self.fired) == 3:
            self.killTimer(event.timerId())
            QCoreApplication.quit()

    def get_level(self):
        return self.level_

    def set_level(self, value):
        self.level_ = value
        self.levelChanged.emit(value)

    level = Property(int, get_level, set_level, notify=levelChanged)


def attempt(text, function, *arguments):
    try:
        print(text, function(*arguments))
    except Exception as error:
        print(text, type(error).__name__)


def show(*values):
    print("   got", *(value.objectName() if isinstance(value, QObject) else repr(value) for value in values))


def arguments(thing):
    for name in "nothing number text real truth anything several thing both either".split():
        getattr(thing, name).connect(show)
    for name, values in [("nothing", ()), ("nothing", (1,)), ("number", (5,)), ("number", (1.7,)), ("number", (True,)),
                         ("number", ()), ("number", (1, 2)), ("text", ("é",)), ("real", (1,)), ("truth", (1,)),
                         ("truth", ("",)), ("anything", (None,)), ("anything", ({1: 2},)), ("several", ([1],)),
                         ("several", ((1, "a"),)), ("thing", (thing,)), ("thing", (None,)), ("both", (1, "a")), ("both", (1,)),
                         ("either", (1,))]:
        attempt(f"{name}{values if name != 'thing' else ''}", getattr(thing, name).emit, *values)
    thing.either[str].connect(show)
    thing.either[str].emit("text")
    attempt("no such", lambda: thing.either[bytes])
    for name in "nothing number text real truth anything several thing both either".split():
        getattr(thing, name).disconnect()


def slots(thing):
    print("slots")
    for slot in (thing.none, thing.one, thing.two, thing.all, lambda: print("   lambda"), lambda a: print("   lambda", a),
                 lambda a, b, c=9: print("   lambda", a, b, c), print):
        thing.both.connect(slot)
    thing.both.emit(4, "y")
    thing.both.disconnect(thing.one)
    thing.both.disconnect(print)
    thing.both.emit(5, "z")
    thing.both.disconnect()
    for wrong in (5, None):
        attempt("not a slot", thing.both.connect, wrong)


def ways(thing, app):
    print("ways")
    thing.nothing.connect(thing.none, Way.UniqueConnection)
    thing.nothing.connect(thing.none, type=Way.UniqueConnection)
    thing.nothing.connect(thing.none, Qt.UniqueConnection)
    thing.nothing.emit()
    thing.nothing.disconnect()
    thing.nothing.connect(thing.none, Way.SingleShotConnection)
    thing.nothing.connect(show, Way.SingleShotConnection)
    thing.nothing.emit()
    thing.nothing.emit()
    print("queued")
    thing.number.connect(thing.one, Way.QueuedConnection)
    thing.number.connect(show, Way.DirectConnection)
    thing.number.emit(7)
    print("   later")
    app.processEvents()
    thing.number.emit(8)
    thing.number.disconnect()
    print("   disconnected, and delivered")
    app.processEvents()
    other = Thing("other")
    thing.number.connect(other.one, Way.QueuedConnection)
    thing.number.emit(9)
    other.deleteLater()
    app.processEvents()


def signal_to_signal(thing):
    print("signal to signal")
    other = Thing("other")
    thing.both.connect(other.number)
    thing.number.connect(other.nothing)
    other.number.connect(other.one)
    other.nothing.connect(other.none)
    thing.both.emit(3, "x")
    thing.number.emit(4)
    attempt("fewer", thing.nothing.connect, other.number)
    thing.both.disconnect(other.number)
    thing.both.emit(5, "x")
    thing.number.disconnect()


def blocked(thing):
    print("blocked")
    thing.nothing.connect(thing.none)
    print(thing.blockSignals(True), thing.signalsBlocked(), thing.blockSignals(True))
    thing.nothing.emit()
    thing.nothing.connect(show)
    print(thing.blockSignals(False), thing.signalsBlocked())
    thing.nothing.emit()
    thing.nothing.disconnect()
    # Also what the library emits.
    socket = QTcpSocket()
    socket.stateChanged.connect(lambda state: print("   state", state.name))
    socket.blockSignals(True)
    socket.connectToHost("127.0.0.1", 1)
    socket.blockSignals(False)
    socket.abort()


def names_and_children(thing):
    print("names")
    thing.objectNameChanged.connect(show)
    thing.setObjectName("new")
    thing.setObjectName("new")
    child, timer = Thing("child", thing), QTimer(thing)
    timer.setObjectName("timer")
    grandchild = Thing("grandchild", child)
    print([c.objectName() for c in thing.children()], grandchild.parent() is child)
    Direct = Qt.FindChildOption.FindDirectChildrenOnly
    print([c.objectName() for c in thing.findChildren(QObject)], [c.objectName() for c in thing.findChildren(Thing)])
    print([c.objectName() for c in thing.findChildren(QObject, None, Direct)])
    print(thing.findChild(QTimer) is timer, thing.findChild(Thing, "grandchild") is grandchild,
          thing.findChild(Thing, "nobody"), thing.findChild(QTimer, "child"))
    print(thing.inherits("QObject"), thing.inherits("Thing"), thing.inherits("QTimer"))


def properties(thing):
    print("properties")
    thing.levelChanged.connect(show)
    thing.level = 5
    print(thing.level, thing.property("level"), thing.setProperty("level", 6), thing.level)
    print(thing.property("nothing"), thing.setProperty("own", [1]), thing.property("own"), thing.property("objectName"))
    print([bytes(name) for name in thing.dynamicPropertyNames()])


def timers(thing, app):
    print("timers")
    number = thing.startTimer(1)
    print(number > 0)
    app.exec()
    print(thing.fired == [number] * 3)
    timer = QTimer()
    print(timer.timerId(), timer.isActive(), timer.timerType() == Qt.TimerType.CoarseTimer)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.start(1000)
    print(timer.timerId() > 0, timer.timerType().name)


def library(app):
    print("library")
    server, client = QTcpServer(), QTcpSocket()
    server.listen()

    class Receiver(QObject):
        def accept(self):
            print("   accept", self.sender() is server)
            client.disconnectFromHost()

        def ended(self):
            print("   ended", self.sender() is client)

    receiver = Receiver()
    server.newConnection.connect(receiver.accept)
    client.disconnected.connect(receiver.ended, Way.UniqueConnection)
    client.disconnected.connect(receiver.ended, Way.UniqueConnection)
    client.disconnected.connect(app.quit, Way.QueuedConnection)
    client.connectToHost("127.0.0.1", server.serverPort())
    app.exec()
    print(receiver.sender())


def main():
    sys.excepthook = lambda kind, *_: print("   raised", kind.__name__)
    app = QCoreApplication([])
    thing = Thing("thing")
    arguments(thing)
    slots(thing)
    ways(thing, app)
    signal_to_signal(thing)
    blocked(thing)
    names_and_children(thing)
    properties(thing)
    timers(thing, app)
    library(app)
    sys.stdout.flush()
    os._exit(0)  # PySide6 6.12 may crash when the interpreter ends, after bools were emitted


if __name__ == "__main__":
    main()
