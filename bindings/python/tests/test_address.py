import copy
import pickle

import pytest
from qnet import QAbstractSocket, QHostAddress, QIPv6Address

Special = QHostAddress.SpecialAddress
Protocol = QAbstractSocket.NetworkLayerProtocol
Mode = QHostAddress.ConversionModeFlag


@pytest.mark.parametrize(
    "special, text, protocol",
    [
        (Special.Null, "", Protocol.UnknownNetworkLayerProtocol),
        (Special.Broadcast, "255.255.255.255", Protocol.IPv4Protocol),
        (Special.LocalHost, "127.0.0.1", Protocol.IPv4Protocol),
        (Special.LocalHostIPv6, "::1", Protocol.IPv6Protocol),
        (Special.Any, "0.0.0.0", Protocol.AnyIPProtocol),
        (Special.AnyIPv6, "::", Protocol.IPv6Protocol),
        (Special.AnyIPv4, "0.0.0.0", Protocol.IPv4Protocol),
    ],
)
def test_special_addresses(special, text, protocol):
    address = QHostAddress(special)
    assert (address.toString(), address.protocol()) == (text, protocol)
    assert address == special and not address != special
    assert isinstance(address.protocol(), Protocol)


def test_forms():
    assert QHostAddress("127.0.0.1") == QHostAddress(0x7F000001) == QHostAddress(QHostAddress("127.0.0.1"))
    assert QHostAddress("::1") == QHostAddress(QIPv6Address(bytes(15) + b"\x01"))
    assert QHostAddress().isNull() and QHostAddress("no address") == QHostAddress()
    assert QHostAddress("127.0.0.1") != "127.0.0.1" and QHostAddress() != None  # noqa: E711
    assert QHostAddress(Special.Any) != QHostAddress(Special.AnyIPv4)
    assert QHostAddress.LocalHost is Special.LocalHost and QHostAddress.IPv4Protocol is Protocol.IPv4Protocol


def test_wrong_forms():
    for wrong in (-1, 1 << 32):
        with pytest.raises(OverflowError):
            QHostAddress(wrong)
    for wrong in (b"127.0.0.1", 1.5, []):
        with pytest.raises(TypeError):
            QHostAddress(wrong)
    assert QHostAddress("127.0.0.1\0").isNull() and not QHostAddress("::1").setAddress("::1\0")
    assert QHostAddress.parseSubnet("10/8\0")[1] == -1
    with pytest.raises(ValueError):
        QIPv6Address(b"too short")
    with pytest.raises(TypeError):
        QHostAddress().isEqual("127.0.0.1")


def test_set_address():
    address = QHostAddress()
    assert address.setAddress("10.1.2.3") is True and str(address) == "10.1.2.3"
    assert address.setAddress("10.1.2.3.4") is False and address.isNull()
    assert address.setAddress(1) is None and str(address) == "0.0.0.1"
    assert address.setAddress(Special.LocalHostIPv6) is None and str(address) == "::1"
    other = QHostAddress("1.2.3.4")
    address.swap(other)
    assert (str(address), str(other)) == ("1.2.3.4", "::1")
    address.clear()
    assert address.isNull() and not address


def test_copies_are_independent():
    one = QHostAddress("1.2.3.4")
    copies = [QHostAddress(one), copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))]
    one.setAddress("4.3.2.1")
    assert all(str(other) == "1.2.3.4" for other in copies)
    constant = QHostAddress(Special.LocalHost)
    constant.setAddress("9.9.9.9")
    assert str(QHostAddress(Special.LocalHost)) == "127.0.0.1"


def test_hash_and_equality():
    assert len({QHostAddress("127.0.0.1"), QHostAddress(Special.LocalHost), QHostAddress("::1")}) == 2
    mapped, plain = QHostAddress("::ffff:1.2.3.4"), QHostAddress("1.2.3.4")
    assert mapped != plain
    assert mapped.isEqual(plain)
    assert not mapped.isEqual(plain, Mode.StrictConversion)
    assert mapped.isEqual(plain, mode=Mode.ConvertV4MappedToIPv4)


def test_numbers():
    assert QHostAddress("1.2.3.4").toIPv4Address() == 0x01020304
    assert QHostAddress("::ffff:1.2.3.4").toIPv4Address() == 0x01020304
    assert QHostAddress("fe80::1").toIPv4Address() == 0
    six = QHostAddress("1.2.3.4").toIPv6Address()
    assert bytes(six) == bytes(10) + b"\xff\xff\x01\x02\x03\x04" and len(six) == 16 and six[15] == 4


def test_subnets():
    subnet = QHostAddress.parseSubnet("10.1/16")
    assert (str(subnet[0]), subnet[1]) == ("10.1.0.0", 16)
    assert QHostAddress("10.1.2.3").isInSubnet(subnet)
    assert QHostAddress("10.1.2.3").isInSubnet(QHostAddress("10.0.0.0"), 8)
    assert not QHostAddress("11.1.2.3").isInSubnet(QHostAddress("10.0.0.0"), 8)
    nothing = QHostAddress.parseSubnet("nothing")
    assert nothing[0].isNull() and nothing[1] == -1
    with pytest.raises(TypeError):
        QHostAddress("10.1.2.3").isInSubnet(QHostAddress("10.0.0.0"))


def test_kinds():
    assert QHostAddress("127.1.2.3").isLoopback() and QHostAddress("::1").isLoopback()
    assert QHostAddress("169.254.1.1").isLinkLocal() and QHostAddress("fe80::1").isLinkLocal()
    assert QHostAddress("224.0.0.1").isMulticast() and QHostAddress("255.255.255.255").isBroadcast()
    assert QHostAddress("192.168.1.1").isPrivateUse() and QHostAddress("8.8.8.8").isGlobal()
    assert QHostAddress("fec0::1").isSiteLocal() and QHostAddress("fc00::1").isUniqueLocalUnicast()
    assert not QHostAddress("8.8.8.8").isPrivateUse()


def test_scope():
    address = QHostAddress("fe80::1%lo")
    assert address.scopeId() == "lo" and str(address) == "fe80::1%lo"
    address.setScopeId("eth0")
    assert str(address) == "fe80::1%eth0" and address == QHostAddress("fe80::1")
    assert QHostAddress("1.2.3.4").scopeId() == ""


def test_repr():
    assert repr(QHostAddress("::1")) == "QHostAddress('::1')"
    assert repr(QHostAddress(Special.Any)) == "QHostAddress(SpecialAddress.Any)"
