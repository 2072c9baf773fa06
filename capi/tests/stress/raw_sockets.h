/*
 * Plain sockets that are bound at the program's own address.
 */
#ifndef QNET_TESTS_STRESS_RAW_SOCKETS_H
#define QNET_TESTS_STRESS_RAW_SOCKETS_H

#include "places.h"

static struct sockaddr_in at_home(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, home, &address.sin_addr);
	return address;
}

/* Returns a bound socket and its port; it listens if it is to. */
static int open_raw(int type, struct sockaddr_in address, bool listens, atomic_uint *port)
{
	socklen_t size = sizeof address;
	int fd;

	/* A thread that begins late may find no descriptors for a moment. */
	while ((fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0 && errno == EMFILE)
		check_sleep(1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || (listens && listen(fd, 50) != 0) ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		perror("raw socket");
		exit(2);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

#endif
