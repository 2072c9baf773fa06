"""UDP sockets. Qt: QUdpSocket"""

from __future__ import annotations

import ctypes
import mmap
from typing import Any, List, Optional, Sequence, Tuple, Union, overload

from . import _api, enums
from ._await import DatagramAwaits
from ._convert import Data, data, integer, port as port_number, size
from ._library import lib
from ._object import QObject
from ._turn import call
from .address import AddressLike, QHostAddress, struct
from .bytearray import Bytes
from .datagram import QNetworkDatagram, fill, received
from .interface import QNetworkInterface
from .socket import QAbstractSocket

_into = (ctypes.c_char * 0).from_buffer

#: more than any datagram has
_LARGEST = 1 << 16
_SMALL = 1 << 12

_Address = _api.qnet_host_address
_Datagram = _api.qnet_datagram


class QUdpSocket(DatagramAwaits[QNetworkDatagram], QAbstractSocket):
    """A UDP socket. Qt: QUdpSocket

    bind() it, or send a first datagram, or connectToHost() it to a single peer. readyRead is emitted once until
    something is read, and again as long as there is more.
    """

    _q_new = lib.qnet_udp_socket_new
    _q_kind = enums.SocketType.UdpSocket
    _q_room: Optional[mmap.mmap] = None

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(enums.SocketType.UdpSocket, parent, **keywords)

    # ---- receiving

    def readAll(self) -> Bytes:
        """Reads all datagrams that are there, of a connected socket, one after another. Qt: QIODevice::readAll()"""
        return self._q_read_all()  # a read() takes a single one

    def hasPendingDatagrams(self) -> bool:
        """Can a datagram be read? Qt: QUdpSocket::hasPendingDatagrams()"""
        return bool(lib.qnet_udp_socket_has_pending_datagrams(self._q_handle))

    def pendingDatagramSize(self) -> int:
        """The size of the next datagram; -1 if there is none. Qt: QUdpSocket::pendingDatagramSize()"""
        return int(lib.qnet_udp_socket_pending_datagram_size(self._q_handle))

    def readDatagram(self, maxlen: int, /) -> Tuple[Bytes, QHostAddress, int]:
        """Reads the next datagram, at most maxlen bytes of it, and tells its sender's address and port. Without one:
        b"", the null address and 0, and errorOccurred. Qt: QUdpSocket::readDatagram()"""
        count = min(size(maxlen), _LARGEST)
        if count > _SMALL:
            # Rather ask than clear so much memory.
            count = min(count, max(0, QUdpSocket.pendingDatagramSize(self)))
        buffer = bytearray(max(count, 0))
        address, number = QHostAddress(), ctypes.c_uint16()
        done = lib.qnet_udp_socket_read_datagram(self._q_handle, _into(buffer), count, address._struct, number)
        return Bytes(memoryview(buffer)[: max(done, 0)]), address, number.value

    def receiveDatagram(self, maxSize: int = -1) -> QNetworkDatagram:
        """The next datagram, at most maxSize bytes of it (-1: all), with its way; a null one if there is none.

        Qt: QUdpSocket::receiveDatagram()
        """
        one = _Datagram()
        if not lib.qnet_udp_socket_receive_datagram(self._q_handle, size(maxSize), one):
            return QNetworkDatagram()
        return received(one, Bytes(ctypes.string_at(one.data, one.size)))

    def readDatagrams(self, count: int = 64, maxSize: int = _LARGEST) -> List[QNetworkDatagram]:
        """The next datagrams with one call: up to count, at most maxSize bytes of each. Qt has no such call."""
        count, each = min(integer(count), 1024), max(0, min(size(maxSize), _LARGEST))
        if count <= 0 or not QUdpSocket.hasPendingDatagrams(self):
            return []
        # Only what datagrams have filled takes memory.
        if self._q_room is None or len(self._q_room) < count * each:
            self._q_room = mmap.mmap(-1, max(1, count * each))
        room = self._q_room
        base = ctypes.addressof(_into(room))
        array = (_Datagram * count)()
        for i, one in enumerate(array):
            one.data, one.capacity = base + i * each, each
        done = lib.qnet_udp_socket_read_datagrams(self._q_handle, array, count)
        return [received(array[i], Bytes(room[i * each : i * each + array[i].size])) for i in range(done)]

    def droppedDatagrams(self) -> int:
        """How many datagrams the system has dropped because they were not read in time; -1 if the socket is not bound.
        Qt has no such call."""
        return int(lib.qnet_udp_socket_dropped_datagrams(self._q_handle))

    # ---- sending

    def _q_send(self, function: Any, *arguments: Any) -> Any:
        """Calls a C function that may emit at once."""
        return call(function, self._q_handle, *arguments) if self._q_slots else function(self._q_handle, *arguments)

    def write(self, data_: Data, /) -> int:
        """Sends a datagram to the peer of a connected socket. Returns its size; -1 if it cannot be sent.

        Qt: QIODevice::write()
        """
        return int(self._q_send(lib.qnet_socket_write, data(data_), len(data_)))

    @overload
    def writeDatagram(self, datagram: QNetworkDatagram, /) -> int: ...

    @overload
    def writeDatagram(self, datagram: Data, host: AddressLike, port: int, /) -> int: ...

    def writeDatagram(
        self,
        datagram: Union[QNetworkDatagram, Data],
        host: Optional[AddressLike] = None,
        port: int = 0,
        /,
    ) -> int:
        """Sends a datagram at once: a QNetworkDatagram, or bytes to an address and port. Returns the number of bytes;
        -1, with errorOccurred, if it cannot be sent. Binds a socket that is not bound. Through a proxy it is sent once
        that passes datagrams on, and bytesWritten comes then.

        Qt: QUdpSocket::writeDatagram()
        """
        if isinstance(datagram, QNetworkDatagram):
            return len(datagram._data) if QUdpSocket.writeDatagrams(self, [datagram]) == 1 else -1
        if host is None:
            raise TypeError("the address and the port are missing")
        if not isinstance(datagram, bytes):
            datagram = data(datagram)
        done = self._q_send(
            lib.qnet_udp_socket_write_datagram, datagram, len(datagram), struct(host), port_number(port)
        )
        self._q_hold()
        return int(done)

    def writeDatagrams(self, datagrams: Sequence[QNetworkDatagram], /) -> int:
        """Sends datagrams in their order with one call, and emits bytesWritten once. Returns how many were sent; if not
        all, errorOccurred tells why, and -1 stands for none. Qt has no such call."""
        array = (_Datagram * len(datagrams))()
        for one, datagram in zip(array, datagrams):
            fill(one, datagram)
        done = self._q_send(lib.qnet_udp_socket_write_datagrams, array, len(datagrams))
        self._q_hold()
        return int(done)

    # ---- multicast

    def joinMulticastGroup(self, groupAddress: AddressLike, iface: Optional[QNetworkInterface] = None, /) -> bool:
        """Joins a group, on one interface or the one that the system chooses. False if that cannot be.

        Qt: QUdpSocket::joinMulticastGroup()
        """
        index = iface.index() if iface is not None else 0
        return bool(lib.qnet_udp_socket_join_multicast_group(self._q_handle, struct(groupAddress), index))

    def leaveMulticastGroup(self, groupAddress: AddressLike, iface: Optional[QNetworkInterface] = None, /) -> bool:
        """Leaves a group on the interface that it was joined on. Qt: QUdpSocket::leaveMulticastGroup()"""
        index = iface.index() if iface is not None else 0
        return bool(lib.qnet_udp_socket_leave_multicast_group(self._q_handle, struct(groupAddress), index))

    def multicastInterface(self) -> QNetworkInterface:
        """The interface that multicast datagrams are sent from, if one was set. Qt: QUdpSocket::multicastInterface()"""
        return QNetworkInterface.interfaceFromIndex(lib.qnet_udp_socket_multicast_interface(self._q_handle))

    def setMulticastInterface(self, iface: QNetworkInterface, /) -> None:
        """Sends multicast datagrams from an interface. Qt: QUdpSocket::setMulticastInterface()"""
        lib.qnet_udp_socket_set_multicast_interface(self._q_handle, iface.index())
