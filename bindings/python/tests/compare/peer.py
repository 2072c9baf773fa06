"""Raw counterparts made from the system's sockets: what is under comparison talks to these.

On the loopback interface the kernel delivers at once, so accepting, sending and waiting for what was already sent
need no thread. Where the call under test blocks, use `later`.
"""

import array
import errno
import fcntl
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

PATIENCE = 5.0


class Listener:
    def __init__(self, host="127.0.0.1", backlog=50):
        self.host = host
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket.bind((host, 0))
        self.socket.listen(backlog)
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]

    def accept(self):
        return Peer(self.socket.accept()[0])

    def waiting(self):
        """Is a connection waiting to be accepted?"""
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        self.socket.close()


class Datagrams:
    """A raw UDP socket, bound to a port that the system chose."""

    def __init__(self, host="127.0.0.1", port=0):
        self.host = host
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]

    def send(self, port, *datagrams, host=None):
        for data in datagrams:
            self.socket.sendto(data, (host or self.host, port))

    def receive(self):
        return self.socket.recvfrom(1 << 16)[0]

    def got_all(self):
        """The datagrams that are there."""
        got = []
        while self.waiting():
            got.append(self.receive())
        return tuple(got)

    def waiting(self):
        """Is a datagram there?"""
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        self.socket.close()


class LocalListener:
    """A raw listening local socket; a name that begins with a NUL is abstract."""

    def __init__(self, name, backlog=50):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(name)
        self.socket.listen(backlog)
        self.socket.settimeout(PATIENCE)

    accept = Listener.accept
    waiting = Listener.waiting
    close = Listener.close

    def fill(self):
        """Connects until no further connection fits; returns the sockets."""
        fillers = []
        while True:
            filler = socket.socket(socket.AF_UNIX)
            filler.setblocking(False)
            if filler.connect_ex(self.name):
                filler.close()
                return fillers
            fillers.append(filler)


class Peer:
    """One end of a connection."""

    def __init__(self, sock):
        self.socket = sock
        sock.settimeout(PATIENCE)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = bytearray()     # everything received so far
        self.ended = ""             # "eof", "reset" once the other side has ended, "closed" once this side has

    def send(self, data):
        self.socket.sendall(data)
        return self

    def shutdown(self, how=socket.SHUT_WR):
        self.socket.shutdown(how)

    def close(self):
        self.socket.close()
        self.ended = "closed"

    def reset(self):
        """Closes with a RST instead of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def pump(self):
        """Takes what has arrived, without waiting."""
        while not self.ended and select.select([self.socket], [], [], 0)[0]:
            try:
                piece = self.socket.recv(1 << 20)
            except ConnectionError:
                self.ended = "reset"
                return self
            self.data += piece
            if not piece:
                self.ended = "eof"
        return self

    def got(self, n):
        """Have n bytes arrived? A condition for Recorder.until."""
        return len(self.pump().data) >= n

    def end(self):
        """Has the other side ended? A condition for Recorder.until."""
        return bool(self.pump().ended)

    def wait(self, n):
        """Waits, with nothing else going on, until n bytes have come (or the end)."""
        deadline = time.monotonic() + PATIENCE
        while len(self.data) < n and not self.ended and time.monotonic() < deadline:
            select.select([self.socket], [], [], 0.05)
            self.pump()
        return bytes(self.data)

    def summary(self):
        from trace import shorten
        self.pump()
        return shorten(self.data) + (" then " + self.ended if self.ended else "")

    def got_all(self):
        """What has come since the last time, and whether that is all: how the other side ended is its own business."""
        data = bytes(self.pump().data)
        self.data.clear()
        return data if not self.ended else ((data, "the end"))


def connect(port, host="127.0.0.1"):
    return Peer(socket.create_connection((host, port), timeout=PATIENCE))


def connect_local(name):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(name)
    return Peer(sock)


def small_buffers(sock, size=4096):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


class DeadPort:
    """A port that is bound but not listening: connections to it are refused."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket.bind((host, 0))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


class Hanging:
    """A port whose backlog is full: the kernel drops further connection requests, so connecting to it hangs."""

    def __init__(self, host="127.0.0.1"):
        self.listener = Listener(host, backlog=0)
        self.port = self.listener.port
        self.fillers = []
        while True:
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((host, self.port))
            self.fillers.append(filler)
            if not select.select([], [filler], [], 0.05)[1]:
                return

    def close(self):
        for filler in self.fillers:
            filler.close()
        self.listener.close()


class ClientProcess:
    """A process that connects a little later, for calls that block and do not let Python's threads run."""

    def __init__(self, port, host="127.0.0.1"):
        self.process = subprocess.Popen([sys.executable, "-ISc", "import socket, sys, time; time.sleep(0.05); "
                                         f"s = socket.create_connection(('{host}', {port})); sys.stdin.read()"],
                                        stdin=subprocess.PIPE)

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def later(function, seconds=0.05):
    """Calls function() from a thread, for tests of calls that block. The result can be joined."""
    thread = threading.Timer(seconds, function)
    thread.daemon = True
    thread.start()
    return thread


# ---- what the kernel knows about a descriptor

_barrier = []


def deliver():
    """Waits until what this process has sent over the loopback interface, on the processor that it is on, has arrived.
    The system puts that into one queue for each processor, nearly always empties it at once, and otherwise soon. What
    comes behind it in that queue is there after it. Four times, since an arrival may send something: a connection takes
    three."""
    if not _barrier:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect(receiver.getsockname())
        receiver.settimeout(PATIENCE)
        _barrier[:] = sender, receiver
    sender, receiver = _barrier
    for _ in range(4):
        sender.send(b"")
        receiver.recv(1)


def readable_bytes(descriptor, request=termios.FIONREAD):
    """How many bytes can be read from a descriptor; 0 of none."""
    if descriptor == -1:
        return 0
    count = array.array("i", [0])
    fcntl.ioctl(descriptor, request, count)
    return count[0]


def unread_bytes(descriptor):
    """How much memory takes what a local socket's peer has not read."""
    return readable_bytes(descriptor, termios.TIOCOUTQ)


def poll_events(descriptor):
    """What poll() says of a descriptor; nothing of none."""
    if descriptor == -1:
        return 0
    poller = select.poll()
    poller.register(descriptor, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
    return dict(poller.poll(0)).get(descriptor, 0)


def readable(descriptor):
    """Is there anything to be read from a descriptor, or its end?"""
    return bool(poll_events(descriptor) & ~select.POLLOUT)


def gone(descriptor):
    """Can the peer neither be read from nor written to any more?"""
    return bool(poll_events(descriptor) & (select.POLLHUP | select.POLLERR))


def half_closed(descriptor):
    """Can the peer be written to, and not read from any more?"""
    return bool(poll_events(descriptor) & select.POLLRDHUP) and not gone(descriptor)


def drain(descriptor):
    """Takes what can be read from a socket's descriptor."""
    if descriptor != -1:
        with borrowed(descriptor) as sock:
            while readable_bytes(descriptor):
                sock.recv(1 << 16, socket.MSG_DONTWAIT)


def wait_kernel(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the kernel did not get there")
        time.sleep(0.001)


def arrived(descriptor, n):
    """Waits until n unread bytes are in the kernel's buffer, or more."""
    wait_kernel(lambda: readable_bytes(descriptor) >= n)


def hung_up(descriptor):
    """Waits until the kernel knows that the peer has closed, shut down writing, or reset the connection."""
    wait_kernel(lambda: poll_events(descriptor) & (select.POLLRDHUP | select.POLLHUP | select.POLLERR))


def writable(descriptor):
    """Waits until the kernel calls the descriptor writable: a connect has ended, well or not."""
    wait_kernel(lambda: poll_events(descriptor) & (select.POLLOUT | select.POLLERR | select.POLLHUP))


def borrowed(descriptor):
    """A Python socket over a duplicate of a descriptor, to look at options; close it after use."""
    import os
    return socket.socket(fileno=os.dup(descriptor))


def option(descriptor, level, name):
    with borrowed(descriptor) as sock:
        return sock.getsockopt(level, name)
