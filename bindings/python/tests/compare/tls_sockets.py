"""What the recorder knows of sockets that encrypt.

Left out of the trace is what Qt does by the way, and nobody wants: ClosingState signalled twice, two errors for one
close_notify (and which of their texts stays), isEncrypted() and bytesToWrite() while it ends and later, isValid(), which
is that of the socket inside, addresses and names that the socket does not
know before it is connected, the descriptor that it still has when disconnected is signalled; its error while the state
changes, which comes sooner or later; what Qt reserves in the read buffer while it signals alerts and tickets; and how many
encrypted bytes there are, which no two libraries have in common.

What disconnectFromHost() and close() cause is shown behind them, not in them: here close_notify goes out at once, and so
the connection may end in the call; in Qt the socket inside sends it, when the loop runs. What abort() and close() cause is
shown in alphabetical order: here aboutToClose comes first, as with a QTcpSocket, and in Qt later, or not at all when the
socket is deleted. What was written before
the connection is there counts to be sent from then on, as in Qt; here it does so before (ssl_early_bytes_to_write).
"""

import contextlib
import time

import peer
from backend import net
from tls_peer import TlsListener, TlsPeer, TlsProcess, TlsProxy, chain, context, key

BARE = "alertSent", "alertReceived", "newSessionTicketReceived"
MODES = ["Unencrypted", "SslClient", "SslServer"]


def number(value):
    return int(value) if isinstance(value, int) else value.value


def value(value):
    """A value of TLS as it is shown; None if it is none."""
    if isinstance(value, net.SslMode):
        return MODES[number(value)]
    if isinstance(value, net.QSslError):
        return f"{number(value.error())} of {value.certificate().subjectDisplayName() or 'none'}"
    if isinstance(value, net.QSslCertificate):
        return f"certificate {value.subjectDisplayName()!r}"
    if isinstance(value, net.QSslCipher):
        return f"cipher {value.name()!r}"
    if isinstance(value, net.QSslConfiguration):
        return "a configuration"
    if isinstance(value, net.QSslKey):
        return "no key" if value.isNull() else "a key"
    return None


def encrypts(q):
    return isinstance(q, net.QSslSocket)


def ends(watched, method):
    """Whether a call ends an encrypted connection."""
    return encrypts(watched.q) and method in ("disconnectFromHost", "close", "abort")


def end(recorder, watched, method):
    """Makes such a call."""
    recorder.close_bulk()
    recorder.line(f"{watched.name}.{method}()")
    if method != "disconnectFromHost":
        before = dict(watched.counts)
        with recorder.silence():
            getattr(watched.q, method)()
            if method == "close" and not recorder.depth:
                recorder.settle()
        caused = sorted(signal for signal, count in watched.counts.items() if count != before.get(signal))
        watched.shown = recorder.snapshot(watched)
        recorder.line(f"  caused {' '.join(caused) or 'nothing'}  {watched.shown}")
        return
    depth, recorder.depth = recorder.depth, 0
    watched.q.disconnectFromHost()
    recorder.depth = depth
    if not depth:
        recorder.settle()


def parts(q):
    """What a socket says of its encryption."""
    if not encrypts(q):
        return []
    shown = []
    if number(q.mode()):
        shown.append(MODES[number(q.mode())])
    if q.isEncrypted() and q.state() == net.State.ConnectedState:
        shown.append("encrypted")
    return shown


def hides_out(watched, q):
    """Whether what is to be sent is not shown."""
    return encrypts(q) and (q.state() != net.State.ConnectedState or
                            watched.inside == "stateChanged" and not number(q.mode()))


def error_text(q):
    """An error's text. That of the end is one of two in Qt, and the same but for who has seen it in handshakes."""
    text = q.errorString()
    if encrypts(q):
        if text == "The TLS/SSL connection has been closed":
            return "The remote host closed the connection"
        for start in "Error during SSL handshake: ", "Error while reading: ":
            if text.startswith(start):
                return start + "..."
    return text


def again(watched, signal, text):
    """Whether a signal is what Qt says twice."""
    if not encrypts(watched.q):
        return False
    if signal == "aboutToClose" and watched.doomed:
        return True
    before, watched.said[signal] = watched.said.get(signal), text
    return text == before and (signal, text) in (("stateChanged", "Closing"), ("errorOccurred", "RemoteHostClosed"))


def watch(recorder, watched):
    """Records the signals of a socket that encrypts."""
    if not encrypts(watched.q):
        return
    watched.encrypted_bytes, watched.said = 0, {}

    def line(signal, text):
        if recorder.finished:
            return
        watched.counts[signal] = watched.counts.get(signal, 0) + 1
        shown = f"{watched.name}.{signal}{f'({text})' if text else ''}"
        if signal in BARE:
            recorder.line(shown)
        else:
            watched.shown = recorder.snapshot(watched)
            recorder.line(f"{shown}  {watched.shown}")
        recorder.check_conditions()

    def alert(signal):
        def slot(level, kind, description):
            if signal == "alertSent" and number(kind) == 0:
                return
            line(signal, f"{number(level)}, {number(kind)}")
        return slot

    def count(n):
        watched.encrypted_bytes += n

    q = watched.q
    q.encrypted.connect(lambda: line("encrypted", ""))
    q.modeChanged.connect(lambda mode: line("modeChanged", MODES[number(mode)]))
    q.sslErrors.connect(lambda errors: line("sslErrors", ", ".join(map(value, errors))))
    q.peerVerifyError.connect(lambda error: line("peerVerifyError", value(error)))
    q.handshakeInterruptedOnError.connect(lambda error: line("handshakeInterruptedOnError", value(error)))
    q.newSessionTicketReceived.connect(lambda: line("newSessionTicketReceived", ""))
    q.alertSent.connect(alert("alertSent"))
    q.alertReceived.connect(alert("alertReceived"))
    q.encryptedBytesWritten.connect(count)


# ---- making things

def certificates(name):
    return list(net.QSslCertificate.fromPath(chain(name)))


def private_key(name):
    with open(key(name), "rb") as file:
        kind = net.QSsl.KeyAlgorithm.Rsa if name.startswith("rsa") else net.QSsl.KeyAlgorithm.Ec
        return net.QSslKey(file.read(), kind)


def configure(q, trust="root", show=None, protocol=None, verify=None, alpn=None, interrupt=False, persistent=False,
              ciphers=None, options=(), depth=None, fatal=None, ticket=None):
    """Sets a socket's configuration. trust: the chain of those that it trusts; show: the chain that it shows."""
    c = q.sslConfiguration()
    c.setCaCertificates(certificates(trust) if trust else [])
    if show:
        c.setLocalCertificateChain(certificates(show))
        c.setPrivateKey(private_key(show))
    if protocol is not None:
        c.setProtocol(protocol)
    if verify is not None:
        c.setPeerVerifyMode(verify)
    if alpn:
        c.setAllowedNextProtocols(alpn)
    if interrupt:
        c.setHandshakeMustInterruptOnError(True)
    if persistent:
        c.setSslOption(net.SslOption.SslOptionDisableSessionPersistence, False)
    if ciphers:
        c.setCiphers(ciphers)
    for option in options:
        c.setSslOption(option, True)
    if depth is not None:
        c.setPeerVerifyDepth(depth)
    if fatal is not None:
        c.setMissingCertificateIsFatal(fatal)
    if ticket is not None:
        c.setSessionTicket(ticket)
    q.setSslConfiguration(c)


def client(r, name="c", bulk=False, **options):
    """A socket that is able to encrypt, with configure()'s options."""
    c = r.socket(name, net.QSslSocket, bulk)
    configure(c.q, **options)
    c.shown = r.snapshot(c)
    return c


def listener(r, show="good", clear=False, slow=0, port_name="SRV", **options):
    """A TlsListener, which acts at each tick of the loop."""
    made = r.keep(TlsListener(context(True, show, **options), clear))
    made.slow = slow
    r.ports[made.port] = port_name
    r.tickers.append(made.tick)
    return made


def proxy(r, script, show="good"):
    """A TlsProxy, which acts at each tick of the loop."""
    made = r.keep(TlsProxy(context(True, show), script))
    r.behind_proxies()
    r.ports[made.port] = "PROXY"
    r.tickers.append(made.tick)
    return made


def process(r, steps, show="good", name="SRV"):
    """A TlsProcess."""
    made = r.keep(TlsProcess(steps, show))
    r.ports[made.port] = name
    return made


def decided(c):
    """Whether a connection is encrypted, or has failed."""
    return lambda: c.seen("encrypted") or c.seen("errorOccurred")


def over(c):
    return lambda: c.seen("disconnected") or (c.seen("errorOccurred") and c.q.state() == net.State.UnconnectedState)


def begin(c, to, name="localhost", host="127.0.0.1"):
    """Connects to a listener, silently as for how it gets there."""
    if name:
        c.connectToHostEncrypted(host, to.port, name)
    else:
        c.connectToHostEncrypted(host, to.port)


def connect(r, c, to, **options):
    begin(c, to, **options)
    r.note("the call has returned; now the loop")
    r.until(decided(c))


def encrypted(r, c=None, to=None, bulk=False, **options):
    """An encrypted connection, set up silently: (socket, peer)."""
    to, c = to or listener(r, **options), c or client(r, bulk=bulk)
    with r.silence():
        c.q.connectToHostEncrypted("127.0.0.1", to.port, "localhost")
        r.until(lambda: c.q.isEncrypted())
    c.counts.clear()
    c.written = 0
    r.look(c)
    return c, to.peer


def server(r, name="a", encrypts=True, setup=None, **options):
    """A server whose sockets encrypt: (server, list of its sockets). The sockets are watched as a, a2, ..."""
    options.setdefault("show", "good")
    taken = []

    class Server(net.QTcpServer):
        def incomingConnection(self, descriptor):
            q = net.QSslSocket(self)
            configure(q, **options)
            q.setSocketDescriptor(descriptor)
            one = r.watch(q, name + (str(len(taken) + 1) if taken else ""))
            taken.append(one)
            r.at_once(one)
            r.look(one)
            if setup:
                setup(one)
            if encrypts:
                one.startServerEncryption()
            self.addPendingConnection(q)

    s = r.server(cls=Server)
    # What is not taken would be deleted twice.
    s.q.newConnection.connect(s.q.nextPendingConnection)
    return s, taken


def peer_client(r, s, name="localhost", session=None, clear=False, **options):
    """A client of Python's of a server: a TlsPeer, which acts at each tick of the loop."""
    made = r.keep(TlsPeer(peer.connect(s.q.serverPort()).socket, context(False, **options), False, clear, name, session))
    r.tickers.append(lambda: made.ended != "closed" and made.pump())
    return made


# ---- programs made by chance

def talking(r, role, wrong=False):
    """A connection in the clear, set up silently, of which either side may begin to encrypt: (socket, peer). What happens is in
    one order. wrong: the peer shows what is not trusted."""
    r.apart = False
    show = "unknown" if wrong else "good"
    if role == "client":
        to, c = listener(r, show=show, clear=True), client(r)
        with r.silence():
            c.q.connectToHost("127.0.0.1", to.port)
            c.q.setPeerVerifyName("localhost")
            r.until(lambda: to.peers and c.q.state() == net.State.ConnectedState)
        p = to.peer
    else:
        with r.silence():
            s, taken = server(r, encrypts=False, name="c", verify=net.Verify.VerifyPeer if wrong else None)
            p = peer_client(r, s, clear=True, show="strange_client" if wrong else None)
            r.until(lambda: taken)
        c = taken[0]
    p.wrong = False     # it has sent what is none of a handshake to somebody who waits for one
    r.at_once(c)
    c.counts.clear()
    r.look(c)
    return c, p


def start(r, c, p, who="both"):
    """Has a connection in the clear that has nothing under way encrypted, by one side or by both."""
    calm(r, c, p)
    if c.dead or c.q.state() != net.State.ConnectedState or number(c.q.mode()) or p.tls or p.ended or c.q.bytesAvailable():
        return
    if who == "peer" and not p.server:
        return      # its first message is another each time, and would be read as data
    if who != "peer":
        if p.server:
            c.startClientEncryption()
        else:
            c.startServerEncryption()
    if who != "socket":
        r.note("the peer begins")
        p.encrypt()
    calm(r, c, p)


def send(r, c, p, data):
    """The peer sends, when nothing is under way: records that come together are signalled together, or each by itself
    (ssl_records_together)."""
    calm(r, c, p)
    if not p.ended and not p.error and (p.tls is None or p.shaken):
        r.note(f"the peer sends {r.format(data)}")
        p.wrong |= p.tls is None and not c.dead and number(c.q.mode()) != 0
        with contextlib.suppress(OSError):
            p.send(data)
        calm(r, c, p)


def write(r, c, p, data):
    """The socket writes, if there is somebody to write to."""
    calm(r, c, p)
    if not c.dead and c.q.state() == net.State.ConnectedState:
        c.write(data)


def leave(r, c, p):
    """The peer says that it ends, and closes."""
    calm(r, c, p)
    if p.tls and p.shaken and not p.error:
        p.notify()
    if not p.ended:
        p.close()


def shaking(c, p):
    """Whether a handshake goes on that nobody waits in vain for."""
    return (not c.dead and c.q.state() == net.State.ConnectedState and number(c.q.mode()) and not c.q.isEncrypted()
            and not c.seen("sslErrors") and (p.tls is not None or p.ended or p.wrong))


def calm(r, c, p):
    """Runs the loop, and the peer, until nothing more happens."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        before = r.events, len(p.data), p.error, p.ended, p.shaken
        if shaking(c, p):
            with contextlib.suppress(OSError):
                p.pump()
            r.calm(quietly=True)
            continue
        r.calm(quietly=True)
        with contextlib.suppress(OSError):
            p.pump()
        if before == (r.events, len(p.data), p.error, p.ended, p.shaken):
            return r.note("calm")
    r.line("!! NEVER CALM")
