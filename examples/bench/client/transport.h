/*
 * What the load client's messages go through: a socket or, with ENCRYPTED, which
 * makes tls_load_client of it, OpenSSL on one. All take errno as a socket does:
 * EAGAIN if it is not the time.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef ENCRYPTED

struct transport {
	int fd;
};

static inline void transport_set_up(void)
{
}

/* Begins, on a connected socket. */
static inline bool transport_begin(struct transport *transport, int fd)
{
	transport->fd = fd;
	return true;
}

/* Goes on with what comes before messages; true when there is nothing more. */
static inline bool transport_ready(struct transport *transport)
{
	(void)transport;
	return true;
}

/* These two wait if they are to. */
static inline ssize_t transport_send(struct transport *transport, const void *data, size_t size, bool wait)
{
	return send(transport->fd, data, size, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
}

static inline ssize_t transport_recv(struct transport *transport, void *data, size_t size, bool wait)
{
	return recv(transport->fd, data, size, wait ? 0 : MSG_DONTWAIT);
}

/* Whether there may be more to read of which the system does not know. */
static inline bool transport_pending(struct transport *transport)
{
	(void)transport;
	return false;
}

static inline void transport_end(struct transport *transport)
{
	close(transport->fd);
}

/* Whether sessions were resumed, if they were to be. */
static inline bool transport_resumed(void)
{
	return true;
}

#else

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* The same of everything for all servers, which would choose in different ways. */
#define TRANSPORT_SUITE "TLS_AES_128_GCM_SHA256"
#define TRANSPORT_GROUP "X25519"

enum { TRANSPORT_PATIENCE_MS = 10000, TRANSPORT_READ_AHEAD = 4 * (16384 + 256) };

struct transport {
	int fd;
	SSL *ssl;
	bool shaken;  /* hands */
	bool resumes;
};

static SSL_CTX *transport_context;
/* The last that the server has given, if it is to be resumed. */
static SSL_SESSION *transport_session;
static bool transport_resumes;

static inline int transport_keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	if (!transport_resumes)
		return 0;
	SSL_SESSION_free(transport_session);
	transport_session = session;
	return 1;
}

static inline void transport_set_up(void)
{
	signal(SIGPIPE, SIG_IGN); /* OpenSSL leaves that to the program */
	transport_context = SSL_CTX_new(TLS_client_method());
	if (transport_context == NULL || SSL_CTX_set_min_proto_version(transport_context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_ciphersuites(transport_context, TRANSPORT_SUITE) != 1 ||
	    SSL_CTX_set1_groups_list(transport_context, TRANSPORT_GROUP) != 1) {
		fputs("tls_load_client: OpenSSL cannot be set up\n", stderr);
		exit(1);
	}
	SSL_CTX_set_mode(transport_context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(transport_context, 1);
	SSL_CTX_set_default_read_buffer_len(transport_context, TRANSPORT_READ_AHEAD);
	SSL_CTX_set_session_cache_mode(transport_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(transport_context, transport_keep_session);
	/* Who it is does not matter. */
	SSL_CTX_set_verify(transport_context, SSL_VERIFY_NONE, NULL);
}

/* Sets errno for a call that has returned result; returns 0 at the end, or -1. */
static inline ssize_t transport_failed(struct transport *transport, int result)
{
	int why = SSL_get_error(transport->ssl, result);
	bool ended = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;

	ERR_clear_error();
	if (ended)
		return 0;
	switch (why) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		if (errno != 0)
			return -1;
		/* fall through */
	default:
		errno = EPROTO;
		return -1;
	}
}

static inline bool transport_wait(struct transport *transport)
{
	struct pollfd wanted = { .fd = transport->fd, .events = SSL_want_write(transport->ssl) ? POLLOUT : POLLIN };

	if (poll(&wanted, 1, TRANSPORT_PATIENCE_MS) == 1)
		return true;
	errno = ETIMEDOUT;
	return false;
}

static inline bool transport_begin(struct transport *transport, int fd)
{
	int on = 1;

	/* Whatever closing is to be like: a message would wait for the peer to have
	 * heard of the handshake's end, which it is in no hurry to say. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	transport->fd = fd;
	transport->shaken = false;
	transport->ssl = SSL_new(transport_context);
	if (transport->ssl == NULL || SSL_set_fd(transport->ssl, fd) != 1 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return false;
	transport->resumes = transport_session != NULL;
	if (transport->resumes) {
		/* A copy: OpenSSL would have each session used only once. */
		SSL_SESSION *session = SSL_SESSION_dup(transport_session);

		SSL_set_session(transport->ssl, session);
		SSL_SESSION_free(session);
	}
	SSL_set_connect_state(transport->ssl);
	return true;
}

/* Without the handshake it is false, with EAGAIN or the reason. */
static inline bool transport_ready(struct transport *transport)
{
	int done;

	if (transport->shaken)
		return true;
	done = SSL_do_handshake(transport->ssl);
	if (done <= 0) {
		if (transport_failed(transport, done) == 0)
			errno = ECONNRESET;
		return false;
	}
	if (transport->resumes && !SSL_session_reused(transport->ssl)) {
		fputs("tls_load_client: the server does not resume sessions\n", stderr);
		exit(1);
	}
	return transport->shaken = true;
}

static inline ssize_t transport_send(struct transport *transport, const void *data, size_t size, bool wait)
{
	for (;;) {
		ssize_t n = -1;

		if (transport_ready(transport)) {
			n = SSL_write(transport->ssl, data, (int)size);
			if (n <= 0)
				n = transport_failed(transport, (int)n);
		}
		if (n > 0 || !wait || errno != EAGAIN || !transport_wait(transport))
			return n;
	}
}

static inline ssize_t transport_recv(struct transport *transport, void *data, size_t size, bool wait)
{
	for (;;) {
		ssize_t n = SSL_read(transport->ssl, data, (int)size);

		if (n <= 0)
			n = transport_failed(transport, (int)n);
		if (n >= 0 || !wait || errno != EAGAIN || !transport_wait(transport))
			return n;
	}
}

static inline bool transport_pending(struct transport *transport)
{
	return SSL_has_pending(transport->ssl) == 1;
}

static inline void transport_end(struct transport *transport)
{
	if (transport->shaken)
		SSL_shutdown(transport->ssl);
	close(transport->fd);
	SSL_free(transport->ssl);
}

static inline bool transport_resumed(void)
{
	return !transport_resumes || transport_session != NULL;
}

#endif
#endif
