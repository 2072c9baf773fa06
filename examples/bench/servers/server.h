/*
 * What the echo servers in C and C++ have in common: their options, as many
 * descriptors as are allowed, and where they say that they listen.
 *
 *   NAME [--port PORT | --local PATH] [--sink]
 *   NAME [--port PORT] --certificate FILE --key FILE [--sink | --source]
 *
 * PORT is one of 127.0.0.1, 0 for any that is free. With --sink the server reads
 * and answers nothing; with --source it sends without end. The second form, with
 * files in PEM, is that of those which define SERVER_ENCRYPTS before they include
 * this.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The same for all of them. A source hands over so much with each call, and has at
 * most that much waiting. */
enum { READ_SIZE = 64 * 1024, BACKLOG = 1024, SOURCE_SIZE = 64 * 1024, SOURCE_WAITING = 256 * 1024 };

struct server_options {
	const char *path; /* of a local socket, or NULL */
	uint16_t port;
	bool sink, source;
	const char *certificate, *key; /* files; NULL: in the clear */
};

#ifdef SERVER_ENCRYPTS
#define SERVER_USAGE "[--port PORT | --local PATH] [--sink], or [--port PORT] --certificate FILE --key FILE [--sink | --source]"
#else
#define SERVER_USAGE "[--port PORT | --local PATH] [--sink]"
#endif

/* Takes an option that only servers have that encrypt. */
static inline bool server_encrypts(struct server_options *options, const char *option, const char *value)
{
#ifdef SERVER_ENCRYPTS
	if (strcmp(option, "--source") == 0) {
		options->source = true;
		return true;
	}
	if (value != NULL && strcmp(option, "--certificate") == 0) {
		options->certificate = value;
		return true;
	}
	if (value != NULL && strcmp(option, "--key") == 0) {
		options->key = value;
		return true;
	}
#else
	(void)options;
	(void)option;
	(void)value;
#endif
	return false;
}

static inline struct server_options server_start(int argc, char **argv)
{
	struct server_options options = { NULL, 0, false, false, NULL, NULL };
	struct rlimit limit;

	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--sink") == 0) {
			options.sink = true;
		} else if (more && strcmp(argv[i], "--local") == 0) {
			options.path = argv[++i];
		} else if (more && strcmp(argv[i], "--port") == 0) {
			char *end;
			unsigned long port = strtoul(argv[++i], &end, 10);

			if (end == argv[i] || *end != '\0' || port > 65535) {
				fprintf(stderr, "%s: not a port: %s\n", argv[0], argv[i]);
				exit(2);
			}
			options.port = (uint16_t)port;
		} else if (server_encrypts(&options, argv[i], more ? argv[i + 1] : NULL)) {
			i += strcmp(argv[i], "--source") != 0;
		} else {
			bool help = strcmp(argv[i], "--help") == 0;

			fprintf(help ? stdout : stderr, "usage: %s " SERVER_USAGE "\n", argv[0]);
			exit(help ? 0 : 2);
		}
	}
	if ((options.certificate == NULL) != (options.key == NULL) || (options.source && options.certificate == NULL) ||
	    (options.path != NULL && options.certificate != NULL)) {
		fprintf(stderr, "usage: %s " SERVER_USAGE "\n", argv[0]);
		exit(2);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit); /* else we serve fewer */
	}
	return options;
}

/* Says where the server listens: at the path, if it is one. */
static inline void server_listens(const char *path, unsigned port)
{
	if (path != NULL)
		printf("listening on %s\n", path);
	else
		printf("listening on 127.0.0.1:%u\n", port);
	fflush(stdout);
}

/* Ends the program that could not be set up. */
static inline void server_fails(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

#endif
