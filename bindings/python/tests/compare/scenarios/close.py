"""Closing: by us, by the peer, by both, in every state and inside every handler, with data in flight."""

import socket

import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"
BIG = bytes(range(256)) * 4096 * 4      # 4 MiB


# ---- we close

@scenario
def close_connected(r):
    """close() on a connected socket with nothing in flight."""
    c, p = r.connected()
    c.close()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def disconnect_connected(r):
    """disconnectFromHost() on a connected socket with nothing in flight."""
    c, p = r.connected()
    c.disconnectFromHost()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def abort_connected(r):
    """abort() on a connected socket with nothing in flight."""
    c, p = r.connected()
    c.abort()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def close_with_pending_write(r):
    """write, then close() at once: the data goes out while the socket is closed already."""
    c, p = r.connected()
    c.write(b"last words")
    c.close()
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def disconnect_with_pending_write(r):
    """write, then disconnectFromHost() at once."""
    c, p = r.connected()
    c.write(b"last words")
    c.disconnectFromHost()
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def abort_with_pending_write(r):
    """write, then abort() at once: the data is dropped."""
    c, p = r.connected()
    c.write(b"last words")
    c.abort()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def close_with_unread_data(r):
    """close() with data in the read buffer: dropped before Closing."""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    c.close()
    c.bytesAvailable()
    c.readAll()
    r.settle()


@scenario
def disconnect_with_unread_data(r):
    """disconnectFromHost() with data in the read buffer: still readable afterwards?"""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    c.disconnectFromHost()
    c.bytesAvailable()
    c.readAll()
    r.settle()


@scenario
def read_in_error(r):
    """read(), peek() and skip() inside errorOccurred(RemoteHostClosed), with nothing left: TCP and local."""
    for c, p in (r.connected(), r.local_raw()):
        def handler():
            c.read_n(4), c.read_n(10), c.peek_n(10), c.skip(10), c.readLine_n(10), c.readAll(), c.bytesAvailable()
        c.on("errorOccurred", handler)
        p.send(b"last")
        p.close()
        r.until(lambda: c.seen("disconnected"))


@scenario
def abort_with_much_pending(r):
    """The same with 20000 bytes, on a TCP and on a local socket: none of them goes out."""
    for c, p in (r.connected(), r.local_raw()):
        c.write(bytes(20000))
        c.abort()
        r.until(p.end)
        r.value("the peer got", p.summary())


@scenario
def abort_with_unread_data(r):
    """abort() with data in the read buffer."""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    c.abort()
    c.readAll()


@scenario
def close_with_unread_data_in_kernel(r):
    """close() with data that only the kernel knows of: the peer sees a reset."""
    c, p = r.connected()
    p.send(b"unread")
    peer.arrived(c.q.socketDescriptor(), 6)
    c.close()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def disconnect_reads_what_is_in_kernel(r):
    """disconnectFromHost() while data waits in the kernel: is it read before closing?"""
    c, p = r.connected()
    p.send(b"unread")
    peer.arrived(c.q.socketDescriptor(), 6)
    c.disconnectFromHost()
    c.bytesAvailable()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def data_arrives_while_closing(r):
    """With a large write pending, close(): what of data that arrives while Closing?"""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.close()
    p.send(b"too late")
    peer.arrived(c.q.socketDescriptor(), 8)
    r.settle()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def data_arrives_while_disconnecting(r):
    """With a large write pending, disconnectFromHost(): data that arrives while Closing is still read?"""
    c, p = r.connected()
    with r.silence():
        c.write(BIG)
    c.bulk = True
    c.disconnectFromHost()
    p.send(b"too late?")
    peer.arrived(c.q.socketDescriptor(), 9)
    r.settle()
    c.readAll()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))
    c.readAll()
    r.value("the peer got", p.summary())


@scenario
def large_write_then_close(r):
    """4 MiB, then close(): every byte arrives."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.bytesToWrite()
    c.close()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))
    r.value("the peer got", p.summary())
    r.value("written", c.written)


@scenario
def large_write_then_disconnect(r):
    """4 MiB, then disconnectFromHost(): every byte arrives."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.disconnectFromHost()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def large_write_then_abort(r):
    """4 MiB under way, then abort(): the peer gets a part."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    r.settle()
    c.abort()
    r.until(p.end)
    r.value("the peer got all", len(p.data) == len(BIG))
    c.bytesToWrite()


@scenario
def disconnect_then_abort(r):
    """disconnectFromHost() that waits for data, then abort()."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.disconnectFromHost()
    r.settle()
    c.abort()
    r.settle()


@scenario
def disconnect_then_close(r):
    """disconnectFromHost() that waits for data, then close()."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.disconnectFromHost()
    r.settle()
    c.close()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))


@scenario
def close_then_disconnect(r):
    """close() that waits for data, then disconnectFromHost() and close() again."""
    c, p = r.connected(bulk=True)
    # Otherwise the system may take all of it for a peer that reads nothing yet.
    p.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    c.write(BIG)
    c.close()
    r.settle()
    c.disconnectFromHost()
    c.close()
    r.until(lambda: p.got(len(BIG)) and c.seen("disconnected"))


@scenario
def close_then_abort(r):
    """close() that waits for data, then abort()."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.close()
    r.settle()
    c.abort()
    r.settle()


@scenario
def write_while_disconnecting(r):
    """write() after disconnectFromHost(), while older data is still going out."""
    c, p = r.connected()
    c.write(b"first ")
    c.disconnectFromHost()
    c.write(b"second")
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def write_in_bytes_written_while_disconnecting(r):
    """write() inside bytesWritten while Closing keeps it from closing."""
    c, p = r.connected()
    c.on("bytesWritten", lambda: c.write(b"more"), once=True)
    c.write(b"first ")
    c.disconnectFromHost()
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def close_unconnected(r):
    """close(), abort(), disconnectFromHost() on a fresh socket."""
    c = r.socket()
    c.close()
    c.abort()
    c.disconnectFromHost()
    c.flush()
    r.settle()


@scenario
def close_twice(r):
    """Each of close(), abort(), disconnectFromHost() again after close()."""
    c, p = r.connected()
    c.close()
    c.close()
    c.disconnectFromHost()
    c.abort()
    r.settle()


@scenario
def disconnect_twice(r):
    """Each of disconnectFromHost(), abort(), close() again after disconnectFromHost()."""
    c, p = r.connected()
    c.disconnectFromHost()
    c.disconnectFromHost()
    c.abort()
    c.close()
    r.settle()


@scenario
def close_after_disconnect(r):
    """close() of a socket that disconnectFromHost() left open."""
    c, p = r.connected()
    c.disconnectFromHost()
    c.close()
    r.settle()


@scenario
def close_after_refused(r):
    """close() and abort() after a refused connection."""
    c = r.socket()
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.seen("errorOccurred"))
    c.disconnectFromHost()
    c.close()
    c.abort()


# ---- the peer closes

@scenario
def peer_closes(r):
    """The peer closes with nothing in flight."""
    c, p = r.connected()
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.isReadable(), c.isWritable(), c.atEnd()
    c.read_n(1)
    c.write(b"x")
    c.flush()


@scenario
def peer_closes_with_unread(r):
    """The peer sends and closes: what stays readable, and what then?"""
    c, p = r.connected()
    p.send(b"last words")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.read_n(4)
    c.canReadLine()
    c.atEnd()
    c.read_n(100)
    c.read_n(100)
    c.atEnd()
    c.write(b"x")


@scenario
def peer_closes_two_steps(r):
    """The peer sends, and closes after readyRead was handled without reading."""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


@scenario
def peer_closes_large_unread(r):
    """The peer sends 60 kB and closes; nothing was read yet."""
    c, p = r.connected(bulk=True)
    p.send(b"z" * 60000)
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.bytesAvailable()
    r.value("read", len(c.q.readAll()))


@scenario
def peer_resets(r):
    """The peer resets with nothing in flight."""
    c, p = r.connected()
    p.reset()
    r.until(lambda: c.seen("disconnected"))
    c.write(b"x")


@scenario
def peer_resets_with_unread(r):
    """The peer sends and resets; the data was read into the buffer before."""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    p.reset()
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


@scenario
def peer_resets_with_unread_in_kernel(r):
    """The peer sends and resets; the data was still in the kernel."""
    c, p = r.connected()
    p.send(b"unread")
    peer.arrived(c.q.socketDescriptor(), 6)
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


@scenario
def peer_resets_with_pending_write(r):
    """The peer resets while a write waits for the loop."""
    c, p = r.connected()
    c.write(b"pending")
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.bytesToWrite()
    c.write(b"x")


@scenario
def peer_resets_with_large_write(r):
    """The peer resets while a large write is under way."""
    c, p = r.connected(bulk=True)
    with r.silence():
        c.write(BIG)
        r.settle()
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    r.value("bytesToWrite is 0", c.q.bytesToWrite() == 0)


@scenario
def peer_closes_with_pending_write(r):
    """The peer closes while a small write waits for the loop."""
    c, p = r.connected()
    c.write(b"pending")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.bytesToWrite()


@scenario
def peer_half_closes(r):
    """The peer shuts down writing: can we go on writing to it?"""
    c, p = r.connected()
    p.shutdown()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.write(b"x")
    r.value("the peer got", p.summary())


@scenario
def peer_half_closes_with_pending_write(r):
    """The peer shuts down writing while a write waits for the loop: is it sent?"""
    c, p = r.connected()
    c.write(b"pending")
    p.shutdown()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.bytesToWrite()
    r.value("the peer got", p.summary())


@scenario
def peer_half_closes_with_large_write(r):
    """The peer shuts down writing while 4 MiB are under way: does it get them?"""
    c, p = r.connected(bulk=True)
    with r.silence():
        c.write(BIG)
        r.settle()
    p.shutdown()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected") or p.got(len(BIG)))
    r.value("bytesToWrite is 0", c.q.bytesToWrite() == 0)
    r.until(p.end)
    r.value("the peer got all", len(p.data) == len(BIG))


@scenario
def peer_half_closes_after_request(r):
    """The peer sends a request and shuts down writing; we answer inside readyRead."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.readAll(), c.write(b"answer")))
    p.send(b"request")
    p.shutdown()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def peer_shuts_down_reading(r):
    """The peer shuts down reading: we notice nothing, and our write is taken."""
    c, p = r.connected()
    p.shutdown(socket.SHUT_RD)
    r.settle()
    c.write(b"x")
    r.until(lambda: c.seen("bytesWritten"))


@scenario
def both_close(r):
    """The peer has closed, but our loop does not know yet, when we close()."""
    c, p = r.connected()
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.close()
    r.settle()


@scenario
def both_close_with_pending_write(r):
    """The peer has closed when we close() with data pending."""
    c, p = r.connected()
    c.write(b"pending")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def peer_resets_while_disconnecting(r):
    """disconnectFromHost() waits for a large write when the peer resets."""
    c, p = r.connected(bulk=True)
    with r.silence():
        c.write(BIG)
        r.settle()
    c.disconnectFromHost()
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    r.value("bytesToWrite is 0", c.q.bytesToWrite() == 0)


@scenario
def peer_closes_while_closing(r):
    """close() waits for a large write when the peer resets."""
    c, p = r.connected(bulk=True)
    with r.silence():
        c.write(BIG)
        r.settle()
    c.close()
    p.reset()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))


# ---- inside handlers

def inside(signal, action, provoke):
    """A scenario that acts inside a handler: provoke(r, c, p) makes the signal come."""
    def run(r):
        c, p = r.connected()
        c.on(signal, lambda: getattr(c, action)(), once=True)
        provoke(r, c, p)
        r.settle()
        r.value("the peer got", p.summary() if p.socket.fileno() >= 0 else "(closed)")
    return run


def data_comes(r, c, p):
    p.send(b"data")
    r.until(lambda: c.seen("readyRead"))


def data_and_close_come(r, c, p):
    p.send(b"data")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))


def peer_close_comes(r, c, p):
    p.close()
    r.until(lambda: c.seen("disconnected"))


def write_goes_out(r, c, p):
    c.write(b"out")
    r.until(lambda: c.seen("bytesWritten"))


def two_writes_go_out(r, c, p):
    c.on("bytesWritten", lambda: None)
    c.write(b"out")
    c.on("bytesWritten", lambda: c.write(b"again"), once=True)
    r.until(lambda: c.seen("disconnected"))


def we_close(r, c, p):
    c.close()


def we_disconnect(r, c, p):
    c.disconnectFromHost()


def we_abort(r, c, p):
    c.abort()


@scenario
def close_in_ready_read(r):
    """close() inside readyRead."""
    inside("readyRead", "close", data_comes)(r)


@scenario
def abort_in_ready_read(r):
    """abort() inside readyRead."""
    inside("readyRead", "abort", data_comes)(r)


@scenario
def disconnect_in_ready_read(r):
    """disconnectFromHost() inside readyRead."""
    inside("readyRead", "disconnectFromHost", data_comes)(r)


@scenario
def close_in_ready_read_peer_closed(r):
    """close() inside readyRead, when the peer has closed already."""
    inside("readyRead", "close", data_and_close_come)(r)


@scenario
def disconnect_in_ready_read_peer_closed(r):
    """disconnectFromHost() inside readyRead, when the peer has closed already."""
    inside("readyRead", "disconnectFromHost", data_and_close_come)(r)


@scenario
def close_in_remote_closed_error(r):
    """close() inside errorOccurred(RemoteHostClosed)."""
    inside("errorOccurred", "close", peer_close_comes)(r)


@scenario
def abort_in_remote_closed_error(r):
    """abort() inside errorOccurred(RemoteHostClosed)."""
    inside("errorOccurred", "abort", peer_close_comes)(r)


@scenario
def disconnect_in_remote_closed_error(r):
    """disconnectFromHost() inside errorOccurred(RemoteHostClosed)."""
    inside("errorOccurred", "disconnectFromHost", peer_close_comes)(r)


@scenario
def close_in_remote_closed_error_with_unread(r):
    """close() inside errorOccurred(RemoteHostClosed), with unread data."""
    inside("errorOccurred", "close", data_and_close_come)(r)


@scenario
def close_in_disconnected(r):
    """close() inside disconnected, after the peer closed."""
    inside("disconnected", "close", peer_close_comes)(r)


@scenario
def abort_in_disconnected(r):
    """abort() inside disconnected, after the peer closed."""
    inside("disconnected", "abort", peer_close_comes)(r)


@scenario
def close_in_read_channel_finished(r):
    """close() inside readChannelFinished, after the peer closed."""
    inside("readChannelFinished", "close", peer_close_comes)(r)


@scenario
def read_in_read_channel_finished(r):
    """readAll() inside readChannelFinished and disconnected."""
    c, p = r.connected()
    c.on("readChannelFinished", lambda: c.read_n(2))
    c.on("disconnected", lambda: c.readAll())
    data_and_close_come(r, c, p)


@scenario
def close_in_bytes_written(r):
    """close() inside bytesWritten."""
    inside("bytesWritten", "close", write_goes_out)(r)


@scenario
def abort_in_bytes_written(r):
    """abort() inside bytesWritten."""
    inside("bytesWritten", "abort", write_goes_out)(r)


@scenario
def disconnect_in_bytes_written(r):
    """disconnectFromHost() inside bytesWritten."""
    inside("bytesWritten", "disconnectFromHost", write_goes_out)(r)


@scenario
def abort_in_about_to_close(r):
    """abort() inside the aboutToClose of close()."""
    inside("aboutToClose", "abort", we_close)(r)


@scenario
def write_in_about_to_close(r):
    """write() inside aboutToClose is still sent."""
    c, p = r.connected()
    c.on("aboutToClose", lambda: c.write(b"goodbye"), once=True)
    c.close()
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", p.summary())


@scenario
def read_in_about_to_close(r):
    """readAll() inside aboutToClose."""
    c, p = r.connected()
    p.send(b"data")
    r.until(lambda: c.seen("readyRead"))
    c.on("aboutToClose", lambda: c.readAll(), once=True)
    c.close()


@scenario
def close_in_about_to_close(r):
    """close() inside the aboutToClose of close(): does it recurse?"""
    inside("aboutToClose", "close", we_close)(r)


@scenario
def close_in_closing_state(r):
    """close() inside stateChanged(Closing), after disconnectFromHost()."""
    c, p = r.connected()
    c.on("stateChanged", lambda s: c.close() if s == net.State.ClosingState else None)
    c.disconnectFromHost()
    r.settle()


@scenario
def abort_in_closing_state(r):
    """abort() inside stateChanged(Closing), after close()."""
    c, p = r.connected()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.ClosingState else None)
    c.close()
    r.settle()


@scenario
def abort_in_closing_state_of_peer_close(r):
    """abort() inside stateChanged(Closing), after the peer closed."""
    c, p = r.connected()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.ClosingState else None)
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def disconnect_in_unconnected_state(r):
    """disconnectFromHost() inside stateChanged(Unconnected), before disconnected."""
    c, p = r.connected()
    c.on("stateChanged", lambda s: c.disconnectFromHost() if s == net.State.UnconnectedState else None)
    c.disconnectFromHost()
    r.settle()


@scenario
def close_in_unconnected_state(r):
    """close() inside stateChanged(Unconnected), before disconnected."""
    c, p = r.connected()
    c.on("stateChanged", lambda s: c.close() if s == net.State.UnconnectedState else None)
    c.disconnectFromHost()
    r.settle()


@scenario
def close_in_disconnected_of_close(r):
    """close() and abort() inside the disconnected of close()."""
    c, p = r.connected()
    c.on("disconnected", lambda: (c.close(), c.abort()), once=True)
    c.close()
    r.settle()


@scenario
def close_in_connected(r):
    """close() inside connected."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.close())
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected"))


@scenario
def write_and_disconnect_in_connected(r):
    """write() and disconnectFromHost() inside connected."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: (c.write(b"hello"), c.disconnectFromHost()))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", listener.accept().wait(5))


@scenario
def abort_in_connected(r):
    """abort() inside connected, when data has arrived already."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.abort())
    c.connectToHost(LOCAL, listener.port)
    p = r.keep(listener.accept())
    p.send(b"hello")
    r.until(lambda: c.seen("disconnected"))


@scenario
def close_in_error_of_refused(r):
    """close() inside errorOccurred(ConnectionRefused)."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    c.on("errorOccurred", lambda: c.close())
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def abort_in_error_of_refused(r):
    """abort() inside errorOccurred(ConnectionRefused)."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    c.on("errorOccurred", lambda: c.abort())
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def abort_in_unconnected_state_of_refused(r):
    """abort() inside the stateChanged(Unconnected) of a refusal."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.UnconnectedState else None)
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def two_sockets_close_each_other(r):
    """Two connected sockets of ours: the one closes the other inside its handler."""
    a, p = r.connected("a")
    b, q = r.connected("b", listener=r.listener("SRV2"))
    a.on("readyRead", lambda: b.abort())
    b.on("disconnected", lambda: a.close())
    p.send(b"x")
    r.until(lambda: a.seen("disconnected"))


# ---- handlers of aboutToClose that end the connection, or begin another

def in_about_to_close(r, c, p, end, *actions):
    """end (close or abort) with unread data, and what a handler of aboutToClose does meanwhile."""
    with r.silence():
        p.send(b"unread")
        r.until(lambda: c.q.bytesAvailable() == 6)
    c.on("aboutToClose", lambda: [action() for action in actions], once=True)
    getattr(c, end)()
    c.isOpen(), c.bytesAvailable(), c.bytesToWrite()
    c.read_n(10)
    r.settle()


@scenario
def close_disconnects_in_about_to_close(r):
    """close(), and the handler of aboutToClose disconnects."""
    c, p = r.connected()
    in_about_to_close(r, c, p, "close", c.disconnectFromHost)


@scenario
def close_disconnects_in_about_to_close_with_pending_write(r):
    """The same with something to be sent."""
    c, p = r.connected()
    c.write(b"pending")
    in_about_to_close(r, c, p, "close", lambda: c.write(b"goodbye"), c.disconnectFromHost)
    p.wait(7)
    r.value("the peer has", p.summary())


@scenario
def close_aborts_in_about_to_close(r):
    """close(), and the handler of aboutToClose aborts."""
    c, p = r.connected()
    in_about_to_close(r, c, p, "close", c.abort)


@scenario
def close_closes_in_about_to_close(r):
    """close(), and the handler of aboutToClose closes."""
    c, p = r.connected()
    in_about_to_close(r, c, p, "close", c.close)


@scenario
def close_connects_in_about_to_close(r):
    """close(), and the handler of aboutToClose ends the connection and begins another."""
    c, p = r.connected()
    other = r.listener("OTHER")
    in_about_to_close(r, c, p, "close", c.disconnectFromHost,
                      lambda: c.connectToHost(net.QHostAddress(other.host), other.port))


@scenario
def abort_disconnects_in_about_to_close(r):
    """abort(), and the handler of aboutToClose disconnects."""
    c, p = r.connected()
    in_about_to_close(r, c, p, "abort", c.disconnectFromHost)


@scenario
def abort_connects_in_about_to_close(r):
    """abort(), and the handler of aboutToClose ends the connection and begins another."""
    c, p = r.connected()
    other = r.listener("OTHER")
    in_about_to_close(r, c, p, "abort", c.disconnectFromHost,
                      lambda: c.connectToHost(net.QHostAddress(other.host), other.port))


@scenario
def close_local_disconnects_in_about_to_close(r):
    """close() of a local socket, and the handler of aboutToClose disconnects."""
    c, p = r.local_raw()
    in_about_to_close(r, c, p, "close", c.disconnectFromServer)


@scenario
def close_local_aborts_in_about_to_close(r):
    """close() of a local socket, and the handler of aboutToClose aborts."""
    c, p = r.local_raw()
    in_about_to_close(r, c, p, "close", c.abort)


@scenario
def close_local_connects_in_about_to_close(r):
    """close() of a local socket, and the handler of aboutToClose ends the connection and begins another."""
    c, p = r.local_raw()
    other = r.keep(peer.LocalListener(r.folder() + "/other"))
    in_about_to_close(r, c, p, "close", c.disconnectFromServer, lambda: c.connectToServer(other.name))


@scenario
def abort_local_disconnects_in_about_to_close(r):
    """abort() of a local socket, and the handler of aboutToClose disconnects."""
    c, p = r.local_raw()
    in_about_to_close(r, c, p, "abort", c.disconnectFromServer)


@scenario
def abort_local_connects_in_about_to_close(r):
    """abort() of a local socket, and the handler of aboutToClose begins another connection."""
    c, p = r.local_raw()
    other = r.keep(peer.LocalListener(r.folder() + "/other"))
    in_about_to_close(r, c, p, "abort", lambda: c.connectToServer(other.name))


@scenario
def abort_local_connects_in_disconnected(r):
    """abort() of a local socket, and the handler of disconnected, before aboutToClose, begins another connection."""
    c, p = r.local_raw()
    other = r.keep(peer.LocalListener(r.folder() + "/other"))
    c.on("disconnected", lambda: c.connectToServer(other.name), once=True)
    c.abort()
    c.isOpen()
    r.settle()


@scenario
def abort_connects_in_disconnected(r):
    """abort(), and the handler of disconnected begins another connection."""
    c, p = r.connected()
    other = r.listener("OTHER")
    c.on("disconnected", lambda: c.connectToHost(net.QHostAddress(other.host), other.port), once=True)
    c.abort()
    c.isOpen()
    r.settle()


@scenario
def local_connects_in_about_to_close_of_a_failure(r):
    """An attempt fails and closes the device that was left open; the handler of aboutToClose begins another one."""
    c, p = r.local_raw()
    other = r.keep(peer.LocalListener(r.folder() + "/other"))
    with r.silence():
        c.q.disconnectFromServer()
    c.on("aboutToClose", lambda: c.connectToServer(other.name), once=True)
    c.connectToServer(r.folder() + "/nobody")
    c.isOpen()
    r.settle()


@scenario
def close_connected_udp_in_about_to_close(r):
    """close() of a connected UDP socket, and the handler of aboutToClose disconnects."""
    u = r.watch(net.QUdpSocket(), "u")
    sender = r.keep(peer.Datagrams())
    with r.silence():
        u.q.connectToHost(net.QHostAddress(net.Special.LocalHost), sender.port)
        r.until(lambda: u.seen("connected"))
    u.on("aboutToClose", u.disconnectFromHost, once=True)
    u.close()
    u.isOpen()
    r.settle()


# ---- a loop inside bytesWritten

def loop_in_bytes_written(r, c, end):
    """Something is written and the connection ended; a loop inside bytesWritten waits for the end."""
    def handler():
        r.until(lambda: c.seen("disconnected"), settle=False)
        r.note("the handler ends")
    c.on("bytesWritten", handler, once=True)
    c.write(b"abc")
    getattr(c, end)()
    r.until(lambda: c.seen("disconnected"))


@scenario
def disconnect_and_loop_in_bytes_written(r):
    """disconnectFromHost() with something to be sent: a loop inside bytesWritten reaches disconnected."""
    c, p = r.connected()
    loop_in_bytes_written(r, c, "disconnectFromHost")


@scenario
def close_and_loop_in_bytes_written(r):
    """close() with something to be sent: a loop inside bytesWritten reaches disconnected."""
    c, p = r.connected()
    loop_in_bytes_written(r, c, "close")


@scenario
def disconnect_local_and_loop_in_bytes_written(r):
    """A local socket: the same."""
    c, p = r.local_raw()
    loop_in_bytes_written(r, c, "disconnectFromServer")


@scenario
def disconnect_in_bytes_written_and_loop(r):
    """disconnectFromHost() inside bytesWritten, and then a loop there."""
    c, p = r.connected()

    def handler():
        c.disconnectFromHost()
        r.until(lambda: c.seen("disconnected"), settle=False)
        r.note("the handler ends")
    c.on("bytesWritten", handler, once=True)
    c.write(b"abc")
    r.until(lambda: c.seen("disconnected"))


def wait_in_bytes_written(r, c, end):
    """The same with waitForDisconnected() in place of the loop."""
    def handler():
        c.waitForDisconnected(20)
        r.note("the handler ends")
    c.on("bytesWritten", handler, once=True)
    c.write(b"abc")
    getattr(c, end)()
    r.until(lambda: c.seen("disconnected"))


@scenario
def disconnect_and_wait_in_bytes_written(r):
    """disconnectFromHost() with something to be sent: waitForDisconnected() inside bytesWritten."""
    c, p = r.connected()
    wait_in_bytes_written(r, c, "disconnectFromHost")


@scenario
def disconnect_local_and_wait_in_bytes_written(r):
    """A local socket: the same."""
    c, p = r.local_raw()
    wait_in_bytes_written(r, c, "disconnectFromServer")
