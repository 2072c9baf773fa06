#!/usr/bin/env python3
"""Asks Qt what is wrong with chains of certificates, and writes what core/tls/verify/testdata/scenarios.json is.

    verification.py [NAME ...]    all scenarios, or those whose names have one of these in them
    verification.py --random SEED...    random chains, a seed at a time: what Qt says must be what core/tls/verify says

The scenarios are those of core/tls/verify/scenario_test.go, which writes them for us with new keys. Each is shown to Qt in three ways:
a server sends the chain to a QSslSocket; a client sends it to a QSslServer; and QSslCertificate::verify() gets it.
"""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

import ask
from PySide6.QtCore import QByteArray, QCoreApplication, QEventLoop, QTimer
from PySide6.QtNetwork import (QHostAddress, QSsl, QSslCertificate, QSslConfiguration, QSslKey, QSslServer, QSslSocket)

ROOT = pathlib.Path(__file__).resolve().parents[5]
PEM = QSsl.EncodingFormat.Pem


def context(side, room):
    """Returns the other side's context, which minds nothing."""
    c = ssl.SSLContext(side)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    c.set_ciphers("ALL:@SECLEVEL=0")
    c.load_cert_chain(room / "sent.pem", room / "key.pem")
    return c


def peer(side, room, connection):
    """Shakes hands and waits until the other side has seen enough."""
    try:
        with context(side, room).wrap_socket(connection, server_side=side == ssl.PROTOCOL_TLS_SERVER) as s:
            s.settimeout(10)
            s.recv(1)
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


def numbers(errors):
    return [ask.kind(e.error()) for e in errors]


def configuration(trusted, depth):
    c = QSslConfiguration.defaultConfiguration()
    c.setCaCertificates(trusted)
    c.setPeerVerifyDepth(depth)
    c.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyPeer)
    return c


def wait(ready):
    """Runs the loop until something is so, or for ten seconds."""
    loop, poll, limit = QEventLoop(), QTimer(), QTimer()
    poll.timeout.connect(lambda: ready() and loop.quit())
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    poll.start(1)
    limit.start(10000)
    loop.exec()


def as_client(room, about, trusted):
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: peer(ssl.PROTOCOL_TLS_SERVER, room, listener.accept()[0]))
    thread.start()
    found, ends = [], []
    s = QSslSocket()
    s.setSslConfiguration(configuration(trusted, about["depth"]))
    s.sslErrors.connect(lambda errors: found.append(numbers(errors)))
    s.encrypted.connect(lambda: ends.append("encrypted"))
    s.disconnected.connect(lambda: ends.append("disconnected"))
    s.errorOccurred.connect(lambda error: ends.append((ask.kind(error), s.errorString())))
    s.connectToHostEncrypted("127.0.0.1", listener.getsockname()[1], about["host"])
    wait(lambda: ends)
    s.abort()
    thread.join()
    listener.close()
    if not found and ends[:1] != ["encrypted"]:
        print(f"{about['name']}: as client {ends}", file=sys.stderr)
    return found[0] if found else []


def as_server(room, about, trusted, own):
    server = QSslServer()
    c = configuration(trusted, about["depth"])
    certificate, key = own
    c.setLocalCertificate(certificate)
    c.setPrivateKey(key)
    server.setSslConfiguration(c)
    found, ends = [], []
    server.sslErrors.connect(lambda s, errors: found.append(numbers(errors)))
    server.errorOccurred.connect(lambda s, error: ends.append((ask.kind(error), s.errorString())))
    server.pendingConnectionAvailable.connect(lambda: ends.append("encrypted"))
    server.listen(QHostAddress("127.0.0.1"), 0)
    thread = threading.Thread(target=lambda: peer(ssl.PROTOCOL_TLS_CLIENT, room,
                                                  socket.create_connection(("127.0.0.1", server.serverPort()))))
    thread.start()
    wait(lambda: ends)
    server.close()
    del server
    thread.join()
    if not found and ends[:1] != ["encrypted"]:
        print(f"{about['name']}: as server {ends}", file=sys.stderr)
    return found[0] if found else []


def alone(about, trusted, sent):
    before = QSslConfiguration.defaultConfiguration()
    QSslConfiguration.setDefaultConfiguration(configuration(trusted, 0))
    errors = numbers(QSslCertificate.verify(sent, about["host"]))
    QSslConfiguration.setDefaultConfiguration(before)
    return errors


def go_test(name, **environment):
    return subprocess.run(["go", "test", "-count=1", f"-run=^{name}$", "./core/tls/verify"], cwd=ROOT, stdout=sys.stderr, check=False,
                          env={**os.environ, **environment}).returncode == 0


def said(wanted, **environment):
    """Returns what Qt says of the scenarios, as text."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        if not go_test("TestScenariosCanBeWritten", QNET_SCENARIOS=folder, **environment):
            sys.exit("The scenarios cannot be written")
        rooms = sorted(pathlib.Path(folder).iterdir())
        read = lambda path: ask.load(path.read_bytes(), PEM)
        # Any certificate will do: its peer does not mind.
        own = read(rooms[0] / "sent.pem")[0], QSslKey(QByteArray((rooms[0] / "key.pem").read_bytes()), QSsl.KeyAlgorithm.Ec)
        for room in rooms:
            about = json.loads((room / "about.json").read_text())
            if wanted and not any(word in about["name"] for word in wanted):
                continue
            sent, trusted = read(room / "sent.pem"), read(room / "trusted.pem")
            results[about["name"]] = {"client": as_client(room, about, trusted), "server": as_server(room, about, trusted, own),
                                      "alone": alone(about, trusted, sent)}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(result)}" for name, result in results.items())
    return f"{{\n{lines}\n}}\n"


def randomly(seeds):
    """Compares random chains; returns the seeds for which something is different."""
    different = []
    for seed in seeds:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(said([], QNET_SCENARIO_SEED=seed))
            file.flush()
            if not go_test("TestChainsAreVerifiedAsByQt", QNET_SCENARIO_SEED=seed, QNET_SCENARIO_RESULTS=file.name):
                different.append(seed)
    return different


def main():
    application = QCoreApplication([])  # noqa: F841, it must be there
    status = 0
    if sys.argv[1:2] == ["--random"]:
        different = randomly(sys.argv[2:])
        print("different:" if different else "no difference", *different, flush=True)
        status = 1 if different else 0
    else:
        print(said(sys.argv[1:]), end="", flush=True)
    os._exit(status)  # PySide loses count of None, which Python minds when it ends


if __name__ == "__main__":
    main()
