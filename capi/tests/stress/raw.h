/*
 * Raw peers: plain sockets that connect, listen, send, close and reset.
 */
#ifndef QNET_TESTS_STRESS_RAW_H
#define QNET_TESTS_STRESS_RAW_H

#include "raw_proxy.h"
#include "servers.h"

#include <poll.h>

static int connect_raw(uint16_t port)
{
	struct sockaddr_in address = at_home(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static atomic_llong raw_connections;

/* Does something with one connection; returns -1 when that is closed. */
static int use_raw(int fd, int listener)
{
	static const char data[60000] = "raw";
	char received[20000];

	if (fd < 0) {
		fd = per_mille(500) ? accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)
		                 : connect_raw((uint16_t)ports[rnd(SERVERS)]);
		if (fd >= 0)
			raw_connections++;
		return fd;
	}
	switch (rnd(10)) {
	case 0:
	case 1:
	case 2:
		send(fd, data, per_mille(100) ? sizeof data : 1 + rnd(2000), MSG_NOSIGNAL);
		break;
	case 3:
	case 4:
	case 5:
		if (recv(fd, received, sizeof received, 0) == 0 && per_mille(700)) {
			close(fd);
			return -1;
		}
		break;
	case 6:
		shutdown(fd, SHUT_WR);
		break;
	case 7:
		close_raw(fd);
		return -1;
	default:
		break;
	}
	return fd;
}

static void run_raw(int index)
{
	struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fds[PEERS], listener;

	if (index == RAW - 1) {
		run_proxy(open_raw(SOCK_STREAM, at_home(0), true, &proxy_port));
		return;
	}
	if (index == 0)
		listener = open_raw(SOCK_STREAM, loopback, true, &local_port);
	else
		listener = open_raw(SOCK_STREAM, at_home(0), true, &raw_port);
	for (int i = 0; i < PEERS; i++)
		fds[i] = -1;
	self->doing = "sends, receives, closes";
	while (!stopping) {
		int i = (int)rnd(PEERS);

		fds[i] = use_raw(fds[i], listener);
		usleep(rnd(200));
	}
	for (int i = 0; i < PEERS; i++) {
		if (fds[i] >= 0)
			close_raw(fds[i]);
	}
	close(listener);
}

#endif
