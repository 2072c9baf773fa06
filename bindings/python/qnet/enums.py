"""Qt's enumerations, with Qt's names and values. They are integers too."""

from __future__ import annotations

import enum
from typing import Any, Type, TypeVar, cast

from . import _api

T = TypeVar("T", bound=enum.Enum)


class _IntEnum(enum.IntEnum):
    __str__ = enum.Enum.__str__


class _IntFlag(enum.IntFlag):
    __str__ = enum.Enum.__str__


def member(cls: Type[T], value: int) -> T:
    """The enumerator of a value; the value itself if there is none."""
    return cast(T, cls._value2member_map_.get(value, value))


def short_names(*enums: Type[enum.Enum]) -> Any:
    """A class decorator: the enumerators become attributes of the class, as in C++ (QAbstractSocket.ConnectedState)."""

    def add(cls: Any) -> Any:
        for one in enums:
            for name, value in one.__members__.items():
                setattr(cls, name, value)
        return cls

    return add


class QtMsgType(_IntEnum):
    """The kind of a message. Qt: QtMsgType"""

    QtDebugMsg = _api.QNET_DEBUG_MSG
    QtWarningMsg = _api.QNET_WARNING_MSG
    QtCriticalMsg = _api.QNET_CRITICAL_MSG
    QtSystemMsg = _api.QNET_CRITICAL_MSG
    QtFatalMsg = _api.QNET_FATAL_MSG
    QtInfoMsg = _api.QNET_INFO_MSG


class OpenModeFlag(_IntFlag):
    """How a device is open. Qt: QIODeviceBase::OpenModeFlag"""

    NotOpen = _api.QNET_NOT_OPEN
    ReadOnly = _api.QNET_READ_ONLY
    WriteOnly = _api.QNET_WRITE_ONLY
    ReadWrite = _api.QNET_READ_WRITE
    Append = _api.QNET_APPEND
    Truncate = _api.QNET_TRUNCATE
    Text = _api.QNET_TEXT
    Unbuffered = _api.QNET_UNBUFFERED


class SocketType(_IntEnum):
    """Qt: QAbstractSocket::SocketType"""

    UnknownSocketType = _api.QNET_UNKNOWN_SOCKET_TYPE
    TcpSocket = _api.QNET_TCP_SOCKET
    UdpSocket = _api.QNET_UDP_SOCKET
    SctpSocket = _api.QNET_SCTP_SOCKET


class SocketState(_IntEnum):
    """Qt: QAbstractSocket::SocketState"""

    UnconnectedState = _api.QNET_UNCONNECTED_STATE
    HostLookupState = _api.QNET_HOST_LOOKUP_STATE
    ConnectingState = _api.QNET_CONNECTING_STATE
    ConnectedState = _api.QNET_CONNECTED_STATE
    BoundState = _api.QNET_BOUND_STATE
    ListeningState = _api.QNET_LISTENING_STATE
    ClosingState = _api.QNET_CLOSING_STATE


class SocketError(_IntEnum):
    """Qt: QAbstractSocket::SocketError"""

    UnknownSocketError = _api.QNET_UNKNOWN_SOCKET_ERROR
    ConnectionRefusedError = _api.QNET_CONNECTION_REFUSED_ERROR
    RemoteHostClosedError = _api.QNET_REMOTE_HOST_CLOSED_ERROR
    HostNotFoundError = _api.QNET_HOST_NOT_FOUND_ERROR
    SocketAccessError = _api.QNET_SOCKET_ACCESS_ERROR
    SocketResourceError = _api.QNET_SOCKET_RESOURCE_ERROR
    SocketTimeoutError = _api.QNET_SOCKET_TIMEOUT_ERROR
    DatagramTooLargeError = _api.QNET_DATAGRAM_TOO_LARGE_ERROR
    NetworkError = _api.QNET_NETWORK_ERROR
    AddressInUseError = _api.QNET_ADDRESS_IN_USE_ERROR
    SocketAddressNotAvailableError = _api.QNET_SOCKET_ADDRESS_NOT_AVAILABLE_ERROR
    UnsupportedSocketOperationError = _api.QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR
    UnfinishedSocketOperationError = _api.QNET_UNFINISHED_SOCKET_OPERATION_ERROR
    ProxyAuthenticationRequiredError = _api.QNET_PROXY_AUTHENTICATION_REQUIRED_ERROR
    SslHandshakeFailedError = _api.QNET_SSL_HANDSHAKE_FAILED_ERROR
    ProxyConnectionRefusedError = _api.QNET_PROXY_CONNECTION_REFUSED_ERROR
    ProxyConnectionClosedError = _api.QNET_PROXY_CONNECTION_CLOSED_ERROR
    ProxyConnectionTimeoutError = _api.QNET_PROXY_CONNECTION_TIMEOUT_ERROR
    ProxyNotFoundError = _api.QNET_PROXY_NOT_FOUND_ERROR
    ProxyProtocolError = _api.QNET_PROXY_PROTOCOL_ERROR
    OperationError = _api.QNET_OPERATION_ERROR
    SslInternalError = _api.QNET_SSL_INTERNAL_ERROR
    SslInvalidUserDataError = _api.QNET_SSL_INVALID_USER_DATA_ERROR
    TemporaryError = _api.QNET_TEMPORARY_ERROR


class SocketOption(_IntEnum):
    """Qt: QAbstractSocket::SocketOption; UserTimeoutOption (milliseconds), ReusePortOption, ReceiveTrainsOption (of UDP
    sockets) and BindToInterfaceOption (an interface's index) are qnet's own."""

    LowDelayOption = _api.QNET_LOW_DELAY_OPTION
    KeepAliveOption = _api.QNET_KEEP_ALIVE_OPTION
    MulticastTtlOption = _api.QNET_MULTICAST_TTL_OPTION
    MulticastLoopbackOption = _api.QNET_MULTICAST_LOOPBACK_OPTION
    TypeOfServiceOption = _api.QNET_TYPE_OF_SERVICE_OPTION
    SendBufferSizeSocketOption = _api.QNET_SEND_BUFFER_SIZE_SOCKET_OPTION
    ReceiveBufferSizeSocketOption = _api.QNET_RECEIVE_BUFFER_SIZE_SOCKET_OPTION
    PathMtuSocketOption = _api.QNET_PATH_MTU_SOCKET_OPTION
    KeepAliveIdleOption = _api.QNET_KEEP_ALIVE_IDLE_OPTION
    KeepAliveIntervalOption = _api.QNET_KEEP_ALIVE_INTERVAL_OPTION
    KeepAliveCountOption = _api.QNET_KEEP_ALIVE_COUNT_OPTION
    UserTimeoutOption = _api.QNET_USER_TIMEOUT_OPTION
    ReusePortOption = _api.QNET_REUSE_PORT_OPTION
    ReceiveTrainsOption = _api.QNET_RECEIVE_TRAINS_OPTION
    BindToInterfaceOption = _api.QNET_BIND_TO_INTERFACE_OPTION


class LocalSocketState(_IntEnum):
    """Qt: QLocalSocket::LocalSocketState"""

    UnconnectedState = _api.QNET_UNCONNECTED_STATE
    ConnectingState = _api.QNET_CONNECTING_STATE
    ConnectedState = _api.QNET_CONNECTED_STATE
    ClosingState = _api.QNET_CLOSING_STATE


class LocalSocketError(_IntEnum):
    """Qt: QLocalSocket::LocalSocketError"""

    UnknownSocketError = _api.QNET_UNKNOWN_SOCKET_ERROR
    ConnectionRefusedError = _api.QNET_CONNECTION_REFUSED_ERROR
    PeerClosedError = _api.QNET_REMOTE_HOST_CLOSED_ERROR
    ServerNotFoundError = _api.QNET_HOST_NOT_FOUND_ERROR
    SocketAccessError = _api.QNET_SOCKET_ACCESS_ERROR
    SocketResourceError = _api.QNET_SOCKET_RESOURCE_ERROR
    SocketTimeoutError = _api.QNET_SOCKET_TIMEOUT_ERROR
    DatagramTooLargeError = _api.QNET_DATAGRAM_TOO_LARGE_ERROR
    ConnectionError = _api.QNET_NETWORK_ERROR
    UnsupportedSocketOperationError = _api.QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR
    OperationError = _api.QNET_OPERATION_ERROR


class LocalSocketOption(_IntFlag):
    """Where names are. Qt: QLocalSocket::SocketOption"""

    NoOptions = 0
    AbstractNamespaceOption = 1


class LocalServerOption(_IntFlag):
    """Who may connect, and where names are. Qt: QLocalServer::SocketOption"""

    NoOptions = _api.QNET_NO_OPTIONS
    UserAccessOption = _api.QNET_USER_ACCESS_OPTION
    GroupAccessOption = _api.QNET_GROUP_ACCESS_OPTION
    OtherAccessOption = _api.QNET_OTHER_ACCESS_OPTION
    WorldAccessOption = _api.QNET_WORLD_ACCESS_OPTION
    AbstractNamespaceOption = _api.QNET_ABSTRACT_NAMESPACE_OPTION


class BindFlag(_IntFlag):
    """Qt: QAbstractSocket::BindFlag"""

    DefaultForPlatform = _api.QNET_DEFAULT_FOR_PLATFORM
    ShareAddress = _api.QNET_SHARE_ADDRESS
    DontShareAddress = _api.QNET_DONT_SHARE_ADDRESS
    ReuseAddressHint = _api.QNET_REUSE_ADDRESS_HINT


class PauseMode(_IntFlag):
    """Qt: QAbstractSocket::PauseMode"""

    PauseNever = _api.QNET_PAUSE_NEVER
    PauseOnSslErrors = _api.QNET_PAUSE_ON_SSL_ERRORS


class NetworkLayerProtocol(_IntEnum):
    """Qt: QAbstractSocket::NetworkLayerProtocol"""

    UnknownNetworkLayerProtocol = _api.QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL
    IPv4Protocol = _api.QNET_IPV4_PROTOCOL
    IPv6Protocol = _api.QNET_IPV6_PROTOCOL
    AnyIPProtocol = _api.QNET_ANY_IP_PROTOCOL


class ProxyType(_IntEnum):
    """Qt: QNetworkProxy::ProxyType"""

    DefaultProxy = _api.QNET_DEFAULT_PROXY
    Socks5Proxy = _api.QNET_SOCKS5_PROXY
    NoProxy = _api.QNET_NO_PROXY
    HttpProxy = _api.QNET_HTTP_PROXY
    HttpCachingProxy = _api.QNET_HTTP_CACHING_PROXY
    FtpCachingProxy = _api.QNET_FTP_CACHING_PROXY


class Capability(_IntFlag):
    """What a proxy can do. Qt: QNetworkProxy::Capability"""

    TunnelingCapability = _api.QNET_TUNNELING_CAPABILITY
    ListeningCapability = _api.QNET_LISTENING_CAPABILITY
    UdpTunnelingCapability = _api.QNET_UDP_TUNNELING_CAPABILITY
    CachingCapability = _api.QNET_CACHING_CAPABILITY
    HostNameLookupCapability = _api.QNET_HOST_NAME_LOOKUP_CAPABILITY
    SctpTunnelingCapability = _api.QNET_SCTP_TUNNELING_CAPABILITY
    SctpListeningCapability = _api.QNET_SCTP_LISTENING_CAPABILITY


class QueryType(_IntEnum):
    """What a proxy is wanted for. Nothing asks for UrlRequest here. Qt: QNetworkProxyQuery::QueryType"""

    TcpSocket = _api.QNET_TCP_SOCKET_QUERY
    UdpSocket = _api.QNET_UDP_SOCKET_QUERY
    SctpSocket = _api.QNET_SCTP_SOCKET_QUERY
    TcpServer = _api.QNET_TCP_SERVER_QUERY
    UrlRequest = 101
    SctpServer = _api.QNET_SCTP_SERVER_QUERY


class SpecialAddress(_IntEnum):
    """Qt: QHostAddress::SpecialAddress"""

    Null = 0
    Broadcast = 1
    LocalHost = 2
    LocalHostIPv6 = 3
    Any = 4
    AnyIPv6 = 5
    AnyIPv4 = 6


class ConversionModeFlag(_IntFlag):
    """Which addresses of different families count as equal. Qt: QHostAddress::ConversionModeFlag"""

    StrictConversion = _api.QNET_STRICT_CONVERSION
    ConvertV4MappedToIPv4 = _api.QNET_CONVERT_V4_MAPPED_TO_IPV4
    ConvertV4CompatToIPv4 = _api.QNET_CONVERT_V4_COMPAT_TO_IPV4
    ConvertUnspecifiedAddress = _api.QNET_CONVERT_UNSPECIFIED_ADDRESS
    ConvertLocalHost = _api.QNET_CONVERT_LOCAL_HOST
    TolerantConversion = _api.QNET_TOLERANT_CONVERSION


class HostInfoError(_IntEnum):
    """Qt: QHostInfo::HostInfoError"""

    NoError = _api.QNET_HOST_INFO_NO_ERROR
    HostNotFound = _api.QNET_HOST_INFO_HOST_NOT_FOUND
    UnknownError = _api.QNET_HOST_INFO_UNKNOWN_ERROR


class ProcessEventsFlag(_IntFlag):
    """Qt: QEventLoop::ProcessEventsFlag. Only WaitForMoreEvents makes a difference here."""

    AllEvents = 0
    ExcludeUserInputEvents = 1
    ExcludeSocketNotifiers = 2
    WaitForMoreEvents = 4


class ConnectionType(_IntFlag):
    """When a slot is called. Qt: Qt::ConnectionType"""

    AutoConnection = 0
    DirectConnection = 1
    QueuedConnection = 2
    BlockingQueuedConnection = 3
    UniqueConnection = 0x80
    SingleShotConnection = 0x100


class TimerType(_IntEnum):
    """How exact a timer is: here always as exact as it can be. Qt: Qt::TimerType"""

    PreciseTimer = 0
    CoarseTimer = 1
    VeryCoarseTimer = 2


class CaseSensitivity(_IntEnum):
    """Qt: Qt::CaseSensitivity"""

    CaseInsensitive = 0
    CaseSensitive = 1


class FindChildOption(_IntFlag):
    """Where children are looked for. Qt: Qt::FindChildOption"""

    FindDirectChildrenOnly = 0
    FindChildrenRecursively = 1


class Base64Option(_IntFlag):
    """Qt: QByteArray::Base64Option"""

    Base64Encoding = KeepTrailingEquals = IgnoreBase64DecodingErrors = 0
    Base64UrlEncoding = 1
    OmitTrailingEquals = 2
    AbortOnBase64DecodingErrors = 4


class Base64DecodingStatus(_IntEnum):
    """Qt: QByteArray::Base64DecodingStatus"""

    Ok = 0
    IllegalInputLength = 1
    IllegalCharacter = 2
    IllegalPadding = 3


class DataStreamVersion(_IntEnum):
    """Qt: QDataStream::Version"""

    Qt_1_0 = 1
    Qt_2_0 = 2
    Qt_2_1 = 3
    Qt_3_0 = 4
    Qt_3_1 = 5
    Qt_3_3 = 6
    Qt_4_0 = Qt_4_1 = 7
    Qt_4_2 = 8
    Qt_4_3 = 9
    Qt_4_4 = 10
    Qt_4_5 = 11
    Qt_4_6 = Qt_4_7 = Qt_4_8 = Qt_4_9 = 12
    Qt_5_0 = 13
    Qt_5_1 = 14
    Qt_5_2 = Qt_5_3 = 15
    Qt_5_4 = Qt_5_5 = 16
    Qt_5_6 = Qt_5_7 = Qt_5_8 = Qt_5_9 = Qt_5_10 = Qt_5_11 = 17
    Qt_5_12 = 18
    Qt_5_13 = Qt_5_14 = Qt_5_15 = 19
    Qt_6_0 = Qt_6_1 = Qt_6_2 = Qt_6_3 = Qt_6_4 = Qt_6_5 = 20
    Qt_6_6 = 21
    Qt_6_7 = Qt_6_8 = Qt_6_9 = 22
    Qt_6_10 = 23
    Qt_6_11 = Qt_6_12 = Qt_DefaultCompiledVersion = 24


class DataStreamStatus(_IntEnum):
    """Qt: QDataStream::Status"""

    Ok = 0
    ReadPastEnd = 1
    ReadCorruptData = 2
    WriteFailed = 3
    SizeLimitExceeded = 4


class ByteOrder(_IntEnum):
    """Qt: QDataStream::ByteOrder"""

    BigEndian = 0
    LittleEndian = 1


class FloatingPointPrecision(_IntEnum):
    """Qt: QDataStream::FloatingPointPrecision"""

    SinglePrecision = 0
    DoublePrecision = 1


class InterfaceFlag(_IntFlag):
    """Qt: QNetworkInterface::InterfaceFlag"""

    IsUp = _api.QNET_INTERFACE_IS_UP
    IsRunning = _api.QNET_INTERFACE_IS_RUNNING
    CanBroadcast = _api.QNET_INTERFACE_CAN_BROADCAST
    IsLoopBack = _api.QNET_INTERFACE_IS_LOOP_BACK
    IsPointToPoint = _api.QNET_INTERFACE_IS_POINT_TO_POINT
    CanMulticast = _api.QNET_INTERFACE_CAN_MULTICAST


class InterfaceType(_IntEnum):
    """Qt: QNetworkInterface::InterfaceType"""

    Unknown = _api.QNET_INTERFACE_UNKNOWN
    Loopback = _api.QNET_INTERFACE_LOOPBACK
    Virtual = _api.QNET_INTERFACE_VIRTUAL
    Ethernet = _api.QNET_INTERFACE_ETHERNET
    Slip = _api.QNET_INTERFACE_SLIP
    CanBus = _api.QNET_INTERFACE_CAN_BUS
    Ppp = _api.QNET_INTERFACE_PPP
    Fddi = _api.QNET_INTERFACE_FDDI
    Wifi = Ieee80211 = _api.QNET_INTERFACE_WIFI
    Phonet = _api.QNET_INTERFACE_PHONET
    Ieee802154 = _api.QNET_INTERFACE_IEEE802154
    SixLoWPAN = _api.QNET_INTERFACE_SIX_LO_WPAN
    Ieee80216 = _api.QNET_INTERFACE_IEEE80216
    Ieee1394 = _api.QNET_INTERFACE_IEEE1394


class DnsEligibilityStatus(_IntEnum):
    """Qt: QNetworkAddressEntry::DnsEligibilityStatus"""

    DnsEligibilityUnknown = _api.QNET_DNS_ELIGIBILITY_UNKNOWN
    DnsIneligible = _api.QNET_DNS_INELIGIBLE
    DnsEligible = _api.QNET_DNS_ELIGIBLE
