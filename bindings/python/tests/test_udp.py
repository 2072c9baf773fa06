import copy
import socket as system

import pytest
from conftest import LOCAL, until
from qnet import QAbstractSocket, QHostAddress, QNetworkDatagram, QNetworkInterface, QUdpSocket

Error = QAbstractSocket.SocketError
State = QAbstractSocket.SocketState
LO = QNetworkInterface.interfaceFromName("lo")


class Bound:
    """Two bound sockets."""

    def __init__(self, address=LOCAL):
        self.one, self.two = QUdpSocket(), QUdpSocket()
        assert self.one.bind(address) and self.two.bind(address)

    def send(self, *datagrams):
        for data in datagrams:
            assert self.one.writeDatagram(data, LOCAL, self.two.localPort()) == len(data)


@pytest.fixture
def bound():
    return Bound()


def test_class():
    u = QUdpSocket()
    assert isinstance(u, QAbstractSocket) and u.socketType() is QAbstractSocket.SocketType.UdpSocket
    assert repr(u) == "<qnet.QUdpSocket UnconnectedState>" and u.droppedDatagrams() == -1
    with u:
        assert u.bind(LOCAL) and repr(u) == f"<qnet.QUdpSocket BoundState 127.0.0.1:{u.localPort()}>"
    assert u.state() is State.UnconnectedState
    with pytest.raises(NotImplementedError):
        QAbstractSocket(QAbstractSocket.SocketType.UdpSocket)
    parent = QUdpSocket()
    child = QUdpSocket(parent, objectName="child")
    assert child.parent() is parent and child.objectName() == "child"


def test_exchange(bound):
    calls = []
    bound.one.bytesWritten.connect(lambda n: calls.append(n))
    bound.two.readyRead.connect(lambda: calls.append("ready"))
    bound.send(b"hello", b"", bytearray(b"world"))
    assert calls == [5, 0, 5]
    until(lambda: "ready" in calls)
    assert bound.two.hasPendingDatagrams() and bound.two.pendingDatagramSize() == bound.two.bytesAvailable() == 5
    assert bound.two.readDatagram(100) == (b"hello", LOCAL, bound.one.localPort())
    assert bound.two.readDatagram(100)[0] == b"" and bound.two.readDatagram(2)[0] == b"wo"
    assert not bound.two.hasPendingDatagrams() and bound.two.pendingDatagramSize() == -1
    assert calls.count("ready") == 1 and bound.two.droppedDatagrams() == 0


def test_read_nothing(bound):
    errors = []
    bound.two.errorOccurred.connect(errors.append)
    assert bound.two.readDatagram(10) == (b"", QHostAddress(), 0) and errors == [Error.TemporaryError]
    assert bound.two.receiveDatagram().isNull() and bound.two.readDatagrams() == [] and len(errors) == 1


def test_read_nothing_warns_of_a_negative_size(bound, messages):
    bound.two.readDatagram(-1)
    assert len(messages) == 1 and messages.pop()


def test_receive_and_reply():
    bound = Bound(QHostAddress.SpecialAddress.AnyIPv4)
    question = QNetworkDatagram(b"question", QHostAddress("127.0.0.5"), bound.two.localPort())
    question.setHopLimit(7)
    assert bound.one.writeDatagram(question) == 8
    assert bound.two.waitForReadyRead(5000)
    got = bound.two.receiveDatagram(5)
    assert got.isValid() and not got.isNull() and got.data() == b"quest" and got.hopLimit() == 7
    assert got.senderPort() == bound.one.localPort() and got.destinationPort() == bound.two.localPort()
    assert got.destinationAddress() == QHostAddress("127.0.0.5") and got.interfaceIndex() == LO.index()
    assert bound.two.writeDatagram(got.makeReply(b"answer")) == 6
    assert bound.one.waitForReadyRead(5000)
    answer = bound.one.receiveDatagram()
    assert answer.data() == b"answer" and answer.senderAddress() == QHostAddress("127.0.0.5")


def test_batches(bound):
    datagrams = [QNetworkDatagram(b"%d" % i * (i % 5), LOCAL, bound.two.localPort()) for i in range(50)]
    assert bound.one.writeDatagrams(datagrams) == 50
    got = []
    while bound.two.hasPendingDatagrams():
        got += bound.two.readDatagrams(20)
    assert [d.data() for d in got] == [d.data() for d in datagrams]
    assert {d.senderPort() for d in got} == {bound.one.localPort()}
    assert bound.one.writeDatagrams([]) == 0 and bound.two.readDatagrams(0) == []
    bound.send(b"hello")
    assert [d.data() for d in bound.two.readDatagrams(maxSize=2)] == [b"he"]
    datagrams[1].setData(bytes(70000))
    assert bound.one.writeDatagrams(datagrams) == 1 and bound.one.error() is Error.DatagramTooLargeError
    assert bound.one.writeDatagram(datagrams[1]) == -1


def test_connected(bound):
    u, errors = QUdpSocket(), []
    u.errorOccurred.connect(errors.append)
    u.connectToHost(LOCAL, bound.two.localPort())
    assert u.state() is State.ConnectedState and u.isOpen()
    assert u.write(b"hello") == 5 and bound.two.readDatagram(10)[0] == b"hello"
    for data in b"one", b"two":
        assert bound.two.writeDatagram(data, LOCAL, u.localPort()) == 3
    assert u.read(2) == b"on" and u.readAll() == b"two"
    for data in b"three", b"four":
        assert bound.two.writeDatagram(data, LOCAL, u.localPort()) == len(data)
    assert u.readAll() == b"threefour"
    bound.two.close()
    assert u.write(b"anybody?") == 8
    until(lambda: errors)
    assert errors == [Error.ConnectionRefusedError] and u.state() is State.ConnectedState


def test_write_binds_and_is_kept_by_its_slots():
    u, got = QUdpSocket(), []
    peer = system.socket(system.AF_INET, system.SOCK_DGRAM)
    peer.bind(("127.0.0.1", 0))
    peer.settimeout(5)
    u.readyRead.connect(lambda: got.append(u.receiveDatagram().data()))
    assert u.writeDatagram(b"hello", LOCAL, peer.getsockname()[1]) == 5 and u.state() is State.BoundState
    data, address = peer.recvfrom(100)
    peer.sendto(data.upper(), address)
    until(lambda: got)
    assert got == [b"HELLO"]
    peer.close()
    u.close()


def test_write_arguments(bound):
    with pytest.raises(TypeError):
        bound.one.writeDatagram(b"x")
    with pytest.raises(TypeError):
        bound.one.writeDatagram("text", LOCAL, 1)
    with pytest.raises(OverflowError):
        bound.one.writeDatagram(b"x", LOCAL, 65536)
    with pytest.raises(TypeError):
        bound.one.writeDatagram(b"x", "127.0.0.1", 1)


def test_multicast():
    bound, group = Bound(QHostAddress.SpecialAddress.AnyIPv4), QHostAddress("239.255.44.33")
    assert bound.two.joinMulticastGroup(group, LO) and not bound.two.joinMulticastGroup(group, LO)
    assert bound.one.multicastInterface() == QNetworkInterface()
    bound.one.setMulticastInterface(LO)
    assert bound.one.multicastInterface() == LO
    bound.one.setSocketOption(QAbstractSocket.SocketOption.MulticastTtlOption, 9)
    assert bound.one.writeDatagram(b"all", group, bound.two.localPort()) == 3
    assert bound.two.waitForReadyRead(5000)
    got = bound.two.receiveDatagram()
    assert got.destinationAddress() == group and got.hopLimit() == 9 and got.makeReply(b"").senderAddress().isNull()
    assert bound.two.leaveMulticastGroup(group, LO) and not bound.two.leaveMulticastGroup(group, LO)


def test_multicast_warnings(messages):
    u, group = QUdpSocket(), QHostAddress("239.255.44.33")
    assert not u.joinMulticastGroup(group) and not u.leaveMulticastGroup(group)
    assert not u.multicastInterface().isValid() and not u.hasPendingDatagrams()
    u.setMulticastInterface(LO)
    assert len(messages) == 5
    messages.clear()


def test_option_trains(bound):
    option = QAbstractSocket.SocketOption.ReceiveTrainsOption
    assert bound.two.socketOption(option) == 1
    bound.two.setSocketOption(option, 0)
    assert bound.two.socketOption(option) == 0


def test_options_before_binding_are_kept():
    option = QAbstractSocket.SocketOption
    one, two = QUdpSocket(), QUdpSocket()
    for u in one, two:
        u.setSocketOption(option.ReusePortOption, 1)
        u.setSocketOption(option.BindToInterfaceOption, LO.index())
        assert u.socketOption(option.ReusePortOption) is None
    assert one.bind(LOCAL, 0) and two.bind(LOCAL, one.localPort())
    assert two.socketOption(option.ReusePortOption) == 1
    assert two.socketOption(option.BindToInterfaceOption) == LO.index()


def test_hop_limit_and_interface_of_both_families():
    to, u = QUdpSocket(), QUdpSocket()
    assert to.bind(LOCAL, 0) and u.bind()
    for hops, come in (0, 64), (5, 5):
        d = QNetworkDatagram(b"x", LOCAL, to.localPort())
        d.setInterfaceIndex(LO.index())
        d.setHopLimit(hops)
        assert u.writeDatagram(d) == 1 and to.waitForReadyRead(5000)
        assert to.receiveDatagram().hopLimit() == come


def test_datagram_value():
    d = QNetworkDatagram()
    assert d.isNull() and not d.isValid() and d.data() == b"" and d.hopLimit() == d.senderPort() == -1
    d = QNetworkDatagram(bytearray(b"data"), LOCAL, 5)
    assert d.isValid() and d.destinationAddress() == LOCAL and d.destinationPort() == 5 and d.interfaceIndex() == 0
    assert repr(d) == "<qnet.QNetworkDatagram 4 bytes to 127.0.0.1:5>"
    other = QNetworkDatagram(d)
    d.clear()
    assert d.isNull() and other.data() == b"data"
    other.setSender(QHostAddress("127.0.0.2"), 6)
    other.setInterfaceIndex(3)
    d.swap(other)
    assert d.senderPort() == 6 and d.interfaceIndex() == 3 and other.isNull()
    assert copy.copy(d).data() == b"data"
    reply = d.makeReply(b"reply")
    assert reply.destinationAddress() == QHostAddress("127.0.0.2") and reply.destinationPort() == 6
    assert reply.senderAddress() == LOCAL and reply.senderPort() == 5 and reply.interfaceIndex() == 3


def test_interface():
    assert LO.isValid() and LO.name() == "lo" and QNetworkInterface.interfaceFromIndex(LO.index()) == LO
    assert LO in QNetworkInterface.allInterfaces() and len({LO, QNetworkInterface(LO)}) == 1
    none = QNetworkInterface.interfaceFromName("no such interface")
    assert not none.isValid() and none.name() == "" and none == QNetworkInterface()
    assert repr(none) == "<qnet.QNetworkInterface none>"
    none.swap(one := QNetworkInterface(LO))
    assert none == LO and not one.isValid()
    assert QNetworkInterface.interfaceFromName(str(LO.index())) == LO and "'lo'" in repr(LO)
    assert QNetworkInterface.interfaceNameFromIndex(0) == ""
    assert QNetworkInterface.interfaceIndexFromName("") == 0
