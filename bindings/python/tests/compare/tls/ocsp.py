#!/usr/bin/env python3
"""Writes what Qt says of OCSP responses that servers staple: core/tls/session/testdata/ocsp.json.

The scenarios are those of core/tls/session/ocsp_scenario_test.go, which serves them to us with new keys.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import ask
from PySide6.QtCore import QByteArray, QCoreApplication, QEventLoop, QTimer
from PySide6.QtNetwork import QSsl, QSslCertificate, QSslConfiguration, QSslSocket

ROOT = pathlib.Path(__file__).resolve().parents[5]


def served(folder):
    """Starts the server; returns it and what it serves."""
    os.mkfifo(pathlib.Path(folder, "end"))
    server = subprocess.Popen(["go", "test", "-count=1", "-run", "^TestServeOCSP$", "./core/tls/session"], cwd=ROOT, stdout=sys.stderr,
                              env={**os.environ, "QNET_OCSP_FOLDER": folder})
    path = pathlib.Path(folder, "scenarios.json")
    while not path.exists():
        if server.poll() is not None:
            sys.exit("the server has ended")
        time.sleep(0.1)
    return server, json.loads(path.read_text(encoding="utf-8"))


def asked(scenario):
    """Connects; returns what Qt has found."""
    c = QSslConfiguration.defaultConfiguration()
    c.setOcspStaplingEnabled(True)
    c.setCaCertificates([QSslCertificate(QByteArray(scenario["Root"].encode()), QSsl.EncodingFormat.Pem)] if scenario["Trusted"] else [])
    c.setPeerVerifyMode(QSslSocket.PeerVerifyMode(scenario["Mode"]))
    c.setProtocol(QSsl.SslProtocol(scenario["Protocol"]))
    s, loop, errors, ends = QSslSocket(), QEventLoop(), [], []
    s.setSslConfiguration(c)
    s.sslErrors.connect(lambda found: (errors.extend(ask.kind(e.error()) for e in found), s.ignoreSslErrors()))
    s.encrypted.connect(loop.quit)
    s.errorOccurred.connect(lambda e: (ends.append([ask.kind(e), s.errorString()]), loop.quit()))
    QTimer.singleShot(10000, loop.quit)
    s.connectToHostEncrypted("127.0.0.1", scenario["Port"], scenario["Host"])
    loop.exec()
    responses = [[ask.kind(r.certificateStatus()), ask.kind(r.revocationReason()), r.responder().subjectDisplayName(), r.subject().subjectDisplayName()]
                 for r in s.ocspResponses()]
    s.abort()
    return {"errors": errors, "responses": responses, **({"ends": ends} if ends else {})}


def main():
    app = QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder:
        server, scenarios = served(folder)
        results = [f"{json.dumps(s['Name'])}: {json.dumps(asked(s))}" for s in scenarios]
        pathlib.Path(folder, "end").write_bytes(b"")
        server.wait()
    print("{", ",\n".join(results), "}", sep="\n")
    del app


if __name__ == "__main__":
    main()
