"""The blocking functions: waitForConnected, waitForReadyRead, waitForBytesWritten, waitForDisconnected."""

import time
import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"
BIG = bytes(range(256)) * 4096 * 4      # 4 MiB


def dead_port(r):
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    return dead.port


def hanging(r):
    full = r.keep(peer.Hanging())
    r.ports[full.port] = "HANG"
    return full.port


def took(r, seconds, function):
    """Records whether function() took about so long."""
    began = time.monotonic()
    function()
    spent = time.monotonic() - began
    r.value(f"took about {seconds} s", seconds * 0.9 <= spent < seconds + 2)


# ---- connected

@scenario
def wait_connected(r):
    """waitForConnected() for a literal address: which signals come inside it?"""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(5000)
    r.settle()


@scenario(fresh=True)
def wait_connected_by_name(r):
    """waitForConnected() while the name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.waitForConnected(5000)
    r.settle()


@scenario
def wait_connected_already(r):
    """waitForConnected() on a connected socket."""
    c, p = r.connected()
    c.waitForConnected(1000)
    c.waitForConnected(0)


@scenario
def wait_connected_unconnected(r):
    """waitForConnected() on a socket that does not connect."""
    c = r.socket()
    c.waitForConnected(1000)
    r.settle()


@scenario
def wait_connected_refused(r):
    """waitForConnected() when the connection is refused."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    c.waitForConnected(5000)
    r.settle()


@scenario(timeout=60)
def wait_connected_unknown_host(r):
    """waitForConnected() for a host that does not exist."""
    c = r.socket()
    c.connectToHost("nosuch.invalid", 80)
    c.waitForConnected(40000)
    r.settle()


@scenario
def wait_connected_timeout(r):
    """waitForConnected() running out of time."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    took(r, 0.1, lambda: c.waitForConnected(100))
    r.settle()


@scenario
def wait_connected_zero(r):
    """waitForConnected(0) on an attempt that hangs."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    c.waitForConnected(0)
    r.settle()


@scenario
def wait_connected_zero_ready(r):
    """waitForConnected(0) when the kernel has connected already."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(0)
    r.settle()


@scenario
def wait_connected_forever(r):
    """waitForConnected(-1)."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(-1)


@scenario
def wait_connected_default(r):
    """waitForConnected() without an argument."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected()


@scenario
def wait_connected_with_pending_write(r):
    """waitForConnected() with data written before: is it sent inside?"""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    c.waitForConnected(5000)
    r.until(lambda: c.seen("bytesWritten"))


@scenario
def wait_connected_with_pending_close(r):
    """waitForConnected() after disconnectFromHost() was called while connecting."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.disconnectFromHost()
    c.waitForConnected(5000)
    r.settle()


@scenario
def wait_connected_after_close(r):
    """waitForConnected() after close() was called while connecting."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.close()
    c.waitForConnected(5000)
    r.settle()


@scenario
def wait_connected_in_host_found(r):
    """waitForConnected() inside hostFound."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.waitForConnected(5000))
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def wait_connected_in_connected(r):
    """waitForConnected() inside connected."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.waitForConnected(100))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def wait_connected_timeout_then_again(r):
    """After a timed-out waitForConnected() the socket connects elsewhere."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    c.waitForConnected(30)
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(5000)


# ---- readyRead

@scenario
def wait_ready_read(r):
    """waitForReadyRead() with data that comes while it waits."""
    c, p = r.connected()
    peer.later(lambda: p.send(b"data"))
    c.waitForReadyRead(5000)
    c.readAll()
    r.settle()


@scenario
def wait_ready_read_data_in_kernel(r):
    """waitForReadyRead() when the data has arrived before."""
    c, p = r.connected()
    p.send(b"data")
    peer.arrived(c.q.socketDescriptor(), 4)
    c.waitForReadyRead(5000)
    r.settle()


@scenario
def wait_ready_read_data_in_buffer(r):
    """waitForReadyRead() with unread data in the buffer waits for new data."""
    c, p = r.connected()
    p.send(b"data")
    r.until(lambda: c.seen("readyRead"))
    took(r, 0.05, lambda: c.waitForReadyRead(50))
    c.readAll()


@scenario
def wait_ready_read_timeout(r):
    """waitForReadyRead() running out of time."""
    c, p = r.connected()
    took(r, 0.1, lambda: c.waitForReadyRead(100))
    p.send(b"late")
    r.until(lambda: c.seen("readyRead"))


@scenario
def wait_ready_read_zero(r):
    """waitForReadyRead(0) without and with data in the kernel."""
    c, p = r.connected()
    c.waitForReadyRead(0)
    p.send(b"data")
    peer.arrived(c.q.socketDescriptor(), 4)
    c.waitForReadyRead(0)
    r.settle()


@scenario
def wait_ready_read_forever(r):
    """waitForReadyRead(-1)."""
    c, p = r.connected()
    peer.later(lambda: p.send(b"data"))
    c.waitForReadyRead(-1)


@scenario
def wait_ready_read_unconnected(r):
    """waitForReadyRead() on a fresh socket."""
    c = r.socket()
    c.waitForReadyRead(1000)


@scenario
def wait_ready_read_closed(r):
    """waitForReadyRead() after close(), and after disconnectFromHost()."""
    c, p = r.connected()
    c.close()
    c.waitForReadyRead(1000)
    d, q = r.connected("d", listener=r.listener("SRV2"))
    d.disconnectFromHost()
    d.waitForReadyRead(1000)


@scenario
def wait_ready_read_peer_closes(r):
    """waitForReadyRead() when the peer closes."""
    c, p = r.connected()
    peer.later(p.close)
    c.waitForReadyRead(5000)
    c.waitForReadyRead(1000)
    r.settle()


@scenario
def wait_ready_read_data_and_close(r):
    """waitForReadyRead() when the peer has sent and closed: the first call, the second, the third."""
    c, p = r.connected()
    p.send(b"data")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.waitForReadyRead(5000)
    c.waitForReadyRead(5000)
    c.waitForReadyRead(5000)
    c.readAll()


@scenario
def wait_ready_read_peer_resets(r):
    """waitForReadyRead() when the peer resets."""
    c, p = r.connected()
    peer.later(p.reset)
    c.waitForReadyRead(5000)


@scenario
def wait_ready_read_while_connecting(r):
    """waitForReadyRead() while connecting: it connects first."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    p = r.keep(listener.accept())
    p.send(b"hello")
    c.waitForReadyRead(5000)
    r.settle()


@scenario
def wait_ready_read_hanging(r):
    """waitForReadyRead() on an attempt that hangs."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    c.waitForReadyRead(50)
    r.settle()
    r.look(c)


@scenario
def wait_ready_read_sends_pending(r):
    """waitForReadyRead() sends what was written before."""
    c, p = r.connected()
    c.write(b"question")
    peer.later(lambda: (p.wait(8), p.send(b"answer")), 0.01)
    c.waitForReadyRead(5000)
    c.readAll()
    r.settle()


@scenario
def wait_ready_read_sends_much(r):
    """The same with 20000 bytes, which bytesWritten tells of inside, on a TCP and on a local socket."""
    for c, p in (r.connected(), r.local_raw()):
        c.write(bytes(20000))
        while c.q.bytesToWrite():
            c.waitForReadyRead(5)
        r.value("the peer got", len(p.wait(20000)))


@scenario
def wait_ready_read_in_ready_read(r):
    """waitForReadyRead() inside readyRead: true without a signal."""
    c, p = r.connected()

    def handler():
        c.readAll()
        p.send(b"second")
        c.waitForReadyRead(5000)
        c.readAll()
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))


@scenario
def wait_ready_read_in_ready_read_of_wait(r):
    """waitForReadyRead() inside the readyRead that waitForReadyRead() emitted."""
    c, p = r.connected()

    def handler():
        c.readAll()
        p.send(b"second")
        c.waitForReadyRead(5000)
        c.readAll()
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    c.waitForReadyRead(5000)
    r.settle()


@scenario
def wait_ready_read_timeout_in_ready_read(r):
    """waitForReadyRead() running out of time inside readyRead."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.readAll(), c.waitForReadyRead(30)), once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))
    p.send(b"second")
    r.until(lambda: c.seen("readyRead") == 2)


@scenario
def wait_ready_read_with_limit(r):
    """waitForReadyRead() while the read limit is reached."""
    c, p = r.connected(setup=lambda c: c.setReadBufferSize(4))
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    c.waitForReadyRead(1000)
    c.waitForReadyRead(50)
    c.readAll()
    c.waitForReadyRead(1000)
    c.readAll()
    r.settle()


@scenario
def wait_ready_read_full_sends(r):
    """waitForReadyRead() while the read limit is reached sends what was written."""
    c, p = r.connected(setup=lambda c: c.setReadBufferSize(4))
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    c.waitForReadyRead(1000)
    c.write(b"text")
    c.waitForReadyRead(20)
    r.value("the peer got", bytes(p.wait(4)))


def wait_closing(r, wait):
    for c, p in (r.connected(), r.local_raw()):
        for end in "disconnectFromHost", "close":
            if end == "close":
                c, p = r.connected("d") if c.kind == "socket" else r.local_raw()
            p.send(b"hello")
            peer.arrived(c.q.socketDescriptor(), 5)
            c.write(b"last words")
            getattr(c, end if c.kind == "socket" else end.replace("Host", "Server"))()
            getattr(c, wait)(1000)
            r.value("available", c.q.bytesAvailable())


@scenario
def wait_bytes_written_closing_with_data(r):
    """waitForBytesWritten() while closing, with data in the system: it is read first."""
    wait_closing(r, "waitForBytesWritten")


@scenario
def wait_ready_read_closing_with_data(r):
    """waitForReadyRead() while closing: nothing is read or sent."""
    wait_closing(r, "waitForReadyRead")


@scenario
def wait_disconnected_closing_with_data(r):
    """waitForDisconnected() while closing: what has come is not read."""
    wait_closing(r, "waitForDisconnected")


@scenario
def wait_ready_read_conversation(r):
    """A blocking conversation without any loop."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(5000)
    p = r.keep(listener.accept())
    c.write(b"HELO\n")
    c.waitForBytesWritten(5000)
    r.value("the peer got", p.wait(5))
    p.send(b"250 hello\n250 bye\n")
    c.waitForReadyRead(5000)
    while c.canReadLine():
        c.readLine()
    c.disconnectFromHost()
    c.waitForDisconnected(1000)


# ---- bytesWritten

@scenario
def wait_bytes_written(r):
    """waitForBytesWritten() after a small write."""
    c, p = r.connected()
    c.write(b"data")
    c.waitForBytesWritten(5000)
    r.value("the peer got", p.wait(4))
    c.waitForBytesWritten(100)
    r.settle()


@scenario
def wait_bytes_written_nothing(r):
    """waitForBytesWritten() with nothing to write, connected."""
    c, p = r.connected()
    c.waitForBytesWritten(100)
    c.waitForBytesWritten(0)


@scenario
def wait_bytes_written_unconnected(r):
    """waitForBytesWritten() on a fresh socket, after close(), and after disconnectFromHost()."""
    c = r.socket()
    c.waitForBytesWritten(1000)
    d, p = r.connected("d")
    d.disconnectFromHost()
    d.waitForBytesWritten(1000)
    d.close()
    d.waitForBytesWritten(1000)


@scenario
def wait_bytes_written_zero(r):
    """waitForBytesWritten(0) with data that the kernel would take."""
    c, p = r.connected()
    c.write(b"data")
    c.waitForBytesWritten(0)
    r.settle()


@scenario
def wait_bytes_written_timeout(r):
    """waitForBytesWritten() with a peer that does not read: it runs out of time at last."""
    c, p = r.connected(bulk=True)
    c.write(BIG * 3)
    with r.silence():
        while c.q.waitForBytesWritten(50):
            pass
    r.look(c)
    took(r, 0.1, lambda: c.waitForBytesWritten(100))
    r.value("something left to write", c.q.bytesToWrite() > 0)
    c.abort()


@scenario
def wait_bytes_written_large(r):
    """waitForBytesWritten() in a loop until 4 MiB are written, the peer reading meanwhile."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    reader = peer.later(lambda: p.wait(len(BIG)), 0)
    results = set()
    while c.q.bytesToWrite():
        results.add(c.q.waitForBytesWritten(5000))
        if False in results:
            break
    r.value("results", sorted(results))
    reader.join()
    r.value("intact", p.data == BIG)
    r.look(c)


@scenario
def wait_bytes_written_while_connecting(r):
    """waitForBytesWritten() while connecting: it connects first."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    c.waitForBytesWritten(5000)
    r.value("the peer got", listener.accept().wait(5))


@scenario
def wait_bytes_written_while_closing(r):
    """waitForBytesWritten() after disconnectFromHost() with data pending."""
    c, p = r.connected()
    c.write(b"data")
    c.disconnectFromHost()
    c.waitForBytesWritten(5000)
    r.settle()


@scenario
def wait_bytes_written_after_close_with_data(r):
    """waitForBytesWritten() after close() with data pending."""
    c, p = r.connected()
    c.write(b"data")
    c.close()
    c.waitForBytesWritten(5000)
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def wait_bytes_written_reads_too(r):
    """waitForBytesWritten() while data is waiting in the kernel: is readyRead emitted inside?"""
    c, p = r.connected()
    p.send(b"incoming")
    peer.arrived(c.q.socketDescriptor(), 8)
    c.write(b"data")
    c.waitForBytesWritten(5000)
    r.settle()


@scenario
def wait_bytes_written_in_bytes_written(r):
    """waitForBytesWritten() inside bytesWritten, after another write."""
    c, p = r.connected()
    c.on("bytesWritten", lambda: (c.write(b"second"), c.waitForBytesWritten(5000)), once=True)
    c.write(b"first")
    r.until(lambda: p.got(11))


@scenario
def wait_bytes_written_in_ready_read(r):
    """waitForBytesWritten() inside readyRead, after a write."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.readAll(), c.write(b"answer"), c.waitForBytesWritten(5000)))
    p.send(b"question")
    r.until(lambda: p.got(6))


@scenario
def wait_bytes_written_peer_reset(r):
    """waitForBytesWritten() after the peer has reset."""
    c, p = r.connected()
    c.write(b"data")
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    c.waitForBytesWritten(5000)
    r.settle()


@scenario
def wait_bytes_written_refused(r):
    """waitForBytesWritten() while connecting, and the connection is refused."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    c.write(b"early")
    c.waitForBytesWritten(5000)
    r.settle()


# ---- disconnected

@scenario
def wait_disconnected_unconnected(r):
    """waitForDisconnected() on a fresh socket."""
    c = r.socket()
    c.waitForDisconnected(1000)


@scenario
def wait_disconnected_done(r):
    """waitForDisconnected() after disconnectFromHost() has finished at once."""
    c, p = r.connected()
    c.disconnectFromHost()
    c.waitForDisconnected(1000)


@scenario
def wait_disconnected_closed(r):
    """waitForDisconnected() after close()."""
    c, p = r.connected()
    c.close()
    c.waitForDisconnected(1000)


@scenario
def wait_disconnected_peer_closes(r):
    """waitForDisconnected() on a connected socket whose peer closes."""
    c, p = r.connected()
    peer.later(p.close)
    c.waitForDisconnected(5000)
    r.settle()


@scenario
def wait_disconnected_peer_sends_and_closes(r):
    """waitForDisconnected() when data comes before the close."""
    c, p = r.connected()
    p.send(b"data")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.waitForDisconnected(5000)
    c.readAll()


@scenario
def wait_disconnected_timeout(r):
    """waitForDisconnected() running out of time on a connected socket."""
    c, p = r.connected()
    took(r, 0.05, lambda: c.waitForDisconnected(50))
    r.settle()


@scenario
def wait_disconnected_zero(r):
    """waitForDisconnected(0) on a connected socket."""
    c, p = r.connected()
    c.waitForDisconnected(0)


@scenario
def wait_disconnected_pending_write(r):
    """waitForDisconnected() while a write is pending: it is sent inside."""
    c, p = r.connected()
    c.write(b"data")
    c.disconnectFromHost()
    c.waitForDisconnected(5000)
    r.value("the peer got", p.summary())


@scenario
def wait_disconnected_large_write(r):
    """waitForDisconnected() while 4 MiB go out to a peer that reads."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.disconnectFromHost()
    reader = peer.later(lambda: p.wait(len(BIG)), 0)
    c.waitForDisconnected(8000)
    reader.join()
    r.value("intact", p.data == BIG)


@scenario
def wait_disconnected_while_connecting(r):
    """waitForDisconnected() while connecting, disconnectFromHost() called before."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.disconnectFromHost()
    c.waitForDisconnected(5000)
    r.settle()


@scenario
def wait_disconnected_refused(r):
    """waitForDisconnected() while connecting, and the connection is refused."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    c.waitForDisconnected(5000)
    r.settle()


@scenario
def wait_disconnected_in_disconnected(r):
    """waitForDisconnected() inside disconnected."""
    c, p = r.connected()
    c.on("disconnected", lambda: c.waitForDisconnected(1000))
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def wait_disconnected_in_ready_read(r):
    """disconnectFromHost() and waitForDisconnected() inside readyRead."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.write(b"bye"), c.disconnectFromHost(), c.waitForDisconnected(5000)))
    p.send(b"data")
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def wait_disconnected_after_close_with_data(r):
    """waitForDisconnected() after close() with data pending."""
    c, p = r.connected()
    c.write(b"data")
    c.close()
    c.waitForDisconnected(5000)
    r.value("the peer got", p.summary())


# ---- together with the loop and threads

@scenario
def wait_does_not_run_the_loop(r):
    """Timers and other sockets stay silent inside a wait function."""
    c, p = r.connected()
    other, q = r.connected("other", listener=r.listener("SRV2"))
    t = r.timer("t", 5)
    t.start()
    q.send(b"for the other")
    peer.later(lambda: p.send(b"data"))
    c.waitForReadyRead(5000)
    t.stop()
    r.until(lambda: other.seen("readyRead"))


@scenario
def wait_in_another_thread(r):
    """A socket made and used in a thread that has no loop."""
    listener = r.listener()
    p = []
    lines = []

    def work():
        c = net.QTcpSocket()
        c.connectToHost(LOCAL, listener.port)
        lines.append(c.waitForConnected(5000))
        lines.append(c.waitForReadyRead(5000))
        lines.append(c.readAll())
        c.write(b"answer")
        lines.append(c.waitForBytesWritten(5000))
        c.disconnectFromHost()
        lines.append(c.state() == net.State.UnconnectedState or c.waitForDisconnected(5000))
        net.delete(c)
    thread = peer.later(work, 0)
    p = r.keep(listener.accept())
    p.send(b"question")
    p.wait(6)
    thread.join(8)
    for line in lines:
        r.value("in the thread", line)
    r.value("the peer got", p.summary())


# ---- closing inside the handlers that a wait function calls

@scenario
def wait_abort_in_timeout_error(r):
    """abort() inside the errorOccurred(SocketTimeout) of waitForReadyRead()."""
    c, p = r.connected()
    c.on("errorOccurred", lambda: c.abort())
    c.waitForReadyRead(30)
    r.settle()


@scenario
def wait_abort_in_ready_read(r):
    """abort() inside the readyRead that waitForReadyRead() emits."""
    c, p = r.connected()
    c.on("readyRead", lambda: c.abort())
    p.send(b"data")
    c.waitForReadyRead(5000)
    r.settle()


@scenario
def wait_close_in_ready_read(r):
    """close() inside the readyRead that waitForReadyRead() emits."""
    c, p = r.connected()
    c.on("readyRead", lambda: c.close())
    p.send(b"data")
    c.waitForReadyRead(5000)
    r.settle()


@scenario
def wait_abort_in_connected(r):
    """abort() inside the connected that waitForConnected() emits."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.abort())
    c.connectToHost(LOCAL, listener.port)
    c.waitForConnected(5000)
    r.settle()


@scenario
def wait_abort_in_bytes_written(r):
    """abort() inside the bytesWritten that waitForBytesWritten() emits."""
    c, p = r.connected()
    c.on("bytesWritten", lambda: c.abort())
    c.write(b"data")
    c.waitForBytesWritten(5000)
    r.settle()


@scenario
def wait_close_in_error(r):
    """close() inside the errorOccurred(RemoteHostClosed) that waitForDisconnected() causes."""
    c, p = r.connected()
    c.on("errorOccurred", lambda: c.close())
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.waitForDisconnected(5000)
    r.settle()


@scenario
def wait_reconnect_in_disconnected(r):
    """connectToHost() inside the disconnected that waitForDisconnected() emits."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.waitForDisconnected(300)
    r.until(lambda: c.seen("connected"))


@scenario
def wait_for_other_in_ready_read(r):
    """Inside one socket's readyRead, waiting for another socket."""
    a, p = r.connected("a")
    b, q = r.connected("b", listener=r.listener("SRV2"))

    def handler():
        q.send(b"for b")
        b.waitForReadyRead(5000)
        b.readAll()
    a.on("readyRead", handler)
    p.send(b"for a")
    r.until(lambda: a.seen("readyRead"))


@scenario
def wait_two_sockets_of_ours(r):
    """A client and an accepted socket of ours talk by wait functions alone."""
    s = r.server()
    c = r.socket()
    c.connectToHost(net.QHostAddress(LOCAL), s.q.serverPort())
    c.waitForConnected(5000)
    s.waitForNewConnection(5000)
    a = r.watch(s.nextPendingConnection(), "a")
    c.write(b"question")
    c.waitForBytesWritten(5000)
    a.waitForReadyRead(5000)
    a.write(a.readAll())
    a.waitForBytesWritten(5000)
    c.waitForReadyRead(5000)
    c.readAll()
    a.disconnectFromHost()
    c.waitForDisconnected(5000)
