"""QLocalServer: names, listening, files and their rights, accepting, its virtuals, its errors, and its end."""

import os
import resource
import socket
import stat

import peer
from backend import net
from trace import scenario

ABSTRACT = net.Access.AbstractNamespaceOption


def client(r, server):
    """A raw connection to a server."""
    return r.keep(peer.connect_local(server.q.fullServerName()))


def clients(r, server, n):
    return [client(r, server) for _ in range(n)]


@scenario
def local_server_fresh(r):
    """What a new server says about itself."""
    s = r.local_server()
    r.look(s)
    for method in ("isListening hasPendingConnections maxPendingConnections listenBacklogSize serverName "
                   "fullServerName socketOptions socketDescriptor nextPendingConnection").split():
        getattr(s, method)()
    s.close()


# ---- names

@scenario
def local_listen_path(r):
    """listen() at a path: the file comes and goes."""
    path = r.folder() + "/s"
    s = r.local_server()
    s.listen(path)
    r.value("is a socket", stat.S_ISSOCK(os.stat(path).st_mode))
    s.close()
    r.value("exists", os.path.exists(path))


@scenario
def local_listen_plain(r):
    """listen() under a plain name: where is the file?"""
    name = r.unique()
    s = r.local_server()
    s.listen(name)
    r.value("is a socket", stat.S_ISSOCK(os.stat("/tmp/" + name).st_mode))


@scenario(fresh=True)
def local_listen_tmpdir(r):
    """TMPDIR, as it is at the time of the call."""
    folder = r.folder()
    for value in (folder, folder + "/./x/..//", "", folder + "/none"):
        os.environ["TMPDIR"] = value
        s = r.local_server()
        s.listen(r.unique())
        s.close()


@scenario
def local_listen_odd_names(r):
    """Names with dots, spaces and letters of other scripts."""
    folder = r.folder()
    os.mkdir(folder + "/x")
    for name in ("/./a", "//b", "/x/../c", "/ d ", "/é中", "/e.sock", "/-f"):
        s = r.local_server()
        s.listen(folder + name)
        s.close()


@scenario
def local_listen_no_name(r):
    """listen() without a name."""
    s = r.local_server()
    s.listen("")
    r.local_server("a", options=ABSTRACT).listen("")


@scenario
def local_listen_no_folder(r):
    """A directory that does not exist, with and without options."""
    folder = r.folder()
    for name, options in (("a", net.Access.NoOptions), ("b", net.Access.UserAccessOption)):
        r.local_server(name, options=options).listen(folder + "/none/s")
    open(folder + "/file", "w").close()
    r.local_server("c").listen(folder + "/file/s")


@scenario
def local_listen_lengths(r):
    """The longest path, and the longest abstract name."""
    folder = r.folder()
    for length in (105, 106):
        s = r.local_server("s%d" % length)
        s.q.listen((folder + "/").ljust(length, "x"))
        r.value("%d listens" % length, s.q.isListening())
        a = r.local_server("a%d" % length, options=ABSTRACT)
        a.q.listen(r.unique().ljust(length, "x"))
        r.value("%d listens" % length, a.q.isListening())
        s.q.close(), a.q.close()


@scenario
def local_listen_one_more(r):
    """A path of 107 bytes, which the system allows."""
    s = r.local_server()
    s.q.listen((r.folder() + "/").ljust(107, "x"))
    r.value("listens", s.q.isListening())
    s.q.close()


@scenario
def local_listen_too_long(r):
    """A path that is too long, with and without options, and an abstract name."""
    path = r.folder() + "/" + "x" * 200
    r.local_server("a", options=net.Access.UserAccessOption).listen(path)
    r.local_server("b").listen(path)
    r.local_server("c", options=ABSTRACT).listen("x" * 200)


@scenario
def local_listen_twice(r):
    """listen() on a server that listens."""
    folder = r.folder()
    s = r.local_server(at=folder + "/s")
    s.listen(folder + "/t")
    r.value("files", sorted(os.listdir(folder)))


@scenario
def local_listen_in_use(r):
    """A name that another server has; its abstract twin; and a file in the way."""
    folder = r.folder()
    r.local_server(at=folder + "/s")
    for name, options in (("a", net.Access.NoOptions), ("b", net.Access.WorldAccessOption)):
        r.local_server(name, options=options).listen(folder + "/s")
    name = r.unique()
    r.local_server("t", at=name, options=ABSTRACT)
    r.local_server("u", options=ABSTRACT).listen(name)
    open(folder + "/file", "w").close()
    r.local_server("f").listen(folder + "/file")
    r.local_server("g").listen(folder)


@scenario
def local_listen_again(r):
    """Closing, and listening again under the same name."""
    path = r.folder() + "/s"
    s = r.local_server(at=path)
    s.close()
    s.listen(path)
    client(r, s)
    r.until(lambda: s.seen("newConnection"))


@scenario
def local_error_stays(r):
    """A successful listen() leaves the old error, close() clears it."""
    folder = r.folder()
    s = r.local_server()
    s.listen(folder + "/none/s")
    s.close()
    r.look(s)
    s.listen(folder + "/s")
    s.close()


# ---- files

@scenario
def local_stale(r):
    """The file of a server that is gone, and the recovery."""
    listener = peer.LocalListener(r.folder() + "/s")
    listener.close()
    s = r.local_server()
    s.listen(listener.name)
    r.value("removed", net.QLocalServer.removeServer(listener.name))
    s.listen(listener.name)
    r.value("of nothing", net.QLocalServer.removeServer(listener.name + "-not"))


@scenario
def local_remove_nothing(r):
    """removeServer() of names that do not exist or are none."""
    for name in ("", r.unique(), r.folder() + "/a/b", "x" * 200):
        r.value("removed", net.QLocalServer.removeServer(name))


@scenario
def local_remove_plain(r):
    """removeServer() of a plain name, and of an abstract one, which is not meant."""
    name = r.unique()
    r.keep(peer.LocalListener("\0" + name))
    s = peer.LocalListener("/tmp/" + name)
    s.close()
    r.value("removed", net.QLocalServer.removeServer(name))
    r.value("exists", os.path.exists("/tmp/" + name))
    r.local_server(options=ABSTRACT).listen(name)


@scenario
def local_remove_directory(r):
    """removeServer() of a directory."""
    folder = r.folder()
    r.value("removed", net.QLocalServer.removeServer(folder))
    r.value("exists", os.path.isdir(folder))


@scenario
def local_remove_file(r):
    """removeServer() of a file that is no socket."""
    path = r.folder() + "/file"
    open(path, "w").close()
    r.value("removed", net.QLocalServer.removeServer(path))
    r.value("exists", os.path.exists(path))


@scenario
def local_remove_listening(r):
    """removeServer() of a server that listens."""
    s = r.local_server(at=r.folder() + "/s")
    r.value("removed", net.QLocalServer.removeServer(s.q.fullServerName()))
    r.value("exists", os.path.exists(s.q.fullServerName()))
    r.look(s)


@scenario
def local_close_another_servers_file(r):
    """close() of a server whose name another has taken over."""
    path = r.folder() + "/s"
    s = r.local_server(at=path)
    os.unlink(path)
    t = r.local_server("t", at=path)
    s.close()
    r.value("exists", os.path.exists(path))
    r.look(t)


@scenario
def local_rights(r):
    """The rights of the file, with different masks."""
    folder = r.folder()
    access = net.Access
    before = os.umask(0)
    try:
        for mask in (0o000, 0o022, 0o077, 0o777):
            os.umask(mask)
            for options in (access.UserAccessOption, access.GroupAccessOption, access.OtherAccessOption,
                            access.UserAccessOption | access.GroupAccessOption, access.WorldAccessOption):
                s = net.QLocalServer()
                s.setSocketOptions(options)
                assert s.listen(folder + "/s")
                r.note(f"{mask:o} {options.value}: {os.stat(folder + '/s').st_mode:o} {sorted(os.listdir(folder))}")
                s.close()
            r.value("mask", os.umask(mask))
            if mask != 0o777:
                s = net.QLocalServer()
                s.listen(folder + "/s")
                r.note(f"{mask:o} none: {os.stat(folder + '/s').st_mode:o}")
                s.close()
    finally:
        os.umask(before)


@scenario
def local_options_while_listening(r):
    """setSocketOptions() of a server that listens."""
    s = r.local_server(at=r.folder() + "/s")
    s.setSocketOptions(net.Access.UserAccessOption)
    s.socketOptions()


# ---- descriptors

@scenario
def local_listen_descriptor(r):
    """listen() on a descriptor."""
    path = r.folder() + "/s"
    raw = socket.socket(socket.AF_UNIX)
    raw.bind(path)
    raw.listen()
    s = r.local_server()
    s.q.listen(raw.detach())
    r.look(s)
    s.socketOptions()
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    s.listen(path)
    s.close()
    r.value("exists", os.path.exists(path))


@scenario
def local_listen_descriptor_abstract(r):
    """listen() on a descriptor in the abstract namespace."""
    name = r.unique() + "/\x01x"
    raw = socket.socket(socket.AF_UNIX)
    raw.bind("\0" + name)
    raw.listen()
    s = r.local_server()
    s.q.listen(raw.detach())
    r.look(s)
    s.socketOptions()
    r.keep(peer.connect_local("\0" + name))
    r.until(lambda: s.seen("newConnection"))


@scenario
def local_listen_not_listening(r):
    """listen() on descriptors that do not listen."""
    raw = r.keep(socket.socket(socket.AF_UNIX))
    raw.bind(r.folder() + "/s")
    s = r.local_server()
    r.value("taken", s.q.listen(os.dup(raw.fileno())))
    t = r.local_server("t")
    r.value("taken", t.q.listen(-1))


# ---- accepting

@scenario
def local_accept(r):
    """Three connections, taken one after the other."""
    s = r.local_server(at=r.folder() + "/s")
    clients(r, s, 3)
    r.until(lambda: s.seen("newConnection") == 3)
    for name in "abcd":
        if s.q.hasPendingConnections():
            r.look(r.watch(s.nextPendingConnection(), name))
        else:
            s.nextPendingConnection()


@scenario
def local_max_pending(r):
    """The limit of pending connections."""
    s = r.local_server(at=r.folder() + "/s")
    s.setMaxPendingConnections(2)
    s.maxPendingConnections()
    clients(r, s, 6)
    r.settle()
    for _ in range(6):
        s.nextPendingConnection()
        r.settle()


@scenario
def local_max_pending_zero(r):
    """A limit of no pending connections, and a negative one."""
    s = r.local_server(at=r.folder() + "/s")
    s.setMaxPendingConnections(0)
    clients(r, s, 2)
    r.settle()
    s.setMaxPendingConnections(-1)
    s.nextPendingConnection()
    r.settle()


@scenario
def local_backlog(r):
    """The size of the backlog."""
    s = r.local_server()
    s.setListenBacklogSize(1)
    s.listenBacklogSize()
    s.listen(r.folder() + "/s")
    raw = peer.LocalListener.fill(type("", (), {"name": s.q.fullServerName()}))
    r.value("fit", len(raw))
    for one in raw:
        one.close()


@scenario
def local_pending_ends(r):
    """A pending connection whose client has gone, with data."""
    s = r.local_server(at=r.folder() + "/s")
    c = client(r, s)
    c.send(b"last words").close()
    r.until(lambda: s.seen("newConnection"))
    p = r.watch(s.nextPendingConnection(), "p")
    p.readAll()


@scenario
def local_server_close_pending(r):
    """close() with pending connections."""
    s = r.local_server(at=r.folder() + "/s")
    c = clients(r, s, 2)
    r.until(lambda: s.seen("newConnection") == 2)
    r.watch(s.nextPendingConnection(), "a")
    s.close()
    s.nextPendingConnection()
    r.until(c[1].end)
    r.value("of the other", c[0].summary())


@scenario
def local_server_delete(r):
    """Deleting a server with a socket that was taken."""
    path = r.folder() + "/s"
    s = r.local_server(at=path)
    c = client(r, s)
    r.until(lambda: s.seen("newConnection"))
    r.watch(s.nextPendingConnection(), "p")
    s.delete()
    r.value("exists", os.path.exists(path))
    r.until(c.end)


@scenario
def local_server_delete_in_new(r):
    """deleteLater() of the server inside newConnection."""
    s = r.local_server(at=r.folder() + "/s")
    s.on("newConnection", lambda: s.deleteLater(), once=True)
    c = client(r, s)
    r.until(c.end)


@scenario
def local_server_close_in_new(r):
    """close() inside newConnection."""
    s = r.local_server(at=r.folder() + "/s")
    s.on("newConnection", lambda: s.close(), once=True)
    c = client(r, s)
    r.until(c.end)


@scenario
def local_server_wait_full(r):
    """waitForNewConnection() while as many are pending as may be."""
    s = r.local_server(at=r.folder() + "/s")
    for most in 1, 0:
        s.setMaxPendingConnections(most)
        clients(r, s, 3)
        for _ in range(3):
            s.waitForNewConnection(1000)
        s.waitForNewConnection(5)
        for _ in range(4):
            s.nextPendingConnection()


@scenario
def local_server_wait(r):
    """waitForNewConnection()."""
    s = r.local_server()
    s.waitForNewConnection(5)
    with r.silence():
        s.listen(r.folder() + "/s")
    s.waitForNewConnection(5)
    clients(r, s, 2)
    s.waitForNewConnection(1000)
    s.waitForNewConnection(1000)
    s.waitForNewConnection(5)
    s.nextPendingConnection()
    s.nextPendingConnection()
    s.nextPendingConnection()


@scenario
def local_incoming(r):
    """incomingConnection() overridden: it makes the socket itself."""
    class Server(net.QLocalServer):
        def incomingConnection(self, descriptor):
            r.note(f"incoming, a descriptor: {descriptor > 0}")
            one = net.QLocalSocket(self)
            one.setSocketDescriptor(descriptor)
            self.addPendingConnection(one)
    s = r.local_server(cls=Server, at=r.folder() + "/s")
    client(r, s)
    r.until(lambda: s.seen("newConnection"))
    r.look(r.watch(s.nextPendingConnection(), "p"))


@scenario
def local_incoming_refused(r):
    """incomingConnection() overridden: it wants nobody."""
    class Server(net.QLocalServer):
        def incomingConnection(self, descriptor):
            r.note("incoming")
            os.close(descriptor)
    s = r.local_server(cls=Server, at=r.folder() + "/s")
    c = client(r, s)
    r.until(c.end)
    s.hasPendingConnections()


@scenario
def local_add_pending(r):
    """addPendingConnection() from outside."""
    s = r.local_server()
    one = r.local_socket()
    s.addPendingConnection(one.q)
    s.hasPendingConnections()


@scenario
def local_virtuals(r):
    """hasPendingConnections() and nextPendingConnection() overridden."""
    class Server(net.QLocalServer):
        def hasPendingConnections(self):
            r.note("hasPendingConnections")
            return super().hasPendingConnections()

        def nextPendingConnection(self):
            r.note("nextPendingConnection")
            return super().nextPendingConnection()
    s = r.watch(Server(), "s")
    s.q.listen(r.folder() + "/s")
    with r.silence():
        client(r, s)
        r.until(lambda: s.seen("newConnection"))
    r.value("pending", s.q.hasPendingConnections())
    r.value("a socket", s.q.nextPendingConnection() is not None)


@scenario
def local_accept_out_of_descriptors(r):
    """Accepting fails because descriptors have run out."""
    s = r.local_server(at=r.folder() + "/s")
    c = client(r, s)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = os.dup(0)
    os.close(first)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first, limits[1]))
    try:
        net.QCoreApplication.processEvents()
        net.QCoreApplication.processEvents()
        r.look(s)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    r.until(lambda: s.seen("newConnection") or not s.q.isListening())
    r.look(s)
    c.close()


@scenario
def local_listen_out_of_descriptors(r):
    """listen() when descriptors have run out."""
    path = r.folder() + "/s"
    s = r.local_server()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = os.dup(0)
    os.close(first)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first, limits[1]))
    try:
        s.q.listen(path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    r.look(s)
