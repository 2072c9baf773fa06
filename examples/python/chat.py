#!/usr/bin/env python3
"""A chat without a server: every peer is connected to every other.

    chat.py NAME [PORT] [--proxy URL]

Listens on a port, which it prints, and, given the port of a peer, joins that one and all that it knows. What is typed
goes to everybody; the end of the input leaves the chat.

A peer says lines: "name PORT NAME" first, which tells where it listens; "peer PORT" for each that it knows, to whom
has just joined; "say TEXT".
"""

import argparse
import sys
from urllib.parse import unquote, urlsplit

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal
from PySide6.QtNetwork import QHostAddress, QNetworkProxy, QTcpServer, QTcpSocket

LOCAL = QHostAddress(QHostAddress.SpecialAddress.LocalHost)
MAX_LINE = 4096


def proxy_of(url):
    """The proxy of a URL, such as socks5://user:password@host:1080."""
    parts = urlsplit(url)
    types = {"socks5": QNetworkProxy.ProxyType.Socks5Proxy, "http": QNetworkProxy.ProxyType.HttpProxy}
    if parts.scheme not in types or not parts.hostname or not parts.port:
        raise ValueError("not the URL of a proxy")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return QNetworkProxy(types[parts.scheme], parts.hostname, parts.port, user, password)


class Peer(QObject):
    """A connection to a peer."""

    def __init__(self, chat, socket, calls):
        super().__init__(chat)
        self.chat, self.socket, self.calls = chat, socket, calls
        self.name, self.port = "", 0
        socket.setReadBufferSize(MAX_LINE)
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(self.leave)
        socket.errorOccurred.connect(self.fail)
        if calls:
            socket.connected.connect(self.introduce)
        else:
            self.introduce()

    def introduce(self):
        self.send(f"name {self.chat.server.serverPort()} {self.chat.name}")

    def send(self, line):
        self.socket.write(line.encode() + b"\n")

    def read(self):
        while self.socket.canReadLine():
            word, _, rest = bytes(self.socket.readLine()).decode(errors="replace").rstrip("\n").partition(" ")
            if word == "name":
                port, _, self.name = rest.partition(" ")
                self.port = int(port)
                self.chat.met(self)
            elif word == "peer":
                self.chat.call(int(rest))
            elif word == "say":
                self.chat.show(f"{self.name}: {rest}")
        if self.socket.bytesAvailable() >= MAX_LINE:
            self.socket.abort()  # a line without an end

    def fail(self):
        if not self.name:
            self.leave()

    def leave(self):
        self.chat.lost(self)


class Chat(QObject):
    def __init__(self, name, proxy):
        super().__init__()
        self.name, self.proxy = name, proxy
        self.peers = []
        self.server = QTcpServer(self)
        self.server.newConnection.connect(self.accept)

    def accept(self):
        while self.server.hasPendingConnections():
            self.peers.append(Peer(self, self.server.nextPendingConnection(), False))

    def call(self, port):
        if port == self.server.serverPort() or any(peer.port == port for peer in self.peers):
            return
        socket = QTcpSocket(self)
        if self.proxy:
            socket.setProxy(self.proxy)
        peer = Peer(self, socket, True)
        peer.port = port
        self.peers.append(peer)
        socket.connectToHost(LOCAL, port)

    def met(self, peer):
        self.show(f"* {peer.name} is here")
        if not peer.calls:
            for other in self.peers:
                if other is not peer and other.port:
                    peer.send(f"peer {other.port}")

    def lost(self, peer):
        if peer in self.peers:
            self.peers.remove(peer)
            if peer.name:
                self.show(f"* {peer.name} has left")
            peer.socket.deleteLater()
            peer.deleteLater()

    def say(self, text):
        for peer in self.peers:
            if peer.name:
                peer.send(f"say {text}")

    def leave(self):
        """Ends all connections, while everything is there that their signals need."""
        peers, self.peers = self.peers, []
        for peer in peers:
            peer.socket.abort()

    def show(self, text):
        print(text, flush=True)


class Input(QThread):
    """Reads what is typed, which waits, on a thread of its own."""

    line = Signal(str)

    def run(self):
        for text in sys.stdin:
            self.line.emit(text.rstrip("\n"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("port", type=int, nargs="?")
    parser.add_argument("--proxy", type=proxy_of, metavar="URL", help="socks5://HOST:PORT or http://HOST:PORT")
    options = parser.parse_args()
    app = QCoreApplication(sys.argv[:1])
    chat = Chat(options.name, options.proxy)
    if not chat.server.listen(LOCAL, 0):
        sys.exit(f"cannot listen: {chat.server.errorString()}")
    print(f"listening on 127.0.0.1:{chat.server.serverPort()}", flush=True)
    if options.port:
        chat.call(options.port)
    typed = Input()
    typed.line.connect(chat.say)
    typed.finished.connect(app.quit)
    typed.start()
    status = app.exec()
    typed.wait()
    chat.leave()
    return status


if __name__ == "__main__":
    sys.exit(main())
