"""This machine's network interfaces and their addresses. Qt: QNetworkInterface, QNetworkAddressEntry"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, List, Optional

from . import _api, enums
from ._convert import integer, string, text
from ._library import lib
from ._made import Made
from ._values import Handle, handles_from
from .address import AddressLike, QHostAddress
from .enums import DnsEligibilityStatus, InterfaceFlag, InterfaceType, member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_NAME = 256  # bytes that the name of an interface has at most
_ROOM = 64


def _address(one: Any) -> QHostAddress:
    address = QHostAddress()
    address._struct = _api.qnet_host_address.from_buffer_copy(one)
    return address


@short_names(enums.DnsEligibilityStatus)
class QNetworkAddressEntry(Made):
    """An address of an interface, with its network. Qt: QNetworkAddressEntry. QNetworkAddressEntry() has none."""

    DnsEligibilityStatus: TypeAlias = enums.DnsEligibilityStatus

    __slots__ = _q_by_init = ("_ip", "_broadcast", "_prefix", "_dns", "_preferred", "_validity", "_known")

    def __init__(self, other: Optional["QNetworkAddressEntry"] = None, /) -> None:
        self._ip, self._broadcast = QHostAddress(), QHostAddress()
        self._prefix, self._dns = -1, DnsEligibilityStatus.DnsEligibilityUnknown
        self._preferred, self._validity, self._known = -1, -1, False
        if other is not None:
            for name in self._q_by_init:
                setattr(self, name, getattr(other, name))

    def __repr__(self) -> str:
        return f"<qnet.QNetworkAddressEntry {self._ip}/{self._prefix}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QNetworkAddressEntry):
            return NotImplemented
        names = ("_ip", "_prefix", "_broadcast")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]

    def swap(self, other: "QNetworkAddressEntry", /) -> None:
        """Qt: QNetworkAddressEntry::swap()"""
        for name in self._q_by_init:
            mine = getattr(self, name)
            setattr(self, name, getattr(other, name))
            setattr(other, name, mine)

    def ip(self) -> QHostAddress:
        """The address itself. Qt: QNetworkAddressEntry::ip()"""
        return QHostAddress(self._ip)

    def setIp(self, newIp: AddressLike, /) -> None:
        """Qt: QNetworkAddressEntry::setIp()"""
        self._ip = QHostAddress(newIp)

    def netmask(self) -> QHostAddress:
        """The part of the address that names the network. Qt: QNetworkAddressEntry::netmask()"""
        size = len(_bytes(self._ip)) * 8
        if self._prefix < 0 or not size:
            return QHostAddress()
        bits = min(self._prefix, size)
        mask = (((1 << bits) - 1) << (size - bits)).to_bytes(size // 8, "big")
        if size == 32:
            return QHostAddress(int.from_bytes(mask, "big"))
        return QHostAddress(":".join(mask[at : at + 2].hex() for at in range(0, 16, 2)))

    def setNetmask(self, newNetmask: AddressLike, /) -> None:
        """None, if it is of another protocol than the address, or has gaps. Qt: QNetworkAddressEntry::setNetmask()"""
        mask = QHostAddress(newNetmask)
        bits = "".join(f"{byte:08b}" for byte in _bytes(mask))
        same = mask.protocol() == self._ip.protocol() and not mask.isNull()
        self._prefix = -1 if not same or "01" in bits else bits.count("1")

    def prefixLength(self) -> int:
        """How many bits the netmask has; -1 if there is none. Qt: QNetworkAddressEntry::prefixLength()"""
        return self._prefix

    def setPrefixLength(self, length: int, /) -> None:
        """Qt: QNetworkAddressEntry::setPrefixLength()"""
        fits = 0 <= integer(length) <= len(_bytes(self._ip)) * 8 and not self._ip.isNull()
        self._prefix = length if fits else -1

    def broadcast(self) -> QHostAddress:
        """Where all of the network listen; null for IPv6. Qt: QNetworkAddressEntry::broadcast()"""
        return QHostAddress(self._broadcast)

    def setBroadcast(self, newBroadcast: AddressLike, /) -> None:
        """Qt: QNetworkAddressEntry::setBroadcast()"""
        self._broadcast = QHostAddress(newBroadcast)

    def dnsEligibility(self) -> DnsEligibilityStatus:
        """May it be published, so that others find this machine by it? Qt: QNetworkAddressEntry::dnsEligibility()"""
        return self._dns

    def setDnsEligibility(self, status: DnsEligibilityStatus, /) -> None:
        """Qt: QNetworkAddressEntry::setDnsEligibility()"""
        self._dns = member(DnsEligibilityStatus, integer(status))

    def isLifetimeKnown(self) -> bool:
        """Does the system say how long the address lives? Qt: QNetworkAddressEntry::isLifetimeKnown()"""
        return self._known

    def preferredLifetime(self) -> int:
        """How many milliseconds from when it was asked for it is preferred; -1: for ever. In Qt a QDeadlineTimer:
        QNetworkAddressEntry::preferredLifetime()"""
        return self._preferred

    def validityLifetime(self) -> int:
        """How many milliseconds from when it was asked for it can be used; -1: for ever. In Qt a QDeadlineTimer:
        QNetworkAddressEntry::validityLifetime()"""
        return self._validity

    def setAddressLifetime(self, preferred: int, validity: int, /) -> None:
        """In milliseconds. Qt: QNetworkAddressEntry::setAddressLifetime()"""
        self._preferred, self._validity, self._known = integer(preferred), integer(validity), True

    def clearAddressLifetime(self) -> None:
        """Qt: QNetworkAddressEntry::clearAddressLifetime()"""
        self._preferred, self._validity, self._known = -1, -1, False

    def isPermanent(self) -> bool:
        """Can it be used for ever? Qt: QNetworkAddressEntry::isPermanent()"""
        return self._validity < 0

    def isTemporary(self) -> bool:
        """Qt: QNetworkAddressEntry::isTemporary()"""
        return not self.isPermanent()


def _bytes(address: QHostAddress) -> bytes:
    """An address as bytes: 4, 16, or none."""
    if address.isNull():
        return b""
    if address.protocol() == enums.NetworkLayerProtocol.IPv4Protocol:
        return int(address.toIPv4Address()).to_bytes(4, "big")
    return bytes(address.toIPv6Address())


def _entry(one: Any) -> QNetworkAddressEntry:
    entry = QNetworkAddressEntry()
    entry._ip, entry._broadcast = _address(one.ip), _address(one.broadcast)
    entry._prefix, entry._dns = one.prefix_length, member(DnsEligibilityStatus, one.dns_eligibility)
    entry._known, entry._preferred, entry._validity = one.lifetime_known, one.preferred_lifetime, one.validity_lifetime
    return entry


@short_names(enums.InterfaceFlag, enums.InterfaceType)
class QNetworkInterface(Made):
    """One of this machine's network interfaces, as it was when it was asked for. Qt: QNetworkInterface. QNetworkInterface()
    is none."""

    InterfaceFlag: TypeAlias = enums.InterfaceFlag
    InterfaceType: TypeAlias = enums.InterfaceType

    __slots__ = ("_q_handle",)
    _q_by_init = ("_q_handle",)

    _q_handle: Handle

    def __init__(self, other: Optional["QNetworkInterface"] = None, /) -> None:
        self._q_handle = Handle(None, lib.qnet_network_interface_delete) if other is None else other._q_handle

    def __repr__(self) -> str:
        what = f"{self.name()!r} {self.index()}" if self.isValid() else "none"
        return f"<qnet.QNetworkInterface {what}>"

    def __eq__(self, other: object) -> bool:
        return self.index() == other.index() if isinstance(other, QNetworkInterface) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.index())

    def __copy__(self) -> "QNetworkInterface":
        return QNetworkInterface(self)

    def __deepcopy__(self, _memo: Any) -> "QNetworkInterface":
        return QNetworkInterface(self)

    def __reduce__(self) -> Any:
        return QNetworkInterface.interfaceFromIndex, (self.index(),)

    def swap(self, other: "QNetworkInterface", /) -> None:
        """Qt: QNetworkInterface::swap()"""
        self._q_handle, other._q_handle = other._q_handle, self._q_handle

    def isValid(self) -> bool:
        """Is it an interface at all? Qt: QNetworkInterface::isValid()"""
        return bool(lib.qnet_network_interface_is_valid(self._q_handle.value))

    def name(self) -> str:
        """Its name; "" if it is none. Qt: QNetworkInterface::name()"""
        return string(lib.qnet_network_interface_name(self._q_handle.value))

    def humanReadableName(self) -> str:
        """A name for people: the name. Qt: QNetworkInterface::humanReadableName()"""
        return string(lib.qnet_network_interface_human_readable_name(self._q_handle.value))

    def index(self) -> int:
        """Its index; 0 if it is none. Qt: QNetworkInterface::index()"""
        return int(lib.qnet_network_interface_index(self._q_handle.value))

    def flags(self) -> InterfaceFlag:
        """Qt: QNetworkInterface::flags()"""
        return InterfaceFlag(max(0, lib.qnet_network_interface_flags(self._q_handle.value)))

    def type(self) -> InterfaceType:
        """Qt: QNetworkInterface::type()"""
        return member(InterfaceType, lib.qnet_network_interface_type(self._q_handle.value))

    def hardwareAddress(self) -> str:
        """The address of the hardware, such as "00:16:3E:5E:6C:00"; "" if it has none.
        Qt: QNetworkInterface::hardwareAddress()"""
        return string(lib.qnet_network_interface_hardware_address(self._q_handle.value))

    def maximumTransmissionUnit(self) -> int:
        """How many bytes a packet may have; 0 if that is unknown. Qt: QNetworkInterface::maximumTransmissionUnit()"""
        return max(0, int(lib.qnet_network_interface_maximum_transmission_unit(self._q_handle.value)))

    def addressEntries(self) -> List[QNetworkAddressEntry]:
        """Qt: QNetworkInterface::addressEntries()"""
        found = []
        for index in range(max(0, lib.qnet_network_interface_address_entry_count(self._q_handle.value))):
            one = _api.qnet_network_address_entry(size=ctypes.sizeof(_api.qnet_network_address_entry))
            if lib.qnet_network_interface_address_entry(self._q_handle.value, index, one):
                found.append(_entry(one))
        return found

    @staticmethod
    def _of(handle: Any) -> "QNetworkInterface":
        interface = QNetworkInterface()
        interface._q_handle = handle if isinstance(handle, Handle) else Handle(handle, lib.qnet_network_interface_delete)
        return interface

    @staticmethod
    def interfaceFromName(name: str, /) -> "QNetworkInterface":
        """That of a name or an index as text; none if there is none. Qt: QNetworkInterface::interfaceFromName()"""
        return QNetworkInterface._of(lib.qnet_network_interface_interface_from_name(text(name)))

    @staticmethod
    def interfaceFromIndex(index: int, /) -> "QNetworkInterface":
        """That of an index; none if there is none. Qt: QNetworkInterface::interfaceFromIndex()"""
        return QNetworkInterface._of(lib.qnet_network_interface_interface_from_index(integer(index)))

    @staticmethod
    def interfaceIndexFromName(name: str, /) -> int:
        """0 if there is none. Qt: QNetworkInterface::interfaceIndexFromName()"""
        return int(lib.qnet_network_interface_interface_index_from_name(text(name)))

    @staticmethod
    def interfaceNameFromIndex(index: int, /) -> str:
        """ "" if there is none. Qt: QNetworkInterface::interfaceNameFromIndex()"""
        buffer = ctypes.create_string_buffer(_NAME)
        lib.qnet_network_interface_interface_name_from_index(integer(index), buffer, _NAME)
        return string(buffer.value)

    @staticmethod
    def allInterfaces() -> List["QNetworkInterface"]:
        """All of this machine. Qt: QNetworkInterface::allInterfaces()"""
        handles = handles_from(lib.qnet_network_interface_all_interfaces, lib.qnet_network_interface_delete)
        return [QNetworkInterface._of(handle) for handle in handles]

    @staticmethod
    def allAddresses() -> List[QHostAddress]:
        """The addresses of all interfaces that are up. Qt: QNetworkInterface::allAddresses()"""
        room = _ROOM
        while True:
            array = (_api.qnet_host_address * room)()
            count = lib.qnet_network_interface_all_addresses(array, room)
            if count <= room:
                return [_address(array[index]) for index in range(max(0, count))]
            room = count
