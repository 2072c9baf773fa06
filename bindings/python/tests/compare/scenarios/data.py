"""Reading and writing: buffers, limits, lines, transactions, and when readyRead and bytesWritten come."""

import peer
from backend import net
from trace import scenario

BIG = bytes(range(256)) * 4096 * 4      # 4 MiB


def with_data(r, data, **options):
    """A connected socket with data in its read buffer: (socket, peer)."""
    c, p = r.connected(**options)
    p.send(data)
    with r.silence():
        r.until(lambda: c.q.bytesAvailable() >= len(data))
    c.shown = r.snapshot(c)
    return c, p


# ---- writing

@scenario
def write_emits_later(r):
    """write() emits nothing; bytesWritten comes from the loop after bytesToWrite dropped."""
    c, p = r.connected()
    c.write(b"hello")
    c.bytesToWrite()
    r.value("the peer got already", p.pump().data)
    r.until(lambda: c.seen("bytesWritten"))
    r.value("the peer got", p.wait(5))


@scenario
def write_twice(r):
    """Two small writes in one turn: one bytesWritten or two?"""
    c, p = r.connected()
    c.write(b"hello ")
    c.write(b"world")
    r.until(lambda: c.seen("bytesWritten"))
    r.value("the peer got", p.wait(11))


@scenario
def write_large_and_small(r):
    """A small, a large and a small write in one turn: how many bytesWritten?"""
    c, p = r.connected()
    c.write(b"a" * 10)
    c.write(b"b" * 30000)
    c.write(b"c" * 10)
    r.until(lambda: p.got(30020))


@scenario
def write_empty(r):
    """write(b"")."""
    c, p = r.connected()
    c.write(b"")
    c.flush()
    r.settle()


@scenario
def write_nul_bytes(r):
    """Data with zero bytes passes whole."""
    c, p = r.connected()
    c.write(b"a\0b\0")
    r.until(lambda: p.got(4))
    r.value("the peer got", p.data)


@scenario
def flush_sends(r):
    """flush() sends at once; is bytesWritten emitted inside?"""
    c, p = r.connected()
    c.write(b"hello")
    c.flush()
    r.value("the peer got", p.wait(5))
    c.flush()
    r.settle()


@scenario
def flush_in_bytes_written(r):
    """write() and flush() inside bytesWritten: is the inner bytesWritten emitted recursively?"""
    c, p = r.connected()
    c.on("bytesWritten", lambda: (c.write(b"second"), c.flush()), once=True)
    c.write(b"first")
    r.until(lambda: p.got(11))


@scenario
def write_in_bytes_written(r):
    """write() inside bytesWritten."""
    c, p = r.connected()
    c.on("bytesWritten", lambda: c.write(b"second"), once=True)
    c.write(b"first")
    r.until(lambda: p.got(11))


@scenario
def write_in_ready_read(r):
    """write() inside readyRead."""
    c, p = r.connected()
    c.on("readyRead", lambda: (c.readAll(), c.write(b"answer")))
    p.send(b"question")
    r.until(lambda: p.got(6))


@scenario
def write_in_connected(r):
    """write() inside connected."""
    listener = r.listener()
    c = r.socket()
    c.on("connected", lambda: c.write(b"hello"))
    c.connectToHost("127.0.0.1", listener.port)
    r.until(lambda: c.seen("bytesWritten"))


@scenario
def write_large(r):
    """4 MiB: bytesToWrite and the total of bytesWritten."""
    c, p = r.connected(bulk=True)
    c.write(BIG)
    c.bytesToWrite()
    r.until(lambda: p.got(len(BIG)) and not c.q.bytesToWrite())
    r.value("intact", p.data == BIG)
    r.value("written", c.written)


@scenario
def write_unconnected(r):
    """write(), putChar(), flush() on a socket that was never opened."""
    c = r.socket()
    c.write(b"x")
    c.putChar(65)
    c.flush()
    c.bytesToWrite()


@scenario
def write_after_close(r):
    """write() after close()."""
    c, p = r.connected()
    c.close()
    c.write(b"x")
    c.putChar(65)


@scenario
def write_after_disconnect(r):
    """write() after disconnectFromHost() has finished, with the socket still open."""
    c, p = r.connected()
    c.disconnectFromHost()
    c.write(b"x")
    c.putChar(65)
    r.settle()


@scenario
def write_after_remote_close_in_error(r):
    """write() inside errorOccurred(RemoteHostClosed)."""
    c, p = r.connected()
    c.on("errorOccurred", lambda: c.write(b"x"))
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.bytesToWrite()


@scenario
def put_char(r):
    """putChar()."""
    c, p = r.connected()
    c.putChar(65)
    c.putChar(66)
    r.until(lambda: p.got(2))
    r.value("the peer got", p.data)


@scenario
def write_text_mode(r):
    """Text in the open mode: what write() makes of line ends (on this platform: nothing), and of what is read."""
    c, p = r.connected(mode=net.Mode.ReadWrite | net.Mode.Text)
    c.write(b"one\ntwo\r\n")
    r.until(lambda: p.got(9))
    r.value("the peer got", p.data)
    p.send(b"a\r\nb\nc\rd\r\n")
    r.until(lambda: c.seen("readyRead"))
    c.bytesAvailable()
    c.readLine()
    c.peek(3)
    c.readAll()


@scenario
def text_mode_get_char(r):
    """getChar(), readLine(max), skip() in text mode around a carriage return."""
    c, p = with_data(r, b"\r\nab\r\ncd\r\nef", mode=net.Mode.ReadWrite | net.Mode.Text)
    c.getChar()
    c.readLine_n(4)
    c.skip(2)
    c.readLine_n(100)
    c.readAll()


@scenario
def text_mode_peek(r):
    """peek() in text mode, and reading after it."""
    c, p = with_data(r, b"a\r\nb\r\nc", mode=net.Mode.ReadWrite | net.Mode.Text)
    c.peek_n(4)
    c.read_n(4)
    c.peek(10)
    c.readAll()


# ---- readyRead

@scenario
def ready_read_once_without_reading(r):
    """The handler reads nothing: is readyRead repeated, and does new data signal again?"""
    c, p = r.connected()
    p.send(b"one")
    r.until(lambda: c.seen("readyRead"))
    p.send(b"two")
    r.until(lambda: c.seen("readyRead") == 2)
    c.readAll()


@scenario
def ready_read_partial_read(r):
    """The handler reads a part: is readyRead repeated for the rest?"""
    c, p = r.connected()
    c.on("readyRead", lambda: c.read(2))
    p.send(b"abcdef")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario
def ready_read_not_recursive(r):
    """A nested loop inside readyRead: more data comes meanwhile."""
    c, p = r.connected()

    def handler():
        p.send(b" more")
        r.settle()
        r.note("nested loop ended")
        c.bytesAvailable()
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    p.send(b"last")
    r.until(lambda: c.seen("readyRead") == 2)


@scenario
def ready_read_nested_loop_reads(r):
    """In a nested loop inside readyRead all is read, and more comes: signalled now, or after?"""
    c, p = r.connected()

    def handler():
        c.readAll()
        p.send(b"second")
        r.settle()
        r.note("nested loop ended")
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario
def nested_loop_peer_close(r):
    """A nested loop inside readyRead: the peer closes meanwhile."""
    c, p = r.connected()

    def handler():
        p.close()
        r.until(lambda: c.seen("disconnected"))
        r.note("nested loop ended")
    c.on("readyRead", handler, once=True)
    p.send(b"first")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()


@scenario
def nested_loop_in_bytes_written(r):
    """A nested loop inside bytesWritten: write more and wait for its bytesWritten there."""
    c, p = r.connected()

    def handler():
        c.write(b"second")
        r.settle()
        r.note("nested loop ended")
    c.on("bytesWritten", handler, once=True)
    c.write(b"first")
    r.until(lambda: p.got(11))


@scenario
def nested_loop_in_connected(r):
    """A nested loop inside connected: data arrives in it."""
    listener = r.listener()
    c = r.socket()

    def handler():
        p = r.keep(listener.accept())
        p.send(b"hello")
        r.until(lambda: c.seen("readyRead"))
        r.note("nested loop ended")
    c.on("connected", handler)
    c.connectToHost("127.0.0.1", listener.port)
    r.until(lambda: c.seen("connected"))


@scenario
def nested_loop_in_disconnected(r):
    """A nested loop inside disconnected: the addresses are still there in it, and reconnecting works there."""
    listener = r.listener()
    c, p = r.connected(listener=listener)

    def handler():
        r.settle()
        r.look(c)
        c.connectToHost("127.0.0.1", listener.port)
        r.until(lambda: c.seen("connected"))
        r.note("nested loop ended")
    c.on("disconnected", handler, once=True)
    p.close()
    r.until(lambda: c.seen("connected"))


@scenario
def ready_read_in_chunks(r):
    """The peer sends three chunks, each after the signal for the one before."""
    c, p = r.connected()
    for i, chunk in enumerate((b"one ", b"two ", b"three")):
        p.send(chunk)
        r.until(lambda: c.seen("readyRead") == i + 1)
    c.readAll()


@scenario
def ready_read_large(r):
    """60 kB that are all in the kernel when the loop runs: how often readyRead, with how much?"""
    c, p = r.connected()
    p.send(b"x" * 60000)
    peer.arrived(c.q.socketDescriptor(), 60000)
    r.until(lambda: c.q.bytesAvailable() == 60000)


@scenario
def echo_many_times(r):
    """A hundred questions and answers in a row."""
    c, p = r.connected()
    c.on("readyRead", lambda: c.q.write(bytes(c.q.readAll()) + b"!"))
    sizes = [0]

    def bounce():
        n = len(p.pump().data)
        if n != sizes[-1]:
            sizes.append(n)
            if len(sizes) <= 100:
                p.send(b"x")
    r.tickers.append(bounce)
    with r.silence():
        p.send(b"x")
        r.until(lambda: len(sizes) > 100)
    r.value("the peer got", len(p.data))
    r.value("readyRead", c.seen("readyRead"))
    r.value("written", c.written)


# ---- reading

@scenario
def read_forms(r):
    """read() of less, of more, of nothing, of everything, of a negative number."""
    c, p = with_data(r, b"0123456789")
    c.read_n(3)
    c.read_n(0)
    c.read(2)
    c.read_n(100)
    c.read_n(100)
    c.readAll()
    c.read(-1)
    c.atEnd()


@scenario
def read_unconnected(r):
    """Each way of reading on a socket that was never opened."""
    c = r.socket()
    c.read_n(1), c.read(1), c.readAll(), c.readLine(), c.readLine_n(10), c.peek_n(1), c.peek(1), c.skip(1)
    c.getChar(), c.canReadLine(), c.atEnd(), c.bytesAvailable()
    c.ungetChar(65)
    c.bytesAvailable()


@scenario
def read_after_close(r):
    """Each way of reading after close()."""
    c, p = with_data(r, b"data\n")
    c.close()
    c.read_n(1), c.readAll(), c.readLine(), c.peek_n(1), c.skip(1), c.getChar(), c.canReadLine(), c.atEnd()


@scenario
def read_connected_and_empty(r):
    """Each way of reading on a connected socket without data."""
    c, p = r.connected()
    c.read_n(1), c.readAll(), c.readLine(), c.readLine_n(10), c.peek_n(1), c.skip(1), c.getChar(), c.canReadLine()
    c.atEnd()


@scenario
def read_when_data_is_in_kernel(r):
    """Data has arrived but the loop has not run: does read() fetch it?"""
    c, p = r.connected()
    p.send(b"data\n")
    peer.arrived(c.q.socketDescriptor(), 5)
    c.bytesAvailable()
    c.canReadLine()
    c.read_n(2)
    c.bytesAvailable()
    c.readAll()
    r.settle()
    c.readAll()


@scenario
def read_disconnected_and_empty(r):
    """Each way of reading on a socket that is disconnected but still open, without data."""
    c, p = r.connected()
    p.close()
    with r.silence():
        r.until(lambda: c.seen("disconnected"))
    r.look(c)
    c.read_n(1), c.readAll(), c.readLine(), c.readLine_n(10), c.peek_n(1), c.skip(1), c.getChar(), c.canReadLine()
    c.atEnd()


@scenario
def peek_forms(r):
    """peek() of less, of more, and reading after it."""
    c, p = with_data(r, b"0123456789")
    c.peek_n(3)
    c.peek(100)
    c.peek_n(0)
    c.bytesAvailable()
    c.read_n(4)
    c.peek(2)
    c.readAll()
    c.peek_n(5)


@scenario
def unget_char(r):
    """ungetChar(): order, bytesAvailable, and reading after it; also when nothing was read."""
    c, p = with_data(r, b"cd\n")
    c.ungetChar(98)
    c.ungetChar(97)
    c.bytesAvailable()
    c.peek(3)
    c.canReadLine()
    c.readLine()
    c.ungetChar(0)
    c.readAll()


@scenario
def unget_char_without_data(r):
    """ungetChar() on an empty connected socket: no readyRead."""
    c, p = r.connected()
    c.ungetChar(10)
    r.settle()
    c.canReadLine()
    c.getChar()


@scenario
def get_char(r):
    """getChar() until there is nothing left."""
    c, p = with_data(r, b"a\0")
    r.value("ok", c.q.getChar()[0])
    r.value("ok", c.q.getChar()[0])
    r.value("nothing left", c.q.getChar() in (False, None) or c.q.getChar()[0])
    r.look(c)


@scenario
def skip_forms(r):
    """skip() of less, of more than there is, of nothing, of a negative number, at the end."""
    c, p = with_data(r, b"0123456789")
    c.skip(3)
    c.skip(0)
    c.skip(-1)
    c.read_n(1)
    c.skip(100)
    c.skip(1)


@scenario
def skip_does_not_wait(r):
    """skip() with more data in the kernel than in the buffer."""
    c, p = with_data(r, b"0123")
    p.send(b"4567")
    peer.arrived(c.q.socketDescriptor(), 4)
    c.skip(6)
    r.settle()
    c.readAll()


@scenario
def at_end_and_data(r):
    """atEnd() with data, after reading it, and with data in the kernel only."""
    c, p = with_data(r, b"ab")
    c.atEnd()
    c.readAll()
    c.atEnd()
    p.send(b"cd")
    peer.arrived(c.q.socketDescriptor(), 2)
    c.atEnd()
    r.settle()
    c.atEnd()


# ---- lines

@scenario
def read_line_forms(r):
    """readLine() with and without a maximum; the last line has no end."""
    c, p = with_data(r, b"one\ntwo\r\n\nfour and more\nlast")
    c.canReadLine()
    c.readLine()
    c.readLine()
    c.readLine()
    c.readLine(4)
    c.readLine_n(4)
    c.readLine()
    c.canReadLine()
    c.readLine()
    c.readLine()
    c.readLine_n(10)


@scenario
def read_line_small_maximum(r):
    """readLine() with maxima of 0, 1, 2, and a negative one."""
    c, p = with_data(r, b"abc\ndef\n")
    c.readLine(0)
    c.readLine(1)
    c.readLine(2)
    c.readLine_n(2)
    c.readLine_n(1)
    c.readLine(-1)
    c.readAll()


@scenario
def read_line_across_chunks(r):
    """A line that comes in two chunks, and reading it too early."""
    c, p = r.connected()
    p.send(b"half a ")
    r.until(lambda: c.seen("readyRead"))
    c.canReadLine()
    p.send(b"line\nnext")
    r.until(lambda: c.seen("readyRead") == 2)
    c.canReadLine()
    c.readLine()
    c.canReadLine()
    c.readLine()
    p.send(b" one\n")
    r.until(lambda: c.seen("readyRead") == 3)
    c.readLine()


@scenario
def read_line_in_loop(r):
    """The usual loop: while canReadLine, readLine."""
    c, p = r.connected()

    def handler():
        while c.canReadLine():
            c.readLine()
    c.on("readyRead", handler)
    p.send(b"a\nb\nc")
    r.until(lambda: c.seen("readyRead"))
    p.send(b"\n")
    r.until(lambda: c.seen("readyRead") == 2)
    c.bytesAvailable()


@scenario
def can_read_line_after_close_of_peer(r):
    """Lines stay readable after the peer closed."""
    c, p = r.connected()
    p.send(b"one\ntwo")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.until(lambda: c.seen("disconnected"))
    c.canReadLine()
    c.readLine()
    c.canReadLine()
    c.atEnd()
    c.readLine()
    c.atEnd()
    c.readLine()


@scenario
def read_line_with_nul(r):
    """Lines with zero bytes."""
    c, p = with_data(r, b"a\0b\n\0\n")
    c.readLine()
    c.canReadLine()
    c.readLine()


# ---- transactions

@scenario
def transaction_commit(r):
    """Read inside a transaction and commit."""
    c, p = with_data(r, b"0123456789")
    c.startTransaction()
    c.isTransactionStarted()
    c.read_n(4)
    c.bytesAvailable()
    c.commitTransaction()
    c.isTransactionStarted()
    c.bytesAvailable()
    c.readAll()


@scenario
def transaction_rollback(r):
    """Read inside a transaction and roll back."""
    c, p = with_data(r, b"0123456789")
    c.startTransaction()
    c.read_n(4)
    c.rollbackTransaction()
    c.isTransactionStarted()
    c.bytesAvailable()
    c.readAll()


@scenario
def transaction_nested(r):
    """startTransaction() inside a transaction; commit and rollback outside of one."""
    c, p = with_data(r, b"0123456789")
    c.startTransaction()
    c.read_n(2)
    c.startTransaction()
    c.read_n(2)
    c.rollbackTransaction()
    c.bytesAvailable()
    c.rollbackTransaction()
    c.commitTransaction()
    c.readAll()


@scenario
def transaction_across_chunks(r):
    """A record in two chunks: roll back in the first readyRead, commit in the second."""
    c, p = r.connected()
    complete = []

    def handler():
        c.startTransaction()
        c.read_n(8)
        if complete:
            c.commitTransaction()
        else:
            c.rollbackTransaction()
    c.on("readyRead", handler)
    p.send(b"0123")
    r.until(lambda: c.seen("readyRead"))
    c.bytesAvailable()
    complete.append(True)
    p.send(b"45678")
    r.until(lambda: c.seen("readyRead") == 2)
    c.bytesAvailable()


@scenario
def transaction_with_later_data(r):
    """Data arrives while a transaction is open; then roll back."""
    c, p = with_data(r, b"0123")
    c.startTransaction()
    c.readAll()
    c.atEnd()
    p.send(b"4567")
    r.until(lambda: c.q.bytesAvailable() >= 4)
    c.bytesAvailable()
    c.read_n(2)
    c.rollbackTransaction()
    c.bytesAvailable()
    c.readAll()


@scenario
def transaction_and_peek_unget(r):
    """peek(), ungetChar(), skip(), readLine() inside a transaction."""
    c, p = with_data(r, b"ab\ncdef")
    c.startTransaction()
    c.getChar()
    c.ungetChar(97)
    c.peek(3)
    c.readLine()
    c.skip(2)
    c.bytesAvailable()
    c.canReadLine()
    c.rollbackTransaction()
    c.canReadLine()
    c.readAll()


@scenario
def transaction_and_close(r):
    """Closing inside a transaction."""
    c, p = with_data(r, b"0123")
    c.startTransaction()
    c.read_n(2)
    c.close()
    c.isTransactionStarted()
    c.rollbackTransaction()


@scenario
def transaction_and_peer_close(r):
    """The peer closes while a transaction is open; then roll back and read."""
    c, p = with_data(r, b"0123")
    c.startTransaction()
    c.readAll()
    p.close()
    r.until(lambda: c.seen("disconnected"))
    c.read_n(1)
    c.rollbackTransaction()
    c.readAll()


@scenario
def transaction_unconnected(r):
    """startTransaction() on a socket that is not open."""
    c = r.socket()
    c.startTransaction()
    c.isTransactionStarted()
    c.commitTransaction()
    c.rollbackTransaction()


@scenario
def text_mode_skip(r):
    """skip() in text mode counts what a read would give."""
    for n in 1, 2, 3, 4, 100:
        for mode in net.Mode.Text, net.Mode.Text | net.Mode.Unbuffered:
            c, p = with_data(r, b"a\r\nb\r\r\nc", mode=net.Mode.ReadWrite | mode)
            c.skip(n), c.bytesAvailable(), c.read_n(100)


@scenario
def text_mode_returns(r):
    """Carriage returns in lines, buffered and unbuffered."""
    for data in b"\r", b"ab\r", b"a\rb\r\nc", b"\r\r\r\n":
        for mode in net.Mode.Text, net.Mode.Text | net.Mode.Unbuffered:
            c, p = with_data(r, data, mode=net.Mode.ReadWrite | mode)
            c.readLine_n(100), c.readLine_n(100)


@scenario
def text_mode_returns_cut(r):
    """The same with a maximum, and with peek() and getChar()."""
    for mode in net.Mode.Text, net.Mode.Text | net.Mode.Unbuffered:
        c, p = with_data(r, b"a\r\nb\r\ncd\r", mode=net.Mode.ReadWrite | mode)
        c.readLine_n(3), c.peek_n(2), c.readLine_n(3), c.getChar(), c.readLine_n(2), c.readLine_n(9), c.readLine_n(9)


def unbuffered_all(r, c, p):
    c.openMode()
    c.write(b"abc")
    r.settle()
    p.send(b"one\ntwo\nrest")
    r.until(lambda: c.seen("readyRead"))
    c.canReadLine()
    c.read_n(2)
    r.settle()
    c.peek(3)
    c.readLine()
    r.settle()
    c.canReadLine()
    c.write(b"x" * 20000)
    r.settle()
    p.send(b"more")
    p.close()
    r.until(lambda: c.q.state() == net.State.UnconnectedState or c.q.state() == net.LocalState.UnconnectedState)
    c.readAll()
    c.read_n(1)


@scenario
def unbuffered_adopted(r):
    """Unbuffered in setSocketDescriptor() has no effect."""
    listener = r.listener()
    other = peer.connect(listener.port)
    p = r.keep(listener.accept())
    c = r.socket()
    c.setSocketDescriptor(other.socket.detach(), net.State.ConnectedState, net.Mode.ReadWrite | net.Mode.Unbuffered)
    unbuffered_all(r, c, p)


@scenario
def unbuffered_local(r):
    """Unbuffered in connectToServer() has no effect."""
    c, p = r.local_raw(mode=net.Mode.ReadWrite | net.Mode.Unbuffered)
    unbuffered_all(r, c, p)


@scenario
def unbuffered_local_adopted(r):
    """Unbuffered in a local setSocketDescriptor() has no effect."""
    listener = r.keep(peer.LocalListener(r.folder() + "/s"))
    other = peer.connect_local(listener.name)
    p = r.keep(listener.accept())
    c = r.local_socket()
    c.setSocketDescriptor(other.socket.detach(), net.LocalState.ConnectedState, net.Mode.ReadWrite | net.Mode.Unbuffered)
    unbuffered_all(r, c, p)


# ---- read limits

def limited(r, n):
    return r.connected(setup=lambda c: c.setReadBufferSize(n))


@scenario
def limit_before_connect(r):
    """A limit of 4 set before connecting; the peer sends 10."""
    c, p = limited(r, 4)
    c.readBufferSize()
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    r.value("left in the kernel", peer.readable_bytes(c.q.socketDescriptor()))
    c.read_n(4)
    r.settle()
    c.readAll()
    r.settle()
    c.readAll()
    r.settle()


@scenario
def limit_partial_read(r):
    """A limit of 4 reached, then a partial read: does it refill?"""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.read_n(2)
    r.settle()
    r.value("left in the kernel", peer.readable_bytes(c.q.socketDescriptor()))
    c.read_n(1)
    r.settle()
    c.read_n(1)
    r.settle()
    r.value("left in the kernel", peer.readable_bytes(c.q.socketDescriptor()))


@scenario
def limit_read_in_handler(r):
    """A limit of 4, and the handler reads everything each time."""
    c, p = limited(r, 4)
    c.on("readyRead", lambda: c.readAll())
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead") >= 3)


@scenario
def limit_partial_read_in_handler(r):
    """A limit of 4, and the handler reads 3 each time."""
    c, p = limited(r, 4)
    c.on("readyRead", lambda: c.read_n(3))
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.settle()


@scenario
def limit_read_more_than_limit(r):
    """A limit of 4 reached: read(8) gets what?"""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.read_n(8)
    r.settle()
    c.read_n(8)


@scenario
def limit_raised_while_full(r):
    """setReadBufferSize() raised, and removed, while the limit is reached."""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.setReadBufferSize(6)
    r.settle()
    c.setReadBufferSize(0)
    r.settle()
    c.readAll()


@scenario
def limit_lowered(r):
    """A limit below what the buffer holds: nothing is lost, reading continues when it is drained."""
    c, p = r.connected()
    p.send(b"0123456789")
    r.until(lambda: c.seen("readyRead"))
    c.setReadBufferSize(4)
    p.send(b"abcdefgh")
    peer.arrived(c.q.socketDescriptor(), 8)
    r.settle()
    c.read_n(8)
    r.settle()
    c.readAll()
    r.settle()
    c.readAll()
    r.settle()


@scenario
def limit_same_while_full(r):
    """setReadBufferSize() with the same size while full, and after a partial read."""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.setReadBufferSize(4)
    r.settle()
    c.read_n(3)
    c.setReadBufferSize(4)
    r.settle()


@scenario
def limit_and_peer_close(r):
    """A limit of 4 reached when the peer closes: when is the close noticed?"""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.settle()
    c.readAll()
    r.settle()
    c.readAll()
    r.settle()
    c.readAll()
    r.settle()


@scenario
def limit_exactly_reached_and_peer_close(r):
    """Exactly the limit arrives, then the peer closes."""
    c, p = limited(r, 4)
    p.send(b"0123")
    r.until(lambda: c.seen("readyRead"))
    p.close()
    peer.hung_up(c.q.socketDescriptor())
    r.settle()
    c.readAll()
    r.settle()


@scenario
def limit_exactly_reached(r):
    """Exactly the limit arrives, is read, and more arrives."""
    c, p = limited(r, 4)
    p.send(b"0123")
    r.until(lambda: c.seen("readyRead"))
    c.readAll()
    p.send(b"4567")
    r.until(lambda: c.seen("readyRead") == 2)
    p.send(b"89")
    peer.arrived(c.q.socketDescriptor(), 2)
    r.settle()
    c.readAll()
    r.settle()


@scenario
def limit_and_peek_unget(r):
    """A limit of 4 reached: peek() beyond it, ungetChar() beyond it, readLine()."""
    c, p = limited(r, 4)
    p.send(b"01234567\n")
    peer.arrived(c.q.socketDescriptor(), 9)
    r.until(lambda: c.seen("readyRead"))
    c.peek(8)
    c.canReadLine()
    c.ungetChar(65)
    c.bytesAvailable()
    c.readLine()
    r.settle()
    c.readLine()
    r.settle()
    c.readLine()


@scenario
def limit_and_skip(r):
    """A limit of 4 reached: skip() drains and lets it refill?"""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.skip(2)
    r.settle()
    c.skip(2)
    r.settle()
    c.skip(10)
    r.settle()


@scenario
def limit_and_transaction(r):
    """A limit of 4 reached inside a transaction: does draining let more in, and what does rollback leave?"""
    c, p = limited(r, 4)
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.startTransaction()
    c.readAll()
    r.settle()
    c.readAll()
    r.settle()
    c.rollbackTransaction()
    c.bytesAvailable()
    r.settle()
    c.readAll()


@scenario
def limit_and_close(r):
    """close() and abort() while the limit is reached; does a new connection keep the limit?"""
    listener = r.listener()
    c, p = r.connected(listener=listener, setup=lambda c: c.setReadBufferSize(4))
    p.send(b"0123456789")
    peer.arrived(c.q.socketDescriptor(), 10)
    r.until(lambda: c.seen("readyRead"))
    c.close()
    c.readBufferSize()
    c.connectToHost("127.0.0.1", listener.port)
    p = r.keep(listener.accept())
    p.send(b"0123456789")
    r.until(lambda: c.seen("readyRead") == 2)


@scenario
def limit_negative(r):
    """setReadBufferSize() with a negative number."""
    c, p = r.connected()
    c.setReadBufferSize(-1)
    c.readBufferSize()
    p.send(b"0123")
    r.settle()
    c.readAll()


@scenario
def limit_large_transfer(r):
    """1 MiB through a limit of 10000, read in the handler: nothing is lost."""
    c, p = r.connected(bulk=True, setup=lambda c: c.setReadBufferSize(10000))
    got = bytearray()
    largest = [0]
    data = BIG[:1 << 20]
    position = [0]
    p.socket.setblocking(False)

    def send():
        try:
            position[0] += p.socket.send(data[position[0]:])
        except BlockingIOError:
            pass

    def handler():
        largest[0] = max(largest[0], c.q.bytesAvailable())
        got.extend(bytes(c.q.readAll()))
    c.on("readyRead", handler)
    r.tickers.append(send)
    r.until(lambda: len(got) == len(data))
    r.value("intact", got == data)
    r.value("the buffer held more than the limit", largest[0] > 10000)
