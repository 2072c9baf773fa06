/*
 * What the senders have in common: each connects to a server that discards, sends messages for
 * some seconds, four of them ahead of what the system takes, and tells how much of a processor
 * that took.
 */
#ifndef SEND_BENCH_H
#define SEND_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { SEND_BENCH_AHEAD = 4 };

struct send_bench {
	uint16_t port;
	size_t size; /* of a message */
	double warmup, seconds;
	bool lent; /* of those that can */

	double began, cpu; /* when it counts */
	uint64_t bytes;
};

static inline double send_bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns the processor time of this process, in seconds. */
static inline double send_bench_cpu(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Reads the arguments; ends the program if they are wrong. */
static inline struct send_bench send_bench_arguments(int argc, char **argv)
{
	struct send_bench bench;

	memset(&bench, 0, sizeof bench);
	if (argc >= 5) {
		bench.port = (uint16_t)atoi(argv[1]);
		bench.size = (size_t)atol(argv[2]);
		bench.warmup = atof(argv[3]);
		bench.seconds = atof(argv[4]);
		bench.lent = argc > 5 && strcmp(argv[5], "lent") == 0;
	}
	if (bench.size == 0 || bench.seconds <= 0) {
		fprintf(stderr, "usage: %s PORT SIZE WARMUP SECONDS [lent]\n", argv[0]);
		exit(2);
	}
	bench.began = send_bench_now() + bench.warmup;
	bench.cpu = -1;
	return bench;
}

/* Counts bytes that were sent; prints the result and returns true at the end. */
static inline bool send_bench_over(struct send_bench *bench, uint64_t bytes)
{
	double now = send_bench_now(), took, count;

	if (now < bench->began)
		return false;
	if (bench->cpu < 0) {
		bench->began = now;
		bench->cpu = send_bench_cpu();
		return false;
	}
	bench->bytes += bytes;
	if ((took = now - bench->began) < bench->seconds)
		return false;
	bench->seconds = 1e300; /* for what is sent still */
	count = (double)bench->bytes / (double)bench->size;
	printf("rate=%.1f cpu_us=%.3f\n", count / took, (send_bench_cpu() - bench->cpu) * 1e6 / count);
	return true;
}

#endif
