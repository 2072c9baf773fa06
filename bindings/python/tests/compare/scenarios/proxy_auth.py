"""Users and passwords for proxies: of the proxy's own, and asked for with proxyAuthenticationRequired."""

import re

from backend import net
from scripted_proxy import CLOSE, COMMAND, FINE, GRANTED, HELLO, If, LOGIN, REQUEST, RESET
from through_proxy import HTTP, NAME, SOCKS, connect, decided, through
from trace import scenario

RIGHT, WRONG = ("user", "right"), ("user", "wrong")

# SOCKS 5 servers
NOT_WITHOUT = [HELLO, b"\5\xff", CLOSE]                     # to who has no user
KNOWN = [HELLO, b"\5\2", LOGIN, b"\1\0", COMMAND, GRANTED]
STRANGER = [HELLO, b"\5\2", LOGIN, b"\1\1", CLOSE]

# HTTP proxies
BASIC = b'Proxy-Authenticate: Basic realm="here"\r\n'
DIGEST = b'Proxy-Authenticate: Digest realm="here", nonce="n0", qop="auth", algorithm=MD5\r\n'


def refuses(challenge, rest=b"Content-Length: 0\r\n\r\n", version=b"1.1"):
    return b"HTTP/" + version + b" 407 Who are you?\r\n" + challenge + rest


def answering(r, c, answers):
    """Has a slot answer questions of proxies, with the next of answers each time: a user and a password, None for nothing;
    what else it is called is what the slot does to the socket. Behind the last it answers nothing."""
    answers = list(answers)

    def answer(proxy, authenticator):
        this = answers.pop(0) if answers else None
        if isinstance(this, tuple):
            authenticator.setUser(this[0])
            authenticator.setPassword(this[1])
        elif this is not None:
            getattr(c, this)(*([NAME, 7] if this == "connectToHost" else []))
    c.on("proxyAuthenticationRequired", answer)


def credentials(requests):
    """What each request has for the proxy, without what is made by chance."""
    found = []
    for request in b"".join(requests).split(b"\r\n\r\n")[:-1]:
        header = re.search(rb"\r\nProxy-Authorization: *(\S+) ([^\r]*)", request, re.I)
        if not header:
            found.append("nothing")
        elif header[1] == b"Basic":
            found.append(header[0].partition(b": ")[2].strip().decode())
        else:
            fields = dict(re.findall(r'(\w+)="?([^",]*)', header[2].decode()))
            found.append(f"{header[1].decode()} for " + " ".join(
                f"{key}={fields.get(key)}" for key in ("username", "realm", "nonce", "uri", "qop", "nc")))
    return tuple(found)


# ---- SOCKS

@scenario(rows={
    "proxy_socks_user_known": (RIGHT, [], KNOWN),
    "proxy_socks_user_not_needed": (RIGHT, [], [HELLO, b"\5\0", COMMAND, GRANTED]),
    "proxy_socks_user_without_password": (("user", ""), [], KNOWN),
    "proxy_socks_password_without_user": (("", "right"), [], KNOWN),
    "proxy_socks_user_unknown": (WRONG, [], STRANGER),
    "proxy_socks_user_unknown_without_end": (WRONG, [], [HELLO, b"\5\2", LOGIN, b"\1\1"]),
    "proxy_socks_user_refused_otherwise": (WRONG, [], [HELLO, b"\5\2", LOGIN, b"\1\xff", CLOSE]),
    "proxy_socks_user_and_version": (RIGHT, [], [HELLO, b"\5\2", LOGIN, b"\2\0", CLOSE]),
    "proxy_socks_user_and_end": (RIGHT, [], [HELLO, b"\5\2", LOGIN, CLOSE]),
    "proxy_socks_user_and_reset": (RIGHT, [], [HELLO, b"\5\2", LOGIN, RESET]),
    "proxy_socks_user_and_end_before": (RIGHT, [], [HELLO, b"\5\2", CLOSE]),
    "proxy_socks_user_and_pieces": (RIGHT, [], [HELLO, b"\5", b"\2", LOGIN, b"\1", b"\0", COMMAND, GRANTED]),
    "proxy_socks_user_and_refusal": (RIGHT, [], [HELLO, b"\5\2", LOGIN, b"\1\0", COMMAND, b"\5\5" + GRANTED[2:]]),
    "proxy_socks_user_and_none_acceptable": (RIGHT, [], NOT_WITHOUT),
    "proxy_socks_asked_for_nothing": (("", ""), [], NOT_WITHOUT),
    "proxy_socks_asked_for_empty": (("", ""), [("", "")], NOT_WITHOUT),
    "proxy_socks_asked_for_user": (("", ""), [RIGHT], NOT_WITHOUT, KNOWN),
    "proxy_socks_asked_for_user_alone": (("", ""), [("user", "")], NOT_WITHOUT, KNOWN),
    "proxy_socks_asked_after_wrong": (WRONG, [RIGHT], STRANGER, KNOWN),
    "proxy_socks_asked_twice": (("", ""), [WRONG, RIGHT], NOT_WITHOUT, STRANGER, KNOWN),
    "proxy_socks_asked_three_times": (WRONG, [("a", "b"), ("c", "d"), RIGHT], STRANGER, STRANGER, STRANGER, KNOWN),
    "proxy_socks_asked_then_nothing": (("", ""), [WRONG, None], NOT_WITHOUT, STRANGER),
    "proxy_socks_asked_then_same": (("", ""), [WRONG, WRONG, None], NOT_WITHOUT, STRANGER),
    "proxy_socks_asked_with_same": (WRONG, [WRONG, None], STRANGER),
    "proxy_socks_asked_and_refused": (("", ""), [RIGHT], NOT_WITHOUT, [*KNOWN[:-1], b"\5\2" + GRANTED[2:]]),
    "proxy_socks_asked_and_end": (("", ""), [RIGHT], NOT_WITHOUT, [CLOSE]),
})
def socks_user(r, own, answers, *scripts):
    """A SOCKS server that wants to know who it is. own: the proxy's; answers: what a slot answers."""
    c, proxy = through(r, SOCKS, *scripts, user=own[0], password=own[1])
    answering(r, c, answers)
    connect(r, c)
    r.value("connections", proxy.connections())
    c.proxy()


@scenario(rows={
    "proxy_socks_close_when_asked": "close",
    "proxy_socks_disconnect_when_asked": "disconnectFromHost",
    "proxy_socks_connect_when_asked": "connectToHost",
    "proxy_socks_delete_later_when_asked": "deleteLater",
})
def socks_asked_and_ended(r, act):
    """The attempt is ended while a SOCKS server's question is asked."""
    c, proxy = through(r, SOCKS, NOT_WITHOUT)
    answering(r, c, [act])
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("proxyAuthenticationRequired"))


@scenario(rows={
    "proxy_socks_user_in_latin_1": ("us\u00e9r", "p\u00e4ss"),
    "proxy_socks_user_in_greek": ("\u03b1", "\u03b2"),
    "proxy_socks_user_longest": ("u" * 255, "p" * 255),
})
def socks_user_as_sent(r, user, password):
    """A user and a password as a SOCKS server gets them."""
    c, proxy = through(r, SOCKS, KNOWN, user=user, password=password)
    connect(r, c)
    got = b"".join(proxy.requests())
    hello = 2 + got[1] if got else 0
    r.value("the login", got[hello:].partition(b"\5\1\0")[0])


@scenario(rows={
    "proxy_socks_user_too_long": ("u" * 256, "p"),
    "proxy_socks_password_too_long": ("u", "p" * 300),
})
def socks_user_too_long(r, user, password):
    """A user or a password that no SOCKS server can be sent."""
    c, proxy = through(r, SOCKS, [HELLO, b"\5\2"], user=user, password=password)
    c.connectToHost(NAME, 7)
    r.until(lambda: decided(c)() or proxy.has(10))


# ---- HTTP

@scenario(rows={
    "proxy_http_user_known": (RIGHT, [], [REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_user_not_needed": (RIGHT, [], [REQUEST, FINE]),
    "proxy_http_user_without_password": (("user", ""), [], [REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_user_unknown": (WRONG, [], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC)]),
    "proxy_http_user_and_refusal": (RIGHT, [], [REQUEST, refuses(BASIC), REQUEST, b"HTTP/1.1 403 No\r\n\r\n"]),
    "proxy_http_user_and_end": (RIGHT, [], [REQUEST, refuses(BASIC), REQUEST, CLOSE]),
    "proxy_http_asked_for_nothing": (("", ""), [], [REQUEST, refuses(BASIC)]),
    "proxy_http_asked_for_empty": (("", ""), [("", "")], [REQUEST, refuses(BASIC)]),
    "proxy_http_asked_for_user": (("", ""), [RIGHT], [REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_asked_for_user_alone": (("", ""), [("user", "")], [REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_asked_for_password_alone": (("", ""), [("", "right")], [REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_asked_after_wrong":
        (WRONG, [RIGHT], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_asked_twice":
        (("", ""), [WRONG, RIGHT], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC), REQUEST, FINE]),
    "proxy_http_asked_then_nothing": (("", ""), [WRONG, None], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC)]),
    "proxy_http_asked_then_same": (("", ""), [WRONG, WRONG], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC)]),
    "proxy_http_asked_and_refused":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC), REQUEST, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"]),
    "proxy_http_asked_and_end": (("", ""), [RIGHT], [REQUEST, refuses(BASIC), REQUEST, CLOSE]),
    "proxy_http_asked_with_body": (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"Content-Length: 9\r\n\r\nGo away!\n"),
                                                       REQUEST, FINE]),
    "proxy_http_asked_with_body_later":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"Content-Length: 9\r\n\r\nGo a"), b"way!\n", REQUEST, FINE]),
    "proxy_http_asked_and_closed":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"Connection: close\r\nContent-Length: 0\r\n\r\n"), CLOSE],
         [REQUEST, FINE]),
    "proxy_http_asked_and_proxy_closed":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"Proxy-Connection: close\r\nContent-Length: 0\r\n\r\n"), CLOSE],
         [REQUEST, FINE]),
    "proxy_http_asked_by_1_0":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC, version=b"1.0"), CLOSE], [REQUEST, FINE]),
    "proxy_http_asked_without_length": (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"\r\n"), CLOSE], [REQUEST, FINE]),
    "proxy_http_asked_in_chunks":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC, b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                             REQUEST, FINE]),
    "proxy_http_asked_and_closed_after_all": (("", ""), [RIGHT], [REQUEST, refuses(BASIC), CLOSE], [REQUEST, FINE]),
    "proxy_http_asked_in_small_letters":
        (("", ""), [RIGHT], [REQUEST, refuses(b'proxy-authenticate: basic realm="here"\r\n'), REQUEST, FINE]),
    "proxy_http_asked_in_capitals":
        (("", ""), [RIGHT], [REQUEST, refuses(b'PROXY-AUTHENTICATE: BASIC REALM="here"\r\n'), REQUEST, FINE]),
    "proxy_http_asked_without_realm":
        (("", ""), [RIGHT], [REQUEST, refuses(b"Proxy-Authenticate: Basic\r\n"), REQUEST, FINE]),
    "proxy_http_asked_with_strange_realm":
        (("", ""), [RIGHT], [REQUEST, refuses(b'Proxy-Authenticate: Basic realm="a \\"b\\", c=d"\r\n'), REQUEST, FINE]),
    "proxy_http_asked_with_bare_realm":
        (("", ""), [RIGHT], [REQUEST, refuses(b"Proxy-Authenticate: Basic realm=here\r\n"), REQUEST, FINE]),
    "proxy_http_asked_without_challenge": (("", ""), [RIGHT], [REQUEST, refuses(b""), REQUEST, FINE]),
    "proxy_http_asked_for_unknown":
        (("", ""), [RIGHT], [REQUEST, refuses(b"Proxy-Authenticate: Bearer realm=x\r\n"), REQUEST, FINE]),
    "proxy_http_asked_for_basic_or_unknown":
        (("", ""), [RIGHT], [REQUEST, refuses(b"Proxy-Authenticate: Bearer realm=x\r\n" + BASIC), REQUEST, FINE]),
    "proxy_http_asked_by_server_header":
        (("", ""), [RIGHT], [REQUEST, refuses(b'WWW-Authenticate: Basic realm="here"\r\n'), REQUEST, FINE]),
    "proxy_http_401_with_challenge":
        (("", ""), [RIGHT], [REQUEST, b"HTTP/1.1 401 No\r\n" + BASIC + b"Content-Length: 0\r\n\r\n", REQUEST, FINE]),
    "proxy_http_digest": (("", ""), [RIGHT], [REQUEST, refuses(DIGEST), REQUEST, FINE]),
    "proxy_http_digest_of_own": (RIGHT, [], [REQUEST, refuses(DIGEST), REQUEST, FINE]),
    "proxy_http_digest_without_qop":
        (("", ""), [RIGHT], [REQUEST, refuses(b'Proxy-Authenticate: Digest realm="here", nonce="n0"\r\n'), REQUEST, FINE]),
    "proxy_http_digest_wrong":
        (("", ""), [WRONG, RIGHT], [REQUEST, refuses(DIGEST), REQUEST, refuses(DIGEST), REQUEST, FINE]),
    "proxy_http_digest_stale":
        (("", ""), [RIGHT], [REQUEST, refuses(DIGEST), REQUEST, refuses(DIGEST[:-2].replace(b"n0", b"n1") + b", stale=true\r\n"),
                             REQUEST, FINE]),
    "proxy_http_digest_or_basic": (("", ""), [RIGHT], [REQUEST, refuses(BASIC + DIGEST), REQUEST, FINE]),
    "proxy_http_basic_then_digest":
        (("", ""), [WRONG, RIGHT], [REQUEST, refuses(BASIC), REQUEST, refuses(DIGEST), REQUEST, FINE]),
    "proxy_http_digest_sha_256":
        (("", ""), [RIGHT], [REQUEST, refuses(DIGEST.replace(b"MD5", b"SHA-256")), REQUEST, FINE]),
    "proxy_http_challenges_in_a_line":
        (("", ""), [RIGHT], [REQUEST, refuses(BASIC[:-2] + b", " + DIGEST.partition(b": ")[2]), REQUEST, FINE]),
    "proxy_http_ntlm": (("", ""), [RIGHT], [REQUEST, refuses(b"Proxy-Authenticate: NTLM\r\n"), REQUEST, CLOSE]),
    "proxy_http_asked_then_other_realm":
        (("", ""), [WRONG, RIGHT], [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC.replace(b"here", b"there")),
                                    REQUEST, FINE]),
})
def http_user(r, own, answers, *scripts):
    """An HTTP proxy that wants to know who it is. own: the proxy's; answers: what a slot answers."""
    c, proxy = through(r, HTTP, *scripts, user=own[0], password=own[1])
    answering(r, c, answers)
    connect(r, c)
    r.value("connections", proxy.connections())
    r.value("sent", credentials(proxy.requests()))
    c.proxy()


@scenario(rows={
    "proxy_http_close_when_asked": "close",
    "proxy_http_disconnect_when_asked": "disconnectFromHost",
    "proxy_http_connect_when_asked": "connectToHost",
    "proxy_http_delete_later_when_asked": "deleteLater",
})
def http_asked_and_ended(r, act):
    """The attempt is ended while an HTTP proxy's question is asked."""
    c, proxy = through(r, HTTP, [REQUEST, refuses(BASIC)])
    answering(r, c, [act])
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("proxyAuthenticationRequired"))


# ---- both

@scenario(qt_crashes=True, rows={
    "proxy_socks_abort_when_asked": (SOCKS, NOT_WITHOUT),
    "proxy_http_abort_when_asked": (HTTP, [REQUEST, refuses(BASIC)]),
})
def abort_when_asked(r, kind, script):
    """abort() while a proxy's question is asked."""
    c, proxy = through(r, kind, script)
    answering(r, c, ["abort"])
    c.connectToHost(NAME, 7)
    r.until(lambda: c.seen("proxyAuthenticationRequired"))


@scenario(rows={
    "proxy_socks_authenticator": (SOCKS, NOT_WITHOUT),
    "proxy_http_authenticator": (HTTP, [REQUEST, refuses(BASIC)] * 3),
})
def authenticator_asked(r, kind, script):
    """What the authenticator says in the slot, before and after it is filled."""
    c, proxy = through(r, kind, script, user="u" if kind == HTTP else "", password="p" if kind == HTTP else "")

    def slot(proxy, authenticator):
        for user in "", "new":
            if user:
                authenticator.setUser(user)
            for name in "user", "password", "realm", "isNull":
                r.value(name, getattr(authenticator, name)())
            r.value("option", authenticator.option("realm") or None)
            r.value("another option", authenticator.option("nothing") or None)
        authenticator.setUser("")
    c.on("proxyAuthenticationRequired", slot, once=True)
    c.connectToHost(NAME, 7)
    r.until(decided(c))


@scenario(rows={
    "proxy_socks_asked_of_application": (SOCKS, NOT_WITHOUT, KNOWN),
    "proxy_http_asked_of_application": (HTTP, [REQUEST, refuses(BASIC), REQUEST, FINE]),
})
def asked_of_application(r, kind, *scripts):
    """The application's proxy asks: the socket's slot answers."""
    proxy = r.proxy_process(*scripts)
    net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port))
    r.keep(None, lambda: net.QNetworkProxy.setApplicationProxy(net.QNetworkProxy(net.ProxyType.NoProxy)))
    c = r.socket()
    answering(r, c, [RIGHT])
    connect(r, c)
    c.proxy()
    r.value("the application's", net.QNetworkProxy.applicationProxy())


@scenario(rows={
    "proxy_socks_two_slots": (SOCKS, NOT_WITHOUT, KNOWN),
    "proxy_http_two_slots": (HTTP, [REQUEST, refuses(BASIC), REQUEST, FINE]),
})
def two_slots(r, kind, *scripts):
    """Two slots: the second has the last word, and sees what the first has said."""
    c, proxy = through(r, kind, *scripts)

    def first(proxy, authenticator):
        authenticator.setUser("first")

    def second(proxy, authenticator):
        r.value("the second sees", authenticator)
        authenticator.setUser("second")
    c.on("proxyAuthenticationRequired", first)
    c.on("proxyAuthenticationRequired", second)
    c.connectToHost(NAME, 7)
    r.until(decided(c))
    if kind == HTTP:
        r.value("sent", credentials(proxy.requests()))


@scenario(rows={
    "proxy_socks_asked_later_again": (SOCKS, [HELLO, If(b"\2", KNOWN[1:], NOT_WITHOUT[1:])]),
    "proxy_http_asked_later_again":
        (HTTP, [REQUEST, If(b"Proxy-Authorization", [FINE], [refuses(BASIC), REQUEST, FINE])]),
})
def asked_later_again(r, kind, script):
    """A second connection through a proxy that has accepted an answer."""
    c, proxy = through(r, kind, script)
    answering(r, c, [RIGHT, RIGHT])
    connect(r, c)
    c.abort()
    connect(r, c)


@scenario(rows={
    "proxy_socks_wrong_later_right": (SOCKS, STRANGER, KNOWN),
    "proxy_http_wrong_later_right": (HTTP, [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC)],
                                     [REQUEST, refuses(BASIC), REQUEST, FINE]),
})
def wrong_later_right(r, kind, *scripts):
    """A proxy object with a wrong password, and then one with the right one."""
    c, proxy = through(r, kind, *scripts, user="user", password="wrong")
    connect(r, c)
    c.setProxy(net.QNetworkProxy(kind, "127.0.0.1", proxy.port, *RIGHT))
    connect(r, c)


@scenario(rows={
    "proxy_socks_early_write_when_asked": (SOCKS, NOT_WITHOUT, KNOWN),
    "proxy_http_early_write_when_asked": (HTTP, [REQUEST, refuses(BASIC), REQUEST, FINE]),
})
def early_write_when_asked(r, kind, *scripts):
    """What is written before and while a proxy asks."""
    c, proxy = through(r, kind, *scripts)
    answering(r, c, [RIGHT])
    c.on("proxyAuthenticationRequired", lambda: c.write(b"bird"))
    c.connectToHost(NAME, 7)
    c.write(b"early ")
    r.until(lambda: c.seen("bytesWritten"))
    r.until(lambda: b"".join(proxy.requests()).endswith(b"early bird"))


@scenario(rows={
    "proxy_socks_asked_in_wait": (SOCKS, NOT_WITHOUT, KNOWN),
    "proxy_http_asked_in_wait": (HTTP, [REQUEST, refuses(BASIC), REQUEST, FINE]),
})
def asked_in_wait(r, kind, *scripts):
    """A question within waitForConnected()."""
    c, proxy = through(r, kind, *scripts)
    answering(r, c, [RIGHT])
    c.connectToHost(NAME, 7)
    c.waitForConnected(5000)


@scenario(rows={
    "proxy_socks_unknown_in_wait": (SOCKS, STRANGER),
    "proxy_http_unknown_in_wait": (HTTP, [REQUEST, refuses(BASIC), REQUEST, refuses(BASIC)]),
})
def unknown_in_wait(r, kind, *scripts):
    """A refusal within waitForConnected()."""
    c, proxy = through(r, kind, *scripts, user="user", password="wrong")
    c.connectToHost(NAME, 7)
    c.waitForConnected(5000)
