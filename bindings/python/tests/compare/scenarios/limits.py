"""Readers that take whole pieces and leave the rest, with a read limit: they come to their end by readyRead alone."""

import peer
from backend import net
from trace import scenario

PIECE = 6
DATA = b"".join(b"line%d\n" % i for i in range(8))
RETURNS = DATA.replace(b"\n", b"\r\n")
TEXT = net.Mode.ReadWrite | net.Mode.Text


def frames(c):
    while c.q.bytesAvailable() >= PIECE:
        c.read_n(PIECE)


def lines(c):
    while c.q.canReadLine():
        c.readLine()


def peeks(c):
    while len(bytes(c.q.peek(PIECE))) == PIECE:
        c.skip(PIECE)


def transactions(c):
    while True:
        c.q.startTransaction()
        if c.q.bytesAvailable() < PIECE:
            c.read_n(PIECE)
            c.rollbackTransaction()
            return
        c.read_n(PIECE)
        c.commitTransaction()


def read(r, c, p, take, data=DATA, limit=10):
    """All of data is in the system when the loop first looks; then take() reads it piece by piece."""
    c.setReadBufferSize(limit)
    c.on("readyRead", lambda: take(c))
    p.send(data)
    peer.arrived(c.q.socketDescriptor(), len(data))
    r.settle()
    r.value("left in the system", peer.readable_bytes(c.q.socketDescriptor()))


# ---- ways of reading

@scenario
def pieces_frames(r):
    """Frames of 6 bytes, a limit of 10."""
    c, p = r.connected()
    read(r, c, p, frames)


@scenario
def pieces_lines(r):
    """The same as lines."""
    c, p = r.connected()
    read(r, c, p, lines)


@scenario
def pieces_text_lines(r):
    """Lines in text mode, of one byte more."""
    c, p = r.connected(mode=TEXT)
    read(r, c, p, lines, RETURNS)


@scenario
def pieces_peek_and_skip(r):
    """peek() and skip()."""
    c, p = r.connected()
    read(r, c, p, peeks)


@scenario
def pieces_transactions(r):
    """Transactions that are rolled back until a piece is whole."""
    c, p = r.connected()
    read(r, c, p, transactions)


@scenario
def pieces_limit_is_the_piece(r):
    """A limit that just takes a piece."""
    c, p = r.connected()
    read(r, c, p, frames, limit=PIECE)


@scenario
def pieces_one_for_each_ready_read(r):
    """The handler takes one frame each time, whatever there is."""
    c, p = r.connected()
    read(r, c, p, lambda c: c.read_n(PIECE), limit=PIECE + 1)


@scenario
def pieces_wait(r):
    """Without a loop: waitForReadyRead() until a frame is there."""
    c, p = r.connected()
    c.setReadBufferSize(10)
    p.send(DATA)
    peer.arrived(c.q.socketDescriptor(), len(DATA))
    for _ in range(len(DATA) // PIECE):
        while c.q.bytesAvailable() < PIECE:
            c.waitForReadyRead(1000)
        c.read_n(PIECE)
    r.settle()


# ---- sockets

@scenario
def pieces_of_a_servers_socket(r):
    """A socket that a server has accepted."""
    _, a, p = r.accepted()
    read(r, a, p, frames)


@scenario
def pieces_local_frames(r):
    """A local socket."""
    c, p = r.local_raw()
    read(r, c, p, frames)


@scenario
def pieces_local_lines(r):
    """A local socket and lines."""
    c, p = r.local_raw()
    read(r, c, p, lines)


@scenario
def pieces_local_text_lines(r):
    """A local socket and lines in text mode."""
    c, p = r.local_raw(mode=TEXT)
    read(r, c, p, lines, RETURNS)


@scenario
def pieces_local_transactions(r):
    """A local socket and transactions."""
    c, p = r.local_raw()
    read(r, c, p, transactions)


@scenario
def pieces_local_wait(r):
    """A local socket and waitForReadyRead()."""
    c, p = r.local_raw()
    c.setReadBufferSize(10)
    p.send(DATA)
    for _ in range(len(DATA) // PIECE):
        while c.q.bytesAvailable() < PIECE:
            c.waitForReadyRead(1000)
        c.read_n(PIECE)
    r.settle()


# ---- limits that change

@scenario
def pieces_limit_grows(r):
    """The handler raises the limit after each frame."""
    c, p = r.connected()

    def take(c):
        while c.q.bytesAvailable() >= PIECE:
            c.read_n(PIECE)
            c.setReadBufferSize(c.q.readBufferSize() + 1)
    read(r, c, p, take)


@scenario
def pieces_limit_shrinks(r):
    """The handler lowers the limit, down to the size of a frame."""
    c, p = r.connected()

    def take(c):
        while c.q.bytesAvailable() >= PIECE:
            c.read_n(PIECE)
            c.setReadBufferSize(max(PIECE, c.q.readBufferSize() - 3))
    read(r, c, p, take, limit=20)


@scenario
def pieces_limit_goes(r):
    """The handler removes the limit."""
    c, p = r.connected()

    def take(c):
        frames(c)
        c.setReadBufferSize(0)
    read(r, c, p, take)


@scenario
def pieces_then_the_end(r):
    """The peer closes behind the last frame, and after a part of one."""
    c, p = r.connected()
    c.setReadBufferSize(10)
    c.on("readyRead", lambda: frames(c))
    p.send(DATA + b"rest")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.readAll()


# ---- many

def many(r, c, p, size, limit, count=50):
    """Frames that come in any parts: only that all come is written down."""
    data, got = bytes(range(256)) * (count * size // 256 + 1), bytearray()
    data, position = data[:count * size], [0]
    p.socket.setblocking(False)

    def send():
        try:
            position[0] += p.socket.send(data[position[0]:])
        except BlockingIOError:
            pass

    def take():
        while c.q.bytesAvailable() >= size:
            got.extend(bytes(c.q.read(size)))
    c.q.setReadBufferSize(limit)
    c.on("readyRead", take)
    r.tickers.append(send)
    r.until(lambda: len(got) == len(data))
    r.value("intact", got == data)


@scenario
def pieces_many(r):
    """50 frames of 60000 bytes, a limit of 65536."""
    c, p = r.connected(bulk=True)
    many(r, c, p, 60000, 65536)


@scenario
def pieces_many_halves(r):
    """50 frames of 40000 bytes, a limit of 65536."""
    c, p = r.connected(bulk=True)
    many(r, c, p, 40000, 65536)


@scenario
def pieces_many_local(r):
    """50 frames of 60000 bytes over a local socket."""
    c, p = r.local_raw(bulk=True)
    many(r, c, p, 60000, 65536)


@scenario
def pieces_many_of_a_servers_socket(r):
    """500 frames of 1000 bytes to a server's socket, a limit of 1024."""
    _, a, p = r.accepted(bulk=True)
    many(r, a, p, 1000, 1024, 500)


# ---- unbuffered

@scenario
def unbuffered_nested_loop_in_ready_read(r):
    """An unbuffered socket: more comes in a loop inside the handler, and the handler leaves it."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)

    def handler():
        c.read_n(1)
        p.send(b"second")
        r.until(lambda: peer.readable_bytes(c.q.socketDescriptor()) == 10)
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))
    p.send(b"third")
    r.settle()
    c.readAll()
