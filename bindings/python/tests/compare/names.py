#!/usr/bin/env python3
"""Compares the public names of PySide6's classes with those of qnet's.

    names.py --dump >FILE     with an interpreter that has PySide6
    names.py FILE             with one that has qnet

What qnet leaves out stands below. Prints "FAIL CLASS: why" for each class that differs from that, and the numbers.
"""

import json
import sys

# Of QObject and the classes of QtCore only what network programs need is there; of the others all but this.
LEFT_OUT = {
    "QTcpSocket": "staticMetaObject",
    "QTcpServer": "staticMetaObject",
    # For subclasses that are devices of another kind.
    "QAbstractSocket": "staticMetaObject readLineData skipData",
    # What a sequential device has no use for.
    "QIODevice": "staticMetaObject readLineData readLineInto skipData",
    "QBuffer": "staticMetaObject connectNotify disconnectNotify",
    "QDataStream": "readQVariant writeQVariant",
    "QLocalSocket": "staticMetaObject readLineData skipData",
    "QLocalServer": "staticMetaObject",
    "QUdpSocket": "staticMetaObject",
    # Pre-shared keys, devices of another kind, a choice of what encrypts.
    "QSslServer": "staticMetaObject preSharedKeyAuthenticationRequired",
    "QSslSocket": "staticMetaObject implementedClasses isClassImplemented preSharedKeyAuthenticationRequired "
                  "setActiveBackend skipData sslLibraryBuildVersionNumber sslLibraryBuildVersionString",
    "QNetworkDatagram": "",
    "QNetworkInterface": "",
    "QNetworkAddressEntry": "",
    # What belongs to requests of HTTP, and to URLs.
    "QNetworkProxy": "header headers setHeader setHeaders",
    "QNetworkProxyQuery": "setUrl url",
    "QNetworkProxyFactory": "",
    # The library knows options by their names.
    "QAuthenticator": "clear options setRealm",
    "QSsl": "ImplementedClass",
    "QSslCertificate": "handle",
    "QSslCertificateExtension": "",
    "QSslCipher": "",
    # What the library that encrypts has not: finite-field Diffie-Hellman, keys that both ends know, datagrams, and
    # OpenSSL's own settings; several certificates are given in another way.
    "QSslConfiguration": "backendConfiguration defaultDtlsConfiguration diffieHellmanParameters "
                         "dtlsCookieVerificationEnabled preSharedKeyIdentityHint setBackendConfiguration "
                         "setBackendConfigurationOption setDefaultDtlsConfiguration setDiffieHellmanParameters "
                         "setDtlsCookieVerificationEnabled setKeyingMaterial setPreSharedKeyIdentityHint "
                         "takeKeyingMaterial",
    "QSslEllipticCurve": "",
    "QSslError": "",
    "QSslKey": "handle",
    "QOcspResponse": "",
    "QHostAddress": "",
    "QHostInfo": "clearCache localDomainName swap",
    "QTimer": "staticMetaObject intervalAsDuration remainingTimeAsDuration",
    "QEventLoop": "staticMetaObject event",
    "QSocketNotifier": "event staticMetaObject",
}


def dump():
    from PySide6 import QtCore, QtNetwork

    names = {}
    for cls in LEFT_OUT:
        thing = getattr(QtNetwork, cls, None) or getattr(QtCore, cls)
        names[cls] = sorted(name for name in vars(thing) if not name.startswith("_"))
    json.dump(names, sys.stdout)


def compare(names):
    import qnet

    failed = 0
    for cls, there in names.items():
        missing = {name for name in there if not hasattr(getattr(qnet, cls), name)}
        expected = set(LEFT_OUT[cls].split())
        if missing != expected:
            failed += 1
            print(f"FAIL {cls}: missing {sorted(missing - expected)}, there against the list {sorted(expected - missing)}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--dump"]:
        dump()
    else:
        with open(sys.argv[1], encoding="utf-8") as file:
            sys.exit(compare(json.load(file)))
