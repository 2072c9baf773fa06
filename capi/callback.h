/*
 * How Go calls a program's callbacks. Their addresses, and user data, are kept
 * as integers in Go: they may be anything, and Go inspects pointers.
 */
#ifndef QNETC_CALLBACK_H
#define QNETC_CALLBACK_H

#include <stdint.h>

#include <qnet/qnet.h>

#include "lease.h"

static inline void qnetc_call_loop(uintptr_t f, uintptr_t data)
{
	((qnet_loop_callback)f)((void *)data);
}

static inline void qnetc_call_timer(uintptr_t f, uintptr_t timer, uintptr_t data)
{
	((qnet_timer_callback)f)((qnet_timer *)timer, (void *)data);
}

static inline void qnetc_call_host_info(uintptr_t f, uintptr_t info, uintptr_t data)
{
	((qnet_host_info_callback)f)((qnet_host_info *)info, (void *)data);
}

static inline void qnetc_call_socket(uintptr_t f, uintptr_t socket, uintptr_t data)
{
	((qnet_socket_callback)f)((qnet_socket *)socket, (void *)data);
}

static inline void qnetc_call_socket_state(uintptr_t f, uintptr_t socket, int state, uintptr_t data)
{
	((qnet_socket_state_callback)f)((qnet_socket *)socket, (qnet_state)state, (void *)data);
}

static inline void qnetc_call_socket_error(uintptr_t f, uintptr_t socket, int error, uintptr_t data)
{
	((qnet_socket_error_callback)f)((qnet_socket *)socket, (qnet_error)error, (void *)data);
}

static inline void qnetc_call_socket_bytes(uintptr_t f, uintptr_t socket, int64_t bytes, uintptr_t data)
{
	((qnet_socket_bytes_callback)f)((qnet_socket *)socket, bytes, (void *)data);
}

static inline void qnetc_call_server(uintptr_t f, uintptr_t server, uintptr_t data)
{
	((qnet_tcp_server_callback)f)((qnet_tcp_server *)server, (void *)data);
}

static inline void qnetc_call_server_error(uintptr_t f, uintptr_t server, int error, uintptr_t data)
{
	((qnet_tcp_server_error_callback)f)((qnet_tcp_server *)server, (qnet_error)error, (void *)data);
}

static inline void qnetc_call_server_address(uintptr_t f, uintptr_t server, const qnet_host_address *address, uintptr_t data)
{
	((qnet_tcp_server_address_callback)f)((qnet_tcp_server *)server, address, (void *)data);
}

static inline void qnetc_call_local_server(uintptr_t f, uintptr_t server, uintptr_t data)
{
	((qnet_local_server_callback)f)((qnet_local_server *)server, (void *)data);
}

static inline void qnetc_call_incoming(uintptr_t f, uintptr_t server, intptr_t descriptor, uintptr_t data)
{
	((qnet_tcp_server_incoming_callback)f)((qnet_tcp_server *)server, descriptor, (void *)data);
}

static inline bool qnetc_call_has_pending(uintptr_t f, uintptr_t server, uintptr_t data)
{
	return ((qnet_tcp_server_has_pending_callback)f)((qnet_tcp_server *)server, (void *)data);
}

static inline uintptr_t qnetc_call_next_pending(uintptr_t f, uintptr_t server, uintptr_t data)
{
	return (uintptr_t)((qnet_tcp_server_next_pending_callback)f)((qnet_tcp_server *)server, (void *)data);
}

static inline void qnetc_call_local_incoming(uintptr_t f, uintptr_t server, intptr_t descriptor, uintptr_t data)
{
	((qnet_local_server_incoming_callback)f)((qnet_local_server *)server, descriptor, (void *)data);
}

static inline bool qnetc_call_local_has_pending(uintptr_t f, uintptr_t server, uintptr_t data)
{
	return ((qnet_local_server_has_pending_callback)f)((qnet_local_server *)server, (void *)data);
}

static inline uintptr_t qnetc_call_local_next_pending(uintptr_t f, uintptr_t server, uintptr_t data)
{
	return (uintptr_t)((qnet_local_server_next_pending_callback)f)((qnet_local_server *)server, (void *)data);
}

#endif
