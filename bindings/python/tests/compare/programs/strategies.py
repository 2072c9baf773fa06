"""The programs made by chance: what hypothesis draws, and makes smaller until nothing can be left out.

A program is the body of a scenario, line by line, as it would be written by hand. Each kind of program below knows
which objects there are and what can be done with them. What they have in common:

- Handlers act on their own object only, and may run a loop. What one object's handler does to another depends on which
  of them is served first, which is nobody's business.
- The system decides nothing: no more is sent than its buffers hold, and nothing waits for time to pass, other than the
  waits that find nothing.
- What is known to differ on purpose is left out here where alike.py and streams.py cannot do it. RULES are the
  scenarios that show it; comments name them where they count.

The simpler comes first in each list: hypothesis goes that way.
"""

import re

from hypothesis import strategies as st

RULES = """
    ssl_abort_in_ssl_errors ssl_close_in_encrypted ssl_peer_only_notifies ssl_read_limit ssl_records_together
    ssl_server_starttls_early_hello ssl_write_in_disconnected
    abort_in_closing_state abort_in_connecting_handler bind_from_handler connect_unbuffered disconnect_in_closing_state
    flush_in_unconnected_state limit_partial_read local_connect_in_disconnected local_delete_later_in_new_connection
    local_limit_and_kept local_max_pending local_wait_in_connecting max_pending_raised
    nested_loop_in_disconnected pause_in_new_connection proxy_delete_later_when_asked proxy_kept_connection_ends
    proxy_leave_when_asked proxy_refused_address proxy_wait_unknown_method peer_resets_before_connected_is_seen udp_connected_lines udp_receive_in_disconnected udp_refused
    wait_in_error write_while_refused""".split()

SIZES = [0, 1, 2, 3, 5, 12]
DATA = [r"b'a'", r"b'b\n'", r"b'cd\nef\n'", r"b'gh\r\ni'", r"b'\r'", r"b'\n\n\0j'", r"b''", r"b'klmnopqr'",
        "b'0123456789' * 2", "b'0123456789' * 30", "b'0123456789' * 1000", "b'0123456789' * 1700"]
LIMITS = [0, 1, 3, 5, 10, 1000]
MODES = ["None"] * 4 + [
    f"net.Mode.{mode}" for mode in ("ReadWrite", "ReadOnly", "WriteOnly", "ReadWrite | net.Mode.Text")]
# That is nothing to an adopted or a local socket; another kind of program has those to which it is.
UNBUFFERED = "net.Mode.ReadWrite | net.Mode.Unbuffered"
# Of a wait, in milliseconds: what it could find has arrived before.
PATIENCE = 10

# What a name in a program stands for, if it is used.
MEANINGS = {"dead": "dead = r.dead_port()", "local": "local = net.QHostAddress(net.Special.LocalHost)",
            "path": "path = r.folder() + '/s'"}


def one(*lines):
    return st.sampled_from(lines)


def each(text, values):
    return st.sampled_from([text.format(value) for value in values])


CALM = one("r.calm()")


def handlers(o, inside):
    """At most two handlers of an object; inside: signal -> strategies of what its handlers do."""
    return st.lists(max_size=2, elements=st.one_of([
        st.lists(st.one_of(actions), min_size=1, max_size=3).map(
            lambda actions, signal=signal: f"{o}.on('{signal}', lambda: ({', '.join(actions)},), once=True)")
        for signal, actions in inside.items()]))


def programs(start, steps, end=(), size=14):
    """A strategy for each of the lines to begin with; those for up to so many steps, of a line or several each; the lines
    to end with."""
    def program(start, steps):
        text = "\n".join([*(line for lines in start for line in ([lines] if isinstance(lines, str) else lines)),
                          *steps, "r.calm()", *end])
        words = set(re.findall(r"\w+", text))
        return [*(meaning for name, meaning in MEANINGS.items() if name in words), *text.split("\n")]
    return st.builds(program, st.tuples(*start), st.lists(st.one_of(steps), min_size=1, max_size=size))


class Socket:
    """What can be done with the socket of a stream."""

    def __init__(self, o, local, limited, connects=(), alone=True, proxied=False):
        end = "disconnectFromServer" if local else "disconnectFromHost"
        reading = [
            one(f"{o}.readAll()", f"{o}.readLine()", f"{o}.getChar()", f"{o}.canReadLine()", f"{o}.atEnd()"),
            each(o + ".read_n({})", SIZES), each(o + ".read({})", SIZES), each(o + ".skip({})", SIZES),
            each(o + ".readLine_n({})", SIZES[2:]), each(o + ".readLine({})", SIZES)]
        keeping = [each(o + ".peek_n({})", SIZES), each(o + ".ungetChar({})", [65, 10, 13])]
        transaction = each(o + ".{}Transaction()", ["start", "start", "commit", "rollback"])
        # local_limit_and_kept, limit_partial_read (what a commit makes room for)
        reading += keeping + [transaction] if not limited else [] if local else keeping
        flush = one(f"{o}.flush()")
        writing = [each(o + ".write({})", DATA), each(o + ".write({})", DATA), one(f"{o}.putChar(66)"), flush]
        ending = [one(f"{o}.close()", f"{o}.abort()", f"{o}.{end}()", f"{o}.deleteLater()")]
        self.waits_for_connection = one(f"{o}.waitForConnected({5000 if proxied else PATIENCE})")
        waiting = [each(f"{o}.waitFor{{}}({PATIENCE})", ["ReadyRead", "BytesWritten", "Disconnected"]), self.waits_for_connection]
        again = [one(*connects)] if connects else []
        limit = each(o + ".setReadBufferSize({})", LIMITS)
        common = [*reading, *writing, *[limit] * limited]

        self.limit = st.lists(limit, min_size=limited, max_size=limited)
        self.actions = common + ending + waiting + again

        # What another socket does in the same turn comes before the loop is left or after it.
        loops = [CALM, one("r.leave()")] if alone else [CALM]
        # limit_partial_read: who makes room elsewhere than in readyRead empties the buffer, so that Qt goes on, too.
        elsewhere = [one(f"{o}.readAll()"), *writing, limit] if limited else common
        # flush_in_unconnected_state, connect_in_transaction
        ended = [actions for actions in elsewhere if actions is not flush]
        inside = {
            "readyRead": common + ending + waiting + loops,
            "bytesWritten": elsewhere + ending + waiting + loops,
            "connected": elsewhere + ending + waiting + loops,
            # wait_in_error
            "errorOccurred": elsewhere + ending,
            # nested_loop_in_disconnected, local_connect_in_disconnected
            "disconnected": ended + ending + ([] if local else again),
            "readChannelFinished": ended + ending + loops[1:],
            "aboutToClose": ended + ending,
            # abort_in_closing_state, disconnect_in_closing_state, abort_in_connecting_handler,
            # local_wait_in_connecting
            "stateChanged": [actions for actions in ended if actions is not transaction] + [one(f"{o}.deleteLater()")] + ([] if local else loops + waiting),
        }
        if proxied:
            inside["hostFound"] = ended + ending
            inside["stateChanged"] += loops
            # Qt crashes when the attempt is aborted in it. proxy_delete_later_when_asked, proxy_leave_when_asked
            inside["proxyAuthenticationRequired"] = ended + [one(f"{o}.close()", f"{o}.{end}()")] + again + [CALM]
        self.handlers = handlers(o, inside)


def with_raw_peer(local):
    """A socket whose other end is not under comparison: all that happens to it is in an order."""
    begins = ([f"c, p = r.local_raw({mode})" for mode in [*MODES, UNBUFFERED]] if local else
              [f"c, p = r.connected(mode={mode})\nr.at_once(c)" for mode in MODES])
    begins += [f"c, p = r.adopted('{'local' if local else 'tcp'}', {mode})" for mode in [*MODES, UNBUFFERED]]
    begins += [] if local else ["s, c, p = r.accepted(name='c')\nr.at_once(c)"]
    sends = each("p.send({})", DATA)
    steps = [CALM, CALM, sends, sends, one("c.delete()", "p.got_all()"),
             one("p.shutdown()", "p.close()", *["p.reset()"] * (not local))]

    def of(limited):
        c = Socket("c", local, limited)
        return programs([each("{}\np = r.raw(p)", begins), c.limit, c.handlers], steps + c.actions * 2, ["p.got_all()"])
    return of(False) | of(True)


def unbuffered():
    """A socket that leaves in the system what a raw peer sends, until it is read."""
    c = Socket("c", False, False)
    # connect_unbuffered: the peer does not end.
    steps = [CALM, CALM, each("p.send({})", DATA), each("p.send({})", DATA), one("c.delete()", "p.got_all()")]
    begin = st.just([f"c, p = r.connected(mode={UNBUFFERED})", "r.at_once(c)", "p = r.raw(p)"])
    return programs([begin, c.handlers], steps + c.actions * 2, ["p.got_all()"])


def connecting(local):
    """A socket that connects to raw peers, once or several times."""
    listener = "r.keep(peer.LocalListener(r.folder() + '/s'))" if local else "r.listener()"
    socket = "r.local_socket()" if local else "r.at_once(r.socket())"
    connects = ["c.connectToServer(listener.name{})"] if local else [
        "c.connectToHost(local, listener.port{})", "c.connectToHost(r.name(), listener.port{})"]
    connects = [connect.format(mode) for connect in connects
                for mode in ["", "", *(f", {mode}" for mode in MODES if mode != "None")]]
    refused = one(*(f"{call}\nr.calm()" for call in (["c.connectToServer(listener.name + '-')"] if local else [
        "c.connectToHost(local, dead.port)", "c.connectToHost(r.name(), dead.port)"])))
    c = Socket("c", local, False, connects)
    sends = each("p.send({})", DATA)
    # write_while_refused, peer_resets_before_connected_is_seen
    steps = [CALM, CALM, sends, one(*connects), refused, one("p = r.raw_accepted(listener)"),
             one("c.delete()", "p.got_all()"), one("p.shutdown()", "p.close()", *["r.calm()\np.reset()"] * (not local))]
    begin = st.just([f"listener = {listener}", f"c = {socket}", "p = r.raw(None)"])
    return programs([begin, c.handlers, one(*connects)],
                    steps + c.actions * 2, ["p.got_all()"])


# ---- through proxies

GRANTED = [r"b'\5\0\0\1\x7f\0\0\2\x13\x89'", r"b'\5\0\0\4' + b'\0' * 15 + b'\1\x13\x89'", r"b'\5\0\0\3\4name\x13\x89'"]
REFUSED = [rf"b'\5\{code}\0\1\0\0\0\0\0\0'" for code in (*range(1, 8), "x08", "x09", "xfe")]
SOCKS_WRONG = [r"b'\4\0\0\1\0\0\0\0\0\0'", r"b'\5\0\0\7\0\0\0\0\0\0'", r"b'\5\0\1\1\0\0\0\0\0\0'", r"b'HTTP/1.1 400 No\r\n\r\n'"]
ENDS = ["'close'", "'reset'"]
FINE = [r"b'HTTP/1.1 200 Fine\r\n\r\n'", r"b'HTTP/1.0 200 Fine\r\nA: b\r\n\r\n'", r"b'HTTP/1.1 200\n\n'"]
STATUSES = [rf"b'HTTP/1.1 {code} No\r\nContent-Length: {length}\r\n\r\n{'x' * length}'"
            for code, length in [(403, 0), (404, 0), (405, 0), (503, 0), (400, 3), (401, 0), (500, 0), (302, 0), (999, 0)]]
HTTP_WRONG = [r"b'NONSENSE\r\n\r\n'", r"b'HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'",
              r"b'HTTP/1.1 407 No\r\nProxy-Authenticate: Odd realm=\"r\"\r\nContent-Length: 0\r\n\r\n'"]
BASIC = r"Proxy-Authenticate: Basic realm=\"r\"\r\n"
KEPT = [rf"b'HTTP/1.1 407 No\r\n{BASIC}Content-Length: {length}\r\n\r\n{'x' * length}'" for length in (0, 5)]
CLOSED = [rf"b'HTTP/1.1 407 No\r\n{BASIC}Content-Length: 0\r\nConnection: close\r\n\r\n'",
          rf"b'HTTP/1.1 407 No\r\n{BASIC}Content-Length: 0\r\nProxy-Connection: close\r\n\r\n'"]
PAIRS = ["('a', 'b')", "('a', 'c')", "('', 'd')", "('e', '')"]
USER = ", user='u', password='v'"


def scripts(good, bad, connections, ends=True):
    """Strategies for the last answer of a proxy; connections: those of one that wants to know nobody, and of one that
    does: what comes before the last answer of the last connection, with the other connections."""
    tail = st.builds("({}, {})".format, st.sampled_from(good), st.sampled_from(ENDS))
    glued = each("{} + b'glued'", good)
    last = st.sampled_from(good) | st.sampled_from(good) | glued | st.sampled_from(bad) | tail | (
        st.builds("({}, {})".format, st.sampled_from(bad), st.just("'close'")))
    last = last | st.sampled_from(ENDS) if ends else last
    return st.builds(lambda script, last: script.replace("LAST", last), connections, last)


SOCKS = scripts(GRANTED, REFUSED + SOCKS_WRONG, one(r"[b'\5\0', LAST]", r"[b'\5\0', LAST]", r"[(b'\5', b'\0'), LAST]"))
SOCKS_UNKNOWN = each("[b'{}']", [r"\5\2", r"\5\3"])
SOCKS_WRONG_METHOD = each("[{}]", [r"b'\4\0'", "b'HTTP/1.1 400 No'", *ENDS])
SOCKS_USER = scripts(GRANTED, REFUSED, one(
    r"[b'\5\2', b'\1\0', LAST]", r"[b'\5\0', LAST]", r"[b'\5\2', b'\1\1'], [b'\5\2', b'\1\0', LAST]",
    r"[b'\5\2', b'\1\1']", r"[b'\5\2', b'\2\0']", r"[b'\5\2', 'close']"))
SOCKS_ASKS = scripts(GRANTED, REFUSED, one(
    r"[b'\5\xff'], [b'\5\2', b'\1\0', LAST]", r"[(b'\5\xff', 'close')], [b'\5\2', b'\1\0', LAST]", r"[b'\5\xff']",
    r"[b'\5\xff'], [b'\5\2', (b'\1\1', 'close')], [b'\5\2', b'\1\0', LAST]", r"[b'\5\xff'], [b'\5\0', LAST]"))
HTTP = scripts(FINE, STATUSES + HTTP_WRONG, one("[LAST]"))
HTTP_ASKS = scripts(FINE, STATUSES, st.builds(
    lambda script, kept, closed: script.replace("KEPT", kept).replace("CLOSED", closed),
    one("[KEPT, LAST]", "[CLOSED], [LAST]", "[KEPT, KEPT, LAST]", "[(CLOSED, 'close')], [LAST]", "[KEPT, CLOSED], [LAST]", "[KEPT] + [KEPT] * 9"),
    st.sampled_from(KEPT), st.sampled_from(CLOSED)), False)


def proxied():
    """A socket that connects through a proxy, to a raw peer behind it."""
    targets = ["'target.test'", "net.QHostAddress('192.0.2.1')"]
    modes = ["", "", *(f", {mode}" for mode in MODES if mode != "None")]
    connects = [f"c.connectToHost({target}, 7{mode})" for target in targets for mode in modes]
    by_name = [call for call in connects if "test" in call]
    sends = each("p.send({})", DATA)
    slow = one("", "", ", slow=True")

    def of(kind, script, calls, own="", waits=True):
        c = Socket("c", False, False, calls, proxied=True)
        if not waits:
            c.actions = [actions for actions in c.actions if actions is not c.waits_for_connection]
        begin = st.builds("c = r.through(net.ProxyType.{}Proxy, {}{}{})".format, st.just(kind), script, st.just(own), slow)
        fills = st.lists(st.sampled_from(PAIRS), max_size=3, unique=True).map(
            lambda pairs: f"c.on('proxyAuthenticationRequired', r.fills({', '.join(pairs)}))")
        return programs([begin, st.just(["p = r.peer_behind()"]), c.handlers, fills, one(*calls)],
                        [one("r.serve()"), one("r.serve()"), one("r.serve()"), CALM, sends, sends, one(*calls),
                         one("c.delete()", "p.got_all()"), one("r.calm()\np.shutdown()", "p.close()", "r.calm()\np.reset()"),
                         *c.actions * 2], ["r.serve()", "p.got_all()"])
    return (of("Socks5", SOCKS, connects) | of("Http", HTTP, connects) | of("Socks5", SOCKS_WRONG_METHOD, connects)
            | of("Socks5", SOCKS_UNKNOWN, connects, waits=False)
            | of("Socks5", SOCKS_USER, by_name, USER) | of("Socks5", SOCKS_ASKS, by_name)
            | of("Http", HTTP_ASKS, by_name) | of("Http", HTTP_ASKS, by_name, USER))


def with_both_ends(local):
    """A socket and its other end, both under comparison."""
    begin = each(f"s, c, p = r.pair('{'local' if local else 'tcp'}', {{}})", MODES)

    def of(limited):
        c, p = Socket("c", local, limited, alone=False), Socket("p", local, limited, alone=False)
        return programs([begin, c.handlers | p.handlers],
                        [CALM, CALM, one("c.delete()", "p.delete()")] + (c.actions + p.actions) * 2)
    return of(False) | of(True)


def serving(local):
    """A server, what it accepts, and raw clients."""
    takes, clients = one("x = r.take(s)"), one("a = r.raw_client(s, 'a')", "b = r.raw_client(s, 'b')")
    common = ["s.hasPendingConnections()", f"s.waitForNewConnection({PATIENCE})", "s.close()",
              "s.listen(path)" if local else "s.listen(local, 0)"]
    pauses = [] if local else ["s.pauseAccepting()", "s.resumeAccepting()"]
    steps = [CALM, CALM, takes, takes, clients, clients,
             one(*common, "s.deleteLater()", "s.delete()", *pauses),
             st.builds("{}.{}".format, one("a", "b"), one("send(b'abc')", "close()", "shutdown()", "got_all()")),
             one("x.write(b'abc')", "x.readAll()", "x.close()", "x.abort()", "x.delete()", "x.deleteLater()",
                 f"x.waitForReadyRead({PATIENCE})", f"x.waitForDisconnected({PATIENCE})")]
    # pause_in_new_connection, local_delete_later_in_new_connection
    inside = [one("r.take(s)"), one("r.take(s)"), one(*common, *[] if local else ["s.deleteLater()"]), CALM]
    # max_pending_raised, local_max_pending
    limits = st.just([]) if local else st.just([]) | each("s.setMaxPendingConnections({})", [1, 2])
    signals = ["newConnection"] if local else ["newConnection", "pendingConnectionAvailable"]
    begin = "s = r.local_server(at=path)" if local else "s = r.server()"
    return programs([st.just([begin, "a = b = x = r.raw(None)"]), limits, handlers("s", dict.fromkeys(signals, inside))],
                    steps, ["a.got_all()", "b.got_all()"])


class Datagrams:
    """What can be done with a UDP socket, other than bind it; to: how it sends a datagram somewhere."""

    data = [r"b'a'", r"b'bc\nd'", "b''", "b'0123456789' * 100"]

    def __init__(self, o, to):
        write_to, write = each(to, self.data), each(o + ".write({})", self.data)
        receive = one(f"{o}.receiveDatagram()", f"{o}.receiveDatagram(3)", f"{o}.readDatagram(100)", f"{o}.readDatagram(2)",
                      f"{o}.hasPendingDatagrams()", f"{o}.pendingDatagramSize()", f"{o}.bytesAvailable()")
        # udp_connected_lines
        others = [one(f"{o}.read_n(100)", f"{o}.read_n(2)", f"{o}.readAll()", f"{o}.flush()",
                      f"{o}.waitForReadyRead({PATIENCE})"),
                  one(f"{o}.close()", f"{o}.abort()", f"{o}.disconnectFromHost()", f"{o}.deleteLater()")]
        self.actions = [write_to, write, receive, receive, *others]
        inside = dict.fromkeys(["readyRead", "connected", "bytesWritten", "errorOccurred"], self.actions + [CALM])
        # bind_from_handler, udp_receive_in_disconnected
        inside["disconnected"] = inside["aboutToClose"] = [write, *others, CALM]
        self.handlers = handlers(o, inside)


def datagrams():
    """A UDP socket and a raw one."""
    u = Datagrams("u", "u.writeDatagram({}, local, raw.port)")
    sends = each("d.send_to(u, {})", u.data + ["{}, {}, {}".format(*u.data)])
    binds = one("u.bind(local, 0)", "u.connectToHost(local, raw.port)")
    return programs([st.just(["raw = r.datagrams()", "d = r.raw(raw, 'd')", "u = r.socket('u', net.QUdpSocket)"]),
                     st.lists(binds, max_size=1), u.handlers],
                    [CALM, CALM, binds, sends, sends, one("u.delete()", "d.got_all()"), *u.actions], ["d.got_all()"])


def datagrams_between():
    """Two UDP sockets, both under comparison. They are not connected: udp_refused."""
    u, v = Datagrams("u", "r.send_datagram(u, v, {})"), Datagrams("v", "r.send_datagram(v, u, {})")
    begin = st.just([f"{o} = r.socket('{o}', net.QUdpSocket)\n{o}.bind(local, 0)" for o in "uv"])
    return programs([begin, u.handlers, v.handlers],
                    [CALM, CALM, CALM, one("u.bind(local, 0)", "v.bind(local, 0)"), one("u.delete()", "v.delete()"),
                     *u.actions, *v.actions])


def encrypted():
    """A socket that begins in the clear, and encrypts when chance says so, and its raw peer. What is known to differ: ends of
    the program's inside slots (ssl_close_in_encrypted, ssl_abort_in_ssl_errors), limits (ssl_read_limit), a close_notify without an end
    (ssl_peer_only_notifies), records that come together, or are long (ssl_records_together), a hello among what is in the clear
    (ssl_server_starttls_early_hello), writes at the end (ssl_write_in_disconnected), and whether flush() has sent the end of the handshake."""
    reading = [one("c.readAll()", "c.readLine()", "c.canReadLine()", "c.atEnd()"), each("c.read_n({})", SIZES), each("c.peek_n({})", SIZES),
               each("c.skip({})", SIZES[1:]), each("c.readLine_n({})", SIZES[2:])]
    writing = [each("c.write({})", DATA), one("c.flush()")]
    calm, sends = one("tls.calm(r, c, p)"), each("tls.send(r, c, p, {})", DATA[:-2])
    ended = [one("c.readAll()", "c.canReadLine()", "c.bytesAvailable()")]   # what others return, -1 or 0, is another's business
    starts = one("tls.start(r, c, p)", "tls.start(r, c, p)", "tls.start(r, c, p, 'socket')", "tls.start(r, c, p, 'peer')")
    # Nothing is under way when this side ends: what the peer hears then is another's business.
    ends = one("tls.calm(r, c, p)\nc.abort()", "tls.calm(r, c, p)\nc.close()\ntls.calm(r, c, p)",
               "tls.calm(r, c, p)\nc.disconnectFromHost()\ntls.calm(r, c, p)",
               "tls.leave(r, c, p)", "tls.leave(r, c, p)", "tls.calm(r, c, p)\nraw.close()", "tls.calm(r, c, p)\nraw.reset()")
    inside = {"encrypted": [*reading, writing[0]], "readyRead": [*reading, *writing], "bytesWritten": reading,
              "sslErrors": [*reading, one("c.ignoreSslErrors()")], "disconnected": ended, "errorOccurred": ended}
    begin = st.builds("c, p = tls.talking(r, '{}', {})\nraw = r.raw(p)".format, one("client", "server"), st.sampled_from([False, False, True]))
    steps = [calm, calm, calm, starts, starts, sends, sends, *reading, *writing[1:], each("tls.write(r, c, p, {})", DATA)]
    return st.builds(lambda lines, end: [*lines[:-1], "tls.calm(r, c, p)", *end.split("\n"), "tls.calm(r, c, p)"],
                     programs([begin, handlers("c", inside)], steps), ends)


KINDS = {"tcp": with_raw_peer(False), "local": with_raw_peer(True), "tcp_connecting": connecting(False),
         "local_connecting": connecting(True), "tcp_pair": with_both_ends(False), "local_pair": with_both_ends(True),
         "tcp_server": serving(False), "local_server": serving(True), "tcp_unbuffered": unbuffered(), "udp": datagrams(), "udp_pair": datagrams_between(),
         "proxied": proxied(), "encrypted": encrypted()}
