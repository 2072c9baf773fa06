"""Proxies. Qt: QNetworkProxy"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional, Union

from . import _api, _application, enums
from ._convert import Data, data, integer, port as port_number, string, text
from ._library import lib, process
from ._made import Made
from ._turn import call
from .bytearray import EMPTY, Bytes
from .enums import Capability, ProxyType, member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_Struct = _api.qnet_network_proxy

ProxyLike = Union["QNetworkProxy", ProxyType]


class Kept:
    """Structs of C that are released in the end."""

    __slots__ = ("structs",)

    def __init__(self, count: int = 1) -> None:
        self.structs = (_Struct * count)()

    def __del__(self, process: Any = process) -> None:  # the module may have lost its names by then
        if not (process.ending or process.forked):
            for struct in self.structs:
                if struct.storage:
                    lib.qnet_network_proxy_clear(struct)


def _copied(struct: Any) -> Kept:
    kept = Kept()
    lib.qnet_network_proxy_copy(kept.structs[0], struct)
    return kept


def _capabilities_of(kind: int) -> int:
    """What a type of proxies can do, which only the library knows."""
    kept = _copied(_Struct(type=kind))  # which is to stay while it is looked at
    return int(kept.structs[0].capabilities) & ~_api.QNET_NO_CAPABILITY


@short_names(ProxyType, Capability)
class QNetworkProxy(Made):
    """A proxy, and how to use it. Qt: QNetworkProxy

    QNetworkProxy(type, hostName, port, user, password), with only the beginning of that, or from another one. It is
    given to a socket or server, with setProxy(), or to all that have none of their own, with setApplicationProxy().
    """

    ProxyType: TypeAlias = enums.ProxyType
    Capability: TypeAlias = enums.Capability

    __slots__ = _q_by_init = ("_q_type", "_host_name", "_port", "_user", "_password", "_capabilities", "_kept")

    def __init__(
        self,
        type: ProxyLike = ProxyType.DefaultProxy,
        /,
        hostName: str = "",
        port: int = 0,
        user: str = "",
        password: str = "",
    ) -> None:
        if isinstance(type, QNetworkProxy):
            for name in self._q_by_init:
                setattr(self, name, getattr(type, name))
            return
        self.setType(type)
        self.setHostName(hostName)
        self.setPort(port)
        self.setUser(user)
        self.setPassword(password)
        self._capabilities: Optional[int] = None  # those of the type
        self._kept: Optional[Kept] = None  # for its raw headers; never changed, so that copies share it

    # ---- as a Python value

    def __repr__(self) -> str:
        place = f" {self._host_name}:{self._port}" if self._host_name else ""
        return f"<qnet.QNetworkProxy {getattr(self._q_type, 'name', self._q_type)}{place}>"

    def __eq__(self, other: object) -> bool:
        """Are they the same but for their raw headers? Qt: QNetworkProxy::operator==()"""
        if not isinstance(other, QNetworkProxy):
            return NotImplemented
        return (
            self._q_type == other._q_type
            and self._host_name == other._host_name
            and self._port == other._port
            and self._user == other._user
            and self._password == other._password
            and self.capabilities() == other.capabilities()
        )

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QNetworkProxy":
        return QNetworkProxy(self)

    def __deepcopy__(self, _memo: Any) -> "QNetworkProxy":
        return QNetworkProxy(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QNetworkProxy' object")  # as in PySide

    def swap(self, other: "QNetworkProxy", /) -> None:
        """Qt: QNetworkProxy::swap()"""
        for name in self._q_by_init:
            mine = getattr(self, name)
            setattr(self, name, getattr(other, name))
            setattr(other, name, mine)

    # ---- what it is

    def type(self) -> ProxyType:
        """Qt: QNetworkProxy::type()"""
        return self._q_type

    def setType(self, type: ProxyType, /) -> None:
        """Sets what it is, and with that what it can do, unless setCapabilities() has said that.
        Qt: QNetworkProxy::setType()"""
        self._q_type = member(enums.ProxyType, integer(type))

    def capabilities(self) -> Capability:
        """What setCapabilities() was given, or else what its type can do. Qt: QNetworkProxy::capabilities()"""
        return enums.Capability(_capabilities_of(self._q_type) if self._capabilities is None else self._capabilities)

    def setCapabilities(self, capab: Capability, /) -> None:
        """Qt: QNetworkProxy::setCapabilities()"""
        self._capabilities = int(enums.Capability(integer(capab)))

    def isCachingProxy(self) -> bool:
        """Can it cache? Qt: QNetworkProxy::isCachingProxy()"""
        return bool(self.capabilities() & enums.Capability.CachingCapability)

    def isTransparentProxy(self) -> bool:
        """Can TCP connections be made through it? Qt: QNetworkProxy::isTransparentProxy()"""
        return bool(self.capabilities() & enums.Capability.TunnelingCapability)

    def hostName(self) -> str:
        """Its name or address. Qt: QNetworkProxy::hostName()"""
        return self._host_name

    def setHostName(self, hostName: str, /) -> None:
        """Qt: QNetworkProxy::setHostName()"""
        text(hostName)
        self._host_name = hostName

    def port(self) -> int:
        """Qt: QNetworkProxy::port()"""
        return self._port

    def setPort(self, port: int, /) -> None:
        """Qt: QNetworkProxy::setPort()"""
        self._port = port_number(port)

    def user(self) -> str:
        """Who uses it; "" if it does not want to know. Qt: QNetworkProxy::user()"""
        return self._user

    def setUser(self, userName: str, /) -> None:
        """SOCKS takes 255 bytes at most. Qt: QNetworkProxy::setUser()"""
        text(userName)
        self._user = userName

    def password(self) -> str:
        """Qt: QNetworkProxy::password()"""
        return self._password

    def setPassword(self, password: str, /) -> None:
        """Qt: QNetworkProxy::setPassword()"""
        text(password)
        self._password = password

    # ---- headers

    def hasRawHeader(self, headerName: Data, /) -> bool:
        """Have requests to an HTTP proxy that header, in whatever letters? Qt: QNetworkProxy::hasRawHeader()"""
        name = _word(headerName)
        return self._kept is not None and bool(lib.qnet_network_proxy_has_raw_header(self._kept.structs[0], name))

    def rawHeaderList(self) -> List[Bytes]:
        """The names of the headers, in the order in which they were set first. Qt: QNetworkProxy::rawHeaderList()"""
        names: List[Bytes] = []
        while self._kept is not None:
            name = lib.qnet_network_proxy_raw_header_name(self._kept.structs[0], len(names))
            if name is None:
                break
            names.append(name)
        return names

    def rawHeader(self, headerName: Data, /) -> Bytes:
        """A header's value, b"" if there is none. Qt: QNetworkProxy::rawHeader()"""
        name = _word(headerName)
        if self._kept is None:
            return EMPTY
        return Bytes(lib.qnet_network_proxy_raw_header(self._kept.structs[0], name) or b"")

    def setRawHeader(self, headerName: Data, value: Optional[Data], /) -> None:
        """Sets a header of requests to an HTTP proxy; None removes it. What would break a request is ignored, with a
        warning. Qt: QNetworkProxy::setRawHeader(), where a null QByteArray removes it"""
        name, word = _word(headerName), None if value is None else _word(value)
        kept = Kept() if self._kept is None else _copied(self._kept.structs[0])
        lib.qnet_network_proxy_set_raw_header(kept.structs[0], name, word)
        self._kept = kept

    # ---- the application

    @staticmethod
    def setApplicationProxy(proxy: ProxyLike, /) -> None:
        """Sets the proxy of all sockets and servers that have none of their own, for connections to come; the default
        proxy is none. It replaces a factory and the system's configuration. Qt: QNetworkProxy::setApplicationProxy()"""
        one = as_proxy(proxy)
        _application.change(None, lib.qnet_network_proxy_set_application_proxy, struct(one))

    @staticmethod
    def applicationProxy() -> "QNetworkProxy":
        """What was set, or the first that the factory or the system's configuration has; NoProxy if there is none.
        Qt: QNetworkProxy::applicationProxy()"""
        return proxy_from(lib.qnet_network_proxy_application_proxy)


def _word(value: Data) -> bytes:
    """A part of a header."""
    word = data(value)
    if b"\0" in word:
        raise ValueError("the header contains a NUL byte")
    return word


def as_proxy(proxy: ProxyLike) -> QNetworkProxy:
    """A proxy where its type will do."""
    if isinstance(proxy, QNetworkProxy):
        return proxy
    if isinstance(proxy, ProxyType):
        return QNetworkProxy(proxy)
    raise TypeError(f"a QNetworkProxy is needed, not {type(proxy).__name__}")


def struct(proxy: QNetworkProxy) -> Any:
    """The C struct of a proxy, for a call during which the proxy is kept."""
    made = _Struct(
        type=proxy._q_type,
        host_name=text(proxy._host_name),
        port=proxy._port,
        user=text(proxy._user),
        password=text(proxy._password),
    )
    if proxy._capabilities is not None:
        made.capabilities = proxy._capabilities | _api.QNET_NO_CAPABILITY
    if proxy._kept is not None:
        made.storage = proxy._kept.structs[0].storage
    return made


def proxy_from(function: Any, *arguments: Any) -> QNetworkProxy:
    """The proxy that a C function writes to its last argument."""
    kept = Kept()
    call(function, *arguments, kept.structs[0])
    return _made_of(kept)


def proxy_at(struct: Any) -> QNetworkProxy:
    """A copy of a struct of C."""
    return _made_of(_copied(struct))


def _made_of(kept: Kept) -> QNetworkProxy:
    one = kept.structs[0]
    proxy = QNetworkProxy()
    proxy._q_type = member(ProxyType, one.type)
    proxy._host_name, proxy._port = string(one.host_name), int(one.port)
    proxy._user, proxy._password = string(one.user), string(one.password)
    capabilities = int(one.capabilities) & ~_api.QNET_NO_CAPABILITY
    if capabilities != _capabilities_of(proxy._q_type):
        proxy._capabilities = capabilities
    proxy._kept = kept
    return proxy
