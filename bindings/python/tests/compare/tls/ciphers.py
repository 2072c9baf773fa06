#!/usr/bin/env python3
"""Writes what Qt says of cipher suites and curves: core/tls/cipher/testdata/ciphers.json."""

import json

import ask
from PySide6.QtNetwork import QSslConfiguration, QSslEllipticCurve

# Those that supportedEllipticCurves leaves out.
MORE = ["X25519", "X448"]


def cipher(c):
    return {"name": c.name(), "protocol": ask.kind(c.protocol()), "version": c.protocolString(), "exchange": c.keyExchangeMethod(),
            "authentication": c.authenticationMethod(), "encryption": c.encryptionMethod(), "supported": c.supportedBits(), "used": c.usedBits()}


def curve(c):
    return {"short": c.shortName(), "long": c.longName(), "named": c.isTlsNamedCurve()}


def main():
    curves = [*QSslConfiguration.supportedEllipticCurves(), *map(QSslEllipticCurve.fromShortName, MORE)]
    answers = [f'"{name}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for name, entries in
               (("ciphers", map(cipher, QSslConfiguration.supportedCiphers())), ("curves", map(curve, curves)))]
    print("{", ",\n".join(answers), "}", sep="\n")


if __name__ == "__main__":
    main()
