"""What servers staple (OCSP), as a client of QSslConfiguration.setOcspStaplingEnabled() takes it."""

import tls_sockets as tls
import tls_staples
from backend import net
from trace import scenario


def client(r, enabled=True, verify=None, trust=True):
    c = tls.client(r, trust=None, verify=verify)
    chosen = c.q.sslConfiguration()
    chosen.setOcspStaplingEnabled(enabled)
    if trust:
        chosen.setCaCertificates(list(net.QSslCertificate.fromPath(str(tls_staples.ROOT))))
    c.q.setSslConfiguration(chosen)
    return c


def server(r, staple, *options):
    made = r.keep(tls_staples.StaplingServer(staple, *options))
    r.ports[made.port] = "SRV"
    return made


def look(r, c):
    """What was stapled, and a line to and fro if the connection is there."""
    for one in c.q.ocspResponses():
        r.value("response", (tls.number(one.certificateStatus()), tls.number(one.revocationReason()), one.subject().subjectDisplayName(),
                             one.responder().subjectDisplayName()))
    if c.q.isEncrypted() and c.q.state() == net.State.ConnectedState:
        c.write(b"hello\n")
        r.until(lambda: c.seen("readyRead"))
        c.readAll()


@scenario(rows={
    "ssl_staple_good": ("good",),
    "ssl_staple_good_tls12": ("good", "-tls1_2"),
    "ssl_staple_revoked": ("revoked",),
    "ssl_staple_revoked_tls12": ("revoked", "-tls1_2"),
    "ssl_staple_unknown": ("unknown",),
    "ssl_staple_expired": ("expired",),
    "ssl_staple_expired_tls12": ("expired", "-tls1_2"),
    "ssl_staple_revoked_expired": ("revoked_expired",),
    "ssl_staple_not_yet": ("not_yet",),
    "ssl_staple_of_another": ("of_another",),
    "ssl_staple_of_a_stranger": ("of_a_stranger",),
    "ssl_staple_try_later": ("try_later",),
    "ssl_staple_nonsense": ("nonsense",),
    "ssl_staple_missing": (None,),
    "ssl_staple_missing_tls12": (None, "-tls1_2"),
})
def stapled(r, staple, *options):
    """A client that wants to know."""
    s = server(r, staple, *options)
    c = client(r)
    tls.connect(r, c, s)
    look(r, c)


@scenario(rows={
    "ssl_staple_unasked_good": "good",
    "ssl_staple_unasked_revoked": "revoked",
    "ssl_staple_unasked_nonsense": "nonsense",
})
def unasked(r, staple):
    """A client that does not want to know."""
    s = server(r, staple)
    c = client(r, enabled=False)
    tls.connect(r, c, s)
    look(r, c)


@scenario(rows={
    "ssl_staple_no_verify_revoked": (net.Verify.VerifyNone, "revoked"),
    "ssl_staple_no_verify_missing": (net.Verify.VerifyNone, None),
    "ssl_staple_query_revoked": (net.Verify.QueryPeer, "revoked"),
    "ssl_staple_query_missing": (net.Verify.QueryPeer, None),
    "ssl_staple_auto_revoked": (net.Verify.AutoVerifyPeer, "revoked"),
})
def unverified(r, verify, staple):
    """The modes in which a peer is not verified."""
    s = server(r, staple)
    c = client(r, verify=verify)
    tls.connect(r, c, s)
    look(r, c)


@scenario(rows={
    "ssl_staple_ignored_revoked": ("revoked", "all"),
    "ssl_staple_ignored_expired": ("expired", "list"),
    "ssl_staple_ignored_missing": (None, "list"),
})
def ignored(r, staple, what):
    """A slot that takes the blame."""
    s = server(r, staple)
    c = client(r)
    c.on("sslErrors", lambda errors: c.ignoreSslErrors() if what == "all" else c.q.ignoreSslErrors(errors))
    tls.connect(r, c, s)
    look(r, c)


@scenario(rows={
    "ssl_staple_untrusted_good": "good",
    "ssl_staple_untrusted_missing": None,
})
def untrusted(r, staple):
    """The authority is a stranger's."""
    s = server(r, staple)
    c = client(r, trust=False)
    tls.connect(r, c, s)
    look(r, c)


@scenario
def ssl_staple_paused(r):
    """What is wrong with a staple may be decided later."""
    s = server(r, "revoked")
    c = client(r)
    c.q.setPauseMode(net.QAbstractSocket.PauseMode.PauseOnSslErrors)
    tls.begin(c, s)
    r.until(lambda: c.seen("sslErrors"))
    r.note("paused")
    c.ignoreSslErrors()
    c.resume()
    r.until(tls.decided(c))
    look(r, c)


@scenario
def ssl_staple_again(r):
    """The second connection of a socket, to a server that staples no more."""
    c = client(r)
    tls.connect(r, c, server(r, "good"))
    look(r, c)
    c.abort()
    tls.connect(r, c, server(r, None))
    look(r, c)
