#!/usr/bin/env python3
"""Fetches lines from a fortune server on a thread that waits, without a loop:
blocking_fortune_client.py PORT [COUNT] [--proxy URL]"""

import argparse
import sys
from urllib.parse import unquote, urlsplit

from PySide6.QtCore import QCoreApplication, QThread, Signal
from PySide6.QtNetwork import QNetworkProxy, QTcpSocket

MSECS = 10_000


def proxy_of(url):
    """The proxy of a URL, such as socks5://user:password@host:1080."""
    parts = urlsplit(url)
    types = {"socks5": QNetworkProxy.ProxyType.Socks5Proxy, "http": QNetworkProxy.ProxyType.HttpProxy}
    if parts.scheme not in types or not parts.hostname or not parts.port:
        raise ValueError("not the URL of a proxy")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return QNetworkProxy(types[parts.scheme], parts.hostname, parts.port, user, password)


class FortuneThread(QThread):
    newFortune = Signal(str)
    error = Signal(str)

    def __init__(self, host, port, count, proxy):
        super().__init__()
        self.host, self.port, self.count, self.proxy = host, port, count, proxy

    def run(self):
        for _ in range(self.count):
            socket = QTcpSocket()
            if self.proxy:
                socket.setProxy(self.proxy)
            socket.connectToHost(self.host, self.port)
            if not socket.waitForConnected(MSECS):
                self.error.emit(socket.errorString())
                return
            while not socket.canReadLine():
                if not socket.waitForReadyRead(MSECS):
                    self.error.emit(socket.errorString())
                    return
            self.newFortune.emit(bytes(socket.readLine()).decode().strip())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int, nargs="?", default=1)
    parser.add_argument("--proxy", type=proxy_of, metavar="URL", help="socks5://HOST:PORT or http://HOST:PORT")
    options = parser.parse_args()
    app = QCoreApplication(sys.argv[:1])
    errors = []
    thread = FortuneThread("localhost", options.port, options.count, options.proxy)
    thread.newFortune.connect(lambda text: print(text))
    thread.error.connect(lambda text: errors.append(text))
    thread.finished.connect(app.quit)
    thread.start()
    app.exec()
    thread.wait()
    for text in errors:
        print(f"error: {text}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
