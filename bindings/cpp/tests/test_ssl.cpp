// Certificates, keys, and how connections are encrypted.
#include "support.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>
#include <unordered_set>

namespace {

/// The path of a file of the tests of C.
std::string path(const std::string &name)
{
	const std::string here = __FILE__;
	return here.substr(0, here.rfind('/') + 1) + "../../../capi/tests/ssl/" + name;
}

std::string file(const std::string &name)
{
	std::ifstream from(path(name), std::ios::binary);
	std::ostringstream bytes;
	bytes << from.rdbuf();
	REQUIRE(!bytes.str().empty());
	return bytes.str();
}

QSslKey hostKey() { return QSslKey(file("host.key"), QSsl::Ec); }

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("ssl: a certificate")
{
	const QSslCertificate host(file("host.pem"));
	CHECK(!host.isNull());
	CHECK(!host.isSelfSigned());
	CHECK(!host.isBlacklisted());
	CHECK(host.version() == "3");
	CHECK(host.serialNumber() == "01:a2:b3:c4:d5");
	CHECK(host.subjectDisplayName() == "host.test");
	CHECK(host.issuerDisplayName() == "Test Authority");
	CHECK(host.subjectInfo(QSslCertificate::OrganizationalUnitName) == Texts{"two", "one"});
	CHECK(host.subjectInfo("OU") == Texts{"two", "one"});
	CHECK(host.issuerInfo(QSslCertificate::CommonName) == Texts{"Test Authority"});
	CHECK(host.issuerInfo("CN") == Texts{"Test Authority"});
	CHECK(host.issuerInfoAttributes() == Texts{"C", "CN", "O"});
	CHECK(host.subjectInfoAttributes() == Texts{"C", "CN", "O", "OU"});
	const auto names = host.subjectAlternativeNames();
	CHECK(names.size() == 4);
	CHECK(names.find(QSsl::DnsEntry)->second == "*.sub.test");
	CHECK(names.find(QSsl::IpAddressEntry)->second == "192.0.2.1");
	CHECK(host.effectiveDate() == QSslCertificate::DateTime(std::chrono::seconds(1577836800)));
	CHECK(host.expiryDate() == QSslCertificate::DateTime(std::chrono::seconds(4733510400)));
	CHECK(host.publicKey().length() == 256);
	CHECK(host.publicKey() == QSslKey(file("host.pub"), QSsl::Ec, QSsl::Pem, QSsl::PublicKey));
	CHECK(host.digest(QCryptographicHash::Sha256).size() == 32);
	CHECK(host.digest().size() == 16);
	CHECK(host.toPem() == file("host.pem"));
	CHECK(host.toText().find("Not Before: Jan  1 00:00:00 2020 GMT") != std::string::npos);
	CHECK(QSslCertificate(host.toDer(), QSsl::Der) == host);
	CHECK(QSslCertificate::copyOf(host.handle()) == host);
	CHECK(std::unordered_set<QSslCertificate>{host, QSslCertificate(file("host.pem"))}.size() == 1);
}

TEST_CASE("ssl: no certificate")
{
	QSslCertificate none, host(file("host.pem"));
	CHECK(none.isNull());
	CHECK(none == QSslCertificate("nothing"));
	CHECK(none != host);
	CHECK(none.version() == "");
	CHECK(!none.effectiveDate());
	CHECK(none.publicKey().isNull());
	CHECK(none.extensions().empty());
	CHECK(none.toPem().empty());
	none.swap(host);
	CHECK(host.isNull());
	none.clear();
	CHECK(none.isNull());
}

TEST_CASE("ssl: lists of certificates")
{
	const auto both = QSslCertificate::fromData(file("host.pem") + "text\n" + file("authority.pem"));
	REQUIRE(both.size() == 2);
	CHECK(both[1].isSelfSigned());
	CHECK(QSslCertificate::fromPath(path("host.pem")) == std::vector<QSslCertificate>{both[0]});
	CHECK(QSslCertificate::fromPath(path("*.pem"), QSsl::Pem, QSslCertificate::PatternSyntax::Wildcard).size() == 3);
	CHECK(QSslCertificate::fromPath(path("none")).empty());
	// More than are made room for at first.
	std::string many;
	for (int i = 0; i < 50; i++)
		many += file("rsa.pem");
	CHECK(QSslCertificate::fromData(many).size() == 50);
}

TEST_CASE("ssl: extensions")
{
	const auto find = [](const std::string &file_, const std::string &name) {
		for (const QSslCertificateExtension &e : QSslCertificate(file(file_)).extensions())
			if (e.name() == name)
				return e;
		return QSslCertificateExtension();
	};
	const QSslCertificateExtension basic = find("authority.pem", "basicConstraints");
	CHECK(basic.oid() == "2.5.29.19");
	CHECK(basic.isCritical());
	CHECK(basic.isSupported());
	auto parts = basic.value().toMap();
	CHECK(parts.size() == 2);
	CHECK(parts["ca"].toBool());
	CHECK(parts["pathLenConstraint"].toLongLong() == 1);
	CHECK(parts["pathLenConstraint"].type() == QNET_SSL_NUMBER_VALUE);
	CHECK(find("host.pem", "extendedKeyUsage").value().toStringList() ==
	      Texts{"TLS Web Server Authentication", "TLS Web Client Authentication"});
	CHECK(find("host.pem", "subjectKeyIdentifier").value().toString().size() == 59);
	CHECK(find("host.pem", "1.2.3.4").value().toByteArray() == std::string("\x0c\x03" "a\0b", 5));
	CHECK(find("host.pem", "basicConstraints").value() == find("host.pem", "basicConstraints").value());
	CHECK(find("host.pem", "basicConstraints").value() != basic.value());
	CHECK(QSslCertificateExtension::copyOf(basic.handle()).value() == basic.value());
	CHECK(!QSslCertificateExtension().value().isValid());
	CHECK(QSslCertificateExtension().oid().empty());
}

TEST_CASE("ssl: keys")
{
	const QSslKey key = hostKey();
	CHECK(!key.isNull());
	CHECK(key.errorString().empty());
	CHECK(key.length() == 256);
	CHECK(key.type() == QSsl::PrivateKey);
	CHECK(key.algorithm() == QSsl::Ec);
	for (const char *name : {"encrypted.key", "traditional.key"}) {
		CHECK(QSslKey(file(name), QSsl::Ec, QSsl::Pem, QSsl::PrivateKey, "secret") == key);
		const QSslKey none(file(name), QSsl::Ec, QSsl::Pem, QSsl::PrivateKey, "wrong");
		CHECK(none.isNull());
		CHECK(none.length() == -1);
		CHECK(none.errorString() == "The pass phrase is wrong or missing");
		CHECK(none == QSslKey());
	}
	CHECK(QSslKey(key.toDer(), QSsl::Ec, QSsl::Der) == key);
	CHECK(key.toDer("secret").empty());
	const std::string encrypted = key.toPem("secret");
	CHECK(encrypted != key.toPem("secret"));
	CHECK(QSslKey(encrypted, QSsl::Ec, QSsl::Pem, QSsl::PrivateKey, "secret") == key);
	CHECK(QSslKey(file("rsa.key"), QSsl::Rsa).length() == 2048);
	CHECK(QSslKey(file("ed25519.key"), QSsl::Opaque).algorithm() == QSsl::Opaque);
	CHECK(key != QSslKey(file("rsa.key"), QSsl::Rsa));
	QSslKey copy = key;
	copy.clear();
	CHECK(copy.isNull());
	CHECK(!key.isNull());
}

TEST_CASE("ssl: PKCS #12")
{
	QSslKey key;
	QSslCertificate certificate;
	std::vector<QSslCertificate> authorities;
	CHECK(QSslCertificate::importPkcs12(file("host.p12"), &key, &certificate, &authorities, "secret"));
	CHECK(key == hostKey());
	CHECK(certificate == QSslCertificate(file("host.pem")));
	CHECK(authorities == std::vector<QSslCertificate>{QSslCertificate(file("authority.pem"))});
	CHECK(QSslCertificate::importPkcs12(file("host.p12"), nullptr, nullptr, nullptr, "secret"));
	Messages messages;
	CHECK(!QSslCertificate::importPkcs12(file("host.p12"), &key, &certificate, nullptr, "wrong"));
	CHECK(messages.contains("The pass phrase is wrong"));
	CHECK(key == hostKey());
}

TEST_CASE("ssl: errors")
{
	const QSslCertificate host(file("host.pem")), authority(file("authority.pem"));
	const QSslError error(QSslError::CertificateExpired, host);
	CHECK(error.error() == QSslError::CertificateExpired);
	CHECK(error.errorString() == "The certificate has expired");
	CHECK(error.certificate() == host);
	CHECK(error == QSslError(QSslError::CertificateExpired, host));
	CHECK(error == QSslError::copyOf(error.handle()));
	CHECK(error != QSslError(QSslError::CertificateExpired));
	CHECK(QSslError().error() == QSslError::NoError);
	CHECK(QSslError().certificate().isNull());
	CHECK(std::unordered_set<QSslError>{error, QSslError(error)}.size() == 1);

	const auto errors = QSslCertificate::verify({host, authority}, "other.test");
	REQUIRE(errors.size() == 2);
	CHECK(errors[0] == QSslError(QSslError::HostNameMismatch, host));
	CHECK(errors[1] == QSslError(QSslError::SelfSignedCertificateInChain, authority));
	const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
	QSslConfiguration trusting = before;
	trusting.addCaCertificate(authority);
	QSslConfiguration::setDefaultConfiguration(trusting);
	CHECK(QSslCertificate::verify({host}, "host.test").empty());
	QSslConfiguration::setDefaultConfiguration(before);
}

TEST_CASE("ssl: ciphers and curves")
{
	const QSslCipher cipher("ECDHE-RSA-AES128-GCM-SHA256");
	CHECK(!cipher.isNull());
	CHECK(cipher.name() == "ECDHE-RSA-AES128-GCM-SHA256");
	CHECK(cipher.supportedBits() == 128);
	CHECK(cipher.usedBits() == 128);
	CHECK(cipher.keyExchangeMethod() == "ECDH");
	CHECK(cipher.authenticationMethod() == "RSA");
	CHECK(cipher.encryptionMethod() == "AESGCM(128)");
	CHECK(cipher.protocol() == QSsl::TlsV1_2);
	CHECK(cipher.protocolString() == "TLSv1.2");
	CHECK(cipher == QSslCipher("ECDHE-RSA-AES128-GCM-SHA256", QSsl::TlsV1_2));
	CHECK(QSslCipher("ECDHE-RSA-AES128-GCM-SHA256", QSsl::TlsV1_3).isNull());
	CHECK(cipher != QSslCipher());
	CHECK(QSslCipher("none").isNull());
	QSslCipher other;
	other.swap(other = cipher);
	CHECK(other == cipher);

	const QSslEllipticCurve curve = QSslEllipticCurve::fromShortName("prime256v1");
	CHECK(curve.isValid());
	CHECK(curve.shortName() == "prime256v1");
	CHECK(curve.longName() == "prime256v1");
	CHECK(curve.isTlsNamedCurve());
	CHECK(curve == QSslEllipticCurve::fromLongName("prime256v1"));
	CHECK(!QSslEllipticCurve::fromShortName("none").isValid());
	CHECK(QSslEllipticCurve() != curve);
	CHECK(std::unordered_set<QSslEllipticCurve>{curve, curve}.size() == 1);
}

TEST_CASE("ssl: a configuration")
{
	QSslConfiguration c;
	CHECK(c.isNull());
	CHECK(c.protocol() == QSsl::SecureProtocols);
	QSslConfiguration copy = c;
	c.setProtocol(QSsl::TlsV1_3OrLater);
	CHECK(copy.isNull());
	CHECK(copy != c);
	CHECK(c.protocol() == QSsl::TlsV1_3OrLater);
	c.setPeerVerifyMode(detail::SslSocketBase::QueryPeer);
	CHECK(c.peerVerifyMode() == detail::SslSocketBase::QueryPeer);
	c.setPeerVerifyDepth(3);
	CHECK(c.peerVerifyDepth() == 3);
	c.setSslOption(QSsl::SslOptionDisableSessionTickets, true);
	CHECK(c.testSslOption(QSsl::SslOptionDisableSessionTickets));
	CHECK((QSsl::SslOptionDisableSessionTickets | QSsl::SslOptionDisableCompression).testFlag(QSsl::SslOptionDisableCompression));
	c.setHandshakeMustInterruptOnError(true);
	CHECK(c.handshakeMustInterruptOnError());
	c.setMissingCertificateIsFatal(true);
	CHECK(c.missingCertificateIsFatal());
	c.setOcspStaplingEnabled(true);
	CHECK(c.ocspStaplingEnabled());

	c.setCiphers({QSslCipher("ECDHE-RSA-AES128-GCM-SHA256"), QSslCipher()});
	CHECK(c.ciphers() == std::vector<QSslCipher>{QSslCipher("ECDHE-RSA-AES128-GCM-SHA256")});
	c.setCiphers("AES128-SHA:none:AES256-SHA");
	CHECK(c.ciphers().size() == 2);
	CHECK(QSslConfiguration::supportedCiphers().size() > 5);
	c.setEllipticCurves({QSslEllipticCurve::fromShortName("secp384r1"), QSslEllipticCurve()});
	CHECK(c.ellipticCurves() == std::vector<QSslEllipticCurve>{QSslEllipticCurve::fromShortName("secp384r1")});
	CHECK(QSslConfiguration::supportedEllipticCurves().size() == 4);

	const QSslCertificate host(file("host.pem")), authority(file("authority.pem"));
	c.setLocalCertificateChain({host, authority});
	CHECK(c.localCertificateChain() == std::vector<QSslCertificate>{host, authority});
	CHECK(c.localCertificate() == host);
	c.setLocalCertificate(authority);
	CHECK(c.localCertificateChain() == std::vector<QSslCertificate>{authority});
	c.setPrivateKey(hostKey());
	CHECK(c.privateKey() == hostKey());
	CHECK(c.addServerCertificate({host}, hostKey()));
	CHECK(c.clearServerCertificates() == 1);
	c.setCaCertificates({authority});
	c.addCaCertificates({host});
	CHECK(c.addCaCertificates(path("rsa.pem")));
	CHECK(!c.addCaCertificates(path("none")));
	CHECK(c.caCertificates().size() == 3);
	CHECK(QSslConfiguration::systemCaCertificates() == QSslConfiguration::defaultConfiguration().caCertificates());

	c.setAllowedNextProtocols({QSslConfiguration::ALPNProtocolHTTP2, QSslConfiguration::NextProtocolHttp1_1, std::string("a\0b", 3)});
	CHECK(c.allowedNextProtocols() == Texts{"h2", "http/1.1", std::string("a\0b", 3)});
	{
		Messages messages;
		c.setAllowedNextProtocols({"", "h2", std::string(256, 'x')});
		CHECK(messages.all().size() == 2);
	}
	CHECK(c.allowedNextProtocols() == Texts{"h2"});
	c.setSessionTicket(std::string("t\0t", 3));
	CHECK(c.sessionTicket() == std::string("t\0t", 3));

	CHECK(c.peerCertificate().isNull());
	CHECK(c.peerCertificateChain().empty());
	CHECK(c.sessionCipher().isNull());
	CHECK(c.sessionProtocol() == QSsl::UnknownProtocol);
	CHECK(c.sessionTicketLifeTimeHint() == -1);
	CHECK(c.nextNegotiatedProtocol().empty());
	CHECK(c.nextProtocolNegotiationStatus() == QSslConfiguration::NextProtocolNegotiationNone);
	CHECK(c.ephemeralServerKey().isNull());
	copy.swap(c);
	CHECK(c.isNull());
	// What was moved from is still a configuration.
	QSslConfiguration moved = std::move(copy);
	CHECK(moved.sessionTicket() == copy.sessionTicket());
}

TEST_CASE("ssl: OCSP responses")
{
	const QOcspResponse response;
	CHECK(response.certificateStatus() == QOcspCertificateStatus::Unknown);
	CHECK(response.revocationReason() == QOcspRevocationReason::None);
	CHECK(response.responder().isNull());
	CHECK(response.subject().isNull());
	CHECK(response == QOcspResponse::copyOf(response.handle()));
	CHECK(std::unordered_set<QOcspResponse>{response, QOcspResponse()}.size() == 1);
}

TEST_CASE("ssl: what the library can do")
{
	using Socket = detail::SslSocketBase;
	CHECK(Socket::supportsSsl());
	CHECK(Socket::activeBackend() == "crypto/tls");
	CHECK(Socket::availableBackends() == Texts{"crypto/tls"});
	CHECK(Socket::sslLibraryVersionNumber() >= 0x011a0000);
	CHECK(Socket::sslLibraryVersionString().find("crypto/tls go1.") == 0);
	CHECK(Socket::supportedProtocols().size() == 10);
	CHECK(Socket::supportedProtocols("crypto/tls").size() == 10);
	CHECK(Socket::supportedProtocols("other").empty());
	CHECK(Socket::isProtocolSupported(QSsl::TlsV1_3));
	CHECK(!Socket::isProtocolSupported(QSsl::DtlsV1_2));
	CHECK(Socket::supportedFeatures().size() == 6);
	CHECK(Socket::isFeatureSupported(QSsl::SupportedFeature::Alerts));
	CHECK(!Socket::isFeatureSupported(QSsl::SupportedFeature::Alerts, "other"));
}

TEST_CASE("ssl: copies on several threads")
{
	const QSslCertificate host(file("host.pem"));
	QSslConfiguration shared = QSslConfiguration::defaultConfiguration();
	shared.setSessionTicket("ticket");
	// The text is there before the threads are: their sanitizer does not see the locks that are in Go.
	CHECK(host.subjectDisplayName() == "host.test");
	std::vector<std::thread> threads;
	std::atomic<int> wrong{0};
	for (int i = 0; i < 4; i++)
		threads.emplace_back([host, shared, &wrong, i]() mutable {
			for (int n = 0; n < 100; n++) {
				wrong += host.subjectDisplayName() != "host.test" || host.publicKey().length() != 256;
				QSslConfiguration copy = shared;
				wrong += copy.sessionTicket() != "ticket";
				copy.setPeerVerifyDepth(i);
				wrong += copy.peerVerifyDepth() != i || shared.peerVerifyDepth() != 0;
			}
		});
	for (std::thread &thread : threads)
		thread.join();
	CHECK(wrong == 0);
}
