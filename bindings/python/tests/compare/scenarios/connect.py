"""Connecting: where the signals come, in which state, and what happens when it fails or is called off."""

import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"


def dead_port(r, name="DEAD", host=LOCAL):
    dead = r.keep(peer.DeadPort(host))
    r.ports[dead.port] = name
    return dead.port


def hanging(r):
    full = r.keep(peer.Hanging())
    r.ports[full.port] = "HANG"
    return full.port


@scenario
def fresh_socket(r):
    """What a new socket says about itself."""
    c = r.socket()
    r.look(c)
    for method in ("isSequential isReadable isWritable readBufferSize socketType protocolTag pauseMode "
                   "atEnd canReadLine bytesAvailable bytesToWrite isTransactionStarted peerName "
                   "localAddress peerAddress localPort peerPort").split():
        getattr(c, method)()


@scenario
def connect_literal(r):
    """A literal address as a string: what happens inside connectToHost, and what from the loop."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("connected"))
    c.isReadable()
    c.isWritable()


@scenario
def connect_host_address(r):
    """A QHostAddress: is there a look-up state, and what is peerName?"""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(net.QHostAddress(LOCAL), listener.port)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("connected"))


@scenario
def connect_special_address(r):
    """QHostAddress.LocalHost given as an enumerator."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(net.Special.LocalHost, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def connect_ipv6(r):
    """A literal IPv6 address."""
    listener = r.listener(host="::1")
    c = r.socket()
    c.connectToHost("::1", listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def connect_ipv6_in_brackets(r):
    """An IPv6 address in brackets is not a literal address."""
    c = r.socket()
    c.connectToHost("[::1]", 1)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_ipv4_mapped(r):
    """::ffff:127.0.0.1 reaches an IPv4 listener; how are the addresses shown?"""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("::ffff:127.0.0.1", listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_null_address(r):
    """A null QHostAddress as the destination."""
    c = r.socket()
    c.connectToHost(net.QHostAddress(), 1)
    r.settle()


@scenario
def connect_any_address(r):
    """0.0.0.0 as the destination means this host."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("0.0.0.0", listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_special_any(r):
    """QHostAddress.Any as the destination."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(net.QHostAddress(net.Special.Any), listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_empty_name(r):
    """An empty host name."""
    c = r.socket()
    c.connectToHost("", 1)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def connect_port_zero(r):
    """Port 0."""
    c = r.socket()
    c.connectToHost(LOCAL, 0)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def connect_broadcast_address(r):
    """The broadcast address cannot be connected to: the system refuses at once."""
    c = r.socket()
    c.connectToHost(net.Special.Broadcast, 9)
    r.settle()


@scenario(fresh=True)
def connect_name_uncached(r):
    """localhost, looked up for the first time: the call returns in HostLookup."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("connected"))


@scenario(fresh=True)
def connect_name_cached(r):
    """localhost, looked up a moment ago: all as with a literal address?"""
    listener = r.listener()
    with r.silence():
        found = []
        net.lookup("localhost", found.append)
        r.until(lambda: found)
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("connected"))


@scenario(fresh=True)
def connect_name_twice(r):
    """localhost, and localhost again with another socket."""
    listener = r.listener()
    b, c = r.socket("b"), r.socket("c")
    b.connectToHost("localhost", listener.port)
    r.until(lambda: b.seen("connected"))
    c.connectToHost("localhost", listener.port)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("connected"))


@scenario(fresh=True)
def connect_name_wrong_protocol(r):
    """localhost with IPv6 asked for, where it has only an IPv4 address."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port, net.Mode.ReadWrite, net.Protocol.IPv6Protocol)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario(fresh=True)
def connect_name_right_protocol(r):
    """localhost with IPv4 asked for."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port, net.Mode.ReadWrite, net.Protocol.IPv4Protocol)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_literal_wrong_protocol(r):
    """A literal IPv4 address with IPv6 asked for."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port, net.Mode.ReadWrite, net.Protocol.IPv6Protocol)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def connect_refused(r):
    """Refused: the order of stateChanged and errorOccurred, and what stays open."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("errorOccurred"))
    c.write(b"x")
    c.read(10)
    c.bytesToWrite()


@scenario
def connect_refused_ipv6(r):
    """Refused on IPv6."""
    c = r.socket()
    c.connectToHost("::1", dead_port(r, host="::1"))
    r.until(lambda: c.seen("errorOccurred"))


@scenario(fresh=True)
def connect_refused_by_name(r):
    """Refused, with a name that was looked up."""
    c = r.socket()
    c.connectToHost("localhost", dead_port(r))
    r.until(lambda: c.seen("errorOccurred"))


@scenario(timeout=60)
def connect_unknown_host(r):
    """A name that does not exist."""
    c = r.socket()
    c.connectToHost("nosuch.invalid", 80)
    r.note("the call has returned; now the loop")
    r.until(lambda: c.seen("errorOccurred"), timeout=40)
    c.close()


@scenario
def connect_unknown_host_not_ascii(r):
    """A name that no host can have."""
    c = r.socket()
    c.connectToHost("exa mple", 80)
    r.until(lambda: c.seen("errorOccurred"), timeout=40)


@scenario
def write_while_connecting(r):
    """Data written before the connection stands is sent afterwards."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    r.until(lambda: c.seen("bytesWritten"))
    r.value("the peer got", listener.accept().wait(5))


@scenario
def flush_while_connecting(r):
    """flush() before the connection stands, with data waiting."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.flush()
    c.write(b"early")
    c.flush()
    r.settle()


@scenario
def write_while_refused(r):
    """Data written while connecting, and then the connection is refused."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    c.write(b"early")
    r.until(lambda: c.seen("errorOccurred"))
    c.bytesToWrite()
    c.flush()


@scenario(fresh=True)
def write_during_lookup(r):
    """Data written while the name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.write(b"early")
    c.flush()
    r.until(lambda: c.seen("bytesWritten"))


@scenario
def close_while_connecting(r):
    """close() right after connectToHost: it still connects, and then closes."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.close()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected") or c.seen("errorOccurred"))
    r.value("the peer got", listener.waiting() and listener.accept().summary())


@scenario
def close_while_connecting_with_data(r):
    """close() while connecting, with data written before."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    c.close()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected") or c.seen("errorOccurred"))
    r.value("the peer got", listener.waiting() and listener.accept().summary())


@scenario
def disconnect_while_connecting(r):
    """disconnectFromHost() right after connectToHost."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    c.disconnectFromHost()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected") or c.seen("errorOccurred"))
    r.value("the peer got", listener.waiting() and listener.accept().summary())


@scenario
def abort_while_connecting(r):
    """abort() right after connectToHost."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.write(b"early")
    c.abort()
    r.settle()


@scenario
def close_while_being_refused(r):
    """close() while a connection is about to be refused."""
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    c.close()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected") or c.seen("errorOccurred"))


@scenario
def abort_while_hanging(r):
    """abort() of a connection attempt that gets no answer."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    r.settle()
    r.note("still no answer")
    c.abort()
    r.settle()


@scenario
def close_while_hanging(r):
    """close() and then abort() of an attempt that gets no answer."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    r.settle()
    c.close()
    r.settle()
    r.note("closing waits for the connection")
    c.abort()
    r.settle()


@scenario
def disconnect_while_hanging(r):
    """disconnectFromHost() twice on an attempt that gets no answer, then close(), then abort()."""
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    r.settle()
    c.disconnectFromHost()
    c.disconnectFromHost()
    r.settle()
    c.close()
    r.settle()
    c.abort()
    r.settle()


@scenario
def connect_while_hanging(r):
    """connectToHost on a socket that is still connecting."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    c.connectToHost(LOCAL, listener.port)
    r.settle()
    c.abort()


@scenario
def connect_after_abort_of_hanging(r):
    """Abort an attempt that hangs, and connect elsewhere at once."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, hanging(r))
    r.settle()
    c.abort()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def connect_twice(r):
    """connectToHost on a connected socket: an error, and the connection survives."""
    c, p = r.connected()
    other = r.listener("OTHER")
    c.connectToHost(LOCAL, other.port)
    r.settle()
    p.send(b"still here")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    r.value("a connection to the other", other.waiting())


@scenario
def connect_twice_at_once(r):
    """connectToHost twice in a row, before the loop runs."""
    listener, other = r.listener(), r.listener("OTHER")
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.connectToHost(LOCAL, other.port)
    r.until(lambda: c.seen("connected"))


@scenario(fresh=True)
def close_during_lookup(r):
    """close() while the name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.close()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected"))


@scenario(fresh=True)
def disconnect_during_lookup(r):
    """disconnectFromHost() with data written, while the name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.write(b"early")
    c.disconnectFromHost()
    r.note("now the loop")
    r.until(lambda: c.seen("disconnected"))
    r.value("the peer got", listener.waiting() and listener.accept().summary())


@scenario(fresh=True)
def abort_during_lookup(r):
    """abort() while the name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.abort()
    r.settle()
    with r.silence():
        found = []
        net.lookup("localhost", found.append)
        r.until(lambda: found)
    r.note("nothing came of it later")


@scenario(fresh=True)
def connect_during_lookup(r):
    """connectToHost while another name is being looked up."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost("localhost", listener.port)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario(fresh=True)
def abort_lookup_and_reconnect(r):
    """abort() during a look-up, and at once connect to a literal address: the old look-up must not interfere."""
    listener, other = r.listener(), r.listener("OTHER")
    c = r.socket()
    c.connectToHost("localhost", other.port)
    c.abort()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    with r.silence():
        found = []
        net.lookup("localhost", found.append)
        r.until(lambda: found)
    r.value("a connection to the other", other.waiting())


@scenario
def connect_in_connected_handler(r):
    """connectToHost inside connected."""
    listener, other = r.listener(), r.listener("OTHER")
    c = r.socket()
    c.on("connected", lambda: c.connectToHost(LOCAL, other.port), once=True)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def connect_in_error_handler(r):
    """After a refusal, connect again inside errorOccurred."""
    listener = r.listener()
    c = r.socket()
    c.on("errorOccurred", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    c.connectToHost(LOCAL, dead_port(r))
    r.until(lambda: c.seen("connected"))


@scenario
def connect_in_unconnected_handler(r):
    """After a refusal, connect again inside stateChanged(Unconnected)."""
    listener = r.listener()
    c = r.socket()

    def again(state):
        if state == net.State.UnconnectedState:
            c.connectToHost(LOCAL, listener.port)
    c.on("stateChanged", again)
    c.connectToHost(LOCAL, dead_port(r))
    r.until(lambda: c.seen("connected"))


@scenario
def connect_in_disconnected_handler(r):
    """Reconnect inside disconnected, after our own disconnectFromHost."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    c.disconnectFromHost()
    r.until(lambda: c.seen("connected"))


@scenario
def connect_in_disconnected_handler_of_peer_close(r):
    """Reconnect inside disconnected, after the peer closed."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    p.close()
    r.until(lambda: c.seen("connected"))


@scenario
def connect_in_disconnected_handler_of_close(r):
    """Reconnect inside the disconnected that close() emits."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    c.close()
    r.until(lambda: c.seen("connected"))
    r.settle()


@scenario
def connect_in_disconnected_handler_of_abort(r):
    """Reconnect inside the disconnected that abort() emits."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.on("disconnected", lambda: c.connectToHost(LOCAL, listener.port), once=True)
    c.abort()
    r.settle()


@scenario
def reconnect_after_close(r):
    """The same socket connects a second time after close()."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.write(b"first")
    r.until(lambda: c.seen("bytesWritten"))
    c.close()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    c.write(b"second")
    r.until(lambda: c.seen("bytesWritten") == 2)
    r.value("the peer got", listener.accept().wait(6))


@scenario
def reconnect_after_error(r):
    """The same socket connects after a refusal, and the old error is still there."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, dead_port(r))
    r.until(lambda: c.seen("errorOccurred"))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def reconnect_after_peer_close_with_unread(r):
    """Reconnect while data of the old connection is still unread."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    p.send(b"old data")
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    c.readAll()


@scenario
def connect_while_closing(r):
    """connectToHost while a close waits for data to be written."""
    listener = r.listener()
    c, p = r.connected(listener=listener, setup=None)
    c.write(b"data")
    c.disconnectFromHost()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected") or c.seen("connected"))


@scenario
def connect_while_closed_pending(r):
    """connectToHost after close() of a socket that still has data to write."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.write(b"data")
    c.close()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected") or c.seen("connected"))
    r.value("the peer got", p.summary())


@scenario
def abort_in_host_lookup_handler(r):
    """abort() inside stateChanged(HostLookup)."""
    listener = r.listener()
    c = r.socket()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.HostLookupState else None)
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def abort_in_host_found_handler(r):
    """abort() inside hostFound."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.abort())
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def abort_in_connecting_handler(r):
    """abort() inside stateChanged(Connecting)."""
    listener = r.listener()
    c = r.socket()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.ConnectingState else None)
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def abort_in_connected_state_handler(r):
    """abort() inside stateChanged(Connected), which comes before connected."""
    listener = r.listener()
    c = r.socket()
    c.on("stateChanged", lambda s: c.abort() if s == net.State.ConnectedState else None)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected"))


@scenario
def close_in_host_found_handler(r):
    """close() inside hostFound."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.close())
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected"))


@scenario
def disconnect_in_host_found_handler(r):
    """disconnectFromHost() inside hostFound."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.disconnectFromHost())
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("disconnected"))


@scenario
def write_in_host_found_handler(r):
    """write() inside hostFound."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.write(b"early"))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("bytesWritten"))


@scenario(fresh=True)
def abort_in_host_found_of_lookup(r):
    """abort() inside a hostFound that comes from the loop."""
    listener = r.listener()
    c = r.socket()
    c.on("hostFound", lambda: c.abort())
    c.connectToHost("localhost", listener.port)
    r.until(lambda: c.seen("readChannelFinished"))


@scenario
def connect_read_only(r):
    """connectToHost with ReadOnly: reading works, writing does not."""
    c, p = r.connected(mode=net.Mode.ReadOnly)
    c.isReadable(), c.isWritable()
    c.write(b"x")
    p.send(b"data")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def connect_write_only(r):
    """connectToHost with WriteOnly: does it read from the kernel, does it notice the peer's closing?"""
    c, p = r.connected(mode=net.Mode.WriteOnly)
    c.isReadable(), c.isWritable()
    p.send(b"data")
    r.settle()
    c.bytesAvailable()
    c.read_n(10)
    c.write(b"x")
    r.until(lambda: c.seen("bytesWritten"))
    p.close()
    r.settle()


@scenario
def connect_write_only_with_error_of_write(r):
    """WriteOnly and the peer resets: only writing can find out."""
    c, p = r.connected(mode=net.Mode.WriteOnly)
    p.reset()
    r.settle()
    c.write(b"x")
    r.settle()


@scenario
def connect_not_open_mode(r):
    """connectToHost with NotOpen as the mode."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port, net.Mode.NotOpen)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))
    c.write(b"x")


@scenario
def connect_unbuffered(r):
    """connectToHost with Unbuffered: write() reaches the kernel at once, read() goes to the kernel."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    c.write(b"now")
    r.value("the peer got, before the loop ran", p.wait(3))
    r.settle()
    p.send(b"in parts")
    r.until(lambda: c.seen("readyRead"))
    c.read_n(3)
    c.bytesAvailable()
    r.settle()
    c.readAll()
    p.send(b"more")
    r.settle()
    c.readAll()
    p.close()
    r.settle()
    c.read_n(1)
    r.settle()
    c.write(b"x")
    r.settle()


@scenario
def connect_unbuffered_early_write(r):
    """Unbuffered: writing before the connection stands."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port, net.Mode.ReadWrite | net.Mode.Unbuffered)
    c.write(b"early")
    r.until(lambda: c.seen("connected"))


@scenario
def connect_append_truncate(r):
    """Append and Truncate in the mode are kept or not."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Append | net.Mode.Truncate)


@scenario
def two_sockets_connect(r):
    """Two sockets connect to the same listener: none disturbs the other."""
    listener = r.listener()
    a, b = r.socket("a"), r.socket("b")
    a.connectToHost(LOCAL, listener.port)
    r.until(lambda: a.seen("connected"))
    b.connectToHost(LOCAL, listener.port)
    r.until(lambda: b.seen("connected"))
    a.abort()
    r.settle()


@scenario
def data_before_connected_is_seen(r):
    """The peer sends before our loop has run: connected first, then readyRead."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    p = r.keep(listener.accept())
    p.send(b"hello")
    r.until(lambda: c.seen("readyRead"))


@scenario
def peer_closes_before_connected_is_seen(r):
    """The peer sends and closes before our loop has run."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    p = r.keep(listener.accept())
    p.send(b"hello")
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


@scenario
def peer_resets_before_connected_is_seen(r):
    """The peer resets before our loop has run: the attempt succeeded, or did it?"""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    p = r.keep(listener.accept())
    p.reset()
    r.settle()
    r.value("a second connection", listener.waiting())
