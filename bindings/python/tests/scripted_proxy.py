"""A proxy that follows a script, on a thread of its own."""

import contextlib
import socket
import threading

from qnet import QNetworkProxy

#: what a proxy does on a connection: it reads so many bytes, None for up to an empty line, and then says something, or
#: what a function returns; None closes it
SOCKS = [(3, b"\5\0"), (18, b"\5\0\0\1\x7f\0\0\1\0\x09")]
SOCKS_REFUSES = [(3, b"\5\xff")]
HTTP = [(None, b"HTTP/1.1 200 Fine\r\n\r\n")]


def challenge(realm):
    return b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="%s"\r\nContent-Length: 0\r\n\r\n' % realm


class ScriptedProxy:
    """`with ScriptedProxy(script, ...)`: a script for each connection, after which it tells back what comes."""

    def __init__(self, *scripts):
        self.got = b""
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._q_thread = threading.Thread(target=self._run)
        self._q_thread.start()

    def _run(self):
        for script in self._scripts:
            with contextlib.suppress(OSError):
                connection, _ = self._listener.accept()
                with connection:
                    self._serve(connection, script)

    def _serve(self, connection, script):
        for size, answer in script:
            request = b""
            while not (request.endswith(b"\r\n\r\n") if size is None else len(request) == size):
                byte = connection.recv(1)
                if not byte:
                    return
                request += byte
                self.got += byte
            if answer is None:
                return
            connection.sendall(answer() if callable(answer) else answer)
        while data := connection.recv(1000):
            connection.sendall(data)

    def as_type(self, type):
        return QNetworkProxy(type, "127.0.0.1", self.port)

    def end(self):
        """Waits for its end, which the clients' end brings; returns all that it was sent."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._q_thread.join()
        self._listener.close()
        return self.got

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
