/*
 * A server with plain connections to it.
 */
#ifndef QNET_TESTS_RIG_H
#define QNET_TESTS_RIG_H

#include "pair.h"

struct rig {
	qnet_loop *loop;
	qnet_tcp_server *server;
	int fds[8]; /* -1: closed by the case */
	int count;
};

static inline void rig_close(struct rig *rig)
{
	for (int i = 0; i < rig->count; i++)
		if (rig->fds[i] >= 0)
			close(rig->fds[i]);
	if (rig->server != NULL)
		qnet_tcp_server_delete(rig->server);
	qnet_loop_delete(rig->loop);
}

static inline const char *rig_connect(struct rig *rig)
{
	int fd = raw_connect(qnet_tcp_server_server_port(rig->server));

	REQUIRE(fd >= 0);
	rig->fds[rig->count++] = fd;
	return NULL;
}

#endif
