/*
 * Messages to and fro through a proxy, with epoll and system calls alone.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy_bench.h"

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void receive(int fd, char *answer, size_t size)
{
	if (recv(fd, answer, size, MSG_WAITALL) != (ssize_t)size)
		fail("the proxy's answer");
}

/* Connects through the proxy, waiting for each answer. */
static int connect_through(const struct proxy_bench *bench)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(bench->proxy), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	char answer[1000], request[100];
	int length;

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
		fail("connect");
	if (bench->socks) {
		const unsigned char ask[] = { 5, 1, 0, 1, 127, 0, 0, 1, (unsigned char)(bench->target >> 8), (unsigned char)bench->target };

		if (send(fd, "\5\1\0", 3, 0) != 3)
			fail("send");
		receive(fd, answer, 2);
		if (send(fd, ask, sizeof ask, 0) != (ssize_t)sizeof ask)
			fail("send");
		receive(fd, answer, 10);
		if (answer[1] != 0)
			exit(1);
	} else {
		size_t got = 0;

		length = snprintf(request, sizeof request, "CONNECT 127.0.0.1:%u HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", bench->target, bench->target);
		if (send(fd, request, (size_t)length, 0) != length)
			fail("send");
		while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4) != 0) {
			if (got == sizeof answer)
				exit(1);
			receive(fd, answer + got++, 1);
		}
		if (strncmp(answer, "HTTP/1.1 200", 12) != 0)
			exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		fail("fcntl");
	return fd;
}

struct connection {
	int fd;
	size_t came, sent; /* of the present message */
};

static void push(int poller, struct connection *c, const char *message, size_t size)
{
	struct epoll_event event = { .data.ptr = c };
	ssize_t n;

	while (c->sent < size && (n = send(c->fd, message + c->sent, size - c->sent, MSG_NOSIGNAL)) > 0)
		c->sent += (size_t)n;
	event.events = EPOLLIN | (c->sent < size ? EPOLLOUT : 0);
	if (c->sent < size)
		epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

int main(int argc, char **argv)
{
	struct proxy_bench bench = proxy_bench_arguments(argc, argv);
	struct connection connections[PROXY_BENCH_CONNECTIONS];
	struct epoll_event events[64];
	char *message = calloc(2, bench.size), *room = message + bench.size;
	int poller = epoll_create1(EPOLL_CLOEXEC);

	if (message == NULL || poller < 0)
		fail("start");
	for (int i = 0; i < bench.connections; i++) {
		struct connection *c = &connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

		*c = (struct connection){ .fd = connect_through(&bench) };
		if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event) != 0)
			fail("epoll_ctl");
	}
	proxy_bench_begin(&bench);
	for (int i = 0; i < bench.connections; i++)
		push(poller, &connections[i], message, bench.size);
	for (;;) {
		int count = epoll_wait(poller, events, 64, -1);

		for (int i = 0; i < count; i++) {
			struct connection *c = events[i].data.ptr;
			ssize_t n = 0;

			if (events[i].events & EPOLLOUT) {
				struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

				push(poller, c, message, bench.size);
				if (c->sent == bench.size)
					epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
			}
			while (c->came < bench.size && (n = recv(c->fd, room, bench.size, 0)) > 0)
				c->came += (size_t)n;
			if (n == 0 && c->came < bench.size)
				fail("the connection has ended");
			if (c->came < bench.size)
				continue;
			if (proxy_bench_over(&bench))
				return 0;
			c->came = c->sent = 0;
			push(poller, c, message, bench.size);
		}
	}
}
