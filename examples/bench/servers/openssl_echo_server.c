/*
 * openssl_echo_server: what qnet's encrypted echo server is measured against, a
 * plain one on OpenSSL and epoll. One thread, level-triggered, non-blocking; one
 * buffer for all connections; a connection gets memory of its own, and EPOLLOUT
 * is asked for, only while the system does not take all of an answer. OpenSSL
 * reads ahead, and gives its buffers back while a connection is idle.
 */
#define _GNU_SOURCE
#define SERVER_ENCRYPTS
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"
#include "server.h"

enum { EVENTS = 256, ACCEPTS_PER_TURN = 64, SOURCES_PER_TURN = SOURCE_WAITING / SOURCE_SIZE };

struct connection {
	int fd;
	SSL *ssl;
	uint32_t interest;
	/* What the system has not taken yet: pending[begin] up to pending[end]. */
	char *pending;
	size_t begin, end;
};

static SSL_CTX *context;
static int epoll_fd, listen_fd;
static bool accepting, sink, source;
static char buffer[READ_SIZE];

static void set_accepting(bool on)
{
	struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.ptr = NULL };

	if (on != accepting && epoll_ctl(epoll_fd, EPOLL_CTL_MOD, listen_fd, &event) == 0)
		accepting = on;
}

static bool watch(struct connection *connection, uint32_t interest)
{
	struct epoll_event event = { .events = interest, .data.ptr = connection };

	if (interest == connection->interest)
		return true;
	if (epoll_ctl(epoll_fd, connection->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection->fd, &event) != 0)
		return false;
	connection->interest = interest;
	return true;
}

static void connection_close(struct connection *connection)
{
	close(connection->fd); /* leaves the epoll set with it */
	SSL_free(connection->ssl);
	free(connection->pending);
	free(connection);
	set_accepting(true); /* in case descriptors had run out */
}

/* Waits for what a call that has returned result wants. Returns false if the
 * connection is at its end. */
static bool wait_for(struct connection *connection, int result)
{
	switch (SSL_get_error(connection->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return watch(connection, EPOLLIN);
	case SSL_ERROR_WANT_WRITE:
		return watch(connection, EPOLLOUT);
	case SSL_ERROR_ZERO_RETURN:
		SSL_shutdown(connection->ssl);
		/* fall through */
	default:
		ERR_clear_error();
		return false;
	}
}

/* Writes as much as goes, and tells how much that is. Returns false if the
 * connection is at its end. */
static bool write_some(struct connection *connection, const char *data, size_t size, size_t *written)
{
	*written = 0;
	while (*written < size) {
		int n = SSL_write(connection->ssl, data + *written, (int)(size - *written));

		if (n <= 0)
			return wait_for(connection, n);
		*written += (size_t)n;
	}
	return true;
}

/* Keeps what was not written, and reads no more until that has gone. */
static bool keep(struct connection *connection, const char *data, size_t size)
{
	connection->pending = malloc(size);
	if (connection->pending == NULL)
		return false;
	memcpy(connection->pending, data, size);
	connection->begin = 0;
	connection->end = size;
	return true;
}

/* Sends what is pending. Returns false if the connection is lost. */
static bool on_writable(struct connection *connection)
{
	size_t written;

	if (!write_some(connection, connection->pending + connection->begin, connection->end - connection->begin, &written))
		return false;
	connection->begin += written;
	if (connection->begin < connection->end)
		return true;
	free(connection->pending);
	connection->pending = NULL;
	return watch(connection, EPOLLIN);
}

/* Reads once, as much as has come or there is room for, and answers. Returns false
 * if the connection is at its end, and whether there may be more. */
static bool on_readable(struct connection *connection, bool *more)
{
	size_t size = 0, written;
	bool alive = true;
	int n = 1;

	while (size < sizeof buffer && (n = SSL_read(connection->ssl, buffer + size, (int)(sizeof buffer - size))) > 0)
		size += (size_t)n;
	/* Before something else is done with it. */
	if (n <= 0)
		alive = wait_for(connection, n);
	*more = n > 0;
	if (size == 0 || sink || !write_some(connection, buffer, size, &written))
		return alive && (size == 0 || sink);
	if (written < size) {
		*more = false;
		return keep(connection, buffer + written, size - written);
	}
	return alive;
}

/* Writes without end. */
static bool on_source(struct connection *connection)
{
	for (int i = 0; i < SOURCES_PER_TURN; i++) {
		size_t written;

		if (!write_some(connection, buffer, SOURCE_SIZE, &written))
			return false;
		if (written < SOURCE_SIZE)
			return true;
	}
	return watch(connection, EPOLLOUT);
}

/* Goes on. Returns false if the connection is at its end. */
static bool on_event(struct connection *connection)
{
	bool more = true;

	if (!SSL_is_init_finished(connection->ssl)) {
		int done = SSL_accept(connection->ssl);

		if (done <= 0)
			return wait_for(connection, done);
	}
	if (source)
		return on_source(connection);
	if (connection->pending != NULL)
		return on_writable(connection);
	while (more)
		if (!on_readable(connection, &more))
			return false;
	return true;
}

static void on_acceptable(void)
{
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct connection *connection;
		int on = 1;
		int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			if (errno != EAGAIN && errno != EWOULDBLOCK) {
				perror("openssl_echo_server: accept4");
				/* Out of descriptors or memory: until a connection ends. */
				set_accepting(false);
			}
			return;
		}
		connection = calloc(1, sizeof *connection);
		if (connection == NULL) {
			close(fd);
			return;
		}
		connection->fd = fd;
		connection->ssl = SSL_new(context);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (connection->ssl == NULL || SSL_set_fd(connection->ssl, fd) != 1 || !watch(connection, EPOLLIN)) {
			fprintf(stderr, "openssl_echo_server: a connection cannot be served\n");
			connection_close(connection);
			continue;
		}
		SSL_set_accept_state(connection->ssl);
	}
}

static void serve(void)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS, -1);

		if (count < 0) {
			if (errno == EINTR)
				continue;
			perror("openssl_echo_server: epoll_wait");
			exit(1);
		}
		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;

			if (connection == NULL)
				on_acceptable();
			else if (!on_event(connection))
				connection_close(connection);
		}
	}
}

static void set_context_up(const struct server_options *options)
{
	context = SSL_CTX_new(TLS_server_method());
	if (context == NULL || SSL_CTX_use_certificate_chain_file(context, options->certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, options->key, SSL_FILETYPE_PEM) != 1)
		server_fails("openssl_echo_server", ERR_reason_error_string(ERR_get_error()));
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	/* Tickets have all that is to be known of a session. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

int main(int argc, char **argv)
{
	const struct server_options options = server_start(argc, argv);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	int at;

	if (options.certificate == NULL) {
		fprintf(stderr, "usage: %s " SERVER_USAGE "\n", argv[0]);
		return 2;
	}
	sink = options.sink;
	source = options.source;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL leaves that to the program */
	set_context_up(&options);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	at = listen_at(NULL, options.port, &listen_fd);
	if (epoll_fd < 0 || at < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &event) != 0) {
		perror("openssl_echo_server");
		return 1;
	}
	accepting = true;
	server_listens(NULL, (unsigned)at);
	serve(); /* until a signal ends the process */
	return 0;
}
