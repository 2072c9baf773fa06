"""Connections that are in the clear at first, sockets that never encrypt, and ways through proxies."""

import peer
import tls_sockets as tls
from backend import net
from scripted_proxy import FINE, GRANTED, HTTP_FINE, SOCKS_FINE, http_reply, socks_reply
from through_proxy import HTTP, SOCKS
from trace import scenario


def in_the_clear(r, **options):
    """A connection in the clear: (socket, peer)."""
    to, c = tls.listener(r, clear=True, **options), tls.client(r)
    with r.silence():
        c.q.setPeerVerifyName("localhost")
        c.q.connectToHost("127.0.0.1", to.port)
        r.until(lambda: to.peers and c.q.state() == net.State.ConnectedState)
    c.counts.clear()
    r.look(c)
    return c, to.peer


@scenario
def ssl_plain_mode(r):
    """A socket that never encrypts."""
    c, p = in_the_clear(r)
    c.mode()
    c.write(b"question")
    r.until(lambda: p.got(8))
    p.send(b"answer\nmore")
    r.until(lambda: c.seen("readyRead"))
    c.canReadLine()
    c.readLine()
    c.bytesAvailable()
    c.readAll()
    c.encryptedBytesAvailable()
    c.encryptedBytesToWrite()
    c.waitForEncrypted(10)
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario(rows={
    "ssl_starttls": None,
    "ssl_starttls_early_write": "early",
    "ssl_starttls_write_in_the_clear": "clear",
})
def starttls(r, what):
    """startClientEncryption(), with what is written before and after."""
    c, p = in_the_clear(r)
    p.send(b"220 hello\n")
    r.until(lambda: c.seen("readyRead"))
    c.readLine()
    if what == "clear":
        c.write(b"in the clear")
    c.startClientEncryption()
    if what == "early":
        c.write(b"secret")
    if what == "clear":
        r.until(lambda: p.got(12))
        r.value("the peer heard", bytes(p.data[:12]))
        early = bytes(p.data[12:])
        p.data.clear()
        p.encrypt()
        p.incoming.write(early)
        p.pump()
    else:
        p.encrypt()
    r.until(tls.decided(c))
    p.send(b"answer")
    r.until(lambda: c.seen("readyRead") >= 2)
    c.readAll()
    if what == "early":
        r.value("the peer heard", p.summary())


@scenario
def ssl_starttls_without_name(r):
    """No name was set: that of the host counts."""
    to, c = tls.listener(r, clear=True), tls.client(r)
    with r.silence():
        c.q.connectToHost("127.0.0.1", to.port)
        r.until(lambda: to.peers and c.q.state() == net.State.ConnectedState)
    r.look(c)
    to.peer.encrypt()
    c.startClientEncryption()
    r.until(tls.decided(c))
    r.value("the server was asked for", to.peer.asked)


@scenario
def ssl_starttls_untrusted(r):
    """The peer is not good."""
    c, p = in_the_clear(r, show="unknown")
    p.encrypt()
    c.startClientEncryption()
    c.write(b"secret")
    r.until(tls.over(c))
    r.value("the peer heard", bytes(p.data))


@scenario
def ssl_starttls_twice(r):
    """A connection that encrypts already."""
    c, p = in_the_clear(r)
    c.startClientEncryption()
    c.startClientEncryption()
    p.encrypt()
    r.until(tls.decided(c))


@scenario
def ssl_starttls_of_descriptor(r):
    """A connection that somebody else has made."""
    to, c = tls.listener(r, clear=True), tls.client(r)
    made = peer.connect(to.port)
    c.setSocketDescriptor(made.socket.detach())
    r.settle()
    c.setPeerVerifyName("localhost")
    to.peer.encrypt()
    c.startClientEncryption()
    r.until(tls.decided(c))


@scenario(rows={
    "ssl_proxy_socks": (SOCKS, SOCKS_FINE),
    "ssl_proxy_http": (HTTP, HTTP_FINE),
})
def through_proxy(r, kind, script):
    """A proxy that goes silent behind its answer: the hello goes through it."""
    proxy, c = r.proxy_process(script), tls.client(r)
    c.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port))
    c.connectToHostEncrypted("target.test", 7)
    r.until(lambda: c.seen("connected"))
    r.until(lambda: b"\x16\x03\x01" in proxy.requests()[0] and b"target.test" in proxy.requests()[0].partition(b"\x16\x03\x01")[2])
    c.abort()


THROUGH_SOCKS = [(3, b"\5\0"), (10, GRANTED)]
THROUGH_HTTP = [(b"\r\n\r\n", FINE)]


def with_proxy(r, kind, script, **options):
    """A socket that connects through a proxy, behind which the peer is: (socket, proxy)."""
    proxy, c = tls.proxy(r, script, **options), tls.client(r)
    c.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port))
    return c, proxy


@scenario(rows={
    "ssl_through_socks": (SOCKS, THROUGH_SOCKS),
    "ssl_through_http": (HTTP, THROUGH_HTTP),
})
def encrypted_through_proxy(r, kind, script):
    """A connection that is encrypted through a proxy: the name that the certificate is for is that of the target."""
    c, proxy = with_proxy(r, kind, script)
    c.connectToHostEncrypted("target.test", 7)
    c.write(b"early")
    r.until(lambda: proxy.peers and proxy.peer.got(5))
    r.value("the server was asked for", proxy.peer.asked)
    proxy.peer.send(b"answer")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    c.disconnectFromHost()
    r.until(lambda: proxy.peer.end() and c.q.state() == net.State.UnconnectedState)
    r.value("the peer heard", proxy.peer.summary())


@scenario(rows={
    "ssl_through_socks_untrusted": (SOCKS, THROUGH_SOCKS),
    "ssl_through_http_untrusted": (HTTP, THROUGH_HTTP),
})
def untrusted_through_proxy(r, kind, script):
    """The peer behind the proxy is not good."""
    c, proxy = with_proxy(r, kind, script, show="unknown")
    c.connectToHostEncrypted("target.test", 7)
    c.write(b"secret")
    r.until(tls.over(c))
    r.value("the peer heard", bytes(proxy.peer.data))


@scenario(rows={
    "ssl_through_socks_other_name": (SOCKS, THROUGH_SOCKS),
    "ssl_through_http_other_name": (HTTP, THROUGH_HTTP),
})
def other_name_through_proxy(r, kind, script):
    """The peer behind the proxy is somebody else."""
    c, proxy = with_proxy(r, kind, script, show="other")
    c.connectToHostEncrypted("target.test", 7)
    r.until(tls.over(c))


@scenario(rows={
    "ssl_through_socks_cut": (SOCKS, THROUGH_SOCKS),
    "ssl_through_http_cut": (HTTP, THROUGH_HTTP),
})
def cut_behind_proxy(r, kind, script):
    """The peer behind the proxy ends, with the last data and without a word."""
    c, proxy = with_proxy(r, kind, script)
    c.connectToHostEncrypted("target.test", 7)
    r.until(tls.decided(c))
    proxy.peer.send(b"last words")
    proxy.peer.close()
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


@scenario(rows={
    "ssl_proxy_socks_refuses": (SOCKS, socks_reply(5)),
    "ssl_proxy_http_refuses": (HTTP, http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")),
    "ssl_proxy_http_missing": (HTTP, http_reply(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")),
})
def refused_by_proxy(r, kind, script):
    """A proxy that refuses."""
    proxy, c = r.proxy_process(script), tls.client(r)
    c.q.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port))
    c.connectToHostEncrypted("target.test", 7)
    r.until(lambda: c.seen("errorOccurred"))


@scenario(rows={
    "ssl_read_limit": 4,
    "ssl_read_limit_of_one": 1,
})
def read_limit(r, limit):
    """A read buffer with a limit, which is in no hurry."""
    c, p = tls.encrypted(r)
    c.setReadBufferSize(limit)
    p.send(b"0123456789")
    r.until(lambda: c.seen("readyRead"))
    got = b""
    for _ in range(20):
        with r.silence():
            got += bytes(c.q.readAll())
            r.settle()
        if len(got) == 10:
            break
    r.value("all of it", got)


@scenario
def ssl_peek_and_skip(r):
    """The ways to read."""
    c, p = tls.encrypted(r)
    p.send(b"line\nmore and more")
    r.until(lambda: c.q.bytesAvailable() == 18)
    c.peek(4)
    c.canReadLine()
    c.readLine()
    c.skip(5)
    c.getChar()
    c.startTransaction()
    c.read(3)
    c.rollbackTransaction()
    c.readAll()
    c.atEnd()


@scenario(rows={"ssl_much_in": "in", "ssl_much_out": "out", "ssl_much_both": "both"})
def much(r, way):
    """Megabytes, in one direction or both."""
    c, p = tls.encrypted(r, bulk=True)
    data, got = bytes(range(256)) * 8192, []
    c.q.readyRead.connect(lambda: got.append(bytes(c.q.readAll())))
    if way != "in":
        c.write(data)
    if way != "out":
        # In pieces, for nobody reads while it is sent.
        def feed():
            if feed.left and sum(map(len, got)) + 65536 >= len(data) - len(feed.left):
                p.send(feed.left[:65536])
                feed.left = feed.left[65536:]
        feed.left = data
        r.tickers.append(feed)
    r.until(lambda: (way == "in" or p.got(len(data))) and (way == "out" or sum(map(len, got)) == len(data)), timeout=15)
    r.value("written", c.written)
    r.value("what came is right", (bytes(p.data) == data, b"".join(got) == data))


@scenario
def ssl_slow_peer(r):
    """A peer that takes little at a time."""
    to = tls.listener(r, slow=20000)
    c, p = tls.encrypted(r, to=to, bulk=True)
    c.write(bytes(500000))
    c.disconnectFromHost()
    r.until(lambda: p.end() and c.q.state() == net.State.UnconnectedState)
    r.value("the peer heard", p.summary())


@scenario
def ssl_many_writes(r):
    """Several writes in one turn."""
    c, p = tls.encrypted(r)
    for i in range(5):
        c.write(bytes([i] * 10))
    c.bytesToWrite()
    r.until(lambda: p.got(50))
    r.value("written", c.written)


@scenario
def ssl_flush(r):
    """flush() sends at once."""
    c, p = tls.encrypted(r)
    c.write(b"at once")
    c.flush()
    r.value("the peer heard", bytes(p.pump().data))
    r.settle()


@scenario
def ssl_encrypted_bytes(r):
    """What is encrypted and not sent, or come and not decrypted."""
    c, p = tls.encrypted(r)
    c.encryptedBytesAvailable()
    c.encryptedBytesToWrite()
    c.write(b"data")
    c.encryptedBytesToWrite()
    c.flush()
    r.settle()
    c.encryptedBytesToWrite()
    p.raw(bytes(p.record(b"answer")))
    r.until(lambda: c.seen("readyRead"))
    c.encryptedBytesAvailable()


@scenario
def ssl_encrypted_bytes_to_write(r):
    """What the system does not take any more."""
    c, p = tls.encrypted(r, bulk=True)
    r.tickers.clear()
    with r.silence():
        c.q.write(bytes(20000000))
        c.q.flush()
        r.settle()
    r.value("something is to be written", c.q.bytesToWrite() + c.q.encryptedBytesToWrite() > 0)
    r.value("some of it is encrypted", c.q.encryptedBytesToWrite() > 0)
    c.abort()
    c.encryptedBytesToWrite()
