// What the tests of encrypted connections share: the certificates and keys of the tests of C.
#ifndef QNET_TESTS_SSL_SUPPORT_H
#define QNET_TESTS_SSL_SUPPORT_H

#include "support.h"

#include <fstream>
#include <sstream>

/// The path of a file of the tests of C.
inline std::string path(const std::string &name)
{
	const std::string here = __FILE__;
	return here.substr(0, here.rfind('/') + 1) + "../../../capi/tests/ssl/" + name;
}

inline std::string file(const std::string &name)
{
	std::ifstream from(path(name), std::ios::binary);
	std::ostringstream bytes;
	bytes << from.rdbuf();
	REQUIRE(!bytes.str().empty());
	return bytes.str();
}

inline QSslCertificate host() { return QSslCertificate(file("host.pem")); }
inline QSslCertificate authority() { return QSslCertificate(file("authority.pem")); }
inline QSslKey hostKey() { return QSslKey(file("host.key"), QSsl::Ec); }

#endif
