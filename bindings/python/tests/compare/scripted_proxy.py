"""A proxy that follows a script, in a process of its own: Qt blocks in listen() and bind() while it waits for one, and then
no Python thread of this process runs.

A script is what the proxy does on one connection, step by step:

    HELLO, LOGIN, COMMAND       reads that message of SOCKS 5
    REQUEST                     reads up to an empty line
    bytes                       sends them
    If(bytes, script, script)   goes on with the first script if they are in the message that it has read, or the second
    GO                          waits until the scenario calls go()
    CLOSE, RESET                ends the connection
    ECHO                        sends back all that comes
    Relay(...)                  answers a UDP ASSOCIATE, and relays datagrams for as long as the connection lasts

Behind the last step it reads until the client ends. Each further connection follows the next script, or the last one.
"""

import ast
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

HELLO, LOGIN, COMMAND, REQUEST = "hello", "login", "command", "request"
GO, CLOSE, RESET, ECHO = "go", "close", "reset", "echo"
PATIENCE = 5.0
ENDED = "the client has ended"


def If(said, then, otherwise):
    """A step. A message of SOCKS is looked at behind its first two bytes."""
    return ("if", said, then, otherwise)


def Relay(told=b"", answers=None):
    """A step. told: type and address that the reply tells, in place of the relay's own; answers: datagrams that the
    client is sent for each of its own, as they are, in place of the target's."""
    return ("relay", told, answers)


# What many scripts have in common.
METHOD_NONE = [HELLO, b"\5\0"]
GRANTED = b"\5\0\0\1\x7f\0\0\2\x13\x89"    # 127.0.0.2:5001
SOCKS_FINE = [*METHOD_NONE, COMMAND, GRANTED]
FINE = b"HTTP/1.1 200 Fine\r\n\r\n"
HTTP_FINE = [REQUEST, FINE]


def socks_reply(code):
    """A script: a SOCKS server that answers so."""
    return [*METHOD_NONE, COMMAND, bytes([5, code]) + GRANTED[2:]]


def http_reply(text):
    """A script: an HTTP proxy that answers so."""
    return [REQUEST, text]


class ScriptedProxy:
    def __init__(self, *scripts, host="127.0.0.1"):
        self.host = host
        self.channel, its = socket.socketpair()
        with its:
            socket.send_fds(forker(), [b"x"], [its.fileno()])
        self.answers = self.channel.makefile()
        self.port = self._q_ask(repr((host, scripts)))

    def _q_ask(self, question):
        self.channel.sendall(question.encode() + b"\n")
        return ast.literal_eval(self.answers.readline())

    def got(self):
        """What each connection has sent so far, and whether it has ended, from whatever side."""
        return self._q_ask("got")

    def requests(self):
        """What all connections have sent so far."""
        return [data for data, _ in self.got()]

    def connections(self):
        return len(self.got())

    def has(self, n):
        """Have n bytes come, on whatever connection? For Recorder.until()."""
        return sum(map(len, self.requests())) >= n

    def ended(self, n=1):
        """Have n connections ended? For Recorder.until()."""
        return sum(end for _, end in self.got()) >= n

    def go(self):
        """Lets a script go on that is at GO, or will be."""
        self._q_ask("go")

    def close(self):
        """Ends the process, and waits for that."""
        self.channel.shutdown(socket.SHUT_WR)
        self.answers.read()
        self.answers.close()
        self.channel.close()


def forker():
    """The socket to the process of which those of the proxies are forks: a fork takes a twentieth of what Python takes to
    begin. It lives as long as this process."""
    global _forker
    if _forker is None:
        _forker, its = socket.socketpair()
        with its:
            subprocess.Popen([sys.executable, "-IS", __file__], stdin=its)
    return _forker


_forker = None


# ---- in the process

class Connection:
    def __init__(self, sock, script, gate):
        self.socket, self.script, self.gate = sock, script, gate
        self.got, self.ended = b"", False
        self.message = 0            # where in it the last message begins

    def read(self, n):
        data = self.socket.recv(n)
        if not data:
            raise ConnectionError(ENDED)
        self.got += data
        return data

    def exactly(self, n):
        data = b""
        while len(data) < n:
            data += self.read(n - len(data))
        return data

    def read_hello(self):
        self.exactly(self.exactly(2)[1])

    def read_login(self):
        self.exactly(self.exactly(2)[1])
        self.exactly(self.exactly(1)[0])

    def read_command(self):
        kind = self.exactly(4)[3]
        self.exactly({1: 4, 3: 0, 4: 16}[kind] or self.exactly(1)[0])
        self.exactly(2)

    def read_request(self):
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += self.read(1)

    def run(self):
        try:
            for step in self.script:
                self.play(step)
            while self.socket.fileno() != -1:
                self.read(1 << 16)
        except OSError:
            pass
        self.ended = True

    def play(self, step):
        if isinstance(step, bytes):
            self.socket.sendall(step)
        elif step in (HELLO, LOGIN, COMMAND, REQUEST):
            self.message = len(self.got)
            getattr(self, "read_" + step)()
        elif step[0] == "if":
            for one in step[2] if step[1] in self.got[self.message + 2:] else step[3]:
                self.play(one)
        elif step == GO:
            self.gate.acquire()
        elif step == ECHO:
            while True:
                self.socket.sendall(self.read(1 << 16))
        elif step in (CLOSE, RESET):
            if step == RESET:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()
        else:
            self.relay(*step[1:])

    def relay(self, told, answers):
        relay = socket.socket(self.socket.family, socket.SOCK_DGRAM)
        relay.bind((self.socket.getsockname()[0], 0))
        address, port = relay.getsockname()[:2]
        self.socket.sendall(b"\5\0\0" + (told or header(address)) + struct.pack("!H", port))
        threading.Thread(target=carry, args=(relay, answers), daemon=True).start()


def header(address):
    """An address of a message of SOCKS."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (b"\4" if ":" in address else b"\1") + socket.inet_pton(family, address)


def carry(relay, answers):
    """Carries datagrams of a client to IPv4 addresses, and their answers back."""
    client, out = None, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind(("127.0.0.1", 0))

    def back():
        while True:
            data, (address, port) = out.recvfrom(1 << 16)
            relay.sendto(b"\0\0\0" + header(address) + struct.pack("!H", port) + data, client)
    threading.Thread(target=back, daemon=True).start()
    while True:
        data, client = relay.recvfrom(1 << 16)
        for answer in answers or ():
            relay.sendto(answer, client)
        if answers is None and data[3] == 1:
            out.sendto(data[10:], (socket.inet_ntoa(data[4:8]), struct.unpack("!H", data[8:10])[0]))


def serve(channel):
    """The proxy that the other end of the channel asks for, until it is closed."""
    lines = channel.makefile("rw")

    def answer(value):
        print(value, file=lines, flush=True)

    host, scripts = ast.literal_eval(lines.readline())
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    gate, connections = threading.Semaphore(0), []

    def accept():
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections.append(Connection(sock, scripts[min(len(connections), len(scripts) - 1)], gate))
            threading.Thread(target=connections[-1].run, daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    answer(listener.getsockname()[1])
    for line in lines:
        if line == "go\n":
            gate.release()
        answer([(connection.got, connection.ended) for connection in list(connections)])


def main():
    """Forks for each channel that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)   # nobody waits for the forks
    with socket.socket(fileno=0) as asked:
        while True:
            data, descriptors, *_ = socket.recv_fds(asked, 1, 1)
            if not data:
                return
            with socket.socket(fileno=descriptors[0]) as channel:
                if os.fork():
                    continue
                try:
                    asked.close()
                    serve(channel)
                finally:
                    os._exit(0)


if __name__ == "__main__":
    main()
