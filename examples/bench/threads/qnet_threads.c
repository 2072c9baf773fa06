/*
 * qnet_threads: a server that spreads its connections over the loops of threads, with clients in the same loops:
 * one connects after the other, so that both ends of each are in one.
 */
#define _GNU_SOURCE /* as for epoll_threads */
#include <qnet/qnet.h>

#include "thread_bench.h"

static struct thread_bench bench;
static qnet_loop *loops[MOST_THREADS];
static qnet_socket **clients;
static _Atomic int arrived, started;
static const char message[MESSAGE_SIZE];

/* Sends back what has come. Returns whether anything has. */
static bool answer(qnet_socket *socket)
{
	int64_t size;
	const char *data = qnet_socket_peek_buffer(socket, &size);

	if (data == NULL)
		return false;
	qnet_socket_write(socket, data, size);
	qnet_socket_skip(socket, size);
	return true;
}

static void on_server_ready_read(qnet_socket *socket, void *unused)
{
	(void)unused;
	answer(socket);
}

static void on_client_ready_read(qnet_socket *socket, void *thread)
{
	if (answer(socket))
		thread_bench_count(&bench, (int)(intptr_t)thread);
}

static void on_disconnected(qnet_socket *socket, void *unused)
{
	(void)socket;
	(void)unused;
	fprintf(stderr, "qnet_threads: a connection has ended\n");
	exit(1);
}

static void on_connection(qnet_tcp_server *server, qnet_socket *socket, void *unused)
{
	(void)server;
	(void)unused;
	qnet_socket_on_ready_read(socket, on_server_ready_read, NULL);
	qnet_socket_on_disconnected(socket, on_disconnected, NULL);
	qnet_socket_set_socket_option(socket, QNET_LOW_DELAY_OPTION, 1);
	arrived++;
}

static void *run(void *loop)
{
	qnet_loop_exec(loop);
	return NULL;
}

/* Has the clients of a thread begin. */
static void begin(void *thread)
{
	for (int i = (int)(intptr_t)thread; i < bench.threads * bench.connections; i += bench.threads)
		qnet_socket_write(clients[i], message, sizeof message);
	started++;
}

int main(int argc, char **argv)
{
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	uint16_t port;
	int total;

	thread_bench_start(&bench, argc, argv);
	total = bench.threads * bench.connections;
	clients = calloc((size_t)total, sizeof *clients);
	for (int i = 0; i < bench.threads; i++) {
		pthread_t thread;

		loops[i] = qnet_loop_new();
		if (pthread_create(&thread, NULL, run, loops[i]) != 0)
			thread_bench_fail("no thread");
	}
	qnet_tcp_server_set_listen_backlog_size(server, THREAD_BENCH_BACKLOG);
	qnet_tcp_server_on_connection_in_loop(server, on_connection, NULL);
	if (!qnet_tcp_server_set_loops(server, loops, bench.threads) || !qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0))
		thread_bench_fail("listen");
	port = qnet_tcp_server_server_port(server);
	for (int i = 0; i < total; i++) {
		int thread = i % bench.threads;

		clients[i] = qnet_tcp_socket_new(loops[thread]);
		qnet_socket_on_ready_read(clients[i], on_client_ready_read, (void *)(intptr_t)thread);
		qnet_socket_on_disconnected(clients[i], on_disconnected, NULL);
		/* In the order in which they are accepted and, since each loop gets as many, dealt out. */
		if (!qnet_socket_set_socket_descriptor(clients[i], thread_bench_connect(port), QNET_CONNECTED_STATE, QNET_READ_WRITE))
			thread_bench_fail("no connection");
		while (arrived + THREAD_BENCH_BACKLOG / 2 < i)
			qnet_loop_process_events(NULL, 10);
		qnet_socket_set_socket_option(clients[i], QNET_LOW_DELAY_OPTION, 1);
	}
	while (arrived < total)
		qnet_loop_process_events(NULL, 10);
	for (intptr_t i = 0; i < bench.threads; i++)
		qnet_loop_post(loops[i], begin, (void *)i);
	while (started < bench.threads)
		usleep(1000);
	thread_bench_finish(&bench);
}
