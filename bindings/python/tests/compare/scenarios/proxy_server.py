"""Servers that listen through SOCKS 5 proxies, and those that cannot."""

from backend import net
from scripted_proxy import CLOSE, COMMAND, GO, GRANTED, HELLO, LOGIN, METHOD_NONE, RESET
from through_proxy import HTTP, SOCKS
from trace import scenario

ANY = net.Special.AnyIPv4
PEER = b"\5\0\0\1\xc0\0\2\x09\x1e\x61"      # the second reply: 192.0.2.9:7777
LISTENS = [*METHOD_NONE, COMMAND, GRANTED]


def behind(r, *scripts, user="", password="", kind=SOCKS, **options):
    """A server that does not listen yet, and its proxy: (server, scripted proxy)."""
    proxy = r.proxy_process(*scripts, **options)
    r.ports[7777] = "7777"
    s = r.server(listen=False)
    s.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port, user, password))
    return s, proxy


def listen(s, address=ANY, port=0):
    return s.listen(net.QHostAddress(address), port)


def refused(r, s, port=0):
    """What comes of listen() in the end, when it is in vain: Qt has waited for that, qnet tells it later, and tries again."""
    with r.silence():
        s.q.listen(net.QHostAddress(ANY), port)
        r.until(lambda: s.seen("acceptError") or not s.q.isListening(), settle=False)
    r.value("serverError", s.q.serverError())
    r.value("errorString", r.error(s.kind, "", s.q.errorString()))
    r.value("asked for", (s.q.serverAddress(), s.q.serverPort()))
    s.q.close()


@scenario(rows={
    "server_socks_listens": (ANY, LISTENS),
    "server_socks_listens_at_any": (net.Special.Any, LISTENS),
    "server_socks_listens_at_address": ("192.0.2.1", LISTENS),
    "server_socks_bound_nothing": (ANY, [*METHOD_NONE, COMMAND, b"\5\0\0\1" + bytes(4) + b"\x13\x89"]),
    "server_socks_bound_ipv6": (ANY, [*METHOD_NONE, COMMAND, b"\5\0\0\4" + bytes(15) + b"\1\x13\x89"]),
    "server_socks_bound_name": (ANY, [*METHOD_NONE, COMMAND, b"\5\0\0\3\4host\x13\x89"]),
    "server_socks_in_pieces": (ANY, [HELLO, b"\5", b"\0", COMMAND, b"\5\0\0", b"\1\x7f\0\0\2\x13", b"\x89"]),
})
def socks_listens(r, address, script):
    """listen(): what the proxy is asked, and what the server says of itself."""
    s, proxy = behind(r, script)
    listen(s, address)
    r.value("the command", b"".join(proxy.requests())[-10:])
    s.proxy()


@scenario
def server_socks_listens_at_port(r):
    """listen() at a port."""
    s, proxy = behind(r, LISTENS)
    listen(s, ANY, 7777)
    r.value("the command", b"".join(proxy.requests())[-10:])


@scenario(rows={
    "server_socks_reply_1": [*METHOD_NONE, COMMAND, b"\5\1" + GRANTED[2:]],
    "server_socks_reply_2": [*METHOD_NONE, COMMAND, b"\5\2" + GRANTED[2:]],
    "server_socks_reply_3": [*METHOD_NONE, COMMAND, b"\5\3" + GRANTED[2:]],
    "server_socks_reply_4": [*METHOD_NONE, COMMAND, b"\5\4" + GRANTED[2:]],
    "server_socks_reply_5": [*METHOD_NONE, COMMAND, b"\5\5" + GRANTED[2:]],
    "server_socks_reply_6": [*METHOD_NONE, COMMAND, b"\5\6" + GRANTED[2:]],
    "server_socks_reply_7": [*METHOD_NONE, COMMAND, b"\5\7" + GRANTED[2:]],
    "server_socks_reply_8": [*METHOD_NONE, COMMAND, b"\5\x08" + GRANTED[2:]],
    "server_socks_reply_9": [*METHOD_NONE, COMMAND, b"\5\x09" + GRANTED[2:]],
    "server_socks_none_acceptable": [HELLO, b"\5\xff", CLOSE],
    "server_socks_method_unknown": [HELLO, b"\5\3", CLOSE],
    "server_socks_closes": [*METHOD_NONE, COMMAND, CLOSE],
    "server_socks_closes_after_hello": [HELLO, CLOSE],
    "server_socks_resets": [*METHOD_NONE, COMMAND, RESET],
    "server_socks_garbage": [HELLO, b"HTTP/1.1 400 No\r\n\r\n"],
    "server_socks_version_of_reply": [*METHOD_NONE, COMMAND, b"\4" + GRANTED[1:]],
})
def socks_refuses(r, script):
    """The proxy does not listen: what the server says of itself."""
    s, proxy = behind(r, script)
    refused(r, s, 7777)


@scenario
def server_socks_listen_in_vain(r):
    """What listen() returns, and what is signalled, when the proxy refuses."""
    s, proxy = behind(r, [*METHOD_NONE, COMMAND, b"\5\5" + GRANTED[2:]])
    listen(s)
    with r.silence():
        r.until(lambda: s.seen("acceptError") or not s.q.isListening(), settle=False)
    r.value("told", s.seen("acceptError"))
    s.q.close()


@scenario
def server_socks_user_known(r):
    """A proxy that wants to know who it is."""
    s, proxy = behind(r, [HELLO, b"\5\2", LOGIN, b"\1\0", COMMAND, GRANTED], user="user", password="password")
    listen(s)


@scenario
def server_socks_user_unknown(r):
    """A proxy that lets somebody else in."""
    s, proxy = behind(r, [HELLO, b"\5\2", LOGIN, b"\1\1", CLOSE], user="user", password="password")
    refused(r, s)


@scenario
def server_socks_silent(r):
    """A proxy that does not answer. The port is waited for, in Qt by listen()."""
    s, proxy = behind(r, [HELLO])
    with r.silence():
        s.q.listen(net.QHostAddress(ANY), 7777)
    r.value("asked for", (s.q.serverAddress(), s.q.serverPort()))
    s.close()


@scenario(rows={
    "server_socks_nobody": ("127.0.0.1", None),
    "server_socks_not_found": ("no-such-proxy.invalid", 1080),
    "server_socks_no_host": ("", 1080),
    "server_socks_port_0": ("127.0.0.1", 0),
})
def proxy_not_there(r, host, port):
    """listen() through a proxy that is not there."""
    r.behind_proxies()
    s = r.server(listen=False)
    s.q.setProxy(net.QNetworkProxy(SOCKS, host, r.dead_port().port if port is None else port))
    refused(r, s)


@scenario(rows={
    "server_http": HTTP,
    "server_caching": net.ProxyType.HttpCachingProxy,
})
def unable(r, kind):
    """A proxy through which no server can listen."""
    r.behind_proxies()
    s = r.server(listen=False)
    s.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", r.dead_port().port))
    listen(s)


@scenario
def server_socks_without_listening(r):
    """A SOCKS server that is said not to listen."""
    r.behind_proxies()
    s = r.server(listen=False)
    proxy = net.QNetworkProxy(SOCKS, "127.0.0.1", r.dead_port().port)
    proxy.setCapabilities(net.Capability.TunnelingCapability)
    s.setProxy(proxy)
    listen(s)


@scenario(rows={
    "server_local_host_own": True,
    "server_local_host_of_application": False,
})
def local_host(r, own):
    """At an address of this host only no proxy is used."""
    r.behind_proxies()
    s = r.server(listen=False)
    proxy = net.QNetworkProxy(HTTP, "127.0.0.1", r.dead_port().port)
    if own:
        s.q.setProxy(proxy)
    else:
        net.QNetworkProxy.setApplicationProxy(proxy)
        r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    listen(s, net.Special.LocalHost)
    s.close()
    listen(s, net.Special.LocalHostIPv6)


@scenario
def server_socks_of_application(r):
    """The application's proxy is that of servers, too."""
    proxy = r.proxy_process(LISTENS)
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(SOCKS, "127.0.0.1", proxy.port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    s = r.server(listen=False)
    listen(s)


@scenario
def server_no_proxy(r):
    """A server that is to have none, though the application has one."""
    r.behind_proxies()
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(HTTP, "127.0.0.1", r.dead_port().port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    s = r.server(listen=False)
    s.setProxy(net.ProxyType.NoProxy)
    listen(s)


@scenario(qt_crashes=True)
def server_socks_closed(r):
    """close() while the proxy listens."""
    s, proxy = behind(r, LISTENS)
    listen(s)
    s.close()
    r.until(proxy.ended)


@scenario
def server_socks_listens_twice(r):
    """listen() of what listens."""
    s, proxy = behind(r, LISTENS)
    listen(s)
    listen(s)
    r.value("connections", proxy.connections())


@scenario(qt_crashes=True)
def server_socks_listens_again(r):
    """close(), and listen() again."""
    s, proxy = behind(r, LISTENS)
    listen(s)
    s.close()
    listen(s)
    s.close()
    r.until(lambda: proxy.ended(2))
    r.value("connections", proxy.connections())


@scenario
def server_socks_deleted(r):
    """A server that is deleted while it listens."""
    s, proxy = behind(r, LISTENS)
    listen(s)
    s.delete()
    r.until(proxy.ended)


@scenario
def server_socks_accepts(r):
    """A connection: what the server and the socket say of themselves, and what is read first."""
    s, proxy = behind(r, [*LISTENS, GO, PEER + b"first"])
    listen(s)
    proxy.go()
    r.until(lambda: s.seen("newConnection"))
    a = r.watch(s.q.nextPendingConnection(), "a")
    r.look(a)
    a.readAll()
    a.peerAddress()
    a.peerPort()
    a.write(b"answer")
    r.until(lambda: proxy.requests()[0].endswith(b"answer"))
    a.disconnectFromHost()
    r.until(proxy.ended)


@scenario
def server_socks_accepts_two(r):
    """A second connection."""
    s, proxy = behind(r, [*LISTENS, GO, PEER + b"first"])
    listen(s)
    proxy.go()
    r.until(lambda: s.seen("newConnection"))
    with r.silence():
        r.settle()
    r.value("listening", s.q.isListening())
    if s.q.isListening():
        proxy.go()
        r.until(lambda: s.seen("newConnection") == 2)


@scenario
def server_socks_wait_new_connection(r):
    """waitForNewConnection()."""
    s, proxy = behind(r, [*LISTENS, GO, PEER])
    listen(s)
    proxy.go()
    s.waitForNewConnection(5000)
    s.hasPendingConnections()


@scenario
def server_socks_wait_in_vain(r):
    """waitForNewConnection(), and nobody comes."""
    s, proxy = behind(r, LISTENS)
    listen(s)
    s.waitForNewConnection(20)
    s.hasPendingConnections()


@scenario
def server_socks_second_reply_refuses(r):
    """Nobody has come, says the second reply."""
    s, proxy = behind(r, [*LISTENS, GO, b"\5\6" + PEER[2:]])
    listen(s)
    proxy.go()
    r.until(lambda: s.seen("newConnection") or s.seen("acceptError"))


@scenario
def server_socks_ends_while_listening(r):
    """The proxy ends the connection on which it listens."""
    s, proxy = behind(r, [*LISTENS, GO, CLOSE])
    listen(s)
    proxy.go()
    r.until(lambda: s.seen("newConnection") or s.seen("acceptError"))
