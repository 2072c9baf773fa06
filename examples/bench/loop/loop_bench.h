/*
 * What the programs have in common that do one thing of a loop many times, each with qnet and with the
 * system alone: they take the name of the task and how often to do it, and tell what it costs.
 */
#ifndef LOOP_BENCH_H
#define LOOP_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* for barriers and the clocks of threads, which -std=c11 hides */
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../measure.h"

enum { LOOP_BENCH_SPREAD_MS = 3000, LOOP_BENCH_MESSAGE = 64, LOOP_BENCH_OBJECTS = 50000 };

static inline void loop_bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

/* A peer on a thread of its own, whose processor time is taken off: it listens, and answers each connection's messages. */
struct loop_bench_peer {
	int listener;
	uint16_t port;
	bool echoes; /* else it closes what it has accepted */
	pthread_t thread;
};

static inline void *loop_bench_answer(void *argument)
{
	struct loop_bench_peer *peer = argument;
	char data[LOOP_BENCH_MESSAGE];
	ssize_t n;
	int fd;

	while ((fd = accept(peer->listener, NULL, NULL)) >= 0) {
		while (peer->echoes && (n = recv(fd, data, sizeof data, 0)) > 0)
			if (send(fd, data, (size_t)n, MSG_NOSIGNAL) != n)
				break;
		close(fd);
	}
	return NULL;
}

static inline void loop_bench_start_peer(struct loop_bench_peer *peer, bool echoes)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	peer->echoes = echoes;
	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer->listener < 0 || bind(peer->listener, (struct sockaddr *)&address, size) != 0 || listen(peer->listener, 128) != 0 ||
	    getsockname(peer->listener, (struct sockaddr *)&address, &size) != 0)
		loop_bench_fail("the peer cannot listen");
	peer->port = ntohs(address.sin_port);
	if (pthread_create(&peer->thread, NULL, loop_bench_answer, peer) != 0)
		loop_bench_fail("no thread");
}

static inline double loop_bench_peer_time(const struct loop_bench_peer *peer)
{
	clockid_t clock;

	return pthread_getcpuclockid(peer->thread, &clock) == 0 ? measure_clock(clock) : 0;
}

static inline double cpu(void)
{
	return measure_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* The tasks, which each program has: each does something count times, and returns the processor time of this process that
 * it took, in seconds. */
static double calls(long count);
static double timers(long count);
static double posts(long count);
static double waits(long count);
static double connects_to(const char *name, long count);

static inline double connects(long count)
{
	return connects_to("127.0.0.1", count);
}

static inline double connects_by_name(long count)
{
	return connects_to("localhost", count);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		double (*run)(long count);
	} tasks[] = { { "calls", calls }, { "timers", timers },     { "posts", posts },
		      { "waits", waits }, { "connects", connects }, { "connects-by-name", connects_by_name } };
	long count = argc == 3 ? atol(argv[2]) : 0;

	for (size_t i = 0; i < sizeof tasks / sizeof *tasks && count > 0; i++) {
		if (strcmp(argv[1], tasks[i].name) == 0) {
			double began = measure_clock(CLOCK_MONOTONIC), took = tasks[i].run(count);

			printf("cpu_us=%.4f rate=%.1f\n", took / (double)count * 1e6,
			       (double)count / (measure_clock(CLOCK_MONOTONIC) - began));
			return 0;
		}
	}
	fprintf(stderr, "usage: %s TASK COUNT\n", argv[0]);
	return 1;
}

#endif
