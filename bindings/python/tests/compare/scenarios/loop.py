"""QTimer, queued calls and the event loop itself."""

import threading
import time

import peer
from backend import net
from trace import scenario


def guarded(r, loop):
    """A loop that ends after 5 s whatever happens."""
    guard = net.QTimer()
    guard.setSingleShot(True)
    guard.timeout.connect(lambda: (r.note("the guard ended the loop"), loop.quit()))
    guard.start(5000)
    return guard


# ---- timers

@scenario
def timer_fresh(r):
    """What a new timer says about itself."""
    t = r.timer()
    t.isActive(), t.interval(), t.isSingleShot()
    t.stop()


@scenario
def timer_single_shot(r):
    """A single-shot timer: inactive already inside its timeout."""
    t = r.timer("t", 5, single=True)
    t.start()
    r.until(lambda: t.seen("timeout"))
    r.settle()
    t.isActive()


@scenario
def timer_repeats(r):
    """A repeating timer is active inside its timeout; stop() ends it."""
    t = r.timer("t", 3)
    t.on("timeout", lambda: t.stop() if t.seen("timeout") == 3 else None)
    t.start()
    r.until(lambda: t.seen("timeout") == 3)
    r.settle()


@scenario
def timer_zero(r):
    """Interval 0: a timeout each turn, until stopped."""
    t = r.timer("t", 0)
    t.on("timeout", lambda: t.stop() if t.seen("timeout") == 5 else None)
    t.start()
    r.until(lambda: t.seen("timeout") == 5)
    r.settle()


@scenario
def timer_zero_does_not_starve(r):
    """With a zero timer running, sockets and other timers are served."""
    c, p = r.connected()
    z = r.watch(net.QTimer(), "z")
    other = r.timer("other", 5, single=True)
    with r.silence():
        z.q.start(0)
        other.q.start()
        p.send(b"hello")
        r.until(lambda: c.seen("readyRead") and other.seen("timeout"), settle=False)
        z.q.stop()
    r.value("readyRead", c.seen("readyRead"))
    r.value("other", other.seen("timeout"))


@scenario
def timer_start_argument(r):
    """start(n) sets the interval."""
    t = r.timer("t", 5000, single=True)
    t.start(3)
    t.interval()
    r.until(lambda: t.seen("timeout"))


@scenario
def timer_start_again(r):
    """start() on an active timer starts over: one timeout only."""
    t = r.timer("t", 30, single=True)
    t.start()
    t.start()
    t.start(5)
    r.until(lambda: t.seen("timeout"))
    r.settle(quiet=0.05)


@scenario
def timer_set_interval_active(r):
    """setInterval() on an active timer: it goes by the new interval, now and after."""
    t = r.timer("t", 60000)
    t.on("timeout", lambda: t.stop() if t.seen("timeout") == 2 else None)
    t.start()
    t.setInterval(3)
    r.until(lambda: t.seen("timeout") == 2)


@scenario
def timer_negative(r):
    """Negative intervals."""
    t = r.timer("t")
    t.on("timeout", lambda: t.stop())
    t.setInterval(-5)
    t.interval()
    t.start()
    t.isActive()
    r.settle()
    t.start(-1)
    t.isActive()
    r.settle()


@scenario
def timer_restart_in_handler(r):
    """A single-shot timer restarted inside its timeout."""
    t = r.timer("t", 2, single=True)
    t.on("timeout", lambda: t.start() if t.seen("timeout") < 3 else None)
    t.start()
    r.until(lambda: t.seen("timeout") == 3)
    r.settle()


@scenario
def timer_stop_in_handler(r):
    """stop() inside the first timeout of a repeating timer; a second slot still runs."""
    t = r.timer("t", 2)
    t.on("timeout", lambda: t.stop())
    t.on("timeout", lambda: r.note("second slot"))
    t.start()
    r.until(lambda: t.seen("timeout"))
    r.settle()


@scenario
def timer_stops_other(r):
    """Two timers due in the same turn: the first one's handler stops the second."""
    a, b = r.timer("a", 1, single=True), r.timer("b", 2, single=True)
    a.on("timeout", lambda: b.stop())
    a.start()
    b.start()
    time.sleep(0.01)
    r.until(lambda: a.seen("timeout"))
    r.settle()


@scenario
def timer_order(r):
    """Timers fire in the order of their times, whatever the order of starting."""
    timers = [r.timer(name, msec, single=True) for name, msec in (("t40", 40), ("t10", 10), ("t70", 70), ("t25", 25))]
    with r.silence():
        for t in timers:
            t.q.start()
    r.until(lambda: all(t.seen("timeout") for t in timers))


@scenario
def timer_order_overdue(r):
    """Timers that are all overdue when the loop runs."""
    timers = [r.timer(name, msec, single=True) for name, msec in (("t30", 30), ("t1", 1), ("t15", 15))]
    with r.silence():
        for t in timers:
            t.q.start()
        time.sleep(0.06)
    r.until(lambda: all(t.seen("timeout") for t in timers))


@scenario
def timer_order_zero(r):
    """Zero timers fire in the order of starting."""
    timers = [r.timer(name, 0, single=True) for name in ("a", "b", "c")]
    with r.silence():
        for t in (timers[1], timers[0], timers[2]):
            t.q.start()
    r.until(lambda: all(t.seen("timeout") for t in timers))


@scenario
def timer_missed(r):
    """A repeating timer that missed several times fires once."""
    t = r.timer("t", 200)
    with r.silence():
        t.q.start()
        time.sleep(0.5)
    net.QCoreApplication.processEvents()
    net.QCoreApplication.processEvents()
    r.value("timeouts", t.seen("timeout"))
    with r.silence():
        t.q.stop()


@scenario
def timer_not_early(r):
    """A timer never fires before its time."""
    for msec in (1, 5, 20, 50):
        t = r.timer("t", msec, single=True)
        with r.silence():
            began = time.monotonic()
            ended = []
            t.on("timeout", lambda: ended.append(time.monotonic()))
            t.q.start()
            r.until(lambda: ended, settle=False)
        # Qt's coarse timers may be 5 % early; a millisecond is given to everybody.
        r.value(f"{msec} ms is not early", ended[0] - began >= msec / 1000 * 0.95 - 0.001)


@scenario
def timer_in_nested_loop(r):
    """A repeating timer does not fire recursively in a nested loop inside its own timeout; others do."""
    t, other = r.timer("t", 1), r.timer("other", 5, single=True)

    def handler():
        other.start()
        r.until(lambda: other.seen("timeout"), settle=False)
        t.stop()
        r.note("nested loop ended")
    t.on("timeout", handler, once=True)
    t.start()
    r.until(lambda: other.seen("timeout"))


@scenario
def timer_static_single_shot(r):
    """QTimer.singleShot(): order of several, and inside each other."""
    order = []
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    net.QTimer.singleShot(20, lambda: order.append("twenty"))
    net.QTimer.singleShot(0, lambda: (order.append("zero"), net.QTimer.singleShot(0, lambda: order.append("nested"))))
    net.QTimer.singleShot(5, lambda: order.append("five"))
    net.QTimer.singleShot(60, loop.quit)
    loop.exec()
    guard.stop()
    r.value("order", order)


@scenario
def timer_without_loop(r):
    """A timer does nothing until the loop runs."""
    t = r.timer("t", 1, single=True)
    t.start()
    time.sleep(0.02)
    t.isActive()
    t.seen("timeout")
    net.QCoreApplication.processEvents()
    r.value("timeouts", t.seen("timeout"))


# ---- queued calls

@scenario
def post_order(r):
    """Queued calls run in order, from the loop."""
    order = []
    for i in range(5):
        net.post(lambda i=i: order.append(i))
    r.value("before the loop", order)
    r.until(lambda: len(order) == 5)
    r.value("after", order)


@scenario
def post_in_posted(r):
    """A queued call made inside a queued call: in the same turn?"""
    order = []

    def first():
        order.append("first")
        net.post(lambda: order.append("third"))
    net.post(first)
    net.post(lambda: order.append("second"))
    net.QCoreApplication.processEvents()
    r.value("after one turn", order)
    r.until(lambda: len(order) == 3)
    r.value("at last", order)


@scenario
def post_from_thread(r):
    """A queued call from another thread wakes the sleeping loop and runs in the loop's thread."""
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    where = []

    def call():
        where.append(threading.current_thread() is threading.main_thread())
        loop.quit()
    thread = peer.later(lambda: net.post(call), 0.03)
    loop.exec()
    guard.stop()
    thread.join()
    r.value("in the loop's thread", where)


@scenario
def post_and_sockets(r):
    """Queued calls made in readyRead run after the handler, before the next readyRead."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.readAll(), net.post(lambda: r.note("queued call"))))
    p.send(b"one")
    r.until(lambda: c.seen("readyRead") == 1)
    p.send(b"two")
    r.until(lambda: c.seen("readyRead") == 2)


@scenario
def post_in_wait(r):
    """Queued calls do not run inside a wait function."""
    c, p = r.connected()
    net.post(lambda: r.note("queued call"))
    p.send(b"data")
    c.waitForReadyRead(5000)
    r.settle()


# ---- the loop

@scenario
def loop_exit_codes(r):
    """exec() returns what exit() was given; quit() is 0."""
    for code in (0, 5, -3):
        loop = net.QEventLoop()
        guard = guarded(r, loop)
        net.QTimer.singleShot(0, lambda: loop.exit(code))
        r.value(f"exit({code})", loop.exec())
        guard.stop()
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    net.QTimer.singleShot(0, loop.quit)
    r.value("quit()", loop.exec())
    net.QTimer.singleShot(0, lambda: loop.exit())
    r.value("exit()", loop.exec())
    guard.stop()


@scenario
def loop_exit_before_exec(r):
    """exit() before exec() has no effect."""
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    loop.exit(7)
    net.QTimer.singleShot(0, lambda: loop.exit(8))
    r.value("exec()", loop.exec())
    guard.stop()


@scenario
def loop_exit_twice(r):
    """exit() twice before control is back: which code counts?"""
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    net.QTimer.singleShot(0, lambda: (loop.exit(1), loop.exit(2)))
    r.value("exec()", loop.exec())
    guard.stop()


@scenario
def loop_nested(r):
    """Nested loops end from inside out, also when the outer one was told first."""
    outer, inner = net.QEventLoop(), net.QEventLoop()
    guard = guarded(r, outer)

    def nested():
        r.note("inner starts")
        net.QTimer.singleShot(0, lambda: (outer.exit(1), r.note("outer told")))
        net.QTimer.singleShot(20, lambda: (inner.exit(2), r.note("inner told")))
        r.value("inner", inner.exec())
    net.QTimer.singleShot(0, nested)
    r.value("outer", outer.exec())
    guard.stop()


@scenario
def loop_exec_recursive(r):
    """exec() of a loop that is running."""
    loop = net.QEventLoop()
    guard = guarded(r, loop)

    def again():
        r.value("second exec()", loop.exec())
        loop.quit()
    net.QTimer.singleShot(0, again)
    r.value("first exec()", loop.exec())
    guard.stop()


@scenario
def loop_again(r):
    """The same loop runs a second time."""
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    for code in (1, 2):
        net.QTimer.singleShot(0, lambda: loop.exit(code))
        r.value("exec()", loop.exec())
    guard.stop()


@scenario
def loop_process_events_result(r):
    """QEventLoop.processEvents() says whether there was something."""
    loop = net.QEventLoop()
    while loop.processEvents():
        pass
    r.value("nothing", loop.processEvents())
    net.post(lambda: r.note("call"))
    r.value("something", loop.processEvents())


@scenario
def loop_quit_in_handler(r):
    """quit() inside readyRead: the rest of the handler runs, later events wait for the next exec()."""
    c, p = r.connected()
    loop = net.QEventLoop()
    guard = guarded(r, loop)
    c.on("readyRead", lambda: (loop.quit(), r.note("after quit")))
    p.send(b"x")
    r.value("exec()", loop.exec())
    guard.stop()


@scenario(fresh=True)
def app_exec(r):
    """QCoreApplication.exec() with exit() and quit()."""
    for name, end in (("exit(4)", lambda: net.QCoreApplication.exit(4)), ("exit()", lambda: net.QCoreApplication.exit()),
                      ("quit()", lambda: net.QCoreApplication.quit())):
        net.QTimer.singleShot(0, end)
        r.value(name, net.app.exec())


@scenario(fresh=True)
def app_exit_before_exec(r):
    """QCoreApplication.exit() before exec()."""
    net.QCoreApplication.exit(9)
    net.QTimer.singleShot(0, lambda: net.QCoreApplication.exit(3))
    r.value("exec()", net.app.exec())


@scenario(fresh=True)
def app_exit_in_nested_loop(r):
    """QCoreApplication.exit() inside a nested loop ends that loop too."""
    def nested():
        loop = net.QEventLoop()
        guard = guarded(r, loop)
        net.QTimer.singleShot(0, lambda: net.QCoreApplication.exit(6))
        r.value("inner", loop.exec())
        guard.stop()
    net.QTimer.singleShot(0, nested)
    r.value("outer", net.app.exec())


@scenario(fresh=True)
def app_nested_loop_after_exit(r):
    """A nested loop started after exit() but before control is back: it ends at once?"""
    def handler():
        net.QCoreApplication.exit(1)
        loop = net.QEventLoop()
        guard = guarded(r, loop)
        net.QTimer.singleShot(50, lambda: (r.note("fifty ms later"), loop.exit(2)))
        r.value("inner", loop.exec())
        guard.stop()
    net.QTimer.singleShot(0, handler)
    r.value("outer", net.app.exec())


@scenario(fresh=True)
def app_whole_program(r):
    """A client and a server under exec(), ended by quit() in disconnected."""
    s = r.server()
    c = r.socket()

    def accepted():
        a = r.watch(s.q.nextPendingConnection(), "a")
        a.on("readyRead", lambda: (a.write(bytes(a.q.readAll()).upper()), a.disconnectFromHost()))
    s.on("newConnection", accepted)
    c.on("connected", lambda: c.write(b"question"))
    c.on("disconnected", lambda: net.QCoreApplication.quit())
    guard = net.QTimer()
    guard.setSingleShot(True)
    guard.timeout.connect(lambda: (r.failure("the program did not end"), net.QCoreApplication.quit()))
    guard.start(5000)
    with r.split():
        with r.silence():
            c.connectToHost(net.QHostAddress(net.Special.LocalHost), s.q.serverPort())
        r.value("exec()", net.app.exec())
        r.settle()
    c.readAll()
