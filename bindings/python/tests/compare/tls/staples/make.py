#!/usr/bin/env python3
"""Makes what the scenarios of ssl_staple show: an authority, a certificate (its key is chains/ec.key), and what the authority says
of it, from 2020 to 2120 unless the name says otherwise. Everybody has seen the authority's key: it is thrown away."""

import base64
import hashlib
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from der import explicit, identifier, primitive, sequence, tlv  # noqa: E402

ENUMERATED, INTEGER, OCTETS, BITS, NULL, TIME = 0x0a, 0x02, 0x04, 0x03, 0x05, 0x18
CONF = """
[ca]
default_ca = it
[it]
new_certs_dir = {0}
database = {0}/index
serial = {0}/serial
default_md = sha256
policy = any
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
[any]
O = optional
CN = optional
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
"""


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options).stdout


def parts(data):
    """The elements of a sequence."""
    def element(at):
        size, head = data[at + 1], 2
        if size & 0x80:
            head += size & 0x7f
            size = int.from_bytes(data[at + 2:at + head], "big")
        return head, at + head + size
    head, end = element(0)
    at, found = head, []
    while at < end:
        start, (_, at) = at, element(at)
        found.append(data[start:at])
    return found


def content(data):
    return data[2 + (data[1] & 0x7f if data[1] & 0x80 else 0):]


class Maker:
    def __init__(self, folder):
        self.folder = folder
        (folder / "conf").write_text(CONF.format(folder))
        (folder / "index").touch()
        (folder / "serial").write_text("1001\n")
        self.key = self.new_key("root")
        self.root = self.certify("root", "root", self.key, "-selfsign", "-keyfile", self.key)
        self.leaf = self.certify("stapled", "leaf", HERE.parent / "chains/ec.key", "-cert", folder / "root.crt", "-keyfile", self.key)
        (HERE / "root.pem").write_bytes((folder / "root.crt").read_bytes())
        (HERE / "stapled.pem").write_bytes((folder / "stapled.crt").read_bytes() + (folder / "root.crt").read_bytes())

    def new_key(self, name):
        path = self.folder / f"{name}.key"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
        return path

    def certify(self, name, section, key, *options):
        conf = ("-config", self.folder / "conf")
        openssl("req", *conf, "-new", "-key", key, "-subj", f"/O=qnet tests/CN={name}", "-out", self.folder / "request")
        openssl("ca", *conf, "-batch", "-notext", "-extensions", section, "-in", self.folder / "request", "-out",
                self.folder / f"{name}.crt", *options)
        return openssl("x509", "-in", self.folder / f"{name}.crt", "-outform", "DER")

    def response(self, status, serial=0, since=b"20200101000000Z", until=b"21200101000000Z", key=None):
        """A response of RFC 6960 about the leaf, or about the number that is added to its own."""
        certificate = parts(parts(self.root)[0])
        subject, public = certificate[5], certificate[6]
        number = parts(parts(self.leaf)[0])[1]
        bits = content(parts(public)[1])[1:]
        sha1 = sequence(identifier("1.3.14.3.2.26"), tlv(NULL, b""))
        number = content(number)
        about = sequence(sha1, tlv(OCTETS, hashlib.sha1(subject).digest()), tlv(OCTETS, hashlib.sha1(bits).digest()),
                         tlv(INTEGER, number[:-1] + bytes([number[-1] + serial])))
        single = sequence(about, status, tlv(TIME, since), explicit(0, tlv(TIME, until)))
        data = sequence(explicit(1, subject), tlv(TIME, since), sequence(single))
        signature = openssl("dgst", "-sha256", "-sign", key or self.key, input=data)
        basic = sequence(data, sequence(identifier("1.2.840.10045.4.3.2")), tlv(BITS, b"\0" + signature))
        return sequence(tlv(ENUMERATED, b"\0"), explicit(0, sequence(identifier("1.3.6.1.5.5.7.48.1.1"), tlv(OCTETS, basic))))


def main():
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(pathlib.Path(folder))
        good, unknown = primitive(0, b""), primitive(2, b"")
        revoked = explicit(1, tlv(TIME, b"20210101000000Z") + explicit(0, tlv(ENUMERATED, b"\x01")))
        responses = {
            "good": maker.response(good), "revoked": maker.response(revoked), "unknown": maker.response(unknown),
            "expired": maker.response(good, until=b"20210101000000Z"),
            "revoked_expired": maker.response(revoked, until=b"20220101000000Z"),
            "not_yet": maker.response(good, since=b"21100101000000Z"),
            "of_another": maker.response(good, serial=1),
            "of_a_stranger": maker.response(good, key=maker.new_key("stranger")),
            "try_later": sequence(tlv(ENUMERATED, b"\x03")),
            "nonsense": b"this is none",
        }
        (HERE / "responses.txt").write_text("".join(f"{name} {base64.b64encode(data).decode()}\n" for name, data in responses.items()))


if __name__ == "__main__":
    main()
