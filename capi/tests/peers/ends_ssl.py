"""One end of an encrypted connection, on Python's ssl: ends_ssl.py server|client NAME=VALUE... (README.md)"""

import random
import select
import socket
import ssl
import sys
import zlib

PIECE = 65536
options = dict(word.split("=", 1) for word in sys.argv[2:])
server = sys.argv[1] == "server"
total = int(options.get("bytes", 0))
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def say(*words):
    print(*words, flush=True)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    if "authority" in options:
        made.load_verify_locations(options["authority"])
    if "certificate" in options:
        made.load_cert_chain(options["certificate"], options["key"])
    if "tls" in options:
        made.minimum_version = made.maximum_version = VERSIONS[options["tls"]]
    if "alpn" in options:
        made.set_alpn_protocols(options["alpn"].split(","))
    if "ask" in options:
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def exchange(connection):
    """Sends and receives everything, both at the same time."""
    data = random.Random(total + server).randbytes(min(total, 1 << 20))
    sent = received = crc_sent = crc_received = 0
    connection.setblocking(False)
    while sent < total or received < total:
        wants_write = wants_read = False
        if sent < total:
            at = sent % len(data)
            piece = data[at:at + min(PIECE, total - sent)]
            try:
                count = connection.send(piece)
                crc_sent = zlib.crc32(piece[:count], crc_sent)
                sent += count
            except ssl.SSLWantWriteError:
                wants_write = True
            except ssl.SSLWantReadError:
                wants_read = True
        if received < total:
            try:
                piece = connection.recv(PIECE)
                if not piece:
                    raise ConnectionError(f"it has ended after {received} bytes")
                crc_received = zlib.crc32(piece, crc_received)
                received += len(piece)
                wants_write = False
            except ssl.SSLWantReadError:
                wants_read = sent == total or wants_write
            except ssl.SSLWantWriteError:
                wants_write = True
        if wants_read or wants_write:
            select.select([connection] if wants_read or wants_write else [], [connection] if wants_write else [], [], 30)
    connection.setblocking(True)
    say("sent", sent, crc_sent)
    say("received", received, crc_received)


def end(connection):
    """Ends, or waits for the other's end."""
    who = options.get("end", "client")
    if who == "abort" and not server:
        connection.close()
    elif who in ("both", sys.argv[1]):
        try:
            connection.unwrap()
            say("end clean")
        except OSError:
            say("end ours")
    else:
        try:
            while connection.recv(PIECE):
                pass
            say("end clean")
        except OSError:
            say("end cut")


def talk(plain, made, session=None):
    plain.settimeout(30)
    if "starttls" in options:
        if not server:
            plain.sendall(b"STARTTLS\n")
        wanted = b"STARTTLS\n" if server else b"GO\n"
        line = b""
        while not line.endswith(b"\n"):
            piece = plain.recv(1)
            if not piece:
                raise ConnectionError("it has ended in the clear")
            line += piece
        assert line == wanted, line
        if server:
            plain.sendall(b"GO\n")
    name = options.get("name", "localhost")
    with made.wrap_socket(plain, server_side=server, server_hostname=None if server else name, session=session,
                          suppress_ragged_eofs=False) as connection:
        connection.settimeout(30)
        say("version", connection.version().removeprefix("TLSv"))
        if connection.selected_alpn_protocol():
            say("alpn", connection.selected_alpn_protocol())
        if certificate := connection.getpeercert():
            say("peer", dict(pair for (pair,) in certificate["subject"])["commonName"])
        say("resumed", "yes" if connection.session_reused else "no")
        exchange(connection)
        session = connection.session
        end(connection)
        return session


def main():
    made, session = context(), None
    if server:
        listener = socket.create_server(("127.0.0.1", 0))
        say("port", listener.getsockname()[1])
    for _ in range(int(options.get("count", 1))):
        plain = listener.accept()[0] if server else socket.create_connection(("127.0.0.1", int(options["port"])), 30)
        with plain:
            try:
                session = talk(plain, made, None if server else session)
            except OSError as error:
                say("error", error)
    say("over")


main()
