/*
 * epoll_threads: what several of qnet's loops are measured against, an epoll set for each thread. How connections
 * come to the threads: handed, one thread accepts and deals them out; reuseport, each thread listens, and the system
 * deals them out by chance.
 */
#define _GNU_SOURCE /* for accept4, which -std=c11 hides */
#include "thread_bench.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { EVENTS = 256 };

enum kind { CLIENT, SERVER, LISTENER };

struct end {
	int fd;
	enum kind kind;
};

static struct thread_bench bench;
static int sets[MOST_THREADS];
static _Atomic int accepted;

static struct end *watch(int set, int fd, enum kind kind)
{
	struct end *end = malloc(sizeof *end);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = end };
	int on = 1;

	if (end == NULL)
		thread_bench_fail("epoll_threads");
	*end = (struct end){ fd, kind };
	if (kind != LISTENER)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
		thread_bench_fail("epoll_ctl");
	return end;
}

static int listener(uint16_t *port, bool shared)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0 || (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
	    bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, THREAD_BENCH_BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		thread_bench_fail("listen");
	*port = ntohs(address.sin_port);
	return fd;
}

static int accept_one(int listener)
{
	int fd;

	do
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && errno == EAGAIN);
	if (fd < 0)
		thread_bench_fail("accept");
	accepted++;
	return fd;
}

static void *serve(void *argument)
{
	int thread = (int)(intptr_t)argument;
	struct epoll_event events[EVENTS];
	char data[4096];

	for (;;) {
		int count = epoll_wait(sets[thread], events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			struct end *end = events[i].data.ptr;
			ssize_t size;

			if (end->kind == LISTENER) {
				watch(sets[thread], accept_one(end->fd), SERVER);
				continue;
			}
			size = recv(end->fd, data, sizeof data, 0);
			if (size <= 0 || send(end->fd, data, (size_t)size, MSG_NOSIGNAL) != size)
				thread_bench_fail("echo");
			if (end->kind == CLIENT)
				thread_bench_count(&bench, thread);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static const char message[MESSAGE_SIZE];
	uint16_t port = 0;
	bool shared;
	int one = -1, total;
	int *clients;

	thread_bench_start(&bench, argc, argv);
	shared = strcmp(bench.how, "reuseport") == 0;
	total = bench.threads * bench.connections;
	clients = calloc((size_t)total, sizeof *clients);
	for (int i = 0; i < bench.threads; i++) {
		pthread_t thread;

		if ((sets[i] = epoll_create1(EPOLL_CLOEXEC)) < 0)
			thread_bench_fail("epoll_create1");
		if (shared)
			watch(sets[i], listener(&port, true), LISTENER);
		else if (i == 0)
			one = listener(&port, false);
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)i) != 0)
			thread_bench_fail("no thread");
	}
	for (int i = 0; i < total; i++) {
		clients[i] = thread_bench_connect(port);
		watch(sets[i % bench.threads], clients[i], CLIENT);
		if (!shared)
			watch(sets[i % bench.threads], accept_one(one), SERVER);
	}
	while (accepted < total)
		usleep(1000);
	for (int i = 0; i < total; i++)
		if (send(clients[i], message, sizeof message, MSG_NOSIGNAL) != sizeof message)
			thread_bench_fail("send");
	thread_bench_finish(&bench);
}
