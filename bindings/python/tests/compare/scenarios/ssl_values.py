"""Certificates, keys, errors, ciphers and curves as values, without any connection."""

import copy

import tls_files
from backend import net
from tls_files import about, certificate, errors, key, names, octets, plain, read
from trace import number, scenario

PEM, DER = net.QSsl.EncodingFormat.Pem, net.QSsl.EncodingFormat.Der
PRIVATE, PUBLIC = net.QSsl.KeyType.PrivateKey, net.QSsl.KeyType.PublicKey
ALGORITHM = net.QSsl.KeyAlgorithm
CODE = net.QSslError.SslError
INFO = "Organization CommonName LocalityName OrganizationalUnitName CountryName StateOrProvinceName " \
       "DistinguishedNameQualifier SerialNumber EmailAddress"
EVERY = "authority host rsa"


# ---- certificates

@scenario
def ssl_certificate_null(r):
    """What a certificate says that is none."""
    c = net.QSslCertificate()
    r.value("null", (c.isNull(), c.isSelfSigned(), c.isBlacklisted()))
    r.value("numbers", (octets(c.version()), octets(c.serialNumber())))
    r.value("names", (c.subjectDisplayName(), c.issuerDisplayName(), list(c.subjectInfoAttributes()), list(c.issuerInfoAttributes())))
    r.value("dates", (net.seconds(c.effectiveDate()), net.seconds(c.expiryDate())))
    r.value("key", about(c.publicKey()))
    r.value("lists", (list(c.extensions()), dict(c.subjectAlternativeNames()) == {}))
    r.value("files", (octets(c.toPem()), octets(c.toDer()), c.toText(), octets(c.digest())))


@scenario
def ssl_certificate_numbers(r):
    """Version, serial number, dates."""
    for name in EVERY.split():
        c = certificate(name)
        r.value(name, (octets(c.version()), octets(c.serialNumber()), net.seconds(c.effectiveDate()), net.seconds(c.expiryDate()),
                       c.isNull(), c.isSelfSigned(), c.isBlacklisted()))


@scenario
def ssl_certificate_names(r):
    """The names of issuer and subject."""
    for name in EVERY.split():
        c = certificate(name)
        r.value("people", (c.subjectDisplayName(), c.issuerDisplayName()))
        r.value("subject", [(octets(a), list(c.subjectInfo(a))) for a in c.subjectInfoAttributes()])
        r.value("issuer", [(octets(a), list(c.issuerInfo(a))) for a in c.issuerInfoAttributes()])
        for info in INFO.split():
            info = getattr(net.QSslCertificate.SubjectInfo, info)
            r.value(info.name, (list(c.subjectInfo(info)), list(c.issuerInfo(info))))


@scenario
def ssl_certificate_names_that_are_none(r):
    """Attributes that the name has not, or that are none."""
    c = certificate("host")
    for attribute in (b"", b"cn", b"2.5.4.3", b"ST", b"nothing"):
        r.value(repr(attribute), (list(c.subjectInfo(attribute)), list(c.issuerInfo(attribute))))


@scenario
def ssl_certificate_alternative_names(r):
    """subjectAlternativeNames()."""
    for name in EVERY.split():
        found = certificate(name).subjectAlternativeNames()
        r.value(name, [(number(kind), list(found[kind])) for kind in sorted(found, key=number)])


@scenario
def ssl_certificate_digests(r):
    """digest() with each algorithm."""
    c = certificate("host")
    r.value("usual", octets(c.digest()).hex())
    for name in "Md5 Sha1 Sha224 Sha256 Sha384 Sha512 RealSha3_224 RealSha3_256 RealSha3_384 RealSha3_512".split():
        r.value(name, octets(c.digest(getattr(net.QCryptographicHash.Algorithm, name))).hex())


@scenario
def ssl_certificate_files(r):
    """toPem(), toDer(), toText()."""
    for name in EVERY.split():
        c = certificate(name)
        r.value("PEM", octets(c.toPem()) == read(name + ".pem"))
        r.value("DER", octets(c.toDer()))
        for line in c.toText().split("\n"):
            r.line(line)


@scenario
def ssl_certificate_public_key(r):
    """publicKey()."""
    for name in EVERY.split():
        k = certificate(name).publicKey()
        r.value(name, (about(k), octets(k.toPem()), octets(k.toDer())))


@scenario
def ssl_certificate_extensions(r):
    """extensions() and what they say."""
    for name in EVERY.split():
        for e in certificate(name).extensions():
            r.value(name, (e.oid(), e.name(), e.isCritical(), e.isSupported(), plain(e.value())))


@scenario
def ssl_extension_fresh(r):
    """An extension that is none."""
    e = net.QSslCertificateExtension()
    r.value("fresh", (e.oid(), e.name(), e.isCritical(), e.isSupported(), plain(e.value())))
    other = net.QSslCertificateExtension(certificate("host").extensions()[0])
    e.swap(other)
    r.value("swapped", (e.oid(), other.oid()))


@scenario
def ssl_certificate_equality(r):
    """==, !=, hash(), copies, swap() and clear()."""
    one, same, other = certificate("host"), certificate("host"), certificate("rsa")
    r.value("equal", (one == same, one != same, one == other, one == net.QSslCertificate(), hash(one) == hash(same)))
    r.value("copies", (copy.copy(one) == one, net.QSslCertificate(one) == one))
    r.value("null", net.QSslCertificate() == net.QSslCertificate(b"nothing"))
    one.swap(other)
    r.value("swapped", names([one, other]))
    one.clear()
    r.value("cleared", (one.isNull(), names([same, other])))


@scenario
def ssl_certificate_from_pem(r):
    """fromData() with text in between, behind and broken."""
    host, rsa = read("host.pem"), read("rsa.pem")
    for name, data in {
        "both": host + rsa, "text": b"first\n" + host + b"second\n" + rsa + b"third", "same": host + host, "none": b"", "nonsense": b"nothing",
        "cut": host[:-100], "broken first": host.replace(b"MII", b"MIX", 1) + rsa, "no line": host.replace(b"-----\n", b"-----", 1),
        "windows": host.replace(b"\n", b"\r\n"), "no end of line": host.rstrip(b"\n"), "trusted": host.replace(b" CERT", b" TRUSTED CERT"),
        "key": read("host.key"), "DER": octets(certificate("host").toDer()),
    }.items():
        r.value(name, names(net.QSslCertificate.fromData(data)))
        r.value(name + " alone", net.QSslCertificate(data).subjectDisplayName())


@scenario
def ssl_certificate_from_der(r):
    """fromData() with DER."""
    host, rsa = (octets(certificate(name).toDer()) for name in ("host", "rsa"))
    for name, data in {
        "one": host, "both": host + rsa, "behind": host + b"text", "before": b"text" + host, "cut": host[:-1], "none": b"", "PEM": read("host.pem"),
    }.items():
        r.value(name, names(net.QSslCertificate.fromData(data, DER)))


@scenario
def ssl_certificate_from_path(r):
    """fromPath() with each syntax."""
    folder, syntax = str(tls_files.FILES), net.QSslCertificate.PatternSyntax
    for path, kind in (("/host.pem", "FixedString"), ("/*.pem", "FixedString"), ("/nothing", "FixedString"), ("/host.key", "FixedString"),
                       ("/*.pem", "Wildcard"), ("/h?st.pem", "Wildcard"), ("/[ah]*.pem", "Wildcard"), ("/nothing*", "Wildcard"),
                       ("/.*\\.pem", "RegularExpression"), ("/(host|rsa)\\.pem", "RegularExpression"), ("/nothing.*", "RegularExpression")):
        found = net.QSslCertificate.fromPath(folder + path, PEM, getattr(syntax, kind))
        r.value(f"{path} {kind}", sorted(names(found)))
    r.value("usual", names(net.QSslCertificate.fromPath(folder + "/host.pem")))
    r.value("DER", names(net.QSslCertificate.fromPath(folder + "/host.pem", DER)))
    r.value("file", names(net.QSslCertificate.fromFile(folder + "/host.pem")))


@scenario
def ssl_certificate_from_device(r):
    """A device instead of data."""
    r.value("all", names(net.QSslCertificate.fromDevice(net.device(read("host.pem") + read("rsa.pem")))))
    r.value("DER", names(net.QSslCertificate.fromDevice(net.device(octets(certificate("rsa").toDer())), DER)))
    r.value("alone", net.QSslCertificate(net.device(read("rsa.pem"))).subjectDisplayName())


@scenario
def ssl_pkcs12(r):
    """importPkcs12() with the right pass phrase and without."""
    data = read("host.p12")
    for name, file, phrase in (("right", data, b"secret"), ("wrong", data, b"wrong"), ("none", data, b""), ("cut", data[:200], b"secret"),
                               ("nonsense", b"nonsense", b"secret")):
        k, c = net.QSslKey(), net.QSslCertificate()
        r.value(name, net.QSslCertificate.importPkcs12(net.device(file), k, c, [], phrase))
        r.value("key", (about(k), k == key()))
        r.value("certificate", c == certificate("host"))


@scenario
def ssl_pkcs12_of_nothing(r):
    """importPkcs12() of an empty file."""
    r.value("nothing", net.QSslCertificate.importPkcs12(net.device(b""), net.QSslKey(), net.QSslCertificate(), [], b"secret"))


# ---- verification

@scenario
def ssl_verify(r):
    """verify() of chains that nobody trusts."""
    host, authority, rsa = map(certificate, ("host", "authority", "rsa"))
    for name, chain, hostname in (
        ("none", [], ""), ("none with a host", [], "host.test"), ("leaf", [host], ""), ("chain", [host, authority], ""), ("root", [authority], ""),
        ("itself", [rsa], ""), ("itself for its host", [rsa], "rsa.test"), ("wrong order", [authority, host], ""), ("other", [host, rsa], ""),
        ("host", [host, authority], "host.test"), ("other host", [host, authority], "other.test"), ("star", [host, authority], "x.sub.test"),
        ("below the star", [host, authority], "x.y.sub.test"), ("address", [host, authority], "192.0.2.1"), ("other address", [host], "192.0.2.2"),
    ):
        r.value(name, errors(net.QSslCertificate.verify(chain, hostname)))


@scenario
def ssl_verify_with_trust(r):
    """verify() with an authority that the default configuration trusts."""
    host, authority, rsa = map(certificate, ("host", "authority", "rsa"))
    before = net.QSslConfiguration.defaultConfiguration()
    trusting = net.QSslConfiguration(before)
    trusting.setCaCertificates([authority])
    net.QSslConfiguration.setDefaultConfiguration(trusting)
    for name, chain, hostname in (("leaf", [host], "host.test"), ("chain", [host, authority], ""), ("root", [authority], ""), ("itself", [rsa], ""),
                                  ("other host", [host], "other.test"), ("in capitals", [host], "HOST.TEST")):
        r.value(name, errors(net.QSslCertificate.verify(chain, hostname)))
    net.QSslConfiguration.setDefaultConfiguration(before)


# ---- keys

@scenario
def ssl_key_null(r):
    """What a key says that is none."""
    k = net.QSslKey()
    r.value("null", (about(k), octets(k.toPem()), octets(k.toDer()), octets(k.toPem(b"phrase"))))
    r.value("equal", (k == net.QSslKey(), k == key()))


@scenario
def ssl_key_forms(r):
    """Keys in the forms that they may have."""
    r.value("EC", about(key()))
    r.value("RSA", about(key("rsa", "Rsa")))
    r.value("encrypted", (about(key("encrypted", phrase=b"secret")), key("encrypted", phrase=b"secret") == key()))
    r.value("traditional", (about(key("traditional", phrase=b"secret")), key("traditional", phrase=b"secret") == key()))
    r.value("public", about(net.QSslKey(read("host.pub"), ALGORITHM.Ec, PEM, PUBLIC)))
    r.value("with text", about(net.QSslKey(b"text\n" + read("host.key") + b"text", ALGORITHM.Ec)))


@scenario
def ssl_key_that_are_none(r):
    """What is no key, or another one than is asked for."""
    host = read("host.key")
    for name, arguments in {
        "nothing": (b"", ALGORITHM.Ec), "nonsense": (b"nonsense", ALGORITHM.Ec), "another algorithm": (host, ALGORITHM.Rsa),
        "another type": (host, ALGORITHM.Ec, PEM, PUBLIC), "another format": (host, ALGORITHM.Ec, DER), "cut": (host[:100], ALGORITHM.Ec),
        "a certificate": (read("host.pem"), ALGORITHM.Ec), "DSA": (host, ALGORITHM.Dsa),
        "without a phrase": (read("encrypted.key"), ALGORITHM.Ec),
        "wrong phrase": (read("encrypted.key"), ALGORITHM.Ec, PEM, PRIVATE, b"wrong"),
        "wrong phrase, traditional": (read("traditional.key"), ALGORITHM.Ec, PEM, PRIVATE, b"wrong"),
        "a phrase for nothing": (host, ALGORITHM.Ec, PEM, PRIVATE, b"phrase"),
    }.items():
        r.value(name, about(net.QSslKey(*arguments)))


@scenario
def ssl_key_of_any_algorithm(r):
    """Opaque as the algorithm that is asked for."""
    for name in "host rsa ed25519".split():
        r.value(name, about(key(name, "Opaque")))


@scenario
def ssl_key_files(r):
    """toPem() and toDer()."""
    for name, algorithm in (("host", "Ec"), ("rsa", "Rsa")):
        k = key(name, algorithm)
        r.value("PEM", octets(k.toPem()))
        r.value("DER", octets(k.toDer()))
        r.value("DER with a phrase", octets(k.toDer(b"phrase")))
        r.value("read again", net.QSslKey(k.toDer(), getattr(ALGORITHM, algorithm), DER) == k)
    k = certificate("host").publicKey()
    r.value("public", (octets(k.toPem()), octets(k.toPem(b"phrase")) == octets(k.toPem())))


@scenario
def ssl_key_exported(r):
    """toPem() with a pass phrase, read again."""
    k = key()
    text = k.toPem(b"phrase")
    r.value("clear", octets(text) == octets(k.toPem()))
    for phrase in (b"phrase", b"other", b""):
        r.value(repr(phrase), net.QSslKey(text, ALGORITHM.Ec, PEM, PRIVATE, phrase) == k)


@scenario
def ssl_key_equality(r):
    """==, !=, copies, swap() and clear()."""
    one, same, other = key(), key("encrypted", phrase=b"secret"), key("rsa", "Rsa")
    r.value("equal", (one == same, one != same, one == other, copy.copy(one) == one))
    r.value("public", certificate("host").publicKey() == net.QSslKey(read("host.pub"), ALGORITHM.Ec, PEM, PUBLIC))
    r.value("private and public", one == certificate("host").publicKey())
    one.swap(other)
    r.value("swapped", (about(one), about(other)))
    one.clear()
    r.value("cleared", (about(one), about(other)))


# ---- errors

@scenario
def ssl_error_texts(r):
    """What each error says."""
    for code in CODE:
        error = net.QSslError(code)
        r.value(code.name, (number(error.error()), error.errorString(), error.certificate().isNull()))


@scenario
def ssl_error_values(r):
    """Errors with certificates: equality, copies."""
    host = certificate("host")
    error, same, bare = net.QSslError(CODE.CertificateExpired, host), net.QSslError(CODE.CertificateExpired, host), net.QSslError(CODE.CertificateExpired)
    r.value("fresh", (number(net.QSslError().error()), net.QSslError().errorString(), net.QSslError().certificate().isNull()))
    r.value("equal", (error == same, error == bare, error != bare, net.QSslError() == net.QSslError(), hash(error) == hash(same)))
    r.value("certificate", error.certificate() == host)
    r.value("copies", (copy.copy(error) == error, net.QSslError(error) == error))
    error.swap(bare)
    r.value("swapped", (error == same, bare == same))


# ---- ciphers and curves

@scenario
def ssl_ciphers(r):
    """The ciphers that both libraries have."""
    for name in ("TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 "
                 "ECDHE-RSA-AES128-SHA AES128-GCM-SHA256 AES256-SHA").split():
        c = net.QSslCipher(name)
        r.value(name, (c.isNull(), c.name(), c.supportedBits(), c.usedBits(), c.keyExchangeMethod(), c.authenticationMethod(),
                       c.encryptionMethod(), c.protocolString(), number(c.protocol())))


@scenario
def ssl_ciphers_that_are_none(r):
    """Names that are none, and those of another version."""
    protocol = net.QSsl.SslProtocol
    for name in ("", "none", "aes128-sha", "AES128-SHA:AES256-SHA"):
        c = net.QSslCipher(name)
        r.value(name, (c.isNull(), c.name(), c.supportedBits(), c.usedBits(), c.keyExchangeMethod(), c.encryptionMethod(),
                       c.protocolString(), number(c.protocol())))
    for version in ("TlsV1_2", "TlsV1_3", "TlsV1_0", "AnyProtocol"):
        r.value(version, net.QSslCipher("ECDHE-RSA-AES128-GCM-SHA256", getattr(protocol, version)).isNull())
    r.value("equal", (net.QSslCipher() == net.QSslCipher("none"), net.QSslCipher("AES128-SHA") == net.QSslCipher("AES128-SHA"),
                      net.QSslCipher("AES128-SHA") == net.QSslCipher("AES256-SHA")))


@scenario
def ssl_curves(r):
    """Curves by their names."""
    for name in "prime256v1 secp384r1 secp521r1 X25519 secp256k1 brainpoolP256r1 none P-256 PRIME256V1".split():
        # Of a short name that is none, Qt says that its OpenSSL is too old.
        for how in ("fromShortName", "fromLongName") if name[0] in "sXb" or name == "prime256v1" else ["fromLongName"]:
            c = getattr(net.QSslEllipticCurve, how)(name)
            r.value(f"{how} {name}", (c.isValid(), c.shortName(), c.longName(), c.isTlsNamedCurve()))
    r.value("fresh", (net.QSslEllipticCurve().isValid(), net.QSslEllipticCurve().shortName(), net.QSslEllipticCurve().isTlsNamedCurve()))
    one = net.QSslEllipticCurve.fromShortName("prime256v1")
    r.value("equal", (one == net.QSslEllipticCurve.fromLongName("prime256v1"), one == net.QSslEllipticCurve(), copy.copy(one) == one))


@scenario
def ssl_ocsp_response_fresh(r):
    """A response that says nothing."""
    response = net.QOcspResponse()
    r.value("fresh", (number(response.certificateStatus()), number(response.revocationReason()), response.responder().isNull(),
                      response.subject().isNull(), response == net.QOcspResponse(), copy.copy(response) == response))


# ---- what the library can do

@scenario
def ssl_library(r):
    """What the library can do, as far as it is the same."""
    protocol, feature = net.QSsl.SslProtocol, net.QSsl.SupportedFeature
    r.value("supported", net.QSslSocket.supportsSsl())
    for name in "TlsV1_0 TlsV1_1 TlsV1_2 TlsV1_3 AnyProtocol SecureProtocols TlsV1_0OrLater TlsV1_2OrLater TlsV1_3OrLater UnknownProtocol".split():
        one = getattr(protocol, name)
        r.value(name, (net.QSslSocket.isProtocolSupported(one), one in net.QSslSocket.supportedProtocols(), net.QSslSocket.isProtocolSupported(one, "other")))
    for name in "CertificateVerification ClientSideAlpn ServerSideAlpn Ocsp SessionTicket Alerts".split():
        one = getattr(feature, name)
        r.value(name, (net.QSslSocket.isFeatureSupported(one), one in net.QSslSocket.supportedFeatures(), net.QSslSocket.isFeatureSupported(one, "other")))
    r.value("other", (list(net.QSslSocket.supportedProtocols("other")), list(net.QSslSocket.supportedFeatures("other"))))
    r.value("backend", net.QSslSocket.activeBackend() in net.QSslSocket.availableBackends())


@scenario
def ssl_library_left_out(r):
    """Datagrams, and keys that both ends know."""
    r.value("DTLS", net.QSslSocket.isProtocolSupported(net.QSsl.SslProtocol.DtlsV1_2))
    r.value("keys", net.QSslSocket.isFeatureSupported(net.QSsl.SupportedFeature.Psk))


@scenario
def ssl_enumerations(r):
    """The numbers of QSsl's enumerations."""
    for cls in (net.QSsl, net.QSslCertificate, net.QSslConfiguration, net.QSslSocket):
        for name in ("KeyType EncodingFormat KeyAlgorithm AlternativeNameEntryType SslProtocol SslOption AlertLevel AlertType SupportedFeature "
                     "SubjectInfo PatternSyntax NextProtocolNegotiationStatus SslMode PeerVerifyMode").split():
            if (enumeration := getattr(cls, name, None)) is not None:
                r.value(name, sorted((member.name, number(member)) for member in enumeration))
