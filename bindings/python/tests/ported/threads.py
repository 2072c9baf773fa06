"""Threads as Qt has them: QThread as a base and as a place for objects, signals from one thread to another, objects that move: a
program for PySide6 and for qnet."""

import time

try:
    from qnet import QCoreApplication, QHostAddress, QObject, Qt, QTcpServer, QTcpSocket, QThread, QTimer, Signal
except ImportError:
    from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, QTimer, Signal
    from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

app = QCoreApplication([])
MAIN = QThread.currentThread()


def here(worker):
    current = QThread.currentThread()
    return "main" if current == MAIN else "worker" if current == worker else "another"


def until(done):
    look = QTimer()  # for what other threads have done without a word
    look.timeout.connect(lambda: done() and app.quit())
    look.start(2)
    app.exec()


class Worker(QObject):
    done = Signal(int, str)
    asked = Signal(object)

    def __init__(self, thread):
        super().__init__()
        self.place = thread

    def work(self, number):
        print("work", number, "on", here(self.place))
        self.done.emit(2 * number, "twice")

    def ask(self, _number):
        answer = []
        self.asked.emit(answer)
        print("answered", answer)
        self.done.emit(0, "asked")


class Asker(QObject):
    work = Signal(int)
    ask = Signal(int)

    def __init__(self, thread):
        super().__init__()
        self.place, self.seen = thread, []

    def got(self, number, text):
        print(number, text, "on", here(self.place))
        self.seen.append(number)

    def answer(self, where):
        where.append(here(self.place))


def objects_in_a_thread():
    print("-- objects in a thread")
    thread = QThread()
    worker, asker = Worker(thread), Asker(thread)
    asker.work.connect(worker.work)
    asker.ask.connect(worker.ask)
    worker.done.connect(asker.got)
    worker.asked.connect(asker.answer, Qt.ConnectionType.BlockingQueuedConnection)
    worker.moveToThread(thread)
    print("in the thread", worker.thread() == thread, asker.thread() == MAIN, thread.isRunning())
    asker.work.emit(1)  # waits for the thread
    thread.start()
    until(lambda: len(asker.seen) == 1)
    for number in range(2, 5):
        asker.work.emit(number)
        until(lambda: len(asker.seen) == number)
    asker.ask.emit(0)
    until(lambda: len(asker.seen) == 5)
    thread.quit()
    print("ended", thread.wait(), thread.isFinished(), thread.isRunning())


class Counter(QThread):
    def __init__(self, code):
        super().__init__()
        self.code, self.result, self.where = code, None, None

    def run(self):
        self.where = here(self)
        if self.code < 0:
            while not self.isInterruptionRequested():
                QThread.msleep(1)
            self.result = "interrupted"
            return
        QTimer.singleShot(1, lambda: self.exit(self.code))
        self.result = self.exec()


def threads_with_run():
    print("-- threads with run()")
    counter = Counter(5)
    print(counter.isRunning(), counter.isFinished())
    for _ in range(2):
        counter.start()
        print("ended", counter.wait(20000), "code", counter.result, "on", counter.where)
    early = Counter(9)
    early.start()
    early.exit(3)  # perhaps before exec()
    early.wait()
    print("code", early.result)
    waits = Counter(-1)
    waits.start()
    print("ended", waits.wait(5))
    waits.requestInterruption()
    print("ended", waits.wait(20000), waits.result, waits.isInterruptionRequested())


class Echo(QObject):
    def __init__(self, socket, thread):
        super().__init__()
        self.socket, self.place, self.reads, self.ended = socket, thread, 0, False
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(self.end)

    def read(self):
        if not self.reads:
            print("read on", here(self.place))
        self.reads += 1
        self.socket.write(self.socket.readAll())

    def end(self):
        print("disconnected on", here(self.place))
        self.ended = True


def a_connection_moves():
    print("-- a connection moves")
    thread = QThread()
    thread.start()
    server = QTcpServer()
    server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost))
    client = QTcpSocket()
    client.connectToHost("127.0.0.1", server.serverPort())
    until(server.hasPendingConnections)
    socket = server.nextPendingConnection()
    socket.setParent(None)
    echo = Echo(socket, thread)
    echo.moveToThread(thread)
    socket.moveToThread(thread)
    print("moved", socket.thread() == thread, echo.thread() == thread)
    client.write(b"one after the other")
    got = []
    client.readyRead.connect(lambda: got.append(bytes(client.readAll().data())))
    until(lambda: len(b"".join(got)) == 19)
    print(b"".join(got))
    client.disconnectFromHost()
    while not echo.ended:
        app.processEvents()
        time.sleep(0.001)
    thread.quit()
    thread.wait()


objects_in_a_thread()
threads_with_run()
a_connection_moves()
