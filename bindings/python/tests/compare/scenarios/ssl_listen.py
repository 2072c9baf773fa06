"""QSslServer: servers whose connections are pending once they are encrypted."""

import os
import ssl
import time

import peer
import tls_servers as servers
import tls_sockets as tls
from backend import net
from tls_peer import TLS12, TLS13
from trace import scenario

VERIFY = net.Verify.VerifyPeer
SHORT = 150         # milliseconds for a handshake that is to run out of time


def over(s, number=1):
    """Whether so many handshakes are over, well or not."""
    def condition():
        if s.dead:
            return True
        done = sum(one.dead or bool(one.seen("encrypted")) or one.q.state() == net.State.UnconnectedState for one in s.sockets)
        return done >= number
    return condition


def pending(s, number=1):
    return lambda: s.seen("pendingConnectionAvailable") >= number


def plain(r, s):
    """A client that does not encrypt."""
    return r.keep(peer.connect(s.q.serverPort()))


def hello():
    """The first message of a client of Python's, not sent."""
    context = tls.context(False)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    shaking = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        shaking.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


@scenario(rows={
    "ssl_listen_tls12": ("good", (TLS12, TLS12)),
    "ssl_listen_tls13": ("good", (TLS13, TLS13)),
    "ssl_listen_rsa": ("rsa", None),
    "ssl_listen_rsa_tls12": ("rsa", (TLS12, TLS12)),
    "ssl_listen_chain": ("by_middle", None),
})
def served(r, show, versions):
    """A connection of a client of another make, a message each way, and its end from there."""
    s = servers.server(r, show=show)
    p = tls.peer_client(r, s, trust="root", versions=versions)
    r.until(lambda: p.shaken and pending(s)())
    a = servers.take(r, s)
    r.value("the peer's version", p.agreed()[0])
    r.value("same cipher", a.q.sessionCipher().name() == p.agreed()[1])
    r.value("the server is its parent", a.q.parent() is s.q)
    p.send(b"question")
    r.until(lambda: a.seen("readyRead"))
    a.readAll()
    a.write(b"answer")
    r.until(lambda: p.got(6))
    p.notify()
    p.close()
    r.until(lambda: a.seen("disconnected"))


@scenario(rows={
    "ssl_listen_client_shows_none": (None, None, None),
    "ssl_listen_client_shows_good": ("client", None, None),
    "ssl_listen_verify_good": ("client", VERIFY, None),
    "ssl_listen_verify_good_tls12": ("client", VERIFY, (TLS12, TLS12)),
    "ssl_listen_verify_none": (None, VERIFY, None),
    "ssl_listen_verify_none_tls12": (None, VERIFY, (TLS12, TLS12)),
    "ssl_listen_verify_strange": ("strange_client", VERIFY, None),
    "ssl_listen_verify_strange_tls12": ("strange_client", VERIFY, (TLS12, TLS12)),
    "ssl_listen_verify_old": ("old_client", VERIFY, None),
    "ssl_listen_verify_servers": ("for_servers", VERIFY, None),
    "ssl_listen_query_none": (None, net.Verify.QueryPeer, None),
    "ssl_listen_query_strange": ("strange_client", net.Verify.QueryPeer, None),
    "ssl_listen_no_verify_strange": ("strange_client", net.Verify.VerifyNone, None),
    "ssl_listen_auto_strange": ("strange_client", net.Verify.AutoVerifyPeer, None),
})
def client_certificates(r, show, verify, versions):
    """Clients that show a certificate, or none, to servers that want one, or do not."""
    s = servers.server(r, verify=verify)
    tls.peer_client(r, s, show=show, versions=versions)
    r.until(lambda: s.sockets and over(s)())
    a = servers.take(r, s)
    if a:
        a.sslHandshakeErrors()
        r.value("certificate", a.q.peerCertificate())


@scenario(rows={
    "ssl_listen_missing_fatal_tls12": (None, (TLS12, TLS12)),
    "ssl_listen_missing_fatal_shown": ("client", None),
})
def missing_is_fatal(r, show, versions):
    """A certificate that must be shown."""
    s = servers.server(r, verify=VERIFY, fatal=True)
    tls.peer_client(r, s, show=show, versions=versions)
    r.until(lambda: s.sockets and over(s)())
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_ignores_all": ("strange_client", "sslErrors", "all"),
    "ssl_listen_ignores_list": ("strange_client", "sslErrors", "list"),
    "ssl_listen_ignores_none": (None, "sslErrors", "all"),
    "ssl_listen_ignores_at_start": ("strange_client", "startedEncryptionHandshake", "all"),
    "ssl_listen_ignores_in_verify_error": ("strange_client", "peerVerifyError", "all"),
})
def ignores(r, show, signal, what):
    """A slot of the server's that takes the blame."""
    s = servers.server(r, verify=VERIFY)

    def ignore(socket, errors=None):
        if what == "all":
            s.sockets[0].ignoreSslErrors()
        else:
            socket.ignoreSslErrors(errors)
            r.note("ignored those")
    if signal == "startedEncryptionHandshake":
        s.on(signal, lambda socket: ignore(socket))
    else:
        s.on(signal, lambda socket, errors: ignore(socket, errors))
    p = tls.peer_client(r, s, show=show)
    r.until(lambda: s.sockets and over(s)())
    a = servers.take(r, s)
    p.send(b"hello")
    r.until(lambda: a.seen("readyRead"))


@scenario(rows={
    "ssl_listen_interrupted_continues": True,
    "ssl_listen_interrupted_ends": False,
})
def interrupted(r, goes_on):
    """A handshake that waits for a decision."""
    s = servers.server(r, verify=VERIFY, interrupt=True)
    if goes_on:
        s.on("handshakeInterruptedOnError", lambda socket, error: s.sockets[0].continueInterruptedHandshake())
        s.on("sslErrors", lambda socket, errors: s.sockets[0].ignoreSslErrors())
    tls.peer_client(r, s, show="strange_client", versions=(TLS12, TLS12))
    r.until(lambda: s.sockets and over(s)())
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_paused_resumed": "resume",
    "ssl_listen_paused_aborted": "abort",
    "ssl_listen_paused_ignored": "ignore",
})
def paused(r, what):
    """A connection that pauses when something is wrong with the client."""
    s = servers.server(r, verify=VERIFY)
    s.on("startedEncryptionHandshake", lambda socket: socket.setPauseMode(net.QAbstractSocket.PauseMode.PauseOnSslErrors))
    tls.peer_client(r, s, show="strange_client")
    r.until(lambda: s.seen("sslErrors"))
    a = s.sockets[0]
    r.note("paused")
    if what == "ignore":
        a.ignoreSslErrors()
    if what == "abort":
        a.abort()
    else:
        a.resume()
    r.until(over(s))
    servers.take(r, s)


@scenario
def ssl_listen_time_of_paused(r):
    """The time goes on while the connection is paused."""
    s = servers.server(r, verify=VERIFY, timeout=500)
    s.on("startedEncryptionHandshake", lambda socket: socket.setPauseMode(net.QAbstractSocket.PauseMode.PauseOnSslErrors))
    tls.peer_client(r, s, show="strange_client")
    r.until(lambda: s.sockets and over(s)())


@scenario(rows={
    "ssl_listen_plain_http": b"GET / HTTP/1.0\r\n\r\n",
    "ssl_listen_plain_one_byte": b"x",
    "ssl_listen_plain_ssl2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(range(37)),
    "ssl_listen_plain_alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "ssl_listen_plain_data_record": b"\x17\x03\x03\x00\x05hello",
})
def plain_client(r, data):
    """A client that does not begin with a handshake is turned away without a word."""
    s = servers.server(r)
    p = plain(r, s)
    p.send(data)
    r.until(p.end)
    r.value("the peer heard", p.summary())
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_garbage": b"\x16\x03\x01\x00\x10" + b"x" * 16,
    "ssl_listen_garbage_version": b"\x16\x09\x09\x00\x10" + b"x" * 16,
    "ssl_listen_garbage_length": b"\x16\x03\x01\xff\xff" + b"x" * 200,
    "ssl_listen_garbage_empty_record": b"\x16\x03\x01\x00\x00",
    "ssl_listen_garbage_finished": b"\x16\x03\x01\x00\x10" + b"\x14\x00\x00\x0c" + b"x" * 12,
})
def garbage(r, data):
    """A client whose handshake is none."""
    s = servers.server(r, timeout=500)
    p = plain(r, s)
    p.send(data)
    r.until(p.end)
    r.value("the peer was told something", bool(p.data))
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_second_message_garbage": b"\x16\x03\x03\x00\x10" + b"x" * 16,
    "ssl_listen_second_message_alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "ssl_listen_second_message_plain": b"GET / HTTP/1.0\r\n\r\n" * 10,
    "ssl_listen_second_message_data": b"\x17\x03\x03\x00\x05hello",
})
def garbage_later(r, data):
    """A client that begins well, and goes on with what is none."""
    s = servers.server(r)
    p = plain(r, s)
    p.send(hello())
    r.until(lambda: p.got(100))
    p.send(data)
    r.until(p.end)
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_peer_ends": ("close", 0),
    "ssl_listen_peer_resets": ("reset", 0),
    "ssl_listen_peer_shuts_down": ("shutdown", 0),
    "ssl_listen_peer_ends_in_header": ("close", 3),
    "ssl_listen_peer_ends_in_hello": ("close", 40),
    "ssl_listen_peer_resets_in_hello": ("reset", 40),
    "ssl_listen_peer_shuts_down_in_hello": ("shutdown", 40),
    "ssl_listen_peer_ends_after_hello": ("close", None),
    "ssl_listen_peer_resets_after_hello": ("reset", None),
})
def client_ends(r, how, count):
    """A client that ends before the handshake is over."""
    s = servers.server(r)
    p = plain(r, s)
    first = hello()
    if count is None or count:
        p.send(first[:count])
    r.until(lambda: s.seen("newConnection"))
    if count is None:
        r.until(lambda: p.got(100))
    getattr(p, how)()
    r.until(lambda: s.seen("errorOccurred"))
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_distrusted": TLS13,
    "ssl_listen_distrusted_tls12": TLS12,
})
def distrusted(r, version):
    """A client that does not trust the server."""
    s = servers.server(r)
    p = tls.peer_client(r, s, trust="other", versions=(version, version))
    r.until(lambda: p.error and s.sockets and (over(s)() or s.seen("errorOccurred")))
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_no_certificate": dict(show=None),
    "ssl_listen_13_only_client_12": dict(protocol=net.Tls.TlsV1_3),
    "ssl_listen_protocol_unknown": dict(protocol=net.Tls.UnknownProtocol),
    "ssl_listen_protocol_dtls": dict(protocol=net.Tls.DtlsV1_2),
})
def nothing_in_common(r, options):
    """A server that cannot do what the client wants, or what it is configured for."""
    s = servers.server(r, **options)
    p = tls.peer_client(r, s, versions=(TLS12, TLS12))
    r.until(lambda: (s.seen("errorOccurred") or p.error or p.ended))
    r.value("the peer is none the wiser", p.shaken)
    servers.take(r, s)


@scenario
def ssl_listen_staples(r):
    """A server cannot be configured to check staples."""
    def setup(s):
        c = s.q.sslConfiguration()
        c.setOcspStaplingEnabled(True)
        s.q.setSslConfiguration(c)
    s = servers.server(r, setup=setup)
    tls.peer_client(r, s)
    r.until(lambda: s.seen("errorOccurred"))


@scenario(rows={
    "ssl_listen_alpn_same": ([b"one"], ["one"]),
    "ssl_listen_alpn_not_asked": ([b"one"], None),
    "ssl_listen_alpn_without": (None, ["one"]),
})
def alpn(r, ours, theirs):
    """Which protocol a connection is for."""
    s = servers.server(r, alpn=ours)
    p = tls.peer_client(r, s, alpn=theirs)
    r.until(lambda: p.shaken and over(s)())
    r.value("the peer's protocol", p.agreed()[2])
    a = servers.take(r, s)
    r.value("next protocol", bytes(a.q.sslConfiguration().nextNegotiatedProtocol()))


# ---- time

@scenario(rows={
    "ssl_listen_time_silent": 0,
    "ssl_listen_time_one_byte": 1,
    "ssl_listen_time_header": 5,
    "ssl_listen_time_half_a_hello": 60,
    "ssl_listen_time_after_hello": None,
})
def too_slow(r, count):
    """A client that stops somewhere in its handshake runs out of time."""
    s = servers.server(r, timeout=SHORT)
    p = plain(r, s)
    if count is None or count:
        p.send(hello()[:count])
    r.until(p.end)
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_time_none": 0,
    "ssl_listen_time_negative": -1,
})
def no_time(r, msec):
    """No time at all for a client that is silent."""
    s = servers.server(r, timeout=msec)
    r.value("time", s.q.handshakeTimeout())
    p = plain(r, s)
    r.until(p.end)


@scenario
def ssl_listen_time_begins_anew(r):
    """The first byte gives a client the whole time again."""
    s = servers.server(r, timeout=1000)
    p = plain(r, s)
    began = time.monotonic()
    r.until(lambda: time.monotonic() > began + 0.5)
    p.send(hello()[:1])
    r.until(lambda: time.monotonic() > began + 1.1)
    r.note("the first time would be over")
    r.value("still there", not p.end())
    r.until(p.end)


@scenario
def ssl_listen_time_changed(r):
    """A change of the time is for connections to come."""
    s = servers.server(r, timeout=5000)
    p = plain(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.setHandshakeTimeout(1)
    s.handshakeTimeout()
    q = plain(r, s)
    r.until(q.end)
    r.value("the first is still there", not p.end())


@scenario
def ssl_listen_time_does_not_matter_any_more(r):
    """The time is over when the handshake is."""
    s = servers.server(r, timeout=500)
    p = tls.peer_client(r, s)
    r.until(pending(s))
    began = time.monotonic()
    r.until(lambda: time.monotonic() > began + 0.6)
    a = servers.take(r, s)
    p.send(b"late")
    r.until(lambda: a.seen("readyRead"))


@scenario
def ssl_listen_flood(r):
    """Twenty clients that say nothing keep nobody out, and run out of time."""
    s = servers.server(r, timeout=1000)
    silent = [plain(r, s) for _ in range(20)]
    r.until(lambda: s.seen("newConnection") == 20)
    p = tls.peer_client(r, s)
    r.until(pending(s))
    servers.take(r, s)
    r.value("the peer's part is over", p.shaken)
    with r.split():
        r.until(lambda: all(one.end() for one in silent))


@scenario
def ssl_listen_flood_of_hellos(r):
    """Fifteen clients that say hello, and nothing more."""
    s = servers.server(r, timeout=1500)
    first, began = hello(), []
    for _ in range(15):
        began.append(plain(r, s))
        began[-1].send(first)
    with r.split():
        r.until(lambda: all(one.got(100) for one in began))
    tls.peer_client(r, s)
    with r.split():
        r.until(pending(s))
    servers.take(r, s)
    with r.silence():
        r.until(lambda: all(one.end() for one in began))
    r.value("errors", s.seen("errorOccurred"))


# ---- limits and pauses

@scenario(rows={
    "ssl_listen_most_silent": True,
    "ssl_listen_most_taken": False,
})
def most_pending(r, silent):
    """With at most one pending connection: one that is silent, or one that nobody takes."""
    s = servers.server(r, timeout=300)
    s.setMaxPendingConnections(1)
    first = plain(r, s) if silent else tls.peer_client(r, s)
    r.until(lambda: s.seen("newConnection") if silent else pending(s)())
    second = tls.peer_client(r, s)
    r.settle()
    r.value("connections", s.seen("newConnection"))
    if not silent:
        servers.take(r, s)
    r.until(lambda: second.shaken)
    r.until(lambda: s.q.hasPendingConnections())
    servers.take(r, s)
    r.value("the first has ended", bool(first.end()))


@scenario
def ssl_listen_pause(r):
    """Paused, nobody is accepted; handshakes go on."""
    s = servers.server(r)
    p = plain(r, s)
    first = hello()
    p.send(first[:30])
    r.until(lambda: s.seen("startedEncryptionHandshake"))
    s.pauseAccepting()
    p.send(first[30:])
    r.until(lambda: p.got(100))
    q = tls.peer_client(r, s)
    r.settle()
    r.value("the second waits", not q.shaken)
    s.resumeAccepting()
    r.until(pending(s))
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_pause_in_new_connection": "newConnection",
    "ssl_listen_pause_in_pending": "pendingConnectionAvailable",
})
def pause_in_slot(r, signal):
    """A slot that pauses accepting."""
    s = servers.server(r)
    s.on(signal, lambda: s.pauseAccepting(), once=True)
    tls.peer_client(r, s)
    r.until(pending(s))
    q = tls.peer_client(r, s)
    r.settle()
    r.value("the second waits", not q.shaken)
    s.resumeAccepting()
    r.until(pending(s, 2))
    servers.take(r, s)
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_closed_before_hello": 0,
    "ssl_listen_closed_in_hello": 30,
})
def closed(r, count):
    """A server that closes lets handshakes go on."""
    s = servers.server(r)
    p = plain(r, s)
    first = hello()
    p.send(first[:count])
    r.until(lambda: s.seen("newConnection"))
    s.close()
    p.send(first[count:])
    r.until(lambda: p.got(100) or p.end())
    p.close()
    r.until(lambda: s.seen("errorOccurred"))


@scenario
def ssl_listen_closed_when_pending(r):
    """Connections that are pending go when the server closes."""
    s = servers.server(r)
    p = tls.peer_client(r, s)
    r.until(pending(s))
    servers.doom(s)
    s.close()
    r.until(p.end)
    servers.take(r, s)


@scenario
def ssl_listen_again(r):
    """A server that listens again after it was closed."""
    s = servers.server(r)
    s.close()
    with r.silence():
        assert s.q.listen(net.QHostAddress(net.Special.LocalHost), 0)
        r.ports[s.q.serverPort()] = "SRV"
    r.look(s)
    tls.peer_client(r, s)
    r.until(pending(s))
    servers.take(r, s)


@scenario(rows={
    "ssl_listen_wait_nobody": "nobody",
    "ssl_listen_wait_accepted": "somebody",
})
def waits(r, who):
    """waitForNewConnection: of somebody who has come, and of nobody."""
    s = servers.server(r)
    if who == "somebody":
        plain(r, s)
        began = time.monotonic()
        r.value("waited", s.q.waitForNewConnection(200))
        r.value("not long", time.monotonic() < began + 0.15)
    else:
        r.value("waited", s.q.waitForNewConnection(30))
    servers.take(r, s)


# ---- slots that end what they are told of

ENDS = {
    "abort": lambda s: s.sockets[0].abort(),
    "disconnect": lambda s: s.sockets[0].disconnectFromHost(),
    "close": lambda s: s.sockets[0].close(),
    "delete_later": lambda s: s.sockets[0].deleteLater(),
    "close_server": lambda s: s.close(),
    "delete_server_later": lambda s: (servers.doom(s), s.deleteLater()),
}


@scenario(rows={
    "ssl_listen_abort_in_started": ("startedEncryptionHandshake", "abort"),
    "ssl_listen_disconnect_in_started": ("startedEncryptionHandshake", "disconnect"),
    "ssl_listen_delete_later_in_started": ("startedEncryptionHandshake", "delete_later"),
    "ssl_listen_close_server_in_started": ("startedEncryptionHandshake", "close_server"),
    "ssl_listen_delete_server_later_in_started": ("startedEncryptionHandshake", "delete_server_later"),
    "ssl_listen_abort_in_verify_error": ("peerVerifyError", "abort"),
    "ssl_listen_delete_later_in_verify_error": ("peerVerifyError", "delete_later"),
    "ssl_listen_close_server_in_verify_error": ("peerVerifyError", "close_server"),
    "ssl_listen_abort_in_ssl_errors": ("sslErrors", "abort"),
    "ssl_listen_disconnect_in_ssl_errors": ("sslErrors", "disconnect"),
    "ssl_listen_close_in_ssl_errors": ("sslErrors", "close"),
    "ssl_listen_delete_later_in_ssl_errors": ("sslErrors", "delete_later"),
    "ssl_listen_close_server_in_ssl_errors": ("sslErrors", "close_server"),
    "ssl_listen_delete_server_later_in_ssl_errors": ("sslErrors", "delete_server_later"),
    "ssl_listen_abort_in_error": ("errorOccurred", "abort"),
    "ssl_listen_delete_later_in_error": ("errorOccurred", "delete_later"),
    "ssl_listen_close_server_in_error": ("errorOccurred", "close_server"),
    "ssl_listen_delete_server_later_in_error": ("errorOccurred", "delete_server_later"),
})
def end_in_slot(r, signal, what):
    """A slot of the server's that ends the connection, or the server."""
    s = servers.server(r, verify=VERIFY, timeout=400)
    arguments = {"startedEncryptionHandshake": lambda socket: ENDS[what](s)}
    s.on(signal, arguments.get(signal, lambda socket, more: ENDS[what](s)), once=True)
    p = tls.peer_client(r, s, show="strange_client")
    r.until(p.end)
    r.until(lambda: s.dead or all(one.dead for one in s.sockets))


@scenario(qt_crashes=True, rows={
    "ssl_listen_delete_in_verify_error": ("peerVerifyError", "socket"),
    "ssl_listen_delete_in_ssl_errors": ("sslErrors", "socket"),
    "ssl_listen_delete_in_error": ("errorOccurred", "socket"),
    "ssl_listen_delete_server_in_verify_error": ("peerVerifyError", "server"),
    "ssl_listen_delete_server_in_ssl_errors": ("sslErrors", "server"),
    "ssl_listen_delete_server_in_error": ("errorOccurred", "server"),
})
def delete_in_slot(r, signal, what):
    """A slot of the server's that deletes the connection, or the server, at once."""
    s = servers.server(r, verify=VERIFY)

    def delete():
        servers.doom(s)
        (s.sockets[0] if what == "socket" else s).delete()
    arguments = {"startedEncryptionHandshake": lambda socket: delete()}
    s.on(signal, arguments.get(signal, lambda socket, more: delete()), once=True)
    p = tls.peer_client(r, s, show="strange_client")
    r.until(lambda: p.end() and s.sockets[0].dead)


@scenario(rows={
    "ssl_listen_delete_in_started": "socket",
    "ssl_listen_delete_server_in_started": "server",
})
def delete_in_started(r, what):
    """The same when the handshake begins, which Qt survives."""
    delete_in_slot(r, "startedEncryptionHandshake", what)


@scenario(rows={
    "ssl_listen_abort_in_pending": "abort",
    "ssl_listen_disconnect_in_pending": "disconnectFromHost",
    "ssl_listen_close_in_pending": "close",
    "ssl_listen_write_in_pending": "write",
    "ssl_listen_delete_later_in_pending": "deleteLater",
})
def in_pending(r, what):
    """What a slot does with a connection that it takes at once."""
    s = servers.server(r)

    def act():
        a = servers.take(r, s)
        if what == "write":
            a.write(b"welcome")
            a.disconnectFromHost()
        else:
            getattr(a, what)()
    s.on("pendingConnectionAvailable", act)
    p = tls.peer_client(r, s)
    r.until(lambda: pending(s)() and p.end())
    r.value("the peer heard", bytes(p.data))


# ---- ends of connections that are pending

@scenario(rows={
    "ssl_listen_left_notified": ("notify", "close"),
    "ssl_listen_left_cut": ("close",),
    "ssl_listen_left_with_data": ("send", "notify", "close"),
    "ssl_listen_left_reset": ("reset",),
})
def left(r, *steps):
    """A client that has gone before its connection is taken."""
    s = servers.server(r)
    p = tls.peer_client(r, s)
    r.until(lambda: p.shaken and pending(s)())
    for step in steps:
        if step == "send":
            p.send(b"last words")
        else:
            getattr(p, step)()
    r.until(lambda: s.sockets[0].seen("disconnected"))
    a = servers.take(r, s)
    a.readAll()


@scenario(rows={
    "ssl_listen_disconnect_with_much": "disconnectFromHost",
    "ssl_listen_close_with_much": "close",
})
def ends_with_much(r, method):
    """The server's end, with data in flight both ways."""
    s = servers.server(r)
    p = tls.peer_client(r, s)
    r.until(lambda: p.shaken and pending(s)())
    with r.silence():
        a = servers.take(r, s)
    a.bulk = True
    p.send(b"question")
    r.until(lambda: a.q.bytesAvailable() == 8)
    a.write(bytes(300000))
    getattr(a, method)()
    r.until(lambda: a.q.state() == net.State.UnconnectedState and p.end())
    r.value("the peer heard", p.summary())


@scenario
def ssl_listen_data_with_last_message(r):
    """What comes together with the end of the handshake is there once the connection is pending."""
    s = servers.server(r)
    p = tls.peer_client(r, s)
    p.send(b"at once")
    r.until(lambda: pending(s)() and s.sockets[0].q.bytesAvailable() == 7)
    a = servers.take(r, s)
    a.readAll()


@scenario
def ssl_listen_order(r, count=3):
    """Connections are pending in the order in which their handshakes end."""
    s = servers.server(r)
    late = plain(r, s)
    late.send(hello()[:20])
    r.until(lambda: s.seen("startedEncryptionHandshake"))
    for number in range(count):
        p = tls.peer_client(r, s)
        r.until(pending(s, number + 1))
        p.send(b"%d" % number)
        r.until(lambda: s.sockets[-1].q.bytesAvailable())
    for _ in range(count):
        servers.take(r, s).readAll()


# ---- configuration

@scenario
def ssl_listen_default_configuration(r):
    """A server has the default configuration of the time when it was made."""
    before = net.QSslConfiguration.defaultConfiguration()
    other = net.QSslConfiguration.defaultConfiguration()
    other.setPeerVerifyDepth(7)
    try:
        net.QSslConfiguration.setDefaultConfiguration(other)
        s = net.QSslServer()
    finally:
        net.QSslConfiguration.setDefaultConfiguration(before)
    r.value("depth", s.sslConfiguration().peerVerifyDepth())
    r.value("time", s.handshakeTimeout())
    r.value("depth of another", net.QSslServer().sslConfiguration().peerVerifyDepth())


@scenario(rows={
    "ssl_listen_configured_when_accepted": "newConnection",
    "ssl_listen_configured_when_started": "startedEncryptionHandshake",
})
def configured_late(r, signal):
    """Which configuration counts: that of the time of accepting."""
    s = servers.server(r)

    def change():
        tls.configure(s.q, show="rsa")
    s.on(signal, (lambda socket: change()) if signal.startswith("started") else change, once=True)
    for _ in range(2):
        p = tls.peer_client(r, s, versions=(TLS12, TLS12))
        r.until(lambda: p.shaken or p.error)
        r.value("cipher", p.agreed()[1].split("-")[1])


@scenario
def ssl_listen_configured_in_slot(r):
    """startedEncryptionHandshake comes too late to configure the connection."""
    s = servers.server(r)
    s.on("startedEncryptionHandshake", lambda socket: tls.configure(socket, show="rsa"))
    p = tls.peer_client(r, s, versions=(TLS12, TLS12))
    r.until(lambda: p.shaken or p.error)
    r.value("cipher", p.agreed()[1].split("-")[1])
    r.until(pending(s))


# ---- subclasses

@scenario(rows={
    "ssl_listen_subclass_calls_base": "base",
    "ssl_listen_subclass_closes": "closes",
    "ssl_listen_subclass_adds_plain": "plain",
    "ssl_listen_subclass_encrypts": "own",
    "ssl_listen_subclass_later": "later",
})
def subclass(r, what):
    """A class that overrides how connections come."""
    kept = []

    class Server(net.QSslServer):
        def incomingConnection(self, descriptor):
            r.note("incomingConnection")
            if what == "base":
                super().incomingConnection(descriptor)
            elif what == "closes":
                os.close(descriptor)
            elif what == "later":
                kept.append(descriptor)
            else:
                q = net.QSslSocket(self)
                tls.configure(q, show="good")
                q.setSocketDescriptor(descriptor)
                one = r.at_once(r.watch(q, "own"))
                r.look(one)
                if what == "own":
                    one.startServerEncryption()
                self.addPendingConnection(q)

    s = servers.server(r, cls=Server)
    p = tls.peer_client(r, s)
    r.until(lambda: s.seen("newConnection"))
    if what == "later":
        net.QSslServer.incomingConnection(s.q, kept[0])
    r.until(lambda: p.end() if what == "closes" else p.shaken or what == "plain" or p.error)
    r.settle()
    r.value("encrypted", p.shaken)
    servers.take(r, s)


@scenario
def ssl_listen_adopted(r):
    """A server that is given a descriptor that listens."""
    s = servers.server(r, listen=False)
    listener = peer.Listener()
    r.ports[listener.port] = "SRV"
    s.setSocketDescriptor(listener.socket.detach())
    tls.peer_client(r, s)
    r.until(pending(s))
    servers.take(r, s)


@scenario
def ssl_listen_values(r):
    """What a server says of itself."""
    s = r.watch(net.QSslServer(), "s")
    s.handshakeTimeout()
    for msec in (1, 0, -5, 2**31 - 1):
        s.setHandshakeTimeout(msec)
        s.handshakeTimeout()
    r.value("configuration", s.q.sslConfiguration() == net.QSslConfiguration.defaultConfiguration())
    c = net.QSslConfiguration()
    c.setPeerVerifyDepth(3)
    s.q.setSslConfiguration(c)
    c.setPeerVerifyDepth(4)
    r.value("depth", s.q.sslConfiguration().peerVerifyDepth())
    s.hasPendingConnections()
    s.nextPendingConnection()
    s.maxPendingConnections()
    s.isListening()


# ---- both ends are the library's

@scenario(rows={
    "ssl_listen_own_client": (),
    "ssl_listen_own_client_tls12": (net.Tls.TlsV1_2,),
    "ssl_listen_own_client_tls13": (net.Tls.TlsV1_3,),
})
def own_client(r, protocol=None):
    """A client of the library's: a message each way, and the end from the server."""
    s = servers.server(r)
    c = tls.client(r, protocol=protocol)
    at = type("At", (), {"port": s.q.serverPort()})
    with r.split():
        tls.begin(c, at)
        r.until(lambda: pending(s)() and c.seen("encrypted"))
    a = servers.take(r, s)
    r.value("same", (a.q.sessionProtocol() == c.q.sessionProtocol(), a.q.sessionCipher() == c.q.sessionCipher()))
    with r.split():
        c.write(b"question")
        r.until(lambda: a.seen("readyRead"))
    a.readAll()
    with r.split():
        a.write(b"answer")
        r.until(lambda: c.seen("readyRead"))
    c.readAll()
    with r.split():
        a.disconnectFromHost()
        r.until(lambda: c.seen("disconnected") and a.seen("disconnected"))


@scenario(rows={
    "ssl_listen_own_client_shows": ("client", None),
    "ssl_listen_own_client_shows_strange": ("strange_client", None),
    "ssl_listen_own_client_distrusts": (None, "other"),
})
def own_client_shows(r, show, trust):
    """A client of the library's that shows a certificate, or does not trust the server."""
    s = servers.server(r, verify=VERIFY if show else None)
    c = tls.client(r, show=show, trust=trust or "root", protocol=net.Tls.TlsV1_2)
    at = type("At", (), {"port": s.q.serverPort()})
    with r.split():
        tls.begin(c, at)
        r.until(lambda: s.sockets and over(s)() and tls.decided(c)())
    servers.take(r, s)
