/*
 * What the tests of sockets and servers that encrypt show each other, and their main
 * function, which reads it.
 */
#ifndef QNET_TESTS_SSL_OWN_H
#define QNET_TESTS_SSL_OWN_H

#include "check.h"
#include "ssl_files.h"

static qnet_ssl_certificate *host, *authority;
static qnet_ssl_key *host_key;

static inline int ssl_main(const struct check_case *cases, size_t count, int argc, char **argv)
{
	int status;

	host = ssl_certificate("host.pem");
	authority = ssl_certificate("authority.pem");
	host_key = ssl_key("host.key");
	status = check_main(cases, count, argc, argv);
	qnet_ssl_certificate_delete(host);
	qnet_ssl_certificate_delete(authority);
	qnet_ssl_key_delete(host_key);
	return status;
}

#endif
