"""bind, adopting descriptors, socket options, and the setters that subclasses may use."""

import fcntl
import os
import socket

import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"


def local():
    return net.QHostAddress(net.Special.LocalHost)


# ---- bind

@scenario
def bind_default(r):
    """bind() without arguments: signals, state, open mode, addresses, descriptor."""
    c = r.socket()
    c.bind()
    c.localAddress()
    c.isOpen(), c.isReadable()


@scenario
def bind_local(r):
    """bind(LocalHost)."""
    c = r.socket()
    c.bind(local())
    c.localAddress()
    c.write(b"x")
    c.close()


@scenario
def bind_ipv6(r):
    """bind(LocalHostIPv6)."""
    c = r.socket()
    c.bind(net.QHostAddress(net.Special.LocalHostIPv6))
    c.localAddress()


@scenario
def bind_port_given(r):
    """bind() to a port, and connect from it."""
    free = peer.DeadPort()
    port = free.port
    free.close()
    r.ports[port] = "MINE"
    listener = r.listener()
    c = r.socket()
    c.bind(local(), port)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    r.value("the peer sees the port", r.keep(listener.accept()).socket.getpeername()[1] == port)


@scenario
def bind_in_use(r):
    """bind() to a port that another socket has."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "TAKEN"
    c = r.socket()
    c.bind(local(), dead.port)


@scenario
def bind_in_use_with_share(r):
    """bind() with ShareAddress and ReuseAddressHint to a port that another socket has without sharing."""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "TAKEN"
    for name in ("DefaultForPlatform", "ShareAddress", "ReuseAddressHint", "DontShareAddress"):
        c = r.socket(name)
        c.bind(local(), dead.port, getattr(net.Bind, name))


@scenario
def bind_flags_options(r):
    """Which kernel options the bind flags set, on TCP."""
    for name in ("DefaultForPlatform", "ShareAddress", "ReuseAddressHint", "DontShareAddress"):
        c = r.socket(name)
        c.bind(local(), 0, getattr(net.Bind, name))
        number = c.q.socketDescriptor()
        r.value("SO_REUSEADDR", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0)
        r.value("SO_REUSEPORT", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0)
    c = r.socket("both")
    c.bind(local(), 0, net.Bind.ShareAddress | net.Bind.ReuseAddressHint)
    number = c.q.socketDescriptor()
    r.value("SO_REUSEADDR", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0)


@scenario
def bind_twice(r):
    """bind() on a bound socket."""
    c = r.socket()
    c.bind(local())
    c.bind(local())


@scenario
def bind_connected(r):
    """bind() on a connected socket."""
    c, p = r.connected()
    c.bind(local())
    r.settle()


@scenario
def bind_connecting(r):
    """bind() on a connecting socket."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.bind(local())
    r.settle()


@scenario
def bind_foreign_address(r):
    """bind() to an address that this host does not have."""
    c = r.socket()
    c.bind(net.QHostAddress("203.0.113.1"))


@scenario
def bind_null_address(r):
    """bind() to a null address."""
    c = r.socket()
    c.bind(net.QHostAddress())


@scenario
def bind_then_connect(r):
    """bind, then connect: states, and is the descriptor the same?"""
    listener = r.listener()
    c = r.socket()
    c.bind(local())
    number = c.q.socketDescriptor()
    c.connectToHost(LOCAL, listener.port)
    r.look(c)
    r.until(lambda: c.seen("connected"))
    r.value("the same descriptor", c.q.socketDescriptor() == number)


@scenario
def bind_any_then_connect(r):
    """bind to Any (dual stack), then connect to an IPv4 address."""
    listener = r.listener()
    c = r.socket()
    c.bind()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))


@scenario
def bind_then_connect_other_family(r):
    """bind to an IPv6 address, then connect to an IPv4 one."""
    listener = r.listener()
    c = r.socket()
    c.bind(net.QHostAddress(net.Special.LocalHostIPv6))
    c.connectToHost(LOCAL, listener.port)
    r.settle()


@scenario
def bind_then_refused(r):
    """bind, then a refused connection: is the socket still bound?"""
    dead = r.keep(peer.DeadPort())
    r.ports[dead.port] = "DEAD"
    c = r.socket()
    c.bind(local())
    c.connectToHost(LOCAL, dead.port)
    r.until(lambda: c.seen("errorOccurred"))


@scenario
def bind_then_close(r):
    """close(), disconnectFromHost(), abort() of bound sockets."""
    for action in ("close", "disconnectFromHost", "abort"):
        c = r.socket(action)
        c.bind(local())
        getattr(c, action)()
        r.settle()


@scenario
def bind_then_wait(r):
    """The wait functions on a bound socket."""
    c = r.socket()
    c.bind(local())
    c.waitForConnected(10)
    c.waitForBytesWritten(10)
    c.waitForDisconnected(10)
    c.waitForReadyRead(10)


@scenario
def bind_after_disconnect(r):
    """bind() on a socket that was connected before."""
    c, p = r.connected()
    c.close()
    c.bind(local())


@scenario
def bind_from_handler(r):
    """bind() inside disconnected."""
    c, p = r.connected()
    c.on("disconnected", lambda: c.bind(local()))
    p.close()
    r.until(lambda: c.seen("disconnected"))


# ---- adopting descriptors

def raw_pair(r):
    """A raw connected descriptor (not closed by us) and the peer at its other end."""
    listener = r.listener()
    raw = socket.create_connection((LOCAL, listener.port))
    return raw.detach(), r.keep(listener.accept())


@scenario
def adopt_connected(r):
    """setSocketDescriptor() with a connected socket; then both directions and closing."""
    number, p = raw_pair(r)
    c = r.socket()
    c.setSocketDescriptor(number)
    r.value("the same number", c.q.socketDescriptor() == number)
    c.peerName()
    p.send(b"hello")
    r.until(lambda: c.seen("readyRead"))
    c.write(b"answer")
    r.until(lambda: p.got(6))
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def adopt_connected_with_data(r):
    """setSocketDescriptor() with a socket on which data waits."""
    number, p = raw_pair(r)
    p.send(b"hello")
    peer.arrived(number, 5)
    c = r.socket()
    c.setSocketDescriptor(number)
    c.bytesAvailable()
    r.until(lambda: c.seen("readyRead"))


@scenario
def adopt_blocking(r):
    """setSocketDescriptor() makes the descriptor non-blocking; close-on-exec is left as it was?"""
    listener = r.listener()
    raw = socket.create_connection((LOCAL, listener.port))
    number = raw.detach()
    os.set_inheritable(number, True)
    c = r.socket()
    c.setSocketDescriptor(number)
    r.value("non-blocking", bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_NONBLOCK))
    r.value("close-on-exec", bool(fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC))


@scenario
def adopt_states(r):
    """setSocketDescriptor() with a connected socket, called something else: what is emitted and shown."""
    for name in ("Unconnected", "HostLookup", "Connecting", "Connected", "Bound", "Listening", "Closing"):
        number, p = raw_pair(r)
        c = r.socket(name)
        c.setSocketDescriptor(number, getattr(net.State, name + "State"))
        c.abort()
        r.value("the peer got", p.summary())


@scenario
def adopt_connected_as_bound(r):
    """setSocketDescriptor() with a connected socket, called Bound: it is used as if connected."""
    number, p = raw_pair(r)
    c = r.socket()
    c.setSocketDescriptor(number, net.State.BoundState)
    p.send(b"hello")
    r.until(lambda: c.seen("readyRead"))
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.abort()


@scenario
def adopt_open_modes(r):
    """setSocketDescriptor() with ReadOnly, WriteOnly, Text, Unbuffered, NotOpen."""
    for name in ("ReadOnly", "WriteOnly", "Text", "Unbuffered", "NotOpen"):
        number, p = raw_pair(r)
        c = r.socket(name)
        mode = getattr(net.Mode, name)
        if name in ("Text", "Unbuffered"):
            mode |= net.Mode.ReadWrite
        c.setSocketDescriptor(number, net.State.ConnectedState, mode)
        p.send(b"a\r\n")
        r.settle()
        c.read_n(10)
        c.abort()


@scenario
def adopt_unconnected(r):
    """setSocketDescriptor() with a fresh socket, as Unconnected, and connecting with it."""
    raw = socket.socket()
    number = raw.detach()
    listener = r.listener()
    c = r.socket()
    c.setSocketDescriptor(number, net.State.UnconnectedState)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    r.value("the same number", c.q.socketDescriptor() == number)
    if c.q.socketDescriptor() != number:
        os.close(number)


@scenario
def adopt_unconnected_as_connected(r):
    """setSocketDescriptor() with a fresh socket, called Connected."""
    raw = socket.socket()
    c = r.socket()
    c.setSocketDescriptor(raw.detach())
    r.settle()


@scenario
def adopt_bound(r):
    """setSocketDescriptor() with a bound socket, as Bound, and connecting with it."""
    dead = peer.DeadPort()
    r.ports[dead.port] = "MINE"
    number = dead.socket.detach()
    listener = r.listener()
    c = r.socket()
    c.setSocketDescriptor(number, net.State.BoundState)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))
    r.value("the same number", c.q.socketDescriptor() == number)


@scenario
def adopt_both_families(r):
    """setSocketDescriptor() with a socket that is bound to every address, of IPv6 alone and of both families."""
    for only in (1, 0):
        raw = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        raw.bind(("::", 0))
        r.ports[raw.getsockname()[1]] = "MINE"
        c = r.socket(f"c{only}")
        c.setSocketDescriptor(raw.detach(), net.State.BoundState)
        r.line(f"only IPv6: {only}, {r.address(c.q.localAddress())}")


@scenario
def adopt_listening(r):
    """setSocketDescriptor() of a QTcpSocket with a listening socket."""
    raw = peer.Listener()
    r.ports[raw.port] = "RAW"
    c = r.socket()
    c.setSocketDescriptor(raw.socket.detach(), net.State.ListeningState)
    r.settle()


@scenario
def adopt_fifo(r):
    """setSocketDescriptor() with the reading end of a pipe: reading from it works or not."""
    a, b = os.pipe()
    c = r.socket()
    c.setSocketDescriptor(a)
    os.write(b, b"hello")
    r.settle()
    c.readAll()
    os.close(b)
    r.settle()


@scenario
def adopt_unix_socket(r):
    """setSocketDescriptor() of a QTcpSocket with a Unix-domain socket."""
    a, b = socket.socketpair()
    r.keep(b)
    c = r.socket()
    c.setSocketDescriptor(a.detach())
    b.sendall(b"hello")
    r.until(lambda: c.seen("readyRead"))
    c.write(b"answer")
    r.until(lambda: c.seen("bytesWritten"))
    r.value("the peer got", b.recv(100))
    b.close()
    r.settle()


@scenario
def adopt_udp(r):
    """setSocketDescriptor() of a QTcpSocket with a datagram socket."""
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c = r.socket()
    c.setSocketDescriptor(a.detach())
    r.settle()


@scenario
def adopt_nonsense(r):
    """setSocketDescriptor() with numbers that are no descriptors, and with a file."""
    for number in (-1, 9999):
        c = r.socket()
        c.setSocketDescriptor(number)
    with open("/dev/null", "rb") as file:
        c = r.socket()
        c.setSocketDescriptor(os.dup(file.fileno()))
        r.settle()


@scenario
def adopt_over_connected(r):
    """setSocketDescriptor() on a socket that is connected already."""
    c, old = r.connected()
    old.send(b"unread")
    r.until(lambda: c.seen("readyRead"))
    number, p = raw_pair(r)
    c.setSocketDescriptor(number)
    r.settle()
    r.value("the old peer got", old.summary())
    p.send(b"hello")
    r.until(lambda: c.seen("readyRead") == 2)
    c.readAll()


@scenario
def adopt_closed_by_peer(r):
    """setSocketDescriptor() with a socket whose peer has closed."""
    number, p = raw_pair(r)
    p.close()
    peer.hung_up(number)
    c = r.socket()
    c.setSocketDescriptor(number)
    r.until(lambda: c.seen("disconnected"))


@scenario
def adopt_and_name(r):
    """setPeerName() after setSocketDescriptor()."""
    number, p = raw_pair(r)

    class Socket(net.QTcpSocket):
        pass
    c = r.socket(cls=Socket)
    c.setSocketDescriptor(number)
    c.setPeerName("somebody")
    c.close()
    c.peerName()


# ---- options

OPTIONS = ("LowDelayOption KeepAliveOption MulticastTtlOption MulticastLoopbackOption TypeOfServiceOption "
           "SendBufferSizeSocketOption ReceiveBufferSizeSocketOption PathMtuSocketOption").split()


def show_options(r, c, names=OPTIONS):
    for name in names:
        value = c.q.socketOption(getattr(net.Option, name))
        if "BufferSize" in name or "PathMtu" in name:
            value = type(value).__name__ + (" > 0" if value and value > 0 else "")
        r.value(name, value)


@scenario
def options_unconnected(r):
    """Reading every option of a socket without a descriptor."""
    c = r.socket()
    show_options(r, c)


@scenario
def options_connected(r):
    """Reading every option of a connected socket."""
    c, p = r.connected()
    show_options(r, c)


@scenario
def options_set_connected(r):
    """Setting options of a connected socket, and the kernel's real values."""
    c, p = r.connected()
    c.setSocketOption(net.Option.LowDelayOption, 1)
    c.setSocketOption(net.Option.KeepAliveOption, 1)
    c.setSocketOption(net.Option.TypeOfServiceOption, 32)
    show_options(r, c, OPTIONS[:5])
    number = c.q.socketDescriptor()
    r.value("TCP_NODELAY", peer.option(number, socket.IPPROTO_TCP, socket.TCP_NODELAY))
    r.value("SO_KEEPALIVE", peer.option(number, socket.SOL_SOCKET, socket.SO_KEEPALIVE))
    r.value("IP_TOS", peer.option(number, socket.IPPROTO_IP, socket.IP_TOS))
    c.setSocketOption(net.Option.LowDelayOption, 0)
    c.setSocketOption(net.Option.KeepAliveOption, False)
    show_options(r, c, OPTIONS[:2])


@scenario
def options_keepalive_details(r):
    """The keep-alive times of Qt 6.11 and later, against the kernel's."""
    c, p = r.connected()
    number = c.q.socketDescriptor()
    for name, value, kernel in (("KeepAliveIdleOption", 11, socket.TCP_KEEPIDLE),
                                ("KeepAliveIntervalOption", 12, socket.TCP_KEEPINTVL),
                                ("KeepAliveCountOption", 5, socket.TCP_KEEPCNT)):
        option = getattr(net.Option, name)
        r.value(name + " is the kernel's",
                c.q.socketOption(option) == peer.option(number, socket.IPPROTO_TCP, kernel))
        c.setSocketOption(option, value)
        r.value(name, c.q.socketOption(option))
        r.value("in the kernel", peer.option(number, socket.IPPROTO_TCP, kernel))


@scenario
def options_buffer_sizes(r):
    """Buffer sizes: what is set, what is read back (the kernel doubles)."""
    c, p = r.connected()
    number = c.q.socketDescriptor()
    for name, kernel in (("SendBufferSizeSocketOption", socket.SO_SNDBUF),
                         ("ReceiveBufferSizeSocketOption", socket.SO_RCVBUF)):
        c.setSocketOption(getattr(net.Option, name), 16384)
        r.value(name, c.q.socketOption(getattr(net.Option, name)))
        r.value("in the kernel", peer.option(number, socket.SOL_SOCKET, kernel))


@scenario
def options_before_connecting(r):
    """Options set before there is a descriptor: kept for later, or lost?"""
    listener = r.listener()
    c = r.socket()
    c.setSocketOption(net.Option.LowDelayOption, 1)
    c.setSocketOption(net.Option.KeepAliveOption, 1)
    r.value("LowDelayOption", c.q.socketOption(net.Option.LowDelayOption))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    show_options(r, c, OPTIONS[:2])


@scenario
def options_while_connecting(r):
    """Options set while connecting."""
    listener = r.listener()
    c = r.socket()
    c.connectToHost(LOCAL, listener.port)
    c.setSocketOption(net.Option.LowDelayOption, 1)
    r.value("LowDelayOption", c.q.socketOption(net.Option.LowDelayOption))
    r.until(lambda: c.seen("connected"))
    show_options(r, c, OPTIONS[:2])


@scenario
def options_bound(r):
    """Options set on a bound socket hold after connecting."""
    listener = r.listener()
    c = r.socket()
    c.bind(local())
    c.setSocketOption(net.Option.KeepAliveOption, 1)
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    show_options(r, c, OPTIONS[:2])


@scenario
def options_after_close(r):
    """Options of a socket after close(), and after reconnecting."""
    listener = r.listener()
    c, p = r.connected(listener=listener)
    c.setSocketOption(net.Option.LowDelayOption, 1)
    c.close()
    r.value("LowDelayOption", c.q.socketOption(net.Option.LowDelayOption))
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected") == 1)
    r.value("LowDelayOption", c.q.socketOption(net.Option.LowDelayOption))


@scenario
def options_accepted(r):
    """Options of an accepted socket."""
    s, a, p = r.accepted()
    show_options(r, a)
    a.setSocketOption(net.Option.LowDelayOption, 1)
    show_options(r, a, OPTIONS[:1])


@scenario
def options_ipv6(r):
    """Type of service and multicast options on an IPv6 socket."""
    c, p = r.connected(listener=r.listener(host="::1"))
    c.setSocketOption(net.Option.TypeOfServiceOption, 32)
    show_options(r, c, OPTIONS[2:5])


@scenario
def options_bad_values(r):
    """Options with values that make no sense."""
    c, p = r.connected()
    c.setSocketOption(net.Option.TypeOfServiceOption, -1)
    r.value("TypeOfServiceOption", c.q.socketOption(net.Option.TypeOfServiceOption))
    c.setSocketOption(net.Option.MulticastTtlOption, 1000)
    r.value("MulticastTtlOption", c.q.socketOption(net.Option.MulticastTtlOption))
    c.setSocketOption(net.Option.LowDelayOption, 7)
    r.value("LowDelayOption", c.q.socketOption(net.Option.LowDelayOption))
    r.look(c)


# ---- attributes and the setters for subclasses

class Socket(net.QTcpSocket):
    """What a subclass can do: PySide6 lets the protected functions be called on it."""


@scenario
def attributes(r):
    """protocolTag, pauseMode, socketType, readBufferSize: set and read back; are they kept over a connection?"""
    c, p = r.connected()
    c.setProtocolTag("proto")
    c.protocolTag()
    c.setPauseMode(net.QAbstractSocket.PauseMode.PauseOnSslErrors)
    c.pauseMode()
    c.setPauseMode(net.QAbstractSocket.PauseMode.PauseNever)
    c.pauseMode()
    c.socketType()
    c.resume()
    c.close()
    c.protocolTag()


@scenario
def abstract_socket(r):
    """A QAbstractSocket made directly, as TCP, connects."""
    listener = r.listener()
    c = r.watch(net.QAbstractSocket(net.QAbstractSocket.SocketType.TcpSocket, None), "c")
    c.socketType()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))
    c.socketType()


@scenario
def set_socket_state(r):
    """setSocketState() with each state on an unconnected socket: signals, and what it changes."""
    c = r.socket(cls=Socket)
    for name in ("ConnectingState", "ConnectingState", "ConnectedState", "ClosingState", "BoundState",
                 "ListeningState", "HostLookupState", "UnconnectedState"):
        c.setSocketState(getattr(net.State, name))


@scenario
def set_socket_state_connected_and_close(r):
    """setSocketState(Connected) on a socket without a connection, then write, disconnectFromHost, abort."""
    c = r.socket(cls=Socket)
    c.setSocketState(net.State.ConnectedState)
    c.write(b"x")
    c.disconnectFromHost()
    c.abort()


@scenario(qt_crashes=True)
def set_socket_state_connected_and_wait(r):
    """setSocketState(Connected) on a socket without a connection, then flush and the wait functions."""
    c = r.socket(cls=Socket)
    c.setSocketState(net.State.ConnectedState)
    c.flush()
    c.waitForReadyRead(10)
    c.waitForBytesWritten(10)
    c.waitForDisconnected(10)


@scenario
def set_socket_state_while_connected(r):
    """setSocketState(Unconnected) on a connected socket: the connection itself goes on?"""
    c, p = r.connected(cls=Socket)
    c.setSocketState(net.State.UnconnectedState)
    p.send(b"hello")
    r.settle()
    c.write(b"x")
    c.setSocketState(net.State.ConnectedState)
    c.write(b"y")
    r.settle()
    r.value("the peer got", p.summary())


@scenario
def set_socket_error(r):
    """setSocketError(): the code changes, the text does not, nothing is emitted."""
    c = r.socket(cls=Socket)
    c.setSocketError(net.Error.NetworkError)
    c.setSocketError(net.Error.ConnectionRefusedError)
    c.setSocketError(net.Error.UnknownSocketError)


@scenario
def set_addresses(r):
    """The setters of names, addresses and ports, and what connecting makes of them."""
    listener = r.listener()
    c = r.socket(cls=Socket)
    c.setPeerName("peer.example")
    c.setPeerAddress(net.QHostAddress("192.0.2.1"))
    c.setPeerPort(1234)
    c.setLocalAddress(net.QHostAddress("192.0.2.2"))
    c.setLocalPort(4321)
    c.peerPort(), c.localPort()
    c.connectToHost(LOCAL, listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def disconnecting_slots(r):
    """Signal connections: order of slots, a slot removed by another one, one added inside a handler."""
    c, p = r.connected()
    order = []

    def first():
        order.append("first")
        c.q.readyRead.disconnect(second)
        c.q.readyRead.connect(third)

    def second():
        order.append("second")

    def third():
        order.append("third")

    c.q.readyRead.connect(first)
    c.q.readyRead.connect(second)
    p.send(b"x")
    r.until(lambda: c.seen("readyRead"))
    r.value("at the first signal", order)


@scenario
def slot_connected_twice(r):
    """A slot that is connected twice is called twice; one disconnect removes which?"""
    c, p = r.connected()
    calls = []

    def slot():
        calls.append(1)
    c.q.readyRead.connect(slot)
    c.q.readyRead.connect(slot)
    p.send(b"x")
    r.until(lambda: c.seen("readyRead"))
    r.value("calls", len(calls))


@scenario
def parent_and_children(r):
    """parent() and setParent() of sockets and servers."""
    s = r.server(listen=False)
    c = r.watch(net.QTcpSocket(s.q), "c")
    r.value("the parent", c.q.parent() is s.q)
    c.setParent(None)
    r.value("no parent", c.q.parent())
    s.delete()
    r.look(c)
