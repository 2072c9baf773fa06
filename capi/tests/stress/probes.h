/*
 * Whether the loops still work, in the middle of all that goes on.
 */
#ifndef QNET_TESTS_STRESS_PROBES_H
#define QNET_TESTS_STRESS_PROBES_H

#include "../stacks.h"
#include "later.h"

/* A connection that nobody else knows, on a loop that all the others use. */
static struct probe {
	qnet_tcp_server *server;
	qnet_socket *client;
	atomic_int arrived;
} probes[LOOPS];

static void answer_probe(qnet_socket *socket, void *data)
{
	char c;

	(void)data;
	while (qnet_socket_get_char(socket, &c))
		qnet_socket_put_char(socket, c);
}

static void accept_probe(qnet_tcp_server *server, void *data)
{
	qnet_socket *socket = qnet_tcp_server_next_pending_connection(server);

	qnet_socket_on_ready_read(socket, answer_probe, data);
	answer_probe(socket, data); /* what came before */
}

static void count_probe(qnet_socket *socket, void *data)
{
	struct probe *probe = data;

	probe->arrived += (int)qnet_socket_skip(socket, 100);
}

static void send_probe(struct probe *probe)
{
	probe->arrived = 0;
	qnet_socket_connect_to_address(probe->client, &home_address, qnet_tcp_server_server_port(probe->server), QNET_READ_WRITE);
	qnet_socket_write(probe->client, "probe", 5);
}

static void start_probe(struct probe *probe, qnet_loop *loop)
{
	int tries = getenv("QNET_FAULTS") != NULL ? 20 : 1; /* with faults it may fail */

	probe->server = qnet_tcp_server_new(loop);
	qnet_tcp_server_on_new_connection(probe->server, accept_probe, probe);
	while (tries > 0 && !qnet_tcp_server_listen(probe->server, &home_address, 0))
		tries--;
	if (tries == 0)
		wrong(WORKING, "a probe cannot listen");
	probe->client = qnet_tcp_socket_new(loop);
	qnet_socket_on_ready_read(probe->client, count_probe, probe);
	send_probe(probe);
}

/* Says what everybody does while a loop does not work. */
static void describe_standstill(void)
{
	fflush(stdout);
	describe_workers();
	dump_stacks();
}

/* Has each loop carry some data and make a call, in the middle of all that goes on. */
static void probe_loops(void)
{
	long long before = running_calls.posted;
	int64_t patience = check_now() + 30000;

	for (int i = 0; i < LOOPS; i++)
		start_probe(&probes[i], loops[i]);
	for (int i = 0; i < LOOPS; i++) {
		while (probes[i].arrived < 5 && check_now() < patience) {
			check_sleep(1);
			if (getenv("QNET_FAULTS") != NULL && qnet_socket_state(probes[i].client) == QNET_UNCONNECTED_STATE)
				send_probe(&probes[i]); /* it was reset */
		}
		if (probes[i].arrived != 5) {
			wrong(WORKING, "loop %d brought %d bytes of 5, in state %d", i, probes[i].arrived, qnet_socket_state(probes[i].client));
			describe_standstill();
		}
		qnet_socket_delete(probes[i].client);
		qnet_tcp_server_delete(probes[i].server);
	}
	while (running_calls.made < before && check_now() < patience)
		check_sleep(1);
	if (running_calls.made < before) {
		wrong(WORKING, "%lld of %lld posted calls are late", before - running_calls.made, before);
		describe_standstill();
	}
}

#endif
