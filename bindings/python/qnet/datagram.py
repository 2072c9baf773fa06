"""Datagrams as values. Qt: QNetworkDatagram"""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Union

from . import _api
from ._convert import Data, data, integer, port as port_number
from ._made import Made
from .bytearray import EMPTY, Bytes
from .address import AddressLike, QHostAddress, struct


class QNetworkDatagram(Made):
    """A datagram with the way that it came or is to go. Qt: QNetworkDatagram

    QNetworkDatagram(data, destinationAddress, port), with only the beginning of that, or from another one.
    """

    __slots__ = _q_by_init = (
        "_data",
        "_sender",
        "_sender_port",
        "_destination",
        "_destination_port",
        "_interface",
        "_hop_limit",
    )

    def __init__(
        self,
        data_: Union[None, "QNetworkDatagram", Data] = None,
        /,
        destinationAddress: Optional[AddressLike] = None,
        port: int = 0,
    ) -> None:
        self.clear()
        if isinstance(data_, QNetworkDatagram):
            for name in self._q_by_init:
                setattr(self, name, getattr(data_, name))
        elif data_ is not None:
            self.setData(data_)
        if destinationAddress is not None:
            self.setDestination(destinationAddress, port)

    def __repr__(self) -> str:
        way = ""
        if not self._sender.isNull():
            way += f" from {self._sender}:{self._sender_port}"
        if not self._destination.isNull():
            way += f" to {self._destination}:{self._destination_port}"
        return f"<qnet.QNetworkDatagram {len(self._data)} bytes{way}>"

    def clear(self) -> None:
        """Makes it one of no bytes without a way. Qt: QNetworkDatagram::clear()"""
        self._data = EMPTY
        self._sender = QHostAddress()
        self._destination = QHostAddress()
        self._sender_port = self._destination_port = -1
        self._interface = 0
        self._hop_limit = -1

    def swap(self, other: "QNetworkDatagram", /) -> None:
        """Qt: QNetworkDatagram::swap()"""
        for name in self._q_by_init:
            mine = getattr(self, name)
            setattr(self, name, getattr(other, name))
            setattr(other, name, mine)

    def isNull(self) -> bool:
        """Has it neither bytes nor a way? Qt: QNetworkDatagram::isNull()"""
        return not self._data and not self.isValid()

    def isValid(self) -> bool:
        """Does it know where it came from or goes to? Qt: QNetworkDatagram::isValid()"""
        return not (self._sender.isNull() and self._destination.isNull())

    def data(self) -> Bytes:
        """The bytes. Qt: QNetworkDatagram::data()"""
        return self._data

    def setData(self, data_: Data, /) -> None:
        """Qt: QNetworkDatagram::setData()"""
        self._data = Bytes(data(data_))

    def senderAddress(self) -> QHostAddress:
        """Where it came from or is to come from; null if unknown. Qt: QNetworkDatagram::senderAddress()"""
        return QHostAddress(self._sender)

    def senderPort(self) -> int:
        """-1 if unknown. Qt: QNetworkDatagram::senderPort()"""
        return self._sender_port

    def setSender(self, address: AddressLike, /, port: int = 0) -> None:
        """Which of this machine's addresses it is to be sent from. Qt: QNetworkDatagram::setSender()"""
        self._sender, self._sender_port = QHostAddress(address), port_number(port)

    def destinationAddress(self) -> QHostAddress:
        """Where it goes or went to; null if unknown. Qt: QNetworkDatagram::destinationAddress()"""
        return QHostAddress(self._destination)

    def destinationPort(self) -> int:
        """-1 if unknown. Qt: QNetworkDatagram::destinationPort()"""
        return self._destination_port

    def setDestination(self, address: AddressLike, port: int, /) -> None:
        """Qt: QNetworkDatagram::setDestination()"""
        self._destination, self._destination_port = QHostAddress(address), port_number(port)

    def interfaceIndex(self) -> int:
        """The interface it came in or is to go out by; 0 if unknown. Qt: QNetworkDatagram::interfaceIndex()"""
        return self._interface

    def setInterfaceIndex(self, index: int, /) -> None:
        """Qt: QNetworkDatagram::setInterfaceIndex()"""
        self._interface = integer(index)

    def hopLimit(self) -> int:
        """The hop limit (TTL) that it came with or is to have; -1 if unknown. Qt: QNetworkDatagram::hopLimit()"""
        return self._hop_limit

    def setHopLimit(self, count: int, /) -> None:
        """-1 and 0 leave it to the system. Qt: QNetworkDatagram::setHopLimit()"""
        self._hop_limit = integer(count)

    def makeReply(self, payload: Data, /) -> "QNetworkDatagram":
        """One that goes back to the sender, from where this one was sent to. Qt: QNetworkDatagram::makeReply()"""
        reply = QNetworkDatagram(payload)
        reply._destination, reply._destination_port = self._sender, self._sender_port
        if not self._destination.isMulticast():
            reply._sender, reply._sender_port = self._destination, self._destination_port
        reply._interface = self._interface
        return reply


def received(one: Any, bytes_: Bytes) -> QNetworkDatagram:
    """The datagram of a C struct, and its bytes."""
    datagram = QNetworkDatagram()
    datagram._data = bytes_
    datagram._sender, datagram._sender_port = _address(one.sender), one.sender_port
    datagram._destination = _address(one.destination)
    datagram._destination_port = -1 if datagram._destination.isNull() else one.destination_port
    datagram._interface, datagram._hop_limit = one.interface_index, one.hop_limit
    return datagram


def _address(one: Any) -> QHostAddress:
    address = QHostAddress()
    address._struct = _api.qnet_host_address.from_buffer_copy(one)
    return address


def fill(one: Any, datagram: QNetworkDatagram) -> None:
    """Makes a C struct that of a datagram, which must outlive it."""
    bytes_ = datagram._data
    one.data = ctypes.cast(ctypes.c_char_p(bytes_), ctypes.c_void_p)
    one.size = len(bytes_)
    one.sender = struct(datagram._sender)
    one.destination = struct(datagram._destination)
    one.destination_port = max(0, datagram._destination_port)
    one.interface_index, one.hop_limit = datagram._interface, datagram._hop_limit
