"""Proxies, queries and authenticators as values, without any connection."""

import copy

from backend import net
from trace import number, scenario

KINDS = "DefaultProxy NoProxy Socks5Proxy HttpProxy HttpCachingProxy FtpCachingProxy".split()
BITS = "TunnelingCapability ListeningCapability UdpTunnelingCapability CachingCapability HostNameLookupCapability".split()


def show(r, name, proxy):
    r.value(name, (number(proxy.type()), proxy.hostName(), proxy.port(), proxy.user(), proxy.password(),
                   number(proxy.capabilities())))


def everything(kind="Socks5Proxy"):
    return net.QNetworkProxy(getattr(net.ProxyType, kind), "Host.Test", 1080, "user", "password")


@scenario
def proxy_fresh(r):
    """A new QNetworkProxy."""
    show(r, "fresh", net.QNetworkProxy())
    show(r, "from everything", everything())
    show(r, "from a type", net.QNetworkProxy(net.ProxyType.HttpProxy))
    show(r, "from a type and a host", net.QNetworkProxy(net.ProxyType.HttpProxy, "host"))


@scenario
def proxy_types(r):
    """What each type can do."""
    for kind in KINDS:
        proxy = net.QNetworkProxy(getattr(net.ProxyType, kind))
        r.value(kind, (number(proxy.capabilities()), proxy.isCachingProxy(), proxy.isTransparentProxy()))


@scenario
def proxy_set_type(r):
    """setType() changes the capabilities unless they were set."""
    proxy = net.QNetworkProxy()
    for kind in KINDS:
        proxy.setType(getattr(net.ProxyType, kind))
        show(r, kind, proxy)
    proxy.setCapabilities(proxy.capabilities())
    for kind in KINDS:
        proxy.setType(getattr(net.ProxyType, kind))
        show(r, kind + " with capabilities set", proxy)


@scenario
def proxy_capabilities(r):
    """Capabilities one by one."""
    for bit in BITS:
        proxy = net.QNetworkProxy(net.ProxyType.Socks5Proxy)
        proxy.setCapabilities(getattr(net.Capability, bit))
        r.value(bit, (number(proxy.capabilities()), proxy.isCachingProxy(), proxy.isTransparentProxy()))
    proxy.setCapabilities(net.Capability(0))
    r.value("none", (number(proxy.capabilities()), proxy.isCachingProxy(), proxy.isTransparentProxy()))


@scenario
def proxy_setters(r):
    """The setters, and what they leave alone."""
    proxy = net.QNetworkProxy()
    for setter, value in (("setHostName", "Proxy.Test"), ("setPort", 65535), ("setUser", "us\u00e9r"), ("setPassword", "p:w\u00f6rd"),
                          ("setHostName", ""), ("setPort", 0), ("setUser", ""), ("setPassword", "")):
        getattr(proxy, setter)(value)
        show(r, setter, proxy)


@scenario
def proxy_equal(r):
    """What counts for a comparison."""
    for setter, value in (("setType", net.ProxyType.HttpProxy), ("setHostName", "host.test"), ("setHostName", "Host.Test"),
                          ("setPort", 1), ("setUser", "USER"), ("setPassword", ""),
                          ("setCapabilities", net.Capability.TunnelingCapability)):
        other = everything()
        getattr(other, setter)(value)
        r.value(f"{setter}({r.format(value)})", (other == everything(), other != everything()))
    r.value("default and none", net.QNetworkProxy() == net.QNetworkProxy(net.ProxyType.NoProxy))
    other = everything()
    other.setCapabilities(other.capabilities())
    r.value("the same capabilities, set", other == everything())
    other.setRawHeader(b"X", b"y")
    r.value("another header", other == everything())


@scenario
def proxy_copies(r):
    """A copy has a life of its own, its headers too."""
    first = everything("HttpProxy")
    first.setRawHeader(b"X", b"1")
    for how, second in (("a copy", copy.copy(first)), ("made of it", net.QNetworkProxy(first))):
        second.setHostName("other")
        second.setRawHeader(b"X", b"2")
        show(r, how, second)
        show(r, "the first", first)
        r.value("headers", (first.rawHeader(b"X"), second.rawHeader(b"X")))
    other = net.QNetworkProxy()
    first.swap(other)
    show(r, "swapped", first)
    show(r, "with", other)


@scenario
def proxy_headers(r):
    """Raw headers: found in any case, the last value wins."""
    proxy = net.QNetworkProxy(net.ProxyType.HttpProxy)
    r.value("none", (proxy.hasRawHeader(b"X"), proxy.rawHeader(b"X")))
    for name, value in (b"X-One", b"1"), (b"x-one", b"2"), (b"Empty", b""), (b"X-Two", b" spaces "), (b"Host", b"h"):
        proxy.setRawHeader(name, value)
        r.value(name, (proxy.hasRawHeader(name.upper()), proxy.rawHeader(name.lower())))
    r.value("no name", proxy.hasRawHeader(b""))
    proxy.setRawHeader(b"", b"x")
    r.value("no name", proxy.hasRawHeader(b""))


@scenario
def proxy_headers_illegal(r):
    """A value that would break a request is ignored, with a warning."""
    proxy = net.QNetworkProxy(net.ProxyType.HttpProxy)
    proxy.setRawHeader(b"X", b"before")
    proxy.setRawHeader(b"X", b"a\r\nY: b")
    r.value("X", (proxy.hasRawHeader(b"X"), proxy.rawHeader(b"X"), proxy.hasRawHeader(b"Y")))


@scenario
def proxy_socket_accessors(r):
    """proxy() and setProxy() of sockets and servers."""
    c, s, u = r.socket(), r.server(listen=False), r.socket("u", net.QUdpSocket)
    for thing in c, s, u:
        thing.proxy()
        thing.setProxy(everything())
        thing.proxy()
        thing.setProxy(net.QNetworkProxy(net.ProxyType.NoProxy))
        thing.proxy()
        thing.setProxy(net.QNetworkProxy())
        thing.proxy()


@scenario
def proxy_of_socket_is_a_copy(r):
    """What proxy() returns is a copy."""
    c = r.socket()
    c.setProxy(everything())
    proxy = c.proxy()
    proxy.setHostName("other")
    c.proxy()


@scenario
def proxy_protocol_tag(r):
    """The protocol tag of a socket."""
    c = r.socket()
    c.protocolTag()
    for tag in "http", "HTTP", "x-\u00e4", "":
        c.setProtocolTag(tag)
        c.protocolTag()


@scenario
def proxy_is_not_inherited(r):
    """A server's proxy is not that of the sockets that it accepts."""
    s = r.server()
    s.setProxy(everything())
    s, a, p = r.accepted(s)
    a.proxy()


# ---- queries

@scenario
def query_fresh(r):
    """New queries, of each kind."""
    for query in (net.QNetworkProxyQuery(), net.QNetworkProxyQuery("Host.Test", 7), net.QNetworkProxyQuery("h", 7, "HTTP"),
                  net.QNetworkProxyQuery("h", 7, "x", net.QNetworkProxyQuery.QueryType.UdpSocket), net.QNetworkProxyQuery(7),
                  net.QNetworkProxyQuery(7, "tag"), net.QNetworkProxyQuery(7, "tag", net.QNetworkProxyQuery.QueryType.UdpSocket)):
        r.value("query", query)


@scenario
def query_setters(r):
    """The setters of a query."""
    query = net.QNetworkProxyQuery()
    for setter, value in (("setPeerHostName", "Host.Test"), ("setPeerPort", 7), ("setLocalPort", 7), ("setProtocolTag", "Tag"),
                          ("setQueryType", net.QNetworkProxyQuery.QueryType.TcpServer), ("setPeerHostName", ""),
                          ("setPeerPort", -1), ("setLocalPort", -1), ("setProtocolTag", "")):
        r.ports[7] = "7"
        getattr(query, setter)(value)
        r.value(setter, query)


@scenario
def query_ports(r):
    """Ports that are none."""
    query = net.QNetworkProxyQuery()
    for port in 0, 1, 65535, 65536, 99999, -1, -2:
        query.setPeerPort(port)
        query.setLocalPort(port)
        r.value(f"ports of {port}", (str(query.peerPort()), str(query.localPort())))


@scenario
def query_hosts(r):
    """Host names as a query shows them."""
    for host in "HOST.Test", "host.test.", "::1", "[::1]", "FE80::1%lo", "192.0.2.1", "\u00c4.test", "", "a b":
        query = net.QNetworkProxyQuery(host, 7)
        r.value(f"host {host!a}", query.peerHostName())


@scenario
def query_equal(r):
    """What counts for a comparison of queries."""
    first = net.QNetworkProxyQuery("host.test", 7, "tag")
    for setter, value in (("setPeerHostName", "HOST.test"), ("setPeerHostName", "other"), ("setPeerPort", 8),
                          ("setLocalPort", 7), ("setProtocolTag", "TAG"), ("setProtocolTag", "other"),
                          ("setQueryType", net.QNetworkProxyQuery.QueryType.UdpSocket)):
        other = net.QNetworkProxyQuery(first)
        r.value("a copy is equal", other == first)
        getattr(other, setter)(value)
        r.value(f"{setter}({r.format(value)})", (other == first, other != first))


@scenario
def query_swap(r):
    """swap() of queries."""
    a, b = net.QNetworkProxyQuery("a", 7), net.QNetworkProxyQuery(7)
    r.ports[7] = "7"
    a.swap(b)
    r.value("a", a)
    r.value("b", b)


# ---- authenticators

@scenario
def authenticator_fresh(r):
    """A new QAuthenticator, and what the setters make of it."""
    one = net.QAuthenticator()
    r.value("fresh", (one, one.isNull()))
    for setter, value in (("setUser", "DOMAIN\\user"), ("setPassword", "p\u00e4ss"), ("setUser", ""), ("setPassword", "")):
        getattr(one, setter)(value)
        r.value(setter, (one, one.isNull()))


@scenario
def authenticator_null(r):
    """Which setter makes an authenticator that is not null."""
    for setter, arguments in ("setUser", [""]), ("setPassword", [""]), ("setOption", ["realm", "x"]):
        one = net.QAuthenticator()
        getattr(one, setter)(*arguments)
        r.value(setter, one.isNull())


@scenario
def authenticator_options(r):
    """Options of an authenticator."""
    one = net.QAuthenticator()
    r.value("none", one.option("x") or None)
    one.setOption("x", "1")
    one.setOption("X", "2")
    r.value("options", (one.option("x"), one.option("X"), one.option("y") or None))
    one.setOption("x", "")
    r.value("empty", one.option("x"))
    one.setOption("realm", "r")
    r.value("realm", (one.realm(), one.option("realm")))


@scenario
def authenticator_equal(r):
    """What counts for a comparison of authenticators."""
    def made(user="u", password="p", option=""):
        one = net.QAuthenticator()
        one.setUser(user)
        one.setPassword(password)
        if option:
            one.setOption("x", option)
        return one
    for name, other in (("the same", made()), ("another user", made("v")), ("another password", made("u", "q")),
                        ("another option", made("u", "p", "o")), ("a new one", net.QAuthenticator()),
                        ("a copy", net.QAuthenticator(made()))):
        r.value(name, (other == made(), other != made()))
    r.value("two new ones", net.QAuthenticator() == net.QAuthenticator())
    one = net.QAuthenticator()
    one.setUser("")
    r.value("a new one, and one with no user", one == net.QAuthenticator())


@scenario
def authenticator_copies(r):
    """A copy has a life of its own."""
    one = net.QAuthenticator()
    one.setUser("u")
    other = net.QAuthenticator(one)
    other.setUser("v")
    r.value("users", (one.user(), other.user()))
