/*
 * How connections are encrypted: configurations, ciphers, curves, and what the library can do.
 */
#include "check.h"

#include <pthread.h>

#include "ssl_files.h"

static const char *the_library(void)
{
	qnet_ssl_protocol protocols[20];
	qnet_ssl_supported_feature features[20];
	int count;

	REQUIRE(qnet_ssl_supports_ssl());
	REQUIRE(strncmp(qnet_ssl_ssl_library_version_string(), "crypto/tls go1.", 15) == 0);
	REQUIRE(qnet_ssl_ssl_library_version_number() >= 0x011a0000);
	REQUIRE_TEXT(qnet_ssl_active_backend(), "crypto/tls");
	count = qnet_ssl_supported_protocols(protocols, LENGTH(protocols));
	REQUIRE_EQUAL(count, 10);
	for (int p = -2; p < 20; p++) {
		bool is = false;

		for (int i = 0; i < count; i++)
			is = is || (int)protocols[i] == p;
		REQUIRE_EQUAL(qnet_ssl_is_protocol_supported((qnet_ssl_protocol)p), is);
	}
	REQUIRE(qnet_ssl_is_protocol_supported(QNET_TLS_V1_3) && !qnet_ssl_is_protocol_supported(QNET_DTLS_V1_2));
	count = qnet_ssl_supported_features(features, LENGTH(features));
	REQUIRE_EQUAL(count, 6);
	for (int f = -1; f < 9; f++)
		REQUIRE_EQUAL(qnet_ssl_is_feature_supported((qnet_ssl_supported_feature)f),
			      f >= 0 && f <= QNET_SSL_FEATURE_ALERTS && f != QNET_SSL_FEATURE_PSK);
	features[1] = (qnet_ssl_supported_feature)99;
	REQUIRE_EQUAL(qnet_ssl_supported_features(features, 1), 6);
	REQUIRE_EQUAL(features[1], 99);
	REQUIRE_EQUAL(qnet_ssl_supported_features(features, -1), -1);
	REQUIRE_EQUAL(qnet_ssl_supported_protocols(NULL, 1), -1);
	REQUIRE_WARNINGS(2);
	return NULL;
}

static const char *ciphers(void)
{
	qnet_ssl_cipher cipher = qnet_ssl_cipher_from_name("ECDHE-RSA-AES128-GCM-SHA256");

	REQUIRE_EQUAL(cipher, 0xc02f);
	REQUIRE(!qnet_ssl_cipher_is_null(cipher));
	REQUIRE_TEXT(qnet_ssl_cipher_name(cipher), "ECDHE-RSA-AES128-GCM-SHA256");
	REQUIRE_EQUAL(qnet_ssl_cipher_supported_bits(cipher), 128);
	REQUIRE_EQUAL(qnet_ssl_cipher_used_bits(cipher), 128);
	REQUIRE_TEXT(qnet_ssl_cipher_key_exchange_method(cipher), "ECDH");
	REQUIRE_TEXT(qnet_ssl_cipher_authentication_method(cipher), "RSA");
	REQUIRE_TEXT(qnet_ssl_cipher_encryption_method(cipher), "AESGCM(128)");
	REQUIRE_TEXT(qnet_ssl_cipher_protocol_string(cipher), "TLSv1.2");
	REQUIRE_EQUAL(qnet_ssl_cipher_protocol(cipher), QNET_TLS_V1_2);
	cipher = qnet_ssl_cipher_from_name("none");
	REQUIRE_EQUAL(cipher, 0);
	REQUIRE(qnet_ssl_cipher_is_null(cipher) && qnet_ssl_cipher_is_null(1));
	REQUIRE_TEXT(qnet_ssl_cipher_name(1), "");
	REQUIRE_TEXT(qnet_ssl_cipher_encryption_method(0), "");
	REQUIRE_EQUAL(qnet_ssl_cipher_protocol(0), QNET_UNKNOWN_SSL_PROTOCOL);
	return NULL;
}

static const char *curves(void)
{
	qnet_ssl_elliptic_curve curve = qnet_ssl_elliptic_curve_from_short_name("prime256v1");

	REQUIRE(curve != 0 && curve == qnet_ssl_elliptic_curve_from_long_name("prime256v1"));
	REQUIRE_TEXT(qnet_ssl_elliptic_curve_short_name(curve), "prime256v1");
	REQUIRE_TEXT(qnet_ssl_elliptic_curve_long_name(curve), "prime256v1");
	REQUIRE(qnet_ssl_elliptic_curve_is_tls_named_curve(curve));
	curve = qnet_ssl_elliptic_curve_from_short_name("X25519");
	REQUIRE(curve != 0 && !qnet_ssl_elliptic_curve_is_tls_named_curve(curve));
	REQUIRE_EQUAL(qnet_ssl_elliptic_curve_from_short_name("none"), 0);
	REQUIRE_TEXT(qnet_ssl_elliptic_curve_short_name(0), "");
	REQUIRE_TEXT(qnet_ssl_elliptic_curve_long_name(UINT32_MAX), "");
	REQUIRE(!qnet_ssl_elliptic_curve_is_tls_named_curve(0));
	return NULL;
}

static const char *null_and_default(void)
{
	qnet_ssl_configuration *null = qnet_ssl_configuration_new(), *usual = qnet_ssl_configuration_default_configuration();
	qnet_ssl_configuration *copy = qnet_ssl_configuration_copy(usual), *now;
	const int options = QNET_SSL_OPTION_DISABLE_EMPTY_FRAGMENTS | QNET_SSL_OPTION_DISABLE_COMPRESSION;

	REQUIRE(qnet_ssl_configuration_is_null(null) && !qnet_ssl_configuration_is_null(usual));
	REQUIRE(qnet_ssl_configuration_is_equal(usual, copy) && !qnet_ssl_configuration_is_equal(usual, null));
	REQUIRE_EQUAL(qnet_ssl_configuration_protocol(null), QNET_SECURE_PROTOCOLS);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_mode(null), QNET_AUTO_VERIFY_PEER);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_depth(null), 0);
	REQUIRE_EQUAL(qnet_ssl_configuration_ciphers(null, NULL, 0), 0);
	REQUIRE(qnet_ssl_configuration_ciphers(usual, NULL, 0) > 5);
	REQUIRE_EQUAL(qnet_ssl_configuration_ca_certificates(null, NULL, 0), 0);
	REQUIRE_EQUAL(qnet_ssl_configuration_ca_certificates(usual, NULL, 0), qnet_ssl_configuration_system_ca_certificates(NULL, 0));
	REQUIRE(qnet_ssl_configuration_test_ssl_option(null, (qnet_ssl_option)options));
	REQUIRE(!qnet_ssl_configuration_test_ssl_option(null, QNET_SSL_OPTION_DISABLE_SESSION_TICKETS));
	/* What a connection would add. */
	REQUIRE(qnet_ssl_configuration_peer_certificate(usual) == NULL);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_certificate_chain(usual, NULL, 0), 0);
	REQUIRE_EQUAL(qnet_ssl_configuration_session_cipher(usual), 0);
	REQUIRE_EQUAL(qnet_ssl_configuration_session_protocol(usual), QNET_UNKNOWN_SSL_PROTOCOL);
	REQUIRE_EQUAL(qnet_ssl_configuration_session_ticket_life_time_hint(usual), -1);
	REQUIRE_TEXT(qnet_ssl_configuration_session_ticket(usual, NULL), "");
	REQUIRE_TEXT(qnet_ssl_configuration_next_negotiated_protocol(usual, NULL), "");
	REQUIRE_EQUAL(qnet_ssl_configuration_next_protocol_negotiation_status(usual), QNET_NEXT_PROTOCOL_NEGOTIATION_NONE);
	REQUIRE(qnet_ssl_configuration_ephemeral_server_key(usual) == NULL);
	/* The default is a copy. */
	qnet_ssl_configuration_set_peer_verify_depth(copy, 3);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_depth(usual), 0);
	qnet_ssl_configuration_set_default_configuration(copy);
	qnet_ssl_configuration_set_peer_verify_depth(copy, 4);
	now = qnet_ssl_configuration_default_configuration();
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_depth(now), 3);
	qnet_ssl_configuration_set_default_configuration(usual);
	qnet_ssl_configuration_delete(null);
	qnet_ssl_configuration_delete(usual);
	qnet_ssl_configuration_delete(copy);
	qnet_ssl_configuration_delete(now);
	return NULL;
}

static const char *settings(void)
{
	qnet_ssl_configuration *c = qnet_ssl_configuration_new();

	qnet_ssl_configuration_set_protocol(c, QNET_TLS_V1_3_OR_LATER);
	REQUIRE_EQUAL(qnet_ssl_configuration_protocol(c), QNET_TLS_V1_3_OR_LATER);
	qnet_ssl_configuration_set_peer_verify_mode(c, QNET_QUERY_PEER);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_mode(c), QNET_QUERY_PEER);
	qnet_ssl_configuration_set_peer_verify_depth(c, 7);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_depth(c), 7);
	REQUIRE_WARNINGS(0);
	qnet_ssl_configuration_set_peer_verify_depth(c, -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_ssl_configuration_peer_verify_depth(c), 7);
	qnet_ssl_configuration_set_ssl_option(c, QNET_SSL_OPTION_DISABLE_SESSION_TICKETS, true);
	qnet_ssl_configuration_set_ssl_option(c, QNET_SSL_OPTION_DISABLE_COMPRESSION, false);
	REQUIRE(qnet_ssl_configuration_test_ssl_option(c, QNET_SSL_OPTION_DISABLE_SESSION_TICKETS));
	REQUIRE(!qnet_ssl_configuration_test_ssl_option(c, QNET_SSL_OPTION_DISABLE_COMPRESSION));
	REQUIRE(!qnet_ssl_configuration_handshake_must_interrupt_on_error(c));
	qnet_ssl_configuration_set_handshake_must_interrupt_on_error(c, true);
	REQUIRE(qnet_ssl_configuration_handshake_must_interrupt_on_error(c));
	REQUIRE(!qnet_ssl_configuration_missing_certificate_is_fatal(c));
	qnet_ssl_configuration_set_missing_certificate_is_fatal(c, true);
	REQUIRE(qnet_ssl_configuration_missing_certificate_is_fatal(c));
	REQUIRE(!qnet_ssl_configuration_ocsp_stapling_enabled(c));
	qnet_ssl_configuration_set_ocsp_stapling_enabled(c, true);
	REQUIRE(qnet_ssl_configuration_ocsp_stapling_enabled(c));
	qnet_ssl_configuration_delete(c);
	return NULL;
}

static const char *lists_of_numbers(void)
{
	qnet_ssl_configuration *c = qnet_ssl_configuration_new();
	qnet_ssl_cipher all[50], got[3] = { 0 }, two[] = { 0xc02f, 0xc030 }, wrong[] = { 0xc02f, 1 };
	qnet_ssl_elliptic_curve curve = qnet_ssl_elliptic_curve_from_short_name("secp384r1"), found[3] = { 0 }, none = 0;
	int count = qnet_ssl_configuration_supported_ciphers(all, LENGTH(all));

	REQUIRE(count > 5 && count < (int)LENGTH(all));
	REQUIRE(qnet_ssl_configuration_set_ciphers(c, two, 2));
	REQUIRE_EQUAL(qnet_ssl_configuration_ciphers(c, got, 3), 2);
	REQUIRE(got[0] == 0xc02f && got[1] == 0xc030 && got[2] == 0);
	REQUIRE(qnet_ssl_configuration_set_ciphers_by_name(c, "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384"));
	REQUIRE_EQUAL(qnet_ssl_configuration_ciphers(c, got, 1), 2);
	REQUIRE_TEXT(qnet_ssl_cipher_name(got[0]), "AES128-SHA");
	REQUIRE(!qnet_ssl_configuration_set_ciphers_by_name(c, "none:AES128-SHA"));
	REQUIRE_EQUAL(qnet_ssl_configuration_ciphers(c, got, 1), 1);
	REQUIRE_WARNINGS(0);
	REQUIRE(!qnet_ssl_configuration_set_ciphers(c, wrong, 2));
	REQUIRE(!qnet_ssl_configuration_set_ciphers(c, NULL, 2));
	REQUIRE(!qnet_ssl_configuration_set_ciphers(c, two, -1));
	REQUIRE_WARNINGS(3);
	REQUIRE_EQUAL(qnet_ssl_configuration_ciphers(c, got, 1), 1);

	REQUIRE_EQUAL(qnet_ssl_configuration_supported_elliptic_curves(found, 3), 4);
	REQUIRE_EQUAL(qnet_ssl_configuration_elliptic_curves(c, NULL, 0), 0);
	REQUIRE(qnet_ssl_configuration_set_elliptic_curves(c, &curve, 1));
	REQUIRE_EQUAL(qnet_ssl_configuration_elliptic_curves(c, found, 3), 1);
	REQUIRE_EQUAL(found[0], curve);
	REQUIRE(!qnet_ssl_configuration_set_elliptic_curves(c, &none, 1));
	REQUIRE_WARNINGS(1);
	qnet_ssl_configuration_delete(c);
	return NULL;
}

static const char *identity(void)
{
	qnet_ssl_configuration *c = qnet_ssl_configuration_new();
	qnet_ssl_certificate *chain[2] = { ssl_certificate("host.pem"), ssl_certificate("authority.pem") }, *got[2], *one;
	qnet_ssl_key *key = ssl_key("host.key"), *found;

	REQUIRE(qnet_ssl_configuration_local_certificate(c) == NULL && qnet_ssl_configuration_private_key(c) == NULL);
	REQUIRE(qnet_ssl_configuration_set_local_certificate_chain(c, chain, 2));
	REQUIRE_EQUAL(qnet_ssl_configuration_local_certificate_chain(c, got, 2), 2);
	REQUIRE(qnet_ssl_certificate_is_equal(got[1], chain[1]));
	qnet_ssl_certificate_delete(got[0]);
	qnet_ssl_certificate_delete(got[1]);
	one = qnet_ssl_configuration_local_certificate(c);
	REQUIRE(qnet_ssl_certificate_is_equal(one, chain[0]));
	qnet_ssl_certificate_delete(one);
	qnet_ssl_configuration_set_local_certificate(c, chain[1]);
	REQUIRE_EQUAL(qnet_ssl_configuration_local_certificate_chain(c, NULL, 0), 1);
	qnet_ssl_configuration_set_local_certificate(c, NULL);
	REQUIRE_EQUAL(qnet_ssl_configuration_local_certificate_chain(c, NULL, 0), 0);
	qnet_ssl_configuration_set_private_key(c, key);
	found = qnet_ssl_configuration_private_key(c);
	REQUIRE(qnet_ssl_key_is_equal(found, key));
	qnet_ssl_key_delete(found);
	qnet_ssl_configuration_set_private_key(c, NULL);
	REQUIRE(qnet_ssl_configuration_private_key(c) == NULL);
	/* Further ones of a server. */
	REQUIRE(qnet_ssl_configuration_add_server_certificate(c, chain, 2, key));
	REQUIRE(qnet_ssl_configuration_add_server_certificate(c, chain, 1, key));
	REQUIRE_WARNINGS(0);
	REQUIRE(!qnet_ssl_configuration_add_server_certificate(c, chain, 0, key));
	REQUIRE(!qnet_ssl_configuration_add_server_certificate(c, chain, 1, NULL));
	REQUIRE_WARNINGS(2);
	REQUIRE(!qnet_ssl_configuration_is_null(c));
	REQUIRE_EQUAL(qnet_ssl_configuration_clear_server_certificates(c), 2);
	REQUIRE(qnet_ssl_configuration_is_null(c));
	qnet_ssl_certificate_delete(chain[0]);
	qnet_ssl_certificate_delete(chain[1]);
	qnet_ssl_key_delete(key);
	qnet_ssl_configuration_delete(c);
	return NULL;
}

static const char *authorities(void)
{
	qnet_ssl_configuration *c = qnet_ssl_configuration_new();
	qnet_ssl_certificate *two[2] = { ssl_certificate("authority.pem"), ssl_certificate("rsa.pem") }, *got[4] = { NULL };
	char path[300];

	REQUIRE(qnet_ssl_configuration_set_ca_certificates(c, two, 2));
	REQUIRE(qnet_ssl_configuration_set_ca_certificates(c, two, 1));
	qnet_ssl_configuration_add_ca_certificate(c, two[1]);
	qnet_ssl_configuration_add_ca_certificate(c, NULL);
	REQUIRE(qnet_ssl_configuration_add_ca_certificates(c, two, 1));
	REQUIRE_EQUAL(qnet_ssl_configuration_ca_certificates(c, got, 4), 3);
	REQUIRE(qnet_ssl_certificate_is_equal(got[1], two[1]) && qnet_ssl_certificate_is_equal(got[2], two[0]) && got[3] == NULL);
	for (int i = 0; i < 3; i++)
		qnet_ssl_certificate_delete(got[i]);
	REQUIRE(qnet_ssl_configuration_add_ca_certificates_from_path(c, ssl_path(path, "*.pem"), QNET_PEM, QNET_CERTIFICATE_WILDCARD));
	REQUIRE_EQUAL(qnet_ssl_configuration_ca_certificates(c, NULL, 0), 6);
	REQUIRE(!qnet_ssl_configuration_add_ca_certificates_from_path(c, ssl_path(path, "none"), QNET_PEM, QNET_CERTIFICATE_FIXED_STRING));
	REQUIRE_WARNINGS(0);
	qnet_ssl_certificate_delete(two[1]);
	REQUIRE(!qnet_ssl_configuration_add_ca_certificates(c, two, 2));
	REQUIRE(!qnet_ssl_configuration_set_ca_certificates(c, NULL, 1));
	REQUIRE_WARNINGS(2);
	REQUIRE_EQUAL(qnet_ssl_configuration_ca_certificates(c, NULL, 0), 6);
	qnet_ssl_certificate_delete(two[0]);
	qnet_ssl_configuration_delete(c);
	return NULL;
}

static const char *bytes(void)
{
	qnet_ssl_configuration *c = qnet_ssl_configuration_new();
	char list[] = "\x02h2\x08http/1.1\x03" "a\0b";
	const char *memory;
	int64_t size;

	REQUIRE(qnet_ssl_configuration_set_allowed_next_protocols(c, list, sizeof list - 1));
	memset(list, 'x', sizeof list - 1);
	memory = qnet_ssl_configuration_allowed_next_protocols(c, 1, &size);
	REQUIRE(size == 8 && memcmp(memory, "http/1.1", 9) == 0);
	memory = qnet_ssl_configuration_allowed_next_protocols(c, 2, &size);
	REQUIRE(size == 3 && memcmp(memory, "a\0b", 4) == 0);
	REQUIRE(qnet_ssl_configuration_allowed_next_protocols(c, 3, &size) == NULL && size == 0);
	REQUIRE(qnet_ssl_configuration_allowed_next_protocols(c, -1, NULL) == NULL);
	REQUIRE_WARNINGS(0);
	REQUIRE(!qnet_ssl_configuration_set_allowed_next_protocols(c, "\x03h2", 3));
	REQUIRE(!qnet_ssl_configuration_set_allowed_next_protocols(c, "\x02h2\0", 4));
	REQUIRE_WARNINGS(2);
	REQUIRE_TEXT(qnet_ssl_configuration_allowed_next_protocols(c, 0, NULL), "h2");
	REQUIRE(qnet_ssl_configuration_set_allowed_next_protocols(c, NULL, 0));
	REQUIRE(qnet_ssl_configuration_allowed_next_protocols(c, 0, NULL) == NULL);

	REQUIRE(qnet_ssl_configuration_set_session_ticket(c, "t\0t", 3));
	memory = qnet_ssl_configuration_session_ticket(c, &size);
	REQUIRE(size == 3 && memcmp(memory, "t\0t", 4) == 0);
	REQUIRE(qnet_ssl_configuration_set_session_ticket(c, NULL, 0));
	REQUIRE_TEXT(qnet_ssl_configuration_session_ticket(c, &size), "");
	REQUIRE_EQUAL(size, 0);
	qnet_ssl_configuration_delete(c);
	return NULL;
}

static const char *responses(void)
{
	qnet_ocsp_response *response = qnet_ocsp_response_new(), *copy = qnet_ocsp_response_copy(response);

	REQUIRE_EQUAL(qnet_ocsp_response_certificate_status(response), QNET_OCSP_UNKNOWN);
	REQUIRE_EQUAL(qnet_ocsp_response_revocation_reason(response), QNET_OCSP_NO_REASON);
	REQUIRE(qnet_ocsp_response_responder(response) == NULL && qnet_ocsp_response_subject(response) == NULL);
	REQUIRE(qnet_ocsp_response_is_equal(response, copy) && qnet_ocsp_response_is_equal(response, NULL));
	qnet_ocsp_response_delete(response);
	qnet_ocsp_response_delete(copy);
	qnet_ocsp_response_delete(NULL);
	return NULL;
}

/* Threads that change a configuration, look at it and set the default at once. */

enum { THREADS = 4, ROUNDS = 300 };

static qnet_ssl_configuration *shared;

static void *change(void *user_data)
{
	atomic_int *wrong = user_data;
	qnet_ssl_certificate *chain[2] = { ssl_certificate("host.pem"), ssl_certificate("authority.pem") };

	for (int i = 0; i < ROUNDS; i++) {
		qnet_ssl_configuration *copy;
		int count;

		*wrong += !qnet_ssl_configuration_set_local_certificate_chain(shared, chain, 1 + i % 2);
		count = qnet_ssl_configuration_local_certificate_chain(shared, NULL, 0);
		*wrong += count < 1 || count > 2;
		qnet_ssl_configuration_set_default_configuration(shared);
		copy = qnet_ssl_configuration_default_configuration();
		*wrong += qnet_ssl_configuration_is_null(copy);
		qnet_ssl_configuration_delete(copy);
	}
	qnet_ssl_certificate_delete(chain[0]);
	qnet_ssl_certificate_delete(chain[1]);
	return NULL;
}

static const char *threads(void)
{
	qnet_ssl_configuration *before = qnet_ssl_configuration_default_configuration();
	pthread_t all[THREADS];
	atomic_int wrong = 0;

	REQUIRE(ssl_file("host.pem") != NULL && ssl_file("authority.pem") != NULL); /* read before there are threads */
	shared = qnet_ssl_configuration_new();
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&all[i], NULL, change, &wrong) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i], NULL);
	qnet_ssl_configuration_set_default_configuration(before);
	qnet_ssl_configuration_delete(before);
	qnet_ssl_configuration_delete(shared);
	REQUIRE_EQUAL(wrong, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "the_library", the_library },
		{ "ciphers", ciphers },
		{ "curves", curves },
		{ "null_and_default", null_and_default },
		{ "settings", settings },
		{ "lists_of_numbers", lists_of_numbers },
		{ "identity", identity },
		{ "authorities", authorities },
		{ "bytes", bytes },
		{ "responses", responses },
		{ "threads", threads },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
