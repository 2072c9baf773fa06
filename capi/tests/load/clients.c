/*
 * Many clients of an echo server, in a process of their own: the server has all
 * its descriptors for itself. No qnet in here.
 *
 *   clients PORT TOTAL PENDING [hold]
 *
 * Makes TOTAL connections, of which up to PENDING are without their answer at a
 * time. Each sends its number and compares what comes back. Most of them reset
 * the connection then, so that no port is kept busy; some close it. They come
 * from several addresses, which have ports of their own.
 *
 * With "hold", who has an answer stays connected. Once all have, "ready" is
 * printed. From the first line on standard input on, nobody stays any more.
 * Prints "done" at the end. Exits with 1 after a word about what went wrong.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ADDRESSES = 16, /* 127.0.0.2 and so on */
	CLOSES = 64,    /* one of so many closes as it should; its port is busy for a minute */
	PATIENCE = 60,  /* seconds without any answer */
	INPUT = 0,      /* the descriptor of standard input, and what epoll says of it */
};

static int epoll;
static uint16_t port;
static int total, pending_limit;
static bool holds;

/* By descriptor. */
static struct client {
	uint64_t number; /* from 1; 0: none */
	bool answered;
} *clients;
static int descriptors;

static int made, answered, pending;

static _Noreturn void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

static void begin(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLIN };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	uint64_t number = (uint64_t)++made;

	if (fd < 0)
		fail("socket %d: %s", made, strerror(errno));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(made % ADDRESSES));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		fail("bind %d: %s", made, strerror(errno));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	/* Over loopback it is known at once. */
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
		fail("connect %d: %s", made, strerror(errno));
	event.data.fd = fd;
	/* Connected or not, writing tells; who is not yet is told by EPOLLOUT. */
	if (send(fd, &number, sizeof number, MSG_NOSIGNAL) != (ssize_t)sizeof number)
		event.events |= EPOLLOUT;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		fail("epoll: %s", strerror(errno));
	clients[fd] = (struct client){ .number = number };
	pending++;
}

static void end(int fd)
{
	static const struct linger reset = { .l_onoff = 1 };

	if (clients[fd].number % CLOSES != 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	clients[fd].number = 0;
	close(fd);
}

static void ready(int fd, uint32_t events)
{
	struct client *client = &clients[fd];
	uint64_t answer;
	ssize_t n;

	if (events & EPOLLOUT) {
		struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

		if (send(fd, &client->number, sizeof client->number, MSG_NOSIGNAL) != (ssize_t)sizeof client->number)
			fail("send %llu: %s", (unsigned long long)client->number, strerror(errno));
		epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
		return;
	}
	n = recv(fd, &answer, sizeof answer, 0);
	if (n != (ssize_t)sizeof answer)
		fail("the answer to %llu of %d is %s", (unsigned long long)client->number, made,
		     n < 0 ? strerror(errno) : n == 0 ? "the end" : "cut");
	if (client->answered || answer != client->number)
		fail("%llu is answered with %llu", (unsigned long long)client->number, (unsigned long long)answer);
	client->answered = true;
	answered++;
	pending--;
	if (!holds)
		end(fd);
}

/* Nobody stays any more. */
static void let_go(void)
{
	holds = false;
	for (int fd = 0; fd < descriptors; fd++)
		if (clients[fd].number != 0 && clients[fd].answered)
			end(fd);
	epoll_ctl(epoll, EPOLL_CTL_DEL, INPUT, NULL);
}

int main(int argc, char **argv)
{
	struct epoll_event events[256], input = { .events = EPOLLIN, .data.fd = INPUT };
	struct rlimit limit;
	bool told = false;

	if (argc < 4) {
		fprintf(stderr, "clients PORT TOTAL PENDING [hold]\n");
		return 2;
	}
	port = (uint16_t)atoi(argv[1]);
	total = atoi(argv[2]);
	pending_limit = atoi(argv[3]);
	holds = argc > 4;
	setvbuf(stdout, NULL, _IOLBF, 0);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	descriptors = (int)limit.rlim_cur;
	clients = calloc((size_t)descriptors, sizeof *clients);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (clients == NULL || epoll < 0)
		fail("there is no memory");
	if (holds && epoll_ctl(epoll, EPOLL_CTL_ADD, INPUT, &input) != 0)
		fail("standard input: %s", strerror(errno));
	while (answered < total || holds) {
		int n;

		while (made < total && pending < pending_limit)
			begin();
		if (answered == total && !told) {
			printf("ready\n");
			told = true;
		}
		n = epoll_wait(epoll, events, sizeof events / sizeof events[0], PATIENCE * 1000);
		if (n == 0)
			fail("%d of %d have an answer, %d wait", answered, made, pending);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == INPUT)
				let_go();
			else
				ready(events[i].data.fd, events[i].events);
		}
	}
	printf("done\n");
	return 0;
}
