"""How connections are to be encrypted: configurations, without any connection."""

import copy

import tls_files
from backend import net
from tls_files import about, certificate, key, names, octets
from trace import number, scenario

OPTION = net.QSsl.SslOption
FLAGS = "handshakeMustInterruptOnError missingCertificateIsFatal ocspStaplingEnabled".split()


def options(c):
    return sum(number(option) for option in OPTION if c.testSslOption(option))


def setter(name):
    return "set" + name[0].upper() + name[1:]


@scenario
def ssl_configuration_null(r):
    """A new configuration."""
    c = net.QSslConfiguration()
    r.value("null", c.isNull())
    r.value("protocol", (number(c.protocol()), options(c), len(c.ciphers()), len(c.ellipticCurves())))
    r.value("peer", (number(c.peerVerifyMode()), c.peerVerifyDepth(), len(c.caCertificates())))
    r.value("self", (names(c.localCertificateChain()), c.localCertificate().isNull(), about(c.privateKey())))
    r.value("flags", [getattr(c, name)() for name in FLAGS])
    r.value("protocols", (list(c.allowedNextProtocols()), octets(c.nextNegotiatedProtocol()), number(c.nextProtocolNegotiationStatus())))
    r.value("ticket", (octets(c.sessionTicket()), c.sessionTicketLifeTimeHint()))
    r.value("connection", (c.peerCertificate().isNull(), list(c.peerCertificateChain()), c.sessionCipher().isNull(), number(c.sessionProtocol()),
                           about(c.ephemeralServerKey())))


@scenario
def ssl_configuration_default(r):
    """The default configuration."""
    c = net.QSslConfiguration.defaultConfiguration()
    r.value("null", c.isNull())
    r.value("protocol", (number(c.protocol()), options(c), len(c.ellipticCurves())))
    r.value("peer", (number(c.peerVerifyMode()), c.peerVerifyDepth()))
    r.value("authorities", len(c.caCertificates()) == len(net.QSslConfiguration.systemCaCertificates()))
    r.value("self", (names(c.localCertificateChain()), about(c.privateKey())))
    r.value("ticket", (octets(c.sessionTicket()), c.sessionTicketLifeTimeHint()))
    r.value("equal", (c == net.QSslConfiguration.defaultConfiguration(), c == net.QSslConfiguration()))


@scenario
def ssl_configuration_set_default(r):
    """setDefaultConfiguration() keeps a copy."""
    before = net.QSslConfiguration.defaultConfiguration()
    changed = net.QSslConfiguration(before)
    changed.setPeerVerifyDepth(3)
    net.QSslConfiguration.setDefaultConfiguration(changed)
    changed.setPeerVerifyDepth(4)
    r.value("depth", (net.QSslConfiguration.defaultConfiguration().peerVerifyDepth(), before.peerVerifyDepth()))
    r.value("equal", (net.QSslConfiguration.defaultConfiguration() == before, net.QSslConfiguration.defaultConfiguration() == changed))
    net.QSslConfiguration.setDefaultConfiguration(net.QSslConfiguration())
    r.value("null", (net.QSslConfiguration.defaultConfiguration().isNull(), len(net.QSslConfiguration.defaultConfiguration().caCertificates())))
    net.QSslConfiguration.setDefaultConfiguration(before)
    r.value("again", net.QSslConfiguration.defaultConfiguration() == before)


@scenario
def ssl_configuration_protocols(r):
    """setProtocol()."""
    c = net.QSslConfiguration()
    for name in "TlsV1_2 TlsV1_3 TlsV1_3OrLater AnyProtocol SecureProtocols DtlsV1_2 UnknownProtocol".split():
        c.setProtocol(getattr(net.QSsl.SslProtocol, name))
        r.value(name, (number(c.protocol()), c.isNull(), c == net.QSslConfiguration()))


@scenario
def ssl_configuration_options(r):
    """setSslOption() and testSslOption()."""
    c = net.QSslConfiguration()
    r.value("fresh", options(c))
    for option in OPTION:
        for on in (True, False):
            c.setSslOption(option, on)
            r.value(f"{option.name} {on}", (options(c), c.isNull()))


@scenario
def ssl_configuration_peers(r):
    """setPeerVerifyMode() and setPeerVerifyDepth()."""
    c = net.QSslConfiguration()
    for name in "VerifyNone QueryPeer VerifyPeer AutoVerifyPeer".split():
        c.setPeerVerifyMode(getattr(net.QSslSocket.PeerVerifyMode, name))
        r.value(name, (number(c.peerVerifyMode()), c.isNull()))
    for depth in (1, 100, 2**31 - 1, -1, -100, 0):
        c.setPeerVerifyDepth(depth)
        r.value(str(depth), (c.peerVerifyDepth(), c.isNull()))


@scenario
def ssl_configuration_flags(r):
    """What is on or off."""
    for name in FLAGS:
        c = net.QSslConfiguration()
        for on in (True, False):
            getattr(c, setter(name))(on)
            r.value(f"{name} {on}", (getattr(c, name)(), c.isNull(), c == net.QSslConfiguration()))


@scenario
def ssl_configuration_certificates(r):
    """One's own certificate, its chain and its key."""
    c, host, authority = net.QSslConfiguration(), certificate("host"), certificate("authority")
    c.setLocalCertificateChain([host, authority])
    r.value("chain", (names(c.localCertificateChain()), names([c.localCertificate()]), c.isNull()))
    c.setLocalCertificate(authority)
    r.value("one", (names(c.localCertificateChain()), names([c.localCertificate()])))
    c.setLocalCertificateChain([])
    r.value("none", (names(c.localCertificateChain()), c.localCertificate().isNull(), c.isNull()))
    c.setPrivateKey(key())
    r.value("key", (c.privateKey() == key(), c.isNull()))
    c.setPrivateKey(net.QSslKey())
    r.value("no key", (about(c.privateKey()), c.isNull()))


@scenario
def ssl_configuration_null_values(r):
    """Certificates, ciphers and curves that are none."""
    c = net.QSslConfiguration()
    c.setLocalCertificate(net.QSslCertificate())
    r.value("certificate", names(c.localCertificateChain()))
    c.setCiphers([net.QSslCipher()])
    r.value("cipher", len(c.ciphers()))
    c.setEllipticCurves([net.QSslEllipticCurve()])
    r.value("curve", len(c.ellipticCurves()))


@scenario
def ssl_configuration_authorities(r):
    """Whom one trusts."""
    c, host, authority, rsa = (net.QSslConfiguration(), *map(certificate, ("host", "authority", "rsa")))
    c.setCaCertificates([authority])
    r.value("set", names(c.caCertificates()))
    c.addCaCertificate(rsa)
    r.value("one more", names(c.caCertificates()))
    c.addCaCertificates([host, authority])
    r.value("two more", names(c.caCertificates()))
    c.setCaCertificates([])
    r.value("none", names(c.caCertificates()))


@scenario
def ssl_configuration_without_authorities(r):
    """To trust nobody is what a null configuration does."""
    c = net.QSslConfiguration()
    c.setCaCertificates([])
    r.value("null", c.isNull())


@scenario
def ssl_configuration_authorities_of_files(r):
    """addCaCertificates() with paths."""
    folder, pem, syntax = str(tls_files.FILES), net.QSsl.EncodingFormat.Pem, net.QSslCertificate.PatternSyntax
    for path, kind in (("/rsa.pem", "FixedString"), ("/*.pem", "Wildcard"), ("/nothing", "FixedString"), ("/host.key", "FixedString")):
        c = net.QSslConfiguration()
        r.value(path, c.addCaCertificates(folder + path, pem, getattr(syntax, kind)))
        r.value("found", sorted(names(c.caCertificates())))


@scenario
def ssl_configuration_ciphers(r):
    """setCiphers() with a list and with names."""
    c = net.QSslConfiguration()
    c.setCiphers([net.QSslCipher("ECDHE-RSA-AES128-GCM-SHA256"), net.QSslCipher("AES128-SHA")])
    r.value("list", ([one.name() for one in c.ciphers()], c.isNull()))
    for text in ("AES256-SHA", "AES256-SHA:AES128-SHA", "none", "AES256-SHA:none:AES128-SHA", "", ":AES256-SHA:", "aes256-sha", "AES256-SHA:AES256-SHA"):
        c.setCiphers(text)
        r.value(repr(text), [one.name() for one in c.ciphers()])
    c.setCiphers([])
    r.value("none", (len(c.ciphers()), c.isNull()))


@scenario
def ssl_configuration_curves(r):
    """setEllipticCurves()."""
    c = net.QSslConfiguration()
    c.setEllipticCurves([net.QSslEllipticCurve.fromShortName(name) for name in ("secp384r1", "prime256v1")])
    r.value("two", ([one.shortName() for one in c.ellipticCurves()], c.isNull()))
    c.setEllipticCurves([])
    r.value("none", (len(c.ellipticCurves()), c.isNull()))
    supported = [one.shortName() for one in net.QSslConfiguration.supportedEllipticCurves()]
    r.value("supported", [name in supported for name in ("prime256v1", "secp384r1", "secp521r1")])


@scenario
def ssl_configuration_next_protocols(r):
    """setAllowedNextProtocols()."""
    c = net.QSslConfiguration()
    r.value("names", (net.QSslConfiguration.ALPNProtocolHTTP2, net.QSslConfiguration.NextProtocolHttp1_1))
    for protocols in ([b"h2", b"http/1.1"], [b"a\0b"], [b"x" * 255], [b"h2", b"h2"], []):
        c.setAllowedNextProtocols(protocols)
        r.value(str(len(protocols)), ([octets(one) for one in c.allowedNextProtocols()], c.isNull()))


@scenario
def ssl_configuration_next_protocols_that_are_none(r):
    """Names that TLS cannot say."""
    c = net.QSslConfiguration()
    c.setAllowedNextProtocols([b"", b"h2", b"x" * 256])
    r.value("allowed", len(c.allowedNextProtocols()))


@scenario
def ssl_configuration_tickets(r):
    """setSessionTicket()."""
    c = net.QSslConfiguration()
    for ticket in (b"ticket", b"a\0b", b"x" * 5000):
        c.setSessionTicket(ticket)
        r.value("ticket", (octets(c.sessionTicket()), c.sessionTicketLifeTimeHint(), c.isNull()))
    c.setSessionTicket(b"")
    r.value("none", octets(c.sessionTicket()))


@scenario
def ssl_configuration_equality(r):
    """==, copies and swap()."""
    one, other = net.QSslConfiguration(), net.QSslConfiguration()
    r.value("null", (one == other, one != other))
    for name, change in {
        "protocol": lambda c: c.setProtocol(net.QSsl.SslProtocol.TlsV1_2),
        "mode": lambda c: c.setPeerVerifyMode(net.QSslSocket.PeerVerifyMode.VerifyNone),
        "depth": lambda c: c.setPeerVerifyDepth(1),
        "chain": lambda c: c.setLocalCertificateChain([certificate("host")]),
        "key": lambda c: c.setPrivateKey(key()),
        "authorities": lambda c: c.setCaCertificates([certificate("authority")]),
        "ciphers": lambda c: c.setCiphers("AES128-SHA"),
        "curves": lambda c: c.setEllipticCurves([net.QSslEllipticCurve.fromShortName("prime256v1")]),
        "option": lambda c: c.setSslOption(OPTION.SslOptionDisableSessionTickets, True),
        "protocols": lambda c: c.setAllowedNextProtocols([b"h2"]),
        "OCSP": lambda c: c.setOcspStaplingEnabled(True),
        "missing": lambda c: c.setMissingCertificateIsFatal(True),
    }.items():
        one, same = net.QSslConfiguration(), net.QSslConfiguration()
        change(one)
        change(same)
        r.value(name, (one == net.QSslConfiguration(), one == same, one.isNull(), copy.copy(one) == one))
    one.swap(other)
    r.value("swapped", (one.isNull(), other.isNull()))


@scenario
def ssl_configuration_equality_of_the_rest(r):
    """What counts, and what does not, of the rest."""
    for name, change in {
        "ticket": lambda c: c.setSessionTicket(b"ticket"),
        "interrupt": lambda c: c.setHandshakeMustInterruptOnError(True),
    }.items():
        one = net.QSslConfiguration()
        change(one)
        r.value(name, (one == net.QSslConfiguration(), one.isNull()))


@scenario
def ssl_configuration_copies(r):
    """A copy stays what it is."""
    one = net.QSslConfiguration()
    twin = net.QSslConfiguration(one)
    one.setPeerVerifyDepth(3)
    one.setLocalCertificateChain([certificate("host")])
    r.value("twin", (twin.peerVerifyDepth(), names(twin.localCertificateChain()), twin.isNull()))
    twin = copy.copy(one)
    one.setPeerVerifyDepth(4)
    r.value("copy", (twin.peerVerifyDepth(), names(twin.localCertificateChain())))
