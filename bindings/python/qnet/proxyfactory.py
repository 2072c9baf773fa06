"""Which proxy a connection uses. Qt: QNetworkProxyQuery, QNetworkProxyFactory"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union, overload

from . import _api, _application, enums
from ._convert import integer, port as port_number, string, text
from ._from_c import called_from_c
from ._library import at_end, lib
from ._made import Made
from ._turn import call, caught
from .enums import QueryType, member, short_names
from .messages import warn
from .proxy import Kept, ProxyLike, QNetworkProxy, as_proxy, proxy_at, struct

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


@short_names(QueryType)
class QNetworkProxyQuery(Made):
    """What a proxy is wanted for. Qt: QNetworkProxyQuery

    QNetworkProxyQuery(hostname, port, protocolTag, queryType) of a socket, QNetworkProxyQuery(bindPort, protocolTag,
    queryType) of a server, with only the beginning of that, or from another one.
    """

    QueryType: TypeAlias = enums.QueryType

    __slots__ = _q_by_init = ("_q_type", "_peer_host_name", "_peer_port", "_local_port", "_protocol_tag")

    @overload
    def __init__(self) -> None: ...

    @overload
    def __init__(self, other: "QNetworkProxyQuery", /) -> None: ...

    @overload
    def __init__(
        self, hostname: str, port: int, /, protocolTag: str = "", queryType: QueryType = QueryType.TcpSocket
    ) -> None: ...

    @overload
    def __init__(self, bindPort: int, /, protocolTag: str = "", queryType: QueryType = QueryType.TcpServer) -> None: ...

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self._q_type = enums.QueryType.TcpSocket
        self._peer_host_name = self._protocol_tag = ""
        self._peer_port = self._local_port = -1
        if arguments and isinstance(arguments[0], str):
            self._be_of_socket(*arguments, **keywords)
        elif len(arguments) == 1 and isinstance(arguments[0], QNetworkProxyQuery) and not keywords:
            for name in self._q_by_init:
                setattr(self, name, getattr(arguments[0], name))
        elif arguments or keywords:
            self._be_of_server(*arguments, **keywords)

    def _be_of_socket(
        self, hostname: str, port: int, /, protocolTag: str = "", queryType: QueryType = QueryType.TcpSocket
    ) -> None:
        self.setPeerHostName(hostname)
        self.setPeerPort(port)
        self.setProtocolTag(protocolTag)
        self.setQueryType(queryType)

    def _be_of_server(
        self, bindPort: int, /, protocolTag: str = "", queryType: QueryType = QueryType.TcpServer
    ) -> None:
        self._local_port = port_number(bindPort)
        self.setProtocolTag(protocolTag)
        self.setQueryType(queryType)

    def __repr__(self) -> str:
        peer = f" to {self._peer_host_name}:{self._peer_port}" if self._peer_host_name else ""
        local = f" at {self._local_port}" if self._local_port != -1 else ""
        tag = f" for {self._protocol_tag}" if self._protocol_tag else ""
        return f"<qnet.QNetworkProxyQuery {getattr(self._q_type, 'name', self._q_type)}{peer}{local}{tag}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QNetworkProxyQuery):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._q_by_init)

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QNetworkProxyQuery":
        return QNetworkProxyQuery(self)

    def swap(self, other: "QNetworkProxyQuery", /) -> None:
        """Qt: QNetworkProxyQuery::swap()"""
        for name in self._q_by_init:
            mine = getattr(self, name)
            setattr(self, name, getattr(other, name))
            setattr(other, name, mine)

    def queryType(self) -> QueryType:
        """Qt: QNetworkProxyQuery::queryType()"""
        return self._q_type

    def setQueryType(self, type: QueryType, /) -> None:
        """Qt: QNetworkProxyQuery::setQueryType()"""
        self._q_type = member(enums.QueryType, integer(type))

    def peerHostName(self) -> str:
        """The host in small letters, an IPv6 address without brackets; "" for servers.
        Qt: QNetworkProxyQuery::peerHostName()"""
        return self._peer_host_name

    def setPeerHostName(self, hostname: str, /) -> None:
        """Qt: QNetworkProxyQuery::setPeerHostName()"""
        text(hostname)
        if len(hostname) > 2 and hostname[0] == "[" and hostname[-1] == "]":
            hostname = hostname[1:-1]
        self._peer_host_name = _small(hostname)

    def peerPort(self) -> int:
        """-1 if it is not known. Qt: QNetworkProxyQuery::peerPort()"""
        return self._peer_port

    def setPeerPort(self, port: int, /) -> None:
        """What is no port is -1. Qt: QNetworkProxyQuery::setPeerPort()"""
        number = integer(port)
        self._peer_port = number if 0 <= number <= 65535 else -1

    def localPort(self) -> int:
        """The port of a server, or that a socket is bound to; -1 if it is not known.
        Qt: QNetworkProxyQuery::localPort()"""
        return self._local_port

    def setLocalPort(self, port: int, /) -> None:
        """Qt: QNetworkProxyQuery::setLocalPort()"""
        self._local_port = integer(port)

    def protocolTag(self) -> str:
        """What the connection is for, in small letters; see QAbstractSocket.setProtocolTag().
        Qt: QNetworkProxyQuery::protocolTag()"""
        return self._protocol_tag

    def setProtocolTag(self, protocolTag: str, /) -> None:
        """Qt: QNetworkProxyQuery::setProtocolTag()"""
        text(protocolTag)
        self._protocol_tag = _small(protocolTag)


QueryLike = Union[QNetworkProxyQuery, int]


class QNetworkProxyFactory:
    """What is asked for the proxy of each connection of a socket or server that has none of its own. A subclass has
    queryProxy(). Qt: QNetworkProxyFactory"""

    def __init__(self) -> None:
        if type(self) is QNetworkProxyFactory:
            raise NotImplementedError("QNetworkProxyFactory is an abstract class")

    def queryProxy(self, query: QNetworkProxyQuery = QNetworkProxyQuery()) -> Sequence[ProxyLike]:
        """Returns the proxies for a query, the best first: the first that is able to do it is used, and no other; of
        more than 16, one of the first 16. An empty list is a direct connection, with a warning.

        It is called on the thread that connects, binds or listens. Its exceptions go to sys.excepthook, and the
        connection is refused (UnsupportedSocketOperationError). Qt: QNetworkProxyFactory::queryProxy()
        """
        raise NotImplementedError("QNetworkProxyFactory.queryProxy() is abstract")

    @staticmethod
    def setApplicationProxyFactory(factory: Optional["QNetworkProxyFactory"], /) -> None:
        """Has factory asked from now on, which is kept. It replaces the application's proxy and the system's
        configuration; None removes a factory, and changes nothing if there is none.
        Qt: QNetworkProxyFactory::setApplicationProxyFactory()"""
        if factory is not None and not isinstance(factory, QNetworkProxyFactory):
            raise TypeError(f"a QNetworkProxyFactory is needed, not {type(factory).__name__}")
        callback = _none if factory is None else _thunk
        _application.change(factory, lib.qnet_network_proxy_set_application_proxy_factory, callback, None)

    @staticmethod
    def usesSystemConfiguration() -> bool:
        """Is the system's configuration used? Qt: QNetworkProxyFactory::usesSystemConfiguration()"""
        return bool(lib.qnet_network_proxy_uses_system_configuration())

    @staticmethod
    def setUseSystemConfiguration(enable: bool, /) -> None:
        """Says whether the system's configuration is used: what the environment names. If so, it replaces a factory and
        the application's proxy. Qt: QNetworkProxyFactory::setUseSystemConfiguration()"""
        if enable:
            _application.change(None, lib.qnet_network_proxy_set_use_system_configuration, True)
        else:
            lib.qnet_network_proxy_set_use_system_configuration(False)

    @staticmethod
    def proxyForQuery(query: QueryLike, /) -> List[QNetworkProxy]:
        """The proxies that the application has for a query (an int: that of a server), at least one: without any it is
        NoProxy. Qt: QNetworkProxyFactory::proxyForQuery()"""
        return _answers(lib.qnet_network_proxy_proxy_for_query, query)

    @staticmethod
    def systemProxyForQuery(query: QueryLike = QNetworkProxyQuery()) -> List[QNetworkProxy]:
        """The proxies that the environment names for a query, in http_proxy, all_proxy and so on, at least one: without
        any it is NoProxy. Qt: QNetworkProxyFactory::systemProxyForQuery()"""
        return _answers(lib.qnet_network_proxy_system_proxy_for_query, query)


def _small(value: str) -> str:
    """A text with the letters of ASCII small."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in value)


#: how many proxies the library takes from a factory
_MOST = 16


def _answers(function: Any, query: QueryLike) -> List[QNetworkProxy]:
    if not isinstance(query, QNetworkProxyQuery):
        query = QNetworkProxyQuery(port_number(query))
    question = _api.qnet_network_proxy_query(
        query_type=query._q_type,
        peer_host_name=text(query._peer_host_name),
        peer_port=query._peer_port,
        local_port=query._local_port,
        protocol_tag=text(query._protocol_tag),
    )
    kept = Kept(_MOST)
    count = call(function, question, kept.structs, _MOST)
    return [proxy_at(kept.structs[i]) for i in range(min(count, _MOST))]


def _query_at(pointer: Any) -> QNetworkProxyQuery:
    """The query that a callback of C points to."""
    c = pointer.contents
    query = QNetworkProxyQuery()
    query._q_type = member(QueryType, c.query_type)
    query.setPeerHostName(string(c.peer_host_name))
    query._peer_port = c.peer_port if c.peer_port > 0 else -1
    query._local_port = c.local_port if c.local_port > 0 else -1
    query.setProtocolTag(string(c.protocol_tag))
    return query


def _ask(pointer: Any, proxies: Any, room: int, _data: Optional[int], called: bool = False) -> int:
    try:
        factory = _application.factory
        if factory is None:
            # It was replaced since C looked, which knows by what.
            return min(int(lib.qnet_network_proxy_proxy_for_query(pointer, proxies, room)), room)
        query = _query_at(pointer)
        called = True
        answer = [as_proxy(proxy) for proxy in factory.queryProxy(query)][:room]
        if not answer:
            warn("QNetworkProxyFactory.queryProxy: the list is empty, which is a direct connection")
        for index, proxy in enumerate(answer):
            lib.qnet_network_proxy_copy(proxies[index], struct(proxy))
        return len(answer)
    except BaseException:
        again: Optional[int] = caught(called, _ask, pointer, proxies, room, None)
        if again is not None:
            return again
        # No answer must not be a direct connection: it is a proxy that can do nothing.
        lib.qnet_network_proxy_copy(
            proxies[0], _api.qnet_network_proxy(type=_api.QNET_NO_PROXY, capabilities=_api.QNET_NO_CAPABILITY)
        )
        return 1


_thunk = called_from_c(_api.qnet_network_proxy_factory_callback)(_ask)
_none = _api.qnet_network_proxy_factory_callback()


@at_end
def _stop() -> None:
    if _application.factory is not None:
        QNetworkProxyFactory.setApplicationProxyFactory(None)
