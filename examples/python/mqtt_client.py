#!/usr/bin/env python3
"""A client of MQTT 3.1.1, for brokers such as mosquitto.

    mqtt_client.py PORT subscribe TOPIC COUNT [--qos N] [--keep-alive SECONDS] [--pings N]
    mqtt_client.py PORT publish TOPIC TEXT... [--qos N]

A subscriber prints "subscribed" when the broker has said so, then COUNT messages, and ends; with --pings it first waits for so
many answers to its pings. A publisher sends each text as a message, and ends when the broker has taken all. Both end with
status 1 and say why if the broker refuses, or goes away.
"""

import argparse
import struct
import sys

from PySide6.QtCore import QByteArray, QCoreApplication, QObject, QTimer, Signal
from PySide6.QtNetwork import QAbstractSocket, QHostAddress, QTcpSocket

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 13, 14
REFUSALS = ["", "another version", "the name of the client", "it is not there now", "user or password", "not allowed"]
LARGEST = 1 << 20


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def packet(kind, flags, body):
    """A packet, with its length in groups of seven bits."""
    size, length = len(body), b""
    while True:
        size, group = divmod(size, 128)
        length += bytes([group | (128 if size else 0)])
        if not size:
            return bytes([kind << 4 | flags]) + length + body


class MqttClient(QObject):
    connected = Signal()
    subscribed = Signal()
    published = Signal(int)
    messageReceived = Signal(str, bytes)
    pinged = Signal()
    failed = Signal(str)

    def __init__(self, name, keepAlive, parent=None):
        super().__init__(parent)
        self.name, self.keepAlive = name, keepAlive
        self.buffer = QByteArray()
        self.last = 0
        self.socket = QTcpSocket(self)
        self.socket.connected.connect(self.introduce)
        self.socket.readyRead.connect(self.read)
        self.socket.errorOccurred.connect(self.fail)
        self.pinger = QTimer(self)
        self.pinger.timeout.connect(self.ping)

    def connectToHost(self, host, port):
        self.socket.connectToHost(host, port)

    def disconnectFromHost(self):
        self.pinger.stop()
        self.send(DISCONNECT, 0, b"")
        self.socket.disconnectFromHost()

    def subscribe(self, topic, qos):
        self.send(SUBSCRIBE, 2, struct.pack(">H", self.number()) + text(topic) + bytes([qos]))

    def publish(self, topic, data, qos):
        number = self.number()
        self.send(PUBLISH, qos << 1, text(topic) + (struct.pack(">H", number) if qos else b"") + data)
        return number

    def number(self):
        self.last = self.last % 65535 + 1
        return self.last

    def send(self, kind, flags, body):
        self.socket.write(packet(kind, flags, body))

    def introduce(self):
        clean = 2
        self.send(CONNECT, 0, text("MQTT") + struct.pack(">BBH", 4, clean, self.keepAlive) + text(self.name))

    def ping(self):
        self.send(PINGREQ, 0, b"")

    def fail(self, error):
        if error != QAbstractSocket.SocketError.RemoteHostClosedError or self.pinger.isActive():
            self.failed.emit(self.socket.errorString())

    def read(self):
        self.buffer.append(self.socket.readAll())
        while True:
            whole = self.take()
            if whole is None:
                return
            self.handle(whole[0] >> 4, whole[0] & 15, whole[1])

    def take(self):
        """The next whole packet: its first byte, and what it holds; None if it is not there yet."""
        data = self.buffer.data()
        size = 0
        for at, byte in enumerate(data[1:5]):
            size |= (byte & 127) << 7 * at
            if byte < 128:
                break
        else:
            if len(data) >= 5:
                self.give_up("a packet with a length that cannot be")
            return None
        if size > LARGEST:
            self.give_up("a packet that is too large")
            return None
        end = 2 + at + size
        if len(data) < end:
            return None
        self.buffer.remove(0, end)
        return data[0], data[2 + at : end]

    def give_up(self, why):
        self.socket.abort()
        self.failed.emit(f"the broker has sent {why}")

    def handle(self, kind, flags, body):
        if kind == CONNACK and len(body) == 2:
            if body[1]:
                self.failed.emit("refused: " + REFUSALS[min(body[1], 5)])
                return
            if self.keepAlive:
                self.pinger.start(self.keepAlive * 1000)
            self.connected.emit()
        elif kind == PUBLISH and len(body) >= 2:
            end = 2 + struct.unpack(">H", body[:2])[0]
            topic = body[2:end].decode(errors="replace")
            if flags >> 1 & 3:
                self.send(PUBACK, 0, body[end : end + 2])
                end += 2
            self.messageReceived.emit(topic, body[end:])
        elif kind == PUBACK and len(body) == 2:
            self.published.emit(struct.unpack(">H", body)[0])
        elif kind == SUBACK and len(body) == 3:
            if body[2] > 2:
                self.failed.emit("refused: the subscription")
            else:
                self.subscribed.emit()
        elif kind == PINGRESP:
            self.pinged.emit()
        else:
            self.give_up(f"packet {kind}, which cannot be")


class Subscriber(QObject):
    def __init__(self, client, options):
        super().__init__(client)
        self.client, self.options = client, options
        self.messages = self.pings = 0
        client.connected.connect(lambda: client.subscribe(options.topic, options.qos))
        client.subscribed.connect(lambda: print("subscribed", flush=True))
        client.messageReceived.connect(self.show)
        client.pinged.connect(self.pinged)

    def show(self, topic, data):
        print(f"{topic}: {data.decode(errors='replace')}", flush=True)
        self.messages += 1
        self.end_if_done()

    def pinged(self):
        self.pings += 1
        self.end_if_done()

    def end_if_done(self):
        if self.messages >= int(self.options.words[0]) and self.pings >= self.options.pings:
            self.client.disconnectFromHost()


class Publisher(QObject):
    def __init__(self, client, options):
        super().__init__(client)
        self.client, self.options, self.missing = client, options, set()
        client.connected.connect(self.publish)
        client.published.connect(self.published)

    def publish(self):
        for word in self.options.words:
            number = self.client.publish(self.options.topic, word.encode(), self.options.qos)
            if self.options.qos:
                self.missing.add(number)
        if not self.missing:
            self.client.disconnectFromHost()

    def published(self, number):
        self.missing.discard(number)
        if not self.missing:
            self.client.disconnectFromHost()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("what", choices=("subscribe", "publish"))
    parser.add_argument("topic")
    parser.add_argument("words", nargs="+")
    parser.add_argument("--qos", type=int, choices=(0, 1), default=0)
    parser.add_argument("--keep-alive", type=int, default=60)
    parser.add_argument("--pings", type=int, default=0)
    options = parser.parse_args()
    app = QCoreApplication(sys.argv[:1])
    client = MqttClient(f"{options.what}-{app.applicationPid()}", options.keep_alive)

    def fail(why):
        print(why, file=sys.stderr)
        app.exit(1)

    client.failed.connect(fail)
    client.socket.disconnected.connect(app.quit)
    worker = {"subscribe": Subscriber, "publish": Publisher}[options.what](client, options)
    worker.setObjectName(options.what)
    client.connectToHost(QHostAddress(QHostAddress.SpecialAddress.LocalHost), options.port)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
