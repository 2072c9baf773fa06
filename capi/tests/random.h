/*
 * Random numbers of a thread, from a seed.
 */
#ifndef QNET_TESTS_RANDOM_H
#define QNET_TESTS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
static thread_local uint64_t random_state = 1;
#else
static _Thread_local uint64_t random_state = 1;
#endif

static inline void seed_random(uint64_t seed)
{
	random_state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* Returns a number below n. */
static inline uint32_t rnd(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

static inline bool chance(uint32_t percent)
{
	return rnd(100) < percent;
}

static inline bool per_mille(uint32_t thousandths)
{
	return rnd(1000) < thousandths;
}

/* What a program that runs at random is to do: --seed N, --rounds N or --seconds N. */
struct random_run {
	uint64_t seed;
	int rounds; /* 0: for so many seconds */
	int seconds;
};

/* Reads the arguments, says the seed and begins with it. */
static inline struct random_run random_begin(int argc, char **argv, int seconds)
{
	struct random_run run = { (uint64_t)time(NULL), 0, seconds };

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			run.seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--rounds") == 0)
			run.rounds = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--seconds") == 0)
			run.seconds = atoi(argv[i + 1]);
	}
	printf("seed %llu\n", (unsigned long long)run.seed);
	fflush(stdout);
	seed_random(run.seed);
	return run;
}

#endif
