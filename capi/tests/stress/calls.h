/*
 * Random calls on everything, from callbacks and from threads that do nothing else.
 */
#ifndef QNET_TESTS_STRESS_CALLS_H
#define QNET_TESTS_STRESS_CALLS_H

#include "later.h"
#include "local_servers.h"
#include "loops.h"
#include "socket_calls.h"

static void call_server(void)
{
	qnet_tcp_server *server = any_server();
	bool timed_out;

	self->doing = "a server's";
	switch (rnd(16)) {
	case 0:
		end_server(server, (enum end)rnd(ENDS));
		break;
	case 1:
	case 2:
		listen_server(server);
		break;
	case 3:
		qnet_tcp_server_pause_accepting(server);
		break;
	case 4:
	case 5:
		qnet_tcp_server_resume_accepting(server);
		break;
	case 6:
		self->doing = "wait_for_new_connection";
		qnet_tcp_server_wait_for_new_connection(server, any_wait(), &timed_out);
		break;
	case 7:
		qnet_tcp_server_set_max_pending_connections(server, (int)rnd(40));
		break;
	case 8:
	case 9:
		qnet_tcp_server_has_pending_connections(server);
		qnet_tcp_server_error_string(server);
		break;
	case 10:
		qnet_tcp_server_add_pending_connection(server, any_socket());
		break;
	case 11:
		limit_server(server);
		break;
	case 12:
		self->doing = "server_port";
		qnet_tcp_server_server_port(server);
		break;
	default:
		take_connection(server);
		break;
	}
}

static void call_timer(void)
{
	qnet_timer *timer = timers[rnd(TIMERS)];

	self->doing = "a timer's";
	switch (rnd(5)) {
	case 0:
		qnet_timer_stop(timer);
		break;
	case 1:
		qnet_timer_set_interval(timer, (int)rnd(5));
		break;
	case 2:
		qnet_timer_delete(timer);
		break;
	default:
		qnet_timer_start(timer, (int)rnd(5));
		break;
	}
}

static void call_loop(void)
{
	qnet_loop *loop = any_loop();

	self->doing = "a loop's";
	switch (rnd(10)) {
	case 0:
		qnet_loop_exit(loop, 1);
		break;
	case 1:
		qnet_timer_single_shot(loop, (int)rnd(4), on_single_shot, NULL);
		break;
	case 2:
	case 3:
	case 4:
		self->doing = "nested loop";
		nested_loop(loop);
		break;
	default:
		post();
		break;
	}
}

static void call_info(void)
{
	qnet_host_info *info = infos[rnd(INFOS)];

	self->doing = "a look-up's";
	switch (rnd(4)) {
	case 0:
		qnet_host_info_abort_host_lookup(info);
		break;
	case 1:
		qnet_host_info_delete(info);
		break;
	default:
		look_up();
		break;
	}
}

/* Moves something to a loop that is run, is not, or is deleted by then. */
static void move_something(void)
{
	qnet_loop *loop = any_loop();

	switch (rnd(10)) {
	case 0:
	case 1:
		qnet_tcp_server_move_to_loop(any_server(), loop);
		break;
	case 2:
		qnet_local_server_move_to_loop(any_local_server(), loop);
		break;
	case 3:
		qnet_timer_move_to_loop(timers[rnd(TIMERS)], loop);
		break;
	default:
		qnet_socket_move_to_loop(any_socket(), loop);
		break;
	}
}

/* Calls something random on something random. */
static void act(void)
{
	const char *doing = self->doing;
	uint32_t what = rnd(100);

	if (what < 12 && !stopping) {
		self->doing = "making a socket";
		make_socket();
	} else if (what < 15 && !stopping) {
		self->doing = "making a server";
		make_server();
	} else if (what < 16 && !stopping) {
		self->doing = "making a timer";
		make_timer();
	} else if (what < 17 && !stopping) {
		self->doing = "making a loop";
		make_loop();
	} else if (what < 22) {
		call_loop();
	} else if (what < 25) {
		call_timer();
	} else if (what < 26) {
		qnet_set_message_handler(wrong_message, NULL);
		if (per_mille(300))
			set_application();
	} else if (what < 28) {
		call_info();
	} else if (what < 33) {
		self->doing = "disconnect";
		qnet_disconnect(connections[rnd(CONNECTIONS)]);
	} else if (what < 42) {
		call_server();
	} else if (what < 49) {
		call_local_server();
	} else if (what < 52 && !stopping) {
		self->doing = "making a local server";
		make_local_server();
	} else if (what < 60) {
		self->doing = "move_to_loop";
		move_something();
	} else {
		call_socket();
	}
	self->doing = doing;
}

/* Tells whether there are so few of a kind that each should count. */
static bool is_rare(enum kind kind)
{
	return kind == ACCEPT_ERROR || kind == REFUSED || kind == HAS_PENDING || kind == LOCAL_HAS_PENDING || kind == DRAINED || kind == PROXY_ASKS ||
	       kind == SINGLE_SHOT || kind == LOOKED_UP;
}

/* What a callback of a kind does to its object, or to others. */
static void mischief(enum kind kind, enum class class, void *handle)
{
	/* In turn, so that a few callbacks of a kind see them all. */
	static atomic_uint turn[KINDS];

	if (depth > DEEP || self == NULL)
		return;
	self->doing = kind_names[kind];
	if (per_mille(is_rare(kind) ? 300 : wildness)) {
		const enum end end = (enum end)(turn[kind]++ % ENDS);

		ended[kind][end]++;
		if (kind == DESTROYED)
			end_socket(any_socket(), end);
		else if (class == SERVER)
			end_server(handle, end);
		else if (class == LOCAL_SERVER)
			end_local_server(handle, end);
		else
			end_socket(handle, end);
	}
	if (per_mille(60))
		act();
	if (per_mille(15))
		nested_loop(any_loop());
}

#endif
