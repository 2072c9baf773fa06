"""The certificates and keys of the tests, and how the scenarios write them down."""

import pathlib

from backend import net
from trace import number

FILES = pathlib.Path(__file__).resolve().parents[4] / "capi/tests/ssl"


def read(name):
    return (FILES / name).read_bytes()


def certificate(name):
    return net.QSslCertificate(read(name + ".pem"))


def key(name="host", algorithm="Ec", phrase=b""):
    return net.QSslKey(read(name + ".key"), getattr(net.QSsl.KeyAlgorithm, algorithm), net.QSsl.EncodingFormat.Pem,
                       net.QSsl.KeyType.PrivateKey, phrase)


def octets(value):
    return bytes(value.data() if hasattr(value, "data") else value)


def names(certificates):
    """The subjects of certificates."""
    return [c.subjectDisplayName() if not c.isNull() else None for c in certificates]


def about(k):
    """What a key is."""
    return (k.isNull(), number(k.type()), number(k.algorithm()), k.length())


def errors(found):
    return [(number(e.error()), e.errorString(), e.certificate().subjectDisplayName()) for e in found]


def plain(value):
    """What an extension says, in types that both libraries have."""
    if isinstance(value, dict):
        return [(name, plain(value[name])) for name in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return octets(value)
