/*
 * Sends messages with epoll and system calls alone, from where they are.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "send_bench.h"

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	struct send_bench bench = send_bench_arguments(argc, argv);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(bench.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), poller = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLOUT };
	char *message = calloc(1, bench.size);
	size_t sent = 0; /* of the present message */

	if (message == NULL || poller < 0 || fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
		fail("start");
	for (;;) {
		ssize_t n = send(fd, message + sent, bench.size - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			if (epoll_wait(poller, &event, 1, -1) < 0 && errno != EINTR)
				fail("epoll_wait");
			continue;
		}
		if (n < 0)
			fail("send");
		sent = (sent + (size_t)n) % bench.size;
		if (send_bench_over(&bench, (uint64_t)n))
			return 0;
	}
}
