"""QSocketNotifier: descriptors that the loop watches beside the sockets."""

import os
import pty
import socket

from backend import net
from trace import scenario

READ, WRITE, EXCEPTION = (getattr(net.QSocketNotifier.Type, name) for name in ("Read", "Write", "Exception"))


class Watch:
    """Notifiers of a scenario: each notes its name when it is activated. What epoll and poll find in different orders is
    noted in the order of the names, turn by turn."""

    def __init__(self, r):
        self.r, self.seen, self.all = r, [], []
        r.keep(self)

    def __call__(self, name, fd, kind, then=None):
        notifier = net.QSocketNotifier(fd, kind)

        def activated(descriptor, type):
            self.seen.append(f"{name} {type.name}{'' if notifier.socket() == fd else ' of another'}")
            if then is not None:
                then(notifier)
        notifier.activated.connect(activated)
        self.all.append(notifier)
        return notifier

    def turns(self, count=1):
        for _ in range(count):
            net.QCoreApplication.processEvents()
            self.r.note("turn: " + (", ".join(sorted(self.seen)) or "nothing"))
            self.seen.clear()

    def says(self, notifier):
        self.r.note(f"enabled {notifier.isEnabled()}, valid {notifier.isValid()}, type {notifier.type().name}, "
                    f"descriptor {notifier.socket() >= 0}")

    def close(self):
        for notifier in self.all:
            try:
                notifier.setEnabled(False)
            except RuntimeError:
                pass


def pipe(r):
    ends = os.pipe()
    for end in ends:
        r.keep(end, lambda end=end: close(end))
    return ends


def close(fd):
    try:
        os.close(fd)
    except OSError:
        pass


@scenario
def notifier_fresh(r):
    """What new notifiers say, with a descriptor and without; setSocket() and setEnabled()."""
    watch = Watch(r)
    reader, writer = pipe(r)
    n = watch("n", reader, READ)
    watch.says(n)
    os.write(writer, b"x")
    n.setSocket(writer)
    watch.says(n)
    n.setSocket(-1)
    watch.says(n)
    n.setEnabled(True)
    watch.says(n)
    bare = net.QSocketNotifier(EXCEPTION)
    watch.all.append(bare)
    watch.says(bare)
    bare.setEnabled(True)
    watch.says(bare)
    bare.setSocket(reader)
    watch.says(bare)
    bare.setEnabled(True)
    watch.says(bare)
    watch.turns()


@scenario
def notifier_is_told_again(r):
    """A pipe: told each turn while there is something, and after its end."""
    watch = Watch(r)
    reader, writer = pipe(r)
    n = watch("r", reader, READ)
    watch.turns()
    os.write(writer, b"ab")
    watch.turns(2)
    os.read(reader, 1)
    watch.turns()
    n.setEnabled(False)
    watch.turns()
    n.setEnabled(True)
    os.read(reader, 1)
    watch.turns()
    os.close(writer)
    watch.turns(2)


@scenario
def notifier_for_writing(r):
    """Told while there is room, until it disables itself; with the reader gone all types are told."""
    watch = Watch(r)
    reader, writer = pipe(r)
    watch("once", writer, WRITE, lambda n: n.setEnabled(False))
    watch.turns(2)
    n = watch("w", writer, WRITE)
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        pass
    watch.turns()
    os.read(reader, 4096)
    watch.turns()
    watch("x", writer, EXCEPTION)
    watch("r", writer, READ)
    watch.turns()
    os.close(reader)
    watch.turns()
    n.setEnabled(False)
    watch.turns()


@scenario
def notifier_all_types_of_a_socket(r):
    """A pair of sockets with notifiers of all types; the other end closes."""
    watch = Watch(r)
    one, other = (r.keep(s) for s in socket.socketpair())
    for name, kind in (("r", READ), ("w", WRITE), ("x", EXCEPTION)):
        watch(name, one.fileno(), kind)
    watch.turns()
    other.send(b"x")
    watch.turns()
    other.close()
    watch.turns()


@scenario
def notifier_of_files(r):
    """What no system call waits for is always ready: a file, a folder, /dev/null."""
    for path in (__file__, "/", "/dev/null"):
        watch = Watch(r)
        fd = os.open(path, os.O_RDONLY)
        r.keep(fd, lambda fd=fd: close(fd))
        r.note("file" if path == __file__ else path)
        reading = watch("r", fd, READ)
        watch("w", fd, WRITE)
        watch("x", fd, EXCEPTION)
        watch.turns(2)
        reading.setEnabled(False)
        watch.turns()
        watch.close()
        watch.turns()


@scenario
def notifier_of_a_terminal(r):
    """A pseudo terminal, whose other end closes."""
    watch = Watch(r)
    master, slave = pty.openpty()
    r.keep(master, lambda: close(master))
    watch("m", master, READ)
    watch.turns()
    os.write(slave, b"hi")
    r.until(lambda: watch.seen)     # it comes by way of the system's own threads
    watch.seen.clear()
    watch.turns()
    os.read(master, 10)
    watch.turns()
    os.close(slave)
    r.until(lambda: watch.seen)


@scenario
def notifier_disables_another(r):
    """Two are ready, and each disables the other: one is told."""
    watch = Watch(r)
    pipes = [pipe(r), pipe(r)]
    both = []
    for reader, writer in pipes:
        os.write(writer, b"x")
        both.append(watch("one of them", reader, READ, lambda n: [o.setEnabled(False) for o in both if o is not n]))
    watch.turns(2)


@scenario
def notifier_deleted_in_its_slot(r):
    """deleteLater() in the slot; then nothing more."""
    watch = Watch(r)
    reader, writer = pipe(r)
    os.write(writer, b"x")
    n = watch("r", reader, READ, lambda n: n.deleteLater())
    n.destroyed.connect(lambda: r.note("destroyed"))
    watch.turns(2)


@scenario
def notifier_in_nested_loops(r):
    """It is told in loops inside its own slot."""
    watch = Watch(r)
    reader, writer = pipe(r)
    os.write(writer, b"x")
    depth = []

    def nest(n):
        depth.append(n)
        if len(depth) < 3:
            net.QCoreApplication.processEvents()
        else:
            os.read(reader, 1)
    watch("r", reader, READ, nest)
    watch.turns(2)


@scenario
def notifier_closed_descriptor(r):
    """The descriptor is closed without a word: disabled, with a warning, and still valid."""
    watch = Watch(r)
    reader, writer = pipe(r)
    n = watch("r", reader, READ)
    watch.turns()
    os.close(reader)
    net.QCoreApplication.processEvents()
    watch.turns()
    watch.says(n)
    never = watch("never", 1 << 20, READ)
    net.QCoreApplication.processEvents()
    watch.says(never)


@scenario
def notifier_number_used_again(r):
    """The number is another descriptor's: that is watched."""
    watch = Watch(r)
    reader, writer = pipe(r)
    watch("r", reader, READ)
    watch.turns()
    other, end = pipe(r)
    os.dup2(other, reader)
    os.write(end, b"x")
    net.QCoreApplication.processEvents()
    watch.seen.clear()
    watch.turns()


@scenario
def notifier_beside_a_socket(r):
    """A notifier for the descriptor of a socket of the library's, which goes on reading."""
    watch = Watch(r)
    c, p = r.connected()
    n = watch("r", c.q.socketDescriptor(), READ, lambda n: n.setEnabled(False))
    p.send(b"data")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    n.setEnabled(False)


@scenario
def notifier_and_urgent_data(r):
    """An Exception notifier for urgent data of TCP."""
    watch = Watch(r)
    listener = r.keep(socket.create_server(("127.0.0.1", 0)))
    one = r.keep(socket.create_connection(listener.getsockname()))
    other = r.keep(listener.accept()[0])
    seen = []
    n = watch("x", one.fileno(), EXCEPTION, lambda n: (seen.append(one.recv(1, socket.MSG_OOB)), n.setEnabled(False)))
    watch.turns()
    other.send(b"!", socket.MSG_OOB)
    r.until(lambda: seen)
    r.note(f"urgent {seen}, enabled {n.isEnabled()}")
