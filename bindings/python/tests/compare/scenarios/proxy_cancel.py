"""Attempts through proxies that are ended before they come to anything: from outside in each state, and from each handler."""

from backend import net
from scripted_proxy import (CLOSE, COMMAND, FINE, GO, GRANTED, HELLO, HTTP_FINE, METHOD_NONE, REQUEST, SOCKS_FINE, http_reply,
                            socks_reply)
from through_proxy import ADDRESS, HTTP, NAME, SOCKS, connect, decided, through
from trace import scenario

DENIED = http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

# Proxies that wait before they answer.
SOCKS_SILENT = [HELLO, GO, b"\5\0", COMMAND, GRANTED]
SOCKS_SLOW = [*METHOD_NONE, COMMAND, GO, GRANTED]
SOCKS_HALF = [*METHOD_NONE, COMMAND, GRANTED[:6], GO, GRANTED[6:]]
HTTP_SILENT = [REQUEST, GO, FINE]
HTTP_HALF = [REQUEST, FINE[:15], GO, FINE[15:]]


def act(c, method):
    if method == "connectToHost":
        c.connectToHost("other.test", 7)
    else:
        getattr(c, method)()


# ---- from outside

@scenario(rows={
    "proxy_socks_abort_at_once": (SOCKS, "abort"),
    "proxy_socks_close_at_once": (SOCKS, "close"),
    "proxy_socks_disconnect_at_once": (SOCKS, "disconnectFromHost"),
    "proxy_socks_connect_at_once": (SOCKS, "connectToHost"),
    "proxy_socks_delete_at_once": (SOCKS, "delete"),
    "proxy_socks_delete_later_at_once": (SOCKS, "deleteLater"),
    "proxy_http_abort_at_once": (HTTP, "abort"),
    "proxy_http_close_at_once": (HTTP, "close"),
    "proxy_http_disconnect_at_once": (HTTP, "disconnectFromHost"),
    "proxy_http_connect_at_once": (HTTP, "connectToHost"),
    "proxy_http_delete_at_once": (HTTP, "delete"),
    "proxy_http_delete_later_at_once": (HTTP, "deleteLater"),
})
def ended_at_once(r, kind, method):
    """Right behind connectToHost(), before the proxy has been reached."""
    c, proxy = through(r, kind, SOCKS_FINE if kind == SOCKS else HTTP_FINE)
    c.connectToHost(NAME, 7)
    act(c, method)
    r.settle()
    if method in ("close", "disconnectFromHost"):
        r.until(lambda: c.seen("disconnected"))
    elif method == "connectToHost":
        r.until(lambda: c.seen("connected"))


@scenario(rows={
    "proxy_socks_silent_abort": (SOCKS, SOCKS_SILENT, "abort"),
    "proxy_socks_silent_close": (SOCKS, SOCKS_SILENT, "close"),
    "proxy_socks_silent_disconnect": (SOCKS, SOCKS_SILENT, "disconnectFromHost"),
    "proxy_socks_silent_connect": (SOCKS, SOCKS_SILENT, "connectToHost"),
    "proxy_socks_silent_delete": (SOCKS, SOCKS_SILENT, "delete"),
    "proxy_socks_silent_delete_later": (SOCKS, SOCKS_SILENT, "deleteLater"),
    "proxy_socks_slow_abort": (SOCKS, SOCKS_SLOW, "abort"),
    "proxy_socks_slow_close": (SOCKS, SOCKS_SLOW, "close"),
    "proxy_socks_slow_disconnect": (SOCKS, SOCKS_SLOW, "disconnectFromHost"),
    "proxy_socks_slow_connect": (SOCKS, SOCKS_SLOW, "connectToHost"),
    "proxy_socks_slow_delete": (SOCKS, SOCKS_SLOW, "delete"),
    "proxy_socks_half_abort": (SOCKS, SOCKS_HALF, "abort"),
    "proxy_socks_half_close": (SOCKS, SOCKS_HALF, "close"),
    "proxy_socks_half_disconnect": (SOCKS, SOCKS_HALF, "disconnectFromHost"),
    "proxy_socks_half_delete": (SOCKS, SOCKS_HALF, "delete"),
    "proxy_http_silent_abort": (HTTP, HTTP_SILENT, "abort"),
    "proxy_http_silent_close": (HTTP, HTTP_SILENT, "close"),
    "proxy_http_silent_disconnect": (HTTP, HTTP_SILENT, "disconnectFromHost"),
    "proxy_http_silent_connect": (HTTP, HTTP_SILENT, "connectToHost"),
    "proxy_http_silent_delete": (HTTP, HTTP_SILENT, "delete"),
    "proxy_http_silent_delete_later": (HTTP, HTTP_SILENT, "deleteLater"),
    "proxy_http_half_abort": (HTTP, HTTP_HALF, "abort"),
    "proxy_http_half_close": (HTTP, HTTP_HALF, "close"),
    "proxy_http_half_disconnect": (HTTP, HTTP_HALF, "disconnectFromHost"),
    "proxy_http_half_delete": (HTTP, HTTP_HALF, "delete"),
})
def ended_while_waiting(r, kind, script, method):
    """While the proxy has not answered, or a part; then it goes on, as far as the connection is there."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    act(c, method)
    r.settle()
    proxy.go()
    if method in ("close", "disconnectFromHost"):
        r.until(lambda: c.seen("disconnected"))
    elif method == "connectToHost":
        r.until(lambda: c.seen("connected"))
    if method != "connectToHost":
        r.until(proxy.ended)


@scenario(rows={
    "proxy_socks_close_then_refused": (SOCKS, [*METHOD_NONE, COMMAND, GO, b"\5\5" + GRANTED[2:]], "close"),
    "proxy_socks_disconnect_then_refused": (SOCKS, [*METHOD_NONE, COMMAND, GO, b"\5\5" + GRANTED[2:]], "disconnectFromHost"),
    "proxy_socks_disconnect_then_end": (SOCKS, [*METHOD_NONE, COMMAND, GO, CLOSE], "disconnectFromHost"),
    "proxy_http_close_then_refused": (HTTP, [REQUEST, GO, DENIED[1]], "close"),
    "proxy_http_disconnect_then_refused": (HTTP, [REQUEST, GO, DENIED[1]], "disconnectFromHost"),
    "proxy_http_disconnect_then_end": (HTTP, [REQUEST, GO, CLOSE], "disconnectFromHost"),
})
def closed_then_refused(r, kind, script, method):
    """Closed while the proxy thinks about it, which then refuses."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    act(c, method)
    r.settle()
    proxy.go()
    r.until(decided(c))


@scenario(rows={
    "proxy_socks_close_with_early_write": (SOCKS, SOCKS_SLOW),
    "proxy_http_close_with_early_write": (HTTP, HTTP_SILENT),
})
def close_with_early_write(r, kind, script):
    """close() after an early write: it arrives before the end."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    c.write(b"early")
    r.until(lambda: proxy.has(3))
    c.close()
    proxy.go()
    r.until(proxy.ended)
    r.value("the proxy got it", proxy.requests()[0].endswith(b"early"))


@scenario(rows={
    "proxy_socks_abort_and_again": (SOCKS, SOCKS_SLOW, SOCKS_FINE),
    "proxy_http_abort_and_again": (HTTP, HTTP_SILENT, HTTP_FINE),
})
def abort_and_again(r, kind, *scripts):
    """abort() while the proxy thinks about it, and another attempt at once."""
    c, proxy = through(r, kind, *scripts)
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    c.abort()
    connect(r, c)
    r.value("connections", proxy.connections())


@scenario(rows={
    "proxy_socks_direct_instead": (SOCKS, SOCKS_SLOW),
    "proxy_http_direct_instead": (HTTP, HTTP_SILENT),
})
def direct_instead(r, kind, script):
    """abort() while the proxy thinks about it, and then a connection without it."""
    listener = r.listener()
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    c.abort()
    c.setProxy(net.ProxyType.NoProxy)
    connect(r, c, "127.0.0.1", listener.port)


@scenario(rows={
    "proxy_socks_set_proxy_meanwhile": (SOCKS, SOCKS_SLOW),
    "proxy_http_set_proxy_meanwhile": (HTTP, HTTP_SILENT),
})
def set_proxy_meanwhile(r, kind, script):
    """setProxy() while the proxy thinks about it does not change the attempt."""
    c, proxy = through(r, kind, script)
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    c.setProxy(net.ProxyType.NoProxy)
    proxy.go()
    r.until(decided(c))
    c.proxy()


# ---- from handlers

@scenario(rows={
    "proxy_socks_abort_in_host_found": (SOCKS, SOCKS_FINE, "hostFound", "abort", ADDRESS),
    "proxy_socks_close_in_host_found": (SOCKS, SOCKS_FINE, "hostFound", "close", ADDRESS),
    "proxy_socks_disconnect_in_host_found": (SOCKS, SOCKS_FINE, "hostFound", "disconnectFromHost", ADDRESS),
    "proxy_http_abort_in_host_found": (HTTP, HTTP_FINE, "hostFound", "abort", ADDRESS),
    "proxy_http_close_in_host_found": (HTTP, HTTP_FINE, "hostFound", "close", ADDRESS),
    "proxy_socks_abort_in_connected": (SOCKS, SOCKS_FINE, "connected", "abort", NAME),
    "proxy_socks_close_in_connected": (SOCKS, SOCKS_FINE, "connected", "close", NAME),
    "proxy_socks_disconnect_in_connected": (SOCKS, SOCKS_FINE, "connected", "disconnectFromHost", NAME),
    "proxy_socks_connect_in_connected": (SOCKS, SOCKS_FINE, "connected", "connectToHost", NAME),
    "proxy_socks_delete_later_in_connected": (SOCKS, SOCKS_FINE, "connected", "deleteLater", NAME),
    "proxy_http_abort_in_connected": (HTTP, HTTP_FINE, "connected", "abort", NAME),
    "proxy_http_close_in_connected": (HTTP, HTTP_FINE, "connected", "close", NAME),
    "proxy_http_disconnect_in_connected": (HTTP, HTTP_FINE, "connected", "disconnectFromHost", NAME),
    "proxy_http_connect_in_connected": (HTTP, HTTP_FINE, "connected", "connectToHost", NAME),
    "proxy_http_delete_later_in_connected": (HTTP, HTTP_FINE, "connected", "deleteLater", NAME),
    "proxy_socks_abort_in_error": (SOCKS, socks_reply(5), "errorOccurred", "abort", NAME),
    "proxy_socks_close_in_error": (SOCKS, socks_reply(5), "errorOccurred", "close", NAME),
    "proxy_socks_disconnect_in_error": (SOCKS, socks_reply(5), "errorOccurred", "disconnectFromHost", NAME),
    "proxy_socks_delete_later_in_error": (SOCKS, socks_reply(5), "errorOccurred", "deleteLater", NAME),
    "proxy_http_abort_in_error": (HTTP, DENIED, "errorOccurred", "abort", NAME),
    "proxy_http_close_in_error": (HTTP, DENIED, "errorOccurred", "close", NAME),
    "proxy_http_disconnect_in_error": (HTTP, DENIED, "errorOccurred", "disconnectFromHost", NAME),
    "proxy_http_delete_later_in_error": (HTTP, DENIED, "errorOccurred", "deleteLater", NAME),
    "proxy_socks_abort_in_glued_read": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"data"], "readyRead", "abort", NAME),
    "proxy_http_abort_in_glued_read": (HTTP, [REQUEST, FINE + b"data"], "readyRead", "abort", NAME),
    "proxy_http_close_in_glued_read": (HTTP, [REQUEST, FINE + b"data"], "readyRead", "close", NAME),
})
def ended_in_signal(r, kind, script, signal, method, host):
    """The attempt, or the connection, is ended in a handler."""
    c, proxy = through(r, kind, script)
    c.on(signal, lambda: act(c, method), once=True)
    c.connectToHost(host, 7)
    r.until(lambda: c.seen(signal))
    if method in ("abort", "close") and signal not in ("errorOccurred", "hostFound"):
        r.until(lambda: proxy.connections() == 0 or proxy.ended())
    if method == "disconnectFromHost" and signal == "hostFound":
        r.until(lambda: c.seen("disconnected"))  # it connects first


@scenario(rows={
    "proxy_socks_abort_in_host_lookup": (SOCKS, SOCKS_FINE, net.State.HostLookupState, "abort"),
    "proxy_socks_abort_in_connecting": (SOCKS, SOCKS_FINE, net.State.ConnectingState, "abort"),
    "proxy_socks_abort_in_connected_state": (SOCKS, SOCKS_FINE, net.State.ConnectedState, "abort"),
    "proxy_socks_abort_in_unconnected_state": (SOCKS, socks_reply(5), net.State.UnconnectedState, "abort"),
    "proxy_socks_close_in_host_lookup": (SOCKS, SOCKS_FINE, net.State.HostLookupState, "close"),
    "proxy_socks_close_in_connecting": (SOCKS, SOCKS_FINE, net.State.ConnectingState, "close"),
    "proxy_socks_close_in_connected_state": (SOCKS, SOCKS_FINE, net.State.ConnectedState, "close"),
    "proxy_socks_close_in_unconnected_state": (SOCKS, socks_reply(5), net.State.UnconnectedState, "close"),
    "proxy_http_abort_in_host_lookup": (HTTP, HTTP_FINE, net.State.HostLookupState, "abort"),
    "proxy_http_abort_in_connecting": (HTTP, HTTP_FINE, net.State.ConnectingState, "abort"),
    "proxy_http_abort_in_connected_state": (HTTP, HTTP_FINE, net.State.ConnectedState, "abort"),
    "proxy_http_abort_in_unconnected_state": (HTTP, DENIED, net.State.UnconnectedState, "abort"),
    "proxy_http_close_in_host_lookup": (HTTP, HTTP_FINE, net.State.HostLookupState, "close"),
    "proxy_http_close_in_connecting": (HTTP, HTTP_FINE, net.State.ConnectingState, "close"),
    "proxy_http_close_in_connected_state": (HTTP, HTTP_FINE, net.State.ConnectedState, "close"),
    "proxy_http_close_in_unconnected_state": (HTTP, DENIED, net.State.UnconnectedState, "close"),
})
def ended_in_state(r, kind, script, state, method):
    """The attempt is ended when a state is reached."""
    c, proxy = through(r, kind, script)
    c.on("stateChanged", lambda new: act(c, method) if new == state and c.seen("aboutToClose") == 0 else None)
    c.connectToHost(NAME, 7)
    r.settle()
    if method == "close" or state in (net.State.ConnectedState, net.State.UnconnectedState):
        r.until(lambda: c.seen("disconnected") or c.seen("errorOccurred"))


def deleted_in(r, kind, script, signal, host):
    c, proxy = through(r, kind, script)
    c.on(signal, lambda: c.delete(), once=True)
    c.connectToHost(host, 7)
    r.until(lambda: c.dead)
    r.until(lambda: proxy.connections() == 0 or proxy.ended())


@scenario(rows={
    "proxy_socks_delete_in_connected": (SOCKS, SOCKS_FINE, "connected", NAME),
    "proxy_http_delete_in_connected": (HTTP, HTTP_FINE, "connected", NAME),
    "proxy_socks_delete_in_error": (SOCKS, socks_reply(5), "errorOccurred", NAME),
    "proxy_http_delete_in_error": (HTTP, DENIED, "errorOccurred", NAME),
})
def deleted_in_signal(r, kind, script, signal, host):
    """The socket is deleted in a handler."""
    deleted_in(r, kind, script, signal, host)


@scenario(qt_crashes=True, rows={
    "proxy_socks_delete_in_host_found": (SOCKS, SOCKS_FINE, "hostFound", ADDRESS),
    "proxy_http_delete_in_host_found": (HTTP, HTTP_FINE, "hostFound", ADDRESS),
    "proxy_socks_delete_in_state_changed": (SOCKS, SOCKS_FINE, "stateChanged", NAME),
    "proxy_http_delete_in_state_changed": (HTTP, HTTP_FINE, "stateChanged", NAME),
    "proxy_socks_delete_in_glued_read": (SOCKS, [*METHOD_NONE, COMMAND, GRANTED + b"data"], "readyRead", NAME),
    "proxy_http_delete_in_glued_read": (HTTP, [REQUEST, FINE + b"data"], "readyRead", NAME),
    "proxy_socks_delete_when_asked": (SOCKS, [HELLO, b"\5\xff", CLOSE], "proxyAuthenticationRequired", NAME),
    "proxy_http_delete_when_asked":
        (HTTP, http_reply(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"),
         "proxyAuthenticationRequired", NAME),
})
def deleted_in_deadly_signal(r, kind, script, signal, host):
    """The socket is deleted in a handler that Qt does not survive."""
    deleted_in(r, kind, script, signal, host)
