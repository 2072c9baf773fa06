"""How encrypted connections end, from either side, well or not."""

import peer
import tls_sockets as tls
from backend import net
from tls_peer import TLS12, TLS13
from trace import scenario


def unconnected(c):
    return c.dead or c.q.state() == net.State.UnconnectedState


@scenario(rows={
    "ssl_peer_notifies_and_closes": ("notify", "close"),
    "ssl_peer_only_notifies": ("notify",),
    "ssl_peer_cuts": ("close",),
    "ssl_peer_resets": ("reset",),
    "ssl_peer_shuts_down": ("shutdown",),
    "ssl_peer_sends_and_notifies": ("send", "notify", "close"),
    "ssl_peer_sends_and_cuts": ("send", "close"),
    "ssl_peer_sends_and_only_notifies": ("send", "notify"),
})
def peer_ends(r, *steps):
    """The peer ends, with the last data or without."""
    c, p = tls.encrypted(r)
    for step in steps:
        if step == "send":
            p.send(b"last words")
        else:
            getattr(p, step)()
    # In Qt close_notify alone does not end it.
    r.until(lambda: c.seen("disconnected") or steps[-1] == "notify" and c.seen("errorOccurred"))
    c.readAll()


@scenario(rows={
    "ssl_peer_notifies_tls12": ("notify", "close"),
    "ssl_peer_cuts_tls12": ("close",),
})
def peer_ends_tls12(r, *steps):
    """The same with TLS 1.2."""
    c, p = tls.encrypted(r, versions=(TLS12, TLS12))
    for step in steps:
        getattr(p, step)()
    r.until(lambda: c.seen("disconnected"))


@scenario(rows={
    "ssl_disconnect": ("disconnectFromHost", b""),
    "ssl_close": ("close", b""),
    "ssl_disconnect_with_data": ("disconnectFromHost", b"last words"),
    "ssl_close_with_data": ("close", b"last words"),
    "ssl_disconnect_with_much": ("disconnectFromHost", bytes(300000)),
    "ssl_close_with_much": ("close", bytes(300000)),
})
def ends(r, method, data):
    """This side ends, with the last data or without."""
    c, p = tls.encrypted(r, bulk=True)
    if data:
        c.write(data)
    getattr(c, method)()
    r.until(lambda: c.q.state() == net.State.UnconnectedState and p.end())
    r.value("the peer heard", p.summary())


@scenario
def ssl_abort_with_data(r):
    """abort() drops what is to be sent."""
    c, p = tls.encrypted(r)
    c.write(b"last words")
    c.abort()
    r.until(p.end)
    r.value("the peer heard", bytes(p.data))


@scenario(rows={
    "ssl_disconnect_while_peer_sends": "disconnectFromHost",
    "ssl_close_while_peer_sends": "close",
})
def ends_while_peer_sends(r, method):
    """This side ends with data that it has not read."""
    c, p = tls.encrypted(r)
    p.send(b"unread")
    r.until(lambda: c.q.bytesAvailable())
    getattr(c, method)()
    r.until(lambda: c.q.state() == net.State.UnconnectedState and p.end())
    c.bytesAvailable()
    r.value("the peer heard", p.summary())


@scenario
def ssl_both_end(r):
    """Both sides send close_notify before they see the other's."""
    c, p = tls.encrypted(r)
    p.notify()
    c.disconnectFromHost()
    r.until(lambda: c.q.state() == net.State.UnconnectedState)


@scenario(rows={
    "ssl_write_after_peer_notified": "errorOccurred",
    "ssl_write_in_disconnected": "disconnected",
})
def write_after_end(r, signal):
    """A slot that writes when all is over."""
    c, p = tls.encrypted(r)
    c.on(signal, lambda: c.write(b"late"), once=True)
    p.notify()
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario(rows={
    "ssl_corrupt_record": lambda record: record[:-1] + bytes([record[-1] ^ 1]),
    "ssl_corrupt_type": lambda record: bytes([record[0] ^ 0x40]) + record[1:],
    "ssl_corrupt_version": lambda record: record[:1] + b"\x09\x09" + record[3:],
    "ssl_corrupt_length": lambda record: record[:3] + b"\xff\xff" + record[5:],
    "ssl_plain_after_handshake": lambda record: b"GET / HTTP/1.0\r\n\r\n" * 600,
})
def corrupt(r, change):
    """A record that is none."""
    c, p = tls.encrypted(r)
    p.raw(change(bytes(p.record(b"data"))))
    r.until(lambda: c.seen("errorOccurred"))
    r.value("the peer was told", p.summary())


@scenario(rows={
    "ssl_half_a_record_and_end": 10,
    "ssl_header_and_end": 5,
    "ssl_one_byte_and_end": 1,
})
def truncated(r, count):
    """A record that is not all there, and the end."""
    c, p = tls.encrypted(r)
    p.raw(bytes(p.record(b"data")[:count]))
    r.settle()
    c.bytesAvailable()
    p.close()
    r.until(lambda: c.seen("disconnected"))


@scenario
def ssl_record_in_pieces(r):
    """A record that comes a byte at a time."""
    c, p = tls.encrypted(r)
    record = bytes(p.record(b"in pieces"))
    for i in range(len(record) - 1):
        p.raw(record[i:i + 1])
    r.settle()
    c.bytesAvailable()
    p.raw(record[-1:])
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario(rows={
    "ssl_peer_is_http": (b"HTTP/1.0 400 Bad Request\r\n\r\n", "close"),
    "ssl_peer_is_smtp": (b"220 mail.test ESMTP\r\n", None),
    "ssl_peer_says_one_byte": (b"x", "close"),
    "ssl_peer_sends_zeros": (bytes(100), None),
    "ssl_peer_ends_at_once": (b"", "close"),
    "ssl_peer_resets_at_once": (b"", "reset"),
    "ssl_peer_sends_alert": (b"\x15\x03\x03\x00\x02\x02\x28", None),
    "ssl_peer_sends_half_a_hello": (b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76", "close"),
})
def plain_peer(r, data, end):
    """A peer that does not encrypt, or not as it should."""
    to, c = r.listener(), tls.client(r)
    tls.begin(c, to)
    p = r.keep(to.accept())
    r.until(lambda: p.got(1))
    c.write(b"secret")
    if data:
        p.send(data)
    if end:
        getattr(p, end)()
    r.until(tls.over(c))
    r.value("the secret was sent", b"secret" in p.data)


@scenario(rows={
    "ssl_abort_in_mode_changed": ("modeChanged", "abort"),
    "ssl_abort_in_connected": ("connected", "abort"),
    "ssl_abort_in_encrypted": ("encrypted", "abort"),
    "ssl_abort_in_ready_read": ("readyRead", "abort"),
    "ssl_abort_in_verify_error": ("peerVerifyError", "abort"),
    "ssl_abort_in_ssl_errors": ("sslErrors", "abort"),
    "ssl_abort_in_error": ("errorOccurred", "abort"),
    "ssl_disconnect_in_connected": ("connected", "disconnectFromHost"),
    "ssl_disconnect_in_encrypted": ("encrypted", "disconnectFromHost"),
    "ssl_disconnect_in_ready_read": ("readyRead", "disconnectFromHost"),
    "ssl_disconnect_in_ssl_errors": ("sslErrors", "disconnectFromHost"),
    "ssl_close_in_encrypted": ("encrypted", "close"),
    "ssl_close_in_ready_read": ("readyRead", "close"),
    "ssl_close_in_ssl_errors": ("sslErrors", "close"),
    "ssl_delete_later_in_encrypted": ("encrypted", "deleteLater"),
    "ssl_delete_later_in_ready_read": ("readyRead", "deleteLater"),
    "ssl_delete_later_in_ssl_errors": ("sslErrors", "deleteLater"),
    "ssl_delete_later_in_error": ("errorOccurred", "deleteLater"),
    "ssl_delete_later_in_connected": ("connected", "deleteLater"),
})
def ends_in(r, signal, method):
    """A slot that ends the connection."""
    wrong = signal in ("peerVerifyError", "sslErrors", "errorOccurred")
    to, c = tls.listener(r, "unknown" if wrong else "good"), tls.client(r)
    c.on(signal, lambda: getattr(c, method)(), once=True)
    tls.begin(c, to)
    if signal == "readyRead":
        r.until(tls.decided(c))
        to.peer.send(b"data")
    r.until(lambda: c.dead if method == "deleteLater" else c.seen(signal) and unconnected(c))


@scenario(qt_crashes=True, rows={
    "ssl_delete_in_mode_changed": "modeChanged",
    "ssl_delete_in_encrypted": "encrypted",
    "ssl_delete_in_verify_error": "peerVerifyError",
    "ssl_delete_in_ssl_errors": "sslErrors",
    "ssl_delete_in_ready_read": "readyRead",
})
def deleted_in(r, signal):
    """A slot that deletes the socket."""
    wrong = signal in ("peerVerifyError", "sslErrors")
    to, c = tls.listener(r, "unknown" if wrong else "good"), tls.client(r)
    c.on(signal, lambda: c.delete(), once=True)
    tls.begin(c, to)
    if signal == "readyRead":
        r.until(tls.decided(c))
        to.peer.send(b"data")
    r.until(lambda: c.dead)


@scenario(rows={
    "ssl_abort_while_connecting": "abort",
    "ssl_disconnect_while_connecting": "disconnectFromHost",
    "ssl_delete_later_while_connecting": "deleteLater",
})
def early_end(r, method):
    """The connection is ended right after it is begun."""
    to, c = tls.listener(r), tls.client(r)
    tls.begin(c, to)
    c.write(b"early")
    getattr(c, method)()
    r.until(lambda: c.dead if method == "deleteLater" else unconnected(c))


@scenario(rows={
    "ssl_abort_in_handshake": "abort",
    "ssl_disconnect_in_handshake": "disconnectFromHost",
    "ssl_close_in_handshake": "close",
    "ssl_delete_later_in_handshake": "deleteLater",
})
def end_in_handshake(r, method):
    """The connection is ended while the peer is silent, which then goes on."""
    to, c = r.listener(), tls.client(r)
    tls.begin(c, to)
    p = r.keep(to.accept())
    r.until(lambda: p.got(1))
    getattr(c, method)()
    r.settle()
    if not c.dead and c.q.state() != net.State.UnconnectedState:
        r.look(c)
        p.close()
    r.until(lambda: c.dead if method == "deleteLater" else unconnected(c))
