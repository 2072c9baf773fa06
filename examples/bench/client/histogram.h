/*
 * A histogram of latencies that is exact to 1/64 of the value, whatever that is:
 * buckets that grow with the value, and no sample is left out.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB };

struct histogram {
	uint64_t buckets[BUCKETS];
	uint64_t count;
};

static inline unsigned histogram_bucket(uint64_t value)
{
	unsigned shift;

	if (value < SUB)
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - SUB_BITS;
	return (shift + 1) * SUB + (unsigned)(value >> shift) - SUB;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[histogram_bucket(value)]++;
	histogram->count++;
}

/* The middle of the values that fall into a bucket. */
static inline double histogram_middle(unsigned bucket)
{
	unsigned shift;

	if (bucket < SUB)
		return bucket;
	shift = bucket / SUB - 1;
	return ((double)(bucket % SUB + SUB) + 0.5) * (double)(UINT64_C(1) << shift);
}

/* The value below which the given part of all lies. */
static inline double histogram_percentile(const struct histogram *histogram, double part)
{
	uint64_t rank = (uint64_t)(part * (double)histogram->count), seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen > rank)
			return histogram_middle(i);
	}
	return 0;
}

#endif
