/*
 * What the programs have in common in which several threads, each with a loop, echo messages of 64 B over
 * connections of which both ends are in this process: they take how connections come to the threads, how many
 * threads and connections of each there are, and for how long it does not and does count.
 */
#ifndef THREAD_BENCH_H
#define THREAD_BENCH_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../measure.h"

enum { MESSAGE_SIZE = 64, MOST_THREADS = 64, THREAD_BENCH_BACKLOG = 1024 };

/* How many messages have come back to the clients of each thread. */
struct thread_bench_count {
	alignas(128) _Atomic uint64_t messages;
};

struct thread_bench {
	const char *how;
	int threads, connections;
	struct measure measure;
	struct thread_bench_count counts[MOST_THREADS];
};

static inline void thread_bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

static inline void thread_bench_start(struct thread_bench *bench, int argc, char **argv)
{
	struct rlimit limit;

	if (argc == 6) {
		bench->how = argv[1];
		bench->threads = atoi(argv[2]);
		bench->connections = atoi(argv[3]);
		bench->measure.warmup = atof(argv[4]);
		bench->measure.seconds = atof(argv[5]);
	}
	if (bench->threads < 1 || bench->threads > MOST_THREADS || bench->connections < 1 || bench->measure.seconds <= 0) {
		fprintf(stderr, "usage: %s HOW THREADS CONNECTIONS WARMUP SECONDS\n", argv[0]);
		exit(1);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static inline int thread_bench_connect(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		thread_bench_fail("connect");
	return fd;
}

/* Only the thread itself counts: to load and to store is all that takes. */
static inline void thread_bench_count(struct thread_bench *bench, int thread)
{
	_Atomic uint64_t *messages = &bench->counts[thread].messages;

	atomic_store_explicit(messages, atomic_load_explicit(messages, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Looks at the counts until the time is over, prints the result, and ends the process. */
static inline void thread_bench_finish(struct thread_bench *bench)
{
	const struct timespec while_ = { .tv_nsec = 5000000 };
	uint64_t before = 0, now;

	measure_begin(&bench->measure);
	for (;;) {
		nanosleep(&while_, NULL);
		now = 0;
		for (int i = 0; i < bench->threads; i++)
			now += atomic_load_explicit(&bench->counts[i].messages, memory_order_relaxed);
		if (measure_over(&bench->measure, now - before, 1))
			break;
		before = now;
	}
	fflush(stdout);
	_exit(0);
}

#endif
