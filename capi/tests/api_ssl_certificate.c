/*
 * Certificates, their extensions, keys, and what is wrong with them.
 */
#include "check.h"

#include <pthread.h>

#include "ssl_files.h"

/* A text that is returned with its size, which is to be what strlen() says. */
#define REQUIRE_SIZED(call, want) \
	do { \
		int64_t size = -1; \
		REQUIRE_TEXT(call, want); \
		REQUIRE_EQUAL(size, strlen(want)); \
	} while (0)

static const char *certificates(void)
{
	qnet_ssl_certificate *host = ssl_certificate("host.pem"), *same = ssl_certificate("host.pem");
	qnet_ssl_certificate *authority = ssl_certificate("authority.pem"), *copy;

	REQUIRE(host != NULL && authority != NULL);
	REQUIRE(!qnet_ssl_certificate_is_null(host));
	REQUIRE(!qnet_ssl_certificate_is_blacklisted(host));
	REQUIRE(!qnet_ssl_certificate_is_self_signed(host));
	REQUIRE(qnet_ssl_certificate_is_self_signed(authority));
	REQUIRE(qnet_ssl_certificate_is_equal(host, same));
	REQUIRE(!qnet_ssl_certificate_is_equal(host, authority));
	REQUIRE(!qnet_ssl_certificate_is_equal(NULL, authority));
	copy = qnet_ssl_certificate_copy(host);
	REQUIRE(copy != NULL && copy != host);
	qnet_ssl_certificate_delete(host);
	REQUIRE(qnet_ssl_certificate_is_equal(copy, same));
	REQUIRE_WARNINGS(0);
	REQUIRE(qnet_ssl_certificate_version(host) == NULL);
	REQUIRE(!qnet_ssl_certificate_is_null(host));
	qnet_ssl_certificate_delete(host);
	REQUIRE_WARNINGS(3);
	qnet_ssl_certificate_delete(copy);
	qnet_ssl_certificate_delete(same);
	qnet_ssl_certificate_delete(authority);
	return NULL;
}

static const char *what_it_says(void)
{
	qnet_ssl_certificate *host = ssl_certificate("host.pem");
	const char *version = qnet_ssl_certificate_version(host);
	qnet_ssl_key *key;

	REQUIRE_TEXT(version, "3");
	REQUIRE_TEXT(qnet_ssl_certificate_serial_number(host), "01:a2:b3:c4:d5");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_display_name(host), "host.test");
	REQUIRE_TEXT(qnet_ssl_certificate_issuer_display_name(host), "Test Authority");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_info(host, QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME, 0), "two");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_info(host, QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME, 1), "one");
	REQUIRE(qnet_ssl_certificate_subject_info(host, QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME, 2) == NULL);
	REQUIRE(qnet_ssl_certificate_subject_info(host, QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME, -1) == NULL);
	REQUIRE(qnet_ssl_certificate_subject_info(host, (qnet_certificate_subject_info)257, 0) == NULL);
	REQUIRE(qnet_ssl_certificate_subject_info(host, QNET_CERTIFICATE_EMAIL_ADDRESS, 0) == NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_subject_info_by_name(host, "CN", 0), "host.test");
	REQUIRE_TEXT(qnet_ssl_certificate_issuer_info_by_name(host, "CN", 0), "Test Authority");
	REQUIRE(qnet_ssl_certificate_issuer_info_by_name(host, "2.5.4.3", 0) == NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_issuer_info(host, QNET_CERTIFICATE_COUNTRY_NAME, 0), "DE");
	REQUIRE_TEXT(qnet_ssl_certificate_issuer_info_attributes(host, 0), "C");
	REQUIRE_TEXT(qnet_ssl_certificate_issuer_info_attributes(host, 2), "O");
	REQUIRE(qnet_ssl_certificate_issuer_info_attributes(host, 3) == NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_subject_info_attributes(host, 3), "OU");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_alternative_names(host, QNET_DNS_ENTRY, 0), "*.sub.test");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_alternative_names(host, QNET_DNS_ENTRY, 1), "host.test");
	REQUIRE(qnet_ssl_certificate_subject_alternative_names(host, QNET_DNS_ENTRY, 2) == NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_subject_alternative_names(host, QNET_IP_ADDRESS_ENTRY, 0), "192.0.2.1");
	REQUIRE_TEXT(qnet_ssl_certificate_subject_alternative_names(host, QNET_EMAIL_ENTRY, 0), "who@host.test");
	REQUIRE_EQUAL(qnet_ssl_certificate_effective_date(host), INT64_C(1577836800000));
	REQUIRE_EQUAL(qnet_ssl_certificate_expiry_date(host), INT64_C(4733510400000));
	key = qnet_ssl_certificate_public_key(host);
	REQUIRE_EQUAL(qnet_ssl_key_length(key), 256);
	REQUIRE_EQUAL(qnet_ssl_key_type(key), QNET_PUBLIC_KEY);
	REQUIRE_EQUAL(qnet_ssl_key_algorithm(key), QNET_EC_KEY);
	qnet_ssl_key_delete(key);
	/* The first text is still there. */
	REQUIRE_TEXT(version, "3");
	REQUIRE(qnet_ssl_certificate_version(host) == version);
	qnet_ssl_certificate_delete(host);
	return NULL;
}

static const char *files(void)
{
	const struct ssl_file *file = ssl_file("host.pem");
	qnet_ssl_certificate *host = ssl_certificate("host.pem"), *list[3] = { NULL };
	char both[2 * SSL_FILE_SIZE], path[300];
	const char *memory, *text = qnet_ssl_certificate_to_text(host);
	int64_t size;

	REQUIRE(text != NULL && strstr(text, "Subject: C=DE, O=qnet tests") != NULL);
	memory = qnet_ssl_certificate_to_pem(host, &size);
	REQUIRE(size == (int64_t)file->size && memcmp(memory, file->data, file->size) == 0);
	memory = qnet_ssl_certificate_to_der(host, &size);
	REQUIRE(size > 500 && memory[0] == 0x30);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(memory, (size_t)size, QNET_DER, list, 3), 1);
	REQUIRE(qnet_ssl_certificate_is_equal(list[0], host) && list[1] == NULL);
	qnet_ssl_certificate_delete(list[0]);
	memory = qnet_ssl_certificate_digest(host, QNET_SHA256, &size);
	REQUIRE(size == 32 && memory != NULL);
	qnet_ssl_certificate_digest(host, QNET_MD5, &size);
	REQUIRE_EQUAL(size, 16);
	REQUIRE_TEXT(qnet_ssl_certificate_digest(host, (qnet_cryptographic_hash_algorithm)258, &size), "");
	REQUIRE_EQUAL(size, 0);
	/* Two, of which there is room for one. */
	snprintf(both, sizeof both, "first\n%.*ssecond\n%.*s", (int)file->size, file->data, (int)ssl_file("authority.pem")->size,
		 ssl_file("authority.pem")->data);
	list[1] = list[0] = NULL;
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(both, strlen(both), QNET_PEM, list, 1), 2);
	REQUIRE(list[0] != NULL && list[1] == NULL);
	qnet_ssl_certificate_delete(list[0]);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(both, strlen(both), QNET_PEM, NULL, 0), 2);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data("nothing", 7, QNET_PEM, list, 3), 0);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(NULL, 0, QNET_PEM, list, 3), 0);
	REQUIRE_WARNINGS(0);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(both, strlen(both), QNET_PEM, list, -1), -1);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(both, strlen(both), QNET_PEM, NULL, 1), -1);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_data(both, strlen(both), (qnet_encoding_format)2, list, 1), -1);
	REQUIRE_WARNINGS(3);
	/* Files by name. */
	REQUIRE_EQUAL(qnet_ssl_certificate_from_path(ssl_path(path, "host.pem"), QNET_PEM, QNET_CERTIFICATE_FIXED_STRING, list, 3), 1);
	REQUIRE(qnet_ssl_certificate_is_equal(list[0], host));
	qnet_ssl_certificate_delete(list[0]);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_path(ssl_path(path, "*.pem"), QNET_PEM, QNET_CERTIFICATE_WILDCARD, NULL, 0), 3);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_path(ssl_path(path, "none.pem"), QNET_PEM, QNET_CERTIFICATE_FIXED_STRING, NULL, 0), 0);
	REQUIRE_EQUAL(qnet_ssl_certificate_from_path(path, QNET_PEM, (qnet_certificate_pattern_syntax)3, NULL, 0), -1);
	REQUIRE_WARNINGS(1);
	qnet_ssl_certificate_delete(host);
	return NULL;
}

/* Returns the extension of a certificate with a name. */
static qnet_ssl_certificate_extension *extension_of(qnet_ssl_certificate *certificate, const char *name)
{
	qnet_ssl_certificate_extension *list[10], *found = NULL;
	int count = qnet_ssl_certificate_extensions(certificate, list, LENGTH(list));

	for (int i = 0; i < count; i++) {
		if (found == NULL && strcmp(qnet_ssl_certificate_extension_name(list[i]), name) == 0)
			found = list[i];
		else
			qnet_ssl_certificate_extension_delete(list[i]);
	}
	return found;
}

static const char *extensions(void)
{
	qnet_ssl_certificate *host = ssl_certificate("host.pem"), *authority = ssl_certificate("authority.pem");
	qnet_ssl_certificate_extension *e, *copy;
	const char *memory;
	int64_t size;

	REQUIRE_EQUAL(qnet_ssl_certificate_extensions(host, NULL, 0), 7);
	e = extension_of(authority, "basicConstraints");
	REQUIRE(qnet_ssl_certificate_extension_is_critical(e));
	REQUIRE(qnet_ssl_certificate_extension_is_supported(e));
	REQUIRE_TEXT(qnet_ssl_certificate_extension_oid(e), "2.5.29.19");
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, QNET_SSL_WHOLE_VALUE), QNET_SSL_MAP_VALUE);
	REQUIRE(qnet_ssl_certificate_extension_value(e, QNET_SSL_WHOLE_VALUE, &size) == NULL && size == 0);
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, 0), QNET_SSL_BOOL_VALUE);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_value_name(e, 0), "ca");
	REQUIRE_SIZED(qnet_ssl_certificate_extension_value(e, 0, &size), "true");
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, 1), QNET_SSL_NUMBER_VALUE);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_value_name(e, 1), "pathLenConstraint");
	REQUIRE_SIZED(qnet_ssl_certificate_extension_value(e, 1, &size), "1");
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, 2), QNET_SSL_NO_VALUE);
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, -2), QNET_SSL_NO_VALUE);
	REQUIRE(qnet_ssl_certificate_extension_value_name(e, 2) == NULL);
	REQUIRE(qnet_ssl_certificate_extension_value(e, 2, NULL) == NULL);
	copy = qnet_ssl_certificate_extension_copy(e);
	qnet_ssl_certificate_extension_delete(e);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_name(copy), "basicConstraints");
	qnet_ssl_certificate_extension_delete(copy);

	e = extension_of(host, "subjectKeyIdentifier");
	REQUIRE(!qnet_ssl_certificate_extension_is_critical(e));
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, QNET_SSL_WHOLE_VALUE), QNET_SSL_TEXT_VALUE);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_value_name(e, QNET_SSL_WHOLE_VALUE), "");
	qnet_ssl_certificate_extension_value(e, QNET_SSL_WHOLE_VALUE, &size);
	REQUIRE_EQUAL(size, 20 * 3 - 1);
	qnet_ssl_certificate_extension_delete(e);

	e = extension_of(host, "extendedKeyUsage");
	REQUIRE(!qnet_ssl_certificate_extension_is_supported(e));
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, QNET_SSL_WHOLE_VALUE), QNET_SSL_LIST_VALUE);
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, 1), QNET_SSL_TEXT_VALUE);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_value(e, 1, NULL), "TLS Web Client Authentication");
	REQUIRE_TEXT(qnet_ssl_certificate_extension_value_name(e, 1), "");
	qnet_ssl_certificate_extension_delete(e);

	/* One that nobody knows, with a NUL. */
	e = extension_of(host, "1.2.3.4");
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(e, QNET_SSL_WHOLE_VALUE), QNET_SSL_BYTES_VALUE);
	memory = qnet_ssl_certificate_extension_value(e, QNET_SSL_WHOLE_VALUE, &size);
	REQUIRE(size == 5 && memcmp(memory, "\x0c\x03" "a\0b", 6) == 0);
	qnet_ssl_certificate_extension_delete(e);
	qnet_ssl_certificate_delete(host);
	qnet_ssl_certificate_delete(authority);
	return NULL;
}

static qnet_ssl_key *key_of(const char *name, qnet_key_algorithm algorithm, qnet_key_type type, const char *pass_phrase)
{
	const struct ssl_file *file = ssl_file(name);

	return qnet_ssl_key_new(file->data, file->size, algorithm, QNET_PEM, type, pass_phrase);
}

static const char *keys(void)
{
	qnet_ssl_key *key = key_of("host.key", QNET_EC_KEY, QNET_PRIVATE_KEY, NULL), *other, *copy;
	qnet_ssl_certificate *host = ssl_certificate("host.pem");
	const char *memory, *again;
	int64_t size;

	REQUIRE(key != NULL && !qnet_ssl_key_is_null(key));
	REQUIRE_TEXT(qnet_ssl_key_error_string(key), "");
	REQUIRE_EQUAL(qnet_ssl_key_length(key), 256);
	REQUIRE_EQUAL(qnet_ssl_key_type(key), QNET_PRIVATE_KEY);
	REQUIRE_EQUAL(qnet_ssl_key_algorithm(key), QNET_EC_KEY);
	/* In whatever form it was read. */
	for (int i = 0; i < 2; i++) {
		other = key_of(i == 0 ? "encrypted.key" : "traditional.key", QNET_EC_KEY, QNET_PRIVATE_KEY, "secret");
		REQUIRE(qnet_ssl_key_is_equal(key, other));
		qnet_ssl_key_delete(other);
		other = key_of(i == 0 ? "encrypted.key" : "traditional.key", QNET_EC_KEY, QNET_PRIVATE_KEY, "wrong");
		REQUIRE(qnet_ssl_key_is_null(other));
		REQUIRE_TEXT(qnet_ssl_key_error_string(other), "The pass phrase is wrong or missing");
		REQUIRE(!qnet_ssl_key_is_equal(key, other));
		qnet_ssl_key_delete(other);
	}
	memory = qnet_ssl_key_to_der(key, NULL, &size);
	other = qnet_ssl_key_new(memory, (size_t)size, QNET_EC_KEY, QNET_DER, QNET_PRIVATE_KEY, NULL);
	REQUIRE(qnet_ssl_key_is_equal(key, other));
	copy = qnet_ssl_key_copy(other);
	qnet_ssl_key_delete(other);
	REQUIRE(qnet_ssl_key_is_equal(key, copy));
	qnet_ssl_key_delete(copy);
	REQUIRE_TEXT(qnet_ssl_key_to_der(key, "secret", &size), "");
	REQUIRE_EQUAL(size, 0);
	memory = qnet_ssl_key_to_pem(key, NULL, &size);
	REQUIRE(strncmp(memory, "-----BEGIN EC PRIVATE KEY-----\n", 31) == 0 && (size_t)size == strlen(memory));
	/* Encrypted, it is another each time, and the next replaces the last. */
	again = qnet_ssl_key_to_pem(key, "a phrase", &size);
	REQUIRE(strncmp(again, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38) == 0);
	other = qnet_ssl_key_new(again, (size_t)size, QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, "a phrase");
	REQUIRE(qnet_ssl_key_is_equal(key, other));
	qnet_ssl_key_delete(other);
	qnet_ssl_key_to_pem(key, "a phrase", NULL);
	REQUIRE(strncmp(memory, "-----BEGIN EC", 13) == 0);
	qnet_ssl_key_delete(key);

	key = key_of("host.pub", QNET_EC_KEY, QNET_PUBLIC_KEY, NULL);
	other = qnet_ssl_certificate_public_key(host);
	REQUIRE(qnet_ssl_key_is_equal(key, other));
	REQUIRE(memcmp(qnet_ssl_key_to_pem(key, NULL, NULL), ssl_file("host.pub")->data, ssl_file("host.pub")->size) == 0);
	qnet_ssl_key_delete(key);
	qnet_ssl_key_delete(other);
	key = key_of("rsa.key", QNET_RSA_KEY, QNET_PRIVATE_KEY, NULL);
	REQUIRE_EQUAL(qnet_ssl_key_length(key), 2048);
	qnet_ssl_key_delete(key);
	key = key_of("ed25519.key", QNET_OPAQUE_KEY, QNET_PRIVATE_KEY, NULL);
	REQUIRE(!qnet_ssl_key_is_null(key));
	REQUIRE_EQUAL(qnet_ssl_key_algorithm(key), QNET_OPAQUE_KEY);
	qnet_ssl_key_delete(key);
	qnet_ssl_certificate_delete(host);
	return NULL;
}

static const char *no_keys(void)
{
	static const struct {
		const char *file;
		int algorithm, format, type;
		const char *why;
	} rows[] = {
		{ "host.key", QNET_RSA_KEY, QNET_PEM, QNET_PRIVATE_KEY, "The key is of another algorithm" },
		{ "host.key", QNET_EC_KEY, QNET_PEM, QNET_PUBLIC_KEY, "There is no key" },
		{ "host.pem", QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, "There is no key" },
		{ "host.key", QNET_EC_KEY, QNET_DER, QNET_PRIVATE_KEY, "The key is broken" },
		{ "encrypted.key", QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, "The pass phrase is wrong or missing" },
		{ "host.key", QNET_DSA_KEY, QNET_PEM, QNET_PRIVATE_KEY, "Keys of this algorithm are not supported" },
		{ "host.key", QNET_DH_KEY, QNET_PEM, QNET_PRIVATE_KEY, "Keys of this algorithm are not supported" },
		{ "host.key", QNET_ML_DSA_KEY, QNET_PEM, QNET_PUBLIC_KEY, "Keys of this algorithm are not supported" },
		{ "host.key", 6, QNET_PEM, QNET_PRIVATE_KEY, "There is no such algorithm, format or type" },
		{ "host.key", 256 + QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, "There is no such algorithm, format or type" },
		{ "host.key", QNET_EC_KEY, 2, QNET_PRIVATE_KEY, "There is no such algorithm, format or type" },
		{ "host.key", QNET_EC_KEY, QNET_PEM, 2, "There is no such algorithm, format or type" },
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct ssl_file *file = ssl_file(rows[i].file);
		qnet_ssl_key *key = qnet_ssl_key_new(file->data, file->size, (qnet_key_algorithm)rows[i].algorithm,
						     (qnet_encoding_format)rows[i].format, (qnet_key_type)rows[i].type, NULL);

		REQUIRE(key != NULL && qnet_ssl_key_is_null(key));
		REQUIRE_TEXT(qnet_ssl_key_error_string(key), rows[i].why);
		REQUIRE_EQUAL(qnet_ssl_key_length(key), -1);
		REQUIRE(qnet_ssl_key_is_equal(key, NULL));
		if (strncmp(rows[i].why, "There is no such", 16) != 0) {
			REQUIRE_EQUAL(qnet_ssl_key_algorithm(key), rows[i].algorithm);
			REQUIRE_EQUAL(qnet_ssl_key_type(key), rows[i].type);
		}
		qnet_ssl_key_delete(key);
	}
	REQUIRE_WARNINGS(0);
	REQUIRE(qnet_ssl_key_new(NULL, 1, QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, NULL) == NULL);
	REQUIRE(qnet_ssl_key_new("x", (size_t)1 << 31, QNET_EC_KEY, QNET_PEM, QNET_PRIVATE_KEY, NULL) == NULL);
	REQUIRE_WARNINGS(2);
	return NULL;
}

static const char *pkcs12(void)
{
	const struct ssl_file *file = ssl_file("host.p12");
	qnet_ssl_key *key = NULL, *want = key_of("host.key", QNET_EC_KEY, QNET_PRIVATE_KEY, NULL);
	qnet_ssl_certificate *certificate = NULL, *others[2] = { NULL };
	qnet_ssl_certificate *host = ssl_certificate("host.pem"), *authority = ssl_certificate("authority.pem");

	REQUIRE_EQUAL(qnet_ssl_certificate_import_pkcs12(file->data, file->size, "secret", &key, &certificate, others, 2), 1);
	REQUIRE(qnet_ssl_key_is_equal(key, want));
	REQUIRE(qnet_ssl_certificate_is_equal(certificate, host));
	REQUIRE(qnet_ssl_certificate_is_equal(others[0], authority) && others[1] == NULL);
	qnet_ssl_key_delete(key);
	qnet_ssl_certificate_delete(certificate);
	qnet_ssl_certificate_delete(others[0]);
	/* Only what is wanted. */
	REQUIRE_EQUAL(qnet_ssl_certificate_import_pkcs12(file->data, file->size, "secret", NULL, NULL, NULL, 0), 1);
	key = NULL;
	certificate = NULL;
	REQUIRE_WARNINGS(0);
	REQUIRE_EQUAL(qnet_ssl_certificate_import_pkcs12(file->data, file->size, "wrong", &key, &certificate, NULL, 0), -1);
	REQUIRE_TEXT(check_message, "qnet_ssl_certificate_import_pkcs12: The pass phrase is wrong");
	REQUIRE_EQUAL(qnet_ssl_certificate_import_pkcs12(file->data, 100, "secret", &key, &certificate, NULL, 0), -1);
	REQUIRE_EQUAL(qnet_ssl_certificate_import_pkcs12(file->data, file->size, "secret", &key, &certificate, NULL, 1), -1);
	REQUIRE_WARNINGS(3);
	REQUIRE(key == NULL && certificate == NULL);
	qnet_ssl_key_delete(want);
	qnet_ssl_certificate_delete(host);
	qnet_ssl_certificate_delete(authority);
	return NULL;
}

static const char *verification(void)
{
	qnet_ssl_certificate *chain[2] = { ssl_certificate("host.pem"), ssl_certificate("authority.pem") }, *about;
	qnet_ssl_configuration *before = qnet_ssl_configuration_default_configuration();
	qnet_ssl_configuration *trusting = qnet_ssl_configuration_copy(before);
	qnet_ssl_error *errors[4] = { NULL };

	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 2, NULL, errors, 4), 1);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[0]), QNET_SSL_SELF_SIGNED_CERTIFICATE_IN_CHAIN);
	REQUIRE_TEXT(qnet_ssl_error_error_string(errors[0]),
		     "The root certificate of the certificate chain is self-signed, and untrusted");
	about = qnet_ssl_error_certificate(errors[0]);
	REQUIRE(qnet_ssl_certificate_is_equal(about, chain[1]));
	qnet_ssl_certificate_delete(about);
	qnet_ssl_error_delete(errors[0]);
	/* Whom the default configuration trusts. */
	REQUIRE(qnet_ssl_configuration_set_ca_certificates(trusting, &chain[1], 1));
	qnet_ssl_configuration_set_default_configuration(trusting);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 1, "host.test", errors, 4), 0);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 2, "x.sub.test", errors, 4), 0);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 2, "other.test", errors, 4), 1);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[0]), QNET_SSL_HOST_NAME_MISMATCH);
	qnet_ssl_error_delete(errors[0]);
	qnet_ssl_configuration_set_default_configuration(before);
	/* More than there is room for. */
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 1, "other.test", errors, 1), 3);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[0]), QNET_SSL_HOST_NAME_MISMATCH);
	qnet_ssl_error_delete(errors[0]);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(NULL, 0, NULL, errors, 1), 1);
	REQUIRE_EQUAL(qnet_ssl_error_error(errors[0]), QNET_SSL_UNSPECIFIED_ERROR);
	qnet_ssl_error_delete(errors[0]);
	REQUIRE_WARNINGS(0);
	qnet_ssl_certificate_delete(chain[1]);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 2, NULL, errors, 4), -1);
	chain[1] = NULL;
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, 2, NULL, errors, 4), -1);
	REQUIRE_EQUAL(qnet_ssl_certificate_verify(chain, -1, NULL, errors, 4), -1);
	REQUIRE_WARNINGS(3);
	qnet_ssl_certificate_delete(chain[0]);
	qnet_ssl_configuration_delete(before);
	qnet_ssl_configuration_delete(trusting);
	return NULL;
}

static const char *errors(void)
{
	qnet_ssl_certificate *host = ssl_certificate("host.pem");
	qnet_ssl_error *error = qnet_ssl_error_new(QNET_SSL_CERTIFICATE_EXPIRED, host), *other, *copy;

	REQUIRE_EQUAL(qnet_ssl_error_error(error), QNET_SSL_CERTIFICATE_EXPIRED);
	REQUIRE_TEXT(qnet_ssl_error_error_string(error), "The certificate has expired");
	qnet_ssl_certificate_delete(host);
	host = qnet_ssl_error_certificate(error);
	REQUIRE_TEXT(qnet_ssl_certificate_subject_display_name(host), "host.test");
	other = qnet_ssl_error_new(QNET_SSL_CERTIFICATE_EXPIRED, NULL);
	REQUIRE(!qnet_ssl_error_is_equal(error, other));
	qnet_ssl_error_delete(other);
	other = qnet_ssl_error_new(QNET_SSL_CERTIFICATE_EXPIRED, host);
	REQUIRE(qnet_ssl_error_is_equal(error, other));
	copy = qnet_ssl_error_copy(other);
	qnet_ssl_error_delete(other);
	REQUIRE(qnet_ssl_error_is_equal(error, copy));
	qnet_ssl_error_delete(copy);
	qnet_ssl_error_delete(error);
	qnet_ssl_certificate_delete(host);
	REQUIRE_WARNINGS(0);
	REQUIRE(qnet_ssl_error_new((qnet_ssl_error_code)262, NULL) == NULL);
	REQUIRE_WARNINGS(1);
	return NULL;
}

/* NULL is the null value, and no mistake. */
static const char *null_values(void)
{
	int64_t size = -1;

	REQUIRE(qnet_ssl_certificate_is_null(NULL) && qnet_ssl_certificate_copy(NULL) == NULL);
	qnet_ssl_certificate_delete(NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_version(NULL), "");
	REQUIRE_TEXT(qnet_ssl_certificate_to_pem(NULL, &size), "");
	REQUIRE_EQUAL(size, 0);
	REQUIRE_TEXT(qnet_ssl_certificate_to_text(NULL), "");
	REQUIRE_EQUAL(qnet_ssl_certificate_effective_date(NULL), -1);
	REQUIRE_EQUAL(qnet_ssl_certificate_expiry_date(NULL), -1);
	REQUIRE(qnet_ssl_certificate_public_key(NULL) == NULL);
	REQUIRE_EQUAL(qnet_ssl_certificate_extensions(NULL, NULL, 0), 0);
	qnet_ssl_certificate_digest(NULL, QNET_SHA1, &size);
	REQUIRE_EQUAL(size, 20);
	REQUIRE(qnet_ssl_certificate_is_equal(NULL, NULL));
	REQUIRE(qnet_ssl_key_is_null(NULL) && qnet_ssl_key_copy(NULL) == NULL);
	qnet_ssl_key_delete(NULL);
	REQUIRE_EQUAL(qnet_ssl_key_type(NULL), QNET_PUBLIC_KEY);
	REQUIRE_TEXT(qnet_ssl_key_error_string(NULL), "There is no key");
	REQUIRE_TEXT(qnet_ssl_key_to_pem(NULL, "secret", &size), "");
	REQUIRE_TEXT(qnet_ssl_key_to_der(NULL, NULL, &size), "");
	REQUIRE_EQUAL(qnet_ssl_error_error(NULL), QNET_SSL_NO_ERROR);
	REQUIRE_TEXT(qnet_ssl_error_error_string(NULL), "No error");
	REQUIRE(qnet_ssl_error_certificate(NULL) == NULL);
	REQUIRE_TEXT(qnet_ssl_certificate_extension_oid(NULL), "");
	REQUIRE_EQUAL(qnet_ssl_certificate_extension_value_type(NULL, QNET_SSL_WHOLE_VALUE), QNET_SSL_NO_VALUE);
	REQUIRE(!qnet_ssl_certificate_extension_is_critical(NULL));
	return NULL;
}

/* Threads that use one certificate at once, and copies that each of them deletes. */

enum { THREADS = 4, ROUNDS = 300 };

static qnet_ssl_certificate *shared;

static void *use(void *user_data)
{
	static const char name[] = "host.test";
	atomic_int *wrong = user_data;

	for (int i = 0; i < ROUNDS; i++) {
		qnet_ssl_certificate *copy = qnet_ssl_certificate_copy(shared);
		int64_t size;
		const char *subject = qnet_ssl_certificate_subject_display_name(shared);
		const char *der = qnet_ssl_certificate_to_der(shared, &size);
		qnet_ssl_key *key = qnet_ssl_certificate_public_key(copy);

		qnet_ssl_certificate_subject_alternative_names(shared, QNET_DNS_ENTRY, i % 3);
		qnet_ssl_certificate_digest(shared, (qnet_cryptographic_hash_algorithm)(i % 8), NULL);
		*wrong += strcmp(subject, name) != 0 || der[0] != 0x30 || strcmp(qnet_ssl_certificate_version(copy), "3") != 0;
		qnet_ssl_certificate_delete(copy);
		*wrong += qnet_ssl_key_length(key) != 256;
		qnet_ssl_key_delete(key);
	}
	return NULL;
}

static const char *threads(void)
{
	pthread_t all[THREADS];
	atomic_int wrong = 0;

	shared = ssl_certificate("host.pem");
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&all[i], NULL, use, &wrong) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i], NULL);
	qnet_ssl_certificate_delete(shared);
	REQUIRE_EQUAL(wrong, 0);
	return NULL;
}

/* Of what is deleted while another thread asks there is an answer, or a warning. */

static void *ask(void *user_data)
{
	qnet_ssl_certificate *certificate = user_data;

	for (int i = 0; i < 20; i++) {
		qnet_ssl_certificate_version(certificate);
		qnet_ssl_certificate_to_pem(certificate, NULL);
		qnet_ssl_certificate_delete(qnet_ssl_certificate_copy(certificate));
	}
	return NULL;
}

static const char *deletion_meanwhile(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		qnet_ssl_certificate *certificate = ssl_certificate("host.pem");
		pthread_t asking;

		qnet_ssl_certificate_version(certificate);
		REQUIRE(pthread_create(&asking, NULL, ask, certificate) == 0);
		for (int n = 0; n < i % 20; n++)
			qnet_ssl_certificate_serial_number(certificate);
		qnet_ssl_certificate_delete(certificate);
		pthread_join(asking, NULL);
	}
	check_warnings = 0;
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "certificates", certificates },
		{ "what_it_says", what_it_says },
		{ "files", files },
		{ "extensions", extensions },
		{ "keys", keys },
		{ "no_keys", no_keys },
		{ "pkcs12", pkcs12 },
		{ "verification", verification },
		{ "errors", errors },
		{ "null_values", null_values },
		{ "threads", threads },
		{ "deletion_meanwhile", deletion_meanwhile },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
