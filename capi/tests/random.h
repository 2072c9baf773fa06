/*
 * Random numbers of a thread, from a seed.
 */
#ifndef QNET_TESTS_RANDOM_H
#define QNET_TESTS_RANDOM_H

#include <stdint.h>

static _Thread_local uint64_t random_state = 1;

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

#endif
