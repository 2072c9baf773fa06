"""What programs made by chance have come upon: first what they leave out since then, because it differs on purpose, then
what was wrong."""

import peer
from backend import net
from trace import scenario

LOCAL = net.QHostAddress(net.Special.LocalHost)
FEW = 5     # milliseconds of a wait that finds nothing


# ---- sending and receiving

@scenario
def skip_nothing(r):
    """skip(0) after the end."""
    c, p = r.connected()
    p.close()
    r.calm()
    c.skip(0)
    c.skip(1)


@scenario
def write_with_data_waiting(r):
    """A turn in which there is something to read and something to send."""
    c, p = r.connected()
    p.send(b"abc")
    peer.deliver()
    c.write(b"x")
    r.calm()


@scenario
def flush_after_reset(r):
    """flush() to a peer that has sent something and reset the connection."""
    c, p = r.connected()
    p.send(b"last words")
    p.reset()
    peer.deliver()
    c.write(b"x")
    c.flush()
    c.readAll()


@scenario
def flush_writes_more(r):
    """The bytesWritten that flush() emits writes once more."""
    c, p = r.connected()
    c.on("bytesWritten", lambda: c.write(b"more"), once=True)
    c.write(b"x")
    c.flush()
    c.bytesToWrite()
    r.calm()


@scenario
def write_in_error(r):
    """write() in the errorOccurred of a peer that has only ended its own sending."""
    c, p = r.connected()
    c.on("errorOccurred", lambda: c.write(b"answer"), once=True)
    p.shutdown()
    r.calm()
    r.value("the peer got", p.got_all())


@scenario
def local_peek_in_text_mode(r):
    """Does a carriage return that was peeked at, or read in a transaction, still count?"""
    c, p = r.local_raw(net.Mode.ReadWrite | net.Mode.Text)
    p.send(b"a\r\nb\r\nc")
    r.calm()
    c.peek_n(2)
    c.startTransaction()
    c.read_n(4)
    c.rollbackTransaction()
    r.look(c)


@scenario
def local_read_in_about_to_close(r):
    """Reading in the aboutToClose of abort(), when the device is still open."""
    c, p = r.local_raw()
    c.on("aboutToClose", lambda: c.read_n(1))
    c.abort()


@scenario
def udp_nested_loop_in_ready_read(r):
    """A handler of readyRead that takes one of several datagrams and runs a loop."""
    p, u = r.datagrams(), r.socket("u", net.QUdpSocket)
    u.bind(LOCAL, 0)
    u.on("readyRead", lambda: (u.receiveDatagram(), r.calm()), once=True)
    p.send(u.q.localPort(), b"a", b"b", b"c")
    r.calm()


# ---- connecting

@scenario
def connect_in_bytes_written(r):
    """A connection that ends inside its bytesWritten, and connectToHost() inside the disconnected of that."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("bytesWritten", lambda: c.close(), once=True)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    c.write(b"x")
    r.calm()


@scenario
def connect_in_transaction(r):
    """A connection after one that ended within a transaction."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    p.send(b"abc")
    r.calm()
    c.startTransaction()
    c.readAll()
    c.disconnectFromHost()
    c.connectToHost(LOCAL, listener.port)
    r.calm()


@scenario
def connect_in_timeout(r):
    """Whether there is another connection, or another error, when the handler of a time-out has returned."""
    c, p = r.connected()
    listener = r.listener("SRV2")
    c.on("errorOccurred", lambda: (c.close(), c.connectToHost(LOCAL, listener.port)), once=True)
    c.waitForReadyRead(FEW)
    r.calm()
    u = r.socket("u", net.QUdpSocket)
    u.bind(LOCAL, 0)
    u.on("errorOccurred", lambda: u.readDatagram(1), once=True)
    u.waitForReadyRead(FEW)
    r.calm()


@scenario
def local_connect_while_closing(r):
    """connectToServer() while what is left is still to be sent."""
    c, p = r.local_raw()
    c.write(b"x")
    c.close()
    c.connectToServer(r.keep(peer.LocalListener(r.folder() + "/t")).name)
    r.calm()


@scenario
def local_connect_with_unread(r):
    """What was put back before the end, in the next connection."""
    c, p = r.local_raw()
    c.ungetChar(65)
    c.disconnectFromServer()
    c.connectToServer(r.keep(peer.LocalListener(r.folder() + "/t")).name)
    c.readAll()


@scenario
def local_wait_in_connecting(r):
    """A wait inside stateChanged(Connecting)."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    c = r.local_socket()
    c.on("stateChanged", lambda: c.waitForReadyRead(FEW), once=True)
    c.connectToServer(listener.name)
    r.calm()


@scenario
def local_disconnect_in_connecting(r):
    """disconnectFromServer() inside stateChanged(Connecting)."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    c = r.local_socket()
    c.on("stateChanged", lambda: c.disconnectFromServer(), once=True)
    c.connectToServer(listener.name)
    r.calm()


@scenario
def local_close_in_connected_with_data(r):
    """close() inside connected, with something to send."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    c = r.local_socket()
    c.on("connected", lambda: (c.write(b"x"), c.close()))
    c.connectToServer(listener.name)
    r.calm()


@scenario
def local_connect_in_disconnected(r):
    """connectToServer() inside the disconnected of close()."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    c = r.local_socket()
    c.connectToServer(listener.name)
    c.on("disconnected", lambda: c.connectToServer(listener.name), once=True)
    c.close()
    r.look(c)
    r.calm()


# ---- the end

@scenario
def disconnect_in_closing_state(r):
    """disconnectFromHost() inside stateChanged(Closing)."""
    c, p = r.connected()
    c.on("stateChanged", lambda: c.disconnectFromHost(), once=True)
    c.close()


@scenario
def loop_in_closing_state(r):
    """A loop inside stateChanged(Closing), in which the connection ends."""
    for local in False, True:
        c, p = r.local_raw() if local else r.connected()
        c.on("stateChanged", lambda: r.calm(), once=True)
        c.write(b"x")
        c.close()
        r.calm()


@scenario(qt_crashes=True)
def flush_in_unconnected_state(r):
    """flush() of what aboutToClose has written, inside stateChanged(Unconnected) of abort()."""
    c, p = r.connected()
    c.on("aboutToClose", lambda: c.write(b"x"))
    c.on("stateChanged", lambda: c.flush())
    c.abort()


@scenario
def local_abort_with_unread(r):
    """What was put back is still there in the handlers of abort(), or not."""
    c, p = r.local_raw()
    c.on("disconnected", lambda: c.readAll())
    c.ungetChar(65)
    c.abort()


@scenario
def write_fails_while_closing(r):
    """waitForBytesWritten() after close(), to a peer that is gone."""
    for local in False, True:
        c, p = r.local_raw() if local else r.connected()
        c.write(b"x")
        c.close()
        p.close() if local else p.reset()
        peer.deliver()
        c.waitForBytesWritten(5000)


@scenario
def delete_later_with_data_waiting(r):
    """deleteLater() inside the bytesWritten of what was written early, with data waiting."""
    listener = r.listener()
    c = r.socket()
    c.on("bytesWritten", lambda: c.deleteLater())
    c.connectToHost(LOCAL, listener.port)
    c.write(b"x")
    r.raw_accepted(listener).send(b"abc")
    r.calm()


@scenario
def local_close_after_abort(r):
    """close() of a connection of which one before was aborted."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    c = r.local_socket()
    c.connectToServer(listener.name)
    c.abort()
    c.connectToServer(listener.name)
    c.close()


@scenario
def delete_later_after_write_in_handler(r):
    """A handler writes and calls deleteLater(): is that sent?"""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.write(b"last words"), c.deleteLater()))
    p.send(b"x")
    r.calm()
    r.value("the peer got", p.got_all())


# ---- waiting

@scenario
def wait_connected_while_closing(r):
    """waitForConnected() while what is left is still to be sent."""
    c, p = r.connected()
    c.write(b"x")
    c.close()
    c.waitForConnected(FEW)
    r.calm()
    r.value("the peer got", p.got_all())


@scenario(qt_crashes=True)
def wait_disconnected_full(r):
    """waitForDisconnected() with a full read buffer, or none and something to read: Qt spins, also when the time is over."""
    for mode, limit in (net.Mode.ReadWrite, 3), (net.Mode.ReadWrite | net.Mode.Unbuffered, 0):
        c, p = r.connected(mode=mode, setup=lambda c: c.setReadBufferSize(limit))
        p.send(b"abcdef")
        r.calm()
        c.waitForDisconnected(FEW)


@scenario
def wait_ready_read_with_both(r):
    """waitForReadyRead() with something to read and something to send."""
    c, p = r.connected()
    p.send(b"abc")
    peer.deliver()
    c.write(b"x")
    c.waitForReadyRead(5000)
    r.calm()


@scenario
def wait_ready_read_full_in_handler(r):
    """waitForReadyRead() with a full buffer, outside readyRead and inside."""
    c, p = r.connected(setup=lambda c: c.setReadBufferSize(2))
    c.on("readyRead", lambda: c.waitForReadyRead(FEW), once=True)
    p.send(b"ab")
    r.calm()
    c.waitForReadyRead(FEW)


@scenario
def wait_in_error(r):
    """A wait inside errorOccurred(RemoteHostClosed)."""
    c, p = r.connected()
    c.on("errorOccurred", lambda: c.waitForReadyRead(FEW), once=True)
    p.close()
    r.calm()


@scenario
def wait_new_connection_after_accepting(r):
    """The error when waitForNewConnection() runs out of time after connections were accepted."""
    s = r.server()
    r.raw_client(s)
    r.calm()
    s.nextPendingConnection()
    s.waitForNewConnection(FEW)


@scenario
def wait_new_connection_closed_in_handler(r):
    """close() inside the signal that waitForNewConnection() emits."""
    s = r.server()
    s.on("newConnection", lambda: s.close())
    r.raw_client(s)
    s.waitForNewConnection(5000)


# ---- local sockets with a limit

@scenario
def local_limit_and_kept(r):
    """Does what was put back, peeked at or read in a transaction count for the limit?"""
    c, p = r.local_raw()
    c.setReadBufferSize(4)
    c.ungetChar(65)
    p.send(b"abcdefgh")
    r.calm()
    c.peek_n(2)
    r.calm()
    c.startTransaction()
    c.readAll()
    r.calm()
    c.rollbackTransaction()
    c.readAll()


# ---- servers

@scenario
def local_delete_later_in_new_connection(r):
    """deleteLater() inside the newConnection of the first of two connections."""
    s = r.local_server(at=r.folder() + "/s")
    s.on("newConnection", lambda: s.deleteLater(), once=True)
    r.raw_client(s, "a")
    r.raw_client(s, "b")
    r.calm()


# ---- datagrams

@scenario
def udp_delete_later_in_ready_read(r):
    """deleteLater() inside the readyRead of the first of two datagrams."""
    raw = r.datagrams()
    u = r.socket("u", net.QUdpSocket)
    u.bind(LOCAL, 0)
    u.on("readyRead", lambda: (u.receiveDatagram(), u.deleteLater()), once=True)
    raw.send(u.q.localPort(), b"a", b"b")
    r.calm()


@scenario
def udp_bind_after_abort(r):
    """Closing a socket that was bound anew after abort()."""
    u = r.socket("u", net.QUdpSocket)
    for end in "abort", "close":
        u.bind(LOCAL, 0)
        getattr(u, end)()


@scenario
def udp_bound_again(r):
    """Reading and writing without addresses on a socket that is open, since it was connected, and now bound."""
    raw = r.datagrams()
    u = r.socket("u", net.QUdpSocket)
    u.connectToHost(LOCAL, raw.port)
    u.disconnectFromHost()
    u.bind(LOCAL, 0)
    u.write(b"x")
    raw.send(u.q.localPort(), b"abc")
    peer.deliver()
    u.read_n(10)


@scenario
def udp_receive_nothing_with_size(r):
    """receiveDatagram(n) with nothing there, after an error of another kind."""
    u = r.socket("u", net.QUdpSocket)
    u.bind(LOCAL, 0)
    u.waitForReadyRead(FEW)
    u.receiveDatagram()
    u.receiveDatagram(3)


@scenario
def udp_write_in_bytes_written_connected(r):
    """write() inside bytesWritten."""
    u = r.socket("u", net.QUdpSocket)
    u.connectToHost(LOCAL, r.datagrams().port)
    r.calm()
    u.on("bytesWritten", lambda: u.write(b"again"), once=True)
    u.write(b"x")


@scenario(qt_crashes=True)
def udp_receive_in_disconnected(r):
    """receiveDatagram() inside disconnected."""
    u = r.socket("u", net.QUdpSocket)
    u.connectToHost(LOCAL, r.datagrams().port)
    r.calm()
    u.on("disconnected", lambda: u.receiveDatagram(3))
    u.disconnectFromHost()


# ---- faults

@scenario
def text_unget_connecting(r):
    """While it connects, a carriage return that was put back: what asks for more finds nothing, for no more it is the end."""
    listener = r.listener()
    for method in "read_n", "peek_n", "skip":
        for n in 1, 2, 3:
            c = r.socket()
            c.connectToHost(LOCAL, listener.port, net.Mode.ReadWrite | net.Mode.Text)
            c.ungetChar(13)
            c.ungetChar(13)
            getattr(c, method)(n)
            c.abort()


@scenario
def unbuffered_available(r):
    """What is in the system is available as long as there is a descriptor."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    p.send(b"a")
    peer.deliver()
    c.close()


@scenario
def unbuffered_available_while_connecting(r):
    """The peer has accepted and sent, and the socket has not looked yet."""
    c, listener = r.socket(), r.listener()
    c.connectToHost(LOCAL, listener.port, net.Mode.ReadWrite | net.Mode.Unbuffered)
    r.keep(listener.accept()).send(b"ab")
    peer.deliver()
    r.look(c)
    r.calm()


@scenario
def unbuffered_read_while_closing(r):
    """Inside stateChanged(Closing), with something in the system: it is available, and not read any more."""
    for method in "read_n", "peek_n", "readLine_n", "skip":
        c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
        p.send(b"abc")
        peer.deliver()
        c.on("stateChanged", lambda: (getattr(c, method)(2), c.bytesAvailable()), once=True)
        c.disconnectFromHost()
        r.calm()


@scenario
def unbuffered_behind_unget(r):
    """readyRead comes again when what was put back has been read."""
    for n in 1, 2, 3:
        c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
        c.on("readyRead", lambda: c.read_n(n), once=True)
        p.send(b"a")
        c.ungetChar(66)
        c.ungetChar(65)
        r.calm()


@scenario
def unbuffered_read_nothing(r):
    """A read or peek of no bytes counts as a read: readyRead comes again."""
    for method in "read_n", "peek_n", "readLine_n":
        c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
        p.send(b"ab")
        r.calm()
        getattr(c, method)(0)
        r.calm()


@scenario
def unbuffered_wait_again(r):
    """waitForReadyRead() with something that was signalled, and not read."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    p.send(b"ab")
    r.calm()
    c.waitForReadyRead(FEW)
    c.read_n(1)
    for _ in range(2):
        c.waitForReadyRead(FEW)
    c.peek_n(1)
    c.waitForReadyRead(FEW)


@scenario
def unbuffered_write_while_closing(r):
    """What is written inside stateChanged(Closing) is sent at once."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    c.on("stateChanged", lambda: c.write(b"abc"), once=True)
    c.disconnectFromHost()
    r.calm()
    r.value("peer", p.summary())


@scenario
def wait_in_host_lookup(r):
    """A wait inside stateChanged(HostLookup) takes the address, or the look-up, and goes on."""
    listener = r.listener()
    for host in LOCAL, "localhost":
        c = r.socket()
        c.on("stateChanged", lambda: c.waitForConnected(5000), once=True)
        c.connectToHost(host, listener.port)
        r.until(lambda: c.seen("connected"))
    for wait in "ReadyRead", "BytesWritten", "Disconnected":
        c = r.socket()
        c.on("stateChanged", lambda: getattr(c, f"waitFor{wait}")(FEW), once=True)
        c.connectToHost(LOCAL, listener.port)
        r.calm()


@scenario
def wait_ready_read_while_closing(r):
    """waitForReadyRead() while what is left is still to be sent: nothing is read any more."""
    for local in False, True:
        c, p = r.local_raw() if local else r.connected()
        c.write(b"x")
        c.close()
        c.waitForReadyRead(5000)
        r.calm()


@scenario
def close_in_about_to_close_of_abort(r):
    """close() inside the aboutToClose of abort(), while connecting."""
    c = r.socket()
    c.on("aboutToClose", lambda: c.close(), once=True)
    c.connectToHost(LOCAL, r.listener().port)
    c.abort()
    r.calm()


@scenario
def write_only_with_limit(r):
    """What nobody can read does not count for the limit."""
    for local in False, True:
        c, p = r.local_raw(net.Mode.WriteOnly) if local else r.connected(mode=net.Mode.WriteOnly)
        c.setReadBufferSize(1)
        p.send(b"abcdefghijklmnopqrstuvwxyz")
        r.calm()
        c.waitForReadyRead(FEW)
        p.close()
        r.calm()


@scenario
def local_delete_open(r):
    """Deleting a socket whose connection has ended: the device is still open, and is closed first."""
    s, c, p = r.local_pair()
    c.disconnectFromServer()
    r.calm()
    c.delete()
    p.deleteLater()
    r.calm()


# ---- through proxies

SOCKS, HTTP = net.QNetworkProxy.ProxyType.Socks5Proxy, net.QNetworkProxy.ProxyType.HttpProxy
NO_METHOD, GRANTED, REFUSED = b"\5\0", b"\5\0\0\1\x7f\0\0\2\x13\x89", b"\5\5\0\1\0\0\0\0\0\0"
FINE = b"HTTP/1.1 200 Fine\r\n\r\n"
ASKS = b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="r"\r\nContent-Length: 0\r\n\r\n'
NAME = "target.test"


@scenario
def proxy_knows_credentials(r):
    """A second connection through a proxy that has let the first one in with a user and a password."""
    c = r.through(HTTP, [ASKS, FINE])
    c.on("proxyAuthenticationRequired", r.fills(("user", "secret")))
    c.connectToHost(NAME, 7)
    r.serve()
    c.abort()
    c.connectToHost(NAME, 7)
    r.serve()


@scenario
def proxy_delete_after_write(r):
    """deleteLater() behind a write, through SOCKS 5."""
    c, p = r.through(SOCKS, [NO_METHOD, GRANTED]), r.peer_behind()
    c.connectToHost(NAME, 7)
    r.serve()
    c.write(b"a")
    c.deleteLater()
    r.calm()
    p.got_all()


@scenario
def proxy_delete_after_flush(r):
    """Deleting a socket behind flush(), through HTTP."""
    c, p = r.through(HTTP, [FINE]), r.peer_behind()
    c.connectToHost(NAME, 7)
    r.serve()
    c.write(b"a")
    c.flush()
    c.delete()
    r.calm()
    p.got_all()


@scenario
def proxy_close_after_flush(r):
    """close() behind flush(), through HTTP."""
    c = r.through(HTTP, [FINE])
    c.connectToHost(NAME, 7)
    r.serve()
    c.write(b"a")
    c.flush()
    c.close()
    r.calm()


@scenario(qt_crashes=True)
def proxy_write_in_about_to_close(r):
    """write() in the aboutToClose of abort(), while connecting through a proxy, and another attempt."""
    c = r.through(HTTP, [FINE])
    c.on("aboutToClose", lambda: c.write(b"a"), once=True)
    c.connectToHost(NAME, 7)
    c.abort()
    c.connectToHost(NAME, 7)
    r.serve()


@scenario
def proxy_write_after_half_close(r):
    """write() to a peer behind SOCKS 5 that has ended its own sending, before that is signalled."""
    c, p = r.through(SOCKS, [NO_METHOD, GRANTED]), r.peer_behind()
    c.connectToHost(NAME, 7)
    r.serve()
    p.shutdown()
    peer.deliver()
    c.write(b"a")
    c.flush()
    r.calm()
    p.got_all()


@scenario
def proxy_wait_runs_out(r):
    """waitForReadyRead() while a proxy says nothing yet."""
    c = r.through(SOCKS, [NO_METHOD, GRANTED])
    c.connectToHost(NAME, 7)
    c.waitForReadyRead(FEW)


@scenario
def proxy_wait_unknown_method(r):
    """waitForConnected() with a SOCKS 5 proxy that chooses a method that nobody offered."""
    c = r.through(SOCKS, [b"\5\3"])
    c.connectToHost(NAME, 7)
    c.waitForConnected(200)


@scenario
def proxy_delete_later_when_asked(r):
    """deleteLater() in proxyAuthenticationRequired."""
    c = r.through(SOCKS, [b"\5\xff"])
    c.on("proxyAuthenticationRequired", lambda: c.deleteLater())
    c.connectToHost(NAME, 7)
    r.serve()


@scenario
def proxy_leave_when_asked(r):
    """Leaving the loop in proxyAuthenticationRequired."""
    c = r.through(SOCKS, [b"\5\xff"])
    c.on("proxyAuthenticationRequired", lambda: r.leave())
    c.connectToHost(NAME, 7)
    r.serve()
    r.note("again")
    r.calm()


@scenario
def proxy_kept_connection_ends(r):
    """An HTTP proxy that has asked for a user, and ends the connection that it was to keep."""
    c = r.through(HTTP, [ASKS, "close"], [FINE])
    c.on("proxyAuthenticationRequired", r.fills(("user", "secret")))
    c.connectToHost(NAME, 7)
    r.serve()


@scenario
def proxy_refused_address(r):
    """An address that the proxy cannot reach at first."""
    c = r.through(SOCKS, [NO_METHOD, REFUSED], [NO_METHOD, GRANTED])
    c.connectToHost(net.QHostAddress("192.0.2.1"), 7)
    r.serve()


@scenario
def proxy_valid_again(r):
    """isValid() in an attempt after a SOCKS 5 proxy has refused."""
    c = r.through(SOCKS, [NO_METHOD, REFUSED])
    c.connectToHost(NAME, 7)
    r.serve()
    c.connectToHost(NAME, 7)
    r.serve()


@scenario
def proxy_flush_refused(r):
    """flush() after a proxy has refused, when something was to be sent."""
    c = r.through(HTTP, [b"HTTP/1.1 403 No\r\n\r\n"])
    c.connectToHost(NAME, 7)
    c.write(b"a")
    r.serve()
    c.flush()


@scenario
def proxy_glued_and_early(r):
    """A write before the connection, and data that comes with the proxy's last answer."""
    c, p = r.through(SOCKS, [NO_METHOD, GRANTED + b"glued"]), r.peer_behind()
    c.on("readyRead", lambda: c.readAll())
    c.connectToHost(NAME, 7)
    c.write(b"a")
    r.serve()
    p.got_all()


@scenario
def proxy_glued_and_delete_later(r):
    """deleteLater() in the connected behind which there is data that came with the proxy's last answer."""
    c = r.through(SOCKS, [NO_METHOD, GRANTED + b"glued"])
    c.on("connected", lambda: c.deleteLater())
    c.connectToHost(NAME, 7)
    r.serve()
