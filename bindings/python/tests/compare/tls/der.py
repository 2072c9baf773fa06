"""Writes ASN.1, right or wrong."""

import base64


def tlv(tag, body):
    size = len(body)
    if size < 128:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + length + body


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def primitive(number, body):
    return tlv(0x80 | number, body)


def explicit(number, body):
    return tlv(0xA0 | number, body)


def identifier(text):
    first, second, *others = map(int, text.split("."))
    body = b""
    for arc in [40 * first + second, *others]:
        digits = bytes([arc & 127])
        while arc := arc >> 7:
            digits = bytes([128 | arc & 127]) + digits
        body += digits
    return tlv(6, body)


def rdn(oid, value, tag=0x0C):
    return tlv(0x31, sequence(identifier(oid), tlv(tag, value)))


def pem(data, label="CERTIFICATE"):
    digits = base64.b64encode(data)
    lines = [digits[i:i + 64] for i in range(0, len(digits), 64)]
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label.encode(), b"\n".join(lines), label.encode())
