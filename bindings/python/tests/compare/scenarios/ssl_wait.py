"""The functions that wait, on sockets that encrypt."""

import peer
import tls_sockets as tls
from backend import net
from trace import scenario


def begin(r, steps, show="good"):
    to, c = tls.process(r, steps, show), tls.client(r)
    tls.begin(c, to)
    return c


@scenario
def ssl_wait_encrypted(r):
    """From the beginning to the end with waits alone."""
    c = begin(r, "encrypt,echo,stay")
    c.waitForEncrypted(5000)
    c.write(b"data")
    c.waitForBytesWritten(5000)
    c.waitForReadyRead(5000)
    c.readAll()


@scenario
def ssl_wait_connected_then_encrypted(r):
    """The connection first."""
    c = begin(r, "encrypt,stay")
    c.waitForConnected(5000)
    c.waitForEncrypted(5000)


@scenario
def ssl_wait_ready_read_first(r):
    """waitForReadyRead() waits for the handshake, too."""
    c = begin(r, "encrypt,say hello,stay")
    c.waitForConnected(5000)
    c.waitForReadyRead(5000)
    c.readAll()


@scenario
def ssl_wait_encrypted_twice(r):
    """waitForEncrypted() on a connection that is encrypted."""
    c = begin(r, "encrypt,stay")
    c.waitForEncrypted(5000)
    c.waitForEncrypted(5000)


@scenario(rows={
    "ssl_wait_encrypted_refused": ("unknown", False),
    "ssl_wait_encrypted_ignored": ("unknown", True),
    "ssl_wait_encrypted_other_name": ("other", False),
})
def wait_with_errors(r, show, ignore):
    """A wait for a peer that is not good."""
    to, c = tls.process(r, "encrypt,stay", show), tls.client(r)
    if ignore:
        c.on("sslErrors", lambda: c.ignoreSslErrors())
    tls.begin(c, to)
    c.waitForEncrypted(5000)


@scenario(rows={
    "ssl_wait_encrypted_silent": "waitForEncrypted",
    "ssl_wait_ready_read_silent": "waitForReadyRead",
    "ssl_wait_disconnected_silent": "waitForDisconnected",
})
def wait_silent(r, method):
    """A peer that says nothing."""
    to, c = r.listener(), tls.client(r)
    tls.begin(c, to)
    with r.silence():
        c.q.waitForConnected(5000)
    r.look(c)
    getattr(c, method)(30)


@scenario
def ssl_wait_encrypted_plain_peer(r):
    """A peer that does not encrypt."""
    c = begin(r, "say 220 mail.test ESMTP,stay")
    c.waitForEncrypted(5000)


@scenario
def ssl_wait_encrypted_peer_closes(r):
    """A peer that ends at once."""
    c = begin(r, "read,close")
    c.waitForEncrypted(5000)


@scenario
def ssl_wait_encrypted_refused_port(r):
    """Nobody is there."""
    dead, c = r.dead_port(), tls.client(r)
    tls.begin(c, dead)
    c.waitForEncrypted(5000)


@scenario
def ssl_wait_encrypted_unconnected(r):
    """A socket that does nothing."""
    c = tls.client(r)
    c.waitForEncrypted(10)


@scenario
def ssl_wait_disconnected_of_peer(r):
    """The peer ends."""
    c = begin(r, "encrypt,read,notify,close")
    c.waitForEncrypted(5000)
    c.write(b"end")
    c.waitForDisconnected(1000)


@scenario
def ssl_wait_bytes_written_early(r):
    """What was written before the handshake."""
    c = begin(r, "encrypt,echo,stay")
    c.write(b"early")
    c.waitForConnected(5000)
    c.waitForBytesWritten(5000)
    c.waitForReadyRead(5000)
    c.readAll()


@scenario
def ssl_wait_starttls(r):
    """A connection that is in the clear at first, with waits alone."""
    to, c = tls.process(r, "say 220 hello,read,say 220 go,encrypt,echo,stay"), tls.client(r)
    c.connectToHost("127.0.0.1", to.port)
    c.waitForConnected(5000)
    c.waitForReadyRead(5000)
    c.readAll()
    c.write(b"STARTTLS")
    c.waitForReadyRead(5000)
    c.readAll()
    c.setPeerVerifyName("localhost")
    c.startClientEncryption()
    c.waitForEncrypted(5000)
    c.write(b"secret")
    c.waitForReadyRead(5000)
    c.readAll()
