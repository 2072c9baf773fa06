"""A name server that behaves as the addresses and the names that it is asked for say, and the files that lead to it."""

import selectors
import socket
import struct
import threading

A, CNAME, PTR, AAAA = 1, 5, 12, 28
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)

GOOD, FAILING, SILENT, REFUSING, LAME, NOBODY = (f"127.0.0.{n}" for n in range(1, 7))
"""Name servers: one that knows, one that has failed, one that never answers, ... and an address without any."""

CHAIN = [f"a-rather-long-name-for-a-host-number-{n}.chain.test" for n in range(50)]
HOSTS = {
    "one.test": ["192.0.2.1"],
    "both.test": ["192.0.2.2", "2001:db8::2", "192.0.2.3"],
    "six.test": ["2001:db8::6"],
    "nodata.test": [],
    "host.a.test": ["192.0.2.10"],
    "host.b.test": ["192.0.2.11"],
    "sub.host.a.test": ["192.0.2.12"],
    "only-in.b.test": ["192.0.2.13"],
    "_srv._tcp.test": ["192.0.2.14"],
    "under_score.test": ["192.0.2.15"],
    "xn--bcher-kva.test": ["192.0.2.16"],
    "1.2.3.4": ["192.0.2.17"],
    "many.test": [f"10.9.{n // 250}.{n % 250 + 1}" for n in range(400)],
    "mixed.test": ["198.51.100.1", "192.0.2.77", "2002::1", "fd00::1", "2001:db8::77", "203.0.113.1", "fe80::77", "127.0.0.1"],
    "mapped.test": ["::ffff:192.0.2.19"],
    "edns.test": ["192.0.2.20"],
    "in-both.test": ["192.0.2.21"],
    "half.test": ["192.0.2.22"],
    CHAIN[-1]: ["192.0.2.50"],
}
ALIASES = {**dict(zip(CHAIN, CHAIN[1:])), "chain.test": CHAIN[0], "alias.test": "both.test", "dangling.test": "nowhere.test",
           "circle.test": "circle.test"}
POINTERS = {
    "1.2.0.192.in-addr.arpa": "one.test",
    "6" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa": "six.test",
    "9.2.0.192.in-addr.arpa": "no host.test",
}


def records(name, kind):
    """The records of an answer: owner, kind, data."""
    found, seen = [], set()
    while name in ALIASES and name not in seen:
        seen.add(name)
        found.append((name, CNAME, encode(ALIASES[name])))
        name = ALIASES[name]
    for address in HOSTS.get(name, []):
        if kind == A and ":" not in address:
            found.append((name, A, socket.inet_aton(address)))
        elif kind == AAAA and ":" in address:
            found.append((name, AAAA, socket.inet_pton(socket.AF_INET6, address)))
    if kind == PTR and name in POINTERS:
        found.append((name, PTR, encode(POINTERS[name])))
    return found, name in HOSTS or name in POINTERS or name in seen


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def answer(question, server, tcp):
    """The message that answers a question; None for silence."""
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode("latin-1"))
        at += question[at] + 1
    name, (kind,), end = ".".join(labels).lower(), struct.unpack(">H", question[at + 1:at + 3]), at + 5
    extra = question[11]
    code, flags, found = NOERROR, 0x8180, []
    if server == SILENT:
        return None
    if server in (FAILING, REFUSING):
        code = {FAILING: SERVFAIL, REFUSING: REFUSED}[server]
    elif server == LAME:
        flags = 0x8100
    elif name == "edns.test" and extra:
        code = FORMERR
    elif name in ("formerr.test", "servfail.test", "refused.test", "notimp.test"):
        code = {"f": FORMERR, "s": SERVFAIL, "r": REFUSED, "n": NOTIMP}[name[0]]
    elif name == "half.test" and kind == AAAA:
        code = SERVFAIL
    else:
        found, known = records(name, kind)
        code = NOERROR if known else NXDOMAIN
    data = b"".join(encode(owner) + struct.pack(">HHIH", kind, 1, 60, len(rest)) + rest for owner, kind, rest in found)
    if len(data) > 400 and not tcp:
        flags, found, data = flags | 0x200, [], b""
    return question[:2] + struct.pack(">5H", flags | code, 1, len(found), 0, 0) + question[12:end] + data


def serve():
    """Runs the servers for as long as the process lives."""
    selector = selectors.DefaultSelector()
    for address in (GOOD, FAILING, SILENT, REFUSING, LAME):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            s = socket.socket(socket.AF_INET, kind)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((address, 53))
            if kind == socket.SOCK_STREAM:
                s.listen(50)
            selector.register(s, selectors.EVENT_READ, (address, kind))
    threading.Thread(target=_serve, args=(selector,), daemon=True).start()


def _serve(selector):
    while True:
        for key, _ in selector.select():
            address, kind = key.data
            if kind == socket.SOCK_DGRAM:
                question, peer = key.fileobj.recvfrom(4096)
                message = answer(question, address, tcp=False)
                if message is not None:
                    key.fileobj.sendto(message, peer)
            else:
                connection, _ = key.fileobj.accept()
                threading.Thread(target=_serve_connection, args=(connection, address), daemon=True).start()


def _serve_connection(connection, address):
    with connection, connection.makefile("rb") as file:
        while len(size := file.read(2)) == 2:
            message = answer(file.read(int.from_bytes(size, "big")), address, tcp=True)
            if message is not None:
                connection.sendall(len(message).to_bytes(2, "big") + message)
