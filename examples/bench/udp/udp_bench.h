/*
 * What the receivers of datagrams have in common: each binds a port, says so,
 * and counts what arrives for some seconds from the first datagram on.
 */
#ifndef UDP_BENCH_H
#define UDP_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../measure.h"

enum { UDP_BENCH_MAX_SIZE = 2048 };

struct udp_bench {
	double warmup, seconds;
	double began, counted_from;
	uint64_t count, bytes;
};

/* Reads WARMUP and SECONDS; ends the program if they are wrong. */
static inline struct udp_bench udp_bench_arguments(int argc, char **argv)
{
	struct udp_bench bench;

	memset(&bench, 0, sizeof bench);
	bench.warmup = argc > 1 ? atof(argv[1]) : 0.5;
	bench.seconds = argc > 2 ? atof(argv[2]) : 2;
	if (argc > 4 || bench.warmup < 0 || bench.seconds <= 0) {
		fprintf(stderr, "usage: %s [WARMUP [SECONDS]]\n", argv[0]);
		exit(2);
	}
	return bench;
}

static inline void udp_bench_say_port(unsigned port)
{
	printf("listening on 127.0.0.1:%u\n", port);
	fflush(stdout);
}

/* To be called now and then; prints the result and returns true at the end. */
static inline bool udp_bench_over(struct udp_bench *bench)
{
	double now = measure_clock(CLOCK_MONOTONIC);

	if (bench->count == 0)
		return false;
	if (bench->began == 0) {
		bench->began = now;
		return false;
	}
	if (bench->counted_from == 0) {
		if (now - bench->began >= bench->warmup) {
			bench->counted_from = now;
			bench->count = bench->bytes = 1;
		}
		return false;
	}
	if (now - bench->counted_from < bench->seconds)
		return false;
	printf("rate=%.0f datagrams=%llu\n", (double)bench->count / (now - bench->counted_from), (unsigned long long)bench->count);
	fflush(stdout);
	return true;
}

#endif
