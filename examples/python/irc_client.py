#!/usr/bin/env python3
"""A client of IRC, for servers such as ngircd.

    irc_client.py PORT NICK CHANNEL [--password PASSWORD]

Joins a channel, prints "joined CHANNEL" and who else is there, and then what is said; what is typed is said to everybody, and
"/msg NICK TEXT" to one. The end of the input leaves. Ends with status 1 and says why if the server does not let it in.
"""

import argparse
import sys

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtNetwork import QHostAddress, QTcpSocket

WELCOME, NAMES, END_OF_NAMES = "001", "353", "366"
LONGEST = 8192
PATIENCE = 20000


def parsed(line):
    """Who has sent a line, the command, and what follows."""
    sender = ""
    if line.startswith(":"):
        sender, _, line = line[1:].partition(" ")
    line, colon, last = line.partition(" :")
    command, *arguments = line.split()
    return sender.partition("!")[0], command.upper(), arguments + ([last] if colon else [])


class IrcClient(QObject):
    joined = Signal(str, list)
    arrived = Signal(str)
    gone = Signal(str)
    said = Signal(str, str, str)
    failed = Signal(str)
    ended = Signal()

    def __init__(self, nick, channel, password="", parent=None):
        super().__init__(parent)
        self.nick, self.channel, self.password = nick, channel, password
        self.names, self.inside, self.leaving = [], False, False
        self.socket = QTcpSocket(self)
        self.socket.setReadBufferSize(LONGEST)
        self.socket.connected.connect(self.introduce)
        self.socket.readyRead.connect(self.read)
        self.socket.disconnected.connect(self.lost)
        self.socket.errorOccurred.connect(lambda: self.inside or self.failed.emit(self.socket.errorString()))

    def connectToHost(self, host, port):
        self.socket.connectToHost(host, port)
        QTimer.singleShot(PATIENCE, self, self.give_up)

    def give_up(self):
        if not self.inside:
            self.failed.emit("the server does not let us in")

    def send(self, *words, text=None):
        line = " ".join(words) + (f" :{text}" if text is not None else "")
        self.socket.write(line.replace("\r", " ").replace("\n", " ").encode() + b"\r\n")

    def introduce(self):
        if self.password:
            self.send("PASS", self.password)
        self.send("NICK", self.nick)
        self.send("USER", self.nick, "0", "*", text=self.nick)

    def say(self, receiver, text):
        self.send("PRIVMSG", receiver, text=text)

    def quit(self):
        self.leaving = True
        self.send("QUIT", text="bye")

    def lost(self):
        if not self.inside:
            self.failed.emit("the server has ended the connection")
        self.ended.emit()

    def read(self):
        while self.socket.canReadLine():
            self.handle(*parsed(self.socket.readLine().data().decode(errors="replace").rstrip("\r\n") or "-"))
        if self.socket.bytesAvailable() >= LONGEST:
            self.socket.abort()  # a line without an end

    def handle(self, sender, command, arguments):
        if command == "PING":
            self.send("PONG", text=arguments[-1] if arguments else "")
        elif command == WELCOME:
            self.send("JOIN", self.channel)
        elif command == NAMES:
            self.names += arguments[-1].split()
        elif command == END_OF_NAMES:
            self.inside = True
            others = sorted(name.lstrip("@+") for name in self.names)
            self.joined.emit(self.channel, [name for name in others if name != self.nick])
        elif command == "JOIN" and sender != self.nick:
            self.arrived.emit(sender)
        elif command in ("QUIT", "PART") and sender != self.nick:
            self.gone.emit(sender)
        elif command == "PRIVMSG" and len(arguments) == 2:
            self.said.emit(sender, *arguments)
        elif command == "ERROR" and not self.leaving or len(command) == 3 and command[0] in "45" and command != "422":
            self.failed.emit(f"the server says {command} {' '.join(arguments)}")


class Console(QObject):
    """What is typed, line by line, without waiting for it."""

    line = Signal(str)
    ended = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self.notifier.activated.connect(self.read)
        self.rest = b""

    def read(self):
        data = sys.stdin.buffer.raw.read(4096)
        *lines, self.rest = (self.rest + (data or b"")).split(b"\n")
        for line in lines:
            self.line.emit(line.decode(errors="replace"))
        if not data:
            self.notifier.setEnabled(False)
            self.ended.emit()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("nick")
    parser.add_argument("channel")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    app = QCoreApplication(sys.argv[:1])
    client = IrcClient(options.nick, options.channel, options.password)
    consoles = []

    def show(text):
        print(text, flush=True)

    def joined(channel, others):
        show(f"joined {channel}" + (f" with {', '.join(others)}" if others else ""))
        console = Console(client)
        console.line.connect(type_line)
        console.ended.connect(client.quit)
        consoles.append(console)

    def type_line(line):
        receiver, text = client.channel, line
        if line.startswith("/msg "):
            _, receiver, text = line.split(" ", 2)
        client.say(receiver, text)

    def fail(why):
        print(why, file=sys.stderr)
        app.exit(1)

    client.joined.connect(joined)
    client.arrived.connect(lambda name: show(f"* {name} is here"))
    client.gone.connect(lambda name: show(f"* {name} has left"))
    client.said.connect(lambda name, where, text: show(f"{name}: {text}" if where == client.channel else f"{name} (to you): {text}"))
    client.failed.connect(fail)
    client.ended.connect(app.quit)
    client.connectToHost(QHostAddress(QHostAddress.SpecialAddress.LocalHost), options.port)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
