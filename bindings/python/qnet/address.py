"""Addresses. Qt: QHostAddress"""

from __future__ import annotations

import ctypes
import operator
from typing import TYPE_CHECKING, Any, Optional, Tuple, Union

from . import _api, enums
from ._convert import integer, string, text
from ._library import lib
from ._made import Made
from .enums import ConversionModeFlag, NetworkLayerProtocol, SpecialAddress, member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_Struct = _api.qnet_host_address

_SPECIAL = {
    SpecialAddress.Null: lib.qnet_address_null,
    SpecialAddress.Broadcast: lib.qnet_address_broadcast,
    SpecialAddress.LocalHost: lib.qnet_address_local_host,
    SpecialAddress.LocalHostIPv6: lib.qnet_address_local_host_ipv6,
    SpecialAddress.Any: lib.qnet_address_any,
    SpecialAddress.AnyIPv6: lib.qnet_address_any_ipv6,
    SpecialAddress.AnyIPv4: lib.qnet_address_any_ipv4,
}

AddressLike = Union["QHostAddress", SpecialAddress]


class QIPv6Address(bytearray):
    """The sixteen bytes of an IPv6 address in network byte order. Qt: QIPv6Address"""

    def __init__(self, values: Any = bytes(16)) -> None:
        super().__init__(values)
        if len(self) != 16:
            raise ValueError("an IPv6 address has sixteen bytes")


@short_names(SpecialAddress, NetworkLayerProtocol)
class QHostAddress(Made):
    """An IPv4 or IPv6 address. Qt: QHostAddress

    Made from nothing (the null address), a text, another address, a SpecialAddress, an IPv4 address as a number, or a
    QIPv6Address. A text that is no address gives the null address; nothing is looked up.
    """

    SpecialAddress: TypeAlias = enums.SpecialAddress
    ConversionModeFlag: TypeAlias = enums.ConversionModeFlag

    __slots__ = _q_by_init = ("_struct",)

    def __init__(self, address: Union[None, AddressLike, str, int, QIPv6Address] = None, /) -> None:
        self._struct = _Struct.from_buffer_copy(_SPECIAL[SpecialAddress.Null])
        if address is not None:
            self.setAddress(address)

    # ---- as a Python value

    def __repr__(self) -> str:
        if self.protocol() == NetworkLayerProtocol.AnyIPProtocol:
            return "QHostAddress(SpecialAddress.Any)"
        return f"QHostAddress({self.toString()!r})"

    def __str__(self) -> str:
        return self.toString()

    def __bool__(self) -> bool:
        return not self.isNull()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (QHostAddress, SpecialAddress)):
            return self.isEqual(other, ConversionModeFlag.StrictConversion)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._struct.protocol, bytes(self._struct.bytes)))  # as in ==, without the scope

    def __copy__(self) -> "QHostAddress":
        return QHostAddress(self)

    def __deepcopy__(self, _memo: Any) -> "QHostAddress":
        return QHostAddress(self)

    def __reduce__(self) -> Any:
        return (_unpickle, (bytes(self._struct),))

    # ---- changing it

    def setAddress(self, address: Union[AddressLike, str, int, QIPv6Address], /) -> Optional[bool]:
        """Sets another address. For a text: True, or False with the null address if it is none.

        Qt: QHostAddress::setAddress()
        """
        if isinstance(address, str):
            if "\0" in address:
                address = ""
            return bool(lib.qnet_host_address_set_address(self._struct, text(address)))
        if isinstance(address, (SpecialAddress, QHostAddress)):
            self._struct = _Struct.from_buffer_copy(struct(address))
            return None
        if isinstance(address, QIPv6Address):
            self._fill(NetworkLayerProtocol.IPv6Protocol, bytes(address))
            return None
        number = operator.index(address)
        if not 0 <= number < 1 << 32:
            raise OverflowError(f"{number} is no IPv4 address")
        self._fill(NetworkLayerProtocol.IPv4Protocol, number.to_bytes(4, "big"))
        return None

    def _fill(self, protocol: int, data: bytes) -> None:
        self._struct = _Struct()
        self._struct.protocol = protocol
        self._struct.bytes[: len(data)] = data

    def clear(self) -> None:
        """Makes it the null address. Qt: QHostAddress::clear()"""
        lib.qnet_host_address_clear(self._struct)

    def setScopeId(self, id: str, /) -> None:
        """The interface's name or number of an IPv6 address, of up to 31 bytes; nothing else has one.
        Qt: QHostAddress::setScopeId()"""
        lib.qnet_host_address_set_scope_id(self._struct, text(id))

    def swap(self, other: "QHostAddress", /) -> None:
        """Qt: QHostAddress::swap()"""
        self._struct, other._struct = other._struct, self._struct

    # ---- what it is

    def toString(self) -> str:
        """The usual text; "" for the null address. Qt: QHostAddress::toString()"""
        buffer = ctypes.create_string_buffer(_api.QNET_HOST_ADDRESS_STRING_MAX)
        lib.qnet_host_address_to_string(self._struct, buffer, len(buffer))
        return string(buffer.value)

    def toIPv4Address(self) -> int:
        """The IPv4 address as a number, also of an IPv6 address that stands for one; 0 if there is none.

        Qt: QHostAddress::toIPv4Address()
        """
        return int(lib.qnet_host_address_to_i_pv4_address(self._struct, None))

    def toIPv6Address(self) -> QIPv6Address:
        """As IPv6; an IPv4 address in its mapped form. Qt: QHostAddress::toIPv6Address()"""
        data = (ctypes.c_uint8 * 16)()
        lib.qnet_host_address_to_i_pv6_address(self._struct, data)
        return QIPv6Address(data)

    def protocol(self) -> NetworkLayerProtocol:
        """The family; unknown for the null address. Qt: QHostAddress::protocol()"""
        return member(NetworkLayerProtocol, lib.qnet_host_address_protocol(self._struct))

    def scopeId(self) -> str:
        """Qt: QHostAddress::scopeId()"""
        return string(lib.qnet_host_address_scope_id(self._struct))

    def isNull(self) -> bool:
        """Qt: QHostAddress::isNull()"""
        return bool(lib.qnet_host_address_is_null(self._struct))

    def isLoopback(self) -> bool:
        """Qt: QHostAddress::isLoopback()"""
        return bool(lib.qnet_host_address_is_loopback(self._struct))

    def isGlobal(self) -> bool:
        """Qt: QHostAddress::isGlobal()"""
        return bool(lib.qnet_host_address_is_global(self._struct))

    def isLinkLocal(self) -> bool:
        """Qt: QHostAddress::isLinkLocal()"""
        return bool(lib.qnet_host_address_is_link_local(self._struct))

    def isSiteLocal(self) -> bool:
        """Qt: QHostAddress::isSiteLocal()"""
        return bool(lib.qnet_host_address_is_site_local(self._struct))

    def isUniqueLocalUnicast(self) -> bool:
        """Qt: QHostAddress::isUniqueLocalUnicast()"""
        return bool(lib.qnet_host_address_is_unique_local_unicast(self._struct))

    def isMulticast(self) -> bool:
        """Qt: QHostAddress::isMulticast()"""
        return bool(lib.qnet_host_address_is_multicast(self._struct))

    def isBroadcast(self) -> bool:
        """Qt: QHostAddress::isBroadcast()"""
        return bool(lib.qnet_host_address_is_broadcast(self._struct))

    def isPrivateUse(self) -> bool:
        """Qt: QHostAddress::isPrivateUse()"""
        return bool(lib.qnet_host_address_is_private_use(self._struct))

    def isEqual(
        self, address: AddressLike, /, mode: ConversionModeFlag = ConversionModeFlag.TolerantConversion
    ) -> bool:
        """Is it the same address, where mode says what counts as equal? Qt: QHostAddress::isEqual()"""
        return bool(lib.qnet_host_address_is_equal(self._struct, struct(address), integer(mode)))

    def isInSubnet(
        self, subnet: Union[AddressLike, Tuple["QHostAddress", int]], netmask: Optional[int] = None, /
    ) -> bool:
        """Is it in the subnet of an address and a number of bits, or of the pair that parseSubnet() returns?

        Qt: QHostAddress::isInSubnet()
        """
        if isinstance(subnet, tuple):
            subnet, netmask = subnet
        if netmask is None:
            raise TypeError("the netmask is missing")
        return bool(lib.qnet_host_address_is_in_subnet(self._struct, struct(subnet), integer(netmask)))

    @staticmethod
    def parseSubnet(subnet: str, /) -> Tuple["QHostAddress", int]:
        """The address and the number of bits of a text such as "10/8"; the null address and -1 if it is no subnet.

        Qt: QHostAddress::parseSubnet()
        """
        address = QHostAddress()
        if "\0" in subnet:
            subnet = ""
        bits = lib.qnet_host_address_parse_subnet(text(subnet), address._struct)
        return address, bits


def struct(address: AddressLike) -> Any:
    """The C struct of an address, for a call."""
    if isinstance(address, QHostAddress):
        return address._struct
    if isinstance(address, SpecialAddress):
        return _SPECIAL[address]
    raise TypeError(f"a QHostAddress is needed, not {type(address).__name__}")


def address_from(function: Any, *arguments: Any) -> QHostAddress:
    """The address that a C function writes to its last argument."""
    address = QHostAddress()
    function(*arguments, address._struct)
    return address


def address_at(pointer: Any) -> QHostAddress:
    """The address that a callback of C points to."""
    return _unpickle(bytes(pointer.contents))


def _unpickle(data: bytes) -> QHostAddress:
    address = QHostAddress()
    address._struct = _Struct.from_buffer_copy(data)
    return address
