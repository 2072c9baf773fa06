"""QTcpServer: listening, accepting, limits, its virtuals, its errors, and its end."""

import os
import resource
import socket

import peer
from backend import net
from trace import scenario

LOCAL = "127.0.0.1"


def client(r, server):
    return r.keep(peer.connect(server.q.serverPort()))


def clients(r, server, n):
    return [client(r, server) for _ in range(n)]


# ---- listening

@scenario
def server_fresh(r):
    """What a new server says about itself."""
    s = r.server(listen=False)
    r.look(s)
    for method in "isListening hasPendingConnections maxPendingConnections listenBacklogSize serverPort serverAddress".split():
        getattr(s, method)()
    s.nextPendingConnection()
    s.close()
    r.look(s)


def listen_on(r, special):
    s = r.server(listen=False)
    s.listen(net.QHostAddress(special), 0)
    s.serverAddress()
    s.isListening()
    return s


@scenario
def listen_local(r):
    """listen(LocalHost)."""
    listen_on(r, net.Special.LocalHost)


@scenario
def listen_local_ipv6(r):
    """listen(LocalHostIPv6) and a client."""
    s = listen_on(r, net.Special.LocalHostIPv6)
    r.keep(peer.connect(s.q.serverPort(), "::1"))
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "a"))


@scenario
def listen_any_takes_both(r):
    """listen(Any) is dual stack: how do IPv4 and IPv6 peers look?"""
    s = listen_on(r, net.Special.Any)
    r.keep(peer.connect(s.q.serverPort(), "127.0.0.1"))
    r.until(lambda: s.seen("newConnection") == 1)
    a = r.watch(s.nextPendingConnection(), "a")
    a.peerAddress(), a.localAddress()
    r.keep(peer.connect(s.q.serverPort(), "::1"))
    r.until(lambda: s.seen("newConnection") == 2)
    b = r.watch(s.nextPendingConnection(), "b")
    b.peerAddress(), b.localAddress()


@scenario
def listen_any_ipv4(r):
    """listen(AnyIPv4) does not take IPv6."""
    s = listen_on(r, net.Special.AnyIPv4)
    try:
        r.keep(peer.connect(s.q.serverPort(), "::1"))
        r.note("IPv6 connected")
    except OSError:
        r.note("IPv6 refused")
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "a"))


@scenario
def listen_any_ipv6(r):
    """listen(AnyIPv6) does not take IPv4."""
    s = listen_on(r, net.Special.AnyIPv6)
    try:
        client(r, s)
        r.note("IPv4 connected")
    except OSError:
        r.note("IPv4 refused")
    r.keep(peer.connect(s.q.serverPort(), "::1"))
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "a"))


@scenario
def listen_defaults(r):
    """listen() without arguments."""
    s = r.server(listen=False)
    s.listen()


@scenario
def listen_null_address(r):
    """listen() on a null address."""
    s = r.server(listen=False)
    s.listen(net.QHostAddress(), 0)


@scenario
def listen_broadcast(r):
    """listen() on the broadcast address."""
    s = r.server(listen=False)
    s.listen(net.QHostAddress(net.Special.Broadcast), 0)


@scenario
def listen_port_given(r):
    """listen() on a port that was free a moment ago; a second listen() after close() takes it again."""
    free = peer.DeadPort()
    port = free.port
    free.close()
    r.ports[port] = "SRV"
    s = r.server(listen=False)
    s.listen(net.QHostAddress(net.Special.LocalHost), port)
    s.serverPort()
    s.close()
    s.listen(net.QHostAddress(net.Special.LocalHost), port)


@scenario
def listen_again_after_connections(r):
    """The port of a server with connections of the past can be listened on at once (address reuse)."""
    s = r.server()
    port = s.q.serverPort()
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    a = r.watch(s.nextPendingConnection(), "a")
    a.close()
    s.close()
    s.listen(net.QHostAddress(net.Special.LocalHost), port)


@scenario
def listen_twice(r):
    """listen() on a listening server."""
    s = r.server()
    s.listen(net.QHostAddress(net.Special.LocalHost), 0)
    s.isListening()


@scenario
def listen_in_use(r):
    """listen() on a port that another server has."""
    s = r.server()
    t = r.server("t", listen=False)
    t.listen(net.QHostAddress(net.Special.LocalHost), s.q.serverPort())
    t.serverError()
    t.isListening()


@scenario
def listen_error_stays(r):
    """A successful listen() after a failed one: what of the old error?"""
    s = r.server()
    t = r.server("t", listen=False)
    t.listen(net.QHostAddress(net.Special.LocalHost), s.q.serverPort())
    t.listen(net.QHostAddress(net.Special.LocalHost), 0)
    t.close()
    r.look(t)


@scenario
def listen_foreign_address(r):
    """listen() on an address that this host does not have."""
    s = r.server(listen=False)
    s.listen(net.QHostAddress("203.0.113.1"), 0)


@scenario
def listen_again_elsewhere(r):
    """close() and listen() on another address."""
    s = r.server()
    s.close()
    s.listen(net.QHostAddress(net.Special.LocalHostIPv6), 0)
    r.keep(peer.connect(s.q.serverPort(), "::1"))
    r.until(lambda: s.seen("newConnection"))


@scenario
def listen_backlog(r):
    """setListenBacklogSize() before and while listening."""
    s = r.server(listen=False)
    s.setListenBacklogSize(3)
    s.listenBacklogSize()
    s.listen(net.QHostAddress(net.Special.LocalHost), 0)
    s.setListenBacklogSize(7)
    s.listenBacklogSize()
    s.setListenBacklogSize(0)
    s.listenBacklogSize()
    s.setListenBacklogSize(-5)
    s.listenBacklogSize()


# ---- accepting

@scenario
def accept_one(r):
    """One client: the order of signals, and the socket."""
    s = r.server()
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.hasPendingConnections()
    a = r.watch(s.nextPendingConnection(), "a")
    r.look(a)
    a.isReadable(), a.isWritable(), a.readBufferSize(), a.peerPort(), a.localPort()
    r.value("the parent is the server", a.q.parent() is s.q)
    s.hasPendingConnections()
    s.nextPendingConnection()


@scenario
def accept_three(r):
    """Three clients before the loop runs: how are the two signals interleaved, in which order come the sockets?"""
    s = r.server()
    for i, p in enumerate(clients(r, s, 3)):
        r.ports[p.socket.getsockname()[1]] = f"CLIENT{i}"
    r.until(lambda: s.seen("newConnection") == 3)
    for i in range(3):
        r.look(r.watch(s.nextPendingConnection(), f"a{i}"))
    s.nextPendingConnection()


@scenario
def accept_in_new_connection(r):
    """nextPendingConnection() inside newConnection."""
    s = r.server()
    s.on("newConnection", lambda: r.look(r.watch(s.nextPendingConnection(), "a")))
    client(r, s)
    r.until(lambda: s.seen("newConnection"))


@scenario
def accept_in_pending_connection_available(r):
    """nextPendingConnection() inside pendingConnectionAvailable: does newConnection still come?"""
    s = r.server()
    s.on("pendingConnectionAvailable", lambda: r.look(r.watch(s.nextPendingConnection(), "a")))
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.hasPendingConnections()


@scenario
def accept_with_data(r):
    """The client has sent before it is accepted: when does readyRead come?"""
    s = r.server()
    p = client(r, s)
    p.send(b"hello")
    s.on("newConnection", lambda: r.look(r.watch(s.nextPendingConnection(), "a")))
    r.until(lambda: r.of_name("a") and r.of_name("a").seen("readyRead"))


@scenario
def accept_late_with_data(r):
    """The client's data comes while its connection is pending; it is taken later: is readyRead lost?"""
    s = r.server()
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    p.send(b"hello")
    r.settle()
    a = r.watch(s.nextPendingConnection(), "a")
    r.look(a)
    r.settle()
    a.readAll()


@scenario
def accept_closed_client(r):
    """The client has sent and closed before it is accepted."""
    s = r.server()
    p = client(r, s)
    p.send(b"hello")
    p.close()
    s.on("newConnection", lambda: r.look(r.watch(s.nextPendingConnection(), "a")))
    r.until(lambda: r.of_name("a") and r.of_name("a").seen("disconnected"))
    r.of_name("a").readAll()


@scenario
def accept_closed_while_pending(r):
    """The client closes while its connection is pending."""
    s = r.server()
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    p.close()
    r.settle()
    s.hasPendingConnections()
    a = r.watch(s.nextPendingConnection(), "a")
    r.look(a)
    r.settle()


@scenario
def accept_reset_before(r):
    """The client resets before it is accepted."""
    s = r.server()
    p = client(r, s)
    p.reset()
    r.settle()
    if s.hasPendingConnections():
        a = r.watch(s.nextPendingConnection(), "a")
        r.look(a)
        r.settle()


@scenario
def server_echo(r):
    """A client of ours and a server of ours in one loop: a question, an answer, a close."""
    s = r.server()
    c = r.socket()

    def accepted():
        a = r.watch(s.nextPendingConnection(), "a")
        a.on("readyRead", lambda: (a.write(a.readAll()), a.disconnectFromHost()))
    s.on("newConnection", accepted)
    c.on("connected", lambda: c.write(b"question"))
    c.q.connectToHost(net.QHostAddress(LOCAL), s.q.serverPort())
    # Which of the two sockets is served first within a turn is not compared: only each one's own sequence is.
    with r.split():
        r.until(lambda: c.seen("disconnected") and r.of_name("a").seen("disconnected"))
    c.readAll()


# ---- limits and pauses

@scenario
def max_pending_connections(r):
    """At maxPendingConnections accepting stops until nextPendingConnection()."""
    s = r.server()
    s.setMaxPendingConnections(2)
    s.maxPendingConnections()
    clients(r, s, 4)
    r.until(lambda: s.seen("newConnection") >= 2)
    for i in range(5):
        a = s.nextPendingConnection()
        if a is None:
            break
        r.watch(a, f"a{i}")
        r.settle()


@scenario
def max_pending_zero(r):
    """setMaxPendingConnections(0)."""
    s = r.server()
    s.setMaxPendingConnections(0)
    s.maxPendingConnections()
    client(r, s)
    r.settle()
    s.hasPendingConnections()


@scenario
def max_pending_raised(r):
    """Raising the maximum while it is reached."""
    s = r.server()
    s.setMaxPendingConnections(1)
    clients(r, s, 2)
    r.until(lambda: s.seen("newConnection"))
    s.setMaxPendingConnections(5)
    r.settle()
    r.watch(s.nextPendingConnection(), "a")
    r.settle()


@scenario
def max_pending_negative(r):
    """setMaxPendingConnections(-1)."""
    s = r.server()
    s.setMaxPendingConnections(-1)
    s.maxPendingConnections()
    client(r, s)
    r.settle()
    s.hasPendingConnections()


@scenario
def pause_accepting(r):
    """pauseAccepting() and resumeAccepting()."""
    s = r.server()
    s.pauseAccepting()
    s.isListening()
    client(r, s)
    r.settle()
    s.hasPendingConnections()
    s.resumeAccepting()
    r.until(lambda: s.seen("newConnection"))


@scenario
def pause_and_wait(r):
    """waitForNewConnection() while paused."""
    s = r.server()
    s.pauseAccepting()
    client(r, s)
    s.waitForNewConnection(50)
    s.resumeAccepting()
    r.settle()


@scenario
def pause_in_new_connection(r):
    """pauseAccepting() inside newConnection, with three clients waiting."""
    s = r.server()
    s.on("newConnection", lambda: s.pauseAccepting(), once=True)
    clients(r, s, 3)
    r.until(lambda: s.seen("newConnection"))
    s.resumeAccepting()
    r.until(lambda: s.seen("newConnection") == 3)


@scenario(qt_crashes=True)
def pause_not_listening(r):
    """pauseAccepting() and resumeAccepting() on a server that does not listen."""
    s = r.server(listen=False)
    s.pauseAccepting()
    s.resumeAccepting()
    s.listen(net.QHostAddress(net.Special.LocalHost), 0)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))


@scenario
def pause_then_listen_again(r):
    """pauseAccepting(), close(), listen(): is the pause over?"""
    s = r.server()
    s.pauseAccepting()
    s.close()
    s.listen(net.QHostAddress(net.Special.LocalHost), 0)
    client(r, s)
    r.settle()


@scenario
def pause_then_next_pending(r):
    """nextPendingConnection() resumes a paused server?"""
    s = r.server()
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.pauseAccepting()
    client(r, s)
    r.settle()
    r.watch(s.nextPendingConnection(), "a")
    r.settle()


# ---- waiting

@scenario
def wait_new_connection(r):
    """waitForNewConnection() with a client waiting: both signals come inside."""
    s = r.server()
    client(r, s)
    s.waitForNewConnection(5000)
    s.hasPendingConnections()
    r.settle()


@scenario
def wait_new_connection_later(r):
    """waitForNewConnection() with a client that comes while it waits."""
    s = r.server()
    r.keep(peer.ClientProcess(s.q.serverPort()))
    s.waitForNewConnection(5000)


@scenario
def wait_new_connection_three(r):
    """waitForNewConnection() with three clients waiting takes how many?"""
    s = r.server()
    clients(r, s, 3)
    s.waitForNewConnection(5000)
    r.value("taken", s.seen("newConnection"))
    r.settle()


@scenario
def wait_new_connection_full(r):
    """waitForNewConnection() while as many are pending as may be, and with a maximum of 0."""
    for most in 1, 0:
        s = r.server()
        s.setMaxPendingConnections(most)
        clients(r, s, 2)
        for _ in range(3):
            s.waitForNewConnection(1000)


@scenario
def wait_new_connection_full_and_nobody(r):
    """The same when nobody else comes."""
    s = r.server()
    s.setMaxPendingConnections(1)
    client(r, s)
    s.waitForNewConnection(1000)
    s.waitForNewConnection(10)


@scenario
def wait_new_connection_timeout(r):
    """waitForNewConnection() running out of time, and with 0."""
    s = r.server()
    s.waitForNewConnection(50)
    s.waitForNewConnection(0)
    client(r, s)
    s.waitForNewConnection(0)


@scenario
def wait_new_connection_not_listening(r):
    """waitForNewConnection() on a server that does not listen."""
    s = r.server(listen=False)
    r.value("result", s.q.waitForNewConnection(1000)[0])
    r.look(s)


@scenario
def wait_new_connection_in_handler(r):
    """waitForNewConnection() inside newConnection, with a second client waiting."""
    s = r.server()
    s.on("newConnection", lambda: s.waitForNewConnection(1000), once=True)
    clients(r, s, 2)
    r.until(lambda: s.seen("newConnection"))


# ---- closing

@scenario
def server_close(r):
    """close() of a listening server."""
    s = r.server()
    s.close()
    r.look(s)
    s.serverPort()
    s.close()


@scenario
def server_close_with_pending(r):
    """close() with a pending connection: the client is disconnected."""
    s = r.server()
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.close()
    s.hasPendingConnections()
    s.nextPendingConnection()
    r.settle()
    r.value("the client got", p.summary())


@scenario
def server_close_with_taken(r):
    """close() leaves taken sockets alone."""
    s, a, p = r.accepted()
    s.close()
    p.send(b"hello")
    r.until(lambda: a.seen("readyRead"))


@scenario
def server_close_with_unaccepted(r):
    """close() while the kernel has a connection that was never accepted: the client is reset."""
    s = r.server()
    p = client(r, s)
    s.close()
    r.settle()
    r.value("the client got", p.summary())


@scenario
def server_close_in_new_connection(r):
    """close() inside newConnection, with more clients waiting."""
    s = r.server()
    s.on("newConnection", lambda: s.close(), once=True)
    clients(r, s, 3)
    r.until(lambda: s.seen("newConnection"))


@scenario
def server_close_in_pending_connection_available(r):
    """close() inside pendingConnectionAvailable: does newConnection still come?"""
    s = r.server()
    s.on("pendingConnectionAvailable", lambda: s.close(), once=True)
    clients(r, s, 2)
    r.until(lambda: s.seen("pendingConnectionAvailable"))


@scenario
def server_relisten_in_new_connection(r):
    """close() and listen() inside newConnection."""
    s = r.server()
    s.on("newConnection", lambda: (s.close(), s.listen(net.QHostAddress(net.Special.LocalHost), 0)), once=True)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    client(r, s)
    r.until(lambda: s.seen("newConnection") == 2)


# ---- descriptors

@scenario
def server_adopts_descriptor(r):
    """setSocketDescriptor() with a raw listening socket."""
    raw = peer.Listener()
    r.ports[raw.port] = "RAW"
    s = r.server(listen=False)
    number = raw.socket.detach()
    s.setSocketDescriptor(number)
    r.value("the same number", s.q.socketDescriptor() == number)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.close()


@scenario
def server_adopts_both_families(r):
    """setSocketDescriptor() with a socket that listens on every address, of IPv6 alone and of both families."""
    for only in (1, 0):
        raw = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        raw.bind(("::", 0))
        raw.listen(5)
        r.ports[raw.getsockname()[1]] = "RAW"
        s = r.server(f"s{only}", listen=False)
        s.setSocketDescriptor(raw.detach())
        r.line(f"only IPv6: {only}, {r.address(s.q.serverAddress())}")


@scenario
def server_adopts_not_listening(r):
    """setSocketDescriptor() with a socket that is bound but does not listen."""
    dead = peer.DeadPort()
    r.ports[dead.port] = "RAW"
    s = r.server(listen=False)
    s.setSocketDescriptor(dead.socket.detach())
    r.settle()


@scenario
def server_adopts_connected(r):
    """setSocketDescriptor() with a connected socket."""
    listener = r.listener()
    raw = socket.create_connection((LOCAL, listener.port))
    s = r.server(listen=False)
    s.setSocketDescriptor(raw.detach())
    r.settle()


@scenario
def server_adopts_nonsense(r):
    """setSocketDescriptor() with a FIFO, and with bad numbers."""
    s = r.server(listen=False)
    a, b = os.pipe()
    s.setSocketDescriptor(a)
    s.setSocketDescriptor(-1)
    s.setSocketDescriptor(9999)
    os.close(b)


@scenario
def server_adopts_while_listening(r):
    """setSocketDescriptor() on a listening server."""
    raw = r.listener("RAW")
    s = r.server()
    s.setSocketDescriptor(raw.socket.fileno())


@scenario
def server_descriptor_options(r):
    """What the kernel says about a listening socket: reuse, blocking, close-on-exec, v6only."""
    import fcntl
    s = r.server()
    number = s.q.socketDescriptor()
    r.value("SO_REUSEADDR", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0)
    r.value("SO_REUSEPORT", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0)
    r.value("non-blocking", bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_NONBLOCK))
    r.value("close-on-exec", bool(fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC))
    for special in (net.Special.Any, net.Special.AnyIPv6):
        t = r.server("t", listen=False)
        t.listen(net.QHostAddress(special), 0)
        r.value("IPV6_V6ONLY", peer.option(t.q.socketDescriptor(), socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))


@scenario
def accepted_descriptor_options(r):
    """What the kernel says about an accepted and about a connected socket."""
    import fcntl
    s, a, p = r.accepted()
    c, q = r.connected("c", listener=r.listener("SRV2"))
    for one in (a, c):
        number = one.q.socketDescriptor()
        r.note(one.name)
        r.value("non-blocking", bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_NONBLOCK))
        r.value("close-on-exec", bool(fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC))
        r.value("TCP_NODELAY", peer.option(number, socket.IPPROTO_TCP, socket.TCP_NODELAY))
        r.value("SO_KEEPALIVE", peer.option(number, socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        r.value("SO_REUSEADDR", peer.option(number, socket.SOL_SOCKET, socket.SO_REUSEADDR))


@scenario
def accept_out_of_descriptors(r):
    """No descriptors are left: acceptError, and what brings accepting back."""
    s = r.server()
    client(r, s)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.dup(0)
    os.close(spare)
    holes = [os.dup(0)]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (spare + 1, limits[1]))
        r.settle()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    r.value("acceptError was emitted", s.seen("acceptError") > 0)
    r.look(s)
    os.close(holes[0])
    s.isListening()
    s.resumeAccepting()
    r.until(lambda: s.seen("newConnection"))
    client(r, s)
    r.settle()
    r.value("a later client was accepted", s.seen("newConnection") == 2)


# ---- the virtuals

@scenario
def override_incoming_base(r):
    """incomingConnection() overridden, calling the base."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            super().incomingConnection(descriptor)
            r.note("incomingConnection done")
    s = r.server(cls=Server)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "a"))


@scenario
def override_incoming_adds(r):
    """incomingConnection() overridden, adding a socket of its own."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            a = r.watch(net.QTcpSocket(self), "a")
            a.setSocketDescriptor(descriptor)
            self.addPendingConnection(a.q)
            r.note("incomingConnection done")
    s = r.server(cls=Server)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    r.value("it is the one", s.q.nextPendingConnection() is r.of_name("a").q)


@scenario
def override_incoming_keeps(r):
    """incomingConnection() overridden, keeping the socket to itself: newConnection comes all the same."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            a = r.watch(net.QTcpSocket(), "a")
            a.setSocketDescriptor(descriptor)
    s = r.server(cls=Server)
    p = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.hasPendingConnections()
    p.send(b"hello")
    r.until(lambda: r.of_name("a").seen("readyRead"))


@scenario
def override_incoming_keeps_and_waits(r):
    """waitForNewConnection() when incomingConnection() adds nothing."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            os.close(descriptor)
    s = r.server(cls=Server)
    client(r, s)
    s.waitForNewConnection(100)


@scenario
def override_incoming_many(r):
    """incomingConnection() that adds nothing, with many clients and a maximum of 1: the maximum is not reached."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            os.close(descriptor)
    s = r.server(cls=Server)
    s.setMaxPendingConnections(1)
    clients(r, s, 3)
    r.until(lambda: s.seen("newConnection") == 3)


@scenario
def override_incoming_closes_server(r):
    """incomingConnection() that closes the server."""
    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection called")
            super().incomingConnection(descriptor)
            r.of(self).close()
    s = r.server(cls=Server)
    clients(r, s, 2)
    r.settle()


@scenario
def override_custom_socket(r):
    """incomingConnection() that adds a socket of a class of its own."""
    class Socket(net.QTcpSocket):
        def greet(self):
            return "hello"

    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            a = Socket(self)
            a.setSocketDescriptor(descriptor)
            self.addPendingConnection(a)
    s = r.server(cls=Server)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    a = s.q.nextPendingConnection()
    r.value("its class is kept", type(a) is Socket)
    r.value("its method", a.greet())


@scenario
def override_pending_functions(r):
    """hasPendingConnections() and nextPendingConnection() overridden: who calls them, and when?"""
    mine = []
    calls = []

    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            a = net.QTcpSocket(self)
            a.setSocketDescriptor(descriptor)
            mine.append(a)

        def hasPendingConnections(self):
            calls.append("has")
            return bool(mine)

        def nextPendingConnection(self):
            calls.append("next")
            return mine.pop(0) if mine else None
    s = r.server(cls=Server)
    s.setMaxPendingConnections(1)
    clients(r, s, 3)
    r.until(lambda: s.seen("newConnection"))
    calls.clear()
    r.value("has", s.q.hasPendingConnections())
    while mine:
        s.q.nextPendingConnection()
    r.value("calls", calls)
    client(r, s)
    del calls[:]
    r.value("waited", s.q.waitForNewConnection(1000)[0])


@scenario
def override_has_pending_false(r):
    """hasPendingConnections() that always says no: is newConnection emitted?"""
    class Server(net.QTcpServer):
        def hasPendingConnections(self):
            return False
    s = r.server(cls=Server)
    client(r, s)
    r.settle()
    r.value("there is one", net.QTcpServer.nextPendingConnection(s.q) is not None)


@scenario
def override_has_pending_true(r):
    """hasPendingConnections() that always says yes, as waitForNewConnection() sees it."""
    class Server(net.QTcpServer):
        def hasPendingConnections(self):
            return True
    s = r.server(cls=Server)
    s.waitForNewConnection(50)


@scenario
def add_pending_by_hand(r):
    """addPendingConnection() with a socket that is not even connected."""
    s = r.server()
    a = r.socket("a")
    s.addPendingConnection(a.q)
    s.hasPendingConnections()
    r.settle()
    r.value("it is the one", s.q.nextPendingConnection() is a.q)


@scenario
def next_pending_not_listening(r):
    """nextPendingConnection() of a server that does not listen: with a connection that is pending, and without."""
    s = r.server(listen=False)
    r.value("none", s.q.nextPendingConnection())
    a = r.socket("a")
    s.addPendingConnection(a.q)
    r.value("it is the one", s.nextPendingConnection() is not None)
