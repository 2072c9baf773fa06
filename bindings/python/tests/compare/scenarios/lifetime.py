"""Deleting sockets and servers: at once and later, in every state and inside every handler."""

import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"
BIG = bytes(1 << 22)


# ---- in each state

@scenario
def delete_fresh(r):
    """Deleting a fresh socket."""
    c = r.socket()
    c.delete()


@scenario
def delete_connected(r):
    """Deleting a connected socket: what is emitted, and what does the peer see?"""
    c, p = r.connected()
    c.delete()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def delete_connecting(r):
    """Deleting a connecting socket."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.delete()
    r.settle()


@scenario(fresh=True)
def delete_during_lookup(r):
    """Deleting a socket that looks up a name."""
    c = r.socket()
    c.connectToHost("localhost", 1)
    c.delete()
    with r.silence():
        found = []
        net.lookup("localhost", found.append)
        r.until(lambda: found)


@scenario
def delete_with_pending_write(r):
    """Deleting a socket with data to write: it is dropped."""
    c, p = r.connected()
    c.write(b"last words")
    c.delete()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def delete_with_unread(r):
    """Deleting a socket with unread data."""
    c, p = r.connected()
    p.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    c.delete()


@scenario
def delete_closing(r):
    """Deleting a socket that waits for a large write after disconnectFromHost()."""
    c, p = r.connected(bulk=True)
    with r.silence():
        c.write(BIG)
        r.settle()
    c.disconnectFromHost()
    c.delete()
    r.until(p.end)


@scenario
def delete_closed_with_pending(r):
    """Deleting a socket right after close() with data pending."""
    c, p = r.connected()
    c.write(b"last words")
    c.close()
    c.delete()
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def delete_bound(r):
    """Deleting a bound socket."""
    c = r.socket()
    c.bind()
    c.delete()


@scenario
def delete_after_peer_close(r):
    """Deleting a socket that the peer has closed."""
    c, p = r.connected()
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.delete()


@scenario
def delete_with_event_waiting(r):
    """Deleting a socket whose data and close already wait in the kernel: nothing comes later."""
    c, p = r.connected()
    p.send(b"data")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    c.delete()
    r.settle()


# ---- later

@scenario
def delete_later_connected(r):
    """deleteLater() of a connected socket: it dies when the loop runs."""
    c, p = r.connected()
    c.deleteLater()
    r.note("the call has returned; now the loop")
    r.until(lambda: c.dead)
    r.value("the peer got", p.summary())


@scenario
def delete_later_twice(r):
    """deleteLater() twice."""
    c, p = r.connected()
    c.deleteLater()
    c.deleteLater()
    r.until(lambda: c.dead)
    r.value("destroyed", c.seen("destroyed"))


@scenario
def delete_later_then_delete(r):
    """deleteLater(), then deleting at once."""
    c, p = r.connected()
    c.deleteLater()
    c.delete()
    r.settle()
    r.value("destroyed", c.seen("destroyed"))


@scenario
def delete_later_and_use(r):
    """A socket still works after deleteLater() until the loop runs."""
    c, p = r.connected()
    c.deleteLater()
    c.write(b"still here")
    c.flush()
    r.value("the peer got", p.wait(10))


@scenario
def disconnect_and_delete_later(r):
    """The usual end: disconnected connected to deleteLater."""
    c, p = r.connected()
    c.q.disconnected.connect(c.q.deleteLater)
    c.write(b"bye")
    c.disconnectFromHost()
    r.until(lambda: c.dead)
    r.value("the peer got", p.summary())


@scenario
def peer_close_and_delete_later(r):
    """disconnected connected to deleteLater, and the peer closes with data unread."""
    c, p = r.connected()
    c.q.disconnected.connect(c.q.deleteLater)
    p.send(b"unread")
    p.close()
    r.until(lambda: c.dead)


@scenario
def delete_later_with_event_waiting(r):
    """deleteLater() while data waits in the kernel: is it still signalled?"""
    c, p = r.connected()
    p.send(b"data")
    peer.arrived(c.q.socketDescriptor(), 4)
    c.deleteLater()
    r.until(lambda: c.dead)


@scenario
def delete_later_in_nested_loop(r):
    """deleteLater() inside a handler that then runs a nested loop: the object survives the nested loop."""
    c, p = r.connected()

    def handler():
        c.deleteLater()
        r.settle()
        r.value("dead in the nested loop", c.dead)
    c.on("readyRead", handler, once=True)
    p.send(b"x")
    r.until(lambda: c.dead)


@scenario
def delete_later_wait_function(r):
    """deleteLater() in a handler that a wait function called: the wait ends properly."""
    c, p = r.connected()
    c.on("readyRead", lambda: c.deleteLater())
    p.send(b"x")
    c.waitForReadyRead(5000)
    r.value("dead after the wait", c.dead)
    r.until(lambda: c.dead)


# ---- inside handlers

def on_signal(r, signal, how, provoke, when=None):
    """how: deleteLater or delete. provoke(r, c, p) makes the signal come."""
    c, p = r.connected()

    def handler(*arguments):
        if when is None or when(*arguments):
            getattr(c, how)()
    if when:
        c.on(signal, lambda state: handler(state), once=False)
    else:
        c.on(signal, lambda: handler(), once=True)
    provoke(r, c, p)
    r.settle()
    r.value("dead", c.dead)
    r.value("the peer got", p.summary() if p.socket.fileno() >= 0 else "(closed)")


def send(r, c, p):
    p.send(b"data")
    peer.arrived(c.q.socketDescriptor(), 4)
    r.until(lambda: c.seen("readyRead"))


def send_and_close(r, c, p):
    p.send(b"data")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.dead)


def write(r, c, p):
    c.write(b"out")
    r.until(lambda: c.seen("bytesWritten"))


def write_and_disconnect(r, c, p):
    c.write(b"out")
    c.disconnectFromHost()
    r.until(lambda: c.dead)


def peer_close(r, c, p):
    p.close()
    r.until(lambda: c.dead)


def close(r, c, p):
    c.close()


def disconnect(r, c, p):
    c.disconnectFromHost()


def abort(r, c, p):
    c.abort()


@scenario
def delete_later_in_ready_read(r):
    """deleteLater() inside readyRead."""
    on_signal(r, "readyRead", "deleteLater", send)


@scenario
def delete_later_in_ready_read_with_close(r):
    """deleteLater() inside readyRead, with the peer's close waiting."""
    on_signal(r, "readyRead", "deleteLater", send_and_close)


@scenario
def delete_later_in_error(r):
    """deleteLater() inside errorOccurred(RemoteHostClosed)."""
    on_signal(r, "errorOccurred", "deleteLater", peer_close)


@scenario
def delete_later_in_disconnected(r):
    """deleteLater() inside disconnected."""
    on_signal(r, "disconnected", "deleteLater", peer_close)


@scenario
def delete_later_in_bytes_written(r):
    """deleteLater() inside bytesWritten."""
    on_signal(r, "bytesWritten", "deleteLater", write)


@scenario
def delete_later_in_about_to_close(r):
    """deleteLater() inside aboutToClose."""
    on_signal(r, "aboutToClose", "deleteLater", close)


@scenario(qt_crashes=True)
def delete_in_ready_read(r):
    """Deleting inside readyRead."""
    on_signal(r, "readyRead", "delete", send)


@scenario(qt_crashes=True)
def delete_in_ready_read_with_close(r):
    """Deleting inside readyRead, with the peer's close waiting."""
    on_signal(r, "readyRead", "delete", send_and_close)


@scenario(qt_crashes=True)
def delete_in_error(r):
    """Deleting inside errorOccurred(RemoteHostClosed)."""
    on_signal(r, "errorOccurred", "delete", peer_close)


@scenario(qt_crashes=True)
def delete_in_disconnected_of_peer_close(r):
    """Deleting inside disconnected, after the peer closed."""
    on_signal(r, "disconnected", "delete", peer_close)


@scenario(qt_crashes=True)
def delete_in_disconnected_of_disconnect(r):
    """Deleting inside the disconnected of disconnectFromHost()."""
    on_signal(r, "disconnected", "delete", disconnect)


@scenario(qt_crashes=True)
def delete_in_disconnected_of_write(r):
    """Deleting inside the disconnected that follows the last write."""
    on_signal(r, "disconnected", "delete", write_and_disconnect)


@scenario(qt_crashes=True)
def delete_in_bytes_written(r):
    """Deleting inside bytesWritten."""
    on_signal(r, "bytesWritten", "delete", write)


@scenario(qt_crashes=True)
def delete_in_read_channel_finished(r):
    """Deleting inside readChannelFinished."""
    on_signal(r, "readChannelFinished", "delete", peer_close)


@scenario(qt_crashes=True)
def delete_in_unconnected_state(r):
    """Deleting inside stateChanged(Unconnected)."""
    on_signal(r, "stateChanged", "delete", peer_close, when=lambda s: s == net.State.UnconnectedState)


@scenario
def delete_in_connected(r):
    """Deleting inside connected."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.delete())
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.dead)


@scenario(qt_crashes=True)
def delete_in_host_found(r):
    """Deleting inside hostFound (which comes from inside connectToHost)."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.delete())
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def delete_in_refused(r):
    """Deleting inside errorOccurred(ConnectionRefused)."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    c.on("errorOccurred", lambda: c.delete())
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.dead)


@scenario
def delete_other_socket(r):
    """A handler of one socket deletes another one that also has data waiting."""
    a, p = r.connected("a")
    b, q = r.connected("b", listener=r.listener("SRV2"))
    a.on("readyRead", lambda: b.delete() if not b.dead else None)
    b.on("readyRead", lambda: a.delete() if not a.dead else None)
    p.send(b"x")
    q.send(b"y")
    peer.arrived(a.q.socketDescriptor(), 1)
    peer.arrived(b.q.socketDescriptor(), 1)
    with r.silence():
        r.until(lambda: a.dead or b.dead)
    r.value("just one is dead", a.dead != b.dead)
    r.value("just one was signalled", a.seen("readyRead") + b.seen("readyRead") == 1)


# ---- servers

@scenario
def delete_server(r):
    """Deleting a listening server."""
    s = r.server()
    s.delete()


@scenario
def delete_server_with_children(r):
    """Deleting a server takes its pending and its taken sockets with it."""
    s, a, p = r.accepted()
    q = r.keep(peer.connect(s.q.serverPort()))
    r.until(lambda: s.seen("newConnection") == 2)
    s.delete()
    r.settle()
    r.value("the taken one's client got", p.summary())
    r.value("the pending one's client got", q.summary())


@scenario
def delete_server_without_reowned(r):
    """A taken socket that was given another parent survives the server."""
    s, a, p = r.accepted()
    a.setParent(None)
    s.delete()
    p.send(b"still here")
    r.until(lambda: a.seen("readyRead"))


@scenario
def delete_server_in_new_connection(r):
    """Deleting the server inside newConnection."""
    s = r.server()
    s.on("newConnection", lambda: s.delete())
    p = r.keep(peer.connect(s.q.serverPort()))
    r.keep(peer.connect(s.q.serverPort()))
    r.until(lambda: s.dead)
    r.value("the client got", p.summary())


@scenario
def delete_server_in_pending_connection_available(r):
    """Deleting the server inside pendingConnectionAvailable."""
    s = r.server()
    s.on("pendingConnectionAvailable", lambda: s.deleteLater())
    p = r.keep(peer.connect(s.q.serverPort()))
    r.until(lambda: s.dead)
    r.value("the client got", p.summary())


@scenario
def delete_later_server(r):
    """deleteLater() of a server with a taken socket."""
    s, a, p = r.accepted()
    s.deleteLater()
    r.until(lambda: s.dead and a.dead)


@scenario
def delete_accepted_socket(r):
    """Deleting a taken socket leaves the server working."""
    s, a, p = r.accepted()
    a.delete()
    r.settle()
    r.value("the client got", p.summary())
    r.keep(peer.connect(s.q.serverPort()))
    r.until(lambda: s.seen("newConnection") == 2)


@scenario
def delete_server_from_child(r):
    """A taken socket's readyRead handler deletes the server, and so the socket itself."""
    s, a, p = r.accepted()
    a.on("readyRead", lambda: s.deleteLater())
    p.send(b"x")
    r.until(lambda: a.dead)


@scenario
def delete_timer_in_timeout(r):
    """Deleting a timer inside its timeout."""
    t = r.timer("t", 1)
    t.on("timeout", lambda: t.delete())
    t.start()
    r.until(lambda: t.dead)


@scenario
def delete_later_timer(r):
    """deleteLater() of a timer inside its timeout."""
    t = r.timer("t", 0)
    t.on("timeout", lambda: t.deleteLater())
    t.start()
    r.until(lambda: t.dead)


@scenario
def destroyed_is_last(r):
    """destroyed comes once, after everything else, also to several slots in order."""
    c, p = r.connected()
    order = []
    c.q.destroyed.connect(lambda: order.append("one"))
    c.q.destroyed.connect(lambda: order.append("two"))
    c.q.disconnected.connect(lambda: order.append("disconnected"))
    c.delete()
    r.value("order", order)
