"""What devices return is bytes to whoever wants bytes, and a QByteArray to a program that was written for Qt."""

import copy
import json
import pickle
import struct
import subprocess
import sys
import tracemalloc

import pytest
from conftest import LOCAL, until
from qnet import QByteArray, QNetworkDatagram, QUdpSocket


@pytest.fixture
def given(pair):
    """What a socket returns."""

    def exchange(data):
        pair.client.write(data)
        until(lambda: pair.accepted.bytesAvailable() == len(data))
        return pair.accepted.readAll()

    return exchange


def test_bytes(given):
    x = given(b"[1, 2]")
    assert isinstance(x, bytes) and isinstance(x, QByteArray)
    assert x == b"[1, 2]" and b"[1, 2]" == x and hash(x) == hash(b"[1, 2]") and {b"[1, 2]": 1}[x] == 1
    assert repr(x) == repr(b"[1, 2]") and str(x, "utf-8") == "[1, 2]" and f"{x}" == f"{b'[1, 2]'}"
    assert x[0] == ord("[") and list(x) == list(b"[1, 2]") and x[1:3] == b"1," and 49 in x and b"1," in x
    assert type(x[1:3]) is type(x + b"") is type(b"" + x) is type(x * 2) is bytes
    assert b"".join([x, x]) == x * 2 and b"%s" % x == x and x.decode() == "[1, 2]"
    assert json.loads(x) == [1, 2] and struct.unpack(">HI", x) == struct.unpack(">HI", b"[1, 2]")
    assert x.split(b", ") == [b"[1", b"2]"] and x.replace(b"1", b"3") == b"[3, 2]" and x.count(b"1") == 1
    assert bytearray(x) == b"[1, 2]" and bytes(memoryview(x)) == b"[1, 2]" and type(bytes(x)) is bytes
    assert copy.copy(x) is x and copy.deepcopy(x) is x
    with pytest.raises(TypeError):
        x[0] = 5


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_read_without_the_package(given, protocol):
    x = given(b"data\xff")
    program = "import pickle, sys; x = pickle.load(sys.stdin.buffer); print(type(x).__name__, x)"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", program], input=pickle.dumps(x, protocol), stdout=subprocess.PIPE)
    assert done.stdout.decode().strip() == f"bytes {bytes(x)}"


def test_methods_of_qt(given):
    x = given(b" 12,b\n")
    assert x.data() == b" 12,b\n" and type(x.data()) is bytes and x.size() == x.length() == 6 and not x.isEmpty()
    assert x.trimmed() == b"12,b" and isinstance(x.trimmed(), bytes) and x.trimmed().left(2).toInt() == (12, True)
    assert x.toStdString() == " 12,b\n" and x.indexOf(",") == 3 and x.contains(b"b") and x.startsWith(b" 1")
    assert x.mid(1, 2).toHex().data().decode() == "3132"


def test_no_device_returns_anything_else(pair):
    pair.client.write(b"one\ntwo\nthree\nfour")
    there = pair.accepted
    until(lambda: there.bytesAvailable() == 18)
    for x in (there.peek(2), there.read(2), there.readLine(), there.readLine(50), there.peekBuffer(), there.readAll(),
              there.readAll(), there.read(1), there.readLine()):
        assert isinstance(x, QByteArray) and isinstance(x, bytes), x
    udp = QUdpSocket()
    assert udp.bind(LOCAL)
    for _ in range(3):
        udp.writeDatagram(b"x", LOCAL, udp.localPort())
    until(udp.hasPendingDatagrams)
    for x in (udp.readDatagram(5)[0], udp.receiveDatagram().data(), udp.readDatagrams()[0].data(), QNetworkDatagram(b"x").data()):
        assert isinstance(x, QByteArray) and isinstance(x, bytes)


@pytest.mark.parametrize("name, arguments", [
    ("append", (b"x",)), ("prepend", (b"x",)), ("insert", (0, b"x")), ("remove", (0, 1)), ("chop", (1,)), ("truncate", (1,)),
    ("resize", (1,)), ("clear", ()), ("fill", ("x",)), ("setNum", (5,)), ("push_back", (b"x",))])
def test_what_would_be_lost_is_refused(given, name, arguments):
    x = given(b"abc")
    with pytest.raises(TypeError, match=rf"{name}\(\).*QByteArray\(x\)"):
        getattr(x, name)(*arguments)
    y = QByteArray(x)
    getattr(y, name)(*arguments)
    assert x == b"abc" and y != b"abc"


def test_arrays(given):
    x = QByteArray()
    assert x.isNull() and x.isEmpty() and not QByteArray(b"").isNull() and not x
    x += given(b"one")
    x.append(given(b"two"))
    assert x == b"onetwo" and b"onetwo" == x and x == "onetwo" and x[0] == b"o" and hash(x) == hash(b"onetwo")
    assert repr(x) == "qnet.QByteArray(b'onetwo')" and str(x) == "b'onetwo'" and isinstance(x, QByteArray)
    x[0:3], x[-1] = b"1", b"!"
    del x[1:2]
    assert x.data() == b"1w!" and struct.unpack(">H", x[:2]) == (0x3177,)
    assert isinstance(pickle.loads(pickle.dumps(x)), QByteArray) and copy.deepcopy(x) == x and copy.copy(x) is not x
    with pytest.raises(ValueError):
        x[0] = 65
    with pytest.raises(IndexError):
        x[5]
    x.clear()
    assert x.isNull()
    with pytest.raises(TypeError):
        type("Mine", (QByteArray,), {})
    for wrong in (5.0, [1]):
        with pytest.raises(TypeError):
            QByteArray(wrong)
    other = QByteArray(3, "x")
    x.swap(other)
    assert x == b"xxx" and other.isNull()
    assert QByteArray.fromBase64Encoding(b"YWI=").decoded == b"ab" and QByteArray.fromBase64Encoding(b"YWI=")
    assert not QByteArray.fromBase64Encoding(b"Y!", QByteArray.Base64Option.AbortOnBase64DecodingErrors)


def test_sockets_take_them(pair):
    array = QByteArray(b"one")
    assert pair.client.write(array) == 3 and pair.client.write(array.trimmed()) == 3
    until(lambda: pair.accepted.bytesAvailable() == 6)
    assert pair.accepted.write(pair.accepted.readAll()) == 6
    until(lambda: pair.client.bytesAvailable() == 6)
    assert pair.client.readAll() == b"oneone"


def test_memory_for_each(given):
    # What Python's garbage collector keeps of each object of a class besides the data, and nothing stays.
    given(b"x" * 100)
    tracemalloc.start()
    try:
        x = given(b"x" * 100)
        size = sys.getsizeof(x)
        assert size <= sys.getsizeof(b"x" * 100) + 16
        before = tracemalloc.get_traced_memory()[0]
        some = [given(b"x" * 100) for _ in range(50)]
        del some
        assert tracemalloc.get_traced_memory()[0] - before < 20 * size
    finally:
        tracemalloc.stop()
