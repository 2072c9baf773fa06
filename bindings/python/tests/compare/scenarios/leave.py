"""Leaving the loop inside a handler: what still happens before exec() returns, and what the next exec() finds."""

import time

import peer
from backend import net
from trace import scenario


class Leaving:
    """A loop that is run again and again; each time a guard ends it after 5 s."""

    def __init__(self, r):
        self.r, self.loop = r, net.QEventLoop()

    def exec(self):
        guard = net.QTimer()
        guard.setSingleShot(True)
        guard.timeout.connect(lambda: (self.r.note("the guard ended the loop"), self.loop.quit()))
        guard.start(5000)
        self.r.note("exec() begins")
        self.loop.exec()
        guard.stop()
        self.r.note("exec() has returned")

    def then(self, *more):
        """A handler that leaves the loop, and does more afterwards."""
        def handler():
            self.loop.quit()
            for function in more:
                function()
        return handler


def answer(c, p, data=b"answer"):
    """What the peer sends, and waits for until the kernel has it."""
    def function():
        p.send(data)
        peer.arrived(c.q.socketDescriptor(), len(data))
    return function


@scenario
def leave_in_bytes_written(r):
    """The loop is left in bytesWritten; the answer that is there by then is for the next exec()."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("bytesWritten", leaving.then(answer(c, p)))
    c.on("readyRead", leaving.then())
    c.write(b"question")
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_bytes_written_local(r):
    """The same with a local socket."""
    c, p = r.local_raw()
    leaving = Leaving(r)
    c.on("bytesWritten", leaving.then(answer(c, p)))
    c.on("readyRead", leaving.then())
    c.write(b"question")
    leaving.exec()
    leaving.exec()


@scenario(fresh=True)
def leave_in_host_found(r):
    """The loop is left in hostFound, which the end of a look-up causes; the refusal is for the next exec()."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    leaving = Leaving(r)
    c.on("hostFound", leaving.then())
    c.on("errorOccurred", leaving.then())
    c.connectToHost("localhost", dead.port, net.Mode.ReadWrite, net.Protocol.IPv4Protocol)
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_connected(r):
    """The loop is left in connected; data that is there by then is for the next exec()."""
    listener = r.listener()
    c = r.socket()
    leaving = Leaving(r)

    def greet():
        p = r.keep(listener.accept())
        answer(c, p, b"welcome")()
    c.on("connected", leaving.then(greet))
    c.on("readyRead", leaving.then())
    c.connectToHost(net.QHostAddress(listener.host), listener.port)
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_ready_read(r):
    """The loop is left in readyRead, in which something was written: bytesWritten is for the next exec()."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("readyRead", leaving.then(c.readAll, lambda: c.write(b"answer")))
    c.on("bytesWritten", leaving.then())
    p.send(b"question")
    leaving.exec()
    leaving.exec()
    p.wait(6)
    r.value("the peer has", p.summary())


@scenario
def leave_in_ready_read_before_the_end(r):
    """The loop is left in readyRead; the end of the connection behind the data is for the next exec()."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("readyRead", leaving.then())
    c.on("disconnected", leaving.then())
    p.send(b"the last")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_error(r):
    """The loop is left in errorOccurred: what the end of a connection causes is not cut."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("errorOccurred", leaving.then())
    p.close()
    leaving.exec()


@scenario
def leave_in_closing(r):
    """The loop is left in bytesWritten, the last of a closing connection, which ends all the same."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("bytesWritten", leaving.then())
    c.write(b"goodbye")
    c.close()
    leaving.exec()


@scenario
def leave_in_new_connection(r):
    """The loop is left in newConnection; other connections wait: they are one event."""
    s = r.server()
    leaving = Leaving(r)
    s.on("newConnection", leaving.then())
    for _ in range(3):
        r.keep(peer.connect(s.q.serverPort()))
    peer.wait_kernel(lambda: peer.poll_events(s.q.socketDescriptor()))
    leaving.exec()


@scenario
def leave_in_datagram(r):
    """The loop is left in a readyRead of a UDP socket, which reads nothing, or all: what comes is for the next exec()."""
    u = r.watch(net.QUdpSocket(), "u")
    with r.silence():
        u.q.bind(net.QHostAddress(net.Special.LocalHost), 0)
        r.ports[u.q.localPort()] = "UDP"
    sender = r.keep(peer.Datagrams())
    leaving = Leaving(r)

    def more():
        u.readDatagram(100)
        sender.send(u.q.localPort(), b"two")
        peer.arrived(u.q.socketDescriptor(), 3)
    u.on("readyRead", leaving.then(more))
    sender.send(u.q.localPort(), b"one")
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_timer(r):
    """The loop is left in a timeout; data that is there by then is for the next exec()."""
    c, p = r.connected()
    t = r.timer("t", 1, single=True)
    leaving = Leaving(r)
    t.on("timeout", leaving.then(answer(c, p)))
    c.on("readyRead", leaving.then())
    t.start()
    leaving.exec()
    leaving.exec()


@scenario
def leave_in_queued_call(r):
    """The loop is left in a queued call; data that is there by then, and a call queued then, are for the next exec()."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("readyRead", leaving.then())
    net.post(leaving.then(answer(c, p), lambda: net.post(lambda: r.note("queued in the queued call"))))
    leaving.exec()
    leaving.exec()


@scenario
def leave_from_thread(r):
    """Another thread leaves the loop, which sleeps."""
    leaving = Leaving(r)
    threads = []
    # Not before the loop runs: that would leave nothing.
    net.post(lambda: threads.append(peer.later(leaving.loop.quit, 0.03)))
    leaving.exec()
    threads[0].join()


@scenario
def leave_and_go_on(r):
    """After quit() the handler itself processes events, and finds what is there."""
    c, p = r.connected()
    leaving = Leaving(r)
    c.on("readyRead", lambda: r.note("found"))
    net.post(leaving.then(answer(c, p), net.QCoreApplication.processEvents, lambda: r.note("the handler ends")))
    leaving.exec()


@scenario
def leave_inner_loop(r):
    """A loop inside a handler is left in bytesWritten; the answer is for the outer one."""
    c, p = r.connected()
    outer, inner = Leaving(r), Leaving(r)
    c.on("bytesWritten", inner.then(answer(c, p)))
    c.on("readyRead", outer.then())
    net.post(lambda: (c.write(b"question"), inner.exec()))
    outer.exec()


@scenario
def leave_outer_loop_in_inner(r):
    """Both loops are left in bytesWritten, the outer one first."""
    c, p = r.connected()
    outer, inner = Leaving(r), Leaving(r)
    c.on("bytesWritten", outer.then(inner.then(answer(c, p))))
    c.on("readyRead", outer.then())
    net.post(lambda: (c.write(b"question"), inner.exec()))
    outer.exec()
    outer.exec()


@scenario(fresh=True)
def leave_application(r):
    """QCoreApplication.exit() in bytesWritten, inside a loop inside a handler."""
    c, p = r.connected()
    inner = Leaving(r)
    c.on("bytesWritten", lambda: (net.QCoreApplication.exit(3), answer(c, p)()))
    c.on("readyRead", lambda: net.QCoreApplication.exit(4))
    net.post(lambda: (c.write(b"question"), inner.exec()))
    r.value("exec()", net.app.exec())
    r.value("exec()", net.app.exec())


@scenario
def leave_with_two_sockets(r):
    """The loop is left in the readyRead of one of two sockets that have data."""
    pairs = [r.connected("a"), r.connected("b")]
    leaving = Leaving(r)
    for c, p in pairs:
        c.on("readyRead", leaving.then())
        answer(c, p)()
    leaving.exec()
    r.settle()


@scenario
def leave_with_two_queued_calls(r):
    """The loop is left in the first of two queued calls."""
    leaving = Leaving(r)
    for name in ("first", "second"):
        net.post(leaving.then(lambda name=name: r.note(name)))
    leaving.exec()
    r.settle()


@scenario
def leave_with_two_timers(r):
    """The loop is left in the first of two timeouts that are due."""
    leaving = Leaving(r)
    for name, msec in (("first", 1), ("second", 2)):
        t = r.timer(name, msec, single=True)
        t.on("timeout", leaving.then())
        t.start()
    time.sleep(0.01)
    leaving.exec()
    r.settle()
