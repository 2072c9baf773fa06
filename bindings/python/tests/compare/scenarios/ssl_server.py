"""Servers whose connections are encrypted."""

import time

import peer
import tls_sockets as tls
from backend import net
from tls_peer import TLS12, TLS13
from trace import scenario


def ended(a):
    return a.seen("encrypted") or a.seen("disconnected") or a.q.state() == net.State.UnconnectedState


@scenario(rows={
    "ssl_server_tls12": ("good", (TLS12, TLS12)),
    "ssl_server_tls13": ("good", (TLS13, TLS13)),
    "ssl_server_rsa": ("rsa", None),
    "ssl_server_chain": ("by_middle", None),
})
def served(r, show, versions):
    """A connection of a client of another make, a message each way, and its end from there."""
    s, taken = tls.server(r, show=show)
    p = tls.peer_client(r, s, trust="root", versions=versions)
    r.until(lambda: p.shaken and ended(taken[0]))
    a = taken[0]
    r.value("the peer's version", p.agreed()[0])
    r.value("same cipher", a.q.sessionCipher().name() == p.agreed()[1])
    r.value("no certificate", a.q.peerCertificate().isNull())
    p.send(b"question")
    r.until(lambda: a.seen("readyRead"))
    a.readAll()
    a.write(b"answer")
    r.until(lambda: p.got(6))
    p.notify()
    p.close()
    r.until(lambda: a.seen("disconnected"))


@scenario(rows={
    "ssl_server_shown_none": (None, None, None),
    "ssl_server_shown_good": ("client", None, None),
    "ssl_server_verify_shown_good": ("client", net.Verify.VerifyPeer, None),
    "ssl_server_verify_shown_none": (None, net.Verify.VerifyPeer, None),
    "ssl_server_verify_shown_none_tls12": (None, net.Verify.VerifyPeer, (TLS12, TLS12)),
    "ssl_server_verify_shown_strange": ("strange_client", net.Verify.VerifyPeer, None),
    "ssl_server_verify_shown_strange_tls12": ("strange_client", net.Verify.VerifyPeer, (TLS12, TLS12)),
    "ssl_server_verify_shown_old": ("old_client", net.Verify.VerifyPeer, None),
    "ssl_server_query_shown_none": (None, net.Verify.QueryPeer, None),
    "ssl_server_query_shown_good": ("client", net.Verify.QueryPeer, None),
    "ssl_server_query_shown_strange": ("strange_client", net.Verify.QueryPeer, None),
    "ssl_server_none_shown_strange": ("strange_client", net.Verify.VerifyNone, None),
    "ssl_server_auto_shown_strange": ("strange_client", net.Verify.AutoVerifyPeer, None),
    "ssl_server_verify_shown_servers": ("for_servers", net.Verify.VerifyPeer, None),
})
def client_certificates(r, show, verify, versions):
    """Clients that show a certificate, or none, to servers that want one, or do not."""
    s, taken = tls.server(r, verify=verify)
    p = tls.peer_client(r, s, show=show, versions=versions)
    r.until(lambda: taken and ended(taken[0]))
    a = taken[0]
    r.settle()
    a.sslHandshakeErrors()
    r.value("certificate", a.q.peerCertificate())


@scenario(rows={
    "ssl_server_ignores_strange": ("strange_client", net.Verify.VerifyPeer),
    "ssl_server_ignores_none": (None, net.Verify.VerifyPeer),
})
def server_ignores(r, show, verify):
    """A server that ignores what is wrong with a client."""
    def setup(a):
        a.on("sslErrors", lambda: a.ignoreSslErrors())
    s, taken = tls.server(r, verify=verify, setup=setup)
    p = tls.peer_client(r, s, show=show)
    r.until(lambda: taken and ended(taken[0]))
    p.send(b"hello")
    r.until(lambda: taken[0].seen("readyRead"))


@scenario(rows={
    "ssl_server_without_certificate": dict(show=None),
    "ssl_server_13_only_client_12": dict(protocol=net.Tls.TlsV1_3),
    "ssl_server_13_or_later_client_12": dict(protocol=net.Tls.TlsV1_3OrLater),
})
def server_cannot(r, options):
    """A server that has nothing in common with the client, or no certificate."""
    s, taken = tls.server(r, **options)
    p = tls.peer_client(r, s, versions=(TLS12, TLS12))
    r.until(lambda: taken and (taken[0].seen("errorOccurred") or ended(taken[0])))
    r.settle()
    r.value("the peer was told", bool(p.error or p.ended))


@scenario(rows={
    "ssl_server_alpn_same": ([b"one"], ["one"]),
    "ssl_server_alpn_chooses": ([b"two", b"one"], ["one", "two"]),
    "ssl_server_alpn_none_in_common": ([b"one"], ["two"]),
    "ssl_server_alpn_not_asked": ([b"one"], None),
    "ssl_server_alpn_without": (None, ["one"]),
})
def server_alpn(r, ours, theirs):
    """Which protocol a connection is for, as a server chooses."""
    s, taken = tls.server(r, alpn=ours)
    p = tls.peer_client(r, s, alpn=theirs)
    r.until(lambda: taken and ended(taken[0]))
    r.until(lambda: p.shaken or p.error)
    r.value("the peer's protocol", p.agreed()[2])
    c = taken[0].q.sslConfiguration()
    r.value("next protocol", bytes(c.nextNegotiatedProtocol()))
    r.value("status", tls.number(c.nextProtocolNegotiationStatus()))


@scenario(rows={
    "ssl_server_peer_is_plain": b"GET / HTTP/1.0\r\n\r\n",
    "ssl_server_peer_is_garbage": bytes(range(1, 200)),
})
def plain_client(r, data):
    """A client that does not encrypt."""
    s, taken = tls.server(r)
    p = r.keep(peer.connect(s.q.serverPort()))
    p.send(data)
    r.until(lambda: taken and taken[0].seen("errorOccurred"))
    r.until(lambda: taken[0].seen("disconnected"))


@scenario(rows={
    "ssl_server_peer_ends": ("close", b""),
    "ssl_server_peer_resets": ("reset", b""),
    "ssl_server_peer_ends_in_hello": ("close", b"\x16\x03\x01\x02\x00\x01"),
})
def client_ends(r, how, data):
    """A client that ends before the handshake is over."""
    s, taken = tls.server(r)
    p = r.keep(peer.connect(s.q.serverPort()))
    r.until(lambda: taken)
    if data:
        p.send(data)
        r.settle()
    getattr(p, how)()
    r.until(lambda: taken[0].seen("disconnected"))


@scenario(rows={
    "ssl_server_starttls": "later",
    "ssl_server_starttls_early_hello": "early",
})
def server_starttls(r, when):
    """A connection that is in the clear at first. The hello may come in the same piece as the last words in the clear."""
    s, taken = tls.server(r, encrypts=False)
    p = tls.peer_client(r, s, clear=True)
    p.raw(b"STARTTLS\n")
    if when == "early":
        p.encrypt()
    r.until(lambda: taken and taken[0].q.canReadLine())
    a = taken[0]
    a.readLine()
    if when == "later":
        a.write(b"go\n")
        r.until(lambda: p.got(3))
        p.data.clear()
        p.encrypt()
    a.startServerEncryption()
    a.write(b"secret")
    limit = time.monotonic() + 3        # for Qt, which has lost what came early
    r.until(lambda: p.got(6) or time.monotonic() > limit)
    r.value("the peer heard", p.summary())


@scenario
def ssl_server_and_client(r):
    """Both ends are the library's."""
    s, taken = tls.server(r)
    c = tls.client(r)
    with r.split():
        tls.begin(c, s.q.serverPort and type("At", (), {"port": s.q.serverPort()}))
        r.until(lambda: taken and taken[0].seen("encrypted") and c.seen("encrypted"))
    a = taken[0]
    with r.split():
        c.write(b"question")
        r.until(lambda: a.seen("readyRead"))
    a.readAll()
    with r.split():
        a.write(b"answer")
        r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario(rows={
    "ssl_server_resumed_tls12": TLS12,
    "ssl_server_resumed_tls13": TLS13,
})
def server_resumed(r, version):
    """A client that comes again with its session: each socket of Qt's has sessions of its own."""
    s, taken = tls.server(r)
    p = tls.peer_client(r, s, versions=(version, version))
    r.until(lambda: p.shaken and ended(taken[0]))
    taken[0].write(b"x")
    r.until(lambda: p.got(1))
    session, context = p.tls.session, p.context
    p.notify()
    p.close()
    r.until(lambda: taken[0].seen("disconnected"))
    q = r.keep(tls.TlsPeer(peer.connect(s.q.serverPort()).socket, context, False, False, "localhost", session))
    r.tickers.append(lambda: q.ended != "closed" and q.pump())
    r.until(lambda: q.shaken and len(taken) == 2 and ended(taken[1]))
