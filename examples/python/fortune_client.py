#!/usr/bin/env python3
"""Fetches a line from a fortune server, driven by signals: fortune_client.py PORT [HOST] [--proxy URL]"""

import argparse
import sys
from urllib.parse import unquote, urlsplit

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QAbstractSocket, QNetworkProxy, QTcpSocket

SECONDS = 10


def proxy_of(url):
    """The proxy of a URL, such as socks5://user:password@host:1080."""
    parts = urlsplit(url)
    types = {"socks5": QNetworkProxy.ProxyType.Socks5Proxy, "http": QNetworkProxy.ProxyType.HttpProxy}
    if parts.scheme not in types or not parts.hostname or not parts.port:
        raise ValueError("not the URL of a proxy")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return QNetworkProxy(types[parts.scheme], parts.hostname, parts.port, user, password)


class FortuneClient(QObject):
    def __init__(self, host, port, proxy):
        super().__init__()
        self.fortune = ""
        self.socket = QTcpSocket(self)
        self.socket.readyRead.connect(self.readFortune)
        self.socket.disconnected.connect(self.finish)
        self.socket.errorOccurred.connect(self.fail)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.giveUp)
        self.timer.start(SECONDS * 1000)
        if proxy:
            self.socket.setProxy(proxy)
        self.socket.connectToHost(host, port)

    def readFortune(self):
        if self.socket.canReadLine():
            self.fortune = bytes(self.socket.readLine()).decode().strip()

    def fail(self, error):
        if error != QAbstractSocket.SocketError.RemoteHostClosedError:
            print(f"error: {self.socket.errorString()}", file=sys.stderr)
            QCoreApplication.exit(1)

    def giveUp(self):
        print("error: the server does not answer", file=sys.stderr)
        self.socket.abort()
        QCoreApplication.exit(1)

    def finish(self):
        if self.fortune:
            print(self.fortune)
        QCoreApplication.exit(0 if self.fortune else 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("host", nargs="?", default="localhost")
    parser.add_argument("--proxy", type=proxy_of, metavar="URL", help="socks5://HOST:PORT or http://HOST:PORT")
    options = parser.parse_args()
    app = QCoreApplication(sys.argv[:1])
    client = FortuneClient(options.host, options.port, options.proxy)
    status = app.exec()
    client.socket.abort()
    return status


if __name__ == "__main__":
    sys.exit(main())
