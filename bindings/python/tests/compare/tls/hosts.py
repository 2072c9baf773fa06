#!/usr/bin/env python3
"""Asks Qt which hosts certificates are for, and writes what core/tls/verify/testdata/hosts.json is."""

import json

import ask
from certificates import alternatives, certificate
from der import rdn, tlv
from PySide6.QtNetwork import QSslCertificate

NAMES = ["host.test", "HOST.Test", "*.test", "*.host.test", "ww*.host.test", "*w.host.test", "w*w.host.test", "www*.host.test", "*.*.test",
         "www.*.test", "*", "*.", "*.a", "*.co.uk", "host.test.", "xn--hst-sna.test", "xn--*.host.test", "*.xn--hst-sna.test",
         "h\u00f6st.test", "*.h\u00f6st.test", "127.0.0.1", "*.0.0.1", "::1", "[::1]", "", " host.test", "host", "*.host.test.", "*..test", "**.host.test",
         "www.host.test", "*.sub.host.test", "host*.test", "host_1.test", "*.1.2", "*.-", ".host.test", "*.host..test"]
HOSTS = ["host.test", "HOST.TEST", "host.test.", "www.host.test", "WWW.host.test", "www.host.test.", "w.host.test", "ww.host.test", "a.b.host.test",
         ".host.test", "wxw.host.test", "wwwx.host.test", "a.sub.host.test", "host", "127.0.0.1", "127.0.0.2", "1.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::2",
         "[::1]", "", "xn--hst-sna.test", "h\u00f6st.test", "www.h\u00f6st.test", "www.xn--hst-sna.test", "xn--x.host.test", "x.test", "x.a", "x.co.uk",
         "host1.test", "host_1.test", "*.host.test", "x.1.2", "www.x.test", " host.test", "www.host..test", "::ffff:127.0.0.1"]


def asked(der):
    """Returns for which of the hosts a certificate is."""
    c = ask.load(der)[0]
    found = []
    for host in HOSTS:
        if host and 22 not in [ask.kind(e.error()) for e in QSslCertificate.verify([c], host)]:
            found.append(host)
    return found


def everything():
    for name in NAMES:
        encoded = name.encode()
        yield f"common name {name}", certificate(name=rdn("2.5.4.3", encoded))
        yield f"name {name}", certificate(name=rdn("2.5.4.10", b"o"), extensions=[alternatives(tlv(0x82, encoded))])
    four, six = tlv(0x87, b"\x7f\0\0\1"), tlv(0x87, bytes(15) + b"\1")
    yield "addresses", certificate(extensions=[alternatives(four, six)])
    yield "mapped address", certificate(extensions=[alternatives(tlv(0x87, bytes(10) + b"\xff\xff\x7f\0\0\1"))])
    yield "address and another common name", certificate(name=rdn("2.5.4.3", b"host.test"), extensions=[alternatives(four)])
    yield "another name beside the common one", certificate(name=rdn("2.5.4.3", b"host.test"), extensions=[alternatives(tlv(0x82, b"www.host.test"))])
    yield "two common names", certificate(name=rdn("2.5.4.3", b"host.test") + rdn("2.5.4.3", b"www.host.test"))
    yield "mail", certificate(name=rdn("2.5.4.10", b"o"), extensions=[alternatives(tlv(0x81, b"host.test"), tlv(0x86, b"host.test"))])
    yield "a NUL", certificate(name=rdn("2.5.4.3", b"host.test\0.evil"), extensions=[alternatives(tlv(0x82, b"www.host.test\0x"))])
    yield "no name", certificate(name=b"")


def main():
    results = [json.dumps({"name": name, "data": der.hex(), "hosts": asked(der)}) for name, der in everything()]
    print('{"hosts": ' + json.dumps(HOSTS) + ',\n"certificates": [')
    print(",\n".join(results), "]}", sep="\n")


if __name__ == "__main__":
    main()
