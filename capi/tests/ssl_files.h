/*
 * The certificates and keys of the folder ssl, which is beside this file.
 */
#ifndef QNET_TESTS_SSL_FILES_H
#define QNET_TESTS_SSL_FILES_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <qnet/qnet.h>

enum { SSL_FILE_SIZE = 4096, SSL_FILES = 16 };

struct ssl_file {
	char name[32];
	size_t size;
	char data[SSL_FILE_SIZE];
};

/* Writes the path of a file to text. */
static inline const char *ssl_path(char text[300], const char *name)
{
	const char *slash = strrchr(__FILE__, '/');

	snprintf(text, 300, "%.*sssl/%s", slash == NULL ? 0 : (int)(slash - __FILE__ + 1), __FILE__, name);
	return text;
}

/* Returns a file, which is read once, NULL if it cannot be read. */
static inline const struct ssl_file *ssl_file(const char *name)
{
	static struct ssl_file files[SSL_FILES];
	struct ssl_file *file = files;
	char path[300];
	FILE *from;

	while (file->size != 0 && strcmp(file->name, name) != 0)
		if (++file == files + SSL_FILES)
			return NULL;
	if (file->size != 0)
		return file;
	from = fopen(ssl_path(path, name), "rb");
	if (from == NULL)
		return NULL;
	snprintf(file->name, sizeof file->name, "%s", name);
	file->size = fread(file->data, 1, sizeof file->data, from);
	fclose(from);
	return file;
}

/* Returns the certificate of a file. */
static inline qnet_ssl_certificate *ssl_certificate(const char *name)
{
	const struct ssl_file *file = ssl_file(name);
	qnet_ssl_certificate *certificate = NULL;

	if (file != NULL)
		qnet_ssl_certificate_from_data(file->data, file->size, QNET_PEM, &certificate, 1);
	return certificate;
}

/* Returns the private key of a file, which is null if it cannot be read without a pass phrase. */
static inline qnet_ssl_key *ssl_key(const char *name)
{
	const struct ssl_file *file = ssl_file(name);

	return file == NULL ? NULL : qnet_ssl_key_new(file->data, file->size, QNET_OPAQUE_KEY, QNET_PEM, QNET_PRIVATE_KEY, NULL);
}

#endif
