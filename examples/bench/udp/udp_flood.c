/*
 * Sends datagrams to a port of this machine as fast as it can: trains of 64
 * that the system splits (UDP GSO), because a call for each datagram would make
 * the sender the bottleneck. Runs until it is killed; without GSO it says so.
 *
 *     udp_flood PORT [SIZE]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { TRAIN = 64, MAX_SIZE = 1000 };

int main(int argc, char **argv)
{
	static char data[TRAIN * MAX_SIZE];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0)) };
	int size = argc > 2 ? atoi(argv[2]) : 64, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char *end = data + sizeof data;

	if (argc < 2 || size <= 0 || size > MAX_SIZE) {
		fprintf(stderr, "usage: %s PORT [SIZE, at most %d]\n", argv[0], MAX_SIZE);
		return 2;
	}
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0) {
		perror(argv[0]);
		return 1;
	}
	for (char *p = data; p < end; p++)
		*p = (char)(p - data);
	for (;;) {
		/* Refused: the receiver is not there yet, or any more. */
		if (send(fd, data, (size_t)(TRAIN * size), MSG_NOSIGNAL) < 0 && errno != ECONNREFUSED && errno != EINTR) {
			perror(argv[0]);
			return 1;
		}
	}
}
