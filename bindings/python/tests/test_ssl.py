"""Certificates, keys, and how connections are encrypted."""

import copy
import datetime
import io
import pathlib
import pickle
import threading

import pytest
import qnet
from conftest import collect
from qnet import (
    QCryptographicHash,
    QOcspCertificateStatus,
    QOcspResponse,
    QOcspRevocationReason,
    QSsl,
    QSslCertificate,
    QSslCertificateExtension,
    QSslCipher,
    QSslConfiguration,
    QSslEllipticCurve,
    QSslError,
    QSslKey,
)
from qnet.ssl import SslSocketBase

FILES = pathlib.Path(__file__).resolve().parents[3] / "capi/tests/ssl"
MODE = SslSocketBase.PeerVerifyMode
UTC = datetime.timezone.utc


def read(name):
    return (FILES / name).read_bytes()


def cleared(value):
    """A fixture's value, of which nothing stays though pytest keeps it."""
    yield value
    value.clear()


@pytest.fixture
def host():
    yield from cleared(QSslCertificate(read("host.pem")))


@pytest.fixture
def authority():
    yield from cleared(QSslCertificate(read("authority.pem")))


@pytest.fixture
def key():
    yield from cleared(QSslKey(read("host.key"), QSsl.Ec))


@pytest.fixture
def default():
    """The default configuration, which is set again afterwards."""
    before = QSslConfiguration.defaultConfiguration()
    yield before
    QSslConfiguration.setDefaultConfiguration(before)


# ---- certificates


def test_a_certificate(host):
    assert not host.isNull() and not host.isSelfSigned() and not host.isBlacklisted()
    assert (host.version(), host.serialNumber()) == (b"3", b"01:a2:b3:c4:d5")
    assert (host.subjectDisplayName(), host.issuerDisplayName()) == ("host.test", "Test Authority")
    assert host.subjectInfo(QSslCertificate.OrganizationalUnitName) == ["two", "one"]
    assert host.subjectInfo(b"OU") == ["two", "one"] and host.subjectInfo(b"none") == []
    assert host.issuerInfo(QSslCertificate.SubjectInfo.CommonName) == host.issuerInfo(b"CN") == ["Test Authority"]
    assert host.issuerInfoAttributes() == [b"C", b"CN", b"O"]
    assert host.subjectInfoAttributes() == [b"C", b"CN", b"O", b"OU"]
    assert host.subjectAlternativeNames() == {
        QSsl.EmailEntry: ["who@host.test"],
        QSsl.DnsEntry: ["*.sub.test", "host.test"],
        QSsl.IpAddressEntry: ["192.0.2.1"],
    }
    assert host.effectiveDate() == datetime.datetime(2020, 1, 1, tzinfo=UTC)
    assert host.expiryDate() == datetime.datetime(2120, 1, 1, tzinfo=UTC)
    assert host.publicKey() == QSslKey(read("host.pub"), QSsl.Ec, QSsl.Pem, QSsl.PublicKey)
    assert len(host.digest()) == 16 and len(host.digest(QCryptographicHash.Sha256)) == 32
    assert host.toPem() == read("host.pem") and host.toDer()[:1] == b"0"
    assert "Not Before: Jan  1 00:00:00 2020 GMT" in host.toText()
    assert QSslCertificate(host.toDer(), QSsl.Der) == host
    for wrong in ("CN", 1, b"a\0b"):
        with pytest.raises((TypeError, ValueError)):
            host.issuerInfo(wrong)


def test_no_certificate(host):
    none = QSslCertificate()
    assert none.isNull() and none == QSslCertificate(b"nothing") == QSslCertificate(None) and none != host
    assert none.version() == b"" and none.effectiveDate() is None and none.publicKey().isNull()
    assert none.extensions() == [] and none.toPem() == b"" and none.subjectAlternativeNames() == {}
    none.swap(host)
    assert host.isNull() and not none.isNull()
    none.clear()
    assert none.isNull()
    for wrong in ("text", 5):
        with pytest.raises(TypeError):
            QSslCertificate(wrong)


def test_lists_of_certificates(host, authority):
    text = read("host.pem") + b"text\n" + read("authority.pem")
    assert QSslCertificate.fromData(text) == [host, authority]
    assert QSslCertificate.fromDevice(io.BytesIO(text)) == [host, authority]
    with open(FILES / "host.pem", "rb") as file:
        assert QSslCertificate(file) == host
    assert QSslCertificate.fromFile(str(FILES / "host.pem")) == [host]
    assert QSslCertificate.fromPath(str(FILES / "host.pem")) == [host]
    every = QSslCertificate.fromPath(str(FILES / "*.pem"), QSsl.Pem, QSslCertificate.PatternSyntax.Wildcard)
    assert len(every) == 3 and host in every
    assert QSslCertificate.fromPath("/nowhere") == []
    assert len(QSslCertificate.fromData(read("rsa.pem") * 50)) == 50


def test_extensions(host, authority):
    found = {e.name(): e for e in host.extensions()}
    assert len(found) == 7
    basic = {e.name(): e for e in authority.extensions()}["basicConstraints"]
    assert (basic.oid(), basic.isCritical(), basic.isSupported()) == ("2.5.29.19", True, True)
    assert basic.value() == {"ca": True, "pathLenConstraint": 1}
    assert found["extendedKeyUsage"].value() == ["TLS Web Server Authentication", "TLS Web Client Authentication"]
    assert len(found["subjectKeyIdentifier"].value()) == 59 and not found["subjectKeyIdentifier"].isCritical()
    assert found["1.2.3.4"].value() == b"\x0c\x03a\0b" and not found["1.2.3.4"].isSupported()
    assert isinstance(found["authorityKeyIdentifier"].value()["keyid"], bytes)
    assert QSslCertificateExtension().value() is None and QSslCertificateExtension().oid() == ""
    twin = QSslCertificateExtension(basic)
    assert twin.value() == basic.value() and "basicConstraints" in repr(twin)
    twin.swap(found["1.2.3.4"])
    assert twin.oid() == "1.2.3.4"
    with pytest.raises(TypeError):
        QSslCertificateExtension(host)


# ---- keys


def test_a_key(key):
    assert not key.isNull() and key.errorString() == ""
    assert (key.length(), key.type(), key.algorithm()) == (256, QSsl.PrivateKey, QSsl.Ec)
    assert QSslKey(key.toDer(), QSsl.Ec, QSsl.Der) == key and key.toDer(b"secret") == b""
    assert key.toPem().startswith(b"-----BEGIN EC PRIVATE KEY-----\n")
    encrypted = key.toPem(b"a phrase")
    assert encrypted != key.toPem(b"a phrase")
    assert QSslKey(encrypted, QSsl.Ec, passPhrase=b"a phrase") == key
    assert QSslKey(io.BytesIO(encrypted), QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, b"a phrase") == key
    assert QSslKey(read("rsa.key"), QSsl.Rsa).length() == 2048
    assert QSslKey(read("ed25519.key"), QSsl.Opaque).length() == 256


@pytest.mark.parametrize("name", ["encrypted.key", "traditional.key"])
def test_an_encrypted_key(name, key):
    assert QSslKey(read(name), QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, b"secret") == key
    none = QSslKey(read(name), QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, b"wrong")
    assert none.isNull() and none == QSslKey() and none.errorString() == "The pass phrase is wrong or missing"


def test_no_key(key):
    assert QSslKey().isNull() and QSslKey().length() == -1 and QSslKey().type() == QSsl.PublicKey
    assert QSslKey().toPem() == QSslKey().toPem(b"x") == b""
    other = QSslKey(key)
    other.clear()
    assert other.isNull() and not key.isNull()
    other.swap(key)
    assert key.isNull() and not other.isNull()
    for wrong in (("text", QSsl.Ec), (b"x",), (b"x", QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, "phrase")):
        with pytest.raises(TypeError):
            QSslKey(*wrong)
    with pytest.raises(ValueError):
        key.toPem(b"a\0b")


def test_pkcs12(host, authority, key, messages):
    for device in (io.BytesIO(read("host.p12")), read("host.p12")):
        a, b, others = QSslKey(), QSslCertificate(), [host]
        assert QSslCertificate.importPkcs12(device, a, b, others, b"secret")
        assert (a, b, others) == (key, host, [authority])
    assert QSslCertificate.importPkcs12(read("host.p12"), QSslKey(), QSslCertificate(), passPhrase=b"secret")
    assert not messages
    assert not QSslCertificate.importPkcs12(read("host.p12"), a, b, others, b"wrong")
    assert "The pass phrase is wrong" in messages.pop()
    assert (a, b, others) == (key, host, [authority])
    with pytest.raises(TypeError):
        QSslCertificate.importPkcs12(read("host.p12"), b, a)


# ---- errors


def test_errors(host, authority):
    error = QSslError(QSslError.CertificateExpired, host)
    assert error.error() is QSslError.SslError.CertificateExpired and error.certificate() == host
    assert error.errorString() == "The certificate has expired"
    assert error == QSslError(error) and error != QSslError(QSslError.CertificateExpired)
    assert QSslError().error() == QSslError.NoError and QSslError().certificate().isNull()
    other = QSslError()
    other.swap(error)
    assert error == QSslError() and len({other, QSslError(other)}) == 1


def test_verification(host, authority, default):
    assert QSslCertificate.verify([host, authority], "other.test") == [
        QSslError(QSslError.HostNameMismatch, host),
        QSslError(QSslError.SelfSignedCertificateInChain, authority),
    ]
    assert [e.error() for e in QSslCertificate.verify([])] == [QSslError.UnspecifiedError]
    trusting = QSslConfiguration(default)
    trusting.addCaCertificate(authority)
    QSslConfiguration.setDefaultConfiguration(trusting)
    assert QSslCertificate.verify([host], "host.test") == []
    for wrong in ((5,), ([5],), ([host], b"host.test")):
        with pytest.raises(TypeError):
            QSslCertificate.verify(*wrong)


# ---- ciphers, curves, responses


def test_ciphers():
    cipher = QSslCipher("ECDHE-RSA-AES128-GCM-SHA256")
    assert not cipher.isNull() and cipher.name() == "ECDHE-RSA-AES128-GCM-SHA256"
    assert (cipher.supportedBits(), cipher.usedBits()) == (128, 128)
    assert (cipher.keyExchangeMethod(), cipher.authenticationMethod()) == ("ECDH", "RSA")
    assert (cipher.encryptionMethod(), cipher.protocolString()) == ("AESGCM(128)", "TLSv1.2")
    assert cipher.protocol() is QSsl.TlsV1_2
    assert cipher == QSslCipher(cipher) == QSslCipher(cipher.name(), QSsl.TlsV1_2) != QSslCipher()
    assert QSslCipher(cipher.name(), QSsl.TlsV1_3).isNull() and QSslCipher("none").isNull()
    assert QSslCipher().protocol() is QSsl.UnknownProtocol and QSslCipher().name() == ""
    other = QSslCipher()
    other.swap(cipher)
    assert cipher.isNull() and not other.isNull()


def test_curves():
    curve = QSslEllipticCurve.fromShortName("prime256v1")
    assert curve.isValid() and curve.isTlsNamedCurve() and curve.shortName() == curve.longName() == "prime256v1"
    assert curve == QSslEllipticCurve(curve) == QSslEllipticCurve.fromLongName("prime256v1") != QSslEllipticCurve()
    assert not QSslEllipticCurve.fromShortName("none").isValid() and QSslEllipticCurve().shortName() == ""
    assert len({curve, QSslEllipticCurve(curve)}) == 1
    with pytest.raises(TypeError):
        QSslEllipticCurve("prime256v1")


def test_responses(host):
    response = QOcspResponse()
    assert response.certificateStatus() is QOcspCertificateStatus.Unknown
    assert response.revocationReason() is QOcspRevocationReason.None_
    assert response.responder().isNull() and response.subject().isNull()
    assert response == QOcspResponse(response) and len({response, QOcspResponse()}) == 1
    response.swap(QOcspResponse())
    with pytest.raises(TypeError):
        QOcspResponse(host)


# ---- configurations


def test_a_configuration():
    c = QSslConfiguration()
    twin = QSslConfiguration(c)
    assert c.isNull() and c == twin and c.protocol() is QSsl.SecureProtocols
    c.setProtocol(QSsl.TlsV1_3OrLater)
    assert c.protocol() is QSsl.TlsV1_3OrLater and twin.isNull() and c != twin
    c.setPeerVerifyMode(MODE.QueryPeer)
    assert c.peerVerifyMode() is MODE.QueryPeer
    c.setPeerVerifyDepth(3)
    assert c.peerVerifyDepth() == 3
    assert not c.testSslOption(QSsl.SslOptionDisableSessionTickets)
    c.setSslOption(QSsl.SslOptionDisableSessionTickets, True)
    assert c.testSslOption(QSsl.SslOptionDisableSessionTickets)
    for name in ("handshakeMustInterruptOnError", "missingCertificateIsFatal", "ocspStaplingEnabled"):
        assert getattr(c, name)() is False
        getattr(c, "set" + name[0].upper() + name[1:])(True)
        assert getattr(c, name)() is True
    c.setSessionTicket(b"t\0t")
    assert c.sessionTicket() == b"t\0t"
    twin.swap(c)
    assert c.isNull() and twin.sessionTicket() == b"t\0t"
    with pytest.raises(TypeError):
        QSslConfiguration(5)


def test_a_negative_depth(messages):
    c = QSslConfiguration()
    c.setPeerVerifyDepth(-1)
    assert "negative depth" in messages.pop() and c.isNull()


def test_ciphers_and_curves_of_a_configuration():
    c = QSslConfiguration()
    cipher, curve = QSslCipher("AES128-SHA"), QSslEllipticCurve.fromShortName("secp384r1")
    c.setCiphers([cipher, QSslCipher()])
    assert c.ciphers() == [cipher]
    c.setCiphers("AES256-SHA:none:AES128-SHA")
    assert [one.name() for one in c.ciphers()] == ["AES256-SHA", "AES128-SHA"]
    c.setEllipticCurves(one for one in (curve, QSslEllipticCurve()))
    assert c.ellipticCurves() == [curve] and len(QSslConfiguration.supportedEllipticCurves()) == 4
    assert cipher in QSslConfiguration.supportedCiphers()
    c.setCiphers([])
    c.setEllipticCurves([])
    assert c.isNull()
    for wrong in (5, [5], [curve]):
        with pytest.raises(TypeError):
            c.setCiphers(wrong)


def test_certificates_of_a_configuration(host, authority, key, messages):
    c = QSslConfiguration()
    assert c.localCertificate().isNull() and c.privateKey().isNull()
    c.setLocalCertificateChain([host, authority])
    assert c.localCertificateChain() == [host, authority] and c.localCertificate() == host
    c.setLocalCertificate(authority)
    assert c.localCertificateChain() == [authority]
    c.setPrivateKey(key)
    assert c.privateKey() == key
    c.setCaCertificates([authority])
    assert c.addCaCertificates([host]) is None
    c.addCaCertificate(host)
    assert c.addCaCertificates(str(FILES / "rsa.pem")) is True and c.addCaCertificates("/nowhere") is False
    assert [one.subjectDisplayName() for one in c.caCertificates()] == ["Test Authority", "host.test", "host.test", "rsa.test"]
    assert QSslConfiguration.systemCaCertificates() == QSslConfiguration.defaultConfiguration().caCertificates()
    assert c.addServerCertificate([host], key) and c.clearServerCertificates() == 1
    assert not messages
    assert not c.addServerCertificate([], key)
    assert messages.pop()


def test_protocols(messages):
    c = QSslConfiguration()
    c.setAllowedNextProtocols([b"h2", QSslConfiguration.NextProtocolHttp1_1.encode(), b"a\0b"])
    assert c.allowedNextProtocols() == [b"h2", b"http/1.1", b"a\0b"]
    assert not messages
    c.setAllowedNextProtocols([b"", b"x" * 255, b"x" * 256])
    assert len(messages) == 2 and c.allowedNextProtocols() == [b"x" * 255]
    messages.clear()
    with pytest.raises(TypeError):
        c.setAllowedNextProtocols(["h2"])


def test_what_a_connection_adds():
    c = QSslConfiguration.defaultConfiguration()
    assert c.peerCertificate().isNull() and c.peerCertificateChain() == []
    assert c.sessionCipher().isNull() and c.sessionProtocol() is QSsl.UnknownProtocol
    assert c.sessionTicketLifeTimeHint() == -1 and c.nextNegotiatedProtocol() == b""
    assert c.nextProtocolNegotiationStatus() is QSslConfiguration.NextProtocolNegotiationNone
    assert c.ephemeralServerKey().isNull()


def test_the_default(default):
    changed = QSslConfiguration(default)
    changed.setPeerVerifyDepth(5)
    QSslConfiguration.setDefaultConfiguration(changed)
    changed.setPeerVerifyDepth(6)
    assert QSslConfiguration.defaultConfiguration().peerVerifyDepth() == 5 and default.peerVerifyDepth() == 0


def test_the_library():
    assert SslSocketBase.supportsSsl() and SslSocketBase.activeBackend() == "crypto/tls"
    assert SslSocketBase.availableBackends() == ["crypto/tls"]
    assert SslSocketBase.sslLibraryVersionNumber() >= 0x011A0000
    assert SslSocketBase.sslLibraryVersionString().startswith("crypto/tls go1.")
    assert QSsl.TlsV1_3 in SslSocketBase.supportedProtocols() and SslSocketBase.supportedProtocols("other") == []
    assert SslSocketBase.isProtocolSupported(QSsl.TlsV1_2) and not SslSocketBase.isProtocolSupported(QSsl.DtlsV1_2)
    assert QSsl.SupportedFeature.Psk not in SslSocketBase.supportedFeatures("crypto/tls")
    assert SslSocketBase.isFeatureSupported(QSsl.SupportedFeature.Alerts)
    assert SslSocketBase.supportedFeatures("other") == []
    assert not SslSocketBase.isFeatureSupported(QSsl.SupportedFeature.Alerts, "other")


# ---- as Python values


def values():
    yield QSslCertificate(read("host.pem"))
    yield QSslKey(read("host.key"), QSsl.Ec)
    yield QSslError(QSslError.CertificateExpired)
    yield QSslCipher("AES128-SHA")
    yield QSslEllipticCurve.fromShortName("X25519")
    yield QSslConfiguration.defaultConfiguration()
    yield QOcspResponse()
    yield QSslCertificate(read("host.pem")).extensions()[0]


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_as_python_values(value):
    assert value != 5 and repr(value).startswith(f"<qnet.{type(value).__name__}")
    for make in (copy.copy, copy.deepcopy, type(value)):
        twin = make(value)
        assert type(twin) is type(value) and twin is not value
        assert twin == value or isinstance(value, QSslCertificateExtension)
    with pytest.raises(TypeError, match=f"cannot pickle 'qnet.{type(value).__name__}' object"):
        pickle.dumps(value)


def test_only_those_are_hashable_that_are_in_pyside():
    for value in values():
        if isinstance(value, (QSslKey, QSslCipher, QSslConfiguration)):
            with pytest.raises(TypeError):
                hash(value)
        else:
            hash(value)


def test_nothing_stays():
    collect()
    before = qnet.usage(collect=True).ssl_values
    made = [list(values()) for _ in range(10)]
    certificates = QSslCertificate.fromData(read("rsa.pem") * 100)
    assert qnet.usage().ssl_values > before + 100
    del made, certificates
    collect()
    assert qnet.usage(collect=True).ssl_values == before


def test_threads(host):
    wrong = []

    def use():
        for _ in range(200):
            key = QSslKey(read("host.key"), QSsl.Ec)
            if host.subjectDisplayName() != "host.test" or host.publicKey().length() != 256 or key.length() != 256:
                wrong.append(key)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
