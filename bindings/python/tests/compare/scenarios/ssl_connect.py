"""Encrypted connections that are made, or not: what a client and its peer agree on."""

import peer
import tls_sockets as tls
from backend import net
from tls_peer import TLS12, TLS13
from trace import scenario


def facts(r, c, p):
    """What both ends say of what they have agreed on."""
    version, cipher, protocol = p.agreed()
    r.value("the peer's version", version)
    r.value("the peer's protocol", protocol)
    r.value("protocol", net.Tls(c.q.sessionProtocol()))
    r.value("same cipher", c.q.sessionCipher().name() == cipher)
    r.value("certificate", c.q.peerCertificate())
    r.value("chain", list(c.q.peerCertificateChain()))
    r.value("next protocol", bytes(c.q.sslConfiguration().nextNegotiatedProtocol()))
    r.value("status", number(c.q.sslConfiguration().nextProtocolNegotiationStatus()))


number = tls.number


@scenario(rows={
    "ssl_good_tls12": ("good", (TLS12, TLS12)),
    "ssl_good_tls13": ("good", (TLS13, TLS13)),
    "ssl_good_rsa_tls12": ("rsa", (TLS12, TLS12)),
    "ssl_good_rsa_tls13": ("rsa", (TLS13, TLS13)),
    "ssl_good_by_middle": ("by_middle", None),
    "ssl_good_with_root": ("with_root", None),
    "ssl_good_for_servers": ("for_servers", None),
})
def good(r, show, versions):
    """A connection, a message each way, and its end from here."""
    to, c = tls.listener(r, show, versions=versions), tls.client(r)
    tls.connect(r, c, to)
    facts(r, c, to.peer)
    c.write(b"question")
    r.until(lambda: to.peer.got(8))
    r.value("the peer heard", to.peer.summary())
    to.peer.send(b"answer")
    r.until(lambda: c.q.bytesAvailable() == 6)
    c.readAll()
    r.value("encrypted more than was written", c.encrypted_bytes > 8)
    c.disconnectFromHost()
    r.until(to.peer.end)
    r.value("the peer heard", to.peer.summary())
    c.sessionCipher()
    r.value("protocol", net.Tls(c.q.sessionProtocol()))
    r.value("certificate", c.q.peerCertificate())


@scenario(rows={
    "ssl_range_12_to_13": (net.Tls.TlsV1_2, (TLS12, TLS13)),
    "ssl_range_13_to_13": (net.Tls.TlsV1_3, (TLS12, TLS13)),
    "ssl_range_12_to_12": (net.Tls.TlsV1_2, (TLS12, TLS12)),
    "ssl_range_12_only_to_13_only": (net.Tls.TlsV1_2, (TLS13, TLS13)),
    "ssl_range_13_only_to_12_only": (net.Tls.TlsV1_3, (TLS12, TLS12)),
    "ssl_range_13_or_later_to_12_only": (net.Tls.TlsV1_3OrLater, (TLS12, TLS12)),
    "ssl_range_12_or_later_to_13_only": (net.Tls.TlsV1_2OrLater, (TLS13, TLS13)),
    "ssl_range_any_to_13": (net.Tls.AnyProtocol, (TLS12, TLS13)),
    "ssl_range_secure_to_12": (net.Tls.SecureProtocols, (TLS12, TLS12)),
})
def ranges(r, protocol, versions):
    """Versions of TLS that the two ends have in common, or not."""
    to, c = tls.listener(r, versions=versions), tls.client(r, protocol=protocol)
    tls.connect(r, c, to)
    if c.seen("encrypted"):
        r.value("the peer's version", to.peer.agreed()[0])
    r.value("protocol", net.Tls(c.q.sessionProtocol()))


@scenario(rows={
    "ssl_cannot_be_unknown": net.Tls.UnknownProtocol,
    "ssl_cannot_be_dtls": net.Tls.DtlsV1_2,
})
def cannot_be(r, protocol):
    """A protocol that a socket cannot have."""
    to, c = tls.listener(r), tls.client(r, protocol=protocol)
    tls.connect(r, c, to)


@scenario(rows={
    "ssl_alpn_same": ([b"one"], ["one"]),
    "ssl_alpn_second": ([b"one", b"two"], ["two"]),
    "ssl_alpn_server_chooses": ([b"one", b"two"], ["two", "one"]),
    "ssl_alpn_not_there": ([b"one"], None),
    "ssl_alpn_not_asked": (None, ["one"]),
    "ssl_alpn_none_in_common": ([b"one"], ["two"]),
    "ssl_alpn_tls12": ([b"one", b"two"], ["two"], (TLS12, TLS12)),
})
def alpn(r, ours, theirs, versions=None):
    """Which protocol the connection is for."""
    to, c = tls.listener(r, alpn=theirs, versions=versions), tls.client(r, alpn=ours)
    tls.connect(r, c, to)
    facts(r, c, to.peer)


@scenario(rows={
    "ssl_name_of_host": ("localhost", None, ()),
    "ssl_name_given": ("127.0.0.1", "target.test", ()),
    "ssl_name_is_address": ("127.0.0.1", None, ()),
    "ssl_name_wildcard": ("127.0.0.1", "a.wild.test", ()),
    "ssl_name_wildcard_too_deep": ("127.0.0.1", "a.b.wild.test", ()),
    "ssl_name_other": ("127.0.0.1", "other.test", ()),
    "ssl_name_with_dot": ("127.0.0.1", "target.test.", ()),
    "ssl_name_upper_case": ("127.0.0.1", "TARGET.test", ()),
    "ssl_name_not_told": ("127.0.0.1", "target.test", (net.SslOption.SslOptionDisableServerNameIndication,)),
})
def names(r, host, name, options):
    """The name that the certificate must be for, and what the server is told of it."""
    to, c = tls.listener(r), tls.client(r, options=options)
    tls.connect(r, c, to, host=host, name=name)
    c.peerVerifyName()
    r.value("the server was asked for", to.peer.asked)


@scenario
def ssl_name_set_before(r):
    """A name that was set on the socket."""
    to, c = tls.listener(r), tls.client(r)
    c.setPeerVerifyName("target.test")
    tls.connect(r, c, to, name=None)
    r.value("the server was asked for", to.peer.asked)
    c.peerVerifyName()


@scenario(rows={
    "ssl_cipher_aes256": ("ECDHE-ECDSA-AES256-GCM-SHA384", None),
    "ssl_cipher_chacha": ("ECDHE-ECDSA-CHACHA20-POLY1305", None),
    "ssl_cipher_none_in_common": ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    "ssl_cipher_for_other_key": ("ECDHE-RSA-AES256-GCM-SHA384", None),
    "ssl_cipher_two": ("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
})
def ciphers(r, ours, theirs):
    """Ciphers that are chosen, with TLS 1.2."""
    to, c = tls.listener(r, versions=(TLS12, TLS12), ciphers=theirs), tls.client(r, ciphers=ours)
    tls.connect(r, c, to)
    c.sessionCipher()
    r.value("protocol", net.Tls(c.q.sessionProtocol()))


@scenario(rows={
    "ssl_client_certificate": ("client", 0, None),
    "ssl_client_certificate_tls12": ("client", 0, (TLS12, TLS12)),
    "ssl_client_certificate_not_asked": ("client", None, None),
    "ssl_client_certificate_missing": (None, 0, None),
    "ssl_client_certificate_missing_tls12": (None, 0, (TLS12, TLS12)),
    "ssl_client_certificate_optional": (None, 1, None),
    "ssl_client_certificate_strange": ("strange_client", 0, None),
    "ssl_client_certificate_strange_tls12": ("strange_client", 0, (TLS12, TLS12)),
    "ssl_client_certificate_old": ("old_client", 0, None),
})
def client_certificate(r, show, ask, versions):
    """A client that has a certificate or none, and a server that wants one, or is content without."""
    import ssl
    to = tls.listener(r, trust=None if ask is None else "root", ask=[ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL][ask or 0],
                      versions=versions)
    c = tls.client(r, show=show)
    tls.connect(r, c, to)
    r.settle()
    r.value("the server's end", to.peer.summary())
    if to.peer.shaken:
        r.value("the server was shown one", bool(to.peer.tls.getpeercert()))


@scenario(rows={
    "ssl_resumed_tls12": (TLS12, True),
    "ssl_resumed_tls13": (TLS13, True),
    "ssl_not_resumed_tls12": (TLS12, False),
    "ssl_not_resumed_tls13": (TLS13, False),
})
def resumed(r, version, persistent):
    """A second connection with the ticket of the first."""
    to = tls.listener(r, versions=(version, version), tickets=1)
    c = tls.client(r, persistent=persistent)
    tls.connect(r, c, to)
    ticket = bytes(c.q.sslConfiguration().sessionTicket())
    r.value("a ticket", bool(ticket))
    r.value("a lifetime", c.q.sslConfiguration().sessionTicketLifeTimeHint() > 0)
    c.disconnectFromHost()
    r.until(to.peer.end)
    to.peer.close()
    d = tls.client(r, "d", persistent=persistent, ticket=ticket)
    tls.connect(r, d, to)
    r.value("resumed", to.peer.tls.session_reused)
    r.value("certificate", d.q.peerCertificate())
    d.sslHandshakeErrors()


@scenario
def ssl_connect_twice(r):
    """A socket that is used again, for the same host in another way."""
    to, c = tls.listener(r), tls.client(r)
    tls.connect(r, c, to)
    c.disconnectFromHost()
    r.until(to.peer.end)
    to.peer.close()
    r.settle()
    c.mode()
    tls.connect(r, c, to)
    to.peer.send(b"again")
    r.until(lambda: c.q.bytesAvailable() == 5)
    c.abort()


@scenario
def ssl_then_plain(r):
    """A socket that encrypts, and then does not."""
    plain, to, c = r.listener("PLAIN"), tls.listener(r), tls.client(r)
    tls.connect(r, c, to)
    c.abort()
    c.mode()
    c.connectToHost("127.0.0.1", plain.port)
    p = r.keep(plain.accept())
    r.until(lambda: c.seen("connected") == 2)
    c.mode()
    c.write(b"in the clear")
    r.until(lambda: p.got(12))
    r.value("the peer heard", p.summary())


@scenario
def ssl_refused(r):
    """Nobody is there."""
    dead, c = r.dead_port(), tls.client(r)
    tls.connect(r, c, dead)
    c.mode()


@scenario
def ssl_connect_while_connected(r):
    """connectToHostEncrypted() on a socket that is not unconnected."""
    to, c = tls.listener(r), tls.client(r)
    tls.connect(r, c, to)
    c.connectToHostEncrypted("127.0.0.1", to.port, "localhost")
    r.settle()


@scenario
def ssl_wrong_calls(r):
    """What cannot be done in a state."""
    to, c = tls.listener(r), tls.client(r)
    c.startClientEncryption()
    c.ignoreSslErrors()
    c.waitForEncrypted(10)
    tls.connect(r, c, to)
    c.startClientEncryption()
    c.startServerEncryption()
    c.waitForEncrypted(10)
    c.abort()
    c.startClientEncryption()


@scenario(qt_crashes=True)
def ssl_server_encryption_unconnected(r):
    """startServerEncryption() on a socket that is not connected."""
    c = tls.client(r)
    c.startServerEncryption()


@scenario(qt_crashes=True)
def ssl_continue_nothing(r):
    """continueInterruptedHandshake() where there is none."""
    to, c = tls.listener(r), tls.client(r)
    c.continueInterruptedHandshake()
    tls.connect(r, c, to)
    c.continueInterruptedHandshake()


@scenario(rows={"ssl_early_write": 5, "ssl_early_write_much": 100000})
def early_write(r, size):
    """What is written before the connection is encrypted."""
    to, c = tls.listener(r), tls.client(r, bulk=size > 1000)
    tls.begin(c, to)
    c.write(bytes(size))
    r.until(lambda: to.peers and to.peer.got(size))
    r.value("the peer heard", to.peer.summary())


@scenario
def ssl_read_only(r):
    """A socket that only reads."""
    to, c = tls.listener(r), tls.client(r)
    c.connectToHostEncrypted("127.0.0.1", to.port, "localhost", net.Mode.ReadOnly)
    r.until(tls.decided(c))
    if c.seen("encrypted"):
        to.peer.send(b"data")
        r.until(lambda: c.seen("readyRead"))
        c.readAll()


@scenario
def ssl_unbuffered(r):
    """A socket without buffers."""
    to, c = tls.listener(r), tls.client(r)
    c.connectToHostEncrypted("127.0.0.1", to.port, "localhost", net.Mode.ReadWrite | net.Mode.Unbuffered)
    r.until(tls.decided(c))
    c.write(b"out")
    r.until(lambda: to.peer.got(3))
    to.peer.send(b"data")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario
def ssl_early_bytes_to_write(r):
    """How much is to be sent of what is written before the connection is there."""
    to, c = tls.listener(r), tls.client(r)
    tls.begin(c, to)
    c.write(b"early")
    c.bytesToWrite()
    r.until(tls.decided(c))


@scenario
def ssl_disconnect_at_once(r):
    """The state in which disconnectFromHost() leaves a connection with nothing to be sent."""
    c, p = tls.encrypted(r)
    with r.silence():
        c.q.disconnectFromHost()
    r.value("state", c.q.state())


@scenario
def ssl_places(r):
    """What a socket says of addresses and names."""
    to, c = tls.listener(r), tls.client(r)
    c.connectToHostEncrypted("localhost", to.port)
    c.on("stateChanged", lambda: r.value("peer", (c.q.peerName(), c.q.peerAddress(), c.q.peerPort() == to.port)))
    r.until(tls.decided(c))
    r.value("encrypted", (c.q.peerName(), c.q.peerAddress(), c.q.localAddress(), c.q.socketDescriptor() != -1))


@scenario
def ssl_records_together(r):
    """Two records that come in one piece."""
    c, p = tls.encrypted(r)
    p.raw(bytes(p.record(b"one")) + bytes(p.record(b"two")))
    r.until(lambda: c.q.bytesAvailable() == 6)
    c.readAll()
