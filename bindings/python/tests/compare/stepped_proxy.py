"""A proxy in the process of the program, which does one thing after the other when it is told to, so that what happens is
in the same order on every library.

A script is what it answers to each message of one connection: bytes, "close" or "reset", or several of those in a tuple.
Behind the last answer the connection is the program's. Each further connection follows the next script, or the last one.
"""

import contextlib
import os
import select
import socket
import stat
import threading

import peer


GLUED = b"glued"     # what the peer behind a proxy sends with the proxy's last answer


class Connection:
    def __init__(self, accepted, script, slow):
        self.peer, self.script, self.slow = accepted, list(script), slow
        self.client = accepted.socket.getpeername()
        self.parts = []             # of the answer under way
        self.granted = self.asked = False

    def step(self, grants_only):
        """Does one thing, if there is one to be done. grants_only: it does not end what it has granted."""
        if not self.parts and self.script and not self.peer.ended and self.peer.pump().data:
            self.peer.data.clear()
            answer = self.script.pop(0)
            for part in answer if isinstance(answer, tuple) else (answer,):
                if isinstance(part, bytes):
                    self.granted = grants(part)
                    self.asked |= b" 407 " in part or part == b"\5\xff"
                self.parts += split(part) if self.slow and isinstance(part, bytes) else [part]
        if not self.parts or grants_only and self.granted and self.parts[0] in ("close", "reset"):
            return False
        part = self.parts.pop(0)
        try:
            self.peer.send(part) if isinstance(part, bytes) else getattr(self.peer, part)()
        except OSError:
            self.parts.clear()      # the client has ended
        return True

    def expects(self):
        return bool(self.script) and not self.peer.ended

    def tunnel(self):
        return self.granted and not self.script and not self.parts

    def descriptor(self):
        """The client's descriptor, which a library may not tell; -1 if it is closed."""
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                number = int(name)
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    with peer.borrowed(number) as sock:
                        if sock.family == socket.AF_INET and sock.getsockname() == self.client:
                            return number
        return -1


def split(part):
    """Its bytes. What is glued to them comes with the last."""
    answer = part.removesuffix(GLUED)
    return [bytes([byte]) for byte in answer[:-1]] + [answer[-1:] + part[len(answer):]]


def grants(part):
    return part.startswith(b"\5\0\0") or b" 200" in part


class SteppedProxy:
    def __init__(self, host, *scripts, slow=False):
        """slow: it sends byte after byte."""
        self.host, self.scripts, self.slow, self.connections = host, scripts, slow, []
        self.listener = peer.Listener(host)
        self.port = self.listener.port

    def step(self, grants_only=False):
        """Does one thing, if there is one to be done: is there?"""
        if self.listener.waiting():
            script = self.scripts[min(len(self.connections), len(self.scripts) - 1)]
            self.connections.append(Connection(self.listener.accept(), script, self.slow))
            return True
        return any(connection.step(grants_only) for connection in self.connections)

    def close(self):
        for connection in self.connections:
            connection.peer.close()
        self.listener.close()


class Proxies:
    """Those of a program."""

    def __init__(self):
        self.all = []

    def step(self, grants_only=False):
        return any(proxy.step(grants_only) for proxy in self.all)

    def known(self):
        """Has one asked for a user?"""
        return any(connection.asked for proxy in self.all for connection in proxy.connections)

    def glued(self):
        """Does what they say end with what the peer behind them says?"""
        return any(GLUED.decode() in repr(proxy.scripts) for proxy in self.all)

    def descriptor(self):
        """The descriptor of the client that came last."""
        for proxy in self.all:
            while proxy.listener.waiting():
                proxy.step()
        last = [proxy.connections[-1] for proxy in self.all if proxy.connections]
        return next((fd for fd in (connection.descriptor() for connection in last) if fd != -1), -1)

    @contextlib.contextmanager
    def at_work(self, wanted):
        """Has them do what is to be done while the program waits to be connected. The end of a connection that is made would
        come at any time."""
        if not (wanted and self.all):
            yield
            return
        awake, waker = socket.socketpair()

        def work():
            while not select.select([awake], [], [], 0)[0]:
                if not self.step(grants_only=True):
                    expected = [c.peer.socket for proxy in self.all for c in proxy.connections if c.expects()]
                    select.select([awake, *(proxy.listener.socket for proxy in self.all), *expected], [], [])
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            waker.close()
            thread.join()
            awake.close()


class Behind:
    """The raw peer behind the proxies: the last connection that was set up."""

    def __init__(self, proxies):
        self.proxies = proxies

    def __getattr__(self, method):
        tunnels = [c.peer for proxy in self.proxies.all for c in proxy.connections if c.tunnel()]
        return getattr(tunnels[-1], method) if tunnels else lambda *arguments: None
