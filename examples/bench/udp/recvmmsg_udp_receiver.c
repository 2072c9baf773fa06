/*
 * Receives datagrams as fast as a C program can without the library: epoll and
 * recvmmsg, 64 datagrams at a time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "udp_bench.h"

enum { BATCH = 64 };

int main(int argc, char **argv)
{
	static char data[BATCH][UDP_BENCH_MAX_SIZE];
	static struct mmsghdr messages[BATCH];
	static struct iovec vectors[BATCH];
	static struct sockaddr_in senders[BATCH];
	struct udp_bench bench = udp_bench_arguments(argc, argv);
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || epoll < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		perror(argv[0]);
		return 1;
	}
	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ data[i], sizeof data[i] };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_name = &senders[i] };
	}
	udp_bench_say_port(ntohs(address.sin_port));
	while (!udp_bench_over(&bench)) {
		int n;

		if (epoll_wait(epoll, &event, 1, -1) <= 0)
			continue;
		for (int i = 0; i < BATCH; i++)
			messages[i].msg_hdr.msg_namelen = sizeof senders[i];
		n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			bench.count++;
			bench.bytes += messages[i].msg_len;
		}
	}
	return 0;
}
