/*
 * A round: everything is made, used at random and deleted.
 */
#ifndef QNET_TESTS_STRESS_ROUNDS_H
#define QNET_TESTS_STRESS_ROUNDS_H

#include "probes.h"
#include "workers.h"

#include <sys/resource.h>

/*
 * Lets the process have no more descriptors for a moment, while connections that
 * have theirs already ask to be accepted.
 */
static void run_out_of_descriptors(void)
{
	struct rlimit old, none;
	struct sockaddr_in address;
	int fds[8];

	for (size_t i = 0; i < LENGTH(fds); i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	for (size_t i = 0; i < LENGTH(fds); i++) {
		address = at_home((uint16_t)ports[rnd(SERVERS)]);
		connect(fds[i], (struct sockaddr *)&address, sizeof address);
	}
	check_sleep(5 + (int)rnd(20));
	setrlimit(RLIMIT_NOFILE, &old);
	for (size_t i = 0; i < LENGTH(fds); i++)
		close_raw(fds[i]);
}

/* Deletes what is alive at this moment, and tells whether that was anything. */
static bool delete_things(void)
{
	struct {
		enum class class;
		void *handle;
	} list[200];
	int count = 0;

	pthread_mutex_lock(&things_lock);
	for (struct thing *thing = things; thing != NULL && count < (int)LENGTH(list); thing = thing->next) {
		list[count].class = thing->class;
		list[count++].handle = thing->handle;
	}
	pthread_mutex_unlock(&things_lock);
	for (int i = 0; i < count; i++) {
		if (list[i].class == SERVER)
			qnet_tcp_server_delete(list[i].handle);
		else if (list[i].class == LOCAL_SERVER)
			qnet_local_server_delete(list[i].handle);
		else
			qnet_socket_delete(list[i].handle);
	}
	return count > 0;
}

static void delete_loops(void)
{
	for (int i = 1; i < LOOPS; i++) /* the first is the default one */
		qnet_loop_delete(loops[i]);
}

static void delete_the_rest(void)
{
	for (int i = 0; i < SHORT_LOOPS; i++) {
		qnet_loop *loop = atomic_exchange(&short_loops[i], NULL);

		if (loop != NULL)
			qnet_loop_delete(loop);
	}
	for (int i = 0; i < TIMERS; i++) {
		qnet_timer *timer = atomic_exchange(&timers[i], NULL);

		if (timer != NULL)
			qnet_timer_delete(timer);
	}
	for (int i = 0; i < INFOS; i++) {
		qnet_host_info *info = atomic_exchange(&infos[i], NULL);

		if (info != NULL)
			qnet_host_info_delete(info);
	}
}

static void tell_workers(void)
{
	stopping = true;
	if (write(stop_pipe[1], "", 1) != 1)
		perror("write");
}

/*
 * Ends the threads. Some wait without limit for an object to end, or run a loop:
 * those are ended until all have come back.
 */
static void stop_workers(bool delete_first)
{
	bool joined[WORKERS] = { false };
	int64_t patience = check_now() + 100;

	for (int left = WORKERS; left > 0;) {
		for (int i = 0; i < LOOPS; i++)
			qnet_loop_quit(loops[i]);
		for (int i = 0; i < SHORT_LOOPS; i++) {
			qnet_loop *loop = short_loops[i];

			if (loop != NULL)
				qnet_loop_quit(loop);
		}
		if (delete_first || check_now() > patience)
			delete_things();
		for (int i = 0; i < WORKERS; i++) {
			if (!joined[i] && pthread_tryjoin_np(workers[i].thread, NULL) == 0) {
				joined[i] = true;
				left--;
			}
		}
		check_sleep(1);
	}
	close(stop_pipe[0]);
	close(stop_pipe[1]);
}

/* Makes the posted calls and deletions that the threads have left. */
static void drain_loops(void)
{
	for (int i = 0; i < LOOPS; i++) {
		for (int n = 0; n < 200 && qnet_loop_process_events(loops[i], 0); n++)
			;
	}
}

static void run_round(int round)
{
	int order = (int)rnd(3);
	int64_t end;

	check_begin("starting", STEP_TIME);
	wildness = ENCRYPTING ? 15 : (unsigned[]){ 15, 50, 150 }[rnd(3)];
	loops[0] = qnet_loop_default();
	for (int i = 1; i < LOOPS; i++)
		loops[i] = qnet_loop_new();
	for (int i = 0; i < SERVERS; i++)
		make_server();
	for (int i = 0; i < LOCAL_SERVERS; i++)
		make_local_server();
	start_workers(round);

	check_begin("running", STEP_TIME);
	for (end = check_now() + ROUND; check_now() < end;) {
		check_sleep(60);
		run_out_of_descriptors();
	}

	check_begin("probing", STEP_TIME);
	probe_loops();
	check_begin("stopping the threads", STEP_TIME);
	tell_workers();
	if (order == 0)
		delete_loops();
	stop_workers(order == 1);

	/* Callbacks may make new things until all is quiet. */
	qnet_network_proxy_set_application_proxy(NULL);
	check_begin("deleting what is left", STEP_TIME);
	if (order != 0)
		drain_loops();
	while (delete_things())
		;
	if (order != 0)
		delete_loops();
	delete_the_rest();
	check_begin("the default loop's last turns", STEP_TIME);
	for (int i = 0; i < 1000 && qnet_loop_process_events(loops[0], 0); i++)
		;
	while (delete_things())
		;
	if (lent != came_back)
		wrong(RETURNED_ONCE, "%lld of %lld have come back", (long long)came_back, (long long)lent);
	empty_graveyard();
}

#endif
