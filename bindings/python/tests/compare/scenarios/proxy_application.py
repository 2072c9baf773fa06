"""The proxy of the application: one that is set, what a factory answers, what the environment names."""

import os

from backend import net
from scripted_proxy import CLOSE, GO, HELLO, HTTP_FINE, SOCKS_FINE, http_reply, socks_reply
from through_proxy import ADDRESS, HTTP, NAME, SOCKS, connect, decided
from trace import number, scenario

NO, DEFAULT, CACHING = net.ProxyType.NoProxy, net.ProxyType.DefaultProxy, net.ProxyType.HttpCachingProxy
Proxy, Factory, Query = net.QNetworkProxy, net.QNetworkProxyFactory, net.QNetworkProxyQuery
DENIED = http_reply(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")


class Asked(Factory):
    """A factory that answers a list, and records what it is asked."""

    def __init__(self, r, *answer):
        super().__init__()
        self.r, self.answer = r, answer

    def queryProxy(self, query):
        self.r.line(f"asked: {self.r.format(query)}")
        return [Proxy(one) for one in self.answer]


def application(r, proxy):
    """Sets the application's proxy until the scenario ends."""
    r.behind_proxies()
    r.keep(proxy, lambda: Proxy.setApplicationProxy(Proxy(NO)))
    Proxy.setApplicationProxy(proxy)


def factory(r, *answer):
    """Sets a factory until the scenario ends."""
    r.behind_proxies()
    made = Asked(r, *answer)
    r.keep(made, lambda: (setattr(made, "r", r), Proxy.setApplicationProxy(Proxy(NO))))
    Factory.setApplicationProxyFactory(made)
    return made


def show(r, name, proxies):
    r.value(name, tuple(proxies))


def at(kind, port=1080, host="127.0.0.1"):
    return Proxy(kind, host, port)


# ---- the application's proxy

@scenario(fresh=True)
def application_proxy_none(r):
    """Nothing is set, and the environment names nothing."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    r.value("the application's", Proxy.applicationProxy())
    show(r, "for a query", Factory.proxyForQuery(Query(NAME, 7)))
    r.value("the system's", Factory.usesSystemConfiguration())


@scenario(rows={
    "application_proxy_default": DEFAULT,
    "application_proxy_no": NO,
    "application_proxy_socks": SOCKS,
    "application_proxy_http": HTTP,
    "application_proxy_caching": CACHING,
})
def application_proxy(r, kind):
    """A proxy that is set, and what it is for queries."""
    application(r, at(kind))
    r.ports[1080] = "1080"
    r.value("the application's", Proxy.applicationProxy())
    for query in Query(NAME, 7), Query("localhost", 7), Query(7), Query(NAME, 7, "", Query.QueryType.UdpSocket):
        show(r, "for a query", Factory.proxyForQuery(query))


@scenario(rows={
    "application_socks_connects": (SOCKS, SOCKS_FINE),
    "application_http_connects": (HTTP, HTTP_FINE),
})
def application_connects(r, kind, script):
    """A socket without a proxy of its own uses the application's."""
    proxy = r.proxy_process(script)
    application(r, at(kind, proxy.port))
    c = r.socket()
    c.proxy()
    connect(r, c)
    c.proxy()


@scenario(rows={
    "application_socks_refuses": (SOCKS, socks_reply(5)),
    "application_http_refuses": (HTTP, DENIED),
})
def application_refuses(r, kind, script):
    """The application's proxy refuses."""
    proxy = r.proxy_process(script)
    application(r, at(kind, proxy.port))
    connect(r, r.socket())


@scenario(rows={
    "application_caching_tcp": (CACHING, NAME),
    "application_caching_tcp_to_address": (CACHING, ADDRESS),
    "application_ftp_tcp": (net.ProxyType.FtpCachingProxy, NAME),
})
def application_unable(r, kind, host):
    """A proxy that is not for sockets."""
    application(r, at(kind))
    c = r.socket()
    c.connectToHost(host, 7)
    r.settle()
    c.connectToHost("localhost", r.dead_port().port)
    r.until(lambda: c.seen("errorOccurred") > 1)


@scenario
def application_local_host(r):
    """What is local is not asked of the application's proxy."""
    listener = r.listener()
    application(r, at(SOCKS, r.dead_port().port))
    for host in "localhost", "LOCALHOST", "127.0.0.1":
        c = r.socket("c-" + host)
        c.connectToHost(host, listener.port)
        r.until(decided(c))


@scenario
def own_local_host(r):
    """A proxy of the socket's own is asked for what is local, too."""
    proxy = r.proxy_process(SOCKS_FINE)
    c = r.socket()
    c.setProxy(at(SOCKS, proxy.port))
    connect(r, c, "127.0.0.1")


@scenario
def own_instead_of_application(r):
    """A socket's own proxy, or none, comes before the application's."""
    listener, proxy = r.listener(), r.proxy_process(SOCKS_FINE)
    application(r, at(HTTP, r.dead_port().port))
    c = r.socket()
    c.setProxy(at(SOCKS, proxy.port))
    connect(r, c)
    d = r.socket("d")
    d.setProxy(NO)
    d.connectToHost("127.0.0.1", listener.port)
    r.until(decided(d))


@scenario
def application_changed_meanwhile(r):
    """Another proxy of the application does not change an attempt."""
    proxy = r.proxy_process([HELLO, GO, b"\5\0", *SOCKS_FINE[2:]])
    application(r, at(SOCKS, proxy.port))
    c = r.socket()
    c.connectToHost(NAME, 7)
    r.until(lambda: proxy.has(3))
    application(r, at(HTTP, r.dead_port().port))
    proxy.go()
    r.until(decided(c))


# ---- factories

@scenario
def factory_and_proxy(r):
    """Which of a factory, a proxy and the system's configuration holds: the last that was set."""
    made = factory(r, at(SOCKS))
    r.ports[1080] = "1080"
    r.value("the application's", Proxy.applicationProxy())
    application(r, at(HTTP))
    r.value("the application's", Proxy.applicationProxy())
    Factory.setApplicationProxyFactory(None)
    r.value("without a factory", Proxy.applicationProxy())
    Factory.setUseSystemConfiguration(False)
    r.value("without the system's", Proxy.applicationProxy())
    Factory.setUseSystemConfiguration(True)
    r.value("uses the system's", Factory.usesSystemConfiguration())
    application(r, at(HTTP))
    r.value("uses the system's", Factory.usesSystemConfiguration())
    r.value("the answer", made.answer)


@scenario(rows={
    "factory_answers_nothing": (),
    "factory_answers_default": (DEFAULT,),
    "factory_answers_no": (NO,),
    "factory_answers_two": (SOCKS, HTTP),
    "factory_answers_caching_first": (CACHING, HTTP),
})
def factory_answers(r, *kinds):
    """What queries make of the factory's answer."""
    factory(r, *map(at, kinds))
    r.ports[1080] = "1080"
    for query in (Query(NAME, 7), Query("localhost", 7), Query("LocalHost.LocalDomain", 7), Query("127.1.2.3", 7), Query("::1", 7),
                  Query("::ffff:127.0.0.1", 7), Query("a.localhost", 7), Query("0.0.0.0", 7), Query("::", 7), Query(7)):
        r.value(f"for {query.peerHostName()!r}", tuple(Factory.proxyForQuery(query)))
    r.value("the application's", Proxy.applicationProxy())


@scenario(rows={
    "factory_asked_for_name": (NAME, ""),
    "factory_asked_for_address": (ADDRESS, ""),
    "factory_asked_for_ipv6": ("2001:db8::1", ""),
    "factory_asked_for_capitals": ("TARGET.Test", ""),
    "factory_asked_for_umlaut": ("\u00c4.test", ""),
    "factory_asked_with_tag": (NAME, "Tag"),
})
def factory_asked(r, host, tag):
    """What a factory is asked by connectToHost()."""
    proxy = r.proxy_process(SOCKS_FINE)
    factory(r, at(SOCKS, proxy.port))
    c = r.socket()
    c.q.setProtocolTag(tag)
    connect(r, c, host)


@scenario
def factory_asked_each_time(r):
    """A factory is asked for each attempt."""
    proxy = r.proxy_process(HTTP_FINE)
    factory(r, at(HTTP, proxy.port))
    c = r.socket()
    connect(r, c)
    c.abort()
    connect(r, c, "other.test")


@scenario
def factory_asked_for_bound(r):
    """What a factory is asked by a socket that is bound."""
    proxy = r.proxy_process(HTTP_FINE)
    factory(r, at(HTTP, proxy.port))
    c = r.socket()
    c.bind(net.QHostAddress("127.0.0.1"), 0)
    connect(r, c)


@scenario(rows={
    "factory_first_refuses": ([SOCKS, HTTP], socks_reply(5)),
    "factory_first_ends": ([SOCKS, HTTP], [HELLO, CLOSE]),
    "factory_first_denies": ([HTTP, SOCKS], DENIED),
})
def factory_first_refuses(r, kinds, script):
    """No other proxy is tried if the first of the list fails."""
    first, second = r.proxy_process(script), r.proxy_process(SOCKS_FINE, name="SECOND")
    factory(r, at(kinds[0], first.port), at(kinds[1], second.port))
    connect(r, r.socket())
    r.value("connections", (first.connections(), second.connections()))


@scenario(rows={
    "factory_unable_first": (CACHING,),
    "factory_unable_first_two": (CACHING, net.ProxyType.FtpCachingProxy),
})
def factory_unable_first(r, *unable):
    """The first of the list that can connect is taken."""
    proxy = r.proxy_process(HTTP_FINE)
    factory(r, *map(at, unable), at(HTTP, proxy.port))
    connect(r, r.socket())


@scenario(rows={
    "factory_unable_all": (CACHING,),
    "factory_default_first": (DEFAULT, SOCKS),
    "factory_without_tunneling": ("without",),
})
def factory_unable(r, *kinds):
    """None of the list can connect."""
    def without():
        proxy = at(SOCKS)
        proxy.setCapabilities(net.Capability.HostNameLookupCapability)
        return proxy
    factory(r, *(without() if kind == "without" else at(kind) for kind in kinds))
    c = r.socket()
    c.connectToHost(NAME, 7)
    r.settle()


@scenario
def factory_answers_no_first(r):
    """NoProxy is the first of the list."""
    listener = r.listener()
    factory(r, Proxy(NO), at(HTTP))
    c = r.socket()
    connect(r, c, "0.0.0.0", listener.port)


@scenario
def factory_empty_list_connects(r):
    """An empty list is a direct connection, with a warning."""
    listener = r.listener()
    factory(r)
    connect(r, r.socket(), "0.0.0.0", listener.port)


@scenario
def factory_unable_then_none(r):
    """What cannot do it, and then NoProxy."""
    listener = r.listener()
    factory(r, at(CACHING), Proxy(NO))
    connect(r, r.socket(), "0.0.0.0", listener.port)


@scenario
def factory_not_asked(r):
    """What does not ask a factory: proxies of sockets' own, what is local, descriptors."""
    listener, proxy = r.listener(), r.proxy_process(SOCKS_FINE)
    factory(r, at(HTTP))
    c = r.socket()
    c.setProxy(at(SOCKS, proxy.port))
    connect(r, c)
    d = r.socket("d")
    d.connectToHost("localhost", listener.port)
    r.until(decided(d))


@scenario
def factory_asked_by_servers(r):
    """What a factory is asked by listen(), and by what address it is not."""
    factory(r, at(HTTP))
    for address in net.Special.Any, net.Special.LocalHost, net.Special.AnyIPv6:
        s = r.server(f"s{number(address)}", listen=False)
        s.listen(net.QHostAddress(address), 0)


@scenario(rows={
    "factory_aborts": "abort",
    "factory_closes": "close",
    "factory_sets_proxy": "setProxy",
})
def factory_acts(r, method):
    """What a factory does to the socket that asks it."""
    proxy = r.proxy_process(HTTP_FINE)
    made = factory(r, at(HTTP, proxy.port))
    c = r.socket()

    def ask(query):
        r.line("asked")
        r.depth += 1
        with r.silence():
            getattr(c, method)(*([Proxy(NO)] if method == "setProxy" else []))
        r.depth -= 1
        return [at(HTTP, proxy.port)]
    made.queryProxy = ask
    connect(r, c)
    c.proxy()


@scenario
def factory_asks_application(r):
    """A factory asks the application for its proxy, which is to ask it."""
    proxy = r.proxy_process(HTTP_FINE)
    made = factory(r, at(HTTP, proxy.port))
    answers = [made.answer]

    def ask(query):
        r.line(f"asked: {r.format(query)}")
        if answers:
            answers.pop()
            r.value("the application's", Proxy.applicationProxy())
        return list(made.answer)
    made.queryProxy = ask
    connect(r, r.socket())


# ---- the environment

VARIABLES = "http_proxy https_proxy ftp_proxy all_proxy no_proxy".split()


def environment(r, **variables):
    """The environment names proxies until the scenario ends."""
    before = {name: os.environ.get(name) for name in (*VARIABLES, *map(str.upper, VARIABLES), "REQUEST_METHOD")}

    def restore():
        Factory.setUseSystemConfiguration(False)
        Proxy.setApplicationProxy(Proxy(NO))
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    r.keep(None, restore)
    restore()
    for name in before:
        os.environ.pop(name, None)
    os.environ.update(variables)
    r.behind_proxies()


TAGS = "", "http", "https", "ftp", "HTTP", "other"


@scenario(rows={
    "environment_empty": {},
    "environment_http": {"http_proxy": "http://proxy.test:3128"},
    "environment_https": {"https_proxy": "http://proxy.test:3128"},
    "environment_ftp": {"ftp_proxy": "http://proxy.test:3128"},
    "environment_all_socks": {"all_proxy": "socks5://proxy.test:3128"},
    "environment_two": {"http_proxy": "http://one.test:1", "https_proxy": "http://two.test:2"},
    "environment_http_and_all": {"http_proxy": "http://one.test:1", "all_proxy": "socks5://two.test:2"},
    "environment_user": {"http_proxy": "http://us%65r:p%40ss@proxy.test:3128"},
    "environment_user_alone": {"http_proxy": "http://user@proxy.test:3128"},
    "environment_address": {"http_proxy": "http://192.0.2.7:3128"},
    "environment_ipv6": {"http_proxy": "http://[2001:db8::7]:3128"},
    "environment_slash": {"http_proxy": "http://proxy.test:3128/"},
    "environment_http_socks": {"http_proxy": "socks5://proxy.test:3128"},
    "environment_capitals": {"HTTP_PROXY": "http://proxy.test:3128"},
    "environment_without_scheme": {"http_proxy": "proxy.test:3128"},
    "environment_without_port": {"http_proxy": "http://proxy.test"},
    "environment_https_scheme": {"http_proxy": "https://proxy.test:3128"},
    "environment_socks4": {"all_proxy": "socks4://proxy.test:3128"},
    "environment_socks": {"all_proxy": "socks://proxy.test:3128"},
    "environment_socks5h": {"all_proxy": "socks5h://proxy.test:3128"},
    "environment_nonsense": {"http_proxy": "http://"},
})
def environment_names(r, variables):
    """What systemProxyForQuery() finds for each tag, for servers and for datagrams."""
    environment(r, **variables)
    r.ports.update({1: "1", 2: "2", 80: "80", 1080: "1080", 3128: "3128", 65535: "65535"})
    for tag in TAGS:
        show(r, f"tag {tag!r}", Factory.systemProxyForQuery(Query(NAME, 7, tag)))
    show(r, "a server", Factory.systemProxyForQuery(Query(7)))
    show(r, "datagrams", Factory.systemProxyForQuery(Query(NAME, 7, "", Query.QueryType.UdpSocket)))
    show(r, "nothing", Factory.systemProxyForQuery(Query()))


HOSTS = ("corp.test", "a.corp.test", "notcorp.test", "CORP.test", "corp.test.", "192.0.2.1", "192.0.2.2", "10.1.2.3", "2001:db8::1",
         "other.test")


@scenario(rows={
    "environment_except_suffix": "corp.test",
    "environment_except_two": "corp.test,other.test",
    "environment_except_address": "192.0.2.1",
    "environment_except_ipv6": "2001:db8::1",
    "environment_except_nothing": "",
    "environment_except_dot": ".corp.test",
    "environment_except_star_dot": "*.corp.test",
    "environment_except_all": "*",
    "environment_except_network": "10.0.0.0/8",
    "environment_except_port": "corp.test:7",
    "environment_except_capitals": "Corp.Test",
    "environment_except_spaces": "other.test, corp.test",
})
def environment_except(r, exceptions):
    """Which hosts no_proxy excepts."""
    environment(r, http_proxy="http://proxy.test:3128", no_proxy=exceptions)
    for host in HOSTS:
        found = Factory.systemProxyForQuery(Query(host, 7))
        r.value(host, number(found[0].type()) == number(HTTP))


@scenario
def environment_local_host(r):
    """What is local through the environment's proxies."""
    environment(r, http_proxy="http://proxy.test:3128")
    r.ports[3128] = "3128"
    for host in "localhost", "127.0.0.1", "::1":
        show(r, host, Factory.systemProxyForQuery(Query(host, 7)))
    Factory.setUseSystemConfiguration(True)
    for host in "localhost", "127.0.0.1", "::1", NAME:
        show(r, host, Factory.proxyForQuery(Query(host, 7)))


@scenario
def environment_connects(r):
    """A socket uses what the environment names, if the application wants that."""
    proxy = r.proxy_process(HTTP_FINE)
    environment(r, http_proxy=f"http://127.0.0.1:{proxy.port}")
    r.value("uses it", Factory.usesSystemConfiguration())
    r.value("the application's", Proxy.applicationProxy())
    Factory.setUseSystemConfiguration(True)
    r.value("uses it", Factory.usesSystemConfiguration())
    r.value("the application's", Proxy.applicationProxy())
    connect(r, r.socket())


@scenario
def environment_changes(r):
    """The environment is looked at each time."""
    first, second = r.proxy_process(HTTP_FINE), r.proxy_process(SOCKS_FINE, name="SECOND")
    environment(r, http_proxy=f"http://127.0.0.1:{first.port}")
    Factory.setUseSystemConfiguration(True)
    connect(r, r.socket())
    os.environ["http_proxy"] = f"socks5://127.0.0.1:{second.port}"
    connect(r, r.socket("d"))
    r.value("connections", (first.connections(), second.connections()))


@scenario
def environment_excepts_connection(r):
    """A connection to a host that no_proxy excepts."""
    listener = r.listener()
    environment(r, http_proxy="http://proxy.test:3128", no_proxy="0.0.0.0")
    Factory.setUseSystemConfiguration(True)
    connect(r, r.socket(), "0.0.0.0", listener.port)
