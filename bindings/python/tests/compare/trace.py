"""Recorder: writes down what a socket, server or timer does, in lines that can be compared between two libraries.

    c.connectToHost("localhost", SRV)                        a call; what it causes at once is indented below it
      c.stateChanged(HostLookup)  [HostLookup RW +]          a signal, and what the object says inside the handler
      = None  [HostLookup RW +]                              (shown when there was something between)
    c.write(b"abc") = 3  [Connected RW + valid out=3 ...]    [...] follows a call only if the object's state changed

The bracket: state; open mode (R, W, A append, T truncate, t text, u unbuffered; - closed); "+" isOpen();
"valid" isValid(); error and error string unless fresh; avail= bytesAvailable(); out= bytesToWrite(); peer=, name=,
local= unless empty; fd if there is a descriptor. Ports appear as their name in `r.ports`, others as "port".
"""

import enum as enum_module
import functools
import hashlib
import itertools
import os
import shutil
import tempfile
import time
import traceback

import alike
import backend
import peer
import proxy_texts
import stepped_proxy
import streams
import tls_servers
import tls_sockets
from backend import net
from scripted_proxy import ScriptedProxy

STATES = ["Unconnected", "HostLookup", "Connecting", "Connected", "Bound", "Listening", "Closing"]
ERRORS = {-1: "UnknownSocket", 0: "ConnectionRefused", 1: "RemoteHostClosed", 2: "HostNotFound", 3: "SocketAccess",
          4: "SocketResource", 5: "SocketTimeout", 6: "DatagramTooLarge", 7: "Network", 8: "AddressInUse",
          9: "SocketAddressNotAvailable", 10: "UnsupportedSocketOperation", 11: "UnfinishedSocketOperation",
          12: "ProxyAuthenticationRequired", 13: "SslHandshakeFailed", 14: "ProxyConnectionRefused",
          15: "ProxyConnectionClosed", 16: "ProxyConnectionTimeout", 17: "ProxyNotFound", 18: "ProxyProtocol",
          19: "Operation", 20: "SslInternal", 21: "SslInvalidUserData", 22: "Temporary"}
PROXIES = ["Default", "Socks5", "No", "Http", "HttpCaching", "FtpCaching"]
MODES = [(1, "R"), (2, "W"), (4, "A"), (8, "T"), (16, "t"), (32, "u")]

SOCKET_SIGNALS = ("connected disconnected errorOccurred hostFound stateChanged readyRead bytesWritten aboutToClose "
                  "readChannelFinished destroyed").split()
LOCAL_SIGNALS = [signal for signal in SOCKET_SIGNALS if signal != "hostFound"]
PROXY_SIGNALS = ["proxyAuthenticationRequired"]
LOCAL_SERVER_SIGNALS = ["newConnection", "destroyed"]
SERVER_SIGNALS = "newConnection pendingConnectionAvailable acceptError destroyed".split()
TIMER_SIGNALS = ["timeout", "destroyed"]


def number(value):
    """The number of an enumerator, a flag or an int."""
    return int(value) if isinstance(value, int) else value.value


def mode_name(mode):
    mode = number(mode)
    return "".join(letter for bit, letter in MODES if mode & bit) or "-"


def shorten(data):
    data = bytes(data)
    if len(data) <= 60:
        return repr(data)
    return f"<{len(data)} bytes {hashlib.md5(data).hexdigest()[:8]}>"


class Watched:
    """Stands for an object in a scenario: every method called through it is recorded, with what it returns."""

    def __init__(self, recorder, thing, name, kind, bulk):
        self.r, self.q, self.name, self.kind, self.bulk = recorder, thing, name, kind, bulk
        self.counts = {}            # signal -> times seen
        self.shown = None           # the bracket shown last
        self.dead = self.doomed = False
        self.misused = False        # the last error of Qt's is an older one than qnet's: see alike.misuses()
        self.inside = ""            # the signal in which it is looked at
        self.life = alike.Life()
        self.written = 0            # total of bytesWritten

    def __getattr__(self, method):
        def call(*arguments, **keywords):
            return self.r.call(self, method, *arguments, **keywords)
        return call

    def seen(self, signal):
        return self.counts.get(signal, 0)

    def on(self, signal, function, once=False):
        """Calls function() at each signal (with the signal's arguments if it takes any), indented in the trace."""
        done = []

        def handler(*arguments):
            if (once and done) or self.r.finished or (self.r.apart and self.life.doomed):
                return
            done.append(1)
            self.r.depth += 1
            self.life.inside.append(signal)
            try:
                function(*arguments) if function.__code__.co_argcount else function()
            except Exception:
                self.r.failure(traceback.format_exc())
            finally:
                self.r.depth -= 1
                self.life.inside.pop()
        getattr(self.q, signal).connect(handler)
        return self

    def read_n(self, n):
        """read() with a buffer, which tells -1 from 0."""
        return self._buffered("read", n)

    def peek_n(self, n):
        return self._buffered("peek", n)

    def readLine_n(self, n):
        """readLine() with a buffer of n bytes (one of them for the terminating zero, as in C++)."""
        return self._buffered("readLine", n)

    def _buffered(self, method, n):
        buffer = bytearray(n)

        def call():
            count = getattr(self.q, method)(buffer, n)
            return count if count <= 0 else (count, bytes(buffer[:count]))
        return self.r.record_call(self, f"{self.name}.{method}(buffer, {n})", call, method, (n,))

    def delete(self):
        """Destroys the object now."""
        self.r.record_call(self, f"delete {self.name}", lambda: net.delete(self.q), "delete", show=False)


class Raw:
    """Stands for a raw peer in a scenario: what it is told is recorded. Without a peer it does nothing."""

    def __init__(self, recorder, peer, name):
        self.r, self.peer, self.name = recorder, peer, name

    def send_to(self, watched, *datagrams):
        """Sends to the port of a UDP socket."""
        self.send(self.r.port_of(watched), *datagrams)

    def __getattr__(self, method):
        def call(*arguments):
            if self.peer is None:
                return
            shown = ", ".join(self.r.argument(method, a) for a in arguments)
            try:
                value = getattr(self.peer, method)(*arguments)
                result = f" = {self.r.format(value)}" if isinstance(value, (bytes, tuple)) else ""
            except OSError:
                result = ""     # the other side has ended, and tells how
            self.r.line(f"{self.name}.{method}({shown}){result}")
        return call


class Recorder:
    names = itertools.count(1)

    def __init__(self):
        self.lines = []
        self.depth = 0
        self.ports = {}             # port number -> name
        self.watched = []
        self.tickers = []           # functions called at each tick of until() and settle()
        self.muted = 0
        self.finished = False
        self.events = 0             # grows with each line, also muted ones
        self.loops = []             # (condition, loop) of the until() calls under way
        self.calms = []             # the loops of the calm() calls under way
        self.left = False           # the last was left
        self.open_bulk = set()
        self.warning_texts = False
        self.proxied = False        # what libraries say of proxies' failures is made alike
        self.proxies = stepped_proxy.Proxies()
        self.apart = False          # each object's lines by themselves, in the end
        self.hidden = {}            # text that differs from run to run -> how it appears
        self.cleanups = []

    # ---- what goes into the trace

    def line(self, text):
        if self.finished:
            return
        self.events += 1
        if not self.muted:
            self.close_bulk()
            self.lines.append("  " * self.depth + self.hide(text))
        if len(self.lines) > 3000:
            self.finished = True
            self.lines[50:] = ["!! RAN AWAY: thousands of lines"]

    def hide(self, text):
        for hidden, shown in self.hidden.items():
            text = text.replace(hidden, shown)
        return text

    def note(self, text):
        """A remark of the scenario itself."""
        self.line("-- " + text)

    def value(self, name, value):
        """A fact that the scenario worked out."""
        self.line(f"{name} = {self.format(value)}")

    def failure(self, text):
        self.line("!! FAILED " + text.strip().replace("\n", "\n!! "))

    def warning(self, text):
        if self.apart and alike.by_chance(text):
            return
        self.line(f"! warning: {text}" if self.warning_texts else "! warning")

    def format(self, value):
        for kind, names in ((net.State, STATES), (net.Error, ERRORS), (net.LocalState, STATES), (net.LocalError, ERRORS)):
            if isinstance(value, kind):
                return names[number(value)]
        if isinstance(value, net.Mode):
            return mode_name(value)
        if isinstance(value, enum_module.Enum):
            return repr(number(value))
        if value is None or isinstance(value, (bool, str, int, float)):
            return repr(value)
        if isinstance(value, (bytes, bytearray)):
            return shorten(value)
        if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], net.QHostAddress):
            # What readDatagram() returns; without a datagram PySide6 leaves the data uninitialized.
            return ("nothing" if value[1].isNull() else
                    f"({self.format(value[0])}, {self.format(value[1])}, {self.port(value[2])})")
        if isinstance(value, (tuple, list)):
            return "(" + ", ".join(self.format(v) for v in value) + ")"
        if isinstance(value, net.QHostAddress):
            return self.address(value)
        if isinstance(value, net.QNetworkDatagram):
            return self.datagram(value)
        if isinstance(value, net.QNetworkProxy):
            return self.proxy(value)
        if isinstance(value, net.QNetworkProxyQuery):
            return (f"query {number(value.queryType())} for {value.peerHostName()!r}:{self.port(value.peerPort())} "
                    f"from {self.port(value.localPort())} tag={value.protocolTag()!r}")
        if isinstance(value, net.QAuthenticator):
            return f"{value.user()!r}/{value.password()!r} realm={value.realm()!r}"
        if isinstance(value, net.QNetworkInterface):
            return f"interface {value.name()!r}" if value.isValid() else "no interface"
        if (shown := tls_sockets.value(value)) is not None:
            return shown
        for watched in self.watched:
            if value is watched.q:
                return watched.name
        if isinstance(value, (net.QAbstractSocket, net.QLocalSocket)):
            return "a socket"
        if isinstance(value, (net.QTcpServer, net.QLocalServer)):
            return "a server"
        if type(value).__name__ == "QByteArray":
            return shorten(value.data())
        return f"<{type(value).__name__}>"

    def address(self, address):
        text = address.toString()
        protocol = number(address.protocol())
        return f"{text or 'null'}/{ {0: 'v4', 1: 'v6', 2: 'any', -1: '-'}[protocol] }"

    def datagram(self, datagram):
        """A QNetworkDatagram: its data and whatever it knows of its way. Data has no size that can be forgotten."""
        if not datagram.isValid() and datagram.isNull() and not datagram.data():
            return "no datagram"
        source = self.endpoint(datagram.senderAddress(), max(0, datagram.senderPort()))
        target = self.endpoint(datagram.destinationAddress(), max(0, datagram.destinationPort()))
        return (f"{shorten(datagram.data())} from {source or '-'} to {target or '-'} via "
                f"{datagram.interfaceIndex()} hops={alike.hops(datagram) if self.apart else datagram.hopLimit()}")

    def proxy(self, proxy):
        """A QNetworkProxy, with what differs from the usual of its type."""
        kind = PROXIES[number(proxy.type())]
        parts = [kind + "Proxy"]
        if proxy.hostName() or proxy.port():
            parts.append(f"{proxy.hostName()}:{self.port(proxy.port())}")
        if proxy.user() or proxy.password():
            parts.append(f"{proxy.user()!r}/{proxy.password()!r}")
        if proxy.capabilities() != net.QNetworkProxy(proxy.type()).capabilities():
            parts.append(f"capabilities={number(proxy.capabilities())}")
        return " ".join(parts)

    def port(self, port):
        return str(port) if port in (0, -1) else self.ports.get(port, "port")

    def endpoint(self, address, port):
        text = address.toString()
        return f"{text}:{self.port(port)}" if text or port else ""

    def snapshot(self, watched, signal=""):
        """What the object says about itself, inside a signal, without trace of the asking."""
        if watched.dead:
            return "[gone]"
        watched.inside = signal
        muted, self.muted, events = self.muted, 1, self.events
        try:
            return getattr(self, "snapshot_" + watched.kind)(watched.q, watched)
        except RuntimeError:        # Qt: the wrapped object is already being destroyed
            return "[gone]"
        finally:
            self.muted, self.events = muted, events

    def error(self, kind, code, text):
        if self.proxied:
            text = proxy_texts.common(text)
        return alike.error_text(kind, code, text) if self.apart else f'{code} "{text}"'

    def valid(self, state, value):
        """Whether isValid() is shown."""
        return alike.valid(state, value, self.proxied) if self.apart else value and not (self.proxied and state == "Unconnected")

    def snapshot_device(self, q, watched):
        """What sockets of all kinds say."""
        parts = [STATES[number(q.state())], mode_name(q.openMode())]
        parts += tls_sockets.parts(q)
        if q.isOpen():
            parts.append("+")
        if not tls_sockets.encrypts(q) and self.valid(parts[0], q.isValid()):
            parts.append("valid")
        error, text = number(q.error()), tls_sockets.error_text(q)
        if not watched.misused and (error != -1 or text != "Unknown error") and not (watched.inside == "stateChanged" and tls_sockets.encrypts(q)):
            parts.append(self.error(watched.kind, ERRORS[error], text))
        if not watched.bulk:
            if q.bytesAvailable():
                parts.append(f"avail={q.bytesAvailable()}")
            out = alike.out(parts[0], q.bytesToWrite()) if self.apart else q.bytesToWrite()
            if out and not tls_sockets.hides_out(watched, q):
                parts.append(f"out={out}")
        return parts

    def snapshot_local(self, q, watched):
        parts = self.snapshot_device(q, watched)
        if q.serverName():
            parts.append(f"name={q.serverName()!r}")
        if q.fullServerName():
            parts.append(f"full={q.fullServerName()!r}")
        if q.socketDescriptor() != -1:
            parts.append("fd")
        return "[" + " ".join(filter(None, parts)) + "]"

    def snapshot_socket(self, q, watched):
        parts = self.snapshot_device(q, watched)
        if tls_sockets.encrypts(q):
            return "[" + " ".join(filter(None, parts)) + "]"
        peer = self.endpoint(q.peerAddress(), q.peerPort())
        if peer:
            parts.append("peer=" + peer)
        if q.peerName():
            parts.append("name=" + q.peerName())
        local = self.endpoint(q.localAddress(), q.localPort())
        if local:
            parts.append("local=" + local)
        if q.socketDescriptor() != -1 and not (self.proxied and parts[0] == "Unconnected"):
            parts.append("fd")
        return "[" + " ".join(filter(None, parts)) + "]"

    def snapshot_server(self, q, watched):
        parts = ["listening" if q.isListening() else "not listening"]
        error, text = number(q.serverError()), q.errorString()
        if not watched.misused and (error != -1 or text):
            parts.append(self.error(watched.kind, ERRORS[error], text))
        if q.hasPendingConnections():
            parts.append("pending")
        if watched.kind == "local_server":
            address = f"{q.serverName()!r} {q.fullServerName()!r}" if q.serverName() or q.fullServerName() else ""
        else:
            address = self.endpoint(q.serverAddress(), q.serverPort())
        if address:
            parts.append(address)
        if q.socketDescriptor() != -1 and not (self.proxied and parts[0] == "not listening"):
            parts.append("fd")
        return "[" + " ".join(filter(None, parts)) + "]"

    snapshot_local_server = snapshot_server

    def snapshot_timer(self, q, watched):
        return "[active]" if q.isActive() else "[inactive]"

    # ---- watching

    def watch(self, thing, name, bulk=False):
        """Records every signal of thing under name. With bulk=True (large transfers, where sizes depend on the
        kernel) consecutive readyRead and bytesWritten become one line without numbers."""
        if isinstance(thing, Watched):
            return thing
        kind = ("socket" if isinstance(thing, net.QAbstractSocket) else
                "local" if isinstance(thing, net.QLocalSocket) else
                "local_server" if isinstance(thing, net.QLocalServer) else
                "server" if isinstance(thing, net.QTcpServer) else "timer")
        watched = Watched(self, thing, name, kind, bulk)
        self.watched.append(watched)
        signals = {"socket": SOCKET_SIGNALS + PROXY_SIGNALS, "local": LOCAL_SIGNALS, "server": SERVER_SIGNALS,
                   "local_server": LOCAL_SERVER_SIGNALS, "timer": TIMER_SIGNALS}
        for signal in signals[kind]:
            getattr(thing, signal).connect(self._slot(watched, signal))
        tls_sockets.watch(self, watched)
        tls_servers.watch(self, watched)
        return watched

    def _slot(self, watched, signal):
        formatters = {"stateChanged": lambda v: STATES[number(v)], "errorOccurred": lambda v: ERRORS[number(v)],
                      "acceptError": lambda v: ERRORS[number(v)], "bytesWritten": str}

        def one_argument(value):
            emit(formatters[signal](value), value)

        def two_arguments(proxy, authenticator):
            emit(f"{self.format(proxy)}, {self.format(authenticator)}", None)

        def no_argument(*unused):
            emit("", None)

        def emit(text, value):
            if self.finished:
                return
            watched.counts[signal] = watched.counts.get(signal, 0) + 1
            watched.misused &= signal not in ("errorOccurred", "acceptError") and not (signal == "stateChanged" and alike.begins(watched.kind, text))
            if signal == "bytesWritten":
                watched.written += value
            if signal == "destroyed":
                watched.dead = True
                self.hide_last_brackets(watched.name)
                self.line(f"{watched.name}.destroyed")
            elif watched.bulk and signal in ("bytesWritten", "readyRead"):
                self.bulk(watched, signal)
            elif not tls_sockets.again(watched, signal, text):
                # Handlers see an object that is being destroyed in qnet, and in PySide they may not.
                watched.shown = "[...]" if self.apart and watched.life.doomed else self.snapshot(watched, signal)
                self.line(f"{watched.name}.{signal}{f'({text})' if text else ''}  {watched.shown}")
                alike.signalled(watched, signal)
            self.check_conditions()
        return one_argument if signal in formatters else two_arguments if signal in PROXY_SIGNALS else no_argument

    def hide_last_brackets(self, name):
        """What an object says about itself while it is being destroyed is not compared (Qt's binding answers for
        some objects and refuses for others): the brackets of the signals right before destroyed are blanked."""
        signals = "disconnected", "readChannelFinished", "stateChanged(Unconnected)", "aboutToClose"
        starts = tuple("  " * self.depth + f"{name}.{signal}  [" for signal in signals)
        index = len(self.lines)
        while index and self.lines[index - 1].startswith(starts):
            index -= 1
            self.lines[index] = self.lines[index].partition("  [")[0] + "  [...]"

    def bulk(self, watched, signal):
        self.events += 1
        if not self.muted:
            self.open_bulk.add(f"{watched.name}.{signal} (some)")

    def close_bulk(self):
        lines, self.open_bulk = self.open_bulk, set()
        self.lines += ["  " * self.depth + line for line in sorted(lines)]

    def of(self, thing):
        """The Watched of an object, for use inside overridden methods."""
        return next((w for w in self.watched if w.q is thing), None)

    def of_name(self, name):
        return next((w for w in self.watched if w.name == name), None)

    def by_object(self):
        """From now on, only the sequence of each object's lines counts, also of those that one causes inside another's
        handler: in the end the trace tells of one object after the other (see streams.py). What is sent to one socket
        has arrived before the next is called."""
        self.apart = True

    def split(self):
        """Within it, only the sequence of each object's lines counts, not how those of several are interleaved:
        the lines are sorted by the object's name. For scenarios where one turn of the loop serves several."""
        recorder = self

        class Split:
            def __enter__(self):
                recorder.close_bulk()
                self.start = len(recorder.lines)

            def __exit__(self, *unused):
                recorder.close_bulk()
                groups, key = {}, ""
                for line in recorder.lines[self.start:]:
                    if not line.startswith(" "):
                        key = line.split(".")[0]
                    groups.setdefault(key, []).append(line)
                recorder.lines[self.start:] = [line for key in sorted(groups) for line in groups[key]]
        return Split()

    # ---- calling

    def call(self, watched, method, *arguments, **keywords):
        shown = [self.argument(method, a) for a in arguments]
        shown += [f"{k}={self.argument(method, v)}" for k, v in keywords.items()]
        watched.doomed |= method == "deleteLater"
        if tls_sockets.ends(watched, method):
            return tls_sockets.end(self, watched, method)
        return self.record_call(watched, f"{watched.name}.{method}({', '.join(shown)})",
                                lambda: getattr(watched.q, method)(*arguments, **keywords), method, arguments)

    def argument(self, method, value):
        if type(value) is int and value in self.ports:
            return self.ports[value]
        if type(value) is int and method == "setSocketDescriptor":
            return "fd" if value >= 0 else "-1"
        if callable(value):
            return "function"
        return self.format(value.q if isinstance(value, Watched) else value)

    def record_call(self, watched, text, function, method="", arguments=(), show=True):
        """Records a call, what it causes and what it returns."""
        if watched.kind in alike.SERVERS and method == "listen":
            watched.misused = False
        watched.misused |= alike.misuses(watched, method, arguments)

        def record():
            with self.proxies.at_work(method == "waitForConnected"):
                return self.record(watched, text, function, show)
        if not self.apart:
            return record()
        if not alike.before(watched, method, arguments):
            return None
        try:
            return record()
        finally:
            alike.after(watched, method)

    def record(self, watched, text, function, show):
        self.close_bulk()
        self.line(text)
        index, events, depth = len(self.lines) - 1, self.events, self.depth
        self.depth += 1
        value = None
        try:
            value = function()
            result = self.format(value)
            if value is not None and type(value) is int and text.endswith("Port()"):
                result = self.port(value)
            elif type(value) is int and text.endswith("socketDescriptor()"):
                result = "fd" if value >= 0 else "-1"
            if self.apart and watched.dead:
                result = "None"     # who is deleted inside a call has nothing to say
        except RuntimeError as error:
            result = "gone" if watched.dead else repr(error)
        finally:
            self.depth = depth
        state = ""
        if show and not watched.dead:
            now = self.snapshot(watched)
            if now != watched.shown:
                watched.shown = now
                state = "  " + now
        if self.muted or self.finished:
            return value
        if self.events == events and not self.open_bulk:
            self.lines[index] += self.hide((f" = {result}" if result != "None" else "") + state)
        elif result != "None" or state:
            self.line("  = " + result + state)
        return value

    def look(self, *watched):
        for one in watched:
            one.shown = self.snapshot(one)
            self.line(f"{one.name}: {one.shown}")

    # ---- making things

    def keep(self, thing, closer=None):
        """Holds thing until the scenario ends, and closes it then."""
        self.cleanups.append(closer or thing.close)
        return thing

    def socket(self, name="c", cls=None, bulk=False):
        return self.watch((cls or net.QTcpSocket)(), name, bulk)

    def server(self, name="s", cls=None, listen=True, address=None, port_name="SRV"):
        server = self.watch((cls or net.QTcpServer)(), name)
        if listen:
            with self.silence():
                assert server.q.listen(address or net.QHostAddress(net.Special.LocalHost), 0)
                self.ports[server.q.serverPort()] = port_name
            server.shown = self.snapshot(server)
        return server

    def folder(self):
        """A fresh directory, which appears as DIR."""
        folder = tempfile.mkdtemp(prefix="qnet")
        self.keep(folder, lambda: shutil.rmtree(folder, ignore_errors=True))
        self.hidden[folder] = "DIR"
        return folder

    def unique(self):
        """A plain name that nobody else has, which appears as NAME."""
        name = f"qnet-compare-{os.getpid()}-{time.monotonic_ns()}"
        self.hidden[name] = "NAME"
        return name

    def local_socket(self, name="c", cls=None, abstract=False, bulk=False):
        c = self.watch((cls or net.QLocalSocket)(), name, bulk)
        if abstract:
            c.q.setSocketOptions(net.QLocalSocket.SocketOption.AbstractNamespaceOption)
        return c

    def local_server(self, name="s", cls=None, at=None, options=None):
        """A local server; at: listens there, silently."""
        server = self.watch((cls or net.QLocalServer)(), name)
        if options is not None:
            server.q.setSocketOptions(options)
        if at is not None:
            with self.silence():
                assert server.q.listen(at), server.q.errorString()
            server.shown = self.snapshot(server)
        return server

    def pair(self, kind, mode=None, bulk=False):
        """A client and its peer of a server, set up silently: (server, client, peer). kind: "tcp" or "local"."""
        if kind == "tcp":
            s, c = self.server(), self.at_once(self.socket(bulk=bulk))
        else:
            s, c = self.local_server(at=self.folder() + "/s"), self.local_socket(bulk=bulk)
        with self.silence():
            if kind == "tcp":
                c.q.connectToHost(net.QHostAddress(net.Special.LocalHost), s.q.serverPort(), *([mode] if mode else []))
            else:
                c.q.connectToServer(s.q.fullServerName(), *([mode] if mode else []))
            self.calm()
            p = self.at_once(self.watch(s.q.nextPendingConnection(), "p", bulk))
            c.life.has_peer = p.life.has_peer = True
        c.counts.clear()
        self.look(c, p)
        s.shown = self.snapshot(s)
        return s, c, p

    def local_pair(self, mode=None, bulk=False):
        return self.pair("local", mode, bulk)

    def at_once(self, watched):
        """Makes a socket send what it is told to at once, each time that it is connected, so that the system does not
        wait with the second piece for the answer to the first."""
        if watched.kind == "socket":
            def ask():
                watched.q.setSocketOption(net.Option.LowDelayOption, 1)
            watched.q.connected.connect(ask)
            ask()
        return watched

    def take(self, server):
        """The next pending connection of a server, watched: x1, x2, ... What is called on none is not recorded."""
        name = f"x{1 + sum(watched.name.startswith('x') for watched in self.watched)}"
        taken = server.nextPendingConnection()
        if taken is None:
            return Raw(self, None, name)
        with self.silence():
            watched = self.at_once(self.watch(taken, name))
        self.look(watched)
        return watched

    def raw(self, peer, name="p"):
        """A raw peer whose calls are recorded."""
        return Raw(self, peer, name)

    def raw_accepted(self, listener, name="p"):
        """The raw peer of what has connected to a raw listener, as raw()."""
        peer.deliver()
        self.line(f"{name} = {'somebody' if listener.waiting() else 'nobody'}")
        return self.raw(self.keep(listener.accept()) if listener.waiting() else None, name)

    def raw_client(self, server, name="p"):
        """A raw client of a server, if that listens, as raw()."""
        if server.dead or not server.q.isListening():
            return self.raw(None, name)
        connected = (peer.connect(server.q.serverPort()) if server.kind == "server" else
                     peer.connect_local(server.q.fullServerName()))
        return self.raw(self.keep(connected), name)

    def local_raw(self, mode=None, bulk=False):
        """A client whose peer is a raw socket, set up silently: (client, peer)."""
        listener = self.keep(peer.LocalListener(self.folder() + "/s"))
        c = self.local_socket(bulk=bulk)
        with self.silence():
            c.q.connectToServer(listener.name, *([mode] if mode else []))
            p = self.keep(listener.accept())
        c.counts.clear()
        self.look(c)
        return c, p

    def timer(self, name="t", interval=None, single=False):
        timer = net.QTimer()
        timer.setSingleShot(single)
        if interval is not None:
            timer.setInterval(interval)
        return self.watch(timer, name)

    def listener(self, name="SRV", **options):
        """A raw listening socket (peer.Listener) on a port that the system chose."""
        listener = self.keep(peer.Listener(**options))
        self.ports[listener.port] = name
        return listener

    def datagrams(self, name="RAW"):
        """A raw UDP socket (peer.Datagrams)."""
        raw = self.keep(peer.Datagrams())
        self.ports[raw.port] = name
        return raw

    def send_datagram(self, sender, receiver, data):
        """Has a UDP socket send to another, if that has a port."""
        if port := self.port_of(receiver):
            sender.writeDatagram(data, net.QHostAddress(net.Special.LocalHost), port)

    def port_of(self, watched):
        """The port of a UDP socket, which appears as its name."""
        port = 0 if watched.dead else watched.q.localPort()
        if port:
            self.ports[port] = watched.name
        return port

    def name(self):
        """A name of this machine, which appears as HOST. Qt keeps for a minute what it has found under 64 names: this one
        it has not. The C library does not care for the case."""
        number = next(self.names) % (1 << len("localhost"))
        name = "".join(letter.upper() if number >> i & 1 else letter for i, letter in enumerate("localhost"))
        self.hidden[name] = "HOST"
        return name

    def proxy_process(self, *scripts, name="PROXY", **options):
        """A ScriptedProxy, to connect to target.test:7 or elsewhere with."""
        self.behind_proxies()
        proxy = self.keep(ScriptedProxy(*scripts, **options))
        self.ports[proxy.port] = name
        return proxy

    def stepped_proxy(self, *scripts, name="PROXY", **options):
        """A SteppedProxy, which acts within serve() and waitForConnected(), at an address that none had before: what one
        has accepted qnet knows for as long as the process lives."""
        self.behind_proxies()
        number = next(self.names)
        host = f"127.{1 + (number >> 16) % 255}.{number >> 8 & 255}.{number & 255}"
        self.hidden[host] = "PROXY"
        proxy = self.keep(stepped_proxy.SteppedProxy(host, *scripts, **options))
        self.ports[proxy.port] = name
        self.proxies.all.append(proxy)
        return proxy

    def through(self, type, *scripts, user="", password="", **options):
        """A socket that connects through such a proxy."""
        proxy, c = self.stepped_proxy(*scripts, **options), self.at_once(self.socket())
        c.q.setProxy(net.QNetworkProxy(type, proxy.host, proxy.port, user, password))
        return c

    def peer_behind(self, name="p"):
        """The raw peer behind the proxies, as raw()."""
        return self.raw(stepped_proxy.Behind(self.proxies), name)

    def fills(self, *pairs):
        """A handler of proxyAuthenticationRequired, which tries one user and password after the other."""
        left = iter(pairs)

        def fill(proxy, authenticator):
            pair = next(left, None)
            if pair:
                self.line(f"fills in {pair}")
                authenticator.setUser(pair[0])
                authenticator.setPassword(pair[1])
        return fill

    def behind_proxies(self):
        """From now on the texts of errors are made alike (proxy_texts.py), and what Qt keeps of a failed attempt is not
        compared: a descriptor, and isValid(), which is another with each kind of proxy (proxy_*_leaves)."""
        self.proxied = True
        self.ports.update({7: "7", 5001: "5001"})

    def dead_port(self, name="DEAD"):
        """A port at which connections are refused (peer.DeadPort)."""
        dead = self.keep(peer.DeadPort())
        self.ports[dead.port] = name
        return dead

    def connected(self, name="c", cls=None, bulk=False, mode=None, setup=None, listener=None):
        """A socket connected to a raw peer, set up silently: (socket, peer)."""
        listener = listener or self.listener()
        c = self.socket(name, cls, bulk)
        with self.silence():
            if setup:
                setup(c.q)
            c.q.connectToHost(net.QHostAddress(listener.host), listener.port, *([mode] if mode else []))
            p = self.keep(listener.accept())
            self.calm()
        c.counts.clear()
        self.look(c)
        return c, p

    def accepted(self, server=None, name="a", bulk=False):
        """A socket that a server accepted from a raw client, set up silently: (server, socket, client)."""
        server = server or self.server()
        with self.silence():
            p = self.keep(peer.connect(server.q.serverPort()))
            self.calm()
            a = self.watch(server.q.nextPendingConnection(), name, bulk)
        server.shown = self.snapshot(server)
        self.look(a)
        return server, a, p

    def adopted(self, kind, mode=None, name="c"):
        """A socket that was given the descriptor of a connection, silently, and the raw other end: (socket, peer). kind:
        "tcp" or "local"."""
        listener = self.listener() if kind == "tcp" else self.keep(peer.LocalListener(self.folder() + "/s"))
        connected = peer.connect(listener.port) if kind == "tcp" else peer.connect_local(listener.name)
        c, p = self.socket(name) if kind == "tcp" else self.local_socket(name), self.keep(listener.accept())
        state = net.State.ConnectedState if kind == "tcp" else net.LocalState.ConnectedState
        with self.silence():
            c.q.setSocketDescriptor(connected.socket.detach(), *([state, mode] if mode else []))
            self.at_once(c)
        c.counts.clear()
        self.look(c)
        return c, p

    def silence(self):
        recorder = self

        class Silence:
            def __enter__(self):
                recorder.muted += 1

            def __exit__(self, *unused):
                recorder.muted -= 1
        return Silence()

    # ---- running the loop

    def check_conditions(self):
        for condition, loop in self.loops:
            if condition():
                loop.quit()

    def until(self, condition, timeout=8.0, settle=True):
        """Runs the loop until condition() holds, and then, unless settle=False, until nothing more happens.
        The condition is looked at after each signal and at each tick."""
        loop, tick = net.QEventLoop(), net.QTimer()
        deadline = time.monotonic() + timeout
        entry = (condition, loop)

        def ticked():
            for ticker in list(self.tickers):
                ticker()
            if condition() or time.monotonic() > deadline:
                loop.quit()
        tick.timeout.connect(ticked)
        self.loops.append(entry)
        if not condition():
            tick.start(2)
            loop.exec()
            tick.stop()
        self.loops.remove(entry)
        if not condition():
            self.line("!! TIMED OUT waiting")
        if settle:
            self.settle()

    def settle(self, turns=6, quiet=0.012):
        """Runs the loop until it has turned `turns` times, and for `quiet` seconds, with nothing recorded."""
        state = {"events": self.events, "turns": 0, "since": time.monotonic()}
        limit = time.monotonic() + 3

        def calm():
            now = time.monotonic()
            if self.events != state["events"]:
                state.update(events=self.events, turns=0, since=now)
            return (state["turns"] >= turns and now - state["since"] >= quiet) or now > limit
        loop, tick = net.QEventLoop(), net.QTimer()

        def ticked():
            for ticker in list(self.tickers):
                ticker()
            state["turns"] += 1
            if calm():
                loop.quit()
        tick.timeout.connect(ticked)
        tick.start(2)
        loop.exec()
        tick.stop()

    def calm(self, turns=3, serving=False, quietly=False):
        """Runs the loop until nothing more happens, whatever the clock says: until it has turned so often with nothing
        recorded, all that was sent has arrived, and it has turned so often again, and until no name is looked up any more.
        Not for what comes with time, or from other threads and processes. serving: the proxies do what they have to each
        time that nothing happens; quietly: it is not noted."""
        if self.apart:
            peer.deliver()
            if not alike.before_turns([one for one in self.watched if one.kind in ("socket", "local") and not one.dead]):
                return
        loop, tick = net.QEventLoop(), net.QTimer()
        events, quiet, ticks, patience = self.events, 0, 0, time.monotonic() + 5

        def ticked():
            nonlocal events, quiet, ticks
            if self.calms[-1] is not loop:
                return          # within a handler another one is running
            if self.looking_up() and time.monotonic() < patience:
                quiet = 0
                return
            quiet, events, ticks = quiet + 1 if events == self.events else 0, self.events, ticks + 1
            if ticks == 20000:
                self.line("!! NEVER CALM")
            if quiet == turns:
                peer.deliver()
            elif quiet == 2 * turns and serving and self.proxies.step():
                quiet = 0
            elif quiet == 2 * turns or self.finished or ticks >= 20000:
                loop.quit()
        tick.timeout.connect(ticked)
        tick.start(0)
        self.calms.append(loop)
        self.left = False
        loop.exec()
        self.calms.pop()
        tick.stop()
        if not self.depth:
            if not quietly:
                self.note("calm")
            alike.is_calm(self.watched)

    def serve(self):
        """Runs the loop as calm() does, with the proxies at work."""
        self.calm(serving=True)

    def looking_up(self):
        return any(one.kind == "socket" and not one.dead and alike.state(one) == "HostLookup" for one in self.watched)

    def leave(self):
        """Leaves the innermost calm(), in a handler, if there is nothing to be sent in the same turn."""
        if self.calms and not any(alike.sends(watched) for watched in self.watched):
            self.line("leave")
            self.left = True
            self.calms[-1].quit()

    def finish(self):
        """Shows how everything ended up, and clears it away."""
        self.depth = 0
        self.close_bulk()
        for watched in self.watched:
            if not watched.dead:
                now = self.snapshot(watched)
                if now != watched.shown:
                    self.line(f"end {watched.name}: {now}")
        if self.apart:
            self.lines = streams.by_object(self.lines, {watched.name: watched.kind for watched in self.watched})
        self.finished = True
        for cleanup in reversed(self.cleanups):
            try:
                cleanup()
            except OSError:
                pass
        for watched in reversed(self.watched):
            try:
                if not watched.dead:
                    net.delete(watched.q)
            except RuntimeError:
                pass
        backend.process_events()


# ---- scenarios

SCENARIOS = {}


def scenario(function=None, *, fresh=False, timeout=20, qt_crashes=False, rows=None):
    """Registers a scenario. fresh=True runs it in a process of its own (it needs an empty look-up cache).
    qt_crashes=True: it is not run on Qt, which it would crash; it must be in the list of intended differences.
    rows: a scenario for each row, which has its name and the arguments behind the recorder."""
    def register(f):
        assert f.__doc__, f"{f.__name__} has no description"
        for name, arguments in (rows or {f.__name__: ()}).items():
            assert name not in SCENARIOS, f"two scenarios are called {name}"
            SCENARIOS[name] = functools.partial(call_row, f, arguments)
        return f
    return register(function) if function else register


def call_row(function, arguments, recorder):
    function(recorder, *(arguments if isinstance(arguments, tuple) else (arguments,)))


def run_scenario(name):
    """The trace of one scenario: a list of lines."""
    recorder = Recorder()
    backend.on_warning(recorder.warning)
    try:
        SCENARIOS[name](recorder)
    except Exception:
        recorder.failure(traceback.format_exc())
    recorder.finish()
    return recorder.lines
