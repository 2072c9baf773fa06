"""What programs made by chance do not compare, because qnet differs from Qt there on purpose.

Such programs meet everything, so what is known to differ has to be kept out of their way: a call is left out, or what
is to be sent is sent before it, after which both libraries do the same. Each rule has the name of a scenario that shows
the difference, and the reason stands beside that name in intended.txt: programs/run.py insists on it.
"""

import peer
from backend import net

BLOCK = 4096    # of Qt's write buffer


class Life:
    """What became of an object, as far as it matters here."""

    def __init__(self):
        self.doomed = False     # to be deleted
        self.paused = False     # a server that does not accept
        self.aborted = False    # and not connected again
        self.has_peer = False   # that is watched, too
        self.wrote = False      # since the loop was calm
        self.read = 0           # how often there was something to be read before it was connected last
        self.inside = []        # the signals whose handlers run
        self.calling = []       # the methods that are being called


class Call:
    """A call of a method of a socket, before it is made."""

    def __init__(self, watched, method, arguments):
        self.method, self.arguments = method, arguments
        self.q, self.life, self.local = watched.q, watched.life, watched.kind == "local"
        self.r = watched.r
        self.proxied = bool(self.r.proxies.all)
        self.waits_for_glued = self.r.proxies.glued() and watched.seen("readyRead") == self.life.read
        self.udp = isinstance(self.q, net.QUdpSocket)
        self.state = state(watched)
        self.out = self.q.bytesToWrite()
        # While the peer's end is signalled Qt has closed the descriptor.
        self.descriptor = descriptor(watched) if self.q.isValid() else -1
        self.writes = method in ("write", "putChar")
        self.waits = method.startswith("wait")
        self.ends = method in ("close", "disconnectFromHost", "disconnectFromServer")

    def written(self):
        return len(self.arguments[0]) if self.method == "write" else 1

    def limit(self):
        return 0 if self.udp else self.q.readBufferSize()

    def connecting(self):
        return self.state in ("HostLookup", "Connecting")


# What is not called.
LEFT_OUT = {
    "skip_nothing": lambda c: c.method == "skip" and c.arguments[0] == 0,
    "flush_while_connecting": lambda c: c.method == "flush" and c.connecting(),
    "flush_after_reset": lambda c: (c.writes or c.method == "flush") and peer.gone(c.descriptor),
    "flush_writes_more": lambda c: c.writes and "flush" in c.life.calling,
    "write_large_and_small":
        lambda c: c.writes and c.state not in ("Connected", "Unconnected") and c.out and c.out + c.written() > BLOCK,
    "peer_half_closes_after_request":
        lambda c: c.writes and c.life.inside and not c.life.has_peer and peer.half_closed(c.descriptor),
    "delete_later_with_data_waiting":
        lambda c: c.method == "deleteLater" and "bytesWritten" in c.life.inside and peer.readable(c.descriptor),
    "delete_later_after_write_in_handler": lambda c: c.writes and c.life.inside and c.life.doomed,
    "write_in_error": lambda c: c.writes and "errorOccurred" in c.life.inside,
    "connect_in_transaction": lambda c: c.method.startswith("connectTo") and c.q.isTransactionStarted(),
    "connect_in_timeout":
        lambda c: c.method in ("connectToHost", "readDatagram") and "errorOccurred" in c.life.inside,
    "loop_in_closing_state": lambda c: c.waits and c.state == "Closing" and "stateChanged" in c.life.inside,
    "wait_reconnect_in_disconnected":
        lambda c: c.method == "connectToHost" and any(outer.startswith("wait") for outer in c.life.calling),
    "wait_connected_while_closing": lambda c: c.method == "waitForConnected" and c.state in ("Closing", "Bound"),
    "wait_ready_read_full_in_handler":
        lambda c: c.method == "waitForReadyRead" and 0 < c.limit() <= c.q.bytesAvailable(),
    "wait_disconnected_full": lambda c: (
        c.method == "waitForDisconnected"
        and (0 < c.limit() <= c.q.bytesAvailable() + peer.readable_bytes(c.descriptor)
             or unbuffered(c.q) and peer.readable(c.descriptor))),
    "proxy_knows_credentials": lambda c: c.method == "connectToHost" and c.r.proxies.known(),
    "write_while_refused": lambda c: c.method == "flush" and c.proxied and c.state == "Unconnected",
    "proxy_delete_after_write": lambda c: (
        c.method in ("abort", "delete", "deleteLater") and c.proxied and c.life.wrote and c.state in ("Connected", "Closing")),
    "proxy_glued_and_delete_later": lambda c: c.method == "deleteLater" and c.life.inside and c.waits_for_glued,
    "proxy_close_after_flush": lambda c: c.ends and c.proxied and c.life.wrote and not c.out and c.state == "Connected",
    "proxy_write_in_about_to_close": lambda c: c.writes and c.proxied and "aboutToClose" in c.life.inside,
    "proxy_write_after_half_close": lambda c: c.writes and c.proxied and peer.half_closed(c.descriptor),
    "write_with_data_waiting": lambda c: c.writes and c.waits_for_glued,
    "proxy_wait_runs_out": lambda c: c.waits and c.proxied and c.connecting() and (
        c.method != "waitForConnected" or c.life.inside),
    "local_connect_while_closing": lambda c: c.method == "connectToServer" and c.state == "Closing",
    "local_connect_with_unread": lambda c: c.method == "connectToServer" and c.q.bytesAvailable(),
    "local_abort_with_unread":
        lambda c: c.method == "abort" and c.local and (c.q.bytesAvailable() or c.q.isTransactionStarted()),
    "connect_in_bytes_written": lambda c: c.method == "connectToHost" and "bytesWritten" in c.life.inside,
    "local_peek_in_text_mode":
        lambda c: c.local and c.q.isTextModeEnabled() and c.method in ("peek", "startTransaction"),
    "local_close_in_connected_with_data": lambda c: c.ends and c.local and "connected" in c.life.inside and c.out,
    "local_close_after_abort": lambda c: c.method == "connectToServer" and c.life.aborted,
    "udp_delete_later_in_ready_read": lambda c: c.method == "deleteLater" and c.udp and c.life.inside,
    "udp_write_in_bytes_written_connected": lambda c: c.udp and c.method == "write" and "bytesWritten" in c.life.inside,
    "unbuffered_nested_loop_in_ready_read": lambda c: (
        c.waits and "readyRead" in c.life.inside and unbuffered(c.q)),
    "udp_bind_twice": lambda c: c.method == "bind" and c.state != "Unconnected",
    "udp_bind_after_abort":
        lambda c: c.method in ("bind", "writeDatagram") and c.state == "Unconnected" and c.life.aborted,
    "udp_bound_again": lambda c: c.state == "Bound" and (c.writes or c.method in ("read", "readAll")),
    "udp_receive_nothing_with_size":
        lambda c: c.method == "receiveDatagram" and c.arguments and not c.q.hasPendingDatagrams(),
}

# Before what is sent what was written.
SENT_BEFORE = {
    "write_large_and_small": lambda c: c.writes and c.state == "Connected" and c.out + c.written() > BLOCK,
    "peer_closes_with_pending_write": lambda c: c.waits and peer.half_closed(c.descriptor),
    "wait_ready_read_with_both": lambda c: c.method == "waitForReadyRead" and peer.readable(c.descriptor),
    "delete_later_after_write_in_handler":
        lambda c: c.method == "deleteLater" and c.life.inside and c.state == "Connected",
}

# All, with those that are named in comments below.
RULES = [*LEFT_OUT, *SENT_BEFORE, *"""
    close_after_refused close_with_unread_data_in_kernel limit_partial_read local_connect_twice local_connect_in_error
    write_fails_while_closing
    pause_not_listening proxy_valid_again pause_then_next_pending udp_dual_stack udp_nested_loop_in_ready_read wait_new_connection_after_accepting
    wait_new_connection_closed_in_handler""".split()]


def before(watched, method, arguments):
    """Is this call made? If so, after what makes both libraries do the same."""
    life = watched.life
    if not watched.dead:
        peer.deliver()
        if watched.kind in ("socket", "local"):
            call = Call(watched, method, arguments)
            if any(rule(call) for rule in LEFT_OUT.values()):
                return False
            # How much time an outer wait has left only the clock knows, and when a system that is nearly full says that
            # it takes more only the system.
            if call.waits and any(outer.startswith("wait") for outer in life.calling) or (
                    call.local and call.writes and call.written() + peer.unread_bytes(call.descriptor) > 30000):
                return False
            # Nor how long a name is looked up.
            if looks_up(watched) and (call.waits or method == "deleteLater") or (
                    life.doomed and method == "connectToHost" and isinstance(arguments[0], str)):
                return False
            # What a handler writes is sent in the turn of its loop or in the next, if it has left that.
            if call.writes and life.inside and watched.r.left:
                return False
            prepare(watched, call)
        elif not_for_server(watched, method):
            return False
    life.wrote |= method in ("write", "putChar")
    if method == "connectToHost":
        life.read = watched.seen("readyRead")
    life.doomed |= method in ("delete", "deleteLater")
    life.aborted = method == "abort" or life.aborted and method != "connectToHost"
    if method in ("pauseAccepting", "resumeAccepting", "close"):
        life.paused = method == "pauseAccepting"
    life.calling.append(method)
    return True


def descriptor(watched):
    """The one that is connected. Behind a proxy Qt tells a number of its own."""
    return watched.r.proxies.descriptor() if watched.r.proxies.all else watched.q.socketDescriptor()


def looks_up(watched):
    return watched.kind == "socket" and state(watched) == "HostLookup" and watched.q.peerName() in watched.r.hidden


def after(watched, method):
    """What follows a call."""
    life = watched.life
    life.calling.pop()
    # peer_half_closes_after_request, where the peer is watched, too, and may end before this handler's turn or after it
    if method in ("write", "putChar") and life.inside and life.has_peer and not watched.dead:
        if state(watched) == "Connected":
            watched.flush()


def signalled(watched, signal):
    """Notes what ends a connection of a local socket in Qt as abort() does: local_close_after_abort."""
    if signal == "errorOccurred" and watched.kind == "local" and state(watched) == "Closing":
        watched.life.aborted = True


def sends(watched):
    return watched.kind in ("socket", "local") and not watched.dead and watched.q.bytesToWrite() > 0


def state(watched):
    return watched.q.state().name.removesuffix("State")


def not_for_server(watched, method):
    if method == "close" and "waitForNewConnection" in watched.life.calling:
        return True         # wait_new_connection_closed_in_handler
    if watched.kind == "server" and not watched.q.isListening():
        # pause_not_listening. And what waitForNewConnection() says of a time-out then, Qt does not know.
        return method in ("pauseAccepting", "resumeAccepting", "waitForNewConnection")
    return method == "nextPendingConnection" and watched.life.paused    # pause_then_next_pending


def prepare(watched, call):
    forget_last_words(watched)
    if call.state in ("Connected", "Closing") and call.out and any(rule(call) for rule in SENT_BEFORE.values()):
        watched.flush()
    elif call.waits:
        make_room(watched)
    elif (call.ends or call.method in ("abort", "delete", "deleteLater")) and call.life.has_peer and not call.local:
        peer.drain(call.descriptor)     # close_with_unread_data_in_kernel


def unbuffered(q):
    return isinstance(q, net.QTcpSocket) and bool(q.openMode() & net.Mode.Unbuffered)


def before_turns(sockets):
    """What comes before the loop runs. False if it is not run."""
    if any("stateChanged" in one.life.inside and state(one) == "Closing" for one in sockets):
        return False        # loop_in_closing_state
    if any("readyRead" in one.life.inside and unbuffered(one.q) for one in sockets):
        return False        # unbuffered_nested_loop_in_ready_read
    if any(isinstance(one.q, net.QUdpSocket) and "readyRead" in one.life.inside and one.q.isValid()
           and one.q.pendingDatagramSize() >= 0 for one in sockets):
        return False        # udp_nested_loop_in_ready_read
    # In Qt a look-up begins after the signal of that. Here a loop inside its handler may find the name, sooner or later.
    if any("stateChanged" in one.life.inside and looks_up(one) for one in sockets):
        return False
    # write_with_data_waiting, and which of several sockets sends first
    if len(sockets) > 1 or any(peer.readable(descriptor(one)) for one in sockets):
        for one in sockets:
            if not one.dead and one.q.bytesToWrite() and state(one) == "Connected":
                one.flush()
    for one in sockets:
        forget_last_words(one)
        make_room(one)
    return True


def is_calm(sockets):
    """Notes that what was to be sent was sent."""
    for one in sockets:
        one.life.wrote = False


def forget_last_words(watched):
    """Drops what has arrived from a peer that is gone, if a write will find that out: flush_after_reset."""
    if not watched.dead and watched.q.bytesToWrite() and peer.gone(descriptor(watched)):
        peer.drain(descriptor(watched))


def make_room(watched):
    """Empties a buffer behind which something waits: limit_partial_read."""
    if not watched.dead:
        call = Call(watched, "", ())
        if 0 < call.q.bytesAvailable() < call.limit() and peer.readable(call.descriptor):
            watched.readAll()


# ---- what objects say


def by_chance(warning):
    """Whether it is a warning that Qt gives or not: of the answer to a look-up that was given up, if it comes all the same."""
    return "wrong lookup ID" in warning


def valid(state, value, proxied):
    """Whether isValid() is shown: close_after_refused, write_fails_while_closing, proxy_valid_again."""
    return value and state != "Unconnected" and not (proxied and state in ("HostLookup", "Connecting"))


def out(state, value):
    """What is still to be sent, as it is shown: write_fails_while_closing."""
    return value if state != "Unconnected" else 0


def hops(datagram):
    """The hop limit that a datagram tells: udp_dual_stack."""
    return "?" if datagram.destinationAddress().toString().startswith("::ffff:") else datagram.hopLimit()


READS = "read readAll readLine getChar peek skip ungetChar".split()
WRITES = "write putChar".split()
RECEIVES = "readDatagram receiveDatagram".split()
GROUPS = "joinMulticastGroup leaveMulticastGroup setMulticastInterface".split()


SERVERS = "server", "local_server"


def begins(kind, state):
    """Whether a new attempt begins with a state, without an error."""
    return state == ("Connecting" if kind == "local" else "HostLookup")


def wrong_size(method, arguments):
    """Whether reading so many bytes makes no sense; a line in a buffer has one and a NUL."""
    sizes = [a for a in arguments if type(a) is int]
    if not sizes or method not in ("read", "readLine", "peek", "skip"):
        return False
    return sizes[-1] < (2 if method == "readLine" else 0)


def misuses(watched, method, arguments):
    """Whether a call makes no sense: then qnet's error is of that call, and Qt's stays what it was. Until there is a new
    one neither is compared; what qnet says instead is tested by core/socket/misuse_test.go."""
    if watched.dead:
        return False
    if watched.kind in SERVERS:
        return method == "listen" and watched.q.isListening()
    if watched.kind not in ("socket", "local"):
        return False
    try:
        mode, state = watched.q.openMode(), watched.q.state()
    except RuntimeError:
        return False
    unconnected = getattr(state, "name", str(state)) == "UnconnectedState"
    return (wrong_size(method, arguments) or method in READS and not mode & net.Mode.ReadOnly or method in WRITES and not mode & net.Mode.WriteOnly
            or method in WRITES and watched.kind == "local" and unconnected
            or method in RECEIVES and unconnected
            or method in GROUPS and getattr(state, "name", str(state)) != "BoundState")


def error_text(kind, code, text):
    """An error as it is shown: local_connect_in_error (the code), local_connect_twice (a name in the text), and
    wait_new_connection_after_accepting."""
    if kind == "server" and code == "Temporary":
        code, text = "SocketTimeout", "Network operation timed out"
    text = text.replace("connectToserver", "connectToServer")
    if kind != "local":
        return f'{code} "{text}"'
    return f'"{text}"' if text != "Unknown error" else ""
