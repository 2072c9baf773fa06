"""Sockets that go to another thread. What they signal there is written down once it is over."""

from backend import net
from trace import scenario

LOCAL = "127.0.0.1"


def moved(r, host, port):
    """Moves a socket that has just begun to connect, and says what it signals and where."""
    thread = net.QThread()
    thread.start()
    socket = net.QTcpSocket()
    seen, over = [], []

    def note(name):
        def handler(*arguments):
            if not over:
                seen.append((name, *(getattr(argument, "name", argument) for argument in arguments), socket.thread() is thread))
        return handler

    for signal in "hostFound", "stateChanged", "connected", "errorOccurred":
        getattr(socket, signal).connect(note(signal))
    socket.connectToHost(host, port)
    at_once = len(seen)
    r.value("moved", socket.moveToThread(thread))
    r.value("belongs to the thread", socket.thread() is thread)
    r.until(lambda: any(entry[0] in ("connected", "errorOccurred") for entry in seen))
    for entry in seen[:at_once]:
        r.value("at once", entry[:-1])
    for entry in seen[at_once:]:
        r.value("then", entry)
    # Its end, too, is the other thread's.
    over.append(True)
    socket.deleteLater()
    thread.quit()
    thread.wait()


@scenario
def thread_moved_while_looking_up(r):
    """A socket goes to another thread while its host is looked up."""
    moved(r, "localhost", r.listener().port)


@scenario
def thread_moved_while_connecting(r):
    """A socket goes to another thread while it is connected to an address."""
    moved(r, LOCAL, r.listener().port)


@scenario
def thread_moved_before_it_is_refused(r):
    """A socket goes to another thread before it finds that nobody listens."""
    listener = r.listener()
    port = listener.port
    listener.close()
    moved(r, LOCAL, port)


@scenario
def thread_moved_before_nothing_is_found(r):
    """A socket goes to another thread before it is known that there is no such host."""
    moved(r, "no.such.host.invalid", 1)
