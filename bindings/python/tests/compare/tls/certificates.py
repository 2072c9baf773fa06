#!/usr/bin/env python3
"""Makes certificates, odd ones most of them, and writes down what Qt says of each.

    certificates.py                what core/tls/certificate/testdata/certificates.json is
    certificates.py FILE.pem ...   the same for the certificates of files

Nobody has signed what is made here: there are no private keys.
"""

import hashlib
import json
import pathlib
import sys

import ask
from der import explicit, identifier, pem, primitive, rdn, sequence, tlv
from PySide6.QtNetwork import QSsl

RSA_ALGORITHM = sequence(identifier("1.2.840.113549.1.1.11"), tlv(5, b""))
EC_ALGORITHM = sequence(identifier("1.2.840.10045.4.3.2"))
MODULUS = b"\xc1" + b"".join(hashlib.sha256(bytes([i])).digest() for i in range(8))[:254] + b"\x01"


def rsa(modulus, exponent=b"\1\0\1"):
    numbers = sequence(tlv(2, (b"\0" if modulus[0] >= 128 else b"") + modulus), tlv(2, exponent))
    return sequence(sequence(identifier("1.2.840.113549.1.1.1"), tlv(5, b"")), tlv(3, b"\0" + numbers))


def ec(curve, point):
    return sequence(sequence(identifier("1.2.840.10045.2.1"), identifier(curve)), tlv(3, b"\0" + bytes.fromhex(point)))


# The generators of curves are points that everybody knows.
P256 = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
P256_Y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
K256 = ("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
P384 = ("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")
GENERATOR = ec("1.2.840.10045.3.1.7", "04" + P256 + P256_Y)


def certificate(serial=b"\1", name=rdn("2.5.4.3", b"cn"), issuer=None, since=tlv(0x17, b"250101000000Z"),
                until=tlv(0x17, b"350101000000Z"), version=explicit(0, tlv(2, b"\2")), extensions=(), key=None, algorithm=EC_ALGORITHM,
                outer=None, identifiers=b"", signature=b"\0" + bytes(range(20))):
    body = sequence(version, tlv(2, serial), algorithm, sequence(name if issuer is None else issuer), sequence(since, until),
                    sequence(name), key or GENERATOR, identifiers, explicit(3, sequence(*extensions)) if extensions else b"")
    return sequence(body, outer or algorithm, tlv(3, signature))


def extension(oid, body, critical=False):
    return sequence(identifier(oid), tlv(1, b"\xff") if critical else b"", tlv(4, body))


def alternatives(*names):
    return extension("2.5.29.17", sequence(*names))


def times():
    for number, t in enumerate((
            tlv(0x18, b"20250101000000Z"), tlv(0x18, b"20500101000000Z"), tlv(0x18, b"99991231235959Z"), tlv(0x17, b"500101000000Z"),
            tlv(0x17, b"490101000000Z"), tlv(0x17, b"2501010000Z"), tlv(0x17, b"250101000000+0100"), tlv(0x17, b"250101000000-0030"),
            tlv(0x18, b"20250101000000"), tlv(0x17, b"xx"), tlv(0x17, b"251301000000Z"), tlv(0x18, b"19400101000000Z"),
            tlv(0x17, b"250230000000Z"), tlv(0x17, b"240229235959Z"), tlv(0x17, b"250101240000Z"), tlv(0x17, b"250101000060Z"))):
        yield f"time {number}", certificate(since=t, until=t)


def names():
    one = lambda value, tag: certificate(name=rdn("2.5.4.3", value, tag))
    yield "name in UTF-16", one("é€x".encode("utf-16-be"), 0x1E)
    yield "name in Latin-1", one("é".encode("latin1"), 0x14)
    yield "name that is no UTF-8", one(b"a\xffb", 0x0C)
    yield "name with a NUL", one(b"a\0b", 0x0C)
    yield "name of four octets a character", one("ab".encode("utf-32-be"), 0x1C)
    for number, value in enumerate((b"\0\0\0a\0\0\0b", b"\0\0\0a\0\0", b"\0\0\1a\0\0\0b", b"abcd", b"abc", b"")):
        yield f"name in any characters {number}", one(value, 0x1B)
    yield "name in ASCII that is none", one(b"\xe9", 0x16)
    yield "no name", certificate(name=b"")
    yield "odd characters", certificate(name=rdn("2.5.4.3", b'a/b+c,d=e"f\\g<h>#;') + rdn("2.5.4.10", b" lead"))
    parts = [("2.5.4.11", b"c"), ("1.2.3.4", b"d"), ("2.5.4.4", b"sn"), ("2.5.4.42", b"gn"), ("2.5.4.9", b"street"), ("2.5.4.17", b"post"),
             ("0.9.2342.19200300.100.1.1", b"uid"), ("1.3.6.1.4.1.311.60.2.1.3", b"DE"), ("2.5.4.15", b"bc"), ("2.5.4.97", b"oi"),
             ("2.5.4.65", b"pseu"), ("2.5.4.43", b"in"), ("2.5.4.44", b"gq"), ("2.5.4.41", b"nm"), ("2.5.4.13", b"ds"), ("2.5.4.12", b"t"),
             ("2.5.4.46", b"dq"), ("1.2.840.113549.1.9.1", b"a@b.test"), ("2.5.4.5", b"5"), ("0.9.2342.19200300.100.1.25", b"dc"),
             ("2.5.4.6", b"DE"), ("2.5.4.7", b"loc"), ("2.5.4.8", b"state"), ("2.5.4.20", b"tel")]
    both = tlv(0x31, sequence(identifier("2.5.4.3"), tlv(0xC, b"a")) + sequence(identifier("2.5.4.10"), tlv(0xC, b"b")))
    yield "many attributes", certificate(name=both + b"".join(rdn(*p) for p in parts))
    yield "attributes of X.520", certificate(name=b"".join(rdn(f"2.5.4.{i}", b"v%d" % i) for i in range(2, 110)))
    yield "only an organization", certificate(name=rdn("2.5.4.10", b"o") + rdn("2.5.4.11", b"ou"))
    yield "only a unit", certificate(name=rdn("2.5.4.11", b"ou"))
    yield "two common names", certificate(name=rdn("2.5.4.3", b"one") + rdn("2.5.4.3", b"two"))
    yield "only a place", certificate(name=rdn("2.5.4.7", b"l"))
    yield "an issuer of another case", certificate(name=rdn("2.5.4.3", b"A  b "), issuer=rdn("2.5.4.3", b"a B", 0x13))
    yield "another issuer", certificate(issuer=rdn("2.5.4.3", b"other"))


def alternative_names():
    yield "alternative names", certificate(extensions=[alternatives(
        tlv(0x82, b"a.test"), tlv(0x82, b"*.b.test"), tlv(0x81, b"e@f.test"), tlv(0x86, b"http://u.test/"), tlv(0x87, b"\1\2\3\4"),
        tlv(0x87, b"\xfe\x80" + bytes(13) + b"\1"), tlv(0x88, identifier("1.2.3.4")[2:]),
        tlv(0xA4, sequence(rdn("2.5.4.3", b"x\xc3\xa9,y") + rdn("2.5.4.10", b"o/p"))),
        tlv(0xA0, identifier("1.3.6.1.4.1.311.20.2.3") + explicit(0, tlv(0xC, b"upn"))),
        tlv(0xA0, identifier("1.2.3") + explicit(0, tlv(2, b"\1"))), tlv(0xA0, identifier("1.2.5") + explicit(0, tlv(0xC, b"hi"))),
        tlv(0x82, b"x:y"))])
    yield "alternative names, odd", certificate(extensions=[alternatives(
        tlv(0x82, b"a\0b"), tlv(0x82, b"\xe9"), tlv(0x82, b""), tlv(0x87, b"\1\2\3"), tlv(0x82, b"A.B."))])
    yield "alternative addresses of odd lengths", certificate(extensions=[alternatives(tlv(0x87, b"\1\2\3"), tlv(0x87, b"\1" * 8))])
    party, by = explicit(1, tlv(0x0C, b"party")), explicit(0, tlv(0x13, b"by"))
    yield "alternative names of kinds that nobody uses", certificate(extensions=[alternatives(
        tlv(0xA3, b"x"), tlv(0xA5, party), tlv(0xA5, by + party), tlv(0x82, b"a"))])
    for number, body in enumerate((b"", by, party + by, party + party, explicit(1, b""), explicit(1, tlv(0x16, b"party")), explicit(1, tlv(0x0C, b"\xff")),
                                   explicit(1, tlv(0x0C, b"a") * 2), tlv(0x81, b"party"), explicit(0, tlv(2, b"\1")) + party, party + b"x")):
        yield f"alternative name of a party, broken {number}", certificate(extensions=[alternatives(tlv(0xA5, body))])
    yield "alternative name of no kind", certificate(extensions=[alternatives(tlv(0xA6, b"x"))])
    yield "alternative names, broken", certificate(extensions=[extension("2.5.29.17", b"\x30\x05\x82")])
    yield "alternative names, twice", certificate(extensions=[alternatives(tlv(0x82, b"a")), alternatives(tlv(0x82, b"b"))])
    yield "no alternative name", certificate(extensions=[alternatives()])


def extensions():
    one = lambda oid, body, critical=False: certificate(extensions=[extension(oid, body, critical)])
    true = tlv(1, b"\xff")
    yield "basic, empty", one("2.5.29.19", sequence())
    yield "basic, CA", one("2.5.29.19", sequence(true, tlv(2, b"\3")), True)
    yield "basic, negative", one("2.5.29.19", sequence(true, tlv(2, b"\xff")))
    yield "basic, a length without CA", one("2.5.29.19", sequence(tlv(2, b"\1")))
    yield "basic, long", one("2.5.29.19", sequence(true, tlv(2, b"\5\1\0\0\0\0")))
    yield "basic, broken", one("2.5.29.19", b"\1")
    yield "subject's key", one("2.5.29.14", tlv(4, bytes(range(20))))
    yield "subject's key, broken", one("2.5.29.14", b"\4\x09")
    directory = tlv(0xA4, sequence(rdn("2.5.4.3", b"x")))
    yield "authority", one("2.5.29.35", sequence(primitive(0, b"\1\2\3")))
    yield "authority, all", one("2.5.29.35", sequence(primitive(0, b"\1\2\3"), explicit(1, directory), primitive(2, b"\5")))
    yield "authority, by number", one("2.5.29.35", sequence(explicit(1, directory), primitive(2, b"\0\xff\1")))
    for number, broken in enumerate((tlv(0x82, b"a\0b"), tlv(0xA6, b"x"), tlv(0xA4, b"x"), tlv(0x88, b""), tlv(0xA0, b""))):
        yield f"authority, with name {number}", one("2.5.29.35", sequence(explicit(1, broken + directory), primitive(2, b"\5")))
    for number, serial in enumerate((b"", b"\0\1", b"\xff\x80", b"\xff")):
        yield f"authority, odd number {number}", one("2.5.29.35", sequence(primitive(0, b"\1\2\3"), explicit(1, directory), primitive(2, serial)))
    yield "authority, empty", one("2.5.29.35", sequence())
    yield "authority, long number", one("2.5.29.35", sequence(explicit(1, directory), primitive(2, b"\1" * 12)))
    yield "usage, all", one("2.5.29.15", tlv(3, b"\7\xff\x80"), True)
    yield "usage, CA", one("2.5.29.15", tlv(3, b"\1\6"), True)
    yield "usage, none", one("2.5.29.15", tlv(3, b"\0"))
    ids = [f"1.3.6.1.5.5.7.3.{i}" for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 18)]
    ids += ["2.5.29.37.0", "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.4", "1.3.6.1.4.1.311.20.2.2", "1.2.3.4"]
    yield "purposes", one("2.5.29.37", sequence(*map(identifier, ids)))
    at = lambda method, where: sequence(identifier(method), where)
    ocsp, issuers = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
    yield "where to ask", one("1.3.6.1.5.5.7.1.1", sequence(
        at(ocsp, tlv(0x86, b"http://a")), at(ocsp, tlv(0x86, b"http://b")), at(issuers, tlv(0x82, b"dns")),
        at("1.3.6.1.5.5.7.48.3", tlv(0x86, b"ts")), at("1.2.3", tlv(0x86, b"x"))))
    yield "where more is", one("1.3.6.1.5.5.7.1.11", sequence(at("1.3.6.1.5.5.7.48.5", tlv(0x86, b"http://r"))))
    first = explicit(0, explicit(0, tlv(0x86, b"http://1") + tlv(0x86, b"http://2")))
    relative = explicit(0, explicit(1, sequence(identifier("2.5.4.3"), tlv(0xC, b"rel"))))
    points = sequence(sequence(first, primitive(1, b"\5\x60"), explicit(2, tlv(0xA4, sequence(rdn("2.5.4.3", b"iss"))))), sequence(relative))
    yield "lists of revocations", one("2.5.29.31", points)
    yield "list of revocations", one("2.5.29.31", sequence(sequence(explicit(0, explicit(0, tlv(0x86, b"http://1"))))))
    for number, where in enumerate((explicit(1, tlv(2, b"x")), explicit(1, b""), explicit(1, sequence(identifier("2.5.4.3"))), explicit(2, b""), b"", explicit(0, b""),
                                    explicit(0, tlv(0x82, b"a\0b")), explicit(1, sequence(identifier("2.5.4.3"), tlv(0xC, b"rel"), tlv(5, b""))))):
        yield f"list of revocations, odd {number}", one("2.5.29.31", sequence(sequence(explicit(0, where))))
    yield "freshest list", one("2.5.29.46", sequence(sequence(explicit(0, explicit(0, tlv(0x86, b"http://1"))))))
    entry = b"\0" + bytes(range(32)) + (1700000000123).to_bytes(8, "big") + b"\0\0" + b"\4\3" + b"\0\x14" + bytes(range(20))
    listed = len(entry).to_bytes(2, "big") + entry
    yield "logged", one("1.3.6.1.4.1.11129.2.4.2", tlv(4, len(listed * 2).to_bytes(2, "big") + listed * 2))
    yield "logged, of another version", one("1.3.6.1.4.1.11129.2.4.2", tlv(4, b"\0\4\0\2ab"))
    for number, odd in enumerate((entry + b"x", entry[:-1], entry[:43] + b"\4\4" + entry[45:], entry[:43] + b"\2\1" + entry[45:], entry[:43], entry[:42], entry[:45],
                                  entry[:41] + b"\0\1x" + entry[43:], b"\1" + entry[1:], b"\1" + entry[1:-1])):
        yield f"logged, odd {number}", one("1.3.6.1.4.1.11129.2.4.2", tlv(4, (len(odd) + 2).to_bytes(2, "big") + len(odd).to_bytes(2, "big") + odd))
    for number, body in enumerate((b"", b"\0", b"\0\0", b"\0\1", b"\0\2\0\0", b"\0\3\0\1", b"\0\3\0\1a", b"\0\4\0\2ab!", b"\0\5\0\1a\0\1")):
        yield f"logged, broken {number}", one("1.3.6.1.4.1.11129.2.4.2", tlv(4, body))
    yield "logged, and more", one("1.3.6.1.4.1.11129.2.4.2", tlv(4, len(listed).to_bytes(2, "big") + listed) + b"x")
    yield "logged, nothing", one("1.3.6.1.4.1.11129.2.4.2", b"")
    yield "poison", one("1.3.6.1.4.1.11129.2.4.3", tlv(5, b""), True)
    yield "not to be asked for", one("1.3.6.1.5.5.7.48.1.5", tlv(5, b""))
    yield "names constrained", one("2.5.29.30", sequence(
        explicit(0, sequence(tlv(0x82, b"")) + sequence(tlv(0x82, b".x.test")) + sequence(tlv(0x87, b"\1\2\3\4\xff\0\0\0")) +
                 sequence(tlv(0x87, b"\xfe\x80" + bytes(14) + b"\xff" * 8 + bytes(8))) + sequence(tlv(0xA4, sequence(rdn("2.5.4.3", b"d,n"))))),
        explicit(1, sequence(tlv(0x86, b"uri")) + sequence(tlv(0x81, b"e.test")))), True)
    yield "policies constrained", one("2.5.29.36", sequence(primitive(0, b"\0"), primitive(1, b"\1")))
    yield "policies mapped", one("2.5.29.33", sequence(sequence(identifier("1.2.3"), identifier("1.2.4"))))
    notice = sequence(sequence(tlv(0x1A, b"Org"), sequence(tlv(2, b"\1"), tlv(2, b"\2"))), tlv(0x1A, b"explicit"))
    cps = sequence(identifier("1.3.6.1.5.5.7.2.1"), tlv(0x16, b"http://cps/"))
    yield "policies", one("2.5.29.32", sequence(
        sequence(identifier("2.5.29.32.0")), sequence(identifier("2.23.140.1.2.1"), sequence(cps)),
        sequence(identifier("1.2.3"), sequence(cps, sequence(identifier("1.3.6.1.5.5.7.2.2"), notice)))), True)
    some, none = tlv(0x16, b"x"), tlv(5, b"")
    for number, qualifier in enumerate((
            sequence(identifier("1.3.6.1.5.5.7.2.1"), some, none), sequence(identifier("1.3.6.1.5.5.7.2.1")), sequence(identifier("1.3.6.1.5.5.7.2.2"), some),
            sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(), none), sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence()), sequence(identifier("1.2.9"), some),
            sequence(identifier("1.2.9")), sequence(identifier("1.2.9"), some, none), sequence(some), sequence(),
            sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(sequence(tlv(0x1A, b"Org"), sequence(), none))),
            sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(sequence(tlv(0x1A, b"Org"), sequence()))),
            sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(sequence(tlv(0x1A, b"Org")))), sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(none)),
            *(sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(tlv(tag, body))) for tag, body in (
                (0x16, b"ia"), (0x0C, "é".encode()), (0x1E, b"\0a"), (0x1E, b"a"), (0x13, b"p"), (0x14, b"t"), (0x1C, b"\0\0\0u"))),
            sequence(identifier("1.3.6.1.5.5.7.2.2"), sequence(sequence(tlv(0x13, b"Org"), sequence()))))):
        yield f"policy with qualifier {number}", one("2.5.29.32", sequence(sequence(identifier("1.2.3"), sequence(qualifier))))
    yield "policy and more", one("2.5.29.32", sequence(sequence(identifier("1.2.3"), sequence(cps), none)))
    yield "no policy that means any", one("2.5.29.54", tlv(2, b"\2"))
    yield "TLS features", one("1.3.6.1.5.5.7.1.24", sequence(tlv(2, b"\5"), tlv(2, b"\x11"), tlv(2, b"\7")))
    yield "Netscape's kinds", one("2.16.840.1.113730.1.1", tlv(3, b"\0\xff"))
    yield "Netscape's kinds, none", one("2.16.840.1.113730.1.1", tlv(3, b"\0"))
    yield "Netscape's kinds, broken", one("2.16.840.1.113730.1.1", tlv(3, b""))
    yield "Netscape's comment", one("2.16.840.1.113730.1.13", tlv(0x16, b"a comment"))
    yield "period of the key", one("2.5.29.16", sequence(primitive(0, b"20250101000000Z"), primitive(1, b"20260101000000Z")))
    yield "attributes of the subject", one("2.5.29.9", sequence())
    yield "number of a list", one("2.5.29.20", tlv(2, b"\1" * 17))
    yield "unknown", one("1.2.3.4.5.6", b"\4\3abc", True)
    yield "unknown, empty", one("1.2.3", b"")
    yield "issuer's names", one("2.5.29.18", sequence(tlv(0x82, b"i.test")))


def others():
    for serial in (b"\0", b"\1", b"\x7f", b"\0\x80", b"\xff", b"\x80", b"\xf1\x22", b"\x7f" + b"\xff" * 7, b"\0\x80" + bytes(7), b"\1" * 20,
                   b"\xf1" * 20, b"\1" * 25, b"\0\0\1", b""):
        yield f"serial number {serial.hex()}", certificate(serial=serial)
    for number, version in enumerate((b"", explicit(0, tlv(2, b"\1")), explicit(0, tlv(2, b"\3")), explicit(0, tlv(2, b"\x08")), explicit(0, tlv(2, b"\xea")),
                                     explicit(0, tlv(2, b"\1\0\0")))):
        yield f"version {number}", certificate(version=version)
    yield "another algorithm outside", certificate(outer=sequence(identifier("1.2.840.113549.1.1.5"), tlv(5, b"")))
    yield "unknown algorithm", certificate(algorithm=sequence(identifier("1.2.3.4")))
    yield "all that Qt knows of a name", certificate(name=b"".join(rdn(oid, text.encode()) for oid, text in (
        ("2.5.4.10", "organization"), ("2.5.4.3", "common"), ("2.5.4.7", "locality"), ("2.5.4.11", "unit"), ("2.5.4.6", "XY"), ("2.5.4.8", "province"),
        ("2.5.4.46", "qualifier"), ("2.5.4.5", "serial"), ("1.2.840.113549.1.9.1", "e@x.test"))))
    yield "unique identifiers", certificate(identifiers=tlv(0x81, b"\0\1") + tlv(0x82, b"\0\2"))
    yield "no signature", certificate(signature=b"\0")
    signed = {"algorithm": RSA_ALGORITHM, "signature": b"\0" + MODULUS}
    yield "RSA", certificate(key=rsa(MODULUS), **signed)
    yield "RSA of 512 bits", certificate(key=rsa(MODULUS[:63] + b"\1"), **signed)
    yield "RSA of 1023 bits", certificate(key=rsa(b"\x41" + MODULUS[1:127] + b"\1"), **signed)
    yield "RSA with 3", certificate(key=rsa(MODULUS, b"\3"), **signed)
    yield "RSA signed with ECDSA", certificate(key=rsa(MODULUS))
    sha256 = sequence(identifier("2.16.840.1.101.3.4.2.1"), tlv(5, b""))
    pss = sequence(identifier("1.2.840.113549.1.1.10"), sequence(
        explicit(0, sha256), explicit(1, sequence(identifier("1.2.840.113549.1.1.8"), sha256)), explicit(2, tlv(2, b"\x20"))))
    yield "PSS", certificate(key=rsa(MODULUS), algorithm=pss)
    yield "P-256, compressed", certificate(key=ec("1.2.840.10045.3.1.7", "03" + P256))
    yield "P-384", certificate(key=ec("1.3.132.0.34", "04" + P384))
    yield "secp256k1", certificate(key=ec("1.3.132.0.10", "04" + K256))
    yield "P-256 with a point that is not on it", certificate(key=ec("1.2.840.10045.3.1.7", "04" + P256 + P256))
    yield "a curve that nobody knows", certificate(key=ec("1.2.3.4", "04" + P256 + P256))
    octets = lambda oid, size: sequence(sequence(identifier(oid)), tlv(3, bytes(range(size + 1))))
    yield "Ed25519", certificate(key=octets("1.3.101.112", 32), algorithm=sequence(identifier("1.3.101.112")))
    yield "Ed448", certificate(key=octets("1.3.101.113", 57), algorithm=sequence(identifier("1.3.101.113")))
    yield "X25519", certificate(key=octets("1.3.101.110", 32))
    numbers = sequence(tlv(2, b"\0" + MODULUS[:127] + b"\1"), tlv(2, b"\0\xf1" + bytes(18) + b"\1"), tlv(2, b"\2"))
    yield "DSA", certificate(key=sequence(sequence(identifier("1.2.840.10040.4.1"), numbers), tlv(3, b"\0" + tlv(2, b"\x12\x34"))))
    yield "a key that nobody knows", certificate(key=sequence(sequence(identifier("1.2.3.4")), tlv(3, b"\0\1")))
    yield "RSA with numbers that are none", certificate(key=sequence(sequence(identifier("1.2.840.113549.1.1.1"), tlv(5, b"")), tlv(3, b"\0\1")))
    yield "RSA with an even modulus", certificate(key=rsa(MODULUS[:-1] + b"\2"))
    yield "RSA with a large exponent", certificate(key=rsa(MODULUS, b"\1" * 9))
    yield "something behind it", certificate() + b"junk"


def everything():
    yield "usual", certificate()
    yield from others()
    yield from times()
    yield from names()
    yield from alternative_names()
    yield from extensions()


def texts():
    """Yields texts in which certificates are, or not."""
    a, b = certificate(), certificate(serial=b"\2")
    p = pem(a)
    yield "one", p
    yield "two", p + pem(b)
    yield "something between", b"hello\n" + p + b"text\n" + pem(b) + b"end"
    yield "CRLF", p.replace(b"\n", b"\r\n")
    yield "trusted", pem(a, "TRUSTED CERTIFICATE")
    yield "X509", pem(a, "X509 CERTIFICATE")
    yield "blanks at the ends", p.replace(b"\n", b"  \n")
    yield "blanks at the beginning", b"  " + p
    yield "headers", p.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\nA: b\n\n", 1)
    yield "no end", p[:-30]
    yield "no end of the line", p[:-1]
    yield "odd character", p.replace(b"MII", b"M*I") + pem(b)
    yield "a broken one first", pem(b"\x30\1") + p
    yield "begun on the line", p.replace(b"-----\nMII", b"-----MII")
    yield "no end of the line between", p[:-1] + p
    yield "four dashes", p.replace(b"-----END", b"----END")
    yield "empty lines", p.replace(b"\n", b"\n\n")
    yield "CR", p.replace(b"\n", b"\r")
    yield "a key first", pem(b"abc", "PRIVATE KEY") + p
    yield "DER", a
    yield "nothing", b""


def main():
    if sys.argv[1:]:
        found = [c for path in sys.argv[1:] for c in ask.load(pathlib.Path(path).read_bytes(), QSsl.EncodingFormat.Pem)]
        result = {"certificates": [{"name": c.subjectDisplayName(), "data": bytes(c.toDer()).hex(), "qt": ask.certificate(c)} for c in found]}
    else:
        result = {"certificates": [], "texts": []}
        for name, data in everything():
            found = ask.load(data)
            result["certificates"].append({"name": name, "data": data.hex(), "qt": ask.certificate(found[0]) if found else None})
        for name, data in texts():
            serials = [ask.text(c.serialNumber()) for c in ask.load(data, QSsl.EncodingFormat.Pem)]
            result["texts"].append({"name": name, "text": data.decode("latin-1"), "serials": serials})
    for kind, separator in ("certificates", "{"), ("texts", ","):
        print(f'{separator}"{kind}": [')
        print(",\n".join(json.dumps(one) for one in result.get(kind, [])), "]", sep="\n")
    print("}")


if __name__ == "__main__":
    main()
