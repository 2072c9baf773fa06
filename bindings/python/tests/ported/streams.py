"""What QDataStream, QBuffer and a device of one's own do with calls that chance has chosen: for PySide6 and for qnet.

    streams.py SEED COUNT

Prints a line for each call. What PySide6 has written can be read here, and the other way round: the bytes are the same.
"""

import os
import random
import sys

try:
    from qnet import QBuffer, QByteArray, QDataStream, QIODevice, qInstallMessageHandler
except ImportError:
    from PySide6.QtCore import QBuffer, QByteArray, QDataStream, QIODevice, qInstallMessageHandler

Mode = QIODevice.OpenModeFlag
VERSIONS = [1, 3, 5, 6, 11, 12, 17, 20, 22, 24]
TEXTS = ["", "a", "é", "\u4e2d\U0001d11e", "x" * 20, None]
LIMITS = {"Int8": (-128, 127), "UInt8": (0, 255), "Int16": (-32768, 32767), "UInt16": (0, 65535), "Int32": (-(1 << 31), (1 << 31) - 1),
          "UInt32": (0, (1 << 32) - 1), "Int64": (-(1 << 63), (1 << 63) - 1), "UInt64": (0, (1 << 64) - 1)}


class Pipe(QIODevice):
    """A sequential device, from which comes what was written to it."""

    def __init__(self, inside=b""):
        super().__init__()
        self.inside = inside

    def isSequential(self):
        return True

    def bytesAvailable(self):
        return len(self.inside) + super().bytesAvailable()

    def readData(self, maxlen):
        taken, self.inside = self.inside[:maxlen], self.inside[maxlen:]
        return taken

    def writeData(self, data, len):
        # PySide6 6.12 gives a str, in which only text of ASCII arrives whole.
        self.inside += data.encode() if isinstance(data, str) else bytes(data)
        return len


def shown(value):
    return f"Q{bytes(value)!r}" if isinstance(value, QByteArray) else repr(value)


def written(r, stream):
    """Writes something; returns what."""
    name = r.choice([*LIMITS, "Bool", "Float", "Double", "QString", "QStringList", "QChar", "Bytes", "array", "raw"])
    if name in LIMITS:
        value = r.choice([*LIMITS[name], r.randint(*LIMITS[name])])
    elif name in ("Float", "Double"):
        value = r.choice([0.0, 1.5, -2.25, 1e30, r.uniform(-1e6, 1e6)])
    else:
        value = {"Bool": r.random() < 0.5, "QString": r.choice(TEXTS), "QChar": r.choice("ab"),
                 "QStringList": [r.choice(TEXTS[:5]) for _ in range(r.randrange(4))]}.get(name, r.randbytes(r.randrange(5)))
    if name == "array":
        stream << QByteArray(value)
    elif name == "raw":
        stream.writeRawData(b"raw" + value)
        value = b"raw" + value
    else:
        getattr(stream, f"write{name}")(value)
    return name, value


def read(r, stream):
    """Reads something; returns it."""
    name = r.choice([*LIMITS, "Bool", "Float", "Double", "QString", "QStringList", "Bytes", "array", "raw"])
    if name == "array":
        array = QByteArray(b"before")
        stream >> array
        return name, array
    if name == "raw":
        return name, stream.readRawData(r.randrange(5)) or None  # PySide6 6.12 returns None for nothing
    value = getattr(stream, f"read{name}")(*([5] if name == "Bytes" else []))
    return name, None if value == b"" else value


def settings(r, *streams):
    version, order, precision = r.choice(VERSIONS), r.choice(list(QDataStream.ByteOrder)), r.choice(list(QDataStream.FloatingPointPrecision))
    for stream in streams:
        stream.setVersion(version)
        stream.setByteOrder(order)
        stream.setFloatingPointPrecision(precision)
    print("version", version, order.name, precision.name)


def streams(r):
    array = QByteArray()
    stream = QDataStream(array, Mode.WriteOnly)
    settings(r, stream)
    for _ in range(5):
        print(*written(r, stream))
    print(bytes(array), stream.status().name)


def hostile(r):
    data = b"".join(r.choice([b"\0\0\0\2", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe", b"\x7f\xff\xff\xff", b"\0a", b"\0\0\0\0",
                              b"\2\0\0\0", r.randbytes(r.randrange(4))]) for _ in range(6))
    array = QByteArray(data)
    stream = QDataStream(array)
    settings(r, stream)
    for _ in range(5):
        if r.random() < 0.2:
            stream.resetStatus()
        name, value = read(r, stream)
        print(data, name, shown(value), stream.status().name, stream.device().pos(), stream.atEnd())


def transactions(r, device):
    stream = QDataStream(device)
    settings(r, stream)
    for _ in range(8):
        if not device.isSequential():
            for _ in range(r.randrange(3)):
                print("writes", *written(r, stream))
            device.seek(0)
        stream.startTransaction()
        for _ in range(r.randrange(4)):
            name, value = read(r, stream)
            print(name, shown(value), stream.status().name)
        how = r.choice(["commit", "commit", "rollback", "abort"])
        print(how, getattr(stream, f"{how}Transaction")(), stream.status().name, device.pos())
        stream.resetStatus()


def devices(r, device, mode):
    device.open(mode)
    sequential = device.isSequential()
    for _ in range(12):
        data = b"".join(r.choice([b"a", b"line\n", b"\r\n", b"xyz"]) for _ in range(r.randrange(4)))
        size = r.randrange(8)
        name, arguments = r.choice([
            ("write", (data,)), ("write", (QByteArray(data),)), ("read", (size,)), ("peek", (size,)), ("readAll", ()), ("readLine", ()),
            ("readLine", (size + 2,)), ("getChar", ()), ("skip", (size,)), ("pos", ()), ("size", ()), ("bytesAvailable", ()),
            ("atEnd", ()), ("putChar", ("c",)), ("startTransaction", ()), ("rollbackTransaction", ()), ("commitTransaction", ()),
            ("isTransactionStarted", ()), ("seek", (r.randrange(20),)), ("reset", ()), ("isReadable", ()), ("isWritable", ()),
            ("bytesToWrite", ()), ("errorString", ()), ("canReadLine", ())])
        if not sequential and device.isTransactionStarted() and name in ("write", "putChar", "seek", "reset"):
            continue
        if name == "canReadLine" and sequential:
            continue  # how much is read ahead is each one's own
        print(name, arguments and shown(arguments[0]), shown(getattr(device, name)(*arguments)))
    if isinstance(device, QBuffer):
        print(shown(device.data()), shown(device.buffer()))
    device.close()
    print(device.isOpen(), device.pos())


def main():
    seed, count = map(int, sys.argv[1:])
    qInstallMessageHandler(lambda kind, context, text: None)
    for number in range(count):
        r = random.Random(seed + number)
        print("----", number)
        what = r.randrange(5)
        if what == 0:
            streams(r)
        elif what == 1:
            hostile(r)
        elif what == 2:
            device = r.choice([QBuffer(), Pipe(bytes(r.choice(b"\0\0\0\1\2\3a") for _ in range(60)))])
            device.open(Mode.ReadWrite)
            transactions(r, device)
        elif what == 3:
            devices(r, Pipe(), r.choice([Mode.ReadWrite, Mode.ReadOnly, Mode.WriteOnly, Mode.ReadWrite | Mode.Unbuffered]))
        else:
            array = QByteArray(b"one\ntwo\nthree")
            devices(r, QBuffer(array), r.choice([Mode.ReadWrite, Mode.ReadOnly, Mode.WriteOnly, Mode.ReadWrite | Mode.Append,
                                                 Mode.ReadWrite | Mode.Truncate, Mode.ReadOnly]))
            print(bytes(array))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
