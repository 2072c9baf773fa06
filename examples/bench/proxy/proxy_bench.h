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

#include "../measure.h"

enum { PROXY_BENCH_CONNECTIONS = 64 };

struct proxy_bench {
	bool socks; /* else HTTP */
	uint16_t proxy, target;
	int connections;
	size_t size; /* of a message */
	struct measure measure;
};

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
		bench.measure.warmup = atof(argv[6]);
		bench.measure.seconds = atof(argv[7]);
	}
	if (bench.size == 0 || bench.connections < 1 || bench.connections > PROXY_BENCH_CONNECTIONS || bench.measure.seconds <= 0) {
		fprintf(stderr, "usage: %s socks5|http PROXY-PORT TARGET-PORT CONNECTIONS SIZE WARMUP SECONDS\n", argv[0]);
		exit(2);
	}
	bench.measure.began = 1e300; /* until proxy_bench_begin() */
	return bench;
}

/* To be called when all are connected. */
static inline void proxy_bench_begin(struct proxy_bench *bench)
{
	measure_begin(&bench->measure);
}

/* Counts a message that has come back; prints the result and returns true at the end. */
static inline bool proxy_bench_over(struct proxy_bench *bench)
{
	return measure_over(&bench->measure, 1, 1);
}

#endif
