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

#include "../measure.h"

enum { SEND_BENCH_AHEAD = 4 };

struct send_bench {
	uint16_t port;
	size_t size; /* of a message */
	bool lent;   /* of those that can */
	struct measure measure;
};

/* Reads the arguments; ends the program if they are wrong. */
static inline struct send_bench send_bench_arguments(int argc, char **argv)
{
	struct send_bench bench;

	memset(&bench, 0, sizeof bench);
	if (argc >= 5) {
		bench.port = (uint16_t)atoi(argv[1]);
		bench.size = (size_t)atol(argv[2]);
		bench.measure.warmup = atof(argv[3]);
		bench.measure.seconds = atof(argv[4]);
		bench.lent = argc > 5 && strcmp(argv[5], "lent") == 0;
	}
	if (bench.size == 0 || bench.measure.seconds <= 0) {
		fprintf(stderr, "usage: %s PORT SIZE WARMUP SECONDS [lent]\n", argv[0]);
		exit(2);
	}
	measure_begin(&bench.measure);
	return bench;
}

/* Counts bytes that were sent; prints the result and returns true at the end. */
static inline bool send_bench_over(struct send_bench *bench, uint64_t bytes)
{
	return measure_over(&bench->measure, bytes, bench->size);
}

#endif
