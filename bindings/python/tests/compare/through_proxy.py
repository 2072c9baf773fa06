"""Sockets that connect through scripted proxies."""

from backend import net

NAME, ADDRESS = "target.test", "192.0.2.1"
SOCKS, HTTP = net.ProxyType.Socks5Proxy, net.ProxyType.HttpProxy


def through(r, kind, *scripts, user="", password="", host="127.0.0.1", **options):
    """A socket, and its proxy: (socket, scripted proxy)."""
    proxy = r.proxy_process(*scripts, host=host)
    c = r.socket(**options)
    c.q.setProxy(net.QNetworkProxy(kind, host, proxy.port, user, password))
    return c, proxy


def at(r, kind, host, port, user="", password=""):
    """A socket with a proxy at a place that there may not be."""
    r.behind_proxies()
    c = r.socket()
    c.q.setProxy(net.QNetworkProxy(kind, host, port, user, password))
    return c


def decided(c):
    return lambda: c.seen("connected") or c.seen("errorOccurred")


def connect(r, c, host=NAME, port=7):
    c.counts.clear()
    c.connectToHost(host, port)
    r.note("the call has returned; now the loop")
    r.until(decided(c))
