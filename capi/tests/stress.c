/*
 * The lifetime stress test: connections are closed, aborted, deleted and deleted
 * later from inside every kind of callback and from other threads, while reads,
 * writes and the peer's own close or reset are under way and descriptors are used
 * again at once.
 *
 * A round has some loops, each run by a thread of its own, threads that call
 * random functions on random handles, dead ones too, and raw peers. Whatever a
 * round has made it deletes at its end. user_data is a `struct thing`, which goes
 * when `destroyed` says so: a later callback is found by its mark, and by the
 * address sanitizer. Which calls come and when depends on the threads: a seed
 * gives a similar run, not the same.
 *
 * Usage: stress [--seed N] [--seconds N | --rounds N]
 */
#include "stress/rounds.h"

static void *wait_a_little(void *server)
{
	qnet_tcp_server_wait_for_new_connection(server, 300, NULL);
	return NULL;
}

/*
 * Makes what the library keeps for as long as the process lives: what look-ups
 * need, the default loop, and the descriptors that it keeps for waits.
 */
static void warm_up(void)
{
	qnet_host_info *info = qnet_host_info_from_name("localhost");
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	pthread_t threads[8];

	qnet_host_info_delete(info);
	qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0);
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_create(&threads[i], NULL, wait_a_little, server);
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	qnet_tcp_server_delete(server);
}

static void check_coverage(void)
{
	for (int kind = 0; kind < KINDS; kind++) {
		/* There is little time for encrypted connections, or beside them. */
		if ((ENCRYPTING || (kind >= ENCRYPTED && kind <= TICKET)) && callbacks[kind] < 1000)
			continue;
		for (int end = 0; end < ENDS; end++) {
			if (ended[kind][end] == 0)
				wrong(COVERAGE, "no %s inside %s", end_names[end], kind_names[kind]);
		}
	}
}

static void print_figures(int rounds, int64_t milliseconds)
{
	long long all = 0;

	for (int kind = 0; kind < KINDS; kind++)
		all += callbacks[kind];
	printf("%d rounds in %.1f s; %lld connections made by qnet, %lld accepted, %lld by raw peers;\n"
	       "%lld objects, %lld callbacks, %lld posted calls, %d warnings\n",
	       rounds, (double)milliseconds / 1000, (long long)callbacks[CONNECTED], (long long)callbacks[PENDING_AVAILABLE],
	       (long long)raw_connections, (long long)things_made, all, (long long)(running_calls.posted + short_calls.posted),
	       check_warnings);
	printf("%-30s %10s %8s %8s %8s %8s\n", "callback", "count", "close", "abort", "delete", "later");
	for (int kind = 0; kind < KINDS; kind++)
		printf("%-30s %10lld %8lld %8lld %8lld %8lld\n", kind_names[kind], (long long)callbacks[kind],
		       (long long)ended[kind][CLOSE], (long long)ended[kind][ABORT], (long long)ended[kind][DELETE],
		       (long long)ended[kind][DELETE_LATER]);
}

static int run(int rounds, int seconds)
{
	int64_t start = check_now();
	int round = 0, refusing;

	has_sctp = kernel_has_sctp();
	choose_home();
	choose_local_home();
	warm_up();
	make_configurations();
	leaks_begin();
	refusing = open_raw(SOCK_STREAM, at_home(0), false, &refusing_port);
	for (; rounds > 0 ? round < rounds : check_now() - start < seconds * INT64_C(1000); round++)
		run_round(round);
	check_begin("counting", STEP_TIME);
	remove_local_home();
	delete_configurations();
	close(refusing);
	if (things_made != things_destroyed)
		wrong(DESTROYED_ONCE, "%lld objects, %lld destroyed", (long long)things_made, (long long)things_destroyed);
	if (running_calls.posted != running_calls.made || short_calls.posted != short_calls.made)
		wrong(POSTED_ONCE, "%lld and %lld posted, %lld and %lld made", (long long)running_calls.posted,
		      (long long)short_calls.posted, (long long)running_calls.made, (long long)short_calls.made);
	if (rounds == 0 && seconds >= 20)
		check_coverage();
	alarm(0);
	print_figures(round, check_now() - start);
	report_checks();
	return check_finish();
}

int main(int argc, char **argv)
{
	const struct random_run wanted = random_begin(argc, argv, 20);

	seed = wanted.seed;
	self = &main_worker;
	self->number = gettid();
	check_watch();
	check_describe = describe_workers;
	qnet_set_message_handler(wrong_message, NULL);
	return run(wanted.rounds, wanted.seconds);
}
