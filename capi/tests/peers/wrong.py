"""Peers that do wrong, made of tlslite-ng: handshakes that are none, wrong last messages, records that were changed, repeated
or swapped, messages that nobody may send. Used by run.py."""

import contextlib
import socket
import ssl
import threading

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.messages import Message

PATIENCE = 20
HELLO, SERVER_HELLO, TICKET, ENCRYPTED_EXTENSIONS, CERTIFICATE, SERVER_KEY, HELLO_DONE = 1, 2, 4, 8, 11, 12, 14
CERTIFICATE_VERIFY, CLIENT_KEY, FINISHED, KEY_UPDATE = 15, 16, 20, 24
CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24


class Wrong(TLSConnection):
    """An end whose messages are changed: change(message type or 0, content type, data) returns a list of (content type, data)
    to be sent instead, or None for what it leaves alone."""

    def __init__(self, sock, change=None):
        super().__init__(sock)
        self.change = change

    def _sendMsg(self, msg, randomizeFirstBlock=True, update_hashes=True):
        data = msg.write()
        kind = data[0] if msg.contentType == HANDSHAKE and data else 0
        instead = self.change(kind, msg.contentType, bytearray(data)) if self.change else None
        for one in [msg] if instead is None else [Message(of, bytearray(what)) for of, what in instead]:
            yield from super()._sendMsg(one, randomizeFirstBlock, update_hashes)

    def send_message(self, content, data):
        """Sends a message past everything, encrypted as the connection is."""
        for _ in super()._sendMsg(Message(content, bytearray(data)), False, False):
            pass


class Records:
    """A socket of which records can be caught once they are encrypted."""

    def __init__(self, sock):
        self.sock, self.caught = sock, None

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def catch(self):
        self.caught = []

    def send(self, data):
        if self.caught is None:
            return self.sock.send(data)
        self.caught.append(bytes(data))
        return len(data)

    def sendall(self, data):
        self.send(data) if self.caught is not None else self.sock.sendall(data)


def settings(version):
    made = HandshakeSettings()
    made.minVersion = made.maxVersion = {"1.2": (3, 3), "1.3": (3, 4)}[version]
    made.certificate_compression_send = made.certificate_compression_receive = ()   # it sends what nobody asked for
    return made


# ---- changes of messages

def each(kind, change):
    """Changes the messages of a kind."""
    return lambda of, content, data: [(content, change(data))] if of == kind else None


def flipped(at=-1):
    def change(data):
        data[at] ^= 1
        return data
    return change


def longer(data):
    """With four octets behind, and a length that says so."""
    return framed(data[0], data[4:] + b"\0\0\0\0")


def shorter(data):
    return framed(data[0], data[4:-2])


def framed(kind, body):
    return bytearray([kind]) + len(body).to_bytes(3, "big") + body


def instead(kind, *messages):
    """Others in its place."""
    return lambda of, content, data: list(messages) if of == kind else None


def before(kind, *messages):
    return lambda of, content, data: [*messages, (content, data)] if of == kind else None


def twice(kind):
    return lambda of, content, data: [(content, data), (content, data)] if of == kind else None


def pieces(kind, size):
    """In small records, which is allowed."""
    return lambda of, content, data: [(content, data[i:i + size]) for i in range(0, len(data), size)] if of == kind else None


def with_extension(number, body=b"", count=1):
    """A hello with one more extension, or several of it."""
    def change(data):
        at = 4 + 2 + 32
        at += 1 + data[at]
        at += 2 + int.from_bytes(data[at:at + 2], "big")
        at += 1 + data[at]
        extension = number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
        extensions = extension * count + data[at + 2:]
        return framed(data[0], data[4:at] + len(extensions).to_bytes(2, "big") + extensions)
    return change


def with_compression(data):
    """A client's hello that knows deflate only."""
    at = 4 + 2 + 32
    at += 1 + data[at]
    at += 2 + int.from_bytes(data[at:at + 2], "big")
    assert data[at:at + 2] == b"\x01\x00"
    data[at + 1] = 1
    return data


def without_suites(data):
    """A client's hello that knows no suite that there is."""
    at = 4 + 2 + 32
    at += 1 + data[at]
    count = int.from_bytes(data[at:at + 2], "big")
    data[at + 2:at + 2 + count] = b"\x7a\x7a" * (count // 2)
    return data


# ---- wrong clients: name -> (version, change, what is done when the handshake is over; whether it may be)

def changed_record(connection, records, how):
    """Sends two records after each other in some wrong way."""
    records.catch()
    connection.write(b"first")
    connection.write(b"second")
    one, other = records.caught[0], records.caught[1]
    records.caught = None
    records.sock.sendall(how(one, other))


def record(how):
    return lambda connection, records: changed_record(connection, records, how)


def says(content, data, count=1):
    def act(connection, _records):
        for _ in range(count):
            connection.send_message(content, data)
    return act


def asks(connection, _records):
    connection.write(b"hello")


def updates(connection, _records):
    for _ in range(200):
        connection.send_keyupdate_request(1)
    connection.write(b"hello")


UPDATE = framed(KEY_UPDATE, b"\x01")
CLIENTS = {
    "a client's last message": ("1.2", each(FINISHED, flipped()), asks, False),
    "a client's last message, 1.3": ("1.3", each(FINISHED, flipped()), asks, False),
    "a longer last message": ("1.2", each(FINISHED, longer), asks, False),
    "a shorter last message": ("1.3", each(FINISHED, shorter), asks, False),
    "the last message twice": ("1.3", twice(FINISHED), asks, False),
    "a hello with octets behind": ("1.3", each(HELLO, longer), asks, False),
    "a hello that is cut": ("1.3", each(HELLO, shorter), asks, False),
    "a hello that is cut, 1.2": ("1.2", each(HELLO, shorter), asks, False),
    "an extension twice": ("1.3", each(HELLO, with_extension(0x1234, b"x", 2)), asks, False),
    "an extension that nobody knows": ("1.3", each(HELLO, with_extension(0x7a7a, b"x")), asks, True),
    "an extension that nobody knows, 1.2": ("1.2", each(HELLO, with_extension(0x7a7a, b"x")), asks, True),
    "compression only": ("1.2", each(HELLO, with_compression), asks, False),
    "compression with 1.3": ("1.3", each(HELLO, with_compression), asks, False),
    "no suite in common": ("1.2", each(HELLO, without_suites), asks, False),
    "no suite in common, 1.3": ("1.3", each(HELLO, without_suites), asks, False),
    "nothing": ("1.3", None, asks, True),
    "nothing, 1.2": ("1.2", None, asks, True),
    "a hello in small records": ("1.3", pieces(HELLO, 7), asks, True),
    "a hello in small records, 1.2": ("1.2", pieces(HELLO, 50), asks, True),
    "a hello twice": ("1.2", twice(HELLO), asks, False),
    "data before the keys": ("1.2", before(CLIENT_KEY, (DATA, b"hello")), asks, False),
    "change of ciphers before the keys": ("1.2", before(CLIENT_KEY, (CHANGE, b"\x01")), asks, False),
    "a wrong change of ciphers": ("1.2", lambda of, content, data: [(content, b"\x02")] if content == CHANGE else None, asks, False),
    "keys of no length": ("1.2", instead(CLIENT_KEY, (HANDSHAKE, framed(CLIENT_KEY, b""))), asks, False),
    "keys that are no point": ("1.2", instead(CLIENT_KEY, (HANDSHAKE, framed(CLIENT_KEY, b"\x41\x04" + bytes(64)))), asks, False),
    "keys of a curve that nobody chose": ("1.2", instead(CLIENT_KEY, (HANDSHAKE, framed(CLIENT_KEY, b"\x20" + bytes(32)))), asks, False),
    "a message out of order": ("1.2", instead(CLIENT_KEY, (HANDSHAKE, framed(FINISHED, bytes(12)))), asks, False),
    "a message that there is not": ("1.2", before(CLIENT_KEY, (HANDSHAKE, framed(99, b"x"))), asks, False),
    "a message without end": ("1.2", before(CLIENT_KEY, (HANDSHAKE, b"\x10\xff\xff\xff" + bytes(100))), asks, False),
    "a heartbeat in the handshake": ("1.2", before(CLIENT_KEY, (HEARTBEAT, b"\x01\x40\x00" + bytes(20))), asks, False),
    "a record changed": ("1.2", None, record(lambda one, other: one[:-1] + bytes([one[-1] ^ 1]) + other), False),
    "a record changed, 1.3": ("1.3", None, record(lambda one, other: one[:-1] + bytes([one[-1] ^ 1]) + other), False),
    "a record's type changed": ("1.3", None, record(lambda one, other: b"\x16" + one[1:]), False),
    "a record again": ("1.2", None, record(lambda one, other: one + one), False),
    "a record again, 1.3": ("1.3", None, record(lambda one, other: one + one), False),
    "records in another order": ("1.2", None, record(lambda one, other: other + one), False),
    "records in another order, 1.3": ("1.3", None, record(lambda one, other: other + one), False),
    "a record left out": ("1.3", None, record(lambda one, other: other), False),
    "a record that is too long": ("1.3", None, lambda c, r: r.sock.sendall(b"\x17\x03\x03\x48\x01" + bytes(20000)), False),
    "a record in the clear": ("1.2", None, lambda c, r: r.sock.sendall(b"\x17\x03\x03\x00\x05hello"), False),
    "an alert in the clear": ("1.3", None, lambda c, r: r.sock.sendall(b"\x15\x03\x03\x00\x02\x01\x00"), False),
    "a heartbeat": ("1.2", None, says(HEARTBEAT, b"\x01\x40\x00" + bytes(20)), False),
    "a heartbeat, 1.3": ("1.3", None, says(HEARTBEAT, b"\x01\x40\x00" + bytes(20)), False),
    "a hello later": ("1.2", None, says(HANDSHAKE, framed(HELLO, bytes(60))), False),
    "a hello later, 1.3": ("1.3", None, says(HANDSHAKE, framed(HELLO, bytes(60))), False),
    "a request for a hello": ("1.2", None, says(HANDSHAKE, framed(0, b"")), False),
    "a ticket from a client": ("1.3", None, says(HANDSHAKE, framed(TICKET, bytes(20))), False),
    "a certificate that nobody wants": ("1.3", None, says(HANDSHAKE, framed(CERTIFICATE, bytes(4))), False),
    "an update of keys, 1.2": ("1.2", None, says(HANDSHAKE, UPDATE), False),
    "an update of keys that is none": ("1.3", None, says(HANDSHAKE, framed(KEY_UPDATE, b"\x07")), False),
    "two hundred updates of keys": ("1.3", None, updates, True),
    "a type of record that there is not": ("1.3", None, says(99, b"x"), False),
    "an empty message": ("1.3", None, says(HANDSHAKE, b""), False),
    "empty records": ("1.2", None, says(DATA, b"", 2000), False),
    "empty records, 1.3": ("1.3", None, says(DATA, b"", 2000), False),
    "warnings": ("1.2", None, says(ALERT, b"\x01\x64", 2000), False),
    "a fatal alert": ("1.3", None, says(ALERT, b"\x02\x28"), False),
    "an alert of one octet": ("1.2", None, says(ALERT, b"\x02"), False),
}

RAW = {
    "SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(range(37)),
    "SSL 2 hello for TLS": b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(range(37)),
    "SSL 3": b"\x16\x03\x00\x00\x2f\x01\x00\x00\x2b\x03\x00" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x35\x01\x00",
    "TLS 1.0": b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x35\x01\x00",
    "a hello without suites": b"\x16\x03\x01\x00\x2b\x01\x00\x00\x27\x03\x03" + bytes(32) + b"\x00\x00\x00\x01\x00",
    "a session of 33 octets": b"\x16\x03\x01\x00\x50\x01\x00\x00\x4c\x03\x03" + bytes(32) + b"\x21" + bytes(33) + b"\x00\x04\x00\x2f\x00\x35\x01\x00",
    "a hello of 16 MB": b"\x16\x03\x01\x40\x00\x01\xff\xff\xff\x03\x03" + bytes(16374),
    "a record of 64 KB": b"\x16\x03\x01\xff\xff\x01\x00\xff\xfb\x03\x03" + bytes(65529),
    "a heartbeat": b"\x18\x03\x02\x00\x03\x01\x40\x00",
    "change of ciphers": b"\x14\x03\x03\x00\x01\x01",
    "an alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "HTTP": b"GET / HTTP/1.0\r\n\r\n",
    "nothing but zeros": bytes(2000),
}


def good_client(port, authority, line=b"still here\n"):
    """Somebody else is served."""
    context = ssl.create_default_context(cafile=authority)
    with socket.create_connection(("localhost", port), PATIENCE) as plain, context.wrap_socket(plain, server_hostname="localhost") as c:
        c.sendall(line)
        with c.makefile("rb") as file:
            return file.readline() == line


def raw_client(port, data):
    """Returns what a server answers to that, up to its end."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
        plain.settimeout(PATIENCE)
        heard = b""
        with contextlib.suppress(ConnectionError):
            plain.sendall(data)
            plain.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while piece := plain.recv(65536):
                heard += piece
        return heard


def wrong_client(port, version, change, act):
    """Returns the data that a server has answered with; the connection is over then."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
        plain.settimeout(PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        records = Records(plain)
        connection = Wrong(records, change)
        heard = b""
        try:
            connection.handshakeClientCert(settings=settings(version), serverName="localhost")
            with contextlib.suppress(ConnectionError):
                act(connection, records)
            while piece := connection.read(min=1, max=100):
                heard += piece
                if heard.endswith(b"hello"):
                    break
        except socket.timeout as why:
            raise TimeoutError("the server neither answers nor ends it") from why
        except Exception as why:  # an alert, the end, or what tlslite cannot read any more
            if type(why).__module__.startswith("tlslite") or isinstance(why, OSError):
                return bytes(heard)
            raise
        return bytes(heard)


# ---- wrong servers: name -> (version, change, what is done when the handshake is over; whether the client may take it)

SERVERS = {
    "a server's last message": ("1.2", each(FINISHED, flipped()), None, False),
    "a server's last message, 1.3": ("1.3", each(FINISHED, flipped()), None, False),
    "a signature": ("1.2", each(SERVER_KEY, flipped()), None, False),
    "a signature, 1.3": ("1.3", each(CERTIFICATE_VERIFY, flipped()), None, False),
    "no signature": ("1.3", lambda of, content, data: [] if of == CERTIFICATE_VERIFY else None, None, False),
    "keys that are no point": ("1.2", each(SERVER_KEY, flipped(10)), None, False),
    "no certificate": ("1.3", each(CERTIFICATE, lambda data: framed(CERTIFICATE, bytes(4))), None, False),
    "no certificate, 1.2": ("1.2", each(CERTIFICATE, lambda data: framed(CERTIFICATE, bytes(3))), None, False),
    "a certificate that is none": ("1.2", each(CERTIFICATE, flipped(20)), None, False),
    "a suite that nobody offered": ("1.2", each(SERVER_HELLO, lambda data: data[:39 + data[38]] + b"\x00\x05" + data[41 + data[38]:]), None, False),
    "TLS 1.1": ("1.2", each(SERVER_HELLO, lambda data: data[:4] + b"\x03\x02" + data[6:]), None, False),
    "SSL 3": ("1.2", each(SERVER_HELLO, lambda data: data[:4] + b"\x03\x00" + data[6:]), None, False),
    "compression": ("1.2", each(SERVER_HELLO, lambda data: data[:41 + data[38]] + b"\x01" + data[42 + data[38]:]), None, False),
    "a hello with octets behind": ("1.2", each(SERVER_HELLO, longer), None, False),
    "two hellos": ("1.2", twice(SERVER_HELLO), None, False),
    "two hellos, 1.3": ("1.3", twice(SERVER_HELLO), None, False),
    "data in the handshake": ("1.2", before(HELLO_DONE, (DATA, b"hello\n")), None, False),
    "a message that there is not": ("1.2", before(HELLO_DONE, (HANDSHAKE, framed(99, b"x"))), None, False),
    "the end of a handshake that has not begun": ("1.2", instead(SERVER_HELLO, (HANDSHAKE, framed(HELLO_DONE, b""))), None, False),
    "extensions that nobody asked for": ("1.3", each(ENCRYPTED_EXTENSIONS, lambda data: framed(8, b"\0\x05\x12\x34\0\x01x")), None, False),
    "a fatal alert": ("1.3", before(SERVER_HELLO, (ALERT, b"\x02\x28")), None, False),
    "a record changed": ("1.3", None, record(lambda one, other: one[:-1] + bytes([one[-1] ^ 1]) + other), False),
    "a record again": ("1.2", None, record(lambda one, other: one + one), False),
    "records in another order": ("1.3", None, record(lambda one, other: other + one), False),
    "a heartbeat": ("1.2", None, says(HEARTBEAT, b"\x01\x40\x00" + bytes(20)), False),
    "a request for a hello": ("1.2", None, says(HANDSHAKE, framed(0, b"")), False),
    "a hello later": ("1.3", None, says(HANDSHAKE, framed(SERVER_HELLO, bytes(60))), False),
    "a request for a certificate later": ("1.3", None, says(HANDSHAKE, framed(13, b"\x01x\x00\x08\x00\x0d\x00\x04\x00\x02\x04\x03")), False),
    "a ticket that is none": ("1.3", None, says(HANDSHAKE, framed(TICKET, b"\0\0")), False),
    "empty records": ("1.3", None, says(DATA, b"", 2000), False),
    "a hello in small records": ("1.3", pieces(SERVER_HELLO, 9), lambda c, r: c.write(b"hello\n"), True),
    "nothing": ("1.3", None, lambda c, r: c.write(b"hello\n"), True),
    "nothing, 1.2": ("1.2", None, lambda c, r: c.write(b"hello\n"), True),
}


class WrongServer:
    """A server that does so to the one client that comes, within a with block."""

    def __init__(self, chain, key, version, change, act):
        self.chain, self.key = X509CertChain(), parsePEMKey(open(key, encoding="ascii").read(), private=True)
        self.chain.parsePemList(open(chain, encoding="ascii").read())
        self.version, self.change, self.act = version, change, act
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with contextlib.suppress(OSError):
            plain = self.listener.accept()[0]
            with plain:
                plain.settimeout(PATIENCE)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                records = Records(plain)
                connection = Wrong(records, self.change)
                with contextlib.suppress(Exception):  # the client's end, however tlslite takes it
                    connection.handshakeServer(certChain=self.chain, privateKey=self.key, settings=settings(self.version))
                    if self.act:
                        self.act(connection, records)
                    connection.read(min=1, max=100)
                with contextlib.suppress(OSError):
                    while plain.recv(65536):
                        pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
