/*
 * epoll_echo_server: what qnet's echo server is measured against, a plain echo
 * server on epoll. One thread, level-triggered, non-blocking; one buffer for all
 * connections; a connection gets memory of its own, and EPOLLOUT is asked for,
 * only while the system does not take all of an answer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"
#include "server.h"

enum { EVENTS = 256, ACCEPTS_PER_TURN = 64 };

struct connection {
	int fd;
	/* What the system has not taken yet: pending[begin] up to pending[end]. */
	char *pending;
	size_t begin, end;
};

static int epoll_fd, listen_fd;
static bool accepting, sink;
static char buffer[READ_SIZE];

static bool watch(int operation, int fd, uint32_t events, struct connection *connection)
{
	struct epoll_event event;

	event.events = events;
	event.data.ptr = connection; /* NULL: the listening socket */
	return epoll_ctl(epoll_fd, operation, fd, &event) == 0;
}

static void set_accepting(bool on)
{
	if (on != accepting && watch(EPOLL_CTL_MOD, listen_fd, on ? EPOLLIN : 0, NULL))
		accepting = on;
}

static void connection_close(struct connection *connection)
{
	close(connection->fd); /* leaves the epoll set with it */
	free(connection->pending);
	free(connection);
	set_accepting(true); /* in case descriptors had run out */
}

static bool must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* As send(), but repeated after a signal and never raising SIGPIPE. */
static ssize_t send_some(int fd, const char *data, size_t size)
{
	ssize_t n;

	do
		n = send(fd, data, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Sends what is pending. Returns false if the connection is lost. */
static bool on_writable(struct connection *connection)
{
	while (connection->begin < connection->end) {
		ssize_t n = send_some(connection->fd, connection->pending + connection->begin,
		                      connection->end - connection->begin);

		if (n < 0)
			return must_wait();
		connection->begin += (size_t)n;
	}
	free(connection->pending);
	connection->pending = NULL;
	return watch(EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
}

/* Reads once and answers. Returns false if the connection is at its end. */
static bool on_readable(struct connection *connection)
{
	ssize_t size, sent;

	do
		size = recv(connection->fd, buffer, sizeof buffer, 0);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return must_wait();
	if (size == 0)
		return false;
	if (sink)
		return true;

	sent = send_some(connection->fd, buffer, (size_t)size);
	if (sent == size)
		return true;
	if (sent < 0) {
		if (!must_wait())
			return false;
		sent = 0;
	}

	/* The peer does not keep up: keep the rest, and read no more from it until
	 * that has gone. */
	connection->begin = 0;
	connection->end = (size_t)(size - sent);
	connection->pending = malloc(connection->end);
	if (connection->pending == NULL)
		return false;
	memcpy(connection->pending, buffer + sent, connection->end);
	return watch(EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
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
			if (!must_wait()) {
				perror("epoll_echo_server: accept4");
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
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (!watch(EPOLL_CTL_ADD, fd, EPOLLIN, connection)) {
			perror("epoll_echo_server: epoll_ctl");
			connection_close(connection);
		}
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
			perror("epoll_echo_server: epoll_wait");
			exit(1);
		}
		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;
			bool alive;

			if (connection == NULL) {
				on_acceptable();
				continue;
			}
			/* EPOLLERR and EPOLLHUP: sending or receiving tells. Only one of
			 * the two directions is watched at a time. */
			alive = connection->pending != NULL ? on_writable(connection) : on_readable(connection);
			if (!alive)
				connection_close(connection);
		}
	}
}

int main(int argc, char **argv)
{
	const struct server_options options = server_start(argc, argv);
	int at;

	sink = options.sink;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	at = listen_at(options.path, options.port, &listen_fd);
	if (epoll_fd < 0 || at < 0 || !watch(EPOLL_CTL_ADD, listen_fd, EPOLLIN, NULL)) {
		perror("epoll_echo_server");
		return 1;
	}
	accepting = true;
	server_listens(options.path, (unsigned)at);
	serve(); /* until a signal ends the process */
	return 0;
}
