"""What is wrong with a peer, who says so and when, and what becomes of it."""

import tls_sockets as tls
from backend import net
from tls_peer import TLS12, TLS13
from trace import scenario


@scenario(rows={
    "ssl_error_unknown": "unknown",
    "ssl_error_unknown_with_root": "unknown_with_root",
    "ssl_error_alone": "alone",
    "ssl_error_no_middle": "no_middle",
    "ssl_error_expired": "expired",
    "ssl_error_not_yet": "not_yet",
    "ssl_error_other_name": "other",
    "ssl_error_for_clients": "for_clients",
    "ssl_error_critical": "critical",
    "ssl_error_sha1": "sha1",
    "ssl_error_rsa_short": "rsa_short",
    "ssl_error_too_deep": "too_deep",
    "ssl_error_out_of_bounds": "out_of_bounds",
    "ssl_error_by_leaf": "by_leaf",
    "ssl_error_forged": "forged",
})
def refused(r, show):
    """A chain that is not good, and nobody minds."""
    to, c = tls.listener(r, show), tls.client(r)
    tls.begin(c, to)
    c.write(b"secret")
    r.until(tls.over(c))
    c.sslHandshakeErrors()
    r.value("certificate", c.q.peerCertificate())
    r.value("chain", list(c.q.peerCertificateChain()))
    r.value("the peer heard", bytes(to.peer.data))


@scenario(rows={
    "ssl_error_tls12": ("unknown", (TLS12, TLS12)),
    "ssl_error_other_name_tls12": ("other", (TLS12, TLS12)),
})
def refused_tls12(r, show, versions):
    """The same with TLS 1.2."""
    to, c = tls.listener(r, show, versions=versions), tls.client(r)
    tls.connect(r, c, to)
    r.until(tls.over(c))
    r.value("the peer heard", bytes(to.peer.data))


@scenario(rows={
    "ssl_error_unknown_other_name": net.Verify.AutoVerifyPeer,
    "ssl_error_unknown_other_name_query": net.Verify.QueryPeer,
    "ssl_error_unknown_other_name_none": net.Verify.VerifyNone,
})
def two_kinds(r, mode):
    """A chain that is not good, for another host."""
    to, c = tls.listener(r, "unknown"), tls.client(r, verify=mode)
    tls.begin(c, to, name="elsewhere.test")
    r.until(lambda: c.seen("encrypted") or tls.over(c)())
    c.sslHandshakeErrors()


@scenario(rows={
    "ssl_ignored_unknown": "unknown",
    "ssl_ignored_alone": "alone",
    "ssl_ignored_expired": "expired",
    "ssl_ignored_not_yet": "not_yet",
    "ssl_ignored_other_name": "other",
    "ssl_ignored_by_leaf": "by_leaf",
    "ssl_ignored_forged": "forged",
    "ssl_ignored_sha1": "sha1",
    "ssl_ignored_rsa_short": "rsa_short",
})
def ignored(r, show):
    """A chain that is not good, and ignoreSslErrors() in sslErrors."""
    to, c = tls.listener(r, show), tls.client(r)
    c.on("sslErrors", lambda: c.ignoreSslErrors())
    tls.begin(c, to)
    c.write(b"secret")
    r.until(lambda: to.peers and to.peer.got(6))
    c.sslHandshakeErrors()


@scenario(rows={
    "ssl_ignore_list": ("sslErrors", "list"),
    "ssl_ignore_part_of_list": ("sslErrors", "part"),
    "ssl_ignore_other_list": ("sslErrors", "other"),
    "ssl_ignore_empty_list": ("sslErrors", "empty"),
    "ssl_ignore_list_without_certificate": ("sslErrors", "bare"),
    "ssl_ignore_in_verify_error": ("peerVerifyError", "all"),
    "ssl_ignore_in_mode_changed": ("modeChanged", "all"),
    "ssl_ignore_in_connected": ("connected", "all"),
    "ssl_ignore_in_connecting": ("stateChanged", "all"),
    "ssl_ignore_in_error": ("errorOccurred", "all"),
    "ssl_ignore_list_in_mode_changed": ("modeChanged", "list"),
})
def ignore_in(r, signal, what):
    """Errors that are ignored in a signal: all, or a list."""
    to, c = tls.listener(r, "unknown"), tls.client(r)
    leaf = tls.certificates("unknown")[0]
    real = [net.QSslError(error, leaf) for error in (net.SslError.UnableToGetLocalIssuerCertificate,
                                                     net.SslError.UnableToVerifyFirstCertificate)]
    lists = {"list": real, "part": real[:1], "empty": [], "bare": [net.QSslError(one.error()) for one in real],
             "other": [net.QSslError(net.SslError.HostNameMismatch, leaf)]}

    def ignore():
        if what == "all":
            c.ignoreSslErrors()
        else:
            c.ignoreSslErrors(lists[what])
    c.on(signal, ignore, once=True)
    tls.begin(c, to)
    r.until(lambda: c.seen("encrypted") or tls.over(c)())


@scenario(rows={
    "ssl_ignore_before_connecting": "before",
    "ssl_ignore_after_connecting": "after",
    "ssl_ignore_list_before_connecting": "list before",
    "ssl_ignore_list_after_connecting": "list after",
    "ssl_ignore_list_then_all": "list all",
    "ssl_ignore_all_then_list": "all list",
})
def ignore_at(r, when):
    """Errors that are ignored before the connection is begun, which counts for nothing, or right after."""
    to, c = tls.listener(r, "unknown"), tls.client(r)
    leaf = tls.certificates("unknown")[0]
    real = [net.QSslError(error, leaf) for error in (net.SslError.UnableToGetLocalIssuerCertificate,
                                                     net.SslError.UnableToVerifyFirstCertificate)]
    if when == "before":
        c.ignoreSslErrors()
    if when == "list before":
        c.ignoreSslErrors(real)
    tls.begin(c, to)
    if when in ("after", "all list"):
        c.ignoreSslErrors()
    if when in ("list after", "list all"):
        c.ignoreSslErrors(real)
    if when == "list all":
        c.ignoreSslErrors()
    if when == "all list":
        c.ignoreSslErrors(real[:1])
    r.until(lambda: c.seen("encrypted") or tls.over(c)())


@scenario
def ssl_ignore_for_one_connection(r):
    """What is ignored is ignored for one connection."""
    to, c = tls.listener(r, "unknown"), tls.client(r)
    tls.begin(c, to)
    c.ignoreSslErrors()
    r.until(tls.decided(c))
    c.abort()
    c.counts.clear()
    tls.begin(c, to)
    r.until(lambda: c.seen("encrypted") or tls.over(c)())


@scenario(rows={
    "ssl_mode_none": ("unknown", net.Verify.VerifyNone),
    "ssl_mode_query": ("unknown", net.Verify.QueryPeer),
    "ssl_mode_verify": ("unknown", net.Verify.VerifyPeer),
    "ssl_mode_auto": ("unknown", net.Verify.AutoVerifyPeer),
    "ssl_mode_none_other_name": ("other", net.Verify.VerifyNone),
    "ssl_mode_query_other_name": ("other", net.Verify.QueryPeer),
    "ssl_mode_query_good": ("good", net.Verify.QueryPeer),
    "ssl_mode_none_good": ("good", net.Verify.VerifyNone),
})
def modes(r, show, mode):
    """How the peer's certificate is looked at."""
    to, c = tls.listener(r, show), tls.client(r, verify=mode)
    tls.begin(c, to)
    r.until(lambda: c.seen("encrypted") or tls.over(c)())
    c.sslHandshakeErrors()
    r.value("certificate", c.q.peerCertificate())


@scenario(rows={
    "ssl_depth_enough": 2,
    "ssl_depth_one": 1,
    "ssl_depth_any": 0,
})
def depth(r, depth):
    """How many certificates may be between."""
    to, c = tls.listener(r, "by_middle"), tls.client(r, depth=depth)
    tls.begin(c, to)
    r.until(lambda: c.seen("encrypted") or tls.over(c)())


@scenario(rows={
    "ssl_pause_then_ignore": ("ignore", "resume"),
    "ssl_pause_then_resume": ("resume",),
    "ssl_pause_then_abort": ("abort",),
    "ssl_pause_then_disconnect": ("disconnect",),
    "ssl_pause_then_close": ("close",),
    "ssl_pause_ignored_before": ("ignore in signal",),
    "ssl_pause_then_write": ("write", "ignore", "resume"),
    "ssl_pause_and_peer_ends": ("peer", "resume"),
})
def pause(r, *steps):
    """PauseOnSslErrors, and what is done then."""
    to, c = tls.listener(r, "unknown"), tls.client(r)
    c.setPauseMode(net.QAbstractSocket.PauseMode.PauseOnSslErrors)
    if steps == ("ignore in signal",):
        c.on("sslErrors", lambda: c.ignoreSslErrors())
    tls.begin(c, to)
    r.until(lambda: c.seen("sslErrors"))
    r.look(c)
    for step in steps:
        if step == "ignore":
            c.ignoreSslErrors()
        elif step == "resume":
            c.resume()
        elif step == "abort":
            c.abort()
        elif step == "disconnect":
            c.disconnectFromHost()
        elif step == "close":
            c.close()
        elif step == "write":
            c.write(b"secret")
        elif step == "peer":
            to.peer.notify()
            to.peer.close()
        r.settle()
    r.until(lambda: c.seen("encrypted") or tls.over(c)())
    if to.peer.ended != "closed":
        r.value("the peer heard", bytes(to.peer.pump().data))


@scenario
def ssl_resume_without_pause(r):
    """resume() on a socket that is not paused."""
    to, c = tls.listener(r), tls.client(r)
    c.resume()
    tls.connect(r, c, to)
    c.resume()
    to.peer.send(b"data")
    r.until(lambda: c.seen("readyRead"))


@scenario(rows={
    "ssl_interrupted_goes_on": ("unknown", "continue"),
    "ssl_interrupted_ignored": ("unknown", "continue and ignore"),
    "ssl_interrupted_ends": ("unknown", "nothing"),
    "ssl_interrupted_other_name": ("other", "nothing"),
    "ssl_interrupted_other_name_too": ("unknown", "continue", "elsewhere.test"),
    "ssl_interrupted_good": ("good", "nothing"),
    "ssl_interrupted_expired": ("expired", "nothing"),
})
def interrupted(r, show, what, name="localhost"):
    """A handshake that is interrupted for errors."""
    to, c = tls.listener(r, show), tls.client(r, interrupt=True)

    def slot():
        if what.startswith("continue"):
            c.continueInterruptedHandshake()
    c.on("handshakeInterruptedOnError", slot)
    if what == "continue and ignore":
        c.on("sslErrors", lambda: c.ignoreSslErrors())
    tls.begin(c, to, name=name)
    r.until(lambda: c.seen("encrypted") or tls.over(c)() or c.q.state() == net.State.UnconnectedState)
    r.settle()
    r.value("encrypted", c.q.isEncrypted())


@scenario(qt_crashes=True, rows={"ssl_interrupted_aborted": "abort", "ssl_interrupted_deleted": "delete"})
def interrupted_and_ended(r, method):
    """A handshake that is interrupted, and a slot that ends the connection."""
    to, c = tls.listener(r, "unknown"), tls.client(r, interrupt=True)
    c.on("handshakeInterruptedOnError", lambda: getattr(c, method)(), once=True)
    tls.begin(c, to)
    r.until(lambda: c.seen("handshakeInterruptedOnError"))
    r.until(to.peer.end)
