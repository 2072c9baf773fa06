import asyncio
import copy
import ctypes
import os
import pickle
import signal
import socket as system
import subprocess
import sys
import textwrap
import threading
import weakref

import pytest
import qnet
from conftest import LOCAL, Connected, collect, until
from qnet import (
    QAbstractSocket,
    QAuthenticator,
    QHostAddress,
    QNetworkDatagram,
    QNetworkProxy,
    QNetworkProxyFactory,
    QNetworkProxyQuery,
    QTcpServer,
    QTcpSocket,
    QUdpSocket,
)
from scripted_proxy import HTTP, SOCKS, SOCKS_REFUSES, ScriptedProxy, challenge

Error = QAbstractSocket.SocketError
Type = QNetworkProxy.ProxyType
Capability = QNetworkProxy.Capability
QueryType = QNetworkProxyQuery.QueryType

QUERY = QNetworkProxyQuery("a.test", 7)


@pytest.fixture(autouse=True)
def no_proxies():
    """Leaves the application without proxies."""
    yield
    QNetworkProxy.setApplicationProxy(Type.DefaultProxy)


def connects(socket):
    """Connects to a host that only a proxy knows."""
    socket.connectToHost("target.test", 7)
    return socket.waitForConnected(10000)


class Factory(QNetworkProxyFactory):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.asked = []

    def queryProxy(self, query=QNetworkProxyQuery()):
        self.asked.append(query)
        if isinstance(self.answer, type):
            raise self.answer("oh")
        return self.answer


# ---- values


def test_a_proxy():
    proxy = QNetworkProxy(Type.HttpProxy, "h", 3128, "u", "p")
    assert (proxy.type(), proxy.hostName(), proxy.port(), proxy.user(), proxy.password()) == (
        Type.HttpProxy, "h", 3128, "u", "p",
    )  # fmt: skip
    assert repr(proxy) == "<qnet.QNetworkProxy HttpProxy h:3128>"  # without the password
    assert QNetworkProxy(Type.HttpProxy, hostName="h", port=3128, user="u", password="p") == proxy
    for other in (QNetworkProxy(proxy), copy.copy(proxy), copy.deepcopy(proxy)):
        assert other == proxy
        other.setHostName("H")
        assert other != proxy
    proxy.swap(other)
    assert (proxy.hostName(), other.hostName()) == ("H", "h")
    other.setPort(1)
    other.setUser("v")
    other.setPassword("")
    assert other == QNetworkProxy(Type.HttpProxy, "h", 1, "v")
    assert QNetworkProxy() == QNetworkProxy(Type.DefaultProxy) != QNetworkProxy(Type.NoProxy)
    assert QNetworkProxy() != Type.DefaultProxy  # as in PySide
    assert QNetworkProxy.Socks5Proxy is Type.Socks5Proxy
    for wrong in (
        lambda: hash(proxy), lambda: pickle.dumps(proxy), lambda: QNetworkProxy(None), lambda: proxy.setUser(None),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            wrong()
    for wrong in (70000, -1):
        with pytest.raises(OverflowError):
            proxy.setPort(wrong)
    with pytest.raises(ValueError):
        proxy.setHostName("a\0b")
    assert proxy.hostName() == "H"


@pytest.mark.parametrize(
    "type, capabilities",
    [
        (Type.DefaultProxy, 103), (Type.Socks5Proxy, 23), (Type.NoProxy, 103), (Type.HttpProxy, 25),
        (Type.HttpCachingProxy, 24), (Type.FtpCachingProxy, 24),
    ],
)  # fmt: skip
def test_capabilities(type, capabilities):
    proxy = QNetworkProxy(Type.HttpProxy)
    proxy.setType(type)
    assert proxy.capabilities() == Capability(capabilities)
    assert proxy.isCachingProxy() == bool(capabilities & Capability.CachingCapability)
    assert proxy.isTransparentProxy() == bool(capabilities & Capability.TunnelingCapability)
    same = QNetworkProxy(proxy)
    same.setCapabilities(proxy.capabilities())
    assert same == proxy
    same.setType(Type.Socks5Proxy)
    assert same.capabilities() == capabilities
    same.setCapabilities(Capability(0))
    assert same.capabilities() == 0 and not same.isTransparentProxy()
    # Through the library and back.
    socket = QTcpSocket()
    for one in (proxy, same):
        socket.setProxy(one)
        back = socket.proxy()
        assert back == one
        one.setType(Type.HttpProxy)
        back.setType(Type.HttpProxy)
        assert back == one


def test_raw_headers(messages):
    proxy = QNetworkProxy(Type.HttpProxy)
    assert not proxy.hasRawHeader(b"X-One") and proxy.rawHeader(b"X-One") == b""
    proxy.setRawHeader(b"X-One", b"1")
    proxy.setRawHeader(bytearray(b"X-Two"), memoryview(b""))
    assert proxy.hasRawHeader(b"x-one") and proxy.hasRawHeader(b"X-TWO") and proxy.rawHeader(b"X-ONE") == b"1"
    assert proxy == QNetworkProxy(Type.HttpProxy)
    assert proxy.rawHeaderList() == [b"X-One", b"X-Two"] and QNetworkProxy().rawHeaderList() == []
    other = copy.copy(proxy)
    other.setRawHeader(b"X-One", None)
    assert not other.hasRawHeader(b"X-One") and other.hasRawHeader(b"X-Two") and proxy.rawHeader(b"X-One") == b"1"
    proxy.swap(other)
    assert other.hasRawHeader(b"X-One") and not proxy.hasRawHeader(b"X-One")
    socket = QTcpSocket()
    socket.setProxy(other)
    assert socket.proxy().rawHeader(b"X-One") == b"1"
    proxy.setRawHeader(b"X", b"a\r\nb")
    proxy.setRawHeader(b"", b"a")
    assert len(messages) == 2 and not proxy.hasRawHeader(b"X")
    messages.clear()
    with pytest.raises(ValueError):
        proxy.setRawHeader(b"X", b"a\0b")
    with pytest.raises(TypeError):
        proxy.setRawHeader("X", b"a")


def test_a_query():
    query = QNetworkProxyQuery("Target.Test", 7, "HTTP")
    assert (query.queryType(), query.peerHostName(), query.peerPort(), query.localPort(), query.protocolTag()) == (
        QueryType.TcpSocket, "target.test", 7, -1, "http",
    )  # fmt: skip
    assert query == QNetworkProxyQuery("TARGET.test", 7, protocolTag="http", queryType=QueryType.TcpSocket)
    assert query != QNetworkProxyQuery("target.test", 7, "http", QueryType.UdpSocket)
    assert QNetworkProxyQuery("[::1]", 7) == QNetworkProxyQuery("::1", 7)
    none = QNetworkProxyQuery()
    assert (none.queryType(), none.peerHostName(), none.peerPort(), none.localPort(), none.protocolTag()) == (
        QueryType.TcpSocket, "", -1, -1, "",
    )  # fmt: skip
    for server in (QNetworkProxyQuery(80, "x"), QNetworkProxyQuery(80, protocolTag="x")):
        assert (server.queryType(), server.localPort(), server.peerPort(), server.protocolTag()) == (
            QueryType.TcpServer, 80, -1, "x",
        )  # fmt: skip
    assert QNetworkProxyQuery(80, "x", QueryType.SctpServer).queryType() == QueryType.SctpServer
    assert QNetworkProxyQuery(80, queryType=QueryType.UdpSocket).queryType() == QueryType.UdpSocket
    for number, peer in ((-7, -1), (0, 0), (65535, 65535), (65536, -1)):
        query.setPeerPort(number)
        query.setLocalPort(number)
        assert (query.peerPort(), query.localPort()) == (peer, number)
    other = copy.copy(query)
    assert other == query
    other.setQueryType(QueryType.SctpSocket)
    other.setPeerHostName("")
    other.setProtocolTag("Tag")
    assert other != query and other.protocolTag() == "tag"
    other.swap(none)
    assert other == QNetworkProxyQuery()
    with pytest.raises(OverflowError):
        QNetworkProxyQuery(70000)
    for wrong in (
        lambda: QNetworkProxyQuery("h"), lambda: hash(query), lambda: QNetworkProxyQuery("h", 7, 5),
        lambda: QNetworkProxyQuery(None),
    ):
        with pytest.raises(TypeError):
            wrong()


def test_an_authenticator_of_ones_own():
    one = QAuthenticator()
    assert one.isNull() and (one.user(), one.password(), one.realm(), one.option("x")) == ("", "", "", None)
    one.setUser("")
    assert not one.isNull() and one != QAuthenticator() and QAuthenticator() == QAuthenticator()
    one.setUser("u")
    one.setPassword("p")
    one.setOption("x", "y")
    for other in (QAuthenticator(one), copy.copy(one)):
        assert other == one and (other.user(), other.password(), other.option("x")) == ("u", "p", "y")
        other.setUser("v")
        other.setOption("x", "z")
        assert other != one and one.user() == "u" and one.option("x") == "y"


# ---- sockets and servers


def test_of_sockets_and_servers():
    socket, server = QTcpSocket(), QTcpServer()
    assert socket.proxy() == server.proxy() == QNetworkProxy()
    socket.setProxy(Type.NoProxy)
    assert socket.proxy() == QNetworkProxy(Type.NoProxy)
    server.setProxy(QNetworkProxy(Type.HttpProxy, "h", 1))
    assert server.proxy().hostName() == "h"
    # Which no server can use, but at a loopback address it need not.
    assert not server.listen() and server.serverError() == Error.UnsupportedSocketOperationError
    assert server.listen(LOCAL)
    for thing in (socket, server):
        with pytest.raises(TypeError):
            thing.setProxy(None)
        thing.delete()
        with pytest.raises(RuntimeError):
            thing.proxy()


def test_through_http():
    with ScriptedProxy([(None, b"HTTP/1.1 200 Fine\r\n\r\nfirst")]) as proxy:
        own = proxy.as_type(Type.HttpProxy)
        own.setRawHeader(b"X-One", b"1")
        socket = QTcpSocket()
        socket.setProxy(own)
        del own
        assert connects(socket)
        assert (socket.peerName(), socket.peerPort(), socket.peer) == ("target.test", 7, ("target.test", 7))
        assert socket.peerAddress().isNull()
        until(lambda: socket.bytesAvailable() == 5)
        assert socket.readAll() == b"first"
        socket.write(b"echo")
        until(lambda: socket.bytesAvailable() == 4)
        socket.abort()
        got = proxy.end()
    assert got.startswith(b"CONNECT target.test:7 HTTP/1.1\r\n") and b"\r\nX-One: 1\r\n" in got


@pytest.mark.parametrize(
    "script, error, kind",
    [
        ([(3, b"\5\0"), (18, b"\5\5\0\1" + bytes(6))], Error.ConnectionRefusedError, ConnectionRefusedError),
        ([(3, b"SSH-2.0")], Error.ProxyProtocolError, OSError),
        ([(3, None)], Error.ProxyConnectionClosedError, ConnectionResetError),
        (SOCKS_REFUSES, Error.ProxyAuthenticationRequiredError, PermissionError),
    ],
)
def test_errors(script, error, kind):
    async def main(proxy):
        with pytest.raises(kind):
            await qnet.asyncio.connect("target.test", 7, proxy=proxy)

    with ScriptedProxy(script, script) as proxy:
        socket = QTcpSocket()
        socket.setProxy(proxy.as_type(Type.Socks5Proxy))
        assert not connects(socket)
        assert socket.error() == error
        asyncio.run(main(proxy.as_type(Type.Socks5Proxy)))


def test_what_cannot_tunnel():
    socket = QTcpSocket()
    socket.setProxy(QNetworkProxy(Type.HttpCachingProxy, "127.0.0.1", 1))
    assert not connects(socket)
    assert socket.error() == Error.UnsupportedSocketOperationError


# ---- who asks


def test_it_asks_for_a_user():
    with ScriptedProxy([(None, challenge(b"the place")), (None, challenge(b"the place")), *HTTP]) as proxy:
        socket = QTcpSocket()
        socket.setProxy(proxy.as_type(Type.HttpProxy))
        seen, later, kept = [], [], []

        def first(asking, authenticator):
            assert asking == socket.proxy()
            assert (authenticator.realm(), authenticator.option("realm")) == ("the place", "the place")
            assert not authenticator.isNull()
            seen.append((authenticator.user(), authenticator.password()))
            authenticator.setUser("me")
            authenticator.setPassword("secret" if len(seen) == 2 else "wrong")
            authenticator.setOption("x", "y")
            kept.append(authenticator)

        socket.proxyAuthenticationRequired.connect(first)
        socket.proxyAuthenticationRequired.connect(lambda _, one: later.append((one.password(), one.option("x"))))
        assert connects(socket)
        assert seen == [("", ""), ("me", "wrong")]
        assert later == [("wrong", "y"), ("secret", "y")]
        # From then on it is a plain value.
        one = kept[1]
        assert (one.user(), one.password(), one.realm(), one.option("x"), one.isNull()) == (
            "me", "secret", "the place", "y", False,
        )  # fmt: skip
        one.setUser("you")
        assert one.user() == "you"
        socket.abort()
        got = proxy.end()
    assert b"Proxy-Authorization: Basic bWU6d3Jvbmc=\r\n" in got
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in got


def test_an_exception_where_it_asks(raised):
    with ScriptedProxy(SOCKS_REFUSES) as proxy:
        socket = QTcpSocket()
        socket.setProxy(proxy.as_type(Type.Socks5Proxy))
        null = []

        def fail():
            raise ValueError("oh")

        socket.proxyAuthenticationRequired.connect(fail)
        socket.proxyAuthenticationRequired.connect(lambda _, one: null.append(one.isNull()))
        assert not connects(socket)
        assert socket.error() == Error.ProxyAuthenticationRequiredError
    assert [str(error) for error in raised] == ["oh"] and null == [True]
    raised.clear()


def test_a_socket_that_is_deleted_where_it_asks():
    with ScriptedProxy(SOCKS_REFUSES) as proxy:
        socket = QTcpSocket()
        socket.setProxy(proxy.as_type(Type.Socks5Proxy))
        users, later = [], []

        def delete(_, authenticator):
            socket.delete()
            authenticator.setUser("me")
            users.append(authenticator)

        socket.proxyAuthenticationRequired.connect(delete)
        socket.proxyAuthenticationRequired.connect(later.append)
        socket.connectToHost("target.test", 7)
        until(lambda: users)
        until(lambda: users[0]._q_handle is None)
        assert users[0].user() == "me" and not later


def test_a_slot_that_is_disconnected_is_not_asked():
    with ScriptedProxy(SOCKS_REFUSES) as proxy:
        socket = QTcpSocket()
        socket.setProxy(proxy.as_type(Type.Socks5Proxy))
        asked = []
        socket.proxyAuthenticationRequired.connect(asked.append)
        assert socket.proxyAuthenticationRequired.disconnect(asked.append)
        assert not connects(socket)
        assert not asked and socket.error() == Error.ProxyAuthenticationRequiredError


# ---- the application


def test_the_applications_proxy():
    assert QNetworkProxy.applicationProxy() == QNetworkProxy(Type.NoProxy)
    with ScriptedProxy(SOCKS) as proxy:
        own = proxy.as_type(Type.Socks5Proxy)
        QNetworkProxy.setApplicationProxy(own)
        assert QNetworkProxy.applicationProxy() == own
        assert QNetworkProxyFactory.proxyForQuery(QUERY) == [own]
        socket = QTcpSocket()
        assert connects(socket) and socket.localPort() == 9
        socket.abort()
        Connected()  # not for this host
    QNetworkProxy.setApplicationProxy(Type.NoProxy)
    assert QNetworkProxyFactory.proxyForQuery(QUERY) == [QNetworkProxy(Type.NoProxy)]


def test_the_systems_configuration(monkeypatch):
    assert not QNetworkProxyFactory.usesSystemConfiguration()
    monkeypatch.setenv("all_proxy", "socks5://u:p@e.test:1080")
    monkeypatch.setenv("no_proxy", "b.test")
    (proxy,) = QNetworkProxyFactory.systemProxyForQuery(QUERY)
    assert proxy == QNetworkProxy(Type.Socks5Proxy, "e.test", 1080, "u", "p")
    assert QNetworkProxyFactory.systemProxyForQuery() == [proxy]
    none = [QNetworkProxy(Type.NoProxy)]
    assert QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery("b.test", 7)) == none
    factory = weakref.ref(one := Factory([]))
    QNetworkProxyFactory.setApplicationProxyFactory(one)
    del one
    QNetworkProxyFactory.setUseSystemConfiguration(False)
    assert factory() is not None
    QNetworkProxyFactory.setUseSystemConfiguration(True)
    assert factory() is None and QNetworkProxyFactory.usesSystemConfiguration()
    assert QNetworkProxyFactory.proxyForQuery(QUERY) == [proxy]
    QNetworkProxyFactory.setUseSystemConfiguration(False)
    assert QNetworkProxyFactory.proxyForQuery(QUERY) == none and not QNetworkProxyFactory.usesSystemConfiguration()


def test_a_factory(messages):
    with ScriptedProxy(SOCKS) as proxy:
        own = proxy.as_type(Type.Socks5Proxy)
        own.setRawHeader(b"X", b"y")
        factory = Factory([Type.HttpCachingProxy, own])
        QNetworkProxyFactory.setApplicationProxyFactory(factory)
        socket = QTcpSocket()
        socket.setProtocolTag("tag")
        assert connects(socket) and socket.localPort() == 9
        socket.abort()
    assert factory.asked == [QNetworkProxyQuery("target.test", 7, "tag")]
    first, second = QNetworkProxyFactory.proxyForQuery(80)
    assert factory.asked[1:] == [QNetworkProxyQuery(80)]
    assert first == QNetworkProxy(Type.HttpCachingProxy) and second == own and second.rawHeader(b"x") == b"y"
    assert QNetworkProxy.applicationProxy() == first
    server = QTcpServer()
    assert server.listen(LOCAL) and len(factory.asked) == 3
    # More than there is room for, and none.
    factory.answer = (QNetworkProxy(Type.Socks5Proxy, "many"),) * 20
    assert len(QNetworkProxyFactory.proxyForQuery(QUERY)) == 16
    factory.answer = []
    assert QNetworkProxyFactory.proxyForQuery(QUERY) == [QNetworkProxy(Type.NoProxy)]
    assert len(messages) == 1 and "empty" in messages.pop()
    with pytest.raises(TypeError):
        QNetworkProxyFactory.setApplicationProxyFactory(5)
    assert QNetworkProxyFactory.proxyForQuery(QUERY) and messages.pop()


def test_a_factory_lives_while_it_is_the_applications():
    one = Factory([Type.NoProxy])
    factory = weakref.ref(one)
    QNetworkProxyFactory.setApplicationProxyFactory(one)
    QNetworkProxyFactory.setApplicationProxyFactory(one)  # the same again
    del one
    assert factory() is not None
    QNetworkProxyFactory.setApplicationProxyFactory(Factory([]))
    assert factory() is None
    for end in (
        lambda: QNetworkProxyFactory.setApplicationProxyFactory(None),
        lambda: QNetworkProxy.setApplicationProxy(Type.NoProxy),
    ):
        factory = weakref.ref(one := Factory([]))
        QNetworkProxyFactory.setApplicationProxyFactory(one)
        del one
        end()
        assert factory() is None


def test_an_abstract_factory(raised):
    with pytest.raises(NotImplementedError):
        QNetworkProxyFactory()

    class Lazy(QNetworkProxyFactory):
        pass

    with pytest.raises(NotImplementedError):
        Lazy().queryProxy()


@pytest.mark.parametrize(
    "answer, kind", [(ValueError, ValueError), (None, TypeError), ([5], TypeError), ("x", TypeError)]
)
def test_no_answer_is_no_direct_connection(answer, kind, raised):
    server = QTcpServer()
    assert server.listen(LOCAL)
    QNetworkProxyFactory.setApplicationProxyFactory(Factory(answer))
    socket = QTcpSocket()
    # An address of this host that the factory is asked for.
    socket.connectToHost("0.0.0.0", server.serverPort())
    assert socket.error() == Error.UnsupportedSocketOperationError
    assert socket.state() == QTcpSocket.SocketState.UnconnectedState
    other = QTcpServer()
    assert not other.listen() and other.serverError() == Error.UnsupportedSocketOperationError
    assert not QNetworkProxyFactory.proxyForQuery(QUERY)[0].isTransparentProxy()
    assert len(raised) == 3 and all(isinstance(error, kind) for error in raised)
    raised.clear()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_in_a_factory(kind):
    QNetworkProxyFactory.setApplicationProxyFactory(Factory(kind))
    socket, server = QTcpSocket(), QTcpServer()
    for ask in (
        lambda: socket.connectToHost("target.test", 7),
        lambda: server.listen(),
        lambda: QNetworkProxyFactory.proxyForQuery(QUERY),
        QNetworkProxy.applicationProxy,
    ):
        with pytest.raises(kind):
            ask()
    assert socket.error() == Error.UnsupportedSocketOperationError and not server.isListening()


def test_ctrl_c_in_a_factory():
    class Interrupted(Factory):
        def queryProxy(self, query=QNetworkProxyQuery()):
            signal.raise_signal(signal.SIGINT)
            return super().queryProxy(query)

    QNetworkProxyFactory.setApplicationProxyFactory(Interrupted([Type.NoProxy]))
    with pytest.raises(KeyboardInterrupt):
        QTcpSocket().connectToHost("target.test", 7)


def test_a_factory_is_asked_on_the_thread_that_connects():
    class Telling(Factory):
        def queryProxy(self, query=QNetworkProxyQuery()):
            threads.append(threading.current_thread())
            return super().queryProxy(query)

    threads = []
    QNetworkProxyFactory.setApplicationProxyFactory(Telling([QNetworkProxy(Type.HttpCachingProxy)]))

    def run():
        socket = QTcpSocket()
        socket.connectToHost("target.test", 7)
        errors.append(socket.error())

    errors = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert threads == [thread] and errors == [Error.UnsupportedSocketOperationError]


def test_a_factory_that_is_replaced_while_a_thread_is_in_it():
    class Slow(Factory):
        def queryProxy(self, query=QNetworkProxyQuery()):
            entered.set()
            assert replaced.wait(10)
            return super().queryProxy(query)

    entered, replaced, answers = threading.Event(), threading.Event(), []
    factory = weakref.ref(one := Slow([QNetworkProxy(Type.Socks5Proxy, "old")]))
    QNetworkProxyFactory.setApplicationProxyFactory(one)
    del one
    thread = threading.Thread(target=lambda: answers.append(QNetworkProxyFactory.proxyForQuery(QUERY)))
    thread.start()
    assert entered.wait(10)
    QNetworkProxyFactory.setApplicationProxyFactory(None)
    assert factory() is not None
    replaced.set()
    thread.join()
    assert answers[0][0].hostName() == "old" and factory() is None


def test_factories_come_and_go_while_threads_ask():
    safe = QNetworkProxy(Type.Socks5Proxy, "safe", 1)
    over, wrong, asked = threading.Event(), [], []

    def ask():
        while not over.is_set():
            (proxy,) = QNetworkProxyFactory.proxyForQuery(QUERY)
            asked.append(None)
            if proxy != safe:
                wrong.append(proxy)

    QNetworkProxy.setApplicationProxy(safe)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    # At no moment is the connection direct.
    for number in range(300):
        QNetworkProxyFactory.setApplicationProxyFactory(Factory([safe]))
        if number % 2:
            QNetworkProxy.setApplicationProxy(safe)
    until(lambda: len(asked) > 30)
    over.set()
    for thread in threads:
        thread.join()
    assert not wrong


# ---- servers, whose proxy says later where it listens

LISTENS = [(3, b"\5\0"), (10, b"\5\0\0\1\x7f\0\0\1\x12\x34")]


def listener(proxy, port=0):
    """A server that a proxy was asked to listen for, and the log of what it says of that."""
    server, log = QTcpServer(), []
    server.setProxy(proxy.as_type(Type.Socks5Proxy))
    server.listening.connect(lambda: log.append(("listening", server.serverPort())))
    server.acceptError.connect(lambda error: log.append((error, server.serverPort())))
    assert server.listen(port=port) and server.isListening() and not log
    return server, log


def test_a_proxy_on_another_thread_answers_a_listen():
    with ScriptedProxy(LISTENS) as proxy:
        server, log = listener(proxy)
        assert server.address == ("127.0.0.1", 0x1234) and "4660" in repr(server) and not log
        until(lambda: log)
        assert log == [("listening", 0x1234)]
        server.close()


def test_a_server_whose_proxy_has_not_answered():
    answer = threading.Event()

    def silent():
        assert answer.wait(10)
        return b"\5\0"

    with ScriptedProxy([(3, silent), LISTENS[1]]) as proxy:
        server, log = listener(proxy)
        answer.set()
        until(lambda: log)
        assert log == [("listening", 0x1234)]
        server.close()


def test_a_proxy_refuses_to_listen():
    with ScriptedProxy([LISTENS[0], (10, b"\5\5\0\1\0\0\0\0\0\0")]) as proxy:
        server, log = listener(proxy, 4321)
        until(lambda: log)
        assert log == [(Error.ConnectionRefusedError, 4321)] and server.serverError() == Error.ConnectionRefusedError
        assert server.isListening() and server.serverAddress() == QHostAddress("0.0.0.0")
        server.close()


@pytest.mark.parametrize("port", [0, 4321])
@pytest.mark.parametrize("raises", [True, False])
def test_a_signal_while_somebody_asks_for_the_port(raises, port):
    """It ends the wait by what its handler raises, and not otherwise."""
    seen = []

    def handle(*_):
        seen.append(None)
        answer.set()
        if raises:
            raise InterruptedError

    def silent():
        os.kill(os.getpid(), signal.SIGUSR1)
        assert answer.wait(10)
        return b"\5\0"

    answer = threading.Event()
    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with ScriptedProxy([(3, silent), LISTENS[1]]) as proxy:
            server = QTcpServer()
            server.setProxy(proxy.as_type(Type.Socks5Proxy))
            assert server.listen(port=port)
            if raises:
                with pytest.raises(InterruptedError):
                    server.serverPort()
            assert server.serverPort() == 0x1234
            server.close()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(seen) == 1


# ---- datagrams, which wait for the proxy

ASSOCIATES = (3, b"\5\0")
ELSEWHERE = QHostAddress("192.0.2.1")


def relaying(port):
    """What a proxy does that passes datagrams on from a port of this host."""
    return [ASSOCIATES, (10, b"\5\0\0\1\x7f\0\0\1" + port.to_bytes(2, "big"))]


@pytest.fixture
def relay():
    """A socket of the system that such a port is."""
    with system.socket(system.AF_INET, system.SOCK_DGRAM) as relay:
        relay.bind(("127.0.0.1", 0))
        relay.settimeout(10)
        yield relay


def datagrams(proxy):
    """A UDP socket that uses a proxy, and the log of what it says of that."""
    socket, log = QUdpSocket(), []
    socket.setProxy(proxy.as_type(Type.Socks5Proxy))
    socket.bytesWritten.connect(log.append)
    socket.errorOccurred.connect(log.append)
    return socket, log


@pytest.mark.parametrize("binds", [True, False])
@pytest.mark.parametrize("loop", [True, False])
def test_what_is_written_waits_for_the_proxy(binds, loop, relay):
    with ScriptedProxy(relaying(relay.getsockname()[1])) as proxy:
        socket, log = datagrams(proxy)
        assert not binds or socket.bind(), socket.errorString()
        assert socket.writeDatagram(b"x", ELSEWHERE, 9) == 1
        assert socket.writeDatagram(QNetworkDatagram(b"yy", ELSEWHERE, 9)) == 2
        assert socket.writeDatagrams([QNetworkDatagram(b"333", ELSEWHERE, 9)] * 2) == 2
        assert socket.state() == QUdpSocket.SocketState.BoundState and socket.bytesToWrite() == 9 and not log
        if loop:
            until(lambda: len(log) == 4)
        else:
            assert socket.waitForBytesWritten(10000)
        assert log == [1, 2, 3, 3] and socket.bytesToWrite() == 0
        header = b"\0\0\0\1\xc0\0\2\1\0\x09"
        assert [relay.recv(100) for _ in range(4)] == [header + text for text in (b"x", b"yy", b"333", b"333")]
        socket.abort()


def test_a_proxy_refuses_datagrams():
    with ScriptedProxy([ASSOCIATES, (10, b"\5\5\0\1\0\0\0\0\0\0")]) as proxy:
        socket, log = datagrams(proxy)
        assert socket.bind() and socket.writeDatagram(b"lost", ELSEWHERE, 9) == 4
        until(lambda: socket.state() == QUdpSocket.SocketState.UnconnectedState)
        assert log == [Error.ConnectionRefusedError] and socket.bytesToWrite() == 0
        assert socket.error() == Error.ConnectionRefusedError


@pytest.mark.parametrize("loop", [True, False])
def test_a_slot_fills_in_a_user_for_datagrams(loop, relay):
    script = [(4, b"\5\2"), (11, b"\1\0"), relaying(relay.getsockname()[1])[1]]
    with ScriptedProxy(SOCKS_REFUSES, script) as proxy:
        socket, log = datagrams(proxy)

        def fill(_, authenticator):
            log.append("asked")
            authenticator.setUser("me")
            authenticator.setPassword("secret")

        socket.proxyAuthenticationRequired.connect(fill)
        assert socket.writeDatagram(b"x", ELSEWHERE, 9) == 1 and not log
        if loop:
            until(lambda: len(log) == 2)
        else:
            assert socket.waitForBytesWritten(10000)
        assert log == ["asked", 1]
        socket.abort()


# ---- asyncio


def test_asyncio():
    async def main(proxy):
        async with await qnet.asyncio.connect("target.test", 7, proxy=proxy) as socket:
            socket.write(b"hello")
            assert await socket.untilReadyRead(5)
            assert socket.readAll() == b"hello"

    with ScriptedProxy(SOCKS) as proxy:
        asyncio.run(main(proxy.as_type(Type.Socks5Proxy)))


def test_asyncio_names_of_proxies():
    async def main():
        with pytest.raises(system.gaierror):
            proxy = QNetworkProxy(Type.Socks5Proxy, "no.such.host.invalid", 1)
            await qnet.asyncio.connect("target.test", 7, proxy=proxy)
        with pytest.raises(OSError, match="The proxy cannot do this"):
            await qnet.asyncio.connect("target.test", 7, proxy=Type.FtpCachingProxy)

    asyncio.run(main())


# ---- what is left


class _MallInfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def test_nothing_of_c_is_left():
    """What C has given out for proxies goes with Python's: each is some hundred bytes."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        pytest.skip("this C library does not tell what it has given out")
    libc.mallinfo2.restype = _MallInfo

    own = QNetworkProxy(Type.HttpProxy, "h" * 200, 1, "u" * 200, "p" * 200)
    own.setRawHeader(b"X", b"y")
    socket = QTcpSocket()
    QNetworkProxyFactory.setApplicationProxyFactory(Factory([own, own]))

    def use():
        socket.setProxy(own)
        QNetworkProxyFactory.proxyForQuery(QUERY)
        QNetworkProxy.applicationProxy()
        other = socket.proxy()
        other.setRawHeader(b"Z", b"z")
        other.rawHeader(b"Z")
        copy.copy(other).capabilities()

    def given_out():
        collect()
        return libc.mallinfo2().uordblks

    for _ in range(200):
        use()
    before = given_out()
    for _ in range(1000):
        use()
    # Python's own memory for objects comes in large pieces.
    assert given_out() - before < 200 * 1000


def test_exit_with_a_factory(tmp_path):
    """Threads may still connect when the interpreter ends."""
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent("""
        import threading
        from qnet import *

        class Factory(QNetworkProxyFactory):
            def queryProxy(self, query=QNetworkProxyQuery()):
                return [QNetworkProxy.HttpCachingProxy]

        QNetworkProxyFactory.setApplicationProxyFactory(Factory())
        started = threading.Event()

        def run():
            while True:
                QTcpSocket().connectToHost("target.test", 7)
                started.set()

        threading.Thread(target=run, daemon=True).start()
        started.wait()
        kept = QNetworkProxy.applicationProxy()
        print("done")
    """))
    done = subprocess.run(
        [sys.executable, str(program)], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
