/*
 * Where the servers on epoll listen.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "server.h"

/* Binds to the path of a local socket, or to a port of this machine. Returns
 * the port, 0 for a path, or -1. */
static inline int listen_at(const char *path, uint16_t port, int *listen_fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	socklen_t length = sizeof address;
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listen_fd = socket(path != NULL ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*listen_fd < 0)
		return -1;
	if (path != NULL) {
		snprintf(local.sun_path, sizeof local.sun_path, "%s", path);
		return bind(*listen_fd, (struct sockaddr *)&local, sizeof local) == 0 && listen(*listen_fd, BACKLOG) == 0 ? 0 : -1;
	}
	if (setsockopt(*listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(*listen_fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(*listen_fd, BACKLOG) != 0 ||
	    getsockname(*listen_fd, (struct sockaddr *)&address, &length) != 0)
		return -1;
	return ntohs(address.sin_port);
}

#endif
