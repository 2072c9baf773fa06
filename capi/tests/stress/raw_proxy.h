/*
 * A proxy that is a raw peer: it follows SOCKS 5 or HTTP most of the time, then is the peer
 * itself, and passes datagrams on to where they came from.
 */
#ifndef QNET_TESTS_STRESS_RAW_PROXY_H
#define QNET_TESTS_STRESS_RAW_PROXY_H

#include "raw_sockets.h"
#include "servers.h"

enum stage { NOBODY, GREETED, ASKED, LISTENS, CONNECTED_THROUGH };

struct proxied {
	int fd;
	enum stage stage;
	char got[1000];
	size_t size;
};

static void say(struct proxied *p, const void *text, size_t size)
{
	/* Now and then it does not say all. */
	send(p->fd, text, per_mille(30) ? rnd((uint32_t)size) : size, MSG_NOSIGNAL);
}

/* Says how a request has gone, with the address of a port. */
static void reply(struct proxied *p, uint16_t port)
{
	unsigned char text[10] = { 5, per_mille(850) ? 0 : (unsigned char)rnd(10), 0, 1 };

	inet_pton(AF_INET, home, text + 4);
	text[8] = (unsigned char)(port >> 8);
	text[9] = (unsigned char)port;
	say(p, text, sizeof text);
}

static void greet(struct proxied *p)
{
	static const char *const methods[] = { "\x05\xff", "\x05\x01", "\x04\x00", "nonsense" };
	static const char fine[] = "HTTP/1.1 200 Fine\r\n\r\n",
	                  who[] = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n",
	                  no[] = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";

	if (p->got[0] == 5 && p->size >= 3) {
		if (p->got[1] == 2 && per_mille(300)) { /* it offers to say who it is */
			say(p, "\x05\x02", 2);
			say(p, per_mille(600) ? "\x01\x00" : "\x01\x01", 2);
		} else if (per_mille(750)) {
			say(p, "\x05\x00", 2);
		} else {
			say(p, methods[rnd(LENGTH(methods))], 2);
		}
		p->size = 0;
		p->stage = GREETED;
	} else if (p->got[0] == 'C' && memmem(p->got, p->size, "\r\n\r\n", 4) != NULL) {
		p->size = 0;
		if (per_mille(600)) {
			say(p, fine, sizeof fine - 1);
			p->stage = CONNECTED_THROUGH;
		} else if (per_mille(700)) {
			say(p, who, sizeof who - 1);
		} else {
			say(p, no, sizeof no - 1);
		}
	}
}

static void answer(struct proxied *p, uint16_t relay)
{
	if (p->stage == NOBODY) {
		greet(p);
	} else if (p->stage == GREETED && p->size >= 10) {
		int what = p->got[1];

		reply(p, what == 3 ? relay : (uint16_t)(1 + rnd(60000)));
		p->stage = what == 2 ? LISTENS : CONNECTED_THROUGH;
		p->size = 0;
	} else if (p->stage == LISTENS && per_mille(300)) {
		reply(p, 1);
		p->stage = CONNECTED_THROUGH;
	}
}

/* Does something with one connection. */
static void use_proxied(struct proxied *p, int listener, uint16_t relay)
{
	static const char data[20000] = "proxied";

	if (p->fd < 0) {
		p->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		p->stage = NOBODY;
		p->size = 0;
		return;
	}
	ssize_t n = recv(p->fd, p->got + p->size, sizeof p->got - p->size, 0);
	if (n > 0)
		p->size += (size_t)n;
	if (n == 0 || per_mille(p->stage == CONNECTED_THROUGH ? 30 : 60)) { /* nobody is to wait for long */
		close_raw(p->fd);
		p->fd = -1;
		return;
	}
	if (p->stage != CONNECTED_THROUGH) {
		answer(p, relay);
		return;
	}
	p->size = 0;
	if (per_mille(400))
		send(p->fd, data, 1 + rnd(sizeof data), MSG_NOSIGNAL);
}

/* Sends datagrams back as they are: they are from whom they were for. */
static void relay_datagrams(int fd)
{
	char data[4000];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &size);

	if (n > 0 && per_mille(900))
		sendto(fd, data, per_mille(100) ? rnd((uint32_t)n) : (size_t)n, 0, (struct sockaddr *)&from, size);
}

static void run_proxy(int listener)
{
	struct proxied list[PEERS];
	atomic_uint port;
	int relay = open_raw(SOCK_DGRAM, at_home(0), false, &port);

	for (int i = 0; i < PEERS; i++)
		list[i].fd = -1;
	self->doing = "is a proxy";
	while (!stopping) {
		use_proxied(&list[rnd(PEERS)], listener, (uint16_t)port);
		relay_datagrams(relay);
		usleep(rnd(100));
	}
	for (int i = 0; i < PEERS; i++) {
		if (list[i].fd >= 0)
			close_raw(list[i].fd);
	}
	close(relay);
	close(listener);
}

#endif
