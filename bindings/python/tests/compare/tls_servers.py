"""What the recorder knows of servers that encrypt.

Their signals are shown with the socket that they are about: a, a2, ... in the order in which they are first heard of, and
what it says of itself. Its own signals are recorded from then on, so those of the server come first, as in Qt.
"""

import tls_sockets as tls
from backend import net


def watch(recorder, watched):
    """Records the signals of a server that encrypts, and those of the sockets that they are about."""
    q = watched.q
    if not isinstance(q, net.QSslServer):
        return
    watched.sockets, watched.said = [], set()

    def connection(socket, signal, text):
        """The socket's Watched. It may be heard of first in an error: qnet then calls the slots of the socket that are new,
        Qt only those that it had."""
        found = next((one for one in watched.sockets if one.q is socket and not one.dead), None)
        if found is None:
            number = len(watched.sockets) + 1
            found = recorder.watch(socket, "a" if number == 1 else f"a{number}")
            found.said[signal] = text
            watched.sockets.append(found)
        return found

    def line(signal, socket, *arguments):
        if recorder.finished:
            return
        about = connection(socket, signal, arguments[0] if arguments else None)
        text = ", ".join([about.name, *arguments])
        # As for sockets: Qt tells twice that the peer has gone.
        again = signal == "errorOccurred" and "RemoteHostClosed" in arguments and text in watched.said
        watched.said.add(text)
        watched.counts[signal] = watched.counts.get(signal, 0) + 1
        if not again:
            watched.shown = recorder.snapshot(watched)
            about.shown = recorder.snapshot(about)
            state = f"  {watched.shown} {about.shown}" if not signal.startswith("alert") else ""
            recorder.line(f"{watched.name}.{signal}({text}){state}")
        recorder.check_conditions()

    def alert(signal):
        def slot(socket, level, kind, text):
            if signal == "alertSent" and tls.number(kind) == 0:
                return
            line(signal, socket, str(tls.number(level)), str(tls.number(kind)))
        return slot

    q.startedEncryptionHandshake.connect(lambda socket: line("startedEncryptionHandshake", socket))
    q.errorOccurred.connect(lambda socket, error: line("errorOccurred", socket, recorder.format(error)))
    q.sslErrors.connect(lambda socket, errors: line("sslErrors", socket, *map(tls.value, errors)))
    q.peerVerifyError.connect(lambda socket, error: line("peerVerifyError", socket, tls.value(error)))
    q.handshakeInterruptedOnError.connect(
        lambda socket, error: line("handshakeInterruptedOnError", socket, tls.value(error)))
    q.alertSent.connect(alert("alertSent"))
    q.alertReceived.connect(alert("alertReceived"))


def server(r, cls=None, name="s", timeout=None, listen=True, setup=None, **options):
    """A server that encrypts, with the options of tls_sockets.configure()."""
    options.setdefault("show", "good")
    s = r.watch((cls or net.QSslServer)(), name)
    tls.configure(s.q, **options)
    if timeout is not None:
        s.q.setHandshakeTimeout(timeout)
    if setup:
        setup(s)
    r.keep(s, lambda: empty(s))
    if listen:
        with r.silence():
            assert s.q.listen(net.QHostAddress(net.Special.LocalHost), 0)
            r.ports[s.q.serverPort()] = "SRV"
    s.shown = r.snapshot(s)
    return s


def empty(s):
    """What is still pending would be deleted twice: as the server's, and as what was watched."""
    while not s.dead and s.q.nextPendingConnection():
        pass


def doom(s):
    """Says that the server takes its sockets along: Qt tells no aboutToClose then."""
    for one in s.sockets:
        one.doomed = True


def take(r, s):
    """The next pending connection, which may be known already."""
    q = s.q.nextPendingConnection()
    if q is None:
        r.note("nothing is pending")
        return None
    found = next((one for one in s.sockets if one.q is q), None)
    if found is None:
        with r.silence():
            found = r.watch(q, f"b{len(s.sockets)}")
            s.sockets.append(found)
    r.note(f"took {found.name}")
    r.look(found)
    return found
