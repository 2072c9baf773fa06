import copy
import threading
import weakref

import pytest
from conftest import until
from qnet import Loop, QHostAddress, QHostInfo, usage

Error = QHostInfo.HostInfoError


def test_lookup():
    found = []
    number = QHostInfo.lookupHost("localhost", lambda info: found.append((info, threading.current_thread())))
    assert number > 0 and not found
    until(lambda: found)
    info, thread = found[0]
    assert info.lookupId() == number and info.hostName() == "localhost" and info.error() is Error.NoError
    assert QHostAddress("127.0.0.1") in info.addresses() or QHostAddress("::1") in info.addresses()
    assert thread is threading.main_thread()


def test_numbers_differ():
    found = []
    numbers = [QHostInfo.lookupHost(name, found.append) for name in ("127.0.0.1", "::1", "localhost")]
    until(lambda: len(found) == 3)
    assert sorted(info.lookupId() for info in found) == sorted(set(numbers))


def test_abort():
    found = []
    QHostInfo.abortHostLookup(QHostInfo.lookupHost("localhost", found.append))
    last = QHostInfo.lookupHost("localhost", found.append)
    QHostInfo.abortHostLookup(12345678)
    until(lambda: found)
    assert [info.lookupId() for info in found] == [last]


def test_under_way_when_the_loop_ends():
    class Held:
        pass

    def look_up(held):
        QHostInfo.lookupHost("nosuchhost.invalid", lambda info: found.append(held))

    found = []
    before = usage()
    loop = Loop()
    with loop:
        held = Held()
        look_up(held)
        alive = weakref.ref(held)
        del held
    loop.delete()
    assert not found and alive() is None
    after = usage()
    assert (after.loops, after.host_infos) == (before.loops, before.host_infos)


def test_failure():
    info = QHostInfo.fromName("no-such-host.invalid")
    assert info.error() is Error.HostNotFound and info.errorString() == "Host not found" and not info.addresses()
    assert info.lookupId() == -1


def test_from_name():
    info = QHostInfo.fromName("127.0.0.1")
    assert info.addresses() == [QHostAddress("127.0.0.1")] and info.error() is QHostInfo.NoError
    assert "127.0.0.1" in repr(info)


def test_exceptions(raised):
    def fails(info):
        raise ValueError

    QHostInfo.lookupHost("127.0.0.1", fails)
    until(lambda: raised)
    assert isinstance(raised.pop(), ValueError)


def test_misuse():
    with pytest.raises(TypeError):
        QHostInfo.lookupHost("localhost", 5)
    with pytest.raises(TypeError):
        QHostInfo.lookupHost(5, print)
    with pytest.raises(ValueError):
        QHostInfo.fromName("local\0host")


def test_values():
    info = QHostInfo()
    assert (info.lookupId(), info.hostName(), info.addresses(), info.error()) == (-1, "", [], Error.NoError)
    assert info.errorString() == "Unknown error"
    info.setHostName("host")
    info.setAddresses([QHostAddress("1.2.3.4")])
    info.setError(Error.UnknownError)
    info.setErrorString("text")
    info.setLookupId(5)
    for other in (copy.copy(info), QHostInfo(info)):
        assert (other.lookupId(), other.hostName()) == (5, "host")
        assert (other.error(), other.errorString()) == (Error.UnknownError, "text")
        other.addresses()[0].clear()
        assert other.addresses() == [QHostAddress("1.2.3.4")]


def test_local_host_name():
    import socket

    assert QHostInfo.localHostName() == socket.gethostname()
