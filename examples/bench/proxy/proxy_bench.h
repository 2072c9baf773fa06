/*
 * What the clients behind a proxy have in common: each connects several times through
 * one to an echo server, sends messages to and fro for some seconds, and tells how much
 * of a processor it took.
 */
#ifndef PROXY_BENCH_H
#define PROXY_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { PROXY_BENCH_CONNECTIONS = 64 };

struct proxy_bench {
	bool socks; /* else HTTP */
	uint16_t proxy, target;
	int connections;
	size_t size; /* of a message */
	double warmup, seconds;

	double began, cpu; /* when it counts */
	uint64_t count;
};

static inline double proxy_bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns the processor time of this process, in seconds. */
static inline double proxy_bench_cpu(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Reads the arguments; ends the program if they are wrong. */
static inline struct proxy_bench proxy_bench_arguments(int argc, char **argv)
{
	struct proxy_bench bench;

	memset(&bench, 0, sizeof bench);
	if (argc == 8) {
		bench.socks = strcmp(argv[1], "socks5") == 0;
		bench.proxy = (uint16_t)atoi(argv[2]);
		bench.target = (uint16_t)atoi(argv[3]);
		bench.connections = atoi(argv[4]);
		bench.size = (size_t)atol(argv[5]);
		bench.warmup = atof(argv[6]);
		bench.seconds = atof(argv[7]);
	}
	if (bench.size == 0 || bench.connections < 1 || bench.connections > PROXY_BENCH_CONNECTIONS || bench.seconds <= 0) {
		fprintf(stderr, "usage: %s socks5|http PROXY-PORT TARGET-PORT CONNECTIONS SIZE WARMUP SECONDS\n", argv[0]);
		exit(2);
	}
	return bench;
}

/* To be called when all are connected. */
static inline void proxy_bench_begin(struct proxy_bench *bench)
{
	bench->began = proxy_bench_now() + bench->warmup;
	bench->cpu = -1;
}

/* Counts a message that has come back; prints the result and returns true at the end. */
static inline bool proxy_bench_over(struct proxy_bench *bench)
{
	double now = proxy_bench_now(), took;

	if (now < bench->began)
		return false;
	if (bench->cpu < 0) {
		bench->began = now;
		bench->cpu = proxy_bench_cpu();
		return false;
	}
	bench->count++;
	if ((took = now - bench->began) < bench->seconds)
		return false;
	bench->seconds = 1e300; /* for those that have more to come */
	printf("rate=%.1f cpu_us=%.3f\n", (double)bench->count / took, (proxy_bench_cpu() - bench->cpu) * 1e6 / (double)bench->count);
	return true;
}

#endif
