"""Connections through proxies: where the signals come, and what each answer of a proxy is."""

import peer as raw
from backend import net
from scripted_proxy import (CLOSE, COMMAND, ECHO, FINE, GO, GRANTED, HELLO, HTTP_FINE, METHOD_NONE, REQUEST, RESET,
                            SOCKS_FINE, http_reply, socks_reply)
from through_proxy import ADDRESS, HTTP, NAME, SOCKS, at, connect, decided, through
from trace import scenario

# ---- connections that are made

@scenario(rows={
    "proxy_socks_name": (NAME, SOCKS_FINE),
    "proxy_socks_ipv4": (ADDRESS, SOCKS_FINE),
    "proxy_socks_ipv6": ("2001:db8::1", SOCKS_FINE),
    "proxy_socks_local_host": ("localhost", SOCKS_FINE),
    "proxy_socks_bound_ipv6": (NAME, [*METHOD_NONE, COMMAND, b"\5\0\0\4" + bytes(15) + b"\1\x13\x89"]),
    "proxy_socks_bound_name": (NAME, [*METHOD_NONE, COMMAND, b"\5\0\0\3\4host\x13\x89"]),
    "proxy_socks_bound_nothing": (NAME, [*METHOD_NONE, COMMAND, b"\5\0\0\1" + bytes(6)]),
})
def socks_connects(r, host, script):
    """A connection through SOCKS 5: what the proxy is asked, and what the socket says of itself."""
    c, proxy = through(r, SOCKS, script)
    connect(r, c, host)
    r.value("the proxy got", proxy.requests())
    c.write(b"through")
    r.until(lambda: proxy.requests()[0].endswith(b"through"))
    c.disconnectFromHost()
    r.until(proxy.ended)


@scenario(rows={
    "proxy_http_name": NAME,
    "proxy_http_ipv4": ADDRESS,
    "proxy_http_ipv6": "2001:db8::1",
})
def http_connects(r, host):
    """A connection through CONNECT: what the socket says of itself."""
    c, proxy = through(r, HTTP, [*HTTP_FINE, ECHO])
    connect(r, c, host)
    c.write(b"through")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    c.disconnectFromHost()
    r.until(proxy.ended)


@scenario(rows={
    "proxy_socks_host_umlaut": (SOCKS, "\u00c4.Test"),
    "proxy_socks_host_sharp_s": (SOCKS, "\u00df.test"),
    "proxy_socks_host_dot": (SOCKS, "a.test."),
    "proxy_socks_host_underscore": (SOCKS, "_x.test"),
    "proxy_socks_host_numbers": (SOCKS, "1.2.3"),
    "proxy_socks_host_scope": (SOCKS, "fe80::1%lo"),
    "proxy_http_host_umlaut": (HTTP, "\u00c4.Test"),
    "proxy_http_host_sharp_s": (HTTP, "\u00df.test"),
    "proxy_http_host_dot": (HTTP, "a.test."),
    "proxy_http_host_underscore": (HTTP, "_x.test"),
    "proxy_http_host_numbers": (HTTP, "1.2.3"),
    "proxy_socks_host_blank": (SOCKS, "a b"),
    "proxy_socks_host_long_label": (SOCKS, "x" * 64 + ".test"),
    "proxy_socks_host_two_dots": (SOCKS, "a..b"),
    "proxy_socks_host_brackets": (SOCKS, "[::1]"),
    "proxy_http_host_blank": (HTTP, "a b"),
    "proxy_http_host_line": (HTTP, "a\r\nb"),
})
def host_as_sent(r, kind, host):
    """How a proxy is told a name."""
    c, proxy = through(r, kind, SOCKS_FINE if kind == SOCKS else HTTP_FINE)
    connect(r, c, host)
    got = b"".join(proxy.requests())
    r.value("the proxy got", got.partition(b"\r")[0] if kind == HTTP else got.partition(b"\5\1\0")[2].rpartition(b"\5\1\0")[2])


@scenario(rows={
    "proxy_socks_host_address": (SOCKS, SOCKS_FINE),
    "proxy_http_host_address": (HTTP, HTTP_FINE),
})
def connects_to_address(r, kind, script):
    """A connection to a QHostAddress."""
    c, proxy = through(r, kind, script)
    connect(r, c, net.QHostAddress(ADDRESS))


@scenario(rows={
    "proxy_socks_read_only": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"data"], net.Mode.ReadOnly),
    "proxy_http_read_only": (HTTP, [REQUEST, FINE + b"data"], net.Mode.ReadOnly),
    "proxy_socks_write_only": (SOCKS, SOCKS_FINE, net.Mode.WriteOnly),
    "proxy_http_unbuffered": (HTTP, [*HTTP_FINE, GO, b"data"], net.Mode.ReadWrite | net.Mode.Unbuffered),
    "proxy_socks_unbuffered": (SOCKS, [*SOCKS_FINE, GO, b"data"], net.Mode.ReadWrite | net.Mode.Unbuffered),
})
def connects_with_mode(r, kind, script, mode):
    """A connection with an open mode of its own."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7, mode)
    r.until(decided(c))
    proxy.go()
    if mode & net.Mode.ReadOnly:
        r.until(lambda: c.seen("readyRead"))
        c.read(10)


@scenario(rows={
    "proxy_socks_ipv6_proxy": (SOCKS, SOCKS_FINE),
    "proxy_http_ipv6_proxy": (HTTP, HTTP_FINE),
})
def proxy_at_ipv6(r, kind, script):
    """A proxy at an IPv6 address."""
    c, proxy = through(r, kind, script, host="::1")
    connect(r, c)


@scenario(rows={
    "proxy_socks_by_name": (SOCKS, SOCKS_FINE),
    "proxy_http_by_name": (HTTP, HTTP_FINE),
})
def proxy_by_name(r, kind, script):
    """A proxy that is named, and has to be looked up."""
    proxy = r.proxy_process(script)
    c = at(r, kind, "localhost", proxy.port)
    connect(r, c)


@scenario(rows={
    "proxy_socks_looked_up_here": (SOCKS, SOCKS_FINE),
    "proxy_http_looked_up_here": (HTTP, HTTP_FINE),
})
def looked_up_here(r, kind, script):
    """A proxy that is not to look up names."""
    proxy = r.proxy_process(script)
    c = r.socket()
    value = net.QNetworkProxy(kind, "127.0.0.1", proxy.port)
    value.setCapabilities(net.Capability.TunnelingCapability)
    c.setProxy(value)
    connect(r, c, "localhost")
    r.value("connections", proxy.connections())


@scenario(rows={
    "proxy_socks_looked_up_in_vain": SOCKS,
    "proxy_http_looked_up_in_vain": HTTP,
})
def looked_up_in_vain(r, kind):
    """A proxy that is not to look up names, and a name that there is not."""
    proxy = r.proxy_process([])
    c = r.socket()
    value = net.QNetworkProxy(kind, "127.0.0.1", proxy.port)
    value.setCapabilities(net.Capability.TunnelingCapability)
    c.setProxy(value)
    connect(r, c, "no-such-host.invalid")
    r.value("connections", proxy.connections())


@scenario(rows={
    "proxy_socks_twice": (SOCKS, SOCKS_FINE),
    "proxy_http_twice": (HTTP, HTTP_FINE),
})
def connects_twice(r, kind, script):
    """Two connections of one socket, one after the other."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    c.disconnectFromHost()
    r.settle()
    connect(r, c)
    r.value("connections", proxy.connections())
    c.proxy()


@scenario(rows={
    "proxy_socks_then_direct": (SOCKS, SOCKS_FINE),
    "proxy_http_then_direct": (HTTP, HTTP_FINE),
})
def then_direct(r, kind, script):
    """A connection through a proxy, and then one without."""
    listener = r.listener()
    c, proxy = through(r, kind, script)
    connect(r, c)
    c.abort()
    c.setProxy(net.ProxyType.NoProxy)
    connect(r, c, "127.0.0.1", listener.port)


@scenario(rows={
    "proxy_socks_glued": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"first"]),
    "proxy_http_glued": (HTTP, [REQUEST, FINE + b"first"]),
    "proxy_http_glued_much": (HTTP, [REQUEST, FINE + bytes(20000)]),
    "proxy_socks_glued_and_end": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"first", CLOSE]),
    "proxy_http_glued_and_end": (HTTP, [REQUEST, FINE + b"first", CLOSE]),
})
def glued(r, kind, script):
    """Data that comes with the proxy's last answer."""
    c, proxy = through(r, kind, script, bulk=len(script[-1]) > 10000)
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario(rows={
    "proxy_socks_small_buffer": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"0123456789"]),
    "proxy_http_small_buffer": (HTTP, [REQUEST, FINE + b"0123456789"]),
})
def glued_and_limited(r, kind, script):
    """Data that comes with the proxy's last answer, more than the read buffer may hold."""
    c, proxy = through(r, kind, script)
    c.setReadBufferSize(4)
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("readyRead"))
    c.read(4)
    r.settle()
    c.read(4)
    r.settle()
    c.readAll()


@scenario(rows={
    "proxy_socks_peer_ends": (SOCKS, [*SOCKS_FINE, GO, CLOSE]),
    "proxy_http_peer_ends": (HTTP, [*HTTP_FINE, GO, CLOSE]),
    "proxy_socks_peer_resets": (SOCKS, [*SOCKS_FINE, GO, RESET]),
    "proxy_http_peer_resets": (HTTP, [*HTTP_FINE, GO, RESET]),
})
def peer_ends(r, kind, script):
    """The end of a connection through a proxy."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    proxy.go()
    r.until(lambda: c.seen("disconnected"))


@scenario(rows={
    "proxy_socks_early_write": (SOCKS, [*METHOD_NONE, COMMAND, GO, GRANTED]),
    "proxy_http_early_write": (HTTP, [REQUEST, GO, FINE]),
})
def early_write(r, kind, script):
    """What is written while the proxy is asked."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"early ")
    r.until(lambda: proxy.has(1))
    c.write(b"bird")
    r.note("the proxy goes on")
    proxy.go()
    r.until(lambda: c.seen("bytesWritten"))
    r.until(lambda: proxy.requests()[0].endswith(b"early bird"))


@scenario(rows={
    "proxy_socks_early_write_fails": (SOCKS, socks_reply(5)),
    "proxy_http_early_write_fails": (HTTP, http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")),
})
def early_write_fails(r, kind, script):
    """What is written while the proxy is asked, which then refuses."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"early")
    r.until(decided(c))
    c.write(b"late")
    c.close()


# ---- what a SOCKS server answers

@scenario(rows={
    "proxy_socks_reply_1": (NAME, socks_reply(1)),
    "proxy_socks_reply_2": (NAME, socks_reply(2)),
    "proxy_socks_reply_3": (NAME, socks_reply(3)),
    "proxy_socks_reply_4": (NAME, socks_reply(4)),
    "proxy_socks_reply_5": (NAME, socks_reply(5)),
    "proxy_socks_reply_6": (NAME, socks_reply(6)),
    "proxy_socks_reply_7": (NAME, socks_reply(7)),
    "proxy_socks_reply_8": (NAME, socks_reply(8)),
    "proxy_socks_reply_9": (NAME, socks_reply(9)),
    "proxy_socks_reply_255": (NAME, socks_reply(255)),
    "proxy_socks_refusal_with_name": (NAME, [*METHOD_NONE, COMMAND, b"\5\5\0\3\4host\x13\x89"]),
    "proxy_socks_refusal_with_ipv6": (NAME, [*METHOD_NONE, COMMAND, b"\5\5\0\4" + bytes(18)]),
    "proxy_socks_reply_1_to_address": (ADDRESS, socks_reply(1)),
    "proxy_socks_reply_2_to_address": (ADDRESS, socks_reply(2)),
    "proxy_socks_reply_3_to_address": (ADDRESS, socks_reply(3)),
    "proxy_socks_reply_4_to_address": (ADDRESS, socks_reply(4)),
    "proxy_socks_reply_5_to_address": (ADDRESS, socks_reply(5)),
    "proxy_socks_reply_6_to_address": (ADDRESS, socks_reply(6)),
    "proxy_socks_reply_7_to_address": (ADDRESS, socks_reply(7)),
    "proxy_socks_reply_8_to_address": (ADDRESS, socks_reply(8)),
    "proxy_socks_reply_9_to_address": (ADDRESS, socks_reply(9)),
})
def socks_refuses(r, host, script):
    """A SOCKS server that refuses the target."""
    c, proxy = through(r, SOCKS, script)
    connect(r, c, host)
    c.abort()


@scenario(rows={
    "proxy_socks_method_none_acceptable": [HELLO, b"\5\xff"],
    "proxy_socks_method_not_offered": [HELLO, b"\5\2"],
    "proxy_socks_method_unknown": [HELLO, b"\5\3"],
    "proxy_socks_version_of_greeting": [HELLO, b"\4\0"],
    "proxy_socks_version_of_reply": [*METHOD_NONE, COMMAND, b"\4\0\0\1" + bytes(6)],
    "proxy_socks_reserved_byte": [*METHOD_NONE, COMMAND, b"\5\0\1\1" + bytes(6)],
    "proxy_socks_address_type": [*METHOD_NONE, COMMAND, b"\5\0\0\2" + bytes(6)],
    "proxy_socks_is_http": [HELLO, b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "proxy_socks_closes_after_greeting": [HELLO, CLOSE],
    "proxy_socks_closes_in_method": [HELLO, b"\5", CLOSE],
    "proxy_socks_closes_after_method": [*METHOD_NONE, CLOSE],
    "proxy_socks_closes_after_request": [*METHOD_NONE, COMMAND, CLOSE],
    "proxy_socks_closes_in_reply": [*METHOD_NONE, COMMAND, GRANTED[:7], CLOSE],
    "proxy_socks_resets_after_greeting": [HELLO, RESET],
    "proxy_socks_resets_after_request": [*METHOD_NONE, COMMAND, RESET],
    "proxy_socks_resets_in_reply": [*METHOD_NONE, COMMAND, GRANTED[:7], RESET],
})
def socks_fails(r, script):
    """A SOCKS server that does not do what it should."""
    c, proxy = through(r, SOCKS, script)
    connect(r, c)
    c.abort()


@scenario(rows={
    "proxy_socks_pieces": [HELLO, b"\5", b"\0", COMMAND, b"\5", b"\0", b"\0", b"\1", b"\x7f\0", b"\0\2", b"\x13", b"\x89"],
})
def socks_in_pieces(r, script):
    """A SOCKS server whose answers come byte by byte."""
    c, proxy = through(r, SOCKS, script)
    connect(r, c)


# ---- what an HTTP proxy answers

@scenario(rows={
    "proxy_http_200": 200,
    "proxy_http_201": 201,
    "proxy_http_204": 204,
    "proxy_http_299": 299,
    "proxy_http_300": 300,
    "proxy_http_301": 301,
    "proxy_http_302": 302,
    "proxy_http_400": 400,
    "proxy_http_401": 401,
    "proxy_http_402": 402,
    "proxy_http_403": 403,
    "proxy_http_404": 404,
    "proxy_http_405": 405,
    "proxy_http_407": 407,
    "proxy_http_408": 408,
    "proxy_http_429": 429,
    "proxy_http_500": 500,
    "proxy_http_501": 501,
    "proxy_http_502": 502,
    "proxy_http_503": 503,
    "proxy_http_504": 504,
    "proxy_http_505": 505,
    "proxy_http_599": 599,
    "proxy_http_600": 600,
    "proxy_http_999": 999,
})
def http_status(r, status):
    """The status of an HTTP proxy's answer."""
    c, proxy = through(r, HTTP, http_reply(f"HTTP/1.1 {status} So\r\n\r\n".encode()))
    connect(r, c)
    c.abort()


@scenario(rows={
    "proxy_http_100": b"HTTP/1.1 100 Go on\r\n\r\n" + FINE,
    "proxy_http_103": b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + FINE,
    "proxy_http_1_0": b"HTTP/1.0 200 Fine\r\n\r\n",
    "proxy_http_2_0": b"HTTP/2.0 200 Fine\r\n\r\n",
    "proxy_http_no_reason": b"HTTP/1.1 200\r\n\r\n",
    "proxy_http_line_feeds": b"HTTP/1.1 200 Fine\nServer: none\n\n",
    "proxy_http_with_headers": b"HTTP/1.1 200 Fine\r\nServer: none\r\nVia: 1.1 x\r\n\r\n",
    "proxy_http_chunked": b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
    "proxy_http_length_0": b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n",
    "proxy_http_403_with_body": b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nSome",
    "proxy_http_502_with_body": b"HTTP/1.1 503 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nSome",
    "proxy_http_short_status": b"HTTP/1.1 20 Fine\r\n\r\n",
    "proxy_http_no_status": b"HTTP/1.1\r\n\r\n",
    "proxy_http_is_not_http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "proxy_http_is_socks": b"\5\0\r\n\r\n",
    "proxy_http_empty_line_first": b"\r\nHTTP/1.1 200 Fine\r\n\r\n",
    "proxy_http_strange_version": b"HTTP/x.y 200 Fine\r\n\r\n",
    "proxy_http_header_without_colon": b"HTTP/1.1 200 Fine\r\nServer none\r\n\r\n",
    "proxy_http_folded_header": b"HTTP/1.1 200 Fine\r\nServer: none\r\n at all\r\n\r\n",
})
def http_answer(r, answer):
    """Whatever else an HTTP proxy may answer."""
    c, proxy = through(r, HTTP, http_reply(answer))
    connect(r, c)
    c.abort()


@scenario(rows={
    "proxy_http_closes_after_request": [REQUEST, CLOSE],
    "proxy_http_closes_in_status": [REQUEST, b"HTTP/1.1 2", CLOSE],
    "proxy_http_closes_in_headers": [REQUEST, b"HTTP/1.1 200 Fine\r\nServer:", CLOSE],
    "proxy_http_resets_after_request": [REQUEST, RESET],
    "proxy_http_resets_in_headers": [REQUEST, b"HTTP/1.1 200 Fine\r\nServer:", RESET],
    "proxy_http_pieces": [REQUEST, *(bytes([byte]) for byte in FINE)],
    "proxy_http_403_then_end": [REQUEST, b"HTTP/1.1 403 No\r\n\r\n", CLOSE],
    "proxy_http_503_then_end": [REQUEST, b"HTTP/1.1 503 No\r\n\r\nText", CLOSE],
})
def http_script(r, script):
    """An HTTP proxy that says no more than a part, or says it slowly."""
    c, proxy = through(r, HTTP, script)
    connect(r, c)
    c.abort()


# ---- proxies that cannot be reached

@scenario(rows={
    "proxy_socks_refused": SOCKS,
    "proxy_http_refused": HTTP,
})
def proxy_refused(r, kind):
    """Nobody listens where the proxy should be."""
    c = at(r, kind, "127.0.0.1", r.dead_port().port)
    connect(r, c)
    c.write(b"x")
    c.close()


@scenario(rows={
    "proxy_socks_refused_with_address": SOCKS,
    "proxy_http_refused_with_address": HTTP,
})
def proxy_refused_with_address(r, kind):
    """Nobody listens where the proxy should be; the target is an address."""
    c = at(r, kind, "127.0.0.1", r.dead_port().port)
    connect(r, c, ADDRESS)


@scenario(rows={
    "proxy_socks_not_found": (SOCKS, "no-such-proxy.invalid", 1080),
    "proxy_http_not_found": (HTTP, "no-such-proxy.invalid", 1080),
    "proxy_socks_no_host": (SOCKS, "", 1080),
    "proxy_http_no_host": (HTTP, "", 1080),
    "proxy_socks_port_0": (SOCKS, "127.0.0.1", 0),
    "proxy_http_port_0": (HTTP, "127.0.0.1", 0),
    "proxy_socks_broadcast": (SOCKS, "255.255.255.255", 1080),
    "proxy_http_broadcast": (HTTP, "255.255.255.255", 1080),
    "proxy_socks_no_scope": (SOCKS, "fe80::1", 1080),
})
def proxy_not_there(r, kind, host, port):
    """A place where no proxy can be."""
    c = at(r, kind, host, port)
    connect(r, c)


@scenario(rows={
    "proxy_socks_reconnects_in_error": (SOCKS, socks_reply(5), SOCKS_FINE),
    "proxy_http_reconnects_in_error": (HTTP, http_reply(b"HTTP/1.1 403 No\r\n\r\n"), HTTP_FINE),
})
def reconnects_in_error(r, kind, *scripts):
    """A new attempt in the error of the old one."""
    c, proxy = through(r, kind, *scripts)
    c.on("errorOccurred", lambda: c.connectToHost(NAME, 7), once=True)
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("connected"))
    r.value("connections", proxy.connections())


@scenario(rows={
    "proxy_socks_large_transfer": (SOCKS, [*SOCKS_FINE, ECHO]),
    "proxy_http_large_transfer": (HTTP, [*HTTP_FINE, ECHO]),
})
def large_transfer(r, kind, script):
    """A megabyte to and fro."""
    c, proxy = through(r, kind, script, bulk=True)
    connect(r, c)
    c.write(bytes(1 << 20))
    r.until(lambda: c.q.bytesAvailable() == 1 << 20)
    c.readAll()
    c.close()
    r.until(proxy.ended)


@scenario(rows={
    "proxy_socks_options": (SOCKS, SOCKS_FINE),
    "proxy_http_options": (HTTP, HTTP_FINE),
})
def socket_options(r, kind, script):
    """Options of the descriptor of a connection through a proxy."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    for option in net.Option.LowDelayOption, net.Option.KeepAliveOption:
        c.socketOption(option)
        c.setSocketOption(option, 1)
        c.socketOption(option)


@scenario(rows={
    "proxy_socks_without_tunneling": (SOCKS, net.Capability.UdpTunnelingCapability),
    "proxy_http_without_tunneling": (HTTP, net.Capability.HostNameLookupCapability),
    "proxy_socks_without_anything": (SOCKS, net.Capability(0)),
    "proxy_caching": (net.ProxyType.HttpCachingProxy, None),
    "proxy_ftp": (net.ProxyType.FtpCachingProxy, None),
    "proxy_caching_with_tunneling": (net.ProxyType.HttpCachingProxy, net.Capability.TunnelingCapability),
})
def proxy_unable(r, kind, capabilities):
    """A proxy of the socket's own that is not said to connect, or not able to."""
    r.behind_proxies()
    proxy = net.QNetworkProxy(kind, "127.0.0.1", r.dead_port().port)
    if capabilities is not None:
        proxy.setCapabilities(capabilities)
    c = r.socket()
    c.setProxy(proxy)
    c.connectToHost(NAME, 7)
    r.settle()
    c.connectToHost("127.0.0.1", 7)
    r.settle()


@scenario
def proxy_http_raw_headers(r):
    """Headers that the proxy object has are sent."""
    c, proxy = through(r, HTTP, HTTP_FINE)
    value = c.q.proxy()
    for name, text in (b"X-One", b"1"), (b"x-two", b" 2 "), (b"X-One", b"one"), (b"User-Agent", b"me"):
        value.setRawHeader(name, text)
    c.q.setProxy(value)
    connect(r, c)
    lines = sorted(line.lower() for line in proxy.requests()[0].split(b"\r\n"))
    r.value("the request has", tuple(line for line in lines if line.startswith((b"x-", b"user-agent", b"proxy-connection"))))


@scenario(rows={
    "proxy_socks_adopts": SOCKS,
    "proxy_http_adopts": HTTP,
})
def adopts(r, kind):
    """A descriptor that is connected has no use for a proxy."""
    c = at(r, kind, "127.0.0.1", r.dead_port().port)
    listener = r.listener()
    c.setSocketDescriptor(raw.connect(listener.port).socket.detach())
    p = r.keep(listener.accept())
    p.send(b"hello")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    c.proxy()


@scenario(rows={
    "proxy_socks_leaves": (SOCKS, socks_reply(5)),
    "proxy_http_leaves": (HTTP, http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")),
})
def leaves(r, kind, script):
    """What is left of a refused attempt, also when the socket is closed."""
    c, proxy = through(r, kind, script)
    connect(r, c)
    c.isValid()
    c.socketDescriptor()
    c.close()
    c.isValid()
    c.socketDescriptor()
