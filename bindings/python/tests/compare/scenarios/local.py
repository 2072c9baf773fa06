"""QLocalSocket: names, connecting, what goes over it, closing, waiting."""

import os
import socket

import peer
from backend import net
from trace import scenario

ABSTRACT = net.Access.AbstractNamespaceOption
WAITS = "waitForConnected waitForReadyRead waitForBytesWritten waitForDisconnected".split()


def connect(r, at, *arguments, **options):
    """A socket that connects, recorded."""
    c = r.local_socket(**options)
    c.connectToServer(at, *arguments)
    return c


# ---- connecting

@scenario
def local_fresh(r):
    """What a new local socket says about itself."""
    c = r.local_socket()
    r.look(c)
    for method in "serverName fullServerName socketOptions readBufferSize socketDescriptor isSequential".split():
        getattr(c, method)()


@scenario
def local_connect_path(r):
    """connectToServer() to a path."""
    s = r.local_server(at=r.folder() + "/s")
    c = connect(r, s.q.fullServerName())
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "p"))
    c.serverName(), c.fullServerName()


@scenario
def local_connect_plain(r):
    """connectToServer() to a plain name, and the names on both sides."""
    name = r.unique()
    s = r.local_server()
    s.listen(name)
    c = connect(r, name)
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "p"))
    c.serverName(), c.fullServerName()


@scenario
def local_connect_abstract(r):
    """The abstract namespace."""
    name = r.unique()
    s = r.local_server(at=name, options=ABSTRACT)
    r.look(s)
    connect(r, name)
    c = connect(r, name, name="a", abstract=True)
    r.until(lambda: s.seen("newConnection"))
    p = r.watch(s.nextPendingConnection(), "p")
    r.look(p)
    p.socketOptions(), c.socketOptions()


@scenario
def local_abstract_unprintable(r):
    """An abstract name with bytes that nobody can print, a NUL and a slash among them."""
    name = r.unique() + "\x01\x7f\0é/ \n"
    s = r.local_server(options=ABSTRACT)
    s.listen(name)
    s.serverName(), s.fullServerName()
    c = connect(r, name, abstract=True)
    c.fullServerName()
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "p"))


@scenario
def local_connect_set_name(r):
    """setServerName(), then connectToServer() without a name."""
    s = r.local_server(at=r.folder() + "/s")
    c = r.local_socket()
    c.setServerName(s.q.fullServerName())
    c.serverName()
    c.fullServerName()
    c.connectToServer()


@scenario
def local_open(r):
    """open() connects too."""
    s = r.local_server(at=r.folder() + "/s")
    c = r.local_socket()
    c.setServerName(s.q.fullServerName())
    c.open(net.Mode.ReadOnly)
    d = r.local_socket("d")
    d.open(net.Mode.ReadWrite)


@scenario
def local_connect_nobody(r):
    """A name that does not exist."""
    c = connect(r, r.folder() + "/none")
    r.settle()
    c.waitForConnected(10)


@scenario
def local_connect_no_folder(r):
    """A directory that does not exist."""
    connect(r, r.folder() + "/none/s")


@scenario
def local_connect_no_name(r):
    """No name at all."""
    c = connect(r, "")
    c.connectToServer()


@scenario
def local_connect_too_long(r):
    """A path that is too long, and an abstract name."""
    connect(r, r.folder() + "/" + "x" * 200)
    connect(r, "x" * 200, name="a", abstract=True)


@scenario
def local_connect_stale(r):
    """The file of a server that is gone."""
    listener = peer.LocalListener(r.folder() + "/s")
    listener.close()
    connect(r, listener.name)


@scenario
def local_connect_file(r):
    """A file that is no socket, a directory, and a path through a file."""
    folder = r.folder()
    open(folder + "/file", "w").close()
    connect(r, folder + "/file")
    connect(r, folder, name="d")
    connect(r, folder + "/file/s", name="e")


@scenario
def local_connect_datagram(r):
    """A socket of another type."""
    path = r.folder() + "/s"
    r.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)).bind(path)
    connect(r, path)


@scenario
def local_connect_twice(r):
    """connectToServer() while connected."""
    s, c, p = r.local_pair()
    c.connectToServer(s.q.fullServerName())
    c.connectToServer()
    c.write(b"still there")
    r.until(lambda: p.seen("readyRead"))


@scenario
def local_connect_after_failure(r):
    """A second attempt, which succeeds."""
    folder = r.folder()
    c = connect(r, folder + "/none")
    s = r.local_server(at=folder + "/s")
    c.connectToServer(s.q.fullServerName())


@scenario
def local_reconnect(r):
    """Disconnecting, and connecting again while still open."""
    s, c, p = r.local_pair()
    path = s.q.fullServerName()
    c.disconnectFromServer()
    r.settle()
    c.connectToServer(path)
    r.settle()


@scenario
def local_reconnect_fails(r):
    """Connecting again while still open, in vain."""
    s, c, p = r.local_pair()
    c.disconnectFromServer()
    c.connectToServer(s.q.fullServerName() + "-not")


@scenario
def local_reconnect_in_disconnected(r):
    """Connecting again inside disconnected."""
    s, c, p = r.local_pair()
    path = s.q.fullServerName()
    c.on("disconnected", lambda: c.connectToServer(path), once=True)
    p.disconnectFromServer()
    r.until(lambda: c.seen("connected"))


@scenario
def local_close_in_connected(r):
    """close() inside connected."""
    s = r.local_server(at=r.folder() + "/s")
    c = r.local_socket()
    c.on("connected", lambda: c.close())
    c.connectToServer(s.q.fullServerName())
    r.settle()


@scenario
def local_abort_in_connected(r):
    """abort() inside connected."""
    s = r.local_server(at=r.folder() + "/s")
    c = r.local_socket()
    c.on("connected", lambda: c.abort())
    c.connectToServer(s.q.fullServerName())
    r.settle()


@scenario
def local_connect_in_error(r):
    """connectToServer() inside errorOccurred, where the state is still Connecting."""
    s = r.local_server(at=r.folder() + "/s")
    c = r.local_socket()
    c.on("errorOccurred", lambda: c.connectToServer(s.q.fullServerName()), once=True)
    c.connectToServer(s.q.fullServerName() + "-not")


@scenario
def local_modes(r):
    """Devices that are open for one direction only."""
    path = r.folder() + "/s"
    s = r.local_server(at=path)
    for name, mode in (("reader", net.Mode.ReadOnly), ("writer", net.Mode.WriteOnly)):
        c = connect(r, path, mode, name=name)
        with r.split():
            c.write(b"x")
            r.settle()
        p = r.watch(s.nextPendingConnection(), "p-" + name)
        p.write(b"y")
        r.settle()
        c.read(1)


@scenario
def local_early_write(r):
    """write() before there is a connection."""
    c = r.local_socket()
    c.write(b"x")
    c.read(1)
    c.flush()
    c.on("stateChanged", lambda state: c.write(b"y"))
    s = r.local_server(at=r.folder() + "/s")
    c.connectToServer(s.q.fullServerName())


@scenario
def local_queue_full(r):
    """The server's queue is full: connecting goes on until there is room."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s", backlog=0))
    fillers = listener.fill()
    c = connect(r, listener.name)
    r.settle()
    c.write(b"early")
    r.keep(listener.accept())
    r.until(lambda: c.seen("connected"))
    for filler in fillers:
        filler.close()


@scenario
def local_queue_full_abort(r):
    """abort() while the server's queue is full, and another attempt with close()."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s", backlog=0))
    r.keep(listener.fill()[0])
    c = connect(r, listener.name)
    c.abort()
    c.connectToServer(listener.name)
    c.connectToServer(listener.name)
    c.setServerName("other")
    c.close()
    r.settle()


@scenario
def local_queue_full_delete(r):
    """Deleting the socket while the server's queue is full."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s", backlog=0))
    r.keep(listener.fill()[0])
    c = connect(r, listener.name)
    c.delete()


@scenario
def local_queue_full_wait(r):
    """waitForConnected() while the server's queue is full."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s", backlog=0))
    r.keep(listener.fill()[0])
    c = connect(r, listener.name)
    c.waitForConnected(30)
    r.settle()


@scenario
def local_queue_full_server_goes(r):
    """The server goes away while its queue is full."""
    listener = peer.LocalListener(r.folder() + "/s", backlog=0)
    r.keep(listener.fill()[0])
    c = connect(r, listener.name)
    r.settle()
    listener.close()
    r.until(lambda: c.seen("errorOccurred"))


# ---- names and options

@scenario
def local_name_while_connected(r):
    """setServerName() and setSocketOptions() while connected."""
    s, c, p = r.local_pair()
    c.setServerName("other")
    c.setSocketOptions(net.QLocalSocket.SocketOption.AbstractNamespaceOption)
    c.socketOptions()
    p.serverName(), p.fullServerName(), p.socketOptions()


@scenario
def local_name_and_close(r):
    """What becomes of the name in close(), abort() and disconnectFromServer() without a connection."""
    c = r.local_socket()
    for method in ("disconnectFromServer", "close", "abort"):
        c.setServerName("x")
        getattr(c, method)()
        c.serverName()


# ---- data

@scenario
def local_write_read(r):
    """Data in both directions."""
    s, c, p = r.local_pair()
    c.write(b"hello\nworld")
    c.flush()
    c.bytesToWrite()
    r.until(lambda: p.seen("readyRead"))
    p.canReadLine()
    p.readLine()
    p.peek(3)
    p.skip(1)
    p.getChar()
    p.ungetChar("o")
    p.readAll()
    p.write(b"back")
    r.until(lambda: c.seen("readyRead"))
    c.read(10)
    c.read_n(10)


@scenario
def local_transaction(r):
    """A transaction that is rolled back."""
    c, p = r.local_raw()
    p.send(b"abcdef")
    r.until(lambda: c.seen("readyRead"))
    c.startTransaction()
    c.read(4)
    c.rollbackTransaction()
    c.read(6)


@scenario
def local_read_limit(r):
    """A limit on the read buffer."""
    c, p = r.local_raw()
    c.setReadBufferSize(4)
    p.send(b"0123456789")
    r.until(lambda: c.q.bytesAvailable() == 4)
    c.readAll()
    r.until(lambda: c.q.bytesAvailable() == 4)
    c.setReadBufferSize(0)
    r.until(lambda: c.q.bytesAvailable() == 6)
    c.readAll()


@scenario
def local_negative_limit(r):
    """A negative limit: nothing is read, until it goes."""
    c, p = r.local_raw()
    c.setReadBufferSize(-1)
    c.readBufferSize()
    p.send(b"0123")
    r.settle()
    c.setReadBufferSize(0)
    r.until(lambda: c.q.bytesAvailable() == 4)


@scenario
def local_text_mode_returns(r):
    """Carriage returns in lines in text mode."""
    for data in b"\r", b"ab\r", b"a\rb\r\nc", b"\r\r\r\n":
        for mode in net.Mode.Text, net.Mode.Text | net.Mode.Unbuffered:
            c, p = r.local_raw(mode=net.Mode.ReadWrite | mode)
            p.send(data)
            r.until(lambda: c.q.bytesAvailable() == len(data))
            c.readLine_n(100), c.readLine_n(100)


@scenario
def local_text_mode_skip(r):
    """skip() in text mode."""
    c, p = r.local_raw(mode=net.Mode.ReadWrite | net.Mode.Text)
    p.send(b"a\r\nb\r\r\nc")
    r.until(lambda: c.q.bytesAvailable() == 8)
    c.skip(2), c.skip(2), c.bytesAvailable(), c.skip(100), c.skip(1)


@scenario
def local_write_fails(r):
    """The peer does not read any more: a write, and then a wait for it, fails."""
    for wait in False, True:
        c, p = r.local_raw()
        p.shutdown(socket.SHUT_RD)
        c.write(b"text")
        if wait:
            c.waitForBytesWritten(1000)
        r.until(lambda: c.seen("disconnected"))
        c.isOpen(), c.close()


@scenario
def local_large(r):
    """A megabyte."""
    s, c, p = r.local_pair(bulk=True)
    c.write(bytes(1 << 20))
    r.until(lambda: p.q.bytesAvailable() == 1 << 20)
    p.readAll()


@scenario
def local_unbuffered(r):
    """An unbuffered device."""
    c, p = r.local_raw(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    p.send(b"abc")
    r.until(lambda: c.seen("readyRead"))
    c.read(10)


@scenario
def local_text(r):
    """Text mode drops carriage returns."""
    c, p = r.local_raw(mode=net.Mode.ReadWrite | net.Mode.Text)
    p.send(b"a\r\nb\r\n")
    r.until(lambda: c.seen("readyRead"))
    c.readLine()
    c.readAll()


# ---- the end

@scenario
def local_disconnect(r):
    """disconnectFromServer() with nothing to send."""
    s, c, p = r.local_pair()
    c.disconnectFromServer()
    r.until(lambda: p.seen("disconnected"))
    c.disconnectFromServer()


@scenario
def local_disconnect_pending(r):
    """disconnectFromServer() with something to send."""
    s, c, p = r.local_pair()
    with r.split():
        c.write(b"last words")
        c.disconnectFromServer()
        c.serverName()
        r.until(lambda: p.seen("disconnected"))
    p.readAll()


@scenario
def local_close(r):
    """close() with nothing to send."""
    s, c, p = r.local_pair()
    c.close()
    r.until(lambda: p.seen("disconnected"))
    c.close()


@scenario
def local_close_pending(r):
    """close() with something to send."""
    s, c, p = r.local_pair()
    with r.split():
        c.write(b"last words")
        c.close()
        c.serverName()
        r.until(lambda: p.seen("disconnected"))
    p.readAll()
    p.read_n(1)
    p.write(b"x")


@scenario
def local_close_unread(r):
    """close() with unread data."""
    s, c, p = r.local_pair()
    p.write(b"unread")
    r.until(lambda: c.seen("readyRead"))
    c.close()
    r.until(lambda: p.seen("disconnected"))


@scenario
def local_abort(r):
    """abort() with something to send."""
    s, c, p = r.local_pair()
    c.write(b"never sent")
    c.abort()
    r.until(lambda: p.seen("disconnected"))
    p.readAll()
    c.abort()


@scenario
def local_abort_after_disconnect(r):
    """abort() on a socket that is still open."""
    s, c, p = r.local_pair()
    c.disconnectFromServer()
    c.abort()


@scenario
def local_delete(r):
    """Deleting a connected socket."""
    s, c, p = r.local_pair()
    c.delete()
    r.until(lambda: p.seen("disconnected"))


@scenario
def local_delete_later(r):
    """deleteLater() of a connected socket."""
    s, c, p = r.local_pair()
    with r.split():
        c.deleteLater()
        r.until(lambda: p.seen("disconnected"))


@scenario
def local_peer_closes(r):
    """The peer ends the connection, with data before."""
    c, p = r.local_raw()
    p.send(b"last words")
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.readAll()
    c.read_n(1)
    c.write(b"x")


@scenario
def local_peer_closes_unread(r):
    """The peer ends the connection with unread data, which is a reset."""
    c, p = r.local_raw()
    c.write(b"unread")
    c.flush()
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def local_close_in_error(r):
    """close() inside errorOccurred of the peer's end."""
    c, p = r.local_raw()
    c.on("errorOccurred", lambda: c.close())
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def local_abort_in_ready_read(r):
    """abort() inside readyRead."""
    c, p = r.local_raw()
    c.on("readyRead", lambda: c.abort())
    p.send(b"x")
    r.until(lambda: c.seen("disconnected"))


@scenario
def local_close_in_disconnected(r):
    """close() inside disconnected."""
    c, p = r.local_raw()
    c.on("disconnected", lambda: c.close())
    p.close()
    r.until(lambda: c.seen("disconnected"))


# ---- waiting

@scenario
def local_wait_unconnected(r):
    """The wait functions without a connection."""
    c = r.local_socket()
    for method in WAITS:
        getattr(c, method)(5)


@scenario
def local_wait_in_vain(r):
    """The wait functions with a connection on which nothing happens."""
    c, p = r.local_raw()
    for method in WAITS:
        getattr(c, method)(5)


@scenario
def local_wait(r):
    """The wait functions where something happens."""
    c, p = r.local_raw()
    c.write(b"abc")
    c.waitForBytesWritten(1000)
    p.send(b"def")
    c.waitForReadyRead(1000)
    c.readAll()
    p.close()
    c.waitForReadyRead(1000)
    c.waitForDisconnected(1000)


@scenario
def local_wait_disconnected(r):
    """waitForDisconnected()."""
    c, p = r.local_raw()
    c.write(b"abc")
    c.disconnectFromServer()
    c.waitForDisconnected(1000)
    r.value("peer", p.summary())


# ---- descriptors

@scenario
def local_adopt_pair(r):
    """setSocketDescriptor() with a socket that has no name."""
    a, b = socket.socketpair()
    r.keep(b)
    c = r.local_socket()
    c.setSocketDescriptor(a.detach())
    b.send(b"x")
    r.until(lambda: c.seen("readyRead"))


@scenario
def local_adopt_client(r):
    """setSocketDescriptor() with a client's end: it has the server's names."""
    s = r.local_server(at=r.folder() + "/s")
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(s.q.fullServerName())
    c = r.local_socket()
    c.setSocketDescriptor(raw.detach())
    c.socketOptions()


@scenario
def local_adopt_abstract(r):
    """setSocketDescriptor() with a client's end in the abstract namespace."""
    name = r.unique() + "/x"
    listener = r.keep(peer.LocalListener("\0" + name))
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(listener.name)
    c = r.local_socket()
    c.setSocketDescriptor(raw.detach())
    c.socketOptions()


@scenario
def local_adopt_states(r):
    """setSocketDescriptor() with other states and modes."""
    for name, state, mode in (("a", net.LocalState.ConnectingState, net.Mode.ReadOnly),
                              ("b", net.LocalState.ConnectedState, net.Mode.WriteOnly)):
        a, b = socket.socketpair()
        r.keep(b)
        c = r.local_socket(name)
        c.setSocketDescriptor(a.detach(), state, mode)


@scenario
def local_adopt_bad(r):
    """setSocketDescriptor() with what is none."""
    for name, descriptor in (("a", -1), ("b", 9999)):
        r.local_socket(name).setSocketDescriptor(descriptor)


@scenario
def local_out_of_descriptors(r):
    """connectToServer() when descriptors have run out."""
    import resource
    s = r.local_server(at=r.folder() + "/s")
    path = s.q.fullServerName()
    c = r.local_socket()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = os.dup(0)
    os.close(first)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first, limits[1]))
    try:
        c.connectToServer(path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
