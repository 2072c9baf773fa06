/*
 * The handles: each place holds one, live or dead.
 */
#ifndef QNET_TESTS_STRESS_PLACES_H
#define QNET_TESTS_STRESS_PLACES_H

#include "rig.h"

static qnet_loop *loops[LOOPS];
static qnet_loop *_Atomic short_loops[SHORT_LOOPS];
static qnet_socket *_Atomic sockets[SOCKETS];
static qnet_tcp_server *_Atomic servers[SERVERS];
static atomic_uint ports[SERVERS]; /* of the servers */
static qnet_local_server *_Atomic local_servers[LOCAL_SERVERS];
static qnet_timer *_Atomic timers[TIMERS];
static qnet_host_info *_Atomic infos[INFOS];
static atomic_ullong connections[CONNECTIONS];
static atomic_uint raw_port;
static atomic_uint proxy_port;
static atomic_uint refusing_port; /* bound, but nobody listens */
static atomic_uint local_port;    /* of a raw peer at 127.0.0.1 */

/*
 * Where the servers listen: ports are used again, and those of other processes'
 * servers at 127.0.0.1 are not to be met.
 */
static char home[20], mapped_home[30];
static qnet_host_address home_address;

static void choose_home(void)
{
	unsigned id = (unsigned)getpid();

	snprintf(home, sizeof home, "127.%u.%u.%u", 1 + id / 65000 % 200, 1 + id / 250 % 250, 1 + id % 250);
	snprintf(mapped_home, sizeof mapped_home, "::ffff:%s", home);
	qnet_host_address_set_address(&home_address, home);
}

/* Has the kernel SCTP? */
static bool has_sctp;

static bool kernel_has_sctp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * The names of the local servers, one for each place; every second is abstract. The
 * others are files of a directory of our own.
 */
static char local_home[40];
static char local_names[LOCAL_SERVERS][60];

static bool is_abstract(int place)
{
	return place % 2 != 0;
}

static void choose_local_home(void)
{
	snprintf(local_home, sizeof local_home, "/tmp/qnet-stress-XXXXXX");
	if (mkdtemp(local_home) == NULL) {
		perror("mkdtemp");
		exit(2);
	}
	for (int i = 0; i < LOCAL_SERVERS; i++)
		snprintf(local_names[i], sizeof local_names[i], "%s/%d", local_home, i);
}

static void remove_local_home(void)
{
	for (int i = 0; i < LOCAL_SERVERS; i++)
		unlink(local_names[i]);
	if (rmdir(local_home) != 0)
		perror("rmdir");
}

static qnet_loop *any_loop(void)
{
	qnet_loop *loop = per_mille(150) ? short_loops[rnd(SHORT_LOOPS)] : NULL;

	return loop != NULL ? loop : loops[rnd(LOOPS)];
}

/* Reports whether a thread does nothing but run the loop; nobody may run a short one. */
static bool always_runs(const qnet_loop *loop)
{
	for (int i = 0; i < LOOPS; i++) {
		if (loops[i] == loop)
			return true;
	}
	return false;
}

static qnet_socket *any_socket(void)
{
	return sockets[rnd(SOCKETS)];
}

static qnet_tcp_server *any_server(void)
{
	return servers[rnd(SERVERS)];
}

static qnet_local_server *any_local_server(void)
{
	return local_servers[rnd(LOCAL_SERVERS)];
}

static uint16_t any_port(void)
{
	switch (rnd(8)) {
	case 0:
		return (uint16_t)refusing_port;
	case 1:
	case 2:
		return (uint16_t)raw_port;
	default:
		return (uint16_t)ports[rnd(SERVERS)];
	}
}

static void remember(qnet_connection connection)
{
	if (connection != 0)
		connections[rnd(CONNECTIONS)] = connection;
}

#endif
