"""What Qt says of certificates, as values that JSON has."""

from PySide6.QtCore import QByteArray, QCryptographicHash, Qt
from PySide6.QtNetwork import QSsl, QSslCertificate

HASHES = {"1": "Md5", "2": "Sha1", "3": "Sha224", "4": "Sha256", "5": "Sha384", "6": "Sha512",
          "11": "RealSha3_224", "12": "RealSha3_256", "13": "RealSha3_384", "14": "RealSha3_512"}


def text(array):
    """Returns what is of eight bits as text, a character an octet."""
    return bytes(array.data() if isinstance(array, QByteArray) else array).decode("latin-1")


def value(v):
    """Returns what an extension says; octets are told from text."""
    if isinstance(v, QByteArray):
        return {"octets": bytes(v.data()).hex()}
    if isinstance(v, dict):
        return {"map": {name: value(inner) for name, inner in v.items()}}
    if isinstance(v, (list, tuple)):
        return [value(inner) for inner in v]
    return v


def kind(enumerator):
    return enumerator.value


def date(d):
    return d.toUTC().toString(Qt.DateFormat.ISODateWithMs) if d.isValid() else ""


def certificate(c):
    """Returns what all getters return."""
    key = c.publicKey()
    return {
        "version": text(c.version()), "serial": text(c.serialNumber()),
        "digests": {number: text(c.digest(getattr(QCryptographicHash.Algorithm, name)).toHex()) for number, name in HASHES.items()},
        "subject": {text(a): c.subjectInfo(a) for a in c.subjectInfoAttributes()},
        "issuer": {text(a): c.issuerInfo(a) for a in c.issuerInfoAttributes()},
        "subjectNames": [c.subjectInfo(QSslCertificate.SubjectInfo(n)) for n in range(9)],
        "subjectName": c.subjectDisplayName(), "issuerName": c.issuerDisplayName(),
        "alternatives": [[kind(k), list(names)] for k, names in sorted(c.subjectAlternativeNames().items(), key=lambda e: kind(e[0]))],
        "from": date(c.effectiveDate()), "to": date(c.expiryDate()),
        "key": [kind(key.algorithm()), key.length(), text(key.toDer().toHex())],
        "selfSigned": c.isSelfSigned(),
        "extensions": [[e.oid(), e.name(), e.isCritical(), e.isSupported(), value(e.value())] for e in c.extensions()],
        "text": c.toText(), "pem": len(c.toPem()), "der": len(c.toDer()),
    }


def load(data, encoding=QSsl.EncodingFormat.Der):
    return QSslCertificate.fromData(QByteArray(data), encoding)
