"""Datagrams: binding, connected and unconnected sending and receiving, and when readyRead comes."""

import socket as system
import struct

import peer
from backend import net
from trace import scenario

LO = 1      # the index of the loopback interface


def here(text="127.0.0.1"):
    return net.QHostAddress(text)


def bound(r, name="u", address="127.0.0.1", port_name="UDP", **options):
    """A UDP socket bound to a port of its own, set up silently."""
    u = r.socket(name, net.QUdpSocket, **options)
    with r.silence():
        assert u.q.bind(here(address), 0), u.q.errorString()
        r.ports[u.q.localPort()] = port_name
    u.counts.clear()
    r.look(u)
    return u


def raw(r, name="RAW", host="127.0.0.1"):
    p = r.keep(peer.Datagrams(host))
    r.ports[p.port] = name
    return p


def linked(r, host="127.0.0.1", **options):
    """A UDP socket connected to a raw peer, set up silently: (socket, peer)."""
    p = raw(r, host=host)
    u = r.socket("u", net.QUdpSocket, **options)
    with r.silence():
        u.q.connectToHost(here(host), p.port)
        r.until(lambda: u.seen("connected"))
        r.ports[u.q.localPort()] = "UDP"
    u.counts.clear()
    r.look(u)
    return u, p


# ---- a new socket, and binding

@scenario
def udp_fresh(r):
    """What a new UDP socket says, and what it answers before it is bound."""
    u = r.socket("u", net.QUdpSocket)
    r.look(u)
    u.socketType()
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.receiveDatagram()
    u.bytesAvailable()
    u.read(10)
    u.write(b"x")
    u.close()
    u.abort()
    r.settle()


@scenario
def udp_bind_addresses(r):
    """bind() to each kind of address."""
    for special in ("LocalHost", "LocalHostIPv6", "Any", "AnyIPv4", "AnyIPv6"):
        u = r.socket(special, net.QUdpSocket)
        u.bind(net.QHostAddress(getattr(net.Special, special)), 0)
        u.localAddress()
        u.isOpen()


@scenario
def udp_bind_default(r):
    """bind() with no argument but the port."""
    u = r.socket("u", net.QUdpSocket)
    u.bind(0)
    u.localAddress()


@scenario
def udp_bind_flags(r):
    """Which pairs of bind modes may share a port."""
    modes = "DefaultForPlatform ShareAddress DontShareAddress ReuseAddressHint".split()
    for first in modes:
        for second in modes:
            with r.silence():
                a, b = r.socket("a", net.QUdpSocket), r.socket("b", net.QUdpSocket)
                a.q.bind(here(), 0, getattr(net.Bind, first))
                shared = b.q.bind(here(), a.q.localPort(), getattr(net.Bind, second))
                a.q.close()
                b.q.close()
            r.value(f"{first} then {second}", shared)


@scenario
def udp_bind_taken(r):
    """bind() to a port that is taken."""
    p = raw(r)
    u = r.socket("u", net.QUdpSocket)
    u.bind(here(), p.port)
    r.settle()
    u.bind(here(), 0)


@scenario
def udp_bind_twice(r):
    """bind() on a bound socket."""
    u = bound(r)
    u.bind(here(), 0)
    r.settle()


@scenario
def udp_bind_foreign(r):
    """bind() to an address that this machine does not have."""
    u = r.socket("u", net.QUdpSocket)
    u.bind(here("198.51.100.1"), 0)


@scenario
def udp_bind_in_state_changed(r):
    """close() inside stateChanged(Bound)."""
    u = r.socket("u", net.QUdpSocket)
    u.on("stateChanged", lambda: u.close(), once=True)
    u.bind(here(), 0)
    r.settle()


# ---- sending

@scenario
def udp_write_datagram(r):
    """writeDatagram() on a bound socket: bytesWritten comes inside."""
    p, u = raw(r), bound(r)
    u.writeDatagram(b"hello", here(), p.port)
    r.value("the peer got", p.receive())
    r.settle()


@scenario
def udp_write_unbound(r):
    """writeDatagram() binds a socket that is not."""
    p = raw(r)
    u = r.socket("u", net.QUdpSocket)
    u.writeDatagram(b"hello", here(), p.port)
    r.value("the peer got", p.receive())
    u.writeDatagram(b"again", here(), p.port)
    r.value("the peer got", p.receive())
    p.send(u.q.localPort(), b"answer")
    r.until(lambda: u.seen("readyRead"))


@scenario
def udp_write_unbound_ipv6(r):
    """writeDatagram() binds a socket for the family of the address."""
    p = raw(r, host="::1")
    u = r.socket("u", net.QUdpSocket)
    u.writeDatagram(b"hello", here("::1"), p.port)
    r.value("the peer got", p.receive())
    u.writeDatagram(b"to IPv4", here(), p.port)


@scenario
def udp_write_empty(r):
    """A datagram of no bytes is sent and signalled."""
    p, u = raw(r), bound(r)
    u.writeDatagram(b"", here(), p.port)
    r.value("the peer got", p.receive())
    r.settle()


@scenario
def udp_write_too_large(r):
    """A datagram that no IPv4 packet can carry."""
    p, u = raw(r), bound(r)
    u.writeDatagram(b"x" * 65508, here(), p.port)
    r.settle()
    u.writeDatagram(b"x" * 65507, here(), p.port)
    r.value("the peer got", len(p.receive()))
    r.settle()


@scenario
def udp_write_too_large_connected(r):
    """write() of more than a datagram can hold."""
    u, p = linked(r)
    u.write(b"x" * 65508)
    r.settle()
    u.write(b"still alive")
    r.value("the peer got", p.receive())
    r.settle()


@scenario
def udp_write_nowhere(r):
    """writeDatagram() to the null address, to port 0 and to nobody."""
    u = bound(r)
    u.writeDatagram(b"x", net.QHostAddress(), 1234)
    r.settle()
    u.writeDatagram(b"x", here(), 0)
    r.settle()


@scenario
def udp_write_other_family(r):
    """writeDatagram() to an IPv6 address on an IPv4 socket."""
    p, u = raw(r, host="::1"), bound(r)
    u.writeDatagram(b"x", here("::1"), p.port)
    r.settle()


@scenario
def udp_write_in_bytes_written(r):
    """writeDatagram() inside bytesWritten: is the inner one signalled?"""
    p, u = raw(r), bound(r)
    u.on("bytesWritten", lambda: u.writeDatagram(b"second", here(), p.port), once=True)
    u.writeDatagram(b"first", here(), p.port)
    r.value("the peer got", (p.receive(), p.receive()))
    r.settle()


@scenario
def udp_close_in_bytes_written(r):
    """close() inside the bytesWritten of writeDatagram()."""
    p, u = raw(r), bound(r)
    u.on("bytesWritten", lambda: u.close(), once=True)
    u.writeDatagram(b"first", here(), p.port)
    r.value("the peer got", p.receive())
    r.settle()


@scenario
def udp_write_network_datagram(r):
    """writeDatagram(QNetworkDatagram), with a hop limit and a sender of its own."""
    a, b = bound(r, "a", port_name="A"), bound(r, "b", "0.0.0.0", port_name="B")
    datagram = net.QNetworkDatagram(b"hello", here("127.0.0.5"), b.q.localPort())
    datagram.setHopLimit(7)
    a.writeDatagram(datagram)
    r.until(lambda: b.q.hasPendingDatagrams())
    b.receiveDatagram()
    answer = net.QNetworkDatagram(b"answer", here(), a.q.localPort())
    answer.setSender(here("127.0.0.5"), 0)
    answer.setInterfaceIndex(LO)
    b.writeDatagram(answer)
    r.until(lambda: a.q.hasPendingDatagrams())
    a.receiveDatagram()


@scenario
def udp_write_network_datagram_ipv6(r):
    """The same with IPv6."""
    a, b = bound(r, "a", "::1", port_name="A"), bound(r, "b", "::", port_name="B")
    datagram = net.QNetworkDatagram(b"hello", here("::1"), b.q.localPort())
    datagram.setHopLimit(7)
    a.writeDatagram(datagram)
    r.until(lambda: b.q.hasPendingDatagrams())
    b.receiveDatagram()


@scenario
def udp_write_wrong_sender(r):
    """writeDatagram() from an address that this machine does not have."""
    p, u = raw(r), bound(r, address="0.0.0.0")
    datagram = net.QNetworkDatagram(b"hello", here(), p.port)
    datagram.setSender(here("198.51.100.1"), 0)
    u.writeDatagram(datagram)
    r.settle()


@scenario
def udp_reply(r):
    """QNetworkDatagram.makeReply() goes back to where it came from."""
    p, u = raw(r), bound(r, address="0.0.0.0")
    p.send(u.q.localPort(), b"question")
    r.until(lambda: u.q.hasPendingDatagrams())
    question = u.receiveDatagram()
    u.writeDatagram(question.makeReply(b"answer"))
    r.value("the peer got", p.receive())


# ---- receiving

@scenario
def udp_ready_read(r):
    """One readyRead until a read, also with further datagrams; after a read the next."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one", b"two", b"three")
    r.until(lambda: u.seen("readyRead"))
    p.send(u.q.localPort(), b"four")
    r.settle()
    u.readDatagram(100)
    r.settle()
    u.readDatagram(100)
    u.readDatagram(100)
    u.readDatagram(100)
    r.settle()
    u.hasPendingDatagrams()
    p.send(u.q.localPort(), b"five")
    r.until(lambda: u.seen("readyRead") > 1)


@scenario
def udp_ready_read_draining(r):
    """A handler that reads until there is nothing: how many readyRead for three datagrams?"""
    p, u = raw(r), bound(r)

    def drain():
        while u.hasPendingDatagrams():
            u.pendingDatagramSize()
            u.readDatagram(100)
    u.on("readyRead", drain)
    p.send(u.q.localPort(), b"one", b"two", b"three")
    r.until(lambda: u.seen("readyRead"))
    p.send(u.q.localPort(), b"four")
    r.until(lambda: u.seen("readyRead") > 1)


@scenario
def udp_ready_read_one_each(r):
    """A handler that reads one datagram: readyRead for each?"""
    p, u = raw(r), bound(r)
    u.on("readyRead", lambda: u.readDatagram(100))
    p.send(u.q.localPort(), b"one", b"two", b"three")
    r.until(lambda: u.seen("readyRead") == 3)


@scenario
def udp_ready_read_nested(r):
    """A nested loop inside readyRead, with and without a read before it."""
    p, u = raw(r), bound(r)

    def nested():
        p.send(u.q.localPort(), b"while nested")
        r.settle()
        u.readDatagram(100)
        p.send(u.q.localPort(), b"after a read")
        r.settle()
        r.note("returning")
    u.on("readyRead", nested, once=True)
    p.send(u.q.localPort(), b"one")
    r.until(lambda: u.seen("readyRead"))
    u.pendingDatagramSize()


@scenario
def udp_ready_read_after_ignoring(r):
    """A handler that ignores readyRead: reading later goes on."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one")
    r.until(lambda: u.seen("readyRead"))
    r.settle()
    p.send(u.q.localPort(), b"two")
    r.settle()
    u.receiveDatagram()
    r.settle()
    u.receiveDatagram()
    r.settle()


@scenario
def udp_pending_before_loop(r):
    """Datagrams are there before the loop runs: seen, sized and read without readyRead?"""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one", b"", b"three")
    for _ in range(4):
        u.hasPendingDatagrams()
        u.pendingDatagramSize()
        u.bytesAvailable()
        if u.q.hasPendingDatagrams():
            u.readDatagram(100)
    r.settle()


@scenario
def udp_pending_read_one_before_loop(r):
    """One of two datagrams read before the loop runs."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one", b"two")
    u.readDatagram(100)
    r.settle()


@scenario
def udp_read_short(r):
    """Reading less than a datagram drops the rest."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"hello world", b"next")
    r.until(lambda: u.q.hasPendingDatagrams())
    u.readDatagram(5)
    u.readDatagram(100)
    p.send(u.q.localPort(), b"hello world", b"next")
    r.until(lambda: u.q.hasPendingDatagrams())
    u.receiveDatagram(5)
    u.receiveDatagram(0)
    u.hasPendingDatagrams()


@scenario
def udp_read_zero(r):
    """readDatagram(0) takes a datagram away."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.q.hasPendingDatagrams())
    u.readDatagram(0)
    u.readDatagram(100)


@scenario
def udp_read_empty_datagram(r):
    """A datagram of no bytes is signalled, pending, and read."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"")
    r.until(lambda: u.seen("readyRead"))
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.bytesAvailable()
    u.receiveDatagram()
    u.hasPendingDatagrams()
    r.settle()


@scenario
def udp_receive_nothing(r):
    """receiveDatagram() with nothing there."""
    u = bound(r)
    u.receiveDatagram()
    u.pendingDatagramSize()
    r.settle()


@scenario
def udp_read_nothing(r):
    """readDatagram() with nothing there is a temporary error."""
    u = bound(r)
    u.readDatagram(10)
    r.settle()


@scenario
def udp_receive_datagram(r):
    """What receiveDatagram() tells of a datagram's way."""
    p, u = raw(r), bound(r, address="0.0.0.0")
    p.send(u.q.localPort(), b"hello", host="127.0.0.3")
    r.until(lambda: u.q.hasPendingDatagrams())
    d = u.receiveDatagram()
    for what in "isValid isNull senderAddress senderPort destinationAddress interfaceIndex hopLimit".split():
        r.value(what, "RAW" if what == "senderPort" else getattr(d, what)())


@scenario
def udp_receive_datagram_ipv6(r):
    """The same with IPv6."""
    p, u = raw(r, host="::1"), bound(r, address="::")
    p.socket.setsockopt(system.IPPROTO_IPV6, system.IPV6_UNICAST_HOPS, 9)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.q.hasPendingDatagrams())
    u.receiveDatagram()


@scenario
def udp_receive_ttl(r):
    """The hop limit is that of the packet."""
    p, u = raw(r), bound(r)
    p.socket.setsockopt(system.IPPROTO_IP, system.IP_TTL, 5)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.q.hasPendingDatagrams())
    u.receiveDatagram()


@scenario
def udp_dual_stack(r):
    """A socket bound to Any: what it tells of IPv4 and of IPv6, and how it answers."""
    p4, p6 = raw(r, "RAW4"), raw(r, "RAW6", host="::1")
    u = r.socket("u", net.QUdpSocket)
    with r.silence():
        u.q.bind(0)
        r.ports[u.q.localPort()] = "UDP"
    r.look(u)
    for p, host in ((p4, "127.0.0.1"), (p6, "::1")):
        p.send(u.q.localPort(), b"datagram", b"read")
        r.until(lambda: u.q.hasPendingDatagrams())
        d = u.receiveDatagram()
        u.readDatagram(10)
        u.writeDatagram(d.makeReply(b"reply"))
        r.value("the peer got", p.receive())
        u.writeDatagram(b"answer", here(host), p.port)
        r.value("the peer got", p.receive())


@scenario
def udp_read_bound(r):
    """read() and its relatives on a socket that is bound only."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.seen("readyRead"))
    u.read(10)
    u.readAll()
    u.bytesAvailable()
    u.readDatagram(10)


@scenario
def udp_order(r):
    """A hundred datagrams arrive whole and in order."""
    p, u = raw(r), bound(r, bulk=True)
    got = []

    def drain():
        while u.q.hasPendingDatagrams():
            got.append(bytes(u.q.readDatagram(u.q.pendingDatagramSize())[0]))
    u.on("readyRead", drain)
    want = [b"%d" % i * (i % 7) for i in range(100)]
    p.send(u.q.localPort(), *want)
    r.until(lambda: len(got) == 100)
    r.value("in order", got == want)


@scenario
def udp_large(r):
    """Datagrams of the largest size."""
    p, u = raw(r), bound(r)
    p.socket.setsockopt(system.SOL_SOCKET, system.SO_SNDBUF, 1 << 18)
    p.send(u.q.localPort(), b"x" * 65507, b"y" * 65507)
    r.until(lambda: u.seen("readyRead"))
    u.pendingDatagramSize()
    u.readDatagram(65507)
    u.receiveDatagram()


# ---- connected sockets

@scenario
def udp_connect(r):
    """connectToHost() with an address."""
    p = raw(r)
    u = r.socket("u", net.QUdpSocket)
    u.connectToHost(here(), p.port)
    r.note("returned")
    r.until(lambda: u.seen("connected"))


@scenario
def udp_connect_name(r):
    """connectToHost() with a literal as a name."""
    p = raw(r)
    u = r.socket("u", net.QUdpSocket)
    u.connectToHost("127.0.0.1", p.port)
    u.waitForConnected(1000)
    r.settle()


@scenario
def udp_connect_bound(r):
    """connectToHost() of a bound socket keeps its port."""
    p, u = raw(r), bound(r)
    before = u.q.localPort()
    u.connectToHost(here(), p.port)
    r.until(lambda: u.seen("connected"))
    r.value("same port", u.q.localPort() == before)
    p.send(before, b"hello")
    r.until(lambda: u.seen("readyRead"))
    u.readAll()


@scenario
def udp_connected_write(r):
    """write() on a connected socket: bytesWritten comes inside."""
    u, p = linked(r)
    u.write(b"hello")
    u.write(b"world")
    r.value("the peer got", (p.receive(), p.receive()))
    u.bytesToWrite()
    u.flush()
    r.settle()


@scenario
def udp_connected_write_empty(r):
    """write(b"") on a connected socket."""
    u, p = linked(r)
    u.write(b"")
    r.value("the peer got something", p.waiting())
    r.settle()


@scenario
def udp_connected_read(r):
    """read() on a connected socket: how datagrams show in the stream."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"one", b"two", b"three")
    r.until(lambda: u.seen("readyRead"))
    r.settle()
    u.bytesAvailable()
    u.read(100)
    u.bytesAvailable()
    r.settle()
    u.readAll()
    r.settle()
    u.readAll()
    r.settle()


@scenario
def udp_connected_read_short(r):
    """read() of less than a datagram on a connected socket."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"hello world", b"next")
    r.until(lambda: u.seen("readyRead"))
    u.read(5)
    u.bytesAvailable()
    u.read_n(3)
    u.readAll()
    u.read_n(10)
    r.settle()


@scenario
def udp_connected_read_datagram(r):
    """readDatagram() and receiveDatagram() on a connected socket."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("readyRead"))
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.readDatagram(100)
    u.receiveDatagram()
    r.settle()


@scenario
def udp_connected_write_datagram(r):
    """writeDatagram() on a connected socket, to its peer and to another."""
    u, p = linked(r)
    other = raw(r, "OTHER")
    u.writeDatagram(b"to the peer", here(), p.port)
    r.value("the peer got something", p.waiting())
    u.writeDatagram(b"to another", here(), other.port)
    r.value("the other got something", other.waiting())
    u.writeDatagram(net.QNetworkDatagram(b"without a destination"))
    r.value("the peer got something", p.waiting())
    r.settle()


@scenario
def udp_connected_foreign(r):
    """A connected socket does not take what others send."""
    u, p = linked(r)
    raw(r, "OTHER").send(u.q.localPort(), b"foreign")
    r.settle()
    p.send(u.q.localPort(), b"from the peer")
    r.until(lambda: u.seen("readyRead"))
    u.readAll()


@scenario
def udp_connected_lines(r):
    """peek(), canReadLine(), readLine(), skip() and getChar() on a connected socket."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"one\ntwo\nthree")
    r.until(lambda: u.seen("readyRead"))
    u.peek(3)
    u.canReadLine()
    u.readLine()
    u.getChar()
    u.skip(2)
    u.ungetChar("x")
    u.readAll()
    r.settle()


@scenario
def udp_connected_empty_datagram(r):
    """A datagram of no bytes on a connected socket is no end."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"")
    r.until(lambda: u.seen("readyRead"))
    u.readAll()
    p.send(u.q.localPort(), b"more")
    r.settle()
    u.readAll()
    u.readAll()
    r.settle()


@scenario
def udp_connected_read_all_with_empty(r):
    """readAll() of a connected socket whose datagrams are partly empty."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"three", b"", b"four", b"", b"", b"five")
    r.until(lambda: u.seen("readyRead"))
    for _ in range(6):
        u.readAll()
    r.settle()
    u.readAll()


@scenario
def udp_reconnect(r):
    """disconnectFromHost() and a connection to another peer."""
    u, p = linked(r)
    u.disconnectFromHost()
    r.settle()
    other = raw(r, "OTHER")
    u.connectToHost(here(), other.port)
    r.until(lambda: u.seen("connected"))
    u.write(b"hello")
    r.value("the other got", other.receive())


# ---- errors that the network reports

@scenario
def udp_refused(r):
    """Nobody listens where a connected socket sends to."""
    u, p = linked(r)
    p.close()
    u.write(b"hello")
    r.settle()
    u.write(b"again")
    r.settle()
    u.write(b"and again")
    r.settle()


@scenario
def udp_refused_unbuffered_read(r):
    """The same, looked for by reading before the loop runs."""
    u, p = linked(r)
    p.close()
    u.write(b"hello")
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.read_n(10)
    r.settle()


@scenario
def udp_refused_receive(r):
    """The same, looked for by receiveDatagram()."""
    u, p = linked(r)
    p.close()
    u.write(b"hello")
    u.receiveDatagram()
    r.settle()


@scenario
def udp_refused_behind_datagrams(r):
    """A refusal after datagrams that are still to be read."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("readyRead"))
    p.close()
    u.write(b"hello")
    r.settle()
    u.readDatagram(100)
    r.settle()
    u.readDatagram(100)
    r.settle()


@scenario
def udp_refused_then_back(r):
    """After a refusal the socket still works."""
    u, p = linked(r)
    port = p.port
    p.close()
    u.write(b"hello")
    r.settle()
    p = r.keep(peer.Datagrams(port=port))
    p.send(u.q.localPort(), b"I am back")
    r.until(lambda: u.seen("readyRead"))
    u.readAll()
    u.write(b"good")
    r.settle()


@scenario
def udp_refused_unconnected(r):
    """Nobody listens where an unconnected socket sends to: it is not told."""
    p, u = raw(r), bound(r)
    p.close()
    u.writeDatagram(b"hello", here(), p.port)
    r.settle()
    u.writeDatagram(b"again", here(), p.port)
    r.settle()


# ---- waiting

@scenario
def udp_wait_ready_read(r):
    """waitForReadyRead() on a bound socket, with and without a datagram."""
    p, u = raw(r), bound(r)
    u.waitForReadyRead(0)
    u.waitForReadyRead(20)
    p.send(u.q.localPort(), b"hello", b"world")
    u.waitForReadyRead(1000)
    u.readDatagram(100)
    u.waitForReadyRead(1000)
    u.readDatagram(100)
    u.waitForReadyRead(20)


@scenario
def udp_wait_ready_read_unread(r):
    """waitForReadyRead() while a datagram was signalled but not read."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.seen("readyRead"))
    u.waitForReadyRead(20)
    p.send(u.q.localPort(), b"world")
    u.waitForReadyRead(20)


@scenario
def udp_wait_ready_read_connected(r):
    """waitForReadyRead() on a connected socket."""
    u, p = linked(r)
    u.waitForReadyRead(20)
    p.send(u.q.localPort(), b"hello")
    u.waitForReadyRead(1000)
    u.readAll()


@scenario
def udp_wait_ready_read_unbound(r):
    """waitForReadyRead() on a socket that is not even bound."""
    u = r.socket("u", net.QUdpSocket)
    u.waitForReadyRead(20)


@scenario
def udp_wait_ready_read_in_handler(r):
    """waitForReadyRead() inside readyRead."""
    p, u = raw(r), bound(r)

    def handler():
        u.readDatagram(100)
        p.send(u.q.localPort(), b"world")
        u.waitForReadyRead(1000)
        u.readDatagram(100)
    u.on("readyRead", handler, once=True)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.seen("readyRead"))


@scenario
def udp_wait_ready_read_refused(r):
    """waitForReadyRead() when the network reports that nobody listens."""
    u, p = linked(r)
    p.close()
    u.write(b"hello")
    u.waitForReadyRead(200)
    r.settle()


@scenario
def udp_wait_others(r):
    """The other wait functions on a bound socket."""
    u = bound(r)
    u.waitForBytesWritten(10)
    u.waitForDisconnected(10)
    u.waitForConnected(10)


@scenario
def udp_wait_others_connected(r):
    """The other wait functions on a connected socket."""
    u, p = linked(r)
    u.waitForConnected(10)
    u.write(b"hello")
    u.waitForBytesWritten(10)
    u.waitForDisconnected(10)


# ---- closing

@scenario
def udp_close_bound(r):
    """close() of a bound socket, and binding it again."""
    u = bound(r)
    u.close()
    r.settle()
    u.bind(here(), 0)


@scenario
def udp_close_pending(r):
    """close() drops what has arrived."""
    p, u = raw(r), bound(r)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("readyRead"))
    u.close()
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.bytesAvailable()
    u.receiveDatagram()
    with r.silence():
        u.q.bind(here(), 0)
    u.hasPendingDatagrams()


@scenario
def udp_close_in_ready_read(r):
    """close() inside readyRead, with datagrams left."""
    p, u = raw(r), bound(r)
    u.on("readyRead", lambda: u.close())
    p.send(u.q.localPort(), b"one", b"two", b"three")
    r.until(lambda: u.seen("readyRead"))


@scenario
def udp_abort_bound(r):
    """abort() of a bound socket."""
    u = bound(r)
    u.abort()
    r.settle()


@scenario
def udp_close_connected(r):
    """close() of a connected socket."""
    u, p = linked(r)
    u.close()
    r.settle()


@scenario
def udp_abort_connected(r):
    """abort() of a connected socket."""
    u, p = linked(r)
    u.abort()
    r.settle()


@scenario
def udp_disconnect_bound(r):
    """disconnectFromHost() of a bound socket."""
    u = bound(r)
    u.disconnectFromHost()
    r.settle()


@scenario
def udp_disconnect_connected(r):
    """disconnectFromHost() of a connected socket with something to read."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("readyRead"))
    u.disconnectFromHost()
    r.settle()
    u.readAll()


@scenario
def udp_delete(r):
    """Deleting bound and connected sockets."""
    bound(r, "a", port_name="A").delete()
    linked(r)[0].delete()


@scenario
def udp_delete_in_ready_read(r):
    """deleteLater() inside readyRead, with datagrams left."""
    p, u = raw(r), bound(r)
    u.on("readyRead", lambda: u.deleteLater())
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("destroyed"))


# ---- broadcast and multicast, on the loopback interface

def lo():
    return net.QNetworkInterface.interfaceFromName("lo")


@scenario
def udp_broadcast(r):
    """A broadcast reaches a socket bound to all addresses."""
    u, v = bound(r, "u", port_name="U"), bound(r, "v", "0.0.0.0", port_name="V")
    u.writeDatagram(b"to all", here("127.255.255.255"), v.q.localPort())
    r.until(lambda: v.seen("readyRead"))
    v.receiveDatagram()


@scenario
def udp_multicast(r):
    """Joining a group on an interface, receiving, leaving."""
    u, v = bound(r, "u", port_name="U"), bound(r, "v", "0.0.0.0", port_name="V")
    group = here("239.255.43.21")
    v.joinMulticastGroup(group, lo())
    u.setMulticastInterface(lo())
    u.multicastInterface()
    u.writeDatagram(b"to the group", group, v.q.localPort())
    r.until(lambda: v.seen("readyRead"))
    v.receiveDatagram()
    v.leaveMulticastGroup(group, lo())
    u.writeDatagram(b"to nobody", group, v.q.localPort())
    r.settle()


@scenario
def udp_multicast_ipv6(r):
    """Membership with IPv6. Nothing is sent: no multicast route leads to the loopback interface."""
    u = bound(r, address="::")
    for group in here("ff01::4321"), here("ff02::4321%lo"):
        u.joinMulticastGroup(group, lo())
        u.joinMulticastGroup(group, lo())
        u.leaveMulticastGroup(group, lo())
        u.leaveMulticastGroup(group, lo())
    u.setMulticastInterface(lo())
    u.multicastInterface()


@scenario
def udp_multicast_errors(r):
    """Joining and leaving where that is wrong."""
    r.warning_texts = False
    group = here("239.255.43.21")
    u = r.socket("u", net.QUdpSocket)
    u.joinMulticastGroup(group, lo())
    u.leaveMulticastGroup(group, lo())
    u.multicastInterface()
    u.setMulticastInterface(lo())
    v = bound(r, "v", "0.0.0.0")
    v.leaveMulticastGroup(group, lo())
    r.look(v)
    v.joinMulticastGroup(group, lo())
    v.joinMulticastGroup(group, lo())
    r.look(v)
    v.joinMulticastGroup(here(), lo())
    v.joinMulticastGroup(net.QHostAddress(), lo())
    v.joinMulticastGroup(here("ff01::4321"), lo())
    v.setMulticastInterface(net.QNetworkInterface())
    v.multicastInterface()
    r.settle()


@scenario
def udp_multicast_any(r):
    """Joining an IPv4 group on a socket bound to Any, and an IPv6 group on it."""
    u = r.socket("u", net.QUdpSocket)
    with r.silence():
        u.q.bind(0)
    r.look(u)
    u.joinMulticastGroup(here("239.255.43.21"), lo())
    u.leaveMulticastGroup(here("239.255.43.21"), lo())
    u.joinMulticastGroup(here("ff01::4321"), lo())
    u.leaveMulticastGroup(here("ff01::4321"), lo())


@scenario
def udp_multicast_options(r):
    """TTL and loopback of multicast, as integers."""
    for address in ("0.0.0.0", "::"):
        u = bound(r, address, address)
        for option, value in ((net.Option.MulticastTtlOption, 7), (net.Option.MulticastLoopbackOption, 0)):
            u.socketOption(option)
            u.setSocketOption(option, value)
            u.socketOption(option)


@scenario
def udp_multicast_no_loopback(r):
    """Without loopback a group's members on the same machine get nothing."""
    u, v = bound(r, "u", port_name="U"), bound(r, "v", "0.0.0.0", port_name="V")
    group = here("239.255.43.21")
    v.joinMulticastGroup(group, lo())
    u.setMulticastInterface(lo())
    u.setSocketOption(net.Option.MulticastLoopbackOption, 0)
    u.writeDatagram(b"not to this machine", group, v.q.localPort())
    r.settle()


# ---- the rest

@scenario
def udp_options(r):
    """The other options."""
    u = bound(r)
    for option in "LowDelayOption KeepAliveOption TypeOfServiceOption PathMtuSocketOption".split():
        r.value(option, u.q.socketOption(getattr(net.Option, option)))
    for option in "SendBufferSizeSocketOption ReceiveBufferSizeSocketOption".split():
        u.setSocketOption(getattr(net.Option, option), 20000)
        r.value(option, u.q.socketOption(getattr(net.Option, option)))


@scenario
def udp_path_mtu(r):
    """The path MTU of a connected socket."""
    u, p = linked(r)
    u.socketOption(net.Option.PathMtuSocketOption)


@scenario
def udp_adopt(r):
    """setSocketDescriptor() of a bound UDP socket."""
    s = system.socket(system.AF_INET, system.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    r.ports[s.getsockname()[1]] = "UDP"
    p = raw(r)
    u = r.socket("u", net.QUdpSocket)
    u.setSocketDescriptor(s.detach(), net.State.BoundState)
    p.send(u.q.localPort(), b"hello")
    r.until(lambda: u.seen("readyRead"))
    u.receiveDatagram()


@scenario
def udp_adopt_both_families(r):
    """setSocketDescriptor() of a socket that is bound to every address, of IPv6 alone and of both families."""
    for only in (1, 0):
        s = system.socket(system.AF_INET6, system.SOCK_DGRAM)
        s.setsockopt(system.IPPROTO_IPV6, system.IPV6_V6ONLY, only)
        s.bind(("::", 0))
        r.ports[s.getsockname()[1]] = "UDP"
        u = r.socket(f"u{only}", net.QUdpSocket)
        u.setSocketDescriptor(s.detach(), net.State.BoundState)
        r.line(f"only IPv6: {only}, {r.address(u.q.localAddress())}")


@scenario
def udp_adopt_stream(r):
    """setSocketDescriptor() of a TCP socket."""
    u = r.socket("u", net.QUdpSocket)
    s = system.socket(system.AF_INET, system.SOCK_STREAM)
    u.setSocketDescriptor(s.detach(), net.State.UnconnectedState)


@scenario
def udp_read_buffer_size(r):
    """setReadBufferSize() of a UDP socket."""
    p, u = raw(r), bound(r)
    u.setReadBufferSize(4)
    u.readBufferSize()
    p.send(u.q.localPort(), b"hello", b"world")
    r.until(lambda: u.seen("readyRead"))
    u.readDatagram(100)
    u.readDatagram(100)


@scenario
def udp_read_buffer_size_connected(r):
    """The same, connected, and with read()."""
    u, p = linked(r)
    u.setReadBufferSize(4)
    p.send(u.q.localPort(), b"hello", b"world")
    r.until(lambda: u.seen("readyRead"))
    u.read(100)
    r.settle()
    u.read(100)
    r.settle()


@scenario
def udp_transaction(r):
    """A transaction on a connected socket."""
    u, p = linked(r)
    p.send(u.q.localPort(), b"hello", b"world")
    r.until(lambda: u.seen("readyRead"))
    u.startTransaction()
    u.read(2)
    u.rollbackTransaction()
    u.readAll()
    r.settle()


@scenario
def udp_write_in_ready_read(r):
    """An echo: each datagram is answered inside readyRead."""
    p, u = raw(r), bound(r)

    def echo():
        while u.hasPendingDatagrams():
            data, host, port = u.readDatagram(100)
            u.writeDatagram(data, host, port)
    u.on("readyRead", echo)
    p.send(u.q.localPort(), b"one", b"two")
    r.until(lambda: u.seen("bytesWritten") == 2)
    r.value("the peer got", (p.receive(), p.receive()))


@scenario
def udp_open_modes(r):
    """connectToHost() with other open modes."""
    for mode in (net.Mode.ReadOnly, net.Mode.WriteOnly, net.Mode.ReadWrite | net.Mode.Unbuffered):
        p = raw(r)
        u = r.socket("u", net.QUdpSocket)
        u.connectToHost(here(), p.port, mode)
        with r.silence():
            r.until(lambda: u.seen("connected"))
            r.ports[u.q.localPort()] = "UDP"
        r.look(u)
        u.write(b"hello")
        p.send(u.q.localPort(), b"answer")
        r.settle()
        u.read(10)
        u.readDatagram(10) if u.q.hasPendingDatagrams() else None
        r.settle()
