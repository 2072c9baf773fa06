"""QHostInfo: look-ups that do and do not block, their results, and calling them off."""

import socket
import threading

from backend import net
from trace import scenario


def show(r, info):
    r.line(f"found name={info.hostName()!r} error={info.error().name} text={info.errorString()!r} "
           f"addresses={sorted({r.address(a) for a in info.addresses()})}")


def look_up(r, name, timeout=40):
    results = []

    def found(info):
        results.append(info)
        r.value("in the main thread", threading.current_thread() is threading.main_thread())
        show(r, info)
    number = net.lookup(name, found)
    r.value("the id is positive", number > 0)
    r.value("called before the loop ran", bool(results))
    r.until(lambda: results, timeout=timeout)
    r.value("the same id", results[0].lookupId() == number)


@scenario(fresh=True)
def lookup_localhost(r):
    """localhost."""
    look_up(r, "localhost")


@scenario
def lookup_literal(r):
    """A literal IPv4 address."""
    look_up(r, "127.0.0.1")


@scenario
def lookup_literal_ipv6(r):
    """A literal IPv6 address."""
    look_up(r, "::1")


@scenario(timeout=60)
def lookup_unknown(r):
    """A name that does not exist."""
    look_up(r, "nosuch.invalid")


@scenario
def lookup_empty(r):
    """The empty name."""
    look_up(r, "")


@scenario
def lookup_nonsense(r):
    """Names that no host can have."""
    look_up(r, "a b")
    look_up(r, "x" * 300)
    look_up(r, "a..b")


@scenario(fresh=True)
def lookup_twice(r):
    """The same name twice in a row: two results with two ids."""
    results = []
    first = net.lookup("localhost", results.append)
    second = net.lookup("localhost", results.append)
    r.value("different ids", first != second)
    r.until(lambda: len(results) == 2)
    r.value("both ids came", sorted(i.lookupId() for i in results) == sorted((first, second)))
    r.value("the same addresses", len({str([a.toString() for a in i.addresses()]) for i in results}) == 1)


@scenario(fresh=True)
def lookup_aborted(r):
    """abortHostLookup() does not disturb another look-up. Whether the aborted one still calls back is not compared:
    on Qt it does if its thread was faster than the call."""
    results = []
    number = net.lookup("localhost", lambda info: results.append("aborted"))
    net.QHostInfo.abortHostLookup(number)
    net.lookup("localhost", lambda info: results.append("other"))
    r.until(lambda: "other" in results)
    r.value("the other", results.count("other"))


@scenario
def lookup_abort_nonsense(r):
    """abortHostLookup() with ids that do not exist, and one that has finished."""
    results = []
    number = net.lookup("127.0.0.1", results.append)
    r.until(lambda: results)
    net.QHostInfo.abortHostLookup(number)
    net.QHostInfo.abortHostLookup(-1)
    net.QHostInfo.abortHostLookup(123456)
    r.value("results", len(results))


@scenario(fresh=True)
def lookup_in_callback(r):
    """A look-up started in the callback of another one."""
    results = []

    def first(info):
        show(r, info)
        net.lookup("127.0.0.1", second)

    def second(info):
        show(r, info)
        results.append(1)
    net.lookup("localhost", first)
    r.until(lambda: results)


@scenario
def from_name(r):
    """The blocking fromName(): known, literal, unknown, empty."""
    for name in ("localhost", "127.0.0.1", "::1", "nosuch.invalid", ""):
        info = net.QHostInfo.fromName(name)
        r.value("lookupId", info.lookupId())
        show(r, info)


@scenario
def local_host_name(r):
    """localHostName() is the system's."""
    r.value("the same", net.QHostInfo.localHostName() == socket.gethostname())


@scenario
def empty_host_info(r):
    """A QHostInfo made by hand."""
    info = net.QHostInfo()
    r.value("lookupId", info.lookupId())
    show(r, info)


@scenario(fresh=True)
def lookup_while_socket_works(r):
    """Look-ups do not hold up a socket: an echo goes through while names are looked up."""
    c, p = r.connected()
    results = []
    for _ in range(5):
        net.lookup("localhost", results.append)
    p.send(b"hello")
    with r.silence():
        r.until(lambda: c.seen("readyRead") and len(results) == 5)
    r.value("readyRead", c.seen("readyRead"))
