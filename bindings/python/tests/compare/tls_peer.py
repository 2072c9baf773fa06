"""Ends of encrypted connections made of Python's ssl module: what is under comparison talks to these.

They have no thread: while a scenario runs the loop they do what they can at each tick. For calls that block there is
TlsProcess.
"""

import pathlib
import select
import ssl
import subprocess
import sys

import peer

CHAINS = pathlib.Path(__file__).resolve().parent / "tls" / "chains"
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def chain(name):
    return str(CHAINS / f"{name}.pem")


def key(name):
    """The key of a chain's first certificate."""
    return str(CHAINS / f"{name if name.startswith('rsa') else 'ec'}.key")


def context(server, show=None, trust=None, versions=None, alpn=None, ciphers=None, ask=None, tickets=None):
    """The context of a peer. show: the chain that it shows; trust: those whose certificate it wants, ask: an ssl.CERT_*
    other than CERT_REQUIRED for that; versions: (lowest, highest)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers((ciphers or "ALL") + ":@SECLEVEL=0")
    if versions:
        made.minimum_version, made.maximum_version = versions
    if show:
        made.load_cert_chain(chain(show), key(show))
    if trust:
        made.load_verify_locations(chain(trust))
        made.verify_mode = ssl.CERT_REQUIRED if ask is None else ask
    if alpn:
        made.set_alpn_protocols(alpn)
    if tickets is not None:
        made.num_tickets = tickets
    return made


class TlsPeer(peer.Peer):
    """One end of an encrypted connection; in the clear until encrypt() if it is to begin so."""

    def __init__(self, sock, context, server, clear=False, name=None, session=None):
        super().__init__(sock)
        self.context, self.server, self.name, self.session = context, server, name, session
        self.tls = None
        self.shaken = False         # the handshake is over
        self.error = ""             # what ended it
        self.plain = bytearray()    # what came before encrypt()
        self.asked = None           # the name that the client has asked for
        self.slow = 0               # so many bytes are taken at each tick; 0: all
        self.queue = []             # what is to be sent once the handshake is over
        if not clear:
            self.encrypt()

    def encrypt(self):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        if self.server:
            self.context.sni_callback = self.note
        self.tls = self.context.wrap_bio(self.incoming, self.outgoing, server_side=self.server,
                                         server_hostname=self.name, session=self.session)
        self.pump()

    def note(self, _object, name, _context):
        self.asked = name

    def pump(self):
        """Does what can be done without waiting."""
        if self.tls is None:
            return super().pump()
        while not self.ended and select.select([self.socket], [], [], 0)[0]:
            try:
                piece = self.socket.recv(self.slow or 1 << 18)
            except ConnectionError:
                self.ended = "reset"
                break
            if piece:
                self.incoming.write(piece)
            else:
                self.ended = "eof"
                self.incoming.write_eof()
            if self.slow:
                break
        self.step()
        return self

    def step(self):
        if self.error:
            return
        try:
            if not self.shaken:
                self.tls.do_handshake()
                self.shaken = True
            self.flush()
            for data in self.queue:
                self.tls.write(data)
            self.queue = []
            while piece := self.tls.read(1 << 18):
                self.data += piece
            self.error = "close notify"
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except ssl.SSLZeroReturnError:
            self.error = "close notify"
        except ssl.SSLError as error:
            self.error = (getattr(error, "reason", "") or type(error).__name__).lower().replace("_", " ")
        self.flush()

    def flush(self):
        while self.outgoing.pending and self.ended != "closed":
            data = self.outgoing.read()
            try:
                self.socket.sendall(data)
            except OSError:
                self.ended = self.ended or "reset"

    def send(self, data):
        """Sends data: in the clear before encrypt(), and after the handshake if that is not over yet."""
        if self.tls is None:
            return super().send(data)
        self.queue.append(data)
        self.pump()
        return self

    def raw(self, data):
        """Sends bytes past the encryption."""
        self.socket.sendall(data)

    def record(self, data):
        """The encrypted record of data, not sent."""
        self.tls.write(data)
        return bytearray(self.outgoing.read())

    def notify(self):
        """Sends close_notify, and leaves the connection as it is."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.flush()

    def end(self):
        """Has the other side ended? A condition for Recorder.until."""
        self.pump()
        return bool(self.ended or self.error)

    def got(self, n):
        return len(self.pump().data) >= n

    def agreed(self):
        """What was agreed on."""
        return (self.tls.version(), self.tls.cipher()[0], self.tls.selected_alpn_protocol())

    def summary(self):
        from trace import shorten
        self.pump()
        return shorten(self.data) + (f" then {self.error}" if self.error else " then " + self.ended if self.ended else "")


class TlsListener(peer.Listener):
    """Accepts connections whose peers are TlsPeers, at each tick."""

    def __init__(self, context, clear=False, host="127.0.0.1"):
        super().__init__(host=host)
        self.context, self.clear = context, clear
        self.peers = []
        self.slow = 0

    def tick(self):
        while self.waiting():
            self.peers.append(TlsPeer(self.socket.accept()[0], self.context, True, self.clear))
            self.peers[-1].slow = self.slow
        for one in self.peers:
            if one.ended != "closed":
                one.pump()

    def close(self):
        for one in self.peers:
            one.socket.close()
        super().close()

    @property
    def peer(self):
        """The peer of the last connection."""
        self.tick()
        return self.peers[-1]


class TlsProxy(TlsListener):
    """A proxy with the peer behind it: connections are set up by a script, pairs of what the client's message ends with or
    how long it is, and the answer."""

    def __init__(self, context, script):
        super().__init__(context)
        self.script = script
        self.asking = []            # (peer, what is left of the script)

    def tick(self):
        while self.waiting():
            self.asking.append((peer.Peer(self.socket.accept()[0]), list(self.script)))
        for one, left in list(self.asking):
            end, answer = left[0]
            data = one.pump().data
            if len(data) >= end if isinstance(end, int) else data.endswith(end):
                data.clear()
                left.pop(0)
                one.send(answer)
            if not left:
                self.asking.remove((one, left))
                self.peers.append(TlsPeer(one.socket, self.context, True))
        super().tick()


PROCESS = """
import socket, ssl, sys, time
show, key, steps = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(show, key)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
connection.settimeout(10)
try:
    for step in steps:
        if step == "encrypt":
            connection = context.wrap_socket(connection, server_side=True)
        elif step == "echo":
            connection.sendall(connection.recv(1000))
        elif step == "read":
            connection.recv(1000)
        elif step.startswith("say "):
            connection.sendall(step[4:].encode())
        elif step == "notify":
            connection = connection.unwrap()
        elif step == "pause":
            time.sleep(0.05)
        elif step == "close":
            connection.close()
        elif step == "stay":
            sys.stdin.read()
except OSError:
    pass
connection.close()
sys.stdin.read()
"""


class TlsProcess:
    """A server in a process of its own, which does one step after another on the one connection that it accepts: encrypt,
    echo, read, say TEXT, notify, pause, close, stay."""

    def __init__(self, steps, show="good"):
        self.process = subprocess.Popen([sys.executable, "-IS", "-c", PROCESS, chain(show), key(show), steps],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
