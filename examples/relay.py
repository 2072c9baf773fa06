#!/usr/bin/env python3
"""A proxy to try the programs of this folder with: relay.py

It speaks SOCKS 5 and HTTP's CONNECT, wants the user "me" with the password "secret", and connects to this host whatever
name it is asked for. Where it listens it prints.
"""

import base64
import contextlib
import socket
import socketserver
import sys
import threading

USER = b"me:secret"


class Refused(Exception):
    """The client was told why."""


def carry(source, target):
    """Copies what comes until its end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Client(socketserver.StreamRequestHandler):
    rbufsize = 0  # what comes after the request is the target's

    def handle(self):
        with contextlib.suppress(OSError, Refused):
            port, done = self.socks() if self.read(1) == b"\5" else self.http()
            with socket.create_connection(("127.0.0.1", port)) as target:
                self.request.sendall(done)
                self.server.relayed += 1
                back = threading.Thread(target=carry, args=(target, self.request))
                back.start()
                carry(self.request, target)
                back.join()

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.rfile.read(size - len(data))
            if not more:
                raise Refused
            data += more
        return data

    def read_text(self):
        """A text of SOCKS, with its length before it."""
        return self.read(self.read(1)[0])

    def refuse(self, answer):
        self.request.sendall(answer)
        raise Refused

    def socks(self):
        """Talks SOCKS, from the second byte on. Returns the port, and what to say once there is a connection."""
        if 2 not in self.read_text():
            self.refuse(b"\5\xff")
        self.request.sendall(b"\5\2")
        self.read(1)
        if self.read_text() + b":" + self.read_text() != USER:
            self.refuse(b"\1\1")
        self.request.sendall(b"\1\0")
        kind = self.read(4)[3]
        if kind == 3:
            self.read_text()
        else:
            self.read(4 if kind == 1 else 16)
        return int.from_bytes(self.read(2), "big"), b"\5\0\0\1\x7f\0\0\1\0\0"

    def http(self):
        """The same with HTTP."""
        while True:
            header = b""
            while not header.endswith(b"\r\n\r\n"):
                header += self.read(1)
            request, *fields = header.decode("latin-1").split("\r\n")
            known = dict(field.lower().split(": ", 1) for field in fields if field)
            if known.get("proxy-authorization") == f"Basic {base64.b64encode(USER).decode()}".lower():
                return int(request.split()[1].rpartition(":")[2]), b"HTTP/1.1 200 Connected\r\n\r\n"
            self.request.sendall(
                b'HTTP/1.1 407 Who is it?\r\nProxy-Authenticate: Basic realm="relay"\r\nContent-Length: 0\r\n\r\n'
            )


class Relay(socketserver.ThreadingTCPServer):
    """`with Relay() as relay:` runs one on a thread."""

    daemon_threads = True
    request_queue_size = 50

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Client)
        self.port = self.server_address[1]
        self.relayed = 0

    def urls(self, user=USER.decode()):
        """The URLs of both kinds, by their names."""
        return {name: f"{name}://{user}@127.0.0.1:{self.port}" for name in ("socks5", "http")}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    relay = Relay()
    print(f"listening on 127.0.0.1:{relay.port}", flush=True)
    sys.exit(relay.serve_forever())
