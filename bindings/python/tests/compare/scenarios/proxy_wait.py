"""The wait functions of sockets that connect through proxies."""

from scripted_proxy import (CLOSE, COMMAND, ECHO, FINE, GO, GRANTED, HELLO, HTTP_FINE, METHOD_NONE, REQUEST, RESET, SOCKS_FINE,
                            http_reply, socks_reply)
from through_proxy import ADDRESS, HTTP, NAME, SOCKS, at, connect, decided, through
from trace import scenario

DENIED = http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")


@scenario(rows={
    "proxy_socks_wait_connected": (SOCKS, NAME, SOCKS_FINE),
    "proxy_socks_wait_connected_to_address": (SOCKS, ADDRESS, SOCKS_FINE),
    "proxy_socks_wait_connected_in_pieces": (SOCKS, NAME, [HELLO, b"\5", b"\0", COMMAND, b"\5\0\0", b"\1\x7f\0\0\2\x13", b"\x89"]),
    "proxy_socks_wait_connected_refused": (SOCKS, NAME, socks_reply(5)),
    "proxy_socks_wait_connected_general": (SOCKS, ADDRESS, socks_reply(1)),
    "proxy_socks_wait_connected_end": (SOCKS, NAME, [*METHOD_NONE, COMMAND, CLOSE]),
    "proxy_socks_wait_connected_reset": (SOCKS, NAME, [*METHOD_NONE, COMMAND, RESET]),
    "proxy_socks_wait_connected_garbage": (SOCKS, NAME, [HELLO, b"HTTP/1.1 400 No\r\n\r\n"]),
    "proxy_socks_wait_connected_unknown": (SOCKS, NAME, [HELLO, b"\5\xff", CLOSE]),
    "proxy_socks_wait_connected_glued": (SOCKS, NAME, [*METHOD_NONE, COMMAND, GRANTED + b"first"]),
    "proxy_http_wait_connected": (HTTP, NAME, HTTP_FINE),
    "proxy_http_wait_connected_to_address": (HTTP, ADDRESS, HTTP_FINE),
    "proxy_http_wait_connected_in_pieces": (HTTP, NAME, [REQUEST, FINE[:5], FINE[5:15], FINE[15:]]),
    "proxy_http_wait_connected_denied": (HTTP, NAME, DENIED),
    "proxy_http_wait_connected_refused": (HTTP, NAME, http_reply(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")),
    "proxy_http_wait_connected_end": (HTTP, NAME, [REQUEST, CLOSE]),
    "proxy_http_wait_connected_reset": (HTTP, NAME, [REQUEST, RESET]),
    "proxy_http_wait_connected_garbage": (HTTP, NAME, [REQUEST, b"SSH-2.0-x\r\n\r\n"]),
    "proxy_http_wait_connected_unknown":
        (HTTP, NAME, http_reply(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")),
    "proxy_http_wait_connected_glued": (HTTP, NAME, [REQUEST, FINE + b"first"]),
})
def wait_connected(r, kind, host, script):
    """waitForConnected(): what is signalled within it, and what it returns."""
    c, proxy = through(r, kind, script)
    c.connectToHost(host, 7)
    c.waitForConnected(5000)
    r.note("and from the loop")
    r.settle()
    c.readAll()


@scenario(rows={
    "proxy_socks_wait_connected_nobody": SOCKS,
    "proxy_http_wait_connected_nobody": HTTP,
})
def wait_connected_nobody(r, kind):
    """waitForConnected(), and nobody where the proxy should be."""
    c = at(r, kind, "127.0.0.1", r.dead_port().port)
    c.connectToHost(NAME, 7)
    c.waitForConnected(5000)
    r.settle()


@scenario(rows={
    "proxy_socks_wait_connected_not_found": SOCKS,
    "proxy_http_wait_connected_not_found": HTTP,
})
def wait_connected_not_found(r, kind):
    """waitForConnected(), and a proxy whose name there is not."""
    c = at(r, kind, "no-such-proxy.invalid", 1080)
    c.connectToHost(NAME, 7)
    c.waitForConnected(5000)
    r.settle()


@scenario(rows={
    "proxy_socks_wait_connected_silent": (SOCKS, [HELLO]),
    "proxy_http_wait_connected_silent": (HTTP, [REQUEST]),
})
def wait_connected_silent(r, kind, script):
    """waitForConnected(), whose time runs out."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.waitForConnected(30)
    r.note("and from the loop")
    r.settle()


@scenario(rows={
    "proxy_socks_wait_connected_twice": (SOCKS, SOCKS_FINE),
    "proxy_http_wait_connected_twice": (HTTP, HTTP_FINE),
})
def wait_connected_twice(r, kind, script):
    """waitForConnected() once it is connected."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    c.waitForConnected(5000)
    c.waitForConnected(0)


@scenario(rows={
    "proxy_socks_wait_connected_closing": (SOCKS, SOCKS_FINE, 5000),
    "proxy_http_wait_connected_closing": (HTTP, HTTP_FINE, 2000),   # Qt waits for all of that
})
def wait_disconnected_early(r, kind, script, patience):
    """disconnectFromHost() before the proxy has answered, and waitForDisconnected()."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"early")
    c.disconnectFromHost()
    c.waitForDisconnected(patience)
    r.settle()
    r.until(proxy.ended)
    r.value("the proxy got it", proxy.requests()[0].endswith(b"early"))


@scenario(rows={
    "proxy_socks_wait_ready_read": (SOCKS, [*SOCKS_FINE, ECHO]),
    "proxy_http_wait_ready_read": (HTTP, [*HTTP_FINE, ECHO]),
})
def wait_ready_read(r, kind, script):
    """waitForReadyRead() and waitForBytesWritten() of a connection through a proxy."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    c.write(b"there")
    c.waitForBytesWritten(5000)
    c.waitForReadyRead(5000)
    c.readAll()
    c.waitForReadyRead(10)
    c.disconnectFromHost()
    c.waitForDisconnected(10)


@scenario(rows={
    "proxy_socks_wait_ready_read_early": (SOCKS, [*SOCKS_FINE, ECHO]),
    "proxy_http_wait_ready_read_early": (HTTP, [*HTTP_FINE, ECHO]),
})
def wait_ready_read_early(r, kind, script):
    """waitForReadyRead() while the proxy is asked."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"there and back")
    c.waitForReadyRead(5000)
    c.readAll()


@scenario(rows={
    "proxy_socks_wait_bytes_written_early": (SOCKS, SOCKS_FINE),
    "proxy_http_wait_bytes_written_early": (HTTP, HTTP_FINE),
})
def wait_bytes_written_early(r, kind, script):
    """waitForBytesWritten() while the proxy is asked."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"there")
    c.waitForBytesWritten(5000)
    r.settle()


@scenario(rows={
    "proxy_socks_wait_ready_read_refused": (SOCKS, socks_reply(5)),
    "proxy_http_wait_ready_read_refused": (HTTP, DENIED),
})
def wait_ready_read_refused(r, kind, script):
    """waitForReadyRead() while the proxy is asked, which refuses."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.waitForReadyRead(5000)
    r.settle()


@scenario(rows={
    "proxy_socks_wait_disconnected": (SOCKS, [*SOCKS_FINE, GO, b"last", CLOSE]),
    "proxy_http_wait_disconnected": (HTTP, [*HTTP_FINE, GO, b"last", CLOSE]),
})
def wait_disconnected(r, kind, script):
    """waitForDisconnected(), and the peer ends."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    proxy.go()
    c.waitForDisconnected(5000)
    c.readAll()


@scenario(rows={
    "proxy_socks_wait_in_connected": (SOCKS, [*SOCKS_FINE, b"data"]),
    "proxy_http_wait_in_connected": (HTTP, [*HTTP_FINE, b"data"]),
})
def wait_in_connected(r, kind, script):
    """waitForReadyRead() inside connected."""
    c, proxy = through(r, kind, script)
    c.on("connected", lambda: c.waitForReadyRead(5000))
    c.connectToHost(NAME, 7)
    r.until(decided(c))
    c.readAll()


@scenario(rows={
    "proxy_socks_wait_beside": (SOCKS, [HELLO, GO, b"\5\0", COMMAND, GRANTED]),
    "proxy_http_wait_beside": (HTTP, [REQUEST, GO, FINE]),
})
def wait_beside(r, kind, script):
    """Another socket's wait: the one that asks a proxy gets on only from the loop, or its own wait."""
    c, proxy = through(r, kind, script)
    other, p = r.connected("o")
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    proxy.go()
    p.send(b"x")
    other.waitForReadyRead(5000)
    r.until(decided(c))
