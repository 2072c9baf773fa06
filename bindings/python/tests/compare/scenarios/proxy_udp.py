"""Datagrams through SOCKS 5 proxies, and proxies that carry none."""

from backend import net
from scripted_proxy import CLOSE, COMMAND, GO, GRANTED, HELLO, LOGIN, METHOD_NONE, RESET, Relay
from through_proxy import HTTP, SOCKS
from trace import scenario

RELAYS = [*METHOD_NONE, COMMAND, Relay()]
HERE = net.QHostAddress("127.0.0.1")
FROM = b"\0\0\0\1\xc0\0\2\x09\x1e\x61"      # the header of a datagram from 192.0.2.9:7777


def behind(r, *scripts, user="", password="", kind=SOCKS):
    """A UDP socket, and its proxy: (socket, scripted proxy)."""
    proxy = r.proxy_process(*scripts)
    r.ports[7777] = "7777"
    u = r.socket("u", net.QUdpSocket)
    u.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port, user, password))
    return u, proxy


def bind(u, address=net.Special.AnyIPv4):
    return u.bind(net.QHostAddress(address), 0)


def refused(r, u):
    """What comes of bind() in the end, when it is in vain: Qt has waited for that, qnet tells it later."""
    with r.silence():
        u.q.bind(net.QHostAddress(net.Special.AnyIPv4), 0)
        r.until(lambda: u.seen("errorOccurred"))
    r.value("errors", u.seen("errorOccurred"))


def answered(r, peer, *datagrams):
    """Waits for a datagram at a raw peer, and answers it: returns what came."""
    r.until(peer.waiting, settle=False)
    data, sender = peer.socket.recvfrom(1 << 16)
    for datagram in datagrams:
        peer.socket.sendto(datagram, sender)
    return data


def carried(r, u, peer):
    """Waits until what is written to a raw peer goes out at once: qnet's bind() does not wait for that."""
    with r.silence():
        u.q.writeDatagram(b"", HERE, peer.port)
        r.until(lambda: u.seen("bytesWritten") and peer.waiting(), settle=False)
        peer.socket.recv(1)


def bound(r, *, relays=RELAYS):
    """A UDP socket that is bound through a proxy, and a raw peer: (socket, peer)."""
    u, _ = behind(r, relays)
    peer = r.datagrams()
    bind(u)
    carried(r, u, peer)
    return u, peer


@scenario
def udp_socks_bind(r):
    """bind(): what the socket says of itself."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    r.until(lambda: proxy.has(13))
    r.value("the command", b"".join(proxy.requests())[-10:-2])
    u.localAddress()
    u.hasPendingDatagrams()
    r.settle()


@scenario
def udp_socks_nothing_there(r):
    """What is said of a datagram while there is none."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    u.pendingDatagramSize()
    u.receiveDatagram()


@scenario
def udp_socks_answer(r):
    """A datagram to an address, and the answer."""
    u, peer = bound(r)
    u.writeDatagram(b"question", HERE, peer.port)
    r.value("the peer got", answered(r, peer, b"answer"))
    r.until(lambda: u.seen("readyRead"))
    u.hasPendingDatagrams()
    u.pendingDatagramSize()
    u.receiveDatagram()
    u.receiveDatagram()


@scenario
def udp_socks_read_datagram(r):
    """readDatagram(), and less than all of a datagram."""
    u, peer = bound(r)
    u.writeDatagram(b"question", HERE, peer.port)
    answered(r, peer, b"0123456789", b"second")
    r.until(lambda: u.seen("readyRead"))
    u.readDatagram(4)
    u.readDatagram(100)


@scenario
def udp_socks_write_network_datagram(r):
    """A QNetworkDatagram."""
    u, peer = bound(r)
    u.writeDatagram(net.QNetworkDatagram(b"question", HERE, peer.port))
    r.value("the peer got", answered(r, peer))


@scenario
def udp_socks_reply_datagram(r):
    """makeReply() of what came through the proxy."""
    u, peer = bound(r)
    u.writeDatagram(b"question", HERE, peer.port)
    answered(r, peer, b"answer")
    r.until(lambda: u.seen("readyRead"))
    came = u.receiveDatagram()
    u.writeDatagram(came.makeReply(b"reply"))
    r.value("the peer got", answered(r, peer))


@scenario
def udp_socks_empty_datagram(r):
    """A datagram without data, there and back."""
    u, peer = bound(r)
    u.writeDatagram(b"", HERE, peer.port)
    r.value("the peer got", answered(r, peer, b""))
    r.until(lambda: u.seen("readyRead"))
    u.pendingDatagramSize()
    u.receiveDatagram()


@scenario
def udp_socks_large_datagram(r):
    """A datagram of 60,000 bytes, there and back."""
    u, peer = bound(r)
    u.writeDatagram(bytes(60000), HERE, peer.port)
    r.value("the peer got", answered(r, peer, bytes(50000)))
    r.until(lambda: u.seen("readyRead"))
    u.receiveDatagram()


@scenario
def udp_socks_too_large(r):
    """A datagram that is too large once it has the proxy's header."""
    u, peer = bound(r)
    u.writeDatagram(bytes(65507), HERE, peer.port)
    u.writeDatagram(b"small", HERE, peer.port)
    r.value("the peer got", answered(r, peer))


@scenario
def udp_socks_null_destination(r):
    """A datagram to nowhere."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    u.writeDatagram(b"x", net.QHostAddress(), 7777)
    r.settle()


@scenario
def udp_socks_write_binds(r):
    """A write that binds."""
    u, proxy = behind(r, RELAYS)
    peer = r.datagrams()
    u.writeDatagram(b"question", HERE, peer.port)
    r.value("the peer got", answered(r, peer, b"answer"))
    r.until(lambda: u.seen("readyRead"))
    u.receiveDatagram()


@scenario(rows={
    "udp_socks_from_ipv4": FROM + b"data",
    "udp_socks_from_ipv6": b"\0\0\0\4\x20\x01\x0d\xb8" + bytes(11) + b"\1\x1e\x61data",
    "udp_socks_from_name": b"\0\0\0\3\4host\x1e\x61data",
    "udp_socks_from_and_empty": FROM,
    "udp_socks_fragment": b"\0\0\1" + FROM[3:] + b"data",
    "udp_socks_reserved": b"\1\0" + FROM[2:] + b"data",
    "udp_socks_short": FROM[:-1],
    "udp_socks_shorter": b"\0\0",
    "udp_socks_unknown_type": b"\0\0\0\2" + FROM[4:] + b"data",
    "udp_socks_from_short_name": b"\0\0\0\3\x20host\x1e\x61",
})
def udp_socks_arrives(r, datagram):
    """A datagram from the relay, and one more that is good."""
    u, proxy = behind(r, [*METHOD_NONE, COMMAND, Relay(answers=[datagram, FROM + b"good"])])
    bind(u)
    arrived = []

    def take():
        while u.q.hasPendingDatagrams():
            arrived.append(u.q.receiveDatagram())
    with r.silence():
        u.on("readyRead", take)
        u.writeDatagram(b"question", HERE, 7777)
        r.until(lambda: arrived and bytes(arrived[-1].data()) == b"good")
    r.value("arrived", tuple(arrived))
    r.look(u)


@scenario(rows={
    "udp_socks_relay_any": b"\1\0\0\0\0",
    "udp_socks_relay_name": b"\3\x09localhost",
})
def udp_socks_relay_told(r, told):
    """What the relay's address may be told as."""
    u, peer = bound(r, relays=[*METHOD_NONE, COMMAND, Relay(told=told)])
    u.writeDatagram(b"question", HERE, peer.port)
    r.value("the peer got", answered(r, peer))


@scenario(rows={
    "udp_socks_reply_1": [*METHOD_NONE, COMMAND, b"\5\1" + GRANTED[2:]],
    "udp_socks_reply_2": [*METHOD_NONE, COMMAND, b"\5\2" + GRANTED[2:]],
    "udp_socks_reply_3": [*METHOD_NONE, COMMAND, b"\5\3" + GRANTED[2:]],
    "udp_socks_reply_4": [*METHOD_NONE, COMMAND, b"\5\4" + GRANTED[2:]],
    "udp_socks_reply_5": [*METHOD_NONE, COMMAND, b"\5\5" + GRANTED[2:]],
    "udp_socks_reply_6": [*METHOD_NONE, COMMAND, b"\5\6" + GRANTED[2:]],
    "udp_socks_reply_7": [*METHOD_NONE, COMMAND, b"\5\7" + GRANTED[2:]],
    "udp_socks_reply_8": [*METHOD_NONE, COMMAND, b"\5\x08" + GRANTED[2:]],
    "udp_socks_none_acceptable": [HELLO, b"\5\xff", CLOSE],
    "udp_socks_method_unknown": [HELLO, b"\5\3", CLOSE],
    "udp_socks_closes": [*METHOD_NONE, COMMAND, CLOSE],
    "udp_socks_closes_after_hello": [HELLO, CLOSE],
    "udp_socks_resets": [*METHOD_NONE, COMMAND, RESET],
    "udp_socks_garbage": [HELLO, b"HTTP/1.1 400 No\r\n\r\n"],
})
def udp_socks_refuses(r, script):
    """bind() is in vain: what the socket says of itself in the end."""
    u, proxy = behind(r, script)
    refused(r, u)


@scenario
def udp_socks_bind_in_vain(r):
    """What bind() returns, and what is signalled, when the proxy refuses."""
    u, proxy = behind(r, [*METHOD_NONE, COMMAND, b"\5\5" + GRANTED[2:]])
    bind(u)
    r.until(lambda: u.seen("errorOccurred"))


@scenario
def udp_socks_user_known(r):
    """A proxy that wants to know who it is."""
    u, proxy = behind(r, [HELLO, b"\5\2", LOGIN, b"\1\0", COMMAND, Relay()], user="user", password="password")
    bind(u)
    r.settle()


@scenario
def udp_socks_user_unknown(r):
    """A proxy that lets somebody else in."""
    u, proxy = behind(r, [HELLO, b"\5\2", LOGIN, b"\1\1", CLOSE], user="user", password="password")
    refused(r, u)


@scenario(rows={
    "udp_socks_nobody": ("127.0.0.1", None),
    "udp_socks_not_found": ("no-such-proxy.invalid", 1080),
    "udp_socks_port_0": ("127.0.0.1", 0),
})
def proxy_not_there(r, host, port):
    """bind() through a proxy that is not there."""
    r.behind_proxies()
    u = r.socket("u", net.QUdpSocket)
    u.q.setProxy(net.QNetworkProxy(SOCKS, host, r.dead_port().port if port is None else port))
    refused(r, u)


@scenario(rows={
    "udp_http": HTTP,
    "udp_caching": net.ProxyType.HttpCachingProxy,
})
def unable(r, kind):
    """A proxy that carries no datagrams: bind, a write that binds, connectToHost."""
    r.behind_proxies()
    proxy = net.QNetworkProxy(kind, "127.0.0.1", r.dead_port().port)
    for method, arguments in (("bind", (net.QHostAddress(net.Special.AnyIPv4), 0)), ("writeDatagram", (b"x", net.QHostAddress("192.0.2.1"), 7)),
                              ("connectToHost", ("192.0.2.1", 7)), ("connectToHost", ("target.test", 7))):
        u = r.socket(f"u{len(r.watched)}", net.QUdpSocket)
        u.q.setProxy(proxy)
        getattr(u, method)(*arguments)
        r.settle()


@scenario
def udp_no_proxy(r):
    """A socket that is to have none, though the application has one that cannot do it."""
    r.behind_proxies()
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(HTTP, "127.0.0.1", r.dead_port().port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    u = r.socket("u", net.QUdpSocket)
    u.setProxy(net.ProxyType.NoProxy)
    bind(u, net.Special.LocalHost)


@scenario
def udp_socks_of_application(r):
    """The application's proxy carries datagrams, too."""
    proxy = r.proxy_process(RELAYS)
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(SOCKS, "127.0.0.1", proxy.port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    u = r.socket("u", net.QUdpSocket)
    bind(u)
    r.until(lambda: proxy.has(13))
    r.value("connections", proxy.connections())


@scenario(rows={
    "udp_socks_abort": "abort",
    "udp_socks_close": "close",
    "udp_socks_disconnect": "disconnectFromHost",
    "udp_socks_delete": "delete",
})
def udp_socks_ends(r, method):
    """The end of a binding, which is the proxy's, too."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    r.until(lambda: proxy.has(13))
    getattr(u, method)()
    r.until(proxy.ended)


@scenario
def udp_socks_bind_again(r):
    """close(), and bind() again."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    r.until(lambda: proxy.has(13))
    u.close()
    bind(u)
    r.until(lambda: proxy.has(2 * 13))
    r.value("connections", proxy.connections())


@scenario
def udp_socks_bind_twice(r):
    """bind() of what is bound through a proxy."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    bind(u)
    r.settle()


@scenario
def udp_socks_set_proxy_later(r):
    """setProxy() once it is bound directly changes nothing for datagrams that are written."""
    proxy = r.proxy_process(RELAYS)
    peer = r.datagrams()
    u = r.socket("u", net.QUdpSocket)
    bind(u, net.Special.LocalHost)
    u.setProxy(net.QNetworkProxy(SOCKS, "127.0.0.1", proxy.port))
    u.writeDatagram(b"directly", HERE, peer.port)
    r.value("the peer got", answered(r, peer))
    r.value("connections", proxy.connections())


@scenario
def udp_socks_wait_ready_read(r):
    """waitForReadyRead() of what is bound through a proxy."""
    u, proxy = behind(r, [*METHOD_NONE, COMMAND, Relay(answers=[FROM + b"data"])])
    bind(u)
    with r.silence():   # the answer may be there before the call returns
        u.q.writeDatagram(b"question", HERE, 7777)
        u.q.waitForBytesWritten(5000)   # qnet has to send it yet
    u.waitForReadyRead(5000)
    u.receiveDatagram()
    u.waitForReadyRead(10)


@scenario
def udp_socks_connect_address(r):
    """connectToHost() of an address, and an answer."""
    u, proxy = behind(r, RELAYS)
    peer = r.datagrams()
    u.connectToHost("127.0.0.1", peer.port)
    r.until(lambda: u.seen("connected") or u.seen("errorOccurred"))
    u.write(b"question")
    r.value("the peer got", answered(r, peer, b"answer"))
    r.until(lambda: u.seen("readyRead"))
    u.readAll()
    u.disconnectFromHost()
    r.until(proxy.ended)


@scenario
def udp_socks_connect_name(r):
    """connectToHost() of a name."""
    u, proxy = behind(r, RELAYS)
    u.connectToHost("target.test", 7)
    r.until(lambda: u.seen("connected") or u.seen("errorOccurred"))


@scenario(rows={
    "udp_socks_connect_refused": [*METHOD_NONE, COMMAND, b"\5\5" + GRANTED[2:]],
    "udp_socks_connect_ends": [*METHOD_NONE, COMMAND, CLOSE],
    "udp_socks_connect_unknown": [HELLO, b"\5\xff", CLOSE],
})
def udp_socks_connect_fails(r, script):
    """connectToHost(), and the proxy refuses."""
    u, proxy = behind(r, script)
    u.connectToHost("192.0.2.9", 7)
    r.until(lambda: u.seen("connected") or u.seen("errorOccurred"))


@scenario
def udp_socks_connect_bound(r):
    """connectToHost() of what is bound through a proxy."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    u.connectToHost("127.0.0.1", r.datagrams().port)
    r.settle()


@scenario
def udp_socks_multicast(r):
    """Multicast through a proxy."""
    u, proxy = behind(r, RELAYS)
    bind(u)
    u.joinMulticastGroup(net.QHostAddress("239.1.2.3"))
    u.leaveMulticastGroup(net.QHostAddress("239.1.2.3"))


@scenario
def udp_socks_written_and_closed(r):
    """What is written right after bind() arrives, though the socket is closed at once."""
    with r.silence():
        u, peer = bound(r)
        u.q.writeDatagram(b"first", HERE, peer.port)
        u.q.writeDatagram(b"second", HERE, peer.port)
        u.q.close()
        r.until(lambda: u.seen("disconnected"))
    r.value("the peer got", answered(r, peer))
    r.value("then", answered(r, peer))
    r.value("bytesWritten", u.written)


@scenario
def udp_socks_written_without_a_loop(r):
    """waitForReadyRead() sends what was written, and receives the answer."""
    u, proxy = behind(r, [*METHOD_NONE, COMMAND, Relay(answers=[FROM + b"data"])])
    with r.silence():
        bind(u)
        u.q.writeDatagram(b"question", HERE, 7777)
        while not u.seen("readyRead") and u.q.waitForReadyRead(5000):
            pass
    r.value("bytesWritten", u.written)
    u.receiveDatagram()


@scenario(qt_crashes=True)
def udp_socks_control_ends(r):
    """The proxy ends the connection of the association."""
    u, proxy = behind(r, [*RELAYS, GO, CLOSE])
    bind(u)
    carried(r, u, r.datagrams())
    proxy.go()
    r.until(lambda: u.seen("disconnected"))


@scenario
def udp_local_of_application(r):
    """A write that binds, to an address of this host, while the application has a proxy that carries datagrams."""
    proxy, peer = r.proxy_process(RELAYS), r.datagrams()
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(SOCKS, "127.0.0.1", proxy.port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    u = r.socket("u", net.QUdpSocket)
    u.writeDatagram(b"directly", HERE, peer.port)
    r.settle()
    r.value("it has come", peer.waiting())
    r.value("connections", proxy.connections())


@scenario
def udp_socks_set_proxy_and_connect(r):
    """setProxy() once it is bound directly, and then connectToHost()."""
    proxy, peer = r.proxy_process(RELAYS), r.datagrams()
    u = r.socket("u", net.QUdpSocket)
    bind(u)
    u.setProxy(net.QNetworkProxy(SOCKS, "127.0.0.1", proxy.port))
    u.connectToHost("127.0.0.1", peer.port)
    r.until(lambda: u.seen("connected") or u.seen("errorOccurred"))
    u.write(b"question")
    r.value("the peer got", answered(r, peer, b"answer"))
    r.until(lambda: u.seen("readyRead"))
    u.readAll()
    r.value("connections", proxy.connections())


@scenario(rows={
    "udp_socks_without_carrying": net.Capability.TunnelingCapability,
    "udp_socks_without_anything": net.Capability(0),
})
def without_carrying(r, capabilities):
    """A SOCKS server that is said to carry no datagrams."""
    r.behind_proxies()
    proxy = net.QNetworkProxy(SOCKS, "127.0.0.1", r.dead_port().port)
    proxy.setCapabilities(capabilities)
    u = r.socket("u", net.QUdpSocket)
    u.setProxy(proxy)
    bind(u)
    u.connectToHost("192.0.2.1", 7)
    r.settle()


@scenario
def udp_socks_two_peers(r):
    """Two peers through one association."""
    u, proxy = behind(r, RELAYS)
    one, two = r.datagrams("ONE"), r.datagrams("TWO")
    bind(u)
    carried(r, u, one)
    for peer in one, two:
        u.writeDatagram(b"question", HERE, peer.port)
        r.value("the peer got", answered(r, peer, b"answer"))
        r.until(lambda: u.q.hasPendingDatagrams())
        u.receiveDatagram()
    r.value("connections", proxy.connections())
