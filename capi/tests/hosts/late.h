/*
 * The library for programs that load it by themselves: included before anything
 * else, it has what they and the tests' helpers call looked up at each call, in
 * the library that late_load() loaded last.
 */
#ifndef QNET_TESTS_LATE_H
#define QNET_TESTS_LATE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static void *late_library;
static _Thread_local void *late_here; /* the one that this thread calls, if not that */

/* Loads a library of qnet's and has it called from now on; NULL, and a line on stderr, if that fails. */
static inline void *late_load(const char *path, int mode)
{
	void *library = dlopen(path, mode);

	if (library == NULL)
		fprintf(stderr, "%s\n", dlerror());
	else
		late_library = library;
	return library;
}

static inline void *late_symbol(void *library, const char *name)
{
	void *symbol = library != NULL ? dlsym(library, name) : NULL;

	if (symbol == NULL) {
		fprintf(stderr, "there is no %s\n", name);
		abort();
	}
	return symbol;
}

#define LATE(name) ((__typeof__(&name))late_symbol(late_here != NULL ? late_here : late_library, #name))

#define qnet_address_local_host (*LATE(qnet_address_local_host))
#define qnet_disconnect LATE(qnet_disconnect)
#define qnet_get_usage LATE(qnet_get_usage)
#define qnet_host_address_is_loopback LATE(qnet_host_address_is_loopback)
#define qnet_host_info_delete LATE(qnet_host_info_delete)
#define qnet_host_info_from_name LATE(qnet_host_info_from_name)
#define qnet_is_forked LATE(qnet_is_forked)
#define qnet_loop_delete LATE(qnet_loop_delete)
#define qnet_loop_exec LATE(qnet_loop_exec)
#define qnet_loop_new LATE(qnet_loop_new)
#define qnet_loop_post LATE(qnet_loop_post)
#define qnet_loop_process_events LATE(qnet_loop_process_events)
#define qnet_loop_quit LATE(qnet_loop_quit)
#define qnet_set_message_handler LATE(qnet_set_message_handler)
#define qnet_socket_connect_to_address LATE(qnet_socket_connect_to_address)
#define qnet_socket_delete LATE(qnet_socket_delete)
#define qnet_socket_flush LATE(qnet_socket_flush)
#define qnet_socket_on_ready_read LATE(qnet_socket_on_ready_read)
#define qnet_socket_read LATE(qnet_socket_read)
#define qnet_socket_state LATE(qnet_socket_state)
#define qnet_socket_wait_for_connected LATE(qnet_socket_wait_for_connected)
#define qnet_socket_wait_for_ready_read LATE(qnet_socket_wait_for_ready_read)
#define qnet_socket_write LATE(qnet_socket_write)
#define qnet_tcp_server_delete LATE(qnet_tcp_server_delete)
#define qnet_tcp_server_has_pending_connections LATE(qnet_tcp_server_has_pending_connections)
#define qnet_tcp_server_listen LATE(qnet_tcp_server_listen)
#define qnet_tcp_server_new LATE(qnet_tcp_server_new)
#define qnet_tcp_server_next_pending_connection LATE(qnet_tcp_server_next_pending_connection)
#define qnet_tcp_server_server_port LATE(qnet_tcp_server_server_port)
#define qnet_tcp_server_wait_for_new_connection LATE(qnet_tcp_server_wait_for_new_connection)
#define qnet_tcp_socket_new LATE(qnet_tcp_socket_new)
#define qnet_timer_delete LATE(qnet_timer_delete)
#define qnet_timer_new LATE(qnet_timer_new)
#define qnet_timer_on_timeout LATE(qnet_timer_on_timeout)
#define qnet_timer_start LATE(qnet_timer_start)
#define qnet_version LATE(qnet_version)
#define qnet_version_number LATE(qnet_version_number)

#endif
